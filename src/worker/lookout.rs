//! Whom this machine's cameras are to look for: orders of the centre in, those who look alike out.
//!
//! A camera that is to look for somebody runs its detector on every frame for that time, whatever its interval and its frame
//! rate are set to. Orders are no part of what is remembered: without the centre they end by themselves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::association::TrackKey;
use crate::central::{Directive, Match};
use crate::event::{EdgeEvent, EventBody, Lifecycle};
use crate::ids::CameraId;
use crate::time::CaptureTime;

/// Answers that wait to be sent; beyond it they are dropped and counted.
const FOUND_MAX: usize = 64;
/// Who looks alike is told again when they do so by this much more, ...
const MORE_ALIKE: f64 = 0.02;
/// ... or after this long, microseconds.
const AGAIN_MICROS: i64 = 10_000_000;
/// Clocks of cameras and centre may differ by this, microseconds.
const SLACK: i64 = 1_000_000;

/// What is looked for at present; shared by all cameras and the connection of one machine.
#[derive(Debug, Clone, Default)]
pub struct Lookout(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    directives: Vec<Directive>,
    /// What was told of each follow and track: when, and how much alike.
    told: BTreeMap<(u64, TrackKey), (i64, f64)>,
    out: Option<mpsc::Sender<Match>>,
    dropped: u64,
}

