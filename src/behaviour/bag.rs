//! One bag in the ledger.

use std::collections::BTreeMap;

use super::custody::{CustodySettings, Scene, body};
use super::finding::Finding;
use super::link::{Link, Trial};
use super::motion::Mover;
use crate::event::{Behaviour, Lifecycle, ReasonCode, Unit};
use crate::frame::{BBox, ObjectClass};
use crate::ids::TrackId;
use crate::tracking::{Body, CarrierSettings, Holder, Possession};

/// A person in the ledger.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Carrier {
    pub(super) key: u64,
    pub(super) track: TrackId,
    /// When they were seen last, seconds.
    seen: f64,
}

/// What the ledger says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Entry {
    /// Not known yet.
    Unknown,
    Person(Carrier),
    /// Nobody; who had it before.
    Floor(Option<Carrier>),
}

/// A change of carrier, for swaps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Exchange {
    pub(super) at: f64,
    pub(super) class: ObjectClass,
    /// Which bag.
    pub(super) bag: u64,
    /// Who had it and who has it: paths and tracks.
    pub(super) giver: (u64, TrackId),
    pub(super) taker: (u64, TrackId),
    /// Its probability.
    pub(super) p: f64,
    /// What is told of it if something else speaks for it, too.
    pub(super) held_back: Option<Finding>,
}

/// That a bag is not seen where it lay, with nobody before it, speaks so strongly against its lying there, nats a look ...
const ABSENT_SAYS: f64 = 1.0;
/// ... and no stronger in all: detectors overlook what they overlooked before.
const ABSENT_MAX: f64 = 4.0;

/// Most people of whom it is known that they were apart from a bag's carrier.
const APART_MAX: usize = 64;
/// Nothing is told of a bag left alone that was not seen for longer than this, seconds.
const IN_VIEW_S: f64 = 1.0;
/// From this probability on nobody else can have had a bag.
const CERTAIN: f64 = 0.98;
/// From this probability on a path is a bag's for certain.
const SAME_FOR_SURE: f64 = 0.99;
/// How well it is known where a path began, metres.
const ORIGIN_M: f64 = 0.3;

#[derive(Debug, Clone)]
pub(super) struct Bag {
    pub(super) class: ObjectClass,
    /// The path that it begins with: its name ...
    key: u64,
    /// ... and the one it is seen on now.
    pub(super) path: u64,
    track: TrackId,
    bbox: BBox,
    /// Where it was seen last, in the picture and on the plane.
    body: Body,
    at: (f64, f64),
    scale: f64,
    possession: Possession,
    /// What its new path alone says, as long as it is not decided which bag it is.
    pub(super) trial: Option<Trial>,
    /// Why the path is taken for this bag's, until its carrier was surely seen with it again.
    link: Option<Link>,
    /// Since when its path is known.
    pub(super) known_at: f64,
    /// Where and when its path began.
    origin: (f64, f64),
    born: f64,
    last_at: f64,
    /// How much it spoke against its lying there that it is not seen, nats.
    absent: f64,
    /// Where the people around it were when it was seen last.
    around: Vec<(u64, (f64, f64))>,
    pub(super) seen: f64,
    entry: Entry,
    /// When the ledger was last sure of it.
    sure: f64,
    /// Who seems to have it instead, since when.
    rival: Option<(Holder, f64)>,
    /// Who was seen apart from its carrier while that one surely had it, and their track then: one outlives the other. Bounded by
    /// [`APART_MAX`]; the oldest paths go first.
    apart: BTreeMap<u64, TrackId>,
    /// Who has had it at hand ever since its carrier did.
    guards: Vec<u64>,
    /// Its old carrier, if their path ended.
    lost: Option<Box<Mover>>,
    alone_since: Option<f64>,
    left_told: Option<f64>,
}

