//! Every number of the tracker, with its unit, in one place.

use serde::{Deserialize, Serialize};

/// Parameters of a [`super::Tracker`]. One set serves every frame rate: times are seconds, lengths are box heights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrackerSettings {
    /// Detections with at least this score take part in the first stage, 0 to 1.
    pub score_high: f32,
    /// Detections below this score are not looked at, 0 to 1.
    pub score_low: f32,
    /// Least similarity (buffered overlap times height likeness) for a pair in the first stage, 0 to 1.
    pub similarity_high: f64,
    /// The same in the second stage, for weak detections.
    pub similarity_low: f64,
    /// The same for tracks that are not confirmed yet.
    pub similarity_tentative: f64,
    /// Standard deviation of the logarithm of the ratio between a person's predicted and detected height: how unlike
    /// heights may be.
    pub height_tolerance: f64,
    /// How strongly a weak score counts against a pair: exponent of the score.
    pub score_weight: f64,
    /// Boxes grow on each side by this many standard deviations of the predicted position before they are compared.
    pub buffer_gain: f64,
    /// Most growth on each side, as a share of the box's side.
    pub buffer_max: f64,
    /// A track that was missed and whose predicted position has a greater standard deviation than this is not matched by
    /// place, box heights.
    pub uncertainty_max: f64,
    /// The least similarity rises by this for each box height of that standard deviation: a chance match must not do.
    pub uncertainty_penalty: f64,
    /// For a track that was matched in the last step it falls by this instead: the longer the step, the less overlap can
    /// be expected ...
    pub uncertainty_relief: f64,
    /// ... down to this.
    pub similarity_least: f64,
    /// A track is confirmed when it was matched again after living at least so long, seconds ...
    pub probation_s: f64,
    /// ... with at least so many detections ...
    pub probation_matches: u32,
    /// ... and when its belief, the moving average of its detections' log-odds, reaches the reference less this.
    ///
    /// The reference is the upper quartile of this camera's matched detections of that class: detectors differ in how sure
    /// they are of a true person, and of a bag, so a fixed score would suit one detector only.
    pub belief_margin: f64,
    /// A detection starts a track when its log-odds reach the belief that a track needs less this.
    pub birth_margin: f64,
    /// A track whose belief reaches the reference less this needs no probation, log-odds.
    pub belief_sure_margin: f64,
    /// Belief from which a track is confirmed whatever the reference, log-odds.
    pub belief_enough: f64,
    /// Belief below which no track is confirmed whatever the reference, log-odds ...
    pub belief_min: f64,
    /// ... and the same of bags: detectors are rarely sure of what is small and half hidden behind its carrier.
    pub belief_min_bag: f64,
    /// A confirmed track is hidden when its belief falls this far below the one needed, log-odds.
    pub belief_slack: f64,
    /// A person who is never more than this away from where he was first seen, box heights ...
    pub still_reach: f64,
    /// ... for longer than this, seconds ...
    pub still_away_s: f64,
    /// ... and that for so long, seconds ...
    pub still_s: f64,
    /// ... is a thing when the detector's mean certainty of him is less than that reference less this, log-odds ...
    pub still_margin: f64,
    /// ... and less than this, whatever the reference, log-odds.
    pub still_enough: f64,
    /// A thing that is hidden for longer than this is forgotten, seconds.
    pub still_lost_s: f64,
    /// Memory of the belief, seconds.
    pub belief_tau_s: f64,
    /// An unmatched confirmed track is still shown at its predicted place for so long, seconds ...
    pub coast_s: f64,
    /// ... as long as the standard deviation of that place is at most this, box heights, and it is inside the view.
    pub coast_uncertainty_max: f64,
    /// A confirmed track that stays unmatched for longer than this ends, seconds.
    pub lost_s: f64,
    /// A tentative track that stays unmatched for longer than this ends, seconds.
    pub tentative_lost_s: f64,
    /// A detection whose overlap with a matched track's box, as a share of its own area, is above this starts no track.
    pub birth_cover_max: f64,
    /// Standard deviation of a detection's centre, box heights.
    pub noise_position: f64,
    /// Standard deviation of a detection's width and height, box heights.
    pub noise_size: f64,
    /// Long-run standard deviation of the speed, box heights per second.
    pub noise_speed: f64,
    /// Long-run standard deviation of the growth of width and height, box heights per second.
    pub noise_growth: f64,
    /// The noise follows what the camera shows: all of it grows by this share per detection and unit of surprise ...
    pub roughness_rate: f64,
    /// ... at most by this factor, up or down ...
    pub roughness_range: f64,
    /// ... and the noise of speed and growth besides by this share per second and unit of lag ...
    pub agility_rate: f64,
    /// ... at least to this factor ...
    pub agility_min: f64,
    /// ... and at most to this.
    pub agility_max: f64,
    /// Memory of the speed, seconds.
    pub speed_tau_s: f64,
    /// Memory of the growth, seconds.
    pub growth_tau_s: f64,
    /// How much noisier a detection of score 0 is than one of score 1: noise times `1 + this * (1 - score)`.
    pub noise_weak: f64,
    /// Memory of the drift, a slower average of the velocity that steers a track while it is out of sight, seconds.
    pub drift_tau_s: f64,
    /// How much of the drift replaces the filter's velocity then, 0 to 1.
    pub drift_weight: f64,
    /// Share of the detection's own box in the box of a matched track, the rest is the filter's, 0 to 1.
    pub output_raw: f64,
    /// After a gap of more than this the path is re-estimated along a straight line to the new detection, seconds.
    pub reupdate_after_s: f64,
    /// Most virtual detections on that line.
    pub reupdate_steps_max: u32,
    /// A strong detection that nobody took and that overlaps so much (intersection over union) with a shown track of the last step is
    /// that track, however its height has changed.
    pub resize_overlap: f64,
    /// Two candidates whose similarities are closer than this are ambiguous: appearance is asked for.
    pub ambiguity_margin: f64,
    /// Weight of appearance in an ambiguous pair: similarity gains this times (cosine less `appearance_pivot`).
    pub appearance_weight: f64,
    /// Cosine that speaks neither for nor against a pair, -1 to 1.
    pub appearance_pivot: f64,
    /// Cosine below which two appearances are not the same person, -1 to 1.
    pub appearance_min: f64,
    /// Cosine from which a long-lost track is taken up again on appearance alone, -1 to 1.
    pub appearance_recover: f64,
    /// By how much the best appearance must lead the second best to decide a recovery, cosine.
    pub appearance_lead: f64,
    /// How far a lost track may have moved to be taken up again on appearance, box heights per second ...
    pub recover_speed: f64,
    /// ... and at most, box heights.
    pub recover_reach: f64,
    /// Overlap with any other detection, as a share of its own area, from which a detection is no good for a gallery.
    pub gallery_cover_max: f64,
    /// The same overlap counts with the predicted place of who was seen at most so long ago and is not now, seconds.
    pub gallery_hidden_s: f64,
    /// Share of the old gallery vector that is kept when a new one is mixed in, 0 to 1.
    pub appearance_keep: f64,
    /// A lone, well seen track's gallery is refreshed this often, seconds.
    pub appearance_refresh_s: f64,
    /// Most appearance questions in one step.
    pub appearance_questions_max: u32,
    /// Most live tracks; further births are dropped and counted.
    pub tracks_max: usize,
    /// Most detections of one class in a step; the weakest are dropped and counted.
    pub detections_max: usize,
}

