//! What a rule in shadow would have done.

use std::collections::{BTreeMap, VecDeque};

/// Firings remembered of one rule; the oldest go first.
const FIRINGS_MAX: usize = 10_000;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Firing {
    at: i64,
    already: bool,
    raised: bool,
}

/// What one rule would have done in a stretch of time, e.g. "14 times, 9 of them on people already alerted".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShadowReport {
    /// The rule.
    pub rule: String,
    /// Things it found.
    pub fired: u64,
    /// Of these, on people of whom there was an alert already.
    pub already: u64,
    /// Of the others, those that the budget would have raised.
    pub raised: u64,
    /// The stretch begins before what is remembered: there may have been more.
    pub incomplete: bool,
}

/// The firings of all rules in shadow.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ShadowBook {
    rules: BTreeMap<&'static str, VecDeque<Firing>>,
    forgotten: BTreeMap<&'static str, i64>,
}

impl ShadowBook {
    pub fn note(&mut self, rule: &'static str, at: i64, already: bool, raised: bool) {
        let firings = self.rules.entry(rule).or_default();
        firings.push_back(Firing { at, already, raised });
        while firings.len() > FIRINGS_MAX {
            if let Some(oldest) = firings.pop_front() {
                self.forgotten.insert(rule, oldest.at);
            }
        }
    }

    /// Of each of `rules`, from `from` until before `to`.
    pub fn report<'a>(&self, rules: impl Iterator<Item = &'a String>, from: i64, to: i64) -> Vec<ShadowReport> {
        rules
            .map(|rule| {
                let firings = self.rules.get(rule.as_str());
                let within: Vec<Firing> =
                    firings.into_iter().flatten().copied().filter(|f| (from..to).contains(&f.at)).collect();
                let count = |of: fn(&Firing) -> bool| within.iter().filter(|f| of(f)).count() as u64;
                ShadowReport {
                    rule: rule.clone(),
                    fired: within.len() as u64,
                    already: count(|f| f.already),
                    raised: count(|f| f.raised && !f.already),
                    incomplete: self.forgotten.get(rule.as_str()).is_some_and(|last| *last >= from),
                }
            })
            .collect()
    }
}
