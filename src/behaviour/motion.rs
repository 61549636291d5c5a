//! Who moves how: smoothed paths that outlive a missed detection, a box that jumps for a frame, and a broken track id.
//!
//! A path is smoothed by a fading-memory filter of the first degree (Morrison, *Introduction to Sequential Smoothing and
//! Prediction*, 1969; Brookner, *Tracking and Kalman Filtering Made Easy*, section 1.2.6): with `f = exp(-dt / memory)` the
//! place takes `1 - f^2` and the velocity `(1 - f)^2 / dt` of what the new sighting differs from the prediction. A
//! sighting too far away to be reached is not taken in; when such sightings go on, it is somebody else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plane::{Place, Plane};
use crate::appearance::Appearance;
use crate::frame::{BBox, ObjectClass};
use crate::geometry::length;
use crate::ids::TrackId;
use crate::tracking::Track;

/// Parameters of the paths.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MotionSettings {
    /// Memory of the smoothing, seconds; longer where places are known badly.
    pub memory_s: f64,
    /// A sighting farther than this from where it should be is not taken in, metres ...
    pub gate_m: f64,
    /// ... and more by this for each second since the last sighting, metres a second.
    pub gate_speed_mps: f64,
    /// Sightings out of reach for longer than this are somebody else, seconds.
    pub strange_s: f64,
    /// A path without sightings ends after this, seconds.
    pub absent_s: f64,
    /// A new track that begins where a path has just lost its own, within this distance, metres ...
    pub rejoin_m: f64,
    /// ... and not later than this, goes on with that path, seconds.
    pub rejoin_s: f64,
    /// A new track waits for this long until it is decided whose path it goes on with, seconds.
    pub wait_s: f64,
    /// A bag at rest is kept for this long without being seen, seconds: people stand before it.
    pub resting_s: f64,
    /// A bag that is farther than the gate but nearer than this, and stays there, was handed on, metres.
    pub bag_jump_m: f64,
    /// How unlike in height the two may be, as a ratio less one.
    pub rejoin_height: f64,
    /// Nothing is said of anybody seen for less than this, seconds ...
    pub probation_s: f64,
    /// ... or less often than this.
    pub probation_sightings: u32,
    /// Nothing is said of speeds and ways where the standard deviation of a place is more than this, metres.
    pub noise_max_m: f64,
}

impl Default for MotionSettings {
    fn default() -> Self {
        Self {
            memory_s: 0.4,
            gate_m: 1.2,
            gate_speed_mps: 2.0,
            strange_s: 0.6,
            absent_s: 4.0,
            rejoin_m: 0.9,
            rejoin_s: 1.5,
            wait_s: 0.35,
            resting_s: 20.0,
            bag_jump_m: 2.5,
            rejoin_height: 0.35,
            probation_s: 0.7,
            probation_sightings: 4,
            noise_max_m: 0.6,
        }
    }
}

impl MotionSettings {
    /// How far a sighting may be from where it should be, metres, `unseen_s` after the last one.
    fn gate(&self, noise_m: f64, unseen_s: f64) -> f64 {
        self.gate_m + 4.0 * noise_m + self.gate_speed_mps * unseen_s
    }
}

/// Somebody or something that moves.
#[derive(Debug, Clone, PartialEq)]
pub struct Mover {
    /// Unique within a camera's run, ascending; outlives a broken track id.
    pub key: u64,
    /// The tracker's id now.
    pub track: TrackId,
    /// What it is.
    pub class: ObjectClass,
    /// The newest box, pixels.
    pub bbox: BBox,
    /// Smoothed place, units of the plane.
    pub at: (f64, f64),
    /// Smoothed velocity, units of the plane a second.
    pub velocity: (f64, f64),
    /// Metres of a unit of the plane.
    pub scale: f64,
    /// Standard deviation of a single sighting's place, metres.
    pub noise_m: f64,
    /// Where it was first seen, units of the plane.
    pub origin: (f64, f64),
    /// Smoothed width and height of the box, pixels.
    pub sides: (f64, f64),
    /// Smoothed middle of the box, pixels ...
    pub centre: (f64, f64),
    /// ... and its velocity, pixels a second.
    pub drift: (f64, f64),
    /// What it looks like, where that was asked for.
    pub appearance: Option<Appearance>,
    /// When it was first seen, seconds ...
    pub born: f64,
    /// ... and when last.
    pub seen: f64,
    /// How often it was seen.
    pub sightings: u32,
    /// Whether it was seen in this frame.
    pub fresh: bool,
    strange_since: Option<f64>,
}

