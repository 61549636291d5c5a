//! Where on and around a face colour and breathing are looked for.
//!
//! | region | of the face |
//! |---|---|
//! | `forehead` | between brows and hair |
//! | `cheek_left`, `cheek_right` | between eye, nose, mouth and jaw; left and right are the picture's |
//! | `background` | an arch around the head: under the same light, without skin |
//! | chest | a box under the chin, for rows of pixels |
//!
//! A region that jitters over skin makes noise of its own, so those on skin follow the face with a time constant and on a
//! short leash, and the others stand still until the face has really moved.

use crate::face::{FaceLook, FacePoint};
use crate::frame::BBox;
use crate::time::MediaTime;

/// Names of the regions in the order of [`Regions::polygons`]; the last is no skin.
pub const REGION_NAMES: [&str; 4] = ["forehead", "cheek_left", "cheek_right", "background"];
/// How many of them are skin.
pub const SKIN_REGIONS: usize = 3;

/// A corner, frame pixels.
pub type Corner = (f64, f64);

/// Corners of a region on skin.
const CORNERS: usize = 6;
/// Time constant of the regions on skin, seconds: longer than a detector's or a landmark's jitter.
const FOLLOW_S: f64 = 0.4;
/// They never lie further behind than this, face widths.
const LEASH_WIDTHS: f64 = 0.04;
/// Background and chest stand until the face is this far from where it was when they were laid, face widths ...
const ANCHOR_WIDTHS: f64 = 0.3;
/// ... or as much larger or smaller.
const ANCHOR_SCALE: f64 = 1.25;
/// After so long without a face everything is laid anew, seconds.
const FORGET_S: f64 = 1.0;
/// A cheek that is foreshortened to less than this part of the other is out of view.
const CHEEK_RATIO_MIN: f64 = 0.35;
/// Landmarks of the 66-point scheme: 68 points without the inner mouth corners.
const LANDMARKS: usize = 66;

/// Shapes in parts of a face box, for where there are no landmarks; measured on the boxes of face detectors, which reach
/// from the hairline to the chin. The right cheek is the left one's mirror image.
const BOX_FOREHEAD: [Corner; CORNERS] =
    [(0.26, 0.24), (0.28, 0.11), (0.40, 0.07), (0.60, 0.07), (0.72, 0.11), (0.74, 0.24)];
const BOX_CHEEK: [Corner; CORNERS] =
    [(0.12, 0.52), (0.22, 0.50), (0.36, 0.54), (0.36, 0.64), (0.28, 0.74), (0.16, 0.66)];
/// The arch, in parts of the face box: a strip at each side of the head and one over it.
const ARCH: [Corner; 8] = [
    (-0.95, 0.85),
    (-0.95, -0.75),
    (1.95, -0.75),
    (1.95, 0.85),
    (1.5, 0.85),
    (1.5, -0.45),
    (-0.5, -0.45),
    (-0.5, 0.85),
];
/// The chest: left, top, right, bottom in parts of the face box.
const CHEST: [f64; 4] = [-0.6, 1.25, 1.6, 2.5];
/// A chest with less than this in the picture has too few rows, face heights.
const CHEST_MIN_HEIGHTS: f64 = 0.3;

/// Where to look in one frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Regions {
    skin: [Option<[Corner; CORNERS]>; SKIN_REGIONS],
    arch: [Corner; ARCH.len()],
    /// The chest, clipped to the frame; `None` where too little of it is in the picture.
    pub chest: Option<BBox>,
    /// Whether background and chest were laid anew in this frame: what was measured there before is of another place.
    pub anew: bool,
}

impl Regions {
    /// Corners of each region, in the order of [`REGION_NAMES`]; `None` where it is not in view.
    #[must_use]
    pub fn polygons(&self) -> [Option<&[Corner]>; REGION_NAMES.len()] {
        let [forehead, left, right] = self.skin.each_ref().map(|r| r.as_ref().map(<[Corner; CORNERS]>::as_slice));
        [forehead, left, right, Some(&self.arch)]
    }
}

/// Area inside a closed polygon that does not cross itself, square pixels.
#[must_use]
pub fn area(polygon: &[Corner]) -> f64 {
    let next = polygon.iter().cycle().skip(1);
    polygon.iter().zip(next).map(|((x0, y0), (x1, y1))| x0 * y1 - x1 * y0).sum::<f64>().abs() / 2.0
}

/// The regions of one face over time.
#[derive(Debug, Clone, Default)]
pub struct RegionFinder {
    at: Option<MediaTime>,
    skin: [Option<[Corner; CORNERS]>; SKIN_REGIONS],
    anchor: Option<BBox>,
}

