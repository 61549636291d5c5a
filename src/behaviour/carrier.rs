//! Who carries a bag: a probability for everybody near it, and for nobody.
//!
//! A hidden Markov model with one state for each candidate carrier, filtered forward (Rabiner 1989, section III). The
//! evidence of a frame is where the bag is in a person's box and whether it moves with that person; neighbouring frames
//! say the same again, so the evidence counts by time and not by frame.

use super::motion::Mover;
use crate::frame::ObjectClass;

/// Time that must pass before a further frame is news, seconds.
const NEWS_S: f64 = 0.4;
/// Chance a second that a bag changes its carrier.
const CHANGE_PER_S: f64 = 0.05;
/// A single look speaks at most so strongly against a candidate, nats.
const AGAINST_MAX: f64 = 8.0;
/// A person who has not been seen for this long is somewhere else for all we know, seconds.
const STALE_S: f64 = 0.5;
/// Farther than this nobody becomes a candidate, body heights.
const REACH: f64 = 1.2;
/// Stands for a carrier who is not known yet, or out of view: likelier than anybody whom the evidence speaks against more
/// strongly than [`STRANGER_SAYS`].
const STRANGER: u64 = u64::MAX;
const STRANGER_SAYS: f64 = -3.0;
/// Most candidates of a bag.
const CANDIDATES_MAX: usize = 12;

/// The probability of each carrier; `None` is nobody.
#[derive(Debug, Clone, PartialEq)]
pub struct Belief(Vec<(Option<u64>, f64)>);

impl Default for Belief {
    fn default() -> Self {
        Self(vec![(None, 0.5), (Some(STRANGER), 0.5)])
    }
}

impl Belief {
    /// The likeliest carrier with its probability.
    #[must_use]
    pub fn best(&self) -> (Option<u64>, f64) {
        self.0.iter().copied().fold((None, 0.0), |best, one| if one.1 > best.1 { one } else { best })
    }

    /// A look at the bag, `dt` seconds after the last one.
    pub fn step(&mut self, at: f64, dt: f64, bag: &Mover, people: &[&Mover]) {
        self.invite(bag, people);
        let change = (CHANGE_PER_S * dt).min(0.5);
        let even = change / self.0.len() as f64;
        let weight = (dt / NEWS_S).min(1.0);
        let mut sum = 0.0;
        for (carrier, p) in &mut self.0 {
            let seen = carrier.map(|key| people.iter().find(|m| m.key == key));
            let says = match seen {
                None => lies(bag),
                Some(_) if *carrier == Some(STRANGER) => STRANGER_SAYS,
                Some(Some(person)) if at - person.seen <= STALE_S => carried(bag, person),
                Some(_) => -1.5,
            };
            *p = (*p * (1.0 - change) + even) * (says.max(-AGAINST_MAX) * weight).exp();
            sum += *p;
        }
        for (_, p) in &mut self.0 {
            *p /= sum;
        }
        self.0.retain(|(carrier, p)| carrier.is_none_or(|key| key == STRANGER) || *p > 1e-4);
    }

    fn invite(&mut self, bag: &Mover, people: &[&Mover]) {
        for person in people.iter().filter(|p| p.fresh) {
            let known = self.0.iter().any(|(carrier, _)| *carrier == Some(person.key));
            if !known && self.0.len() < CANDIDATES_MAX && apart(bag, person) < REACH {
                self.0.push((Some(person.key), 1e-3));
            }
        }
    }
}

/// How far a bag is from where a carrier has theirs, body heights: sideways from the body, above or below it, and, for a
/// suitcase, in depth.
#[must_use]
pub fn apart(bag: &Mover, person: &Mover) -> f64 {
    let (x, y, depth) = offsets(bag, person);
    (x * x + y * y + depth * depth).sqrt()
}

fn offsets(bag: &Mover, person: &Mover) -> (f64, f64, f64) {
    let h = person.sides.1;
    let (bag_x, bag_y) = bag.centre;
    let (x, y) = person.centre;
    let sideways = ((bag_x - x).abs() / h - 0.12).max(0.0);
    let upright = ((bag_y - y).abs() / h - 0.5).max(0.0);
    let on_floor = bag.class == ObjectClass::Suitcase;
    let depth = (bag_y + bag.sides.1 / 2.0 - y - h / 2.0).abs() / h;
    (sideways, upright, if on_floor { (depth - 0.12).max(0.0) } else { 0.0 })
}

/// Logarithm of the likelihood that `person` carries `bag`, up to a constant.
fn carried(bag: &Mover, person: &Mover) -> f64 {
    let (x, y, depth) = offsets(bag, person);
    let h = person.sides.1;
    let differ = (bag.drift.0 - person.drift.0).hypot(bag.drift.1 - person.drift.1) / h;
    let unlike = |value: f64, spread: f64| value * value / spread / spread / 2.0;
    -unlike(x, 0.25) - unlike(y, 0.15) - unlike(depth, 0.2) - unlike(differ, 0.35)
}

/// The same for nobody: it lies still. A little less likely than a person who stands beside their bag.
fn lies(bag: &Mover) -> f64 {
    let speed = bag.speed();
    -speed * speed / 0.3 / 0.3 / 2.0 - 0.7
}
