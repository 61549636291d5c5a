//! What the cameras into whose views somebody followed may come next are asked to look for.

use super::tracker::CentralTracker;
use crate::appearance::Appearance;
use crate::association::{TrackKey, TravellerId};
use crate::ids::CameraId;
use crate::time::CaptureTime;

/// A next view less probable than this is not asked to look.
const PROBABLE: f64 = 0.05;
/// Whoever is not where they were expected by then may still come: an order stands at least this much longer, seconds.
const STANDS_S: f64 = 15.0;

/// One camera is to look for one traveller. Orders that stand are given anew whenever they change; none outlives `until`.
#[derive(Debug, Clone, PartialEq)]
pub struct Directive {
    /// The follow that it serves.
    pub follow: u64,
    /// Which camera.
    pub camera: CameraId,
    /// From when on they may come into view, UTC microseconds on the cameras' clocks.
    pub from: i64,
    /// Until when at least.
    pub until: i64,
    /// How probable it is that they come into this view next.
    pub priority: f64,
    /// What they look like, where that is known.
    pub look: Option<Appearance>,
    /// From this cosine similarity on a look speaks for them rather than for another.
    pub cosine_min: f64,
}

/// A camera's answer: this track looks like the one who is followed.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// The follow.
    pub follow: u64,
    /// Who looks like them.
    pub track: TrackKey,
    /// When that was seen.
    pub at: CaptureTime,
    /// How much.
    pub cosine: f64,
}

impl CentralTracker {
    /// What stands to be looked for, by follow and camera.
    #[must_use]
    pub fn directives(&self) -> Vec<Directive> {
        let mut directives = Vec::new();
        for follow in self.follows().open() {
            let Some(identity) = self.travellers().identity(&follow.track) else { continue };
            self.look_for(follow.id, identity.traveller, &mut directives);
        }
        directives
    }

    fn look_for(&self, follow: u64, traveller: TravellerId, into: &mut Vec<Directive>) {
        let blind = self.blind(traveller).into_keys().collect();
        let Some(outlook) = self.travellers().outlook(traveller, &blind) else { return };
        let look = self.travellers().look(traveller);
        let now_s = self.travellers().now_s();
        // Whole seconds: what stands is not told anew for less.
        let micros = |seconds: f64| seconds.floor() as i64 * 1_000_000;
        for next in outlook.next.iter().filter(|next| next.probability >= PROBABLE && !blind.contains(&next.camera)) {
            into.push(Directive {
                follow,
                camera: next.camera.clone(),
                from: micros(now_s + next.earliest_s.min(next.between_s.0)),
                until: micros(now_s + next.between_s.1.max(STANDS_S)),
                priority: (next.probability * 100.0).round() / 100.0,
                look: look.cloned(),
                cosine_min: self.travellers().telling_cosine(),
            });
        }
    }
}
