//! Decisions that take effect only when a second person confirms them, where the site's policy asks for it.
//!
//! What is proposed is what was asked for, with who asked and until when. It is confirmed by somebody else, declined (taken
//! back, if by who asked), or lapses; nothing else ends it. [`Proposals`] only keeps count of that: whoever owns it does what
//! was confirmed. A proposal is called by the number of its entry in the audit log, so that no number is given twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alert::{Act, ActError, Action, OPERATOR_CHARS_MAX, TEXT_CHARS_MAX, readable};
use super::travellers::TravellerAction;

/// Most that wait at once.
pub const PROPOSALS_MAX: usize = 64;
/// Ended ones that are remembered; the oldest go first. The audit log keeps them longer.
const ENDED_MAX: usize = 128;

/// What policy may ask a second person for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// To follow a traveller.
    Follow,
    /// To say that two travellers are one.
    Merge,
    /// To say that one is two.
    Split,
    /// To be done with an alert.
    Dismiss,
}

impl Decision {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Follow, Self::Merge, Self::Split, Self::Dismiss];

    /// Name as in the configuration and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Follow => "follow",
            Self::Merge => "merge",
            Self::Split => "split",
            Self::Dismiss => "dismiss",
        }
    }
}

/// Which decisions need a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfirmationPolicy {
    /// These; none by default.
    pub decisions: BTreeSet<Decision>,
    /// A proposal lapses after this.
    pub within: Duration,
}

impl Default for ConfirmationPolicy {
    fn default() -> Self {
        Self { decisions: BTreeSet::new(), within: Duration::from_secs(120) }
    }
}

impl ConfirmationPolicy {
    /// Whether this needs a second person.
    #[must_use]
    pub fn asks(&self, act: &ProposedAct) -> bool {
        act.decision().is_some_and(|decision| self.decisions.contains(&decision))
    }
}

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposedAct {
    /// Something done with a traveller.
    Traveller(TravellerAction),
    /// To be done with an alert.
    Dismiss {
        /// The alert.
        alert: u64,
        /// Why.
        reason: String,
    },
}

impl ProposedAct {
    /// What is done with an alert, if that is something that can be proposed.
    #[must_use]
    pub fn of_alert(act: &Act) -> Option<Self> {
        match &act.action {
            Action::Dismiss { reason } => Some(Self::Dismiss { alert: act.alert, reason: reason.clone() }),
            Action::Acknowledge | Action::Assign { .. } | Action::Note { .. } => None,
        }
    }

    /// Which kind of decision; none that needs a second person under no policy.
    #[must_use]
    pub fn decision(&self) -> Option<Decision> {
        match self {
            Self::Traveller(TravellerAction::Follow { .. }) => Some(Decision::Follow),
            Self::Traveller(TravellerAction::Merge { .. }) => Some(Decision::Merge),
            Self::Traveller(TravellerAction::Split { .. }) => Some(Decision::Split),
            // Who ends a follow watches less.
            Self::Traveller(TravellerAction::EndFollow { .. }) => None,
            Self::Dismiss { .. } => Some(Decision::Dismiss),
        }
    }

    /// Whether both ask for the same, in whatever words.
    fn is_same_matter(&self, other: &Self) -> bool {
        use TravellerAction::{Follow, Merge, Split};
        match (self, other) {
            (Self::Dismiss { alert: a, .. }, Self::Dismiss { alert: b, .. }) => a == b,
            (Self::Traveller(a), Self::Traveller(b)) => match (a, b) {
                (Follow { traveller: a, case: x, .. }, Follow { traveller: b, case: y, .. }) => (a, x) == (b, y),
                (Merge { a, b }, Merge { a: c, b: d }) => (a, b) == (c, d) || (a, b) == (d, c),
                (Split { traveller: a, at: x }, Split { traveller: b, at: y }) => (a, x) == (b, y),
                _ => false,
            },
            _ => false,
        }
    }
}

