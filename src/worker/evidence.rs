//! Pictures around an alert, kept at the edge for a while and given out masked when asked for.
//!
//! A camera keeps a small still about twice a second for some seconds. When it reports something that may become an alert,
//! the stills before and after are put aside. Nothing leaves the machine unless the centre asks; it then gets a few stills in
//! which everybody but the concerned is hidden. All of it is in memory, bounded in seconds and bytes, and gone after a set
//! time or a restart. What the bound in bytes pushes out before its time is counted as dropped.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::capture::{CaptureError, blur, decode_picture, jpeg_of, mask};
use crate::config::EvidenceSettings;
use crate::event::{EdgeEvent, EventBody, Lifecycle, Severity};
use crate::frame::{BBox, Frame, Image, ObjectClass};
use crate::ids::{BootId, CameraId, EventId, TrackId};
use crate::time::{CaptureTime, MediaTime, Now};
use crate::tracking::Track;

/// Pause between two stills.
const EVERY: Duration = Duration::from_millis(500);
/// Longer side of a still, pixels.
const SIDE_MAX: u32 = 640;
/// Most stills given out of one event, spread over its time.
const GIVEN_MAX: usize = 9;
/// Names kept of one event's later reports; the oldest but the first go.
const NAMES_MAX: usize = 64;
/// Most events of a camera of which stills are kept.
const CLIPS_MAX: usize = 512;
/// Names kept of what is deleted.
const DELETED_MAX: usize = 4_096;
/// The upper part of a person's box, where the face is.
const FACE_PART: f64 = 0.25;

/// One small picture with who was in it.
#[derive(Debug)]
struct Still {
    boot: BootId,
    media: MediaTime,
    at: CaptureTime,
    jpeg: Vec<u8>,
    people: Vec<(TrackId, ObjectClass, BBox)>,
    /// Pixels of the frame that it was made of.
    full: (u32, u32),
    /// Frames analysed a second since the still before.
    rate: Option<f64>,
}

/// What is kept of one event.
#[derive(Debug)]
struct Clip {
    names: VecDeque<EventId>,
    kind: Kind,
    concerned: BTreeSet<TrackId>,
    stills: Vec<Arc<Still>>,
    until: MediaTime,
    since: Now,
}

type Kind = (Option<TrackId>, &'static str);

/// A still to be given out.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// When it was taken.
    pub at: CaptureTime,
    /// JPEG.
    pub jpeg: Vec<u8>,
    /// Pixels.
    pub size: (u32, u32),
}

/// What a camera sees just now.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Everybody in it is hidden.
    pub still: Shown,
    /// Who and what is tracked in it, in its pixels.
    pub boxes: Vec<(TrackId, ObjectClass, BBox)>,
    /// Pixels of the camera's own frames.
    pub full: (u32, u32),
    /// Frames analysed a second, where two stills are there to tell.
    pub rate: Option<f64>,
}

/// What there is of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// These, masked.
    Stills(Vec<Shown>),
    /// It is deleted: too old, or pushed out by newer ones.
    Deleted,
    /// Nothing was ever kept of it.
    Unknown,
}

/// Stills of one camera. The lock is free but for a copy or a look.
#[derive(Debug, Clone)]
pub struct Evidence(Arc<Mutex<Keeper>>);

#[derive(Debug)]
struct Keeper {
    settings: EvidenceSettings,
    ring: VecDeque<Arc<Still>>,
    clips: VecDeque<Clip>,
    deleted: VecDeque<EventId>,
    deletions: u64,
    dropped: u64,
    /// Frames since the newest still.
    frames: u32,
}

impl Evidence {
    /// Empty.
    #[must_use]
    pub fn new(settings: EvidenceSettings) -> Self {
        let (ring, clips, deleted) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
        Self(Arc::new(Mutex::new(Keeper { settings, ring, clips, deleted, deletions: 0, dropped: 0, frames: 0 })))
    }

    /// Takes a frame with its confirmed tracks, if it is time for a still.
    ///
    /// # Errors
    /// When the picture cannot be made small.
    pub fn frame(&self, frame: &Frame, tracks: &[Track]) -> Result<(), CaptureError> {
        let media = frame.header.media_time;
        if !self.with(|keeper| keeper.is_due(frame.header.boot, media)) {
            return Ok(());
        }
        let (width, height) = (f64::from(frame.image.width), f64::from(frame.image.height));
        let whole = BBox { x: 0.0, y: 0.0, w: width, h: height };
        let Some((jpeg, _)) = jpeg_of(&frame.image, &whole, SIDE_MAX)? else { return Ok(()) };
        let scale = (f64::from(SIDE_MAX) / width.max(height)).min(1.0);
        let scaled = |b: &BBox| BBox { x: b.x * scale, y: b.y * scale, w: b.w * scale, h: b.h * scale };
        let people = tracks.iter().map(|t| (t.id, t.class, scaled(&t.bbox))).collect();
        let (boot, at) = (frame.header.boot, frame.header.capture_time);
        let full = (frame.image.width, frame.image.height);
        let rate = self.with(|keeper| keeper.rate(boot, media));
        let still = Arc::new(Still { boot, media, at, jpeg, people, full, rate });
        self.with(|keeper| keeper.push(still));
        Ok(())
    }

