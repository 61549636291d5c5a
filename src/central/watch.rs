//! Whether those who are followed are overdue, or came back where or when nearly nobody does.
//!
//! Looked at once a second of the cameras' time, so that the same events give the same answers whenever they are read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::tracker::CentralTracker;
use crate::association::{Outlook, TrackKey, TravellerId, TravellerSummary};
use crate::event::{
    Absence, AbsenceReport, EdgeEvent, EventBody, Lifecycle, Provenance, Reason, ReasonCode, Severity, TraceContext,
    Unit,
};
use crate::ids::{BootId, CameraId, EventId};
use crate::time::{CaptureTime, MediaTime};
use crate::units::Interval;

/// The name under which the centre tells what no single camera can; no camera may have it.
pub const CENTRAL: &str = "central";
/// Overdue: a larger share of those who go on is back by now.
const OVERDUE_SHARE: f64 = 0.95;
/// Unexpected: a smaller share comes into that view next.
const UNEXPECTED_SHARE: f64 = 0.02;
/// From views that a larger share leaves for good nobody is overdue.
const GONE_SHARE: f64 = 0.5;
/// Pause between two looks, microseconds.
const LOOK_EVERY: i64 = 1_000_000;
/// Whoever is back within this was hidden, not away, seconds.
const HIDDEN_S: f64 = 2.0;

/// Somebody who is followed and out of sight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Away {
    last: TrackKey,
    left_s: f64,
    /// What was to be expected when they left.
    outlook: Outlook,
    unseeing: BTreeSet<CameraId>,
    /// That they are overdue was told.
    told: bool,
}

/// All who are watched, by the number under which they are followed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Watch {
    away: BTreeMap<u64, Away>,
    next_look: i64,
    /// Number of the newest event told: the time of the cameras, or one more than the one before.
    newest: u64,
    #[serde(skip)]
    told: Vec<EdgeEvent>,
}

impl Watch {
    /// What was told since the last call.
    pub fn take(&mut self) -> Vec<EdgeEvent> {
        std::mem::take(&mut self.told)
    }

    fn tell(&mut self, at: CaptureTime, (lifecycle, report): (Lifecycle, AbsenceReport), reason: Reason) {
        self.newest = (self.newest + 1).max(at.unix_micros.max(0).cast_unsigned());
        let Ok(camera) = CameraId::new(CENTRAL) else { return };
        self.told.push(EdgeEvent {
            id: EventId { camera, boot: BootId(1), sequence: self.newest },
            lifecycle,
            severity: Severity::Attention,
            capture_time: at,
            media_time: MediaTime(0),
            frame: 0,
            track: None,
            bbox: None,
            zone: None,
            reasons: vec![reason],
            provenance: Arc::new(Provenance { models: String::new(), configuration: String::new() }),
            trace: TraceContext { trace: u128::from(self.newest), span: 1 },
            body: EventBody::Absence(report),
        });
    }
}

impl CentralTracker {
    /// Looks after all who are followed, if it is time.
    pub(super) fn look_after(&mut self, at: CaptureTime) {
        let mut watch = std::mem::take(self.watch_mut());
        if at.unix_micros >= watch.next_look {
            watch.next_look = at.unix_micros + LOOK_EVERY;
            let follows: Vec<(u64, TrackKey)> =
                self.follows().watched(at.unix_micros).map(|follow| (follow.id, follow.track.clone())).collect();
            watch.away.retain(|id, _| follows.iter().any(|(follow, _)| follow == id));
            for (id, track) in follows {
                self.look_at(&mut watch, id, &track, at);
            }
        }
        *self.watch_mut() = watch;
    }

