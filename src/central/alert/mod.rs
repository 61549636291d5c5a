//! What operators are asked to look at: at most so many an hour, the most worthwhile first, each with its reasons.
//!
//! [`AlertDesk`] is fed what was committed, in the order of commit, and what operators did, in its place among it: fed the
//! same again after a restart it stands where it stood. Time is the centre's commit time and moves only forward.
//!
//! * A behaviour or screening event of the set severity is a *candidate*. One of somebody who was alerted of in the last hour
//!   joins that alert and costs nothing.
//! * Its [`Value`] ranks it. [`Budget`] raises it or holds it back; in no hour are more raised than set.
//! * What is held back is kept with the reason in a bounded list, and raised later if a place gets free soon enough.
//! * A rule in *shadow* raises nothing; [`ShadowReport`] says what it would have done.
//! * What an event said is withdrawn when the event is `RETRACTED`; an alert with nothing left is withdrawn too.

mod action;
mod budget;
mod candidate;
mod desk;
mod held;
mod life;
mod scripted;
mod settings;
mod shadow;
#[cfg(test)]
mod tests;
mod trial;
mod value;

pub(super) use action::readable;
pub use action::{Act, ActError, Action, Look, OPERATOR_CHARS_MAX, TEXT_CHARS_MAX};
pub use budget::{Budget, Judgement};
pub use candidate::{Candidate, rule_of};
pub use desk::{AlertDesk, Board};
pub use held::{Held, HeldWhy};
pub use life::{Alert, AlertState, Claim, Note};
pub use scripted::{ScriptedHall, ScriptedTrial};
pub use settings::{AlertSettings, AlertSettingsError, RULES};
pub use shadow::ShadowReport;
pub use trial::{BudgetTrial, busy_hall};
pub use value::Value;
