//! The shape of one face over the last seconds: how far its parts are from where they usually are, without the head's own
//! movement, and how much of that is noise.
//!
//! Each frame's landmarks are brought onto the usual places of the points that do not move by themselves (bridge of the
//! nose, the jaw below the ears) by an affine map. A part's way is the root mean square distance of its points
//! from their own median. Its noise is the larger of two: what neighbouring frames disagree by (the jitter of the landmarks
//! and of the camera), and the way in the stillest quarter of the time.

use std::collections::VecDeque;

use super::alignment::{Affine, Point, apart_squared};
use super::facial_motion::FacePart;
use super::statistics::median;
use crate::face::FacePoint;
use crate::time::MediaTime;

/// Seconds of landmarks that say where a part usually is.
const KEPT_S: f64 = 5.0;
/// Most frames of them; the oldest go first.
const FRAMES_MAX: usize = 600;
/// Least seconds that say so.
const LEARN_S: f64 = 1.5;
/// A frame is judged when so much has been seen after it, seconds.
const LAG_S: f64 = 1.0;
/// How often frames are judged, seconds.
const PERIOD_S: f64 = 0.2;
/// Part of the time in which a face is still.
const STILL: f64 = 0.25;

/// Seconds after the face was found in which its landmarks still settle: their crop follows from frame to frame.
const SETTLE_S: f64 = 0.3;

/// Points that move with the head alone: jaw below the ears, bridge of the nose. Not the corners of the eyes: landmark
/// models draw them in when the lids close, and nose and mouth would seem to move.
const STABLE: [usize; 10] = [0, 1, 2, 14, 15, 16, 27, 28, 29, 30];

/// Points of each part, image-left and image-right side.
const PARTS: [[&[usize]; 2]; 4] = [
    [&[17, 18, 19, 20, 21], &[22, 23, 24, 25, 26]],
    [&[37, 38, 40, 41], &[43, 44, 46, 47]],
    [&[31, 32], &[34, 35]],
    [&[48, 49, 50, 58, 59], &[52, 53, 54, 55, 56]],
];

/// How far the parts of a frame are from their usual places, in distances of the outer eye corners.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sway {
    /// When.
    pub(super) at: MediaTime,
    /// By [`FacePart`], image-left and image-right side.
    pub(super) sides: [[f64; 2]; 4],
    /// Noise of each part.
    pub(super) noise: [f64; 4],
    /// The same of the points that do not move by themselves: what the affine map leaves of the head's movement.
    pub(super) misfit: f64,
}

#[derive(Debug)]
struct Frame {
    at: MediaTime,
    /// Around the middle of the outer eye corners, along their line, in their distance.
    points: Vec<Point>,
}

/// The last seconds of one face without a break. Bounded.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    frames: VecDeque<Frame>,
    /// How many of the frames, from the oldest, have been judged.
    judged: usize,
    advanced_at: Option<MediaTime>,
    begun: Option<MediaTime>,
}

impl Shapes {
    /// Takes a frame's landmarks.
    pub(super) fn push(&mut self, at: MediaTime, landmarks: &[FacePoint]) {
        let begun = *self.begun.get_or_insert(at);
        let Some(points) = upright(landmarks).filter(|_| at.since(begun) >= SETTLE_S) else { return };
        self.frames.push_back(Frame { at, points });
        while self.frames.front().is_some_and(|f| at.since(f.at) > KEPT_S) || self.frames.len() > FRAMES_MAX {
            self.frames.pop_front();
            self.judged = self.judged.saturating_sub(1);
        }
    }

    /// The last frame taken.
    pub(super) fn newest(&self) -> Option<MediaTime> {
        self.frames.back().map(|f| f.at)
    }

    /// The frames that are due, in their order.
    pub(super) fn advance(&mut self) -> Vec<Sway> {
        let (Some(newest), Some(oldest)) = (self.newest(), self.frames.front().map(|f| f.at)) else {
            return Vec::new();
        };
        if newest.since(self.advanced_at.unwrap_or(oldest)) < PERIOD_S {
            return Vec::new();
        }
        self.advanced_at = Some(newest);
        self.judge(newest, LAG_S)
    }

    /// All that is left; forgets the face.
    pub(super) fn end(&mut self) -> Vec<Sway> {
        let left = self.newest().map_or_else(Vec::new, |newest| self.judge(newest, 0.0));
        *self = Self::default();
        left
    }

