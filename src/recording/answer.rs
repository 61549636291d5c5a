//! Answers of the pixel probe, and their messages.

use crate::appearance::Appearance;
use crate::face::{CHEST_STRIPS, ChestLook, EyeLook, FaceLook, FacePoint, HeadAngles, Patches, RegionColour};
use crate::frame::{Luma, Motion};
use crate::units::Unavailable;
use crate::wire::v1::{self, probe_answer};
use crate::wire::{WireEnum, WireError, appearance_from_proto, appearance_to_proto};

/// One answer of the pixel probe.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To a question about brightness.
    Luma(Luma),
    /// To a question about motion.
    Motion(Motion),
    /// To a question about appearance.
    Appearance(Appearance),
    /// To a question about a face.
    Face(FaceLook),
    /// To a question about the colour of a region.
    Colour(RegionColour),
    /// To a question about a chest.
    Chest(ChestLook),
    /// To a question about the pulse wave of a face.
    Pulse(f64),
    /// There was none.
    Unavailable(Unavailable),
}

pub(super) fn answer_to_proto(answer: &Answer) -> v1::ProbeAnswer {
    use probe_answer::Answer as Message;
    v1::ProbeAnswer {
        answer: Some(match answer {
            Answer::Luma(luma) => Message::Luma(v1::LumaAnswer { mean: luma.mean, deviation: luma.deviation }),
            Answer::Motion(m) => {
                Message::Motion(v1::MotionAnswer { columns: m.columns, rows: m.rows, cells: m.cells.clone() })
            }
            Answer::Appearance(appearance) => Message::Appearance(appearance_to_proto(appearance)),
            Answer::Face(look) => Message::Face(face_to_proto(look)),
            Answer::Colour(RegionColour { rgb: [red, green, blue], pixels, saturated, dark, patches, unchanged }) => {
                Message::Colour(v1::ColourAnswer {
                    red: *red,
                    green: *green,
                    blue: *blue,
                    pixels: *pixels,
                    saturated: *saturated,
                    dark: *dark,
                    patches: patches_to_proto(patches),
                    unchanged: *unchanged,
                })
            }
            Answer::Chest(look) => {
                Message::Chest(v1::ChestAnswer { rows: look.rows.clone(), strips: look.strips.concat() })
            }
            Answer::Pulse(sample) => Message::Pulse(*sample),
            Answer::Unavailable(why) => Message::Unavailable(why.to_wire()),
        }),
    }
}

pub(super) fn answer_from_proto(message: v1::ProbeAnswer) -> Result<Answer, WireError> {
    use probe_answer::Answer as Message;
    Ok(match message.answer.ok_or(WireError::Missing("answer"))? {
        Message::Luma(m) => Answer::Luma(Luma { mean: m.mean, deviation: m.deviation }),
        Message::Motion(m) => Answer::Motion(Motion { columns: m.columns, rows: m.rows, cells: m.cells }),
        Message::Appearance(m) => Answer::Appearance(appearance_from_proto(m)),
        Message::Face(m) => Answer::Face(face_from_proto(m)?),
        Message::Colour(m) => Answer::Colour(RegionColour {
            rgb: [m.red, m.green, m.blue],
            pixels: m.pixels,
            saturated: m.saturated,
            dark: m.dark,
            patches: patches_from_proto(&m.patches),
            unchanged: m.unchanged,
        }),
        Message::Chest(m) => {
            let rows = m.strips.len() / CHEST_STRIPS;
            let strips = std::array::from_fn(|i| m.strips[i * rows..(i + 1) * rows].to_vec());
            Answer::Chest(ChestLook { rows: m.rows, strips })
        }
        Message::Pulse(sample) => Answer::Pulse(sample),
        Message::Unavailable(why) => Answer::Unavailable(Unavailable::from_wire(why)?),
    })
}

/// Red, green and blue of each patch; of a missing one -1, which no colour is.
fn patches_to_proto(patches: &Patches) -> Vec<f32> {
    if patches.iter().all(Option::is_none) {
        return Vec::new();
    }
    patches.iter().flat_map(|patch| patch.unwrap_or([-1.0; 3])).collect()
}

