//! What speaks for one tracklet being the continuation of one presence.

use std::collections::BTreeMap;

use crate::ids::CameraId;

use super::likeness::Likeness;
use super::link::{Evidence, LinkKind};
use super::memory::{Memory, Presence, PresenceId, Tracklet};
use super::settings::AssociationSettings;
use super::sighting::TrackKey;
use super::topology::{Relation, Topology};
use super::traffic::{Passage, Prospect, Traffic};

/// How many presences of a traveller make up the look that a newcomer is compared with.
pub(super) const GALLERY: usize = 3;
/// Reports nearer in time than this are of the same moment.
const MOMENT_S: f64 = 0.7;
/// Floor errors of one pair of tracks are alike from second to second: more reports are worth no more than this many.
const INDEPENDENT_FIXES: f64 = 3.0;
/// Error of a floor place that no covariance tells of (a foot that is hidden, a second's difference in time), metres.
const FLOOR_ERROR_M: f64 = 0.35;
/// How often somebody in one view comes into an overlapping one, per second, where it is known that they overlap, and
/// where it is not.
const OVERLAP_PER_S: f64 = 0.1;
const PERHAPS_OVERLAP_PER_S: f64 = 0.02;
/// Seconds added to the walk between two places: one second's reports are that coarse.
const COARSE_S: f64 = 0.8;

/// Evidence from time and way below which no look can make a candidate probable.
const HOPELESS: f64 = -8.0;

/// By who is away.
pub(super) type Prospects<'a> = BTreeMap<PresenceId, Prospect<'a>>;

/// What is known when candidates are weighed.
pub(super) struct Scales<'a> {
    pub(super) settings: &'a AssociationSettings,
    pub(super) topology: &'a Topology,
    pub(super) traffic: &'a Traffic,
    /// By the number of presences in the gallery, from 1.
    pub(super) likeness: &'a [Likeness; GALLERY],
    pub(super) memory: &'a Memory,
    pub(super) now_s: f64,
}

