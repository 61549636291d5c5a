//! Who has a bag: the probability of each person near it, of nobody, and of somebody who is not in view.
//!
//! A hidden Markov model in continuous time, filtered forward (Rabiner, "A tutorial on hidden Markov models", Proc. IEEE
//! 77(2), 1989, section III). The hidden state is the holder. It changes only where it can: a bag goes from one person to
//! another who is within reach of both, and from the floor to somebody beside it. That holds for a bag that is hidden,
//! too, so what may have happened out of sight is known before the bag is seen again. What is seen speaks for a person
//! whose body the bag is at and who moves as it does. Evidence counts by the time over which it was seen, not by frames:
//! successive frames show the same thing, so somebody who only crosses has no time to convince.

use serde::{Deserialize, Serialize};

use super::body::Body;
use crate::geometry::length;

/// Parameters of [`Possession`]. Lengths are heights of the person unless said otherwise, rates are chances a second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CarrierSettings {
    /// Time over which what is seen counts as one independent look, seconds.
    pub look_s: f64,
    /// When nobody is faster than this, looks are less news, metres a second ...
    pub pace_mps: f64,
    /// ... and where all stand, this much, 0 to 1.
    pub standing: f64,
    /// A single look speaks at most so strongly against anybody, nats.
    pub against_max: f64,
    /// Standard deviation of a carried bag's distance sideways from its carrier's body ...
    pub sideways: f64,
    /// ... above or below it ...
    pub upright: f64,
    /// ... and of a suitcase's wheels from the carrier's feet, in the picture's height.
    pub depth: f64,
    /// Standard deviation of the difference of their velocities, heights a second.
    pub velocity: f64,
    /// Standard deviation of that difference for a bag that is still its carrier's: it swings, and turns with them.
    pub swing: f64,
    /// Two give each other something when they do not walk past each other much faster than this, metres a second.
    pub pass_mps: f64,
    /// Standard deviation of the speed of a bag that lies, metres a second.
    pub rest_mps: f64,
    /// How unlikely everybody must look until somebody who is not in view is the likelier one, nats.
    pub stranger: f64,
    /// Nearer than this somebody may take a bag.
    pub reach: f64,
    /// Rate at which a bag changes hands between two who are within reach of each other, though it is seen to stay ...
    pub pass_rate: f64,
    /// ... and while it is out of sight.
    pub hidden_pass_rate: f64,
    /// Rate besides at which it changes hands while it moves otherwise than its carrier.
    pub loose_rate: f64,
    /// Rate besides at which it is set down meanwhile, unless it comes nearer to somebody else.
    pub loose_drop: f64,
    /// Rate at which a carried bag is set down.
    pub drop_rate: f64,
    /// Part of that rate that holds for a bag out of sight.
    pub hidden: f64,
    /// Rate at which somebody beside a bag on the floor takes it.
    pub take_rate: f64,
    /// Rate at which somebody who was not in view turns out to be somebody who is, and the reverse.
    pub stranger_rate: f64,
    /// Most candidates of a bag; the least likely go first.
    pub candidates_max: usize,
    /// Candidates below this probability are not told of.
    pub told_min: f64,
}

impl Default for CarrierSettings {
    fn default() -> Self {
        Self {
            look_s: 0.4,
            pace_mps: 0.5,
            standing: 0.3,
            against_max: 8.0,
            sideways: 0.15,
            upright: 0.15,
            depth: 0.1,
            velocity: 0.2,
            swing: 0.45,
            pass_mps: 1.5,
            rest_mps: 0.2,
            stranger: 4.0,
            reach: 1.2,
            pass_rate: 0.005,
            hidden_pass_rate: 0.03,
            loose_rate: 4.0,
            loose_drop: 3.0,
            drop_rate: 0.01,
            hidden: 0.2,
            take_rate: 0.05,
            stranger_rate: 0.03,
            candidates_max: 8,
            told_min: 0.05,
        }
    }
}

