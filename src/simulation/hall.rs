//! The hall itself: people and bags move, in small steps of a fixed time.

use super::plan::{Act, Plans};
use super::scenario::{Point, Scenario};
use super::truth::{Fact, Happening, Labelled, Truth};

/// Time between two steps of the hall, seconds; between them everything moves straight.
pub(super) const TICK_S: f64 = 0.1;
/// Arm's length, metres.
const REACH_M: f64 = 1.0;
/// How near somebody comes whom they meet, metres.
const MEET_M: f64 = 0.8;
/// Beside whom a bag is set down, metres.
const BESIDE_M: f64 = 0.45;
/// Fastest pace to keep up with somebody, metres a second.
const KEEP_UP_MPS: f64 = 2.0;
/// How long a fall takes, seconds.
const FALL_S: f64 = 0.5;

/// Where somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Awaited,
    Here,
    Behind,
    Gone,
}

/// One person now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Body {
    pub(super) presence: Presence,
    pub(super) at: Point,
    /// Direction of the last movement, a unit vector.
    pub(super) heading: Point,
    /// 0 upright, 1 on the floor.
    pub(super) lying: f64,
}

/// One bag now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Held {
    By(usize),
    Floor(Point),
    /// Left behind a door.
    Away,
}

#[derive(Debug, Clone)]
struct Doing {
    step: usize,
    /// When the step began.
    since: f64,
    /// Goal of a step that is known only when it begins.
    goal: Option<Point>,
    /// When its turning point was: going in at a door, falling.
    turned: Option<f64>,
    label: Option<(String, f64)>,
}

/// Everybody and everything, at one moment.
#[derive(Debug, Clone)]
pub(super) struct Hall {
    plans: Plans,
    starts: Vec<f64>,
    speeds: Vec<f64>,
    doors: Vec<Point>,
    doing: Vec<Doing>,
    pub(super) bodies: Vec<Body>,
    pub(super) bags: Vec<Held>,
    /// Who carried each bag last.
    carriers: Vec<Option<usize>>,
    pub(super) truth: Truth,
    pub(super) now: f64,
}

/// What became of a step.
enum Progress {
    /// It is over after so many seconds of the time it had.
    Done(f64),
    /// It goes on.
    Busy,
}

impl Hall {
    pub(super) fn new(scenario: &Scenario, plans: Plans) -> Self {
        let body = |at| Body { presence: Presence::Awaited, at, heading: (0.0, 1.0), lying: 0.0 };
        let owner = |name: &Option<String>| scenario.people.iter().position(|p| Some(&p.id) == name.as_ref());
        let carriers: Vec<_> = scenario.bags.iter().map(|bag| owner(&bag.owner)).collect();
        let held = |(bag, carrier): (&super::Bag, &Option<usize>)| match carrier {
            Some(person) => Held::By(*person),
            None => Held::Floor(bag.at.unwrap_or_default()),
        };
        Self {
            bags: scenario.bags.iter().zip(&carriers).map(held).collect(),
            carriers,
            starts: scenario.people.iter().map(|p| p.start_s).collect(),
            speeds: scenario.people.iter().map(|p| p.speed_mps).collect(),
            doors: scenario.doors.iter().map(|d| d.at).collect(),
            bodies: scenario.people.iter().map(|p| body(p.at)).collect(),
            doing: plans.iter().map(|_| Doing { step: 0, since: 0.0, goal: None, turned: None, label: None }).collect(),
            plans,
            truth: Truth::default(),
            now: 0.0,
        }
    }

    /// One tick.
    pub(super) fn step(&mut self) {
        for person in 0..self.bodies.len() {
            self.live(person);
        }
        self.now += TICK_S;
    }

    /// Ends all labels: the scenario is over.
    pub(super) fn finish(&mut self, at: f64) {
        for person in 0..self.bodies.len() {
            self.relabel(person, None, at);
        }
    }

