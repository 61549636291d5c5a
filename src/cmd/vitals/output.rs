//! Where what was measured goes: lines on standard output, and a table.

use std::fs::File;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::{Args, Failure, Outcome};
use crate::biosignal::facial_motion::Movement;
use crate::edge::lane::LaneFact;
use crate::event::vital::{Estimate, Reason};
use crate::event::{VitalReport, VitalSign};

/// The number of whoever has the seat, and of the only face of a file of traces.
pub(super) const ONLY_FACE: u64 = 0;

/// Lines on standard output and rows of the table.
pub(super) struct Output {
    out: StdoutLock<'static>,
    json: bool,
    quiet: bool,
    /// Whoever read our lines has enough (`| head`).
    left: bool,
    table: Option<Table>,
}

struct Table {
    file: BufWriter<File>,
    path: String,
}

impl Output {
    /// As the arguments want it; `quiet`: the terminal shows something else.
    pub(super) fn open(args: &Args, quiet: bool) -> Result<Self, Failure> {
        let table = args.csv.as_deref().map(Table::create).transpose()?;
        Ok(Self { out: io::stdout().lock(), json: args.json, quiet, left: false, table })
    }

    /// Tells something of a face.
    pub(super) fn tell(&mut self, face: u64, fact: &LaneFact) -> Outcome {
        if let (Some(table), LaneFact::Reading(report)) = (&mut self.table, fact) {
            table.row(face, report)?;
        }
        if self.quiet {
            return Ok(());
        }
        let line = line(face, fact);
        let text = if self.json { line.to_string() } else { plain(&line) };
        self.write(&text)
    }

    /// Whether nobody listens any more.
    pub(super) fn is_left(&self) -> bool {
        self.left
    }

    /// The last line.
    pub(super) fn finish(mut self, summary: &Value) -> Outcome {
        let text = if self.json { summary.to_string() } else { closing(summary) };
        self.write(&text)?;
        self.table.map_or(Ok(()), Table::finish)
    }

    fn write(&mut self, text: &str) -> Outcome {
        match writeln!(self.out, "{text}").and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.left = true;
                Ok(())
            }
            other => other.map_err(|error| Failure::Found(format!("standard output: {error}"))),
        }
    }
}

impl Table {
    fn create(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let file = File::create(path).map_err(|e| Failure::Input(format!("{name}: {e}")))?;
        let mut table = Self { file: BufWriter::new(file), path: name };
        table.write("kind,face,t0,t1,value,low,high,quality,reasons,method")?;
        Ok(table)
    }

    fn row(&mut self, face: u64, report: &VitalReport) -> Outcome {
        let line = reading(face, report);
        let cell = |key: &str| match &line[key] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Array(entries) => entries.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
            other => other.to_string(),
        };
        let keys = ["kind", "face", "t0", "t1", "value", "low", "high", "quality", "reasons", "method"];
        self.write(&keys.map(cell).join(","))
    }

    fn write(&mut self, row: &str) -> Outcome {
        writeln!(self.file, "{row}").map_err(|e| Failure::Found(format!("{}: {e}", self.path)))
    }

    fn finish(mut self) -> Outcome {
        self.file.flush().map_err(|e| Failure::Found(format!("{}: {e}", self.path)))
    }
}

fn line(face: u64, fact: &LaneFact) -> Value {
    let moment =
        |kind: &str, from: f64, to: f64| json!({ "kind": kind, "face": face, "t0": rounded(from), "t1": rounded(to) });
    match fact {
        LaneFact::Reading(report) => reading(face, report),
        LaneFact::Beat { from, to } => moment("beat", from.seconds(), to.seconds()),
        LaneFact::Blink { from, to } => moment("blink", from.seconds(), to.seconds()),
        LaneFact::Movement(Movement { part, from, to, size, asymmetry, brief }) => {
            let mut line = moment("movement", from.seconds(), to.seconds());
            line["part"] = json!(part);
            line["size"] = json!(rounded(*size));
            line["asymmetry"] = json!(rounded(*asymmetry));
            line["brief"] = json!(brief);
            line
        }
    }
}

