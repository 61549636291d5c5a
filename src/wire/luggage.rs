//! Reports of bags from view to view as messages.

use super::{WireEnum, WireError, capture_from_proto, capture_to_proto, v1};
use crate::event::{BagChange, BagMoment, BagReport};
use crate::frame::ObjectClass;
use crate::ids::{BootId, CameraId, TrackId};

pub(super) fn bag_to_proto(report: &BagReport) -> v1::BagReport {
    v1::BagReport {
        change: report.change.to_wire(),
        bag: report.bag,
        class: report.class.to_wire(),
        before: Some(moment_to_proto(&report.before)),
        after: Some(moment_to_proto(&report.after)),
        probability: report.probability,
    }
}

pub(super) fn bag_from_proto(report: v1::BagReport) -> Result<BagReport, WireError> {
    Ok(BagReport {
        change: BagChange::from_wire(report.change)?,
        bag: report.bag,
        class: ObjectClass::from_wire(report.class)?,
        before: moment_from_proto(report.before.ok_or(WireError::Missing("bag_report.before"))?)?,
        after: moment_from_proto(report.after.ok_or(WireError::Missing("bag_report.after"))?)?,
        probability: report.probability,
    })
}

fn moment_to_proto(moment: &BagMoment) -> v1::BagMoment {
    v1::BagMoment {
        traveller: moment.traveller,
        camera: moment.camera.as_str().to_owned(),
        boot: moment.boot.0,
        track: moment.track.0,
        bag: moment.bag.map(|track| track.0),
        at: Some(capture_to_proto(moment.at)),
    }
}

fn moment_from_proto(moment: v1::BagMoment) -> Result<BagMoment, WireError> {
    Ok(BagMoment {
        traveller: moment.traveller,
        camera: CameraId::new(&moment.camera)
            .map_err(|error| WireError::Invalid { field: "bag_report.camera", why: error.to_string() })?,
        boot: BootId(moment.boot),
        track: TrackId(moment.track),
        bag: moment.bag.map(TrackId),
        at: capture_from_proto(moment.at.ok_or(WireError::Missing("bag_report.at"))?),
    })
}
