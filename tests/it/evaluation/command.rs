//! `greenlane evaluate tracking` as a person or a program calls it.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use greenlane::evaluation::MotRow;
use greenlane::event::{EdgeEvent, Lifecycle};
use greenlane::frame::BBox;
use greenlane::ids::TrackId;
use greenlane::store::EventStore;
use serde_json::Value;

use super::inputs::{self, Input};
use crate::support::site;

pub(super) fn evaluate(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
    command.current_dir(folder).args(["evaluate", "tracking"]).args(arguments).output().unwrap()
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn mot_text(rows: &[MotRow]) -> String {
    rows.iter().fold(String::new(), |mut text, row| {
        let (bbox, class) = (row.bbox, row.class.unwrap());
        let (frame, id, confidence) = (row.frame, row.id, row.confidence);
        writeln!(text, "{frame},{id},{},{},{},{},{confidence},{class},-1,-1", bbox.x, bbox.y, bbox.w, bbox.h).unwrap();
        text
    })
}

/// `gt/SEQ/gt/gt.txt` with its description, and `results/SEQ.txt`.
fn write(folder: &Path, inputs: &[Input]) {
    for input in inputs {
        let base = folder.join("gt").join(&input.name);
        fs::create_dir_all(base.join("gt")).unwrap();
        fs::write(base.join("gt/gt.txt"), mot_text(&input.truth)).unwrap();
        fs::write(base.join("seqinfo.ini"), format!("[Sequence]\nseqLength={}\n", input.frames)).unwrap();
        fs::create_dir_all(folder.join("results")).unwrap();
        fs::write(folder.join("results").join(format!("{}.txt", input.name)), mot_text(&input.results)).unwrap();
    }
}

#[test]
fn all_outputs_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &inputs::scenes());
    let where_to = ["--gt", "gt", "--results", "results", "--benchmark", "MOT20"];
    let found =
        evaluate(folder.path(), &[&where_to[..], &["--json", "--csv", "all.csv", "--html", "page.html"]].concat());
    assert_eq!((found.status.code(), text(&found.stderr)), (Some(0), String::new()));
    let json: Value = serde_json::from_slice(&found.stdout).unwrap();
    let golden: Value = serde_json::from_str(super::GOLDEN).unwrap();
    let golden = &golden["scenes"]["MOT20"];
    let (mut unlike, mut compared) = (Vec::new(), 0);
    compared += super::compare("combined", &json["combined"], &golden["COMBINED_SEQ"], &mut unlike);
    for sequence in json["sequences"].as_array().unwrap() {
        let name = sequence["sequence"].as_str().unwrap();
        compared += super::compare(name, sequence, &golden[name], &mut unlike);
    }
    assert_eq!((unlike, compared), (Vec::new(), 8 * super::FIGURES));

    let csv = fs::read_to_string(folder.path().join("all.csv")).unwrap();
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!((lines.len(), lines[8][0]), (9, "COMBINED"));
    let mota = lines[0].iter().position(|name| *name == "MOTA").unwrap();
    let expected = golden["COMBINED_SEQ"]["MOTA"].as_f64().unwrap();
    assert!((lines[8][mota].parse::<f64>().unwrap() - expected).abs() < super::TOLERANCE);
    assert!(lines.iter().all(|line| line.len() == lines[0].len()));

    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert_eq!(page.matches("<details").count(), 7);
    // Nothing from outside, and no broken number in a plot.
    for banned in ["http", "src=", "NaN", "inf'", "inf "] {
        assert!(!page.contains(banned), "{banned}");
    }

    let table = text(&evaluate(folder.path(), &where_to).stdout);
    assert_eq!(table.lines().count(), 1 + 1 + 7 + 1 + 1, "{table}");
    assert!(table.contains(&format!("{:.2}", 100.0 * expected)), "{table}");
    // The same with one worker.
    assert_eq!(text(&evaluate(folder.path(), &[&where_to[..], &["--workers", "1"]].concat()).stdout), table);
}

