//! What consoles ask about alerts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::time::MissedTickBehavior;
use tonic::Status;

use super::journal::{ActFault, Audited, Fault, Journal};
use super::proposals::{Done, not_proposed};
use crate::central::alert::{Act, ActError, AlertState, Board};
use crate::wire::v1::watch_alerts_response::Message;
use crate::wire::{WireEnum, action_from_proto, alert_to_proto, held_to_proto, shadow_to_proto, v1};

/// Entries of the audit log in one answer: without a wish, and at most.
const AUDIT_DEFAULT: u32 = 100;
const AUDIT_MAX: u32 = 1_000;

/// The queue.
pub(super) fn list(journal: &Journal, request: &v1::ListAlertsRequest) -> Result<v1::ListAlertsResponse, Status> {
    let states: Result<Vec<AlertState>, _> = request.states.iter().map(|n| AlertState::from_wire(*n)).collect();
    let states = states.map_err(|e| Status::invalid_argument(e.to_string()))?;
    let board = Arc::clone(&journal.alerts().borrow());
    let wanted = |state| states.is_empty() || states.contains(&state);
    let alerts = board.ranked().into_iter().filter(|alert| wanted(alert.state)).take(limit(request.limit));
    Ok(v1::ListAlertsResponse {
        alerts: alerts.map(alert_to_proto).collect(),
        revision: board.revision,
        per_hour: board.per_hour,
        used: board.used,
        held_back: board.held.len() as u32,
        forgotten: board.forgotten,
    })
}

/// What was held back, the newest first.
pub(super) fn held_back(journal: &Journal, request: &v1::ListHeldBackRequest) -> v1::ListHeldBackResponse {
    let board = Arc::clone(&journal.alerts().borrow());
    let held_back = board.held.iter().rev().take(limit(request.limit)).map(held_to_proto).collect();
    v1::ListHeldBackResponse { held_back }
}

fn limit(wish: u32) -> usize {
    if wish == 0 { usize::MAX } else { wish as usize }
}

/// An operator does something.
pub(super) async fn act(journal: &Journal, request: v1::ActOnAlertRequest) -> Result<v1::ActOnAlertResponse, Status> {
    let asked = request.action();
    let action = action_from_proto(asked, request.text)
        .ok_or_else(|| Status::invalid_argument(format!("action {} is none of the list", request.action)))?;
    // The centre gives the time.
    let act = Act { alert: request.alert, operator: request.operator, confirmed_by: None, at: 0, action };
    let Done { with: alert, proposal } = journal.act(act).await.map_err(refused)?;
    Ok(v1::ActOnAlertResponse { alert: Some(alert_to_proto(&alert)), proposal: proposal.unwrap_or_default() })
}

/// What rules in shadow would have done.
pub(super) async fn shadow(
    journal: &Journal,
    request: v1::GetShadowReportRequest,
) -> Result<v1::GetShadowReportResponse, Status> {
    let v1::GetShadowReportRequest { from_unix_micros: from, to_unix_micros: to } = request;
    if (from, to) != (0, 0) && from >= to {
        return Err(Status::invalid_argument("to_unix_micros must lie after from_unix_micros"));
    }
    let rules = journal.shadow(from, to).await.map_err(unavailable)?;
    Ok(v1::GetShadowReportResponse { rules: rules.into_iter().map(shadow_to_proto).collect() })
}

/// Who did or saw what.
pub(super) async fn audit(journal: &Journal, request: v1::ListAuditRequest) -> Result<v1::ListAuditResponse, Status> {
    let before = if request.before == 0 { u64::MAX } else { request.before };
    let limit = if request.limit == 0 { AUDIT_DEFAULT } else { request.limit.min(AUDIT_MAX) };
    let entry = |a: Audited| v1::AuditEntry {
        number: a.number,
        at_unix_micros: a.at,
        operator: a.operator,
        action: a.action,
        alert: a.alert,
        text: a.text,
    };
    let entries = journal.audit(before, limit as usize).await.map_err(unavailable)?;
    Ok(v1::ListAuditResponse { entries: entries.into_iter().map(entry).collect() })
}

