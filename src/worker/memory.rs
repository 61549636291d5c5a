//! What screening remembers of ordinary passers, in a file of its own over restarts.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ids::CameraId;
use crate::screening::Memory;
use crate::time::Now;

/// Pause between two writings while passers come and go.
const KEEP_EVERY: Duration = Duration::from_secs(60);
/// A larger file is none of ours.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// A camera's memory on the disk: JSON, replaced as a whole, so that a crash leaves the one before. Losing it costs no
/// event: screening then tells nothing until enough have passed.
#[derive(Debug)]
pub struct MemoryFile {
    path: PathBuf,
    kept: Option<(Now, u64)>,
}

impl MemoryFile {
    /// That of `camera`, in the folder `<outbox>.memory` beside the outbox.
    #[must_use]
    pub fn beside(outbox: &Path, camera: &CameraId) -> Self {
        let mut folder = outbox.as_os_str().to_owned();
        folder.push(".memory");
        Self { path: PathBuf::from(folder).join(format!("{camera}.json")), kept: None }
    }

    /// What is there; nothing where there is no file, or one that cannot be used, which is told.
    #[must_use]
    pub fn load(&self) -> Memory {
        match read(&self.path) {
            Ok(memory) => memory,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Memory::default(),
            Err(error) => {
                tracing::warn!(file = %self.path.display(), %error, "ordinary passers are forgotten: screening learns anew");
                Memory::default()
            }
        }
    }

    /// Writes `memory` if somebody has passed since the last time and that was long enough ago.
    pub fn keep_now_and_then(&mut self, memory: &Memory, now: Now) {
        match self.kept {
            Some((at, passed)) if passed == memory.passed() || now.since(at) < KEEP_EVERY => {}
            None => self.kept = Some((now, memory.passed())),
            Some(_) => {
                self.keep(memory);
                self.kept = Some((now, memory.passed()));
            }
        }
    }

    /// Writes `memory`. That it cannot be written is told and does no other harm.
    pub fn keep(&mut self, memory: &Memory) {
        if memory.passed() > 0
            && let Err(error) = write(&self.path, memory)
        {
            tracing::warn!(file = %self.path.display(), %error, "what was learned of ordinary passers cannot be kept");
        }
    }
}

fn read(path: &Path) -> io::Result<Memory> {
    if fs::metadata(path)?.len() > FILE_BYTES_MAX {
        return Err(io::Error::other("too large"));
    }
    let memory: Memory = serde_json::from_slice(&fs::read(path)?).map_err(io::Error::other)?;
    if memory.is_sound() { Ok(memory) } else { Err(io::Error::other("its numbers make no sense")) }
}

fn write(path: &Path, memory: &Memory) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    let fresh = path.with_extension("json.new");
    fs::write(&fresh, serde_json::to_vec(memory).map_err(io::Error::other)?)?;
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screening::{Moment, Screening, ScreeningSettings};

    #[test]
    fn it_survives_and_a_damaged_file_is_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let camera = CameraId::new("lane-1").unwrap();
        let mut file = MemoryFile::beside(&folder.path().join("edge.sqlite"), &camera);
        assert_eq!(file.load(), Memory::default());
        let mut screening = Screening::new(ScreeningSettings::default(), Memory::default());
        let reading = crate::screening::Reading {
            signal: crate::screening::Signal::Pulse,
            value: 71.25,
            interval: crate::units::Interval { low: 70.0, high: 72.5 },
            window: (0.0, 10.0),
        };
        screening.step(Moment { at: 10.0, unix_micros: 1 }, &[(None, reading)], &[]);
        screening.finish(Moment { at: 11.0, unix_micros: 2 });
        file.keep(screening.memory());
        assert_eq!(file.load(), *screening.memory());
        fs::write(&file.path, "{\"lane\": 3}").unwrap();
        assert_eq!(file.load(), Memory::default());
    }
}
