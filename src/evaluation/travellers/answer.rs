//! What is said of each track, and when.

use std::collections::BTreeMap;

use crate::association::{AssociationSettings, Associator, IdentityChange, LinkKind, TrackKey};
use crate::event::Lifecycle;
use crate::time::{CaptureTime, micros};

use super::recording::{Sight, TrackRecording};

/// A probability that was stated and whether it came true.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim {
    /// What was stated, 0 to 1.
    pub probability: f64,
    /// Whether it is so.
    pub right: bool,
}

/// Whose each track is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// In the end, by the number of the track.
    pub labels: Vec<u64>,
    /// As announced: for each track, from when on it has which identity. Empty where only the end is known.
    pub announced: Vec<Vec<(f64, u64)>>,
    /// Probabilities of links when they were confirmed, by their kind.
    pub claims: Vec<(LinkKind, Claim)>,
}

impl Answer {
    /// Identities that never change.
    #[must_use]
    pub fn fixed(labels: Vec<u64>) -> Self {
        Self { announced: vec![Vec::new(); labels.len()], labels, claims: Vec::new() }
    }

    /// Whose a sight is according to what was announced by then. Before the first announcement it is what that one says: a
    /// console shows nobody without a name.
    #[must_use]
    pub fn at(&self, sight: &Sight, seconds: f64) -> u64 {
        let announced = &self.announced[sight.track];
        let known = announced.iter().rev().find(|(at, _)| *at <= seconds).or(announced.first());
        known.map_or(self.labels[sight.track], |(_, label)| *label)
    }
}

/// Gives a recording to the association, report after report.
#[must_use]
pub fn follow(recording: &TrackRecording, settings: &AssociationSettings) -> (Answer, Associator) {
    let mut associator = Associator::new(settings.clone(), recording.topology.clone());
    let numbers = recording.numbers();
    let mut listener = Listener {
        recording,
        numbers,
        answer: Answer::fixed(vec![0; recording.tracks.len()]),
        done: vec![false; recording.tracks.len()],
    };
    let mut last = 0;
    for sighting in &recording.sightings {
        associator.accept(sighting);
        last = sighting.at.unix_micros;
        listener.hear(&mut associator);
    }
    associator.advance(CaptureTime::exact(last + micros(settings.defer_s + 2.0 * settings.round_s)));
    associator.finish();
    listener.hear(&mut associator);
    for (index, (key, _)) in recording.tracks.iter().enumerate() {
        if let Some(identity) = associator.identity(key) {
            listener.answer.labels[index] = identity.traveller.0;
        } else if let Some((_, label)) = listener.answer.announced[index].last() {
            listener.answer.labels[index] = *label;
        }
    }
    (listener.answer, associator)
}

struct Listener<'a> {
    recording: &'a TrackRecording,
    numbers: BTreeMap<&'a TrackKey, usize>,
    answer: Answer,
    done: Vec<bool>,
}

impl Listener<'_> {
    fn hear(&mut self, associator: &mut Associator) {
        for IdentityChange { at_s, track, lifecycle, identity } in associator.take_changes() {
            let Some(&index) = self.numbers.get(&track) else { continue };
            if lifecycle != Lifecycle::Retracted {
                self.answer.announced[index].push((at_s, identity.traveller.0));
            }
            if !identity.provisional && !std::mem::replace(&mut self.done[index], true) {
                self.claim(index, &track, associator);
            }
        }
    }

    /// Judges what a confirmed link states: it continues somebody, who is that person or not; or nobody, and that person was
    /// or was not seen before.
    fn claim(&mut self, index: usize, track: &TrackKey, associator: &Associator) {
        let person = self.recording.tracks[index].1;
        let hypotheses = associator.continued_tracks(track);
        let Some((continued, kind, probability)) = hypotheses.first() else { return };
        let number = continued.as_ref().and_then(|key| self.numbers.get(key));
        let right = match number {
            Some(number) => self.recording.tracks[*number].1 == person,
            None => !self.seen_before(index, person),
        };
        self.answer.claims.push((*kind, Claim { probability: *probability, right }));
    }

    /// Whether another track of the person was announced before this one.
    fn seen_before(&self, index: usize, person: u64) -> bool {
        let first = |track: usize| self.answer.announced[track].first().map(|(at, _)| *at);
        let mine = first(index);
        let tracks = self.recording.tracks.iter().enumerate();
        let mut others = tracks.filter(|(other, (_, owner))| *other != index && *owner == person);
        let earlier = |other: usize, at: f64| mine.is_none_or(|mine| (at, other) < (mine, index));
        others.any(|(other, _)| first(other).is_some_and(|at| earlier(other, at)))
    }
}
