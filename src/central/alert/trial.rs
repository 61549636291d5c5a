//! A busy hall of many hours, to see what a budget costs.

use std::collections::BTreeSet;
use std::sync::Arc;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::budget::HOUR;
use super::desk::AlertDesk;
use super::settings::AlertSettings;
use super::value::Value;
use crate::event::{
    Behaviour, BehaviourReport, EdgeEvent, EventBody, Lifecycle, Provenance, Reason, ReasonCode, ScreeningReport,
    Severity, TraceContext, Unit,
};
use crate::ids::{BootId, CameraId, EventId, TrackId};
use crate::time::{CaptureTime, MediaTime};
use crate::units::Interval;

/// Things found an hour that are worth nobody's look, in an ordinary hour and in one of arrivals.
const IDLE_PER_HOUR: (f64, f64) = (30.0, 90.0);
/// Things an hour that are worth one.
const TRUE_PER_HOUR: f64 = 5.0;
/// Every so manyth hour is one of arrivals.
pub(super) const BUSY_EVERY: i64 = 4;
/// So many of the people found had something else found of them before.
const AGAIN: f64 = 0.2;

/// What a rule finds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    pub at: i64,
    pub track: u64,
    /// `None` is screening.
    pub rule: Option<Behaviour>,
    pub severity: Severity,
    pub probability: f64,
    pub excess: f64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BudgetTrial {
    /// The set budget.
    pub per_hour: u32,
    /// Length.
    pub hours: u32,
    /// Things found, of different people.
    pub candidates: usize,
    /// Alerts raised.
    pub raised: usize,
    /// Most of them in any sliding hour.
    pub busiest_hour: usize,
    /// Things worth a look, ...
    pub worthwhile: usize,
    /// ... those of them that were raised, ...
    pub found: usize,
    /// ... that who raises whatever comes first, while there is a place, would have raised, ...
    pub found_first_come: usize,
    /// ... and that the best of each hour, known afterwards, would have held.
    pub found_in_hindsight: usize,
}

/// An event as a camera would tell it.
pub(super) fn event_of(seen: &Seen, number: u64) -> EdgeEvent {
    let capture_time = CaptureTime::exact(seen.at);
    let reason = |code, measured, high, unit| Reason { code, measured, expected: Interval { low: 0.0, high }, unit };
    let mut reasons = vec![reason(ReasonCode::DwellTime, 60.0 * (1.0 + seen.excess), 60.0, Unit::Seconds)];
    let body = match seen.rule {
        Some(behaviour) => {
            reasons.push(reason(ReasonCode::CarrierProbability, seen.probability, 0.5, Unit::Ratio));
            EventBody::Behaviour(BehaviourReport { behaviour, since: capture_time, others: Vec::new(), bag: None })
        }
        None => {
            let (rarity, compared) = (0.001, 2_000);
            EventBody::Screening(ScreeningReport { since: capture_time, rarity, compared, of_hour: true, signals: 3 })
        }
    };
    EdgeEvent {
        id: EventId { camera: CameraId::new("hall").expect("a valid name"), boot: BootId(1), sequence: number },
        lifecycle: Lifecycle::New,
        severity: seen.severity,
        capture_time,
        media_time: MediaTime(seen.at.saturating_mul(1_000)),
        frame: number,
        track: Some(TrackId(seen.track)),
        bbox: None,
        zone: None,
        reasons,
        provenance: Arc::new(Provenance { models: String::new(), configuration: String::new() }),
        trace: TraceContext { trace: 1, span: 1 },
        body,
    }
}

/// What rules find in a hall, in the order of time, each with whether it is worth a look.
fn hall(seed: u64, hours: u32) -> Vec<(Seen, bool)> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut found: Vec<(Seen, bool)> = Vec::new();
    for hour in 0..i64::from(hours) {
        let idle = if hour % BUSY_EVERY == BUSY_EVERY - 1 { IDLE_PER_HOUR.1 } else { IDLE_PER_HOUR.0 };
        for (rate, worthwhile) in [(idle, false), (TRUE_PER_HOUR, true)] {
            // A count around the rate; the moments are anywhere in the hour.
            let count = (rate * random.random_range(0.7..1.3)).round() as usize;
            for _ in 0..count {
                found.push((one(&mut random, hour * HOUR, worthwhile), worthwhile));
            }
        }
    }
    found.sort_by_key(|(seen, _)| seen.at);
    for i in 0..found.len() {
        let again = i > 0 && random.random::<f64>() < AGAIN;
        found[i].0.track = if again { found[random.random_range(i.saturating_sub(9)..i)].0.track } else { i as u64 };
    }
    found
}

