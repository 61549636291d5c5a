//! What was told against what happened.

use std::collections::BTreeMap;

use serde::Serialize;

use super::play::{Played, Told};
use crate::event::{Behaviour, Lifecycle};
use crate::simulation::{Happening, Truth};

/// A finding may come this much before an occurrence ...
const EARLY_S: f64 = 2.0;
/// ... and this much after its end: some behaviours are known only when they are over.
const LATE_S: f64 = 20.0;

/// Nearer than this a carrier stands beside a bag, metres.
const BESIDE_M: f64 = 2.5;

/// Something that happened and should be told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Occurrence {
    /// What.
    pub behaviour: Behaviour,
    /// Who.
    pub people: Vec<usize>,
    /// The bag, of those where a bag changed hands.
    pub bag: Option<usize>,
    /// Whether the old carrier stood beside the bag when somebody else took it: handed over or taken, either name is right.
    pub beside: bool,
    /// From when, seconds ...
    pub from_s: f64,
    /// ... until when.
    pub until_s: f64,
}

/// How well one behaviour is told.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct BehaviourScore {
    /// Occurrences.
    pub happened: usize,
    /// Of these, told.
    pub found: usize,
    /// Told where nothing of the kind happened, or told again.
    pub false_alerts: usize,
    /// Seconds from the beginning of each found occurrence until it was told.
    pub delays_s: Vec<f64>,
}

impl BehaviourScore {
    /// Share of what happened that was told; `None` when nothing happened.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        (self.happened > 0).then(|| self.found as f64 / self.happened as f64)
    }

    /// Share of what was told that happened; `None` when nothing was told.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        let told = self.found + self.false_alerts;
        (told > 0).then(|| self.found as f64 / told as f64)
    }

    /// Median of the delays, seconds.
    #[must_use]
    pub fn delay_s(&self) -> Option<f64> {
        let mut sorted = self.delays_s.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied()
    }
}

/// All behaviours over several scenarios.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct EventReport {
    /// By behaviour.
    pub scores: BTreeMap<Behaviour, BehaviourScore>,
    /// What happened (first) and what was falsely told of the same person at that time (second).
    #[serde(serialize_with = "as_list")]
    pub confusion: BTreeMap<(Behaviour, Behaviour), usize>,
    /// Camera time, hours.
    pub camera_hours: f64,
    /// How many alerts; plain records do not count.
    pub alerts: usize,
    /// Faults of one frame that were injected.
    pub faults: usize,
}

fn as_list<S: serde::Serializer>(pairs: &BTreeMap<(Behaviour, Behaviour), usize>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(pairs.iter().map(|((happened, told), count)| (happened, told, count)))
}

/// Everything in a truth that should be told, in the order of time. Labels that name no behaviour are passed over.
#[must_use]
pub fn occurrences(truth: &Truth) -> Vec<Occurrence> {
    let mut all: Vec<Occurrence> = Vec::new();
    for label in &truth.labels {
        let Some(behaviour) = Behaviour::from_name(&label.label) else { continue };
        let (people, bag) = (vec![label.person], None);
        let new = Occurrence { behaviour, people, bag, beside: false, from_s: label.from_s, until_s: label.until_s };
        let shares = |o: &&mut Occurrence| {
            is_shared(behaviour) && o.behaviour == behaviour && o.from_s <= new.until_s && new.from_s <= o.until_s
        };
        match all.iter_mut().find(shares) {
            Some(other) => {
                other.people.extend(&new.people);
                (other.from_s, other.until_s) = (other.from_s.min(new.from_s), other.until_s.max(new.until_s));
            }
            None => all.push(new),
        }
    }
    for fact in &truth.facts {
        let (behaviour, bag, other, beside) = match fact.what {
            Happening::HandedOver { bag, to } => (Behaviour::BagHandedOver, bag, to, false),
            Happening::PickedUp { bag, from: Some(from), from_m } if from != fact.person => {
                (Behaviour::ObjectTaken, bag, from, from_m.is_some_and(|m| m < BESIDE_M))
            }
            _ => continue,
        };
        let (people, from_s, until_s) = (vec![fact.person, other], fact.at_s, fact.at_s);
        all.push(Occurrence { behaviour, people, bag: Some(bag), beside, from_s, until_s });
    }
    all.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
    all
}

/// Whether one occurrence has several people.
fn is_shared(behaviour: Behaviour) -> bool {
    matches!(behaviour, Behaviour::Tailgating | Behaviour::GroupSplit | Behaviour::Crowding | Behaviour::BagSwapped)
}

impl Occurrence {
    /// Whether `told` is of this: the behaviour, one of its people or its bag, and while it lasts or not much later.
    #[must_use]
    pub fn is_told_by(&self, told: &Told) -> bool {
        let when = self.from_s - EARLY_S <= told.at_s && told.at_s <= self.until_s + LATE_S;
        let same = self.behaviour == told.finding.behaviour
            || self.beside && told.finding.behaviour == Behaviour::BagHandedOver;
        same && when && self.concerns(told)
    }

    fn concerns(&self, told: &Told) -> bool {
        let somebody = told.people.iter().any(|p| self.people.contains(p));
        let bag = self.bag.is_some() && self.bag == told.bag;
        somebody || bag || self.behaviour == Behaviour::Crowding
    }
}

impl EventReport {
    /// Adds a scenario; returns what was told in vain and what was not told, for looking at.
    pub fn add(&mut self, played: &Played) -> (Vec<Told>, Vec<Occurrence>) {
        self.camera_hours += played.camera_hours;
        self.faults += played.faults;
        let happened = occurrences(&played.truth);
        let mut found = vec![false; happened.len()];
        let mut in_vain = Vec::new();
        let new = |t: &&Told| t.finding.lifecycle == Lifecycle::New && !t.finding.behaviour.is_record();
        for told in played.told.iter().filter(new) {
            self.alerts += 1;
            let mine = happened.iter().zip(&found).position(|(o, found)| !found && o.is_told_by(told));
            let named = mine.map_or(told.finding.behaviour, |i| happened[i].behaviour);
            let score = self.scores.entry(named).or_default();
            if let Some(i) = mine {
                found[i] = true;
                score.found += 1;
                score.delays_s.push(told.at_s - happened[i].from_s);
                continue;
            }
            score.false_alerts += 1;
            let meanwhile =
                |o: &&Occurrence| o.concerns(told) && (o.from_s - EARLY_S..=o.until_s + LATE_S).contains(&told.at_s);
            if let Some(other) = happened.iter().find(meanwhile) {
                *self.confusion.entry((other.behaviour, told.finding.behaviour)).or_default() += 1;
            }
            in_vain.push(told.clone());
        }
        let mut missed = Vec::new();
        for (occurrence, found) in happened.into_iter().zip(found) {
            self.scores.entry(occurrence.behaviour).or_default().happened += 1;
            if !found {
                missed.push(occurrence);
            }
        }
        (in_vain, missed)
    }
}
