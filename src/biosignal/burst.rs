//! Bursts: a finger that shifts or a head that jerks outweighs in a second all the beats of a window.
//!
//! The amplitude of a pulse stays within a factor of two from breath to breath; where a signal is far stronger than it usually is in its window, it
//! is movement. There it is scaled down, so that no second counts for much more than its time: Huber's robust norm (Ann. Math. Statist. 35,
//! 1964) for the energies of a window's parts. A signal without bursts stays as it is to the last bit.

/// Half-width of a part, seconds: a slow heart's beat.
const REACH_S: f64 = 0.75;
/// Amplitude over the median one from which it is a burst.
const BURST: f64 = 2.0;

/// Scales bursts down to the amplitude at which they begin; `rate` in samples a second.
pub(super) fn calm(signal: &mut [f64], rate: f64) {
    let reach = (REACH_S * rate).round() as usize;
    let mut sums = vec![0.0];
    sums.extend(signal.iter().scan(0.0, |sum, v| {
        *sum += v * v;
        Some(*sum)
    }));
    let amplitude = |i: usize| {
        let (from, to) = (i.saturating_sub(reach), (i + reach + 1).min(signal.len()));
        ((sums[to] - sums[from]) / (to - from) as f64).sqrt()
    };
    let amplitudes: Vec<f64> = (0..signal.len()).map(amplitude).collect();
    let (mut sorted, half) = (amplitudes.clone(), signal.len() / 2);
    if sorted.is_empty() {
        return;
    }
    let most = BURST * *sorted.select_nth_unstable_by(half, f64::total_cmp).1;
    for (value, amplitude) in signal.iter_mut().zip(amplitudes).filter(|(_, amplitude)| *amplitude > most) {
        *value *= most / amplitude;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_scaled_down_and_nothing_else_changes() {
        let swell = |i: usize| 1.0 + 0.4 * (i as f64 / 24.0).sin();
        let pulse = |i: usize| swell(i) * (std::f64::consts::TAU * 1.2 * i as f64 / 30.0).sin();
        let clean: Vec<f64> = (0..600).map(pulse).collect();
        let mut left = clean.clone();
        calm(&mut left, 30.0);
        assert_eq!(left, clean);
        let mut burst = clean.clone();
        burst[200..260].iter_mut().for_each(|v| *v += 30.0);
        calm(&mut burst, 30.0);
        let energy = |signal: &[f64]| signal.iter().map(|v| v * v).sum::<f64>();
        let times = energy(&burst[170..290]) / energy(&clean[170..290]);
        assert!(times < 6.0, "{times}: the burst had over 800 times a pulse's energy");
        assert_eq!(burst[300..], clean[300..]);
        calm(&mut [], 30.0);
    }
}
