//! Where the site's cameras look, within the log: as edges told it, kept beside the events; and who looks through them.

use std::collections::BTreeMap;
use std::time::Duration;

use prost::Message;

use super::alerts::audited;
use crate::association::Topology;
use crate::central::alert::Look;
use crate::edge::CameraLayout;
use crate::event::{EdgeEvent, EventBody, SystemReport};
use crate::ids::CameraId;
use crate::rpc::{ActFault, Fault, Plan, PlanCall};
use crate::store::{AuditEntry, EventStore, StoreError};
use crate::time::Now;
use crate::wire::layout_to_proto;

/// Most bytes of all layouts, as they are sent: they fit into one message.
const BYTES_MAX: usize = 768 << 10;
/// Whoever has not asked for so long begins to look anew.
const LOOK_PAUSE: Duration = Duration::from_secs(60);
/// Whoever goes on looking is written down again after this.
const LOOK_AGAIN: Duration = Duration::from_secs(600);
/// Most who look at once; beyond it the one who asked longest ago is forgotten, and is written down sooner again.
const LOOKS_MAX: usize = 1_024;

/// Layouts by camera, and who looks.
#[derive(Debug)]
pub(super) struct Layouts {
    kept: BTreeMap<CameraId, CameraLayout>,
    looks: BTreeMap<(CameraId, String), Looking>,
}

/// Somebody who looks through a camera.
#[derive(Debug, Clone, Copy)]
struct Looking {
    asked: Now,
    written: Now,
}

impl Layouts {
    /// As they are kept.
    pub fn open(store: &mut EventStore) -> Result<Self, StoreError> {
        let kept = store.layouts()?.into_iter().map(|layout| (layout.camera.clone(), layout)).collect();
        Ok(Self { kept, looks: BTreeMap::new() })
    }

    /// Answers a question or does what is asked. Whoever asked may have left meanwhile and then wants no answer.
    pub fn answer(&mut self, store: &mut EventStore, topology: &Topology, at: (Now, i64), call: PlanCall) {
        match call {
            PlanCall::Get(reply) => {
                let layouts = self.kept.values().cloned().collect();
                let _ = reply.send(Plan { layouts, topology: topology.clone() });
            }
            PlanCall::Describe { layouts, reply } => {
                let _ = reply.send(self.describe(store, layouts));
            }
            PlanCall::Look { camera, operator, reply } => {
                let _ = reply.send(self.look(store, at, camera, operator));
            }
        }
    }

    /// Keeps what is new in it; names that found no place.
    fn describe(&mut self, store: &mut EventStore, layouts: Vec<CameraLayout>) -> Result<Vec<CameraId>, Fault> {
        let (mut fresh, mut beyond) = (Vec::new(), Vec::new());
        let size = |layout: &CameraLayout| layout_to_proto(layout).encoded_len();
        let mut bytes: usize = self.kept.values().map(size).sum();
        for layout in layouts {
            let known = self.kept.get(&layout.camera);
            // An edge that starts does not know yet how large its pictures are.
            let layout = CameraLayout { size: layout.size.or(known.and_then(|known| known.size)), ..layout };
            if known == Some(&layout) {
                continue;
            }
            let after = bytes - known.map_or(0, size) + size(&layout);
            if after > BYTES_MAX {
                beyond.push(layout.camera);
            } else {
                bytes = after;
                fresh.push(layout);
            }
        }
        self.keep(store, fresh)?;
        Ok(beyond)
    }

    /// Learns from an event how large a camera's pictures are.
    pub fn note(&mut self, store: &mut EventStore, event: &EdgeEvent) {
        let EventBody::System(report) = &event.body else { return };
        let size = match *report {
            SystemReport::CameraOnline { width, height } | SystemReport::ResolutionChanged { width, height } => {
                Some((width, height))
            }
            _ => None,
        };
        let Some(known) = self.kept.get(&event.id.camera) else { return };
        if size.is_none() || known.size == size {
            return;
        }
        let layout = CameraLayout { size, ..known.clone() };
        let kept = match layout.check() {
            Ok(()) => self.keep(store, vec![layout]).map_err(|fault| fault.0),
            Err(error) => Err(error.to_string()),
        };
        if let Err(why) = kept {
            tracing::warn!(camera = %event.id.camera, %why, "the size of its pictures is not kept");
        }
    }

