//! The Review view: who did what, rules in shadow, and what was held back.

use maud::{Markup, html};
use serde_json::Value;

use super::marks::{age, date};
use super::proposals::decided;
use crate::console::board::Board;
use crate::console::words::{Lang, Say, Word, because, rule};
use crate::wire::{self, v1};

/// What the centre answered; a fault's words where it did not.
pub struct Reviewed {
    /// The audit log.
    pub audit: Result<Vec<v1::AuditEntry>, String>,
    /// Rules in shadow.
    pub shadow: Result<Vec<v1::ShadowReport>, String>,
    /// Held back.
    pub held: Result<Vec<v1::HeldBack>, String>,
    /// Whether the audit log was asked from the newest.
    pub newest: bool,
}

/// The view.
#[must_use]
pub fn review(reviewed: &Reviewed, board: &Board, now: i64, lang: Lang) -> Markup {
    html! {
        h1.visually-hidden { (Word::Review.in_(lang)) }
        section.panel aria-labelledby="audit-title" {
            h2 #audit-title { (Word::Audit.in_(lang)) }
            @match &reviewed.audit {
                Ok(entries) if entries.is_empty() => p.quiet { (Word::NoAudit.in_(lang)) },
                Ok(entries) => {
                    (audit(entries, lang))
                    nav.pager aria-label=(Word::Audit.in_(lang)) {
                        @if !reviewed.newest { a href="/review" { (Word::Newer.in_(lang)) } }
                        @if let Some(last) = entries.last().filter(|last| last.number > 1) {
                            a href={ "/review?before=" (last.number) } { (Word::Older.in_(lang)) }
                        }
                    }
                }
                Err(why) => (failed(why, lang)),
            }
        }
        section.panel aria-labelledby="decided-title" {
            h2 #decided-title { (Word::DecidedByTwo.in_(lang)) }
            (decided(board, lang))
        }
        section.panel aria-labelledby="shadow-title" {
            h2 #shadow-title { (Word::Shadow.in_(lang)) }
            @match &reviewed.shadow {
                Ok(rules) if rules.is_empty() => p.quiet { (Word::NoShadow.in_(lang)) },
                Ok(rules) => (shadow(rules, lang)),
                Err(why) => (failed(why, lang)),
            }
        }
        section.panel #held aria-labelledby="held-title" {
            h2 #held-title { (Word::HeldBack.in_(lang)) }
            @match &reviewed.held {
                Ok(held) if held.is_empty() => p.quiet { (Word::NoHeld.in_(lang)) },
                Ok(list) => (held(list, now, lang)),
                Err(why) => (failed(why, lang)),
            }
        }
    }
}

fn failed(why: &str, lang: Lang) -> Markup {
    html! { p.banner.lost { strong { (Word::Refused.in_(lang)) " " } (why) } }
}

fn audit(entries: &[v1::AuditEntry], lang: Lang) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-labelledby="audit-title" {
            table.audit {
                thead { tr {
                    th.number scope="col" { (Word::Number.in_(lang)) }
                    th scope="col" { (Word::Time.in_(lang)) }
                    th scope="col" { (Word::Operator.in_(lang)) }
                    th scope="col" { (Word::Action.in_(lang)) }
                    th scope="col" { (Word::Alert.in_(lang)) }
                    th scope="col" { (Word::Text.in_(lang)) }
                } }
                tbody {
                    @for entry in entries {
                        tr {
                            td.number { (entry.number) }
                            td { (date(entry.at_unix_micros)) }
                            td { (entry.operator) }
                            td { (action(&entry.action, lang)) }
                            td { @if entry.alert != 0 { a href={ "/?alert=" (entry.alert) } { (entry.alert) } } }
                            td { (readable(&entry.text)) }
                        }
                    }
                }
            }
        }
    }
}

