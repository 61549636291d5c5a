//! Names and numbers of one run's events.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::event::{
    EdgeEvent, EventBody, Lifecycle, Provenance, Reason, ReasonCode, Severity, SystemReport, TraceContext, Unit,
};
use crate::frame::FrameHeader;
use crate::ids::{BootId, CameraId, EventId};
use crate::time::{CaptureTime, MediaTime};
use crate::units::Interval;

/// Names events and keeps the header of the frame they come from.
#[derive(Debug)]
pub(super) struct Journal {
    camera: CameraId,
    boot: BootId,
    provenance: Arc<Provenance>,
    sequence: u64,
    pub(super) header: Option<FrameHeader>,
}

impl Journal {
    /// Of one run of `camera`.
    pub(super) fn new(camera: CameraId, boot: BootId, provenance: Arc<Provenance>) -> Self {
        Self { camera, boot, provenance, sequence: 0, header: None }
    }

    /// Capture time of the newest frame.
    pub(super) fn newest(&self) -> CaptureTime {
        self.header.as_ref().map_or(CaptureTime::exact(0), |h| h.capture_time)
    }

    /// The event of a bound that dropped something.
    pub(super) fn dropped(&mut self, queue: &str, count: u64, at: CaptureTime) -> EdgeEvent {
        let reason = Reason {
            code: ReasonCode::Dropped,
            measured: count as f64,
            expected: Interval { low: 0.0, high: 0.0 },
            unit: Unit::Count,
        };
        let report = SystemReport::QueueDropped { queue: queue.to_owned(), count };
        self.write(Lifecycle::New, Severity::Info, at, vec![reason], EventBody::System(report))
    }

    /// The next event, of no track and no place.
    pub(super) fn write(
        &mut self,
        lifecycle: Lifecycle,
        severity: Severity,
        capture_time: CaptureTime,
        reasons: Vec<Reason>,
        body: EventBody,
    ) -> EdgeEvent {
        self.sequence += 1;
        let id = EventId { camera: self.camera.clone(), boot: self.boot, sequence: self.sequence };
        let (media_time, frame) = self.header.as_ref().map_or((MediaTime(0), 0), |h| (h.media_time, h.sequence));
        EdgeEvent {
            trace: trace_of(&id, frame),
            id,
            lifecycle,
            severity,
            capture_time,
            media_time,
            frame,
            track: None,
            bbox: None,
            zone: None,
            reasons,
            provenance: Arc::clone(&self.provenance),
            body,
        }
    }
}

/// The trace of a frame and the span of an event, from their names: a replay must carry the same.
fn trace_of(id: &EventId, frame: u64) -> TraceContext {
    let digest = Sha256::digest(format!("{}/{}/frame/{frame}", id.camera, id.boot.0));
    let (trace, rest) = digest.split_at(16);
    let first = |bytes: &[u8]| bytes.iter().fold(0_u128, |n, b| (n << 8) | u128::from(*b));
    let span = first(&rest[..8]) as u64;
    TraceContext { trace: first(trace), span: span.wrapping_add(id.sequence) }
}
