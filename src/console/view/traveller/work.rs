//! What can be done with a traveller: follow, end it, merge.

use maud::{Markup, html};

use crate::console::view::marks::{date, moment, track_link};
use crate::console::view::travellers::{badges, standing};
use crate::console::visitor::Visitor;
use crate::console::words::{Lang, Word};
use crate::wire::v1;

/// Longest case and purpose, characters: the contract's bounds.
const CASE_MAX: u32 = 64;
const PURPOSE_MAX: u32 = 2_000;

/// What came of the visitor's last request, and what was written in it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Why it was not done.
    pub fault: Option<String>,
    /// What was done.
    pub done: Option<Word>,
    /// The traveller that came of it.
    pub other: Option<u64>,
    /// As written.
    pub case: String,
    /// As written.
    pub purpose: String,
}

/// What is to be said of it.
#[must_use]
pub fn outcome(outcome: &Outcome, lang: Lang) -> Markup {
    html! {
        @if let Some(fault) = &outcome.fault {
            p.banner.lost.refused role="alert" { strong { (Word::Refused.in_(lang)) " " } (fault) }
        }
        @if let Some(done) = outcome.done {
            p.saved role="status" {
                (done.in_(lang))
                @if let Some(other) = outcome.other.filter(|_| done == Word::DoneSplit) {
                    " " a href={ "/traveller/" (other) } { (Word::Traveller.in_(lang)) " " (other) } ". " (Word::DoneSplitBack.in_(lang))
                }
            }
        }
    }
}

/// Forms that stand as they are while the rest changes.
#[must_use]
pub fn work(id: u64, visitor: &Visitor, outcome: &Outcome) -> Markup {
    let lang = visitor.lang;
    html! {
        @if visitor.operator.is_empty() {
            p { (Word::WhoAreYou.in_(lang)) }
            form.line-form method="post" action="/you" {
                input type="hidden" name="back" value={ "/traveller/" (id) };
                label for="operator" { (Word::Name.in_(lang)) }
                input #operator name="operator" required maxlength="64" autocomplete="username" data-key="n";
                button.main { (Word::Save.in_(lang)) }
            }
        } @else {
            form.follow method="post" action={ "/traveller/" (id) "/act" } {
                input type="hidden" name="action" value="follow";
                label for="case" { (Word::Case.in_(lang)) }
                input #case name="case" value=(outcome.case) required maxlength=(CASE_MAX) autocomplete="off" data-key="f";
                label for="purpose" { (Word::ForWhat.in_(lang)) }
                input #purpose name="purpose" value=(outcome.purpose) required maxlength=(PURPOSE_MAX) autocomplete="off";
                label for="minutes" { (Word::Minutes.in_(lang)) }
                input #minutes name="minutes" value="30" required inputmode="numeric" pattern="[0-9]{1,3}" autocomplete="off";
                button.main { (Word::FollowIt.in_(lang)) kbd { "f" } }
            }
            p.quiet { (Word::FollowHint.in_(lang)) }
        }
    }
}

/// The form that says that another is the same person.
#[must_use]
pub fn merge(id: u64, lang: Lang) -> Markup {
    html! {
        form.line-form method="post" action={ "/traveller/" (id) "/act" } {
            input type="hidden" name="action" value="merge";
            label for="other" { (Word::MergeWith.in_(lang)) }
            input #other name="other" required inputmode="numeric" pattern="[0-9]{1,19}" autocomplete="off" data-key="m";
            button { (Word::MergeIt.in_(lang)) kbd { "m" } }
        }
        p.quiet { (Word::MergeHint.in_(lang)) }
    }
}

/// For what they are followed.
#[must_use]
pub fn follows(traveller: &v1::Traveller, may_act: bool, lang: Lang) -> Markup {
    let id = traveller.summary.as_ref().map_or(0, |summary| summary.traveller);
    html! {
        ul.follows #follows {
            @for (place, follow) in traveller.follows.iter().enumerate() {
                li {
                    div.title {
                        strong { (follow.case) }
                        @if may_act {
                            form method="post" action={ "/traveller/" (id) "/act" } {
                                input type="hidden" name="action" value="end";
                                input type="hidden" name="follow" value=(follow.id);
                                button id={ "end-" (follow.id) } data-key=[(place == 0).then_some("x")] {
                                    (Word::EndFollow.in_(lang)) @if place == 0 { kbd { "x" } }
                                }
                            }
                        }
                    }
                    p { (follow.purpose) }
                    p.quiet {
                        (Word::By.in_(lang)) " " (follow.operator) ", "
                        @if !follow.confirmed_by.is_empty() { (Word::ConfirmedBy.in_(lang)) " " (follow.confirmed_by) ", " }
                        (Word::Since.in_(lang)) " " (moment(follow.from_unix_micros))
                        ", " (Word::Until.in_(lang)) " " (date(follow.until_unix_micros))
                    }
                    @if !follow.looking.is_empty() {
                        p.quiet { (Word::LookedForBy.in_(lang)) " " (follow.looking.join(", ")) }
                    }
                    @for (alike, track) in follow.look_alikes.iter().filter_map(|one| Some((one, one.track.as_ref()?))) {
                        p {
                            (track.camera) " " (track_link(&track.camera, track.boot, track.track, None))
                            " " (Word::LooksAlike.in_(lang)) " (" (format!("{:.2}", alike.cosine)) ")"
                        }
                    }
                }
            }
        }
    }
}

/// Who walks with them.
#[must_use]
pub fn companions(traveller: &v1::Traveller, lang: Lang) -> Markup {
    html! {
        div #companions {
            @if traveller.companions.is_empty() { p.quiet { (Word::NoCompanions.in_(lang)) } }
            ul {
                @for companion in &traveller.companions {
                    @if let Some(one) = &companion.summary {
                        li {
                            a href={ "/traveller/" (one.traveller) } { (Word::Traveller.in_(lang)) " " (one.traveller) } " "
                            (standing(one, lang)) " " (badges(one, lang)) " "
                            span.quiet {
                                @match (lang, companion.views) {
                                    (Lang::En, 1) => "together in 1 view",
                                    (Lang::En, views) => { "together in " (views) " views" }
                                    (Lang::Ko, views) => { (views) "개 화면에서 함께" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
