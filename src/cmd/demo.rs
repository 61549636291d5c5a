//! `greenlane demo`: the whole line on one machine, with something to look at afterwards.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::Builder;
use std::time::{Duration, SystemTime};

use hdrhistogram::Histogram;
use rustix::process::{Pid, Signal, kill_process};

use super::{Failure, Outcome};
use crate::central::EventFilter;
use crate::clock::{Clock, SystemClock};
use crate::config;
use crate::event::{EventBody, Lifecycle, SiteEvent, SystemReport};
use crate::frame::ObjectClass;
use crate::rpc::{ConsoleClient, FeedMessage, Start};
use crate::shutdown::Shutdown;

/// Events between the console's thread and the screen; the subscription waits while they are full.
const SCREEN_QUEUE: usize = 1_024;
/// How often the screen looks whether the edge has ended.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long the last events may take to come through after the edge has ended.
const SETTLE_MAX: Duration = Duration::from_secs(10);
/// A track this long counts as a person seen; shorter ones are as often a detector's mistake.
const PERSON_SEEN_S: f64 = 2.0;
/// Longest latency told apart, microseconds.
const LATENCY_MAX: u64 = 600_000_000;

/// Show the whole line at work: central, an edge that plays a recording at real speed, and consoles, one of them a page.
///
/// Leaves the event store, the tracks in MOT format, a tape, and a video and a sheet of pictures with boxes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane demo                                the footage that `make setup` fetched
  greenlane demo hall.mp4 --out run1
  greenlane demo --config config/rendered-hall.toml --loops 0
                                                four cameras of one hall again and again, until Ctrl-C
  greenlane demo rtsp://10.0.0.7/stream1        until Ctrl-C
  greenlane demo /dev/video0")]
pub struct Args {
    /// Video file, image folder, rtsp:// URL or /dev/videoN; without it, the footage of `make setup`.
    #[arg(value_name = "VIDEO")]
    video: Option<String>,
    /// The cameras of a configuration, in place of one video.
    #[arg(long, value_name = "FILE", conflicts_with = "video")]
    config: Option<PathBuf>,
    /// Folder for what is left; made if missing.
    #[arg(long, value_name = "DIR", default_value = "demo-out")]
    out: PathBuf,
    /// Play recordings so many times, all cameras together; 0: until Ctrl-C. Other than 1 leaves the event store only.
    #[arg(long, value_name = "N", default_value_t = 1)]
    loops: u32,
    #[command(flatten)]
    models: super::ModelArgs,
}

/// Runs the verb.
///
/// # Errors
/// When the video cannot be used or a part of the line fails.
pub fn run(args: &Args) -> Outcome {
    let source = match (&args.config, &args.video) {
        (Some(config), _) => Source::Configuration(config.clone()),
        (None, Some(video)) => Source::Video(video.clone()),
        (None, None) => Source::Video(footage()?),
    };
    std::fs::create_dir_all(&args.out).map_err(|e| Failure::Input(format!("{}: {e}", args.out.display())))?;
    let (store, outbox) = (args.out.join("site.sqlite"), args.out.join("outbox.sqlite"));
    forget_last_run(&[&store, &outbox])?;
    let before = results(&args.out);
    let shutdown = Shutdown::on_signals().map_err(Failure::found)?;

    let mut central = Process::start("central", central_command(&source, &store)?)?;
    let url = format!("http://{}", central.address()?);
    let mut page = Process::start("console", console_command(&url)?)?;
    let page_url = page.page()?;
    let (screen_end, events) = sync_channel(SCREEN_QUEUE);
    subscribe(url.clone(), screen_end)?;
    let mut edge = Process::start("edge", edge_command(args, &source, &url, &outbox)?)?;
    println!("the operator's console: open {page_url} in a browser\n");
    println!("central at {url}, {source}; a console that subscribed over gRPC receives:\n");

    let mut screen = Screen::new();
    let status = screen.follow(&events, &mut edge, &shutdown)?;
    let summary = edge.output();
    screen.settle(&events, committed(&summary));
    screen.print(&summary);
    print_left(&args.out, &store, &before);
    if status.success() && std::io::stdout().is_terminal() && !shutdown.is_requested() {
        println!("\nthe console stays at {page_url} until Ctrl-C");
        while !shutdown.wait(LOOK_EVERY) {}
    }
    page.stop();
    central.stop();
    match status.code() {
        Some(0) => Ok(()),
        Some(2) => Err(Failure::Input(format!("the edge could not work with {source}; its message is above"))),
        code => Err(Failure::Found(format!("the edge ended with {code:?}; its message is above"))),
    }
}

