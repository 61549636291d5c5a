//! Screening within a camera's pipeline: events in, events out.

use std::collections::BTreeMap;

use super::journal::Journal;
use crate::event::vital::Estimate as Rate;
use crate::event::{EdgeEvent, EventBody, Lifecycle, ScreeningReport, TrackReport, VitalReport};
use crate::frame::{BBox, FrameHeader, ObjectClass};
use crate::ids::TrackId;
use crate::screening::{Memory, Moment, Reading, Screening, ScreeningSettings, Signal, Verdict};
use crate::time::{CaptureTime, micros};
use crate::units::{Estimate, Interval};

/// The readings of a frame on their way to [`Screening`], and where each passer was last.
#[derive(Debug)]
pub(super) struct Screen {
    settings: ScreeningSettings,
    screening: Screening,
    /// A lane compares vital signs of faces, a hall speed and time in view of persons.
    lane: bool,
    readings: Vec<(Option<TrackId>, Reading)>,
    left: Vec<TrackId>,
    /// Bounded by the tracker's own bound: an ended track leaves.
    places: BTreeMap<Option<TrackId>, BBox>,
}

impl Screen {
    pub(super) fn new(settings: ScreeningSettings, lane: bool) -> Self {
        let screening = Screening::new(settings, Memory::default());
        Self { settings, screening, lane, readings: Vec::new(), left: Vec::new(), places: BTreeMap::new() }
    }

    pub(super) fn remember(&mut self, memory: Memory) {
        self.screening = Screening::new(self.settings, memory);
    }

    pub(super) fn memory(&self) -> &Memory {
        self.screening.memory()
    }

    /// Takes the events from `before` on, which one frame or the end of a run gave, and appends what follows from them.
    pub(super) fn frame(&mut self, before: usize, journal: &mut Journal, out: &mut Vec<EdgeEvent>) {
        let Some(header) = journal.header.clone().filter(|_| out.len() > before) else { return };
        out[before..].iter().for_each(|event| self.take(event));
        let now = Moment { at: header.media_time.seconds(), unix_micros: header.capture_time.unix_micros };
        self.screening.step(now, &self.readings, &self.left);
        for verdict in self.screening.verdicts() {
            out.push(told(verdict, &header, &self.places, journal));
        }
        let left_out = self.screening.take_left_out();
        if left_out > 0 {
            out.push(journal.dropped("screening", left_out, header.capture_time));
        }
        self.places.retain(|who, _| !self.left.iter().any(|left| Some(*left) == *who));
        self.readings.clear();
        self.left.clear();
    }

    fn take(&mut self, event: &EdgeEvent) {
        let before = self.readings.len();
        match &event.body {
            EventBody::Vital(report) if self.lane => {
                self.readings.extend(sign(report, self.settings.quality_min).map(|r| (event.track, r)));
            }
            EventBody::Track(report) => {
                if !self.lane && report.class == ObjectClass::Person && event.lifecycle == Lifecycle::Update {
                    let at = event.media_time.seconds();
                    self.readings.extend(walk(report, at).into_iter().flatten().map(|r| (event.track, r)));
                }
                let over = matches!(event.lifecycle, Lifecycle::End | Lifecycle::Retracted);
                self.left.extend(event.track.filter(|_| over));
            }
            _ => {}
        }
        if self.readings.len() > before
            && let Some(bbox) = event.bbox
        {
            self.places.insert(event.track, bbox);
        }
    }
}

fn sign(report: &VitalReport, quality_min: f64) -> Option<Reading> {
    match &report.estimate {
        Rate::Available { rate, interval, quality, window } if *quality >= quality_min => Some(Reading {
            signal: Signal::of(report.sign),
            value: *rate,
            interval: *interval,
            window: (window.start.seconds(), window.end.seconds()),
        }),
        _ => None,
    }
}

fn walk(report: &TrackReport, at: f64) -> [Option<Reading>; 2] {
    let window = (at - report.age_s, at);
    let speed = match report.floor_speed {
        Estimate::Available { value, interval, .. } => {
            Some(Reading { signal: Signal::Speed, value, interval, window: (at - 1.0, at) })
        }
        Estimate::Unavailable(_) => None,
    };
    let interval = Interval { low: report.age_s, high: report.age_s };
    [speed, Some(Reading { signal: Signal::TimeInView, value: report.age_s, interval, window })]
}

fn told(
    verdict: Verdict,
    header: &FrameHeader,
    places: &BTreeMap<Option<TrackId>, BBox>,
    journal: &mut Journal,
) -> EdgeEvent {
    let Verdict { who, lifecycle, severity, rarity, compared, of_hour, since, reasons, signals } = verdict;
    let capture = header.capture_time;
    let before = micros(header.media_time.seconds() - since);
    let since = CaptureTime { unix_micros: capture.unix_micros - before, ..capture };
    let report = ScreeningReport { since, rarity, compared: compared as u64, of_hour, signals };
    let event = journal.write(lifecycle, severity, capture, reasons, EventBody::Screening(report));
    EdgeEvent { track: who, bbox: places.get(&who).copied(), ..event }
}

#[cfg(test)]
mod tests;
