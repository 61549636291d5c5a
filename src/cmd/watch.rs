//! `greenlane watch`: the terminal console.

mod feed;
mod lines;
mod table;
mod tally;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use clap::ValueEnum;

use self::feed::{News, Wanted};
pub(super) use self::lines::{because, details, what};
use self::table::Table;
use self::tally::Tally;
use super::{Failure, Outcome};
use crate::central::EventFilter;
use crate::clock::{Clock, SystemClock};
use crate::event::Severity;
use crate::ids::CameraId;
use crate::rpc::{FeedMessage, Start};
use crate::shutdown::Shutdown;
use crate::time::{CaptureTime, Now};
use crate::wire::json;

/// Pause between two looks at keys, signals and the clock.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Show what the site reports, live.
///
/// On a terminal a table, otherwise a line for each event. It connects again when the centre was away, goes on after the
/// last event, and says what it could not get. `greenlane alerts watch` shows what operators are asked to look at.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane watch
  greenlane watch --from-sequence 1 --kind camera_offline --kind camera_covered
  greenlane watch --from-time 2026-03-01T06:30:00Z --json --until-idle 5 > events.jsonl")]
pub struct Args {
    /// URL of the centre.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:50051")]
    central: String,
    /// Begin with this event of the site's log; 1 for everything kept.
    #[arg(long, value_name = "N", group = "start")]
    from_sequence: Option<u64>,
    /// Begin with what was committed at this time (RFC 3339) or later.
    #[arg(long, value_name = "TIME", group = "start")]
    from_time: Option<String>,
    /// Begin with what comes next (this is the default).
    #[arg(long, group = "start")]
    live: bool,
    /// Only this camera; may be given several times.
    #[arg(long, value_name = "NAME")]
    camera: Vec<String>,
    /// Only this kind of event; may be given several times.
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// Only events this severe or more.
    #[arg(long, value_enum, default_value = "info", value_name = "SEVERITY")]
    severity: SeverityArg,
    /// One JSON object a line for each event; everything else goes to standard error.
    #[arg(long)]
    json: bool,
    /// Lines instead of the table, also on a terminal.
    #[arg(long)]
    plain: bool,
    /// End after this many events.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// End after this many seconds without an event.
    #[arg(long, value_name = "SECONDS")]
    until_idle: Option<f64>,
    /// At the end write the figures (events by kind, latency) to this file as JSON.
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SeverityArg {
    Info,
    Attention,
    Alert,
}

/// Runs until it is told to stop, a key, a count or silence.
///
/// # Errors
/// [`Failure::Usage`] for arguments that make no sense, [`Failure::Input`] when the centre refuses the subscription,
/// [`Failure::Found`] when it was never reached.
pub fn run(args: &Args) -> Outcome {
    let wanted = wanted(args)?;
    let idle = args.until_idle.map(idle).transpose()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let shutdown = Shutdown::on_signals().map_err(Failure::found)?;
    let as_table = !args.json && !args.plain && io::stdout().is_terminal();
    let news = feed::start(wanted, as_table, Arc::clone(&clock)).map_err(Failure::found)?;
    let show = match (as_table, args.json) {
        (true, _) => Show::Table(Box::new(Table::open(&args.central).map_err(Failure::found)?)),
        (false, true) => Show::Json,
        (false, false) => Show::Lines,
    };
    let mut watch = Watch {
        show,
        tally: Tally::default(),
        count: args.count.unwrap_or(u64::MAX),
        idle,
        last_event: clock.now(),
        clock,
        shutdown,
    };
    let outcome = watch.follow(&news);
    let Watch { show, tally, .. } = watch;
    let as_json = matches!(show, Show::Json);
    drop(show); // Gives the terminal back before anything is printed.
    if let Some(file) = &args.summary {
        std::fs::write(file, tally.json() + "\n").map_err(|e| Failure::Found(format!("{}: {e}", file.display())))?;
    }
    outcome?;
    // A reader that has gone wants no summary.
    let _ = if as_json { write!(io::stderr(), "{tally}") } else { write!(io::stdout(), "{tally}") };
    Ok(())
}

fn wanted(args: &Args) -> Result<Wanted, Failure> {
    let start = match (args.from_sequence, &args.from_time) {
        (Some(sequence), _) => Start::Sequence(sequence),
        (None, Some(text)) => {
            let time = CaptureTime::parse_rfc3339(text);
            Start::Time(time.map_err(|e| Failure::Usage(format!("--from-time: {e}")))?.unix_micros)
        }
        (None, None) => Start::Live,
    };
    let cameras: Result<Vec<_>, _> = args.camera.iter().map(|name| CameraId::new(name)).collect();
    let severity = match args.severity {
        SeverityArg::Info => Severity::Info,
        SeverityArg::Attention => Severity::Attention,
        SeverityArg::Alert => Severity::Alert,
    };
    let cameras = cameras.map_err(|e| Failure::Usage(format!("--camera: {e}")))?;
    let filter =
        EventFilter::new(cameras, args.kind.clone(), severity).map_err(|e| Failure::Usage(format!("--kind: {e}")))?;
    Ok(Wanted { central: args.central.clone(), start, filter })
}

fn idle(seconds: f64) -> Result<Duration, Failure> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| Failure::Usage(format!("--until-idle: {seconds} is no number of seconds")))
}