impl Mover {
    /// Speed, metres a second.
    #[must_use]
    pub fn speed(&self) -> f64 {
        length(self.velocity.0, self.velocity.1) * self.scale
    }

    /// Distance to a point of the plane, metres.
    #[must_use]
    pub fn distance_to(&self, p: (f64, f64)) -> f64 {
        length(self.at.0 - p.0, self.at.1 - p.1) * self.scale
    }

    /// Distance to another, metres.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f64 {
        length(self.at.0 - other.at.0, self.at.1 - other.at.1) * (self.scale + other.scale) / 2.0
    }

    /// Whether it is well enough known for anything to be said of it.
    #[must_use]
    pub fn is_known(&self, settings: &MotionSettings) -> bool {
        self.seen - self.born >= settings.probation_s && self.sightings >= settings.probation_sightings
    }

    /// Whether this is `ended` again: it looks alike and appeared where and when that path ended.
    #[must_use]
    pub fn goes_on_with(&self, ended: &Self) -> bool {
        self.class == ended.class
            && self.key != ended.key
            && self.born >= ended.seen - 0.5
            && ended.distance_to(self.origin) < GOES_ON_M
            && looks_alike(self.appearance.as_ref(), ended.appearance.as_ref())
    }

    /// How long it may go unseen, seconds: `usual`, or longer for a bag at rest.
    fn patience(&self, usual: f64, settings: &MotionSettings) -> f64 {
        let rests = self.class.is_bag() && self.speed() < RESTING_MPS;
        if rests { settings.resting_s.max(usual) } else { usual }
    }

    fn predicted(&self, at: f64) -> (f64, f64) {
        // Nobody goes on for long as they were seen last.
        let ahead = (at - self.seen).clamp(0.0, 1.0);
        (self.at.0 + self.velocity.0 * ahead, self.at.1 + self.velocity.1 * ahead)
    }

    /// How far a sighting is from where it should be, metres.
    fn surprise(&self, at: f64, place: &Place) -> f64 {
        let p = self.predicted(at);
        length(place.at.0 - p.0, place.at.1 - p.1) * place.scale
    }

    fn gate(&self, at: f64, settings: &MotionSettings) -> f64 {
        settings.gate(self.noise_m, at - self.seen)
    }

    /// Takes a sighting in.
    fn see(&mut self, at: f64, track: &Track, place: &Place, settings: &MotionSettings) {
        let dt = (at - self.seen).max(1e-3);
        let memory = settings.memory_s + self.noise_m.min(1.0);
        let fade = (-dt / memory).exp();
        let p = (self.at.0 + self.velocity.0 * dt.min(1.0), self.at.1 + self.velocity.1 * dt.min(1.0));
        let off = (place.at.0 - p.0, place.at.1 - p.1);
        // A young path has no memory yet: its first sightings are averaged, and its velocity is not to be believed.
        let share = (1.0 - fade * fade).max(1.0 / f64::from(self.sightings + 1));
        let push = (1.0 - fade) * (1.0 - fade) / dt;
        self.at = (p.0 + off.0 * share, p.1 + off.1 * share);
        self.velocity = (self.velocity.0 + off.0 * push, self.velocity.1 + off.1 * push);
        let centre = track.bbox.centre();
        let moved = (self.centre.0 + self.drift.0 * dt.min(1.0), self.centre.1 + self.drift.1 * dt.min(1.0));
        let off = (centre.0 - moved.0, centre.1 - moved.1);
        self.centre = (moved.0 + off.0 * share, moved.1 + off.1 * share);
        self.drift = (self.drift.0 + off.0 * push, self.drift.1 + off.1 * push);
        self.sides.0 += (track.bbox.w - self.sides.0) * (1.0 - fade);
        self.sides.1 += (track.bbox.h - self.sides.1) * (1.0 - fade);
        (self.track, self.bbox) = (track.id, track.bbox);
        (self.scale, self.noise_m) = (place.scale, place.noise_m);
        (self.seen, self.fresh, self.strange_since) = (at, true, None);
        // A vector is long; once a path begins and now and then after is enough.
        if self.appearance.is_none() || self.sightings.is_multiple_of(APPEARANCE_EVERY) {
            self.appearance.clone_from(&track.appearance);
        }
        self.sightings += 1;
    }
}

