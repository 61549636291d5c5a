//! What changes something: a POST from this console's own page.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::pages::{Console, answer, connected, now_page};
use super::place::Place;
use super::stills;
use super::view::Said;
use super::visitor::{Theme, Visitor, is_name};
use super::words::{Lang, Word};
use crate::wire::v1::{self, AlertAction};

/// Something done with an alert.
#[derive(Debug, Deserialize)]
pub struct ActForm {
    action: String,
    #[serde(default)]
    text: String,
}

/// Does something with an alert and shows it as it stands then.
pub async fn act(
    State(place): Console,
    headers: HeaderMap,
    Path(id): Path<u64>,
    Form(ActForm { action, text }): Form<ActForm>,
) -> Response {
    let visitor = Visitor::of(&headers);
    match acted(&place, &visitor, id, &action, text).await {
        Ok(None) => Redirect::to(&format!("/?alert={id}")).into_response(),
        Ok(Some(_)) => Redirect::to(&format!("/?alert={id}&done=proposed")).into_response(),
        Err(fault) => {
            let said = Said { fault: Some(fault), ..Said::default() };
            now_page(&place, &headers, Some(id), &said, StatusCode::CONFLICT)
        }
    }
}

/// Does it; the number of the proposal, where it waits for a second person.
async fn acted(place: &Place, visitor: &Visitor, id: u64, action: &str, text: String) -> Result<Option<u64>, String> {
    let action = match action {
        "acknowledge" => AlertAction::Acknowledge,
        "assign" => AlertAction::Assign,
        "dismiss" => AlertAction::Dismiss,
        "note" => AlertAction::Note,
        _ => AlertAction::Unspecified,
    };
    let operator = named(visitor)?;
    let mut client = connected(place, visitor)?;
    let request = v1::ActOnAlertRequest { alert: id, operator, action: action.into(), text };
    let answer = answer(client.act(request), visitor.lang).await?;
    if let Some(alert) = answer.alert {
        // The answer may be here before the stream tells of it; the visitor sees what was done in any case.
        place.change(|board| board.alert(alert));
    }
    Ok(Some(answer.proposal).filter(|number| *number != 0))
}

/// The visitor's name, or that one is needed.
pub fn named(visitor: &Visitor) -> Result<String, String> {
    let name = visitor.operator.trim();
    if name.is_empty() { Err(Word::WhoAreYou.in_(visitor.lang).to_owned()) } else { Ok(name.to_owned()) }
}

/// Stills asked for.
#[derive(Debug, Deserialize)]
pub struct EvidenceForm {
    faces: Option<String>,
    #[serde(default)]
    purpose: String,
}

/// Fetches the stills around an alert and shows them. Nothing of them is kept here.
pub async fn evidence(
    State(place): Console,
    headers: HeaderMap,
    Path(id): Path<u64>,
    Form(form): Form<EvidenceForm>,
) -> Response {
    let visitor = Visitor::of(&headers);
    let (said, status) = match fetched(&place, &visitor, id, form).await {
        Ok(answer) => {
            let (stills, refused) = stills::checked(&answer.pictures);
            (Said { stills: Some((stills, refused, answer.faces_shown)), ..Said::default() }, StatusCode::OK)
        }
        Err(fault) => (Said { fault: Some(fault), ..Said::default() }, StatusCode::CONFLICT),
    };
    now_page(&place, &headers, Some(id), &said, status)
}

async fn fetched(
    place: &Place,
    visitor: &Visitor,
    alert: u64,
    form: EvidenceForm,
) -> Result<v1::GetEvidenceResponse, String> {
    let operator = named(visitor)?;
    let mut client = connected(place, visitor)?;
    let EvidenceForm { faces, purpose } = form;
    let request = v1::GetEvidenceRequest { alert, operator, show_faces: faces.is_some(), purpose };
    answer(client.evidence(request), visitor.lang).await
}

/// What the visitor wants changed of the own settings; what is missing stays.
#[derive(Debug, Deserialize)]
pub struct YouForm {
    operator: Option<String>,
    lang: Option<String>,
    theme: Option<String>,
    keys: Option<String>,
    back: Option<String>,
}

/// Keeps the visitor's settings in the browser.
pub async fn you(State(_): State<Arc<Place>>, headers: HeaderMap, Form(form): Form<YouForm>) -> Response {
    let mut visitor = Visitor::of(&headers);
    if let Some(name) = form.operator {
        let name = name.trim();
        visitor.operator = if is_name(name) { name.to_owned() } else { String::new() };
    }
    if let Some(lang) = form.lang.as_deref().and_then(Lang::of) {
        visitor.lang = lang;
    }
    if let Some(theme) = &form.theme {
        visitor.theme = Theme::of(theme);
    }
    if let Some(keys) = &form.keys {
        visitor.keys = keys != "off";
    }
    let back = form.back.filter(|back| is_own_path(back)).unwrap_or_else(|| "/you?saved=1".to_owned());
    let cookies = visitor.cookies().map(|cookie| (header::SET_COOKIE, cookie));
    (AppendHeaders(cookies), Redirect::to(&back)).into_response()
}

/// A path of this console: one that names another host is none.
fn is_own_path(path: &str) -> bool {
    let number = ["/?alert=", "/traveller/"].iter().find_map(|start| path.strip_prefix(start));
    number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        for (path, own) in [
            ("/?alert=12", true),
            ("/traveller/7", true),
            ("/traveller/7/../../x", false),
            ("//evil.example", false),
            ("/?alert=12\r\nSet-Cookie: x", false),
            ("https://evil.example/?alert=1", false),
            ("/\\evil.example", false),
        ] {
            assert_eq!(is_own_path(path), own, "{path}");
        }
    }
}
