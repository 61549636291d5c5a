//! Why stretches in several views are taken for one person: each link with its evidence and what else it might have been.

use maud::{Markup, html};

use super::axis::{percent, sure};
use crate::console::view::marks::{camera_link, moment};
use crate::console::words::{Lang, Say, Word};
use crate::frame::ObjectClass;
use crate::wire::{WireEnum, v1};

/// Alternatives told of one stretch.
const OTHERS_MAX: usize = 3;

/// The part; `may_act`: with what splits.
#[must_use]
pub fn links(traveller: &v1::Traveller, may_act: bool, lang: Lang) -> Markup {
    let id = traveller.summary.as_ref().map_or(0, |summary| summary.traveller);
    html! {
        ol.links #links {
            @for (place, segment) in traveller.segments.iter().enumerate() {
                li.link data-provisional[segment.provisional] {
                    div.title {
                        (heading(segment, lang))
                        @if place > 0 && may_act { (split(id, place, segment, lang)) }
                    }
                    (why(segment, place > 0, lang))
                }
            }
        }
    }
}

fn heading(segment: &v1::Segment, lang: Lang) -> Markup {
    let track = segment.track.clone().unwrap_or_default();
    html! {
        h3 {
            (moment(segment.from_unix_micros)) " "
            (camera_link(&track.camera)) " "
            span.track title={ (track.camera) "/" (track.boot) "/" (track.track) } { "T" (track.track) }
            @if segment.provisional {
                " " span.state data-state="withdrawn" title=(Word::ProvisionalHint.in_(lang)) { (Word::Provisional.in_(lang)) }
            }
        }
    }
}

/// Which explanation it is, in words.
fn explanation(link: &v1::Link, lang: Lang) -> Markup {
    let word = match link.kind() {
        v1::LinkKind::Newcomer => Word::LinkNewcomer,
        v1::LinkKind::Passage => Word::LinkPassage,
        v1::LinkKind::Overlap => Word::LinkOverlap,
        v1::LinkKind::Unspecified => Word::LinkNone,
    };
    html! {
        (word.in_(lang))
        @if let Some(track) = &link.continues {
            " (" (Word::AfterTrack.in_(lang)) " " (track.camera) " T" (track.track)
            @if let Some(seconds) = link.seconds { ", " (format!("{seconds:.0}")) (lang.pick((" s", "초"))) }
            ")"
        }
    }
}

/// What kind of bag; of a newer centre's kinds nothing is said.
fn class(bag: &v1::CarriedBag, lang: Lang) -> &'static str {
    ObjectClass::from_wire(bag.class).map_or("", |class| class.say(lang))
}

fn why(segment: &v1::Segment, later: bool, lang: Lang) -> Markup {
    let chosen = segment.links.first();
    let others: Vec<&v1::Link> = segment.links.iter().skip(1).take(OTHERS_MAX).collect();
    html! {
        @if !segment.bags.is_empty() {
            p { (Word::Bag.in_(lang)) @for bag in &segment.bags { " · B" (bag.bag) " " (class(bag, lang)) " " (percent(bag.probability)) } }
        }
        p {
            @match chosen { Some(link) => { (explanation(link, lang)) } None => { (Word::LinkNone.in_(lang)) } }
            @if let Some(p) = segment.probability { " · " strong { (sure(p, lang)) } }
        }
        @if let Some(link) = chosen.filter(|_| later) { (evidence(link, lang)) }
        @if !others.is_empty() {
            p.quiet {
                (Word::Otherwise.in_(lang)) ": "
                @for (i, link) in others.iter().enumerate() {
                    @if i > 0 { "; " } (explanation(link, lang)) " " (percent(link.probability))
                }
            }
        }
        @if !segment.missing.is_empty() {
            p.quiet {
                (Word::Without.in_(lang)) " "
                @for (i, missing) in segment.missing.iter().enumerate() { @if i > 0 { ", " } (missing_word(missing, lang)) }
            }
        }
    }
}

/// What was not there to judge by; what a newer centre calls otherwise as it is.
fn missing_word(name: &str, lang: Lang) -> &str {
    match name {
        "appearance" => Word::MissingAppearance.in_(lang),
        "calibration" => Word::MissingCalibration.in_(lang),
        "topology" => Word::MissingTopology.in_(lang),
        other => other,
    }
}

/// What speaks for it against a newcomer.
fn evidence(link: &v1::Link, lang: Lang) -> Markup {
    if link.kind() == v1::LinkKind::Newcomer {
        return html! {};
    }
    let parts = [
        (Word::ByLooks, link.appearance),
        (Word::ByTime, link.transit),
        (Word::ByPlace, link.floor),
        (Word::ByWay, (link.route != 0.0).then_some(link.route)),
    ];
    html! {
        p.quiet title=(Word::EvidenceOf.in_(lang)) {
            (Word::ForIt.in_(lang)) ": "
            @for (i, (word, value)) in parts.into_iter().filter_map(|(w, v)| Some((w, v?))).enumerate() {
                @if i > 0 { " · " }
                (word.in_(lang)) " " span.signed { (format!("{value:+.1}")) }
                @if word == Word::ByLooks && let Some(cosine) = link.cosine { " (" (Word::Alike.in_(lang)) " " (format!("{cosine:.2}")) ")" }
            }
        }
    }
}

fn split(id: u64, place: usize, segment: &v1::Segment, lang: Lang) -> Markup {
    let track = segment.track.clone().unwrap_or_default();
    html! {
        form method="post" action={ "/traveller/" (id) "/act" } {
            input type="hidden" name="action" value="split";
            input type="hidden" name="camera" value=(track.camera);
            input type="hidden" name="boot" value=(track.boot);
            input type="hidden" name="track" value=(track.track);
            button id={ "split-" (place) } data-step { (Word::SplitHere.in_(lang)) }
        }
    }
}
