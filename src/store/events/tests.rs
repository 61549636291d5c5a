//! The log: numbering, idempotence, filters, retention, a full disk.

use std::time::Duration;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::central::EventFilter;
use crate::event::Severity;
use crate::store::samples::{T0, alert, camera, event, events};
use crate::store::{EventReader, Page};

const KEEP_ALL: Retention = Retention {
    events: Duration::from_secs(3_600),
    events_max: 1_000_000,
    appearance: Duration::from_secs(3_600),
    vital_signs: Duration::from_secs(3_600),
    audit: Duration::from_secs(3_600),
};

struct Log {
    folder: TempDir,
    store: EventStore,
}

impl Log {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = EventStore::open(&folder.path().join("events.db")).unwrap();
        Self { folder, store }
    }

    fn reopen(self) -> Self {
        let Self { folder, store } = self;
        drop(store);
        let store = EventStore::open(&folder.path().join("events.db")).unwrap();
        Self { folder, store }
    }

    fn page(&self, from: u64, filter: &EventFilter, max: usize) -> Page {
        EventReader::open(&self.store.path()).unwrap().read(from, filter, max).unwrap()
    }

    fn sequences(&self, from: u64) -> Vec<u64> {
        self.page(from, &EventFilter::default(), usize::MAX).events.iter().map(|e| e.sequence).collect()
    }
}

