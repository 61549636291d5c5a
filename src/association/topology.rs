//! What is known beforehand of how cameras lie to each other. Everything may be left out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::CameraId;

/// How two cameras' views lie to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Nobody can be in both.
    Disjoint,
    /// Somebody can be in both at once.
    Overlapping,
    /// Not known.
    Unknown,
}

/// A way from one view into another that the configuration knows of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LinkPrior {
    /// Seconds that the way takes as a rule.
    pub typical_s: f64,
}

/// The cameras of a site and the ways between them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Topology {
    /// Pairs whose views overlap, in both orders; see [`Topology::overlap`].
    overlaps: BTreeSet<(CameraId, CameraId)>,
    #[serde(serialize_with = "named_ways")]
    links: BTreeMap<(CameraId, CameraId), LinkPrior>,
    /// From each camera, where people may go, itself included.
    onward: BTreeMap<CameraId, BTreeSet<CameraId>>,
    /// The same the other way round.
    sources: BTreeMap<CameraId, BTreeSet<CameraId>>,
    /// Whether every pair that overlaps is listed.
    overlaps_known: bool,
    /// Whether ways that are not listed do not exist.
    closed: bool,
}

/// Formats for people have no pairs as keys: there a way is `FROM>TO`.
fn named_ways<S: serde::Serializer>(
    links: &BTreeMap<(CameraId, CameraId), LinkPrior>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.collect_map(links.iter().map(|((from, to), prior)| (format!("{from}>{to}"), prior)))
    } else {
        serializer.collect_map(links)
    }
}

impl Topology {
    /// Nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self::default()
    }

    /// Only the pairs named with [`Topology::overlap`] overlap.
    #[must_use]
    pub fn disjoint() -> Self {
        Self { overlaps_known: true, ..Self::default() }
    }

    /// Says that two views overlap.
    pub fn overlap(&mut self, a: &CameraId, b: &CameraId) {
        self.overlaps.insert((a.clone(), b.clone()));
        self.overlaps.insert((b.clone(), a.clone()));
        self.way(a, b);
        self.way(b, a);
    }

    /// Says that there is a way from one view into another.
    pub fn link(&mut self, from: &CameraId, to: &CameraId, prior: LinkPrior) {
        self.links.insert((from.clone(), to.clone()), prior);
        self.way(from, to);
    }

    fn way(&mut self, from: &CameraId, to: &CameraId) {
        for (near, far) in [(from, to), (from, from), (to, to)] {
            self.onward.entry(near.clone()).or_default().insert(far.clone());
            self.sources.entry(far.clone()).or_default().insert(near.clone());
        }
    }

    /// Where people may go from a camera, itself included. `None` where anything is possible: the ways
    /// are not closed, or nothing is said of this camera.
    #[must_use]
    pub fn onward(&self, from: &CameraId) -> Option<&BTreeSet<CameraId>> {
        self.onward.get(from).filter(|_| self.closed())
    }

    /// Where people may come from into a camera's view, itself included. `None` where anything is possible: the ways
    /// are not closed, or nothing is said of this camera.
    #[must_use]
    pub fn sources(&self, to: &CameraId) -> Option<&BTreeSet<CameraId>> {
        self.sources.get(to).filter(|_| self.closed())
    }

    /// Says that there are no other ways than those named: a hard gate, and what keeps a large site fast.
    #[must_use]
    pub fn closing(self) -> Self {
        Self { closed: true, ..self }
    }

    /// Whether ways that are not named do not exist.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.closed && self.has_links()
    }

    /// Whether two views are said to overlap.
    #[must_use]
    pub fn overlapping(&self, a: &CameraId, b: &CameraId) -> bool {
        self.overlaps.contains(&(a.clone(), b.clone()))
    }

    /// Whether any way is named: then others are improbable.
    #[must_use]
    pub fn has_links(&self) -> bool {
        !self.links.is_empty()
    }

    /// What the configuration says of a way.
    #[must_use]
    pub fn prior(&self, from: &CameraId, to: &CameraId) -> Option<LinkPrior> {
        self.links.get(&(from.clone(), to.clone())).copied()
    }

    /// Every way that is named.
    pub fn links(&self) -> impl Iterator<Item = (&CameraId, &CameraId, LinkPrior)> {
        self.links.iter().map(|((from, to), prior)| (from, to, *prior))
    }

    /// Every pair that overlaps, once.
    pub fn overlaps(&self) -> impl Iterator<Item = (&CameraId, &CameraId)> {
        self.overlaps.iter().filter(|(a, b)| a < b).map(|(a, b)| (a, b))
    }

    /// Whether every pair that overlaps is named.
    #[must_use]
    pub fn overlaps_known(&self) -> bool {
        self.overlaps_known
    }

    /// How two different cameras' views lie to each other. A camera is disjoint from itself: nobody is there twice.
    #[must_use]
    pub fn relation(&self, a: &CameraId, b: &CameraId) -> Relation {
        if a == b {
            Relation::Disjoint
        } else if self.overlapping(a, b) {
            Relation::Overlapping
        } else if self.overlaps_known {
            Relation::Disjoint
        } else {
            Relation::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_written_by_name() {
        let [a, b] = ["a", "b"].map(|n| CameraId::new(n).unwrap());
        let mut topology = Topology::disjoint();
        topology.link(&a, &b, LinkPrior { typical_s: 5.0 });
        assert_eq!(
            serde_json::to_value(&topology).unwrap()["links"],
            serde_json::json!({ "a>b": { "typical_s": 5.0 } })
        );
    }

    #[test]
    fn relations() {
        let [a, b, c] = ["a", "b", "c"].map(|n| CameraId::new(n).unwrap());
        let mut known = Topology::disjoint();
        known.overlap(&a, &b);
        for (topology, pair, relation) in [
            (&known, (&a, &b), Relation::Overlapping),
            (&known, (&b, &a), Relation::Overlapping),
            (&known, (&a, &c), Relation::Disjoint),
            (&known, (&a, &a), Relation::Disjoint),
            (&Topology::unknown(), (&a, &c), Relation::Unknown),
            (&Topology::unknown(), (&a, &a), Relation::Disjoint),
        ] {
            assert_eq!(topology.relation(pair.0, pair.1), relation, "{pair:?}");
        }
    }
}
