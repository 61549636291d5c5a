//! Movement of the brows, eyes, nose and mouth of one face: how often, how far and how evenly, against the noise of the
//! camera and its landmarks; and why there is no reading.
//!
//! While the eyes close and open nothing is judged: landmark models then draw the brows down and the corners of the eyes in.
//! Blinks are counted in [`super::blink`].
//!
//! Nothing here says what a movement means.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::blink::per_minute;
use super::cadence::{Cadence, GAP_S};
use super::estimate::{Estimate, Reason, Window};
use super::facial_shape::{Shapes, Sway};
use super::ledger::Ledger;
use super::openness::{Closure, Openness};
use super::statistics::median;
use crate::face::FaceLook;
use crate::time::MediaTime;

/// Times the noise at which a movement begins; it ends at half of that.
const BEGINS: f64 = 4.0;
const ENDS: f64 = 0.5;
/// Least size of a movement, of the distance of the outer eye corners: half a millimetre on an adult face.
const SIZE_MIN: f64 = 0.006;
/// Times the misfit of the points that do not move by themselves, where that is more: the head turned.
const MISFIT: f64 = 2.0;
/// Movements that take less are brief, seconds.
const BRIEF_S: f64 = 0.5;
/// Least frames of a movement: one alone is noise.
const FRAMES_MIN: u32 = 2;
/// From this part of a blink's threshold on the eyes are closing, and so long before and after that, seconds.
const CLOSING: f64 = 0.5;
const CLOSING_S: f64 = 0.1;
/// Most frames with closing eyes that are kept; the oldest go first.
const CLOSING_MAX: usize = 256;
/// Least distance of the outer eye corners, pixels.
const EYES_APART_MIN: f64 = 40.0;
/// Largest angle between the face and the camera, degrees.
const YAW_MAX: f64 = 30.0;
/// Seconds over which rates are taken, and the least of them in which the face could be seen.
const RATE_S: f64 = 60.0;
const RATE_FROM_S: f64 = 30.0;
/// Most movements that are kept; the oldest go first.
const MOVEMENTS_MAX: usize = 1_024;

/// A part of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FacePart {
    /// Both brows.
    Brow,
    /// Both pairs of lids.
    Eye,
    /// Both nostrils.
    Nose,
    /// The lips.
    Mouth,
}

impl FacePart {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Brow, Self::Eye, Self::Nose, Self::Mouth];
}

/// A part moved away from where it had been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Movement {
    /// Which.
    pub part: FacePart,
    /// From when.
    pub from: MediaTime,
    /// Until it was back, or stayed where it was.
    pub to: MediaTime,
    /// Farthest way of its points (root mean square), of the distance of the outer eye corners.
    pub size: f64,
    /// How much farther the image-right side went than the image-left one: from -1, left alone, to 1, right alone.
    pub asymmetry: f64,
    /// It took less than half a second. Experimental: published spotting of such movements at 25 to 30 frames a second is
    /// hardly better than chance.
    pub brief: bool,
}

/// What the last minute says of one part.
#[derive(Debug, Clone, PartialEq)]
pub struct PartReading {
    /// Which.
    pub part: FacePart,
    /// Movements a minute of the time in which the face could be seen, with the exact Poisson interval.
    pub rate: Estimate,
    /// Brief ones among them. Experimental.
    pub brief: u32,
    /// Median size, of the distance of the outer eye corners; absent without a movement.
    pub size: Option<f64>,
    /// Median asymmetry, likewise.
    pub asymmetry: Option<f64>,
    /// Noise of its points, in the unit of the size; absent until it is known.
    pub noise: Option<f64>,
}

/// What the last minute says.
#[derive(Debug, Clone, PartialEq)]
pub struct FacialReading {
    /// Movements of all parts a minute.
    pub rate: Estimate,
    /// By part, in the order of [`FacePart::ALL`].
    pub parts: [PartReading; 4],
    /// Movements shorter than this, seconds, cannot be seen at the frames that come.
    pub shortest_s: Option<f64>,
}

/// A movement that is not over.
#[derive(Debug, Clone, Copy)]
struct Active {
    movement: Movement,
    frames: u32,
}

/// Watches one face. Bounded: a few seconds of landmarks, a minute of movements.
#[derive(Debug, Default)]
pub struct FacialMotion {
    cadence: Cadence,
    shapes: Shapes,
    openness: Openness,
    /// Frames with closing eyes, and the frame up to which that is known.
    closing: VecDeque<MediaTime>,
    closing_to: Option<MediaTime>,
    /// Frames that wait for what the eyes do after them; never more than the shapes keep.
    waiting: VecDeque<Sway>,
    ledger: Ledger,
    active: [Option<Active>; 4],
    judged: Option<MediaTime>,
    noise: [Option<f64>; 4],
    movements: VecDeque<Movement>,
    fresh: Vec<Movement>,
}

