//! A recording through the same code as a live camera, as fast as the machine allows, with nothing dropped.

use super::analysis::{Analysis, AnalysisError, play_tape};
use super::camera::{degraded, offline_cause};
use super::recorder::{Recorder, RecorderError};
use super::stages::{Stage, StageTimes};
use crate::capture::{CaptureError, FrameSource, FrameStamp};
use crate::clock::Clock;
use crate::config::CameraSettings;
use crate::event::{EdgeEvent, OfflineCause};
use crate::frame::{Frame, Image};
use crate::ids::BootId;
use crate::privacy::Blanking;
use crate::recording::{TapeError, TapeReader};
use crate::time::MediaTime;

/// A replay is always the first run of its camera.
const REPLAY_BOOT: BootId = BootId(1);

/// What stops a replay for good.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Models or tape.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    /// Track files or pictures.
    #[error(transparent)]
    Recorder(#[from] RecorderError),
}

/// What one recording gave.
#[derive(Debug, Default)]
pub struct Replayed {
    /// Its events, in order.
    pub events: Vec<EdgeEvent>,
    /// Frames analysed.
    pub frames: u64,
    /// Media time from the first frame to the last, seconds.
    pub seconds: f64,
    /// Why it is not complete, if it is not: what came before is good.
    pub fault: Option<String>,
    /// Where the time went.
    pub times: StageTimes,
}

/// Plays a video or image folder to its end. `progress` is called after each frame with how many there were.
///
/// A damaged recording is played as far as it goes: its fault is in the result, its camera ends as `DECODE_FAILED`.
///
/// # Errors
/// When the models fail or an output cannot be written.
pub fn replay_source(
    camera: &CameraSettings,
    source: &mut dyn FrameSource,
    mut analysis: Analysis,
    recorder: &mut Recorder,
    clock: &dyn Clock,
    progress: &dyn Fn(u64),
) -> Result<Replayed, ReplayError> {
    let mut result = Replayed::default();
    let mut player = Player { camera, last: None, image: Image::default(), blanking: Blanking::new(&camera.masks) };
    let (cause, fault) = loop {
        let begin = clock.now();
        let stamp = match source.grab() {
            Ok(Some(stamp)) => stamp,
            Ok(None) => match degraded(source.health()) {
                Some(fault) => break (OfflineCause::DecodeFailed, Some(fault)),
                None => break (OfflineCause::StreamEnded, None),
            },
            Err(error) => break (offline_cause(&error), Some(error.to_string())),
        };
        let grabbed = clock.now();
        result.times.record(Stage::Grab, grabbed.since(begin));
        if player.skips(stamp.media_time) {
            continue;
        }
        // A frame that cannot be decoded is counted by the source; the next one may be good.
        let Ok(frame) = player.frame(source, stamp) else { continue };
        result.times.record(Stage::Retrieve, clock.now().since(grabbed));
        analysis.frame(&frame, &mut result.events)?;
        recorder.frame(&frame, analysis.visible())?;
        result.frames += 1;
        result.seconds = stamp.media_time.seconds();
        progress(result.frames);
        player.image = frame.image;
    };
    let at = camera.start.after(player.last.unwrap_or_default());
    let drops = [("decode", source.health().undecodable), ("detections", analysis.take_beyond())];
    for (queue, count) in drops.into_iter().filter(|(_, count)| *count > 0) {
        analysis.dropped(REPLAY_BOOT, queue, count, at, &mut result.events)?;
    }
    analysis.offline(REPLAY_BOOT, cause, at, &mut result.events)?;
    result.fault = fault;
    result.times.add(&analysis.finish()?);
    Ok(result)
}

/// Enters a tape again; no video and no model is needed.
///
/// # Errors
/// When an output cannot be written. A tape that breaks off is played as far as it goes.
pub fn replay_tape(tape: &mut TapeReader, recorder: &mut Recorder) -> Result<Replayed, ReplayError> {
    let mut result = Replayed::default();
    let mut failed = None;
    let mut first = None;
    let played: Result<(), TapeError> = play_tape(tape, &mut result.events, |header, pipeline| {
        let Some(header) = header else { return };
        result.frames += 1;
        let first = *first.get_or_insert(header.media_time);
        result.seconds = header.media_time.since(first);
        if failed.is_none() {
            failed = recorder.tracks(header, pipeline.visible()).err();
        }
    });
    result.fault = played.err().map(|error| error.to_string());
    failed.map_or(Ok(result), |error| Err(error.into()))
}

struct Player<'a> {
    camera: &'a CameraSettings,
    last: Option<MediaTime>,
    image: Image,
    blanking: Blanking,
}

impl Player<'_> {
    fn skips(&mut self, at: MediaTime) -> bool {
        let skips = super::camera::too_soon(self.last, at, self.camera.fps_max);
        if !skips {
            self.last = Some(at);
        }
        skips
    }

    fn frame(&mut self, source: &mut dyn FrameSource, stamp: FrameStamp) -> Result<Frame, CaptureError> {
        source.retrieve(&mut self.image)?;
        self.blanking.apply(&mut self.image);
        let image = std::mem::take(&mut self.image);
        let capture_time = self.camera.start.after(stamp.media_time);
        Ok(stamp.frame(self.camera.id.clone(), REPLAY_BOOT, capture_time, image))
    }
}
