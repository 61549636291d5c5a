//! Events in the order of their capture, whatever the order of their arrival.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::EdgeEvent;
use crate::ids::EventId;

/// Holds events until no earlier one can be expected, then hands them out by capture time, then id.
///
/// An event is released when one captured `lateness` later has arrived. What comes later than that is handed out at
/// once and counted: it is late, not lost.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Inbox {
    lateness_micros: i64,
    capacity: usize,
    newest_micros: i64,
    released_micros: i64,
    #[serde(skip)]
    waiting: BTreeMap<(i64, EventId), EdgeEvent>,
    late: u64,
}

impl Inbox {
    /// `lateness_micros`: how long arrival order does not matter. At most `capacity` events wait; beyond it the
    /// earliest go first.
    #[must_use]
    pub fn new(lateness_micros: i64, capacity: usize) -> Self {
        Self {
            lateness_micros,
            capacity,
            newest_micros: i64::MIN,
            released_micros: i64::MIN,
            waiting: BTreeMap::new(),
            late: 0,
        }
    }

    /// Takes one event and appends those that are now due to `due`.
    pub fn push(&mut self, event: EdgeEvent, due: &mut Vec<EdgeEvent>) {
        let micros = event.capture_time.unix_micros;
        if micros < self.released_micros {
            self.late += 1;
            due.push(event);
            return;
        }
        self.newest_micros = self.newest_micros.max(micros);
        self.waiting.insert((micros, event.id.clone()), event);
        let horizon = self.newest_micros.saturating_sub(self.lateness_micros);
        while let Some(first) = self.waiting.first_entry() {
            let at = first.key().0;
            if at >= horizon && self.waiting.len() <= self.capacity {
                break;
            }
            self.released_micros = self.released_micros.max(at);
            due.extend(self.waiting.pop_first().map(|(_, event)| event));
        }
    }

    /// Hands out everything that waits, in order.
    pub fn flush(&mut self, due: &mut Vec<EdgeEvent>) {
        while let Some(((at, _), event)) = self.waiting.pop_first() {
            self.released_micros = self.released_micros.max(at);
            due.push(event);
        }
    }

    /// Takes back an event that waited when this was written down.
    pub(super) fn wait(&mut self, event: EdgeEvent) {
        self.waiting.insert((event.capture_time.unix_micros, event.id.clone()), event);
    }

    /// What waits, in order.
    pub fn waiting(&self) -> impl Iterator<Item = &EdgeEvent> {
        self.waiting.values()
    }

    /// Events that came later than the window allows.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.late
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::central::tracker::tests::offline_at;

    fn order(events: Vec<EdgeEvent>, lateness: i64, capacity: usize) -> (Vec<i64>, u64) {
        let mut inbox = Inbox::new(lateness, capacity);
        let mut out = Vec::new();
        for event in events {
            inbox.push(event, &mut out);
        }
        inbox.flush(&mut out);
        (out.iter().map(|e| e.capture_time.unix_micros).collect(), inbox.late())
    }

    proptest! {
        #[test]
        fn arrival_order_inside_the_window_does_not_matter(times in prop::collection::vec(0_i64..1000, 1..40)) {
            let events = times.iter().zip(1..).map(|(t, n)| offline_at("gate", n, *t)).collect();
            let (out, late) = order(events, 1000, 100);
            let mut sorted = times.clone();
            sorted.sort_unstable();
            prop_assert_eq!((out, late), (sorted, 0));
        }

        #[test]
        fn nothing_is_lost_whatever_the_bounds(times in prop::collection::vec(0_i64..1000, 1..40), capacity in 1_usize..5) {
            let events = times.iter().zip(1..).map(|(t, n)| offline_at("gate", n, *t)).collect();
            let (mut out, _) = order(events, 10, capacity);
            let mut sorted = times.clone();
            sorted.sort_unstable();
            out.sort_unstable();
            prop_assert_eq!(out, sorted);
        }
    }

    #[test]
    fn late_events_are_counted_and_passed_on() {
        let events = [5_000, 9_000, 1_000].into_iter().zip(1..).map(|(t, n)| offline_at("gate", n, t)).collect();
        let (out, late) = order(events, 1_000, 10);
        assert_eq!((out, late), (vec![5_000, 1_000, 9_000], 1));
    }
}
