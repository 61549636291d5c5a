//! What waits for a second person, as messages.

use super::{track_to_proto, v1};
use crate::association::TravellerId;
use crate::central::{ConfirmationPolicy, Ending, Proposal, ProposedAct, TravellerAction};

/// The message for a proposal; `traveller`: whom it concerns, as they are called now.
#[must_use]
pub fn proposal_to_proto(proposal: &Proposal, traveller: Option<TravellerId>) -> v1::Proposal {
    use v1::ProposalState as State;
    let (state, by, reason) = match proposal.ended.as_ref().map(|(_, how)| how) {
        None => (State::Open, "", ""),
        Some(Ending::Confirmed { by }) => (State::Confirmed, by.as_str(), ""),
        Some(Ending::Declined { by, reason }) => (State::Declined, by.as_str(), reason.as_str()),
        Some(Ending::Lapsed) => (State::Lapsed, "", ""),
    };
    v1::Proposal {
        id: proposal.id,
        state: state.into(),
        operator: proposal.operator.clone(),
        at_unix_micros: proposal.at,
        until_unix_micros: proposal.until,
        act: act_to_proto(&proposal.act, &proposal.operator),
        traveller: traveller.map_or(0, |id| id.0),
        ended_unix_micros: proposal.ended.as_ref().map(|(at, _)| *at),
        ended_by: by.to_owned(),
        reason: reason.to_owned(),
    }
}

/// The message for what needs a second person.
#[must_use]
pub fn policy_to_proto(policy: &ConfirmationPolicy) -> v1::ConfirmationPolicy {
    v1::ConfirmationPolicy {
        decisions: policy.decisions.iter().map(|decision| decision.as_str().to_owned()).collect(),
        within_s: policy.within.as_secs_f64(),
    }
}

/// As it was asked for. `None` for what no policy asks a second person for.
fn act_to_proto(act: &ProposedAct, operator: &str) -> Option<v1::proposal::Act> {
    use v1::proposal::Act;
    let operator = operator.to_owned();
    Some(match act {
        ProposedAct::Traveller(TravellerAction::Follow { traveller, case, purpose, seconds }) => {
            let (case, purpose) = (case.clone(), purpose.clone());
            let request =
                v1::FollowTravellerRequest { traveller: traveller.0, case, purpose, operator, seconds: *seconds };
            Act::Follow(request)
        }
        ProposedAct::Traveller(TravellerAction::Merge { a, b }) => {
            Act::Merge(v1::MergeTravellersRequest { a: a.0, b: b.0, operator })
        }
        ProposedAct::Traveller(TravellerAction::Split { traveller, at }) => {
            let at = Some(track_to_proto(at));
            Act::Split(v1::SplitTravellerRequest { traveller: traveller.0, at, operator })
        }
        ProposedAct::Traveller(TravellerAction::EndFollow { .. }) => return None,
        ProposedAct::Dismiss { alert, reason } => {
            let (action, text) = (v1::AlertAction::Dismiss.into(), reason.clone());
            Act::Alert(v1::ActOnAlertRequest { alert: *alert, operator, action, text })
        }
    })
}
