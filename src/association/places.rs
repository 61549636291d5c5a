//! Where on the floor people leave a view, or come into it: by which side somebody went says where they went.
//!
//! For each way a mixture of a few normal distributions, one for each door or side (D. Makris and T. Ellis, "Learning semantic
//! scene models from observing activity in visual surveillance", IEEE Transactions on Systems, Man, and Cybernetics B 35(3), 2005,
//! section III), learned one observation after the other (C. Stauffer and W. Grimson, "Adaptive background mixture models
//! for real-time tracking", CVPR 1999, section 2.1). Those who are taken wrongly for going a way leave by other sides, and
//! do not blur the one by which it is gone. Ways are mixed with all ways together by how often they were seen: of what is seldom
//! seen, a place says little.

use serde::{Deserialize, Serialize};

use super::sighting::FloorFix;

/// Sides that are told apart.
const SIDES: usize = 4;
/// Observations after which older ones are forgotten.
const MEMORY: f64 = 100.0;
/// Observations at which a way's own distribution counts half.
const HALF: f64 = 1.0;
/// Variance of the first observation, square metres, and the smallest that is believed.
const VARIANCE_FIRST: f64 = 4.0;
const VARIANCE_MIN: f64 = 0.25;
/// Share of places that follow no rule, and the floor area that they are spread over, square metres.
const OUTLIERS: f64 = 0.05;
const AREA_M2: f64 = 400.0;

/// One side: a normal distribution of places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Side {
    weight: f64,
    mean: [f64; 2],
    /// xx, xy, yy.
    covariance: [f64; 3],
}

impl Side {
    fn at(mean: [f64; 2]) -> Self {
        Self { weight: 0.0, mean, covariance: [VARIANCE_FIRST, 0.0, VARIANCE_FIRST] }
    }

    /// Mixes in what lies at `mean` with covariance `spread`.
    fn mix(&mut self, mean: [f64; 2], spread: [f64; 3], weight: f64) {
        self.weight += weight;
        // The variance assumed at first is worth one observation.
        let share = weight / (self.weight + 1.0);
        let (dx, dy) = (mean[0] - self.mean[0], mean[1] - self.mean[1]);
        self.mean = [self.mean[0] + share * dx, self.mean[1] + share * dy];
        let squares = [dx * dx, dx * dy, dy * dy];
        for ((value, square), spread) in self.covariance.iter_mut().zip(squares).zip(spread) {
            *value = (1.0 - share) * (*value + share * square) + share * spread;
        }
    }

    /// Density at a place, per square metre.
    fn density(&self, [x, y]: [f64; 2]) -> f64 {
        let [a, b, c] = [self.covariance[0] + VARIANCE_MIN, self.covariance[1], self.covariance[2] + VARIANCE_MIN];
        let determinant = a * c - b * b;
        let (dx, dy) = (x - self.mean[0], y - self.mean[1]);
        let squared = (c * dx * dx - 2.0 * b * dx * dy + a * dy * dy) / determinant;
        (-0.5 * squared).exp() / (std::f64::consts::TAU * determinant.sqrt())
    }
}

/// A distribution of places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Places {
    weight: f64,
    sides: [Side; SIDES],
}

impl Places {
    /// Mixes one in by its weight.
    pub(super) fn learn(&mut self, place: Option<&FloorFix>, weight: f64) {
        if let Some(place) = place {
            self.mix([place.x, place.y], [0.0; 3], weight);
        }
    }

    fn mix(&mut self, mean: [f64; 2], spread: [f64; 3], weight: f64) {
        if weight <= 0.0 {
            return;
        }
        let explained = self.sides.map(|side| if side.weight > 0.0 { side.weight * side.density(mean) } else { 0.0 });
        let sum: f64 = explained.iter().sum();
        if sum < self.weight.max(1.0) / AREA_M2 {
            // Nobody went there before: a new side, in the place of the least usual one.
            if let Some(least) = self.sides.iter_mut().min_by(|a, b| a.weight.total_cmp(&b.weight)) {
                self.weight -= least.weight;
                *least = Side::at(mean);
                least.mix(mean, spread, weight);
            }
        } else {
            for (side, part) in self.sides.iter_mut().zip(explained).filter(|(_, part)| *part > 0.0) {
                side.mix(mean, spread, weight * part / sum);
            }
        }
        self.weight += weight;
        let keep = (MEMORY / self.weight).min(1.0);
        self.weight *= keep;
        self.sides.iter_mut().for_each(|side| side.weight *= keep);
    }

