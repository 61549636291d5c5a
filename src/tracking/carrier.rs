//! Who carries a bag: for each bag, the probability of each person near it, and of nobody.
//!
//! A hidden Markov model in continuous time. The hidden state is the carrier; it changes seldom (a hand-over, a bag put
//! down), so probabilities forget themselves slowly. What is seen speaks for a person whose body the bag is at and who
//! moves as it does. Evidence counts by the time over which it was seen, not by frames: successive frames show the same
//! thing, so somebody who only crosses has no time to convince.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Track, TrackState};
use crate::event::Carrier;
use crate::ids::TrackId;
use crate::time::MediaTime;

/// Parameters of [`Carriers`]. Lengths are heights of the person.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierSettings {
    /// Time over which what is seen counts as one independent look, seconds.
    pub look_s: f64,
    /// A carrier is forgotten within this time unless he is seen to carry on, seconds.
    pub forget_s: f64,
    /// Standard deviation of a carried bag's distance from its carrier's body, heights.
    pub distance: f64,
    /// Standard deviation of the difference of their velocities, heights per second.
    pub velocity: f64,
    /// How unlikely a carrier must look, in squared standard deviations, until nobody is the likelier one.
    pub nobody: f64,
    /// People whose body is further from the bag than this are no candidates, heights.
    pub reach: f64,
    /// Most candidates of a bag; the least likely go first.
    pub candidates_max: usize,
    /// Candidates below this probability are not told of.
    pub told_min: f64,
}

impl Default for CarrierSettings {
    fn default() -> Self {
        Self {
            look_s: 0.5,
            forget_s: 20.0,
            distance: 0.15,
            velocity: 0.2,
            nobody: 4.0,
            reach: 1.0,
            candidates_max: 8,
            told_min: 0.05,
        }
    }
}

/// The carriers of one camera's bags. Bounded by the tracker's bound of tracks and the most candidates of each.
#[derive(Debug, Clone)]
pub struct Carriers {
    settings: CarrierSettings,
    at: Option<MediaTime>,
    bags: BTreeMap<TrackId, Vec<Carrier>>,
}

impl Carriers {
    /// Without bags.
    #[must_use]
    pub fn new(settings: CarrierSettings) -> Self {
        Self { settings, at: None, bags: BTreeMap::new() }
    }

    /// Takes in all live tracks as they are at `at`, ascending id.
    pub fn step(&mut self, at: MediaTime, tracks: &[Track]) {
        let dt = self.at.replace(at).map_or(0.0, |last| at.since(last)).max(0.0);
        let alive = |id: TrackId| tracks.binary_search_by_key(&id, |t| t.id).is_ok();
        self.bags.retain(|bag, _| alive(*bag));
        let s = self.settings;
        for bag in tracks.iter().filter(|t| t.class.is_bag() && t.matched) {
            let candidates = self.bags.entry(bag.id).or_default();
            let first_look = candidates.is_empty();
            candidates.retain(|c| alive(c.track));
            candidates.iter_mut().for_each(|c| c.probability *= (-dt / s.forget_s).exp());
            for person in tracks.iter().filter(|t| !t.class.is_bag() && t.state != TrackState::Tentative) {
                let known = candidates.iter().any(|c| c.track == person.id);
                if !known && (s.distance_of(bag, person) <= s.reach) {
                    candidates.push(Carrier { track: person.id, probability: 0.0 });
                }
            }
            let looks = if first_look { 1.0 } else { dt / s.look_s };
            s.weigh(bag, tracks, looks, candidates);
        }
    }

    /// The likely carriers of a bag, likeliest first.
    #[must_use]
    pub fn of(&self, bag: TrackId) -> Vec<Carrier> {
        let candidates = self.bags.get(&bag).map_or(&[][..], Vec::as_slice);
        candidates.iter().filter(|c| c.probability >= self.settings.told_min).copied().collect()
    }
}

