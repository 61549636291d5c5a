//! `greenlane vitals`: vital signs of one recording, once a second of media time.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Failure, Outcome};
use crate::biosignal::monitor::{FaceFrame, FaceMonitor, Readings};
use crate::biosignal::statistics::median;
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
    let path = &args.from_traces;
    let table = read_traces(path)?;
    let mut monitor = FaceMonitor::new(&table.roles(), args.method);
    let mut out = std::io::stdout().lock();
    let mut summary = Summary::default();
    let unwritable = |error: std::io::Error| Failure::Found(format!("standard output: {error}"));
    for (at, colours) in &table.frames {
        monitor.push(FaceFrame { at: *at, keyframe: false, colours });
        if let Some(end) = monitor.due() {
            let readings = monitor.read(end);
            summary.add(&readings);
            for line in lines(&readings) {
                writeln!(out, "{}", if args.json { line.to_string() } else { plain(&line) }).map_err(unwritable)?;
            }
        }
    }
    let line = summary.line(&table, &monitor);
    writeln!(out, "{}", if args.json { line.to_string() } else { format!("{line:#}") }).map_err(unwritable)
}

fn read_traces(path: &Path) -> Result<TraceTable, Failure> {
    let fault = |error: &dyn std::fmt::Display| Failure::Input(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| fault(&error))?;
    TraceTable::parse(&text).map_err(|error| fault(&error))
}

/// What the whole recording gave.
#[derive(Debug, Default)]
struct Summary {
    pulse: Vec<f64>,
    respiration: Vec<f64>,
    seconds: u64,
    beats: u64,
}

impl Summary {
    fn add(&mut self, readings: &Readings) {
        self.seconds += 1;
        self.beats += readings.beats.len() as u64;
        self.pulse.extend(readings.pulse.rate());
        self.respiration.extend(readings.respiration.rate());
    }

    fn line(mut self, table: &TraceTable, monitor: &FaceMonitor) -> Value {
        let seconds = match (table.frames.first(), table.frames.last()) {
            (Some((first, _)), Some((last, _))) => last.since(*first),
            _ => 0.0,
        };
        let signal = |rates: &mut Vec<f64>| {
            let answered = rates.len();
            json!({ "median": median(rates).map(rounded), "answered": answered, "windows": self.seconds })
        };
        let (pulse, respiration) = (signal(&mut self.pulse), signal(&mut self.respiration));
        let variability = monitor.variability();
        json!({
            "kind": "summary", "faces": 1, "frames": table.frames.len(), "seconds": rounded(seconds),
            "pulse": pulse, "respiration": respiration, "beats": self.beats,
            "sdnn_ms": variability.map(|v| rounded(v.sdnn_ms)), "rmssd_ms": variability.map(|v| rounded(v.rmssd_ms)),
        })
    }
}

fn lines(readings: &Readings) -> Vec<Value> {
    let method = readings.method.map(PulseMethod::as_str);
    let modulations = readings.respiration.rate().map(|_| "PULSE_MODULATION");
    let mut lines =
        vec![line("pulse", &readings.pulse, method), line("respiration", &readings.respiration, modulations)];
    lines.extend(readings.beats.iter().map(|beat| {
        let (from, to) = (beat.from.seconds(), beat.to.seconds());
        json!({ "kind": "beat", "face": FACE, "t0": rounded(from), "t1": rounded(to) })
    }));
    lines
}

fn line(kind: &str, estimate: &Estimate, method: Option<&str>) -> Value {
    let window = estimate.window();
    let (t0, t1) = (rounded(window.start.seconds()), rounded(window.end.seconds()));
    match estimate {
        Estimate::Available { rate, interval, quality, .. } => json!({
            "kind": kind, "face": FACE, "t0": t0, "t1": t1, "value": rounded(*rate), "low": rounded(interval.low),
            "high": rounded(interval.high), "quality": rounded(*quality), "reasons": [], "method": method,
        }),
        Estimate::Unavailable { reasons, .. } => json!({
            "kind": kind, "face": FACE, "t0": t0, "t1": t1, "value": null, "low": null,
            "high": null, "quality": null, "reasons": reasons, "method": method,
        }),
    }
}

/// A line for people.
fn plain(line: &Value) -> String {
    let number = |key: &str| line[key].as_f64().map_or_else(|| "-".to_owned(), |v| format!("{v:.1}"));
    let (kind, t0, t1) = (line["kind"].as_str().unwrap_or_default(), number("t0"), number("t1"));
    let what = match (kind, line["value"].as_f64()) {
        ("beat", _) => String::new(),
        (_, Some(_)) => {
            let method = line["method"].as_str().unwrap_or_default();
            format!(
                "{} ({} to {}) quality {:.2} {method}",
                number("value"),
                number("low"),
                number("high"),
                line["quality"].as_f64().unwrap_or_default()
            )
        }
        (_, None) => {
            let reasons = line["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str);
            format!("no reading: {}", reasons.collect::<Vec<&str>>().join(" "))
        }
    };
    format!("{kind:12} {t0:>8} to {t1:>8} s  {what}").trim_end().to_owned()
}

/// Thousandths are finer than any of the values.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
