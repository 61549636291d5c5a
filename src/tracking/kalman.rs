//! A box in motion: four independent filters of a coordinate and its rate.
//!
//! With diagonal process and measurement noise the usual eight-state filter of the tracking literature (`DeepSORT`,
//! `ByteTrack`) falls apart into four filters of two states each, one for centre x, centre y, width and height. The rate
//! is an Ornstein-Uhlenbeck process (Singer, "Estimating optimal tracking filter performance for manned maneuvering
//! targets", IEEE Trans. AES 6(4), 1970, with the rate instead of the acceleration as the correlated quantity): it
//! forgets itself with a time constant, so a prediction over a long gap comes to rest instead of running away, and the
//! noise of one step of 0.2 s equals that of five steps of 0.04 s.

use super::Foot;
use crate::frame::BBox;

/// What one step of time does to an [`Axis`], for a rate of unit variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Transition {
    /// How much of the rate is left.
    keep: f64,
    /// Seconds of travel at the old rate.
    reach: f64,
    /// Noise added to value, value-rate and rate.
    noise: [f64; 3],
}

impl Transition {
    /// Over `dt` seconds (not negative) with a rate that forgets itself within `tau` seconds (positive).
    pub(super) fn over(dt: f64, tau: f64) -> Self {
        let x = dt / tau;
        let keep = (-x).exp();
        let reach = tau * (1.0 - keep);
        // Below this the closed form loses all digits; the first term of its series is exact enough.
        let value = if x < 1e-3 { 2.0 * x.powi(3) / 3.0 } else { 2.0 * x - 3.0 + 4.0 * keep - keep * keep };
        Self { keep, reach, noise: [tau * tau * value.max(0.0), tau * (1.0 - keep).powi(2), 1.0 - keep * keep] }
    }
}

/// One coordinate, its rate per second, and their covariance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axis {
    /// The coordinate, pixels.
    pub(super) value: f64,
    /// Its rate, pixels per second.
    pub(super) rate: f64,
    /// Variance of the value, covariance, variance of the rate.
    pub(super) cov: [f64; 3],
}

impl Axis {
    fn at(value: f64, variance: f64, rate_variance: f64) -> Self {
        Self { value, rate: 0.0, cov: [variance, 0.0, rate_variance] }
    }

    /// Moves on in time. `rate_variance` is the long-run variance of the rate.
    fn predict(&mut self, t: &Transition, rate_variance: f64) {
        let [pp, pv, vv] = self.cov;
        self.value += t.reach * self.rate;
        self.rate *= t.keep;
        self.cov = [
            pp + 2.0 * t.reach * pv + t.reach * t.reach * vv + rate_variance * t.noise[0],
            t.keep * (pv + t.reach * vv) + rate_variance * t.noise[1],
            t.keep * t.keep * vv + rate_variance * t.noise[2],
        ];
    }

    /// Takes in a measurement of the value with variance `r` > 0. Joseph's form keeps the covariance positive. Returns
    /// the surprise in units of its expected standard deviation.
    fn update(&mut self, measured: f64, r: f64) -> f64 {
        let [pp, pv, vv] = self.cov;
        let s = pp + r;
        let (k, kr) = (pp / s, pv / s);
        let innovation = measured - self.value;
        self.value += k * innovation;
        self.rate += kr * innovation;
        let left = 1.0 - k;
        self.cov =
            [left * left * pp + k * k * r, left * (pv - kr * pp) + k * kr * r, kr * kr * (pp + r) - 2.0 * kr * pv + vv];
        innovation / s.sqrt()
    }
}

/// Noise of the motion model; lengths in box heights, so that near and far people are alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Noise {
    /// Standard deviation of a detection's centre, box heights.
    pub(super) position: f64,
    /// Standard deviation of a detection's width and height, box heights.
    pub(super) size: f64,
    /// Long-run standard deviation of the centre's speed, box heights per second.
    pub(super) speed: f64,
    /// Long-run standard deviation of the size's rate, box heights per second.
    pub(super) growth: f64,
}

/// The two transitions of a step; the same for all boxes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct StepTransition {
    position: Transition,
    size: Transition,
}

