//! What is kept, for how long, and what goes first.

use std::sync::Arc;

use super::*;
use crate::event::{Behaviour, BehaviourReport, Provenance, SystemReport, TraceContext};

const STILL_BYTES: usize = 1_000;

fn settings() -> EvidenceSettings {
    EvidenceSettings {
        before: Duration::from_secs(2),
        after: Duration::from_secs(1),
        keep: Duration::from_secs(60),
        bytes_max: 1 << 20,
    }
}

fn name(boot: u32, sequence: u64) -> EventId {
    EventId { camera: CameraId::new("hall").unwrap(), boot: BootId(boot), sequence }
}

fn still(boot: u32, second: f64) -> Arc<Still> {
    let (media, at) = (MediaTime::from_seconds(second), CaptureTime::exact((second * 1e6) as i64));
    Arc::new(Still {
        boot: BootId(boot),
        media,
        at,
        jpeg: vec![0; STILL_BYTES],
        people: Vec::new(),
        full: (640, 360),
        rate: None,
    })
}

fn fall(boot: u32, sequence: u64, second: f64, lifecycle: Lifecycle) -> EdgeEvent {
    let capture_time = CaptureTime::exact(0);
    let (behaviour, others) = (Behaviour::Fall, Vec::new());
    EdgeEvent {
        id: name(boot, sequence),
        lifecycle,
        severity: Severity::Alert,
        capture_time,
        media_time: MediaTime::from_seconds(second),
        frame: 1,
        track: Some(TrackId(1)),
        bbox: None,
        zone: None,
        reasons: Vec::new(),
        provenance: Arc::new(Provenance { models: String::new(), configuration: String::new() }),
        trace: TraceContext { trace: 1, span: 1 },
        body: EventBody::Behaviour(BehaviourReport { behaviour, since: capture_time, others, bag: None }),
    }
}

/// Media seconds of the stills kept of an event.
fn seconds(evidence: &Evidence, name: &EventId) -> Option<Vec<f64>> {
    evidence.with(|keeper| {
        let clip = keeper.clips.iter().find(|clip| clip.names.contains(name))?;
        Some(clip.stills.iter().map(|still| still.media.seconds()).collect())
    })
}

fn play(evidence: &Evidence, boot: u32, from: f64, to: f64) {
    for half in (2.0 * from) as i32..=(2.0 * to) as i32 {
        evidence.with(|keeper| keeper.push(still(boot, f64::from(half) / 2.0)));
    }
}

fn at(seconds: u64) -> Now {
    Now(Duration::from_secs(seconds))
}

#[test]
fn it_keeps_from_before_to_after_and_a_later_report_is_of_the_same() {
    let evidence = Evidence::new(settings());
    play(&evidence, 1, 0.0, 5.0);
    evidence.events(&[fall(1, 1, 5.0, Lifecycle::New)], at(0));
    play(&evidence, 1, 5.5, 9.0);
    evidence.events(&[fall(1, 2, 9.0, Lifecycle::Update), fall(1, 3, 9.0, Lifecycle::End)], at(4));
    let kept = seconds(&evidence, &name(1, 1));
    assert_eq!(kept, Some(vec![3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0]));
    assert_eq!((seconds(&evidence, &name(1, 2)), seconds(&evidence, &name(1, 3))), (kept, None));
    assert_eq!(evidence.with(|keeper| keeper.ring.len()), 5);
}

#[test]
fn what_is_of_no_weight_is_not_kept() {
    let evidence = Evidence::new(settings());
    play(&evidence, 1, 0.0, 2.0);
    let told = fall(1, 1, 2.0, Lifecycle::New);
    evidence.events(&[EdgeEvent { severity: Severity::Info, ..told.clone() }], at(0));
    let dropped = SystemReport::QueueDropped { queue: "outbox".to_owned(), count: 1 };
    evidence.events(&[EdgeEvent { body: EventBody::System(dropped), ..told }], at(0));
    assert_eq!(evidence.find(&name(1, 1), true, at(0)).unwrap(), Found::Unknown);
}

