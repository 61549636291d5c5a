//! The readout against the Cramér-Rao bound and against the habit of the field, on seeded sines in noise.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::filter::Band;
use super::readout::{PADDING, cramer_rao_hz, padded_periodogram, peak_frequency};
use super::spectrum::{Spectrometer, hann};

const RATE: f64 = 30.0;
const BAND: Band = Band { low_hz: 0.65, high_hz: 3.6 };
/// The band in which a signal-to-noise ratio of pulses is stated (2.6 Hz wide).
const IN_BAND_HZ: f64 = 2.6;

fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (random.random::<f64>().max(f64::MIN_POSITIVE), random.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// Root mean square errors in bpm of ours and of a Hann periodogram read the same way.
fn errors(trials: usize, seconds: f64, snr_db: f64, random: &mut ChaCha8Rng) -> (f64, f64) {
    let samples = (seconds * RATE) as usize;
    // White noise up to 15 Hz: the in-band ratio leaves out what lies outside 2.6 Hz of it.
    let deviation = (0.5 / 10f64.powf(snr_db / 10.0) * (RATE / 2.0) / IN_BAND_HZ).sqrt();
    let mut spectrometer = Spectrometer::default();
    let (mut ours, mut habit) = (0.0, 0.0);
    for _ in 0..trials {
        let (frequency, phase) = (random.random_range(0.9..2.5), random.random_range(0.0..std::f64::consts::TAU));
        let angle = |i: usize| std::f64::consts::TAU * frequency * i as f64 / RATE + phase;
        let signal: Vec<f64> = (0..samples).map(|i| angle(i).sin() + deviation * normal(random)).collect();
        let windowed: Vec<f64> = signal.iter().enumerate().map(|(i, v)| v * hann(i, samples)).collect();
        let mut off = |signal: &[f64]| {
            let spectrum = padded_periodogram(&mut spectrometer, signal, RATE);
            (60.0 * (peak_frequency(&spectrum, BAND).expect("a peak") - frequency)).powi(2)
        };
        ours += off(&signal);
        habit += off(&windowed);
    }
    ((ours / trials as f64).sqrt(), (habit / trials as f64).sqrt())
}

#[test]
fn the_readout_reaches_the_bound_and_beats_hann() {
    compare(300, &[6.0, 10.0]);
}

#[test]
#[ignore = "the whole table, a minute: cargo test --release --lib bound -- --ignored --nocapture"]
fn the_readout_reaches_the_bound_at_every_length() {
    println!("{}", compare(10_000, &[6.0, 8.0, 10.0, 15.0, 30.0, 60.0]));
}

/// Checks the readout against the bound; the table of what was found.
fn compare(trials: usize, durations: &[f64]) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(1974);
    let mut table = "   T s  SNR dB  bound bpm  ours  ours/bound  Hann  gain".to_owned();
    let (mut ratios, mut gains) = (Vec::new(), Vec::new());
    for seconds in durations {
        for snr_db in [3.0, 10.0] {
            let (ours, habit) = errors(trials, *seconds, snr_db, &mut random);
            let white = 10f64.powf(snr_db / 10.0) * IN_BAND_HZ / (RATE / 2.0);
            let bound = 60.0 * cramer_rao_hz(white, *seconds * RATE, RATE);
            let (ratio, gain) = (ours / bound, 1.0 - ours / habit);
            table +=
                &format!("\n{seconds:6.0} {snr_db:7.0} {bound:10.4} {ours:6.4} {ratio:8.3} {habit:9.4} {gain:5.2}");
            ratios.push(ratio);
            gains.push(gain);
        }
    }
    // A root mean square of so many trials is known to this part (1 standard deviation).
    let known = (0.5 / trials as f64).sqrt();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let each = ratios.iter().all(|r| *r < 1.1 * (1.0 + 3.0 * known));
    assert!(each && mean(&ratios) < 1.1, "{table} {ratios:?}");
    assert!(mean(&gains) >= 0.25, "{gains:?}");
    assert_eq!(PADDING, 8);
    table
}
