//! From colour to pulse: the published ways to turn a window of mean colours into a blood volume pulse (BVP).
//!
//! All take a uniformly sampled window of red, green, blue and give one sample for each; the sign and the scale of a BVP
//! mean nothing. `Cn` is a colour divided by its mean over the window.

mod chrom;
mod pbv;
mod pca;
mod pos;
mod projection;
mod symmetric;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Mean red, green and blue of a region.
pub type Rgb = [f64; 3];

/// Seconds over which CHROM and POS assume that light and skin stay as they are (Wang et al. 2017, section IV).
const LOCAL_WINDOW_S: f64 = 1.6;

/// A way to turn colour into a pulse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PulseMethod {
    /// The green channel (Verkruysse, Svaasand, Nelson, Optics Express 16, 2008).
    Green,
    /// Chrominance (de Haan, Jeanne, IEEE TBME 60, 2013).
    Chrom,
    /// Plane orthogonal to skin (Wang, den Brinker, Stuijk, de Haan, IEEE TBME 64, 2017).
    Pos,
    /// Local group invariance (Pilz, Zaunseder, Krajewski, Blazek, CVPRW 2018).
    Lgi,
    /// Orthogonal matrix image transformation (Casado, Bordallo López, face2PPG, 2022).
    Omit,
    /// Blood volume pulse signature (de Haan, van Leest, Physiol. Meas. 35, 2014).
    Pbv,
    /// Principal components (Lewandowska et al., FedCSIS 2011).
    Pca,
    /// The red channel: what is left when a finger covers the lens and the other two are dark.
    Red,
    /// The blue channel, for the same case.
    Blue,
}

/// A name that is no method.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no pulse method `{0}`; there are GREEN, CHROM, POS, LGI, OMIT, PBV, PCA, RED, BLUE")]
pub struct UnknownMethod(String);

impl PulseMethod {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Green, Self::Chrom, Self::Pos, Self::Lgi, Self::Omit, Self::Pbv, Self::Pca, Self::Red, Self::Blue];

    /// As on the command line and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Green => "GREEN",
            Self::Chrom => "CHROM",
            Self::Pos => "POS",
            Self::Lgi => "LGI",
            Self::Omit => "OMIT",
            Self::Pbv => "PBV",
            Self::Pca => "PCA",
            Self::Red => "RED",
            Self::Blue => "BLUE",
        }
    }

    /// The channel, for a method that uses one alone.
    #[must_use]
    pub fn single_channel(self) -> Option<usize> {
        match self {
            Self::Red => Some(0),
            Self::Green => Some(1),
            Self::Blue => Some(2),
            _ => None,
        }
    }

    /// The BVP of a window at `rate` samples a second; as long as the window, finite wherever the method's divisors are
    /// not zero (a channel of mean zero has no relative change).
    #[must_use]
    pub fn extract(self, window: &[Rgb], rate: f64) -> Vec<f64> {
        match self {
            Self::Green | Self::Red | Self::Blue => {
                let channel = self.single_channel().unwrap_or_default();
                window.iter().map(|c| c[channel]).collect()
            }
            Self::Chrom => chrom::extract(window, rate),
            Self::Pos => pos::extract(window, rate),
            Self::Lgi => projection::lgi(window),
            Self::Omit => projection::omit(window),
            Self::Pbv => pbv::extract(window),
            Self::Pca => pca::extract(window, rate),
        }
    }
}

impl fmt::Display for PulseMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PulseMethod {
    type Err = UnknownMethod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = |method: &Self| method.as_str().eq_ignore_ascii_case(text);
        Self::ALL.into_iter().find(wanted).ok_or_else(|| UnknownMethod(text.to_owned()))
    }
}

/// Mean colour of a window.
#[must_use]
pub fn mean_colour(window: &[Rgb]) -> Rgb {
    let mut sum = [0.0; 3];
    for colour in window {
        for (sum, value) in sum.iter_mut().zip(colour) {
            *sum += value;
        }
    }
    sum.map(|sum| sum / window.len().max(1) as f64)
}

/// `Cn - 1` of each colour: the relative change.
fn relative(window: &[Rgb]) -> impl Iterator<Item = Rgb> + '_ {
    let mean = mean_colour(window);
    window.iter().map(move |c| [0, 1, 2].map(|i| c[i] / mean[i] - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for method in PulseMethod::ALL {
            assert_eq!(method.as_str().to_lowercase().parse(), Ok(method));
        }
        assert!("ICA".parse::<PulseMethod>().is_err());
    }

    #[test]
    fn every_method_finds_a_clean_pulse() {
        let rate = 30.0;
        let window: Vec<Rgb> = (0..600)
            .map(|i| {
                let t = f64::from(i) / rate;
                let pulse = 0.004 * (std::f64::consts::TAU * 1.3 * t).sin();
                let light = 1.0 + 0.01 * (std::f64::consts::TAU * 0.11 * t).sin();
                [
                    120.0 * light * (1.0 + 0.33 * pulse),
                    80.0 * light * (1.0 + 0.77 * pulse),
                    60.0 * light * (1.0 + 0.53 * pulse),
                ]
            })
            .collect();
        for method in PulseMethod::ALL {
            let bvp = super::super::detrend::detrend(&method.extract(&window, rate), 100.0);
            let spectrum = super::super::spectrum::Spectrometer::default().periodogram(&bvp, rate, 8192);
            let bin = spectrum.highest(super::super::filter::Band { low_hz: 0.65, high_hz: 4.0 }).unwrap();
            assert!((60.0 * spectrum.frequency(bin) - 78.0).abs() < 1.0, "{method}");
        }
    }
}
