//! What is remembered: tracklets, and the presences they make up.
//!
//! A *tracklet* is one track of one camera. A *presence* is one traveller in sight without interruption, in one view or in
//! several that overlap. A traveller is a chain of presences, one after the other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::appearance::{Appearance, AppearanceKind};
use crate::event::Lifecycle;
use crate::ids::CameraId;

use super::link::Decision;
use super::sighting::{FloorFix, Sighting, TrackKey};

/// Floor places kept of one tracklet.
const TRAIL_MAX: usize = 16;
/// Reports after which the mean appearance no longer gains.
const LOOKS_MAX: f32 = 50.0;

/// A presence, numbered in the order of appearance. The number of a traveller is that of its first presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PresenceId(pub u64);

/// Mean of appearance vectors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Look {
    kind: AppearanceKind,
    sum: Vec<f32>,
    weight: f32,
}

impl Look {
    /// Mixes one in by its quality. A vector of another model begins anew.
    pub(super) fn add(&mut self, appearance: &Appearance) {
        if (self.kind, self.sum.len()) != (appearance.kind, appearance.vector.len()) {
            *self = Self { kind: appearance.kind, sum: vec![0.0; appearance.vector.len()], weight: 0.0 };
        }
        let weight = appearance.quality.clamp(0.05, 1.0);
        let keep = if self.weight + weight > LOOKS_MAX { 1.0 - weight / LOOKS_MAX } else { 1.0 };
        for (sum, value) in self.sum.iter_mut().zip(&appearance.vector) {
            *sum = *sum * keep + value * weight;
        }
        self.weight = self.weight * keep + weight;
    }

    /// The mean as a unit vector.
    pub(super) fn mean(&self) -> Option<Appearance> {
        Appearance::normalised(&self.sum, 1.0).map(|mean| mean.of_kind(self.kind))
    }
}

/// One track of one camera.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Tracklet {
    pub(super) presence: PresenceId,
    /// The number of the presence that it was at its beginning, which it is again when taken out of a larger one.
    pub(super) born: PresenceId,
    pub(super) first_s: f64,
    pub(super) last_s: f64,
    pub(super) ended: bool,
    /// How far its camera's clock was taken to be ahead when it began: its times are put right by as much.
    pub(super) ahead_s: f64,
    /// Where it was first, and when.
    pub(super) first_place: Option<(f64, FloorFix)>,
    pub(super) trail: VecDeque<(f64, FloorFix)>,
    look: Look,
    /// Unit mean of the look, kept because it is compared more often than it changes.
    pub(super) mean: Option<Appearance>,
    pub(super) decision: Decision,
    /// Of how many presences from here on it has been learned how alike looks are: of each number once.
    pub(super) taught_depth: usize,
}

impl Tracklet {
    fn update(&mut self, sighting: &Sighting, seen_s: f64) {
        self.last_s = self.last_s.max(seen_s);
        self.ended = matches!(sighting.phase, Lifecycle::End | Lifecycle::Retracted);
        if let Some(fix) = sighting.floor {
            self.first_place.get_or_insert((seen_s, fix));
            if self.trail.len() == TRAIL_MAX {
                self.trail.pop_front();
            }
            self.trail.push_back((seen_s, fix));
        }
        if let Some(appearance) = &sighting.appearance {
            self.look.add(appearance);
            self.mean = self.look.mean();
        }
    }

    /// Whether it has not ended, and was heard of within `stale_s`.
    pub(super) fn in_sight(&self, now_s: f64, stale_s: f64) -> bool {
        !self.ended && now_s - self.last_s <= stale_s
    }

    /// Where it was first.
    pub(super) fn first_fix(&self) -> Option<FloorFix> {
        self.first_place.map(|(_, fix)| fix)
    }

    /// Where it was last.
    pub(super) fn last_fix(&self) -> Option<FloorFix> {
        self.last_place().map(|(_, fix)| fix)
    }

    /// Where it was last, and when.
    pub(super) fn last_place(&self) -> Option<(f64, FloorFix)> {
        self.trail.back().copied()
    }
}

/// The one of some tracklets that was seen last.
pub(super) fn last_seen<'a>(
    tracklets: impl Iterator<Item = (&'a TrackKey, &'a Tracklet)>,
) -> Option<(&'a TrackKey, &'a Tracklet)> {
    tracklets.max_by(|a, b| a.1.last_s.total_cmp(&b.1.last_s).then_with(|| b.0.cmp(a.0)))
}

/// By how much the times of one track are to be moved to compare them with those of another: of one camera they are of one clock,
/// whatever was thought of it when each began.
pub(super) fn shift_s(a: (&TrackKey, &Tracklet), b: (&TrackKey, &Tracklet)) -> f64 {
    if a.0.camera == b.0.camera { a.1.ahead_s - b.1.ahead_s } else { 0.0 }
}

