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

/// The claims whose stated probability lies in one tenth: a column of the reliability diagram.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Bin {
    /// How many.
    pub claims: u64,
    /// What was stated, on the mean.
    pub stated: f64,
    /// The share that came true.
    pub right: f64,
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
    /// By what was stated, from improbable to probable.
    pub bins: [Bin; BINS],
}

impl Calibration {
    /// Of these claims.
    #[must_use]
    pub fn of<'a>(claims: impl IntoIterator<Item = &'a Claim>) -> Self {
        let mut all = Self::default();
        let mut brier = 0.0;
        for Claim { probability, right } in claims {
            let bin = &mut all.bins[((probability * BINS as f64) as usize).min(BINS - 1)];
            let right = f64::from(u8::from(*right));
            *bin = Bin { claims: bin.claims + 1, stated: bin.stated + probability, right: bin.right + right };
            brier += (probability - right).powi(2);
            all.claims += 1;
        }
        let known = |value: f64| (all.claims > 0).then(|| value / all.claims as f64);
        let error: f64 = all.bins.iter().map(|bin| (bin.stated - bin.right).abs()).sum();
        (all.ece, all.brier) = (known(error), known(brier));
        for bin in all.bins.iter_mut().filter(|bin| bin.claims > 0) {
            bin.stated /= bin.claims as f64;
            bin.right /= bin.claims as f64;
        }
        all
    }
}
