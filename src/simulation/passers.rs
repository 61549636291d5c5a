//! Ordinary passers before a lane camera, as the readings that would be taken of them; seeded.
//!
//! What is in it, because real readings have it: people differ, and their signals go together; a person's rates drift;
//! hours and lanes differ; readings of overlapping windows repeat each other; their errors last, and their intervals are
//! not quite right; some are wrong altogether; some persons, and some stretches of time, give none.

use std::collections::VecDeque;
use std::f64::consts::TAU;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson, StandardNormal};

use crate::screening::{Reading, Signal};
use crate::units::Interval;

/// Half-width of a 90 % interval of a normal distribution, standard deviations.
const HALF_90: f64 = 1.645;
/// Seconds of the window of pulse, and of the others.
const SHORT_S: f64 = 10.0;
const LONG_S: f64 = 30.0;
/// A person's rates wander back to their mean within this, seconds.
const DRIFT_S: f64 = 20.0;
/// How much an error of a reading is that of the second before.
const ERROR_LASTS: f64 = 0.8;

/// One signal among people.
struct Kind {
    signal: Signal,
    /// Mean over people, or median where `log`; spread between people, of the logarithm where `log`.
    centre: f64,
    spread: f64,
    log: bool,
    /// Swing of the mean over the day, and difference between neighbouring lanes, in spreads.
    by_hour: f64,
    by_lane: f64,
    /// How far a person's own rate wanders, in its unit or of its logarithm.
    drift: f64,
    /// Share of people of whom it cannot be measured at all.
    missing: f64,
}

const KINDS: [Kind; 4] = [
    Kind {
        signal: Signal::Pulse,
        centre: 76.0,
        spread: 11.0,
        log: false,
        by_hour: 0.3,
        by_lane: 0.2,
        drift: 2.5,
        missing: 0.25,
    },
    Kind {
        signal: Signal::Respiration,
        centre: 16.0,
        spread: 3.0,
        log: false,
        by_hour: 0.2,
        by_lane: 0.1,
        drift: 1.2,
        missing: 0.35,
    },
    Kind {
        signal: Signal::BlinkRate,
        centre: 15.0,
        spread: 0.5,
        log: true,
        by_hour: 0.3,
        by_lane: 0.2,
        drift: 0.1,
        missing: 0.2,
    },
    Kind {
        signal: Signal::FacialMovement,
        centre: 20.0,
        spread: 0.6,
        log: true,
        by_hour: 0.1,
        by_lane: 0.2,
        drift: 0.1,
        missing: 0.2,
    },
];

/// How the passers of a place and time are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crowd {
    /// Number of the lane: each has its own light, angle and errors.
    pub lane: u32,
    /// Hour of the day, 0 to 24.
    pub hour: f64,
    /// Everybody's rates are higher by so many spreads between people: a warm hall, an escalator that stands.
    pub raised: f64,
    /// Errors of readings are so many times as large: another light.
    pub errors: f64,
    /// Stays are so many times as long: a queue.
    pub stays: f64,
}

impl Crowd {
    /// An ordinary hour of a lane.
    #[must_use]
    pub fn of(lane: u32, hour: f64) -> Self {
        Self { lane, hour, raised: 0.0, errors: 1.0, stays: 1.0 }
    }
}

/// What is different about one passer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// By so many spreads between people.
    pub size: f64,
    /// From this second of the stay on.
    pub from_s: f64,
    /// In these signals.
    pub signals: &'static [Signal],
}

impl Effect {
    /// Nothing.
    pub const NONE: Self = Self { size: 0.0, from_s: 0.0, signals: &[] };
}

/// The readings of each second of a stay, from its first.
#[must_use]
pub fn passer(random: &mut ChaCha8Rng, crowd: Crowd, effect: Effect) -> Vec<Vec<Reading>> {
    let stay = (crowd.stays * 75.0 * (0.5 * normal(random)).exp()).clamp(20.0, 300.0) as usize;
    let common = normal(random);
    let mut seconds = vec![Vec::new(); stay];
    for kind in &KINDS {
        let own = 0.5 * common + 0.75_f64.sqrt() * normal(random);
        if random.random::<f64>() < kind.missing {
            continue;
        }
        let (rates, window_s) = (rates(random, kind, crowd, effect, own, stay), window(kind));
        let mut error = Error::of(random, crowd);
        let mut hidden = false;
        let mut events: VecDeque<f64> = VecDeque::new();
        for (second, readings) in seconds.iter_mut().enumerate() {
            events.push_back(events_of(random, kind, rates[second]));
            if events.len() > window_s as usize {
                events.pop_front();
            }
            hidden = random.random::<f64>() < if hidden { 0.8 } else { 0.02 };
            let at = second as f64 + 1.0;
            let wrong = error.next(random);
            if !hidden && at >= window_s {
                let (value, half) = if kind.log {
                    counted(events.iter().sum(), window_s)
                } else {
                    let mean = rates[second + 1 - window_s as usize..=second].iter().sum::<f64>() / window_s;
                    (wrong.unwrap_or(mean + error.now * kind.spread / 11.0), error.stated * kind.spread / 11.0)
                };
                let interval = Interval { low: value - half, high: value + half };
                readings.push(Reading { signal: kind.signal, value, interval, window: (at - window_s, at) });
            }
        }
    }
    seconds
}

