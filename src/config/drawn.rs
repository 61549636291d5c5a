//! What somebody drew on a picture, as the table for the file; looked at by the file's own loader.

use super::{ConfigError, parse};
use crate::behaviour::{LineRule, Units, ZoneRule, ZoneUse};
use crate::privacy::{MaskRule, MaskUnits};

/// A zone, a line or a mask.
#[derive(Debug, Clone, PartialEq)]
pub enum Drawn {
    /// `[[camera.zone]]`
    Zone(ZoneRule),
    /// `[[camera.line]]`
    Line(LineRule),
    /// `[[camera.mask]]`
    Mask(MaskRule),
}

impl Drawn {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Zone(zone) => &zone.id,
            Self::Line(line) => &line.id,
            Self::Mask(mask) => &mask.id,
        }
    }

    /// The table to put below the `[[camera]]` of a camera with this calibration.
    ///
    /// # Errors
    /// What the loader says of it.
    pub fn table(&self, homography: Option<[f64; 9]>) -> Result<String, Vec<String>> {
        let table = self.written();
        let map = homography.map(|rows| format!("homography = {rows:?}\n")).unwrap_or_default();
        let file = format!("[[camera]]\nid = \"drawn\"\npurpose = \"-\"\nsource = \"-\"\n{map}\n{table}");
        match parse(&file, "") {
            Ok(_) => Ok(table),
            Err(ConfigError::Faulty { faults, .. }) => Err(faults.into_iter().map(|fault| fault.problem).collect()),
            Err(error) => Err(vec![error.to_string()]),
        }
    }

    fn written(&self) -> String {
        match self {
            Self::Zone(zone) => {
                let mut table = format!("[[camera.zone]]\nid = {}\n", quoted(&zone.id));
                table += &format!("polygon = {}\n{}", corners(&zone.polygon), units(zone.units));
                let purpose = match zone.purpose {
                    ZoneUse::Hall => "",
                    ZoneUse::Control => "use = \"control\"\n",
                    ZoneUse::OneWay => "use = \"one_way\"\n",
                    ZoneUse::RestroomEntrance => "use = \"restroom_entrance\"\n",
                    ZoneUse::Interior => "use = \"interior\"\n",
                };
                table += purpose;
                if let Some(direction) = &zone.direction {
                    table += &format!("direction = {}\n", corners(direction));
                }
                table
            }
            Self::Line(line) => {
                let point = |(x, y): (f64, f64)| format!("[{x}, {y}]");
                let gate = if line.gate { "gate = true\n" } else { "" };
                let (from, to) = (point(line.from), point(line.to));
                let id = quoted(&line.id);
                format!("[[camera.line]]\nid = {id}\nfrom = {from}\nto = {to}\n{}{gate}", units(line.units))
            }
            Self::Mask(mask) => {
                let shares = if mask.units == MaskUnits::Pixels { "units = \"pixels\"\n" } else { "" };
                format!("[[camera.mask]]\nid = {}\npolygon = {}\n{shares}", quoted(&mask.id), corners(&mask.polygon))
            }
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn corners(corners: &[(f64, f64)]) -> String {
    let points: Vec<String> = corners.iter().map(|(x, y)| format!("[{x}, {y}]")).collect();
    format!("[{}]", points.join(", "))
}

fn units(units: Units) -> &'static str {
    match units {
        Units::Normalised => "",
        Units::Pixels => "units = \"pixels\"\n",
        Units::Metres => "units = \"metres\"\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::Anchor;

    const MAP: [f64; 9] = [0.02, 0.001, -5.0, 0.0005, 0.04, -8.0, 0.000_01, 0.002, 1.0];

    fn zone(id: &str, units: Units, purpose: ZoneUse, direction: Option<[(f64, f64); 2]>) -> Drawn {
        Drawn::Zone(ZoneRule {
            id: id.to_owned(),
            polygon: vec![(0.1, 0.5), (0.4, 0.5), (0.4, 0.9)],
            units,
            purpose,
            anchor: Anchor::Foot,
            direction,
            dwell_max_s: None,
            people_max: None,
            active: Vec::new(),
        })
    }

    #[test]
    fn what_is_drawn_is_read_back_by_the_loader() {
        let line = LineRule {
            id: "way \"out\"\n[[camera]]".to_owned(),
            from: (1.0, 2.5),
            to: (3.0, 2.5),
            units: Units::Metres,
            gate: true,
            active: Vec::new(),
        };
        let mask = MaskRule {
            id: "desk".to_owned(),
            polygon: vec![(10.0, 10.0), (90.0, 10.0), (90.0, 50.0)],
            units: MaskUnits::Pixels,
        };
        let direction = Some([(0.1, 0.5), (0.3, 0.5)]);
        let all = [
            zone("gürtel 4 \\ ' \"", Units::Normalised, ZoneUse::Hall, None),
            zone("control", Units::Metres, ZoneUse::Control, None),
            zone("way", Units::Normalised, ZoneUse::OneWay, direction),
            Drawn::Line(line),
            Drawn::Mask(mask),
        ];
        for drawn in all {
            let table = drawn.table(Some(MAP)).unwrap();
            let map = format!("homography = {MAP:?}");
            let file = format!("[[camera]]\nid = \"a\"\npurpose = \"p\"\nsource = \"s\"\n{map}\n\n{table}");
            let settings = parse(&file, "x.toml").unwrap().settings;
            let camera = &settings.cameras[0];
            let rules = &camera.pipeline.core.rules;
            let read = (rules.zones.first().cloned().map(Drawn::Zone))
                .or(rules.lines.first().cloned().map(Drawn::Line))
                .or(camera.masks.first().cloned().map(Drawn::Mask));
            assert_eq!((settings.cameras.len(), read.as_ref()), (1, Some(&drawn)), "{table}");
        }
    }

    #[test]
    fn what_the_loader_refuses_is_refused_in_its_words() {
        let bow = Drawn::Zone(ZoneRule {
            polygon: vec![(0.1, 0.5), (0.4, 0.5)],
            ..match zone("bow", Units::Normalised, ZoneUse::Hall, None) {
                Drawn::Zone(zone) => zone,
                _ => unreachable!("a zone"),
            }
        });
        for (drawn, map, words) in [
            (zone("inside", Units::Normalised, ZoneUse::Interior, None), Some(MAP), "never watched"),
            (zone("plan", Units::Metres, ZoneUse::Hall, None), None, "metres need the camera's homography"),
            (zone("way", Units::Normalised, ZoneUse::OneWay, None), None, "needs a direction"),
            (bow, None, "no area"),
        ] {
            let faults = drawn.table(map).unwrap_err();
            assert!(faults.len() == 1 && faults[0].contains(words), "{faults:?}");
        }
    }
}
