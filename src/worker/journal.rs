//! The centre's log: one thread commits, one reads.
//!
//! The committing thread takes everything that has arrived into one commit (group commit: one `fsync` for all edges),
//! feeds the [`CentralTracker`], announces the events to consoles, and only then answers the uplinks. When the store
//! takes nothing, uplinks are refused and edges keep their events; reading goes on.

use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::alerts::{self, Desk};
use super::layouts::Layouts;
use super::proposals::{self, Confirmations, Hands};
use super::travellers::{self, SitePlan};

use crate::central::alert::{Act, Alert, AlertSettings};
use crate::central::{CentralTracker, ConfirmationPolicy, Directive, ProposedAct};
use crate::clock::Clock;
use crate::event::EdgeEvent;
use crate::rpc::{
    self, ActFault, Append, Command, Decide, DecideFault, Deletion, Done, Fault, Journal, JournalEnd, Kept, KeptClass,
    Overview, ProposalShown, Query, Record, Refused, TailWriter,
};
use crate::store::{Appended, Class, EventReader, EventStore, Receipt, Retention, StoreError};
use crate::time::Now;

/// Most events in one commit, so that nobody waits long behind others.
const COMMIT_EVENTS_MAX: usize = 4_096;
/// Pause between two rounds of forgetting.
const EXPIRE_EVERY: Duration = Duration::from_secs(1);
/// Longest time between two states written down while there are events: it bounds how old the looks in one are.
const KEEP_EVERY: Duration = Duration::from_secs(600);
/// Pause between two looks at whom the cameras are to look for.
const DIRECT_EVERY: Duration = Duration::from_secs(1);
/// Most rows forgotten between two commits.
const EXPIRE_ROWS_MAX: u64 = 1_024;

type Reply = oneshot::Sender<Result<Vec<Refused>, Fault>>;

/// What the log needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalSettings {
    /// The store's file.
    pub store: PathBuf,
    /// What is kept.
    pub retention: Retention,
    /// What the tracker must know of the site.
    pub plan: SitePlan,
    /// The budget of alerts.
    pub alerts: AlertSettings,
    /// What needs a second person.
    pub confirmation: ConfirmationPolicy,
}

/// The log cannot be opened or served.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The store's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A thread cannot be started.
    #[error("cannot start the journal's threads: {0}")]
    Thread(#[from] io::Error),
}

/// The log's threads; they end when the last [`Journal`] is dropped.
#[derive(Debug)]
pub struct JournalThreads(Vec<JoinHandle<()>>);

impl JournalThreads {
    /// Waits until everything taken is committed and the file is closed.
    pub fn join(self) {
        for thread in self.0 {
            // A panic has been printed by its own thread.
            let _ = thread.join();
        }
    }
}

/// Opens the store, rebuilds what stands now from its newest events, and starts the threads.
///
/// # Errors
/// [`JournalError`].
pub fn start(settings: JournalSettings, clock: Arc<dyn Clock>) -> Result<(Journal, JournalThreads), JournalError> {
    let mut store = EventStore::open(&settings.store)?;
    let mut reader = EventReader::open(&settings.store)?;
    let mut tracker = travellers::rebuilt(&settings.plan, &mut reader, store.newest())?;
    // What was told before is in the log already and stays there once.
    store.append(&tracker.take_told(), clock.unix_micros())?;
    let layouts = Layouts::open(&mut store)?;
    let audited = reader.audited()?;
    let desk = alerts::rebuilt(settings.alerts, &mut reader)?;
    let proposed = proposals::rebuilt(&mut reader)?;
    let (journal, end) = rpc::journal(store.newest());
    let JournalEnd { commands, queries, tail, accepting, alerts, travellers, proposals, directives } = end;
    let timers = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let desk = Desk::new(desk, alerts);
    let mut confirmations = Confirmations::new(settings.confirmation, proposed, proposals);
    confirmations.show(&tracker);
    let mut writer = Writer {
        kept: store.newest(),
        kept_at: clock.now(),
        store,
        plan: settings.plan,
        tracker,
        audited,
        changes: travellers,
        directives,
        directed: None,
        desk,
        confirmations,
        layouts,
        tail,
        accepting,
        retention: settings.retention,
        clock,
        expired: None,
    };
    let write = Builder::new().name("journal".into()).spawn(move || timers.block_on(writer.serve(commands)))?;
    let retention = settings.retention;
    let read =
        Builder::new().name("journal-read".into()).spawn(move || serve_reads(&mut reader, retention, queries))?;
    Ok((journal, JournalThreads(vec![write, read])))
}

