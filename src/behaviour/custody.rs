//! The ledger of bags: who has each, since when, and how sure that is.
//!
//! [`Belief`] has the probabilities of the moment. A change goes into the ledger only when it cannot be anything else:
//! the new carrier is likely and moves off with the bag, while the old one is somewhere else. People who cross, boxes that
//! overlap and missed detections leave the old carrier as likely as before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::carrier::{Belief, apart};
use super::finding::Finding;
use super::motion::Mover;
use crate::event::{Behaviour, Lifecycle, ReasonCode, Unit};
use crate::frame::ObjectClass;
use crate::ids::TrackId;

/// Parameters of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustodySettings {
    /// Probability from which a carrier is believed.
    pub sure: f64,
    /// For how long, seconds.
    pub hold_s: f64,
    /// The old carrier is somewhere else when this far from the bag, body heights.
    pub apart_heights: f64,
    /// A new carrier has moved off with it by this, metres.
    pub moved_m: f64,
    /// A carrier had a bag for certain when it moved along with them by this, metres.
    pub proved_m: f64,
    /// Whose bag it is at first is known when it moved, or after this, seconds.
    pub first_s: f64,
    /// A bag stands alone when its carrier is farther away than this, metres ...
    pub alone_m: f64,
    /// ... for this long, seconds.
    pub alone_s: f64,
    /// Two exchanges within this are a swap, seconds.
    pub swap_s: f64,
}

impl Default for CustodySettings {
    fn default() -> Self {
        Self {
            sure: 0.8,
            hold_s: 0.8,
            apart_heights: 0.7,
            moved_m: 0.7,
            proved_m: 1.0,
            first_s: 3.0,
            alone_m: 2.5,
            alone_s: 15.0,
            swap_s: 60.0,
        }
    }
}

/// A person in the ledger.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Carrier {
    key: u64,
    track: TrackId,
    /// When they were seen last, seconds.
    seen: f64,
    /// Whether the bag was ever seen to move along with them: who only stood beside a bag never had it.
    proved: bool,
}

/// Who has a bag.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Holder {
    /// Not known yet.
    Unknown,
    Person(Carrier),
    /// Nobody; who had it before.
    Floor(Option<Carrier>),
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    class: ObjectClass,
    belief: Belief,
    holder: Holder,
    last_at: f64,
    /// When the holder was last sure, and where the bag was then.
    sure: (f64, (f64, f64)),
    /// Where the bag was when the holder got it.
    got: (f64, f64),
    /// Who seems to have it instead, since when.
    rival: Option<(Option<u64>, f64)>,
    alone_since: Option<f64>,
    left_told: Option<f64>,
    seen: f64,
}

/// A change of carrier, for swaps.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Exchange {
    at: f64,
    class: ObjectClass,
    bag: TrackId,
    /// Who had it and who has it: paths and tracks.
    giver: (u64, TrackId),
    taker: (u64, TrackId),
}

/// Older exchanges are forgotten.
const EXCHANGES_MAX: usize = 64;

/// All bags of a camera. Bounded by the paths that are followed.
#[derive(Debug, Clone, Default)]
pub struct Custody {
    bags: BTreeMap<u64, Entry>,
    exchanges: Vec<Exchange>,
}

impl Custody {
    /// A sighting of `bag` among `people`.
    pub fn step(&mut self, at: f64, bag: &Mover, people: &[&Mover], s: &CustodySettings, told: &mut Vec<Finding>) {
        let entry = self.bags.entry(bag.key).or_insert_with(|| Entry {
            class: bag.class,
            belief: Belief::default(),
            holder: Holder::Unknown,
            last_at: at,
            sure: (at, bag.at),
            got: bag.at,
            rival: None,
            alone_since: None,
            left_told: None,
            seen: at,
        });
        entry.belief.step(at, at - entry.last_at, bag, people);
        (entry.last_at, entry.seen) = (at, at);
        if let Some(exchange) = entry.change(at, bag, people, s, told) {
            self.swap(exchange, bag, s, told);
        }
        if let Some(entry) = self.bags.get_mut(&bag.key) {
            entry.alone(at, bag, people, s, told);
        }
    }