impl Bag {
    /// A path that has just become known.
    pub(super) fn new(path: &Mover, scene: &Scene, c: &CarrierSettings) -> Self {
        let body = body(path, scene.at);
        let prior = Possession::new(&body, scene.bodies, c);
        let mut possession = prior.clone();
        possession.moved(path.distance_to(path.origin), ORIGIN_M + path.noise_m, c);
        Self {
            class: path.class,
            key: path.key,
            path: path.key,
            track: path.track,
            bbox: path.bbox,
            body,
            at: path.at,
            scale: path.scale,
            trial: Some(Trial { prior, alone: possession.clone() }),
            link: None,
            possession,
            known_at: scene.at,
            origin: path.origin,
            born: path.born,
            last_at: scene.at,
            absent: 0.0,
            around: Vec::new(),
            seen: scene.at,
            entry: Entry::Unknown,
            sure: scene.at,
            rival: None,
            apart: BTreeMap::new(),
            guards: Vec::new(),
            lost: None,
            alone_since: None,
            left_told: None,
        }
    }

    /// It is seen in this frame.
    pub(super) fn see(&mut self, path: &Mover, scene: &Scene, c: &CarrierSettings) {
        let dt = scene.at - self.last_at;
        self.body = body(path, scene.at);
        self.possession.wait(dt, &self.body, scene.bodies, c);
        self.possession.look((dt / c.look_s).min(1.0), &self.body, scene.bodies, c);
        let others = self.trial.iter_mut().map(|trial| &mut trial.alone);
        for other in others.chain(self.link.iter_mut().map(|link| &mut link.own)) {
            other.wait(dt, &self.body, scene.bodies, c);
            other.look((dt / c.look_s).min(1.0), &self.body, scene.bodies, c);
        }
        (self.track, self.bbox, self.at, self.scale) = (path.track, path.bbox, path.at, path.scale);
        self.around.clear();
        self.around.extend(scene.bodies.iter().filter(|p| self.body.is_around(p)).map(|p| (p.key, p.centre)));
        (self.last_at, self.seen, self.absent) = (scene.at, scene.at, 0.0);
    }

    /// Whether a person is where they were when the bag was seen last.
    fn has_stayed(&self, person: &Body) -> bool {
        self.around.iter().any(|(key, centre)| *key == person.key && person.stays(*centre))
    }

    fn may_hide_behind(&self, person: &Body) -> bool {
        self.body.is_hidden_by(person) && !self.has_stayed(person)
    }

    /// It is not seen in this frame.
    pub(super) fn miss(&mut self, scene: &Scene, c: &CarrierSettings) {
        let dt = scene.at - self.last_at;
        self.body.unseen_s = scene.at - self.seen;
        self.body.age_s += dt;
        self.possession.wait(dt, &self.body, scene.bodies, c);
        self.last_at = scene.at;
        if self.absent < ABSENT_MAX && scene.bodies.iter().all(|person| !self.may_hide_behind(person)) {
            // With nobody new before it, it would be seen if it were still there: on the floor, or with who stands there.
            let nats = ABSENT_SAYS * (dt / c.look_s).min(1.0);
            self.absent += nats;
            let stayed = |person: &&Body| self.has_stayed(person);
            let stayed: Vec<u64> = scene.bodies.iter().filter(stayed).map(|person| person.key).collect();
            self.possession.weigh(|holder| match holder {
                Holder::Nobody => -nats,
                Holder::Person(key) if stayed.contains(&key) => -nats,
                Holder::Person(_) | Holder::Stranger => 0.0,
            });
        }
    }

    /// Whose it is likely to be by now, if it was seen not longer than `within_s` ago.
    pub(super) fn is_seen_with(&self, person: u64, at: f64, within_s: f64) -> bool {
        at - self.seen <= within_s && self.possession.of(Holder::Person(person)) > 0.5
    }

