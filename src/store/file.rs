//! Opening a store's file: lock, schema, settings of the connection.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// How long a connection waits for the other one of its own process (a checkpoint under way).
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// What a file must be to be opened.
pub(super) struct Format {
    /// For messages: "an event store".
    pub name: &'static str,
    /// SQLite's `application_id`.
    pub application: i32,
    /// Schemas in order: statement batch `n` leads from schema `n` to `n + 1`.
    pub migrations: &'static [&'static str],
}

impl Format {
    fn schema(&self) -> i32 {
        i32::try_from(self.migrations.len()).unwrap_or(i32::MAX)
    }
}

/// The writing connection with its lock.
#[derive(Debug)]
pub(super) struct Opened {
    pub db: Connection,
    pub path: PathBuf,
    // Held as long as the connection; the system releases it when the process dies.
    _lock: File,
}

impl Opened {
    /// Opens or creates `path` as a `format`.
    pub fn open(path: &Path, format: &Format) -> Result<Self, StoreError> {
        let fault = |e: rusqlite::Error| StoreError::sqlite(path, &e);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| StoreError::io(folder, &e))?;
        }
        create_private(path)?;
        let mut db = Connection::open(path).map_err(fault)?;
        // Before the lock, so that nothing is put beside a file of somebody else; and behind it, when it cannot change.
        identify(&db, path, format)?;
        let lock = lock(path)?;
        let found = identify(&db, path, format)?;
        configure(&db).map_err(fault)?;
        migrate(&mut db, found, format).map_err(fault)?;
        Ok(Self { db, path: path.to_owned(), _lock: lock })
    }

    /// Sorts an error of this file.
    pub fn fault(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::sqlite(&self.path, error)
    }
}

/// A second, reading connection to a file that [`Opened`] holds.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let fault = |e: rusqlite::Error| StoreError::sqlite(path, &e);
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(fault)?;
    db.busy_timeout(BUSY_WAIT).map_err(fault)?;
    Ok(db)
}

/// Events are about people: a new file is for its owner alone. SQLite gives its side files the same mode.
fn create_private(path: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(StoreError::io(path, &error)),
        _ => Ok(()),
    }
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let beside = PathBuf::from(name);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&beside)
        .map_err(|e| StoreError::io(&beside, &e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(e)) => Err(StoreError::io(&beside, &e)),
    }
}

fn configure(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(BUSY_WAIT)?;
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    // What is deleted is overwritten, not only unlinked.
    db.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    db.set_prepared_statement_cache_capacity(32);
    Ok(())
}

/// The file's schema, 0 for a fresh file. Reads only: a file of somebody else is left as it is.
fn identify(db: &Connection, path: &Path, format: &Format) -> Result<i32, StoreError> {
    let fault = |e: rusqlite::Error| StoreError::sqlite(path, &e);
    let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).map_err(fault);
    let (found, application) = (number("user_version")?, number("application_id")?);
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(fault)?;
    let fresh = tables == 0 && found == 0 && application == 0;
    if !fresh && application != format.application {
        return Err(StoreError::Foreign { path: path.to_owned(), wanted: format.name });
    }
    let known = format.schema();
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(found)
}

fn migrate(db: &mut Connection, found: i32, format: &Format) -> rusqlite::Result<()> {
    let missing = &format.migrations[usize::try_from(found).unwrap_or(0)..];
    if missing.is_empty() {
        return Ok(());
    }
    let step = db.transaction()?;
    for statements in missing {
        step.execute_batch(statements)?;
    }
    step.pragma_update(None, "application_id", format.application)?;
    step.pragma_update(None, "user_version", format.schema())?;
    step.commit()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const TOY: Format =
        Format { name: "a toy", application: 7, migrations: &["CREATE TABLE a (x);", "CREATE TABLE b (x);"] };

    #[test]
    fn a_file_is_opened_once_and_its_schema_is_brought_forward() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deeper/toy.db");
        let older = Format { migrations: &TOY.migrations[..1], ..TOY };
        drop(Opened::open(&path, &older).unwrap());
        let open = Opened::open(&path, &TOY).unwrap();
        open.db.execute_batch("INSERT INTO a VALUES (1); INSERT INTO b VALUES (1);").unwrap();
        assert!(matches!(Opened::open(&path, &TOY), Err(StoreError::InUse { .. })));
        for file in std::fs::read_dir(path.parent().unwrap()).unwrap().map(Result::unwrap) {
            let mode = file.metadata().unwrap().permissions().mode() & 0o777;
            assert!(mode == 0o600 || file.path().extension().is_some_and(|e| e == "lock"), "{file:?}: {mode:o}");
        }
        drop(open);
        let error = Opened::open(&path, &older).unwrap_err();
        assert!(matches!(error, StoreError::Newer { found: 2, known: 1, .. }), "{error}");
        assert!(error.to_string().contains("toy.db"), "{error}");
    }

    #[test]
    fn files_of_others_are_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("notes.txt");
        let content =
            "not a database, but long enough to have a header of a hundred bytes, which SQLite wants ".repeat(3);
        std::fs::write(&text, &content).unwrap();
        assert!(matches!(Opened::open(&text, &TOY), Err(StoreError::Corrupt { .. })));
        assert_eq!(std::fs::read_to_string(&text).unwrap(), content);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "something was left beside it");

        let other = folder.path().join("other.db");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE mine (x);").unwrap();
        let error = Opened::open(&other, &TOY).unwrap_err();
        assert!(matches!(error, StoreError::Foreign { wanted: "a toy", .. }), "{error}");
        assert!(Opened::open(Path::new("/proc/nowhere/x.db"), &TOY).is_err());
    }
}
