//! Events: vocabulary to message and back, without loss.

use std::sync::Arc;

use super::absence;
use super::luggage;
use super::vital::{vital_from_proto, vital_to_proto};
use super::{WireEnum, WireError, v1};
use crate::appearance::{Appearance, AppearanceKind};
use crate::event::{
    Behaviour, BehaviourReport, Carrier, EdgeEvent, EventBody, FloorPlace, Lifecycle, OfflineCause, Provenance, Reason,
    ReasonCode, ScreeningReport, Severity, SiteEvent, SystemReport, TraceContext, TrackReport, Unit,
};
use crate::frame::{BBox, ObjectClass};
use crate::ids::{BootId, CameraId, EventId, TrackId};
use crate::time::{CaptureTime, MediaTime};
use crate::units::{Estimate, Interval, Unavailable};

/// The message for `event`.
#[must_use]
pub fn event_to_proto(event: &EdgeEvent) -> v1::Event {
    v1::Event {
        id: Some(event_id_to_proto(&event.id)),
        lifecycle: event.lifecycle.to_wire(),
        severity: event.severity.to_wire(),
        capture_time: Some(capture_to_proto(event.capture_time)),
        media_time_nanos: event.media_time.0,
        frame: event.frame,
        track: event.track.map(|t| t.0),
        r#box: event.bbox.map(box_to_proto),
        zone: event.zone.clone().unwrap_or_default(),
        reasons: event.reasons.iter().map(reason_to_proto).collect(),
        models_digest: event.provenance.models.clone(),
        configuration_digest: event.provenance.configuration.clone(),
        traceparent: event.trace.traceparent(),
        body: Some(match &event.body {
            EventBody::Track(report) => v1::event::Body::TrackReport(track_to_proto(report)),
            EventBody::Behaviour(report) => v1::event::Body::BehaviourReport(behaviour_to_proto(report)),
            EventBody::Vital(report) => v1::event::Body::VitalReport(vital_to_proto(report)),
            EventBody::Screening(report) => v1::event::Body::ScreeningReport(screening_to_proto(report)),
            EventBody::Absence(report) => v1::event::Body::AbsenceReport(absence::absence_to_proto(report)),
            EventBody::Bag(report) => v1::event::Body::BagReport(luggage::bag_to_proto(report)),
            EventBody::System(report) => {
                v1::event::Body::SystemReport(v1::SystemReport { report: Some(system_to_proto(report)) })
            }
        }),
    }
}

/// The event that `message` tells of.
///
/// # Errors
/// [`WireError`] with the field that is missing, unknown or impossible.
pub fn event_from_proto(message: v1::Event) -> Result<EdgeEvent, WireError> {
    let body = match message.body.ok_or(WireError::Missing("event.body"))? {
        v1::event::Body::TrackReport(report) => EventBody::Track(track_from_proto(report)?),
        v1::event::Body::BehaviourReport(report) => EventBody::Behaviour(behaviour_from_proto(report)?),
        v1::event::Body::VitalReport(report) => EventBody::Vital(vital_from_proto(report)?),
        v1::event::Body::ScreeningReport(report) => EventBody::Screening(screening_from_proto(report)?),
        v1::event::Body::AbsenceReport(report) => EventBody::Absence(absence::absence_from_proto(report)?),
        v1::event::Body::BagReport(report) => EventBody::Bag(luggage::bag_from_proto(report)?),
        v1::event::Body::SystemReport(report) => {
            EventBody::System(system_from_proto(report.report.ok_or(WireError::Missing("system_report.report"))?)?)
        }
    };
    Ok(EdgeEvent {
        id: event_id_from_proto(message.id.ok_or(WireError::Missing("event.id"))?)?,
        lifecycle: Lifecycle::from_wire(message.lifecycle)?,
        severity: Severity::from_wire(message.severity)?,
        capture_time: capture_from_proto(message.capture_time.ok_or(WireError::Missing("event.capture_time"))?),
        media_time: MediaTime(message.media_time_nanos),
        frame: message.frame,
        track: message.track.map(TrackId),
        bbox: message.r#box.map(box_from_proto),
        zone: (!message.zone.is_empty()).then_some(message.zone),
        reasons: message.reasons.into_iter().map(reason_from_proto).collect::<Result<_, _>>()?,
        provenance: Arc::new(Provenance { models: message.models_digest, configuration: message.configuration_digest }),
        trace: TraceContext::parse(&message.traceparent).ok_or(WireError::Invalid {
            field: "event.traceparent",
            why: "not a version 00 trace context".to_owned(),
        })?,
        body,
    })
}

