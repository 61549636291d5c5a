//! Where people go from each view and where newcomers appear: counts that forget, with the places on the floor.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::CameraId;

use super::places::{Places, ratios};
use super::settings::AssociationSettings;
use super::sighting::FloorFix;
use super::topology::Topology;
use super::transit::{Experience, Transit};

/// Walk in seconds assumed for a way of which nothing is known.
const WALK_UNKNOWN_S: f64 = 12.0;
/// The same for coming back into the same view, as a rule after being hidden.
const WALK_BACK_S: f64 = 3.0;
/// Transits of one way, and of all ways of a kind, after which older ones are forgotten.
const WAY_MEMORY: f64 = 300.0;
const KIND_MEMORY: f64 = 3_000.0;
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
    ways: BTreeMap<(CameraId, CameraId), Experience>,
    /// What all ways of a kind have taught.
    kinds: BTreeMap<Kind, Experience>,
    /// Of those who are away and may still be on a way, each by the probability of it: how many, and what that says of the time.
    coming: BTreeMap<(CameraId, CameraId), (f64, Experience)>,
    kinds_coming: BTreeMap<Kind, Experience>,
    departures: BTreeMap<CameraId, Departures>,
    arrivals: BTreeMap<CameraId, Arrivals>,
    longest_s: f64,
    newcomers_per_s: f64,
}

/// What kind of way: those of one kind are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Kind {
    /// Back into the same view or one that overlaps it: after being hidden, or from behind a door.
    Back,
    /// Into another view, of which the configuration says how long that takes.
    Known,
    /// Into another view.
    Unknown,
}

impl Kind {
    fn of(topology: &Topology, from: &CameraId, to: &CameraId) -> Self {
        if from == to || topology.overlapping(from, to) {
            Self::Back
        } else if topology.prior(from, to).is_some() {
            Self::Known
        } else {
            Self::Unknown
        }
    }
}

/// How many went a way, and where they were last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Exit {
    count: f64,
    places: Places,
}

impl Exit {
    fn learn(&mut self, place: Option<&FloorFix>, weight: f64) {
        self.count += weight;
        self.places.learn(place, weight);
    }
}

/// Of those who left one view.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Departures {
    to: BTreeMap<CameraId, Exit>,
    /// Those who were away for so long that they are taken to have left for good.
    left: Exit,
    /// Those who are away and may have left for good, each by the probability of it.
    leaving: Exit,
}

/// Who comes into one view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Arrivals {
    /// Newcomers in so many seconds up to `since_s`.
    newcomers: f64,
    seconds: f64,
    since_s: f64,
    new_at: Places,
    /// Where those come in who come from other views.
    from: BTreeMap<CameraId, Places>,
}

/// Somebody who is away, seen last there so long ago: how probably they left for good, or are on each way, as it is known.
#[derive(Debug, Clone)]
pub(super) struct Away {
    pub(super) from: CameraId,
    pub(super) place: Option<FloorFix>,
    pub(super) seconds: f64,
    pub(super) gone: f64,
    pub(super) coming: Vec<(CameraId, Transit, f64)>,
}

/// A way that somebody went, or may have gone: from which view and where they were last, to which view and where they came in.
#[derive(Debug, Clone)]
pub(super) struct Passage {
    pub(super) from: CameraId,
    pub(super) to: CameraId,
    pub(super) seconds: f64,
    /// What the walk takes at a usual pace, where both places are known.
    pub(super) walk_s: Option<f64>,
    pub(super) exit: Option<FloorFix>,
    pub(super) entry: Option<FloorFix>,
}

impl Traffic {
    pub(super) fn new(settings: &AssociationSettings) -> Self {
        Self {
            cameras: Vec::new(),
            ways: BTreeMap::new(),
            kinds: BTreeMap::new(),
            coming: BTreeMap::new(),
            kinds_coming: BTreeMap::new(),
            departures: BTreeMap::new(),
            arrivals: BTreeMap::new(),
            longest_s: settings.absence_max_s,
            newcomers_per_s: settings.newcomers_per_s,
        }
    }

    /// A camera is heard of.
    pub(super) fn meet(&mut self, camera: &CameraId, now_s: f64) {
        if let Err(place) = self.cameras.binary_search(camera) {
            self.cameras.insert(place, camera.clone());
            let prior = Arrivals {
                newcomers: self.newcomers_per_s * NEWCOMERS_PRIOR_S,
                seconds: NEWCOMERS_PRIOR_S,
                since_s: now_s,
                new_at: Places::default(),
                from: BTreeMap::new(),
            };
            self.arrivals.insert(camera.clone(), prior);
        }
    }

