//! One track as others see it.

use serde::{Deserialize, Serialize};

use crate::appearance::Appearance;
use crate::frame::{BBox, ObjectClass};
use crate::ids::TrackId;
use crate::time::MediaTime;

/// How far a track is to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackState {
    /// On probation: may be a detector's mistake.
    Tentative,
    /// Believed, and shown; its box is a prediction when it was not matched in this step.
    Confirmed,
    /// Was confirmed and is out of sight; kept so that it can be found again.
    Lost,
    /// Is seen, but believed to be a thing that looks like a person: neither shown nor told of unless it moves.
    Fixture,
}

impl TrackState {
    /// Whether a track in this state is one that others know of.
    #[must_use]
    pub fn is_told(self) -> bool {
        matches!(self, Self::Confirmed | Self::Lost)
    }
}

/// One person or thing in one camera without interruption.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Unique within the tracker, ascending in order of birth.
    pub id: TrackId,
    /// What it is; never changes.
    pub class: ObjectClass,
    /// Where it is believed to be now, pixels of the full frame.
    pub bbox: BBox,
    /// Score of the detection matched last, 0 to 1.
    pub score: f32,
    /// How far it is to be believed.
    pub state: TrackState,
    /// Whether a detection was matched in this step.
    pub matched: bool,
    /// When its first detection was made.
    pub first_seen: MediaTime,
    /// When its last detection was made.
    pub last_seen: MediaTime,
    /// How many detections were matched.
    pub matches: u32,
    /// Velocity of the centre, pixels per second.
    pub velocity: (f64, f64),
    /// Moving average of its appearance, once one was asked for.
    pub appearance: Option<Appearance>,
}

impl Track {
    /// One that is confirmed and was detected once, then.
    #[must_use]
    pub fn confirmed(id: TrackId, class: ObjectClass, bbox: BBox, score: f32, seen: MediaTime) -> Self {
        Self {
            id,
            class,
            bbox,
            score,
            state: TrackState::Confirmed,
            matched: true,
            first_seen: seen,
            last_seen: seen,
            matches: 1,
            velocity: (0.0, 0.0),
            appearance: None,
        }
    }
}

/// A track's foot point and its motion, each with variances of x and y, which are independent of each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foot {
    /// Pixels of the full frame.
    pub at: (f64, f64),
    /// Square pixels.
    pub variance: (f64, f64),
    /// Pixels per second.
    pub velocity: (f64, f64),
    /// (Pixels per second) squared.
    pub velocity_variance: (f64, f64),
}