/// What a console received, in our words.
///
/// # Errors
/// As [`event_from_proto`].
pub fn site_event_from_proto(message: v1::SiteEvent) -> Result<SiteEvent, WireError> {
    Ok(SiteEvent {
        sequence: message.sequence,
        committed: CaptureTime::exact(message.committed_unix_micros),
        event: event_from_proto(message.event.ok_or(WireError::Missing("site_event.event"))?)?,
    })
}

/// An event's name as message.
#[must_use]
pub fn event_id_to_proto(id: &EventId) -> v1::EventId {
    v1::EventId { camera: id.camera.as_str().to_owned(), boot: id.boot.0, sequence: id.sequence }
}

/// An event's name from its message.
///
/// # Errors
/// [`WireError::Invalid`] for names that cannot be.
pub fn event_id_from_proto(id: v1::EventId) -> Result<EventId, WireError> {
    let camera =
        CameraId::new(&id.camera).map_err(|e| WireError::Invalid { field: "event.id.camera", why: e.to_string() })?;
    if id.boot == 0 || id.sequence == 0 {
        return Err(WireError::Invalid { field: "event.id", why: "boot and sequence count from 1".to_owned() });
    }
    Ok(EventId { camera, boot: BootId(id.boot), sequence: id.sequence })
}

/// A capture time as message.
#[must_use]
pub fn capture_to_proto(time: CaptureTime) -> v1::CaptureTime {
    v1::CaptureTime { unix_micros: time.unix_micros, uncertainty_micros: time.uncertainty_micros }
}

/// A capture time from its message.
#[must_use]
pub fn capture_from_proto(time: v1::CaptureTime) -> CaptureTime {
    CaptureTime { unix_micros: time.unix_micros, uncertainty_micros: time.uncertainty_micros }
}

/// A box as message.
#[must_use]
pub fn box_to_proto(b: BBox) -> v1::Box {
    v1::Box { x: b.x, y: b.y, w: b.w, h: b.h }
}

/// A box from its message.
#[must_use]
pub fn box_from_proto(b: v1::Box) -> BBox {
    BBox { x: b.x, y: b.y, w: b.w, h: b.h }
}

/// An appearance as message.
#[must_use]
pub fn appearance_to_proto(appearance: &Appearance) -> v1::Appearance {
    v1::Appearance { vector: appearance.vector.clone(), quality: appearance.quality, kind: appearance.kind.0 }
}

/// An appearance from its message.
#[must_use]
pub fn appearance_from_proto(appearance: v1::Appearance) -> Appearance {
    Appearance { kind: AppearanceKind(appearance.kind), vector: appearance.vector, quality: appearance.quality }
}

pub(super) fn interval_to_proto(i: Interval) -> v1::Interval {
    v1::Interval { low: i.low, high: i.high }
}

pub(super) fn interval_from_proto(i: v1::Interval) -> Interval {
    Interval { low: i.low, high: i.high }
}

fn reason_to_proto(reason: &Reason) -> v1::Reason {
    v1::Reason {
        code: reason.code.to_wire(),
        measured: reason.measured,
        expected: Some(interval_to_proto(reason.expected)),
        unit: reason.unit.to_wire(),
    }
}

fn reason_from_proto(reason: v1::Reason) -> Result<Reason, WireError> {
    Ok(Reason {
        code: ReasonCode::from_wire(reason.code)?,
        measured: reason.measured,
        expected: interval_from_proto(reason.expected.ok_or(WireError::Missing("reason.expected"))?),
        unit: Unit::from_wire(reason.unit)?,
    })
}

fn estimate_to_proto(estimate: &Estimate) -> v1::Estimate {
    use v1::estimate::Estimate as Message;
    v1::Estimate {
        estimate: Some(match estimate {
            Estimate::Available { value, interval, quality } => Message::Measured(v1::Measured {
                value: *value,
                interval: Some(interval_to_proto(*interval)),
                quality: *quality,
            }),
            Estimate::Unavailable(why) => Message::Unavailable(why.to_wire()),
        }),
    }
}