/// Who has a bag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// It stands on the floor.
    Nobody,
    /// Somebody who is not in view, or not known as a person yet.
    Stranger,
    /// This one.
    Person(u64),
}

/// One who may have a bag.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Share {
    holder: Holder,
    /// The probability that they have it.
    p: f64,
    /// The part of it that it was the believed holder's before: the rest had it all along, or from somebody else.
    passed: f64,
}

/// The probability of each holder of one bag. Sums to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Possession {
    shares: Vec<Share>,
    /// Logarithm of the likelihood of all looks so far.
    evidence: f64,
}

impl Default for Possession {
    /// Before anything was seen.
    fn default() -> Self {
        let share = |holder, p| Share { holder, p, passed: 0.0 };
        Self { shares: vec![share(Holder::Nobody, 0.5), share(Holder::Stranger, 0.5)], evidence: 0.0 }
    }
}

/// Candidates below this are dropped.
const NEGLIGIBLE: f64 = 1e-4;
/// What nobody can explain counts no more than this, nats.
const EVIDENCE_MIN: f64 = -50.0;
/// Who comes into view no longer than this after a bag may have had it all along, seconds ...
const TOGETHER_S: f64 = 4.0;
/// ... with these odds.
const NEWCOMER: f64 = 0.5;
/// Who touches a holder likelier than this may have got it from them.
const LIKELY: f64 = 0.01;
/// Rate at which a carrier whose path has ended is somebody who is not in view.
const GONE_RATE: f64 = 1.0;

impl Possession {
    /// Before anything but where it is was seen of `bag`.
    #[must_use]
    pub fn new(bag: &Body, people: &[Body], s: &CarrierSettings) -> Self {
        let share = |holder, p| Share { holder, p, passed: 0.0 };
        let mut new = Self { shares: vec![share(Holder::Nobody, 1.0), share(Holder::Stranger, 0.3)], evidence: 0.0 };
        let near = people.iter().filter(|p| p.in_sight() && bag.apart(p) < s.reach);
        new.shares.extend(near.take(s.candidates_max).map(|p| share(Holder::Person(p.key), 1.0)));
        new.normalise();
        new
    }

    fn share(&self, holder: Holder) -> Option<&Share> {
        self.shares.iter().find(|share| share.holder == holder)
    }

    /// It was seen to move by `metres` before, where places are known to `spread` metres: it did not lie.
    pub fn moved(&mut self, metres: f64, spread: f64, s: &CarrierSettings) {
        let nats = -unlike(metres, spread).min(s.against_max);
        self.weigh(|holder| if holder == Holder::Nobody { nats } else { 0.0 });
    }

    /// The probability of `holder`.
    #[must_use]
    pub fn of(&self, holder: Holder) -> f64 {
        self.share(holder).map_or(0.0, |share| share.p)
    }

    /// The probability that `holder` has it and it was the believed one's before.
    #[must_use]
    pub fn passed_to(&self, holder: Holder) -> f64 {
        self.share(holder).map_or(0.0, |share| share.passed)
    }

    /// From now on `holder` is the believed one, as surely as `sure`, 0 to 1.
    pub fn believe(&mut self, holder: Holder, sure: f64) {
        self.shares
            .iter_mut()
            .for_each(|share| share.passed = if share.holder == holder { share.p * sure } else { 0.0 });
    }

    /// `holder` is the first who is believed to have it; if it lies by now, they set it down.
    pub fn begin(&mut self, holder: Holder) {
        let sure = self.of(holder);
        let brought = |share: &Share| share.holder == holder || share.holder == Holder::Nobody;
        self.shares.iter_mut().for_each(|share| share.passed = if brought(share) { share.p * sure } else { 0.0 });
    }

    /// The believed one, `holder`, surely had it until now. What others may have got from them by now stays so.
    pub fn confirm(&mut self, holder: Holder) {
        self.shares.iter_mut().filter(|share| share.holder == holder).for_each(|share| share.passed = share.p);
    }

