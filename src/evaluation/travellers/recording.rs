//! Tracks of all cameras with the truth beside.

use std::collections::BTreeMap;

use crate::association::{Sighting, Topology, TrackKey};
use crate::evaluation::multi_camera::{Joined, Place};
use crate::evaluation::sequence::{RawStep, Sequence};

/// One track in sight at one moment: what identities are counted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sight {
    /// Index of the camera.
    pub camera: usize,
    /// Frame, from 1, on the clock that the cameras share.
    pub frame: u32,
    /// Index of the track.
    pub track: usize,
}

/// What the centre gets, and what it should make of it.
#[derive(Debug, Clone, Default)]
pub struct TrackRecording {
    /// What reports call it.
    pub name: String,
    /// Frames a second of [`Sight::frame`].
    pub fps: f64,
    /// The tracks of all cameras, by name, each with its person.
    pub tracks: Vec<(TrackKey, u64)>,
    /// Reports in the order of their capture.
    pub sightings: Vec<Sighting>,
    /// Every moment of every track.
    pub sights: Vec<Sight>,
    /// What the configuration says of the site.
    pub topology: Topology,
}

impl TrackRecording {
    /// The index of each track.
    #[must_use]
    pub fn numbers(&self) -> BTreeMap<&TrackKey, usize> {
        self.tracks.iter().enumerate().map(|(index, (key, _))| (key, index)).collect()
    }

    /// First and last moment of each track in seconds, on the clock of the reports.
    #[must_use]
    pub fn spans(&self) -> Vec<(f64, f64)> {
        let mut spans = vec![(f64::INFINITY, f64::NEG_INFINITY); self.tracks.len()];
        for sight in &self.sights {
            let (span, at) = (&mut spans[sight.track], self.seconds(sight.frame));
            *span = (span.0.min(at), span.1.max(at));
        }
        spans
    }

    /// When a frame was taken.
    #[must_use]
    pub fn seconds(&self, frame: u32) -> f64 {
        f64::from(frame - 1) / self.fps
    }

    /// True and reported identities as one sequence for the multi-camera metrics; `label` says whose a sight is.
    #[must_use]
    pub fn joined(&self, label: impl Fn(&Sight) -> u64) -> Joined {
        let mut sights = self.sights.clone();
        sights.sort_unstable();
        let (mut steps, mut places) = (Vec::new(), Vec::new());
        for group in sights.chunk_by(|a, b| (a.camera, a.frame) == (b.camera, b.frame)) {
            let mut step: RawStep<u64, u64> = RawStep::default();
            for sight in group {
                let reported = label(sight);
                // One identity twice in one picture: a traveller cannot be both, so the second one counts as nobody's.
                let taken = step.results.contains(&reported);
                let result = if taken { u64::MAX - sight.track as u64 } else { reported };
                step.overlaps.push((step.truth.len() as u32, step.results.len() as u32, 1.0));
                step.truth.push(self.tracks[sight.track].1);
                step.results.push(result);
            }
            places.push(Place { camera: group[0].camera, frame: group[0].frame });
            steps.push(step);
        }
        Joined { sequence: Sequence::new(&self.name, steps), places }
    }
}