fn estimate_from_proto(estimate: v1::Estimate) -> Result<Estimate, WireError> {
    use v1::estimate::Estimate as Message;
    Ok(match estimate.estimate.ok_or(WireError::Missing("estimate"))? {
        Message::Measured(m) => Estimate::Available {
            value: m.value,
            interval: interval_from_proto(m.interval.ok_or(WireError::Missing("measured.interval"))?),
            quality: m.quality,
        },
        Message::Unavailable(why) => Estimate::Unavailable(Unavailable::from_wire(why)?),
    })
}

fn track_to_proto(report: &TrackReport) -> v1::TrackReport {
    v1::TrackReport {
        class: report.class.to_wire(),
        since: Some(capture_to_proto(report.since)),
        age_s: report.age_s,
        score: report.score,
        speed: Some(estimate_to_proto(&report.speed)),
        appearance: report.appearance.as_ref().map(appearance_to_proto),
        floor: Some(floor_to_proto(&report.floor)),
        floor_speed: Some(estimate_to_proto(&report.floor_speed)),
        carriers: report.carriers.iter().map(carrier_to_proto).collect(),
    }
}

fn track_from_proto(report: v1::TrackReport) -> Result<TrackReport, WireError> {
    Ok(TrackReport {
        class: ObjectClass::from_wire(report.class)?,
        since: capture_from_proto(report.since.ok_or(WireError::Missing("track_report.since"))?),
        age_s: report.age_s,
        score: report.score,
        speed: estimate_from_proto(report.speed.ok_or(WireError::Missing("track_report.speed"))?)?,
        appearance: report.appearance.map(appearance_from_proto),
        // Edges of earlier versions do not send these.
        floor: report.floor.map_or(Ok(FloorPlace::Unavailable(Unavailable::NotConfigured)), floor_from_proto)?,
        floor_speed: report
            .floor_speed
            .map_or(Ok(Estimate::Unavailable(Unavailable::NotConfigured)), estimate_from_proto)?,
        carriers: report.carriers.into_iter().map(carrier_from_proto).collect(),
    })
}

fn carrier_to_proto(carrier: &Carrier) -> v1::Carrier {
    v1::Carrier { track: carrier.track.0, probability: carrier.probability }
}

fn carrier_from_proto(carrier: v1::Carrier) -> Carrier {
    Carrier { track: TrackId(carrier.track), probability: carrier.probability }
}

fn floor_to_proto(floor: &FloorPlace) -> v1::FloorPlace {
    use v1::floor_place::Place;
    v1::FloorPlace {
        place: Some(match floor {
            FloorPlace::Available { x, y, covariance: [xx, xy, yy] } => {
                Place::Point(v1::FloorPoint { x: *x, y: *y, xx: *xx, xy: *xy, yy: *yy })
            }
            FloorPlace::Unavailable(why) => Place::Unavailable(why.to_wire()),
        }),
    }
}

fn floor_from_proto(floor: v1::FloorPlace) -> Result<FloorPlace, WireError> {
    use v1::floor_place::Place;
    Ok(match floor.place.ok_or(WireError::Missing("floor.place"))? {
        Place::Point(p) => FloorPlace::Available { x: p.x, y: p.y, covariance: [p.xx, p.xy, p.yy] },
        Place::Unavailable(why) => FloorPlace::Unavailable(Unavailable::from_wire(why)?),
    })
}

fn behaviour_to_proto(report: &BehaviourReport) -> v1::BehaviourReport {
    v1::BehaviourReport {
        behaviour: report.behaviour.to_wire(),
        since: Some(capture_to_proto(report.since)),
        others: report.others.iter().map(|t| t.0).collect(),
        bag: report.bag.map(|t| t.0),
    }
}

fn behaviour_from_proto(report: v1::BehaviourReport) -> Result<BehaviourReport, WireError> {
    Ok(BehaviourReport {
        behaviour: Behaviour::from_wire(report.behaviour)?,
        since: capture_from_proto(report.since.ok_or(WireError::Missing("behaviour_report.since"))?),
        others: report.others.into_iter().map(TrackId).collect(),
        bag: report.bag.map(TrackId),
    })
}