    /// The likeliest holder with its probability.
    #[must_use]
    pub fn best(&self) -> (Holder, f64) {
        let better = |best: (Holder, f64), one: &Share| if one.p > best.1 { (one.holder, one.p) } else { best };
        self.shares.iter().fold((Holder::Nobody, 0.0), better)
    }

    /// All holders with their probabilities.
    pub fn iter(&self) -> impl Iterator<Item = (Holder, f64)> {
        self.shares.iter().map(|share| (share.holder, share.p))
    }

    /// The people who may have it, in no order.
    pub fn people(&self) -> impl Iterator<Item = (u64, f64)> {
        self.iter().filter_map(|(holder, p)| match holder {
            Holder::Person(key) => Some((key, p)),
            Holder::Nobody | Holder::Stranger => None,
        })
    }

    /// `dt` seconds pass. `bag` is where it was seen last; `in_sight` of it says whether it is seen now.
    pub fn wait(&mut self, dt: f64, bag: &Body, people: &[Body], s: &CarrierSettings) {
        self.invite(bag, people, s);
        let sides = Sides::new(&self.shares, bag, people, s);
        let old = self.shares.clone();
        let mut handed = Vec::with_capacity(old.len());
        for (i, from) in old.iter().enumerate().filter(|(_, from)| from.p > NEGLIGIBLE) {
            handed.clear();
            handed.extend((0..old.len()).map(|j| sides.handed(i, j)));
            for j in (0..old.len()).filter(|j| *j != i) {
                let share = (s.rate(&sides, (i, j), &handed) * dt).min(0.5);
                if share > 0.0 {
                    self.shares[i].p -= from.p * share;
                    self.shares[j].p += from.p * share;
                    self.shares[i].passed -= from.passed * share;
                    self.shares[j].passed += from.passed * share;
                }
            }
        }
        self.shares.retain(|share| !matches!(share.holder, Holder::Person(_)) || share.p > NEGLIGIBLE);
    }

    /// A look at `bag` that counts as `looks` independent ones.
    pub fn look(&mut self, looks: f64, bag: &Body, people: &[Body], s: &CarrierSettings) {
        let says = |holder| match holder {
            Holder::Nobody => -unlike(bag.speed(), s.rest_mps),
            Holder::Stranger => -s.stranger,
            Holder::Person(key) => match find(people, key) {
                Some(person) if person.in_sight() => s.carried(bag, person),
                // Nothing is seen of a hidden person, neither for nor against.
                _ => -s.stranger / 2.0,
            },
        };
        let likely = self.people().filter(|(_, p)| *p > LIKELY).filter_map(|(key, _)| find(people, key));
        let pace = likely.filter(|p| p.in_sight()).map(Body::speed).fold(bag.speed(), f64::max);
        // While all stand, one look is as the other.
        let news = (pace / s.pace_mps).clamp(s.standing, 1.0) * looks;
        self.weigh(|holder| says(holder).max(-s.against_max) * news);
    }

    /// By how much likelier `other`, which began with `prior`, says that `holder` is the holder.
    #[must_use]
    pub fn speaks_for(&self, holder: Holder, prior: &Self) -> f64 {
        // Who came near later might as well have been near at first.
        let before =
            prior.of(holder).max(if matches!(holder, Holder::Person(_)) { prior.of(Holder::Nobody) } else { 0.0 });
        if before > 0.0 { self.of(holder) / before } else { 0.0 }
    }

    /// Weighs every holder by how much speaks for them, nats.
    pub fn weigh(&mut self, nats: impl Fn(Holder) -> f64) {
        for share in &mut self.shares {
            let weight = nats(share.holder).exp();
            share.p *= weight;
            share.passed *= weight;
        }
        self.evidence += self.normalise().ln().max(EVIDENCE_MIN);
    }

