//! One face: where to look, what is seen there, and what follows from it.

use super::LaneFact;
use crate::biosignal::conditions::{Conditions, Sight, together};
use crate::biosignal::monitor::{FaceFrame, FaceMonitor, Readings, RegionRole};
use crate::biosignal::roi::{REGION_NAMES, RegionFinder, Regions, SKIN_REGIONS, area};
use crate::biosignal::{Estimate, PulseMethod, Reason, Rgb, Window};
use crate::event::{VitalReport, VitalSign};
use crate::face::{FaceLook, RegionColour};
use crate::frame::{BBox, FrameHeader, PixelProbe};
use crate::ids::TrackId;
use crate::time::MediaTime;

/// A region of which less than this part is in the picture is not in view: skin must be the same skin all the time, of the
/// background any part will do.
const IN_VIEW_MIN: [f64; REGION_NAMES.len()] = [0.5, 0.5, 0.5, 0.05];
/// How the breathing of the pulse's modulations is called.
const MODULATIONS: &str = "PULSE_MODULATION";

/// One face before a lane camera.
#[derive(Debug)]
pub struct LaneFace {
    id: Option<TrackId>,
    bbox: BBox,
    seen: MediaTime,
    finder: RegionFinder,
    conditions: Conditions,
    monitor: FaceMonitor,
    colours: [Option<Rgb>; REGION_NAMES.len()],
    look: Option<FaceLook>,
    regions: Option<Regions>,
}

impl LaneFace {
    /// A face that came into view at `at`.
    pub(super) fn new(id: Option<TrackId>, bbox: BBox, at: MediaTime, method: Option<PulseMethod>) -> Self {
        let roles = std::array::from_fn::<_, { REGION_NAMES.len() }, _>(|i| {
            if i < SKIN_REGIONS { RegionRole::Skin } else { RegionRole::Background }
        });
        Self {
            id,
            bbox,
            seen: at,
            finder: RegionFinder::default(),
            conditions: Conditions::default(),
            monitor: FaceMonitor::new(&roles, method),
            colours: [None; REGION_NAMES.len()],
            look: None,
            regions: None,
        }
    }

    /// Its track; `None` for whoever has the seat.
    #[must_use]
    pub fn id(&self) -> Option<TrackId> {
        self.id
    }

    /// When it was seen last.
    #[must_use]
    pub fn seen(&self) -> MediaTime {
        self.seen
    }

    /// Where it was then.
    #[must_use]
    pub fn bbox(&self) -> BBox {
        self.bbox
    }

    /// Colour of each region then, in the order of [`REGION_NAMES`]; `None` where it was not in view.
    #[must_use]
    pub fn colours(&self) -> &[Option<Rgb>] {
        &self.colours
    }

    /// Where the regions were then.
    #[must_use]
    pub fn regions(&self) -> Option<&Regions> {
        self.regions.as_ref()
    }

    /// Its traces.
    #[must_use]
    pub fn monitor(&self) -> &FaceMonitor {
        &self.monitor
    }

    /// How well it is placed: its area in square pixels, less when a cheek is out of view.
    pub(super) fn merit(&self) -> f64 {
        let polygons = self.regions.as_ref().map_or([None; REGION_NAMES.len()], Regions::polygons);
        let turned = self.regions.is_some() && polygons[..SKIN_REGIONS].iter().any(Option::is_none);
        self.bbox.area() * if turned { 0.5 } else { 1.0 }
    }

    /// Takes a frame in which the face is at `bbox`. Besides what the probe's answers hold, nothing is allocated between
    /// two seconds.
    pub(super) fn frame(
        &mut self,
        header: &FrameHeader,
        bbox: BBox,
        probe: &mut dyn PixelProbe,
        tell: &mut dyn FnMut(LaneFact),
    ) {
        let at = header.media_time;
        (self.seen, self.bbox) = (at, bbox);
        self.look = self.id.and_then(|_| probe.face(&bbox).ok());
        let regions = self.finder.find(at, &bbox, self.look.as_ref(), (header.width, header.height));
        let polygons = regions.polygons();
        let seen = std::array::from_fn::<_, { REGION_NAMES.len() }, _>(|i| {
            polygons[i].and_then(|polygon| colour(probe, polygon, IN_VIEW_MIN[i]))
        });
        self.colours = seen.map(|region| region.map(|r| r.rgb));
        let skin = together(&seen[..SKIN_REGIONS]);
        let background = self.colours[SKIN_REGIONS];
        self.conditions.push(at, &Sight { centre: bbox.centre(), width: bbox.w, skin, background });
        self.monitor.push(FaceFrame { at, keyframe: header.keyframe, colours: &self.colours });
        self.regions = Some(regions);
        if let Some(end) = self.monitor.due() {
            self.read(end, tell);
        }
    }

    /// The readings of the second that ends at `end`.
    fn read(&mut self, end: MediaTime, tell: &mut dyn FnMut(LaneFact)) {
        let Readings { pulse, method, respiration, beats } = self.monitor.read(end);
        let window = pulse.window();
        if window.seconds() <= 0.0 {
            return;
        }
        let pulse = self.gated(pulse);
        let method = method.filter(|_| pulse.rate().is_some()).map(|m| m.as_str().to_owned());
        let respiration = self.gated(respiration);
        let modulations = respiration.rate().map(|_| MODULATIONS.to_owned());
        let answered = pulse.rate().is_some();
        tell(LaneFact::Reading(VitalReport { sign: VitalSign::Pulse, estimate: pulse, method }));
        tell(LaneFact::Reading(VitalReport {
            sign: VitalSign::Respiration,
            estimate: respiration,
            method: modulations,
        }));
        for sign in [VitalSign::BlinkRate, VitalSign::FacialMovement] {
            tell(LaneFact::Reading(not_configured(sign, window)));
        }
        for beat in beats.iter().filter(|_| answered) {
            tell(LaneFact::Beat { from: beat.from, to: beat.to });
        }
    }

    /// An estimate stands only if nothing speaks against its window.
    fn gated(&self, estimate: Estimate) -> Estimate {
        let mut against = self.conditions.reasons(estimate.window());
        if against.is_empty() {
            return estimate;
        }
        let window = estimate.window();
        if let Estimate::Unavailable { reasons, .. } = estimate {
            against.extend(reasons);
        }
        Estimate::unavailable(against, window)
    }
}

fn not_configured(sign: VitalSign, window: Window) -> VitalReport {
    VitalReport { sign, estimate: Estimate::unavailable(vec![Reason::NotConfigured], window), method: None }
}

/// The colour of a region of which at least the part `least` is in the picture.
fn colour(probe: &mut dyn PixelProbe, polygon: &[(f64, f64)], least: f64) -> Option<RegionColour> {
    let seen = probe.colour(polygon).ok()?;
    (f64::from(seen.pixels) >= least * area(polygon)).then_some(seen)
}
