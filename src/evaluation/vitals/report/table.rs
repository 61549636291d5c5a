//! Aligned columns for a terminal.

use super::{Part, VitalsReport, VitalsSet};
use crate::biosignal::statistics::median;
use crate::evaluation::vitals::scores::RateScores;

const HEADER: &str = "set                  what       WIN   COV   MAE (95 %)           MED   RMSE   MAPE     R    >5   >10   INT  ±     ECE   80%   50%  CONST   BIAS (limits)";

pub(super) fn render(report: &VitalsReport) -> String {
    let mut text = format!("{HEADER}\n");
    for set in &report.sets {
        for (what, scores) in [("pulse", set.heart_rate()), ("breath", set.breathing())] {
            if scores.windows > 0 {
                text.push_str(&row(&set.name, what, &scores, true));
            }
        }
        for (method, scores) in set.baselines() {
            text.push_str(&row("  without gates", method, &scores, false));
        }
        text.push_str(&rest(set));
    }
    text
}

fn rest(set: &VitalsSet) -> String {
    let mut text = String::new();
    if let Some(error) = median(&mut set.intervals.clone()) {
        let (name, count) = (&set.name, set.intervals.len());
        text.push_str(&format!("{name:20} beats  median interval error {error:.1} ms over {count} intervals\n"));
    }
    for protocol in set.protocol_scores() {
        let a = &protocol.a;
        text.push_str(&format!(
            "  protocol A {:6}  MAE {} RMSE {} MAPE {} R {} SNR {:5.2} dB MACC {}   protocol B MAE {}\n",
            protocol.method,
            number(a.mae, 5, 2),
            number(a.rmse, 5, 2),
            number(a.mape, 5, 2),
            number(a.pearson, 5, 2),
            protocol.a_snr_db,
            number(protocol.a_macc, 4, 2),
            number(protocol.b_mae, 5, 2),
        ));
    }
    let false_answers = set.false_answers();
    for (kind, count) in &false_answers {
        let percent = 100.0 * count.answered as f64 / count.windows as f64;
        text.push_str(&format!(
            "{:20} no pulse: {kind:14} {:5} windows, {:4} answered, {percent:.2} %\n",
            set.name, count.windows, count.answered
        ));
    }
    let parts = set.parts();
    if parts.len() > 1 {
        text.push_str(
            "  pulse by part              WIN   COV   MAE    >5    INT   ECE    POS  CHROM ME_RPPG VITALLENS without gates\n",
        );
        parts.iter().for_each(|part| text.push_str(&part_row(part)));
    }
    text
}

fn part_row(part: &Part) -> String {
    let scores = &part.scores;
    format!(
        "  {:10} {:12} {:5} {:5.3} {} {} {} {} {} {} {} {}\n",
        part.label,
        part.value,
        scores.windows,
        scores.coverage,
        number(scores.mae, 5, 2),
        number(scores.over_5, 5, 3),
        number(scores.interval_coverage, 5, 3),
        number(scores.ece, 5, 3),
        number(part.ungated_mae[0], 6, 2),
        number(part.ungated_mae[1], 6, 2),
        number(part.ungated_mae[2], 7, 2),
        number(part.ungated_mae[3], 9, 2),
    )
}

/// A row of figures; those of intervals and qualities only where there are such.
fn row(name: &str, what: &str, s: &RateScores, gated: bool) -> String {
    let interval = s.mae_interval.map_or_else(String::new, |[low, high]| format!("({low:.2}-{high:.2})"));
    let only = |value: Option<f64>| value.filter(|_| gated);
    let [_, eighty, fifty] = s.risk.map_or([None; 3], |risk| risk.map(Some));
    let limits = s.limits.map_or_else(String::new, |[low, high]| format!("({low:.1} {high:.1})"));
    format!(
        "{name:20} {what:10} {:4} {:5.3} {} {interval:14} {} {} {} {} {} {} {} {} {} {} {} {} {} {limits}\n",
        s.windows,
        s.coverage,
        number(s.mae, 5, 2),
        number(s.median, 5, 2),
        number(s.rmse, 6, 2),
        number(s.mape, 6, 2),
        number(s.pearson, 5, 2),
        number(s.over_5, 5, 3),
        number(s.over_10, 5, 3),
        number(only(s.interval_coverage), 5, 3),
        number(only(s.interval_half), 4, 2),
        number(only(s.ece), 5, 3),
        number(only(eighty), 5, 2),
        number(only(fifty), 5, 2),
        number(s.constant_mae, 6, 2),
        number(s.bias, 6, 2),
    )
}

fn number(value: Option<f64>, width: usize, digits: usize) -> String {
    value.map_or_else(|| format!("{:>width$}", "-"), |value| format!("{value:width$.digits$}"))
}
