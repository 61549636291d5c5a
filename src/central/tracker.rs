//! What stands now at the site: which cameras see, and what is in view of each.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Inbox;
use super::companions::Companions;
use super::follow::Follows;
use super::luggage::Luggage;
use super::watch::{CENTRAL, Watch};
use crate::association::{AssociationSettings, Associator, FloorFix, IdentityChange, Sighting, Topology, TrackKey};
use crate::event::{EdgeEvent, EventBody, FloorPlace, Lifecycle, OfflineCause, SystemReport, TrackReport};
use crate::frame::ObjectClass;
use crate::ids::{BootId, CameraId, TrackId};
use crate::time::{CaptureTime, MediaTime};

/// Most cameras remembered; beyond it the one heard of longest ago is forgotten.
const CAMERAS_MAX: usize = 10_000;
/// Most open tracks of one camera; beyond it the lowest (oldest) id is forgotten.
const TRACKS_MAX: usize = 4_096;
/// Most events that wait for an earlier one.
const INBOX_MAX: usize = 65_536;

/// What stands at one camera.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CameraState {
    /// The newest run heard of.
    pub boot: BootId,
    /// `None` while it is online, else why it is not.
    pub offline: Option<OfflineCause>,
    /// Whether its view has lost its contrast.
    pub covered: bool,
    /// Tracks begun and not ended.
    pub open: BTreeSet<TrackId>,
    /// Newest capture time heard of.
    pub newest: CaptureTime,
}

/// The site's state machine.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct CentralTracker {
    inbox: Inbox,
    #[serde(skip)]
    due: Vec<EdgeEvent>,
    cameras: BTreeMap<CameraId, CameraState>,
    travellers: Associator,
    companions: Companions,
    luggage: Luggage,
    follows: Follows,
    watch: Watch,
    forgotten: u64,
}

impl CentralTracker {
    /// `lateness_micros`: how long arrival order does not matter. Nothing is known of how the cameras lie to each other.
    #[must_use]
    pub fn new(lateness_micros: i64) -> Self {
        Self::with_topology(lateness_micros, Topology::unknown())
    }

    /// The same for a site whose cameras' places and ways are known.
    #[must_use]
    pub fn with_topology(lateness_micros: i64, topology: Topology) -> Self {
        Self {
            inbox: Inbox::new(lateness_micros, INBOX_MAX),
            due: Vec::new(),
            cameras: BTreeMap::new(),
            travellers: Associator::new(AssociationSettings::default(), topology),
            companions: Companions::default(),
            luggage: Luggage::default(),
            follows: Follows::default(),
            watch: Watch::default(),
            forgotten: 0,
        }
    }

    /// Takes one committed event. What the centre told itself is nothing new to it.
    pub fn accept(&mut self, event: &EdgeEvent) {
        if event.id.camera.as_str() == CENTRAL {
            return;
        }
        let mut due = std::mem::take(&mut self.due);
        self.inbox.push(event.clone(), &mut due);
        for event in due.drain(..) {
            self.apply(&event);
        }
        self.due = due;
    }

    /// Each camera's state, as if everything that waits for earlier events were due now. What waits goes on waiting: a
    /// question must not change the order in which travellers are judged.
    #[must_use]
    pub fn overview(&self) -> BTreeMap<CameraId, CameraState> {
        let mut cameras = self.cameras.clone();
        let mut forgotten = 0;
        self.inbox.waiting().for_each(|event| note(&mut cameras, event, &mut forgotten));
        cameras
    }

    /// Takes everything that waits and decides every identity, as at the end of a recording.
    pub fn finish(&mut self) {
        let mut due = Vec::new();
        self.inbox.flush(&mut due);
        due.iter().for_each(|event| self.apply(event));
        self.travellers.finish();
    }

    /// The travellers.
    #[must_use]
    pub fn travellers(&self) -> &Associator {
        &self.travellers
    }

    /// The travellers, for operators' decisions.
    pub fn travellers_mut(&mut self) -> &mut Associator {
        &mut self.travellers
    }

    /// Each camera's state, without what waits for earlier events.
    #[must_use]
    pub fn cameras(&self) -> &BTreeMap<CameraId, CameraState> {
        &self.cameras
    }

