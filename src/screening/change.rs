//! Cumulative sums: small, lasting changes add up, single readings do not.

/// A two-sided cumulative sum (E. S. Page, "Continuous inspection schemes", Biometrika 41, 1954) of distances in standard
/// deviations.
///
/// Readings of overlapping windows repeat each other, so a reading counts as the share of its window that is new: a whole
/// window's worth of readings makes one step.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cusum {
    up: f64,
    down: f64,
    last: Option<f64>,
}

impl Cusum {
    /// What is subtracted at each step, standard deviations: half the smallest lasting change that is looked for.
    pub const SLACK: f64 = 0.5;

    /// Takes the distance `z` of a reading at `at`, whose window is `window_s` long; both in seconds.
    pub fn push(&mut self, at: f64, z: f64, window_s: f64) {
        let fresh = self.last.map_or(window_s, |last| (at - last).clamp(0.0, window_s));
        self.last = Some(at);
        let share = fresh / window_s.max(1e-3);
        self.up = (self.up + (z - Self::SLACK) * share).max(0.0);
        self.down = (self.down + (-z - Self::SLACK) * share).max(0.0);
    }

    /// The greater of the two sums, standard deviations.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.up.max(self.down)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lasting_change_adds_up_and_a_single_reading_does_not() {
        let mut one = Cusum::default();
        let mut lasting = Cusum::default();
        for second in 0..60 {
            let at = f64::from(second);
            one.push(at, if second == 20 { 8.0 } else { 0.0 }, 10.0);
            lasting.push(at, 1.5, 10.0);
        }
        assert!(one.height() < 0.1, "{one:?}");
        // The first reading is a window of its own; then 5.9 windows of 1.0 each.
        assert!((lasting.height() - 6.9).abs() < 1e-9, "{lasting:?}");
    }

    #[test]
    fn both_directions_count_and_overlap_does_not() {
        let (mut seldom, mut often) = (Cusum::default(), Cusum::default());
        (0..4).for_each(|i| seldom.push(f64::from(i) * 30.0, -2.0, 30.0));
        (0..=90).for_each(|i| often.push(f64::from(i), -2.0, 30.0));
        assert!((seldom.height() - often.height()).abs() < 1e-9, "{seldom:?} {often:?}");
    }
}
