//! What a person looks like, by a re-identification model.

use super::PerceptionError;
use super::crop::{Crop, SHARP};
use super::library::ModelLibrary;
use super::manifest::{InputSpec, Layout, ModelEntry, Task};
use super::network::Network;
use super::preprocess::Preprocessor;
use crate::appearance::{Appearance, AppearanceKind};
use crate::config::ModelSettings;
use crate::frame::{BBox, Image};
use crate::units::Unavailable;

/// Turns crops into vectors.
#[derive(Debug)]
pub struct Reidentifier {
    network: Network,
    input: Preprocessor,
    spec: InputSpec,
    kind: AppearanceKind,
}

impl Reidentifier {
    /// Opens a re-identification model.
    ///
    /// # Errors
    /// As [`Network::open`].
    pub fn open(library: &ModelLibrary, settings: &ModelSettings, name: &str) -> Result<Self, PerceptionError> {
        let tasks = (&[Task::PersonReidentification][..], "person re-identification");
        let network = Network::open(library, settings, name, tasks)?;
        let spec = network.entry().input.clone();
        let kind = AppearanceKind::of_digest(&network.entry().sha256);
        Ok(Self { input: Preprocessor::new(&spec), spec, network, kind })
    }

    /// The model's manifest entry.
    #[must_use]
    pub fn entry(&self) -> &ModelEntry {
        self.network.entry()
    }

    /// The vector of the person in `bbox`, with the crop's quality: its visible share, times its size, times its
    /// sharpness, each at most 1.
    ///
    /// # Errors
    /// `TooSmall` below 12 x 24 pixels, `Occluded` when less than half of the box is inside the frame, `ModelFailed`
    /// (with the failure in the log) when the model does.
    pub fn appearance(&mut self, image: &Image, bbox: &BBox) -> Result<Appearance, Unavailable> {
        let crop = Crop::of(image, bbox)?;
        let failed = |error: PerceptionError| {
            tracing::warn!(%error, "no appearance");
            Unavailable::ModelFailed
        };
        self.input.fill_region(image, crop.region, false).map_err(failed)?;
        let quality = crop.quality(sharpness(self.input.tensor(), &self.spec));
        let outputs = self.network.run(self.input.tensor()).map_err(failed)?;
        let vector = outputs.values_at(0).map_err(failed)?;
        let appearance = Appearance::normalised(vector, quality).ok_or(Unavailable::ModelFailed)?;
        Ok(appearance.of_kind(self.kind))
    }
}

/// Mean difference of neighbouring green values of the input, in 8-bit steps.
fn sharpness(tensor: &[f32], spec: &InputSpec) -> f32 {
    let (width, cells) = (spec.width as usize, spec.width as usize * spec.height as usize);
    if spec.layout != Layout::Nchw || width < 2 {
        return SHARP;
    }
    // Green is the middle plane in both colour orders.
    let rows = tensor[cells..2 * cells].chunks_exact(width);
    let sum: f32 = rows.map(|row| row.windows(2).map(|p| (p[1] - p[0]).abs()).sum::<f32>()).sum();
    sum / (cells - spec.height as usize) as f32 * spec.std[1] / spec.scale
}
