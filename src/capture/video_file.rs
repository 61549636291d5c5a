//! Writing videos of known quality.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use opencv::core::{Mat, Size, Vec3b};
use opencv::prelude::*;
use opencv::videoio::{CAP_FFMPEG, CAP_OPENCV_MJPEG, VIDEOWRITER_PROP_QUALITY, VideoWriter};

use super::CaptureError;
use crate::frame::Image;

/// The program that writes H.264: `OpenCV` can set neither its quality nor its keyframes.
const FFMPEG: &str = "ffmpeg";

/// How pictures are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// FFV1 in AVI: nothing is lost.
    Lossless,
    /// JPEG pictures in AVI, quality 1 to 100.
    Mjpeg(u32),
    /// H.264 in Matroska by the `ffmpeg` program.
    H264 {
        /// Constant rate factor, 0 to 51.
        crf: u32,
        /// Frames from one keyframe to the next.
        keyframe_every: u32,
    },
}

impl Encoding {
    /// Extension of the file's name.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Lossless | Self::Mjpeg(_) => "avi",
            Self::H264 { .. } => "mkv",
        }
    }
}

/// A video file that is being written.
pub struct VideoFile {
    path: PathBuf,
    size: (u32, u32),
    writer: Writer,
}

enum Writer {
    OpenCv(VideoWriter),
    Ffmpeg { child: Child, input: Option<ChildStdin> },
}

impl VideoFile {
    /// Begins a video of `size` pixels at `fps`; H.264 needs even numbers of pixels.
    ///
    /// # Errors
    /// When the file cannot be written, or the encoder is not there.
    pub fn create(path: &Path, encoding: Encoding, fps: f64, size: (u32, u32)) -> Result<Self, CaptureError> {
        let writer = match encoding {
            Encoding::Lossless => opened(path, CAP_FFMPEG, ['F', 'F', 'V', '1'], fps, size, None),
            Encoding::Mjpeg(quality) => opened(path, CAP_OPENCV_MJPEG, ['M', 'J', 'P', 'G'], fps, size, Some(quality)),
            Encoding::H264 { crf, keyframe_every } => ffmpeg(path, crf, keyframe_every, fps, size),
        };
        let writer = writer.map_err(|reason| fault(path, reason))?;
        Ok(Self { path: path.to_owned(), size, writer })
    }

    /// Appends a picture of the video's size.
    ///
    /// # Errors
    /// When the encoder refuses it.
    pub fn append(&mut self, image: &Image) -> Result<(), CaptureError> {
        if (image.width, image.height) != self.size {
            return Err(fault(&self.path, format!("a picture of {} x {}", image.width, image.height)));
        }
        let written = match &mut self.writer {
            Writer::OpenCv(writer) => {
                let (rows, columns) = (image.height as i32, image.width as i32);
                let mat = Mat::new_rows_cols_with_bytes::<Vec3b>(rows, columns, &image.bgr);
                mat.and_then(|mat| writer.write(&mat)).map_err(|error| error.message)
            }
            Writer::Ffmpeg { input: Some(input), .. } => input.write_all(&image.bgr).map_err(|e| e.to_string()),
            Writer::Ffmpeg { input: None, .. } => Err("it is finished".to_owned()),
        };
        written.map_err(|reason| fault(&self.path, reason))
    }

    /// Completes the file.
    ///
    /// # Errors
    /// When it cannot be completed.
    pub fn finish(mut self) -> Result<(), CaptureError> {
        let finished = match &mut self.writer {
            Writer::OpenCv(writer) => writer.release().map_err(|error| error.message),
            Writer::Ffmpeg { child, input } => {
                // The end of its input ends the program.
                drop(input.take());
                match child.wait() {
                    Ok(status) if status.success() => Ok(()),
                    Ok(status) => Err(format!("{FFMPEG} ended with {status}")),
                    Err(error) => Err(error.to_string()),
                }
            }
        };
        finished.map_err(|reason| fault(&self.path, reason))
    }
}

fn opened(
    path: &Path,
    backend: i32,
    [a, b, c, d]: [char; 4],
    fps: f64,
    size: (u32, u32),
    quality: Option<u32>,
) -> Result<Writer, String> {
    let open = || -> opencv::Result<(VideoWriter, bool)> {
        let code = VideoWriter::fourcc(a, b, c, d)?;
        let size = Size::new(size.0 as i32, size.1 as i32);
        let mut writer = VideoWriter::new_with_backend(path, backend, code, fps, size, true)?;
        if let Some(quality) = quality {
            writer.set(VIDEOWRITER_PROP_QUALITY, f64::from(quality))?;
        }
        let is_open = writer.is_opened()?;
        Ok((writer, is_open))
    };
    match open() {
        Ok((writer, true)) => Ok(Writer::OpenCv(writer)),
        Ok((_, false)) => Err("OpenCV has no encoder for it, or the file cannot be written".to_owned()),
        Err(error) => Err(error.message),
    }
}

fn ffmpeg(path: &Path, crf: u32, keyframe_every: u32, fps: f64, size: (u32, u32)) -> Result<Writer, String> {
    let every = keyframe_every.to_string();
    let mut command = Command::new(FFMPEG);
    command
        .args(["-hide_banner", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24"])
        .args(["-video_size", &format!("{}x{}", size.0, size.1), "-framerate", &fps.to_string(), "-i", "-"])
        // As a camera encodes: no pictures that refer to later ones, one thread, keyframes at their own pace only.
        .args(["-c:v", "libx264", "-crf", &crf.to_string(), "-pix_fmt", "yuv420p", "-bf", "0", "-threads", "1"])
        .args(["-g", &every, "-keyint_min", &every, "-sc_threshold", "0"])
        .arg(path)
        .stdin(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("H.264 needs the program `{FFMPEG}` (apt-get install ffmpeg)"),
        _ => format!("{FFMPEG}: {error}"),
    })?;
    let input = child.stdin.take();
    Ok(Writer::Ffmpeg { child, input })
}

fn fault(path: &Path, reason: String) -> CaptureError {
    CaptureError::VideoFile { file: path.to_owned(), reason }
}
