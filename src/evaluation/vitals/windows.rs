//! Reference windows: which stretch of a recording has which true rates, and which reading speaks of it.

use std::fmt::Display;

/// A row of `windows.csv`: `rec,person,t0,t1,ref_hr,...,ref_resp` by name of the columns, and labels in any others.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferenceWindow {
    /// The recording: `REC_traces.csv` lies beside.
    pub recording: String,
    /// Whose it is; where that is not known, the recording stands for a person.
    pub person: String,
    /// Seconds of the traces' clock.
    pub start: f64,
    /// Seconds.
    pub end: f64,
    /// Beats a minute.
    pub heart_rate: Option<f64>,
    /// Breaths a minute.
    pub respiration: Option<f64>,
    /// Whether there is certainly no pulse (`none` in `ref_hr`): every rate that is given is false.
    pub pulseless: bool,
    /// Further columns, by name: what the figures may be split by.
    pub labels: Vec<(String, String)>,
}

/// Cell of `ref_hr` where nothing beats.
const PULSELESS: &str = "none";
/// Columns that are no labels.
const OWN_COLUMNS: [&str; 8] = ["rec", "person", "t0", "t1", "ref_hr", "ref_hr_min", "ref_hr_max", "ref_resp"];

/// Reads `windows.csv`.
///
/// # Errors
/// What is wrong, with its line.
pub fn parse_windows(text: &str) -> Result<Vec<ReferenceWindow>, String> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let (_, header) = lines.next().ok_or("line 1: the file is empty")?;
    let columns: Vec<&str> = header.split(',').map(str::trim).collect();
    let place = |name: &str| columns.iter().position(|c| *c == name).ok_or(format!("line 1: no column `{name}`"));
    let (rec, person, start, end, rate) =
        (place("rec")?, place("person")?, place("t0")?, place("t1")?, place("ref_hr")?);
    let breath = place("ref_resp").ok();
    let labels: Vec<(usize, &str)> =
        columns.iter().copied().enumerate().filter(|(_, name)| !OWN_COLUMNS.contains(name)).collect();
    let mut windows = Vec::new();
    for (line, text) in lines {
        let cells: Vec<&str> = text.split(',').map(str::trim).collect();
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        let optional =
            |at: usize| if ["", PULSELESS].contains(&cell(at)) { Ok(None) } else { number(line, cell(at)).map(Some) };
        let owner = if ["", "unknown"].contains(&cell(person)) { cell(rec) } else { cell(person) };
        windows.push(ReferenceWindow {
            recording: cell(rec).to_owned(),
            person: owner.to_owned(),
            start: number(line, cell(start))?,
            end: number(line, cell(end))?,
            heart_rate: optional(rate)?,
            respiration: breath.map_or(Ok(None), optional)?,
            pulseless: cell(rate) == PULSELESS,
            labels: labels.iter().map(|(at, name)| ((*name).to_owned(), cell(*at).to_owned())).collect(),
        });
    }
    Ok(windows)
}

fn number(line: impl Display, text: &str) -> Result<f64, String> {
    text.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(|| format!("line {line}: `{text}` is no number"))
}

/// The reading whose own window is most like the reference's, by what they share over what they cover together; of equals the later.
pub fn most_alike<'a, T>(
    window: &ReferenceWindow,
    readings: &'a [T],
    span: impl Fn(&T) -> (f64, f64),
) -> Option<&'a T> {
    let likeness = |reading: &T| {
        let (start, end) = span(reading);
        let shared = (end.min(window.end) - start.max(window.start)).max(0.0);
        shared / (end.max(window.end) - start.min(window.start))
    };
    let scored = readings.iter().map(|reading| (likeness(reading), reading)).filter(|(likeness, _)| *likeness > 0.0);
    scored.reduce(|best, next| if next.0 >= best.0 { next } else { best }).map(|(_, reading)| reading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_by_name() {
        let text = "rec,person,t0,t1,ref_hr,ref_hr_min,ref_hr_max,ref_resp\na,unknown,4.0,34.0,58.1,56,62,\nb,p1,0,60,,,,14.5\n";
        let windows = parse_windows(text).unwrap();
        assert_eq!(
            (windows[0].person.as_str(), windows[0].heart_rate, windows[0].respiration),
            ("a", Some(58.1), None)
        );
        assert_eq!(
            (windows[1].person.as_str(), windows[1].heart_rate, windows[1].respiration),
            ("p1", None, Some(14.5))
        );
        assert!(!windows[0].pulseless && windows[0].labels.is_empty());
        let null = &parse_windows("rec,person,t0,t1,ref_hr,light\na,,0,10,none,harsh\n").unwrap()[0];
        assert!(null.pulseless && null.heart_rate.is_none());
        assert_eq!(null.labels, [("light".to_owned(), "harsh".to_owned())]);
        assert_eq!(parse_windows("rec,t0\n").unwrap_err(), "line 1: no column `person`");
        assert!(parse_windows(&text.replace("34.0", "x")).unwrap_err().starts_with("line 2"));
    }

    #[test]
    fn the_window_most_alike_is_chosen() {
        let window = &parse_windows("rec,person,t0,t1,ref_hr\na,b,10,30,60\n").unwrap()[0];
        let spans = [(0.0, 10.0), (5.0, 30.0), (10.0, 30.0), (20.0, 30.0), (12.0, 42.0)];
        assert_eq!(most_alike(window, &spans, |s| *s), Some(&(10.0, 30.0)));
        assert_eq!(most_alike(window, &spans[..1], |s| *s), None);
    }
}
