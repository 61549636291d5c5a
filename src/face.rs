//! What can be seen of one face and its chest in one frame: points, eyes, angles, colours and rows of pixels.

use serde::{Deserialize, Serialize};

/// A point of a face with the model's confidence in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FacePoint {
    /// Right of the frame's left edge, pixels.
    pub x: f64,
    /// Below the frame's top edge, pixels.
    pub y: f64,
    /// 0 to 1.
    pub confidence: f64,
}

/// One eye.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EyeLook {
    /// The pupil.
    pub pupil: FacePoint,
    /// What the model gives as the probability that the eye is open; uncalibrated.
    pub open: f64,
}

/// Angles of a head, degrees, as the model defines them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HeadAngles {
    /// About the vertical axis.
    pub yaw: f64,
    /// About the axis through the ears.
    pub pitch: f64,
    /// About the viewing axis.
    pub roll: f64,
}

/// What the models of the face say about it; each part is absent where its model is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FaceLook {
    /// 66 landmarks in the order of the 68-point scheme without the inner mouth corners.
    pub landmarks: Vec<FacePoint>,
    /// Image-left and image-right eye.
    pub eyes: [Option<EyeLook>; 2],
    /// Mean luma, 0 to 255, of rows across the middle of each eye, along the line of its corners, from above to below; empty
    /// where it is not seen.
    #[serde(default)]
    pub eye_rows: [Vec<f32>; 2],
    /// The head's angles.
    pub angles: Option<HeadAngles>,
}

/// Into how many patches a region is cut: rows from above to below, and each row of pixels into as many parts of one length.
pub const PATCH_ROWS: usize = 2;
/// See [`PATCH_ROWS`].
pub const PATCH_COLUMNS: usize = 3;
/// Patches of a region.
pub const PATCHES: usize = PATCH_ROWS * PATCH_COLUMNS;

/// Mean red, green and blue of each patch of a region in linear light, 0 to 255, row by row; `None` where a patch is too small.
pub type Patches = [Option<[f32; 3]>; PATCHES];

/// The colour of a region.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RegionColour {
    /// Mean red, green and blue of the usable pixels in linear light, 0 to 255.
    pub rgb: [f64; 3],
    /// Pixels of the region in the frame.
    pub pixels: u32,
    /// Part of them that is too bright to change.
    pub saturated: f64,
    /// Part of them that is too dark to change.
    pub dark: f64,
    /// Its parts.
    pub patches: Patches,
}

/// A chest as a vertical profile, for breathing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ChestLook {
    /// Mean luma of each row of the region, top to bottom, 0 to 255.
    pub rows: Vec<f32>,
}
