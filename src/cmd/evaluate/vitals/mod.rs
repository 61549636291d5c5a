//! `greenlane evaluate vitals`: rates of recorded traces against their references.

mod datasets;
mod video;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use self::video::Played;
use crate::biosignal::PulseMethod;
use crate::biosignal::traces::TraceTable;
use crate::cmd::{Failure, ModelArgs, Outcome};
use crate::evaluation::vitals::baselines::{BASELINES, Beside, METHODS, beside, protocols};
use crate::evaluation::vitals::recording::{Wave, answer, measure, whole_skin, whole_wave};
use crate::evaluation::vitals::report::{Case, Exhibit, PulselessCase};
use crate::evaluation::vitals::{
    Answer, ReferenceWindow, VitalsReport, VitalsSet, beat_times, interval_errors, parse_windows, truth,
};

/// Compare pulse and breathing with a reference, window by window.
///
/// FOLDER is a public data set in its own layout (UBFC-rPPG 1 or 2, PURE, COHFACE, UBFC-Phys, LGI-PPGI), whose videos are then
/// measured, or holds windows.csv (rec,person,t0,t1,ref_hr,...,ref_resp and any labels) and REC_traces.csv beside it; REC_ref.csv with
/// a column rr_ms adds beat intervals; in place of REC_traces.csv there may be REC/vid.avi with REC/ground_truth.txt. Of traces the
/// rate over each window is asked for; else a window is compared with the reading whose own window is most like it. A ref_hr of `none`
/// says that there is no pulse.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Columns: WIN windows, COV part answered, MAE with its 95 % interval over persons, MED median, RMSE, MAPE %, R Pearson's correlation, >5 and >10
part of the answers farther off, INT part of the 90 % intervals that hold the truth and their mean half-width, ECE calibration error of the
quality, 80% and 50% mean error of the best answers by quality, CONST mean error of always saying the median. Beside ours, without gates: POS,
CHROM and, of videos, ME_RPPG read as ours is, and VITALLENS, the wave of POS read as vitallens-core does.

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
    #[command(flatten)]
    models: ModelArgs,
    /// One JSON object in place of the table.
    #[arg(long)]
    json: bool,
}

/// The list of windows of our own layout.
const WINDOWS: &str = "windows.csv";

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
    let name = folder.file_name().map_or_else(|| folder.display().to_string(), |n| n.to_string_lossy().into_owned());
    let mut set = VitalsSet { name, ..VitalsSet::default() };
    if folder.join(WINDOWS).is_file() {
        traces(&mut set, folder, args)?;
        return Ok(set);
    }
    let entries = datasets::entries(folder)?;
    if entries.is_empty() {
        let what = format!("{}: neither {WINDOWS} nor recordings in a known layout", folder.display());
        return Err(Failure::Input(what));
    }
    for entry in entries {
        let reference = entry.reference()?;
        let windows = truth::windows(&entry.name, &entry.person, &entry.labels, &reference);
        let played = video::play(&entry.video, reference.frame_times.clone(), &args.models)?;
        let windows: Vec<&ReferenceWindow> = windows.iter().collect();
        add(&mut set, &played, &windows, Some(&reference.pulse), args);
        add_protocols(&mut set, &entry.name, &played.table, &reference.pulse, args);
    }
    Ok(set)
}

/// Our own layout: traces and windows.
fn traces(set: &mut VitalsSet, folder: &Path, args: &Args) -> Outcome {
    let list = folder.join(WINDOWS);
    let windows =
        parse_windows(&read(&list)?).map_err(|fault| Failure::Input(format!("{}: {fault}", list.display())))?;
    let mut recordings: BTreeMap<&str, Vec<&ReferenceWindow>> = BTreeMap::new();
    for window in &windows {
        recordings.entry(&window.recording).or_default().push(window);
    }
    for (name, windows) in recordings {
        let played = recorded(folder, name, &windows, args)?;
        let reference = folder.join(format!("{name}_ref.csv"));
        let text = if reference.is_file() { read(&reference)? } else { String::new() };
        let wave = Wave::parse(&text, "ppg");
        add(set, &played, &windows, wave.as_ref(), args);
        set.intervals.extend(interval_errors(&played.measured.beats, &beat_times(&text)));
        if let Some(wave) = wave {
            add_protocols(set, name, &played.table, &wave, args);
        }
    }
    Ok(())
}

/// Measures a recording of our own layout: traces, or a folder with a video.
fn recorded(folder: &Path, name: &str, windows: &[&ReferenceWindow], args: &Args) -> Result<Played, Failure> {
    let path = folder.join(format!("{name}_traces.csv"));
    if let Some(entry) = datasets::filmed(&folder.join(name)).filter(|_| !path.is_file()) {
        return video::play(&entry.video, entry.reference()?.frame_times, &args.models);
    }
    let table =
        TraceTable::parse(&read(&path)?).map_err(|fault| Failure::Input(format!("{}: {fault}", path.display())))?;
    Ok(Played { measured: measure(&table, args.method, args.step, windows), table, wave: Vec::new() })
}

/// Compares what was measured of a recording with what is true.
fn add(set: &mut VitalsSet, played: &Played, windows: &[&ReferenceWindow], wave: Option<&Wave>, args: &Args) {
    let Played { measured, table, wave: samples } = played;
    let (skin, network) = (whole_skin(table), whole_wave(samples));
    for window in windows {
        let ReferenceWindow { recording, labels, .. } = *window;
        let case = |answer: Answer, ungated: Beside| Case {
            recording: recording.clone(),
            span: (window.start, window.end),
            labels: labels.clone(),
            answer,
            ungated,
            exhibit: None,
        };
        if let Some(truth) = window.heart_rate {
            let ungated = beside(&skin, &network, window.start, window.end);
            let mut case = case(answer(window, truth, &measured.pulse), ungated);
            case.exhibit = Exhibit::of(&skin, wave, case.span).filter(|_| args.html.is_some());
            set.pulse.push(case);
        }
        if let Some(truth) = window.respiration {
            set.respiration.push(case(answer(window, truth, &measured.respiration), [None; BASELINES.len()]));
        }
        if window.pulseless {
            let given = answer(window, 0.0, &measured.pulse).given;
            set.pulseless.push(PulselessCase { recording: recording.clone(), labels: labels.clone(), given });
        }
    }
}

fn add_protocols(set: &mut VitalsSet, name: &str, table: &TraceTable, wave: &Wave, args: &Args) {
    if args.protocols {
        let skin = whole_skin(table);
        let results = METHODS.iter().filter_map(|method| protocols(&skin, wave, *method)).collect();
        set.protocols.push((name.to_owned(), results));
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::Input(format!("{}: {error}", path.display())))
}
