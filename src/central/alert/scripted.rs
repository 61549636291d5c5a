//! A hall of many hours played from scripted scenarios, to see what a budget costs of what behaviours really find.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::budget::HOUR;
use super::candidate::Candidate;
use super::desk::AlertDesk;
use super::settings::AlertSettings;
use super::trial::{BUSY_EVERY, Seen, busiest, event_of};
use crate::behaviour::Finding;
use crate::evaluation::events::{Eyes, PlayError, Played, STAGED, Told, occurrences, ordinary, play, staged};
use crate::event::{EdgeEvent, EventBody, Lifecycle, Severity};
use crate::ids::{BootId, CameraId};

/// A camera's scenes begin so long after one another.
const SCENE_MICROS: i64 = 150_000_000;
/// Share of scenes in which something is staged, in an ordinary hour and in one of arrivals.
const STAGED_SHARE: (f64, f64) = (0.15, 0.45);

/// Something told, and what it was of.
#[derive(Debug)]
struct Heard {
    at: i64,
    event: EdgeEvent,
    /// Place in the list of what happened; `None` where nothing of the kind happened.
    of: Option<usize>,
}

/// A hall whose scenes are played: what happened in it and what was told of it. Budgets can then be tried on it.
#[derive(Debug)]
pub struct ScriptedHall {
    hours: u32,
    cameras: u32,
    heard: Vec<Heard>,
    /// Severity of each thing that happened and should be told.
    happened: Vec<Severity>,
}

/// What became of a scripted hall under a budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScriptedTrial {
    /// The set budget.
    pub per_hour: u32,
    /// Length.
    pub hours: u32,
    /// Cameras.
    pub cameras: u32,
    /// Things that happened and should be told, ...
    pub happened: usize,
    /// ... those of them that the behaviours told of, with or without budget, ...
    pub told: usize,
    /// ... and those that an alert shows.
    pub shown: usize,
    /// Told of beyond the budget of their hour: no choice could have shown these while it lasted.
    pub beyond: usize,
    /// Happened, told and shown of those whose severity is `ALERT`.
    pub grave: [usize; 3],
    /// Alerts raised.
    pub raised: usize,
    /// Those of them that show nothing that happened.
    pub raised_in_vain: usize,
    /// Most alerts in any sliding hour.
    pub busiest_hour: usize,
}

impl ScriptedHall {
    /// Plays `hours` of `cameras`, each a hall of its own; noise as in `greenlane evaluate events`.
    ///
    /// # Errors
    /// [`PlayError`] when a made scenario cannot be played.
    pub fn play(seed: u64, hours: u32, cameras: u32) -> Result<Self, PlayError> {
        let mut hall = Self { hours, cameras, heard: Vec::new(), happened: Vec::new() };
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let scenes = i64::from(hours) * HOUR / SCENE_MICROS;
        for scene in 0..scenes {
            for camera in 0..cameras {
                let begin = scene * SCENE_MICROS + random.random_range(0..SCENE_MICROS / 2);
                let busy = begin / HOUR % BUSY_EVERY == BUSY_EVERY - 1;
                let share = if busy { STAGED_SHARE.1 } else { STAGED_SHARE.0 };
                let behaviour = STAGED[random.random_range(0..STAGED.len())];
                let (is_staged, scene_seed) = (random.random::<f64>() < share, random.random());
                let made = is_staged.then(|| staged(behaviour, scene_seed)).flatten();
                let made = made.unwrap_or_else(|| ordinary(scene_seed));
                let played = play(&made.scenario, &made.rules, scene_seed, Eyes::Scripted)?;
                hall.take(&played, camera, scene, begin);
            }
        }
        hall.heard.sort_by_key(|heard| heard.at);
        Ok(hall)
    }

    /// Takes a scene: what happened in it, and what was told of that and of nothing.
    fn take(&mut self, played: &Played, camera: u32, scene: i64, begin: i64) {
        let happened = occurrences(&played.truth);
        let before = self.happened.len();
        let mut found = vec![false; happened.len()];
        for told in played.told.iter().filter(|told| !told.finding.behaviour.is_record()) {
            let new = told.finding.lifecycle == Lifecycle::New;
            let of = |first: bool| (0..happened.len()).find(|i| !(first && found[*i]) && happened[*i].is_told_by(told));
            // What is told again is of the same thing.
            let of = if new { of(true).or_else(|| of(false)) } else { None };
            if let Some(i) = of {
                found[i] = true;
            }
            let at = begin + (told.at_s * 1e6) as i64;
            let number = self.heard.len() as u64 + 1;
            self.heard.push(Heard { at, event: event(told, camera, scene, at, number), of: of.map(|i| before + i) });
        }
        self.happened.extend(happened.iter().map(|occurrence| occurrence.behaviour.severity()));
    }

