//! The ledger of bags: who has each, since when, and how sure that is.
//!
//! `Possession` has the probabilities of the moment, also while a bag is hidden. A bag whose track broke, or that was
//! hidden, comes back as a new path: which bag it is follows from who may have the hidden ones by now,
//! from where it lay. A change goes into the ledger when the probability has moved to another holder and stays there.
//! People who cross, boxes that overlap and missed detections leave the old carrier as likely as before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bag::{Bag, Exchange};
use super::finding::Finding;
use super::motion::Mover;
use crate::event::{Behaviour, ReasonCode, Unit};
use crate::frame::ObjectClass;
use crate::tracking::{Body, CarrierSettings};

/// Parameters of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustodySettings {
    /// Probability from which a carrier is believed.
    pub sure: f64,
    /// A change is told from this probability on that it is one, the doubt about which bag it is included.
    pub told: f64,
    /// From here on it is, if a second exchange the other way speaks for it.
    pub doubtful: f64,
    /// For how long, seconds ...
    pub hold_s: f64,
    /// ... and when it goes from one person to another: who crossed is apart again by then.
    pub passed_s: f64,
    /// Nearer than this an old carrier stands beside a bag on the floor, metres ...
    pub beside_m: f64,
    /// ... and somebody else has it at hand.
    pub at_hand_m: f64,
    /// A bag stands alone when its carrier is farther away than this, metres ...
    pub alone_m: f64,
    /// ... for this long, seconds.
    pub alone_s: f64,
    /// Two exchanges within this are a swap, seconds.
    pub swap_s: f64,
    /// A new path is looked at for this long until it is decided which bag it is, seconds.
    pub trial_s: f64,
    /// A bag out of sight is forgotten after this, seconds.
    pub keep_s: f64,
    /// Chance that a path which begins among hidden bags is none of them.
    pub new_bag: f64,
    /// Standard deviation of where a bag lies, seen twice, metres.
    pub place_m: f64,
}

impl Default for CustodySettings {
    fn default() -> Self {
        Self {
            sure: 0.8,
            told: 0.7,
            doubtful: 0.2,
            hold_s: 0.8,
            passed_s: 2.5,
            beside_m: 2.0,
            at_hand_m: 1.0,
            alone_m: 2.5,
            alone_s: 15.0,
            swap_s: 60.0,
            trial_s: 0.6,
            keep_s: 60.0,
            new_bag: 0.08,
            place_m: 0.4,
        }
    }
}

/// Older exchanges are forgotten.
const EXCHANGES_MAX: usize = 64;
/// Most bags; the ones out of sight for longest go first.
const BAGS_MAX: usize = 512;

/// All bags of a camera. Bounded by [`BAGS_MAX`].
#[derive(Debug, Clone, Default)]
pub struct Custody {
    /// By the path that each began with.
    bags: BTreeMap<u64, Bag>,
    exchanges: Vec<Exchange>,
    /// When its last frame was, seconds.
    last_at: f64,
}

/// A frame as the ledger sees it.
pub(super) struct Scene<'a> {
    pub(super) at: f64,
    /// People in view or just out of it ...
    pub(super) everybody: &'a [&'a Mover],
    /// ... those who are known, ascending key ...
    pub(super) people: &'a [&'a Mover],
    /// ... and their bodies, in the same order.
    pub(super) bodies: &'a [Body],
}

impl Scene<'_> {
    pub(super) fn person(&self, key: u64) -> Option<&Mover> {
        self.people.binary_search_by_key(&key, |m| m.key).ok().map(|i| self.people[i])
    }

    pub(super) fn body(&self, key: u64) -> Option<&Body> {
        self.bodies.binary_search_by_key(&key, |b| b.key).ok().map(|i| &self.bodies[i])
    }

    /// Whether two are out of each other's reach, where they were seen last.
    pub(super) fn parted(&self, one: u64, other: u64) -> bool {
        match (self.body(one), self.body(other)) {
            (Some(a), Some(b)) => !a.touches(b),
            _ => true,
        }
    }
}

