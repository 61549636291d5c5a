//! The Camera view: one camera's health, its alerts, and what it told last.

use maud::{Markup, html};

use super::editor::{Made, editor, known};
use super::marks::{age, moment};
use super::now::group;
use super::preview::{Looked, stage};
use super::rows::{rows, table};
use super::system::camera_state;
use crate::console::board::{Board, Happening};
use crate::console::editor::DrawForm;
use crate::console::words::{Lang, Word};

/// Whether a happening is this camera's.
#[must_use]
pub fn is_of(happening: &Happening, camera: &str) -> bool {
    matches!(happening, Happening::Event(event) if event.event.id.camera.as_str() == camera)
}

/// What came of what was asked of a camera's page.
#[derive(Debug, Default)]
pub struct CameraPage {
    /// The picture.
    pub looked: Looked,
    /// What was sent of a drawing.
    pub form: DrawForm,
    /// What came of it.
    pub made: Option<Made>,
}

/// The view.
#[must_use]
pub fn camera(board: &Board, name: &str, page: &CameraPage, now: i64, lang: Lang) -> Markup {
    let layout = board.floor.layouts.get(name).map(AsRef::as_ref);
    let happenings = board.rows_after(0).map(|row| &row.happening).filter(|h| is_of(h, name));
    html! {
        h1 { (Word::Camera.in_(lang)) " " (name) }
        div.camera-split {
            section.panel.look-panel aria-labelledby="look-title" {
                h2 #look-title { (Word::Preview.in_(lang)) }
                (stage(&page.looked, layout, name, lang))
            }
            div {
                section.panel aria-labelledby="state-title" {
                    h2 #state-title { (Word::State.in_(lang)) }
                    (health(board, name, now, lang))
                    h3 { (Word::Capability.in_(lang)) }
                    (capability(board, name, lang))
                }
                section.panel aria-labelledby="alerts-title" {
                    h2 #alerts-title { (Word::AlertsHere.in_(lang)) }
                    (alerts(board, name, now, lang))
                }
                section.panel aria-labelledby="draw-title" {
                    h2 #draw-title { (Word::Draw.in_(lang)) }
                    (editor(name, layout, &page.form, page.made.as_ref(), lang))
                    (known(layout, lang))
                }
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

/// What it is there for and what it can measure.
#[must_use]
pub fn capability(board: &Board, name: &str, lang: Lang) -> Markup {
    let Some(layout) = board.floor.layouts.get(name) else {
        return html! { div #capability { p.quiet { (Word::NotDescribed.in_(lang)) } } };
    };
    let (role, measures) =
        if layout.lane { (Word::RoleLane, Word::MeasuresLane) } else { (Word::RoleHall, Word::MeasuresHall) };
    let calibration = if layout.homography.is_some() { Word::Calibrated } else { Word::Uncalibrated };
    let size = layout.size.map_or_else(|| "–".to_owned(), |(w, h)| format!("{w}×{h}"));
    html! {
        dl.figures #capability {
            div.wide { dt { (Word::Why_.in_(lang)) } dd { (layout.purpose) } }
            div { dt { (Word::Role.in_(lang)) } dd { (role.in_(lang)) } }
            div { dt { (Word::Measures.in_(lang)) } dd { (measures.in_(lang)) } }
            @if layout.simulated_bags { div.wide { dt { (Word::MeasuresBags.in_(lang)) } dd { span.simulated { (Word::SimulatedBags.in_(lang)) } } } }
            div { dt { (Word::Calibration.in_(lang)) } dd { (calibration.in_(lang)) } }
            div { dt { (Word::Resolution.in_(lang)) } dd { (size) } }
            div { dt { (Word::FramesASecond.in_(lang)) } dd { @match board.rates.get(name) { Some(rate) => { (format!("{rate:.1}")) } None => { span.quiet { (Word::WhileLooking.in_(lang)) } } } } }
            div.wide { dt { (Word::ModelNames.in_(lang)) } dd { @if layout.models.is_empty() { "–" } @else { (layout.models.join(", ")) } } }
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
            @else { ol.queue-list { @for one in own { (group(board, one, None, now, lang)) } } }
        }
    }
}

/// The first digits of a digest.
fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}
