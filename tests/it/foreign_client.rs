//! Somebody else's client: Python's grpcio with reflection only, and the reflection protocol's newer version.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

use crate::support::site::{TestConsole, TestSite, events};

const SERVICES: [&str; 7] = [
    "greenlane.v1.Console",
    "greenlane.v1.EdgeUplink",
    "greenlane.v1.Proposals",
    "greenlane.v1.Travellers",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
];

/// The interpreter that `make setup-test` prepared; `None`, with a printed reason, where it did not.
fn python() -> Option<PathBuf> {
    let prepared = greenlane::config::cache_folder().map(|cache| cache.join("venv/bin/python"));
    let python = std::env::var_os("GREENLANE_TEST_PYTHON").map(PathBuf::from).or(prepared)?;
    let able = Command::new(&python).args(["-c", "import grpc_reflection"]).output();
    if able.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    println!("skipped: {} has no grpcio-reflection; `make setup-test` installs it", python.display());
    None
}

/// A number that JSON of protobuf writes as text when it has 64 bits.
fn number(value: &Value) -> u64 {
    value.as_str().map_or_else(|| value.as_u64(), |text| text.parse().ok()).unwrap_or_default()
}

#[test]
fn a_python_console_needs_nothing_but_reflection() {
    let Some(python) = python() else { return };
    let site = TestSite::start(|_| {});
    let edge = site.edge("edge");
    edge.send(&events("gate", 7, 1..=40), 10);
    assert_eq!(TestConsole::from(&site.url(), 1).take(40).len(), 40);
    edge.finish();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/foreign_console.py");
    let output = Command::new(python).arg(script).arg(site.url().trim_start_matches("http://")).output().unwrap();
    let (lines, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{lines}\n{errors}");
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();

    assert_eq!(lines[0]["services"], json!(SERVICES));
    for (line, service) in lines[1..6].iter().zip(["", SERVICES[0], SERVICES[1], SERVICES[2], SERVICES[3]]) {
        assert_eq!(*line, json!({ "health": { "status": "SERVING" }, "service": service }));
    }
    let overview = &lines[6]["overview"];
    assert_eq!((number(&overview["sequence"]), number(&overview["cameras"][0]["in_view"])), (40, 5));
    assert_eq!((&overview["cameras"][0]["camera"], &overview["cameras"][0]["online"]), (&json!("gate"), &json!(true)));
    for (line, sequence) in lines[7..47].iter().zip(1..) {
        let site_event = &line["message"]["event"];
        let event = &site_event["event"];
        assert_eq!((number(&site_event["sequence"]), number(&event["id"]["sequence"])), (sequence, sequence));
        assert_eq!((&event["id"]["camera"], number(&event["id"]["boot"])), (&json!("gate"), 7));
        assert_eq!(event["track_report"]["class"], "OBJECT_CLASS_PERSON");
        assert_eq!(event["track_report"]["speed"]["unavailable"], "UNAVAILABLE_NOT_CALIBRATED");
    }
    assert_eq!(lines[47]["message"], json!({ "live": { "sequence": "40" } }));
    assert_eq!((lines[48]["status"].as_str(), lines.len()), (Some("OUT_OF_RANGE"), 49));
    assert!(lines[48]["details"].as_str().is_some_and(|text| text.contains("the newest event has 40")));
}

#[test]
fn reflection_is_served_in_both_versions() {
    let site = TestSite::start(|_| {});
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answer = runtime.block_on(async {
        let channel = tonic::transport::Channel::from_shared(site.url()).unwrap().connect().await.unwrap();
        let request = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let mut answers = ServerReflectionClient::new(channel)
            .server_reflection_info(tokio_stream::iter([request]))
            .await
            .unwrap()
            .into_inner();
        answers.message().await.unwrap()
    });
    let Some(ServerReflectionResponse { message_response: Some(MessageResponse::ListServicesResponse(list)), .. }) =
        answer
    else {
        panic!("{answer:?}")
    };
    let mut names: Vec<String> = list.service.into_iter().map(|s| s.name).collect();
    names.sort();
    assert_eq!(names, SERVICES);
}
