//! The rules of a camera as configured: zones, lines and the parameters of every behaviour.

use serde::{Deserialize, Serialize};

use super::approach::ApproachSettings;
use super::border::BorderSettings;
use super::companions::CompanionSettings;
use super::counter_flow::CounterFlowSettings;
use super::crossing::CrossingSettings;
use super::crowding::CrowdingSettings;
use super::custody::CustodySettings;
use super::fall::FallSettings;
use super::loitering::LoiteringSettings;
use super::motion::MotionSettings;
use super::plane::Plane;
use super::restroom::RestroomSettings;
use super::running::RunningSettings;
use super::schedule::Schedule;
use super::visit::VisitSettings;
use crate::geometry::{Homography, Line, Polygon};
use crate::tracking::CarrierSettings;

/// Most zones, and most lines, of a camera.
pub const AREAS_MAX: usize = 32;

/// Everything that the behaviours of one camera need to know.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Look for what needs no zone or line, too, where none is drawn: running, falls, companions, bags.
    pub everywhere: bool,
    /// Zones.
    #[serde(rename = "zone", skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<ZoneRule>,
    /// Lines.
    #[serde(rename = "line", skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineRule>,
    /// From pixels to floor metres, row by row. Without it, lengths are judged by how tall people look.
    pub floor: Option<[f64; 9]>,
    /// Paths.
    pub motion: MotionSettings,
    /// Being in a zone.
    pub visit: VisitSettings,
    /// Staying long.
    pub loitering: LoiteringSettings,
    /// Against the direction.
    pub counter_flow: CounterFlowSettings,
    /// Running.
    pub running: RunningSettings,
    /// Turning back before control, and hesitating there.
    pub approach: ApproachSettings,
    /// Lines and gates.
    pub crossing: CrossingSettings,
    /// Walking together and parting.
    pub companions: CompanionSettings,
    /// Too many people.
    pub crowding: CrowdingSettings,
    /// Falling.
    pub fall: FallSettings,
    /// Keeping to the border of the view.
    pub border: BorderSettings,
    /// Who is likely to have a bag ...
    pub carriers: CarrierSettings,
    /// ... and what goes into the ledger of it.
    pub custody: CustodySettings,
    /// Restroom entrances.
    pub restroom: RestroomSettings,
}

/// What the numbers of a polygon or line are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Units {
    /// Shares of the picture's width and height, 0 to 1.
    #[default]
    Normalised,
    /// Pixels of the full frame.
    Pixels,
    /// Metres on the floor; needs a calibration.
    Metres,
}

/// What a zone is for; it decides which behaviours look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneUse {
    /// A part of the hall: dwell, crowding.
    #[default]
    Hall,
    /// A control point: reversal, hesitation and parting before it.
    Control,
    /// People walk in one direction.
    OneWay,
    /// The threshold of a restroom's door. Only the entrance: what lies behind it is never watched.
    RestroomEntrance,
    /// The inside of a restroom: refused.
    Interior,
}

/// Which point of a box must be inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// The middle of the bottom edge, smoothed.
    #[default]
    Foot,
    /// The middle of the box; only in the picture.
    Centre,
}

/// A zone as configured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneRule {
    /// Its name.
    pub id: String,
    /// Its corners in order.
    pub polygon: Vec<(f64, f64)>,
    /// What the numbers are.
    #[serde(default)]
    pub units: Units,
    /// What it is for.
    #[serde(default, rename = "use")]
    pub purpose: ZoneUse,
    /// Which point of a box counts.
    #[serde(default)]
    pub anchor: Anchor,
    /// The direction of a one-way zone: from a point to a point, in the same units.
    #[serde(default)]
    pub direction: Option<[(f64, f64); 2]>,
    /// Nobody stays longer than this here without a reason, seconds; without it, nobody loiters here.
    #[serde(default)]
    pub dwell_max_s: Option<f64>,
    /// At most so many people; without it, it is never crowded.
    #[serde(default)]
    pub people_max: Option<u32>,
    /// Times of day at which it counts, UTC, e.g. `["05:30-09:00", "22:00-01:00"]`; empty: always.
    #[serde(default)]
    pub active: Vec<Schedule>,
}

/// A line as configured. Stand at the first point and look at the second: from left to right is `in`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineRule {
    /// Its name.
    pub id: String,
    /// The first point.
    pub from: (f64, f64),
    /// The second.
    pub to: (f64, f64),
    /// What the numbers are.
    #[serde(default)]
    pub units: Units,
    /// People pass here one by one: two at once are told.
    #[serde(default)]
    pub gate: bool,
    /// Times of day at which it counts, UTC; empty: always.
    #[serde(default)]
    pub active: Vec<Schedule>,
}

