//! Recent events as rows of a table.

use std::sync::Arc;

use maud::{Markup, html};

use super::marks::{camera_link, moment, track_link};
use crate::console::board::Happening;
use crate::console::words::{Lang, Say, Word, because, what};
use crate::event::{EventBody, Lifecycle, Severity, SiteEvent};

/// Most rows on a page.
pub const ROWS_MAX: usize = 200;

/// The rows, the newest first.
#[must_use]
pub fn rows<'a>(happenings: impl Iterator<Item = &'a Arc<Happening>>, lang: Lang) -> Markup {
    html! {
        @for happening in happenings.take(ROWS_MAX) {
            @match happening.as_ref() {
                Happening::Event(event) => { (event_row(event, lang)) }
                Happening::Unreadable { sequence, why } => {
                    tr.strange {
                        td.number { (sequence) } td {} td {}
                        td colspan="2" { (Word::NotUnderstood.in_(lang)) " " code { (why) } }
                    }
                }
            }
        }
    }
}

/// The table around them.
#[must_use]
pub fn table(body: &Markup, lang: Lang) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-labelledby="recent-title" {
            table.events {
                thead { tr {
                    th.number scope="col" { "#" }
                    th scope="col" { (Word::Time.in_(lang)) }
                    th scope="col" { (Word::Camera.in_(lang)) }
                    th scope="col" { (Word::What.in_(lang)) }
                    th scope="col" { (Word::Concerns.in_(lang)) }
                } }
                tbody #rows { (body) }
            }
        }
    }
}

fn event_row(site: &SiteEvent, lang: Lang) -> Markup {
    let event = &site.event;
    let severity = match event.severity {
        Severity::Info => "info",
        Severity::Attention => "attention",
        Severity::Alert => "alert",
    };
    let reasons: Vec<String> = event.reasons.iter().map(|reason| because(reason, lang)).collect();
    html! {
        tr data-severity=(severity) data-withdrawn[event.lifecycle == Lifecycle::Retracted] data-committed=(site.committed.unix_micros) {
            td.number { (site.sequence) }
            td { (moment(event.capture_time.unix_micros)) }
            td { (camera_link(event.id.camera.as_str())) }
            td {
                @if event.severity != Severity::Info { span.severity data-severity=(severity) { (event.severity.say(lang)) } " " }
                (what(event, lang))
                @if !reasons.is_empty() { span.why { (reasons.join("; ")) } }
            }
            td {
                @if let Some(track) = event.track { (track_link(event.id.camera.as_str(), event.id.boot.0, track.0, None)) }
                @if let EventBody::Absence(report) = &event.body { a href={ "/traveller/" (report.traveller) } { (Word::Traveller.in_(lang)) " " (report.traveller) } }
                @if let EventBody::Bag(report) = &event.body { a href={ "/traveller/" (report.after.traveller) } { (Word::Traveller.in_(lang)) " " (report.after.traveller) } }
                @if let Some(zone) = &event.zone { " " span.quiet { (zone) } }
            }
        }
    }
}
