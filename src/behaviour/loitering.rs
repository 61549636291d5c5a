//! Staying in a zone for longer than people do there at this time of day.
//!
//! The usual is the configured `dwell_max_s`, or, once a zone has seen enough visits in this hour of the day, what all but
//! about one in a thousand of them stay below: three standard deviations above the mean of the logarithm of the dwell, for
//! dwell times are close to log-normal. It never falls below what is configured, and never rises above a multiple of it.

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::motion::Mover;
use crate::event::{Behaviour, ReasonCode, Unit};

/// Parameters of loitering.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoiteringSettings {
    /// Visits of an hour of the day before its own distribution counts.
    pub visits_min: f64,
    /// Weight of older visits is halved over so many visits.
    pub visits_memory: f64,
    /// Standard deviations of the logarithm above its mean that are still usual.
    pub deviations: f64,
    /// The usual never rises above so many times the configured longest stay.
    pub rise_max: f64,
}

impl Default for LoiteringSettings {
    fn default() -> Self {
        Self { visits_min: 30.0, visits_memory: 500.0, deviations: 3.0, rise_max: 4.0 }
    }
}

/// Dwell times of one zone by hour of the day: weight, mean and variance of their logarithm.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stays([Hour; 24]);

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Hour {
    weight: f64,
    mean: f64,
    variance: f64,
}

impl Stays {
    /// A visit of `dwell` seconds is over.
    pub fn add(&mut self, unix_micros: i64, dwell: f64, settings: &LoiteringSettings) {
        let hour = &mut self.0[hour_of(unix_micros)];
        let keep = 0.5_f64.powf(1.0 / settings.visits_memory);
        hour.weight = hour.weight * keep + 1.0;
        let off = dwell.max(0.1).ln() - hour.mean;
        hour.mean += off / hour.weight;
        hour.variance += (off * off * (1.0 - 1.0 / hour.weight) - hour.variance) / hour.weight;
    }

    /// The longest usual stay in this hour, seconds.
    #[must_use]
    pub fn limit(&self, unix_micros: i64, dwell_max_s: f64, settings: &LoiteringSettings) -> f64 {
        let hour = &self.0[hour_of(unix_micros)];
        if hour.weight < settings.visits_min {
            return dwell_max_s;
        }
        let usual = (hour.mean + settings.deviations * hour.variance.sqrt()).exp();
        usual.clamp(dwell_max_s, dwell_max_s * settings.rise_max)
    }
}

fn hour_of(unix_micros: i64) -> usize {
    unix_micros.div_euclid(3_600_000_000).rem_euclid(24) as usize
}

/// One person in one zone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Loitering {
    told: Option<f64>,
}

impl Loitering {
    /// In the zone since `entered`, of which up to `limit` seconds are usual.
    pub fn step(&mut self, mover: &Mover, at: f64, entered: f64, limit: f64) -> Option<Finding> {
        if self.told == Some(entered) || at - entered <= limit {
            return None;
        }
        self.told = Some(entered);
        Some(evidence(mover, entered, at - entered, limit))
    }

    /// The visit is over.
    pub fn finish(&mut self, mover: &Mover, entered: f64, left: f64, limit: f64) -> Option<Finding> {
        self.told.take().filter(|told| *told == entered)?;
        Some(evidence(mover, entered, left - entered, limit).over())
    }
}

fn evidence(mover: &Mover, entered: f64, stay: f64, limit: f64) -> Finding {
    Finding::new(Behaviour::Loitering, mover, entered).because(ReasonCode::DwellTime, stay, (0.0, limit), Unit::Seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_is_what_this_hour_shows_within_its_bounds() {
        let settings = LoiteringSettings::default();
        let mut stays = Stays::default();
        let noon = 12 * 3_600_000_000;
        assert_eq!(stays.limit(noon, 60.0, &settings), 60.0);
        for i in 0..200 {
            // Half of the visits take 20 s, half 80 s: the logarithm has a mean of ln 40 and a deviation of ln 2.
            stays.add(noon, if i % 2 == 0 { 20.0 } else { 80.0 }, &settings);
        }
        let usual = stays.limit(noon, 60.0, &settings);
        assert!(usual > 200.0 && usual <= 240.0, "{usual}");
        assert_eq!(stays.limit(noon, 400.0, &settings), 400.0);
        assert_eq!(stays.limit(noon, 10.0, &settings), 40.0);
        assert_eq!(stays.limit(noon + 3_600_000_000, 60.0, &settings), 60.0);
    }
}