    pub(super) fn companions(&self) -> &Companions {
        &self.companions
    }

    pub(super) fn luggage(&self) -> &Luggage {
        &self.luggage
    }

    pub(super) fn luggage_mut(&mut self) -> &mut Luggage {
        &mut self.luggage
    }

    /// Whom operators follow.
    #[must_use]
    pub fn follows(&self) -> &Follows {
        &self.follows
    }

    pub(super) fn follows_mut(&mut self) -> &mut Follows {
        &mut self.follows
    }

    pub(super) fn watch_mut(&mut self) -> &mut Watch {
        &mut self.watch
    }

    /// What is to be told of those who are followed, since the last call; the same, with the same names, when the same events
    /// are read again.
    pub fn take_told(&mut self) -> Vec<EdgeEvent> {
        self.watch.take()
    }

    /// It is `now`, UTC microseconds of the centre: whom operators follow until now is followed no longer.
    pub fn end_follows(&mut self, now: i64) -> bool {
        self.follows.advance(now)
    }

    /// The events that wait for earlier ones: with [`CentralTracker::wait_again`] they complete a tracker that was written down.
    pub fn waiting(&self) -> impl Iterator<Item = &EdgeEvent> {
        self.inbox.waiting()
    }

    /// Takes back an event that waited when this tracker was written down.
    pub fn wait_again(&mut self, event: EdgeEvent) {
        self.inbox.wait(event);
    }

    /// Numbers travellers from here on: greater than the position in the log of everything that went before, so that no
    /// number is given twice when what was remembered is lost.
    pub fn number_from(&mut self, number: u64) {
        self.travellers.number_from(number);
        self.luggage.number_from(number);
    }

    /// What was announced of tracks' identities since the last call.
    pub fn take_identity_changes(&mut self) -> Vec<IdentityChange> {
        self.travellers.take_changes()
    }

    /// Cameras and tracks forgotten because a bound was reached, and events that came too late to be in order.
    #[must_use]
    pub fn degraded(&self) -> (u64, u64) {
        (self.forgotten, self.inbox.late())
    }

    fn apply(&mut self, event: &EdgeEvent) {
        note(&mut self.cameras, event, &mut self.forgotten);
        self.forgotten += self.companions.note(event) + self.luggage.note(event);
        if let Some(sighting) = sighting(event) {
            self.travellers.accept(&sighting);
        }
        self.look_after(event.capture_time);
    }
}

/// What an event says of a person's track.
fn sighting(event: &EdgeEvent) -> Option<Sighting> {
    let (EventBody::Track(report), Some(track)) = (&event.body, event.track) else { return None };
    let TrackReport { class: ObjectClass::Person, since, age_s, floor, appearance, .. } = report else { return None };
    let floor = match *floor {
        FloorPlace::Available { x, y, covariance } => Some(FloorFix { x, y, covariance }),
        FloorPlace::Unavailable(_) => None,
    };
    Some(Sighting {
        key: TrackKey { camera: event.id.camera.clone(), boot: event.id.boot, track },
        at: event.capture_time,
        seen: since.after(MediaTime::from_seconds(*age_s)),
        phase: event.lifecycle,
        floor,
        appearance: appearance.clone(),
    })
}

/// Notes in `cameras` what an event says of its camera.
fn note(cameras: &mut BTreeMap<CameraId, CameraState>, event: &EdgeEvent, forgotten: &mut u64) {
    let state = cameras.entry(event.id.camera.clone()).or_insert_with(|| CameraState {
        boot: event.id.boot,
        offline: None,
        covered: false,
        open: BTreeSet::new(),
        newest: event.capture_time,
    });
    if event.id.boot < state.boot {
        return; // A run that is over cannot change what stands now.
    }
    if event.id.boot > state.boot {
        *state = CameraState { boot: event.id.boot, covered: false, open: BTreeSet::new(), offline: None, ..*state };
    }
    if event.capture_time.unix_micros > state.newest.unix_micros {
        state.newest = event.capture_time;
    }
    match &event.body {
        EventBody::Track(_) => {
            if let Some(track) = event.track {
                if matches!(event.lifecycle, Lifecycle::End | Lifecycle::Retracted) {
                    state.open.remove(&track);
                } else {
                    state.open.insert(track);
                }
            }
        }
        EventBody::System(SystemReport::CameraOnline { .. }) => state.offline = None,
        EventBody::System(SystemReport::CameraOffline { cause }) => {
            state.offline = Some(*cause);
            state.open.clear();
        }
        EventBody::System(SystemReport::CameraCovered) => state.covered = event.lifecycle != Lifecycle::End,
        EventBody::System(_) | EventBody::Behaviour(_) | EventBody::Vital(_) => {}
        EventBody::Screening(_) | EventBody::Absence(_) | EventBody::Bag(_) => {}
    }
    if state.open.len() > TRACKS_MAX {
        state.open.pop_first();
        *forgotten += 1;
    }
    forget_oldest_camera(cameras, forgotten);
}

