//! The way from the cameras to the centre, rehearsed on virtual time with every fault that networks and processes have.
//!
//! Each camera's edge keeps what is not acknowledged and sends it again; the centre commits what it gets once, and answers.
//! Between them messages are lost, late, doubled and in another order, cameras are cut off for a while, and the
//! centre dies and begins again from its log. What must hold whatever happens is in [`Rehearsal::invariants`].

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::str::FromStr;
use std::sync::Arc;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use super::tracker::CentralTracker;
use crate::association::{IdentityChange, Sighting, Topology};
use crate::event::{EdgeEvent, EventBody, FloorPlace, Provenance, Severity, TraceContext, TrackReport};
use crate::frame::ObjectClass;
use crate::ids::EventId;
use crate::time::MediaTime;
use crate::units::{Estimate, Unavailable};

/// An event that is not acknowledged is sent again after this long, microseconds.
const AGAIN_MICROS: i64 = 5_000_000;
/// What a message takes without faults, microseconds.
const WAY_MICROS: i64 = 20_000;
/// How long arrival order must not matter: longer than any fault of a rehearsal lasts, microseconds.
const LATENESS_MICROS: i64 = 120_000_000;
/// How long a partition lasts, microseconds.
const PARTITION_MICROS: i64 = 45_000_000;

/// What goes wrong. Shares are of messages, 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Faults {
    /// Lost on the way, either way.
    pub lost: f64,
    /// Mean extra delay in seconds; that alone changes the order of messages.
    pub delay_s: f64,
    /// Delivered twice.
    pub doubled: f64,
    /// How often an hour each camera is cut off.
    pub partitions_per_hour: f64,
    /// How often an hour the centre dies.
    pub restarts_per_hour: f64,
}

/// A name that is no fault's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of none, drop, delay, duplicate, reorder, partition, restart, clock, outage, all")]
pub struct UnknownFault(String);

impl FromStr for Faults {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        let none = Self::default();
        Ok(match name {
            "none" => none,
            "drop" => Self { lost: 0.2, ..none },
            "delay" => Self { delay_s: 4.0, ..none },
            "duplicate" => Self { doubled: 0.3, ..none },
            "reorder" => Self { delay_s: 1.0, ..none },
            "partition" => Self { partitions_per_hour: 4.0, ..none },
            "restart" => Self { restarts_per_hour: 12.0, ..none },
            "all" => Self { lost: 0.1, delay_s: 1.0, doubled: 0.1, partitions_per_hour: 2.0, restarts_per_hour: 6.0 },
            other => return Err(UnknownFault(other.to_owned())),
        })
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsal {
    /// SHA-256 over every announced identity, in order, as hexadecimal.
    pub digest: String,
    /// Events that the cameras reported.
    pub reported: usize,
    /// Messages that arrived for events already committed.
    pub repeated: u64,
    /// Times the centre began again.
    pub restarts: u64,
    /// Events that came too late to be in order.
    pub late: u64,
    /// Most presences in memory.
    pub presences: usize,
    /// What must hold, by name, and whether it did.
    pub invariants: Vec<(&'static str, bool)>,
}

impl Rehearsal {
    /// Whether everything held that must hold.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.invariants.iter().all(|(_, holds)| *holds)
    }
}

/// What happens at a moment, in this order where several happen at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    /// The edge sends event number so.
    Send(usize),
    /// It reaches the centre.
    Arrive(usize),
    /// The acknowledgement reaches the edge.
    Acknowledge(usize),
    /// The centre dies and begins again.
    Restart,
}

