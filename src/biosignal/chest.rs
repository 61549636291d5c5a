//! Breathing from the movement of the chest: the vertical shift of its row profile, the vertical flow of its strips, and the rate in them.
//!
//! The profile: after Bartula, Tigges and Muehlsteff (EMBC 2013): the profile is one number a row, shifts are found by correlating its differences. The shift
//! is taken against a profile that stays for as long as the chest looks like it, not against the frame before, so that noise does not add
//! up; within a pixel it is refined by least squares on the profile's slope.
//! The flow: each upright strip is followed in the same way, which is the method of Lucas and Kanade (1981) with one vertical unknown a strip;
//! what most strips do from frame to frame adds up. An arm or a strap that moves by itself spoils the profile, but only its own strip.

use super::detrend::detrend;
use super::estimate::{Estimate, Reason, Window};
use super::respiration::{self, BreathSource, Breathing};
use super::spectrum::Spectrometer;
use super::statistics::median;
use super::timebase::{GRID_HZ, Step};
use super::trace::Trace;
use crate::face::{CHEST_STRIPS, ChestLook};
use crate::time::MediaTime;
use crate::units::Interval;

/// Seconds of a window, and the least.
const WINDOW_S: f64 = 30.0;
const WINDOW_FROM_S: f64 = 20.0;
/// Largest part of a window that may lie in gaps.
const FILLED_MAX: f64 = 0.1;
/// Rows, at least.
const ROWS_MIN: usize = 16;
/// Shifts are looked for up to this part of the rows; a breath moves a chest by far less.
const REACH: f64 = 0.15;
/// Correlation with the profile that stays, under which another takes its place.
const LIKE_MIN: f64 = 0.6;
/// Smoothness of the detrending: half of the amplitude passes at 0.04 Hz.
const LAMBDA: f64 = 14_000.0;
/// Weights of the logistic: constant, log odds of the line's share of the power, repetition, `ln(1 + halves)`, logarithm of the rate over
/// the usual one. Fitted on simulated shifts of windows of 20 and 30 s: 9,000 with breathing, 15,000 of noise of several slopes and of
/// sudden moves.
const WEIGHTS: [f64; 5] = [0.99, 1.948, 2.473, -0.533, 2.577];
/// Breaths a minute at rest.
const USUAL_RATE: f64 = 15.0;
/// Least probability with which a rate is given: half a percent of noise reaches it.
const ANSWERED_FROM: f64 = 0.95;
/// And with which the flow is believed that the profile does not confirm.
const FLOW_ALONE_FROM: f64 = 0.98;
/// Half-width of the interval where the halves agree, and what their difference adds, breaths a minute.
const INTERVAL_LEAST: f64 = 0.35;
const INTERVAL_HALVES: f64 = 0.15;
/// Chest and pulse farther apart than this contradict each other, breaths a minute.
const CONTRARY: f64 = 2.0;
/// A profile without structure: mean absolute slope, luma a row ...
const FLAT: f64 = 0.05;
/// ... which is the darkness's doing below this mean luma.
const DARK: f64 = 16.0;

/// One profile's shift against the one that stays.
#[derive(Debug, Default)]
struct Follower {
    still: Vec<f64>,
    slopes: Vec<f64>,
    /// Shift of the profile that stays against the first one.
    base: f64,
    shift: f64,
}

impl Follower {
    /// Takes a frame's rows; false where they have no structure to follow.
    fn follow(&mut self, rows: &[f32], anew: bool) -> bool {
        self.slopes.clear();
        self.slopes.extend(rows.windows(2).map(|pair| f64::from(pair[1]) - f64::from(pair[0])));
        let level = self.slopes.iter().map(|s| s.abs()).sum::<f64>() / self.slopes.len().max(1) as f64;
        if level < FLAT {
            return false;
        }
        if anew || self.still.len() != self.slopes.len() {
            self.stay();
        }
        let (shift, likeness) = shift(&self.still, &self.slopes);
        if likeness < LIKE_MIN {
            self.stay();
        } else {
            self.shift = self.base + shift;
        }
        true
    }

