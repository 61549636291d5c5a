//! The generator, the behaviours and the score together.

use super::*;
use crate::event::Behaviour;

fn report(behaviour: Behaviour, seeds: std::ops::Range<u64>) -> EventReport {
    let mut report = EventReport::default();
    for seed in seeds {
        let one = staged(behaviour, seed).expect("staged");
        let played = play(&one.scenario, &one.rules, seed, Eyes::Scripted).expect("playable");
        let (in_vain, missed) = report.add(&played);
        for told in &in_vain {
            let f = &told.finding;
            println!("{behaviour:?} {seed}: in vain {:?} at {:.1} of {:?} {:?}", f.behaviour, told.at_s, told.people, f.reasons);
        }
        for occurrence in &missed {
            println!("{behaviour:?} {seed}: missed {occurrence:?}");
        }
    }
    report
}

#[test]
fn every_staged_behaviour_is_told() {
    for behaviour in STAGED {
        let report = report(behaviour, 5_000..5_006);
        let score = report.scores.get(&behaviour).cloned().unwrap_or_default();
        println!("{behaviour:?}: {} of {} found, {} false", score.found, score.happened, score.false_alerts);
        assert!(score.happened >= 6, "{behaviour:?}: {score:?}");
        assert!(score.found + 1 >= score.happened, "{behaviour:?}: {score:?}");
    }
}
