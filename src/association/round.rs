//! What undecided tracks may be: each weighed against everybody it could be, and all explained at once.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::CameraId;
use crate::tracking::assignment::{Assignment, Edge};

use super::evidence::{Candidate, HOPELESS, Outlooks, Scales};
use super::link::{Hypothesis, LinkKind, LinkState};
use super::marginal::{Pair, marginals};
use super::memory::{Presence, PresenceId};

/// What one tracklet can be: the chosen hypothesis first, then the others by probability.
pub(super) type Verdict = (PresenceId, Vec<Hypothesis>);

/// What may take a row: a presence has one continuation, and one overlap in each other camera.
type Column = (PresenceId, Option<CameraId>);

/// A tracklet with what it may be.
pub(super) type Row<'a> = (PresenceId, Vec<&'a Alternative>);

/// By camera: who was seen there, and whether their continuation is not to be changed.
type SeenBy<'a> = BTreeMap<&'a CameraId, Vec<(Candidate<'a>, bool)>>;

/// Who may be continued and how reluctantly an earlier decision is changed.
pub(super) struct Rules<'a> {
    /// Presences whose continuation is not to be changed.
    pub(super) taken: &'a dyn Fn(&Presence) -> bool,
    /// What every other candidate than the present choice must gain.
    pub(super) reluctance: f64,
    /// Whether entries may be joined to views that overlap; the corrector leaves that as it is.
    pub(super) overlaps: bool,
    /// Whether an entry is known by what has been joined to it since.
    pub(super) hindsight: bool,
}

/// What one tracklet may be, as weighed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Alternative {
    column: Column,
    hypothesis: Hypothesis,
    weight: f64,
}

impl Alternative {
    /// Who it would be, and how.
    pub(super) fn of(&self) -> (PresenceId, LinkKind) {
        (self.column.0, self.hypothesis.kind)
    }
}

impl<'a> Scales<'a> {
    /// The most probable joint explanation of `entries` (presences of one tracklet), weighed against every candidate.
    pub(super) fn round(&self, entries: &BTreeSet<PresenceId>, rules: &Rules<'_>) -> Vec<Verdict> {
        let rows = self.weigh_all(entries, rules);
        let rows: Vec<Row<'_>> = rows.iter().map(|(entry, row)| (*entry, row.iter().collect())).collect();
        self.explain(&rows)
    }

    /// What each of `entries` may be.
    pub(super) fn weigh_all(
        &self,
        entries: &BTreeSet<PresenceId>,
        rules: &Rules<'_>,
    ) -> Vec<(PresenceId, Vec<Alternative>)> {
        let outlook = |camera: &CameraId| (camera.clone(), self.traffic.outlook(self.topology, camera));
        let outlooks: Outlooks = self.around(entries).map(outlook).collect();
        let begun = entries.iter().filter_map(|entry| self.memory.head(*entry));
        let earliest_s = begun.map(|(_, tracklet)| tracklet.first_s).fold(f64::INFINITY, f64::min);
        let seen_by: SeenBy<'_> =
            self.around(entries).map(|camera| (camera, self.seen_by(camera, &outlooks, (rules, earliest_s)))).collect();
        entries.iter().map(|entry| (*entry, self.alternatives(*entry, rules, &seen_by))).collect()
    }