/// A person or bag as its possession sees it.
pub(super) fn body(mover: &Mover, at: f64) -> Body {
    Body {
        key: mover.key,
        class: mover.class,
        centre: mover.centre,
        sides: mover.sides,
        drift: mover.drift,
        velocity: (mover.velocity.0 * mover.scale, mover.velocity.1 * mover.scale),
        age_s: at - mover.born,
        unseen_s: at - mover.seen,
    }
}

impl Custody {
    /// A frame: `seen` are the bags seen in it, `everybody` the people in view or just out of it, `people` those who are known,
    /// by ascending key.
    pub fn step(
        &mut self,
        at: f64,
        seen: &[&Mover],
        (everybody, people): (&[&Mover], &[&Mover]),
        (s, c): (&CustodySettings, &CarrierSettings),
        told: &mut Vec<Finding>,
    ) {
        let bodies: Vec<Body> = people.iter().map(|m| body(m, at)).collect();
        let scene = Scene { at, everybody, people, bodies: &bodies };
        for path in seen {
            let found = self.bags.iter_mut().find(|(_, bag)| bag.path == path.key);
            match found {
                Some((_, bag)) => bag.see(path, &scene, c),
                None => {
                    self.bags.insert(path.key, Bag::new(path, &scene, c));
                }
            }
        }
        self.bags.values_mut().filter(|bag| bag.seen < at).for_each(|bag| bag.miss(&scene, c));
        self.empty_hands(&scene, c);
        self.last_at = at;
        self.name(&scene, s);
        let mut exchanges = Vec::new();
        for bag in self.bags.values_mut().filter(|bag| bag.trial.is_none()) {
            exchanges.extend(bag.change(&scene, s, told));
            bag.alone(&scene, s, told);
        }
        for exchange in exchanges {
            self.swap(exchange, s, told);
        }
        self.forget(at, s, told);
    }

    /// Bags that are taken for others' are looked for with their old carriers.
    fn empty_hands(&mut self, scene: &Scene, c: &CarrierSettings) {
        const RECENT_S: f64 = 2.0;
        let looks = ((scene.at - self.last_at) / c.look_s).clamp(0.0, 1.0);
        let doubtful: Vec<(u64, u64)> =
            self.bags.iter().filter_map(|(key, bag)| Some((*key, bag.linked_from()?))).collect();
        for (key, carrier) in doubtful {
            let in_sight = scene.body(carrier).is_some_and(Body::in_sight);
            let with = |bag: &Bag| bag.is_seen_with(carrier, scene.at, RECENT_S);
            if in_sight
                && !self.bags.values().any(with)
                && let Some(bag) = self.bags.get_mut(&key)
            {
                bag.missed_with_carrier(looks);
            }
        }
    }