struct Writer {
    store: EventStore,
    plan: SitePlan,
    tracker: CentralTracker,
    /// Newest number of the audit log that the tracker knows of.
    audited: u64,
    /// Newest sequence when the tracker was written down.
    kept: u64,
    kept_at: Now,
    changes: watch::Sender<u64>,
    directives: watch::Sender<Arc<Vec<Directive>>>,
    /// When it was last looked whom the cameras are to look for.
    directed: Option<Now>,
    desk: Desk,
    confirmations: Confirmations,
    layouts: Layouts,
    tail: TailWriter,
    accepting: watch::Sender<bool>,
    retention: Retention,
    clock: Arc<dyn Clock>,
    /// When old events were last looked for.
    expired: Option<Now>,
}

impl Writer {
    async fn serve(&mut self, mut commands: mpsc::Receiver<Command>) {
        loop {
            self.expire();
            self.advance();
            let Ok(first) = tokio::time::timeout(EXPIRE_EVERY, commands.recv()).await else { continue };
            let Some(first) = first else { return self.keep() };
            let mut appends = Vec::new();
            let mut questions = Vec::new();
            let mut events = 0;
            let mut next = Some(first);
            while let Some(command) = next {
                match command {
                    Command::Append(append) => {
                        events += append.events.len();
                        appends.push(append);
                    }
                    question => questions.push(question),
                }
                next = if events < COMMIT_EVENTS_MAX { commands.try_recv().ok() } else { None };
            }
            self.commit(appends);
            questions.into_iter().for_each(|question| self.answer(question));
            let old = self.clock.now().since(self.kept_at) >= KEEP_EVERY && self.store.newest() > self.kept;
            if old || self.store.newest() - self.kept >= travellers::REPLAY_EVENTS_MAX {
                self.keep();
            }
        }
    }

    /// Time goes on.
    fn advance(&mut self) {
        let now = self.clock.unix_micros();
        self.desk.advance(now);
        if self.confirmations.any_waits() {
            self.confirmations.lapse(&mut self.store, now);
            self.confirmations.show(&self.tracker);
        }
        if self.tracker.end_follows(now) {
            self.changes.send_modify(|count| *count += 1);
        }
        self.direct();
    }

    /// Says whom the cameras are to look for, at most once a period.
    fn direct(&mut self) {
        let now = self.clock.now();
        if self.directed.is_some_and(|last| now.since(last) < DIRECT_EVERY) {
            return;
        }
        self.directed = Some(now);
        let directives = self.tracker.directives();
        self.directives.send_if_modified(|stand| {
            let changed = **stand != directives;
            if changed {
                *stand = Arc::new(directives);
            }
            changed
        });
    }

    /// Writes the tracker down, so that the next start need not read the whole log.
    fn keep(&mut self) {
        (self.kept, self.kept_at) = (self.store.newest(), self.clock.now());
        if let Err(error) = travellers::keep(&self.plan, &self.tracker, &mut self.store, self.audited) {
            tracing::warn!(%error, "the site's state cannot be written down; the next start takes longer");
        }
    }

