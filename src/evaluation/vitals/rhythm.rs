//! Beat intervals against those of a chest strap.

use crate::biosignal::statistics::median;

/// Delays of the pulse behind the heart that are tried, seconds, and their step. The clocks of the two are joined by hand, so that both
/// signs occur.
const DELAY_MAX_S: f64 = 0.5;
const DELAY_STEP_S: f64 = 0.02;
/// Two beats are the same when they are within this part of an interval, after the delay.
const SAME: f64 = 0.3;

/// Times of the beats of a reference with columns `t,rr_ms`; empty where the file has no `rr_ms`.
#[must_use]
pub fn beat_times(text: &str) -> Vec<f64> {
    let mut lines = text.lines();
    let has_intervals = lines.next().is_some_and(|header| header.split(',').any(|c| c.trim() == "rr_ms"));
    let time = |line: &str| line.split(',').next()?.trim().parse::<f64>().ok();
    if has_intervals { lines.filter_map(time).collect() } else { Vec::new() }
}

/// Errors in ms, without sign, of the intervals of beats (`from`, `to`) against the reference's beats, at the delay that makes
/// their median least. Beats without a counterpart are left out.
#[must_use]
pub fn interval_errors(beats: &[(f64, f64)], reference: &[f64]) -> Vec<f64> {
    let steps = (2.0 * DELAY_MAX_S / DELAY_STEP_S).round() as usize;
    let errors = |step: usize| {
        let delay = step as f64 * DELAY_STEP_S - DELAY_MAX_S;
        beats.iter().filter_map(|beat| error_ms(*beat, delay, reference)).collect::<Vec<f64>>()
    };
    let tried = (0..=steps).map(errors).filter(|errors| 2 * errors.len() >= beats.len());
    // A hundredth of a millisecond decides nothing; among delays as good as each other, the one that finds most beats does.
    let rank =
        |errors: &[f64]| median(&mut errors.to_vec()).map(|m| ((100.0 * m).round() as i64, usize::MAX - errors.len()));
    tried.min_by_key(|errors| rank(errors)).unwrap_or_default()
}

fn error_ms((from, to): (f64, f64), delay: f64, reference: &[f64]) -> Option<f64> {
    let place = |t: f64| {
        let after = reference.partition_point(|r| *r < t - delay);
        let near = [after.checked_sub(1)?, after.min(reference.len() - 1)];
        let distance = |i: usize| (reference[i] - (t - delay)).abs();
        let nearest = if distance(near[0]) <= distance(near[1]) { near[0] } else { near[1] };
        (distance(nearest) <= SAME * (to - from)).then_some(nearest)
    };
    let (first, second) = (place(from)?, place(to)?);
    (second == first + 1).then(|| 1e3 * ((to - from) - (reference[second] - reference[first])).abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_delay_costs_nothing() {
        let reference: Vec<f64> = (0..40).map(|i| f64::from(i) * 0.9 + 0.05 * (f64::from(i) * 0.7).sin()).collect();
        let beats: Vec<(f64, f64)> = reference.windows(2).map(|r| (r[0] + 0.24, r[1] + 0.25)).collect();
        let errors = interval_errors(&beats, &reference);
        assert!(errors.len() >= 37 && errors.iter().all(|e| (e - 10.0).abs() < 1e-6), "{errors:?}");
        assert_eq!(interval_errors(&beats, &[]), Vec::<f64>::new());
    }

    #[test]
    fn only_references_with_intervals_have_beats() {
        assert_eq!(beat_times("t,rr_ms,hr\n-1.2,1203,49.9\n-0.1,1100,54.5\n"), [-1.2, -0.1]);
        assert_eq!(beat_times("t,hr\n0,57\n"), Vec::<f64>::new());
    }
}