/// Why something was not done with an alert.
pub(super) fn refused(fault: ActFault) -> Status {
    match fault {
        ActFault::Act(error @ ActError::Unknown(_)) => Status::not_found(error.to_string()),
        ActFault::Act(error @ ActError::Closed { .. }) => Status::failed_precondition(error.to_string()),
        ActFault::Act(error @ ActError::Refused(_)) => Status::permission_denied(error.to_string()),
        ActFault::Act(error @ ActError::Text(_)) => Status::invalid_argument(error.to_string()),
        ActFault::Proposal(fault) => not_proposed(&fault),
        ActFault::Store(fault) => unavailable(fault),
    }
}

pub(super) fn unavailable(fault: Fault) -> Status {
    Status::unavailable(fault.0)
}

/// One console's view of the alerts: it is sent what changed since it was last sent something, so that a slow one misses
/// steps and never the outcome, and holds its bounded buffer and the names of the alerts, nothing else.
pub(super) struct AlertWatch {
    pub board: watch::Receiver<Arc<Board>>,
    pub after: u64,
    pub heartbeat: Duration,
    pub out: mpsc::Sender<Result<v1::WatchAlertsResponse, Status>>,
    pub stop: watch::Receiver<bool>,
    pub _permit: OwnedSemaphorePermit,
}

/// Nobody listens any more, or the centre stops.
struct Ended;

impl AlertWatch {
    /// Sends until somebody leaves.
    pub async fn run(mut self) {
        let _ = self.deliver().await;
        if *self.stop.borrow() {
            // A console that does not read cannot be told; its connection is closed after the grace period.
            let _ = self.out.try_send(Err(Status::unavailable("the centre is shutting down")));
        }
    }

    async fn deliver(&mut self) -> Result<(), Ended> {
        let mut beat = tokio::time::interval(self.heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut known: BTreeSet<u64> = BTreeSet::new();
        let mut live = false;
        loop {
            let board = Arc::clone(&self.board.borrow_and_update());
            // A revision of another run of the centre says nothing of this one.
            if self.after > board.revision {
                self.after = 0;
            }
            self.changes(&board, &mut known).await?;
            let standing = |board: &Board| v1::AlertsLive {
                revision: board.revision,
                per_hour: board.per_hour,
                used: board.used,
                held_back: board.held.len() as u32,
            };
            if !live {
                live = true;
                self.send(Message::Live(standing(&board))).await?;
            }
            beat.reset();
            let due = tokio::select! {
                biased;
                () = self.out.closed() => return Err(Ended),
                _ = self.stop.wait_for(|stop| *stop) => return Err(Ended),
                changed = self.board.changed() => changed.map(|()| false).map_err(|_| Ended)?,
                _ = beat.tick() => true,
            };
            if due {
                self.send(Message::Heartbeat(standing(&board))).await?;
            }
        }
    }

    async fn changes(&mut self, board: &Board, known: &mut BTreeSet<u64>) -> Result<(), Ended> {
        let now: BTreeSet<u64> = board.alerts.iter().map(|alert| alert.id).collect();
        for gone in known.difference(&now) {
            self.send(Message::Forgotten(*gone)).await?;
        }
        let mut changed: Vec<_> = board.alerts.iter().filter(|alert| alert.revision > self.after).collect();
        changed.sort_by_key(|alert| alert.revision);
        for alert in changed {
            self.send(Message::Alert(alert_to_proto(alert))).await?;
        }
        *known = now;
        self.after = board.revision;
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), Ended> {
        let response = v1::WatchAlertsResponse { message: Some(message) };
        tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => Err(Ended),
            sent = self.out.send(Ok(response)) => sent.map_err(|_| Ended),
        }
    }
}
