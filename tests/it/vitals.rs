//! Vital signs from videos: what is there is measured, and what is not is not made up.

use std::path::Path;
use std::process::Command;

use greenlane::recording::{Answer, Entry, TapeReader};
use serde_json::Value;

use crate::support::face_video::{self, Scene};
use crate::support::shared;

/// The lines of `greenlane vitals --json`.
fn vitals(arguments: &[&str]) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
    command.args(["vitals", "--json"]).args(arguments).env("OPENCV_FFMPEG_LOGLEVEL", "-8");
    if let Some(shared) = shared() {
        command.env("GREENLANE_MODEL_MIRROR", shared.join("models"));
    }
    let output = command.output().expect("the binary starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn of_kind<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["kind"] == kind).collect()
}

fn reasons(line: &Value) -> Vec<&str> {
    line["reasons"].as_array().expect("a list").iter().filter_map(Value::as_str).collect()
}

fn path_of(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn a_known_pulse_is_found_and_a_photograph_has_none() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let sway = (1.2, 2.0);
    let rows = [
        ("photograph", Scene::default()),
        ("photograph in a hand that sways as a heart beats", Scene { sway, ..Scene::default() }),
        ("pulse", Scene { pulse_bpm: Some(96.0), ..Scene::default() }),
    ];
    for (name, scene) in rows {
        let video = face_video::write(&shared, folder.path(), name, scene);
        let lines = vitals(&[path_of(&video)]);
        let pulse = of_kind(&lines, "pulse");
        assert!(pulse.len() >= 13, "{name}: {} readings in 14 s", pulse.len());
        let values: Vec<f64> = pulse.iter().filter_map(|line| line["value"].as_f64()).collect();
        match scene.pulse_bpm {
            None => {
                assert_eq!(values, [0.0; 0], "{name}");
                let late: Vec<_> = pulse.iter().filter(|l| l["t1"].as_f64() > Some(11.5)).map(|l| reasons(l)).collect();
                assert!(!late.is_empty() && late.iter().all(|r| !r.is_empty()), "{name}");
                let no_pulse = late.iter().any(|reasons| reasons.contains(&"NO_PULSE"));
                assert!(no_pulse || scene.sway.1 > 0.0, "{name}: {late:?}");
            }
            Some(bpm) => {
                assert!(values.len() >= 3, "{name}: {values:?}");
                assert!(values.iter().all(|v| (v - bpm).abs() < 2.0), "{name}: {values:?}");
            }
        }
        let summary = lines.last().expect("a summary");
        assert_eq!((&summary["kind"], &summary["faces"]), (&"summary".into(), &1.into()), "{name}");
    }
}

#[test]
fn traces_and_tape_give_what_the_video_gave() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let scene = Scene { pulse_bpm: Some(75.0), seconds: 12.0, ..Scene::default() };
    let video = face_video::write(&shared, folder.path(), "face", scene);
    let (traces, table) = (file("traces.csv"), file("readings.csv"));
    let lines = vitals(&[path_of(&video), "--traces", path_of(&traces), "--csv", path_of(&table)]);

    // Traces hold the colours, so pulse and breathing come out of them again.
    let again = vitals(&["--from-traces", path_of(&traces)]);
    for kind in ["pulse", "respiration", "beat"] {
        let strip = |line: &&Value| {
            let mut line = (*line).clone();
            line["face"] = Value::Null;
            line
        };
        let [first, second] = [&lines, &again].map(|l| of_kind(l, kind).iter().map(strip).collect::<Vec<_>>());
        assert!(!first.is_empty() || kind != "pulse");
        assert_eq!(first, second, "{kind}");
    }
    let rows = std::fs::read_to_string(&table).expect("a table").lines().count();
    let readings = ["pulse", "respiration", "blink_rate", "facial_movement"];
    assert_eq!(rows, 1 + readings.iter().map(|kind| of_kind(&lines, kind).len()).sum::<usize>());

    // The tape replaces the video, also where another command recorded it.
    let config = file("lane.toml");
    let camera = "[[camera]]\nid = \"lane\"\nrole = \"lane\"\npurpose = \"a test\"\nsource = \"face.avi\"\n";
    std::fs::write(&config, camera).expect("written");
    let replay = |input: &[&str], out: &Path, mirror: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
        command.arg("replay").args(input).args(["--out", path_of(out)]);
        command.env("GREENLANE_MODEL_MIRROR", mirror);
        let output = command.output().expect("the binary starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::read_to_string(out.join("events.jsonl")).expect("events")
    };
    let (first, second) = (file("first"), file("second"));
    let live = replay(&["--config", path_of(&config), "--record-tape"], &first, &shared.join("models"));
    let tape = first.join("tapes/lane.tape");
    assert!(network_samples(&tape) > 150, "the network was asked in each frame");
    assert_eq!(replay(&[path_of(&tape)], &second, &file("no-models")), live);
    assert_eq!(vitals(&[path_of(&tape)]), lines);
    let signs = live.lines().filter(|line| line.contains("\"kind\":\"vital_sign\"")).count();
    assert_eq!(signs + 1, rows);
}

