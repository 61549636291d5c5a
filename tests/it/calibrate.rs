//! `greenlane calibrate` as an engineer calls it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use greenlane::geometry::Homography;
use serde::Deserialize;
use serde_json::Value;

use crate::support::shared;

fn calibrate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_greenlane")).arg("calibrate").args(arguments).output().unwrap()
}

fn hall() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hall")
}

#[derive(Deserialize)]
struct Plan {
    camera: Vec<Camera>,
}

#[derive(Deserialize)]
struct Camera {
    name: String,
    homography: [f64; 9],
    intrinsics: [f64; 9],
}

/// The angle of view of a camera 640 pixels wide, degrees.
fn fov(camera: &Camera) -> f64 {
    2.0 * (320.0 / camera.intrinsics[0]).atan().to_degrees()
}

fn map(value: &Value) -> Homography {
    let numbers: Vec<f64> = value["homography"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    Homography::new(numbers.try_into().unwrap()).unwrap()
}

/// Median error of the distance between two of these feet on the floor, as a share of it.
fn distance_error(found: &Homography, truth: &Homography, feet: &[(f64, f64)]) -> f64 {
    let mut off = Vec::new();
    for (i, p) in feet.iter().enumerate() {
        for q in &feet[i + 1..] {
            let between = |map: &Homography| {
                let (a, b) = (map.apply(p.0, p.1).unwrap(), map.apply(q.0, q.1).unwrap());
                (a.0 - b.0).hypot(a.1 - b.1)
            };
            if between(truth) > 1.0 {
                off.push((between(found) / between(truth) - 1.0).abs());
            }
        }
    }
    off.sort_by(f64::total_cmp);
    off[off.len() / 2]
}

/// Feet of every 50th box of a MOT file.
fn feet(file: &Path) -> Vec<(f64, f64)> {
    let text = std::fs::read_to_string(file).unwrap();
    let rows = greenlane::evaluation::parse_mot(&text).unwrap();
    rows.iter().step_by(50).map(|row| row.bbox.foot()).collect()
}

#[test]
fn walkers_of_the_rendered_hall_give_its_cameras() {
    let plan: Plan = toml::from_str(&std::fs::read_to_string(hall().join("hall.toml")).unwrap()).unwrap();
    for camera in &plan.camera {
        let file = hall().join("gt").join(format!("{}.txt", camera.name));
        let (path, angle) = (file.to_str().unwrap(), fov(camera).to_string());
        let output = calibrate(&["--walkers", path, "--size", "640x360", "--fov", &angle, "--json"]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        if camera.name == "restroom" {
            // Two people walk there: too few, and that is said.
            assert!(output.status.code() == Some(2) && error.contains("at least 6 are needed"), "{error}");
            continue;
        }
        assert!(output.status.success(), "{error}");
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let off = distance_error(&map(&found), &Homography::new(camera.homography).unwrap(), &feet(&file));
        println!("{}: {off:.3} {found}", camera.name);
        let told = found["place_share"].as_f64().unwrap();
        assert!(off < 0.12 && off < 2.0 * told && told < 0.12, "{}: {off:.3} {found}", camera.name);
    }
}

#[test]
fn walkers_of_real_footage_give_its_published_calibration() {
    let Some(shared) = shared() else { return };
    let file = shared.join("data/pets09-s2l1/gt.txt");
    let output = calibrate(&["--walkers", file.to_str().unwrap(), "--size", "768x576", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = [
        0.0520588424,
        -0.5859756263,
        85.7591944817,
        -0.1352876115,
        -0.3877902053,
        116.8092253330,
        0.0008850831,
        0.0189737025,
        1.0,
    ];
    let off = distance_error(&map(&found), &Homography::new(rows).unwrap(), &feet(&file));
    println!("{off:.3} {found}");
    assert!(off < 0.15 && off < 2.0 * found["place_share"].as_f64().unwrap(), "{off:.3} {found}");
}

#[test]
fn what_cannot_be_used_is_said() {
    for (arguments, code, said) in [
        (&["--walkers", "nowhere.txt", "--size", "640x360"][..], 2, "nowhere.txt"),
        (&["--walkers", "nowhere.txt"], 64, "--size"),
        (&["--walkers", "a.txt", "--size", "640"], 64, "no size such as 1280x720"),
        (&["--walkers", "a.txt", "--size", "640x360", "--point", "1,2=3,4"], 64, "cannot be used with"),
        (&["--point", "1,2=3,4"], 64, "at least 4 are needed"),
    ] {
        let output = calibrate(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(code) && error.contains(said), "{arguments:?}: {error}");
    }
}

#[test]
fn points_give_the_map_with_the_error_of_each() {
    let points = ["100,300=0,0", "500,300=4,0", "600,100=6,8", "50,100=-2,8", "300,200=2,3"];
    let arguments: Vec<&str> = points.iter().flat_map(|p| ["--point", p]).collect();
    let output = calibrate(&arguments);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.starts_with("homography = ["), "{text}");
    assert_eq!(text.lines().filter(|line| line.contains("when left out")).count(), 5, "{text}");
}
