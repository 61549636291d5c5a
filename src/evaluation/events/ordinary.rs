//! Ordinary people: what a hall is full of, and what must not be told of.

use super::cast::{Cast, leave, stop, walk};
use crate::frame::ObjectClass;
use crate::simulation::{Action, Step};

/// How many kinds of ordinary people there are.
const KINDS: u32 = 11;
/// Time between two people at the gate: they pass one by one, seconds.
const GATE_GAP_S: f64 = 6.0;

impl Cast {
    /// Adds `count` ordinary people over the first `over_s` seconds.
    pub(super) fn ordinary(&mut self, count: usize, over_s: f64) {
        let mut gate_free_s = 0.0;
        for i in 0..count {
            let start = over_s * i as f64 / count as f64 + self.between(0.0, 1.0);
            let kind = self.between(0.0, f64::from(KINDS)) as u32;
            self.one(kind, start, &mut gate_free_s);
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of ordinary visit")]
    fn one(&mut self, kind: u32, start: f64, gate_free_s: &mut f64) {
        let control = [walk(self.within((9.0, 13.8, 11.0, 15.0))), leave("customs")];
        let from = self.within((6.0, 3.5, 12.5, 5.0));
        match kind {
            // Across the hall, from one side to the other.
            0 => {
                let y = self.between(5.0, 11.0);
                let to = (22.0, y + self.between(-1.5, 1.5));
                let id = self.person((-2.0, y), start, vec![walk(to), leave("east")]);
                self.luggage(&id);
            }
            // To customs, at one's own pace or in a hurry.
            1 => {
                let id = self.person(from, start, control.to_vec());
                self.luggage(&id);
            }
            2 => {
                let goal = self.within((9.0, 13.8, 11.0, 15.0));
                let speed_mps = Some(self.between(1.7, 2.0));
                let hurry = Action::Walk { to: goal, speed_mps };
                self.person(from, start, vec![hurry.into(), leave("customs")]);
            }
            // By the belt, then to customs.
            3 => {
                let mut steps = vec![walk(self.within((3.5, 6.5, 6.5, 9.5))), stop(self.between(4.0, 22.0))];
                steps.extend(control);
                let id = self.person(from, start, steps);
                self.luggage(&id);
            }
            // The one-way corridor, as it should be.
            4 => {
                let x = self.between(13.8, 16.2);
                let id = self.person((x, 3.5), start, vec![walk((x, 13.4)), control[0].clone(), leave("customs")]);
                self.luggage(&id);
            }
            // To the restroom and out again with what was carried in.
            5 => self.restroom(start),
            // Two together, both through control.
            6 => {
                let side = self.between(0.7, 1.0) * if self.chance(0.5) { 1.0 } else { -1.0 };
                let leader = self.person(from, start, control.to_vec());
                let follow = Action::Follow { person: leader, offset: (0.0, side), for_s: 7.0 };
                let second = self.person((from.0 - side, from.1), start, vec![follow.into()]);
                if let Some(last) = self.scenario.people.last_mut() {
                    last.steps.extend(control);
                }
                self.luggage(&second);
            }
            // Sets a bag down, waits beside it, takes it again.
            7 => {
                let bag = self.next_bag();
                let mut steps = vec![
                    walk(self.within((8.0, 6.0, 12.0, 10.0))),
                    Action::PutDown { bag: bag.clone() }.into(),
                    stop(self.between(5.0, 20.0)),
                    Action::PickUp { bag }.into(),
                ];
                steps.extend(control);
                let id = self.person(from, start, steps);
                self.bag(&id, ObjectClass::Suitcase);
            }
            // Through the gate, one by one.
            8 => {
                let start = start.max(*gate_free_s);
                *gate_free_s = start + GATE_GAP_S;
                let x = self.between(1.7, 2.3);
                self.person((x, 8.0), start, vec![walk((x, 13.5)), leave("west")]);
                if let Some(last) = self.scenario.people.last_mut() {
                    // Nobody overtakes at the gate.
                    last.speed_mps = 1.3;
                }
            }
            // Queues before control.
            9 => {
                let queue = self.within((9.0, 11.0, 11.0, 12.5));
                let mut steps = vec![walk(queue), stop(self.between(3.0, 12.0))];
                steps.extend(control);
                let id = self.person(from, start, steps);
                self.luggage(&id);
            }
            // Past control, to the other side of the hall.
            _ => {
                let y = self.between(10.0, 12.0);
                let id = self.person((-2.0, y), start, vec![walk((22.0, y)), leave("east")]);
                self.luggage(&id);
            }
        }
    }

    fn restroom(&mut self, start: f64) {
        let enter = Action::Enter {
            door: "restroom".to_owned(),
            for_s: self.between(12.0, 45.0),
            leave_bag: None,
            take_bag: None,
        };
        let x = self.between(17.2, 18.0);
        let steps = vec![
            walk((x, 12.5)),
            enter.into(),
            walk((17.5, 13.5)),
            walk(self.within((12.4, 12.0, 12.9, 13.0))),
            walk(self.within((9.0, 13.8, 11.0, 15.0))),
            leave("customs"),
        ];
        let id = self.person((x, 7.0), start, steps);
        if self.chance(0.5) {
            self.bag(&id, ObjectClass::Suitcase);
        }
    }

    /// What people have with them.
    pub(super) fn luggage(&mut self, owner: &str) {
        let draw = self.between(0.0, 1.0);
        if draw < 0.4 {
            self.bag(owner, ObjectClass::Suitcase);
        } else if draw < 0.55 {
            self.bag(owner, ObjectClass::Backpack);
        } else if draw < 0.65 {
            self.bag(owner, ObjectClass::Handbag);
        }
    }

    /// Adds steps to the person named last.
    pub(super) fn then(&mut self, steps: impl IntoIterator<Item = Step>) {
        if let Some(last) = self.scenario.people.last_mut() {
            last.steps.extend(steps);
        }
    }
}