impl Lookout {
    /// One that looks for nobody yet, and where its answers come out.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Match>) {
        let (out, found) = mpsc::channel(FOUND_MAX);
        (Self(Arc::new(Mutex::new(State { out: Some(out), ..State::default() }))), found)
    }

    /// Looks for these from now on, and for nobody else.
    pub fn replace(&self, directives: Vec<Directive>) {
        self.with(|state| {
            state.told.retain(|(follow, _), _| directives.iter().any(|directive| directive.follow == *follow));
            state.directives = directives;
        });
    }

    /// Whether `camera` has to look for somebody in a frame of this time.
    #[must_use]
    pub fn is_on(&self, camera: &CameraId, at: CaptureTime) -> bool {
        self.with(|state| state.directives.iter().any(|directive| is_due(directive, camera, at)))
    }

    /// Looks whether somebody of whom a camera tells is looked for.
    pub fn notice(&self, events: &[EdgeEvent]) {
        self.with(|state| events.iter().for_each(|event| state.notice(event)));
    }

    /// Answers dropped since the last call.
    #[must_use]
    pub fn take_dropped(&self) -> u64 {
        self.with(|state| std::mem::take(&mut state.dropped))
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn is_due(directive: &Directive, camera: &CameraId, at: CaptureTime) -> bool {
    let due = directive.from.saturating_sub(SLACK)..=directive.until.saturating_add(SLACK);
    directive.camera == *camera && due.contains(&at.unix_micros)
}

impl State {
    fn notice(&mut self, event: &EdgeEvent) {
        let (EventBody::Track(report), Some(track)) = (&event.body, event.track) else { return };
        let (Some(look), at) = (&report.appearance, event.capture_time) else { return };
        if matches!(event.lifecycle, Lifecycle::End | Lifecycle::Retracted) {
            return;
        }
        let camera = &event.id.camera;
        let key = TrackKey { camera: camera.clone(), boot: event.id.boot, track };
        for directive in self.directives.iter().filter(|directive| is_due(directive, camera, at)) {
            let alike = directive.look.as_ref().and_then(|wanted| wanted.cosine(look));
            let Some(cosine) = alike.filter(|cosine| *cosine >= directive.cosine_min) else { continue };
            let name = (directive.follow, key.clone());
            let news = self
                .told
                .get(&name)
                .is_none_or(|(before, most)| cosine > most + MORE_ALIKE || at.unix_micros - before > AGAIN_MICROS);
            let Some(out) = self.out.as_ref().filter(|_| news) else { continue };
            match out.try_send(Match { follow: directive.follow, track: key.clone(), at, cosine }) {
                Ok(()) => drop(self.told.insert(name, (at.unix_micros, cosine))),
                Err(_) => self.dropped += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::appearance::Appearance;
    use crate::event::{FloorPlace, Provenance, Severity, TraceContext, TrackReport};
    use crate::frame::ObjectClass;
    use crate::ids::{BootId, EventId, TrackId};
    use crate::time::MediaTime;
    use crate::units::{Estimate, Unavailable};

    const SECOND: i64 = 1_000_000;

    fn gate() -> CameraId {
        CameraId::new("gate").unwrap()
    }

    fn look(degrees: f32) -> Appearance {
        let angle = degrees.to_radians();
        Appearance::normalised(&[angle.cos(), angle.sin()], 1.0).unwrap()
    }

    fn directive(look: Option<Appearance>) -> Directive {
        let (from, until) = (10 * SECOND, 20 * SECOND);
        Directive { follow: 7, camera: gate(), from, until, priority: 0.8, look, cosine_min: 0.8 }
    }

    fn seen(at: i64, track: u64, appearance: Option<Appearance>) -> EdgeEvent {
        EdgeEvent {
            id: EventId { camera: gate(), boot: BootId(1), sequence: 1 },
            lifecycle: Lifecycle::Update,
            severity: Severity::Info,
            capture_time: CaptureTime::exact(at),
            media_time: MediaTime(0),
            frame: 0,
            track: Some(TrackId(track)),
            bbox: None,
            zone: None,
            reasons: Vec::new(),
            provenance: Arc::new(Provenance { models: String::new(), configuration: String::new() }),
            trace: TraceContext { trace: 1, span: 1 },
            body: EventBody::Track(TrackReport {
                class: ObjectClass::Person,
                since: CaptureTime::exact(at),
                age_s: 0.0,
                score: 1.0,
                speed: Estimate::Unavailable(Unavailable::TooShort),
                floor: FloorPlace::Unavailable(Unavailable::NotCalibrated),
                floor_speed: Estimate::Unavailable(Unavailable::NotCalibrated),
                carriers: Vec::new(),
                appearance,
            }),
        }
    }

    #[test]
    fn a_camera_looks_in_its_time_and_no_longer() {
        let (lookout, _found) = Lookout::new();
        lookout.replace(vec![directive(None)]);
        for (at, expected) in [(8, false), (9, true), (15, true), (21, true), (22, false)] {
            assert_eq!(lookout.is_on(&gate(), CaptureTime::exact(at * SECOND)), expected, "{at}");
        }
        let other = CameraId::new("other").unwrap();
        assert!(!lookout.is_on(&other, CaptureTime::exact(15 * SECOND)));
        lookout.replace(Vec::new());
        assert!(!lookout.is_on(&gate(), CaptureTime::exact(15 * SECOND)));
    }

    #[test]
    fn who_looks_alike_is_told_and_not_at_every_report() {
        let (lookout, mut found) = Lookout::new();
        lookout.replace(vec![directive(Some(look(0.0)))]);
        let mut told = |events: &[EdgeEvent]| {
            lookout.notice(events);
            std::iter::from_fn(|| found.try_recv().ok()).map(|m| (m.follow, m.track.track.0)).collect::<Vec<_>>()
        };
        assert_eq!(told(&[seen(15 * SECOND, 1, Some(look(60.0))), seen(15 * SECOND, 2, None)]), []);
        assert_eq!(told(&[seen(15 * SECOND, 3, Some(look(30.0)))]), [(7, 3)]);
        assert_eq!(told(&[seen(16 * SECOND, 3, Some(look(30.0)))]), [], "told already");
        assert_eq!(told(&[seen(17 * SECOND, 3, Some(look(10.0)))]), [(7, 3)], "more alike");
        assert_eq!(told(&[seen(30 * SECOND, 3, Some(look(0.0)))]), [], "too late");
        let crowd: Vec<EdgeEvent> = (10..100).map(|track| seen(15 * SECOND, track, Some(look(0.0)))).collect();
        assert_eq!((told(&crowd).len(), lookout.take_dropped()), (FOUND_MAX, 90 - FOUND_MAX as u64));
    }
}
