//! What a traveller looks like in the last or the next presences, and what it says where two such looks are alike.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::appearance::Appearance;

use super::likeness::Likeness;
use super::memory::{Memory, Presence, PresenceId};
use super::operator::Operators;

/// How many presences of a traveller make up a look that is compared.
const GALLERY: usize = 3;

/// The mean of what one model saw of a traveller in a few presences.
#[derive(Debug, Clone)]
pub(super) struct Gallery<'a> {
    mean: Cow<'a, Appearance>,
    /// How many presences that is the mean of, 1 to [`GALLERY`].
    depth: usize,
}

impl<'a> Gallery<'a> {
    /// `None` without looks, and for looks that cancel out.
    fn of(looks: &[&'a Appearance]) -> Option<Self> {
        let mean = match looks {
            [] => return None,
            [one] => Cow::Borrowed(*one),
            [first, ..] => {
                let sums = (0..first.vector.len()).map(|i| looks.iter().map(|look| look.vector[i]).sum());
                Cow::Owned(Appearance::normalised(&sums.collect::<Vec<f32>>(), 1.0)?.of_kind(first.kind))
            }
        };
        Some(Self { mean, depth: looks.len() })
    }

    /// How many presences it is the mean of.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// What one track looks like.
    pub(super) fn of_track(mean: Option<&'a Appearance>) -> Vec<Self> {
        mean.and_then(|mean| Self::of(&[mean])).into_iter().collect()
    }

    /// The traveller up to a presence, by the model that saw them. What operators
    /// have split is not followed.
    pub(super) fn until(memory: &'a Memory, operators: &Operators, id: PresenceId) -> Vec<Self> {
        Self::along(memory, id, |id, presence| presence.before.filter(|_| !operators.is_cut(id)))
    }

    /// The traveller from a presence on, likewise.
    pub(super) fn since(memory: &'a Memory, operators: &Operators, id: PresenceId) -> Vec<Self> {
        Self::along(memory, id, |_, presence| presence.after.filter(|after| !operators.is_cut(*after)))
    }

    fn along(
        memory: &'a Memory,
        id: PresenceId,
        further: impl Fn(PresenceId, &Presence) -> Option<PresenceId>,
    ) -> Vec<Self> {
        // By model: the presence that was looked at last, and a look of each.
        let mut models: Vec<(PresenceId, Vec<&Appearance>)> = Vec::new();
        let mut next = Some(id);
        while let Some(presence) = next {
            for look in memory.parts(presence).filter_map(|(_, tracklet)| tracklet.mean.as_ref()) {
                match models.iter_mut().find(|(_, looks)| looks[0].is_comparable(look)) {
                    None => models.push((presence, vec![look])),
                    Some((last, looks)) if *last != presence && looks.len() < GALLERY => {
                        looks.push(look);
                        *last = presence;
                    }
                    Some(_) => {}
                }
            }
            let full = !models.is_empty() && models.iter().all(|(_, looks)| looks.len() >= GALLERY);
            next = memory.presences.get(&presence).and_then(|found| further(presence, found)).filter(|_| !full);
        }
        models.iter().filter_map(|(_, looks)| Self::of(looks)).collect()
    }
}

/// How alike two looks are, and of how many presences each is the mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alike {
    pub(super) cosine: f64,
    depths: (usize, usize),
}

impl Alike {
    /// By the first model that saw both. `None` where there is none.
    pub(super) fn of(earlier: &[Gallery<'_>], later: &[Gallery<'_>]) -> Option<Self> {
        let pairs = later.iter().flat_map(|b| earlier.iter().map(move |a| (a, b)));
        pairs.into_iter().find_map(|(a, b)| Some(Self { cosine: a.mean.cosine(&b.mean)?, depths: (a.depth, b.depth) }))
    }
}

/// What likeness says, by how many presences the looks are of: the more, the less chance there is in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Likenesses([[Likeness; GALLERY]; GALLERY]);

impl Likenesses {
    /// The same for all, before anything is learned.
    pub(super) fn new(prior: Likeness) -> Self {
        Self([[prior; GALLERY]; GALLERY])
    }

    /// Of two tracks, of which nothing else is known.
    pub(super) fn of_tracks(&self) -> &Likeness {
        &self.0[0][0]
    }

    /// `ln(p(cosine | one person) / p(cosine | two))`.
    pub(super) fn log_ratio(&self, alike: &Alike) -> f64 {
        self.0[alike.depths.0 - 1][alike.depths.1 - 1].log_ratio(alike.cosine)
    }

