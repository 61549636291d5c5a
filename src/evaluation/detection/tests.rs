//! Detection metrics against golden values of pycocotools; see `tests/fixtures/evaluation/make_detection_golden.py`.

use serde_json::Value;

use super::*;
use crate::frame::BBox;

const GOLDEN: &str = include_str!("../../../tests/fixtures/evaluation/detection_golden.json");

fn golden() -> (Value, PictureSet) {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let numbers = |row: &Value| row.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<f64>>();
    let rows = |picture: &Value, key: &str| picture[key].as_array().unwrap().iter().map(numbers).collect::<Vec<_>>();
    let bbox = |row: &[f64]| BBox { x: row[0], y: row[1], w: row[2], h: row[3] };
    let truth = |row: Vec<f64>| TrueBox {
        kind: if row[4] > 0.0 { TruthKind::Region } else { TruthKind::Counted },
        ..TrueBox::counted(bbox(&row))
    };
    let found = |row: Vec<f64>| FoundBox { bbox: bbox(&row), score: row[4], points: None };
    let picture = |p: &Value| Picture {
        name: String::new(),
        width: p["width"].as_f64().unwrap(),
        light: Light::Light,
        truth: rows(p, "truth").into_iter().map(truth).collect(),
        found: vec![rows(p, "found").into_iter().map(found).collect()],
    };
    let pictures = golden["pictures"].as_array().unwrap().iter().map(picture).collect();
    let set = PictureSet { name: "made up".to_owned(), pictures, labelled: None };
    (golden, set)
}

#[test]
fn figures_are_those_of_pycocotools() {
    let (golden, set) = golden();
    let [small, medium, large] = SIZES.map(Part::Size);
    for (name, part) in [("all", Part::All), ("small", small), ("medium", medium), ("large", large)] {
        let scores = score(&[&set], 0, part, 0.5);
        let expected = &golden["figures"][name];
        let curve = scores.curve.unwrap();
        let ours = [("ap50", scores.ap50), ("ap50_95", scores.ap50_95), ("ap50_voc", scores.ap50_voc)];
        for (figure, ours) in ours {
            let (ours, expected) = (ours.unwrap(), expected[figure].as_f64().unwrap());
            assert!((ours - expected).abs() < 1e-9, "{name} {figure}: {ours}, pycocotools {expected}");
        }
        for (i, ours) in curve.iter().enumerate() {
            let expected = expected["curve"][i].as_f64().unwrap();
            assert!((ours - expected).abs() < 1e-9, "{name} at recall {i}: {ours}, pycocotools {expected}");
        }
        // The recall that all findings together reach.
        let recall = score(&[&set], 0, part, 0.0).own.unwrap().recall;
        assert!((recall - expected["recall"].as_f64().unwrap()).abs() < 1e-9, "{name} {recall}");
    }
}

#[test]
fn parts_add_up() {
    let (_, set) = golden();
    let wanted = |part: Part| -> usize {
        set.pictures.iter().map(|picture| matching::Matching::new(picture, 0, part, None).judge(0.5).wanted).sum()
    };
    assert_eq!(wanted(Part::All), SIZES.map(|band| wanted(Part::Size(band))).iter().sum::<usize>());
}

fn one_picture(truth: Vec<TrueBox>, found: Vec<FoundBox>) -> PictureSet {
    let picture = Picture { name: "p".to_owned(), width: 416.0, light: Light::Dark, truth, found: vec![found] };
    PictureSet { name: "s".to_owned(), pictures: vec![picture], labelled: None }
}

fn at(x: f64, score: f64) -> FoundBox {
    FoundBox { bbox: BBox { x, y: 0.0, w: 20.0, h: 60.0 }, score, points: None }
}

