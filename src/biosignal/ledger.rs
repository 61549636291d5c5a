//! How much of the time something could be seen, and what stood in the way.

use std::collections::{BTreeMap, VecDeque};

use super::estimate::{Reason, Window};
use crate::time::MediaTime;

/// Seconds that are kept.
const SECONDS_MAX: usize = 128;
/// Part of a window that a reason must have cost to be named.
const WORTH_NAMING: f64 = 0.1;

/// One second of media time.
#[derive(Debug, Default)]
struct Entry {
    second: i64,
    tracked_s: f64,
    lost_s: BTreeMap<Reason, f64>,
}

/// Time that counted and time that did not, second by second. Bounded: the oldest seconds go first.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: VecDeque<Entry>,
    first: Option<MediaTime>,
}

impl Ledger {
    /// `step_s` seconds before `at` counted.
    pub(super) fn tracked(&mut self, at: MediaTime, step_s: f64) {
        self.entry(at).tracked_s += step_s;
    }

    /// `step_s` seconds before `at` did not.
    pub(super) fn lost(&mut self, at: MediaTime, step_s: f64, reason: Reason) {
        *self.entry(at).lost_s.entry(reason).or_default() += step_s;
    }

    /// The `length_s` seconds before `end`, or what there was of them.
    pub(super) fn window(&self, end: MediaTime, length_s: f64) -> Window {
        let start = MediaTime::from_seconds(end.seconds() - length_s);
        Window { start: self.first.map_or(end, |first| first.max(start).min(end)), end }
    }

    /// Seconds of the window that counted.
    pub(super) fn tracked_s(&self, window: Window) -> f64 {
        self.inside(window).map(|e| e.tracked_s).sum()
    }

    /// Why fewer than `wanted_s` seconds of the window counted.
    pub(super) fn reasons(&self, window: Window, wanted_s: f64) -> Vec<Reason> {
        let mut lost: BTreeMap<Reason, f64> = BTreeMap::new();
        for (reason, seconds) in self.inside(window).flat_map(|e| &e.lost_s) {
            *lost.entry(*reason).or_default() += seconds;
        }
        let worth = WORTH_NAMING * window.seconds();
        let mut reasons: Vec<Reason> = lost.into_iter().filter(|(_, s)| *s > worth).map(|(reason, _)| reason).collect();
        if reasons.is_empty() || window.seconds() < wanted_s {
            reasons.push(Reason::TooShort);
        }
        reasons
    }

    fn inside(&self, window: Window) -> impl Iterator<Item = &Entry> {
        let [from, to] = [window.start, window.end].map(|t| t.seconds().floor() as i64);
        self.entries.iter().filter(move |e| (from..=to).contains(&e.second))
    }

    fn entry(&mut self, at: MediaTime) -> &mut Entry {
        self.first.get_or_insert(at);
        let second = at.seconds().floor() as i64;
        let known = self.entries.iter().rposition(|e| e.second == second);
        let index = known.unwrap_or_else(|| {
            if self.entries.len() == SECONDS_MAX {
                self.entries.pop_front();
            }
            self.entries.push_back(Entry { second, ..Entry::default() });
            self.entries.len() - 1
        });
        &mut self.entries[index]
    }
}
