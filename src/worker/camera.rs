//! The two threads of a live camera and their supervisor.
//!
//! `cap-<camera>` opens the source, stamps its frames and opens it again when it goes, with a new boot number and
//! capped back-off. `ana-<camera>` turns frames into events and gives them to the sink. A camera fails alone.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::analysis::{Analysis, AnalysisError};
pub use super::camera_error::CameraError;
use super::lookout::Lookout;
use super::slot::{Delivery, Slot, Wait};
use super::stages::{Stage, StageTimes};
use crate::capture::{CaptureError, FrameSource, FrameStamp, SourceHealth};
use crate::clock::Clock;
use crate::config::CameraSettings;
use crate::event::{EdgeEvent, OfflineCause};
use crate::frame::Frame;
use crate::ids::BootId;
use crate::privacy::Blanking;
use crate::shutdown::Shutdown;
use crate::time::{CaptureTime, MediaTime, Now};
use crate::tracking::Track;

/// First wait before a source is opened again; doubles up to the configured maximum.
const BACKOFF_FIRST: Duration = Duration::from_millis(500);
/// How often a thread that waits looks whether it should stop.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// So many frames in a row that cannot be decoded end a run.
const UNDECODABLE_MAX: u32 = 100;
/// How often drops are told of.
const DROPS_EVERY: Duration = Duration::from_secs(60);

/// Opens the camera's source.
pub type Opener = Box<dyn FnMut() -> Result<Box<dyn FrameSource>, CaptureError> + Send>;
/// Hands out the next boot number of the camera, durably.
pub type Boots = Box<dyn FnMut() -> Result<BootId, String> + Send>;
/// What bounds behind the sink dropped of this camera since the last call: their names and how many.
pub type Drops = Box<dyn FnMut() -> Vec<(&'static str, u64)> + Send>;
/// Sees each analysed frame with its confirmed tracks.
pub type Observer = Box<dyn FnMut(&Frame, &[Track]) -> Result<(), String> + Send>;
/// Takes events; waits while it is full. `Err` says why it can take no more.
pub type Sink = Box<dyn FnMut(Vec<EdgeEvent>) -> Result<(), String> + Send>;

/// What a camera's threads need from outside.
pub struct Parts {
    /// The camera.
    pub settings: CameraSettings,
    /// Longest wait before the source is opened again.
    pub backoff_max: Duration,
    /// Whether the source is a recording: paced by its own clock, nothing dropped, over at its end.
    pub recording: bool,
    /// Opens the source.
    pub opener: Opener,
    /// Hands out boot numbers.
    pub boots: Boots,
    /// Perception and pipeline.
    pub analysis: Analysis,
    /// Takes the events.
    pub sink: Sink,
    /// Tells what was dropped behind the sink.
    pub drops: Drops,
    /// Sees each analysed frame.
    pub observer: Observer,
    /// Whether the camera is to look for somebody: then it passes over no frame for its rate.
    pub lookout: Lookout,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// When to stop.
    pub shutdown: Shutdown,
}

/// What a camera's threads did.
#[derive(Debug, Clone, Default)]
pub struct CameraSummary {
    /// Frames analysed.
    pub frames: u64,
    /// Frames of a live camera passed over because the analysis was busy.
    pub passed_over: u64,
    /// Runs begun.
    pub runs: u64,
    /// Events handed to the sink.
    pub events: u64,
    /// Why a recording is not complete, if it is not.
    pub fault: Option<String>,
    /// Where the time went.
    pub times: StageTimes,
}

impl CameraSummary {
    /// With what a later time did; its fault counts.
    pub fn add(&mut self, later: Self) {
        let Self { frames, passed_over, runs, events, fault, times } = later;
        self.frames += frames;
        self.passed_over += passed_over;
        self.runs += runs;
        self.events += events;
        self.fault = fault;
        self.times.add(&times);
    }
}

/// A running camera.
#[derive(Debug)]
pub struct Camera {
    name: String,
    capture: JoinHandle<Result<Captured, String>>,
    analysis: JoinHandle<Result<CameraSummary, CameraError>>,
}

impl Camera {
    /// Starts the camera's two threads.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(parts: Parts) -> Result<Self, CameraError> {
        let name = parts.settings.id.to_string();
        let thread_error = |source| CameraError::Thread { camera: name.clone(), source };
        let slot = Arc::new(Slot::new());
        let mut capture = Capture {
            slot: Arc::clone(&slot),
            settings: parts.settings.clone(),
            backoff_max: parts.backoff_max,
            recording: parts.recording,
            lookout: parts.lookout.clone(),
            clock: Arc::clone(&parts.clock),
            shutdown: parts.shutdown.clone(),
            blanking: Blanking::new(&parts.settings.masks),
            captured: Captured::default(),
        };
        let (opener, boots) = (parts.opener, parts.boots);
        let guard = CloseOnDrop(Arc::clone(&slot));
        let capture = Builder::new()
            .name(format!("cap-{name}"))
            .spawn(move || {
                let _guard = guard;
                capture.supervise(opener, boots).map(|()| capture.captured)
            })
            .map_err(thread_error)?;
        let guard = CloseOnDrop(Arc::clone(&slot));
        let worker = Analyst {
            slot,
            analysis: parts.analysis.looking_out(parts.lookout),
            settings: parts.settings,
            sink: parts.sink,
            drops: parts.drops,
            observer: parts.observer,
            clock: parts.clock,
            summary: CameraSummary::default(),
            untold: 0,
            told_at: Now::default(),
        };
        let analysis = Builder::new()
            .name(format!("ana-{name}"))
            .spawn(move || {
                let _guard = guard;
                worker.run()
            })
            .map_err(thread_error)?;
        Ok(Self { name, capture, analysis })
    }

    /// Whether both threads have stopped.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.capture.is_finished() && self.analysis.is_finished()
    }

    /// Waits for both threads.
    ///
    /// # Errors
    /// What stopped them before they were told to.
    pub fn join(self) -> Result<CameraSummary, CameraError> {
        let panicked = |thread| CameraError::Panicked { camera: self.name.clone(), thread };
        let captured = self.capture.join().map_err(|_| panicked("capture"))?;
        let mut summary = self.analysis.join().map_err(|_| panicked("analysis"))??;
        let captured = captured.map_err(|why| CameraError::Storage { camera: self.name.clone(), why })?;
        summary.times.add(&captured.times);
        summary.fault = captured.fault;
        Ok(summary)
    }
}

