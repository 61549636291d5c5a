//! Bags from camera to camera over gRPC: what travellers carried in each view, and a bag that another one has now.

use std::process::Command;

use greenlane::central::EventFilter;
use greenlane::event::{BagChange, Carrier, EdgeEvent, EventBody, Lifecycle, ReasonCode, Severity, TrackReport};
use greenlane::frame::ObjectClass;
use greenlane::ids::TrackId;
use greenlane::rpc::Start;
use greenlane::wire::v1;

use crate::support::site::{TestConsole, until};
use crate::travellers::{Camera, Operator, START, site};

/// A person's bag has their track's number and this.
const BAG: u64 = 5_000;

/// Somebody in view for so long who looks like `angle`, with a suitcase that looks like `bag` or without.
fn passes(
    camera: &mut Camera,
    track: u64,
    (from, until): (i64, i64),
    (angle, bag): (f32, Option<f32>),
) -> Vec<EdgeEvent> {
    let mut all = camera.sees(track, from..=until, angle);
    for event in bag.into_iter().flat_map(|bag| camera.sees(track + BAG, from..=until, bag)) {
        let EventBody::Track(report) = event.body.clone() else { unreachable!() };
        let carriers = vec![Carrier { track: TrackId(track), probability: 0.95 }];
        let body = EventBody::Track(TrackReport { class: ObjectClass::Suitcase, carriers, ..report });
        all.push(EdgeEvent { body, ..event });
    }
    all
}

/// Forty pass with their suitcases, one after the other. Then two come, one with a suitcase, and the other has it in the hall.
fn story() -> Vec<EdgeEvent> {
    let (mut gate, mut hall) = (Camera { name: "gate", told: 0 }, Camera { name: "hall", told: 0 });
    let mut all = Vec::new();
    for one in 1..=40_i64 {
        let (at, looks) = (one * 60, (0.5, Some(0.2 * (one % 5) as f32)));
        all.extend(passes(&mut gate, one.cast_unsigned(), (at, at + 9), looks));
        all.extend(passes(&mut hall, one.cast_unsigned(), (at + 29, at + 40), looks));
    }
    let at = 2_500;
    all.extend(passes(&mut gate, 101, (at, at + 10), (0.0, Some(1.2))));
    all.extend(passes(&mut gate, 102, (at, at + 10), (1.5, None)));
    all.extend(passes(&mut hall, 101, (at + 30, at + 45), (0.0, None)));
    all.extend(passes(&mut hall, 102, (at + 31, at + 45), (1.5, Some(1.2))));
    // Time goes on.
    all.extend(passes(&mut gate, 103, (at + 60, at + 70), (0.8, None)));
    all.sort_by_key(|event| event.capture_time.unix_micros);
    renumbered(all)
}

/// Numbered in the order in which a camera would tell them.
fn renumbered(mut events: Vec<EdgeEvent>) -> Vec<EdgeEvent> {
    let mut told = std::collections::BTreeMap::<_, u64>::new();
    for event in &mut events {
        let number = told.entry(event.id.camera.clone()).or_default();
        *number += 1;
        event.id.sequence = *number;
    }
    events
}

#[test]
fn a_bag_that_another_traveller_has_in_the_next_view_is_told_with_its_way() {
    let site = site(20.0);
    let edge = site.edge("edge");
    edge.send(&story(), 200);
    let only = EventFilter::new(Vec::new(), vec!["bag".to_owned()], Severity::Info).unwrap();
    let mut console = TestConsole::subscribe(&site.url(), Start::Sequence(1), &only).unwrap();
    let event = console.event().event;
    edge.finish();
    let EventBody::Bag(report) = &event.body else { panic!("{event:?}") };
    assert_eq!((event.lifecycle, event.severity), (Lifecycle::New, Severity::Alert));
    assert_eq!((report.change, report.class), (BagChange::PassedOn, ObjectClass::Suitcase));
    let moment = |second: i64| START + second * 1_000_000;
    assert_eq!((report.before.at.unix_micros, report.after.at.unix_micros), (moment(2_510), moment(2_531)));
    assert_eq!((report.before.bag, report.after.bag), (Some(TrackId(101 + BAG)), Some(TrackId(102 + BAG))));
    assert!((0.5..1.0).contains(&report.probability), "{report:?}");
    for code in
        [ReasonCode::CarrierProbability, ReasonCode::BagsMissed, ReasonCode::BagLikeness, ReasonCode::EarlierMoment]
    {
        let reason = event.reasons.iter().find(|reason| reason.code == code);
        assert!(
            reason.is_some_and(|reason| !(reason.expected.low..=reason.expected.high).contains(&reason.measured)),
            "{code:?}: {:?}",
            event.reasons
        );
    }

    let mut kim = Operator::at(&site.url());
    until("all is told", || kim.list(|r| r.cameras = vec!["gate".to_owned()]).total == 43);
    let [giver, taker] = [&report.before, &report.after].map(|moment| moment.traveller);
    let mut carried = |traveller: u64| -> Vec<Vec<u64>> {
        let answer = kim.runtime.block_on(kim.client.get(traveller, true)).unwrap();
        let of_bags = |event: &&v1::Event| matches!(event.body, Some(v1::event::Body::BagReport(_)));
        assert_eq!(answer.events.iter().filter(of_bags).count(), 1, "{traveller}");
        let segments = answer.traveller.unwrap().segments;
        segments.iter().map(|segment| segment.bags.iter().map(|bag| bag.bag).collect()).collect()
    };
    assert_eq!(carried(giver), [vec![report.bag], vec![]]);
    assert_eq!(carried(taker), [vec![], vec![report.bag]]);
    let shown = Command::new(env!("CARGO_BIN_EXE_greenlane"))
        .args(["travellers", "--central", &site.url(), "show", &taker.to_string(), "--events"])
        .output()
        .unwrap();
    let text = String::from_utf8(shown.stdout).unwrap();
    for words in [format!("; suitcase B{} 0.95", report.bag), format!("bag_passed_on: B{} (suitcase)", report.bag)] {
        assert!(text.contains(&words), "{words}: {text}");
    }
}
