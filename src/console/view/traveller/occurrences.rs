//! What a traveller's events tell, each thing once: begun, over or withdrawn; readings with their stretch of time.

use crate::event::vital::Estimate;
use crate::event::{EdgeEvent, EventBody, Lifecycle, Severity, VitalReport, VitalSign};
use crate::wire::{self, v1};

/// How it stands with something that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It goes on.
    Going,
    /// It is over.
    Over,
    /// It was taken back.
    Withdrawn,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Occurrence {
    /// The newest event that tells of it and does not take it back.
    pub event: EdgeEvent,
    /// Since when, UTC microseconds.
    pub from: i64,
    /// When it was last told of.
    pub until: i64,
    /// How it stands.
    pub state: State,
}

/// A vital sign over a stretch of time: a reading, or readings that were not possible for the same reasons.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The newest report.
    pub report: VitalReport,
    /// Where.
    pub camera: String,
    /// Its stretch, UTC microseconds; it begins where the reading before ended.
    pub from: i64,
    /// Until.
    pub until: i64,
    /// It was taken back.
    pub withdrawn: bool,
}

/// All of it, in order.
#[derive(Debug, Default)]
pub struct Told {
    /// What happened.
    pub occurrences: Vec<Occurrence>,
    /// Vital signs.
    pub readings: Vec<Reading>,
    /// Events of a newer centre, and what was not understood.
    pub unreadable: Vec<String>,
}

/// What these events tell.
#[must_use]
pub fn told(events: &[v1::Event]) -> Told {
    let mut told = Told::default();
    for event in events {
        match wire::event_from_proto(event.clone()) {
            Err(error) => told.unreadable.push(error.to_string()),
            Ok(event) => match event.body.clone() {
                EventBody::Vital(report) => read(&mut told.readings, &event, report),
                EventBody::Behaviour(_) | EventBody::Screening(_) | EventBody::Absence(_) | EventBody::Bag(_) => {
                    occur(&mut told.occurrences, event);
                }
                EventBody::Track(_) | EventBody::System(_) => {}
            },
        }
    }
    told
}

fn occur(known: &mut Vec<Occurrence>, event: EdgeEvent) {
    let until = event.capture_time.unix_micros;
    let open = known.iter_mut().rev().find(|one| same(&one.event, &event));
    let state = match event.lifecycle {
        Lifecycle::New | Lifecycle::Update => State::Going,
        Lifecycle::End => State::Over,
        Lifecycle::Retracted => State::Withdrawn,
    };
    match open {
        Some(one) if event.lifecycle != Lifecycle::New => {
            (one.until, one.state) = (until, state);
            if state != State::Withdrawn {
                one.event = event;
            }
        }
        _ => known.push(Occurrence { from: since(&event), until, state, event }),
    }
}

/// Whether two events tell of one thing, as the centre's alerts see it.
fn same(a: &EdgeEvent, b: &EdgeEvent) -> bool {
    let what = |event: &EdgeEvent| match &event.body {
        EventBody::Behaviour(report) => (0, report.behaviour.as_str(), 0),
        EventBody::Absence(report) => (1, report.absence.as_str(), report.traveller),
        EventBody::Bag(report) => (4, report.change.as_str(), report.bag),
        EventBody::Screening(_) => (2, "", 0),
        EventBody::Track(_) | EventBody::Vital(_) | EventBody::System(_) => (3, "", 0),
    };
    let place = |event: &EdgeEvent| (event.id.camera.clone(), event.id.boot, event.track, event.zone.clone());
    what(a) == what(b) && place(a) == place(b)
}

fn since(event: &EdgeEvent) -> i64 {
    match &event.body {
        EventBody::Behaviour(report) => report.since.unix_micros,
        EventBody::Absence(report) => report.since.unix_micros,
        EventBody::Bag(report) => report.before.at.unix_micros,
        _ => event.capture_time.unix_micros,
    }
}

fn read(readings: &mut Vec<Reading>, event: &EdgeEvent, report: VitalReport) {
    let until = event.capture_time.unix_micros;
    let camera = event.id.camera.as_str().to_owned();
    let last = readings.iter_mut().rev().find(|one| one.report.sign == report.sign && one.camera == camera);
    if event.lifecycle == Lifecycle::Retracted {
        if let Some(last) = last {
            last.withdrawn = true;
        }
        return;
    }
    let window = match &report.estimate {
        Estimate::Available { window, .. } | Estimate::Unavailable { window, .. } => window,
    };
    // Not as whole numbers: a foreign centre's times may lie further apart than one holds.
    let seen_micros = (event.media_time.0 as f64 - window.start.0 as f64) / 1e3;
    let began = until.saturating_sub(seen_micros as i64);
    let from = last.as_ref().map_or(began, |last| last.until.max(began)).min(until);
    if let Some(last) = last
        && last.until >= began
        && !last.withdrawn
        && reasons(&last.report).is_some()
        && reasons(&last.report) == reasons(&report)
    {
        (last.until, last.report) = (until, report);
        return;
    }
    readings.push(Reading { report, camera, from, until, withdrawn: false });
}