    /// All of them together.
    pub(super) fn all<'a>(of: impl Iterator<Item = &'a Self>) -> Self {
        let mut of = of.filter(|places| places.weight > 0.0);
        let mut all = of.next().copied().unwrap_or_default();
        for side in of.flat_map(|places| &places.sides) {
            all.mix(side.mean, side.covariance, side.weight);
        }
        all
    }

    /// Density at a place, per square metre.
    fn density(&self, place: &FloorFix) -> f64 {
        let sides = self.sides.iter().filter(|side| side.weight > 0.0);
        let usual = sides.map(|side| side.weight * side.density([place.x, place.y])).sum::<f64>() / self.weight;
        (1.0 - OUTLIERS) * usual + OUTLIERS / AREA_M2
    }
}

/// How much more usual a place is on each of these ways than on all of them together: 1 where nothing is known.
pub(super) fn ratios<'a>(ways: impl Iterator<Item = &'a Places> + Clone, place: Option<&FloorFix>) -> Vec<f64> {
    let all: f64 = ways.clone().map(|way| way.weight).sum();
    let Some(place) = place.filter(|_| all > 0.0) else { return ways.map(|_| 1.0).collect() };
    let densities: Vec<(f64, f64)> =
        ways.map(|way| (way.weight, if way.weight > 0.0 { way.density(place) } else { 0.0 })).collect();
    let together = densities.iter().map(|(weight, density)| weight * density).sum::<f64>() / all;
    densities.into_iter().map(|(weight, density)| (weight * density / together + HALF) / (weight + HALF)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_are_wrongly_counted_do_not_blur_the_door() {
        let at = |x: f64, y: f64| FloorFix { x, y, covariance: [0.1, 0.0, 0.1] };
        let mut places = Places::default();
        let (mut halves, mut door_alone) = ([Places::default(); 2], Places::default());
        for i in 0..60_i32 {
            let wobble = f64::from(i % 5) * 0.2;
            let place = if i % 3 == 0 { at(8.0, 6.0 + wobble) } else { at(-6.0, wobble) };
            places.learn(Some(&place), 0.8);
            if i % 3 != 0 {
                door_alone.learn(Some(&place), 0.8);
            }
            halves[usize::from(i % 2 == 0)].learn(Some(&place), 0.8);
        }
        let together = Places::all(halves.iter());
        for places in [places, together] {
            let [door, other, between] =
                [at(-6.0, 0.4), at(8.0, 6.4), at(-1.0, 2.4)].map(|place| places.density(&place));
            // Two of three came by the door: the others take less than half of what it were without them.
            let share = door / door_alone.density(&at(-6.0, 0.4));
            assert!(share > 0.5 && other > 0.05 && door > other && between < 0.01, "{share} {door} {other} {between}");
        }
    }

    #[test]
    fn the_side_by_which_they_leave_tells() {
        let at = |x: f64, y: f64| FloorFix { x, y, covariance: [0.1, 0.0, 0.1] };
        let (mut east, mut west, never) = (Places::default(), Places::default(), Places::default());
        for i in 0..40 {
            let wobble = f64::from(i % 5) * 0.2;
            east.learn(Some(&at(7.0, wobble)), 1.0);
            west.learn(Some(&at(-7.0, wobble)), 1.0);
        }
        west.learn(None, 1.0);
        let ways = [east, west, never];
        let told = |place: Option<&FloorFix>| ratios(ways.iter(), place);
        let [to_east, to_west, unknown] = told(Some(&at(6.5, 0.3)))[..] else { panic!() };
        assert!(to_east > 1.7 && to_west < 0.2 && unknown == 1.0, "{to_east} {to_west} {unknown}");
        assert_eq!(told(None), [1.0; 3]);
        // One who leaves where nobody ever did says nothing.
        let [to_east, to_west, _] = told(Some(&at(0.0, 90.0)))[..] else { panic!() };
        assert!((to_east - to_west).abs() < 0.1, "{to_east} {to_west}");
    }
}
