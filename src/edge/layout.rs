//! What a camera is there for, where it looks, and what is drawn into its picture: told to the centre, for plans.

use crate::behaviour::{AREAS_MAX, LineRule, Rules, Units, ZoneRule};
use crate::geometry::{Homography, footprint};
use crate::ids::CameraId;
use crate::privacy::{MASKS_MAX, MaskRule, MaskUnits};

/// Longest purpose, characters: it is a sentence, not a page.
pub const PURPOSE_CHARS_MAX: usize = 500;
/// Longest name of a zone, a line, a mask or a model, characters.
const NAME_CHARS_MAX: usize = 128;
/// Most models of a camera.
const MODELS_MAX: usize = 16;
/// Most corners of a polygon.
const CORNERS_MAX: usize = 256;
/// Widest and highest frame, pixels.
const SIDE_MAX: u32 = 32_768;
/// Nothing drawn lies further out, pixels or metres.
const PLACE_MAX: f64 = 1e6;
/// A picture of any size will do to try rules out where the camera's own is not known yet.
const TRIAL_SIZE: (u32, u32) = (1_920, 1_080);

/// A camera's layout.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraLayout {
    /// Which camera.
    pub camera: CameraId,
    /// Why this place is watched.
    pub purpose: String,
    /// Whether it sees one face close up, and not a hall.
    pub lane: bool,
    /// Pixels of a frame, once there was one.
    pub size: Option<(u32, u32)>,
    /// From pixels to metres on the floor, row by row.
    pub homography: Option<[f64; 9]>,
    /// Zones.
    pub zones: Vec<ZoneRule>,
    /// Lines.
    pub lines: Vec<LineRule>,
    /// What of the picture nobody sees.
    pub masks: Vec<MaskRule>,
    /// Names of its models.
    pub models: Vec<String>,
    /// Its bags come out of a file and not out of the picture.
    pub simulated_bags: bool,
}

/// Why a layout cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {problem}")]
pub struct LayoutError {
    /// What of it, by name.
    pub what: String,
    /// What is wrong with it.
    pub problem: String,
}

impl CameraLayout {
    /// Whether everything in it is bounded and makes sense: it may come from anywhere.
    ///
    /// # Errors
    /// The first thing that does not.
    pub fn check(&self) -> Result<(), LayoutError> {
        let plain = |what: &str, text: &str, most: usize| {
            let fits = text.chars().count() <= most && !text.chars().any(char::is_control);
            if fits {
                Ok(())
            } else {
                Err(wrong(what, &format!("is longer than {most} characters, or not plain text")))
            }
        };
        plain("purpose", &self.purpose, PURPOSE_CHARS_MAX)?;
        if self.size.is_some_and(|(w, h)| !(1..=SIDE_MAX).contains(&w) || !(1..=SIDE_MAX).contains(&h)) {
            return Err(wrong("size", &format!("is outside 1 to {SIDE_MAX} pixels")));
        }
        if self.homography.is_some() && self.map().is_none() {
            return Err(wrong("homography", "cannot be inverted"));
        }
        let counts = [
            ("zones", self.zones.len(), AREAS_MAX),
            ("lines", self.lines.len(), AREAS_MAX),
            ("masks", self.masks.len(), MASKS_MAX),
            ("models", self.models.len(), MODELS_MAX),
        ];
        if let Some((what, _, most)) = counts.into_iter().find(|(_, count, most)| count > most) {
            return Err(wrong(what, &format!("are more than {most}")));
        }
        let drawn = self.zones.iter().map(|z| &z.id).chain(self.lines.iter().map(|l| &l.id));
        for name in drawn.chain(self.masks.iter().map(|m| &m.id)).chain(&self.models) {
            plain("name", name, NAME_CHARS_MAX)?;
        }
        self.zones.iter().try_for_each(|zone| self.check_zone(zone))?;
        self.lines.iter().try_for_each(|line| self.check_line(line))?;
        let mask = |mask: &MaskRule| mask.check().map_err(|problem| wrong(&mask.id, problem));
        self.masks.iter().try_for_each(mask)
    }

