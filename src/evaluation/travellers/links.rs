//! Hand-overs link by link, and how far stated probabilities come true.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::answer::Claim;
use super::recording::TrackRecording;

/// Bins of stated probabilities.
const BINS: usize = 10;

/// The passages between two cameras.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LinkScore {
    /// From this camera.
    pub from: String,
    /// To this one.
    pub to: String,
    /// Persons who went this way.
    pub passages: u64,
    /// Of those, how many kept one identity.
    pub found: u64,
    /// Reported travellers who went this way.
    pub claimed: u64,
    /// Of those, how many are one person.
    pub right: u64,
}

impl LinkScore {
    /// `found / passages`.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        (self.passages > 0).then(|| self.found as f64 / self.passages as f64)
    }

    /// `right / claimed`.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        (self.claimed > 0).then(|| self.right as f64 / self.claimed as f64)
    }

    /// All links on which anybody went or was said to go: from one track of an identity to its next one in another camera.
    #[must_use]
    pub fn of(recording: &TrackRecording, labels: &[u64]) -> Vec<Self> {
        let mut links: BTreeMap<(String, String), Self> = BTreeMap::new();
        let people: Vec<u64> = recording.tracks.iter().map(|(_, person)| *person).collect();
        for (names, other, truth) in [(people.as_slice(), labels, true), (labels, people.as_slice(), false)] {
            for (a, b) in successions(recording, names) {
                let [from, to] = [a, b].map(|track| recording.tracks[track].0.camera.to_string());
                if from == to {
                    continue;
                }
                let blank = || Self { from: from.clone(), to: to.clone(), ..Self::default() };
                let link = links.entry((from.clone(), to.clone())).or_insert_with(blank);
                let same = u64::from(other[a] == other[b]);
                if truth {
                    link.passages += 1;
                    link.found += same;
                } else {
                    link.claimed += 1;
                    link.right += same;
                }
            }
        }
        links.into_values().collect()
    }
}

/// Each identity's tracks in the order of their beginning, in pairs of neighbours.
fn successions(recording: &TrackRecording, names: &[u64]) -> BTreeSet<(usize, usize)> {
    let spans = recording.spans();
    let mut tracks: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    (0..names.len()).for_each(|track| tracks.entry(names[track]).or_default().push(track));
    let mut pairs = BTreeSet::new();
    for (_, mut of_one) in tracks {
        of_one.sort_by(|a, b| spans[*a].0.total_cmp(&spans[*b].0).then(a.cmp(b)));
        pairs.extend(of_one.windows(2).map(|pair| (pair[0], pair[1])));
    }
    pairs
}

/// How far stated probabilities come true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Calibration {
    /// Expected calibration error: mean over the claims of the difference between what was stated and what came true in
    /// their bin (M. Naeini, G. Cooper and M. Hauskrecht, AAAI 2015; ten bins). `None` without claims.
    pub ece: Option<f64>,
    /// Mean squared error of the probabilities.
    pub brier: Option<f64>,
    /// How many were stated.
    pub claims: u64,
}

impl Calibration {
    /// Of these claims.
    #[must_use]
    pub fn of(claims: &[Claim]) -> Self {
        let mut bins = [(0.0, 0.0, 0.0); BINS];
        let mut brier = 0.0;
        for claim in claims {
            let bin = &mut bins[((claim.probability * BINS as f64) as usize).min(BINS - 1)];
            let right = f64::from(u8::from(claim.right));
            *bin = (bin.0 + 1.0, bin.1 + claim.probability, bin.2 + right);
            brier += (claim.probability - right).powi(2);
        }
        let count = claims.len() as f64;
        let error: f64 = bins.iter().map(|(_, stated, right)| (stated - right).abs()).sum();
        let known = |value: f64| (!claims.is_empty()).then(|| value / count);
        Self { ece: known(error), brier: known(brier), claims: claims.len() as u64 }
    }
}
