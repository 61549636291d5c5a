//! Forgetting: what is kept for how long, and a receipt of everything deleted.
//!
//! Events go as a whole, the oldest first. Before that, what says most about a body goes out of them: the appearance vectors of
//! tracks, and readings of vital signs. Their places in the log stay, so that its numbers have no holes and nothing that is sent
//! again comes back. SQLite overwrites what is deleted (`secure_delete`).

use std::time::Duration;

use prost::Message;
use rusqlite::{OptionalExtension, Transaction, params};

use super::StoreError;
use super::events::EventStore;
use super::read::EventReader;
use crate::wire::v1;

/// Kind of an event whose content is deleted.
pub(super) const DELETED: &str = "deleted";
/// Receipts are added up by the hour, microseconds.
const HOUR: i64 = 3_600_000_000;
/// Most receipts kept; the oldest go first.
const RECEIPTS_MAX: i64 = 100_000;

/// How long what is kept; each class at least until this age, and no second longer than it takes to delete it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Events.
    pub events: Duration,
    /// Most events; the oldest go first.
    pub events_max: u64,
    /// Appearance vectors in the events of tracks.
    pub appearance: Duration,
    /// Readings of vital signs.
    pub vital_signs: Duration,
    /// Who did or saw what. Never shorter than the events, for these are read again with it.
    pub audit: Duration,
}

/// What is deleted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Whole events.
    Events,
    /// Appearance vectors.
    Appearance,
    /// Readings of vital signs.
    VitalSigns,
    /// Entries of the audit log.
    Audit,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Events, Self::Appearance, Self::VitalSigns, Self::Audit];

    /// Name as in the file and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Appearance => "appearance",
            Self::VitalSigns => "vital_signs",
            Self::Audit => "audit",
        }
    }
}

impl Retention {
    /// How long a class is kept.
    #[must_use]
    pub fn of(&self, class: Class) -> Duration {
        match class {
            Class::Events => self.events,
            Class::Appearance => self.appearance.min(self.events),
            Class::VitalSigns => self.vital_signs.min(self.events),
            Class::Audit => self.audit.max(self.events),
        }
    }

    fn until(&self, class: Class, now: i64) -> i64 {
        now.saturating_sub(i64::try_from(self.of(class).as_micros()).unwrap_or(i64::MAX))
    }
}

/// That something was deleted: what, in which hour, how much, and how old it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What.
    pub class: String,
    /// Beginning of the hour in which it was deleted, UTC microseconds.
    pub hour: i64,
    /// How many.
    pub count: u64,
    /// When the oldest of it was committed, ...
    pub oldest: i64,
    /// ... and the newest.
    pub newest: i64,
}

impl EventStore {
    /// Deletes appearance vectors, readings and audit entries that are old enough, of at most `rows_max` rows each; how many
    /// rows were looked through. Call it again while that is `rows_max` or more.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is deleted then.
    pub fn clear(&mut self, keep: Retention, now: i64, rows_max: u64) -> Result<u64, StoreError> {
        let (db, path) = self.connection();
        let mut cleared = || {
            let batch = db.transaction()?;
            let mut looked = 0;
            for class in [Class::Appearance, Class::VitalSigns] {
                looked += clear(&batch, class, keep.until(class, now), (now, rows_max))?;
            }
            looked += clear_audit(&batch, keep.until(Class::Audit, now), (now, rows_max))?;
            batch.commit()?;
            Ok(looked)
        };
        cleared().map_err(|e| StoreError::sqlite(path, &e))
    }

    /// The last position out of which anything is deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn cleared(&mut self) -> Result<u64, StoreError> {
        let (db, path) = self.connection();
        let through: rusqlite::Result<i64> = db.query_row("SELECT max(through) FROM cleared", [], |row| row.get(0));
        through.map(i64::cast_unsigned).map_err(|e| StoreError::sqlite(path, &e))
    }
}

impl EventReader {
    /// At most `limit` receipts, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn receipts(&mut self, limit: usize) -> Result<Vec<Receipt>, StoreError> {
        let (db, path) = self.connection();
        let read = || {
            db.prepare_cached("SELECT * FROM receipt ORDER BY hour DESC, class LIMIT ?1")?
                .query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
                    Ok(Receipt {
                        class: row.get("class")?,
                        hour: row.get("hour")?,
                        count: row.get::<_, i64>("count")?.cast_unsigned(),
                        oldest: row.get("oldest")?,
                        newest: row.get("newest")?,
                    })
                })?
                .collect::<rusqlite::Result<Vec<Receipt>>>()
        };
        read().map_err(|e| StoreError::sqlite(path, &e))
    }

    /// When the oldest of what is kept of a class was committed; `None` where nothing is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn oldest(&mut self, class: Class) -> Result<Option<i64>, StoreError> {
        let (db, path) = self.connection();
        let after = |class| format!("sequence > (SELECT through FROM cleared WHERE class = '{class}')");
        let sql = match class {
            Class::Events => "SELECT committed FROM event ORDER BY sequence LIMIT 1".to_owned(),
            Class::Appearance => format!(
                "SELECT committed FROM event WHERE kind = 'track' AND {} ORDER BY sequence LIMIT 1",
                after("appearance")
            ),
            Class::VitalSigns => format!(
                "SELECT committed FROM event WHERE kind = 'vital_sign' AND {} ORDER BY sequence LIMIT 1",
                after("vital_signs")
            ),
            Class::Audit => "SELECT at FROM audit ORDER BY number LIMIT 1".to_owned(),
        };
        let oldest = db.query_row(&sql, [], |row| row.get(0)).optional();
        oldest.map_err(|e| StoreError::sqlite(path, &e))
    }
}

