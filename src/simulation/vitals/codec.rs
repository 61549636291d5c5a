//! What storing pictures does to a region's mean colour: a model of encoders, block by block, not an encoder.
//!
//! A region is made of blocks. JPEG rounds each block's mean to its step in every picture. H.264 keeps a block as it was
//! until the change is worth a level of the quantiser (so small changes are lost, or come late), and begins anew with other roundings
//! at each keyframe (so the mean jumps there). Noise, texture and movement decide when a block changes, as they do in real
//! encoders. Where it matters how a real one behaves, make video.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::recipe::Codec;

/// Luma blocks of 8 x 8 pixels; chroma blocks cover 16 x 16.
const LUMA_PX: f64 = 64.0;
const CHROMA_PX: f64 = 256.0;
/// Neighbouring pixels of a camera share their noise (demosaicing): so many count as one.
pub const SHARED_NOISE: f64 = 3.0;
/// A JPEG's quantiser step of the mean, at a quality of about 90, over the transform's gain of 8.
const JPEG_STEP: [f64; 3] = [3.0 / 8.0, 3.0 / 8.0, 3.0 / 8.0];
/// Where H.264 rounds up, as a part of a step, in predicted and in key frames (the reference encoder's dead zones).
const ROUND_INTER: f64 = 1.0 / 6.0;
const ROUND_INTRA: f64 = 1.0 / 3.0;
/// What a keyframe's own roundings shift a region by, as a part of a step: alike at every keyframe of a still picture ...
const RESTART: f64 = 0.3;
/// ... and how long the frames after it take to forget, seconds.
const RESTART_S: f64 = 0.3;

/// One channel (Y, Cb or Cr) of a block.
#[derive(Debug, Clone)]
struct Block {
    /// What the texture adds to the region's mean.
    texture: f64,
    /// What the decoder shows.
    shown: f64,
}

/// A region as a codec sees it.
#[derive(Debug, Clone)]
pub struct Coded {
    codec: Codec,
    channels: [Vec<Block>; 3],
    /// Deviation of a luma block's and of a chroma block's noise.
    noise: [f64; 3],
    /// What each keyframe shifts the channels by.
    restart: [f64; 3],
}

impl Coded {
    /// A region of so many pixels whose pixels have this noise, in code values.
    pub fn new(codec: Codec, pixels: f64, pixel_noise: f64, random: &mut ChaCha8Rng) -> Self {
        let mut blocks = |size: f64| -> Vec<Block> {
            let count = (pixels / size).round().clamp(1.0, 400.0) as usize;
            (0..count).map(|_| Block { texture: random.random_range(-8.0..8.0), shown: f64::NAN }).collect()
        };
        let channels = [blocks(LUMA_PX), blocks(CHROMA_PX), blocks(CHROMA_PX)];
        let of = |size: f64| pixel_noise * (SHARED_NOISE / size).sqrt();
        let restart = [0, 1, 2].map(|_| RESTART * codec.step() * random.sample::<f64, _>(StandardNormal));
        Self { codec, channels, noise: [of(LUMA_PX), 0.6 * of(CHROMA_PX), 0.6 * of(CHROMA_PX)], restart }
    }

    /// The region's mean after decoding, code values. `since_keyframe` is in seconds, 0 at a keyframe; `moved` is how far the picture
    /// moved, in pixels.
    pub fn pass(&mut self, rgb: [f64; 3], since_keyframe: f64, moved: f64, random: &mut ChaCha8Rng) -> [f64; 3] {
        let yuv = to_yuv(rgb);
        let keyframe = since_keyframe <= 0.0;
        let mut out = [0.0; 3];
        for c in 0..3 {
            let (noise, count) = (self.noise[c], self.channels[c].len() as f64);
            // Movement carries other texture under a block; a whole region keeps its mean.
            let (mut sum, mut carried) = (0.0, 0.0);
            for block in &mut self.channels[c] {
                let stir = (0.6 * moved).min(2.0) * random.sample::<f64, _>(StandardNormal);
                block.texture = (block.texture + stir).clamp(-12.0, 12.0);
                let seen = yuv[c] + block.texture + noise * random.sample::<f64, _>(StandardNormal);
                block.shown = self.codec.coded(c, seen, block.shown, keyframe, random);
                sum += block.shown;
                carried += block.texture;
            }
            out[c] = (sum - carried) / count + self.restart[c] * (-since_keyframe / RESTART_S).exp();
        }
        to_rgb(out)
    }
}

