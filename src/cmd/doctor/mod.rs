//! `greenlane doctor`: what does each camera really deliver, and what can be measured with it?

mod light;
mod measure;
mod report;
mod verdict;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::thread::Builder;
use std::time::Duration;

use serde::Serialize;

use self::measure::{Findings, Meter, PacketCount};
use self::verdict::Verdict;
use super::{Failure, ModelArgs, Outcome, cameras};
use crate::capture::{self, CaptureError, FrameSource, OpenOptions, PacketReader, SourceKind};
use crate::clock::{Clock, SystemClock};
use crate::config::CameraSettings;
use crate::frame::Image;

/// Pixels of a picture that every frame can be looked at; of larger ones only every second, third, ...
const PIXELS_OF_EACH_FRAME: u64 = 1920 * 1080;

/// Open each camera for some seconds and say what it delivers, what can be measured with it, and why not the rest.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A second connection to a network camera counts its encoded pictures, for bitrate and keyframe interval.

Exit codes: 0 every camera gave frames; 1 one did not; 2 the configuration is faulty; 64 wrong usage.

Examples:
  greenlane doctor --config hall.toml                  every camera of the hall, side by side
  greenlane doctor rtsp://10.0.0.5/stream1 /dev/video0 two cameras without a configuration
  greenlane doctor lane.mp4 --seconds 30 --json        a recording, for a program")]
pub struct Args {
    /// Cameras: files, folders of pictures, URLs or devices; `NAME=SOURCE` gives a name.
    #[arg(value_name = "SOURCE", required_unless_present = "config")]
    sources: Vec<String>,
    /// The configuration whose cameras are opened.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How long each camera is looked at; of a recording, so much of its own time.
    #[arg(long, value_name = "N", default_value_t = 10.0, value_parser = seconds)]
    seconds: f64,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What was found of all cameras. Sources are shown without credentials.
#[derive(Debug, Serialize)]
struct Report {
    cameras: Vec<Examined>,
}

/// What was found of one camera.
#[derive(Debug, Serialize)]
struct Examined {
    camera: String,
    source: String,
    /// Why there is nothing, or not all, of the rest.
    error: Option<String>,
    #[serde(flatten)]
    findings: Option<Findings>,
    carries: Vec<Verdict>,
}

/// Runs the verb.
///
/// # Errors
/// A faulty configuration, or a camera that gives no frames.
pub fn run(args: &Args) -> Outcome {
    let settings = cameras::settings(args.config.as_deref(), &args.sources, &ModelArgs::default())?;
    let examined = std::thread::scope(|scope| -> Result<Vec<Examined>, Failure> {
        let threads: Vec<_> = settings
            .cameras
            .iter()
            .map(|camera| {
                let name = format!("doctor-{}", camera.id);
                Builder::new().name(name).spawn_scoped(scope, || examine(camera, args.seconds))
            })
            .collect();
        threads.into_iter().map(|thread| joined(thread.map(std::thread::ScopedJoinHandle::join))).collect()
    })?;
    let failed = examined.iter().filter(|e| e.findings.is_none()).count();
    let report = Report { cameras: examined };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report).map_err(Failure::found)?);
    } else {
        print!("{}", report::text(&report.cameras, std::io::stdout().is_terminal()));
    }
    match failed {
        0 => Ok(()),
        n => Err(Failure::Found(format!("{n} of {} cameras gave no frames", report.cameras.len()))),
    }
}

fn joined(outcome: std::io::Result<std::thread::Result<Examined>>) -> Result<Examined, Failure> {
    match outcome {
        Ok(Ok(examined)) => Ok(examined),
        Ok(Err(_)) => Err(Failure::Found("a camera's thread panicked; its message is on standard error".to_owned())),
        Err(error) => Err(Failure::Found(format!("cannot start a thread: {error}"))),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (1.0..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err("not a number of seconds from 1 to 3600".to_owned()),
    }
}

fn examine(camera: &CameraSettings, seconds: f64) -> Examined {
    let options = OpenOptions::of(camera);
    let (findings, error) = match capture::open(&camera.source, &options) {
        Ok(mut source) => look(source.as_mut(), camera, &options, seconds),
        Err(error) => (None, Some(error)),
    };
    let carries = findings.as_ref().map(verdict::judge).unwrap_or_default();
    let error = error.map(|e| e.to_string());
    Examined { camera: camera.id.to_string(), source: camera.source.redacted(), error, findings, carries }
}

/// Watches an open camera; the findings are there when it gave two frames at least.
fn look(
    source: &mut dyn FrameSource,
    camera: &CameraSettings,
    options: &OpenOptions,
    seconds: f64,
) -> (Option<Findings>, Option<CaptureError>) {
    let mut meter = Meter::default();
    let live = source.describe().live;
    let count = || count_packets(camera, options, live.then_some(seconds), meter_limit(seconds));
    let (error, packets) = if live && source.describe().kind != SourceKind::Device {
        std::thread::scope(|scope| {
            let counter = Builder::new().name(format!("packets-{}", camera.id)).spawn_scoped(scope, count);
            let error = watch(source, &mut meter, seconds).err();
            let packets = match counter.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(packets)) => packets,
                _ => PacketCount::unavailable("the thread that counts could not run"),
            };
            (error, packets)
        })
    } else {
        let error = watch(source, &mut meter, seconds).err();
        let frames = meter.frames();
        (error, count_packets(camera, options, None, frames))
    };
    (meter.finish(source.describe(), source.health(), &packets), error)
}

/// More packets than a camera sends in the time.
fn meter_limit(seconds: f64) -> usize {
    (seconds * 1000.0) as usize
}

fn watch(source: &mut dyn FrameSource, meter: &mut Meter, seconds: f64) -> Result<(), CaptureError> {
    let clock = SystemClock::start();
    let live = source.describe().live;
    let mut image = Image::default();
    while let Some(stamp) = source.grab()? {
        let arrival = clock.now();
        meter.frame(stamp.media_time, arrival);
        let info = source.describe();
        let every = (u64::from(info.width) * u64::from(info.height)).div_ceil(PIXELS_OF_EACH_FRAME).max(1);
        if stamp.sequence.is_multiple_of(every) {
            match source.retrieve(&mut image) {
                Ok(()) => meter.picture(stamp.media_time, &image),
                Err(_) => meter.undecodable(),
            }
        }
        let watched = if live { arrival.0.as_secs_f64() } else { stamp.media_time.seconds() };
        if watched >= seconds {
            break;
        }
    }
    Ok(())
}

/// Counts encoded pictures: of a camera for so many seconds, of a recording so many.
fn count_packets(camera: &CameraSettings, options: &OpenOptions, live: Option<f64>, most: usize) -> PacketCount {
    let clock = SystemClock::start();
    let mut reader = match PacketReader::open(&camera.source, options) {
        Ok(Some(reader)) => reader,
        Ok(None) => return PacketCount::unavailable("this kind of source has no encoded stream"),
        Err(_) => return PacketCount::unavailable("the second connection did not open"),
    };
    let opened = clock.now();
    let mut count = PacketCount::default();
    while count.len() < most {
        match reader.next_packet() {
            Ok(Some(packet)) => count.add(packet),
            Ok(None) | Err(_) => break,
        }
        if live.is_some_and(|seconds| clock.now().since(opened) >= Duration::from_secs_f64(seconds)) {
            break;
        }
    }
    count
}
