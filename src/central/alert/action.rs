//! What operators do with an alert.

use super::life::AlertState;

/// Longest name of an operator, characters.
pub const OPERATOR_CHARS_MAX: usize = 64;
/// Longest note or reason, characters.
pub const TEXT_CHARS_MAX: usize = 2_000;

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Somebody has seen it and looks after it.
    Acknowledge,
    /// It is of no more interest, for this reason.
    Dismiss {
        /// Why.
        reason: String,
    },
    /// Somebody is to look after it.
    Assign {
        /// Who.
        to: String,
    },
    /// Something is written down.
    Note {
        /// What.
        text: String,
    },
}

/// An action with who did it and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// The alert.
    pub alert: u64,
    /// Who.
    pub operator: String,
    /// The second person, where policy asked for one.
    pub confirmed_by: Option<String>,
    /// When, UTC microseconds of the centre.
    pub at: i64,
    /// What.
    pub action: Action,
}

/// An action that cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// There is no such alert, or it is forgotten.
    #[error("there is no alert {0}")]
    Unknown(u64),
    /// It cannot be done in the state the alert is in.
    #[error("alert {alert} is {state}; only a note can be added", state = state.as_str())]
    Closed {
        /// Which.
        alert: u64,
        /// Its state.
        state: AlertState,
    },
    /// The operator may not do it.
    #[error("{0}")]
    Refused(String),
    /// A name or text is missing or too long.
    #[error("{0}")]
    Text(String),
}

/// Somebody wants to see the pictures of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The alert.
    pub alert: u64,
    /// Who.
    pub operator: String,
    /// What for; needed for faces.
    pub purpose: String,
    /// With the faces of the concerned.
    pub faces: bool,
}

impl Look {
    /// Checks names and texts.
    ///
    /// # Errors
    /// [`ActError::Text`].
    pub fn check(&self) -> Result<(), ActError> {
        readable("the operator's name", &self.operator, OPERATOR_CHARS_MAX)?;
        if self.purpose.is_empty() && !self.faces {
            return Ok(());
        }
        readable("the purpose", &self.purpose, TEXT_CHARS_MAX)
    }
}

/// Whether a text is there, not too long, and without control characters; `what` it is, for the fault.
pub(crate) fn readable(what: &str, text: &str, most: usize) -> Result<(), ActError> {
    if text.trim().is_empty() {
        return Err(ActError::Text(format!("{what} is missing")));
    }
    if text.chars().count() > most || text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(ActError::Text(format!("{what} is longer than {most} characters or has control characters")));
    }
    Ok(())
}

impl Act {
    /// Checks names and texts.
    ///
    /// # Errors
    /// [`ActError::Text`].
    pub fn check(&self) -> Result<(), ActError> {
        readable("the operator's name", &self.operator, OPERATOR_CHARS_MAX)?;
        match &self.action {
            Action::Acknowledge => Ok(()),
            Action::Dismiss { reason } => readable("the reason", reason, TEXT_CHARS_MAX),
            Action::Assign { to } => readable("the name of whom it is assigned to", to, OPERATOR_CHARS_MAX),
            Action::Note { text: note } => readable("the note", note, TEXT_CHARS_MAX),
        }
    }
}

impl Action {
    /// Name as in the audit log.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Dismiss { .. } => "dismiss",
            Self::Assign { .. } => "assign",
            Self::Note { .. } => "note",
        }
    }

    /// Its text; empty where it has none.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Acknowledge => "",
            Self::Dismiss { reason: text } | Self::Assign { to: text } | Self::Note { text } => text,
        }
    }

    /// From name and text; `None` of other entries of the audit log.
    #[must_use]
    pub fn of(name: &str, text: &str) -> Option<Self> {
        let text = text.to_owned();
        Some(match name {
            "acknowledge" => Self::Acknowledge,
            "dismiss" => Self::Dismiss { reason: text },
            "assign" => Self::Assign { to: text },
            "note" => Self::Note { text },
            _ => return None,
        })
    }
}
