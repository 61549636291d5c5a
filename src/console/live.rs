//! What changed, sent to an open page as HTML over server-sent events.
//!
//! A page is a cursor into the board: after each change it is sent the newest state of what changed since the last
//! message. Nothing is queued for a page; one that reads slowly misses steps and never the outcome, and one that takes
//! nothing at all is let go and may come back. Messages:
//!
//! * `fresh`: what the page holds is of another run of the console; it clears its lists.
//! * `parts`: `{id: html}`, each in the place of the element of that id.
//! * `queue`: `{order: [id], groups: {id: html}, more: n}`: which groups stand where, and those that changed.
//! * `rows`: `{html, missed}`: recent events to put on top.
//! * `beat`: the console's clock; the connection stands.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use super::board::{Board, Happening};
use super::pages::Console;
use super::place::{Place, add, stopped};
use super::view::{self, Page};
use super::visitor::Visitor;
use super::words::Lang;

/// Messages handed to the connection ahead of its flow control.
const AHEAD: usize = 1;
/// A page that takes nothing for so long is let go.
const SEND_MAX: Duration = Duration::from_secs(20);
/// Shortest pause between two messages: changes within it travel together.
const PAUSE: Duration = Duration::from_millis(40);
const BEAT_EVERY: Duration = Duration::from_secs(3);

/// Which page asks, and where it stands.
#[derive(Debug, Deserialize)]
pub struct Asked {
    page: String,
    #[serde(default)]
    camera: String,
    #[serde(default)]
    after: u64,
    #[serde(default)]
    run: i64,
}

/// The stream of one page.
pub async fn live(State(place): Console, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    let Some(page) = Page::of(&asked.page) else { return StatusCode::NOT_FOUND.into_response() };
    let Ok(permit) = Arc::clone(&place.pages).try_acquire_owned() else {
        add(&place.tally.turned_away, 1);
        // 204 tells the browser not to try again by itself.
        return StatusCode::NO_CONTENT.into_response();
    };
    let fresh = asked.run != place.run || asked.after > place.board().revision;
    let (out, messages) = mpsc::channel(AHEAD);
    let open = Open {
        page,
        camera: asked.camera,
        after: if fresh { 0 } else { asked.after },
        fresh,
        lang: Visitor::of(&headers).lang,
        sent: BTreeMap::new(),
        out,
        place,
        _permit: permit,
    };
    tokio::spawn(open.run());
    Sse::new(ReceiverStream::new(messages)).into_response()
}

/// The page left, or does not read, or the console stops.
struct Ended;

struct Open {
    place: Arc<Place>,
    page: Page,
    camera: String,
    after: u64,
    fresh: bool,
    lang: Lang,
    /// Parts as last sent: only what differs is sent again.
    sent: BTreeMap<&'static str, String>,
    out: mpsc::Sender<Result<Event, Infallible>>,
    _permit: OwnedSemaphorePermit,
}

impl Open {
    async fn run(mut self) {
        let _ = self.deliver().await;
    }

    async fn deliver(&mut self) -> Result<(), Ended> {
        let mut moved = self.place.moved();
        let mut stop = self.place.stop.clone();
        let mut beat = tokio::time::interval(BEAT_EVERY);
        loop {
            moved.mark_unchanged();
            for message in self.changes() {
                self.send(message).await?;
            }
            tokio::time::sleep(PAUSE).await;
            tokio::select! {
                biased;
                () = self.out.closed() => return Err(Ended),
                () = stopped(&mut stop) => return Err(Ended),
                _ = beat.tick() => {
                    let now = self.place.clock.unix_micros();
                    self.send(Event::default().event("beat").data(now.to_string())).await?;
                }
                changed = moved.changed() => changed.map_err(|_| Ended)?,
            }
        }
    }

    async fn send(&self, message: Event) -> Result<(), Ended> {
        match tokio::time::timeout(SEND_MAX, self.out.send(Ok(message))).await {
            Ok(sent) => sent.map_err(|_| Ended),
            Err(_) => {
                add(&self.place.tally.let_go, 1);
                Err(Ended)
            }
        }
    }

