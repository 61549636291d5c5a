//! What operators decided: pairs of travellers who are one, and continuations that are none.
//!
//! Both stand beside what the machine decided and change nothing of it, so that taking one back restores the former
//! state exactly.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::memory::PresenceId;
use super::sighting::TrackKey;

/// The global identity: the number of the traveller's first presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TravellerId(pub u64);

impl std::fmt::Display for TravellerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "traveller-{}", self.0)
    }
}

/// Why travellers cannot be merged or split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OperatorFault {
    /// No such traveller is remembered.
    #[error("{0} is not remembered")]
    Unknown(TravellerId),
    /// Nothing to do.
    #[error("{0} is one traveller already")]
    Same(TravellerId),
    /// The track is not of the traveller, or the traveller begins with it.
    #[error("{1} is no later part of {0}")]
    NoPart(TravellerId, TrackKey),
    /// Both are seen at one time in views that do not overlap.
    #[error("{0} and {1} are in two places at one time")]
    TwoPlaces(TravellerId, TravellerId),
    /// Too many decisions.
    #[error("more than {0} operator decisions are kept; withdraw one first")]
    Full(usize),
}

/// Most operator decisions in memory.
pub(super) const DECISIONS_MAX: usize = 4_096;

/// The decisions that stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Operators {
    /// Presences whose chains are one traveller, lower number first.
    merged: BTreeSet<(PresenceId, PresenceId)>,
    /// Presences that are not the continuation of what the machine says.
    cut: BTreeSet<PresenceId>,
    /// Tracks that are not of the presence that the machine says; each is a traveller of its own.
    detached: BTreeSet<TrackKey>,
}

impl Operators {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.merged.len() + self.cut.len() + self.detached.len()
    }

    /// Whether there is no merge, so that every chain is a traveller.
    pub(super) fn no_merges(&self) -> bool {
        self.merged.is_empty()
    }

    pub(super) fn is_cut(&self, presence: PresenceId) -> bool {
        self.cut.contains(&presence)
    }

    pub(super) fn is_detached(&self, key: &TrackKey) -> bool {
        self.detached.contains(key)
    }

    pub(super) fn cut(&mut self, presence: PresenceId) {
        self.cut.insert(presence);
    }

    pub(super) fn heal(&mut self, presence: PresenceId) {
        self.cut.remove(&presence);
    }

    /// The presences that are cut off.
    pub(super) fn cuts(&self) -> impl Iterator<Item = PresenceId> {
        self.cut.iter().copied()
    }

    pub(super) fn detach(&mut self, key: &TrackKey) {
        self.detached.insert(key.clone());
    }

    pub(super) fn attach(&mut self, key: &TrackKey) {
        self.detached.remove(key);
    }

    /// The tracks that are taken out of their presences.
    pub(super) fn detachments(&self) -> impl Iterator<Item = &TrackKey> {
        self.detached.iter()
    }

    pub(super) fn merge(&mut self, a: PresenceId, b: PresenceId) {
        self.merged.insert((a.min(b), a.max(b)));
    }

    /// Whether a merge names `presence`.
    pub(super) fn is_merged(&self, presence: PresenceId) -> bool {
        self.merged.iter().any(|(a, b)| *b == presence || *a == presence)
    }

    /// Takes back the merge that names `presence`; whether there was one.
    pub(super) fn part(&mut self, presence: PresenceId) -> bool {
        let found = self.merged.iter().rev().find(|(a, b)| *b == presence || *a == presence).copied();
        found.is_some_and(|pair| self.merged.remove(&pair))
    }

    /// The chains of one traveller, by their first presences; `root` leads from a presence to the first of its chain.
    pub(super) fn group(&self, own: PresenceId, root: impl Fn(PresenceId) -> PresenceId) -> BTreeSet<PresenceId> {
        let pairs: Vec<(PresenceId, PresenceId)> = self.merged.iter().map(|(a, b)| (root(*a), root(*b))).collect();
        let mut group = BTreeSet::from([own]);
        let mut todo = vec![own];
        while let Some(next) = todo.pop() {
            let others = pairs.iter().filter(|(a, b)| *a == next || *b == next).flat_map(|(a, b)| [*a, *b]);
            todo.extend(others.filter(|other| group.insert(*other)));
        }
        group
    }

    /// `presence` is forgotten; `heir` continues its chain.
    pub(super) fn forget(&mut self, presence: PresenceId, tracks: &[TrackKey], heir: Option<PresenceId>) {
        self.cut.remove(&presence);
        tracks.iter().for_each(|key| self.attach(key));
        let named: Vec<_> = self.merged.iter().filter(|(a, b)| *a == presence || *b == presence).copied().collect();
        for (a, b) in named {
            self.merged.remove(&(a, b));
            if let Some(heir) = heir {
                self.merge(heir, if a == presence { b } else { a });
            }
        }
    }
}
