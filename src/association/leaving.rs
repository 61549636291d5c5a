//! Who has left for good: known only of those who stay away for very long, and probable of many before that.
//!
//! To count only the former would make every view look as if nobody left by it until the longest absence has passed. Of
//! those who are still away, each counts by the probability that they left: the expectation step for times that are
//! censored (A. Dempster, N. Laird and D. Rubin, "Maximum likelihood from incomplete data via the EM algorithm", Journal of the
//! Royal Statistical Society B 39, 1977, section 4.2).

use std::collections::{BTreeMap, BTreeSet};

use super::associator::Associator;
use super::link::{Hypothesis, LinkKind};
use super::memory::PresenceId;
use super::traffic::{Away, Outlook};
use crate::ids::CameraId;

/// Smallest probability that nothing continues somebody from which they count.
const CLAIMED: f64 = 0.01;
/// Less probable ways and continuations are left out.
const COMING_MIN: f64 = 1e-3;

impl Associator {
    /// Counts anew who is away and may have left, and gives up those who can no longer come back: so far as nobody continues
    /// them, they left.
    pub(super) fn count_leaving(&mut self, given_up: &[PresenceId]) {
        let unclaimed = self.unclaimed();
        let share = |id: PresenceId| unclaimed.get(&id).copied().unwrap_or(1.0);
        for id in given_up {
            if let Some((key, tail)) = self.memory.tail(*id) {
                self.traffic.learn_leaving(&self.topology, &key.camera, tail.last_fix().as_ref(), share(*id));
            }
            self.memory.retire(*id);
        }
        let outlook = |camera: &CameraId| (camera.clone(), self.traffic.outlook(&self.topology, camera));
        let outlooks: BTreeMap<CameraId, Outlook> = self.memory.cameras().map(outlook).collect();
        let candidates: BTreeSet<PresenceId> =
            self.memory.cameras().flat_map(|camera| self.memory.at(camera)).collect();
        let mut away = Vec::new();
        for (id, share) in candidates.into_iter().map(|id| (id, share(id))).filter(|(_, share)| *share > CLAIMED) {
            let Some((key, tail)) = self.memory.tail(id) else { continue };
            let Some(outlook) = outlooks.get(&key.camera) else { continue };
            if self.memory.in_sight(id, self.now_s, self.settings.stale_s) {
                continue;
            }
            let prospect = outlook.of(tail.last_fix().as_ref());
            let seconds = self.now_s - tail.last_s;
            let still = prospect.still_away(seconds);
            let probability = |part: f64| share * (part / still).min(1.0);
            let coming =
                prospect.ways().map(|(to, part, way)| (to.clone(), *way, probability(part * way.survival(seconds))));
            away.push(Away {
                from: key.camera.clone(),
                place: tail.last_fix(),
                seconds,
                gone: probability(prospect.gone()),
                coming: coming.filter(|(_, _, probability)| *probability > COMING_MIN).collect(),
            });
        }
        self.traffic.count_away(&self.topology, &away);
    }

    /// Of each presence that something may continue, the probability that nothing does.
    fn unclaimed(&self) -> BTreeMap<PresenceId, f64> {
        let mut unclaimed: BTreeMap<PresenceId, f64> = BTreeMap::new();
        let hypotheses = self.memory.tracklets.values().flat_map(|tracklet| &tracklet.decision.hypotheses);
        let counts = |h: &&Hypothesis| h.kind == LinkKind::Passage && h.probability > COMING_MIN;
        for hypothesis in hypotheses.filter(counts) {
            if let Some(to) = hypothesis.to.and_then(|to| self.memory.current(to)) {
                let share = unclaimed.entry(to).or_insert(1.0);
                *share = (*share - hypothesis.probability).max(0.0);
            }
        }
        unclaimed
    }
}
