//! A recipe as pictures: a known pulse and known breathing put into a still picture of a face, pixel by pixel.
//!
//! Only skin pulsates: the pixels of the face's ellipse whose colour is skin's. The picture is shifted by the movement and its lower
//! part by the chest, between pixels; light, glare and the pulse work in linear light; then come sRGB's curve, the sensor's noise and
//! eight bits. The head does not turn, it only shifts and shades.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::recipe::{Recipe, Skin};
use super::recording::{Body, SIGNATURE, coded, linear};
use super::scene::{Scene, Turning};
use crate::frame::{BBox, Image};

/// How much later the pulse comes at the lower edge of the face than at the upper, seconds.
const DELAY_S: f64 = 0.03;
/// How far the chest moves, over the face's width.
const CHEST: f64 = 0.012;
/// How far a nod of 1 moves the head, over the face's width: sideways and down.
const REACH: (f64, f64) = (0.05, 0.035);
/// Values of noise; each frame reads them from another place on.
const NOISE: usize = 1 << 18;
/// Steps of the table of sRGB's curve.
const STEPS: usize = 1 << 16;

/// A picture of a face.
#[derive(Debug, Clone, PartialEq)]
pub struct Portrait {
    /// The picture.
    pub image: Image,
    /// The face in it, from hairline to chin.
    pub face: BBox,
}

/// One pixel before light and camera: linear red, green, blue, and how much of it is skin.
type Point = [f32; 4];

/// A recipe's pictures.
pub struct Film {
    recipe: Recipe,
    body: Body,
    scene: Scene,
    turning: Turning,
    strength: f64,
    canvas: Vec<Point>,
    size: (usize, usize),
    /// Upper and lower edge of the face in the canvas.
    face: (f64, f64),
    curve: Vec<f32>,
    noise: Vec<f32>,
    random: ChaCha8Rng,
}

