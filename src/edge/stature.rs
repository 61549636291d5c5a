//! How large people are in a camera's picture, learnt from those who walk through it.
//!
//! Everybody stands upright and is about as tall as others, so the height of a box is a fixed share of the way from its foot to
//! the horizon (D. Hoiem, A. Efros and M. Hebert, "Putting objects in perspective", International Journal of Computer Vision 80,
//! 2008), and its width a fixed share of its height. Who is both shorter and broader than others stands behind
//! something: his feet are where those of somebody of the usual height would be.

use std::collections::{BTreeMap, VecDeque};

use crate::biosignal::statistics::median;
use crate::frame::BBox;
use crate::geometry::{Homography, length};
use crate::ids::TrackId;

/// Most looks that are remembered, and fewest that say what is usual.
const LOOKS_MAX: usize = 256;
const LOOKS_MIN: usize = 40;
/// Who has moved by so much since the last look, in his own heights, is looked at again: whoever stands would be counted over
/// and over.
const STEP_HEIGHTS: f64 = 0.5;
/// Differences of logarithms from the usual: legs are hidden where the height is less by the first, the width by height greater by
/// the second, and both together by the third. A child is shorter, a stride or a bag broader; neither is both.
const SHORTER: f64 = 0.08;
const BROADER: f64 = 0.25;
const BOTH: f64 = 0.5;
/// Of whom more than this is hidden, as a share of what is seen, nothing is said.
const HIDDEN_MAX: f64 = 2.0;
/// Where hidden feet are is known to this share of how far below the box they would be, for who sits or bends has them nearer ...
const HIDDEN_DEVIATION: f64 = 0.5;
/// ... and to this share of the box: people and boxes differ.
const STATURE_DEVIATION: f64 = 0.08;

/// Feet that are not seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Feet {
    /// So far below the lower edge of the box, pixels.
    pub(super) below: f64,
    /// Of that, square pixels.
    pub(super) variance: f64,
}

/// Logarithms of two ratios of a box.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Look {
    /// Height by the foot's distance to the horizon.
    height: f64,
    /// Width by height.
    breadth: f64,
}

/// What is usual in a calibrated camera.
#[derive(Debug)]
pub(super) struct Stature {
    map: Homography,
    /// Of the last walkers.
    looks: VecDeque<Look>,
    /// Where each live track was last looked at.
    looked_at: BTreeMap<TrackId, (f64, f64)>,
    usual: Option<Look>,
}

impl Stature {
    /// Nothing is usual yet.
    pub(super) fn new(map: Homography) -> Self {
        Self { map, looks: VecDeque::new(), looked_at: BTreeMap::new(), usual: None }
    }

    /// Takes in the box of somebody who is seen whole.
    pub(super) fn learn(&mut self, id: TrackId, b: &BBox) {
        let (x, y) = b.foot();
        let still = |(u, v): &(f64, f64)| length(u - x, v - y) < STEP_HEIGHTS * b.h;
        if self.looked_at.get(&id).is_some_and(still) {
            return;
        }
        self.looked_at.insert(id, (x, y));
        let Some(look) = self.look(b) else { return };
        if self.looks.len() == LOOKS_MAX {
            self.looks.pop_front();
        }
        self.looks.push_back(look);
        self.usual = self.middle();
    }

    fn middle(&self) -> Option<Look> {
        if self.looks.len() < LOOKS_MIN {
            return None;
        }
        let middle = |of: fn(&Look) -> f64| median(&mut self.looks.iter().map(of).collect::<Vec<f64>>());
        Some(Look { height: middle(|l| l.height)?, breadth: middle(|l| l.breadth)? })
    }

    /// A track is over.
    pub(super) fn forget(&mut self, id: TrackId) {
        self.looked_at.remove(&id);
    }

    /// The feet of whom a box shows, if his legs are hidden.
    pub(super) fn hidden_feet(&self, b: &BBox) -> Option<Feet> {
        let (usual, look) = (self.usual?, self.look(b)?);
        let (shorter, broader) = (usual.height - look.height, look.breadth - usual.breadth);
        (shorter >= SHORTER && broader >= BROADER && shorter + broader >= BOTH).then(|| self.feet(b))?
    }

    /// The feet of somebody of the usual height whose head is at the upper edge of a box and whose feet are not above its lower one.
    pub(super) fn feet(&self, b: &BBox) -> Option<Feet> {
        let share = self.usual?.height.exp();
        let (x, y) = b.foot();
        let (here, down) = self.below_horizon(x, y)?;
        // One pixel further down is `down` further from the horizon: height + below = share * (here + down * below).
        let below = ((share * here - b.h) / (1.0 - share * down)).max(0.0);
        let variance = (HIDDEN_DEVIATION * below).powi(2) + (STATURE_DEVIATION * b.h).powi(2);
        // A camera that hangs lower than people's heads has these above its horizon: nothing follows from them.
        (share * down < 1.0 && below < HIDDEN_MAX * b.h).then_some(Feet { below, variance })
    }