impl Codec {
    /// H.264's quantiser step for the mean of a block of 8 x 8, code values; 0 for the others.
    fn step(self) -> f64 {
        self.crf().map_or(0.0, |crf| quantiser_step(f64::from(crf)) / 8.0)
    }

    fn coded(self, channel: usize, seen: f64, shown: f64, keyframe: bool, random: &mut ChaCha8Rng) -> f64 {
        match self.crf() {
            None if self == Self::Raw => seen,
            None => (seen / JPEG_STEP[channel]).round() * JPEG_STEP[channel],
            Some(_) => {
                let step = self.step();
                if keyframe || shown.is_nan() {
                    // The prediction from neighbours is anywhere.
                    let predicted = seen + random.random_range(-3.0..3.0);
                    predicted + quantised(seen - predicted, 0.8 * step, ROUND_INTRA)
                } else {
                    shown + quantised(seen - shown, step, ROUND_INTER)
                }
            }
        }
    }
}

/// H.264's quantiser step: 0.625 at 0, doubled every 6 (ITU-T H.264, table 8-15).
fn quantiser_step(qp: f64) -> f64 {
    0.625 * (qp / 6.0).exp2()
}

fn quantised(value: f64, step: f64, round: f64) -> f64 {
    (value.abs() / step + round).floor() * step * value.signum()
}

fn to_yuv([r, g, b]: [f64; 3]) -> [f64; 3] {
    let y = 0.299 * r + 0.587 * g + 0.114 * b;
    [y, 0.564 * (b - y), 0.713 * (r - y)]
}

fn to_rgb([y, cb, cr]: [f64; 3]) -> [f64; 3] {
    let (r, b) = (y + cr / 0.713, y + cb / 0.564);
    [r, (y - 0.299 * r - 0.114 * b) / 0.587, b]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use std::f64::consts::TAU;

    /// Amplitude of a green pulse of half a code value that comes through, and the jump at keyframes each second.
    fn through(codec: Codec) -> (f64, f64) {
        let mut random = ChaCha8Rng::seed_from_u64(4);
        let mut coded = Coded::new(codec, 6000.0, 1.5, &mut random);
        let (mut cosine, mut sine, mut line) = (0.0, 0.0, (0.0, 0.0));
        for i in 0..1800_u32 {
            let angle = TAU * 1.37 * f64::from(i) / 30.0;
            let rgb = [150.0 + 0.3 * angle.cos(), 110.0 + 0.5 * angle.cos(), 90.0 + 0.35 * angle.cos()];
            let got = coded.pass(rgb, f64::from(i % 30) / 30.0, 0.0, &mut random)[1] - 110.0;
            cosine += got * angle.cos() / 900.0;
            sine += got * angle.sin() / 900.0;
            let beat = TAU * f64::from(i) / 30.0;
            line = (line.0 + got * beat.cos() / 900.0, line.1 + got * beat.sin() / 900.0);
        }
        (f64::hypot(cosine, sine), f64::hypot(line.0, line.1))
    }

    #[test]
    fn colours_round_trip() {
        let back = to_rgb(to_yuv([150.0, 110.0, 90.0]));
        assert!(back.iter().zip([150.0, 110.0, 90.0]).all(|(a, b)| (a - b).abs() < 1e-9));
    }

    #[test]
    fn what_is_lost_grows_with_compression() {
        let [raw, mjpeg, crf18, crf23] = [Codec::Raw, Codec::Mjpeg, Codec::Crf18, Codec::Crf23].map(through);
        assert!((raw.0 - 0.5).abs() < 0.02 && (mjpeg.0 - 0.5).abs() < 0.05, "{raw:?} {mjpeg:?}");
        assert!(crf18.0 < 0.95 * raw.0 && crf23.0 < 0.95 * crf18.0, "{crf18:?} {crf23:?}");
        assert!(crf23.1 > 2.0 * raw.1, "{raw:?} {crf23:?}");
    }
}