impl Default for TrackerSettings {
    fn default() -> Self {
        Self {
            score_high: 0.45,
            score_low: 0.1,
            similarity_high: 0.12,
            similarity_low: 0.49,
            similarity_tentative: 0.23,
            height_tolerance: 0.2,
            score_weight: 0.04,
            buffer_gain: 1.4,
            buffer_max: 0.22,
            uncertainty_max: 0.3,
            uncertainty_penalty: 0.033,
            uncertainty_relief: 0.2,
            similarity_least: 0.05,
            probation_s: 0.005,
            probation_matches: 2,
            belief_margin: 1.5,
            birth_margin: 1.2,
            belief_sure_margin: 0.12,
            belief_enough: 2.2,
            belief_min: 0.0,
            belief_min_bag: -1.0,
            belief_slack: 0.016,
            still_reach: 0.08,
            still_away_s: 0.5,
            still_s: 5.0,
            still_margin: 0.85,
            still_enough: 1.4,
            still_lost_s: 60.0,
            belief_tau_s: 1.1,
            coast_s: 0.3,
            coast_uncertainty_max: 0.066,
            lost_s: 4.2,
            tentative_lost_s: 0.05,
            birth_cover_max: 0.9,
            noise_position: 0.05,
            noise_size: 0.068,
            noise_speed: 0.48,
            noise_growth: 0.069,
            roughness_rate: 0.0035,
            roughness_range: 3.7,
            agility_rate: 0.06,
            agility_min: 0.77,
            agility_max: 2.4,
            speed_tau_s: 8.1,
            growth_tau_s: 0.46,
            noise_weak: 3.3,
            drift_tau_s: 0.29,
            drift_weight: 1.0,
            output_raw: 0.24,
            reupdate_after_s: 1.3,
            reupdate_steps_max: 16,
            resize_overlap: 0.6,
            ambiguity_margin: 0.47,
            appearance_weight: 1.2,
            appearance_pivot: 0.6,
            appearance_min: 0.5,
            appearance_recover: 0.84,
            appearance_lead: 0.15,
            recover_speed: 0.55,
            recover_reach: 4.0,
            gallery_cover_max: 0.3,
            gallery_hidden_s: 1.0,
            appearance_keep: 0.44,
            appearance_refresh_s: 0.5,
            appearance_questions_max: 16,
            tracks_max: 1024,
            detections_max: 512,
        }
    }
}
