//! One passer: readings so far, the own baseline, and the highest of what was found.

use std::collections::VecDeque;
use std::sync::Arc;

use super::change::Cusum;
use super::memory::Summary;
use super::reference::Reference;
use super::settings::ScreeningSettings;
use super::signal::{Reading, SIGNALS, Scaled, Signal};
use super::spread::median;
use crate::event::{Reason, Severity};
use crate::units::Interval;

/// Readings of a signal kept of one passer; those after are compared but not remembered.
const READINGS_MAX: usize = 256;
/// A deviation of fewer standard deviations than this is no reason.
const REASON_MIN: f64 = 1.0;
/// Since a cumulative sum is higher than this, something deviates, standard deviations.
const CHANGE_MIN: f64 = 2.0;

/// One signal of one passer.
#[derive(Debug, Default)]
struct Course {
    /// Until when a reading tells of the baseline.
    early_until: Option<f64>,
    /// Readings of it, then none.
    early: Vec<Scaled>,
    baseline: Option<Scaled>,
    newest: Option<(f64, Scaled)>,
    change: Option<(f64, f64, f64)>,
    levels: Vec<f64>,
    changes: Vec<f64>,
    sum: Cusum,
}

/// One passer.
#[derive(Debug)]
pub(super) struct Passer {
    pub reference: Arc<Reference>,
    pub seen: f64,
    pub since: Option<f64>,
    pub told: Option<Severity>,
    courses: [Course; SIGNALS],
    /// Distances of the last moments, to find what was sustained.
    recent: VecDeque<(f64, f64)>,
    apart: Option<f64>,
    changed: f64,
}

impl Passer {
    pub fn new(reference: Arc<Reference>, at: f64) -> Self {
        Self {
            reference,
            seen: at,
            since: None,
            told: None,
            courses: Default::default(),
            recent: VecDeque::new(),
            apart: None,
            changed: 0.0,
        }
    }

    pub fn read(&mut self, at: f64, reading: &Reading, settings: &ScreeningSettings) {
        let Some(scaled) = reading.scaled() else { return };
        self.seen = at;
        let usual = self.reference.changes[reading.signal.index()];
        let course = &mut self.courses[reading.signal.index()];
        course.newest = Some((at, scaled));
        if course.levels.len() < READINGS_MAX {
            course.levels.push(scaled.x);
        }
        if reading.signal.change_code().is_none() {
            return;
        }
        let Some(own) = course.baseline(reading, scaled, settings) else { return };
        let change = scaled.x - own.x;
        if course.changes.len() < READINGS_MAX {
            course.changes.push(change);
        }
        let Some(usual) = usual else { return };
        let z = usual.distance(change, scaled.deviation.hypot(own.deviation));
        course.sum.push(at, z, reading.window.1 - reading.window.0);
        course.change = Some((at, z, own.x));
    }

    /// Looks at what stands at `at`; the score so far, where there is one.
    pub fn judge(&mut self, at: f64, settings: &ScreeningSettings) -> Option<f64> {
        // What was sustained must have been seen all the time.
        if self.recent.back().is_some_and(|(last, _)| at - last > settings.fresh_s) {
            self.recent.clear();
        }
        let Some(apart) = self.reference.correlation.apart(&self.distances(at, settings)) else {
            self.recent.clear();
            return self.score();
        };
        self.recent.push_back((at, apart));
        while self.recent.len() > 1 && self.recent[1].0 <= at - settings.hold_s {
            self.recent.pop_front();
        }
        if self.recent[0].0 <= at - settings.hold_s {
            let sustained = self.recent.iter().map(|(_, apart)| *apart).min_by(f64::total_cmp)?;
            if self.apart.is_none_or(|highest| sustained > highest) {
                self.apart = Some(sustained);
            }
            if sustained > REASON_MIN {
                self.since.get_or_insert(self.recent[0].0);
            }
        }
        // Of the sums, too, the greatest is left out: two signals must have changed.
        let mut sums: Vec<f64> = self.courses.iter().map(|course| course.sum.height()).collect();
        sums.sort_by(|a, b| b.total_cmp(a));
        // The tail of a sum is exponential; that of its root is like a distance's.
        self.changed = self.changed.max((2.0 * sums[1]).sqrt());
        if sums[1] > CHANGE_MIN {
            self.since.get_or_insert(at);
        }
        self.score()
    }

