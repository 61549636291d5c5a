//! The threads of one process, and what passes between them.
//!
//! Each camera has two named OS threads: `cap-<camera>` drains the source, `ana-<camera>` runs perception and the
//! pipeline. They meet in a [`slot::Slot`] of one frame. A camera fails alone: [`camera`] restarts it with capped
//! back-off and a new boot number.
//!
//! What they report goes to the [`outbox`] thread and from there, over the [`uplink`] thread, to the centre, where the
//! [`journal`] threads keep it. [`site`] puts the centre together.

mod alerts;
pub mod analysis;
mod backoff;
pub mod camera;
mod camera_error;
mod dial;
pub mod evidence;
pub mod evidence_uplink;
pub mod journal;
mod layouts;
pub mod lookout;
pub mod lookout_uplink;
pub mod memory;
pub mod outbox;
mod proposals;
pub mod recorder;
pub mod replay;
pub mod simulated_bags;
pub mod site;
pub mod slot;
pub mod stages;
pub mod travellers;
pub mod uplink;

pub use backoff::Backoff;
pub use dial::Dial;