    /// Takes what was reported after that frame.
    pub fn events(&self, events: &[EdgeEvent], now: Now) {
        self.with(|keeper| events.iter().for_each(|event| keeper.event(event, now)));
    }

    /// Deletes what is too old; how many events' stills were deleted ever.
    pub fn expire(&self, now: Now) -> u64 {
        self.with(|keeper| {
            keeper.expire(now);
            keeper.deletions
        })
    }

    /// How many events' stills, or stills of none, the bounds pushed out before their time since the last call.
    #[must_use]
    pub fn take_dropped(&self) -> u64 {
        self.with(|keeper| std::mem::take(&mut keeper.dropped))
    }

    /// The newest still, with nobody to be recognised in it: there is no concerned in a mere look. `close`: faces fill a part of
    /// this camera's picture, so that all of it is coarse; else the place can be told and a person whom no tracker saw yet is
    /// a few cells. `None` before the first still.
    ///
    /// # Errors
    /// When the still cannot be read again.
    pub fn newest(&self, close: bool) -> Result<Option<Preview>, CaptureError> {
        let Some(still) = self.with(|keeper| keeper.ring.back().cloned()) else { return Ok(None) };
        Ok(Some(Preview {
            still: still.anonymous(close)?,
            boxes: still.people.clone(),
            full: still.full,
            rate: still.rate,
        }))
    }

    /// The stills of an event, masked; faces of the concerned are shown only if `faces`.
    ///
    /// # Errors
    /// When a still cannot be read again.
    pub fn find(&self, name: &EventId, faces: bool, now: Now) -> Result<Found, CaptureError> {
        self.expire(now);
        let found = self.with(|keeper| match keeper.clips.iter().find(|clip| clip.names.contains(name)) {
            Some(clip) => Ok((spread(&clip.stills), clip.concerned.clone())),
            None if keeper.deleted.contains(name) => Err(Found::Deleted),
            None => Err(Found::Unknown),
        });
        match found {
            Ok((stills, concerned)) => {
                let shown: Result<_, _> = stills.iter().map(|still| still.masked(&concerned, faces)).collect();
                Ok(Found::Stills(shown?))
            }
            Err(nothing) => Ok(nothing),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Keeper) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Keeper {
    fn is_due(&mut self, boot: BootId, media: MediaTime) -> bool {
        self.frames = self.frames.saturating_add(1);
        let every = EVERY.as_secs_f64();
        self.ring.back().is_none_or(|last| last.boot != boot || !(0.0..every).contains(&media.since(last.media)))
    }

    /// Frames a second since the newest still, which begin to be counted anew.
    fn rate(&mut self, boot: BootId, media: MediaTime) -> Option<f64> {
        let frames = f64::from(std::mem::take(&mut self.frames));
        let last = self.ring.back().filter(|last| last.boot == boot && last.media < media)?;
        Some(frames / media.since(last.media))
    }

    fn push(&mut self, still: Arc<Still>) {
        // Another run, whose tracks are others, or a step of the clock: what was before belongs to no clip of now.
        if self.ring.back().is_some_and(|last| still.boot != last.boot || still.media < last.media) {
            self.ring.clear();
            self.clips.iter_mut().for_each(|clip| clip.until = MediaTime(i64::MIN));
        }
        for clip in self.clips.iter_mut().filter(|clip| still.media <= clip.until) {
            clip.stills.push(Arc::clone(&still));
        }
        let before = self.settings.before.as_secs_f64();
        self.ring.push_back(Arc::clone(&still));
        while self.ring.front().is_some_and(|first| still.media.since(first.media) > before) {
            self.ring.pop_front();
        }
        self.keep_within();
    }

    fn event(&mut self, event: &EdgeEvent, now: Now) {
        let (rule, others): (&'static str, &[TrackId]) = match &event.body {
            EventBody::Behaviour(report) => (report.behaviour.as_str(), &report.others),
            EventBody::Screening(_) => ("screening", &[]),
            _ => return,
        };
        let told = matches!(event.lifecycle, Lifecycle::New | Lifecycle::Update);
        if !told || event.severity < Severity::Attention {
            return;
        }
        let kind = (event.track, rule);
        let same = |clip: &&mut Clip| clip.kind == kind && clip.names[0].boot == event.id.boot;
        if event.lifecycle == Lifecycle::Update
            && let Some(clip) = self.clips.iter_mut().rev().find(same)
        {
            if clip.names.len() >= NAMES_MAX {
                clip.names.remove(1);
            }
            clip.names.push_back(event.id.clone());
            return;
        }
        let after = MediaTime::from_seconds(self.settings.after.as_secs_f64());
        self.clips.push_back(Clip {
            names: VecDeque::from([event.id.clone()]),
            kind,
            concerned: event.track.iter().chain(others).copied().collect(),
            stills: self.ring.iter().cloned().collect(),
            until: MediaTime(event.media_time.0 + after.0),
            since: now,
        });
        self.keep_within();
    }

    /// What several clips share counts for each of them: the bound is never exceeded, only reached early.
    fn keep_within(&mut self) {
        fn bytes<'a>(stills: impl IntoIterator<Item = &'a Arc<Still>>) -> usize {
            stills.into_iter().map(|still| still.jpeg.len()).sum()
        }
        let mut ring = bytes(&self.ring);
        let mut clips: usize = self.clips.iter().map(|clip| bytes(&clip.stills)).sum();
        while ring + clips > self.settings.bytes_max || self.clips.len() > CLIPS_MAX {
            self.dropped += 1;
            match self.clips.front() {
                Some(oldest) => {
                    clips -= bytes(&oldest.stills);
                    self.delete_oldest();
                }
                None => ring -= self.ring.pop_front().map_or(ring, |still| still.jpeg.len()),
            }
        }
    }

    fn expire(&mut self, now: Now) {
        while self.clips.front().is_some_and(|clip| now.since(clip.since) >= self.settings.keep) {
            self.delete_oldest();
        }
    }

    fn delete_oldest(&mut self) {
        let Some(clip) = self.clips.pop_front() else { return };
        self.deletions += 1;
        tracing::info!(event = %clip.names[0], stills = clip.stills.len(), deleted = self.deletions, "evidence deleted");
        self.deleted.extend(clip.names);
        while self.deleted.len() > DELETED_MAX {
            self.deleted.pop_front();
        }
    }
}

/// At most as many as are given out, evenly over the time.
fn spread(stills: &[Arc<Still>]) -> Vec<Arc<Still>> {
    let count = stills.len().min(GIVEN_MAX);
    (0..count).map(|i| Arc::clone(&stills[i * stills.len() / count])).collect()
}

impl Still {
    fn masked(&self, concerned: &BTreeSet<TrackId>, faces: bool) -> Result<Shown, CaptureError> {
        let (shown, hidden) = self.areas(concerned, faces);
        self.changed(|image| mask(image, &shown, &hidden))
    }

