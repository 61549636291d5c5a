//! A restroom seen from outside: who goes in at its entrance, how long they stay, and what they carry in and out.
//!
//! A path that ends on the threshold went in, one that begins there came out. Who of those inside came out is judged by
//! appearance; with one inside it is that one. Where it is not sure, those who may have come out are one [`Party`] from then on,
//! of whom it is known how many are inside and not who: no more long stays are told of them than there surely are, and nothing
//! of what was carried. What is long is learned of this door and this hour from those who surely came out, as of any zone
//! ([`Stays`]), within bounds.

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

/// People who went in, of whom some came out without its being sure who. Most are one person, who is inside.
#[derive(Debug, Clone, PartialEq)]
struct Party {
    /// By the time they went in.
    members: Vec<Inside>,
    /// How many of them are out.
    out: usize,
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
    parties: Vec<Party>,
    out: Vec<CameOut>,
    stays: Stays,
}

impl Party {
    fn take_told(&mut self) -> Option<(Inside, f64)> {
        let told = self.members.iter_mut().find(|one| one.told.is_some())?;
        let limit = told.told.take()?;
        Some((told.clone(), limit))
    }

    fn told(&self) -> usize {
        self.members.iter().filter(|one| one.told.is_some()).count()
    }

    fn inside(&self) -> usize {
        self.members.len().saturating_sub(self.out)
    }

    /// Somebody who is surely inside and has stayed for longer than `limit` at `at`, of whom it was not told, with how many
    /// it may be.
    fn long_stay(&mut self, at: f64, limit: f64) -> Option<(&Inside, usize)> {
        let long = self.members.iter().filter(|one| at - one.at > limit).count();
        if long <= self.out + self.told() {
            return None;
        }
        // Whoever of them is out, the stay of whoever is not is no shorter than that of the last who went in.
        let last = self.members[..long].iter_mut().rfind(|one| one.told.is_none())?;
        last.told = Some(limit);
        Some((last, if self.out == 0 { 1 } else { long }))
    }
}

impl Restroom {
    /// A path ended on the threshold, with so many `bags`.
    pub fn entered(&mut self, person: &Mover, bags: usize) {
        if self.parties.iter().map(|party| party.members.len()).sum::<usize>() >= INSIDE_MAX {
            self.parties.remove(0);
        }
        let one = Inside { person: person.clone(), at: person.seen, bags, told: None };
        self.parties.push(Party { members: vec![one], out: 0 });
    }

    /// A path began on the threshold; tells the ends of long stays.
    pub fn came_out(&mut self, person: &Mover, zone: &str, moment: &Moment, rules: &Rules) -> Vec<Finding> {
        let (candidates, sure) = self.who(person, &rules.restroom);
        let (mut over, count) = (Vec::new(), candidates.len());
        let Some(&(first, member)) = candidates.first() else { return Vec::new() };
        let mut party = if sure {
            let mut party = self.parties.remove(first);
            let who = party.members.remove(member);
            self.stays.add(moment.unix_micros, person.born - who.at, &rules.loitering);
            let (bags_in, entered, track_in) = (who.bags, who.at, who.person.track);
            let judge_at = person.born + rules.restroom.look_s;
            self.out.push(CameOut { key: person.key, judge_at, bags_in, entered, track_in });
            over.extend(who.told.map(|limit| (who, limit)));
            party
        } else {
            self.one_of(&candidates)
        };
        while party.told() > party.inside() {
            over.extend(party.take_told());
        }
        if party.inside() > 0 {
            self.parties.push(party);
        }
        let end = |(who, limit): (Inside, f64)| stay(person, &who, person.born, zone, (limit, count)).over();
        over.into_iter().map(end).collect()
    }

    /// One of these came out: those who may have, and who they may be taken for, as one party.
    fn one_of(&mut self, candidates: &[(usize, usize)]) -> Party {
        let mut number = 0..;
        let is_one = |_: &mut Party| number.next().is_some_and(|n| candidates.iter().any(|(party, _)| *party == n));
        let mut all = Party { members: Vec::new(), out: 1 };
        for party in self.parties.extract_if(.., is_one) {
            all.members.extend(party.members);
            all.out += party.out;
        }
        all.members.sort_by(|a, b| a.at.total_cmp(&b.at));
        all
    }

