//! How far the cameras' clocks are apart, from people whom two of them see at once.
//!
//! Somebody at `x(t)` is told by a camera whose clock is `o` ahead as `x(t - o)`. Where two calibrated views overlap, the
//! places that both tell for one moment of their clocks differ by `-v (o_b - o_a)` and by the error of the calibrations,
//! which does not depend on the velocity `v`: linear regression of the difference on the velocity, with an intercept, gives
//! the difference of the clocks (as temporal alignment of trajectories: Y. Caspi and M. Irani, "Spatio-Temporal Alignment of
//! Sequences", PAMI 24, 2002). The differences of all pairs are brought together by weighted least squares, each group of
//! cameras against the median of its own clocks, for most clocks are right.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::memory::{Memory, Tracklet};
use super::sighting::{FloorFix, TrackKey};
use crate::ids::CameraId;

/// Moments of a pair after which older ones are forgotten, and before which nothing is said.
const MEMORY: f64 = 1_000.0;
const MOMENTS_MIN: f64 = 120.0;
/// Most pairs; further ones are not learned from.
const PAIRS_MAX: usize = 10_000;
/// Within a step no longer than this somebody walks straight on, seconds.
const STEP_MAX_S: f64 = 2.5;
/// Whoever is slower tells nothing of the time, metres a second.
const SPEED_MIN: f64 = 0.4;
/// Places of one walk err together: so many count as one.
const ALIKE: f64 = 5.0;
/// Standard deviation of clocks before anything is known, seconds.
const PRIOR_S: f64 = 1.0;
/// Rounds of the least squares; each brings the rest down by a constant factor.
const SWEEPS: usize = 40;
/// A clock further off than this is suspect, seconds, if ...
const SUSPECT_S: f64 = 0.5;
/// ... it is by so many standard deviations.
const SURELY: f64 = 4.0;

/// How far a camera's clock is ahead of most of its neighbours'.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClockOffset {
    /// Seconds; positive: it is ahead.
    pub offset_s: f64,
    /// Its standard deviation.
    pub error_s: f64,
}

impl ClockOffset {
    /// Whether it is too far off to be an error of measurement, and for what is joined by time.
    #[must_use]
    pub fn is_suspect(&self) -> bool {
        self.offset_s.abs() > SUSPECT_S.max(SURELY * self.error_s)
    }
}

/// Sums of a regression of place differences on velocities, both coordinates together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Moments {
    count: f64,
    velocity: [f64; 2],
    difference: [f64; 2],
    velocity_squared: f64,
    product: f64,
    difference_squared: f64,
}

impl Moments {
    fn add(&mut self, velocity: [f64; 2], difference: [f64; 2]) {
        if self.count >= MEMORY {
            let keep = 1.0 - 1.0 / MEMORY;
            self.count *= keep;
            self.velocity_squared *= keep;
            self.product *= keep;
            self.difference_squared *= keep;
            self.velocity = self.velocity.map(|sum| sum * keep);
            self.difference = self.difference.map(|sum| sum * keep);
        }
        self.count += 1.0;
        for axis in 0..2 {
            self.velocity[axis] += velocity[axis];
            self.difference[axis] += difference[axis];
            self.velocity_squared += velocity[axis] * velocity[axis];
            self.product += velocity[axis] * difference[axis];
            self.difference_squared += difference[axis] * difference[axis];
        }
    }

    /// How far the second clock is ahead of the first, and the variance of that. `None` with too little to say it.
    fn ahead(&self) -> Option<(f64, f64)> {
        let dot = |a: [f64; 2], b: [f64; 2]| (a[0] * b[0] + a[1] * b[1]) / self.count;
        if self.count < MOMENTS_MIN {
            return None;
        }
        let vv = self.velocity_squared - dot(self.velocity, self.velocity);
        let vd = self.product - dot(self.velocity, self.difference);
        let dd = self.difference_squared - dot(self.difference, self.difference);
        let rest = (dd - vd * vd / vv).max(0.0) / (2.0 * self.count - 3.0);
        let variance = ALIKE * rest / vv;
        // All walk the same way at the same pace: nothing tells the clocks from the calibration.
        (vv > SPEED_MIN * SPEED_MIN * self.count / 4.0 && variance.is_finite())
            .then_some((-vd / vv, variance.max(1e-6)))
    }
}

