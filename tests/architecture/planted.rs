//! Planted violations: the rules must find each of them, and nothing in what only looks like one.

use crate::rules::findings;
use crate::source::Source;

/// File, source, and what the one finding must say with its line.
const VIOLATIONS: [(&str, &str, &str); 46] = [
    // Layers.
    ("tracking/a.rs", "use crate::edge::CoreSettings;", ":1: `crate::edge::CoreSettings` stands below `tracking`"),
    (
        "tracking/a.rs",
        "use crate::{\n    ids::TrackId,\n    rpc::{\n        server,\n    },\n};",
        ":4: `crate::rpc::server`",
    ),
    ("tracking/a.rs", "use super::super::store::Store;", ":1: `crate::store::Store` stands below"),
    ("tracking/mod.rs", "use super::worker;", ":1: `crate::worker` stands below"),
    ("ids.rs", "use super::geometry::Line;", ":1: `crate::geometry::Line` stands below"),
    ("ids.rs", "mod inner { use super::super::event::Event; use super::super::tracking::X; }", "`crate::tracking::X`"),
    ("event.rs", "fn f(x: &crate::tracking::Detection) {}", "pure core"),
    ("event.rs", "fn f() { let _ = crate::clock::now(); }", "process support"),
    ("event.rs", "fn f(x: Option<Vec<crate::config::Settings>>) {}", "`crate::config::Settings`"),
    ("event.rs", "impl From<crate::wire::Event> for u8 { fn from(_: u8) -> u8 { 0 } }", "adapters"),
    ("edge/a.rs", "fn f() { assert_eq!(1, crate::recording::LENGTH); }", "`crate::recording::LENGTH`"),
    ("edge/a.rs", "my_macro! { use crate::{ids::X, store::Store}; }", "`crate::store::Store`"),
    ("edge/a.rs", "#[derive(crate::rpc::Derive)] struct S;", "`crate::rpc::Derive`"),
    ("edge/a.rs", "fn f(x: u8) { match x { crate::capture::MAX => {} _ => {} } }", "`crate::capture::MAX`"),
    ("edge/a.rs", "use crate::central::Inbox;", "stands beside `edge`"),
    ("edge/a.rs", "use crate::*;", "takes the whole crate in"),
    ("edge/a.rs", "use crate as greenlane;", "takes the whole crate in"),
    (
        "edge/a.rs",
        "#[cfg(test)] mod tests { use crate::capture::Synthetic; }",
        "`crate::capture::Synthetic` stands below",
    ),
    ("config/a.rs", "use crate::store::Store;", "process support may not name adapters"),
    ("capture/a.rs", "use crate::perception::Perception;", "stands beside `capture`"),
    ("wire/mod.rs", "use crate::store::Store;", "stands beside `wire`"),
    ("store/a.rs", "use crate::{wire, rpc};", "`crate::rpc` stands beside"),
    ("worker/a.rs", "use crate::cmd::Failure;", "wiring may not name commands"),
    ("console/a.rs", "use crate::store::Store;", "`crate::store::Store` is not of the public contract"),
    ("console/a.rs", "use crate::worker::Backoff;", "console may not name wiring"),
    // Purity.
    ("tracking/a.rs", "use std::{collections::{BTreeMap, HashMap as Map}, fmt};", "`std::collections::HashMap`"),
    ("tracking/a.rs", "fn f() { let _ = std::collections::HashSet::<u8>::new(); }", "has no place in the pure core"),
    ("tracking/a.rs", "use std::{fmt, fs};", "`std::fs`"),
    ("tracking/a.rs", "use std::*;", "`std` has no place"),
    ("tracking/a.rs", "use std as s;", "`std` has no place"),
    ("tracking/a.rs", "fn f() { std::env::var(\"X\").ok(); }", "`std::env::var`"),
    ("tracking/a.rs", "fn f() { tracing::info!(\"x\"); }", "`tracing::info`"),
    ("tracking/a.rs", "fn f() { println!(\"x\"); }", "`println`"),
    ("tracking/a.rs", "static COUNT: u8 = 0;", "`static`"),
    ("tracking/a.rs", "my_macro! { static COUNT: u8 = 0; }", "`static`"),
    ("edge/a.rs", "async fn f() {}", "`async`"),
    ("edge/a.rs", "fn f() { let _ = async {}; }", "`async`"),
    ("central/a.rs", "struct S { lock: std::sync::Mutex<u8> }", "`std::sync::Mutex`"),
    ("central/a.rs", "fn f(at: std::time::Instant) {}", "`std::time::Instant`"),
    // Owners.
    ("perception/a.rs", "use opencv::core::Mat;", "uses opencv, which belongs to capture"),
    ("capture/a.rs", "fn f() { ort::init(); }", "uses ort, which belongs to perception"),
    ("cmd/a.rs", "fn f() -> Result<(), rusqlite::Error> { Ok(()) }", "which belongs to store"),
    ("worker/a.rs", "#[tonic::async_trait] impl X for Y {}", "which belongs to rpc and wire"),
    ("rpc/a.rs", "use axum::Router;", "uses axum, which belongs to console"),
    // The clock.
    ("worker/a.rs", "fn f() { let _ = tokio::time::Instant::now(); }", "reads the system clock"),
    ("cmd/a.rs", "fn f(t: T) { let _ = t.elapsed(); }", "reads the system clock"),
];