    fn live(&mut self, person: usize) {
        let mut left = TICK_S;
        if self.bodies[person].presence == Presence::Awaited {
            left = self.now + TICK_S - self.starts[person];
            if left <= 0.0 {
                return;
            }
            self.bodies[person].presence = Presence::Here;
            self.note(person, self.starts[person], Happening::Appeared);
            self.begin(person, 0, self.starts[person]);
        }
        while self.bodies[person].presence != Presence::Gone {
            let at = self.now + TICK_S - left;
            let Some((act, _)) = self.plans[person].get(self.doing[person].step) else { return };
            let act = act.clone();
            match self.act(person, &act, at, left) {
                Progress::Busy => return,
                Progress::Done(used) => {
                    left = (left - used).max(0.0);
                    let at = self.now + TICK_S - left;
                    self.begin(person, self.doing[person].step + 1, at);
                }
            }
        }
    }

    fn begin(&mut self, person: usize, step: usize, at: f64) {
        let label = self.plans[person].get(step).and_then(|(_, label)| label.clone());
        let doing = &mut self.doing[person];
        (doing.step, doing.since, doing.goal, doing.turned) = (step, at, None, None);
        self.relabel(person, label, at);
    }

    fn relabel(&mut self, person: usize, label: Option<String>, at: f64) {
        let open = &mut self.doing[person].label;
        if open.as_ref().map(|(name, _)| name) == label.as_ref() {
            return;
        }
        if let Some((label, from_s)) = open.take() {
            self.truth.labels.push(Labelled { label, person, from_s, until_s: at });
        }
        *open = label.map(|name| (name, at));
    }

    fn note(&mut self, person: usize, at_s: f64, what: Happening) {
        let place = self.bodies[person].at;
        self.truth.facts.push(Fact { at_s, person, place, what });
    }

    /// Does `act` from `at` for at most `left` seconds.
    fn act(&mut self, person: usize, act: &Act, at: f64, left: f64) -> Progress {
        let waited = at - self.doing[person].since;
        match *act {
            Act::Walk { to, speed } => self.walk(person, to, speed.unwrap_or(self.speeds[person]), 0.0, left),
            Act::Stop { for_s } => wait(for_s - waited, left),
            Act::TurnBack { metres } => {
                let Body { at, heading, .. } = self.bodies[person];
                let back = (at.0 - heading.0 * metres, at.1 - heading.1 * metres);
                let goal = *self.doing[person].goal.get_or_insert(back);
                self.walk(person, goal, self.speeds[person], 0.0, left)
            }
            Act::Meet { person: whom, patience_s } => {
                if waited >= patience_s {
                    return Progress::Done(0.0);
                }
                self.walk(person, self.bodies[whom].at, self.speeds[person], MEET_M, left)
            }
            Act::Follow { person: whom, offset, for_s } => {
                let Body { at: theirs, heading: (hx, hy), .. } = self.bodies[whom];
                let goal = (theirs.0 + hx * offset.0 - hy * offset.1, theirs.1 + hy * offset.0 + hx * offset.1);
                self.walk(person, goal, KEEP_UP_MPS, 0.05, left);
                wait(for_s - waited, left)
            }
            Act::PutDown { bag } => {
                self.put_down(person, bag, at);
                Progress::Done(0.0)
            }
            Act::PickUp { bag } => self.pick_up(person, bag, at, left),
            Act::HandOver { bag, to, patience_s } => {
                let mine = self.bags[bag] == Held::By(person);
                if mine && self.near(person, to) {
                    self.hold(to, bag);
                    self.note(person, at, Happening::HandedOver { bag, to });
                    return Progress::Done(0.0);
                }
                if mine && waited < patience_s { Progress::Busy } else { Progress::Done(0.0) }
            }
            Act::Enter { door, for_s, leave, take } => self.enter(person, door, for_s, (leave, take), at, left),
            Act::Leave { door } => {
                let walked = self.walk(person, self.doors[door], self.speeds[person], 0.0, left);
                if let Progress::Done(used) = walked {
                    self.bodies[person].presence = Presence::Gone;
                    self.note(person, at + used, Happening::Left { door });
                }
                walked
            }
            Act::Fall { for_s } => self.fall(person, for_s, at, left),
        }
    }

