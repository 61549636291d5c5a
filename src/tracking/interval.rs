//! On which frames the detector runs.
//!
//! Between two runs the tracks are predicted. A prediction serves as long as nothing moves, or only people whose place
//! it knows well and who cannot be mistaken for each other, where they are expected.

use serde::{Deserialize, Serialize};

use super::{TrackState, Tracker};
use crate::frame::{BBox, FrameHeader, Motion, PixelProbe};
use crate::time::MediaTime;

/// When a prediction is good enough. Times are seconds of media time, lengths are box heights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntervalSettings {
    /// While anything moves, the detector runs at least so often, seconds; 0 runs it on every frame.
    pub moving_s: f64,
    /// While nothing moves, it runs at least so often, seconds.
    pub still_s: f64,
    /// A cell of the picture has moved when its mean brightness changed by this much, 8-bit luma.
    pub motion_levels: f64,
    /// Motion is expected within this distance of where things were detected last or are predicted now, box heights.
    pub expected_reach: f64,
    /// The detector runs at once when a shown track's place has a greater standard deviation than this, box heights ...
    pub uncertainty_max: f64,
    /// ... or when two tracks of a kind are nearer to each other than this many standard deviations of their distance:
    /// before they could swap.
    pub swap_deviations: f64,
}

/// Chosen on recordings at 10 and 25 frames a second with YOLOX-nano. Against every frame, `moving_s` 0.15 saves 39 % of
/// the runs in the crowd of PETS S2.L1 for 1.7 MOTA (0.25: 52 % for 4.0), 64 % in a room with few people and 53 % in a
/// shopping centre; `still_s` leaves one run in 2 s of a view without motion.
impl Default for IntervalSettings {
    fn default() -> Self {
        Self {
            moving_s: 0.15,
            still_s: 2.0,
            motion_levels: 6.0,
            expected_reach: 0.25,
            uncertainty_max: 0.1,
            swap_deviations: 3.0,
        }
    }
}

impl IntervalSettings {
    /// The detector on every frame.
    #[must_use]
    pub fn every_frame() -> Self {
        Self { moving_s: 0.0, ..Self::default() }
    }
}

/// Decides for each frame of one camera whether the detector runs. What it learns of the pixels goes through the probe.
#[derive(Debug, Clone)]
pub struct DetectionInterval {
    settings: IntervalSettings,
    /// When the detector ran last, on a picture of which size, and what it saw there.
    last: Option<(MediaTime, u32, u32)>,
    seen: Vec<BBox>,
    /// Cells that had moved when it ran last: it has looked there, whatever it saw (a screen, a reflection).
    looked_at: Vec<u32>,
    /// Cells that have moved in the frame at hand.
    moved: Vec<u32>,
}

impl DetectionInterval {
    /// The first frame is detected in.
    #[must_use]
    pub fn new(settings: IntervalSettings) -> Self {
        Self { settings, last: None, seen: Vec::new(), looked_at: Vec::new(), moved: Vec::new() }
    }

    /// Whether the detector must run on this frame. If not, `tracker` has been moved to the frame's time, unless nothing
    /// in the picture has moved since.
    pub fn is_due(&mut self, header: &FrameHeader, tracker: &mut Tracker, probe: &mut dyn PixelProbe) -> bool {
        self.moved.clear();
        let s = &self.settings;
        let Some((last, width, height)) = self.last else { return true };
        let since = header.media_time.since(last);
        if s.moving_s <= 0.0 || !(0.0..s.still_s).contains(&since) || (width, height) != (header.width, header.height) {
            return true;
        }
        let Ok(motion) = probe.motion(s.motion_levels) else { return true };
        if motion.cells.is_empty() {
            return false;
        }
        self.moved.extend(&motion.cells);
        if since >= s.moving_s {
            return true;
        }
        tracker.coast(header.media_time);
        self.is_vague(tracker) || self.is_unexpected(header, &motion, tracker)
    }

    /// The detector ran on this frame and `tracker` has taken in what it saw.
    pub fn ran(&mut self, header: &FrameHeader, tracker: &Tracker) {
        self.last = Some((header.media_time, header.width, header.height));
        self.seen.clear();
        self.seen.extend(tracker.detections().iter().map(|d| d.bbox));
        std::mem::swap(&mut self.looked_at, &mut self.moved);
    }

    /// The tracks ended: nothing is known of the view any more.
    pub fn forget(&mut self) {
        self.last = None;
    }

    /// Whether some shown track's place is not known well enough, or two tracks could be swapped.
    fn is_vague(&self, tracker: &Tracker) -> bool {
        let s = &self.settings;
        let places = || tracker.places().filter(|(track, _)| track.state != TrackState::Lost);
        places().enumerate().any(|(i, (a, deviation_a))| {
            deviation_a > s.uncertainty_max && a.state == TrackState::Confirmed
                || places().skip(i + 1).any(|(b, deviation_b)| {
                    let ((ax, ay), (bx, by)) = (a.bbox.centre(), b.bbox.centre());
                    let heights = (ax - bx).hypot(ay - by) / f64::midpoint(a.bbox.h, b.bbox.h);
                    a.class == b.class && heights < s.swap_deviations * deviation_a.hypot(deviation_b)
                })
        })
    }

