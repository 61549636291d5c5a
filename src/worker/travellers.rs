//! The site's tracker within the log: as it stood after a restart, written down now and then, and worked on by operators.

use serde::{Deserialize, Serialize};

use super::alerts::Acts;
use super::proposals::{self, Confirmations};
use crate::association::{AssociationSettings, Topology, TravellerId};
use crate::central::{CentralTracker, EventFilter, ProposedAct, TravellerAct, TravellerAction};
use crate::rpc::{Done, Fault, FollowShown, TravellerCall, TravellerRefusal};
use crate::store::{AuditEntry, EventReader, EventStore, Snapshot, StoreError};
use crate::wire::{self, v1};
use prost::Message;

/// Newest events that the tracker is fed again at start, where no state was written down; a state is written down after as many.
pub(super) const REPLAY_EVENTS_MAX: u64 = 65_536;
const REPLAY_PAGE: usize = 1_024;
/// Another number is another layout: such a state is not read.
const LAYOUT: u16 = 9;

/// A tracker as it is written down.
#[derive(Serialize, Deserialize)]
struct Written<T> {
    layout: u16,
    /// Longer and the same tracker would have taken events in another order.
    lateness_micros: i64,
    tracker: T,
    /// Messages of the events that wait for earlier ones.
    waiting: Vec<Vec<u8>>,
}

/// What the tracker must know of its site.
#[derive(Debug, Clone, PartialEq)]
pub struct SitePlan {
    /// How long arrival order does not matter, microseconds.
    pub lateness_micros: i64,
    /// How the cameras lie to each other.
    pub topology: Topology,
}

/// The tracker as it stood: from the newest state written down, or else from the newest events, with operators' acts in
/// their place among the events.
pub(super) fn rebuilt(plan: &SitePlan, reader: &mut EventReader, newest: u64) -> Result<CentralTracker, StoreError> {
    let snapshot = reader.snapshot()?;
    let (mut tracker, mut next, audited) = match snapshot.and_then(|snapshot| restored(plan, snapshot)) {
        Some((tracker, snapshot)) => (tracker, snapshot.sequence + 1, snapshot.audited),
        None => {
            let next = newest.saturating_sub(REPLAY_EVENTS_MAX) + 1;
            let mut tracker = CentralTracker::with_topology(plan.lateness_micros, plan.topology.clone());
            tracker.number_from(next - 1);
            (tracker, next, 0)
        }
    };
    let mut acts = Acts::after(audited);
    let mut act = acts.next(reader)?;
    let all = EventFilter::default();
    while next <= newest {
        let page = reader.read(next, &all, REPLAY_PAGE)?;
        for message in page.events {
            while let Some(due) = act.take_if(|a| a.after < message.sequence) {
                redo(&mut tracker, due);
                act = acts.next(reader)?;
            }
            match message.event.map(wire::event_from_proto) {
                Some(Ok(event)) => tracker.accept(&event),
                Some(Err(error)) => {
                    tracing::warn!(sequence = message.sequence, %error, "a stored event cannot be read")
                }
                None => {}
            }
        }
        next = page.next;
        tracker.take_identity_changes();
    }
    while let Some(due) = act {
        redo(&mut tracker, due);
        act = acts.next(reader)?;
    }
    tracker.take_identity_changes();
    Ok(tracker)
}

/// The tracker of a snapshot; none where it is of another layout or of a site that was another one.
fn restored(plan: &SitePlan, snapshot: Snapshot) -> Option<(CentralTracker, Snapshot)> {
    let anew = |why: &str| {
        tracing::warn!(why, "the state written down is not used; travellers are found anew from the newest events");
        None
    };
    let Ok(written) = postcard::from_bytes::<Written<CentralTracker>>(&snapshot.body) else {
        return anew("it cannot be read");
    };
    let Written { layout, lateness_micros, mut tracker, waiting } = written;
    if layout != LAYOUT {
        return anew("it is of another version");
    }
    let travellers = tracker.travellers();
    let same = (travellers.topology(), travellers.settings()) == (&plan.topology, &AssociationSettings::default());
    if !same || lateness_micros != plan.lateness_micros {
        return anew("the site's settings changed");
    }
    for message in waiting {
        match v1::Event::decode(message.as_slice()).map(wire::event_from_proto) {
            Ok(Ok(event)) => tracker.wait_again(event),
            _ => return anew("an event in it cannot be read"),
        }
    }
    Some((tracker, snapshot))
}