    fn commit(&mut self, appends: Vec<Append>) {
        let mut events: Vec<EdgeEvent> = Vec::new();
        let mut waiting = Vec::new();
        for append in appends {
            let start = events.len();
            events.extend(append.events);
            waiting.push((start..events.len(), append.done));
        }
        if waiting.is_empty() {
            return;
        }
        let done = match self.store.append(&events, self.clock.unix_micros()) {
            Ok(done) => done,
            Err(error) => return self.refuse(waiting, &error),
        };
        if !self.accepting.send_replace(true) {
            tracing::info!("the store takes events again");
        }
        let conflicts = self.publish(&events, done);
        for (range, reply) in waiting {
            let refused = conflicts.iter().filter(|index| range.contains(index)).map(|index| Refused {
                index: index - range.start,
                why: format!("the store holds another event as {}", events[*index].id),
            });
            // An uplink that broke off meanwhile sends these again; that is harmless.
            let _ = reply.send(Ok(refused.collect()));
        }
    }

    /// Feeds the tracker and the consoles; returns the indices of events refused for good.
    fn publish(&mut self, events: &[EdgeEvent], done: Appended) -> Vec<usize> {
        for (index, committed) in &done.committed {
            self.tracker.accept(&events[*index]);
            self.desk.accept(committed, &events[*index]);
            self.layouts.note(&mut self.store, &events[*index]);
        }
        self.changes.send_modify(|count| *count += 1);
        for change in self.tracker.take_identity_changes() {
            let (traveller, track) = (change.identity.traveller, &change.track);
            tracing::debug!(%track, %traveller, lifecycle = ?change.lifecycle, "identity");
        }
        self.tail.announce(done.committed.into_iter().map(|(index, message)| Record::new(message, &events[index])));
        self.tell();
        self.desk.show();
        for index in &done.conflicts {
            tracing::error!(event = %events[*index].id, "an edge reused an event's id for another event; refused");
        }
        done.conflicts
    }

    /// Commits what the tracker has to tell of those who are followed. It is said again, with the same name, when the log is
    /// read again: what cannot be committed now is not lost.
    fn tell(&mut self) {
        let told = self.tracker.take_told();
        if told.is_empty() {
            return;
        }
        match self.store.append(&told, self.clock.unix_micros()) {
            Ok(done) => {
                for (index, committed) in &done.committed {
                    self.desk.accept(committed, &told[*index]);
                }
                let records = done.committed.into_iter().map(|(index, message)| Record::new(message, &told[index]));
                self.tail.announce(records);
            }
            Err(error) => tracing::error!(%error, "what is to be told of travellers is told after the next start"),
        }
    }

    fn refuse(&self, waiting: Vec<(Range<usize>, Reply)>, error: &StoreError) {
        if self.accepting.send_replace(false) {
            tracing::error!(%error, "the store takes no events; edges keep theirs");
        }
        for (_, reply) in waiting {
            let _ = reply.send(Err(Fault(format!("the store takes no events: {error}"))));
        }
    }

    /// Whoever asked may have left meanwhile and then wants no answer.
    fn answer(&mut self, question: Command) {
        match question {
            Command::Append(append) => self.commit(vec![append]),
            Command::Overview(reply) => {
                let clocks = self.tracker.travellers().clock_offsets().clone();
                let _ =
                    reply.send(Overview { sequence: self.store.newest(), cameras: self.tracker.overview(), clocks });
            }
            Command::Act { act, reply } => {
                let _ = reply.send(self.act(&Act { at: self.clock.unix_micros(), ..act }));
            }
            Command::Decide { decide, reply } => {
                let _ = reply.send(self.decide(decide));
            }
            Command::Look { look, reply } => {
                let at = self.clock.unix_micros();
                let _ = reply.send(self.desk.look(&mut self.store, &look, at));
            }
            Command::Travellers(call) => {
                let now = self.clock.unix_micros();
                let Self { tracker, store, confirmations, .. } = self;
                if let Some(number) = travellers::answer(tracker, store, confirmations, now, call) {
                    self.audited = number;
                    self.changes.send_modify(|count| *count += 1);
                }
            }
            Command::Plan(call) => {
                let at = (self.clock.now(), self.clock.unix_micros());
                self.layouts.answer(&mut self.store, &self.plan.topology, at, call);
            }
            Command::Shadow { from, to, reply } => {
                let _ = reply.send(self.desk.shadow(from, to, self.clock.unix_micros()));
            }
        }
    }

