//! `greenlane check`: one verdict on configuration, models and calibration, by exit code and as JSON.

use std::path::Path;
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

use crate::support;

/// Something that goes wrong at a site, and what must be said of it.
type Damage = (&'static str, fn(&Site), &'static str);

/// A site with one model, whose file is in the mirror, and a runtime that need not be opened.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().expect("a folder") };
        site.write("mirror/person.onnx", "stands for a model");
        site.write("runtime.so", "stands for a library");
        let sha256: String = Sha256::digest("stands for a model").iter().map(|byte| format!("{byte:02x}")).collect();
        site.write("manifest.toml", &MANIFEST.replace("SHA256", &sha256));
        site
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    fn check(&self, camera: &str, arguments: &[&str]) -> Output {
        self.write("hall.toml", &format!("{SITE}{camera}\n"));
        greenlane_check(&self.folder.path().join("hall.toml"), arguments)
    }
}

fn greenlane_check(config: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_greenlane"))
        .args(["check", "--config"])
        .arg(config)
        .args(arguments)
        .env_remove("GREENLANE_MODEL_MIRROR")
        .env_remove("GREENLANE_ONNXRUNTIME")
        .env_remove("ORT_DYLIB_PATH")
        .output()
        .expect("runs")
}

const MANIFEST: &str = r#"
schema = 1
replace = true
[[model]]
name = "person"
task = "detection"
about = "a person detector"
file = "person.onnx"
sha256 = "SHA256"
size = 18
origin = "https://example.org/person.onnx"
origin_serves = "file"
licence = "Apache-2.0"
licence_file = "LICENCE"
input = { name = "images", width = 416, height = 416, colour = "bgr", resize = "letterbox", pad = 114 }
outputs = [{ name = "output", shape = [1, 3549, 6] }]
decode = { family = "yolox", strides = [8, 16, 32], score = 0.4, nms_iou = 0.45 }
classes = { person = 0 }
"#;

const SITE: &str = r#"
[models]
manifest = "manifest.toml"
mirror = "mirror"
runtime = "runtime.so"
[[camera]]
id = "gate"
purpose = "A test."
source = "rtsp://viewer:secret@10.0.0.7/s1"
"#;

#[test]
fn verdicts_have_their_exit_code() {
    for (camera, code, said) in [
        ("detector = \"person\"\nhomography = [1, 0, 0, 0, 1, 0, 0, 0, 1]", 0, "usable"),
        ("detector = \"persn\"", 1, "persn"),
        ("detector = \"person\"\nappearance = \"person\"", 1, "person-reidentification"),
        ("detector = \"person\"\nhomography = [1, 0, 0, 1, 0, 0, 0, 0, 1]", 2, "cannot be inverted"),
        ("detector = \"person\"\nscore_mn = 0.5", 2, "did you mean `score_min`?"),
    ] {
        let output = Site::new().check(camera, &[]);
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{camera}\n{text}");
        assert!(text.contains(said) && !text.contains("secret"), "{camera}\n{text}");
    }
}

#[test]
fn missing_and_exchanged_files_are_problems() {
    let damage: [Damage; 3] = [
        (
            "missing",
            |site| std::fs::remove_file(site.folder.path().join("mirror/person.onnx")).expect("removed"),
            "person.onnx",
        ),
        ("exchanged", |site| site.write("mirror/person.onnx", "stands for a trick"), "sha256"),
        (
            "no runtime",
            |site| std::fs::remove_file(site.folder.path().join("runtime.so")).expect("removed"),
            "ONNX Runtime",
        ),
    ];
    for (name, break_it, said) in damage {
        let site = Site::new();
        break_it(&site);
        let output = site.check("detector = \"person\"", &[]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{name}: {text}");
        assert!(text.contains(said) && !text.contains("\nusable"), "{name}: {text}");
    }
}

#[test]
fn programs_read_the_same_as_json() {
    let site = Site::new();
    let json = |camera: &str| -> serde_json::Value {
        let output = site.check(camera, &["--json"]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
    };
    let good = json("detector = \"person\"");
    assert_eq!(good["usable"], true);
    assert_eq!(good["cameras"][0]["source"], "rtsp://***@10.0.0.7/s1");
    assert_eq!(good["models"][0]["place"], "mirror");
    assert_eq!(good["warnings"][0]["key"], "camera[gate].source", "the password stands in the file");
    let bad = json("detector = \"person\"\nfps_max = 0");
    assert_eq!((&bad["usable"], &bad["faults"][0]["key"]), (&false.into(), &"camera[gate].fps_max".into()));
    assert_eq!(bad["faults"][0]["line"], 11);
}

#[test]
fn the_models_of_a_lane_camera_are_listed_with_their_hashes() {
    let Some(shared) = support::shared() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("lane.toml");
    let lane = "[[camera]]\nid = \"lane\"\nrole = \"lane\"\npurpose = \"A test.\"\nsource = \"x.avi\"\n";
    let json = |more: &str| -> serde_json::Value {
        std::fs::write(&config, format!("{lane}{more}")).expect("written");
        let mirror = shared.join("models");
        let output = greenlane_check(&config, &["--json", "--mirror", mirror.to_str().expect("UTF-8")]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
    };
    let names = |found: &serde_json::Value| -> Vec<String> {
        let models = found["models"].as_array().expect("models").iter();
        models
            .map(|model| {
                assert_eq!(model["sha256"].as_str().map(str::len), Some(64), "{model}");
                model["model"].as_str().expect("usable").to_owned()
            })
            .collect()
    };
    let (landmarks, head, pulse) = ("face_openseeface_66_224", "head_pose_adas_0001_60", "rppg_me_flow_36");
    assert_eq!(names(&json("")), ["face_yunet_n_dynamic", landmarks, head, pulse]);
    assert_eq!(names(&json("[camera.core.lane]\npulse_model_faces = 0")), ["face_yunet_n_dynamic", landmarks, head]);
    let without = json("[camera.face]\nlandmarks = \"none\"\npulse = \"none\"");
    assert_eq!(names(&without), ["face_yunet_n_dynamic", head]);
    assert_eq!(without["cameras"][0]["without"], serde_json::json!(["face-landmarks", "pulse"]));
    let wrong = json("[camera.face]\npulse = \"head_pose_adas_0001_60\"");
    assert!(wrong["problems"][0].as_str().is_some_and(|text| text.contains("head-pose")), "{wrong}");
}

#[test]
fn no_file_is_bad_input() {
    let output = greenlane_check(Path::new("/nowhere/hall.toml"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/hall.toml"));
}
