//! What the console knows of the floor: where cameras look, who is where, and who is followed.
//!
//! Places come from track reports, once a second and person, and are forgotten when nothing is heard of them: a place that
//! is not renewed is wrong soon. Everything is bounded; of a thousand people each costs a few numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::edge::CameraLayout;
use crate::event::{EdgeEvent, EventBody, FloorPlace, Lifecycle, SiteEvent};
use crate::frame::ObjectClass;
use crate::wire::{layout_from_proto, v1};

/// A place that was not renewed for so long is not shown any more, microseconds.
pub const GONE_AFTER: i64 = 5_000_000;
/// A place older than this is shown as an old one.
pub const OLD_AFTER: i64 = 2_500_000;
/// Most places kept; beyond it the one heard of longest ago goes.
const PLACES_MAX: usize = 4_096;
/// Most refused layouts whose names are kept.
const REFUSED_MAX: usize = 32;

/// A track as alerts, reports and travellers name it.
pub type TrackName = (String, u32, u64);

/// Where somebody is on the floor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Metres.
    pub x: f64,
    /// Metres.
    pub y: f64,
    /// When they were there, UTC microseconds of the edge.
    pub seen: i64,
    /// When it was told here, UTC microseconds of this machine.
    pub heard: i64,
}

/// Somebody who is followed.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// The follow, as the centre tells it.
    pub follow: v1::Follow,
    /// The traveller, where they are remembered.
    pub traveller: Option<v1::Traveller>,
    /// When this was asked, UTC microseconds of this machine.
    pub asked: i64,
}

/// What is known of the floor.
#[derive(Debug, Default)]
pub struct Floor {
    /// Where cameras look, by name.
    pub layouts: BTreeMap<String, Arc<CameraLayout>>,
    /// Layouts that make no sense: names, and why.
    pub refused: Vec<(String, String)>,
    /// Ways from view to view.
    pub ways: Vec<v1::Way>,
    /// Pairs of views that overlap.
    pub overlaps: Vec<v1::Overlap>,
    /// Who is followed.
    pub followed: Vec<Followed>,
    places: BTreeMap<TrackName, Place>,
}

impl Floor {
    /// Whether an event tells of a bag that came out of a file.
    #[must_use]
    pub fn simulates(&self, event: &EdgeEvent) -> bool {
        let EventBody::Behaviour(report) = &event.body else { return false };
        let camera = self.layouts.get(event.id.camera.as_str());
        report.bag.is_some() && camera.is_some_and(|layout| layout.simulated_bags)
    }

    /// Takes what the centre says of the views. True if it is something new.
    pub fn plan(&mut self, plan: v1::GetPlanResponse) -> bool {
        let v1::GetPlanResponse { cameras, ways, overlaps, .. } = plan;
        let (mut layouts, mut refused) = (BTreeMap::new(), Vec::new());
        for message in cameras {
            let name = message.camera.clone();
            match layout_from_proto(message) {
                Ok(layout) => {
                    layouts.insert(name, Arc::new(layout));
                }
                Err(error) if refused.len() < REFUSED_MAX => refused.push((name, error.to_string())),
                Err(_) => {}
            }
        }
        let ways: Vec<v1::Way> = ways.into_iter().filter(|way| way.seconds.is_finite()).collect();
        let same = self.layouts == layouts && self.refused == refused && self.ways == ways && self.overlaps == overlaps;
        if !same {
            (self.layouts, self.refused, self.ways, self.overlaps) = (layouts, refused, ways, overlaps);
        }
        !same
    }

    /// Takes an event that was told just now, `now` UTC microseconds.
    pub fn note(&mut self, site: &SiteEvent, now: i64) {
        let event = &site.event;
        let (EventBody::Track(report), Some(track)) = (&event.body, event.track) else { return };
        let name = (event.id.camera.as_str().to_owned(), event.id.boot.0, track.0);
        if matches!(event.lifecycle, Lifecycle::End | Lifecycle::Retracted) || report.class != ObjectClass::Person {
            self.places.remove(&name);
            return;
        }
        // Whose feet are hidden stays where they were, until that is too old.
        let FloorPlace::Available { x, y, .. } = report.floor else { return };
        if x.is_finite() && y.is_finite() {
            self.places.insert(name, Place { x, y, seen: event.capture_time.unix_micros, heard: now });
        }
        if self.places.len() > PLACES_MAX {
            self.places.retain(|_, place| now - place.heard < GONE_AFTER);
        }
        if self.places.len() > PLACES_MAX {
            let oldest = self.places.iter().min_by_key(|(_, place)| place.heard).map(|(name, _)| name.clone());
            oldest.and_then(|name| self.places.remove(&name));
        }
    }

