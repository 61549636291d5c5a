//! Simulated passers through the real state machine.
//!
//! Nothing in them is drawn from what the machine assumes: `simulation::passers` says what a passer is, and a lane drifts over
//! the hours besides, by itself and differently every day.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use serde::Serialize;

use super::share::Share;
use crate::event::{Lifecycle, Severity};
use crate::ids::TrackId;
use crate::screening::{Memory, Moment, Screening, ScreeningSettings, Signal};
use crate::simulation::passers::{Crowd, Effect, passer};

/// Hours of the day at which lanes are open: these and the ones between.
const OPEN: (f64, f64) = (6.0, 22.0);
/// Passers of a lane in an hour.
const PER_HOUR: f64 = 60.0;
/// What is usual in a lane wanders by so much, spreads between people, ...
const WANDER: f64 = 0.25;
/// ... and back within so many hours: heat, light, whose flights land.
const WANDER_HOURS: f64 = 3.0;
/// The first day, UTC: 2026-01-05.
const FIRST_DAY_MICROS: i64 = 1_767_571_200_000_000;

/// What a trial is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditions {
    /// Ordinary passers that are judged.
    pub passers: u32,
    /// Ordinary passers before them, from whom the lanes learn.
    pub learned: u32,
    /// Lanes, each a camera of its own.
    pub lanes: u32,
    /// The seed.
    pub seed: u64,
    /// The budget.
    pub settings: ScreeningSettings,
}

/// What came of ordinary passers.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Trial {
    /// Those told of at all, of all who passed.
    pub told: Share,
    /// Those told of as a reason to look now.
    pub alerts: Share,
    /// Those who could be judged: two signals, and enough earlier passers.
    pub judged: Share,
}

/// What is found of passers who differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DetectionPoint {
    /// By so many spreads between people.
    pub size: f64,
    /// From this second of the stay on.
    pub from_s: f64,
    /// In how many signals.
    pub signals: usize,
    /// Those told of.
    pub told: Share,
    /// Those told of as a reason to look now.
    pub alerts: Share,
}

/// Several lanes over days; passers come to them in turn.
#[derive(Debug)]
struct Lanes {
    screenings: Vec<Screening>,
    /// Where each lane has wandered to, standard deviations.
    wander: Vec<f64>,
    random: ChaCha8Rng,
    came: u64,
}

/// What became of one passer.
struct Outcome {
    told: bool,
    alert: bool,
    judged: bool,
}

impl Lanes {
    fn new(conditions: &Conditions) -> Self {
        let lane = |_| Screening::new(conditions.settings, Memory::default());
        let screenings: Vec<Screening> = (0..conditions.lanes.max(1)).map(lane).collect();
        let wander = vec![0.0; screenings.len()];
        Self { screenings, wander, random: ChaCha8Rng::seed_from_u64(conditions.seed), came: 0 }
    }

    /// The lane and the time of the next passer: hours since the first day's begin.
    fn next(&self) -> (u32, f64) {
        let lanes = self.screenings.len() as u64;
        let of_lane = (self.came / lanes) as f64 / PER_HOUR;
        let open = OPEN.1 - OPEN.0;
        ((self.came % lanes) as u32, 24.0 * (of_lane / open).floor() + OPEN.0 + of_lane % open)
    }

    /// Lets the next passer through.
    fn pass(&mut self, crowd: impl Fn(Crowd) -> Crowd, effect: Effect) -> Outcome {
        let (lane, hours) = self.next();
        self.came += 1;
        let raised = WANDER * self.wander(lane as usize);
        let today = Crowd { raised, ..Crowd::of(lane, hours % 24.0) };
        let seconds = passer(&mut self.random, crowd(today), effect);
        let screening = &mut self.screenings[lane as usize];
        let who = TrackId(self.came);
        let begin = FIRST_DAY_MICROS + (hours * 3.6e9) as i64;
        let scored = screening.memory().scored_ever();
        for (second, readings) in seconds.iter().enumerate() {
            let at = second as f64 + 1.0;
            let now = Moment { at, unix_micros: begin + (at * 1e6) as i64 };
            let readings: Vec<_> = readings.iter().map(|reading| (Some(who), *reading)).collect();
            let last = second + 1 == seconds.len();
            screening.step(now, &readings, &[who][..usize::from(last)]);
        }
        let judged = screening.memory().scored_ever() > scored;
        let (mut told, mut alert) = (false, false);
        for verdict in screening.verdicts() {
            told |= verdict.lifecycle == Lifecycle::New;
            alert |= verdict.severity == Severity::Alert;
        }
        Outcome { told, alert, judged }
    }

    /// Where a lane stands now, one passer after the last: an Ornstein-Uhlenbeck process of deviation 1.
    fn wander(&mut self, lane: usize) -> f64 {
        let keep = (-1.0 / (PER_HOUR * WANDER_HOURS)).exp();
        let fresh: f64 = self.random.sample(StandardNormal);
        self.wander[lane] = keep * self.wander[lane] + (1.0 - keep * keep).sqrt() * fresh;
        self.wander[lane]
    }

