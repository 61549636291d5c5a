//! Several signals as one distance, under the correlation that was measured.

use super::signal::SIGNALS;

/// Distances beyond this count as this: a reading may be wrong by any amount, a person may not.
const CLIP: f64 = 5.0;
/// Passers with both signals, from which on their correlation is used at all.
const PAIRS_MIN: usize = 20;

/// Correlations between signals, shrunk towards none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation([[f64; SIGNALS]; SIGNALS]);

impl Default for Correlation {
    fn default() -> Self {
        Self(std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j)))))
    }
}

impl Correlation {
    /// From the distances of earlier passers, each `None` where there was no reading.
    ///
    /// Shrinkage intensity: sum of the variances of the correlations over the sum of their squares (J. Schäfer and
    /// K. Strimmer, "A shrinkage approach to large-scale covariance matrix estimation", 2005, section 2.4, target D).
    #[must_use]
    pub fn measured(passers: &[[Option<f64>; SIGNALS]]) -> Self {
        let mut measured = Self::default();
        let (mut variance, mut square) = (0.0, 0.0);
        for i in 0..SIGNALS {
            for j in 0..i {
                let pairs: Vec<(f64, f64)> = passers.iter().filter_map(|p| Some((clip(p[i]?), clip(p[j]?)))).collect();
                if pairs.len() < PAIRS_MIN {
                    continue;
                }
                let r = pearson(&pairs);
                variance += (1.0 - r * r).powi(2) / (pairs.len() - 1) as f64;
                square += r * r;
                (measured.0[i][j], measured.0[j][i]) = (r, r);
            }
        }
        let kept = if square > 0.0 { (1.0 - variance / square).clamp(0.0, 0.95) } else { 0.0 };
        measured.shrink(kept);
        // Correlations of pairs that different passers gave need not fit together; less of them always does.
        while cholesky(&measured.0, &[true; SIGNALS]).is_none() {
            measured.shrink(0.8);
        }
        measured
    }

    fn shrink(&mut self, kept: f64) {
        for (i, row) in self.0.iter_mut().enumerate() {
            row.iter_mut().enumerate().filter(|(j, _)| *j != i).for_each(|(_, r)| *r *= kept);
        }
    }

    /// Between two signals, by their places.
    #[must_use]
    pub fn between(&self, i: usize, j: usize) -> f64 {
        self.0[i][j]
    }

    /// How far apart `z` is when the signal that says most is left out, as a normal deviate: 0 is ordinary whatever the
    /// number of signals. `None` of fewer than two.
    #[must_use]
    pub fn apart(&self, z: &[Option<f64>; SIGNALS]) -> Option<f64> {
        let there = z.map(|z| z.is_some());
        if there.iter().filter(|t| **t).count() < 2 {
            return None;
        }
        let without = |out: usize| {
            let mut rest = there;
            rest[out] = false;
            self.deviate(z, &rest)
        };
        (0..SIGNALS).filter(|i| there[*i]).filter_map(without).min_by(f64::total_cmp)
    }

    /// Mahalanobis distance of the signals `of`, chi-squared with as many degrees of freedom for ordinary passers, as a
    /// normal deviate (E. B. Wilson and M. M. Hilferty, "The distribution of chi-square", 1931).
    fn deviate(&self, z: &[Option<f64>; SIGNALS], of: &[bool; SIGNALS]) -> Option<f64> {
        let lower = cholesky(&self.0, of)?;
        let mut solved = [0.0; SIGNALS];
        let mut square = 0.0;
        for i in (0..SIGNALS).filter(|i| of[*i]) {
            let known: f64 = (0..i).map(|j| lower[i][j] * solved[j]).sum();
            solved[i] = (clip(z[i]?) - known) / lower[i][i];
            square += solved[i] * solved[i];
        }
        let freedom = of.iter().filter(|o| **o).count() as f64;
        let spread = 2.0 / (9.0 * freedom);
        Some(((square / freedom).cbrt() - (1.0 - spread)) / spread.sqrt())
    }
}

fn clip(z: f64) -> f64 {
    z.clamp(-CLIP, CLIP)
}

fn pearson(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (a, b) = pairs.iter().fold((0.0, 0.0), |(a, b), p| (a + p.0 / n, b + p.1 / n));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        ab += (x - a) * (y - b);
        aa += (x - a).powi(2);
        bb += (y - b).powi(2);
    }
    if aa * bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}

/// Lower triangle of the rows and columns `of`; the others stay empty. `None` where it is not positive definite.
fn cholesky(matrix: &[[f64; SIGNALS]; SIGNALS], of: &[bool; SIGNALS]) -> Option<[[f64; SIGNALS]; SIGNALS]> {
    let mut lower = [[0.0; SIGNALS]; SIGNALS];
    for i in (0..SIGNALS).filter(|i| of[*i]) {
        for j in (0..=i).filter(|j| of[*j]) {
            let known: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = matrix[i][j] - known;
            if i == j {
                if rest <= 1e-6 {
                    return None;
                }
                lower[i][i] = rest.sqrt();
            } else {
                lower[i][j] = rest / lower[j][j];
            }
        }
    }
    Some(lower)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    fn z<const N: usize>(values: [f64; N]) -> [Option<f64>; SIGNALS] {
        std::array::from_fn(|i| values.get(i).copied())
    }

    #[test]
    fn no_single_signal_can_raise_it() {
        let none = Correlation::default();
        assert_eq!(none.apart(&z([50.0])), None);
        let ordinary = none.apart(&z([0.5, 0.5, 0.5])).unwrap();
        assert!(none.apart(&z([50.0, 0.5])).unwrap() < 0.0);
        assert!((none.apart(&z([50.0, 0.5, 0.5])).unwrap() - ordinary).abs() < 1e-9);
        assert!(none.apart(&z([3.0, -3.0, 0.5])).unwrap() > 2.0);
    }

    #[test]
    fn what_goes_together_counts_once() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let passers: Vec<_> = (0..400)
            .map(|_| {
                let common: f64 = random.sample(StandardNormal);
                let own: [f64; 3] = std::array::from_fn(|_| random.sample(StandardNormal));
                let mut row = z(own.map(|o| 0.8 * common + 0.6 * o));
                row[2] = None;
                row
            })
            .collect();
        let measured = Correlation::measured(&passers);
        assert!((measured.between(0, 1) - 0.64).abs() < 0.12, "{measured:?}");
        assert_eq!(measured.between(0, 2), 0.0);
        // With three signals one is left out; the two others together are nearer when they usually go together.
        let (usual, unusual) = (z([2.5, 2.5, 9.0]), z([2.5, -2.5, 9.0]));
        assert!(measured.apart(&usual).unwrap() < measured.apart(&unusual).unwrap());
    }

    proptest! {
        #[test]
        fn any_measured_correlation_can_be_used(rows in prop::collection::vec(prop::array::uniform6(prop::option::of(-9.0_f64..9.0)), 0..80)) {
            let measured = Correlation::measured(&rows);
            for row in &rows {
                let there = row.iter().flatten().count();
                let apart = measured.apart(row);
                prop_assert_eq!(apart.is_some(), there >= 2);
                prop_assert!(apart.is_none_or(f64::is_finite));
            }
        }
    }
}
