//! The metrics against golden values of `TrackEval` and motmetrics; see `tests/fixtures/evaluation/make_golden.py`.

mod blinks;
mod command;
mod detection;
mod events;
mod inputs;
mod travellers;

use std::collections::BTreeMap;

use greenlane::evaluation::multi_camera::{MultiCameraScores, join};
use greenlane::evaluation::{Benchmark, MotRow, Recording, Scores, SequenceScores, parse_vatic, prepare};
use serde_json::Value;

use self::inputs::Input;
use super::support;

const GOLDEN: &str = include_str!("../../fixtures/evaluation/golden.json");
const TOLERANCE: f64 = 1e-9;
/// Golden figures of one sequence: 43 scalars and 4 metrics at 19 thresholds.
const FIGURES: usize = 43 + 4 * 19;

fn evaluated(benchmark: Benchmark, input: &Input) -> SequenceScores {
    let recording = Recording {
        name: &input.name,
        frames: Some(input.frames),
        truth: &input.truth,
        results: &input.results,
        labelled: None,
    };
    SequenceScores::of(&prepare(benchmark, &recording).unwrap())
}

/// Compares every golden figure; returns how many there were.
fn compare(what: &str, ours: &Value, golden: &Value, unlike: &mut Vec<String>) -> usize {
    let mut compared = 0;
    let mut hold = |name: &str, ours: &Value, golden: &Value| {
        let (Some(got), Some(expected)) = (ours.as_f64(), golden.as_f64()) else {
            unlike.push(format!("{what} {name}: {ours} is no number"));
            return;
        };
        compared += 1;
        if (got - expected).abs() > TOLERANCE {
            unlike.push(format!("{what} {name}: {got}, golden {expected}"));
        }
    };
    for (name, value) in golden.as_object().unwrap() {
        match name.as_str() {
            "per_alpha" => {
                for (metric, values) in value.as_object().unwrap() {
                    for (a, expected) in values.as_array().unwrap().iter().enumerate() {
                        hold(&format!("{metric}[{a}]"), &ours["per_alpha"][metric][a], expected);
                    }
                }
            }
            "motmetrics" => {}
            name => hold(name, &ours[name], value),
        }
    }
    compared
}

fn compare_all(what: &str, benchmark: Benchmark, inputs: &[Input], golden: &Value) {
    let mut parts: Vec<SequenceScores> = inputs.iter().map(|input| evaluated(benchmark, input)).collect();
    parts.sort_by(|a, b| a.name.cmp(&b.name));
    let combined = Scores::combined(&parts);
    let mut ours: BTreeMap<&str, Value> =
        parts.iter().map(|part| (part.name.as_str(), part.scores.to_json())).collect();
    ours.insert("COMBINED_SEQ", combined.to_json());
    let golden = golden.as_object().unwrap();
    assert_eq!(ours.keys().copied().collect::<Vec<_>>(), golden.keys().map(String::as_str).collect::<Vec<_>>());
    let mut unlike = Vec::new();
    let compared: usize = golden
        .iter()
        .map(|(name, fields)| compare(&format!("{what} {name}"), &ours[name.as_str()], fields, &mut unlike))
        .sum();
    assert!(unlike.is_empty(), "{} of {compared} figures differ:\n{}", unlike.len(), unlike.join("\n"));
    assert_eq!(compared, golden.len() * FIGURES);
}

#[test]
fn scenes_agree_with_the_reference() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let inputs = inputs::scenes();
    for benchmark in [Benchmark::Mot15, Benchmark::Mot17, Benchmark::Mot20] {
        let name = benchmark.as_str();
        compare_all(name, benchmark, &inputs, &golden["scenes"][name]);
    }
}

#[test]
fn recordings_agree_with_the_reference() {
    let Some(shared) = support::shared() else { return };
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let recorded = [(Benchmark::Mot15, inputs::mot15(&shared)), (Benchmark::Mot17, inputs::mot17(&shared))];
    for (linker, measure, gate, patience) in inputs::LINKERS {
        for (benchmark, recordings) in &recorded {
            let linked: Vec<Input> =
                recordings.iter().map(|recording| inputs::link(recording, measure, gate, patience)).collect();
            let what = format!("{linker} {benchmark}");
            compare_all(&what, *benchmark, &linked, &golden["recordings"][linker][benchmark.as_str()]);
        }
    }
}