    /// Walks towards `to` until `short` metres are left.
    fn walk(&mut self, person: usize, to: Point, speed: f64, short: f64, left: f64) -> Progress {
        let body = &mut self.bodies[person];
        let (dx, dy) = (to.0 - body.at.0, to.1 - body.at.1);
        let way = dx.hypot(dy) - short;
        if way <= 0.0 {
            return Progress::Done(0.0);
        }
        let length = way + short;
        body.heading = (dx / length, dy / length);
        let step = way.min(speed * left);
        body.at = (body.at.0 + body.heading.0 * step, body.at.1 + body.heading.1 * step);
        if step < way { Progress::Busy } else { Progress::Done(way / speed) }
    }

    fn near(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.bodies[a], &self.bodies[b]);
        let here = a.presence == Presence::Here && b.presence == Presence::Here;
        here && (a.at.0 - b.at.0).hypot(a.at.1 - b.at.1) <= REACH_M
    }

    fn hold(&mut self, person: usize, bag: usize) {
        self.bags[bag] = Held::By(person);
        self.carriers[bag] = Some(person);
    }

    fn put_down(&mut self, person: usize, bag: usize, at: f64) {
        if self.bags[bag] == Held::By(person) {
            let Body { at: (x, y), heading: (hx, hy), .. } = self.bodies[person];
            self.bags[bag] = Held::Floor((x + hy * BESIDE_M, y - hx * BESIDE_M));
            self.note(person, at, Happening::PutDown { bag });
        }
    }

    fn pick_up(&mut self, person: usize, bag: usize, at: f64, left: f64) -> Progress {
        let Held::Floor(place) = self.bags[bag] else { return Progress::Done(0.0) };
        let walked = self.walk(person, place, self.speeds[person], BESIDE_M, left);
        if let Progress::Done(used) = walked {
            let from = self.carriers[bag];
            let here = from.map(|owner| &self.bodies[owner]).filter(|body| body.presence == Presence::Here);
            let from_m = here.map(|body| (body.at.0 - place.0).hypot(body.at.1 - place.1));
            self.hold(person, bag);
            self.note(person, at + used, Happening::PickedUp { bag, from, from_m });
        }
        walked
    }

    fn enter(
        &mut self,
        person: usize,
        door: usize,
        for_s: f64,
        (leave, take): (Option<usize>, Option<usize>),
        at: f64,
        left: f64,
    ) -> Progress {
        if self.bodies[person].presence == Presence::Behind {
            let began = self.doing[person].turned.unwrap_or(at);
            let stay = wait(for_s - (at - began), left);
            if let Progress::Done(used) = stay {
                self.bodies[person].presence = Presence::Here;
                if let Some(bag) = take.filter(|bag| self.bags[*bag] == Held::Away) {
                    self.hold(person, bag);
                }
                self.note(person, at + used, Happening::CameOut { door });
            }
            return stay;
        }
        let walked = self.walk(person, self.doors[door], self.speeds[person], 0.0, left);
        let Progress::Done(used) = walked else { return walked };
        self.bodies[person].presence = Presence::Behind;
        self.doing[person].turned = Some(at + used);
        if let Some(bag) = leave.filter(|bag| self.bags[*bag] == Held::By(person)) {
            self.bags[bag] = Held::Away;
        }
        self.note(person, at + used, Happening::Entered { door });
        Progress::Busy
    }

    fn fall(&mut self, person: usize, for_s: f64, at: f64, left: f64) -> Progress {
        let since = self.doing[person].since;
        if self.doing[person].turned.replace(at).is_none() {
            self.note(person, at, Happening::Fell);
        }
        let down = (at + left - since) / FALL_S;
        let up = (since + for_s - at - left) / FALL_S;
        self.bodies[person].lying = down.min(up + 1.0).clamp(0.0, 1.0);
        let stay = wait(for_s + FALL_S - (at - since), left);
        if matches!(stay, Progress::Done(_)) {
            self.bodies[person].lying = 0.0;
        }
        stay
    }
}

fn wait(rest: f64, left: f64) -> Progress {
    if rest > left { Progress::Busy } else { Progress::Done(rest.max(0.0)) }
}
