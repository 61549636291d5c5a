//! What speaks for one tracklet being the continuation of one presence.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::ids::CameraId;

use super::gallery::{Alike, Gallery, Likenesses};
use super::lessons::Passage;
use super::link::{Evidence, LinkKind};
use super::memory::{Memory, Presence, PresenceId, Tracklet, last_seen, shift_s, together_s};
use super::operator::Operators;
use super::settings::AssociationSettings;
use super::sighting::TrackKey;
use super::topology::{Relation, Topology};
use super::traffic::{Outlook, Prospect, Traffic};

/// Reports nearer in time than this are of the same moment.
const MOMENT_S: f64 = 0.7;
/// Floor errors of one pair of tracks are alike from second to second: more reports are worth no more than this many.
const INDEPENDENT_FIXES: f64 = 3.0;
/// Error of a floor place that no covariance tells of (a foot that is hidden, a second's difference in time), metres.
const FLOOR_ERROR_M: f64 = 0.35;
/// How often a place on the floor says nothing of where the person is: the box is of another, or its feet are hidden.
const ASTRAY: f64 = 0.02;
/// How often somebody in one view comes into an overlapping one, per second, where it is known that they overlap, and
/// where it is not.
const OVERLAP_PER_S: f64 = 0.1;
const PERHAPS_OVERLAP_PER_S: f64 = 0.02;
/// Seconds added to the walk between two places: one second's reports are that coarse.
const COARSE_S: f64 = 0.8;

/// Evidence, as a logarithm, below which a candidate is not worth being weighed against others.
pub(super) const HOPELESS: f64 = -8.0;

/// By the camera that was left.
pub(super) type Outlooks = BTreeMap<CameraId, Outlook>;

/// A track whose traveller is sought.
pub(super) struct Entry<'a> {
    pub(super) key: &'a TrackKey,
    pub(super) tracklet: &'a Tracklet,
    /// What it looks like, or, with hindsight, the traveller from there on.
    pub(super) galleries: Vec<Gallery<'a>>,
}

/// A presence as it is weighed: looked up once, asked by many tracks.
pub(super) struct Candidate<'a> {
    pub(super) id: PresenceId,
    pub(super) presence: &'a Presence,
    parts: Vec<(&'a TrackKey, &'a Tracklet)>,
    tail: (&'a TrackKey, &'a Tracklet),
    in_sight: bool,
    memory: &'a Memory,
    operators: &'a Operators,
    /// Made when the first track asks: time and way rule most out before.
    galleries: OnceCell<Vec<Gallery<'a>>>,
    outlooks: &'a Outlooks,
    prospect: OnceCell<Option<(Prospect<'a>, f64)>>,
}

impl<'a> Candidate<'a> {
    /// How alike they and `entry` look.
    fn alike(&self, entry: &Entry<'_>) -> Option<Alike> {
        let until = || Gallery::until(self.memory, self.operators, self.id);
        Alike::of(self.galleries.get_or_init(until), &entry.galleries)
    }

    /// Where they may come next, how soon, and how probably they are still away at `now_s`.
    fn prospect(&self, now_s: f64) -> Option<&(Prospect<'a>, f64)> {
        let (key, tail) = self.tail;
        let prospect = || {
            let prospect = self.outlooks.get(&key.camera)?.of(tail.last_fix().as_ref());
            let away = prospect.still_away(now_s - tail.last_s);
            Some((prospect, away))
        };
        self.prospect.get_or_init(prospect).as_ref()
    }
}

/// What is known when candidates are weighed.
pub(super) struct Scales<'a> {
    pub(super) settings: &'a AssociationSettings,
    pub(super) topology: &'a Topology,
    pub(super) traffic: &'a Traffic,
    pub(super) likeness: &'a Likenesses,
    pub(super) memory: &'a Memory,
    pub(super) operators: &'a Operators,
    pub(super) now_s: f64,
}

