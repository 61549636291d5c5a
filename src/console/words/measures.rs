//! Measured values and what is usual, for people.

use crate::event::{Reason, ReasonCode, Unit};
use crate::units::Interval;

use super::{Lang, Say};

/// Ends of a range beyond this mean that there is none.
const UNBOUNDED: f64 = 1e12;

/// A value with its unit, e.g. `180 s`, `1.42 m/s`, `0.4 %`.
#[must_use]
pub fn amount(code: ReasonCode, value: f64, unit: Unit, lang: Lang) -> String {
    if is_share(code) {
        return format!("{} %", number(100.0 * value));
    }
    let symbol = unit.say(lang);
    let gap = if symbol.is_empty() || (lang == Lang::Ko && symbol != "m" && symbol != "m/s") { "" } else { " " };
    format!("{}{gap}{symbol}", number(value))
}

/// What is usual, e.g. `at most 60 s`, `58 to 93 a minute`.
#[must_use]
pub fn usual(reason: &Reason, lang: Lang) -> String {
    let Reason { code, expected: Interval { low, high }, unit, .. } = reason;
    let say = |value| amount(*code, value, *unit, lang);
    let floor = !(-UNBOUNDED..=UNBOUNDED).contains(low) || (*low == 0.0 && !is_change(*code));
    let open = !(-UNBOUNDED..=UNBOUNDED).contains(high) || (is_share(*code) && *high >= 1.0);
    match (floor, open, lang) {
        (true, true, _) => lang.pick(("any", "제한 없음")).to_owned(),
        (true, false, Lang::En) => format!("at most {}", say(*high)),
        (true, false, Lang::Ko) => format!("{} 이하", say(*high)),
        (false, true, Lang::En) => format!("at least {}", say(*low)),
        (false, true, Lang::Ko) => format!("{} 이상", say(*low)),
        (false, false, _) if low == high => say(*low),
        (false, false, Lang::En) => format!("{} to {}", bare(*code, *low), say(*high)),
        (false, false, Lang::Ko) => format!("{}~{}", bare(*code, *low), say(*high)),
    }
}

/// One reason in a line, e.g. `Time in the zone 180 s, usual at most 60 s`.
#[must_use]
pub fn because(reason: &Reason, lang: Lang) -> String {
    let value = amount(reason.code, reason.measured, reason.unit, lang);
    let (name, usual) = (reason.code.say(lang), usual(reason, lang));
    match lang {
        Lang::En => format!("{name} {value}, usual {usual}"),
        Lang::Ko => format!("{name} {value} (통상 {usual})"),
    }
}

fn bare(code: ReasonCode, value: f64) -> String {
    number(if is_share(code) { 100.0 * value } else { value })
}

fn is_share(code: ReasonCode) -> bool {
    matches!(code, ReasonCode::BorderShare | ReasonCode::CarrierProbability | ReasonCode::Rarity)
}

fn is_change(code: ReasonCode) -> bool {
    use ReasonCode::{BlinkRateChange, FacialMovementChange, PulseChange, RespirationChange, SpeedChange};
    matches!(code, PulseChange | RespirationChange | BlinkRateChange | FacialMovementChange | SpeedChange)
}

/// Three figures or so, without trailing zeros.
fn number(value: f64) -> String {
    if !value.is_finite() {
        return "?".to_owned();
    }
    let digits = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    if text == "-0" { "0".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_ranges_read_as_people_say_them() {
        let reason = |code: ReasonCode, measured, low, high| Reason {
            code,
            measured,
            expected: Interval { low, high },
            unit: code.unit(),
        };
        for (reason, en, ko) in [
            (
                reason(ReasonCode::DwellTime, 180.0, 0.0, 60.0),
                "Time in the zone 180 s, usual at most 60 s",
                "구역 내 체류 시간 180초 (통상 60초 이하)",
            ),
            (
                reason(ReasonCode::Pulse, 112.04, 58.0, 93.5),
                "Pulse 112 a minute, usual 58 to 93.5 a minute",
                "맥박 112회/분 (통상 58~93.5회/분)",
            ),
            (
                reason(ReasonCode::Rarity, 0.004, 0.01, 1.0),
                "Share of ordinary passers who deviate as much 0.4 %, usual at least 1 %",
                "이만큼 벗어나는 일반 통과자의 비율 0.4 % (통상 1 % 이상)",
            ),
            (
                reason(ReasonCode::SpeedChange, -0.001, 0.0, 0.5),
                "Speed against own baseline 0 m/s, usual 0 to 0.5 m/s",
                "속도(본인 기준 대비) 0 m/s (통상 0~0.5 m/s)",
            ),
            (reason(ReasonCode::Bags, f64::NAN, 1.0, 1.0), "Bags ?, usual 1", "가방 수 ? (통상 1)"),
        ] {
            assert_eq!(because(&reason, Lang::En), en);
            assert_eq!(because(&reason, Lang::Ko), ko);
        }
    }
}
