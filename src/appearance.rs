//! What a person's clothing and shape look like, as a vector that can be compared.

use serde::{Deserialize, Serialize};

/// What made a vector. Only vectors of the same kind can be compared, whatever their lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct AppearanceKind(pub u32);

impl AppearanceKind {
    /// Nobody said what made it: vectors out of files.
    pub const UNSTATED: Self = Self(0);
    /// The descriptor of clothing that needs no model, its first version.
    pub const CLOTHING: Self = Self(1);

    /// Of a model file by its SHA-256, hexadecimal: the first 32 bits.
    #[must_use]
    pub fn of_digest(sha256: &str) -> Self {
        let first = sha256.get(..8).and_then(|text| u32::from_str_radix(text, 16).ok());
        first.map_or(Self::UNSTATED, Self)
    }
}

/// A re-identification vector of unit length with the quality of the crop it came from.
///
/// It describes clothing and shape, not a face; it expires with the memory that holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Appearance {
    /// What made it.
    #[serde(default)]
    pub kind: AppearanceKind,
    /// Unit length.
    pub vector: Vec<f32>,
    /// 0 to 1: size, sharpness and visibility of the crop.
    pub quality: f32,
}

impl Appearance {
    /// Scales `raw` to unit length. `None` when it is empty, all zero or not finite: such a vector says nothing.
    #[must_use]
    pub fn normalised(raw: &[f32], quality: f32) -> Option<Self> {
        let norm = raw.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
        if !norm.is_finite() || norm < f64::from(f32::EPSILON) {
            return None;
        }
        Some(Self {
            kind: AppearanceKind::UNSTATED,
            vector: raw.iter().map(|v| (f64::from(*v) / norm) as f32).collect(),
            quality,
        })
    }

    /// The same vector, made by `kind`.
    #[must_use]
    pub fn of_kind(mut self, kind: AppearanceKind) -> Self {
        self.kind = kind;
        self
    }

    /// Whether both come from the same model or descriptor.
    #[must_use]
    pub fn is_comparable(&self, other: &Self) -> bool {
        self.kind == other.kind && self.vector.len() == other.vector.len()
    }

    /// Cosine similarity in -1..1; `None` between vectors of different kinds.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> Option<f64> {
        self.is_comparable(other).then(|| dot(&self.vector, &other.vector))
    }
}

/// Scalar product, in as many partial sums as the processor can keep at once: one sum would wait for each addition.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    const LANES: usize = 8;
    let (a_whole, a_rest) = a.as_chunks::<LANES>();
    let (b_whole, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0_f64; LANES];
    for (a, b) in a_whole.iter().zip(b_whole) {
        for lane in 0..LANES {
            sums[lane] += f64::from(a[lane]) * f64::from(b[lane]);
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_never_compared() {
        let a = Appearance::normalised(&[3.0, 4.0], 1.0).expect("has a direction");
        let b = a.clone().of_kind(AppearanceKind::of_digest("f921d725faf0"));
        assert_eq!(b.kind, AppearanceKind(0xf921_d725));
        assert_eq!((a.cosine(&b), AppearanceKind::of_digest("no digest")), (None, AppearanceKind::UNSTATED));
    }

    #[test]
    fn vectors_without_direction_are_refused() {
        for raw in [&[][..], &[0.0, 0.0], &[f32::NAN, 1.0], &[f32::INFINITY]] {
            assert_eq!(Appearance::normalised(raw, 1.0), None);
        }
        let a = Appearance::normalised(&[3.0, 4.0], 1.0).expect("has a direction");
        assert!((a.cosine(&a).expect("same length") - 1.0).abs() < 1e-6);
    }
}
