//! Comma-separated values, RFC 4180.

use serde_json::Value;

use super::{COMBINED, TrackingReport};

pub(super) fn render(report: &TrackingReport) -> String {
    let rows: Vec<(&str, Vec<(String, String)>)> = report
        .sequences
        .iter()
        .map(|part| (part.name.as_str(), &part.scores))
        .chain([(COMBINED, &report.combined)])
        .map(|(name, scores)| (name, fields(&scores.to_json())))
        .collect();
    let mut text = String::from("sequence");
    if let Some((_, first)) = rows.first() {
        for (name, _) in first {
            text.push(',');
            text.push_str(&quoted(name));
        }
    }
    text.push('\n');
    for (name, values) in &rows {
        text.push_str(&quoted(name));
        for (_, value) in values {
            text.push(',');
            text.push_str(value);
        }
        text.push('\n');
    }
    text
}

/// Scalars under their name, py-motmetrics' with that in front, thresholds as `HOTA___5` .. `HOTA___95`, as `TrackEval`'s detailed files have them.
fn fields(scores: &Value) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let objects = scores.as_object().into_iter().flatten();
    for (name, value) in objects.filter(|(_, value)| !value.is_object()) {
        out.push((name.clone(), value.to_string()));
    }
    for (name, value) in scores["motmetrics"].as_object().into_iter().flatten() {
        let value = if value.is_null() { String::new() } else { value.to_string() };
        out.push((format!("motmetrics_{name}"), value));
    }
    let arrays = scores["per_alpha"].as_object().into_iter().flatten();
    for (name, values) in arrays.filter(|(name, _)| name.as_str() != "alpha") {
        for (index, value) in values.as_array().into_iter().flatten().enumerate() {
            out.push((format!("{name}___{}", (index + 1) * 5), value.to_string()));
        }
    }
    out
}

/// A field, in quotes where it needs them.
pub(in crate::evaluation) fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
