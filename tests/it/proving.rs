//! `greenlane simulate vitals` and `greenlane evaluate vitals`, as a person calls them one after the other.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use greenlane::capture::{self, OpenOptions};
use greenlane::config::SourceUrl;
use serde_json::Value;

use super::support;

fn greenlane(arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
    command.current_dir(folder).args(arguments).env("OPENCV_FFMPEG_LOGLEVEL", "-8");
    if let Some(shared) = support::shared() {
        command.env("GREENLANE_MODEL_MIRROR", shared.join("models"));
    }
    command.output().unwrap()
}

/// Runs what must work.
fn run(arguments: &[&str], folder: &Path) -> String {
    let output = greenlane(arguments, folder);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_was_put_in_is_measured_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    run(&["simulate", "vitals", "face", "--pulse", "84", "--seconds", "60", "--skin", "s1"], folder.path());
    run(&["simulate", "vitals", "wall", "--null", "wall", "--count", "1", "--seconds", "20"], folder.path());
    let text = run(
        &[
            "evaluate",
            "vitals",
            "face",
            "wall",
            "--json",
            "--step",
            "6",
            "--html",
            "page.html",
            "--csv",
            "all.csv",
            "--protocols",
        ],
        folder.path(),
    );
    let report: Value = serde_json::from_str(&text).unwrap();
    let face = &report["sets"][0];
    assert_eq!((face["heart_rate"]["windows"].as_u64(), face["heart_rate"]["coverage"].as_f64()), (Some(3), Some(1.0)));
    assert!(face["heart_rate"]["mae"].as_f64().unwrap() < 1.0, "{}", face["heart_rate"]);
    assert!(face["protocols"][0]["a"]["mae"].as_f64().unwrap() < 2.0, "{}", face["protocols"]);
    let wall = &report["sets"][1]["pulseless"]["wall"];
    assert_eq!((wall["windows"].as_u64(), wall["answered"].as_u64()), (Some(2), Some(0)));
    assert_eq!(face["respiration"]["windows"].as_u64(), Some(1));
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("Bland-Altman") && page.matches("<svg").count() >= 6 && page.ends_with("</html>\n"));
    assert_eq!(fs::read_to_string(folder.path().join("all.csv")).unwrap().lines().count(), 1 + 3 + 1 + 2);
    let truth: Value =
        serde_json::from_slice(&fs::read(folder.path().join("face/semi_s1_still_steady_raw_30_truth.json")).unwrap())
            .unwrap();
    assert_eq!(truth["kind"], "semi-synthetic");
}

#[test]
fn films_have_a_truth_for_each_frame() {
    let folder = tempfile::tempdir().unwrap();
    for codec in ["raw", "mjpeg", "crf23"] {
        let options = ["--video", "--seconds", "2", "--face-px", "48", "--fps", "20", "--codec", codec];
        let output = greenlane(&[&["simulate", "vitals", codec][..], &options].concat(), folder.path());
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        if codec == "crf23" && message.contains("needs the program `ffmpeg`") {
            println!("skipped: no ffmpeg");
            continue;
        }
        assert!(output.status.success(), "{codec}: {message}");
        let film = folder.path().join(codec).join(format!("semi_s2_still_steady_{codec}_20"));
        let truth = fs::read_to_string(film.join("ground_truth.txt")).unwrap();
        let lines: Vec<usize> = truth.lines().map(|line| line.split_whitespace().count()).collect();
        let video = film.join(if codec == "crf23" { "vid.mkv" } else { "vid.avi" });
        let url = SourceUrl::new(video.to_str().unwrap());
        let mut source = capture::open(&url, &OpenOptions::default()).unwrap();
        let mut frames = 0;
        while source.grab().unwrap().is_some() {
            frames += 1;
        }
        assert_eq!(lines, [frames; 3], "{codec}");
    }
}

#[test]
fn what_cannot_be_used_is_said() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    for (arguments, code, word) in [
        (&["evaluate", "vitals", "empty"][..], 2, "neither windows.csv nor recordings"),
        (&["evaluate", "vitals", "absent"], 2, "absent"),
        (&["simulate", "vitals", "out", "--fps", "5"], 64, "10 to 60"),
        (&["simulate", "vitals", "out", "--skin", "s9"], 64, "no skin `s9`"),
        (&["simulate", "vitals", "out", "--null", "noise", "--video"], 64, "cannot be filmed"),
    ] {
        let output = greenlane(arguments, folder.path());
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {message}");
        assert!(message.contains(word), "{arguments:?}: {message}");
    }
}
