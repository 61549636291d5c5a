//! Frames through a lane camera's pipeline: of a recording, a camera, or a tape of either.

use std::path::Path;
use std::sync::Arc;

use super::{Args, Failure};
use crate::capture::{self, FrameSource, FrameStamp, OpenOptions, Retimed};
use crate::clock::{Clock, SystemClock};
use crate::cmd::{ModelArgs, cameras};
use crate::config::{self, CameraSettings, ModelSettings};
use crate::edge::lane::LaneMonitor;
use crate::event::{EdgeEvent, OfflineCause};
use crate::frame::{Frame, Image};
use crate::ids::{BootId, CameraId};
use crate::recording::TapeReader;
use crate::time::MediaTime;
use crate::worker::analysis::{Analysis, play_tape};
use crate::worker::camera::degraded;

/// One run of one camera.
const BOOT: BootId = BootId(1);

/// What is looked at after each frame, and at the end without a time; `false` stops.
pub(in crate::cmd) type Look<'a> = dyn FnMut(Option<MediaTime>, &LaneMonitor) -> Result<bool, Failure> + 'a;

/// What to play, opened.
pub(in crate::cmd) enum Player {
    /// A recording or camera.
    Source(Box<Played>),
    /// A tape.
    Tape(Box<TapeReader>),
}

/// A source and the pipeline behind it.
pub(in crate::cmd) struct Played {
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
        Self::over(camera(args, source), &args.models, |source| source)
    }

    /// A recording whose frames' times are known better than its container knows them.
    pub(in crate::cmd) fn recording(path: &Path, times: Option<Vec<f64>>, models: &ModelArgs) -> Result<Self, Failure> {
        let id = CameraId::new("lane").expect("a valid name");
        Self::over(config::lane_camera(id, &path.display().to_string()), models, |source| match times {
            Some(times) => Box::new(Retimed::new(source, times)),
            None => source,
        })
    }

    fn over(
        camera: CameraSettings,
        models: &ModelArgs,
        wrap: impl FnOnce(Box<dyn FrameSource>) -> Box<dyn FrameSource>,
    ) -> Result<Self, Failure> {
        let mut settings = config::hall(vec![camera]);
        models.apply(&mut settings);
        let models: ModelSettings = settings.models;
        let camera = settings.cameras.remove(0);
        let options = OpenOptions::of(&camera);
        let source = wrap(capture::open(&camera.source, &options).map_err(Failure::input)?);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let analysis = cameras::analysis(&camera, &models, clock, None)?;
        Ok(Self::Source(Box::new(Played { camera, source, analysis })))
    }

    /// Whether it comes at its own pace.
    pub(super) fn is_live(&self) -> bool {
        matches!(self, Self::Source(played) if played.source.describe().live)
    }

    /// Plays to the end. The fault of a recording that is damaged comes after what was good.
    pub(in crate::cmd) fn play(self, look: &mut Look<'_>) -> Result<Option<String>, Failure> {
        match self {
            Self::Source(played) => played.play(look),
            Self::Tape(mut tape) => replay(&mut tape, look),
        }
    }
}

/// A lane camera over `source`.
fn camera(args: &Args, source: &str) -> CameraSettings {
    let id = CameraId::new("lane").expect("a valid name");
    let camera = config::lane_camera(id, source);
    let camera = match args.method {
        Some(method) => camera.with_method(method),
        None => camera,
    };
    match args.seat {
        Some(seat) => camera.with_seat(seat),
        None => camera,
    }
}

impl Played {
    fn play(mut self, look: &mut Look<'_>) -> Result<Option<String>, Failure> {
        let mut events: Vec<EdgeEvent> = Vec::new();
        let mut last = MediaTime::default();
        let mut spare = Image::default();
        let fault = loop {
            let stamp = match self.source.grab() {
                Ok(Some(stamp)) => stamp,
                Ok(None) => break degraded(self.source.health()),
                Err(error) => break Some(error.to_string()),
            };
            // A frame that cannot be decoded is counted by the source; the next one may be good.
            if self.source.retrieve(&mut spare).is_err() {
                continue;
            }
            let frame = self.frame(stamp, std::mem::take(&mut spare));
            last = stamp.media_time;
            self.analysis.frame(&frame, &mut events).map_err(Failure::found)?;
            events.clear();
            if let Some(lane) = self.analysis.lane()
                && !look(Some(last), lane)?
            {
                break None;
            }
            spare = frame.image;
        };
        let at = self.camera.start.after(last);
        self.analysis.offline(BOOT, OfflineCause::StreamEnded, at, &mut events).map_err(Failure::found)?;
        if let Some(lane) = self.analysis.lane() {
            look(None, lane)?;
        }
        Ok(fault)
    }

    fn frame(&self, stamp: FrameStamp, image: Image) -> Frame {
        let capture_time = self.camera.start.after(stamp.media_time);
        stamp.frame(self.camera.id.clone(), BOOT, capture_time, image)
    }
}

fn replay(tape: &mut TapeReader, look: &mut Look<'_>) -> Result<Option<String>, Failure> {
    let mut events = Vec::new();
    let mut outcome = Ok(true);
    let mut lanes = false;
    let played = play_tape(tape, &mut events, |header, pipeline| {
        if let (Some(lane), Ok(true)) = (pipeline.lane(), &outcome) {
            lanes = true;
            outcome = look(header.map(|h| h.media_time), lane);
        }
    });
    outcome?;
    match (played, lanes) {
        (Err(error), _) => Ok(Some(error.to_string())),
        (Ok(()), false) => Err(Failure::Input("the tape is not of a lane camera".to_owned())),
        (Ok(()), true) => Ok(None),
    }
}
