//! The signal chain alone, on mean colours.

use std::path::Path;

use super::output::{ONLY_FACE, Output};
use super::summary::Summary;
use super::{Args, Failure, Outcome};
use crate::biosignal::monitor::{FaceFrame, FaceMonitor, Readings};
use crate::biosignal::traces::TraceTable;
use crate::edge::lane::LaneFact;
use crate::event::{VitalReport, VitalSign};

pub(super) fn run(args: &Args, path: &Path) -> Outcome {
    let table = read(path)?;
    let mut monitor = FaceMonitor::new(&table.roles(), args.method);
    let mut output = Output::open(args, false)?;
    let mut summary = Summary::default();
    for (at, colours) in &table.frames {
        summary.frame(*at);
        monitor.push(FaceFrame { at: *at, keyframe: false, colours, patches: &[], place: None, wave: None });
        let Some(end) = monitor.due() else { continue };
        let readings = monitor.read(end);
        if readings.pulse.window().seconds() <= 0.0 {
            continue;
        }
        for fact in facts(readings) {
            summary.add(ONLY_FACE, &fact);
            output.tell(ONLY_FACE, &fact)?;
        }
        if output.is_left() {
            return Ok(());
        }
    }
    summary.variability = monitor.variability();
    output.finish(&summary.line())
}

fn read(path: &Path) -> Result<TraceTable, Failure> {
    let fault = |error: &dyn std::fmt::Display| Failure::Input(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| fault(&error))?;
    TraceTable::parse(&text).map_err(|error| fault(&error))
}

/// What colours alone can tell: no blinks, no movement.
fn facts(readings: Readings) -> Vec<LaneFact> {
    let report = |sign, estimate, method| LaneFact::Reading(VitalReport { sign, estimate, method });
    let method = readings.origin.map(|origin| origin.as_str().to_owned());
    let modulations = readings.respiration.rate().map(|_| "PULSE_MODULATION".to_owned());
    let mut facts = vec![
        report(VitalSign::Pulse, readings.pulse, method),
        report(VitalSign::Respiration, readings.respiration, modulations),
    ];
    facts.extend(readings.beats.iter().map(|beat| LaneFact::Beat { from: beat.from, to: beat.to }));
    facts
}
