//! The channels between the services and the owner of the site's log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::plan::PlanCall;
use super::proposals::{Decide, DecideFault, Done, ProposalBoard, ProposalShown};
use super::tail::{Tail, TailWriter};
use crate::association::{ClockOffset, TrackKey, TravellerId, TravellerSummary};
use crate::central::alert::{Act, ActError, Alert, Board, Look, ShadowReport};
use crate::central::{
    CameraState, Directive, EventFilter, Follow, ProposalFault, TravellerAct, TravellerFault, TravellerView,
};
use crate::event::EdgeEvent;
use crate::ids::CameraId;
use crate::wire::v1;

/// Commands that wait for the log; beyond it uplinks wait, and through flow control the edges.
const COMMANDS_MAX: usize = 64;
/// Readings that wait; beyond it consoles catching up wait.
const QUERIES_MAX: usize = 64;

/// Why the log could not do what was asked. Asking again later may succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String);

/// An event of a batch that can never be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its index in the batch.
    pub index: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Events of one uplink to be committed. The answer comes after the commit.
#[derive(Debug)]
pub struct Append {
    /// In the edge's order.
    pub events: Vec<EdgeEvent>,
    /// All but the refused ones are committed, or, on a fault, none.
    pub done: oneshot::Sender<Result<Vec<Refused>, Fault>>,
}

/// What stands now.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// Newest sequence committed.
    pub sequence: u64,
    /// Each camera's state.
    pub cameras: BTreeMap<CameraId, CameraState>,
    /// Clocks of which something is known.
    pub clocks: BTreeMap<CameraId, ClockOffset>,
}

/// What the owner of the log is asked to do.
#[derive(Debug)]
pub enum Command {
    /// Commit events.
    Append(Append),
    /// Tell what stands now.
    Overview(oneshot::Sender<Overview>),
    /// Do something with an alert; answered when it is on the disk.
    Act {
        /// What, who and when.
        act: Act,
        /// The alert as it stands then.
        reply: oneshot::Sender<Result<Done<Alert>, ActFault>>,
    },
    /// Confirm or decline a proposal; answered when it is on the disk.
    Decide {
        /// Which, who and what.
        decide: Decide,
        /// The proposal as it stands then.
        reply: oneshot::Sender<Result<ProposalShown, DecideFault>>,
    },
    /// Write down that somebody wants to see an alert's pictures, and name the event they belong to.
    Look {
        /// Who, what and why.
        look: Look,
        /// The event.
        reply: oneshot::Sender<Result<EdgeEvent, ActFault>>,
    },
    /// Tell what rules in shadow would have done.
    Shadow {
        /// From this UTC, microseconds, ...
        from: i64,
        /// ... until before this.
        to: i64,
        /// The answer.
        reply: oneshot::Sender<Vec<ShadowReport>>,
    },
    /// About travellers.
    Travellers(TravellerCall),
    /// About views.
    Plan(PlanCall),
}

/// What is asked about travellers, or done with them.
#[derive(Debug)]
pub enum TravellerCall {
    /// Everybody remembered, and who of them is followed.
    List(oneshot::Sender<(Vec<TravellerSummary>, BTreeSet<TravellerId>)>),
    /// One of them.
    Get {
        /// Whom; merges and splits may have changed the name.
        id: TravellerId,
        /// None: not remembered.
        reply: oneshot::Sender<Option<TravellerView>>,
    },
    /// Whoever a track belongs to.
    Of {
        /// The track.
        track: TrackKey,
        /// None: not remembered.
        reply: oneshot::Sender<Option<TravellerView>>,
    },
    /// Whom operators follow and followed.
    Follows(oneshot::Sender<Vec<FollowShown>>),
    /// Something is done; answered when it is on the disk.
    Act {
        /// What, who and when.
        act: TravellerAct,
        /// With whom it was done, as they are called then.
        reply: oneshot::Sender<Result<Done<TravellerId>, TravellerRefusal>>,
    },
}

/// Somebody who is, or was, followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowShown {
    /// For what.
    pub follow: Follow,
    /// Whom that is now, where they are remembered.
    pub traveller: Option<TravellerId>,
}

