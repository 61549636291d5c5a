//! Noise that fits the camera and the detector at hand.
//!
//! A filter whose noise is right is surprised by one standard deviation on average, and the surprises of successive
//! steps have nothing to do with each other (Mehra, "On the identification of variances and adaptive Kalman filtering",
//! IEEE Trans. Automatic Control 15(2), 1970). Too little surprise: the detector is better than assumed. Successive
//! surprises to the same side: the filter lags, people move more than assumed; to opposite sides: less.

use super::TrackerSettings;
use super::kalman::Noise;

/// One wild detection must not pass for a wild camera, standard deviations.
const SURPRISE_MAX: f64 = 3.0;

/// Factors on the assumed noise, learned over all tracks of a camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tuning {
    /// On everything.
    roughness: f64,
    /// On the speed, besides.
    agility: f64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { roughness: 1.0, agility: 1.0 }
    }
}

impl Tuning {
    /// Takes in the surprise of a match and that of the same track's match before.
    pub(super) fn learn(&mut self, surprise: [f64; 2], before: [f64; 2], gap: f64, s: &TrackerSettings) {
        let cut = |v: f64| v.clamp(-SURPRISE_MAX, SURPRISE_MAX);
        let both = |a: [f64; 2], b: [f64; 2]| (cut(a[0]) * cut(b[0]) + cut(a[1]) * cut(b[1])) / 2.0;
        let excess = both(surprise, surprise) - 1.0;
        let lag = both(surprise, before);
        self.roughness =
            (self.roughness * (s.roughness_rate * excess).exp()).max(1.0 / s.roughness_range).min(s.roughness_range);
        self.agility = (self.agility * (s.agility_rate * gap * lag).exp()).max(s.agility_min).min(s.agility_max);
    }

    /// The noise to assume now.
    pub(super) fn noise(&self, s: &TrackerSettings) -> Noise {
        Noise {
            position: s.noise_position * self.roughness,
            size: s.noise_size * self.roughness,
            speed: s.noise_speed * self.roughness * self.agility,
            growth: s.noise_growth * self.roughness * self.agility,
        }
    }
}
