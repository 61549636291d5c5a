//! `greenlane evaluate vitals`: rates of recorded traces against their references.

mod datasets;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::biosignal::PulseMethod;
use crate::biosignal::traces::TraceTable;
use crate::cmd::{Failure, Outcome};
use crate::evaluation::vitals::baselines::{BASELINES, protocols, ungated};
use crate::evaluation::vitals::recording::{Wave, answer, measure, whole_skin};
use crate::evaluation::vitals::report::{Case, PulselessCase};
use crate::evaluation::vitals::{
    Answer, ReferenceWindow, VitalsReport, VitalsSet, beat_times, interval_errors, parse_windows,
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
    /// Also the published protocols: A, rPPG-Toolbox over whole recordings, and B, pyVHR over windows of 8 s.
    #[arg(long)]
    protocols: bool,
    /// Write every window with its truth and its answer.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write a page with plots.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// One JSON object in place of the table.
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
///
/// # Errors
/// [`Failure::Input`] for a folder or file that cannot be used.
pub fn run(args: &Args) -> Outcome {
    let sets = args.folders.iter().map(|folder| evaluate(folder, args)).collect::<Result<Vec<_>, _>>()?;
    let title = sets.iter().map(|set| set.name.as_str()).collect::<Vec<&str>>().join(", ");
    let report = VitalsReport { title, sets };
    super::output(&report, args.csv.as_deref(), args.html.as_deref(), args.json)
}

fn evaluate(folder: &Path, args: &Args) -> Result<VitalsSet, Failure> {
    let list = folder.join("windows.csv");
    let windows =
        parse_windows(&read(&list)?).map_err(|fault| Failure::Input(format!("{}: {fault}", list.display())))?;
    let mut recordings: BTreeMap<&str, Vec<&ReferenceWindow>> = BTreeMap::new();
    for window in &windows {
        recordings.entry(&window.recording).or_default().push(window);
    }
    let name = folder.file_name().map_or_else(|| folder.display().to_string(), |n| n.to_string_lossy().into_owned());
    let mut set = VitalsSet { name, ..VitalsSet::default() };
    for (name, windows) in recordings {
        let path = folder.join(format!("{name}_traces.csv"));
        let table =
            TraceTable::parse(&read(&path)?).map_err(|fault| Failure::Input(format!("{}: {fault}", path.display())))?;
        let reference = folder.join(format!("{name}_ref.csv"));
        let reference = if reference.is_file() { Some(read(&reference)?) } else { None };
        add(&mut set, &table, &windows, reference.as_deref(), args);
    }
    Ok(set)
}

/// Measures a recording and compares it.
fn add(set: &mut VitalsSet, table: &TraceTable, windows: &[&ReferenceWindow], reference: Option<&str>, args: &Args) {
    let measured = measure(table, args.method, args.step);
    let skin = whole_skin(table);
    for window in windows {
        let ReferenceWindow { recording, labels, .. } = *window;
        let case = |answer: Answer, ungated: [Option<f64>; 2]| Case {
            recording: recording.clone(),
            span: (window.start, window.end),
            labels: labels.clone(),
            answer,
            ungated,
        };
        if let Some(truth) = window.heart_rate {
            let beside = BASELINES.map(|method| ungated(&skin, window.start, window.end, method));
            set.pulse.push(case(answer(window, truth, &measured.readings, |r| &r.pulse), beside));
        }
        if let Some(truth) = window.respiration {
            set.respiration.push(case(answer(window, truth, &measured.readings, |r| &r.respiration), [None; 2]));
        }
        if window.pulseless {
            let given = answer(window, 0.0, &measured.readings, |r| &r.pulse).given;
            set.pulseless.push(PulselessCase { recording: recording.clone(), labels: labels.clone(), given });
        }
    }
    let (Some(text), Some(first)) = (reference, windows.first()) else { return };
    set.intervals.extend(interval_errors(&measured.beats, &beat_times(text)));
    if let Some(wave) = Wave::parse(text, "ppg").filter(|_| args.protocols) {
        let results = BASELINES.iter().filter_map(|method| protocols(&skin, &wave, *method)).collect();
        set.protocols.push((first.recording.clone(), results));
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::Input(format!("{}: {error}", path.display())))
}
