//! Bags from view to view: two views, people who walk from one to the other, and what they carry.

use super::*;
use crate::appearance::Appearance;
use crate::association::{LinkPrior, Topology};
use crate::central::tracker::tests::event_at;
use crate::event::{Carrier, EdgeEvent, EventBody, FloorPlace, TrackReport};
use crate::frame::ObjectClass;
use crate::ids::{BootId, CameraId, TrackId};
use crate::units::{Estimate, Unavailable};

/// Somebody in view: the camera, their track, from when until when, the angle of what they look like, and their bag's, if any.
type Walk = (&'static str, u64, i64, i64, f32, Option<f32>);

/// The bag of person n is track n + this.
const BAG: u64 = 1_000;

fn look(angle: f32) -> Option<Appearance> {
    Appearance::normalised(&[angle.cos(), angle.sin()], 1.0)
}

fn report(camera: &str, track: u64, (from, at, until): (i64, i64, i64), class: ObjectClass, angle: f32) -> EdgeEvent {
    let lifecycle = match at {
        at if at == from => Lifecycle::New,
        at if at == until => Lifecycle::End,
        _ => Lifecycle::Update,
    };
    let second = |second: i64| CaptureTime::exact(second * 1_000_000);
    let bag = class != ObjectClass::Person;
    let carriers = bag.then_some(Carrier { track: TrackId(track - BAG * u64::from(bag)), probability: 0.95 });
    let body = EventBody::Track(TrackReport {
        class,
        since: second(from),
        age_s: (at - from) as f64,
        score: 1.0,
        speed: Estimate::Unavailable(Unavailable::TooShort),
        floor: FloorPlace::Unavailable(Unavailable::NotCalibrated),
        floor_speed: Estimate::Unavailable(Unavailable::NotCalibrated),
        carriers: carriers.into_iter().collect(),
        appearance: look(angle),
    });
    let sequence = (at.cast_unsigned() + 1) * 10_000 + track;
    EdgeEvent { track: Some(TrackId(track)), lifecycle, ..event_at(camera, 1, sequence, at * 1_000_000, body) }
}

fn events(walks: &[Walk]) -> Vec<EdgeEvent> {
    let mut all = Vec::new();
    for &(camera, track, from, until, angle, bag) in walks {
        for at in from..=until {
            all.push(report(camera, track, (from, at, until), ObjectClass::Person, angle));
            all.extend(bag.map(|bag| report(camera, track + BAG, (from, at, until), ObjectClass::Suitcase, bag)));
        }
    }
    all.sort_by_key(|event| (event.capture_time.unix_micros, event.id.sequence));
    all
}

/// So many who walk from the gate to the hall one after the other, each with the same suitcase in both views; when the last is
/// through.
fn ordinary(people: u64) -> (Vec<Walk>, i64) {
    let mut walks = Vec::new();
    for one in 1..=people {
        let at = one.cast_signed() * 60;
        let bag = Some(0.2 * (one % 5) as f32);
        walks.extend([("gate", one, at, at + 10, 0.4, bag), ("hall", one, at + 20, at + 32, 0.4, bag)]);
    }
    (walks, people.cast_signed() * 60 + 60)
}

fn site() -> CentralTracker {
    let [gate, hall] = ["gate", "hall"].map(|name| CameraId::new(name).unwrap());
    let mut topology = Topology::disjoint();
    topology.link(&gate, &hall, LinkPrior { typical_s: 10.0 });
    CentralTracker::with_topology(1_000_000, topology.closing())
}

fn told(tracker: &mut CentralTracker) -> Vec<(Lifecycle, BagReport)> {
    let bag = |event: EdgeEvent| match event.body {
        EventBody::Bag(report) => Some((event.lifecycle, report)),
        _ => None,
    };
    tracker.take_told().into_iter().filter_map(bag).collect()
}

/// Two come through the gate, one with a suitcase, and then into the hall, each with a bag or without.
fn exchange(first: u64, at: i64, bags: [Option<f32>; 4]) -> Vec<Walk> {
    let [one, other, then_one, then_other] = bags;
    vec![
        ("gate", first, at, at + 12, 0.0, one),
        ("gate", first + 1, at, at + 12, 1.5, other),
        ("hall", first, at + 22, at + 40, 0.0, then_one),
        ("hall", first + 1, at + 23, at + 40, 1.5, then_other),
        // Time goes on.
        ("gate", first + 2, at + 50, at + 60, 0.8, None),
    ]
}

#[test]
fn a_bag_is_told_of_when_it_has_another_owner_or_none() {
    let (red, blue) = (Some(1.2), Some(0.2));
    let play = |tracker: &mut CentralTracker, walks: &[Walk]| {
        events(walks).iter().for_each(|event| tracker.accept(event));
        told(tracker)
    };
    let (walks, learned) = ordinary(300);
    let mut tracker = site();
    assert_eq!(play(&mut tracker, &exchange(351, 0, [red, None, None, None])), [], "not known what the views miss");
    assert_eq!(play(&mut tracker, &walks), []);
    let cases = [
        ([red, None, red, None], &[][..]),
        ([red, blue, red, blue], &[]),
        ([red, None, None, red], &[BagChange::PassedOn]),
        // The bag that turns up is another one.
        ([red, None, None, Some(-1.0)], &[BagChange::Missing, BagChange::Gained]),
        ([red, None, None, None], &[BagChange::Missing]),
        ([None, None, red, None], &[BagChange::Gained]),
    ];
    for (number, (bags, expected)) in (0_u64..).zip(cases) {
        let at = learned + 700 * number.cast_signed();
        let told = play(&mut tracker, &exchange(401 + 10 * number, at, bags));
        // What is missing may turn up with another a little later: then the one is withdrawn for the other.
        let mut stands: Vec<BagChange> = Vec::new();
        for (life, report) in &told {
            match life {
                Lifecycle::Retracted => stands.retain(|change| *change != report.change),
                _ => stands.push(report.change),
            }
        }
        stands.sort();
        assert_eq!(stands, expected, "{bags:?}: {told:?}");
    }
}

#[test]
fn a_bag_passed_on_keeps_its_number_and_says_from_whom_to_whom() {
    let red = Some(1.2);
    let (mut walks, at) = ordinary(60);
    walks.extend(exchange(501, at, [red, None, None, red]));
    let mut tracker = site();
    events(&walks).iter().for_each(|event| tracker.accept(event));
    let told = told(&mut tracker);
    let [(Lifecycle::New, report)] = &told[..] else { panic!("{told:?}") };
    let track =
        |name: &str, track| TrackKey { camera: CameraId::new(name).unwrap(), boot: BootId(1), track: TrackId(track) };
    let whose = |key: &TrackKey| tracker.travellers().identity(key).unwrap().traveller;
    let (giver, taker) = (whose(&track("gate", 501)), whose(&track("gate", 502)));
    assert_eq!((report.before.traveller, report.after.traveller), (giver.0, taker.0));
    assert_eq!((report.before.bag, report.after.bag), (Some(TrackId(1_501)), Some(TrackId(1_502))));
    let seconds = |moment: &BagMoment| moment.at.unix_micros / 1_000_000 - at;
    assert_eq!((seconds(&report.before), seconds(&report.after)), (12, 23));
    let carried = |traveller| {
        let view = tracker.traveller(traveller).unwrap();
        view.bags.iter().map(|bags| bags.iter().map(|bag| bag.number).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let number = report.bag;
    assert_eq!((carried(giver), carried(taker)), (vec![vec![number], vec![]], vec![vec![], vec![number]]));
    // Whoever is split from what they had before has taken nothing from anybody.
    tracker.travellers_mut().split(taker, &track("hall", 502)).unwrap();
    events(&[("gate", 504, at + 70, at + 80, 0.8, None)]).iter().for_each(|event| tracker.accept(event));
    let then = self::told(&mut tracker);
    assert!(then.iter().any(|(life, old)| *life == Lifecycle::Retracted && old == report), "{then:?}");
    assert_ne!(tracker.luggage().number(&track("hall", 1_502)), Some(number));
}