fn window(kind: &Kind) -> f64 {
    if kind.signal == Signal::Pulse { SHORT_S } else { LONG_S }
}

fn normal(random: &mut ChaCha8Rng) -> f64 {
    random.sample(StandardNormal)
}

/// The true rate at each second.
fn rates(random: &mut ChaCha8Rng, kind: &Kind, crowd: Crowd, effect: Effect, own: f64, stay: usize) -> Vec<f64> {
    let place = kind.by_hour * (TAU * crowd.hour / 24.0).sin() + kind.by_lane * f64::from(crowd.lane) + crowd.raised;
    let keep = (-1.0 / DRIFT_S).exp();
    let mut wander = normal(random);
    (0..stay)
        .map(|second| {
            wander = keep * wander + (1.0 - keep * keep).sqrt() * normal(random);
            let affected = second as f64 >= effect.from_s && effect.signals.contains(&kind.signal);
            let shift = kind.spread * (own + place + if affected { effect.size } else { 0.0 }) + kind.drift * wander;
            if kind.log { kind.centre * shift.exp() } else { (kind.centre + shift).max(0.3 * kind.centre) }
        })
        .collect()
}

/// How many things that are counted happened in a second.
fn events_of(random: &mut ChaCha8Rng, kind: &Kind, rate: f64) -> f64 {
    if !kind.log {
        return 0.0;
    }
    Poisson::new(rate / 60.0).map_or(0.0, |poisson| poisson.sample(random))
}

/// A rate a minute out of a count, with the half-width of its 90 % interval.
fn counted(count: f64, window_s: f64) -> (f64, f64) {
    let per_minute = 60.0 / window_s;
    (count * per_minute, HALF_90 * (count + 0.4).sqrt() * per_minute)
}

/// The errors of one person's readings of one signal.
struct Error {
    deviation: f64,
    /// Half-width that readings claim: right on average, wrong by a fifth either way.
    stated: f64,
    now: f64,
    /// Seconds for which readings go on being wrong altogether, and what they say.
    wrong: (u32, f64),
}

impl Error {
    fn of(random: &mut ChaCha8Rng, crowd: Crowd) -> Self {
        let deviation = 1.5 * crowd.errors * (1.0 + 0.2 * f64::from(crowd.lane)) * (0.5 * normal(random)).exp();
        let stated = HALF_90 * deviation * (0.2 * normal(random)).exp();
        Self { deviation, stated, now: deviation * normal(random), wrong: (0, 0.0) }
    }

    /// The next second; a value where the reading is altogether wrong.
    fn next(&mut self, random: &mut ChaCha8Rng) -> Option<f64> {
        let fresh = (1.0 - ERROR_LASTS * ERROR_LASTS).sqrt();
        self.now = ERROR_LASTS * self.now + fresh * self.deviation * normal(random);
        if self.wrong.0 > 0 {
            self.wrong.0 -= 1;
        } else if random.random::<f64>() < 0.002 {
            self.wrong = (4, random.random_range(5.0..140.0));
        }
        (self.wrong.0 > 0).then_some(self.wrong.1)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_passer_and_signals_go_together() {
        let play = |seed| passer(&mut ChaCha8Rng::seed_from_u64(seed), Crowd::of(0, 9.0), Effect::NONE);
        assert_eq!(play(5), play(5));
        assert_ne!(play(5), play(6));
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let last = |seconds: &[Vec<Reading>], signal| {
            seconds.iter().rev().flatten().find(|r| r.signal == signal).map(|r| signal.forth(r.value))
        };
        let pairs: Vec<(f64, f64)> = (0..2_000)
            .filter_map(|_| {
                let seconds = passer(&mut random, Crowd::of(0, 9.0), Effect::NONE);
                Some((last(&seconds, Signal::Pulse)?, last(&seconds, Signal::BlinkRate)?))
            })
            .collect();
        let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / pairs.len() as f64;
        let (a, b) = (mean(|p| p.0), mean(|p| p.1));
        let together = pairs.iter().map(|p| (p.0 - a) * (p.1 - b)).sum::<f64>();
        // Six in ten have both; most of what goes together survives the errors of reading.
        assert!((900..1_300).contains(&pairs.len()) && together > 0.0 && (70.0..85.0).contains(&a), "{a} {together}");
    }
}
