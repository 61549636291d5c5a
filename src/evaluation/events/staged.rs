//! Scenarios made from a seed: each shows one behaviour among ordinary people, or ordinary people alone.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::cast::{BELT_S, Cast, RESTROOM_S, leave, stop, walk};
use crate::behaviour::Rules;
use crate::event::Behaviour;
use crate::frame::ObjectClass;
use crate::simulation::{Action, Pinhole, Point, Scenario};

/// The behaviours that can be staged.
pub const STAGED: [Behaviour; 16] = [
    Behaviour::Loitering,
    Behaviour::CounterFlow,
    Behaviour::Running,
    Behaviour::Reversal,
    Behaviour::Hesitation,
    Behaviour::Tailgating,
    Behaviour::GroupSplit,
    Behaviour::Crowding,
    Behaviour::Fall,
    Behaviour::BorderPath,
    Behaviour::ObjectLeft,
    Behaviour::ObjectTaken,
    Behaviour::BagHandedOver,
    Behaviour::BagSwapped,
    Behaviour::RestroomDwell,
    Behaviour::CarryDifference,
];

/// A scenario with the rules of its hall.
#[derive(Debug, Clone, PartialEq)]
pub struct Staged {
    /// What happens.
    pub scenario: Scenario,
    /// The zones and lines.
    pub rules: Rules,
}

/// Ordinary people alone.
#[must_use]
pub fn ordinary(seed: u64) -> Staged {
    let mut cast = Cast::new("ordinary", stream(seed, 0));
    cast.ordinary(14, 60.0);
    finished(cast)
}

/// How many pairs cross in a scenario of [`crossings`].
pub const CROSSINGS: usize = 10;

/// People with bags whose ways cross so closely that one hides the other: no bag changes hands.
#[must_use]
pub fn crossings(seed: u64) -> Staged {
    let mut cast = Cast::new("crossings", stream(seed, 100));
    for pair in 0..CROSSINGS {
        cast.cross(2.0 + 9.0 * pair as f64);
    }
    cast.scenario.duration_s = 9.0 * CROSSINGS as f64 + 12.0;
    finished(cast)
}

/// `behaviour` among ordinary people. `None` for behaviours that are not staged.
#[must_use]
pub fn staged(behaviour: Behaviour, seed: u64) -> Option<Staged> {
    let index = STAGED.iter().position(|b| *b == behaviour)? as u64;
    let mut cast = Cast::new(behaviour.as_str(), stream(seed, index + 1));
    match behaviour {
        Behaviour::Loitering => cast.loitering(),
        Behaviour::CounterFlow => cast.counter_flow(),
        Behaviour::Running => cast.running(),
        Behaviour::Reversal => cast.reversal(),
        Behaviour::Hesitation => cast.hesitation(),
        Behaviour::Tailgating => cast.tailgating(),
        Behaviour::GroupSplit => cast.group_split(),
        Behaviour::Crowding => cast.crowding(),
        Behaviour::Fall => cast.fall(),
        Behaviour::BorderPath => cast.border_path(),
        Behaviour::ObjectLeft => cast.object_left(),
        Behaviour::ObjectTaken => cast.object_taken(),
        Behaviour::BagHandedOver => cast.handed_over(),
        Behaviour::BagSwapped => cast.swapped(),
        Behaviour::RestroomDwell => cast.restroom_dwell(),
        _ => cast.carry_difference(),
    }
    cast.ordinary(6, 50.0);
    Some(finished(cast))
}

