//! What can be set, with the bounds of everything that is kept.

use serde::{Deserialize, Serialize};

use crate::ids::CameraId;

/// Settings of [`super::Associator`]. Times are seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AssociationSettings {
    /// How often undecided identities are explained anew.
    pub round_s: f64,
    /// How long an identity stays provisional. Longer is surer and later.
    pub defer_s: f64,
    /// How long after the last sign of life a track without an end counts as gone.
    pub stale_s: f64,
    /// How long somebody out of sight may come back into view.
    pub absence_max_s: f64,
    /// How long confirmed links stay open to the corrector: as long as somebody may be away, another may have been taken for them.
    pub correct_s: f64,
    /// How often the corrector runs.
    pub correct_every_s: f64,
    /// How often clocks are compared, those who are away are counted, and what is too old is forgotten.
    pub upkeep_every_s: f64,
    /// What a correction must gain, as a log-likelihood ratio.
    pub correct_gain: f64,
    /// Fastest walk in metres a second.
    pub speed_max: f64,
    /// Usual walk in metres a second.
    pub speed_usual: f64,
    /// Cameras' clocks agree within this.
    pub clock_slack_s: f64,
    /// Two tracks of one camera that are seen together for longer are of two people.
    pub same_view_s: f64,
    /// Floor area over which an unrelated person may stand anywhere, in square metres.
    pub floor_area_m2: f64,
    /// Share of pairs of different people who look the same to the model.
    pub alike_share: f64,
    /// Cosine similarity of one person in two cameras: mean and standard deviation, before anything is learned.
    pub cosine_same: (f64, f64),
    /// Cosine similarity of two persons likewise.
    pub cosine_different: (f64, f64),
    /// Newcomers a second and camera, before anything is learned.
    pub newcomers_per_s: f64,
    /// Hypotheses kept for each identity: the first few are told, and all of them teach what is usual.
    pub hypotheses_max: usize,
    /// Most presences in memory; beyond it the one unseen longest is forgotten and counted.
    pub presences_max: usize,
    /// How long a presence stays in memory after its end.
    pub memory_s: f64,
}

impl AssociationSettings {
    /// For how long two tracks may seem to be seen together although nobody is in both views at once.
    pub(super) fn slack_s(&self, a: &CameraId, b: &CameraId) -> f64 {
        if a == b { self.same_view_s } else { self.clock_slack_s }
    }
}

impl Default for AssociationSettings {
    fn default() -> Self {
        Self {
            round_s: 0.25,
            defer_s: 6.0,
            stale_s: 3.5,
            absence_max_s: 600.0,
            correct_s: 600.0,
            correct_every_s: 10.0,
            upkeep_every_s: 30.0,
            correct_gain: 0.1,
            speed_max: 2.5,
            speed_usual: 1.3,
            clock_slack_s: 1.0,
            same_view_s: 0.4,
            floor_area_m2: 400.0,
            alike_share: 0.01,
            cosine_same: (0.75, 0.12),
            cosine_different: (0.45, 0.16),
            newcomers_per_s: 0.02,
            hypotheses_max: 15,
            presences_max: 20_000,
            memory_s: 3_600.0,
        }
    }
}
