//! A track on the floor plan: its place and speed there, with what is not known about them.

use super::stature::Stature;
use crate::event::FloorPlace;
use crate::frame::{BBox, FrameHeader, ObjectClass};
use crate::geometry::Homography;
use crate::tracking::{Foot, Track, TrackState};
use crate::units::{Estimate, Interval, Unavailable};

/// Half-width of a 90 % interval of a normal distribution, in standard deviations.
const Z90: f64 = 1.645;

/// Standard deviation of what is wrong with a foot point for seconds on end (a hidden foot, a shadow), box heights: no
/// filter averages it away.
const FOOT_BIAS_HEIGHTS: f64 = 0.03;

/// A box that comes nearer than this to the lower edge of the picture may be cut off there, box heights.
const EDGE_HEIGHTS: f64 = 0.02;

/// A foot point and what stood in its way when it was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight {
    foot: Foot,
    height: f64,
    /// A point of the floor that is surely in view: the middle of the picture's lower edge.
    near: (f64, f64),
    whole: bool,
}

impl Sight {
    /// Of `track` in a frame with other `tracks`. Where the camera's `stature` is known, whoever is hidden by a thing or cut off below
    /// stands where his feet would be; behind another person he may be seen whole or not.
    pub(super) fn of(
        header: &FrameHeader,
        track: &Track,
        mut foot: Foot,
        tracks: &[(&Track, Foot)],
        stature: Option<&mut Stature>,
    ) -> Self {
        let (width, bottom) = (f64::from(header.width), f64::from(header.height));
        let height = track.bbox.h;
        let cut_below = foot.at.1 > bottom - EDGE_HEIGHTS * height;
        let cut_beside = !(0.0..width).contains(&foot.at.0);
        let hidden = tracks.iter().any(|(other, nearer)| {
            let stands_before = other.id != track.id && other.state == TrackState::Confirmed && nearer.at.1 > foot.at.1;
            stands_before && holds(&other.bbox, foot.at)
        });
        let mut whole = !cut_below && !cut_beside && !hidden;
        let b = &track.bbox;
        let upper_part = b.x > 0.0 && b.right() < width && b.y > EDGE_HEIGHTS * height && !hidden;
        if let Some(stature) = stature.filter(|_| upper_part && track.class == ObjectClass::Person) {
            match if cut_below { stature.feet(b) } else { stature.hidden_feet(b) } {
                Some(feet) => {
                    foot.at.1 += feet.below;
                    foot.variance.1 += feet.variance;
                    whole = true;
                }
                None if whole && track.matched => stature.learn(track.id, b),
                None => {}
            }
        }
        Self { foot, height, near: (width / 2.0, bottom), whole }
    }

    /// Where it stands.
    pub(super) fn place(&self, map: Option<&Homography>) -> FloorPlace {
        let Some(map) = map else { return FloorPlace::Unavailable(Unavailable::NotCalibrated) };
        if !self.whole {
            return FloorPlace::Unavailable(Unavailable::Occluded);
        }
        let bias = (FOOT_BIAS_HEIGHTS * self.height).powi(2);
        let variance = (self.foot.variance.0 + bias, self.foot.variance.1 + bias);
        match map.carry(self.foot.at, variance, self.near) {
            Some(((x, y), covariance)) => FloorPlace::Available { x, y, covariance },
            // Beyond the horizon there is no floor.
            None => FloorPlace::Unavailable(Unavailable::NotCalibrated),
        }
    }

    /// How fast it moves there, metres a second.
    pub(super) fn floor_speed(&self, map: Option<&Homography>, quality: f64) -> Estimate {
        let rates = match (self.place(map), map.and_then(|m| m.jacobian(self.foot.at))) {
            (FloorPlace::Unavailable(why), _) => return Estimate::Unavailable(why),
            (_, None) => return Estimate::Unavailable(Unavailable::NotCalibrated),
            (_, Some(rates)) => rates,
        };
        self.speed_under(rates, quality)
    }

    /// How fast it moves in the picture, box heights a second.
    pub(super) fn speed(&self, quality: f64) -> Estimate {
        let scale = 1.0 / self.height;
        self.speed_under([scale, 0.0, 0.0, scale], quality)
    }

    /// Length of the velocity under a linear map; its variance is that along the direction of motion.
    fn speed_under(&self, [a, b, c, d]: [f64; 4], quality: f64) -> Estimate {
        let ((x, y), (vx, vy)) = (self.foot.velocity, self.foot.velocity_variance);
        let (u, v) = (a * x + b * y, c * x + d * y);
        let value = u.hypot(v);
        let (xx, xy, yy) = (a * a * vx + b * b * vy, a * c * vx + b * d * vy, c * c * vx + d * d * vy);
        let (eu, ev) = (u / value, v / value);
        let along = eu * eu * xx + 2.0 * eu * ev * xy + ev * ev * yy;
        // Who stands still has no direction: then all directions count alike.
        let variance = if along.is_finite() { along } else { f64::midpoint(xx, yy) };
        let half = Z90 * variance.max(0.0).sqrt();
        Estimate::Available { value, interval: Interval { low: (value - half).max(0.0), high: value + half }, quality }
    }
}