    /// A bag's path ended.
    pub fn forget(&mut self, bag: &Mover, told: &mut Vec<Finding>) {
        let left = self.bags.remove(&bag.key).and_then(|entry| entry.left_told);
        told.extend(
            left.map(|since| {
                Finding { bag: Some(bag.track), ..Finding::new(Behaviour::ObjectLeft, bag, since) }.over()
            }),
        );
    }

    /// The suitcases and handbags, seen not longer than `within_s` ago, that somebody carries. Backpacks are not counted:
    /// they are seen from behind and not from in front.
    #[must_use]
    pub fn carried_by(&self, person: u64, at: f64, within_s: f64) -> usize {
        let theirs = |e: &&Entry| matches!(e.holder, Holder::Person(carrier) if carrier.key == person);
        let countable = |e: &&Entry| e.class != ObjectClass::Backpack && at - e.seen <= within_s;
        self.bags.values().filter(theirs).filter(countable).count()
    }

    fn swap(&mut self, new: Exchange, bag: &Mover, s: &CustodySettings, told: &mut Vec<Finding>) {
        self.exchanges.retain(|e| new.at - e.at <= s.swap_s);
        let other = self
            .exchanges
            .iter()
            .find(|e| e.class == new.class && e.bag != new.bag && (e.giver.0, e.taker.0) == (new.taker.0, new.giver.0));
        if let Some(other) = other {
            let finding = Finding::new(Behaviour::BagSwapped, bag, other.at).with(new.giver.1).with(new.taker.1);
            let earlier = new.at - other.at;
            let finding = finding.because(ReasonCode::EarlierMoment, earlier, (s.swap_s, f64::MAX), Unit::Seconds);
            told.push(Finding { bag: Some(bag.track), ..finding });
        }
        if self.exchanges.len() >= EXCHANGES_MAX {
            self.exchanges.remove(0);
        }
        self.exchanges.push(new);
    }
}

impl Entry {
    /// Writes down a change that is sure.
    fn change(
        &mut self,
        at: f64,
        bag: &Mover,
        people: &[&Mover],
        s: &CustodySettings,
        told: &mut Vec<Finding>,
    ) -> Option<Exchange> {
        let (best, p) = self.belief.best();
        let person = best.and_then(|key| people.iter().find(|m| m.key == key)).copied();
        if self.is_held_by(best) {
            self.rival = None;
            if p >= s.sure {
                self.sure = (at, bag.at);
            }
            if let (Holder::Person(carrier), Some(person)) = (&mut self.holder, person) {
                (carrier.track, carrier.seen) = (person.track, person.seen);
                // Of two who walk side by side either may have it.
                let alone = people.iter().all(|m| m.key == carrier.key || apart(bag, m) >= s.apart_heights);
                carrier.proved |= p >= s.sure && alone && bag.distance_to(self.got) >= s.proved_m;
            }
            return None;
        }
        if p < s.sure || (best.is_some() && person.is_none()) {
            self.rival = None;
            return None;
        }
        let since = match self.rival {
            Some((rival, since)) if rival == best => since,
            _ => {
                self.rival = Some((best, at));
                at
            }
        };
        let unmoved = self.holder == Holder::Unknown && best.is_some() && bag.distance_to(self.got) < s.moved_m;
        let hold_s = if unmoved { s.first_s } else { s.hold_s };
        if at - since < hold_s || !self.is_over(at, bag, person, people, s) {
            return None;
        }
        self.rival = None;
        self.write(at, bag, person, p, told)
    }

    fn is_held_by(&self, carrier: Option<u64>) -> bool {
        match self.holder {
            Holder::Unknown => false,
            Holder::Person(Carrier { key, .. }) => carrier == Some(key),
            Holder::Floor(_) => carrier.is_none(),
        }
    }

