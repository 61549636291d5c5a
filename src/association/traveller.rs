//! Travellers, derived from the links and from what operators decided; never stored.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::associator::{Associator, Identity};
use super::link::{Decision, LinkKind};
use super::memory::{PresenceId, Tracklet};
use super::operator::{DECISIONS_MAX, OperatorFault, TravellerId};
use super::sighting::{FloorFix, TrackKey};
use crate::ids::CameraId;

/// A stretch of time in one view.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Segment {
    /// The track.
    pub track: TrackKey,
    /// Beginning, in seconds from the Unix epoch.
    pub from_s: f64,
    /// End so far.
    pub until_s: f64,
    /// Whether the track has ended.
    pub ended: bool,
    /// The last places on the floor, with their times; empty without a calibration.
    pub path: Vec<(f64, FloorFix)>,
    /// Why it is part of this traveller.
    pub decision: Decision,
}

/// One traveller with everything seen of them that is still remembered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Traveller {
    /// The name.
    pub id: TravellerId,
    /// In the order of their beginning; what lies between two is a gap.
    pub segments: Vec<Segment>,
}

/// Where an operator split a traveller.
enum SplitAt {
    /// Before this presence.
    Presence(PresenceId),
    /// This track was taken out of its presence.
    Track(TrackKey),
}

/// A traveller in one line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TravellerSummary {
    /// The name.
    pub id: TravellerId,
    /// First seen, in seconds from the Unix epoch.
    pub from_s: f64,
    /// Last seen.
    pub until_s: f64,
    /// The track seen last.
    pub last: TrackKey,
    /// Whether they are in some view now.
    pub in_sight: bool,
    /// Whether what is said of them can still change by itself soon.
    pub provisional: bool,
    /// How many tracks.
    pub tracks: usize,
    /// In whose views they were.
    pub cameras: BTreeSet<CameraId>,
}

impl TravellerSummary {
    fn of(id: TravellerId, key: &TrackKey, tracklet: &Tracklet) -> Self {
        Self {
            id,
            from_s: tracklet.first_s,
            until_s: tracklet.last_s,
            last: key.clone(),
            in_sight: false,
            provisional: false,
            tracks: 0,
            cameras: BTreeSet::new(),
        }
    }

    fn add(&mut self, of: &Associator, key: &TrackKey, tracklet: &Tracklet) {
        self.from_s = self.from_s.min(tracklet.first_s);
        if tracklet.last_s >= self.until_s {
            (self.until_s, self.last) = (tracklet.last_s, key.clone());
        }
        self.in_sight |= !tracklet.ended && of.now_s - tracklet.last_s <= of.settings.stale_s;
        self.provisional |= of.is_open(tracklet.presence);
        self.tracks += 1;
        self.cameras.insert(key.camera.clone());
    }
}

/// Hypotheses of one identity that are told.
const TOLD: usize = 5;

impl Associator {
    /// Whose a track is. `None` for a track that is not remembered.
    #[must_use]
    pub fn identity(&self, key: &TrackKey) -> Option<Identity> {
        let tracklet = self.memory.tracklets.get(key)?;
        let chosen = tracklet.decision.chosen();
        let other = tracklet.decision.runner_up();
        let runner_up = other.map(|h| (h.to.map(|to| self.traveller_of(to)), h.probability));
        let decided = self.operators.is_detached(key) || self.operators.is_cut(tracklet.presence);
        Some(Identity {
            traveller: self.traveller_of_track(key, tracklet),
            probability: chosen.map(|h| h.probability).filter(|_| !decided),
            provisional: self.is_open(tracklet.presence),
            runner_up,
            missing: self.missing(tracklet),
        })
    }

