//! Models on pixels: against Python's onnxruntime on the same pixels, and everything that must be refused.

use std::fs;
use std::path::{Path, PathBuf};

use greenlane::appearance::AppearanceKind;
use greenlane::capture::{self, OpenOptions};
use greenlane::config::{
    self, ExecutionProvider, FaceModelSettings, ModelSettings, NO_APPEARANCE, NO_MODEL, PipelineSettings, SourceUrl,
};
use greenlane::frame::{BBox, Image};
use greenlane::ids::TrackId;
use greenlane::perception::{
    Detector, EyeModel, FaceEmbedder, LandmarkModel, ModelLibrary, Network, OnnxPerception, Perception,
    PerceptionError, PointModel, PoseModel, PulseModel, PulseWatch, Region, Reidentifier, Task,
};
use greenlane::time::MediaTime;
use greenlane::units::Unavailable;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::shared;

/// Boxes, points and landmarks, in frame pixels.
const PIXELS: f64 = 0.5;
/// Scores and probabilities.
const SCORES: f64 = 2e-3;
/// Unit vectors.
const VECTORS: f64 = 1e-4;
/// Degrees.
const ANGLES: f64 = 1e-2;
/// Pulse samples, which are of the order of 1.
const PULSE: f64 = 1e-3;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/perception");

/// The picture of the same name in `make_golden.py`.
fn synthetic(width: u32, height: u32) -> Image {
    let pixel = |x: u32, y: u32| {
        let checks = ((x / 16 + y / 24) % 2) * 160 + (x * y) % 64;
        [(x * 7 + y * 3) / 5 % 256, (x * x / 97 + y * 5) % 256, checks].map(|v| v as u8)
    };
    let bgr = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
    Image { width, height, bgr }
}

/// The first picture of the folder that a golden picture lies in: `make_golden.py` takes that one.
fn first_picture(folder: &Path) -> Image {
    let source = SourceUrl::new(&folder.display().to_string());
    let mut source = capture::open(&source, &OpenOptions::default()).expect("a folder of pictures");
    source.grab().expect("a picture").expect("at least one");
    let mut image = Image::default();
    source.retrieve(&mut image).expect("decodes");
    image
}

struct Golden {
    library: ModelLibrary,
    settings: ModelSettings,
    cases: Vec<Value>,
    shared: PathBuf,
    pictures: Value,
}

impl Golden {
    /// `None`, said, without `../shared`.
    fn open(prefix: &str) -> Option<Self> {
        let shared = shared()?;
        let text = fs::read_to_string(format!("{FIXTURES}/golden.json")).expect("golden.json");
        let golden: Value = serde_json::from_str(&text).expect("JSON");
        let of_prefix = |c: &&Value| c["model"].as_str().is_some_and(|m| m.starts_with(prefix));
        let cases: Vec<Value> = golden["cases"].as_array().expect("cases").iter().filter(of_prefix).cloned().collect();
        assert!(!cases.is_empty(), "no golden case for {prefix}");
        let settings = ModelSettings { mirror: Some(shared.join("models")), ..ModelSettings::default() };
        let library = ModelLibrary::open(&settings).expect("built-in manifest");
        Some(Self { library, settings, cases, shared, pictures: golden["pictures"].clone() })
    }

