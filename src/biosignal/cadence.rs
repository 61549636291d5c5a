//! Whether frames come without a break, and often enough.

use std::collections::VecDeque;

use super::estimate::Reason;
use crate::time::MediaTime;

/// A pause of the frames longer than this ends what was seen, seconds.
pub(super) const GAP_S: f64 = 0.25;
/// Least frames a second: a blink or twitch of 150 ms has two of them.
const FPS_MIN: f64 = 14.0;
/// Seconds over which frames are counted, and the most that are kept.
const OVER_S: f64 = 1.0;
const ARRIVALS_MAX: usize = 256;

/// When the last second's frames came. Bounded; the oldest go first.
#[derive(Debug, Default)]
pub(super) struct Cadence {
    arrivals: VecDeque<MediaTime>,
}

impl Cadence {
    /// Takes a frame's time: seconds since the one before, or `None` where there was a pause or the clock stepped back.
    pub(super) fn step(&mut self, at: MediaTime) -> Option<f64> {
        let step = self.arrivals.back().map(|last| at.since(*last)).filter(|s| *s > 0.0 && *s <= GAP_S);
        if step.is_none() {
            self.arrivals.clear();
        }
        self.arrivals.push_back(at);
        while self.arrivals.front().is_some_and(|t| at.since(*t) > OVER_S) || self.arrivals.len() > ARRIVALS_MAX {
            self.arrivals.pop_front();
        }
        step
    }

    /// Frames a second, once half a second has passed.
    pub(super) fn fps(&self) -> Option<f64> {
        let span = self.arrivals.back()?.since(*self.arrivals.front()?);
        (span >= OVER_S / 2.0).then(|| (self.arrivals.len() - 1) as f64 / span)
    }

    /// Whether they come often enough.
    pub(super) fn check(&self) -> Result<(), Reason> {
        if self.fps().is_some_and(|fps| fps < FPS_MIN) { Err(Reason::FpsJitter) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_and_slow_streams_are_told() {
        let mut cadence = Cadence::default();
        let mut step = |at| (cadence.step(MediaTime::from_seconds(at)).map(|s| (s * 1e3).round()), cadence.check());
        assert_eq!(step(0.0), (None, Ok(())));
        assert_eq!(step(0.1), (Some(100.0), Ok(())));
        (2..6).for_each(|i| assert_eq!(step(f64::from(i) / 10.0).0, Some(100.0)));
        assert_eq!(step(0.6).1, Err(Reason::FpsJitter), "ten a second");
        assert_eq!(step(1.0), (None, Ok(())), "a pause begins anew");
        assert_eq!(step(0.9).0, None, "a clock that steps back too");
        (0..300).for_each(|i| assert_eq!(step(1.0 + f64::from(i) / 1e3).1, Ok(())));
        assert_eq!(cadence.arrivals.len(), ARRIVALS_MAX);
    }
}