fn stream(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

fn finished(cast: Cast) -> Staged {
    Staged { scenario: cast.scenario, rules: Cast::rules() }
}

impl Cast {
    fn start(&mut self) -> f64 {
        self.between(1.0, 15.0)
    }

    fn loitering(&mut self) {
        let start = self.start();
        let (from, spot, again) =
            (self.within((6.0, 3.5, 12.0, 5.0)), self.within((4.0, 7.0, 6.0, 9.0)), self.within((4.0, 7.0, 6.0, 9.0)));
        let label = Behaviour::Loitering.as_str();
        let (first, second) = (self.between(20.0, 30.0), self.between(BELT_S - 12.0, BELT_S));
        let steps = vec![
            walk(spot),
            Action::Stop { for_s: first }.labelled(label),
            Action::Walk { to: again, speed_mps: None }.labelled(label),
            Action::Stop { for_s: second }.labelled(label),
            walk((10.0, 14.5)),
            leave("customs"),
        ];
        let id = self.person(from, start, steps);
        self.luggage(&id);
        self.scenario.duration_s = 120.0;
    }

    /// Two with a bag each, who meet in the middle of the hall at the same moment.
    fn cross(&mut self, start: f64) {
        let middle = self.within((7.5, 6.0, 11.5, 9.5));
        let turn = self.between(0.0, std::f64::consts::TAU);
        let apart = self.between(0.5, std::f64::consts::PI);
        for angle in [turn, turn + apart] {
            // Five metres to the middle and five away from it, in a little more or less than four seconds.
            let (x, y) = (5.0 * angle.cos(), 3.0 * angle.sin());
            let side = self.between(-0.3, 0.3);
            let (from, to) = ((middle.0 - x, middle.1 - y + side), (middle.0 + x, middle.1 + y + side));
            let id = self.person(from, start, vec![walk((middle.0, middle.1 + side)), walk(to), leave("customs")]);
            if let Some(last) = self.scenario.people.last_mut() {
                last.speed_mps = x.hypot(y) / 4.0;
            }
            let kind = if self.chance(0.6) { ObjectClass::Suitcase } else { ObjectClass::Handbag };
            self.bag(&id, kind);
        }
    }

    fn counter_flow(&mut self) {
        let start = self.start();
        let x = self.between(13.8, 15.0);
        let back = Action::Walk { to: (x, 5.2), speed_mps: None }.labelled(Behaviour::CounterFlow.as_str());
        let far = self.between(10.5, 12.5);
        let id = self.person((12.5, far + 0.5), start, vec![walk((x, far)), back, walk((10.0, 3.5))]);
        self.luggage(&id);
    }

    fn running(&mut self) {
        let start = self.start();
        let y = self.between(6.0, 10.5);
        let run = Action::Run { to: (12.4, y) }.labelled(Behaviour::Running.as_str());
        self.person((3.0, y - 0.5), start, vec![walk((4.0, y)), run, walk((10.0, 14.5)), leave("customs")]);
    }

    fn reversal(&mut self) {
        let start = self.start();
        let from = self.within((6.5, 3.5, 12.0, 5.0));
        let turn = self.within((8.5, 10.8, 11.5, 12.4));
        let pause = self.between(0.5, 4.0);
        let label = Behaviour::Reversal.as_str();
        let metres = self.between(5.0, 6.5);
        let back = Action::TurnBack { metres }.labelled(label);
        let id = self.person(from, start, vec![walk(turn), stop(pause), back, walk((-3.0, 5.0))]);
        self.luggage(&id);
    }

    fn hesitation(&mut self) {
        let start = self.start();
        let from = self.within((8.0, 3.5, 12.0, 5.0));
        let turn = self.within((9.0, 11.5, 11.0, 12.4));
        let label = Behaviour::Hesitation.as_str();
        let mut steps = vec![walk(turn), stop(self.between(0.5, 2.0))];
        for _ in 0..3 {
            let metres = self.between(2.0, 2.8);
            let pause = self.between(0.5, 3.0);
            steps.push(Action::TurnBack { metres }.labelled(label));
            steps.push(Action::Stop { for_s: pause }.labelled(label));
            steps.push(Action::Walk { to: turn, speed_mps: None }.labelled(label));
        }
        steps.extend([walk((10.0, 14.5)), leave("customs")]);
        self.person(from, start, steps);
    }

    fn tailgating(&mut self) {
        let start = self.start();
        let x = self.between(1.6, 2.4);
        let label = Behaviour::Tailgating.as_str();
        let pass = Action::Walk { to: (x, 13.6), speed_mps: None }.labelled(label);
        let leader = self.person((x, 8.5), start, vec![walk((x, 11.0)), pass, leave("west")]);
        let offset = (-self.between(0.55, 0.8), self.between(-0.2, 0.2));
        let follow = Action::Follow { person: leader, offset, for_s: 5.5 };
        self.person((x, 7.8), start, vec![follow.into(), leave("west")]);
    }

    fn group_split(&mut self) {
        let start = self.start();
        let from = self.within((9.0, 3.0, 11.0, 3.8));
        let parting = self.within((9.0, 10.2, 11.0, 11.2));
        let label = Behaviour::GroupSplit.as_str();
        let wait = self.between(11.0, 15.0);
        let stay = Action::Stop { for_s: wait }.labelled(label);
        let leader = self.person(from, start, vec![walk(parting), stay, walk((10.0, 14.5)), leave("customs")]);
        let left = self.chance(0.5);
        let side = if left { 0.85 } else { -0.85 };
        let along = Action::Follow { person: leader, offset: (0.0, side), for_s: 9.0 };
        // Whoever walks left of the other goes away to the left.
        let goal = if left { (-2.0, 7.5) } else { (22.0, 9.5) };
        let part = Action::Walk { to: goal, speed_mps: None }.labelled(label);
        self.person((from.0 - side, from.1), start, vec![along.into(), part]);
        if let Some(companion) = self.scenario.people.first_mut() {
            companion.speed_mps = 1.0;
        }
    }

    fn crowding(&mut self) {
        let start = self.start();
        let label = Behaviour::Crowding.as_str();
        for i in 0..9 {
            let spot = (3.6 + 1.3 * f64::from(i % 3), 6.6 + 1.3 * f64::from(i / 3));
            let spot = (spot.0 + self.between(-0.2, 0.2), spot.1 + self.between(-0.2, 0.2));
            let stay = self.between(16.0, 24.0);
            let from = self.within((7.5, 4.0, 11.0, 9.0));
            let (delay, step) = (self.between(0.0, 4.0), Action::Stop { for_s: stay }.labelled(label));
            self.person(from, start + delay, vec![walk(spot), step, walk((10.0, 14.5)), leave("customs")]);
        }
    }

    fn fall(&mut self) {
        let start = self.start();
        let spot = self.within((6.0, 5.0, 13.0, 10.0));
        let for_s = self.between(5.0, 10.0);
        let fall = Action::Fall { for_s }.labelled(Behaviour::Fall.as_str());
        let from = self.within((7.0, 3.5, 12.0, 4.5));
        self.person(from, start, vec![walk(spot), fall, stop(1.0), walk((10.0, 14.5)), leave("customs")]);
    }

    fn border_path(&mut self) {
        let start = self.start();
        let (left, share) = (self.chance(0.5), self.between(0.035, 0.07));
        let label = Behaviour::BorderPath.as_str();
        let Some(camera) = self.scenario.cameras.first().cloned() else { return };
        let Some(floor) = Pinhole::new(&camera).and_then(|eye| eye.to_floor()) else { return };
        let (w, h) = (f64::from(camera.size.0), f64::from(camera.size.1));
        let x = if left { w * share } else { w * (1.0 - share) };
        let along: Vec<Point> =
            [0.93, 0.8, 0.7, 0.62, 0.56, 0.5].iter().filter_map(|y| floor.apply(x, h * y)).collect();
        let Some((first, rest)) = along.split_first() else { return };
        let steps = rest.iter().map(|to| Action::Walk { to: *to, speed_mps: None }.labelled(label)).collect();
        self.person(*first, start, steps);
    }

    fn object_left(&mut self) {
        let start = self.start();
        let spot = self.within((6.0, 5.5, 12.0, 11.0));
        let label = Behaviour::ObjectLeft.as_str();
        let bag = self.next_bag();
        let pause = self.between(0.5, 4.0);
        let gone = Action::Leave { door: "customs".to_owned() }.labelled(label);
        let from = self.within((6.0, 3.5, 12.0, 5.0));
        let away = Action::Stop { for_s: 60.0 }.labelled(label);
        let steps = vec![walk(spot), stop(pause), Action::PutDown { bag }.into(), gone, away];
        let id = self.person(from, start, steps);
        self.bag(&id, ObjectClass::Suitcase);
    }

    fn object_taken(&mut self) {
        let start = self.start();
        let spot = self.within((6.0, 5.5, 12.0, 10.0));
        let bag = self.next_bag();
        let from = self.within((6.0, 3.5, 12.0, 5.0));
        let mut steps = vec![walk(spot), Action::PutDown { bag: bag.clone() }.into()];
        let (aside, wait) = (self.within((13.0, 8.0, 14.5, 11.0)), self.between(3.0, 8.0));
        steps.extend([walk(aside), stop(wait), walk((10.0, 14.5)), leave("customs")]);
        let owner = self.person(from, start, steps);
        self.bag(&owner, ObjectClass::Suitcase);
        let later = start + self.between(5.0, 8.0);
        let take = Action::PickUp { bag };
        let from = self.within((2.5, 9.0, 4.0, 10.0));
        self.person(
            from,
            later,
            vec![walk((spot.0 - 1.0, spot.1 - 0.3)), take.into(), walk((4.0, 5.0)), walk((-3.0, 5.0))],
        );
    }

    fn handed_over(&mut self) {
        let start = self.start();
        let spot = self.within((7.0, 6.0, 12.0, 10.0));
        let (giver, taker) = (self.next_person(0), self.next_person(1));
        let bag = self.next_bag();
        let hand = Action::HandOver { bag, to: taker, patience_s: 40.0 };
        let pause = self.between(1.0, 4.0);
        let from = self.within((6.0, 3.5, 9.0, 5.0));
        let steps = vec![walk(spot), hand.into(), stop(pause), walk((10.0, 14.5)), leave("customs")];
        let id = self.person(from, start, steps);
        let kind = if self.chance(0.7) { ObjectClass::Suitcase } else { ObjectClass::Handbag };
        self.bag(&id, kind);
        let from = self.within((3.0, 8.5, 5.0, 10.5));
        let meet = Action::Meet { person: giver, patience_s: 60.0 };
        let (pause, off) = (self.between(1.0, 4.0), self.within((3.0, 6.0, 4.0, 8.0)));
        self.person(from, start + 1.0, vec![meet.into(), stop(pause), walk(off), walk((-3.0, 7.0))]);
    }

    fn swapped(&mut self) {
        let start = self.start();
        let spot = self.within((8.0, 6.0, 11.5, 9.0));
        let (a, b) = (self.next_bag(), format!("b{}", self.scenario.bags.len() + 1));
        let label = Behaviour::BagSwapped.as_str();
        let other = (spot.0 + 1.3, spot.1 + 0.2);
        let goals = [(-3.0, 7.0), (10.0, 14.5)];
        let froms = [self.within((6.0, 3.5, 8.0, 4.5)), self.within((11.0, 3.5, 13.0, 4.5))];
        let pause = self.between(5.0, 8.0);
        for (i, (mine, theirs, place)) in [(&a, &b, spot), (&b, &a, other)].into_iter().enumerate() {
            let take = Action::PickUp { bag: theirs.clone() }.labelled(label);
            let gone = Action::Walk { to: goals[i], speed_mps: None }.labelled(label);
            let down = Action::PutDown { bag: mine.clone() };
            let id = self.person(froms[i], start, vec![walk(place), down.into(), stop(pause), take, gone]);
            self.bag(&id, ObjectClass::Suitcase);
        }
    }

    fn restroom_dwell(&mut self) {
        let start = self.start();
        let for_s = self.between(RESTROOM_S + 10.0, RESTROOM_S + 25.0);
        let enter = Action::Enter { door: "restroom".to_owned(), for_s, leave_bag: None, take_bag: None };
        let x = self.between(17.2, 18.0);
        let steps = vec![walk((x, 12.5)), enter.labelled(Behaviour::RestroomDwell.as_str()), walk((17.5, 13.0))];
        self.person((x, 8.0), start, steps);
        self.then([walk((12.5, 12.5)), walk((10.0, 14.5)), leave("customs")]);
        self.scenario.duration_s = 130.0;
    }

    fn carry_difference(&mut self) {
        let start = self.start();
        let bag = self.next_bag();
        let enter = Action::Enter {
            door: "restroom".to_owned(),
            for_s: self.between(12.0, 35.0),
            leave_bag: Some(bag),
            take_bag: None,
        };
        let label = Behaviour::CarryDifference.as_str();
        let x = self.between(17.2, 18.0);
        let steps = vec![walk((x, 12.5)), enter.labelled(label), walk((17.5, 13.0))];
        let id = self.person((x, 7.5), start, steps);
        self.bag(&id, ObjectClass::Suitcase);
        self.then([walk((12.5, 12.5)), walk((10.0, 14.5)), leave("customs")]);
    }
}
