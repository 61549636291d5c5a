//! The site's thinking: all cameras' events in, what stands now out.
//!
//! [`CentralTracker`] owns no thread, socket, store or clock. It is fed what was committed, in the order of commit, and
//! can therefore be rebuilt from the store after a restart.

pub mod alert;
mod companions;
mod custody;
mod directive;
mod filter;
mod follow;
mod inbox;
mod luggage;
mod proposal;
mod rehearsal;
mod tracker;
mod travellers;
mod watch;

pub use companions::Together;
pub use directive::{Directive, Match};
pub use filter::{EventFilter, FILTER_NAMES_MAX, FilterError};
pub use follow::{FOLLOWS_MAX, Follow, FollowEnd, Follows};
pub use inbox::Inbox;
pub use proposal::{
    ConfirmationPolicy, Decision, Ending, PROPOSALS_MAX, Proposal, ProposalFault, Proposals, ProposedAct, is_same_name,
};
#[cfg(all(test, feature = "service"))]
pub(crate) use rehearsal::events;
pub use rehearsal::{Faults, Rehearsal, UnknownFault, rehearse};
pub use tracker::{CameraState, CentralTracker};
pub use travellers::{
    Alternatives, Blind, CarriedBag, Companion, FOLLOW_S_MAX, TravellerAct, TravellerAction, TravellerFault,
    TravellerView,
};
pub use watch::CENTRAL;
