//! SQLite: the centre's event log and the edge's outbox.
//!
//! Both files use write-ahead logging with `synchronous=FULL`: a commit returns after the log is on the disk (`fsync`), so
//! what a commit promised survives `kill -9` and a loss of power. That costs one `fsync` a commit, which is why both
//! take events in batches. A file is opened by one process at a time (an advisory lock beside it), and a file of a
//! newer schema is refused rather than misread.
//!
//! * [`EventStore`]: events of the site in the order of their commit, numbered from 1 without holes, each
//!   [`EventId`](crate::ids::EventId) once. Bounded by age and by count.
//! * [`Retention`]: how long what is kept in that file, and a [`Receipt`] for everything deleted.
//! * [`AuditEntry`]: who did or saw what, in the same file, with its place among the events.
//! * [`Snapshot`]: the newest state of the site's tracker, in the same file, so that a restart need not read the whole log.
//! * Layouts: where each camera looks, as its edge told it last, in the same file.
//! * [`EventReader`]: a second connection that reads the log, so that consoles catching up never delay a commit.
//! * [`Outbox`]: events of one edge process until the centre has committed them, and the cameras' boot numbers. Bounded
//!   by bytes and by age: the oldest go first and are counted per camera. When the disk takes nothing, events wait in a
//!   bounded memory buffer.

mod audit;
mod error;
mod events;
mod file;
mod held;
mod layout;
mod outbox;
mod read;
mod retention;
#[cfg(test)]
mod samples;
mod snapshot;

pub use audit::AuditEntry;
pub use error::StoreError;
pub use events::{Appended, EventStore};
pub use outbox::{Dropped, Outbox, OutboxLimits, Queued};
pub use read::{EventReader, Page};
pub use retention::{Class, Receipt, Retention};
pub use snapshot::Snapshot;
