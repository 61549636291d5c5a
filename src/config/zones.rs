//! The zones and lines of a camera: `[[camera.zone]]` and `[[camera.line]]`.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::DeValue;

use super::section::{Section, as_number};
use crate::behaviour::{LineRule, Rules, Units, ZoneRule};

/// The picture in which shares of it are tried out: any will do.
const TRIAL_SIZE: (f64, f64) = (1920.0, 1080.0);

/// Reads them into `rules`, and the calibration with them; faults are reported.
pub(super) fn read(section: &mut Section<'_>, homography: Option<[f64; 9]>, rules: &mut Rules) {
    rules.floor = homography;
    let zones: Vec<ZoneRule> = list(section, "zone", |one: &ZoneRule| Rules {
        zones: vec![one.clone()],
        floor: homography.filter(|_| one.units != Units::Normalised),
        ..Rules::default()
    });
    let lines: Vec<LineRule> = list(section, "line", |one: &LineRule| Rules {
        lines: vec![one.clone()],
        floor: homography.filter(|_| one.units != Units::Normalised),
        ..Rules::default()
    });
    (rules.zones, rules.lines) = (zones, lines);
}

/// All tables of a list. `alone` makes rules of one of them, to find out whether it can be used.
fn list<T: DeserializeOwned>(section: &mut Section<'_>, key: &'static str, alone: impl Fn(&T) -> Rules) -> Vec<T> {
    let Some(entry) = section.entry(key) else { return Vec::new() };
    let DeValue::Array(tables) = entry.value.get_ref() else {
        entry.fault(&format!("is not a list: write [[camera.{key}]] with two brackets"));
        return Vec::new();
    };
    let mut read = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let name = format!("{}[#{}]", section.key(key), index + 1);
        let fault = |problem: String| section.report.fault(Some(table.span()), &name, problem);
        match serde_json::from_value::<T>(json(table)) {
            Err(error) => fault(format!("is not usable: {error}")),
            Ok(one) => match alone(&one).layout(TRIAL_SIZE) {
                Err(error) => fault(format!("({}) is not usable: {}", error.id, error.problem)),
                Ok(_) => read.push(one),
            },
        }
    }
    read
}

/// A value of the file as JSON, which the rules' own types are read from.
pub(super) fn json(value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(truth) => Value::from(*truth),
        DeValue::Array(items) => items.iter().map(json).collect(),
        DeValue::Table(table) => {
            let entries = table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        DeValue::Datetime(time) => Value::from(time.to_string()),
        DeValue::Integer(_) => as_number(value.get_ref()).map_or(Value::Null, |number| {
            // Whole numbers stay whole: some keys count.
            if number.fract() == 0.0 && number.abs() < 9e15 { Value::from(number as i64) } else { Value::from(number) }
        }),
        DeValue::Float(_) => as_number(value.get_ref()).map_or(Value::Null, Value::from),
    }
}