/// Writes down that `count` of a class, committed from `span.0` to `span.1`, are deleted.
pub(super) fn receipt(
    batch: &Transaction<'_>,
    class: Class,
    now: i64,
    count: usize,
    span: (i64, i64),
) -> rusqlite::Result<()> {
    batch
        .prepare_cached(
            "INSERT INTO receipt VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (class, hour) DO UPDATE SET
             count = count + excluded.count, oldest = min(oldest, excluded.oldest), newest = max(newest, excluded.newest)",
        )?
        .execute(params![class.as_str(), now - now.rem_euclid(HOUR), count.cast_signed() as i64, span.0, span.1])?;
    batch
        .prepare_cached(
            "DELETE FROM receipt WHERE hour < (SELECT hour FROM receipt ORDER BY hour DESC LIMIT 1 OFFSET ?1)",
        )?
        .execute([RECEIPTS_MAX])?;
    Ok(())
}

/// One step through the log; how many rows were looked through.
fn clear(batch: &Transaction<'_>, class: Class, until: i64, (now, rows_max): (i64, u64)) -> rusqlite::Result<u64> {
    let expired: i64 = batch.prepare_cached("SELECT through FROM expired")?.query_row([], |row| row.get(0))?;
    let through: i64 = batch
        .prepare_cached("SELECT through FROM cleared WHERE class = ?1")?
        .query_row([class.as_str()], |row| row.get(0))?;
    let through = through.max(expired);
    // Commit times ascend with the sequence.
    let last: Option<i64> = batch
        .prepare_cached(
            "SELECT sequence FROM event WHERE sequence > ?1 AND sequence <= ?2 AND committed < ?3
             ORDER BY sequence DESC LIMIT 1",
        )?
        .query_row(params![through, through.saturating_add(rows_max.cast_signed()), until], |row| row.get(0))
        .optional()?;
    let Some(last) = last else { return Ok(0) };
    let gone = match class {
        Class::Appearance => strip_appearance(batch, through, last)?,
        _ => delete_readings(batch, through, last)?,
    };
    if let (Some(first), Some(newest)) = (gone.first(), gone.last()) {
        receipt(batch, class, now, gone.len(), (*first, *newest))?;
    }
    batch.prepare_cached("UPDATE cleared SET through = ?2 WHERE class = ?1")?.execute(params![class.as_str(), last])?;
    Ok((last - through).cast_unsigned())
}

/// Takes the vectors out of the events after `from` through `to`; when these were committed.
fn strip_appearance(batch: &Transaction<'_>, from: i64, to: i64) -> rusqlite::Result<Vec<i64>> {
    let mut tracks = batch.prepare_cached(
        "SELECT sequence, committed, body FROM event
         WHERE sequence > ?1 AND sequence <= ?2 AND kind = 'track' ORDER BY sequence",
    )?;
    let mut update = batch.prepare_cached("UPDATE event SET body = ?2 WHERE sequence = ?1")?;
    let mut rows = tracks.query([from, to])?;
    let mut gone = Vec::new();
    while let Some(row) = rows.next()? {
        let message = super::read::site_event(row)?;
        let Some(mut event) = message.event else { continue };
        let Some(v1::event::Body::TrackReport(report)) = &mut event.body else { continue };
        if report.appearance.take().is_some() {
            update.execute(params![message.sequence.cast_signed(), event.encode_to_vec()])?;
            gone.push(message.committed_unix_micros);
        }
    }
    Ok(gone)
}

/// Leaves nothing of the readings after `from` through `to` but their place; when these were committed.
fn delete_readings(batch: &Transaction<'_>, from: i64, to: i64) -> rusqlite::Result<Vec<i64>> {
    batch
        .prepare_cached(
            "UPDATE event SET kind = ?3, body = x'' WHERE sequence > ?1 AND sequence <= ?2 AND kind = 'vital_sign'
             RETURNING committed",
        )?
        .query_map(params![from, to, DELETED], |row| row.get(0))?
        .collect()
}

fn clear_audit(batch: &Transaction<'_>, until: i64, (now, rows_max): (i64, u64)) -> rusqlite::Result<u64> {
    let rows_max = i64::try_from(rows_max).unwrap_or(i64::MAX);
    let mut oldest = batch.prepare_cached("SELECT number, at FROM audit ORDER BY number LIMIT ?1")?;
    let oldest: Vec<(i64, i64)> =
        oldest.query_map([rows_max], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let gone: Vec<_> = oldest.into_iter().take_while(|(_, at)| *at < until).collect();
    let (Some(first), Some(last)) = (gone.first(), gone.last()) else { return Ok(0) };
    batch.prepare_cached("DELETE FROM audit WHERE number <= ?1")?.execute([last.0])?;
    receipt(batch, Class::Audit, now, gone.len(), (first.1, last.1))?;
    Ok(gone.len() as u64)
}

#[cfg(test)]
mod tests;
