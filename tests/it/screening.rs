//! Screening's command, and the page of reasons.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn greenlane(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_greenlane")).args(arguments).output().expect("it runs");
    (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn the_page_of_reasons_is_the_list() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reasons.md")).unwrap();
    assert_eq!(greenlane(&["reasons"]), (Some(0), page), "run `greenlane reasons > docs/reasons.md`");
    let list: Value = serde_json::from_str(&greenlane(&["reasons", "--json"]).1).unwrap();
    assert_eq!(
        list[4],
        serde_json::json!({
            "reason": "DWELL_TIME", "measured": "Time spent in a zone, or behind an entrance.",
            "expected": "what people stay there at this hour", "unit": "seconds",
        })
    );
}

#[test]
fn the_command_says_whether_the_budget_holds() {
    let small = ["evaluate", "screening", "--budget", "20", "--passers", "300", "--learned", "300", "--lanes", "1"];
    let (code, text) = greenlane(&[&small[..], &["--no-detection", "--json"]].concat());
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(code, Some(0), "{text}");
    assert_eq!((&found[0]["trials"][0]["told"]["of"], &found[0]["kept"]), (&300.into(), &1.into()));
    assert_eq!(greenlane(&[&small[..3], &["-5"]].concat()).0, Some(64));
    assert_eq!(greenlane(&["evaluate", "screening", "--budget", "700"]).0, Some(64));
}
