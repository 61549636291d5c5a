//! What waits for a second person: confirmed or declined from this console.

use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::acts::named;
use super::pages::{Console, answer, now_page};
use super::place::Place;
use super::travellers;
use super::view::{Outcome, Said};
use super::visitor::Visitor;
use super::words::Word;

/// What is decided on a proposal, and on which traveller's page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DecideForm {
    decision: String,
    reason: String,
    /// The number of the traveller whose page it was; empty: it was another page.
    traveller: String,
}

/// Confirms or declines, and shows the page it was done on.
pub async fn decide(
    State(place): Console,
    headers: HeaderMap,
    Path(id): Path<u64>,
    Form(form): Form<DecideForm>,
) -> Response {
    let visitor = Visitor::of(&headers);
    let traveller = form.traveller.parse::<u64>().ok();
    match (decided(&place, &visitor, id, &form).await, traveller) {
        (Ok(done), Some(traveller)) => Redirect::to(&format!("/traveller/{traveller}?done={done}")).into_response(),
        (Ok(done), None) => Redirect::to(&format!("/?done={done}")).into_response(),
        (Err(fault), Some(traveller)) => {
            let said = Outcome { fault: Some(fault), ..Outcome::default() };
            travellers::page(&place, &headers, traveller, &said, StatusCode::CONFLICT).await
        }
        (Err(fault), None) => {
            let said = Said { fault: Some(fault), ..Said::default() };
            now_page(&place, &headers, None, &said, StatusCode::CONFLICT)
        }
    }
}

/// Does it; what was done, as in the page's address.
async fn decided(place: &Place, visitor: &Visitor, id: u64, form: &DecideForm) -> Result<&'static str, String> {
    let lang = visitor.lang;
    let operator = named(visitor)?;
    let mut client = place.proposals().ok_or_else(|| Word::NotConnected.in_(lang).to_owned())?;
    let (proposal, done) = match form.decision.as_str() {
        "confirm" => (answer(client.confirm(id, &operator), lang).await?, "confirm"),
        "decline" => (answer(client.decline(id, &operator, form.reason.trim()), lang).await?, "decline"),
        _ => return Err(Word::NotFound.in_(lang).to_owned()),
    };
    // The answer may be here before the stream tells of it; the visitor sees what was done in any case.
    place.change(|board| board.proposal(proposal));
    Ok(done)
}

/// What was done, in words; none where nothing was.
#[must_use]
pub fn done_word(done: &str) -> Option<Word> {
    Some(match done {
        "proposed" => Word::DoneProposed,
        "confirm" => Word::DoneConfirm,
        "decline" => Word::DoneDecline,
        _ => return None,
    })
}
