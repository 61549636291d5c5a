//! Where somebody comes into view next, and whether they should have by now.

use maud::{Markup, html};

use super::Life;
use super::axis::percent;
use crate::console::view::marks::camera_link;
use crate::console::words::{Lang, Word};
use crate::wire::v1;

/// The part.
#[must_use]
pub fn outlook(life: &Life<'_>, lang: Lang) -> Markup {
    html! {
        div #outlook {
            @match &life.sight.traveller.outlook {
                None => p.quiet { (Word::NoOutlook.in_(lang)) },
                Some(outlook) => {
                    @let away = outlook.away_s > 0.0;
                    @if away { (overdue(outlook.overdue, lang)) }
                    @if !outlook.next.is_empty() { p { (if away { Word::Expected } else { Word::IfTheyLeft }.in_(lang)) } }
                    ol.next {
                        @for next in &outlook.next { (view(next, away.then_some(life.sight.at), lang)) }
                        li.gone { span { (Word::GoneForGood.in_(lang)) } strong { (percent(outlook.gone)) } }
                    }
                }
            }
        }
    }
}

fn overdue(share: Option<f64>, lang: Lang) -> Markup {
    html! {
        @match share {
            Some(share) => p.overdue { strong { (percent(share)) } " " (Word::OverdueShare.in_(lang)) },
            None => p.quiet { (Word::NoOverdue.in_(lang)) },
        }
    }
}

/// One view; `since`: the count goes on from then.
fn view(next: &v1::NextView, since: Option<i64>, lang: Lang) -> Markup {
    let blind = match next.blind() {
        v1::Blind::Unspecified => None,
        v1::Blind::Offline => Some(Word::BlindOffline),
        v1::Blind::Covered => Some(Word::BlindCovered),
        v1::Blind::Unheard => Some(Word::BlindUnheard),
    };
    html! {
        li data-blind[blind.is_some()] {
            span {
                (camera_link(&next.camera)) " " (Word::InSeconds.in_(lang)) " "
                (seconds(next.in_s, since, lang)) " ("
                (seconds(next.in_low_s, since, lang)) "–" (seconds(next.in_high_s, since, lang)) ")"
                @if let Some(blind) = blind { " " span.camera-state data-state="offline" { (blind.in_(lang)) } }
            }
            strong { (percent(next.probability)) }
        }
    }
}

/// Seconds that the script counts down.
fn seconds(in_s: f64, since: Option<i64>, lang: Lang) -> Markup {
    let in_s = if in_s.is_finite() { in_s.clamp(0.0, 1e6) } else { 0.0 };
    let due = since.map(|since| since + (in_s * 1e6) as i64);
    html! { span.due data-due=[due] { (format!("{in_s:.0}")) (lang.pick((" s", "초"))) } }
}
