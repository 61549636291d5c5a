//! News as lines of text.

use super::super::proposals;
use super::feed::News;
use crate::event::{BehaviourReport, EdgeEvent, EventBody, Reason, Severity, SiteEvent, SystemReport};
use crate::rpc::FeedMessage;
use crate::units::{Estimate, Interval};

/// One line, or nothing worth a line.
#[must_use]
pub fn line(news: &News) -> Option<String> {
    Some(match news {
        News::Connected => "-- subscribed".to_owned(),
        News::Lost(why) => format!("-- connection lost: {why}; trying again"),
        News::OtherLog => "-- the centre's log is not the one seen before; watching it from its beginning".to_owned(),
        News::Proposal(proposal) => {
            let text = proposals::line(proposal);
            let text: String = text.chars().filter(|c| !c.is_control()).collect();
            format!("-- PROPOSAL {}", text.trim_start())
        }
        News::Refused(_) | News::Overview(_) => return None,
        News::Message { message, received } => match message {
            FeedMessage::Event(event) => event_line(event, *received),
            FeedMessage::Unreadable { sequence, why } => format!("-- event {sequence} is not understood: {why}"),
            FeedMessage::Live(sequence) => format!("-- live after {sequence}"),
            FeedMessage::Heartbeat(_) => return None,
            FeedMessage::Gap { from, to, why } => format!("-- GAP {from} to {to}: {why}"),
        },
    })
}

fn event_line(site: &SiteEvent, received: i64) -> String {
    let event = &site.event;
    format!(
        "{:>7} {} {:<12} {:<9} {:<18} {:<5} {} {}",
        site.sequence,
        clock_time(event),
        event.id.camera,
        severity(event.severity),
        what(event),
        event.track.map_or_else(|| "-".to_owned(), |track| track.to_string()),
        details(event),
        age(event, received),
    )
}

/// Time of day of the capture, UTC, to the millisecond.
#[must_use]
pub fn clock_time(event: &EdgeEvent) -> String {
    let text = event.capture_time.rfc3339();
    text.get(11..23).map_or(text.clone(), str::to_owned)
}

/// In capitals what asks for a look.
#[must_use]
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Attention => "ATTENTION",
        Severity::Alert => "ALERT",
    }
}

/// Kind and lifecycle.
#[must_use]
pub fn what(event: &EdgeEvent) -> String {
    format!("{} {}", event.body.kind(), format!("{:?}", event.lifecycle).to_lowercase())
}

/// What is particular to this kind.
#[must_use]
pub fn details(event: &EdgeEvent) -> String {
    let text = match &event.body {
        EventBody::Track(report) => {
            let speed = match &report.speed {
                Estimate::Available { value, .. } => format!(", {value:.2} heights/s"),
                Estimate::Unavailable(_) => String::new(),
            };
            format!("{:?} {:.1} s{speed}", report.class, report.age_s).to_lowercase()
        }
        EventBody::Behaviour(report) => behaviour(report, event),
        EventBody::Vital(report) => report.to_string(),
        EventBody::Screening(report) => format!("{report}{}", because(&event.reasons)),
        EventBody::Absence(report) => format!("{report}{}", because(&event.reasons)),
        EventBody::Bag(report) => format!("{report}{}", because(&event.reasons)),
        EventBody::System(SystemReport::CameraOnline { width, height }) => format!("{width}x{height}"),
        EventBody::System(SystemReport::ResolutionChanged { width, height }) => format!("{width}x{height}"),
        EventBody::System(SystemReport::CameraOffline { cause }) => format!("{cause:?}").to_lowercase(),
        EventBody::System(SystemReport::QueueDropped { queue, count }) => format!("{count} by {queue}"),
        EventBody::System(SystemReport::ClockOffset { camera, offset_s, error_s }) => {
            format!("{camera} {offset_s:+.2} s (+-{error_s:.2}) against its neighbours")
        }
        EventBody::System(SystemReport::CameraCovered | SystemReport::ClockSuspect) => String::new(),
    };
    // The centre checks names, not free text; nothing in it may reach the terminal as a command.
    text.chars().filter(|c| !c.is_control()).collect()
}

/// What was seen, of whom, where and why, e.g. `bag_handed_over B7 T12 T31: carrier_probability 0.83 (0 to 0.5)`.
fn behaviour(report: &BehaviourReport, event: &EdgeEvent) -> String {
    let mut text = report.behaviour.as_str().to_owned();
    if let Some(bag) = report.bag {
        text.push_str(&format!(" B{}", bag.0));
    }
    for track in &report.others {
        text.push_str(&format!(" {track}"));
    }
    if let Some(zone) = &event.zone {
        text.push_str(&format!(" in {zone}"));
    }
    text + &because(&event.reasons)
}

/// Reasons in words, e.g. `: pulse 112.0 a minute (usual 58.0 to 93.0), dwell time 310.0 s (usual 0.0 to 120.0)`.
#[must_use]
pub fn because(reasons: &[Reason]) -> String {
    let mut text = String::new();
    for (i, Reason { code, measured, expected, unit }) in reasons.iter().enumerate() {
        let name = code.name().replace('_', " ").to_lowercase();
        let (mark, gap) = (if i == 0 { ':' } else { ',' }, if unit.symbol().is_empty() { "" } else { " " });
        let Interval { low, high } = expected;
        text.push_str(&format!("{mark} {name} {measured:.2}{gap}{} (usual {low:.2} to {high:.2})", unit.symbol()));
    }
    text
}

/// How long after its capture it arrived.
#[must_use]
pub fn age(event: &EdgeEvent, received: i64) -> String {
    let ms = (received - event.capture_time.unix_micros) as f64 / 1e3;
    if (0.0..10_000.0).contains(&ms) { format!("{ms:.0} ms") } else { "-".to_owned() }
}
