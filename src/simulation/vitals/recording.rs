//! A recipe played: the traces of a face's regions with the exact truth.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::codec::{Coded, SHARED_NOISE};
use super::cycles::{Cycles, breath_wave, pulse_wave};
use super::recipe::{Codec, Recipe};
use super::scene::{Scene, Turning};
use crate::biosignal::Rgb;
use crate::biosignal::traces::TraceTable;
use crate::time::MediaTime;

/// Part of a pulse in each channel: the blood volume pulse's signature under white light (de Haan and van Leest, Physiol. Meas. 35, 2014).
pub const SIGNATURE: Rgb = [0.33, 0.77, 0.53];
/// A wall beside the head, sRGB code values.
pub const WALL: Rgb = [136.0, 134.0, 130.0];
/// How deep breathing modulates the height of beats, and their baseline.
const BREATH_HEIGHT: f64 = 0.08;
const BREATH_LEVEL: f64 = 0.25;

/// A region of the face, or the wall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// As in files of traces.
    pub name: &'static str,
    /// Its pixels over the square of the face's width.
    pub area: f64,
    /// Seconds that the pulse comes later than at the forehead; `None` where there is no pulse.
    pub delay_s: Option<f64>,
}

/// Forehead, cheeks and the wall.
pub const REGIONS: [Region; 4] = [
    Region { name: "forehead", area: 0.12, delay_s: Some(0.0) },
    Region { name: "cheek_left", area: 0.06, delay_s: Some(0.02) },
    Region { name: "cheek_right", area: 0.06, delay_s: Some(0.025) },
    Region { name: "background", area: 0.25, delay_s: None },
];

/// A heart and lungs: what is true of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Beats; `None` where nothing beats.
    pub beats: Option<Cycles>,
    /// Breaths.
    pub breaths: Cycles,
}

impl Body {
    /// The body of a recipe, from the recipe's seed.
    #[must_use]
    pub fn of(recipe: &Recipe) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(recipe.seed ^ 0x0B0D_u64);
        let breaths = Cycles::breaths(recipe.breath, recipe.seconds, &mut random);
        let beats = recipe.heart.map(|heart| Cycles::beats(heart, &breaths, recipe.seconds, &mut random));
        Self { beats, breaths }
    }

    /// The volume of blood at a time: about -1 to 1, 0 where nothing beats.
    #[must_use]
    pub fn pulse(&self, t: f64) -> f64 {
        let Some(beats) = &self.beats else { return 0.0 };
        let breath = breath_wave(self.breaths.phase(t));
        (1.0 + BREATH_HEIGHT * breath) * pulse_wave(beats.phase(t)) + BREATH_LEVEL * breath
    }

    /// Where the chest is: -1 out, 1 in.
    #[must_use]
    pub fn chest(&self, t: f64) -> f64 {
        breath_wave(self.breaths.phase(t))
    }
}

/// A semi-synthetic recording without pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceRecording {
    /// Mean colours of the regions in linear light, 0 to 255.
    pub traces: TraceTable,
    /// What is true.
    pub body: Body,
}

impl TraceRecording {
    /// Plays a recipe.
    #[must_use]
    pub fn play(recipe: &Recipe) -> Self {
        let body = Body::of(recipe);
        let mut random = ChaCha8Rng::seed_from_u64(recipe.seed);
        let scene = Scene::play(recipe, &mut random);
        let mut regions: Vec<Painter> =
            REGIONS.iter().map(|region| Painter::new(recipe, *region, &mut random)).collect();
        let mut frames = Vec::with_capacity(scene.times.len());
        for (i, t) in scene.times.iter().enumerate() {
            // The frames of a group are counted, as encoders do.
            let since_keyframe = (i % (recipe.keyframe_s * recipe.fps).round().max(1.0) as usize) as f64 / recipe.fps;
            let colours = regions
                .iter_mut()
                .map(|region| Some(region.paint(&body, &scene, i, since_keyframe, &mut random)))
                .collect();
            frames.push((MediaTime::from_seconds(*t), colours));
        }
        let regions = REGIONS.iter().map(|region| region.name.to_owned()).collect();
        Self { traces: TraceTable { regions, frames }, body }
    }
}

