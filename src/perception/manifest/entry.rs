//! One model's entry and the rules that its values keep.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::frame::ObjectClass;

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// What is where.
    Detection,
    /// A person's crop to a vector.
    PersonReidentification,
    /// An aligned face crop to a vector.
    FaceVerification,
    /// Landmarks in a face crop.
    FaceLandmarks,
    /// Five points in a face crop.
    FacePoints,
    /// Pupil and lid of an eye crop.
    EyeState,
    /// Angles of a face crop.
    HeadPose,
    /// Pulse wave of a face.
    Pulse,
}

impl Task {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Detection,
        Self::PersonReidentification,
        Self::FaceVerification,
        Self::FaceLandmarks,
        Self::FacePoints,
        Self::EyeState,
        Self::HeadPose,
        Self::Pulse,
    ];

    /// As in the manifest.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Detection => "detection",
            Self::PersonReidentification => "person-reidentification",
            Self::FaceVerification => "face-verification",
            Self::FaceLandmarks => "face-landmarks",
            Self::FacePoints => "face-points",
            Self::EyeState => "eye-state",
            Self::HeadPose => "head-pose",
            Self::Pulse => "pulse",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Order of the model's colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channels {
    /// Blue, green, red.
    Bgr,
    /// Red, green, blue.
    Rgb,
}

/// Order of the input's dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Batch, colour, row, column.
    #[default]
    Nchw,
    /// Batch, colour, column, row.
    Ncwh,
    /// Batch, frame, row, column, colour.
    Nhwc,
}

/// How a picture is brought to the input's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResizeMode {
    /// One scale for both sides, into the top left corner; the rest is filled.
    Letterbox,
    /// Each side on its own.
    Plain,
}

/// Names of the dimensions that the file leaves open. The batch is always 1.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Symbols {
    /// Of the batch.
    pub batch: Option<String>,
    /// Of the input's height.
    pub height: Option<String>,
    /// Of the input's width.
    pub width: Option<String>,
}

/// What goes in.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// The tensor's name.
    pub name: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Where the file leaves width and height open: both must be multiples of this.
    pub multiple_of: Option<u32>,
    /// Dimensions that the file leaves open.
    #[serde(default)]
    pub symbols: Symbols,
    /// Order of the dimensions.
    #[serde(default)]
    pub layout: Layout,
    /// Order of the colours.
    pub colour: Channels,
    /// 8-bit values are multiplied by this first.
    #[serde(default = "one")]
    pub scale: f32,
    /// Then this is subtracted, per colour in the model's order.
    #[serde(default)]
    pub mean: [f32; 3],
    /// Then it is divided by this.
    #[serde(default = "ones")]
    pub std: [f32; 3],
    /// How a picture is brought to size.
    pub resize: ResizeMode,
    /// 8-bit value of what a letterbox leaves over.
    #[serde(default)]
    pub pad: u8,
}

fn one() -> f32 {
    1.0
}

fn ones() -> [f32; 3] {
    [1.0; 3]
}

/// What comes out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputSpec {
    /// The tensor's name.
    pub name: String,
    /// Its dimensions; -1 where it depends on the input size.
    pub shape: Vec<i64>,
}

/// How what comes out is read. `score` and `nms_iou` are the published defaults.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "family", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Decode {
    /// Anchor-free grid: per cell 4 of box, objectness, classes (Ge et al., YOLOX, 2021).
    Yolox {
        /// Pixels of a cell, one grid each, in the order of the output.
        strides: Vec<u32>,
        /// Detections below it are not reported.
        score: f32,
        /// Overlap above which the weaker of two is dropped.
        nms_iou: f64,
    },
    /// Boxes as corners in 0 to 1, and class scores; priors already applied.
    SsdBoxesScores {
        /// Detections below it are not reported.
        score: f32,
        /// Overlap above which the weaker of two is dropped.
        nms_iou: f64,
    },
    /// Anchor-free faces with five points (Wu et al., YuNet, 2023).
    Yunet {
        /// Pixels of a cell, one grid each.
        strides: Vec<u32>,
        /// Detections below it are not reported.
        score: f32,
        /// Overlap above which the weaker of two is dropped.
        nms_iou: f64,
    },
    /// A vector, to be scaled to unit length.
    Embedding {},
    /// Heat maps, then offsets of rows, then of columns, one of each per point.
    HeatmapLandmarks {
        /// How many points.
        points: usize,
        /// Divisor of the offsets' logits.
        logit: f32,
    },
    /// Heat map and offsets of the pupil; logits of closed and open.
    GazeBlink {
        /// Divisor of the offsets' logits.
        logit: f32,
    },
    /// x and y in 0 to 1, point after point.
    Points {},
    /// One output for each angle, degrees.
    Angles {
        /// Output.
        yaw: String,
        /// Output.
        pitch: String,
        /// Output.
        roll: String,
    },
    /// One frame in, one sample out, states in and out.
    MeRppg {
        /// How many; inputs and outputs 1 to this.
        states: usize,
        /// Input of the seconds since the last frame.
        interval: String,
        /// Start value of the seeded states; the others start at 0.
        seed: f32,
        /// Numbers of the seeded states.
        seeded: Vec<usize>,
    },
}

/// Number in the model's output of each class that greenlane knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Classes {
    person: Option<usize>,
    backpack: Option<usize>,
    handbag: Option<usize>,
    suitcase: Option<usize>,
    face: Option<usize>,
}

impl Classes {
    /// The classes that the model has, with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (ObjectClass, usize)> {
        let number = |class| match class {
            ObjectClass::Person => self.person,
            ObjectClass::Backpack => self.backpack,
            ObjectClass::Handbag => self.handbag,
            ObjectClass::Suitcase => self.suitcase,
            ObjectClass::Face => self.face,
        };
        ObjectClass::ALL.map(|class| number(class).map(|n| (class, n))).into_iter().flatten()
    }
}

/// What the origin URL gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OriginServes {
    /// This very file.
    File,
    /// The same network in another packaging; the file comes from a mirror.
    Source,
}

/// Everything known of a model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// What it is called in configurations and on the command line.
    pub name: String,
    /// What it is for.
    pub task: Task,
    /// In a line.
    pub about: String,
    /// File name, in every place where models are.
    pub file: String,
    /// Of the file, hexadecimal, lower case.
    pub sha256: String,
    /// Of the file, bytes.
    pub size: u64,
    /// Where it was published.
    pub origin: String,
    /// What is to be had there.
    pub origin_serves: OriginServes,
    /// SPDX name.
    pub licence: String,
    /// Its text, in the folder `licences` of a mirror.
    pub licence_file: String,
    /// As published.
    pub accuracy: Option<String>,
    /// What goes in.
    pub input: InputSpec,
    /// What comes out.
    pub outputs: Vec<OutputSpec>,
    /// How to read it.
    pub decode: Decode,
    /// Of a detector: its classes.
    #[serde(default)]
    pub classes: Classes,
    /// Of a detector: scores below this mean nothing, whatever a pipeline asks for, 0 to 1. A tracker profits from weak
    /// detections only where the model ranks them above the background.
    #[serde(default)]
    pub score_floor: f32,
}
