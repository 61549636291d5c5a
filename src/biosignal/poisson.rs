//! How much a count of rare events says of their rate.

use crate::units::Interval;

/// Where the rate that gave `count` events lies with probability `confidence`, in events (Garwood 1936: exact, the
/// smallest central interval that never covers less).
///
/// The lower end is the rate at which so many or more have the probability of the tail, the upper one the rate at which so
/// many or fewer have it.
#[must_use]
pub fn garwood(count: u32, confidence: f64) -> Interval {
    let tail = (1.0 - confidence) / 2.0;
    let low = match count.checked_sub(1) {
        Some(fewer) => mean_with(fewer, 1.0 - tail),
        None => 0.0,
    };
    Interval { low, high: mean_with(count, tail) }
}

/// Probability that the mean lies within `by` of the count that was seen, where every mean was equally likely before.
#[must_use]
pub fn within(count: u32, by: f64) -> f64 {
    let seen = f64::from(count);
    let beyond = |mean: f64| if mean > 0.0 { at_most(count, mean) } else { 1.0 };
    beyond(seen - by) - beyond(seen + by)
}

/// Probability of `count` or fewer events where `mean` are expected.
fn at_most(count: u32, mean: f64) -> f64 {
    // Terms from the last one down, as logarithms: exp(-mean) alone would vanish.
    let log_terms = (0..=count).scan(-mean, |log, k| {
        if k > 0 {
            *log += (mean / f64::from(k)).ln();
        }
        Some(*log)
    });
    log_terms.map(f64::exp).sum::<f64>().min(1.0)
}

/// The mean at which `count` or fewer events have this probability, by bisection.
fn mean_with(count: u32, probability: f64) -> f64 {
    let seen = f64::from(count);
    let (mut low, mut high) = (0.0, seen + 10.0 * (seen + 4.0).sqrt());
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if at_most(count, middle) > probability { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn intervals_of_the_textbook() {
        // Exact 95 % limits for a Poisson mean (Pearson and Hartley, Biometrika Tables 1, table 40).
        for (count, low, high) in
            [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390), (50, 37.11, 65.92)]
        {
            let found = garwood(count, 0.95);
            assert!((found.low - low).abs() < 6e-3 && (found.high - high).abs() < 6e-3, "{count}: {found:?}");
        }
    }

    #[test]
    fn more_events_are_surer_of_the_same_distance() {
        assert!((within(0, 3.0) - (1.0 - (-3.0_f64).exp())).abs() < 1e-12);
        assert!(within(4, 2.0) > within(16, 2.0));
        assert!(within(400, 60.0) > 0.99);
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_count(count in 0_u32..2_000, confidence in 0.5..0.999) {
            let Interval { low, high } = garwood(count, confidence);
            prop_assert!(low >= 0.0 && low <= f64::from(count) && f64::from(count) < high);
            let wider = garwood(count, f64::midpoint(confidence, 1.0));
            prop_assert!(wider.low <= low && wider.high >= high);
        }
    }
}