#[test]
fn one_file_its_classes_and_its_labelled_area() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("gt.txt"), "1,1,0,0,10,20,1,-1\n2,1,0,0,10,20,1,-1\n").unwrap();
    let results = "1,5,0,0,10,20,0.9,1\n2,5,0,0,10,20,0.9,1\n2,6,0,5,10,5,0.9,24\n2,7,100,0,10,20,0.9,1\n";
    fs::write(folder.path().join("hall.txt"), results).unwrap();
    for (more, false_boxes, note) in [
        (&[][..], 1, "1 result rows of other classes left out"),
        (&["--region", "-5,-5 50,-5 50,50 -5,50"], 0, "1 result rows outside the labelled area left out"),
        (
            &["--world-region", "-1,-1,5,5", "--homography", "0.1,0,0,0,0.1,0,0,0,1"],
            0,
            "1 result rows outside the labelled area left out",
        ),
    ] {
        let files = ["--gt", "gt.txt", "--results", "hall.txt", "--json"];
        let found = evaluate(folder.path(), &[&files[..], more].concat());
        let json: Value = serde_json::from_slice(&found.stdout).unwrap();
        assert_eq!(json["combined"]["CLR_FP"], Value::from(false_boxes), "{more:?}");
        assert_eq!((&json["combined"]["CLR_TP"], &json["benchmark"]), (&Value::from(2), &Value::from("MOT15")));
        assert!(text(&found.stderr).contains(note), "{}", text(&found.stderr));
    }
}

#[test]
fn cameras_of_one_site() {
    let folder = tempfile::tempdir().unwrap();
    let box_in = |frame: u32, id: u32| format!("{frame},{id},0,0,10,20,1,-1\n");
    for (side, second) in [("gt", 1), ("results", 2)] {
        fs::create_dir_all(folder.path().join(side)).unwrap();
        let first: String = (1..=5).map(|frame| box_in(frame, 1)).collect();
        let second: String = (6..=10).map(|frame| box_in(frame, second)).collect();
        fs::write(folder.path().join(side).join("belt.txt"), first).unwrap();
        fs::write(folder.path().join(side).join("gate.txt"), second).unwrap();
    }
    let found = evaluate(folder.path(), &["--gt", "gt", "--results", "results", "--multi-camera", "--json"]);
    let json: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!((&json["combined"]["IDF1"], &json["multi_camera"]["IDF1"]), (&Value::from(1.0), &Value::from(0.5)));
    assert_eq!((&json["multi_camera"]["MCTA"], &json["multi_camera"]["hand_over_recall"]), (&0.0.into(), &0.0.into()));
    let table = text(&evaluate(folder.path(), &["--gt", "gt", "--results", "results", "--multi-camera"]).stdout);
    assert!(table.contains("hand-overs found: 0 of 1"), "{table}");
}

#[test]
fn places_on_the_floor() {
    let folder = tempfile::tempdir().unwrap();
    // Feet at (5, 20) and (205, 20) pixels, a hundredth of that in metres; results 0.2 m and 0.9 m off, and one outside.
    let row = |frame: u32, id: u32, x: u32| format!("{frame},{id},{x},0,10,20,1,-1\n");
    fs::write(folder.path().join("gt.txt"), [row(1, 1, 0), row(1, 2, 200)].concat()).unwrap();
    fs::write(folder.path().join("r.txt"), [row(1, 1, 20), row(1, 2, 290), row(1, 3, 900)].concat()).unwrap();
    let given = ["--gt", "gt.txt", "--results", "r.txt", "--benchmark", "MOT15", "--world-region", "-1,-1,4,4"];
    let map = ["--homography", "0.01,0,0,0,0.01,0,0,0,1", "--floor-radius", "0.5"];
    let found = evaluate(folder.path(), &[&given[..], &map, &["--json"]].concat());
    let json: Value = serde_json::from_slice(&found.stdout).unwrap();
    let floor = &json["floor"];
    assert_eq!((&floor["matches"], &floor["misses"], &floor["false_positives"]), (&1.into(), &1.into(), &1.into()));
    let [moda, modp] = ["MODA", "MODP"].map(|name| floor[name].as_f64().unwrap());
    assert!(moda.abs() < 1e-9 && (modp - 0.6).abs() < 1e-9, "{floor}");
    let table = text(&evaluate(folder.path(), &[&given[..], &map].concat()).stdout);
    assert!(table.contains("floor MODA: 0.00\nfloor MODP: 60.00"), "{table}");
    let wrong = evaluate(folder.path(), &[&given[..], &map[..2], &["--floor-radius", "0"]].concat());
    assert_eq!(wrong.status.code(), Some(64), "{}", text(&wrong.stderr));
}

