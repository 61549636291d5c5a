//! Blinks of one face: each with its beginning and end, their rate over the time in which they could be seen, and why
//! there is none.
//!
//! A blink is a run of frames in which the eyes are farther closed than the threshold, from the moment at which the closure
//! passes a quarter of its peak to the moment at which it falls below, found between frames by straight lines. Both must have
//! been seen. Two blinks in one run are told apart by the valley between them.

use std::collections::VecDeque;

use super::cadence::{Cadence, GAP_S};
use super::estimate::{Estimate, Reason, Window};
use super::ledger::Ledger;
use super::openness::{Closure, ClosureSettings, Openness, eye_width};
use super::pace::Pace;
use super::poisson;
use crate::face::FaceLook;
use crate::time::MediaTime;
use crate::units::Interval;

/// Part of its peak at which a closure begins and ends.
const EDGE: f64 = 0.25;
/// Two closures are two where the valley between them is lower than this part of the lower peak.
const VALLEY: f64 = 0.5;
/// Shortest and longest blink, seconds.
const SHORTEST_S: f64 = 0.05;
const LONGEST_S: f64 = 1.0;
/// A blink is told of when so much has been seen after it, seconds.
const SETTLED_S: f64 = 0.3;
/// Closures are kept for as long as a blink in them may still be told of.
const KEPT_S: f64 = 2.0 * LONGEST_S + SETTLED_S;
/// Most of them; the oldest go first.
const CLOSURES_MAX: usize = 600;
/// Least distance of an eye's corners, pixels. Pictures of half the size, with eyes of 9 to 15 pixels, cost 8 points of F1
/// (0.90 in place of 0.98), most of it time that this refuses.
const EYE_MIN: f64 = 10.0;
/// Largest angle between the face and the camera, degrees.
const YAW_MAX: f64 = 30.0;
/// A row of an eye this bright is a reflection, 8-bit luma.
const GLARE: f32 = 250.0;
/// Rows that differ by less than this show no eye, 8-bit luma.
const CONTRAST_MIN: f32 = 4.0;
/// Seconds over which the rate is taken, and the least of them in which blinks could be seen.
const RATE_S: f64 = 60.0;
const RATE_FROM_S: f64 = 30.0;
/// More blinks in that time than any eye does are not kept; the oldest go first.
const BLINKS_MAX: usize = 256;
/// Probability that the true rate lies in its interval.
const CONFIDENCE: f64 = 0.9;
/// Quality is the probability of being within this many a minute.
const NEAR: f64 = 5.0;

/// The eyes closed and opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blink {
    /// They were closing.
    pub from: MediaTime,
    /// They were open again.
    pub to: MediaTime,
}

/// What the last minute says.
#[derive(Debug, Clone, PartialEq)]
pub struct BlinkReading {
    /// Blinks a minute of the time in which they could be seen, with the exact Poisson interval.
    pub rate: Estimate,
    /// Blinks of that time.
    pub count: u32,
    /// Seconds of the window in which blinks could be seen.
    pub tracked_s: f64,
    /// Mean time from closing to open again, seconds; absent without a blink.
    pub closure_s: Option<f64>,
}

/// Watches the eyes of one face. Bounded: a few seconds of frames, a minute of blinks.
#[derive(Debug, Default)]
pub struct BlinkMonitor {
    openness: Openness,
    closures: VecDeque<Closure>,
    cadence: Cadence,
    pace: Pace,
    ledger: Ledger,
    blinks: VecDeque<Blink>,
    fresh: Vec<Blink>,
    /// The peak of the blink last told of.
    told_to: Option<MediaTime>,
}

impl BlinkMonitor {
    /// With other thresholds.
    #[must_use]
    pub fn new(settings: ClosureSettings) -> Self {
        Self { openness: Openness::new(settings), ..Self::default() }
    }