impl Film {
    /// Prepares the pictures of a recipe; the portrait is scaled so that its face is as wide as the recipe says.
    #[must_use]
    pub fn new(recipe: &Recipe, portrait: &Portrait) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(recipe.seed);
        let scene = Scene::play(recipe, &mut random);
        let scale = recipe.face_px / portrait.face.w;
        let even = |pixels: f64| ((pixels / 2.0) as usize * 2).max(2);
        let size = (even(f64::from(portrait.image.width) * scale), even(f64::from(portrait.image.height) * scale));
        let canvas = canvas(portrait, recipe.skin, scale, size);
        let white: Vec<f64> = (0..NOISE + 2).map(|_| random.sample(StandardNormal)).collect();
        // Neighbouring pixels share their noise, as a camera's do.
        let share = recipe.pixel_noise / 3f64.sqrt();
        let noise = white.windows(3).map(|w| (share * w.iter().sum::<f64>()) as f32).collect();
        let curve = (0..=STEPS).map(|i| (255.0 * coded(i as f64 / STEPS as f64)) as f32).collect();
        Self {
            recipe: recipe.clone(),
            body: Body::of(recipe),
            turning: Scene::turning(&mut random),
            strength: 0.5 * recipe.skin.pulsation() * recipe.perfusion,
            canvas,
            size,
            face: (portrait.face.y * scale, portrait.face.bottom() * scale),
            curve,
            noise,
            scene,
            random,
        }
    }

    /// What is true of it.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Times of its frames, seconds.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.scene.times
    }

    /// Width and height of its pictures, even numbers.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.size.0 as u32, self.size.1 as u32)
    }

    /// Draws a frame; frames are to be drawn in order, for their noise is.
    pub fn draw(&mut self, number: usize, image: &mut Image) {
        let (width, height) = self.size;
        (image.width, image.height) = self.size();
        image.bgr.resize(3 * width * height, 0);
        let (t, nod) = (self.scene.times[number], self.scene.nod[number]);
        let offset = self.random.random_range(0..NOISE);
        let across = REACH.0 * self.recipe.face_px * nod;
        for (y, row) in image.bgr.chunks_exact_mut(3 * width).enumerate() {
            let place = ((y as f64 - self.face.0) / (self.face.1 - self.face.0)).clamp(0.0, 1.0);
            let pulse = self.strength * self.body.pulse(t - DELAY_S * place);
            let light = self.light(number, pulse);
            let from = self.source_row(y as f64, t, nod);
            let noise = self.noise.iter().cycle().skip((offset + 977 * y) % NOISE);
            self.draw_row(row, &RowLight { light, across, from, nod }, noise);
        }
    }

    /// Factors of this moment: on everything, and what skin has more by its pulse.
    fn light(&self, number: usize, pulse: f64) -> [(f32, f32); 3] {
        [0, 1, 2].map(|c| (self.scene.light[number][c] as f32, (SIGNATURE[c] * pulse) as f32))
    }

    /// Which row of the canvas is seen in row `y`: the head nods, and below the chin the chest rises and falls.
    fn source_row(&self, y: f64, t: f64, nod: f64) -> f64 {
        let below = ((y - self.face.1) / (0.25 * (self.face.1 - self.face.0))).clamp(0.0, 1.0);
        let chest = CHEST * self.recipe.face_px * self.body.chest(t);
        y - (1.0 - below) * REACH.1 * self.recipe.face_px * nod + below * chest
    }

    fn draw_row<'a>(&self, row: &mut [u8], light: &RowLight, noise: impl Iterator<Item = &'a f32>) {
        let (width, height) = self.size;
        let (top, down) = split(light.from, height);
        let (upper, lower) = (&self.canvas[top * width..], &self.canvas[(top + 1).min(height - 1) * width..]);
        let Turning { shading, glare, .. } = self.turning;
        let glare = (glare * light.nod) as f32;
        let mut noise = noise;
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            let (left, right) = split(x as f64 - light.across, width);
            let next = (left + 1).min(width - 1);
            // The side that turns to the lamp gets more of it.
            let shade = 1.0 + (shading * light.nod * (0.5 + x as f64 / width as f64)) as f32;
            let mix = |c: usize| {
                let above = upper[left][c] + right * (upper[next][c] - upper[left][c]);
                let under = lower[left][c] + right * (lower[next][c] - lower[left][c]);
                above + down * (under - above)
            };
            let skin = mix(3);
            let shade = 1.0 + skin * (shade - 1.0);
            for c in 0..3 {
                let (factor, pulse) = light.light[c];
                let v = factor * (mix(c) * shade * (1.0 + skin * pulse) + skin * glare);
                let code = self.curve[((v * STEPS as f32) as usize).min(STEPS)];
                let seen = code + noise.next().copied().unwrap_or_default();
                // Blue comes first in a picture.
                pixel[2 - c] = (seen + 0.5).clamp(0.0, 255.0) as u8;
            }
        }
    }
}

/// What a row of a frame is drawn with.
struct RowLight {
    light: [(f32, f32); 3],
    across: f64,
    from: f64,
    nod: f64,
}

/// Whole and broken part of a place within a size.
fn split(place: f64, size: usize) -> (usize, f32) {
    let place = place.clamp(0.0, (size - 1) as f64);
    (place as usize, place.fract() as f32)
}

/// The portrait in linear light at its new size, its skin in the recipe's colour.
fn canvas(portrait: &Portrait, skin: Skin, scale: f64, (width, height): (usize, usize)) -> Vec<Point> {
    let image = &portrait.image;
    let source: Vec<Point> = image
        .bgr
        .as_chunks::<3>()
        .0
        .iter()
        .enumerate()
        .map(|(i, bgr)| {
            let (x, y) = (i % image.width as usize, i / image.width as usize);
            let [b, g, r] = bgr.map(|v| linear(f64::from(v) / 255.0) as f32);
            [r, g, b, skin_share(bgr, x as f64, y as f64, &portrait.face)]
        })
        .collect();
    let mut sum = [0.0_f64; 4];
    for point in &source {
        (0..3).for_each(|c| sum[c] += f64::from(point[3] * point[c]));
        sum[3] += f64::from(point[3]);
    }
    let wanted = skin.srgb().map(|code| linear(code / 255.0));
    let factor = [0, 1, 2].map(|c| if sum[c] > 0.0 { (wanted[c] * sum[3] / sum[c]) as f32 } else { 1.0 });
    let columns = image.width as usize;
    let at = |x: usize, y: usize| {
        let (top, down) = split(y as f64 / scale, image.height as usize);
        let (left, right) = split(x as f64 / scale, columns);
        let (next, below) = ((left + 1).min(columns - 1), (top + 1).min(image.height as usize - 1));
        let mix = |c: usize| {
            let row = |y: usize| {
                source[y * columns + left][c] + right * (source[y * columns + next][c] - source[y * columns + left][c])
            };
            row(top) + down * (row(below) - row(top))
        };
        let share = mix(3);
        let coloured = |c: usize| mix(c) * (1.0 + share * (factor[c] - 1.0));
        [coloured(0), coloured(1), coloured(2), share]
    };
    (0..width * height).map(|i| at(i % width, i / width)).collect()
}

