//! Smoothness-priors detrending (Tarvainen, Ranta-aho, Karjalainen, IEEE TBME 49, 2002, equation 17).

/// `x - (I + lambda^2 D2' D2)^-1 x`, where `D2` is the second difference.
///
/// A high-pass without delay and without ringing at the ends; half of the amplitude passes at about
/// `rate / (2 pi sqrt(lambda))` (0.48 Hz for `lambda` 100 at 30 Hz). Signals under three samples are constants and
/// give zeros.
#[must_use]
pub fn detrend(signal: &[f64], lambda: f64) -> Vec<f64> {
    let n = signal.len();
    if n < 3 {
        return vec![0.0; n];
    }
    let trend = solve(signal, lambda * lambda);
    signal.iter().zip(trend).map(|(x, t)| x - t).collect()
}

/// Solves `(I + weight D2' D2) t = x` by the LDL' factors of the five diagonals.
fn solve(signal: &[f64], weight: f64) -> Vec<f64> {
    let n = signal.len();
    let second = [1.0, -2.0, 1.0];
    // Row i of D2 touches columns i, i+1, i+2; an element of D2'D2 sums over the rows that touch both its columns.
    let element = |column: usize, offset: usize| -> f64 {
        let rows = (column + offset).saturating_sub(2)..=column.min(n - 3);
        rows.map(|row| second[column - row] * second[column + offset - row]).sum::<f64>() * weight
    };
    let (mut d, mut l1, mut l2) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut t = vec![0.0; n];
    for i in 0..n {
        let (d1, d2) = (if i >= 1 { d[i - 1] } else { 0.0 }, if i >= 2 { d[i - 2] } else { 0.0 });
        if i >= 2 {
            l2[i] = element(i - 2, 2) / d2;
        }
        if i >= 1 {
            let carried = if i >= 2 { l2[i] * l1[i - 1] * d2 } else { 0.0 };
            l1[i] = (element(i - 1, 1) - carried) / d1;
        }
        d[i] = 1.0 + element(i, 0) - l1[i] * l1[i] * d1 - l2[i] * l2[i] * d2;
        let before = if i >= 1 { l1[i] * t[i - 1] } else { 0.0 };
        let earlier = if i >= 2 { l2[i] * t[i - 2] } else { 0.0 };
        t[i] = signal[i] - before - earlier;
    }
    for i in (0..n).rev() {
        t[i] /= d[i];
        if i + 1 < n {
            t[i] -= l1[i + 1] * t[i + 1];
        }
        if i + 2 < n {
            t[i] -= l2[i + 2] * t[i + 2];
        }
    }
    t
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_is_all_trend() {
        let line: Vec<f64> = (0..200).map(|i| 3.0 + 0.5 * f64::from(i)).collect();
        assert!(detrend(&line, 100.0).iter().all(|v| v.abs() < 1e-7));
        assert_eq!(detrend(&[1.0, 2.0], 100.0), [0.0, 0.0]);
    }

    #[test]
    fn the_system_is_solved() {
        let x: Vec<f64> = (0..50).map(|i| (f64::from(i) * 0.7).sin() + f64::from(i % 5)).collect();
        let t = solve(&x, 25.0);
        let bend: Vec<f64> = (0..48).map(|i| t[i] - 2.0 * t[i + 1] + t[i + 2]).collect();
        for i in 0..50 {
            let at = |k: usize, c: f64| if k < 48 { c * bend[k] } else { 0.0 };
            let back =
                at(i, 1.0) + if i >= 1 { at(i - 1, -2.0) } else { 0.0 } + if i >= 2 { at(i - 2, 1.0) } else { 0.0 };
            assert!((t[i] + 25.0 * back - x[i]).abs() < 1e-9, "row {i}");
        }
    }
}
