//! `greenlane evaluate blinks` on a few clips of people who blink.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::shared;

/// A face without glasses and one with a dark frame: nine blinks.
const CLIPS: [&str; 2] = ["000017F_FNN", "000008M_FTN"];

#[test]
fn blinks_of_two_people_are_found() {
    let Some(shared) = shared() else { return };
    let set = shared.join("data/zju-eyeblink");
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("clips")).expect("made");
    for clip in CLIPS {
        let name = format!("clips/{clip}.mp4");
        fs::copy(set.join(&name), folder.path().join(&name)).expect("copied");
    }
    let labels = fs::read_to_string(set.join("ground_truth.csv")).expect("labels");
    let wanted = |line: &&str| line.starts_with("clip,") || CLIPS.iter().any(|clip| line.starts_with(clip));
    let labels: Vec<&str> = labels.lines().filter(wanted).collect();
    fs::write(folder.path().join("ground_truth.csv"), labels.join("\n")).expect("written");
    let looks = folder.path().join("looks");
    let run = || {
        let output = Command::new(env!("CARGO_BIN_EXE_greenlane"))
            .args(["evaluate", "blinks", "--json", "--cross-validate", "--detector", "default-face"])
            .arg(folder.path())
            .arg("--mirror")
            .arg(shared.join("models"))
            .arg("--looks")
            .arg(&looks)
            .output()
            .expect("runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
    };
    let watched = run();
    let found = &watched["detectors"][0];
    assert_eq!(found["all"]["truth"], 9);
    let f1 = found["all"]["f1"].as_f64().expect("a figure");
    assert!(f1 >= 0.9, "{found:#}");
    assert!(found["cross_validated"]["f1"].as_f64().is_some_and(|f1| f1 >= 0.8), "{found:#}");
    assert_eq!(found["frames_seen"], 1.0);
    assert_eq!(found["conditions"].as_object().map(serde_json::Map::len), Some(2));
    // From what was kept of it, without the clips, the same.
    fs::remove_dir_all(folder.path().join("clips")).expect("removed");
    let again = run();
    assert_eq!(again["detectors"][0]["all"], found["all"]);
    assert_eq!(again["detectors"][0]["face_ms"], Value::Null);
}

#[test]
fn what_is_no_set_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = || {
        let command =
            Command::new(env!("CARGO_BIN_EXE_greenlane")).args(["evaluate", "blinks"]).arg(folder.path()).output();
        let output = command.expect("runs");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(run().contains("ground_truth.csv"));
    fs::write(folder.path().join("ground_truth.csv"), "clip,subject\na,b").expect("written");
    assert!(run().contains("no column `condition`"));
}