    /// The way between two views, as known so far.
    pub(super) fn way(&self, topology: &Topology, from: &CameraId, to: &CameraId) -> Transit {
        let kind = Kind::of(topology, from, to);
        let typical_s = topology.prior(from, to).map(|prior| prior.typical_s);
        let guess_s = if kind == Kind::Back { WALK_BACK_S } else { WALK_UNKNOWN_S };
        let prior = Transit::new(typical_s.unwrap_or(guess_s), typical_s.is_some(), self.longest_s);
        let of_kind = [&self.kinds, &self.kinds_coming].map(|known| known.get(&kind).copied().unwrap_or_default());
        let name = (from.clone(), to.clone());
        let coming = self.coming.get(&name).map(|(_, experience)| *experience).unwrap_or_default();
        let own = self.ways.get(&name).copied().unwrap_or_default();
        prior.informed(&of_kind[0].with(&of_kind[1])).informed(&own.with(&coming))
    }

    /// Where somebody who leaves `from` may come next, how probably and how soon.
    pub(super) fn outlook(&self, topology: &Topology, from: &CameraId) -> Outlook {
        let departures = self.departures.get(from);
        let ways = self.onward(topology, from).map(|to| {
            let exit = departures.and_then(|d| d.to.get(to)).copied().unwrap_or_default();
            let coming = self.coming.get(&(from.clone(), to.clone())).map_or(0.0, |(count, _)| *count);
            let count = exit.count + coming + self.prior(topology, from, to);
            Way { to: to.clone(), count, places: exit.places, transit: self.way(topology, from, to) }
        });
        let mut ways: Vec<Way> = ways.collect();
        ways.sort_by(|a, b| a.to.cmp(&b.to));
        let gone = departures.map(|d| [d.left, d.leaving]).unwrap_or_default();
        Outlook { ways, gone: [(PRIOR_LEAVE + gone[0].count, gone[0].places), (gone[1].count, gone[1].places)] }
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
        self.arrivals.get(camera).map_or(self.newcomers_per_s, |n| (n.newcomers / n.seconds).max(1e-5))
    }

    /// How much more usual it is to come in at a place from `from` than as a newcomer: 1 where nothing is known.
    pub(super) fn comes_in(&self, (from, to): (&CameraId, &CameraId), place: Option<&FloorFix>) -> f64 {
        if place.is_none() {
            return 1.0;
        }
        let Some(arrivals) = self.arrivals.get(to) else { return 1.0 };
        let Some(mine) = arrivals.from.get(from) else { return 1.0 };
        let ratios = ratios([mine, &arrivals.new_at].into_iter(), place);
        ratios[0] / ratios[1]
    }

    /// Somebody came with probability `probability` that way.
    pub(super) fn learn_passage(&mut self, topology: &Topology, passage: &Passage, probability: f64) {
        let Passage { from, to, seconds, walk_s, exit, entry } = passage;
        let way = self.way(topology, from, to);
        let kind = self.kinds.entry(Kind::of(topology, from, to)).or_default();
        // In units of the walk all ways are alike already, and each has its own corners.
        kind.learn(&way, (*seconds, None), probability, KIND_MEMORY);
        let own = self.ways.entry((from.clone(), to.clone())).or_default();
        own.learn(&way, (*seconds, *walk_s), probability, WAY_MEMORY);
        let departures = self.departures.entry(from.clone()).or_default();
        departures.to.entry(to.clone()).or_default().learn(exit.as_ref(), probability);
        departures.forget();
        if let Some(arrivals) = self.arrivals.get_mut(to) {
            arrivals.from.entry(from.clone()).or_default().learn(entry.as_ref(), probability);
        }
    }

    /// Somebody who was last seen by `from`, there, did not come back, with probability `probability`.
    pub(super) fn learn_leaving(&mut self, from: &CameraId, place: Option<&FloorFix>, probability: f64) {
        let departures = self.departures.entry(from.clone()).or_default();
        departures.left.learn(place, probability);
        departures.forget();
    }

