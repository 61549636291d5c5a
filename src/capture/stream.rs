//! Video files and URLs, through `OpenCV`'s reader over `FFmpeg`.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use opencv::core::Vector;
use opencv::videoio::{
    CAP_FFMPEG, CAP_PROP_FOURCC, CAP_PROP_FPS, CAP_PROP_FRAME_COUNT, CAP_PROP_FRAME_HEIGHT, CAP_PROP_FRAME_WIDTH,
    CAP_PROP_POS_MSEC, VideoCapture, VideoCaptureTrait, VideoCaptureTraitConst,
};

use super::packet_watch::PacketWatch;
use super::{
    CaptureError, EndedEarly, FrameSource, FrameStamp, OpenOptions, SourceHealth, SourceInfo, SourceKind, StreamClock,
    Timeline, library, packets, rtsp_check,
};
use crate::clock::{Clock, SystemClock};
use crate::config::SourceUrl;
use crate::frame::Image;
use crate::time::MediaTime;

/// `OpenCV` gives one refusal for the end of a file and for a packet that cannot be decoded. So many in a row are the end.
const REFUSALS_MAX: u64 = 1024;
/// So many refusals in a row without waiting are a connection that is gone.
const LIVE_REFUSALS_MAX: u64 = 256;
/// Part of a recording that may be missing at its end: sound may go on when the picture is over.
const END_TOLERANCE: f64 = 0.02;
/// And so many seconds.
const END_TOLERANCE_SECONDS: f64 = 0.5;
/// Text that `FFmpeg` draws as pictures: nobody means that.
const TEXT_CODECS: [&str; 4] = ["ansi", "bint", "xbin", "idf"];

/// A file or a URL.
pub(super) struct StreamSource {
    capture: VideoCapture,
    name: String,
    info: SourceInfo,
    timeline: Timeline,
    health: SourceHealth,
    last: MediaTime,
    assumed_fps: f64,
    read_timeout: Duration,
    clock: SystemClock,
    packets: Option<PacketWatch>,
    timed_out: Option<Duration>,
    finished: bool,
}

impl StreamSource {
    /// Opens a file that is there and not empty.
    pub(super) fn open_file(path: &Path, options: &OpenOptions) -> Result<Self, CaptureError> {
        let name = path.display().to_string();
        let url = packets::file_url(path);
        let not_video = |reason: &str| CaptureError::NotVideo { source_name: name.clone(), reason: reason.to_owned() };
        let capture = open_capture(&url, None).map_err(|e| not_video(&e.message))?;
        let capture = capture.ok_or_else(|| not_video("FFmpeg finds no complete video in it"))?;
        let mut source = Self::over(capture, name.clone(), SourceKind::File, options);
        match source.info.codec.as_deref() {
            Some(codec) if TEXT_CODECS.contains(&codec) => return Err(not_video("a text file")),
            codec => source.packets = PacketWatch::open(&url, codec),
        }
        Ok(source)
    }

    /// Opens a URL.
    pub(super) fn open_url(source: &SourceUrl, options: &OpenOptions) -> Result<Self, CaptureError> {
        let name = source.redacted();
        rtsp_check::greet(source, options.open_timeout)?;
        let clock = SystemClock::start();
        let failed = |reason: String| CaptureError::OpenFailed { source_name: name.clone(), reason };
        let capture = open_capture(&source.secret().into(), Some(options))
            .map_err(|_| failed("OpenCV fails; its words may hold the password".to_owned()))?;
        let waited = clock.now().0;
        match capture {
            Some(capture) => Ok(Self::over(capture, name, SourceKind::Stream, options)),
            None if waited >= options.open_timeout => Err(CaptureError::OpenTimeout { source_name: name, waited }),
            None => Err(rtsp_check::diagnose(source, options.open_timeout)
                .unwrap_or_else(|| failed("FFmpeg finds no video there".to_owned()))),
        }
    }

    fn over(capture: VideoCapture, name: String, kind: SourceKind, options: &OpenOptions) -> Self {
        let property = |id| capture.get(id).ok().filter(|v| v.is_finite() && *v > 0.0);
        let pixels = |id| property(id).map_or(0, |v| v as u32);
        let frames_claimed = property(CAP_PROP_FRAME_COUNT).map(|n| n as u64);
        // A recording behind a web server is a recording; every other URL is a camera.
        let live = kind == SourceKind::Stream && (frames_claimed.is_none() || !name.starts_with("http"));
        let info = SourceInfo {
            kind,
            live,
            width: pixels(CAP_PROP_FRAME_WIDTH),
            height: pixels(CAP_PROP_FRAME_HEIGHT),
            codec: property(CAP_PROP_FOURCC).and_then(library::codec_name),
            container_fps: property(CAP_PROP_FPS),
            frames_claimed: frames_claimed.filter(|_| !live),
            clock: StreamClock::Timestamps,
        };
        Self {
            capture,
            name,
            info,
            timeline: Timeline::new(options.assumed_fps),
            health: SourceHealth::default(),
            last: MediaTime::default(),
            assumed_fps: options.assumed_fps,
            read_timeout: options.read_timeout,
            clock: SystemClock::start(),
            packets: None,
            timed_out: None,
            finished: false,
        }
    }

