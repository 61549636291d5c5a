//! A line for each window.

use super::{Case, VitalsReport};
use crate::evaluation::report::csv::quoted;

const HEADER: &str = "set,recording,person,what,t0,t1,labels,truth,rate,low,high,quality,pos,chrom,me_rppg,vitallens\n";

pub(super) fn render(report: &VitalsReport) -> String {
    let mut text = HEADER.to_owned();
    for set in &report.sets {
        set.pulse.iter().for_each(|case| text.push_str(&line(&set.name, "pulse", case)));
        set.respiration.iter().for_each(|case| text.push_str(&line(&set.name, "respiration", case)));
        for case in &set.pulseless {
            let given = case.given.map_or_else(|| ",,,".to_owned(), |g| given_cells(&g));
            let (set, name, labels) = (quoted(&set.name), quoted(&case.recording), labels(&case.labels));
            text.push_str(&format!("{set},{name},,pulseless,,,{labels},,{given},,,,\n"));
        }
    }
    text
}

fn line(set: &str, what: &str, case: &Case) -> String {
    let answer = &case.answer;
    let given = answer.given.map_or_else(|| ",,,".to_owned(), |g| given_cells(&g));
    let ungated = case.ungated.map(|rate| rate.map_or_else(String::new, |rate| format!("{rate:.3}"))).join(",");
    let (set, name, person) = (quoted(set), quoted(&case.recording), quoted(&answer.person));
    let ((from, to), labels) = (case.span, labels(&case.labels));
    format!("{set},{name},{person},{what},{from},{to},{labels},{:.3},{given},{ungated}\n", answer.truth)
}

fn given_cells(given: &super::Given) -> String {
    format!("{:.3},{:.3},{:.3},{:.4}", given.rate, given.interval.low, given.interval.high, given.quality)
}

fn labels(labels: &[(String, String)]) -> String {
    quoted(&labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<String>>().join(" "))
}