    /// Chooses the most probable joint explanation: one assignment for each group of rows that compete, with staying a
    /// newcomer at weight 0.
    pub(super) fn explain(&self, rows: &[Row<'_>]) -> Vec<Verdict> {
        let all =
            || (0_u32..).zip(rows).flat_map(|(row, (_, of))| of.iter().map(move |alternative| (row, *alternative)));
        let columns: BTreeSet<&Column> = all().map(|(_, alternative)| &alternative.column).collect();
        let numbers: BTreeMap<&Column, u32> = (0..).zip(columns).map(|(number, column)| (column, number)).collect();
        let pairs: Vec<Pair> = all().map(|(row, a)| (row, numbers[&a.column], a.weight)).collect();
        let probabilities = marginals(&pairs);
        let better = pairs.iter().filter(|pair| pair.2 > 0.0);
        let edges: Vec<Edge> = better.map(|(row, col, weight)| Edge { row: *row, col: *col, cost: -weight }).collect();
        let mut solver = Assignment::default();
        solver.solve(rows.len(), numbers.len(), &edges);
        let mut verdicts: Vec<Verdict> = rows.iter().map(|(entry, _)| (*entry, Vec::new())).collect();
        for (((row, alternative), pair), probability) in all().zip(&pairs).zip(probabilities) {
            let chosen = solver.mate_of_row(row as usize) == Some(pair.1 as usize);
            let state = if chosen { LinkState::Proposed } else { LinkState::Considered };
            verdicts[row as usize].1.push(Hypothesis { probability, state, ..alternative.hypothesis });
        }
        for (row, (_, hypotheses)) in verdicts.iter_mut().enumerate() {
            self.finish(hypotheses, solver.mate_of_row(row).is_none());
        }
        verdicts
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

    /// The cameras from which the entries may have come.
    fn around(&self, entries: &BTreeSet<PresenceId>) -> impl Iterator<Item = &'a CameraId> {
        let (memory, topology) = (self.memory, self.topology);
        let heads = entries.iter().filter_map(|entry| memory.head(*entry));
        let views: BTreeSet<&CameraId> = heads.map(|(key, _)| &key.camera).collect();
        let named: Option<Vec<_>> = views.into_iter().map(|camera| topology.sources(camera)).collect();
        let all = named.is_none();
        let named: BTreeSet<&CameraId> = named.into_iter().flatten().flatten().collect();
        memory.cameras().filter(move |camera| all || named.contains(camera))
    }

    /// Who was seen by a camera, by number, and whether their continuation is not to be changed. Most have been
    /// continued before any of the entries began (`earliest_s`): of them nothing else needs to be known.
    fn seen_by<'c>(
        &self,
        camera: &CameraId,
        outlooks: &'c Outlooks,
        (rules, earliest_s): (&Rules<'_>, f64),
    ) -> Vec<(Candidate<'c>, bool)>
    where
        'a: 'c,
    {
        let candidate = |id: PresenceId| {
            let presence = self.memory.presences.get(&id)?;
            let taken = (rules.taken)(presence);
            if taken && presence.last_s < earliest_s {
                return None;
            }
            self.candidate(id, outlooks).map(|candidate| (candidate, taken))
        };
        self.memory.at(camera).filter_map(candidate).collect()
    }

    /// What one entry may be, of those whom the cameras around saw.
    fn alternatives(&self, entry: PresenceId, rules: &Rules<'_>, seen_by: &SeenBy<'_>) -> Vec<Alternative> {
        let mut found = Vec::new();
        let Some(sought) = self.entry(entry, rules.hindsight) else { return found };
        let key = sought.key;
        let before = sought.tracklet.decision.chosen().and_then(|h| h.to);
        let mut seen = BTreeSet::new();
        let named = self.topology.sources(&key.camera);
        let all = named.is_none().then(|| seen_by.keys().copied());
        for camera in named.into_iter().flatten().chain(all.into_iter().flatten()) {
            let candidates = seen_by.get(camera).map(Vec::as_slice).unwrap_or_default();
            // Only what began earlier can be continued: that rules out circles.
            for (candidate, taken) in candidates.iter().take_while(|(candidate, _)| candidate.id < entry) {
                let kind = self.kind(&sought, candidate);
                let passage = kind == LinkKind::Passage;
                if (passage && *taken) || (!passage && !rules.overlaps) || !seen.insert(candidate.id) {
                    continue;
                }
                let Some((kind, evidence)) = self.weigh_as(&sought, candidate, kind, rules.overlaps) else { continue };
                let passage = kind == LinkKind::Passage;
                let id = candidate.id;
                if evidence.total() < HOPELESS && before != Some(id) {
                    continue;
                }
                let column = (id, (!passage).then(|| key.camera.clone()));
                let reluctance = if before == Some(id) { -rules.reluctance } else { rules.reluctance };
                let weight = evidence.total() - if rules.reluctance > 0.0 { reluctance } else { 0.0 };
                let state = LinkState::Considered;
                let hypothesis = Hypothesis { to: Some(id), kind, probability: 0.0, evidence, state };
                found.push(Alternative { column, hypothesis, weight });
            }
        }
        found
    }
}
