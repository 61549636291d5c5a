//! `greenlane vitals`: vital signs of one recording, once a second of media time.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Failure, Outcome};
use crate::biosignal::monitor::{FaceMonitor, PulseReading};
use crate::biosignal::traces::TraceTable;
use crate::biosignal::{Estimate, PulseMethod};

/// Measure pulse and breathing, with intervals, or say why there is no reading.
///
/// A line a second tells what was measured on the stretch of time that ends there; a line at the end sums up.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
FILE.csv has a header and columns t,r,g,b or t,region,r,g,b: seconds, the region's name, and its mean colour of 0 to 255. Regions
called `background` are not skin.

Examples:
  greenlane vitals --from-traces traces.csv
  greenlane vitals --from-traces traces.csv --method POS --json")]
pub struct Args {
    /// Mean colours over time, in place of a video.
    #[arg(long, value_name = "FILE.csv", required = true)]
    from_traces: PathBuf,
    /// Use this pulse method alone: GREEN, CHROM, POS, LGI, OMIT, PBV, PCA, RED or BLUE.
    #[arg(long, value_name = "METHOD")]
    method: Option<PulseMethod>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// The only face of a file of traces.
const FACE: u32 = 0;

/// Runs the verb.
///
/// # Errors
/// [`Failure::Input`] for an unusable file, [`Failure::Found`] when standard output cannot be written.
pub fn run(args: &Args) -> Outcome {
    let table = read_traces(&args.from_traces)?;
    let mut monitor = FaceMonitor::new(&table.roles(), args.method);
    let mut out = std::io::stdout().lock();
    let mut summary = Summary::default();
    for (at, colours) in &table.frames {
        monitor.push(*at, colours);
        if let Some(end) = monitor.due() {
            let reading = monitor.pulse(end);
            summary.add(&reading);
            emit(&mut out, args.json, &pulse_line(&reading))?;
        }
    }
    emit(&mut out, args.json, &summary.line(&table))
}

/// Reads a file of traces.
///
/// # Errors
/// [`Failure::Input`] with the file's name, and the line where there is one.
pub fn read_traces(path: &Path) -> Result<TraceTable, Failure> {
    let fault = |error: &dyn std::fmt::Display| Failure::Input(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| fault(&error))?;
    TraceTable::parse(&text).map_err(|error| fault(&error))
}

#[derive(Debug, Default)]
struct Summary {
    windows: u64,
    rates: Vec<f64>,
}

impl Summary {
    fn add(&mut self, reading: &PulseReading) {
        self.windows += 1;
        self.rates.extend(reading.estimate.rate());
    }

    fn line(mut self, table: &TraceTable) -> Value {
        let seconds = match (table.frames.first(), table.frames.last()) {
            (Some((first, _)), Some((last, _))) => last.since(*first),
            _ => 0.0,
        };
        let answered = self.rates.len();
        let median = crate::biosignal::statistics::median(&mut self.rates);
        json!({
            "kind": "summary", "faces": 1, "frames": table.frames.len(), "seconds": rounded(seconds),
            "pulse": { "median": median.map(rounded), "answered": answered, "windows": self.windows },
        })
    }
}

fn pulse_line(reading: &PulseReading) -> Value {
    let window = reading.estimate.window();
    let (value, low, high, quality) = match &reading.estimate {
        Estimate::Available { rate, interval, quality, .. } => {
            (Some(*rate), Some(interval.low), Some(interval.high), Some(*quality))
        }
        Estimate::Unavailable { .. } => (None, None, None, None),
    };
    let none = Vec::new();
    let reasons = if let Estimate::Unavailable { reasons, .. } = &reading.estimate { reasons } else { &none };
    json!({
        "kind": "pulse", "face": FACE, "t0": rounded(window.start.seconds()), "t1": rounded(window.end.seconds()),
        "value": value.map(rounded), "low": low.map(rounded), "high": high.map(rounded),
        "quality": quality.map(rounded), "reasons": reasons, "method": reading.method,
    })
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn emit(out: &mut impl Write, json: bool, line: &Value) -> Outcome {
    let text = if json { line.to_string() } else { line.to_string() };
    writeln!(out, "{text}").map_err(|error| Failure::Found(format!("standard output: {error}")))
}
