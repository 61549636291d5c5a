//! Who walks with whom, as the cameras tell it: the site joins what each says of its own tracks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::association::TrackKey;
use crate::event::{Behaviour, EdgeEvent, EventBody, Lifecycle};

/// Pairs remembered; beyond it the one told of longest ago is forgotten.
const PAIRS_MAX: usize = 8_192;

/// When two tracks of one camera were told to walk together, UTC microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Together {
    /// From then ...
    pub from: i64,
    /// ... until then, as far as is known.
    pub until: i64,
}

/// Pairs of tracks that walked together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Companions {
    pairs: BTreeMap<(TrackKey, TrackKey), Together>,
}

impl Companions {
    /// Takes a committed event; how many pairs were forgotten for it.
    pub fn note(&mut self, event: &EdgeEvent) -> u64 {
        let (EventBody::Behaviour(report), Some(own)) = (&event.body, event.track) else { return 0 };
        if report.behaviour != Behaviour::WalkingTogether {
            return 0;
        }
        let key = |track| TrackKey { camera: event.id.camera.clone(), boot: event.id.boot, track };
        for other in &report.others {
            let (own, other) = (key(own), key(*other));
            let pair = if own < other { (own, other) } else { (other, own) };
            if event.lifecycle == Lifecycle::Retracted {
                self.pairs.remove(&pair);
                continue;
            }
            let (from, until) = (report.since.unix_micros, event.capture_time.unix_micros);
            let together = self.pairs.entry(pair).or_insert(Together { from, until });
            *together = Together { from: together.from.min(from), until: together.until.max(until) };
        }
        self.forget()
    }

    fn forget(&mut self) -> u64 {
        let surplus = self.pairs.len().saturating_sub(PAIRS_MAX);
        for _ in 0..surplus {
            let oldest =
                self.pairs.iter().min_by_key(|(pair, together)| (together.until, *pair)).map(|(p, _)| p.clone());
            oldest.map(|pair| self.pairs.remove(&pair));
        }
        surplus as u64
    }

    /// With whom the tracks that `mine` names walked: the other track of each pair, and when.
    pub fn of<'a>(&'a self, mine: impl Fn(&TrackKey) -> bool + 'a) -> impl Iterator<Item = (&'a TrackKey, Together)> {
        self.pairs.iter().filter_map(move |((a, b), together)| match (mine(a), mine(b)) {
            (true, false) => Some((b, *together)),
            (false, true) => Some((a, *together)),
            _ => None,
        })
    }
}