impl<'a> Scales<'a> {
    /// Everything that is asked of a presence. `None` for one that is forgotten.
    pub(super) fn candidate<'c>(&self, id: PresenceId, outlooks: &'c Outlooks) -> Option<Candidate<'c>>
    where
        'a: 'c,
    {
        let (memory, operators) = (self.memory, self.operators);
        let presence = memory.presences.get(&id)?;
        let parts: Vec<_> = memory.parts(id).collect();
        let tail = last_seen(parts.iter().copied())?;
        let in_sight = parts.iter().any(|(_, part)| part.in_sight(self.now_s, self.settings.stale_s));
        let (galleries, prospect) = (OnceCell::new(), OnceCell::new());
        Some(Candidate { id, presence, parts, tail, in_sight, memory, operators, galleries, outlooks, prospect })
    }

    /// The track with which a presence began; with `hindsight` it looks like what has been joined to it since.
    pub(super) fn entry(&self, id: PresenceId, hindsight: bool) -> Option<Entry<'a>> {
        let (key, tracklet) = self.memory.head(id)?;
        let galleries = if hindsight {
            Gallery::since(self.memory, self.operators, id)
        } else {
            Gallery::of_track(tracklet.mean.as_ref())
        };
        Some(Entry { key, tracklet, galleries })
    }

    /// How `entry` would be `candidate`, if it were: still, or again.
    pub(super) fn kind(&self, Entry { key, tracklet: entry, .. }: &Entry<'_>, candidate: &Candidate<'_>) -> LinkKind {
        let still = candidate.presence.last_s > entry.first_s + self.settings.clock_slack_s;
        // Whether the views may overlap and the end of one lies at or after the beginning of the other.
        let (tail_key, tail) = candidate.tail;
        let together = || {
            tail.last_s >= entry.first_s && self.topology.relation(&tail_key.camera, &key.camera) != Relation::Disjoint
        };
        if still || together() { LinkKind::Overlap } else { LinkKind::Passage }
    }

    /// What speaks for `entry` being `candidate`, and how: whoever left a view a moment ago and comes into one that overlaps
    /// with it walked from one place to the other or, where these are not known, may have been in both; `overlaps` permits that.
    pub(super) fn weigh_as(
        &self,
        entry: &Entry<'_>,
        candidate: &Candidate<'_>,
        kind: LinkKind,
        overlaps: bool,
    ) -> Option<(LinkKind, Evidence)> {
        let ((tail_key, tail), head) = (candidate.tail, entry.tracklet);
        let found = self.weigh(entry, candidate, kind).map(|evidence| (kind, evidence));
        let at_once = head.first_s - tail.last_s <= self.settings.clock_slack_s;
        let overlapping = || self.topology.relation(&tail_key.camera, &entry.key.camera) == Relation::Overlapping;
        let left = || tail.last_place().is_some_and(|(at_s, _)| tail.last_s - at_s <= MOMENT_S);
        let came = || head.first_place.is_some_and(|(at_s, _)| at_s - head.first_s <= MOMENT_S);
        if kind == LinkKind::Overlap || !overlaps || !at_once || !overlapping() || (left() && came()) {
            return found;
        }
        let both = self.overlap(entry, candidate).map(|evidence| (LinkKind::Overlap, evidence));
        [found, both].into_iter().flatten().max_by(|a, b| a.1.total().total_cmp(&b.1.total()))
    }

    /// What speaks for `entry` being `candidate` in that way. `None` where it cannot be.
    fn weigh(&self, entry: &Entry<'_>, candidate: &Candidate<'_>, kind: LinkKind) -> Option<Evidence> {
        match kind {
            LinkKind::Overlap => self.overlap(entry, candidate),
            LinkKind::Passage => self.passage(entry, candidate),
            LinkKind::Newcomer => None,
        }
    }

    /// Seen by another camera at the same time.
    fn overlap(&self, sought: &Entry<'_>, candidate: &Candidate<'_>) -> Option<Evidence> {
        let Entry { key, tracklet: entry, .. } = sought;
        let slack = self.settings.clock_slack_s;
        let mut per_s = 0.0_f64;
        let mut floor = None;
        for (other_key, other) in &candidate.parts {
            let together = together_s((other_key, other), (key, entry));
            match self.topology.relation(&other_key.camera, &key.camera) {
                Relation::Disjoint if together > self.settings.slack_s(&other_key.camera, &key.camera) => return None,
                Relation::Overlapping if together >= -slack => per_s = per_s.max(OVERLAP_PER_S),
                Relation::Unknown if together >= -slack => per_s = per_s.max(PERHAPS_OVERLAP_PER_S),
                _ => {}
            }
            if let Some(found) = self.same_place(entry, other) {
                floor = Some(floor.map_or(found, |before: f64| before.min(found)));
            }
        }
        if per_s == 0.0 {
            return None;
        }
        let (cosine, appearance) = self.likeness(sought, candidate);
        let route = (per_s / self.traffic.newcomers(&key.camera, self.now_s)).ln();
        Some(Evidence { appearance, cosine, floor, route, ..Evidence::default() })
    }

    /// Log-likelihood ratio of one person at the places of both tracks, against two anywhere on the floor: Gaussian on the
    /// difference of places of the same moment, and now and then anywhere, for a track may go astray. `None` without such.
    fn same_place(&self, a: &Tracklet, b: &Tracklet) -> Option<f64> {
        let mut sum = 0.0;
        let mut moments = 0.0_f64;
        for (at, fix) in &a.trail {
            let near = b.trail.iter().min_by(|x, y| (x.0 - at).abs().total_cmp(&(y.0 - at).abs()));
            let Some((other_at, other)) = near.filter(|other| (other.0 - at).abs() <= MOMENT_S) else { continue };
            let mut wide = *fix;
            let moved = FLOOR_ERROR_M + self.settings.speed_usual * (other_at - at).abs();
            wide.covariance[0] += moved * moved;
            wide.covariance[2] += moved * moved;
            let Some((squared, determinant)) = wide.mahalanobis(other) else { continue };
            let density = (-0.5 * squared).exp() / (std::f64::consts::TAU * determinant.sqrt());
            sum += ((1.0 - ASTRAY) * density * self.settings.floor_area_m2 + ASTRAY).ln();
            moments += 1.0;
        }
        (moments > 0.0).then(|| sum / moments * moments.min(INDEPENDENT_FIXES))
    }

    /// Seen before, then out of sight.
    fn passage(&self, sought: &Entry<'_>, candidate: &Candidate<'_>) -> Option<Evidence> {
        let Entry { key, tracklet: entry, .. } = sought;
        let settings = self.settings;
        let (tail_key, tail) = candidate.tail;
        let seconds = entry.first_s - tail.last_s;
        if seconds > settings.absence_max_s || candidate.in_sight {
            return None;
        }
        let slack_s = |other: &TrackKey| settings.slack_s(&other.camera, &key.camera);
        let after_s =
            |other: &TrackKey, part: &Tracklet| part.last_s - entry.first_s + shift_s((other, part), (key, entry));
        if candidate.parts.iter().any(|(other, part)| after_s(other, part) > slack_s(other)) {
            return None;
        }
        let to = &key.camera;
        if self.too_far(tail, entry) {
            return None;
        }
        let (prospect, still_away) = candidate.prospect(self.now_s)?;
        let (share, way) = prospect.way(to)?;
        let transit = way.density(seconds, walk_s((tail_key, tail), (key, entry), settings)).ln();
        let route = (share / still_away / self.traffic.newcomers(to, self.now_s)).ln();
        if transit + route < HOPELESS {
            return None;
        }
        let route = route + self.traffic.comes_in((&tail_key.camera, to), entry.first_fix().as_ref()).ln();
        let (cosine, appearance) = self.likeness(sought, candidate);
        Some(Evidence { appearance, cosine, transit: Some(transit), seconds: Some(seconds), floor: None, route })
    }

    /// Whether nobody is fast enough to have gone from one to the other.
    fn too_far(&self, tail: &Tracklet, entry: &Tracklet) -> bool {
        let (Some((left_s, from)), Some((came_s, to))) = (tail.last_place(), entry.first_place) else { return false };
        let seconds = came_s - left_s;
        let error: f64 = [from, to].iter().map(|fix| fix.covariance[0] + fix.covariance[2]).sum();
        let reach = self.settings.speed_max * (seconds.max(0.0) + self.settings.clock_slack_s) + 3.0 * error.sqrt();
        from.distance(&to) > reach
    }

    /// Cosine and log-likelihood ratio of the entry's look and the traveller's.
    fn likeness(&self, entry: &Entry<'_>, candidate: &Candidate<'_>) -> (Option<f64>, Option<f64>) {
        let alike = candidate.alike(entry);
        (alike.map(|alike| alike.cosine), alike.map(|alike| self.likeness.log_ratio(&alike)))
    }
}

/// What the walk from the end of one track to the beginning of the other takes at a usual pace. `None` where one of the
/// places is not known, and for who comes back into the same view: what kept him away was no walk between the two.
fn walk_s(
    (from, tail): (&TrackKey, &Tracklet),
    (to, entry): (&TrackKey, &Tracklet),
    settings: &AssociationSettings,
) -> Option<f64> {
    if from.camera == to.camera {
        return None;
    }
    let metres = tail.last_fix()?.distance(&entry.first_fix()?);
    Some(metres / settings.speed_usual + COARSE_S)
}

/// The way from the end of one track to the beginning of another.
pub(super) fn passage(
    (from, tail): (&TrackKey, &Tracklet),
    (to, entry): (&TrackKey, &Tracklet),
    settings: &AssociationSettings,
) -> Passage {
    Passage {
        from: from.camera.clone(),
        to: to.camera.clone(),
        seconds: entry.first_s - tail.last_s,
        walk_s: walk_s((from, tail), (to, entry), settings),
        exit: tail.last_fix(),
        entry: entry.first_fix(),
    }
}
