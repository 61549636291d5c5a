//! Small sites, end to end.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::appearance::Appearance;
use crate::event::Lifecycle;
use crate::ids::{BootId, CameraId, TrackId};
use crate::time::{CaptureTime, micros};

fn camera(name: &str) -> CameraId {
    CameraId::new(name).unwrap()
}

fn key(camera_name: &str, track: u64) -> TrackKey {
    TrackKey { camera: camera(camera_name), boot: BootId(1), track: TrackId(track) }
}

/// What a walk looks like: nothing, or a direction in a plane.
type Dress = Option<f32>;
/// Camera, track, from, until (seconds), dress, where on the floor at its beginning and how far each second.
type Walk = (&'static str, u64, f64, f64, Dress, Option<(f64, f64)>);

fn reports(walks: &[Walk]) -> Vec<Sighting> {
    let mut all = Vec::new();
    for &(name, track, from, until, dress, floor) in walks {
        let seconds = (until - from) as u32;
        for second in 0..=seconds {
            let at = CaptureTime::exact(micros(from + f64::from(second)));
            let phase = match second {
                0 => Lifecycle::New,
                s if s == seconds => Lifecycle::End,
                _ => Lifecycle::Update,
            };
            let appearance = dress.and_then(|angle| Appearance::normalised(&[angle.cos(), angle.sin()], 1.0));
            let covariance = [0.05, 0.0, 0.05];
            let floor = floor.map(|(x, y)| FloorFix { x: x + f64::from(second), y, covariance });
            all.push(Sighting { key: key(name, track), at, seen: at, phase, floor, appearance });
        }
    }
    all.sort_by(|a, b| (a.at.unix_micros, &a.key).cmp(&(b.at.unix_micros, &b.key)));
    all
}

fn corridor() -> Topology {
    let mut topology = Topology::disjoint();
    topology.link(&camera("a"), &camera("b"), LinkPrior { typical_s: 10.0 });
    topology.link(&camera("b"), &camera("a"), LinkPrior { typical_s: 10.0 });
    topology
}

fn play(topology: Topology, walks: &[Walk]) -> Associator {
    let mut associator = Associator::new(AssociationSettings::default(), topology);
    reports(walks).iter().for_each(|report| associator.accept(report));
    associator.finish();
    associator
}

fn traveller(associator: &Associator, name: &str, track: u64) -> u64 {
    associator.identity(&key(name, track)).expect("remembered").traveller.0
}

const HERE: Option<(f64, f64)> = Some((0.0, 0.0));

/// Who walks where, and who of them are one.
struct Situation {
    name: &'static str,
    topology: Topology,
    walks: &'static [Walk],
    travellers: &'static [&'static [(&'static str, u64)]],
}

fn situations() -> Vec<Situation> {
    let mut overlapping = Topology::disjoint();
    overlapping.overlap(&camera("a"), &camera("b"));
    let mut door = Topology::disjoint();
    door.link(&camera("a"), &camera("b"), LinkPrior { typical_s: 8.0 });
    door.link(&camera("b"), &camera("b"), LinkPrior { typical_s: 30.0 });
    vec![
        Situation {
            name: "one walks on",
            topology: corridor(),
            walks: &[("a", 1, 0.0, 10.0, Some(0.1), None), ("b", 1, 20.0, 30.0, Some(0.2), None)],
            travellers: &[&[("a", 1), ("b", 1)]],
        },
        Situation {
            name: "two cross over and are told apart by their clothes",
            topology: corridor(),
            walks: &[
                ("a", 1, 0.0, 10.0, Some(0.1), None),
                ("a", 2, 0.0, 10.0, Some(1.5), None),
                ("b", 1, 20.0, 30.0, Some(1.4), None),
                ("b", 2, 21.0, 30.0, Some(0.2), None),
            ],
            travellers: &[&[("a", 1), ("b", 2)], &[("a", 2), ("b", 1)]],
        },
        Situation {
            name: "two dressed alike are told apart by the time",
            topology: corridor(),
            walks: &[
                ("a", 1, 0.0, 10.0, Some(0.1), None),
                ("a", 2, 20.0, 30.0, Some(0.1), None),
                ("b", 1, 20.5, 30.0, Some(0.1), None),
                ("b", 2, 40.5, 50.0, Some(0.1), None),
            ],
            travellers: &[&[("a", 1), ("b", 1)], &[("a", 2), ("b", 2)]],
        },
        Situation {
            name: "two views overlap and the floor tells",
            topology: overlapping,
            walks: &[
                ("a", 1, 0.0, 10.0, None, HERE),
                ("a", 2, 0.0, 10.0, None, Some((0.0, 8.0))),
                ("b", 1, 3.0, 14.0, None, Some((3.1, 8.1))),
                ("b", 2, 4.0, 14.0, None, Some((3.9, 0.1))),
            ],
            travellers: &[&[("a", 1), ("b", 2)], &[("a", 2), ("b", 1)]],
        },
        Situation {
            name: "who comes back out of a door was behind it, though it is no walk from where he went in",
            topology: door,
            walks: &[
                ("b", 1, 0.0, 10.0, Some(0.1), HERE),
                ("a", 1, 30.0, 48.0, Some(1.0), Some((-30.0, 0.0))),
                ("b", 2, 58.0, 66.0, Some(0.1), Some((10.0, 0.0))),
            ],
            travellers: &[&[("b", 1), ("b", 2)], &[("a", 1)]],
        },
        Situation {
            name: "nobody is faster than a run",
            topology: corridor(),
            walks: &[("a", 1, 0.0, 10.0, Some(0.1), HERE), ("b", 1, 20.0, 30.0, Some(0.1), Some((90.0, 0.0)))],
            travellers: &[&[("a", 1)], &[("b", 1)]],
        },
        Situation {
            name: "nobody is in two places",
            topology: corridor(),
            walks: &[("a", 1, 0.0, 20.0, Some(0.1), None), ("b", 1, 12.0, 30.0, Some(0.1), None)],
            travellers: &[&[("a", 1)], &[("b", 1)]],
        },
    ]
}

#[test]
fn who_is_whom() {
    for Situation { name, topology, walks, travellers } in situations() {
        let associator = play(topology, walks);
        let mut numbers = Vec::new();
        for tracks in travellers {
            let of_one: Vec<u64> =
                tracks.iter().map(|(camera, track)| traveller(&associator, camera, *track)).collect();
            assert!(of_one.iter().all(|n| *n == of_one[0]), "{name}: {tracks:?} are {of_one:?}");
            assert!(!numbers.contains(&of_one[0]), "{name}: {tracks:?} is somebody else as well");
            numbers.push(of_one[0]);
        }
        assert_eq!(associator.double_presences(), 0, "{name}");
    }
}

/// A view that overlaps two others, which do not overlap: nobody is in both of these.
/// Whether the tracks of cameras `a` and `b`, the views of which overlap, are one traveller; `change` is done to each report and
/// its second.
fn are_one(a: Walk, b: Walk, change: impl Fn(&mut Sighting, f64)) -> bool {
    let mut topology = Topology::disjoint();
    topology.overlap(&camera("a"), &camera("b"));
    let mut associator = Associator::new(AssociationSettings::default(), topology);
    for mut report in reports(&[a, b]) {
        let second = report.at.unix_micros as f64 / 1e6;
        change(&mut report, second);
        associator.accept(&report);
    }
    associator.finish();
    traveller(&associator, a.0, a.1) == traveller(&associator, b.0, b.1)
}

#[test]
fn a_place_that_is_wrong_for_a_moment_tells_nobody_apart() {
    let astray = |until: f64| {
        are_one(("a", 1, 0.0, 10.0, None, HERE), ("b", 1, 3.0, 14.0, None, Some((3.1, 0.1))), move |report, second| {
            let floor = report.floor.as_mut().filter(|_| report.key.camera == camera("b") && second <= until);
            floor.into_iter().for_each(|fix| fix.y += 6.0);
        })
    };
    assert!(astray(0.0) && astray(3.0));
    assert!(!astray(14.0));
}

#[test]
fn who_leaves_one_view_and_at_once_enters_one_that_overlaps_may_have_been_in_both_where_places_are_not_known() {
    let (a, b) = (("a", 1, 0.0, 10.0, Some(0.1), HERE), ("b", 1, 10.3, 20.0, Some(0.2), Some((12.0, 0.0))));
    // Three seconds of his walk are missing: it would be too fast for one who walks from place to place.
    assert!(are_one(a, b, |report, second| report.floor = report.floor.filter(|_| !(7.0..=10.0).contains(&second))));
}

#[test]
fn two_who_are_seen_in_one_picture_are_two() {
    for (from, one) in [(9.3, false), (9.8, true), (11.0, true)] {
        let walks = [("a", 1, 0.0, 10.0, Some(0.1), HERE), ("a", 2, from, 20.0, Some(0.1), Some((from, 0.0)))];
        let found = play(Topology::unknown(), &walks);
        assert_eq!(traveller(&found, "a", 1) == traveller(&found, "a", 2), one, "{from}");
    }
}

fn three_in_a_row() -> Topology {
    let mut topology = Topology::disjoint();
    topology.overlap(&camera("a"), &camera("b"));
    topology.overlap(&camera("b"), &camera("c"));
    topology
}

#[test]
fn two_that_exclude_each_other_do_not_both_join_a_third() {
    let all: [Walk; 3] = [
        ("b", 1, 0.0, 30.0, Some(0.1), HERE),
        ("a", 1, 1.0, 30.0, Some(0.1), HERE),
        ("c", 1, 1.0, 30.0, Some(0.1), HERE),
    ];
    let associator = play(three_in_a_row(), &all);
    assert_eq!(associator.double_presences(), 0);
    let [a, b, c] = ["a", "b", "c"].map(|name| traveller(&associator, name, 1));
    assert!(a != c && [a, c].contains(&b), "{a} {b} {c}");
}

#[test]
fn a_track_that_comes_to_exclude_another_is_taken_out() {
    let walks: [Walk; 3] = [
        ("a", 1, 0.0, 40.0, Some(0.1), None),
        ("b", 1, 0.0, 40.0, Some(0.1), None),
        ("c", 1, 12.0, 40.0, Some(0.1), None),
    ];
    let mut associator = Associator::new(AssociationSettings::default(), three_in_a_row());
    let mut joined = BTreeSet::new();
    for report in reports(&walks) {
        // Nothing is heard of the first while the third comes and is joined to the second.
        if report.key.camera == camera("a") && (10.0..25.0).contains(&(report.at.unix_micros as f64 / 1e6)) {
            continue;
        }
        associator.accept(&report);
        if ["a", "b", "c"].iter().all(|name| associator.identity(&key(name, 1)).is_some_and(|one| !one.provisional)) {
            joined.insert(["a", "b", "c"].map(|name| traveller(&associator, name, 1)));
        }
    }
    associator.finish();
    assert!(joined.iter().any(|[a, b, c]| a == b && b == c), "{joined:?}");
    let [a, b, c] = ["a", "b", "c"].map(|name| traveller(&associator, name, 1));
    assert!(a == b && c != a, "{a} {b} {c}");
    assert_eq!((associator.double_presences(), associator.counters().impossible), (0, 1));
}

#[test]
fn an_identity_is_announced_at_once_and_confirmed_once() {
    let walks: &[Walk] = &[("a", 1, 0.0, 10.0, Some(0.1), None), ("b", 1, 20.0, 40.0, Some(0.1), None)];
    let mut associator = Associator::new(AssociationSettings::default(), corridor());
    let mut heard = Vec::new();
    for report in reports(walks) {
        associator.accept(&report);
        let changes = associator.take_changes().into_iter().filter(|change| change.track == key("b", 1));
        heard.extend(changes.map(|c| (c.at_s, c.lifecycle, c.identity.provisional, c.identity.traveller.0)));
    }
    assert_eq!(heard.len(), 2, "{heard:?}");
    let [(first_s, first, provisional, one), (then_s, then, settled, same)] = [heard[0], heard[1]];
    assert!((20.0..=21.5).contains(&first_s) && (26.0..=27.5).contains(&then_s), "{heard:?}");
    assert_eq!((first, provisional, then, settled), (Lifecycle::New, true, Lifecycle::Update, false));
    assert_eq!((one, same), (1, 1));
    let decision = associator.decision(&key("b", 1)).unwrap();
    assert_eq!(decision.chosen().unwrap().state, LinkState::Confirmed);
    assert_eq!(decision.runner_up().unwrap().state, LinkState::Rejected);
    assert!(decision.chosen().unwrap().evidence.appearance.is_some_and(|ratio| ratio > 0.0));
}

#[test]
fn what_is_missing_is_said() {
    for (topology, dress, floor, missing) in [
        (corridor(), Some(0.1), Some((0.0, 0.0)), &[][..]),
        (corridor(), None, None, &["appearance", "calibration"]),
        (Topology::unknown(), None, None, &["appearance", "calibration", "topology"]),
    ] {
        let walks: &[Walk] = &[("a", 1, 0.0, 10.0, dress, floor), ("b", 1, 20.0, 30.0, dress, floor)];
        let associator = play(topology, walks);
        assert_eq!(associator.identity(&key("b", 1)).unwrap().missing, missing);
    }
}

#[test]
fn memory_is_bounded() {
    let settings = AssociationSettings { presences_max: 50, memory_s: 100.0, ..AssociationSettings::default() };
    let mut associator = Associator::new(settings, corridor());
    for n in 0..600 {
        let start = f64::from(n);
        let walk: Walk = ("a", u64::from(n as u32) + 1, start, start + 2.0, Some(start as f32), None);
        reports(&[walk]).iter().for_each(|report| associator.accept(report));
        assert!(associator.sizes().0 <= 50 + 25, "{n}: {:?}", associator.sizes());
    }
    assert!(associator.counters().forgotten > 0);
}

/// A crowd that walks to and fro, dressed in few ways.
fn crowd(people: usize) -> impl Strategy<Value = Vec<Walk>> {
    let walk = (0..2_usize, 0..60_u32, 3..15_u32, 0..4_u32);
    prop::collection::vec(walk, people).prop_map(|walks| {
        (1..)
            .zip(walks)
            .map(|(track, (place, from, seconds, dress))| {
                let (from, dress) = (f64::from(from), dress as f32 * 0.5);
                (["a", "b"][place], track, from, from + f64::from(seconds), Some(dress), None)
            })
            .collect()
    })
}

fn state(associator: &Associator) -> String {
    let mut quiet = associator.clone();
    quiet.take_changes();
    format!("{quiet:?}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_merge_taken_back_leaves_no_trace(walks in crowd(10), a in 0..10_usize, b in 0..10_usize) {
        let mut associator = play(corridor(), &walks);
        let before = state(&associator);
        let [of_a, of_b] = [a, b].map(|i| associator.identity(&key(walks[i].0, walks[i].1)).unwrap().traveller);
        if associator.merge(of_a, of_b).is_err() {
            prop_assert_eq!(state(&associator), before);
            return Ok(());
        }
        let merged = of_a.min(of_b);
        prop_assert_eq!(associator.identity(&key(walks[a].0, walks[a].1)).unwrap().traveller, merged);
        prop_assert_eq!(associator.identity(&key(walks[b].0, walks[b].1)).unwrap().traveller, merged);
        prop_assert!(associator.take_changes().iter().any(|change| change.lifecycle == Lifecycle::Retracted));
        let first = |id| associator.segments_of(id);
        let later = first(merged).into_iter().find(|k| associator.born(k) == Some(of_a.max(of_b).0)).unwrap();
        associator.split(merged, &later).unwrap();
        prop_assert_eq!(state(&associator), before);
    }

    #[test]
    fn a_split_taken_back_joins_again(walks in crowd(8)) {
        let mut associator = play(corridor(), &walks);
        for walk in &walks {
            let track = key(walk.0, walk.1);
            let whole = associator.identity(&track).unwrap().traveller;
            if associator.split(whole, &track).is_err() {
                continue;
            }
            let part = associator.identity(&track).unwrap().traveller;
            prop_assert_ne!(whole, part);
            associator.merge(whole, part).unwrap();
            prop_assert_eq!(associator.identity(&track).unwrap().traveller, whole);
        }
    }

    #[test]
    fn a_traveller_has_exactly_the_tracks_that_say_so(walks in crowd(20), splits in prop::collection::vec(0..20_usize, 6)) {
        let mut associator = Associator::new(AssociationSettings::default(), corridor());
        let check = |associator: &Associator| {
            let mut all = std::collections::BTreeMap::<TravellerId, Vec<&TrackKey>>::new();
            for key in associator.memory.tracklets.keys() {
                all.entry(associator.identity(key).unwrap().traveller).or_default().push(key);
            }
            for (id, keys) in all {
                prop_assert_eq!(associator.tracks_of(id).into_keys().collect::<Vec<_>>(), keys);
            }
            Ok(())
        };
        let reports = reports(&walks);
        for (number, report) in reports.iter().enumerate() {
            associator.accept(report);
            check(&associator)?;
            // Operators take apart and join while it goes on.
            let step = reports.len() / splits.len();
            if let Some(whom) = splits.get(number / step).filter(|_| number % step == 0) {
                let [one, other] = [*whom, (whom + 7) % walks.len()].map(|i| key(walks[i].0, walks[i].1));
                let of = |associator: &Associator, key| associator.identity(key).map(|identity| identity.traveller);
                if let Some(whole) = of(&associator, &one)
                    && associator.split(whole, &one).is_ok()
                    && number % 2 == 0
                {
                    let part = of(&associator, &one).unwrap();
                    // Not where they have been in two places since.
                    let _ = associator.merge(whole, part);
                }
                if let (Some(a), Some(b)) = (of(&associator, &one), of(&associator, &other)) {
                    let _ = associator.merge(a, b);
                }
                check(&associator)?;
            }
        }
        associator.finish();
        check(&associator)?;
    }

    #[test]
    fn what_was_announced_is_what_is(walks in crowd(25)) {
        let mut associator = Associator::new(AssociationSettings::default(), corridor());
        let stale = |associator: &Associator| {
            let is = |key| associator.identity(key).map(|identity| (identity.traveller, identity.provisional));
            associator.published.iter().find(|(key, told)| is(key) != Some(**told)).map(|(key, _)| key.clone())
        };
        for report in reports(&walks) {
            associator.accept(&report);
            prop_assert_eq!(stale(&associator), None);
        }
        associator.finish();
        prop_assert_eq!(stale(&associator), None);
    }

    #[test]
    fn nobody_is_in_two_places_and_a_replay_says_the_same(walks in crowd(25)) {
        let play = || {
            let mut associator = Associator::new(AssociationSettings::default(), corridor());
            reports(&walks).iter().for_each(|report| associator.accept(report));
            associator.finish();
            prop_assert_eq!(associator.double_presences(), 0);
            Ok(associator.take_changes())
        };
        prop_assert_eq!(play()?, play()?);
    }
}

/// Sixty walk through the view of three cameras, one after the other and every time another way; the third camera's clock
/// is ahead. The camera, the track, and when and where it saw them.
pub(crate) fn seen_by_three(ahead_s: f64) -> Vec<Sighting> {
    let mut all = Vec::new();
    for walker in 0..60_u32 {
        let (angle, begin) = (f64::from(walker) * 0.9, f64::from(walker) * 30.0);
        for (name, phase, ahead_s) in [("a", 0.0, 0.0), ("b", 0.3, 0.0), ("c", 0.6, ahead_s)] {
            for second in 0..=20_u32 {
                let true_s = begin + phase + f64::from(second);
                let at = CaptureTime::exact(micros(true_s + ahead_s));
                let phase = match second {
                    0 => Lifecycle::New,
                    20 => Lifecycle::End,
                    _ => Lifecycle::Update,
                };
                let way = 1.3 * (true_s - begin - 10.0);
                let wobble = 0.1 * f64::from(walker * 7 + second * 3).sin();
                let (x, y) = (way * angle.cos() + wobble, way * angle.sin() - wobble);
                let floor = Some(FloorFix { x, y, covariance: [0.05, 0.0, 0.05] });
                let key = key(name, u64::from(walker));
                all.push(Sighting { key, at, seen: at, phase, floor, appearance: None });
            }
        }
    }
    all.sort_by(|a, b| (a.at.unix_micros, &a.key).cmp(&(b.at.unix_micros, &b.key)));
    all
}

#[test]
fn a_clock_that_is_ahead_is_found_and_put_right() {
    for (ahead_s, suspect) in [(0.0, false), (0.9, true), (-1.2, true)] {
        let mut topology = Topology::disjoint();
        for (one, other) in [("a", "b"), ("b", "c"), ("a", "c")] {
            topology.overlap(&camera(one), &camera(other));
        }
        let mut associator = Associator::new(AssociationSettings::default(), topology);
        seen_by_three(ahead_s).iter().for_each(|report| associator.accept(report));
        associator.finish();
        let offset = |name: &str| associator.clock_offsets()[&camera(name)];
        for (name, expected) in [("a", 0.0), ("b", 0.0), ("c", ahead_s)] {
            let ClockOffset { offset_s, error_s } = offset(name);
            assert!((offset_s - expected).abs() < 0.1 && error_s < 0.1, "{ahead_s}: {name} {offset_s} {error_s}");
            assert_eq!(offset(name).is_suspect(), suspect && name == "c", "{ahead_s}: {name}");
        }
        // Those who came later stand in one place at one time.
        for walker in 40..60 {
            let one = traveller(&associator, "a", walker);
            assert!(["b", "c"].iter().all(|name| traveller(&associator, name, walker) == one), "{ahead_s}: {walker}");
            let path = |name: &str| associator.memory.tracklets[&key(name, walker)].first_s;
            assert!((path("c") - path("a") - 0.6).abs() < 0.15, "{ahead_s}: {walker}");
        }
    }
}
