//! The tracker itself: one step per frame.

use std::cmp::Ordering;

use crate::appearance::Appearance;
use crate::frame::BBox;
use crate::time::MediaTime;

use super::assignment::{Assignment, Edge};
use super::belief::{Belief, References};
use super::gallery::Answer;
use super::grid::Grid;
use super::kalman::{Motion, Noise, StepTransition};
use super::matching::{Stage, collect_pairs, collect_recoveries, collect_resized, consult_appearance};
use super::stillness::Stillness;
use super::tuning::Tuning;
use super::upkeep::Forgotten;
use super::view::View;
use super::{Detection, Foot, Track, TrackState, TrackerSettings};

/// What a step left behind.
#[derive(Debug)]
pub struct Step<'a> {
    /// All live tracks, ascending id.
    pub tracks: &'a [Track],
    /// Tracks that ended in this step and had been confirmed, ascending id.
    pub ended: &'a [Track],
    /// Detections and births beyond the bounds, and detections that are no box, in this step.
    pub dropped: u64,
}

/// What only the tracker needs to know of a track; same place as the track.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    /// Filter, predicted to the time of the step.
    pub(super) motion: Motion,
    /// Filter after the last match.
    pub(super) seen: Motion,
    /// Whether it went unmatched in the last step.
    pub(super) missed: bool,
    pub(super) belief: Belief,
    pub(super) stillness: Stillness,
    /// Centre velocity averaged over a longer time than the filter's, pixels per second.
    pub(super) drift: (f64, f64),
    /// Of the last match, in standard deviations.
    pub(super) surprise: [f64; 2],
    /// When the appearance was last mixed in.
    pub(super) looked_at: Option<MediaTime>,
}

/// "No track" among a detection's owners.
pub(super) const FREE: u32 = u32::MAX;

/// Buffers that keep their memory from step to step.
#[derive(Debug, Clone, Default)]
pub(super) struct Work {
    pub(super) detections: Vec<Detection>,
    /// How much each detection's score counts for its pairs.
    pub(super) weights: Vec<f64>,
    /// Place of the track that took each detection, or [`FREE`].
    pub(super) owner: Vec<u32>,
    /// What is known of each detection's appearance.
    pub(super) answers: Vec<Answer>,
    /// How often appearance was asked for in this step.
    pub(super) questions: u32,
    /// Places of the tracks of a stage.
    pub(super) rows: Vec<u32>,
    pub(super) edges: Vec<Edge>,
    pub(super) ambiguous: Vec<bool>,
    pub(super) best: Vec<(f64, f64)>,
    pub(super) grid: Grid,
    /// Where those are believed to be who were not found.
    pub(super) hidden: Vec<BBox>,
    pub(super) forgotten: Forgotten,
    solver: Assignment,
}

/// Tracks of one camera. A state machine: it owns no clock and no thread; time comes with the detections.
#[derive(Debug, Clone)]
pub struct Tracker {
    pub(super) settings: TrackerSettings,
    /// As learnt so far.
    pub(super) noise: Noise,
    pub(super) next_id: u64,
    at: Option<MediaTime>,
    pub(super) tracks: Vec<Track>,
    /// In the order of the tracks.
    pub(super) memories: Vec<Memory>,
    pub(super) ended: Vec<Track>,
    pub(super) references: References,
    pub(super) tuning: Tuning,
    /// What of the picture detections were seen in so far.
    pub(super) view: View,
    pub(super) work: Work,
}

impl Tracker {
    /// Without tracks; the first id is 1.
    #[must_use]
    pub fn new(settings: TrackerSettings) -> Self {
        Self {
            settings,
            noise: Tuning::default().noise(&settings),
            next_id: 1,
            at: None,
            tracks: Vec::new(),
            memories: Vec::new(),
            ended: Vec::new(),
            references: References::default(),
            tuning: Tuning::default(),
            view: View::default(),
            work: Work::default(),
        }
    }

