//! What several areas' tests need.

pub mod browser;
pub mod console;
pub mod face_video;
pub mod false_centre;
pub mod rtsp;
pub mod site;
pub mod video;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use greenlane::frame::BBox;

/// The folder of shared data; `None`, with a printed reason, where it is absent.
pub fn shared() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("GREENLANE_SHARED").map_or(here, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no ../shared");
    None
}

/// Who is where in the two views of CAVIAR's crossing paths, once a second: by view and by frame from 1 on, the person (1 or 2)
/// and his box.
pub fn crossing_paths(shared: &Path) -> BTreeMap<String, BTreeMap<u64, Vec<(u64, BBox)>>> {
    let file = shared.join("data/caviar-crossing-paths/gt/cross_view_identity_1hz_handlabel.csv");
    let table = std::fs::read_to_string(file).unwrap();
    let mut views: BTreeMap<String, BTreeMap<u64, Vec<(u64, BBox)>>> = BTreeMap::new();
    for line in table.lines().filter(|line| line.starts_with("cor,") || line.starts_with("front,")) {
        let columns: Vec<&str> = line.split(',').collect();
        let number = |i: usize| columns[i].parse::<f64>().unwrap();
        let person = 1 + u64::from(columns[3] == "B");
        let bbox = BBox::from_corners(number(4), number(5), number(6), number(7));
        views.entry(columns[0].to_owned()).or_default().entry(number(1) as u64 + 1).or_default().push((person, bbox));
    }
    views
}

/// The surveillance footage out of Debian's opencv-doc package; `None`, with a printed reason, where it was not fetched.
pub fn footage() -> Option<PathBuf> {
    let file = greenlane::config::cache_folder()?.join("footage/vtest.avi");
    if file.is_file() {
        return Some(file);
    }
    println!("skipped: no {}", file.display());
    None
}
