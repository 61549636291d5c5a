//! One alert and its life.

use super::action::{Act, ActError, Action};
use super::candidate::Candidate;
use super::value::Value;
use crate::association::TrackKey;
use crate::event::{Lifecycle, Severity};

/// Most events kept of one alert besides the first; later ones only move its rank.
const CLAIMS_MAX: usize = 32;
/// Most notes of one alert; the oldest go first. The audit log has all.
const NOTES_MAX: usize = 64;

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertState {
    /// Nobody has looked.
    Open,
    /// Somebody looks after it.
    Acknowledged,
    /// An operator is done with it.
    Dismissed,
    /// Every event it rested on was retracted.
    Withdrawn,
}

impl AlertState {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Dismissed => "dismissed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether it still asks for something.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::Acknowledged)
    }
}

/// One thing that was found, the newest that was told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// What was told.
    pub candidate: Candidate,
    /// It was retracted.
    pub retracted: bool,
    /// It is over.
    pub over: bool,
}

/// Something an operator wrote or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Who.
    pub operator: String,
    /// The second person, where policy asked for one.
    pub confirmed_by: Option<String>,
    /// When, UTC microseconds.
    pub at: i64,
    /// What.
    pub action: Action,
}

/// A reason to look at somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Sequence in the site's log of the event that it began with.
    pub id: u64,
    /// When it was raised, UTC microseconds: later than that event if it was held back first.
    pub raised: i64,
    /// What was found, the first first.
    pub claims: Vec<Claim>,
    /// How it ranks.
    pub value: Value,
    /// Where it stands.
    pub state: AlertState,
    /// Who looks after it.
    pub assignee: Option<String>,
    /// What operators did, in order.
    pub notes: Vec<Note>,
    /// Greater after each change than any alert's before.
    pub revision: u64,
}

impl Alert {
    pub(super) fn new(candidate: Candidate, value: Value, raised: i64) -> Self {
        Self {
            id: candidate.sequence,
            raised,
            claims: vec![Claim { candidate, retracted: false, over: false }],
            value,
            state: AlertState::Open,
            assignee: None,
            notes: Vec::new(),
            revision: 0,
        }
    }

    /// Whom it concerns.
    pub fn tracks(&self) -> impl Iterator<Item = &TrackKey> {
        self.claims.iter().flat_map(|claim| &claim.candidate.tracks)
    }

    /// The rules behind it, each once.
    #[must_use]
    pub fn rules(&self) -> Vec<&'static str> {
        let mut rules: Vec<&'static str> = Vec::new();
        for claim in self.claims.iter().filter(|claim| !claim.retracted) {
            if !rules.contains(&claim.candidate.rule) {
                rules.push(claim.candidate.rule);
            }
        }
        rules
    }

    /// The most severe of what still stands.
    #[must_use]
    pub fn severity(&self) -> Severity {
        let standing = self.claims.iter().filter(|claim| !claim.retracted);
        standing.map(|claim| claim.candidate.event.severity).max().unwrap_or(Severity::Info)
    }

    /// Takes a further event of the same people. True when it changed anything that is shown.
    pub(super) fn join(&mut self, candidate: Candidate, value: Value) -> bool {
        let known = self.claims.iter().position(|claim| claim.candidate.same_thing(&candidate));
        let stronger = value.rank() > self.value.rank();
        if stronger {
            self.value = value;
        }
        match known {
            Some(index) => {
                let claim = &mut self.claims[index];
                let severity = claim.candidate.event.severity.max(candidate.event.severity);
                claim.candidate = candidate;
                claim.candidate.event.severity = severity;
                (claim.retracted, claim.over) = (false, false);
            }
            None if self.claims.len() <= CLAIMS_MAX => {
                // Something else of the same person, and worth more than what was dismissed: it is looked at again.
                if self.state == AlertState::Dismissed && stronger {
                    self.state = AlertState::Open;
                }
                self.claims.push(Claim { candidate, retracted: false, over: false });
            }
            None => return stronger,
        }
        if self.state == AlertState::Withdrawn {
            self.state = AlertState::Open;
        }
        true
    }

    /// Notes the end or the retraction of what `candidate` tells of. True when that is one of this alert's.
    pub(super) fn close(&mut self, candidate: &Candidate) -> bool {
        let Some(claim) = self.claims.iter_mut().find(|claim| claim.candidate.same_thing(candidate)) else {
            return false;
        };
        match candidate.event.lifecycle {
            Lifecycle::Retracted => claim.retracted = true,
            _ => claim.over = true,
        }
        if self.claims.iter().all(|claim| claim.retracted) {
            self.state = AlertState::Withdrawn;
        }
        true
    }

    /// Whether it can be done as the alert stands.
    pub(super) fn allows(&self, act: &Act) -> Result<(), ActError> {
        let note = matches!(act.action, Action::Note { .. });
        if self.state.is_live() || note { Ok(()) } else { Err(ActError::Closed { alert: self.id, state: self.state }) }
    }

    pub(super) fn act(&mut self, act: &Act) -> Result<(), ActError> {
        self.allows(act)?;
        match &act.action {
            Action::Acknowledge => self.state = AlertState::Acknowledged,
            Action::Dismiss { .. } => self.state = AlertState::Dismissed,
            Action::Assign { to } => self.assignee = Some(to.clone()),
            Action::Note { .. } => {}
        }
        if self.notes.len() >= NOTES_MAX {
            self.notes.remove(0);
        }
        let Act { operator, confirmed_by, at, action, .. } = act.clone();
        self.notes.push(Note { operator, confirmed_by, at, action });
        Ok(())
    }
}