enum Show {
    Table(Box<Table>),
    Lines,
    Json,
}

struct Watch {
    show: Show,
    tally: Tally,
    count: u64,
    idle: Option<Duration>,
    last_event: Now,
    clock: Arc<dyn Clock>,
    shutdown: Shutdown,
}

/// Why watching ends.
enum End {
    Done,
    Failed(Failure),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        // Whoever read our lines has enough (`| head`).
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Done } else { Self::Failed(Failure::found(error)) }
    }
}

impl Watch {
    fn follow(&mut self, news: &std::sync::mpsc::Receiver<News>) -> Outcome {
        loop {
            let turn = match news.recv_timeout(LOOK_EVERY) {
                Ok(item) => self.take(item),
                Err(RecvTimeoutError::Timeout) => Ok(()),
                Err(RecvTimeoutError::Disconnected) => Err(End::Failed(Failure::found("the feed's thread broke off"))),
            };
            match turn.and_then(|()| self.look_around()) {
                Ok(()) => {}
                Err(End::Done) => return Ok(()),
                Err(End::Failed(failure)) => return Err(failure),
            }
        }
    }

    fn take(&mut self, item: News) -> Result<(), End> {
        self.tally.take(&item);
        if let News::Message { message: FeedMessage::Event(event), .. } = &item {
            self.last_event = self.clock.now();
            if matches!(self.show, Show::Json) {
                writeln!(io::stdout(), "{}", json::site_event_line(event))?;
            }
        }
        match &mut self.show {
            Show::Table(table) => table.take(&item),
            Show::Lines => {
                if let Some(line) = lines::line(&item) {
                    writeln!(io::stdout(), "{line}")?;
                }
            }
            Show::Json => {
                let event = matches!(&item, News::Message { message: FeedMessage::Event(_), .. });
                if let Some(line) = lines::line(&item).filter(|_| !event) {
                    writeln!(io::stderr(), "{line}")?;
                }
            }
        }
        match item {
            News::Refused(error) => Err(End::Failed(Failure::input(error))),
            _ if self.tally.events() >= self.count => Err(End::Done),
            _ => Ok(()),
        }
    }

    /// Signals, keys, silence.
    fn look_around(&mut self) -> Result<(), End> {
        if self.shutdown.is_requested() {
            return Err(End::Done);
        }
        let now = self.clock.now();
        if let Show::Table(table) = &mut self.show
            && table.refresh(now, &self.tally)?
        {
            return Err(End::Done);
        }
        match self.idle {
            Some(idle) if now.since(self.last_event) >= idle && self.tally.connected() => Err(End::Done),
            Some(idle) if now.since(self.last_event) >= idle => {
                Err(End::Failed(Failure::found("the centre was never reached")))
            }
            _ => Ok(()),
        }
    }
}