    /// Takes a frame; `None` where the face is not seen in it.
    pub fn push(&mut self, at: MediaTime, look: Option<&FaceLook>) {
        let step = self.cadence.step(at);
        if step.is_none() {
            self.end();
        }
        let usable = look.ok_or(Reason::TrackBreak).and_then(|look| usable(look).map(|()| look));
        let calm = usable.and_then(|look| self.pace.check(at, &look.landmarks).map(|()| look));
        match calm.and_then(|look| self.cadence.check().map(|()| look)) {
            Ok(look) => {
                self.openness.push(at, look);
                let Self { openness, closures, ledger, .. } = self;
                openness.advance(|closure| keep(closures, ledger, closure));
                self.tell(false);
            }
            Err(reason) => {
                self.ledger.lost(at, step.unwrap_or(0.0), reason);
                // A frame or two that say nothing are bridged; longer than a gap they end what was seen.
                if self.openness.newest().is_some_and(|last| at.since(last) > GAP_S) {
                    self.end();
                }
            }
        }
    }

    /// Ends what is being watched: the face is gone or the recording over. What was seen so far is judged.
    pub fn end(&mut self) {
        let Self { openness, closures, ledger, .. } = self;
        openness.end(|closure| keep(closures, ledger, closure));
        self.tell(true);
        self.closures.clear();
    }

    /// The blinks found since it was last asked, about 1.3 s after they happened.
    pub fn take(&mut self) -> std::vec::Drain<'_, Blink> {
        self.fresh.drain(..)
    }

    /// What the minute before `end` says.
    #[must_use]
    pub fn read(&self, end: MediaTime) -> BlinkReading {
        let window = self.ledger.window(end, RATE_S);
        let tracked_s = self.ledger.tracked_s(window);
        let inside = |b: &&Blink| (window.start..=window.end).contains(&b.to);
        let count = self.blinks.iter().filter(inside).count() as u32;
        let closures: f64 = self.blinks.iter().filter(inside).map(|b| b.to.since(b.from)).sum();
        let closure_s = (count > 0).then(|| closures / f64::from(count));
        BlinkReading { rate: self.rate(count, tracked_s, window), count, tracked_s, closure_s }
    }

    fn rate(&self, count: u32, tracked_s: f64, window: Window) -> Estimate {
        if tracked_s < RATE_FROM_S {
            return Estimate::unavailable(self.ledger.reasons(window, RATE_FROM_S), window);
        }
        per_minute(count, tracked_s, window)
    }

    /// Tells of the blinks that are over, each once.
    fn tell(&mut self, all: bool) {
        let Some(newest) = self.closures.back().map(|c| c.at) else { return };
        let closures = self.closures.make_contiguous();
        for (peak, blink) in blinks(closures) {
            let settled = all || newest.since(blink.to) >= SETTLED_S;
            if !settled || self.told_to.is_some_and(|told| peak <= told) {
                continue;
            }
            self.told_to = Some(peak);
            self.fresh.push(blink);
            if self.blinks.len() == BLINKS_MAX {
                self.blinks.pop_front();
            }
            self.blinks.push_back(blink);
        }
        while self.blinks.front().is_some_and(|b| newest.since(b.to) > 2.0 * RATE_S) {
            self.blinks.pop_front();
        }
    }
}

fn keep(closures: &mut VecDeque<Closure>, ledger: &mut Ledger, closure: Closure) {
    let step = closures.back().map_or(0.0, |last| closure.at.since(last.at));
    ledger.tracked(closure.at, step.clamp(0.0, 2.0 * GAP_S));
    closures.push_back(closure);
    while closures.front().is_some_and(|c| closure.at.since(c.at) > KEPT_S) || closures.len() > CLOSURES_MAX {
        closures.pop_front();
    }
}

/// Events of a known time as a rate a minute with its exact interval.
pub(super) fn per_minute(count: u32, tracked_s: f64, window: Window) -> Estimate {
    let minutes = tracked_s / 60.0;
    let Interval { low, high } = poisson::garwood(count, CONFIDENCE);
    let interval = Interval { low: low / minutes, high: high / minutes };
    let quality = poisson::within(count, NEAR * minutes);
    Estimate::Available { rate: f64::from(count) / minutes, interval, quality, window }
}