    fn invite(&mut self, bag: &Body, people: &[Body], s: &CarrierSettings) {
        for person in people.iter().filter(|p| p.in_sight()) {
            if self.shares.len() >= s.candidates_max + 2 {
                break;
            }
            let touched = || {
                let mut holders = self.people().filter(|(_, p)| *p > LIKELY);
                holders.any(|(key, _)| find(people, key).is_some_and(|other| other.touches(person)))
            };
            let beside = (bag.centre.0 - person.centre.0).abs() < (s.reach + 0.5) * person.sides.1;
            let near = beside && bag.apart(person) < s.reach || !bag.in_sight() && touched();
            if near && self.share(Holder::Person(person.key)).is_none() {
                // Of two who come into view together the bag may be found first.
                let together = bag.age_s <= TOGETHER_S && person.age_s <= bag.age_s + TOGETHER_S / 4.0;
                let p = if together { NEWCOMER } else { 0.0 };
                self.shares.push(Share { holder: Holder::Person(person.key), p, passed: 0.0 });
            }
        }
        self.normalise();
    }

    /// Logarithm of the likelihood of all looks so far: compares two accounts of the same looks.
    #[must_use]
    pub fn evidence(&self) -> f64 {
        self.evidence
    }

    /// Makes the sum 1; returns what it was.
    fn normalise(&mut self) -> f64 {
        let sum: f64 = self.shares.iter().map(|share| share.p).sum();
        if sum <= 0.0 {
            // Nothing is known any more.
            self.shares = Self::default().shares;
            return sum;
        }
        for share in &mut self.shares {
            share.p /= sum;
            share.passed /= sum;
        }
        sum
    }
}

/// Of people in ascending order.
fn find(people: &[Body], key: u64) -> Option<&Body> {
    people.binary_search_by_key(&key, |p| p.key).ok().map(|i| &people[i])
}

/// The holders beside a bag, measured once for all changes between them.
struct Sides<'a> {
    /// Whether the bag is in sight.
    seen: bool,
    all: Vec<Side<'a>>,
    /// From each to each whom they touch and who is in sight: how readily the one gives something to the other.
    meets: Vec<Option<f64>>,
}

impl<'a> Sides<'a> {
    fn new(shares: &[Share], bag: &Body, people: &'a [Body], s: &CarrierSettings) -> Self {
        let moves = if bag.in_sight() { surely(unlike(bag.speed(), s.rest_mps)) } else { 0.0 };
        let all: Vec<Side> = shares.iter().map(|share| Side::of(share, moves, bag, people, s)).collect();
        let mut meets = vec![None; all.len() * all.len()];
        for i in 0..all.len() {
            for j in 0..i {
                let gives = shares[i].p > NEGLIGIBLE || shares[j].p > NEGLIGIBLE;
                if let (true, Some(a), Some(b)) = (gives, all[i].body, all[j].body)
                    && a.touches(b)
                {
                    let readily = s.meets(a, b);
                    meets[i * all.len() + j] = b.in_sight().then_some(readily);
                    meets[j * all.len() + i] = a.in_sight().then_some(readily);
                }
            }
        }
        Self { seen: bag.in_sight(), all, meets }
    }

    fn meets(&self, from: usize, to: usize) -> Option<f64> {
        self.meets[from * self.all.len() + to]
    }

    /// How surely a bag that moves otherwise than its carrier is nearer to another whom they touch; 0 where not.
    fn handed(&self, from: usize, to: usize) -> f64 {
        const SURELY: f64 = 0.08;
        let (giver, taker) = (&self.all[from], &self.all[to]);
        let loose = giver.loose > LIKELY && self.meets(from, to).is_some();
        if loose { 1.0 / (1.0 + ((taker.far - giver.far) / SURELY).exp()) } else { 0.0 }
    }
}

/// One holder beside a bag.
struct Side<'a> {
    holder: Holder,
    /// A person as far as in the ledger's view.
    body: Option<&'a Body>,
    /// How far the bag is from where this person, in sight, would have it, heights.
    apart: Option<f64>,
    /// How far their feet are apart, heights.
    far: f64,
    /// How surely the bag moves, and not as this person, who may have it, does.
    loose: f64,
}