    /// Nobody is known to be anywhere: the connection is lost.
    pub fn nobody(&mut self) {
        self.places.clear();
    }

    /// Who is where, of those heard of lately.
    pub fn places(&self, now: i64) -> impl Iterator<Item = (&TrackName, &Place)> {
        self.places.iter().filter(move |(_, place)| now - place.heard < GONE_AFTER)
    }

    /// Where a track is.
    #[must_use]
    pub fn place(&self, name: &TrackName, now: i64) -> Option<Place> {
        self.places.get(name).copied().filter(|place| now - place.heard < GONE_AFTER)
    }

    /// Whether two views overlap.
    #[must_use]
    pub fn overlap(&self, a: &str, b: &str) -> bool {
        self.overlaps.iter().any(|o| (o.a == a && o.b == b) || (o.a == b && o.b == a))
    }
}

/// The name of a track in a message.
#[must_use]
pub fn named(track: &v1::TrackName) -> TrackName {
    (track.camera.clone(), track.boot, track.track)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::event::{EdgeEvent, Provenance, Severity, TraceContext, TrackReport};
    use crate::ids::{BootId, CameraId, EventId, TrackId};
    use crate::time::{CaptureTime, MediaTime};
    use crate::units::{Estimate, Unavailable};

    /// A person's report from a place.
    pub fn report(track: u64, (x, y): (f64, f64), lifecycle: Lifecycle) -> SiteEvent {
        let capture_time = CaptureTime::exact(0);
        let unknown = Estimate::Unavailable(Unavailable::TooShort);
        let body = EventBody::Track(TrackReport {
            class: ObjectClass::Person,
            since: capture_time,
            age_s: 0.0,
            score: 1.0,
            speed: unknown,
            floor: FloorPlace::Available { x, y, covariance: [0.1, 0.0, 0.1] },
            floor_speed: unknown,
            carriers: Vec::new(),
            appearance: None,
        });
        let event = EdgeEvent {
            id: EventId { camera: CameraId::new("west").unwrap(), boot: BootId(1), sequence: 1 },
            lifecycle,
            severity: Severity::Info,
            capture_time,
            media_time: MediaTime(0),
            frame: 1,
            track: Some(TrackId(track)),
            bbox: None,
            zone: None,
            reasons: Vec::new(),
            provenance: Arc::new(Provenance { models: String::new(), configuration: String::new() }),
            trace: TraceContext { trace: 1, span: 1 },
            body,
        };
        SiteEvent { sequence: 1, committed: capture_time, event }
    }

    #[test]
    fn places_are_the_newest_and_are_gone_when_nothing_is_heard() {
        let mut floor = Floor::default();
        floor.note(&report(1, (1.0, 2.0), Lifecycle::New), 0);
        floor.note(&report(1, (3.0, 4.0), Lifecycle::Update), 1_000_000);
        floor.note(&report(2, (5.0, 6.0), Lifecycle::New), 1_000_000);
        floor.note(&report(2, (5.0, 6.0), Lifecycle::End), 1_500_000);
        floor.note(&report(3, (f64::NAN, 6.0), Lifecycle::New), 1_500_000);
        let places = |now| floor.places(now).map(|((_, _, track), p)| (*track, p.x)).collect::<Vec<_>>();
        assert_eq!(places(2_000_000), [(1, 3.0)]);
        assert_eq!(places(6_000_000), []);
    }

    #[test]
    fn places_are_bounded_and_those_heard_of_longest_ago_go_first() {
        let mut floor = Floor::default();
        (0..6_000).for_each(|n| floor.note(&report(n, (1.0, 1.0), Lifecycle::New), n as i64));
        assert_eq!(floor.places.len(), PLACES_MAX);
        assert!(floor.place(&("west".to_owned(), 1, 5_999), 6_000).is_some());
        assert!(floor.place(&("west".to_owned(), 1, 0), 6_000).is_none());
    }
}
