//! One alert: what was found, what was done, what can be done, and the stills around it.

use maud::{Markup, html};

use super::marks::{age, camera_link, date, moment, reasons, state, track_link, track_links};
use super::now::severity;
use super::proposals::hint;
use crate::console::board::{Board, is_open};
use crate::console::stills::Still;
use crate::console::visitor::Visitor;
use crate::console::words::{Lang, Say, Word, rule, what};
use crate::event::{BagReport, EdgeEvent, EventBody};
use crate::wire::{self, v1};

/// What came of the visitor's last request, to be said beside the alert.
#[derive(Debug, Default)]
pub struct Said {
    /// Why it was not done.
    pub fault: Option<String>,
    /// What was done, where the alert does not say so itself.
    pub done: Option<Word>,
    /// Stills, how many were refused, and whether faces are shown.
    pub stills: Option<(Vec<Still>, usize, bool)>,
}

/// The pane of one alert; none chosen, or none of that number.
#[must_use]
pub fn detail(board: &Board, asked: Option<u64>, visitor: &Visitor, said: &Said, now: i64) -> Markup {
    let lang = visitor.lang;
    let alert = asked.and_then(|id| board.one(id)).map(|kept| &*kept.alert);
    html! {
        section.detail #detail aria-labelledby="detail-title" data-alert=[alert.map(|a| a.id)] tabindex="-1" {
            @match (alert, asked) {
                (Some(alert), _) => {
                    (facts(alert, board, visitor, now))
                    (refused(said, lang))
                    (work(alert, visitor, &board.policy))
                    (evidence(alert, said, lang))
                    (history(alert, lang))
                }
                (None, Some(id)) => {
                    h2 #detail-title { (Word::Alert.in_(lang)) " " (id) }
                    (refused(said, lang))
                    p { (Word::NoSuchAlert.in_(lang)) }
                    p { a href="/" { (Word::Close.in_(lang)) } }
                }
                (None, None) => {
                    h2.visually-hidden #detail-title { (Word::Alert.in_(lang)) }
                    (refused(said, lang))
                    p.quiet.choose { (Word::PickOne.in_(lang)) }
                }
            }
        }
    }
}

fn refused(said: &Said, lang: Lang) -> Markup {
    html! {
        @if let Some(fault) = &said.fault {
            p.banner.lost.refused role="alert" { strong { (Word::Refused.in_(lang)) " " } (fault) }
        }
        @if let Some(done) = said.done { p.saved role="status" { (done.in_(lang)) } }
    }
}

fn facts(alert: &v1::Alert, board: &Board, visitor: &Visitor, now: i64) -> Markup {
    let lang = visitor.lang;
    let assignee = if alert.assignee.is_empty() { Word::Nobody.in_(lang) } else { &alert.assignee };
    html! {
        div #facts {
            div.title {
                h2 #detail-title {
                    @for (i, claim) in alert.claims.iter().enumerate() { @if i > 0 { " · " } (rule(&claim.rule, lang)) }
                }
                div.marks {
                    @if !visitor.operator.is_empty() && is_open(alert) { (acknowledge(alert, lang)) }
                    a.close href="/" data-key="Escape" { (Word::Close.in_(lang)) }
                }
            }
            dl.facts {
                div { dt { (Word::State.in_(lang)) } dd { (state(alert.state(), lang)) } }
                div { dt { (Word::Severity.in_(lang)) } dd { span.severity data-severity=(severity(alert)) { (alert.severity().say(lang)) } } }
                div { dt { (Word::Concerns.in_(lang)) } dd { (track_links(&alert.tracks)) @if !alert.tracks.is_empty() { kbd { "t" } } } }
                div { dt { (Word::Raised.in_(lang)) } dd { (moment(alert.raised_unix_micros)) " · " (age(alert.raised_unix_micros, now, lang)) } }
                div { dt { (Word::Assigned.in_(lang)) } dd { (assignee) } }
                div { dt { (Word::Alert.in_(lang)) } dd { (alert.id) } }
                (value(alert.value.as_ref(), lang))
            }
            h3 { (Word::Why.in_(lang)) }
            @for one in &alert.claims { (claim(one, board, lang)) }
        }
    }
}

