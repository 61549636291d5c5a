//! How many frames a second there are, for what is counted in frames: an encoder's groups of pictures.

use std::collections::VecDeque;

use super::statistics::median;
use super::timebase::GRID_HZ;
use crate::time::MediaTime;

/// Seconds over which frames are counted, the least of them, and the most frames that are kept.
const OVER_S: f64 = 30.0;
const FROM_S: f64 = 5.0;
const FRAMES_MAX: usize = 120 * OVER_S as usize;

/// Largest part of the frames that may have been lost; where more seem to be, the camera itself takes its time and no line is that of
/// a number of its frames.
const LOST_MAX: f64 = 0.03;

/// Frames a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameRate {
    /// Of those that came.
    pub seen: f64,
    /// With those that were lost on the way, which an encoder had counted.
    pub sent: f64,
}

impl Default for FrameRate {
    /// That of the grid.
    fn default() -> Self {
        Self { seen: GRID_HZ, sent: GRID_HZ }
    }
}

impl FrameRate {
    /// Whether what happens every `frames` frames has this line, known to `known_hz`.
    pub(super) fn has_line(&self, frames: f64, line_hz: f64, known_hz: f64) -> bool {
        (self.seen / frames - known_hz..=self.sent / frames + known_hz).contains(&line_hz)
    }
}

/// When the last half minute's frames came. Bounded: the oldest go first.
#[derive(Debug)]
pub(super) struct FrameCounter {
    times: VecDeque<MediaTime>,
}

impl Default for FrameCounter {
    fn default() -> Self {
        Self { times: VecDeque::with_capacity(FRAMES_MAX) }
    }
}

impl FrameCounter {
    /// Takes a frame's time. A clock that steps back begins anew.
    pub(super) fn push(&mut self, at: MediaTime) {
        if self.times.back().is_some_and(|last| at.since(*last) < 0.0) {
            self.times.clear();
        }
        while self.times.len() == FRAMES_MAX || self.times.front().is_some_and(|first| at.since(*first) > OVER_S) {
            self.times.pop_front();
        }
        self.times.push_back(at);
    }

    /// The rate, once there are frames enough, where they come evenly.
    pub(super) fn rate(&self) -> Option<FrameRate> {
        let span = self.times.back()?.since(*self.times.front()?);
        let steps = || self.times.iter().zip(self.times.iter().skip(1)).map(|(from, to)| to.since(*from));
        let usual = median(&mut steps().collect::<Vec<f64>>()).filter(|usual| *usual > 0.0 && span >= FROM_S)?;
        let seen = (self.times.len() - 1) as f64;
        // A step as long as several frames' is that of a frame that came and of others that did not.
        let lost: f64 = steps().map(|step| ((step / usual).round() - 1.0).max(0.0)).sum();
        (lost <= LOST_MAX * seen).then_some(FrameRate { seen: seen / span, sent: (seen + lost) / span })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_with_and_without_those_that_were_lost() {
        let jitter = |i: u32| 0.004 * f64::from(i * 7919 % 13) / 6.0;
        for (fps, lost_each, seen) in [(15.0, 0, 15.0), (25.0, 50, 24.5), (29.97, 0, 29.97)] {
            let mut counter = FrameCounter::default();
            let kept = (0..2000).filter(|i| lost_each == 0 || i % lost_each != 3);
            kept.for_each(|i| counter.push(MediaTime::from_seconds(f64::from(i) / fps + jitter(i))));
            let rate = counter.rate().expect("many frames");
            assert!((rate.seen - seen).abs() < 0.06 && (rate.sent - fps).abs() < 0.06, "{fps}: {rate:?}");
        }
    }

    #[test]
    fn a_few_frames_have_no_rate_and_many_are_not_kept() {
        let mut counter = FrameCounter::default();
        assert_eq!(counter.rate(), None);
        (0..60).for_each(|i| counter.push(MediaTime::from_seconds(f64::from(i) / 30.0)));
        assert_eq!(counter.rate(), None, "two seconds");
        let uneven = |i: u32| MediaTime::from_seconds(2.0 + f64::from(i + i / 5) / 30.0);
        (0..200).for_each(|i| counter.push(uneven(i)));
        assert_eq!(counter.rate(), None, "every sixth is missing");
        (0..9000).for_each(|i| counter.push(MediaTime::from_seconds(12.0 + f64::from(i) / 500.0)));
        assert_eq!(counter.times.len(), FRAMES_MAX);
        counter.push(MediaTime::from_seconds(1.0));
        assert_eq!(counter.times.len(), 1, "a clock that stepped back");
    }
}