    fn missing(&self, tracklet: &Tracklet) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if tracklet.mean.is_none() {
            missing.push("appearance");
        }
        if tracklet.first_place.is_none() {
            missing.push("calibration");
        }
        if !self.topology.has_links() {
            missing.push("topology");
        }
        missing
    }

    pub(super) fn traveller_of_track(&self, key: &TrackKey, tracklet: &Tracklet) -> TravellerId {
        if self.operators.is_detached(key) {
            TravellerId(tracklet.born.0)
        } else {
            self.traveller_of(tracklet.presence)
        }
    }

    /// The first presence of a chain.
    pub(super) fn root(&self, mut id: PresenceId) -> PresenceId {
        loop {
            let Some(presence) = self.memory.presences.get(&id) else { return id };
            if self.operators.is_cut(id) {
                return id;
            }
            match self.link_before(id).filter(|before| *before < id) {
                Some(before) => id = before,
                None => return presence.root.unwrap_or(id),
            }
        }
    }

    /// What a presence continues: confirmed, or proposed while it is open.
    fn link_before(&self, id: PresenceId) -> Option<PresenceId> {
        if self.is_open(id) {
            let (_, head) = self.memory.head(id)?;
            return head.decision.chosen().and_then(|h| h.to).and_then(|to| self.memory.current(to));
        }
        self.memory.presences.get(&id)?.before
    }

    fn traveller_of(&self, id: PresenceId) -> TravellerId {
        let root = self.root(id);
        if self.operators.no_merges() {
            return TravellerId(root.0);
        }
        let group = self.operators.group(root, |id| self.root(id));
        TravellerId(group.first().copied().unwrap_or(root).0)
    }

    /// A traveller's timeline. `None` when nobody of that name is remembered.
    #[must_use]
    pub fn traveller(&self, id: TravellerId) -> Option<Traveller> {
        let mut segments = self.segments(id);
        segments.sort_by(|a, b| a.from_s.total_cmp(&b.from_s).then_with(|| a.track.cmp(&b.track)));
        (!segments.is_empty()).then_some(Traveller { id, segments })
    }

    /// Every traveller remembered, by name.
    #[must_use]
    pub fn travellers(&self) -> BTreeSet<TravellerId> {
        self.memory.tracklets.iter().map(|(key, tracklet)| self.traveller_of_track(key, tracklet)).collect()
    }

    /// Every traveller remembered, with where they were, by name.
    #[must_use]
    pub fn summaries(&self) -> BTreeMap<TravellerId, TravellerSummary> {
        let mut all: BTreeMap<TravellerId, TravellerSummary> = BTreeMap::new();
        for (key, tracklet) in &self.memory.tracklets {
            let id = self.traveller_of_track(key, tracklet);
            all.entry(id).or_insert_with(|| TravellerSummary::of(id, key, tracklet)).add(self, key, tracklet);
        }
        all
    }

    /// One of them. `None` when nobody of that name is remembered.
    #[must_use]
    pub fn summary(&self, id: TravellerId) -> Option<TravellerSummary> {
        let mut found: Option<TravellerSummary> = None;
        for (key, tracklet) in self.tracks_of(id) {
            found.get_or_insert_with(|| TravellerSummary::of(id, key, tracklet)).add(self, key, tracklet);
        }
        found
    }

    /// Which traveller somebody who began with a presence of that number is now; merges and splits change it.
    #[must_use]
    pub fn became(&self, id: TravellerId) -> Option<TravellerId> {
        self.memory.current(PresenceId(id.0)).map(|presence| self.traveller_of(presence))
    }

    fn segments(&self, id: TravellerId) -> Vec<Segment> {
        let mine = self.tracks_of(id).into_iter();
        mine.map(|(key, tracklet)| Segment {
            track: key.clone(),
            from_s: tracklet.first_s,
            until_s: tracklet.last_s,
            ended: tracklet.ended,
            path: tracklet.trail.iter().copied().collect(),
            decision: tracklet.decision.clone(),
        })
        .collect()
    }

    /// Whether two travellers can be said to be one.
    ///
    /// # Errors
    /// [`OperatorFault`].
    pub fn may_merge(&self, a: TravellerId, b: TravellerId) -> Result<(), OperatorFault> {
        let [of_a, of_b] = [a, b].map(|id| self.tracks_of(id));
        for (id, tracks) in [(a, &of_a), (b, &of_b)] {
            if tracks.is_empty() {
                return Err(OperatorFault::Unknown(id));
            }
        }
        if a == b {
            return Err(OperatorFault::Same(a));
        }
        if self.two_places(&of_a, &of_b) {
            return Err(OperatorFault::TwoPlaces(a, b));
        }
        if self.operators.len() >= DECISIONS_MAX && self.split_between(a, b).is_none() {
            return Err(OperatorFault::Full(DECISIONS_MAX));
        }
        Ok(())
    }

    /// Says that two travellers are one. Taken back by [`Associator::split`] at the first track of the later one.
    ///
    /// # Errors
    /// [`OperatorFault`]; nothing is changed then.
    pub fn merge(&mut self, a: TravellerId, b: TravellerId) -> Result<(), OperatorFault> {
        self.may_merge(a, b)?;
        match self.split_between(a, b) {
            Some(SplitAt::Presence(cut)) => self.heal(cut),
            Some(SplitAt::Track(key)) => self.operators.attach(&key),
            None => self.operators.merge(PresenceId(a.0), PresenceId(b.0)),
        }
        self.publish();
        Ok(())
    }

    /// Takes a cut back. Where something else has continued the traveller meanwhile, what was cut off is merged to both.
    fn heal(&mut self, cut: PresenceId) {
        self.operators.heal(cut);
        let before = self.memory.presences.get(&cut).and_then(|presence| presence.before);
        let Some(before) = before.filter(|before| {
            self.memory.presences.get(before).is_some_and(|presence| presence.after.is_some_and(|after| after != cut))
        }) else {
            return;
        };
        self.memory.chain(None, cut);
        self.operators.merge(self.root(before), cut);
    }

    /// The split by which `a` and `b` are two, if there was one.
    fn split_between(&self, a: TravellerId, b: TravellerId) -> Option<SplitAt> {
        let pair = BTreeSet::from([a, b]);
        let cut = self.operators.cuts().find(|cut| {
            let before = self.memory.presences.get(cut).and_then(|presence| presence.before);
            before.is_some_and(|before| BTreeSet::from([self.traveller_of(before), self.traveller_of(*cut)]) == pair)
        });
        let detached = || {
            self.operators.detachments().find(|key| {
                let tracklet = self.memory.tracklets.get(*key);
                tracklet.is_some_and(|t| BTreeSet::from([TravellerId(t.born.0), self.traveller_of(t.presence)]) == pair)
            })
        };
        cut.map(SplitAt::Presence).or_else(|| detached().cloned().map(SplitAt::Track))
    }

    /// Whether it can be said that from `at` on it is another traveller.
    ///
    /// # Errors
    /// [`OperatorFault`].
    pub fn may_split(&self, traveller: TravellerId, at: &TrackKey) -> Result<(), OperatorFault> {
        let no_part = || OperatorFault::NoPart(traveller, at.clone());
        let tracklet = self.memory.tracklets.get(at).ok_or_else(no_part)?;
        if self.traveller_of_track(at, tracklet) != traveller || self.operators.is_detached(at) {
            return Err(no_part());
        }
        let presence = tracklet.presence;
        if self.operators.len() >= DECISIONS_MAX {
            return Err(OperatorFault::Full(DECISIONS_MAX));
        }
        if self.begins(presence, at) && !self.is_joined(presence) && !self.operators.is_merged(presence) {
            return Err(no_part());
        }
        Ok(())
    }

    /// Says that from `at` on it is another traveller: everything joined to that track later goes with it.
    ///
    /// # Errors
    /// [`OperatorFault`]; nothing is changed then.
    pub fn split(&mut self, traveller: TravellerId, at: &TrackKey) -> Result<(), OperatorFault> {
        self.may_split(traveller, at)?;
        let Some(presence) = self.memory.tracklets.get(at).map(|tracklet| tracklet.presence) else { return Ok(()) };
        if !self.begins(presence, at) {
            self.operators.detach(at);
        } else if self.is_joined(presence) {
            self.settle_now(presence);
            self.operators.cut(presence);
        } else {
            self.operators.part(presence);
        }
        self.publish();
        Ok(())
    }

    fn begins(&self, presence: PresenceId, at: &TrackKey) -> bool {
        self.memory.head(presence).is_some_and(|(key, _)| key == at)
    }

    /// Whether a presence continues another one and no operator says otherwise.
    fn is_joined(&self, presence: PresenceId) -> bool {
        self.link_before(presence).is_some() && !self.operators.is_cut(presence)
    }

    /// How a track was decided, for records: none for one that is not remembered.
    #[must_use]
    pub fn decision(&self, key: &TrackKey) -> Option<&Decision> {
        self.memory.tracklets.get(key).map(|tracklet| &tracklet.decision)
    }

    /// The tracks that hypotheses of `key` continue: the last one of each presence, in the hypotheses' order.
    #[must_use]
    pub fn continued_tracks(&self, key: &TrackKey) -> Vec<(Option<TrackKey>, LinkKind, f64)> {
        let hypotheses = self.decision(key).map(|d| d.hypotheses.as_slice()).unwrap_or_default();
        let last = |id: PresenceId| {
            let others = self.memory.parts(self.memory.current(id)?).filter(|(other, _)| *other != key);
            others.max_by(|a, b| a.1.last_s.total_cmp(&b.1.last_s)).map(|(key, _)| key.clone())
        };
        hypotheses.iter().take(TOLD).map(|h| (h.to.and_then(last), h.kind, h.probability)).collect()
    }

    #[cfg(test)]
    pub(super) fn segments_of(&self, id: TravellerId) -> Vec<TrackKey> {
        self.segments(id).into_iter().map(|segment| segment.track).collect()
    }

    #[cfg(test)]
    pub(super) fn born(&self, key: &TrackKey) -> Option<u64> {
        self.memory.tracklets.get(key).map(|tracklet| tracklet.born.0)
    }
}
