//! Whom operators follow: opened for a case and a purpose, by somebody, until a time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::association::TrackKey;

/// Most that are open at once.
pub const FOLLOWS_MAX: usize = 64;
/// Ended ones that are remembered; the oldest go first. The audit log keeps them longer.
const ENDED_MAX: usize = 256;

/// Why somebody is no longer followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FollowEnd {
    /// Its time was over.
    Deadline,
    /// This operator ended it.
    Operator(String),
}

/// Somebody who is, or was, followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// Counted from 1.
    pub id: u64,
    /// A track of the traveller: whoever that track belongs to is followed, whatever is merged or split.
    pub track: TrackKey,
    /// The case it is for.
    pub case: String,
    /// What for.
    pub purpose: String,
    /// Who opened it.
    pub operator: String,
    /// The second person, where policy asked for one.
    pub confirmed_by: Option<String>,
    /// When, UTC microseconds of the centre.
    pub from: i64,
    /// Until when, likewise.
    pub until: i64,
    /// When and why it ended, if it has.
    pub ended: Option<(i64, FollowEnd)>,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Follows {
    all: BTreeMap<u64, Follow>,
    opened: u64,
}

impl Follows {
    /// All remembered, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Follow> {
        self.all.values()
    }

    /// Those that are open.
    pub fn open(&self) -> impl Iterator<Item = &Follow> {
        self.all.values().filter(|follow| follow.ended.is_none())
    }

    /// Those that were open at a time of the cameras, UTC microseconds: an operator has not ended them, and their time was
    /// not over. Whether it is over by now is another question, so that a log read again gives the same answers.
    pub(super) fn watched(&self, at: i64) -> impl Iterator<Item = &Follow> {
        let ended = |follow: &&Follow| matches!(follow.ended, Some((_, FollowEnd::Operator(_))));
        self.all.values().filter(move |follow| !ended(follow) && at <= follow.until)
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<&Follow> {
        self.all.get(&id)
    }

    /// Whether no more can be opened.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.open().count() >= FOLLOWS_MAX
    }

    /// Opens one; its number is given here.
    pub(super) fn begin(&mut self, follow: Follow) -> u64 {
        self.opened += 1;
        self.all.insert(self.opened, Follow { id: self.opened, ended: None, ..follow });
        self.opened
    }

    /// Ends one that is open.
    pub(super) fn end(&mut self, id: u64, at: i64, why: FollowEnd) {
        if let Some(follow) = self.all.get_mut(&id).filter(|follow| follow.ended.is_none()) {
            follow.ended = Some((at, why));
        }
        let ended: Vec<u64> = self.all.values().filter(|follow| follow.ended.is_some()).map(|f| f.id).collect();
        for old in &ended[..ended.len().saturating_sub(ENDED_MAX)] {
            self.all.remove(old);
        }
    }

    /// It is `now`: ends those whose time is over; whether there were any.
    pub(super) fn advance(&mut self, now: i64) -> bool {
        let over: Vec<(u64, i64)> = self.open().filter(|f| f.until <= now).map(|f| (f.id, f.until)).collect();
        over.iter().for_each(|(id, until)| self.end(*id, *until, FollowEnd::Deadline));
        !over.is_empty()
    }
}
