//! Pages of travellers, and what is done with them.

use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::acts::named;
use super::board::Board;
use super::pages::{Console, answer, framed};
use super::place::Place;
use super::proposals::done_word;
use super::roster::{Wanted, roster};
use super::view::{self, Outcome, Page};
use super::visitor::Visitor;
use super::watching::{Sight, look};
use super::words::{Lang, Word};
use crate::rpc::TravellerClient;
use crate::wire::v1;

/// Longest follow, minutes: the contract's bound.
const MINUTES_MAX: u32 = 480;

/// Everybody wanted.
pub async fn list(State(place): Console, headers: HeaderMap, Query(wanted): Query<Wanted>) -> Response {
    let visitor = Visitor::of(&headers);
    let lang = visitor.lang;
    let title = Word::Travellers.in_(lang);
    let found = match connected(&place, lang) {
        Ok(mut client) => answer(roster(&place, &mut client), lang).await,
        Err(why) => Err(why),
    };
    let now = place.clock.unix_micros();
    let body = match found {
        Ok(all) => view::travellers(&all, &wanted, now, lang),
        Err(why) => view::nobody(&why, lang),
    };
    framed(&place, &visitor, Page::Travellers, title, "", |_| body).into_response()
}

/// What was just done, as in the page's address.
#[derive(Debug, Default, Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
    other: Option<u64>,
}

/// One traveller.
pub async fn one(
    State(place): Console,
    headers: HeaderMap,
    Path(id): Path<u64>,
    Query(Done { done, other }): Query<Done>,
) -> Response {
    let done = match done.as_str() {
        "follow" => Some(Word::DoneFollow),
        "end" => Some(Word::DoneEnd),
        "merge" => Some(Word::DoneMerge),
        "split" => Some(Word::DoneSplit),
        other => done_word(other),
    };
    page(&place, &headers, id, &Outcome { done, other, ..Outcome::default() }, StatusCode::OK).await
}

/// The page of one traveller, with what came of a request.
pub async fn page(place: &Place, headers: &HeaderMap, id: u64, said: &Outcome, status: StatusCode) -> Response {
    let visitor = Visitor::of(headers);
    let lang = visitor.lang;
    match sight(place, id, lang).await {
        Ok(sight) => {
            let title = format!("{} {id}", Word::Traveller.in_(lang));
            let body = |board: &Board| view::traveller(board, &sight, &visitor, said);
            (status, framed(place, &visitor, Page::Traveller, &title, &id.to_string(), body)).into_response()
        }
        Err(why) => nobody(place, &visitor, &why),
    }
}

async fn sight(place: &Place, id: u64, lang: Lang) -> Result<Sight, String> {
    let mut client = connected(place, lang)?;
    answer(look(place, &mut client, id), lang).await
}

fn nobody(place: &Place, visitor: &Visitor, why: &str) -> Response {
    let body = view::nobody(why, visitor.lang);
    let title = Word::Travellers.in_(visitor.lang);
    (StatusCode::NOT_FOUND, framed(place, visitor, Page::Travellers, title, "", |_| body)).into_response()
}

fn connected(place: &Place, lang: Lang) -> Result<TravellerClient, String> {
    place.travellers().ok_or_else(|| Word::NotConnected.in_(lang).to_owned())
}

/// Leads to whoever a track belongs to.
pub async fn of_track(
    State(place): Console,
    headers: HeaderMap,
    Path((camera, boot, track)): Path<(String, u32, u64)>,
) -> Response {
    let visitor = Visitor::of(&headers);
    let found = match connected(&place, visitor.lang) {
        Ok(mut client) => answer(client.of_track(v1::TrackName { camera, boot, track }), visitor.lang).await,
        Err(why) => Err(why),
    };
    match found {
        Ok(found) => Redirect::to(&format!("/traveller/{}", number_of(found))).into_response(),
        Err(why) => nobody(&place, &visitor, &why),
    }
}

fn number_of(answer: v1::GetTravellerResponse) -> u64 {
    answer.traveller.and_then(|traveller| traveller.summary).map_or(0, |summary| summary.traveller)
}

/// Something done with a traveller; which fields are needed depends on what.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ActForm {
    action: String,
    case: String,
    purpose: String,
    minutes: String,
    follow: String,
    other: String,
    camera: String,
    boot: String,
    track: String,
}

/// Does it and shows the traveller as they stand then.
pub async fn act(
    State(place): Console,
    headers: HeaderMap,
    Path(id): Path<u64>,
    Form(form): Form<ActForm>,
) -> Response {
    let visitor = Visitor::of(&headers);
    match acted(&place, &visitor, id, &form).await {
        Ok(to) => Redirect::to(&to).into_response(),
        Err(fault) => {
            let ActForm { case, purpose, .. } = form;
            let said = Outcome { fault: Some(fault), case, purpose, ..Outcome::default() };
            page(&place, &headers, id, &said, StatusCode::CONFLICT).await
        }
    }
}

/// Does it; where to go on.
async fn acted(place: &Place, visitor: &Visitor, id: u64, form: &ActForm) -> Result<String, String> {
    let lang = visitor.lang;
    let operator = named(visitor)?;
    let mut client = connected(place, lang)?;
    // Merges may have changed the number since the page was made.
    let id = number_of(answer(client.get(id, false), lang).await?);
    let to = match form.action.as_str() {
        "follow" => {
            let minutes: u32 = number(&form.minutes, lang)?;
            let seconds = minutes.min(MINUTES_MAX + 1) * 60;
            let (case, purpose) = (form.case.clone(), form.purpose.clone());
            let request = v1::FollowTravellerRequest { traveller: id, case, purpose, operator, seconds };
            let proposal = answer(client.follow(request), lang).await?.proposal;
            format!("/traveller/{id}?done={}", done_or_proposed("follow", proposal))
        }
        "end" => {
            answer(client.end_follow(number(&form.follow, lang)?, &operator), lang).await?;
            format!("/traveller/{id}?done=end")
        }
        "merge" => {
            let one = answer(client.merge(id, number(&form.other, lang)?, &operator), lang).await?;
            format!("/traveller/{}?done={}", one.traveller, done_or_proposed("merge", one.proposal))
        }
        "split" => {
            let (boot, track) = (number(&form.boot, lang)?, number(&form.track, lang)?);
            let at = v1::TrackName { camera: form.camera.clone(), boot, track };
            let other = answer(client.split(id, at, &operator), lang).await?;
            let done = done_or_proposed("split", other.proposal);
            format!("/traveller/{id}?done={done}&other={}", other.traveller)
        }
        _ => return Err(Word::NotFound.in_(lang).to_owned()),
    };
    Ok(to)
}

/// As in the page's address: done, or waiting for a second person.
fn done_or_proposed(done: &'static str, proposal: u64) -> &'static str {
    if proposal == 0 { done } else { "proposed" }
}

fn number<T: std::str::FromStr>(text: &str, lang: Lang) -> Result<T, String> {
    text.trim().parse().map_err(|_| Word::NotANumber.in_(lang).to_owned())
}
