//! Which pictures there are and what is labelled in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::object::{LabelRules, Object};
use crate::capture::pictures_in;
use crate::cmd::Failure;
use crate::cmd::evaluate::layout::{SequenceInfo, name_of};
use crate::evaluation::detection::{LabelFault, TrueBox, TruthKind, parse_blink_table, parse_points, parse_yolo};
use crate::evaluation::{LabelledArea, MotRow, parse_mot};
use crate::frame::BBox;

/// The table of the ZJU eye-blink recordings.
const BLINK_TABLE: &str = "ground_truth.csv";

/// Where a picture is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// A frame, from 1, of a video.
    Frame(PathBuf, u64),
}

/// One picture with its labels.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// What the report calls it.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// In the set's unit.
    pub truth: Vec<TrueBox>,
}

/// What lengths of labels are measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Shares of the picture.
    Share,
    /// Pixels of the picture.
    Pixel,
    /// Pixels of a picture of this size; what is read may have another one.
    PixelOf(u32, u32),
}

/// Pictures that belong together. Those of one video are neighbours, in its order.
#[derive(Debug, Clone)]
pub struct LabelledSet {
    /// What the report calls it.
    pub name: String,
    /// Its pictures.
    pub pictures: Vec<Labelled>,
    /// What its labels are measured in.
    pub unit: Unit,
    /// Where everybody is labelled.
    pub area: Option<LabelledArea>,
}

/// The sets in a folder: a folder with `images` and `labels`, one with `ground_truth.csv` and `clips`, or a folder of such.
///
/// # Errors
/// A folder that is none of these, a picture without labels, labels that cannot be used; all with the file's name.
pub fn in_folder(folder: &Path, rules: &LabelRules) -> Result<Vec<LabelledSet>, Failure> {
    if let Some(set) = one_set(folder, rules)? {
        return Ok(vec![set]);
    }
    let fault = |error: std::io::Error| Failure::Input(format!("{}: {error}", folder.display()));
    let entries = fs::read_dir(folder).map_err(fault)?;
    let mut inner = entries.map(|entry| Ok(entry.map_err(fault)?.path())).collect::<Result<Vec<_>, Failure>>()?;
    inner.sort();
    let sets = inner.iter().map(|path| one_set(path, rules)).collect::<Result<Vec<_>, Failure>>()?;
    let sets: Vec<LabelledSet> = sets.into_iter().flatten().collect();
    if sets.is_empty() {
        let folder = folder.display();
        return Err(Failure::Input(format!(
            "{folder}: no labelled pictures (a folder with `images` and `labels`, or with `{BLINK_TABLE}` and `clips`)"
        )));
    }
    Ok(sets)
}

fn one_set(folder: &Path, rules: &LabelRules) -> Result<Option<LabelledSet>, Failure> {
    let name = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if folder.join("images").is_dir() {
        return yolo(name, folder, rules).map(Some);
    }
    if folder.join(BLINK_TABLE).is_file() {
        return eye_blinks(name, folder, rules).map(Some);
    }
    Ok(None)
}

fn yolo(name: String, folder: &Path, rules: &LabelRules) -> Result<LabelledSet, Failure> {
    let labels = folder.join("labels");
    if !labels.is_dir() {
        return Err(Failure::Input(format!("{}: no such folder, but there are pictures beside it", labels.display())));
    }
    let mut pictures = Vec::new();
    for path in pictures_in(&folder.join("images")).map_err(Failure::input)? {
        let file = labels.join(path.file_stem().unwrap_or_default()).with_extension("txt");
        if !file.is_file() {
            let (file, picture) = (file.display(), path.display());
            return Err(Failure::Input(format!(
                "{file}: no such file, but there is {picture} (an empty file says that nothing is there)"
            )));
        }
        let truth = yolo_boxes(&file, folder, rules)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        pictures.push(Labelled { name, place: Place::File(path), truth });
    }
    Ok(LabelledSet { name, pictures, unit: Unit::Share, area: None })
}

/// What counts of a label file, with the points of `landmarks` beside it where faces are wanted.
fn yolo_boxes(file: &Path, folder: &Path, rules: &LabelRules) -> Result<Vec<TrueBox>, Failure> {
    let rows = parse_yolo(&text_of(file)?, rules.classes).map_err(|fault| at(file, &fault))?;
    let mut boxes: Vec<TrueBox> = Vec::new();
    for row in rows {
        if let Some(kind) = rules.kind(row.class) {
            boxes.push(TrueBox { kind, ..TrueBox::counted(row.share) });
        }
    }
    let points = folder.join("landmarks").join(file.file_name().unwrap_or_default());
    if rules.object == Object::Face && points.is_file() {
        let faces = parse_points(&text_of(&points)?).map_err(|fault| at(&points, &fault))?;
        for (face, points) in boxes.iter_mut().filter(|b| b.kind == TruthKind::Counted).zip(faces) {
            face.points = points;
        }
    }
    Ok(boxes)
}

