//! What waits for a second person, within the log: written down before it is changed, shown after.
//!
//! The entry that confirms holds all that is done by it, so that one row of the audit log both ends the proposal and does
//! what it asked for, and a log that is read again needs no proposal to do it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::alerts::{Acts, Desk, audited};
use crate::association::TravellerId;
use crate::central::alert::{Act, Action};
use crate::central::{
    CENTRAL, CentralTracker, ConfirmationPolicy, Ending, Proposal, ProposalFault, Proposals, ProposedAct, TravellerAct,
    TravellerAction,
};
use crate::rpc::{Choice, Decide, DecideFault, Fault, ProposalBoard, ProposalShown};
use crate::store::{AuditEntry, EventReader, EventStore, StoreError};

/// Names in the audit log.
const PROPOSE: &str = "propose";
const CONFIRM: &str = "confirm";
const DECLINE: &str = "decline";
const LAPSE: &str = "lapse";

/// Text of an entry that proposes.
#[derive(Serialize, Deserialize)]
struct Proposed {
    until: i64,
    act: ProposedAct,
}

/// Text of an entry that confirms.
#[derive(Serialize, Deserialize)]
pub(super) struct Confirmed {
    proposal: u64,
    /// Who asked.
    pub operator: String,
    /// What is done.
    pub act: ProposedAct,
}

/// Text of an entry that declines, or that nobody decided in time.
#[derive(Serialize, Deserialize)]
struct Undone {
    proposal: u64,
    #[serde(default)]
    reason: String,
}

/// What a decision is carried out with.
pub(super) struct Hands<'a> {
    pub tracker: &'a mut CentralTracker,
    pub desk: &'a mut Desk,
    pub store: &'a mut EventStore,
    /// UTC microseconds of the centre.
    pub now: i64,
}

/// The proposals, what policy asks for, and where both are shown.
#[derive(Debug)]
pub(super) struct Confirmations {
    policy: ConfirmationPolicy,
    proposals: Proposals,
    board: watch::Sender<Arc<ProposalBoard>>,
}

impl Confirmations {
    pub fn new(policy: ConfirmationPolicy, proposals: Proposals, board: watch::Sender<Arc<ProposalBoard>>) -> Self {
        Self { policy, proposals, board }
    }

    /// Whether any waits.
    pub fn any_waits(&self) -> bool {
        self.proposals.open().next().is_some()
    }

    /// Whether this needs a second person.
    pub fn asks(&self, act: &ProposedAct) -> bool {
        self.policy.asks(act)
    }

    /// Writes down what is asked for; its number. What is answered is on the disk.
    pub fn propose<E: From<ProposalFault> + From<Fault>>(
        &mut self,
        store: &mut EventStore,
        (operator, at): (&str, i64),
        act: ProposedAct,
    ) -> Result<u64, E> {
        self.proposals.may_begin(&act)?;
        let until = at.saturating_add(i64::try_from(self.policy.within.as_micros()).unwrap_or(i64::MAX));
        let text = text(&Proposed { until, act: act.clone() })?;
        let entry = entry(PROPOSE, operator, at, &act, text);
        let id = audited(store, &entry)?;
        self.proposals.begin(Proposal { id, operator: operator.to_owned(), at, until, act, ended: None });
        Ok(id)
    }

    /// Confirms, and does what was asked for, or declines. What is answered is on the disk. Also the number in the audit log.
    pub fn decide(&mut self, hands: &mut Hands<'_>, decide: Decide) -> Result<(ProposalShown, u64), DecideFault> {
        let Decide { proposal: id, operator, choice } = decide;
        let how = match choice {
            Choice::Confirm => Ending::Confirmed { by: operator.clone() },
            Choice::Decline { reason } => Ending::Declined { by: operator.clone(), reason },
        };
        let now = hands.now;
        let proposal = self.proposals.may_end(id, now, &how)?.clone();
        let number = match &how {
            Ending::Declined { reason, .. } => {
                let text = text(&Undone { proposal: id, reason: reason.clone() })?;
                audited(hands.store, &entry(DECLINE, &operator, now, &proposal.act, text))?
            }
            Ending::Confirmed { .. } | Ending::Lapsed => carry_out(hands, &proposal, &operator)?,
        };
        self.proposals.end(id, now, how)?;
        self.show(hands.tracker);
        let ended = self.proposals.get(id).cloned().unwrap_or(proposal);
        Ok((shown(hands.tracker, &ended), number))
    }

    /// What nobody decided in time lapses. What cannot be written down lapses later; it can no longer be confirmed.
    pub fn lapse(&mut self, store: &mut EventStore, now: i64) {
        for id in self.proposals.due(now) {
            let Some(proposal) = self.proposals.get(id) else { continue };
            let undone = Undone { proposal: id, reason: String::new() };
            let written =
                text(&undone).and_then(|text| audited(store, &entry(LAPSE, CENTRAL, now, &proposal.act, text)));
            if written.is_err() {
                return; // It has been told.
            }
            let _ = self.proposals.end(id, now, Ending::Lapsed);
        }
    }

    /// Shows what stands, if it is not what is shown.
    pub fn show(&mut self, tracker: &CentralTracker) {
        let proposals = self.proposals.iter().map(|proposal| shown(tracker, proposal)).collect();
        let board = ProposalBoard { proposals, policy: self.policy.clone() };
        self.board.send_if_modified(|stands| {
            let changed = **stands != board;
            if changed {
                *stands = Arc::new(board);
            }
            changed
        });
    }
}