/// For how long two tracks were in sight together; less than nothing where one begins after the end of the other.
pub(super) fn together_s(a: (&TrackKey, &Tracklet), b: (&TrackKey, &Tracklet)) -> f64 {
    let shift_s = shift_s(a, b);
    (a.1.last_s + shift_s).min(b.1.last_s) - (a.1.first_s + shift_s).max(b.1.first_s)
}

/// One traveller in sight without interruption.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Presence {
    /// In the order of their beginning.
    pub(super) tracklets: Vec<TrackKey>,
    pub(super) first_s: f64,
    pub(super) last_s: f64,
    pub(super) before: Option<PresenceId>,
    pub(super) after: Option<PresenceId>,
    /// The traveller's first presence, where it is no longer remembered.
    pub(super) root: Option<PresenceId>,
}

/// Everything remembered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    pub(super) tracklets: BTreeMap<TrackKey, Tracklet>,
    pub(super) presences: BTreeMap<PresenceId, Presence>,
    /// By camera: presences with a tracklet there that may still be continued.
    by_camera: BTreeMap<CameraId, BTreeSet<PresenceId>>,
    /// Presences that turned out to be part of another.
    absorbed: BTreeMap<PresenceId, PresenceId>,
    next: u64,
}

impl Memory {
    /// Takes a report; returns the presence that began with it.
    ///
    /// `seen_s` is on the camera's clock, which is taken to be `ahead_s` ahead.
    pub(super) fn see(&mut self, sighting: &Sighting, seen_s: f64, ahead_s: f64) -> Option<PresenceId> {
        if let Some(tracklet) = self.tracklets.get_mut(&sighting.key) {
            let seen_s = seen_s - tracklet.ahead_s;
            tracklet.update(sighting, seen_s);
            let presence = tracklet.presence;
            if let Some(presence) = self.presences.get_mut(&presence) {
                presence.last_s = presence.last_s.max(seen_s);
            }
            return None;
        }
        self.next += 1;
        let id = PresenceId(self.next);
        let seen_s = seen_s - ahead_s;
        let mut tracklet = Tracklet {
            presence: id,
            born: id,
            first_s: seen_s,
            last_s: seen_s,
            ended: false,
            ahead_s,
            first_place: None,
            trail: VecDeque::new(),
            look: Look::default(),
            mean: None,
            decision: Decision::default(),
            taught_depth: 0,
        };
        tracklet.update(sighting, seen_s);
        self.tracklets.insert(sighting.key.clone(), tracklet);
        let tracklets = vec![sighting.key.clone()];
        let presence = Presence { tracklets, first_s: seen_s, last_s: seen_s, before: None, after: None, root: None };
        self.presences.insert(id, presence);
        self.by_camera.entry(sighting.key.camera.clone()).or_default().insert(id);
        Some(id)
    }

    /// Gives the next presence a number greater than `number`.
    pub(super) fn number_from(&mut self, number: u64) {
        self.next = self.next.max(number);
    }

    /// The tracklets of a presence with their names.
    pub(super) fn parts(&self, id: PresenceId) -> impl Iterator<Item = (&TrackKey, &Tracklet)> {
        let keys = self.presences.get(&id).map(|presence| presence.tracklets.as_slice()).unwrap_or_default();
        keys.iter().filter_map(|key| self.tracklets.get(key).map(|tracklet| (key, tracklet)))
    }

    /// The tracklet with which a presence began.
    pub(super) fn head(&self, id: PresenceId) -> Option<(&TrackKey, &Tracklet)> {
        self.parts(id).next()
    }

    /// The tracklet of a presence that was seen last.
    pub(super) fn tail(&self, id: PresenceId) -> Option<(&TrackKey, &Tracklet)> {
        last_seen(self.parts(id))
    }

    /// Presences that have a tracklet in `camera` and may be continued, in the order of their numbers.
    pub(super) fn at(&self, camera: &CameraId) -> impl Iterator<Item = PresenceId> {
        self.by_camera.get(camera).into_iter().flatten().copied()
    }

    /// Presences that began in view of `camera` since then.
    pub(super) fn begun_at(&self, camera: &CameraId, since_s: f64) -> impl Iterator<Item = PresenceId> {
        let begun = move |id: &PresenceId| {
            let first = self.presences.get(id).is_some_and(|presence| presence.first_s >= since_s);
            first && self.head(*id).is_some_and(|(key, _)| key.camera == *camera)
        };
        self.at(camera).filter(begun)
    }

    /// Every camera with presences that may be continued.
    pub(super) fn cameras(&self) -> impl Iterator<Item = &CameraId> {
        self.by_camera.iter().filter(|(_, presences)| !presences.is_empty()).map(|(camera, _)| camera)
    }

