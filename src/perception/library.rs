//! Where model files are, and that they are the right ones.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::PerceptionError;
use super::embedded::embedded;
use super::manifest::{Manifest, ModelEntry, Task};
use super::network::split_name;
use crate::config::{
    FaceModelSettings, HALL_DETECTOR, LANE_DETECTOR, ModelSettings, NO_MODEL, PULSE_MODEL, PipelineSettings,
    cache_folder, filled_variable,
};

/// Detectors to take when none is configured, best first by the figures in `models/greenlane-person.md`.
const DEFAULT_DETECTORS: [&str; 2] = ["person_yolox_nano_416", "greenlane-person-int8"];

/// The same for faces, best first by the figures in `models/greenlane-face.md`.
const DEFAULT_FACE_DETECTORS: [&str; 3] = ["face_yunet_n_dynamic", "face_yunet_2023mar_640", "greenlane-face-int8"];

/// What models look into faces for, and those that do where none is named. Pupils and lids are used by nothing here, so
/// their model runs only where it is named.
const FACE_MODELS: [(Task, Option<&str>); 4] = [
    (Task::FaceLandmarks, Some("face_openseeface_66_224")),
    (Task::EyeState, None),
    (Task::HeadPose, Some("head_pose_adas_0001_60")),
    (Task::Pulse, Some(PULSE_MODEL)),
];

/// The variable that names the folder of models.
pub const MIRROR_VARIABLE: &str = "GREENLANE_MODEL_MIRROR";

/// Where a model's file was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the binary.
    Embedded,
    /// In the mirror.
    Mirror(PathBuf),
    /// Among those fetched.
    Cache(PathBuf),
}

impl Place {
    /// In a word.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Mirror(_) => "mirror",
            Self::Cache(_) => "cache",
        }
    }

    /// The file, where it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Embedded => None,
            Self::Mirror(path) | Self::Cache(path) => Some(path),
        }
    }

    /// The file, for messages.
    #[must_use]
    pub fn describe(&self, entry: &ModelEntry) -> String {
        match self {
            Self::Embedded => format!("embedded {}", entry.file),
            Self::Mirror(path) | Self::Cache(path) => path.display().to_string(),
        }
    }
}

/// The manifest and the places where its files may be: the binary, the mirror, the cache, in that order.
#[derive(Debug, Clone)]
pub struct ModelLibrary {
    manifest: Manifest,
    mirror: Option<PathBuf>,
    cache: Option<PathBuf>,
}

impl ModelLibrary {
    /// As configured; without a mirror in the configuration, `GREENLANE_MODEL_MIRROR` names it.
    ///
    /// # Errors
    /// [`PerceptionError::Manifest`] when the site's manifest is not one.
    pub fn open(settings: &ModelSettings) -> Result<Self, PerceptionError> {
        let manifest = match &settings.manifest {
            Some(path) => Manifest::with_site(path)?,
            None => Manifest::built_in()?,
        };
        let mirror = settings.mirror.clone().or_else(|| filled_variable(MIRROR_VARIABLE));
        Ok(Self { manifest, mirror, cache: cache_folder().map(|c| c.join("models")) })
    }

    /// The models known.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The mirror in use.
    #[must_use]
    pub fn mirror(&self) -> Option<&Path> {
        self.mirror.as_deref()
    }

    /// Where fetched models are kept.
    #[must_use]
    pub fn cache(&self) -> Option<&Path> {
        self.cache.as_deref()
    }

