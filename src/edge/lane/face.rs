//! One face: where to look, what is seen there, and what follows from it.

use super::LaneFact;
use crate::biosignal::blink::BlinkMonitor;
use crate::biosignal::chest::{self, ChestMonitor, ChestSource};
use crate::biosignal::conditions::{Conditions, Sight, together};
use crate::biosignal::facial_motion::FacialMotion;
use crate::biosignal::monitor::{FaceFrame, FaceMonitor, Readings, RegionRole};
use crate::biosignal::roi::{REGION_NAMES, RegionFinder, Regions, SKIN_REGIONS, area};
use crate::biosignal::{Estimate, PulseOrigin, Reason, Rgb, Window};
use crate::event::{VitalReport, VitalSign};
use crate::face::{FaceLook, PATCHES, RegionColour};
use crate::frame::{BBox, FrameHeader, PixelProbe};
use crate::ids::TrackId;
use crate::time::MediaTime;
use crate::units::Unavailable;

/// A region of which less than this part is in the picture is not in view: skin must be the same skin all the time, of the
/// background any part will do.
const IN_VIEW_MIN: [f64; REGION_NAMES.len()] = [0.5, 0.5, 0.5, 0.05];
/// How breathing is told to be measured: by the chest's rows, by the flow of its strips, or by what it does to the pulse.
const PROFILE: &str = "CHEST_PROFILE";
const FLOW: &str = "CHEST_FLOW";
const MODULATIONS: &str = "PULSE_MODULATION";
/// And blinks and movements.
const EYES: &str = "EYE_OPENNESS";
const LANDMARKS: &str = "LANDMARKS";

/// One face before a lane camera.
#[derive(Debug)]
pub struct LaneFace {
    id: Option<TrackId>,
    bbox: BBox,
    seen: MediaTime,
    finder: RegionFinder,
    conditions: Conditions,
    monitor: FaceMonitor,
    chest: ChestMonitor,
    blinks: BlinkMonitor,
    movement: FacialMotion,
    /// Whether there are models that look into faces.
    looked_into: bool,
    colours: [Option<Rgb>; REGION_NAMES.len()],
    patches: [Option<Rgb>; SKIN_REGIONS * PATCHES],
    wave: Option<f64>,
    regions: Option<Regions>,
}