/// How a proposal ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Somebody else confirmed it, and it was done.
    Confirmed {
        /// Who.
        by: String,
    },
    /// It is not to be done.
    Declined {
        /// Who says so.
        by: String,
        /// Why; may be empty.
        reason: String,
    },
    /// Nobody decided in time.
    Lapsed,
}

/// What somebody asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// Number of its entry in the audit log.
    pub id: u64,
    /// Who asked.
    pub operator: String,
    /// When, UTC microseconds of the centre.
    pub at: i64,
    /// It lapses then.
    pub until: i64,
    /// What for.
    pub act: ProposedAct,
    /// When and how it ended, if it has.
    pub ended: Option<(i64, Ending)>,
}

/// Why something cannot be proposed, confirmed or declined; nothing is changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProposalFault {
    /// No such proposal is remembered.
    #[error("there is no proposal {0}")]
    Unknown(u64),
    /// It is confirmed, declined or lapsed.
    #[error("proposal {id} is over: it {how}")]
    Over {
        /// Which.
        id: u64,
        /// In words.
        how: &'static str,
    },
    /// Who confirms is who asked.
    #[error("{operator} asked for proposal {id}; somebody else has to confirm it")]
    SamePerson {
        /// Which.
        id: u64,
        /// Who asked.
        operator: String,
    },
    /// The same waits already.
    #[error("{operator} asked for the same already: proposal {id} waits for a second person")]
    Again {
        /// Which.
        id: u64,
        /// Who asked.
        operator: String,
    },
    /// Too many wait.
    #[error("{PROPOSALS_MAX} proposals wait for a second person already; decide on one first")]
    Full,
    /// A name or text is missing or too long.
    #[error("{0}")]
    Text(String),
}

impl From<ActError> for ProposalFault {
    fn from(error: ActError) -> Self {
        Self::Text(error.to_string())
    }
}

impl Proposal {
    /// Whether it may end so at `at`.
    fn may_end(&self, at: i64, how: &Ending) -> Result<(), ProposalFault> {
        let over = |how| Err(ProposalFault::Over { id: self.id, how });
        match (&self.ended, how) {
            (Some((_, Ending::Confirmed { .. })), _) => return over("was confirmed"),
            (Some((_, Ending::Declined { .. })), _) => return over("was declined"),
            (Some((_, Ending::Lapsed)), _) => return over("lapsed"),
            (None, Ending::Lapsed) => return Ok(()),
            (None, _) if at >= self.until => return over("lapsed"),
            (None, _) => {}
        }
        match how {
            Ending::Confirmed { by } => {
                readable("the operator's name", by, OPERATOR_CHARS_MAX)?;
                if is_same_name(by, &self.operator) {
                    return Err(ProposalFault::SamePerson { id: self.id, operator: self.operator.clone() });
                }
            }
            Ending::Declined { by, reason } => {
                readable("the operator's name", by, OPERATOR_CHARS_MAX)?;
                if !reason.is_empty() {
                    readable("the reason", reason, TEXT_CHARS_MAX)?;
                }
            }
            Ending::Lapsed => {}
        }
        Ok(())
    }
}

