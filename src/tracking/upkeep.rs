//! What a match, a miss and a detection without a track mean for the tracks.

use crate::appearance::Appearance;
use crate::frame::{BBox, ObjectClass};
use crate::ids::TrackId;
use crate::time::MediaTime;

use super::belief::{Belief, log_odds};
use super::gallery;
use super::kalman::{Motion, Noise, StepTransition};
use super::stillness::Stillness;
use super::tracker::{FREE, Memory, Tracker, Work};
use super::{Detection, Track, TrackState, TrackerSettings};

impl Tracker {
    /// Takes a detection into a track.
    pub(super) fn update(&mut self, i: usize, detection: &Detection, at: MediaTime) {
        let s = &self.settings;
        let (track, memory) = (&mut self.tracks[i], &mut self.memories[i]);
        let gap = at.since(track.last_seen);
        if gap > s.reupdate_after_s && track.state != TrackState::Tentative {
            reestimate(memory, detection, gap, s, &self.noise);
        }
        let weakness = 1.0 + s.noise_weak * (1.0 - f64::from(detection.score)).clamp(0.0, 1.0);
        let surprise = memory.motion.update(&detection.bbox, &self.noise, weakness);
        if track.matches >= s.probation_matches && gap <= s.reupdate_after_s {
            self.tuning.learn(surprise, memory.surprise, gap, s);
        }
        memory.surprise = surprise;
        let forgotten = self.work.forgotten.over(gap, s);
        let certainty = log_odds(detection.score);
        memory.learn_drift(gap, track.matches, forgotten.drift);
        memory.seen = memory.motion;
        memory.belief.add(certainty, forgotten.belief);
        track.bbox = memory.motion.bbox().towards(&detection.bbox, s.output_raw);
        track.velocity = memory.motion.velocity();
        track.score = detection.score;
        track.matched = true;
        track.last_seen = at;
        track.matches += 1;
        memory.stillness.add(at, &memory.motion.bbox(), certainty, s);
        // Bags and faces are at rest as a rule; a person who is, and stays so, teaches no longer what a person is.
        let young = at.since(track.first_seen) < s.still_s;
        let is_proven = track.class != ObjectClass::Person || young || memory.stillness.moved();
        if track.matches > s.probation_matches && is_proven {
            self.references.add(track.class, certainty);
        }
        let (belief, needed) = (memory.belief.value, self.references.needed(track.class, s));
        let served = at.since(track.first_seen) >= s.probation_s && track.matches >= s.probation_matches;
        track.state = match track.state {
            TrackState::Tentative if belief >= self.references.sure(track.class, s) || (served && belief >= needed) => {
                TrackState::Confirmed
            }
            TrackState::Tentative => TrackState::Tentative,
            TrackState::Fixture if !memory.stillness.moved() => TrackState::Fixture,
            _ if belief >= needed - s.belief_slack => TrackState::Confirmed,
            _ => TrackState::Lost,
        };
    }

    /// Mixes what was learnt into the galleries, and asks for the appearance of well seen tracks now and then.
    pub(super) fn refresh_galleries(&mut self, at: MediaTime, ask: &mut dyn FnMut(&BBox) -> Option<Appearance>) {
        let s = self.settings;
        self.list_hidden(at);
        for j in 0..self.work.detections.len() {
            let owner = self.work.owner[j];
            if owner == FREE {
                continue;
            }
            let (track, memory) = (&mut self.tracks[owner as usize], &mut self.memories[owner as usize]);
            let due = memory.looked_at.is_none_or(|last| at.since(last) >= s.appearance_refresh_s);
            if track.matches < s.probation_matches || !(due || self.work.answers[j].known().is_some()) {
                continue;
            }
            let work = &mut self.work;
            let d = work.detections[j];
            let Work { grid, detections, hidden, .. } = work;
            let mut covered = hidden.iter().map(|h| h.intersection(&d.bbox)).fold(0.0, f64::max);
            grid.near(&d.bbox, 0.0, |k| {
                if k != j {
                    covered = covered.max(detections[k].bbox.intersection(&d.bbox));
                }
            });
            if covered > s.gallery_cover_max * d.bbox.area() {
                continue;
            }
            work.ask(j, s.appearance_questions_max, ask);
            memory.looked_at = Some(at);
            if let Some(appearance) = work.answers[j].known() {
                gallery::mix(&mut track.appearance, appearance, s.appearance_keep);
            }
        }
    }

    /// Where somebody is believed to be who was found a moment ago and is not now, what is seen may be either of two.
    fn list_hidden(&mut self, at: MediaTime) {
        let limit = self.settings.gallery_hidden_s;
        let hidden = self.tracks.iter().filter(|t| t.state.is_told() && !t.matched && at.since(t.last_seen) <= limit);
        self.work.hidden.clear();
        self.work.hidden.extend(hidden.map(|t| t.bbox));
    }

    /// Unmatched tracks become lost or end.
    pub(super) fn age(&mut self, at: MediaTime) {
        let s = &self.settings;
        let ends = |t: &Track| {
            let limit = match t.state {
                TrackState::Tentative => s.tentative_lost_s,
                TrackState::Confirmed | TrackState::Lost => s.lost_s,
                TrackState::Fixture => s.still_lost_s,
            };
            !t.matched && at.since(t.last_seen) > limit
        };
        let mut kept = 0;
        for i in 0..self.tracks.len() {
            let track = &mut self.tracks[i];
            let memory = &mut self.memories[i];
            let first_miss = !track.matched && !memory.missed;
            memory.missed = !track.matched;
            if first_miss {
                memory.motion.steer(memory.drift, s.drift_weight);
            }
            let coasts = at.since(track.last_seen) <= s.coast_s
                && memory.motion.uncertainty() <= s.coast_uncertainty_max
                && self.view.contains(&track.bbox);
            if !track.matched && track.state == TrackState::Confirmed && !coasts {
                track.state = TrackState::Lost;
            }
            if !ends(track) {
                if kept < i {
                    self.tracks.swap(kept, i);
                    self.memories.swap(kept, i);
                }
                kept += 1;
            }
        }
        self.memories.truncate(kept);
        self.ended.extend(self.tracks.drain(kept..).filter(|t| t.state.is_told()));
        self.ended.sort_unstable_by_key(|t| t.id);
    }

