//! Halls and small recordings, end to end.

use super::*;
use crate::association::AssociationSettings;

/// What the simulation command prints, in short; run with `--ignored` to see it.
#[test]
#[ignore = "prints figures of whole halls"]
fn figures() {
    let env = |name: &str, default: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let settings = AssociationSettings::default();
    for seed in env("FROM", 1)..=env("TO", 1) {
        let plan = HallPlan {
            seed,
            cameras: env("CAMERAS", 12) as usize,
            travellers: env("TRAVELLERS", 300) as usize,
            minutes: env("MINUTES", 20) as u32,
        };
        let start = std::time::Instant::now();
        let recording = hall(plan).unwrap();
        println!(
            "seed {seed}: {} tracks {} sights {:.1}s",
            recording.tracks.len(),
            recording.sights.len(),
            start.elapsed().as_secs_f64()
        );
        let start = std::time::Instant::now();
        let (ours, associator) = follow(&recording, &settings);
        let took = start.elapsed().as_secs_f64();
        show("ours", &recording, &ours);
        println!("   {took:.1}s {:?} doubles {}", associator.counters(), associator.double_presences());
        let flow = min_cost_flow(&recording, &settings);
        show("flow", &recording, &flow);
        show("dick", &recording, &transitions(&recording, &settings));
        let best = LOOK_THRESHOLDS.iter().map(|t| nearest_look(&recording, &settings, *t));
        let best = best
            .max_by(|a, b| {
                TravellerScores::of(&recording, a)
                    .ended
                    .identity
                    .idf1
                    .total_cmp(&TravellerScores::of(&recording, b).ended.identity.idf1)
            })
            .unwrap();
        show("near", &recording, &best);
    }
}

fn show(name: &str, recording: &TrackRecording, answer: &Answer) {
    let s = TravellerScores::of(recording, answer);
    println!(
        "  {name}: IDF1 {:.4} announced {:.4} MCTA {:.3} HO P {:.3?} R {:.3?} open-set {:.3?} missed {:?} median {:?} ECE {:.4?} brier {:.3?} n {}",
        s.ended.identity.idf1,
        s.announced.idf1,
        s.ended.mcta.mcta,
        s.ended.hand_over.hand_over_precision,
        s.ended.hand_over.hand_over_recall,
        s.open_set_error(),
        s.not_recognised,
        s.median_seconds(),
        s.calibration.ece,
        s.calibration.brier,
        s.calibration.claims
    );
}