/// What was done, in words; what a newer centre calls otherwise as it is.
fn action(name: &str, lang: Lang) -> String {
    let words = match name {
        "acknowledge" => ("acknowledged", "확인"),
        "dismiss" => ("dismissed", "종결"),
        "assign" => ("assigned", "배정"),
        "note" => ("noted", "메모"),
        "follow" => ("followed", "추적"),
        "end_follow" => ("ended a follow", "추적 종료"),
        "merge" => ("merged travellers", "여행자 병합"),
        "split" => ("split a traveller", "여행자 분리"),
        "propose" => ("asked a second person", "두 번째 확인 요청"),
        "confirm" => ("confirmed", "승인"),
        "decline" => ("declined or took back", "거절 또는 요청 취소"),
        "lapse" => ("nobody confirmed in time", "시간 안에 승인되지 않음"),
        "evidence" => ("saw stills", "영상 열람"),
        "evidence_faces" => ("saw stills with faces", "얼굴 포함 영상 열람"),
        "preview" => ("looked through a camera", "실시간 화면 열람"),
        "evidence_refused" => ("was refused faces", "얼굴 열람 거부됨"),
        other => return other.replace('_', " "),
    };
    lang.pick(words).to_owned()
}

/// What an entry says; where that is an object of a program, its names and values.
fn readable(text: &str) -> String {
    let Ok(Value::Object(object)) = serde_json::from_str(text) else { return text.to_owned() };
    let mut parts = Vec::new();
    gather("", &Value::Object(object), &mut parts);
    parts.join(", ")
}

fn gather(name: &str, value: &Value, parts: &mut Vec<String>) {
    match value {
        // A time, which stands in its own column.
        _ if name == "until" => {}
        Value::Object(object) => object.iter().for_each(|(name, value)| gather(name, value, parts)),
        Value::Array(list) => list.iter().for_each(|value| gather(name, value, parts)),
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => parts.push(format!("{name} {text}")),
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => parts.push(format!("{name} {value}")),
    }
}

fn shadow(rules: &[v1::ShadowReport], lang: Lang) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { (Word::Rule.in_(lang)) }
                th.number scope="col" { (Word::Fired.in_(lang)) }
                th.number scope="col" { (Word::Already.in_(lang)) }
                th.number scope="col" { (Word::WouldRaise.in_(lang)) }
            } }
            tbody {
                @for report in rules {
                    tr {
                        th scope="row" { (rule(&report.rule, lang)) }
                        td.number { @if report.incomplete { (Word::AtLeast.in_(lang)) " " } (report.fired) }
                        td.number { (report.already_alerted) }
                        td.number { (report.would_have_raised) }
                    }
                }
            }
        }
    }
}

fn held(list: &[v1::HeldBack], now: i64, lang: Lang) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-labelledby="held-title" {
            table {
                thead { tr {
                    th.number scope="col" { (Word::Rank.in_(lang)) }
                    th.number scope="col" { (Word::Time.in_(lang)) }
                    th scope="col" { (Word::What.in_(lang)) }
                    th scope="col" { (Word::Concerns.in_(lang)) }
                    th scope="col" { (Word::Why.in_(lang)) }
                } }
                tbody { @for one in list { (held_row(one, now, lang)) } }
            }
        }
    }
}

fn held_row(held: &v1::HeldBack, now: i64, lang: Lang) -> Markup {
    let rank = held.value.as_ref().map_or(0.0, |v| v.rank);
    let event = held.event.clone().map(wire::event_from_proto);
    html! {
        tr {
            td.number { (format!("{:.0}", 100.0 * rank)) }
            td.number { (age(held.at_unix_micros, now, lang)) }
            td {
                (rule(&held.rule, lang))
                @match &event {
                    Some(Ok(event)) => { @if let Some(reason) = event.reasons.first() { span.why { (because(reason, lang)) } } }
                    _ => { span.why { (Word::NotUnderstood.in_(lang)) } }
                }
            }
            td { @if let Some(Ok(event)) = &event { (event.id.camera) @if let Some(track) = event.track { " " (track) } } }
            td { (held.why().say(lang)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_texts_are_read_by_people() {
        for (text, shown) in [
            ("family waits", "family waits"),
            ("{not json", "{not json"),
            ("[1]", "[1]"),
            (
                r#"{"follow":{"traveller":7,"case":"C-1","purpose":"a bag","seconds":60}}"#,
                "case C-1, purpose a bag, seconds 60, traveller 7",
            ),
            (r#"{"until":9,"act":{"dismiss":{"alert":3,"reason":"<b>"}}}"#, "alert 3, reason <b>"),
            (r#"{"proposal":4,"reason":""}"#, "proposal 4"),
        ] {
            assert_eq!(readable(text), shown);
        }
    }
}
