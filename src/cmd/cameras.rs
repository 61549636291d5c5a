//! From a command line to cameras that can be worked: settings, models, tapes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Failure, ModelArgs};
use crate::clock::Clock;
use crate::config::{self, CameraSettings, ModelSettings, Settings, SourceUrl};
use crate::event::Provenance;
use crate::ids::{CameraId, NAME_BYTES_MAX};
use crate::perception::{OnnxPerception, Perception};
use crate::recording::{TapeWriter, Title};
use crate::worker::analysis::Analysis;
use crate::worker::recorder::make_folder;
use crate::worker::simulated_bags::SimulatedBags;

/// Settings from a configuration file, if there is one, with `inputs` in place of its sources, if there are any.
///
/// `CAMERA=SOURCE` gives the camera's name. A bare source takes the next camera of the file that is not named, and
/// without a file a name of its own.
pub(super) fn settings(config: Option<&Path>, inputs: &[String], models: &ModelArgs) -> Result<Settings, Failure> {
    let mut settings = match config {
        Some(path) => config::load(path).map_err(Failure::input)?,
        None => config::hall(Vec::new()),
    };
    if !inputs.is_empty() {
        settings.cameras = from_inputs(config.is_some(), &settings.cameras, inputs)?;
    }
    if settings.cameras.is_empty() {
        return Err(Failure::Usage("no camera: name a source or give a configuration with cameras".to_owned()));
    }
    models.apply(&mut settings);
    Ok(settings)
}

fn from_inputs(
    configured: bool,
    cameras: &[CameraSettings],
    inputs: &[String],
) -> Result<Vec<CameraSettings>, Failure> {
    let named: Vec<(Option<CameraId>, &str)> = inputs.iter().map(|input| split(input)).collect();
    let mut used: BTreeSet<CameraId> = named.iter().filter_map(|(name, _)| name.clone()).collect();
    let mut result = Vec::new();
    for (name, source) in named {
        let known = match &name {
            Some(name) => cameras.iter().find(|c| c.id == *name),
            None => cameras.iter().find(|c| !used.contains(&c.id)),
        };
        let mut camera = match (known, name) {
            (Some(camera), _) => camera.clone(),
            (None, Some(name)) if configured => {
                return Err(Failure::Usage(format!("the configuration has no camera `{name}`")));
            }
            (None, None) if configured => {
                return Err(Failure::Usage(format!("more inputs than cameras in the configuration: {source}")));
            }
            (None, Some(name)) => config::hall_camera(name, source),
            (None, None) => config::hall_camera(name_of(source, &used), source),
        };
        used.insert(camera.id.clone());
        camera.source = SourceUrl::new(source);
        result.push(camera);
    }
    Ok(result)
}

/// `CAMERA=SOURCE`, where the left side is a usable name and no path.
fn split(input: &str) -> (Option<CameraId>, &str) {
    match input.split_once('=') {
        Some((name, source)) if !source.is_empty() => match CameraId::new(name) {
            Ok(name) => (Some(name), source),
            Err(_) => (None, input),
        },
        _ => (None, input),
    }
}

/// A camera's name from its source: the file's name without its extension, or the host's; numbered when taken.
fn name_of(source: &str, used: &BTreeSet<CameraId>) -> CameraId {
    let redacted = SourceUrl::new(source).redacted();
    let stem = match redacted.split_once("://") {
        Some((_, rest)) => rest.trim_start_matches("***@").split(['/', ':', '?']).next().unwrap_or_default().to_owned(),
        None => Path::new(&redacted).file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    };
    let safe: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    let safe = safe.trim_start_matches(['.', '_', '-']);
    let safe = if safe.is_empty() { "camera" } else { safe };
    // Room for a number.
    let safe = &safe[..safe.len().min(NAME_BYTES_MAX - 8)];
    (1..)
        .map(|n| if n == 1 { safe.to_owned() } else { format!("{safe}-{n}") })
        .filter_map(|name| CameraId::new(&name).ok())
        .find(|id| !used.contains(id))
        .expect("one of infinitely many names is free")
}

/// Whether the camera's source is a recording: neither a URL nor a device.
pub(super) fn is_recording(camera: &CameraSettings) -> bool {
    camera.source.is_recording()
}

/// The models of a camera, ready to run, and its analysis. With `tapes`, what enters the core is written there.
pub(super) fn analysis(
    camera: &CameraSettings,
    models: &ModelSettings,
    clock: Arc<dyn Clock>,
    tapes: Option<&Path>,
) -> Result<Analysis, Failure> {
    let perception = OnnxPerception::open(models, &camera.pipeline).map_err(Failure::input)?;
    let provenance = Provenance { models: perception.digest().to_owned(), configuration: camera.digest() };
    let tape = tapes.map(|folder| tape(folder, camera, &provenance)).transpose()?;
    let bags = camera.simulated_bags.as_deref().map(SimulatedBags::read).transpose().map_err(Failure::input)?;
    let analysis = Analysis::new(camera.clone(), Arc::new(provenance), Box::new(perception), clock, tape);
    Ok(match bags {
        Some(bags) => analysis.simulating(bags),
        None => analysis,
    })
}

fn tape(folder: &Path, camera: &CameraSettings, provenance: &Provenance) -> Result<TapeWriter, Failure> {
    make_folder(folder).map_err(Failure::input)?;
    let path: PathBuf = folder.join(format!("{}.tape", camera.id));
    let title =
        Title { camera: camera.id.clone(), provenance: provenance.clone(), settings: camera.pipeline.core.clone() };
    TapeWriter::create(&path, &title).map_err(Failure::input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(inputs: &[&str]) -> Vec<String> {
        let inputs: Vec<String> = inputs.iter().map(ToString::to_string).collect();
        let cameras = from_inputs(false, &[], &inputs).expect("usable inputs");
        cameras.iter().map(|c| format!("{}<-{}", c.id, c.source.secret())).collect()
    }

    #[test]
    fn cameras_are_named_by_their_inputs() {
        assert_eq!(
            names(&["a/hall.mp4", "gate=x.avi", "b/hall.avi", "rtsp://u:p@10.0.0.7:554/s", "도착.mp4", "odd=/x=y.mp4"]),
            [
                "hall<-a/hall.mp4",
                "gate<-x.avi",
                "hall-2<-b/hall.avi",
                "10.0.0.7<-rtsp://u:p@10.0.0.7:554/s",
                "camera<-도착.mp4",
                "odd<-/x=y.mp4"
            ]
        );
    }

    #[test]
    fn inputs_take_the_place_of_configured_sources() {
        let camera = |name: &str| config::hall_camera(CameraId::new(name).unwrap(), "old");
        let configured = [camera("gate"), camera("belt")];
        let inputs = ["belt=b.mp4".to_owned(), "g.mp4".to_owned()];
        let cameras = from_inputs(true, &configured, &inputs).expect("both fit");
        let got: Vec<_> = cameras.iter().map(|c| (c.id.as_str(), c.source.secret())).collect();
        assert_eq!(got, [("belt", "b.mp4"), ("gate", "g.mp4")]);
        assert!(from_inputs(true, &configured, &["exit=e.mp4".to_owned()]).is_err());
    }
}
