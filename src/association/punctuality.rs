//! How late people are said to be against how late they were: what is said is put right by what came true.
//!
//! Of everybody who comes back it was said what share of others would have been back by then. Were that right, these shares would
//! be spread evenly (A. P. Dawid, "Statistical theory: the prequential approach", Journal of the Royal Statistical Society A 147,
//! 1984); their distribution turns what is said into what holds, whatever the shape of the times (T. Gneiting, F. Balabdaoui and
//! A. Raftery, "Probabilistic forecasts, calibration and sharpness", ibid. B 69, 2007).

use serde::{Deserialize, Serialize};

/// Steps of the share said, each with a count of its own.
const BINS: usize = 50;
/// Returns that what the times alone say is worth, and after how many older ones are forgotten.
const PRIOR: f64 = 100.0;
const MEMORY: f64 = 2_000.0;

/// Shares of others said to be back, of those who came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Punctuality {
    /// How many came back at shares between one fiftieth and the next.
    returns: Vec<f64>,
}

impl Default for Punctuality {
    fn default() -> Self {
        Self { returns: vec![0.0; BINS] }
    }
}

impl Punctuality {
    /// Somebody came back, with probability `probability`, when it was said that a share `said` of others would be back.
    pub(super) fn learn(&mut self, said: f64, probability: f64) {
        let keep = (MEMORY / (self.returns.iter().sum::<f64>() + probability)).min(1.0);
        self.returns.iter_mut().for_each(|count| *count *= keep);
        let bin = ((said * BINS as f64) as usize).min(BINS - 1);
        self.returns[bin] += probability;
    }

    /// What share was back in truth when `said` was said; between 0 and 1, and the more the more is said.
    pub(super) fn told(&self, said: f64) -> f64 {
        let place = said.clamp(0.0, 1.0) * BINS as f64;
        let reached = |bin: usize| (place - bin as f64).clamp(0.0, 1.0);
        let weight = |count: &f64| count + PRIOR / BINS as f64;
        let below: f64 = self.returns.iter().enumerate().map(|(bin, count)| weight(count) * reached(bin)).sum();
        below / self.returns.iter().map(weight).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_too_late_is_told_earlier() {
        let mut punctuality = Punctuality::default();
        for said in [0.0, 0.3, 0.95, 1.0] {
            assert!((punctuality.told(said) - said).abs() < 1e-9, "{said}");
        }
        // Nobody ever comes so late that more than nine of ten were said to be back.
        for i in 0..5_000 {
            punctuality.learn(0.9 * f64::from(i % 100) / 100.0, 1.0);
        }
        assert!((punctuality.told(0.9) - 1.0).abs() < 0.01 && (punctuality.told(0.81) - 0.9).abs() < 0.02);
        assert!((0..1_000).is_sorted_by_key(|i: i32| (1e9 * punctuality.told(f64::from(i) / 999.0)) as i64));
        assert!(punctuality.returns.iter().sum::<f64>() < MEMORY + 1.0);
    }
}