/// Whether the eyes of a frame can be seen.
fn usable(look: &FaceLook) -> Result<(), Reason> {
    let widths = [0, 1].map(|eye| eye_width(&look.landmarks, eye));
    let [Some(left), Some(right)] = widths else { return Err(Reason::TrackBreak) };
    if look.angles.is_some_and(|a| a.yaw.abs() > YAW_MAX) {
        return Err(Reason::HeadTurned);
    }
    if left.min(right) < EYE_MIN {
        return Err(Reason::FaceSmall);
    }
    for rows in look.eye_rows.iter().filter(|rows| !rows.is_empty()) {
        let (low, high) = rows.iter().fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
        if high >= GLARE {
            return Err(Reason::Saturated);
        }
        if high - low < CONTRAST_MIN {
            return Err(Reason::LowLight);
        }
    }
    Ok(())
}

/// The complete blinks in a stretch of closures: each with the moment of its peak.
fn blinks(closures: &[Closure]) -> Vec<(MediaTime, Blink)> {
    let mut runs = Vec::new();
    let mut first = None;
    for (i, c) in closures.iter().enumerate() {
        let closing = c.depth > c.threshold;
        match (first, closing) {
            (None, true) => first = Some(i),
            (Some(from), false) => {
                split(closures, from, i, &mut runs);
                first = None;
            }
            _ => {}
        }
    }
    // A run that is not over has not been seen to open.
    let ends = |n: usize| (n.checked_sub(1).map_or(0, |b: usize| runs[b].1), runs.get(n + 1).map(|r| r.0));
    (0..runs.len()).filter_map(|n| complete(closures, runs[n], ends(n))).collect()
}

/// Cuts the run `from..to` at its deepest valley, and what is left likewise.
fn split(closures: &[Closure], from: usize, to: usize, runs: &mut Vec<(usize, usize)>) {
    let peak = |from: usize, to: usize| closures[from..to].iter().map(|c| c.depth).fold(0.0, f64::max);
    let depth = |v: usize| closures[v].depth / peak(from, v).min(peak(v + 1, to));
    let valley = (from + 1..to.saturating_sub(1)).min_by(|a, b| depth(*a).total_cmp(&depth(*b)));
    match valley.filter(|v| depth(*v) < VALLEY) {
        Some(valley) => {
            split(closures, from, valley, runs);
            split(closures, valley + 1, to, runs);
        }
        None => runs.push((from, to)),
    }
}

/// The blink of a run, between the end of the run before and the start of the run after; `None` where its closing or its
/// opening was not seen or it took too short or too long.
fn complete(
    closures: &[Closure],
    (from, to): (usize, usize),
    (before, after): (usize, Option<usize>),
) -> Option<(MediaTime, Blink)> {
    let peak = (from..to).max_by(|a, b| closures[*a].depth.total_cmp(&closures[*b].depth))?;
    let edge = EDGE * closures[peak].depth;
    let after = after.unwrap_or(closures.len());
    let start = (before..peak).rev().find(|i| closures[*i].depth <= edge).or((before > 0).then_some(before))?;
    let end = (peak + 1..after).find(|i| closures[*i].depth <= edge);
    let end = end.or((after < closures.len()).then(|| after.saturating_sub(1)))?;
    let blink = Blink {
        from: crossing(closures[start], closures[start + 1], edge),
        to: crossing(closures[end], closures[end - 1], edge),
    };
    let length = blink.to.since(blink.from);
    (SHORTEST_S..=LONGEST_S).contains(&length).then_some((closures[peak].at, blink))
}