    fn judge(&mut self, newest: MediaTime, lag_s: f64) -> Vec<Sway> {
        let long_enough = self.frames.front().is_some_and(|f| newest.since(f.at) >= LEARN_S);
        let due = self.frames.iter().skip(self.judged).take_while(|f| newest.since(f.at) >= lag_s).count();
        if !long_enough || due == 0 {
            return Vec::new();
        }
        let Some(aligned) = self.aligned() else { return Vec::new() };
        let usual = usual_places(&aligned, &all_points());
        let sides: Vec<[[f64; 2]; 4]> =
            aligned.iter().map(|points| PARTS.map(|sides| sides.map(|side| way(points, &usual, side)))).collect();
        let noise = FacePart::ALL.map(|part| noise(&aligned, &sides, part as usize));
        let sway = |i: usize| Sway {
            at: self.frames[i].at,
            sides: sides[i],
            noise,
            misfit: way(&aligned[i], &usual, &STABLE),
        };
        let found = (self.judged..self.judged + due).map(sway).collect();
        self.judged += due;
        found
    }

    /// Every frame's points on the usual places of the stable ones.
    fn aligned(&self) -> Option<Vec<Vec<Point>>> {
        let raw: Vec<&Vec<Point>> = self.frames.iter().map(|f| &f.points).collect();
        let usual = usual_places(&raw, &STABLE);
        let wanted = STABLE.map(|i| usual[i]);
        raw.iter()
            .map(|points| {
                let map = Affine::fit(&STABLE.map(|i| points[i]), &wanted)?;
                Some(points.iter().map(|p| map.apply(*p)).collect())
            })
            .collect()
    }
}

fn all_points() -> Vec<usize> {
    STABLE.iter().chain(PARTS.iter().flatten().copied().flatten()).copied().collect()
}

/// The landmarks around the middle of the outer eye corners, along their line, in their distance.
fn upright(landmarks: &[FacePoint]) -> Option<Vec<Point>> {
    let (left, right) = (landmarks.get(36)?, landmarks.get(45)?);
    let (x, y) = (f64::midpoint(left.x, right.x), f64::midpoint(left.y, right.y));
    let (dx, dy) = (right.x - left.x, right.y - left.y);
    let square = dx * dx + dy * dy;
    let turned = |p: &FacePoint| {
        let (px, py) = (p.x - x, p.y - y);
        [(px * dx + py * dy) / square, (py * dx - px * dy) / square]
    };
    (square > 0.0).then(|| landmarks.iter().map(turned).collect())
}

/// Medians of the named points over the frames; the others are left at zero.
fn usual_places(frames: &[impl AsRef<[Point]>], named: &[usize]) -> Vec<Point> {
    let length = frames.iter().map(|f| f.as_ref().len()).min().unwrap_or(0);
    let mut usual = vec![[0.0; 2]; length];
    let mut column = Vec::with_capacity(frames.len());
    for (point, axis) in named.iter().filter(|i| **i < length).flat_map(|i| [(*i, 0), (*i, 1)]) {
        column.clear();
        column.extend(frames.iter().map(|f| f.as_ref()[point][axis]));
        usual[point][axis] = median(&mut column).unwrap_or(0.0);
    }
    usual
}

/// Root mean square distance of the named points from their usual places.
fn way(points: &[Point], usual: &[Point], named: &[usize]) -> f64 {
    let squares: f64 = named.iter().map(|i| apart_squared(points[*i], usual[*i])).sum();
    (squares / named.len() as f64).sqrt()
}

/// The noise of a part, in the unit of its way.
fn noise(aligned: &[Vec<Point>], sides: &[[[f64; 2]; 4]], part: usize) -> f64 {
    let mut ways: Vec<f64> =
        sides.iter().map(|s| f64::midpoint(s[part][0].powi(2), s[part][1].powi(2)).sqrt()).collect();
    ways.sort_by(f64::total_cmp);
    let still = ways.get((STILL * ways.len() as f64) as usize).copied().unwrap_or(0.0);
    // A frame less the mean of its neighbours has 1.5 times the variance of white noise.
    let named: Vec<usize> = PARTS[part].iter().flat_map(|side| side.iter().copied()).collect();
    let odd = |three: &[Vec<Point>]| {
        let between = |i: usize| {
            let ([ax, ay], [bx, by]) = (three[0][i], three[2][i]);
            [f64::midpoint(ax, bx), f64::midpoint(ay, by)]
        };
        let squares: f64 = named.iter().map(|i| apart_squared(three[1][*i], between(*i))).sum();
        (squares / named.len() as f64 / 1.5).sqrt()
    };
    let jitter = median(&mut aligned.windows(3).map(odd).collect::<Vec<f64>>()).unwrap_or(0.0);
    still.max(jitter)
}
