//! Events as JSON lines: for `events.jsonl`, `watch --json` and the run digest.

use serde::Serialize;

use crate::event::{
    Absence, BagChange, BagMoment, Behaviour, Carrier, EdgeEvent, EventBody, FloorPlace, Lifecycle, Reason,
    ScreeningReport, Severity, SiteEvent, SystemReport, VitalReport, VitalSign, vital,
};
use crate::frame::{BBox, ObjectClass};
use crate::ids::{CameraId, TrackId};
use crate::units::Estimate;

/// One event as one line without the line end. Field order and number format are fixed, so that equal events give
/// equal bytes.
#[must_use]
pub fn event_line(event: &EdgeEvent) -> String {
    line(&EventLine::of(event))
}

/// A committed event: the same line with `sequence` and `committed` in front.
#[must_use]
pub fn site_event_line(site: &SiteEvent) -> String {
    line(&SiteEventLine {
        sequence: site.sequence,
        committed: site.committed.rfc3339(),
        event: EventLine::of(&site.event),
    })
}

fn line<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain structs with string keys always serialise")
}

#[derive(Serialize)]
struct SiteEventLine<'a> {
    sequence: u64,
    committed: String,
    #[serde(flatten)]
    event: EventLine<'a>,
}

#[derive(Serialize)]
struct EventLine<'a> {
    id: String,
    camera: &'a str,
    boot: u32,
    event: u64,
    kind: &'static str,
    lifecycle: Lifecycle,
    severity: Severity,
    time: String,
    time_uncertainty_ms: f64,
    media_time_s: f64,
    frame: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    track: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#box: Option<BBox>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<&'a str>,
    reasons: &'a [Reason],
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
    models: &'a str,
    configuration: &'a str,
    traceparent: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Details<'a> {
    Track {
        class: ObjectClass,
        since: String,
        age_s: f64,
        score: f64,
        speed: &'a Estimate,
        floor: &'a FloorPlace,
        floor_speed: &'a Estimate,
        #[serde(skip_serializing_if = "<[Carrier]>::is_empty")]
        carriers: &'a [Carrier],
        #[serde(skip_serializing_if = "Option::is_none")]
        appearance_quality: Option<f32>,
    },
    Behaviour {
        behaviour: Behaviour,
        since: String,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        others: &'a [TrackId],
        #[serde(skip_serializing_if = "Option::is_none")]
        bag: Option<TrackId>,
    },
    Vital {
        sign: VitalSign,
        t0: f64,
        t1: f64,
        value: Option<f64>,
        low: Option<f64>,
        high: Option<f64>,
        quality: Option<f64>,
        reasons: &'a [vital::Reason],
        method: Option<&'a str>,
    },
    Screening {
        since: String,
        rarity: f64,
        compared: u64,
        of_hour: bool,
        signals: u32,
    },
    Absence {
        absence: Absence,
        traveller: u64,
        since: String,
        last: String,
        back: Option<&'a str>,
        probability: f64,
        unseeing: Vec<&'a str>,
    },
    Bag {
        change: BagChange,
        bag: u64,
        class: ObjectClass,
        before: Moment,
        after: Moment,
        probability: f64,
    },
    Picture {
        width: u32,
        height: u32,
    },
    Offline {
        cause: crate::event::OfflineCause,
    },
    Dropped {
        queue: &'a str,
        count: u64,
    },
    Clock {
        of: &'a str,
        offset_s: f64,
        error_s: f64,
    },
}

/// Somebody with a bag or without it.
#[derive(Serialize)]
struct Moment {
    traveller: u64,
    track: String,
    bag: Option<TrackId>,
    time: String,
}

impl Moment {
    fn of(moment: &BagMoment) -> Self {
        let BagMoment { traveller, camera, boot, track, bag, at } = moment;
        Self { traveller: *traveller, track: format!("{camera}/{}/{track}", boot.0), bag: *bag, time: at.rfc3339() }
    }
}

