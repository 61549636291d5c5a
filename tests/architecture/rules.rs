//! The layer table and what each module may name.

use crate::source::{Kind, Name, Source};

/// Modules that stand on one level.
pub struct Layer {
    /// For messages.
    pub name: &'static str,
    /// Top-level modules.
    pub modules: &'static [&'static str],
    /// Whether they may name one another.
    pub siblings: bool,
    /// Whether they do no I/O, read no clock, hold no lock and log nothing.
    pub pure: bool,
    /// Crates that they may not name.
    pub banned: &'static [&'static str],
}

/// A module may name only what stands above it.
pub const LAYERS: [Layer; 8] = [
    Layer {
        name: "vocabulary",
        modules: &["ids", "time", "units", "frame", "face", "appearance", "event"],
        siblings: true,
        pure: true,
        banned: &[],
    },
    Layer {
        name: "pure core",
        modules: &[
            "geometry",
            "tracking",
            "biosignal",
            "behaviour",
            "screening",
            "association",
            "verification",
            "evaluation",
            "simulation",
            "privacy",
        ],
        siblings: true,
        pure: true,
        banned: &[],
    },
    Layer { name: "pure applications", modules: &["edge", "central"], siblings: false, pure: true, banned: &[] },
    Layer {
        name: "process support",
        modules: &["clock", "shutdown", "telemetry", "config"],
        siblings: true,
        pure: false,
        banned: &["opencv", "ort"],
    },
    Layer {
        name: "adapters",
        modules: &["capture", "perception", "wire", "recording", "store", "rpc"],
        siblings: false,
        pure: false,
        banned: &[],
    },
    Layer { name: "console", modules: &["console"], siblings: false, pure: false, banned: &[] },
    Layer { name: "wiring", modules: &["worker"], siblings: true, pure: false, banned: &[] },
    Layer { name: "commands", modules: &["cmd", "main"], siblings: true, pure: false, banned: &[] },
];

/// The one adapter that the others may name: it is the vocabulary on the wire.
const WIRE: &str = "wire";

/// A console stands on the public contract alone, so that any other console can do the same: of the adapters it names these.
const CONSOLE_ON: [&str; 2] = ["rpc", WIRE];

/// What pure modules may not name: a path that begins so ...
const IMPURE_PATHS: [&[&str]; 15] = [
    &["tokio"],
    &["tonic"],
    &["prost"],
    &["opencv"],
    &["ort"],
    &["tracing"],
    &["log"],
    &["rusqlite"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "io"],
    &["std", "thread"],
    &["std", "env"],
    &["std", "process"],
    &["std", "os"],
];
/// ... or one that holds this name anywhere.
const IMPURE_NAMES: [&str; 20] = [
    "Instant",
    "SystemTime",
    "HashMap",
    "HashSet",
    "RandomState",
    "Mutex",
    "RwLock",
    "Condvar",
    "OnceLock",
    "LazyLock",
    "AtomicBool",
    "AtomicU32",
    "AtomicU64",
    "AtomicUsize",
    "thread_local",
    "thread_rng",
    "println",
    "eprintln",
    "print",
    "dbg",
];

/// Crates that belong to one adapter, with who may name them.
const OWNED: [(&str, &[&str]); 9] = [
    ("axum", &["console"]),
    ("maud", &["console"]),
    ("opencv", &["capture"]),
    ("ort", &["perception"]),
    ("rusqlite", &["store"]),
    ("tonic", &["rpc", "wire"]),
    ("tonic_prost", &["rpc", "wire"]),
    ("tonic_health", &["rpc"]),
    ("tonic_reflection", &["rpc"]),
];

/// Types whose `now` reads the system clock.
const CLOCKS: [&str; 5] = ["Instant", "SystemTime", "Timestamp", "Zoned", "UtcDateTime"];

/// Everything in a file that the table forbids, one line each.
pub fn findings(source: &Source) -> Vec<String> {
    let Some(top) = source.module.first() else { return Vec::new() };
    let Some(level) = level(top) else { return Vec::new() };
    let mut found: Vec<String> = Vec::new();
    for name in &source.names {
        let broken = [
            layer_fault(top, level, name),
            pure_fault(level, name),
            banned_fault(level, name),
            owner_fault(top, name),
            clock_fault(top, name),
        ];
        for problem in broken.into_iter().flatten() {
            let line = format!("src/{}:{}: `{}` {problem}", source.file, name.line, name.path.join("::"));
            if !found.contains(&line) {
                found.push(line);
            }
        }
    }
    found
}

fn level(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.modules.contains(&module))
}

fn layer_fault(top: &str, own: usize, name: &Name) -> Option<String> {
    if name.path.first().is_none_or(|s| s != "crate") {
        return None;
    }
    let Some(target) = name.path.get(1) else {
        return (name.kind != Kind::Path).then(|| "takes the whole crate in: name the module".to_owned());
    };
    let theirs = level(target)?;
    let layer = &LAYERS[own];
    if theirs > own {
        return Some(format!("stands below `{top}`: {} may not name {}", layer.name, LAYERS[theirs].name));
    }
    if top == "console" && LAYERS[theirs].name == "adapters" && !CONSOLE_ON.contains(&target.as_str()) {
        return Some(format!("is not of the public contract: a console may name {} alone", CONSOLE_ON.join(" and ")));
    }
    let siblings = theirs == own && target != top;
    (siblings && !layer.siblings && target != WIRE)
        .then(|| format!("stands beside `{top}`: {} do not name each other", layer.name))
}

fn pure_fault(own: usize, name: &Name) -> Option<String> {
    if !LAYERS[own].pure || name.in_test {
        return None;
    }
    let impure = match name.kind {
        Kind::Keyword => true,
        Kind::Method => false,
        Kind::Renamed => name.path.len() == 1 && name.path[0] == "std",
        Kind::Glob => name.path == ["std"] || impure_path(name),
        Kind::Path | Kind::Use => impure_path(name),
    };
    let named = name.kind != Kind::Method && name.path.iter().any(|s| IMPURE_NAMES.contains(&s.as_str()));
    (impure || named).then(|| format!("has no place in the {}, which is pure", LAYERS[own].name))
}

fn impure_path(name: &Name) -> bool {
    IMPURE_PATHS.iter().any(|banned| begins_with(name, banned))
}

/// A crate's name alone, outside `use`, may be anything: a variable, a field.
fn begins_with(name: &Name, start: &[&str]) -> bool {
    let enough = name.path.len() > start.len() || start.len() > 1 || name.kind != Kind::Path;
    enough && name.kind != Kind::Method && name.path.iter().zip(start).filter(|(a, b)| a == b).count() == start.len()
}

fn banned_fault(own: usize, name: &Name) -> Option<String> {
    let banned = LAYERS[own].banned.iter().find(|krate| begins_with(name, &[krate]))?;
    Some(format!("uses {banned}, which {} may not", LAYERS[own].name))
}

fn owner_fault(top: &str, name: &Name) -> Option<String> {
    let (krate, owners) = OWNED.iter().find(|(krate, _)| begins_with(name, &[krate]))?;
    (!owners.contains(&top)).then(|| format!("uses {krate}, which belongs to {}", owners.join(" and ")))
}

fn clock_fault(top: &str, name: &Name) -> Option<String> {
    if top == "clock" {
        return None;
    }
    let reads = match name.kind {
        Kind::Method => name.path[0] == "elapsed",
        _ => name.path.windows(2).any(|pair| CLOCKS.contains(&pair[0].as_str()) && pair[1] == "now"),
    };
    reads.then(|| "reads the system clock, which clock.rs alone does".to_owned())
}
