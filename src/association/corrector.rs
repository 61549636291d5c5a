//! Second thoughts: confirmed links weighed again with all that was seen since.

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::ids::CameraId;

use super::associator::Associator;
use super::memory::{Presence, PresenceId};
use super::round::{Rules, Verdict};
use super::sighting::TrackKey;

/// Links weighed again at once. A site that has more of them is gone through camera by camera, a few at a time, so
/// that no new track waits for old ones.
const LINKS_MAX: usize = 200;

/// Cameras whose links wait for their turn.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Corrector {
    waiting: VecDeque<CameraId>,
}

impl Associator {
    /// All links of the last minutes are to be weighed again, and those changed that another explanation beats. A turn that
    /// has not ended goes on instead of beginning anew.
    pub(super) fn correct(&mut self) {
        if !self.is_correcting() {
            self.corrector.waiting = self.memory.cameras().cloned().collect();
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
        let mut rows = BTreeSet::new();
        while let Some(camera) = self.corrector.waiting.front() {
            let begun: Vec<PresenceId> =
                self.memory.begun_at(camera, since).filter(|id| self.may_change(*id)).collect();
            if !rows.is_empty() && rows.len() + begun.len() > LINKS_MAX {
                break;
            }
            rows.extend(begun);
            self.corrector.waiting.pop_front();
        }
        self.correct_rows(&rows);
    }

    fn may_change(&self, id: PresenceId) -> bool {
        !self.open.contains_key(&id) && !self.operators.is_cut(id)
    }

    fn correct_rows(&mut self, rows: &BTreeSet<PresenceId>) {
        let among = |presence: &Presence| {
            presence.after.is_some_and(|after| !rows.contains(&after) && !self.operators.is_cut(after))
        };
        let rules = Rules { taken: &among, reluctance: self.settings.correct_gain, overlaps: false };
        let verdicts = self.scales().round(rows, &rules);
        let changed: Vec<Verdict> = verdicts
            .into_iter()
            .filter(|(id, hypotheses)| {
                let before = self.memory.presences.get(id).and_then(|p| p.before);
                hypotheses.first().is_some_and(|h| h.to != before)
            })
            .collect();
        for (id, _) in &changed {
            self.memory.chain(None, *id);
        }
        let ids: Vec<PresenceId> = changed.iter().map(|(id, _)| *id).collect();
        for (id, hypotheses) in changed {
            let Some(best) = hypotheses.first().copied() else { continue };
            self.counters.corrected += 1;
            if best.to.is_some() {
                self.memory.chain(best.to, id);
            }
            let key = self.memory.head(id).map(|(key, _)| key.clone());
            if let Some(tracklet) = key.and_then(|key| self.memory.tracklets.get_mut(&key)) {
                tracklet.decision.choose(best, self.settings.hypotheses_max);
            }
        }
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
