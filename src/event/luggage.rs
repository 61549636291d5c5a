//! What the centre tells of bags from one view to the next.

use serde::{Deserialize, Serialize};

use crate::frame::ObjectClass;
use crate::ids::{BootId, CameraId, TrackId};
use crate::time::CaptureTime;

/// What became of a bag out of sight. Closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BagChange {
    /// Somebody else has it now.
    PassedOn,
    /// They had it when they left a view and came into the next without it.
    Missing,
    /// They left a view without it and came into the next with it.
    Gained,
}

impl BagChange {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 3] = [Self::PassedOn, Self::Missing, Self::Gained];

    /// Name as in alerts, configuration and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PassedOn => "bag_passed_on",
            Self::Missing => "bag_missing",
            Self::Gained => "bag_gained",
        }
    }
}

/// Somebody in a view, with the bag or without it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BagMoment {
    /// The traveller's number.
    pub traveller: u64,
    /// Their track: its camera, ...
    pub camera: CameraId,
    /// ... that camera's run, ...
    pub boot: BootId,
    /// ... and the track.
    pub track: TrackId,
    /// The bag's track there; `None`: they were without it.
    pub bag: Option<TrackId>,
    /// The last moment of the earlier stay in view, the first one of the later.
    pub at: CaptureTime,
}

/// A bag that changed hands, was left or was taken where no camera looks. The event's reasons have the figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BagReport {
    /// What is told.
    pub change: BagChange,
    /// The bag's number, the same in every view.
    pub bag: u64,
    /// What kind of bag.
    pub class: ObjectClass,
    /// Before.
    pub before: BagMoment,
    /// After; of another traveller where it was passed on.
    pub after: BagMoment,
    /// How probable it is that this happened, and that no camera only missed the bag.
    pub probability: f64,
}

impl std::fmt::Display for BagReport {
    /// For people, e.g. `bag_passed_on: B7 (suitcase) from traveller 12 at gate to traveller 31 at hall, 0.83`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { change, bag, class, before, after, probability } = self;
        write!(f, "{}: B{bag} ({})", change.as_str(), class.as_str())?;
        match change {
            BagChange::PassedOn => {
                let (from, to) = (&before.camera, &after.camera);
                write!(f, " from traveller {} at {from} to traveller {} at {to}", before.traveller, after.traveller)?;
            }
            BagChange::Missing => {
                write!(f, " of traveller {} at {}, not at {}", before.traveller, before.camera, after.camera)?;
            }
            BagChange::Gained => {
                write!(f, " of traveller {} at {}, not at {}", after.traveller, after.camera, before.camera)?;
            }
        }
        write!(f, ", {probability:.2}")
    }
}
