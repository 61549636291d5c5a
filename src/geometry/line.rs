//! Directed lines: on which side a point is, and whether a path crosses.
//!
//! **The right-hand rule.** Stand at the first point of a line and look at the second: what is to the right is `IN`,
//! what is to the left is `OUT`. In a picture y points down, on a floor plan y points up; a line knows which of the two
//! it lies in, so the rule holds as seen by a person in both.

/// Which way y points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handedness {
    /// As in a picture: y grows downwards.
    Picture,
    /// As on a floor plan: y grows upwards.
    Plan,
}

/// A line from one point to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    from: (f64, f64),
    to: (f64, f64),
    handedness: Handedness,
}

impl Line {
    /// `None` when the two points are the same, or not finite.
    #[must_use]
    pub fn new(from: (f64, f64), to: (f64, f64), handedness: Handedness) -> Option<Self> {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        (length > 0.0 && length.is_finite()).then_some(Self { from, to, handedness })
    }

    /// Its two ends, in order.
    #[must_use]
    pub fn ends(&self) -> ((f64, f64), (f64, f64)) {
        (self.from, self.to)
    }

    /// Signed distance from the endless line: positive to the right (`IN`), negative to the left (`OUT`).
    #[must_use]
    pub fn side(&self, p: (f64, f64)) -> f64 {
        let (dx, dy) = (self.to.0 - self.from.0, self.to.1 - self.from.1);
        let cross = dx * (p.1 - self.from.1) - dy * (p.0 - self.from.0);
        let right = match self.handedness {
            Handedness::Picture => cross,
            Handedness::Plan => -cross,
        };
        right / dx.hypot(dy)
    }

    /// How far along the line the foot of the perpendicular from `p` lies: 0 at its first point, 1 at its second.
    #[must_use]
    pub fn along(&self, p: (f64, f64)) -> f64 {
        let (dx, dy) = (self.to.0 - self.from.0, self.to.1 - self.from.1);
        ((p.0 - self.from.0) * dx + (p.1 - self.from.1) * dy) / (dx * dx + dy * dy)
    }

    /// Whether the straight path from `a` to `b` passes between the ends.
    #[must_use]
    pub fn crossed_by(&self, a: (f64, f64), b: (f64, f64)) -> bool {
        let (before, after) = (self.side(a), self.side(b));
        if (before > 0.0) == (after > 0.0) {
            return false;
        }
        let share = before / (before - after);
        let at = (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share);
        (0.0..=1.0).contains(&self.along(at))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn right_is_as_a_person_sees_it() {
        // From left to right in a picture: below is right. From west to east on a plan: south is right.
        let picture = Line::new((0.0, 0.0), (10.0, 0.0), Handedness::Picture).unwrap();
        assert!((picture.side((5.0, 2.0)) - 2.0).abs() < 1e-12);
        let plan = Line::new((0.0, 0.0), (10.0, 0.0), Handedness::Plan).unwrap();
        assert!((plan.side((5.0, -2.0)) - 2.0).abs() < 1e-12);
        assert_eq!(Line::new((1.0, 1.0), (1.0, 1.0), Handedness::Plan), None);
    }

    fn turned((x, y): (f64, f64), angle: f64) -> (f64, f64) {
        let (s, c) = angle.sin_cos();
        (c * x - s * y + 3.0, s * x + c * y - 7.0)
    }

    proptest! {
        #[test]
        fn turning_everything_changes_no_direction(
            a in (-5.0_f64..5.0, -5.0_f64..5.0), b in (-5.0_f64..5.0, -5.0_f64..5.0), p in (-9.0_f64..9.0, -9.0_f64..9.0),
            angle in 0.0_f64..6.3, picture in any::<bool>(),
        ) {
            let hand = if picture { Handedness::Picture } else { Handedness::Plan };
            prop_assume!((a.0 - b.0).hypot(a.1 - b.1) > 0.1);
            let line = Line::new(a, b, hand).unwrap();
            let other = Line::new(turned(a, angle), turned(b, angle), hand).unwrap();
            prop_assert!((line.side(p) - other.side(turned(p, angle))).abs() < 1e-9);
        }

        #[test]
        fn a_mirror_or_the_other_start_swaps_in_and_out(
            a in (-5.0_f64..5.0, -5.0_f64..5.0), b in (-5.0_f64..5.0, -5.0_f64..5.0), p in (-9.0_f64..9.0, -9.0_f64..9.0),
        ) {
            prop_assume!((a.0 - b.0).hypot(a.1 - b.1) > 0.1);
            let line = Line::new(a, b, Handedness::Plan).unwrap();
            let mirror = |(x, y): (f64, f64)| (-x, y);
            let mirrored = Line::new(mirror(a), mirror(b), Handedness::Plan).unwrap();
            let started_there = Line::new(b, a, Handedness::Plan).unwrap();
            prop_assert!((line.side(p) + mirrored.side(mirror(p))).abs() < 1e-9);
            prop_assert!((line.side(p) + started_there.side(p)).abs() < 1e-9);
        }

        #[test]
        fn the_way_back_crosses_where_the_way_there_did(
            a in (-5.0_f64..5.0, -5.0_f64..5.0), b in (-5.0_f64..5.0, -5.0_f64..5.0),
        ) {
            let line = Line::new((0.0, -2.0), (0.0, 2.0), Handedness::Plan).unwrap();
            prop_assume!(a.0.abs() > 1e-6 && b.0.abs() > 1e-6);
            prop_assert_eq!(line.crossed_by(a, b), line.crossed_by(b, a));
        }
    }
}