impl StepTransition {
    /// Over `dt` seconds; `speed_tau` and `growth_tau` are the memory of speed and growth in seconds.
    pub(super) fn over(dt: f64, speed_tau: f64, growth_tau: f64) -> Self {
        Self { position: Transition::over(dt, speed_tau), size: Transition::over(dt, growth_tau) }
    }
}

/// A box in motion: centre x, centre y, width, height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Motion {
    /// Centre x, centre y, width, height.
    pub(super) axes: [Axis; 4],
}

/// No box is thinner than this, pixels: a shrinking prediction must not turn inside out.
const SIDE_MIN_PX: f64 = 1.0;

impl Motion {
    /// At rest at a first detection.
    pub(super) fn at(bbox: &BBox, noise: &Noise) -> Self {
        let (cx, cy) = bbox.centre();
        let h2 = bbox.h.max(SIDE_MIN_PX).powi(2);
        let place = |v| Axis::at(v, noise.position.powi(2) * h2, noise.speed.powi(2) * h2);
        let side = |v| Axis::at(v, noise.size.powi(2) * h2, noise.growth.powi(2) * h2);
        Self { axes: [place(cx), place(cy), side(bbox.w), side(bbox.h)] }
    }

    /// Where it is believed to be.
    pub(super) fn bbox(&self) -> BBox {
        let [cx, cy, w, h] = self.axes.map(|a| a.value);
        BBox { x: cx - w / 2.0, y: cy - h / 2.0, w, h }
    }

    /// Centre velocity in pixels per second.
    pub(super) fn velocity(&self) -> (f64, f64) {
        (self.axes[0].rate, self.axes[1].rate)
    }

    /// The middle of the bottom edge: a standing person's feet.
    pub(super) fn foot(&self) -> Foot {
        let [cx, cy, _, h] = &self.axes;
        Foot {
            at: (cx.value, cy.value + h.value / 2.0),
            variance: (cx.cov[0], cy.cov[0] + h.cov[0] / 4.0),
            velocity: (cx.rate, cy.rate + h.rate / 2.0),
            velocity_variance: (cx.cov[2], cy.cov[2] + h.cov[2] / 4.0),
        }
    }

    /// Standard deviation of the centre, in box heights.
    pub(super) fn uncertainty(&self) -> f64 {
        (self.axes[0].cov[0].max(self.axes[1].cov[0])).sqrt() / self.height()
    }

    /// Turns the centre's velocity towards `velocity` by `weight` 0 to 1, and stops growth: nothing will correct either.
    pub(super) fn steer(&mut self, velocity: (f64, f64), weight: f64) {
        let [cx, cy, w, h] = &mut self.axes;
        cx.rate += weight * (velocity.0 - cx.rate);
        cy.rate += weight * (velocity.1 - cy.rate);
        (w.rate, h.rate) = (w.rate * (1.0 - weight), h.rate * (1.0 - weight));
    }

    /// Variance of the logarithm of the height.
    pub(super) fn height_variance(&self) -> f64 {
        self.axes[3].cov[0] / self.height().powi(2)
    }

    fn height(&self) -> f64 {
        self.axes[3].value.max(SIDE_MIN_PX)
    }

    /// Moves on in time.
    pub(super) fn predict(&mut self, t: &StepTransition, noise: &Noise) {
        let h2 = self.height().powi(2);
        let (speed, growth) = (noise.speed.powi(2) * h2, noise.growth.powi(2) * h2);
        let [cx, cy, w, h] = &mut self.axes;
        cx.predict(&t.position, speed);
        cy.predict(&t.position, speed);
        w.predict(&t.size, growth);
        h.predict(&t.size, growth);
        for side in [w, h] {
            if side.value < SIDE_MIN_PX {
                (side.value, side.rate) = (SIDE_MIN_PX, 0.0);
            }
        }
    }

    /// Believes that the box may have jumped to where this one is: adds the squares of the differences to the variances.
    pub(super) fn doubt(&mut self, bbox: &BBox) {
        let (x, y) = bbox.centre();
        for (axis, measured) in self.axes.iter_mut().zip([x, y, bbox.w, bbox.h]) {
            axis.cov[0] += (measured - axis.value).powi(2);
        }
    }

