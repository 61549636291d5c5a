//! Models of a face or eye crop: landmarks, five points, head pose, eye state, and the vector of an aligned face.

use super::decode::{self, EyeState, HeadPose, Landmark};
use super::library::ModelLibrary;
use super::manifest::{Decode, Task};
use super::network::Network;
use super::preprocess::{Placement, Preprocessor};
use super::resize::Region;
use super::{PerceptionError, manifest::ModelEntry};
use crate::appearance::Appearance;
use crate::config::ModelSettings;
use crate::frame::Image;

/// A model that looks at one region at a time.
#[derive(Debug)]
struct CropModel {
    network: Network,
    input: Preprocessor,
    size: (u32, u32),
}

impl CropModel {
    fn open(
        library: &ModelLibrary,
        settings: &ModelSettings,
        name: &str,
        tasks: (&[Task], &'static str),
    ) -> Result<Self, PerceptionError> {
        let network = Network::open(library, settings, name, tasks)?;
        let spec = &network.entry().input;
        Ok(Self { input: Preprocessor::new(spec), size: (spec.width, spec.height), network })
    }

    fn wrong_family(entry: &ModelEntry, wanted: &'static str) -> PerceptionError {
        PerceptionError::WrongTask { model: entry.name.clone(), task: format!("{:?}", entry.decode), wanted }
    }
}

/// Landmarks in a face region (OpenSeeFace: 66).
#[derive(Debug)]
pub struct LandmarkModel {
    model: CropModel,
    points: usize,
    factor: f32,
    found: Vec<Landmark>,
}

impl LandmarkModel {
    /// Opens a landmark model.
    ///
    /// # Errors
    /// As [`Network::open`].
    pub fn open(library: &ModelLibrary, settings: &ModelSettings, name: &str) -> Result<Self, PerceptionError> {
        const WANTED: &str = "face landmarks";
        let model = CropModel::open(library, settings, name, (&[Task::FaceLandmarks], WANTED))?;
        let entry = model.network.entry();
        let Decode::HeatmapLandmarks { points, logit } = entry.decode else {
            return Err(CropModel::wrong_family(entry, WANTED));
        };
        Ok(Self { model, points, factor: logit, found: Vec::new() })
    }

    /// Its manifest entry.
    #[must_use]
    pub fn entry(&self) -> &ModelEntry {
        self.model.network.entry()
    }

    /// The landmarks of the face in `region`, in frame pixels.
    ///
    /// # Errors
    /// [`PerceptionError::Picture`] or [`PerceptionError::Run`].
    pub fn landmarks(&mut self, image: &Image, region: Region) -> Result<&[Landmark], PerceptionError> {
        let Self { model, points, factor, found } = self;
        let placement = model.input.fill_region(image, region, false)?;
        let outputs = model.network.run(model.input.tensor())?;
        decode::heatmap_landmarks(outputs.values_at(0)?, *points, model.size.0, *factor, found);
        for landmark in found.iter_mut() {
            (landmark.x, landmark.y) = place(&placement, landmark.x, landmark.y);
        }
        Ok(found)
    }
}

fn place(placement: &Placement, x: f32, y: f32) -> (f32, f32) {
    let (x, y) = placement.point(f64::from(x), f64::from(y));
    (x as f32, y as f32)
}

/// Pupil and lid of an eye region (OpenSeeFace gaze).
#[derive(Debug)]
pub struct EyeModel {
    model: CropModel,
    factor: f32,
}

impl EyeModel {
    /// Opens an eye model.
    ///
    /// # Errors
    /// As [`Network::open`].
    pub fn open(library: &ModelLibrary, settings: &ModelSettings, name: &str) -> Result<Self, PerceptionError> {
        const WANTED: &str = "eyes";
        let model = CropModel::open(library, settings, name, (&[Task::EyeState], WANTED))?;
        let entry = model.network.entry();
        let Decode::GazeBlink { logit } = entry.decode else { return Err(CropModel::wrong_family(entry, WANTED)) };
        Ok(Self { model, factor: logit })
    }

    /// Its manifest entry.
    #[must_use]
    pub fn entry(&self) -> &ModelEntry {
        self.model.network.entry()
    }