    fn keep(&mut self, store: &mut EventStore, layouts: Vec<CameraLayout>) -> Result<(), Fault> {
        if layouts.is_empty() {
            return Ok(());
        }
        store.keep_layouts(&layouts).map_err(|error| {
            tracing::error!(%error, "layouts of cameras cannot be kept");
            Fault(format!("the store takes nothing: {error}"))
        })?;
        self.kept.extend(layouts.into_iter().map(|layout| (layout.camera.clone(), layout)));
        Ok(())
    }

    /// Writes down who looks, when they begin to and now and then.
    fn look(
        &mut self,
        store: &mut EventStore,
        (now, at): (Now, i64),
        camera: CameraId,
        operator: String,
    ) -> Result<(), ActFault> {
        let look = Look { alert: 0, operator, purpose: String::new(), faces: false };
        look.check()?;
        let name = (camera, look.operator);
        let known = self.looks.get(&name).copied();
        let goes_on = known.filter(|k| now.since(k.asked) < LOOK_PAUSE && now.since(k.written) < LOOK_AGAIN);
        let written = match goes_on {
            Some(known) => known.written,
            None => {
                let entry = AuditEntry {
                    at,
                    operator: name.1.clone(),
                    action: "preview".to_owned(),
                    text: name.0.as_str().to_owned(),
                    ..AuditEntry::default()
                };
                audited(store, &entry)?;
                now
            }
        };
        self.looks.insert(name, Looking { asked: now, written });
        if self.looks.len() > LOOKS_MAX {
            let oldest = self.looks.iter().min_by_key(|(_, looking)| looking.asked).map(|(name, _)| name.clone());
            oldest.and_then(|name| self.looks.remove(&name));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::EventReader;

    fn layout(camera: &str, words: usize) -> CameraLayout {
        CameraLayout {
            camera: CameraId::new(camera).unwrap(),
            purpose: "x".repeat(words),
            lane: false,
            size: None,
            homography: None,
            zones: Vec::new(),
            lines: Vec::new(),
            masks: Vec::new(),
            models: vec!["m".repeat(100); 16],
            simulated_bags: false,
        }
    }

    #[test]
    fn who_looks_is_written_down_once_and_again_after_a_pause() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.sqlite");
        let mut store = EventStore::open(&path).unwrap();
        let mut layouts = Layouts::open(&mut store).unwrap();
        let mut look = |second: u64, operator: &str| {
            let camera = CameraId::new("hall").unwrap();
            layouts.look(&mut store, (Now(Duration::from_secs(second)), 7), camera, operator.to_owned())
        };
        // Every second for 11 minutes, then after a pause; somebody else in between.
        (0..660).for_each(|second| look(second, "kim").unwrap());
        look(700, "lee").unwrap();
        look(800, "kim").unwrap();
        assert!(look(801, " ").is_err());
        let entries = EventReader::open(&path).unwrap().audit_before(u64::MAX, 9).unwrap();
        let told: Vec<_> =
            entries.iter().rev().map(|e| (e.operator.as_str(), e.action.as_str(), e.text.as_str())).collect();
        let (kim, lee) = (("kim", "preview", "hall"), ("lee", "preview", "hall"));
        assert_eq!(told, [kim, kim, lee, kim]);
    }

    #[test]
    fn all_layouts_fit_into_one_message_and_what_does_not_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.sqlite");
        let mut store = EventStore::open(&path).unwrap();
        let mut layouts = Layouts::open(&mut store).unwrap();
        let many: Vec<_> = (0..400).map(|n| layout(&format!("c{n:03}"), 500)).collect();
        let beyond = layouts.describe(&mut store, many).unwrap();
        let bytes: usize = layouts.kept.values().map(|l| layout_to_proto(l).encoded_len()).sum();
        assert!(bytes <= BYTES_MAX && beyond.len() + layouts.kept.len() == 400 && !beyond.is_empty());
        // What is known may change, and is found again.
        let smaller = CameraLayout { size: Some((640, 480)), ..layout("c000", 9) };
        assert_eq!(layouts.describe(&mut store, vec![smaller.clone()]).unwrap(), []);
        assert_eq!(layouts.describe(&mut store, vec![layout("c000", 9)]).unwrap(), []);
        assert_eq!(
            Layouts::open(&mut store).unwrap().kept.get(&smaller.camera),
            Some(&smaller),
            "its size is remembered"
        );
    }
}
