//! What happens before the camera besides the pulse: light, movement, gain.

use std::f64::consts::TAU;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::noise;
use super::recipe::{Light, Motion, Recipe};

/// Mains: lamps flicker at twice its frequency, which itself wanders a little.
const FLICKER_HZ: f64 = 100.0;
const FLICKER_WANDER_HZ: f64 = 0.05;
/// Part of a frame's light that flickers, at most, after the exposure has averaged over it.
const FLICKER_DEPTH: f64 = 0.006;
/// Colour of a screen's light: bluish, so that its changes are not grey.
const SCREEN: [f64; 3] = [0.6, 0.9, 1.5];

/// What one recipe's scene does at each frame.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Times of the frames, seconds.
    pub times: Vec<f64>,
    /// Factor on red, green and blue: the lamp's colour and strength, and the camera's gain.
    pub light: Vec<[f64; 3]>,
    /// Movement's common shading, deviation about 1; each region turns it its own way.
    pub nod: Vec<f64>,
    /// How far the head moved since the frame before, pixels.
    pub moved: Vec<f64>,
}

/// How one region follows the head's movement.
#[derive(Debug, Clone, Copy)]
pub struct Turning {
    /// Shading, relative, for a nod of 1.
    pub shading: f64,
    /// Light of the surface, not of the skin's depth, as a part of white.
    pub glare: f64,
    /// Other things in the region's borders (hair, wall): relative change by channel.
    pub borders: [f64; 3],
}

impl Scene {
    /// Plays the recipe's light and movement.
    pub fn play(recipe: &Recipe, random: &mut ChaCha8Rng) -> Self {
        let times = frame_times(recipe, random);
        let light = light(recipe.light, &times, random);
        let sway = noise::swaying(random, &times, 0.1, 0.35);
        let nods = noise::swaying(random, &times, 0.4, 4.0);
        let spells = noise::spells(random, &times);
        let position = |i: usize| match recipe.motion {
            Motion::Still => 0.02 * sway[i],
            Motion::Swaying => sway[i],
            Motion::Talking => 0.7 * sway[i] + 0.7 * spells[i] * nods[i],
        };
        let nod: Vec<f64> = (0..times.len()).map(position).collect();
        let reach = 0.06 * recipe.face_px;
        let moved = (0..times.len()).map(|i| reach * (nod[i] - nod[i.saturating_sub(1)]).abs()).collect();
        Self { times, light, nod, moved }
    }

    /// How another region turns.
    pub fn turning(random: &mut ChaCha8Rng) -> Turning {
        let mut normal = || random.sample::<f64, _>(StandardNormal);
        Turning {
            shading: 0.008 * (1.0 + 0.5 * normal()),
            glare: 0.001 * normal(),
            borders: [0, 1, 2].map(|_| 0.0008 * normal()),
        }
    }
}

/// Even times with jitter; one frame in two hundred is lost.
fn frame_times(recipe: &Recipe, random: &mut ChaCha8Rng) -> Vec<f64> {
    const LOST: f64 = 0.005;
    let step = 1.0 / recipe.fps;
    let count = (recipe.seconds * recipe.fps).round() as usize;
    let mut times = Vec::with_capacity(count);
    for i in 0..count {
        let jitter: f64 = random.sample(StandardNormal);
        let late = (1e-3 * recipe.jitter_ms * jitter).clamp(-0.45 * step, 0.45 * step);
        let lost = recipe.jitter_ms > 0.0 && random.random::<f64>() < LOST;
        if i == 0 || !lost {
            times.push((i as f64 * step + late).max(0.0));
        }
    }
    times
}

fn light(kind: Light, times: &[f64], random: &mut ChaCha8Rng) -> Vec<[f64; 3]> {
    let (common, colour) = match kind {
        Light::Steady => (0.0005, 0.0001),
        Light::Drifting => (0.004, 0.0012),
        Light::Harsh => (0.001, 0.0003),
    };
    let walk = noise::walk(random, times);
    let colours = [0, 1, 2].map(|_| noise::walk(random, times));
    let screen = noise::swaying(random, times, 0.05, 0.6);
    let gain = match kind {
        Light::Harsh => noise::gain_steps(random, times, 12.0, 0.02),
        _ => vec![1.0; times.len()],
    };
    let mains = FLICKER_HZ + FLICKER_WANDER_HZ * random.sample::<f64, _>(StandardNormal);
    let screen_light = if kind == Light::Drifting { 0.002 } else { 0.0 };
    let depth = if kind == Light::Harsh { FLICKER_DEPTH * random.random::<f64>() } else { 0.0 };
    let at = |i: usize| {
        let flicker = depth * (TAU * mains * times[i]).cos();
        let grey = 1.0 + common * walk[i] + flicker;
        [0, 1, 2].map(|c| gain[i] * (grey + colour * colours[c][i] + screen_light * SCREEN[c] * screen[i]).max(0.2))
    };
    (0..times.len()).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn played(recipe: &Recipe) -> Scene {
        Scene::play(recipe, &mut ChaCha8Rng::seed_from_u64(3))
    }

    #[test]
    fn frames_come_at_their_rate_and_in_order() {
        for fps in [10.0, 25.0, 60.0] {
            let scene = played(&Recipe { fps, seconds: 20.0, jitter_ms: 8.0, ..Recipe::default() });
            assert!(scene.times.windows(2).all(|w| w[1] > w[0]));
            assert!((scene.times.len() as f64 - 20.0 * fps).abs() < 0.03 * 20.0 * fps);
        }
    }

    #[test]
    fn talking_moves_more_than_sitting_and_harsh_light_steps() {
        let moved = |motion| played(&Recipe { motion, ..Recipe::default() }).moved.iter().sum::<f64>();
        assert!(moved(Motion::Talking) > 3.0 * moved(Motion::Swaying));
        assert!(moved(Motion::Swaying) > 3.0 * moved(Motion::Still));
        let spread = |light| {
            let green: Vec<f64> = played(&Recipe { light, ..Recipe::default() }).light.iter().map(|l| l[1]).collect();
            green.iter().copied().fold(f64::MIN, f64::max) - green.iter().copied().fold(f64::MAX, f64::min)
        };
        assert!(spread(Light::Harsh) > 3.0 * spread(Light::Steady));
        assert!(spread(Light::Drifting) > 3.0 * spread(Light::Steady));
    }
}
