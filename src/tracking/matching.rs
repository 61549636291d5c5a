//! How well a track and a detection fit, and which pairs may be matched in a stage.

use crate::appearance::Appearance;
use crate::frame::{BBox, ObjectClass};

use super::assignment::Edge;
use super::gallery::Answer;
use super::tracker::{FREE, Memory, Work};
use super::{Track, TrackState, TrackerSettings};

/// Which tracks meet which detections.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage {
    /// Tentative tracks, or all others.
    pub(super) tentative: bool,
    /// Scores from the first, below the second.
    pub(super) scores: (f32, f32),
    /// Least similarity of a pair.
    pub(super) similarity_min: f64,
}

impl Stage {
    /// The stages of a step, in order.
    pub(super) fn all(s: &TrackerSettings) -> [Self; 3] {
        let strong = (s.score_high, f32::INFINITY);
        let weak = (s.score_low, s.score_high);
        let any = (s.score_low, f32::INFINITY);
        let stage = |tentative, scores, similarity_min| Self { tentative, scores, similarity_min };
        [
            stage(false, strong, s.similarity_high),
            stage(false, weak, s.similarity_low),
            stage(true, any, s.similarity_tentative),
        ]
    }

    fn admits_track(&self, track: &Track) -> bool {
        !track.matched && (track.state == TrackState::Tentative) == self.tentative
    }
}

/// How a track looks for its detection.
#[derive(Debug, Clone, Copy)]
struct Lookout {
    /// Where it is believed to be.
    bbox: BBox,
    /// The same, grown.
    grown: BBox,
    /// By what share of their sides boxes grow before they are compared.
    share: f64,
    /// Variance of the logarithm of the height that is looked for.
    height_variance: f64,
}

impl Lookout {
    fn of(s: &TrackerSettings, track: &Track, memory: &Memory) -> Self {
        let share = (s.buffer_gain * memory.motion.uncertainty()).min(s.buffer_max);
        Self {
            bbox: track.bbox,
            grown: grown(&track.bbox, share),
            share,
            height_variance: s.height_tolerance.powi(2) + memory.motion.height_variance(),
        }
    }

    /// Overlap of the grown boxes times the likeness of their heights times the detection's `weight`, 0 to 1; `None` when
    /// it is not above `least`. Most pairs fail by their overlap alone.
    #[inline]
    fn similarity(&self, bbox: &BBox, weight: f64, least: f64) -> Option<f64> {
        let other = grown(bbox, self.share);
        if self.grown.right() <= other.x || other.right() <= self.grown.x {
            return None;
        }
        let overlap = self.grown.iou(&other);
        if overlap * weight <= least {
            return None;
        }
        let unlike = (self.bbox.h / bbox.h).ln();
        let likeness = (-unlike * unlike / (2.0 * self.height_variance)).exp();
        let similarity = overlap * likeness * weight;
        (similarity > least).then_some(similarity)
    }
}

fn grown(b: &BBox, share: f64) -> BBox {
    let (dx, dy) = (b.w * share, b.h * share);
    BBox { x: b.x - dx, y: b.y - dy, w: b.w + 2.0 * dx, h: b.h + 2.0 * dy }
}

/// Lists the rows of a stage and its permitted pairs; an edge's cost is minus its similarity. True when there are any.
pub(super) fn collect_pairs(
    s: &TrackerSettings,
    stage: &Stage,
    tracks: &[Track],
    memories: &[Memory],
    work: &mut Work,
) -> bool {
    let Work { detections, weights, owner, rows, edges, grid, .. } = work;
    rows.clear();
    edges.clear();
    let open =
        |j: usize| owner[j] == FREE && detections[j].score >= stage.scores.0 && detections[j].score < stage.scores.1;
    if !(0..detections.len()).any(open) {
        return false;
    }
    for (i, (track, memory)) in tracks.iter().zip(memories).enumerate() {
        if !stage.admits_track(track) {
            continue;
        }
        let uncertainty = memory.motion.uncertainty();
        if uncertainty > s.uncertainty_max && memory.missed {
            continue;
        }
        let row = rows.len() as u32;
        rows.push(i as u32);
        let lookout = Lookout::of(s, track, memory);
        let slope = if memory.missed { s.uncertainty_penalty } else { -s.uncertainty_relief };
        let least = (stage.similarity_min + slope * uncertainty).max(s.similarity_least);
        grid.near(&lookout.bbox, lookout.share, |j| {
            if open(j) && detections[j].class == track.class {
                let similarity = lookout.similarity(&detections[j].bbox, weights[j], least);
                if let Some(similarity) = similarity {
                    edges.push(Edge { row, col: j as u32, cost: least - stage.similarity_min - similarity });
                }
            }
        });
    }
    !edges.is_empty()
}

/// Asks for the appearance of detections that geometry cannot settle, and lets the answers speak in their pairs.
pub(super) fn consult_appearance(
    s: &TrackerSettings,
    tracks: &[Track],
    work: &mut Work,
    ask: &mut dyn FnMut(&BBox) -> Option<Appearance>,
) {
    if work.rows.iter().all(|row| tracks[*row as usize].appearance.is_none()) {
        return;
    }
    mark_ambiguous(s.ambiguity_margin, work);
    for k in 0..work.edges.len() {
        let (row, col) = (work.edges[k].row as usize, work.edges[k].col as usize);
        let Some(gallery) = &tracks[work.rows[row] as usize].appearance else { continue };
        if !work.ambiguous[col] {
            continue;
        }
        work.ask(col, s.appearance_questions_max, ask);
        if let Some(cosine) = work.answers[col].known().and_then(|a| a.cosine(gallery)) {
            let edge = &mut work.edges[k];
            edge.cost -= s.appearance_weight * (cosine - s.appearance_pivot);
            if cosine < s.appearance_min {
                edge.cost = f64::INFINITY;
            }
        }
    }
}

