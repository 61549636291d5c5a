//! The part of the plan that stands still: fields of view, zones, lines and the ways between views.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::behaviour::ZoneUse;
use crate::console::board::Board;
use crate::console::plan::Floor;
use crate::console::words::{Lang, Say, Word};
use crate::geometry::Polygon;

/// Drawing units a metre.
const SCALE: f64 = 20.0;
/// Further away than this from its nearest part a view is not drawn, metres: people there are a few pixels.
const REACH_M: f64 = 20.0;
/// Free space around everything, metres.
const MARGIN_M: f64 = 1.5;
/// A floor beyond this is a mistake of a calibration, metres; such views are left out of the drawing.
const FLOOR_MAX_M: f64 = 2_000.0;
/// Letters are this part of the drawing's longer side.
const TEXT_SHARE: f64 = 1.0 / 52.0;
/// Most ways drawn; the list has more.
const WAYS_MAX: usize = 100;

type Point = (f64, f64);

/// The sheet that the plan is drawn on.
pub struct Sheet {
    low: Point,
    high: Point,
    /// Fields of view by camera, metres.
    views: BTreeMap<String, Vec<Point>>,
    /// Height of letters, drawing units.
    pub text: f64,
}

impl Sheet {
    /// Large enough for everything with a place; `None` where nothing has one.
    #[must_use]
    pub fn of(floor: &Floor) -> Option<Self> {
        let mut views = BTreeMap::new();
        let mut corners: Vec<Point> = Vec::new();
        for (name, layout) in &floor.layouts {
            if let Some(view) = layout.view(REACH_M).filter(|view| view.iter().all(near)) {
                corners.extend(&view);
                views.insert(name.clone(), view);
            }
            for zone in &layout.zones {
                corners.extend(zone.polygon.iter().filter_map(|p| layout.on_floor(*p, zone.units)).filter(near));
            }
        }
        let (mut low, mut high) = ((f64::MAX, f64::MAX), (f64::MIN, f64::MIN));
        for (x, y) in corners {
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
        }
        if low.0 >= high.0 || low.1 >= high.1 {
            return None;
        }
        let (low, high) = ((low.0 - MARGIN_M, low.1 - MARGIN_M), (high.0 + MARGIN_M, high.1 + MARGIN_M));
        let text = (high.0 - low.0).max(high.1 - low.1) * SCALE * TEXT_SHARE;
        Some(Self { low, high, views, text })
    }

    /// Where a place of the floor is drawn; y points up on a floor plan.
    #[must_use]
    pub fn at(&self, (x, y): Point) -> Point {
        let inside = |v: f64, low: f64, high: f64| v.clamp(low, high);
        let (x, y) = (inside(x, self.low.0, self.high.0), inside(y, self.low.1, self.high.1));
        ((x - self.low.0) * SCALE, (self.high.1 - y) * SCALE)
    }

    /// For `viewBox`.
    #[must_use]
    pub fn view_box(&self) -> String {
        let (w, h) = ((self.high.0 - self.low.0) * SCALE, (self.high.1 - self.low.1) * SCALE);
        format!("0 0 {} {}", written(w), written(h))
    }

    /// Where the middle of a camera's view is drawn.
    #[must_use]
    pub fn middle(&self, camera: &str) -> Option<Point> {
        self.views.get(camera).map(|view| self.at(middle(view)))
    }

    fn path(&self, corners: &[Point]) -> String {
        let mut path = String::new();
        for (i, corner) in corners.iter().enumerate() {
            let (x, y) = self.at(*corner);
            path.push_str(&format!("{}{} {}", if i == 0 { 'M' } else { 'L' }, written(x), written(y)));
        }
        path.push('Z');
        path
    }
}

/// A drawing's number: tenths are enough.
#[must_use]
pub fn written(value: f64) -> String {
    format!("{value:.1}")
}

fn near((x, y): &Point) -> bool {
    x.abs() <= FLOOR_MAX_M && y.abs() <= FLOOR_MAX_M
}

