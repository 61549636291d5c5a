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
}

impl Default for Scene {
    fn default() -> Self {
        Self { pulse_bpm: None, seconds: 14.0, fps: 20.0, noise: 1.5, light: 0.01 }
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

/// Writes the scene to `folder/NAME.avi` without loss.
pub fn write(shared: &Path, folder: &Path, name: &str, scene: Scene) -> PathBuf {
    let face = picture(shared, "neutral_045_03.jpg");
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
    for number in 0..(scene.seconds * scene.fps) as usize {
        let t = number as f64 / scene.fps;
        let light = 1.0 + scene.light * (TAU * 0.13 * t).sin();
        let beat = scene.pulse_bpm.map_or(0.0, |bpm| 0.012 * (TAU * bpm / 60.0 * t).sin());
        // Blue, green, red: shares of the pulse as blood absorbs (de Haan and van Leest 2014).
        let lit = brightened(light);
        let pulsing = [0.53, 0.77, 0.33].map(|share| brightened(light * (1.0 + share * beat)));
        let start = number * 7919 % NOISE;
        for (i, (out, value)) in frame.iter_mut().zip(&face.bgr).enumerate() {
            let table = if skin[i / 3] { &pulsing[i % 3] } else { &lit };
            let level = table[usize::from(*value)] + noise[(start + i) % NOISE];
            *out = ((level + 128) >> 8).clamp(0, 255) as u8;
        }
        let rows = SIDE as i32;
        let mat = Mat::new_rows_cols_with_bytes::<Vec3b>(rows, rows, &frame).expect("a matrix");
        writer.write(&mat).expect("written");
    }
    writer.release().expect("closed");
    path
}
