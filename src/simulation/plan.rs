//! A scenario understood: names become places in lists, and what cannot be played is refused.

use super::camera::Pinhole;
use super::scenario::{Action, Point, Scenario};
use crate::geometry::Polygon;

/// Most people, bags, cameras or steps of one person: a scenario beyond is a mistake.
const LIST_MAX: usize = 20_000;

/// Why a scenario cannot be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// Something is named that is not there.
    #[error("{user}: there is no {kind} `{name}`")]
    Unknown {
        /// Who names it.
        user: String,
        /// What it should be.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// Two things of a kind have the same name.
    #[error("two things of the kind {kind} are named `{name}`")]
    Twice {
        /// What they are.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A value makes no sense.
    #[error("{user}: {problem}")]
    Value {
        /// Whose.
        user: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// What a person does, with places in the scenario's lists instead of names.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    Walk { to: Point, speed: Option<f64> },
    Stop { for_s: f64 },
    TurnBack { metres: f64 },
    Meet { person: usize, patience_s: f64 },
    Follow { person: usize, offset: Point, for_s: f64 },
    PutDown { bag: usize },
    PickUp { bag: usize },
    HandOver { bag: usize, to: usize, patience_s: f64 },
    Enter { door: usize, for_s: f64, leave: Option<usize>, take: Option<usize> },
    Leave { door: usize },
    Fall { for_s: f64 },
}

/// All steps of all people.
pub(super) type Plans = Vec<Vec<(Act, Option<String>)>>;

/// Understands every step.
pub(super) fn plans(scenario: &Scenario) -> Result<Plans, ScenarioError> {
    names(scenario)?;
    values(scenario)?;
    let people = scenario.people.iter();
    people
        .map(|person| {
            let steps = person.steps.iter();
            steps.map(|s| Ok((act(scenario, &person.id, &s.action)?, s.label.clone()))).collect()
        })
        .collect()
}

fn act(scenario: &Scenario, user: &str, action: &Action) -> Result<Act, ScenarioError> {
    let person = |name: &str| place(user, "person", name, scenario.people.iter().map(|p| &p.id));
    let bag = |name: &str| place(user, "bag", name, scenario.bags.iter().map(|b| &b.id));
    let door = |name: &str| place(user, "door", name, scenario.doors.iter().map(|d| &d.id));
    Ok(match action {
        Action::Walk { to, speed_mps } => Act::Walk { to: *to, speed: *speed_mps },
        Action::Run { to } => Act::Walk { to: *to, speed: Some(super::scenario::RUN_MPS) },
        Action::Stop { for_s } => Act::Stop { for_s: *for_s },
        Action::TurnBack { metres } => Act::TurnBack { metres: *metres },
        Action::Meet { person: whom, patience_s } => Act::Meet { person: person(whom)?, patience_s: *patience_s },
        Action::Follow { person: whom, offset, for_s } => {
            Act::Follow { person: person(whom)?, offset: *offset, for_s: *for_s }
        }
        Action::PutDown { bag: which } => Act::PutDown { bag: bag(which)? },
        Action::PickUp { bag: which } => Act::PickUp { bag: bag(which)? },
        Action::HandOver { bag: which, to, patience_s } => {
            Act::HandOver { bag: bag(which)?, to: person(to)?, patience_s: *patience_s }
        }
        Action::Enter { door: which, for_s, leave_bag, take_bag } => Act::Enter {
            door: door(which)?,
            for_s: *for_s,
            leave: leave_bag.as_deref().map(bag).transpose()?,
            take: take_bag.as_deref().map(bag).transpose()?,
        },
        Action::Leave { door: which } => Act::Leave { door: door(which)? },
        Action::Fall { for_s } => Act::Fall { for_s: *for_s },
    })
}

fn place<'a>(
    user: &str,
    kind: &'static str,
    name: &str,
    mut ids: impl Iterator<Item = &'a String>,
) -> Result<usize, ScenarioError> {
    let unknown = || ScenarioError::Unknown { user: user.to_owned(), kind, name: name.to_owned() };
    ids.position(|id| id == name).ok_or_else(unknown)
}

fn names(scenario: &Scenario) -> Result<(), ScenarioError> {
    let lists: [(&'static str, Vec<&str>); 5] = [
        ("person", scenario.people.iter().map(|p| p.id.as_str()).collect()),
        ("bag", scenario.bags.iter().map(|b| b.id.as_str()).collect()),
        ("camera", scenario.cameras.iter().map(|c| c.id.as_str()).collect()),
        ("door", scenario.doors.iter().map(|d| d.id.as_str()).collect()),
        ("zone", scenario.zones.iter().map(|z| z.id.as_str()).collect()),
    ];
    for (kind, mut ids) in lists {
        if ids.len() > LIST_MAX {
            return Err(wrong(kind, "there are more than 20 000"));
        }
        ids.sort_unstable();
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ScenarioError::Twice { kind, name: pair[0].to_owned() });
        }
    }
    Ok(())
}