impl LaneFace {
    /// A face that came into view at `at`.
    pub(super) fn new(id: Option<TrackId>, bbox: BBox, at: MediaTime, method: Option<PulseOrigin>) -> Self {
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
            chest: ChestMonitor::default(),
            blinks: BlinkMonitor::default(),
            movement: FacialMotion::default(),
            looked_into: false,
            colours: [None; REGION_NAMES.len()],
            patches: [None; SKIN_REGIONS * PATCHES],
            wave: None,
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

    /// The sample that the model of pulses gave then; `None` where it was not asked or has none.
    #[must_use]
    pub fn wave(&self) -> Option<f64> {
        self.wave
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

    /// Takes a frame in which the face is at `bbox`; `followed`: the model of pulses is asked, too.
    pub(super) fn frame(
        &mut self,
        header: &FrameHeader,
        bbox: BBox,
        followed: bool,
        probe: &mut dyn PixelProbe,
        tell: &mut dyn FnMut(LaneFact),
    ) {
        let at = header.media_time;
        (self.seen, self.bbox) = (at, bbox);
        let look = self.look(&bbox, probe);
        let regions = self.finder.find(at, &bbox, look.as_ref(), (header.width, header.height));
        self.wave = self.id.filter(|_| followed).and_then(|id| probe.pulse(id, &bbox, at).ok());
        self.sample(header, &regions, look.as_ref(), probe);
        let chest = regions.chest.and_then(|chest| probe.chest(&chest).ok());
        self.chest.push(at, chest.as_ref(), regions.anew);
        if self.looked_into {
            self.blinks.push(at, look.as_ref());
            self.movement.push(at, look.as_ref());
        }
        self.regions = Some(regions);
        self.tell_moments(tell);
        if let Some(end) = self.monitor.due() {
            self.read(end, tell);
        }
    }

    /// The face is gone: what was going on is judged by what was seen of it.
    pub(super) fn end(&mut self, tell: &mut dyn FnMut(LaneFact)) {
        self.blinks.end();
        self.movement.end();
        self.tell_moments(tell);
    }

    /// What the models say of the face. Whoever has the seat need not have a face.
    fn look(&mut self, bbox: &BBox, probe: &mut dyn PixelProbe) -> Option<FaceLook> {
        self.id?;
        let look = probe.face(bbox);
        self.looked_into |= !matches!(look, Err(Unavailable::NotConfigured));
        look.ok()
    }

    /// The colours of the regions.
    fn sample(&mut self, header: &FrameHeader, regions: &Regions, look: Option<&FaceLook>, probe: &mut dyn PixelProbe) {
        let (at, bbox) = (header.media_time, self.bbox);
        let polygons = regions.polygons();
        let seen = std::array::from_fn::<_, { REGION_NAMES.len() }, _>(|i| {
            polygons[i].and_then(|polygon| colour(probe, polygon, IN_VIEW_MIN[i]))
        });
        self.colours = seen.map(|region| region.map(|r| r.rgb));
        self.patches = std::array::from_fn(|i| {
            let patch = seen[i / PATCHES].and_then(|region| region.patches[i % PATCHES]);
            patch.map(|rgb| rgb.map(f64::from))
        });
        let skin = together(&seen[..SKIN_REGIONS]);
        let background = self.colours[SKIN_REGIONS];
        self.conditions.push(at, &Sight { centre: bbox.centre(), width: bbox.w, skin, background });
        let (colours, patches, place, wave) = (&self.colours, &self.patches, self.place(look), self.wave);
        self.monitor.push(FaceFrame { at, keyframe: header.keyframe, colours, patches, place, wave });
    }

    /// Where the face is, and how wide: the middle of its landmarks where models find them. A seat does not move.
    fn place(&self, look: Option<&FaceLook>) -> Option<[f64; 3]> {
        self.id?;
        let (x, y) = match look {
            Some(look) if !look.landmarks.is_empty() => {
                let count = look.landmarks.len() as f64;
                let sum = look.landmarks.iter().fold((0.0, 0.0), |(x, y), p| (x + p.x, y + p.y));
                (sum.0 / count, sum.1 / count)
            }
            _ if self.looked_into => return None,
            _ => self.bbox.centre(),
        };
        Some([x, y, self.bbox.w])
    }

    /// Blinks and movements since the last time.
    fn tell_moments(&mut self, tell: &mut dyn FnMut(LaneFact)) {
        for blink in self.blinks.take() {
            tell(LaneFact::Blink { from: blink.from, to: blink.to });
        }
        for movement in self.movement.take() {
            tell(LaneFact::Movement(movement));
        }
    }

    /// The readings of the second that ends at `end`.
    fn read(&mut self, end: MediaTime, tell: &mut dyn FnMut(LaneFact)) {
        let Readings { pulse, origin, respiration, beats } = self.monitor.read(end);
        let window = pulse.window();
        if window.seconds() <= 0.0 {
            return;
        }
        let mut report = |sign, estimate: Estimate, method: Option<&str>| {
            let method = method.filter(|_| estimate.rate().is_some()).map(str::to_owned);
            tell(LaneFact::Reading(VitalReport { sign, estimate, method }));
        };
        let pulse = self.gated(pulse);
        let answered = pulse.rate().is_some();
        report(VitalSign::Pulse, pulse, origin.map(PulseOrigin::as_str));
        let (respiration, method) = self.breathing(end, respiration);
        report(VitalSign::Respiration, respiration, Some(method));
        let (blinks, movement) = match self.looked_into {
            true => (self.blinks.read(end).rate, self.movement.read(end).rate),
            false => (not_configured(window), not_configured(window)),
        };
        report(VitalSign::BlinkRate, blinks, Some(EYES));
        report(VitalSign::FacialMovement, movement, Some(LANDMARKS));
        for beat in beats.iter().filter(|_| answered) {
            tell(LaneFact::Beat { from: beat.from, to: beat.to });
        }
    }

    /// Breathing by the chest where there is one in the picture, checked by what the pulse says of it; and by which of them.
    fn breathing(&mut self, end: MediaTime, modulations: Estimate) -> (Estimate, &'static str) {
        let modulations = self.gated(modulations);
        let watched = self.regions.as_ref().is_some_and(|regions| regions.chest.is_some());
        if !watched {
            return (modulations, MODULATIONS);
        }
        let (chest, source) = self.chest.read(end);
        // A head may turn while the chest is still; one that goes about takes the chest along.
        let moves = self.conditions.reasons(chest.window()).contains(&Reason::Motion);
        let chest = if moves { against(chest, vec![Reason::Motion]) } else { chest };
        let method = match source {
            ChestSource::Profile => PROFILE,
            ChestSource::Flow => FLOW,
        };
        (chest::together(Some(chest), modulations), method)
    }

    /// An estimate stands only if nothing speaks against its window.
    fn gated(&self, estimate: Estimate) -> Estimate {
        let window = estimate.window();
        let mut reasons = self.conditions.reasons(window);
        let explains = estimate.rate().is_none() && self.conditions.is_repeated(window);
        if explains && !reasons.contains(&Reason::Compressed) {
            reasons.push(Reason::Compressed);
        }
        against(estimate, reasons)
    }
}

/// The estimate, or why not if there is a reason against it.
fn against(estimate: Estimate, mut reasons: Vec<Reason>) -> Estimate {
    if reasons.is_empty() {
        return estimate;
    }
    let window = estimate.window();
    if let Estimate::Unavailable { reasons: own, .. } = estimate {
        reasons.extend(own);
    }
    Estimate::unavailable(reasons, window)
}

fn not_configured(window: Window) -> Estimate {
    Estimate::unavailable(vec![Reason::NotConfigured], window)
}

/// The colour of a region of which at least the part `least` is in the picture.
fn colour(probe: &mut dyn PixelProbe, polygon: &[(f64, f64)], least: f64) -> Option<RegionColour> {
    let seen = probe.colour(polygon).ok()?;
    (f64::from(seen.pixels) >= least * area(polygon)).then_some(seen)
}
