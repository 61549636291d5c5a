//! Straightness: processor time of the whole edge pipeline on the footage, over decoding and inference alone on the same
//! frames in the same run. The aim is at most 1.10.
//!
//! `cargo bench --bench pipeline [-- FRAMES]`; both sides take turns in blocks of frames, so that a slow moment of the
//! machine falls on both. Time is the process's own (user and system), not the wall's.

use std::sync::Arc;
use std::time::Duration;

use greenlane::capture::{self, FrameSource, OpenOptions};
use greenlane::clock::{Clock, SystemClock};
use greenlane::config::{self, CameraSettings, ModelSettings, SourceUrl};
use greenlane::event::{EdgeEvent, Provenance};
use greenlane::frame::{Frame, FrameHeader, Image};
use greenlane::ids::{BootId, CameraId};
use greenlane::perception::{Detector, ModelLibrary, OnnxPerception, Perception};
use greenlane::wire;
use greenlane::worker::analysis::Analysis;
use greenlane::worker::outbox;
use greenlane::worker::stages::{Stage, StageTimes};
use prost::Message;
use rustix::time::{ClockId, clock_gettime};

/// Frames of a block.
const BLOCK: usize = 40;
/// Frames measured when none are asked for.
const FRAMES: usize = 760;

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

fn footage() -> Option<SourceUrl> {
    let file = config::cache_folder()?.join("footage/vtest.avi");
    file.is_file().then(|| SourceUrl::new(&file.to_string_lossy()))
}

/// Decoding and inference alone.
struct Bare {
    source: Box<dyn FrameSource>,
    model: Detector,
    image: Image,
    decoding: Duration,
    resizing: Duration,
    inference: Duration,
}

impl Bare {
    fn frame(&mut self) -> bool {
        let begin = cpu();
        let Ok(Some(_)) = self.source.grab() else { return false };
        self.source.retrieve(&mut self.image).expect("footage decodes");
        let decoded = cpu();
        self.model.infer().expect("the model runs");
        let inferred = cpu();
        // Measured here for the table; it belongs to the whole pipeline and is not counted for this side.
        self.model.preprocess(&self.image).expect("a picture");
        self.resizing += cpu() - inferred;
        self.decoding += decoded - begin;
        self.inference += inferred - decoded;
        true
    }
}

/// The whole edge: decoding, perception, tracking, events, messages, the durable outbox.
struct Whole {
    camera: CameraSettings,
    source: Box<dyn FrameSource>,
    analysis: Analysis,
    outbox: outbox::OutboxHandle,
    frame: Frame,
    events: u64,
    sample: Option<EdgeEvent>,
}

impl Whole {
    fn frame(&mut self, clock: &dyn Clock, times: &mut StageTimes) -> bool {
        let begin = clock.now();
        let Ok(Some(stamp)) = self.source.grab() else { return false };
        let grabbed = clock.now();
        times.record(Stage::Grab, grabbed.since(begin));
        self.source.retrieve(&mut self.frame.image).expect("footage decodes");
        times.record(Stage::Retrieve, clock.now().since(grabbed));
        let header = &mut self.frame.header;
        (header.sequence, header.media_time) = (stamp.sequence, stamp.media_time);
        header.capture_time = self.camera.start.after(stamp.media_time);
        (header.width, header.height) = (self.frame.image.width, self.frame.image.height);
        let mut events: Vec<EdgeEvent> = Vec::new();
        self.analysis.frame(&self.frame, &mut events).expect("the model runs");
        if !events.is_empty() {
            let begin = clock.now();
            self.events += events.len() as u64;
            self.sample = events.last().cloned();
            self.outbox.append(events).expect("the outbox takes it");
            times.record(Stage::Deliver, clock.now().since(begin));
        }
        true
    }
}

/// Processor time of one event to bytes, microseconds.
fn encoding(whole: &Whole) -> f64 {
    const REPEATS: u32 = 10_000;
    let Some(event) = &whole.sample else { return 0.0 };
    let begin = cpu();
    let bytes: usize = (0..REPEATS).map(|_| wire::event_to_proto(event).encode_to_vec().len()).sum();
    assert!(bytes > 0, "an event has bytes");
    (cpu() - begin).as_secs_f64() * 1e6 / f64::from(REPEATS)
}