    /// Takes in the detections of the frame at `at`, which must not be earlier than the last one (a clock that steps
    /// back counts as standing still). The order of the detections does not matter. `appearance_of` is asked only
    /// where geometry cannot decide; `None` means that there is no answer.
    pub fn step(
        &mut self,
        at: MediaTime,
        detections: &[Detection],
        appearance_of: &mut dyn FnMut(&BBox) -> Option<Appearance>,
    ) -> Step<'_> {
        let mut dropped = self.take_in(detections);
        self.predict(at);
        for stage in Stage::all(&self.settings) {
            self.associate(stage, at, appearance_of);
        }
        self.resize(at);
        self.recover(at, appearance_of);
        self.refresh_galleries(at, appearance_of);
        self.age(at);
        self.set_fixtures_apart(at);
        dropped += self.give_birth(at);
        Step { tracks: &self.tracks, ended: &self.ended, dropped }
    }

    /// Moves all tracks to the time of a frame on which no detector was run; nothing counts as missed.
    pub fn coast(&mut self, at: MediaTime) -> Step<'_> {
        self.ended.clear();
        self.predict(at);
        Step { tracks: &self.tracks, ended: &self.ended, dropped: 0 }
    }

    /// The live tracks, each with the standard deviation of its centre in box heights.
    pub fn places(&self) -> impl Iterator<Item = (&Track, f64)> {
        self.tracks.iter().zip(self.memories.iter().map(|m| m.motion.uncertainty()))
    }

    /// The live tracks, ascending id, each with its foot point.
    pub fn feet(&self) -> impl Iterator<Item = (&Track, Foot)> {
        self.tracks.iter().zip(self.memories.iter().map(|m| m.motion.foot()))
    }

    /// The detections of the last step, as far as they were looked at.
    #[must_use]
    pub fn detections(&self) -> &[Detection] {
        &self.work.detections
    }

    /// Ends all tracks and returns those that were confirmed, ascending id. Ids go on where they were.
    pub fn finish(&mut self) -> Vec<Track> {
        self.memories.clear();
        self.ended.clear();
        self.at = None;
        self.tracks.drain(..).filter(|t| t.state.is_told()).collect()
    }

    /// Copies the detections into a canonical order, so that the caller's order cannot matter.
    fn take_in(&mut self, detections: &[Detection]) -> u64 {
        self.ended.clear();
        let (work, low) = (&mut self.work, self.settings.score_low);
        work.detections.clear();
        work.detections.extend(detections.iter().filter(|d| d.bbox.is_valid() && d.score >= low));
        let mut dropped = detections.iter().filter(|d| !d.bbox.is_valid() || d.score.is_nan()).count();
        work.detections.sort_unstable_by(canonical);
        let (mut class, mut kept) = (None, 0);
        work.detections.retain(|d| {
            if class != Some(d.class) {
                (class, kept) = (Some(d.class), 0);
            }
            kept += 1;
            let keep = kept <= self.settings.detections_max;
            dropped += usize::from(!keep);
            keep
        });
        for d in &work.detections {
            self.view.widen(&d.bbox);
        }
        work.weights.clear();
        work.weights.extend(work.detections.iter().map(|d| f64::from(d.score).powf(self.settings.score_weight)));
        work.owner.clear();
        work.owner.resize(work.detections.len(), FREE);
        work.answers.clear();
        work.answers.resize_with(work.detections.len(), Answer::default);
        work.questions = 0;
        work.grid.build(work.detections.iter().map(|d| d.bbox));
        dropped as u64
    }

    fn predict(&mut self, at: MediaTime) {
        let dt = self.at.map_or(0.0, |last| at.since(last)).max(0.0);
        self.at = Some(at);
        self.noise = self.tuning.noise(&self.settings);
        let step = StepTransition::over(dt, self.settings.speed_tau_s, self.settings.growth_tau_s);
        for (track, memory) in self.tracks.iter_mut().zip(&mut self.memories) {
            if track.state == TrackState::Fixture && memory.missed {
                memory.motion = memory.seen; // It is where it was.
            } else {
                memory.motion.predict(&step, &self.noise);
            }
            track.bbox = memory.motion.bbox();
            track.velocity = memory.motion.velocity();
            track.matched = false;
        }
    }

    fn associate(&mut self, stage: Stage, at: MediaTime, ask: &mut dyn FnMut(&BBox) -> Option<Appearance>) {
        let s = self.settings;
        if !collect_pairs(&s, &stage, &self.tracks, &self.memories, &mut self.work) {
            return;
        }
        if self.work.edges.len() > 1 {
            consult_appearance(&s, &self.tracks, &mut self.work, ask);
        }
        for edge in &mut self.work.edges {
            edge.cost += stage.similarity_min;
        }
        self.work.edges.retain(|e| e.cost < 0.0);
        self.take_pairs(at, false);
    }

    /// Tracks whose box has changed its size at once.
    fn resize(&mut self, at: MediaTime) {
        collect_resized(&self.settings, &self.tracks, &self.memories, &mut self.work);
        self.take_pairs(at, true);
    }

    /// Long-lost tracks that look like a detection nobody took.
    fn recover(&mut self, at: MediaTime, ask: &mut dyn FnMut(&BBox) -> Option<Appearance>) {
        let gap_of = |t: &Track| at.since(t.last_seen);
        let score_min = |class| self.references.birth(class, &self.settings);
        collect_recoveries(&self.settings, score_min, gap_of, &self.tracks, &self.memories, &mut self.work, ask);
        self.take_pairs(at, false);
    }

    /// Solves the listed pairs and updates the tracks that got a detection; if `resized`, boxes may have jumped.
    fn take_pairs(&mut self, at: MediaTime, resized: bool) {
        let work = &mut self.work;
        work.solver.solve(work.rows.len(), work.detections.len(), &work.edges);
        for row in 0..self.work.rows.len() {
            if let Some(j) = self.work.solver.mate_of_row(row) {
                let i = self.work.rows[row];
                self.work.owner[j] = i;
                let detection = self.work.detections[j];
                if resized {
                    self.memories[i as usize].motion.doubt(&detection.bbox);
                }
                self.update(i as usize, &detection, at);
            }
        }
    }
}

