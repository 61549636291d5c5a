//! Which bag a new path is of: one that was hidden, or one of its own.

use crate::tracking::Possession;

/// What a path alone says of who has its bag.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    /// When it began.
    pub(super) prior: Possession,
    /// By now.
    pub(super) alone: Possession,
}

/// A path that is taken for that of a bag that was hidden, as long as it may begin a bag of its own.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// How much likelier it was at first that it goes on with this bag than that it begins one of its own, nats; less what
    /// each account said of the looks until then.
    odds: f64,
    /// Who has the bag if it is one of its own.
    pub(super) own: Possession,
    /// How much of it the empty hands of the old carrier said, nats.
    empty: f64,
}

/// Hands that are seen empty speak so strongly for a bag's having left them, nats a look ...
const EMPTY_SAYS: f64 = 0.5;
/// ... and no stronger in all: a bag may hang on its carrier's far side.
const EMPTY_MAX: f64 = 2.0;

impl Link {
    /// `odds`: how much likelier it is now; `own` and `linked`: who has the bag by each account.
    pub(super) fn new(odds: f64, own: Possession, linked: &Possession) -> Self {
        Self { odds: odds.ln() - linked.evidence() + own.evidence(), own, empty: 0.0 }
    }

    /// The old carrier is seen without a bag, for `looks` independent looks.
    pub(super) fn carrier_is_without(&mut self, looks: f64) {
        let nats = (EMPTY_SAYS * looks).min(EMPTY_MAX - self.empty);
        self.empty += nats;
        self.odds += nats;
    }

    /// Probability that the path is the hidden bag's.
    pub(super) fn same(&self, linked: &Possession) -> f64 {
        1.0 / (1.0 + (self.own.evidence() - linked.evidence() - self.odds).exp())
    }
}
