//! Cameras' layouts and how they lie to each other, as messages.

use super::{WireEnum, WireError, v1};
use crate::association::Topology;
use crate::behaviour::{Anchor, LineRule, Units, ZoneRule, ZoneUse};
use crate::edge::CameraLayout;
use crate::ids::CameraId;
use crate::privacy::{MaskRule, MaskUnits};

/// The message for a layout.
#[must_use]
pub fn layout_to_proto(layout: &CameraLayout) -> v1::CameraLayout {
    let role = if layout.lane { v1::CameraRole::Lane } else { v1::CameraRole::Hall };
    let (width, height) = layout.size.unwrap_or_default();
    v1::CameraLayout {
        camera: layout.camera.as_str().to_owned(),
        purpose: layout.purpose.clone(),
        role: role.into(),
        width,
        height,
        homography: layout.homography.map(|rows| rows.to_vec()).unwrap_or_default(),
        zones: layout.zones.iter().map(zone_to_proto).collect(),
        lines: layout.lines.iter().map(line_to_proto).collect(),
        masks: layout.masks.iter().map(mask_to_proto).collect(),
        models: layout.models.clone(),
        simulated_bags: layout.simulated_bags,
    }
}

/// The layout that a message tells of, looked at whether it makes sense.
///
/// # Errors
/// [`WireError`] with what does not.
pub fn layout_from_proto(message: v1::CameraLayout) -> Result<CameraLayout, WireError> {
    let invalid = |field, why: String| WireError::Invalid { field, why };
    let camera = CameraId::new(&message.camera).map_err(|error| invalid("layout.camera", error.to_string()))?;
    let lane = match message.role() {
        v1::CameraRole::Hall => false,
        v1::CameraRole::Lane => true,
        v1::CameraRole::Unspecified => {
            return Err(WireError::Unknown { field: "layout.role", value: i64::from(message.role) });
        }
    };
    let homography = match message.homography.len() {
        0 => None,
        _ => {
            let rows: Result<[f64; 9], _> = message.homography.try_into();
            Some(rows.map_err(|_| invalid("layout.homography", "has not nine numbers".to_owned()))?)
        }
    };
    let layout = CameraLayout {
        camera,
        purpose: message.purpose,
        lane,
        size: Some((message.width, message.height)).filter(|size| *size != (0, 0)),
        homography,
        zones: message.zones.into_iter().map(zone_from_proto).collect::<Result<_, _>>()?,
        lines: message.lines.into_iter().map(line_from_proto).collect::<Result<_, _>>()?,
        masks: message.masks.into_iter().map(mask_from_proto).collect::<Result<_, _>>()?,
        models: message.models,
        simulated_bags: message.simulated_bags,
    };
    layout.check().map_err(|error| invalid("layout", error.to_string()))?;
    Ok(layout)
}

/// How a site's views lie to each other: ways, overlaps, and whether each list is complete.
#[must_use]
pub fn topology_to_proto(topology: &Topology) -> (Vec<v1::Way>, Vec<v1::Overlap>) {
    let name = |camera: &CameraId| camera.as_str().to_owned();
    let way = |(from, to, prior): (&CameraId, &CameraId, crate::association::LinkPrior)| v1::Way {
        from: name(from),
        to: name(to),
        seconds: prior.typical_s,
    };
    let overlap = |(a, b): (&CameraId, &CameraId)| v1::Overlap { a: name(a), b: name(b) };
    (topology.links().map(way).collect(), topology.overlaps().map(overlap).collect())
}

fn point_to_proto((x, y): (f64, f64)) -> v1::Point {
    v1::Point { x, y }
}

fn points_from_proto(points: Vec<v1::Point>) -> Vec<(f64, f64)> {
    points.into_iter().map(|p| (p.x, p.y)).collect()
}

fn zone_to_proto(zone: &ZoneRule) -> v1::ZoneLayout {
    v1::ZoneLayout {
        id: zone.id.clone(),
        polygon: zone.polygon.iter().copied().map(point_to_proto).collect(),
        units: zone.units.to_wire(),
        r#use: zone.purpose.to_wire(),
        direction: zone.direction.iter().flatten().copied().map(point_to_proto).collect(),
        dwell_max_s: zone.dwell_max_s,
        people_max: zone.people_max,
    }
}

