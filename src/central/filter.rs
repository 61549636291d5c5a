//! Which events a console wants.

use std::collections::BTreeSet;

use crate::event::{EventBody, Severity};
use crate::ids::CameraId;

/// Most names in one list of a filter.
pub const FILTER_NAMES_MAX: usize = 256;

/// A choice of events. Empty lists mean all; lists are joined by AND, entries of one list by OR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFilter {
    /// Only of these cameras.
    pub cameras: BTreeSet<CameraId>,
    /// Only of these kinds, as in [`EventBody::KINDS`].
    pub kinds: BTreeSet<String>,
    /// Only this severe or more.
    pub severity_min: Severity,
}

/// A filter that cannot be what was meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// No event is of this kind.
    #[error("there is no kind `{0}`; kinds are: {kinds}", kinds = EventBody::KINDS.join(", "))]
    Kind(String),
    /// A list is too long.
    #[error("a filter takes at most {FILTER_NAMES_MAX} names in a list, not {0}")]
    Long(usize),
}

impl Default for EventFilter {
    fn default() -> Self {
        Self { cameras: BTreeSet::new(), kinds: BTreeSet::new(), severity_min: Severity::Info }
    }
}

impl EventFilter {
    /// Checks and takes a choice.
    ///
    /// # Errors
    /// [`FilterError`] for kinds that do not exist (a typing error would otherwise be silence) and for long lists.
    pub fn new(cameras: Vec<CameraId>, kinds: Vec<String>, severity_min: Severity) -> Result<Self, FilterError> {
        let longest = cameras.len().max(kinds.len());
        if longest > FILTER_NAMES_MAX {
            return Err(FilterError::Long(longest));
        }
        match kinds.iter().find(|kind| !EventBody::KINDS.contains(&kind.as_str())) {
            Some(kind) => Err(FilterError::Kind(kind.chars().take(64).collect())),
            None => {
                Ok(Self { cameras: cameras.into_iter().collect(), kinds: kinds.into_iter().collect(), severity_min })
            }
        }
    }

    /// Whether an event with these properties is wanted.
    #[must_use]
    pub fn wants(&self, camera: &CameraId, kind: &str, severity: Severity) -> bool {
        severity >= self.severity_min
            && (self.cameras.is_empty() || self.cameras.contains(camera))
            && (self.kinds.is_empty() || self.kinds.contains(kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(cameras: &[&str], kinds: &[&str], severity_min: Severity) -> Result<EventFilter, FilterError> {
        let cameras = cameras.iter().map(|c| CameraId::new(c).unwrap()).collect();
        EventFilter::new(cameras, kinds.iter().map(|k| (*k).to_owned()).collect(), severity_min)
    }

    #[test]
    fn lists_are_joined_by_and_entries_by_or() {
        let gate = CameraId::new("gate").unwrap();
        for (cameras, kinds, severity, wanted) in [
            (&[][..], &[][..], Severity::Info, true),
            (&["gate", "hall"], &["track"], Severity::Attention, true),
            (&["hall"], &["track"], Severity::Info, false),
            (&["gate"], &["camera_offline", "clock_suspect"], Severity::Info, false),
            (&[], &[], Severity::Alert, false),
        ] {
            let filter = filter(cameras, kinds, severity).unwrap();
            assert_eq!(filter.wants(&gate, "track", Severity::Attention), wanted, "{filter:?}");
        }
    }

    #[test]
    fn a_typing_error_is_no_silence() {
        let error = filter(&[], &["trak"], Severity::Info).unwrap_err();
        assert!(
            error.to_string().contains("`trak`")
                && error.to_string().contains("track, behaviour, vital_sign, screening, absence, bag, camera_online"),
            "{error}"
        );
        let many = vec!["track"; FILTER_NAMES_MAX + 1];
        assert_eq!(filter(&[], &many, Severity::Info), Err(FilterError::Long(FILTER_NAMES_MAX + 1)));
    }
}