#[test]
fn what_is_ignored_is_neither_right_nor_wrong() {
    let truth = |x, kind| TrueBox { kind, ..TrueBox::counted(at(x, 1.0).bbox) };
    let set = one_picture(
        vec![truth(0.0, TruthKind::Counted), truth(100.0, TruthKind::Ignored), truth(200.0, TruthKind::Region)],
        vec![at(0.0, 0.5), at(100.0, 0.9), at(200.0, 0.9), at(201.0, 0.8)],
    );
    let best = score(&[&set], 0, Part::All, 0.5).best.unwrap();
    assert_eq!((best.precision, best.recall, best.score), (1.0, 1.0, 0.5));
    // A second box on what is ignored once is false; a region takes any number.
    let mut twice = set.clone();
    twice.pictures[0].found[0].push(at(101.0, 0.7));
    assert_eq!(score(&[&twice], 0, Part::All, 0.5).best.unwrap().precision, 0.5);
    assert!(score(&[&set], 0, Part::Light(Light::Light), 0.5).ap50.is_none(), "no picture in that light");
}

#[test]
fn outside_the_labelled_area_nothing_is_false() {
    let mut set = one_picture(vec![TrueBox::counted(at(0.0, 1.0).bbox)], vec![at(0.0, 0.5), at(300.0, 0.9)]);
    assert_eq!(score(&[&set], 0, Part::All, 0.5).best.unwrap().precision, 0.5);
    set.labelled =
        Some(crate::evaluation::LabelledArea::Pixels(vec![(0.0, 0.0), (200.0, 0.0), (200.0, 200.0), (0.0, 200.0)]));
    assert_eq!(score(&[&set], 0, Part::All, 0.5).best.unwrap().precision, 1.0);
}

#[test]
fn nothing_found_and_nothing_there() {
    let empty = one_picture(Vec::new(), Vec::new());
    let scores = score(&[&empty], 0, Part::All, 0.5);
    assert_eq!((scores.ap50, scores.ap50_voc, scores.best, scores.own), (None, None, None, None));
    let blind = one_picture(vec![TrueBox::counted(at(0.0, 1.0).bbox)], Vec::new());
    let scores = score(&[&blind], 0, Part::All, 0.5);
    assert_eq!((scores.ap50, scores.ap50_95, scores.ap50_voc), (Some(0.0), Some(0.0), Some(0.0)));
}

#[test]
fn points_are_measured_in_eye_distances() {
    let face = |dx: f64| [(4.0 + dx, 10.0), (14.0, 10.0), (9.0, 20.0 + dx), (5.0, 30.0), (13.0, 30.0)];
    let truth = TrueBox { points: face(0.0).map(Some), ..TrueBox::counted(at(0.0, 1.0).bbox) };
    let mut set = one_picture(vec![truth], vec![FoundBox { points: Some(face(1.0)), ..at(0.0, 0.9) }]);
    let errors = score(&[&set], 0, Part::All, 0.5).points.unwrap();
    let expected = PointErrors { faces: 1, eyes_mean: 0.05, eyes_p90: 0.1, others_mean: Some(0.1 / 3.0) };
    assert!((errors.eyes_mean - 0.05).abs() < 1e-12 && (errors.eyes_p90 - 0.1).abs() < 1e-12, "{errors:?}");
    assert!((errors.others_mean.unwrap() - expected.others_mean.unwrap()).abs() < 1e-12, "{errors:?}");
    set.pictures[0].truth[0].points = [None; FACE_POINTS];
    assert_eq!(score(&[&set], 0, Part::All, 0.5).points, None);
}

#[test]
fn the_same_mistake_is_shown_once() {
    let truth = TrueBox::counted(BBox { x: 100.0, y: 0.0, w: 30.0, h: 90.0 });
    let mut set = one_picture(vec![truth], vec![at(300.0, 0.9), at(302.0, 0.8), at(0.0, 0.7)]);
    set.pictures.push(set.pictures[0].clone());
    let faults = worst(&[set], 0, 0.5, 5);
    let shown: Vec<(FaultKind, f64)> = faults.iter().map(|f| (f.kind, f.bbox.x)).collect();
    assert_eq!(shown, [(FaultKind::Miss, 100.0), (FaultKind::FalseAlarm, 300.0), (FaultKind::FalseAlarm, 0.0)]);
}