/// A bag slower than this is at rest, metres a second.
const RESTING_MPS: f64 = 0.4;
/// Nearer than this a path may go on with another, metres.
const GOES_ON_M: f64 = 2.5;
/// Cosine of two appearances that may be of one person.
const ALIKE_MIN: f64 = 0.5;

/// Whether two may be one person, as far as is known.
fn looks_alike(one: Option<&Appearance>, other: Option<&Appearance>) -> bool {
    match (one, other) {
        (Some(a), Some(b)) => a.cosine(b).is_none_or(|cosine| cosine >= ALIKE_MIN),
        _ => true,
    }
}

/// After how many sightings a path's appearance is taken from its track again.
const APPEARANCE_EVERY: u32 = 16;

/// Everybody in view or just out of it. Bounded by the tracker's bound on tracks and by the time of absence.
#[derive(Debug, Clone, Default)]
pub struct Movers {
    /// By ascending key.
    pub all: Vec<Mover>,
    /// Whose path ended in this frame.
    pub ended: Vec<Mover>,
    by_track: BTreeMap<TrackId, usize>,
    /// New tracks that are nobody's yet.
    waiting: BTreeMap<TrackId, Stranger>,
    next_key: u64,
}

/// A new track: a path's whose own track broke, or the beginning of another. Which, is decided when the tracks that were only missed for a frame
/// have come back.
#[derive(Debug, Clone, Copy)]
struct Stranger {
    since: f64,
    place: Place,
    /// The last sighting in reach of the one before.
    last: (f64, Place),
    /// Whether there was one: a lone sighting may be a box that jumped.
    confirmed: bool,
}

impl Stranger {
    fn new(at: f64, place: Place) -> Self {
        Self { since: at, place, last: (at, place), confirmed: false }
    }

    /// Takes a sighting in; says whether it is in reach of the last one. Where none ever was, it is the first.
    fn see(&mut self, at: f64, place: &Place, settings: &MotionSettings) -> bool {
        let (seen, last) = &self.last;
        let off = length(place.at.0 - last.at.0, place.at.1 - last.at.1) * place.scale;
        let fits = off <= settings.gate(place.noise_m, at - seen);
        if fits {
            (self.last, self.confirmed) = ((at, *place), self.confirmed || at > *seen);
        } else if !self.confirmed && at > *seen {
            *self = Self::new(at, *place);
        }
        fits
    }
}

/// A new track that waits for longer was lost while it waited, seconds.
const WAITS_MAX_S: f64 = 5.0;

/// Most paths at once; beyond it new ones are not begun, and counted.
const MOVERS_MAX: usize = 2_048;

