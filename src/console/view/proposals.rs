//! What waits for a second person: counted in the heading, on top of the Now view, beside its traveller, and, with what became
//! of it, in the Review view.

use maud::{Markup, html};

use super::marks::{date, moment, track_link};
use crate::central::is_same_name;
use crate::console::board::Board;
use crate::console::visitor::Visitor;
use crate::console::words::{Lang, Say, Word};
use crate::wire::v1::{self, ProposalState, proposal::Act};

/// Longest reason, characters: the contract's bound.
const REASON_MAX: u32 = 2_000;

fn waiting(board: &Board) -> impl Iterator<Item = &v1::Proposal> {
    board.proposals.iter().filter(|one| one.state() == ProposalState::Open)
}

/// How many wait, in the heading of every page.
#[must_use]
pub fn count(board: &Board, lang: Lang) -> Markup {
    let waiting = waiting(board).count();
    html! {
        div #pending {
            @if waiting > 0 {
                a.pending href="/#proposals" {
                    @match lang {
                        Lang::En => { (waiting) " to confirm" }
                        Lang::Ko => { "승인 대기 " (waiting) "건" }
                    }
                }
            }
        }
    }
}

/// Those that wait; on a traveller's page those that concern them.
#[must_use]
pub fn proposals(board: &Board, visitor: &Visitor, whom: Option<u64>) -> Markup {
    let lang = visitor.lang;
    let mut shown = waiting(board).filter(|one| whom.is_none_or(|id| one.traveller == id)).peekable();
    // The keys decide on the first that this visitor may decide on.
    let first = waiting(board)
        .filter(|one| whom.is_none_or(|id| one.traveller == id))
        .find(|one| !is_same_name(&one.operator, &visitor.operator))
        .map(|one| one.id);
    html! {
        div #proposals {
            @if shown.peek().is_some() {
                section.panel.proposals aria-labelledby="proposals-title" {
                    h2 #proposals-title { (Word::SecondPerson.in_(lang)) }
                    @if visitor.operator.is_empty() { p { a href="/you" { (Word::WhoAreYou.in_(lang)) } } }
                    ul { @for one in shown { (waits(one, visitor, whom, first == Some(one.id))) } }
                }
            }
        }
    }
}

fn waits(one: &v1::Proposal, visitor: &Visitor, whom: Option<u64>, keys: bool) -> Markup {
    let lang = visitor.lang;
    html! {
        li {
            div.title {
                strong { (what(one, lang)) }
                span.quiet { (Word::LapsesIn.in_(lang)) " " span.due data-due=(one.until_unix_micros) { "–" } }
            }
            @if let Some(Act::Follow(follow)) = &one.act {
                p { (follow.purpose) }
                p.quiet { (Word::Case.in_(lang)) " " (follow.case) " · " (minutes(follow.seconds, lang)) }
            }
            @if let Some(Act::Alert(act)) = &one.act { p { q { (act.text) } } }
            p.quiet { (Word::AskedBy.in_(lang)) " " strong { (one.operator) } ", " (moment(one.at_unix_micros)) }
            @if !visitor.operator.is_empty() { (decide(one, visitor, whom, keys)) }
        }
    }
}

/// One form for each answer, so that Enter in the reason's field never confirms.
fn decide(one: &v1::Proposal, visitor: &Visitor, whom: Option<u64>, keys: bool) -> Markup {
    let lang = visitor.lang;
    let own = is_same_name(&one.operator, &visitor.operator);
    let reason = format!("reason-{}", one.id);
    let form = |decision: &str, body: Markup| {
        html! {
            form method="post" action={ "/proposal/" (one.id) } {
                input type="hidden" name="decision" value=(decision);
                @if let Some(id) = whom { input type="hidden" name="traveller" value=(id); }
                (body)
            }
        }
    };
    html! {
        div.decide {
            @if own {
                p { (Word::AnotherConfirms.in_(lang)) }
                (form("decline", html! { button id={ "decline-" (one.id) } { (Word::TakeBack.in_(lang)) } }))
            } @else {
                (form("confirm", html! {
                    button.main id={ "confirm-" (one.id) } data-key=[keys.then_some("c")] {
                        (Word::Confirm.in_(lang)) @if keys { kbd { "c" } }
                    }
                }))
                (form("decline", html! {
                    label.visually-hidden for=(reason) { (Word::DeclineWhy.in_(lang)) }
                    input id=(reason) name="reason" maxlength=(REASON_MAX) autocomplete="off" placeholder=(Word::DeclineWhy.in_(lang)) data-key=[keys.then_some("r")];
                    button id={ "decline-" (one.id) } { (Word::Decline.in_(lang)) @if keys { kbd { "r" } } }
                }))
            }
        }
    }
}

