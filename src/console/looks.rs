//! Looking through a camera, and drawing on what it sees. Nothing is kept here and nothing is changed at the edge.

use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::acts::named;
use super::editor::{self, DrawForm};
use super::pages::{Console, answer, connected, framed};
use super::place::Place;
use super::stills;
use super::view::{self, CameraPage, Looked, Page};
use super::visitor::Visitor;
use super::words::{Lang, Word};
use crate::wire::v1;

/// The script asks for the part that changes with it.
const PART: &str = "x-part";

/// The newest still of a camera. Who begins to look is written down by the centre.
pub async fn preview(State(place): Console, headers: HeaderMap, Path(name): Path<String>) -> Response {
    let visitor = Visitor::of(&headers);
    let looked = match fetched(&place, &visitor, &name).await {
        Ok(answer) => looked(&place, &name, answer, visitor.lang),
        Err(why) => Looked::Refused(why),
    };
    let status = if matches!(looked, Looked::Still(..)) { StatusCode::OK } else { StatusCode::CONFLICT };
    if headers.contains_key(PART) {
        return (status, view::picture(&looked, visitor.lang)).into_response();
    }
    let shown = CameraPage { looked, ..CameraPage::default() };
    (status, page(&place, &visitor, &name, &shown)).into_response()
}

async fn fetched(place: &Place, visitor: &Visitor, camera: &str) -> Result<v1::GetPreviewResponse, String> {
    let operator = named(visitor)?;
    let mut client = connected(place, visitor)?;
    let request = v1::GetPreviewRequest { camera: camera.to_owned(), operator };
    answer(client.preview(request), visitor.lang).await
}

fn looked(place: &Place, name: &str, answer: v1::GetPreviewResponse, lang: Lang) -> Looked {
    let v1::GetPreviewResponse { picture, scene } = answer;
    let (mut shown, _) = stills::checked(picture.as_slice());
    let scene = scene.unwrap_or_default();
    if scene.frames_per_second > 0.0 && scene.frames_per_second.is_finite() {
        place.change(|board| board.rate_of(name, scene.frames_per_second));
    }
    match shown.pop() {
        Some(still) => Looked::Still(still, scene),
        None => Looked::Refused(Word::PreviewRefused.in_(lang).to_owned()),
    }
}

/// What was drawn, as the table for the edge's configuration.
pub async fn draw(
    State(place): Console,
    headers: HeaderMap,
    Path(name): Path<String>,
    Form(form): Form<DrawForm>,
) -> Response {
    let visitor = Visitor::of(&headers);
    let layout = place.board().floor.layouts.get(&name).cloned();
    let made = editor::table(&form, layout.as_deref(), visitor.lang);
    let status = if made.is_ok() { StatusCode::OK } else { StatusCode::CONFLICT };
    if headers.contains_key(PART) {
        return (status, view::drawn(Some(&made), visitor.lang)).into_response();
    }
    let shown = CameraPage { form, made: Some(made), ..CameraPage::default() };
    (status, page(&place, &visitor, &name, &shown)).into_response()
}

fn page(place: &Place, visitor: &Visitor, name: &str, shown: &CameraPage) -> maud::Markup {
    let (now, lang) = (place.clock.unix_micros(), visitor.lang);
    let title = format!("{} {name}", Word::Camera.in_(lang));
    framed(place, visitor, Page::Camera, &title, name, |board| view::camera(board, name, shown, now, lang))
}
