//! The scenario language: scripted people and bags on a floor plan, seen by cameras, with the exact truth beside.
//!
//! A [`Scenario`] says what there is and what happens: walls, doors and zones in metres, pinhole cameras, people with
//! their steps, bags with their owners. A [`World`] plays it: an iterator over the frames of all cameras in the order of
//! time, each with what is really in view ([`Sighting`]) and what a detector and a tracker would make of it
//! ([`Observation`]: misses, jitter, false boxes, id breaks at set rates, seeded). [`World::truth`] has what happened:
//! who handed which bag to whom and when, and every labelled step. Tests, evaluation and the demo live off it.
//!
//! It is not a physical simulation: people walk straight, through one another and through walls if told to.
//!
//! ```toml
//! name = "a suitcase changes hands"
//! duration_s = 30
//!
//! [[camera]]
//! id = "hall"
//! at = [10, 0, 4]           # metres: east, north, up
//! look_at = [10, 12, 1]
//! fov_deg = 70
//! size = [1280, 720]
//! fps = 10
//!
//! [[wall]]
//! from = [0, 20]
//! to = [20, 20]
//!
//! [[door]]
//! id = "exit"
//! at = [19, 10]
//!
//! [[zone]]
//! id = "control"
//! polygon = [[14, 8], [19, 8], [19, 14], [14, 14]]
//!
//! [[person]]
//! id = "anna"
//! at = [4, 10]
//! step = [
//!     { do = "walk", to = [9, 10] },
//!     { do = "hand_over", bag = "case", to = "ben", label = "hand_over" },
//!     { do = "leave", door = "exit" },
//! ]
//!
//! [[person]]
//! id = "ben"
//! at = [12, 16]
//! start_s = 2
//! step = [{ do = "meet", person = "anna" }, { do = "stop", for_s = 5 }, { do = "walk", to = [4, 6] }]
//!
//! [[bag]]
//! id = "case"
//! kind = "suitcase"         # or backpack, handbag
//! owner = "anna"
//!
//! [noise]
//! miss = 0.1                # share of sightings missed
//! jitter_px = 5             # of each edge of a box
//! false_boxes = 0.02        # a frame
//! id_breaks_per_minute = 2  # of each track
//! ```
//!
//! The steps: `walk` `run` `stop` `turn_back` `meet` `follow` `put_down` `pick_up` `hand_over` `enter` `leave` `fall`; see
//! [`Action`] for what each needs.

mod camera;
mod detector;
mod hall;
pub mod passers;
mod plan;
mod scenario;
mod sight;
#[cfg(test)]
mod tests;
mod truth;
pub mod vitals;
mod world;

pub use camera::Pinhole;
pub use detector::Observation;
pub use plan::ScenarioError;
pub use scenario::{Action, Bag, Camera, Door, Noise, Person, Point, Scenario, Step, Wall, Zone};
pub use sight::Sighting;
pub use truth::{Fact, Happening, Labelled, Subject, Truth};
pub use world::{View, World};
