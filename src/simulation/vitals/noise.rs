//! Noise as scenes and cameras have it.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use std::f64::consts::TAU;

/// Normal noise of deviation 1.
pub fn white(random: &mut ChaCha8Rng, count: usize) -> Vec<f64> {
    (0..count).map(|_| random.sample(StandardNormal)).collect()
}

/// Noise whose power falls as `1/f^beta`, `beta` 0 to 2, of deviation 1 in each new step: white noise through a fractional sum
/// (Kasdin, Proc. IEEE 83, 1995, equation 104).
pub fn power_law(random: &mut ChaCha8Rng, count: usize, beta: f64) -> Vec<f64> {
    let steps = white(random, count);
    let weights: Vec<f64> = std::iter::successors(Some((0_u32, 1.0)), |(k, weight)| {
        let next = f64::from(k + 1);
        Some((k + 1, weight * (next - 1.0 + 0.5 * beta) / next))
    })
    .map(|(_, weight)| weight)
    .take(count)
    .collect();
    (0..count).map(|i| steps[..=i].iter().rev().zip(&weights).map(|(s, w)| s * w).sum()).collect()
}

/// A random walk at uneven times: deviation 1 after one second.
pub fn walk(random: &mut ChaCha8Rng, times: &[f64]) -> Vec<f64> {
    let (mut at, mut last) = (0.0, times.first().copied().unwrap_or_default());
    let mut next = |t: f64| {
        let step: f64 = random.sample(StandardNormal);
        at += step * (t - last).max(0.0).sqrt();
        last = t;
        at
    };
    times.iter().map(|t| next(*t)).collect()
}

/// Movement within a band: eight sines of random frequency and phase, of deviation 1 together.
pub fn swaying(random: &mut ChaCha8Rng, times: &[f64], low_hz: f64, high_hz: f64) -> Vec<f64> {
    const SINES: usize = 8;
    let sines: Vec<(f64, f64)> =
        (0..SINES).map(|_| (random.random_range(low_hz..high_hz), TAU * random.random::<f64>())).collect();
    let scale = (2.0 / SINES as f64).sqrt();
    times.iter().map(|t| scale * sines.iter().map(|(f, p)| (TAU * f * t + p).sin()).sum::<f64>()).collect()
}

/// 1 within spells and 0 between them, with soft edges: spells and pauses of two to six seconds.
pub fn spells(random: &mut ChaCha8Rng, times: &[f64]) -> Vec<f64> {
    const EDGE_S: f64 = 0.4;
    let end = times.last().copied().unwrap_or_default();
    let mut edges = vec![-6.0 * random.random::<f64>()];
    while edges.last().is_some_and(|last| *last < end) {
        edges.push(edges[edges.len() - 1] + random.random_range(2.0..6.0));
    }
    let level = |t: f64| {
        let after = edges.partition_point(|e| *e <= t);
        let since = after.checked_sub(1).map_or(0.0, |i| t - edges[i]);
        let share = (since / EDGE_S).min(1.0);
        if after % 2 == 1 { share } else { 1.0 - share }
    };
    times.iter().map(|t| level(*t)).collect()
}

/// A camera's gain: it jumps now and then by `size`, relative, and settles within half a second.
pub fn gain_steps(random: &mut ChaCha8Rng, times: &[f64], every_s: f64, size: f64) -> Vec<f64> {
    const SETTLING_S: f64 = 0.25;
    let (mut gain, mut target, mut last) = (1.0, 1.0, times.first().copied().unwrap_or_default());
    let mut next = |t: f64| {
        let dt = (t - last).max(0.0);
        last = t;
        if random.random::<f64>() < dt / every_s {
            target = 1.0 + size * random.sample::<f64, _>(StandardNormal);
        }
        gain += (target - gain) * (1.0 - (-dt / SETTLING_S).exp());
        gain
    };
    times.iter().map(|t| next(*t)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn power(x: &[f64], cycles: f64) -> f64 {
        let n = x.len() as f64;
        let (c, s) = x.iter().enumerate().fold((0.0, 0.0), |(c, s), (i, v)| {
            let angle = TAU * cycles * i as f64 / n;
            (c + v * angle.cos(), s + v * angle.sin())
        });
        c * c + s * s
    }

    #[test]
    fn power_falls_as_asked() {
        for beta in [0.0, 1.0, 2.0] {
            let mut random = ChaCha8Rng::seed_from_u64(5);
            let (mut low, mut high) = (0.0, 0.0);
            for _ in 0..60 {
                let x = power_law(&mut random, 256, beta);
                low += (4..8).map(|k| power(&x, f64::from(k)).ln()).sum::<f64>();
                high += (32..64).step_by(8).map(|k| power(&x, f64::from(k)).ln()).sum::<f64>();
            }
            // Three octaves apart, 240 points each.
            let slope = (low - high) / 240.0 / 8f64.ln();
            assert!((slope - beta).abs() < 0.25, "{beta}: {slope}");
        }
    }

    #[test]
    fn gains_settle_and_spells_alternate() {
        let times: Vec<f64> = (0..1800).map(|i| f64::from(i) / 30.0).collect();
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let gain = gain_steps(&mut random, &times, 5.0, 0.03);
        assert!(gain.iter().all(|g| (g - 1.0).abs() < 0.15) && gain.iter().any(|g| (g - 1.0).abs() > 0.01));
        let spells = spells(&mut random, &times);
        let on = spells.iter().sum::<f64>() / 1800.0;
        assert!((0.25..0.75).contains(&on) && spells.iter().all(|s| (0.0..=1.0).contains(s)), "{on}");
    }
}
