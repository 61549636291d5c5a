//! The operator's console in a browser: what needs a look now, why, and what was done about it.
//!
//! It is built on the public gRPC contract alone (`rpc`'s client and `wire`'s messages), so that any other console can do
//! the same. One task stays subscribed to the centre and keeps the `board`; pages are HTML made on this side from the
//! board; a page that is open is sent what changed, as HTML, over server-sent events.
//!
//! ```text
//! centre --Subscribe, WatchAlerts, GetOverview--> link -> Board --(revision)--> live: one cursor a page -> browser
//!        --ListTravellers, WatchTraveller, GetTraveller--> watching, while such a page is open ----^
//!        --WatchProposals--------------------------> link -> Board
//!        <--ActOnAlert, GetEvidence, FollowTraveller, ConfirmProposal, List...-- acts, travellers, proposals, pages <-- forms
//! ```
//!
//! The plan is drawn from what `planning` asks for and what the events say of who is where (`plan`); a look through a camera
//! (`looks`) is passed on and not kept.
//!
//! A page is a cursor into the board, as a console is one into the centre's log: it is sent the newest state of what
//! changed since it was last sent something. A slow one misses steps and never the outcome, and nothing is queued for it.
//!
//! Everything works with links and forms alone; the script only saves reloading. Nothing is loaded from elsewhere, no
//! script or style stands in a page, and what changes something is a POST from this console's own page (`guard`).

mod acts;
mod assets;
mod board;
mod doors;
mod editor;
mod guard;
mod link;
mod live;
mod looks;
mod pages;
mod place;
mod plan;
mod planning;
mod proposals;
mod roster;
mod server;
mod stills;
mod travellers;
mod view;
mod visitor;
mod watching;
mod words;

pub use server::{ConsoleError, ConsoleServer, ConsoleSettings};