    /// The entry of that name; an input size after it (`NAME@WIDTHxHEIGHT`) is not looked at, and [`HALL_DETECTOR`] and
    /// [`LANE_DETECTOR`] stand for the best person and face detector at hand.
    ///
    /// # Errors
    /// [`PerceptionError::UnknownModel`] with the names that there are.
    pub fn entry(&self, name: &str) -> Result<&ModelEntry, PerceptionError> {
        let found = match name {
            HALL_DETECTOR => self.default_detector(),
            LANE_DETECTOR => self.first_present(&DEFAULT_FACE_DETECTORS),
            _ => Some(split_name(name).0),
        };
        let found = found.unwrap_or(name);
        self.manifest.get(found).ok_or_else(|| PerceptionError::UnknownModel {
            name: name.to_owned(),
            known: self.manifest.models().iter().map(|m| m.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    /// The detector to take when none is configured: the first whose file is there.
    #[must_use]
    pub fn default_detector(&self) -> Option<&'static str> {
        self.first_present(&DEFAULT_DETECTORS)
    }

    /// The model that does `task` on faces: the one named; where none is, the public one, if there is one and its file is there.
    #[must_use]
    pub fn face_model<'n>(&self, names: &'n FaceModelSettings, task: Task) -> Option<&'n str> {
        let name = match task {
            Task::FaceLandmarks => &names.landmarks,
            Task::EyeState => &names.eyes,
            Task::HeadPose => &names.head,
            Task::Pulse => &names.pulse,
            _ => return None,
        };
        match name.as_deref() {
            Some(NO_MODEL) => None,
            Some(name) => Some(name),
            None => {
                let default = FACE_MODELS.iter().find(|(of, _)| *of == task).and_then(|(_, name)| *name)?;
                let present = self.first_present(&[default]);
                if present.is_none() {
                    tracing::info!(model = default, "no file of it: what it would say of faces is absent");
                }
                present
            }
        }
    }

    /// What a camera's pipeline needs a model for, and the model that it opens for it; `None` where there is none.
    #[must_use]
    pub fn models_of<'p>(&self, pipeline: &'p PipelineSettings) -> Vec<(Task, Option<&'p str>)> {
        let detector = pipeline.detector_model().map(|name| (Task::Detection, Some(name)));
        let appearance = pipeline.appearance_model().map(|name| (Task::PersonReidentification, Some(name)));
        let of_face = |names: &'p FaceModelSettings| {
            let wanted = |task: Task| match task {
                Task::EyeState => names.eyes.is_some(),
                Task::Pulse => pipeline.follows_pulses(),
                _ => true,
            };
            let tasks = FACE_MODELS.iter().map(|(task, _)| *task).filter(move |task| wanted(*task));
            tasks.map(|task| (task, self.face_model(names, task)))
        };
        detector.into_iter().chain(appearance).chain(pipeline.face.iter().flat_map(of_face)).collect()
    }

    fn first_present(&self, names: &[&'static str]) -> Option<&'static str> {
        let present = |name: &&str| self.manifest.get(name).is_some_and(|entry| self.place(entry).is_some());
        names.iter().copied().find(present)
    }

    /// Where the model's file is, if it is anywhere.
    #[must_use]
    pub fn place(&self, entry: &ModelEntry) -> Option<Place> {
        if embedded(&entry.file).is_some() {
            return Some(Place::Embedded);
        }
        let file = |folder: &Option<PathBuf>| folder.as_ref().map(|f| f.join(&entry.file)).filter(|p| p.is_file());
        file(&self.mirror).map(Place::Mirror).or_else(|| file(&self.cache).map(Place::Cache))
    }

    /// The licence's text in the mirror, if it is there.
    #[must_use]
    pub fn licence(&self, entry: &ModelEntry) -> Option<PathBuf> {
        let folders = [&self.mirror, &self.cache].into_iter().flatten();
        folders.map(|f| f.join("licences").join(&entry.licence_file)).find(|p| p.is_file())
    }

    /// The model's bytes, size and sha256 checked, and where they came from.
    ///
    /// # Errors
    /// [`PerceptionError`] when the file is nowhere, cannot be read or is another one.
    pub fn load(&self, entry: &ModelEntry) -> Result<(Cow<'static, [u8]>, Place), PerceptionError> {
        let place = self.place(entry).ok_or_else(|| self.missing(entry))?;
        let bytes = match &place {
            Place::Embedded => Cow::Borrowed(embedded(&entry.file).unwrap_or_default()),
            Place::Mirror(path) | Place::Cache(path) => Cow::Owned(read_checked_size(entry, path)?),
        };
        check(entry, &bytes, &place.describe(entry))?;
        Ok((bytes, place))
    }

    fn missing(&self, entry: &ModelEntry) -> PerceptionError {
        let mirror = match &self.mirror {
            Some(folder) => format!("mirror {}", folder.display()),
            None => format!("a mirror (none is set: --mirror or {MIRROR_VARIABLE})"),
        };
        let cache = self.cache.as_ref().map_or_else(String::new, |c| format!(", nor in {}", c.display()));
        let looked = format!("the binary, nor in {mirror}{cache}");
        PerceptionError::MissingFile { model: entry.name.clone(), file: entry.file.clone(), looked }
    }
}

/// Reads a file that must have the entry's size; a larger one is not read.
fn read_checked_size(entry: &ModelEntry, path: &Path) -> Result<Vec<u8>, PerceptionError> {
    let fail = |error| PerceptionError::Read { path: path.to_owned(), error };
    let size = std::fs::metadata(path).map_err(fail)?.len();
    if size != entry.size {
        return Err(wrong(entry, &path.display().to_string(), "size", &size.to_string(), &entry.size.to_string()));
    }
    std::fs::read(path).map_err(fail)
}

/// Refuses bytes that are not the entry's.
pub(super) fn check(entry: &ModelEntry, bytes: &[u8], path: &str) -> Result<(), PerceptionError> {
    if bytes.len() as u64 != entry.size {
        return Err(wrong(entry, path, "size", &bytes.len().to_string(), &entry.size.to_string()));
    }
    let found = hex(&Sha256::digest(bytes));
    if found != entry.sha256 {
        return Err(wrong(entry, path, "sha256", &found, &entry.sha256));
    }
    Ok(())
}

pub(super) fn wrong(entry: &ModelEntry, path: &str, what: &str, found: &str, expected: &str) -> PerceptionError {
    let difference = format!("{what} {found} where the manifest says {expected}");
    PerceptionError::WrongFile { model: entry.name.clone(), path: path.to_owned(), difference }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}
