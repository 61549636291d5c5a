//! `greenlane replay`: recordings in, events out, the same ones every time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Failure, Outcome, cameras};
use crate::capture::{self, OpenOptions};
use crate::clock::{Clock, SystemClock};
use crate::config::{CameraSettings, ModelSettings};
use crate::event::{EdgeEvent, Lifecycle};
use crate::ids::CameraId;
use crate::recording::TapeReader;
use crate::wire::json;
use crate::worker::recorder::{Recorder, make_folder};
use crate::worker::replay::{Replayed, replay_source, replay_tape};
use crate::worker::stages::{Stage, StageTimes};

/// Replay recordings through the same code as live cameras, as fast as the machine allows.
///
/// Writes OUT/events.jsonl (one event a line), OUT/tracks/CAMERA.txt (MOT format) and OUT/summary.json. The last line on
/// standard output is the run digest: the SHA-256 of events.jsonl. The same inputs, configuration and models give the
/// same digest on every run, whatever the number of workers.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane replay hall.mp4 --out run1
  greenlane replay gate=gate.mp4 belt=belt/ --config hall.toml --out run2
  greenlane replay hall.mp4 --out run3 --record-tape && greenlane replay run3/tapes/hall.tape --out run4")]
pub struct Args {
    /// Video files, image folders or tapes; `CAMERA=FILE` gives the camera's name (else the file's own). Without any,
    /// the sources of the configuration.
    #[arg(value_name = "INPUT", required_unless_present = "config")]
    inputs: Vec<String>,
    /// Configuration; without one, an ordinary hall camera for each input.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    models: super::ModelArgs,
    /// Folder for the results; made if missing.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Recordings played at once; without it, one for each processor core.
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// Write OUT/tapes/CAMERA.tape: what entered the pure core, without pixels.
    #[arg(long)]
    record_tape: bool,
    /// Write OUT/CAMERA.mp4 and OUT/CAMERA-sheet.jpg with boxes drawn in.
    #[arg(long)]
    pictures: bool,
}

/// One recording to play.
struct Job {
    camera: CameraSettings,
    tape: Option<PathBuf>,
}

/// One recording played, or why it could not be.
struct Done {
    camera: CameraId,
    source: String,
    outcome: Result<Replayed, Failure>,
}

/// Runs the verb.
///
/// # Errors
/// When an input, model or output cannot be used, or a recording is damaged.
pub fn run(args: &Args) -> Outcome {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let begin = clock.now();
    let (models, jobs) = jobs(args)?;
    make_folder(&args.out).map_err(Failure::input)?;
    let done = play_all(args, &models, jobs, &clock);
    let mut played = Vec::new();
    for Done { camera, source, outcome } in done {
        played.push((camera, source, outcome?));
    }
    let wall_s = clock.now().since(begin).as_secs_f64();
    let digest = write_events(&args.out.join("events.jsonl"), &mut played)?;
    let summary = Summary::of(&played, wall_s, &digest);
    write_summary(&args.out.join("summary.json"), &summary)?;
    summary.print();
    println!("digest: {digest}");
    let faults: Vec<String> =
        summary.cameras.iter().filter_map(|c| c.fault.as_ref().map(|f| format!("{}: {f}", c.source))).collect();
    if faults.is_empty() { Ok(()) } else { Err(Failure::Found(faults.join("\n"))) }
}

/// The recordings to play, each with its camera's settings.
fn jobs(args: &Args) -> Result<(ModelSettings, Vec<Job>), Failure> {
    let settings = cameras::settings(args.config.as_deref(), &args.inputs, &args.models)?;
    let mut names = BTreeSet::new();
    let mut jobs = Vec::new();
    for mut camera in settings.cameras {
        let path = Path::new(camera.source.secret());
        let tape = TapeReader::is_tape(path).then(|| path.to_owned());
        if let Some(path) = &tape {
            camera.id = TapeReader::open(path).map_err(Failure::input)?.title().camera.clone();
        }
        if !names.insert(camera.id.clone()) {
            return Err(Failure::Usage(format!("two inputs for the camera `{}`: name them CAMERA=FILE", camera.id)));
        }
        jobs.push(Job { camera, tape });
    }
    Ok((settings.models, jobs))
}