/// Marks the detections of which two tracks, or whose track has two detections, with similarities closer than `margin`.
fn mark_ambiguous(margin: f64, work: &mut Work) {
    let Work { edges, ambiguous, best, rows, detections, .. } = work;
    ambiguous.clear();
    ambiguous.resize(detections.len(), false);
    for (sides, by_row) in [(rows.len(), true), (detections.len(), false)] {
        // Best and second best similarity of each row, then of each column.
        best.clear();
        best.resize(sides, (0.0, 0.0));
        for e in edges.iter() {
            let (first, second) = &mut best[if by_row { e.row } else { e.col } as usize];
            if -e.cost > *first {
                (*first, *second) = (-e.cost, *first);
            } else if -e.cost > *second {
                *second = -e.cost;
            }
        }
        for e in edges.iter() {
            let (first, second) = best[if by_row { e.row } else { e.col } as usize];
            if second > 0.0 && first - second < margin && -e.cost >= first - margin {
                ambiguous[e.col as usize] = true;
            }
        }
    }
}

/// Lists the pairs of shown tracks that were seen in the last step and strong detections that nobody took, where they overlap by
/// far: of somebody half hidden, or whose shadow is taken for his legs, the height jumps, but he is still there.
pub(super) fn collect_resized(s: &TrackerSettings, tracks: &[Track], memories: &[Memory], work: &mut Work) {
    let Work { detections, owner, rows, edges, grid, .. } = work;
    rows.clear();
    edges.clear();
    for (i, (track, memory)) in tracks.iter().zip(memories).enumerate() {
        if track.matched || memory.missed || !track.state.is_told() {
            continue;
        }
        let row = rows.len() as u32;
        rows.push(i as u32);
        grid.near(&track.bbox, 0.0, |j| {
            let d = &detections[j];
            let overlap = track.bbox.iou(&d.bbox);
            if owner[j] == FREE && d.class == track.class && d.score >= s.score_high && overlap > s.resize_overlap {
                edges.push(Edge { row, col: j as u32, cost: s.resize_overlap - overlap });
            }
        });
    }
}

/// Lists the pairs of lost tracks with a known appearance and strong detections that nobody took, within reach.
pub(super) fn collect_recoveries(
    s: &TrackerSettings,
    score_min: impl Fn(ObjectClass) -> f32,
    gap_of: impl Fn(&Track) -> f64,
    tracks: &[Track],
    memories: &[Memory],
    work: &mut Work,
    ask: &mut dyn FnMut(&BBox) -> Option<Appearance>,
) {
    work.rows.clear();
    work.edges.clear();
    for (i, (track, memory)) in tracks.iter().zip(memories).enumerate() {
        let Some(gallery) = track.appearance.as_ref().filter(|_| track.state == TrackState::Lost && !track.matched)
        else {
            continue;
        };
        let row = work.rows.len() as u32;
        work.rows.push(i as u32);
        let (seen, least) = (memory.seen.bbox(), score_min(track.class));
        let reach = (1.0 + s.recover_speed * gap_of(track)).min(s.recover_reach) * seen.h;
        for j in 0..work.detections.len() {
            let d = work.detections[j];
            let free = work.owner[j] == FREE && d.class == track.class && d.score >= least;
            if !free || !within(&seen, &d.bbox, reach) {
                continue;
            }
            work.ask(j, s.appearance_questions_max, ask);
            if let Some(cosine) = work.answers[j].known().and_then(|a| a.cosine(gallery))
                && cosine > s.appearance_recover
            {
                work.edges.push(Edge { row, col: j as u32, cost: s.appearance_recover - cosine });
            }
        }
    }
    drop_narrow_leads(s.appearance_lead, work);
}

/// Where the best and the second best candidate of a track or a detection look alike, neither is taken.
fn drop_narrow_leads(lead: f64, work: &mut Work) {
    mark_ambiguous(lead, work);
    let Work { edges, ambiguous, .. } = work;
    edges.retain(|e| !ambiguous[e.col as usize]);
}

fn within(a: &BBox, b: &BBox, reach: f64) -> bool {
    /// Heights further apart than this factor are not the same person walking nearer or away.
    const HEIGHT_RATIO_MIN: f64 = 0.6;
    let ((ax, ay), (bx, by)) = (a.centre(), b.centre());
    (ax - bx).hypot(ay - by) <= reach && a.h.min(b.h) >= HEIGHT_RATIO_MIN * a.h.max(b.h)
}

impl Work {
    /// Asks once for the appearance of a detection, within the bound of questions of a step.
    pub(super) fn ask(&mut self, j: usize, most: u32, ask: &mut dyn FnMut(&BBox) -> Option<Appearance>) {
        if matches!(self.answers[j], Answer::NotAsked) && self.questions < most {
            self.questions += 1;
            self.answers[j] = ask(&self.detections[j].bbox).map_or(Answer::Nothing, Answer::Known);
        }
    }
}