    /// Whether anything moved where nothing is known to be.
    fn is_unexpected(&self, header: &FrameHeader, motion: &Motion, tracker: &Tracker) -> bool {
        let reach = self.settings.expected_reach;
        let explains = |thing: &BBox, (x, y): (f64, f64)| {
            let reach = reach * thing.h;
            x >= thing.x - reach && x <= thing.right() + reach && y >= thing.y - reach && y <= thing.bottom() + reach
        };
        motion.cells.iter().zip(motion.places(header.width, header.height)).any(|(cell, place)| {
            let at = place.centre();
            !(self.looked_at.binary_search(cell).is_ok()
                || self.seen.iter().any(|b| explains(b, at))
                || tracker.places().any(|(t, _)| explains(&t.bbox, at)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appearance::Appearance;
    use crate::frame::{Luma, ObjectClass};
    use crate::ids::{BootId, CameraId};
    use crate::time::CaptureTime;
    use crate::tracking::{Detection, TrackerSettings};
    use crate::units::Unavailable;

    /// A view of 640 x 360 pixels in cells of 20 x 20, of which some have moved.
    struct Probe(Result<Vec<u32>, Unavailable>);

    impl PixelProbe for Probe {
        fn luma(&mut self) -> Result<Luma, Unavailable> {
            Err(Unavailable::NotConfigured)
        }

        fn motion(&mut self, _: f64) -> Result<Motion, Unavailable> {
            self.0.clone().map(|cells| Motion { columns: 32, rows: 18, cells })
        }

        fn appearance(&mut self, _: &BBox) -> Result<Appearance, Unavailable> {
            Err(Unavailable::NotConfigured)
        }
    }

    fn header(at: f64, width: u32) -> FrameHeader {
        FrameHeader {
            camera: CameraId::new("gate").unwrap(),
            boot: BootId(1),
            sequence: 1,
            media_time: MediaTime::from_seconds(at),
            capture_time: CaptureTime::exact(0),
            width,
            height: 360,
            keyframe: false,
        }
    }

    fn person(x: f64) -> Detection {
        Detection { bbox: BBox { x, y: 100.0, w: 40.0, h: 100.0 }, score: 0.9, class: ObjectClass::Person }
    }

    /// After two seconds of two people at 25 frames a second, the second of whom walks to the left by `speed` pixels a
    /// second and is `apart` to the right of the first in the end.
    fn watched(speed: f64, apart: f64) -> (DetectionInterval, Tracker) {
        let mut interval = DetectionInterval::new(IntervalSettings::default());
        let mut tracker = Tracker::new(TrackerSettings::default());
        for frame in 0..=50 {
            let at = f64::from(frame) / 25.0;
            let found = [person(200.0), person(200.0 + apart + speed * (2.0 - at))];
            tracker.step(MediaTime::from_seconds(at), &found, &mut |_| None);
            interval.ran(&header(at, 640), &tracker);
        }
        (interval, tracker)
    }

    #[test]
    fn the_detector_rests_while_predictions_serve() {
        // Cells at (200, 160), where the first person stands, and at (0, 0).
        let (inside, outside) = (vec![8 * 32 + 10], vec![0]);
        let moved = |cells: &Vec<u32>| Ok(cells.clone());
        type Answer = Result<Vec<u32>, Unavailable>;
        let rows: [(&str, f64, f64, f64, Answer, bool); 10] = [
            ("nothing moves", 0.0, 200.0, 1.9, Ok(vec![]), false),
            ("nothing moved for long", 0.0, 200.0, 2.1, Ok(vec![]), true),
            ("somebody moves where expected", 0.0, 200.0, 0.04, moved(&inside), false),
            ("and for long", 0.0, 200.0, 0.6, moved(&inside), true),
            ("something else moves", 0.0, 200.0, 0.04, moved(&outside), true),
            ("people stand close together", 0.0, 10.0, 0.04, moved(&inside), true),
            ("people meet now", 100.0, 10.0, 0.04, moved(&inside), true),
            ("people will meet later", 100.0, 100.0, 0.04, moved(&inside), false),
            ("the probe cannot tell", 0.0, 200.0, 0.04, Err(Unavailable::NotOnTape), true),
            ("the clock stepped back", 0.0, 200.0, -5.0, Ok(vec![]), true),
        ];
        for (name, speed, apart, later, answer, due) in rows {
            let (mut interval, mut tracker) = watched(speed, apart);
            let is_due = interval.is_due(&header(2.0 + later, 640), &mut tracker, &mut Probe(answer));
            assert_eq!(is_due, due, "{name}");
        }
    }

    #[test]
    fn motion_that_was_looked_at_in_vain_does_not_call_again_at_once() {
        let (mut interval, mut tracker) = watched(0.0, 200.0);
        let mut due = |interval: &mut DetectionInterval, later: f64, cells: &[u32]| {
            interval.is_due(&header(2.0 + later, 640), &mut tracker, &mut Probe(Ok(cells.to_vec())))
        };
        assert!(due(&mut interval, 0.04, &[3, 4]));
        interval.ran(&header(2.04, 640), &Tracker::new(TrackerSettings::default()));
        assert!(!due(&mut interval, 0.08, &[3, 4]));
        assert!(due(&mut interval, 0.12, &[4, 5]), "it goes on to where nobody has looked");
    }

    #[test]
    fn what_is_not_known_is_detected() {
        let (mut interval, mut tracker) = watched(0.0, 200.0);
        let mut due = |interval: &mut DetectionInterval, width| {
            interval.is_due(&header(2.04, width), &mut tracker, &mut Probe(Ok(vec![])))
        };
        assert!(!due(&mut interval, 640));
        assert!(due(&mut interval, 320), "another size of picture");
        interval.forget();
        assert!(due(&mut interval, 640), "tracks ended");
        assert!(due(&mut DetectionInterval::new(IntervalSettings::default()), 640), "the first frame");
        let mut every = DetectionInterval { settings: IntervalSettings::every_frame(), ..interval };
        assert!(due(&mut every, 640), "switched off");
    }
}