/// Tells the other side when this one leaves, however it leaves.
struct CloseOnDrop(Arc<Slot>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

struct Capture {
    slot: Arc<Slot>,
    settings: CameraSettings,
    backoff_max: Duration,
    recording: bool,
    lookout: Lookout,
    clock: Arc<dyn Clock>,
    shutdown: Shutdown,
    blanking: Blanking,
    captured: Captured,
}

/// What the capture thread leaves.
#[derive(Debug, Default)]
struct Captured {
    fault: Option<String>,
    times: StageTimes,
}

impl Capture {
    fn supervise(&mut self, mut opener: Opener, mut boots: Boots) -> Result<(), String> {
        let mut wait = BACKOFF_FIRST;
        let mut boot = boots()?;
        let mut told = false;
        while !self.stopping() {
            let (cause, details, ran) = match opener() {
                Ok(mut source) => self.run(source.as_mut(), boot),
                Err(error) => (offline_cause(&error), error.to_string(), false),
            };
            if self.recording && !matches!(cause, OfflineCause::StreamEnded | OfflineCause::Shutdown) {
                self.captured.fault = Some(details.clone());
            }
            // A source that stays away is told of once, not at every attempt.
            if ran || !told {
                self.end(boot, cause, details);
                told = true;
            }
            if self.recording || self.stopping() {
                break;
            }
            if ran {
                (boot, told, wait) = (boots()?, false, BACKOFF_FIRST);
            }
            tracing::info!(camera = %self.settings.id, seconds = wait.as_secs_f64(), "opening the source again after a wait");
            let _ = self.shutdown.wait(wait);
            wait = (wait * 2).min(self.backoff_max);
        }
        Ok(())
    }

    fn stopping(&self) -> bool {
        self.shutdown.is_requested() || self.slot.is_closed()
    }

    /// One run of an open source; how it ended, and whether there was any frame.
    fn run(&mut self, source: &mut dyn FrameSource, boot: BootId) -> (OfflineCause, String, bool) {
        let mut pace = Pace::default();
        let (mut passed_over, mut bad, mut ran) = (0, 0, false);
        loop {
            let begin = self.clock.now();
            let stamp = match source.grab() {
                Ok(Some(stamp)) => stamp,
                Ok(None) => return ended(source.health(), ran),
                Err(error) => return (offline_cause(&error), error.to_string(), ran),
            };
            self.captured.times.record(Stage::Grab, self.clock.now().since(begin));
            let capture_time = self.stamp(&mut pace, stamp.media_time);
            if self.stopping() {
                return (OfflineCause::Shutdown, "told to stop".to_owned(), ran);
            }
            let urged = self.lookout.is_on(&self.settings.id, capture_time);
            let fps_max = self.settings.fps_max.filter(|_| !urged);
            if pace.skips(stamp.media_time, fps_max) {
                continue;
            }
            if !self.wanted() {
                passed_over += 1;
                continue;
            }
            match self.frame(source, boot, stamp, capture_time) {
                Ok(frame) => self.slot.deliver(Delivery::Frame { frame, passed_over }),
                // The next frame may be good.
                Err(error) => {
                    bad += 1;
                    if bad >= UNDECODABLE_MAX {
                        return (offline_cause(&error), error.to_string(), ran);
                    }
                    continue;
                }
            }
            (passed_over, bad, ran) = (0, 0, true);
        }
    }

    /// When the frame was captured. A recording is played at its own speed from now on, as if it were live.
    fn stamp(&self, pace: &mut Pace, media_time: MediaTime) -> CaptureTime {
        let arrived = self.clock.capture_time(self.settings.clock_uncertainty);
        if !self.recording {
            return arrived;
        }
        let (first, since) = *pace.start.get_or_insert((arrived, self.clock.now()));
        let due = Duration::try_from_secs_f64(media_time.seconds()).unwrap_or_default();
        let early = due.saturating_sub(self.clock.now().since(since));
        if !early.is_zero() {
            let _ = self.shutdown.wait(early);
        }
        first.after(media_time)
    }

    /// Whether the analysis wants this frame; a recording waits until it does.
    fn wanted(&self) -> bool {
        while self.recording && !self.stopping() {
            if self.slot.wait_wanted(LOOK_EVERY) {
                return true;
            }
        }
        self.slot.is_wanted()
    }

    fn frame(
        &mut self,
        source: &mut dyn FrameSource,
        boot: BootId,
        stamp: FrameStamp,
        capture_time: CaptureTime,
    ) -> Result<Frame, CaptureError> {
        let begin = self.clock.now();
        let mut image = self.slot.spare();
        source.retrieve(&mut image)?;
        self.blanking.apply(&mut image);
        self.captured.times.record(Stage::Retrieve, self.clock.now().since(begin));
        Ok(stamp.frame(self.settings.id.clone(), boot, capture_time, image))
    }

    fn end(&self, boot: BootId, cause: OfflineCause, details: String) {
        while !self.slot.is_closed() {
            if self.slot.wait_wanted(LOOK_EVERY) {
                return self.slot.deliver(Delivery::Ended { boot, cause, details });
            }
        }
    }
}

/// How a recording that was read to its end is judged.
fn ended(health: SourceHealth, ran: bool) -> (OfflineCause, String, bool) {
    match degraded(health) {
        Some(fault) => (OfflineCause::DecodeFailed, fault, ran),
        None => (OfflineCause::StreamEnded, "the recording is over".to_owned(), ran),
    }
}

/// What is wrong with a recording that was read to its end.
#[must_use]
pub fn degraded(health: SourceHealth) -> Option<String> {
    if let Some(early) = health.ended_early {
        return Some(format!(
            "ends early: {} frames where its container claims {}; cut off or damaged",
            early.frames, early.claimed
        ));
    }
    (health.undecodable > 0).then(|| format!("{} packets could not be decoded; damaged", health.undecodable))
}

/// What the camera's offline event says about an error of its source.
#[must_use]
pub fn offline_cause(error: &CaptureError) -> OfflineCause {
    match error {
        CaptureError::Stalled { .. } => OfflineCause::Stall,
        CaptureError::Disconnected { .. } => OfflineCause::StreamEnded,
        CaptureError::SizeChanged { .. } | CaptureError::Undecodable { .. } | CaptureError::Annotation { .. } => {
            OfflineCause::DecodeFailed
        }
        _ => OfflineCause::OpenFailed,
    }
}

/// Whether a frame at `at` comes too soon after `last` for `fps_max`. A tenth of a period of jitter is let pass.
#[must_use]
pub fn too_soon(last: Option<MediaTime>, at: MediaTime, fps_max: Option<f64>) -> bool {
    match (fps_max, last) {
        (Some(fps), Some(last)) => (0.0..0.9 / fps).contains(&at.since(last)),
        _ => false,
    }
}

/// A recording's start in both clocks, and the last frame that was analysed.
#[derive(Default)]
struct Pace {
    start: Option<(CaptureTime, Now)>,
    last: Option<MediaTime>,
}

impl Pace {
    fn skips(&mut self, at: MediaTime, fps_max: Option<f64>) -> bool {
        let skips = too_soon(self.last, at, fps_max);
        if !skips {
            self.last = Some(at);
        }
        skips
    }
}

struct Analyst {
    slot: Arc<Slot>,
    analysis: Analysis,
    settings: CameraSettings,
    sink: Sink,
    drops: Drops,
    observer: Observer,
    clock: Arc<dyn Clock>,
    summary: CameraSummary,
    /// Passed-over frames not told of yet, and when they were last told of.
    untold: u64,
    told_at: Now,
}

impl Analyst {
    fn run(mut self) -> Result<CameraSummary, CameraError> {
        let mut used = None;
        loop {
            match self.slot.next(used.take(), LOOK_EVERY) {
                Wait::Delivered(Delivery::Frame { frame, passed_over }) => {
                    self.frame(&frame, passed_over)?;
                    used = Some(frame.image);
                }
                Wait::Delivered(Delivery::Ended { boot, cause, details }) => self.ended(boot, cause, &details)?,
                Wait::TimedOut => {}
                Wait::Closed => break,
            }
        }
        let Self { analysis, settings, mut summary, .. } = self;
        let times = analysis.finish();
        summary.times.add(&times.map_err(|source| CameraError::Analysis { camera: settings.id.to_string(), source })?);
        Ok(summary)
    }

    fn frame(&mut self, frame: &Frame, passed_over: u64) -> Result<(), CameraError> {
        let mut events = Vec::new();
        let header = &frame.header;
        if header.sequence == 1 || self.summary.frames == 0 {
            tracing::info!(camera = %header.camera, boot = header.boot.0, width = header.width, height = header.height, "camera online");
        }
        self.summary.frames += 1;
        self.summary.passed_over += passed_over;
        self.untold += passed_over;
        if self.clock.now().since(self.told_at) >= DROPS_EVERY {
            self.tell_drops(header.boot, header.capture_time, &mut events)?;
        }
        if let Err(source) = self.analysis.frame(frame, &mut events) {
            let at = header.capture_time;
            // The failure ends this camera: what is known until here is told before.
            let told = self.analysis.offline(header.boot, OfflineCause::WorkerFailed, at, &mut events);
            self.deliver(events)?;
            told.map_err(|source| self.failed(source))?;
            return Err(self.failed(source));
        }
        (self.observer)(frame, self.analysis.visible()).map_err(|why| self.storage(why))?;
        self.deliver(events)
    }

    fn ended(&mut self, boot: BootId, cause: OfflineCause, details: &str) -> Result<(), CameraError> {
        tracing::info!(camera = %self.settings.id, boot = boot.0, ?cause, details, "camera offline");
        let mut events = Vec::new();
        let at = self.clock.capture_time(self.settings.clock_uncertainty);
        self.summary.runs += 1;
        self.tell_drops(boot, at, &mut events)?;
        self.analysis.offline(boot, cause, at, &mut events).map_err(|source| self.failed(source))?;
        self.deliver(events)
    }

    fn tell_drops(&mut self, boot: BootId, at: CaptureTime, events: &mut Vec<EdgeEvent>) -> Result<(), CameraError> {
        self.told_at = self.clock.now();
        let mut drops = (self.drops)();
        drops.push(("latest-slot", std::mem::take(&mut self.untold)));
        drops.push(("detections", self.analysis.take_beyond()));
        for (queue, count) in drops.into_iter().filter(|(_, count)| *count > 0) {
            self.analysis.dropped(boot, queue, count, at, events).map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    fn deliver(&mut self, events: Vec<EdgeEvent>) -> Result<(), CameraError> {
        if events.is_empty() {
            return Ok(());
        }
        let begin = self.clock.now();
        self.summary.events += events.len() as u64;
        (self.sink)(events).map_err(|why| self.storage(why))?;
        self.analysis.times.record(Stage::Deliver, self.clock.now().since(begin));
        Ok(())
    }

    fn storage(&self, why: String) -> CameraError {
        CameraError::Storage { camera: self.settings.id.to_string(), why }
    }

    fn failed(&self, source: AnalysisError) -> CameraError {
        CameraError::Analysis { camera: self.settings.id.to_string(), source }
    }
}
