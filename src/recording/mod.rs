//! What a run leaves behind: tapes of what entered the pure core, and per-frame track files.
//!
//! A tape replaces video and models exactly: entered into a [`crate::edge::CameraPipeline`] again it gives the same
//! events, byte for byte. It holds detections and the pixel probe's answers, never a picture.

mod answer;
mod mot;
mod probe;
mod tape;

pub use answer::Answer;
pub use mot::MotWriter;
pub use probe::{RecordingProbe, TapeProbe};
pub use tape::{Entry, TapeReader, TapeWriter, Title};

/// What goes wrong with tapes and track files; each names the file.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no tape, or not of this version.
    #[error("tape {path}: {why}")]
    NotATape {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The recording stopped in the middle: what came before is good.
    #[error("tape {path}: breaks off after {records} records; the recording did not end properly")]
    Truncated {
        /// The file.
        path: String,
        /// Records read before the break.
        records: u64,
    },
    /// A record that says something impossible.
    #[error("tape {path}, record {record}: {source}")]
    Record {
        /// The file.
        path: String,
        /// Which record, from 1.
        record: u64,
        /// What is wrong with it.
        source: crate::wire::WireError,
    },
}
