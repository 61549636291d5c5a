//! [`Perception`] by ONNX models.

use sha2::{Digest, Sha256};

use super::clothing::ClothingDescriptor;
use super::detector::Detector;
use super::face_look::FaceLooker;
use super::library::{ModelLibrary, hex};
use super::manifest::ModelEntry;
use super::motion::Mosaic;
use super::probe::{Looks, Pixels};
use super::pulse_watch::PulseWatch;
use super::reidentify::Reidentifier;
use super::repeats::Repeats;
use super::{Perception, PerceptionError};
use crate::appearance::AppearanceKind;
use crate::config::{ModelSettings, NO_APPEARANCE, PipelineSettings};
use crate::frame::{Image, PixelProbe};
use crate::tracking::Detection;

/// A detector, and a re-identification model where one is configured, else the descriptor of clothing. One of it per
/// camera: it runs on the thread that calls it.
#[derive(Debug)]
pub struct OnnxPerception {
    /// `None` where nothing is looked for.
    detector: Option<Detector>,
    looks: Looks,
    faces: Option<FaceLooker>,
    pulses: Option<PulseWatch>,
    detections_max: usize,
    digest: String,
    /// Of the picture that was last detected in.
    before: Mosaic,
    /// Of the last two pictures that were asked about.
    repeats: Repeats,
}

impl OnnxPerception {
    /// Opens the models that a camera's pipeline names.
    ///
    /// # Errors
    /// [`PerceptionError`] with the model or file that cannot be used and why.
    pub fn open(models: &ModelSettings, pipeline: &PipelineSettings) -> Result<Self, PerceptionError> {
        let library = ModelLibrary::open(models)?;
        Self::from_library(&library, models, pipeline)
    }

    /// As [`OnnxPerception::open`], with a library that is open already.
    ///
    /// # Errors
    /// As [`OnnxPerception::open`].
    pub fn from_library(
        library: &ModelLibrary,
        models: &ModelSettings,
        pipeline: &PipelineSettings,
    ) -> Result<Self, PerceptionError> {
        let detector = match pipeline.detector_model() {
            None => None,
            Some(name) => {
                let detector = Detector::open(library, models, name)?;
                let score_min = pipeline.score_min.max(detector.entry().score_floor);
                Some(detector.with_score_min(score_min))
            }
        };
        let looks = match pipeline.appearance.as_deref() {
            None => Looks::Clothing(ClothingDescriptor),
            Some(NO_APPEARANCE) => Looks::Off,
            Some(name) => Looks::Model(Box::new(Reidentifier::open(library, models, name)?)),
        };
        let (faces, pulses) = match &pipeline.face {
            Some(names) => {
                let pulses = pipeline.follows_pulses().then(|| PulseWatch::open(library, models, names)).transpose()?;
                (FaceLooker::open(library, models, names)?, pulses.flatten())
            }
            None => (None, None),
        };
        let mut hash = Sha256::new();
        let mut add = |entry: &ModelEntry| {
            hash.update(format!("{} {}x{}\n", entry.sha256, entry.input.width, entry.input.height));
        };
        detector.iter().for_each(|detector| add(detector.entry()));
        faces.iter().flat_map(FaceLooker::entries).for_each(&mut add);
        pulses.iter().for_each(|pulses| add(pulses.entry()));
        match &looks {
            Looks::Off => {}
            Looks::Clothing(_) => hash.update(format!("appearance {}\n", AppearanceKind::CLOTHING.0)),
            Looks::Model(model) => add(model.entry()),
        }
        let digest = hex(&hash.finalize());
        let (detections_max, before, repeats) = (pipeline.detections_max, Mosaic::default(), Repeats::default());
        Ok(Self { detector, looks, faces, pulses, detections_max, digest, before, repeats })
    }
}

impl Perception for OnnxPerception {
    fn detect(&mut self, image: &Image, found: &mut Vec<Detection>) -> Result<u64, PerceptionError> {
        found.clear();
        let Some(detector) = &mut self.detector else { return Ok(0) };
        let candidates = detector.detect(image)?;
        self.before = Mosaic::of(image);
        let kept = candidates.len().min(self.detections_max);
        found.extend(candidates[..kept].iter().map(|c| Detection { bbox: c.bbox, score: c.score, class: c.class }));
        Ok((candidates.len() - kept) as u64)
    }

    fn probe<'a>(&'a mut self, image: &'a Image) -> Box<dyn PixelProbe + 'a> {
        let Self { before, repeats, looks, faces, pulses, .. } = self;
        repeats.next();
        Box::new(Pixels { image, before, repeats, looks, faces: faces.as_mut(), pulses: pulses.as_mut() })
    }

    fn digest(&self) -> &str {
        &self.digest
    }
}