impl FacialMotion {
    /// Takes a frame; `None` where the face is not seen in it.
    pub fn push(&mut self, at: MediaTime, look: Option<&FaceLook>) {
        let step = self.cadence.step(at);
        if step.is_none() {
            self.end();
        }
        let usable = look.ok_or(Reason::TrackBreak).and_then(|look| usable(look).map(|()| look));
        match usable.and_then(|look| self.cadence.check().map(|()| look)) {
            Ok(look) => {
                self.shapes.push(at, &look.landmarks);
                self.openness.push(at, look);
                let Self { openness, closing, closing_to, .. } = self;
                openness.advance(|closure| note(closing, closing_to, closure));
                self.waiting.extend(self.shapes.advance());
                self.judge_waiting(false);
            }
            Err(reason) => {
                self.ledger.lost(at, step.unwrap_or(0.0), reason);
                if self.shapes.newest().is_some_and(|last| at.since(last) > GAP_S) {
                    self.end();
                }
            }
        }
    }

    /// Ends what is being watched: the face is gone or the recording over. What was seen so far is judged; a movement that is
    /// not over counts, and is not brief.
    pub fn end(&mut self) {
        let Self { openness, closing, closing_to, .. } = self;
        openness.end(|closure| note(closing, closing_to, closure));
        self.waiting.extend(self.shapes.end());
        self.judge_waiting(true);
        self.closing.clear();
        self.closing_to = None;
        for part in 0..self.active.len() {
            self.close(part, false);
        }
        self.judged = None;
    }

    /// The movements found since it was last asked, about a second after they ended.
    pub fn take(&mut self) -> std::vec::Drain<'_, Movement> {
        self.fresh.drain(..)
    }

    /// What the minute before `end` says.
    #[must_use]
    pub fn read(&self, end: MediaTime) -> FacialReading {
        let window = self.ledger.window(end, RATE_S);
        let tracked_s = self.ledger.tracked_s(window);
        let rate = |count: usize| {
            if tracked_s < RATE_FROM_S {
                return Estimate::unavailable(self.ledger.reasons(window, RATE_FROM_S), window);
            }
            per_minute(u32::try_from(count).unwrap_or(u32::MAX), tracked_s, window)
        };
        let inside: Vec<&Movement> = self.movements.iter().filter(|m| holds(window, m.to)).collect();
        let parts = FacePart::ALL.map(|part| {
            let own: Vec<&&Movement> = inside.iter().filter(|m| m.part == part).collect();
            let middle = |of: fn(&Movement) -> f64| median(&mut own.iter().map(|m| of(m)).collect::<Vec<f64>>());
            PartReading {
                part,
                rate: rate(own.len()),
                brief: own.iter().filter(|m| m.brief).count() as u32,
                size: middle(|m| m.size),
                asymmetry: middle(|m| m.asymmetry),
                noise: self.noise[part as usize],
            }
        });
        let shortest_s = self.cadence.fps().map(|fps| f64::from(FRAMES_MIN) / fps);
        FacialReading { rate: rate(inside.len()), parts, shortest_s }
    }

    /// Judges the frames of which it is known whether the eyes are closing.
    fn judge_waiting(&mut self, all: bool) {
        while let Some(sway) = self.waiting.front().copied() {
            let known = self.closing_to.is_none_or(|to| to.since(sway.at) >= CLOSING_S);
            if !known && !all {
                break;
            }
            self.waiting.pop_front();
            while self.closing.front().is_some_and(|c| sway.at.since(*c) > CLOSING_S) {
                self.closing.pop_front();
            }
            if self.closing.front().is_none_or(|c| c.since(sway.at) > CLOSING_S) {
                self.judge(&sway);
            }
        }
    }

    fn judge(&mut self, sway: &Sway) {
        let step = self.judged.map_or(0.0, |last| sway.at.since(last));
        self.ledger.tracked(sway.at, step.clamp(0.0, 2.0 * GAP_S));
        self.judged = Some(sway.at);
        for part in FacePart::ALL {
            let index = part as usize;
            let ([left, right], noise) = (sway.sides[index], sway.noise[index]);
            self.noise[index] = Some(noise);
            let begins = (BEGINS * noise).max(SIZE_MIN).max(MISFIT * sway.misfit);
            let size = f64::midpoint(left * left, right * right).sqrt();
            let from = match &self.active[index] {
                Some(_) => ENDS * begins,
                None => begins,
            };
            if size <= from {
                self.close(index, true);
                continue;
            }
            let asymmetry = if left + right > 0.0 { (right - left) / (right + left) } else { 0.0 };
            let new = Movement { part, from: sway.at, to: sway.at, size, asymmetry, brief: false };
            let active = self.active[index].get_or_insert(Active { movement: new, frames: 0 });
            active.frames += 1;
            active.movement.to = sway.at;
            if size >= active.movement.size {
                (active.movement.size, active.movement.asymmetry) = (size, asymmetry);
            }
        }
    }

    /// Ends the movement of a part, if there is one; `seen` whether its end was.
    fn close(&mut self, part: usize, seen: bool) {
        let Some(Active { mut movement, frames }) = self.active[part].take() else { return };
        if frames < FRAMES_MIN {
            return;
        }
        movement.brief = seen && movement.to.since(movement.from) < BRIEF_S;
        if self.movements.len() == MOVEMENTS_MAX {
            self.movements.pop_front();
        }
        self.movements.push_back(movement);
        self.fresh.push(movement);
        while self.movements.front().is_some_and(|m| movement.to.since(m.to) > 2.0 * RATE_S) {
            self.movements.pop_front();
        }
    }
}

