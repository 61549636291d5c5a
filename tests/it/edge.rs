//! The edge worker against a real camera, and the whole line as processes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use greenlane::capture::{self, OpenOptions};
use greenlane::clock::{Clock, SystemClock};
use greenlane::config::{SourceUrl, hall_camera};
use greenlane::event::{EdgeEvent, EventBody, OfflineCause, Provenance, SystemReport};
use greenlane::ids::{BootId, CameraId};
use greenlane::perception::ScriptedPerception;
use greenlane::shutdown::Shutdown;
use greenlane::worker::analysis::Analysis;
use greenlane::worker::camera::{Camera, Parts};
use greenlane::worker::lookout::Lookout;

use crate::support::rtsp::{Access, RtspServer};
use crate::support::site::until;
use crate::support::video::{self, Clip};

const STALL: Duration = Duration::from_secs(2);

/// A camera's threads against `url`; what it reports.
fn watch(url: &str, shutdown: &Shutdown) -> (Camera, Arc<Mutex<Vec<EdgeEvent>>>) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let settings = hall_camera(CameraId::new("gate").unwrap(), url);
    let provenance = Arc::new(Provenance { models: String::new(), configuration: String::new() });
    let perception = Box::new(ScriptedPerception::new(|_, _| Vec::new()));
    let events: Arc<Mutex<Vec<EdgeEvent>>> = Arc::default();
    let (sink, source, mut boots) = (Arc::clone(&events), SourceUrl::new(url), 0);
    let options = OpenOptions { open_timeout: Duration::from_secs(8), read_timeout: STALL, ..OpenOptions::default() };
    let camera = Camera::start(Parts {
        settings: settings.clone(),
        backoff_max: Duration::from_secs(1),
        recording: false,
        opener: Box::new(move || capture::open(&source, &options)),
        boots: Box::new(move || {
            boots += 1;
            Ok(BootId(boots))
        }),
        analysis: Analysis::new(settings, provenance, perception, Arc::clone(&clock), None),
        sink: Box::new(move |new| {
            sink.lock().unwrap().extend(new);
            Ok(())
        }),
        drops: Box::new(Vec::new),
        observer: Box::new(|_, _| Ok(())),
        lookout: Lookout::default(),
        clock,
        shutdown: shutdown.clone(),
    });
    (camera.unwrap(), events)
}

/// Online and offline of each run, in order.
fn story(events: &Mutex<Vec<EdgeEvent>>) -> Vec<(u32, Option<OfflineCause>)> {
    let told = |e: &EdgeEvent| match &e.body {
        EventBody::System(SystemReport::CameraOnline { .. }) => Some((e.id.boot.0, None)),
        EventBody::System(SystemReport::CameraOffline { cause }) => Some((e.id.boot.0, Some(*cause))),
        _ => None,
    };
    events.lock().unwrap().iter().filter_map(told).collect()
}

#[test]
fn a_camera_that_is_killed_restarted_and_frozen_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let clip = video::h264(folder.path(), Clip { frames: 100, ..Clip::default() });
    let Some(mut server) = RtspServer::start(&clip, Access::Open) else { return };
    let shutdown = Shutdown::new();
    let (camera, events) = watch(&server.url(), &shutdown);
    let online = |boot| story(&events).contains(&(boot, None));
    let offline = |boot| story(&events).iter().any(|(b, cause)| *b == boot && cause.is_some());

    until("the camera is online", || online(1));
    server.kill();
    until("its death is told", || offline(1));
    server.restart();
    until("it is back as a new run", || online(2));
    server.freeze();
    until("its freezing is told", || offline(2));
    server.thaw();
    until("it is back as a third run", || online(3));
    shutdown.request();
    camera.join().unwrap();

    let story = story(&events);
    let causes: Vec<_> = story.iter().filter_map(|(boot, cause)| cause.map(|c| (*boot, c))).collect();
    assert!(matches!(causes[0], (1, OfflineCause::Stall | OfflineCause::StreamEnded)), "{story:?}");
    assert_eq!(causes[1], (2, OfflineCause::Stall), "{story:?}");
    assert_eq!(causes.last(), Some(&(3, OfflineCause::Shutdown)), "{story:?}");
    for boot in 1..=3 {
        let events = events.lock().unwrap();
        let numbers: Vec<u64> = events.iter().filter(|e| e.id.boot.0 == boot).map(|e| e.id.sequence).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "run {boot}: no holes");
    }
}

/// A process that is killed when the test leaves it behind.
struct Process(Child);