    /// Does something with an alert, or proposes it.
    fn act(&mut self, act: &Act) -> Result<Done<Alert>, ActFault> {
        let proposed = ProposedAct::of_alert(act).filter(|proposed| self.confirmations.asks(proposed));
        let Some(proposed) = proposed else {
            return self.desk.act(&mut self.store, act).map(|with| Done { with, proposal: None });
        };
        let with = self.desk.allows(act)?;
        let by = (act.operator.as_str(), act.at);
        let number = self.confirmations.propose::<ActFault>(&mut self.store, by, proposed)?;
        self.confirmations.show(&self.tracker);
        Ok(Done { with, proposal: Some(number) })
    }

    /// Confirms or declines a proposal.
    fn decide(&mut self, decide: Decide) -> Result<ProposalShown, DecideFault> {
        let Self { tracker, desk, store, .. } = self;
        let mut hands = Hands { tracker, desk, store, now: self.clock.unix_micros() };
        let (shown, number) = self.confirmations.decide(&mut hands, decide)?;
        self.audited = number;
        self.changes.send_modify(|count| *count += 1);
        Ok(shown)
    }

    /// Forgets a bounded number of old events, once a period or, while there is more to forget, at every turn.
    fn expire(&mut self) {
        let now = self.clock.now();
        if self.expired.is_some_and(|last| now.since(last) < EXPIRE_EVERY) {
            return;
        }
        self.expired = Some(now);
        match self.forget() {
            Ok(true) => self.expired = None,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "old events cannot be deleted"),
        }
    }

    /// Forgets what is too old; whether there is more to forget.
    fn forget(&mut self) -> Result<bool, StoreError> {
        let now = self.clock.unix_micros();
        let gone = self.store.expire(self.retention, now, EXPIRE_ROWS_MAX)?;
        let looked = self.store.clear(self.retention, now, EXPIRE_ROWS_MAX)?;
        if gone + looked > 0 {
            // Consoles that are behind read from the store what is left.
            let cleared = self.store.cleared()? + 1;
            self.tail.forget_before(self.store.oldest().max(cleared));
        }
        Ok(gone >= EXPIRE_ROWS_MAX || looked >= EXPIRE_ROWS_MAX)
    }
}

fn serve_reads(reader: &mut EventReader, retention: Retention, mut queries: mpsc::Receiver<Query>) {
    while let Some(query) = queries.blocking_recv() {
        match query {
            Query::Read { from, filter, events_max, reply } => {
                let page = reader.read(from, &filter, events_max);
                let page = page.map(|p| rpc::Page { events: p.events, next: p.next, oldest: p.oldest });
                // A console that left meanwhile wants no answer.
                let _ = reply.send(page.map_err(fault));
            }
            Query::Audit { before, limit, reply } => {
                let _ = reply.send(alerts::audit(reader, before, limit).map_err(fault));
            }
            Query::Kept { limit, reply } => {
                let _ = reply.send(kept(reader, retention, limit).map_err(fault));
            }
            Query::PositionAt { unix_micros, reply } => {
                let _ = reply.send(reader.position_at(unix_micros).map_err(fault));
            }
        }
    }
}

/// What is kept of each class, and what was deleted.
fn kept(reader: &mut EventReader, retention: Retention, limit: usize) -> Result<Kept, StoreError> {
    let mut classes = Vec::new();
    for class in Class::ALL {
        classes.push(KeptClass { class: class.as_str(), keep: retention.of(class), oldest: reader.oldest(class)? });
    }
    let receipt = |Receipt { class, hour, count, oldest, newest }| Deletion { class, hour, count, oldest, newest };
    Ok(Kept { classes, deletions: reader.receipts(limit)?.into_iter().map(receipt).collect() })
}

fn fault(error: StoreError) -> Fault {
    tracing::error!(%error, "the store cannot be read");
    Fault(format!("the store cannot be read: {error}"))
}
