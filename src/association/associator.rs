//! The one owner of all identities of a site.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::Lifecycle;
use crate::ids::CameraId;
use crate::time::CaptureTime;

use super::clocks::{ClockOffset, Clocks};
use super::corrector::Corrector;
use super::evidence::{Entry, Scales, passage};
use super::gallery::{Alike, Gallery, Likenesses};
use super::likeness::Likeness;
use super::link::{Decision, LinkKind};
use super::memory::{Memory, Presence, PresenceId};
use super::operator::{Operators, TravellerId};
use super::punctuality::Punctuality;
use super::round::{Alternative, Row, Rules};
use super::settings::AssociationSettings;
use super::sighting::{Sighting, TrackKey};
use super::topology::Topology;
use super::traffic::Traffic;

/// Most announcements that wait to be taken; beyond it the oldest are dropped and counted.
const CHANGES_MAX: usize = 100_000;
/// Of so many presences one is forgotten before its time where more are seen than are kept.
const SURPLUS_PART: usize = 100;
/// Rounds after which an undecided track is weighed anew. In between only those that are new or due are, and all are
/// explained by what each was weighed: no decision waits for all others to be weighed.
const TURNS: u64 = 8;
/// What is undecided is weighed, then explained, then what may wait is done: no report waits for all three.
const STEPS: u64 = 3;
/// Rounds between two parts of the corrector's work.
const CORRECT_TURNS: u64 = 4;

/// Whose a track is, as far as is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Identity {
    /// The traveller.
    pub traveller: TravellerId,
    /// Probability of the link by which the track belongs to that traveller, or of being a newcomer; none before the first
    /// round and for what an operator decided.
    pub probability: Option<f64>,
    /// Whether it can still change by itself soon.
    pub provisional: bool,
    /// What else it could be, and how probable that is; no traveller means a newcomer.
    pub runner_up: Option<(Option<TravellerId>, f64)>,
    /// What was not there to judge by: `appearance`, `calibration`, `topology`.
    pub missing: Vec<&'static str>,
}

/// An announcement: a track has, or no longer has, an identity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdentityChange {
    /// When, in seconds from the Unix epoch on the cameras' clocks.
    pub at_s: f64,
    /// The track.
    pub track: TrackKey,
    /// [`Lifecycle::New`] the first time, [`Lifecycle::Update`] when a provisional one is confirmed, and for a
    /// changed one [`Lifecycle::Retracted`] of the old followed by [`Lifecycle::New`].
    pub lifecycle: Lifecycle,
    /// The identity that is announced or withdrawn.
    pub identity: Identity,
}

/// What bounds cost, and how often the corrector stepped in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssociationCounters {
    /// Presences forgotten because a bound was reached.
    pub forgotten: u64,
    /// Announcements dropped because nobody took them.
    pub dropped: u64,
    /// Links changed after they were confirmed.
    pub corrected: u64,
    /// Links taken back because somebody would have been in two places.
    pub impossible: u64,
}

/// Joins tracks into travellers. Reports must come in the order of their capture times ([`crate::central::Inbox`] sees to
/// that); equal reports in equal order give equal identities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Associator {
    pub(super) settings: AssociationSettings,
    pub(super) topology: Topology,
    pub(super) traffic: Traffic,
    pub(super) likeness: Likenesses,
    pub(super) punctuality: Punctuality,
    pub(super) memory: Memory,
    pub(super) operators: Operators,
    clocks: Clocks,
    /// Presences whose identity is provisional, with what they may be as last weighed; each has one tracklet.
    pub(super) open: BTreeMap<PresenceId, Option<Vec<Alternative>>>,
    pub(super) now_s: f64,
    step: u64,
    next_step_s: f64,
    next_correction_s: f64,
    next_upkeep_s: f64,
    #[serde(default)]
    pub(super) corrector: Corrector,
    pub(super) published: BTreeMap<TrackKey, (TravellerId, bool)>,
    #[serde(skip)]
    pub(super) changes: Vec<IdentityChange>,
    pub(super) counters: AssociationCounters,
}