    /// The score to be remembered: `None` before there was a measure, an empty one where too little was read.
    pub fn remembered(&self) -> Option<Option<f64>> {
        self.reference.highest.map(|_| self.score())
    }

    /// The score of the whole stay so far.
    pub fn score(&self) -> Option<f64> {
        self.reference.score(self.apart?, self.changed)
    }

    fn distances(&self, at: f64, settings: &ScreeningSettings) -> [Option<f64>; SIGNALS] {
        Signal::ALL.map(|signal| {
            let (read, scaled) = self.courses[signal.index()].newest?;
            let usual = self.reference.levels[signal.index()].filter(|_| at - read <= settings.fresh_s)?;
            let z = usual.distance(scaled.x, scaled.deviation);
            // Whoever is still in view may yet stay: a short time so far is no deviation.
            Some(if signal == Signal::TimeInView { z.max(0.0) } else { z })
        })
    }

    /// How many signals stand at `at`.
    pub fn signals(&self, at: f64, settings: &ScreeningSettings) -> u32 {
        self.distances(at, settings).iter().flatten().count() as u32
    }

    /// What deviates at `at`, the most first: value, what is usual, unit.
    pub fn reasons(&self, at: f64, settings: &ScreeningSettings) -> Vec<Reason> {
        let mut found: Vec<(f64, Reason)> = Vec::new();
        let distances = self.distances(at, settings);
        for signal in Signal::ALL {
            let (i, unit) = (signal.index(), signal.unit());
            let course = &self.courses[i];
            let Some((_, newest)) = course.newest else { continue };
            if let (Some(z), Some(usual)) = (distances[i], self.reference.levels[i]) {
                let (low, high) = usual.range();
                let expected = Interval { low: signal.back(low), high: signal.back(high) };
                let code = signal.level_code();
                found.push((z.abs(), Reason { code, measured: signal.back(newest.x), expected, unit }));
            }
            if let (Some((when, z, own)), Some(usual), Some(code)) =
                (course.change, self.reference.changes[i], signal.change_code())
                && at - when <= settings.fresh_s
            {
                let base = signal.back(own);
                let (low, high) = usual.range();
                let expected = Interval { low: signal.back(own + low) - base, high: signal.back(own + high) - base };
                found.push((z.abs(), Reason { code, measured: signal.back(newest.x) - base, expected, unit }));
            }
        }
        found.retain(|(z, _)| *z >= REASON_MIN);
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.into_iter().map(|(_, reason)| reason).collect()
    }

    pub fn summary(&self) -> Summary {
        let of = |values: fn(&Course) -> &[f64]| std::array::from_fn(|i| median(values(&self.courses[i])));
        Summary {
            levels: Signal::ALL.map(|signal| {
                let levels = &self.courses[signal.index()].levels;
                // Time in view only grows: its last value is the stay's length.
                if signal == Signal::TimeInView { levels.last().copied() } else { median(levels) }
            }),
            changes: of(|course| &course.changes),
            apart: self.apart,
            changed: self.apart.map(|_| self.changed),
        }
    }
}

impl Course {
    /// The own baseline, once this reading lies wholly behind it. Of a signal whose window is longer than the time set for
    /// the baseline, the first window is the baseline.
    fn baseline(&mut self, reading: &Reading, scaled: Scaled, settings: &ScreeningSettings) -> Option<Scaled> {
        let (start, end) = reading.window;
        let until = *self.early_until.get_or_insert(end.max(start + settings.baseline_s));
        if end <= until {
            self.early.push(scaled);
            return None;
        }
        if self.baseline.is_none() {
            let early = std::mem::take(&mut self.early);
            let x = median(&early.iter().map(|s| s.x).collect::<Vec<_>>())?;
            let deviation = median(&early.iter().map(|s| s.deviation).collect::<Vec<_>>())?;
            self.baseline = Some(Scaled { x, deviation });
        }
        self.baseline.filter(|_| start >= until)
    }
}