fn patches_from_proto(values: &[f32]) -> Patches {
    let (colours, _) = values.as_chunks::<3>();
    std::array::from_fn(|i| colours.get(i).copied().filter(|rgb| rgb.iter().all(|c| *c >= 0.0)))
}

fn face_to_proto(look: &FaceLook) -> v1::FaceAnswer {
    let [left_eye, right_eye] =
        look.eyes.map(|eye| eye.map(|e| v1::EyeAnswer { pupil: Some(point_to_proto(&e.pupil)), open: e.open }));
    let angles = look.angles.map(|a| v1::HeadAngles { yaw: a.yaw, pitch: a.pitch, roll: a.roll });
    let [left_eye_rows, right_eye_rows] = look.eye_rows.clone();
    let landmarks = look.landmarks.iter().map(point_to_proto).collect();
    v1::FaceAnswer { landmarks, left_eye, right_eye, angles, left_eye_rows, right_eye_rows }
}

fn face_from_proto(message: v1::FaceAnswer) -> Result<FaceLook, WireError> {
    let eye = |eye: v1::EyeAnswer| {
        let pupil = eye.pupil.ok_or(WireError::Missing("eye.pupil"))?;
        Ok(EyeLook { pupil: point_from_proto(&pupil), open: eye.open })
    };
    Ok(FaceLook {
        landmarks: message.landmarks.iter().map(point_from_proto).collect(),
        eyes: [message.left_eye.map(eye).transpose()?, message.right_eye.map(eye).transpose()?],
        eye_rows: [message.left_eye_rows, message.right_eye_rows],
        angles: message.angles.map(|a| HeadAngles { yaw: a.yaw, pitch: a.pitch, roll: a.roll }),
    })
}

fn point_to_proto(point: &FacePoint) -> v1::FacePoint {
    v1::FacePoint { x: point.x, y: point.y, confidence: point.confidence }
}

fn point_from_proto(point: &v1::FacePoint) -> FacePoint {
    FacePoint { x: point.x, y: point.y, confidence: point.confidence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_round_trips() {
        let point = |x: f64| FacePoint { x, y: -0.1, confidence: 1.0 / 3.0 };
        let eye = EyeLook { pupil: point(5.0), open: 0.25 };
        let angles = HeadAngles { yaw: -12.5, pitch: 3.0, roll: 0.1 };
        let eye_rows = [vec![1.5, 2.0], vec![]];
        let landmarks = vec![point(1.0), point(2.5)];
        let face = |eyes, angles| FaceLook { landmarks: landmarks.clone(), eyes, angles, eye_rows: eye_rows.clone() };
        let rgb = [0.1, 0.2, 255.0];
        let colour = |patches, unchanged| {
            Answer::Colour(RegionColour { rgb, pixels: 77, saturated: 0.5, dark: 0.125, patches, unchanged })
        };
        for answer in [
            Answer::Luma(Luma { mean: 0.1, deviation: 9.0 }),
            Answer::Motion(Motion { columns: 4, rows: 3, cells: vec![1, 11] }),
            Answer::Appearance(Appearance::normalised(&[1.0, 2.0], 0.5).expect("a direction")),
            Answer::Face(FaceLook::default()),
            Answer::Face(face([Some(eye), None], None)),
            Answer::Face(face([None, Some(eye)], Some(angles))),
            colour([None; 6], None),
            colour([None, Some([0.0, 1.5, 255.0]), None, Some([1.0 / 3.0; 3]), None, None], Some(0.0)),
            Answer::Chest(ChestLook { rows: vec![0.1, 254.9], ..ChestLook::default() }),
            Answer::Chest(ChestLook { rows: vec![0.1], strips: [1.0, 2.0, 3.0, 4.5, 0.1].map(|v| vec![v, 7.0 * v]) }),
            Answer::Pulse(-0.3),
            Answer::Pulse(0.0),
            Answer::Unavailable(Unavailable::TooSmall),
        ] {
            assert_eq!(answer_from_proto(answer_to_proto(&answer)), Ok(answer));
        }
    }
}
