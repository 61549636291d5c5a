//! Whether those who are followed are overdue, or came back where or when nearly nobody does.
//!
//! Looked at once a second of the cameras' time, so that the same events give the same answers whenever they are read.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::tracker::CentralTracker;
use crate::association::{ClockOffset, HIDDEN_S, Outlook, TrackKey, TravellerId, TravellerSummary};
use crate::event::{
    Absence, AbsenceReport, BagChange, BagReport, EdgeEvent, EventBody, Lifecycle, Provenance, Reason, ReasonCode,
    Severity, SystemReport, TraceContext, Unit,
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
/// Returns told of and remembered; the oldest are taken back no longer.
const RETURNS_MAX: usize = 256;
/// Pause between two looks, microseconds.
const LOOK_EVERY: i64 = 1_000_000;

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

/// What was told of somebody's return: it rests on the join of two tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Return {
    left: TrackKey,
    back: TrackKey,
    report: AbsenceReport,
    reason: Reason,
    /// Told, and not withdrawn since.
    stands: bool,
}

/// All who are watched, by the number under which they are followed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Watch {
    away: BTreeMap<u64, Away>,
    next_look: i64,
    /// What was told of returns, for as long as operators may take them apart.
    returns: VecDeque<Return>,
    /// Cameras whose clocks were told to be off.
    clocks: BTreeSet<CameraId>,
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
        self.push(at, lifecycle, EventBody::Absence(report), vec![reason]);
    }

    /// Tells something that rests on the join of `left` and `back`.
    fn tell_return(
        &mut self,
        at: CaptureTime,
        (left, back): (TrackKey, TrackKey),
        report: AbsenceReport,
        reason: Reason,
    ) {
        self.tell(at, (Lifecycle::New, report.clone()), reason.clone());
        if self.returns.len() == RETURNS_MAX {
            self.returns.pop_front();
        }
        self.returns.push_back(Return { left, back, report, reason, stands: true });
    }

    /// Tells what became of a bag.
    pub fn tell_bag(&mut self, at: CaptureTime, lifecycle: Lifecycle, report: &BagReport, reasons: Vec<Reason>) {
        self.push(at, lifecycle, EventBody::Bag(report.clone()), reasons);
        if report.change == BagChange::PassedOn
            && let Some(event) = self.told.last_mut()
        {
            event.severity = Severity::Alert;
        }
    }

    fn push(&mut self, at: CaptureTime, lifecycle: Lifecycle, body: EventBody, reasons: Vec<Reason>) {
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
            reasons,
            provenance: Arc::new(Provenance { models: String::new(), configuration: String::new() }),
            trace: TraceContext { trace: u128::from(self.newest), span: 1 },
            body,
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
            self.look_at_returns(&mut watch, at);
            self.look_at_clocks(&mut watch, at);
        }
        let mut luggage = std::mem::take(self.luggage_mut());
        self.look_at_bags(&mut luggage, &mut watch, at);
        (*self.luggage_mut(), *self.watch_mut()) = (luggage, watch);
    }

    /// Withdraws what was told of returns that an operator has taken apart, and tells it again when they are one again.
    fn look_at_returns(&self, watch: &mut Watch, at: CaptureTime) {
        let whose = |track: &TrackKey| self.travellers().identity(track).map(|identity| identity.traveller);
        let mut returns = std::mem::take(&mut watch.returns);
        // Of who is no longer remembered nothing can be taken back.
        returns.retain(|told| whose(&told.left).is_some() && whose(&told.back).is_some());
        for told in &mut returns {
            let joined = whose(&told.left) == whose(&told.back);
            if joined != told.stands {
                told.stands = joined;
                let lifecycle = if joined { Lifecycle::New } else { Lifecycle::Retracted };
                watch.tell(at, (lifecycle, told.report.clone()), told.reason.clone());
            }
        }
        watch.returns = returns;
    }

    /// Tells whose clock is too far from its neighbours', and when it no longer is.
    fn look_at_clocks(&self, watch: &mut Watch, at: CaptureTime) {
        for (camera, clock) in self.travellers().clock_offsets() {
            let lifecycle = match (clock.is_suspect(), watch.clocks.contains(camera)) {
                (true, false) => Lifecycle::New,
                (false, true) => Lifecycle::End,
                _ => continue,
            };
            match lifecycle {
                Lifecycle::New => drop(watch.clocks.insert(camera.clone())),
                _ => drop(watch.clocks.remove(camera)),
            }
            let ClockOffset { offset_s, error_s } = *clock;
            let report = SystemReport::ClockOffset { camera: camera.clone(), offset_s, error_s };
            watch.push(at, lifecycle, EventBody::System(report), Vec::new());
        }
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
    let report = |absence, share| report(absence, now.id, away, Some(back.clone()), share);
    let reason = time_away(away_s, &away.outlook);
    if away.told {
        watch.tell(at, (Lifecycle::End, report(Absence::Overdue, 1.0 - OVERDUE_SHARE)), reason.clone());
    }
    if away_s < HIDDEN_S {
        return;
    }
    let join = (away.last.clone(), now.last.clone());
    let way = away.outlook.next.iter().find(|next| next.camera == *back);
    let share = way.map_or(0.0, |next| next.probability);
    if share < UNEXPECTED_SHARE {
        watch.tell_return(at, join.clone(), report(Absence::UnexpectedExit, share), reason.clone());
    }
    if way.is_some_and(|next| away_s < next.earliest_s) {
        watch.tell_return(at, join, report(Absence::TooFast, crate::association::EARLIEST), reason);
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

#[cfg(all(test, feature = "service"))]
mod tests {
    use super::*;
    use crate::association::Topology;
    use crate::association::tests::seen_by_three;
    use crate::central::events;

    #[test]
    fn a_clock_that_is_off_is_told_once() {
        let mut topology = Topology::disjoint();
        let [a, b, c] = ["a", "b", "c"].map(|name| CameraId::new(name).unwrap());
        for (one, other) in [(&a, &b), (&b, &c), (&a, &c)] {
            topology.overlap(one, other);
        }
        for (ahead_s, expected) in [(0.0, 0), (0.9, 1)] {
            let mut tracker = CentralTracker::with_topology(2_000_000, topology.clone());
            events(&seen_by_three(ahead_s)).iter().for_each(|event| tracker.accept(event));
            let told = tracker.take_told();
            assert_eq!(told.len(), expected, "{told:?}");
            for event in told {
                let EventBody::System(SystemReport::ClockOffset { camera, offset_s, .. }) = &event.body else {
                    panic!("{event:?}")
                };
                assert!(*camera == c && (offset_s - ahead_s).abs() < 0.2, "{event:?}");
                assert_eq!((event.lifecycle, event.id.camera.as_str()), (Lifecycle::New, CENTRAL));
            }
        }
    }
}
