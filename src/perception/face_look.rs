//! What the models of a face say of one face: landmarks, eyes, head angles.
//!
//! Crops are as OpenSeeFace cuts them (`tracker.py`: `predict`, `corners_to_eye`): around the landmarks of the frame
//! before, so that the crop follows the face and not the detector's jitter. Eyes are cut upright and between pixels.

use super::eye_patch::{Place, SIDE, rows};
use super::face::{EyeModel, LandmarkModel, PoseModel};
use super::library::ModelLibrary;
use super::manifest::{ModelEntry, Task};
use super::resize::Region;
use super::{Landmark, PerceptionError};
use crate::config::{FaceModelSettings, ModelSettings};
use crate::face::{EyeLook, FaceLook, FacePoint, HeadAngles};
use crate::frame::{BBox, Image};
use crate::units::Unavailable;

/// What is added on each side of a box for the landmark model, of its width and height.
const MARGIN: [f64; 2] = [0.1, 0.125];

/// Mean confidence of landmarks below which there is no face (OpenSeeFace's threshold).
const CONFIDENCE_MIN: f64 = 0.6;

/// A box and the landmarks of the frame before are of the same face from this overlap on: a detector's box reaches from
/// forehead to chin, the landmarks' own from the brows to the chin, about 0.6 of it.
const SAME_IOU: f64 = 0.3;

/// Most faces whose landmarks are remembered; the one not asked for the longest goes first.
const FACES_MAX: usize = 16;

/// Least sides of a face, pixels.
const SIDE_MIN: f64 = 16.0;

/// The image-left and image-right corner of each eye, in the order of the 68-point scheme.
const EYE_CORNERS: [(usize, usize); 2] = [(36, 39), (42, 45)];

/// The models of a face, with what they last saw. One of it per camera.
#[derive(Debug)]
pub struct FaceLooker {
    landmarks: Option<LandmarkModel>,
    eyes: Option<EyeModel>,
    head: Option<PoseModel>,
    /// Boxes of the landmarks last seen, the latest last.
    seen: Vec<BBox>,
    patch: Image,
}

impl FaceLooker {
    /// Opens the models of `names`; where one is not named, the public one if its file is there. `None` when none is.
    ///
    /// # Errors
    /// [`PerceptionError`] for a model that is named, or there, and cannot be used.
    pub fn open(
        library: &ModelLibrary,
        settings: &ModelSettings,
        names: &FaceModelSettings,
    ) -> Result<Option<Self>, PerceptionError> {
        let [landmarks, eyes, head] =
            [Task::FaceLandmarks, Task::EyeState, Task::HeadPose].map(|task| library.face_model(names, task));
        let looker = Self {
            landmarks: landmarks.map(|name| LandmarkModel::open(library, settings, name)).transpose()?,
            eyes: eyes.map(|name| EyeModel::open(library, settings, name)).transpose()?,
            head: head.map(|name| PoseModel::open(library, settings, name)).transpose()?,
            seen: Vec::with_capacity(FACES_MAX),
            patch: Image::default(),
        };
        let any = looker.landmarks.is_some() || looker.head.is_some();
        Ok(any.then_some(looker))
    }

    /// The manifest entries of its models.
    pub fn entries(&self) -> impl Iterator<Item = &ModelEntry> {
        let landmarks = self.landmarks.as_ref().map(LandmarkModel::entry);
        landmarks
            .into_iter()
            .chain(self.eyes.as_ref().map(EyeModel::entry))
            .chain(self.head.as_ref().map(PoseModel::entry))
    }

    /// What the models say of the face in `face`, a detector's box. Without landmarks where there is no landmark model or
    /// it sees no face there; each other part is absent where its model is.
    ///
    /// # Errors
    /// `TooSmall` below 16 pixels, `Occluded` outside the frame, `ModelFailed` when a model does.
    pub fn look(&mut self, image: &Image, face: &BBox) -> Result<FaceLook, Unavailable> {
        if !face.is_valid() || face.w.min(face.h) < SIDE_MIN {
            return Err(Unavailable::TooSmall);
        }
        let inside = region(image, face, [0.0; 2]).ok_or(Unavailable::Occluded)?;
        self.run(image, face, inside).map_err(|error| {
            tracing::warn!(%error, "a model of faces failed");
            Unavailable::ModelFailed
        })
    }