    /// Two looks, of one person with the given probability.
    pub(super) fn learn(&mut self, alike: &Alike, same: f64) {
        self.0[alike.depths.0 - 1][alike.depths.1 - 1].learn(alike.cosine, same);
    }
}

#[cfg(test)]
mod tests {
    use crate::association::{Sighting, TrackKey};
    use crate::event::Lifecycle;
    use crate::ids::{BootId, CameraId, TrackId};
    use crate::time::CaptureTime;

    use super::*;

    /// Five presences of one traveller, who looks as `looks` say, joined one after the other.
    fn walk(looks: [Option<[f32; 2]>; 5]) -> (Memory, Vec<PresenceId>) {
        let mut memory = Memory::default();
        let mut ids: Vec<PresenceId> = Vec::new();
        for (second, look) in (0..).zip(looks) {
            let camera = CameraId::new(&format!("camera-{second}")).unwrap();
            let key = TrackKey { camera, boot: BootId(1), track: TrackId(1) };
            let at = CaptureTime::exact(second * 10_000_000);
            let appearance = look.and_then(|look| Appearance::normalised(&look, 1.0));
            let sighting = Sighting { key, at, seen: at, phase: Lifecycle::New, floor: None, appearance };
            let id = memory.see(&sighting, second as f64 * 10.0, 0.0).unwrap();
            memory.chain(ids.last().copied(), id);
            ids.push(id);
        }
        (memory, ids)
    }

    #[test]
    fn the_nearest_presences_with_a_look_make_it_up() {
        let (front, side) = (Some([1.0, 0.0]), Some([0.0, 1.0]));
        let (memory, ids) = walk([front, side, None, side, front]);
        let none = Operators::default();
        let depth = |gallery: Vec<Gallery<'_>>| gallery.iter().map(Gallery::depth).collect::<Vec<_>>();
        for (at, before, after) in [(0, 1, 3), (1, 2, 3), (2, 2, 2), (3, 3, 2), (4, 3, 1)] {
            assert_eq!(depth(Gallery::until(&memory, &none, ids[at])), [before], "{at}");
            assert_eq!(depth(Gallery::since(&memory, &none, ids[at])), [after], "{at}");
        }
        // Two looks at right angles and the mean of three of which two are one of them.
        let alike =
            Alike::of(&Gallery::until(&memory, &none, ids[1]), &Gallery::since(&memory, &none, ids[3])).unwrap();
        assert!((alike.cosine - 1.0).abs() < 1e-6 && alike.depths == (2, 2), "{alike:?}");
    }

    #[test]
    fn what_an_operator_split_is_not_followed() {
        let look = Some([1.0, 0.0]);
        let (memory, ids) = walk([look; 5]);
        let mut operators = Operators::default();
        operators.cut(ids[3]);
        assert_eq!(Gallery::until(&memory, &operators, ids[4])[0].depth, 2);
        assert_eq!(Gallery::since(&memory, &operators, ids[1])[0].depth, 2);
    }

    #[test]
    fn models_are_kept_apart_and_opposite_looks_say_nothing() {
        let (memory, ids) = walk([Some([1.0, 0.0]), Some([-1.0, 0.0]), None, None, None]);
        assert!(Gallery::until(&memory, &Operators::default(), ids[1]).is_empty());
        let other = Appearance::normalised(&[1.0, 0.0, 0.0], 1.0).unwrap();
        let own = Gallery::of_track(Some(&other));
        assert_eq!(Alike::of(&Gallery::until(&memory, &Operators::default(), ids[0]), &own), None);
    }

    #[test]
    fn each_number_of_presences_has_its_own_scale() {
        let mut likenesses = Likenesses::new(Likeness::new((0.75, 0.1), (0.4, 0.1), 0.01));
        let alike = |cosine, depths| Alike { cosine, depths };
        for _ in 0..500 {
            likenesses.learn(&alike(0.95, (3, 3)), 1.0);
            likenesses.learn(&alike(0.75, (3, 3)), 0.0);
        }
        assert!(likenesses.log_ratio(&alike(0.75, (1, 1))) > 1.0);
        assert!(likenesses.log_ratio(&alike(0.75, (3, 3))) < -1.0);
        assert_eq!(likenesses.of_tracks(), &Likeness::new((0.75, 0.1), (0.4, 0.1), 0.01));
    }
}
