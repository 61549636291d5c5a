//! Vital signs: vocabulary to message and back.

use super::event::{interval_from_proto, interval_to_proto};
use super::{WireEnum, WireError, v1};
use crate::event::vital::{Estimate, Reason, Window};
use crate::event::{VitalReport, VitalSign};
use crate::time::MediaTime;

pub(super) fn vital_to_proto(report: &VitalReport) -> v1::VitalReport {
    let window = report.estimate.window();
    let (measured, reasons) = match &report.estimate {
        Estimate::Available { rate, interval, quality, .. } => {
            let interval = Some(interval_to_proto(*interval));
            (Some(v1::Measured { value: *rate, interval, quality: *quality }), Vec::new())
        }
        Estimate::Unavailable { reasons, .. } => (None, reasons.iter().map(|reason| reason.to_wire()).collect()),
    };
    v1::VitalReport {
        sign: report.sign.to_wire(),
        start_nanos: window.start.0,
        end_nanos: window.end.0,
        measured,
        reasons,
        method: report.method.clone().unwrap_or_default(),
    }
}

pub(super) fn vital_from_proto(message: v1::VitalReport) -> Result<VitalReport, WireError> {
    let window = Window { start: MediaTime(message.start_nanos), end: MediaTime(message.end_nanos) };
    let reasons: Vec<Reason> = message.reasons.into_iter().map(Reason::from_wire).collect::<Result<_, _>>()?;
    let estimate = match message.measured {
        Some(m) => Estimate::Available {
            rate: m.value,
            interval: interval_from_proto(m.interval.ok_or(WireError::Missing("measured.interval"))?),
            quality: m.quality,
            window,
        },
        None if reasons.is_empty() => return Err(WireError::Missing("vital_report.reasons")),
        None => Estimate::unavailable(reasons, window),
    };
    let method = (!message.method.is_empty()).then_some(message.method);
    Ok(VitalReport { sign: VitalSign::from_wire(message.sign)?, estimate, method })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Interval;

    #[test]
    fn every_sign_and_reason_round_trips() {
        let window = Window { start: MediaTime(-3), end: MediaTime(9_999_999_999) };
        let interval = Interval { low: 60.5, high: 63.0 };
        let measured = Estimate::Available { rate: 61.8, interval, quality: 0.9, window };
        for sign in VitalSign::ALL {
            let report = VitalReport { sign, estimate: measured.clone(), method: Some("POS".to_owned()) };
            assert_eq!(vital_from_proto(vital_to_proto(&report)), Ok(report));
            let estimate = Estimate::unavailable(Reason::ALL.to_vec(), window);
            let report = VitalReport { sign, estimate, method: None };
            assert_eq!(vital_from_proto(vital_to_proto(&report)), Ok(report));
        }
    }

    #[test]
    fn a_report_without_value_and_reason_is_refused() {
        let window = Window { start: MediaTime(0), end: MediaTime(1) };
        let estimate = Estimate::unavailable(Vec::new(), window);
        let message = vital_to_proto(&VitalReport { sign: VitalSign::Pulse, estimate, method: None });
        assert_eq!(vital_from_proto(message), Err(WireError::Missing("vital_report.reasons")));
    }
}
