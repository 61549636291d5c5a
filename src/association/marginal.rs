//! How probable each pair of an assignment is, given that each row takes at most one column and each column one row.
//!
//! Loopy belief propagation on the assignment graph (J. Williams and R. Lau, "Approximate evaluation of marginal association
//! probabilities with belief propagation", IEEE Transactions on Aerospace and Electronic Systems 50(4), 2014,
//! equations 20 and 21). It always converges; it is exact on trees.

use std::collections::BTreeMap;

/// Rounds of messages; they settle long before where groups are small.
const ROUNDS: usize = 30;
/// Largest weight as a logarithm.
const LOG_MAX: f64 = 50.0;

/// A permitted pair: row, column, and the logarithm of its weight against a row that stays single.
pub(super) type Pair = (u32, u32, f64);

/// The probability of each pair, in their order. `pairs` are sorted by row.
pub(super) fn marginals(pairs: &[Pair]) -> Vec<f64> {
    let weights: Vec<f64> = pairs.iter().map(|pair| pair.2.clamp(-LOG_MAX, LOG_MAX).exp()).collect();
    let mut by_column: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (index, pair) in pairs.iter().enumerate() {
        by_column.entry(pair.1).or_default().push(index);
    }
    let rows: Vec<&[Pair]> = pairs.chunk_by(|a, b| a.0 == b.0).collect();
    // What columns tell rows: the probability that nobody else takes the column.
    let mut free = vec![1.0; pairs.len()];
    let mut claim = vec![0.0; pairs.len()];
    for _ in 0..ROUNDS {
        let mut start = 0;
        for row in &rows {
            let range = start..start + row.len();
            start = range.end;
            let sum: f64 = range.clone().map(|i| weights[i] * free[i]).sum();
            for i in range {
                claim[i] = weights[i] / (1.0 + (sum - weights[i] * free[i]).max(0.0));
            }
        }
        for indices in by_column.values() {
            let sum: f64 = indices.iter().map(|i| claim[*i]).sum();
            for &i in indices {
                free[i] = 1.0 / (1.0 + (sum - claim[i]).max(0.0));
            }
        }
    }
    let mut probabilities = Vec::with_capacity(pairs.len());
    for row in rows {
        let range = probabilities.len()..probabilities.len() + row.len();
        let sum: f64 = range.clone().map(|i| weights[i] * free[i]).sum();
        probabilities.extend(range.map(|i| weights[i] * free[i] / (1.0 + sum)));
    }
    probabilities
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Sums over all assignments, one by one.
    fn exact(rows: u32, pairs: &[Pair]) -> Vec<f64> {
        fn walk(row: u32, rows: u32, weight: f64, taken: &mut Vec<usize>, pairs: &[Pair], sums: &mut [f64]) -> f64 {
            if row == rows {
                taken.iter().for_each(|i| sums[*i] += weight);
                return weight;
            }
            let mut all = walk(row + 1, rows, weight, taken, pairs, sums);
            for (i, pair) in pairs.iter().enumerate().filter(|(_, pair)| pair.0 == row) {
                if taken.iter().all(|t| pairs[*t].1 != pair.1) {
                    taken.push(i);
                    all += walk(row + 1, rows, weight * pair.2.exp(), taken, pairs, sums);
                    taken.pop();
                }
            }
            all
        }
        let mut sums = vec![0.0; pairs.len()];
        let all = walk(0, rows, 1.0, &mut Vec::new(), pairs, &mut sums);
        sums.iter().map(|sum| sum / all).collect()
    }

    #[test]
    fn exact_on_trees() {
        for pairs in [
            &[(0, 0, 1.0), (0, 1, -0.5)][..],
            &[(0, 0, 2.0), (1, 0, 1.0)],
            &[(0, 0, 2.0), (0, 1, 0.3), (1, 1, 1.0), (2, 1, -1.0), (2, 2, 4.0)],
        ] {
            let found = marginals(pairs);
            for (found, expected) in found.iter().zip(exact(3, pairs)) {
                assert!((found - expected).abs() < 1e-9, "{pairs:?}: {found} {expected}");
            }
        }
    }

    proptest! {
        #[test]
        fn close_on_loops(weights in prop::collection::vec(-3.0..3.0_f64, 9)) {
            let pairs: Vec<Pair> = (0_u32..).zip(weights).map(|(i, w)| (i / 3, i % 3, w)).collect();
            for (found, expected) in marginals(&pairs).iter().zip(exact(3, &pairs)) {
                prop_assert!((found - expected).abs() < 0.15, "{} {}", found, expected);
                prop_assert!((0.0..=1.0).contains(found));
            }
        }
    }
}
