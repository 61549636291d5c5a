//! The sections of the file that are about processes: `[central]`, `[edge]`, `[models]`.

use std::collections::BTreeSet;
use std::path::Path;

use toml::de::DeValue;

use super::fault::suggestion;
use super::section::{Entry, Section};
use super::settings::{
    CentralSettings, EdgeSettings, EvidenceSettings, ExecutionProvider, KeptSettings, ModelSettings,
};
use super::topology;
use crate::central::alert::AlertSettings;
use crate::central::{ConfirmationPolicy, Decision};
use crate::event::Severity;

const DAY_S: f64 = 86_400.0;

/// `[central]`.
pub(super) fn central(mut section: Section<'_>, folder: &Path) -> CentralSettings {
    let default = CentralSettings::default();
    let settings = CentralSettings {
        listen: section
            .parsed("listen", |text| text.parse().map_err(|_| "is not an address such as 0.0.0.0:50051".to_owned()))
            .unwrap_or(default.listen),
        store: section.path("store", folder).unwrap_or(default.store),
        retention: section.seconds("retention_s", 60.0..=3660.0 * DAY_S, default.retention),
        events_max: section.integer("events_max", 1_000..=1_000_000_000, default.events_max),
        kept: kept(section.section("retention"), default.kept),
        subscribers_max: section.count("subscribers_max", 1..=4_096, default.subscribers_max),
        subscriber_buffer: section.count("subscriber_buffer", 16..=1_048_576, default.subscriber_buffer),
        heartbeat: section.seconds("heartbeat_s", 0.1..=3_600.0, default.heartbeat),
        lateness: section.seconds("lateness_s", 0.0..=60.0, default.lateness),
        topology: topology::read(section.section("topology")),
        alerts: alerts(section.section("alerts"), default.alerts),
        confirmation: confirmation(section.section("confirmation"), default.confirmation),
    };
    section.close();
    settings
}

/// `[central.retention]`.
fn kept(mut section: Section<'_>, default: KeptSettings) -> KeptSettings {
    let settings = KeptSettings {
        appearance: section.seconds("appearance_s", 60.0..=3660.0 * DAY_S, default.appearance),
        vital_signs: section.seconds("vital_signs_s", 60.0..=3660.0 * DAY_S, default.vital_signs),
        audit: section.seconds("audit_s", 60.0..=3660.0 * DAY_S, default.audit),
    };
    section.close();
    settings
}

/// `[central.alerts]`.
fn alerts(mut section: Section<'_>, default: AlertSettings) -> AlertSettings {
    let severities = [("attention", Severity::Attention), ("alert", Severity::Alert)];
    let per_hour = section.integer("per_hour", 1..=1_000, u64::from(default.per_hour));
    let settings = AlertSettings {
        per_hour: u32::try_from(per_hour).unwrap_or(default.per_hour),
        severity_min: section.choice("severity_min", &severities, default.severity_min),
        shadow: section.entry("shadow").and_then(|e| shadow(&e)).unwrap_or(default.shadow),
        hold: section.seconds("hold_s", 0.0..=3_600.0, default.hold),
        alerts_max: section.count("alerts_max", 10..=10_000, default.alerts_max),
        held_max: section.count("held_max", 10..=10_000, default.held_max),
        faces_for: section.entry("faces_for").and_then(|e| names(&e)).unwrap_or(default.faces_for),
    };
    section.close();
    settings
}

/// `[central.confirmation]`.
fn confirmation(mut section: Section<'_>, default: ConfirmationPolicy) -> ConfirmationPolicy {
    let settings = ConfirmationPolicy {
        decisions: section.entry("decisions").and_then(|e| decisions(&e)).unwrap_or(default.decisions),
        within: section.seconds("within_s", 5.0..=DAY_S, default.within),
    };
    section.close();
    settings
}

/// Decisions by name.
fn decisions(entry: &Entry<'_>) -> Option<BTreeSet<Decision>> {
    let mut decisions = BTreeSet::new();
    for name in names(entry)? {
        let Some(decision) = Decision::ALL.into_iter().find(|decision| decision.as_str() == name) else {
            let hint = suggestion(&name, Decision::ALL.into_iter().map(Decision::as_str));
            entry.fault(&format!("names the unknown decision `{name}`{hint}"));
            return None;
        };
        decisions.insert(decision);
    }
    Some(decisions)
}

fn names(entry: &Entry<'_>) -> Option<BTreeSet<String>> {
    let names = match entry.value.get_ref() {
        DeValue::Array(items) => items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    if names.is_none() {
        entry.fault("is not a list of names in quotes");
    }
    names
}

/// Rules that raise nothing, by name.
fn shadow(entry: &Entry<'_>) -> Option<BTreeSet<String>> {
    AlertSettings::shadow_rules(names(entry)?).map_err(|error| entry.fault(&format!("makes no sense: {error}"))).ok()
}

/// `[edge]`.
pub(super) fn edge(mut section: Section<'_>, folder: &Path) -> EdgeSettings {
    let default = EdgeSettings::default();
    let settings = EdgeSettings {
        central: section.parsed("central", central_url).unwrap_or(default.central),
        outbox: section.path("outbox", folder).unwrap_or(default.outbox),
        outbox_bytes_max: section.integer("outbox_bytes_max", 1_048_576..=1 << 40, default.outbox_bytes_max),
        outbox_age_max: section.seconds("outbox_age_max_s", 60.0..=366.0 * DAY_S, default.outbox_age_max),
        backoff_max: section.seconds("backoff_max_s", 0.1..=3_600.0, default.backoff_max),
        flush_max: section.seconds("flush_max_s", 0.0..=600.0, default.flush_max),
        evidence: evidence(section.section("evidence"), default.evidence),
    };
    section.close();
    settings
}

/// `[edge.evidence]`.
fn evidence(mut section: Section<'_>, default: EvidenceSettings) -> EvidenceSettings {
    let settings = EvidenceSettings {
        before: section.seconds("before_s", 0.5..=30.0, default.before),
        after: section.seconds("after_s", 0.0..=30.0, default.after),
        keep: section.seconds("keep_s", 1.0..=30.0 * DAY_S, default.keep),
        bytes_max: section.count("bytes_max", 0..=1 << 32, default.bytes_max),
    };
    section.close();
    settings
}

/// `[models]`.
pub(super) fn models(mut section: Section<'_>, folder: &Path) -> ModelSettings {
    use ExecutionProvider::{Cpu, Cuda, Openvino, Tensorrt};
    let providers = [("cpu", Cpu), ("cuda", Cuda), ("tensorrt", Tensorrt), ("openvino", Openvino)];
    let settings = ModelSettings {
        manifest: section.path("manifest", folder),
        mirror: section.path("mirror", folder),
        runtime: section.path("runtime", folder),
        provider: section.choice("provider", &providers, Cpu),
    };
    section.close();
    settings
}

fn central_url(text: &str) -> Result<String, String> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    match scheme {
        "http" | "https" if host.contains('@') => {
            Err("holds credentials, which this connection does not use".to_owned())
        }
        "http" | "https" if !host.is_empty() => Ok(text.to_owned()),
        _ => Err("is not a URL such as http://127.0.0.1:50051".to_owned()),
    }
}
