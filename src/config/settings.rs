//! The configuration as understood: typed, validated, with every default filled in.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::defaults::{NO_APPEARANCE, NO_MODEL, PULSE_MODEL};
use crate::association::Topology;
use crate::biosignal::PulseOrigin;
use crate::central::ConfirmationPolicy;
use crate::central::alert::AlertSettings;
use crate::ids::CameraId;
use crate::privacy::MaskRule;
use crate::time::CaptureTime;

/// Everything a greenlane process needs to know.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// Name of the site, e.g. `icn-t1-arrivals`.
    pub site: String,
    /// The central tracker.
    pub central: CentralSettings,
    /// The edge process.
    pub edge: EdgeSettings,
    /// Models and the runtime that runs them.
    pub models: ModelSettings,
    /// The cameras of this edge, in the order of the file; at most [`CAMERAS_MAX`].
    pub cameras: Vec<CameraSettings>,
}

/// Most cameras of one edge process.
pub const CAMERAS_MAX: usize = 64;

/// How long the centre keeps what says most about people, and who saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KeptSettings {
    /// Appearance vectors in the log.
    pub appearance: Duration,
    /// Readings of vital signs in the log.
    pub vital_signs: Duration,
    /// Who did or saw what; at least as long as events.
    pub audit: Duration,
}

/// The central tracker's settings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CentralSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The event store, an SQLite file.
    pub store: PathBuf,
    /// Events older than this are deleted.
    pub retention: Duration,
    /// Most events kept; the oldest go first.
    pub events_max: u64,
    /// What is deleted out of events sooner, and the audit log later, `[central.retention]`.
    pub kept: KeptSettings,
    /// Most consoles at once.
    pub subscribers_max: usize,
    /// Messages buffered for one console before the centre waits for it; a console that falls behind is served from the
    /// store.
    pub subscriber_buffer: usize,
    /// A heartbeat after this long without an event.
    pub heartbeat: Duration,
    /// How long arrival order does not matter.
    pub lateness: Duration,
    /// How the cameras lie to each other, `[central.topology]`.
    pub topology: Topology,
    /// The budget of alerts, `[central.alerts]`.
    pub alerts: AlertSettings,
    /// What needs a second person, `[central.confirmation]`.
    pub confirmation: ConfirmationPolicy,
}

/// The edge process's settings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EdgeSettings {
    /// The central tracker's URL, e.g. `http://127.0.0.1:50051`.
    pub central: String,
    /// The durable outbox, an SQLite file.
    pub outbox: PathBuf,
    /// Most bytes kept in the outbox; the oldest go first and are counted.
    pub outbox_bytes_max: u64,
    /// Events older than this leave the outbox unsent and are counted.
    pub outbox_age_max: Duration,
    /// Longest wait between two attempts to reach a camera or the centre.
    pub backoff_max: Duration,
    /// How long shutdown may take to flush the outbox.
    pub flush_max: Duration,
    /// Pictures kept around what is told, `[edge.evidence]`.
    pub evidence: EvidenceSettings,
}

/// What is kept around something that may become an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EvidenceSettings {
    /// Stills from so long before ...
    pub before: Duration,
    /// ... to so long after.
    pub after: Duration,
    /// They are deleted after this.
    pub keep: Duration,
    /// Most bytes of one camera; the oldest go first. 0 keeps none.
    pub bytes_max: usize,
}

/// Where models come from and what runs them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelSettings {
    /// The manifest; without one, the manifest built into the binary.
    pub manifest: Option<PathBuf>,
    /// Folder of model files besides the embedded ones.
    pub mirror: Option<PathBuf>,
    /// ONNX Runtime's shared library; without one it is looked for in the usual places.
    pub runtime: Option<PathBuf>,
    /// What computes.
    pub provider: ExecutionProvider,
}

/// ONNX Runtime execution providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionProvider {
    /// The processor; always there.
    Cpu,
    /// NVIDIA CUDA.
    Cuda,
    /// NVIDIA TensorRT.
    Tensorrt,
    /// Intel OpenVINO.
    Openvino,
}

/// What a camera is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CameraRole {
    /// Sees many people small.
    Hall,
    /// Sees one face and chest close up.
    Lane,
}

/// One camera.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CameraSettings {
    /// Its name.
    pub id: CameraId,
    /// Why this place is watched, in a sentence that can be shown to anyone.
    pub purpose: String,
    /// What it is for.
    pub role: CameraRole,
    /// File, image folder, `rtsp://` URL or `/dev/videoN`. May hold credentials: never logged, never in an event.
    #[serde(skip)]
    pub source: SourceUrl,
    /// Bags of a recording out of a file in MOT format, in place of those detected: for demonstrations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated_bags: Option<PathBuf>,
    /// UTC of a recording's first frame.
    pub start: CaptureTime,
    /// True frames a second of a recording whose own times are wrong.
    pub fps: Option<f64>,
    /// What of its picture nobody sees.
    pub masks: Vec<MaskRule>,
    /// What of its picture and time is analysed.
    pub pipeline: PipelineSettings,
    /// No frame for this long is a stall, and the camera offline.
    pub stall: Duration,
    /// Analyse at most so many frames a second of media time; the rest is grabbed and not decoded.
    pub fps_max: Option<f64>,
    /// Known difference between this camera's UTC and true UTC, half-width.
    pub clock_uncertainty: Duration,
}

/// A source as configured. `Debug` and `Display` hide the password.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceUrl(String);

