//! A restroom seen from outside: who goes in at its entrance, how long they stay, and what they carry in and out.
//!
//! A path that ends on the threshold went in, one that begins there came out. Who of those inside came out is judged by
//! appearance; with one inside it is that one, otherwise nothing is claimed about what was carried. What is long is learned of
//! this door and this hour from those who surely came out, as of any zone ([`Stays`]), within bounds.

use serde::{Deserialize, Serialize};

use super::custody::Custody;
use super::engine::Moment;
use super::finding::Finding;
use super::loitering::Stays;
use super::motion::Mover;
use super::rules::Rules;
use crate::event::{Behaviour, ReasonCode, Unit};

/// Parameters of restroom entrances.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RestroomSettings {
    /// Longest usual stay, seconds, unless stays of this door and hour are usually longer.
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
    /// The longest usual stay when it was told that this one is longer.
    told: Option<f64>,
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
    stays: Stays,
}

impl Restroom {
    /// A path ended on the threshold, with so many `bags`.
    pub fn entered(&mut self, person: &Mover, bags: usize) {
        if self.inside.len() >= INSIDE_MAX {
            self.inside.remove(0);
        }
        self.inside.push(Inside { person: person.clone(), at: person.seen, bags, told: None });
    }

    /// A path began on the threshold; tells the end of a long stay.
    pub fn came_out(&mut self, person: &Mover, zone: &str, moment: &Moment, rules: &Rules) -> Option<Finding> {
        let (index, sure) = self.who(person, &rules.restroom)?;
        let who = self.inside.remove(index);
        if sure {
            self.stays.add(moment.unix_micros, person.born - who.at, &rules.loitering);
            let (bags_in, entered, track_in) = (who.bags, who.at, who.person.track);
            let judge_at = person.born + rules.restroom.look_s;
            self.out.push(CameOut { key: person.key, judge_at, bags_in, entered, track_in });
        }
        who.told.map(|limit| stay(person, &who, person.born, zone, limit).over())
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
        moment: &Moment,
        people: &[&Mover],
        custody: &Custody,
        zone: &str,
        rules: &Rules,
        told: &mut Vec<Finding>,
    ) {
        let (at, s) = (moment.at, &rules.restroom);
        self.inside.retain(|i| at - i.at <= s.forget_s);
        let limit = self.stays.limit(moment.unix_micros, s.dwell_max_s, &rules.loitering);
        for one in self.inside.iter_mut().filter(|i| i.told.is_none() && at - i.at > limit) {
            one.told = Some(limit);
            told.push(stay(&one.person, one, at, zone, limit));
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
                    (0.0, limit),
                    Unit::Seconds,
                );
                told.push(finding);
            }
            false
        });
    }
}

fn stay(person: &Mover, who: &Inside, at: f64, zone: &str, limit: f64) -> Finding {
    let finding = Finding::new(Behaviour::RestroomDwell, person, who.at).at(zone);
    finding.because(ReasonCode::DwellTime, at - who.at, (0.0, limit), Unit::Seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::motion::Movers;
    use crate::behaviour::plane::Plane;
    use crate::frame::{BBox, ObjectClass};
    use crate::ids::TrackId;
    use crate::time::MediaTime;
    use crate::tracking::{Track, TrackState};

    const SIZE: (f64, f64) = (640.0, 360.0);

    fn moment(at: f64) -> Moment {
        Moment { at, unix_micros: (at * 1e6) as i64, size: SIZE }
    }

    /// Somebody on the threshold, seen at `at`.
    fn person(at: f64) -> Mover {
        let mut movers = Movers::default();
        let track = Track {
            id: TrackId(1),
            class: ObjectClass::Person,
            bbox: BBox { x: 300.0, y: 100.0, w: 40.0, h: 100.0 },
            score: 0.9,
            state: TrackState::Confirmed,
            matched: true,
            first_seen: MediaTime::from_seconds(at),
            last_seen: MediaTime::from_seconds(at),
            matches: 1,
            velocity: (0.0, 0.0),
            appearance: None,
        };
        let settings = Rules::default().motion;
        for step in 0..10 {
            movers.step(at + f64::from(step), std::slice::from_ref(&track), &Plane::new(None, SIZE), &settings);
        }
        let mut person = movers.all[0].clone();
        (person.born, person.seen) = (at, at);
        person
    }

    /// How long somebody is inside when it is told, after `visits` of so many seconds, one after the other.
    fn told_after(visits: &[f64]) -> f64 {
        let rules = Rules {
            restroom: RestroomSettings { dwell_max_s: 60.0, ..RestroomSettings::default() },
            ..Rules::default()
        };
        let (mut door, mut told, mut now) = (Restroom::default(), Vec::new(), 0.0);
        for stay in visits {
            door.entered(&person(now), 0);
            now += stay;
            door.came_out(&person(now), "door", &moment(now), &rules);
        }
        let entered = now;
        door.entered(&person(entered), 0);
        while told.is_empty() {
            now += 1.0;
            door.step(&moment(now), &[], &Custody::default(), "door", &rules, &mut told);
        }
        now - entered
    }

    #[test]
    fn what_is_long_is_learned_of_the_door_within_bounds() {
        // Too few visits: as configured. Short ones: never below that. Long ones: longer, but at most four times.
        assert_eq!(told_after(&[50.0; 10]), 61.0);
        assert_eq!(told_after(&[10.0; 60]), 61.0);
        let by_turns = |a: f64, b: f64| (0..40).map(|i| if i % 2 == 0 { a } else { b }).collect::<Vec<f64>>();
        // Logarithms of mean ln 35.4 and deviation 0.35: three deviations above lie at 100 s.
        let learned = told_after(&by_turns(25.0, 50.0));
        assert!((95.0..108.0).contains(&learned), "{learned}");
        assert_eq!(told_after(&by_turns(10.0, 80.0)), 241.0);
    }
}