impl RegionFinder {
    /// The regions at `at` of the face in `face`, from what is seen of it if anything, in a frame of `size` pixels.
    pub fn find(&mut self, at: MediaTime, face: &BBox, look: Option<&FaceLook>, size: (u32, u32)) -> Regions {
        let since = self.at.replace(at).map(|last| at.since(last));
        if since.is_none_or(|since| !(0.0..FORGET_S).contains(&since)) {
            self.skin = [None; SKIN_REGIONS];
            self.anchor = None;
        }
        let share = 1.0 - (-since.unwrap_or(0.0).max(0.0) / FOLLOW_S).exp();
        let now = look.and_then(by_landmarks).unwrap_or_else(|| by_box(face));
        for (shown, now) in self.skin.iter_mut().zip(now) {
            *shown = match (&*shown, now) {
                (Some(shown), Some(now)) => Some(followed(shown, &now, share, LEASH_WIDTHS * face.w)),
                (_, now) => now,
            };
        }
        let anew = self.anchor.is_none_or(|anchor| has_moved(&anchor, face));
        let anchor = if anew { *self.anchor.insert(*face) } else { self.anchor.unwrap_or(*face) };
        Regions { skin: self.skin, arch: ARCH.map(|c| inside(&anchor, c)), chest: chest(&anchor, size), anew }
    }
}

/// `shown` moved the `share` of the way to `now`, and no further behind than `leash` pixels.
fn followed(shown: &[Corner; CORNERS], now: &[Corner; CORNERS], share: f64, leash: f64) -> [Corner; CORNERS] {
    std::array::from_fn(|i| {
        let ((x0, y0), (x1, y1)) = (shown[i], now[i]);
        let behind = (1.0 - share) * (x1 - x0).hypot(y1 - y0);
        let rest = if behind > leash { leash / behind } else { 1.0 } * (1.0 - share);
        (x1 + rest * (x0 - x1), y1 + rest * (y0 - y1))
    })
}

fn has_moved(anchor: &BBox, face: &BBox) -> bool {
    let ((ax, ay), (bx, by)) = (anchor.centre(), face.centre());
    let scale = (face.w / anchor.w).max(anchor.w / face.w);
    (ax - bx).hypot(ay - by) > ANCHOR_WIDTHS * anchor.w || scale > ANCHOR_SCALE
}

/// A corner given in parts of the box.
fn inside(b: &BBox, (x, y): Corner) -> Corner {
    (b.x + x * b.w, b.y + y * b.h)
}

fn by_box(face: &BBox) -> [Option<[Corner; CORNERS]>; SKIN_REGIONS] {
    let mirrored = BOX_CHEEK.map(|(x, y)| (1.0 - x, y));
    [BOX_FOREHEAD, BOX_CHEEK, mirrored].map(|shape| Some(shape.map(|corner| inside(face, corner))))
}

fn chest(face: &BBox, (width, height): (u32, u32)) -> Option<BBox> {
    let [left, top, right, bottom] = CHEST;
    let ((x0, y0), (x1, y1)) = (inside(face, (left, top)), inside(face, (right, bottom)));
    let seen = BBox::from_corners(x0, y0, x1, y1).clipped(width, height)?;
    (seen.h >= CHEST_MIN_HEIGHTS * face.h && seen.w >= face.w / 2.0).then_some(seen)
}

/// Numbers of the landmarks that bound an image-left cheek, and of their mirror images.
struct CheekPoints {
    jaw: [usize; 3],
    lid: [usize; 2],
    nose: usize,
    mouth: usize,
}

const LEFT_CHEEK: CheekPoints = CheekPoints { jaw: [1, 2, 3], lid: [41, 40], nose: 31, mouth: 48 };
const RIGHT_CHEEK: CheekPoints = CheekPoints { jaw: [15, 14, 13], lid: [46, 47], nose: 35, mouth: 54 };

fn by_landmarks(look: &FaceLook) -> Option<[Option<[Corner; CORNERS]>; SKIN_REGIONS]> {
    let points = &look.landmarks;
    if points.len() != LANDMARKS || points.iter().any(|p| !p.x.is_finite() || !p.y.is_finite()) {
        return None;
    }
    let cheek_width = |c: &CheekPoints| distance(at(points, c.nose), at(points, c.jaw[1]));
    let (left, right) = (cheek_width(&LEFT_CHEEK), cheek_width(&RIGHT_CHEEK));
    let cheek = |c: &CheekPoints, own: f64, other: f64| (own >= CHEEK_RATIO_MIN * other).then(|| cheek(points, c));
    Some([Some(forehead(points)), cheek(&LEFT_CHEEK, left, right), cheek(&RIGHT_CHEEK, right, left)])
}

