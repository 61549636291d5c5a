//! gRPC: the centre's services and the clients of the edge and of the terminal console.
//!
//! Services know no store. They talk to the site's log through channels ([`Journal`]); who owns the log stands at the
//! other end ([`JournalEnd`], `worker::journal`).
//!
//! A console is a cursor into the log. What is newest is served from a bounded ring in memory ([`TailWriter`]); a
//! console that falls behind the ring reads from the store again, so that a slow one loses nothing until retention
//! passes it, and is told of that as a gap. A console that stops reading holds its bounded buffer and nothing else.

mod alerts;
mod client;
mod console;
mod directives;
mod error;
mod evidence;
mod journal;
mod plan;
mod proposal_client;
mod proposals;
mod server;
mod subscription;
mod tail;
mod traveller_client;
mod travellers;
mod uplink;

pub use client::{
    AlertFeed, ConsoleClient, DirectiveStream, EvidenceStream, Feed, FeedMessage, Start, UplinkClient, UplinkStream,
};
pub use error::RpcError;
pub use journal::{
    ActFault, Append, Audited, Command, Deletion, Fault, FollowShown, Journal, JournalEnd, Kept, KeptClass, Overview,
    Page, Query, Refused, TravellerCall, TravellerRefusal, journal,
};
pub use plan::{Plan, PlanCall};
pub use proposal_client::{ProposalClient, ProposalFeed};
pub use proposals::{Choice, Decide, DecideFault, Done, ProposalBoard, ProposalShown};
pub use server::{Server, ServerSettings};
pub use tail::{Record, TailWriter};
pub use traveller_client::{TravellerClient, TravellerFeed};
