//! A scenario as written: floor plan, cameras, people with what they do, bags, and how badly all of it is seen.

use serde::{Deserialize, Serialize};

use crate::frame::ObjectClass;

/// A place on the floor plan, metres: x to the east, y to the north.
pub type Point = (f64, f64);

/// A hall and what happens in it. Build one in code, or read it from TOML (`config::scenario`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in a few words.
    pub name: String,
    /// How long it lasts, seconds.
    pub duration_s: f64,
    /// Walls: straight, opaque, up to the ceiling.
    #[serde(rename = "wall")]
    pub walls: Vec<Wall>,
    /// Ways out of sight: exits, shops, restrooms.
    #[serde(rename = "door")]
    pub doors: Vec<Door>,
    /// Named parts of the floor.
    #[serde(rename = "zone")]
    pub zones: Vec<Zone>,
    /// The cameras.
    #[serde(rename = "camera")]
    pub cameras: Vec<Camera>,
    /// The people.
    #[serde(rename = "person")]
    pub people: Vec<Person>,
    /// The bags.
    #[serde(rename = "bag")]
    pub bags: Vec<Bag>,
    /// How badly it is seen.
    pub noise: Noise,
}

/// A wall between two points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wall {
    /// One end.
    pub from: Point,
    /// The other.
    pub to: Point,
}

/// A place where people go out of sight and may come back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Door {
    /// Its name.
    pub id: String,
    /// Where its threshold is.
    pub at: Point,
}

/// A named polygon on the floor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Its name.
    pub id: String,
    /// Its corners in order.
    pub polygon: Vec<Point>,
    /// No camera sees into it.
    #[serde(default)]
    pub blind: bool,
}

/// A pinhole camera at rest, its horizon level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    /// Its name.
    pub id: String,
    /// Where it hangs, metres; the third number is the height.
    pub at: (f64, f64, f64),
    /// The point in the middle of its picture.
    pub look_at: (f64, f64, f64),
    /// Horizontal angle of view, degrees.
    #[serde(default = "default_fov")]
    pub fov_deg: f64,
    /// Width and height of the picture, pixels.
    #[serde(default = "default_size")]
    pub size: (u32, u32),
    /// Frames a second.
    #[serde(default = "default_fps")]
    pub fps: f64,
}

fn default_fov() -> f64 {
    70.0
}

fn default_size() -> (u32, u32) {
    (1280, 720)
}

fn default_fps() -> f64 {
    10.0
}

/// Somebody and what they do, one step after the other; after the last they stand where they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Name within the scenario.
    pub id: String,
    /// Where they appear.
    pub at: Point,
    /// When they appear, seconds.
    #[serde(default)]
    pub start_s: f64,
    /// Walking speed, metres a second.
    #[serde(default = "default_speed")]
    pub speed_mps: f64,
    /// Height, metres.
    #[serde(default = "default_height")]
    pub height_m: f64,
    /// People with the same word look alike. Without one, nobody looks like them.
    #[serde(default)]
    pub dress: Option<String>,
    /// What they do.
    #[serde(default, rename = "step")]
    pub steps: Vec<Step>,
}

fn default_speed() -> f64 {
    1.3
}

fn default_height() -> f64 {
    1.72
}

/// Fast for a hall, metres a second.
pub(super) const RUN_MPS: f64 = 3.6;

/// One thing that a person does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What.
    #[serde(flatten)]
    pub action: Action,
    /// The name of what this step shows, for evaluation: the same label on steps in a row is one occurrence, from the
    /// start of the first to the end of the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl From<Action> for Step {
    fn from(action: Action) -> Self {
        Self { action, label: None }
    }
}

impl Action {
    /// This action under a label.
    #[must_use]
    pub fn labelled(self, label: &str) -> Step {
        Step { action: self, label: Some(label.to_owned()) }
    }
}