/// Why rules cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{id}: {problem}")]
pub struct RuleError {
    /// The zone or line.
    pub id: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// A zone on the plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// As configured.
    pub rule: ZoneRule,
    /// On the plane.
    pub polygon: Polygon,
    /// The polygon in pixels, for zones that look at the middle of a box.
    pub picture: Option<Polygon>,
    /// Unit vector on the plane.
    pub direction: Option<(f64, f64)>,
}

/// A line on the plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// As configured.
    pub rule: LineRule,
    /// On the plane.
    pub line: Line,
}

/// The rules on the plane of a picture of a known size.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Where people are.
    pub plane: Plane,
    /// Zones.
    pub areas: Vec<Area>,
    /// Lines.
    pub gates: Vec<Gate>,
}

impl Rules {
    /// Whether there is anything to look for.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.everywhere || !self.zones.is_empty() || !self.lines.is_empty()
    }

    /// The zones and lines on the plane.
    ///
    /// # Errors
    /// [`RuleError`] for a zone or line that cannot be used in a picture of `size` pixels.
    pub fn layout(&self, size: (f64, f64)) -> Result<Layout, RuleError> {
        let wrong = |problem| RuleError { id: "floor".to_owned(), problem };
        let floor = match self.floor {
            Some(rows) => Some(Homography::new(rows).ok_or(wrong("the map cannot be inverted"))?),
            None => None,
        };
        if self.zones.len() > AREAS_MAX || self.lines.len() > AREAS_MAX {
            return Err(RuleError { id: "rules".to_owned(), problem: "more than 32 zones or lines" });
        }
        let plane = Plane::new(floor, size);
        let areas = self.zones.iter().map(|rule| area(rule, &plane)).collect::<Result<_, _>>()?;
        let gates = self.lines.iter().map(|rule| gate(rule, &plane)).collect::<Result<_, _>>()?;
        Ok(Layout { plane, areas, gates })
    }
}

fn area(rule: &ZoneRule, plane: &Plane) -> Result<Area, RuleError> {
    let wrong = |problem| RuleError { id: rule.id.clone(), problem };
    if rule.purpose == ZoneUse::Interior {
        return Err(wrong("the inside of a restroom is never watched: draw the entrance alone"));
    }
    let corners = rule.polygon.iter().map(|p| on_plane(*p, rule.units, plane).map_err(wrong));
    let polygon = Polygon::new(corners.collect::<Result<_, _>>()?).ok_or(wrong("the polygon has no area"))?;
    let picture = match (rule.anchor, rule.units) {
        (Anchor::Foot, _) => None,
        (Anchor::Centre, Units::Metres) => return Err(wrong("the middle of a box is not on the floor: use pixels")),
        (Anchor::Centre, units) => Polygon::new(rule.polygon.iter().map(|p| pixels(*p, units, plane)).collect()),
    };
    let direction = match rule.direction {
        Some([from, to]) => {
            let from = on_plane(from, rule.units, plane).map_err(wrong)?;
            let to = on_plane(to, rule.units, plane).map_err(wrong)?;
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            let length = dx.hypot(dy);
            if length <= 0.0 || !length.is_finite() {
                return Err(wrong("the direction has no length"));
            }
            Some((dx / length, dy / length))
        }
        None if rule.purpose == ZoneUse::OneWay => return Err(wrong("a one-way zone needs a direction")),
        None => None,
    };
    Ok(Area { rule: rule.clone(), polygon, picture, direction })
}

fn gate(rule: &LineRule, plane: &Plane) -> Result<Gate, RuleError> {
    let wrong = |problem| RuleError { id: rule.id.clone(), problem };
    let from = on_plane(rule.from, rule.units, plane).map_err(wrong)?;
    let to = on_plane(rule.to, rule.units, plane).map_err(wrong)?;
    let line = Line::new(from, to, plane.handedness()).ok_or(wrong("the two points are the same"))?;
    Ok(Gate { rule: rule.clone(), line })
}

fn pixels((x, y): (f64, f64), units: Units, plane: &Plane) -> (f64, f64) {
    match units {
        Units::Normalised => (x * plane.size().0, y * plane.size().1),
        Units::Pixels | Units::Metres => (x, y),
    }
}

fn on_plane(p: (f64, f64), units: Units, plane: &Plane) -> Result<(f64, f64), &'static str> {
    match units {
        Units::Metres if plane.is_floor() => Ok(p),
        Units::Metres => Err("metres need the camera's homography"),
        Units::Normalised | Units::Pixels => {
            let (x, y) = pixels(p, units, plane);
            plane.point(x, y).ok_or("a corner lies above the horizon")
        }
    }
}
