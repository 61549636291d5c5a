//! Walking against the direction of a one-way zone.

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::motion::Mover;
use crate::event::{Behaviour, ReasonCode, Unit};

/// Parameters of walking against the direction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CounterFlowSettings {
    /// How far back from the farthest point reached, metres ...
    pub way_m: f64,
    /// ... and how fast at that moment at least, metres a second.
    pub speed_mps: f64,
}

impl Default for CounterFlowSettings {
    fn default() -> Self {
        Self { way_m: 2.5, speed_mps: 0.4 }
    }
}

/// One person in one one-way zone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CounterFlow {
    way: Option<Way>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Way {
    last: (f64, f64),
    /// Way in the direction, and the farthest reached, metres; when that was.
    along: f64,
    farthest: f64,
    turned: f64,
    told: bool,
}

impl CounterFlow {
    /// A sighting inside the zone, whose direction is a unit vector.
    pub fn step(
        &mut self,
        mover: &Mover,
        at: f64,
        direction: (f64, f64),
        settings: &CounterFlowSettings,
    ) -> Option<Finding> {
        let start = Way { last: mover.at, along: 0.0, farthest: 0.0, turned: at, told: false };
        let way = self.way.get_or_insert(start);
        let moved = (mover.at.0 - way.last.0) * direction.0 + (mover.at.1 - way.last.1) * direction.1;
        way.along += moved * mover.scale;
        way.last = mover.at;
        if way.along >= way.farthest {
            (way.farthest, way.turned) = (way.along, at);
        }
        let back = way.farthest - way.along;
        let speed = -(mover.velocity.0 * direction.0 + mover.velocity.1 * direction.1) * mover.scale;
        if way.told || back < settings.way_m || speed < settings.speed_mps {
            return None;
        }
        way.told = true;
        let finding = Finding::new(Behaviour::CounterFlow, mover, way.turned);
        Some(finding.because(ReasonCode::WayBack, back, (0.0, settings.way_m), Unit::Metres))
    }

    /// Out of the zone.
    pub fn reset(&mut self) {
        self.way = None;
    }
}
