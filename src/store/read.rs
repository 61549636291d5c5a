//! Reading the site's log on a connection of its own.

use std::path::{Path, PathBuf};

use prost::Message;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params, params_from_iter};

use super::retention::DELETED;
use super::{StoreError, file};
use crate::central::EventFilter;
use crate::event::Severity;
use crate::wire::{WireEnum, v1};

/// Most log positions one [`EventReader::read`] looks at, so that a filter that matches nothing cannot hold the reader.
const SCAN_MAX: u64 = 8_192;

/// One reading of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// What was found, ascending.
    pub events: Vec<v1::SiteEvent>,
    /// The first position not looked at; where the next reading starts.
    pub next: u64,
    /// The oldest sequence kept. Greater than the position asked for: what lies between has expired.
    pub oldest: u64,
}

/// The reading side of the log.
#[derive(Debug)]
pub struct EventReader {
    db: Connection,
    path: PathBuf,
}

impl EventReader {
    /// Opens the log that an [`EventStore`](super::EventStore) of this process holds.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be read.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { db: file::open_reader(path)?, path: path.to_owned() })
    }

    /// The connection, and the file it is of.
    pub(super) fn connection(&mut self) -> (&mut Connection, &Path) {
        (&mut self.db, &self.path)
    }

    /// At most `events_max` committed events from position `from` on that pass `filter`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read(&mut self, from: u64, filter: &EventFilter, events_max: usize) -> Result<Page, StoreError> {
        let path = &self.path;
        read(&mut self.db, from, filter, events_max).map_err(|e| StoreError::sqlite(path, &e))
    }

    /// The first position committed at `unix_micros` or later; the one after the newest when there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn position_at(&mut self, unix_micros: i64) -> Result<u64, StoreError> {
        let path = &self.path;
        position_at(&mut self.db, unix_micros).map_err(|e| StoreError::sqlite(path, &e))
    }
}

/// First position kept and first not yet written.
fn bounds(view: &Transaction<'_>) -> rusqlite::Result<(u64, u64)> {
    let through: i64 = view.prepare_cached("SELECT through FROM expired")?.query_row([], |row| row.get(0))?;
    let newest: Option<i64> =
        view.prepare_cached("SELECT max(sequence) FROM event")?.query_row([], |row| row.get(0))?;
    Ok((through.cast_unsigned() + 1, newest.unwrap_or(through).cast_unsigned() + 1))
}

fn read(db: &mut Connection, from: u64, filter: &EventFilter, events_max: usize) -> rusqlite::Result<Page> {
    let view = db.transaction()?;
    let (oldest, end) = bounds(&view)?;
    let start = from.max(oldest);
    let stop = end.min(start.saturating_add(SCAN_MAX));
    if start >= stop {
        return Ok(Page { events: Vec::new(), next: start, oldest });
    }
    let (condition, mut values) = condition(filter);
    values.extend([
        Value::Integer(start.cast_signed()),
        Value::Integer(stop.cast_signed()),
        Value::Integer(i64::try_from(events_max).unwrap_or(i64::MAX)),
    ]);
    let mut statement = view.prepare_cached(&format!(
        "SELECT sequence, committed, body FROM event
         WHERE {condition} sequence >= ? AND sequence < ? ORDER BY sequence LIMIT ?"
    ))?;
    let events = statement.query_map(params_from_iter(values), site_event)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let next = match events.last() {
        Some(last) if events.len() >= events_max => last.sequence + 1,
        _ => stop,
    };
    Ok(Page { events, next, oldest })
}

/// A row of sequence, commit time and body.
pub(super) fn site_event(row: &Row<'_>) -> rusqlite::Result<v1::SiteEvent> {
    let event = v1::Event::decode(row.get_ref(2)?.as_blob()?)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Blob, Box::new(e)))?;
    Ok(v1::SiteEvent {
        sequence: row.get::<_, i64>(0)?.cast_unsigned(),
        committed_unix_micros: row.get(1)?,
        event: Some(event),
    })
}

/// The filter as the beginning of a WHERE clause, with its values.
fn condition(filter: &EventFilter) -> (String, Vec<Value>) {
    let mut sql = format!("kind <> '{DELETED}' AND ");
    let mut values = Vec::new();
    let mut list = |column: &str, names: Vec<String>| {
        if !names.is_empty() {
            sql.push_str(&format!("{column} IN ({}) AND ", vec!["?"; names.len()].join(", ")));
            values.extend(names.into_iter().map(Value::Text));
        }
    };
    list("camera", filter.cameras.iter().map(|c| c.as_str().to_owned()).collect());
    list("kind", filter.kinds.iter().cloned().collect());
    if filter.severity_min > Severity::Info {
        sql.push_str("severity >= ? AND ");
        values.push(Value::Integer(i64::from(filter.severity_min.to_wire())));
    }
    (sql, values)
}

/// Commit times ascend with the sequence and sequences have no holes: a binary search over the primary key.
fn position_at(db: &mut Connection, unix_micros: i64) -> rusqlite::Result<u64> {
    let view = db.transaction()?;
    let (mut low, mut high) = bounds(&view)?;
    let mut committed = view.prepare_cached("SELECT committed FROM event WHERE sequence = ?1")?;
    while low < high {
        let middle = low + (high - low) / 2;
        let at: Option<i64> = committed.query_row(params![middle.cast_signed()], |row| row.get(0)).optional()?;
        if at.is_some_and(|at| at >= unix_micros) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}
