//! The Camera view: one camera's health, its alerts, and what it told last.

use maud::{Markup, html};

use super::marks::{age, moment};
use super::now::group;
use super::rows::{rows, table};
use super::system::camera_state;
use crate::console::board::{Board, Happening};
use crate::console::words::{Lang, Word};

/// Whether a happening is this camera's.
#[must_use]
pub fn is_of(happening: &Happening, camera: &str) -> bool {
    matches!(happening, Happening::Event(event) if event.event.id.camera.as_str() == camera)
}

/// The view.
#[must_use]
pub fn camera(board: &Board, name: &str, now: i64, lang: Lang) -> Markup {
    let happenings = board.rows_after(0).map(|row| &row.happening).filter(|h| is_of(h, name));
    html! {
        h1 { (Word::Camera.in_(lang)) " " (name) }
        div.columns {
            section.panel aria-labelledby="state-title" {
                h2 #state-title { (Word::State.in_(lang)) }
                (health(board, name, now, lang))
            }
            section.panel aria-labelledby="alerts-title" {
                h2 #alerts-title { (Word::AlertsHere.in_(lang)) }
                (alerts(board, name, now, lang))
            }
        }
        section.panel aria-labelledby="recent-title" {
            h2 #recent-title { (Word::Recent.in_(lang)) }
            (table(&rows(happenings, lang), lang))
        }
    }
}

/// How it is.
#[must_use]
pub fn health(board: &Board, name: &str, now: i64, lang: Lang) -> Markup {
    html! {
        div #health {
            @if let Some(camera) = board.cameras.get(name) {
                @let (class, text) = camera_state(camera, lang);
                dl.figures {
                    div { dt { (Word::State.in_(lang)) } dd { span.camera-state data-state=(class) { (text) } } }
                    div { dt { (Word::InView.in_(lang)) } dd { (camera.in_view) } }
                    div {
                        dt { (Word::Newest.in_(lang)) }
                        dd { @if let Some(at) = &camera.newest { (moment(at.unix_micros)) " · " (age(at.unix_micros, now, lang)) " ± " (format!("{:.1} ms", f64::from(at.uncertainty_micros) / 1e3)) } @else { "–" } }
                    }
                    @if let Some(known) = board.provenance.get(name) {
                        div { dt { (Word::Models.in_(lang)) } dd { code title=(known.models) { (short(&known.models)) } } }
                        div { dt { (Word::Configuration.in_(lang)) } dd { code title=(known.configuration) { (short(&known.configuration)) } } }
                    }
                }
            } @else {
                p { (Word::NoSuchCamera.in_(lang)) }
            }
        }
    }
}

/// Alerts that concern people in its view.
#[must_use]
pub fn alerts(board: &Board, name: &str, now: i64, lang: Lang) -> Markup {
    let groups = board.groups();
    let own = |g: &&crate::console::board::Group| g.alerts.iter().any(|a| a.tracks.iter().any(|t| t.camera == name));
    let own: Vec<_> = groups.iter().filter(own).take(20).collect();
    html! {
        div #camera-alerts {
            @if own.is_empty() { p.quiet { (Word::NoAlerts.in_(lang)) } }
            @else { ol.queue-list { @for one in own { (group(one, None, now, lang)) } } }
        }
    }
}

/// The first digits of a digest.
fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}