    /// Takes in a detection whose noise is `weakness` >= 1 times the usual standard deviation. Returns the
    /// surprise of the centre's x and y in units of their expected standard deviation.
    pub(super) fn update(&mut self, bbox: &BBox, noise: &Noise, weakness: f64) -> [f64; 2] {
        let scale = (weakness * self.height()).powi(2);
        let (place, side) = (noise.position.powi(2) * scale, noise.size.powi(2) * scale);
        let (x, y) = bbox.centre();
        let [cx, cy, w, h] = &mut self.axes;
        let surprise = [cx.update(x, place), cy.update(y, place)];
        w.update(bbox.w, side);
        h.update(bbox.h, side);
        for axis in [w, h] {
            axis.value = axis.value.max(SIDE_MIN_PX);
        }
        surprise
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOISE: Noise = Noise { position: 0.05, size: 0.05, speed: 0.5, growth: 0.1 };

    fn positive(motion: &Motion) -> bool {
        motion.axes.iter().all(|a| {
            let [pp, pv, vv] = a.cov;
            pp > 0.0 && vv > 0.0 && pp * vv - pv * pv > 0.0 && [a.value, a.rate].iter().all(|v| v.is_finite())
        })
    }

    proptest! {
        /// Whatever comes, however often and however late, the covariance stays positive definite and nothing overflows.
        #[test]
        fn covariance_stays_positive(
            steps in prop::collection::vec(
                (0.0..5.0f64, prop::option::of((-500.0..500.0f64, -500.0..500.0f64, 0.1..900.0f64, 0.1..900.0f64)), 1.0..4.0f64),
                1..200,
            ),
            scale in 0.01..20.0f64,
        ) {
            let noise = Noise { position: NOISE.position * scale, size: NOISE.size * scale, ..NOISE };
            let mut motion = Motion::at(&BBox { x: 0.0, y: 0.0, w: 40.0, h: 100.0 }, &noise);
            for (dt, measured, weakness) in steps {
                motion.predict(&StepTransition::over(dt, 4.0, 0.5), &noise);
                prop_assert!(positive(&motion), "after {dt} s: {motion:?}");
                if let Some((x, y, w, h)) = measured {
                    motion.update(&BBox { x, y, w, h }, &noise, weakness);
                    prop_assert!(positive(&motion), "after an update: {motion:?}");
                }
                prop_assert!(motion.bbox().is_valid());
            }
        }

        /// One long step is as many short ones: the frame rate is not in the model.
        #[test]
        fn steps_add_up(dt in 0.001..2.0f64, parts in 2usize..20, tau in 0.1..10.0f64) {
            let start = Axis { value: 3.0, rate: 7.0, cov: [2.0, 0.5, 4.0] };
            let (mut long, mut short) = (start, start);
            long.predict(&Transition::over(dt, tau), 9.0);
            for _ in 0..parts {
                short.predict(&Transition::over(dt / parts as f64, tau), 9.0);
            }
            let numbers = |a: &Axis| [a.value, a.rate, a.cov[0], a.cov[1], a.cov[2]];
            for (a, b) in numbers(&long).into_iter().zip(numbers(&short)) {
                prop_assert!((a - b).abs() <= 1e-6 * (1.0 + a.abs()), "{long:?} {short:?}");
            }
        }
    }

    #[test]
    fn speed_is_learnt_and_forgotten() {
        let mut motion = Motion::at(&BBox { x: 0.0, y: 0.0, w: 40.0, h: 100.0 }, &NOISE);
        let step = StepTransition::over(0.1, 5.0, 0.5);
        for i in 1..60 {
            motion.predict(&step, &NOISE);
            motion.update(&BBox { x: 8.0 * f64::from(i), y: 0.0, w: 40.0, h: 100.0 }, &NOISE, 1.0);
        }
        assert!((motion.velocity().0 - 80.0).abs() < 8.0, "{:?}", motion.velocity());
        motion.predict(&StepTransition::over(60.0, 5.0, 0.5), &NOISE);
        assert!(motion.velocity().0.abs() < 0.1, "{:?}", motion.velocity());
    }
}
