//! `greenlane edge`: the cameras of one machine, live, reporting to the centre.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Failure, ModelArgs, Outcome, cameras};
use crate::capture::{self, OpenOptions};
use crate::clock::{Clock, SystemClock};
use crate::config::{CameraRole, CameraSettings, EdgeSettings, ModelSettings, Settings};
use crate::edge::CameraLayout;
use crate::event::EdgeEvent;
use crate::ids::CameraId;
use crate::shutdown::Shutdown;
use crate::store::OutboxLimits;
use crate::time::Now;
use crate::worker::camera::{Camera, CameraSummary, Drops, Observer, Parts};
use crate::worker::evidence::{Evidence, EvidenceOf};
use crate::worker::lookout::Lookout;
use crate::worker::memory::MemoryFile;
use crate::worker::outbox::{self, OutboxHandle};
use crate::worker::recorder::Recorder;
use crate::worker::stages::{Stage, StageTimes};
use crate::worker::uplink::{Uplink, UplinkReport, UplinkSettings};
use crate::worker::{evidence_uplink, lookout_uplink};

/// Most bytes of events kept in memory while the outbox's disk takes nothing.
const OUTBOX_MEMORY_MAX: usize = 64 << 20;
/// How often the process looks after its cameras.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// First wait before a camera whose worker failed is started again.
const RESTART_FIRST: Duration = Duration::from_secs(1);

/// Run the cameras of this machine and report to the centre.
///
/// Events wait in a durable outbox until the centre has committed them; neither side's restart loses any. Recordings are
/// played at their own speed, as if live; when all cameras were recordings, the process ends after the last.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane edge --config hall.toml
  greenlane edge rtsp://10.0.0.7/stream1 gate=/dev/video0 --central http://10.0.0.2:50051
  greenlane edge hall.mp4 --record run1 --pictures")]
