//! Hearts and lungs: cycles of uneven length, with the exact mean rate of any stretch of time.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use std::f64::consts::TAU;

/// Seconds before the recording's start and after its end for which there are cycles.
const MARGIN_S: f64 = 4.0;
/// Frequency of the slow wave of blood pressure, hertz (Task Force, Circulation 93, 1996: the low band is centred there).
const PRESSURE_HZ: f64 = 0.1;
/// Parts of the variability that go with breathing, with pressure and with nothing; their squares add up to 1.
const SHARES: [f64; 3] = [0.7, 0.6, 0.387];
/// No interval is farther from the mean than this part of it.
const ODD: f64 = 0.35;

/// The starts of consecutive cycles, rising.
#[derive(Debug, Clone, PartialEq)]
pub struct Cycles {
    /// Seconds of media time; the first lies before 0 and the last after the end.
    pub starts: Vec<f64>,
}

/// How a heart beats.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct HeartRecipe {
    /// Beats a minute at the start.
    pub rate_bpm: f64,
    /// Standard deviation of the intervals, ms.
    pub sdnn_ms: f64,
    /// How the rate moves, bpm a minute.
    pub drift: f64,
}

/// How lungs breathe.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct BreathRecipe {
    /// Breaths a minute.
    pub rate_bpm: f64,
    /// Standard deviation of a breath's length over its mean.
    pub unevenness: f64,
}

impl Cycles {
    /// The breaths of a recording of this many seconds.
    #[must_use]
    pub fn breaths(recipe: BreathRecipe, seconds: f64, random: &mut ChaCha8Rng) -> Self {
        let period = 60.0 / recipe.rate_bpm;
        let start = -MARGIN_S - period * random.random::<f64>();
        Self::grow(start, seconds, |_| {
            let odd: f64 = random.sample(StandardNormal);
            period * (1.0 + (recipe.unevenness * odd).clamp(-ODD, ODD))
        })
    }

    /// The beats of a recording of this many seconds: the intervals sway with breathing and with pressure.
    #[must_use]
    pub fn beats(recipe: HeartRecipe, breaths: &Self, seconds: f64, random: &mut ChaCha8Rng) -> Self {
        let swing = 1e-3 * recipe.sdnn_ms * std::f64::consts::SQRT_2;
        let pressure = TAU * random.random::<f64>();
        Self::grow(-MARGIN_S - random.random::<f64>(), seconds, |t| {
            let period = 60.0 / (recipe.rate_bpm + recipe.drift * t / 60.0);
            let noise: f64 = random.sample(StandardNormal);
            let sway = SHARES[0] * (TAU * breaths.phase(t)).sin()
                + SHARES[1] * (TAU * PRESSURE_HZ * t + pressure).sin()
                + SHARES[2] * noise / std::f64::consts::SQRT_2;
            period + (swing * sway).clamp(-ODD * period, ODD * period)
        })
    }

    fn grow(start: f64, seconds: f64, mut length: impl FnMut(f64) -> f64) -> Self {
        let mut starts = vec![start];
        let mut t = start;
        while t < seconds + MARGIN_S {
            t += length(t);
            starts.push(t);
        }
        Self { starts }
    }

    /// Cycles since the first, straight between starts; constant outside.
    #[must_use]
    pub fn phase(&self, t: f64) -> f64 {
        let after = self.starts.partition_point(|s| *s <= t);
        if after == 0 || after == self.starts.len() {
            return after.saturating_sub(1) as f64;
        }
        let (from, to) = (self.starts[after - 1], self.starts[after]);
        (after - 1) as f64 + (t - from) / (to - from)
    }

    /// Mean rate of a stretch, cycles a minute.
    #[must_use]
    pub fn rate(&self, from: f64, to: f64) -> f64 {
        60.0 * (self.phase(to) - self.phase(from)) / (to - from)
    }
}

/// A pulse wave over the phase of its beat: a steep rise, and a second hump of the reflected wave. Mean 0, from lowest to highest
/// 2. Two Gaussians, as Martin-Martinez et al. (IEEE BIBM 2013) model it.
#[must_use]
pub fn pulse_wave(phase: f64) -> f64 {
    /// Height, place and width of each hump, and what makes the mean 0 and the height 2 (checked by the test).
    const HUMPS: [(f64, f64, f64); 2] = [(1.0, 0.22, 0.1), (0.42, 0.55, 0.16)];
    const MEAN: f64 = 0.419_108;
    const SCALE: f64 = 1.975_672;
    let u = phase.rem_euclid(1.0);
    let hump = |(height, place, width): (f64, f64, f64)| {
        [-1.0, 0.0, 1.0].map(|turn| height * (-0.5 * ((u + turn - place) / width).powi(2)).exp()).iter().sum::<f64>()
    };
    SCALE * (HUMPS.map(hump).iter().sum::<f64>() - MEAN)
}

/// A chest over the phase of its breath: in over two fifths of the time, out over the rest. From -1 to 1.
#[must_use]
pub fn breath_wave(phase: f64) -> f64 {
    const INHALING: f64 = 0.4;
    let u = phase.rem_euclid(1.0);
    let half = if u < INHALING { 0.5 * u / INHALING } else { 0.5 + 0.5 * (u - INHALING) / (1.0 - INHALING) };
    -(TAU * half).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn the_wave_is_centred_and_of_height_two() {
        let wave: Vec<f64> = (0..10_000).map(|i| pulse_wave(f64::from(i) / 1e4)).collect();
        let mean = wave.iter().sum::<f64>() / 1e4;
        let (low, high) = wave.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
        assert!(mean.abs() < 1e-5 && (high - low - 2.0).abs() < 1e-5, "{mean} {}", high - low);
    }

    #[test]
    fn beats_vary_as_asked_and_their_rate_is_exact() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let breaths = Cycles::breaths(BreathRecipe { rate_bpm: 15.0, unevenness: 0.1 }, 600.0, &mut random);
        let recipe = HeartRecipe { rate_bpm: 70.0, sdnn_ms: 40.0, drift: 0.0 };
        let beats = Cycles::beats(recipe, &breaths, 600.0, &mut random);
        let intervals: Vec<f64> = beats.starts.windows(2).map(|w| 1e3 * (w[1] - w[0])).collect();
        let mean = intervals.iter().sum::<f64>() / intervals.len() as f64;
        let variance = intervals.iter().map(|i| (i - mean).powi(2)).sum::<f64>() / intervals.len() as f64;
        assert!((variance.sqrt() - 40.0).abs() < 4.0, "{}", variance.sqrt());
        let (from, to) = (beats.starts[10], beats.starts[110]);
        assert!((beats.rate(from, to) - 6000.0 / (to - from)).abs() < 1e-9);
        assert!((breaths.rate(0.0, 600.0) - 15.0).abs() < 0.6);
    }
}