    /// The present profile is the one that stays.
    fn stay(&mut self) {
        self.base = self.shift;
        self.still.clone_from(&self.slopes);
    }
}

/// Breathing of one chest; a minute of shifts is kept.
#[derive(Debug, Default)]
pub struct ChestMonitor {
    profile: Follower,
    strips: [Follower; CHEST_STRIPS],
    /// What the strips' median has moved from frame to frame, added up.
    flow: f64,
    /// The profile's shift and the flow.
    trace: Trace,
    spectrometer: Spectrometer,
    lost: Option<Reason>,
}

impl ChestMonitor {
    /// Takes a frame's chest; `None` where it is not seen. `anew`: the region was laid at another place than before.
    pub fn push(&mut self, at: MediaTime, look: Option<&ChestLook>, anew: bool) {
        let Some(look) = look.filter(|look| look.rows.len() >= ROWS_MIN) else {
            self.lost = Some(Reason::TooShort);
            return;
        };
        if !self.profile.follow(&look.rows, anew) {
            let luma = look.rows.iter().map(|row| f64::from(*row)).sum::<f64>() / look.rows.len() as f64;
            self.lost = Some(if luma < DARK { Reason::LowLight } else { Reason::NoStructure });
            return;
        }
        self.lost = None;
        self.flow += self.step(look, anew);
        if self.trace.push(at, [self.profile.shift, self.flow, 0.0]) == Step::Broken {
            self.profile.stay();
            self.strips.iter_mut().for_each(Follower::stay);
        }
    }

    /// How far most strips moved since the frame before, in rows of the strips.
    fn step(&mut self, look: &ChestLook, anew: bool) -> f64 {
        let (mut steps, mut count) = ([0.0; CHEST_STRIPS], 0);
        for (follower, rows) in self.strips.iter_mut().zip(&look.strips) {
            let before = follower.shift;
            if rows.len() >= ROWS_MIN && follower.follow(rows, anew) {
                steps[count] = follower.shift - before;
                count += 1;
            }
        }
        // Fewer than three have no middle that one of them cannot move.
        if count >= 3 { median(&mut steps[..count]).unwrap_or_default() } else { 0.0 }
    }

    /// Breaths a minute before `end`, from the chest alone, and by what they were told.
    pub fn read(&mut self, end: MediaTime) -> (Estimate, ChestSource) {
        let newest = (end.seconds() * GRID_HZ).round() as i64;
        let end = self.trace.newest().map_or(newest, |own| newest.min(own + 1));
        let reach = self.trace.oldest().map_or(0, |o| (end - o).clamp(0, (WINDOW_S * GRID_HZ) as i64));
        let at = |index: i64| MediaTime::from_seconds(index as f64 / GRID_HZ);
        let window = Window { start: at(end - reach), end: at(end) };
        let without = |reason| (Estimate::unavailable(vec![reason], window), ChestSource::Profile);
        if let Some(reason) = self.lost {
            return without(reason);
        }
        let samples = self.trace.between(end - reach, end).filter(|_| reach as f64 >= WINDOW_FROM_S * GRID_HZ);
        let Some(samples) = samples else { return without(Reason::TooShort) };
        let (mut profile, mut flow, mut filled) = (Vec::new(), Vec::new(), 0.0);
        for sample in samples {
            profile.push(sample.colour[0]);
            flow.push(sample.colour[1]);
            filled += f64::from(u8::from(sample.filled));
        }
        if filled > FILLED_MAX * profile.len() as f64 {
            return without(Reason::FpsJitter);
        }
        let profile = Breath::of(&mut self.spectrometer, &profile);
        let flow = Breath::of(&mut self.spectrometer, &flow);
        clearer(profile, flow, window)
    }
}

/// What a chest's breathing was told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChestSource {
    /// The shift of its row profile.
    Profile,
    /// The flow of its strips.
    Flow,
}

