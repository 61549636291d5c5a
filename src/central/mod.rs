//! The site's thinking: all cameras' events in, what stands now out.
//!
//! [`CentralTracker`] owns no thread, socket, store or clock. It is fed what was committed, in the order of commit, and
//! can therefore be rebuilt from the store after a restart.

pub mod alert;
mod filter;
mod inbox;
mod rehearsal;
mod tracker;

pub use filter::{EventFilter, FILTER_NAMES_MAX, FilterError};
pub use inbox::Inbox;
pub use rehearsal::{Faults, Rehearsal, UnknownFault, rehearse};
pub use tracker::{CameraState, CentralTracker};