/// Tracks of another run are others under the same numbers.
#[test]
fn another_run_is_never_mixed_with_the_one_before() {
    let evidence = Evidence::new(settings());
    play(&evidence, 1, 0.0, 5.0);
    evidence.events(&[fall(1, 1, 5.0, Lifecycle::New)], at(0));
    // Its clock goes on from where the other's stood.
    play(&evidence, 2, 5.5, 7.0);
    evidence.events(&[fall(2, 1, 7.0, Lifecycle::New), fall(2, 2, 7.0, Lifecycle::Update)], at(2));
    assert_eq!(seconds(&evidence, &name(1, 1)), Some(vec![3.0, 3.5, 4.0, 4.5, 5.0]));
    assert_eq!(seconds(&evidence, &name(2, 2)), Some(vec![5.5, 6.0, 6.5, 7.0]));
}

#[test]
fn its_time_ends_it_whoever_asks() {
    let evidence = Evidence::new(settings());
    play(&evidence, 1, 0.0, 1.0);
    evidence.events(&[fall(1, 1, 1.0, Lifecycle::New)], at(0));
    assert_eq!(evidence.expire(at(59)), 0);
    assert_eq!(evidence.find(&name(1, 1), false, at(60)).unwrap(), Found::Deleted);
    assert_eq!((evidence.expire(at(60)), evidence.take_dropped()), (1, 0));
}

#[test]
fn bounds_in_bytes_and_number_push_out_the_oldest_and_count_it() {
    let evidence = Evidence::new(EvidenceSettings { bytes_max: 12 * STILL_BYTES, ..settings() });
    play(&evidence, 1, 0.0, 2.0);
    // Five stills in the ring, five of each event.
    for n in 1..=2 {
        evidence.events(&[fall(1, n, 2.0, Lifecycle::New)], at(n));
    }
    assert_eq!(seconds(&evidence, &name(1, 1)), None);
    assert_eq!(seconds(&evidence, &name(1, 2)).map(|kept| kept.len()), Some(5));
    assert_eq!(evidence.find(&name(1, 1), false, at(2)).unwrap(), Found::Deleted);
    assert_eq!((evidence.take_dropped(), evidence.take_dropped()), (1, 0));
    // A bound below one ring of stills.
    let evidence = Evidence::new(EvidenceSettings { bytes_max: 3 * STILL_BYTES, ..settings() });
    play(&evidence, 1, 0.0, 2.0);
    assert_eq!((evidence.with(|keeper| keeper.ring.len()), evidence.take_dropped()), (3, 2));
    // Events without any still.
    let evidence = Evidence::new(settings());
    (0..600).for_each(|n| evidence.events(&[fall(1, n, 0.0, Lifecycle::New)], at(0)));
    assert_eq!((evidence.with(|keeper| keeper.clips.len()), evidence.take_dropped()), (512, 88));
}

#[test]
fn clothes_of_the_concerned_are_shown_and_every_other_person_is_hidden() {
    let at = |x: f64| BBox { x, y: 100.0, w: 40.0, h: 80.0 };
    let people = vec![
        (TrackId(1), ObjectClass::Person, at(0.0)),
        (TrackId(2), ObjectClass::Person, at(200.0)),
        (TrackId(3), ObjectClass::Face, at(400.0)),
        (TrackId(4), ObjectClass::Suitcase, at(500.0)),
    ];
    let still = Still { people, ..Arc::into_inner(still(1, 0.0)).unwrap() };
    let (one, face) = (BTreeSet::from([TrackId(1), TrackId(4)]), BTreeSet::from([TrackId(3)]));
    let below = BBox { x: 372.0, y: 68.0, w: 96.0, h: 320.0 };
    let (shown, hidden) = still.areas(&one, false);
    assert_eq!(shown, [at(0.0), at(500.0)]);
    assert_eq!(hidden, [BBox { h: 20.0, ..at(0.0) }, at(200.0), below]);
    assert_eq!(still.areas(&one, true).1, [at(200.0), below]);
    let (shown, hidden) = still.areas(&face, false);
    assert_eq!(shown, [below]);
    let head = BBox { x: 392.0, y: 76.0, w: 56.0, h: 120.0 };
    assert_eq!(hidden, [at(0.0), at(200.0), head]);
    assert_eq!(still.areas(&face, true).1, [at(0.0), at(200.0)]);
}
