//! Keyframes: a compressed picture jumps at each of them, and a jump a second looks like a pulse of 60 bpm.

use super::methods::Rgb;

/// Least samples of one phase, for their mean to be the keyframes' doing.
const PER_PHASE_MIN: usize = 3;

/// Takes out of a window what repeats with the keyframes: of what stands above a moving average over two periods, the mean of each phase
/// since the last keyframe. `since` is that phase in samples, `None` before the first keyframe.
///
/// A pulse at the rate of the keyframes, or at a multiple, goes with it.
#[must_use]
pub fn combed(window: &[Rgb], since: &[Option<usize>]) -> Vec<Rgb> {
    let Some(longest) = since.iter().flatten().max().copied() else { return window.to_vec() };
    let mut out = window.to_vec();
    for channel in 0..3 {
        let slow = moving_average(window, channel, longest + 1);
        let mut phases = vec![(0.0, 0_usize); longest + 1];
        for ((colour, slow), phase) in window.iter().zip(&slow).zip(since) {
            if let Some(phase) = phase {
                phases[*phase].0 += colour[channel] - slow;
                phases[*phase].1 += 1;
            }
        }
        for (colour, phase) in out.iter_mut().zip(since) {
            let Some((sum, count)) = phase.map(|phase| phases[phase]) else { continue };
            if count >= PER_PHASE_MIN {
                colour[channel] -= sum / count as f64;
            }
        }
    }
    out
}

/// Mean over `reach` samples to both sides, fewer at the ends.
fn moving_average(window: &[Rgb], channel: usize, reach: usize) -> Vec<f64> {
    let mut sums = vec![0.0];
    sums.extend(window.iter().scan(0.0, |sum, colour| {
        *sum += colour[channel];
        Some(*sum)
    }));
    let mean = |i: usize| {
        let (from, to) = (i.saturating_sub(reach), (i + reach + 1).min(window.len()));
        (sums[to] - sums[from]) / (to - from) as f64
    };
    (0..window.len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_with_the_keyframes_goes_and_the_rest_stays() {
        let jump = |i: usize| 0.5 * (-((i % 30) as f64) / 6.0).exp();
        let pulse = |i: usize| (std::f64::consts::TAU * 1.37 * i as f64 / 30.0).sin();
        let window: Vec<Rgb> = (0..600).map(|i| [100.0 + jump(i) + pulse(i); 3]).collect();
        let since: Vec<Option<usize>> = (0..600).map(|i| Some(i % 30)).collect();
        let left = combed(&window, &since);
        let correlation = |wave: &dyn Fn(usize) -> f64| {
            let (x, y): (Vec<f64>, Vec<f64>) = (60..540).map(|i| (left[i][1], wave(i))).unzip();
            super::super::statistics::correlation(&x, &y)
        };
        assert!(correlation(&pulse) > 0.98, "{}", correlation(&pulse));
        assert!(correlation(&jump).abs() < 0.05, "{}", correlation(&jump));
        assert_eq!(combed(&window, &[None; 600]), window);
    }
}
