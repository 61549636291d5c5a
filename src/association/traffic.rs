//! Where people go from each view and where newcomers appear, with the places on the floor.
//!
//! It is counted twice. The links of the last minutes may still change: each time they are weighed again, what they taught
//! is forgotten and learned anew, so that what is known of the ways and what is decided by it improve each other (expectation
//! maximisation: A. Dempster, N. Laird and D. Rubin, "Maximum likelihood from incomplete data via the EM algorithm", Journal of
//! the Royal Statistical Society B 39, 1977). Links that stand have taught for good, with forgetting.
//!
//! A way is walked at once, or with a stay behind some door. Where somebody was seen last tells which: a restroom's door
//! makes a long absence usual, and leaving for good unusual.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::CameraId;

use super::lessons::{Kind, Lesson, Lessons, Passage};
use super::places::{Places, ratios};
use super::settings::AssociationSettings;
use super::sighting::FloorFix;
use super::topology::Topology;
use super::transit::{Experience, Transit};

/// Walk in seconds assumed for a way of which nothing is known.
const WALK_UNKNOWN_S: f64 = 12.0;
/// The same for coming back into the same view, as a rule after being hidden.
const WALK_BACK_S: f64 = 3.0;
/// Departures after which older ones are forgotten.
const DEPARTURES_MEMORY: f64 = 200.0;
/// Prior count of a way that the configuration names, of one it does not, and of leaving for good: little, since whoever
/// is away may always have left, and nobody comes back to say no.
const PRIOR_LINK: f64 = 1.0;
const PRIOR_OTHER: f64 = 0.05;
const PRIOR_LEAVE: f64 = 0.2;
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
    /// From links that stand, and from those that may still change.
    past: Lessons,
    recent: Lessons,
    /// Of those who are away and may still be on a way, each by the probability of it: how many, and what that says of the time.
    coming: BTreeMap<(CameraId, CameraId), (f64, Experience)>,
    kinds_coming: BTreeMap<Kind, Experience>,
    /// By the view they were last seen in: those who were away for so long that they are taken to have left for good, ...
    left: BTreeMap<CameraId, Exit>,
    /// ... and those who are away and may have, each by the probability of it.
    leaving: BTreeMap<CameraId, Exit>,
    newcomers: BTreeMap<CameraId, Rate>,
    longest_s: f64,
    newcomers_per_s: f64,
}

/// How many left by a view, and where they were last.
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

/// Newcomers into one view whose links stand: so many in so many seconds up to `until_s`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Rate {
    newcomers: f64,
    seconds: f64,
    until_s: f64,
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

impl Traffic {
    pub(super) fn new(settings: &AssociationSettings) -> Self {
        Self {
            cameras: Vec::new(),
            past: Lessons::default(),
            recent: Lessons::default(),
            coming: BTreeMap::new(),
            kinds_coming: BTreeMap::new(),
            left: BTreeMap::new(),
            leaving: BTreeMap::new(),
            newcomers: BTreeMap::new(),
            longest_s: settings.absence_max_s,
            newcomers_per_s: settings.newcomers_per_s,
        }
    }

    /// A camera is heard of.
    pub(super) fn meet(&mut self, camera: &CameraId, now_s: f64) {
        if let Err(place) = self.cameras.binary_search(camera) {
            self.cameras.insert(place, camera.clone());
            let newcomers = self.newcomers_per_s * NEWCOMERS_PRIOR_S;
            let prior = Rate { newcomers, seconds: NEWCOMERS_PRIOR_S, until_s: now_s };
            self.newcomers.insert(camera.clone(), prior);
        }
    }

    /// What those have taught who went from one view to another.
    fn lesson(&self, from: &CameraId, to: &CameraId) -> Lesson {
        let [past, recent] = [&self.past, &self.recent].map(|lessons| lessons.of(from, to));
        match (past, recent) {
            (Some(past), Some(recent)) => past.with(recent),
            (one, other) => one.or(other).copied().unwrap_or_default(),
        }
    }