    fn look(&self, b: &BBox) -> Option<Look> {
        let (x, y) = b.foot();
        let look = Look { height: (b.h / self.below_horizon(x, y)?.0).ln(), breadth: (b.w / b.h).ln() };
        (look.height.is_finite() && look.breadth.is_finite()).then_some(look)
    }

    /// Distance of a point to the horizon, and how it grows with y, pixels. `None` where there is no horizon above it.
    fn below_horizon(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let [.., a, b, _] = self.map.rows();
        let weight = self.map.weight(x, y);
        let scale = weight.signum() / length(a, b);
        let (distance, down) = (weight * scale, b * scale);
        (distance.is_finite() && down > 0.0).then_some((distance, down))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The horizon is at the row 100; a person of the usual height is 0.4 of the way from it to his foot.
    const SHARE: f64 = 0.4;

    pub(in crate::edge) fn map() -> Homography {
        Homography::new([0.01, 0.0, -3.2, 0.0, 0.0, 4.0, 0.0, 1.0 / 380.0, -100.0 / 380.0]).expect("invertible")
    }

    /// Somebody of so much of the usual height, whose legs are seen but for `hidden` of him, with that width by the height of all of him.
    pub(in crate::edge) fn person(foot: (f64, f64), stature: f64, hidden: f64, breadth: f64) -> BBox {
        let h = stature * SHARE * (foot.1 - 100.0);
        let w = breadth * h;
        BBox { x: foot.0 - w / 2.0, y: foot.1 - h, w, h: h * (1.0 - hidden) }
    }

    /// Twelve people have walked from the far end to the near one, now and then behind a desk.
    pub(in crate::edge) fn learnt() -> Stature {
        let mut stature = Stature::new(map());
        for walker in 0..12_u32 {
            for step in 0..60_u32 {
                let y = 200.0 + 4.0 * f64::from(step);
                let tall = 0.94 + 0.06 * f64::from(walker % 3);
                let hidden = if (20..26).contains(&step) { 0.45 } else { 0.0 };
                let b = person((100.0 + 40.0 * f64::from(walker), y), tall, hidden, 0.36);
                if stature.hidden_feet(&b).is_none() {
                    stature.learn(TrackId(u64::from(walker)), &b);
                }
            }
            stature.forget(TrackId(u64::from(walker)));
        }
        stature
    }

    #[test]
    fn hidden_feet_are_where_those_of_others_would_be() {
        let stature = learnt();
        for (hidden, y) in [(0.35, 220.0), (0.5, 300.0), (0.6, 420.0)] {
            let foot = (400.0, y);
            let b = person(foot, 1.03, hidden, 0.36);
            let Some(feet) = stature.hidden_feet(&b) else { panic!("{hidden} of him is hidden at {y}") };
            let off = b.bottom() + feet.below - foot.1;
            assert!(off.abs() < feet.variance.sqrt() && feet.variance.sqrt() < 0.6 * feet.below, "{off} {feet:?}");
        }
    }

    #[test]
    fn who_is_only_small_or_only_broad_is_seen_whole() {
        let stature = learnt();
        let rows =
            [("usual", 1.0, 0.36), ("a child", 0.6, 0.36), ("with a bag", 1.0, 0.6), ("a child's stride", 0.7, 0.44)];
        for (who, height, breadth) in rows {
            assert_eq!(stature.hidden_feet(&person((300.0, 350.0), height, 0.0, breadth)), None, "{who}");
        }
        // Cut off by the picture's edge his feet are below it all the same, or just there.
        let half = person((300.0, 470.0), 1.0, 0.4, 0.36);
        let feet = stature.feet(&half).expect("known");
        assert!((half.bottom() + feet.below - 470.0).abs() < 8.0, "{feet:?}");
        assert_eq!(stature.feet(&person((300.0, 350.0), 1.2, 0.0, 0.36)).map(|f| f.below), Some(0.0));
        assert_eq!(stature.feet(&BBox { h: 9.0, ..half }), None, "most of him is not seen");
    }

    #[test]
    fn who_stands_is_looked_at_once_and_what_is_remembered_is_bounded() {
        let mut stature = Stature::new(map());
        for _ in 0..100 {
            stature.learn(TrackId(1), &person((300.0, 300.0), 1.0, 0.0, 0.36));
        }
        assert_eq!((stature.looks.len(), stature.usual), (1, None));
        for walker in 0..1_000 {
            stature.learn(TrackId(walker + 2), &person((300.0, 300.0), 1.0, 0.0, 0.36));
            stature.forget(TrackId(walker + 2));
        }
        assert_eq!((stature.looks.len(), stature.looked_at.len()), (LOOKS_MAX, 1));
        assert!(stature.usual.is_some());
        // A camera that looks straight down has no horizon.
        let mut above =
            Stature::new(Homography::new([0.01, 0.0, 0.0, 0.0, 0.01, 0.0, 0.0, 0.0, 1.0]).expect("invertible"));
        above.learn(TrackId(1), &person((300.0, 300.0), 1.0, 0.0, 0.36));
        assert_eq!(above.looks.len(), 0);
    }
}
