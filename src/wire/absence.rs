//! Reports of absences as messages.

use super::{WireEnum, WireError, capture_from_proto, capture_to_proto, v1};
use crate::event::{Absence, AbsenceReport};
use crate::ids::{BootId, CameraId, TrackId};

pub(super) fn absence_to_proto(report: &AbsenceReport) -> v1::AbsenceReport {
    v1::AbsenceReport {
        absence: report.absence.to_wire(),
        traveller: report.traveller,
        since: Some(capture_to_proto(report.since)),
        camera: report.camera.as_str().to_owned(),
        boot: report.boot.0,
        track: report.track.0,
        back: report.back.as_ref().map_or(String::new(), |camera| camera.as_str().to_owned()),
        probability: report.probability,
        unseeing: report.unseeing.iter().map(|camera| camera.as_str().to_owned()).collect(),
    }
}

pub(super) fn absence_from_proto(report: v1::AbsenceReport) -> Result<AbsenceReport, WireError> {
    let camera = |name: &str| {
        CameraId::new(name)
            .map_err(|error| WireError::Invalid { field: "absence_report.camera", why: error.to_string() })
    };
    Ok(AbsenceReport {
        absence: Absence::from_wire(report.absence)?,
        traveller: report.traveller,
        since: capture_from_proto(report.since.ok_or(WireError::Missing("absence_report.since"))?),
        camera: camera(&report.camera)?,
        boot: BootId(report.boot),
        track: TrackId(report.track),
        back: (!report.back.is_empty()).then(|| camera(&report.back)).transpose()?,
        probability: report.probability,
        unseeing: report.unseeing.iter().map(|name| camera(name)).collect::<Result<_, _>>()?,
    })
}
