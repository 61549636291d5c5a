//! What the edge reports: measured facts with their time, place, reasons and provenance.
//!
//! The lists here are closed and numbered on the wire (`proto/greenlane/v1/common.proto`). Nothing in them names a
//! person, an emotion, an age or an ethnicity.

mod absence;
mod behaviour;
mod luggage;
mod reason;
mod screening;
pub mod vital;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::appearance::Appearance;
use crate::frame::{BBox, ObjectClass};
use crate::ids::{CameraId, EventId, TrackId};
use crate::time::{CaptureTime, MediaTime};
use crate::units::{Estimate, Interval, Unavailable};

pub use absence::{Absence, AbsenceReport};
pub use behaviour::{Behaviour, BehaviourReport};
pub use luggage::{BagChange, BagMoment, BagReport};
pub use screening::ScreeningReport;
pub use vital::{VitalReport, VitalSign};

/// Where an event stands in the life of what it tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Lifecycle {
    /// It began.
    New,
    /// It goes on; the newest figures.
    Update,
    /// It is over.
    End,
    /// What an earlier event said is withdrawn.
    Retracted,
}

/// How much a human is asked to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Severity {
    /// For the record.
    Info,
    /// Worth a look when there is time.
    Attention,
    /// A reason to look now.
    Alert,
}

/// What was measured. Closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReasonCode {
    /// Time without a frame.
    FrameGap,
    /// Spread of brightness over the view: a covered lens has none.
    LumaDeviation,
    /// Step of the stream's clock against the system's.
    ClockStep,
    /// How many were dropped.
    Dropped,
    /// Time spent in a place.
    DwellTime,
    /// Speed over the floor.
    Speed,
    /// Way against the direction of a zone.
    WayBack,
    /// How far somebody drew back from a control zone.
    Retreat,
    /// How often somebody came up and drew back.
    Approaches,
    /// Time between two people at a gate.
    GateGap,
    /// Distance between two people.
    Separation,
    /// Time that two walked together.
    TimeTogether,
    /// How many people.
    People,
    /// Height of a box over its width.
    Uprightness,
    /// Time lying.
    TimeLying,
    /// Share of the way along the border of the picture.
    BorderShare,
    /// Time that a bag stands alone.
    TimeAlone,
    /// Probability that this is who carries a bag.
    CarrierProbability,
    /// How many bags.
    Bags,
    /// Seconds before this event at which the earlier of two moments lies.
    EarlierMoment,
    /// Crossings of a line so far in this direction.
    Crossings,
    /// Heart beats a minute.
    Pulse,
    /// The same, less the passer's own baseline.
    PulseChange,
    /// Breaths a minute.
    Respiration,
    /// The same, less the passer's own baseline.
    RespirationChange,
    /// Blinks a minute.
    BlinkRate,
    /// The same, less the passer's own baseline.
    BlinkRateChange,
    /// Movements of facial features a minute.
    FacialMovement,
    /// The same, less the passer's own baseline.
    FacialMovementChange,
    /// Speed, less the passer's own baseline.
    SpeedChange,
    /// Time in view so far.
    TimeInView,
    /// Share of ordinary passers who deviate as much at some time of their stay.
    Rarity,
    /// Time out of every view.
    TimeAway,
    /// How many people it may be, of whom it is one.
    Candidates,
    /// Probability that tracks in two views are one traveller's.
    SameTraveller,
    /// Share of carried bags that a view misses.
    BagsMissed,
    /// Cosine similarity of the looks of two bags.
    BagLikeness,
}

/// Units of measured values. Closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Metres on the floor.
    Metres,
    /// Metres a second on the floor.
    MetresPerSecond,
    /// Box heights a second, where the camera has no calibration.
    HeightsPerSecond,
    /// 8-bit brightness, 0 to 255.
    Luma,
    /// A number of things.
    Count,
    /// A share, a ratio or a probability.
    Ratio,
    /// A rate a minute.
    PerMinute,
}

