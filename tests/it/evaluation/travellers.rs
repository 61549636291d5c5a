//! `greenlane evaluate tracking --multi-camera --travellers`: the tapes of two cameras as the travellers that the centre
//! makes of them.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Output;

use greenlane::config::hall_camera;
use greenlane::event::{OfflineCause, Provenance};
use greenlane::frame::{BBox, FrameHeader, ObjectClass};
use greenlane::ids::{BootId, CameraId};
use greenlane::recording::{Entry, TapeWriter, Title};
use greenlane::time::{CaptureTime, MediaTime};
use greenlane::tracking::Detection;
use serde_json::Value;

use super::command::{evaluate, text};

/// Frames a second, and how many.
const FPS: u32 = 10;
const FRAMES: u32 = 450;

/// Somebody who is seen by a camera in these frames.
struct Walk {
    person: u64,
    frames: Range<u32>,
}

fn place(frame: u32) -> BBox {
    BBox { x: 20.0 + f64::from(frame % 200), y: 60.0, w: 40.0, h: 100.0 }
}

/// A tape of what a detector sees of these walks, and the truth beside it.
fn record(folder: &Path, name: &str, walks: &[Walk]) {
    let camera = hall_camera(CameraId::new(name).unwrap(), "synthetic");
    let provenance = Provenance { models: "models".to_owned(), configuration: "configuration".to_owned() };
    let title = Title { camera: camera.id.clone(), provenance, settings: camera.pipeline.core };
    let mut tape = TapeWriter::create(&folder.join("tapes").join(format!("{name}.tape")), &title).unwrap();
    let mut truth = String::new();
    for frame in 1..=FRAMES {
        let seconds = f64::from(frame) / f64::from(FPS);
        let mut detections = Vec::new();
        for walk in walks.iter().filter(|walk| walk.frames.contains(&frame)) {
            let bbox = place(frame);
            detections.push(Detection { bbox, score: 0.9, class: ObjectClass::Person });
            truth += &format!("{frame},{},{},{},{},{},1,1,1\n", walk.person, bbox.x, bbox.y, bbox.w, bbox.h);
        }
        let header = FrameHeader {
            camera: camera.id.clone(),
            boot: BootId(1),
            sequence: u64::from(frame),
            media_time: MediaTime::from_seconds(seconds),
            capture_time: CaptureTime::exact((seconds * 1e6) as i64),
            width: 320,
            height: 240,
            keyframe: true,
        };
        tape.append(&Entry::Frame { header, detections: Some(detections), answers: Vec::new() }).unwrap();
    }
    let at = CaptureTime::exact(i64::from(FRAMES / FPS) * 1_000_000);
    tape.append(&Entry::Offline { boot: BootId(1), cause: OfflineCause::StreamEnded, at }).unwrap();
    tape.finish().unwrap();
    fs::write(folder.join("gt").join(format!("{name}.txt")), truth).unwrap();
}

/// One is seen by the belt's camera and comes to the gate 5 s later; before that the gate sees somebody else.
fn site(folder: &Path) {
    ["gt", "tapes"].iter().for_each(|name| fs::create_dir(folder.join(name)).unwrap());
    record(folder, "belt", &[Walk { person: 1, frames: 50..150 }]);
    record(folder, "gate", &[Walk { person: 2, frames: 30..130 }, Walk { person: 1, frames: 200..300 }]);
    let ways = "[central.topology]\noverlaps_are = \"all\"\nways_are = \"all\"\nways = [{ from = \"belt\", to = \"gate\", seconds = 5 }]\n";
    fs::write(folder.join("site.toml"), ways).unwrap();
}

#[test]
fn tracks_get_the_numbers_of_travellers() {
    let folder = tempfile::tempdir().unwrap();
    site(folder.path());
    let found = |more: &[&str]| -> Value {
        let given = ["--gt", "gt", "--results", "tapes", "--benchmark", "MOT17", "--multi-camera", "--json"];
        let output = evaluate(folder.path(), &[&given[..], more].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["multi_camera"].clone()
    };
    let figure = |report: &Value, name: &str| report[name].as_f64().unwrap();
    // Each camera numbers its own tracks from 1: the belt's first and the gate's first are not one person.
    let tracks = found(&[]);
    assert!(figure(&tracks, "IDF1") < 0.7, "{tracks}");
    assert_eq!(figure(&tracks, "hand_over_recall"), 0.0);
    let travellers = found(&["--travellers", "--config", "site.toml"]);
    assert!(figure(&travellers, "IDF1") > 0.95, "{travellers}");
    assert_eq!((figure(&travellers, "hand_over_recall"), figure(&travellers, "hand_over_precision")), (1.0, 1.0));
}

#[test]
fn what_is_no_tape_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    ["gt", "results"].iter().for_each(|name| fs::create_dir(folder.path().join(name)).unwrap());
    for file in ["gt/belt.txt", "results/belt.txt"] {
        fs::write(folder.path().join(file), "1,1,0,0,10,20,1,-1\n").unwrap();
    }
    let refused = |more: &[&str]| -> (Option<i32>, String) {
        let Output { status, stderr, .. } =
            evaluate(folder.path(), &[&["--gt", "gt", "--results", "results"], more].concat());
        (status.code(), text(&stderr))
    };
    let (code, why) = refused(&["--multi-camera", "--travellers"]);
    assert!(code == Some(2) && why.contains("belt.txt: no tape"), "{code:?} {why}");
    let (code, why) = refused(&["--travellers"]);
    assert!(code == Some(64) && why.contains("--multi-camera"), "{code:?} {why}");
}