fn forget_oldest_camera(cameras: &mut BTreeMap<CameraId, CameraState>, forgotten: &mut u64) {
    if cameras.len() <= CAMERAS_MAX {
        return;
    }
    let oldest = cameras.iter().min_by_key(|(id, s)| (s.newest.unix_micros, *id)).map(|(id, _)| id.clone());
    if let Some(id) = oldest {
        cameras.remove(&id);
        *forgotten += 1;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::event::{FloorPlace, Provenance, Severity, TraceContext, TrackReport};
    use crate::frame::ObjectClass;
    use crate::ids::EventId;
    use crate::time::MediaTime;
    use crate::units::{Estimate, Unavailable};

    pub(crate) fn event_at(camera: &str, boot: u32, sequence: u64, micros: i64, body: EventBody) -> EdgeEvent {
        EdgeEvent {
            id: EventId { camera: CameraId::new(camera).unwrap(), boot: BootId(boot), sequence },
            lifecycle: Lifecycle::New,
            severity: Severity::Info,
            capture_time: CaptureTime::exact(micros),
            media_time: MediaTime(micros * 1_000),
            frame: sequence,
            track: None,
            bbox: None,
            zone: None,
            reasons: Vec::new(),
            provenance: Arc::new(Provenance { models: String::new(), configuration: String::new() }),
            trace: TraceContext { trace: 1, span: 1 },
            body,
        }
    }

    pub(crate) fn offline_at(camera: &str, sequence: u64, micros: i64) -> EdgeEvent {
        let body = EventBody::System(SystemReport::CameraOffline { cause: OfflineCause::Stall });
        event_at(camera, 1, sequence, micros, body)
    }

    fn track_at(boot: u32, sequence: u64, micros: i64, track: u64, lifecycle: Lifecycle) -> EdgeEvent {
        let body = EventBody::Track(TrackReport {
            class: ObjectClass::Person,
            since: CaptureTime::exact(micros),
            age_s: 0.0,
            score: 1.0,
            speed: Estimate::Unavailable(Unavailable::TooShort),
            floor: FloorPlace::Unavailable(Unavailable::NotCalibrated),
            floor_speed: Estimate::Unavailable(Unavailable::NotCalibrated),
            carriers: Vec::new(),
            appearance: None,
        });
        EdgeEvent { track: Some(TrackId(track)), lifecycle, ..event_at("gate", boot, sequence, micros, body) }
    }

    fn in_view(events: &[EdgeEvent]) -> usize {
        let mut central = CentralTracker::new(1_000);
        events.iter().for_each(|e| central.accept(e));
        central.overview().values().map(|s| s.open.len()).sum()
    }

    #[test]
    fn tracks_are_in_view_until_they_end_or_their_camera_goes() {
        let (begin, end) = (track_at(1, 1, 10, 5, Lifecycle::New), track_at(1, 2, 20, 5, Lifecycle::End));
        let gone = offline_at("gate", 3, 30);
        for (events, expected) in [
            (vec![begin.clone()], 1),
            (vec![begin.clone(), end.clone()], 0),
            (vec![end, begin.clone()], 0),
            (vec![begin.clone(), gone], 0),
            (vec![begin.clone(), track_at(2, 1, 40, 1, Lifecycle::New)], 1),
            (vec![track_at(2, 1, 5, 1, Lifecycle::New), begin], 1),
        ] {
            assert_eq!(in_view(&events), expected, "{events:?}");
        }
    }
}