fn middle(corners: &[Point]) -> Point {
    let sum = corners.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
    let count = corners.len().max(1) as f64;
    (sum.0 / count, sum.1 / count)
}

/// How far apart two views are on the floor, metres; `None` where they meet or one is not known.
#[must_use]
pub fn gap(floor: &Floor, a: &str, b: &str) -> Option<f64> {
    let view = |name: &str| floor.layouts.get(name).and_then(|layout| layout.view(REACH_M));
    let (a, b) = (view(a)?, view(b)?);
    let (one, two) = (Polygon::new(a.clone())?, Polygon::new(b.clone())?);
    if a.iter().any(|(x, y)| two.contains(*x, *y)) || b.iter().any(|(x, y)| one.contains(*x, *y)) {
        return None;
    }
    let from_a = a.iter().map(|(x, y)| two.edge_distance(*x, *y));
    let from_b = b.iter().map(|(x, y)| one.edge_distance(*x, *y));
    from_a.chain(from_b).reduce(f64::min)
}

/// The drawing.
#[must_use]
pub fn ground(board: &Board, sheet: Option<&Sheet>, lang: Lang) -> Markup {
    let Some(sheet) = sheet else {
        return html! { div #plan-ground { p.quiet { (Word::NothingCalibrated.in_(lang)) } } };
    };
    let size = written(sheet.text);
    html! {
        svg #plan-ground viewBox=(sheet.view_box()) role="img" aria-label=(Word::FloorDescription.in_(lang)) {
            (grid(sheet))
            @for (name, view) in &sheet.views {
                @let sees = board.cameras.get(name).is_none_or(|camera| camera.online && !camera.covered);
                path class=(if sees { "seen" } else { "unseen" }) d=(sheet.path(view)) {}
            }
            (zones(&board.floor, sheet))
            (lines(&board.floor, sheet))
            (ways(&board.floor, sheet, lang))
            @for (name, view) in &sheet.views {
                @let (x, y) = sheet.at(middle(view));
                text.view-name x=(written(x)) y=(written(y)) font-size=(size) text-anchor="middle" { (name) }
            }
        }
    }
}

/// A line every few metres, with its number at the edge.
fn grid(sheet: &Sheet) -> Markup {
    let longer = (sheet.high.0 - sheet.low.0).max(sheet.high.1 - sheet.low.1);
    let step =
        [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 500.0].into_iter().find(|s| longer / s <= 12.0).unwrap_or(1_000.0);
    let marks = |low: f64, high: f64| {
        let first = (low / step).ceil() as i64;
        (first..=(high / step).floor() as i64).map(move |n| n as f64 * step)
    };
    let (left, bottom) = sheet.at(sheet.low);
    let (right, top) = sheet.at(sheet.high);
    let (small, pad) = (written(sheet.text * 0.75), sheet.text * 0.3);
    html! {
        g.grid {
            @for x in marks(sheet.low.0, sheet.high.0) {
                @let at = written(sheet.at((x, 0.0)).0);
                line x1=(at) y1=(written(top)) x2=(at) y2=(written(bottom)) {}
                text x=(at) y=(written(bottom - pad)) font-size=(small) text-anchor="middle" { (x) " m" }
            }
            @for y in marks(sheet.low.1, sheet.high.1) {
                @let at = sheet.at((0.0, y)).1;
                line x1=(written(left)) y1=(written(at)) x2=(written(right)) y2=(written(at)) {}
                @if at > sheet.text { text x=(written(left + pad)) y=(written(at - pad)) font-size=(small) { (y) " m" } }
            }
        }
    }
}

