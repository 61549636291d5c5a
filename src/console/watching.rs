//! What an open page of travellers shows, kept new by a task of its own as long as the page is open.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::board::{Board, Happening};
use super::place::Place;
use super::roster::{Roster, roster};
use crate::event::{EdgeEvent, EventBody};
use crate::rpc::{RpcError, TravellerClient};
use crate::wire::v1;

/// How often the list is asked for while it is open.
const LIST_EVERY: Duration = Duration::from_secs(1);
/// Pause before the centre is asked again after a fault.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The end of the year 9999, UTC microseconds.
const LATEST: i64 = 253_402_300_799_000_000;

/// One traveller with what happened, as the centre told it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// As they stand.
    pub traveller: v1::Traveller,
    /// What happened, in order.
    pub events: Vec<v1::Event>,
    /// Older events were left out.
    pub truncated: bool,
    /// When the centre said so, by this console's clock, UTC microseconds.
    pub at: i64,
}

/// What there is to show.
#[derive(Debug, Clone)]
pub enum Shown {
    /// Nothing yet.
    Nothing,
    /// Everybody.
    List(Arc<Roster>),
    /// One of them.
    One(Arc<Sight>),
    /// They are no longer remembered.
    Gone,
}

/// Whom to watch.
#[derive(Debug, Clone, Copy)]
pub enum Whom {
    /// Everybody.
    All,
    /// This one, or whom they became.
    One(u64),
}

/// Watches until the receiver is dropped.
#[must_use]
pub fn watch(place: Arc<Place>, whom: Whom) -> watch::Receiver<Shown> {
    let (out, shown) = watch::channel(Shown::Nothing);
    tokio::spawn(async move {
        let watching = async {
            loop {
                let ended = match (place.travellers(), whom) {
                    (None, _) => Ok(()),
                    (Some(client), Whom::All) => everybody(&place, client, &out).await,
                    (Some(client), Whom::One(id)) => one(&place, client, id, &out).await,
                };
                match ended {
                    Err(error) if error.is_not_found() => {
                        out.send_replace(Shown::Gone);
                    }
                    // That the connection is lost is told by the frame of the page.
                    Err(error) => tracing::debug!(%error, "travellers cannot be watched"),
                    Ok(()) => {}
                }
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        };
        tokio::select! {
            () = out.closed() => {}
            () = watching => {}
        }
    });
    shown
}

async fn everybody(place: &Place, mut client: TravellerClient, out: &watch::Sender<Shown>) -> Result<(), RpcError> {
    loop {
        let all = roster(place, &mut client).await?;
        out.send_replace(Shown::List(all));
        tokio::time::sleep(LIST_EVERY).await;
    }
}

async fn one(place: &Place, mut client: TravellerClient, id: u64, out: &watch::Sender<Shown>) -> Result<(), RpcError> {
    let mut moved = place.moved();
    let mut seen = place.board().revision;
    let mut feed = client.watch(id).await?;
    let mut sight = look(place, &mut client, id).await?;
    loop {
        out.send_replace(Shown::One(Arc::new(sight.clone())));
        loop {
            tokio::select! {
                told = feed.next() => {
                    let Some(traveller) = told?.map(bounded) else { return Ok(()) };
                    if traveller == sight.traveller {
                        continue;
                    }
                    let same = tracks(&traveller) == tracks(&sight.traveller);
                    sight = Sight { traveller, at: place.clock.unix_micros(), ..sight };
                    if !same {
                        sight = look(place, &mut client, id).await?;
                    }
                    break;
                }
                changed = moved.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    let (news, now) = news_of(&place.board(), seen, &sight.traveller);
                    seen = now;
                    if news {
                        sight = look(place, &mut client, id).await?;
                        break;
                    }
                }
            }
        }
    }
}

/// One traveller as they stand.
///
/// # Errors
/// What the centre says.
pub async fn look(place: &Place, client: &mut TravellerClient, id: u64) -> Result<Sight, RpcError> {
    let answer = client.get(id, true).await?;
    let v1::GetTravellerResponse { traveller, events, events_truncated, .. } = answer;
    let at = place.clock.unix_micros();
    Ok(Sight { traveller: bounded(traveller.unwrap_or_default()), events, truncated: events_truncated, at })
}

/// With times that can be counted with, whatever the centre says.
fn bounded(mut traveller: v1::Traveller) -> v1::Traveller {
    let within = |micros: &mut i64| *micros = (*micros).clamp(0, LATEST);
    for segment in &mut traveller.segments {
        within(&mut segment.from_unix_micros);
        within(&mut segment.until_unix_micros);
    }
    traveller
}

fn tracks(traveller: &v1::Traveller) -> BTreeSet<(&str, u32, u64)> {
    let tracks = traveller.segments.iter().filter_map(|segment| segment.track.as_ref());
    tracks.map(|track| (track.camera.as_str(), track.boot, track.track)).collect()
}

/// Whether anything that came after this revision is told of a traveller, and the newest revision.
fn news_of(board: &Board, seen: u64, traveller: &v1::Traveller) -> (bool, u64) {
    let tracks = tracks(traveller);
    let concerns = |happening: &Happening| match happening {
        Happening::Event(site) => of_event(&site.event).is_some_and(|track| tracks.contains(&track)),
        Happening::Unreadable { .. } => false,
    };
    let news = board.rows_missed(seen) || board.rows_after(seen).any(|row| concerns(&row.happening));
    (news, board.revision)
}

/// The track of an event that a traveller's timeline has.
fn of_event(event: &EdgeEvent) -> Option<(&str, u32, u64)> {
    match &event.body {
        EventBody::Absence(report) => Some((report.camera.as_str(), report.boot.0, report.track.0)),
        EventBody::Bag(report) => Some((report.after.camera.as_str(), report.after.boot.0, report.after.track.0)),
        EventBody::Track(_) | EventBody::System(_) => None,
        EventBody::Behaviour(_) | EventBody::Vital(_) | EventBody::Screening(_) => {
            event.track.map(|track| (event.id.camera.as_str(), event.id.boot.0, track.0))
        }
    }
}
