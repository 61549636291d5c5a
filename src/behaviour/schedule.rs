//! Times of day.

use serde::{Deserialize, Serialize};

const DAY_S: i64 = 86_400;

/// A span of the day, UTC, written `"HH:MM-HH:MM"`; it may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Schedule {
    from_s: i64,
    until_s: i64,
}

impl Schedule {
    /// Whether the instant, in microseconds from the Unix epoch, falls into it.
    #[must_use]
    pub fn holds(&self, unix_micros: i64) -> bool {
        let of_day = unix_micros.div_euclid(1_000_000).rem_euclid(DAY_S);
        if self.from_s <= self.until_s {
            (self.from_s..self.until_s).contains(&of_day)
        } else {
            of_day >= self.from_s || of_day < self.until_s
        }
    }
}

impl TryFrom<String> for Schedule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let moment = |text: &str| {
            let (hours, minutes) = text.trim().split_once(':')?;
            let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
            let fits = (0..=24).contains(&hours) && (0..60).contains(&minutes) && hours * 60 + minutes <= 24 * 60;
            fits.then_some(hours * 3_600 + minutes * 60)
        };
        let read = text.split_once('-').and_then(|(from, until)| Some((moment(from)?, moment(until)?)));
        match read {
            Some((from_s, until_s)) if from_s != until_s => Ok(Self { from_s, until_s }),
            _ => Err(format!("`{text}` is no span of the day such as 05:30-09:00")),
        }
    }
}

impl From<Schedule> for String {
    fn from(s: Schedule) -> Self {
        let text = |t: i64| format!("{:02}:{:02}", t / 3_600, t % 3_600 / 60);
        format!("{}-{}", text(s.from_s), text(s.until_s))
    }
}

/// Whether a rule with these times of day counts now; without any it always does.
#[must_use]
pub fn active(times: &[Schedule], unix_micros: i64) -> bool {
    times.is_empty() || times.iter().any(|t| t.holds(unix_micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_hold_from_their_first_minute_to_before_their_last_and_over_midnight() {
        let at = |hours: i64, minutes: i64| (20_000 * DAY_S + hours * 3_600 + minutes * 60) * 1_000_000;
        let day = Schedule::try_from("05:30-09:00".to_owned()).unwrap();
        let night = Schedule::try_from("22:00-01:00".to_owned()).unwrap();
        for (span, hours, minutes, expected) in [
            (day, 5, 29, false),
            (day, 5, 30, true),
            (day, 9, 0, false),
            (night, 23, 0, true),
            (night, 0, 30, true),
            (night, 1, 0, false),
        ] {
            assert_eq!(span.holds(at(hours, minutes)), expected, "{hours}:{minutes}");
        }
        for bad in ["", "5-6", "25:00-26:00", "05:00-05:00", "05:61-06:00"] {
            assert!(Schedule::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        assert_eq!(String::from(night), "22:00-01:00");
    }
}
