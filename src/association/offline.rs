//! The most probable explanation of a whole recording at once, with everything learned from the truth: the bound that
//! [`Associator`] is measured against.
//!
//! Joining tracks to chains at the least sum of costs is a minimum-cost flow through the tracks (L. Zhang, Y. Li and R. Nevatia,
//! "Global data association for multi-object tracking using network flows", CVPR 2008). With one unit of flow for
//! each track it is an assignment of ends to beginnings, which is solved exactly.

use std::collections::{BTreeMap, BTreeSet};

use super::associator::Associator;
use super::memory::PresenceId;
use super::operator::TravellerId;
use super::settings::AssociationSettings;
use super::sighting::{Sighting, TrackKey};
use super::topology::Topology;

/// Whose each track is, explained all at once; `person` tells the truth, from which ways, times and looks are learned.
#[must_use]
pub fn explain_all(
    settings: &AssociationSettings,
    topology: &Topology,
    sightings: &[Sighting],
    person: impl Fn(&TrackKey) -> Option<u64>,
) -> BTreeMap<TrackKey, TravellerId> {
    let mut all = Associator::new(settings.clone(), topology.clone());
    let mut entries: Vec<PresenceId> = Vec::new();
    for sighting in sightings {
        entries.extend(all.remember(sighting));
    }
    let owner = |key: &TrackKey| person(key);
    all.learn_truth(&entries, &owner);
    // First who is in two views at once, in the order of appearance, then who continues whom.
    for entry in &entries {
        all.join_overlaps(*entry);
    }
    let left: BTreeSet<PresenceId> =
        entries.into_iter().filter(|entry| all.memory.presences.contains_key(entry)).collect();
    all.join_passages(&left);
    let keys: Vec<TrackKey> = all.memory.tracklets.keys().cloned().collect();
    keys.into_iter().filter_map(|key| all.identity(&key).map(|identity| (key, identity.traveller))).collect()
}