/// Why something could not be done with a traveller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TravellerRefusal {
    /// It makes no sense.
    #[error(transparent)]
    Act(#[from] TravellerFault),
    /// It cannot be proposed.
    #[error(transparent)]
    Proposal(#[from] ProposalFault),
    /// The store does not take it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Why something could not be done with an alert.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActFault {
    /// It makes no sense.
    #[error(transparent)]
    Act(#[from] ActError),
    /// It cannot be proposed.
    #[error(transparent)]
    Proposal(#[from] ProposalFault),
    /// The store does not take it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// An act as the audit log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// From 1, without holes.
    pub number: u64,
    /// When, UTC microseconds.
    pub at: i64,
    /// Who.
    pub operator: String,
    /// What.
    pub action: String,
    /// With which alert.
    pub alert: u64,
    /// What was written.
    pub text: String,
}

/// How long a class of things is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptClass {
    /// Its name.
    pub class: &'static str,
    /// How long.
    pub keep: Duration,
    /// When the oldest of it was committed, UTC microseconds, where there is any.
    pub oldest: Option<i64>,
}

/// That something was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// Of which class.
    pub class: String,
    /// Beginning of the hour in which, UTC microseconds.
    pub hour: i64,
    /// How many.
    pub count: u64,
    /// When the oldest of it was committed, ...
    pub oldest: i64,
    /// ... and the newest.
    pub newest: i64,
}

/// What is kept and what was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Everything that is kept.
    pub classes: Vec<KeptClass>,
    /// What was deleted, the newest first.
    pub deletions: Vec<Deletion>,
}

/// One reading of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// What passed the filter, ascending.
    pub events: Vec<v1::SiteEvent>,
    /// The first position not looked at.
    pub next: u64,
    /// The oldest sequence kept.
    pub oldest: u64,
}

/// What the reader of the log is asked.
#[derive(Debug)]
pub enum Query {
    /// Committed events from a position on.
    Read {
        /// First position wanted.
        from: u64,
        /// Which events.
        filter: EventFilter,
        /// Most events wanted.
        events_max: usize,
        /// The answer.
        reply: oneshot::Sender<Result<Page, Fault>>,
    },
    /// The first position committed at a time or later.
    PositionAt {
        /// UTC, microseconds.
        unix_micros: i64,
        /// The answer.
        reply: oneshot::Sender<Result<u64, Fault>>,
    },
    /// What is kept, and what was deleted.
    Kept {
        /// At most so many deletions.
        limit: usize,
        /// The answer.
        reply: oneshot::Sender<Result<Kept, Fault>>,
    },
    /// The audit log, the newest first.
    Audit {
        /// Only before this number.
        before: u64,
        /// At most so many.
        limit: usize,
        /// The answer.
        reply: oneshot::Sender<Result<Vec<Audited>, Fault>>,
    },
}

/// The services' end. When the last clone is dropped, the owner's receivers end.
#[derive(Debug, Clone)]
pub struct Journal {
    commands: mpsc::Sender<Command>,
    queries: mpsc::Sender<Query>,
    pub(super) tail: Tail,
    accepting: watch::Receiver<bool>,
    alerts: watch::Receiver<Arc<Board>>,
    travellers: watch::Receiver<u64>,
    proposals: watch::Receiver<Arc<ProposalBoard>>,
    directives: watch::Receiver<Arc<Vec<Directive>>>,
}

/// The owner's end.
#[derive(Debug)]
pub struct JournalEnd {
    /// What to do, in order.
    pub commands: mpsc::Receiver<Command>,
    /// What to read, beside it.
    pub queries: mpsc::Receiver<Query>,
    /// Where what was committed is announced.
    pub tail: TailWriter,
    /// Whether the log takes events; shown by the health service.
    pub accepting: watch::Sender<bool>,
    /// Where the alerts are shown after each change.
    pub alerts: watch::Sender<Arc<Board>>,
    /// Raised when something of travellers may have changed.
    pub travellers: watch::Sender<u64>,
    /// Where proposals are shown after each change.
    pub proposals: watch::Sender<Arc<ProposalBoard>>,
    /// Whom the cameras are to look for.
    pub directives: watch::Sender<Arc<Vec<Directive>>>,
}

/// Both ends; `newest` is the newest sequence committed so far.
#[must_use]
pub fn journal(newest: u64) -> (Journal, JournalEnd) {
    let (send_command, commands) = mpsc::channel(COMMANDS_MAX);
    let (send_query, queries) = mpsc::channel(QUERIES_MAX);
    let (writer, tail) = TailWriter::new(newest);
    let (accepting, accepts) = watch::channel(true);
    let (alerts, board) = watch::channel(Arc::new(Board::default()));
    let (travellers, changes) = watch::channel(0);
    let (proposals, proposed) = watch::channel(Arc::new(ProposalBoard::default()));
    let (directives, directed) = watch::channel(Arc::new(Vec::new()));
    (
        Journal {
            commands: send_command,
            queries: send_query,
            tail,
            accepting: accepts,
            alerts: board,
            travellers: changes,
            proposals: proposed,
            directives: directed,
        },
        JournalEnd { commands, queries, tail: writer, accepting, alerts, travellers, proposals, directives },
    )
}