/// Remembers a frame with closing eyes.
fn note(closing: &mut VecDeque<MediaTime>, to: &mut Option<MediaTime>, closure: Closure) {
    *to = Some(closure.at);
    if closure.depth > CLOSING * closure.threshold {
        if closing.len() == CLOSING_MAX {
            closing.pop_front();
        }
        closing.push_back(closure.at);
    }
}

fn holds(window: Window, at: MediaTime) -> bool {
    (window.start..=window.end).contains(&at)
}

/// Whether a face can be measured.
fn usable(look: &FaceLook) -> Result<(), Reason> {
    let [Some(left), Some(right), Some(_)] = [36, 45, 65].map(|i| look.landmarks.get(i)) else {
        return Err(Reason::TrackBreak);
    };
    if look.angles.is_some_and(|a| a.yaw.abs() > YAW_MAX) {
        return Err(Reason::HeadTurned);
    }
    let apart = (left.x - right.x).hypot(left.y - right.y);
    if apart < EYES_APART_MIN { Err(Reason::FaceSmall) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, Normal};

    use super::*;
    use crate::biosignal::eyes::points_of;
    use crate::face::{FacePoint, HeadAngles};

    const BROWS: std::ops::RangeInclusive<usize> = 17..=26;
    const FPS: f64 = 30.0;

    /// A real face's landmarks, 80 pixels between the outer eye corners.
    fn face() -> Vec<FacePoint> {
        let text = include_str!("../../tests/fixtures/perception/face_look.json");
        let golden: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let number = |v: &serde_json::Value| v.as_f64().expect("a number");
        let points = golden["landmarks"].as_array().expect("landmarks");
        let points: Vec<[f64; 2]> = points.iter().map(|p| [number(&p[0]), number(&p[1])]).collect();
        let scale = 80.0 / (points[45][0] - points[36][0]).hypot(points[45][1] - points[36][1]);
        points.iter().map(|[x, y]| FacePoint { x: x * scale, y: y * scale, confidence: 1.0 }).collect()
    }

    /// How far a push of `length` seconds has gone at `t`: up and down smoothly.
    fn push_at(t: f64, from: f64, length: f64) -> f64 {
        let share = (t - from) / length;
        if (0.0..1.0).contains(&share) { (std::f64::consts::PI * share).sin() } else { 0.0 }
    }

    /// Watches `seconds` of a face with `jitter` pixels of noise that `change` moves.
    fn watch(seconds: f64, jitter: f64, change: impl Fn(f64, &mut [FacePoint])) -> (Vec<Movement>, FacialMotion) {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let normal = Normal::new(0.0, jitter).expect("a deviation");
        let mut motion = FacialMotion::default();
        for i in 0..(seconds * FPS) as u32 {
            let t = f64::from(i) / FPS;
            let mut landmarks = face();
            change(t, &mut landmarks);
            for p in &mut landmarks {
                (p.x, p.y) = (p.x + normal.sample(&mut random), p.y + normal.sample(&mut random));
            }
            motion.push(MediaTime::from_seconds(t), Some(&FaceLook { landmarks, ..FaceLook::default() }));
        }
        motion.end();
        (motion.take().collect(), motion)
    }

    #[test]
    fn a_brow_that_rises_is_found_with_its_size_and_side() {
        // 8 pixels of 80 on the image-right side, 4 on the other.
        let change = |t: f64, points: &mut [FacePoint]| {
            for i in BROWS {
                points[i].y -= push_at(t, 3.0, 1.0) * if i < 22 { 4.0 } else { 8.0 };
            }
        };
        let (found, motion) = watch(8.0, 0.3, change);
        assert_eq!(found.iter().map(|m| m.part).collect::<Vec<_>>(), [FacePart::Brow], "{found:?}");
        let m = found[0];
        assert!((m.size - 0.079).abs() < 0.01 && (m.asymmetry - 1.0 / 3.0).abs() < 0.1 && !m.brief, "{m:?}");
        assert!((m.from.seconds() - 3.0).abs() < 0.2 && (m.to.seconds() - 4.0).abs() < 0.2, "{m:?}");
        let reading = motion.read(MediaTime::from_seconds(8.0));
        assert_eq!(reading.rate.rate(), None, "too short for a rate");
        let noise = reading.parts[0].noise.expect("known");
        assert!((noise - 0.3 * 2.0_f64.sqrt() / 80.0).abs() < 0.002, "{noise}");
        assert!((reading.shortest_s.expect("known") - 2.0 / FPS).abs() < 1e-3);
    }

    #[test]
    fn a_twitch_is_brief_and_a_held_movement_is_not() {
        let mouth = |length: f64| {
            move |t: f64, points: &mut [FacePoint]| {
                points[48..60].iter_mut().for_each(|p| p.y += 6.0 * push_at(t, 3.0, length));
            }
        };
        for (length, brief) in [(0.3, true), (1.5, false)] {
            let (found, _) = watch(8.0, 0.3, mouth(length));
            let found: Vec<(FacePart, bool)> = found.iter().map(|m| (m.part, m.brief)).collect();
            assert_eq!(found, [(FacePart::Mouth, brief)], "{length}");
        }
    }

    #[test]
    fn a_head_that_moves_and_noise_move_no_part() {
        let head = |t: f64, points: &mut [FacePoint]| {
            // To and fro, nearer, tilted, and turned a little (narrower).
            let (tilt, near) = (0.3 * (t * 1.1).sin(), 1.0 + 0.2 * (t * 0.7).sin());
            let narrow = 1.0 - 0.08 * (t * 0.9).sin().abs();
            for p in points {
                let (x, y) = ((p.x - 80.0) * narrow * near, (p.y - 100.0) * near);
                p.x = 80.0 + 30.0 * (t * 0.5).sin() + x * tilt.cos() - y * tilt.sin();
                p.y = 100.0 + x * tilt.sin() + y * tilt.cos();
            }
        };
        for jitter in [0.1, 0.5, 1.5] {
            let (found, motion) = watch(40.0, jitter, head);
            assert_eq!(found, [], "{jitter}");
            let reading = motion.read(MediaTime::from_seconds(40.0));
            let Estimate::Available { rate, interval, .. } = reading.rate else { panic!("{reading:?}") };
            assert!(rate == 0.0 && interval.low == 0.0 && interval.high > 4.0, "none seen is not none: {interval:?}");
        }
    }

    #[test]
    fn what_a_blink_does_to_the_landmarks_is_no_movement() {
        let blink = |t: f64, points: &mut [FacePoint]| {
            let closed = push_at(t, 3.0, 0.3);
            let lids = points_of(closed);
            // Lids of a known height in place of the face's own, and brows that a landmark model draws down with them.
            for i in 36..48 {
                points[i].y = points[if i < 42 { 36 } else { 42 }].y + lids.landmarks[i].y - 200.0;
            }
            BROWS.for_each(|i| points[i].y += 5.0 * closed);
        };
        assert_eq!(watch(8.0, 0.2, blink).0, []);
    }

    #[test]
    fn what_cannot_be_seen_has_its_reason() {
        let angles = Some(HeadAngles { yaw: 35.0, pitch: 0.0, roll: 0.0 });
        let small: Vec<FacePoint> = face().iter().map(|p| FacePoint { x: p.x / 3.0, y: p.y / 3.0, ..*p }).collect();
        for (reason, look) in [
            (Reason::TrackBreak, None),
            (Reason::HeadTurned, Some(FaceLook { landmarks: face(), angles, ..FaceLook::default() })),
            (Reason::FaceSmall, Some(FaceLook { landmarks: small, ..FaceLook::default() })),
            (Reason::TrackBreak, Some(FaceLook { landmarks: face()[..40].to_vec(), ..FaceLook::default() })),
        ] {
            let mut motion = FacialMotion::default();
            for i in 0..1_200_u32 {
                motion.push(MediaTime::from_seconds(f64::from(i) / FPS), look.as_ref());
            }
            let reading = motion.read(MediaTime::from_seconds(40.0));
            let Estimate::Unavailable { reasons, .. } = reading.rate else { panic!("{reading:?}") };
            assert_eq!(reasons, [reason]);
        }
    }
}
