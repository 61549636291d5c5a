//! A detector: picture in, candidates in frame pixels out.

use super::PerceptionError;
use super::decode::{Candidate, Filter, Grid, YunetLevel, ssd_boxes_scores, suppress, yolox, yunet};
use super::library::ModelLibrary;
use super::manifest::{Decode, ModelEntry, Task};
use super::network::{Network, Outputs};
use super::preprocess::Preprocessor;
use crate::config::ModelSettings;
use crate::frame::{Image, ObjectClass};

/// How a detector's outputs are read, with what is computed once.
#[derive(Debug)]
enum Family {
    Yolox { output: String, grid: Grid, row: usize },
    Ssd,
    Yunet { levels: Vec<(u32, [String; 4])> },
}

/// Finds people, bags or faces.
#[derive(Debug)]
pub struct Detector {
    network: Network,
    input: Preprocessor,
    family: Family,
    classes: Vec<(ObjectClass, usize)>,
    score_min: f32,
    nms_iou: f64,
    found: Vec<Candidate>,
}

impl Detector {
    /// Opens a detector; `NAME@WIDTHxHEIGHT` sets the input size where the model takes any.
    ///
    /// # Errors
    /// As [`Network::open`].
    pub fn open(library: &ModelLibrary, settings: &ModelSettings, name: &str) -> Result<Self, PerceptionError> {
        let network = Network::open(library, settings, name, (&[Task::Detection], "detection"))?;
        let entry = network.entry();
        let (family, score_min, nms_iou) = family(entry).ok_or_else(|| PerceptionError::WrongTask {
            model: entry.name.clone(),
            task: entry.task.to_string(),
            wanted: "detection",
        })?;
        let (input, classes) = (Preprocessor::new(&entry.input), entry.classes.iter().collect());
        Ok(Self { network, input, family, classes, score_min, nms_iou, found: Vec::new() })
    }

    /// Replaces the published threshold.
    #[must_use]
    pub fn with_score_min(mut self, score_min: f32) -> Self {
        self.score_min = score_min;
        self
    }

    /// The threshold in use: the published one, or what replaced it.
    #[must_use]
    pub fn score_min(&self) -> f32 {
        self.score_min
    }

    /// The classes that the model knows.
    pub fn classes(&self) -> impl Iterator<Item = ObjectClass> {
        self.classes.iter().map(|(class, _)| *class)
    }

    /// The model's manifest entry, with the input size in use.
    #[must_use]
    pub fn entry(&self) -> &ModelEntry {
        self.network.entry()
    }

    /// Everything in the picture, strongest first, in pixels of the picture; boxes may reach outside.
    ///
    /// # Errors
    /// [`PerceptionError::Picture`] or [`PerceptionError::Run`].
    pub fn detect(&mut self, image: &Image) -> Result<&[Candidate], PerceptionError> {
        let placement = self.input.fill(image)?;
        let size = (self.network.entry().input.width, self.network.entry().input.height);
        self.found.clear();
        let filter = Filter { score_min: self.score_min, classes: &self.classes };
        let outputs = self.network.run(self.input.tensor())?;
        read(&self.family, &outputs, size, filter, &mut self.found)?;
        suppress(&mut self.found, self.nms_iou);
        for candidate in &mut self.found {
            candidate.bbox = placement.bbox(&candidate.bbox);
            for [x, y] in candidate.points.iter_mut().flatten() {
                let (px, py) = placement.point(f64::from(*x), f64::from(*y));
                (*x, *y) = (px as f32, py as f32);
            }
        }
        Ok(&self.found)
    }

    /// The three parts of [`Detector::detect`] one by one, for measuring them: fills the input ...
    ///
    /// # Errors
    /// [`PerceptionError::Picture`].
    pub fn preprocess(&mut self, image: &Image) -> Result<(), PerceptionError> {
        self.input.fill(image).map(|_| ())
    }

    /// ... and runs the model alone.
    ///
    /// # Errors
    /// [`PerceptionError::Run`].
    pub fn infer(&mut self) -> Result<(), PerceptionError> {
        self.network.run(self.input.tensor()).map(|_| ())
    }
}

fn family(entry: &ModelEntry) -> Option<(Family, f32, f64)> {
    match &entry.decode {
        Decode::Yolox { strides, score, nms_iou } => {
            let output = entry.outputs.first()?;
            let grid = Grid::new(entry.input.width, entry.input.height, strides);
            let row = usize::try_from(*output.shape.last()?).ok()?;
            Some((Family::Yolox { output: output.name.clone(), grid, row }, *score, *nms_iou))
        }
        Decode::SsdBoxesScores { score, nms_iou } => Some((Family::Ssd, *score, *nms_iou)),
        Decode::Yunet { strides, score, nms_iou } => {
            let names = |stride: &u32| ["cls", "obj", "bbox", "kps"].map(|kind| format!("{kind}_{stride}"));
            let levels = strides.iter().map(|s| (*s, names(s))).collect();
            Some((Family::Yunet { levels }, *score, *nms_iou))
        }
        _ => None,
    }
}

fn read(
    family: &Family,
    outputs: &Outputs<'_>,
    (width, height): (u32, u32),
    filter: Filter<'_>,
    found: &mut Vec<Candidate>,
) -> Result<(), PerceptionError> {
    match family {
        Family::Yolox { output, grid, row } => {
            let values = outputs.sized(output, grid.count() * row)?;
            yolox(values, grid, filter, found);
        }
        Family::Ssd => {
            let (boxes, scores) = (outputs.values("boxes")?, outputs.values("scores")?);
            ssd_boxes_scores(boxes, scores, (width, height), filter, found);
        }
        Family::Yunet { levels } => {
            let mut first = 0;
            for (stride, [cls, obj, bbox, kps]) in levels {
                let cells = (width / stride) * (height / stride);
                let n = cells as usize;
                let level = YunetLevel {
                    cls: outputs.sized(cls, n)?,
                    obj: outputs.sized(obj, n)?,
                    bbox: outputs.sized(bbox, 4 * n)?,
                    kps: outputs.sized(kps, 10 * n)?,
                };
                yunet(level, (width, height, *stride), first, filter, found);
                first += cells;
            }
        }
    }
    Ok(())
}
