//! `greenlane evaluate cameras` and `greenlane simulate hall` as a person or a program calls them.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::support;

fn greenlane(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_greenlane")).current_dir(folder).args(arguments).output().unwrap()
}

fn json(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Identity, first and last frame.
fn view(runs: &[(u32, u32, u32)]) -> String {
    let frames = runs.iter().flat_map(|(id, from, until)| (*from..*until).map(move |frame| (*id, frame)));
    frames.fold(String::new(), |mut text, (id, frame)| {
        writeln!(text, "{id} 10 10 50 100 {frame} 0 0 0 \"PERSON\"").unwrap();
        text
    })
}

#[test]
fn campus_layout() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("campus");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("view-A.txt"), view(&[(3, 0, 300), (5, 0, 300), (6, 400, 600)])).unwrap();
    fs::write(dir.join("view-B.txt"), view(&[(3, 500, 800), (5, 520, 800)])).unwrap();
    let call = ["evaluate", "cameras", "--dataset", "campus", "campus", "--json"];
    let found = json(&greenlane(folder.path(), &[&call[..], &["--appearance", "simulated:0.99"]].concat()));
    let methods = found["methods"].as_object().unwrap();
    for name in ["greenlane", "nearest-look", "transition-matrix", "offline-flow"] {
        let scores = &methods[name];
        for metric in ["IDF1", "HOTA", "MCTA", "open_set_error", "hand_over_recall"] {
            assert!(scores[metric].is_number(), "{name} {metric}: {}", scores[metric]);
        }
        assert!(scores["links"].is_array());
    }
    assert!(methods["greenlane"]["ECE"].is_number());
    assert_eq!(
        (&found["dataset"], &found["tracks"], &found["tracks_from"]),
        (&"campus".into(), &5.into(), &"labels".into())
    );
    let table = greenlane(folder.path(), &call[..5]);
    let text = String::from_utf8(table.stdout).unwrap();
    assert!(text.contains("greenlane") && text.contains("A -> B") && text.contains("appearance: none"), "{text}");
}

#[test]
fn what_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, code, part) in [
        (&["evaluate", "cameras", "--dataset", "campus", "."][..], 2, "no view-NAME.txt"),
        (&["evaluate", "cameras", "--dataset", "other", "."], 64, "campus"),
        (&["evaluate", "cameras", "--dataset", "campus", ".", "--appearance", "simulated:2"], 64, "separability"),
        (&["simulate", "hall", "--seed", "1", "--faults", "thunder"], 64, "partition"),
        (&["simulate", "hall"], 64, "--seed"),
    ] {
        let output = greenlane(folder.path(), arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
}

#[test]
fn a_simulated_hall_holds_and_repeats() {
    let folder = tempfile::tempdir().unwrap();
    let call = "simulate hall --seed 5 --cameras 4 --travellers 12 --minutes 5 --faults all --json";
    let arguments: Vec<&str> = call.split(' ').collect();
    let [one, two] = [0, 1].map(|_| json(&greenlane(folder.path(), &arguments)));
    assert_eq!(one, two);
    assert!(one["invariants"].as_object().unwrap().values().all(|holds| *holds == true), "{}", one["invariants"]);
    assert_eq!(one["digest"].as_str().unwrap().len(), 64);
}

#[test]
fn the_real_campus() {
    let Some(shared) = support::shared() else { return };
    let dir = shared.join("data/campus-auditorium");
    let dir = dir.to_str().unwrap();
    let found = json(&greenlane(
        &shared,
        &["evaluate", "cameras", "--dataset", "campus", dir, "--appearance", "simulated:0.95", "--json"],
    ));
    let idf1 = |name: &str| found["methods"][name]["IDF1"].as_f64().unwrap();
    assert!(idf1("greenlane") > idf1("transition-matrix"), "{} {}", idf1("greenlane"), idf1("transition-matrix"));
}