/// Writes down that `by` confirms, and does what was asked for.
fn carry_out(hands: &mut Hands<'_>, proposal: &Proposal, by: &str) -> Result<u64, DecideFault> {
    let Hands { tracker, desk, store, now } = hands;
    let (at, act) = (*now, named_now(tracker, &proposal.act));
    let confirmed = Confirmed { proposal: proposal.id, operator: proposal.operator.clone(), act };
    let written = |store: &mut EventStore| {
        let text = text(&confirmed)?;
        audited(store, &entry(CONFIRM, by, at, &confirmed.act, text))
    };
    let number;
    if let Some(act) = confirmed.with_traveller(by, at) {
        tracker.allows(&act)?;
        number = written(store)?;
        tracker.act(&act)?;
    } else if let Some(act) = confirmed.with_alert(by, at) {
        desk.allows(&act)?;
        number = written(store)?;
        desk.apply(&act)?;
    } else {
        return Err(ProposalFault::Unknown(proposal.id).into());
    }
    Ok(number)
}

impl Confirmed {
    /// What is done with a traveller.
    pub fn with_traveller(&self, by: &str, at: i64) -> Option<TravellerAct> {
        let ProposedAct::Traveller(action) = &self.act else { return None };
        let (operator, confirmed_by) = (self.operator.clone(), Some(by.to_owned()));
        Some(TravellerAct { operator, confirmed_by, at, action: action.clone() })
    }

    /// What is done with an alert.
    pub fn with_alert(&self, by: &str, at: i64) -> Option<Act> {
        let ProposedAct::Dismiss { alert, reason } = &self.act else { return None };
        let (operator, confirmed_by) = (self.operator.clone(), Some(by.to_owned()));
        Some(Act { alert: *alert, operator, confirmed_by, at, action: Action::Dismiss { reason: reason.clone() } })
    }
}

/// The same with travellers as they are called now: they may have been joined to others while it waited.
fn named_now(tracker: &CentralTracker, act: &ProposedAct) -> ProposedAct {
    use TravellerAction::{EndFollow, Follow, Merge, Split};
    let now = |id: &TravellerId| tracker.travellers().became(*id).unwrap_or(*id);
    match act {
        ProposedAct::Traveller(action) => ProposedAct::Traveller(match action {
            Follow { traveller, case, purpose, seconds } => {
                let (case, purpose) = (case.clone(), purpose.clone());
                Follow { traveller: now(traveller), case, purpose, seconds: *seconds }
            }
            EndFollow { follow } => EndFollow { follow: *follow },
            Merge { a, b } => Merge { a: now(a), b: now(b) },
            Split { traveller, at } => Split { traveller: now(traveller), at: at.clone() },
        }),
        ProposedAct::Dismiss { .. } => act.clone(),
    }
}

fn shown(tracker: &CentralTracker, proposal: &Proposal) -> ProposalShown {
    let whom = match &proposal.act {
        ProposedAct::Traveller(
            TravellerAction::Follow { traveller, .. } | TravellerAction::Split { traveller, .. },
        ) => Some(*traveller),
        ProposedAct::Traveller(TravellerAction::Merge { a, .. }) => Some(*a),
        ProposedAct::Traveller(TravellerAction::EndFollow { .. }) | ProposedAct::Dismiss { .. } => None,
    };
    let traveller = whom.and_then(|id| tracker.travellers().became(id));
    ProposalShown { proposal: proposal.clone(), traveller }
}

fn entry(action: &str, operator: &str, at: i64, act: &ProposedAct, text: String) -> AuditEntry {
    let alert = if let ProposedAct::Dismiss { alert, .. } = act { *alert } else { 0 };
    AuditEntry { at, operator: operator.to_owned(), action: action.to_owned(), alert, text, ..AuditEntry::default() }
}

fn text(what: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(what).map_err(|error| Fault(error.to_string()))
}

/// What an entry of the audit log confirms, if it does.
pub(super) fn confirmed(entry: &AuditEntry) -> Option<Confirmed> {
    if entry.action == CONFIRM { serde_json::from_str(&entry.text).ok() } else { None }
}

/// The proposals as they stood.
pub(super) fn rebuilt(reader: &mut EventReader) -> Result<Proposals, StoreError> {
    let mut proposals = Proposals::default();
    let mut acts = Acts::after(0);
    while let Some(entry) = acts.next(reader)? {
        redo(&mut proposals, entry);
    }
    Ok(proposals)
}

/// Does again what was done. Other entries of the log are no acts of this kind.
fn redo(proposals: &mut Proposals, entry: AuditEntry) {
    let AuditEntry { number, at, operator, action, text, .. } = entry;
    let undone = || serde_json::from_str::<Undone>(&text).ok();
    let ending = match action.as_str() {
        PROPOSE => {
            if let Ok(Proposed { until, act }) = serde_json::from_str(&text) {
                proposals.begin(Proposal { id: number, operator, at, until, act, ended: None });
            }
            None
        }
        CONFIRM => {
            let confirmed = serde_json::from_str::<Confirmed>(&text).ok();
            confirmed.map(|confirmed| (confirmed.proposal, Ending::Confirmed { by: operator }))
        }
        DECLINE => undone().map(|Undone { proposal, reason }| (proposal, Ending::Declined { by: operator, reason })),
        LAPSE => undone().map(|undone| (undone.proposal, Ending::Lapsed)),
        _ => None,
    };
    if let Some((id, how)) = ending {
        let _ = proposals.end(id, at, how);
    }
}