/// Zones, each once though several cameras see it.
fn zones(floor: &Floor, sheet: &Sheet) -> Markup {
    let mut drawn: BTreeMap<(String, String), (&'static str, Point)> = BTreeMap::new();
    for layout in floor.layouts.values() {
        for zone in &layout.zones {
            let corners: Option<Vec<Point>> =
                zone.polygon.iter().map(|p| layout.on_floor(*p, zone.units).filter(near)).collect();
            let Some(corners) = corners else { continue };
            let purpose = match zone.purpose {
                ZoneUse::Hall => "hall",
                ZoneUse::Control => "control",
                ZoneUse::OneWay => "one-way",
                ZoneUse::RestroomEntrance | ZoneUse::Interior => "entrance",
            };
            let (_, top) = corners.iter().fold((0.0, f64::MIN), |(_, t), (_, y)| (0.0, y.max(t)));
            let label = (middle(&corners).0, top);
            drawn.insert((zone.id.clone(), sheet.path(&corners)), (purpose, sheet.at(label)));
        }
    }
    let size = written(sheet.text * 0.85);
    html! {
        @for ((id, path), (purpose, (x, y))) in &drawn {
            path.zone data-use=(purpose) d=(path) {}
            text.zone-name x=(written(*x)) y=(written(y + sheet.text)) font-size=(size) text-anchor="middle" { (id) }
        }
    }
}

/// Lines, with a tick to the side that is `in`: to the right of whoever looks from the first point to the second.
fn lines(floor: &Floor, sheet: &Sheet) -> Markup {
    let mut drawn: BTreeMap<(String, String), Point> = BTreeMap::new();
    for layout in floor.layouts.values() {
        for line in &layout.lines {
            let ends = (layout.on_floor(line.from, line.units), layout.on_floor(line.to, line.units));
            let (Some(from), Some(to)) = ends else { continue };
            if !near(&from) || !near(&to) {
                continue;
            }
            let ((ax, ay), (bx, by)) = (sheet.at(from), sheet.at(to));
            let (mx, my) = (f64::midpoint(ax, bx), f64::midpoint(ay, by));
            let length = (bx - ax).hypot(by - ay).max(1e-9);
            // The drawing's y points down: there, right of the direction (dx, dy) is (-dy, dx).
            let (rx, ry) = (-(by - ay) / length, (bx - ax) / length);
            let tick = sheet.text;
            let path = format!(
                "M{} {}L{} {}M{} {}L{} {}",
                written(ax),
                written(ay),
                written(bx),
                written(by),
                written(mx),
                written(my),
                written(mx + tick * rx),
                written(my + tick * ry)
            );
            drawn.insert((line.id.clone(), path), (bx, by));
        }
    }
    let size = written(sheet.text * 0.85);
    html! {
        @for ((id, path), (x, y)) in &drawn {
            path.crossing d=(path) {}
            text.zone-name x=(written(*x)) y=(written(y - sheet.text * 0.3)) font-size=(size) text-anchor="middle" { (id) }
        }
    }
}

/// Ways that no camera sees.
fn ways(floor: &Floor, sheet: &Sheet, lang: Lang) -> Markup {
    let size = written(sheet.text * 0.85);
    let drawn = floor.ways.iter().filter(|way| !floor.overlap(&way.from, &way.to)).take(WAYS_MAX);
    html! {
        @for way in drawn {
            @if let (Some((ax, ay)), Some((bx, by))) = (sheet.middle(&way.from), sheet.middle(&way.to)) {
                path.way d={ "M" (written(ax)) " " (written(ay)) "L" (written(bx)) " " (written(by)) } {}
                text.way-text x=(written(ax + 0.6 * (bx - ax))) y=(written(ay + 0.6 * (by - ay))) font-size=(size) text-anchor="middle" {
                    "→ " (way.to) " " (format!("{:.0}", way.seconds)) (lang.pick((" s", "초")))
                }
            }
        }
    }
}

/// The use of a zone in words.
impl Say for ZoneUse {
    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Hall => ("part of the hall", "홀 구역"),
            Self::Control => ("control point", "검사대"),
            Self::OneWay => ("one way only", "일방통행"),
            Self::RestroomEntrance => ("restroom entrance", "화장실 입구"),
            Self::Interior => ("restroom interior", "화장실 내부"),
        }
    }
}