impl Associator {
    /// `topology` may be [`Topology::unknown`].
    #[must_use]
    pub fn new(settings: AssociationSettings, topology: Topology) -> Self {
        let likeness = Likeness::new(settings.cosine_same, settings.cosine_different, settings.alike_share);
        Self {
            traffic: Traffic::new(&settings),
            likeness: Likenesses::new(likeness),
            punctuality: Punctuality::default(),
            memory: Memory::default(),
            operators: Operators::default(),
            clocks: Clocks::default(),
            open: BTreeMap::new(),
            now_s: f64::NEG_INFINITY,
            step: 0,
            next_step_s: f64::NEG_INFINITY,
            next_correction_s: f64::NEG_INFINITY,
            next_upkeep_s: f64::NEG_INFINITY,
            corrector: Corrector::default(),
            published: BTreeMap::new(),
            changes: Vec::new(),
            counters: AssociationCounters::default(),
            settings,
            topology,
        }
    }

    /// Takes a report.
    pub fn accept(&mut self, sighting: &Sighting) {
        self.advance(sighting.at);
        let at_s = seconds(sighting.at);
        self.traffic.meet(&sighting.key.camera, at_s);
        let ahead_s = self.clocks.ahead(&sighting.key.camera);
        if let Some(begun) = self.memory.see(sighting, seconds(sighting.seen), ahead_s) {
            self.open.insert(begun, None);
        } else {
            self.break_impossible(&sighting.key);
        }
        if sighting.floor.is_some() {
            self.clocks.learn(&self.memory, &sighting.key);
        }
    }

    /// Says how late it is, without a report.
    pub fn advance(&mut self, at: CaptureTime) {
        let at_s = seconds(at);
        if self.now_s == f64::NEG_INFINITY {
            self.next_step_s = at_s + self.settings.round_s;
            self.next_correction_s = at_s + self.settings.correct_every_s;
            self.next_upkeep_s = at_s + self.settings.upkeep_every_s;
        }
        while self.next_step_s <= at_s {
            self.now_s = self.next_step_s;
            // Silence needs no rounds: nothing changes when nobody is undecided.
            let idle = self.open.is_empty();
            let silence_s = if idle { (at_s - self.next_step_s).max(0.0) } else { 0.0 };
            self.next_step_s += silence_s + self.settings.round_s / STEPS as f64;
            self.step = (self.step + 1) % (STEPS * TURNS);
            match self.step % STEPS {
                0 => self.weigh(),
                1 => self.decide(),
                _ => self.reconsider(),
            }
        }
        self.now_s = self.now_s.max(at_s);
    }

    /// What may wait, a part at a time: old links, clocks, and what is too old to be remembered.
    fn reconsider(&mut self) {
        if self.now_s >= self.next_correction_s {
            self.next_correction_s = self.now_s + self.settings.correct_every_s;
            self.correct();
        }
        if self.turn().is_multiple_of(CORRECT_TURNS) {
            self.correct_further();
        } else if self.now_s >= self.next_upkeep_s {
            self.next_upkeep_s = self.now_s + self.settings.upkeep_every_s;
            self.clocks.settle();
            self.expire();
        }
        self.forget_surplus();
    }

    /// Rounds so far, of [`TURNS`].
    fn turn(&self) -> u64 {
        self.step / STEPS
    }

    /// Decides everything that is still provisional, as if enough time had passed.
    pub fn finish(&mut self) {
        self.weigh();
        self.decide();
        let open: Vec<PresenceId> = self.open.keys().copied().collect();
        open.iter().for_each(|entry| self.settle(*entry));
        self.announce_from(&open);
        self.correct();
        while self.is_correcting() {
            self.correct_further();
        }
    }

    /// The announcements since the last call, in order.
    pub fn take_changes(&mut self) -> Vec<IdentityChange> {
        std::mem::take(&mut self.changes)
    }

