//! Under what conditions a face was seen: hard gates, each with its reason.
//!
//! What is gated here is what the colours alone do not show: size, motion, light cut off at either end, a camera that
//! turns its gain. Everything is kept by second, so that a gate speaks of the same time as the reading.

use std::collections::VecDeque;

use super::estimate::{Reason, Window};
use super::methods::Rgb;
use super::trace::KEPT_S;
use crate::face::{PATCHES, RegionColour};
use crate::time::MediaTime;

/// Most seconds kept.
const SECONDS_MAX: usize = KEPT_S as usize + 2;
/// A face narrower than this has too few pixels, whatever the averaging.
const WIDTH_MIN: f64 = 40.0;
/// Fewer pixels of skin than this are dominated by the camera's noise and by which pixels fall in.
const PIXELS_MIN: f64 = 150.0;
/// More than this part of the skin cut off at the bright end.
const SATURATED_MAX: f64 = 0.3;
/// More than this part of the skin too dark.
const DARK_MAX: f64 = 0.3;
/// Green in linear light below this (sRGB 21 of 255): one step of the 8-bit value is over 5 % of it.
const GREEN_MIN: f64 = 2.0;
/// Way of the face's middle, face widths a second on average.
const SPEED_MAX: f64 = 0.5;
/// The way is measured on positions averaged with this time constant, so that a detector's jitter is no way, seconds.
const POSITION_S: f64 = 0.25;
/// The background's level is compared with its average over this time, seconds ...
const LEVEL_S: f64 = 0.5;
/// ... and a change of any colour by more than this part of it is a step of the camera or of the light.
const STEP: f64 = 0.06;
/// Part of the seconds that may hold a step.
const STEPS_MAX: f64 = 0.1;
/// Between frames farther apart nothing is compared, seconds.
const GAP_S: f64 = 1.0;

/// How a face was seen in one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// The middle of the face and its width, pixels.
    pub centre: (f64, f64),
    /// See `centre`.
    pub width: f64,
    /// Of all its skin regions together.
    pub skin: Option<RegionColour>,
    /// What is beside it.
    pub background: Option<Rgb>,
}

/// Sums over the frames of one second.
#[derive(Debug, Clone, Copy, Default)]
struct Second {
    number: i64,
    frames: f64,
    width: f64,
    pixels: f64,
    saturated: f64,
    dark: f64,
    green: f64,
    way: f64,
    stepped: bool,
}

/// The last minute's conditions of one face. Bounded; allocates once.
#[derive(Debug, Clone)]
pub struct Conditions {
    seconds: VecDeque<Second>,
    last: Option<MediaTime>,
    position: (f64, f64),
    level: Option<Rgb>,
}

impl Default for Conditions {
    fn default() -> Self {
        Self { seconds: VecDeque::with_capacity(SECONDS_MAX), last: None, position: (0.0, 0.0), level: None }
    }
}

impl Conditions {
    /// Takes in a frame.
    pub fn push(&mut self, at: MediaTime, sight: &Sight) {
        let since = self.last.replace(at).map(|last| at.since(last)).filter(|s| (0.0..GAP_S).contains(s));
        let way = self.moved(sight, since);
        let stepped = self.stepped(sight.background, since);
        let number = at.seconds().floor() as i64;
        if self.seconds.back().is_none_or(|s| s.number != number) {
            if self.seconds.len() == SECONDS_MAX {
                self.seconds.pop_front();
            }
            self.seconds.push_back(Second { number, ..Second::default() });
        }
        let (Some(second), Some(skin)) = (self.seconds.back_mut(), sight.skin) else { return };
        second.frames += 1.0;
        second.width += sight.width;
        second.pixels += f64::from(skin.pixels);
        second.saturated += skin.saturated;
        second.dark += skin.dark;
        second.green += skin.rgb[1];
        second.way += way;
        second.stepped |= stepped;
    }

    /// What speaks against a reading of `window`.
    #[must_use]
    pub fn reasons(&self, window: Window) -> Vec<Reason> {
        let (from, to) = (window.start.seconds().floor() as i64, window.end.seconds().ceil() as i64);
        let seconds = || self.seconds.iter().filter(|s| (from..to).contains(&s.number));
        let sum = |of: fn(&Second) -> f64| seconds().map(of).sum::<f64>();
        let (count, frames) = (seconds().count() as f64, sum(|s| s.frames));
        if frames == 0.0 {
            return Vec::new();
        }
        let small = sum(|s| s.width) / frames < WIDTH_MIN || sum(|s| s.pixels) / frames < PIXELS_MIN;
        let dark = sum(|s| s.dark) / frames > DARK_MAX || sum(|s| s.green) / frames < GREEN_MIN;
        let stepped = seconds().filter(|s| s.stepped).count() as f64;
        [
            (small, Reason::FaceSmall),
            (dark, Reason::LowLight),
            (sum(|s| s.saturated) / frames > SATURATED_MAX, Reason::Saturated),
            (stepped / count > STEPS_MAX, Reason::Agc),
            (sum(|s| s.way) / count > SPEED_MAX, Reason::Motion),
        ]
        .into_iter()
        .filter_map(|(holds, reason)| holds.then_some(reason))
        .collect()
    }

