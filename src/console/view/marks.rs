//! Small things that several views show: times, tracks, states, measured values.

use maud::{Markup, html};

use crate::console::words::{Lang, Say, Word, amount, usual};
use crate::event::Reason;
use crate::time::CaptureTime;
use crate::wire::v1;

/// Width of a range's picture.
const RANGE_WIDTH: f64 = 160.0;
/// What is left free beside the outermost mark.
const RANGE_MARGIN: f64 = 8.0;
/// Ends of a range beyond this mean that there is none.
const UNBOUNDED: f64 = 1e12;

/// A time of day, in UTC until the script tells it in the browser's own zone.
#[must_use]
pub fn moment(micros: i64) -> Markup {
    let text = CaptureTime::exact(micros).rfc3339();
    html! { time datetime=(text) data-at=(micros) { (text.get(11..19).unwrap_or(&text)) } }
}

/// Date and time of day.
#[must_use]
pub fn date(micros: i64) -> Markup {
    let text = CaptureTime::exact(micros).rfc3339();
    let shown = format!("{} {}", text.get(..10).unwrap_or_default(), text.get(11..19).unwrap_or_default());
    html! { time datetime=(text) data-at=(micros) data-date { (shown) } }
}

/// How long ago it was.
#[must_use]
pub fn age(micros: i64, now: i64, lang: Lang) -> Markup {
    let seconds = ((now - micros) / 1_000_000).max(0);
    let (value, unit) = match seconds {
        0..=59 => (seconds, lang.pick((" s", "초"))),
        60..=3_599 => (seconds / 60, lang.pick((" min", "분"))),
        3_600..=86_399 => (seconds / 3_600, lang.pick((" h", "시간"))),
        _ => (seconds / 86_400, lang.pick((" d", "일"))),
    };
    let text = CaptureTime::exact(micros).rfc3339();
    html! { time.age datetime=(text) data-ago=(micros) title=(text) { (value) (unit) } }
}

/// A link to a camera.
#[must_use]
pub fn camera_link(name: &str) -> Markup {
    html! { a href={ "/camera/" (path(name)) } { (name) } }
}

/// A camera's name as part of a path.
#[must_use]
pub fn path(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    name.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Whom it concerns, e.g. `hall T4, T7 · gate T2`.
#[must_use]
pub fn tracks(tracks: &[v1::AlertTrack]) -> Markup {
    let mut cameras: Vec<(&str, Vec<u64>)> = Vec::new();
    for track in tracks {
        match cameras.iter_mut().find(|(camera, _)| *camera == track.camera) {
            Some((_, numbers)) => numbers.push(track.track),
            None => cameras.push((&track.camera, vec![track.track])),
        }
    }
    html! {
        @for (i, (camera, numbers)) in cameras.iter().enumerate() {
            @if i > 0 { " · " }
            span.camera-name { (camera) } " "
            @for (j, number) in numbers.iter().enumerate() { @if j > 0 { ", " } span.track { "T" (number) } }
        }
    }
}

/// A link to whoever a track belongs to; `key` opens it.
#[must_use]
pub fn track_link(camera: &str, boot: u32, track: u64, key: Option<&str>) -> Markup {
    html! {
        a.track href={ "/track/" (path(camera)) "/" (boot) "/" (track) } title={ (camera) "/" (boot) "/" (track) } data-key=[key] { "T" (track) }
    }
}

/// Whom it concerns, each a link.
#[must_use]
pub fn track_links(tracks: &[v1::AlertTrack]) -> Markup {
    html! {
        @for (i, v1::AlertTrack { camera, boot, track }) in tracks.iter().enumerate() {
            @if i > 0 { " · " }
            (camera) " " (track_link(camera, *boot, *track, (i == 0).then_some("t")))
        }
    }
}

/// A word for a state, with a mark that does not rest on colour.
#[must_use]
pub fn state(state: v1::AlertState, lang: Lang) -> Markup {
    let code = match state {
        v1::AlertState::Unspecified | v1::AlertState::Open => "open",
        v1::AlertState::Acknowledged => "acknowledged",
        v1::AlertState::Dismissed => "dismissed",
        v1::AlertState::Withdrawn => "withdrawn",
    };
    html! { span.state data-state=(code) { (state.say(lang)) } }
}

/// Measured values with what is usual, as a table with a picture of each range.
#[must_use]
pub fn reasons(reasons: &[Reason], lang: Lang) -> Markup {
    html! {
        @if reasons.is_empty() {
            p.quiet { (Word::NoReasons.in_(lang)) }
        } @else {
            table.reasons {
                thead { tr {
                    th scope="col" { (Word::Reason.in_(lang)) }
                    th.number scope="col" { (Word::Measured.in_(lang)) }
                    th.number scope="col" { (Word::Usual.in_(lang)) }
                    td {}
                } }
                tbody {
                    @for reason in reasons {
                        tr {
                            th scope="row" { (reason.code.say(lang)) }
                            td.number { strong { (amount(reason.code, reason.measured, reason.unit, lang)) } }
                            td.number { (usual(reason, lang)) }
                            td.picture { (range(reason)) }
                        }
                    }
                }
            }
        }
    }
}

/// The usual range as a band and the measured value as a mark; the numbers stand beside it.
fn range(reason: &Reason) -> Markup {
    let Reason { measured, expected, .. } = reason;
    let ends = [expected.low, expected.high, *measured];
    let finite: Vec<f64> = ends.into_iter().filter(|v| v.is_finite() && v.abs() < UNBOUNDED).collect();
    let (low, high) = finite.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    if !measured.is_finite() || high <= low {
        return html! {};
    }
    // Where the usual range has no end, the band goes on beyond the outermost value.
    let bounded = |end: f64| end.is_finite() && end.abs() < UNBOUNDED;
    let beyond = (high - low) / 2.0;
    let low = if bounded(expected.low) { low } else { low - beyond };
    let high = if bounded(expected.high) { high } else { high + beyond };
    let inner = RANGE_WIDTH - 2.0 * RANGE_MARGIN;
    let place = |v: f64| RANGE_MARGIN + inner * ((v.clamp(low, high) - low) / (high - low));
    let left = if bounded(expected.low) { place(expected.low) } else { 0.0 };
    let right = if bounded(expected.high) { place(expected.high) } else { RANGE_WIDTH };
    html! {
        svg.range viewBox={ "0 0 " (RANGE_WIDTH) " 16" } width=(RANGE_WIDTH) height="16" aria-hidden="true" focusable="false" {
            line x1="0" y1="8" x2=(RANGE_WIDTH) y2="8" {}
            rect x=(format!("{left:.1}")) y="4" width=(format!("{:.1}", (right - left).max(1.0))) height="8" rx="2" {}
            circle cx=(format!("{:.1}", place(*measured))) cy="8" r="5" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_place_in_a_path() {
        assert_eq!(path("hall-1"), "hall-1");
        assert_eq!(path("a/../b?c#\"<"), "a%2F..%2Fb%3Fc%23%22%3C");
    }
}