/// What is known of all clocks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Clocks {
    pairs: BTreeMap<(CameraId, CameraId), Moments>,
    offsets: BTreeMap<CameraId, ClockOffset>,
}

impl Clocks {
    /// Every clock of which something is known.
    pub(super) fn offsets(&self) -> &BTreeMap<CameraId, ClockOffset> {
        &self.offsets
    }

    /// How far a camera's clock is taken to be ahead, seconds.
    pub(super) fn ahead(&self, camera: &CameraId) -> f64 {
        self.offsets.get(camera).map_or(0.0, |offset| offset.offset_s)
    }

    /// Learns from a track's newest step, where another camera sees the same person meanwhile.
    pub(super) fn learn(&mut self, memory: &Memory, key: &TrackKey) {
        let Some(tracklet) = memory.tracklets.get(key) else { return };
        let Some(step) = Step::newest(tracklet) else { return };
        for (other_key, other) in memory.parts(tracklet.presence).filter(|(other, _)| other.camera != key.camera) {
            // Both are told on clocks that are put right by what was known when they began.
            let known = other.ahead_s - tracklet.ahead_s;
            let meanwhile = |(at_s, _): &&(f64, FloorFix)| *at_s > step.from_s && *at_s <= step.until_s;
            for (at_s, fix) in other.trail.iter().filter(meanwhile) {
                let [x, y] = step.at(*at_s);
                let difference = [fix.x - x - step.velocity[0] * known, fix.y - y - step.velocity[1] * known];
                self.add((&key.camera, &other_key.camera), step.velocity, difference);
            }
        }
    }

    fn add(&mut self, (first, second): (&CameraId, &CameraId), velocity: [f64; 2], difference: [f64; 2]) {
        let turned = first > second;
        let pair = if turned { (second.clone(), first.clone()) } else { (first.clone(), second.clone()) };
        if self.pairs.len() >= PAIRS_MAX && !self.pairs.contains_key(&pair) {
            return;
        }
        let difference = if turned { difference.map(|d| -d) } else { difference };
        self.pairs.entry(pair).or_default().add(velocity, difference);
    }

    /// Brings all pairs together (Gauss-Seidel on the normal equations).
    pub(super) fn settle(&mut self) {
        let mut ties: BTreeMap<&CameraId, Vec<(&CameraId, f64, f64)>> = BTreeMap::new();
        for ((first, second), moments) in &self.pairs {
            let Some((ahead, variance)) = moments.ahead() else { continue };
            ties.entry(second).or_default().push((first, ahead, 1.0 / variance));
            ties.entry(first).or_default().push((second, -ahead, 1.0 / variance));
        }
        let mut clocks: BTreeMap<&CameraId, f64> = ties.keys().map(|camera| (*camera, 0.0)).collect();
        let prior = 1.0 / (PRIOR_S * PRIOR_S);
        for _ in 0..SWEEPS {
            for (camera, ties) in &ties {
                let pull: f64 = ties.iter().map(|(other, ahead, weight)| weight * (clocks[other] + ahead)).sum();
                let weight: f64 = ties.iter().map(|(.., weight)| weight).sum();
                clocks.insert(camera, pull / (weight + prior));
            }
        }
        let mut offsets = BTreeMap::new();
        for group in groups(&ties) {
            let mut sorted: Vec<f64> = group.iter().map(|camera| clocks[camera]).collect();
            sorted.sort_by(f64::total_cmp);
            let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
            for camera in group {
                let weight: f64 = ties[camera].iter().map(|(.., weight)| weight).sum();
                let offset_s = clocks[camera] - f64::midpoint(low, high);
                offsets.insert(camera.clone(), ClockOffset { offset_s, error_s: (weight + prior).sqrt().recip() });
            }
        }
        self.offsets = offsets;
    }
}