impl Movers {
    /// Takes in the tracks of a frame; returns how many could not be followed.
    pub fn step(&mut self, at: f64, tracks: &[Track], plane: &Plane, settings: &MotionSettings) -> u64 {
        self.forget(at, settings);
        let mut strangers = Vec::new();
        for track in tracks.iter().filter(|t| t.matched && (t.class == ObjectClass::Person || t.class.is_bag())) {
            let Some(place) = plane.place(track.class, &track.bbox) else { continue };
            match self.by_track.get(&track.id).copied() {
                Some(i) => self.known(i, at, track, &place, settings),
                None => strangers.push((track, place)),
            }
        }
        self.waiting.retain(|id, stranger| at - stranger.since <= WAITS_MAX_S && !self.by_track.contains_key(id));
        let mut dropped = 0;
        for (track, place) in strangers {
            let first = self.waiting.entry(track.id).or_insert(Stranger::new(at, place));
            if !first.see(at, &place, settings) || at - first.since < settings.wait_s {
                continue;
            }
            let first = *first;
            self.waiting.remove(&track.id);
            match self.rejoined(&first, track, settings) {
                Some(i) => {
                    self.by_track.retain(|_, owner| *owner != i);
                    self.by_track.insert(track.id, i);
                    self.all[i].see(at, track, &place, settings);
                }
                None if self.all.len() >= MOVERS_MAX => dropped += 1,
                None => self.begin(&first, at, track, &place),
            }
        }
        dropped
    }

    /// Ends all paths.
    pub fn finish(&mut self) {
        self.by_track.clear();
        self.ended.clear();
        self.ended.append(&mut self.all);
    }

    /// Whether somebody who looks alike appeared where and when a path ended: it was lost, not over.
    #[must_use]
    pub fn goes_on(&self, ended: &Mover) -> bool {
        self.all.iter().any(|m| m.goes_on_with(ended))
    }

    fn forget(&mut self, at: f64, settings: &MotionSettings) {
        self.ended.clear();
        let gone = |m: &Mover| {
            // A bag gets the time to show that it was handed on.
            let strange_s = if m.class.is_bag() { 2.0 * settings.strange_s } else { settings.strange_s };
            let patience = m.patience(settings.absent_s, settings);
            at - m.seen > patience || m.strange_since.is_some_and(|s| at - s > strange_s)
        };
        if self.all.iter().any(gone) {
            self.ended.extend(self.all.iter().filter(|m| gone(m)).cloned());
            self.all.retain(|m| !gone(m));
            self.by_track = self.all.iter().enumerate().map(|(i, m)| (m.track, i)).collect();
        }
        for mover in &mut self.all {
            mover.fresh = false;
        }
    }

    fn known(&mut self, i: usize, at: f64, track: &Track, place: &Place, settings: &MotionSettings) {
        let mover = &mut self.all[i];
        if mover.fresh {
            // A second box under the same id; the first one in reach was taken.
            return;
        }
        let surprise = mover.surprise(at, place);
        if surprise > mover.gate(at, settings) {
            let since = *mover.strange_since.get_or_insert(at);
            if !mover.class.is_bag() || surprise > settings.bag_jump_m || at - since < settings.strange_s {
                return;
            }
            (mover.at, mover.velocity) = (place.at, (0.0, 0.0));
            (mover.centre, mover.drift) = (track.bbox.centre(), (0.0, 0.0));
        }
        mover.see(at, track, place, settings);
    }