/// Gives a region its colour, frame by frame.
struct Painter {
    region: Region,
    /// Linear light, 0 to 1.
    surface: Rgb,
    turning: Turning,
    strength: f64,
    coded: Coded,
    /// Deviation of the mean's noise without a codec, code values.
    noise: f64,
    raw: bool,
}

impl Painter {
    fn new(recipe: &Recipe, region: Region, random: &mut ChaCha8Rng) -> Self {
        let pixels = (region.area * recipe.face_px * recipe.face_px).max(1.0);
        let skin = region.delay_s.is_some();
        let surface = if skin { recipe.skin.srgb() } else { WALL };
        let still = Turning { shading: 0.0, glare: 0.0, borders: [0.0; 3] };
        // Rounding to whole code values adds a twelfth of a squared step to each pixel.
        let variance = (recipe.pixel_noise.powi(2) * SHARED_NOISE + 1.0 / 12.0) / pixels;
        Self {
            region,
            surface: surface.map(|code| linear(code / 255.0)),
            turning: if skin { Scene::turning(random) } else { still },
            strength: 0.5 * recipe.skin.pulsation() * recipe.perfusion * random.random_range(0.8..1.2),
            coded: Coded::new(recipe.codec, pixels, recipe.pixel_noise, random),
            noise: variance.sqrt(),
            raw: recipe.codec == Codec::Raw,
        }
    }

    fn paint(&mut self, body: &Body, scene: &Scene, i: usize, since_keyframe: f64, random: &mut ChaCha8Rng) -> Rgb {
        let pulse = self.region.delay_s.map_or(0.0, |delay| self.strength * body.pulse(scene.times[i] - delay));
        let (nod, Turning { shading, glare, borders }) = (scene.nod[i], self.turning);
        let code = [0, 1, 2].map(|c| {
            let skin = self.surface[c] * (1.0 + (shading + borders[c]) * nod) * (1.0 + SIGNATURE[c] * pulse);
            255.0 * coded(scene.light[i][c] * (skin + glare * nod))
        });
        let moved = if self.region.delay_s.is_some() { scene.moved[i] } else { 0.0 };
        let seen = if self.raw {
            code.map(|v| v + self.noise * random.sample::<f64, _>(StandardNormal))
        } else {
            self.coded.pass(code, since_keyframe, moved, random)
        };
        seen.map(|v| 255.0 * linear(v / 255.0))
    }
}

/// sRGB's code value of linear light, both 0 to 1 (IEC 61966-2-1).
#[must_use]
pub fn coded(linear: f64) -> f64 {
    let v = linear.clamp(0.0, 1.0);
    if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 }
}

/// Linear light of sRGB's code value, both 0 to 1.
#[must_use]
pub fn linear(code: f64) -> f64 {
    let v = code.clamp(0.0, 1.0);
    if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biosignal::methods::PulseMethod;
    use crate::evaluation::vitals::protocol::pyvhr_rate;

    #[test]
    fn light_and_code_values_round_trip() {
        assert!((0..=255).map(|v| f64::from(v) / 255.0).all(|v| (coded(linear(v)) - v).abs() < 1e-9));
    }

    #[test]
    fn the_same_recipe_gives_the_same_recording() {
        let recipe = Recipe { seconds: 3.0, codec: Codec::Crf23, ..Recipe::default() };
        assert_eq!(TraceRecording::play(&recipe), TraceRecording::play(&recipe));
        assert_ne!(TraceRecording::play(&recipe), TraceRecording::play(&Recipe { seed: 2, ..recipe.clone() }));
    }

    #[test]
    fn the_pulse_is_the_one_that_was_put_in() {
        let recipe = Recipe { seconds: 30.0, jitter_ms: 0.0, ..Recipe::default() };
        let recording = TraceRecording::play(&recipe);
        let forehead: Vec<Rgb> = recording.traces.frames.iter().filter_map(|(_, colours)| colours[0]).collect();
        let rate = pyvhr_rate(&forehead, 30.0, PulseMethod::Pos).expect("in band");
        let truth = recording.body.beats.as_ref().expect("a heart").rate(0.0, 30.0);
        assert!((rate - truth).abs() < 1.5, "{rate} for {truth}");
    }
}