    /// Hands each case to `check`: its model's name, its picture, itself.
    fn each(&self, mut check: impl FnMut(&Self, &str, &Image, &Value)) {
        for case in &self.cases {
            let (model, picture) = (text(&case["model"]), text(&case["picture"]));
            let image = match picture {
                "synthetic" => synthetic(640, 480),
                name => {
                    first_picture(self.shared.join("data").join(text(&self.pictures[name])).parent().expect("a folder"))
                }
            };
            println!("{model} on {picture}");
            check(self, model, &image, case);
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number")).collect()
}

fn region(case: &Value) -> Region {
    let r: Vec<u32> = numbers(&case["region"]).iter().map(|v| *v as u32).collect();
    Region { x: r[0], y: r[1], width: r[2], height: r[3] }
}

#[track_caller]
fn assert_near(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        assert!((f - e).abs() <= tolerance, "{what}[{i}]: {f} where Python says {e}");
    }
}

fn check_detector(prefix: &str) {
    let Some(golden) = Golden::open(prefix) else { return };
    golden.each(|golden, model, image, case| {
        let score = case["score"].as_f64().expect("a score") as f32;
        let detector = Detector::open(&golden.library, &golden.settings, model).expect(model);
        let mut detector = detector.with_score_min(score);
        let found = detector.detect(image).expect("runs").to_vec();
        let expected = case["expected"].as_array().expect("a list");
        // One whose score lies at the threshold may be on either side.
        let clear = |s: f64| s > f64::from(score) + SCORES;
        assert!(expected.iter().any(|e| clear(e["score"].as_f64().expect("score"))), "the case shows nothing");
        assert!(found.iter().filter(|f| clear(f64::from(f.score))).count() <= expected.len());
        for e in expected.iter().filter(|e| clear(e["score"].as_f64().expect("score"))) {
            let b = numbers(&e["box"]);
            let near = |f: &&greenlane::perception::Candidate| {
                let d = [f.bbox.x - b[0], f.bbox.y - b[1], f.bbox.w - b[2], f.bbox.h - b[3]];
                f.class.as_str() == text(&e["class"]) && d.iter().all(|d| d.abs() <= PIXELS)
            };
            let f = found.iter().find(near).unwrap_or_else(|| panic!("{e} not among {found:?}"));
            assert_near(&[f64::from(f.score)], &[e["score"].as_f64().expect("score")], SCORES, "score");
            if let Some(points) = e.get("points") {
                let points: Vec<f64> = points.as_array().expect("points").iter().flat_map(numbers).collect();
                let found: Vec<f64> = f.points.expect("points").into_iter().flatten().map(f64::from).collect();
                assert_near(&found, &points, PIXELS, "points");
            }
        }
    });
}

#[test]
fn yolox_decodes_as_python() {
    check_detector("person_yolox");
}

#[test]
fn retail_decodes_as_python() {
    check_detector("person_retail");
}

#[test]
fn yunet_decodes_as_python_at_every_size() {
    check_detector("face_yunet");
}

#[test]
fn our_own_faces_decode_as_python_at_every_size() {
    check_detector("greenlane-face");
}

#[test]
fn landmarks_decode_as_python() {
    let Some(golden) = Golden::open("face_openseeface") else { return };
    golden.each(|g, model, image, case| {
        let mut landmarks = LandmarkModel::open(&g.library, &g.settings, model).expect(model);
        let found = landmarks.landmarks(image, region(case)).expect("runs");
        for (i, (f, e)) in found.iter().zip(case["expected"].as_array().expect("a list")).enumerate() {
            let e = numbers(e);
            assert_near(&[f.x.into(), f.y.into()], &e[..2], PIXELS, &format!("landmark {i}"));
            assert_near(&[f.confidence.into()], &e[2..], SCORES, &format!("confidence {i}"));
        }
        assert_eq!(found.len(), 66);
    });
}

#[test]
fn eyes_decode_as_python() {
    let Some(golden) = Golden::open("eye_") else { return };
    golden.each(|g, model, image, case| {
        let mut eyes = EyeModel::open(&g.library, &g.settings, model).expect(model);
        let mirrored = case["mirrored"].as_bool().expect("a flag");
        let eye = eyes.eye(image, region(case), mirrored).expect("runs");
        let expected = numbers(&case["expected"]["pupil"]);
        assert_near(&[eye.pupil.x.into(), eye.pupil.y.into()], &expected[..2], PIXELS, "pupil");
        assert_near(&[eye.pupil.confidence.into()], &expected[2..], SCORES, "confidence");
        assert_near(&[eye.open.into()], &[case["expected"]["open"].as_f64().expect("open")], SCORES, "open");
    });
}

#[test]
fn face_points_decode_as_python() {
    let Some(golden) = Golden::open("face_5pt") else { return };
    golden.each(|g, model, image, case| {
        let mut points = PointModel::open(&g.library, &g.settings, model).expect(model);
        let found = points.points(image, region(case)).expect("runs").concat();
        let expected: Vec<f64> = case["expected"].as_array().expect("a list").iter().flat_map(numbers).collect();
        assert_near(&found.iter().map(|v| f64::from(*v)).collect::<Vec<_>>(), &expected, PIXELS, "points");
    });
}

#[test]
fn head_pose_decodes_as_python() {
    let Some(golden) = Golden::open("head_pose") else { return };
    golden.each(|g, model, image, case| {
        let mut pose = PoseModel::open(&g.library, &g.settings, model).expect(model);
        let pose = pose.pose(image, region(case)).expect("runs");
        let expected = ["yaw", "pitch", "roll"].map(|a| case["expected"][a].as_f64().expect("an angle"));
        assert_near(&[pose.yaw, pose.pitch, pose.roll].map(f64::from), &expected, ANGLES, "angles");
    });
}

#[test]
fn embeddings_are_pythons() {
    let Some(golden) = Golden::open("reid_") else { return };
    golden.each(|g, model, image, case| {
        let mut model = Reidentifier::open(&g.library, &g.settings, model).expect(model);
        let r = region(case);
        let [x, y, w, h] = [r.x, r.y, r.width, r.height].map(f64::from);
        let appearance = model.appearance(image, &BBox { x, y, w, h }).expect("a large crop");
        let vector: Vec<f64> = appearance.vector.iter().map(|v| f64::from(*v)).collect();
        assert_near(&vector, &numbers(&case["expected"]), VECTORS, "vector");
        assert!(appearance.quality > 0.5 && appearance.quality <= 1.0, "{}", appearance.quality);
    });
}

#[test]
fn face_embeddings_are_pythons() {
    let Some(golden) = Golden::open("face_embed") else { return };
    golden.each(|g, model, image, case| {
        let mut model = FaceEmbedder::open(&g.library, &g.settings, model).expect(model);
        let crop = cropped(image, region(case));
        let vector = model.embed(&crop).expect("runs").expect("a direction");
        let vector: Vec<f64> = vector.iter().map(|v| f64::from(*v)).collect();
        assert_near(&vector, &numbers(&case["expected"]), VECTORS, "vector");
    });
}

fn cropped(image: &Image, r: Region) -> Image {
    let row = |y: u32| &image.bgr[3 * (y * image.width + r.x) as usize..][..3 * r.width as usize];
    Image { width: r.width, height: r.height, bgr: (r.y..r.y + r.height).flat_map(row).copied().collect() }
}

#[test]
fn the_pulse_model_carries_its_states_as_python() {
    let Some(golden) = Golden::open("rppg_") else { return };
    golden.each(|g, model, image, case| {
        let mut pulse = PulseModel::open(&g.library, &g.settings, model).expect(model);
        let expected = numbers(&case["expected"]);
        let first = region(case);
        let moved = |step: usize| Region { x: first.x + step as u32 % 5, ..first };
        // Two faces in turns: each has a memory of its own.
        let mut faces = [pulse.memory(), pulse.memory()];
        let mut samples = [Vec::new(), Vec::new()];
        for i in 0..expected.len() {
            for (memory, samples) in faces.iter_mut().zip(&mut samples) {
                samples.push(f64::from(pulse.sample(memory, image, moved(i), 0.04).expect("runs")));
            }
        }
        for samples in samples {
            assert_near(&samples, &expected, PULSE, "samples");
        }
    });
}

#[test]
fn each_face_has_its_own_pulse_memory_until_it_is_gone() {
    let Some(shared) = shared() else { return };
    let settings = ModelSettings { mirror: Some(shared.join("models")), ..ModelSettings::default() };
    let library = ModelLibrary::open(&settings).expect("a library");
    let open = || PulseWatch::open(&library, &settings, &FaceModelSettings::default());
    let image = synthetic(200, 200);
    let faces = [(TrackId(1), 10.0), (TrackId(2), 90.0)];
    let ask = |watch: &mut PulseWatch, (face, x): (TrackId, f64), at: f64| {
        let bbox = BBox { x: x + 5.0 * at, y: 40.0, w: 60.0, h: 80.0 };
        watch.sample(&image, face, &bbox, MediaTime::from_seconds(at))
    };
    let [mut both, mut one] = [(); 2].map(|()| open().expect("opens").expect("in the mirror"));
    let times = [0.0, 0.04, 0.1, 0.14, 0.2];
    let together: Vec<_> = times.iter().map(|at| faces.map(|face| ask(&mut both, face, *at))).collect();
    let alone: Vec<_> = times.iter().map(|at| ask(&mut one, faces[1], *at)).collect();
    assert!(alone.iter().all(Result::is_ok));
    assert_eq!(together.iter().map(|both| both[1]).collect::<Vec<_>>(), alone, "the other face changes nothing");
    // A second without a question, or a clock that is set back, and the face is a new one.
    for start in [1.3, 0.0] {
        let again: Vec<_> =
            times.iter().map(|at| ask(&mut one, (TrackId(2), 90.0 - 5.0 * start), start + at)).collect();
        assert_eq!(again, alone, "{start}");
    }
    let at = MediaTime::from_seconds(9.0);
    let small = BBox { x: 0.0, y: 0.0, w: 20.0, h: 50.0 };
    assert_eq!(one.sample(&image, TrackId(2), &small, at), Err(Unavailable::TooSmall));
    let outside = BBox { x: 900.0, ..BBox { w: 60.0, h: 60.0, ..small } };
    assert_eq!(one.sample(&image, TrackId(2), &outside, at), Err(Unavailable::Occluded));
    let none = FaceModelSettings { pulse: Some(NO_MODEL.to_owned()), ..FaceModelSettings::default() };
    assert!(PulseWatch::open(&library, &settings, &none).expect("nothing to open").is_none());
}

/// A site's manifest and mirror with the two tiny models.
struct Tiny {
    folder: tempfile::TempDir,
}

impl Tiny {
    /// `change` is applied to the manifest's text.
    fn new(change: impl Fn(&str) -> String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut manifest = fs::read_to_string(format!("{FIXTURES}/tiny.toml")).expect("tiny.toml");
        for model in ["tiny_detector", "tiny_embedding"] {
            let file = format!("{model}.onnx");
            let bytes = fs::read(format!("{FIXTURES}/{file}")).expect("a model");
            let digest: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
            manifest = manifest
                .replace(&format!("<{model}>"), &digest)
                .replace(&format!("0 # {model}"), &bytes.len().to_string());
            fs::write(folder.path().join(file), bytes).expect("written");
        }
        fs::write(folder.path().join("manifest.toml"), change(&manifest)).expect("written");
        Self { folder }
    }

