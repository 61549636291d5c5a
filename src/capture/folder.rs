//! Folders of pictures: the `MOTChallenge` layout, or just pictures in name order.

use std::fs;
use std::path::{Path, PathBuf};

use super::picture::{decode_file, extension, pictures_in};
use super::{CaptureError, FrameSource, FrameStamp, OpenOptions, SourceHealth, SourceInfo, SourceKind, StreamClock};
use crate::frame::Image;
use crate::time::MediaTime;

const SEQUENCE_INFO: &str = "seqinfo.ini";

/// Pictures in name order. `DIR` itself, or `DIR/img1` (or `imDir` of `DIR/seqinfo.ini`) where that exists.
pub(super) struct FolderSource {
    name: String,
    files: Vec<PathBuf>,
    next: usize,
    fps: f64,
    clock: StreamClock,
    size: (u32, u32),
    health: SourceHealth,
}

impl FolderSource {
    /// Lists the folder.
    pub(super) fn open(folder: &Path, options: &OpenOptions) -> Result<Self, CaptureError> {
        let name = folder.display().to_string();
        let info = SequenceInfo::find(folder)?;
        let inner = folder.join(info.as_ref().and_then(|i| i.folder.as_deref()).unwrap_or("img1"));
        let folder = if inner.is_dir() { inner } else { folder.to_owned() };
        let files = pictures_in(&folder)?;
        let (fps, clock) = match info {
            Some(SequenceInfo { fps, .. }) => (fps, StreamClock::SequenceInfo { fps }),
            None => (options.assumed_fps, StreamClock::Assumed { fps: options.assumed_fps }),
        };
        Ok(Self { name, files, next: 0, fps, clock, size: (0, 0), health: SourceHealth::default() })
    }

    fn undecodable(&mut self, reason: String) -> CaptureError {
        self.health.undecodable += 1;
        let file = self.files[self.next - 1].file_name().unwrap_or_default().to_string_lossy().into_owned();
        let reason = format!("{file}: {reason}");
        CaptureError::Undecodable { source_name: self.name.clone(), frame: self.next as u64, reason }
    }
}

impl FrameSource for FolderSource {
    fn grab(&mut self) -> Result<Option<FrameStamp>, CaptureError> {
        if self.next == self.files.len() {
            return Ok(None);
        }
        let media_time = MediaTime::from_seconds(self.next as f64 / self.fps);
        self.next += 1;
        self.health.frames = self.next as u64;
        Ok(Some(FrameStamp { sequence: self.next as u64, media_time, keyframe: false }))
    }

    fn retrieve(&mut self, image: &mut Image) -> Result<(), CaptureError> {
        let Some(path) = self.next.checked_sub(1).map(|i| self.files[i].clone()) else {
            let (source_name, reason) = (self.name.clone(), "nothing was grabbed".to_owned());
            return Err(CaptureError::Undecodable { source_name, frame: 0, reason });
        };
        decode_file(&path, image).map_err(|reason| self.undecodable(reason))?;
        self.size = (image.width, image.height);
        Ok(())
    }

    fn describe(&self) -> SourceInfo {
        SourceInfo {
            kind: SourceKind::Folder,
            live: false,
            width: self.size.0,
            height: self.size.1,
            codec: self.files.first().and_then(|f| extension(f)),
            container_fps: None,
            frames_claimed: Some(self.files.len() as u64),
            clock: self.clock,
        }
    }

    fn health(&self) -> SourceHealth {
        self.health
    }
}

/// What `seqinfo.ini` says, as far as it is needed here.
struct SequenceInfo {
    fps: f64,
    folder: Option<String>,
}

impl SequenceInfo {
    /// Looks in the folder, and beside it where the folder is the `img1` of a sequence.
    fn find(folder: &Path) -> Result<Option<Self>, CaptureError> {
        let beside = folder.file_name().filter(|n| *n == "img1").and_then(|_| folder.parent());
        let places = [Some(folder), beside].into_iter().flatten();
        let Some(file) = places.map(|f| f.join(SEQUENCE_INFO)).find(|f| f.is_file()) else { return Ok(None) };
        let text = fs::read_to_string(&file)
            .map_err(|e| CaptureError::Unreadable { source_name: file.display().to_string(), reason: e.to_string() })?;
        let value = |key: &str| {
            text.lines().filter_map(|l| l.split_once('=')).find(|(k, _)| k.trim() == key).map(|(_, v)| v.trim())
        };
        let wrong = |reason: String| CaptureError::SequenceInfo { file: file.clone(), key: "frameRate", reason };
        let rate = value("frameRate").ok_or_else(|| wrong("is missing".to_owned()))?;
        let fps = rate.parse::<f64>().ok().filter(|fps| fps.is_finite() && (0.01..=1000.0).contains(fps));
        let fps = fps.ok_or_else(|| wrong(format!("{rate:?} is not a number of frames a second, 0.01 to 1000")))?;
        Ok(Some(Self { fps, folder: value("imDir").map(str::to_owned) }))
    }
}
