//! Labels as text: YOLO's files, points of faces beside them, and the table of the ZJU eye-blink recordings.

use super::picture::{FACE_POINTS, TrueBox};
use crate::frame::BBox;

/// A box of a YOLO file: centre and size as shares of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct YoloRow {
    /// Number of the class.
    pub class: u32,
    /// In shares of the picture's width and height.
    pub share: BBox,
}

/// What is wrong with a line of labels.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct LabelFault {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub fault: LabelFaultKind,
}

/// See [`LabelFault`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LabelFaultKind {
    /// Too many or too few.
    #[error("{found} columns where there must be {expected}: {names}")]
    Columns {
        /// Columns of the line.
        found: usize,
        /// Columns that there must be.
        expected: usize,
        /// What they are.
        names: &'static str,
    },
    /// Not a number that may stand there.
    #[error("column {column}: `{text}` is not {wanted}")]
    Value {
        /// Column, from 1.
        column: usize,
        /// What stands there.
        text: String,
        /// What may.
        wanted: &'static str,
    },
    /// A class that there is not.
    #[error("class {class}: classes are whole numbers from 0 to {last}")]
    Class {
        /// What stands there.
        class: String,
        /// The last class.
        last: u32,
    },
    /// A table without a column that is needed.
    #[error("no column `{name}`")]
    NoColumn {
        /// Its name.
        name: &'static str,
    },
}

const SHARE: &str = "a share of the picture, 0 to 1";
const SIDE: &str = "a share of the picture, above 0 and up to 1";

/// Reads a YOLO label file: `class cx cy w h` a line; empty lines are skipped, and an empty file says that there is
/// nothing. `classes`: how many there are.
///
/// # Errors
/// The first line that cannot be used.
pub fn parse_yolo(text: &str, classes: u32) -> Result<Vec<YoloRow>, LabelFault> {
    let mut rows = Vec::new();
    for (line, content) in filled_lines(text) {
        let fault = |fault| LabelFault { line, fault };
        let columns: Vec<&str> = content.split_whitespace().collect();
        let [class, sides @ ..] = columns.as_slice() else { continue };
        if sides.len() != 4 {
            let names = "class, cx, cy, w, h";
            return Err(fault(LabelFaultKind::Columns { found: columns.len(), expected: 5, names }));
        }
        let number = class.parse::<u32>().ok().filter(|number| *number < classes);
        let class = number.ok_or_else(|| {
            fault(LabelFaultKind::Class { class: (*class).to_owned(), last: classes.saturating_sub(1) })
        })?;
        let mut values = [0.0; 4];
        for (i, (value, text)) in values.iter_mut().zip(sides).enumerate() {
            let (low, wanted) = if i < 2 { (0.0, SHARE) } else { (f64::MIN_POSITIVE, SIDE) };
            *value = share(text, low)
                .ok_or_else(|| fault(LabelFaultKind::Value { column: i + 2, text: (*text).to_owned(), wanted }))?;
        }
        let [cx, cy, w, h] = values;
        rows.push(YoloRow { class, share: BBox { x: cx - w / 2.0, y: cy - h / 2.0, w, h } });
    }
    Ok(rows)
}

/// The points of a face, in shares of the picture.
pub type FacePoints = [Option<(f64, f64)>; FACE_POINTS];

/// Reads points of faces: `x y` of each of the five points a line, in shares of the picture; one line for each face in
/// the order of the label file.
///
/// # Errors
/// The first line that cannot be used.
pub fn parse_points(text: &str) -> Result<Vec<FacePoints>, LabelFault> {
    let mut faces = Vec::new();
    for (line, content) in filled_lines(text) {
        let fault = |fault| LabelFault { line, fault };
        let columns: Vec<&str> = content.split_whitespace().collect();
        if columns.len() != 2 * FACE_POINTS {
            let names = "x and y of image-left eye, image-right eye, nose tip, image-left and image-right mouth corner";
            return Err(fault(LabelFaultKind::Columns { found: columns.len(), expected: 2 * FACE_POINTS, names }));
        }
        let mut points = [None; FACE_POINTS];
        for (i, point) in points.iter_mut().enumerate() {
            let coordinate = |column: usize| {
                share(columns[column], 0.0).ok_or_else(|| {
                    let text = columns[column].to_owned();
                    fault(LabelFaultKind::Value { column: column + 1, text, wanted: SHARE })
                })
            };
            *point = Some((coordinate(2 * i)?, coordinate(2 * i + 1)?));
        }
        faces.push(points);
    }
    Ok(faces)
}

/// A face of the eye-blink table, in pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct BlinkRow {
    /// Name of the clip, without ending.
    pub clip: String,
    /// Frame of the clip, from 0.
    pub frame: u64,
    /// The face with its two eye points: the middles between the labelled eye corners.
    pub face: TrueBox,
}

/// Columns that are read: clip, frame, the face box, both corners of both eyes.
const BLINK_COLUMNS: [&str; 14] = [
    "clip",
    "cfr30_frame",
    "face_x",
    "face_y",
    "face_w",
    "face_h",
    "le_lx",
    "le_ly",
    "le_rx",
    "le_ry",
    "re_lx",
    "re_ly",
    "re_rx",
    "re_ry",
];

