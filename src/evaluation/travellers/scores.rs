//! The metrics of one answer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::association::LinkKind;
use crate::evaluation::identity::Identity;
use crate::evaluation::multi_camera::MultiCameraScores;

use super::answer::{Answer, Claim};
use super::links::{Calibration, LinkScore};
use super::recording::TrackRecording;

/// The metrics of one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct TravellerScores {
    /// Global IDF1, HOTA, MCTA and hand-overs of the identities as they stand in the end.
    pub ended: MultiCameraScores,
    /// Global identity of what was announced at each moment.
    pub announced: Identity,
    /// Hand-overs of each link.
    pub links: Vec<LinkScore>,
    /// Persons seen for the first time who were joined to somebody else, and how many persons there are.
    pub open_set: (u64, u64),
    /// Returning tracks that were taken for newcomers, and how many tracks return.
    pub not_recognised: (u64, u64),
    /// Seconds from the beginning of each returning track to its right identity; none where it never had it.
    pub seconds_to_correct: Vec<Option<f64>>,
    /// Calibration of the probabilities of links.
    pub calibration: Calibration,
    /// The same by the kind of the link.
    pub by_kind: BTreeMap<LinkKind, Calibration>,
}

impl TravellerScores {
    /// Computes all of them.
    #[must_use]
    pub fn of(recording: &TrackRecording, answer: &Answer) -> Self {
        let ended = MultiCameraScores::of(&recording.joined(|sight| answer.labels[sight.track]));
        let announced = recording.joined(|sight| answer.at(sight, recording.seconds(sight.frame)));
        let order = Order::of(recording);
        Self {
            ended,
            announced: Identity::of(&announced.sequence),
            links: LinkScore::of(recording, &answer.labels),
            open_set: order.open_set(recording, answer),
            not_recognised: order.not_recognised(recording, answer),
            seconds_to_correct: order.seconds_to_correct(recording, answer),
            calibration: Calibration::of(answer.claims.iter().map(|(_, claim)| claim)),
            by_kind: by_kind(answer),
        }
    }

    /// Median seconds to the right identity over the returning tracks that ever had it.
    #[must_use]
    pub fn median_seconds(&self) -> Option<f64> {
        let mut known: Vec<f64> = self.seconds_to_correct.iter().copied().flatten().collect();
        known.sort_by(f64::total_cmp);
        known.get(known.len() / 2).copied()
    }

    /// Share of the first-time persons who were joined to somebody else.
    #[must_use]
    pub fn open_set_error(&self) -> Option<f64> {
        share(self.open_set)
    }

    /// One object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut fields = match self.ended.to_json() {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let never = self.seconds_to_correct.iter().filter(|seconds| seconds.is_none()).count();
        for (name, value) in [
            ("IDF1_announced", json!(self.announced.idf1)),
            ("open_set_error", json!(self.open_set_error())),
            ("first_time_persons", json!(self.open_set.1)),
            ("not_recognised", json!(share(self.not_recognised))),
            ("returning_tracks", json!(self.not_recognised.1)),
            ("seconds_to_correct_median", json!(self.median_seconds())),
            ("never_correct", json!(never)),
            ("ECE", json!(self.calibration.ece)),
            ("brier", json!(self.calibration.brier)),
            ("claims", json!(self.calibration.claims)),
            ("reliability", json!(self.calibration.bins)),
            ("by_kind", json!(self.by_kind)),
            ("links", json!(self.links)),
        ] {
            fields.insert(name.to_owned(), value);
        }
        Value::Object(fields)
    }
}

fn by_kind(answer: &Answer) -> BTreeMap<LinkKind, Calibration> {
    let mut kinds: BTreeMap<LinkKind, Vec<&Claim>> = BTreeMap::new();
    for (kind, claim) in &answer.claims {
        kinds.entry(*kind).or_default().push(claim);
    }
    kinds.into_iter().map(|(kind, claims)| (kind, Calibration::of(claims))).collect()
}

fn share((part, whole): (u64, u64)) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The tracks in the order of their beginning.
struct Order {
    spans: Vec<(f64, f64)>,
    tracks: Vec<usize>,
}

impl Order {
    fn of(recording: &TrackRecording) -> Self {
        let spans = recording.spans();
        let mut tracks: Vec<usize> = (0..spans.len()).filter(|track| spans[*track].0.is_finite()).collect();
        tracks.sort_by(|a, b| spans[*a].0.total_cmp(&spans[*b].0).then(a.cmp(b)));
        Self { spans, tracks }
    }

    /// Of each person's first track: whether its identity was somebody else's before.
    fn open_set(&self, recording: &TrackRecording, answer: &Answer) -> (u64, u64) {
        let (mut people, mut used) = (BTreeSet::new(), BTreeSet::new());
        let mut wrong = 0;
        for &track in &self.tracks {
            let label = answer.labels[track];
            if people.insert(recording.tracks[track].1) {
                wrong += u64::from(used.contains(&label));
            }
            used.insert(label);
        }
        (wrong, people.len() as u64)
    }

    /// Of each person's further tracks: whether its identity was nobody's before.
    fn not_recognised(&self, recording: &TrackRecording, answer: &Answer) -> (u64, u64) {
        let (mut people, mut used) = (BTreeSet::new(), BTreeSet::new());
        let (mut missed, mut returning) = (0, 0);
        for &track in &self.tracks {
            if !people.insert(recording.tracks[track].1) {
                returning += 1;
                missed += u64::from(!used.contains(&answer.labels[track]));
            }
            used.insert(answer.labels[track]);
        }
        (missed, returning)
    }

    /// The right identity of a person is the one that most of their earlier moments have in the end.
    fn seconds_to_correct(&self, recording: &TrackRecording, answer: &Answer) -> Vec<Option<f64>> {
        let mut sights = vec![0_u64; self.spans.len()];
        recording.sights.iter().for_each(|sight| sights[sight.track] += 1);
        let mut names: BTreeMap<u64, BTreeMap<u64, u64>> = BTreeMap::new();
        let mut seconds = Vec::new();
        for &track in &self.tracks {
            let of_person = names.entry(recording.tracks[track].1).or_default();
            let right = of_person.iter().max_by_key(|(label, count)| (**count, std::cmp::Reverse(**label)));
            if let Some((right, _)) = right {
                let began = self.spans[track].0;
                let announced = &answer.announced[track];
                let had = announced.iter().find(|(_, label)| label == right).map(|(at, _)| (at - began).max(0.0));
                seconds.push(if announced.is_empty() { (answer.labels[track] == *right).then_some(0.0) } else { had });
            }
            *of_person.entry(answer.labels[track]).or_default() += sights[track];
        }
        seconds
    }
}
