//! One camera from source to events without models: synthetic frames, scripted detections.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use greenlane::capture::{CaptureError, FrameSource, Happening, SyntheticSettings, SyntheticSource};
use greenlane::central::Directive;
use greenlane::clock::{Clock, ManualClock, SystemClock};
use greenlane::config::{CameraSettings, hall_camera};
use greenlane::event::{EdgeEvent, EventBody, OfflineCause, Provenance, SystemReport};
use greenlane::frame::{BBox, Image, ObjectClass};
use greenlane::ids::{BootId, CameraId};
use greenlane::perception::ScriptedPerception;
use greenlane::privacy::{MaskRule, MaskUnits};
use greenlane::recording::{TapeReader, TapeWriter, Title};
use greenlane::shutdown::Shutdown;
use greenlane::tracking::Detection;
use greenlane::wire::json::event_line;
use greenlane::worker::analysis::Analysis;
use greenlane::worker::camera::{Camera, CameraSummary, Parts};
use greenlane::worker::lookout::Lookout;
use greenlane::worker::recorder::Recorder;
use greenlane::worker::replay::{Replayed, replay_source, replay_tape};
use greenlane::worker::stages::Stage;

/// Longest wait for something that must happen.
const DEADLINE: Duration = Duration::from_secs(60);

fn camera() -> CameraSettings {
    hall_camera(CameraId::new("gate").expect("a name"), "synthetic")
}

/// Somebody who walks to the right, and somebody who is there half of the time.
fn walkers(frame: u64, _: &Image) -> Vec<Detection> {
    let person =
        |x: f64, score| Detection { bbox: BBox { x, y: 60.0, w: 40.0, h: 100.0 }, score, class: ObjectClass::Person };
    let mut found = vec![person(10.0 + frame as f64, 0.9)];
    if frame / 50 % 2 == 1 {
        found.push(person(250.0, 0.8));
    }
    found
}

fn analysis(tape: Option<TapeWriter>, clock: Arc<dyn Clock>) -> Analysis {
    let provenance = Arc::new(title().provenance);
    Analysis::new(camera(), provenance, Box::new(ScriptedPerception::new(walkers)), clock, tape)
}

fn title() -> Title {
    let camera = camera();
    let provenance = Provenance { models: "models".to_owned(), configuration: "configuration".to_owned() };
    Title { camera: camera.id, provenance, settings: camera.pipeline.core }
}

fn script(rows: &[(u64, Happening)]) -> SyntheticSettings {
    SyntheticSettings {
        frames: Some(200),
        script: rows.iter().copied().collect::<BTreeMap<_, _>>(),
        ..Default::default()
    }
}

fn replay(settings: SyntheticSettings, folder: &Path, tape: Option<TapeWriter>) -> Replayed {
    replay_looking(settings, folder, tape, Lookout::default())
}

fn replay_looking(settings: SyntheticSettings, folder: &Path, tape: Option<TapeWriter>, lookout: Lookout) -> Replayed {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(0));
    let mut source = SyntheticSource::new(settings);
    let mut recorder = Recorder::create(folder, &camera().id, false).expect("a folder");
    let analysis = analysis(tape, Arc::clone(&clock)).looking_out(lookout);
    let calls = Cell::new(0);
    let count = |frames| calls.set(frames);
    let replayed = replay_source(&camera(), &mut source, analysis, &mut recorder, clock.as_ref(), &count);
    recorder.finish().expect("a track file");
    let replayed = replayed.expect("no model can fail");
    assert_eq!(calls.get(), replayed.frames);
    replayed
}

fn lines(events: &[EdgeEvent]) -> Vec<String> {
    events.iter().map(event_line).collect()
}

fn system(events: &[EdgeEvent]) -> Vec<SystemReport> {
    let report = |e: &EdgeEvent| match &e.body {
        EventBody::System(report) => Some(report.clone()),
        _ => None,
    };
    events.iter().filter_map(report).collect()
}