    /// Whether the time of the last holder is surely over.
    fn is_over(&self, at: f64, bag: &Mover, to: Option<&Mover>, people: &[&Mover], s: &CustodySettings) -> bool {
        let moved = bag.distance_to(self.sure.1) >= s.moved_m;
        match self.holder {
            Holder::Unknown => true,
            Holder::Floor(_) => moved,
            Holder::Person(from) => {
                let away = match people.iter().find(|m| m.key == from.key) {
                    Some(person) if at - person.seen < 1.0 => apart(bag, person) >= s.apart_heights,
                    _ => at - from.seen > 2.0,
                };
                away && (to.is_none() || moved)
            }
        }
    }

    fn write(&mut self, at: f64, bag: &Mover, to: Option<&Mover>, p: f64, told: &mut Vec<Finding>) -> Option<Exchange> {
        let old = self.holder;
        let began = self.sure.0;
        let carrier = to.map(|m| Carrier { key: m.key, track: m.track, seen: m.seen, proved: false });
        self.sure = (at, bag.at);
        if old != Holder::Unknown {
            // Whose bag it is at first, it was on the way here, too.
            self.got = bag.at;
        }
        self.holder = match (carrier, old) {
            (Some(carrier), _) => Holder::Person(carrier),
            (None, Holder::Person(from)) => Holder::Floor(Some(from)),
            (None, _) => Holder::Floor(None),
        };
        let to = to?;
        self.stop_alone(bag, told);
        let (behaviour, from) = match old {
            Holder::Person(from) => (Behaviour::BagHandedOver, from),
            Holder::Floor(Some(from)) if from.key == to.key => (Behaviour::ObjectReclaimed, from),
            Holder::Floor(Some(from)) => (Behaviour::ObjectTaken, from),
            Holder::Unknown | Holder::Floor(None) => return None,
        };
        // Who was not there before the old carrier was lost is the old carrier under a new name.
        let renamed = behaviour == Behaviour::BagHandedOver && to.born > from.seen - 1.0;
        if let (true, Holder::Person(same)) = (renamed, &mut self.holder) {
            same.proved = from.proved;
        }
        if renamed || !from.proved {
            return None;
        }
        let finding = Finding::new(behaviour, bag, began).with(from.track).with(to.track);
        let finding = finding.because(ReasonCode::CarrierProbability, p, (0.0, 0.5), Unit::Ratio).because(
            ReasonCode::EarlierMoment,
            at - began,
            (0.0, f64::MAX),
            Unit::Seconds,
        );
        told.push(Finding { bag: Some(bag.track), ..finding });
        let (giver, taker) = ((from.key, from.track), (to.key, to.track));
        let exchange = Exchange { at, class: bag.class, bag: bag.track, giver, taker };
        (from.key != to.key).then_some(exchange)
    }

    /// Whether the bag stands alone.
    fn alone(&mut self, at: f64, bag: &Mover, people: &[&Mover], s: &CustodySettings, told: &mut Vec<Finding>) {
        let Holder::Floor(owner) = self.holder else {
            self.alone_since = None;
            return;
        };
        let attended = match owner {
            Some(owner) => people.iter().any(|m| m.key == owner.key && m.distance(bag) < s.alone_m),
            None => people.iter().any(|m| m.distance(bag) < s.alone_m),
        };
        if attended {
            self.alone_since = None;
            return;
        }
        let since = *self.alone_since.get_or_insert(at);
        if self.left_told.is_some() || at - since < s.alone_s {
            return;
        }
        self.left_told = Some(since);
        let mut finding = Finding::new(Behaviour::ObjectLeft, bag, since);
        finding.others.extend(owner.map(|o| o.track));
        finding.bag = Some(bag.track);
        told.push(finding.because(ReasonCode::TimeAlone, at - since, (0.0, s.alone_s), Unit::Seconds));
    }

    fn stop_alone(&mut self, bag: &Mover, told: &mut Vec<Finding>) {
        self.alone_since = None;
        if let Some(since) = self.left_told.take() {
            let over = Finding::new(Behaviour::ObjectLeft, bag, since);
            told.push(Finding { bag: Some(bag.track), lifecycle: Lifecycle::End, ..over });
        }
    }
}