/// The footage that the set-up keeps.
fn footage() -> Result<String, Failure> {
    let file = config::cache_folder().map(|cache| cache.join("footage/vtest.avi")).filter(|file| file.is_file());
    file.map(|f| f.display().to_string())
        .ok_or_else(|| Failure::Input("no footage: run `make setup`, or name a video".to_owned()))
}

/// A demo begins with an empty store; only files of an earlier demo are removed.
fn forget_last_run(files: &[&Path]) -> Outcome {
    for file in files {
        for suffix in ["", "-wal", "-shm", "-journal", ".lock"] {
            let mut name = file.as_os_str().to_owned();
            name.push(suffix);
            match std::fs::remove_file(&name) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Failure::Input(format!("{}: {e}", Path::new(&name).display())));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn greenlane() -> Result<Command, Failure> {
    let program = std::env::current_exe().map_err(|e| Failure::Found(format!("cannot find myself: {e}")))?;
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    Ok(command)
}

fn central_command(source: &Source, store: &Path) -> Result<Command, Failure> {
    let mut command = greenlane()?;
    command.args(["central", "--listen", "127.0.0.1:0", "--store"]).arg(store);
    if let Source::Configuration(file) = source {
        command.arg("--config").arg(file);
    }
    Ok(command)
}

fn console_command(central: &str) -> Result<Command, Failure> {
    let mut command = greenlane()?;
    command.args(["console", "--listen", "127.0.0.1:0", "--central", central]);
    Ok(command)
}

/// What the edge of the demo sees.
enum Source {
    Video(String),
    Configuration(PathBuf),
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Video(video) => write!(f, "one camera from {video}"),
            Self::Configuration(file) => write!(f, "the cameras of {}", file.display()),
        }
    }
}

fn edge_command(args: &Args, source: &Source, url: &str, outbox: &Path) -> Result<Command, Failure> {
    let mut command = greenlane()?;
    match source {
        Source::Video(video) => command.arg("edge").arg(video),
        Source::Configuration(file) => command.args(["edge", "--config"]).arg(file),
    };
    command.args(["--central", url, "--json", "--outbox"]).arg(outbox);
    match args.loops {
        1 => command.arg("--pictures").arg("--record").arg(&args.out),
        loops => command.args(["--loops", &loops.to_string()]),
    };
    command.args(args.models.as_arguments());
    Ok(command)
}

/// A part of the line in a process of its own, killed if it is left behind.
struct Process {
    name: &'static str,
    child: Child,
}

impl Process {
    fn start(name: &'static str, mut command: Command) -> Result<Self, Failure> {
        let child = command.spawn().map_err(|e| Failure::Found(format!("cannot start {name}: {e}")))?;
        Ok(Self { name, child })
    }

    /// The address in the line that central prints when it is ready.
    fn address(&mut self) -> Result<String, Failure> {
        self.told("listening on ", ',')
    }

    /// The address in the line that the console prints when it is ready.
    fn page(&mut self) -> Result<String, Failure> {
        self.told("open ", ' ')
    }

