//! `greenlane evaluate vitals`: rates of recorded traces against their references.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::biosignal::monitor::{FaceFrame, FaceMonitor, Readings};
use crate::biosignal::statistics::median;
use crate::biosignal::traces::TraceTable;
use crate::biosignal::{Estimate, PulseMethod};
use crate::cmd::{Failure, Outcome};
use crate::evaluation::vitals::{
    Answer, Given, RateScores, ReferenceWindow, beat_times, interval_errors, most_alike, parse_windows,
};

/// Compare pulse and breathing with a reference, window by window.
///
/// FOLDER holds windows.csv (rec,person,t0,t1,ref_hr,...,ref_resp) and REC_traces.csv beside it; REC_ref.csv with a column rr_ms adds
/// beat intervals. Each window is compared with the second's reading whose own window is most like it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Columns: WIN windows, COV part answered, MAE with its 95 % interval over persons, MED median, RMSE, MAPE %, R Pearson's correlation, >5 and >10
part of the answers farther off, INT part of the 90 % intervals that hold the truth and their mean half-width, ECE calibration error of the
quality, 80% and 50% mean error of the best answers by quality, CONST mean error of always saying the median.

Examples:
  greenlane evaluate vitals rppg-traces/welltory_finger
  greenlane evaluate vitals rppg-traces/* --json")]
pub struct Args {
    /// Folders of traces with their windows.
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Use this pulse method alone.
    #[arg(long, value_name = "METHOD")]
    method: Option<PulseMethod>,
    /// Take a reading every so many seconds of media time.
    #[arg(long, value_name = "SECONDS", default_value_t = 1)]
    step: u32,
    /// One JSON object in place of the table.
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
///
/// # Errors
/// [`Failure::Input`] for a folder or file that cannot be used.
pub fn run(args: &Args) -> Outcome {
    let results = args.folders.iter().map(|folder| evaluate(folder, args.method)).collect::<Result<Vec<_>, _>>()?;
    if args.json {
        let sets: Vec<Value> = results.iter().map(Evaluated::to_json).collect();
        println!("{:#}", json!({ "sets": sets }));
        return Ok(());
    }
    print!("{}", table(&results));
    Ok(())
}

/// The figures of one folder.
#[derive(Debug)]
struct Evaluated {
    name: String,
    heart_rate: RateScores,
    respiration: RateScores,
    /// Errors of single beat intervals, ms.
    intervals: Vec<f64>,
}

impl Evaluated {
    fn to_json(&self) -> Value {
        let beats = median(&mut self.intervals.clone());
        json!({
            "set": self.name, "heart_rate": self.heart_rate, "respiration": self.respiration,
            "beat_intervals": { "count": self.intervals.len(), "median_error_ms": beats },
        })
    }
}

/// What a recording gave: its readings, second by second, and its beats.
#[derive(Debug, Default)]
struct Measured {
    readings: Vec<Readings>,
    beats: Vec<(f64, f64)>,
}

fn evaluate(folder: &Path, method: Option<PulseMethod>) -> Result<Evaluated, Failure> {
    let list = folder.join("windows.csv");
    let windows =
        parse_windows(&read(&list)?).map_err(|fault| Failure::Input(format!("{}: {fault}", list.display())))?;
    let mut recordings: BTreeMap<&str, Vec<&ReferenceWindow>> = BTreeMap::new();
    for window in &windows {
        recordings.entry(&window.recording).or_default().push(window);
    }
    let (mut hearts, mut breaths, mut intervals) = (Vec::new(), Vec::new(), Vec::new());
    for (name, windows) in recordings {
        let measured = measure(&folder.join(format!("{name}_traces.csv")), method)?;
        for window in windows {
            hearts.extend(answer(window, window.heart_rate, &measured.readings, |r| &r.pulse));
            breaths.extend(answer(window, window.respiration, &measured.readings, |r| &r.respiration));
        }
        let reference = folder.join(format!("{name}_ref.csv"));
        if reference.is_file() {
            intervals.extend(interval_errors(&measured.beats, &beat_times(&read(&reference)?)));
        }
    }
    let name = folder.file_name().map_or_else(|| folder.display().to_string(), |n| n.to_string_lossy().into_owned());
    Ok(Evaluated { name, heart_rate: RateScores::of(&hearts), respiration: RateScores::of(&breaths), intervals })
}

fn measure(path: &Path, method: Option<PulseMethod>) -> Result<Measured, Failure> {
    let table =
        TraceTable::parse(&read(path)?).map_err(|fault| Failure::Input(format!("{}: {fault}", path.display())))?;
    let mut monitor = FaceMonitor::new(&table.roles(), method);
    let mut measured = Measured::default();
    for (at, colours) in &table.frames {
        monitor.push(FaceFrame { at: *at, keyframe: false, colours });
        if let Some(end) = monitor.due() {
            let readings = monitor.read(end);
            measured.beats.extend(readings.beats.iter().map(|beat| (beat.from.seconds(), beat.to.seconds())));
            measured.readings.push(readings);
        }
    }
    Ok(measured)
}

fn answer(
    window: &ReferenceWindow,
    truth: Option<f64>,
    readings: &[Readings],
    of: impl Fn(&Readings) -> &Estimate,
) -> Option<Answer> {
    let span = |readings: &Readings| {
        let window = of(readings).window();
        (window.start.seconds(), window.end.seconds())
    };
    let given = most_alike(window, readings, span).and_then(|readings| match of(readings) {
        Estimate::Available { rate, interval, quality, .. } => {
            Some(Given { rate: *rate, interval: *interval, quality: *quality })
        }
        Estimate::Unavailable { .. } => None,
    });
    truth.map(|truth| Answer { person: window.person.clone(), truth, given })
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::Input(format!("{}: {error}", path.display())))
}

const HEADER: &str = "set                  what   WIN   COV   MAE (95 %)           MED   RMSE   MAPE     R    >5   >10   INT  ±     ECE   80%   50%  CONST";

fn table(results: &[Evaluated]) -> String {
    let mut text = format!("{HEADER}\n");
    for set in results {
        for (what, scores) in [("pulse", &set.heart_rate), ("breath", &set.respiration)] {
            if scores.windows > 0 {
                text.push_str(&row(&set.name, what, scores));
            }
        }
        if let Some(error) = median(&mut set.intervals.clone()) {
            let count = set.intervals.len();
            text.push_str(&format!(
                "{:20} beats  median interval error {error:.1} ms over {count} intervals\n",
                set.name
            ));
        }
    }
    text
}

fn row(name: &str, what: &str, s: &RateScores) -> String {
    let n = |value: Option<f64>, width: usize, digits: usize| {
        value.map_or_else(|| format!("{:>width$}", "-"), |value| format!("{value:width$.digits$}"))
    };
    let interval = s.mae_interval.map_or_else(String::new, |[low, high]| format!("({low:.2}-{high:.2})"));
    let [_, eighty, fifty] = s.risk.map_or([None; 3], |risk| risk.map(Some));
    format!(
        "{name:20} {what:6} {:4} {:5.3} {} {interval:14} {} {} {} {} {} {} {} {} {} {} {} {}\n",
        s.windows,
        s.coverage,
        n(s.mae, 5, 2),
        n(s.median, 5, 2),
        n(s.rmse, 6, 2),
        n(s.mape, 6, 2),
        n(s.pearson, 5, 2),
        n(s.over_5, 5, 3),
        n(s.over_10, 5, 3),
        n(s.interval_coverage, 5, 3),
        n(s.interval_half, 4, 2),
        n(s.ece, 5, 3),
        n(eighty, 5, 2),
        n(fifty, 5, 2),
        n(s.constant_mae, 6, 2),
    )
}
