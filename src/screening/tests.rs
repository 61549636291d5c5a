//! Scenes that must be told and scenes that must not.

use super::*;
use crate::event::{Lifecycle, ReasonCode, Severity};
use crate::ids::TrackId;
use crate::units::Interval;

/// Plays passers of one lane one after the other; each is pulse, breathing and blinks a minute, read once a second.
struct Lane {
    screening: Screening,
    at: f64,
    passers: u64,
}

impl Lane {
    fn new(settings: ScreeningSettings) -> Self {
        Self { screening: Screening::new(settings, Memory::default()), at: 0.0, passers: 0 }
    }

    /// A passer of `seconds`, whose signals at each second are what `values` says; `None` is no reading.
    fn pass(&mut self, seconds: u32, values: impl Fn(f64) -> [Option<f64>; 3]) -> Vec<Verdict> {
        self.passers += 1;
        let who = Some(TrackId(self.passers));
        let begin = self.at;
        for second in 10..=seconds {
            self.at = begin + f64::from(second);
            let signals = [Signal::Pulse, Signal::Respiration, Signal::BlinkRate];
            let readings: Vec<_> = signals
                .into_iter()
                .zip(values(f64::from(second)))
                .filter_map(|(signal, value)| {
                    let value = value?;
                    let interval = Interval { low: value - 1.0, high: value + 1.0 };
                    Some((who, Reading { signal, value, interval, window: (self.at - 10.0, self.at) }))
                })
                .collect();
            self.screening.step(self.now(), &readings, &[]);
        }
        self.screening.step(self.now(), &[], &[TrackId(self.passers)]);
        self.screening.verdicts().collect()
    }

    fn now(&self) -> Moment {
        Moment { at: self.at, unix_micros: 7 * 3_600_000_000 }
    }

    /// Ordinary passers, each a little different; whatever is told of them.
    fn ordinary(&mut self, count: u64) -> Vec<Verdict> {
        (0..count).flat_map(|_| self.pass(60, self.like_others())).collect()
    }

    /// Values from a low-discrepancy sequence, so that they fill their ranges evenly.
    fn like_others(&self) -> impl Fn(f64) -> [Option<f64>; 3] + use<> {
        let n = (self.passers + 1) as f64;
        let share = |step: f64| (n * step).fract() - 0.5;
        let own = [75.0 + 30.0 * share(0.618_034), 16.0 + 8.0 * share(0.414_214), 15.0 + 20.0 * share(0.732_051)];
        move |at: f64| own.map(|value| Some(value + (at * 0.7 + n).sin()))
    }
}

fn settings() -> ScreeningSettings {
    ScreeningSettings { attention_per_1000: 10.0, alert_per_1000: 5.0, ..ScreeningSettings::default() }
}

#[test]
fn nobody_is_rare_before_there_are_enough_to_compare() {
    let mut lane = Lane::new(settings());
    assert_eq!(lane.ordinary(60), []);
    assert_eq!(lane.pass(60, |_| [Some(150.0), Some(35.0), Some(60.0)]), []);
}

#[test]
fn two_signals_far_off_are_told_with_value_range_and_unit() {
    let mut lane = Lane::new(settings());
    lane.ordinary(400);
    let told = lane.pass(60, |_| [Some(135.0), Some(32.0), None]);
    let steps: Vec<_> = told.iter().map(|v| (v.lifecycle, v.severity)).collect();
    assert_eq!(steps, [(Lifecycle::New, Severity::Alert), (Lifecycle::End, Severity::Info)], "{told:?}");
    let first = &told[0];
    let codes: Vec<_> = first.reasons.iter().map(|r| r.code).collect();
    assert_eq!(codes, [ReasonCode::Pulse, ReasonCode::Respiration, ReasonCode::Rarity], "{first:?}");
    let pulse = &first.reasons[0];
    assert!(pulse.measured == 135.0 && pulse.expected.low > 50.0 && pulse.expected.high < 100.0, "{pulse:?}");
    assert!(first.signals == 2 && first.rarity <= 0.005 && first.compared >= 250, "{first:?}");
}

#[test]
fn one_signal_alone_or_for_a_moment_is_never_told() {
    let mut lane = Lane::new(settings());
    lane.ordinary(400);
    // However far off one signal is, alone or beside ordinary ones.
    assert_eq!(lane.pass(60, |_| [Some(200.0), None, None]), []);
    assert_eq!(lane.pass(60, |_| [Some(200.0), Some(16.0), Some(15.0)]), []);
    // Two signals, but for three seconds.
    let glitch = |at: f64| {
        if (30.0..33.0).contains(&at) {
            [Some(200.0), Some(50.0), Some(15.0)]
        } else {
            [Some(75.0), Some(16.0), Some(15.0)]
        }
    };
    assert_eq!(lane.pass(60, glitch), []);
    // No reading is nothing against anybody.
    assert_eq!(lane.pass(60, |_| [None; 3]), []);
}

#[test]
fn a_change_from_the_own_baseline_is_told_though_the_level_is_usual() {
    let mut lane = Lane::new(settings());
    lane.ordinary(400);
    // From the lane's lower to its upper part.
    let told = lane.pass(90, |at| {
        if at < 36.0 { [Some(66.0), Some(13.5), Some(15.0)] } else { [Some(84.0), Some(18.5), Some(15.0)] }
    });
    let first = told.first().expect("told");
    assert!(first.reasons.iter().any(|r| r.code == ReasonCode::PulseChange && r.measured == 18.0), "{first:?}");
    assert!(first.since > 36.0 + lane.at - 90.0, "{first:?}");
}

#[test]
fn unreadable_numbers_and_foreign_times_do_no_harm() {
    let mut lane = Lane::new(settings());
    lane.ordinary(120);
    assert_eq!(lane.pass(30, |_| [Some(f64::NAN), Some(f64::INFINITY), Some(-1e300)]), []);
    let reading = Reading {
        signal: Signal::Pulse,
        value: 75.0,
        interval: Interval { low: 70.0, high: 80.0 },
        window: (0.0, 10.0),
    };
    lane.screening.step(Moment { at: -1e9, unix_micros: i64::MIN }, &[(None, reading)], &[TrackId(99)]);
    lane.screening.finish(Moment { at: 1e9, unix_micros: i64::MAX });
    assert!(lane.screening.memory().is_sound());
}
