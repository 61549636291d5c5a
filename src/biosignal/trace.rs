//! The last minute of a region's colour on the grid.

use std::collections::VecDeque;

use super::methods::Rgb;
use super::timebase::{GRID_HZ, GridSample, Resampler, Step};
use crate::time::MediaTime;

/// Seconds that are kept; older samples leave.
pub const KEPT_S: f64 = 64.0;

/// A region's samples without a break, oldest first; memory is taken once.
#[derive(Debug, Clone)]
pub struct Trace {
    resampler: Resampler,
    samples: VecDeque<GridSample>,
    capacity: usize,
}

impl Default for Trace {
    fn default() -> Self {
        let capacity = (KEPT_S * GRID_HZ) as usize;
        Self { resampler: Resampler::default(), samples: VecDeque::with_capacity(capacity), capacity }
    }
}

impl Trace {
    /// Takes a frame's colour. After a break the trace is empty.
    pub fn push(&mut self, at: MediaTime, colour: Rgb) -> Step {
        let Self { resampler, samples, capacity } = self;
        let step = resampler.push(at, colour, &mut |sample| {
            if samples.len() == *capacity {
                samples.pop_front();
            }
            samples.push_back(sample);
        });
        if step == Step::Broken {
            samples.clear();
        }
        step
    }

    /// Number of the newest sample.
    #[must_use]
    pub fn newest(&self) -> Option<i64> {
        self.samples.back().map(|s| s.index)
    }

    /// Number of the oldest sample.
    #[must_use]
    pub fn oldest(&self) -> Option<i64> {
        self.samples.front().map(|s| s.index)
    }

    /// The samples with numbers `from..to`; `None` unless all of them are there.
    pub fn between(&self, from: i64, to: i64) -> Option<impl Iterator<Item = &GridSample> + '_> {
        let oldest = self.oldest()?;
        let (skip, count) = (usize::try_from(from - oldest).ok()?, usize::try_from(to - from).ok()?);
        (skip + count <= self.samples.len()).then(|| self.samples.range(skip..skip + count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_kept_and_a_break_empties() {
        let mut trace = Trace::default();
        for i in 0..3000 {
            trace.push(MediaTime::from_seconds(f64::from(i) / 25.0), [f64::from(i); 3]);
        }
        let (oldest, newest) = (trace.oldest().unwrap(), trace.newest().unwrap());
        assert_eq!(newest - oldest + 1, 1920);
        assert_eq!(trace.between(newest - 9, newest + 1).unwrap().count(), 10);
        assert!(trace.between(oldest - 1, newest).is_none() && trace.between(oldest, newest + 2).is_none());
        assert_eq!(trace.push(MediaTime::from_seconds(200.0), [1.0; 3]), Step::Broken);
        assert_eq!(trace.newest(), None);
    }
}
