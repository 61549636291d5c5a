//! What people and bags were seen to do.

use serde::{Deserialize, Serialize};

use super::Severity;
use crate::ids::TrackId;
use crate::time::CaptureTime;

/// What was seen. Closed list: movements, never what anybody may think or feel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Stays in a zone for longer than people do there.
    Loitering,
    /// Walks against the direction of a one-way zone.
    CounterFlow,
    /// Runs.
    Running,
    /// Came up to a control zone and turned back.
    Reversal,
    /// Came up to a control zone and drew back several times.
    Hesitation,
    /// Two pass a gate as if they were one.
    Tailgating,
    /// Two walk together.
    WalkingTogether,
    /// Two who walked together part before control.
    GroupSplit,
    /// More people in a zone than it may hold.
    Crowding,
    /// Somebody crossed a line.
    LineCrossed,
    /// Somebody fell and lies.
    Fall,
    /// Keeps to the border of the picture.
    BorderPath,
    /// A bag stands alone.
    ObjectLeft,
    /// Somebody else took a bag that stood alone or was set down.
    ObjectTaken,
    /// Its carrier took a bag again.
    ObjectReclaimed,
    /// A bag passed from one carrier to another.
    BagHandedOver,
    /// Two carriers have each other's bags.
    BagSwapped,
    /// Stays behind a restroom's entrance for longer than people do.
    RestroomDwell,
    /// Carries something else on coming out of a restroom than on going in.
    CarryDifference,
}

impl Behaviour {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 19] = [
        Self::Loitering,
        Self::CounterFlow,
        Self::Running,
        Self::Reversal,
        Self::Hesitation,
        Self::Tailgating,
        Self::WalkingTogether,
        Self::GroupSplit,
        Self::Crowding,
        Self::LineCrossed,
        Self::Fall,
        Self::BorderPath,
        Self::ObjectLeft,
        Self::ObjectTaken,
        Self::ObjectReclaimed,
        Self::BagHandedOver,
        Self::BagSwapped,
        Self::RestroomDwell,
        Self::CarryDifference,
    ];

    /// Name as in configuration, labels and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loitering => "loitering",
            Self::CounterFlow => "counter_flow",
            Self::Running => "running",
            Self::Reversal => "reversal",
            Self::Hesitation => "hesitation",
            Self::Tailgating => "tailgating",
            Self::WalkingTogether => "walking_together",
            Self::GroupSplit => "group_split",
            Self::Crowding => "crowding",
            Self::LineCrossed => "line_crossed",
            Self::Fall => "fall",
            Self::BorderPath => "border_path",
            Self::ObjectLeft => "object_left",
            Self::ObjectTaken => "object_taken",
            Self::ObjectReclaimed => "object_reclaimed",
            Self::BagHandedOver => "bag_handed_over",
            Self::BagSwapped => "bag_swapped",
            Self::RestroomDwell => "restroom_dwell",
            Self::CarryDifference => "carry_difference",
        }
    }

    /// The behaviour of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.as_str() == name)
    }

    /// How much a human is asked to look when it is told of.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            behaviour if behaviour.is_record() => Severity::Info,
            Self::Fall | Self::ObjectLeft | Self::BagHandedOver | Self::BagSwapped | Self::CarryDifference => {
                Severity::Alert
            }
            _ => Severity::Attention,
        }
    }

    /// Whether it is a plain record that asks nobody to look.
    #[must_use]
    pub fn is_record(self) -> bool {
        matches!(self, Self::WalkingTogether | Self::LineCrossed | Self::ObjectReclaimed)
    }
}

/// Something that people or bags were seen to do. Why it is told stands in the event's reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BehaviourReport {
    /// What.
    pub behaviour: Behaviour,
    /// When it began.
    pub since: CaptureTime,
    /// Whom it concerns besides the event's own track: companions, the other carrier. First who had it, then who has it.
    pub others: Vec<TrackId>,
    /// The bag.
    pub bag: Option<TrackId>,
}