    /// The way between two views, as known so far.
    fn way(&self, topology: &Topology, from: &CameraId, to: &CameraId) -> Transit {
        let times = |lessons: &Lessons| lessons.of(from, to).map(|lesson| lesson.times).unwrap_or_default();
        self.way_by(topology, (from, to), &times(&self.past).with(&times(&self.recent)))
    }

    fn way_by(&self, topology: &Topology, (from, to): (&CameraId, &CameraId), own: &Experience) -> Transit {
        let kind = kind(topology, from, to);
        let typical_s = topology.prior(from, to).map(|prior| prior.typical_s);
        let guess_s = if kind == Kind::Back { WALK_BACK_S } else { WALK_UNKNOWN_S };
        let prior = Transit::new(typical_s.unwrap_or(guess_s), typical_s.is_some(), self.longest_s);
        let coming = self.kinds_coming.get(&kind).copied().unwrap_or_default();
        let of_kind = self.past.kind(kind).with(&self.recent.kind(kind)).with(&coming);
        let coming =
            self.coming.get(&(from.clone(), to.clone())).map(|(_, experience)| *experience).unwrap_or_default();
        prior.informed(&of_kind, &own.with(&coming))
    }

    /// Where somebody who leaves `from` may come next, how probably and how soon.
    pub(super) fn outlook(&self, topology: &Topology, from: &CameraId) -> Outlook {
        let mut staying = Vec::new();
        let ways = self.onward(topology, from).map(|to| {
            let lesson = self.lesson(from, to);
            staying.push(lesson.staying);
            let coming = self.coming.get(&(from.clone(), to.clone())).map_or(0.0, |(count, _)| *count);
            let count = lesson.count + coming + self.prior(topology, from, to);
            let transit = self.way_by(topology, (from, to), &lesson.times);
            Way { to: to.clone(), count, walking: lesson.walking, transit }
        });
        let mut ways: Vec<Way> = ways.collect();
        ways.sort_by(|a, b| a.to.cmp(&b.to));
        let gone = [&self.left, &self.leaving].map(|gone| gone.get(from).copied().unwrap_or_default());
        Outlook {
            ways,
            staying: Places::all(staying.iter()),
            gone: [(PRIOR_LEAVE + gone[0].count, gone[0].places), (gone[1].count, gone[1].places)],
        }
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
    pub(super) fn newcomers(&self, camera: &CameraId, now_s: f64) -> f64 {
        let Some(rate) = self.newcomers.get(camera) else { return self.newcomers_per_s };
        let seconds = rate.seconds + (now_s - rate.until_s).max(0.0);
        ((rate.newcomers + self.recent.newcomers(camera)) / seconds).max(1e-5)
    }

    /// How much more usual it is to come in at a place from `from` than as a newcomer: 1 where nothing is known.
    pub(super) fn comes_in(&self, (from, to): (&CameraId, &CameraId), place: Option<&FloorFix>) -> f64 {
        let mine = self.lesson(from, to);
        if place.is_none() || mine.count == 0.0 {
            return 1.0;
        }
        let new_at = Places::all([self.past.new_at(to), self.recent.new_at(to)].iter());
        let ratios = ratios([&mine.entries, &new_at].into_iter(), place);
        ratios[0] / ratios[1]
    }

    /// Somebody came with probability `probability` that way; `stands`: whether that is for good.
    pub(super) fn learn_passage(&mut self, topology: &Topology, passage: &Passage, probability: f64, stands: bool) {
        let Passage { from, to, .. } = passage;
        let way = self.way(topology, from, to);
        let kind = kind(topology, from, to);
        if stands {
            self.past.learn(kind, &way, passage, probability);
            self.forget_departures(topology, from);
        } else {
            self.recent.learn(kind, &way, passage, probability);
        }
    }

    /// Somebody who came into view of `camera` there is new with probability `probability`; `stands`: whether that is for good.
    pub(super) fn learn_newcomer(
        &mut self,
        camera: &CameraId,
        place: Option<&FloorFix>,
        probability: f64,
        stands: bool,
    ) {
        if !stands {
            return self.recent.learn_newcomer(camera, place, probability);
        }
        self.past.learn_newcomer(camera, place, probability);
        if let Some(rate) = self.newcomers.get_mut(camera) {
            rate.newcomers += probability;
        }
    }

    /// Those who came into view of `camera` since `since_s` are counted anew; all before them have taught for good.
    pub(super) fn begin_again(&mut self, camera: &CameraId, since_s: f64) {
        self.recent.forget(camera);
        if let Some(rate) = self.newcomers.get_mut(camera) {
            rate.seconds += (since_s - rate.until_s).max(0.0);
            rate.until_s = rate.until_s.max(since_s);
            let keep = (NEWCOMERS_MEMORY_S / rate.seconds).min(1.0);
            rate.newcomers *= keep;
            rate.seconds *= keep;
        }
    }

    /// All views were counted anew.
    pub(super) fn recount_kinds(&mut self, topology: &Topology) {
        self.recent.recount_kinds(|from, to| kind(topology, from, to));
    }

    /// Somebody who was last seen by `from`, there, did not come back, with probability `probability`.
    pub(super) fn learn_leaving(
        &mut self,
        topology: &Topology,
        from: &CameraId,
        place: Option<&FloorFix>,
        probability: f64,
    ) {
        self.left.entry(from.clone()).or_default().learn(place, probability);
        self.forget_departures(topology, from);
    }

    fn forget_departures(&mut self, topology: &Topology, from: &CameraId) {
        let onward: Vec<CameraId> = self.onward(topology, from).cloned().collect();
        let went = onward.iter().filter_map(|to| self.past.of(from, to)).map(|lesson| lesson.count).sum::<f64>();
        let left = self.left.entry(from.clone()).or_default();
        let keep = DEPARTURES_MEMORY / (went + left.count);
        if keep < 1.0 {
            left.count *= keep;
            for to in onward {
                if let Some(lesson) = self.past.of_mut(from, &to) {
                    lesson.count *= keep;
                }
            }
        }
    }

    /// Counts anew who is away, and may have left for good or be still on the way.
    pub(super) fn count_away(&mut self, topology: &Topology, away: &[Away]) {
        self.leaving.clear();
        let (mut coming, mut kinds) = (BTreeMap::new(), BTreeMap::<Kind, Experience>::new());
        for Away { from, place, seconds, gone, coming: ways } in away {
            self.leaving.entry(from.clone()).or_default().learn(place.as_ref(), *gone);
            for (to, way, probability) in ways {
                let own: &mut (f64, Experience) = coming.entry((from.clone(), to.clone())).or_default();
                own.0 += probability;
                own.1.expect(way, *seconds, *probability);
                kinds.entry(kind(topology, from, to)).or_default().expect(way, *seconds, *probability);
            }
        }
        (self.coming, self.kinds_coming) = (coming, kinds);
    }
}

fn kind(topology: &Topology, from: &CameraId, to: &CameraId) -> Kind {
    if from == to || topology.overlapping(from, to) {
        Kind::Back
    } else if topology.prior(from, to).is_some() {
        Kind::Known
    } else {
        Kind::Unknown
    }
}

/// A way from one view into another.
#[derive(Debug, Clone)]
struct Way {
    to: CameraId,
    transit: Transit,
    count: f64,
    walking: Places,
}

/// Where those who leave a view may come next.
#[derive(Debug, Clone)]
pub(super) struct Outlook {
    /// In the order of the views' names.
    ways: Vec<Way>,
    /// Where those were who stayed awhile, whichever their way.
    staying: Places,
    /// Of those who left for good: surely, and perhaps.
    gone: [(f64, Places); 2],
}

/// Where one who left a view may come next.
#[derive(Debug, Clone)]
pub(super) struct Prospect<'a> {
    outlook: &'a Outlook,
    /// The share of each way, and how long it takes those who were last where they were.
    ways: Vec<(f64, Transit)>,
}

