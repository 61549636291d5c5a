//! Frames on which no detector was run, filled in from the frames on which one was.

use super::{Track, TrackState};

/// Straight-line fill-in between successive detection frames.
///
/// What lies between two detection frames is known only at the second one, so the output lags by up to one detection
/// interval, and never by more: a track that was out of sight at the first of the two is not filled in. A track that is
/// believed only at the second one is shown from the first one on, as that is no later. Where every frame is a
/// detection frame there is no lag: each frame is reported as it was known then.
#[derive(Debug, Clone, Default)]
pub struct FillIn {
    /// Number of the last detection frame and the tracks that were matched or shown on it, ascending id.
    last: Option<u64>,
    before: Vec<Track>,
}

impl FillIn {
    /// Takes in the tracks after the step of detection frame `frame` and reports what is newly known to be visible from
    /// the last detection frame up to this one: frame number and the track as it was there, by ascending frame, then id.
    pub fn step(&mut self, frame: u64, tracks: &[Track], mut shown: impl FnMut(u64, &Track)) {
        let visible = |t: &&Track| t.state == TrackState::Confirmed;
        if let Some(last) = self.last {
            let first = if last + 1 < frame { last } else { frame };
            for between in first..frame {
                let share = (between - last) as f64 / (frame - last) as f64;
                for track in tracks.iter().filter(visible) {
                    let before = self.before.binary_search_by_key(&track.id, |t| t.id).ok().map(|i| &self.before[i]);
                    if let Some(before) = before.filter(|t| between > last || !visible(t)) {
                        let bbox = before.bbox.towards(&track.bbox, share);
                        shown(between, &Track { bbox, matched: false, ..track.clone() });
                    }
                }
            }
        }
        for track in tracks.iter().filter(visible) {
            shown(frame, track);
        }
        self.last = Some(frame);
        self.before.clear();
        self.before.extend(tracks.iter().filter(|t| t.matched || visible(t)).cloned());
    }
}

#[cfg(test)]
mod tests {
    use crate::frame::{BBox, ObjectClass};
    use crate::ids::TrackId;
    use crate::time::MediaTime;

    use super::*;

    fn track(id: u64, x: f64, state: TrackState) -> Track {
        let bbox = BBox { x, y: 0.0, w: 10.0, h: 20.0 };
        Track { state, ..Track::confirmed(TrackId(id), ObjectClass::Person, bbox, 0.9, MediaTime(0)) }
    }

    #[test]
    fn frames_between_are_on_the_straight_line() {
        let mut fill = FillIn::default();
        let mut rows = Vec::new();
        let first = [track(1, 0.0, TrackState::Confirmed), track(2, 50.0, TrackState::Tentative)];
        fill.step(1, &first, |f, t| rows.push((f, t.id.0, t.bbox.x)));
        // The second is confirmed now; the third is new; the first is out of sight.
        let lost = Track { matched: false, ..track(1, 9.0, TrackState::Lost) };
        let second = [lost, track(2, 59.0, TrackState::Confirmed), track(3, 90.0, TrackState::Confirmed)];
        fill.step(4, &second, |f, t| rows.push((f, t.id.0, t.bbox.x)));
        assert_eq!(rows, [(1, 1, 0.0), (1, 2, 50.0), (2, 2, 53.0), (3, 2, 56.0), (4, 2, 59.0), (4, 3, 90.0)]);
    }
}
