//! Who carries a bag, told of tracks: [`Possession`] of each bag over the people near it.

use std::collections::BTreeMap;

use super::Track;
use super::body::Body;
use super::possession::{CarrierSettings, Possession};
use crate::event::Carrier;
use crate::ids::TrackId;
use crate::time::MediaTime;

/// The carriers of one camera's bags. Bounded by the tracker's bound of tracks and the most candidates of each.
#[derive(Debug, Clone)]
pub struct Carriers {
    settings: CarrierSettings,
    at: Option<MediaTime>,
    bags: BTreeMap<TrackId, Possession>,
    /// The people of the last step, ascending id: of nobody else is told.
    people: Vec<Body>,
}

impl Carriers {
    /// Without bags.
    #[must_use]
    pub fn new(settings: CarrierSettings) -> Self {
        Self { settings, at: None, bags: BTreeMap::new(), people: Vec::new() }
    }

    /// Takes in all live tracks as they are at `at`, ascending id.
    pub fn step(&mut self, at: MediaTime, tracks: &[Track]) {
        let dt = self.at.replace(at).map_or(0.0, |last| at.since(last)).max(0.0);
        let s = &self.settings;
        self.bags.retain(|bag, _| tracks.binary_search_by_key(bag, |t| t.id).is_ok());
        let people = tracks.iter().filter(|t| !t.class.is_bag() && t.state.is_told());
        self.people.clear();
        self.people.extend(people.map(body));
        let people = &self.people;
        for track in tracks.iter().filter(|t| t.class.is_bag()) {
            let bag = body(track);
            match self.bags.get_mut(&track.id) {
                Some(possession) => {
                    possession.wait(dt, &bag, people, s);
                    if track.matched {
                        possession.look((dt / s.look_s).min(1.0), &bag, people, s);
                    }
                }
                None => {
                    self.bags.insert(track.id, Possession::new(&bag, people, s));
                }
            }
        }
    }

    /// The likely carriers of a bag, likeliest first.
    #[must_use]
    pub fn of(&self, bag: TrackId) -> Vec<Carrier> {
        let likely = self.bags.get(&bag).into_iter().flat_map(Possession::people);
        let alive = |key: u64| self.people.binary_search_by_key(&key, |person| person.key).is_ok();
        let likely = likely.filter(|(key, p)| *p >= self.settings.told_min && alive(*key));
        let mut likely: Vec<Carrier> =
            likely.map(|(key, probability)| Carrier { track: TrackId(key), probability }).collect();
        likely.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.track.cmp(&b.track)));
        likely
    }
}