/// What people do. People walk straight: a way around a wall is several steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Walks to a place.
    Walk {
        /// Where to.
        to: Point,
        /// Metres a second; without it, the person's own speed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        speed_mps: Option<f64>,
    },
    /// Runs to a place, at 3.6 m/s.
    Run {
        /// Where to.
        to: Point,
    },
    /// Stands.
    Stop {
        /// How long, seconds.
        for_s: f64,
    },
    /// Walks back in the direction they came from.
    TurnBack {
        /// How far, metres.
        metres: f64,
    },
    /// Walks up to somebody, until at arm's length or out of patience.
    Meet {
        /// Whom.
        person: String,
        /// Gives up after this, seconds.
        #[serde(default = "default_patience")]
        patience_s: f64,
    },
    /// Keeps beside or behind somebody.
    Follow {
        /// Whom.
        person: String,
        /// Where, seen from that person, metres: ahead of them and to their left.
        offset: Point,
        /// How long, seconds.
        for_s: f64,
    },
    /// Sets a carried bag down beside them.
    PutDown {
        /// Which.
        bag: String,
    },
    /// Goes to a bag on the floor, whoever's it is, and takes it. If somebody carries it, nothing happens.
    PickUp {
        /// Which.
        bag: String,
    },
    /// Waits until somebody is at arm's length and gives them a carried bag.
    HandOver {
        /// Which.
        bag: String,
        /// To whom.
        to: String,
        /// Gives up after this, seconds.
        #[serde(default = "default_patience")]
        patience_s: f64,
    },
    /// Walks to a door, is out of sight for a time, and comes back.
    Enter {
        /// Which door.
        door: String,
        /// How long behind it, seconds.
        for_s: f64,
        /// A carried bag that stays behind it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leave_bag: Option<String>,
        /// A bag left there that comes out with them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        take_bag: Option<String>,
    },
    /// Walks to a door and is gone.
    Leave {
        /// Which door.
        door: String,
    },
    /// Falls and lies.
    Fall {
        /// Stands up after this, seconds.
        for_s: f64,
    },
}

fn default_patience() -> f64 {
    30.0
}

/// A bag; carried from the start where it has an owner, on the floor where it has a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bag {
    /// Name within the scenario.
    pub id: String,
    /// `backpack`, `handbag` or `suitcase`.
    pub kind: ObjectClass,
    /// Who carries it at first.
    #[serde(default)]
    pub owner: Option<String>,
    /// Where it stands at first, when nobody carries it.
    #[serde(default)]
    pub at: Option<Point>,
}

/// How badly the hall is seen. All zero: perfectly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Noise {
    /// Share of the sightings that a detector misses at random, 0 to 1; what is half hidden is missed more often.
    pub miss: f64,
    /// Standard deviation of each edge of a box, pixels, anew in every frame.
    pub jitter_px: f64,
    /// False boxes of one frame's life in a frame, on average.
    pub false_boxes: f64,
    /// How often a track of a person or bag in view breaks and goes on under a new id, times a minute.
    pub id_breaks_per_minute: f64,
    /// Share of the boxes that stand somewhere else for one frame, 0 to 1.
    pub box_jumps: f64,
    /// Share of the boxes that come twice in a frame, once at another place under the same id, 0 to 1.
    pub duplicates: f64,
    /// A track that nothing was seen of for so long ends; the next sighting has a new id, seconds.
    pub lost_s: f64,
}

impl Default for Noise {
    fn default() -> Self {
        Self {
            miss: 0.0,
            jitter_px: 0.0,
            false_boxes: 0.0,
            id_breaks_per_minute: 0.0,
            box_jumps: 0.0,
            duplicates: 0.0,
            lost_s: 2.0,
        }
    }
}

impl Noise {
    /// As a fair detector in a hall: 10 % missed, 5 pixels of jitter, a false box in 50 frames, 2 id breaks a minute.
    #[must_use]
    pub fn ordinary() -> Self {
        Self { miss: 0.1, jitter_px: 5.0, false_boxes: 0.02, id_breaks_per_minute: 2.0, ..Self::default() }
    }
}