fn screening_to_proto(report: &ScreeningReport) -> v1::ScreeningReport {
    let ScreeningReport { since, rarity, compared, of_hour, signals } = *report;
    v1::ScreeningReport { since: Some(capture_to_proto(since)), rarity, compared, of_hour, signals }
}

fn screening_from_proto(report: v1::ScreeningReport) -> Result<ScreeningReport, WireError> {
    let v1::ScreeningReport { since, rarity, compared, of_hour, signals } = report;
    let since = capture_from_proto(since.ok_or(WireError::Missing("screening_report.since"))?);
    Ok(ScreeningReport { since, rarity, compared, of_hour, signals })
}

fn system_to_proto(report: &SystemReport) -> v1::system_report::Report {
    use v1::system_report::Report;
    match report {
        SystemReport::CameraOnline { width, height } => {
            Report::CameraOnline(v1::CameraOnline { width: *width, height: *height })
        }
        SystemReport::CameraOffline { cause } => Report::CameraOffline(v1::CameraOffline { cause: cause.to_wire() }),
        SystemReport::CameraCovered => Report::CameraCovered(v1::CameraCovered {}),
        SystemReport::ResolutionChanged { width, height } => {
            Report::ResolutionChanged(v1::ResolutionChanged { width: *width, height: *height })
        }
        SystemReport::ClockSuspect => Report::ClockSuspect(v1::ClockSuspect {}),
        SystemReport::ClockOffset { camera, offset_s, error_s } => Report::ClockOffset(v1::ClockOffset {
            camera: camera.as_str().to_owned(),
            offset_s: *offset_s,
            error_s: *error_s,
        }),
        SystemReport::QueueDropped { queue, count } => {
            Report::QueueDropped(v1::QueueDropped { queue: queue.clone(), count: *count })
        }
    }
}