fn acknowledge(alert: &v1::Alert, lang: Lang) -> Markup {
    let done = alert.state() == v1::AlertState::Acknowledged;
    html! {
        form method="post" action={ "/alert/" (alert.id) "/act" } data-part {
            input type="hidden" name="action" value="acknowledge";
            button.main data-key="a" disabled[done] title=(Word::AcknowledgeHint.in_(lang)) {
                (Word::Acknowledge.in_(lang)) kbd { "a" }
            }
        }
    }
}

/// How the rank came about.
fn value(value: Option<&v1::AlertValue>, lang: Lang) -> Markup {
    let Some(v1::AlertValue { rank, severity, certainty, excess, novelty }) = value else { return html! {} };
    let parts =
        [(Word::Severity, severity), (Word::Certainty, certainty), (Word::Excess, excess), (Word::Novelty, novelty)];
    html! {
        div.wide {
            dt { (Word::Rank.in_(lang)) }
            dd title=(Word::RankOf.in_(lang)) {
                strong { (percent(*rank)) }
                span.quiet {
                    " ("
                    @for (i, (word, part)) in parts.into_iter().enumerate() { @if i > 0 { ", " } (word.in_(lang)) " " (percent(*part)) }
                    ")"
                }
            }
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.0}", 100.0 * share)
}

fn claim(claim: &v1::AlertClaim, board: &Board, lang: Lang) -> Markup {
    let event = claim.event.clone().map(wire::event_from_proto);
    html! {
        article.claim data-retracted[claim.retracted] {
            h4 {
                (rule(&claim.rule, lang))
                @if claim.retracted { " " span.state data-state="withdrawn" { (Word::Retracted.in_(lang)) } }
                @else if claim.over { " " span.quiet { (Word::Over.in_(lang)) } }
            }
            @match event {
                Some(Ok(event)) => {
                    @if board.floor.simulates(&event) { p { span.simulated { (Word::SimulatedBags.in_(lang)) } } }
                    (told(&event, lang))
                }
                Some(Err(why)) => { p { (Word::NotUnderstood.in_(lang)) " " code { (why) } } }
                None => { p { (Word::NotUnderstood.in_(lang)) } }
            }
        }
    }
}

/// Who had the bag where, and who has it, or has it no longer.
fn bag_way(report: &BagReport, lang: Lang) -> Markup {
    html! {
        (Word::Bag.in_(lang)) " B" (report.bag)
        @for moment in [&report.before, &report.after] {
            " · " a href={ "/traveller/" (moment.traveller) } { (Word::Traveller.in_(lang)) " " (moment.traveller) }
            " " (camera_link(moment.camera.as_str()))
        }
    }
}

fn told(event: &EdgeEvent, lang: Lang) -> Markup {
    let (others, bag) = match &event.body {
        EventBody::Behaviour(report) => (report.others.clone(), report.bag),
        _ => (Vec::new(), None),
    };
    html! {
        p.where_ {
            @if let EventBody::Absence(report) = &event.body {
                a href={ "/traveller/" (report.traveller) } { (Word::Traveller.in_(lang)) " " (report.traveller) }
                " · " (Word::LastSeenBy.in_(lang)) " " (camera_link(report.camera.as_str()))
            } @else if let EventBody::Bag(report) = &event.body {
                (bag_way(report, lang))
            } @else {
                (camera_link(event.id.camera.as_str()))
            }
            @if let Some(track) = event.track { " · " (track_link(event.id.camera.as_str(), event.id.boot.0, track.0, None)) }
            @if !others.is_empty() {
                " · " (Word::Others.in_(lang)) " "
                @for (i, other) in others.iter().enumerate() { @if i > 0 { ", " } (other) }
            }
            @if let Some(bag) = bag { " · " (Word::Bag.in_(lang)) " B" (bag.0) }
            @if let Some(zone) = &event.zone { " · " (Word::Zone.in_(lang)) " " (zone) }
            " · " (moment(event.capture_time.unix_micros))
        }
        @if matches!(event.body, EventBody::Screening(_)) { p { (what(event, lang)) } }
        (reasons(&event.reasons, lang))
    }
}

fn work(alert: &v1::Alert, visitor: &Visitor, policy: &v1::ConfirmationPolicy) -> Markup {
    let lang = visitor.lang;
    html! {
        section.work #work aria-labelledby="work-title" {
            h3 #work-title { (Word::Decide.in_(lang)) }
            @if visitor.operator.is_empty() {
                (name_form(alert.id, lang))
            } @else if is_open(alert) {
                div.acts {
                    (text_form(alert.id, "assign", Word::AssignTo, Word::Assign, "s", lang))
                    (text_form(alert.id, "dismiss", Word::DismissWhy, Word::Dismiss, "d", lang))
                    (text_form(alert.id, "note", Word::NoteText, Word::Note, "n", lang))
                }
                (hint(policy, "dismiss", lang))
            } @else {
                p.quiet { (Word::Finished.in_(lang)) }
            }
        }
    }
}

