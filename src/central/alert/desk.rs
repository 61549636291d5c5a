//! The state machine of the alerts.

use std::collections::{BTreeMap, VecDeque};

use super::action::{Act, ActError, Look};
use super::budget::{Budget, HOUR, Judgement};
use super::candidate::Candidate;
use super::held::{Held, HeldWhy};
use super::life::{Alert, AlertState};
use super::settings::AlertSettings;
use super::shadow::{ShadowBook, ShadowReport};
use super::value::Value;
use crate::event::{EdgeEvent, Lifecycle};

/// All that stands at a moment, for consoles.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Board {
    /// Alerts, ascending by id.
    pub alerts: Vec<Alert>,
    /// What was held back, the oldest first.
    pub held: Vec<Held>,
    /// The newest revision of any alert.
    pub revision: u64,
    /// The set budget, and how many of it were raised in the last hour.
    pub per_hour: u32,
    /// Raised in the hour up to the last change.
    pub used: u32,
    /// Alerts and held-back candidates forgotten because a bound was reached.
    pub forgotten: u64,
}

/// The alerts of a site.
#[derive(Debug)]
pub struct AlertDesk {
    settings: AlertSettings,
    budget: Budget,
    alerts: BTreeMap<u64, Alert>,
    held: VecDeque<Held>,
    shadow: ShadowBook,
    revision: u64,
    now: i64,
    forgotten: u64,
}

impl AlertDesk {
    /// Without alerts.
    #[must_use]
    pub fn new(settings: AlertSettings) -> Self {
        let budget = Budget::new(settings.per_hour);
        Self {
            settings,
            budget,
            alerts: BTreeMap::new(),
            held: VecDeque::new(),
            shadow: ShadowBook::default(),
            revision: 0,
            now: i64::MIN,
            forgotten: 0,
        }
    }

    /// Takes a committed event. `at`: when it was committed, UTC microseconds.
    pub fn accept(&mut self, sequence: u64, at: i64, event: &EdgeEvent) {
        // A clock that is set back does not turn back the hour.
        let at = at.max(self.now);
        let Some(candidate) = Candidate::of(sequence, at, event) else { return };
        self.advance(at);
        if matches!(event.lifecycle, Lifecycle::End | Lifecycle::Retracted) {
            return self.close(&candidate);
        }
        if event.severity < self.settings.severity_min {
            return;
        }
        let known = self.known(&candidate);
        let before = self.raised_before(&candidate);
        let value = Value::of(event, before);
        if self.settings.shadow.contains(candidate.rule) {
            if event.lifecycle == Lifecycle::New {
                let raised = self.budget.judge(at, value.rank()) == Judgement::Raise;
                self.shadow.note(candidate.rule, at, known.is_some(), raised);
            }
            return;
        }
        if let Some(id) = known {
            let changed = self.alerts.get_mut(&id).is_some_and(|alert| alert.join(candidate, value));
            return if changed {
                self.touch(id)
            };
        }
        if let Some(held) = self.held.iter_mut().find(|held| held.candidate.same_thing(&candidate)) {
            // The same thing goes on; it keeps its place in the list and its time, and is judged by its newest.
            held.value = value;
            held.candidate.event = candidate.event;
            return self.promote(at);
        }
        self.budget.saw(at, value.rank());
        match self.budget.judge(at, value.rank()) {
            Judgement::Raise => self.raise(candidate, value, at),
            Judgement::Full => self.hold(Held { candidate, value, why: HeldWhy::BudgetFull }),
            Judgement::Outranked => self.hold(Held { candidate, value, why: HeldWhy::Outranked }),
        }
    }

    /// Time goes on to `now`, UTC microseconds: places get free, and what was held back may be raised. What comes of it does
    /// not depend on how often this is called.
    pub fn advance(&mut self, now: i64) {
        while let Some(free) = self.budget.frees(self.now).filter(|free| *free <= now) {
            self.now = free;
            self.promote(free);
        }
        self.now = self.now.max(now);
    }

    /// The event whose pictures belong to an alert, if this operator may see them.
    ///
    /// # Errors
    /// [`ActError`].
    pub fn look(&self, look: &Look) -> Result<&EdgeEvent, ActError> {
        look.check()?;
        let alert = self.alerts.get(&look.alert).ok_or(ActError::Unknown(look.alert))?;
        if look.faces && !self.settings.faces_for.contains(&look.operator) {
            return Err(ActError::Refused(format!("faces are not shown to {}", look.operator)));
        }
        let claim = alert.claims.iter().find(|claim| !claim.retracted).unwrap_or(&alert.claims[0]);
        Ok(&claim.candidate.event)
    }

    /// The alert, if an operator can do this with it: to be asked before it is written down.
    ///
    /// # Errors
    /// [`ActError`].
    pub fn allows(&self, act: &Act) -> Result<&Alert, ActError> {
        act.check()?;
        let alert = self.alerts.get(&act.alert).ok_or(ActError::Unknown(act.alert))?;
        alert.allows(act).map(|()| alert)
    }

