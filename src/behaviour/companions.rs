//! Two who walk together, and part before control.
//!
//! Two are companions after walking near each other, in the same direction, for some time and way. They part when they
//! are far from each other for some time while neither has gone into a control zone: who waits behind the other in a queue
//! does not part.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::motion::Mover;
use crate::event::{Behaviour, ReasonCode, Unit};
use crate::geometry::length;

/// Parameters of companions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CompanionSettings {
    /// Together is nearer than this, metres.
    pub near_m: f64,
    /// Together is with velocities that differ by less than this, metres a second ...
    pub velocity_mps: f64,
    /// ... while walking at least so fast, metres a second.
    pub walking_mps: f64,
    /// For how long, seconds ...
    pub together_s: f64,
    /// ... and how far, metres.
    pub together_m: f64,
    /// Parted is farther than this, metres ...
    pub apart_m: f64,
    /// ... for this long, seconds.
    pub apart_s: f64,
    /// One of the two goes away from control by this, metres: who only walks on ahead does not part.
    pub away_m: f64,
    /// Only who parts this near to a control zone is told of, metres.
    pub control_m: f64,
}

impl Default for CompanionSettings {
    fn default() -> Self {
        Self {
            near_m: 1.7,
            velocity_mps: 0.7,
            walking_mps: 0.5,
            together_s: 4.0,
            together_m: 3.5,
            apart_m: 4.5,
            apart_s: 2.0,
            away_m: 1.0,
            control_m: 15.0,
        }
    }
}

/// Most pairs looked at; beyond it new ones are not begun.
const PAIRS_MAX: usize = 4_096;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Pair {
    since: f64,
    last: f64,
    near_at: f64,
    apart_m: f64,
    together_s: f64,
    together_m: f64,
    formed: bool,
    apart_since: Option<f64>,
    /// How far from control they were when last together, metres.
    control_m: (Option<f64>, Option<f64>),
}

/// All pairs of a camera.
#[derive(Debug, Clone, Default)]
pub struct Companions {
    pairs: BTreeMap<(u64, u64), Pair>,
}

impl Companions {
    /// Everybody known in a frame, by ascending key, each with how far they are from the next control zone, metres: 0 for
    /// who has been in it; `None` where there is none.
    pub fn step(
        &mut self,
        at: f64,
        people: &[&Mover],
        control_m: &[Option<f64>],
        settings: &CompanionSettings,
        told: &mut Vec<Finding>,
    ) {
        self.meet(at, people, settings);
        let find = |key: u64| people.binary_search_by_key(&key, |m| m.key).ok().map(|i| (people[i], control_m[i]));
        self.pairs.retain(|(a, b), pair| {
            let (Some((a, a_m)), Some((b, b_m))) = (find(*a), find(*b)) else {
                // One of them is not in view just now.
                return at - pair.last < settings.together_s;
            };
            let dt = (at - pair.last).min(1.0);
            pair.last = at;
            pair.apart_m = a.distance(b);
            pair.walk(at, dt, a, b, settings, told) && pair.part(at, (a, b), (a_m, b_m), settings, told)
        });
    }

    fn meet(&mut self, at: f64, people: &[&Mover], settings: &CompanionSettings) {
        for (i, a) in people.iter().enumerate() {
            let reach = settings.near_m / a.scale;
            for b in &people[i + 1..] {
                let close = (a.at.0 - b.at.0).abs() < reach && (a.at.1 - b.at.1).abs() < reach;
                let apart_m = if close { a.distance(b) } else { f64::MAX };
                if apart_m < settings.near_m && self.pairs.len() < PAIRS_MAX {
                    self.pairs.entry((a.key, b.key)).or_insert(Pair {
                        since: at,
                        last: at,
                        near_at: at,
                        apart_m,
                        together_s: 0.0,
                        together_m: 0.0,
                        formed: false,
                        apart_since: None,
                        control_m: (None, None),
                    });
                }
            }
        }
    }
}

impl Pair {
    /// Counts the way together; `false` when there is nothing between the two.
    fn walk(&mut self, at: f64, dt: f64, a: &Mover, b: &Mover, s: &CompanionSettings, told: &mut Vec<Finding>) -> bool {
        let near = self.apart_m < s.near_m;
        if near {
            self.near_at = at;
        }
        if self.formed {
            return true;
        }
        let scale = (a.scale + b.scale) / 2.0;
        let differ = || length(a.velocity.0 - b.velocity.0, a.velocity.1 - b.velocity.1) * scale;
        if near && differ() < s.velocity_mps {
            let pace = a.speed().min(b.speed());
            if pace > s.walking_mps {
                self.together_s += dt;
                self.together_m += pace * dt;
            }
        }
        if self.together_s >= s.together_s && self.together_m >= s.together_m {
            self.formed = true;
            let finding = Finding::new(Behaviour::WalkingTogether, a, self.since).with(b.track);
            told.push(finding.because(ReasonCode::TimeTogether, self.together_s, (0.0, s.together_s), Unit::Seconds));
        }
        self.formed || at - self.near_at < 3.0
    }

    /// Whether they part; `false` once they have.
    fn part(
        &mut self,
        at: f64,
        (a, b): (&Mover, &Mover),
        control_m: (Option<f64>, Option<f64>),
        s: &CompanionSettings,
        told: &mut Vec<Finding>,
    ) -> bool {
        let apart = self.apart_m;
        if !self.formed || apart < s.apart_m {
            self.apart_since = None;
            if apart < s.near_m {
                self.control_m = control_m;
            }
            return true;
        }
        let since = *self.apart_since.get_or_insert(at);
        if at - since < s.apart_s {
            return true;
        }
        if let (Some(x), Some(y)) = control_m
            && x > 0.0
            && y > 0.0
            && x.min(y) <= s.control_m
            && let (Some(was_x), Some(was_y)) = self.control_m
            && (x - was_x).max(y - was_y) >= s.away_m
        {
            let finding = Finding::new(Behaviour::GroupSplit, a, since).with(b.track);
            told.push(finding.because(ReasonCode::Separation, apart, (0.0, s.apart_m), Unit::Metres).because(
                ReasonCode::TimeTogether,
                self.together_s,
                (0.0, s.together_s),
                Unit::Seconds,
            ));
        }
        false
    }
}