fn holds(b: &BBox, (x, y): (f64, f64)) -> bool {
    (b.x..b.right()).contains(&x) && (b.y..b.bottom()).contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{BootId, CameraId};
    use crate::time::{CaptureTime, MediaTime};
    use crate::tracking::{Detection, Tracker, TrackerSettings};

    /// 100 pixels are a metre across; rows are stretched towards the horizon above the picture.
    fn map() -> Homography {
        Homography::new([0.01, 0.0, -3.2, 0.0, 0.01, 0.0, 0.0, -0.001, 1.0]).expect("invertible")
    }

    fn header() -> FrameHeader {
        FrameHeader {
            camera: CameraId::new("gate").unwrap(),
            boot: BootId(1),
            sequence: 1,
            media_time: MediaTime(0),
            capture_time: CaptureTime::exact(0),
            width: 640,
            height: 480,
            keyframe: false,
        }
    }

    /// The first of `boxes` after three seconds, in which it moved to the right with `speed` pixels a second.
    fn sight(boxes: &[BBox], speed: f64) -> Sight {
        sight_among(boxes, speed, None)
    }

    /// The same where people have that `stature`.
    fn sight_among(boxes: &[BBox], speed: f64, stature: Option<&mut Stature>) -> Sight {
        let mut tracker = Tracker::new(TrackerSettings::default());
        for frame in 0..=75 {
            let t = f64::from(frame) / 25.0;
            let moved = |(i, b): (usize, &BBox)| if i == 0 { BBox { x: b.x + speed * (t - 3.0), ..*b } } else { *b };
            let seen = boxes.iter().enumerate().map(moved);
            let found: Vec<Detection> =
                seen.map(|bbox| Detection { bbox, score: 0.95, class: ObjectClass::Person }).collect();
            tracker.step(MediaTime::from_seconds(t), &found, &mut |_| None);
        }
        let tracks: Vec<_> = tracker.feet().collect();
        let (x, y) = boxes[0].foot();
        let first = tracks.iter().find(|(_, f)| (f.at.0 - x).hypot(f.at.1 - y) < 5.0).expect("the first is tracked");
        Sight::of(&header(), first.0, first.1, &tracks, stature)
    }

    fn person(x: f64, y: f64) -> BBox {
        BBox { x, y, w: 40.0, h: 100.0 }
    }

    #[test]
    fn a_foot_that_was_not_seen_has_no_place() {
        use Unavailable::{NotCalibrated, Occluded};
        let map = map();
        type Row<'a> = (&'a str, &'a [BBox], Option<&'a Homography>, Option<Unavailable>);
        let rows: [Row<'_>; 6] = [
            ("seen whole", &[person(300.0, 200.0)], Some(&map), None),
            ("without calibration", &[person(300.0, 200.0)], None, Some(NotCalibrated)),
            ("cut off below", &[person(300.0, 380.0)], Some(&map), Some(Occluded)),
            ("half out at the side", &[person(-30.0, 200.0)], Some(&map), Some(Occluded)),
            ("somebody stands before", &[person(300.0, 200.0), person(315.0, 240.0)], Some(&map), Some(Occluded)),
            ("somebody stands behind", &[person(300.0, 200.0), person(315.0, 160.0)], Some(&map), None),
        ];
        for (name, boxes, map, expected) in rows {
            let seen = sight(boxes, 0.0);
            let why = match seen.place(map) {
                FloorPlace::Available { .. } => None,
                FloorPlace::Unavailable(why) => Some(why),
            };
            assert_eq!(why, expected, "{name}");
            let speed = seen.floor_speed(map, 1.0);
            assert_eq!(speed.value().is_none(), expected.is_some(), "{name}: {speed:?}");
        }
    }

    #[test]
    fn who_is_cut_off_or_behind_a_desk_stands_where_his_feet_would_be() {
        use super::super::stature::tests::{learnt, map, person};
        let place = |b: BBox, known: bool| sight_among(&[b], 0.0, known.then(learnt).as_mut()).place(Some(&map()));
        for (foot, hidden) in [((300.0, 520.0), 0.231), ((300.0, 320.0), 0.5), ((300.0, 320.0), 0.0)] {
            let b = person(foot, 1.03, hidden, 0.36);
            let FloorPlace::Available { x, y, covariance: [xx, _, yy] } = place(b, true) else { panic!("{b:?}") };
            let (u, v) = map().apply(foot.0, foot.1).expect("on the floor");
            assert!((x - u).abs() < 2.0 * xx.sqrt() && (y - v).abs() < 2.0 * yy.sqrt(), "{x} {y} for {u} {v}");
            let unknown = match place(b, false) {
                FloorPlace::Available { y: w, .. } => Some((w - v).abs() > 3.0 * (y - v).abs()),
                FloorPlace::Unavailable(_) => None,
            };
            let expected = if foot.1 > 480.0 { None } else { Some(hidden > 0.0) };
            assert_eq!(unknown, expected, "without knowing how tall people are: {b:?}");
        }
    }

    #[test]
    fn place_and_speed_are_those_of_the_foot_within_their_uncertainty() {
        let map = map();
        for pixels_per_s in [0.0, 60.0, 150.0] {
            let seen = sight(&[person(300.0, 200.0)], pixels_per_s);
            let FloorPlace::Available { x, y, covariance: [xx, xy, yy] } = seen.place(Some(&map)) else {
                panic!("seen whole")
            };
            let (u, v) = map.apply(320.0, 300.0).expect("finite");
            assert!((x - u).abs() < 2.0 * xx.sqrt() && (y - v).abs() < 2.0 * yy.sqrt(), "{x} {y} for {u} {v}");
            assert!(xx * yy > xy * xy && xx.sqrt() < 0.3, "{xx} {xy} {yy}");
            // Straight across: 0.01 m a pixel over the weight 0.7 of this row.
            let truth = pixels_per_s * 0.01 / 0.7;
            let Estimate::Available { value, interval, quality } = seen.floor_speed(Some(&map), 0.5) else {
                panic!("seen whole")
            };
            assert!(interval.low <= truth && truth <= interval.high, "{value} {interval:?} for {truth}");
            assert!((value - truth).abs() < 0.15 && quality == 0.5, "{value} for {truth}");
        }
    }
}