    /// Lets the centre's desk of alerts hear all of it under a budget.
    #[must_use]
    pub fn under(&self, settings: &AlertSettings) -> ScriptedTrial {
        let mut desk =
            AlertDesk::new(AlertSettings { alerts_max: usize::MAX, held_max: usize::MAX, ..settings.clone() });
        for (number, heard) in (1..).zip(&self.heard) {
            desk.accept(number, heard.at, &heard.event);
        }
        desk.advance(i64::from(self.hours + 1) * HOUR);
        let alerts = desk.board().alerts;
        let mut raised: Vec<i64> = alerts.iter().map(|alert| alert.raised).collect();
        raised.sort_unstable();
        let (mut told, mut shown) = (vec![false; self.happened.len()], vec![false; self.happened.len()]);
        let mut right = vec![false; alerts.len()];
        let mut by_hour: BTreeMap<i64, usize> = BTreeMap::new();
        for (number, heard) in (1..).zip(&self.heard) {
            let (Some(i), Some(candidate)) = (heard.of, Candidate::of(number, heard.at, &heard.event)) else {
                continue;
            };
            if !std::mem::replace(&mut told[i], true) {
                *by_hour.entry(heard.at / HOUR).or_default() += 1;
            }
            let claims =
                |place: &usize| alerts[*place].claims.iter().any(|claim| claim.candidate.same_thing(&candidate));
            if let Some(place) = (0..alerts.len()).find(claims) {
                (shown[i], right[place]) = (true, true);
            }
        }
        let count = |of: &[bool], grave: bool| {
            self.happened
                .iter()
                .zip(of)
                .filter(|(severity, yes)| **yes && (!grave || **severity == Severity::Alert))
                .count()
        };
        let all = vec![true; self.happened.len()];
        ScriptedTrial {
            per_hour: settings.per_hour,
            hours: self.hours,
            cameras: self.cameras,
            happened: self.happened.len(),
            told: count(&told, false),
            shown: count(&shown, false),
            beyond: by_hour.values().map(|told| told.saturating_sub(settings.per_hour as usize)).sum(),
            grave: [&all, &told, &shown].map(|of| count(of, true)),
            raised: raised.len(),
            raised_in_vain: right.iter().filter(|right| !**right).count(),
            busiest_hour: busiest(&raised),
        }
    }
}

/// A finding as the camera's pipeline would report it; each scene is a run of its own, so that its tracks are others.
fn event(told: &Told, camera: u32, scene: i64, at: i64, number: u64) -> EdgeEvent {
    let Finding { behaviour, lifecycle, track, ref others, bag, ref zone, ref reasons, .. } = told.finding;
    let severity = if lifecycle == Lifecycle::End { Severity::Info } else { behaviour.severity() };
    let seen = Seen { at, track: track.0, rule: Some(behaviour), severity, probability: 0.0, excess: 0.0 };
    let mut event = event_of(&seen, number);
    event.id.camera = CameraId::new(&format!("hall-{camera}")).expect("a valid name");
    event.id.boot = BootId(scene as u32 + 1);
    (event.lifecycle, event.zone, event.reasons) = (lifecycle, zone.clone(), reasons.clone());
    if let EventBody::Behaviour(report) = &mut event.body {
        (report.others, report.bag) = (others.clone(), bag);
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_keeps_its_budget_and_a_wide_one_loses_nothing() {
        let hall = ScriptedHall::play(3, 1, 1).unwrap();
        let wide = hall.under(&AlertSettings { per_hour: 1_000, ..AlertSettings::default() });
        assert!(wide.happened > 0 && wide.told > 0 && wide.shown == wide.told, "{wide:?}");
        let narrow = hall.under(&AlertSettings { per_hour: 1, ..AlertSettings::default() });
        assert!(narrow.busiest_hour <= 1 && narrow.shown < wide.shown && narrow.told == wide.told, "{narrow:?}");
    }
}