    fn look_at(&self, watch: &mut Watch, id: u64, track: &TrackKey, at: CaptureTime) {
        let Some(traveller) = self.travellers().identity(track).map(|identity| identity.traveller) else { return };
        let Some(summary) = self.travellers().summary(traveller) else { return };
        match (watch.away.remove(&id), summary.in_sight) {
            (None, true) => {}
            (None, false) => {
                if let Some(outlook) = self.travellers().outlook_at_departure(traveller) {
                    let (last, left_s, unseeing) = (summary.last.clone(), summary.until_s, BTreeSet::new());
                    let away = Away { last, left_s, outlook, unseeing, told: false };
                    let away = self.still_away(watch, traveller, away, at);
                    watch.away.insert(id, away);
                }
            }
            (Some(away), false) if away.last == summary.last => {
                let away = self.still_away(watch, traveller, away, at);
                watch.away.insert(id, away);
            }
            (Some(away), _) => came_back(watch, &away, &summary, self.travellers().began(&summary.last), at),
        }
    }

    fn still_away(&self, watch: &mut Watch, traveller: TravellerId, mut away: Away, at: CaptureTime) -> Away {
        away.unseeing.extend(self.blind(traveller).into_keys());
        let Some(outlook) = self.travellers().outlook(traveller, &away.unseeing) else { return away };
        // Whoever leaves the hall is not overdue in it.
        let late = away.outlook.gone < GONE_SHARE && outlook.overdue.is_some_and(|share| share > OVERDUE_SHARE);
        if late != away.told {
            away.told = late;
            // A view that went blind meanwhile takes back what was told.
            let lifecycle = if late { Lifecycle::New } else { Lifecycle::Retracted };
            let share = 1.0 - outlook.overdue.unwrap_or(0.0);
            let (from, report) = (away.left_s, report(Absence::Overdue, traveller, &away, None, share));
            watch.tell(at, (lifecycle, report), time_away(outlook.away_s.max(seconds(at) - from), &away.outlook));
        }
        away
    }
}

/// They are in view again: tells what was not to be expected.
fn came_back(watch: &mut Watch, away: &Away, now: &TravellerSummary, began_s: Option<f64>, at: CaptureTime) {
    let away_s = began_s.unwrap_or(now.until_s) - away.left_s;
    let back = &now.last.camera;
    let tell = |watch: &mut Watch, absence, lifecycle, share| {
        let report = report(absence, now.id, away, Some(back.clone()), share);
        watch.tell(at, (lifecycle, report), time_away(away_s, &away.outlook));
    };
    if away.told {
        tell(watch, Absence::Overdue, Lifecycle::End, 1.0 - OVERDUE_SHARE);
    }
    if away_s < HIDDEN_S {
        return;
    }
    let way = away.outlook.next.iter().find(|next| next.camera == *back);
    let share = way.map_or(0.0, |next| next.probability);
    if share < UNEXPECTED_SHARE {
        tell(watch, Absence::UnexpectedExit, Lifecycle::New, share);
    }
    if way.is_some_and(|next| away_s < next.earliest_s) {
        tell(watch, Absence::TooFast, Lifecycle::New, crate::association::EARLIEST);
    }
}

fn report(
    absence: Absence,
    traveller: TravellerId,
    away: &Away,
    back: Option<CameraId>,
    probability: f64,
) -> AbsenceReport {
    AbsenceReport {
        absence,
        traveller: traveller.0,
        since: CaptureTime::exact((away.left_s * 1e6) as i64),
        camera: away.last.camera.clone(),
        boot: away.last.boot,
        track: away.last.track,
        back,
        probability,
        unseeing: away.unseeing.iter().cloned().collect(),
    }
}

/// How long they were away, and how long that takes as a rule: the span of the likeliest views' intervals.
fn time_away(away_s: f64, outlook: &Outlook) -> Reason {
    let low = outlook.next.iter().map(|next| next.between_s.0).fold(f64::INFINITY, f64::min);
    let high = outlook.next.iter().map(|next| next.between_s.1).fold(0.0, f64::max);
    let expected = Interval { low: low.min(high), high };
    Reason { code: ReasonCode::TimeAway, measured: away_s.max(0.0), expected, unit: Unit::Seconds }
}

fn seconds(at: CaptureTime) -> f64 {
    at.unix_micros as f64 / 1e6
}
