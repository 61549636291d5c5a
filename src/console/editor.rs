//! What an operator drew on a camera's picture: from the form to the table for the edge's configuration.

use serde::Deserialize;

use super::words::{Lang, Word};
use crate::behaviour::{Anchor, LineRule, Units, ZoneRule, ZoneUse};
use crate::config::Drawn;
use crate::edge::CameraLayout;
use crate::privacy::{MaskRule, MaskUnits};

/// Most points of a drawing, with the two of a direction.
const POINTS_MAX: usize = 258;
/// Longest name, characters.
const NAME_CHARS_MAX: usize = 64;

/// The form as sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DrawForm {
    /// `zone`, `line` or `mask`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// `hall`, `control`, `one_way` or `restroom_entrance`.
    #[serde(rename = "use")]
    pub purpose: String,
    /// `normalised`, `pixels` or `metres`.
    pub units: String,
    /// Whether people pass one by one.
    pub gate: Option<String>,
    /// Points in shares of the picture, one a line.
    pub points: String,
}

type Point = (f64, f64);

/// The table for the file, or why there is none.
///
/// # Errors
/// Everything that is wrong, in words.
pub fn table(form: &DrawForm, layout: Option<&CameraLayout>, lang: Lang) -> Result<String, Vec<String>> {
    let drawn = drawn(form, layout, lang).map_err(|why| vec![why])?;
    if layout.is_some_and(|layout| is_taken(layout, &drawn)) {
        return Err(vec![lang.pick(("has the name of one that is there already", "이미 있는 이름입니다")).to_owned()]);
    }
    drawn.table(layout.and_then(|layout| layout.homography))
}

fn is_taken(layout: &CameraLayout, drawn: &Drawn) -> bool {
    match drawn {
        Drawn::Zone(zone) => layout.zones.iter().any(|z| z.id == zone.id),
        Drawn::Line(line) => layout.lines.iter().any(|l| l.id == line.id),
        Drawn::Mask(mask) => layout.masks.iter().any(|m| m.id == mask.id),
    }
}

fn drawn(form: &DrawForm, layout: Option<&CameraLayout>, lang: Lang) -> Result<Drawn, String> {
    let id = form.name.trim().to_owned();
    if id.is_empty() || id.chars().count() > NAME_CHARS_MAX || id.chars().any(char::is_control) {
        return Err(lang.pick(("needs a name of at most 64 characters", "64자 이하의 이름이 필요합니다")).to_owned());
    }
    let units = match form.units.as_str() {
        "pixels" => Units::Pixels,
        "metres" => Units::Metres,
        _ => Units::Normalised,
    };
    let mut points = placed(&shares(&form.points, lang)?, units, layout, lang)?;
    match form.kind.as_str() {
        "line" => match points.as_slice() {
            [from, to] => {
                let (from, to, gate) = (*from, *to, form.gate.is_some());
                Ok(Drawn::Line(LineRule { id, from, to, units, gate, active: Vec::new() }))
            }
            _ => Err(lang.pick(("a line has two points", "선은 점이 두 개여야 합니다")).to_owned()),
        },
        "mask" => {
            let units = match units {
                Units::Normalised => MaskUnits::Normalised,
                Units::Pixels => MaskUnits::Pixels,
                Units::Metres => {
                    let why = ("a mask lies in the picture: not in metres", "마스크는 화면 단위여야 합니다(미터 불가)");
                    return Err(lang.pick(why).to_owned());
                }
            };
            Ok(Drawn::Mask(MaskRule { id, polygon: points, units }))
        }
        _ => {
            let purpose = match form.purpose.as_str() {
                "control" => ZoneUse::Control,
                "one_way" => ZoneUse::OneWay,
                "restroom_entrance" => ZoneUse::RestroomEntrance,
                _ => ZoneUse::Hall,
            };
            let direction = match (purpose, points.len()) {
                (ZoneUse::OneWay, 5..) => points.pop().zip(points.pop()).map(|(to, from)| [from, to]),
                _ => None,
            };
            let (anchor, polygon) = (Anchor::Foot, points);
            let (dwell_max_s, people_max, active) = (None, None, Vec::new());
            let zone = ZoneRule { id, polygon, units, purpose, anchor, direction, dwell_max_s, people_max, active };
            Ok(Drawn::Zone(zone))
        }
    }
}

/// The points as written: two numbers a line.
fn shares(text: &str, lang: Lang) -> Result<Vec<Point>, String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() || lines.len() > POINTS_MAX {
        return Err(Word::Points.in_(lang).to_owned());
    }
    let point = |(index, line): (usize, &&str)| {
        let numbers: Option<Vec<f64>> =
            line.split([',', ' ', '\t']).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect();
        match numbers.as_deref() {
            Some([x, y]) if (0.0..=1.0).contains(x) && (0.0..=1.0).contains(y) => Ok((*x, *y)),
            _ => {
                let why = lang.pick(("point {}: two numbers from 0 to 1", "점 {}: 0에서 1 사이의 숫자 두 개"));
                Err(why.replace("{}", &(index + 1).to_string()))
            }
        }
    };
    lines.iter().enumerate().map(point).collect()
}

