//! Where people go from each view and where newcomers appear: counts that forget.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::CameraId;

use super::settings::AssociationSettings;
use super::topology::Topology;
use super::transit::Transit;

/// Walk in seconds assumed for a way of which nothing is known.
const WALK_UNKNOWN_S: f64 = 12.0;
/// The same for coming back into the same view, as a rule after being hidden.
const WALK_BACK_S: f64 = 3.0;
/// Departures after which older ones are forgotten.
const DEPARTURES_MEMORY: f64 = 200.0;
/// Prior count of a way that the configuration names, of one it does not, and of leaving for good.
const PRIOR_LINK: f64 = 1.0;
const PRIOR_OTHER: f64 = 0.05;
const PRIOR_LEAVE: f64 = 1.0;
/// Smallest probability of being away still.
const AWAY_MIN: f64 = 0.02;
/// Prior count shared by all ways where the configuration names none.
const PRIOR_SPREAD: f64 = 3.0;
/// Seconds after which newcomers are forgotten, and what the prior is worth.
const NEWCOMERS_MEMORY_S: f64 = 1_200.0;
const NEWCOMERS_PRIOR_S: f64 = 120.0;

/// Experience of one site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Traffic {
    cameras: Vec<CameraId>,
    ways: BTreeMap<(CameraId, CameraId), Transit>,
    departures: BTreeMap<CameraId, Departures>,
    newcomers: BTreeMap<CameraId, Newcomers>,
    longest_s: f64,
    newcomers_per_s: f64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Departures {
    to: BTreeMap<CameraId, f64>,
    left: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Newcomers {
    count: f64,
    seconds: f64,
    since_s: f64,
}

impl Traffic {
    pub(super) fn new(settings: &AssociationSettings) -> Self {
        Self {
            cameras: Vec::new(),
            ways: BTreeMap::new(),
            departures: BTreeMap::new(),
            newcomers: BTreeMap::new(),
            longest_s: settings.absence_max_s,
            newcomers_per_s: settings.newcomers_per_s,
        }
    }

    /// A camera is heard of.
    pub(super) fn meet(&mut self, camera: &CameraId, now_s: f64) {
        if let Err(place) = self.cameras.binary_search(camera) {
            self.cameras.insert(place, camera.clone());
            let prior = Newcomers {
                count: self.newcomers_per_s * NEWCOMERS_PRIOR_S,
                seconds: NEWCOMERS_PRIOR_S,
                since_s: now_s,
            };
            self.newcomers.insert(camera.clone(), prior);
        }
    }

    /// The way between two views, as known so far.
    pub(super) fn way(&self, topology: &Topology, from: &CameraId, to: &CameraId) -> Transit {
        let known = self.ways.get(&(from.clone(), to.clone()));
        known.copied().unwrap_or_else(|| match topology.prior(from, to) {
            Some(prior) => Transit::new(prior.typical_s, true, self.longest_s),
            None if from == to => Transit::new(WALK_BACK_S, false, self.longest_s),
            None => Transit::new(WALK_UNKNOWN_S, false, self.longest_s),
        })
    }

    /// Where somebody who leaves `from` may come next, how probably and how soon.
    pub(super) fn outlook(&self, topology: &Topology, from: &CameraId) -> Outlook {
        let departures = self.departures.get(from);
        let counted = |camera: &CameraId| departures.and_then(|d| d.to.get(camera)).copied().unwrap_or(0.0);
        let ways = self.onward(topology, from);
        let ways: Vec<(&CameraId, f64)> = ways.map(|to| (to, counted(to) + self.prior(topology, from, to))).collect();
        let left = PRIOR_LEAVE + departures.map_or(0.0, |d| d.left);
        let all = left + ways.iter().map(|(_, count)| count).sum::<f64>();
        let way = |(to, count): (&CameraId, f64)| (to.clone(), (count / all, self.way(topology, from, to)));
        Outlook(ways.into_iter().map(way).collect())
    }

    fn prior(&self, topology: &Topology, from: &CameraId, to: &CameraId) -> f64 {
        if topology.prior(from, to).is_some() {
            PRIOR_LINK
        } else if topology.has_links() {
            PRIOR_OTHER
        } else {
            PRIOR_SPREAD / self.cameras.len().max(1) as f64
        }
    }

    /// Where people may go from a view.
    fn onward<'a>(&'a self, topology: &'a Topology, from: &CameraId) -> impl Iterator<Item = &'a CameraId> {
        let named = topology.onward(from);
        let all = if named.is_some() { &[] } else { self.cameras.as_slice() };
        named.into_iter().flatten().chain(all)
    }

    /// Newcomers a second in one view.
    pub(super) fn newcomers(&self, camera: &CameraId) -> f64 {
        self.newcomers.get(camera).map_or(self.newcomers_per_s, |n| (n.count / n.seconds).max(1e-5))
    }

    /// Somebody came with probability `probability` from `from` to `to` in `seconds`.
    pub(super) fn learn_passage(
        &mut self,
        topology: &Topology,
        (from, to): (&CameraId, &CameraId),
        (seconds, walk_s): (f64, Option<f64>),
        probability: f64,
    ) {
        let mut way = self.way(topology, from, to);
        way.learn(seconds, walk_s, probability);
        self.ways.insert((from.clone(), to.clone()), way);
        let departures = self.departures.entry(from.clone()).or_default();
        *departures.to.entry(to.clone()).or_default() += probability;
        departures.forget();
    }

    /// Somebody who was last seen by `from` did not come back.
    pub(super) fn learn_leaving(&mut self, from: &CameraId) {
        let departures = self.departures.entry(from.clone()).or_default();
        departures.left += 1.0;
        departures.forget();
    }

    /// Somebody in view of `camera` is new with probability `probability`.
    pub(super) fn learn_newcomer(&mut self, camera: &CameraId, now_s: f64, probability: f64) {
        self.meet(camera, now_s);
        if let Some(newcomers) = self.newcomers.get_mut(camera) {
            let passed = (now_s - newcomers.since_s).max(0.0);
            newcomers.since_s = newcomers.since_s.max(now_s);
            newcomers.count += probability;
            newcomers.seconds += passed;
            let keep = (NEWCOMERS_MEMORY_S / newcomers.seconds).min(1.0);
            newcomers.count *= keep;
            newcomers.seconds *= keep;
        }
    }
}

/// Where somebody who left a view may come next.
#[derive(Debug, Clone, Default)]
pub(super) struct Outlook(BTreeMap<CameraId, (f64, Transit)>);

impl Outlook {
    /// How probably next into this view, and how long that takes.
    pub(super) fn way(&self, to: &CameraId) -> Option<&(f64, Transit)> {
        self.0.get(to)
    }

    /// Every way with its share.
    pub(super) fn ways(&self) -> impl Iterator<Item = (&CameraId, f64, &Transit)> {
        self.0.iter().map(|(camera, (share, way))| (camera, *share, way))
    }

    /// Probability that they have not come into view again `seconds` later.
    pub(super) fn still_away(&self, seconds: f64) -> f64 {
        let arrived = self.0.values().map(|(share, way)| share * (1.0 - way.survival(seconds)));
        (1.0 - arrived.sum::<f64>()).max(AWAY_MIN)
    }
}

impl Departures {
    fn forget(&mut self) {
        let all = self.left + self.to.values().sum::<f64>();
        let keep = (DEPARTURES_MEMORY / all).min(1.0);
        self.left *= keep;
        self.to.values_mut().for_each(|count| *count *= keep);
    }
}