/// Writes the tracker down.
pub(super) fn keep(
    plan: &SitePlan,
    tracker: &CentralTracker,
    store: &mut EventStore,
    audited: u64,
) -> Result<(), StoreError> {
    let waiting = tracker.waiting().map(|event| wire::event_to_proto(event).encode_to_vec()).collect();
    let written = Written { layout: LAYOUT, lateness_micros: plan.lateness_micros, tracker, waiting };
    match postcard::to_allocvec(&written) {
        Ok(body) => store.keep_snapshot(&Snapshot { sequence: store.newest(), audited, body }),
        Err(error) => {
            tracing::error!(%error, "the site's state cannot be written down");
            Ok(())
        }
    }
}

/// Answers a question or does what is asked; the number in the audit log if something was done.
pub(super) fn answer(
    tracker: &mut CentralTracker,
    store: &mut EventStore,
    confirmations: &mut Confirmations,
    now: i64,
    call: TravellerCall,
) -> Option<u64> {
    // Whoever asked may have left meanwhile and then wants no answer.
    match call {
        TravellerCall::List(reply) => {
            let followed = tracker.follows().open().filter_map(|f| tracker.travellers().identity(&f.track));
            let followed = followed.map(|identity| identity.traveller).collect();
            let _ = reply.send((tracker.summaries().into_values().collect(), followed));
        }
        TravellerCall::Get { id, reply } => {
            let now = tracker.travellers().became(id).unwrap_or(id);
            let _ = reply.send(tracker.traveller(now));
        }
        TravellerCall::Of { track, reply } => {
            let whom = tracker.travellers().identity(&track).map(|identity| identity.traveller);
            let _ = reply.send(whom.and_then(|id| tracker.traveller(id)));
        }
        TravellerCall::Follows(reply) => {
            let whom = |track| tracker.travellers().identity(track).map(|identity| identity.traveller);
            let follows = tracker.follows().iter();
            let shown = follows.map(|f| FollowShown { traveller: whom(&f.track), follow: f.clone() }).collect();
            let _ = reply.send(shown);
        }
        TravellerCall::Act { act, reply } => {
            let act = TravellerAct { at: now, ..act };
            let proposed = ProposedAct::Traveller(act.action.clone());
            let (answer, number) = if confirmations.asks(&proposed) {
                (propose(tracker, store, confirmations, &act), None)
            } else {
                match act_on(tracker, store, &act) {
                    Ok((with, number)) => (Ok(Done { with, proposal: None }), Some(number)),
                    Err(refusal) => (Err(refusal), None),
                }
            };
            let _ = reply.send(answer);
            return number;
        }
    }
    None
}

/// Writes an act down that waits for a second person, if it can be done as things stand now.
fn propose(
    tracker: &CentralTracker,
    store: &mut EventStore,
    confirmations: &mut Confirmations,
    act: &TravellerAct,
) -> Result<Done<TravellerId>, TravellerRefusal> {
    tracker.allows(act)?;
    let with = match act.action {
        TravellerAction::Follow { traveller, .. } | TravellerAction::Split { traveller, .. } => traveller,
        TravellerAction::Merge { a, .. } => a,
        TravellerAction::EndFollow { .. } => TravellerId(0),
    };
    let proposed = ProposedAct::Traveller(act.action.clone());
    let number = confirmations.propose::<TravellerRefusal>(store, (&act.operator, act.at), proposed)?;
    confirmations.show(tracker);
    Ok(Done { with, proposal: Some(number) })
}

/// Writes an act down and does it. What is answered is on the disk.
fn act_on(
    tracker: &mut CentralTracker,
    store: &mut EventStore,
    act: &TravellerAct,
) -> Result<(TravellerId, u64), TravellerRefusal> {
    tracker.allows(act)?;
    let entry = AuditEntry {
        at: act.at,
        operator: act.operator.clone(),
        action: act.action.as_str().to_owned(),
        text: serde_json::to_string(&act.action).map_err(|error| Fault(error.to_string()))?,
        ..AuditEntry::default()
    };
    let number = store.audit(&entry).map_err(|error| {
        tracing::error!(%error, "an operator's act cannot be written down");
        Fault(format!("the store takes nothing: {error}"))
    })?;
    Ok((tracker.act(act)?, number))
}