    /// What bounds cost.
    #[must_use]
    pub fn counters(&self) -> AssociationCounters {
        self.counters
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &AssociationSettings {
        &self.settings
    }

    /// Numbers presences from here on.
    pub fn number_from(&mut self, number: u64) {
        self.memory.number_from(number);
    }

    /// How far the clocks of cameras are ahead of most of their neighbours', where people show it.
    #[must_use]
    pub fn clock_offsets(&self) -> &BTreeMap<CameraId, ClockOffset> {
        self.clocks.offsets()
    }

    /// The topology.
    #[must_use]
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Presences in memory, and those of them that are undecided.
    #[must_use]
    pub fn sizes(&self) -> (usize, usize) {
        (self.memory.presences.len(), self.open.len())
    }

    pub(super) fn scales(&self) -> Scales<'_> {
        Scales {
            settings: &self.settings,
            topology: &self.topology,
            traffic: &self.traffic,
            likeness: &self.likeness,
            memory: &self.memory,
            operators: &self.operators,
            now_s: self.now_s,
        }
    }

    /// Weighs what is new, what has its turn, and what is to be settled in this round.
    fn weigh(&mut self) {
        let by_s = self.now_s + self.settings.round_s;
        let turn = |(entry, row): (&PresenceId, &Option<_>)| {
            let has_turn = row.is_none() || entry.0 % TURNS == self.turn() || self.is_due(*entry, by_s);
            has_turn.then_some(*entry)
        };
        let weighed: BTreeSet<PresenceId> = self.open.iter().filter_map(turn).collect();
        let taken = |presence: &Presence| presence.after.is_some_and(|after| !self.operators.is_cut(after));
        let rules = Rules { taken: &taken, reluctance: 0.0, overlaps: true, hindsight: false };
        let rows = self.scales().weigh_all(&weighed, &rules);
        self.open.extend(rows.into_iter().map(|(entry, row)| (entry, Some(row))));
    }

    /// Explains what was weighed, takes for good what is due, and announces both.
    fn decide(&mut self) {
        let weighed: Vec<PresenceId> =
            self.open.iter().filter(|(_, row)| row.is_some()).map(|(entry, _)| *entry).collect();
        for (entry, hypotheses) in self.scales().explain(&self.rows()) {
            let Some(key) = self.memory.head(entry).map(|(key, _)| key.clone()) else { continue };
            if let Some(tracklet) = self.memory.tracklets.get_mut(&key) {
                tracklet.decision = Decision { hypotheses };
            }
        }
        let due: Vec<PresenceId> = weighed.iter().copied().filter(|entry| self.is_due(*entry, self.now_s)).collect();
        due.into_iter().for_each(|entry| self.settle(entry));
        self.announce_from(&weighed);
    }

    /// Whether an entry is to be settled by then.
    fn is_due(&self, entry: PresenceId, by_s: f64) -> bool {
        let first_s = self.memory.head(entry).map(|(_, tracklet)| tracklet.first_s);
        first_s.is_some_and(|first_s| by_s - first_s >= self.settings.defer_s)
    }

