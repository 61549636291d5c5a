//! What the centre tells of somebody who is followed and out of every view.

use serde::{Deserialize, Serialize};

use crate::ids::{BootId, CameraId, TrackId};
use crate::time::CaptureTime;

/// What is told. Closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// Nearly all who go on from there are back in view by now; this one is not. `END`: they are.
    Overdue,
    /// They came back into a view into which nearly nobody comes from there.
    UnexpectedExit,
    /// They came back sooner than nearly anybody walks that way.
    TooFast,
}

impl Absence {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 3] = [Self::Overdue, Self::UnexpectedExit, Self::TooFast];

    /// Name as in alerts, configuration and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::UnexpectedExit => "unexpected_exit",
            Self::TooFast => "too_fast",
        }
    }
}

/// Somebody who is followed and was out of sight. The event's reasons have the figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AbsenceReport {
    /// What is told.
    pub absence: Absence,
    /// The traveller's number.
    pub traveller: u64,
    /// Since when they are, or were, out of sight.
    pub since: CaptureTime,
    /// The track in which they were seen last: its camera, ...
    pub camera: CameraId,
    /// ... that camera's run, ...
    pub boot: BootId,
    /// ... and the track.
    pub track: TrackId,
    /// The view in which they came back, if they did.
    pub back: Option<CameraId>,
    /// How probable it is that an ordinary absence looks like this.
    pub probability: f64,
    /// Views into which they may have come that saw nobody for some of the time: they do not count.
    pub unseeing: Vec<CameraId>,
}

impl std::fmt::Display for AbsenceReport {
    /// For people, e.g. `overdue: traveller 17, last seen by gate, 0.03 of absences are like this`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { absence, traveller, camera, back, probability, unseeing, .. } = self;
        write!(f, "{}: traveller {traveller}, last seen by {camera}", absence.as_str())?;
        if let Some(back) = back {
            write!(f, ", back in view of {back}")?;
        }
        write!(f, ", {probability:.3} of absences are like this")?;
        match unseeing.is_empty() {
            true => Ok(()),
            false => {
                write!(f, "; not counting {}", unseeing.iter().map(CameraId::as_str).collect::<Vec<_>>().join(", "))
            }
        }
    }
}