fn zone_from_proto(zone: v1::ZoneLayout) -> Result<ZoneRule, WireError> {
    let direction = match zone.direction.as_slice() {
        [] => None,
        [from, to] => Some([(from.x, from.y), (to.x, to.y)]),
        _ => {
            return Err(WireError::Invalid {
                field: "zone.direction",
                why: format!("{}: has not two points", zone.id),
            });
        }
    };
    Ok(ZoneRule {
        units: Units::from_wire(zone.units)?,
        purpose: ZoneUse::from_wire(zone.r#use)?,
        id: zone.id,
        polygon: points_from_proto(zone.polygon),
        anchor: Anchor::Foot,
        direction,
        dwell_max_s: zone.dwell_max_s,
        people_max: zone.people_max,
        active: Vec::new(),
    })
}

fn line_to_proto(line: &LineRule) -> v1::LineLayout {
    v1::LineLayout {
        id: line.id.clone(),
        from: Some(point_to_proto(line.from)),
        to: Some(point_to_proto(line.to)),
        units: line.units.to_wire(),
        gate: line.gate,
    }
}

fn line_from_proto(line: v1::LineLayout) -> Result<LineRule, WireError> {
    let from = line.from.ok_or(WireError::Missing("line.from"))?;
    let to = line.to.ok_or(WireError::Missing("line.to"))?;
    Ok(LineRule {
        id: line.id,
        from: (from.x, from.y),
        to: (to.x, to.y),
        units: Units::from_wire(line.units)?,
        gate: line.gate,
        active: Vec::new(),
    })
}

fn mask_to_proto(mask: &MaskRule) -> v1::MaskLayout {
    v1::MaskLayout {
        id: mask.id.clone(),
        polygon: mask.polygon.iter().copied().map(point_to_proto).collect(),
        units: mask.units.to_wire(),
    }
}

fn mask_from_proto(mask: v1::MaskLayout) -> Result<MaskRule, WireError> {
    Ok(MaskRule { id: mask.id, polygon: points_from_proto(mask.polygon), units: MaskUnits::from_wire(mask.units)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> CameraLayout {
        let square = vec![(0.1, 0.5), (0.4, 0.5), (0.4, 0.9)];
        CameraLayout {
            camera: CameraId::new("hall").unwrap(),
            purpose: "출구 \"A\"".to_owned(),
            lane: false,
            size: Some((1_280, 720)),
            homography: Some([0.02, 0.001, -5.0, 0.0005, 0.04, -8.0, 0.00001, 0.002, 1.0]),
            zones: vec![ZoneRule {
                id: "belt".to_owned(),
                polygon: square.clone(),
                units: Units::Normalised,
                purpose: ZoneUse::OneWay,
                anchor: Anchor::Foot,
                direction: Some([(0.1, 0.5), (0.3, 0.5)]),
                dwell_max_s: Some(90.0),
                people_max: Some(7),
                active: Vec::new(),
            }],
            lines: vec![LineRule {
                id: "door".to_owned(),
                from: (1.0, 2.0),
                to: (3.0, 2.0),
                units: Units::Metres,
                gate: true,
                active: Vec::new(),
            }],
            masks: vec![MaskRule { id: "desk".to_owned(), polygon: square, units: MaskUnits::Normalised }],
            models: vec!["rtmdet".to_owned()],
            simulated_bags: true,
        }
    }

    #[test]
    fn a_layout_comes_back_as_it_was() {
        for layout in [layout(), CameraLayout { size: None, lane: true, ..layout() }] {
            assert_eq!(layout_from_proto(layout_to_proto(&layout)), Ok(layout));
        }
    }

    #[test]
    fn what_is_foreign_is_refused_by_name() {
        let good = layout_to_proto(&layout());
        let zone = |change: &dyn Fn(&mut v1::ZoneLayout)| {
            let mut message = good.clone();
            change(&mut message.zones[0]);
            message
        };
        let rows = [
            (v1::CameraLayout { camera: "../x".to_owned(), ..good.clone() }, "`layout.camera`: `../x` is not"),
            (v1::CameraLayout { role: 9, ..good.clone() }, "`layout.role` has the unknown value 9"),
            (v1::CameraLayout { homography: vec![1.0; 8], ..good.clone() }, "`layout.homography`: has not nine"),
            (v1::CameraLayout { homography: vec![0.0; 9], ..good.clone() }, "`layout`: homography: cannot"),
            (zone(&|z| z.units = 77), "`zone.units` has the unknown value 77"),
            (zone(&|z| z.r#use = 5), "`zone.use` has the unknown value 5"),
            (zone(&|z| z.direction.truncate(1)), "`zone.direction`: belt: has not two points"),
            (zone(&|z| z.polygon[0].x = f64::NAN), "`layout`: belt: has more than"),
            (zone(&|z| z.polygon = vec![v1::Point::default(); 9_999]), "`layout`: belt: has more than 256"),
        ];
        for (message, expected) in rows {
            let error = layout_from_proto(message).expect_err(expected).to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        let mut line = good.clone();
        line.lines[0].to = None;
        assert_eq!(layout_from_proto(line), Err(WireError::Missing("line.to")));
    }
}
