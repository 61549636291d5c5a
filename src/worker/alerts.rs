//! The desk of alerts within the log: fed at each commit, written down before it is changed, shown after.

use std::sync::Arc;

use tokio::sync::watch;

use super::proposals;

use crate::central::alert::{Act, ActError, Action, Alert, AlertDesk, AlertSettings, Board, Look, ShadowReport};
use crate::event::EdgeEvent;
use crate::rpc::{ActFault, Audited, Fault};
use crate::store::{AuditEntry, EventReader, EventStore, StoreError};
use crate::wire::{self, v1};

/// Events, and acts, read at once while the desk is rebuilt.
const PAGE: usize = 1_024;
const DAY_MICROS: i64 = 86_400_000_000;

/// The desk and where it is shown.
#[derive(Debug)]
pub(super) struct Desk {
    desk: AlertDesk,
    board: watch::Sender<Arc<Board>>,
    used: u32,
}

impl Desk {
    pub fn new(desk: AlertDesk, board: watch::Sender<Arc<Board>>) -> Self {
        let shown = desk.board();
        let used = shown.used;
        board.send_replace(Arc::new(shown));
        Self { desk, board, used }
    }

    /// Takes a committed event; [`Desk::show`] follows after the batch.
    pub fn accept(&mut self, committed: &v1::SiteEvent, event: &EdgeEvent) {
        self.desk.accept(committed.sequence, committed.committed_unix_micros, event);
    }

    /// Time goes on: places of the budget get free.
    pub fn advance(&mut self, now: i64) {
        self.desk.advance(now);
        self.show();
    }

    /// Shows what stands, if it is not what is shown.
    pub fn show(&mut self) {
        let used = self.desk.used();
        if self.desk.revision() != self.board.borrow().revision || used != self.used {
            self.used = used;
            self.board.send_replace(Arc::new(self.desk.board()));
        }
    }

    /// Writes an act down and does it. What is answered is on the disk.
    pub fn act(&mut self, store: &mut EventStore, act: &Act) -> Result<Alert, ActFault> {
        self.desk.allows(act)?;
        let entry = AuditEntry {
            at: act.at,
            operator: act.operator.clone(),
            action: act.action.as_str().to_owned(),
            alert: act.alert,
            text: act.action.text().to_owned(),
            ..AuditEntry::default()
        };
        audited(store, &entry)?;
        Ok(self.apply(act)?)
    }

    /// Whether an operator can do this.
    pub fn allows(&self, act: &Act) -> Result<Alert, ActError> {
        self.desk.allows(act).cloned()
    }

    /// Does what is written down.
    pub fn apply(&mut self, act: &Act) -> Result<Alert, ActError> {
        let alert = self.desk.act(act)?.clone();
        self.show();
        Ok(alert)
    }

    /// Writes down that somebody wants to see an alert's pictures, also when that is refused; the event they belong to.
    pub fn look(&mut self, store: &mut EventStore, look: &Look, at: i64) -> Result<EdgeEvent, ActFault> {
        let found = self.desk.look(look).cloned();
        let action = match &found {
            Ok(_) if look.faces => "evidence_faces",
            Ok(_) => "evidence",
            Err(ActError::Refused(_)) => "evidence_refused",
            Err(_) => return Ok(found?),
        };
        let Look { alert, operator, purpose, .. } = look.clone();
        let entry =
            AuditEntry { at, operator, action: action.to_owned(), alert, text: purpose, ..AuditEntry::default() };
        audited(store, &entry)?;
        Ok(found?)
    }

    pub fn shadow(&self, from: i64, to: i64, now: i64) -> Vec<ShadowReport> {
        let (from, to) = if (from, to) == (0, 0) { (now - DAY_MICROS, now) } else { (from, to) };
        self.desk.shadow(from, to)
    }
}

/// Writes an act down; it is on the disk when this returns.
pub(super) fn audited(store: &mut EventStore, entry: &AuditEntry) -> Result<u64, Fault> {
    store.audit(entry).map_err(|error| {
        tracing::error!(%error, "an operator's act cannot be written down");
        Fault(format!("the store takes nothing: {error}"))
    })
}

/// The desk as it stood: events that may be a reason, and acts in their place among them, from the oldest kept.
pub(super) fn rebuilt(settings: AlertSettings, reader: &mut EventReader) -> Result<AlertDesk, StoreError> {
    let mut desk = AlertDesk::new(settings);
    let mut acts = Acts::after(0);
    let mut act = acts.next(reader)?;
    let mut from = 1;
    loop {
        let page = reader.reasons(from, PAGE)?;
        if page.events.is_empty() {
            break;
        }
        from = page.next;
        for message in page.events {
            while let Some(due) = act.take_if(|a| a.after < message.sequence) {
                redo(&mut desk, due);
                act = acts.next(reader)?;
            }
            match message.event.map(wire::event_from_proto) {
                Some(Ok(event)) => desk.accept(message.sequence, message.committed_unix_micros, &event),
                Some(Err(error)) => {
                    tracing::warn!(sequence = message.sequence, %error, "a stored event cannot be read")
                }
                None => {}
            }
        }
    }
    while let Some(due) = act {
        redo(&mut desk, due);
        act = acts.next(reader)?;
    }
    Ok(desk)
}

/// Does again what was done. Alerts whose events have expired are gone, and other entries of the log are no acts.
fn redo(desk: &mut AlertDesk, entry: AuditEntry) {
    desk.advance(entry.at);
    let act = match proposals::confirmed(&entry) {
        Some(confirmed) => confirmed.with_alert(&entry.operator, entry.at),
        None => Action::of(&entry.action, &entry.text).map(|action| {
            let AuditEntry { at, operator, alert, .. } = entry;
            Act { alert, operator, confirmed_by: None, at, action }
        }),
    };
    if let Some(act) = act {
        let _ = desk.act(&act);
    }
}

/// The audit log in its order, a page at a time.
pub(super) struct Acts {
    waiting: std::vec::IntoIter<AuditEntry>,
    next: u64,
}

impl Acts {
    /// Those after number `number`.
    pub(super) fn after(number: u64) -> Self {
        Self { waiting: Vec::new().into_iter(), next: number + 1 }
    }

    pub(super) fn next(&mut self, reader: &mut EventReader) -> Result<Option<AuditEntry>, StoreError> {
        if self.waiting.len() == 0 {
            self.waiting = reader.audit_from(self.next, PAGE)?.into_iter();
        }
        let entry = self.waiting.next();
        self.next = entry.as_ref().map_or(self.next, |entry| entry.number + 1);
        Ok(entry)
    }
}

/// The audit log, the newest first.
pub(super) fn audit(reader: &mut EventReader, before: u64, limit: usize) -> Result<Vec<Audited>, StoreError> {
    let audited = |entry: AuditEntry| {
        let AuditEntry { number, at, operator, action, alert, text, .. } = entry;
        Audited { number, at, operator, action, alert, text }
    };
    Ok(reader.audit_before(before, limit)?.into_iter().map(audited).collect())
}