impl<'a> Side<'a> {
    fn of(share: &Share, moves: f64, bag: &Body, people: &'a [Body], s: &CarrierSettings) -> Self {
        let body = match share.holder {
            Holder::Person(key) => find(people, key),
            Holder::Nobody | Holder::Stranger => None,
        };
        let apart = body.filter(|p| p.in_sight()).map(|p| bag.apart(p)).filter(|apart| *apart < s.reach);
        let far = body.map_or(0.0, |p| bag.far(p));
        let giver = body.filter(|_| moves > LIKELY && share.p > NEGLIGIBLE);
        let loose = giver.map_or(0.0, |p| moves * surely(unlike(differ(bag, p), s.swing)));
        Self { holder: share.holder, body, apart, far, loose }
    }
}

impl CarrierSettings {
    /// Rate at which a bag goes from one of `sides` to another; `handed` is how surely it is nearer to each of them.
    fn rate(&self, sides: &Sides, (from, to): (usize, usize), handed: &[f64]) -> f64 {
        let (giver, taker) = (&sides.all[from], &sides.all[to]);
        match (giver.holder, taker.holder) {
            (Holder::Person(_), Holder::Person(_)) => match (giver.body, taker.body, sides.meets(from, to)) {
                (Some(a), Some(b), _) if b.in_sight() && !a.in_sight() && b.may_be(a) => GONE_RATE,
                (_, _, Some(meets)) if !sides.seen => self.hidden_pass_rate * meets,
                (_, _, Some(meets)) => (self.pass_rate + self.loose_rate * giver.loose * handed[to]) * meets,
                _ => 0.0,
            },
            (Holder::Person(_), Holder::Nobody) if !sides.seen => self.drop_rate * self.hidden,
            (Holder::Person(_), Holder::Nobody) if giver.loose > LIKELY => {
                let handed = handed.iter().copied().fold(0.0, f64::max);
                self.drop_rate + self.loose_drop * giver.loose * (1.0 - handed)
            }
            (Holder::Person(_), Holder::Nobody) => self.drop_rate,
            (Holder::Person(_), Holder::Stranger) if giver.body.is_none() => GONE_RATE,
            (Holder::Nobody, Holder::Person(_)) => taker.apart.map_or(0.0, |apart| {
                let far = apart / self.sideways;
                self.take_rate / (1.0 + far * far)
            }),
            (Holder::Stranger, Holder::Person(_)) if sides.seen && taker.apart.is_some() => self.stranger_rate,
            (Holder::Stranger, Holder::Person(_)) => 0.0,
            _ => self.stranger_rate / 10.0,
        }
    }

    /// How readily two give each other something, 0 to 1: hardly when they walk past each other.
    fn meets(&self, one: &Body, other: &Body) -> f64 {
        (-unlike(one.passes(other), self.pass_mps)).exp()
    }

    /// Logarithm of the likelihood that `person` carries `bag`, up to a constant.
    fn carried(&self, bag: &Body, person: &Body) -> f64 {
        let (x, y, depth) = bag.offsets(person);
        let differ = differ(bag, person) / self.velocity;
        // It swings and turns with its carrier: now and then it moves quite differently.
        let differ = (differ * differ / 2.0).ln_1p();
        -unlike(x, self.sideways) - unlike(y, self.upright) - unlike(depth, self.depth) - differ
    }
}

/// Difference of two velocities, heights of the person a second.
fn differ(bag: &Body, person: &Body) -> f64 {
    length(bag.drift.0 - person.drift.0, bag.drift.1 - person.drift.1) / person.sides.1
}

/// How surely a misfit of so many nats is one, 0 to 1.
fn surely(misfit: f64) -> f64 {
    1.0 - (-misfit).exp()
}

fn unlike(value: f64, spread: f64) -> f64 {
    value * value / spread / spread / 2.0
}