    /// What stands between these two in the first line that it prints.
    fn told(&mut self, before: &str, after: char) -> Result<String, Failure> {
        let stdout = self.child.stdout.take();
        let stdout = stdout.ok_or_else(|| Failure::Found(format!("{} has no output", self.name)))?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).map_err(Failure::found)?;
        let address = line.split(before).nth(1).and_then(|rest| rest.split([after, '\n']).next());
        address
            .map(str::to_owned)
            .ok_or_else(|| Failure::Found(format!("{} did not start; its message is above", self.name)))
    }

    /// Everything it printed until it ended.
    fn output(&mut self) -> String {
        let mut text = String::new();
        if let Some(mut stdout) = self.child.stdout.take() {
            // What cannot be read is missing from the summary and nothing else.
            let _ = stdout.read_to_string(&mut text);
        }
        text
    }

    fn stop(&mut self) {
        if let Ok(pid) = i32::try_from(self.child.id())
            && let Some(pid) = Pid::from_raw(pid)
            && kill_process(pid, Signal::TERM).is_ok()
        {
            let _ = self.child.wait();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Subscribes in a thread of its own and stamps what comes with the time of its arrival.
fn subscribe(url: String, screen: SyncSender<(i64, FeedMessage)>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::found)?;
    let clock = SystemClock::start();
    let listen = async move {
        let mut console = ConsoleClient::connect(&url).await?;
        let mut feed = console.subscribe(Start::Sequence(1), &EventFilter::default()).await?;
        while let Some(message) = feed.next().await? {
            if screen.send((clock.unix_micros(), message)).is_err() {
                break;
            }
        }
        Ok::<_, crate::rpc::RpcError>(())
    };
    Builder::new()
        .name("console".into())
        .spawn(move || {
            if let Err(error) = runtime.block_on(listen) {
                // The ordinary end: the centre is told to stop when everything was received.
                tracing::debug!(%error, "the console's subscription ended");
            }
        })
        .map(drop)
        .map_err(Failure::found)
}

/// What the console's screen shows and counts.
struct Screen {
    latency: Histogram<u64>,
    kinds: BTreeMap<String, u64>,
    tracks: u64,
    people: u64,
    in_view: u64,
    received: u64,
    status_line: bool,
}

impl Screen {
    fn new() -> Self {
        Self {
            latency: Histogram::new_with_max(LATENCY_MAX, 3).expect("constant bounds are valid"),
            kinds: BTreeMap::new(),
            tracks: 0,
            people: 0,
            in_view: 0,
            received: 0,
            status_line: std::io::stdout().is_terminal(),
        }
    }

    /// Shows what comes until the edge ends.
    fn follow(
        &mut self,
        events: &Receiver<(i64, FeedMessage)>,
        edge: &mut Process,
        shutdown: &Shutdown,
    ) -> Result<ExitStatus, Failure> {
        let mut told = false;
        loop {
            self.receive(events, LOOK_EVERY);
            if shutdown.is_requested() && !told {
                told = true;
                edge.signal();
            }
            if let Some(status) = edge.child.try_wait().map_err(Failure::found)? {
                return Ok(status);
            }
        }
    }

    /// Waits for the events that the centre has committed and that are still on their way.
    fn settle(&mut self, events: &Receiver<(i64, FeedMessage)>, committed: u64) {
        let clock = SystemClock::start();
        while self.received < committed && clock.now().0 < SETTLE_MAX {
            if !self.receive(events, LOOK_EVERY) {
                break;
            }
        }
        self.clear_status();
    }

    /// Takes one message, if one comes in time; false when no more will come.
    fn receive(&mut self, events: &Receiver<(i64, FeedMessage)>, time: Duration) -> bool {
        match events.recv_timeout(time) {
            Ok((at, FeedMessage::Event(event))) => self.event(at, &event),
            Ok((_, FeedMessage::Gap { from, to, why })) => println!("gap: events {from} to {to} missing, {why}"),
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        true
    }

    fn event(&mut self, arrived: i64, site: &SiteEvent) {
        self.received += 1;
        let event = &site.event;
        let latency = arrived.saturating_sub(event.capture_time.unix_micros).max(0);
        let kind = match event.lifecycle {
            Lifecycle::New => event.body.kind().to_owned(),
            lifecycle => format!("{} {}", event.body.kind(), format!("{lifecycle:?}").to_lowercase()),
        };
        *self.kinds.entry(kind.clone()).or_default() += 1;
        let what = match &event.body {
            EventBody::Track(report) => {
                self.latency.saturating_record(latency.unsigned_abs());
                match event.lifecycle {
                    Lifecycle::New => (self.tracks, self.in_view) = (self.tracks + 1, self.in_view + 1),
                    Lifecycle::End => {
                        self.in_view = self.in_view.saturating_sub(1);
                        self.people += u64::from(report.age_s >= PERSON_SEEN_S && report.class == ObjectClass::Person);
                    }
                    _ => return self.status(latency),
                }
                let seconds = format!("seen for {:.1} s", report.age_s);
                format!("{} {}", report.class.as_str(), seconds)
            }
            EventBody::System(SystemReport::CameraOffline { cause }) => format!("{cause:?}"),
            EventBody::Behaviour(report) => report.behaviour.as_str().to_owned(),
            EventBody::Vital(report) => report.to_string(),
            EventBody::Screening(report) => report.to_string(),
            EventBody::Absence(report) => report.to_string(),
            EventBody::Bag(report) => report.to_string(),
            EventBody::System(_) => String::new(),
        };
        self.clear_status();
        let (time, track) = (event.capture_time.rfc3339(), event.track.map_or(String::new(), |t| t.to_string()));
        let ms = latency as f64 / 1e3;
        println!(
            "{:>5}  {}  {:<8} {kind:<14} {track:>5}  {what:<32} +{ms:.0} ms",
            site.sequence,
            &time[11..23],
            event.id.camera
        );
        self.status(latency);
    }

    fn status(&self, latency: i64) {
        if self.status_line {
            print!("\r{} in view, {} events, last after {} ms   ", self.in_view, self.received, latency / 1_000);
            let _ = std::io::stdout().flush();
        }
    }

    fn clear_status(&self) {
        if self.status_line {
            print!("\r{:60}\r", "");
        }
    }

    fn print(&self, edge_summary: &str) {
        let edge: serde_json::Value = serde_json::from_str(edge_summary.trim()).unwrap_or_default();
        println!(
            "\n{} people seen (tracks of {PERSON_SEEN_S} s and more, of {} begun), {} events:",
            self.people, self.tracks, self.received
        );
        for (kind, n) in &self.kinds {
            println!("  {kind:<28} {n}");
        }
        let of_all =
            |what: &str| edge["cameras"].as_array()?.iter().map(|camera| camera[what].as_u64()).sum::<Option<u64>>();
        if let (Some(frames), Some(passed), Some(detect)) =
            (of_all("frames"), of_all("passed_over"), edge["stages_ms"]["detect"]["mean"].as_f64())
        {
            println!("{frames} frames analysed, {passed} passed over");
            let total: f64 = ["grab", "retrieve", "detect", "pipeline"]
                .iter()
                .filter_map(|stage| edge["stages_ms"][stage]["mean"].as_f64())
                .sum();
            println!(
                "{total:.1} ms a frame, of which detection {detect:.1}: this machine could do {:.0} frames/s",
                1e3 / total
            );
        }
        if !self.latency.is_empty() {
            let ms = |q| self.latency.value_at_quantile(q) as f64 / 1e3;
            println!("capture to console: p50 {:.1} ms, p99 {:.1} ms", ms(0.5), ms(0.99));
        }
    }
}

impl Process {
    /// Passes a request to stop on; Ctrl-C on a terminal reaches the edge by itself as well, and one signal is enough.
    fn signal(&self) {
        if !std::io::stdin().is_terminal()
            && let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
        {
            // Already gone is as good as told.
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}

/// How many events the centre had acknowledged when the edge ended.
fn committed(edge_summary: &str) -> u64 {
    serde_json::from_str::<serde_json::Value>(edge_summary.trim())
        .ok()
        .and_then(|v| v["uplink"]["committed"].as_u64())
        .unwrap_or(0)
}

/// What lies in the folders that runs write to, and when each was written last.
fn results(out: &Path) -> BTreeMap<PathBuf, Option<SystemTime>> {
    [out.to_owned(), out.join("tracks"), out.join("tapes")]
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| entry.ok().map(|e| (e.path(), e.metadata().and_then(|m| m.modified()).ok())))
        .collect()
}

/// Names what this run left; what earlier runs left in the same folder, `before`, is not repeated.
fn print_left(out: &Path, store: &Path, before: &BTreeMap<PathBuf, Option<SystemTime>>) {
    println!("\nleft for you:\n  {:<44} the events", store.display().to_string());
    for (file, written) in results(out) {
        if before.get(&file) == Some(&written) {
            continue;
        }
        let what = match file.extension().and_then(|e| e.to_str()) {
            Some("txt") => "the tracks, MOT format",
            Some("tape") => "what entered the pure core, for `greenlane replay`",
            Some("mp4") => "the video with boxes",
            Some("jpg") => "a sheet of pictures with boxes",
            _ => continue,
        };
        println!("  {:<44} {what}", file.display().to_string());
    }
}
