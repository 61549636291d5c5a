//! A decoded frame, boxes in it, and the narrow trait through which pixels reach the core.

use serde::{Deserialize, Serialize};

use crate::appearance::Appearance;
use crate::face::{ChestLook, FaceLook, RegionColour};
use crate::ids::{BootId, CameraId, TrackId};
use crate::time::{CaptureTime, MediaTime};
use crate::units::Unavailable;

/// An axis-aligned box in pixels of the full frame, top left corner and size; may reach outside the frame.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BBox {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width, positive.
    pub w: f64,
    /// Height, positive.
    pub h: f64,
}

impl BBox {
    /// From left, top, right, bottom.
    #[must_use]
    pub fn from_corners(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self { x: left, y: top, w: right - left, h: bottom - top }
    }

    /// Right edge.
    #[must_use]
    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    /// Bottom edge.
    #[must_use]
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }

    /// Area in square pixels, 0 for a degenerate box.
    #[must_use]
    pub fn area(&self) -> f64 {
        self.w.max(0.0) * self.h.max(0.0)
    }

    /// Where a standing person touches the floor: the middle of the bottom edge.
    #[must_use]
    pub fn foot(&self) -> (f64, f64) {
        (self.x + self.w / 2.0, self.bottom())
    }

    /// Centre point.
    #[must_use]
    pub fn centre(&self) -> (f64, f64) {
        (self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// Area of the overlap with `other`.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> f64 {
        let w = self.right().min(other.right()) - self.x.max(other.x);
        let h = self.bottom().min(other.bottom()) - self.y.max(other.y);
        w.max(0.0) * h.max(0.0)
    }

    /// Intersection over union, 0 to 1; 0 when both are degenerate.
    #[must_use]
    pub fn iou(&self, other: &Self) -> f64 {
        let both = self.intersection(other);
        let union = self.area() + other.area() - both;
        if union > 0.0 { both / union } else { 0.0 }
    }

    /// The box `share` of the way to `other`: this one at 0, the other at 1.
    #[must_use]
    pub fn towards(&self, other: &Self, share: f64) -> Self {
        let mix = |a: f64, b: f64| a + (b - a) * share;
        Self { x: mix(self.x, other.x), y: mix(self.y, other.y), w: mix(self.w, other.w), h: mix(self.h, other.h) }
    }

    /// The part inside a frame of `width` x `height`; `None` when nothing is.
    #[must_use]
    pub fn clipped(&self, width: u32, height: u32) -> Option<Self> {
        let (left, top) = (self.x.max(0.0), self.y.max(0.0));
        let (right, bottom) = (self.right().min(f64::from(width)), self.bottom().min(f64::from(height)));
        (right > left && bottom > top).then(|| Self::from_corners(left, top, right, bottom))
    }

    /// Whether all four numbers are finite and both sides positive.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        [self.x, self.y, self.w, self.h].iter().all(|v| v.is_finite()) && self.w > 0.0 && self.h > 0.0
    }
}

/// What kinds of things are detected. Closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectClass {
    /// A person, whole or in part.
    Person,
    /// A backpack.
    Backpack,
    /// A handbag or shoulder bag.
    Handbag,
    /// A suitcase or trolley case.
    Suitcase,
    /// A face.
    Face,
}

impl ObjectClass {
    /// All classes, in the order of the list.
    pub const ALL: [Self; 5] = [Self::Person, Self::Backpack, Self::Handbag, Self::Suitcase, Self::Face];

    /// The number in the class column of MOT text files: 1 for a person as `MOTChallenge` has it; bags keep their COCO
    /// numbers, which collide with none of `MOTChallenge`'s; 101 for a face.
    #[must_use]
    pub fn mot_class(self) -> u32 {
        match self {
            Self::Person => 1,
            Self::Backpack => 24,
            Self::Handbag => 26,
            Self::Suitcase => 28,
            Self::Face => 101,
        }
    }

    /// The class with this MOT number.
    #[must_use]
    pub fn from_mot_class(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.mot_class() == number)
    }

    /// Name as in configuration, manifest and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Backpack => "backpack",
            Self::Handbag => "handbag",
            Self::Suitcase => "suitcase",
            Self::Face => "face",
        }
    }

    /// Whether it is something a person carries.
    #[must_use]
    pub fn is_bag(self) -> bool {
        matches!(self, Self::Backpack | Self::Handbag | Self::Suitcase)
    }

    /// How tall one usually looks, upright, metres: what a length in the picture means where there is no calibration.
    #[must_use]
    pub fn height_m(self) -> f64 {
        match self {
            Self::Person => 1.7,
            Self::Suitcase => 0.65,
            Self::Backpack => 0.5,
            Self::Handbag => 0.3,
            Self::Face => 0.24,
        }
    }
}

/// Whose frame this is, and when; everything the core knows of a frame besides what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameHeader {
    /// The camera.
    pub camera: CameraId,
    /// The run of that camera.
    pub boot: BootId,
    /// Number of the frame in the stream, from 1; dropped frames leave holes.
    pub sequence: u64,
    /// On the stream's own clock.
    pub media_time: MediaTime,
    /// In UTC.
    pub capture_time: CaptureTime,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Whether the stream coded it without reference to others, as far as that is known.
    pub keyframe: bool,
}