    /// Which of those inside it may be, as places of a party and a member of it, and whether that is surely the one.
    fn who(&self, person: &Mover, s: &RestroomSettings) -> (Vec<(usize, usize)>, bool) {
        let alike = |i: &Inside| i.person.appearance.as_ref()?.cosine(person.appearance.as_ref()?);
        let of_party = |(p, party): (usize, &Party)| -> Vec<_> {
            party.members.iter().enumerate().map(|(m, one)| ((p, m), alike(one))).collect()
        };
        let mut ranked: Vec<((usize, usize), Option<f64>)> =
            self.parties.iter().enumerate().flat_map(of_party).collect();
        let looks = |cosine: Option<f64>| cosine.unwrap_or(f64::INFINITY);
        ranked.sort_by(|a, b| looks(b.1).total_cmp(&looks(a.1)));
        let best = ranked.iter().filter_map(|one| one.1).reduce(f64::max);
        // Whose looks are not known, and who looks not much less alike, may be the one as well; anybody, if nobody is alike.
        let may_be = |cosine: f64| best.is_none_or(|best| best < s.alike || cosine >= best - s.lead);
        let alone = ranked.len() == 1 && self.parties.iter().all(|party| party.out == 0);
        ranked.retain(|one| one.1.is_none_or(may_be));
        let known = ranked.first().is_some_and(|one| one.1.is_some_and(|cosine| cosine >= s.alike));
        let sure = ranked.len() == 1 && (known || alone && best.is_none());
        (ranked.into_iter().map(|one| one.0).collect(), sure)
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
        let limit = self.stays.limit(moment.unix_micros, s.dwell_max_s, &rules.loitering);
        for party in &mut self.parties {
            party.members.retain(|one| at - one.at <= s.forget_s);
            while let Some((one, count)) = party.long_stay(at, limit) {
                told.push(stay(&one.person, one, at, zone, (limit, count)));
            }
        }
        self.parties.retain(|party| party.inside() > 0);
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

/// A stay of longer than `limit`, of one of so many.
fn stay(person: &Mover, who: &Inside, at: f64, zone: &str, (limit, candidates): (f64, usize)) -> Finding {
    let finding = Finding::new(Behaviour::RestroomDwell, person, who.at).at(zone);
    let finding = finding.because(ReasonCode::DwellTime, at - who.at, (0.0, limit), Unit::Seconds);
    if candidates == 1 {
        return finding;
    }
    finding.because(ReasonCode::Candidates, candidates as f64, (1.0, 1.0), Unit::Count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appearance::Appearance;
    use crate::behaviour::motion::Movers;
    use crate::behaviour::plane::Plane;
    use crate::event::Lifecycle;
    use crate::frame::{BBox, ObjectClass};
    use crate::ids::TrackId;
    use crate::time::MediaTime;
    use crate::tracking::Track;

    const SIZE: (f64, f64) = (640.0, 360.0);

    fn moment(at: f64) -> Moment {
        Moment { at, unix_micros: (at * 1e6) as i64, size: SIZE }
    }

    /// Somebody on the threshold, seen at `at`.
    fn person(at: f64) -> Mover {
        let mut movers = Movers::default();
        let bbox = BBox { x: 300.0, y: 100.0, w: 40.0, h: 100.0 };
        let track = Track::confirmed(TrackId(1), ObjectClass::Person, bbox, 0.9, MediaTime::from_seconds(at));
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

    /// Somebody who goes in or comes out, with the angle of what they look like: `None`, not known.
    type Step = (f64, bool, Option<f64>);

    /// What is told of people whose longest usual stay is 30 s: when, whether it begins, and of how many it is one.
    fn told_of(steps: &[Step], until: f64) -> Vec<(f64, bool, f64)> {
        let rules = Rules {
            restroom: RestroomSettings { dwell_max_s: 30.0, ..RestroomSettings::default() },
            ..Rules::default()
        };
        let (mut door, mut all, mut now, mut steps) = (Restroom::default(), Vec::new(), 0.0, steps.iter().peekable());
        while now < until {
            let mut told = Vec::new();
            while let Some((at, goes_in, look)) = steps.next_if(|step| step.0 <= now) {
                let look = look.and_then(|a| Appearance::normalised(&[a.cos() as f32, a.sin() as f32], 1.0));
                let mut somebody = person(*at);
                somebody.appearance = look;
                match goes_in {
                    true => door.entered(&somebody, 0),
                    false => told.extend(door.came_out(&somebody, "door", &moment(*at), &rules)),
                }
            }
            door.step(&moment(now), &[], &Custody::default(), "door", &rules, &mut told);
            let of =
                |f: &Finding| f.reasons.iter().find(|r| r.code == ReasonCode::Candidates).map_or(1.0, |r| r.measured);
            all.extend(told.iter().map(|f| (now, f.lifecycle == Lifecycle::New, of(f))));
            now += 1.0;
        }
        all
    }

    #[test]
    fn no_more_long_stays_are_told_than_there_surely_are() {
        let (red, blue, mixed) = (Some(0.0), Some(1.5), Some(0.75));
        let pair = [(0.0, true, red), (15.0, true, blue)];
        let told = |more: &[Step]| told_of(&[&pair[..], more].concat(), 90.0);
        // Who comes out is known: each stay is told of its own.
        assert_eq!(told(&[(20.0, false, blue), (40.0, false, red)]), [(31.0, true, 1.0), (40.0, false, 1.0)]);
        assert_eq!(told(&[(20.0, false, red), (60.0, false, blue)]), [(46.0, true, 1.0), (60.0, false, 1.0)]);
        // One of the two, not known which: whoever is left is the one it was told of, or it is too late to tell who is not.
        for unsure in [mixed, None] {
            assert_eq!(told(&[(35.0, false, unsure), (60.0, false, red)]), [(31.0, true, 1.0), (60.0, false, 1.0)]);
            // Not told as long as it may be the one who is out; then of one of two.
            let late = told(&[(20.0, false, unsure), (60.0, false, unsure)]);
            assert_eq!(late, [(46.0, true, 2.0), (60.0, false, 2.0)]);
        }
        // Who is surely out now was not the one who came out before: that was the other.
        assert_eq!(told(&[(20.0, false, mixed), (25.0, false, red)]), []);
        // Somebody else comes out, whose going in was missed: nobody is surely inside any more.
        assert_eq!(told_of(&[(0.0, true, red), (10.0, false, Some(3.0))], 90.0), []);
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
