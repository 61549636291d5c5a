//! What of an event the desk looks at.

use crate::association::TrackKey;
use crate::event::{AbsenceReport, BagMoment, EdgeEvent, EventBody};
use crate::ids::{CameraId, TrackId};

/// An event that may become an alert, or says more of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its place in the site's log.
    pub sequence: u64,
    /// When it was committed, UTC microseconds.
    pub at: i64,
    /// The rule that found it.
    pub rule: &'static str,
    /// The camera.
    pub camera: CameraId,
    /// Whom it concerns; empty for what concerns nobody in particular, such as crowding.
    pub tracks: Vec<TrackKey>,
    /// The event.
    pub event: EdgeEvent,
}

/// The rule behind an event: a behaviour's, an absence's or a bag's change's name or `screening`; `None` of events that are no reason to look at anybody.
#[must_use]
pub fn rule_of(event: &EdgeEvent) -> Option<&'static str> {
    match &event.body {
        EventBody::Behaviour(report) => Some(report.behaviour.as_str()),
        EventBody::Screening(_) => Some("screening"),
        EventBody::Absence(report) => Some(report.absence.as_str()),
        EventBody::Bag(report) => Some(report.change.as_str()),
        EventBody::Track(_) | EventBody::Vital(_) | EventBody::System(_) => None,
    }
}

impl Candidate {
    /// Of a committed event; `None` where there is no rule behind it.
    #[must_use]
    pub fn of(sequence: u64, at: i64, event: &EdgeEvent) -> Option<Self> {
        let rule = rule_of(event)?;
        let others: &[TrackId] = match &event.body {
            EventBody::Behaviour(report) => &report.others,
            _ => &[],
        };
        let key = |track: &TrackId| TrackKey { camera: event.id.camera.clone(), boot: event.id.boot, track: *track };
        let mut tracks: Vec<TrackKey> = event.track.iter().chain(others).map(key).collect();
        if let EventBody::Absence(AbsenceReport { camera, boot, track, .. }) = &event.body {
            tracks.push(TrackKey { camera: camera.clone(), boot: *boot, track: *track });
        }
        if let EventBody::Bag(report) = &event.body {
            let key =
                |moment: &BagMoment| TrackKey { camera: moment.camera.clone(), boot: moment.boot, track: moment.track };
            tracks.extend([&report.before, &report.after].map(key));
        }
        tracks.sort();
        tracks.dedup();
        Some(Self { sequence, at, rule, camera: event.id.camera.clone(), tracks, event: event.clone() })
    }

    /// Whether `other` tells of the same thing: the same rule, run of a camera, track, zone and traveller.
    #[must_use]
    pub fn same_thing(&self, other: &Self) -> bool {
        let traveller = |c: &Self| match &c.event.body {
            EventBody::Absence(report) => Some((report.traveller, 0)),
            EventBody::Bag(report) => Some((report.before.traveller, report.bag)),
            _ => None,
        };
        let place = |c: &Self| (c.event.id.boot, c.event.track, c.event.zone.clone(), traveller(c));
        self.rule == other.rule && self.camera == other.camera && place(self) == place(other)
    }
}
