//! The state machine of one camera.

use std::sync::Arc;

use super::CoreSettings;
use super::journal::Journal;
use super::lane::{LaneFact, LaneMonitor};
use super::reporter::{Reporter, Scene, TrackNews, no_earlier};
use super::screen::Screen;
use super::view::{View, ViewChange};
use crate::behaviour::{Behaviours, Finding, Moment, RuleError};
use crate::event::{
    BehaviourReport, EdgeEvent, EventBody, Lifecycle, OfflineCause, Provenance, Reason, ReasonCode, Severity,
    SystemReport, Unit,
};
use crate::frame::{FrameHeader, PixelProbe};
use crate::geometry::Homography;
use crate::ids::{BootId, CameraId};
use crate::screening::Memory;
use crate::time::{CaptureTime, MediaTime, micros};
use crate::tracking::{Carriers, Detection, DetectionInterval, Track, TrackState, Tracker};
use crate::units::Interval;

/// One run of one camera: frames' detections in, events out, in order and without holes.
#[derive(Debug)]
pub struct CameraPipeline {
    settings: CoreSettings,
    tracker: Tracker,
    interval: DetectionInterval,
    carriers: Carriers,
    /// `None` where nothing is to be looked for.
    behaviours: Option<Behaviours>,
    rule_fault: Option<RuleError>,
    findings: Vec<Finding>,
    /// `None` unless this is a lane camera.
    lane: Option<LaneMonitor>,
    /// `None` where nobody is screened.
    screen: Option<Screen>,
    view: View,
    reporter: Reporter,
    journal: Journal,
    news: Vec<TrackNews>,
    visible: Vec<Track>,
    last_look: Option<MediaTime>,
    dropped: u64,
}

impl CameraPipeline {
    /// A pipeline for one run (`boot`) of `camera`. `provenance` goes into every event.
    #[must_use]
    pub fn new(settings: CoreSettings, camera: CameraId, boot: BootId, provenance: Arc<Provenance>) -> Self {
        Self {
            tracker: Tracker::new(settings.tracker),
            interval: DetectionInterval::new(settings.interval),
            carriers: Carriers::new(settings.rules.carriers),
            reporter: Reporter::new(settings.homography.and_then(Homography::new)),
            behaviours: settings.rules.is_active().then(|| Behaviours::new(settings.rules.clone())),
            rule_fault: None,
            findings: Vec::new(),
            lane: settings.lane.clone().map(LaneMonitor::new),
            screen: settings.screening.map(|screening| Screen::new(screening, settings.lane.is_some())),
            settings,
            view: View::default(),
            journal: Journal::new(camera, boot, provenance),
            news: Vec::new(),
            visible: Vec::new(),
            last_look: None,
            dropped: 0,
        }
    }

    /// Takes what earlier runs remember of ordinary passers.
    pub fn remember(&mut self, memory: Memory) {
        if let Some(screen) = &mut self.screen {
            screen.remember(memory);
        }
    }

    /// What this run remembers of them; `None` where nobody is screened.
    #[must_use]
    pub fn memory(&self) -> Option<&Memory> {
        self.screen.as_ref().map(Screen::memory)
    }

    /// Whether the detector must run on this frame. The frame comes next, by [`CameraPipeline::frame`] if so and by
    /// [`CameraPipeline::between`] if not, with the same probe.
    pub fn wants_detection(&mut self, header: &FrameHeader, probe: &mut dyn PixelProbe) -> bool {
        self.lane.as_ref().is_none_or(LaneMonitor::wants_detection)
            && self.interval.is_due(header, &mut self.tracker, probe)
    }

    /// Takes a frame on which the detector did not run: everybody is where the tracker expects them.
    pub fn between(&mut self, header: &FrameHeader, probe: &mut dyn PixelProbe, out: &mut Vec<EdgeEvent>) {
        let before = out.len();
        self.notice_view(header, out);
        self.journal.header = Some(header.clone());
        self.show();
        self.measure(header, probe, out);
        self.compare(before, out);
        self.look(header.media_time, probe, out);
    }

