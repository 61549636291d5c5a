//! Lines that are not a heart's but the light's.

use rustfft::num_complex::Complex64;

use super::methods::{PulseMethod, Rgb, mean_colour};

/// Least part of a line's colour change that is not common to all channels. Skin in white light has 0.31 (its signature is 0.33,
/// 0.77, 0.53: de Haan and van Leest 2014), a change of light 0.
const COLOURED: f64 = 0.15;
/// Whether a method cancels a change that is the same in all channels by its own construction. LGI and OMIT do so where such changes are
/// stronger than the noise, which a weak flicker is not.
#[must_use]
pub fn cancels_grey(method: PulseMethod) -> bool {
    method == PulseMethod::Pos
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
    let turn = Complex64::cis(-std::f64::consts::TAU * frequency / rate);
    let mut phase = Complex64::ONE;
    let mut amplitude = [Complex64::ZERO; 3];
    for (i, colour) in colours.iter().enumerate() {
        let weighted = phase * taper(i, colours.len());
        for (c, amplitude) in amplitude.iter_mut().enumerate() {
            *amplitude += weighted * (colour[c] / mean[c] - 1.0);
        }
        phase *= turn;
    }
    let grey = amplitude.iter().sum::<Complex64>() / 3.0;
    let whole: f64 = amplitude.iter().map(Complex64::norm_sqr).sum();
    let coloured: f64 = amplitude.iter().map(|a| (a - grey).norm_sqr()).sum();
    coloured < COLOURED * COLOURED * whole
}

/// A Hann window, so that a drift does not leak into the line.
fn taper(i: usize, samples: usize) -> f64 {
    super::spectrum::hann(i, samples)
}

#[cfg(test)]
mod tests {
    use super::*;
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
}
