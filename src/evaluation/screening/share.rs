//! A share with its uncertainty.

use serde::Serialize;

use crate::units::Interval;

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
}

impl Share {
    /// Counts one more of them.
    pub fn add(&mut self, yes: bool) {
        self.count += u64::from(yes);
        self.of += 1;
    }

    /// The share; 0 of nothing.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.count as f64 / self.of.max(1) as f64
    }

    /// The 95 % score interval (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927).
    #[must_use]
    pub fn wilson(&self) -> Interval {
        const Z: f64 = 1.959_964;
        let (n, p) = (self.of.max(1) as f64, self.value());
        let centre = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / (1.0 + Z * Z / n);
        Interval { low: (centre - half).max(0.0), high: (centre + half).min(1.0) }
    }

    /// Whether `share` lies in that interval.
    #[must_use]
    pub fn allows(&self, share: f64) -> bool {
        let Interval { low, high } = self.wilson();
        (low..=high).contains(&share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ends are the shares that lie just 1.96 of their own standard deviations from what was found.
    #[test]
    fn wilson_is_the_score_interval() {
        for (count, of) in [(3, 3_000), (15, 3_000), (60, 3_000), (7, 9)] {
            let share = Share { count, of };
            let Interval { low, high } = share.wilson();
            assert!(low < share.value() && share.value() < high);
            for end in [low, high] {
                let deviation = (end * (1.0 - end) / of as f64).sqrt();
                assert!(((share.value() - end).abs() / deviation - 1.959_964).abs() < 1e-9, "{count}/{of}: {end}");
            }
        }
        let none = Share { count: 0, of: 10 }.wilson();
        assert!(none.low == 0.0 && (none.high - 0.277_533).abs() < 1e-6, "{none:?}");
        assert!(Share { count: 3, of: 3_000 }.allows(0.001) && !Share { count: 20, of: 3_000 }.allows(0.001));
    }
}