#[test]
fn a_tape_gives_the_same_events_and_tracks_without_pixels() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gate.tape");
    let settings = script(&[(50, Happening::Undecodable), (120, Happening::Gap { seconds: 30.0 })]);
    let tape = TapeWriter::create(&path, &title()).expect("a tape");
    let first = replay(settings, &folder.path().join("first"), Some(tape));

    let mut recorder = Recorder::create(&folder.path().join("second"), &camera().id, false).expect("a folder");
    let mut tape = TapeReader::open(&path).expect("a tape");
    let second = replay_tape(&mut tape, &mut recorder).expect("writable");
    recorder.finish().expect("a track file");

    let runs = first.times.count(Stage::Detect);
    assert!(runs > 20 && runs < first.frames, "the detector rests now and then: {runs} runs");
    assert_eq!(lines(&first.events), lines(&second.events));
    assert_eq!((first.frames, second.frames, second.fault), (199, 199, None));
    let tracks = |run: &str| std::fs::read(folder.path().join(run).join("tracks/gate.txt")).expect("a track file");
    assert_eq!(tracks("first"), tracks("second"));
    assert!(!tracks("first").is_empty());

    // As truth, a row counts when its seventh column is 1.
    let text = String::from_utf8(tracks("first")).expect("text");
    let row = |line: &str| line.split(',').take(6).chain(["1", "-1"]).collect::<Vec<_>>().join(",");
    let truth = folder.path().join("gate.txt");
    std::fs::write(&truth, text.lines().map(row).collect::<Vec<_>>().join("\n")).expect("written");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_greenlane"));
    let evaluate = command.args(["evaluate", "tracking", "--benchmark", "MOT15", "--json", "--gt"]);
    let found = evaluate.arg(&truth).arg("--results").arg(&path).output().expect("the binary");
    let json: serde_json::Value = serde_json::from_slice(&found.stdout).expect("JSON");
    assert_eq!(json["combined"]["IDF1"], 1.0, "a tape as results is what the track file says");
}

#[test]
fn a_camera_that_looks_for_somebody_does_so_in_every_frame_and_its_tape_plays_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gate.tape");
    let (lookout, _found) = Lookout::new();
    let order = |camera: CameraId| Directive {
        follow: 1,
        camera,
        from: 0,
        until: i64::MAX,
        priority: 1.0,
        look: None,
        cosine_min: 1.0,
    };
    let run = |name: &str, tape| replay_looking(script(&[]), &folder.path().join(name), tape, lookout.clone());
    let resting = run("resting", None);
    lookout.replace(vec![order(CameraId::new("other").expect("a name"))]);
    assert_eq!(lines(&run("other", None).events), lines(&resting.events));
    lookout.replace(vec![order(camera().id)]);
    let looking = run("looking", Some(TapeWriter::create(&path, &title()).expect("a tape")));
    let runs = |replayed: &Replayed| replayed.times.count(Stage::Detect);
    assert!(
        runs(&resting) < resting.frames && runs(&looking) == looking.frames,
        "{} {}",
        runs(&resting),
        runs(&looking)
    );
    let mut recorder = Recorder::create(&folder.path().join("again"), &camera().id, false).expect("a folder");
    let mut tape = TapeReader::open(&path).expect("a tape");
    let again = replay_tape(&mut tape, &mut recorder).expect("writable");
    assert_eq!(lines(&again.events), lines(&looking.events));
}

