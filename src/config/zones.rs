//! The zones, lines and masks of a camera: `[[camera.zone]]`, `[[camera.line]]` and `[[camera.mask]]`.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::DeValue;

use super::section::{Section, as_number};
use crate::behaviour::{LineRule, Rules, Units, ZoneRule, ZoneUse};
use crate::privacy::{MASKS_MAX, MaskRule};

/// The picture in which shares of it are tried out: any will do.
const TRIAL_SIZE: (f64, f64) = (1920.0, 1080.0);

/// Reads them into `rules`, and the calibration with them; faults are reported.
pub(super) fn read(section: &mut Section<'_>, homography: Option<[f64; 9]>, rules: &mut Rules) {
    rules.floor = homography;
    let zones: Vec<ZoneRule> = list(section, "zone", |one: &ZoneRule| {
        usable(&Rules {
            zones: vec![one.clone()],
            floor: homography.filter(|_| one.units != Units::Normalised),
            ..Rules::default()
        })
    });
    let lines: Vec<LineRule> = list(section, "line", |one: &LineRule| {
        usable(&Rules {
            lines: vec![one.clone()],
            floor: homography.filter(|_| one.units != Units::Normalised),
            ..Rules::default()
        })
    });
    (rules.zones, rules.lines) = (zones, lines);
}

/// The masks, `[[camera.mask]]`. `rules`: with a restroom's entrance, what lies behind its door must be blanked.
pub(super) fn masks(section: &mut Section<'_>, rules: &Rules) -> Vec<MaskRule> {
    let masks: Vec<MaskRule> = list(section, "mask", |one: &MaskRule| one.check().map_err(|e| (one.id.clone(), e)));
    if masks.len() > MASKS_MAX {
        section.report.fault(None, &section.key("mask"), format!("is given more than {MASKS_MAX} times"));
    }
    let entrance = rules.zones.iter().find(|zone| zone.purpose == ZoneUse::RestroomEntrance);
    if let Some(zone) = entrance.filter(|_| masks.is_empty()) {
        let problem = format!("is not given: draw what lies behind the door of `{}`, or it is seen", zone.id);
        section.report.warn(None, &section.key("mask"), problem);
    }
    masks
}

/// Whether rules of one zone or line alone can be used.
fn usable(rules: &Rules) -> Result<(), (String, &'static str)> {
    rules.layout(TRIAL_SIZE).map(|_| ()).map_err(|error| (error.id, error.problem))
}

/// All tables of a list. `check` finds out whether one of them can be used; if not, its name and why.
fn list<T: DeserializeOwned>(
    section: &mut Section<'_>,
    key: &'static str,
    check: impl Fn(&T) -> Result<(), (String, &'static str)>,
) -> Vec<T> {
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
            Ok(one) => match check(&one) {
                Err((id, problem)) => fault(format!("({id}) is not usable: {problem}")),
                Ok(()) => read.push(one),
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