/// Does again what was done. What it was done with may be forgotten, and other entries of the log are no acts of this kind.
fn redo(tracker: &mut CentralTracker, entry: AuditEntry) {
    let act = match proposals::confirmed(&entry) {
        Some(confirmed) => confirmed.with_traveller(&entry.operator, entry.at),
        None => {
            let AuditEntry { at, operator, action, text, .. } = entry;
            let read = serde_json::from_str::<TravellerAction>(&text).ok().filter(|read| read.as_str() == action);
            read.map(|action| TravellerAct { operator, confirmed_by: None, at, action })
        }
    };
    if let Some(act) = act {
        let _ = tracker.act(&act);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::central::events;
    use crate::evaluation::travellers::{HallPlan, hall};
    use crate::event::EdgeEvent;

    const COMMITTED: i64 = 1_767_225_600_000_000;

    struct Log {
        _folder: tempfile::TempDir,
        store: EventStore,
        reader: EventReader,
        plan: SitePlan,
    }

    impl Log {
        fn append(&mut self, tracker: &mut CentralTracker, events: &[EdgeEvent]) {
            self.store.append(events, COMMITTED).unwrap();
            events.iter().for_each(|event| tracker.accept(event));
            tracker.take_identity_changes();
        }

        fn rebuilt(&mut self) -> CentralTracker {
            rebuilt(&self.plan, &mut self.reader, self.store.newest()).unwrap()
        }
    }

    /// The events of a small hall and an empty log for them.
    fn stage() -> (Vec<EdgeEvent>, Log, CentralTracker) {
        let recording =
            hall(HallPlan { seed: 3, cameras: 4, travellers: 12, minutes: 4, ..HallPlan::default() }).unwrap();
        let plan = SitePlan { lateness_micros: 2_000_000, topology: recording.topology.clone() };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.sqlite");
        let store = EventStore::open(&path).unwrap();
        let reader = EventReader::open(&path).unwrap();
        let tracker = CentralTracker::with_topology(plan.lateness_micros, plan.topology.clone());
        (events(&recording.sightings), Log { _folder: folder, store, reader, plan }, tracker)
    }

    #[test]
    fn log_snapshot_and_acts_give_the_state_that_was() {
        let (events, mut log, mut tracker) = stage();
        let (first, second) = events.split_at(events.len() / 2);
        log.append(&mut tracker, first);
        let whom = *tracker.summaries().keys().next().unwrap();
        let (case, purpose) = ("C-1".to_owned(), "a bag".to_owned());
        let follow = TravellerAction::Follow { traveller: whom, case, purpose, seconds: 600 };
        let act = TravellerAct { operator: "kim".to_owned(), confirmed_by: None, at: COMMITTED, action: follow };
        let (_, audited) = act_on(&mut tracker, &mut log.store, &act).unwrap();
        assert!(tracker == log.rebuilt(), "from the log alone");
        keep(&log.plan, &tracker, &mut log.store, audited).unwrap();
        assert!(tracker == log.rebuilt(), "from what was written down");
        assert!(tracker.waiting().count() > 0, "some events waited for earlier ones");
        log.append(&mut tracker, second);
        let (a, b) = (tracker.summaries(), log.rebuilt());
        assert_eq!(a, b.summaries());
        assert!(tracker == b, "from what was written down and the log since");
    }

    #[test]
    fn what_cannot_be_used_is_left_and_no_number_is_given_twice() {
        let (events, mut log, mut tracker) = stage();
        log.append(&mut tracker, &events);
        keep(&log.plan, &tracker, &mut log.store, 0).unwrap();
        let newest = log.store.newest();
        for (body, sequence) in [(vec![9, 9, 9], newest), (Vec::new(), newest)] {
            log.store.keep_snapshot(&Snapshot { sequence, audited: 0, body }).unwrap();
            assert_eq!(log.rebuilt().summaries(), tracker.summaries());
        }
        keep(&log.plan, &tracker, &mut log.store, 0).unwrap();
        log.plan.topology = Topology::unknown();
        let anew = log.rebuilt();
        assert!(anew != tracker && anew.travellers().topology() == &Topology::unknown());
        // A log of which the beginning is gone begins with numbers that were never given.
        let mut later = CentralTracker::new(0);
        later.number_from(newest);
        log.append(&mut later, &events[..1]);
        later.finish();
        assert!(later.summaries().keys().all(|id| id.0 > newest), "{:?}", later.summaries());
    }
}