/// One measured value, what is expected of it, and in which unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// What was measured.
    pub code: ReasonCode,
    /// The value.
    pub measured: f64,
    /// The range in which it would be no reason.
    pub expected: Interval,
    /// The unit of both.
    pub unit: Unit,
}

/// Which models and which configuration produced an event, as hexadecimal SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Of the models in use.
    pub models: String,
    /// Of the configuration as understood.
    pub configuration: String,
}

/// W3C trace context of the frame that led to an event (`traceparent`, version 00).
///
/// It is derived from the frame's name, not drawn at random, so that a replay carries the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceContext {
    /// Trace id: one per frame.
    pub trace: u128,
    /// Span id: one per event.
    pub span: u64,
}

impl TraceContext {
    /// The `traceparent` header value.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{:032x}-{:016x}-01", self.trace, self.span)
    }

    /// Reads a `traceparent`; `None` when it is not one of version 00.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
        if version != "00" || trace.len() != 32 || span.len() != 16 {
            return None;
        }
        Some(Self { trace: u128::from_str_radix(trace, 16).ok()?, span: u64::from_str_radix(span, 16).ok()? })
    }
}

/// A person who may carry a bag.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Carrier {
    /// The person's track.
    pub track: TrackId,
    /// 0 to 1; with the other candidates' it sums to at most 1, the rest is nobody's.
    pub probability: f64,
}

/// Where something stands on the floor plan, or why that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FloorPlace {
    /// Metres on the floor plan.
    Available {
        /// Along the plan's first axis.
        x: f64,
        /// Along its second.
        y: f64,
        /// What is not known about it, square metres: xx, xy, yy of the covariance matrix.
        covariance: [f64; 3],
    },
    /// Not measured.
    Unavailable(Unavailable),
}

/// The state of a track, at most once a second (`UPDATE`), at its confirmation (`NEW`) and at its end (`END`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackReport {
    /// What kind of thing.
    pub class: ObjectClass,
    /// When it was first detected.
    pub since: CaptureTime,
    /// Time observed so far, in seconds of media time.
    pub age_s: f64,
    /// Mean detector score over the time since the last report, 0 to 1.
    pub score: f64,
    /// Speed of the foot point in the picture, box heights a second ([`Unit::HeightsPerSecond`]).
    pub speed: Estimate,
    /// Where the foot point was on the floor when it was seen last.
    pub floor: FloorPlace,
    /// Its speed there, metres a second ([`Unit::MetresPerSecond`]).
    pub floor_speed: Estimate,
    /// Who may carry it, likeliest first; empty unless it is a bag.
    pub carriers: Vec<Carrier>,
    /// Clothing and shape, where a model for it is configured.
    pub appearance: Option<Appearance>,
}

/// Why a camera is offline. Closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OfflineCause {
    /// It could not be opened.
    OpenFailed,
    /// No frame came for the configured time.
    Stall,
    /// The stream ended or broke off.
    StreamEnded,
    /// The frames could not be decoded.
    DecodeFailed,
    /// The worker was told to stop.
    Shutdown,
    /// Perception failed for this camera; its supervisor restarts it.
    WorkerFailed,
}

