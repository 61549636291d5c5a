//! Plays a scenario: the frames of all cameras in the order of time.

use super::camera::Pinhole;
use super::detector::{Detector, Observation};
use super::hall::{Body, Hall, Held, Presence, TICK_S};
use super::plan::{ScenarioError, plans};
use super::scenario::{Point, Scenario};
use super::sight::{Sighting, Surroundings};
use super::truth::Truth;
use crate::geometry::Homography;
use crate::time::MediaTime;

/// One frame of one camera.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Which camera, of [`Scenario::cameras`].
    pub camera: usize,
    /// Number of the frame, from 1.
    pub sequence: u64,
    /// When, from the start of the scenario.
    pub at: MediaTime,
    /// What a detector and a tracker make of it.
    pub observations: Vec<Observation>,
    /// What is there, the nearest first.
    pub seen: Vec<Sighting>,
}

/// A scenario being played. The same scenario and seed give the same frames, byte for byte; the truth depends on neither
/// the seed nor the cameras.
#[derive(Debug, Clone)]
pub struct World {
    duration_s: f64,
    surroundings: Surroundings,
    cameras: Vec<Recorder>,
    before: (Vec<Body>, Vec<Held>),
    hall: Hall,
    finished: bool,
}

#[derive(Debug, Clone)]
struct Recorder {
    pinhole: Pinhole,
    fps: f64,
    frames: u64,
    detector: Detector,
}

impl Recorder {
    fn next_s(&self) -> f64 {
        self.frames as f64 / self.fps
    }
}

impl World {
    /// The scenario at its beginning.
    ///
    /// # Errors
    /// [`ScenarioError`] when it cannot be played.
    pub fn new(scenario: &Scenario, seed: u64) -> Result<Self, ScenarioError> {
        let hall = Hall::new(scenario, plans(scenario)?);
        let recorder = |(i, camera): (usize, &super::Camera)| {
            let pinhole = Pinhole::new(camera)?;
            let (people, bags) = (scenario.people.len(), scenario.bags.len());
            let detector = Detector::new(scenario.noise, pinhole.size, people, bags, (seed, i as u64));
            Some(Recorder { pinhole, fps: camera.fps, frames: 0, detector })
        };
        Ok(Self {
            duration_s: scenario.duration_s,
            surroundings: Surroundings::of(scenario),
            cameras: scenario.cameras.iter().enumerate().filter_map(recorder).collect(),
            before: (hall.bodies.clone(), hall.bags.clone()),
            hall,
            finished: false,
        })
    }

    /// The exact map of a camera from pixels to floor metres.
    #[must_use]
    pub fn floor_map(&self, camera: usize) -> Option<Homography> {
        self.cameras.get(camera)?.pinhole.to_floor()
    }

    /// Where somebody is on the floor now, metres. `None` while they are not in the hall.
    #[must_use]
    pub fn position(&self, person: usize) -> Option<Point> {
        let body = self.hall.bodies.get(person)?;
        (body.presence == Presence::Here).then_some(body.at)
    }

    /// What has happened so far; complete once [`World::next`] has returned `None`.
    #[must_use]
    pub fn truth(&self) -> &Truth {
        &self.hall.truth
    }

    fn tick_until(&mut self, at: f64) {
        while self.hall.now < at {
            self.before.0.clone_from(&self.hall.bodies);
            self.before.1.clone_from(&self.hall.bags);
            self.hall.step();
        }
    }

    /// Everybody at `at`, which lies between the last two ticks.
    fn between(&self, at: f64) -> (Vec<Body>, &[Held]) {
        let share = ((self.hall.now - at) / TICK_S).clamp(0.0, 1.0);
        let mix = |new: f64, old: f64| new + (old - new) * share;
        let bodies = self.hall.bodies.iter().zip(&self.before.0).map(|(new, old)| Body {
            at: (mix(new.at.0, old.at.0), mix(new.at.1, old.at.1)),
            lying: mix(new.lying, old.lying),
            ..*new
        });
        // A bag is where it was until the tick is over.
        let bags = if share > 0.0 { &self.before.1 } else { &self.hall.bags };
        (bodies.collect(), bags)
    }
}

impl Iterator for World {
    type Item = View;

    /// The next frame of any camera, by time and then by the order of the cameras.
    fn next(&mut self) -> Option<View> {
        let first = |a: &(usize, f64), b: &(usize, f64)| a.1.total_cmp(&b.1);
        let next = self.cameras.iter().map(Recorder::next_s).enumerate().min_by(first);
        let Some((camera, at)) = next.filter(|(_, at)| *at <= self.duration_s) else {
            self.tick_until(self.duration_s);
            if !std::mem::replace(&mut self.finished, true) {
                self.hall.finish(self.duration_s);
            }
            return None;
        };
        self.tick_until(at);
        let (bodies, bags) = self.between(at);
        let seen = self.surroundings.sightings(&self.cameras[camera].pinhole, &bodies, bags);
        let recorder = &mut self.cameras[camera];
        recorder.frames += 1;
        let observations = recorder.detector.observe(at, &seen);
        Some(View { camera, sequence: recorder.frames, at: MediaTime::from_seconds(at), observations, seen })
    }
}