/// The points in the units wanted, rounded to what a hand can mean.
fn placed(points: &[Point], units: Units, layout: Option<&CameraLayout>, lang: Lang) -> Result<Vec<Point>, String> {
    let rounded = |(x, y): Point, steps: f64| ((x * steps).round() / steps, (y * steps).round() / steps);
    let size = layout.and_then(|layout| layout.size).map(|(w, h)| (f64::from(w), f64::from(h)));
    let place = |(index, point): (usize, &Point)| match units {
        Units::Normalised => Ok(rounded(*point, 1e4)),
        Units::Pixels => {
            let unknown = ("the size of its pictures is not known yet", "화면 크기를 아직 알 수 없습니다");
            let (width, height) = size.ok_or_else(|| lang.pick(unknown).to_owned())?;
            Ok(rounded((point.0 * width, point.1 * height), 1.0))
        }
        Units::Metres => {
            let floor = layout.and_then(|layout| layout.on_floor(*point, Units::Normalised));
            let why = lang.pick((
                "point {} is not on the floor: above the horizon, or the camera is not calibrated",
                "점 {}은(는) 바닥 위에 없습니다: 지평선 위이거나 카메라가 보정되지 않았습니다",
            ));
            floor.map(|point| rounded(point, 1e2)).ok_or_else(|| why.replace("{}", &(index + 1).to_string()))
        }
    };
    points.iter().enumerate().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CameraId;

    fn layout(calibrated: bool) -> CameraLayout {
        let map = [0.02, 0.001, -5.0, 0.0005, 0.04, -8.0, 0.000_01, 0.002, 1.0];
        CameraLayout {
            camera: CameraId::new("hall").unwrap(),
            purpose: String::new(),
            lane: false,
            size: Some((1_280, 720)),
            homography: calibrated.then_some(map),
            zones: Vec::new(),
            lines: Vec::new(),
            masks: vec![MaskRule { id: "desk".to_owned(), polygon: Vec::new(), units: MaskUnits::Pixels }],
            models: Vec::new(),
            simulated_bags: false,
        }
    }

    fn form(kind: &str, units: &str, points: &str) -> DrawForm {
        let (name, purpose) = ("belt 4".to_owned(), "hall".to_owned());
        DrawForm {
            kind: kind.to_owned(),
            units: units.to_owned(),
            points: points.to_owned(),
            name,
            purpose,
            gate: None,
        }
    }

    const TRIANGLE: &str = "0.1,0.5\n0.4 0.5\n\n 0.4,\t0.9 ";

    #[test]
    fn points_become_the_table_in_the_units_wanted() {
        let one_way = DrawForm {
            purpose: "one_way".to_owned(),
            ..form("zone", "", "0.1,0.5\n0.4,0.5\n0.4,0.9\n0.1,0.5\n0.3,0.5")
        };
        let gate = DrawForm { gate: Some("on".to_owned()), ..form("line", "pixels", "0.1,0.5\n0.4,0.5") };
        for (form, table_) in [
            (
                form("zone", "", TRIANGLE),
                "[[camera.zone]]\nid = \"belt 4\"\npolygon = [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9]]\n",
            ),
            (
                form("mask", "pixels", TRIANGLE),
                "[[camera.mask]]\nid = \"belt 4\"\npolygon = [[128, 360], [512, 360], [512, 648]]\nunits = \"pixels\"\n",
            ),
            (
                one_way,
                "[[camera.zone]]\nid = \"belt 4\"\npolygon = [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9]]\nuse = \"one_way\"\ndirection = [[0.1, 0.5], [0.3, 0.5]]\n",
            ),
            (
                gate,
                "[[camera.line]]\nid = \"belt 4\"\nfrom = [128, 360]\nto = [512, 360]\nunits = \"pixels\"\ngate = true\n",
            ),
        ] {
            assert_eq!(table(&form, Some(&layout(true)), Lang::En).as_deref(), Ok(table_));
        }
        let metres = table(&form("zone", "metres", TRIANGLE), Some(&layout(true)), Lang::En).unwrap();
        assert!(metres.contains("units = \"metres\"") && metres.contains("[[-1.2"), "{metres}");
    }

    #[test]
    fn what_cannot_be_used_is_said_in_words() {
        let known = layout(true);
        let bare = layout(false);
        for (form, layout, words) in [
            (DrawForm { name: " ".to_owned(), ..form("zone", "", TRIANGLE) }, Some(&known), "needs a name"),
            (form("zone", "", ""), Some(&known), "Points"),
            (form("zone", "", "0.1,0.5\n0.4"), Some(&known), "point 2"),
            (form("zone", "", "0.1,0.5\n0.4,NaN"), Some(&known), "point 2"),
            (form("zone", "", "0.1,0.5\n1.4,0.2"), Some(&known), "point 2"),
            (form("zone", "", "0.1,0.5\n0.4,0.5"), Some(&known), "no area"),
            (form("line", "", TRIANGLE), Some(&known), "two points"),
            (form("mask", "metres", TRIANGLE), Some(&known), "not in metres"),
            (form("zone", "metres", TRIANGLE), Some(&bare), "point 1 is not on the floor"),
            (form("zone", "pixels", TRIANGLE), None, "not known yet"),
            (DrawForm { name: "desk".to_owned(), ..form("mask", "", TRIANGLE) }, Some(&known), "there already"),
        ] {
            let faults = table(&form, layout, Lang::En).unwrap_err();
            assert!(faults.len() == 1 && faults[0].contains(words), "{words}: {faults:?}");
        }
        let entrance = DrawForm { purpose: "restroom_entrance".to_owned(), ..form("zone", "", TRIANGLE) };
        assert!(table(&entrance, Some(&known), Lang::En).is_ok());
    }
}