    /// Counts anew who is away, and may have left for good or be still on the way.
    pub(super) fn count_away(&mut self, topology: &Topology, away: &[Away]) {
        self.departures.values_mut().for_each(|departures| departures.leaving = Exit::default());
        let (mut coming, mut kinds) = (BTreeMap::new(), BTreeMap::<Kind, Experience>::new());
        for Away { from, place, seconds, gone, coming: ways } in away {
            self.departures.entry(from.clone()).or_default().leaving.learn(place.as_ref(), *gone);
            for (to, way, probability) in ways {
                let own: &mut (f64, Experience) = coming.entry((from.clone(), to.clone())).or_default();
                own.0 += probability;
                own.1.expect(way, *seconds, *probability);
                kinds.entry(Kind::of(topology, from, to)).or_default().expect(way, *seconds, *probability);
            }
        }
        (self.coming, self.kinds_coming) = (coming, kinds);
    }

    /// Somebody who came into view of `camera` there is new with probability `probability`.
    pub(super) fn learn_newcomer(&mut self, camera: &CameraId, place: Option<&FloorFix>, now_s: f64, probability: f64) {
        self.meet(camera, now_s);
        if let Some(arrivals) = self.arrivals.get_mut(camera) {
            let passed = (now_s - arrivals.since_s).max(0.0);
            arrivals.since_s = arrivals.since_s.max(now_s);
            arrivals.newcomers += probability;
            arrivals.seconds += passed;
            let keep = (NEWCOMERS_MEMORY_S / arrivals.seconds).min(1.0);
            arrivals.newcomers *= keep;
            arrivals.seconds *= keep;
            arrivals.new_at.learn(place, probability);
        }
    }
}

/// A way from one view into another.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) to: CameraId,
    pub(super) transit: Transit,
    count: f64,
    places: Places,
}

/// Where those who leave a view may come next.
#[derive(Debug, Clone)]
pub(super) struct Outlook {
    /// In the order of the views' names.
    ways: Vec<Way>,
    /// Of those who left for good: surely, and perhaps.
    gone: [(f64, Places); 2],
}

/// Where one who left a view may come next.
#[derive(Debug, Clone)]
pub(super) struct Prospect<'a> {
    outlook: &'a Outlook,
    /// The share of each way.
    shares: Vec<f64>,
}

impl Outlook {
    /// For somebody who was seen last at that place.
    pub(super) fn of(&self, place: Option<&FloorFix>) -> Prospect<'_> {
        let places = self.ways.iter().map(|way| &way.places).chain(self.gone.iter().map(|gone| &gone.1));
        let counts = self.ways.iter().map(|way| way.count).chain(self.gone.iter().map(|gone| gone.0));
        let mut shares: Vec<f64> = ratios(places, place).into_iter().zip(counts).map(|(r, count)| r * count).collect();
        let all: f64 = shares.iter().sum();
        shares.truncate(self.ways.len());
        shares.iter_mut().for_each(|share| *share /= all);
        Prospect { outlook: self, shares }
    }
}

impl Prospect<'_> {
    /// How probably next into this view, and how long that takes.
    pub(super) fn way(&self, to: &CameraId) -> Option<(f64, &Transit)> {
        let place = self.outlook.ways.binary_search_by(|way| way.to.cmp(to)).ok()?;
        Some((self.shares[place], &self.outlook.ways[place].transit))
    }

    /// Every way with its share.
    pub(super) fn ways(&self) -> impl Iterator<Item = (&CameraId, f64, &Transit)> {
        self.outlook.ways.iter().zip(&self.shares).map(|(way, share)| (&way.to, *share, &way.transit))
    }

    /// Probability of having left for good.
    pub(super) fn gone(&self) -> f64 {
        (1.0 - self.shares.iter().sum::<f64>()).max(0.0)
    }

    /// Probability that they have not come into view again `seconds` later.
    pub(super) fn still_away(&self, seconds: f64) -> f64 {
        let arrived: f64 = self.ways().map(|(_, share, transit)| share * (1.0 - transit.survival(seconds))).sum();
        (1.0 - arrived).max(AWAY_MIN)
    }
}

impl Departures {
    fn forget(&mut self) {
        let all = self.left.count + self.to.values().map(|exit| exit.count).sum::<f64>();
        let keep = (DEPARTURES_MEMORY / all).min(1.0);
        self.left.count *= keep;
        self.to.values_mut().for_each(|exit| exit.count *= keep);
    }
}
