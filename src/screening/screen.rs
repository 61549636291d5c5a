//! The state machine of one lane.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::memory::{Memory, Rarity};
use super::passer::Passer;
use super::reference::{HOUR_PASSERS_MIN, Reference};
use super::settings::ScreeningSettings;
use super::signal::Reading;
use crate::event::{Lifecycle, Reason, ReasonCode, Severity, Unit};
use crate::ids::TrackId;
use crate::units::Interval;

/// Most passers at once; beyond it a newcomer is not screened and is counted.
const AT_ONCE_MAX: usize = 256;
const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// When something was read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Seconds of media time.
    pub at: f64,
    /// UTC, microseconds from the Unix epoch.
    pub unix_micros: i64,
}

/// Something to tell of a passer.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The track; `None` for whoever has the seat.
    pub who: Option<TrackId>,
    /// `NEW` at the first telling, `UPDATE` when it became rarer than the other budget, `END` when the passer has left.
    pub lifecycle: Lifecycle,
    /// By which budget.
    pub severity: Severity,
    /// Share of ordinary passers that deviate as much at some time of their stay: the conformal p-value.
    pub rarity: f64,
    /// Among so many earlier passers.
    pub compared: usize,
    /// Whether these passed at the same hour of the day, rather than at any.
    pub of_hour: bool,
    /// Seconds of media time since when it deviates.
    pub since: f64,
    /// What deviates, the most first, and last the rarity against the budget.
    pub reasons: Vec<Reason>,
    /// How many signals were there.
    pub signals: u32,
}

/// Screening of one lane or hall camera.
#[derive(Debug)]
pub struct Screening {
    settings: ScreeningSettings,
    memory: Memory,
    passers: BTreeMap<Option<TrackId>, Passer>,
    /// The measures in use by hour, made again when somebody has left.
    references: BTreeMap<u8, Arc<Reference>>,
    verdicts: Vec<Verdict>,
    left_out: u64,
}

impl Screening {
    /// With what is remembered of earlier passers.
    #[must_use]
    pub fn new(settings: ScreeningSettings, memory: Memory) -> Self {
        let (passers, references) = (BTreeMap::new(), BTreeMap::new());
        Self { settings, memory, passers, references, verdicts: Vec::new(), left_out: 0 }
    }

    /// What is remembered, for the next run.
    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Passers that were not screened since the last call, because too many were in view.
    pub fn take_left_out(&mut self) -> u64 {
        std::mem::take(&mut self.left_out)
    }

    /// Takes the readings of one moment and whoever left in it; what there is to tell comes from [`Screening::verdicts`].
    pub fn step(&mut self, now: Moment, readings: &[(Option<TrackId>, Reading)], left: &[TrackId]) {
        let settings = self.settings;
        let mut read: Vec<Option<TrackId>> = Vec::new();
        for (who, reading) in readings {
            if let Some(passer) = self.passer(*who, now) {
                passer.read(now.at, reading, &settings);
                if !read.contains(who) {
                    read.push(*who);
                }
            }
        }
        for who in read {
            self.judge(who, now);
        }
        left.iter().for_each(|who| self.end(Some(*who), now));
        let gone = |passer: &Passer| !(0.0..self.settings.gap_s).contains(&(now.at - passer.seen));
        let gone: Vec<_> = self.passers.iter().filter(|(_, passer)| gone(passer)).map(|(who, _)| *who).collect();
        gone.into_iter().for_each(|who| self.end(who, now));
    }

    /// Everybody has left.
    pub fn finish(&mut self, now: Moment) {
        let all: Vec<_> = self.passers.keys().copied().collect();
        all.into_iter().for_each(|who| self.end(who, now));
    }

    /// What there is to tell since the last call.
    pub fn verdicts(&mut self) -> std::vec::Drain<'_, Verdict> {
        self.verdicts.drain(..)
    }

    fn passer(&mut self, who: Option<TrackId>, now: Moment) -> Option<&mut Passer> {
        if !self.passers.contains_key(&who) {
            if self.passers.len() >= AT_ONCE_MAX {
                self.left_out += 1;
                return None;
            }
            let hour = hour(now);
            let memory = &self.memory;
            let reference = self
                .references
                .entry(hour)
                .or_insert_with(|| Arc::new(Reference::of(memory.recent(hour, HOUR_PASSERS_MIN))));
            self.passers.insert(who, Passer::new(Arc::clone(reference), now.at));
        }
        self.passers.get_mut(&who)
    }

    fn judge(&mut self, who: Option<TrackId>, now: Moment) {
        let Some(passer) = self.passers.get_mut(&who) else { return };
        let Some(score) = passer.judge(now.at, &self.settings) else { return };
        let budgets = [
            (Severity::Alert, self.settings.alert_per_1000 / 1e3),
            (Severity::Attention, self.settings.attention_per_1000 / 1e3),
        ];
        let within = budgets.into_iter().filter(|(_, share)| *share > 0.0).find_map(|(severity, share)| {
            let rarity = self.memory.rarity(hour(now), score, share)?;
            (rarity.p <= share).then_some((severity, share, rarity))
        });
        let Some((severity, share, rarity)) = within else { return };
        let lifecycle = match passer.told {
            None => Lifecycle::New,
            Some(told) if severity > told => Lifecycle::Update,
            Some(_) => return,
        };
        passer.told = Some(severity);
        self.verdicts.push(verdict(who, passer, now, &self.settings, (lifecycle, severity, share, rarity)));
    }

    fn end(&mut self, who: Option<TrackId>, now: Moment) {
        let Some(passer) = self.passers.remove(&who) else { return };
        let score = passer.score();
        if passer.told.is_some() {
            let share = self.settings.attention_per_1000 / 1e3;
            let nobody = Rarity { p: 1.0, compared: 0, of_hour: false };
            let rarity = score.and_then(|s| self.memory.rarity(hour(now), s, share)).unwrap_or(nobody);
            let told = (Lifecycle::End, Severity::Info, share, rarity);
            self.verdicts.push(verdict(who, &passer, now, &self.settings, told));
        }
        self.memory.push(hour(now), passer.summary(), passer.remembered());
        self.references.clear();
    }
}

fn verdict(
    who: Option<TrackId>,
    passer: &Passer,
    now: Moment,
    settings: &ScreeningSettings,
    (lifecycle, severity, share, rarity): (Lifecycle, Severity, f64, Rarity),
) -> Verdict {
    let mut reasons = passer.reasons(passer.seen, settings);
    let expected = Interval { low: share, high: 1.0 };
    reasons.push(Reason { code: ReasonCode::Rarity, measured: rarity.p, expected, unit: Unit::Ratio });
    Verdict {
        who,
        lifecycle,
        severity,
        rarity: rarity.p,
        compared: rarity.compared,
        of_hour: rarity.of_hour,
        since: passer.since.unwrap_or(now.at),
        reasons,
        signals: passer.signals(passer.seen, settings),
    }
}

fn hour(now: Moment) -> u8 {
    now.unix_micros.div_euclid(MICROS_PER_HOUR).rem_euclid(24) as u8
}
