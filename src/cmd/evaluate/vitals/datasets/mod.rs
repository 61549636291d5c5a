//! The public data sets of camera pulse in their own layouts, found by the files they have.
//!
//! | set | recording | reference |
//! |---|---|---|
//! | UBFC-rPPG DATASET_1 | `NAME/vid.avi` | `gtdump.xmp`: ms, rate, SpO2, wave a line |
//! | UBFC-rPPG DATASET_2 | `subjectN/vid.avi` | `ground_truth.txt`: three lines, wave, rate, seconds; one sample a frame |
//! | PURE | `NN-MM/NN-MM/ImageNANOSECONDS.png` | `NN-MM.json`: `/FullPackage` and `/Image` with nanoseconds |
//! | COHFACE | `N/M/data.avi` | `data.hdf5`: `pulse`, `respiration`, `time` |
//! | UBFC-Phys | `sN/vid_sN_TM.avi` | `bvp_sN_TM.csv`: a wave at 64 Hz |
//! | LGI-PPGI | `NAME/NAME_TASK/cv_camera_sensor_stream_handler.avi` | `cms50_stream_handler.xml`, a wave at 60 Hz |

mod cohface;
mod lgi;
mod pure;
mod ubfc;

use std::fs;
use std::path::{Path, PathBuf};

use crate::cmd::Failure;
use crate::evaluation::vitals::truth::Reference;

/// Deepest folder that is looked into, below the one that is named.
const DEPTH: u32 = 3;

/// A public data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dataset {
    Ubfc1,
    Ubfc2,
    Pure,
    Cohface,
    UbfcPhys,
    LgiPpgi,
}

/// A recording of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) set: Dataset,
    pub(super) name: String,
    pub(super) person: String,
    /// A file, or a folder of pictures.
    pub(super) video: PathBuf,
    pub(super) reference: PathBuf,
    /// What the set says of it: the task, the light.
    pub(super) labels: Vec<(String, String)>,
}

/// All recordings below a folder, by name.
///
/// # Errors
/// [`Failure::Input`] where the folder cannot be read.
pub(super) fn entries(root: &Path) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    visit(root, DEPTH, &mut entries)?;
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// The recording in a folder of UBFC-rPPG's second layout, which our own videos have.
pub(super) fn filmed(folder: &Path) -> Option<Entry> {
    let reference = folder.join("ground_truth.txt");
    if reference.is_file() { entry(&reference) } else { None }
}

fn visit(folder: &Path, depth: u32, entries: &mut Vec<Entry>) -> Result<(), Failure> {
    let unreadable = |error: std::io::Error| Failure::Input(format!("{}: {error}", folder.display()));
    let mut deeper = Vec::new();
    for item in fs::read_dir(folder).map_err(unreadable)? {
        let path = item.map_err(unreadable)?.path();
        if path.is_dir() {
            deeper.push(path);
        } else {
            entries.extend(entry(&path));
        }
    }
    // A recording's own pictures are no data sets.
    if depth > 0 {
        deeper.iter().try_for_each(|path| visit(path, depth - 1, entries))?;
    }
    Ok(())
}