fn one(random: &mut ChaCha8Rng, hour: i64, worthwhile: bool) -> Seen {
    const LIGHT: [Option<Behaviour>; 5] = [
        Some(Behaviour::Loitering),
        Some(Behaviour::CounterFlow),
        Some(Behaviour::Running),
        Some(Behaviour::Hesitation),
        None,
    ];
    const GRAVE: [Option<Behaviour>; 4] =
        [Some(Behaviour::BagHandedOver), Some(Behaviour::ObjectLeft), Some(Behaviour::Fall), None];
    // What is worth a look is mostly grave and clear; what is not is mostly light and doubtful, but not always.
    let grave = random.random::<f64>() < if worthwhile { 0.75 } else { 0.12 };
    let (rules, severity) = if grave { (&GRAVE[..], Severity::Alert) } else { (&LIGHT[..], Severity::Attention) };
    let (probability, excess) = match worthwhile {
        true => (random.random_range(0.7..1.0), random.random_range(0.3..4.0)),
        false => (random.random_range(0.5..0.9), random.random_range(0.0..1.5)),
    };
    let rule = rules[random.random_range(0..rules.len())];
    Seen { at: hour + random.random_range(0..HOUR), track: 0, rule, severity, probability, excess }
}

/// Plays a hall of so many hours through the desk.
#[must_use]
pub fn busy_hall(seed: u64, hours: u32, settings: &AlertSettings) -> BudgetTrial {
    let found = hall(seed, hours);
    let mut desk = AlertDesk::new(AlertSettings { alerts_max: usize::MAX, held_max: usize::MAX, ..settings.clone() });
    for (number, (seen, _)) in (1..).zip(&found) {
        desk.accept(number, seen.at, &event_of(seen, number));
    }
    desk.advance(i64::from(hours + 1) * HOUR);
    let board = desk.board();
    let shown: BTreeSet<u64> = board.alerts.iter().flat_map(|a| a.tracks().map(|key| key.track.0)).collect();
    let mut raised: Vec<i64> = board.alerts.iter().map(|alert| alert.raised).collect();
    raised.sort_unstable();
    let people: BTreeSet<u64> = found.iter().map(|(seen, _)| seen.track).collect();
    let worth = |picked: &dyn Fn(usize) -> bool| found.iter().enumerate().filter(|(i, f)| f.1 && picked(*i)).count();
    let (first_come, hindsight) = (first_come(&found, settings), hindsight(&found, settings));
    BudgetTrial {
        per_hour: settings.per_hour,
        hours,
        candidates: people.len(),
        raised: raised.len(),
        busiest_hour: busiest(&raised),
        worthwhile: worth(&|_| true),
        found: worth(&|i| shown.contains(&found[i].0.track)),
        found_first_come: worth(&|i| first_come.contains(&found[i].0.track)),
        found_in_hindsight: worth(&|i| hindsight.contains(&found[i].0.track)),
    }
}

/// Most of `times`, ascending, in any sliding hour.
pub(super) fn busiest(times: &[i64]) -> usize {
    let within = |i: usize| times[i..].iter().take_while(|t| **t - times[i] < HOUR).count();
    (0..times.len()).map(within).max().unwrap_or(0)
}

/// People whom a policy without ranking would tell of.
fn first_come(found: &[(Seen, bool)], settings: &AlertSettings) -> BTreeSet<u64> {
    let (mut told, mut times): (BTreeSet<u64>, Vec<i64>) = (BTreeSet::new(), Vec::new());
    for (seen, _) in found {
        let used = times.iter().rev().take_while(|t| seen.at - **t < HOUR).count();
        if !told.contains(&seen.track) && used < settings.per_hour as usize {
            told.insert(seen.track);
            times.push(seen.at);
        }
    }
    told
}

/// People whom the best of each clock hour are, known when the hour is over.
fn hindsight(found: &[(Seen, bool)], settings: &AlertSettings) -> BTreeSet<u64> {
    let mut told: BTreeSet<u64> = BTreeSet::new();
    let rank = |seen: &Seen| Value::of(&event_of(seen, 1), 0).rank();
    for hour in found.chunk_by(|a, b| a.0.at / HOUR == b.0.at / HOUR) {
        let mut best: Vec<&Seen> = hour.iter().map(|(seen, _)| seen).collect();
        best.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
        let mut places = settings.per_hour;
        for seen in best {
            if places > 0 && told.insert(seen.track) {
                places -= 1;
            }
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_hours_keep_their_budget_and_ranking_beats_first_come() {
        let (mut found, mut first, mut worthwhile) = (0, 0, 0);
        for seed in 1..=5 {
            let trial = busy_hall(seed, 10, &AlertSettings { per_hour: 12, ..AlertSettings::default() });
            assert!(trial.busiest_hour <= 12 && trial.raised > 60, "{trial:?}");
            found += trial.found;
            first += trial.found_first_come;
            worthwhile += trial.worthwhile;
        }
        assert!(found as f64 >= 0.7 * worthwhile as f64 && found > first, "{found} {first} of {worthwhile}");
        let free = busy_hall(1, 10, &AlertSettings { per_hour: 1_000, ..AlertSettings::default() });
        assert_eq!(free.found, free.worthwhile);
    }
}
