//! A link is a hypothesis: what speaks for it, what else it could have been, and where it stands.

use serde::{Deserialize, Serialize};

use super::memory::PresenceId;

/// Where a hypothesis stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkState {
    /// One of several; another is more probable.
    #[default]
    Considered,
    /// The most probable one, still provisional.
    Proposed,
    /// Taken.
    Confirmed,
    /// Not taken, or taken back.
    Rejected,
}

/// How a tracklet belongs to what was seen before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkKind {
    /// Not at all: a traveller who was not seen before.
    #[default]
    Newcomer,
    /// Out of sight in between.
    Passage,
    /// In view of both cameras at once.
    Overlap,
}

/// What speaks for a link against a newcomer, each as a log-likelihood ratio (natural logarithm). What could not be measured
/// is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Clothing and shape.
    pub appearance: Option<f64>,
    /// Cosine similarity behind it.
    pub cosine: Option<f64>,
    /// Time out of sight.
    pub transit: Option<f64>,
    /// Seconds out of sight; negative where the cameras' clocks disagree.
    pub seconds: Option<f64>,
    /// Place on the floor.
    pub floor: Option<f64>,
    /// How usual this way is against how usual newcomers are.
    pub route: f64,
}

impl Evidence {
    /// All of it together.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.route + [self.appearance, self.transit, self.floor].into_iter().flatten().sum::<f64>()
    }
}

/// One explanation of a tracklet.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Hypothesis {
    /// The presence that it continues; none for a newcomer.
    pub to: Option<PresenceId>,
    /// How.
    pub kind: LinkKind,
    /// Probability, 0 to 1, given that nobody can be in two places.
    pub probability: f64,
    /// Why.
    pub evidence: Evidence,
    /// Where it stands.
    pub state: LinkState,
}

/// What is decided of one tracklet, with its alternatives, the chosen one first and the others by probability.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Empty until the first round after the tracklet began.
    pub hypotheses: Vec<Hypothesis>,
}

impl Decision {
    /// The hypothesis that stands.
    #[must_use]
    pub fn chosen(&self) -> Option<&Hypothesis> {
        self.hypotheses.first().filter(|h| h.state != LinkState::Rejected)
    }

    /// The most probable other one.
    #[must_use]
    pub fn runner_up(&self) -> Option<&Hypothesis> {
        self.hypotheses.get(1)
    }

    /// The chosen one is confirmed, the others are rejected.
    pub(super) fn confirm(&mut self) {
        for (index, hypothesis) in self.hypotheses.iter_mut().enumerate() {
            hypothesis.state = if index == 0 { LinkState::Confirmed } else { LinkState::Rejected };
        }
    }

    /// Takes everything back: it is a newcomer after all.
    pub(super) fn withdraw(&mut self) {
        self.hypotheses.iter_mut().for_each(|h| h.state = LinkState::Rejected);
    }
}
