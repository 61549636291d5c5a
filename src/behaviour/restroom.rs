//! A restroom seen from outside: who goes in at its entrance, how long they stay, and what they carry in and out.
//!
//! A path that ends on the threshold went in, one that begins there came out. Who of those inside came out is judged by
//! appearance; with one inside it is that one, otherwise nothing is claimed about what was carried.

use serde::{Deserialize, Serialize};

use super::custody::Custody;
use super::finding::Finding;
use super::motion::Mover;
use crate::event::{Behaviour, ReasonCode, Unit};

/// Parameters of restroom entrances.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RestroomSettings {
    /// Longest usual stay, seconds.
    pub dwell_max_s: f64,
    /// What somebody carries on coming out is judged after this, seconds.
    pub look_s: f64,
    /// Cosine of two appearances from which they may be the same person.
    pub alike: f64,
    /// By how much the likest must lead the next.
    pub lead: f64,
    /// Who stays longer than this is forgotten, seconds.
    pub forget_s: f64,
}

impl Default for RestroomSettings {
    fn default() -> Self {
        Self { dwell_max_s: 600.0, look_s: 4.5, alike: 0.6, lead: 0.1, forget_s: 7_200.0 }
    }
}

/// Most people inside; the oldest go first.
const INSIDE_MAX: usize = 256;

#[derive(Debug, Clone, PartialEq)]
struct Inside {
    person: Mover,
    at: f64,
    bags: usize,
    told: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct CameOut {
    key: u64,
    judge_at: f64,
    bags_in: usize,
    entered: f64,
    track_in: crate::ids::TrackId,
}

/// One entrance.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Restroom {
    inside: Vec<Inside>,
    out: Vec<CameOut>,
}

impl Restroom {
    /// A path ended on the threshold, with so many `bags`.
    pub fn entered(&mut self, person: &Mover, bags: usize) {
        if self.inside.len() >= INSIDE_MAX {
            self.inside.remove(0);
        }
        self.inside.push(Inside { person: person.clone(), at: person.seen, bags, told: false });
    }

    /// A path began on the threshold; tells the end of a long stay.
    pub fn came_out(&mut self, person: &Mover, zone: &str, s: &RestroomSettings) -> Option<Finding> {
        let (index, sure) = self.who(person, s)?;
        let who = self.inside.remove(index);
        if sure {
            let (bags_in, entered, track_in) = (who.bags, who.at, who.person.track);
            self.out.push(CameOut { key: person.key, judge_at: person.born + s.look_s, bags_in, entered, track_in });
        }
        who.told.then(|| stay(person, &who, person.born, zone, s).over())
    }

    /// Which of those inside, and whether that is sure.
    fn who(&self, person: &Mover, s: &RestroomSettings) -> Option<(usize, bool)> {
        let alike = |i: &Inside| i.person.appearance.as_ref()?.cosine(person.appearance.as_ref()?);
        let mut ranked: Vec<(usize, f64)> =
            self.inside.iter().enumerate().map(|(i, one)| (i, alike(one).unwrap_or(0.0))).collect();
        // The likest first; of equals the one who went in first.
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        let (first, second) = (*ranked.first()?, ranked.get(1));
        let known = self.inside.iter().all(|i| alike(i).is_some());
        let sure = match second {
            None => !known || first.1 >= s.alike,
            Some(second) => known && first.1 >= s.alike && first.1 - second.1 >= s.lead,
        };
        Some((first.0, sure))
    }

    /// Time passes.
    pub fn step(
        &mut self,
        at: f64,
        people: &[&Mover],
        custody: &Custody,
        zone: &str,
        s: &RestroomSettings,
        told: &mut Vec<Finding>,
    ) {
        self.inside.retain(|i| at - i.at <= s.forget_s);
        for one in self.inside.iter_mut().filter(|i| !i.told && at - i.at > s.dwell_max_s) {
            one.told = true;
            told.push(stay(&one.person, one, at, zone, s));
        }
        self.out.retain(|out| {
            if at < out.judge_at {
                return true;
            }
            let Some(person) = people.iter().find(|m| m.key == out.key) else { return false };
            let bags = custody.carried_by(out.key, at, s.look_s);
            if bags != out.bags_in {
                let usual = (out.bags_in as f64, out.bags_in as f64);
                let finding = Finding::new(Behaviour::CarryDifference, person, out.entered).at(zone).with(out.track_in);
                let finding = finding.because(ReasonCode::Bags, bags as f64, usual, Unit::Count).because(
                    ReasonCode::DwellTime,
                    person.born - out.entered,
                    (0.0, s.dwell_max_s),
                    Unit::Seconds,
                );
                told.push(finding);
            }
            false
        });
    }
}

fn stay(person: &Mover, who: &Inside, at: f64, zone: &str, s: &RestroomSettings) -> Finding {
    let finding = Finding::new(Behaviour::RestroomDwell, person, who.at).at(zone);
    finding.because(ReasonCode::DwellTime, at - who.at, (0.0, s.dwell_max_s), Unit::Seconds)
}
