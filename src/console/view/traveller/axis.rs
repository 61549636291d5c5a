//! One time axis: views as bars in a lane a camera, gaps as gaps, events as marks, vital signs as intervals, and where they
//! may come into view next.
//!
//! Across it is in percent, down in `em`, so that it fits every window and its text never shrinks. What stands in it stands
//! in the timeline's table as well.

use std::ops::RangeInclusive;

use maud::{Markup, html};

use super::Life;
use super::occurrences::{ON_AXIS, Occurrence, Reading, State, severity};
use crate::console::words::{Lang, Say, Word, what};
use crate::event::VitalSign;
use crate::event::vital::Estimate;
use crate::time::CaptureTime;
use crate::wire::v1;

/// Heights, em.
const EVENTS_EM: f64 = 2.0;
const CAMERA_EM: f64 = 2.0;
const VITAL_EM: f64 = 4.2;
const TICKS_EM: f64 = 1.6;
/// Steps between two ticks, seconds.
const STEPS_S: [i64; 14] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200];
/// Most ticks.
const TICKS_MAX: i64 = 8;
/// Next views drawn, and how probable they must be.
const NEXT_MAX: usize = 3;
const NEXT_PROBABLE: f64 = 0.05;
/// Letters of a camera's name beside its lane; the whole is in its title.
const NAME_MAX: usize = 13;
/// A rate's lane spans at least so many a minute.
const RATES_MIN: f64 = 20.0;
const SECOND: i64 = 1_000_000;

/// A stretch of time across the picture, with a piece left out where nothing is to be seen.
struct Scale {
    from: i64,
    to: i64,
    /// From, until; empty where nothing is left out.
    cut: (i64, i64),
}

impl Scale {
    fn shown(&self) -> i64 {
        (self.to - self.from - (self.cut.1 - self.cut.0)).max(1)
    }

    fn at(&self, micros: i64) -> f64 {
        let (cut_from, cut_to) = self.cut;
        let left_out = micros.clamp(cut_from, cut_to) - cut_from;
        let share = (micros as f64 - self.from as f64 - left_out as f64) / self.shown() as f64;
        (100.0 * share).clamp(0.0, 100.0)
    }

    fn x(&self, micros: i64) -> String {
        format!("{:.2}%", self.at(micros))
    }

    /// Never thinner than can be seen.
    fn width(&self, from: i64, to: i64) -> String {
        format!("{:.2}%", (self.at(to) - self.at(from)).max(0.25))
    }

    fn ticks(&self) -> Vec<i64> {
        let span = self.shown() / SECOND;
        let step = STEPS_S.into_iter().find(|step| span / step <= TICKS_MAX).unwrap_or((span / TICKS_MAX).max(1));
        let step = step * SECOND;
        let round = |from: i64, to: i64| {
            let first = (from + step - 1).div_euclid(step);
            (first..).map(move |n| n * step).take_while(move |at| *at < to)
        };
        let (before, after) = (round(self.from, self.cut.0), round(self.cut.1, self.to));
        before.chain(after).filter(|at| self.at(*at) < 94.0).collect()
    }
}

fn em(value: f64) -> String {
    format!("{value:.2}em")
}

/// A lane of a camera.
struct Lane<'a> {
    camera: &'a str,
    segments: Vec<&'a v1::Segment>,
    next: Option<&'a v1::NextView>,
}