    /// Its old carrier, as long as it is not sure that the path is this bag's.
    pub(super) fn linked_from(&self) -> Option<u64> {
        match (&self.link, self.entry) {
            (Some(_), Entry::Person(carrier)) => Some(carrier.key),
            _ => None,
        }
    }

    /// Its old carrier is seen without it, for `looks` independent looks: it would be seen if it were there.
    pub(super) fn missed_with_carrier(&mut self, looks: f64) {
        if let Some(link) = &mut self.link {
            link.carrier_is_without(looks);
        }
    }

    /// The path of a person ended.
    pub(super) fn lose(&mut self, person: &Mover) {
        match self.entry {
            Entry::Person(carrier) | Entry::Floor(Some(carrier)) if carrier.key == person.key => {
                self.lost = Some(Box::new(person.clone()));
            }
            _ => {}
        }
    }

    /// Whether `person` is the old carrier, who was lost and came back under a new name: hidden behind others, say.
    fn is_again(&self, person: &Mover) -> bool {
        self.lost.as_ref().is_some_and(|old| person.goes_on_with(old))
    }

    pub(super) fn is_with(&self, person: u64) -> bool {
        matches!(self.entry, Entry::Person(carrier) if carrier.key == person)
    }

    /// How much likelier it is that the path of `new` goes on with this bag than that it begins at any place. `None` when
    /// it cannot: this one was seen meanwhile.
    pub(super) fn could_be(&self, new: &Self, s: &CustodySettings) -> Option<f64> {
        const OTHER_KIND: f64 = 0.05;
        /// So many bags can lie in the hall without being taken for each other.
        const ROOM: f64 = 10.0;
        /// Who is not in view may appear anywhere, but seldom does.
        const ANYWHERE: f64 = 0.02;
        let trial = new.trial.as_ref()?;
        if self.trial.is_some() || self.seen > new.born + 0.2 {
            return None;
        }
        let kind = if self.class == new.class { 1.0 } else { OTHER_KIND };
        let off = (self.at.0 - new.origin.0).hypot(self.at.1 - new.origin.1) * self.scale / s.place_m;
        let place = |holder| match holder {
            Holder::Nobody => ROOM * (-off * off / 2.0).exp(),
            Holder::Stranger => ANYWHERE,
            Holder::Person(_) => 1.0,
        };
        let agrees = |(holder, p)| p * place(holder) * trial.alone.speaks_for(holder, &trial.prior);
        Some(kind * self.possession.iter().map(agrees).sum::<f64>())
    }

    /// `new` is this bag, with such odds; with such others it begins anew.
    pub(super) fn go_on(&mut self, new: Self, odds: f64, anew: f64) {
        let Some(trial) = new.trial else { return };
        let mut possession = std::mem::take(&mut self.possession);
        possession.weigh(|holder| trial.alone.speaks_for(holder, &trial.prior).ln());
        let link = Link::new(odds / anew, trial.alone, &possession);
        *self = Self {
            path: new.path,
            track: new.track,
            bbox: new.bbox,
            body: new.body,
            at: new.at,
            scale: new.scale,
            last_at: new.last_at,
            seen: new.seen,
            possession,
            trial: None,
            link: Some(link),
            ..self.clone()
        };
    }

