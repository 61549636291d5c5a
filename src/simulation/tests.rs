//! The scenario language as a whole.

use super::*;
use crate::frame::ObjectClass;

/// The example of the module's documentation.
fn example() -> Scenario {
    let text: String = include_str!("mod.rs")
        .lines()
        .skip_while(|l| *l != "//! ```toml")
        .skip(1)
        .take_while(|l| *l != "//! ```")
        .map(|l| format!("{}\n", l.trim_start_matches("//!").trim_start()))
        .collect();
    toml::from_str(&text).expect("the documented example is a scenario")
}

fn played(scenario: &Scenario, seed: u64) -> (Vec<View>, Truth) {
    let mut world = World::new(scenario, seed).expect("playable");
    let views = world.by_ref().collect();
    (views, world.truth().clone())
}

#[test]
fn the_documented_example_plays_as_written() {
    let scenario = example();
    let (views, truth) = played(&scenario, 1);
    assert_eq!(views.len(), 301);
    let told: Vec<(&str, f64)> = truth
        .facts
        .iter()
        .map(|fact| {
            let what = match fact.what {
                Happening::Appeared => "appeared",
                Happening::HandedOver { bag: 0, to: 1 } => "handed over",
                Happening::Left { door: 0 } => "left",
                _ => "something else",
            };
            (what, fact.at_s)
        })
        .collect();
    let names: Vec<&str> = told.iter().map(|(what, _)| *what).collect();
    assert_eq!(names, ["appeared", "appeared", "handed over", "left"]);
    // Anna is there after 5 m at 1.3 m/s, and waits for Ben.
    assert!(told[2].1 > 5.0 / 1.3 && told[2].1 < 9.0, "{told:?}");
    assert_eq!((truth.labels.len(), truth.labels[0].label.as_str()), (1, "hand_over"));
    let label = &truth.labels[0];
    assert!((label.from_s - 5.0 / 1.3).abs() < 1e-6 && (label.until_s - told[2].1).abs() < 0.11, "{label:?}");
}

#[test]
fn the_same_seed_gives_the_same_frames_and_another_only_other_noise() {
    let scenario = example();
    let (a, truth_a) = played(&scenario, 7);
    let (b, _) = played(&scenario, 7);
    let (c, truth_c) = played(&scenario, 8);
    assert_eq!(a, b);
    assert_eq!(truth_a, truth_c);
    let seen = |views: &[View]| views.iter().map(|v| v.seen.clone()).collect::<Vec<_>>();
    assert_eq!(seen(&a), seen(&c));
    assert_ne!(a, c);
}

#[test]
fn another_camera_changes_nothing_for_the_first() {
    let scenario = example();
    let mut more = scenario.clone();
    more.cameras.push(Camera { id: "second".to_owned(), fps: 7.0, ..scenario.cameras[0].clone() });
    let (alone, truth) = played(&scenario, 3);
    let (both, same_truth) = played(&more, 3);
    let first: Vec<View> = both.into_iter().filter(|v| v.camera == 0).collect();
    assert_eq!((first, truth), (alone, same_truth));
}

#[test]
fn noise_has_the_rates_that_it_states() {
    let mut scenario = example();
    let stand = |id: &str, at| Person {
        id: id.to_owned(),
        at,
        start_s: 0.0,
        speed_mps: 1.3,
        height_m: 1.7,
        dress: None,
        steps: Vec::new(),
    };
    scenario.people = (0..10_u32).map(|i| stand(&i.to_string(), (5.5 + f64::from(i), 12.0))).collect();
    scenario.bags.clear();
    scenario.duration_s = 600.0;
    let (views, _) = played(&scenario, 1);
    let frames = views.len() as f64;
    let all: Vec<&Observation> = views.iter().flat_map(|v| &v.observations).collect();
    let true_ones = all.iter().filter(|o| o.subject.is_some()).count() as f64;
    let false_ones = all.len() as f64 - true_ones;
    assert!((1.0 - true_ones / (10.0 * frames) - 0.1).abs() < 0.005, "{true_ones} of {}", 10.0 * frames);
    assert!((false_ones / frames - 0.02).abs() < 0.006, "{false_ones} in {frames}");
    let ids = |i| {
        let mut ids: Vec<u64> =
            all.iter().filter(|o| o.subject == Some(Subject::Person(i))).map(|o| o.track.0).collect();
        ids.dedup();
        ids.len() as f64 - 1.0
    };
    let breaks: f64 = (0..10).map(ids).sum();
    assert!((breaks / 100.0 - 2.0).abs() < 0.5, "{breaks} breaks in 100 minutes");
    let (mut squares, mut count) = (0.0, 0.0);
    for view in &views {
        for o in &view.observations {
            let Some(truth) = view.seen.iter().find(|s| Some(s.subject) == o.subject) else { continue };
            squares += (o.detection.bbox.bottom() - truth.bbox.bottom()).powi(2);
            count += 1.0;
        }
    }
    assert!(((squares / count).sqrt() - 5.0).abs() < 0.1, "{}", (squares / count).sqrt());
}