fn lanes<'a>(traveller: &'a v1::Traveller, next: &[&'a v1::NextView]) -> Vec<Lane<'a>> {
    let mut lanes: Vec<Lane<'a>> = Vec::new();
    for segment in &traveller.segments {
        let camera = segment.track.as_ref().map_or("", |track| track.camera.as_str());
        match lanes.iter_mut().find(|lane| lane.camera == camera) {
            Some(lane) => lane.segments.push(segment),
            None => lanes.push(Lane { camera, segments: vec![segment], next: None }),
        }
    }
    for view in next {
        match lanes.iter_mut().find(|lane| lane.camera == view.camera) {
            Some(lane) => lane.next = Some(view),
            None => lanes.push(Lane { camera: &view.camera, segments: Vec::new(), next: Some(view) }),
        }
    }
    lanes
}

/// What the next views are drawn from: they are out of sight and may come there.
fn next_of<'a>(life: &'a Life<'_>) -> Vec<&'a v1::NextView> {
    let outlook = life.sight.traveller.outlook.as_ref().filter(|outlook| outlook.away_s > 0.0);
    let next = outlook.map(|outlook| outlook.next.as_slice()).unwrap_or_default();
    next.iter().filter(|view| view.probability >= NEXT_PROBABLE).take(NEXT_MAX).collect()
}

/// The axis.
#[must_use]
pub fn axis(life: &Life<'_>, lang: Lang) -> Markup {
    let next = next_of(life);
    let lanes = lanes(&life.sight.traveller, &next);
    let signs: Vec<VitalSign> =
        ON_AXIS.into_iter().filter(|sign| life.told.readings.iter().any(|one| one.report.sign == *sign)).collect();
    let scale = scale(life, &next);
    let cameras_end = EVENTS_EM + CAMERA_EM * lanes.len() as f64;
    let lanes_end = cameras_end + VITAL_EM * signs.len() as f64;
    let height = lanes_end + TICKS_EM;
    html! {
        div #axis {
            svg.axis role="img" aria-labelledby="axis-title axis-says" width="100%" height=(em(height)) {
                title #axis-title { (Word::TimeAxis.in_(lang)) }
                desc #axis-says { (says(life, lang)) }
                text.lane x="0" y=(em(1.3)) { (Word::Events.in_(lang)) }
                @for (lane, top) in lanes.iter().zip(tops(EVENTS_EM, CAMERA_EM)) {
                    text.lane x="0" y=(em(top + 1.3)) { (short(lane.camera)) title { (lane.camera) } }
                }
                @for (sign, top) in signs.iter().zip(tops(cameras_end, VITAL_EM)) {
                    text.lane x="0" y=(em(top + 1.6)) { (sign.say(lang)) }
                    text.lane.quiet x="0" y=(em(top + 2.9)) { (Word::PerMinute.in_(lang)) }
                }
                svg.plot x="8.5em" width="86%" height=(em(height)) {
                    (grid(&scale, lanes_end))
                    (gaps(life, &scale, cameras_end))
                    @for (lane, top) in lanes.iter().zip(tops(EVENTS_EM, CAMERA_EM)) { (camera(lane, top, &scale, life, lang)) }
                    @for one in drawn(&life.told.occurrences) { (mark(one, &scale, cameras_end, lang)) }
                    @for (sign, top) in signs.iter().zip(tops(cameras_end, VITAL_EM)) {
                        (vital(*sign, &life.told.readings, top, &scale, lang))
                    }
                    @if life.now > life.until {
                        line.now x1=(scale.x(life.now)) x2=(scale.x(life.now)) y1="0" y2=(em(lanes_end)) {}
                    }
                }
            }
        }
    }
}

fn tops(first: f64, each: f64) -> impl Iterator<Item = f64> {
    (0..).map(move |n| first + each * f64::from(n))
}

fn short(name: &str) -> String {
    if name.chars().count() <= NAME_MAX {
        return name.to_owned();
    }
    name.chars().take(NAME_MAX - 1).chain(['…']).collect()
}

/// From the first sight until now, and on until those who come may have come, but not so far that the past is a speck.
fn scale(life: &Life<'_>, next: &[&v1::NextView]) -> Scale {
    let lived = (life.until - life.from).max(10 * SECOND);
    let (left, away) = (life.from + lived, (life.now - life.until).max(0));
    let kept = away.min(lived.max(30 * SECOND));
    let cut = left + kept / 2;
    let high = next.iter().filter(|view| view.in_high_s.is_finite()).map(|view| view.in_high_s).fold(0.0, f64::max);
    let ahead = ((high * 1e6) as i64).min(lived + kept);
    Scale { from: life.from, to: left + away + ahead, cut: (cut, cut + away - kept) }
}

/// What the picture shows, in words.
fn says(life: &Life<'_>, lang: Lang) -> String {
    let (views, gaps) = (life.sight.traveller.segments.len(), life.gaps.len());
    let (events, readings) = (life.told.occurrences.len(), life.told.readings.len());
    let counts = match lang {
        Lang::En => format!("{views} stretches in view, {gaps} gaps, {events} events, {readings} vital signs."),
        Lang::Ko => format!("화면 구간 {views}개, 공백 {gaps}개, 이벤트 {events}건, 생체 신호 {readings}건."),
    };
    format!("{counts} {}", Word::AxisSays.in_(lang))
}

