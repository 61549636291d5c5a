//! One camera's thinking: detections and answers about pixels in, events out.
//!
//! [`CameraPipeline`] owns no thread, file, clock or lock. What enters it can be written to a tape and entered again.

mod floor;
mod journal;
pub mod lane;
mod layout;
mod pipeline;
mod reporter;
mod screen;
mod stature;
mod view;

use serde::{Deserialize, Serialize};

use crate::behaviour::Rules;
use crate::screening::ScreeningSettings;
use crate::tracking::{IntervalSettings, TrackerSettings};

pub use lane::LaneSettings;
pub use layout::{CameraLayout, LayoutError, PURPOSE_CHARS_MAX, mask_units};
pub use pipeline::CameraPipeline;

/// Limits and periods of the pure pipeline. Goes onto the tape with what entered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoreSettings {
    /// Period of track updates and of looks at the view's brightness, seconds of media time.
    pub report_period_s: f64,
    /// The view counts as covered when its luma deviation stays below this (8-bit luma) ...
    pub covered_deviation: f64,
    /// ... for this long, seconds of media time.
    pub covered_after_s: f64,
    /// A step of the stream's clock backwards, or forwards by more than this, ends all tracks, seconds.
    pub clock_step_s: f64,
    /// The camera's calibration: the 3x3 homography, row by row, from pixels of the full frame to metres on the floor.
    #[serde(default)]
    pub homography: Option<[f64; 9]>,
    /// On which frames the detector runs. A tape of earlier versions has none: there it ran on every frame.
    #[serde(default = "IntervalSettings::every_frame")]
    pub interval: IntervalSettings,
    /// What a lane camera measures; absent where the camera is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<LaneSettings>,
    /// The budget of screening; absent where nobody is screened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screening: Option<ScreeningSettings>,
    /// The tracker.
    pub tracker: TrackerSettings,
    /// Zones, lines and behaviours. Tapes of earlier versions have none.
    #[serde(default)]
    pub rules: Rules,
}

impl Default for CoreSettings {
    fn default() -> Self {
        Self {
            report_period_s: 1.0,
            covered_deviation: 4.0,
            covered_after_s: 3.0,
            clock_step_s: 10.0,
            homography: None,
            interval: IntervalSettings::default(),
            lane: None,
            screening: None,
            tracker: TrackerSettings::default(),
            rules: Rules::default(),
        }
    }
}
