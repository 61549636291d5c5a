//! Making scenarios: a hall with its rules, and people added one by one.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::behaviour::{BorderSettings, LineRule, RestroomSettings, Rules, Units, ZoneRule, ZoneUse};
use crate::frame::ObjectClass;
use crate::simulation::{Action, Bag, Camera, Door, Noise, Person, Point, Scenario, Step};

/// Longest usual stay at the belt, and behind the restroom's door, seconds.
pub(super) const BELT_S: f64 = 40.0;
pub(super) const RESTROOM_S: f64 = 60.0;
/// So many people may be at the belt.
pub(super) const BELT_PEOPLE: u32 = 6;

/// A scenario in the making.
pub(super) struct Cast {
    pub(super) scenario: Scenario,
    pub(super) rng: ChaCha8Rng,
}

impl Cast {
    pub(super) fn new(name: &str, rng: ChaCha8Rng) -> Self {
        let door = |id: &str, at| Door { id: id.to_owned(), at };
        let camera = Camera {
            id: "hall".to_owned(),
            at: (10.0, -2.0, 4.5),
            look_at: (10.0, 9.0, 0.8),
            fov_deg: 75.0,
            size: (1280, 720),
            fps: 10.0,
        };
        let scenario = Scenario {
            name: name.to_owned(),
            duration_s: 90.0,
            doors: vec![
                door("customs", (10.0, 15.8)),
                door("restroom", (17.0, 15.5)),
                door("west", (2.0, 15.0)),
                door("east", (23.0, 9.0)),
            ],
            cameras: vec![camera],
            noise: Noise::ordinary(),
            ..Scenario::default()
        };
        Self { scenario, rng }
    }

    /// The zones and lines of this hall.
    pub(super) fn rules() -> Rules {
        let zone = |id: &str, (left, near, right, far): (f64, f64, f64, f64), purpose| ZoneRule {
            id: id.to_owned(),
            polygon: vec![(left, near), (right, near), (right, far), (left, far)],
            units: Units::Metres,
            purpose,
            anchor: Default::default(),
            direction: None,
            dwell_max_s: None,
            people_max: None,
            active: Vec::new(),
        };
        let belt = ZoneRule {
            dwell_max_s: Some(BELT_S),
            people_max: Some(BELT_PEOPLE),
            ..zone("belt", (3.0, 6.0, 7.0, 10.0), ZoneUse::Hall)
        };
        let one_way = ZoneRule {
            direction: Some([(15.0, 5.0), (15.0, 13.0)]),
            ..zone("one-way", (13.0, 5.0, 17.0, 13.0), ZoneUse::OneWay)
        };
        let control = zone("control", (8.0, 13.5, 12.0, 16.5), ZoneUse::Control);
        let restroom = zone("restroom", (15.6, 13.4, 18.4, 16.5), ZoneUse::RestroomEntrance);
        let gate = LineRule {
            id: "gate".to_owned(),
            from: (3.5, 12.5),
            to: (0.5, 12.5),
            units: Units::Metres,
            gate: true,
            active: Vec::new(),
        };
        Rules {
            zones: vec![belt, one_way, control, restroom],
            lines: vec![gate],
            border: BorderSettings { enabled: true, ..BorderSettings::default() },
            restroom: RestroomSettings { dwell_max_s: RESTROOM_S, ..RestroomSettings::default() },
            ..Rules::default()
        }
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        self.rng.random_range(low..high)
    }

    pub(super) fn chance(&mut self, share: f64) -> bool {
        self.rng.random::<f64>() < share
    }

    /// A point in a rectangle.
    pub(super) fn within(&mut self, (left, near, right, far): (f64, f64, f64, f64)) -> Point {
        (self.between(left, right), self.between(near, far))
    }

    /// Somebody with an ordinary pace and height; returns their name.
    pub(super) fn person(&mut self, at: Point, start_s: f64, steps: Vec<Step>) -> String {
        let id = format!("p{}", self.scenario.people.len());
        let speed_mps = self.between(1.0, 1.6);
        let height_m = self.between(1.55, 1.9);
        self.scenario.people.push(Person { id: id.clone(), at, start_s, speed_mps, height_m, dress: None, steps });
        id
    }

    /// A bag that `owner` carries; returns its name.
    pub(super) fn bag(&mut self, owner: &str, kind: ObjectClass) -> String {
        let id = format!("b{}", self.scenario.bags.len());
        self.scenario.bags.push(Bag { id: id.clone(), kind, owner: Some(owner.to_owned()), at: None });
        id
    }

    /// The name that the next bag will get.
    pub(super) fn next_bag(&self) -> String {
        format!("b{}", self.scenario.bags.len())
    }

    /// The name that the next person will get, or the one after so many.
    pub(super) fn next_person(&self, after: usize) -> String {
        format!("p{}", self.scenario.people.len() + after)
    }
}

pub(super) fn walk(to: Point) -> Step {
    Action::Walk { to, speed_mps: None }.into()
}

pub(super) fn stop(for_s: f64) -> Step {
    Action::Stop { for_s }.into()
}

pub(super) fn leave(door: &str) -> Step {
    Action::Leave { door: door.to_owned() }.into()
}
