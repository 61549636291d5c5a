//! Semi-synthetic videos: a still picture of a face, into whose skin a known pulse is put, with a camera's noise.

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

use greenlane::capture::read_picture;
use greenlane::frame::Image;
use opencv::core::{Mat, Size, Vec3b};
use opencv::imgproc;
use opencv::prelude::MatTraitConstManual;
use opencv::videoio::{VideoWriter, VideoWriterTrait, VideoWriterTraitConst};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

/// Width and height of the video, pixels.
const SIDE: u32 = 300;
/// The portrait that is shown.
const PORTRAIT: &str = "neutral_045_03.jpg";
/// Strength of the pulse, part of all light.
const STRENGTH: f64 = 0.012;
/// Values of noise, in 1/256 of a level; each frame reads them from another place on.
const NOISE: usize = 1 << 17;

/// What the video shows.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// Beats a minute; without one it is a photograph.
    pub pulse_bpm: Option<f64>,
    /// Length in seconds.
    pub seconds: f64,
    /// Frames a second.
    pub fps: f64,
    /// Standard deviation of the noise, levels.
    pub noise: f64,
    /// Size of a slow swing of the light, part of it.
    pub light: f64,
    /// Swing of the whole picture from side to side: times a second, and pixels.
    pub sway: (f64, f64),
}

impl Default for Scene {
    fn default() -> Self {
        Self { pulse_bpm: None, seconds: 14.0, fps: 15.0, noise: 1.5, light: 0.01, sway: (0.0, 0.0) }
    }
}

/// The picture of `shared` with this name, made small.
fn picture(shared: &Path, name: &str) -> Image {
    let mut image = Image::default();
    read_picture(&shared.join("data/faces/london_faces/images").join(name), &mut image).expect("a picture");
    let (rows, columns) = (image.height as i32, image.width as i32);
    let large = Mat::new_rows_cols_with_bytes::<Vec3b>(rows, columns, &image.bgr).expect("a matrix");
    let mut small = Mat::default();
    let size = Size::new(SIDE as i32, SIDE as i32);
    imgproc::resize(&large, &mut small, size, 0.0, 0.0, imgproc::INTER_AREA).expect("resized");
    Image { width: SIDE, height: SIDE, bgr: small.data_bytes().expect("bytes").to_vec() }
}

/// Skin by colour (Kovac, Peer, Solina 2003): enough for portraits before grey.
fn is_skin(&[b, g, r]: &[u8; 3]) -> bool {
    r > 95 && g > 40 && b > 20 && r.max(g).max(b) - r.min(g).min(b) > 15 && r.abs_diff(g) > 15 && r > g && r > b
}

/// What each 8-bit value becomes when its light is multiplied by `factor`, in 1/256 of a level.
fn brightened(factor: f64) -> [i32; 256] {
    std::array::from_fn(|value| {
        let linear = (value as f64 / 255.0).powf(2.2) * factor;
        (256.0 * 255.0 * linear.powf(1.0 / 2.2)).round() as i32
    })
}

/// Whole pixels and 1/256 of the next by which the picture is shifted at `t`.
fn shift((hz, pixels): (f64, f64), t: f64) -> (i64, i32) {
    let by = pixels * (TAU * hz * t).sin();
    (by.floor() as i64, (256.0 * (by - by.floor())) as i32)
}

/// Byte `i` of the picture shifted to the left, between pixels; the borders are repeated.
fn sampled(levels: &[i32], i: usize, whole: i64, part: i32) -> i32 {
    let (row, column) = (i / 3 / SIDE as usize, (i / 3 % SIDE as usize) as i64);
    let at = |column: i64| levels[3 * (row * SIDE as usize + column.clamp(0, i64::from(SIDE) - 1) as usize) + i % 3];
    at(column + whole) + (((at(column + whole + 1) - at(column + whole)) * part) >> 8)
}

/// Writes the scene to `folder/NAME.avi` without loss.
pub fn write(shared: &Path, folder: &Path, name: &str, scene: Scene) -> PathBuf {
    let face = picture(shared, PORTRAIT);
    let skin: Vec<bool> = face.bgr.as_chunks::<3>().0.iter().map(is_skin).collect();
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let normal = Normal::new(0.0, 256.0 * scene.noise).expect("a deviation");
    let noise: Vec<i32> = (0..NOISE).map(|_| f64::round(normal.sample(&mut random)) as i32).collect();
    let path = folder.join(format!("{name}.avi"));
    let code = VideoWriter::fourcc('F', 'F', 'V', '1').expect("a code");
    let size = Size::new(SIDE as i32, SIDE as i32);
    let mut writer = VideoWriter::new(path.to_str().expect("UTF-8"), code, scene.fps, size, true).expect("a writer");
    assert!(writer.is_opened().expect("asked"), "OpenCV cannot write FFV1");
    let mut frame = vec![0_u8; face.bgr.len()];
    let mut levels = vec![0_i32; face.bgr.len()];
    for number in 0..(scene.seconds * scene.fps) as usize {
        let t = number as f64 / scene.fps;
        let light = 1.0 + scene.light * (TAU * 0.13 * t).sin();
        let beat = scene.pulse_bpm.map_or(0.0, |bpm| STRENGTH * (TAU * bpm / 60.0 * t).sin());
        // Blue, green, red: shares of the pulse as blood absorbs (de Haan and van Leest 2014).
        let lit = brightened(light);
        let pulsing = [0.53, 0.77, 0.33].map(|share| brightened(light * (1.0 + share * beat)));
        let start = number * 7919 % NOISE;
        for (level, (i, value)) in levels.iter_mut().zip(face.bgr.iter().enumerate()) {
            let table = if skin[i / 3] { &pulsing[i % 3] } else { &lit };
            *level = table[usize::from(*value)];
        }
        let (whole, part) = shift(scene.sway, t);
        for (i, out) in frame.iter_mut().enumerate() {
            let level = sampled(&levels, i, whole, part) + noise[(start + i) % NOISE];
            *out = ((level + 128) >> 8).clamp(0, 255) as u8;
        }
        let rows = SIDE as i32;
        let mat = Mat::new_rows_cols_with_bytes::<Vec3b>(rows, rows, &frame).expect("a matrix");
        writer.write(&mat).expect("written");
    }
    writer.release().expect("closed");
    path
}