pub struct Args {
    /// Cameras or recordings, `CAMERA=SOURCE` or just the source; without any, those of the configuration.
    #[arg(value_name = "SOURCE", required_unless_present = "config")]
    sources: Vec<String>,
    /// Configuration; without one, an ordinary hall camera for each source.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    models: ModelArgs,
    /// URL of the centre, in place of the configuration's.
    #[arg(long, value_name = "URL")]
    central: Option<String>,
    /// The durable outbox, in place of the configuration's.
    #[arg(long, value_name = "FILE")]
    outbox: Option<PathBuf>,
    /// Write DIR/tracks/CAMERA.txt (MOT format) and DIR/tapes/CAMERA.tape while running.
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// With --record: also DIR/CAMERA.mp4 and DIR/CAMERA-sheet.jpg with boxes drawn in.
    #[arg(long, requires = "record")]
    pictures: bool,
    /// Play recordings so many times, all cameras together, each time as a new run; 0: until a signal.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "record")]
    loops: u32,
    /// Print the closing summary as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
///
/// # Errors
/// When an input cannot be used, a recording is damaged or the outbox cannot be opened.
pub fn run(args: &Args) -> Outcome {
    let mut settings = cameras::settings(args.config.as_deref(), &args.sources, &args.models)?;
    if let Some(central) = &args.central {
        settings.edge.central.clone_from(central);
    }
    if let Some(outbox) = &args.outbox {
        settings.edge.outbox.clone_from(outbox);
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let shutdown = Shutdown::on_signals().map_err(Failure::found)?;
    let limits = OutboxLimits {
        bytes_max: settings.edge.outbox_bytes_max,
        age_max: settings.edge.outbox_age_max,
        memory_max: OUTBOX_MEMORY_MAX,
    };
    let (outbox, outbox_thread) =
        outbox::open(&settings.edge.outbox, limits, Arc::clone(&clock)).map_err(Failure::input)?;
    let uplink =
        Uplink::start(uplink_settings(&settings.edge, clock.as_ref()), outbox.clone()).map_err(Failure::found)?;
    let evidence = evidence_of(&settings);
    let shown = evidence_uplink::start(
        uplink_settings(&settings.edge, clock.as_ref()),
        Arc::clone(&evidence),
        settings.cameras.iter().map(layout_of).collect(),
        Arc::clone(&clock),
    )
    .map_err(Failure::found)?;
    let (lookout, found) = Lookout::new();
    let names: Vec<CameraId> = settings.cameras.iter().map(|camera| camera.id.clone()).collect();
    let told = lookout_uplink::start(uplink_settings(&settings.edge, clock.as_ref()), &names, lookout.clone(), found)
        .map_err(Failure::found)?;
    let plan = Plan {
        record: args.record.clone(),
        pictures: args.pictures,
        loops: args.loops,
        models: settings.models.clone(),
        backoff_max: settings.edge.backoff_max,
        clock: Arc::clone(&clock),
        shutdown: shutdown.clone(),
        outbox: outbox.clone(),
        outbox_file: settings.edge.outbox.clone(),
        evidence,
        lookout,
    };
    let worked = plan.work(&settings);
    // Everything handed over is on the disk before the uplink is asked to flush it.
    let flushed = outbox.flush().map_err(Failure::found);
    drop((plan, outbox));
    let report = uplink.stop(settings.edge.flush_max);
    shown.stop();
    told.stop();
    outbox_thread.join();
    flushed?;
    let (summaries, faults) = worked?;
    print_summary(args.json, &summaries, &report);
    // A recording that gave no frame at all could not be used; one that broke off was used as far as it went.
    let unusable = summaries.iter().any(|(_, summary)| summary.fault.is_some() && summary.frames == 0);
    match faults.join("\n") {
        none if none.is_empty() => Ok(()),
        faults if unusable => Err(Failure::Input(faults)),
        faults => Err(Failure::Found(faults)),
    }
}

/// Stills of each camera, unless none are to be kept.
fn evidence_of(settings: &Settings) -> EvidenceOf {
    let kept = settings.cameras.iter().filter(|_| settings.edge.evidence.bytes_max > 0);
    Arc::new(kept.map(|camera| (camera.id.clone(), Evidence::new(settings.edge.evidence))).collect())
}

/// Where a camera looks. How large its pictures are is told when it comes online.
fn layout_of(camera: &CameraSettings) -> CameraLayout {
    let pipeline = &camera.pipeline;
    let face = pipeline.face.iter().flat_map(|f| [&f.landmarks, &f.eyes, &f.head, &f.pulse]).flatten();
    let named = [pipeline.detector_model(), pipeline.appearance_model()].into_iter().flatten();
    CameraLayout {
        camera: camera.id.clone(),
        purpose: camera.purpose.clone(),
        lane: camera.role == CameraRole::Lane,
        size: None,
        homography: pipeline.core.homography,
        zones: pipeline.core.rules.zones.clone(),
        lines: pipeline.core.rules.lines.clone(),
        masks: camera.masks.clone(),
        models: named.chain(face.map(String::as_str)).map(str::to_owned).collect(),
        simulated_bags: camera.simulated_bags.is_some(),
    }
}

fn uplink_settings(edge: &EdgeSettings, clock: &dyn Clock) -> UplinkSettings {
    // Edges that lost the same centre must not come back in step.
    let seed = clock.unix_micros().cast_unsigned() ^ u64::from(std::process::id()).rotate_left(32);
    UplinkSettings { central: edge.central.clone(), backoff_max: edge.backoff_max, seed }
}

/// What every camera of this process is started with.
struct Plan {
    record: Option<PathBuf>,
    pictures: bool,
    loops: u32,
    models: ModelSettings,
    backoff_max: Duration,
    clock: Arc<dyn Clock>,
    shutdown: Shutdown,
    outbox: OutboxHandle,
    outbox_file: PathBuf,
    evidence: EvidenceOf,
    lookout: Lookout,
}

/// A camera that is looked after.
struct Kept<'a> {
    settings: &'a CameraSettings,
    running: Option<(Camera, SharedRecorder)>,
    retry: Option<(Now, Duration)>,
    summary: CameraSummary,
}

/// Cameras with their summaries, and what went wrong for good.
type Worked<'a> = (Vec<(&'a CameraSettings, CameraSummary)>, Vec<String>);

type SharedRecorder = Option<Arc<Mutex<Option<Recorder>>>>;

