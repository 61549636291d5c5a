//! What of the floor a picture shows.

use super::Homography;

/// Columns of the picture that are looked at.
const COLUMNS: usize = 24;
/// Halvings of a column: to within a thousandth of it.
const HALVINGS: usize = 10;

/// The part of the floor in a picture of `size` pixels, as a polygon in metres: from the picture's lower edge up to the
/// horizon or its upper edge, and no further than `reach_m` from the nearest part of it. A picture shows the floor far away
/// in its last rows, where a pixel is metres: what lies there is not seen, only in view.
///
/// `None` where the lower edge shows no floor.
#[must_use]
pub fn footprint(map: &Homography, (width, height): (f64, f64), reach_m: f64) -> Option<Vec<(f64, f64)>> {
    let side = map.weight(width / 2.0, height);
    let near = map.apply(width / 2.0, height)?;
    let on_floor = |x: f64, y: f64| {
        let this_side = map.weight(x, y) * side > 0.0;
        map.apply(x, y).filter(|(u, v)| this_side && (u - near.0).hypot(v - near.1) <= reach_m)
    };
    let mut lower = Vec::new();
    let mut upper = Vec::new();
    for column in 0..=COLUMNS {
        let x = width * column as f64 / COLUMNS as f64;
        let Some(start) = on_floor(x, height) else { continue };
        let (mut seen, mut beyond) = (height, 0.0);
        if on_floor(x, 0.0).is_some() {
            seen = 0.0;
        } else {
            for _ in 0..HALVINGS {
                let middle = f64::midpoint(seen, beyond);
                if on_floor(x, middle).is_some() { seen = middle } else { beyond = middle }
            }
        }
        lower.push(start);
        upper.extend(on_floor(x, seen));
    }
    upper.reverse();
    lower.append(&mut upper);
    (lower.len() >= 4).then_some(lower)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Polygon;

    /// 100 pixels a metre across at the lower edge; the horizon is at the row 100.
    fn map() -> Homography {
        // w = (y - 100) / 380; x = (u - 320) / 100 / w; y = 4 / w.
        let w = [0.0, 1.0 / 380.0, -100.0 / 380.0];
        Homography::new([0.01, 0.0, -3.2, 0.0, 0.0, 4.0, w[0], w[1], w[2]]).expect("invertible")
    }

    #[test]
    fn it_ends_at_the_reach_and_holds_what_is_seen() {
        let view = footprint(&map(), (640.0, 480.0), 20.0).expect("a floor");
        let polygon = Polygon::new(view.clone()).expect("an area");
        assert!(polygon.contains(0.0, 4.5) && polygon.contains(0.0, 20.0), "{view:?}");
        assert!(!polygon.contains(0.0, 3.5) && !polygon.contains(0.0, 25.0) && !polygon.contains(9.0, 5.0));
        assert!(view.iter().all(|(x, y)| x.hypot(y - 4.0) <= 20.0 + 1e-9));
        // A picture that ends below the horizon is seen whole.
        let whole = footprint(&map(), (640.0, 480.0), 1e9).expect("a floor");
        assert!(whole.iter().any(|(_, y)| *y > 500.0));
    }

    #[test]
    fn a_picture_of_the_sky_shows_no_floor() {
        assert_eq!(footprint(&map(), (640.0, 100.0), 20.0), None);
    }
}