#[test]
fn the_reports_in_an_event_store_are_tracks() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = EventStore::open(&folder.path().join("site.sqlite")).unwrap();
    let at = |x: f64| Some(BBox { x, y: 0.0, w: 10.0, h: 20.0 });
    // Track 1 of the gate: reported in frames 1 and 5, ended in frame 9.
    let mut events = [1, 5, 9].map(|frame| EdgeEvent { bbox: at(frame as f64), ..site::event("gate", 1, frame) });
    events.iter_mut().for_each(|event| event.track = Some(TrackId(1)));
    events[2].lifecycle = Lifecycle::End;
    let other = EdgeEvent { bbox: at(50.0), ..site::event("belt", 1, 1) };
    store.append(&[&events[..], &[other]].concat(), 1).unwrap();
    let truth: String = (1..=5).map(|frame| format!("{frame},1,{frame},0,10,20,1,-1\n")).collect();
    fs::write(folder.path().join("gate.txt"), truth).unwrap();
    let given = ["--gt", "gate.txt", "--results", "site.sqlite", "--benchmark", "MOT15", "--json"];
    let found = evaluate(folder.path(), &given);
    assert_eq!((found.status.code(), text(&found.stderr)), (Some(0), String::new()));
    let json: Value = serde_json::from_slice(&found.stdout).unwrap();
    for (name, expected) in [("HOTA", 1.0), ("MOTA", 1.0), ("IDF1", 1.0), ("Dets", 5.0)] {
        assert_eq!(json["combined"][name].as_f64(), Some(expected), "{name}");
    }
}

#[test]
fn bad_input_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("gt.txt", "1,1,0,0,10,20,1,1\n");
    write("old.txt", "1,1,0,0,10,20,1,99\n");
    write("ok.txt", "1,1,0,0,10,20,1,1\n");
    write("short.txt", "1,1,0,0,10,20,1,1\n2,1,0,0\n");
    write("words.txt", "1,1,0,0,ten,20,1,1\n");
    write("twice.txt", "1,1,0,0,10,20,1,1\n\n1,1,5,0,10,20,1,1\n");
    write("detections.txt", "1,-1,0,0,10,20,1,1\n");
    fs::write(folder.path().join("binary.txt"), [0xff, 0xfe, 0x00]).unwrap();
    for (truth, results, more, code, expected) in [
        ("gt.txt", "short.txt", &[][..], 2, "short.txt: line 2: 4 columns"),
        ("gt.txt", "words.txt", &[], 2, "words.txt: line 1: column 5: `ten` is not a number"),
        ("gt.txt", "twice.txt", &[], 2, "twice.txt: line 3: identity 1 is twice in frame 1"),
        ("gt.txt", "detections.txt", &[], 2, "detections.txt: line 1: identity -1"),
        ("gt.txt", "binary.txt", &[], 2, "binary.txt: not a text file"),
        ("gt.txt", "none.txt", &[], 2, "none.txt: No such file"),
        ("none.txt", "ok.txt", &[], 2, "none.txt: No such file"),
        ("old.txt", "ok.txt", &["--benchmark", "MOT17"], 2, "old.txt: line 1: class 99"),
        ("gt.txt", "ok.txt", &["--benchmark", "MOT99"], 64, "`MOT99` is none of MOT15, MOT16, MOT17, MOT20"),
        ("gt.txt", "ok.txt", &["--region", "1,2 3,4"], 64, "at least three corners"),
        ("gt.txt", "ok.txt", &["--world-region", "1,2,3,4"], 64, "--homography"),
        ("gt.txt", "ok.txt", &["--html", "no/such/folder.html"], 1, "no/such/folder.html"),
    ] {
        let found = evaluate(folder.path(), &[&["--gt", truth, "--results", results], more].concat());
        let said = text(&found.stderr);
        assert_eq!(found.status.code(), Some(code), "{truth} {results}: {said}");
        assert!(said.contains(expected), "{truth} {results}: {said}");
    }
}

#[test]
fn who_reads_no_further_hears_of_no_error_and_gets_no_verdict() {
    for arguments in [
        &["completions", "bash"][..],
        &["simulate", "hall", "--seed", "1", "--cameras", "2", "--travellers", "3", "--minutes", "1", "--json"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.code() == Some(141) && ended.stderr.is_empty(), "{arguments:?}: {ended:?}");
    }
}
