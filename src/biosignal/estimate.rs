//! A reading with its interval and quality, or the reasons why there is none.

use serde::{Deserialize, Serialize};

use crate::time::MediaTime;
use crate::units::Interval;

/// The stretch of time that a reading speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its first sample.
    pub start: MediaTime,
    /// Its last.
    pub end: MediaTime,
}

impl Window {
    /// Length in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.end.since(self.start)
    }
}

/// Why there is no reading. Closed list, in the order in which they are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// Not enough time was observed without a break.
    TooShort,
    /// The face or region was lost within the window.
    TrackBreak,
    /// The face has too few pixels.
    FaceSmall,
    /// The face looks past the camera.
    HeadTurned,
    /// The region is too dark to change measurably.
    LowLight,
    /// The region is too bright: its changes are cut off.
    Saturated,
    /// Frames came too seldom or with too many gaps.
    FpsJitter,
    /// The camera changed its gain or white balance.
    Agc,
    /// The region moved too much.
    Motion,
    /// The picture is compressed so hard that small changes of colour are lost.
    Compressed,
    /// Nothing stands out of the noise as a pulse, or a breath, would.
    NoPulse,
    /// Readouts, methods or windows contradict each other.
    Disagree,
    /// Regions of one face beat at different rates.
    RoiSpread,
    /// The line is that of the video's keyframes.
    GopLine,
    /// The line is the light's: all colours alike, or the background has it as well.
    FlickerLine,
}

/// A rate, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Estimate {
    /// Measured.
    Available {
        /// Per minute.
        rate: f64,
        /// Where the true rate lies with 90 % probability.
        interval: Interval,
        /// Probability that the rate is within 5 a minute of the truth.
        quality: f64,
        /// What it was measured on.
        window: Window,
    },
    /// Not measured; the reasons are sorted and each stands once.
    Unavailable {
        /// Why.
        reasons: Vec<Reason>,
        /// What was looked at.
        window: Window,
    },
}

impl Estimate {
    /// No reading of a window, for these reasons.
    #[must_use]
    pub fn unavailable(mut reasons: Vec<Reason>, window: Window) -> Self {
        reasons.sort_unstable();
        reasons.dedup();
        Self::Unavailable { reasons, window }
    }

    /// The rate where there is one.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        match self {
            Self::Available { rate, .. } => Some(*rate),
            Self::Unavailable { .. } => None,
        }
    }

    /// What was measured or looked at.
    #[must_use]
    pub fn window(&self) -> Window {
        match self {
            Self::Available { window, .. } | Self::Unavailable { window, .. } => *window,
        }
    }
}