    /// Grabs from a recording; `false` at its end.
    fn grab_recorded(&mut self) -> bool {
        let mut refusals = 0;
        while !self.capture.grab().unwrap_or(false) {
            refusals += 1;
            if refusals >= REFUSALS_MAX {
                return false;
            }
        }
        self.health.undecodable += refusals;
        true
    }

    /// Grabs from a camera. After a time-out `OpenCV` first gives out the frames that the decoder held back, then refuses
    /// at once.
    fn grab_live(&mut self) -> Result<(), CaptureError> {
        let start = self.clock.now();
        let mut refusals = 0;
        loop {
            let grabbed = self.capture.grab().unwrap_or(false);
            let waited = self.clock.now().since(start);
            if waited >= self.read_timeout {
                self.timed_out = Some(waited);
            }
            if grabbed {
                break;
            }
            refusals += 1;
            let (source_name, after_frame) = (self.name.clone(), self.health.frames);
            if let Some(waited) = self.timed_out {
                return Err(CaptureError::Stalled { source_name, after_frame, waited });
            }
            if refusals >= LIVE_REFUSALS_MAX {
                return Err(CaptureError::Disconnected { source_name, after_frame });
            }
        }
        self.health.undecodable += refusals;
        Ok(())
    }

    /// Compares what came with what the container claims: it ended early when both frames and time are missing. A few
    /// frames that no decoder shows are no damage, nor is a wrong guess at the number of frames of a variable frame rate.
    fn end(&mut self) {
        self.finished = true;
        let (Some(claimed), Some(fps)) = (self.info.frames_claimed, self.info.container_fps) else { return };
        let frames = self.health.frames;
        let duration = claimed as f64 / fps;
        let tolerance = (duration * END_TOLERANCE).max(END_TOLERANCE_SECONDS);
        let early = frames + (claimed / 50).max(2) < claimed && self.last.seconds() + tolerance < duration;
        self.health.ended_early = early.then_some(EndedEarly { frames, claimed });
    }

    fn check_size(&mut self) -> Result<(), CaptureError> {
        let frame = self.health.frames + 1;
        let Some((from, to)) = self.packets.as_mut().and_then(|packets| packets.change_at(frame)) else {
            return Ok(());
        };
        Err(CaptureError::SizeChanged { source_name: self.name.clone(), frame, from, to })
    }
}

impl FrameSource for StreamSource {
    fn grab(&mut self) -> Result<Option<FrameStamp>, CaptureError> {
        if self.finished {
            return if self.info.live {
                Err(CaptureError::Disconnected { source_name: self.name.clone(), after_frame: self.health.frames })
            } else {
                Ok(None)
            };
        }
        let grabbed = if self.info.live {
            self.grab_live().map(|()| true)
        } else {
            self.check_size().map(|()| self.grab_recorded())
        };
        match grabbed {
            Ok(true) => {}
            Ok(false) => {
                self.end();
                return Ok(None);
            }
            Err(error) => {
                self.finished = true;
                return Err(error);
            }
        }
        self.health.frames += 1;
        let media_time = self.timeline.stamp(self.capture.get(CAP_PROP_POS_MSEC).unwrap_or(f64::NAN));
        self.last = media_time;
        self.health.times_missing = self.timeline.missing();
        self.health.times_backward = self.timeline.backward();
        let keyframe = self.packets.as_ref().is_some_and(PacketWatch::is_keyframe);
        Ok(Some(FrameStamp { sequence: self.health.frames, media_time, keyframe }))
    }

    fn retrieve(&mut self, image: &mut Image) -> Result<(), CaptureError> {
        let capture = &mut self.capture;
        let reason = match library::decode_into(image, (self.info.width, self.info.height), |m| capture.retrieve(m, 0))
        {
            Ok(true) => {
                (self.info.width, self.info.height) = (image.width, image.height);
                return Ok(());
            }
            Ok(false) => "no picture".to_owned(),
            Err(error) => error.message,
        };
        Err(CaptureError::Undecodable { source_name: self.name.clone(), frame: self.health.frames, reason })
    }

    fn describe(&self) -> SourceInfo {
        let clock = if self.timeline.is_assumed() {
            StreamClock::Assumed { fps: self.assumed_fps }
        } else {
            StreamClock::Timestamps
        };
        SourceInfo { clock, ..self.info.clone() }
    }

    fn health(&self) -> SourceHealth {
        self.health
    }
}

/// Opens what `FFmpeg` calls `url`; `None` where it does not open.
fn open_capture(url: &OsString, live: Option<&OpenOptions>) -> opencv::Result<Option<VideoCapture>> {
    let mut parameters = Vector::new();
    packets::add_timeouts(&mut parameters, live);
    let _turn = library::turn_to_open();
    let capture = VideoCapture::from_file_with_params(url, CAP_FFMPEG, &parameters)?;
    Ok(capture.is_opened()?.then_some(capture))
}
