//! A recording or camera, measured while it plays.

use super::output::{ONLY_FACE, Output};
use super::source::Player;
use super::summary::Summary;
use super::trace_files::TraceFiles;
use super::{Args, Failure, Outcome};
use crate::edge::lane::{LaneFace, LaneMonitor};
use crate::shutdown::Shutdown;
use crate::time::MediaTime;

pub(super) fn run(args: &Args, source: &str) -> Outcome {
    let shutdown = Shutdown::on_signals().map_err(Failure::found)?;
    let player = Player::open(args, source)?;
    let mut run = Run {
        output: Output::open(args, false)?,
        traces: args.traces.as_deref().map(TraceFiles::create).transpose()?,
        summary: Summary::default(),
    };
    let fault = player.play(&mut |at, lane| {
        run.frame(at, lane)?;
        Ok(!(shutdown.is_requested() || run.output.is_left()))
    })?;
    let Run { output, traces, summary } = run;
    traces.map_or(Ok(()), TraceFiles::finish)?;
    let frames = summary.frames();
    if !output.is_left() {
        output.finish(&summary.line())?;
    }
    match fault {
        Some(fault) if frames == 0 => Err(Failure::Input(fault)),
        Some(fault) => Err(Failure::Found(fault)),
        None if frames == 0 => Err(Failure::Input(format!("{source}: no frame"))),
        None => Ok(()),
    }
}

struct Run {
    output: Output,
    traces: Option<TraceFiles>,
    summary: Summary,
}

impl Run {
    fn frame(&mut self, at: MediaTime, lane: &LaneMonitor) -> Outcome {
        self.summary.frame(at);
        self.summary.left_out = lane.left_out();
        if let Some(variability) = lane.faces().iter().find_map(|face| face.monitor().variability()) {
            self.summary.variability = Some(variability);
        }
        for news in lane.news() {
            let face = news.face.map_or(ONLY_FACE, |id| id.0);
            self.summary.add(face, &news.fact);
            self.output.tell(face, &news.fact)?;
        }
        let Some(traces) = &mut self.traces else { return Ok(()) };
        lane.faces().iter().try_for_each(|face: &LaneFace| traces.write(at, face))
    }
}