    /// Writes down a change that is sure.
    pub(super) fn change(&mut self, scene: &Scene, s: &CustodySettings, told: &mut Vec<Finding>) -> Option<Exchange> {
        let at = scene.at;
        if self.rival.is_none() {
            self.guard(scene, s);
        }
        let (best, p) = self.possession.best();
        let person = match best {
            Holder::Person(key) => scene.person(key),
            Holder::Nobody | Holder::Stranger => None,
        };
        if self.is_held_by(best) {
            self.rival = None;
            if p >= s.sure {
                self.sure = at;
                if p >= CERTAIN && best != Holder::Nobody {
                    self.possession.confirm(best);
                }
                if self.same() >= SAME_FOR_SURE {
                    self.link = None;
                }
                self.see_apart(best, scene);
            }
            if let (Entry::Person(carrier), Some(person)) = (&mut self.entry, person) {
                (carrier.track, carrier.seen) = (person.track, person.seen);
            }
            return None;
        }
        if p < s.sure || best == Holder::Stranger || (best != Holder::Nobody && person.is_none()) {
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
        // Whose it is at first is not told, and may be mended.
        let hold_s = match (self.entry, person) {
            (Entry::Unknown, Some(_)) => 0.0,
            (Entry::Person(_), Some(_)) => s.passed_s,
            _ => s.hold_s,
        };
        if let (Entry::Person(from), Some(to)) = (self.entry, person) {
            // As long as the two stand together nothing is decided.
            if !scene.parted(from.key, to.key) {
                return None;
            }
        }
        if at - since < hold_s {
            return None;
        }
        self.rival = None;
        self.write(scene, person, s, told)
    }

    /// Notes who is apart from its carrier while it is seen with that one.
    fn see_apart(&mut self, carrier: Holder, scene: &Scene) {
        let Holder::Person(carrier) = carrier else { return };
        let Some(carrier) = scene.body(carrier).filter(|body| body.in_sight() && self.seen == scene.at) else { return };
        let apart = |m: &&&Mover| m.fresh && !body(m, scene.at).touches(carrier);
        self.apart.extend(scene.everybody.iter().filter(apart).map(|m| (m.key, m.track)));
        while self.apart.len() > APART_MAX {
            self.apart.pop_first();
        }
    }

    fn is_held_by(&self, holder: Holder) -> bool {
        match self.entry {
            Entry::Unknown => false,
            Entry::Person(Carrier { key, .. }) => holder == Holder::Person(key),
            Entry::Floor(_) => holder == Holder::Nobody,
        }
    }

    fn write(
        &mut self,
        scene: &Scene,
        to: Option<&Mover>,
        s: &CustodySettings,
        told: &mut Vec<Finding>,
    ) -> Option<Exchange> {
        let (old, at) = (self.entry, scene.at);
        let began = self.sure;
        let carrier = to.map(|m| Carrier { key: m.key, track: m.track, seen: m.seen });
        self.sure = at;
        let same = self.same();
        self.link = None;
        let passed = self.possession.passed_to(carrier.map_or(Holder::Nobody, |c| Holder::Person(c.key)));
        if let Some(carrier) = &carrier {
            let holder = Holder::Person(carrier.key);
            if old == Entry::Unknown {
                self.possession.begin(holder);
            } else {
                // Who did not surely get it may not surely hand it on.
                self.possession.believe(holder, passed * same);
            }
        }
        let again = to.is_some_and(|person| self.is_again(person));
        if carrier.is_some() {
            self.lost = None;
        }
        self.entry = match (carrier, old) {
            (Some(carrier), _) => Entry::Person(carrier),
            (None, Entry::Person(from)) => Entry::Floor(Some(from)),
            (None, _) => Entry::Floor(None),
        };
        let apart = std::mem::take(&mut self.apart);
        let to = to?;
        self.alone_since = None;
        told.extend(self.over());
        self.left_told = None;
        let (behaviour, from) = match old {
            Entry::Person(from) => (Behaviour::BagHandedOver, from),
            Entry::Floor(Some(from)) if from.key == to.key || again => (Behaviour::ObjectReclaimed, from),
            // Who stands beside when it is taken has given it.
            Entry::Floor(Some(from)) if self.guards.contains(&to.key) || self.guards.contains(&from.key) => {
                (Behaviour::BagHandedOver, from)
            }
            Entry::Floor(Some(from)) => (Behaviour::ObjectTaken, from),
            Entry::Unknown | Entry::Floor(None) => return None,
        };
        // Who was not there before the old carrier was lost is the old carrier under a new name.
        let renamed = behaviour == Behaviour::BagHandedOver
            && to.born > scene.person(from.key).map_or(from.seen, |m| m.seen) - 1.0;
        let p = passed * same;
        // Of somebody who is gone nobody can see that they have it no more.
        let gone = behaviour == Behaviour::BagHandedOver && scene.person(from.key).is_none();
        // A bag that was with both whenever they were seen may have been either's all along.
        let was_apart = apart.contains_key(&to.key) || apart.values().any(|track| *track == to.track);
        let either = matches!(old, Entry::Person(_)) && !was_apart;
        if renamed || gone || p < s.doubtful {
            return None;
        }
        let finding = self.finding(behaviour, began).with(from.track).with(to.track);
        let finding = finding.because(ReasonCode::CarrierProbability, p, (0.0, 0.5), Unit::Ratio).because(
            ReasonCode::EarlierMoment,
            at - began,
            (0.0, f64::MAX),
            Unit::Seconds,
        );
        let (giver, taker) = ((from.key, from.track), (to.key, to.track));
        let held_back = if p >= s.told && !either {
            told.push(finding);
            None
        } else {
            Some(finding)
        };
        (from.key != to.key).then_some(Exchange { at, class: self.class, bag: self.key, giver, taker, p, held_back })
    }

    /// Probability that the path is this bag's and none of its own.
    fn same(&self) -> f64 {
        self.link.as_ref().map_or(1.0, |link| link.same(&self.possession))
    }

    pub(super) fn finding(&self, behaviour: Behaviour, since: f64) -> Finding {
        Finding {
            behaviour,
            lifecycle: Lifecycle::New,
            key: self.key,
            track: self.track,
            bbox: self.bbox,
            others: Vec::new(),
            bag: Some(self.track),
            zone: None,
            since,
            reasons: Vec::new(),
        }
    }

    /// Who has it at hand, and has had since its carrier did.
    fn guard(&mut self, scene: &Scene, s: &CustodySettings) {
        let (Entry::Person(owner) | Entry::Floor(Some(owner))) = self.entry else {
            self.guards.clear();
            return;
        };
        let mut guards = std::mem::take(&mut self.guards);
        let at_hand = |m: &Mover| m.distance_to(self.at) < if m.key == owner.key { s.beside_m } else { s.at_hand_m };
        if scene.person(owner.key).is_some_and(at_hand) {
            guards.clear();
            guards.extend(scene.people.iter().filter(|m| at_hand(m)).map(|m| m.key));
        } else {
            guards.retain(|key| scene.person(*key).is_some_and(at_hand));
        }
        self.guards = guards;
    }

    /// Whether the bag stands alone.
    pub(super) fn alone(&mut self, scene: &Scene, s: &CustodySettings, told: &mut Vec<Finding>) {
        let Entry::Floor(owner) = self.entry else {
            self.alone_since = None;
            return;
        };
        let beside = |m: &Mover| m.distance_to(self.at) < s.alone_m;
        let attended = match owner {
            Some(owner) => scene.people.iter().any(|m| (m.key == owner.key || self.is_again(m)) && beside(m)),
            None => scene.people.iter().any(|m| beside(m)),
        };
        if attended {
            self.alone_since = None;
            return;
        }
        let since = *self.alone_since.get_or_insert(scene.at);
        let in_view = scene.at - self.seen < IN_VIEW_S;
        if self.left_told.is_some() || !in_view || scene.at - since < s.alone_s {
            return;
        }
        self.left_told = Some(since);
        let mut finding = self.finding(Behaviour::ObjectLeft, since);
        finding.others.extend(owner.map(|o| o.track));
        told.push(finding.because(ReasonCode::TimeAlone, scene.at - since, (0.0, s.alone_s), Unit::Seconds));
    }

    /// The end of what was told of it.
    pub(super) fn over(&self) -> Option<Finding> {
        Some(self.finding(Behaviour::ObjectLeft, self.left_told?).over())
    }
}