impl CarrierSettings {
    /// Bayes' rule over the candidates and nobody, who share what is not known evenly.
    fn weigh(&self, bag: &Track, tracks: &[Track], looks: f64, candidates: &mut Vec<Carrier>) {
        let unknown = 1.0 - candidates.iter().map(|c| c.probability).sum::<f64>();
        // Before anything is known all are alike; later, whoever comes near begins with what was forgotten of the others.
        let share = unknown.max(0.0) / (candidates.len() + 1) as f64;
        let likelihood = |squares: f64| (-0.5 * squares * looks).exp();
        let mut total = share * likelihood(self.nobody);
        for candidate in candidates.iter_mut() {
            let person = tracks.binary_search_by_key(&candidate.track, |t| t.id).ok().map(|i| &tracks[i]);
            // Nothing is seen of a hidden person, neither for nor against.
            let squares = person.filter(|p| p.matched).map_or(self.nobody, |p| self.misfit(bag, p));
            candidate.probability = (candidate.probability + share) * likelihood(squares);
            total += candidate.probability;
        }
        // `total` may underflow after a long gap: then nobody is known to carry it.
        candidates.iter_mut().for_each(|c| c.probability = if total > 0.0 { c.probability / total } else { 0.0 });
        candidates.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.track.cmp(&b.track)));
        candidates.truncate(self.candidates_max);
    }

    /// How badly a bag fits to a carrier, squared standard deviations.
    fn misfit(&self, bag: &Track, person: &Track) -> f64 {
        let ((bx, by), (px, py)) = (bag.velocity, person.velocity);
        let velocity = (bx - px).hypot(by - py) / person.bbox.h;
        (self.distance_of(bag, person) / self.distance).powi(2) + (velocity / self.velocity).powi(2)
    }

    /// From the bag's centre to the part of the person's box where bags are carried, its lower four fifths; heights.
    fn distance_of(&self, bag: &Track, person: &Track) -> f64 {
        let ((x, y), b) = (bag.bbox.centre(), &person.bbox);
        let outside = |v: f64, low: f64, high: f64| (low - v).max(v - high).max(0.0);
        outside(x, b.x, b.right()).hypot(outside(y, b.y + 0.2 * b.h, b.bottom())) / b.h
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{BBox, ObjectClass};

    fn track(id: u64, class: ObjectClass, x: f64, velocity: f64) -> Track {
        let (y, w, h) = if class.is_bag() { (160.0, 30.0, 30.0) } else { (100.0, 40.0, 100.0) };
        Track {
            id: TrackId(id),
            class,
            bbox: BBox { x: x - w / 2.0, y, w, h },
            score: 0.9,
            state: TrackState::Confirmed,
            matched: true,
            first_seen: MediaTime(0),
            last_seen: MediaTime(0),
            matches: 9,
            velocity: (velocity, 0.0),
            appearance: None,
        }
    }

    /// Where the bag (1) and two people (2 and 3) are at a time, each with its speed, pixels and pixels per second.
    type Scene = fn(f64) -> [(f64, f64); 3];

    /// Walks together to the right, and the other is far away.
    fn together(t: f64) -> [(f64, f64); 3] {
        [(100.0 * t + 25.0, 100.0), (100.0 * t, 100.0), (900.0, 0.0)]
    }

    /// The other comes towards the two and passes them at 3 s.
    fn crossing(t: f64) -> [(f64, f64); 3] {
        [together(t)[0], together(t)[1], (600.0 - 100.0 * t, -100.0)]
    }

    /// The other stands where the two pass at 3 s.
    fn passing(t: f64) -> [(f64, f64); 3] {
        [together(t)[0], together(t)[1], (300.0, 0.0)]
    }

    /// At 3 s the other takes the bag back to where he came from.
    fn handing_over(t: f64) -> [(f64, f64); 3] {
        let other = 600.0 - 100.0 * if t < 3.0 { t } else { 6.0 - t };
        let speed = if t < 3.0 { -100.0 } else { 100.0 };
        let first = if t < 3.0 { (100.0 * t, 100.0) } else { (300.0, 0.0) };
        [if t < 3.0 { (first.0 + 10.0, 100.0) } else { (other - 10.0, 100.0) }, first, (other, speed)]
    }

    /// At 3 s the bag is put down, and its carrier walks on.
    fn putting_down(t: f64) -> [(f64, f64); 3] {
        let bag = if t < 3.0 { together(t)[0] } else { (325.0, 0.0) };
        [bag, together(t)[1], (900.0, 0.0)]
    }

    /// The likeliest carrier at each tenth of a second, 0 for nobody.
    fn told(scene: Scene, fps: u32) -> Vec<(f64, u64)> {
        let mut carriers = Carriers::new(CarrierSettings::default());
        (0..6 * fps)
            .map(|frame| {
                let t = f64::from(frame) / f64::from(fps);
                let [bag, first, second] = scene(t);
                let person = |id, (x, v)| track(id, ObjectClass::Person, x, v);
                let tracks = [track(1, ObjectClass::Suitcase, bag.0, bag.1), person(2, first), person(3, second)];
                carriers.step(MediaTime::from_seconds(t), &tracks);
                let likely = carriers.of(TrackId(1));
                let sum: f64 = likely.iter().map(|c| c.probability).sum();
                assert!(sum <= 1.0 + 1e-9 && likely.iter().all(|c| c.probability >= 0.05), "{likely:?}");
                (t, likely.first().filter(|c| c.probability > 0.5).map_or(0, |c| c.track.0))
            })
            .collect()
    }

    #[test]
    fn a_carrier_is_known_soon_and_kept_until_something_speaks_against_him() {
        // Scene; who it is before 3 s; who it is later, and from when on.
        let rows: [(&str, Scene, u64, u64, f64); 5] = [
            ("walking together", together, 2, 2, 3.0),
            ("somebody crosses", crossing, 2, 2, 3.0),
            ("somebody stands in the way", passing, 2, 2, 3.0),
            ("handed over", handing_over, 2, 3, 5.0),
            ("put down", putting_down, 2, 0, 5.0),
        ];
        for (name, scene, before, after, from) in rows {
            for fps in [5, 25] {
                for (t, who) in told(scene, fps) {
                    if (1.0..3.0).contains(&t) {
                        assert_eq!(who, before, "{name} at {t} s, {fps} fps");
                    } else if t >= from {
                        assert_eq!(who, after, "{name} at {t} s, {fps} fps");
                    }
                }
            }
        }
    }

    #[test]
    fn candidates_are_bounded_and_go_with_their_tracks() {
        let mut carriers = Carriers::new(CarrierSettings::default());
        let mut crowd = vec![track(1, ObjectClass::Handbag, 100.0, 0.0)];
        crowd.extend((2..30).map(|id| track(id, ObjectClass::Person, 100.0 + id as f64, 0.0)));
        carriers.step(MediaTime(0), &crowd);
        assert_eq!(carriers.bags[&TrackId(1)].len(), carriers.settings.candidates_max);
        carriers.step(MediaTime::from_seconds(0.1), &crowd[..1]);
        assert_eq!(carriers.of(TrackId(1)), [], "nobody is left");
        carriers.step(MediaTime::from_seconds(0.2), &[]);
        assert!(carriers.bags.is_empty());
    }
}