#[test]
fn what_a_mask_covers_no_model_and_no_observer_sees() {
    let rule = |units, polygon: &[(f64, f64)]| MaskRule { id: "door".to_owned(), polygon: polygon.to_vec(), units };
    let door = rule(MaskUnits::Normalised, &[(0.0, 0.0), (0.25, 0.0), (0.25, 0.5), (0.0, 0.5)]);
    let screen = rule(MaskUnits::Pixels, &[(300.0, 200.0), (310.0, 200.0), (310.0, 210.0), (300.0, 210.0)]);
    let camera = CameraSettings { masks: vec![door, screen], ..camera() };
    let blank = |image: &Image, x: u32, y: u32| {
        let at = 3 * (y * image.width + x) as usize;
        image.bgr[at..at + 3] == [114; 3]
    };
    let seen = move |frame: u64, image: &Image| {
        assert!(blank(image, 1, 1) && blank(image, image.width / 4 - 1, image.height / 2 - 1), "frame {frame}");
        assert!(blank(image, 305, 205) && !blank(image, image.width / 2, 5), "frame {frame}");
        walkers(frame, image)
    };
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(0));
    let provenance = Arc::new(title().provenance);
    let perception = Box::new(ScriptedPerception::new(seen));
    let analysis = Analysis::new(camera.clone(), provenance, perception, Arc::clone(&clock), None);
    let folder = tempfile::tempdir().expect("a folder");
    let mut recorder = Recorder::create(folder.path(), &camera.id, false).expect("a folder");
    let mut source = SyntheticSource::new(script(&[]));
    let replayed =
        replay_source(&camera, &mut source, analysis, &mut recorder, clock.as_ref(), &|_| ()).expect("played");
    assert_eq!(replayed.frames, 200);
}

#[test]
fn a_still_view_hardly_needs_the_detector() {
    let folder = tempfile::tempdir().expect("a folder");
    let still = SyntheticSettings { walkers: 0, ..script(&[]) };
    let seconds = still.frames.expect("some") as f64 / still.fps;
    let replayed = replay(still, folder.path(), None);
    let runs = replayed.times.count(Stage::Detect);
    let refreshes = (seconds / camera().pipeline.core.interval.still_s).ceil() as u64;
    assert!((1..=refreshes).contains(&runs), "{runs} runs in {seconds} s");
    assert_eq!(replayed.frames, 200);
}

#[test]
fn what_people_do_in_zones_is_told_from_a_recording_and_from_its_tape_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gate.tape");
    let mut settings = camera();
    // The walker's foot moves to the right at y = 160; from below upwards, the right-hand side is "in".
    settings.pipeline.core.rules = serde_json::from_value(serde_json::json!({
        "line": [{ "id": "door", "from": [100, 300], "to": [100, 10], "units": "pixels" }],
        "zone": [{ "id": "mat", "polygon": [[0, 100], [400, 100], [400, 200], [0, 200]], "units": "pixels",
                   "dwell_max_s": 4 }],
    }))
    .expect("rules");
    let title = Title { settings: settings.pipeline.core.clone(), ..title() };
    let tape = TapeWriter::create(&path, &title).expect("a tape");
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(0));
    let mut source = SyntheticSource::new(script(&[]));
    let mut recorder = Recorder::create(&folder.path().join("first"), &settings.id, false).expect("a folder");
    let perception = Box::new(ScriptedPerception::new(walkers));
    let analysis =
        Analysis::new(settings.clone(), Arc::new(title.provenance), perception, Arc::clone(&clock), Some(tape));
    let first = replay_source(&settings, &mut source, analysis, &mut recorder, clock.as_ref(), &|_| ());
    let first = first.expect("no model can fail");
    let mut tape = TapeReader::open(&path).expect("a tape");
    let second = replay_tape(&mut tape, &mut recorder).expect("writable");
    assert_eq!(lines(&first.events), lines(&second.events));

    let told: Vec<(&str, Option<&str>)> = first
        .events
        .iter()
        .filter_map(|event| match &event.body {
            EventBody::Behaviour(report) => Some((report.behaviour.as_str(), event.zone.as_deref())),
            _ => None,
        })
        .collect();
    assert!(told.contains(&("line_crossed", Some("door/in"))), "{told:?}");
    assert!(told.contains(&("loitering", Some("mat"))), "{told:?}");
    assert!(!told.contains(&("line_crossed", Some("door/out"))), "{told:?}");
}

