//! A vital sign: a rate with its interval and quality, or the reasons why there is no reading.

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
    /// The region is of one shade: there is nothing in it whose movement could be seen.
    NoStructure,
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
    /// What would measure it is not there: a model, or a region in view.
    NotConfigured,
}

impl Reason {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 17] = [
        Self::TooShort,
        Self::TrackBreak,
        Self::FaceSmall,
        Self::HeadTurned,
        Self::LowLight,
        Self::Saturated,
        Self::NoStructure,
        Self::FpsJitter,
        Self::Agc,
        Self::Motion,
        Self::Compressed,
        Self::NoPulse,
        Self::Disagree,
        Self::RoiSpread,
        Self::GopLine,
        Self::FlickerLine,
        Self::NotConfigured,
    ];

    /// Name as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooShort => "TOO_SHORT",
            Self::TrackBreak => "TRACK_BREAK",
            Self::FaceSmall => "FACE_SMALL",
            Self::HeadTurned => "HEAD_TURNED",
            Self::LowLight => "LOW_LIGHT",
            Self::Saturated => "SATURATED",
            Self::NoStructure => "NO_STRUCTURE",
            Self::FpsJitter => "FPS_JITTER",
            Self::Agc => "AGC",
            Self::Motion => "MOTION",
            Self::Compressed => "COMPRESSED",
            Self::NoPulse => "NO_PULSE",
            Self::Disagree => "DISAGREE",
            Self::RoiSpread => "ROI_SPREAD",
            Self::GopLine => "GOP_LINE",
            Self::FlickerLine => "FLICKER_LINE",
            Self::NotConfigured => "NOT_CONFIGURED",
        }
    }
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

/// What is measured on a face. Closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VitalSign {
    /// Heart beats a minute.
    Pulse,
    /// Breaths a minute.
    Respiration,
    /// Blinks a minute.
    BlinkRate,
    /// Movements of facial features a minute.
    FacialMovement,
}

impl VitalSign {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 4] = [Self::Pulse, Self::Respiration, Self::BlinkRate, Self::FacialMovement];

    /// Name as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pulse => "pulse",
            Self::Respiration => "respiration",
            Self::BlinkRate => "blink_rate",
            Self::FacialMovement => "facial_movement",
        }
    }
}

/// A reading of one sign of one face, once a second of media time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VitalReport {
    /// Of what.
    pub sign: VitalSign,
    /// The rate, or why there is none.
    pub estimate: Estimate,
    /// How it was measured, where it was.
    pub method: Option<String>,
}

impl std::fmt::Display for VitalReport {
    /// For people, e.g. `pulse 71.2 a minute (70.1 to 72.3), quality 0.97` or `respiration: no reading, TOO_SHORT`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = self.sign.as_str();
        match &self.estimate {
            Estimate::Available { rate, interval: Interval { low, high }, quality, .. } => {
                write!(f, "{sign} {rate:.1} a minute ({low:.1} to {high:.1}), quality {quality:.2}")
            }
            Estimate::Unavailable { reasons, .. } => {
                write!(f, "{sign}: no reading")?;
                reasons.iter().try_for_each(|reason| write!(f, ", {}", reason.as_str()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_json() {
        for reason in Reason::ALL {
            assert_eq!(serde_json::json!(reason), reason.as_str());
        }
        for sign in VitalSign::ALL {
            assert_eq!(serde_json::json!(sign), sign.as_str());
        }
    }
}