fn forehead(points: &[FacePoint]) -> [Corner; CORNERS] {
    let eyes = mean(&points[36..48]);
    let nose = at(points, 33);
    // From the foot of the nose to the eyes, which goes up the face however the head leans.
    let up = (eyes.0 - nose.0, eyes.1 - nose.1);
    let above = |point: usize, rise: f64| {
        let (x, y) = at(points, point);
        (x + rise * up.0, y + rise * up.1)
    };
    [above(18, 0.2), above(19, 0.6), above(20, 0.75), above(23, 0.75), above(24, 0.6), above(25, 0.2)]
}

fn cheek(points: &[FacePoint], c: &CheekPoints) -> [Corner; CORNERS] {
    let point = |i: usize| at(points, i);
    let (nose, mouth) = (point(c.nose), point(c.mouth));
    [
        mix(mix(point(c.jaw[0]), point(c.jaw[1]), 0.7), nose, 0.15),
        mix(point(c.lid[0]), mouth, 0.32),
        mix(point(c.lid[1]), nose, 0.6),
        mix(mix(nose, mouth, 0.35), point(c.jaw[2]), 0.12),
        mix(mouth, point(c.jaw[2]), 0.35),
        mix(point(c.jaw[2]), nose, 0.2),
    ]
}

fn at(points: &[FacePoint], i: usize) -> Corner {
    (points[i].x, points[i].y)
}

fn mean(points: &[FacePoint]) -> Corner {
    let n = points.len() as f64;
    (points.iter().map(|p| p.x).sum::<f64>() / n, points.iter().map(|p| p.y).sum::<f64>() / n)
}

fn mix((x0, y0): Corner, (x1, y1): Corner, share: f64) -> Corner {
    (x0 + share * (x1 - x0), y0 + share * (y1 - y0))
}

