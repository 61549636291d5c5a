//! `greenlane evaluate events` on scenarios that a user wrote.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn evaluate(folder: &Path, seed: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
    command.args(["evaluate", "events", "--json", "--list", "--seed", seed, "--scenarios"]).arg(folder);
    command.output().unwrap()
}

#[test]
fn the_example_scenarios_are_told_as_they_are_labelled() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/scenarios");
    for seed in ["1", "2", "3"] {
        let output = evaluate(&folder, seed);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let scores = report["scenarios"]["scores"].as_object().unwrap();
        for (behaviour, happened) in [("border_path", 1), ("carry_difference", 2)] {
            let score = &scores[behaviour];
            assert_eq!((&score["happened"], &score["found"]), (&happened.into(), &happened.into()), "{seed}: {said}");
        }
        assert!(scores.values().all(|score| score["false_alerts"] == 0), "{seed}: {said}");
        assert!(said.contains("border_path: dan") && said.contains("carry_difference: anna"), "{said}");
    }
}

#[test]
fn the_page_on_scenarios_shows_one_that_runs() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenarios.md")).unwrap();
    let blocks: Vec<&str> = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [scenario, rules] = blocks[..] else { panic!("{} blocks", blocks.len()) };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.toml"), scenario).unwrap();
    fs::write(folder.path().join("rules.toml"), rules).unwrap();
    let output = evaluate(folder.path(), "1");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.lines().count() == 1 && said.contains("bag_handed_over: anna, ben, case"), "{said}");
}
