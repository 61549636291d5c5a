//! Whether a line is that of something that jumps once a period, as a compressed picture does at each keyframe.
//!
//! A jump a period, whatever the picture does between two jumps, has overtones that fall with their order and are in step at the moment of
//! the jump; a pulse wave has none above some 6 Hz. The overtones are therefore added with the phases that they have at a common moment, and the
//! sum is compared with the noise between them and with what the line itself lets expect.

use rustfft::num_complex::Complex64;

use super::filter::Band;
use super::frame_rate::FrameRate;
use super::pulse::PULSE_BAND;
use super::readout::PADDING;
use super::spectrum::{Spectrometer, Spectrum, hann};

/// Overtones are used from this order on, which few pulse waves reach ...
const ORDER_MIN: usize = 4;
/// ... and this frequency, up to one that frames at 25 Hz still carry.
const BAND: Band = Band { low_hz: 4.0, high_hz: 12.5 };
/// Where the band is halved to see how the noise falls, and the steepest fall.
const MIDDLE_HZ: f64 = 7.1;
const SLOPE_MAX: f64 = 3.0;
/// Frames at 15 Hz carry nothing from here on; where their rate is not known, it is under this part of the power below the middle.
const ABOVE_HZ: f64 = 8.0;
const EMPTY: f64 = 0.12;
/// Half-width of a tapered line, in parts of what the window resolves: within it there is no noise to measure.
const TAPERED: f64 = 2.0;
/// Least number of overtones; a faster line has too few to be told from a pulse.
const OVERTONES_MIN: usize = 2;
/// The line's frequency is known to a part of what the window resolves: within it the sharpest is looked for.
const OFFSETS: [f64; 5] = [-0.3, -0.15, 0.0, 0.15, 0.3];
/// Moments of the jump that are tried, for each overtone of the highest order.
const MOMENTS_PER_ORDER: usize = 4;
/// Least height of the jump over what the line lets expect of a sawtooth; a pulse wave has under a quarter.
const HEIGHT_MIN: f64 = 0.6;
/// Squared height over its variance from which it is no chance. Noise has 1 on average and, the best of all moments taken, seldom this.
const CLEAR: f64 = 9.0;
/// How well a line's frequency is known, in parts of what the window resolves.
const KNOWN: f64 = 0.25;
/// Groups of pictures are counted in frames, and are nearly always so many seconds of them: at their rates the overtones must rule a jump
/// out. Frames that were lost on the way make these lower.
const GROUP_S: [f64; 3] = [0.5, 1.0, 2.0];
/// A length up to this part of a frame from a whole number is rounded to that, one farther from both either way.
const ROUNDED: f64 = 0.4;
const USUAL_HEIGHT_MIN: f64 = 0.35;

/// Evidence of a jump once a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jump {
    /// Squared height over its variance in noise ...
    pub clearness: f64,
    /// ... and what that would be for a sawtooth with the same line.
    pub expected: f64,
    /// Whether there were overtones beyond those that a pulse wave's own may reach.
    pub far: bool,
}

impl Jump {
    /// The clearest jump of a line at `line_hz` in a signal of `rate` samples a second, made of frames that carry what is under `carried_hz`;
    /// `None` where it has too few overtones there.
    #[must_use]
    pub fn find(
        spectrometer: &mut Spectrometer,
        signal: &[f64],
        rate: f64,
        carried_hz: f64,
        line_hz: f64,
    ) -> Option<Self> {
        let samples = signal.len();
        let mean = signal.iter().sum::<f64>() / samples as f64;
        let tapered: Vec<f64> = signal.iter().enumerate().map(|(i, v)| (v - mean) * hann(i, samples)).collect();
        let spectrum = spectrometer.periodogram(&tapered, rate, (PADDING * samples).next_power_of_two());
        let seconds = samples as f64 / rate;
        let noise = |line_hz: f64| Noise::of(&spectrum, line_hz, TAPERED * rate / samples as f64, carried_hz);
        let at = |line_hz: f64| Self::at(&tapered, noise(line_hz), rate, line_hz);
        let tried = OFFSETS.iter().filter_map(|o| at(line_hz + o / seconds));
        tried.reduce(|best, next| if next.clearness > best.clearness { next } else { best })
    }

    /// Height over that of a sawtooth with the same line.
    fn height(&self) -> f64 {
        (self.clearness / self.expected).sqrt()
    }