fn reading(face: u64, VitalReport { sign, estimate, method }: &VitalReport) -> Value {
    let window = estimate.window();
    let (t0, t1) = (rounded(window.start.seconds()), rounded(window.end.seconds()));
    let none: &[Reason] = &[];
    let (measured, reasons) = match estimate {
        Estimate::Available { rate, interval, quality, .. } => {
            (Some([*rate, interval.low, interval.high, *quality].map(rounded)), none)
        }
        Estimate::Unavailable { reasons, .. } => (None, reasons.as_slice()),
    };
    let [value, low, high, quality] = [0, 1, 2, 3].map(|i| measured.map(|m| m[i]));
    json!({
        "kind": sign.as_str(), "face": face, "t0": t0, "t1": t1, "value": value, "low": low, "high": high,
        "quality": quality, "reasons": reasons, "method": method,
    })
}

/// A line for people.
fn plain(line: &Value) -> String {
    let number = |key: &str| line[key].as_f64().map_or_else(|| "-".to_owned(), |v| format!("{v:.1}"));
    let (kind, t0, t1) = (line["kind"].as_str().unwrap_or_default(), number("t0"), number("t1"));
    let what = match (kind, line["value"].as_f64()) {
        ("beat" | "blink", _) => String::new(),
        ("movement", _) => {
            let brief = if line["brief"] == true { ", brief" } else { "" };
            format!(
                "{} by {:.3}{brief}",
                line["part"].as_str().unwrap_or_default(),
                line["size"].as_f64().unwrap_or_default()
            )
        }
        (_, Some(_)) => {
            let method = line["method"].as_str().unwrap_or_default();
            let quality = line["quality"].as_f64().unwrap_or_default();
            let (value, low, high) = (number("value"), number("low"), number("high"));
            format!("{value} ({low} to {high}) quality {quality:.2} {method}")
        }
        (_, None) => {
            let reasons = line["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str);
            format!("no reading: {}", reasons.collect::<Vec<&str>>().join(" "))
        }
    };
    let face = line["face"].as_u64().filter(|face| *face != ONLY_FACE).map_or(String::new(), |f| format!("face {f} "));
    format!("{face}{kind:15} {t0:>8} to {t1:>8} s  {what}").trim_end().to_owned()
}

/// The closing words for people: each sign in a line.
fn closing(summary: &Value) -> String {
    let count = |key: &str| summary[key].as_u64().unwrap_or_default();
    let mut text = format!(
        "{} frames, {:.1} s, {} faces, {} beats, {} blinks",
        count("frames"),
        summary["seconds"].as_f64().unwrap_or_default(),
        count("faces"),
        count("beats"),
        count("blinks")
    );
    for sign in VitalSign::ALL.map(VitalSign::as_str) {
        let readings = &summary[sign];
        let [answered, windows] = ["answered", "windows"].map(|key| readings[key].as_u64().unwrap_or_default());
        text.push_str(&format!("\n{sign:15} {answered} of {windows} seconds answered"));
        if let Some(median) = readings["median"].as_f64() {
            text.push_str(&format!(", median {median:.1} a minute"));
        }
        for (reason, seconds) in readings["reasons"].as_object().into_iter().flatten() {
            text.push_str(&format!(", {reason} {seconds}"));
        }
    }
    text
}

/// The reasons of a reading that is none.
pub(super) fn reasons_of(report: &VitalReport) -> String {
    match &report.estimate {
        Estimate::Available { .. } => String::new(),
        Estimate::Unavailable { reasons, .. } => reasons.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(" "),
    }
}

/// Thousandths are finer than any of the values.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_words_say_what_was_answered_and_why_not() {
        let summary = json!({
            "frames": 900, "seconds": 29.9, "faces": 1, "beats": 12, "blinks": 3,
            "pulse": { "median": 71.96, "answered": 20, "windows": 29, "reasons": { "TOO_SHORT": 9 } },
        });
        let text = closing(&summary);
        for expected in ["900 frames, 29.9 s, 1 faces", "20 of 29 seconds answered, median 72.0 a minute, TOO_SHORT 9"]
        {
            assert!(text.contains(expected), "{expected} is not in {text}");
        }
        assert_eq!(text.lines().count(), 5);
    }
}
