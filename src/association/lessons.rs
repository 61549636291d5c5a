//! What those who came into view have taught of the ways between views: how many go each, by which sides, and how soon.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::CameraId;

use super::places::Places;
use super::sighting::FloorFix;
use super::transit::{Experience, Transit};

/// Transits of one way, and of all ways of a kind, after which older ones are forgotten.
const WAY_MEMORY: f64 = 300.0;
const KIND_MEMORY: f64 = 3_000.0;

/// What kind of way: those of one kind are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Kind {
    /// Back into the same view or one that overlaps it: after being hidden, or from behind a door.
    Back,
    /// Into another view, of which the configuration says how long that takes.
    Known,
    /// Into another view.
    Unknown,
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

/// Of those who went one way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Lesson {
    pub(super) count: f64,
    pub(super) times: Experience,
    /// Where those were last who walked on.
    pub(super) walking: Places,
    /// Where those were last who stayed awhile on the way: there is a door.
    pub(super) staying: Places,
    /// Where they came in.
    pub(super) entries: Places,
}

impl Lesson {
    /// Both together.
    pub(super) fn with(&self, other: &Self) -> Self {
        let places = |of: fn(&Self) -> &Places| Places::all([of(self), of(other)].into_iter());
        Self {
            count: self.count + other.count,
            times: self.times.with(&other.times),
            walking: places(|lesson| &lesson.walking),
            staying: places(|lesson| &lesson.staying),
            entries: places(|lesson| &lesson.entries),
        }
    }
}

/// Of those who came into one view.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Arrivals {
    from: BTreeMap<CameraId, Lesson>,
    newcomers: f64,
    new_at: Places,
}

/// What some passages have taught, each by its probability.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Lessons {
    arrivals: BTreeMap<CameraId, Arrivals>,
    /// What all ways of a kind have taught.
    kinds: BTreeMap<Kind, Experience>,
}

impl Lessons {
    /// Somebody went that way with probability `probability`; `way` is what is known of it.
    pub(super) fn learn(&mut self, kind: Kind, way: &Transit, passage: &Passage, probability: f64) {
        let Passage { from, to, seconds, walk_s, exit, entry } = passage;
        // In units of the walk all ways are alike already, and each has its own corners.
        self.kinds.entry(kind).or_default().learn(way, (*seconds, None), probability, KIND_MEMORY);
        let lesson = self.arrivals.entry(to.clone()).or_default().from.entry(from.clone()).or_default();
        let [walked, stayed] = way.explain(*seconds, *walk_s);
        lesson.count += probability;
        lesson.times.learn(way, (*seconds, *walk_s), probability, WAY_MEMORY);
        lesson.walking.learn(exit.as_ref(), probability * walked);
        lesson.staying.learn(exit.as_ref(), probability * stayed);
        lesson.entries.learn(entry.as_ref(), probability);
    }

    /// Somebody who came into view of `to` there was new with probability `probability`.
    pub(super) fn learn_newcomer(&mut self, to: &CameraId, place: Option<&FloorFix>, probability: f64) {
        let arrivals = self.arrivals.entry(to.clone()).or_default();
        arrivals.newcomers += probability;
        arrivals.new_at.learn(place, probability);
    }

    /// Forgets what those who came into `to` have taught, but for the kinds: [`Self::recount_kinds`].
    pub(super) fn forget(&mut self, to: &CameraId) {
        self.arrivals.remove(to);
    }

    /// Counts for each kind what its ways have taught; `kind` tells the kind of a way from a view to another.
    pub(super) fn recount_kinds(&mut self, kind: impl Fn(&CameraId, &CameraId) -> Kind) {
        let mut kinds: BTreeMap<Kind, Experience> = BTreeMap::new();
        for (to, arrivals) in &self.arrivals {
            for (from, lesson) in &arrivals.from {
                let all = kinds.entry(kind(from, to)).or_default();
                *all = all.with(&lesson.times.plain());
            }
        }
        self.kinds = kinds;
    }

    /// Of the way between two views.
    pub(super) fn of(&self, from: &CameraId, to: &CameraId) -> Option<&Lesson> {
        self.arrivals.get(to)?.from.get(from)
    }

    /// The same to be changed.
    pub(super) fn of_mut(&mut self, from: &CameraId, to: &CameraId) -> Option<&mut Lesson> {
        self.arrivals.get_mut(to)?.from.get_mut(from)
    }

    /// Of all ways of a kind.
    pub(super) fn kind(&self, kind: Kind) -> Experience {
        self.kinds.get(&kind).copied().unwrap_or_default()
    }

    /// How many newcomers came into view of `to`.
    pub(super) fn newcomers(&self, to: &CameraId) -> f64 {
        self.arrivals.get(to).map_or(0.0, |arrivals| arrivals.newcomers)
    }

    /// Where newcomers came into view of `to`.
    pub(super) fn new_at(&self, to: &CameraId) -> Places {
        self.arrivals.get(to).map(|arrivals| arrivals.new_at).unwrap_or_default()
    }
}