    /// Whose path a new track goes on with: the nearest of those that were not seen since it appeared.
    /// Bags begin anew: which one it is, the ledger knows better, for it knows who has them.
    fn rejoined(&self, first: &Stranger, track: &Track, settings: &MotionSettings) -> Option<usize> {
        if track.class.is_bag() {
            return None;
        }
        let lies = track.bbox.w > track.bbox.h;
        let surprise = |m: &Mover| m.surprise(first.since, &first.place);
        let fits = |m: &&(usize, &Mover)| {
            let ratio = track.bbox.h / m.1.sides.1;
            let high = 1.0 + settings.rejoin_height;
            // Who falls is no longer as high as before.
            let alike = (1.0 / high..high).contains(&ratio) || (lies && ratio < 1.0);
            let gap = first.since - m.1.seen;
            let reach = settings.rejoin_m + 2.0 * first.place.noise_m + gap.min(settings.rejoin_s);
            let recent = (0.0..=m.1.patience(settings.rejoin_s, settings)).contains(&gap);
            let similar = looks_alike(m.1.appearance.as_ref(), track.appearance.as_ref());
            recent && m.1.class == track.class && alike && similar && surprise(m.1) < reach
        };
        let near = |a: &(usize, &Mover), b: &(usize, &Mover)| surprise(a.1).total_cmp(&surprise(b.1));
        self.all.iter().enumerate().filter(|m| fits(&m)).min_by(near).map(|(i, _)| i)
    }

    fn begin(&mut self, first: &Stranger, at: f64, track: &Track, place: &Place) {
        self.next_key += 1;
        self.by_track.insert(track.id, self.all.len());
        self.all.push(Mover {
            key: self.next_key,
            track: track.id,
            class: track.class,
            bbox: track.bbox,
            at: place.at,
            velocity: (0.0, 0.0),
            scale: place.scale,
            noise_m: place.noise_m,
            origin: first.place.at,
            sides: (track.bbox.w, track.bbox.h),
            centre: track.bbox.centre(),
            drift: (0.0, 0.0),
            appearance: track.appearance.clone(),
            born: first.since,
            seen: at,
            sightings: 1,
            fresh: true,
            strange_since: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::BBox;
    use crate::time::MediaTime;

    /// A suitcase that lies, or for a frame seems to lie somewhere else.
    fn suitcase(jumps: bool) -> Track {
        let x = if jumps { 900.0 } else { 100.0 };
        let bbox = BBox { x, y: 300.0, w: 50.0, h: 65.0 };
        Track::confirmed(TrackId(7), ObjectClass::Suitcase, bbox, 0.9, MediaTime(0))
    }

    #[test]
    fn a_box_that_jumps_for_a_frame_begins_no_path() {
        let (plane, settings) = (Plane::new(None, (1280.0, 720.0)), MotionSettings::default());
        for jump in 0..10 {
            for twice in [false, true] {
                let mut movers = Movers::default();
                for frame in 0..12 {
                    let mut tracks = vec![suitcase(frame == jump)];
                    if twice {
                        tracks.insert(0, suitcase(false));
                    }
                    movers.step(f64::from(frame) / 10.0, &tracks, &plane, &settings);
                }
                let [path] = &movers.all[..] else { panic!("{jump}: {:?}", movers.all) };
                assert_eq!((path.origin, path.at), ((125.0, 365.0), (125.0, 365.0)), "frame {jump}, {twice}");
                assert!(path.born <= 0.25, "frame {jump}, {twice}: begins at {} s", path.born);
            }
        }
    }

    #[test]
    fn who_runs_begins_a_path_where_they_were_first_seen() {
        let (plane, settings) = (Plane::new(None, (1280.0, 720.0)), MotionSettings::default());
        for fps in [2.0, 5.0, 25.0] {
            let mut movers = Movers::default();
            for frame in 0..(2.0 * fps) as u32 {
                let at = f64::from(frame) / fps;
                let mut track = Track { class: ObjectClass::Person, ..suitcase(false) };
                // 170 pixels are 1.7 m: 3.6 m/s.
                track.bbox = BBox { x: 100.0 + 360.0 * at, y: 300.0, w: 60.0, h: 170.0 };
                movers.step(at, &[track], &plane, &settings);
            }
            let [path] = &movers.all[..] else { panic!("{fps}: {:?}", movers.all) };
            assert_eq!((path.origin, path.born), ((130.0, 470.0), 0.0), "{fps} fps");
        }
    }
}
