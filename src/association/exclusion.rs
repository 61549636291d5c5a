//! Nobody is in two places at once: links that would say so are not made, and those that come to say so are taken back.

use std::collections::BTreeMap;

use super::associator::Associator;
use super::link::{Decision, LinkKind};
use super::memory::{PresenceId, Tracklet, together_s};
use super::sighting::TrackKey;
use super::topology::Relation;

/// What is joined is taken back only when this many times the slack have passed.
const SLACKS: f64 = 2.0;

impl Associator {
    /// Whether two tracks are not of one person: for longer than so many times the slack both were in sight, in views that do
    /// not overlap.
    fn exclude(&self, a: (&TrackKey, &Tracklet), b: (&TrackKey, &Tracklet), slacks: f64) -> bool {
        let slack_s = slacks * self.settings.slack_s(&a.0.camera, &b.0.camera);
        a.0 != b.0
            && together_s(a, b) > slack_s
            && self.topology.relation(&a.0.camera, &b.0.camera) == Relation::Disjoint
    }

    /// Whether some tracks and others exclude each other: they are not of one person.
    pub(super) fn two_places(&self, a: &BTreeMap<&TrackKey, &Tracklet>, b: &BTreeMap<&TrackKey, &Tracklet>) -> bool {
        let exclude = |one: (&TrackKey, &Tracklet)| b.iter().any(|(key, other)| self.exclude(one, (key, other), 1.0));
        a.iter().any(|(key, tracklet)| exclude((key, tracklet)))
    }

    /// Whether `entry` can still be `to` in the way that was proposed: since then, others may have been joined to it.
    pub(super) fn may_join(&self, entry: PresenceId, to: PresenceId, kind: LinkKind) -> bool {
        let after = self.memory.presences.get(&to).and_then(|presence| presence.after);
        let free =
            kind != LinkKind::Passage || after.is_none_or(|after| after == entry || self.operators.is_cut(after));
        let mut others = self.memory.parts(to).chain(after.into_iter().flat_map(|after| self.memory.parts(after)));
        free && others.all(|other| self.memory.parts(entry).all(|part| !self.exclude(part, other, 1.0)))
    }

    /// A track goes on while its traveller is elsewhere: a link between the two was wrong, and is taken back.
    pub(super) fn break_impossible(&mut self, key: &TrackKey) {
        let Some(tracklet) = self.memory.tracklets.get(key) else { return };
        let slack_s = SLACKS * self.settings.clock_slack_s.min(self.settings.same_view_s);
        let (presence, last_s, born) = (tracklet.presence, tracklet.last_s, tracklet.born);
        let excluded = |id| self.memory.parts(id).find(|other| self.exclude((key, tracklet), *other, SLACKS));
        if let Some((other_key, other)) = excluded(presence) {
            let later = if other.born > born { other_key.clone() } else { key.clone() };
            return self.take_out(&later);
        }
        let mut next = self.memory.presences.get(&presence).and_then(|presence| presence.after);
        while let Some((id, after)) = next.and_then(|id| Some((id, self.memory.presences.get(&id)?))) {
            if after.first_s + slack_s >= last_s {
                return;
            }
            if excluded(id).is_some() {
                return self.unlink(id);
            }
            next = after.after;
        }
    }

    /// Makes a track that was joined to an overlapping view a presence of its own, which is decided anew.
    fn take_out(&mut self, key: &TrackKey) {
        let Some(own) = self.memory.release(key) else { return };
        self.counters.impossible += 1;
        if let Some(tracklet) = self.memory.tracklets.get_mut(key) {
            tracklet.decision = Decision::default();
        }
        self.open.insert(own, None);
        self.announce_from(&[own]);
    }

    /// Makes the traveller of a presence a newcomer.
    fn unlink(&mut self, id: PresenceId) {
        self.counters.impossible += 1;
        self.memory.chain(None, id);
        self.withdraw(id);
        self.announce_from(&[id]);
    }

    /// Rejects what was decided of the track with which a presence began.
    pub(super) fn withdraw(&mut self, id: PresenceId) {
        let head = self.memory.head(id).map(|(key, _)| key.clone());
        if let Some(tracklet) = head.and_then(|head| self.memory.tracklets.get_mut(&head)) {
            tracklet.decision.withdraw();
        }
    }

    /// Pairs of tracks of one traveller that exclude each other for more than twice the slack: there should be none.
    #[must_use]
    pub fn double_presences(&self) -> usize {
        let mut of: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (key, tracklet) in &self.memory.tracklets {
            of.entry(self.traveller_of_track(key, tracklet)).or_default().push((key, tracklet));
        }
        let pairs = |tracks: &Vec<(&TrackKey, &Tracklet)>| {
            let wrong =
                |(index, one): (usize, &_)| tracks[index + 1..].iter().any(|other| self.exclude(*one, *other, SLACKS));
            tracks.iter().enumerate().filter(|each| wrong(*each)).count()
        };
        of.values().map(pairs).sum()
    }
}