    /// Whether somebody is in sight: not ended, and heard of within `stale_s`.
    pub(super) fn in_sight(&self, id: PresenceId, now_s: f64, stale_s: f64) -> bool {
        self.parts(id).any(|(_, tracklet)| tracklet.in_sight(now_s, stale_s))
    }

    /// Whether a presence may still be continued.
    pub(super) fn is_candidate(&self, id: PresenceId) -> bool {
        let head = self.head(id).and_then(|(key, _)| self.by_camera.get(&key.camera));
        head.is_some_and(|presences| presences.contains(&id))
    }

    /// Takes a presence out of the candidates: nobody can come back from it any more.
    pub(super) fn retire(&mut self, id: PresenceId) {
        let cameras: Vec<CameraId> = self.parts(id).map(|(key, _)| key.camera.clone()).collect();
        for camera in cameras {
            if let Some(presences) = self.by_camera.get_mut(&camera) {
                presences.remove(&id);
            }
        }
    }

    /// Makes the tracklets of `from` part of `into`, which overlaps it.
    pub(super) fn absorb(&mut self, into: PresenceId, from: PresenceId) {
        self.retire(from);
        self.absorbed.insert(from, into);
        let Some(absorbed) = self.presences.remove(&from) else { return };
        if let Some(after) = absorbed.after {
            let free = self.presences.get(&into).is_some_and(|presence| presence.after.is_none());
            self.chain(free.then_some(into), after);
        }
        for key in &absorbed.tracklets {
            if let Some(tracklet) = self.tracklets.get_mut(key) {
                tracklet.presence = into;
            }
            self.by_camera.entry(key.camera.clone()).or_default().insert(into);
        }
        if let Some(presence) = self.presences.get_mut(&into) {
            presence.tracklets.extend(absorbed.tracklets);
            presence.first_s = presence.first_s.min(absorbed.first_s);
            presence.last_s = presence.last_s.max(absorbed.last_s);
        }
    }

    /// Takes a track out of the presence that it has become part of: it is again the one that it was born as.
    pub(super) fn release(&mut self, key: &TrackKey) -> Option<PresenceId> {
        let tracklet = self.tracklets.get_mut(key)?;
        let (from, born) = (tracklet.presence, tracklet.born);
        if from == born {
            return None;
        }
        tracklet.presence = born;
        let (first_s, last_s) = (tracklet.first_s, tracklet.last_s);
        let own = Presence { tracklets: vec![key.clone()], first_s, last_s, before: None, after: None, root: None };
        self.presences.insert(born, own);
        self.by_camera.entry(key.camera.clone()).or_default().insert(born);
        self.absorbed.remove(&born);
        // What had become part of it stays where it is.
        self.absorbed.values_mut().filter(|into| **into == born).for_each(|into| *into = from);
        self.presences.get_mut(&from)?.tracklets.retain(|part| part != key);
        let times = self.parts(from).map(|(_, part)| (part.first_s, part.last_s));
        let (first_s, last_s) = times.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        if !self.parts(from).any(|(part, _)| part.camera == key.camera) {
            self.by_camera.entry(key.camera.clone()).or_default().remove(&from);
        }
        let rest = self.presences.get_mut(&from)?;
        (rest.first_s, rest.last_s) = (first_s, last_s);
        Some(born)
    }

    /// The presence that `id` is, or has become part of. `None` when it is forgotten.
    pub(super) fn current(&self, mut id: PresenceId) -> Option<PresenceId> {
        while let Some(into) = self.absorbed.get(&id) {
            id = *into;
        }
        self.presences.contains_key(&id).then_some(id)
    }

    /// Makes `after` the continuation of `before`; either may be none, which takes a link away.
    pub(super) fn chain(&mut self, before: Option<PresenceId>, after: PresenceId) {
        let old = self.presences.get_mut(&after).and_then(|p| std::mem::replace(&mut p.before, before));
        if let Some(old) = old.and_then(|old| self.presences.get_mut(&old)).filter(|old| old.after == Some(after)) {
            old.after = None;
        }
        if let Some(before) = before.and_then(|before| self.presences.get_mut(&before)) {
            before.after = Some(after);
        }
    }

    /// Drops a presence; its continuation keeps the traveller's number.
    pub(super) fn forget(&mut self, id: PresenceId) {
        self.retire(id);
        let Some(presence) = self.presences.remove(&id) else { return };
        let root = presence.root.unwrap_or(id);
        if let Some(after) = presence.after.and_then(|after| self.presences.get_mut(&after)) {
            after.before = None;
            after.root = Some(root);
        }
        if let Some(before) = presence.before.and_then(|before| self.presences.get_mut(&before)) {
            before.after = None;
        }
        for key in &presence.tracklets {
            if let Some(tracklet) = self.tracklets.remove(key) {
                self.absorbed.remove(&tracklet.born);
            }
        }
    }
}
