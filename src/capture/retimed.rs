//! A recording whose frames' times are known better than its container knows them.

use super::{CaptureError, FrameSource, FrameStamp, SourceHealth, SourceInfo};
use crate::frame::Image;
use crate::time::MediaTime;

/// Gives each frame of another source its own time; ends with the times.
pub struct Retimed {
    source: Box<dyn FrameSource>,
    /// Seconds, in order of the frames.
    times: Vec<f64>,
}

impl Retimed {
    /// The n-th frame of `source` has the n-th time.
    #[must_use]
    pub fn new(source: Box<dyn FrameSource>, times: Vec<f64>) -> Self {
        Self { source, times }
    }
}

impl FrameSource for Retimed {
    fn grab(&mut self) -> Result<Option<FrameStamp>, CaptureError> {
        let Some(stamp) = self.source.grab()? else { return Ok(None) };
        let number = usize::try_from(stamp.sequence).ok().and_then(|n| n.checked_sub(1));
        let time = number.and_then(|n| self.times.get(n));
        Ok(time.map(|t| FrameStamp { media_time: MediaTime::from_seconds(*t), ..stamp }))
    }

    fn retrieve(&mut self, image: &mut Image) -> Result<(), CaptureError> {
        self.source.retrieve(image)
    }

    fn describe(&self) -> SourceInfo {
        self.source.describe()
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
}