fn grid(scale: &Scale, end: f64) -> Markup {
    html! {
        @for at in scale.ticks() {
            line.grid x1=(scale.x(at)) x2=(scale.x(at)) y1="0" y2=(em(end)) {}
            text.tick x=(scale.x(at)) dx="0.2em" y=(em(end + 1.2)) data-at=(at) {
                (CaptureTime::exact(at).rfc3339().get(11..19).unwrap_or_default())
            }
        }
    }
}

fn gaps(life: &Life<'_>, scale: &Scale, end: f64) -> Markup {
    html! {
        @for (from, to) in &life.gaps {
            rect.gap x=(scale.x(*from)) width=(scale.width(*from, *to)) y=(em(EVENTS_EM)) height=(em(end - EVENTS_EM)) {}
        }
        @if scale.cut.1 > scale.cut.0 { text.cut x=(scale.x(scale.cut.0)) y=(em(end - 0.6)) text-anchor="middle" { "//" } }
    }
}

fn camera(lane: &Lane<'_>, top: f64, scale: &Scale, life: &Life<'_>, lang: Lang) -> Markup {
    html! {
        line.base x1="0" x2="100%" y1=(em(top + CAMERA_EM / 2.0)) y2=(em(top + CAMERA_EM / 2.0)) {}
        @for segment in &lane.segments {
            @let (from, until) = (segment.from_unix_micros, segment.until_unix_micros);
            rect.view data-provisional[segment.provisional] x=(scale.x(from)) width=(scale.width(from, until)) y=(em(top + 0.35)) height=(em(CAMERA_EM - 0.7)) rx="2" {
                title { (lane.camera) @if let Some(sure) = segment.probability { ", " (percent(sure)) } }
            }
        }
        @if let Some(next) = lane.next {
            @let at = |seconds: f64| life.now + (seconds.clamp(0.0, 1e6) * 1e6) as i64;
            @let (from, until) = (at(next.in_low_s), at(next.in_high_s));
            rect.next data-blind[next.blind() != v1::Blind::Unspecified] x=(scale.x(from)) width=(scale.width(from, until)) y=(em(top + 0.35)) height=(em(CAMERA_EM - 0.7)) rx="2" {
                title { (Word::Expected.in_(lang)) " " (lane.camera) }
            }
            line.median x1=(scale.x(at(next.in_s))) x2=(scale.x(at(next.in_s))) y1=(em(top + 0.35)) y2=(em(top + CAMERA_EM - 0.35)) {}
            text.chance x=(scale.x(from)) dx="0.35em" y=(em(top + 1.3)) { (percent(next.probability)) }
        }
    }
}

/// The most severe last, on top of the others.
fn drawn(occurrences: &[Occurrence]) -> Vec<&Occurrence> {
    let mut drawn: Vec<&Occurrence> = occurrences.iter().collect();
    drawn.sort_by_key(|one| (one.state != State::Withdrawn, one.event.severity));
    drawn
}

/// A line through the views where it began, with a sign that does not rest on colour.
fn mark(one: &Occurrence, scale: &Scale, end: f64, lang: Lang) -> Markup {
    let withdrawn = one.state == State::Withdrawn;
    let sign = match (withdrawn, severity(&one.event)) {
        (true, _) => "×",
        (_, "alert") => "▲",
        (_, "attention") => "◆",
        _ => "●",
    };
    let at = scale.x(one.from);
    html! {
        g.mark data-severity=(severity(&one.event)) data-withdrawn[withdrawn] {
            title { (what(&one.event, lang)) }
            @if one.until > one.from && !withdrawn {
                rect.lasts x=(at) width=(scale.width(one.from, one.until)) y=(em(EVENTS_EM - 0.45)) height="0.25em" {}
            }
            line x1=(at) x2=(at) y1=(em(EVENTS_EM - 0.4)) y2=(em(end)) {}
            text x=(at) y=(em(1.3)) text-anchor=(if scale.at(one.from) < 1.0 { "start" } else { "middle" }) { (sign) }
        }
    }
}

/// Rates that a lane spans.
fn rates(readings: &[&Reading]) -> RangeInclusive<f64> {
    let of = |one: &&Reading| match &one.report.estimate {
        Estimate::Available { interval, .. } => Some((interval.low, interval.high)),
        Estimate::Unavailable { .. } => None,
    };
    let (low, high) = readings.iter().filter_map(of).fold((f64::MAX, f64::MIN), |(l, h), (a, b)| (l.min(a), h.max(b)));
    if low > high {
        return 0.0..=RATES_MIN;
    }
    let middle = f64::midpoint(low, high);
    let half = ((high - low) / 2.0).max(RATES_MIN / 2.0);
    (middle - half).max(0.0)..=(middle + half)
}