impl Journal {
    /// Commits `events`; returns those that were refused for good.
    pub(super) async fn append(&self, events: Vec<EdgeEvent>) -> Result<Vec<Refused>, Fault> {
        let (done, answer) = oneshot::channel();
        self.commands.send(Command::Append(Append { events, done })).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub(super) async fn overview(&self) -> Result<Overview, Fault> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Overview(reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }

    pub(super) async fn read(&self, from: u64, filter: &EventFilter, events_max: usize) -> Result<Page, Fault> {
        let (reply, answer) = oneshot::channel();
        let query = Query::Read { from, filter: filter.clone(), events_max, reply };
        self.queries.send(query).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub(super) async fn position_at(&self, unix_micros: i64) -> Result<u64, Fault> {
        let (reply, answer) = oneshot::channel();
        self.queries.send(Query::PositionAt { unix_micros, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub(super) async fn act(&self, act: Act) -> Result<Done<Alert>, ActFault> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Act { act, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub(super) async fn decide(&self, decide: Decide) -> Result<ProposalShown, DecideFault> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Decide { decide, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub(super) async fn look(&self, look: Look) -> Result<EdgeEvent, ActFault> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Look { look, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub(super) async fn shadow(&self, from: i64, to: i64) -> Result<Vec<ShadowReport>, Fault> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Shadow { from, to, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }

    pub(super) async fn travellers(&self) -> Result<(Vec<TravellerSummary>, BTreeSet<TravellerId>), Fault> {
        self.ask_of_travellers(TravellerCall::List).await
    }

    pub(super) async fn traveller(&self, id: TravellerId) -> Result<Option<TravellerView>, Fault> {
        self.ask_of_travellers(|reply| TravellerCall::Get { id, reply }).await
    }

    pub(super) async fn traveller_of(&self, track: TrackKey) -> Result<Option<TravellerView>, Fault> {
        self.ask_of_travellers(|reply| TravellerCall::Of { track, reply }).await
    }

    pub(super) async fn follows(&self) -> Result<Vec<FollowShown>, Fault> {
        self.ask_of_travellers(TravellerCall::Follows).await
    }

    pub(super) async fn act_on_traveller(&self, act: TravellerAct) -> Result<Done<TravellerId>, TravellerRefusal> {
        self.ask_of_travellers(|reply| TravellerCall::Act { act, reply }).await?
    }

    async fn ask_of_travellers<T>(&self, call: impl FnOnce(oneshot::Sender<T>) -> TravellerCall) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Travellers(call(reply))).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }

    pub(super) async fn ask_of_plan<T>(&self, call: impl FnOnce(oneshot::Sender<T>) -> PlanCall) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Plan(call(reply))).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }

    /// The proposals as they stand, and wakes at every change.
    pub(super) fn proposals(&self) -> watch::Receiver<Arc<ProposalBoard>> {
        self.proposals.clone()
    }

    /// Wakes when something of travellers may have changed.
    pub(super) fn traveller_changes(&self) -> watch::Receiver<u64> {
        self.travellers.clone()
    }

    /// Whom the cameras are to look for, and wakes at every change.
    pub(super) fn directives(&self) -> watch::Receiver<Arc<Vec<Directive>>> {
        self.directives.clone()
    }

    pub(super) async fn audit(&self, before: u64, limit: usize) -> Result<Vec<Audited>, Fault> {
        let (reply, answer) = oneshot::channel();
        self.queries.send(Query::Audit { before, limit, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub(super) async fn kept(&self, limit: usize) -> Result<Kept, Fault> {
        let (reply, answer) = oneshot::channel();
        self.queries.send(Query::Kept { limit, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// The alerts as they stand, and wakes at every change.
    pub(super) fn alerts(&self) -> watch::Receiver<Arc<Board>> {
        self.alerts.clone()
    }

    pub(super) fn accepting(&self) -> watch::Receiver<bool> {
        self.accepting.clone()
    }
}

fn gone() -> Fault {
    Fault("the centre is shutting down".to_owned())
}
