//! How far the eyes are closed, frame by frame, against what they looked like open a moment ago.
//!
//! The cue is the rows across each eye ([`FaceLook::eye_rows`]): an open eye has the same dark band in the same place from
//! frame to frame; a lid that comes down replaces it. An eye's closure is one minus the correlation of its rows with their
//! own median of the last seconds, so that light, glasses, skin and eye shape cancel. Where there are no rows it is the eye
//! aspect ratio (Soukupova & Cech 2016, eq. 1) against its own upper quantile. Both eyes close together in a blink, so the
//! two are joined by their geometric mean: what happens to one alone, a glint on a lens or a hair, hardly counts.
//!
//! The cues are not mixed, for the others would only add noise: on the 56 clips of the ZJU set (eyes of 18 to 30 pixels)
//! rows tell closed from open frames with an area under the curve of 0.99, the lid output of `OpenSeeFace`'s gaze model with
//! 0.79 (below 0.5 for a camera that looks up; its authors do not use it either), the aspect ratio of its 66 landmarks with
//! 0.46: it draws open eyes on closed lids. A landmark model that sees lids has its say where rows are missing. As a second
//! opinion on found blinks the lid output is of no use either: no threshold on its fall raises F1, and the one that drops half of the
//! false blinks drops one true blink in seven; so the gaze model runs only where a site names it.

use std::collections::VecDeque;

use super::statistics::median;
use crate::face::{FaceLook, FacePoint};
use crate::time::MediaTime;

/// Seconds of samples that say what an open eye looks like.
const KEPT_S: f64 = 5.0;
/// Most samples of them; the oldest go first.
const SAMPLES_MAX: usize = 600;
/// Least seconds that tell an open eye from a closed one: the longest blinks take less than half of it.
const LEARN_S: f64 = 1.5;
/// A frame is judged when so much has been seen after it, seconds.
const LAG_S: f64 = 1.0;
/// How often frames are judged, seconds.
const PERIOD_S: f64 = 0.2;
/// Part of the samples, the most alike ones, that the second median is of: closed eyes stay out of it.
const ALIKE: f64 = 0.6;
/// Quantile of the eye aspect ratio that an open eye has.
const OPEN_QUANTILE: f64 = 0.85;

/// Points of an eye: image-left corner, upper lid twice, image-right corner, lower lid twice.
const EYES: [[usize; 6]; 2] = [[36, 37, 38, 39, 40, 41], [42, 43, 44, 45, 46, 47]];

/// From which change on an eye may be closing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClosureSettings {
    /// Loss of correlation of the rows.
    pub rows_from: f64,
    /// Loss of the eye aspect ratio, of what it is open (a threshold at 0.75 of the open value).
    pub aspect_from: f64,
    /// Times the usual closure of the last seconds, where that is more.
    pub noise_factor: f64,
}

impl Default for ClosureSettings {
    fn default() -> Self {
        Self { rows_from: 0.06, aspect_from: 0.25, noise_factor: 6.0 }
    }
}

/// How far the eyes of a frame are closed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Closure {
    /// When.
    pub at: MediaTime,
    /// In multiples of the change that may be a closing eye.
    pub depth: f64,
    /// From this depth on the eyes are closing, or closed; at least 1.
    pub threshold: f64,
}

/// The eye aspect ratio: mean height over width; `None` for landmarks of another scheme or an eye without width.
#[must_use]
pub fn aspect_ratio(landmarks: &[FacePoint], eye: usize) -> Option<f64> {
    let points: Vec<&FacePoint> = EYES.get(eye)?.iter().map(|i| landmarks.get(*i)).collect::<Option<_>>()?;
    let apart = |a: usize, b: usize| (points[a].x - points[b].x).hypot(points[a].y - points[b].y);
    let width = apart(0, 3);
    (width > 0.0).then(|| (apart(1, 5) + apart(2, 4)) / (2.0 * width))
}

/// Distance of an eye's corners, pixels.
#[must_use]
pub fn eye_width(landmarks: &[FacePoint], eye: usize) -> Option<f64> {
    let [left, .., right, _, _] = EYES.get(eye)?;
    let (left, right) = (landmarks.get(*left)?, landmarks.get(*right)?);
    Some((left.x - right.x).hypot(left.y - right.y))
}

/// What one frame says of one eye.
#[derive(Debug, Clone)]
enum Eye {
    Rows(Vec<f32>),
    Aspect(f64),
    Unseen,
}

#[derive(Debug, Clone)]
struct Sample {
    at: MediaTime,
    eyes: [Eye; 2],
}

/// What an open eye looks like.
#[derive(Debug, Clone, PartialEq)]
enum Open {
    Rows(Vec<f32>),
    Aspect(f64),
    Unknown,
}

