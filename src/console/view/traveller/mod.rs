//! One traveller: where they were and what happened on one axis of time, why that is one person, where they come next, and
//! what an operator can do.

mod axis;
mod links;
mod occurrences;
mod outlook;
mod timeline;
mod work;

use maud::{Markup, html};

use occurrences::{Told, told};
pub use work::Outcome;

use super::marks::{age, camera_link};
use super::proposals::{hint, proposals};
use super::travellers::{badges, standing};
use crate::console::board::Board;
use crate::console::visitor::Visitor;
use crate::console::watching::Sight;
use crate::console::words::{Lang, Word};
use crate::wire::v1;

/// Shorter than this nobody is said to have been out of sight, microseconds.
const GAP_MIN: i64 = 1_000_000;

/// A traveller with what follows from what the centre said.
struct Life<'a> {
    sight: &'a Sight,
    told: Told,
    /// First sight, UTC microseconds.
    from: i64,
    /// Last sight.
    until: i64,
    /// The present, by the cameras' clocks: later than the last sight while they are out of sight.
    now: i64,
    /// Out of sight from, until; the last one may go on.
    gaps: Vec<(i64, i64)>,
}

impl<'a> Life<'a> {
    fn of(sight: &'a Sight) -> Self {
        let v1::Traveller { segments, outlook, .. } = &sight.traveller;
        let from = segments.iter().map(|one| one.from_unix_micros).min().unwrap_or_default();
        let until = segments.iter().map(|one| one.until_unix_micros).max().unwrap_or_default();
        let away = outlook.as_ref().map_or(0.0, |outlook| outlook.away_s);
        let now = until.saturating_add((away.clamp(0.0, 1e9) * 1e6) as i64);
        let mut gaps = Vec::new();
        let mut seen = from;
        for segment in segments {
            if segment.from_unix_micros - seen > GAP_MIN {
                gaps.push((seen, segment.from_unix_micros));
            }
            seen = seen.max(segment.until_unix_micros);
        }
        if now - until > GAP_MIN {
            gaps.push((until, now));
        }
        Self { sight, told: told(&sight.events), from, until, now, gaps }
    }
}

/// The view.
#[must_use]
pub fn traveller(board: &Board, sight: &Sight, visitor: &Visitor, said: &Outcome) -> Markup {
    let lang = visitor.lang;
    let id = sight.traveller.summary.as_ref().map_or(0, |summary| summary.traveller);
    let [head, axis, outlook, links, timeline, follows, companions] = parts(sight, visitor).map(|(_, part)| part);
    html! {
        (work::outcome(said, lang))
        (proposals(board, visitor, Some(id)))
        section.panel aria-labelledby="traveller-title" { (head) (axis) }
        div.columns {
            div {
                section.panel aria-labelledby="timeline-title" {
                    h2 #timeline-title { (Word::Timeline.in_(lang)) }
                    (timeline)
                }
                section.panel aria-labelledby="links-title" {
                    h2 #links-title { (Word::WhyOne.in_(lang)) }
                    (links)
                    (hint(&board.policy, "split", lang))
                }
            }
            div {
                section.panel aria-labelledby="outlook-title" {
                    h2 #outlook-title { (Word::NextUp.in_(lang)) }
                    (outlook)
                }
                section.panel aria-labelledby="follow-title" {
                    h2 #follow-title { (Word::FollowTitle.in_(lang)) }
                    (follows)
                    (work::work(id, visitor, said))
                    (hint(&board.policy, "follow", lang))
                }
                section.panel aria-labelledby="companions-title" {
                    h2 #companions-title { (Word::Companions.in_(lang)) }
                    (companions)
                }
                @if !visitor.operator.is_empty() {
                    section.panel aria-labelledby="merge-title" {
                        h2 #merge-title { (Word::MergeTitle.in_(lang)) }
                        (work::merge(id, lang))
                        (hint(&board.policy, "merge", lang))
                    }
                }
            }
        }
    }
}

/// What changes while one looks, with the ids of its elements.
#[must_use]
pub fn parts(sight: &Sight, visitor: &Visitor) -> [(&'static str, Markup); 7] {
    let (lang, may_act) = (visitor.lang, !visitor.operator.is_empty());
    let life = Life::of(sight);
    [
        ("head", head(&life, lang)),
        ("axis", axis::axis(&life, lang)),
        ("outlook", outlook::outlook(&life, lang)),
        ("links", links::links(&sight.traveller, may_act, lang)),
        ("timeline", timeline::timeline(&life, lang)),
        ("follows", work::follows(&sight.traveller, may_act, lang)),
        ("companions", work::companions(&sight.traveller, lang)),
    ]
}

fn head(life: &Life<'_>, lang: Lang) -> Markup {
    let summary = life.sight.traveller.summary.clone().unwrap_or_default();
    let last = summary.last.clone().unwrap_or_default();
    let left = life.sight.at - (life.now - life.until);
    html! {
        div.title #head {
            h1 #traveller-title { (Word::Traveller.in_(lang)) " " (summary.traveller) }
            div.marks {
                @if summary.in_sight {
                    (standing(&summary, lang)) span { (camera_link(&last.camera)) " T" (last.track) }
                } @else {
                    span.state data-state="away" { (Word::AwayFor.in_(lang)) " " (age(left, life.sight.at, lang)) }
                    span { (Word::LastSeenBy.in_(lang)) " " (camera_link(&last.camera)) }
                }
                (badges(&summary, lang))
            }
            a href="/travellers" data-key="Escape" { (Word::Travellers.in_(lang)) }
        }
    }
}

/// The traveller is no longer remembered.
#[must_use]
pub fn gone(lang: Lang) -> Markup {
    html! {
        div.title #head {
            h1 #traveller-title { (Word::Traveller.in_(lang)) }
            p.banner.lost { (Word::NoSuchTraveller.in_(lang)) }
            a href="/travellers" data-key="Escape" { (Word::Travellers.in_(lang)) }
        }
    }
}

/// A page that says only why nobody is shown.
#[must_use]
pub fn nobody(why: &str, lang: Lang) -> Markup {
    html! {
        section.panel.narrow {
            h1 { (Word::Traveller.in_(lang)) }
            p.banner.lost role="alert" { (why) }
            p { a href="/travellers" data-key="Escape" { (Word::Travellers.in_(lang)) } }
        }
    }
}