    /// How far the averaged position went, face widths.
    fn moved(&mut self, sight: &Sight, since: Option<f64>) -> f64 {
        let Some(since) = since else {
            self.position = sight.centre;
            return 0.0;
        };
        let share = 1.0 - (-since / POSITION_S).exp();
        let step = (share * (sight.centre.0 - self.position.0), share * (sight.centre.1 - self.position.1));
        self.position = (self.position.0 + step.0, self.position.1 + step.1);
        step.0.hypot(step.1) / sight.width
    }

    fn stepped(&mut self, background: Option<Rgb>, since: Option<f64>) -> bool {
        let Some(now) = background else {
            self.level = None;
            return false;
        };
        let (Some(level), Some(since)) = (&mut self.level, since) else {
            self.level = Some(now);
            return false;
        };
        let share = 1.0 - (-since / LEVEL_S).exp();
        let mut stepped = false;
        for (level, now) in level.iter_mut().zip(now) {
            stepped |= (now - *level).abs() > STEP * level.max(1.0);
            *level += share * (now - *level);
        }
        stepped
    }
}

/// The skin regions of a face as one: the mean of their colours by pixels, the sum of these.
#[must_use]
pub fn together(regions: &[Option<RegionColour>]) -> Option<RegionColour> {
    let pixels: u32 = regions.iter().flatten().map(|r| r.pixels).sum();
    let mean = |of: &dyn Fn(&RegionColour) -> f64| {
        regions.iter().flatten().map(|r| of(r) * f64::from(r.pixels)).sum::<f64>() / f64::from(pixels)
    };
    (pixels > 0).then(|| RegionColour {
        rgb: [0, 1, 2].map(|channel| mean(&|r| r.rgb[channel])),
        pixels,
        saturated: mean(&|r| r.saturated),
        dark: mean(&|r| r.dark),
        patches: [None; PATCHES],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skin(rgb: Rgb, pixels: u32, saturated: f64, dark: f64) -> Option<RegionColour> {
        Some(RegionColour { rgb, pixels, saturated, dark, patches: [None; PATCHES] })
    }

    fn good() -> Sight {
        let background = Some([90.0, 100.0, 110.0]);
        Sight { centre: (200.0, 200.0), width: 100.0, skin: skin([90.0, 50.0, 40.0], 3000, 0.0, 0.0), background }
    }

    /// What holds over the last ten of twenty seconds at 20 frames a second.
    fn reasons(of: impl Fn(f64) -> Sight) -> Vec<Reason> {
        let mut conditions = Conditions::default();
        for frame in 0..400 {
            let t = f64::from(frame) / 20.0;
            conditions.push(MediaTime::from_seconds(t), &of(t));
        }
        conditions.reasons(Window { start: MediaTime::from_seconds(10.0), end: MediaTime::from_seconds(20.0) })
    }

    #[test]
    fn each_gate_has_its_reason() {
        let swing = |t: f64, size: f64, hz: f64| (200.0 + size * (std::f64::consts::TAU * hz * t).sin(), 200.0);
        let light = |t: f64| Some(if t % 4.0 < 2.0 { [90.0; 3] } else { [100.0; 3] });
        type Of = Box<dyn Fn(f64) -> Sight>;
        let rows: [(&str, Of, &[Reason]); 9] = [
            ("all is well", Box::new(|_| good()), &[]),
            ("narrow", Box::new(|_| Sight { width: 39.0, ..good() }), &[Reason::FaceSmall]),
            (
                "few pixels",
                Box::new(|_| Sight { skin: skin([90.0; 3], 100, 0.0, 0.0), ..good() }),
                &[Reason::FaceSmall],
            ),
            (
                "dark",
                Box::new(|_| Sight { skin: skin([9.0, 1.5, 1.0], 3000, 0.0, 0.2), ..good() }),
                &[Reason::LowLight],
            ),
            ("bright", Box::new(|_| Sight { skin: skin([250.0; 3], 3000, 0.5, 0.0), ..good() }), &[Reason::Saturated]),
            ("a slow sway", Box::new(move |t| Sight { centre: swing(t, 10.0, 0.3), ..good() }), &[]),
            ("jitter", Box::new(move |t| Sight { centre: swing(t, 2.0, 9.0), ..good() }), &[]),
            ("a shaken head", Box::new(move |t| Sight { centre: swing(t, 25.0, 1.0), ..good() }), &[Reason::Motion]),
            ("hunting gain", Box::new(move |t| Sight { background: light(t), ..good() }), &[Reason::Agc]),
        ];
        for (name, of, expected) in rows {
            assert_eq!(reasons(of), expected, "{name}");
        }
    }

    #[test]
    fn what_was_before_the_window_does_not_count() {
        let before = |t: f64| if t < 9.0 { Sight { width: 10.0, ..good() } } else { good() };
        assert_eq!(reasons(before), []);
        let gap = Window { start: MediaTime::from_seconds(50.0), end: MediaTime::from_seconds(60.0) };
        assert_eq!(Conditions::default().reasons(gap), []);
    }

    #[test]
    fn regions_count_by_their_pixels() {
        let all = together(&[skin([10.0; 3], 100, 0.0, 0.5), None, skin([40.0; 3], 200, 0.3, 0.5)]).expect("two");
        assert_eq!((all.rgb, all.pixels, all.dark), ([30.0; 3], 300, 0.5));
        assert!((all.saturated - 0.2).abs() < 1e-12);
        assert_eq!(together(&[None, None]), None);
    }
}