    /// Takes one frame: what was detected in it, and whom to ask about its pixels. Appends events to `out`.
    pub fn frame(
        &mut self,
        header: &FrameHeader,
        detections: &[Detection],
        probe: &mut dyn PixelProbe,
        out: &mut Vec<EdgeEvent>,
    ) {
        let before = out.len();
        self.notice_view(header, out);
        self.journal.header = Some(header.clone());
        let step = self.tracker.step(header.media_time, detections, &mut |bbox| probe.appearance(bbox).ok());
        self.dropped += step.dropped;
        self.reporter.ended(header, step.ended, &mut self.news);
        self.carriers.step(header.media_time, step.tracks);
        let Self { tracker, carriers, .. } = self;
        let scene = Scene { header, tracker, carriers, period_s: self.settings.report_period_s };
        self.reporter.live(&scene, probe, &mut self.news);
        self.interval.ran(header, &self.tracker);
        self.show();
        self.tell_news(out);
        self.behave(header, out);
        self.measure(header, probe, out);
        self.compare(before, out);
        self.look(header.media_time, probe, out);
    }

    fn show(&mut self) {
        let confirmed = self.tracker.places().map(|(track, _)| track).filter(|t| t.state == TrackState::Confirmed);
        self.visible.clear();
        self.visible.extend(confirmed.cloned());
    }

    /// Why the configured zones and lines cannot be used in a picture of this size; nothing is looked for then.
    #[must_use]
    pub fn rule_fault(&self) -> Option<&RuleError> {
        self.rule_fault.as_ref()
    }

    /// The confirmed tracks as of the last frame, by ascending id: what the per-frame track file shows.
    #[must_use]
    pub fn visible(&self) -> &[Track] {
        &self.visible
    }

    /// The faces that are measured, on a lane camera.
    #[must_use]
    pub fn lane(&self) -> Option<&LaneMonitor> {
        self.lane.as_ref()
    }

    /// The run is over: all tracks end, the camera is offline. `at`: now in UTC.
    pub fn offline(&mut self, cause: OfflineCause, at: CaptureTime, out: &mut Vec<EdgeEvent>) {
        let before = out.len();
        self.end_tracks(out);
        self.compare(before, out);
        let severity = match cause {
            OfflineCause::StreamEnded | OfflineCause::Shutdown => Severity::Info,
            _ => Severity::Attention,
        };
        let newest = self.journal.header.as_ref().map(|h| h.capture_time);
        let at = no_earlier(at, newest);
        let reasons = match (cause, newest) {
            (OfflineCause::Stall, Some(newest)) => vec![Reason {
                code: ReasonCode::FrameGap,
                measured: (at.unix_micros - newest.unix_micros) as f64 / 1e6,
                expected: Interval { low: 0.0, high: self.settings.clock_step_s },
                unit: Unit::Seconds,
            }],
            _ => Vec::new(),
        };
        let report = SystemReport::CameraOffline { cause };
        out.push(self.journal.write(Lifecycle::New, severity, at, reasons, EventBody::System(report)));
    }

    /// A bound named `queue` dropped `count` things since the last report. `at`: now in UTC.
    pub fn queue_dropped(&mut self, queue: &str, count: u64, at: CaptureTime, out: &mut Vec<EdgeEvent>) {
        let at = no_earlier(at, self.journal.header.as_ref().map(|h| h.capture_time));
        out.push(self.journal.dropped(queue, count, at));
    }

    fn notice_view(&mut self, header: &FrameHeader, out: &mut Vec<EdgeEvent>) {
        let (severity, reasons, report) = match self.view.frame(header, &self.settings) {
            None => return,
            Some(ViewChange::First) => {
                let report = SystemReport::CameraOnline { width: header.width, height: header.height };
                (Severity::Info, Vec::new(), report)
            }
            Some(ViewChange::Resized) => {
                self.end_tracks(out);
                let report = SystemReport::ResolutionChanged { width: header.width, height: header.height };
                (Severity::Attention, Vec::new(), report)
            }
            Some(ViewChange::ClockStep(reason)) => {
                self.end_tracks(out);
                self.last_look = None;
                (Severity::Attention, vec![reason], SystemReport::ClockSuspect)
            }
        };
        self.journal.header = Some(header.clone());
        let at = header.capture_time;
        out.push(self.journal.write(Lifecycle::New, severity, at, reasons, EventBody::System(report)));
    }

    /// Once a period: is the lens covered, and what did the bounds drop?
    fn look(&mut self, at: MediaTime, probe: &mut dyn PixelProbe, out: &mut Vec<EdgeEvent>) {
        if self.last_look.is_some_and(|last| at.since(last) < self.settings.report_period_s) {
            return;
        }
        self.last_look = Some(at);
        let capture = self.journal.newest();
        if let Ok(luma) = probe.luma()
            && let Some((covered, reason)) = self.view.luma(at, luma, &self.settings)
        {
            let (lifecycle, severity) = match covered {
                true => (Lifecycle::New, Severity::Attention),
                false => (Lifecycle::End, Severity::Info),
            };
            let body = EventBody::System(SystemReport::CameraCovered);
            out.push(self.journal.write(lifecycle, severity, capture, vec![reason], body));
        }
        let faces = self.lane.as_mut().map_or(0, LaneMonitor::take_left_out);
        for (queue, count) in [("tracks", std::mem::take(&mut self.dropped)), ("faces", faces)] {
            if count > 0 {
                out.push(self.journal.dropped(queue, count, capture));
            }
        }
    }