    fn run(&mut self, image: &Image, face: &BBox, inside: Region) -> Result<FaceLook, PerceptionError> {
        let angles = match &mut self.head {
            Some(head) => {
                let pose = head.pose(image, inside)?;
                Some(HeadAngles { yaw: pose.yaw.into(), pitch: pose.pitch.into(), roll: pose.roll.into() })
            }
            None => None,
        };
        let landmarks = self.follow(image, face)?;
        let (mut eyes, mut eye_rows) = ([None; 2], [const { Vec::new() }; 2]);
        if landmarks.is_empty() {
            return Ok(FaceLook { landmarks, eyes, eye_rows, angles });
        }
        for (i, (corners, mirrored)) in EYE_CORNERS.into_iter().zip([false, true]).enumerate() {
            let [left, right] = [corners.0, corners.1].map(|i| (landmarks[i].x, landmarks[i].y));
            eye_rows[i] = rows(image, left, right);
            if let (Some(model), Some(place)) = (&mut self.eyes, Place::around(left, right)) {
                eyes[i] = Some(look_into(model, image, place, mirrored, &mut self.patch)?);
            }
        }
        Ok(FaceLook { landmarks, eyes, eye_rows, angles })
    }

    /// The landmarks of the face, from where they were in the frame before, or else from the detector's box, which is
    /// then looked at a second time from the landmarks that it gave. Empty where there are none.
    fn follow(&mut self, image: &Image, face: &BBox) -> Result<Vec<FacePoint>, PerceptionError> {
        let Self { landmarks: Some(model), seen, .. } = self else { return Ok(Vec::new()) };
        let overlap = |b: &BBox| b.iou(face);
        let before = (0..seen.len()).max_by(|a, b| overlap(&seen[*a]).total_cmp(&overlap(&seen[*b])));
        let before = before.filter(|i| overlap(&seen[*i]) >= SAME_IOU).map(|i| seen.remove(i));
        let mut found = match before {
            Some(before) => landmarks_in(model, image, &before)?,
            None => None,
        };
        if found.is_none()
            && let Some((_, near)) = landmarks_in(model, image, face)?
        {
            found = landmarks_in(model, image, &near)?;
        }
        let Some((points, around)) = found.filter(|(_, around)| overlap(around) >= SAME_IOU) else {
            return Ok(Vec::new());
        };
        if seen.len() == FACES_MAX {
            seen.remove(0);
        }
        seen.push(around);
        Ok(points)
    }
}

/// The whole pixels of a box with a margin that lie inside the picture; `None` where there are hardly any.
fn region(image: &Image, b: &BBox, [across, down]: [f64; 2]) -> Option<Region> {
    let (dx, dy) = (b.w * across, b.h * down);
    let wide = BBox { x: b.x - dx, y: b.y - dy, w: b.w + 2.0 * dx, h: b.h + 2.0 * dy };
    let visible = wide.clipped(image.width, image.height)?;
    let [x, y, right, bottom] = [visible.x, visible.y, visible.right(), visible.bottom()].map(|v| v.round() as u32);
    let (width, height) = (right.checked_sub(x)?, bottom.checked_sub(y)?);
    (f64::from(width.min(height)) >= SIDE_MIN).then_some(Region { x, y, width, height })
}

/// Landmarks and the box around them; `None` where the model is not sure of a face.
fn landmarks_in(
    model: &mut LandmarkModel,
    image: &Image,
    b: &BBox,
) -> Result<Option<(Vec<FacePoint>, BBox)>, PerceptionError> {
    let Some(region) = region(image, b, MARGIN) else { return Ok(None) };
    let points: Vec<FacePoint> = model.landmarks(image, region)?.iter().map(face_point).collect();
    let confidence = points.iter().map(|p| p.confidence).sum::<f64>() / points.len() as f64;
    let around = around(&points);
    Ok((confidence >= CONFIDENCE_MIN && around.is_valid()).then_some((points, around)))
}

fn face_point(landmark: &Landmark) -> FacePoint {
    FacePoint { x: landmark.x.into(), y: landmark.y.into(), confidence: landmark.confidence.into() }
}

fn around(points: &[FacePoint]) -> BBox {
    let none = (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
    let (left, top, right, bottom) = points
        .iter()
        .fold(none, |(l, t, r, b), p| (f64::min(l, p.x), f64::min(t, p.y), f64::max(r, p.x), f64::max(b, p.y)));
    BBox::from_corners(left, top, right, bottom)
}

fn look_into(
    model: &mut EyeModel,
    image: &Image,
    place: Place,
    mirrored: bool,
    patch: &mut Image,
) -> Result<EyeLook, PerceptionError> {
    place.cut(image, patch);
    let state = model.eye(patch, Region::whole(SIDE, SIDE), mirrored)?;
    let (x, y) = place.point(state.pupil.x.into(), state.pupil.y.into());
    Ok(EyeLook { pupil: FacePoint { x, y, confidence: state.pupil.confidence.into() }, open: state.open.into() })
}