    /// Whether the line must be taken for one: as high as a jump is, and no chance unless keyframes usually come at its rate. `frames` is
    /// known where they come evenly; then keyframes lie a whole number of them apart, and a heart's beats seldom do.
    #[must_use]
    pub fn explains(&self, line_hz: f64, seconds: f64, frames: Option<FrameRate>) -> bool {
        let usual = Usual::of(line_hz, seconds, frames).is_some();
        let whole =
            frames.is_none_or(|frames| frames.has_line((frames.sent / line_hz).round(), line_hz, KNOWN / seconds));
        let height_min = if usual && self.far { USUAL_HEIGHT_MIN } else { HEIGHT_MIN };
        self.height() > height_min && (usual || whole && self.clearness > CLEAR)
    }

    fn at(tapered: &[f64], noise: Noise, rate: f64, line_hz: f64) -> Option<Self> {
        let first = ORDER_MIN.max((BAND.low_hz / line_hz).ceil() as usize);
        let last = (noise.reaches_hz.min(0.45 * rate) / line_hz).floor() as usize;
        if last + 1 < first + OVERTONES_MIN {
            return None;
        }
        // A sawtooth of height 1 has -i / k at the moment of its jump; least squares over the overtones, each weighed by its noise.
        let (mut overtones, mut weight) = (Vec::with_capacity(last + 1 - first), 0.0);
        for order in first..=last {
            let (height, noise) = (1.0 / order as f64, noise.at(order as f64 * line_hz));
            weight += height * height / noise;
            overtones.push(amplitude(tapered, rate, order as f64 * line_hz) * (height / noise));
        }
        let moments = MOMENTS_PER_ORDER * last;
        let clearness = |moment: usize| {
            let phase = std::f64::consts::TAU * moment as f64 / moments as f64;
            let parts = (first..).zip(&overtones).map(|(k, c)| (c * Complex64::from_polar(1.0, k as f64 * phase)).im);
            parts.sum::<f64>().powi(2) / weight
        };
        let clearness = (0..moments).map(clearness).fold(0.0, f64::max);
        let expected = amplitude(tapered, rate, line_hz).norm_sqr() * weight;
        Some(Self { clearness, expected, far: noise.reaches_hz > MIDDLE_HZ })
    }
}

/// A line at which groups of pictures usually begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Usual {
    /// At a multiple of their rate.
    Multiple,
    /// At its lowest multiple that lies in the band of the pulse, which is their strongest line there.
    Lowest,
}

impl Usual {
    /// Whether keyframes usually come at this rate, as far as a window of so many seconds tells.
    pub(super) fn of(line_hz: f64, seconds: f64, frames: Option<FrameRate>) -> Option<Self> {
        let frames = frames.unwrap_or_default();
        let at = |group: f64| {
            let rate_hz = frames.sent / group;
            let order = (line_hz / rate_hz).round().max(1.0);
            let lowest = (PULSE_BAND.low_hz / rate_hz).ceil().max(1.0);
            let usual = if order > lowest { Self::Multiple } else { Self::Lowest };
            frames.has_line(group / order, line_hz, KNOWN / seconds).then_some(usual)
        };
        let of_seconds = |s: &f64| {
            let frames = s * frames.sent;
            [(frames + ROUNDED).floor(), (frames - ROUNDED).ceil()]
        };
        GROUP_S.iter().flat_map(of_seconds).filter_map(at).max()
    }
}

/// The transform at one frequency.
fn amplitude(signal: &[f64], rate: f64, frequency: f64) -> Complex64 {
    let turn = Complex64::from_polar(1.0, -std::f64::consts::TAU * frequency / rate);
    let (mut angle, mut sum) = (Complex64::new(1.0, 0.0), Complex64::default());
    for value in signal {
        sum += angle * value;
        angle *= turn;
    }
    sum
}

/// What lies between the overtones of a line: a power of the frequency through the means of two bands.
#[derive(Debug, Clone, Copy)]
struct Noise {
    at_middle: f64,
    slope: f64,
    /// Frames that come seldom carry nothing above this.
    reaches_hz: f64,
}

impl Noise {
    fn of(spectrum: &Spectrum, line_hz: f64, width_hz: f64, carried_hz: f64) -> Self {
        let beside = |bin: &usize| {
            let order = spectrum.frequency(*bin) / line_hz;
            (order - order.round()).abs() * line_hz > width_hz.min(0.3 * line_hz)
        };
        let mean = |low_hz: f64, high_hz: f64| {
            let add = |(sum, count): (f64, f64), bin: usize| (sum + spectrum.power[bin], count + 1.0);
            let (sum, count) = spectrum.bins(Band { low_hz, high_hz }).filter(beside).fold((0.0, 0.0), add);
            (sum / count.max(1.0)).max(f64::MIN_POSITIVE)
        };
        let (low, high) = (mean(BAND.low_hz, MIDDLE_HZ), mean(MIDDLE_HZ, BAND.high_hz));
        if carried_hz < ABOVE_HZ || mean(ABOVE_HZ, BAND.high_hz) < EMPTY * low {
            return Self { at_middle: low, slope: 0.0, reaches_hz: MIDDLE_HZ };
        }
        let distance = ((MIDDLE_HZ * BAND.high_hz).sqrt() / (BAND.low_hz * MIDDLE_HZ).sqrt()).ln();
        let slope = ((low / high).ln() / distance).clamp(0.0, SLOPE_MAX);
        Self { at_middle: (low * high).sqrt(), slope, reaches_hz: BAND.high_hz }
    }