/// Plays the reports of a recording through a faulty network into a centre, and once without faults for comparison.
#[must_use]
pub fn rehearse(sightings: &[Sighting], topology: &Topology, faults: Faults, seed: u64) -> Rehearsal {
    let events = events(sightings);
    let calm = Stage::new(&events, topology, Faults::default(), seed).play();
    let rough = Stage::new(&events, topology, faults, seed).play();
    let committed: BTreeSet<&EventId> = rough.log.iter().map(|index| &events[*index].id).collect();
    let once = rough.log.len() == events.len() && committed.len() == events.len();
    let bound = rough.centre.travellers().settings().presences_max;
    let mut replayed = CentralTracker::with_topology(LATENESS_MICROS, topology.clone());
    rough.log.iter().for_each(|index| replayed.accept(&events[*index]));
    let replayed = digest(&finish(&mut replayed));
    let digest = digest(&rough.changes);
    let invariants = vec![
        ("exactly-once", once),
        ("order-independent", digest == self::digest(&calm.changes)),
        ("replay-digest", digest == replayed),
        ("no-double-presence", rough.centre.travellers().double_presences() == 0),
        ("bounded-memory", rough.presences <= bound),
    ];
    Rehearsal {
        digest,
        reported: events.len(),
        repeated: rough.repeated,
        restarts: rough.restarts,
        late: rough.centre.degraded().1,
        presences: rough.presences,
        invariants,
    }
}

fn finish(centre: &mut CentralTracker) -> Vec<IdentityChange> {
    centre.finish();
    centre.take_identity_changes()
}

fn digest(changes: &[IdentityChange]) -> String {
    let mut sha = Sha256::new();
    for change in changes {
        sha.update(format!("{change:?}\n"));
    }
    sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the edges would send, numbered by camera.
pub(crate) fn events(sightings: &[Sighting]) -> Vec<EdgeEvent> {
    let provenance = Arc::new(Provenance { models: String::new(), configuration: String::new() });
    let mut numbers = std::collections::BTreeMap::new();
    let event = |sighting: &Sighting| {
        let number: &mut u64 = numbers.entry(sighting.key.camera.clone()).or_default();
        *number += 1;
        let floor = sighting.floor.map_or(FloorPlace::Unavailable(Unavailable::NotCalibrated), |fix| {
            FloorPlace::Available { x: fix.x, y: fix.y, covariance: fix.covariance }
        });
        let body = EventBody::Track(TrackReport {
            class: ObjectClass::Person,
            since: sighting.seen,
            age_s: 0.0,
            score: 1.0,
            speed: Estimate::Unavailable(Unavailable::TooShort),
            floor,
            floor_speed: Estimate::Unavailable(Unavailable::TooShort),
            carriers: Vec::new(),
            appearance: sighting.appearance.clone(),
        });
        EdgeEvent {
            id: EventId { camera: sighting.key.camera.clone(), boot: sighting.key.boot, sequence: *number },
            lifecycle: sighting.phase,
            severity: Severity::Info,
            capture_time: sighting.at,
            media_time: MediaTime(0),
            frame: *number,
            track: Some(sighting.key.track),
            bbox: None,
            zone: None,
            reasons: Vec::new(),
            provenance: Arc::clone(&provenance),
            trace: TraceContext { trace: 1, span: 1 },
            body,
        }
    };
    sightings.iter().map(event).collect()
}

/// One performance.
struct Stage<'a> {
    events: &'a [EdgeEvent],
    topology: &'a Topology,
    faults: Faults,
    rng: ChaCha8Rng,
    agenda: BinaryHeap<Reverse<(i64, Moment)>>,
    acknowledged: Vec<bool>,
    known: BTreeSet<&'a EventId>,
    /// What is committed, in order: what survives the centre.
    log: Vec<usize>,
    centre: CentralTracker,
    changes: Vec<IdentityChange>,
    cut: Vec<(usize, i64)>,
    repeated: u64,
    restarts: u64,
    presences: usize,
}

impl<'a> Stage<'a> {
    fn new(events: &'a [EdgeEvent], topology: &'a Topology, faults: Faults, seed: u64) -> Self {
        let mut agenda: BinaryHeap<Reverse<(i64, Moment)>> = BinaryHeap::new();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for (index, event) in events.iter().enumerate() {
            agenda.push(Reverse((event.capture_time.unix_micros, Moment::Send(index))));
        }
        let times = events.iter().map(|event| event.capture_time.unix_micros);
        let (first, last) = (times.clone().min().unwrap_or(0), times.max().unwrap_or(0));
        let hours = (last - first) as f64 / 3.6e9;
        let many = |rate: f64| (rate * hours).ceil() as usize;
        for _ in 0..many(faults.restarts_per_hour) {
            agenda.push(Reverse((rng.random_range(first..=last), Moment::Restart)));
        }
        // A cut begins with an event and holds for that event's camera.
        let cuts = if events.is_empty() { 0 } else { many(faults.partitions_per_hour * 12.0) };
        let mut cut: Vec<(usize, i64)> = Vec::new();
        for index in (0..cuts).map(|_| rng.random_range(0..events.len())) {
            let from = events[index].capture_time.unix_micros;
            // Two cuts in a row would last longer than the window in which order must not matter.
            let near = |(other, at): &(usize, i64)| {
                events[*other].id.camera == events[index].id.camera && (at - from).abs() < 2 * LATENESS_MICROS
            };
            if !cut.iter().any(near) {
                cut.push((index, from));
            }
        }
        Self {
            cut,
            events,
            topology,
            faults,
            rng,
            agenda,
            acknowledged: vec![false; events.len()],
            known: BTreeSet::new(),
            log: Vec::new(),
            centre: CentralTracker::with_topology(LATENESS_MICROS, topology.clone()),
            changes: Vec::new(),
            repeated: 0,
            restarts: 0,
            presences: 0,
        }
    }

