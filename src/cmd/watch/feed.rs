//! The network side: a thread that stays subscribed.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::central::EventFilter;
use crate::clock::Clock;
use crate::rpc::{ConsoleClient, FeedMessage, ProposalClient, ProposalFeed, RpcError, Start};
use crate::wire::v1::{GetOverviewResponse, Proposal, ProposalState, WatchProposalsResponse};
use crate::worker::Backoff;

/// News that wait to be shown; beyond it the centre is not read, and keeps them.
const NEWS_MAX: usize = 1_024;
const BACKOFF_MAX: Duration = Duration::from_secs(5);
const OVERVIEW_EVERY: Duration = Duration::from_secs(1);

/// What to subscribe to.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The centre's URL.
    pub central: String,
    /// Where to begin.
    pub start: Start,
    /// What to choose.
    pub filter: EventFilter,
}

/// What happens on the way.
#[derive(Debug)]
pub enum News {
    /// Subscribed; again, if it was before.
    Connected,
    /// The centre said this; received at this UTC, microseconds.
    Message {
        /// What.
        message: FeedMessage,
        /// When.
        received: i64,
    },
    /// What stands now.
    Overview(GetOverviewResponse),
    /// This waits for a second person, or did.
    Proposal(Box<Proposal>),
    /// The connection is gone; it is tried again.
    Lost(String),
    /// The centre's log is shorter than what was already seen: it is another log.
    OtherLog,
    /// The centre will never grant this subscription.
    Refused(RpcError),
}

/// Starts the thread; it ends when the receiver is dropped.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(wanted: Wanted, overview: bool, clock: Arc<dyn Clock>) -> io::Result<Receiver<News>> {
    let (tell, news) = sync_channel(NEWS_MAX);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let backoff = Backoff::new(BACKOFF_MAX, clock.unix_micros().cast_unsigned());
    let mut feed = Subscriber { wanted, overview, clock, tell, resumed: false, open: BTreeSet::new() };
    std::thread::Builder::new().name("watch-feed".into()).spawn(move || runtime.block_on(feed.run(backoff)))?;
    Ok(news)
}

/// Nobody wants news any more.
struct Left;

struct Subscriber {
    wanted: Wanted,
    overview: bool,
    clock: Arc<dyn Clock>,
    tell: SyncSender<News>,
    /// Whether the start is where an earlier subscription ended.
    resumed: bool,
    /// Proposals that waited when they were told last.
    open: BTreeSet<u64>,
}

impl Subscriber {
    async fn run(&mut self, mut backoff: Backoff) {
        loop {
            let error = match self.session(&mut backoff).await {
                Ok(ended) => ended,
                Err(Left) => return,
            };
            let lost = match error {
                Some(error) if self.resumed && error.is_out_of_range() => {
                    self.wanted.start = Start::Sequence(1);
                    self.resumed = false;
                    News::OtherLog
                }
                Some(error) if !error.may_pass() => News::Refused(error),
                Some(error) => News::Lost(error.to_string()),
                None => News::Lost("the centre ended the subscription".to_owned()),
            };
            if self.tell(lost).is_err() {
                return;
            }
            tokio::time::sleep(backoff.wait()).await;
        }
    }

    /// One subscription until it ends; why, if the centre gave a reason.
    async fn session(&mut self, backoff: &mut Backoff) -> Result<Option<RpcError>, Left> {
        let mut client = match ConsoleClient::connect(&self.wanted.central).await {
            Ok(client) => client,
            Err(error) => return Ok(Some(error)),
        };
        let mut feed = match client.subscribe(self.wanted.start, &self.wanted.filter).await {
            Ok(feed) => feed,
            Err(error) => return Ok(Some(error)),
        };
        self.tell(News::Connected)?;
        let mut proposals = proposals(&self.wanted.central).await;
        let mut look = tokio::time::interval(OVERVIEW_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = feed.next() => match message {
                    Ok(Some(message)) => {
                        backoff.reset();
                        self.go_on_after(&message);
                        self.tell(News::Message { message, received: self.clock.unix_micros() })?;
                    }
                    Ok(None) => return Ok(None),
                    Err(error) => return Ok(Some(error)),
                },
                told = next_of(&mut proposals) => match told {
                    Ok(Some(told)) => self.proposals(told)?,
                    Ok(None) => return Ok(None),
                    Err(error) => return Ok(Some(error)),
                },
                _ = look.tick(), if self.overview => match client.overview().await {
                    Ok(overview) => self.tell(News::Overview(overview))?,
                    Err(error) => return Ok(Some(error)),
                },
            }
        }
    }

    /// Tells which proposals are new, and what became of those that were.
    fn proposals(&mut self, told: WatchProposalsResponse) -> Result<(), Left> {
        for proposal in told.proposals {
            let open = proposal.state() == ProposalState::Open;
            let news = if open { self.open.insert(proposal.id) } else { self.open.remove(&proposal.id) };
            if news {
                self.tell(News::Proposal(Box::new(proposal)))?;
            }
        }
        Ok(())
    }

    fn go_on_after(&mut self, message: &FeedMessage) {
        let seen = match message {
            FeedMessage::Event(event) => event.sequence,
            FeedMessage::Unreadable { sequence, .. } => *sequence,
            FeedMessage::Live(sequence) | FeedMessage::Heartbeat(sequence) => *sequence,
            FeedMessage::Gap { to, .. } => *to,
        };
        self.wanted.start = Start::Sequence(seen + 1);
        self.resumed = true;
    }

    /// Waits while nobody takes the news: the centre keeps what is not read.
    fn tell(&self, news: News) -> Result<(), Left> {
        self.tell.send(news).map_err(|_| Left)
    }
}

/// The stream of proposals; a centre of before there were any has none.
async fn proposals(central: &str) -> Option<ProposalFeed> {
    ProposalClient::connect(central).await.ok()?.watch().await.ok()
}

/// What comes next of them; never anything where there are none.
async fn next_of(feed: &mut Option<ProposalFeed>) -> Result<Option<WatchProposalsResponse>, RpcError> {
    match feed {
        Some(feed) => feed.next().await,
        None => std::future::pending().await,
    }
}