    fn learned(conditions: &Conditions) -> Self {
        let mut lanes = Self::new(conditions);
        for _ in 0..conditions.learned {
            lanes.pass(|crowd| crowd, Effect::NONE);
        }
        lanes
    }

    fn trial(&mut self, passers: u32, crowd: impl Fn(Crowd) -> Crowd) -> Trial {
        let mut trial = Trial::default();
        for _ in 0..passers {
            let outcome = self.pass(&crowd, Effect::NONE);
            trial.told.add(outcome.told);
            trial.alerts.add(outcome.alert);
            trial.judged.add(outcome.judged);
        }
        trial
    }
}

/// Ordinary passers after ordinary passers: the budget must hold.
#[must_use]
pub fn ordinary(conditions: &Conditions) -> Trial {
    Lanes::learned(conditions).trial(conditions.passers, |crowd| crowd)
}

/// Passers of another kind than those learned from: warmer, worse lit, queueing longer. Not exchangeable, so that the budget
/// cannot hold at first; the result is that of each block of passers after the change, with its length.
#[must_use]
pub fn shifted(conditions: &Conditions, blocks: &[u32]) -> Vec<Trial> {
    let mut lanes = Lanes::learned(conditions);
    let changed = |crowd: Crowd| Crowd { raised: crowd.raised + 0.5, errors: 1.5, stays: 1.5, ..crowd };
    blocks.iter().map(|passers| lanes.trial(*passers, changed)).collect()
}

/// Passers who differ in these signals, each size with so many; the lanes learn nothing from them.
#[must_use]
pub fn detection(
    conditions: &Conditions,
    sizes: &[f64],
    signals: &'static [Signal],
    from_s: f64,
    each: u32,
) -> Vec<DetectionPoint> {
    let mut lanes = Lanes::learned(conditions);
    let memories: Vec<Memory> = lanes.screenings.iter().map(|s| s.memory().clone()).collect();
    let mut point = |size: f64| {
        let (mut told, mut alerts) = (Share::default(), Share::default());
        for _ in 0..each {
            let lane = lanes.next().0 as usize;
            lanes.screenings[lane] = Screening::new(conditions.settings, memories[lane].clone());
            let outcome = lanes.pass(|crowd| crowd, Effect { size, from_s, signals });
            told.add(outcome.told);
            alerts.add(outcome.alert);
        }
        DetectionPoint { size, from_s, signals: signals.len(), told, alerts }
    };
    sizes.iter().map(|size| point(*size)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(seed: u64) -> Conditions {
        let settings = ScreeningSettings { attention_per_1000: 20.0, alert_per_1000: 10.0, ..Default::default() };
        Conditions { passers: 400, learned: 300, lanes: 1, seed, settings }
    }

    #[test]
    fn the_budget_holds_and_far_deviations_are_found() {
        let trial = ordinary(&conditions(11));
        assert!(trial.told.allows(0.02) && trial.alerts.allows(0.01), "{trial:?}");
        assert!(trial.judged.value() > 0.6, "{trial:?}");
        const BOTH: &[Signal] = &[Signal::Pulse, Signal::Respiration, Signal::BlinkRate, Signal::FacialMovement];
        let found = detection(&conditions(12), &[4.0], BOTH, 0.0, 60);
        assert!(found[0].told.value() > 0.5, "{found:?}");
        let single = detection(&conditions(13), &[8.0], &BOTH[..1], 0.0, 60);
        assert!(single[0].told.value() < 0.15, "{single:?}");
    }

    /// The interval itself errs once in twenty: more than three of twenty come by chance less than twice in a hundred.
    const BROKEN_MAX: usize = 3;

    #[test]
    #[ignore = "the whole proof, minutes: cargo test --release --lib screening -- --ignored --nocapture"]
    fn budgets_of_one_five_and_twenty_hold_for_3000_clean_passers() {
        for per_1000 in [1.0, 5.0, 20.0] {
            let settings =
                ScreeningSettings { attention_per_1000: per_1000, alert_per_1000: 0.0, ..Default::default() };
            let trial = |seed| ordinary(&Conditions { passers: 3_000, learned: 6_000, lanes: 2, seed, settings }).told;
            let told: Vec<Share> = (1..=20).map(trial).collect();
            let broken = told.iter().filter(|told| !told.allows(per_1000 / 1e3)).count();
            println!("{per_1000} per 1,000: {:?}", told.iter().map(|told| told.count).collect::<Vec<_>>());
            assert!(broken <= BROKEN_MAX, "{per_1000} per 1,000: {broken} of 20");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_trial() {
        let small = Conditions { passers: 50, learned: 150, ..conditions(3) };
        assert_eq!(ordinary(&small), ordinary(&small));
    }
}
