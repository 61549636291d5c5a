//! Tracks of a replay's tapes under the numbers of the travellers that the centre makes of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::association::{Associator, Evidence, TrackKey, TravellerId};
use crate::central::CentralTracker;
use crate::cmd::Failure;
use crate::config;
use crate::evaluation::MotRow;
use crate::event::EdgeEvent;
use crate::ids::{CameraId, TrackId};
use crate::recording::TapeReader;
use crate::worker::analysis::play_tape;

/// No traveller has so great a number.
const UNTOLD: u64 = 1 << 62;

/// Whose each camera's tracks are, once all tapes are played to the centre in the order of their capture times. `site`: the
/// configuration that says how the cameras lie to each other.
pub struct Travellers {
    whose: BTreeMap<(CameraId, TrackId), TravellerId>,
    /// A line for each thing that each track could be.
    pub reasons: Vec<String>,
}

impl Travellers {
    /// Plays the tapes, one of each camera.
    ///
    /// # Errors
    /// A file that is no tape, or a configuration that cannot be used.
    pub fn of(tapes: &[&Path], site: Option<&PathBuf>) -> Result<Self, Failure> {
        let settings = site.map(|file| config::load(file)).transpose().map_err(Failure::input)?;
        let central = settings.map(|settings| settings.central).unwrap_or_default();
        let mut events: Vec<EdgeEvent> = Vec::new();
        for tape in tapes {
            if !TapeReader::is_tape(tape) {
                let why = "--travellers needs the tapes of `greenlane replay --record-tape`";
                return Err(Failure::Input(format!("{}: no tape; {why}", tape.display())));
            }
            let mut reader = TapeReader::open(tape).map_err(Failure::input)?;
            play_tape(&mut reader, &mut events, |_, _| {}).map_err(Failure::input)?;
        }
        events.sort_by(|a, b| (a.capture_time.unix_micros, &a.id).cmp(&(b.capture_time.unix_micros, &b.id)));
        let lateness = i64::try_from(central.lateness.as_micros()).unwrap_or(i64::MAX);
        let mut tracker = CentralTracker::with_topology(lateness, central.topology);
        events.iter().for_each(|event| tracker.accept(event));
        tracker.finish();
        let (mut whose, mut reasons) = (BTreeMap::new(), Vec::new());
        for event in &events {
            let Some(track) = event.track else { continue };
            let key = TrackKey { camera: event.id.camera.clone(), boot: event.id.boot, track };
            if let Some(identity) = tracker.travellers().identity(&key)
                && whose.insert((key.camera.clone(), track), identity.traveller).is_none()
            {
                reasons.push(format!("{key} is traveller {}", identity.traveller.0));
                reasons.extend(explain(tracker.travellers(), &key));
            }
        }
        Ok(Self { whose, reasons })
    }

    /// Gives a camera's rows the travellers' numbers. Tracks that nobody was told of keep a number that no traveller has. Of two
    /// tracks that are one traveller in one frame (the end of one and the beginning of the next) the surer box stays.
    pub fn rename(&self, camera: &str, rows: &mut Vec<MotRow>) {
        let Ok(camera) = CameraId::new(camera) else { return };
        for row in rows.iter_mut() {
            let traveller = self.whose.get(&(camera.clone(), TrackId(row.id)));
            row.id = traveller.map_or(UNTOLD | row.id, |traveller| traveller.0);
        }
        rows.sort_by(|a, b| (a.frame, a.id).cmp(&(b.frame, b.id)).then(b.confidence.total_cmp(&a.confidence)));
        rows.dedup_by_key(|row| (row.frame, row.id));
    }
}

/// What a track could be, how probable that is and what speaks for it, each term as a log-likelihood ratio against a newcomer.
fn explain(travellers: &Associator, key: &TrackKey) -> Vec<String> {
    let hypotheses = travellers.decision(key).map(|decision| decision.hypotheses.as_slice()).unwrap_or_default();
    let line = |((continued, kind, probability), evidence): (&(Option<TrackKey>, _, f64), &Evidence)| {
        let continued = continued.as_ref().map_or("nobody".to_owned(), ToString::to_string);
        let term = |term: Option<f64>| term.map_or("-".to_owned(), |term| format!("{term:+.1}"));
        let Evidence { appearance, cosine, transit, floor, route, .. } = *evidence;
        let [appearance, transit, floor, route] = [appearance, transit, floor, Some(route)].map(term);
        let cosine = cosine.map_or(String::new(), |cosine| format!(" (cosine {cosine:.2})"));
        format!(
            "{key} continues {continued}: {:.0} %, {kind:?}; look {appearance}{cosine}, time {transit}, place {floor}, way {route}",
            100.0 * probability
        )
    };
    let continued = travellers.continued_tracks(key);
    continued.iter().zip(hypotheses.iter().map(|hypothesis| &hypothesis.evidence)).map(line).collect()
}
