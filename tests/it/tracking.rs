//! `greenlane track`: files in, files out, and the tracker's quality on real recordings.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use greenlane::evaluation::{Benchmark, Recording, Scores, SequenceScores, mean, parse_mot, prepare};
use ndarray::Array2;
use ndarray_npy::WriteNpyExt;

use crate::support::shared;

fn track(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_greenlane")).arg("track").args(arguments).output().expect("the binary starts")
}

/// Runs `greenlane track` and returns the lines that it wrote.
fn tracks(detections: &Path, out: &Path, more: &[&str]) -> Vec<String> {
    let files = ["--detections", text_of(detections), "--out", text_of(out)];
    let output = track(&[&files[..], more].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(out).unwrap().lines().map(str::to_owned).collect()
}

fn text_of(path: &Path) -> &str {
    path.to_str().expect("a path that is text")
}

/// Two people who walk past each other in 50 frames at 25 per second.
fn two_walkers() -> Vec<String> {
    (1..=50)
        .flat_map(|frame| {
            let x = f64::from(frame) * 3.0;
            [format!("{frame},-1,{x},100,40,100,0.95"), format!("{frame},-1,{},250,40,100,0.9", 300.0 - x)]
        })
        .collect()
}

#[test]
fn lines_have_ten_columns_and_two_people_keep_their_ids() {
    let folder = tempfile::tempdir().unwrap();
    let (detections, out) = (folder.path().join("det.txt"), folder.path().join("tracks.txt"));
    std::fs::write(&detections, two_walkers().join("\n")).unwrap();
    let lines = tracks(&detections, &out, &["--frame-rate", "25"]);
    assert!(lines.len() >= 90, "{} lines", lines.len());
    for line in &lines {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!((cells.len(), &cells[7..]), (10, &["1", "-1", "-1"][..]), "{line}");
        let (id, y): (u64, f64) = (cells[1].parse().unwrap(), cells[3].parse().unwrap());
        assert_eq!(id, if y < 180.0 { 1 } else { 2 }, "{line}");
    }

    let mut reversed = two_walkers();
    reversed.reverse();
    std::fs::write(&detections, reversed.join("\n")).unwrap();
    assert_eq!(tracks(&detections, &out, &["--frame-rate", "25"]), lines, "the order of lines must not matter");
}

#[test]
fn frames_without_detector_are_filled_in() {
    let folder = tempfile::tempdir().unwrap();
    let (detections, out) = (folder.path().join("det.txt"), folder.path().join("tracks.txt"));
    std::fs::write(&detections, two_walkers().join("\n")).unwrap();
    let lines = tracks(&detections, &out, &["--frame-rate", "25", "--every", "3"]);
    for frame in 10..=49 {
        let shown = lines.iter().filter(|l| l.starts_with(&format!("{frame},"))).count();
        assert_eq!(shown, 2, "frame {frame}");
    }
    let middle = lines.iter().find(|l| l.starts_with("30,1,")).unwrap();
    let x: f64 = middle.split(',').nth(2).unwrap().parse().unwrap();
    assert!((x - 90.0).abs() < 3.0, "{middle}");
}

#[test]
fn faults_are_named_by_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let out = at("out.txt");
    std::fs::write(at("good.txt"), "1,-1,1,1,10,10,0.9\n").unwrap();
    std::fs::write(at("bad.txt"), "1,-1,1,1,10,10,0.9\n\n1,-1,1,1,10,ten,0.9\n").unwrap();
    std::fs::write(at("bad.npy"), b"not an array").unwrap();
    let mut narrow = Vec::new();
    Array2::<f64>::ones((2, 7)).write_npy(&mut narrow).unwrap();
    std::fs::write(at("narrow.npy"), narrow).unwrap();
    let cases: [(&str, &[&str], i32, &str); 6] = [
        ("bad.txt", &[], 2, "bad.txt:3: `ten` is no number"),
        ("missing.txt", &[], 2, "missing.txt: No such file"),
        ("good.txt", &["--appearance", "bad.npy"], 2, "bad.npy: no NumPy array"),
        ("good.txt", &["--appearance", "narrow.npy"], 2, "narrow.npy:1: 7 columns"),
        ("good.txt", &["--frame-rate", "0"], 64, "--frame-rate 0"),
        ("good.txt", &["--every", "0"], 64, "--every"),
    ];
    for (detections, more, code, said) in cases {
        let more: Vec<String> = more
            .iter()
            .map(|a| if a.ends_with(".npy") { text_of(&at(a)).to_owned() } else { (*a).to_owned() })
            .collect();
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let files = [text_of(&at(detections)).to_owned(), text_of(&out).to_owned()];
        let output = track(&[&["--detections", &files[0], "--out", &files[1]][..], &more].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{detections} {more:?}: {error}");
        assert!(error.contains(said), "{detections} {more:?}: {error}");
    }
}

#[test]
fn appearance_tells_apart_who_comes_out_of_a_crossing() {
    // Two people walk into each other, are one detection for half a second, slow down and turn back within a quarter of
    // a second; only their clothes tell.
    let folder = tempfile::tempdir().unwrap();
    let (detections, out) = (folder.path().join("det.txt"), folder.path().join("tracks.txt"));
    let mut text = String::new();
    let mut rows: Vec<[f64; 9]> = Vec::new();
    for frame in 1..=100 {
        let away = ((f64::from(frame) - 50.0) * 4.0).hypot(12.0) - 12.0;
        for (side, clothes) in [(-1.0, [1.0, 0.0]), (1.0, [0.0, 1.0])] {
            let hidden = side > 0.0 && away < 17.0;
            if !hidden {
                let x = 300.0 + side * away;
                writeln!(text, "{frame},-1,{x},100,40,100,0.95").unwrap();
                rows.push([f64::from(frame), -1.0, x, 100.0, 40.0, 100.0, 0.95, clothes[0], clothes[1]]);
            }
        }
    }
    std::fs::write(&detections, text).unwrap();
    let array = Array2::from_shape_fn((rows.len(), 9), |(i, j)| rows[i][j]);
    let npy = folder.path().join("looks.npy");
    array.write_npy(std::fs::File::create(&npy).unwrap()).unwrap();
    let sides = |more: &[&str], frame: u32| -> Vec<(u64, bool)> {
        let lines = tracks(&detections, &out, &[&["--frame-rate", "25"][..], more].concat());
        let cells = lines.iter().map(|l| l.split(',').collect::<Vec<_>>());
        cells
            .filter(|c| c[0] == frame.to_string())
            .map(|c| (c[1].parse().unwrap(), c[2].parse::<f64>().unwrap() < 300.0))
            .collect()
    };
    let looks = ["--appearance", text_of(&npy)];
    assert_eq!(sides(&looks, 20).len(), 2);
    assert_eq!(sides(&looks, 20), sides(&looks, 95), "each came out on the side it went in");
    assert_ne!(sides(&[], 20), sides(&[], 95), "it was appearance that told them apart");
}

/// Runs the command on MOT15 sequences and evaluates what it wrote.
fn mot15(data: &Path, names: &[&str], every: &str) -> Option<Scores> {
    let folder = tempfile::tempdir().unwrap();
    let mut parts = Vec::new();
    for name in names {
        let sequence = data.join(name);
        let detections: PathBuf = sequence.join("det/det_frcnn.txt");
        if !detections.is_file() {
            println!("skipped: no {}", detections.display());
            return None;
        }
        let lines = tracks(&detections, &folder.path().join("out.txt"), &["--every", every]);
        let truth = parse_mot(&std::fs::read_to_string(sequence.join("gt/gt.txt")).unwrap()).unwrap();
        let results = parse_mot(&lines.join("\n")).unwrap();
        let recording = Recording { name, frames: None, truth: &truth, results: &results, labelled: None };
        parts.push(SequenceScores::of(&prepare(Benchmark::Mot15, &recording).unwrap()));
    }
    Some(Scores::combined(&parts))
}

fn figures(scores: &Scores) -> [f64; 3] {
    [mean(&scores.hota.hota), scores.clear.mota, scores.identity.idf1].map(|v| 100.0 * v)
}

/// Floors a little below what was measured (47.4, 55.8, 66.0). The best peer for each figure on all seven: HOTA 41.9,
/// MOTA 49.7, IDF1 56.4. Every second frame costs 0.77 HOTA, where 0.6 is the aim; the bound keeps it from growing.
#[test]
fn mot15_stays_ahead_of_its_peers() {
    let Some(data) = shared().map(|folder| folder.join("data/mot15")) else { return };
    let chosen_on = ["ADL-Rundle-6", "ETH-Bahnhof", "PETS09-S2L1"];
    let held_out = ["ETH-Sunnyday", "KITTI-13", "TUD-Campus", "TUD-Stadtmitte"];
    let all = [&chosen_on[..], &held_out].concat();
    let Some(whole) = mot15(&data, &all, "1").as_ref().map(figures) else { return };
    let half = mot15(&data, &all, "2").as_ref().map(figures).unwrap();
    println!("all frames {whole:.2?}, every second {half:.2?} (HOTA, MOTA, IDF1)");
    for (got, least) in whole.into_iter().zip([44.0, 53.0, 60.0]) {
        assert!(got > least, "{whole:?}");
    }
    assert!(whole[0] - half[0] < 1.0, "{whole:?} {half:?}");
}
