//! What is deleted out of the log, what stays, and the receipts.

use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::appearance::Appearance;
use crate::central::EventFilter;
use crate::event::vital::{Estimate as VitalEstimate, Reason, Window};
use crate::event::{EdgeEvent, EventBody, FloorPlace, TrackReport, VitalReport, VitalSign};
use crate::frame::ObjectClass;
use crate::ids::TrackId;
use crate::store::samples::{T0, alert, event};
use crate::store::{AuditEntry, EventReader};
use crate::time::{CaptureTime, MediaTime};
use crate::units::{Estimate, Unavailable};

const SECOND: i64 = 1_000_000;
const KEEP: Retention = Retention {
    events: Duration::from_secs(1_000),
    events_max: 1_000_000,
    appearance: Duration::from_secs(10),
    vital_signs: Duration::from_secs(20),
    audit: Duration::from_secs(1),
};

fn seen(number: u64) -> EdgeEvent {
    let body = EventBody::Track(TrackReport {
        class: ObjectClass::Person,
        since: CaptureTime::exact(T0),
        age_s: 1.0,
        score: 1.0,
        speed: Estimate::Unavailable(Unavailable::TooShort),
        floor: FloorPlace::Unavailable(Unavailable::NotCalibrated),
        floor_speed: Estimate::Unavailable(Unavailable::NotCalibrated),
        carriers: Vec::new(),
        appearance: Appearance::normalised(&[0.6, 0.8], 1.0),
    });
    EdgeEvent { track: Some(TrackId(1)), body, ..event("gate", 1, number) }
}

fn read(number: u64) -> EdgeEvent {
    let window = Window { start: MediaTime(0), end: MediaTime(1) };
    let estimate = VitalEstimate::Unavailable { reasons: vec![Reason::NoPulse], window };
    let report = VitalReport { sign: VitalSign::Pulse, estimate, method: None };
    EdgeEvent {
        zone: Some("where-nobody-reads-it".to_owned()),
        body: EventBody::Vital(report),
        ..event("gate", 1, number)
    }
}

/// A track, a reading and an alert a second for forty seconds, and an act at every tenth.
fn log() -> (TempDir, EventStore) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = EventStore::open(&folder.path().join("events.db")).unwrap();
    for second in 0..40_u64 {
        let at = T0 + second.cast_signed() * SECOND;
        let number = 3 * second;
        store.append(&[seen(number), read(number + 1), alert("gate", 1, number + 2)], at).unwrap();
        if second % 10 == 0 {
            store.audit(&AuditEntry { at, operator: "kim".to_owned(), ..AuditEntry::default() }).unwrap();
        }
    }
    (folder, store)
}

fn all(path: &Path) -> Vec<v1::SiteEvent> {
    EventReader::open(path).unwrap().read(1, &EventFilter::default(), usize::MAX).unwrap().events
}

/// How many of the log's events have a look, and how many are readings.
fn left(path: &Path) -> (usize, usize) {
    let bodies = all(path).into_iter().filter_map(|site| site.event?.body);
    bodies.fold((0, 0), |(looks, readings), body| match body {
        v1::event::Body::TrackReport(report) => (looks + usize::from(report.appearance.is_some()), readings),
        v1::event::Body::VitalReport(_) => (looks, readings + 1),
        _ => (looks, readings),
    })
}

fn clear_all(store: &mut EventStore, keep: Retention, now: i64) {
    for _ in 0..100 {
        if store.clear(keep, now, 7).unwrap() == 0 {
            return;
        }
    }
    panic!("it never ends");
}

#[test]
fn looks_and_readings_go_before_the_events_and_leave_receipts() {
    let (_folder, mut store) = log();
    let path = store.path();
    let now = T0 + 40 * SECOND;
    assert_eq!(left(&path), (40, 40));
    clear_all(&mut store, KEEP, now);
    // What was committed 10 s ago stays.
    assert_eq!(left(&path), (10, 20));
    let sequences: Vec<u64> = all(&path).iter().map(|site| site.sequence).collect();
    assert_eq!((sequences.len(), sequences[0], *sequences.last().unwrap()), (100, 1, 120));
    let mut reader = EventReader::open(&path).unwrap();
    let told = |reader: &mut EventReader| {
        let receipts = reader.receipts(10).unwrap();
        receipts
            .into_iter()
            .map(|r| (r.class, r.count, (r.oldest - T0) / SECOND, (r.newest - T0) / SECOND))
            .collect::<Vec<_>>()
    };
    let expected = [("appearance", 30, 0, 29), ("vital_signs", 20, 0, 19)];
    assert_eq!(told(&mut reader), expected.map(|(class, n, a, b)| (class.to_owned(), n, a, b)));
    let oldest = |reader: &mut EventReader, class| (reader.oldest(class).unwrap().unwrap() - T0) / SECOND;
    let ages = Class::ALL.map(|class| oldest(&mut reader, class));
    assert_eq!(ages, [0, 30, 20, 0], "the audit log stays as long as the events that are read with it");

    // Sent again, what was deleted is no other event and does not come back.
    let again = store.append(&[read(1), seen(0)], now).unwrap();
    assert_eq!((again.duplicates, again.conflicts.len(), again.committed.len()), (2, 0, 0));
    assert_eq!(left(&path), (10, 20));

    // In the end all of it goes, and what it was can be seen from the receipts of the second hour.
    let late = now + 3_600 * SECOND;
    while store.expire(KEEP, late, 50).unwrap() > 0 {}
    clear_all(&mut store, KEEP, late);
    assert_eq!(told(&mut reader)[..2], [("audit".to_owned(), 4, 0, 30), ("events".to_owned(), 120, 0, 39)]);
    assert!(Class::ALL.into_iter().all(|class| reader.oldest(class).unwrap().is_none()));
}

#[test]
fn what_is_deleted_is_no_longer_in_the_file() {
    let (folder, mut store) = log();
    let found = || {
        let files = std::fs::read_dir(folder.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        files.map(|bytes| bytes.windows(21).filter(|w| w == b"where-nobody-reads-it").count()).sum::<usize>()
    };
    assert!(found() >= 40);
    clear_all(&mut store, Retention { vital_signs: Duration::ZERO, ..KEEP }, T0 + 41 * SECOND);
    drop(store);
    assert_eq!(found(), 0);
}
