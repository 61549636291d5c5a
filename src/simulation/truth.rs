//! What really happened, exactly.

use serde::Serialize;

use super::scenario::Point;

/// A person or a bag: its place in the scenario's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Of [`super::Scenario::people`].
    Person(usize),
    /// Of [`super::Scenario::bags`].
    Bag(usize),
}

/// What happened at a moment. Closed list.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// Somebody appeared in the hall.
    Appeared,
    /// Somebody went behind a door ...
    Entered {
        /// Of [`super::Scenario::doors`].
        door: usize,
    },
    /// ... and came back.
    CameOut {
        /// Of [`super::Scenario::doors`].
        door: usize,
    },
    /// Somebody left for good.
    Left {
        /// Of [`super::Scenario::doors`].
        door: usize,
    },
    /// Somebody fell.
    Fell,
    /// Somebody set a bag down.
    PutDown {
        /// Of [`super::Scenario::bags`].
        bag: usize,
    },
    /// Somebody took a bag from the floor.
    PickedUp {
        /// Of [`super::Scenario::bags`].
        bag: usize,
        /// Who carried it last ...
        from: Option<usize>,
        /// ... and how far away they are, metres; `None` when they are not in the hall.
        from_m: Option<f64>,
    },
    /// Somebody gave a bag to somebody else.
    HandedOver {
        /// Of [`super::Scenario::bags`].
        bag: usize,
        /// Who has it now.
        to: usize,
    },
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// When, seconds from the start.
    pub at_s: f64,
    /// Who did it, of [`super::Scenario::people`].
    pub person: usize,
    /// Where.
    pub place: Point,
    /// What.
    pub what: Happening,
}

/// A labelled part of what somebody did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Labelled {
    /// The label.
    pub label: String,
    /// Who, of [`super::Scenario::people`].
    pub person: usize,
    /// From when, seconds from the start ...
    pub from_s: f64,
    /// ... until when.
    pub until_s: f64,
}

/// What really happened so far.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Truth {
    /// In the order of time.
    pub facts: Vec<Fact>,
    /// In the order of their end.
    pub labels: Vec<Labelled>,
}