/// By class, falling score, then place: an order in which equal neighbours are equal in everything.
fn canonical(a: &Detection, b: &Detection) -> Ordering {
    let (p, q) = (&a.bbox, &b.bbox);
    let by_place = || [(p.x, q.x), (p.y, q.y), (p.w, q.w), (p.h, q.h)].map(|(a, b)| a.total_cmp(&b));
    let first = |orders: [Ordering; 4]| orders.into_iter().find(|o| o.is_ne()).unwrap_or(Ordering::Equal);
    a.class.cmp(&b.class).then(b.score.total_cmp(&a.score)).then_with(|| first(by_place()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::frame::ObjectClass;
    use crate::ids::TrackId;

    fn detection(x: f64, y: f64, score: f32, class: ObjectClass) -> Detection {
        Detection { bbox: BBox { x, y, w: 40.0, h: 100.0 }, score, class }
    }

    fn person(x: f64) -> Detection {
        detection(x, 50.0, 0.9, ObjectClass::Person)
    }

    fn step<'a>(tracker: &'a mut Tracker, seconds: f64, detections: &[Detection]) -> Step<'a> {
        tracker.step(MediaTime::from_seconds(seconds), detections, &mut |_| None)
    }

    /// Three people: one walks right, one walks left across his way, one stands and is hidden from 2.0 s to 2.6 s.
    fn hall(t: f64) -> Vec<Detection> {
        let mut all = vec![
            detection(100.0 + 60.0 * t, 50.0, 0.95, ObjectClass::Person),
            detection(500.0 - 60.0 * t, 150.0, 0.9, ObjectClass::Person),
        ];
        if !(2.0..2.6).contains(&t) {
            all.push(detection(700.0, 80.0, 0.85, ObjectClass::Person));
        }
        all
    }

    fn visible_ids(tracker: &mut Tracker, fps: u32, seconds: u32) -> Vec<Vec<u64>> {
        (0..fps * seconds)
            .map(|frame| {
                let t = f64::from(frame) / f64::from(fps);
                let shown = step(tracker, t, &hall(t)).tracks.iter().filter(|t| t.state == TrackState::Confirmed);
                shown.map(|t| t.id.0).collect()
            })
            .collect()
    }

    #[test]
    fn every_frame_rate_sees_the_same_people() {
        for fps in [4, 5, 10, 15, 25, 30, 60] {
            let mut tracker = Tracker::new(TrackerSettings::default());
            let shown = visible_ids(&mut tracker, fps, 6);
            // Probation and a second of life are over; nobody is hidden.
            for (frame, ids) in shown.iter().enumerate() {
                let t = frame as f64 / f64::from(fps);
                if (1.0..2.0).contains(&t) || t > 3.2 {
                    assert_eq!(ids, &[1, 2, 3], "{fps} fps at {t} s");
                }
            }
        }
    }

    #[test]
    fn a_hidden_person_is_lost_then_found_then_ended() {
        let mut tracker = Tracker::new(TrackerSettings::default());
        for frame in 0..20 {
            step(&mut tracker, f64::from(frame) * 0.1, &[person(100.0)]);
        }
        let hidden = step(&mut tracker, 2.9, &[]);
        assert_eq!(hidden.tracks[0].state, TrackState::Lost);
        let back = step(&mut tracker, 3.0, &[person(102.0)]);
        assert_eq!((back.tracks[0].id, back.tracks[0].state), (TrackId(1), TrackState::Confirmed));
        let long_after = 3.0 + tracker.settings.lost_s + 0.1;
        let gone = step(&mut tracker, long_after, &[]);
        assert_eq!((gone.tracks.len(), gone.ended.len(), gone.ended[0].id), (0, 1, TrackId(1)));
    }

    #[test]
    fn classes_never_mix() {
        let mut tracker = Tracker::new(TrackerSettings::default());
        for frame in 0..20 {
            let class = if frame < 10 { ObjectClass::Person } else { ObjectClass::Suitcase };
            step(&mut tracker, f64::from(frame) * 0.1, &[detection(100.0, 50.0, 0.9, class)]);
        }
        let classes: Vec<_> = tracker.tracks.iter().map(|t| (t.id.0, t.class, t.state)).collect();
        assert!(classes.contains(&(2, ObjectClass::Suitcase, TrackState::Confirmed)), "{classes:?}");
        assert!(!classes.iter().any(|c| c.0 == 1 && c.2 == TrackState::Confirmed), "{classes:?}");
    }

    #[test]
    fn a_lone_weak_flicker_is_never_shown() {
        let mut tracker = Tracker::new(TrackerSettings::default());
        for frame in 0..60 {
            let mut seen = vec![person(100.0)];
            if frame % 10 == 0 {
                seen.push(detection(400.0 + f64::from(frame), 50.0, 0.3, ObjectClass::Person));
            }
            let shown = step(&mut tracker, f64::from(frame) / 25.0, &seen);
            assert!(shown.tracks.iter().all(|t| t.state != TrackState::Confirmed || t.id.0 == 1));
        }
    }

    #[test]
    fn bounds_hold_and_are_counted() {
        let settings = TrackerSettings { tracks_max: 3, detections_max: 5, ..TrackerSettings::default() };
        let mut tracker = Tracker::new(settings);
        let crowd: Vec<_> = (0..8).map(|i| person(f64::from(i) * 100.0)).collect();
        let first = step(&mut tracker, 0.0, &crowd);
        assert_eq!((first.tracks.len(), first.dropped), (3, 3 + 2));
        let broken = Detection { bbox: BBox { x: f64::NAN, y: 0.0, w: 1.0, h: 1.0 }, ..person(0.0) };
        assert_eq!(step(&mut tracker, 0.1, &[broken, person(0.0)]).dropped, 1);
    }

    #[test]
    fn finish_ends_everyone_and_ids_go_on() {
        let mut tracker = Tracker::new(TrackerSettings::default());
        visible_ids(&mut tracker, 10, 1);
        assert_eq!(tracker.finish().iter().map(|t| t.id.0).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(step(&mut tracker, 0.0, &[person(0.0)]).tracks[0].id, TrackId(4));
    }

    #[test]
    fn appearance_is_asked_only_where_it_matters() {
        let mut tracker = Tracker::new(TrackerSettings::default());
        let mut questions = 0;
        for frame in 0..50 {
            let t = f64::from(frame) / 25.0;
            tracker.step(MediaTime::from_seconds(t), &[person(100.0), person(400.0)], &mut |_| {
                questions += 1;
                Appearance::normalised(&[1.0, 2.0], 1.0)
            });
        }
        // Two people far apart for two seconds: only their galleries are kept fresh.
        let refreshes = (2.0 / tracker.settings.appearance_refresh_s).ceil() as usize + 1;
        assert!(questions > 0 && questions <= 2 * refreshes, "{questions} questions");
        assert!(tracker.tracks.iter().all(|t| t.appearance.is_some()));
    }

    /// A person of whom the box is cut by a third from one step to the next keeps one track, whose box follows.
    #[test]
    fn who_is_half_hidden_at_once_is_still_the_same() {
        let seen = |frame: i32, h: f64| Detection {
            bbox: BBox { x: 100.0 + f64::from(frame), y: 150.0 - h, w: 34.0, h },
            ..person(0.0)
        };
        let mut tracker = Tracker::new(TrackerSettings::default());
        for frame in 0..40 {
            step(&mut tracker, f64::from(frame) * 0.04, &[seen(frame, 100.0)]);
        }
        for frame in 40..60 {
            step(&mut tracker, f64::from(frame) * 0.04, &[seen(frame, 64.0)]);
            assert_eq!(tracker.tracks.iter().map(|t| t.id.0).collect::<Vec<_>>(), [1], "frame {frame}");
        }
        assert!(tracker.tracks[0].bbox.h < 70.0, "{:?}", tracker.tracks[0].bbox);
    }

    /// One stands, another walks past before him; for a second one box is seen, the stander's, and the looks of the other.
    #[test]
    fn who_passes_before_another_leaves_no_mark_on_his_gallery() {
        let mut tracker = Tracker::new(TrackerSettings::default());
        let own = Appearance::normalised(&[0.0, 1.0], 1.0).unwrap();
        for frame in 0..60 {
            let t = f64::from(frame) * 0.1;
            let walker = 100.0 + 60.0 * t;
            let merged = (walker - 300.0).abs() < 30.0;
            let seen = if merged { vec![person(300.0)] } else { vec![person(walker), person(300.0)] };
            let looks = |b: &BBox| if merged || b.x != 300.0 { [1.0, 0.0] } else { [0.0, 1.0] };
            let at = MediaTime::from_seconds(t);
            tracker.step(at, &seen, &mut |b| Appearance::normalised(&looks(b), 1.0));
            let stander = tracker.tracks.iter().find(|t| t.id == TrackId(2)).and_then(|t| t.appearance.as_ref());
            assert!(stander.is_none_or(|gallery| gallery.cosine(&own) > Some(0.99)), "{t} s: {stander:?}");
        }
        assert_eq!(tracker.tracks.iter().map(|t| t.bbox.x.round()).collect::<Vec<_>>(), [454.0, 300.0]);
    }

    fn frames() -> impl Strategy<Value = Vec<Vec<Detection>>> {
        let class = prop::sample::select(vec![ObjectClass::Person, ObjectClass::Suitcase]);
        // Coarse numbers, so that ties happen.
        let one = (0u32..30, 0u32..10, 1u32..10, class).prop_map(|(x, y, score, class)| {
            detection(f64::from(x) * 20.0, f64::from(y) * 30.0, score as f32 / 10.0, class)
        });
        prop::collection::vec(prop::collection::vec(one, 0..25), 1..25)
    }

    fn history(frames: &[Vec<Detection>], rotate: usize) -> Vec<Vec<Track>> {
        let mut tracker = Tracker::new(TrackerSettings::default());
        let mut run = Vec::new();
        for (i, frame) in frames.iter().enumerate() {
            let mut shuffled = frame.clone();
            if !shuffled.is_empty() {
                let by = rotate % shuffled.len();
                shuffled.rotate_left(by);
                shuffled[by..].reverse();
            }
            let mut ask = |b: &BBox| Appearance::normalised(&[b.x as f32, 1.0], 1.0);
            run.push(tracker.step(MediaTime::from_seconds(i as f64 * 0.1), &shuffled, &mut ask).tracks.to_vec());
        }
        run
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_order_of_detections_does_not_matter(frames in frames(), rotate in 1usize..20) {
            prop_assert_eq!(history(&frames, 0), history(&frames, rotate));
        }

        #[test]
        fn ids_ascend_and_are_never_given_twice(frames in frames()) {
            let run = history(&frames, 0);
            prop_assert_eq!(&run, &history(&frames, 0));
            let mut youngest = 0;
            let mut alive: Vec<u64> = Vec::new();
            for tracks in run {
                let ids: Vec<u64> = tracks.iter().map(|t| t.id.0).collect();
                prop_assert!(ids.is_sorted_by(|a, b| a < b));
                prop_assert!(ids.iter().all(|id| alive.contains(id) || *id > youngest), "{ids:?} after {alive:?}");
                prop_assert!(tracks.iter().all(|t| t.bbox.is_valid()));
                youngest = youngest.max(ids.last().copied().unwrap_or(0));
                alive = ids;
            }
        }
    }
}
