//! Passers of a lane as events, through the pipeline's own journal.

use std::sync::Arc;

use super::*;
use crate::event::vital::Window;
use crate::event::{Provenance, Severity, VitalSign};
use crate::ids::{BootId, CameraId};
use crate::time::MediaTime;

fn header(second: u64) -> FrameHeader {
    let media_time = MediaTime::from_seconds(second as f64);
    FrameHeader {
        camera: CameraId::new("lane-1").unwrap(),
        boot: BootId(1),
        sequence: second + 1,
        media_time,
        capture_time: CaptureTime::exact(1_767_600_000_000_000).after(media_time),
        width: 640,
        height: 480,
        keyframe: false,
    }
}

/// A passer of 40 s with this pulse and breathing; what was told.
fn pass(screen: &mut Screen, journal: &mut Journal, number: u64, pulse: f64, breaths: f64) -> Vec<EdgeEvent> {
    let mut told = Vec::new();
    for second in number * 100..number * 100 + 40 {
        journal.header = Some(header(second));
        let at = journal.newest();
        let end = MediaTime::from_seconds(second as f64);
        let mut events = Vec::new();
        for (sign, rate) in [(VitalSign::Pulse, pulse), (VitalSign::Respiration, breaths)] {
            let window = Window { start: MediaTime(end.0 - 10_000_000_000), end };
            let interval = Interval { low: rate - 1.0, high: rate + 1.0 };
            let estimate = Rate::Available { rate, interval, quality: 0.9, window };
            let body = EventBody::Vital(VitalReport { sign, estimate, method: None });
            let event = journal.write(Lifecycle::Update, Severity::Info, at, Vec::new(), body);
            let bbox = Some(BBox { x: 10.0, y: 20.0, w: 100.0, h: 120.0 });
            events.push(EdgeEvent { track: Some(TrackId(number)), bbox, ..event });
        }
        let given = events.len();
        screen.frame(0, journal, &mut events);
        told.extend(events.drain(given..));
    }
    told
}

#[test]
fn a_deviating_passer_becomes_an_event_with_its_place_and_since() {
    let settings = ScreeningSettings { attention_per_1000: 20.0, alert_per_1000: 10.0, ..Default::default() };
    let mut screen = Screen::new(settings, true);
    let provenance = Arc::new(Provenance { models: String::new(), configuration: String::new() });
    let mut journal = Journal::new(CameraId::new("lane-1").unwrap(), BootId(1), provenance);
    for number in 1..=240 {
        let share = |step: f64| (number as f64 * step).fract() - 0.5;
        let told = pass(&mut screen, &mut journal, number, 75.0 + 30.0 * share(0.618), 16.0 + 8.0 * share(0.414));
        assert!(told.iter().all(|event| event.severity != Severity::Alert) || number > 100, "{told:?}");
    }
    let memory = screen.memory().clone();
    let far = pass(&mut screen, &mut journal, 300, 140.0, 34.0);
    assert_eq!(far.len(), 1, "{far:?}");
    let EventBody::Screening(report) = &far[0].body else { panic!("{far:?}") };
    assert_eq!(
        (far[0].lifecycle, far[0].severity, far[0].track),
        (Lifecycle::New, Severity::Alert, Some(TrackId(300)))
    );
    assert!(far[0].bbox.is_some() && report.signals == 2 && report.since.unix_micros < far[0].capture_time.unix_micros);
    // A later run that remembers tells the same; one that does not tells nothing.
    let again = |memory| {
        let mut screen = Screen::new(settings, true);
        screen.remember(memory);
        pass(&mut screen, &mut journal, 301, 140.0, 34.0).len()
    };
    assert_eq!([memory, Memory::default()].map(again), [1, 0]);
}