/// An owned picture: 8-bit blue, green, red interleaved, rows without padding, top row first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Image {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `3 * width * height` bytes.
    pub bgr: Vec<u8>,
}

impl Image {
    /// A picture of one colour.
    #[must_use]
    pub fn filled(width: u32, height: u32, bgr: [u8; 3]) -> Self {
        Self { width, height, bgr: bgr.repeat(width as usize * height as usize) }
    }
}

/// A frame with its pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Whose and when.
    pub header: FrameHeader,
    /// The pixels.
    pub image: Image,
}

/// Brightness of a region, 0 to 255: enough to tell a covered lens or a dark hall from a working view.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Luma {
    /// Mean of Rec. 601 luma.
    pub mean: f64,
    /// Standard deviation of it.
    pub deviation: f64,
}

/// Where the picture changed since the last one in which things were detected: cells of a grid, and no brightness.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Motion {
    /// Columns of the grid over the whole frame.
    pub columns: u32,
    /// Rows of it.
    pub rows: u32,
    /// Numbers of the cells that changed, row by row from 0, ascending.
    pub cells: Vec<u32>,
}

impl Motion {
    /// The places of the changed cells in a frame of `width` x `height` pixels.
    pub fn places(&self, width: u32, height: u32) -> impl Iterator<Item = BBox> + '_ {
        let (w, h) = (f64::from(width) / f64::from(self.columns), f64::from(height) / f64::from(self.rows));
        self.cells.iter().map(move |cell| {
            let (column, row) = (cell % self.columns.max(1), cell / self.columns.max(1));
            BBox { x: f64::from(column) * w, y: f64::from(row) * h, w, h }
        })
    }
}

/// The only way by which the core learns about pixels; asked, not told.
///
/// Each answer depends on the frame and the question alone (of motion also on the picture that was last looked through
/// for things, of a face and of its pulse also on the frames before), so a tape of the answers replaces the video exactly.
pub trait PixelProbe {
    /// Brightness of the whole frame, sampled on a grid of at most 64 x 64 pixels.
    fn luma(&mut self) -> Result<Luma, Unavailable>;

    /// Where the mean brightness of a cell changed by at least `levels` (8-bit luma) against the whole picture since the
    /// last picture in which things were detected. A probe that remembers no picture has no answer.
    fn motion(&mut self, _levels: f64) -> Result<Motion, Unavailable> {
        Err(Unavailable::NotConfigured)
    }

    /// What the person in `bbox` looks like. Computed on request, because it costs a model run.
    fn appearance(&mut self, bbox: &BBox) -> Result<Appearance, Unavailable>;

    /// What the models of a face say of the one in `bbox`.
    fn face(&mut self, _bbox: &BBox) -> Result<FaceLook, Unavailable> {
        Err(Unavailable::NotConfigured)
    }

    /// The next sample of the pulse wave (no unit) that a model carries on from frame to frame for the track `face`, which is in
    /// `bbox` at `at`. It begins anew where nobody asked for a second.
    fn pulse(&mut self, _face: TrackId, _bbox: &BBox, _at: MediaTime) -> Result<f64, Unavailable> {
        Err(Unavailable::NotConfigured)
    }

    /// The colour inside a closed polygon, frame pixels, in linear light.
    fn colour(&mut self, _polygon: &[(f64, f64)]) -> Result<RegionColour, Unavailable> {
        Err(Unavailable::NotConfigured)
    }

    /// The rows of a chest in `bbox`.
    fn chest(&mut self, _bbox: &BBox) -> Result<ChestLook, Unavailable> {
        Err(Unavailable::NotConfigured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iou_of_known_boxes() {
        let a = BBox { x: 0.0, y: 0.0, w: 2.0, h: 2.0 };
        for (b, expected) in [
            (a, 1.0),
            (BBox { x: 1.0, y: 0.0, w: 2.0, h: 2.0 }, 1.0 / 3.0),
            (BBox { x: 2.0, y: 0.0, w: 2.0, h: 2.0 }, 0.0),
            (BBox { x: 0.0, y: 0.0, w: 0.0, h: 2.0 }, 0.0),
        ] {
            assert!((a.iou(&b) - expected).abs() < 1e-12, "{b:?}");
        }
    }

    #[test]
    fn clipping_keeps_what_is_visible() {
        let b = BBox { x: -5.0, y: 90.0, w: 20.0, h: 20.0 };
        assert_eq!(b.clipped(100, 100), Some(BBox { x: 0.0, y: 90.0, w: 15.0, h: 10.0 }));
        assert_eq!(BBox { x: 200.0, ..b }.clipped(100, 100), None);
    }

    #[test]
    fn mot_classes_round_trip() {
        for class in ObjectClass::ALL {
            assert_eq!(ObjectClass::from_mot_class(class.mot_class()), Some(class));
        }
    }
}
