//! What a whole recording gave, in one line.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::output::rounded;
use crate::biosignal::facial_motion::FacePart;
use crate::biosignal::rhythm::Variability;
use crate::biosignal::statistics::median;
use crate::edge::lane::LaneFact;
use crate::event::{VitalReport, VitalSign};
use crate::time::MediaTime;

/// Counts what was told.
#[derive(Debug, Default)]
pub(super) struct Summary {
    signs: BTreeMap<VitalSign, Readings>,
    faces: BTreeSet<u64>,
    first: Option<MediaTime>,
    last: Option<MediaTime>,
    frames: u64,
    beats: u64,
    blinks: u64,
    /// Seconds from closing to open again, of all blinks together.
    closed_s: f64,
    movements: BTreeMap<FacePart, u64>,
    /// Movements of less than half a second. Experimental.
    brief: u64,
    /// Of the last minute of beats.
    pub(super) variability: Option<Variability>,
    /// Faces that found no place among those measured at once.
    pub(super) left_out: u64,
}

#[derive(Debug, Default)]
struct Readings {
    windows: u64,
    rates: Vec<f64>,
    reasons: BTreeMap<&'static str, u64>,
}

impl Summary {
    /// A frame was analysed.
    pub(super) fn frame(&mut self, at: MediaTime) {
        self.frames += 1;
        self.first.get_or_insert(at);
        self.last = Some(at);
    }

    /// Frames so far.
    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    /// Something was told of a face.
    pub(super) fn add(&mut self, face: u64, fact: &LaneFact) {
        self.faces.insert(face);
        match fact {
            LaneFact::Reading(report) => self.signs.entry(report.sign).or_default().add(report),
            LaneFact::Beat { .. } => self.beats += 1,
            LaneFact::Blink { from, to } => {
                self.blinks += 1;
                self.closed_s += to.since(*from);
            }
            LaneFact::Movement(movement) => {
                *self.movements.entry(movement.part).or_default() += 1;
                self.brief += u64::from(movement.brief);
            }
        }
    }

    /// The line.
    pub(super) fn line(mut self) -> Value {
        let seconds = self.last.zip(self.first).map_or(0.0, |(last, first)| last.since(first));
        let variability = self.variability;
        let mut line = json!({
            "kind": "summary", "faces": self.faces.len(), "frames": self.frames, "seconds": rounded(seconds),
            "beats": self.beats, "blinks": self.blinks, "left_out": self.left_out,
            "blink_closure_s": (self.blinks > 0).then(|| rounded(self.closed_s / self.blinks as f64)),
            "movements": self.movements, "brief_movements": self.brief,
            "sdnn_ms": variability.map(|v| rounded(v.sdnn_ms)), "rmssd_ms": variability.map(|v| rounded(v.rmssd_ms)),
        });
        for sign in VitalSign::ALL {
            line[sign.as_str()] = self.signs.remove(&sign).unwrap_or_default().line();
        }
        line
    }
}

impl Readings {
    fn add(&mut self, report: &VitalReport) {
        use crate::event::vital::Estimate;
        self.windows += 1;
        match &report.estimate {
            Estimate::Available { rate, .. } => self.rates.push(*rate),
            Estimate::Unavailable { reasons, .. } => {
                for reason in reasons {
                    *self.reasons.entry(reason.as_str()).or_default() += 1;
                }
            }
        }
    }

    fn line(mut self) -> Value {
        let answered = self.rates.len();
        let median = median(&mut self.rates).map(rounded);
        json!({ "median": median, "answered": answered, "windows": self.windows, "reasons": self.reasons })
    }
}