fn reasons(report: &VitalReport) -> Option<&[crate::event::vital::Reason]> {
    match &report.estimate {
        Estimate::Unavailable { reasons, .. } => Some(reasons),
        Estimate::Available { .. } => None,
    }
}

/// As the style sheet names it.
#[must_use]
pub fn severity(event: &EdgeEvent) -> &'static str {
    match event.severity {
        Severity::Info => "info",
        Severity::Attention => "attention",
        Severity::Alert => "alert",
    }
}

/// Signs that are rates of the body and stand on the axis.
pub const ON_AXIS: [VitalSign; 2] = [VitalSign::Pulse, VitalSign::Respiration];

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::event::vital::{Reason, Window};
    use crate::event::{Behaviour, BehaviourReport, Provenance, TraceContext};
    use crate::ids::{BootId, CameraId, EventId, TrackId};
    use crate::time::{CaptureTime, MediaTime};
    use crate::units::Interval;

    fn event(second: i64, lifecycle: Lifecycle, body: EventBody) -> v1::Event {
        let camera = CameraId::new("lane").unwrap();
        wire::event_to_proto(&EdgeEvent {
            id: EventId { camera, boot: BootId(1), sequence: second.unsigned_abs() },
            lifecycle,
            severity: Severity::Alert,
            capture_time: CaptureTime::exact(second * 1_000_000),
            media_time: MediaTime(second * 1_000_000_000),
            frame: 1,
            track: Some(TrackId(1)),
            bbox: None,
            zone: None,
            reasons: Vec::new(),
            provenance: Arc::new(Provenance { models: String::new(), configuration: String::new() }),
            trace: TraceContext { trace: 1, span: 1 },
            body,
        })
    }

    fn loiters(second: i64, lifecycle: Lifecycle) -> v1::Event {
        let since = CaptureTime::exact(1_000_000);
        let report = BehaviourReport { behaviour: Behaviour::Loitering, since, others: Vec::new(), bag: None };
        event(second, lifecycle, EventBody::Behaviour(report))
    }

    #[test]
    fn what_is_told_again_over_or_taken_back_stands_once() {
        use Lifecycle::{End, New, Retracted, Update};
        for (lives, states) in [
            (&[New][..], &[State::Going][..]),
            (&[New, Update, End], &[State::Over]),
            (&[New, Retracted], &[State::Withdrawn]),
            (&[New, End, New], &[State::Over, State::Going]),
            (&[Update], &[State::Going]),
        ] {
            let events: Vec<v1::Event> = (10..).zip(lives).map(|(second, life)| loiters(second, *life)).collect();
            let found: Vec<State> = told(&events).occurrences.iter().map(|one| one.state).collect();
            assert_eq!(found, states, "{lives:?}");
        }
        let one = &told(&[loiters(10, New), loiters(15, Retracted)]).occurrences[0];
        assert_eq!((one.from, one.until, one.event.lifecycle), (1_000_000, 15_000_000, New));
    }

    #[test]
    fn readings_follow_one_another_and_the_same_abstention_is_one() {
        let window = |second: i64| Window {
            start: MediaTime((second - 30) * 1_000_000_000),
            end: MediaTime(second * 1_000_000_000),
        };
        let reading = |second: i64, estimate| {
            let report = VitalReport { sign: VitalSign::Pulse, estimate, method: None };
            event(second, Lifecycle::Update, EventBody::Vital(report))
        };
        let none = |second| reading(second, Estimate::unavailable(vec![Reason::Motion], window(second)));
        let rate = |second| {
            let interval = Interval { low: 60.0, high: 80.0 };
            reading(second, Estimate::Available { rate: 70.0, interval, quality: 0.9, window: window(second) })
        };
        let told = told(&[none(40), none(45), rate(50), rate(55), none(200)]);
        let spans: Vec<(i64, i64)> = told.readings.iter().map(|r| (r.from / 1_000_000, r.until / 1_000_000)).collect();
        assert_eq!(spans, [(10, 45), (45, 50), (50, 55), (170, 200)]);
    }
}
