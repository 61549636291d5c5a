//! A path that keeps to the border of the picture, where cameras see least.
//!
//! In a hall whose walkway runs along the border everybody would be told of: it is off until switched on.

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::motion::Mover;
use crate::event::{Behaviour, ReasonCode, Unit};

/// Parameters of a path along the border.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BorderSettings {
    /// Whether it is looked for.
    pub enabled: bool,
    /// The border: share of the picture's width at the left and right, of its height at the bottom.
    pub margin: f64,
    /// At least so much of the way, metres, leads along it ...
    pub way_m: f64,
    /// ... and at least this share of the whole way.
    pub share: f64,
}

impl Default for BorderSettings {
    fn default() -> Self {
        Self { enabled: false, margin: 0.12, way_m: 5.0, share: 0.8 }
    }
}

/// Length of the steps in which a way is measured, so that jitter adds nothing to it, metres.
const STEP_M: f64 = 0.5;

/// One person.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Border {
    last: Option<(f64, f64)>,
    way_m: f64,
    border_m: f64,
    told: bool,
}

impl Border {
    /// A sighting in a picture of `size`.
    pub fn step(&mut self, mover: &Mover, size: (f64, f64), settings: &BorderSettings) -> Option<Finding> {
        if !settings.enabled {
            return None;
        }
        let last = *self.last.get_or_insert(mover.at);
        let step = mover.distance_to(last);
        if step < STEP_M {
            return None;
        }
        self.last = Some(mover.at);
        self.way_m += step;
        let (x, y) = mover.bbox.foot();
        let (side, bottom) = (size.0 * settings.margin, size.1 * (1.0 - settings.margin));
        if x < side || x > size.0 - side || y > bottom {
            self.border_m += step;
        }
        let share = self.border_m / self.way_m;
        if self.told || self.border_m < settings.way_m || share < settings.share {
            return None;
        }
        self.told = true;
        let finding = Finding::new(Behaviour::BorderPath, mover, mover.born);
        Some(finding.because(ReasonCode::BorderShare, share, (0.0, settings.share), Unit::Ratio))
    }
}