    /// Mean squared amplitude in one direction of the plane.
    fn at(&self, frequency: f64) -> f64 {
        0.5 * self.at_middle * (MIDDLE_HZ / frequency).powf(self.slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn found(signal: impl Fn(f64) -> f64, line_hz: f64) -> bool {
        // A noise without chance: a sum of sines that are no overtones of anything.
        let noise =
            |i: f64| (1..40).map(|k| (i * (0.37 + 0.0719 * f64::from(k)) + f64::from(k * k)).sin()).sum::<f64>();
        let samples: Vec<f64> = (0..900).map(f64::from).map(|i| signal(i) + 0.02 * noise(i)).collect();
        let jump = Jump::find(&mut Spectrometer::default(), &samples, 30.0, 15.0, line_hz).expect("overtones");
        jump.explains(line_hz, 30.0, None)
    }

    #[test]
    fn a_jump_a_period_is_found_whatever_follows_it_and_a_pulse_wave_is_none() {
        for (period, lasting) in [(30.0, 2.0), (30.0, 8.0), (30.0, 60.0), (25.0, 10.0), (41.7, 10.0)] {
            assert!(found(|i| (-(i % period) / lasting).exp(), 30.0 / period), "{period} {lasting}");
        }
        for bpm in [48.0, 60.0, 72.0, 90.0, 120.0] {
            let angle = |i: f64| TAU * bpm / 60.0 * i / 30.0;
            let wave =
                |p: f64| p.sin() + 0.5 * (2.0 * p + 0.6).sin() + 0.25 * (3.0 * p + 1.0).sin() + 0.08 * (4.0 * p).sin();
            assert!(!found(|i| wave(angle(i)), bpm / 60.0), "{bpm}");
        }
    }

    #[test]
    fn keyframes_come_at_whole_numbers_of_frames() {
        let [at_15, at_25, at_30] = [15.0, 25.0, 30.0].map(|fps| FrameRate { seen: fps, sent: fps });
        // Five frames in a hundred were lost after they had been counted.
        let lossy = FrameRate { seen: 28.5, sent: 30.0 };
        for (bpm, frames, usual) in [
            (60.0, at_30, Some(Usual::Lowest)),
            (90.0, at_30, Some(Usual::Multiple)),
            (120.0, at_25, Some(Usual::Multiple)),
            // Half a second of 15 is 8 frames or 7, of 25 it is 12 or 13.
            (112.5, at_15, Some(Usual::Lowest)),
            (112.5, at_25, None),
            (125.0, at_25, Some(Usual::Lowest)),
            (72.0, at_30, None),
            (68.0, at_30, None),
            (58.0, at_30, None),
            (58.0, lossy, Some(Usual::Lowest)),
        ] {
            assert_eq!(Usual::of(bpm / 60.0, 30.0, Some(frames)), usual, "{bpm} at {frames:?}");
        }
        let jump = Jump { clearness: 40.0, expected: 50.0, far: true };
        for (bpm, frames, explained) in [
            (66.67, Some(at_30), true),
            (67.9, Some(at_30), false),
            (67.9, None, true),
            (67.9, Some(FrameRate { seen: 30.0, sent: 30.6 }), true),
        ] {
            assert_eq!(jump.explains(bpm / 60.0, 30.0, frames), explained, "{bpm} at {frames:?}");
        }
    }

    #[test]
    fn a_fast_line_has_no_overtones_to_judge_by() {
        assert_eq!(Jump::find(&mut Spectrometer::default(), &[0.0; 300], 30.0, 15.0, 3.3), None);
        let noise: Vec<f64> = (0..300).map(|i| f64::from(i * i % 101)).collect();
        let found = [15.0, 7.5].map(|carried| Jump::find(&mut Spectrometer::default(), &noise, 30.0, carried, 1.875));
        assert!(
            found[0].is_some() && found[1].is_none(),
            "what is above half the frame rate is no overtone: {found:?}"
        );
    }
}