    fn play(mut self) -> Self {
        while let Some(Reverse((now, moment))) = self.agenda.pop() {
            match moment {
                Moment::Send(index) if !self.acknowledged[index] => {
                    self.agenda.push(Reverse((now + AGAIN_MICROS, Moment::Send(index))));
                    self.deliver(now, index, Moment::Arrive(index));
                }
                Moment::Send(_) => {}
                Moment::Arrive(index) => {
                    self.commit(index);
                    self.deliver(now, index, Moment::Acknowledge(index));
                }
                Moment::Acknowledge(index) => self.acknowledged[index] = true,
                Moment::Restart => self.restart(),
            }
        }
        self.changes.extend(finish(&mut self.centre));
        self
    }

    fn is_cut(&self, now: i64, index: usize) -> bool {
        let camera = &self.events[index].id.camera;
        self.cut.iter().any(|(cut, from)| {
            self.events[*cut].id.camera == *camera && (*from..from + PARTITION_MICROS).contains(&now)
        })
    }

    /// Puts a message on the way, if it is not lost; perhaps twice.
    fn deliver(&mut self, now: i64, index: usize, moment: Moment) {
        let copies = if self.chance(self.faults.doubled) { 2 } else { 1 };
        for _ in 0..copies {
            if self.chance(self.faults.lost) || self.is_cut(now, index) {
                continue;
            }
            let exponential = -(1.0 - self.rng.random::<f64>()).ln();
            // No fault lasts longer than the window in which order must not matter.
            let delay = (exponential * self.faults.delay_s).min(20.0);
            self.agenda.push(Reverse((now + WAY_MICROS + (delay * 1e6) as i64, moment)));
        }
    }

    fn chance(&mut self, share: f64) -> bool {
        share > 0.0 && self.rng.random::<f64>() < share
    }

    fn commit(&mut self, index: usize) {
        if !self.known.insert(&self.events[index].id) {
            self.repeated += 1;
            return;
        }
        self.log.push(index);
        self.centre.accept(&self.events[index]);
        self.changes.extend(self.centre.take_identity_changes());
        self.presences = self.presences.max(self.centre.travellers().sizes().0);
    }

    /// The centre's memory is gone; what it said is said again from the log.
    fn restart(&mut self) {
        self.restarts += 1;
        self.centre = CentralTracker::with_topology(LATENESS_MICROS, self.topology.clone());
        self.changes.clear();
        for index in &self.log {
            self.centre.accept(&self.events[*index]);
        }
        self.changes.extend(self.centre.take_identity_changes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::travellers::{HallPlan, hall};

    #[test]
    fn every_fault_leaves_the_travellers_as_they_are() {
        for (seed, name) in (1..).zip(["drop", "delay", "duplicate", "reorder", "partition", "restart", "all"]) {
            let plan = HallPlan { seed, cameras: 4, travellers: 10, minutes: 5, ..HallPlan::default() };
            let recording = hall(plan).unwrap();
            let found = rehearse(&recording.sightings, &recording.topology, name.parse().unwrap(), seed);
            assert!(found.holds() && found.late == 0, "seed {seed}, {name}: {found:?}");
        }
    }

    #[test]
    fn unknown_faults_are_refused() {
        assert!("thunder".parse::<Faults>().is_err());
    }
}
