//! Cameras and recordings as streams of frames with their own clock.
//!
//! | source | read by | clock |
//! |---|---|---|
//! | video file | `OpenCV` with `FFmpeg` | its timestamps |
//! | `rtsp://` and other URLs | `OpenCV` with `FFmpeg`, RTP over TCP | its timestamps |
//! | `/dev/videoN`, or `N` | `OpenCV` with `V4L2` | the driver's |
//! | folder of pictures, MOT layout or plain | `OpenCV`'s picture readers | `seqinfo.ini`, else assumed |
//! | [`SyntheticSource`] | itself | scripted |
//!
//! `OpenCV` is named only in this module. Two things it reads from the environment alone, before the first source is
//! opened: `OPENCV_FFMPEG_LOGLEVEL=-8` silences `FFmpeg`'s complaints about damaged streams on standard error, and
//! `OPENCV_FFMPEG_CAPTURE_OPTIONS` holds further options of `FFmpeg`. Nothing here needs either.
//!
//! What `OpenCV` 4.6 (Debian 12) cannot do, and what becomes of it: it gives `FFmpeg` one decoding thread for each
//! processor, so a live H.264 picture comes up to (processors - 1) frames late besides the frames that its B-frames need;
//! it does not tell a damaged packet from the end (refusals are retried, and counted); it does not follow a change of
//! size inside one stream (a recording ends with an error at that frame; a camera has to drop the connection, which
//! cameras do when their resolution is set).

mod annotate;
mod device;
mod error;
mod folder;
mod library;
mod locate;
mod mask;
mod packet_watch;
mod packets;
mod picture;
mod picture_size;
mod retimed;
mod rtsp_check;
mod stream;
mod synthetic;
mod timeline;
mod video_file;

use std::time::Duration;

use serde::Serialize;

pub use annotate::{AnnotatedVideo, Label, Sheet, draw};
pub use error::CaptureError;
pub use mask::{blur, mask};
pub use packets::{Packet, PacketReader};
pub use picture::{decode_picture, jpeg_of, pictures_in, read_picture};
pub use retimed::Retimed;
pub use synthetic::{Happening, SyntheticSettings, SyntheticSource};
pub use timeline::Timeline;
pub use video_file::{Encoding, VideoFile};

use crate::config::{CameraSettings, SourceUrl};
use crate::frame::{Frame, FrameHeader, Image};
use crate::ids::{BootId, CameraId};
use crate::time::{CaptureTime, MediaTime};

/// Name of a grabbed frame: its number and its time on the stream's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameStamp {
    /// Number of the frame in the stream, from 1, counting those never retrieved.
    pub sequence: u64,
    /// The stream's own timestamp, counted from its first frame.
    pub media_time: MediaTime,
    /// Whether the stream coded it without reference to others; only recordings in the usual codecs tell.
    pub keyframe: bool,
}

impl FrameStamp {
    /// The grabbed frame of `camera`'s run `boot` with its pixels.
    #[must_use]
    pub fn frame(self, camera: CameraId, boot: BootId, capture_time: CaptureTime, image: Image) -> Frame {
        let Self { sequence, media_time, keyframe } = self;
        let (width, height) = (image.width, image.height);
        let header = FrameHeader { camera, boot, sequence, media_time, capture_time, width, height, keyframe };
        Frame { header, image }
    }
}

/// A stream of frames. Implementations: `OpenCV` (files, image folders, RTSP, V4L) and synthetic.
///
/// Grabbing and retrieving are apart because decoding to a picture costs more than the rest: a live camera grabs every
/// frame and retrieves only those that are analysed.
pub trait FrameSource: Send {
    /// Waits for the next frame. `None` at the end of a recording, and ever after.
    ///
    /// # Errors
    /// When the stream broke off, stalled or changed beyond what can be followed. Final: open the source again.
    fn grab(&mut self) -> Result<Option<FrameStamp>, CaptureError>;

    /// Writes the grabbed frame's picture into `image`, reusing its memory. The picture's size is the frame's, which may
    /// differ from the one before.
    ///
    /// # Errors
    /// When this frame cannot be decoded; the next one may be grabbed.
    fn retrieve(&mut self, image: &mut Image) -> Result<(), CaptureError>;

    /// What is known of the source by now.
    fn describe(&self) -> SourceInfo;

    /// What went wrong so far without ending the stream.
    fn health(&self) -> SourceHealth;
}