/// Reads the eye-blink table, a line of names first. Rows without a face are left out, and so is every further row of a
/// frame.
///
/// # Errors
/// A column that is missing, or the first line that cannot be used.
pub fn parse_blink_table(text: &str) -> Result<Vec<BlinkRow>, LabelFault> {
    let mut lines = filled_lines(text);
    let (first, head) = lines.next().unwrap_or((1, ""));
    let names: Vec<&str> = head.split(',').map(str::trim).collect();
    let mut places = [0; BLINK_COLUMNS.len()];
    for (place, name) in places.iter_mut().zip(BLINK_COLUMNS) {
        let found = names.iter().position(|n| *n == name);
        *place = found.ok_or(LabelFault { line: first, fault: LabelFaultKind::NoColumn { name } })?;
    }
    let mut rows: Vec<BlinkRow> = Vec::new();
    for (line, content) in lines {
        let fault = |fault| LabelFault { line, fault };
        let columns: Vec<&str> = content.split(',').map(str::trim).collect();
        if columns.len() != names.len() {
            let (found, expected) = (columns.len(), names.len());
            return Err(fault(LabelFaultKind::Columns { found, expected, names: "those of the first line" }));
        }
        let mut v = [0.0; BLINK_COLUMNS.len()];
        for (value, place) in v.iter_mut().zip(places).skip(1) {
            let text = columns[place];
            *value = text.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or_else(|| {
                fault(LabelFaultKind::Value { column: place + 1, text: text.to_owned(), wanted: "a number" })
            })?;
        }
        let clip = columns[places[0]].to_owned();
        let bbox = BBox { x: v[2], y: v[3], w: v[4], h: v[5] };
        let frame = v[1].max(0.0) as u64;
        let again = rows.last().is_some_and(|last| last.clip == clip && last.frame == frame);
        if bbox.is_valid() && !again {
            let mut face = TrueBox::counted(bbox);
            face.points[0] = Some((v[6].midpoint(v[8]), v[7].midpoint(v[9])));
            face.points[1] = Some((v[10].midpoint(v[12]), v[11].midpoint(v[13])));
            rows.push(BlinkRow { clip, frame, face });
        }
    }
    Ok(rows)
}

fn filled_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.trim_start_matches('\u{feff}');
    (1..).zip(text.lines()).filter(|(_, content)| !content.trim().is_empty())
}

fn share(text: &str, low: f64) -> Option<f64> {
    text.parse::<f64>().ok().filter(|value| (low..=1.0).contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yolo_boxes() {
        let rows = parse_yolo("0 0.5 0.5 0.2 0.4\n\n1 0.1 0.9 0.1 0.2\r\n", 2).expect("two boxes");
        assert_eq!(rows.iter().map(|r| r.class).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(rows[0].share, BBox { x: 0.4, y: 0.3, w: 0.2, h: 0.4 });
        assert_eq!(parse_yolo("\n", 1), Ok(Vec::new()));
    }

    #[test]
    fn faults_name_line_and_what() {
        for (text, expected) in [
            ("0 0.5 0.5 0.2", "line 1: 4 columns where there must be 5: class, cx, cy, w, h"),
            ("0 .5 .5 .2 .2\n2 .5 .5 .2 .2", "line 2: class 2: classes are whole numbers from 0 to 1"),
            ("-1 .5 .5 .2 .2", "line 1: class -1: classes are whole numbers from 0 to 1"),
            ("person .5 .5 .2 .2", "line 1: class person: classes are whole numbers from 0 to 1"),
            ("0 412 .5 .2 .2", "line 1: column 2: `412` is not a share of the picture, 0 to 1"),
            ("0 .5 nan .2 .2", "line 1: column 3: `nan` is not a share of the picture, 0 to 1"),
            ("0 .5 .5 .2 0", "line 1: column 5: `0` is not a share of the picture, above 0 and up to 1"),
        ] {
            assert_eq!(parse_yolo(text, 2).map_err(|fault| fault.to_string()), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn points_of_faces() {
        let faces = parse_points(".1 .2 .3 .4 .5 .6 .7 .8 .9 1\n").expect("a face");
        assert_eq!(faces[0][0], Some((0.1, 0.2)));
        assert_eq!(faces[0][4], Some((0.9, 1.0)));
        assert!(parse_points(".1 .2 .3").is_err());
    }

    #[test]
    fn the_eye_blink_table() {
        let head =
            "clip,cfr30_frame,blink_id,face_x,face_y,face_w,face_h,le_lx,le_ly,le_rx,le_ry,re_lx,re_ly,re_rx,re_ry";
        let row = |frame: &str, width: &str| format!("a,{frame},-1,10,20,{width},50,10,30,20,32,40,30,50,30");
        let text = [head, &row("0", "40"), &row("0", "41"), &row("1", "0"), &row("2", "42")].join("\n");
        let rows = parse_blink_table(&text).expect("a table");
        let frames: Vec<(u64, f64)> = rows.iter().map(|r| (r.frame, r.face.bbox.w)).collect();
        assert_eq!(frames, [(0, 40.0), (2, 42.0)]);
        assert_eq!(rows[0].face.points[..3], [Some((15.0, 31.0)), Some((45.0, 30.0)), None]);
        let fault = parse_blink_table("clip,face_x\n").expect_err("columns are missing");
        assert_eq!(fault.to_string(), "line 1: no column `cfr30_frame`");
    }
}
