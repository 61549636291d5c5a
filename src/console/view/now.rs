//! The Now view: the queue and, beside it, one alert.

use maud::{Markup, html};

use super::marks::{age, state, tracks};
use super::proposals::proposals;
use crate::console::board::{Board, Group, is_open};
use crate::console::visitor::Visitor;
use crate::console::words::{Lang, Say, Word, because, rule};
use crate::wire::{self, v1};

/// Most alerts on a page.
pub const QUEUE_MAX: usize = 500;

/// The queue and the chosen alert.
#[must_use]
pub fn now(board: &Board, detail: &Markup, chosen: Option<u64>, visitor: &Visitor, now: i64) -> Markup {
    let lang = visitor.lang;
    let groups = board.groups();
    let (shown, more) = shows(&groups);
    html! {
        h1.visually-hidden { (Word::Now.in_(lang)) }
        div.split data-chosen=[chosen] {
            section.queue aria-labelledby="queue-title" {
                (proposals(board, visitor, None))
                div.title {
                    h2 #queue-title { (Word::Queue.in_(lang)) }
                    fieldset.switch {
                        legend.visually-hidden { (Word::Show.in_(lang)) }
                        label { input type="radio" name="show" value="todo" checked; span { (Word::ToDo.in_(lang)) } }
                        label { input #show-all type="radio" name="show" value="all"; span { (Word::All.in_(lang)) } }
                    }
                }
                (budget(board, lang))
                p.quiet #nothing { (Word::NoAlerts.in_(lang)) }
                ol #queue {
                    @for one in shown { (group(board, one, chosen, now, lang)) }
                }
                p.quiet #more hidden[more == 0] { span { (more) } " " (Word::MoreNotShown.in_(lang)) }
            }
            (detail)
        }
    }
}

/// The groups that fit on a page, and how many alerts do not.
#[must_use]
pub fn shows(groups: &[Group]) -> (&[Group], usize) {
    let mut room = QUEUE_MAX;
    let fits = groups.iter().take_while(|group| {
        let fit = group.alerts.len() <= room;
        room = room.saturating_sub(group.alerts.len());
        fit
    });
    let (shown, rest) = groups.split_at(fits.count());
    (shown, rest.iter().map(|group| group.alerts.len()).sum())
}

/// How much of the budget is used.
#[must_use]
pub fn budget(board: &Board, lang: Lang) -> Markup {
    let v1::AlertsLive { per_hour, used, held_back, .. } = board.budget;
    html! {
        p.budget #budget {
            @match lang {
                Lang::En => { strong { (used) } " " (Word::BudgetUsed.in_(lang)) " " (Word::BudgetOf.in_(lang)) " " (per_hour) }
                Lang::Ko => { (Word::BudgetUsed.in_(lang)) " " strong { (used) } "건 (" (Word::BudgetOf.in_(lang)) " " (per_hour) "건)" }
            }
            " · " a href="/review#held" { (held_back) " " (Word::HeldBackCount.in_(lang)) }
        }
    }
}

/// Alerts of the same people.
#[must_use]
pub fn group(board: &Board, group: &Group, chosen: Option<u64>, now: i64, lang: Lang) -> Markup {
    let open = group.alerts.iter().any(|alert| is_open(alert));
    html! {
        li.group id={ "g" (group.id) } data-finished[!open] {
            @for alert in &group.alerts { (row(board, alert, chosen == Some(alert.id), now, lang)) }
        }
    }
}

fn row(board: &Board, alert: &v1::Alert, chosen: bool, now: i64, lang: Lang) -> Markup {
    let standing: Vec<&v1::AlertClaim> = alert.claims.iter().filter(|claim| !claim.retracted).collect();
    let claims = if standing.is_empty() { alert.claims.iter().collect() } else { standing };
    let rank = alert.value.as_ref().map_or(0.0, |v| v.rank);
    let simulated = claims
        .iter()
        .filter_map(|claim| wire::event_from_proto(claim.event.clone()?).ok())
        .any(|event| board.floor.simulates(&event));
    html! {
        a.row id={ "a" (alert.id) } href={ "/?alert=" (alert.id) } data-alert=(alert.id) data-severity=(severity(alert))
            data-finished[!is_open(alert)] aria-current=[chosen.then_some("true")] {
            span.rank title=(Word::RankOf.in_(lang)) {
                span.visually-hidden { (Word::Rank.in_(lang)) " " }
                (format!("{:.0}", 100.0 * rank))
            }
            span.body {
                span.line {
                    strong.what {
                        @for (i, claim) in claims.iter().enumerate() { @if i > 0 { " · " } (rule(&claim.rule, lang)) }
                    }
                    (age(alert.raised_unix_micros, now, lang))
                }
                span.why { (first_reason(&claims, lang)) }
                span.line {
                    span.whom { (tracks(&alert.tracks)) @if simulated { " " span.simulated { (Word::Simulated.in_(lang)) } } }
                    span.marks {
                        @if !alert.assignee.is_empty() { span.assignee { "→ " (alert.assignee) } }
                        span.severity data-severity=(severity(alert)) { (alert.severity().say(lang)) }
                        (state(alert.state(), lang))
                    }
                }
            }
        }
    }
}

/// As the style sheet names it.
#[must_use]
pub fn severity(alert: &v1::Alert) -> &'static str {
    match alert.severity() {
        v1::Severity::Alert => "alert",
        v1::Severity::Attention => "attention",
        v1::Severity::Info | v1::Severity::Unspecified => "info",
    }
}

fn first_reason(claims: &[&v1::AlertClaim], lang: Lang) -> String {
    let Some(event) = claims.iter().find_map(|claim| claim.event.clone()) else { return String::new() };
    match wire::event_from_proto(event) {
        Ok(event) => event.reasons.first().map_or_else(String::new, |reason| because(reason, lang)),
        Err(_) => Word::NotUnderstood.in_(lang).to_owned(),
    }
}