fn body(track: &Track) -> Body {
    let age_s = track.last_seen.since(track.first_seen);
    let metres = track.class.height_m() / track.bbox.h;
    Body {
        key: track.id.0,
        class: track.class,
        centre: track.bbox.centre(),
        sides: (track.bbox.w, track.bbox.h),
        drift: track.velocity,
        velocity: (track.velocity.0 * metres, track.velocity.1 * metres),
        age_s,
        unseen_s: if track.matched { 0.0 } else { f64::MAX },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{BBox, ObjectClass};

    fn track(id: u64, class: ObjectClass, x: f64, velocity: f64) -> Track {
        let (y, w, h) = if class.is_bag() { (160.0, 30.0, 30.0) } else { (100.0, 40.0, 100.0) };
        let bbox = BBox { x: x - w / 2.0, y, w, h };
        let seen = Track::confirmed(TrackId(id), class, bbox, 0.9, MediaTime(0));
        Track { matches: 9, velocity: (velocity, 0.0), ..seen }
    }

    /// Where the bag (1) and two people (2 and 3) are at a time, each with its speed, pixels and pixels per second.
    type Scene = fn(f64) -> [(f64, f64); 3];

    /// Walks together to the right, and the other is far away.
    fn together(t: f64) -> [(f64, f64); 3] {
        [(100.0 * t + 25.0, 100.0), (100.0 * t, 100.0), (900.0, 0.0)]
    }

    /// The other comes towards the two and passes them at 3 s.
    fn crossing(t: f64) -> [(f64, f64); 3] {
        [together(t)[0], together(t)[1], (600.0 - 100.0 * t, -100.0)]
    }

    /// The other stands where the two pass at 3 s.
    fn passing(t: f64) -> [(f64, f64); 3] {
        [together(t)[0], together(t)[1], (300.0, 0.0)]
    }

    /// At 3 s the other takes the bag back to where he came from.
    fn handing_over(t: f64) -> [(f64, f64); 3] {
        let other = 600.0 - 100.0 * if t < 3.0 { t } else { 6.0 - t };
        let speed = if t < 3.0 { -100.0 } else { 100.0 };
        let first = if t < 3.0 { (100.0 * t, 100.0) } else { (300.0, 0.0) };
        [if t < 3.0 { (first.0 + 10.0, 100.0) } else { (other - 10.0, 100.0) }, first, (other, speed)]
    }

    /// At 3 s the bag is put down, and its carrier walks on.
    fn putting_down(t: f64) -> [(f64, f64); 3] {
        let bag = if t < 3.0 { together(t)[0] } else { (325.0, 0.0) };
        [bag, together(t)[1], (900.0, 0.0)]
    }

    /// The likeliest carrier at each tenth of a second, 0 for nobody.
    fn told(scene: Scene, fps: u32) -> Vec<(f64, u64)> {
        let mut carriers = Carriers::new(CarrierSettings::default());
        (0..6 * fps)
            .map(|frame| {
                let t = f64::from(frame) / f64::from(fps);
                let [bag, first, second] = scene(t);
                let person = |id, (x, v)| track(id, ObjectClass::Person, x, v);
                let tracks = [track(1, ObjectClass::Suitcase, bag.0, bag.1), person(2, first), person(3, second)];
                carriers.step(MediaTime::from_seconds(t), &tracks);
                let likely = carriers.of(TrackId(1));
                let sum: f64 = likely.iter().map(|c| c.probability).sum();
                assert!(sum <= 1.0 + 1e-9 && likely.iter().all(|c| c.probability >= 0.05), "{likely:?}");
                (t, likely.first().filter(|c| c.probability > 0.5).map_or(0, |c| c.track.0))
            })
            .collect()
    }

    #[test]
    fn a_carrier_is_known_soon_and_kept_until_something_speaks_against_him() {
        // Scene; who it is before 3 s; who it is later, and from when on.
        let rows: [(&str, Scene, u64, u64, f64); 5] = [
            ("walking together", together, 2, 2, 3.0),
            ("somebody crosses", crossing, 2, 2, 3.0),
            ("somebody stands in the way", passing, 2, 2, 3.0),
            ("handed over", handing_over, 2, 3, 5.0),
            ("put down", putting_down, 2, 0, 5.0),
        ];
        for (name, scene, before, after, from) in rows {
            for fps in [5, 25] {
                for (t, who) in told(scene, fps) {
                    if (1.0..3.0).contains(&t) {
                        assert_eq!(who, before, "{name} at {t} s, {fps} fps");
                    } else if t >= from {
                        assert_eq!(who, after, "{name} at {t} s, {fps} fps");
                    }
                }
            }
        }
    }

    #[test]
    fn candidates_are_bounded_and_go_with_their_tracks() {
        let mut carriers = Carriers::new(CarrierSettings::default());
        let mut crowd = vec![track(1, ObjectClass::Handbag, 100.0, 0.0)];
        crowd.extend((2..30).map(|id| track(id, ObjectClass::Person, 100.0 + id as f64, 0.0)));
        carriers.step(MediaTime(0), &crowd);
        assert_eq!(carriers.bags[&TrackId(1)].people().count(), carriers.settings.candidates_max);
        carriers.step(MediaTime::from_seconds(0.1), &crowd[..1]);
        assert_eq!(carriers.of(TrackId(1)), [], "nobody is left");
        carriers.step(MediaTime::from_seconds(0.2), &[]);
        assert!(carriers.bags.is_empty());
    }
}
