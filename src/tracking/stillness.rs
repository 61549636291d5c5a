//! What has never moved: furniture, posters and mannequins that a detector takes for people.

use super::TrackerSettings;
use crate::frame::BBox;
use crate::time::MediaTime;

/// What a track has shown since its birth, as long as it has not moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stillness {
    /// Mean centre, pixels.
    centre: (f64, f64),
    /// Mean log-odds. All detections of a thing at rest are of one picture, so none counts for more than another.
    certainty: f64,
    count: f64,
    /// Since when it has been elsewhere.
    away: Option<MediaTime>,
    moved: bool,
}

impl Stillness {
    /// Of a first detection.
    pub(super) fn new(bbox: &BBox, certainty: f64) -> Self {
        Self { centre: bbox.centre(), certainty, count: 1.0, away: None, moved: false }
    }

    /// Takes in where the track is at `at` and how sure the detector was of it. Who passes in front of a thing changes its
    /// box for a moment: only what stays elsewhere has moved.
    pub(super) fn add(&mut self, at: MediaTime, bbox: &BBox, certainty: f64, s: &TrackerSettings) {
        let (from_x, from_y) = self.centre;
        let (x, y) = bbox.centre();
        if (x - from_x).hypot(y - from_y) > s.still_reach * bbox.h {
            let since = *self.away.get_or_insert(at);
            self.moved |= at.since(since) >= s.still_away_s;
            return;
        }
        self.away = None;
        self.count += 1.0;
        self.centre = (from_x + (x - from_x) / self.count, from_y + (y - from_y) / self.count);
        self.certainty += (certainty - self.certainty) / self.count;
    }

    /// Whether the track has ever moved since its birth: people do, before they stand or sit still.
    pub(super) fn moved(&self) -> bool {
        self.moved
    }

    /// Whether it is a thing: it has lived for `age` seconds without moving, and the detector is less sure of it than
    /// of people, of whom it is as sure as `people` (log-odds) or more in one detection of four.
    pub(super) fn is_fixture(&self, age: f64, people: f64, s: &TrackerSettings) -> bool {
        !self.moved && age >= s.still_s && self.certainty < (people - s.still_margin).min(s.still_enough)
    }
}

#[cfg(test)]
mod tests {
    use crate::frame::{BBox, ObjectClass};
    use crate::time::MediaTime;
    use crate::tracking::{Detection, TrackState, Tracker, TrackerSettings};

    fn person(x: f64, score: f32) -> Detection {
        Detection { bbox: BBox { x, y: 50.0, w: 40.0, h: 100.0 }, score, class: ObjectClass::Person }
    }

    /// 20 s at 10 frames a second beside somebody who walks to and fro: the ids of what is at `place` (x, score; `None`
    /// unseen) and shown, and how often each is.
    fn shown(place: impl Fn(f64) -> Option<(f64, f32)>) -> Vec<(u64, usize)> {
        let mut tracker = Tracker::new(TrackerSettings::default());
        let mut found: Vec<(u64, usize)> = Vec::new();
        for frame in 0..200 {
            let t = f64::from(frame) * 0.1;
            let mut seen = vec![person(600.0 + 100.0 * (t / 2.0).sin(), 0.85)];
            seen.extend(place(t).map(|(x, score)| person(x, score)));
            let step = tracker.step(MediaTime::from_seconds(t), &seen, &mut |_| None);
            assert!(step.tracks.is_sorted_by_key(|t| t.id), "{:?}", step.tracks);
            assert!(step.ended.iter().all(|t| t.state == TrackState::Confirmed), "{:?}", step.ended);
            for track in step.tracks.iter().filter(|t| t.state == TrackState::Confirmed && t.bbox.x < 400.0) {
                match found.iter_mut().find(|(id, _)| *id == track.id.0) {
                    Some((_, count)) => *count += 1,
                    None => found.push((track.id.0, 1)),
                }
            }
        }
        found
    }

    #[test]
    fn what_never_moved_and_is_less_like_a_person_is_not_shown_for_long() {
        let rough = |t: f64| 2.0 * (7.0 * t).sin();
        // A tripod: for five seconds and no longer, though it goes unseen for three.
        let tripod = shown(|t| (!(9.0..12.0).contains(&t)).then_some((200.0 + rough(t), 0.6)));
        assert_eq!(tripod.iter().map(|(_, frames)| *frames).collect::<Vec<_>>(), [49]); // All but the first, on probation.
        // Somebody asleep on a bench, half hidden: told of again, as another, once he moves.
        let sleeper = shown(|t| Some((200.0 + rough(t) + 5.0 * (t - 12.0).max(0.0), 0.6)));
        assert_eq!(sleeper.len(), 2, "{sleeper:?}");
        assert!(sleeper[0].1 == 49 && (50..80).contains(&sleeper[1].1), "{sleeper:?}");
    }

    #[test]
    fn people_at_rest_stay_shown() {
        let rough = |t: f64| 2.0 * (7.0 * t).sin();
        let sure = shown(|t| Some((200.0 + rough(t), 0.8)));
        let came = shown(|t| Some((300.0 - 100.0 * t.min(1.0) + rough(t), 0.6)));
        for (name, found) in [("as surely a person as others", sure), ("came and sat down behind a table", came)] {
            assert!(matches!(found[..], [(_, 195..)]), "{name}: {found:?}");
        }
    }
}
