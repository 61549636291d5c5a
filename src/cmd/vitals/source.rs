//! Frames through a lane camera's pipeline: of a recording, a camera, or a tape of either.

use std::path::Path;
use std::sync::Arc;

use super::{Args, Failure};
use crate::capture::{self, FrameSource, OpenOptions};
use crate::clock::{Clock, SystemClock};
use crate::cmd::cameras;
use crate::config::{self, CameraSettings, ModelSettings};
use crate::edge::lane::LaneMonitor;
use crate::event::EdgeEvent;
use crate::frame::{Frame, FrameHeader, Image};
use crate::ids::{BootId, CameraId};
use crate::recording::TapeReader;
use crate::time::MediaTime;
use crate::worker::analysis::{Analysis, play_tape};

/// One run of one camera.
const BOOT: BootId = BootId(1);

/// What is looked at after each frame; `false` stops.
pub(super) type Look<'a> = dyn FnMut(MediaTime, &LaneMonitor) -> Result<bool, Failure> + 'a;

/// What to play, opened.
pub(super) enum Player {
    /// A recording or camera.
    Source(Box<Played>),
    /// A tape.
    Tape(Box<TapeReader>),
}

/// A source and the pipeline behind it.
pub(super) struct Played {
    camera: CameraSettings,
    source: Box<dyn FrameSource>,
    analysis: Analysis,
}

impl Player {
    /// Opens what the arguments name.
    pub(super) fn open(args: &Args, source: &str) -> Result<Self, Failure> {
        if TapeReader::is_tape(Path::new(source)) {
            return Ok(Self::Tape(Box::new(TapeReader::open(Path::new(source)).map_err(Failure::input)?)));
        }
        let camera = camera(args, source);
        let mut settings = config::hall(vec![camera]);
        args.models.apply(&mut settings);
        let models: ModelSettings = settings.models;
        let camera = settings.cameras.remove(0);
        let options = OpenOptions { read_timeout: camera.stall, ..OpenOptions::default() };
        let source = capture::open(&camera.source, &options).map_err(Failure::input)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let analysis = cameras::analysis(&camera, &models, clock, None)?;
        Ok(Self::Source(Box::new(Played { camera, source, analysis })))
    }

    /// Whether it comes at its own pace.
    pub(super) fn is_live(&self) -> bool {
        matches!(self, Self::Source(played) if played.source.describe().live)
    }

    /// Plays to the end. The fault of a recording that is damaged comes after what was good.
    pub(super) fn play(self, look: &mut Look<'_>) -> Result<Option<String>, Failure> {
        match self {
            Self::Source(played) => played.play(look),
            Self::Tape(mut tape) => replay(&mut tape, look),
        }
    }
}

/// A lane camera over `source`.
fn camera(args: &Args, source: &str) -> CameraSettings {
    let id = CameraId::new("lane").expect("a valid name");
    let mut camera = config::lane_camera(id, source);
    if let Some(lane) = &mut camera.pipeline.core.lane {
        lane.method = args.method;
        lane.seat = args.seat;
    }
    if args.seat.is_some() {
        config::NO_MODEL.clone_into(&mut camera.pipeline.detector);
        camera.pipeline.face = None;
    }
    camera
}

impl Played {
    fn play(mut self, look: &mut Look<'_>) -> Result<Option<String>, Failure> {
        let mut events: Vec<EdgeEvent> = Vec::new();
        let mut spare = Image::default();
        loop {
            let stamp = match self.source.grab() {
                Ok(Some(stamp)) => stamp,
                Ok(None) => return Ok(crate::worker::camera::degraded(self.source.health())),
                Err(error) => return Ok(Some(error.to_string())),
            };
            // A frame that cannot be decoded is counted by the source; the next one may be good.
            let mut image = std::mem::take(&mut spare);
            if self.source.retrieve(&mut image).is_err() {
                spare = image;
                continue;
            }
            let header = FrameHeader {
                camera: self.camera.id.clone(),
                boot: BOOT,
                sequence: stamp.sequence,
                media_time: stamp.media_time,
                capture_time: self.camera.start.after(stamp.media_time),
                width: image.width,
                height: image.height,
                keyframe: stamp.keyframe,
            };
            let frame = Frame { header, image };
            self.analysis.frame(&frame, &mut events).map_err(Failure::found)?;
            events.clear();
            if let Some(lane) = self.analysis.lane()
                && !look(stamp.media_time, lane)?
            {
                return Ok(None);
            }
            spare = frame.image;
        }
    }
}

fn replay(tape: &mut TapeReader, look: &mut Look<'_>) -> Result<Option<String>, Failure> {
    let mut events = Vec::new();
    let mut outcome = Ok(true);
    let mut lanes = false;
    let played = play_tape(tape, &mut events, |header, pipeline| {
        if let (Some(lane), Ok(true)) = (pipeline.lane(), &outcome) {
            lanes = true;
            outcome = look(header.media_time, lane);
        }
    });
    outcome?;
    match (played, lanes) {
        (Err(error), _) => Ok(Some(error.to_string())),
        (Ok(()), false) => Err(Failure::Input("the tape is not of a lane camera".to_owned())),
        (Ok(()), true) => Ok(None),
    }
}