fn minutes(seconds: u32, lang: Lang) -> String {
    let minutes = seconds.div_ceil(60);
    match lang {
        Lang::En => format!("{minutes} min"),
        Lang::Ko => format!("{minutes}분"),
    }
}

/// What is to be done, in a line.
fn what(one: &v1::Proposal, lang: Lang) -> Markup {
    let traveller = |id: u64| {
        // Merges may have changed the number since it was asked for.
        let now = if one.traveller == 0 { id } else { one.traveller };
        html! { a href={ "/traveller/" (now) } { (Word::Traveller.in_(lang)) " " (now) } }
    };
    html! {
        @match &one.act {
            Some(Act::Follow(act)) => { (Word::FollowTitle.in_(lang)) ": " (traveller(act.traveller)) }
            Some(Act::Merge(act)) => { (Word::MergeTitle.in_(lang)) ": " (traveller(act.a)) " + " (act.b) }
            Some(Act::Split(act)) => {
                (Word::SplitTitle.in_(lang)) ": " (traveller(act.traveller))
                @if let Some(at) = &act.at { ", " (at.camera) " " (track_link(&at.camera, at.boot, at.track, None)) }
            }
            Some(Act::Alert(act)) => {
                (Word::Dismiss.in_(lang)) ": " a href={ "/?alert=" (act.alert) } { (Word::Alert.in_(lang)) " " (act.alert) }
            }
            None => { (Word::NotUnderstood.in_(lang)) }
        }
    }
}

/// What was asked for lately and what became of it, the newest first.
#[must_use]
pub fn decided(board: &Board, lang: Lang) -> Markup {
    html! {
        div #decided {
            @if board.proposals.is_empty() {
                p.quiet { (if board.policy.decisions.is_empty() { Word::NoPolicy } else { Word::NoProposals }.in_(lang)) }
            } @else {
                div.scroll tabindex="0" role="group" aria-labelledby="decided-title" {
                    table {
                        thead { tr {
                            th.number scope="col" { (Word::Number.in_(lang)) }
                            th scope="col" { (Word::Time.in_(lang)) }
                            th scope="col" { (Word::AskedBy.in_(lang)) }
                            th scope="col" { (Word::What.in_(lang)) }
                            th scope="col" { (Word::State.in_(lang)) }
                            th scope="col" { (Word::Text.in_(lang)) }
                        } }
                        tbody { @for one in board.proposals.iter().rev() { (decided_row(one, lang)) } }
                    }
                }
            }
        }
    }
}

fn decided_row(one: &v1::Proposal, lang: Lang) -> Markup {
    let text = match &one.act {
        Some(Act::Follow(act)) => format!("{}: {}", act.case, act.purpose),
        Some(Act::Alert(act)) => act.text.clone(),
        _ => String::new(),
    };
    html! {
        tr {
            td.number { (one.id) }
            td { (date(one.at_unix_micros)) }
            td { (one.operator) }
            td { (what(one, lang)) }
            td {
                (one.state().say(lang)) @if !one.ended_by.is_empty() { ": " (one.ended_by) }
                @if let Some(at) = one.ended_unix_micros { " " (moment(at)) }
            }
            td { (text) @if !one.reason.is_empty() { " – " q { (one.reason) } } }
        }
    }
}

/// That a second person has to confirm, beside what asks for it; nothing where policy does not.
#[must_use]
pub fn hint(policy: &v1::ConfirmationPolicy, decision: &str, lang: Lang) -> Markup {
    let asks = policy.decisions.iter().any(|one| one == decision);
    html! { @if asks { p.quiet.second { (Word::NeedsSecond.in_(lang)) } } }
}
