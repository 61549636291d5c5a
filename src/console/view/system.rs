//! The System view: cameras, the connection, gaps, and what happened last.

use maud::{Markup, html};

use super::marks::{age, camera_link, date};
use super::rows::{rows, table};
use crate::console::board::{Board, Standing};
use crate::console::place::{PAGES_MAX, Place, count};
use crate::console::words::{Lang, Say, Word};
use crate::wire::v1;

/// The view.
#[must_use]
pub fn system(place: &Place, board: &Board, now: i64, lang: Lang) -> Markup {
    html! {
        h1.visually-hidden { (Word::System.in_(lang)) }
        div.columns {
            section.panel aria-labelledby="cameras-title" {
                h2 #cameras-title { (Word::Cameras.in_(lang)) }
                (cameras(board, now, lang))
            }
            section.panel aria-labelledby="connection-title" {
                h2 #connection-title { (Word::Connection.in_(lang)) }
                (figures(place, board, lang))
                h3 { (Word::Gaps.in_(lang)) }
                (gaps(board, lang))
            }
        }
        section.panel aria-labelledby="recent-title" {
            h2 #recent-title { (Word::Recent.in_(lang)) }
            (table(&rows(board.rows_after(0).map(|row| &row.happening), lang), lang))
        }
    }
}

/// A camera's state in a word, with its class.
#[must_use]
pub fn camera_state(camera: &v1::CameraOverview, lang: Lang) -> (&'static str, String) {
    match (camera.online, camera.covered) {
        (true, false) => ("online", Word::Online.in_(lang).to_owned()),
        (true, true) => ("covered", Word::Covered.in_(lang).to_owned()),
        (false, _) => ("offline", format!("{}: {}", Word::Offline.in_(lang), camera.offline_cause().say(lang))),
    }
}

/// The table of cameras.
#[must_use]
pub fn cameras(board: &Board, now: i64, lang: Lang) -> Markup {
    html! {
        div #cameras {
            @if board.cameras.is_empty() {
                p.quiet { (Word::NoCameras.in_(lang)) }
            } @else {
                table {
                    thead { tr {
                        th scope="col" { (Word::Camera.in_(lang)) }
                        th scope="col" { (Word::State.in_(lang)) }
                        th.number scope="col" { (Word::InView.in_(lang)) }
                        th.number scope="col" { (Word::Newest.in_(lang)) }
                        th.number scope="col" { (Word::ClockOff.in_(lang)) }
                    } }
                    tbody {
                        @for camera in board.cameras.values() {
                            @let (class, text) = camera_state(camera, lang);
                            tr {
                                th scope="row" { (camera_link(&camera.camera)) }
                                td { span.camera-state data-state=(class) { (text) } }
                                td.number { (camera.in_view) }
                                td.number { @if let Some(at) = &camera.newest { (age(at.unix_micros, now, lang)) } @else { "–" } }
                                td.number { (clock(camera)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How far a camera's clock is ahead of its neighbours', where that is known.
fn clock(camera: &v1::CameraOverview) -> String {
    let known = camera.clock_offset_s.zip(camera.clock_error_s);
    known.map_or_else(|| "–".to_owned(), |(offset, error)| format!("{offset:+.1} s ±{error:.1}"))
}

/// How the connection stands, and what bounds did.
#[must_use]
pub fn figures(place: &Place, board: &Board, lang: Lang) -> Markup {
    let standing = match &board.standing {
        Standing::Connecting(_) => Word::Connecting,
        Standing::CatchingUp => Word::CatchingUp,
        Standing::Live => Word::LiveState,
        Standing::Lost { .. } => Word::LostState,
    };
    let rate = board.rate.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.0}"));
    let pages = format!("{} / {PAGES_MAX}", place.pages_open());
    let figures = [
        (Word::State, standing.in_(lang).to_owned()),
        (Word::Centre, place.central.clone()),
        (Word::Sequence, board.sequence.to_string()),
        (Word::Rate, rate),
        (Word::Reconnects, board.connections.to_string()),
        (Word::EventsLost, board.lost.to_string()),
        (Word::Unreadable, board.unreadable.to_string()),
        (Word::Pages, pages),
        (Word::PagesLetGo, count(&place.tally.let_go).to_string()),
        (Word::RowsSkipped, count(&place.tally.skipped).to_string()),
        (Word::Version, env!("CARGO_PKG_VERSION").to_owned()),
    ];
    html! {
        dl.figures #figures {
            @for (word, value) in figures { div { dt { (word.in_(lang)) } dd { (value) } } }
        }
    }
}

/// Events that will never come.
#[must_use]
pub fn gaps(board: &Board, lang: Lang) -> Markup {
    html! {
        div #gaps {
            @if board.gaps.is_empty() {
                p.quiet { (Word::NoGaps.in_(lang)) }
            } @else {
                ul.gaps {
                    @for gap in &board.gaps {
                        li { (date(gap.at)) " " strong { (Word::GapFrom.in_(lang)) " " (gap.from) "–" (gap.to) } " " span { (gap.why) } }
                    }
                }
            }
        }
    }
}
