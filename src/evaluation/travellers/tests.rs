//! Halls and small recordings, end to end.

use super::*;
use crate::association::AssociationSettings;
use crate::evaluation::parse_vatic;

fn view(runs: &[(u64, u32, u32)]) -> Vec<crate::evaluation::MotRow> {
    let line = |id: u64, frame: u32| format!("{id} 10 10 50 100 {frame} 0 0 0 \"PERSON\"\n");
    let text: String = runs.iter().flat_map(|(id, from, until)| (*from..*until).map(move |f| line(*id, f))).collect();
    parse_vatic(&text).unwrap()
}

#[test]
fn tracks_break_where_a_label_is_lost() {
    let views =
        [("A".to_owned(), view(&[(0, 0, 300), (1, 0, 90), (1, 150, 300)])), ("B".to_owned(), view(&[(0, 600, 900)]))];
    let look = "0.95".parse().unwrap();
    let recording = campus("two", &views, Some(look)).unwrap();
    assert_eq!(recording.tracks.iter().map(|(_, person)| *person).collect::<Vec<_>>(), [0, 1, 1, 0]);
    assert_eq!(recording.spans()[3], (20.0, 899.0 / 30.0));
    assert_eq!(recording.sights.len(), 300 + 90 + 150 + 300);
    // One report a second and one at the end.
    let of_last = recording.sightings.iter().filter(|s| s.key == recording.tracks[3].0).count();
    assert_eq!(of_last, 11);
    assert!(campus("none", &[], None).is_err());
}

#[test]
fn perfect_answers_score_one_and_swapped_ones_do_not() {
    let views =
        [("A".to_owned(), view(&[(0, 0, 300), (1, 0, 300)])), ("B".to_owned(), view(&[(0, 600, 900), (1, 600, 900)]))];
    let recording = campus("two", &views, None).unwrap();
    let scores = |labels: &[u64]| TravellerScores::of(&recording, &Answer::fixed(labels.to_vec()));
    let right = scores(&[1, 2, 1, 2]);
    assert_eq!((right.ended.identity.idf1, right.ended.mcta.mcta, right.open_set), (1.0, 1.0, (0, 2)));
    assert_eq!((right.not_recognised, right.seconds_to_correct.len()), ((0, 2), 2));
    let swapped = scores(&[1, 2, 2, 1]);
    assert_eq!((swapped.ended.identity.idf1, swapped.ended.mcta.mcta), (0.5, 0.0));
    assert_eq!((swapped.links[0].passages, swapped.links[0].found, swapped.links[0].right), (2, 0, 0));
    let strangers = scores(&[1, 2, 3, 4]);
    assert_eq!((strangers.not_recognised, strangers.seconds_to_correct), ((2, 2), vec![None, None]));
    let joined = scores(&[1, 1, 1, 1]);
    assert_eq!(joined.open_set, (1, 2));
}

#[test]
fn calibration_is_the_gap_between_stated_and_true() {
    let claims = |stated: f64, right: usize, of: usize| {
        (0..of).map(move |i| Claim { probability: stated, right: i < right }).collect::<Vec<_>>()
    };
    let exact = [claims(0.9, 9, 10), claims(0.5, 5, 10)].concat();
    assert!(Calibration::of(&exact).ece.is_some_and(|ece| ece < 1e-9));
    assert!(Calibration::of(&claims(0.9, 5, 10)).ece.is_some_and(|ece| (ece - 0.4).abs() < 1e-9));
    assert_eq!(Calibration::of(&[]).ece, None);
}

#[test]
fn a_small_hall_is_followed_better_than_by_either_baseline() {
    let plan = HallPlan { seed: 3, cameras: 6, travellers: 30, minutes: 7, ..HallPlan::default() };
    let recording = hall(plan).unwrap();
    let settings = AssociationSettings::default();
    let idf1 = |answer: &Answer| TravellerScores::of(&recording, answer).ended.identity.idf1;
    let (ours, associator) = follow(&recording, &settings);
    let better = idf1(&nearest_look_at_best(&recording, &settings).1).max(idf1(&transitions(&recording, &settings)));
    assert!(idf1(&ours) > better + 0.1, "ours {} baselines {better}", idf1(&ours));
    assert_eq!(associator.double_presences(), 0);
    assert_eq!(follow(&recording, &settings).0, ours, "the same reports give the same answer");
}
