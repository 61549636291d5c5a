//! A fall: somebody stood, and now lies where they stood.
//!
//! A box that becomes low because something hides its lower part does not become wide, and one cut by the border of the
//! picture says nothing.

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::motion::Mover;
use crate::event::{Behaviour, ReasonCode, Unit};

/// Parameters of a fall.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FallSettings {
    /// Somebody stands when their box is at least this many times as high as wide.
    pub upright: f64,
    /// Somebody may lie when it is at most this many times as high as wide ...
    pub lying: f64,
    /// ... at most this share of the height at which they stood ...
    pub low: f64,
    /// ... and at least so many times as wide as they stood.
    pub wide: f64,
    /// For how long, seconds.
    pub hold_s: f64,
}

impl Default for FallSettings {
    fn default() -> Self {
        Self { upright: 1.6, lying: 0.9, low: 0.6, wide: 1.3, hold_s: 1.5 }
    }
}

/// One person.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Fall {
    /// Width and height at which they stood.
    stood: Option<(f64, f64)>,
    low_since: Option<f64>,
    told: bool,
}

/// A box nearer than this to the border of the picture is cut by it, pixels.
const BORDER_PX: f64 = 3.0;

impl Fall {
    /// A sighting in a picture of `size`.
    pub fn step(&mut self, mover: &Mover, at: f64, size: (f64, f64), settings: &FallSettings) -> Option<Finding> {
        let (w, h) = mover.sides;
        let b = &mover.bbox;
        let cut =
            b.x < BORDER_PX || b.y < BORDER_PX || b.right() > size.0 - BORDER_PX || b.bottom() > size.1 - BORDER_PX;
        let evidence = |since| {
            Finding::new(Behaviour::Fall, mover, since)
                .because(ReasonCode::Uprightness, h / w, (settings.lying, f64::MAX), Unit::Ratio)
                .because(ReasonCode::TimeLying, at - since, (0.0, settings.hold_s), Unit::Seconds)
        };
        if h >= w * settings.upright {
            let over = self.low_since.take().filter(|_| std::mem::take(&mut self.told));
            self.stood = (!cut).then_some((w, h));
            return over.map(|since| evidence(since).over());
        }
        let (stood_w, stood_h) = self.stood?;
        let lies = h <= w * settings.lying && h <= stood_h * settings.low && w >= stood_w * settings.wide && !cut;
        if !lies {
            self.low_since = self.low_since.filter(|_| self.told);
            return None;
        }
        let since = *self.low_since.get_or_insert(at);
        if self.told || at - since < settings.hold_s {
            return None;
        }
        self.told = true;
        Some(evidence(since))
    }
}
