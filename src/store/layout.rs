//! The newest layout of each camera, as its edge told it: kept beside the log, which forgets.

use prost::Message;
use rusqlite::params;

use super::StoreError;
use super::events::EventStore;
use crate::edge::CameraLayout;
use crate::wire::{layout_from_proto, layout_to_proto, v1};

impl EventStore {
    /// Keeps each camera's layout in place of the one before; all are on the disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; nothing has changed then.
    pub fn keep_layouts(&mut self, layouts: &[CameraLayout]) -> Result<(), StoreError> {
        let (db, path) = self.connection();
        let mut keep = || {
            let batch = db.transaction()?;
            for layout in layouts {
                let body = layout_to_proto(layout).encode_to_vec();
                batch
                    .prepare_cached("INSERT OR REPLACE INTO layout (camera, body) VALUES (?1, ?2)")?
                    .execute(params![layout.camera.as_str(), body])?;
            }
            batch.commit()
        };
        keep().map_err(|e| StoreError::sqlite(path, &e))
    }

    /// All that are kept, by name. One that this version cannot read is left out: its edge tells it again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn layouts(&mut self) -> Result<Vec<CameraLayout>, StoreError> {
        let (db, path) = self.connection();
        let read = || {
            let mut all = db.prepare("SELECT body FROM layout ORDER BY camera")?;
            let bodies = all.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
            bodies.collect::<Result<Vec<_>, _>>()
        };
        let bodies = read().map_err(|e| StoreError::sqlite(path, &e))?;
        let layout = |body: &Vec<u8>| layout_from_proto(v1::CameraLayout::decode(body.as_slice()).ok()?).ok();
        Ok(bodies.iter().filter_map(layout).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CameraId;

    #[test]
    fn the_newest_of_each_camera_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.sqlite");
        let layout = |camera: &str, purpose: &str| CameraLayout {
            camera: CameraId::new(camera).unwrap(),
            purpose: purpose.to_owned(),
            lane: false,
            size: None,
            homography: None,
            zones: Vec::new(),
            lines: Vec::new(),
            masks: Vec::new(),
            models: Vec::new(),
            simulated_bags: true,
        };
        {
            let mut store = EventStore::open(&path).unwrap();
            store.keep_layouts(&[layout("b", "old"), layout("a", "other")]).unwrap();
            store.keep_layouts(&[layout("b", "new")]).unwrap();
            store.connection().0.execute("INSERT INTO layout VALUES ('c', x'ff')", []).unwrap();
        }
        let mut store = EventStore::open(&path).unwrap();
        assert_eq!(store.layouts().unwrap(), [layout("a", "other"), layout("b", "new")]);
    }
}
