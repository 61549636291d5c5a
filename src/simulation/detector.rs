//! From what is there to what a detector and a tracker make of it: misses, jitter, false boxes, broken ids, box jumps.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal, Poisson};

use super::scenario::Noise;
use super::sight::Sighting;
use super::truth::Subject;
use crate::frame::{BBox, ObjectClass};
use crate::ids::TrackId;
use crate::tracking::Detection;

/// A thing less visible than this is not detected ...
const VISIBLE_MIN: f64 = 0.2;
/// ... and from here on as well as if it were whole.
const VISIBLE_ENOUGH: f64 = 0.6;
/// Scores of what is there, and of what is not.
const SCORE_TRUE: (f32, f32) = (0.7, 0.95);
const SCORE_FALSE: (f32, f32) = (0.3, 0.6);

/// A box as a detector and a tracker give it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// The track's id, which breaks at the scenario's rate. Ascending within a camera.
    pub track: TrackId,
    /// Whose it is; `None` for a false box.
    pub subject: Option<Subject>,
    /// The box with its score and class.
    pub detection: Detection,
    /// Whether it is a fault of one frame: a false box, a jump, a second box under the same id.
    pub fault: bool,
}

/// One camera's detector, with its own stream of random numbers: another camera changes nothing here.
#[derive(Debug, Clone)]
pub(super) struct Detector {
    noise: Noise,
    size: (f64, f64),
    rng: ChaCha8Rng,
    /// By person, then by bag: the id, and when it was seen last, seconds.
    people: Vec<Option<(TrackId, f64)>>,
    bags: Vec<Option<(TrackId, f64)>>,
    next_track: u64,
    last_s: Option<f64>,
}

impl Detector {
    pub(super) fn new(noise: Noise, size: (f64, f64), people: usize, bags: usize, (seed, camera): (u64, u64)) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(camera + 1);
        Self { noise, size, rng, people: vec![None; people], bags: vec![None; bags], next_track: 1, last_s: None }
    }

    /// What is made of `seen` at `at`, seconds from the start.
    pub(super) fn observe(&mut self, at: f64, seen: &[Sighting]) -> Vec<Observation> {
        let passed = at - self.last_s.replace(at).unwrap_or(at);
        let breaks = 1.0 - (-self.noise.id_breaks_per_minute * passed / 60.0).exp();
        let mut all = Vec::with_capacity(seen.len() + 1);
        // Lists by distance change their order; random numbers are drawn in the order of the subjects.
        let mut ordered: Vec<&Sighting> = seen.iter().collect();
        ordered.sort_unstable_by_key(|s| s.subject);
        for sighting in ordered {
            self.one(at, breaks, sighting, &mut all);
        }
        self.false_boxes(&mut all);
        all
    }

    fn one(&mut self, at: f64, breaks: f64, sighting: &Sighting, all: &mut Vec<Observation>) {
        let whole = ((sighting.visible - VISIBLE_MIN) / (VISIBLE_ENOUGH - VISIBLE_MIN)).clamp(0.0, 1.0);
        let found = self.chance((1.0 - self.noise.miss) * whole);
        let broken = self.chance(breaks);
        let (jump, twice) = (self.chance(self.noise.box_jumps), self.chance(self.noise.duplicates));
        let Some(bbox) = self.jittered(&sighting.bbox).filter(|_| found) else { return };
        let track = self.track_of(sighting.subject, at, broken);
        let score = self.rng.random_range(SCORE_TRUE.0..SCORE_TRUE.1);
        let detection = Detection { bbox, score, class: sighting.class };
        let there = Observation { track, subject: Some(sighting.subject), detection, fault: false };
        if !jump {
            all.push(there);
        }
        if jump || twice {
            let bbox = self.anywhere(bbox.w, bbox.h);
            all.push(Observation { detection: Detection { bbox, ..detection }, fault: true, ..there });
        }
    }

    fn track_of(&mut self, subject: Subject, at: f64, broken: bool) -> TrackId {
        let slot = match subject {
            Subject::Person(i) => &mut self.people[i],
            Subject::Bag(i) => &mut self.bags[i],
        };
        let id = match *slot {
            Some((id, seen)) if !broken && at - seen <= self.noise.lost_s => id,
            _ => {
                self.next_track += 1;
                TrackId(self.next_track - 1)
            }
        };
        *slot = Some((id, at));
        id
    }

    fn false_boxes(&mut self, all: &mut Vec<Observation>) {
        let Ok(law) = Poisson::new(self.noise.false_boxes) else { return };
        let count = law.sample(&mut self.rng) as u64;
        for _ in 0..count {
            let height = self.size.1 * self.rng.random_range(0.1..0.4);
            let bbox = self.anywhere(height * 0.4, height);
            let score = self.rng.random_range(SCORE_FALSE.0..SCORE_FALSE.1);
            let detection = Detection { bbox, score, class: ObjectClass::Person };
            all.push(Observation { track: TrackId(self.next_track), subject: None, detection, fault: true });
            self.next_track += 1;
        }
    }

    fn anywhere(&mut self, w: f64, h: f64) -> BBox {
        let x = self.rng.random_range(0.0..=(self.size.0 - w).max(0.0));
        let y = self.rng.random_range(0.0..=(self.size.1 - h).max(0.0));
        BBox { x, y, w, h }
    }

    fn jittered(&mut self, b: &BBox) -> Option<BBox> {
        let law = Normal::new(0.0, self.noise.jitter_px).ok()?;
        let [left, top, right, bottom] = [b.x, b.y, b.right(), b.bottom()].map(|edge| edge + law.sample(&mut self.rng));
        Some(BBox::from_corners(left, top, right, bottom)).filter(BBox::is_valid)
    }

    fn chance(&mut self, share: f64) -> bool {
        self.rng.random::<f64>() < share
    }
}
