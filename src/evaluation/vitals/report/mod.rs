//! Figures of vital signs for people and programs: a table, comma-separated values, JSON, and one page of HTML.

mod csv;
mod exhibit;
mod html;
mod plot;
mod table;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

pub use exhibit::Exhibit;

use super::baselines::{BASELINES, Beside, METHODS, ProtocolResult};
use super::scores::{Answer, Given, RateScores};
use crate::biosignal::statistics::median;
use crate::units::Interval;

/// A window that was compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The recording.
    pub recording: String,
    /// Seconds of its clock: from, to.
    pub span: (f64, f64),
    /// What the figures may be split by.
    pub labels: Vec<(String, String)>,
    /// The truth and what was answered.
    pub answer: Answer,
    /// What [`BASELINES`] say without gates.
    pub ungated: Beside,
    /// For the page only.
    pub exhibit: Option<Exhibit>,
}

/// A window of something that has no pulse.
#[derive(Debug, Clone, PartialEq)]
pub struct PulselessCase {
    /// The recording.
    pub recording: String,
    /// What kind of thing: the window's labels.
    pub labels: Vec<(String, String)>,
    /// The false answer, where there is one.
    pub given: Option<Given>,
}

/// A set of recordings, compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VitalsSet {
    /// As the caller names it.
    pub name: String,
    /// Windows with a true heart rate.
    pub pulse: Vec<Case>,
    /// Windows with a true breathing rate.
    pub respiration: Vec<Case>,
    /// Windows without a pulse.
    pub pulseless: Vec<PulselessCase>,
    /// Errors of single beat intervals, ms.
    pub intervals: Vec<f64>,
    /// The published protocols, by recording, where there is a reference wave.
    pub protocols: Vec<(String, Vec<ProtocolResult>)>,
}

/// False answers among windows without a pulse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FalseAnswers {
    /// Windows.
    pub windows: usize,
    /// Those that were answered.
    pub answered: usize,
}

/// A published protocol over a set, by one method.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProtocolScores {
    /// The method.
    pub method: &'static str,
    /// Protocol A: errors over recordings (rPPG-Toolbox, whole video, its own quantised readout).
    pub a: RateScores,
    /// Mean of the signal-to-noise ratio, dB.
    pub a_snr_db: f64,
    /// Mean of the largest correlation over shifts, over the recordings that have it.
    pub a_macc: Option<f64>,
    /// Protocol B: mean over recordings of the mean absolute error of 8-second windows (pyVHR, holistic).
    pub b_mae: Option<f64>,
}

/// The figures of a part of the windows with those of the baselines.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Label, e.g. `skin`.
    pub label: String,
    /// Its value, e.g. `s3`.
    pub value: String,
    /// Ours.
    pub scores: RateScores,
    /// Mean absolute error of [`BASELINES`] without gates.
    pub ungated_mae: Beside,
}

impl VitalsSet {
    /// Figures of the heart rate.
    #[must_use]
    pub fn heart_rate(&self) -> RateScores {
        RateScores::of(&answers(&self.pulse))
    }

    /// Figures of breathing.
    #[must_use]
    pub fn breathing(&self) -> RateScores {
        RateScores::of(&answers(&self.respiration))
    }

    /// Figures of the baselines without gates that there are, each with its name.
    #[must_use]
    pub fn baselines(&self) -> Vec<(&'static str, RateScores)> {
        let of = |number: usize| {
            let answers: Vec<Answer> = self.pulse.iter().map(|case| ungated_answer(case, number)).collect();
            RateScores::of(&answers)
        };
        let there = |number: &usize| self.pulse.iter().any(|case| case.ungated[*number].is_some());
        (0..BASELINES.len()).filter(there).map(|number| (BASELINES[number].as_str(), of(number))).collect()
    }

