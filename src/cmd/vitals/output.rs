//! Where what was measured goes: lines on standard output, and a table.

use std::fs::File;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::{Args, Failure, Outcome};
use crate::biosignal::facial_motion::Movement;
use crate::edge::lane::LaneFact;
use crate::event::VitalReport;
use crate::event::vital::{Estimate, Reason};

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
        let text = if self.json { summary.to_string() } else { format!("{summary:#}") };
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
