//! Plays a scenario through the behaviours and keeps who each finding is about.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::appearance::Appearance;
use crate::behaviour::{Behaviours, Finding, Moment, RuleError, Rules};
use crate::ids::TrackId;
use crate::simulation::{Scenario, ScenarioError, Subject, Truth, View, World};
use crate::tracking::{Detection, Track, TrackState, Tracker, TrackerSettings};

/// Least overlap of a track's box with what it is of.
const OVERLAP_MIN: f64 = 0.3;
/// Length of the made-up appearance vectors.
const APPEARANCE_LENGTH: usize = 32;

/// Who follows people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eyes {
    /// The scenario itself, with its rate of broken ids.
    Scripted,
    /// The tracker, from detections.
    Tracker,
}

/// Why a scenario cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// It cannot be played.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// Its rules cannot be used.
    #[error(transparent)]
    Rules(#[from] RuleError),
}

/// Something told, and of whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// By which camera.
    pub camera: usize,
    /// When, seconds.
    pub at_s: f64,
    /// What.
    pub finding: Finding,
    /// The people that its tracks are of.
    pub people: Vec<usize>,
    /// The bag that it is about.
    pub bag: Option<usize>,
}

/// A scenario that was played.
#[derive(Debug, Clone)]
pub struct Played {
    /// Everything told, in order.
    pub told: Vec<Told>,
    /// What happened.
    pub truth: Truth,
    /// Camera time, hours.
    pub camera_hours: f64,
    /// Faults of one frame that were injected: false boxes, jumps, second boxes under the same id.
    pub faults: usize,
}

/// One camera's thinking.
struct Watcher {
    tracker: Tracker,
    behaviours: Behaviours,
    owners: BTreeMap<TrackId, Subject>,
    size: (f64, f64),
}

/// Plays `scenario` with `seed`. Calibration is the cameras' own, exact.
///
/// # Errors
/// [`PlayError`] when the scenario or the rules cannot be used.
pub fn play(scenario: &Scenario, rules: &Rules, seed: u64, eyes: Eyes) -> Result<Played, PlayError> {
    let mut world = World::new(scenario, seed)?;
    let looks: Vec<Appearance> = scenario.people.iter().enumerate().filter_map(|(i, _)| look(i)).collect();
    let mut watchers = Vec::new();
    for (i, camera) in scenario.cameras.iter().enumerate() {
        let size = (f64::from(camera.size.0), f64::from(camera.size.1));
        let floor = world.floor_map(i).map(|map| map.rows());
        let rules = Rules { floor, ..rules.clone() };
        rules.layout(size)?;
        watchers.push(Watcher {
            tracker: Tracker::new(TrackerSettings::default()),
            behaviours: Behaviours::new(rules),
            owners: BTreeMap::new(),
            size,
        });
    }
    let (mut told, mut faults) = (Vec::new(), 0);
    for view in world.by_ref() {
        faults += view.observations.iter().filter(|o| o.fault).count();
        watchers[view.camera].watch(&view, eyes, &looks, &mut told)?;
    }
    let camera_hours = scenario.duration_s * scenario.cameras.len() as f64 / 3_600.0;
    Ok(Played { told, truth: world.truth().clone(), camera_hours, faults })
}

impl Watcher {
    fn watch(&mut self, view: &View, eyes: Eyes, looks: &[Appearance], all: &mut Vec<Told>) -> Result<(), RuleError> {
        let mut tracks = match eyes {
            Eyes::Scripted => self.scripted(view),
            Eyes::Tracker => self.tracked(view),
        };
        for track in &mut tracks {
            if let Some(Subject::Person(person)) = self.owners.get(&track.id) {
                track.appearance = looks.get(*person).cloned();
            }
        }
        let at = view.at.seconds();
        let moment = Moment { at, unix_micros: (at * 1e6) as i64, size: self.size };
        let mut findings = Vec::new();
        self.behaviours.frame(&moment, &tracks, &mut findings)?;
        all.extend(findings.into_iter().map(|finding| self.told(view.camera, at, finding)));
        Ok(())
    }

    fn scripted(&mut self, view: &View) -> Vec<Track> {
        let track = |id, d: &Detection| Track::confirmed(id, d.class, d.bbox, d.score, view.at);
        for o in &view.observations {
            if let Some(subject) = o.subject {
                self.owners.insert(o.track, subject);
            }
        }
        view.observations.iter().map(|o| track(o.track, &o.detection)).collect()
    }

    fn tracked(&mut self, view: &View) -> Vec<Track> {
        let detections: Vec<Detection> = view.observations.iter().map(|o| o.detection).collect();
        let step = self.tracker.step(view.at, &detections, &mut |_| None);
        let shown: Vec<Track> = step.tracks.iter().filter(|t| t.state == TrackState::Confirmed).cloned().collect();
        for track in &shown {
            let of_kind = view.seen.iter().filter(|s| s.class == track.class);
            let best = of_kind.map(|s| (s.subject, s.bbox.iou(&track.bbox))).max_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((subject, _)) = best.filter(|(_, overlap)| *overlap >= OVERLAP_MIN) {
                self.owners.insert(track.id, subject);
            }
        }
        shown
    }

    fn told(&self, camera: usize, at_s: f64, finding: Finding) -> Told {
        let tracks = std::iter::once(&finding.track).chain(&finding.others);
        let mut people = Vec::new();
        for track in tracks {
            if let Some(Subject::Person(person)) = self.owners.get(track) {
                people.push(*person);
            }
        }
        let bag = finding.bag.and_then(|bag| match self.owners.get(&bag) {
            Some(Subject::Bag(bag)) => Some(*bag),
            _ => None,
        });
        Told { camera, at_s, finding, people, bag }
    }
}

/// What a person of a scenario looks like: a direction of their own.
fn look(person: usize) -> Option<Appearance> {
    let mut rng = ChaCha8Rng::seed_from_u64(person as u64 + 1);
    let raw: Vec<f32> = (0..APPEARANCE_LENGTH).map(|_| rng.random_range(-1.0..1.0)).collect();
    Appearance::normalised(&raw, 1.0)
}