    fn settings(&self) -> ModelSettings {
        ModelSettings {
            manifest: Some(self.folder.path().join("manifest.toml")),
            mirror: Some(self.folder.path().to_owned()),
            ..ModelSettings::default()
        }
    }

    fn open(&self) -> Result<OnnxPerception, PerceptionError> {
        OnnxPerception::open(&self.settings(), &pipeline())
    }
}

fn pipeline() -> PipelineSettings {
    PipelineSettings {
        detector: "tiny_detector".to_owned(),
        appearance: Some("tiny_embedding".to_owned()),
        score_min: 0.1,
        ..PipelineSettings::default()
    }
}

#[test]
fn a_model_of_known_answers_gives_them() {
    let tiny = Tiny::new(str::to_owned);
    let mut perception = tiny.open().expect("opens");
    // 64 x 32 into 32 x 32: the lower half is padding of 114; the scale is 2.
    let image = Image::filled(64, 32, [204; 3]);
    let mut found = Vec::new();
    assert_eq!(perception.detect(&image, &mut found).expect("runs"), 0);
    assert_eq!(found.len(), 1);
    assert!((found[0].score - (204.0 + 114.0) / 2.0 / 255.0).abs() < 1e-5, "{}", found[0].score);
    assert!(found[0].bbox.iou(&BBox { x: 16.0, y: 16.0, w: 32.0, h: 32.0 }) > 0.9999, "{:?}", found[0].bbox);

    let image = Image::filled(64, 64, [30, 60, 90]);
    let mut probe = perception.probe(&image);
    let appearance = probe.appearance(&BBox { x: 10.0, y: 10.0, w: 20.0, h: 40.0 }).expect("large enough");
    let expected = [1.0, 2.0, 3.0].map(|v| v / 14f32.sqrt());
    assert!(appearance.vector.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{appearance:?}");
    assert!(appearance.quality.abs() < 1e-6, "a crop of one colour is not sharp: {}", appearance.quality);
    assert_eq!(probe.appearance(&BBox { x: 0.0, y: 0.0, w: 5.0, h: 5.0 }), Err(Unavailable::TooSmall));
}

#[test]
fn without_a_model_clothing_is_described() {
    let tiny = Tiny::new(str::to_owned);
    let open = |appearance: Option<&str>| {
        let pipeline = PipelineSettings { appearance: appearance.map(str::to_owned), detections_max: 0, ..pipeline() };
        OnnxPerception::open(&tiny.settings(), &pipeline).expect("opens")
    };
    let image = Image::filled(64, 64, [200; 3]);
    let bbox = BBox { x: 0.0, y: 0.0, w: 40.0, h: 60.0 };
    let mut alone = open(None);
    let asked = alone.probe(&image).appearance(&bbox).expect("large enough");
    let by_a_model = tiny.open().expect("opens").probe(&image).appearance(&bbox).expect("large enough");
    assert_eq!((asked.kind, asked.cosine(&by_a_model)), (AppearanceKind::CLOTHING, None));
    let mut off = open(Some(NO_APPEARANCE));
    assert_eq!(off.probe(&image).appearance(&bbox), Err(Unavailable::NotConfigured));
    assert_ne!(off.digest(), alone.digest());
    // What goes beyond the bound is counted.
    let mut found = Vec::new();
    assert_eq!(alone.detect(&image, &mut found).expect("runs"), 1);
    assert_eq!(found, []);
    assert_ne!(alone.digest(), tiny.open().expect("opens").digest());
}

#[test]
fn what_does_not_fit_is_refused_and_said() {
    let swap = |from: &'static str, to: &'static str| move |text: &str| text.replacen(from, to, 1);
    for (change, expected) in [
        (swap("\"images\"", "\"pictures\""), "the first input is images where the manifest says pictures"),
        (swap("width = 32", "width = 64"), "the strides make shape [1, 2, 5 + classes]"),
        (swap("name = \"output\"", "name = \"boxes\""), "`boxes` is absent (there are output)"),
        (swap("shape = [1, 1, 6]", "shape = [1, 1, 7]"), "`output` is [1, 1, 6] where the manifest says [1, 1, 7]"),
        (swap("task = \"detection\"", "task = \"pulse\""), "task: does not fit decode.family"),
        (swap("name = \"tiny_detector\"", "name = \"other\""), "no model `tiny_detector` in the manifest"),
        (swap("size = ", "size = 1"), "is not the model `tiny_detector`: size"),
        (swap("file = \"tiny_detector", "file = \"tiny_embedding"), "is not the model `tiny_detector`: size"),
        (swap("file = \"tiny_detector", "file = \"absent"), "greenlane models pull tiny_detector"),
    ] {
        let error = Tiny::new(change).open().expect_err(expected).to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[test]
fn a_changed_or_truncated_file_is_refused() {
    let tiny = Tiny::new(str::to_owned);
    let file = tiny.folder.path().join("tiny_detector.onnx");
    let good = fs::read(&file).expect("a model");
    let mut changed = good.clone();
    changed[100] ^= 1;
    for (bytes, expected) in [(&changed[..], "sha256"), (&good[..50], "size 50"), (&[], "size 0")] {
        fs::write(&file, bytes).expect("written");
        let error = tiny.open().expect_err(expected).to_string();
        assert!(error.contains("is not the model") && error.contains(expected), "{error}");
    }
}

#[test]
fn a_file_that_is_no_onnx_is_refused() {
    let tiny = Tiny::new(str::to_owned);
    let text = b"This is a text and no model.".to_vec();
    fs::write(tiny.folder.path().join("tiny_detector.onnx"), &text).expect("written");
    let path = tiny.folder.path().join("manifest.toml");
    let digest: String = Sha256::digest(&text).iter().map(|b| format!("{b:02x}")).collect();
    let manifest = fs::read_to_string(&path).expect("the manifest");
    let begin = manifest.find("sha256 = \"").expect("a digest") + 10;
    let manifest = format!("{}{digest}{}", &manifest[..begin], &manifest[begin + 64..]);
    let begin = manifest.find("size = ").expect("a size") + 7;
    let end = begin + manifest[begin..].find('\n').expect("a line");
    fs::write(&path, format!("{}{}{}", &manifest[..begin], text.len(), &manifest[end..])).expect("written");
    let error = tiny.open().expect_err("no model").to_string();
    assert!(error.contains("tiny_detector.onnx is no ONNX model"), "{error}");
}

#[test]
fn a_provider_that_the_library_lacks_is_refused() {
    let tiny = Tiny::new(str::to_owned);
    // The library that set-up installs computes on the processor alone.
    let settings = ModelSettings { provider: ExecutionProvider::Openvino, ..tiny.settings() };
    let error = OnnxPerception::open(&settings, &pipeline()).expect_err("no such provider").to_string();
    assert!(error.contains("execution provider `openvino` cannot be used"), "{error}");
}

#[test]
fn a_wrong_runtime_is_refused_and_said() {
    let tiny = Tiny::new(str::to_owned);
    let settings = ModelSettings { runtime: Some("/nowhere/libonnxruntime.so".into()), ..tiny.settings() };
    let error = OnnxPerception::open(&settings, &pipeline()).expect_err("no such file").to_string();
    assert!(error.contains("/nowhere/libonnxruntime.so is no file") && error.contains("make setup"), "{error}");
}

#[test]
fn a_model_for_something_else_is_refused() {
    let tiny = Tiny::new(str::to_owned);
    let pipeline = PipelineSettings { detector: "tiny_embedding".to_owned(), ..pipeline() };
    let error = OnnxPerception::open(&tiny.settings(), &pipeline).expect_err("no detector").to_string();
    assert!(error.contains("is for person-reidentification, not for detection"), "{error}");
}

#[test]
fn input_sizes_are_set_where_the_model_allows_it() {
    let tiny = Tiny::new(str::to_owned);
    let library = ModelLibrary::open(&tiny.settings()).expect("a manifest");
    let open = |name: &str| {
        Network::open(&library, &tiny.settings(), name, (&Task::ALL, "anything")).map(|n| n.entry().input.width)
    };
    assert_eq!(open("tiny_detector@32x32").expect("its own size"), 32);
    let error = open("tiny_detector@64x32").expect_err("fixed").to_string();
    assert!(error.contains("its size is fixed at 32 x 32"), "{error}");
}

#[test]
fn a_lane_takes_the_best_face_detector_at_hand() {
    let mirror = tempfile::tempdir().expect("a folder");
    let settings = ModelSettings { mirror: Some(mirror.path().to_owned()), ..ModelSettings::default() };
    let library = ModelLibrary::open(&settings).expect("built-in manifest");
    let name = || library.entry(config::LANE_DETECTOR).expect("one is embedded").name.as_str();
    let cached = library.cache().is_some_and(|cache| cache.join("face_yunet_n_dynamic.onnx").is_file());
    assert_eq!(name(), if cached { "face_yunet_n_dynamic" } else { "greenlane-face-int8" });
    fs::write(mirror.path().join("face_yunet_n_dynamic.onnx"), "").expect("written");
    assert_eq!(name(), "face_yunet_n_dynamic");
}

#[test]
fn the_same_picture_gives_the_same_bits() {
    let Some(golden) = Golden::open("person_yolox") else { return };
    let image = synthetic(768, 576);
    let settings = PipelineSettings {
        score_min: 0.01,
        detector: "person_yolox_nano_416".to_owned(),
        ..config::hall_camera(greenlane::ids::CameraId::new("a").expect("a name"), "x").pipeline
    };
    let open = || OnnxPerception::open(&golden.settings, &settings).expect("opens");
    let run = |perception: &mut OnnxPerception| {
        let mut found = Vec::new();
        perception.detect(&image, &mut found).expect("runs");
        found
    };
    let (mut one, mut other) = (open(), open());
    let first = run(&mut one);
    assert!(!first.is_empty());
    assert!((0..3).all(|_| run(&mut one) == first && run(&mut other) == first));
}
