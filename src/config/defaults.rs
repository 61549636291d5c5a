//! What holds where nothing is configured.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::settings::{
    CameraRole, CameraSettings, CentralSettings, EdgeSettings, EvidenceSettings, ExecutionProvider, FaceModelSettings,
    KeptSettings, ModelSettings, PipelineSettings, Settings, SourceUrl,
};
use crate::association::Topology;
use crate::central::ConfirmationPolicy;
use crate::central::alert::AlertSettings;
use crate::edge::{CoreSettings, LaneSettings};
use crate::ids::CameraId;
use crate::screening::ScreeningSettings;
use crate::time::CaptureTime;
use crate::tracking::IntervalSettings;

/// Stands for the best person detector at hand: a public one that finds bags, too, where the mirror has it, else our own, which
/// is embedded.
pub const HALL_DETECTOR: &str = "default";

/// What stands in place of a re-identification model where appearance is not wanted at all.
pub const NO_APPEARANCE: &str = "none";

/// What stands in place of a model of faces that is not wanted.
pub const NO_MODEL: &str = "none";

/// Stands for the best face detector at hand: YuNet where the mirror has it, else our own. Lane cameras take it.
pub const LANE_DETECTOR: &str = "default-face";

/// Where central listens and edges look for it.
pub const CENTRAL_PORT: u16 = 50_051;
/// Seconds of a day.
const DAY: u64 = 86_400;

/// A hall without a configuration file: the given cameras, everything else by default.
#[must_use]
pub fn hall(cameras: Vec<CameraSettings>) -> Settings {
    Settings {
        site: "hall".to_owned(),
        central: CentralSettings::default(),
        edge: EdgeSettings::default(),
        models: ModelSettings::default(),
        cameras,
    }
}

/// A hall camera without a configuration file. A recording is taken to begin at the Unix epoch, so that its events do
/// not depend on when it is replayed.
#[must_use]
pub fn hall_camera(id: CameraId, source: &str) -> CameraSettings {
    CameraSettings {
        id,
        purpose: "evaluation of a recording".to_owned(),
        role: CameraRole::Hall,
        source: SourceUrl::new(source),
        simulated_bags: None,
        start: CaptureTime::exact(0),
        fps: None,
        masks: Vec::new(),
        pipeline: PipelineSettings::default(),
        stall: Duration::from_secs(5),
        fps_max: None,
        clock_uncertainty: Duration::from_millis(100),
    }
}

/// The model that follows the pulse of faces where none is named.
pub const PULSE_MODEL: &str = "rppg_me_flow_36";

/// While nothing moves before a lane camera its detector runs so often, seconds: somebody who sits still is not to wait to
/// be believed in.
const LANE_STILL_S: f64 = 0.5;

/// Faces before a lane camera whose pulse a model follows, where it is there: the one in the lane.
const PULSE_MODEL_FACES: usize = 1;

/// A lane camera without a configuration file, otherwise as [`hall_camera`].
#[must_use]
pub fn lane_camera(id: CameraId, source: &str) -> CameraSettings {
    let hall = hall_camera(id, source);
    let interval = IntervalSettings { still_s: LANE_STILL_S, ..IntervalSettings::default() };
    let lane = LaneSettings { pulse_model_faces: PULSE_MODEL_FACES, ..LaneSettings::default() };
    let core = CoreSettings {
        lane: Some(lane),
        screening: Some(ScreeningSettings::default()),
        interval,
        ..hall.pipeline.core
    };
    CameraSettings {
        role: CameraRole::Lane,
        pipeline: PipelineSettings {
            detector: LANE_DETECTOR.to_owned(),
            // Clothing is what tells people in a hall apart; here a face fills the box.
            appearance: Some(NO_APPEARANCE.to_owned()),
            face: Some(FaceModelSettings::default()),
            core,
            ..hall.pipeline
        },
        ..hall
    }
}

impl Default for CentralSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, CENTRAL_PORT)),
            store: PathBuf::from("greenlane-central.sqlite"),
            retention: Duration::from_secs(7 * DAY),
            kept: KeptSettings {
                appearance: Duration::from_secs(3_600),
                vital_signs: Duration::from_secs(DAY),
                audit: Duration::from_secs(365 * DAY),
            },
            events_max: 10_000_000,
            subscribers_max: 256,
            subscriber_buffer: 64,
            heartbeat: Duration::from_secs(5),
            lateness: Duration::from_secs(2),
            topology: Topology::unknown(),
            alerts: AlertSettings::default(),
            confirmation: ConfirmationPolicy::default(),
        }
    }
}

impl Default for EdgeSettings {
    fn default() -> Self {
        Self {
            central: format!("http://127.0.0.1:{CENTRAL_PORT}"),
            outbox: PathBuf::from("greenlane-edge.sqlite"),
            outbox_bytes_max: 256 << 20,
            outbox_age_max: Duration::from_secs(7 * 86_400),
            backoff_max: Duration::from_secs(30),
            flush_max: Duration::from_secs(5),
            evidence: EvidenceSettings::default(),
        }
    }
}

impl Default for EvidenceSettings {
    fn default() -> Self {
        Self {
            before: Duration::from_secs(4),
            after: Duration::from_secs(4),
            keep: Duration::from_secs(3_600),
            bytes_max: 32 << 20,
        }
    }
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self { manifest: None, mirror: None, runtime: None, provider: ExecutionProvider::Cpu }
    }
}

impl Default for PipelineSettings {
    fn default() -> Self {
        Self {
            detector: HALL_DETECTOR.to_owned(),
            appearance: None,
            face: None,
            score_min: 0.1,
            detections_max: 256,
            core: CoreSettings::default(),
        }
    }
}
