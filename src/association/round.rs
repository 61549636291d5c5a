//! One round: every open identity weighed against everybody it could be, all at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::CameraId;
use crate::tracking::assignment::{Assignment, Edge};

use super::evidence::{Prospects, Scales};
use super::link::{Hypothesis, LinkKind, LinkState};
use super::marginal::{Pair, marginals};
use super::memory::PresenceId;
use super::traffic::Outlook;

/// What one tracklet can be: the chosen hypothesis first, then the others by probability.
pub(super) type Verdict = (PresenceId, Vec<Hypothesis>);

/// What may take a row: a presence has one continuation, and one overlap in each other camera.
type Column = (PresenceId, Option<CameraId>);

/// Who may be continued and how reluctantly an earlier decision is changed.
pub(super) struct Rules<'a> {
    /// Presences whose continuation is not to be changed.
    pub(super) taken: &'a dyn Fn(PresenceId) -> bool,
    /// What every other candidate than the present choice must gain.
    pub(super) reluctance: f64,
    /// Whether entries may be joined to views that overlap; the corrector leaves that as it is.
    pub(super) overlaps: bool,
}

/// A candidate of a row, before the columns are numbered.
struct Candidate {
    row: u32,
    column: Column,
    hypothesis: Hypothesis,
    weight: f64,
}

impl Scales<'_> {
    /// Weighs `entries` (presences of one tracklet) against every candidate and chooses the most probable joint
    /// explanation: one assignment for each group of entries that compete, with staying a newcomer at weight 0.
    pub(super) fn round(&self, entries: &BTreeSet<PresenceId>, rules: &Rules<'_>) -> Vec<Verdict> {
        let outlook = |camera: &CameraId| (camera.clone(), self.traffic.outlook(self.topology, camera));
        let outlooks: BTreeMap<CameraId, Outlook> = self.memory.cameras().map(outlook).collect();
        let prospects = self.prospects(&outlooks);
        let mut candidates = Vec::new();
        for (row, entry) in (0_u32..).zip(entries) {
            self.candidates((row, *entry), rules, &prospects, &mut candidates);
        }
        let columns: BTreeSet<&Column> = candidates.iter().map(|c| &c.column).collect();
        let numbers: BTreeMap<&Column, u32> = (0..).zip(columns).map(|(number, column)| (column, number)).collect();
        let pairs: Vec<Pair> = candidates.iter().map(|c| (c.row, numbers[&c.column], c.weight)).collect();
        let probabilities = marginals(&pairs);
        let better = pairs.iter().filter(|pair| pair.2 > 0.0);
        let edges: Vec<Edge> = better.map(|(row, col, weight)| Edge { row: *row, col: *col, cost: -weight }).collect();
        let mut solver = Assignment::default();
        solver.solve(entries.len(), numbers.len(), &edges);
        let mut verdicts: Vec<Verdict> = entries.iter().map(|entry| (*entry, Vec::new())).collect();
        for ((candidate, pair), probability) in candidates.iter().zip(&pairs).zip(probabilities) {
            let chosen = solver.mate_of_row(pair.0 as usize) == Some(pair.1 as usize);
            let state = if chosen { LinkState::Proposed } else { LinkState::Considered };
            verdicts[pair.0 as usize].1.push(Hypothesis { probability, state, ..candidate.hypothesis });
        }
        for (row, (_, hypotheses)) in verdicts.iter_mut().enumerate() {
            self.finish(hypotheses, solver.mate_of_row(row).is_none());
        }
        verdicts
    }

    /// What is to be expected of everybody who is away and may come back.
    pub(super) fn prospects<'a>(&self, outlooks: &'a BTreeMap<CameraId, Outlook>) -> Prospects<'a> {
        let candidates = self.memory.cameras().flat_map(|camera| self.memory.at(camera));
        let prospect = |id| {
            let (key, tail) =
                self.memory.tail(id).filter(|_| !self.memory.in_sight(id, self.now_s, self.settings.stale_s))?;
            Some((id, outlooks.get(&key.camera)?.of(tail.last_fix().as_ref())))
        };
        candidates.filter_map(prospect).collect()
    }

    /// Adds the newcomer, puts the chosen one first and keeps the most probable others.
    fn finish(&self, hypotheses: &mut Vec<Hypothesis>, newcomer: bool) {
        let others: f64 = hypotheses.iter().map(|h| h.probability).sum();
        hypotheses.push(Hypothesis {
            to: None,
            kind: LinkKind::Newcomer,
            probability: (1.0 - others).clamp(0.0, 1.0),
            evidence: Default::default(),
            state: if newcomer { LinkState::Proposed } else { LinkState::Considered },
        });
        hypotheses.sort_by(|a, b| {
            let rank = |h: &Hypothesis| h.state != LinkState::Proposed;
            rank(a).cmp(&rank(b)).then(b.probability.total_cmp(&a.probability)).then(a.to.cmp(&b.to))
        });
        hypotheses.truncate(self.settings.hypotheses_max.max(2));
    }

    fn candidates(
        &self,
        (row, entry): (u32, PresenceId),
        rules: &Rules<'_>,
        prospects: &Prospects<'_>,
        into: &mut Vec<Candidate>,
    ) {
        let Some((key, tracklet)) = self.memory.head(entry) else { return };
        let before = tracklet.decision.chosen().and_then(|h| h.to);
        let mut seen = BTreeSet::new();
        let named = self.topology.sources(&key.camera);
        let all = named.is_none().then(|| self.memory.cameras());
        for camera in named.into_iter().flatten().chain(all.into_iter().flatten()) {
            // Only what began earlier can be continued: that rules out circles.
            for id in self.memory.at(camera).take_while(|id| *id < entry) {
                let Some(presence) = self.memory.presences.get(&id).filter(|_| seen.insert(id)) else { continue };
                let Some((kind, evidence)) = self.weigh((key, tracklet), (id, presence), prospects) else { continue };
                let passage = kind == LinkKind::Passage;
                if (passage && (rules.taken)(id)) || (!passage && !rules.overlaps) {
                    continue;
                }
                let column = (id, (!passage).then(|| key.camera.clone()));
                let reluctance = if before == Some(id) { -rules.reluctance } else { rules.reluctance };
                let weight = evidence.total() - if rules.reluctance > 0.0 { reluctance } else { 0.0 };
                let state = LinkState::Considered;
                let hypothesis = Hypothesis { to: Some(id), kind, probability: 0.0, evidence, state };
                into.push(Candidate { row, column, hypothesis, weight });
            }
        }
    }
}