/// When the closure passed `edge` between two neighbouring frames.
fn crossing(outside: Closure, inside: Closure, edge: f64) -> MediaTime {
    let share = ((edge - outside.depth) / (inside.depth - outside.depth)).clamp(0.0, 1.0);
    let share = if share.is_nan() { 0.0 } else { share };
    MediaTime::from_seconds(outside.at.seconds() + share * inside.at.since(outside.at))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::biosignal::eyes::{look_of, points_of};
    use crate::face::HeadAngles;

    /// How far the eyes are closed `t` seconds after a blink began: down in 80 ms, up again by `length`.
    fn lid(t: f64, length: f64) -> f64 {
        (t / 0.08).min((length - t) / (length - 0.1)).clamp(0.0, 1.0)
    }

    fn closed(t: f64, starts: &[f64], length: f64) -> f64 {
        starts.iter().map(|start| lid(t - start, length)).fold(0.0, f64::max)
    }

    /// Blinks found at `fps` in `length` seconds of a face that looks like `look` at each time.
    fn found(fps: f64, length: f64, look: impl Fn(f64) -> Option<FaceLook>) -> (Vec<Blink>, BlinkMonitor) {
        let mut monitor = BlinkMonitor::default();
        for i in 0..(fps * length) as u32 {
            let at = f64::from(i) / fps;
            monitor.push(MediaTime::from_seconds(at), look(at).as_ref());
        }
        monitor.end();
        (monitor.take().collect(), monitor)
    }

    #[track_caller]
    fn assert_blinks(found: &[Blink], starts: &[f64], what: &str) {
        let from: Vec<f64> = found.iter().map(|b| b.from.seconds()).collect();
        assert_eq!(from.len(), starts.len(), "{what}: {from:?} for {starts:?}");
        for (from, start) in from.iter().zip(starts) {
            assert!((from - start).abs() < 0.06, "{what}: {from} for {start}");
        }
    }

    #[test]
    fn each_blink_is_found_once_at_any_frame_rate() {
        let starts = [0.5, 2.0, 2.4, 7.3, 11.0];
        for fps in [15.0, 25.0, 30.0, 60.0] {
            let (blinks, _) = found(fps, 13.0, |t| Some(look_of(closed(t, &starts, 0.25))));
            assert_blinks(&blinks, &starts, &format!("{fps} fps"));
            let (blinks, _) = found(fps, 13.0, |t| Some(points_of(closed(t, &starts, 0.25))));
            assert_blinks(&blinks, &starts, &format!("{fps} fps, landmarks alone"));
        }
    }

    #[test]
    fn beginnings_and_ends_lie_between_frames() {
        let (blinks, monitor) = found(30.0, 6.0, |t| Some(look_of(closed(t, &[2.011], 0.3))));
        let length = blinks[0].to.since(blinks[0].from);
        // From a quarter of the closing to a quarter of the opening.
        assert!((blinks[0].from.seconds() - 2.031).abs() < 0.02 && (length - 0.23).abs() < 0.04, "{blinks:?}");
        let reading = monitor.read(MediaTime::from_seconds(6.0));
        assert_eq!((reading.count, reading.closure_s), (1, Some(length)));
    }

    #[test]
    fn what_takes_too_long_or_was_not_seen_whole_is_no_blink() {
        for (what, from, to) in [("closed at first", -1.0, 0.4), ("closed at last", 5.7, 9.0), ("asleep", 2.0, 4.0)] {
            let look = |t: f64| Some(look_of(if (from..to).contains(&t) { 1.0 } else { 0.0 }));
            assert_blinks(&found(30.0, 6.0, look).0, &[], what);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_not_judged_and_its_reason_is_told() {
        let turned = |look: FaceLook| {
            let angles = Some(HeadAngles { yaw: -41.0, pitch: 0.0, roll: 0.0 });
            Some(FaceLook { angles, ..look })
        };
        let small = |mut look: FaceLook| {
            look.landmarks.iter_mut().for_each(|p| (p.x, p.y) = (p.x / 4.0, p.y / 4.0));
            Some(look)
        };
        let lit = |by: f32| {
            move |mut look: FaceLook| {
                look.eye_rows.iter_mut().flatten().for_each(|v| *v = (*v * by).min(255.0));
                Some(look)
            }
        };
        type Change<'a> = &'a dyn Fn(FaceLook) -> Option<FaceLook>;
        let cases: [(Reason, Change<'_>); 5] = [
            (Reason::HeadTurned, &turned),
            (Reason::FaceSmall, &small),
            (Reason::Saturated, &lit(3.0)),
            (Reason::LowLight, &lit(0.02)),
            (Reason::TrackBreak, &|_| None),
        ];
        for (reason, change) in cases {
            let (blinks, monitor) = found(30.0, 40.0, |t| change(look_of(closed(t, &[5.0], 0.3))));
            assert_blinks(&blinks, &[], &format!("{reason:?}"));
            let reading = monitor.read(MediaTime::from_seconds(40.0));
            assert_eq!(reading.tracked_s, 0.0);
            let Estimate::Unavailable { reasons, .. } = reading.rate else { panic!("{reading:?}") };
            assert_eq!(reasons, [reason]);
        }
        let (_, monitor) = found(10.0, 40.0, |_| Some(look_of(0.0)));
        let reading = monitor.read(MediaTime::from_seconds(40.0));
        assert!(
            matches!(&reading.rate, Estimate::Unavailable { reasons, .. } if reasons == &[Reason::FpsJitter]),
            "{reading:?}"
        );
    }

    #[test]
    fn the_rate_is_over_the_time_in_which_blinks_could_be_seen() {
        // A blink every 4 s; for the first half minute the face is away.
        let starts: Vec<f64> = (0..20).map(|i| f64::from(i).mul_add(4.0, 1.0)).collect();
        let away = |t: f64| (10.0..25.0).contains(&t);
        let (blinks, monitor) = found(30.0, 70.0, |t| (!away(t)).then(|| look_of(closed(t, &starts, 0.2))));
        assert!(blinks.iter().all(|b| !away(b.from.seconds())));
        let reading = monitor.read(MediaTime::from_seconds(70.0));
        let Estimate::Available { rate, interval, quality, window } = reading.rate else { panic!("{reading:?}") };
        assert!((reading.tracked_s - 45.0).abs() < 1.5 && (rate - 15.0).abs() < 1.5, "{reading:?}");
        assert!(interval.low < 15.0 && 15.0 < interval.high && (0.3..1.0).contains(&quality), "{interval:?} {quality}");
        assert_eq!((window.start.seconds(), window.end.seconds()), (10.0, 70.0));
        let early = monitor.read(MediaTime::from_seconds(9.0));
        assert!(early.rate.rate().is_none());
    }

    #[test]
    fn a_pause_ends_what_was_seen() {
        // The eyes close before a pause of the stream and open after it.
        let mut monitor = BlinkMonitor::default();
        for i in 0..180_u32 {
            let at = f64::from(i) / 30.0 + if i >= 90 { 2.0 } else { 0.0 };
            let look = look_of(if (88..93).contains(&i) { 1.0 } else { 0.0 });
            monitor.push(MediaTime::from_seconds(at), Some(&look));
        }
        monitor.end();
        assert_eq!(monitor.take().count(), 0);
    }

    proptest! {
        #[test]
        fn blinks_do_not_overlap_and_nothing_grows(
            steps in proptest::collection::vec((0.0..0.12_f64, 0.0..1.0_f64, 0_u8..12), 1..400),
        ) {
            let (mut monitor, mut at, mut blinks) = (BlinkMonitor::default(), 0.0, Vec::new());
            for (step, closed, kind) in steps {
                at += if kind == 0 { 40.0 * step } else { step };
                let look = (kind != 1).then(|| look_of(closed * closed));
                monitor.push(MediaTime::from_seconds(at), look.as_ref());
                blinks.extend(monitor.take());
            }
            monitor.end();
            blinks.extend(monitor.take());
            prop_assert!(blinks.windows(2).all(|b| b[0].from < b[1].from));
            for b in &blinks {
                prop_assert!((SHORTEST_S..=LONGEST_S).contains(&b.to.since(b.from)), "{b:?}");
                prop_assert!(b.to.seconds() <= at);
            }
            let reading = monitor.read(MediaTime::from_seconds(at));
            prop_assert!(reading.tracked_s <= RATE_S + 2.0 && reading.count as usize <= blinks.len());
            prop_assert!(monitor.closures.len() <= CLOSURES_MAX);
        }
    }
}
