//! `greenlane evaluate events` on scenarios that a user wrote.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[test]
fn the_example_scenarios_are_told_as_they_are_labelled() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/scenarios");
    for seed in ["1", "2", "3"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
        command.args(["evaluate", "events", "--json", "--list", "--seed", seed, "--scenarios"]).arg(&folder);
        let output = command.output().unwrap();
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
