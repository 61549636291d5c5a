//! The most probable explanation of a whole recording at once, with everything learned from the truth: the bound that
//! [`Associator`] is measured against.
//!
//! Joining tracks to chains at the least sum of costs is a minimum-cost flow through the tracks (L. Zhang, Y. Li and R. Nevatia,
//! "Global data association for multi-object tracking using network flows", CVPR 2008). With one unit of flow for
//! each track it is an assignment of ends to beginnings, which is solved exactly.

use std::collections::{BTreeMap, BTreeSet};

use super::associator::{Associator, seconds};
use super::evidence::passage;
use super::gallery::{Alike, Gallery, Likenesses};
use super::link::Decision;
use super::memory::PresenceId;
use super::operator::TravellerId;
use super::round::{Rules, Verdict};
use super::settings::AssociationSettings;
use super::sighting::{Sighting, TrackKey};
use super::topology::Topology;

/// Pairs of a track and earlier ones from which looks are learned where the truth is known.
const TRUTH_PAIRS: usize = 60;

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

impl Associator {
    /// Takes a report into memory and decides nothing.
    fn remember(&mut self, sighting: &Sighting) -> Option<PresenceId> {
        let at_s = seconds(sighting.at);
        self.now_s = self.now_s.max(at_s);
        self.traffic.meet(&sighting.key.camera, at_s);
        self.memory.see(sighting, seconds(sighting.seen), 0.0)
    }

    /// Learns ways, times, newcomers and looks from tracks whose persons are known.
    fn learn_truth(&mut self, entries: &[PresenceId], person: &dyn Fn(&TrackKey) -> Option<u64>) {
        let mut last: BTreeMap<u64, PresenceId> = BTreeMap::new();
        for (place, entry) in entries.iter().enumerate() {
            let Some((key, tracklet)) = self.memory.head(*entry) else { continue };
            let Some(owner) = person(key) else { continue };
            let own = Gallery::of_track(tracklet.mean.as_ref());
            let mut likeness = *self.likeness.of_tracks();
            for other in &entries[place.saturating_sub(TRUTH_PAIRS)..place] {
                let same = self.memory.head(*other).and_then(|(other, _)| person(other)) == Some(owner);
                if let Some(alike) = Alike::of(&Gallery::until(&self.memory, &self.operators, *other), &own) {
                    likeness.learn(alike.cosine, f64::from(u8::from(same)));
                }
            }
            let before = last.insert(owner, *entry).and_then(|before| self.memory.tail(before));
            let passage = before
                .filter(|(_, tail)| tail.last_s <= tracklet.first_s)
                .map(|last| passage(last, (key, tracklet), &self.settings));
            let (key, place, newcomer) = (key.clone(), tracklet.first_fix(), before.is_none());
            self.likeness = Likenesses::new(likeness);
            if let Some(passage) = passage {
                self.traffic.learn_passage(&self.topology, &passage, 1.0, false);
            }
            self.traffic.learn_newcomer(&key.camera, place.as_ref(), f64::from(u8::from(newcomer)), false);
        }
        for left in last.into_values() {
            if let Some((key, tail)) = self.memory.tail(left) {
                let (camera, place) = (key.camera.clone(), tail.last_fix());
                self.traffic.learn_leaving(&self.topology, &camera, place.as_ref(), 1.0);
            }
        }
    }

    /// Joins one entry to whom it overlaps, if that is more probable than not.
    fn join_overlaps(&mut self, entry: PresenceId) {
        let rules = Rules { taken: &|_| true, reluctance: 0.0, overlaps: true, hindsight: false };
        let verdicts = self.scales().round(&BTreeSet::from([entry]), &rules);
        self.take(verdicts);
    }

    /// Joins all entries to whom they continue, in one assignment.
    fn join_passages(&mut self, entries: &BTreeSet<PresenceId>) {
        let rules = Rules { taken: &|_| false, reluctance: 0.0, overlaps: false, hindsight: false };
        let verdicts = self.scales().round(entries, &rules);
        self.take(verdicts);
    }

    fn take(&mut self, verdicts: Vec<Verdict>) {
        for (entry, hypotheses) in verdicts {
            let key = self.memory.head(entry).map(|(key, _)| key.clone());
            if let Some(tracklet) = key.and_then(|key| self.memory.tracklets.get_mut(&key)) {
                tracklet.decision = Decision { hypotheses };
                self.join(entry);
            }
        }
    }
}
