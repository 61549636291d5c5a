//! The pages that are asked for with GET: nothing changes by looking.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use serde::Deserialize;

use super::place::Place;
use super::proposals::done_word;
use super::view::{self, CameraPage, Frame, Page, Reviewed, Said};
use super::visitor::Visitor;
use super::words::Word;
use crate::rpc::{ConsoleClient, RpcError};

/// How long the centre may take to answer.
pub const ANSWER_MAX: Duration = Duration::from_secs(10);
/// The script asks for the pane of one alert alone with it.
const PART: &str = "x-part";
/// Entries of each list of the Review view.
const ENTRIES_MAX: u32 = 100;

/// Shared by every handler.
pub type Console = State<Arc<Place>>;

/// The chosen alert.
#[derive(Debug, Deserialize)]
pub struct Chosen {
    alert: Option<u64>,
    /// What was just done.
    #[serde(default)]
    done: String,
}

/// The queue and the chosen alert.
pub async fn now(State(place): Console, headers: HeaderMap, Query(chosen): Query<Chosen>) -> Response {
    let Chosen { alert, done } = chosen;
    let said = Said { done: done_word(&done), ..Said::default() };
    now_page(&place, &headers, alert, &said, StatusCode::OK)
}

/// The Now view, or its pane alone, with what came of a request.
#[must_use]
pub fn now_page(place: &Place, headers: &HeaderMap, chosen: Option<u64>, said: &Said, status: StatusCode) -> Response {
    let visitor = Visitor::of(headers);
    let now = place.clock.unix_micros();
    let board = place.board();
    let detail = view::detail(&board, chosen, &visitor, said, now);
    if headers.contains_key(PART) {
        return (status, detail).into_response();
    }
    let body = view::now(&board, &detail, chosen, &visitor, now);
    let title = Word::Now.in_(visitor.lang);
    let frame = Frame { visitor: &visitor, page: Page::Now, title, place, board: &board, about: "" };
    (status, view::page(&frame, &body)).into_response()
}

/// Which part of the audit log.
#[derive(Debug, Deserialize)]
pub struct Part {
    before: Option<u64>,
}

/// What was decided, by whom.
pub async fn review(State(place): Console, headers: HeaderMap, Query(Part { before }): Query<Part>) -> Markup {
    let visitor = Visitor::of(&headers);
    let lang = visitor.lang;
    let before = before.unwrap_or(0);
    let reviewed = match place.client() {
        Some(client) => {
            let (mut one, mut two, mut three) = (client.clone(), client.clone(), client);
            let (audit, shadow, held) = tokio::join!(
                answer(one.audit(before, ENTRIES_MAX), lang),
                answer(two.shadow(0, 0), lang),
                answer(three.held_back(ENTRIES_MAX), lang),
            );
            Reviewed { audit, shadow, held, newest: before == 0 }
        }
        None => {
            let why = Word::NotConnected.in_(lang).to_owned();
            Reviewed { audit: Err(why.clone()), shadow: Err(why.clone()), held: Err(why), newest: true }
        }
    };
    let now = place.clock.unix_micros();
    let title = Word::Review.in_(lang);
    framed(&place, &visitor, Page::Review, title, "", |board| view::review(&reviewed, board, now, lang))
}

/// The centre's answer, or why there is none, in words.
pub async fn answer<T>(call: impl Future<Output = Result<T, RpcError>>, lang: super::words::Lang) -> Result<T, String> {
    match tokio::time::timeout(ANSWER_MAX, call).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(RpcError::Call { message, .. })) => Err(message),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(Word::TookTooLong.in_(lang).to_owned()),
    }
}

/// The connection, or why nothing can be asked.
pub fn connected(place: &Place, visitor: &Visitor) -> Result<ConsoleClient, String> {
    place.client().ok_or_else(|| Word::NotConnected.in_(visitor.lang).to_owned())
}

/// Cameras and connection.
pub async fn system(State(place): Console, headers: HeaderMap) -> Markup {
    let visitor = Visitor::of(&headers);
    let (now, lang) = (place.clock.unix_micros(), visitor.lang);
    let title = Word::System.in_(lang);
    framed(&place, &visitor, Page::System, title, "", |board| view::system(&place, board, now, lang))
}

/// The floor.
pub async fn plan(State(place): Console, headers: HeaderMap) -> Markup {
    let visitor = Visitor::of(&headers);
    let (now, lang) = (place.clock.unix_micros(), visitor.lang);
    let title = Word::Plan.in_(lang);
    framed(&place, &visitor, Page::Plan, title, "", |board| view::plan(board, now, lang))
}

/// One camera.
pub async fn camera(State(place): Console, headers: HeaderMap, Path(name): Path<String>) -> Markup {
    let visitor = Visitor::of(&headers);
    let (now, lang) = (place.clock.unix_micros(), visitor.lang);
    let title = format!("{} {name}", Word::Camera.in_(lang));
    let shown = CameraPage::default();
    framed(&place, &visitor, Page::Camera, &title, &name, |board| view::camera(board, &name, &shown, now, lang))
}

/// Whether something was just saved.
#[derive(Debug, Deserialize)]
pub struct Saved {
    saved: Option<String>,
}

/// The visitor's settings.
pub async fn you(State(place): Console, headers: HeaderMap, Query(Saved { saved }): Query<Saved>) -> Markup {
    let visitor = Visitor::of(&headers);
    let body = view::you(&visitor, saved.is_some());
    framed(&place, &visitor, Page::You, Word::You.in_(visitor.lang), "", |_| body)
}

/// A page with its frame.
pub fn framed(
    place: &Place,
    visitor: &Visitor,
    page: Page,
    title: &str,
    about: &str,
    body: impl FnOnce(&super::board::Board) -> Markup,
) -> Markup {
    let board = place.board();
    let body = body(&board);
    view::page(&Frame { visitor, page, title, place, board: &board, about }, &body)
}

/// Every other address.
pub async fn nowhere(headers: HeaderMap) -> Response {
    (StatusCode::NOT_FOUND, view::fault(&Visitor::of(&headers), Word::NotFound)).into_response()
}
