//! A hall played and watched: what the centre would get from its cameras.

use std::collections::BTreeMap;

use crate::association::{FloorFix, Sighting, TrackKey};
use crate::event::Lifecycle;
use crate::frame::BBox;
use crate::geometry::Homography;
use crate::ids::{BootId, CameraId, TrackId};
use crate::simulation::{Scenario, ScenarioError, Subject, View, World};
use crate::time::{CaptureTime, micros};

use super::hall_plan::HallPlan;
use super::looks::{LookNoise, Looks, TrackLook};
use super::recording::{Sight, TrackRecording};

/// Error of a foot point in pixels, as a standard deviation: jitter and what people do with their feet.
const FOOT_PX: f64 = 6.0;
/// Frames a second of the cameras.
const FPS: f64 = 1.0;

/// Plays a hall with cameras that report once a second, with appearance vectors as scattered as real ones.
///
/// # Errors
/// [`ScenarioError`] for a plan that cannot be played.
pub fn hall(plan: HallPlan) -> Result<TrackRecording, ScenarioError> {
    let scenario = plan.scenario();
    let world = World::new(&scenario, plan.seed)?;
    let maps: Vec<Option<Homography>> = (0..scenario.cameras.len()).map(|camera| world.floor_map(camera)).collect();
    let ids: Vec<Option<CameraId>> = (0..scenario.cameras.len()).map(HallPlan::camera_id).collect();
    let recording =
        TrackRecording { name: scenario.name.clone(), fps: FPS, topology: plan.topology(), ..Default::default() };
    let mut watch = Watch {
        recording,
        dress: dresses(&scenario),
        live: BTreeMap::new(),
        looks: Looks::with_noise(LookNoise::measured(), plan.seed),
        lost_s: scenario.noise.lost_s,
        maps,
        ids,
    };
    let outages = plan.outages();
    for view in world {
        let at_s = view.at.seconds();
        match outages[view.camera].iter().any(|dark| dark.contains(&at_s)) {
            true => watch.lose(view.camera, at_s),
            false => watch.view(&view),
        }
    }
    let live: Vec<(usize, TrackId)> = watch.live.keys().copied().collect();
    for name in live {
        watch.end(name, scenario.duration_s);
    }
    let mut recording = watch.recording;
    let clocks = plan.clocks();
    for sighting in &mut recording.sightings {
        let ahead = clocks.get(&sighting.key.camera).copied().unwrap_or_default();
        sighting.at.unix_micros += ahead;
        sighting.seen.unix_micros += ahead;
    }
    recording.sightings.sort_by(|a, b| (a.at.unix_micros, &a.key).cmp(&(b.at.unix_micros, &b.key)));
    Ok(recording)
}

/// Who dresses like whom, by number.
fn dresses(scenario: &Scenario) -> Vec<u64> {
    let mut names: BTreeMap<&str, u64> = BTreeMap::new();
    let people = (0_u64..).zip(&scenario.people);
    people
        .map(|(own, person)| person.dress.as_deref().map_or(own, |dress| *names.entry(dress).or_insert(own)))
        .collect()
}

struct Live {
    track: usize,
    key: TrackKey,
    look: TrackLook,
    last_s: f64,
}

struct Watch {
    recording: TrackRecording,
    dress: Vec<u64>,
    live: BTreeMap<(usize, TrackId), Live>,
    looks: Looks,
    lost_s: f64,
    maps: Vec<Option<Homography>>,
    ids: Vec<Option<CameraId>>,
}

impl Watch {
    fn view(&mut self, view: &View) {
        let at_s = view.at.seconds();
        for seen in &view.observations {
            if let Some(Subject::Person(person)) = seen.subject {
                self.report((view.camera, seen.track), person, (view.sequence as u32, at_s), &seen.detection.bbox);
            }
        }
        self.lose(view.camera, at_s);
    }

    /// Ends the tracks of a camera that it has not seen for a while.
    fn lose(&mut self, camera: usize, at_s: f64) {
        let lost = self.live.iter().filter(|((of, _), live)| *of == camera && at_s - live.last_s > self.lost_s);
        let lost: Vec<(usize, TrackId)> = lost.map(|(name, _)| *name).collect();
        for name in lost {
            self.end(name, at_s);
        }
    }

    fn report(&mut self, name: (usize, TrackId), person: usize, (frame, at_s): (u32, f64), bbox: &BBox) {
        let (camera, track_id) = name;
        let Some(id) = self.ids[camera].clone() else { return };
        let known = self.live.contains_key(&name);
        if !known {
            let key = TrackKey { camera: id, boot: BootId(1), track: track_id };
            let look = self.looks.track(self.dress[person]);
            let track = self.recording.tracks.len();
            self.recording.tracks.push((key.clone(), person as u64));
            self.live.insert(name, Live { track, key, look, last_s: at_s });
        }
        let Some(live) = self.live.get_mut(&name) else { return };
        live.last_s = at_s;
        let at = CaptureTime::exact(micros(at_s));
        let phase = if known { Lifecycle::Update } else { Lifecycle::New };
        let appearance = self.looks.report(&mut live.look);
        let floor = self.maps[camera].as_ref().and_then(|map| fix(map, bbox));
        self.recording.sightings.push(Sighting { key: live.key.clone(), at, seen: at, phase, floor, appearance });
        self.recording.sights.push(Sight { camera, frame, track: live.track });
    }

    fn end(&mut self, name: (usize, TrackId), at_s: f64) {
        let Some(live) = self.live.remove(&name) else { return };
        let [at, seen] = [at_s, live.last_s].map(|s| CaptureTime::exact(micros(s)));
        let end = Sighting { key: live.key, at, seen, phase: Lifecycle::End, floor: None, appearance: None };
        self.recording.sightings.push(end);
    }
}

/// The foot of a box on the floor, with the foot's error carried over by the map's derivative. `None` where the foot is below
/// the picture.
fn fix(map: &Homography, bbox: &BBox) -> Option<FloorFix> {
    let (u, v) = bbox.foot();
    if v >= 712.0 {
        return None;
    }
    let (x, y) = map.apply(u, v)?;
    let (right, down) = (map.apply(u + 1.0, v)?, map.apply(u, v + 1.0)?);
    let (a, b) = ((right.0 - x) * FOOT_PX, (down.0 - x) * FOOT_PX);
    let (c, d) = ((right.1 - y) * FOOT_PX, (down.1 - y) * FOOT_PX);
    Some(FloorFix { x, y, covariance: [a * a + b * b, a * c + b * d, c * c + d * d] })
}
