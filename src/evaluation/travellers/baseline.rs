//! What the association is compared with.

use std::collections::BTreeMap;

use crate::appearance::Appearance;
use crate::association::{AssociationSettings, Relation, TrackKey, explain_all};

use crate::evaluation::identity::Identity;

use super::answer::Answer;
use super::recording::TrackRecording;

/// Similarities from which the nearest look is somebody who was seen before; the best is taken, which favours this baseline.
const LOOK_THRESHOLDS: [f64; 9] = [0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9];
/// Seconds of a transition matrix's cell.
const CELL_S: f64 = 5.0;
/// Cells of a transition matrix; the last one holds everything longer.
const CELLS: usize = 60;
/// Probability below which a transition is no explanation.
const TRANSITION_MIN: f64 = 1e-3;

/// One track as baselines see it: the mean look of its first seconds.
struct Walk<'a> {
    key: &'a TrackKey,
    first_s: f64,
    last_s: f64,
    look: Option<Appearance>,
}

/// Tracks in the order of their beginning, with their numbers.
fn walks(recording: &TrackRecording, look_s: f64) -> Vec<(usize, Walk<'_>)> {
    let numbers = recording.numbers();
    let spans = recording.spans();
    let mut sums: Vec<Vec<f32>> = vec![Vec::new(); recording.tracks.len()];
    for sighting in &recording.sightings {
        let index = numbers[&sighting.key];
        let early = sighting.at.unix_micros as f64 / 1e6 <= spans[index].0 + look_s;
        if let Some(appearance) = sighting.appearance.as_ref().filter(|_| early) {
            sums[index].resize(appearance.vector.len(), 0.0);
            sums[index].iter_mut().zip(&appearance.vector).for_each(|(sum, value)| *sum += value);
        }
    }
    let mut walks: Vec<(usize, Walk<'_>)> = recording
        .tracks
        .iter()
        .enumerate()
        .filter(|(index, _)| spans[*index].0.is_finite())
        .map(|(index, (key, _))| {
            let (first_s, last_s) = spans[index];
            (index, Walk { key, first_s, last_s, look: Appearance::normalised(&sums[index], 1.0) })
        })
        .collect();
    walks.sort_by(|a, b| a.1.first_s.total_cmp(&b.1.first_s).then(a.0.cmp(&b.0)));
    walks
}

/// Whether somebody may have both tracks: not in one camera, nor in two disjoint ones, at the same time.
fn compatible(recording: &TrackRecording, slack_s: f64, earlier: &Walk<'_>, later: &Walk<'_>) -> bool {
    let disjoint = recording.topology.relation(&earlier.key.camera, &later.key.camera) == Relation::Disjoint;
    !disjoint || earlier.last_s <= later.first_s + slack_s
}

/// Greedy: a new track is whoever looks most alike, if alike enough; one threshold for all.
#[must_use]
fn nearest_look(recording: &TrackRecording, settings: &AssociationSettings, threshold: f64) -> Answer {
    let walks = walks(recording, settings.defer_s);
    let mut labels: Vec<u64> = (1..=recording.tracks.len() as u64).collect();
    for (place, (index, walk)) in walks.iter().enumerate() {
        let near = walks[..place].iter().filter(|(_, other)| {
            walk.first_s - other.last_s <= settings.absence_max_s
                && compatible(recording, settings.clock_slack_s, other, walk)
        });
        let alike = near.filter_map(|(other, candidate)| {
            let cosine = walk.look.as_ref()?.cosine(candidate.look.as_ref()?)?;
            (cosine >= threshold).then_some((cosine, *other))
        });
        let mut best: Vec<(f64, usize)> = alike.collect();
        best.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        // The most alike whose traveller is not in another place now.
        let free = best.iter().find(|(_, other)| {
            walks[..place].iter().all(|(third, walk_of)| {
                labels[*third] != labels[*other] || compatible(recording, settings.clock_slack_s, walk_of, walk)
            })
        });
        if let Some((_, other)) = free {
            labels[*index] = labels[*other];
        }
    }
    Answer::fixed(labels)
}

/// `nearest_look` with the threshold that gives the best global IDF1 in hindsight.
#[must_use]
pub fn nearest_look_at_best(recording: &TrackRecording, settings: &AssociationSettings) -> (f64, Answer) {
    let idf1 = |answer: &Answer| Identity::of(&recording.joined(|sight| answer.labels[sight.track]).sequence).idf1;
    let all = LOOK_THRESHOLDS.map(|threshold| {
        let answer = nearest_look(recording, settings, threshold);
        (idf1(&answer), threshold, answer)
    });
    let best = all.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or_else(|| (0.0, Answer::default()), |(_, threshold, answer)| (threshold, answer))
}

/// Transition matrix: a new track is whoever comes from where and when people come from most probably, by a matrix over
/// cameras and time learned from the true passages of the same recording, which favours this baseline (A. Dick and M.
/// Brooks, "A stochastic approach to tracking objects across multiple cameras", AI 2004). Looks are not used.
#[must_use]
pub fn transitions(recording: &TrackRecording, settings: &AssociationSettings) -> Answer {
    let walks = walks(recording, settings.defer_s);
    let matrix = matrix(recording, &walks);
    let mut labels: Vec<u64> = (1..=recording.tracks.len() as u64).collect();
    let mut continued = vec![false; walks.len()];
    for place in 0..walks.len() {
        let (index, walk) = &walks[place];
        let mut best: Option<(f64, usize)> = None;
        for other in (0..place).filter(|other| !continued[*other]) {
            let earlier = &walks[other].1;
            let seconds = walk.first_s - earlier.last_s;
            if seconds > settings.absence_max_s || !compatible(recording, settings.clock_slack_s, earlier, walk) {
                continue;
            }
            let probability = matrix.probability(earlier.key, walk.key, seconds);
            if probability >= TRANSITION_MIN && best.is_none_or(|(most, _)| probability > most) {
                best = Some((probability, other));
            }
        }
        if let Some((_, other)) = best.filter(|(probability, _)| *probability > matrix.newcomer(walk.key)) {
            continued[other] = true;
            labels[*index] = labels[walks[other].0];
        }
    }
    Answer::fixed(labels)
}

#[derive(Default)]
struct TransitionMatrix {
    cells: BTreeMap<(String, String, usize), f64>,
    leaving: BTreeMap<String, f64>,
    arriving: BTreeMap<String, (f64, f64)>,
}

impl TransitionMatrix {
    fn cell(seconds: f64) -> usize {
        ((seconds.max(-CELL_S) + CELL_S) / CELL_S).min(CELLS as f64) as usize
    }

    fn probability(&self, from: &TrackKey, to: &TrackKey, seconds: f64) -> f64 {
        let names = (from.camera.to_string(), to.camera.to_string(), Self::cell(seconds));
        let all = self.leaving.get(&names.0).copied().unwrap_or(0.0);
        self.cells.get(&names).map_or(0.0, |count| count / all)
    }

    /// Share of newcomers among the arrivals, spread as a transition would be.
    fn newcomer(&self, key: &TrackKey) -> f64 {
        let (new, all) = self.arriving.get(key.camera.as_str()).copied().unwrap_or((1.0, 1.0));
        new / all / CELLS as f64
    }
}

fn matrix(recording: &TrackRecording, walks: &[(usize, Walk<'_>)]) -> TransitionMatrix {
    let mut matrix = TransitionMatrix::default();
    let mut last: BTreeMap<u64, &Walk<'_>> = BTreeMap::new();
    for (index, walk) in walks {
        let to = walk.key.camera.to_string();
        let arriving = matrix.arriving.entry(to.clone()).or_default();
        arriving.1 += 1.0;
        match last.insert(recording.tracks[*index].1, walk) {
            None => arriving.0 += 1.0,
            Some(before) => {
                let cell = TransitionMatrix::cell(walk.first_s - before.last_s);
                *matrix.cells.entry((before.key.camera.to_string(), to.clone(), cell)).or_default() += 1.0;
            }
        }
        *matrix.leaving.entry(to).or_default() += 1.0;
    }
    matrix
}

/// Offline: the most probable explanation of the whole recording at once, with transit times, ways and looks learned from
/// the truth of the same recording: what no online method of this kind can be expected to beat.
#[must_use]
pub fn min_cost_flow(recording: &TrackRecording, settings: &AssociationSettings) -> Answer {
    let people: BTreeMap<&TrackKey, u64> = recording.tracks.iter().map(|(key, person)| (key, *person)).collect();
    let identities = explain_all(settings, &recording.topology, &recording.sightings, |key| people.get(key).copied());
    let labels = recording.tracks.iter().map(|(key, _)| identities.get(key).map_or(0, |traveller| traveller.0));
    Answer::fixed(labels.collect())
}
