//! Lines that are not a heart's: the light's and the keyframes'.

use rustfft::num_complex::Complex64;

use super::filter::Band;
use super::methods::{PulseMethod, Rgb, mean_colour};
use super::spectrum::Spectrum;

/// Least part of a line's colour change that is not common to all channels. Skin in white light has 0.31 (its signature is 0.33,
/// 0.77, 0.53: de Haan and van Leest 2014), a change of light 0.
const COLOURED: f64 = 0.15;
/// Where the overtones of a keyframe's jump are looked for: no heart reaches it, frames at 25 Hz and more do.
const SHARP_BAND: Band = Band { low_hz: 7.0, high_hz: 13.0 };
/// Where they are looked for when the line is at a rate that keyframes have. The lowest overtones of a pulse wave are as strong as a jump's;
/// together they are not.
const USUAL_BAND: Band = Band { low_hz: 1.5, high_hz: 8.0 };
/// Keyframes come every half second or a multiple of it, nearly always: lines at multiples of this many hertz.
const USUAL_HZ: f64 = 0.5;
/// Mean power of the overtones over the power between them, from which they are no chance.
const SHARP_RATIO: f64 = 3.0;
/// Least of their power times the squared order, over the line's: 1 for a jump, under 0.01 for any pulse wave from 7 Hz on ...
const SHARP_LAW: f64 = 0.2;
/// ... and about a third for one from its second overtone on.
const USUAL_LAW: f64 = 0.5;

/// Whether a method cancels a change that is the same in all channels by its own construction.
#[must_use]
pub fn cancels_grey(method: PulseMethod) -> bool {
    matches!(method, PulseMethod::Pos | PulseMethod::Lgi | PulseMethod::Omit)
}

/// Whether a line of a method is a change of brightness alone: flicker, gain control, or movement in uneven light. A method that
/// cancels such changes has none.
#[must_use]
pub fn is_grey(method: PulseMethod, colours: &[Rgb], rate: f64, frequency: f64) -> bool {
    if cancels_grey(method) {
        return false;
    }
    let mean = mean_colour(colours);
    if mean.iter().any(|m| *m < 1.0) {
        return false;
    }
    let amplitude = [0, 1, 2].map(|c| {
        let terms = colours.iter().enumerate().map(|(i, colour)| {
            let angle = -std::f64::consts::TAU * frequency * i as f64 / rate;
            Complex64::from_polar(taper(i, colours.len()) * (colour[c] / mean[c] - 1.0), angle)
        });
        terms.sum::<Complex64>()
    });
    let grey = amplitude.iter().sum::<Complex64>() / 3.0;
    let whole: f64 = amplitude.iter().map(Complex64::norm_sqr).sum();
    let coloured: f64 = amplitude.iter().map(|a| (a - grey).norm_sqr()).sum();
    coloured < COLOURED * COLOURED * whole
}

/// A Hann window, so that a drift does not leak into the line.
fn taper(i: usize, samples: usize) -> f64 {
    super::spectrum::hann(i, samples)
}

/// Whether a line has the sharp overtones of something that jumps once a period, as the picture does at each keyframe: they fall
/// with the square of their order, while a pulse wave has none above some 6 Hz. `spectrum` is that of a channel, not filtered.
#[must_use]
pub fn is_sharp(spectrum: &Spectrum, line_hz: f64, seconds: f64) -> bool {
    let steps = line_hz / USUAL_HZ;
    let usual = (steps - steps.round()).abs() * USUAL_HZ < 0.25 / seconds;
    jumps(spectrum, line_hz, seconds, SHARP_BAND, SHARP_LAW)
        || usual && jumps(spectrum, line_hz, seconds, USUAL_BAND, USUAL_LAW)
}

fn jumps(spectrum: &Spectrum, line_hz: f64, seconds: f64, band: Band, least: f64) -> bool {
    let reach = (0.5 / seconds / spectrum.step_hz).round().max(1.0) as usize;
    let strongest = |centre: f64| {
        let bin = (centre / spectrum.step_hz).round() as usize;
        let bins = bin.saturating_sub(reach)..(bin + reach + 1).min(spectrum.power.len());
        spectrum.power[bins].iter().copied().fold(0.0, f64::max)
    };
    let line = strongest(line_hz);
    let orders = (band.low_hz / line_hz).ceil() as usize..=(band.high_hz / line_hz).floor() as usize;
    let (mut on, mut between, mut law, mut count) = (0.0, 0.0, 0.0, 0.0);
    for order in orders.filter(|order| *order > 1) {
        let overtone = strongest(order as f64 * line_hz);
        let beside = strongest((order as f64 - 0.5) * line_hz);
        on += overtone;
        between += beside;
        law += (overtone - beside) * (order * order) as f64 / line;
        count += 1.0;
    }
    count >= 2.0 && on > SHARP_RATIO * between && law > least * count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biosignal::readout::padded_periodogram;
    use crate::biosignal::spectrum::Spectrometer;
    use std::f64::consts::TAU;

    fn window(signature: Rgb) -> Vec<Rgb> {
        let change = |i: i32| 0.004 * (TAU * 1.2 * f64::from(i) / 30.0).sin();
        (0..300).map(|i| [0, 1, 2].map(|c| [150.0, 110.0, 90.0][c] * (1.0 + signature[c] * change(i)))).collect()
    }

    #[test]
    fn light_is_grey_and_skin_is_not() {
        for (signature, grey) in [([1.0, 1.0, 1.0], true), ([0.33, 0.77, 0.53], false), ([0.95, 1.0, 1.05], true)] {
            assert_eq!(is_grey(PulseMethod::Green, &window(signature), 30.0, 1.2), grey, "{signature:?}");
            assert!(!is_grey(PulseMethod::Pos, &window(signature), 30.0, 1.2));
        }
    }

    #[test]
    fn a_jump_each_second_is_sharp_and_a_pulse_wave_is_not() {
        let jumps: Vec<f64> = (0..300).map(|i| (-f64::from(i % 30) / 8.0).exp()).collect();
        let wave: Vec<f64> = (0..300)
            .map(|i| TAU * f64::from(i) / 30.0)
            .map(|p| p.sin() + 0.5 * (2.0 * p).sin() + 0.25 * (3.0 * p).sin() + 0.1 * (4.0 * p).sin())
            .collect();
        for (signal, sharp) in [(jumps, true), (wave, false)] {
            let spectrum = padded_periodogram(&mut Spectrometer::default(), &signal, 30.0);
            assert_eq!(is_sharp(&spectrum, 1.0, 10.0), sharp);
        }
    }
}
