//! What the models of a face say of one face: against Python on the same pixels, and where parts are missing.

use std::fs;
use std::path::Path;

use greenlane::capture::{self, OpenOptions};
use greenlane::config::{FaceModelSettings, ModelSettings, NO_MODEL, SourceUrl};
use greenlane::face::FaceLook;
use greenlane::frame::{BBox, Image};
use greenlane::perception::{FaceLooker, ModelLibrary};
use greenlane::units::Unavailable;
use serde_json::Value;

use crate::support::shared;

/// Runs only where it is named.
const EYES: &str = "eye_openseeface_gaze_blink_32";

fn looker(mirror: &Path, names: &FaceModelSettings) -> Option<FaceLooker> {
    let settings = ModelSettings { mirror: Some(mirror.to_owned()), ..ModelSettings::default() };
    let library = ModelLibrary::open(&settings).expect("built-in manifest");
    FaceLooker::open(&library, &settings, names).expect("opens")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number")).collect()
}

struct Golden {
    face: BBox,
    image: Image,
    expected: Value,
}

fn golden(data: &Path) -> Golden {
    let text = include_str!("../fixtures/perception/face_look.json");
    let expected: Value = serde_json::from_str(text).expect("JSON");
    let picture = data.join(expected["picture"].as_str().expect("a path"));
    // A folder of this picture alone.
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(&picture, folder.path().join("0001.jpg")).expect("copied");
    let source = SourceUrl::new(&folder.path().display().to_string());
    let mut source = capture::open(&source, &OpenOptions::default()).expect("a folder of pictures");
    source.grab().expect("a picture").expect("at least one");
    let mut image = Image::default();
    source.retrieve(&mut image).expect("decodes");
    let b = numbers(&expected["box"]);
    Golden { face: BBox { x: b[0], y: b[1], w: b[2], h: b[3] }, image, expected }
}

#[track_caller]
fn assert_near(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found} where Python says {expected}");
}

#[test]
fn a_face_is_seen_as_python_sees_it() {
    let Some(shared) = shared() else { return };
    let Golden { face, image, expected } = golden(&shared.join("data"));
    let names = FaceModelSettings { eyes: Some(EYES.to_owned()), ..FaceModelSettings::default() };
    let mut looker = looker(&shared.join("models"), &names).expect("models in the mirror");
    let look = looker.look(&image, &face).expect("a face");
    let points = expected["landmarks"].as_array().expect("landmarks");
    assert_eq!((look.landmarks.len(), points.len()), (66, 66));
    for (i, (found, point)) in look.landmarks.iter().zip(points).enumerate() {
        let p = numbers(point);
        assert_near(found.x, p[0], 0.5, &format!("x of {i}"));
        assert_near(found.y, p[1], 0.5, &format!("y of {i}"));
        assert_near(found.confidence, p[2], 5e-3, &format!("confidence of {i}"));
    }
    for (i, eye) in look.eyes.iter().enumerate() {
        let (eye, e) = (eye.expect("an eye"), &expected["eyes"][i]);
        let pupil = numbers(&e["pupil"]);
        assert_near(eye.pupil.x, pupil[0], 1.0, "pupil x");
        assert_near(eye.pupil.y, pupil[1], 1.0, "pupil y");
        assert_near(eye.open, e["open"].as_f64().expect("a number"), 0.05, "open");
        let rows = numbers(&expected["eye_rows"][i]);
        assert_eq!(look.eye_rows[i].len(), rows.len());
        for (row, python) in look.eye_rows[i].iter().zip(rows) {
            assert_near(f64::from(*row), python, 1.5, "row");
        }
    }
    let angles = look.angles.expect("angles");
    let python = numbers(&expected["angles"]);
    for (found, expected) in [angles.yaw, angles.pitch, angles.roll].into_iter().zip(python) {
        assert_near(found, expected, 0.05, "angle");
    }
    // Followed from the landmarks, the face stays where it is.
    let again = looker.look(&image, &face).expect("a face");
    for (a, b) in look.landmarks.iter().zip(&again.landmarks) {
        assert!((a.x - b.x).hypot(a.y - b.y) < 0.02 * face.w, "{a:?} {b:?}");
    }
}