fn text_form(id: u64, action: &str, label: Word, button: Word, key: &str, lang: Lang) -> Markup {
    let most = if action == "assign" { 64 } else { 2_000 };
    let field = format!("{action}-text");
    html! {
        form.line-form method="post" action={ "/alert/" (id) "/act" } data-part {
            input type="hidden" name="action" value=(action);
            label for=(field) { (label.in_(lang)) }
            input id=(field) name="text" required maxlength=(most) autocomplete="off" data-key=(key);
            button { (button.in_(lang)) kbd { (key) } }
        }
    }
}

/// Without a name nothing can be decided.
fn name_form(id: u64, lang: Lang) -> Markup {
    html! {
        p { (Word::WhoAreYou.in_(lang)) }
        form.line-form method="post" action="/you" {
            input type="hidden" name="back" value={ "/?alert=" (id) };
            label for="operator" { (Word::Name.in_(lang)) }
            input #operator name="operator" required maxlength="64" autocomplete="username" data-key="n";
            button.main { (Word::Save.in_(lang)) }
        }
    }
}

fn evidence(alert: &v1::Alert, said: &Said, lang: Lang) -> Markup {
    html! {
        section.evidence #evidence aria-labelledby="evidence-title" {
            h3 #evidence-title { (Word::Evidence.in_(lang)) }
            @if let Some((stills, refused, faces)) = &said.stills {
                p role="status" { (if *faces { Word::FacesShown } else { Word::FacesHidden }.in_(lang)) }
                @if stills.is_empty() { p { (Word::NoStills.in_(lang)) } }
                @if *refused > 0 { p.banner { (refused) " " (Word::StillsRefused.in_(lang)) } }
                div.stills {
                    @for (number, still) in (1..).zip(stills) {
                        figure {
                            img src=(still.url) width=(still.width) height=(still.height) alt={ (Word::Still.in_(lang)) " " (number) };
                            @if let Some(at) = still.at { figcaption { (moment(at)) } }
                        }
                    }
                }
            }
            p.quiet { (Word::EvidenceHint.in_(lang)) }
            form.line-form method="post" action={ "/alert/" (alert.id) "/evidence" } data-part {
                label.check { input type="checkbox" name="faces" value="yes"; span { (Word::ShowFaces.in_(lang)) } }
                label for="purpose" { (Word::Purpose.in_(lang)) }
                input #purpose name="purpose" maxlength="2000" autocomplete="off";
                button data-key="e" { (Word::FetchStills.in_(lang)) kbd { "e" } }
            }
        }
    }
}

fn history(alert: &v1::Alert, lang: Lang) -> Markup {
    html! {
        section.history #history aria-labelledby="history-title" {
            h3 #history-title { (Word::History.in_(lang)) }
            @if alert.notes.is_empty() {
                p.quiet { (Word::NothingDone.in_(lang)) }
            } @else {
                ol {
                    @for note in alert.notes.iter().rev() {
                        li { (date(note.at_unix_micros)) " " strong { (note.operator) } " " (note.action().say(lang)) @if !note.text.is_empty() { " " q { (note.text) } }
                            @if !note.confirmed_by.is_empty() { ", " (Word::ConfirmedBy.in_(lang)) " " strong { (note.confirmed_by) } }
                        }
                    }
                }
            }
        }
    }
}