/// The clearer of the two. Where the profile does not say the same, the flow needs more to be believed, so that looking twice does not find
/// breathing in noise twice as often.
fn clearer(profile: Option<Breath>, flow: Option<Breath>, window: Window) -> (Estimate, ChestSource) {
    let Some(profile) = profile else {
        return (Estimate::unavailable(vec![Reason::NoPulse], window), ChestSource::Profile);
    };
    let clear = |breath: &Breath, from: f64| breath.probability() >= from;
    if let Some(flow) = flow {
        let apart = (profile.found.rate - flow.found.rate).abs() > CONTRARY;
        let alone = clear(&flow, if apart { FLOW_ALONE_FROM } else { ANSWERED_FROM });
        if apart && alone && clear(&profile, ANSWERED_FROM) {
            return (Estimate::unavailable(vec![Reason::Disagree], window), ChestSource::Profile);
        }
        if alone && flow.probability() > profile.probability() {
            return (flow.estimate(window), ChestSource::Flow);
        }
    }
    (profile.estimate(window), ChestSource::Profile)
}

/// Rows by which the structure of `still` lies further down in `now`, and how alike they are there, at most 1.
///
/// Whole rows by correlation, the rest by least squares on the slope of the profile's differences.
fn shift(still: &[f64], now: &[f64]) -> (f64, f64) {
    let rows = still.len() as i64;
    let reach = ((rows as f64 * REACH) as i64).max(1);
    let alike = |lag: i64| {
        let (mut both, mut a, mut b) = (0.0, 0.0, 0.0);
        for row in lag.max(0)..rows.min(rows + lag) {
            let (x, y) = (still[(row - lag) as usize], now[row as usize]);
            both += x * y;
            a += x * x;
            b += y * y;
        }
        both / (a * b).sqrt().max(f64::MIN_POSITIVE)
    };
    let lags = (-reach..=reach).map(|lag| (lag, alike(lag)));
    let (lag, likeness) = lags.fold((0, f64::MIN), |best, next| if next.1 > best.1 { next } else { best });
    let (mut along, mut steep) = (0.0, 0.0);
    for row in (lag.max(0) + 1)..(rows.min(rows + lag) - 1) {
        let at = (row - lag) as usize;
        let slope = 0.5 * (still[at + 1] - still[at - 1]);
        along += slope * (still[at] - now[row as usize]);
        steep += slope * slope;
    }
    let rest = if steep > 0.0 { (along / steep).clamp(-1.0, 1.0) } else { 0.0 };
    (lag as f64 + rest, likeness)
}

/// A window's breathing with what speaks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Breath {
    /// Rate and share of its line.
    pub found: Breathing,
    /// Correlation of the signal with itself a breath later.
    pub repeats: f64,
    /// Difference of the rates of the two halves, breaths a minute.
    pub halves: f64,
    /// Seconds of the window.
    pub seconds: f64,
}

impl Breath {
    /// The breathing in a signal of shifts on the grid; `None` for one that does not move.
    pub fn of(spectrometer: &mut Spectrometer, signal: &[f64]) -> Option<Self> {
        let signal = detrend(signal, LAMBDA);
        let mut rate =
            |part: &[f64]| respiration::common_rate(spectrometer, BreathSource::Movement, &[part.to_vec()], GRID_HZ);
        let found = rate(&signal)?;
        let (first, second) = signal.split_at(signal.len() / 2);
        let halves = rate(first).zip(rate(second)).map_or(f64::INFINITY, |(a, b)| (a.rate - b.rate).abs());
        let later = (60.0 / found.rate * GRID_HZ).round() as usize;
        let repeats = match signal.len().checked_sub(later) {
            Some(left) if left > later => super::statistics::correlation(&signal[..left], &signal[later..]),
            _ => 0.0,
        };
        Some(Self { found, repeats, halves, seconds: signal.len() as f64 / GRID_HZ })
    }
}