    /// Everything since the last message.
    fn changes(&mut self) -> Vec<Event> {
        let place = Arc::clone(&self.place);
        let board = place.board();
        let now = place.clock.unix_micros();
        let mut messages: Vec<(&str, Value)> = Vec::new();
        if self.fresh {
            messages.push(("fresh", json!(place.run)));
        }
        if board.status_revision > self.after {
            messages.extend(self.parts(&board, now));
        }
        if self.page == Page::Now && board.alerts_revision > self.after {
            messages.push(("queue", self.queue(&board, now)));
        }
        if self.page == Page::Camera && board.alerts_revision > self.after {
            let alerts = view::camera_alerts(&board, &self.camera, now, self.lang);
            messages.extend(self.differing([("camera-alerts", alerts)]));
        }
        if matches!(self.page, Page::System | Page::Camera) {
            messages.extend(self.rows(&board));
        }
        self.fresh = false;
        self.after = board.revision;
        let id = board.revision.to_string();
        let message = |(name, data): (&str, Value)| Event::default().event(name).id(&id).data(data.to_string());
        messages.into_iter().map(message).collect()
    }

    fn parts(&mut self, board: &Board, now: i64) -> Option<(&'static str, Value)> {
        let (place, lang) = (Arc::clone(&self.place), self.lang);
        let mut parts: Vec<(&'static str, Markup)> = view::frame_parts(&place, board, lang).into();
        match self.page {
            Page::Now => parts.push(("budget", view::budget(board, lang))),
            Page::System => {
                parts.push(("cameras", view::cameras(board, now, lang)));
                parts.push(("figures", view::figures(&place, board, lang)));
                parts.push(("gaps", view::gaps(board, lang)));
            }
            Page::Plan => parts.extend(view::plan_parts(board, now, lang)),
            Page::Camera => {
                parts.push(("health", view::health(board, &self.camera, now, lang)));
                parts.push(("capability", view::capability(board, &self.camera, lang)));
            }
            Page::Review | Page::You => {}
        }
        self.differing(parts)
    }

    fn differing(&mut self, parts: impl IntoIterator<Item = (&'static str, Markup)>) -> Option<(&'static str, Value)> {
        let mut differing = serde_json::Map::new();
        for (id, html) in parts {
            let html = html.into_string();
            if self.sent.get(id) != Some(&html) {
                differing.insert(id.to_owned(), json!(html));
                self.sent.insert(id, html);
            }
        }
        (!differing.is_empty()).then_some(("parts", Value::Object(differing)))
    }

    fn queue(&self, board: &Board, now: i64) -> Value {
        let groups = board.groups();
        let (shown, more) = view::shows(&groups);
        let order: Vec<String> = shown.iter().map(|group| format!("g{}", group.id)).collect();
        let html = |group: &super::board::Group| view::group(group, None, now, self.lang).into_string();
        // A group whose alerts left it has the revision of its newest alert and no other; the order tells what is gone.
        let changed: serde_json::Map<String, Value> = shown
            .iter()
            .filter(|group| group.revision > self.after)
            .map(|group| (format!("g{}", group.id), json!(html(group))))
            .collect();
        json!({ "order": order, "groups": changed, "more": more })
    }

    fn rows(&self, board: &Board) -> Option<(&'static str, Value)> {
        let own = |happening: &&Arc<Happening>| self.page == Page::System || view::is_of(happening, &self.camera);
        let fresh: Vec<&Arc<Happening>> = board.rows_after(self.after).map(|row| &row.happening).filter(own).collect();
        if fresh.is_empty() {
            return None;
        }
        let skipped = fresh.len().saturating_sub(view::ROWS_MAX);
        add(&self.place.tally.skipped, skipped as u64);
        let missed = board.rows_missed(self.after) || skipped > 0;
        let html = view::rows(fresh.into_iter(), self.lang).into_string();
        Some(("rows", json!({ "html": html, "missed": missed && !self.fresh })))
    }
}
