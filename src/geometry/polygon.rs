//! Polygons: what lies inside.

/// A closed polygon without holes, its corners in order; the last is joined to the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon(Vec<(f64, f64)>);

impl Polygon {
    /// `None` with fewer than three corners, without an area, or with a corner that is not finite.
    #[must_use]
    pub fn new(corners: Vec<(f64, f64)>) -> Option<Self> {
        let polygon = Self(corners);
        let finite = polygon.0.iter().all(|(x, y)| x.is_finite() && y.is_finite());
        (polygon.0.len() >= 3 && finite && polygon.signed_area().abs() > 0.0).then_some(polygon)
    }

    /// Its corners.
    #[must_use]
    pub fn corners(&self) -> &[(f64, f64)] {
        &self.0
    }

    /// Whether a point is inside (even-odd rule); of two polygons that share an edge at most one holds a point on it.
    #[must_use]
    pub fn contains(&self, x: f64, y: f64) -> bool {
        let mut inside = false;
        for ((ax, ay), (bx, by)) in self.edges() {
            if (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
                inside = !inside;
            }
        }
        inside
    }

    /// Distance from a point to the nearest edge, whether inside or outside.
    #[must_use]
    pub fn edge_distance(&self, x: f64, y: f64) -> f64 {
        self.edges().map(|(a, b)| squared_distance(a, b, (x, y))).fold(f64::INFINITY, f64::min).sqrt()
    }

    fn edges(&self) -> impl Iterator<Item = ((f64, f64), (f64, f64))> + '_ {
        let next = self.0.iter().skip(1).chain(self.0.first());
        self.0.iter().zip(next).map(|(a, b)| (*a, *b))
    }

    /// The shoelace formula; positive when the corners go anticlockwise with y upwards.
    fn signed_area(&self) -> f64 {
        self.edges().map(|((ax, ay), (bx, by))| ax * by - bx * ay).sum::<f64>() / 2.0
    }
}

/// From a point to a segment.
fn squared_distance(a: (f64, f64), b: (f64, f64), p: (f64, f64)) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let share = if length > 0.0 { (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (p.0 - a.0 - share * dx, p.1 - a.1 - share * dy);
    x * x + y * y
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ell() -> Vec<(f64, f64)> {
        vec![(0.0, 0.0), (4.0, 0.0), (4.0, 1.0), (1.0, 1.0), (1.0, 3.0), (0.0, 3.0)]
    }

    #[test]
    fn an_l_holds_its_arms_and_not_its_notch() {
        let ell = Polygon::new(ell()).unwrap();
        for (x, y, inside) in [(0.5, 2.5, true), (3.5, 0.5, true), (2.0, 2.0, false), (-0.1, 0.5, false)] {
            assert_eq!(ell.contains(x, y), inside, "{x} {y}");
        }
        assert!((ell.edge_distance(2.0, 2.0) - 1.0).abs() < 1e-12 && (ell.edge_distance(5.0, 0.5) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_inside_is_refused() {
        let line = vec![(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)];
        for corners in [vec![], vec![(0.0, 0.0), (1.0, 0.0)], line, vec![(0.0, 0.0), (f64::NAN, 1.0), (2.0, 0.0)]] {
            assert_eq!(Polygon::new(corners), None);
        }
    }

    proptest! {
        #[test]
        fn where_the_list_starts_and_how_it_turns_makes_no_difference(
            x in -1.0_f64..5.0, y in -1.0_f64..4.0, start in 0_usize..6, back in any::<bool>(),
        ) {
            let mut corners = ell();
            corners.rotate_left(start);
            if back {
                corners.reverse();
            }
            let (a, b) = (Polygon::new(ell()).unwrap(), Polygon::new(corners).unwrap());
            prop_assume!(a.edge_distance(x, y) > 1e-9);
            prop_assert_eq!(a.contains(x, y), b.contains(x, y));
        }
    }
}
