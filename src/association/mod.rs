//! One traveller across cameras: which tracks are the same person, as hypotheses that can be taken back.
//!
//! [`Associator`] takes each camera's tracks about once a second ([`Sighting`]) and says whose they are ([`Identity`]).
//!
//! * A *presence* is one traveller in sight without interruption, in one view or in several that overlap: views that
//!   overlap are joined by the place on the floor, weighed with its covariance. A traveller is a chain of presences.
//! * A newly seen track is weighed against everybody who is out of sight: how alike they look (a calibrated
//!   likelihood ratio), whether the time out of sight fits that way (a mixture learned online), how usual the way is,
//!   and whether they would still be away; against the rate of newcomers. See [`Evidence`].
//! * Each round solves one assignment per group of tracks that compete, with "newcomer" as an alternative for each, and
//!   computes every pair's probability under the same constraints. For some seconds the answer is provisional
//!   ([`LinkState::Proposed`]); then it is confirmed. A corrector weighs the last minutes again, camera by camera, and
//!   changes what another explanation beats: as long as somebody may come back, who came in his place may be him.
//! * Travellers are never stored: they are derived from the links and from operators' decisions, so that taking
//!   a decision back restores what was before.
//! * Where calibrated views overlap, the people in them tell how far the cameras' clocks are apart ([`ClockOffset`]); times are put
//!   right by it before anything is joined by them.
//!
//! Without appearance, calibration or topology it works on with what is left; [`Identity::missing`] says so.
//! Method: the online part of section 2 of Y. Yoon et al., "Multiple hypothesis tracking algorithm for multi-target multi-camera
//! tracking with disjoint views", IET Image Processing 12(7), 2018, with decisions deferred instead of trees kept.

mod associator;
mod belonging;
mod clocks;
mod corrector;
mod evidence;
mod exclusion;
mod gallery;
mod leaving;
mod lessons;
mod likeness;
mod link;
mod marginal;
mod memory;
mod offline;
mod operator;
mod outlook;
mod places;
mod punctuality;
mod round;
mod settings;
mod sighting;
#[cfg(test)]
pub(crate) mod tests;
mod topology;
mod traffic;
mod transit;
mod traveller;

pub use associator::{AssociationCounters, Associator, Identity, IdentityChange};
pub use clocks::ClockOffset;
pub(crate) use likeness::Likeness;
pub use link::{Decision, Evidence, Hypothesis, LinkKind, LinkState};
pub use memory::PresenceId;
pub use offline::explain_all;
pub use operator::{OperatorFault, TravellerId};
pub use outlook::{EARLIEST, HIDDEN_S, NextView, Outlook};
pub use settings::AssociationSettings;
pub use sighting::{FloorFix, Sighting, TrackKey};
pub use topology::{LinkPrior, Relation, Topology};
pub use traveller::{Segment, Traveller, TravellerSummary};
