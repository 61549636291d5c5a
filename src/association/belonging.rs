//! Which tracks are a traveller's, found from the traveller's number without asking every track that is remembered.

use std::collections::{BTreeMap, BTreeSet};

use super::associator::Associator;
use super::memory::{PresenceId, Tracklet};
use super::operator::TravellerId;
use super::sighting::TrackKey;

impl Associator {
    /// The tracks of a traveller, by name; empty when nobody of that name is remembered.
    pub(super) fn tracks_of(&self, id: TravellerId) -> BTreeMap<&TrackKey, &Tracklet> {
        let mut reached = BTreeSet::new();
        // What is only proposed may continue anybody; it is little.
        for root in self.first_presences(id).iter().chain(self.open.keys()) {
            let mut next = self.memory.current(*root);
            while let Some(presence) = next.filter(|presence| reached.insert(*presence)) {
                next = self.memory.presences.get(&presence).and_then(|presence| presence.after);
            }
        }
        let parts = reached.into_iter().flat_map(|presence| self.memory.parts(presence));
        let detached = self.operators.detachments().filter_map(|key| self.memory.tracklets.get_key_value(key));
        parts.chain(detached).filter(|(key, tracklet)| self.traveller_of_track(key, tracklet) == id).collect()
    }

    /// The presences with which the chains of a traveller begin, as far as they are remembered.
    fn first_presences(&self, id: TravellerId) -> BTreeSet<PresenceId> {
        let number = PresenceId(id.0);
        let remembered = |root: PresenceId| {
            if self.memory.presences.contains_key(&root) {
                return Some(root);
            }
            // The first part of the chain is forgotten; what is left of it says whose it is.
            self.memory.presences.iter().find(|(_, presence)| presence.root == Some(root)).map(|(left, _)| *left)
        };
        self.operators.group(number, |presence| self.root(presence)).into_iter().filter_map(remembered).collect()
    }
}
