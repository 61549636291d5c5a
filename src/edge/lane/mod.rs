//! The vital signs of the faces before a lane camera, once a second each.

mod face;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use face::LaneFace;

use crate::biosignal::PulseOrigin;
use crate::biosignal::facial_motion::Movement;
use crate::event::VitalReport;
use crate::frame::{BBox, FrameHeader, ObjectClass, PixelProbe};
use crate::ids::TrackId;
use crate::time::MediaTime;
use crate::tracking::Track;

/// A face that has not been seen for so long is forgotten, seconds: its traces have broken long before.
const FORGET_S: f64 = 5.0;
/// A newcomer takes the place of a face when it is so many times better placed.
const BETTER: f64 = 1.5;

/// What a lane camera measures, and on whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LaneSettings {
    /// Most faces measured at once, the best placed first; the others are counted.
    pub faces_max: usize,
    /// The only pulse method to use; without it the clearest of all.
    pub method: Option<PulseOrigin>,
    /// Faces, the first of those measured, whose pulse a model follows as well where there is one: a run of it for each in every
    /// frame. None unless it is said, so that a tape of a time without it is played as it was recorded.
    pub pulse_model_faces: usize,
    /// Left, top, width and height in pixels of the place of a face, where no detector looks for one.
    pub seat: Option<[f64; 4]>,
}

impl Default for LaneSettings {
    fn default() -> Self {
        Self { faces_max: 4, method: None, pulse_model_faces: 0, seat: None }
    }
}

/// What is told of a face.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneNews {
    /// Its track; `None` for whoever has the seat.
    pub face: Option<TrackId>,
    /// Where it was.
    pub bbox: BBox,
    /// What.
    pub fact: LaneFact,
}

/// Something that was measured on a face.
#[derive(Debug, Clone, PartialEq)]
pub enum LaneFact {
    /// One of its vital signs, once a second.
    Reading(VitalReport),
    /// One heart beat: from the beat before to this one; only where beats are alike.
    Beat {
        /// The beat before.
        from: MediaTime,
        /// This one.
        to: MediaTime,
    },
    /// One blink.
    Blink {
        /// Eyes begin to close.
        from: MediaTime,
        /// And are open again.
        to: MediaTime,
    },
    /// One movement of a part of the face.
    Movement(Movement),
}

/// The faces before one camera. Bounded by [`LaneSettings::faces_max`]; a face holds a minute of samples.
#[derive(Debug)]
pub struct LaneMonitor {
    settings: LaneSettings,
    /// In the order in which they came.
    faces: Vec<LaneFace>,
    /// Tracks in view that were counted as left out; bounded by the tracker's own bound.
    left_out: BTreeSet<TrackId>,
    left_out_total: u64,
    left_out_told: u64,
    news: Vec<LaneNews>,
}

impl LaneMonitor {
    /// Without faces.
    #[must_use]
    pub fn new(settings: LaneSettings) -> Self {
        Self {
            settings,
            faces: Vec::new(),
            left_out: BTreeSet::new(),
            left_out_total: 0,
            left_out_told: 0,
            news: Vec::new(),
        }
    }

    /// Whether faces come from a detector: not where a seat is configured.
    #[must_use]
    pub fn wants_detection(&self) -> bool {
        self.settings.seat.is_none()
    }

    /// Takes a frame with the tracks that are in view in it; what there is to tell is then in [`LaneMonitor::news`].
    pub fn frame(&mut self, header: &FrameHeader, visible: &[Track], probe: &mut dyn PixelProbe) {
        self.news.clear();
        let at = header.media_time;
        self.release(|face| !(0.0..FORGET_S).contains(&at.since(face.seen())));
        if let Some([x, y, w, h]) = self.settings.seat {
            self.look(None, BBox { x, y, w, h }, header, probe);
            return;
        }
        let faces = || visible.iter().filter(|t| t.class == ObjectClass::Face);
        for track in faces() {
            self.place(track, at, visible);
        }
        self.left_out.retain(|id| visible.iter().any(|t| t.id == *id));
        for track in faces() {
            if self.faces.iter().any(|face| face.id() == Some(track.id)) {
                self.left_out.remove(&track.id);
                self.look(Some(track.id), track.bbox, header, probe);
            } else if self.left_out.insert(track.id) {
                self.left_out_total += 1;
            }
        }
    }

    /// What the last frame gave to tell.
    #[must_use]
    pub fn news(&self) -> &[LaneNews] {
        &self.news
    }

    /// The faces that are measured.
    #[must_use]
    pub fn faces(&self) -> &[LaneFace] {
        &self.faces
    }

    /// Faces that came into view and found no place so far.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out_total
    }

    /// Those since the last call.
    pub fn take_left_out(&mut self) -> u64 {
        let fresh = self.left_out_total - self.left_out_told;
        self.left_out_told = self.left_out_total;
        fresh
    }

    /// Nothing is known of the view any more: all faces end. What there is to tell of them is then in
    /// [`LaneMonitor::news`].
    pub fn finish(&mut self) {
        self.news.clear();
        self.release(|_| true);
        self.left_out.clear();
    }

    /// Ends the faces that are `gone`.
    fn release(&mut self, gone: impl Fn(&LaneFace) -> bool) {
        let Self { faces, news, .. } = self;
        for face in faces.iter_mut().filter(|face| gone(face)) {
            let (id, bbox) = (face.id(), face.bbox());
            face.end(&mut |fact| news.push(LaneNews { face: id, bbox, fact }));
        }
        faces.retain(|face| !gone(face));
    }

    /// Measures a track from now on if there is room, or if it is far better placed than the worst that is measured, which
    /// then goes.
    fn place(&mut self, track: &Track, at: MediaTime, visible: &[Track]) {
        if self.faces.iter().any(|face| face.id() == Some(track.id)) {
            return;
        }
        if self.faces.len() >= self.settings.faces_max {
            let in_view = |face: &LaneFace| visible.iter().any(|t| Some(t.id) == face.id());
            let merit = |face: &LaneFace| if in_view(face) { face.merit() } else { 0.0 };
            let worst = (0..self.faces.len()).min_by(|a, b| merit(&self.faces[*a]).total_cmp(&merit(&self.faces[*b])));
            let Some(worst) = worst.filter(|worst| track.bbox.area() > BETTER * merit(&self.faces[*worst])) else {
                return;
            };
            let worst = self.faces[worst].id();
            self.release(|face| face.id() == worst);
        }
        self.faces.push(LaneFace::new(Some(track.id), track.bbox, at, self.settings.method));
    }

    fn look(&mut self, id: Option<TrackId>, bbox: BBox, header: &FrameHeader, probe: &mut dyn PixelProbe) {
        let place = self.faces.iter().position(|face| face.id() == id).unwrap_or_else(|| {
            self.faces.push(LaneFace::new(id, bbox, header.media_time, self.settings.method));
            self.faces.len() - 1
        });
        let followed = place < self.settings.pulse_model_faces;
        let Self { faces, news, .. } = self;
        faces[place].frame(header, bbox, followed, probe, &mut |fact| news.push(LaneNews { face: id, bbox, fact }));
    }
}

#[cfg(test)]
mod tests;