    fn check_zone(&self, zone: &ZoneRule) -> Result<(), LayoutError> {
        let ends = zone.direction.iter().flatten();
        if zone.polygon.len() > CORNERS_MAX || !zone.polygon.iter().chain(ends).all(near) {
            return Err(wrong(&zone.id, "has more than 256 corners, or one that is too far out"));
        }
        if zone.dwell_max_s.is_some_and(|s| !s.is_finite() || s < 0.0) {
            return Err(wrong(&zone.id, "its longest stay is no time"));
        }
        self.usable(zone.units, Rules { zones: vec![zone.clone()], ..Rules::default() })
    }

    fn check_line(&self, line: &LineRule) -> Result<(), LayoutError> {
        if ![line.from, line.to].iter().all(near) {
            return Err(wrong(&line.id, "has an end that is too far out"));
        }
        self.usable(line.units, Rules { lines: vec![line.clone()], ..Rules::default() })
    }

    /// As the configuration's loader looks at one zone or line.
    fn usable(&self, units: Units, rules: Rules) -> Result<(), LayoutError> {
        let floor = self.homography.filter(|_| units != Units::Normalised);
        let (width, height) = self.size.unwrap_or(TRIAL_SIZE);
        let laid = Rules { floor, ..rules }.layout((f64::from(width), f64::from(height)));
        laid.map(drop).map_err(|error| wrong(&error.id, error.problem))
    }

    /// The map to the floor.
    #[must_use]
    pub fn map(&self) -> Option<Homography> {
        self.homography.and_then(Homography::new)
    }

    /// What of the floor the picture shows, metres, no further than `reach_m` from its nearest part. `None` without a
    /// calibration or before the first frame.
    #[must_use]
    pub fn view(&self, reach_m: f64) -> Option<Vec<(f64, f64)>> {
        let (width, height) = self.size?;
        footprint(&self.map()?, (f64::from(width), f64::from(height)), reach_m)
    }

    /// Where on the floor a drawn point lies, metres.
    #[must_use]
    pub fn on_floor(&self, (x, y): (f64, f64), units: Units) -> Option<(f64, f64)> {
        if units == Units::Metres {
            return Some((x, y));
        }
        let (width, height) = self.size.map(|(w, h)| (f64::from(w), f64::from(h)))?;
        let (u, v) = if units == Units::Normalised { (x * width, y * height) } else { (x, y) };
        let map = self.map()?;
        map.apply(u, v).filter(|_| this_side(&map, (u, v), (width, height)))
    }

    /// Where in the picture a drawn point lies, in shares of its width and height. Beyond the picture is possible.
    #[must_use]
    pub fn in_picture(&self, (x, y): (f64, f64), units: Units) -> Option<(f64, f64)> {
        if units == Units::Normalised {
            return Some((x, y));
        }
        let (width, height) = self.size.map(|(w, h)| (f64::from(w), f64::from(h)))?;
        let (u, v) = match units {
            Units::Metres => {
                let map = self.map()?;
                let (u, v) = map.inverse().apply(x, y)?;
                // What lies behind the camera comes back on the other side of the horizon.
                Some((u, v)).filter(|_| this_side(&map, (u, v), (width, height)))?
            }
            Units::Pixels | Units::Normalised => (x, y),
        };
        Some((u / width, v / height))
    }
}

/// The units of a mask among those of zones and lines.
#[must_use]
pub fn mask_units(units: MaskUnits) -> Units {
    match units {
        MaskUnits::Normalised => Units::Normalised,
        MaskUnits::Pixels => Units::Pixels,
    }
}

/// Whether a pixel lies on the camera's side of the horizon: on that of the middle of the picture's lower edge.
fn this_side(map: &Homography, (u, v): (f64, f64), (width, height): (f64, f64)) -> bool {
    map.weight(u, v) * map.weight(width / 2.0, height) > 0.0
}

