//! Robust location and spread, and the distance of a reading from them.

/// The median absolute deviation times this is the standard deviation of a normal distribution.
const NORMAL: f64 = 1.4826;
/// Half of a range that holds 90 % of a normal distribution, standard deviations.
const HALF_90: f64 = 1.645;

/// Where most are, and how far apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Median.
    pub centre: f64,
    /// 1.4826 times the median absolute deviation from it.
    pub deviation: f64,
}

impl Spread {
    /// Of `values`; `None` of none. A deviation below `least` is taken to be `least`.
    #[must_use]
    pub fn of(values: &[f64], least: f64) -> Option<Self> {
        let centre = median(values)?;
        let distances: Vec<f64> = values.iter().map(|v| (v - centre).abs()).collect();
        Some(Self { centre, deviation: (NORMAL * median(&distances)?).max(least) })
    }

    /// Distance of `x` from the centre in units of the spread and of `deviation`, what is not known about `x`, together:
    /// the less is known, the nearer it is taken to be.
    #[must_use]
    pub fn distance(&self, x: f64, deviation: f64) -> f64 {
        (x - self.centre) / self.deviation.hypot(deviation)
    }

    /// Where nine of ten lie, were it normal.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        (self.centre - HALF_90 * self.deviation, self.centre + HALF_90 * self.deviation)
    }
}

/// The median; `None` of nothing.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The quantile `share` by linear interpolation between order statistics; `None` of nothing.
#[must_use]
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    Some(sorted[low] + (place - low as f64) * (sorted[high] - sorted[low]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wild_value_moves_nothing() {
        let mut values: Vec<f64> = (0..101).map(f64::from).collect();
        let before = Spread::of(&values, 0.1).unwrap();
        assert_eq!((before.centre, before.deviation), (50.0, NORMAL * 25.0));
        values[0] = 1e9;
        let after = Spread::of(&values, 0.1).unwrap();
        assert!((after.centre - before.centre).abs() <= 1.0 && (after.deviation - before.deviation).abs() < 2.0);
        assert_eq!(Spread::of(&[], 1.0), None);
        assert_eq!(Spread::of(&[3.0, 3.0], 0.5).unwrap().deviation, 0.5);
    }

    #[test]
    fn what_is_not_known_shrinks_the_distance() {
        let spread = Spread { centre: 70.0, deviation: 3.0 };
        assert_eq!(spread.distance(79.0, 0.0), 3.0);
        assert_eq!(spread.distance(79.0, 4.0), 1.8);
    }

    #[test]
    fn quantiles_lie_between_order_statistics() {
        for (share, expected) in [(0.0, 1.0), (0.5, 2.5), (1.0, 4.0), (0.25, 1.75)] {
            assert_eq!(quantile(&[4.0, 1.0, 3.0, 2.0], share), Some(expected));
        }
    }
}