fn vital(sign: VitalSign, readings: &[Reading], top: f64, scale: &Scale, lang: Lang) -> Markup {
    let own: Vec<&Reading> = readings.iter().filter(|one| one.report.sign == sign).collect();
    let rates = rates(&own);
    let (foot, room) = (top + VITAL_EM - 0.6, VITAL_EM - 1.2);
    let y = |rate: f64| foot - room * ((rate - rates.start()) / (rates.end() - rates.start())).clamp(0.0, 1.0);
    html! {
        line.base x1="0" x2="100%" y1=(em(foot)) y2=(em(foot)) {}
        @for one in own {
            g.reading data-withdrawn[one.withdrawn] {
                @match &one.report.estimate {
                    Estimate::Available { rate, interval, .. } => {
                        rect.interval x=(scale.x(one.from)) width=(scale.width(one.from, one.until)) y=(em(y(interval.high))) height=(em((y(interval.low) - y(interval.high)).max(0.1))) {
                            title { (format!("{rate:.0} ({:.0}–{:.0})", interval.low, interval.high)) }
                        }
                        line.rate x1=(scale.x(one.from)) x2=(scale.x(one.until)) y1=(em(y(*rate))) y2=(em(y(*rate))) {}
                    }
                    Estimate::Unavailable { reasons, .. } => {
                        rect.none x=(scale.x(one.from)) width=(scale.width(one.from, one.until)) y=(em(foot - 0.55)) height="0.55em" {
                            title { (Word::NoReading.in_(lang)) @for reason in reasons { ", " (reason.say(lang)) } }
                        }
                    }
                }
            }
        }
        text.tick x="0" dx="0.2em" y=(em(top + 0.9)) { (format!("{:.0}", rates.end())) }
        text.tick x="0" dx="0.2em" y=(em(foot - 0.15)) { (format!("{:.0}", rates.start())) }
    }
}

/// How sure it is.
#[must_use]
pub fn sure(probability: f64, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{} sure", percent(probability)),
        Lang::Ko => format!("확률 {}", percent(probability)),
    }
}

/// A probability or a share.
#[must_use]
pub fn percent(share: f64) -> String {
    match 100.0 * share {
        small if small > 0.0 && small < 1.0 => "< 1 %".to_owned(),
        large if large > 99.0 && large < 100.0 => "> 99 %".to_owned(),
        value => format!("{value:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few_whatever_the_span() {
        for (seconds, ticks) in
            [(1, 1..=9), (12, 4..=9), (95, 4..=9), (3_600, 4..=9), (86_400, 4..=13), (10_000_000, 4..=9)]
        {
            let scale = Scale { from: 7 * SECOND, to: (7 + seconds) * SECOND, cut: (8 * SECOND, 8 * SECOND) };
            let found = scale.ticks();
            assert!(ticks.contains(&found.len()), "{seconds}: {}", found.len());
            assert!(found.iter().all(|at| at % SECOND == 0 && *at >= scale.from));
        }
    }

    #[test]
    fn places_stay_in_the_picture() {
        let scale = Scale { from: 100, to: 200, cut: (200, 200) };
        for (at, x) in [(100, "0.00%"), (150, "50.00%"), (0, "0.00%"), (900, "100.00%")] {
            assert_eq!(scale.x(at), x);
        }
        assert_eq!(scale.width(150, 150), "0.25%");
        let empty = Scale { from: 5, to: 5, cut: (5, 5) };
        assert_eq!(empty.x(5), "0.00%");
        // What is left out takes no room, and what comes after it stands where it would without.
        let cut = Scale { from: 0, to: 1_100, cut: (50, 1_050) };
        for (at, x) in [(25, "25.00%"), (50, "50.00%"), (700, "50.00%"), (1_050, "50.00%"), (1_075, "75.00%")] {
            assert_eq!(cut.x(at), x);
        }
        let long = Scale { from: 0, to: 1_000_000 * SECOND, cut: (30 * SECOND, 999_970 * SECOND) };
        assert!((4..=9).contains(&long.ticks().len()));
    }

    #[test]
    fn shares_are_never_rounded_to_certainty() {
        for (share, text) in [(0.0, "0 %"), (0.001, "< 1 %"), (0.8, "80 %"), (0.9991, "> 99 %"), (1.0, "100 %")] {
            assert_eq!(percent(share), text);
        }
    }
}
