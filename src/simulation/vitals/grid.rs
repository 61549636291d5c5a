//! The grid: every skin, motion, light, codec and frame rate with every other, by a few persons.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::cycles::{BreathRecipe, HeartRecipe};
use super::null::pick;
use super::recipe::{Codec, Light, Motion, Recipe, Skin};

/// Frame rates of the grid.
pub const FRAME_RATES: [f64; 3] = [15.0, 25.0, 30.0];
/// Persons of each skin; recordings take turns.
const PERSONS: usize = 4;

/// All recipes of the grid: 540 of them.
#[must_use]
pub fn grid(seed: u64, seconds: f64) -> Vec<Recipe> {
    let mut recipes = Vec::new();
    for skin in Skin::ALL {
        for motion in Motion::ALL {
            for light in Light::ALL {
                for codec in Codec::ALL {
                    for fps in FRAME_RATES {
                        let number = recipes.len() as u64;
                        let base = Recipe {
                            skin: *skin,
                            motion: *motion,
                            light: *light,
                            codec: *codec,
                            fps,
                            seconds,
                            ..Recipe::default()
                        };
                        recipes.push(drawn(
                            base,
                            seed.wrapping_mul(1_000_003).wrapping_add(number),
                            number as usize % PERSONS,
                        ));
                    }
                }
            }
        }
    }
    recipes
}

/// What a cell leaves open: the person's heart, the face's size, the camera's noise.
fn drawn(base: Recipe, seed: u64, person: usize) -> Recipe {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut own = ChaCha8Rng::seed_from_u64(1000 * base.skin as u64 + person as u64);
    let (resting, sdnn_ms, breathing) =
        (own.random_range(52.0..105.0), own.random_range(15.0..60.0), own.random_range(9.0..22.0));
    Recipe {
        seed,
        person: format!("{}_{person}", base.skin.as_str()),
        jitter_ms: random.random_range(0.5..5.0),
        face_px: 80.0 * 3f64.powf(random.random()),
        keyframe_s: pick(&mut random, &[1.0, 2.0, 4.0]),
        pixel_noise: random.random_range(1.0..2.5),
        perfusion: random.random_range(0.6..1.4),
        heart: Some(HeartRecipe {
            rate_bpm: resting + random.random_range(-6.0..6.0),
            sdnn_ms,
            drift: random.random_range(-5.0..5.0),
        }),
        breath: BreathRecipe { rate_bpm: breathing + random.random_range(-2.0..2.0), unevenness: 0.08 },
        ..base
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_cell_is_there_once() {
        let grid = grid(1, 60.0);
        assert_eq!(grid.len(), 5 * 3 * 3 * 4 * 3);
        let names: BTreeSet<String> = grid.iter().map(super::super::files::name).collect();
        assert_eq!(names.len(), grid.len());
        let persons: BTreeSet<&str> = grid.iter().map(|r| r.person.as_str()).collect();
        assert_eq!(persons.len(), 5 * PERSONS);
    }
}
