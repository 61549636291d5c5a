//! How rare a score is among those of earlier passers.

/// The conformal p-value (Vovk, Gammerman, Shafer, "Algorithmic learning in a random world", 2005, section 2.2): the share
/// of scores at least as high, the score itself counted in. If it is exchangeable with `earlier`, it is at most `a` with
/// probability at most `a`, whatever the distribution. `None` is lower than any score.
#[must_use]
pub fn p_value<'a>(earlier: impl IntoIterator<Item = &'a Option<f64>>, score: f64) -> f64 {
    let (mut all, mut as_high) = (1.0, 1.0);
    for other in earlier {
        all += 1.0;
        as_high += f64::from(u8::from(other.is_some_and(|other| other >= score)));
    }
    as_high / all
}

/// How many earlier passers it takes before anybody can be as rare as `share`.
#[must_use]
pub fn enough_for(share: f64) -> usize {
    (1.0 / share.max(1e-9) - 1e-9).ceil() as usize - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rarity_is_bounded_by_how_many_there_were() {
        let earlier: Vec<_> = (0..999).map(|i| Some(f64::from(i))).collect();
        assert_eq!(p_value(&earlier, 1e9), 0.001);
        assert_eq!(p_value(&earlier, 998.0), 0.002);
        assert_eq!(p_value(&[], 5.0), 1.0);
        assert_eq!(p_value(&[None, Some(7.0), None], 5.0), 0.5);
        for (share, least) in [(0.001, 999), (0.005, 199), (0.02, 49), (0.5, 1)] {
            assert_eq!(enough_for(share), least, "{share}");
        }
    }

    proptest! {
        /// Each of n + 1 exchangeable scores is told in turn: never more than the share of them.
        #[test]
        fn no_more_than_the_share_is_told(scores in prop::collection::vec(-5.0_f64..5.0, 2..120), share in 0.01_f64..0.5) {
            let told = (0..scores.len())
                .filter(|i| {
                    let others: Vec<_> = scores.iter().enumerate().filter(|(j, _)| j != i).map(|(_, s)| Some(*s)).collect();
                    p_value(&others, scores[*i]) <= share
                })
                .count();
            prop_assert!(told as f64 <= share * scores.len() as f64 + 1e-9);
        }
    }
}