    /// What people and bags do.
    fn behave(&mut self, header: &FrameHeader, out: &mut Vec<EdgeEvent>) {
        let Some(behaviours) = &mut self.behaviours else { return };
        let told = behaviours.frame(&moment(header), &self.visible, &mut self.findings);
        self.rule_fault = told.err();
        self.dropped += behaviours.take_dropped();
        self.tell_findings(header, out);
    }

    fn tell_findings(&mut self, header: &FrameHeader, out: &mut Vec<EdgeEvent>) {
        for finding in self.findings.drain(..) {
            let before = micros(header.media_time.seconds() - finding.since);
            let capture = header.capture_time;
            let since = CaptureTime { unix_micros: capture.unix_micros - before, ..capture };
            let Finding { behaviour, lifecycle, track, bbox, others, bag, zone, reasons, .. } = finding;
            let severity = if lifecycle == Lifecycle::End { Severity::Info } else { behaviour.severity() };
            let body = EventBody::Behaviour(BehaviourReport { behaviour, since, others, bag });
            let event = self.journal.write(lifecycle, severity, capture, reasons, body);
            out.push(EdgeEvent { track: Some(track), bbox: Some(bbox), zone, ..event });
        }
    }

    /// What a lane camera measures on faces.
    fn measure(&mut self, header: &FrameHeader, probe: &mut dyn PixelProbe, out: &mut Vec<EdgeEvent>) {
        let Some(lane) = &mut self.lane else { return };
        lane.frame(header, &self.visible, probe);
        for news in lane.news() {
            let LaneFact::Reading(report) = &news.fact else { continue };
            let body = EventBody::Vital(report.clone());
            let event = self.journal.write(Lifecycle::Update, Severity::Info, header.capture_time, Vec::new(), body);
            out.push(EdgeEvent { track: news.face, bbox: Some(news.bbox), ..event });
        }
    }

    /// What this frame told of people, beside what is usual.
    fn compare(&mut self, before: usize, out: &mut Vec<EdgeEvent>) {
        if let Some(screen) = &mut self.screen {
            screen.frame(before, &mut self.journal, out);
        }
    }

    fn end_tracks(&mut self, out: &mut Vec<EdgeEvent>) {
        if let Some(lane) = &mut self.lane {
            lane.finish();
        }
        if let (Some(behaviours), Some(header)) = (&mut self.behaviours, self.journal.header.clone()) {
            behaviours.finish(&moment(&header), &mut self.findings);
            self.tell_findings(&header, out);
        }
        let ended = self.tracker.finish();
        self.interval.forget();
        self.visible.clear();
        if let Some(header) = &self.journal.header {
            self.reporter.ended(header, &ended, &mut self.news);
        }
        self.tell_news(out);
    }

    fn tell_news(&mut self, out: &mut Vec<EdgeEvent>) {
        for TrackNews { id, lifecycle, bbox, report } in self.news.drain(..) {
            let at = self.journal.newest();
            let event = self.journal.write(lifecycle, Severity::Info, at, Vec::new(), EventBody::Track(report));
            out.push(EdgeEvent { track: Some(id), bbox: Some(bbox), ..event });
        }
    }
}

