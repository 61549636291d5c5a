//! What storing pictures does to a region's mean colour: a model of encoders, block by block, not an encoder.
//!
//! A region is made of blocks. JPEG rounds each block's mean to its step in every picture. H.264 keeps a block as it was
//! until the change is worth a level of the quantiser (so small changes are lost, or come late), and begins anew with other roundings
//! at each keyframe (so the mean jumps there). Noise, texture and movement decide when a block changes, as they do in real
//! encoders.
//!
//! Compared with x264 on a film of a still face of 128 pixels (green pulse of 0.25 %, noise of 1.5 levels, keyframes every 0.5, 1 and
//! 2 s): of the pulse x264 leaves 70 to 110 % at a factor of 18 and 26 to 65 % at 23, the model about 75 and 50 %; the strongest keyframe line is
//! 0.02 to 0.05 % of the mean in x264 and in the model. Colours drift apart more in x264, whose red keeps more of the pulse than its
//! green. Where it matters how a real encoder behaves, make video.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::recipe::Codec;

/// A JPEG's blocks have 8 x 8 pixels; H.264 decides for macroblocks of 16 x 16 whether anything changed.
const JPEG_PX: f64 = 64.0;
const MACROBLOCK_PX: f64 = 256.0;
/// Neighbouring pixels of a camera share their noise (demosaicing): so many count as one.
pub const SHARED_NOISE: f64 = 3.0;
/// A JPEG's quantiser step of the mean, at a quality of about 90, over the transform's gain of 8.
const JPEG_STEP: [f64; 3] = [3.0 / 8.0, 3.0 / 8.0, 3.0 / 8.0];
/// Where H.264 rounds up, as a part of a step. In predicted frames a change of less than a step is not worth its bits; in key frames
/// it is the reference encoder's dead zone.
const ROUND_INTER: f64 = 0.08;
const ROUND_INTRA: f64 = 1.0 / 3.0;
/// What a keyframe's own roundings shift a region by, as a part of a step: alike at every keyframe of a still picture ...
const RESTART: f64 = 0.08;
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
        let size = if codec.crf().is_some() { MACROBLOCK_PX } else { JPEG_PX };
        let channels = [blocks(size), blocks(MACROBLOCK_PX), blocks(MACROBLOCK_PX)];
        let of = |size: f64| pixel_noise * (SHARED_NOISE / size).sqrt();
        let restart = [0, 1, 2].map(|_| RESTART * codec.step() * random.sample::<f64, _>(StandardNormal));
        Self { codec, channels, noise: [of(size), 0.6 * of(MACROBLOCK_PX), 0.6 * of(MACROBLOCK_PX)], restart }
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

    /// Amplitude of a green pulse of half a code value that comes through, and of the line of keyframes each second: means of eight regions.
    fn through(codec: Codec) -> (f64, f64) {
        let one = |seed| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let mut coded = Coded::new(codec, 2000.0, 1.5, &mut random);
            let (mut pulse, mut line) = ((0.0, 0.0), (0.0, 0.0));
            for i in 0..1200_u32 {
                let (angle, beat) = (TAU * 1.4 * f64::from(i) / 30.0, TAU * f64::from(i) / 30.0);
                let rgb = [150.0 + 0.3 * angle.cos(), 110.0 + 0.5 * angle.cos(), 90.0 + 0.35 * angle.cos()];
                let got = (coded.pass(rgb, f64::from(i % 30) / 30.0, 0.0, &mut random)[1] - 110.0) / 600.0;
                pulse = (pulse.0 + got * angle.cos(), pulse.1 + got * angle.sin());
                line = (line.0 + got * beat.cos(), line.1 + got * beat.sin());
            }
            [f64::hypot(pulse.0, pulse.1), f64::hypot(line.0, line.1)]
        };
        let sum = (0..8).map(one).fold([0.0; 2], |sum, got| [sum[0] + got[0] / 8.0, sum[1] + got[1] / 8.0]);
        (sum[0], sum[1])
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
        assert!((0.33..0.48).contains(&crf18.0) && (0.13..0.33).contains(&crf23.0), "{crf18:?} {crf23:?}");
        assert!(crf23.1 > 2.0 * raw.1, "{raw:?} {crf18:?} {crf23:?}");
    }
}