/// Identity as py-motmetrics computes it, and CLEAR in its own counting.
#[test]
fn motmetrics_agrees_as_well() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let mut compared = 0;
    let mut unlike = Vec::new();
    let mut compare = |input: &Input, golden: &Value| {
        let theirs = &golden["MOT15"][&input.name]["motmetrics"];
        let ours = evaluated(Benchmark::Mot15, input).scores.to_json();
        for (name, expected) in theirs.as_object().into_iter().flatten() {
            let named = [("idf1", "IDF1"), ("idp", "IDP"), ("idr", "IDR"), ("idtp", "IDTP")];
            let identity = named.iter().find(|(theirs, _)| theirs == name);
            let got = identity.map_or_else(|| &ours["motmetrics"][name], |(_, ours_name)| &ours[ours_name]);
            let difference = got.as_f64().unwrap_or(f64::NAN) - expected.as_f64().unwrap();
            if difference.is_nan() || difference.abs() > TOLERANCE {
                unlike.push(format!("{} {name}: {got}, motmetrics {expected}", input.name));
            }
            compared += 1;
        }
    };
    for input in inputs::scenes() {
        compare(&input, &golden["scenes"]);
    }
    let recordings = support::shared().map(|shared| inputs::mot15(&shared)).unwrap_or_default();
    for (linker, measure, gate, patience) in inputs::LINKERS {
        for recording in &recordings {
            compare(&inputs::link(recording, measure, gate, patience), &golden["recordings"][linker]);
        }
    }
    assert!(unlike.is_empty(), "{} of {compared} figures differ:\n{}", unlike.len(), unlike.join("\n"));
    assert!(compared >= 5 * 14, "only {compared} figures were compared");
}

/// Four overlapping cameras with one set of identities: the labels against themselves, and with the names of one camera
/// exchanged.
#[test]
fn an_auditorium_with_four_cameras() {
    let Some(shared) = support::shared() else { return };
    let views: Vec<Vec<MotRow>> = ["HC3", "HC4", "IP2", "IP5"]
        .map(|view| shared.join(format!("data/campus-auditorium/view-{view}.txt")))
        .map(|path| parse_vatic(&std::fs::read_to_string(path).unwrap()).unwrap())
        .into();
    let renamed: Vec<MotRow> = views[1].iter().map(|row| MotRow { id: row.id + 1000, ..row.clone() }).collect();
    let joined = |second: &[MotRow]| {
        let recordings: Vec<Recording<'_>> = (0..4)
            .map(|camera| {
                let results = if camera == 1 { second } else { &views[camera] };
                Recording { name: "view", frames: Some(2700), truth: &views[camera], results, labelled: None }
            })
            .collect();
        MultiCameraScores::of(&join(Benchmark::Mot15, "auditorium", &recordings).unwrap())
    };
    let (same, other) = (joined(&views[1]), joined(&renamed));
    assert!((same.mcta.mcta - 1.0).abs() < 1e-12 && (same.identity.idf1 - 1.0).abs() < 1e-12);
    assert_eq!(same.hand_over.found_hand_overs, same.hand_over.true_hand_overs);
    assert!(same.hand_over.true_hand_overs > 20, "{:?}", same.hand_over);
    // A box counts as explained if it carries its person's most frequent name: all of them, save those of the renamed
    // camera of people who are seen longer elsewhere, or save the others of the rest.
    let total: u64 = views.iter().map(|view| view.len() as u64).sum();
    let mut of_person: BTreeMap<u64, [u64; 2]> = BTreeMap::new();
    for (camera, view) in views.iter().enumerate() {
        view.iter().for_each(|row| of_person.entry(row.id).or_default()[usize::from(camera == 1)] += 1);
    }
    let explained: u64 = of_person.values().map(|[kept, renamed]| kept.max(renamed)).sum();
    assert_eq!(other.identity.idf1, explained as f64 / total as f64);
    assert!(other.mcta.mcta < same.mcta.mcta && other.hand_over.found_hand_overs < same.hand_over.found_hand_overs);
}