fn report(bare: &Bare, whole: &Whole, whole_cpu: Duration, done: usize, mut times: StageTimes) {
    let per_frame = |time: Duration| time.as_secs_f64() * 1e3 / done as f64;
    println!("{done} frames, {} events", whole.events);
    let bare_cpu = bare.decoding + bare.inference;
    println!("processor time of a frame, ms:");
    println!("  decoding            {:8.3}", per_frame(bare.decoding));
    println!("  resizing            {:8.3}", per_frame(bare.resizing));
    println!("  inference           {:8.3}", per_frame(bare.inference));
    println!("  all else            {:8.3}", per_frame(whole_cpu.saturating_sub(bare_cpu + bare.resizing)));
    println!("  whole edge          {:8.3}", per_frame(whole_cpu));
    println!("whole edge over decoding and inference alone: {:.3}", whole_cpu.as_secs_f64() / bare_cpu.as_secs_f64());
    println!("encoding an event: {:.2} us", encoding(whole));
    times.add(&whole.analysis.times);
    println!("stage       mean ms   p50 ms   p99 ms (wall)");
    for stage in Stage::ALL {
        if let Some([mean, p50, p99]) = times.milliseconds(stage) {
            println!("{:<10} {mean:8.3} {p50:8.3} {p99:8.3}", stage.as_str());
        }
    }
}

fn main() {
    let Some(footage) = footage() else {
        println!("skipped: no footage; run `make setup`");
        return;
    };
    let frames = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(FRAMES);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let camera = config::hall_camera(CameraId::new("bench").expect("a name"), footage.secret());
    let models = ModelSettings::default();
    let open = || capture::open(&footage, &OpenOptions::default()).expect("footage opens");
    let model = || OnnxPerception::open(&models, &camera.pipeline).expect("a detector");
    let limits = greenlane::store::OutboxLimits {
        bytes_max: 1 << 30,
        age_max: Duration::from_secs(86_400),
        memory_max: 1 << 20,
    };
    let (handle, thread) =
        outbox::open(&folder.path().join("outbox.sqlite"), limits, Arc::clone(&clock)).expect("an outbox");
    let whole_model = model();
    let provenance = Arc::new(Provenance { models: whole_model.digest().to_owned(), configuration: camera.digest() });
    let analysis = Analysis::new(camera.clone(), provenance, Box::new(whole_model), Arc::clone(&clock), None);
    let header = FrameHeader {
        camera: camera.id.clone(),
        boot: BootId(1),
        sequence: 0,
        media_time: greenlane::time::MediaTime(0),
        capture_time: camera.start,
        width: 0,
        height: 0,
        keyframe: false,
    };
    let library = ModelLibrary::open(&models).expect("the manifest");
    let mut detector = Detector::open(&library, &models, &camera.pipeline.detector).expect("a detector");
    detector.preprocess(&Image::filled(768, 576, [114; 3])).expect("a picture");
    let mut bare = Bare {
        source: open(),
        model: detector,
        image: Image::default(),
        decoding: Duration::ZERO,
        resizing: Duration::ZERO,
        inference: Duration::ZERO,
    };
    let frame = Frame { header, image: Image::default() };
    let mut whole = Whole { camera, source: open(), analysis, outbox: handle, frame, events: 0, sample: None };
    let mut times = StageTimes::default();
    let (mut whole_cpu, mut done) = (Duration::ZERO, 0);
    while done < frames {
        let count = (0..BLOCK).take_while(|_| bare.frame()).count();
        let middle = cpu();
        let same = (0..BLOCK).take_while(|_| whole.frame(clock.as_ref(), &mut times)).count();
        whole.outbox.flush().expect("the outbox is there");
        whole_cpu += cpu() - middle;
        assert_eq!(count, same, "both sides see the same frames");
        done += count;
        if count < BLOCK {
            break;
        }
    }
    report(&bare, &whole, whole_cpu, done, times);
    drop(whole);
    thread.join();
}