impl Plan {
    /// Runs all cameras until they are over or a stop is asked for; their summaries and what went wrong for good.
    fn work<'a>(&self, settings: &'a Settings) -> Result<Worked<'a>, Failure> {
        let mut kept = Vec::new();
        let mut faults = Vec::new();
        let mut played = 0;
        for camera in &settings.cameras {
            // At the start a camera that cannot be worked is the operator's mistake; later it is an incident.
            let running = Some(self.start(camera)?);
            kept.push(Kept { settings: camera, running, retry: None, summary: CameraSummary::default() });
        }
        loop {
            let stopping = self.shutdown.wait(LOOK_EVERY);
            let mut busy = false;
            for camera in &mut kept {
                self.look_after(camera, stopping, &mut faults);
                busy |= camera.running.is_some() || (camera.retry.is_some() && !stopping);
            }
            if busy {
                continue;
            }
            played += 1;
            if stopping || played == self.loops || !faults.is_empty() {
                break;
            }
            // Together, or cameras that were analysed more slowly would fall behind the others from loop to loop.
            for camera in &mut kept {
                camera.running = Some(self.start(camera.settings)?);
            }
        }
        Ok((kept.into_iter().map(|k| (k.settings, k.summary)).collect(), faults))
    }

    fn look_after(&self, kept: &mut Kept<'_>, stopping: bool, faults: &mut Vec<String>) {
        if let Some((camera, recorder)) = kept.running.take_if(|(camera, _)| camera.is_finished()) {
            let wait = kept.retry.map_or(RESTART_FIRST, |(_, wait)| (wait * 2).min(self.backoff_max));
            match camera.join() {
                Ok(summary) => {
                    faults.extend(summary.fault.iter().map(|f| format!("{}: {f}", kept.settings.id)));
                    kept.summary.add(summary);
                    kept.retry = None;
                }
                Err(error) if stopping || cameras::is_recording(kept.settings) => faults.push(error.to_string()),
                Err(error) => {
                    tracing::error!(%error, seconds = wait.as_secs_f64(), "a camera's worker failed; it is started again");
                    kept.retry = Some((Now(self.clock.now().0 + wait), wait));
                }
            }
            if let Err(error) = finish(&recorder) {
                faults.push(error);
            }
        }
        if let Some((at, wait)) = kept.retry
            && kept.running.is_none()
            && !stopping
            && self.clock.now() >= at
        {
            match self.start(kept.settings) {
                Ok(running) => kept.running = Some(running),
                Err(error) => {
                    tracing::error!(camera = %kept.settings.id, %error, "a camera cannot be started again yet");
                    let wait = (wait * 2).min(self.backoff_max);
                    kept.retry = Some((Now(self.clock.now().0 + wait), wait));
                }
            }
        }
    }

    fn start(&self, camera: &CameraSettings) -> Result<(Camera, SharedRecorder), Failure> {
        let tapes = self.record.as_ref().map(|folder| folder.join("tapes"));
        let analysis = cameras::analysis(camera, &self.models, Arc::clone(&self.clock), tapes.as_deref())?;
        let analysis = match camera.pipeline.core.screening {
            Some(_) => analysis.remembering(MemoryFile::beside(&self.outbox_file, &camera.id)),
            None => analysis,
        };
        let recorder = self.record.as_deref().map(|folder| self.recorder(folder, camera)).transpose()?;
        let options = OpenOptions::of(camera);
        let (source, id) = (camera.source.clone(), camera.id.clone());
        let (boots, sink) = (self.outbox.clone(), self.outbox.clone());
        let evidence = self.evidence.iter().find(|(camera, _)| *camera == id).map(|(_, evidence)| evidence.clone());
        let (told, clock, lookout) = (evidence.clone(), Arc::clone(&self.clock), self.lookout.clone());
        let noticed = move |events: &[EdgeEvent]| {
            lookout.notice(events);
            if let Some(evidence) = &told {
                evidence.events(events, clock.now());
            }
        };
        let parts = Parts {
            settings: camera.clone(),
            backoff_max: self.backoff_max,
            recording: cameras::is_recording(camera),
            opener: Box::new(move || capture::open(&source, &options)),
            boots: Box::new(move || boots.next_boot(&id).map_err(|e| e.to_string())),
            analysis,
            sink: Box::new(move |events| {
                noticed(&events);
                sink.append(events).map_err(|e| e.to_string())
            }),
            drops: drops(self.outbox.clone(), camera.id.clone(), evidence.clone(), self.lookout.clone()),
            observer: observer(recorder.clone(), evidence),
            lookout: self.lookout.clone(),
            clock: Arc::clone(&self.clock),
            shutdown: self.shutdown.clone(),
        };
        Ok((Camera::start(parts).map_err(Failure::found)?, recorder))
    }

    fn recorder(&self, folder: &Path, camera: &CameraSettings) -> Result<Arc<Mutex<Option<Recorder>>>, Failure> {
        let recorder = Recorder::create(folder, &camera.id, self.pictures).map_err(Failure::input)?;
        Ok(Arc::new(Mutex::new(Some(recorder))))
    }
}

