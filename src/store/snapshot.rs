//! The newest state of the site's tracker, so that a restart need not read the whole log.

use rusqlite::{OptionalExtension, params};

use super::StoreError;
use super::events::EventStore;
use super::read::EventReader;

/// A state with its place in the log. Only the newest one is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The newest sequence that it knows of.
    pub sequence: u64,
    /// The newest number of the audit log that it knows of.
    pub audited: u64,
    /// The state, as its owner writes it.
    pub body: Vec<u8>,
}

impl EventStore {
    /// Keeps `snapshot` in place of the one before; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; the one before stays then.
    pub fn keep_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let (db, path) = self.connection();
        db.prepare_cached("INSERT OR REPLACE INTO snapshot (id, sequence, audited, body) VALUES (1, ?1, ?2, ?3)")
            .and_then(|mut keep| {
                let (sequence, audited) = (snapshot.sequence.cast_signed(), snapshot.audited.cast_signed());
                keep.execute(params![sequence, audited, snapshot.body])
            })
            .map(|_| ())
            .map_err(|e| StoreError::sqlite(path, &e))
    }
}

impl EventReader {
    /// The newest snapshot, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn snapshot(&mut self) -> Result<Option<Snapshot>, StoreError> {
        let (db, path) = self.connection();
        db.query_row("SELECT sequence, audited, body FROM snapshot", [], |row| {
            Ok(Snapshot {
                sequence: row.get::<_, i64>(0)?.cast_unsigned(),
                audited: row.get::<_, i64>(1)?.cast_unsigned(),
                body: row.get(2)?,
            })
        })
        .optional()
        .map_err(|e| StoreError::sqlite(path, &e))
    }

    /// The newest number of the audit log, 0 before the first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn audited(&mut self) -> Result<u64, StoreError> {
        let (db, path) = self.connection();
        db.query_row("SELECT coalesce(max(number), 0) FROM audit", [], |row| row.get::<_, i64>(0))
            .map(i64::cast_unsigned)
            .map_err(|e| StoreError::sqlite(path, &e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_one_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.sqlite");
        let snapshot = |sequence| Snapshot { sequence, audited: 3, body: vec![7; 9] };
        {
            let mut store = EventStore::open(&path).unwrap();
            assert_eq!(EventReader::open(&path).unwrap().snapshot().unwrap(), None);
            [1, 5].iter().for_each(|n| store.keep_snapshot(&snapshot(*n)).unwrap());
        }
        let _store = EventStore::open(&path).unwrap();
        let mut reader = EventReader::open(&path).unwrap();
        assert_eq!((reader.snapshot().unwrap(), reader.audited().unwrap()), (Some(snapshot(5)), 0));
    }
}
