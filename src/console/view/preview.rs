//! The Camera view's picture: the newest small still with its boxes, and what lies over it.

use maud::{Markup, html};

use super::ground::written;
use super::marks::{moment, path};
use crate::behaviour::Units;
use crate::console::stills::Still;
use crate::console::words::{Lang, Word};
use crate::edge::{CameraLayout, mask_units};
use crate::frame::ObjectClass;
use crate::wire::{WireEnum, v1};

/// Width of the drawing, units.
pub const WIDTH: f64 = 1_000.0;
/// Most boxes drawn.
const BOXES_MAX: usize = 200;

/// What came of looking.
#[derive(Debug, Default)]
pub enum Looked {
    /// Nobody asked.
    #[default]
    Not,
    /// A still that may be shown, and what was tracked in it.
    Still(Still, v1::PreviewScene),
    /// Why there is none.
    Refused(String),
}

/// The stage: still, boxes, what is drawn already, and the new drawing.
#[must_use]
pub fn stage(looked: &Looked, layout: Option<&CameraLayout>, camera: &str, lang: Lang) -> Markup {
    let height = height(layout);
    html! {
        form.look #look method="post" action={ "/camera/" (path(camera)) "/preview" } {
            p.quiet { (Word::PreviewHint.in_(lang)) }
            div.switch {
                button.main #look-start data-key="l" { (Word::LookThrough.in_(lang)) kbd aria-hidden="true" { "l" } }
                button #look-stop type="button" hidden data-key="l" { (Word::StopLooking.in_(lang)) kbd aria-hidden="true" { "l" } }
            }
        }
        div.stage {
            (picture(looked, lang))
            div.drawing #drawing tabindex="0" role="application" aria-label=(Word::DrawingArea.in_(lang)) {
                svg.stage-drawing viewBox={ "0 0 " (WIDTH) " " (written(height)) } aria-hidden="true" focusable="false" {
                    @if let Some(layout) = layout { (drawn(layout, height)) }
                    path #sketch d="" {}
                    path #sketch-points d="" {}
                    path #cross d="" {}
                }
            }
        }
    }
}

/// Height of the drawing, units: as the picture is, or as most are.
fn height(layout: Option<&CameraLayout>) -> f64 {
    let (w, h) = layout.and_then(|layout| layout.size).unwrap_or((16, 9));
    WIDTH * f64::from(h) / f64::from(w.max(1))
}

/// The still, or why there is none.
#[must_use]
pub fn picture(looked: &Looked, lang: Lang) -> Markup {
    match looked {
        Looked::Not => html! { div.preview #preview {} },
        Looked::Refused(why) => html! { div.preview #preview { p.banner.lost role="alert" { (why) } } },
        Looked::Still(still, scene) => html! {
            div.preview #preview {
                img.preview-still src=(still.url) alt=(Word::PreviewStill.in_(lang));
                svg.stage-drawing viewBox={ "0 0 " (still.width) " " (still.height) } preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                    @for one in scene.boxes.iter().take(BOXES_MAX) { (boxed(one, still)) }
                }
                p.preview-said {
                    @if let Some(at) = still.at { (moment(at)) " · " }
                    (scene.width) "×" (scene.height)
                    @if scene.frames_per_second > 0.0 && scene.frames_per_second.is_finite() { " · " (format!("{:.1}", scene.frames_per_second)) " fps" }
                }
            }
        },
    }
}

/// A tracked person, face or bag; a bag's box is dashed.
fn boxed(one: &v1::PreviewBox, still: &Still) -> Markup {
    let Some(b) = one.r#box.filter(|b| [b.x, b.y, b.w, b.h].iter().all(|v| v.is_finite() && v.abs() < 1e5)) else {
        return html! {};
    };
    let class = ObjectClass::from_wire(one.class).unwrap_or(ObjectClass::Person);
    let kind = if matches!(class, ObjectClass::Person | ObjectClass::Face) { "person" } else { "bag" };
    let size = f64::from(still.width) / 40.0;
    html! {
        rect.tracked data-class=(kind) x=(written(b.x)) y=(written(b.y)) width=(written(b.w.max(0.0))) height=(written(b.h.max(0.0))) {}
        text.tracked-name x=(written(b.x)) y=(written((b.y - size * 0.25).max(size))) font-size=(written(size)) { "T" (one.track) }
    }
}

/// Zones, lines and masks as configured.
fn drawn(layout: &CameraLayout, height: f64) -> Markup {
    let at = |p: (f64, f64), units: Units| {
        let place = layout.in_picture(p, units).filter(|(u, v)| u.abs() < 20.0 && v.abs() < 20.0);
        place.map(|(u, v)| (u * WIDTH, v * height))
    };
    let closed = |polygon: &[(f64, f64)], units: Units| {
        let corners: Option<Vec<_>> = polygon.iter().map(|p| at(*p, units)).collect();
        corners.map(|corners| {
            let path = corners
                .iter()
                .enumerate()
                .map(|(i, (x, y))| format!("{}{} {}", if i == 0 { 'M' } else { 'L' }, written(*x), written(*y)));
            (path.collect::<String>() + "Z", corners.first().copied().unwrap_or_default())
        })
    };
    let inside = |v: f64, most: f64| written(v.clamp(4.0, most - 60.0));
    let named = |id: &str, (x, y): (f64, f64)| {
        html! { text.stage-name x=(inside(x, WIDTH)) y=(inside(y + 20.0, height + 50.0)) font-size="20" { (id) } }
    };
    html! {
        @for mask in &layout.masks {
            @if let Some((path, corner)) = closed(&mask.polygon, mask_units(mask.units)) { path.stage-mask d=(path) {} (named(&mask.id, corner)) }
        }
        @for zone in &layout.zones {
            @if let Some((path, corner)) = closed(&zone.polygon, zone.units) { path.zone d=(path) {} (named(&zone.id, corner)) }
        }
        @for line in &layout.lines {
            @if let (Some((ax, ay)), Some((bx, by))) = (at(line.from, line.units), at(line.to, line.units)) {
                path.crossing d={ "M" (written(ax)) " " (written(ay)) "L" (written(bx)) " " (written(by)) } {}
                (named(&line.id, (bx, by)))
            }
        }
    }
}