fn distance((x0, y0): Corner, (x1, y1): Corner) -> f64 {
    (x1 - x0).hypot(y1 - y0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Polygon;

    const SIZE: (u32, u32) = (640, 480);

    fn face() -> BBox {
        BBox { x: 270.0, y: 120.0, w: 100.0, h: 130.0 }
    }

    /// A made-up face before the camera: only the points that regions are made of, turned by `turn` (0 is frontal; at 1
    /// the image-right cheek has gone).
    fn landmarks(turn: f64) -> FaceLook {
        let mut points = vec![(320.0, 185.0); LANDMARKS];
        let mut both = |i: usize, j: usize, (x, y): Corner| {
            points[i] = (320.0 - x, y);
            points[j] = (320.0 + x, y);
        };
        for (i, j, at) in [
            (1, 15, (48.0, 190.0)),
            (2, 14, (46.0, 205.0)),
            (3, 13, (40.0, 225.0)),
            (18, 25, (34.0, 160.0)),
            (19, 24, (28.0, 156.0)),
            (20, 23, (18.0, 158.0)),
            (40, 47, (18.0, 178.0)),
            (41, 46, (26.0, 178.0)),
            (31, 35, (8.0, 205.0)),
            (48, 54, (18.0, 225.0)),
        ] {
            both(i, j, at);
        }
        for i in (36..48).filter(|i| ![40, 41, 46, 47].contains(i)) {
            points[i] = (320.0 + if i < 42 { -22.0 } else { 22.0 }, 174.0);
        }
        points[33] = (320.0, 208.0);
        for i in [31, 33, 35, 48, 54] {
            points[i].0 += 40.0 * turn;
        }
        let point = |(x, y): Corner| FacePoint { x, y, confidence: 0.9 };
        FaceLook { landmarks: points.into_iter().map(point).collect(), ..FaceLook::default() }
    }

    fn mirrored(polygon: &[Corner]) -> Vec<Corner> {
        polygon.iter().map(|(x, y)| (640.0 - x, *y)).collect()
    }

    #[test]
    fn regions_are_mirror_images_inside_the_face_and_apart() {
        for (name, look) in [("box", None), ("landmarks", Some(landmarks(0.0)))] {
            let regions = RegionFinder::default().find(MediaTime(0), &face(), look.as_ref(), SIZE);
            let [Some(forehead), Some(left), Some(right), Some(arch)] = regions.polygons() else { panic!("{name}") };
            for (a, b) in mirrored(left).iter().zip(right) {
                assert!((a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9, "{name}: {left:?} {right:?}");
            }
            assert!((area(&mirrored(forehead)) - area(forehead)).abs() < 1e-9);
            for polygon in [forehead, left, right] {
                assert!(area(polygon) > 0.01 * face().area(), "{name}: {}", area(polygon));
                let inside =
                    |(x, y): &Corner| (face().x..face().right()).contains(x) && (face().y..face().bottom()).contains(y);
                assert!(polygon.iter().all(inside), "{name}: {polygon:?}");
            }
            let arch = Polygon::new(arch.to_vec()).expect("an area");
            let (eyes, mouth) = (170.0, 225.0);
            assert!(
                forehead.iter().all(|(_, y)| *y < eyes) && left.iter().all(|(_, y)| (eyes..mouth + 5.0).contains(y))
            );
            assert!(!arch.contains(320.0, 180.0) && arch.contains(190.0, 180.0) && arch.contains(320.0, 50.0));
            let chest = regions.chest.expect("in the picture");
            assert!(chest.y > face().bottom() && chest.bottom() <= 480.0 && regions.anew, "{chest:?}");
        }
    }

    #[test]
    fn a_cheek_out_of_view_is_left_out_and_a_leaning_head_leans_its_regions() {
        let turned = RegionFinder::default().find(MediaTime(0), &face(), Some(&landmarks(0.8)), SIZE);
        let [forehead, left, right, _] = turned.polygons();
        assert!(forehead.is_some() && left.is_some() && right.is_none());
        let mut leaning = landmarks(0.0);
        let (sin, cos) = 0.4_f64.sin_cos();
        for p in &mut leaning.landmarks {
            let (x, y) = (p.x - 320.0, p.y - 185.0);
            (p.x, p.y) = (320.0 + cos * x - sin * y, 185.0 + sin * x + cos * y);
        }
        let upright = RegionFinder::default().find(MediaTime(0), &face(), Some(&landmarks(0.0)), SIZE);
        let leaning = RegionFinder::default().find(MediaTime(0), &face(), Some(&leaning), SIZE);
        for (a, b) in upright.polygons()[..3].iter().flatten().zip(leaning.polygons()[..3].iter().flatten()) {
            assert!((area(a) - area(b)).abs() < 1e-6 * area(a));
        }
    }

    #[test]
    fn jitter_is_smoothed_and_motion_is_followed() {
        let mut finder = RegionFinder::default();
        let (mut largest, mut last) = (0.0_f64, None);
        for frame in 0..300 {
            let jitter = f64::from(frame % 3 - 1) * 2.0;
            let b = BBox { x: face().x + jitter, ..face() };
            let regions = finder.find(MediaTime::from_seconds(f64::from(frame) / 30.0), &b, None, SIZE);
            let x = regions.polygons()[0].expect("a forehead")[0].0;
            if let Some(last) = last.replace(x).filter(|_| frame > 30) {
                largest = largest.max((x - last).abs());
            }
            assert_eq!(regions.anew, frame == 0);
        }
        assert!(largest < 0.4, "{largest} of 2 pixels");
        // Walks 300 pixels a second to the left: never further behind than the leash, and laid anew on the way.
        let mut laid = 0;
        for frame in 1..=20 {
            let b = BBox { x: face().x - 10.0 * f64::from(frame), ..face() };
            let regions = finder.find(MediaTime::from_seconds(10.0 + f64::from(frame) / 30.0), &b, None, SIZE);
            let behind = regions.polygons()[0].expect("a forehead")[0].0 - (b.x + 0.26 * b.w);
            assert!((0.0..=4.0 + 1e-9).contains(&behind), "{behind}");
            laid += u32::from(regions.anew);
        }
        assert!((3..=7).contains(&laid), "{laid}");
    }

    #[test]
    fn what_is_not_there_is_told() {
        let low = BBox { y: 340.0, ..face() };
        let rows: [(&str, BBox, Option<FaceLook>, bool); 4] = [
            ("chest below the picture", low, None, false),
            ("chest in it", face(), None, true),
            ("landmarks of another scheme", face(), Some(FaceLook::default()), true),
            ("tiny", BBox { w: 4.0, h: 5.0, ..face() }, None, true),
        ];
        for (name, b, look, chest) in rows {
            let regions = RegionFinder::default().find(MediaTime(0), &b, look.as_ref(), SIZE);
            assert_eq!(regions.chest.is_some(), chest, "{name}");
            assert!(regions.polygons().iter().all(Option::is_some), "{name}");
        }
    }
}
