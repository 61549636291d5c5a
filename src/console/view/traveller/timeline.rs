//! Everything of a traveller in the order of time, the newest first: what the axis shows, as a table.

use maud::{Markup, html};

use super::Life;
use super::axis::{percent, sure};
use super::occurrences::{Occurrence, Reading, State, severity};
use crate::console::view::marks::{camera_link, moment};
use crate::console::words::{Lang, Say, Word, because, what};
use crate::event::EventBody;
use crate::event::vital::Estimate;
use crate::wire::v1;

/// Most rows; older ones are left out.
const ROWS_MAX: usize = 500;

enum Entry<'a> {
    View(&'a v1::Segment),
    Gap(i64),
    Event(&'a Occurrence),
    Vital(&'a Reading),
}

/// The part.
#[must_use]
pub fn timeline(life: &Life<'_>, lang: Lang) -> Markup {
    let mut entries: Vec<(i64, Entry<'_>)> = Vec::new();
    entries.extend(life.sight.traveller.segments.iter().map(|one| (one.from_unix_micros, Entry::View(one))));
    entries.extend(life.gaps.iter().map(|(from, to)| (*from, Entry::Gap(*to))));
    entries.extend(life.told.occurrences.iter().map(|one| (one.from, Entry::Event(one))));
    entries.extend(life.told.readings.iter().map(|one| (one.from, Entry::Vital(one))));
    entries.sort_by_key(|(from, _)| std::cmp::Reverse(*from));
    let left_out = life.sight.truncated || entries.len() > ROWS_MAX;
    html! {
        div #timeline {
            div.scroll tabindex="0" role="group" aria-labelledby="timeline-title" {
                table {
                    thead { tr {
                        th scope="col" { (Word::Time.in_(lang)) }
                        th scope="col" { (Word::Camera.in_(lang)) }
                        th scope="col" { (Word::What.in_(lang)) }
                    } }
                    tbody { @for (from, entry) in entries.iter().take(ROWS_MAX) { (row(*from, entry, life, lang)) } }
                }
            }
            @for why in &life.told.unreadable { p.quiet { (Word::NotUnderstood.in_(lang)) " " code { (why) } } }
            @if left_out { p.quiet { (Word::TimelineTruncated.in_(lang)) } }
        }
    }
}

fn row(from: i64, entry: &Entry<'_>, life: &Life<'_>, lang: Lang) -> Markup {
    html! {
        @match entry {
            Entry::View(segment) => { (view(segment, lang)) }
            Entry::Gap(to) => {
                tr.gap {
                    td { (moment(from)) @if *to < life.now { "–" (moment(*to)) } }
                    td {}
                    td { (Word::Away.in_(lang)) @if *to < life.now { " " (((to - from) + 500_000) / 1_000_000) (lang.pick((" s", "초"))) } }
                }
            }
            Entry::Event(one) => { (event(one, lang)) }
            Entry::Vital(one) => {
                tr data-withdrawn[one.withdrawn] {
                    td { (moment(one.from)) "–" (moment(one.until)) }
                    td { (camera_link(&one.camera)) }
                    td { (reading(one, lang)) @if one.withdrawn { " " (withdrawn(lang)) } }
                }
            }
        }
    }
}

fn view(segment: &v1::Segment, lang: Lang) -> Markup {
    let track = segment.track.clone().unwrap_or_default();
    html! {
        tr {
            td { (moment(segment.from_unix_micros)) "–" @if segment.ended { (moment(segment.until_unix_micros)) } }
            td { (camera_link(&track.camera)) }
            td {
                (Word::Seen.in_(lang)) ", T" (track.track)
                @if let Some(p) = segment.probability { span.quiet { " · " (sure(p, lang)) } }
            }
        }
    }
}

fn event(one: &Occurrence, lang: Lang) -> Markup {
    let (class, event) = (severity(&one.event), &one.event);
    let reasons: Vec<String> = event.reasons.iter().map(|reason| because(reason, lang)).collect();
    html! {
        tr data-withdrawn[one.state == State::Withdrawn] data-event {
            td { (moment(one.from)) @if one.state == State::Over { "–" (moment(one.until)) } }
            td {
                @match &event.body {
                    EventBody::Absence(report) => { (camera_link(report.camera.as_str())) }
                    EventBody::Bag(report) => { (camera_link(report.after.camera.as_str())) }
                    _ => { (camera_link(event.id.camera.as_str())) }
                }
            }
            td {
                @if class != "info" { span.severity data-severity=(class) { (event.severity.say(lang)) } " " }
                span.said { (name(one, lang)) } " "
                @match one.state {
                    State::Withdrawn => { (withdrawn(lang)) }
                    State::Going => { span.quiet { (Word::StillGoing.in_(lang)) } }
                    State::Over => { span.quiet { (Word::Over.in_(lang)) } }
                }
                @if !reasons.is_empty() { span.why { (reasons.join("; ")) } }
            }
        }
    }
}

/// What it is; how it stands is said beside it.
fn name(one: &Occurrence, lang: Lang) -> String {
    match &one.event.body {
        EventBody::Behaviour(report) => report.behaviour.say(lang).to_owned(),
        EventBody::Absence(report) => report.absence.say(lang).to_owned(),
        _ => what(&one.event, lang),
    }
}

fn withdrawn(lang: Lang) -> Markup {
    html! { span.state data-state="withdrawn" { (Word::Withdrawn.in_(lang)) } }
}

fn reading(one: &Reading, lang: Lang) -> Markup {
    let sign = one.report.sign.say(lang);
    html! {
        @match &one.report.estimate {
            Estimate::Available { rate, interval, quality, .. } => {
                (sign) " " strong { (format!("{rate:.0}")) } " " (Word::PerMinute.in_(lang))
                span.quiet { (format!(" (90 %: {:.0}–{:.0}; ±5: {})", interval.low, interval.high, percent(*quality))) }
            }
            Estimate::Unavailable { reasons, .. } => {
                (sign) " " span.quiet {
                    (Word::NoReading.in_(lang))
                    @for (i, reason) in reasons.iter().enumerate() { @if i == 0 { ": " } @else { ", " } (reason.say(lang)) }
                }
            }
        }
    }
}
