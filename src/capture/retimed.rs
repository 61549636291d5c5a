//! A recording whose frames' times are known better than its container knows them.

use super::{CaptureError, FrameSource, FrameStamp, SourceHealth, SourceInfo, StreamClock};
use crate::frame::Image;
use crate::time::MediaTime;

/// Gives each frame of another source its own time.
pub struct Retimed {
    source: Box<dyn FrameSource>,
    times: Times,
}

/// Where the times come from.
enum Times {
    /// Seconds, in order of the frames.
    Listed(Vec<f64>),
    /// So many frames a second.
    Even(f64),
}

impl Retimed {
    /// The n-th frame of `source` has the n-th time, seconds; it ends with the times.
    #[must_use]
    pub fn new(source: Box<dyn FrameSource>, times: Vec<f64>) -> Self {
        Self { source, times: Times::Listed(times) }
    }

    /// The frames of `source` come `fps` times a second, whatever its container says.
    #[must_use]
    pub fn even(source: Box<dyn FrameSource>, fps: f64) -> Self {
        Self { source, times: Times::Even(fps) }
    }
}

impl FrameSource for Retimed {
    fn grab(&mut self) -> Result<Option<FrameStamp>, CaptureError> {
        let Some(stamp) = self.source.grab()? else { return Ok(None) };
        let before = stamp.sequence.saturating_sub(1);
        let time = match &self.times {
            Times::Listed(times) => usize::try_from(before).ok().and_then(|n| times.get(n).copied()),
            Times::Even(fps) => Some(before as f64 / fps),
        };
        Ok(time.map(|t| FrameStamp { media_time: MediaTime::from_seconds(t), ..stamp }))
    }

    fn retrieve(&mut self, image: &mut Image) -> Result<(), CaptureError> {
        self.source.retrieve(image)
    }

    fn describe(&self) -> SourceInfo {
        let info = self.source.describe();
        match self.times {
            Times::Listed(_) => info,
            Times::Even(fps) => SourceInfo { clock: StreamClock::Stated { fps }, ..info },
        }
    }

    fn health(&self) -> SourceHealth {
        self.source.health()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{SyntheticSettings, SyntheticSource};

    #[test]
    fn frames_have_the_given_times_and_end_with_them() {
        let source = Box::new(SyntheticSource::new(SyntheticSettings::default()));
        let mut retimed = Retimed::new(source, vec![0.0, 0.05, 0.11]);
        let mut times = Vec::new();
        while let Some(stamp) = retimed.grab().unwrap() {
            times.push(stamp.media_time.seconds());
        }
        assert!(times.iter().zip([0.0, 0.05, 0.11]).all(|(a, b)| (a - b).abs() < 1e-6), "{times:?}");
        assert_eq!(times.len(), 3);
    }

    #[test]
    fn a_stated_rate_is_the_clock() {
        let source = Box::new(SyntheticSource::new(SyntheticSettings::default()));
        let mut retimed = Retimed::even(source, 8.0);
        let mut times = Vec::new();
        while let Some(stamp) = retimed.grab().unwrap() {
            times.push(stamp.media_time.seconds());
        }
        assert!(times.len() > 3 && times.iter().zip(0..).all(|(t, n)| *t == f64::from(n) / 8.0), "{times:?}");
        assert_eq!(retimed.describe().clock, StreamClock::Stated { fps: 8.0 });
    }
}