/// Cameras that are tied together, directly or over others.
fn groups<'a>(ties: &BTreeMap<&'a CameraId, Vec<(&'a CameraId, f64, f64)>>) -> Vec<BTreeSet<&'a CameraId>> {
    let mut left: BTreeSet<&CameraId> = ties.keys().copied().collect();
    let mut groups = Vec::new();
    while let Some(first) = left.pop_first() {
        let (mut group, mut next) = (BTreeSet::from([first]), vec![first]);
        while let Some(camera) = next.pop() {
            for (other, ..) in &ties[camera] {
                if left.remove(other) {
                    group.insert(other);
                    next.push(other);
                }
            }
        }
        groups.push(group);
    }
    groups
}

/// A walk from one place to the next.
struct Step {
    from_s: f64,
    until_s: f64,
    from: FloorFix,
    velocity: [f64; 2],
}

impl Step {
    /// The last one of a track; `None` where it says nothing of the time.
    fn newest(tracklet: &Tracklet) -> Option<Self> {
        let mut newest = tracklet.trail.iter().rev();
        let ((until_s, until), (from_s, from)) = (newest.next()?, newest.next()?);
        let seconds = until_s - from_s;
        let velocity = [(until.x - from.x) / seconds, (until.y - from.y) / seconds];
        let told = seconds > 0.0 && seconds <= STEP_MAX_S && velocity[0].hypot(velocity[1]) >= SPEED_MIN;
        told.then_some(Self { from_s: *from_s, until_s: *until_s, from: *from, velocity })
    }

    fn at(&self, at_s: f64) -> [f64; 2] {
        let seconds = at_s - self.from_s;
        [self.from.x + seconds * self.velocity[0], self.from.y + seconds * self.velocity[1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(name: &str) -> CameraId {
        CameraId::new(name).unwrap()
    }

    /// People who walk about in two views whose calibrations are half a metre apart.
    fn watched(clocks: &mut Clocks, (a, b): (&str, &str), ahead_s: f64, moments: usize) {
        for moment in 0..moments {
            let (turn, step) = ((moment / 10) as f64, moment as f64);
            let velocity = [1.3 * (turn * 0.7).cos(), 1.3 * (turn * 0.7).sin()];
            let noise = [0.15 * (step * 12.9).sin(), 0.15 * (step * 78.2).sin()];
            let difference = [0, 1].map(|i| 0.5 - velocity[i] * ahead_s + noise[i]);
            clocks.add((&camera(a), &camera(b)), velocity, difference);
        }
    }

    #[test]
    fn the_odd_clock_out_is_found() {
        let mut clocks = Clocks::default();
        watched(&mut clocks, ("a", "b"), 0.02, 300);
        watched(&mut clocks, ("c", "b"), -1.18, 300);
        watched(&mut clocks, ("c", "d"), -1.2, 300);
        watched(&mut clocks, ("e", "f"), 0.0, MOMENTS_MIN as usize - 1);
        clocks.settle();
        let told: Vec<(&str, f64, bool)> = clocks
            .offsets()
            .iter()
            .map(|(c, o)| (c.as_str(), (o.offset_s * 10.0).round() / 10.0, o.is_suspect()))
            .collect();
        assert_eq!(told, [("a", 0.0, false), ("b", 0.0, false), ("c", 1.2, true), ("d", 0.0, false)]);
        let error = clocks.offsets()[&camera("c")].error_s;
        assert!((0.001..0.05).contains(&error), "{error}");
        // Clocks that were put right are right.
        watched(&mut clocks, ("c", "b"), 0.0, 20_000);
        watched(&mut clocks, ("c", "d"), 0.0, 20_000);
        clocks.settle();
        assert!(!clocks.offsets()[&camera("c")].is_suspect());
    }

    #[test]
    fn who_all_walk_alike_tell_nothing_of_the_time() {
        let mut clocks = Clocks::default();
        for _ in 0..500 {
            clocks.add((&camera("a"), &camera("b")), [1.3, 0.0], [0.4, 0.0]);
        }
        clocks.settle();
        assert!(clocks.offsets().is_empty());
    }
}