fn wrong(user: &str, problem: &'static str) -> ScenarioError {
    ScenarioError::Value { user: user.to_owned(), problem }
}

fn values(scenario: &Scenario) -> Result<(), ScenarioError> {
    let ensure = |good: bool, user: &str, problem| if good { Ok(()) } else { Err(wrong(user, problem)) };
    let n = &scenario.noise;
    let shares = [n.miss, n.box_jumps, n.duplicates].iter().all(|v| (0.0..=1.0).contains(v));
    let rates = [n.jitter_px, n.false_boxes, n.id_breaks_per_minute, n.lost_s];
    ensure(shares, "noise", "a share is outside 0 to 1")?;
    ensure(rates.iter().all(|v| (0.0..1e4).contains(v)), "noise", "a rate is negative or too large")?;
    ensure((0.0..=1e6).contains(&scenario.duration_s), "duration_s", "is negative or longer than eleven days")?;
    for camera in &scenario.cameras {
        ensure(Pinhole::new(camera).is_some(), &camera.id, "no camera can hang and look like this")?;
        ensure((0.1..=240.0).contains(&camera.fps), &camera.id, "fps is outside 0.1 to 240")?;
    }
    for zone in &scenario.zones {
        ensure(Polygon::new(zone.polygon.clone()).is_some(), &zone.id, "the polygon has no area")?;
    }
    for person in &scenario.people {
        ensure((0.1..=12.0).contains(&person.speed_mps), &person.id, "speed_mps is outside 0.1 to 12")?;
        ensure((0.3..=2.5).contains(&person.height_m), &person.id, "height_m is outside 0.3 to 2.5")?;
        ensure(person.start_s >= 0.0, &person.id, "start_s is negative")?;
        ensure(person.steps.len() <= LIST_MAX, &person.id, "there are more than 20 000 steps")?;
        for step in &person.steps {
            ensure(times(&step.action), &person.id, "a step's time, speed or length is not positive")?;
        }
    }
    for bag in &scenario.bags {
        ensure(bag.kind.is_bag(), &bag.id, "kind is neither backpack, handbag nor suitcase")?;
        ensure(bag.owner.is_some() != bag.at.is_some(), &bag.id, "needs either an owner or a place")?;
        if let Some(owner) = &bag.owner {
            place(&bag.id, "person", owner, scenario.people.iter().map(|p| &p.id))?;
        }
    }
    Ok(())
}

fn times(action: &Action) -> bool {
    match action {
        Action::Walk { speed_mps, .. } => speed_mps.is_none_or(|v| (0.05..=12.0).contains(&v)),
        Action::Stop { for_s }
        | Action::Enter { for_s, .. }
        | Action::Fall { for_s }
        | Action::Follow { for_s, .. } => *for_s >= 0.0,
        Action::TurnBack { metres } => *metres > 0.0,
        Action::Meet { patience_s, .. } | Action::HandOver { patience_s, .. } => *patience_s >= 0.0,
        Action::Run { .. } | Action::PutDown { .. } | Action::PickUp { .. } | Action::Leave { .. } => true,
    }
}
