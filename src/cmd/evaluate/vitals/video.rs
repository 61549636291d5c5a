//! A video through the whole lane, for its readings and for the colours that others' methods start from.

use std::path::Path;

use crate::biosignal::roi::REGION_NAMES;
use crate::biosignal::traces::TraceTable;
use crate::cmd::vitals::source::Player;
use crate::cmd::{Failure, ModelArgs};
use crate::edge::lane::{LaneFace, LaneFact, LaneMonitor};
use crate::evaluation::vitals::recording::Measured;
use crate::event::{VitalReport, VitalSign};
use crate::time::MediaTime;

/// What a video gave.
#[derive(Debug, Default)]
pub(super) struct Played {
    pub(super) measured: Measured,
    pub(super) table: TraceTable,
    /// What the network gave of the largest face, where there is one.
    pub(super) wave: Vec<(MediaTime, f64)>,
}

/// Plays a recording of one person to its end. Readings of all faces count; colours are the largest face's.
///
/// # Errors
/// [`Failure::Input`] for a recording that cannot be opened, [`Failure::Found`] for one that is damaged.
pub(super) fn play(path: &Path, times: Option<Vec<f64>>, models: &ModelArgs) -> Result<Played, Failure> {
    let mut played = Played::default();
    played.table.regions = REGION_NAMES.map(str::to_owned).to_vec();
    let fault = Player::recording(path, times, models)?.play(&mut |at, lane| {
        played.frame(at, lane);
        Ok(true)
    })?;
    fault.map_or(Ok(played), |fault| Err(Failure::Found(format!("{}: {fault}", path.display()))))
}

impl Played {
    fn frame(&mut self, at: Option<MediaTime>, lane: &LaneMonitor) {
        for news in lane.news() {
            match &news.fact {
                LaneFact::Reading(VitalReport { sign: VitalSign::Pulse, estimate, .. }) => {
                    self.measured.pulse.push(estimate.clone());
                }
                LaneFact::Reading(VitalReport { sign: VitalSign::Respiration, estimate, .. }) => {
                    self.measured.respiration.push(estimate.clone());
                }
                LaneFact::Beat { from, to } => self.measured.beats.push((from.seconds(), to.seconds())),
                LaneFact::Reading(_) | LaneFact::Blink { .. } | LaneFact::Movement(_) => {}
            }
        }
        let seen = lane.faces().iter().filter(|face| Some(face.seen()) == at);
        let size = |face: &&LaneFace| face.bbox().area();
        if let Some(face) = seen.max_by(|a, b| size(a).total_cmp(&size(b))) {
            self.table.frames.push((face.seen(), face.colours().to_vec()));
            self.wave.extend(face.wave().map(|sample| (face.seen(), sample)));
        }
    }
}
