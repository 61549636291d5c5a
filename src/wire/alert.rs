//! Alerts as messages.

use super::{WireEnum, event_to_proto, v1};
use crate::central::alert::{Action, Alert, Claim, Held, Note, ShadowReport, Value};

/// The message for `alert`.
#[must_use]
pub fn alert_to_proto(alert: &Alert) -> v1::Alert {
    let mut tracks: Vec<_> = alert.tracks().collect();
    tracks.sort();
    tracks.dedup();
    v1::Alert {
        id: alert.id,
        raised_unix_micros: alert.raised,
        state: alert.state.to_wire(),
        severity: alert.severity().to_wire(),
        value: Some(value_to_proto(&alert.value)),
        claims: alert.claims.iter().map(claim_to_proto).collect(),
        tracks: tracks
            .into_iter()
            .map(|key| v1::AlertTrack { camera: key.camera.as_str().to_owned(), boot: key.boot.0, track: key.track.0 })
            .collect(),
        assignee: alert.assignee.clone().unwrap_or_default(),
        notes: alert.notes.iter().map(note_to_proto).collect(),
        revision: alert.revision,
    }
}

/// The message for what was held back.
#[must_use]
pub fn held_to_proto(held: &Held) -> v1::HeldBack {
    v1::HeldBack {
        sequence: held.candidate.sequence,
        at_unix_micros: held.candidate.at,
        rule: held.candidate.rule.to_owned(),
        event: Some(event_to_proto(&held.candidate.event)),
        value: Some(value_to_proto(&held.value)),
        why: held.why.to_wire(),
    }
}

/// The message for what a rule in shadow would have done.
#[must_use]
pub fn shadow_to_proto(report: ShadowReport) -> v1::ShadowReport {
    let ShadowReport { rule, fired, already, raised, incomplete } = report;
    v1::ShadowReport { rule, fired, already_alerted: already, would_have_raised: raised, incomplete }
}

/// What is asked to be done; `None` where the number is in no list.
#[must_use]
pub fn action_from_proto(action: v1::AlertAction, text: String) -> Option<Action> {
    match action {
        v1::AlertAction::Unspecified => None,
        v1::AlertAction::Acknowledge => Some(Action::Acknowledge),
        v1::AlertAction::Dismiss => Some(Action::Dismiss { reason: text }),
        v1::AlertAction::Assign => Some(Action::Assign { to: text }),
        v1::AlertAction::Note => Some(Action::Note { text }),
    }
}

fn value_to_proto(value: &Value) -> v1::AlertValue {
    let Value { severity, certainty, excess, novelty } = *value;
    v1::AlertValue { rank: value.rank(), severity, certainty, excess, novelty }
}

fn claim_to_proto(claim: &Claim) -> v1::AlertClaim {
    v1::AlertClaim {
        sequence: claim.candidate.sequence,
        rule: claim.candidate.rule.to_owned(),
        event: Some(event_to_proto(&claim.candidate.event)),
        retracted: claim.retracted,
        over: claim.over,
    }
}

fn note_to_proto(note: &Note) -> v1::AlertNote {
    let action = match note.action {
        Action::Acknowledge => v1::AlertAction::Acknowledge,
        Action::Dismiss { .. } => v1::AlertAction::Dismiss,
        Action::Assign { .. } => v1::AlertAction::Assign,
        Action::Note { .. } => v1::AlertAction::Note,
    };
    v1::AlertNote {
        operator: note.operator.clone(),
        confirmed_by: note.confirmed_by.clone().unwrap_or_default(),
        at_unix_micros: note.at,
        action: action.into(),
        text: note.action.text().to_owned(),
    }
}