fn play_all(args: &Args, models: &ModelSettings, jobs: Vec<Job>, clock: &Arc<dyn Clock>) -> Vec<Done> {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = args.workers.unwrap_or(cores).clamp(1, jobs.len().max(1));
    let bars = MultiProgress::with_draw_target(if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    });
    let waiting = Mutex::new(jobs.into_iter().enumerate().collect::<VecDeque<_>>());
    let done = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for number in 0..workers {
            let (waiting, done, bars) = (&waiting, &done, &bars);
            let work = move || {
                while let Some((place, job)) = locked(waiting).pop_front() {
                    let outcome = play(args, models, &job, clock, bars);
                    let source = job.camera.source.redacted();
                    locked(done).insert(place, Done { camera: job.camera.id, source, outcome });
                }
            };
            thread::Builder::new()
                .name(format!("replay-{number}"))
                .spawn_scoped(scope, work)
                .expect("a process that runs can start a thread");
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn play(
    args: &Args,
    models: &ModelSettings,
    job: &Job,
    clock: &Arc<dyn Clock>,
    bars: &MultiProgress,
) -> Result<Replayed, Failure> {
    let camera = &job.camera;
    let mut recorder =
        Recorder::create(&args.out, &camera.id, args.pictures && job.tape.is_none()).map_err(Failure::input)?;
    if let Some(path) = &job.tape {
        let mut tape = TapeReader::open(path).map_err(Failure::input)?;
        let replayed = replay_tape(&mut tape, &mut recorder).map_err(Failure::found)?;
        recorder.finish().map_err(Failure::found)?;
        return Ok(replayed);
    }
    let options = OpenOptions::of(camera);
    let mut source = capture::open(&camera.source, &options).map_err(Failure::input)?;
    if source.describe().live {
        return Err(Failure::Input(format!("{}: a live camera cannot be replayed; use `edge`", camera.source)));
    }
    let tape = args.record_tape.then(|| args.out.join("tapes"));
    let analysis = cameras::analysis(camera, models, Arc::clone(clock), tape.as_deref())?;
    let bar = bars.add(bar(camera.id.as_str(), source.describe().frames_claimed));
    let replayed = replay_source(camera, source.as_mut(), analysis, &mut recorder, clock.as_ref(), &|frames| {
        bar.set_position(frames);
    });
    bar.finish_and_clear();
    let replayed = replayed.map_err(Failure::found)?;
    recorder.finish().map_err(Failure::found)?;
    Ok(replayed)
}

fn bar(name: &str, frames: Option<u64>) -> ProgressBar {
    let template = match frames {
        Some(_) => "{prefix:16!} {bar:32} {pos}/{len} frames, {per_sec}, {eta} left",
        None => "{prefix:16!} {spinner} {pos} frames, {per_sec}",
    };
    let bar = frames.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    let style = ProgressStyle::with_template(template).expect("a constant template");
    bar.with_style(style).with_prefix(name.to_owned())
}

/// Writes all events by capture time, then id, and returns the SHA-256 of the file.
fn write_events(path: &Path, played: &mut [(CameraId, String, Replayed)]) -> Result<String, Failure> {
    let mut events: Vec<&EdgeEvent> = played.iter().flat_map(|(_, _, replayed)| &replayed.events).collect();
    events.sort_by(|a, b| (a.capture_time.unix_micros, &a.id).cmp(&(b.capture_time.unix_micros, &b.id)));
    let failed = |e: std::io::Error| Failure::Found(format!("{}: {e}", path.display()));
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    let mut digest = Sha256::new();
    for event in events {
        let mut line = json::event_line(event);
        line.push('\n');
        digest.update(line.as_bytes());
        file.write_all(line.as_bytes()).map_err(failed)?;
    }
    file.flush().map_err(failed)?;
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn write_summary(path: &Path, summary: &Summary) -> Outcome {
    let text = serde_json::to_string_pretty(summary).expect("plain structs always serialise");
    std::fs::write(path, text + "\n").map_err(|e| Failure::Found(format!("{}: {e}", path.display())))
}

/// What `summary.json` holds.
#[derive(Debug, Serialize)]
struct Summary {
    digest: String,
    wall_s: f64,
    frames: u64,
    frames_per_s: f64,
    events: u64,
    events_by_kind: BTreeMap<&'static str, u64>,
    stages_ms: BTreeMap<&'static str, StageSummary>,
    cameras: Vec<CameraSummary>,
}

#[derive(Debug, Serialize)]
struct StageSummary {
    mean: f64,
    p50: f64,
    p99: f64,
}

#[derive(Debug, Serialize)]
struct CameraSummary {
    camera: CameraId,
    source: String,
    frames: u64,
    /// Frames on which the detector ran; none for a tape.
    detector_runs: u64,
    media_s: f64,
    events: u64,
    tracks: u64,
    complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

impl Summary {
    fn of(played: &[(CameraId, String, Replayed)], wall_s: f64, digest: &str) -> Self {
        let mut times = StageTimes::default();
        let mut events_by_kind = BTreeMap::new();
        let mut cameras = Vec::new();
        for (camera, source, replayed) in played {
            times.add(&replayed.times);
            let mut tracks = 0;
            for event in &replayed.events {
                *events_by_kind.entry(event.body.kind()).or_default() += 1;
                tracks += u64::from(event.track.is_some() && event.lifecycle == Lifecycle::New);
            }
            cameras.push(CameraSummary {
                camera: camera.clone(),
                source: source.clone(),
                frames: replayed.frames,
                detector_runs: replayed.times.count(Stage::Detect),
                media_s: replayed.seconds,
                events: replayed.events.len() as u64,
                tracks,
                complete: replayed.fault.is_none(),
                fault: replayed.fault.clone(),
            });
        }
        let stages_ms = Stage::ALL.into_iter().filter_map(|stage| {
            let [mean, p50, p99] = times.milliseconds(stage)?;
            Some((stage.as_str(), StageSummary { mean, p50, p99 }))
        });
        let frames = cameras.iter().map(|c| c.frames).sum();
        Self {
            digest: digest.to_owned(),
            wall_s,
            frames,
            frames_per_s: frames as f64 / wall_s.max(f64::EPSILON),
            events: cameras.iter().map(|c| c.events).sum(),
            events_by_kind,
            stages_ms: stages_ms.collect(),
            cameras,
        }
    }

    fn print(&self) {
        for c in &self.cameras {
            println!(
                "{}: {} frames over {:.1} s, {} of them detected in, {} tracks, {} events from {}",
                c.camera, c.frames, c.media_s, c.detector_runs, c.tracks, c.events, c.source
            );
        }
        let kinds: Vec<String> = self.events_by_kind.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
        println!("{:.1} frames/s; events: {}", self.frames_per_s, kinds.join(", "));
    }
}