impl<'a> EventLine<'a> {
    fn of(event: &'a EdgeEvent) -> Self {
        Self {
            id: event.id.to_string(),
            camera: event.id.camera.as_str(),
            boot: event.id.boot.0,
            event: event.id.sequence,
            kind: event.body.kind(),
            lifecycle: event.lifecycle,
            severity: event.severity,
            time: event.capture_time.rfc3339(),
            time_uncertainty_ms: f64::from(event.capture_time.uncertainty_micros) / 1e3,
            media_time_s: event.media_time.seconds(),
            frame: event.frame,
            track: event.track.map(|t| t.0),
            r#box: event.bbox,
            zone: event.zone.as_deref(),
            reasons: &event.reasons,
            details: Details::of(&event.body),
            models: &event.provenance.models,
            configuration: &event.provenance.configuration,
            traceparent: event.trace.traceparent(),
        }
    }
}

impl<'a> Details<'a> {
    fn of(body: &'a EventBody) -> Option<Self> {
        Some(match body {
            // The vector itself stays out of text: it is personal data that no reader of lines needs.
            EventBody::Track(report) => Self::Track {
                class: report.class,
                since: report.since.rfc3339(),
                age_s: report.age_s,
                score: report.score,
                speed: &report.speed,
                floor: &report.floor,
                floor_speed: &report.floor_speed,
                carriers: &report.carriers,
                appearance_quality: report.appearance.as_ref().map(|a| a.quality),
            },
            EventBody::Behaviour(report) => Self::Behaviour {
                behaviour: report.behaviour,
                since: report.since.rfc3339(),
                others: &report.others,
                bag: report.bag,
            },
            EventBody::Vital(report) => Self::of_vital(report),
            EventBody::Screening(report) => {
                let ScreeningReport { since, rarity, compared, of_hour, signals } = *report;
                Self::Screening { since: since.rfc3339(), rarity, compared, of_hour, signals }
            }
            EventBody::Absence(report) => Self::Absence {
                absence: report.absence,
                traveller: report.traveller,
                since: report.since.rfc3339(),
                last: format!("{}/{}/{}", report.camera, report.boot.0, report.track),
                back: report.back.as_ref().map(CameraId::as_str),
                probability: report.probability,
                unseeing: report.unseeing.iter().map(CameraId::as_str).collect(),
            },
            EventBody::Bag(report) => Self::Bag {
                change: report.change,
                bag: report.bag,
                class: report.class,
                before: Moment::of(&report.before),
                after: Moment::of(&report.after),
                probability: report.probability,
            },
            EventBody::System(report) => match report {
                SystemReport::CameraOnline { width, height } | SystemReport::ResolutionChanged { width, height } => {
                    Self::Picture { width: *width, height: *height }
                }
                SystemReport::CameraOffline { cause } => Self::Offline { cause: *cause },
                SystemReport::QueueDropped { queue, count } => Self::Dropped { queue, count: *count },
                SystemReport::ClockOffset { camera, offset_s, error_s } => {
                    Self::Clock { of: camera.as_str(), offset_s: *offset_s, error_s: *error_s }
                }
                SystemReport::CameraCovered | SystemReport::ClockSuspect => return None,
            },
        })
    }

    fn of_vital(report: &'a VitalReport) -> Self {
        let vital::Window { start, end } = report.estimate.window();
        let (measured, reasons) = match &report.estimate {
            vital::Estimate::Available { rate, interval, quality, .. } => (Some((rate, interval, quality)), &[][..]),
            vital::Estimate::Unavailable { reasons, .. } => (None, reasons.as_slice()),
        };
        Self::Vital {
            sign: report.sign,
            t0: start.seconds(),
            t1: end.seconds(),
            value: measured.map(|(rate, ..)| *rate),
            low: measured.map(|(_, interval, _)| interval.low),
            high: measured.map(|(_, interval, _)| interval.high),
            quality: measured.map(|(.., quality)| *quality),
            reasons,
            method: report.method.as_deref(),
        }
    }
}