    /// An operator does something.
    ///
    /// # Errors
    /// [`ActError`]; nothing has changed then.
    pub fn act(&mut self, act: &Act) -> Result<&Alert, ActError> {
        act.check()?;
        self.alerts.get_mut(&act.alert).ok_or(ActError::Unknown(act.alert))?.act(act)?;
        self.touch(act.alert);
        self.alerts.get(&act.alert).ok_or(ActError::Unknown(act.alert))
    }

    /// The newest revision of any alert; greater after every change.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Alerts raised in the last hour.
    #[must_use]
    pub fn used(&self) -> u32 {
        u32::try_from(self.budget.used(self.now)).unwrap_or(u32::MAX)
    }

    /// All that stands.
    #[must_use]
    pub fn board(&self) -> Board {
        Board {
            alerts: self.alerts.values().cloned().collect(),
            held: self.held.iter().cloned().collect(),
            revision: self.revision,
            per_hour: self.settings.per_hour,
            used: self.used(),
            forgotten: self.forgotten,
        }
    }

    /// What the rules in shadow would have done from `from` until before `to`, UTC microseconds.
    #[must_use]
    pub fn shadow(&self, from: i64, to: i64) -> Vec<ShadowReport> {
        self.shadow.report(self.settings.shadow.iter(), from, to)
    }

    /// The alert of the last hour that concerns one of the same people, or the same thing where it concerns nobody.
    fn known(&self, candidate: &Candidate) -> Option<u64> {
        let of = |alert: &&Alert| {
            let fresh = alert.state.is_live() || candidate.at - alert.raised < HOUR;
            let people = alert.tracks().any(|track| candidate.tracks.contains(track));
            fresh && (people || alert.claims.iter().any(|claim| claim.candidate.same_thing(candidate)))
        };
        self.alerts.values().rev().find(of).map(|alert| alert.id)
    }

    fn raised_before(&self, candidate: &Candidate) -> usize {
        let same = |alert: &&Alert| {
            let first = &alert.claims[0].candidate;
            candidate.at - alert.raised < HOUR && first.rule == candidate.rule && first.camera == candidate.camera
        };
        self.alerts.values().filter(same).count()
    }

    fn close(&mut self, candidate: &Candidate) {
        let retracted = candidate.event.lifecycle == Lifecycle::Retracted;
        if retracted {
            self.held.retain(|held| !held.candidate.same_thing(candidate));
        }
        let closed: Vec<u64> =
            self.alerts.values_mut().filter_map(|alert| alert.close(candidate).then_some(alert.id)).collect();
        closed.into_iter().for_each(|id| self.touch(id));
    }

    fn raise(&mut self, candidate: Candidate, value: Value, at: i64) {
        self.budget.raise(at);
        let alert = Alert::new(candidate, value, at);
        let id = alert.id;
        self.alerts.insert(id, alert);
        self.touch(id);
        while self.alerts.len() > self.settings.alerts_max {
            let done = self.alerts.values().find(|alert| !alert.state.is_live()).map(|alert| alert.id);
            let Some(oldest) = done.or_else(|| self.alerts.keys().next().copied()) else { break };
            self.alerts.remove(&oldest);
            self.forgotten += 1;
        }
    }

    fn hold(&mut self, held: Held) {
        self.held.push_back(held);
        self.revision += 1;
        while self.held.len() > self.settings.held_max {
            self.held.pop_front();
            self.forgotten += 1;
        }
    }

    /// Raises the best of what was held back not too long ago, while there is a place for it.
    fn promote(&mut self, at: i64) {
        let hold = i64::try_from(self.settings.hold.as_micros()).unwrap_or(i64::MAX);
        loop {
            let fresh = self.held.iter().enumerate().filter(|(_, held)| at - held.candidate.at <= hold);
            let best =
                fresh.max_by(|a, b| a.1.value.rank().total_cmp(&b.1.value.rank())).map(|(i, held)| (i, held.value));
            let Some((index, value)) = best else { return };
            if self.budget.judge(at, value.rank()) != Judgement::Raise {
                return;
            }
            let Some(held) = self.held.remove(index) else { return };
            self.raise(held.candidate, value, at);
        }
    }

    fn touch(&mut self, id: u64) {
        self.revision += 1;
        if let Some(alert) = self.alerts.get_mut(&id) {
            alert.revision = self.revision;
        }
    }
}

impl Board {
    /// The queue: what still asks for something, the most valuable first, then the rest, newest first.
    #[must_use]
    pub fn ranked(&self) -> Vec<&Alert> {
        let mut alerts: Vec<&Alert> = self.alerts.iter().collect();
        let key = |alert: &Alert| (alert.state.is_live(), alert.state != AlertState::Acknowledged);
        alerts.sort_by(|a, b| {
            let live = key(b).cmp(&key(a));
            let rank =
                if a.state.is_live() { b.value.rank().total_cmp(&a.value.rank()) } else { std::cmp::Ordering::Equal };
            live.then(rank).then(b.id.cmp(&a.id))
        });
        alerts
    }
}
