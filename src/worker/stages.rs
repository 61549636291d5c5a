//! Where the time of a frame goes: one histogram per stage.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Longest time told apart, microseconds.
const MICROS_MAX: u64 = 60_000_000;

/// Stages of a frame, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Demultiplexing and decoding.
    Grab,
    /// Conversion to a picture.
    Retrieve,
    /// Resizing, inference and decoding of the detector's outputs.
    Detect,
    /// The pure pipeline: tracking and events.
    Pipeline,
    /// Events to messages and into the outbox or files.
    Deliver,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 5] = [Self::Grab, Self::Retrieve, Self::Detect, Self::Pipeline, Self::Deliver];

    /// Name in tables and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Grab => "grab",
            Self::Retrieve => "retrieve",
            Self::Detect => "detect",
            Self::Pipeline => "pipeline",
            Self::Deliver => "deliver",
        }
    }
}

/// A histogram for each stage.
#[derive(Debug, Clone)]
pub struct StageTimes {
    histograms: [Histogram<u64>; 5],
}

impl Default for StageTimes {
    fn default() -> Self {
        let new = || Histogram::new_with_max(MICROS_MAX, 3).expect("constant bounds are valid");
        Self { histograms: std::array::from_fn(|_| new()) }
    }
}

impl StageTimes {
    /// Adds one measurement; longer ones than a minute count as a minute.
    pub fn record(&mut self, stage: Stage, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(MICROS_MAX);
        self.histograms[stage as usize].saturating_record(micros);
    }

    /// Takes the measurements of another camera in.
    pub fn add(&mut self, other: &Self) {
        for (ours, theirs) in self.histograms.iter_mut().zip(&other.histograms) {
            ours.add(theirs).expect("all histograms have the same bounds");
        }
    }

    /// How often a stage was measured.
    #[must_use]
    pub fn count(&self, stage: Stage) -> u64 {
        self.histograms[stage as usize].len()
    }

    /// Mean, median and 99th percentile of a stage in milliseconds; `None` when it was never measured.
    #[must_use]
    pub fn milliseconds(&self, stage: Stage) -> Option<[f64; 3]> {
        let h = &self.histograms[stage as usize];
        let ms = |micros: u64| micros as f64 / 1e3;
        (!h.is_empty()).then(|| [h.mean() / 1e3, ms(h.value_at_quantile(0.5)), ms(h.value_at_quantile(0.99))])
    }
}