#[test]
fn sequences_have_no_holes_and_ids_are_kept_once() {
    let mut log = Log::new();
    let first = log.store.append(&events("gate", 1, 1..=3), T0).unwrap();
    assert_eq!(first.committed.iter().map(|(i, e)| (*i, e.sequence)).collect::<Vec<_>>(), [(0, 1), (1, 2), (2, 3)]);
    let again = log.store.append(&events("gate", 1, 2..=5), T0 + 1).unwrap();
    assert_eq!((again.duplicates, again.conflicts.len()), (2, 0));
    assert_eq!(again.committed.iter().map(|(i, e)| (*i, e.sequence)).collect::<Vec<_>>(), [(2, 4), (3, 5)]);
    let mut log = log.reopen();
    assert_eq!(log.store.newest(), 5);
    assert_eq!(log.store.append(&events("gate", 2, 1..=1), T0).unwrap().committed[0].1.sequence, 6);
    assert_eq!(log.sequences(1), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn an_id_with_other_content_is_a_conflict() {
    let mut log = Log::new();
    log.store.append(&events("gate", 1, 1..=2), T0).unwrap();
    let done = log.store.append(&[event("gate", 1, 1), alert("gate", 1, 2), event("gate", 1, 3)], T0).unwrap();
    assert_eq!((done.duplicates, done.conflicts, done.committed.len()), (1, vec![1], 1));
}

#[test]
fn commit_times_never_descend_and_positions_are_found_by_time() {
    let mut log = Log::new();
    for (n, at) in [(1, 10), (2, 30), (3, 20), (4, 40)] {
        log.store.append(&[event("gate", 1, n)], T0 + at).unwrap();
    }
    let mut reader = EventReader::open(&log.store.path()).unwrap();
    let times: Vec<i64> =
        log.page(1, &EventFilter::default(), 9).events.iter().map(|e| e.committed_unix_micros - T0).collect();
    assert_eq!(times, [10, 30, 30, 40]);
    for (at, position) in [(0, 1), (10, 1), (11, 2), (30, 2), (31, 4), (40, 4), (41, 5)] {
        assert_eq!(reader.position_at(T0 + at).unwrap(), position, "{at}");
    }
}

#[test]
fn filters_are_applied_by_the_database() {
    let mut log = Log::new();
    let batch = [event("gate", 1, 1), alert("gate", 1, 2), event("hall", 1, 1), alert("hall", 1, 2)];
    log.store.append(&batch, T0).unwrap();
    let filter = |cameras: &[&str], kinds: &[&str], severity| {
        let kinds = kinds.iter().map(|k| (*k).to_owned()).collect();
        EventFilter::new(cameras.iter().map(|c| camera(c)).collect(), kinds, severity).unwrap()
    };
    for (filter, expected) in [
        (filter(&[], &[], Severity::Info), vec![1, 2, 3, 4]),
        (filter(&["hall"], &[], Severity::Info), vec![3, 4]),
        (filter(&["hall", "gate"], &["camera_offline"], Severity::Info), vec![2, 4]),
        (filter(&[], &[], Severity::Attention), vec![2, 4]),
        (filter(&["gate"], &["clock_suspect"], Severity::Alert), vec![]),
    ] {
        let page = log.page(1, &filter, 100);
        assert_eq!(page.events.iter().map(|e| e.sequence).collect::<Vec<_>>(), expected, "{filter:?}");
        assert_eq!((page.next, page.oldest), (5, 1));
    }
    let short = log.page(1, &filter(&[], &[], Severity::Attention), 1);
    assert_eq!((short.events.len(), short.next), (1, 3));
}

#[test]
fn retention_deletes_the_oldest_in_bounded_steps() {
    let mut log = Log::new();
    for n in 1..=20 {
        log.store.append(&[event("gate", 1, n)], T0 + n.cast_signed() * 1_000_000).unwrap();
    }
    let now = T0 + 20_000_000;
    assert_eq!(log.store.expire(KEEP_ALL, now, 100).unwrap(), 0);
    let by_count = Retention { events_max: 15, ..KEEP_ALL };
    assert_eq!(log.store.expire(by_count, now, 3).unwrap(), 3);
    assert_eq!(log.store.expire(by_count, now, 3).unwrap(), 2);
    assert_eq!(log.store.expire(by_count, now, 3).unwrap(), 0);
    assert_eq!((log.page(1, &EventFilter::default(), 1).oldest, log.store.oldest()), (6, 6));
    let by_age = Retention { events: Duration::from_secs(10), ..KEEP_ALL };
    assert_eq!(log.store.expire(by_age, now, 100).unwrap(), 4);
    assert_eq!(log.sequences(1), (10..=20).collect::<Vec<_>>());
    // All of it may go; numbering goes on all the same.
    assert_eq!(log.store.expire(by_age, now + 60_000_000, 100).unwrap(), 11);
    let mut log = log.reopen();
    assert_eq!((log.store.newest(), log.sequences(1)), (20, vec![]));
    assert_eq!(log.page(1, &EventFilter::default(), 1), Page { events: vec![], next: 21, oldest: 21 });
    // Sent again after it has expired, an event does not come back; the next one of its camera is new.
    let again = log.store.append(&events("gate", 1, 18..=21), now).unwrap();
    assert_eq!((again.duplicates, again.committed.len(), again.committed[0].1.sequence), (3, 1, 21));
}

#[test]
fn a_full_disk_is_an_error_that_passes() {
    let mut log = Log::new();
    log.store.append(&events("gate", 1, 1..=100), T0).unwrap();
    log.store.limit_pages(20);
    let mut stored = 100;
    let error = loop {
        match log.store.append(&events("gate", 1, stored + 1..=stored + 50), T0) {
            Ok(_) => stored += 50,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full { .. }) && error.to_string().contains("events.db"), "{error}");
    assert_eq!(log.store.newest(), stored);
    assert_eq!(log.sequences(1).len() as u64, stored);
    log.store.limit_pages(10_000);
    log.store.append(&events("gate", 1, stored + 1..=stored + 50), T0).unwrap();
    assert_eq!(log.reopen().sequences(1), (1..=stored + 50).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// Batches sent again in any overlap, with a restart anywhere, leave each event once and no hole.
    #[test]
    fn resending_is_harmless(steps in prop::collection::vec((0_u64..30, 1_u64..12, any::<bool>()), 1..12)) {
        let mut log = Log::new();
        let mut sent = 0;
        for (back, count, restart) in steps {
            let from = sent - back.min(sent) + 1;
            let to = from + count - 1;
            log.store.append(&events("gate", 1, from..=to), T0).unwrap();
            sent = sent.max(to);
            if restart {
                log = log.reopen();
            }
        }
        prop_assert_eq!(log.sequences(1), (1..=sent).collect::<Vec<_>>());
    }
}