/// Blanks around a name and capitals make nobody another person.
#[must_use]
pub fn is_same_name(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Proposals {
    all: BTreeMap<u64, Proposal>,
}

impl Proposals {
    /// All remembered, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Proposal> {
        self.all.values()
    }

    /// Those that wait.
    pub fn open(&self) -> impl Iterator<Item = &Proposal> {
        self.all.values().filter(|proposal| proposal.ended.is_none())
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<&Proposal> {
        self.all.get(&id)
    }

    /// Whether this can be proposed.
    ///
    /// # Errors
    /// [`ProposalFault::Again`] and [`ProposalFault::Full`].
    pub fn may_begin(&self, act: &ProposedAct) -> Result<(), ProposalFault> {
        if let Some(same) = self.open().find(|proposal| proposal.act.is_same_matter(act)) {
            return Err(ProposalFault::Again { id: same.id, operator: same.operator.clone() });
        }
        if self.open().count() >= PROPOSALS_MAX { Err(ProposalFault::Full) } else { Ok(()) }
    }

    /// It waits from now on.
    pub fn begin(&mut self, proposal: Proposal) {
        self.all.insert(proposal.id, Proposal { ended: None, ..proposal });
    }

    /// The proposal, if it may end so at `at`, UTC microseconds.
    ///
    /// # Errors
    /// [`ProposalFault`].
    pub fn may_end(&self, id: u64, at: i64, how: &Ending) -> Result<&Proposal, ProposalFault> {
        let proposal = self.all.get(&id).ok_or(ProposalFault::Unknown(id))?;
        proposal.may_end(at, how).map(|()| proposal)
    }

    /// Ends it so.
    ///
    /// # Errors
    /// As [`Proposals::may_end`]; nothing has changed then.
    pub fn end(&mut self, id: u64, at: i64, how: Ending) -> Result<(), ProposalFault> {
        self.may_end(id, at, &how)?;
        if let Some(proposal) = self.all.get_mut(&id) {
            proposal.ended = Some((at, how));
        }
        let ended: Vec<u64> = self.all.values().filter(|one| one.ended.is_some()).map(|one| one.id).collect();
        for old in &ended[..ended.len().saturating_sub(ENDED_MAX)] {
            self.all.remove(old);
        }
        Ok(())
    }

    /// Those that lapse at `now`.
    #[must_use]
    pub fn due(&self, now: i64) -> Vec<u64> {
        self.open().filter(|proposal| proposal.until <= now).map(|proposal| proposal.id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::association::{TrackKey, TravellerId};
    use crate::ids::{BootId, CameraId, TrackId};

    fn follow(traveller: u64, case: &str) -> ProposedAct {
        let (case, purpose) = (case.to_owned(), "a bag".to_owned());
        ProposedAct::Traveller(TravellerAction::Follow {
            traveller: TravellerId(traveller),
            case,
            purpose,
            seconds: 60,
        })
    }

    fn dismiss(alert: u64, reason: &str) -> ProposedAct {
        ProposedAct::Dismiss { alert, reason: reason.to_owned() }
    }

    fn merge(a: u64, b: u64) -> ProposedAct {
        ProposedAct::Traveller(TravellerAction::Merge { a: TravellerId(a), b: TravellerId(b) })
    }

    fn split(traveller: u64, track: u64) -> ProposedAct {
        let at = TrackKey { camera: CameraId::new("gate").unwrap(), boot: BootId(1), track: TrackId(track) };
        ProposedAct::Traveller(TravellerAction::Split { traveller: TravellerId(traveller), at })
    }

    fn proposed(id: u64, act: ProposedAct) -> Proposal {
        Proposal { id, operator: "kim".to_owned(), at: 0, until: 100, act, ended: None }
    }

    fn waiting() -> Proposals {
        let mut proposals = Proposals::default();
        proposals.begin(proposed(7, follow(1, "C-1")));
        proposals
    }

    fn confirmed(by: &str) -> Ending {
        Ending::Confirmed { by: by.to_owned() }
    }

    fn declined(by: &str) -> Ending {
        Ending::Declined { by: by.to_owned(), reason: String::new() }
    }

    #[test]
    fn only_somebody_else_in_time_and_once_confirms() {
        let over = |how| Err(ProposalFault::Over { id: 7, how });
        let same = Err(ProposalFault::SamePerson { id: 7, operator: "kim".to_owned() });
        for (first, at, how, expected) in [
            (None, 99, confirmed("lee"), Ok(())),
            (None, 99, confirmed("kim"), same.clone()),
            (None, 99, confirmed("  KIM "), same),
            (None, 99, confirmed(" "), Err(ProposalFault::Text("the operator's name is missing".to_owned()))),
            (None, 100, confirmed("lee"), over("lapsed")),
            (None, 99, declined("lee"), Ok(())),
            (None, 99, declined("kim"), Ok(())),
            (None, 100, Ending::Lapsed, Ok(())),
            (Some(confirmed("lee")), 99, confirmed("park"), over("was confirmed")),
            (Some(declined("lee")), 99, confirmed("park"), over("was declined")),
            (Some(Ending::Lapsed), 99, confirmed("park"), over("lapsed")),
            (Some(confirmed("lee")), 100, Ending::Lapsed, over("was confirmed")),
        ] {
            let mut proposals = waiting();
            if let Some(first) = first {
                proposals.end(7, 50, first).unwrap();
            }
            let before = proposals.clone();
            let done = proposals.end(7, at, how.clone());
            assert_eq!(done, expected, "{how:?} at {at}");
            match done {
                Ok(()) => assert_eq!(proposals.get(7).unwrap().ended, Some((at, how))),
                Err(_) => assert_eq!(proposals, before),
            }
        }
        assert_eq!(waiting().end(8, 1, confirmed("lee")), Err(ProposalFault::Unknown(8)));
    }

    #[test]
    fn the_same_is_proposed_once_at_a_time() {
        for (first, second, again) in [
            (follow(1, "C-1"), follow(1, "C-1"), true),
            (follow(1, "C-1"), follow(1, "C-2"), false),
            (follow(1, "C-1"), follow(2, "C-1"), false),
            (merge(1, 2), merge(2, 1), true),
            (merge(1, 2), merge(1, 3), false),
            (split(1, 5), split(1, 5), true),
            (split(1, 5), split(1, 6), false),
            (dismiss(9, "a"), dismiss(9, "b"), true),
            (dismiss(9, "a"), dismiss(8, "a"), false),
            (merge(1, 2), follow(1, "C-1"), false),
        ] {
            let mut proposals = Proposals::default();
            proposals.begin(proposed(7, first.clone()));
            let expected = Err(ProposalFault::Again { id: 7, operator: "kim".to_owned() });
            assert_eq!(proposals.may_begin(&second), if again { expected } else { Ok(()) }, "{first:?} {second:?}");
            proposals.end(7, 1, declined("lee")).unwrap();
            assert_eq!(proposals.may_begin(&second), Ok(()), "what is over stands in nobody's way");
        }
    }

    #[test]
    fn everything_is_bounded_and_what_is_due_is_known() {
        let mut proposals = Proposals::default();
        for id in 1..=1_000 {
            let full = proposals.may_begin(&dismiss(id, "a"));
            assert_eq!(full, if id > PROPOSALS_MAX as u64 { Err(ProposalFault::Full) } else { Ok(()) });
            if full.is_err() {
                let oldest = proposals.open().next().unwrap().id;
                proposals.end(oldest, 100, Ending::Lapsed).unwrap();
            }
            proposals.begin(proposed(id, dismiss(id, "a")));
        }
        assert_eq!((proposals.open().count(), proposals.iter().count()), (PROPOSALS_MAX, PROPOSALS_MAX + ENDED_MAX));
        assert_eq!((proposals.due(99), proposals.due(100).len()), (Vec::new(), PROPOSALS_MAX));
    }

    #[test]
    fn policy_names_what_needs_a_second_person() {
        let policy = |decisions: &[Decision]| ConfirmationPolicy {
            decisions: decisions.iter().copied().collect(),
            ..ConfirmationPolicy::default()
        };
        let end = ProposedAct::Traveller(TravellerAction::EndFollow { follow: 1 });
        for act in [follow(1, "C"), merge(1, 2), split(1, 2), dismiss(1, "a"), end] {
            assert!(!ConfirmationPolicy::default().asks(&act));
            assert_eq!(policy(&Decision::ALL).asks(&act), act.decision().is_some());
            assert_eq!(policy(&[Decision::Follow]).asks(&act), act.decision() == Some(Decision::Follow));
        }
    }
}