impl Outlook {
    /// For somebody who was seen last at that place.
    pub(super) fn of(&self, place: Option<&FloorFix>) -> Prospect<'_> {
        let gone = self.gone.iter().map(|gone| &gone.1);
        let places = self.ways.iter().map(|way| &way.walking).chain([&self.staying]).chain(gone);
        let usual = ratios(places, place);
        let (walking, rest) = usual.split_at(self.ways.len());
        let gone: f64 = rest[1..].iter().zip(&self.gone).map(|(usual, gone)| usual * gone.0).sum();
        let tilted = |(way, walking): (&Way, &f64)| {
            let (transit, usual) = way.transit.tilted([*walking, rest[0]]);
            (way.count * usual, transit)
        };
        let mut ways: Vec<(f64, Transit)> = self.ways.iter().zip(walking).map(tilted).collect();
        let all = gone + ways.iter().map(|way| way.0).sum::<f64>();
        ways.iter_mut().for_each(|way| way.0 /= all);
        Prospect { outlook: self, ways }
    }
}

impl Prospect<'_> {
    /// How probably next into this view, and how long that takes.
    pub(super) fn way(&self, to: &CameraId) -> Option<(f64, &Transit)> {
        let place = self.outlook.ways.binary_search_by(|way| way.to.cmp(to)).ok()?;
        self.ways.get(place).map(|(share, transit)| (*share, transit))
    }

    /// Every way with its share.
    pub(super) fn ways(&self) -> impl Iterator<Item = (&CameraId, f64, &Transit)> {
        self.outlook.ways.iter().zip(&self.ways).map(|(way, (share, transit))| (&way.to, *share, transit))
    }

    /// Probability of having left for good.
    pub(super) fn gone(&self) -> f64 {
        (1.0 - self.ways.iter().map(|way| way.0).sum::<f64>()).max(0.0)
    }

    /// Probability that they have not come into view again `seconds` later.
    pub(super) fn still_away(&self, seconds: f64) -> f64 {
        let arrived: f64 = self.ways().map(|(_, share, transit)| share * (1.0 - transit.survival(seconds))).sum();
        (1.0 - arrived).max(AWAY_MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of one hundred, most walk on into the next view by its side, and some come there after minutes behind a door.
    #[test]
    fn where_somebody_was_last_tells_whether_to_wait() {
        let [hall, next] = ["hall", "next"].map(|name| CameraId::new(name).unwrap());
        let mut topology = Topology::disjoint();
        topology.link(&hall, &next, crate::association::LinkPrior { typical_s: 10.0 });
        let mut traffic = Traffic::new(&AssociationSettings::default());
        [&hall, &next].iter().for_each(|camera| traffic.meet(camera, 0.0));
        let at = |x: f64, y: f64| Some(FloorFix { x, y, covariance: [0.1, 0.0, 0.1] });
        let (side, door) = (at(6.0, 0.0), at(5.0, 8.0));
        for i in 0..100 {
            let stays = i % 5 == 0;
            let (seconds, exit) = if stays { (80.0 + f64::from(i), door) } else { (9.0 + f64::from(i % 3), side) };
            let passage = Passage {
                from: hall.clone(),
                to: next.clone(),
                seconds,
                walk_s: Some(10.0),
                exit,
                entry: at(0.0, 0.0),
            };
            traffic.learn_passage(&topology, &passage, 1.0, i < 50);
        }
        let outlook = traffic.outlook(&topology, &hall);
        let away = |place: Option<FloorFix>| outlook.of(place.as_ref()).still_away(60.0);
        assert!(away(door) > 0.8 && away(side) < 0.2, "{} {}", away(door), away(side));
        // What is counted anew is not counted twice, and what stands is kept.
        let count = |traffic: &Traffic| traffic.lesson(&hall, &next).count;
        assert!((count(&traffic) - 100.0).abs() < 1e-9, "{}", count(&traffic));
        traffic.begin_again(&next, 0.0);
        assert!((count(&traffic) - 50.0).abs() < 1e-9, "{}", count(&traffic));
    }
}
