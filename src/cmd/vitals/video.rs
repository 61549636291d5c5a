//! A recording or camera, measured while it plays.

use std::io::{self, IsTerminal};
use std::time::Duration;

use super::output::{ONLY_FACE, Output};
use super::source::Player;
use super::summary::Summary;
use super::trace_files::TraceFiles;
use super::view::View;
use super::{Args, Failure, Outcome};
use crate::clock::{Clock, SystemClock};
use crate::config::SourceUrl;
use crate::edge::lane::LaneMonitor;
use crate::shutdown::Shutdown;
use crate::time::{MediaTime, Now};

pub(super) fn run(args: &Args, source: &str) -> Outcome {
    let name = SourceUrl::new(source).redacted();
    let shutdown = Shutdown::on_signals().map_err(Failure::found)?;
    let player = Player::open(args, source)?;
    let viewed = !args.json && !args.plain && io::stdout().is_terminal();
    let traces = args.traces.as_deref().map(TraceFiles::create).transpose()?;
    let output = Output::open(args, viewed)?;
    let live = player.is_live();
    let screen = viewed.then(|| Screen::open(&name, live)).transpose()?;
    let mut run = Run { output, traces, summary: Summary::default(), screen, shutdown };
    let fault = player.play(&mut |at, lane| run.look(at, lane))?;
    let Run { output, traces, summary, screen, .. } = run;
    drop(screen); // Gives the terminal back before anything is printed.
    traces.map_or(Ok(()), TraceFiles::finish)?;
    let frames = summary.frames();
    output.finish(&summary.line())?;
    match fault {
        Some(fault) if frames == 0 => Err(Failure::Input(fault)),
        Some(fault) => Err(Failure::Found(fault)),
        None if frames == 0 => Err(Failure::Input(format!("{name}: no frame"))),
        None => Ok(()),
    }
}

/// What is done with each frame.
struct Run {
    output: Output,
    traces: Option<TraceFiles>,
    summary: Summary,
    screen: Option<Screen>,
    shutdown: Shutdown,
}

/// The live view, and the pace of a recording in it.
struct Screen {
    view: View,
    clock: SystemClock,
    live: bool,
    /// When the first frame was shown, and its own time.
    since: Option<(Now, MediaTime)>,
}

impl Run {
    /// Takes a frame, or the end; whether to go on.
    fn look(&mut self, at: Option<MediaTime>, lane: &LaneMonitor) -> Result<bool, Failure> {
        self.summary.left_out = lane.left_out();
        if let Some(variability) = lane.faces().iter().find_map(|face| face.monitor().variability()) {
            self.summary.variability = Some(variability);
        }
        for news in lane.news() {
            let face = news.face.map_or(ONLY_FACE, |id| id.0);
            self.summary.add(face, &news.fact);
            self.output.tell(face, &news.fact)?;
        }
        let Some(at) = at else { return Ok(false) };
        self.summary.frame(at);
        if let Some(traces) = &mut self.traces {
            lane.faces().iter().try_for_each(|face| traces.write(at, face))?;
        }
        let left = match &mut self.screen {
            Some(screen) => screen.frame(at, lane, &self.shutdown)?,
            None => false,
        };
        Ok(!(left || self.shutdown.is_requested() || self.output.is_left()))
    }
}

impl Screen {
    fn open(name: &str, live: bool) -> Result<Self, Failure> {
        let view = View::open(name).map_err(Failure::found)?;
        Ok(Self { view, clock: SystemClock::start(), live, since: None })
    }

    /// Shows a frame, and waits until a recording would have got there; true when the user wants to leave.
    fn frame(&mut self, at: MediaTime, lane: &LaneMonitor, shutdown: &Shutdown) -> Result<bool, Failure> {
        let now = self.clock.now();
        let (began, first) = *self.since.get_or_insert((now, at));
        let ahead = at.since(first) - now.since(began).as_secs_f64();
        if !self.live && ahead > 0.0 {
            // A pause in the recording is no reason to wait for long.
            let _ = shutdown.wait(Duration::from_secs_f64(ahead.min(1.0)));
        }
        self.view.frame(self.clock.now(), at, lane).map_err(Failure::found)
    }
}
