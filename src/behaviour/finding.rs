//! What a state machine says: something began, goes on or is over, of whom, where and why.

use crate::event::{Behaviour, Lifecycle, Reason, ReasonCode, Unit};
use crate::frame::BBox;
use crate::ids::TrackId;
use crate::units::Interval;

use super::motion::Mover;

/// Something seen, with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What.
    pub behaviour: Behaviour,
    /// Whether it begins or ends.
    pub lifecycle: Lifecycle,
    /// Whom it is told of: a path that outlives broken track ids.
    pub key: u64,
    /// The track of that person or bag now.
    pub track: TrackId,
    /// Its box, pixels.
    pub bbox: BBox,
    /// Whom else it concerns.
    pub others: Vec<TrackId>,
    /// The bag.
    pub bag: Option<TrackId>,
    /// In which zone or at which line.
    pub zone: Option<String>,
    /// When it began, seconds of media time.
    pub since: f64,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl Finding {
    /// Begins to tell of `mover`.
    #[must_use]
    pub fn new(behaviour: Behaviour, mover: &Mover, since: f64) -> Self {
        Self {
            behaviour,
            lifecycle: Lifecycle::New,
            key: mover.key,
            track: mover.track,
            bbox: mover.bbox,
            others: Vec::new(),
            bag: None,
            zone: None,
            since,
            reasons: Vec::new(),
        }
    }

    /// It is over.
    #[must_use]
    pub fn over(self) -> Self {
        Self { lifecycle: Lifecycle::End, ..self }
    }

    /// In or at `zone`.
    #[must_use]
    pub fn at(self, zone: &str) -> Self {
        Self { zone: Some(zone.to_owned()), ..self }
    }

    /// It concerns another, too.
    #[must_use]
    pub fn with(mut self, other: TrackId) -> Self {
        self.others.push(other);
        self
    }

    /// Because `code` is `measured` where `expected` is usual.
    #[must_use]
    pub fn because(mut self, code: ReasonCode, measured: f64, expected: (f64, f64), unit: Unit) -> Self {
        let expected = Interval { low: expected.0, high: expected.1 };
        self.reasons.push(Reason { code, measured, expected, unit });
        self
    }
}
