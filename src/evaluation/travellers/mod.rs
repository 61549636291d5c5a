//! How well travellers are followed across cameras: a recording of tracks whose persons are known is given to the
//! association and to the baselines, and what they say is compared with the truth.
//!
//! * [`TrackRecording`]: the tracks of all cameras as the centre gets them, once a second, with the truth beside.
//!   `campus` reads the layout of the CAMPUS data set.
//! * [`Answer`]: whose each track is, at each moment. [`follow`] asks the association; [`nearest_look_at_best`], [`transitions`]
//!   and [`min_cost_flow`] are the baselines.
//! * [`TravellerScores`]: the metrics.
//! * [`OutlookScores`]: how far it comes true where people are said to come into view next, and when.

mod answer;
mod baseline;
mod campus;
mod hall;
mod hall_plan;
mod links;
mod looks;
mod outlooks;
mod recording;
mod scores;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Claim, follow};
pub use baseline::{min_cost_flow, nearest_look_at_best, transitions};
pub use campus::{CAMPUS_FPS, CampusFault, campus};
pub use hall::hall;
pub use hall_plan::HallPlan;
pub use links::{Bin, Calibration, LinkScore};
pub use looks::{LookNoise, Looks, SimulatedAppearance};
pub use outlooks::{BETWEEN, OVERDUE, OutlookScores, outlooks};
pub use recording::{Sight, TrackRecording};
pub use scores::TravellerScores;
