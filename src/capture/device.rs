//! Cameras at this machine, through `OpenCV`'s V4L2 reader.

use std::path::Path;
use std::time::Duration;

use opencv::core::Vector;
use opencv::videoio::{
    CAP_PROP_FOURCC, CAP_PROP_FPS, CAP_PROP_FRAME_HEIGHT, CAP_PROP_FRAME_WIDTH, CAP_PROP_POS_MSEC, CAP_V4L2,
    VideoCapture, VideoCaptureTrait, VideoCaptureTraitConst,
};

use super::{
    CaptureError, FrameSource, FrameStamp, OpenOptions, SourceHealth, SourceInfo, SourceKind, StreamClock, Timeline,
    library,
};
use crate::clock::{Clock, SystemClock};
use crate::frame::Image;

/// A V4L2 device. Its times are the driver's, or those of arrival where the driver gives none.
pub(super) struct DeviceSource {
    /// One capture, in the vector in which `OpenCV` waits for it with a time-out.
    captures: Vector<VideoCapture>,
    name: String,
    info: SourceInfo,
    timeline: Timeline,
    health: SourceHealth,
    read_timeout: Duration,
    clock: SystemClock,
}

impl DeviceSource {
    /// Opens a character device.
    pub(super) fn open(path: &Path, options: &OpenOptions) -> Result<Self, CaptureError> {
        let name = path.display().to_string();
        let failed = |reason: String| CaptureError::OpenFailed { source_name: name.clone(), reason };
        let capture = VideoCapture::from_file(path, CAP_V4L2).map_err(|e| failed(e.message))?;
        if !capture.is_opened().unwrap_or(false) {
            return Err(failed("not a video capture device, or in use by another program".to_owned()));
        }
        let property = |id| capture.get(id).ok().filter(|v| v.is_finite() && *v > 0.0);
        let info = SourceInfo {
            kind: SourceKind::Device,
            live: true,
            width: property(CAP_PROP_FRAME_WIDTH).map_or(0, |v| v as u32),
            height: property(CAP_PROP_FRAME_HEIGHT).map_or(0, |v| v as u32),
            codec: property(CAP_PROP_FOURCC).and_then(library::codec_name),
            container_fps: property(CAP_PROP_FPS),
            frames_claimed: None,
            clock: StreamClock::Timestamps,
        };
        let mut captures = Vector::new();
        captures.push(capture);
        Ok(Self {
            captures,
            name,
            info,
            timeline: Timeline::new(options.assumed_fps),
            health: SourceHealth::default(),
            read_timeout: options.read_timeout,
            clock: SystemClock::start(),
        })
    }
}

impl FrameSource for DeviceSource {
    fn grab(&mut self) -> Result<Option<FrameStamp>, CaptureError> {
        let start = self.clock.now();
        let nanos = i64::try_from(self.read_timeout.as_nanos()).unwrap_or(i64::MAX);
        let mut ready = Vector::new();
        let waited_well = VideoCapture::wait_any(&self.captures, &mut ready, nanos).unwrap_or(false);
        let (source_name, after_frame) = (self.name.clone(), self.health.frames);
        if !waited_well {
            let waited = self.clock.now().since(start);
            return Err(CaptureError::Stalled { source_name, after_frame, waited });
        }
        let gone = || CaptureError::Disconnected { source_name: self.name.clone(), after_frame };
        let mut capture = self.captures.get(0).map_err(|_| gone())?;
        if !capture.grab().unwrap_or(false) {
            return Err(gone());
        }
        let driver = capture.get(CAP_PROP_POS_MSEC).unwrap_or(0.0);
        let position = if driver > 0.0 { driver } else { self.clock.now().0.as_secs_f64() * 1e3 };
        self.health.frames += 1;
        let media_time = self.timeline.stamp(position);
        self.health.times_missing = self.timeline.missing();
        self.health.times_backward = self.timeline.backward();
        Ok(Some(FrameStamp { sequence: self.health.frames, media_time, keyframe: false }))
    }

    fn retrieve(&mut self, image: &mut Image) -> Result<(), CaptureError> {
        let size = (self.info.width, self.info.height);
        let decoded = self.captures.get(0).and_then(|mut c| library::decode_into(image, size, |m| c.retrieve(m, 0)));
        let reason = match decoded {
            Ok(true) => {
                (self.info.width, self.info.height) = (image.width, image.height);
                return Ok(());
            }
            Ok(false) => "no picture".to_owned(),
            Err(error) => error.message,
        };
        self.health.undecodable += 1;
        Err(CaptureError::Undecodable { source_name: self.name.clone(), frame: self.health.frames, reason })
    }

    fn describe(&self) -> SourceInfo {
        self.info.clone()
    }

    fn health(&self) -> SourceHealth {
        self.health
    }
}
