//! What goes wrong with a source. No message ever holds a password: sources are named by
//! [`SourceUrl::redacted`](crate::config::SourceUrl::redacted).

use std::path::PathBuf;
use std::time::Duration;

/// What goes wrong with a source.
///
/// Errors of [`open`](super::open) and of [`FrameSource::grab`](super::FrameSource::grab) are final: the source must be
/// opened again. Errors of [`FrameSource::retrieve`](super::FrameSource::retrieve) concern one frame; the next may be
/// grabbed.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// No such file, folder or device.
    #[error("{source_name}: no such file, folder or device")]
    NotFound {
        /// The source, redacted.
        source_name: String,
    },
    /// It is there and cannot be read.
    #[error("{source_name}: cannot be read: {reason}")]
    Unreadable {
        /// The source, redacted.
        source_name: String,
        /// What the system says.
        reason: String,
    },
    /// A file of no bytes.
    #[error("{source_name}: the file is empty")]
    Empty {
        /// The source, redacted.
        source_name: String,
    },
    /// A file without a video that can be decoded.
    #[error("{source_name}: not a video: {reason}")]
    NotVideo {
        /// The source, redacted.
        source_name: String,
        /// What was found instead.
        reason: String,
    },
    /// A folder without pictures.
    #[error("{}: no pictures ({extensions}) in this folder", folder.display())]
    NoPictures {
        /// Where they were looked for.
        folder: PathBuf,
        /// What counts as one.
        extensions: &'static str,
    },
    /// A `seqinfo.ini` that contradicts itself or the folder.
    #[error("{}: {key}: {reason}", file.display())]
    SequenceInfo {
        /// The file.
        file: PathBuf,
        /// The key at fault.
        key: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A frame rate is stated for a camera that has its own.
    #[error("{source_name}: `fps = {fps}` is for recordings, and this comes at its own pace: take the key away")]
    LiveRate {
        /// The source, redacted.
        source_name: String,
        /// What is stated.
        fps: f64,
    },
    /// No connection to the camera.
    #[error("{source_name}: cannot be reached: {reason}")]
    Unreachable {
        /// The source, redacted.
        source_name: String,
        /// What the network says.
        reason: String,
    },
    /// The camera wants other credentials.
    #[error("{source_name}: the camera refuses access (401): {reason}")]
    Unauthorized {
        /// The source, redacted.
        source_name: String,
        /// No credentials given, or wrong ones.
        reason: &'static str,
    },
    /// The camera is there; this stream is not.
    #[error("{source_name}: the camera has no stream of this path (404)")]
    NoSuchStream {
        /// The source, redacted.
        source_name: String,
    },
    /// The camera refuses for another reason.
    #[error("{source_name}: the camera refuses: {status}")]
    Refused {
        /// The source, redacted.
        source_name: String,
        /// Its status line.
        status: String,
    },
    /// It did not open in time.
    #[error("{source_name}: not open after {} s", waited.as_secs_f64())]
    OpenTimeout {
        /// The source, redacted.
        source_name: String,
        /// How long it was waited for.
        waited: Duration,
    },
    /// It does not open and nobody says why.
    #[error("{source_name}: cannot be opened: {reason}")]
    OpenFailed {
        /// The source, redacted.
        source_name: String,
        /// What is known.
        reason: String,
    },
    /// A live stream gave no frame for too long.
    #[error("{source_name}: no frame for {:.1} s after frame {after_frame}", waited.as_secs_f64())]
    Stalled {
        /// The source, redacted.
        source_name: String,
        /// The last frame.
        after_frame: u64,
        /// How long it was waited for.
        waited: Duration,
    },
    /// A live stream ended.
    #[error("{source_name}: disconnected after frame {after_frame}")]
    Disconnected {
        /// The source, redacted.
        source_name: String,
        /// The last frame.
        after_frame: u64,
    },
    /// The picture changes its size inside one stream, which OpenCV's reader cannot follow.
    #[error("{source_name}: the picture changes from {}x{} to {}x{} at frame {frame}: split the recording there",
        from.0, from.1, to.0, to.1)]
    SizeChanged {
        /// The source, redacted.
        source_name: String,
        /// The first frame of the new size.
        frame: u64,
        /// Width and height before.
        from: (u32, u32),
        /// Width and height after.
        to: (u32, u32),
    },
    /// One frame cannot be decoded.
    #[error("{source_name}: frame {frame} cannot be decoded: {reason}")]
    Undecodable {
        /// The source, redacted.
        source_name: String,
        /// The frame.
        frame: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A video could not be written.
    #[error("{}: {reason}", file.display())]
    VideoFile {
        /// Which file.
        file: PathBuf,
        /// What the encoder said, or that there is none.
        reason: String,
    },
    /// A picture for people could not be drawn or written.
    #[error("{}: {reason}", file.display())]
    Annotation {
        /// Which file.
        file: PathBuf,
        /// What OpenCV said.
        reason: String,
    },
}