/// The recording that a file is the reference of, if it is one and the recording is there.
fn entry(reference: &Path) -> Option<Entry> {
    let file = reference.file_name()?.to_str()?;
    let folder = reference.parent()?;
    let name_of = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned());
    let folder_name = name_of(folder)?;
    let label = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let at = |set, name: String, person: String, video: PathBuf, labels| {
        let reference = reference.to_owned();
        video.exists().then_some(Entry { set, name, person, video, reference, labels })
    };
    let stem = file.split('.').next().unwrap_or_default();
    match file {
        "gtdump.xmp" => at(Dataset::Ubfc1, folder_name.clone(), folder_name, folder.join("vid.avi"), Vec::new()),
        "ground_truth.txt" => at(Dataset::Ubfc2, folder_name.clone(), folder_name, ubfc::video(folder), Vec::new()),
        "data.hdf5" => {
            let person = name_of(folder.parent()?)?;
            let light = label("light", cohface::light(&folder_name)?);
            at(Dataset::Cohface, format!("{person}_{folder_name}"), person, folder.join("data.avi"), light)
        }
        "cms50_stream_handler.xml" => {
            let (person, task) = folder_name.rsplit_once('_')?;
            let video = folder.join("cv_camera_sensor_stream_handler.avi");
            at(Dataset::LgiPpgi, folder_name.clone(), person.to_owned(), video, label("task", task))
        }
        _ if file.starts_with("bvp_s") && file.ends_with(".csv") => {
            let (person, task) = stem.strip_prefix("bvp_")?.split_once('_')?;
            let video = folder.join(format!("vid_{person}_{task}.avi"));
            at(
                Dataset::UbfcPhys,
                format!("{person}_{task}"),
                person.to_owned(),
                video,
                label("task", ubfc::task(task)?),
            )
        }
        _ if file == format!("{folder_name}.json") => {
            let (person, task) = folder_name.split_once('-')?;
            let task = label("task", pure::task(task)?);
            at(Dataset::Pure, folder_name.clone(), person.to_owned(), folder.join(&folder_name), task)
        }
        _ => None,
    }
}

impl Entry {
    /// Reads the reference.
    ///
    /// # Errors
    /// [`Failure::Input`] with the file and what is wrong with it.
    pub(super) fn reference(&self) -> Result<Reference, Failure> {
        let fault = |reason: String| Failure::Input(format!("{}: {reason}", self.reference.display()));
        let bytes = fs::read(&self.reference).map_err(|error| fault(error.to_string()))?;
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        let read = match self.set {
            Dataset::Ubfc1 => ubfc::first(&text()),
            Dataset::Ubfc2 => ubfc::second(&text()),
            Dataset::UbfcPhys => ubfc::phys(&text()),
            Dataset::Pure => pure::read(&text()),
            Dataset::Cohface => cohface::read(bytes.clone()),
            Dataset::LgiPpgi => {
                let timer = self.reference.with_file_name("cv_camera_sensor_timer_stream_handler.xml");
                lgi::read(&text(), fs::read_to_string(timer).ok().as_deref())
            }
        };
        let reference = read.map_err(fault)?;
        match reference.pulse.times.len() {
            0 | 1 => Err(fault("no pulse wave in it".to_owned())),
            _ => Ok(reference),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Folders in the true layouts; videos are empty files, for only their being there counts here.
    fn layouts() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/vitals/layouts")
    }

    #[test]
    fn every_layout_is_found_and_read() {
        let entries = entries(&layouts()).unwrap();
        let found: Vec<(&str, &str, Dataset)> =
            entries.iter().map(|e| (e.name.as_str(), e.person.as_str(), e.set)).collect();
        assert_eq!(
            found,
            [
                ("01-01", "01", Dataset::Pure),
                ("1_2", "1", Dataset::Cohface),
                ("after-exercise", "after-exercise", Dataset::Ubfc1),
                ("alex_gym", "alex", Dataset::LgiPpgi),
                ("s1_T2", "s1", Dataset::UbfcPhys),
                ("subject1", "subject1", Dataset::Ubfc2),
            ]
        );
        for entry in &entries {
            let reference = entry.reference().unwrap();
            let (first, last) = (reference.pulse.times[0], *reference.pulse.times.last().unwrap());
            assert!(first.abs() < 0.1 && (11.0..13.0).contains(&last), "{}: {first} to {last}", entry.name);
            let rate = crate::evaluation::vitals::truth::heart_rate(&reference.pulse, (1.0, 11.0)).unwrap();
            assert!((rate - 72.0).abs() < 1.5, "{}: {rate}", entry.name);
        }
        assert_eq!(entries[1].labels, [("light".to_owned(), "natural".to_owned())]);
        assert_eq!(entries[4].labels, [("task".to_owned(), "speech".to_owned())]);
    }

    #[test]
    fn what_is_damaged_is_named() {
        let mut entry = entries(&layouts()).unwrap().remove(5);
        entry.set = Dataset::Pure;
        let fault = entry.reference().unwrap_err().to_string();
        assert!(fault.contains("ground_truth.txt"), "{fault}");
    }
}