/// The last seconds of two eyes without a break. Bounded.
#[derive(Debug, Default)]
pub struct Openness {
    settings: ClosureSettings,
    samples: VecDeque<Sample>,
    /// How many of the samples, from the oldest, have been judged.
    judged: usize,
    advanced_at: Option<MediaTime>,
}

impl Openness {
    /// With other settings.
    #[must_use]
    pub fn new(settings: ClosureSettings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Takes a frame.
    pub fn push(&mut self, at: MediaTime, look: &FaceLook) {
        let eyes = [0, 1].map(|i| {
            if !look.eye_rows[i].is_empty() {
                return Eye::Rows(look.eye_rows[i].clone());
            }
            aspect_ratio(&look.landmarks, i).map_or(Eye::Unseen, Eye::Aspect)
        });
        self.samples.push_back(Sample { at, eyes });
        while self.samples.front().is_some_and(|s| at.since(s.at) > KEPT_S) || self.samples.len() > SAMPLES_MAX {
            self.samples.pop_front();
            self.judged = self.judged.saturating_sub(1);
        }
    }

    /// The last frame taken.
    #[must_use]
    pub fn newest(&self) -> Option<MediaTime> {
        self.samples.back().map(|s| s.at)
    }

    /// Judges the frames that are due, in their order.
    pub fn advance(&mut self, judge: impl FnMut(Closure)) {
        let Some(newest) = self.samples.back().map(|s| s.at) else { return };
        let from = self.advanced_at.or(self.samples.front().map(|s| s.at)).unwrap_or(newest);
        if newest.since(from) >= PERIOD_S {
            self.advanced_at = Some(newest);
            self.judge_until(newest, LAG_S, judge);
        }
    }

    /// Judges all that is left and forgets the eyes.
    pub fn end(&mut self, judge: impl FnMut(Closure)) {
        if let Some(newest) = self.samples.back().map(|s| s.at) {
            self.judge_until(newest, 0.0, judge);
        }
        *self = Self::new(self.settings);
    }

    fn judge_until(&mut self, newest: MediaTime, lag_s: f64, mut judge: impl FnMut(Closure)) {
        let Some(oldest) = self.samples.front().map(|s| s.at) else { return };
        if newest.since(oldest) < LEARN_S {
            return;
        }
        let open = [0, 1].map(|eye| self.open(eye));
        let depths: Vec<Option<f64>> = self.samples.iter().map(|s| self.depth(s, &open)).collect();
        let usual = median(&mut depths.iter().flatten().copied().collect::<Vec<f64>>()).unwrap_or(0.0);
        let threshold = (self.settings.noise_factor * usual).max(1.0);
        while let Some(sample) = self.samples.get(self.judged).filter(|s| newest.since(s.at) >= lag_s) {
            if let Some(depth) = depths[self.judged] {
                judge(Closure { at: sample.at, depth, threshold });
            }
            self.judged += 1;
        }
    }

    /// The geometric mean of the eyes that can be judged.
    fn depth(&self, sample: &Sample, open: &[Open; 2]) -> Option<f64> {
        let ClosureSettings { rows_from, aspect_from, .. } = self.settings;
        let eye = |i: usize| match (&sample.eyes[i], &open[i]) {
            (Eye::Rows(rows), Open::Rows(open)) => Some((1.0 - likeness(rows, open)) / rows_from),
            (Eye::Aspect(ratio), Open::Aspect(open)) => Some(((1.0 - ratio / open) / aspect_from).max(0.0)),
            _ => None,
        };
        match (eye(0), eye(1)) {
            (Some(left), Some(right)) => Some((left * right).sqrt()),
            (one, other) => one.or(other),
        }
    }

    fn open(&self, eye: usize) -> Open {
        let rows = |s: &'_ Sample| match &s.eyes[eye] {
            Eye::Rows(rows) => Some(rows.clone()),
            _ => None,
        };
        let mut all: Vec<Vec<f32>> = self.samples.iter().filter_map(rows).collect();
        // More than half of the samples decide which cue it is.
        if 2 * all.len() > self.samples.len() {
            let length = all[0].len();
            all.retain(|rows| rows.len() == length);
            return Open::Rows(usual_rows(all));
        }
        let mut ratios: Vec<f64> = self.samples.iter().filter_map(|s| aspect(&s.eyes[eye])).collect();
        ratios.sort_by(f64::total_cmp);
        let at = (OPEN_QUANTILE * ratios.len().saturating_sub(1) as f64).round() as usize;
        ratios.get(at).filter(|ratio| **ratio > 0.0).map_or(Open::Unknown, |ratio| Open::Aspect(*ratio))
    }
}

fn aspect(eye: &Eye) -> Option<f64> {
    match eye {
        Eye::Aspect(ratio) => Some(*ratio),
        _ => None,
    }
}

