//! When a track is told of and what: at its confirmation, at most once a period, and at its end.

use std::collections::BTreeMap;

use super::floor::Sight;
use super::stature::Stature;
use crate::event::{Carrier, Lifecycle, TrackReport};
use crate::frame::{BBox, FrameHeader, PixelProbe};
use crate::geometry::Homography;
use crate::ids::TrackId;
use crate::time::{CaptureTime, MediaTime};
use crate::tracking::{Carriers, Foot, Track, Tracker};
use crate::units::{Estimate, Unavailable};

/// A track's speed is known from so many detections on.
const MATCHES_FOR_SPEED: u32 = 3;

/// What is told of one track.
#[derive(Debug)]
pub(super) struct TrackNews {
    pub(super) id: TrackId,
    pub(super) lifecycle: Lifecycle,
    pub(super) bbox: BBox,
    pub(super) report: TrackReport,
}

/// When a track was last told of and what was seen of it since.
#[derive(Debug)]
struct Told {
    at: MediaTime,
    sight: Sight,
    carriers: Vec<Carrier>,
    score_sum: f64,
    matched: u32,
    frames: u32,
}

impl Told {
    fn start(at: MediaTime, sight: Sight, carriers: Vec<Carrier>) -> Self {
        Self { at, sight, carriers, score_sum: 0.0, matched: 0, frames: 0 }
    }
}

/// What all news of a frame share.
pub(super) struct Scene<'a> {
    pub(super) header: &'a FrameHeader,
    pub(super) tracker: &'a Tracker,
    pub(super) carriers: &'a Carriers,
    /// At most one report of a track in this time, seconds.
    pub(super) period_s: f64,
}

/// Remembers what was told. Bounded by the tracker's own bound: one entry for each live confirmed track.
#[derive(Debug, Default)]
pub(super) struct Reporter {
    floor: Option<Homography>,
    /// Of a calibrated camera.
    stature: Option<Stature>,
    told: BTreeMap<TrackId, Told>,
}

impl Reporter {
    /// With the camera's calibration, if it has one.
    pub(super) fn new(floor: Option<Homography>) -> Self {
        Self { floor, stature: floor.map(Stature::new), told: BTreeMap::new() }
    }

    /// News of the live tracks after a frame in which was detected.
    pub(super) fn live(&mut self, scene: &Scene<'_>, probe: &mut dyn PixelProbe, news: &mut Vec<TrackNews>) {
        let header = scene.header;
        let tracks: Vec<(&Track, Foot)> = scene.tracker.feet().collect();
        for &(track, foot) in tracks.iter().filter(|(t, _)| t.state.is_told()) {
            let known = self.told.contains_key(&track.id);
            if track.matched || !known {
                let sight = Sight::of(header, track, foot, &tracks, self.stature.as_mut());
                let start = || Told::start(header.media_time, sight, Vec::new());
                self.told.entry(track.id).or_insert_with(start).sight = sight;
            }
            let Some(told) = self.told.get_mut(&track.id) else { continue };
            told.frames += 1;
            if track.matched {
                told.matched += 1;
                told.score_sum += f64::from(track.score);
                told.carriers = scene.carriers.of(track.id);
            }
            let due = track.matched && header.media_time.since(told.at) >= scene.period_s;
            if known && !due {
                continue;
            }
            let report = TrackReport {
                appearance: probe.appearance(&track.bbox).ok().or_else(|| track.appearance.clone()),
                ..describe(header, track, told, self.floor.as_ref())
            };
            let lifecycle = if known { Lifecycle::Update } else { Lifecycle::New };
            news.push(TrackNews { id: track.id, lifecycle, bbox: track.bbox, report });
            *told = Told::start(header.media_time, told.sight, std::mem::take(&mut told.carriers));
        }
    }

    /// News of tracks that are over. One that was never told of stays untold.
    pub(super) fn ended(&mut self, header: &FrameHeader, tracks: &[Track], news: &mut Vec<TrackNews>) {
        for track in tracks {
            if let Some(stature) = &mut self.stature {
                stature.forget(track.id);
            }
            if let Some(told) = self.told.remove(&track.id) {
                let report = describe(header, track, &told, self.floor.as_ref());
                news.push(TrackNews { id: track.id, lifecycle: Lifecycle::End, bbox: track.bbox, report });
            }
        }
    }
}

fn describe(header: &FrameHeader, track: &Track, told: &Told, floor: Option<&Homography>) -> TrackReport {
    let observed = MediaTime(track.last_seen.0 - track.first_seen.0);
    let back = MediaTime(track.first_seen.0 - header.media_time.0);
    let share = f64::from(told.matched) / f64::from(told.frames.max(1));
    let known =
        |speed| if track.matches < MATCHES_FOR_SPEED { Estimate::Unavailable(Unavailable::TooShort) } else { speed };
    TrackReport {
        class: track.class,
        since: header.capture_time.after(back),
        age_s: observed.seconds(),
        score: if told.matched > 0 { told.score_sum / f64::from(told.matched) } else { f64::from(track.score) },
        speed: known(told.sight.speed(share)),
        floor: told.sight.place(floor),
        floor_speed: known(told.sight.floor_speed(floor, share)),
        carriers: told.carriers.clone(),
        appearance: None,
    }
}

/// Capture time of the newest thing known, for events that no frame led to.
pub(super) fn no_earlier(at: CaptureTime, newest: Option<CaptureTime>) -> CaptureTime {
    match newest {
        Some(newest) if newest.unix_micros > at.unix_micros => newest,
        _ => at,
    }
}
