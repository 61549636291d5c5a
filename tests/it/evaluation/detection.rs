//! `greenlane evaluate detection` as a person or a program calls it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::support::{footage, shared};

const MODEL: &str = "greenlane-person-256x416";

fn evaluate(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
    command.args(["evaluate", "detection"]).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A grey picture with its label file.
fn write(folder: &Path, name: &str, label: &str) {
    for inner in ["images", "labels"] {
        fs::create_dir_all(folder.join(inner)).unwrap();
    }
    let mut picture = b"P6 64 48 255\n".to_vec();
    picture.extend([128; 3 * 64 * 48]);
    fs::write(folder.join("images").join(format!("{name}.ppm")), picture).unwrap();
    fs::write(folder.join("labels").join(format!("{name}.txt")), label).unwrap();
}

/// What is wrong, how a good folder is spoilt, arguments, exit code, what is said.
type Case = (&'static str, fn(&Path), &'static [&'static str], i32, &'static str);

#[test]
fn what_cannot_be_used_is_named() {
    let cases: [Case; 10] = [
        (
            "no label file",
            |f| fs::remove_file(f.join("labels/b.txt")).unwrap(),
            &[],
            2,
            "labels/b.txt: no such file, but",
        ),
        ("no labels", |f| fs::remove_dir_all(f.join("labels")).unwrap(), &[], 2, "labels: no such folder"),
        ("no pictures", |f| fs::remove_dir_all(f.join("images")).unwrap(), &[], 2, "no labelled pictures"),
        (
            "a class beyond the last",
            |f| fs::write(f.join("labels/b.txt"), "0 .5 .5 .1 .1\n2 .5 .5 .1 .1\n").unwrap(),
            &["--classes", "2"],
            2,
            "labels/b.txt: line 2: class 2: classes are whole numbers from 0 to 1",
        ),
        (
            "pixels in place of shares",
            |f| fs::write(f.join("labels/b.txt"), "0 32 24 10 20\n").unwrap(),
            &[],
            2,
            "labels/b.txt: line 1: column 2: `32` is not a share of the picture",
        ),
        ("a damaged picture", |f| fs::write(f.join("images/b.ppm"), "P6 64").unwrap(), &[], 2, "images/b.ppm"),
        (
            "an empty picture",
            |f| fs::write(f.join("images/b.ppm"), "").unwrap(),
            &[],
            2,
            "images/b.ppm: cannot be read: the file is empty",
        ),
        ("nothing labelled", |f| fs::write(f.join("labels/a.txt"), "").unwrap(), &[], 2, "no person is labelled"),
        ("an unknown model", |_| {}, &["--model", "no-such-model"], 2, "no-such-model"),
        ("another object", |_| {}, &["--object", "face", "--model", MODEL], 64, "finds no face"),
    ];
    for (name, spoil, arguments, code, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a", "0 .5 .5 .2 .4\n");
        write(folder.path(), "b", "");
        spoil(folder.path());
        let set = folder.path().to_str().unwrap();
        let found = evaluate(&[&[set, "--model", MODEL][..], arguments].concat());
        let message = text(&found.stderr);
        assert_eq!(found.status.code(), Some(code), "{name}: {message}");
        assert!(message.contains(expected), "{name}: {message}");
    }
}

#[test]
fn all_outputs_of_labelled_pictures() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let [page, table] = ["page.html", "all.csv"].map(|name| folder.path().join(name));
    let sets = ["people/factory_cctv", "people/store_aisle"].map(|name| shared.join("data").join(name));
    let [factory, store, page_name, table_name] =
        [&sets[0], &sets[1], &page, &table].map(|path| path.to_str().unwrap());
    let found = evaluate(&[
        factory,
        store,
        "--model",
        MODEL,
        "--model",
        "greenlane-person-416",
        "--every",
        "12",
        "--json",
        "--html",
        page_name,
        "--csv",
        table_name,
        "--pictures",
        "3",
    ]);
    assert_eq!((found.status.code(), text(&found.stderr)), (Some(0), String::new()));
    let json: Value = serde_json::from_slice(&found.stdout).unwrap();
    let whole = json["rows"].as_array().unwrap().iter().rfind(|row| row["part"] == "all").unwrap();
    assert_eq!((&whole["set"], &whole["pictures"]), (&"COMBINED".into(), &22.into()));
    for (number, model) in json["models"].as_array().unwrap().iter().enumerate() {
        let scores = &whole["scores"][number];
        let share = |name: &str| scores[name].as_f64().unwrap();
        assert!(share("ap50") > 0.3 && share("ap50") <= 1.0 && share("ap50_95") < share("ap50"), "{scores}");
        assert!((share("ap50") - share("ap50_voc")).abs() < 0.03, "{scores}");
        assert!(model["ms_p50"].as_f64().unwrap() > 0.0, "{model}");
    }
    let csv = fs::read_to_string(&table).unwrap();
    assert_eq!(csv.lines().count(), 1 + 2 * json["rows"].as_array().unwrap().len(), "{csv}");
    let html = fs::read_to_string(&page).unwrap();
    let pictures = html.matches("data:image/jpeg;base64,").count();
    assert!((4..=12).contains(&pictures), "{pictures} pictures");
    assert!(
        !html.contains("http://") && !html.contains("https://") && !html.contains("<script"),
        "nothing from outside"
    );
    assert_eq!(html.matches("<polyline").count(), 6, "a curve for each model and set, and all together");
}

#[test]
fn a_recording_counts_only_where_people_are_labelled() {
    let (Some(shared), Some(video)) = (shared(), footage()) else { return };
    let truth = shared.join("data/pets09-s2l1/gt.txt");
    let all = ["--mot", truth.to_str().unwrap(), video.to_str().unwrap(), "--model", MODEL, "--every", "40", "--json"];
    let average_precision = |more: &[&str]| {
        let found = evaluate(&[&all[..], more].concat());
        let json: Value = serde_json::from_slice(&found.stdout).unwrap_or_else(|_| panic!("{}", text(&found.stderr)));
        json["rows"][0]["scores"][0]["ap50"].as_f64().unwrap()
    };
    let matrix = "0.0520588424,-0.5859756263,85.7591944817,-0.1352876115,-0.3877902053,116.8092253330,\
                  0.0008850831,0.0189737025,1";
    let everywhere = average_precision(&[]);
    let labelled = average_precision(&["--world-region", "-19.9,-16.2,7.4,7.7", "--homography", matrix]);
    assert!(labelled > everywhere, "{labelled} {everywhere}");
}
