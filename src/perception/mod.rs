//! Models over pixels: what is where in a frame.
//!
//! A model is what its manifest entry says: the file with that hash, an input that pixels are brought to, outputs that a
//! decode family reads. `models/manifest.toml` describes those built in; a site may bring its own.
//!
//! - `manifest`, `library`, `embedded`: which models there are, where their files lie, that they are the right ones
//! - `runtime`, `network`: ONNX Runtime, one model opened and checked
//! - `resize`, `preprocess`: picture to tensor
//! - `decode`: outputs to meaning
//! - `detector`, `reidentify`, `face`, `pulse`: a model for each purpose
//! - `face_look`, `eye_patch`: what several of them say of one face, frame after frame
//! - `pulse_watch`: the pulse waves of several faces
//! - `crop`, `clothing`: what a person looks like where there is no model
//! - `onnx`, `scripted`, `probe`, `motion`, `skin`: [`Perception`]
//! - `fetch`, `bundle`: model files from elsewhere, and to elsewhere

mod bundle;
mod clothing;
mod clothing_mean;
mod crop;
mod decode;
mod detector;
mod embedded;
mod error;
mod eye_patch;
mod face;
mod face_look;
mod fetch;
mod library;
mod manifest;
mod motion;
mod network;
mod onnx;
mod preprocess;
mod probe;
mod pulse;
mod pulse_watch;
mod reidentify;
mod repeats;
mod resize;
mod runtime;
mod scripted;
mod skin;

pub use bundle::bundle;
pub use clothing::ClothingDescriptor;
pub use decode::{Candidate, EyeState, Filter, Grid, HeadPose, Landmark, suppress, yolox};
pub use detector::Detector;
pub use error::PerceptionError;
pub use face::{EyeModel, FaceEmbedder, LandmarkModel, PointModel, PoseModel};
pub use face_look::FaceLooker;
pub use fetch::{FetchError, Source, fetch};
pub use library::{MIRROR_VARIABLE, ModelLibrary, Place};
pub use manifest::{Decode, InputSpec, Manifest, ManifestError, ModelEntry, OriginServes, Task};
pub use network::Network;
pub use onnx::OnnxPerception;
pub use pulse::{PulseMemory, PulseModel};
pub use pulse_watch::PulseWatch;
pub use reidentify::Reidentifier;
pub use resize::Region;
pub use runtime::{RUNTIME_VERSION, locate};
pub use scripted::ScriptedPerception;

use crate::frame::{Image, PixelProbe};
use crate::tracking::Detection;

/// Detection and questions about one frame. Implementations: ONNX models and scripted answers.
pub trait Perception: Send {
    /// Everything detected in `image`, strongest first, into `found` (cleared first). Returns how many more there were
    /// beyond the configured most, the weakest.
    ///
    /// # Errors
    /// When the model cannot be run.
    fn detect(&mut self, image: &Image, found: &mut Vec<Detection>) -> Result<u64, PerceptionError>;

    /// Answers questions about `image`.
    fn probe<'a>(&'a mut self, image: &'a Image) -> Box<dyn PixelProbe + 'a>;

    /// SHA-256, hexadecimal, over the digests of all models in use.
    fn digest(&self) -> &str;
}