#[test]
fn a_tape_that_breaks_off_is_played_as_far_as_it_goes_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gate.tape");
    let tape = TapeWriter::create(&path, &title()).expect("a tape");
    let whole = replay(script(&[]), &folder.path().join("first"), Some(tape));
    let bytes = std::fs::read(&path).expect("a tape");
    std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("writable");

    let mut recorder = Recorder::create(&folder.path().join("second"), &camera().id, false).expect("a folder");
    let half = replay_tape(&mut TapeReader::open(&path).expect("a title"), &mut recorder).expect("writable");
    assert!(half.fault.as_ref().is_some_and(|f| f.contains("breaks off")), "{:?}", half.fault);
    assert!(half.frames > 80 && half.frames < 120, "{}", half.frames);
    assert_eq!(lines(&half.events), lines(&whole.events)[..half.events.len()]);

    for (name, content) in [("empty", &b""[..]), ("text", b"frame,id,x,y\n"), ("zeros", &[0; 64])] {
        std::fs::write(&path, content).expect("writable");
        let error = TapeReader::open(&path).expect_err(name).to_string();
        assert!(error.contains("gate.tape"), "{name}: {error}");
    }
}

#[test]
fn what_happens_to_a_recording_is_told() {
    use Happening::{Disconnect, Gap, Resize, Stall, Undecodable};
    let offline = |cause| SystemReport::CameraOffline { cause };
    let rows: [(&str, (u64, Happening), SystemReport, u64); 5] = [
        ("stall", (80, Stall), offline(OfflineCause::Stall), 79),
        ("disconnect", (80, Disconnect), offline(OfflineCause::StreamEnded), 79),
        (
            "resize",
            (80, Resize { width: 160, height: 120 }),
            SystemReport::ResolutionChanged { width: 160, height: 120 },
            200,
        ),
        ("gap", (80, Gap { seconds: 60.0 }), SystemReport::ClockSuspect, 200),
        ("bad frame", (80, Undecodable), offline(OfflineCause::DecodeFailed), 199),
    ];
    for (name, happening, expected, frames) in rows {
        let folder = tempfile::tempdir().expect("a folder");
        let replayed = replay(script(&[happening]), folder.path(), None);
        assert!(system(&replayed.events).contains(&expected), "{name}: {:?}", system(&replayed.events));
        assert_eq!(replayed.frames, frames, "{name}");
        let sequences: Vec<u64> = replayed.events.iter().map(|e| e.id.sequence).collect();
        assert_eq!(sequences, (1..=replayed.events.len() as u64).collect::<Vec<_>>(), "{name}: no holes");
    }
}

/// Runs a live camera until `enough` of its events were seen.
fn live(
    sources: Vec<Result<SyntheticSettings, CaptureError>>,
    enough: impl Fn(&[EdgeEvent]) -> bool,
) -> (Vec<EdgeEvent>, CameraSummary) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let shutdown = Shutdown::new();
    let seen: Arc<Mutex<Vec<EdgeEvent>>> = Arc::default();
    let (sink, mut boots) = (Arc::clone(&seen), 0);
    let mut sources = sources.into_iter();
    let last = SyntheticSettings { frames: None, ..SyntheticSettings::default() };
    let parts = Parts {
        settings: camera(),
        backoff_max: Duration::from_millis(10),
        recording: false,
        opener: Box::new(move || {
            let settings = sources.next().unwrap_or_else(|| Ok(last.clone()))?;
            Ok(Box::new(SyntheticSource::new(settings)) as Box<dyn FrameSource>)
        }),
        boots: Box::new(move || {
            boots += 1;
            Ok(BootId(boots))
        }),
        analysis: analysis(None, Arc::clone(&clock)),
        sink: Box::new(move |events| {
            sink.lock().expect("no one panics").extend(events);
            Ok(())
        }),
        drops: Box::new(|| vec![("outbox-age", 2)]),
        observer: Box::new(|_, _| Ok(())),
        lookout: Lookout::default(),
        clock: Arc::clone(&clock),
        shutdown: shutdown.clone(),
    };
    let camera = Camera::start(parts).expect("threads");
    while !enough(&seen.lock().expect("no one panics")) {
        assert!(clock.now().0 < DEADLINE, "never enough: {:?}", lines(&seen.lock().expect("no one panics")));
        clock.sleep(Duration::from_millis(5));
    }
    shutdown.request();
    let summary = camera.join().expect("a good end");
    let events = seen.lock().expect("no one panics").clone();
    (events, summary)
}