fn system_from_proto(report: v1::system_report::Report) -> Result<SystemReport, WireError> {
    use v1::system_report::Report;
    Ok(match report {
        Report::CameraOnline(m) => SystemReport::CameraOnline { width: m.width, height: m.height },
        Report::CameraOffline(m) => SystemReport::CameraOffline { cause: OfflineCause::from_wire(m.cause)? },
        Report::CameraCovered(_) => SystemReport::CameraCovered,
        Report::ResolutionChanged(m) => SystemReport::ResolutionChanged { width: m.width, height: m.height },
        Report::ClockSuspect(_) => SystemReport::ClockSuspect,
        Report::ClockOffset(m) => SystemReport::ClockOffset {
            camera: CameraId::new(&m.camera)
                .map_err(|error| WireError::Invalid { field: "clock_offset.camera", why: error.to_string() })?,
            offset_s: m.offset_s,
            error_s: m.error_s,
        },
        Report::QueueDropped(m) => SystemReport::QueueDropped { queue: m.queue, count: m.count },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{BagChange, BagMoment, BagReport};

    fn event(body: EventBody) -> EdgeEvent {
        EdgeEvent {
            id: EventId { camera: CameraId::new("gate-1").unwrap(), boot: BootId(2), sequence: 7 },
            lifecycle: Lifecycle::Update,
            severity: Severity::Attention,
            capture_time: CaptureTime { unix_micros: 1_234_567, uncertainty_micros: 500 },
            media_time: MediaTime(-5),
            frame: 99,
            track: Some(TrackId(3)),
            bbox: Some(BBox { x: 0.1, y: -2.5, w: 1e-9, h: 7.0 }),
            zone: Some("north".to_owned()),
            reasons: vec![Reason {
                code: ReasonCode::FrameGap,
                measured: 3.5,
                expected: Interval { low: 0.0, high: 1.0 },
                unit: Unit::Seconds,
            }],
            provenance: Arc::new(Provenance { models: "aa".to_owned(), configuration: "bb".to_owned() }),
            trace: TraceContext { trace: 1, span: 2 },
            body,
        }
    }

    fn bodies() -> Vec<EventBody> {
        let standing = FloorPlace::Available { x: -1.5, y: 2.0, covariance: [0.1, -0.01, 0.3] };
        let report = |speed, floor, appearance| {
            EventBody::Track(TrackReport {
                class: ObjectClass::Suitcase,
                since: CaptureTime::exact(5),
                age_s: 1.25,
                score: 0.5,
                speed,
                floor,
                floor_speed: speed,
                carriers: vec![Carrier { track: TrackId(8), probability: 0.75 }],
                appearance,
            })
        };
        let measured = Estimate::Available { value: 1.0, interval: Interval { low: 0.5, high: 2.0 }, quality: 0.25 };
        let mut bodies = vec![
            report(measured, standing, Appearance::normalised(&[1.0, 2.0], 0.5)),
            report(Estimate::Unavailable(Unavailable::TooShort), FloorPlace::Unavailable(Unavailable::Occluded), None),
            EventBody::System(SystemReport::CameraOnline { width: 4, height: 3 }),
            EventBody::System(SystemReport::CameraCovered),
            EventBody::System(SystemReport::ResolutionChanged { width: 4, height: 3 }),
            EventBody::System(SystemReport::ClockSuspect),
            EventBody::System(SystemReport::ClockOffset {
                camera: CameraId::new("hall").unwrap(),
                offset_s: -1.5,
                error_s: 0.25,
            }),
            EventBody::System(SystemReport::QueueDropped { queue: "outbox-age".to_owned(), count: 9 }),
        ];
        let moment = |traveller, bag| BagMoment {
            traveller,
            camera: CameraId::new("hall").unwrap(),
            boot: BootId(3),
            track: TrackId(traveller + 1),
            bag,
            at: CaptureTime::exact(traveller.cast_signed()),
        };
        bodies.extend(BagChange::TABLE.iter().map(|(change, _)| {
            let (before, after) = (moment(12, Some(TrackId(4))), moment(31, None));
            let (change, class) = (*change, ObjectClass::Handbag);
            EventBody::Bag(BagReport { change, bag: 7, class, before, after, probability: 0.75 })
        }));
        bodies.extend(Behaviour::TABLE.iter().map(|(behaviour, _)| {
            let others = vec![TrackId(4), TrackId(2)];
            let since = CaptureTime::exact(7);
            EventBody::Behaviour(BehaviourReport { behaviour: *behaviour, since, others, bag: Some(TrackId(9)) })
        }));
        bodies.extend(
            OfflineCause::TABLE
                .iter()
                .map(|(cause, _)| EventBody::System(SystemReport::CameraOffline { cause: *cause })),
        );
        bodies
    }

    #[test]
    fn every_kind_of_event_round_trips() {
        for body in bodies() {
            let event = event(body);
            assert_eq!(event_from_proto(event_to_proto(&event)), Ok(event));
        }
    }

    #[test]
    fn a_report_of_an_earlier_edge_is_understood() {
        let mut message = event_to_proto(&event(bodies().swap_remove(0)));
        let Some(v1::event::Body::TrackReport(report)) = &mut message.body else { panic!("{message:?}") };
        (report.floor, report.floor_speed, report.carriers) = (None, None, Vec::new());
        let EventBody::Track(report) = event_from_proto(message).expect("understood").body else { panic!("a track") };
        assert_eq!(report.floor, FloorPlace::Unavailable(Unavailable::NotConfigured));
        assert_eq!((report.floor_speed.value(), report.carriers.len()), (None, 0));
    }

    #[test]
    fn impossible_messages_are_named() {
        let good = event_to_proto(&event(EventBody::System(SystemReport::CameraCovered)));
        let rows: [(v1::Event, &str); 5] = [
            (v1::Event { id: None, ..good.clone() }, "event.id"),
            (v1::Event { body: None, ..good.clone() }, "event.body"),
            (v1::Event { lifecycle: 99, ..good.clone() }, "lifecycle"),
            (v1::Event { traceparent: "x".to_owned(), ..good.clone() }, "traceparent"),
            (
                v1::Event { id: Some(v1::EventId { camera: "../x".to_owned(), boot: 1, sequence: 1 }), ..good },
                "event.id.camera",
            ),
        ];
        for (message, field) in rows {
            let error = event_from_proto(message).expect_err(field).to_string();
            assert!(error.contains(field), "{error}");
        }
    }
}