fn near((x, y): &(f64, f64)) -> bool {
    x.abs() <= PLACE_MAX && y.abs() <= PLACE_MAX
}

fn wrong(what: &str, problem: &str) -> LayoutError {
    LayoutError { what: what.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::ZoneUse;

    /// The west camera of the rendered hall.
    fn west() -> CameraLayout {
        let zone = ZoneRule {
            id: "control".to_owned(),
            polygon: vec![(17.5, 4.0), (21.0, 4.0), (21.0, 10.0), (17.5, 10.0)],
            units: Units::Metres,
            purpose: ZoneUse::Control,
            anchor: crate::behaviour::Anchor::Foot,
            direction: None,
            dwell_max_s: None,
            people_max: None,
            active: Vec::new(),
        };
        let homography = [
            0.035_129_656,
            0.004_092_632,
            -26.567_435,
            0.039_202_66,
            -0.194_245_362,
            15.136_84,
            0.0,
            -0.013_663_409,
            1.0,
        ];
        CameraLayout {
            camera: CameraId::new("west").unwrap(),
            purpose: "The hall before the control.".to_owned(),
            lane: false,
            size: Some((1_280, 720)),
            homography: Some(homography),
            zones: vec![zone],
            lines: Vec::new(),
            masks: Vec::new(),
            models: vec!["detector".to_owned()],
            simulated_bags: false,
        }
    }

    #[test]
    fn the_floor_and_the_picture_are_each_others_image() {
        let west = west();
        assert_eq!(west.check(), Ok(()));
        for (u, v) in [(0.5, 1.0), (0.1, 0.6), (0.9, 0.3)] {
            let floor = west.on_floor((u, v), Units::Normalised).expect("below the horizon");
            let (a, b) = west.in_picture(floor, Units::Metres).expect("before the camera");
            assert!((a - u).abs() < 1e-6 && (b - v).abs() < 1e-6, "{u} {v}: {a} {b}");
        }
        assert_eq!(west.on_floor((0.5, 0.05), Units::Normalised), None, "the sky");
        let view = west.view(30.0).expect("calibrated");
        let near = west.on_floor((0.5, 1.0), Units::Normalised).expect("the floor");
        assert!(view.iter().all(|(x, y)| (x - near.0).hypot(y - near.1) < 60.0), "{view:?}");
        assert_eq!(CameraLayout { homography: None, ..west.clone() }.view(30.0), None);
        assert_eq!(CameraLayout { size: None, ..west }.view(30.0), None);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        let zone = |change: &dyn Fn(&mut ZoneRule)| {
            let mut layout = west();
            change(&mut layout.zones[0]);
            layout
        };
        let rows = [
            (CameraLayout { purpose: "x".repeat(501), ..west() }, "purpose: is longer"),
            (CameraLayout { purpose: "a\u{7}".to_owned(), ..west() }, "purpose: is longer"),
            (CameraLayout { size: Some((0, 9)), ..west() }, "size: "),
            (CameraLayout { homography: Some([f64::NAN; 9]), ..west() }, "homography: cannot"),
            (CameraLayout { homography: None, ..west() }, "control: metres need"),
            (CameraLayout { zones: vec![west().zones[0].clone(); 33], ..west() }, "zones: are more than 32"),
            (CameraLayout { models: vec![String::new(); 17], ..west() }, "models: are more than 16"),
            (zone(&|z| z.purpose = ZoneUse::Interior), "control: the inside of a restroom"),
            (zone(&|z| z.polygon[0].0 = f64::INFINITY), "control: has more than 256"),
            (zone(&|z| z.polygon.truncate(2)), "control: the polygon has no area"),
            (zone(&|z| z.dwell_max_s = Some(f64::NAN)), "control: its longest stay"),
            (zone(&|z| z.id = "y".repeat(200)), "name: is longer"),
        ];
        for (layout, expected) in rows {
            let error = layout.check().expect_err(expected).to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
