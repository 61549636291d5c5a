//! How the cameras of a site lie to each other: `[central.topology]`.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::de::DeValue;

use super::section::Section;
use super::zones::json;
use crate::association::{LinkPrior, Topology};
use crate::ids::CameraId;

/// Most pairs of views, and most ways.
const ENTRIES_MAX: usize = 10_000;

/// A way from one view into another, `{ from = "gate", to = "hall", seconds = 40 }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Way {
    from: CameraId,
    to: CameraId,
    /// How long it takes as a rule.
    seconds: f64,
}

/// Reads it; faults are reported.
pub(super) fn read(mut section: Section<'_>) -> Topology {
    let all_overlaps = section.choice("overlaps_are", &[("all", true), ("some", false)], false);
    let all_ways = section.choice("ways_are", &[("all", true), ("some", false)], false);
    let mut topology = if all_overlaps { Topology::disjoint() } else { Topology::unknown() };
    list(&mut section, "overlaps", |pair: [CameraId; 2]| {
        if pair[0] == pair[1] {
            return Err("is one view");
        }
        topology.overlap(&pair[0], &pair[1]);
        Ok(())
    });
    list(&mut section, "ways", |way: Way| {
        if !(0.5..=3_600.0).contains(&way.seconds) {
            return Err("must take between 0.5 and 3600 seconds");
        }
        topology.link(&way.from, &way.to, LinkPrior { typical_s: way.seconds });
        Ok(())
    });
    section.close();
    if all_ways { topology.closing() } else { topology }
}

/// Each entry of a list; what `take` refuses is reported.
fn list<T: DeserializeOwned>(
    section: &mut Section<'_>,
    key: &'static str,
    mut take: impl FnMut(T) -> Result<(), &'static str>,
) {
    let Some(entry) = section.entry(key) else { return };
    let DeValue::Array(items) = entry.value.get_ref() else {
        entry.fault("is not a list");
        return;
    };
    if items.len() > ENTRIES_MAX {
        entry.warn(format!("has more than {ENTRIES_MAX} entries; the rest is left out"));
    }
    for (index, item) in items.iter().take(ENTRIES_MAX).enumerate() {
        let name = format!("{}[#{}]", section.key(key), index + 1);
        let fault = |problem: String| section.report.fault(Some(item.span()), &name, problem);
        match serde_json::from_value::<T>(json(item)) {
            Err(error) => fault(format!("is not usable: {error}")),
            Ok(one) => take(one).unwrap_or_else(|problem| fault(problem.to_owned())),
        }
    }
}
