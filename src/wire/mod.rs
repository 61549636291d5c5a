//! The wire's messages, compiled from `proto/`, and their exact translation to and from the vocabulary.

mod absence;
mod alert;
mod directive;
mod event;
mod layout;
mod lists;
mod luggage;
mod proposal;
mod traveller;
mod vital;

pub mod json;

pub use alert::{action_from_proto, alert_to_proto, held_to_proto, shadow_to_proto};
pub use directive::{directive_from_proto, directive_to_proto, look_alike_to_proto, match_from_proto, match_to_proto};
pub use event::{appearance_from_proto, appearance_to_proto, event_from_proto, event_to_proto};
pub use event::{box_from_proto, box_to_proto, capture_from_proto, capture_to_proto, site_event_from_proto};
pub use event::{event_id_from_proto, event_id_to_proto};
pub use layout::{layout_from_proto, layout_to_proto, topology_to_proto};
pub use lists::WireEnum;
pub use proposal::{policy_to_proto, proposal_to_proto};
pub use traveller::{
    cameras_from_proto, follow_to_proto, summary_to_proto, track_from_proto, track_to_proto, traveller_to_proto,
};

/// Generated from `proto/greenlane/v1`.
#[allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    reason = "generated code; the .proto files carry the docs"
)]
pub mod v1 {
    tonic::include_proto!("greenlane.v1");
}

/// The compiled descriptors of all our protos, for gRPC reflection.
pub const DESCRIPTOR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/greenlane_descriptor.bin"));

/// A message that says something impossible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A field that must be there is not.
    #[error("message without `{0}`")]
    Missing(&'static str),
    /// A number that is in no list, perhaps of a newer version.
    #[error("`{field}` has the unknown value {value}")]
    Unknown {
        /// Which field.
        field: &'static str,
        /// What stood there.
        value: i64,
    },
    /// A field that is there but not usable.
    #[error("`{field}`: {why}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
}
