//! Figures over what was watched.

use std::collections::BTreeMap;
use std::fmt;

use hdrhistogram::Histogram;
use serde_json::json;

use super::feed::News;
use crate::event::{EventBody, Lifecycle, SiteEvent};
use crate::frame::ObjectClass;
use crate::rpc::FeedMessage;

/// Longest latency told apart, microseconds; anything slower counts as this.
const LATENCY_MAX: u64 = 3_600_000_000;

/// Counts and latencies.
#[derive(Debug)]
pub struct Tally {
    events: u64,
    kinds: BTreeMap<&'static str, u64>,
    people: u64,
    lost: u64,
    unreadable: u64,
    connections: u64,
    standing: bool,
    live: bool,
    newest: u64,
    latency: Histogram<u64>,
}

impl Default for Tally {
    fn default() -> Self {
        let latency = Histogram::new_with_bounds(1, LATENCY_MAX, 3).expect("constant bounds that fit each other");
        Self {
            events: 0,
            kinds: BTreeMap::new(),
            people: 0,
            lost: 0,
            unreadable: 0,
            connections: 0,
            standing: false,
            live: false,
            newest: 0,
            latency,
        }
    }
}

/// Milliseconds from capture to here at some quantiles of the events that came live.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    /// Half are faster.
    pub p50: f64,
    /// 99 of 100 are faster.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}

impl Tally {
    /// Counts one piece of news.
    pub fn take(&mut self, news: &News) {
        match news {
            News::Connected => {
                self.connections += 1;
                self.standing = true;
                self.live = false;
            }
            News::Lost(_) | News::OtherLog | News::Refused(_) => self.standing = false,
            News::Overview(_) | News::Proposal(_) => {}
            News::Message { message, received } => match message {
                FeedMessage::Event(event) => self.event(event, *received),
                FeedMessage::Unreadable { sequence, .. } => {
                    self.unreadable += 1;
                    self.newest = *sequence;
                }
                FeedMessage::Live(sequence) => {
                    self.live = true;
                    self.newest = *sequence;
                }
                FeedMessage::Heartbeat(sequence) => self.newest = *sequence,
                FeedMessage::Gap { from, to, .. } => {
                    self.lost += to + 1 - from;
                    self.newest = *to;
                }
            },
        }
    }

    fn event(&mut self, site: &SiteEvent, received: i64) {
        self.events += 1;
        self.newest = site.sequence;
        *self.kinds.entry(site.event.body.kind()).or_default() += 1;
        let person = matches!(&site.event.body, EventBody::Track(report) if report.class == ObjectClass::Person);
        self.people += u64::from(person && site.event.lifecycle == Lifecycle::New);
        // What was caught up with is old by nature and says nothing about the line.
        if self.live {
            let micros = u64::try_from(received - site.event.capture_time.unix_micros).unwrap_or(0);
            self.latency.saturating_record(micros.clamp(1, LATENCY_MAX));
        }
    }

    /// Events received.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Whether the centre was reached at all.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.connections > 0
    }

    /// In a word.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match (self.standing, self.live) {
            (false, _) => "connecting",
            (true, false) => "catching up",
            (true, true) => "live",
        }
    }

    /// The greatest sequence heard of.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// Of the events that came live, if any.
    #[must_use]
    pub fn latency(&self) -> Option<Latency> {
        let at = |quantile| self.latency.value_at_quantile(quantile) as f64 / 1e3;
        (!self.latency.is_empty()).then(|| Latency { p50: at(0.5), p99: at(0.99), max: at(1.0) })
    }

    /// As one JSON object.
    #[must_use]
    pub fn json(&self) -> String {
        let latency = self.latency().map(|l| json!({ "p50": l.p50, "p99": l.p99, "max": l.max }));
        json!({
            "events": self.events,
            "kinds": self.kinds,
            "people": self.people,
            "lost": self.lost,
            "unreadable": self.unreadable,
            "connections": self.connections,
            "newest_sequence": self.newest,
            "live_events": self.latency.len(),
            "latency_ms": latency,
        })
        .to_string()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} events, {} people", self.events, self.people)?;
        for (kind, count) in &self.kinds {
            writeln!(f, "  {kind:<20} {count}")?;
        }
        if let Some(latency) = self.latency() {
            writeln!(
                f,
                "capture to here, {} live events: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
                self.latency.len(),
                latency.p50,
                latency.p99,
                latency.max
            )?;
        }
        for (count, what) in [(self.lost, "lost to gaps"), (self.unreadable, "not understood")] {
            if count > 0 {
                writeln!(f, "{count} events {what}")?;
            }
        }
        match self.connections {
            0 | 1 => Ok(()),
            more => writeln!(f, "connected again {} times", more - 1),
        }
    }
}