impl SourceUrl {
    /// Takes it as written.
    #[must_use]
    pub fn new(source: &str) -> Self {
        Self(source.to_owned())
    }

    /// With its password: for the capture library alone.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// Whether it is a recording: neither a URL nor a device.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        let device = self.0.starts_with("/dev/") || self.0.bytes().all(|b| b.is_ascii_digit());
        !(device || self.0.contains("://"))
    }

    /// Without user, password and query, each of which may hold a secret. What stands before the last `@` is hidden even
    /// where it is no proper user part: a password with an unescaped `/` must not show.
    #[must_use]
    pub fn redacted(&self) -> String {
        let Some((scheme, rest)) = self.0.split_once("://") else { return self.0.clone() };
        let (place, query) = match rest.find('?') {
            Some(mark) if !rest[mark..].contains('@') => (&rest[..mark], "?***"),
            _ => (rest, ""),
        };
        match place.rfind('@') {
            Some(at) => {
                let place = &place[at + 1..];
                let end = place.find('?').unwrap_or(place.len());
                format!("{scheme}://***@{}{query}", &place[..end])
            }
            None => format!("{scheme}://{place}{query}"),
        }
    }
}

impl std::fmt::Debug for SourceUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.redacted())
    }
}

impl std::fmt::Display for SourceUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.redacted())
    }
}

/// What one camera's pipeline needs: models by name and the limits of the pure core.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PipelineSettings {
    /// Manifest name of the detector; [`NO_MODEL`]: nothing is looked for.
    pub detector: String,
    /// Manifest name of the re-identification model. `None`: the descriptor of clothing, which needs none;
    /// [`NO_APPEARANCE`]: neither.
    pub appearance: Option<String>,
    /// Detections below this score are not looked at, 0 to 1.
    pub score_min: f32,
    /// Models of faces; `None`: faces are not looked into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub face: Option<FaceModelSettings>,
    /// Most detections of a frame; the weakest go first and are counted.
    pub detections_max: usize,
    /// What the pure pipeline needs.
    pub core: crate::edge::CoreSettings,
}

/// Manifest names of the models that look into faces. `None`: the public one, if its file is there;
/// [`NO_MODEL`]: none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaceModelSettings {
    /// 66 landmarks of a face.
    pub landmarks: Option<String>,
    /// Pupil and lid of an eye; needs landmarks. `None`: none, for nothing is made of them here.
    pub eyes: Option<String>,
    /// Angles of a head.
    pub head: Option<String>,
    /// Pulse wave of a face, for as many faces as `core.lane.pulse_model_faces` says.
    pub pulse: Option<String>,
}

impl CameraSettings {
    /// The same lane camera with a place of a face, left, top, width and height in pixels: no model looks for faces or into
    /// them.
    #[must_use]
    pub fn with_seat(mut self, seat: [f64; 4]) -> Self {
        if let Some(lane) = &mut self.pipeline.core.lane {
            lane.seat = Some(seat);
            NO_MODEL.clone_into(&mut self.pipeline.detector);
            self.pipeline.face = None;
        }
        self
    }
}

impl CameraSettings {
    /// The same lane camera with one pulse method alone. The model that looks at whole faces is then needed, for every face that
    /// is measured.
    #[must_use]
    pub fn with_method(mut self, method: PulseOrigin) -> Self {
        let PipelineSettings { core, face, .. } = &mut self.pipeline;
        if let Some(lane) = &mut core.lane {
            lane.method = Some(method);
            if method == PulseOrigin::Network {
                lane.pulse_model_faces = lane.faces_max;
                face.get_or_insert_default().pulse.get_or_insert_with(|| PULSE_MODEL.to_owned());
            }
        }
        self
    }
}

impl PipelineSettings {
    /// The detector, where there is one.
    #[must_use]
    pub fn detector_model(&self) -> Option<&str> {
        Some(self.detector.as_str()).filter(|name| *name != NO_MODEL)
    }

    /// Whether a model follows the pulse of faces, where there is one.
    #[must_use]
    pub fn follows_pulses(&self) -> bool {
        self.core.lane.as_ref().is_some_and(|lane| lane.pulse_model_faces > 0)
    }

    /// The re-identification model, where there is one.
    #[must_use]
    pub fn appearance_model(&self) -> Option<&str> {
        self.appearance.as_deref().filter(|name| *name != NO_APPEARANCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_do_not_show() {
        for (source, shown) in [
            ("rtsp://u:secret@10.0.0.7:554/s1", "rtsp://***@10.0.0.7:554/s1"),
            ("rtsp://u:sec/ret@10.0.0.7/s1", "rtsp://***@10.0.0.7/s1"),
            ("rtsp://u:sec?ret@10.0.0.7/s1", "rtsp://***@10.0.0.7/s1"),
            ("rtsp://u:sec@ret@10.0.0.7/s1", "rtsp://***@10.0.0.7/s1"),
            ("rtsp://10.0.0.7/s1?user=u&password=secret", "rtsp://10.0.0.7/s1?***"),
            ("rtsp://u:secret@10.0.0.7/s1?token=secret", "rtsp://***@10.0.0.7/s1?***"),
            ("rtsp://10.0.0.7/s1", "rtsp://10.0.0.7/s1"),
            ("/data/a@b.avi", "/data/a@b.avi"),
        ] {
            let source = SourceUrl::new(source);
            assert_eq!(source.redacted(), shown);
            assert!(!format!("{source} {source:?}").contains("secret"));
        }
    }
}
