//! Second thoughts: confirmed links weighed again with all that was seen since, and what they teach counted anew.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::ids::CameraId;

use super::associator::Associator;
use super::link::Decision;
use super::memory::{Presence, PresenceId};
use super::round::{Rules, Verdict};
use super::sighting::TrackKey;

/// Links weighed again at once. A site that has more of them is gone through camera by camera, a few at a time, so
/// that no new track waits for old ones.
const LINKS_MAX: usize = 400;

/// Cameras whose links wait for their turn.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Corrector {
    waiting: VecDeque<CameraId>,
    /// How often all had their turn, each time in another order: what competes for one place is among the same few sooner or later.
    turns: u64,
    /// Up to when those who came into each view have taught for good, seconds.
    taught_s: BTreeMap<CameraId, f64>,
}

impl Associator {
    /// All links of the last minutes are to be weighed again, and those changed that another explanation beats. A turn that
    /// has not ended goes on instead of beginning anew.
    pub(super) fn correct(&mut self) {
        if !self.is_correcting() {
            let mut cameras: Vec<CameraId> = self.memory.cameras().cloned().collect();
            cameras.shuffle(&mut ChaCha8Rng::seed_from_u64(self.corrector.turns));
            self.corrector.waiting = cameras.into();
            self.corrector.turns += 1;
        }
    }

    /// Whether links wait to be weighed again.
    pub(super) fn is_correcting(&self) -> bool {
        !self.corrector.waiting.is_empty()
    }

    /// Weighs the links of the next cameras again.
    pub(super) fn correct_further(&mut self) {
        if !self.is_correcting() {
            return;
        }
        let since = self.now_s - self.settings.correct_s;
        let (mut rows, mut cameras) = (BTreeSet::new(), Vec::new());
        while let Some(camera) = self.corrector.waiting.front() {
            let begun: Vec<PresenceId> =
                self.memory.begun_at(camera, since).filter(|id| self.may_change(*id)).collect();
            if !rows.is_empty() && rows.len() + begun.len() > LINKS_MAX {
                break;
            }
            rows.extend(begun);
            cameras.extend(self.corrector.waiting.pop_front());
        }
        self.correct_rows(&rows);
        cameras.iter().for_each(|camera| self.teach_again(camera, since));
        if !self.is_correcting() {
            self.traffic.recount_kinds(&self.topology);
        }
    }

    /// Counts anew what those have taught who came into view of `camera`: for good before `since_s`, and as weighed now since then.
    fn teach_again(&mut self, camera: &CameraId, since_s: f64) {
        let taught_s = self.corrector.taught_s.insert(camera.clone(), since_s).unwrap_or(f64::NEG_INFINITY);
        let begun: Vec<PresenceId> =
            self.memory.begun_at(camera, taught_s.min(since_s)).filter(|id| !self.open.contains_key(id)).collect();
        let stands = |id: &PresenceId| self.memory.presences.get(id).is_some_and(|presence| presence.first_s < since_s);
        let (standing, rest): (Vec<PresenceId>, Vec<PresenceId>) = begun.into_iter().partition(stands);
        standing.into_iter().for_each(|entry| self.learn_ways(entry, true));
        self.traffic.begin_again(camera, since_s);
        rest.into_iter().for_each(|entry| self.learn_ways(entry, false));
    }

    fn may_change(&self, id: PresenceId) -> bool {
        !self.open.contains_key(&id) && !self.operators.is_cut(id)
    }

    fn correct_rows(&mut self, rows: &BTreeSet<PresenceId>) {
        let among = |presence: &Presence| {
            presence.after.is_some_and(|after| !rows.contains(&after) && !self.operators.is_cut(after))
        };
        let rules = Rules { taken: &among, reluctance: self.settings.correct_gain, overlaps: false, hindsight: true };
        let verdicts = self.scales().round(rows, &rules);
        let before = |id: &PresenceId| self.memory.presences.get(id).and_then(|presence| presence.before);
        let best = |(id, hypotheses): &Verdict| Some((*id, hypotheses.first()?.to));
        let changed: Vec<(PresenceId, Option<PresenceId>)> =
            verdicts.iter().filter_map(best).filter(|(id, to)| *to != before(id)).collect();
        self.counters.corrected += changed.len() as u64;
        changed.iter().for_each(|(id, _)| self.memory.chain(None, *id));
        for (id, to) in changed.iter().filter(|(_, to)| to.is_some()) {
            self.memory.chain(*to, *id);
        }
        for (id, hypotheses) in verdicts {
            let key = self.memory.head(id).map(|(key, _)| key.clone());
            if let Some(tracklet) = key.and_then(|key| self.memory.tracklets.get_mut(&key)) {
                tracklet.decision = Decision { hypotheses };
                tracklet.decision.confirm();
            }
        }
        rows.iter().for_each(|id| self.learn_looks(*id, true));
        let ids: Vec<PresenceId> = changed.into_iter().map(|(id, _)| id).collect();
        self.announce_from(&ids);
    }

    /// Announces whom changed links make somebody else: what begins with `changed`, what continues it, and what is only
    /// proposed to. Where operators joined chains, a change reaches further, and all are looked at.
    pub(super) fn announce_from(&mut self, changed: &[PresenceId]) {
        if changed.is_empty() {
            return;
        }
        if !self.operators.no_merges() {
            return self.publish();
        }
        let mut reached = BTreeSet::new();
        for id in changed.iter().chain(self.open.keys()) {
            let mut next = self.memory.current(*id);
            while let Some(id) = next.filter(|id| reached.insert(*id)) {
                next = self.memory.presences.get(&id).and_then(|presence| presence.after);
            }
        }
        let parts = reached.iter().flat_map(|id| self.memory.parts(*id));
        let tracks: BTreeSet<TrackKey> = parts.map(|(key, _)| key.clone()).collect();
        self.announce(tracks);
    }
}
