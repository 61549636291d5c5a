//! Never more than so many an hour, and those the most worthwhile that can be told without knowing what comes.

use std::collections::VecDeque;

/// The hour of the budget, microseconds.
pub(super) const HOUR: i64 = 3_600_000_000;
/// What is expected of the next hour is taken from these last hours.
const HORIZON: i64 = 4 * HOUR;
/// Most candidates remembered of them; the oldest go first.
const SEEN_MAX: usize = 4_096;

/// What the budget says of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It is raised.
    Raise,
    /// All places of this hour are taken.
    Full,
    /// More valuable ones are to be expected for the places that are left.
    Outranked,
}

/// Places of a sliding hour.
///
/// With `f` of `N` places free, a candidate is raised when at most `2 f` as valuable are to be expected in an hour, from the
/// rate of the last four hours. With half the places free that is the best `N` an hour; an empty hour is easier, a full one
/// harder to get into. It is the threshold policy of the online selection problem (Kleinberg 2005, "A multiple-choice
/// secretary algorithm", keeps a threshold by rank in the same way) with a window that slides.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    per_hour: usize,
    raised: VecDeque<i64>,
    seen: VecDeque<(i64, f64)>,
    begin: Option<i64>,
}

impl Budget {
    /// At most `per_hour` in any hour.
    #[must_use]
    pub fn new(per_hour: u32) -> Self {
        Self { per_hour: per_hour as usize, raised: VecDeque::new(), seen: VecDeque::new(), begin: None }
    }

    /// Notes a candidate of this rank, whatever becomes of it.
    pub fn saw(&mut self, at: i64, rank: f64) {
        self.begin.get_or_insert(at);
        self.seen.push_back((at, rank));
        while self.seen.len() > SEEN_MAX || self.seen.front().is_some_and(|(then, _)| at - then > HORIZON) {
            self.seen.pop_front();
        }
    }

    /// What to do with one of this rank now.
    #[must_use]
    pub fn judge(&self, at: i64, rank: f64) -> Judgement {
        let used = self.raised.iter().filter(|then| at - **then < HOUR).count();
        let free = self.per_hour.saturating_sub(used);
        if free == 0 {
            return Judgement::Full;
        }
        let known = self.begin.map_or(HOUR, |begin| (at - begin).clamp(HOUR, HORIZON));
        let as_valuable = self.seen.iter().filter(|(then, r)| at - then < known && *r >= rank).count();
        let an_hour = as_valuable as f64 * HOUR as f64 / known as f64;
        if an_hour <= 2.0 * free as f64 { Judgement::Raise } else { Judgement::Outranked }
    }

    /// Takes a place.
    pub fn raise(&mut self, at: i64) {
        self.raised.push_back(at);
        while self.raised.len() > self.per_hour {
            self.raised.pop_front();
        }
    }

    /// The next moment after `after` at which a place gets free.
    #[must_use]
    pub fn frees(&self, after: i64) -> Option<i64> {
        self.raised.iter().map(|then| then + HOUR).find(|free| *free > after)
    }

    /// Places taken in the hour up to `at`.
    #[must_use]
    pub fn used(&self, at: i64) -> usize {
        self.raised.iter().filter(|then| at - **then < HOUR).count()
    }
}