    fn anonymous(&self, close: bool) -> Result<Shown, CaptureError> {
        let (_, hidden) = self.areas(&BTreeSet::new(), false);
        self.changed(|image| if close { mask(image, &[], &hidden) } else { blur(image, &hidden) })
    }

    fn changed(&self, change: impl FnOnce(&mut Image)) -> Result<Shown, CaptureError> {
        let mut image = Image::default();
        decode_picture(&self.jpeg, &mut image)
            .map_err(|reason| CaptureError::Unreadable { source_name: "a kept still".to_owned(), reason })?;
        change(&mut image);
        let size = (image.width, image.height);
        let whole = BBox { x: 0.0, y: 0.0, w: f64::from(size.0), h: f64::from(size.1) };
        let jpeg = jpeg_of(&image, &whole, SIDE_MAX)?.map_or_else(Vec::new, |(jpeg, _)| jpeg);
        Ok(Shown { at: self.at, jpeg, size })
    }

    /// What is shown, and what is hidden even there: everybody else, and the faces of the concerned unless `faces`.
    fn areas(&self, concerned: &BTreeSet<TrackId>, faces: bool) -> (Vec<BBox>, Vec<BBox>) {
        let (mut shown, mut hidden) = (Vec::new(), Vec::new());
        for (id, class, bbox) in &self.people {
            match (concerned.contains(id), head(*class, bbox)) {
                (true, head) => {
                    shown.push(whole(*class, bbox));
                    hidden.extend(head.filter(|_| !faces));
                }
                (false, Some(_)) => hidden.push(whole(*class, bbox)),
                (false, None) => {}
            }
        }
        (shown, hidden)
    }
}

/// Where somebody is of whom this was detected: before a lane's camera a face alone, with clothes below it.
fn whole(class: ObjectClass, bbox: &BBox) -> BBox {
    match class {
        ObjectClass::Face => {
            BBox { x: bbox.x - 0.7 * bbox.w, y: bbox.y - 0.4 * bbox.h, w: 2.4 * bbox.w, h: 4.0 * bbox.h }
        }
        _ => *bbox,
    }
}

/// Where the face is; `None` of what has none.
fn head(class: ObjectClass, bbox: &BBox) -> Option<BBox> {
    match class {
        ObjectClass::Person => Some(BBox { h: FACE_PART * bbox.h, ..*bbox }),
        ObjectClass::Face => {
            Some(BBox { x: bbox.x - 0.2 * bbox.w, y: bbox.y - 0.3 * bbox.h, w: 1.4 * bbox.w, h: 1.5 * bbox.h })
        }
        _ => None,
    }
}

/// The stills of a process's cameras.
pub type EvidenceOf = Arc<Vec<(CameraId, Evidence)>>;

#[cfg(test)]
mod tests;