    /// The undecided tracks with what they may still be: since they were weighed, somebody may have been continued, forgotten or
    /// found to be part of another.
    fn rows(&self) -> Vec<Row<'_>> {
        let still = |alternative: &&Alternative| {
            let (to, kind) = alternative.of();
            let after = self.memory.presences.get(&to).map(|presence| presence.after);
            let free = |after: Option<PresenceId>| after.is_none_or(|after| self.operators.is_cut(after));
            after.is_some_and(|after| kind != LinkKind::Passage || free(after))
        };
        let weighed = self.open.iter().filter_map(|(entry, row)| Some((*entry, row.as_ref()?)));
        weighed.map(|(entry, row)| (entry, row.iter().filter(still).collect())).collect()
    }

    pub(super) fn is_open(&self, id: PresenceId) -> bool {
        self.open.contains_key(&id)
    }

    /// An operator speaks of an identity: it is provisional no longer.
    pub(super) fn settle_now(&mut self, id: PresenceId) {
        if self.open.contains_key(&id) {
            self.settle(id);
        }
    }

    /// Takes what is proposed for good.
    fn settle(&mut self, entry: PresenceId) {
        self.open.remove(&entry);
        self.learn(entry);
        self.join(entry);
    }

    pub(super) fn join(&mut self, entry: PresenceId) {
        let Some((key, tracklet)) = self.memory.head(entry) else { return };
        let (key, chosen) = (key.clone(), tracklet.decision.chosen().copied());
        if let Some(tracklet) = self.memory.tracklets.get_mut(&key) {
            tracklet.decision.confirm();
        }
        // What was proposed may have become part of another presence since the round, or be forgotten.
        let Some(kind) = chosen.map(|h| h.kind) else { return };
        let Some(to) = chosen.and_then(|h| h.to).and_then(|to| self.memory.current(to)) else { return };
        if !self.may_join(entry, to, kind) {
            return self.withdraw(entry);
        }
        match kind {
            LinkKind::Overlap => self.memory.absorb(to, entry),
            LinkKind::Passage => self.memory.chain(Some(to), entry),
            LinkKind::Newcomer => {}
        }
    }

    /// Learns from a decision, each hypothesis by its probability.
    fn learn(&mut self, entry: PresenceId) {
        self.learn_looks(entry, false);
        self.learn_ways(entry, false);
    }

    /// Learns how alike one person and two look, once for each number of presences that are known of the entry; with
    /// `hindsight` by what has been joined to it since.
    pub(super) fn learn_looks(&mut self, entry: PresenceId, hindsight: bool) {
        let scales = self.scales();
        let Some(Entry { key, tracklet, galleries }) = scales.entry(entry, hindsight) else { return };
        let depth = galleries.iter().map(Gallery::depth).max().unwrap_or_default();
        if depth <= tracklet.taught_depth {
            return;
        }
        let alike = |other: PresenceId| Alike::of(&Gallery::until(&self.memory, &self.operators, other), &galleries);
        let mut likeness = self.likeness;
        for (other, _) in self.memory.tracklets.range(first_of(key)..).take_while(|(k, _)| k.camera == key.camera) {
            // Whoever is in the same view at the same time is somebody else.
            let Some(together) = self.memory.tracklets.get(other).filter(|o| o.born != tracklet.born) else { continue };
            let seen_together = together.last_s > tracklet.first_s && together.first_s < tracklet.last_s;
            if seen_together && let Some(alike) = alike(together.presence) {
                likeness.learn(&alike, 0.0);
            }
        }
        for hypothesis in &tracklet.decision.hypotheses {
            if let Some(alike) = hypothesis.to.and_then(alike) {
                likeness.learn(&alike, hypothesis.probability);
            }
        }
        let key = key.clone();
        self.likeness = likeness;
        if let Some(tracklet) = self.memory.tracklets.get_mut(&key) {
            tracklet.taught_depth = depth;
        }
    }

    /// Learns what a decision says of ways and newcomers; `stands`: whether it can change no more.
    pub(super) fn learn_ways(&mut self, entry: PresenceId, stands: bool) {
        let Some((key, tracklet)) = self.memory.head(entry) else { return };
        let (mut passages, mut new) = (Vec::new(), 0.0);
        for hypothesis in &tracklet.decision.hypotheses {
            let to = hypothesis.to.and_then(|to| self.memory.current(to));
            match (hypothesis.kind, to.and_then(|to| self.memory.tail(to))) {
                (LinkKind::Newcomer, _) => new = hypothesis.probability,
                (LinkKind::Passage, Some(last)) => {
                    passages.push((passage(last, (key, tracklet), &self.settings), hypothesis.probability));
                }
                _ => {}
            }
        }
        let (key, place) = (key.clone(), tracklet.first_fix());
        for (passage, probability) in passages {
            self.learn_punctuality(&passage, probability, stands);
            self.traffic.learn_passage(&self.topology, &passage, probability, stands);
        }
        self.traffic.learn_newcomer(&key.camera, place.as_ref(), new, stands);
    }

    /// Forgets what is too old, and gives up who can no longer come back.
    fn expire(&mut self) {
        let (settings, now_s) = (&self.settings, self.now_s);
        let gone_s = now_s - settings.absence_max_s - settings.correct_s;
        let mut left = Vec::new();
        let mut old = Vec::new();
        for (id, presence) in &self.memory.presences {
            if presence.last_s < now_s - settings.memory_s {
                old.push(*id);
            } else if presence.last_s < gone_s && self.memory.is_candidate(*id) {
                left.push(*id);
            }
        }
        self.count_leaving(&left);
        old.into_iter().for_each(|id| self.forget(id));
    }

    /// Forgets those unseen longest of more than are kept, and a few more, so that not every round has to look for them.
    fn forget_surplus(&mut self) {
        let kept = self.settings.presences_max;
        if self.memory.presences.len() <= kept {
            return;
        }
        let surplus = self.memory.presences.len() - (kept - kept / SURPLUS_PART);
        let mut by_age: Vec<(f64, PresenceId)> =
            self.memory.presences.iter().map(|(id, presence)| (presence.last_s, *id)).collect();
        let older = |a: &(f64, PresenceId), b: &(f64, PresenceId)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        by_age.select_nth_unstable_by(surplus - 1, older);
        by_age.truncate(surplus);
        by_age.sort_unstable_by(older);
        self.counters.forgotten += surplus as u64;
        by_age.into_iter().for_each(|(_, id)| self.forget(id));
    }

    fn forget(&mut self, id: PresenceId) {
        self.open.remove(&id);
        let Some(presence) = self.memory.presences.get(&id) else { return };
        for key in &presence.tracklets {
            self.published.remove(key);
        }
        self.operators.forget(id, &presence.tracklets, presence.after);
        self.memory.forget(id);
    }

    /// Announces every identity that is not as it was announced.
    pub(super) fn publish(&mut self) {
        self.announce(self.memory.tracklets.keys().cloned().collect());
    }

    pub(super) fn announce(&mut self, keys: BTreeSet<TrackKey>) {
        let mut changes = Vec::new();
        for key in keys {
            let presence = self.memory.tracklets.get(&key).map(|tracklet| tracklet.presence);
            if presence.and_then(|presence| self.open.get(&presence)).is_some_and(Option::is_none) {
                continue; // Nothing can be said before it has been weighed.
            }
            let Some(identity) = self.identity(&key) else { continue };
            let (traveller, provisional) = (identity.traveller, identity.provisional);
            let before = self.published.get(&key).copied();
            if before == Some((traveller, provisional)) {
                continue;
            }
            let change =
                |lifecycle, identity| IdentityChange { at_s: self.now_s, track: key.clone(), lifecycle, identity };
            let lifecycle = match before {
                Some((old, _)) if old == traveller => Lifecycle::Update,
                _ => Lifecycle::New,
            };
            if let Some((old, provisional)) = before.filter(|(old, _)| *old != traveller) {
                let old = Identity { traveller: old, provisional, probability: None, runner_up: None, missing: vec![] };
                changes.push(change(Lifecycle::Retracted, old));
            }
            changes.push(change(lifecycle, identity));
        }
        for change in changes {
            let state = (change.identity.traveller, change.identity.provisional);
            if change.lifecycle != Lifecycle::Retracted {
                self.published.insert(change.track.clone(), state);
            }
            self.changes.push(change);
        }
        let surplus = self.changes.len().saturating_sub(CHANGES_MAX);
        self.changes.drain(..surplus);
        self.counters.dropped += surplus as u64;
    }
}

/// Seconds from the Unix epoch.
pub(super) fn seconds(at: CaptureTime) -> f64 {
    at.unix_micros as f64 / 1e6
}

/// The lowest name that a track of the same camera can have.
fn first_of(key: &TrackKey) -> TrackKey {
    TrackKey { camera: key.camera.clone(), boot: crate::ids::BootId(0), track: crate::ids::TrackId(0) }
}
