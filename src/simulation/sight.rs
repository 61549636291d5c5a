//! What a camera sees of the hall at a moment, exactly: boxes, and how much of each is hidden.

use super::camera::Pinhole;
use super::hall::{Body, Held, Presence};
use super::scenario::{Point, Scenario};
use super::truth::Subject;
use crate::frame::{BBox, ObjectClass};
use crate::geometry::{Handedness, Line, Polygon};

/// Share of a box's sides that its body covers: what stands behind its corners is seen.
const BODY_SHARE: f64 = 0.8;
/// Points of a box that are looked at, across and down, to find out how much of it is hidden.
const LOOKS: (u32, u32) = (4, 8);
/// Width of a person with the arms, metres.
const BODY_WIDTH_M: f64 = 0.55;
/// Length and height of somebody lying, metres.
const LYING_M: (f64, f64) = (1.5, 0.45);
/// Smallest side of a box that counts as a sighting, pixels.
const SIDE_MIN_PX: f64 = 4.0;

/// A person or bag in a camera's view, exactly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sighting {
    /// Who or what.
    pub subject: Subject,
    /// What kind.
    pub class: ObjectClass,
    /// The part of its box inside the picture, pixels.
    pub bbox: BBox,
    /// Where it stands, metres.
    pub floor: Point,
    /// Distance along the line of sight, metres.
    pub depth: f64,
    /// Share of the whole box that is inside the picture and not hidden by something nearer, 0 to 1.
    pub visible: f64,
}

/// What never changes in a hall.
#[derive(Debug, Clone)]
pub(super) struct Surroundings {
    heights: Vec<f64>,
    kinds: Vec<ObjectClass>,
    walls: Vec<Line>,
    blind: Vec<Polygon>,
}

impl Surroundings {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let blind = scenario.zones.iter().filter(|z| z.blind);
        let wall = |w: &super::Wall| Line::new(w.from, w.to, Handedness::Plan);
        Self {
            heights: scenario.people.iter().map(|p| p.height_m).collect(),
            kinds: scenario.bags.iter().map(|b| b.kind).collect(),
            walls: scenario.walls.iter().filter_map(wall).collect(),
            blind: blind.filter_map(|z| Polygon::new(z.polygon.clone())).collect(),
        }
    }

    fn hides(&self, eye: Point, at: Point) -> bool {
        self.walls.iter().any(|w| w.crossed_by(eye, at)) || self.blind.iter().any(|zone| zone.contains(at.0, at.1))
    }

    /// Everything in view, the nearest first.
    pub(super) fn sightings(&self, eye: &Pinhole, bodies: &[Body], bags: &[Held]) -> Vec<Sighting> {
        let people = bodies.iter().zip(&self.heights).enumerate().filter(|(_, (b, _))| b.presence == Presence::Here);
        let people = people.filter_map(|(i, (body, height))| self.person(eye, i, body, *height));
        let bags = bags.iter().zip(&self.kinds).enumerate();
        let bags = bags.filter_map(|(i, (held, kind))| self.bag(eye, i, *held, *kind, bodies));
        let mut seen: Vec<Sighting> = people.chain(bags).collect();
        seen.sort_by(|a, b| a.depth.total_cmp(&b.depth).then(a.subject.cmp(&b.subject)));
        for i in 1..seen.len() {
            let (nearer, rest) = seen.split_at_mut(i);
            rest[0].visible *= 1.0 - hidden(&rest[0].bbox, nearer);
        }
        seen
    }

    fn person(&self, eye: &Pinhole, index: usize, body: &Body, height: f64) -> Option<Sighting> {
        let mix = |upright: f64, lying: f64| upright + (lying - upright) * body.lying;
        let size = (mix(height, LYING_M.1), mix(BODY_WIDTH_M, LYING_M.0));
        self.sighting(eye, Subject::Person(index), ObjectClass::Person, body.at, (0.0, size.0, size.1))
    }

    fn bag(&self, eye: &Pinhole, index: usize, held: Held, kind: ObjectClass, bodies: &[Body]) -> Option<Sighting> {
        let shape = Shape::of(kind);
        let (at, base) = match held {
            Held::Away => return None,
            Held::Floor(at) => (at, 0.0),
            Held::By(person) => {
                let body = bodies.get(person).filter(|b| b.presence == Presence::Here)?;
                let ((hx, hy), (ahead, left)) = (body.heading, shape.carried_at);
                let at = (body.at.0 + hx * ahead - hy * left, body.at.1 + hy * ahead + hx * left);
                (at, shape.carried_m * (1.0 - body.lying))
            }
        };
        self.sighting(eye, Subject::Bag(index), kind, at, (base, shape.height_m, shape.width_m))
    }

    fn sighting(
        &self,
        eye: &Pinhole,
        subject: Subject,
        class: ObjectClass,
        floor: Point,
        (base, height, width): (f64, f64, f64),
    ) -> Option<Sighting> {
        let (whole, depth) = eye.upright(floor, base, height, width)?;
        let bbox = whole.clipped(eye.size.0 as u32, eye.size.1 as u32)?;
        let seen = bbox.w >= SIDE_MIN_PX && bbox.h >= SIDE_MIN_PX && !self.hides(eye.floor(), floor);
        let visible = bbox.area() / whole.area();
        seen.then_some(Sighting { subject, class, bbox, floor, depth, visible })
    }
}

/// How a bag looks and where its carrier has it.
struct Shape {
    height_m: f64,
    width_m: f64,
    /// Above the floor.
    carried_m: f64,
    /// Ahead of the carrier, and to the left.
    carried_at: (f64, f64),
}

impl Shape {
    fn of(kind: ObjectClass) -> Self {
        match kind {
            ObjectClass::Backpack => Self { height_m: 0.5, width_m: 0.35, carried_m: 0.95, carried_at: (-0.2, 0.0) },
            ObjectClass::Handbag => Self { height_m: 0.3, width_m: 0.35, carried_m: 0.5, carried_at: (0.0, -0.35) },
            _ => Self { height_m: 0.65, width_m: 0.45, carried_m: 0.0, carried_at: (-0.5, -0.2) },
        }
    }
}

/// Share of a box behind what is nearer.
fn hidden(bbox: &BBox, nearer: &[Sighting]) -> f64 {
    let before: Vec<BBox> = nearer.iter().map(|s| body(&s.bbox)).filter(|b| b.intersection(bbox) > 0.0).collect();
    if before.is_empty() {
        return 0.0;
    }
    let place = |from: f64, side: f64, i: u32, n: u32| from + side * (f64::from(i) + 0.5) / f64::from(n);
    let looks = (0..LOOKS.0).flat_map(|i| (0..LOOKS.1).map(move |j| (i, j)));
    let covered = looks.filter(|(i, j)| {
        let (x, y) = (place(bbox.x, bbox.w, *i, LOOKS.0), place(bbox.y, bbox.h, *j, LOOKS.1));
        before.iter().any(|b| x >= b.x && x < b.right() && y >= b.y && y < b.bottom())
    });
    covered.count() as f64 / f64::from(LOOKS.0 * LOOKS.1)
}

fn body(b: &BBox) -> BBox {
    let w = b.w * BODY_SHARE;
    BBox { x: b.x + (b.w - w) / 2.0, w, ..*b }
}