/// What the rules must let pass.
const INNOCENT: [(&str, &str); 15] = [
    ("tracking/a.rs", "use super::Detection; use crate::{ids::TrackId, frame::BBox, geometry::Line};"),
    (
        "tracking/a.rs",
        "/// See std::fs and crate::rpc.\nconst TEXT: &str = \"std::fs crate::rpc HashMap\"; // tokio::spawn",
    ),
    ("tracking/a.rs", "fn f(x: &'static str) { assert_eq!(x, g::<&'static str>()); }"),
    ("tracking/a.rs", "fn f(ort: u8, tracing: u8) -> u8 { ort + tracing }"),
    ("tracking/a.rs", "#[cfg(test)] mod tests { use std::collections::HashMap; fn f() { println!(); } }"),
    ("tracking/a.rs", "#[test] fn f() { let _ = std::fs::read(\"x\"); }"),
    ("edge/a.rs", "mod inner { use super::super::Pipeline; use super::x; } use self::inner::X;"),
    ("console/a.rs", "use crate::{rpc::ConsoleClient, wire::v1, event::EdgeEvent}; use axum::Router; use maud::html;"),
    ("config/a.rs", "use crate::edge::CoreSettings; use std::fs; use std::collections::HashMap;"),
    ("store/a.rs", "use crate::wire::Event; use rusqlite::Connection;"),
    ("rpc/a.rs", "use crate::{wire, clock::Clock}; #[tonic::async_trait] impl X for Y {}"),
    ("capture/a.rs", "use opencv::{core::Mat, prelude::*}; async fn f() {}"),
    ("clock.rs", "fn f() -> std::time::Instant { std::time::Instant::now() }"),
    ("worker/a.rs", "use crate::{capture, perception, store, rpc}; fn f(t: T) { t.elapsed(Now); Clock::now(); }"),
    ("main.rs", "use greenlane::cmd; fn main() { cmd::run(); }"),
];

#[test]
fn planted_violations_are_found() {
    for (file, text, expected) in VIOLATIONS {
        let found = findings(&Source::parse(file, text));
        assert_eq!(found.len(), 1, "{file}: {text}\n{found:#?}");
        assert!(found[0].contains(expected), "{text}\nexpected {expected}\nfound {}", found[0]);
    }
}

#[test]
fn innocent_sources_pass() {
    for (file, text) in INNOCENT {
        assert_eq!(findings(&Source::parse(file, text)), [""; 0], "{file}: {text}");
    }
}

#[test]
fn documentation_lines_and_declarations_are_read() {
    for (text, documented) in [
        ("//! What this module is for.\n", true),
        ("//! (to come)\n", false),
        ("/// Not of the file.\nstruct S;", false),
        ("// No documentation.\n", false),
    ] {
        assert_eq!(Source::parse("tracking/a.rs", text).documented, documented, "{text}");
    }
    let source = Source::parse("tracking/mod.rs", "mod kalman;\nmod inner { mod deep; }\n");
    let declared: Vec<String> = source.declares.iter().map(|m| m.join("::")).collect();
    assert_eq!((source.lines, declared.join(" ").as_str()), (2, "tracking::kalman tracking::inner::deep"));
}
