//! How far it comes true what is said of those out of sight: where they come next, when, and who is overdue.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::answer::Claim;
use super::links::Calibration;
use super::recording::TrackRecording;
use crate::association::{AssociationSettings, Associator, HIDDEN_S, Outlook, TrackKey};
use crate::evaluation::screening::Share;
use crate::time::{CaptureTime, micros};

/// Whoever was not back for this long when the recording ends left for good, seconds.
const LEFT_S: f64 = 300.0;
/// Share of arrivals that the told interval is to hold.
pub const BETWEEN: f64 = 0.8;
/// Shares of others back by now at which somebody who then came was called overdue.
pub const OVERDUE: [f64; 3] = [0.8, 0.9, 0.95];

/// What came true.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutlookScores {
    /// The most probable next view, leaving for good among them, was the right one.
    pub first_right: Share,
    /// Calibration of the probabilities of next views.
    pub views: Calibration,
    /// They came within the told interval, of those who came into a view that was told.
    pub between: Share,
    /// Of those who came back, the share that was called overdue at [`OVERDUE`] before: right if it is what is left to 1.
    pub overdue: [Share; 3],
}

/// Somebody out of sight: the track they were last seen in, and the one they come back in, if they do.
#[derive(Debug, Clone, Copy)]
struct Absence {
    left: usize,
    left_s: f64,
    back: Option<usize>,
}

/// Replays a recording and asks, at each departure and just before each return, what is to be expected.
#[must_use]
pub fn outlooks(recording: &TrackRecording, settings: &AssociationSettings) -> OutlookScores {
    let absences = absences(recording);
    let mut departures = absences.iter().peekable();
    let returns: BTreeMap<usize, &Absence> = absences.iter().filter_map(|a| a.back.map(|back| (back, a))).collect();
    let numbers = recording.numbers();
    let spans = recording.spans();
    let mut associator = Associator::new(settings.clone(), recording.topology.clone());
    let mut judge = Judge::default();
    let mut seen = vec![false; recording.tracks.len()];
    for sighting in &recording.sightings {
        let now_s = sighting.at.unix_micros as f64 / 1e6;
        while let Some(absence) = departures.next_if(|absence| absence.left_s <= now_s) {
            associator.advance(CaptureTime::exact(micros(absence.left_s)));
            if let Some(outlook) = ask(&associator, recording, absence.left) {
                judge.departure(&outlook, absence, recording, &spans);
            }
        }
        if let Some(&track) = numbers.get(&sighting.key)
            && !std::mem::replace(&mut seen[track], true)
            && let Some(absence) = returns.get(&track)
        {
            associator.advance(sighting.at);
            judge.overdue.extend(ask(&associator, recording, absence.left).and_then(|outlook| outlook.overdue));
        }
        associator.accept(sighting);
    }
    judge.scores()
}

/// What is to be expected of whoever was last seen in a track. None where another track has been joined to them since.
fn ask(associator: &Associator, recording: &TrackRecording, track: usize) -> Option<Outlook> {
    let key: &TrackKey = &recording.tracks[track].0;
    let id = associator.identity(key)?.traveller;
    let last = associator.traveller(id)?.segments.into_iter().max_by(|a, b| a.until_s.total_cmp(&b.until_s))?;
    (last.track == *key).then(|| associator.outlook(id, &BTreeSet::new()))?
}

/// All absences in the order of their beginning.
fn absences(recording: &TrackRecording) -> Vec<Absence> {
    let spans = recording.spans();
    let end_s = spans.iter().map(|span| span.1).fold(f64::NEG_INFINITY, f64::max);
    let mut people: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (track, (_, person)) in recording.tracks.iter().enumerate() {
        if spans[track].0.is_finite() {
            people.entry(*person).or_default().push(track);
        }
    }
    let mut absences = Vec::new();
    for (_, mut tracks) in people {
        tracks.sort_by(|a, b| spans[*a].0.total_cmp(&spans[*b].0).then(a.cmp(b)));
        // In overlapping views somebody is away only when the last of them has lost them.
        let mut last = tracks[0];
        for &next in &tracks[1..] {
            if spans[next].0 > spans[last].1 + HIDDEN_S {
                absences.push(Absence { left: last, left_s: spans[last].1, back: Some(next) });
            }
            if spans[next].1 > spans[last].1 {
                last = next;
            }
        }
        if spans[last].1 < end_s - LEFT_S {
            absences.push(Absence { left: last, left_s: spans[last].1, back: None });
        }
    }
    absences.sort_by(|a, b| a.left_s.total_cmp(&b.left_s).then(a.left.cmp(&b.left)));
    absences
}

#[derive(Default)]
struct Judge {
    first: Vec<bool>,
    views: Vec<Claim>,
    between: Vec<bool>,
    overdue: Vec<f64>,
}

impl Judge {
    fn departure(&mut self, outlook: &Outlook, absence: &Absence, recording: &TrackRecording, spans: &[(f64, f64)]) {
        let truth = absence.back.map(|back| &recording.tracks[back].0.camera);
        let likeliest = outlook.next.first().filter(|next| next.probability > outlook.gone).map(|next| &next.camera);
        self.first.push(likeliest == truth);
        self.views.push(Claim { probability: outlook.gone, right: truth.is_none() });
        for next in &outlook.next {
            let right = truth == Some(&next.camera);
            self.views.push(Claim { probability: next.probability, right });
            if let Some(back) = absence.back.filter(|_| right) {
                let after_s = spans[back].0 - absence.left_s;
                self.between.push((next.between_s.0..=next.between_s.1).contains(&after_s));
            }
        }
    }

    fn scores(&self) -> OutlookScores {
        let rate = |all: &[bool]| share(all.iter().copied());
        let called = |limit| share(self.overdue.iter().map(|by_now| *by_now > limit));
        OutlookScores {
            first_right: rate(&self.first),
            views: Calibration::of(&self.views),
            between: rate(&self.between),
            overdue: OVERDUE.map(called),
        }
    }
}

fn share(all: impl Iterator<Item = bool>) -> Share {
    let mut share = Share::default();
    all.for_each(|one| share.add(one));
    share
}