    /// False answers by kind, all kinds in order of their names.
    #[must_use]
    pub fn false_answers(&self) -> BTreeMap<String, FalseAnswers> {
        let mut kinds: BTreeMap<String, FalseAnswers> = BTreeMap::new();
        for case in &self.pulseless {
            let kind = case.labels.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" ");
            let count = kinds.entry(kind).or_insert(FalseAnswers { windows: 0, answered: 0 });
            count.windows += 1;
            count.answered += usize::from(case.given.is_some());
        }
        kinds
    }

    /// The heart rate's figures for each value of each label.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let mut groups: BTreeMap<(usize, &str, &str), Vec<&Case>> = BTreeMap::new();
        for case in &self.pulse {
            for (number, (label, value)) in case.labels.iter().enumerate() {
                groups.entry((number, label, value)).or_default().push(case);
            }
        }
        groups.into_iter().map(|((_, label, value), cases)| part(label, value, &cases)).collect()
    }

    /// The heart rate's figures for each combination of labels: the cells of a grid.
    #[must_use]
    pub fn cells(&self) -> Vec<(Vec<String>, Part)> {
        let mut groups: BTreeMap<Vec<&str>, Vec<&Case>> = BTreeMap::new();
        for case in self.pulse.iter().filter(|case| !case.labels.is_empty()) {
            groups.entry(case.labels.iter().map(|(_, value)| value.as_str()).collect()).or_default().push(case);
        }
        let cell = |(values, cases): (Vec<&str>, Vec<&Case>)| {
            (values.iter().map(|v| (*v).to_owned()).collect(), part("cell", &values.join(" "), &cases))
        };
        groups.into_iter().map(cell).collect()
    }

    /// The published protocols over the set, by method.
    #[must_use]
    pub fn protocol_scores(&self) -> Vec<ProtocolScores> {
        let methods = METHODS.iter().enumerate();
        methods.filter_map(|(number, method)| self.protocol(number, method.as_str())).collect()
    }

    fn protocol(&self, number: usize, method: &'static str) -> Option<ProtocolScores> {
        let results: Vec<(&str, &ProtocolResult)> =
            self.protocols.iter().filter_map(|(name, results)| Some((name.as_str(), results.get(number)?))).collect();
        let mean = |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
        let answers: Vec<Answer> = results
            .iter()
            .map(|(name, result)| Answer {
                person: (*name).to_owned(),
                truth: result.a_rates[1],
                given: Some(bare(result.a_rates[0])),
            })
            .collect();
        Some(ProtocolScores {
            method,
            a: RateScores::of(&answers),
            a_snr_db: mean(results.iter().map(|(_, r)| r.a_snr_db).collect())?,
            a_macc: mean(results.iter().filter_map(|(_, r)| r.a_macc).collect()),
            b_mae: mean(results.iter().filter_map(|(_, r)| r.b_mae).collect()),
        })
    }

    fn to_json(&self) -> Value {
        let named = |(name, scores): (&str, RateScores)| json!({ "method": name, "scores": scores });
        let cell = |(values, part): (Vec<String>, Part)| json!({ "values": values, "scores": part.scores, "ungated_mae": part.ungated_mae });
        json!({
            "set": self.name, "heart_rate": self.heart_rate(), "respiration": self.breathing(),
            "beat_intervals": { "count": self.intervals.len(), "median_error_ms": median(&mut self.intervals.clone()) },
            "ungated": self.baselines().into_iter().map(named).collect::<Vec<Value>>(),
            "protocols": self.protocol_scores(), "pulseless": self.false_answers(), "parts": self.parts(),
            "cells": self.cells().into_iter().map(cell).collect::<Vec<Value>>(),
        })
    }
}

fn answers(cases: &[Case]) -> Vec<Answer> {
    cases.iter().map(|case| case.answer.clone()).collect()
}

fn part(label: &str, value: &str, cases: &[&Case]) -> Part {
    let answers: Vec<Answer> = cases.iter().map(|case| case.answer.clone()).collect();
    let ungated = |number: usize| {
        let answers: Vec<Answer> = cases.iter().map(|case| ungated_answer(case, number)).collect();
        RateScores::of(&answers).mae
    };
    Part {
        label: label.to_owned(),
        value: value.to_owned(),
        scores: RateScores::of(&answers),
        ungated_mae: std::array::from_fn(ungated),
    }
}

fn ungated_answer(case: &Case, number: usize) -> Answer {
    Answer { given: case.ungated[number].map(bare), ..case.answer.clone() }
}

/// A rate without an interval and without a quality.
fn bare(rate: f64) -> Given {
    Given { rate, interval: Interval { low: rate, high: rate }, quality: 1.0 }
}

/// The figures of several sets.
#[derive(Debug, Clone, PartialEq)]
pub struct VitalsReport {
    /// What was evaluated.
    pub title: String,
    /// In the caller's order.
    pub sets: Vec<VitalsSet>,
}

impl crate::evaluation::Report for VitalsReport {
    /// Aligned columns: pulse and breathing of each set, the baselines, the protocols, false answers, and the parts.
    fn to_table(&self) -> String {
        table::render(self)
    }

    /// A line for each window, with what was true and what was said.
    fn to_csv(&self) -> String {
        csv::render(self)
    }

    /// One page without outside references: figures, plots, the grid's cells, some windows with waves and spectra.
    fn to_html(&self) -> String {
        html::render(self)
    }

    /// `sets`, each with the figures of [`RateScores`].
    fn to_json(&self) -> Value {
        json!({ "title": self.title, "sets": self.sets.iter().map(VitalsSet::to_json).collect::<Vec<Value>>() })
    }
}