#[test]
fn a_camera_that_goes_comes_back_as_a_new_run() {
    let brief = |happening| Ok(script(&[(40, happening)]));
    let gone = || {
        Err(CaptureError::Unreachable { source_name: "rtsp://***@10.0.0.7/s".to_owned(), reason: "refused".to_owned() })
    };
    let sources = vec![gone(), gone(), brief(Happening::Stall), gone(), brief(Happening::Disconnect)];
    let online = |events: &[EdgeEvent]| {
        system(events).iter().filter(|r| matches!(r, SystemReport::CameraOnline { .. })).count() == 3
    };
    let (events, summary) = live(sources, online);
    let told: Vec<(u32, SystemReport)> = events
        .iter()
        .filter_map(|e| match &e.body {
            // A synthetic camera is not paced: while the analysis is busy its clock runs seconds ahead, and it is drops.
            EventBody::System(SystemReport::QueueDropped { .. } | SystemReport::ClockSuspect) => None,
            EventBody::System(report) => Some((e.id.boot.0, report.clone())),
            _ => None,
        })
        .collect();
    let online = SystemReport::CameraOnline { width: 320, height: 240 };
    let offline = |cause| SystemReport::CameraOffline { cause };
    assert_eq!(
        told,
        [
            // Away at first: told once, whatever the number of attempts, and the same run begins when it is there.
            (1, offline(OfflineCause::OpenFailed)),
            (1, online.clone()),
            (1, offline(OfflineCause::Stall)),
            (2, offline(OfflineCause::OpenFailed)),
            (2, online.clone()),
            (2, offline(OfflineCause::StreamEnded)),
            (3, online),
            (3, offline(OfflineCause::Shutdown)),
        ]
    );
    for boot in 1..=3 {
        let of_boot: Vec<u64> = events.iter().filter(|e| e.id.boot.0 == boot).map(|e| e.id.sequence).collect();
        assert_eq!(of_boot, (1..=of_boot.len() as u64).collect::<Vec<_>>(), "run {boot}: no holes");
    }
    assert!(summary.frames > 0 && summary.events == events.len() as u64, "{summary:?}");
}

#[test]
fn drops_behind_a_live_camera_are_counted_and_told() {
    let (events, summary) = live(vec![Ok(script(&[(190, Happening::Stall)]))], |events| {
        system(events).iter().any(|r| matches!(r, SystemReport::CameraOffline { .. }))
    });
    let dropped: BTreeMap<String, u64> = system(&events)
        .into_iter()
        .filter_map(|r| match r {
            SystemReport::QueueDropped { queue, count } => Some((queue, count)),
            _ => None,
        })
        .rev()
        .collect();
    assert_eq!(dropped.get("outbox-age"), Some(&2));
    // A synthetic camera gives frames faster than they are analysed; every one is either analysed or counted.
    let of_first_run = |e: &&EdgeEvent| e.id.boot == BootId(1);
    let passed = events.iter().filter(of_first_run).filter_map(|e| match &e.body {
        EventBody::System(SystemReport::QueueDropped { queue, count }) if queue == "latest-slot" => Some(*count),
        _ => None,
    });
    let passed: u64 = passed.sum();
    assert!(passed <= 189 && summary.passed_over >= passed, "{passed} {summary:?}");
}