fn moment(header: &FrameHeader) -> Moment {
    Moment {
        at: header.media_time.seconds(),
        unix_micros: header.capture_time.unix_micros,
        size: (f64::from(header.width), f64::from(header.height)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appearance::Appearance;
    use crate::frame::{BBox, Luma, ObjectClass};
    use crate::units::Unavailable;

    /// A probe of an ordinary view, or of a covered lens.
    struct Probe {
        deviation: f64,
    }

    impl PixelProbe for Probe {
        fn luma(&mut self) -> Result<Luma, Unavailable> {
            Ok(Luma { mean: 90.0, deviation: self.deviation })
        }

        fn appearance(&mut self, _: &BBox) -> Result<Appearance, Unavailable> {
            Err(Unavailable::NotConfigured)
        }
    }

    /// Plays one camera at 10 frames a second.
    struct Play {
        pipeline: CameraPipeline,
        events: Vec<EdgeEvent>,
        header: FrameHeader,
        deviation: f64,
    }

    impl Play {
        fn start() -> Self {
            let camera = CameraId::new("gate").unwrap();
            let provenance = Arc::new(Provenance { models: "m".to_owned(), configuration: "c".to_owned() });
            let header = FrameHeader {
                camera: camera.clone(),
                boot: BootId(3),
                sequence: 0,
                media_time: MediaTime(0),
                capture_time: CaptureTime::exact(1_000_000),
                width: 640,
                height: 480,
                keyframe: false,
            };
            let pipeline = CameraPipeline::new(CoreSettings::default(), camera, BootId(3), provenance);
            Self { pipeline, events: Vec::new(), header, deviation: 50.0 }
        }

        fn skip(&mut self, seconds: f64) {
            self.header.media_time = MediaTime::from_seconds(self.header.media_time.seconds() + seconds);
            self.header.capture_time.unix_micros += crate::time::micros(seconds);
        }

        fn frames(&mut self, count: u32, detections: &[Detection]) {
            for _ in 0..count {
                self.header.sequence += 1;
                self.skip(0.1);
                let mut probe = Probe { deviation: self.deviation };
                self.pipeline.frame(&self.header, detections, &mut probe, &mut self.events);
            }
        }

        fn kinds(&self) -> Vec<String> {
            let name = |e: &EdgeEvent| format!("{} {:?}", e.body.kind(), e.lifecycle).to_lowercase();
            self.events.iter().map(name).collect()
        }
    }

    fn person() -> Detection {
        Detection { bbox: BBox { x: 100.0, y: 100.0, w: 50.0, h: 120.0 }, score: 0.9, class: ObjectClass::Person }
    }

    #[test]
    fn a_person_is_told_of_at_confirmation_once_a_second_and_at_the_end() {
        let mut play = Play::start();
        play.frames(25, &[person()]);
        play.frames(300, &[]);
        assert_eq!(play.kinds(), ["camera_online new", "track new", "track update", "track update", "track end"]);
        let sequences: Vec<u64> = play.events.iter().map(|e| e.id.sequence).collect();
        assert_eq!(sequences, [1, 2, 3, 4, 5]);
        let end = play.events.last().expect("an end");
        let EventBody::Track(report) = &end.body else { panic!("{end:?}") };
        assert_eq!((end.track, report.age_s, report.since.unix_micros), (Some(crate::ids::TrackId(1)), 2.4, 1_100_000));
    }

    #[test]
    fn what_changes_the_view_ends_the_tracks_and_is_told() {
        type Change = fn(&mut Play);
        let rows: [(&str, Change, &[&str]); 4] = [
            ("clock steps back", |p| p.skip(-5.0), &["track end", "clock_suspect new", "track new"]),
            ("clock steps ahead", |p| p.skip(60.0), &["track end", "clock_suspect new", "track new"]),
            ("picture resized", |p| p.header.width = 320, &["track end", "resolution_changed new", "track new"]),
            ("lens covered", |p| p.deviation = 0.5, &["track update", "camera_covered new"]),
        ];
        for (name, change, expected) in rows {
            let mut play = Play::start();
            play.frames(9, &[person()]);
            let before = play.events.len();
            change(&mut play);
            play.frames(45, &[person()]);
            let told = play.kinds()[before..].join(", ");
            let all = expected.iter().all(|kind| told.contains(kind));
            assert!(all, "{name}: {told}");
        }
    }

    #[test]
    fn the_end_of_a_run_ends_its_tracks_and_comes_after_them() {
        let mut play = Play::start();
        play.frames(9, &[person()]);
        let (mut events, at) = (Vec::new(), CaptureTime::exact(9_000_000));
        play.pipeline.offline(OfflineCause::Stall, at, &mut events);
        play.events = events;
        assert_eq!(play.kinds(), ["track end", "camera_offline new"]);
        let offline = &play.events[1];
        assert_eq!((offline.severity, offline.capture_time), (Severity::Attention, at));
        assert!((offline.reasons[0].measured - 7.1).abs() < 1e-9, "{:?}", offline.reasons);
        assert!(play.pipeline.visible().is_empty());
    }

    #[test]
    fn traces_are_one_for_a_frame_and_spans_one_for_an_event() {
        let mut play = Play::start();
        play.frames(9, &[person()]);
        let spans: std::collections::BTreeSet<u64> = play.events.iter().map(|e| e.trace.span).collect();
        assert_eq!(spans.len(), play.events.len());
        assert_ne!(play.events[0].trace.trace, play.events[1].trace.trace);
    }
}