    /// Shown tracks of what turns out to be a thing end; others, not told of, take their places.
    pub(super) fn set_fixtures_apart(&mut self, at: MediaTime) {
        let mut i = 0;
        for _ in 0..self.tracks.len() {
            if !self.is_fixture(i, at) {
                i += 1;
                continue;
            }
            let (track, memory) = (self.tracks.remove(i), self.memories.remove(i));
            let apart =
                Track { id: TrackId(self.next_id), state: TrackState::Fixture, first_seen: at, ..track.clone() };
            self.next_id += 1;
            self.ended.push(track);
            self.tracks.push(apart);
            self.memories.push(memory);
        }
        self.ended.sort_unstable_by_key(|t| t.id);
    }

    fn is_fixture(&self, i: usize, at: MediaTime) -> bool {
        let (track, stillness) = (&self.tracks[i], &self.memories[i].stillness);
        track.state == TrackState::Confirmed
            && track.class == ObjectClass::Person
            && self
                .references
                .known(track.class)
                .is_some_and(|people| stillness.is_fixture(at.since(track.first_seen), people, &self.settings))
    }

    /// Strong detections that nobody took start tracks; returns how many could not for want of room.
    pub(super) fn give_birth(&mut self, at: MediaTime) -> u64 {
        let mut dropped = 0;
        let living = self.tracks.len();
        for j in 0..self.work.detections.len() {
            let d = self.work.detections[j];
            if self.work.owner[j] != FREE || d.score < self.references.birth(d.class, &self.settings) {
                continue;
            }
            let covered = self.tracks[..living].iter().any(|t| {
                t.matched
                    && t.class == d.class
                    && t.bbox.intersection(&d.bbox) > self.settings.birth_cover_max * d.bbox.area()
            });
            if covered {
                continue;
            }
            if self.tracks.len() >= self.settings.tracks_max {
                dropped += 1;
                continue;
            }
            self.begin(&d, at);
        }
        dropped
    }

    fn begin(&mut self, d: &Detection, at: MediaTime) {
        let belief = Belief::new(d.score);
        let sure = belief.value >= self.references.sure(d.class, &self.settings);
        let motion = Motion::at(&d.bbox, &self.noise);
        self.memories.push(Memory {
            motion,
            seen: motion,
            missed: false,
            belief,
            stillness: Stillness::new(&d.bbox, belief.value),
            drift: (0.0, 0.0),
            surprise: [0.0; 2],
            looked_at: None,
        });
        self.tracks.push(Track {
            id: TrackId(self.next_id),
            class: d.class,
            bbox: d.bbox,
            score: d.score,
            state: if sure { TrackState::Confirmed } else { TrackState::Tentative },
            matched: true,
            first_seen: at,
            last_seen: at,
            matches: 1,
            velocity: (0.0, 0.0),
            appearance: None,
        });
        self.next_id += 1;
    }
}

/// The shares of moving averages that are forgotten over a gap. Most tracks of a step have the same gap.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Forgotten {
    gap: f64,
    belief: f64,
    drift: f64,
}

impl Forgotten {
    fn over(&mut self, gap: f64, s: &TrackerSettings) -> Self {
        if gap != self.gap {
            let share = |tau: f64| 1.0 - (-gap / tau).exp();
            *self = Self { gap, belief: share(s.belief_tau_s), drift: share(s.drift_tau_s) };
        }
        *self
    }
}

impl Memory {
    /// After a match that ended `gap` seconds without one, and before it becomes what was seen last.
    /// `forgotten` is the share of the old drift that is no longer known.
    fn learn_drift(&mut self, gap: f64, matches: u32, forgotten: f64) {
        if gap > 0.0 {
            let share = forgotten.max(1.0 / f64::from(matches.max(1)));
            let ((x, y), (x0, y0)) = (self.motion.bbox().centre(), self.seen.bbox().centre());
            self.drift.0 += share * ((x - x0) / gap - self.drift.0);
            self.drift.1 += share * ((y - y0) / gap - self.drift.1);
        }
    }
}

/// Replays the gap with virtual detections on the straight line from the last one to the new one, so that the speed is
/// the one that led here, not the guess that was made while the track was out of sight.
fn reestimate(memory: &mut Memory, detection: &Detection, gap: f64, s: &TrackerSettings, noise: &Noise) {
    let steps = ((gap / s.reupdate_after_s).ceil() as u32).clamp(2, s.reupdate_steps_max.max(2));
    let part = StepTransition::over(gap / f64::from(steps), s.speed_tau_s, s.growth_tau_s);
    let from = memory.seen.bbox();
    memory.motion = memory.seen;
    for step in 1..=steps {
        memory.motion.predict(&part, noise);
        if step < steps {
            let virtual_box = from.towards(&detection.bbox, f64::from(step) / f64::from(steps));
            memory.motion.update(&virtual_box, noise, 1.0);
        }
    }
}
