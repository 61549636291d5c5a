//! Bags out of a file in place of a detector's: for showing what follows from bags on a recording whose bags no detector
//! finds. A camera that has them says so wherever it is described.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::frame::{BBox, ObjectClass};
use crate::tracking::Detection;

/// As a detector that is fairly sure.
const SCORE: f32 = 0.7;
/// Bags of which less than this share can be seen are not found.
const VISIBLE_MIN: f64 = 0.4;
/// Most boxes of a file.
const BOXES_MAX: usize = 1_000_000;

/// Bags by frame.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SimulatedBags {
    frames: BTreeMap<u64, Vec<Detection>>,
}

/// A file of bags that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SimulatedBagsError {
    /// It cannot be read.
    #[error("simulated bags {path}: {why}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// A line is none, or there are too many.
    #[error(
        "simulated bags {path}, line {line}: is no `frame,bag,left,top,width,height,1,class,visible` with class 1 backpack, 2 \
         handbag or 3 suitcase, or there are more than {BOXES_MAX}"
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
}

impl SimulatedBags {
    /// Reads a file in MOT format: frames count from 1, boxes are in pixels, and column 8 is 1 for a backpack, 2 for a handbag,
    /// 3 for a suitcase.
    ///
    /// # Errors
    /// [`SimulatedBagsError`].
    pub fn read(path: &Path) -> Result<Self, SimulatedBagsError> {
        let fault = |why| SimulatedBagsError::Read { path: path.to_owned(), why };
        let text = fs::read_to_string(path).map_err(fault)?;
        let mut bags = Self::default();
        for (line, row) in (1..).zip(text.lines()) {
            let found = bag(row).filter(|_| line <= BOXES_MAX);
            let fault = || SimulatedBagsError::Line { path: path.to_owned(), line };
            let (frame, detection, visible) = found.ok_or_else(fault)?;
            if visible >= VISIBLE_MIN {
                bags.frames.entry(frame).or_default().push(detection);
            }
        }
        Ok(bags)
    }

    /// Puts the bags of a frame in the place of those that were detected.
    pub fn replace(&self, frame: u64, detections: &mut Vec<Detection>) {
        detections.retain(|detection| !detection.class.is_bag());
        detections.extend(self.frames.get(&frame).into_iter().flatten());
    }
}

/// Frame, bag and how much of it can be seen.
fn bag(row: &str) -> Option<(u64, Detection, f64)> {
    let numbers: Result<Vec<f64>, _> = row.split(',').map(|field| field.trim().parse::<f64>()).collect();
    let &[frame, _, x, y, w, h, _, class, visible] = numbers.ok()?.as_slice() else { return None };
    let class = match class {
        1.0 => ObjectClass::Backpack,
        2.0 => ObjectClass::Handbag,
        3.0 => ObjectClass::Suitcase,
        _ => return None,
    };
    let bbox = BBox { x, y, w, h };
    let whole = frame >= 1.0 && frame.fract() == 0.0 && bbox.is_valid();
    whole.then_some((frame as u64, Detection { bbox, score: SCORE, class }, visible))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SimulatedBags, SimulatedBagsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bags.txt");
        fs::write(&path, text).unwrap();
        SimulatedBags::read(&path)
    }

    #[test]
    fn bags_of_the_file_stand_in_for_those_detected() {
        let bags = read("2,101,10,20,5,8,1,1,1\n2,102,50,60,9,9,1,3,0.1\n3,101,11,20,5,8,1,2,0.5\n").unwrap();
        let detected = |class| Detection { bbox: BBox { x: 1.0, y: 1.0, w: 4.0, h: 9.0 }, score: 0.5, class };
        for (frame, expected) in [
            (1, vec![ObjectClass::Person]),
            (2, vec![ObjectClass::Person, ObjectClass::Backpack]),
            (3, vec![ObjectClass::Person, ObjectClass::Handbag]),
        ] {
            let mut detections = vec![detected(ObjectClass::Suitcase), detected(ObjectClass::Person)];
            bags.replace(frame, &mut detections);
            assert_eq!(detections.iter().map(|d| d.class).collect::<Vec<_>>(), expected, "frame {frame}");
        }
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        for line in [
            "",
            "1,2,3",
            "1,101,10,20,5,8,1,7,1",
            "0,101,10,20,5,8,1,1,1",
            "1,101,10,20,0,8,1,1,1",
            "a,1,1,1,1,1,1,1,1",
        ] {
            let fault = read(&format!("1,101,10,20,5,8,1,1,1\n{line}\n")).unwrap_err().to_string();
            assert!(fault.contains("line 2"), "{line}: {fault}");
        }
        assert!(SimulatedBags::read(Path::new("/nowhere")).is_err());
    }
}
