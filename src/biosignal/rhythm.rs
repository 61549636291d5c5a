//! The rhythm of the heart: single beats, and how much their intervals vary, where the signal is good enough for that.

use std::collections::VecDeque;

use super::estimate::Window;
use super::pulse::PulseWindow;
use crate::time::MediaTime;

/// Beats must be this alike, or their times are noise.
pub(super) const LIKENESS: f64 = 0.9;
/// Seconds at the end of a window in which beats wait for the next one: filters see no future there.
const UNSETTLED_S: f64 = 1.5;
/// Intervals farther from the median than this part of it are missed or doubled beats (the filter of vitallens-core and others).
const ODD: f64 = 0.3;
/// Seconds over which variability is taken, and the least of them that intervals must fill.
const VARIABILITY_S: f64 = 60.0;
const VARIABILITY_FROM_S: f64 = 30.0;
/// Most intervals that are kept: a minute at 216 bpm.
const INTERVALS_MAX: usize = 216;

/// A beat with the interval to the one before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beat {
    /// The beat before.
    pub from: MediaTime,
    /// This beat.
    pub to: MediaTime,
}

/// Variability of beat intervals (Task Force, Circulation 93, 1996), ms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variability {
    /// Standard deviation of the intervals.
    pub sdnn_ms: f64,
    /// Root mean square of the differences of neighbouring intervals.
    pub rmssd_ms: f64,
}

/// Joins the beats of overlapping windows into one row.
#[derive(Debug, Clone, Default)]
pub struct Rhythm {
    last: Option<f64>,
    recent: VecDeque<(f64, f64)>,
}

impl Rhythm {
    /// Takes the beats of a window that ends at `end` seconds and gives those that are new and settled.
    pub fn add(&mut self, found: &PulseWindow, window: Window, end: f64) -> Vec<Beat> {
        if found.beats.likeness < LIKENESS {
            return Vec::new();
        }
        let period = 60.0 / found.rate_bpm;
        let start = window.start.seconds();
        let settled = found.beats.times.iter().map(|t| start + t).filter(|t| *t <= end - UNSETTLED_S);
        let mut beats = Vec::new();
        for (from, to) in settled.clone().zip(settled.skip(1)) {
            let even = ((to - from) - period).abs() <= ODD * period;
            if even && self.last.is_none_or(|last| to > last + 0.5 * period) {
                beats.push(Beat { from: MediaTime::from_seconds(from), to: MediaTime::from_seconds(to) });
                self.last = Some(to);
                self.keep(to, to - from);
            }
        }
        beats
    }

    fn keep(&mut self, at: f64, interval: f64) {
        while self.recent.len() == INTERVALS_MAX || self.recent.front().is_some_and(|(t, _)| at - t > VARIABILITY_S) {
            self.recent.pop_front();
        }
        self.recent.push_back((at, interval));
    }

    /// Variability over the last minute, where intervals fill half of it.
    #[must_use]
    pub fn variability(&self) -> Option<Variability> {
        let total: f64 = self.recent.iter().map(|(_, i)| i).sum();
        if total < VARIABILITY_FROM_S {
            return None;
        }
        let n = self.recent.len() as f64;
        let mean = total / n;
        let variance = self.recent.iter().map(|(_, i)| (i - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let pairs = self.recent.iter().zip(self.recent.iter().skip(1));
        // Intervals that follow each other without a beat left out between them.
        let joined = pairs.filter(|((a, _), (b, interval))| (b - a - interval).abs() < 0.1 * interval);
        let (sum, count) = joined.fold((0.0, 0.0), |(s, c), ((_, a), (_, b))| (s + (b - a).powi(2), c + 1.0));
        (count > 0.0).then(|| Variability { sdnn_ms: 1e3 * variance.sqrt(), rmssd_ms: 1e3 * (sum / count).sqrt() })
    }
}