/// How a source is opened.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenOptions {
    /// Longest wait for a camera to open.
    pub open_timeout: Duration,
    /// No frame of a live camera for this long is a stall.
    pub read_timeout: Duration,
    /// Frames a second of a recording that has no clock of its own: a folder without `seqinfo.ini`, or a bare elementary
    /// stream. [`SourceInfo::clock`] says when it was used.
    pub assumed_fps: f64,
    /// True frames a second of a recording whose own times are wrong.
    pub fps: Option<f64>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        let (open_timeout, read_timeout) = (Duration::from_secs(10), Duration::from_secs(5));
        Self { open_timeout, read_timeout, assumed_fps: 25.0, fps: None }
    }
}

impl OpenOptions {
    /// As `camera` is configured.
    #[must_use]
    pub fn of(camera: &CameraSettings) -> Self {
        Self { read_timeout: camera.stall, fps: camera.fps, ..Self::default() }
    }
}

/// What a source is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceInfo {
    /// Its kind.
    pub kind: SourceKind,
    /// Whether frames come at their own pace and are lost when not taken.
    pub live: bool,
    /// Width in pixels; 0 while no frame was decoded.
    pub width: u32,
    /// Height in pixels; 0 while no frame was decoded.
    pub height: u32,
    /// Codec, lower case, e.g. `h264`.
    pub codec: Option<String>,
    /// Frames a second as the container claims; never used for time.
    pub container_fps: Option<f64>,
    /// Frames as the container claims.
    pub frames_claimed: Option<u64>,
    /// Where times come from.
    pub clock: StreamClock,
}

/// Kinds of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A video file.
    File,
    /// A folder of pictures.
    Folder,
    /// A URL.
    Stream,
    /// A camera at this machine.
    Device,
    /// Made up.
    Synthetic,
}

/// Where the times of frames come from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum StreamClock {
    /// The stream's or the driver's own timestamps.
    Timestamps,
    /// [`OpenOptions::fps`].
    Stated {
        /// Frames a second.
        fps: f64,
    },
    /// The frame rate in `seqinfo.ini`.
    SequenceInfo {
        /// Frames a second.
        fps: f64,
    },
    /// [`OpenOptions::assumed_fps`], because there is nothing else.
    Assumed {
        /// Frames a second.
        fps: f64,
    },
}

/// What went wrong with a stream without ending it, counted from its opening.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SourceHealth {
    /// Frames grabbed.
    pub frames: u64,
    /// Packets or pictures that gave no frame.
    pub undecodable: u64,
    /// Frames without a timestamp in the middle of the stream; their time is the one before plus a typical step. Frames
    /// that a decoder holds back and gives out at the end have none either, in `OpenCV` 4.6, and do not count.
    pub times_missing: u64,
    /// Frames whose timestamp did not go forward; mended likewise.
    pub times_backward: u64,
    /// The recording ended before the end that its container claims.
    pub ended_early: Option<EndedEarly>,
}

/// The first frames of an RTSP stream with B-frames come without times.
const TIMES_MISSING_AT_START: u64 = 3;

/// A recording shorter than its container claims: cut off or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EndedEarly {
    /// Frames there were.
    pub frames: u64,
    /// Frames there should have been.
    pub claimed: u64,
}

impl SourceHealth {
    /// Whether anything happened that the operator should be told.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        self.undecodable > 0
            || self.times_backward > 0
            || self.times_missing > TIMES_MISSING_AT_START
            || self.ended_early.is_some()
    }
}

/// Opens a source: a file, a folder, a URL or a device.
///
/// Openings of `FFmpeg` streams take turns in one process, because `OpenCV` guards them with one lock that burns
/// processor time while it waits.
///
/// # Errors
/// What is wrong with the source, in words for the person who wrote its name.
pub fn open(source: &SourceUrl, options: &OpenOptions) -> Result<Box<dyn FrameSource>, CaptureError> {
    library::prepare();
    let opened: Box<dyn FrameSource> = match locate::locate(source)? {
        locate::Place::Folder(path) => Box::new(folder::FolderSource::open(&path, options)?),
        locate::Place::Device(path) => Box::new(device::DeviceSource::open(&path, options)?),
        locate::Place::File(path) => Box::new(stream::StreamSource::open_file(&path, options)?),
        locate::Place::Url => Box::new(stream::StreamSource::open_url(source, options)?),
    };
    match options.fps {
        None => Ok(opened),
        Some(fps) if opened.describe().live => Err(CaptureError::LiveRate { source_name: source.redacted(), fps }),
        Some(fps) => Ok(Box::new(Retimed::even(opened, fps))),
    }
}
