//! Running: fast for some time and over some way.

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::motion::Mover;
use crate::event::{Behaviour, ReasonCode, Unit};

/// Parameters of running.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunningSettings {
    /// Faster than this is no walk, metres a second.
    pub speed_mps: f64,
    /// Below this it is over, metres a second.
    pub slow_mps: f64,
    /// For how long, seconds.
    pub hold_s: f64,
    /// Over what way, metres.
    pub way_m: f64,
}

impl Default for RunningSettings {
    fn default() -> Self {
        Self { speed_mps: 2.4, slow_mps: 2.0, hold_s: 0.7, way_m: 1.8 }
    }
}

/// One person.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Running {
    fast: Option<Fast>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Fast {
    since: f64,
    from: (f64, f64),
    told: bool,
}

impl Running {
    /// A sighting.
    pub fn step(&mut self, mover: &Mover, at: f64, settings: &RunningSettings) -> Option<Finding> {
        let speed = mover.speed();
        let evidence = |since| {
            let usual = (0.0, settings.speed_mps);
            Finding::new(Behaviour::Running, mover, since).because(
                ReasonCode::Speed,
                speed,
                usual,
                Unit::MetresPerSecond,
            )
        };
        if speed < settings.slow_mps {
            return self.fast.take().filter(|fast| fast.told).map(|fast| evidence(fast.since).over());
        }
        if speed < settings.speed_mps && self.fast.is_none() {
            return None;
        }
        let fast = self.fast.get_or_insert(Fast { since: at, from: mover.at, told: false });
        let far = mover.distance_to(fast.from) >= settings.way_m;
        if fast.told || at - fast.since < settings.hold_s || !far || speed < settings.speed_mps {
            return None;
        }
        fast.told = true;
        Some(evidence(fast.since))
    }
}
