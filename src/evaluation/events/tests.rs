//! The generator, the behaviours and the score together. The figures of many seeds come from `greenlane evaluate events`.

use super::*;
use crate::event::Behaviour;
use crate::simulation::Noise;

/// Adds a scenario and says what went wrong in it.
fn added(report: &mut EventReport, name: &str, case: &Staged, seed: u64) {
    let played = play(&case.scenario, &case.rules, seed, Eyes::Scripted).expect("playable");
    let (in_vain, missed) = report.add(&played);
    for told in &in_vain {
        let f = &told.finding;
        println!("{name} {seed}: in vain {:?} at {:.1} of {:?} {:?}", f.behaviour, told.at_s, told.people, f.reasons);
    }
    for occurrence in &missed {
        println!("{name} {seed}: missed {occurrence:?}");
    }
}

#[test]
fn what_is_staged_is_told() {
    for behaviour in STAGED {
        let mut report = EventReport::default();
        for seed in 5_000..5_002 {
            added(&mut report, behaviour.as_str(), &staged(behaviour, seed).expect("staged"), seed);
        }
        let score = report.scores.get(&behaviour).cloned().unwrap_or_default();
        assert!(score.happened >= 1, "{behaviour:?}: {score:?}");
        assert!(score.found + 1 >= score.happened, "{behaviour:?}: {score:?}");
    }
    assert!(staged(Behaviour::LineCrossed, 1).is_none());
}

#[test]
fn ordinary_people_and_faults_of_one_frame_raise_no_alert() {
    let mut report = EventReport::default();
    for seed in 5_000..5_002 {
        let mut case = ordinary(seed);
        case.scenario.noise = Noise { false_boxes: 0.5, box_jumps: 0.02, duplicates: 0.02, ..Noise::default() };
        added(&mut report, "faults", &case, seed);
    }
    assert!(report.faults > 1_000, "{}", report.faults);
    assert_eq!(report.alerts, 0);
}

#[test]
fn people_who_cross_keep_their_bags() {
    let mut report = EventReport::default();
    added(&mut report, "crossings", &crossings(5_000), 5_000);
    assert_eq!(report.alerts, 0);
}

#[test]
fn a_finding_counts_once_and_only_for_whom_it_is_about() {
    let case = staged(Behaviour::Running, 5_000).expect("staged");
    let mut played = play(&case.scenario, &case.rules, 5_000, Eyes::Scripted).expect("playable");
    played.told.retain(|t| t.finding.behaviour == Behaviour::Running);
    let one = played.told.first().cloned().expect("running is told");
    let stranger = Told { people: vec![usize::MAX], ..one.clone() };
    played.told = vec![stranger, one.clone(), one];
    let mut report = EventReport::default();
    report.add(&played);
    let score = &report.scores[&Behaviour::Running];
    assert_eq!((score.happened, score.found, score.false_alerts), (1, 1, 2));
    assert_eq!((score.recall(), score.precision()), (Some(1.0), Some(1.0 / 3.0)));
}