/// What the network of pulses gave, on a tape.
fn network_samples(tape: &Path) -> usize {
    let mut tape = TapeReader::open(tape).expect("a tape");
    let mut samples = 0;
    while let Some(entry) = tape.next_entry().expect("a whole tape") {
        if let Entry::Frame { answers, .. } = entry {
            samples += answers.iter().filter(|answer| matches!(answer, Answer::Pulse(_))).count();
        }
    }
    samples
}

#[test]
fn the_network_alone_reads_a_pulse_and_none_in_a_photograph() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for (name, pulse_bpm) in [("pulse", Some(96.0)), ("photograph", None)] {
        let scene = Scene { pulse_bpm, seconds: 18.0, ..Scene::default() };
        let video = face_video::write(&shared, folder.path(), name, scene);
        let lines = vitals(&[path_of(&video), "--method", "ME_RPPG"]);
        let answered: Vec<&Value> =
            of_kind(&lines, "pulse").into_iter().filter(|line| !line["value"].is_null()).collect();
        assert_eq!(!answered.is_empty(), pulse_bpm.is_some(), "{name}");
        for line in answered {
            assert_eq!(line["method"], "ME_RPPG");
            assert!((line["value"].as_f64().expect("a rate") - 96.0).abs() < 3.0, "{line}");
        }
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
    let empty = folder.path().join("no-models");
    command
        .args(["vitals", "--method", "ME_RPPG", path_of(&folder.path().join("pulse.avi"))])
        .env("GREENLANE_MODEL_MIRROR", &empty);
    let output = command.output().expect("the binary starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("rppg_me_flow_36"), "{said}");
}

#[test]
fn patches_that_hold_no_pulse_give_none() {
    let Some(shared) = shared() else { return };
    let (mut windows, mut answered) = (0, 0);
    for clip in ["India_video1_forehead", "India_video28_forehead", "India_video10_rightcheek"] {
        let video = shared.join(format!("data/rppg-negative/{clip}.avi"));
        for line in of_kind(&vitals(&[path_of(&video), "--seat", "0,0,200,200"]), "pulse") {
            windows += 1;
            answered += u32::from(!line["value"].is_null());
            assert!(line["value"].is_null() != reasons(line).is_empty(), "{line}");
        }
    }
    println!("{answered} of {windows} windows answered");
    assert!(windows > 90 && f64::from(answered) <= 0.005 * f64::from(windows), "{answered} of {windows}");
}

#[test]
fn clips_shorter_than_the_window_are_too_short() {
    let Some(shared) = shared() else { return };
    for clip in ["000001M_FNN", "000003M_FBN", "000010M_UNN"] {
        let video = shared.join(format!("data/zju-eyeblink/clips/{clip}.mp4"));
        let lines = vitals(&[path_of(&video)]);
        let pulse = of_kind(&lines, "pulse");
        assert!(!pulse.is_empty(), "{clip}: no face");
        for line in pulse {
            assert!(line["value"].is_null() && reasons(line).contains(&"TOO_SHORT"), "{clip}: {line}");
        }
    }
}

#[test]
fn what_cannot_be_used_has_its_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("no.mp4");
    let rows: [(&[&str], i32); 7] = [
        (&["x.mp4", "--method", "MAGIC"], 64),
        (&["x.mp4", "--method", "ME_RPPG", "--seat", "1,2,3,4"], 64),
        (&["--from-traces", "y.csv", "--method", "ME_RPPG"], 64),
        (&[], 64),
        (&["x.mp4", "--seat", "1,2,3"], 64),
        (&["x.mp4", "--from-traces", "y.csv"], 64),
        (&[path_of(&missing)], 2),
    ];
    for (arguments, code) in rows {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
        let output = command.arg("vitals").args(arguments).output().expect("the binary starts");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
