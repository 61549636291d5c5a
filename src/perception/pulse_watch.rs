//! The learned pulse waves of several faces: whose memory is kept, and when it is forgotten.

use super::PerceptionError;
use super::library::ModelLibrary;
use super::manifest::{ModelEntry, Task};
use super::pulse::{PulseMemory, PulseModel};
use crate::config::{FaceModelSettings, ModelSettings};
use crate::frame::{BBox, Image};
use crate::ids::TrackId;
use crate::time::MediaTime;
use crate::units::Unavailable;

/// Most faces that are remembered; the one not asked for the longest goes first.
const FACES_MAX: usize = 16;

/// A face that was not asked for so long is forgotten, seconds: nothing connects the two sides of the gap, as in the traces of colours.
const FORGET_S: f64 = 1.0;

/// The model's least step in time, seconds (its authors' `1/90`).
const STEP_MIN_S: f64 = 1.0 / 90.0;

/// The step before a first frame, as its authors have it, seconds.
const FIRST_STEP_S: f64 = 1.0 / 30.0;

/// Least sides of a face, pixels: two thirds of the model's input.
const SIDE_MIN: f64 = 24.0;

/// The pulse model with its memory of each face. One of it per camera.
#[derive(Debug)]
pub struct PulseWatch {
    model: PulseModel,
    /// The one asked for last is the last.
    faces: Vec<Followed>,
}

#[derive(Debug)]
struct Followed {
    face: TrackId,
    at: MediaTime,
    memory: PulseMemory,
}

impl PulseWatch {
    /// Opens the model of `names`; where none is named, the public one if its file is there. `None` when it is not.
    ///
    /// # Errors
    /// [`PerceptionError`] for a model that is named, or there, and cannot be used.
    pub fn open(
        library: &ModelLibrary,
        settings: &ModelSettings,
        names: &FaceModelSettings,
    ) -> Result<Option<Self>, PerceptionError> {
        let Some(name) = library.face_model(names, Task::Pulse) else { return Ok(None) };
        Ok(Some(Self { model: PulseModel::open(library, settings, name)?, faces: Vec::new() }))
    }

    /// The manifest entry of its model.
    #[must_use]
    pub fn entry(&self) -> &ModelEntry {
        self.model.entry()
    }

    /// The next sample of the pulse wave of `face`, which is in `bbox` at `at`.
    ///
    /// # Errors
    /// `TooSmall` below 24 pixels, `Occluded` outside the frame, `ModelFailed` when the model does.
    pub fn sample(&mut self, image: &Image, face: TrackId, bbox: &BBox, at: MediaTime) -> Result<f64, Unavailable> {
        self.faces.retain(|followed| (0.0..FORGET_S).contains(&at.since(followed.at)));
        if !bbox.is_valid() || bbox.w.min(bbox.h) < SIDE_MIN {
            return Err(Unavailable::TooSmall);
        }
        let region = PulseModel::region(image, bbox).ok_or(Unavailable::Occluded)?;
        let before = self.faces.iter().position(|followed| followed.face == face).map(|i| self.faces.remove(i));
        let step = before.as_ref().map_or(FIRST_STEP_S, |followed| at.since(followed.at).max(STEP_MIN_S));
        let mut memory = before.map_or_else(|| self.model.memory(), |followed| followed.memory);
        let sample = self.model.sample(&mut memory, image, region, step as f32).map_err(|error| {
            tracing::warn!(%error, "the model of pulses failed");
            Unavailable::ModelFailed
        })?;
        if self.faces.len() == FACES_MAX {
            self.faces.remove(0);
        }
        self.faces.push(Followed { face, at, memory });
        Ok(sample.into())
    }
}