/// What a camera says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemReport {
    /// Frames come; the first one has this size.
    CameraOnline {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// Frames no longer come.
    CameraOffline {
        /// Why.
        cause: OfflineCause,
    },
    /// `NEW`: the view lost its contrast (covered, defocused, dark). `END`: it is back.
    CameraCovered,
    /// The picture's size changed in the middle of the stream; tracks were ended.
    ResolutionChanged {
        /// Pixels, from now on.
        width: u32,
        /// Pixels, from now on.
        height: u32,
    },
    /// The stream's clock stepped; tracks were ended, because durations over it are unknown.
    ClockSuspect,
    /// Told by the centre. `NEW`: this camera's clock is too far from its neighbours'; `END`: no longer.
    ClockOffset {
        /// Which camera's.
        camera: CameraId,
        /// How far it is ahead, seconds.
        offset_s: f64,
        /// Standard deviation of that.
        error_s: f64,
    },
    /// Frames or events were dropped by a named bound.
    QueueDropped {
        /// Which bound: `latest-slot`, `outbox-bytes`, `outbox-age`, `outbox-size`, `outbox-memory`, `detections`,
        /// `tracks`, `decode`.
        queue: String,
        /// How many since the last report.
        count: u64,
    },
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventBody {
    /// A person or bag in view.
    Track(TrackReport),
    /// What people or bags do.
    Behaviour(BehaviourReport),
    /// A vital sign of a face.
    Vital(VitalReport),
    /// Somebody who deviates from the own baseline or from the lane's recent passers.
    Screening(ScreeningReport),
    /// Somebody who is followed and out of sight, as the centre sees it.
    Absence(AbsenceReport),
    /// A bag that somebody has, or no longer has, in the next view, as the centre sees it.
    Bag(BagReport),
    /// The camera itself.
    System(SystemReport),
}

impl EventBody {
    /// Every kind there is, for filters. A new kind of event gets its line here and in [`EventBody::kind`].
    pub const KINDS: [&'static str; 12] = [
        "track",
        "behaviour",
        "vital_sign",
        "screening",
        "absence",
        "bag",
        "camera_online",
        "camera_offline",
        "camera_covered",
        "resolution_changed",
        "clock_suspect",
        "queue_dropped",
    ];

    /// The kind as written in filters, JSON and summaries.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Track(_) => "track",
            Self::Behaviour(_) => "behaviour",
            Self::Vital(_) => "vital_sign",
            Self::Screening(_) => "screening",
            Self::Absence(_) => "absence",
            Self::Bag(_) => "bag",
            Self::System(report) => match report {
                SystemReport::CameraOnline { .. } => "camera_online",
                SystemReport::CameraOffline { .. } => "camera_offline",
                SystemReport::CameraCovered => "camera_covered",
                SystemReport::ResolutionChanged { .. } => "resolution_changed",
                SystemReport::ClockSuspect | SystemReport::ClockOffset { .. } => "clock_suspect",
                SystemReport::QueueDropped { .. } => "queue_dropped",
            },
        }
    }
}

/// One event of one camera.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeEvent {
    /// Makes delivery idempotent.
    pub id: EventId,
    /// Where it stands in the life of what it tells of.
    pub lifecycle: Lifecycle,
    /// How much a human is asked to look.
    pub severity: Severity,
    /// Capture of the frame that led to it.
    pub capture_time: CaptureTime,
    /// The same on the stream's clock.
    pub media_time: MediaTime,
    /// Number of that frame in the stream.
    pub frame: u64,
    /// The track it tells of.
    pub track: Option<TrackId>,
    /// Where in the picture.
    pub bbox: Option<BBox>,
    /// In which configured zone.
    pub zone: Option<String>,
    /// Why; empty for plain records.
    pub reasons: Vec<Reason>,
    /// From which models and configuration.
    pub provenance: Arc<Provenance>,
    /// Trace context.
    pub trace: TraceContext,
    /// What happened.
    pub body: EventBody,
}

/// An event as the centre committed it: what consoles receive.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteEvent {
    /// Position in the site's log, from 1, without holes.
    pub sequence: u64,
    /// When it was committed, UTC of the centre.
    pub committed: CaptureTime,
    /// The event.
    pub event: EdgeEvent,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_context_round_trips() {
        let trace = TraceContext { trace: 0x0123_4567_89ab_cdef_0011_2233_4455_6677, span: 42 };
        assert_eq!(TraceContext::parse(&trace.traceparent()), Some(trace));
        for bad in ["", "01-00-00-00", "00-xyz", "00-0-0-01"] {
            assert_eq!(TraceContext::parse(bad), None, "{bad:?}");
        }
    }
}
