//! The site's log: appending and forgetting. Reading is in `read.rs`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use prost::Message;
use rusqlite::{OptionalExtension, Transaction, params};

use super::StoreError;
use super::file::{Format, Opened};
use super::retention::{self, Class, Retention};
use crate::event::EdgeEvent;
use crate::ids::EventId;
use crate::wire::{self, WireEnum, v1};

/// `expired.through` is the last sequence deleted by retention, `cleared.through` the last one of which a class of content is
/// (`retention.rs`); `forgotten` the greatest id deleted, one row a camera:
/// ids of a camera arrive in ascending order (its outbox keeps them so), so that whatever is not greater was here before
/// and must not come back when it is sent again.
const FORMAT: Format = Format {
    name: "a greenlane event store",
    application: 0x474C_4556,
    migrations: &[
        "
        CREATE TABLE event (
            sequence INTEGER PRIMARY KEY,
            committed INTEGER NOT NULL,
            camera TEXT NOT NULL,
            boot INTEGER NOT NULL,
            number INTEGER NOT NULL,
            kind TEXT NOT NULL,
            severity INTEGER NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX event_id ON event (camera, boot, number);
        CREATE TABLE expired (through INTEGER NOT NULL) STRICT;
        INSERT INTO expired VALUES (0);
        CREATE TABLE forgotten (
            camera TEXT PRIMARY KEY, boot INTEGER NOT NULL, number INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
    ",
        "
        CREATE TABLE audit (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            after INTEGER NOT NULL,
            at INTEGER NOT NULL,
            operator TEXT NOT NULL,
            action TEXT NOT NULL,
            alert INTEGER NOT NULL,
            text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX event_reason ON event (sequence) WHERE kind IN ('behaviour', 'screening');
    ",
        "
        CREATE TABLE snapshot (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            sequence INTEGER NOT NULL,
            audited INTEGER NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        DROP INDEX event_reason;
        CREATE INDEX event_reason ON event (sequence) WHERE kind IN ('behaviour', 'screening', 'absence');
    ",
        "
        CREATE TABLE cleared (class TEXT PRIMARY KEY, through INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO cleared VALUES ('appearance', 0), ('vital_signs', 0);
        CREATE TABLE receipt (
            class TEXT NOT NULL, hour INTEGER NOT NULL, count INTEGER NOT NULL, oldest INTEGER NOT NULL,
            newest INTEGER NOT NULL, PRIMARY KEY (class, hour)
        ) STRICT, WITHOUT ROWID;
    ",
        "
        CREATE TABLE layout (camera TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
    ",
        "
        DROP INDEX event_reason;
        CREATE INDEX event_reason ON event (sequence) WHERE kind IN ('behaviour', 'screening', 'absence', 'bag');
        DELETE FROM snapshot;
    ",
    ],
};

/// What became of a batch.
#[derive(Debug, Default, PartialEq)]
pub struct Appended {
    /// The new events with their sequence, and the index of each in the batch.
    pub committed: Vec<(usize, v1::SiteEvent)>,
    /// Events that were here already: sent again after a lost ack.
    pub duplicates: u64,
    /// Indices of events whose id another event holds already: an edge counts its boots anew.
    pub conflicts: Vec<usize>,
}

/// The site's event log.
#[derive(Debug)]
pub struct EventStore {
    file: Opened,
    // The newest sequence and commit time, and the newest sequence expired, kept here to save queries at each commit.
    newest: u64,
    newest_committed: i64,
    expired: u64,
}

impl EventStore {
    /// Opens or creates the log.
    ///
    /// # Errors
    /// [`StoreError`] when the file is in use, damaged, foreign, newer, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = Opened::open(path, &FORMAT)?;
        let (newest, newest_committed, expired) = ends(&file.db).map_err(|e| file.fault(&e))?;
        Ok(Self { file, newest, newest_committed, expired })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.file.path.clone()
    }

    /// The newest sequence committed, 0 before the first.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// The oldest sequence kept, or the next one to be given when none is.
    #[must_use]
    pub fn oldest(&self) -> u64 {
        self.expired + 1
    }

    /// Commits `events` in their order, each id once; all of the batch or, on an error, nothing.
    ///
    /// `now` is UTC in microseconds. Commit times never descend with the sequence, whatever the system's clock does:
    /// reading from a time relies on it.
    ///
    /// # Errors
    /// [`StoreError`]; the batch may be given again.
    pub fn append(&mut self, events: &[EdgeEvent], now: i64) -> Result<Appended, StoreError> {
        let committed_at = now.max(self.newest_committed);
        let first = self.newest + 1;
        let path = &self.file.path;
        let done = write(&mut self.file.db, events, first, committed_at).map_err(|e| StoreError::sqlite(path, &e))?;
        if let Some((_, last)) = done.committed.last() {
            self.newest = last.sequence;
            self.newest_committed = committed_at;
        }
        Ok(done)
    }

    /// Deletes at most `rows_max` of the oldest events that `keep` does not cover; returns how many.
    ///
    /// Call it again while it returns `rows_max`. The bound keeps a commit that waits behind it short.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn expire(&mut self, keep: Retention, now: i64, rows_max: u64) -> Result<u64, StoreError> {
        let newest = self.newest;
        let path = &self.file.path;
        let gone = expire(&mut self.file.db, keep, now, rows_max, newest).map_err(|e| StoreError::sqlite(path, &e))?;
        self.expired += gone;
        Ok(gone)
    }

    /// The writing connection, and the file it is of.
    pub(super) fn connection(&mut self) -> (&mut rusqlite::Connection, &Path) {
        (&mut self.file.db, &self.file.path)
    }

    /// How SQLite would answer a query.
    #[cfg(test)]
    pub(super) fn plan(&self, sql: &str) -> Vec<String> {
        let mut statement = self.file.db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a query");
        let rows = statement.query_map([], |row| row.get("detail")).expect("a plan");
        rows.map(|row| row.expect("a line")).collect()
    }

    /// Stops the file from growing beyond `pages`, as a full disk would.
    #[cfg(test)]
    pub(super) fn limit_pages(&self, pages: u32) {
        self.file.db.pragma_update(None, "max_page_count", pages).expect("a page count");
    }
}

/// Newest sequence, its commit time, newest sequence expired.
fn ends(db: &rusqlite::Connection) -> rusqlite::Result<(u64, i64, u64)> {
    let expired = db.query_row("SELECT through FROM expired", [], |row| row.get::<_, i64>(0))?;
    let newest = db
        .query_row("SELECT sequence, committed FROM event ORDER BY sequence DESC LIMIT 1", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get(1)?))
        })
        .optional()?;
    let (newest, committed) = newest.unwrap_or((expired, i64::MIN));
    Ok((newest.cast_unsigned(), committed, expired.cast_unsigned()))
}

fn write(
    db: &mut rusqlite::Connection,
    events: &[EdgeEvent],
    first: u64,
    committed: i64,
) -> rusqlite::Result<Appended> {
    let batch = db.transaction()?;
    let mut done = Appended::default();
    let mut next = first;
    for (index, event) in events.iter().enumerate() {
        let message = wire::event_to_proto(event);
        let body = message.encode_to_vec();
        if insert(&batch, event, &body, next, committed)? {
            let event = Some(message);
            let site = v1::SiteEvent { sequence: next, committed_unix_micros: committed, event };
            done.committed.push((index, site));
            next += 1;
        } else if holds_another(&batch, &event.id, &body)? {
            done.conflicts.push(index);
        } else {
            done.duplicates += 1;
        }
    }
    batch.commit()?;
    Ok(done)
}

/// False when the id is taken or was forgotten.
fn insert(
    batch: &Transaction<'_>,
    event: &EdgeEvent,
    body: &[u8],
    sequence: u64,
    committed: i64,
) -> rusqlite::Result<bool> {
    let id = &event.id;
    let mut statement = batch.prepare_cached(
        "INSERT INTO event (sequence, committed, camera, boot, number, kind, severity, body)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
         WHERE NOT EXISTS (SELECT 1 FROM forgotten WHERE camera = ?3 AND (boot, number) >= (?4, ?5))
         ON CONFLICT (camera, boot, number) DO NOTHING",
    )?;
    let rows = statement.execute(params![
        sequence.cast_signed(),
        committed,
        id.camera.as_str(),
        id.boot.0,
        id.sequence.cast_signed(),
        event.body.kind(),
        event.severity.to_wire(),
        body
    ])?;
    Ok(rows == 1)
}

fn holds_another(batch: &Transaction<'_>, id: &EventId, body: &[u8]) -> rusqlite::Result<bool> {
    let held: Option<bool> = batch
        .prepare_cached(
            "SELECT body <> ?4 FROM event WHERE camera = ?1 AND boot = ?2 AND number = ?3
             AND sequence > (SELECT max(through) FROM cleared)",
        )?
        .query_row(params![id.camera.as_str(), id.boot.0, id.sequence.cast_signed(), body], |row| row.get(0))
        .optional()?;
    // Of what was deleted nobody can say whether it was another.
    Ok(held.unwrap_or(false))
}

fn expire(
    db: &mut rusqlite::Connection,
    keep: Retention,
    now: i64,
    rows_max: u64,
    newest: u64,
) -> rusqlite::Result<u64> {
    let batch = db.transaction()?;
    let through: i64 = batch.query_row("SELECT through FROM expired", [], |row| row.get(0))?;
    let by_count = newest.saturating_sub(keep.events_max).cast_signed();
    let age = i64::try_from(keep.events.as_micros()).unwrap_or(i64::MAX);
    let last = through.saturating_add(rows_max.cast_signed());
    // Commit times ascend with the sequence, so the old ones are a prefix too.
    let by_age: i64 = batch
        .prepare_cached(
            "SELECT sequence FROM event WHERE sequence <= ?2 AND committed < ?1 ORDER BY sequence DESC LIMIT 1",
        )?
        .query_row(params![now.saturating_sub(age), last], |row| row.get(0))
        .optional()?
        .unwrap_or(through);
    let last = last.min(by_age.max(by_count));
    if last <= through {
        return Ok(0);
    }
    remember(&batch, last)?;
    let span = batch
        .prepare_cached("SELECT min(committed), max(committed) FROM event WHERE sequence <= ?1")?
        .query_row([last], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows = batch.prepare_cached("DELETE FROM event WHERE sequence <= ?1")?.execute([last])?;
    retention::receipt(&batch, Class::Events, now, rows, span)?;
    batch.execute("UPDATE expired SET through = ?1", [last])?;
    batch.commit()?;
    Ok(rows as u64)
}

fn remember(batch: &Transaction<'_>, last: i64) -> rusqlite::Result<()> {
    let mut newest_id = batch.prepare_cached(
        "SELECT boot, number FROM event WHERE camera = ?1 AND sequence <= ?2 ORDER BY boot DESC, number DESC LIMIT 1",
    )?;
    let mut cameras = batch.prepare_cached("SELECT camera FROM event WHERE sequence <= ?1")?;
    let cameras = cameras.query_map([last], |row| row.get::<_, String>(0))?.collect::<Result<BTreeSet<_>, _>>()?;
    for camera in cameras {
        let (boot, number): (u32, i64) =
            newest_id.query_row(params![camera, last], |row| Ok((row.get(0)?, row.get(1)?)))?;
        batch
            .prepare_cached(
                "INSERT INTO forgotten VALUES (?1, ?2, ?3) ON CONFLICT (camera) DO UPDATE
                 SET boot = excluded.boot, number = excluded.number
                 WHERE (excluded.boot, excluded.number) > (boot, number)",
            )?
            .execute(params![camera, boot, number])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
