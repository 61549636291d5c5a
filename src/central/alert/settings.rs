//! What an operator may be asked to look at, and how often.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;

use crate::event::{Absence, BagChange, Behaviour, Severity};

/// The rule that is neither a behaviour nor an absence nor a bag's change.
const SCREENING: &str = "screening";

/// How many rules there are.
const RULES_ALL: usize = Behaviour::ALL.len() + Absence::ALL.len() + BagChange::ALL.len() + 1;

/// Every rule there is: behaviours, absences and what becomes of bags by name, and screening.
pub const RULES: [&str; RULES_ALL] = {
    let mut rules = [SCREENING; RULES_ALL];
    let (mut i, absences, bags) = (0, Behaviour::ALL.len(), Behaviour::ALL.len() + Absence::ALL.len());
    while i < RULES_ALL - 1 {
        rules[i] = if i < absences {
            Behaviour::ALL[i].as_str()
        } else if i < bags {
            Absence::ALL[i - absences].as_str()
        } else {
            BagChange::ALL[i - bags].as_str()
        };
        i += 1;
    }
    rules
};

/// Budget and bounds of the alert desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertSettings {
    /// Most alerts raised in any hour.
    pub per_hour: u32,
    /// Only events this severe or more.
    pub severity_min: Severity,
    /// Rules in shadow: they raise nothing.
    pub shadow: BTreeSet<String>,
    /// What is held back is raised later if a place gets free within this.
    pub hold: Duration,
    /// Most alerts remembered; the oldest that were dealt with go first.
    pub alerts_max: usize,
    /// Most held-back candidates remembered; the oldest go first.
    pub held_max: usize,
    /// Operators to whom the faces of the concerned may be shown.
    pub faces_for: BTreeSet<String>,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self {
            per_hour: 12,
            severity_min: Severity::Attention,
            shadow: BTreeSet::new(),
            hold: Duration::from_secs(300),
            alerts_max: 1_000,
            held_max: 1_000,
            faces_for: BTreeSet::new(),
        }
    }
}

/// A rule that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule `{0}`; rules are: {rules}", rules = RULES.join(", "))]
pub struct AlertSettingsError(String);

impl AlertSettings {
    /// Checks the names of rules in shadow.
    ///
    /// # Errors
    /// [`AlertSettingsError`] for the first that is none.
    pub fn shadow_rules(names: impl IntoIterator<Item = String>) -> Result<BTreeSet<String>, AlertSettingsError> {
        names
            .into_iter()
            .map(|name| if RULES.contains(&name.as_str()) { Ok(name) } else { Err(AlertSettingsError(name)) })
            .collect()
    }
}
