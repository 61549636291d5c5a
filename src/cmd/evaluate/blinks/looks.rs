//! What the models see of the one face of a clip, frame by frame: from the clip, or from a file of an earlier run.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::capture::{self, OpenOptions};
use crate::clock::{Clock, SystemClock};
use crate::cmd::Failure;
use crate::config::{FaceModelSettings, ModelSettings, PipelineSettings, SourceUrl};
use crate::face::FaceLook;
use crate::frame::{BBox, Image};
use crate::perception::{OnnxPerception, Perception};
use crate::time::MediaTime;

/// A face that the detector misses is looked for where it was for this long, seconds.
const HELD_S: f64 = 0.5;

/// A frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// When.
    pub at: MediaTime,
    /// The largest face, if there is one.
    pub look: Option<FaceLook>,
}

/// Looks at clips with one detector.
pub struct Watcher {
    perception: OnnxPerception,
    /// Time that the models of a face took, of each.
    pub took: Vec<Duration>,
}

impl Watcher {
    /// Opens the models.
    ///
    /// # Errors
    /// A model that cannot be used.
    pub fn open(models: &ModelSettings, detector: &str) -> Result<Self, Failure> {
        let pipeline = PipelineSettings {
            detector: detector.to_owned(),
            appearance: Some(crate::config::NO_APPEARANCE.to_owned()),
            face: Some(FaceModelSettings::default()),
            // Lanes look at the best face; weak boxes are none.
            score_min: 0.5,
            ..PipelineSettings::default()
        };
        let perception = OnnxPerception::open(models, &pipeline).map_err(Failure::input)?;
        Ok(Self { perception, took: Vec::new() })
    }

    /// All frames of a clip.
    ///
    /// # Errors
    /// A clip that cannot be read, a model that fails.
    pub fn watch(&mut self, clip: &Path) -> Result<Vec<Seen>, Failure> {
        let clock = SystemClock::start();
        let source = SourceUrl::new(&clip.display().to_string());
        let mut source = capture::open(&source, &OpenOptions::default()).map_err(Failure::input)?;
        let (mut image, mut found, mut seen) = (Image::default(), Vec::new(), Vec::new());
        let mut held: Option<(MediaTime, BBox)> = None;
        while let Some(stamp) = source.grab().map_err(Failure::found)? {
            let at = stamp.media_time;
            // The source counts what cannot be decoded; the next frame may be good.
            if source.retrieve(&mut image).is_err() {
                continue;
            }
            self.perception.detect(&image, &mut found).map_err(Failure::found)?;
            let largest = found.iter().map(|d| d.bbox).max_by(|a, b| a.area().total_cmp(&b.area()));
            held = largest.map(|b| (at, b)).or(held.filter(|(since, _)| at.since(*since) <= HELD_S));
            let begin = clock.now();
            let look = held.and_then(|(_, face)| self.perception.probe(&image).face(&face).ok());
            self.took.push(clock.now().0.saturating_sub(begin.0));
            seen.push(Seen { at, look });
        }
        Ok(seen)
    }
}

/// Reads what an earlier run wrote; `None` where there is no such file.
///
/// # Errors
/// A file that is not one.
pub fn read(path: &Path) -> Result<Option<Vec<Seen>>, Failure> {
    let Ok(text) = fs::read_to_string(path) else { return Ok(None) };
    let line = |text: &str| serde_json::from_str(text);
    let seen = text.lines().map(line).collect::<Result<_, _>>();
    seen.map(Some).map_err(|error| Failure::Input(format!("{}: {error}", path.display())))
}

/// Writes one frame a line.
///
/// # Errors
/// A file that cannot be written.
pub fn write(path: &Path, seen: &[Seen]) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::Found(format!("{}: {error}", path.display()));
    let lines: Result<Vec<String>, _> = seen.iter().map(serde_json::to_string).collect();
    let text = lines.map_err(|error| failed(&error))?.join("\n");
    path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text + "\n")).map_err(|e| failed(&e))
}