impl Process {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
        command.env_remove("GREENLANE_MODEL_MIRROR").args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    fn lines(&mut self) -> impl Iterator<Item = String> + use<> {
        BufReader::new(self.0.stdout.take().unwrap()).lines().map_while(Result::ok)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_recording_goes_through_edge_and_centre_to_a_console() {
    let folder = tempfile::tempdir().unwrap();
    let clip = video::mjpeg(folder.path(), Clip { frames: 40, ..Clip::default() });
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mut central = Process::start(&["central", "--listen", "127.0.0.1:0", "--store", &path("site.sqlite")]);
    let ready = central.lines().next().unwrap();
    let address = ready.split("listening on ").nth(1).unwrap().split(',').next().unwrap().to_owned();
    let url = format!("http://{address}");
    let clip = format!("gate={}", clip.display());
    let outbox = path("outbox.sqlite");
    let record = path("record");
    let mut edge =
        Process::start(&["edge", &clip, "--central", &url, "--outbox", &outbox, "--record", &record, "--json"]);
    let summary: String = edge.lines().collect();
    assert!(edge.0.wait().unwrap().success());
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert_eq!((summary["cameras"][0]["frames"].as_u64(), summary["uplink"]["left"].as_u64()), (Some(40), Some(0)));
    let events = summary["cameras"][0]["events"].as_u64().unwrap();
    assert!(events >= 2, "{summary}");

    let count = events.to_string();
    let mut watch = Process::start(&["watch", "--central", &url, "--from-sequence", "1", "--count", &count, "--json"]);
    let seen: Vec<serde_json::Value> = watch.lines().map(|line| serde_json::from_str(&line).unwrap()).collect();
    let kinds: Vec<&str> = seen.iter().filter_map(|e| e["kind"].as_str()).collect();
    assert_eq!((kinds.first(), kinds.last()), (Some(&"camera_online"), Some(&"camera_offline")), "{seen:?}");
    assert_eq!(kinds.len() as u64, events);
    assert!(folder.path().join("record/tracks/gate.txt").is_file());
    assert!(folder.path().join("record/tapes/gate.tape").is_file());
}

/// What a centre was told, as JSON, from its first event on.
fn told(url: &str, count: u64) -> Vec<serde_json::Value> {
    let count = count.to_string();
    let mut watch = Process::start(&["watch", "--central", url, "--from-sequence", "1", "--count", &count, "--json"]);
    watch.lines().map(|line| serde_json::from_str(&line).unwrap()).collect()
}

#[test]
fn a_recording_is_played_so_many_times_each_time_as_a_run_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let clip = video::mjpeg(folder.path(), Clip { frames: 12, ..Clip::default() });
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mut central = Process::start(&["central", "--listen", "127.0.0.1:0", "--store", &path("site.sqlite")]);
    let ready = central.lines().next().unwrap();
    let url = format!("http://{}", ready.split("listening on ").nth(1).unwrap().split(',').next().unwrap());
    let (clip, outbox) = (format!("gate={}", clip.display()), path("outbox.sqlite"));
    let mut edge = Process::start(&["edge", &clip, "--central", &url, "--outbox", &outbox, "--loops", "3", "--json"]);
    let summary: String = edge.lines().collect();
    assert!(edge.0.wait().unwrap().success());
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert_eq!((summary["cameras"][0]["frames"].as_u64(), summary["uplink"]["left"].as_u64()), (Some(36), Some(0)));
    let seen = told(&url, summary["cameras"][0]["events"].as_u64().unwrap());
    for kind in ["camera_online", "camera_offline"] {
        let of = seen.iter().filter(|event| event["kind"] == kind).map(|event| event["boot"].to_string());
        let runs: std::collections::BTreeSet<String> = of.collect();
        assert_eq!(runs.len(), 3, "{kind}: {seen:?}");
    }
    let times: Vec<&str> = seen.iter().filter_map(|event| event["time"].as_str()).collect();
    assert!(times.windows(2).all(|pair| pair[0] <= pair[1]), "each run is later than the one before: {times:?}");
}

#[test]
fn the_demo_plays_a_recording_so_many_times_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let clip = video::mjpeg(folder.path(), Clip { frames: 12, ..Clip::default() });
    let (clip, out) = (clip.display().to_string(), folder.path().join("out").display().to_string());
    let mut demo = Process::start(&["demo", &clip, "--loops", "2", "--out", &out]);
    let said: Vec<String> = demo.lines().collect();
    assert!(demo.0.wait().unwrap().success(), "{said:?}");
    assert!(said[0].contains("open http://127.0.0.1:"), "{said:?}");
    let online = said.iter().filter(|line| line.contains("clip camera_online")).count();
    assert!(online == 2 && said.iter().any(|line| line.starts_with("24 frames analysed")), "{said:?}");
    assert!(folder.path().join("out/site.sqlite").is_file());
}

#[test]
fn the_demo_names_what_it_left_and_not_what_lay_there() {
    let folder = tempfile::tempdir().unwrap();
    let clip = video::mjpeg(folder.path(), Clip { frames: 12, ..Clip::default() });
    let (clip, out) = (clip.display().to_string(), folder.path().join("out"));
    std::fs::create_dir_all(out.join("tracks")).unwrap();
    std::fs::write(out.join("tracks/yesterday.txt"), "").unwrap();
    let mut demo = Process::start(&["demo", &clip, "--out", out.to_str().unwrap()]);
    let said: Vec<String> = demo.lines().collect();
    assert!(demo.0.wait().unwrap().success(), "{said:?}");
    for (file, named) in
        [("out/clip.mp4", true), ("tapes/clip.tape", true), ("tracks/clip.txt", true), ("yesterday", false)]
    {
        assert_eq!(said.iter().any(|line| line.contains(file)), named, "{file}: {said:?}");
    }
}

#[test]
fn inputs_that_cannot_be_used_are_named_with_their_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("text.mp4"), "no video").unwrap();
    let rows: &[(&[&str], i32, &str)] = &[
        (&["nothere.mp4"], 2, "nothere.mp4"),
        (&[&path("text.mp4")], 2, "text.mp4"),
        (&[&path("text.mp4"), "--model", "no-such-model"], 2, "no-such-model"),
        (&["x.mp4", "--outbox", &path("text.mp4")], 2, "text.mp4"),
        (&["a=x.mp4", "--pictures"], 64, "--record"),
        (&[], 64, "Usage"),
    ];
    for (number, (arguments, code, says)) in rows.iter().enumerate() {
        let outbox = path(&format!("outbox-{number}.sqlite"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
        command.env_remove("GREENLANE_MODEL_MIRROR").arg("edge");
        if !arguments.contains(&"--outbox") {
            command.args(["--outbox", &outbox]);
        }
        // Nobody listens there: what happens to the video does not depend on the centre.
        let output = command.args(["--central", "http://127.0.0.1:9"]).args(*arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}: {said}");
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
}