impl Breath {
    /// Probability that the rate is within 1.5 breaths a minute of the truth.
    #[must_use]
    pub fn probability(&self) -> f64 {
        let share = self.found.share.clamp(1e-3, 0.999);
        let features = [
            1.0,
            (share / (1.0 - share)).ln(),
            self.repeats.max(-0.2),
            self.halves.min(60.0).ln_1p(),
            (self.found.rate / USUAL_RATE).ln(),
        ];
        let score: f64 = features.iter().zip(WEIGHTS).map(|(f, w)| f * w).sum();
        1.0 / (1.0 + (-score).exp())
    }

    /// Where the rate lies with 90 % probability, breaths a minute.
    fn interval(&self) -> Interval {
        let half = INTERVAL_LEAST.hypot(INTERVAL_HALVES * self.halves.min(60.0));
        Interval { low: self.found.rate - half, high: self.found.rate + half }
    }

    fn estimate(&self, window: Window) -> Estimate {
        let quality = self.probability();
        if quality < ANSWERED_FROM {
            return Estimate::unavailable(vec![Reason::NoPulse], window);
        }
        Estimate::Available { rate: self.found.rate, interval: self.interval(), quality, window }
    }
}

/// What chest and pulse say together: the chest's rate, unless the pulse's modulations say another; theirs alone only where no chest is watched.
#[must_use]
pub fn together(chest: Option<Estimate>, modulations: Estimate) -> Estimate {
    match (chest, modulations) {
        (None, modulations) => modulations,
        (Some(Estimate::Available { rate, window, .. }), Estimate::Available { rate: other, .. })
            if (rate - other).abs() > CONTRARY =>
        {
            Estimate::unavailable(vec![Reason::Disagree], window)
        }
        (Some(chest), _) => chest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use std::f64::consts::TAU;

    /// A shirt's rows, moved down by `shift` rows.
    fn shirt(shift: f64, noise: impl FnMut() -> f64) -> ChestLook {
        let mut noise = noise;
        let cloth = |y: f64| 90.0 + 25.0 * (y * 0.21).sin() + 12.0 * (y * 0.093 + 1.0).cos() + 6.0 * (y * 0.71).sin();
        let rows = (0..80).map(|row| (cloth(f64::from(row) - shift) + noise()) as f32).collect();
        ChestLook { rows, ..ChestLook::default() }
    }

    /// A shirt in strips of which the first `arms` are something bright that moves by itself.
    fn shirt_beside_arms(shift: f64, arms: usize, arm: f64, random: &mut ChaCha8Rng) -> ChestLook {
        let strips: [Vec<f32>; CHEST_STRIPS] = std::array::from_fn(|strip| {
            let mut rows = shirt(if strip < arms { arm } else { shift }, || random.random::<f64>() - 0.5).rows;
            let strength = if strip < arms { 4.0 } else { 1.0 };
            rows.iter_mut().for_each(|row| *row *= strength);
            rows
        });
        let mean = |row: usize| strips.iter().map(|s| s[row]).sum::<f32>() / CHEST_STRIPS as f32;
        ChestLook { rows: (0..80).map(mean).collect(), strips }
    }

    fn breathed(rate: f64, pixels: f64, fps: f64, seconds: f64, noise: f64) -> Estimate {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let mut monitor = ChestMonitor::default();
        for i in 0..(seconds * fps) as u32 {
            let t = f64::from(i) / fps;
            let look = shirt(pixels * (TAU * rate / 60.0 * t).sin(), || noise * (random.random::<f64>() - 0.5));
            monitor.push(MediaTime::from_seconds(t), Some(&look), false);
        }
        monitor.read(MediaTime::from_seconds(seconds)).0
    }

    #[test]
    fn shifts_are_measured_to_a_twentieth_of_a_row() {
        let slopes =
            |look: ChestLook| look.rows.windows(2).map(|p| f64::from(p[1]) - f64::from(p[0])).collect::<Vec<f64>>();
        let still = slopes(shirt(0.0, || 0.0));
        for by in [0.0, 0.1, -0.37, 0.5, 1.6, -4.25] {
            let (found, likeness) = shift(&still, &slopes(shirt(by, || 0.0)));
            assert!((found - by).abs() < 0.05 && likeness > 0.9, "{by}: {found} {likeness}");
        }
    }

    #[test]
    fn breathing_is_read_at_any_frame_rate_and_a_still_chest_is_not() {
        for (rate, pixels, fps) in [(15.0, 0.4, 30.0), (9.0, 1.5, 25.0), (27.0, 0.3, 15.0), (12.0, 6.0, 12.5)] {
            let read = breathed(rate, pixels, fps, 40.0, 1.0);
            assert!(read.rate().is_some_and(|r| (r - rate).abs() < 0.5), "{rate}: {read:?}");
        }
        for noise in [0.0, 0.5, 4.0] {
            assert_eq!(breathed(15.0, 0.0, 30.0, 40.0, noise).rate(), None, "{noise}");
        }
        assert!(
            matches!(breathed(15.0, 1.0, 30.0, 12.0, 0.5), Estimate::Unavailable { reasons, .. } if reasons == [Reason::TooShort])
        );
    }

    #[test]
    fn the_flow_of_most_strips_is_read_where_an_arm_spoils_the_profile() {
        let read = |arms: usize| {
            let mut random = ChaCha8Rng::seed_from_u64(8);
            let mut monitor = ChestMonitor::default();
            let mut arm = 0.0;
            for i in 0..1000 {
                let t = f64::from(i) / 25.0;
                // A hand that goes its own ways.
                arm = 0.98 * arm + 0.5 * (random.random::<f64>() - 0.5);
                let look = shirt_beside_arms(0.5 * (TAU * 0.25 * t).sin(), arms, arm, &mut random);
                monitor.push(MediaTime::from_seconds(t), Some(&look), false);
            }
            monitor.read(MediaTime::from_seconds(40.0))
        };
        for arms in [0, 1, 2] {
            let (breathing, source) = read(arms);
            assert!(breathing.rate().is_some_and(|r| (r - 15.0).abs() < 0.5), "{arms}: {source:?} {breathing:?}");
            assert_eq!(source, if arms == 0 { source } else { ChestSource::Flow }, "{arms}");
        }
        assert_eq!(read(5).0.rate(), None, "nothing but arms");
    }

    #[test]
    fn a_chest_out_of_sight_or_without_structure_gives_its_reason() {
        let mut monitor = ChestMonitor::default();
        let [plain, dark] = [50.0, 4.0].map(|luma| ChestLook { rows: vec![luma; 60], ..ChestLook::default() });
        let rows = [(None, Reason::TooShort), (Some(&plain), Reason::NoStructure), (Some(&dark), Reason::LowLight)];
        for (look, reason) in rows {
            monitor.push(MediaTime::from_seconds(1.0), look, false);
            let (read, _) = monitor.read(MediaTime::from_seconds(1.0));
            assert!(matches!(&read, Estimate::Unavailable { reasons, .. } if *reasons == [reason]), "{read:?}");
        }
    }

    #[test]
    fn chest_and_pulse_must_not_contradict_each_other() {
        let window = Window { start: MediaTime::from_seconds(0.0), end: MediaTime::from_seconds(30.0) };
        let rate = |rate: f64| Estimate::Available {
            rate,
            interval: Interval { low: rate, high: rate },
            quality: 0.9,
            window,
        };
        let none = || Estimate::unavailable(vec![Reason::NoPulse], window);
        for (chest, pulse, expected) in [
            (Some(rate(15.0)), rate(16.0), Some(15.0)),
            (Some(rate(15.0)), rate(19.0), None),
            (Some(rate(15.0)), none(), Some(15.0)),
            (Some(none()), rate(15.0), None),
            (None, rate(15.0), Some(15.0)),
        ] {
            assert_eq!(together(chest, pulse).rate(), expected);
        }
    }
}
