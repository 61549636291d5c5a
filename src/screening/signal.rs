//! What is compared.

use crate::event::{ReasonCode, Unit, VitalSign};
use crate::units::Interval;

/// How many signals there are.
pub const SIGNALS: usize = 6;

/// Half-width of a 90 % interval over the standard deviation, for a normal distribution.
const DEVIATIONS_90: f64 = 1.645;

/// A measured quantity that passers are compared by. Closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// Heart beats a minute.
    Pulse,
    /// Breaths a minute.
    Respiration,
    /// Blinks a minute.
    BlinkRate,
    /// Movements of facial features a minute.
    FacialMovement,
    /// Speed over the floor, metres a second.
    Speed,
    /// Seconds in view so far.
    TimeInView,
}

/// One reading of one signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Of what.
    pub signal: Signal,
    /// The value, in the signal's unit.
    pub value: f64,
    /// Where the true value lies with 90 % probability.
    pub interval: Interval,
    /// First and last moment of what was looked at, seconds of media time.
    pub window: (f64, f64),
}

/// A reading on the scale on which its signal's spread does not depend on its size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scaled {
    pub x: f64,
    pub deviation: f64,
}

impl Signal {
    /// All of them, in the order of the list.
    pub const ALL: [Self; SIGNALS] =
        [Self::Pulse, Self::Respiration, Self::BlinkRate, Self::FacialMovement, Self::Speed, Self::TimeInView];

    /// Place in [`Signal::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// The signal of a vital sign.
    #[must_use]
    pub fn of(sign: VitalSign) -> Self {
        match sign {
            VitalSign::Pulse => Self::Pulse,
            VitalSign::Respiration => Self::Respiration,
            VitalSign::BlinkRate => Self::BlinkRate,
            VitalSign::FacialMovement => Self::FacialMovement,
        }
    }

    /// The reason that gives its value beside the lane's range.
    #[must_use]
    pub fn level_code(self) -> ReasonCode {
        match self {
            Self::Pulse => ReasonCode::Pulse,
            Self::Respiration => ReasonCode::Respiration,
            Self::BlinkRate => ReasonCode::BlinkRate,
            Self::FacialMovement => ReasonCode::FacialMovement,
            Self::Speed => ReasonCode::Speed,
            Self::TimeInView => ReasonCode::TimeInView,
        }
    }

    /// The reason that gives its distance from the own baseline; `None` where there is no such thing.
    #[must_use]
    pub fn change_code(self) -> Option<ReasonCode> {
        match self {
            Self::Pulse => Some(ReasonCode::PulseChange),
            Self::Respiration => Some(ReasonCode::RespirationChange),
            Self::BlinkRate => Some(ReasonCode::BlinkRateChange),
            Self::FacialMovement => Some(ReasonCode::FacialMovementChange),
            Self::Speed => Some(ReasonCode::SpeedChange),
            Self::TimeInView => None,
        }
    }

    /// Its unit.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::Pulse | Self::Respiration | Self::BlinkRate | Self::FacialMovement => Unit::PerMinute,
            Self::Speed => Unit::MetresPerSecond,
            Self::TimeInView => Unit::Seconds,
        }
    }

    /// Whether readings are counts of rare things over a window, or times: their spread grows with their size, that of
    /// their square root does not (Anscombe 1948).
    fn is_count(self) -> bool {
        matches!(self, Self::BlinkRate | Self::FacialMovement | Self::TimeInView)
    }

    /// The least spread between passers that is believed, on the signal's scale.
    pub(super) fn spread_min(self) -> f64 {
        match self {
            Self::Pulse => 1.0,
            Self::Respiration => 0.5,
            Self::BlinkRate | Self::FacialMovement | Self::TimeInView => 0.2,
            Self::Speed => 0.05,
        }
    }

    /// Onto the scale of comparison.
    #[must_use]
    pub fn forth(self, value: f64) -> f64 {
        if self.is_count() { value.max(0.0).sqrt() } else { value }
    }

    /// Back into the unit.
    #[must_use]
    pub fn back(self, x: f64) -> f64 {
        if self.is_count() { x.max(0.0).powi(2) } else { x }
    }
}

impl Reading {
    /// `None` where the reading is no number: it then counts for nothing.
    pub(super) fn scaled(&self) -> Option<Scaled> {
        let [x, low, high] = [self.value, self.interval.low, self.interval.high].map(|v| self.signal.forth(v));
        let scaled = Scaled { x, deviation: (high - low).abs() / 2.0 / DEVIATIONS_90 };
        (scaled.x.is_finite() && scaled.deviation.is_finite()).then_some(scaled)
    }
}