fn eye_blinks(name: String, folder: &Path, rules: &LabelRules) -> Result<LabelledSet, Failure> {
    let table = folder.join(BLINK_TABLE);
    if rules.object != Object::Face {
        return Err(Failure::Usage(format!("{}: only faces are labelled there: --object face", table.display())));
    }
    let rows = parse_blink_table(&text_of(&table)?).map_err(|fault| at(&table, &fault))?;
    let mut clips: BTreeMap<String, BTreeMap<u64, TrueBox>> = BTreeMap::new();
    for row in rows {
        clips.entry(row.clip).or_default().entry(row.frame + 1).or_insert(row.face);
    }
    let mut pictures = Vec::new();
    for (clip, faces) in clips {
        let video = folder.join("clips").join(format!("{clip}.mp4"));
        for (frame, face) in faces {
            let place = Place::Frame(video.clone(), frame);
            pictures.push(Labelled { name: format!("{clip} frame {frame}"), place, truth: vec![face] });
        }
    }
    Ok(LabelledSet { name, pictures, unit: Unit::Pixel, area: None })
}

/// A recording with MOT ground truth. Frames without a line are pictures without people.
///
/// # Errors
/// A file that cannot be used.
pub fn recording(truth: &Path, video: &Path, area: Option<LabelledArea>) -> Result<LabelledSet, Failure> {
    let rows = parse_mot(&text_of(truth)?).map_err(|fault| Failure::Input(format!("{}: {fault}", truth.display())))?;
    if !video.exists() {
        return Err(Failure::Input(format!("{}: no such file", video.display())));
    }
    let name = name_of(&truth.canonicalize().unwrap_or_else(|_| truth.to_owned()));
    let info = SequenceInfo::of(truth, &name)?;
    let number = |key: &str| info.as_ref().map_or(Ok(None), |info| info.number(key));
    let unit = match (number("imWidth")?, number("imHeight")?) {
        (Some(width), Some(height)) => Unit::PixelOf(width, height),
        _ => Unit::Pixel,
    };
    let last = rows.iter().map(|row| row.frame).max().unwrap_or(0);
    let length = number("seqLength")?.unwrap_or(last);
    if length == 0 || last > length {
        let truth = truth.display();
        return Err(Failure::Input(format!("{truth}: frames up to {last}, where the sequence has {length}")));
    }
    let mut frames: Vec<Vec<TrueBox>> = vec![Vec::new(); length as usize];
    for row in &rows {
        frames[row.frame as usize - 1].push(TrueBox { kind: kind_of(row), ..TrueBox::counted(row.bbox) });
    }
    let labelled = |(frame, truth): (u64, Vec<TrueBox>)| {
        let place = Place::Frame(video.to_owned(), frame);
        Labelled { name: format!("frame {frame}"), place, truth }
    };
    Ok(LabelledSet { name, pictures: (1..).zip(frames).map(labelled).collect(), unit, area })
}

/// A pedestrian that counts, or somebody or something that may be found.
fn kind_of(row: &MotRow) -> TruthKind {
    let counts = row.confidence.trunc() != 0.0 && row.class.is_none_or(|class| class <= 1);
    if counts { TruthKind::Counted } else { TruthKind::Ignored }
}

impl Unit {
    /// What a length in this unit is multiplied by to be one in pixels as reported, for x and y, when the picture that was
    /// read is `width` x `height`; and what pixels of that picture are multiplied by.
    pub fn scales(self, (width, height): (u32, u32)) -> ((f64, f64), (f64, f64)) {
        let (width, height) = (f64::from(width), f64::from(height));
        match self {
            Self::Share => ((width, height), (1.0, 1.0)),
            Self::Pixel => ((1.0, 1.0), (1.0, 1.0)),
            Self::PixelOf(w, h) => ((1.0, 1.0), (f64::from(w) / width, f64::from(h) / height)),
        }
    }
}

/// A box with each axis on its own scale.
pub fn scaled(b: &BBox, (x, y): (f64, f64)) -> BBox {
    BBox { x: b.x * x, y: b.y * y, w: b.w * x, h: b.h * y }
}

fn text_of(path: &Path) -> Result<String, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::Input(format!("{}: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|_| Failure::Input(format!("{}: not a text file", path.display())))
}

fn at(path: &Path, fault: &LabelFault) -> Failure {
    Failure::Input(format!("{}: {fault}", path.display()))
}
