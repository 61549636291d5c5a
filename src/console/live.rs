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
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch as watched};
use tokio_stream::wrappers::ReceiverStream;

use super::board::{Board, Happening};
use super::pages::Console;
use super::place::{Place, add, stopped};
use super::roster::Wanted;
use super::view::{self, Page};
use super::visitor::Visitor;
use super::watching::{Shown, Whom, watch};
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
    about: String,
    #[serde(default)]
    after: u64,
    #[serde(default)]
    run: i64,
    #[serde(flatten)]
    wanted: Wanted,
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
    let whom = match page {
        Page::Travellers => Some(Whom::All),
        Page::Traveller => asked.about.parse().ok().map(Whom::One),
        _ => None,
    };
    let open = Open {
        shown: whom.map(|whom| watch(Arc::clone(&place), whom)),
        wanted: asked.wanted,
        page,
        about: asked.about,
        after: if fresh { 0 } else { asked.after },
        fresh,
        visitor: Visitor::of(&headers),
        sent: BTreeMap::new(),
        out,
        place,
        _permit: permit,
    };
    tokio::spawn(open.run());
    Sse::new(ReceiverStream::new(messages)).into_response()
}

/// Waits until there is something new of travellers; forever on other pages.
async fn news(shown: &mut Option<watched::Receiver<Shown>>) {
    match shown {
        // Marked as seen when it is shown.
        Some(news) if !news.has_changed().unwrap_or(true) => {
            if news.changed().await.is_ok() {
                news.mark_changed();
            }
        }
        Some(_) => {}
        None => std::future::pending().await,
    }
}

/// The page left, or does not read, or the console stops.
struct Ended;

struct Open {
    place: Arc<Place>,
    page: Page,
    about: String,
    wanted: Wanted,
    /// Travellers, on their pages.
    shown: Option<watched::Receiver<Shown>>,
    after: u64,
    fresh: bool,
    visitor: Visitor,
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
                () = news(&mut self.shown) => {}
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
            let alerts = view::camera_alerts(&board, &self.about, now, self.lang());
            messages.extend(self.differing([("camera-alerts", alerts)]));
        }
        if matches!(self.page, Page::System | Page::Camera) {
            messages.extend(self.rows(&board));
        }
        messages.extend(self.travellers(now));
        self.fresh = false;
        self.after = board.revision;
        let id = board.revision.to_string();
        let message = |(name, data): (&str, Value)| Event::default().event(name).id(&id).data(data.to_string());
        messages.into_iter().map(message).collect()
    }

    fn parts(&mut self, board: &Board, now: i64) -> Option<(&'static str, Value)> {
        let (place, lang) = (Arc::clone(&self.place), self.lang());
        let mut parts: Vec<(&'static str, Markup)> = view::frame_parts(&place, board, lang).into();
        match self.page {
            Page::Now => {
                parts.push(("budget", view::budget(board, lang)));
                parts.push(("proposals", view::proposals(board, &self.visitor, None)));
            }
            Page::Traveller => {
                let whom = Some(self.about.parse().unwrap_or_default());
                parts.push(("proposals", view::proposals(board, &self.visitor, whom)));
            }
            Page::Review => parts.push(("decided", view::decided(board, lang))),
            Page::System => {
                parts.push(("cameras", view::cameras(board, now, lang)));
                parts.push(("figures", view::figures(&place, board, lang)));
                parts.push(("gaps", view::gaps(board, lang)));
            }
            Page::Plan => parts.extend(view::plan_parts(board, now, lang)),
            Page::Camera => {
                parts.push(("health", view::health(board, &self.about, now, lang)));
                parts.push(("capability", view::capability(board, &self.about, lang)));
            }
            Page::Travellers | Page::You => {}
        }
        self.differing(parts)
    }

    /// What is new of travellers.
    fn travellers(&mut self, now: i64) -> Option<(&'static str, Value)> {
        let shown =
            self.shown.as_mut().filter(|shown| shown.has_changed().unwrap_or(false))?.borrow_and_update().clone();
        match shown {
            Shown::Nothing => None,
            Shown::List(all) => {
                let list = view::traveller_list(&all, &self.wanted, now, self.lang());
                self.differing([("travellers", list)])
            }
            Shown::One(sight) => self.differing(view::traveller_parts(&sight, &self.visitor)),
            Shown::Gone => self.differing([("head", view::gone(self.lang()))]),
        }
    }

    fn lang(&self) -> Lang {
        self.visitor.lang
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
        let html = |group: &super::board::Group| view::group(board, group, None, now, self.lang()).into_string();
        // A group whose alerts left it has the revision of its newest alert and no other; the order tells what is gone.
        let changed: serde_json::Map<String, Value> = shown
            .iter()
            .filter(|group| group.revision > self.after)
            .map(|group| (format!("g{}", group.id), json!(html(group))))
            .collect();
        json!({ "order": order, "groups": changed, "more": more })
    }

    fn rows(&self, board: &Board) -> Option<(&'static str, Value)> {
        let own = |happening: &&Arc<Happening>| self.page == Page::System || view::is_of(happening, &self.about);
        let fresh: Vec<&Arc<Happening>> = board.rows_after(self.after).map(|row| &row.happening).filter(own).collect();
        if fresh.is_empty() {
            return None;
        }
        let skipped = fresh.len().saturating_sub(view::ROWS_MAX);
        add(&self.place.tally.skipped, skipped as u64);
        let missed = board.rows_missed(self.after) || skipped > 0;
        let html = view::rows(fresh.into_iter(), self.lang()).into_string();
        Some(("rows", json!({ "html": html, "missed": missed && !self.fresh })))
    }
}