#[test]
fn walls_people_and_blind_spots_hide() {
    let mut scenario = example();
    let person = |id: &str, at| Person { id: id.to_owned(), at, steps: Vec::new(), ..scenario.people[0].clone() };
    scenario.people = vec![
        person("near", (10.0, 6.0)),
        person("behind near", (10.0, 6.6)),
        person("behind the wall", (5.0, 21.0)),
        person("in the blind spot", (13.0, 12.0)),
        person("alone", (7.0, 12.0)),
    ];
    scenario.bags.clear();
    let square = vec![(12.0, 11.0), (14.0, 11.0), (14.0, 13.0), (12.0, 13.0)];
    scenario.zones.push(Zone { id: "blind".to_owned(), polygon: square, blind: true });
    let (views, _) = played(&scenario, 1);
    let visible = |i| {
        let found = views[10].seen.iter().find(|s| s.subject == Subject::Person(i));
        found.map_or(0.0, |s| s.visible)
    };
    assert_eq!([visible(0), visible(2), visible(3), visible(4)], [1.0, 0.0, 0.0, 1.0]);
    assert!(visible(1) > 0.0 && visible(1) < 0.5, "{}", visible(1));
}

#[test]
fn bags_have_the_owner_of_the_moment() {
    let text = r#"
        duration_s = 40
        [[camera]]
        id = "hall"
        at = [10, 0, 4]
        look_at = [10, 12, 1]
        [[door]]
        id = "shop"
        at = [16, 10]
        [[person]]
        id = "anna"
        at = [8, 10]
        step = [{ do = "put_down", bag = "bag" }, { do = "walk", to = [4, 10] }, { do = "fall", for_s = 3 }]
        [[person]]
        id = "ben"
        at = [12, 10]
        step = [
            { do = "stop", for_s = 6 }, { do = "pick_up", bag = "bag" }, { do = "turn_back", metres = 2 },
            { do = "enter", door = "shop", for_s = 5 }, { do = "run", to = [4, 8] },
        ]
        [[bag]]
        id = "bag"
        kind = "handbag"
        owner = "anna"
    "#;
    let scenario: Scenario = toml::from_str(text).unwrap();
    let mut world = World::new(&scenario, 1).unwrap();
    let views: Vec<View> = world.by_ref().collect();
    let plain = |what| match what {
        Happening::PickedUp { bag, from, .. } => Happening::PickedUp { bag, from, from_m: None },
        other => other,
    };
    let facts: Vec<(usize, Happening)> = world.truth().facts.iter().map(|f| (f.person, plain(f.what))).collect();
    assert_eq!(
        facts,
        [
            (0, Happening::Appeared),
            (0, Happening::PutDown { bag: 0 }),
            (1, Happening::Appeared),
            (0, Happening::Fell),
            (1, Happening::PickedUp { bag: 0, from: Some(0), from_m: None }),
            (1, Happening::Entered { door: 0 }),
            (1, Happening::CameOut { door: 0 }),
        ]
    );
    let entered = world.truth().facts[5].at_s;
    let inside = &views[((entered + 2.0) * 10.0) as usize];
    assert!(inside.seen.iter().all(|s| s.subject == Subject::Person(0)), "the bag is behind the door with Ben");
    let lying = &views[((world.truth().facts[3].at_s + 1.5) * 10.0) as usize];
    let anna = lying.seen.iter().find(|s| s.subject == Subject::Person(0)).unwrap();
    assert!(anna.bbox.w > 1.5 * anna.bbox.h && anna.class == ObjectClass::Person, "{anna:?}");
    assert!(world.position(1).is_some_and(|(x, y)| (x - 4.0).hypot(y - 8.0) < 1e-6));
}

#[test]
fn what_cannot_be_played_is_refused_and_named() {
    type Spoil = fn(&mut Scenario);
    let rows: [(&str, Spoil, &str); 6] = [
        ("a stranger", |s| s.people[1].steps[0].action = meet("carl"), "ben: there is no person `carl`"),
        ("two of a name", |s| s.people[1].id = "anna".to_owned(), "two things of the kind person are named `anna`"),
        ("a crawl", |s| s.people[0].speed_mps = 0.0, "anna: speed_mps is outside 0.1 to 12"),
        ("a bag in the air", |s| s.bags[0].owner = None, "case: needs either an owner or a place"),
        ("a bag that is none", |s| s.bags[0].kind = ObjectClass::Face, "case: kind is neither"),
        ("a flat zone", |s| s.zones[0].polygon.truncate(2), "control: the polygon has no area"),
    ];
    for (name, spoil, expected) in rows {
        let mut scenario = example();
        spoil(&mut scenario);
        let error = World::new(&scenario, 1).expect_err(name).to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
    for typo in
        ["[[person]]\nid = \"a\"\nat = [0, 0]\nstep = [{ do = \"walk\", to = [1, 1], sped_mps = 2 }]", "wals = 1"]
    {
        assert!(toml::from_str::<Scenario>(typo).is_err(), "{typo}");
    }
}

fn meet(person: &str) -> Action {
    Action::Meet { person: person.to_owned(), patience_s: 1.0 }
}
