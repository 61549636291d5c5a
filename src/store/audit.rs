//! Who did or saw what: one row for each act, in their order, beside the log.

use rusqlite::{Connection, params};

use super::events::EventStore;
use super::read::EventReader;
use super::{Page, StoreError};
use crate::wire::v1;

/// Most rows kept; the oldest go first.
const ROWS_MAX: i64 = 1_000_000;

/// One act of an operator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditEntry {
    /// From 1, without holes; given by the store.
    pub number: u64,
    /// The newest sequence of the log when it was done: its place among the events.
    pub after: u64,
    /// When, UTC microseconds.
    pub at: i64,
    /// Who.
    pub operator: String,
    /// What, e.g. `acknowledge`.
    pub action: String,
    /// With which alert.
    pub alert: u64,
    /// What was written.
    pub text: String,
}

impl EventStore {
    /// Writes an act and gives it its number; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub fn audit(&mut self, entry: &AuditEntry) -> Result<u64, StoreError> {
        let after = self.newest();
        let (db, path) = self.connection();
        write(db, entry, after).map_err(|e| StoreError::sqlite(path, &e))
    }
}

impl EventReader {
    /// At most `limit` acts before number `before`, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn audit_before(&mut self, before: u64, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        let (db, path) = self.connection();
        let sql = "SELECT * FROM audit WHERE number < ?1 ORDER BY number DESC LIMIT ?2";
        entries(db, sql, before, limit).map_err(|e| StoreError::sqlite(path, &e))
    }

    /// At most `limit` acts from number `from` on, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn audit_from(&mut self, from: u64, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        let (db, path) = self.connection();
        let sql = "SELECT * FROM audit WHERE number >= ?1 ORDER BY number LIMIT ?2";
        entries(db, sql, from, limit).map_err(|e| StoreError::sqlite(path, &e))
    }

    /// At most `events_max` committed events from position `from` on that may be a reason to look at somebody.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn reasons(&mut self, from: u64, events_max: usize) -> Result<Page, StoreError> {
        let (db, path) = self.connection();
        reasons(db, from, events_max).map_err(|e| StoreError::sqlite(path, &e))
    }
}

fn write(db: &mut Connection, entry: &AuditEntry, after: u64) -> rusqlite::Result<u64> {
    let batch = db.transaction()?;
    batch
        .prepare_cached("INSERT INTO audit (after, at, operator, action, alert, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            after.cast_signed(),
            entry.at,
            entry.operator,
            entry.action,
            entry.alert.cast_signed(),
            entry.text
        ])?;
    let number = batch.last_insert_rowid();
    batch.prepare_cached("DELETE FROM audit WHERE number <= ?1")?.execute([number - ROWS_MAX])?;
    batch.commit()?;
    Ok(number.cast_unsigned())
}

fn entries(db: &Connection, sql: &str, number: u64, limit: usize) -> rusqlite::Result<Vec<AuditEntry>> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    db.prepare_cached(sql)?
        .query_map([number, limit], |row| {
            Ok(AuditEntry {
                number: row.get::<_, i64>("number")?.cast_unsigned(),
                after: row.get::<_, i64>("after")?.cast_unsigned(),
                at: row.get("at")?,
                operator: row.get("operator")?,
                action: row.get("action")?,
                alert: row.get::<_, i64>("alert")?.cast_unsigned(),
                text: row.get("text")?,
            })
        })?
        .collect()
}

/// The condition is that of the index `event_reason`, word for word, so that it is used.
fn reasons(db: &Connection, from: u64, events_max: usize) -> rusqlite::Result<Page> {
    let mut statement = db.prepare_cached(
        "SELECT sequence, committed, body FROM event
         WHERE kind IN ('behaviour', 'screening', 'absence', 'bag') AND sequence >= ?1 ORDER BY sequence LIMIT ?2",
    )?;
    let limit = i64::try_from(events_max).unwrap_or(i64::MAX);
    let events = statement
        .query_map([from.cast_signed(), limit], super::read::site_event)?
        .collect::<rusqlite::Result<Vec<v1::SiteEvent>>>()?;
    let next = events.last().map_or(from, |last| last.sequence + 1);
    Ok(Page { events, next, oldest: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: i64) -> AuditEntry {
        let (operator, action, text) = ("kim".to_owned(), "note".to_owned(), "도착, seen".to_owned());
        AuditEntry { at, operator, action, text, alert: 7, ..AuditEntry::default() }
    }

    #[test]
    fn acts_keep_their_order_over_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.sqlite");
        for at in 1..=3 {
            assert_eq!(EventStore::open(&path).unwrap().audit(&entry(at)).unwrap(), at.cast_unsigned());
        }
        let _store = EventStore::open(&path).unwrap();
        let mut reader = EventReader::open(&path).unwrap();
        let at = |entries: Vec<AuditEntry>| entries.iter().map(|e| e.at).collect::<Vec<_>>();
        assert_eq!(at(reader.audit_before(u64::MAX, 2).unwrap()), [3, 2]);
        assert_eq!(at(reader.audit_before(2, 9).unwrap()), [1]);
        assert_eq!(at(reader.audit_from(2, 9).unwrap()), [2, 3]);
        let first = &reader.audit_from(1, 1).unwrap()[0];
        assert_eq!((first.operator.as_str(), first.text.as_str(), first.alert), ("kim", "도착, seen", 7));
    }

    #[test]
    fn reasons_are_found_by_their_index() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.sqlite");
        let store = EventStore::open(&path).unwrap();
        let plan: String = store
            .plan("SELECT sequence FROM event WHERE kind IN ('behaviour', 'screening', 'absence', 'bag') AND sequence >= 5 ORDER BY sequence")
            .join("; ");
        assert!(plan.contains("event_reason") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