    /// The eye in `region`, the pupil in frame pixels. The model knows image-left eyes; `mirrored` is for the other.
    ///
    /// # Errors
    /// [`PerceptionError::Picture`] or [`PerceptionError::Run`].
    pub fn eye(&mut self, image: &Image, region: Region, mirrored: bool) -> Result<EyeState, PerceptionError> {
        let Self { model, factor } = self;
        let placement = model.input.fill_region(image, region, mirrored)?;
        let name = model.network.entry().name.clone();
        let outputs = model.network.run(model.input.tensor())?;
        let state = decode::eye_state(outputs.values_at(0)?, outputs.values_at(1)?, model.size.0, *factor);
        let reason = || "maps that are not square, or no two lid values".to_owned();
        let mut state = state.ok_or_else(|| PerceptionError::Run { model: name, reason: reason() })?;
        let x = if mirrored { model.size.0 as f32 - state.pupil.x } else { state.pupil.x };
        (state.pupil.x, state.pupil.y) = place(&placement, x, state.pupil.y);
        Ok(state)
    }
}

/// Points in a face region: eyes, nose, mouth corners.
#[derive(Debug)]
pub struct PointModel {
    model: CropModel,
    found: Vec<[f32; 2]>,
}

impl PointModel {
    /// Opens a point model.
    ///
    /// # Errors
    /// As [`Network::open`].
    pub fn open(library: &ModelLibrary, settings: &ModelSettings, name: &str) -> Result<Self, PerceptionError> {
        let model = CropModel::open(library, settings, name, (&[Task::FacePoints], "face points"))?;
        Ok(Self { model, found: Vec::new() })
    }

    /// The points of the face in `region`, x and y in frame pixels.
    ///
    /// # Errors
    /// [`PerceptionError::Picture`] or [`PerceptionError::Run`].
    pub fn points(&mut self, image: &Image, region: Region) -> Result<&[[f32; 2]], PerceptionError> {
        let Self { model, found } = self;
        let placement = model.input.fill_region(image, region, false)?;
        let outputs = model.network.run(model.input.tensor())?;
        decode::points(outputs.values_at(0)?, model.size, found);
        for [x, y] in found.iter_mut() {
            (*x, *y) = place(&placement, *x, *y);
        }
        Ok(found)
    }
}

/// Angles of the head in a face region.
#[derive(Debug)]
pub struct PoseModel {
    model: CropModel,
    outputs: [String; 3],
}

impl PoseModel {
    /// Opens a head pose model.
    ///
    /// # Errors
    /// As [`Network::open`].
    pub fn open(library: &ModelLibrary, settings: &ModelSettings, name: &str) -> Result<Self, PerceptionError> {
        const WANTED: &str = "head pose";
        let model = CropModel::open(library, settings, name, (&[Task::HeadPose], WANTED))?;
        let entry = model.network.entry();
        let Decode::Angles { yaw, pitch, roll } = entry.decode.clone() else {
            return Err(CropModel::wrong_family(entry, WANTED));
        };
        Ok(Self { model, outputs: [yaw, pitch, roll] })
    }

    /// Its manifest entry.
    #[must_use]
    pub fn entry(&self) -> &ModelEntry {
        self.model.network.entry()
    }

    /// The angles of the head in `region`, degrees.
    ///
    /// # Errors
    /// [`PerceptionError::Picture`] or [`PerceptionError::Run`].
    pub fn pose(&mut self, image: &Image, region: Region) -> Result<HeadPose, PerceptionError> {
        let Self { model, outputs: [yaw, pitch, roll] } = self;
        model.input.fill_region(image, region, false)?;
        let outputs = model.network.run(model.input.tensor())?;
        let angle = |name: &str| outputs.sized(name, 1).map(|v| v[0]);
        Ok(HeadPose { yaw: angle(yaw)?, pitch: angle(pitch)?, roll: angle(roll)? })
    }
}

/// The vector of an aligned face, for 1:1 checks.
#[derive(Debug)]
pub struct FaceEmbedder {
    model: CropModel,
}

impl FaceEmbedder {
    /// Opens a face verification model.
    ///
    /// # Errors
    /// As [`Network::open`].
    pub fn open(library: &ModelLibrary, settings: &ModelSettings, name: &str) -> Result<Self, PerceptionError> {
        let model = CropModel::open(library, settings, name, (&[Task::FaceVerification], "face verification"))?;
        Ok(Self { model })
    }

    /// The unit vector of `aligned`, a face already brought to the model's reference points; `None` when the model
    /// answers with a vector that has no direction.
    ///
    /// # Errors
    /// [`PerceptionError::Picture`] or [`PerceptionError::Run`].
    pub fn embed(&mut self, aligned: &Image) -> Result<Option<Vec<f32>>, PerceptionError> {
        let model = &mut self.model;
        model.input.fill(aligned)?;
        let outputs = model.network.run(model.input.tensor())?;
        Ok(Appearance::normalised(outputs.values_at(0)?, 1.0).map(|a| a.vector))
    }
}
