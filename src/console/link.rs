//! The connection to the centre: subscribed to its events and alerts, and again after every loss.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use super::board::{Board, GapSeen, Standing};
use super::place::{Clients, Place};
use crate::central::EventFilter;
use crate::rpc::{ConsoleClient, FeedMessage, ProposalClient, ProposalFeed, RpcError, Start, TravellerClient};
use crate::wire::v1::WatchProposalsResponse;
use crate::wire::v1::watch_alerts_response::Message;

/// Pause before the centre is tried again. One console is no burden, and an operator waits.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
const OVERVIEW_EVERY: Duration = Duration::from_secs(1);
/// How much of the past a console that starts asks for.
const PAST: u64 = 500;
/// A centre that does not answer for so long is lost.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// Stays connected until it is dropped.
pub async fn run(place: Arc<Place>) {
    let mut link = Link { place, next: None };
    loop {
        let why = match link.session().await {
            Ok(ended) => ended.to_owned(),
            Err(error) => {
                if link.next.is_some() && error.is_out_of_range() {
                    link.next = None;
                    link.place.change(Board::forget);
                }
                error.to_string()
            }
        };
        link.place.connected(None);
        tracing::warn!(%why, "no connection to the centre");
        let since = link.place.clock.unix_micros();
        link.place.change(|board| board.stands(Standing::Lost { since, why }));
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

struct Link {
    place: Arc<Place>,
    /// The first sequence wanted, where an earlier connection got somewhere.
    next: Option<u64>,
}

impl Link {
    /// One connection until it ends; how, if without a fault.
    async fn session(&mut self) -> Result<&'static str, RpcError> {
        let mut client = ConsoleClient::connect(&self.place.central).await?;
        let travellers = TravellerClient::connect(&self.place.central).await?;
        let mut proposals = ProposalClient::connect(&self.place.central).await?;
        let overview = client.overview().await?;
        let start = self.next.unwrap_or_else(|| overview.sequence.saturating_sub(PAST - 1).max(1));
        let mut events = client.subscribe(Start::Sequence(start), &EventFilter::default()).await?;
        let mut alerts = client.watch_alerts(0).await?;
        // A centre of before there were proposals has none.
        let mut proposed = proposals.watch().await.ok();
        let now = self.place.clock.unix_micros();
        self.place.connected(Some(Clients { console: client.clone(), travellers, proposals }));
        self.place.change(|board| {
            board.stands(Standing::CatchingUp);
            board.overview(overview, now);
        });
        let mut look = tokio::time::interval(OVERVIEW_EVERY);
        look.reset();
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Alerts named since the connection, until all that stood are named.
        let mut named = Some(BTreeSet::new());
        loop {
            tokio::select! {
                message = events.next() => match message? {
                    Some(message) => self.take(message),
                    None => return Ok("the centre ended the connection"),
                },
                message = alerts.next() => match message? {
                    Some(message) => self.take_alert(message, &mut named),
                    None => return Ok("the centre ended the connection"),
                },
                told = next_of(&mut proposed) => match told? {
                    Some(told) => self.place.change(|board| board.proposals(told)),
                    None => return Ok("the centre ended the connection"),
                },
                _ = look.tick() => {
                    let Ok(overview) = tokio::time::timeout(SILENCE_MAX, client.overview()).await else {
                        return Ok("the centre does not answer");
                    };
                    let overview = overview?;
                    let now = self.place.clock.unix_micros();
                    self.place.change(|board| board.overview(overview, now));
                }
            }
        }
    }

    fn take(&mut self, message: FeedMessage) {
        let seen = match &message {
            FeedMessage::Event(event) => event.sequence,
            FeedMessage::Unreadable { sequence, .. } => *sequence,
            FeedMessage::Live(sequence) | FeedMessage::Heartbeat(sequence) => *sequence,
            FeedMessage::Gap { to, .. } => *to,
        };
        self.next = Some(seen + 1);
        let now = self.place.clock.unix_micros();
        self.place.change(|board| match message {
            FeedMessage::Event(event) => {
                // Where people were in the past is nowhere any more.
                if board.standing == Standing::Live {
                    board.floor.note(&event, now);
                }
                board.event(event);
            }
            FeedMessage::Unreadable { sequence, why } => board.unreadable(sequence, why),
            FeedMessage::Live(sequence) => {
                board.reached(sequence);
                board.stands(Standing::Live);
            }
            FeedMessage::Heartbeat(sequence) => board.reached(sequence),
            FeedMessage::Gap { from, to, why } => board.gap(GapSeen { at: now, from, to, why: why.to_owned() }),
        });
    }

    fn take_alert(&self, message: Message, named: &mut Option<BTreeSet<u64>>) {
        self.place.change(|board| match message {
            Message::Alert(alert) => {
                if let Some(named) = named {
                    named.insert(alert.id);
                }
                board.alert(alert);
            }
            Message::Forgotten(id) => board.keep_alerts(|known| known != id),
            Message::Heartbeat(standing) => board.budget(standing),
            Message::Live(standing) => {
                // What the centre forgot while nobody listened.
                if let Some(named) = named.take() {
                    board.keep_alerts(|id| named.contains(&id));
                }
                board.budget(standing);
            }
        });
    }
}

/// What a centre tells next of proposals; never anything where it knows none.
async fn next_of(feed: &mut Option<ProposalFeed>) -> Result<Option<WatchProposalsResponse>, RpcError> {
    match feed {
        Some(feed) => feed.next().await,
        None => std::future::pending().await,
    }
}