impl Scales<'_> {
    /// What speaks for `entry` being `candidate` again, or still. `None` where it cannot be.
    pub(super) fn weigh(
        &self,
        (key, entry): (&TrackKey, &Tracklet),
        (id, candidate): (PresenceId, &Presence),
        prospects: &Prospects<'_>,
    ) -> Option<(LinkKind, Evidence)> {
        let slack = self.settings.clock_slack_s;
        if candidate.last_s > entry.first_s + slack || self.overlaps_in_time(key, entry, id) {
            return self.overlap(key, entry, id).map(|evidence| (LinkKind::Overlap, evidence));
        }
        self.passage(key, entry, id, prospects).map(|evidence| (LinkKind::Passage, evidence))
    }

    /// Whether the views may overlap and the end of one lies at or after the beginning of the other.
    fn overlaps_in_time(&self, key: &TrackKey, entry: &Tracklet, id: PresenceId) -> bool {
        self.memory.tail(id).is_some_and(|(tail_key, tail)| {
            tail.last_s >= entry.first_s && self.topology.relation(&tail_key.camera, &key.camera) != Relation::Disjoint
        })
    }

    /// Seen by another camera at the same time.
    fn overlap(&self, key: &TrackKey, entry: &Tracklet, id: PresenceId) -> Option<Evidence> {
        let slack = self.settings.clock_slack_s;
        let mut per_s = 0.0_f64;
        let mut floor = None;
        for (other_key, other) in self.memory.parts(id) {
            let together = other.last_s.min(entry.last_s) - other.first_s.max(entry.first_s);
            match self.topology.relation(&other_key.camera, &key.camera) {
                Relation::Disjoint if together > slack => return None,
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
        let (cosine, appearance) = self.likeness(entry, id);
        let route = (per_s / self.traffic.newcomers(&key.camera)).ln();
        Some(Evidence { appearance, cosine, floor, route, ..Evidence::default() })
    }

    /// Log-likelihood ratio of one person at the places of both tracks, against two anywhere on the floor: Gaussian on the
    /// difference of places of the same moment. `None` without such.
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
            sum += -0.5 * (squared + determinant.ln()) - std::f64::consts::TAU.ln() + self.settings.floor_area_m2.ln();
            moments += 1.0;
        }
        (moments > 0.0).then(|| sum / moments * moments.min(INDEPENDENT_FIXES))
    }

    /// Seen before, then out of sight.
    fn passage(&self, key: &TrackKey, entry: &Tracklet, id: PresenceId, prospects: &Prospects<'_>) -> Option<Evidence> {
        let settings = self.settings;
        let (tail_key, tail) = self.memory.tail(id)?;
        let seconds = entry.first_s - tail.last_s;
        if seconds > settings.absence_max_s || self.memory.in_sight(id, self.now_s, settings.stale_s) {
            return None;
        }
        let still_there = |(_, part): (&TrackKey, &Tracklet)| part.last_s > entry.first_s + settings.clock_slack_s;
        if self.memory.parts(id).any(still_there) {
            return None;
        }
        let to = &key.camera;
        let prospect = prospects.get(&id)?;
        let (share, way) = prospect.way(to)?;
        if self.too_far(tail, entry, seconds) {
            return None;
        }
        let away_s = (self.now_s - tail.last_s).max(seconds);
        let transit = way.density(seconds, walk_s(tail, entry, settings)).ln();
        let comes_in = self.traffic.comes_in((&tail_key.camera, to), entry.first_fix.as_ref());
        let route = (share * comes_in / prospect.still_away(away_s) / self.traffic.newcomers(to)).ln();
        if transit + route < HOPELESS {
            return None;
        }
        let (cosine, appearance) = self.likeness(entry, id);
        Some(Evidence { appearance, cosine, transit: Some(transit), seconds: Some(seconds), floor: None, route })
    }

    /// Whether nobody is fast enough to have gone from one to the other.
    fn too_far(&self, tail: &Tracklet, entry: &Tracklet, seconds: f64) -> bool {
        let (Some(from), Some(to)) = (tail.last_fix(), entry.first_fix) else { return false };
        let error: f64 = [from, to].iter().map(|fix| fix.covariance[0] + fix.covariance[2]).sum();
        let reach = self.settings.speed_max * (seconds.max(0.0) + self.settings.clock_slack_s) + 3.0 * error.sqrt();
        from.distance(&to) > reach
    }

    /// Cosine and log-likelihood ratio of the entry's look and the traveller's.
    fn likeness(&self, entry: &Tracklet, id: PresenceId) -> (Option<f64>, Option<f64>) {
        let Some((cosine, depth)) = self.cosine(entry, id) else { return (None, None) };
        (Some(cosine), Some(self.likeness[depth - 1].log_ratio(cosine)))
    }

    /// Cosine similarity with the mean look of the traveller's last presences, and how many of these had a look.
    pub(super) fn cosine(&self, entry: &Tracklet, id: PresenceId) -> Option<(f64, usize)> {
        let own = entry.mean.as_ref()?;
        let (mut dot, mut norm, mut depth) = (0.0, Vec::new(), 0);
        let mut next = Some(id);
        while let Some(presence) = next.filter(|_| depth < GALLERY) {
            let look = self
                .memory
                .parts(presence)
                .filter_map(|(_, t)| t.mean.as_ref())
                .find_map(|look| own.cosine(look).map(|cosine| (cosine, look)));
            if let Some((cosine, look)) = look {
                dot += cosine;
                norm.push(look);
                depth += 1;
            }
            next = self.memory.presences.get(&presence).and_then(|p| p.before);
        }
        let mut square = 0.0;
        for a in &norm {
            for b in &norm {
                square += a.cosine(b)?;
            }
        }
        (depth > 0 && square > 0.0).then(|| (dot / square.sqrt(), depth))
    }
}

/// What the walk from the end of one track to the beginning of the other takes at a usual pace. `None` where one of the
/// places is not known.
fn walk_s(tail: &Tracklet, entry: &Tracklet, settings: &AssociationSettings) -> Option<f64> {
    let metres = tail.last_fix()?.distance(&entry.first_fix?);
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
        walk_s: walk_s(tail, entry, settings),
        exit: tail.last_fix(),
        entry: entry.first_fix,
    }
}