    /// Decides of new paths which bag they are.
    fn name(&mut self, scene: &Scene, s: &CustodySettings) {
        let ripe = |bag: &Bag| bag.trial.as_ref().is_some_and(|_| scene.at - bag.known_at >= s.trial_s);
        let paths: Vec<u64> = self.bags.iter().filter(|(_, b)| ripe(b)).map(|(key, _)| *key).collect();
        for key in paths {
            let Some(new) = self.bags.get(&key) else { continue };
            let scored = self.bags.iter().filter(|(k, _)| **k != key);
            let scored = scored.filter_map(|(k, old)| Some((*k, old.could_be(new, s)?)));
            let best = scored.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, odds)| *odds > s.new_bag);
            if let Some((old, odds)) = best {
                if let (Some(new), Some(old)) = (self.bags.remove(&key), self.bags.get_mut(&old)) {
                    old.go_on(new, odds, s.new_bag);
                }
            } else if let Some(new) = self.bags.get_mut(&key) {
                new.trial = None;
            }
        }
    }

    fn forget(&mut self, at: f64, s: &CustodySettings, told: &mut Vec<Finding>) {
        while self.bags.len() > BAGS_MAX {
            let oldest = self.bags.iter().min_by(|a, b| a.1.seen.total_cmp(&b.1.seen)).map(|(key, _)| *key);
            oldest.and_then(|key| self.bags.remove(&key)).iter().for_each(|bag| told.extend(bag.over()));
        }
        let gone = |bag: &Bag| at - bag.seen > s.keep_s || bag.trial.is_some() && at - bag.seen > 2.0;
        self.bags.retain(|_, bag| {
            if gone(bag) {
                told.extend(bag.over());
            }
            !gone(bag)
        });
    }

    /// The path of a person ended: they are gone, or come back under a new name.
    pub fn lose(&mut self, person: &Mover) {
        self.bags.values_mut().for_each(|bag| bag.lose(person));
    }

    /// Whether it knows of no bag.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bags.is_empty()
    }

    /// All is over: the clock stepped, or the picture changed.
    pub fn finish(&mut self, told: &mut Vec<Finding>) {
        std::mem::take(self).bags.values().for_each(|bag| told.extend(bag.over()));
    }

    /// The suitcases and handbags, seen not longer than `within_s` ago, that somebody carries. Backpacks are not counted:
    /// they are seen from behind and not from in front.
    #[must_use]
    pub fn carried_by(&self, person: u64, at: f64, within_s: f64) -> usize {
        let countable = |b: &&Bag| b.class != ObjectClass::Backpack && at - b.seen <= within_s;
        self.bags.values().filter(countable).filter(|b| b.is_with(person)).count()
    }

    /// Two who have each other's bags: each exchange speaks for the other, so that a doubtful one is told then.
    fn swap(&mut self, mut new: Exchange, s: &CustodySettings, told: &mut Vec<Finding>) {
        self.exchanges.retain(|e| new.at - e.at <= s.swap_s);
        let is_other = |e: &&mut Exchange| {
            e.class == new.class && e.bag != new.bag && (e.giver.0, e.taker.0) == (new.taker.0, new.giver.0)
        };
        if let Some(other) = self.exchanges.iter_mut().find(is_other)
            && let Some(bag) = self.bags.get(&new.bag)
            && (new.held_back.is_none() || other.held_back.is_none())
        {
            told.extend(other.held_back.take().into_iter().chain(new.held_back.take()));
            let finding = bag.finding(Behaviour::BagSwapped, other.at).with(new.giver.1).with(new.taker.1);
            let earlier = new.at - other.at;
            told.push(finding.because(ReasonCode::EarlierMoment, earlier, (s.swap_s, f64::MAX), Unit::Seconds));
        }
        if self.exchanges.len() >= EXCHANGES_MAX {
            self.exchanges.remove(0);
        }
        self.exchanges.push(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appearance::Appearance;
    use crate::behaviour::{Behaviours, Moment, Rules};
    use crate::frame::BBox;
    use crate::ids::TrackId;
    use crate::time::MediaTime;
    use crate::tracking::Track;

    const OWNER: u64 = 1;
    const CASE: u64 = 2;
    const OTHER: u64 = 3;

    /// A person or the suitcase with its left edge at `x`; a metre is 100 pixels.
    fn track(id: u64, x: f64, look: [f32; 2]) -> Track {
        let (class, w, h) =
            if id == CASE { (ObjectClass::Suitcase, 45.0, 65.0) } else { (ObjectClass::Person, 55.0, 170.0) };
        let bbox = BBox { x, y: 400.0 - h, w, h };
        let appearance = Appearance::normalised(&look, 1.0);
        Track { appearance, ..Track::confirmed(TrackId(id), class, bbox, 0.9, MediaTime(0)) }
    }

    /// Everything told of tracks at tenths of a second until 20 s.
    fn played(scene: impl Fn(f64) -> Vec<Track>) -> Vec<Behaviour> {
        let (mut behaviours, mut told) = (Behaviours::new(Rules::default()), Vec::new());
        for frame in 0..200 {
            let at = f64::from(frame) / 10.0;
            let moment = Moment { at, unix_micros: 0, size: (2_000.0, 720.0) };
            behaviours.frame(&moment, &scene(at), &mut told).unwrap();
        }
        told.into_iter().map(|finding| finding.behaviour).collect()
    }

    /// The owner comes with the suitcase, sets it down at 3 s and is hidden at 4 s. Who is `back` at 9 s begins a new track
    /// `apart` pixels from where the owner was, stands beside the suitcase at 11 s and takes it away at 13 s.
    fn told(back: [f32; 2], apart: f64) -> Vec<Behaviour> {
        let mine = [1.0, 0.0];
        played(|at| {
            let way = 130.0 * (at.min(3.0) + (at - 13.0).max(0.0));
            let mut tracks = vec![track(CASE, 160.0 + way, mine)];
            if at < 4.0 {
                tracks.push(track(OWNER, 100.0 + way, mine));
            } else if at >= 9.0 {
                let short = apart * ((11.0 - at) / 2.0).max(0.0);
                tracks.push(track(OTHER, 100.0 + way - short, back));
            }
            tracks
        })
    }

    #[test]
    fn who_was_hidden_takes_their_own_bag() {
        for (name, back, apart, expected) in [
            ("the owner again", [1.0, 0.1], 0.0, Behaviour::ObjectReclaimed),
            ("somebody who looks otherwise", [0.0, 1.0], 0.0, Behaviour::ObjectTaken),
            ("somebody who looks alike and comes from elsewhere", [1.0, 0.1], 350.0, Behaviour::ObjectTaken),
        ] {
            assert_eq!(told(back, apart), [expected], "{name}");
        }
    }

    /// The owner comes with the suitcase and gives it away at 6 s. The other, out of sight during the spans of `hidden`, has come from
    /// afar by 3 s and waits at `stands`; the owner goes at 7 s, the other with the suitcase at `goes`.
    fn given(hidden: &[(f64, f64)], stands: f64, goes: f64) -> Vec<Behaviour> {
        const BY_THE_OWNER: f64 = 600.0;
        played(|at| {
            let owner = 100.0 + 130.0 * (at.min(3.0) - (at - 7.0).max(0.0));
            let comes = 700.0 * ((3.0 - at) / 3.0).max(0.0) + (stands - BY_THE_OWNER) * (goes - at).clamp(0.0, 1.0);
            let other = BY_THE_OWNER + comes + 130.0 * (at - goes).max(0.0);
            let case = if at < 6.0 { owner - 50.0 } else { 650.0 + 130.0 * (at - goes).max(0.0) };
            let mut tracks = vec![track(OWNER, owner, [1.0, 0.0]), track(CASE, case, [1.0, 0.0])];
            if !hidden.iter().any(|(from, until)| (*from..*until).contains(&at)) {
                tracks.push(track(OTHER, other, [0.0, 1.0]));
            }
            tracks
        })
    }

    #[test]
    fn who_was_seen_without_it_is_given_what_they_have_at_hand() {
        let in_passing = [(0.0, 0.9), (1.6, 5.7)];
        for (name, hidden, stands, goes, expected) in [
            ("comes and goes with it", &[][..], 600.0, 7.0, vec![Behaviour::BagHandedOver]),
            ("was hidden and may have had it all along", &[(0.0, 5.0)], 600.0, 7.0, vec![]),
            (
                "was seen without it in passing, on a path that ended",
                &in_passing,
                600.0,
                7.0,
                vec![Behaviour::BagHandedOver],
            ),
            ("stays where it is", &[], 600.0, 11.0, vec![Behaviour::BagHandedOver]),
            ("waits aside and fetches it", &[], 850.0, 11.0, vec![Behaviour::ObjectTaken]),
        ] {
            assert_eq!(given(hidden, stands, goes), expected, "{name}");
        }
    }
}