/// The median of the rows that are most like the median of all.
fn usual_rows(mut all: Vec<Vec<f32>>) -> Vec<f32> {
    let first = median_rows(&all);
    let keep = ((ALIKE * all.len() as f64).ceil() as usize).max(1);
    let mut order: Vec<(f64, usize)> = all.iter().enumerate().map(|(i, rows)| (-likeness(rows, &first), i)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let kept: Vec<Vec<f32>> = order.iter().take(keep).map(|(_, i)| std::mem::take(&mut all[*i])).collect();
    median_rows(&kept)
}

fn median_rows(all: &[Vec<f32>]) -> Vec<f32> {
    let length = all.first().map_or(0, Vec::len);
    let mut column = Vec::with_capacity(all.len());
    let middle = |row: usize| {
        column.clear();
        column.extend(all.iter().map(|rows| rows[row]));
        column.sort_by(f32::total_cmp);
        column[column.len() / 2]
    };
    (0..length).map(middle).collect()
}

/// Pearson's correlation, at least 0; 0 where one side is flat.
fn likeness(a: &[f32], b: &[f32]) -> f64 {
    if a.len() != b.len() || a.is_empty() {
        return 0.0;
    }
    let mean = |v: &[f32]| v.iter().map(|x| f64::from(*x)).sum::<f64>() / v.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (f64::from(*x) - ma, f64::from(*y) - mb);
        (ab, aa, bb) = (ab + x * y, aa + x * x, bb + y * y);
    }
    if aa > 0.0 && bb > 0.0 { (ab / (aa * bb).sqrt()).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biosignal::eyes::{look_of, points_of};

    fn judged(looks: impl Iterator<Item = (f64, FaceLook)>) -> Vec<Closure> {
        let (mut openness, mut found) = (Openness::default(), Vec::new());
        for (at, look) in looks {
            openness.push(MediaTime::from_seconds(at), &look);
            openness.advance(|c| found.push(c));
        }
        openness.end(|c| found.push(c));
        found
    }

    fn seconds(fps: f64, length: f64) -> impl Iterator<Item = f64> {
        (0..(fps * length) as u32).map(move |i| f64::from(i) / fps)
    }

    #[test]
    fn each_frame_is_judged_once_and_in_order() {
        for (fps, length) in [(15.0, 4.0), (30.0, 12.0), (240.0, 6.0)] {
            let found = judged(seconds(fps, length).map(|t| (t, look_of(0.0))));
            let times: Vec<f64> = found.iter().map(|c| c.at.seconds()).collect();
            assert!(times.is_sorted_by(|a, b| a < b), "{fps}");
            assert_eq!(times.len(), (fps * length) as usize, "{fps}");
        }
    }

    #[test]
    fn too_short_to_tell_open_from_closed() {
        assert_eq!(judged(seconds(30.0, 1.4).map(|t| (t, look_of(0.0)))), []);
    }

    #[test]
    fn closed_eyes_stand_out_of_rows_and_of_landmarks() {
        let closed = |t: f64| if (2.0..2.2).contains(&t) { 1.0 } else { 0.0 };
        for rows in [true, false] {
            let look = |t: f64| if rows { look_of(closed(t)) } else { points_of(closed(t)) };
            let found = judged(seconds(30.0, 5.0).map(|t| (t, look(t))));
            for c in &found {
                let is_closed = closed(c.at.seconds()) > 0.5;
                assert_eq!(c.depth > c.threshold, is_closed, "rows {rows}: {c:?}");
            }
        }
    }

    #[test]
    fn one_eye_alone_hardly_counts() {
        let look = |t: f64| {
            let mut look = look_of(0.0);
            if (2.0..2.2).contains(&t) {
                look.eye_rows[1] = look_of(1.0).eye_rows[1].clone();
            }
            look
        };
        let found = judged(seconds(30.0, 5.0).map(|t| (t, look(t))));
        assert!(found.iter().all(|c| c.depth < c.threshold));
        let one = |t: f64| {
            let mut look = look_of(if (2.0..2.2).contains(&t) { 1.0 } else { 0.0 });
            look.eye_rows[0].clear();
            look.landmarks.clear();
            look
        };
        let found = judged(seconds(30.0, 5.0).map(|t| (t, one(t))));
        assert!(found.iter().any(|c| c.depth > c.threshold), "an eye that is seen alone has its say");
    }

    #[test]
    fn the_aspect_ratio_of_known_eyes() {
        let look = points_of(0.0);
        assert!((aspect_ratio(&look.landmarks, 0).expect("an eye") - 0.3).abs() < 1e-12);
        assert!((eye_width(&look.landmarks, 1).expect("an eye") - 30.0).abs() < 1e-12);
        assert_eq!(aspect_ratio(&look.landmarks[..40], 0), None);
        assert_eq!(aspect_ratio(&look.landmarks, 2), None);
    }
}