/// 1 for skin within the face's ellipse, 0 for anything else: skin by colour (Kovac, Peer, Solina, EUROCON 2003).
fn skin_share(&[b, g, r]: &[u8; 3], x: f64, y: f64, face: &BBox) -> f32 {
    let (cx, cy) = face.centre();
    let inside = ((x - cx) / (0.55 * face.w)).powi(2) + ((y - cy) / (0.55 * face.h)).powi(2) <= 1.0;
    let spread = r.max(g).max(b) - r.min(g).min(b);
    let coloured = r > 60 && g > 30 && b > 15 && spread > 12 && r.abs_diff(g) > 10 && r > g && r > b;
    if inside && coloured { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portrait() -> Portrait {
        let mut image = Image::filled(64, 80, [120, 120, 120]);
        for y in 10..60 {
            for x in 16..48 {
                let at = 3 * (y * 64 + x);
                image.bgr[at..at + 3].copy_from_slice(&[110, 140, 190]);
            }
        }
        Portrait { image, face: BBox { x: 16.0, y: 10.0, w: 32.0, h: 50.0 } }
    }

    #[test]
    fn only_skin_pulsates_and_by_as_much_as_asked() {
        let recipe = Recipe {
            face_px: 64.0,
            seconds: 4.0,
            pixel_noise: 0.6,
            jitter_ms: 0.0,
            perfusion: 4.0,
            ..Recipe::default()
        };
        let mut film = Film::new(&recipe, &portrait());
        let (mut skin, mut wall) = ((f64::MAX, f64::MIN), (f64::MAX, f64::MIN));
        let mut image = Image::default();
        for number in 0..film.times().len() {
            film.draw(number, &mut image);
            let mean = |x0: usize, y0: usize| {
                let sum: f64 = (0..20 * 20)
                    .map(|i| f64::from(image.bgr[3 * ((y0 + i / 20) * image.width as usize + x0 + i % 20) + 1]))
                    .sum();
                sum / 400.0
            };
            let (face, beside) = (mean(54, 50), mean(2, 50));
            skin = (skin.0.min(face), skin.1.max(face));
            wall = (wall.0.min(beside), wall.1.max(beside));
        }
        assert_eq!(film.size(), (128, 160));
        // Green of 156 changes by 4 x 1 % x 0.77 of its light, which sRGB's curve makes a little less than half of.
        assert!((1.5..4.0).contains(&(skin.1 - skin.0)), "{skin:?}");
        assert!(wall.1 - wall.0 < 0.6, "{wall:?}");
    }

    #[test]
    fn the_skin_has_the_wanted_colour_and_frames_repeat() {
        let recipe = Recipe { face_px: 32.0, seconds: 0.2, pixel_noise: 0.0, skin: Skin::S5, ..Recipe::default() };
        let drawn = || {
            let mut image = Image::default();
            Film::new(&recipe, &portrait()).draw(0, &mut image);
            image
        };
        let image = drawn();
        let at = 3 * (35 * 64 + 32);
        let expected = Skin::S5.srgb();
        assert!(
            (0..3).all(|c| (f64::from(image.bgr[at + 2 - c]) - expected[c]).abs() < 4.0),
            "{:?}",
            &image.bgr[at..at + 3]
        );
        assert_eq!(image, drawn());
    }
}
