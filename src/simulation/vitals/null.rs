//! Recordings of what has no pulse. The right answer to each is no answer.

use std::f64::consts::TAU;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::noise;
use super::recipe::{Codec, Light, Motion, Recipe, Skin};
use super::recording::TraceRecording;
use crate::biosignal::traces::TraceTable;

named! {
    /// Something without a pulse before a camera.
    Null, "null", {
        /// A picture of a face in a hand that sways and nods, in any light, stored anyhow.
        Photograph = "photograph",
        /// A wall or a mannequin: nothing moves.
        Wall = "wall",
        /// Noise of each channel that falls as 1/f^0 to 1/f^2.
        Noise = "noise",
        /// Gain control that steps every few seconds, and white balance with it.
        Gain = "gain",
        /// Light that flickers in the pulse's band, nearly grey.
        Flicker = "flicker",
        /// A still face in compressed video: the picture jumps at each keyframe.
        Keyframes = "keyframes",
    }
}

impl Null {
    /// Those that can be made as video: a face without a heart is all they are.
    pub const FILMED: [Self; 2] = [Self::Photograph, Self::Keyframes];

    /// The recipe of one such recording: a face without a heart.
    #[must_use]
    pub fn recipe(self, seed: u64, seconds: f64) -> Recipe {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (motion, light, codec) = match self {
            Self::Photograph => {
                let moving = [Motion::Swaying, Motion::Talking];
                (pick(&mut random, &moving), pick(&mut random, Light::ALL), pick(&mut random, Codec::ALL))
            }
            Self::Wall => (Motion::Still, pick(&mut random, Light::ALL), Codec::Raw),
            Self::Keyframes => (Motion::Still, Light::Steady, pick(&mut random, &[Codec::Crf18, Codec::Crf23])),
            Self::Noise | Self::Gain | Self::Flicker => (Motion::Still, Light::Steady, Codec::Raw),
        };
        Recipe {
            seed,
            person: self.as_str().to_owned(),
            seconds,
            fps: pick(&mut random, &[15.0, 25.0, 30.0]),
            jitter_ms: random.random_range(0.0..5.0),
            face_px: 48.0 * (400.0_f64 / 48.0).powf(random.random()),
            skin: pick(&mut random, Skin::ALL),
            motion,
            light,
            codec,
            keyframe_s: pick(&mut random, &[0.5, 1.0, 2.0]),
            pixel_noise: random.random_range(0.8..3.0),
            heart: None,
            ..Recipe::default()
        }
    }

    /// Its traces.
    #[must_use]
    pub fn play(self, seed: u64, seconds: f64) -> TraceTable {
        let mut table = TraceRecording::play(&self.recipe(seed, seconds)).traces;
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x0051);
        let factors = self.disturbance(&table, &mut random);
        for ((_, colours), factor) in table.frames.iter_mut().zip(&factors) {
            // A colour's noise is its own in each region; the lamp and the gain are common to all.
            for (region, colour) in colours.iter_mut().enumerate() {
                let factor = factor[region % factor.len()];
                colour.iter_mut().flat_map(|rgb| rgb.iter_mut().zip(factor)).for_each(|(v, f)| *v *= f);
            }
        }
        table
    }

    /// Factors on red, green and blue, for each frame: one for all regions, or one for each.
    fn disturbance(self, table: &TraceTable, random: &mut ChaCha8Rng) -> Vec<Vec<[f64; 3]>> {
        let times: Vec<f64> = table.frames.iter().map(|(at, _)| at.seconds()).collect();
        match self {
            Self::Photograph | Self::Wall | Self::Keyframes => vec![vec![[1.0; 3]]; times.len()],
            Self::Noise => {
                let beta = random.random_range(0.0..2.0);
                let level = 10f64.powf(random.random_range(-3.5..-2.0));
                let regions: Vec<[Vec<f64>; 3]> = table
                    .regions
                    .iter()
                    .map(|_| [0, 1, 2].map(|_| noise::power_law(random, times.len(), beta)))
                    .collect();
                let of =
                    |i: usize| regions.iter().map(|r| [0, 1, 2].map(|c| (1.0 + level * r[c][i]).max(0.1))).collect();
                (0..times.len()).map(of).collect()
            }
            Self::Gain => {
                let (every, size) = (random.random_range(1.0..8.0), random.random_range(0.005..0.05));
                let gain = noise::gain_steps(random, &times, every, size);
                let balance = [0, 1, 2].map(|_| 1.0 + 0.1 * random.sample::<f64, _>(StandardNormal));
                gain.iter().map(|g| vec![balance.map(|b| 1.0 + b * (g - 1.0))]).collect()
            }
            Self::Flicker => {
                let (hertz, phase) = (random.random_range(0.7..3.5), TAU * random.random::<f64>());
                let depth = 10f64.powf(random.random_range(-3.5..-1.7));
                let tint = [0, 1, 2].map(|_| 1.0 + 0.03 * random.sample::<f64, _>(StandardNormal));
                let at = |t: &f64| vec![tint.map(|tint| 1.0 + tint * depth * (TAU * hertz * t + phase).sin())];
                times.iter().map(at).collect()
            }
        }
    }
}

/// One of several.
pub(super) fn pick<T: Copy>(random: &mut ChaCha8Rng, from: &[T]) -> T {
    from[random.random_range(0..from.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_plays_and_is_seeded() {
        for kind in Null::ALL {
            let table = kind.play(3, 5.0);
            assert_eq!(table, kind.play(3, 5.0));
            assert!(table.frames.len() >= 70 && table.regions.len() == 4, "{kind:?}");
            let whole = table.frames.iter().flat_map(|(_, colours)| colours.iter().flatten().flatten());
            assert!(whole.into_iter().all(|v| v.is_finite() && *v >= 0.0));
        }
    }
}
