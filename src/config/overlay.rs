//! Lays a table of the file over settings that are plain numbers, choices and tables of them.
//!
//! The pure core's settings have many numbers, each documented at its field; naming every one of them here again would
//! only let the two lists drift apart. What is there, and of which type, is read off the default.

use std::ops::RangeInclusive;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use toml::de::DeValue;

use super::fault::suggestion;
use super::section::{Entry, as_number};

/// Allowed values by the word a key begins or ends with; the first that fits holds. The rest is finite and not negative.
const ALLOWED: [(Place, &str, RangeInclusive<f64>); 9] = [
    (Place::Start, "score", 0.0..=1.0),
    (Place::Start, "similarity", 0.0..=1.0),
    (Place::Start, "appearance_min", -1.0..=1.0),
    (Place::Start, "appearance_recover", -1.0..=1.0),
    (Place::Start, "appearance_keep", 0.0..=1.0),
    // Log-odds.
    (Place::Start, "belief_min", -20.0..=20.0),
    (Place::Start, "back_cosine", -1.0..=1.0),
    (Place::End, "_s", 0.0..=86_400.0),
    (Place::End, "_max", 0.0..=1e6),
];

#[derive(Clone, Copy)]
enum Place {
    Start,
    End,
}

fn allowed(key: &str) -> RangeInclusive<f64> {
    ALLOWED
        .iter()
        .find(|(place, word, _)| match place {
            Place::Start => key.starts_with(word),
            Place::End => key.ends_with(word),
        })
        .map_or(0.0..=1e9, |(_, _, range)| range.clone())
}

/// `default` with what the file gives in its place; faults are reported.
pub(super) fn overlaid<T: Serialize + DeserializeOwned + Clone>(entry: Option<Entry<'_>>, default: &T) -> T {
    let Some(entry) = entry else { return default.clone() };
    let mut values = match serde_json::to_value(default) {
        Ok(Value::Object(values)) => values,
        _ => Map::new(),
    };
    overlay(&entry, &mut values);
    serde_json::from_value(Value::Object(values)).unwrap_or_else(|error| {
        entry.fault(&format!("is not usable: {error}"));
        default.clone()
    })
}

fn overlay(entry: &Entry<'_>, values: &mut Map<String, Value>) {
    let Some(table) = entry.table() else { return };
    for (key, value) in table {
        let inner = entry.inner(key.get_ref(), value);
        match values.get_mut(key.get_ref().as_ref()) {
            Some(Value::Object(nested)) => overlay(&inner, nested),
            Some(known) => {
                if let Some(value) = like(known, &inner, key.get_ref()) {
                    *known = value;
                }
            }
            None => {
                let names: Vec<&str> = values.keys().map(String::as_str).collect();
                inner.unknown(key.span(), &suggestion(key.get_ref(), names.into_iter()));
            }
        }
    }
}

/// The given value as JSON, when it is of the type of `known`.
fn like(known: &Value, entry: &Entry<'_>, key: &str) -> Option<Value> {
    let number_wanted = known.is_number() || (known.is_null() && as_number(entry.value.get_ref()).is_some());
    match entry.value.get_ref() {
        _ if known.is_u64() => {
            let most = *allowed(key).end() as u64;
            entry.integer(&(0..=most)).map(Value::from)
        }
        _ if number_wanted => entry.number(&allowed(key)).map(Value::from),
        DeValue::Boolean(given) if known.is_boolean() => Some(Value::from(*given)),
        DeValue::String(text) if known.is_string() || known.is_null() => Some(Value::from(text.as_ref())),
        _ => {
            entry.fault(if known.is_boolean() { "is neither true nor false" } else { "is not a text in quotes" });
            None
        }
    }
}