/// What the outbox and the bound of evidence dropped of a camera, and who looked alike and was not told of.
fn drops(outbox: OutboxHandle, camera: CameraId, evidence: Option<Evidence>, lookout: Lookout) -> Drops {
    Box::new(move || {
        let stills = evidence.as_ref().map_or(0, Evidence::take_dropped);
        let behind = [("evidence", stills), ("look-alikes", lookout.take_dropped())];
        let behind = behind.into_iter().filter(|(_, count)| *count > 0);
        outbox.take_dropped(&camera).iter().map(|d| (d.queue, d.count)).chain(behind).collect()
    })
}

/// Hands frames to the recorder. The lock is the camera's own and free until its worker has ended.
/// A still that cannot be kept is told and costs no event.
fn observer(recorder: SharedRecorder, evidence: Option<Evidence>) -> Observer {
    Box::new(move |frame, tracks| {
        if let Some(error) = evidence.as_ref().and_then(|evidence| evidence.frame(frame, tracks).err()) {
            tracing::warn!(camera = %frame.header.camera, %error, "a still is not kept");
        }
        let Some(recorder) = &recorder else { return Ok(()) };
        match recorder.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(recorder) => recorder.frame(frame, tracks).map_err(|e| e.to_string()),
            None => Ok(()),
        }
    })
}

fn finish(recorder: &SharedRecorder) -> Result<(), String> {
    let taken = recorder.as_ref().and_then(|r| r.lock().unwrap_or_else(PoisonError::into_inner).take());
    taken.map_or(Ok(()), |recorder| recorder.finish().map(drop).map_err(|e| e.to_string()))
}

fn print_summary(json: bool, summaries: &[(&CameraSettings, CameraSummary)], report: &UplinkReport) {
    let mut times = StageTimes::default();
    summaries.iter().for_each(|(_, s)| times.add(&s.times));
    let stages: Vec<_> = Stage::ALL.into_iter().filter_map(|s| Some((s.as_str(), times.milliseconds(s)?))).collect();
    if json {
        let cameras: Vec<_> = summaries
            .iter()
            .map(|(camera, s)| {
                serde_json::json!({
                    "camera": camera.id, "frames": s.frames, "passed_over": s.passed_over, "runs": s.runs,
                    "events": s.events, "fault": s.fault,
                })
            })
            .collect();
        let stages: serde_json::Map<_, _> = stages
            .iter()
            .map(|(name, [mean, p50, p99])| {
                ((*name).to_owned(), serde_json::json!({ "mean": mean, "p50": p50, "p99": p99 }))
            })
            .collect();
        let uplink = serde_json::json!({ "committed": report.committed, "refused": report.refused,
            "connections": report.connections, "left": report.left });
        println!("{}", serde_json::json!({ "cameras": cameras, "stages_ms": stages, "uplink": uplink }));
        return;
    }
    for (camera, s) in summaries {
        println!(
            "{}: {} frames analysed, {} passed over, {} runs, {} events",
            camera.id, s.frames, s.passed_over, s.runs, s.events
        );
    }
    for (name, [mean, p50, p99]) in stages {
        println!("  {name:<9} mean {mean:7.2} ms   p50 {p50:7.2} ms   p99 {p99:7.2} ms");
    }
    println!(
        "uplink: {} events committed by the centre, {} refused, {} still in the outbox",
        report.committed, report.refused, report.left
    );
}
