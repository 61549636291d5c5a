//! The Camera view's drawing: the form beside the picture, and the table that came of it.

use maud::{Markup, html};

use super::marks::path;
use crate::behaviour::ZoneUse;
use crate::console::editor::DrawForm;
use crate::console::words::{Lang, Say, Word};
use crate::edge::CameraLayout;

/// What came of a drawing: the table, or what is wrong with it.
pub type Made = Result<String, Vec<String>>;

const KINDS: [(&str, Word); 3] = [("zone", Word::AZone), ("line", Word::ALine), ("mask", Word::AMask)];
const USES: [(&str, ZoneUse); 4] = [
    ("hall", ZoneUse::Hall),
    ("control", ZoneUse::Control),
    ("one_way", ZoneUse::OneWay),
    ("restroom_entrance", ZoneUse::RestroomEntrance),
];
const UNITS: [(&str, Word); 3] =
    [("normalised", Word::UnitsShares), ("pixels", Word::UnitsPixels), ("metres", Word::UnitsMetres)];

/// The form with what was sent last.
#[must_use]
pub fn editor(camera: &str, layout: Option<&CameraLayout>, form: &DrawForm, made: Option<&Made>, lang: Lang) -> Markup {
    let calibrated = layout.is_some_and(|layout| layout.homography.is_some());
    html! {
        p.quiet { (Word::DrawHint.in_(lang)) }
        form.draw #draw method="post" action={ "/camera/" (path(camera)) "/draw" } {
            label for="draw-kind" { (Word::DrawWhat.in_(lang)) }
            select #draw-kind name="kind" {
                @for (code, word) in KINDS { option value=(code) selected[form.kind == code] { (word.in_(lang)) } }
            }
            label for="draw-name" { (Word::Name.in_(lang)) }
            input #draw-name name="name" value=(form.name) maxlength="64" autocomplete="off" required;
            label for="draw-use" { (Word::UseOfZone.in_(lang)) }
            select #draw-use name="use" aria-describedby="draw-direction" {
                @for (code, purpose) in USES { option value=(code) selected[form.purpose == code] { (purpose.say(lang)) } }
            }
            label for="draw-units" { (Word::UnitsOf.in_(lang)) }
            select #draw-units name="units" {
                @for (code, word) in UNITS.iter().filter(|(code, _)| calibrated || *code != "metres") {
                    option value=(code) selected[form.units == *code] { (word.in_(lang)) }
                }
            }
            label.check { input type="checkbox" name="gate" checked[form.gate.is_some()]; (Word::GatePeople.in_(lang)) }
            p.quiet #draw-direction { (Word::DirectionPoints.in_(lang)) }
            label.wide for="draw-points" { (Word::Points.in_(lang)) }
            textarea.wide #draw-points name="points" rows="5" spellcheck="false" autocomplete="off" { (form.points) }
            div.switch.wide {
                button.main { (Word::MakeTable.in_(lang)) }
                button #draw-clear type="button" { (Word::ClearPoints.in_(lang)) }
            }
        }
        (result(made, lang))
    }
}

/// The table for the file, or what is wrong.
#[must_use]
pub fn result(made: Option<&Made>, lang: Lang) -> Markup {
    html! {
        div #drawn role="status" {
            @match made {
                None => {}
                Some(Ok(table)) => {
                    p { (Word::ForTheFile.in_(lang)) }
                    pre.table tabindex="0" { code { (table) } }
                }
                Some(Err(faults)) => {
                    p.banner.lost { (Word::NotUsable.in_(lang)) " " @for fault in faults { (fault) " " } }
                }
            }
        }
    }
}

/// What is drawn already, as a list.
#[must_use]
pub fn known(layout: Option<&CameraLayout>, lang: Lang) -> Markup {
    let Some(layout) = layout else { return html! { p.quiet { (Word::NotDescribed.in_(lang)) } } };
    let nothing = layout.zones.is_empty() && layout.lines.is_empty() && layout.masks.is_empty();
    html! {
        h3 { (Word::Drawn.in_(lang)) }
        @if nothing { p.quiet { (Word::NothingDrawn.in_(lang)) } }
        @else {
            ul {
                @for zone in &layout.zones { li { strong { (zone.id) } " · " (Word::AZone.in_(lang)) " · " (zone.purpose.say(lang)) } }
                @for line in &layout.lines { li { strong { (line.id) } " · " (Word::ALine.in_(lang)) @if line.gate { " · " (Word::GatePeople.in_(lang)) } } }
                @for mask in &layout.masks { li { strong { (mask.id) } " · " (Word::AMask.in_(lang)) } }
            }
        }
    }
}