#[test]
fn parts_without_their_model_are_absent() {
    let Some(shared) = shared() else { return };
    let Golden { face, image, .. } = golden(&shared.join("data"));
    let none = || Some(NO_MODEL.to_owned());
    let mirror = shared.join("models");
    let look = |names: FaceModelSettings| looker(&mirror, &names).map(|mut l| l.look(&image, &face).expect("a face"));
    let parts = |look: FaceLook| {
        (look.landmarks.len(), look.eyes.iter().flatten().count(), look.eye_rows[0].len(), look.angles.is_some())
    };
    let settings = FaceModelSettings { eyes: Some(EYES.to_owned()), ..FaceModelSettings::default() };
    assert_eq!(look(settings).map(parts), Some((66, 2, 24, true)));
    assert_eq!(look(FaceModelSettings::default()).map(parts), Some((66, 0, 24, true)), "eyes must be named");
    let (landmarks, eyes, head) = (none(), Some(EYES.to_owned()), none());
    let settings = FaceModelSettings { landmarks: landmarks.clone(), eyes: eyes.clone(), ..Default::default() };
    assert_eq!(look(settings).map(parts), Some((0, 0, 0, true)), "eyes need landmarks");
    let settings = FaceModelSettings { head: head.clone(), ..FaceModelSettings::default() };
    assert_eq!(look(settings).map(parts), Some((66, 0, 24, false)));
    assert_eq!(look(FaceModelSettings { landmarks, eyes, head, pulse: None }).map(parts), None);
}

#[test]
fn without_files_there_is_nothing_to_say() {
    let folder = tempfile::tempdir().expect("a folder");
    // A manifest that has none of the models that are taken by default.
    let text = include_str!("../fixtures/perception/tiny.toml").replace("schema = 1", "schema = 1\nreplace = true");
    let text = ["tiny_detector", "tiny_embedding"].iter().fold(text, |text, model| {
        text.replace(&format!("<{model}>"), &"0".repeat(64)).replace(&format!("0 # {model}"), "1")
    });
    let manifest = folder.path().join("manifest.toml");
    fs::write(&manifest, text).expect("written");
    let settings = ModelSettings { manifest: Some(manifest), ..ModelSettings::default() };
    let library = ModelLibrary::open(&settings).expect("a manifest");
    let looker = |names| FaceLooker::open(&library, &settings, &names);
    assert!(looker(FaceModelSettings::default()).expect("opens").is_none());
    let named = FaceModelSettings { head: Some("head_pose_adas_0001_60".to_owned()), ..FaceModelSettings::default() };
    assert!(looker(named).is_err(), "what is named must be there");
}

#[test]
fn boxes_without_a_face_say_so() {
    let Some(shared) = shared() else { return };
    let Golden { face, image, .. } = golden(&shared.join("data"));
    let mut looker = looker(&shared.join("models"), &FaceModelSettings::default()).expect("models in the mirror");
    let mut at = |x, y, w, h| looker.look(&image, &BBox { x, y, w, h });
    assert_eq!(at(face.x, face.y, 15.0, 80.0), Err(Unavailable::TooSmall));
    assert_eq!(at(f64::NAN, face.y, 80.0, 80.0), Err(Unavailable::TooSmall));
    assert_eq!(at(1e6, 0.0, 80.0, 80.0), Err(Unavailable::Occluded));
    let wall = at(0.0, 0.0, 60.0, 60.0).expect("the head model has its say");
    assert!(wall.landmarks.is_empty() && wall.eyes == [None; 2] && wall.angles.is_some(), "{wall:?}");
}
