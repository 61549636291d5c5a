//! What several areas' tests need.

pub mod browser;
pub mod console;
pub mod face_video;
pub mod false_centre;
pub mod rtsp;
pub mod site;
pub mod video;

use std::path::{Path, PathBuf};

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

/// The surveillance footage out of Debian's opencv-doc package; `None`, with a printed reason, where it was not fetched.
pub fn footage() -> Option<PathBuf> {
    let file = greenlane::config::cache_folder()?.join("footage/vtest.avi");
    if file.is_file() {
        return Some(file);
    }
    println!("skipped: no {}", file.display());
    None
}
