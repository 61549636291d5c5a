//! A camera's map to the floor from people who walk before it.
//!
//! Everybody stands upright and is about as tall as others, so where the foot of a box is says where its upper edge should be
//! (Lv, Zhao and Nevatia, "Camera calibration from video of a walking human", IEEE TPAMI 28(9), 2006); and people walk about
//! as fast towards the camera as across its view, which tells the angle of view apart from the height. A pinhole camera with
//! square pixels and its axis in the middle of the picture is fitted to both by weighted least squares (Levenberg and
//! Marquardt), with weights that fall for what does not fit (Cauchy): people who are hidden, sit or stop.
//!
//! How far off that is has two parts. Other people would have given another map: what leaving some of them out says
//! (jackknife). And what is taken for granted of people, boxes and lens may be wrong for all of them alike, which no number of
//! walkers shows: each of these is put off by its own standard deviation, and what that does to the map is added in squares.

mod camera;
#[cfg(test)]
mod tests;

use camera::{Numbers, Pinhole, named, stance};

use super::Homography;
use super::calibration::solved;
use super::length;
use crate::frame::BBox;

/// Fewest people who fix a map.
pub const WALKERS_MIN: usize = 6;

/// What is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WalkerSettings {
    /// Width and height of the picture, pixels.
    pub size: (f64, f64),
    /// How tall people are on average, metres: all lengths follow from it.
    pub height_m: f64,
    /// Horizontal angle of view, degrees, where it is known.
    pub fov_deg: Option<f64>,
}

/// How a camera hangs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stance {
    /// Horizontal angle of view, degrees.
    pub fov_deg: f64,
    /// Downwards, degrees.
    pub tilt_deg: f64,
    /// Clockwise, degrees.
    pub roll_deg: f64,
    /// Above the floor, metres.
    pub height_m: f64,
}

/// A map from walkers, with how well it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct FromWalkers {
    /// From pixels to metres: x to the right and y ahead of the floor below the camera.
    pub map: Homography,
    /// How the camera hangs ...
    pub stance: Stance,
    /// ... and the standard deviation of each number: by leaving out a tenth of the people at a time, and by what is taken
    /// for granted.
    pub deviation: Stance,
    /// Of a place on the floor, as a share of its distance from the camera, likewise.
    pub place_share: f64,
    /// Median difference of a box from what it should be, as a share of its height.
    pub misfit: f64,
    /// People who were used.
    pub walkers: usize,
}

/// Why walkers fix no map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WalkerError {
    /// Too few of them.
    #[error("{0} people walk some way with all of them in view, at least {WALKERS_MIN} are needed")]
    Few(usize),
    /// Their boxes are not what a camera above people sees.
    #[error("the boxes fix no map: people do not look smaller the higher up in the picture they stand")]
    NoFit,
}

/// What is taken for granted, and nobody has measured here.
#[derive(Clone, Copy)]
struct Granted {
    /// How tall people are on average, metres.
    height_m: f64,
    /// A box ends at the nearer foot, so far before the middle of the body, metres.
    ahead_m: f64,
}

/// Nearer foot of somebody who walks, on the average of directions and of a step: half a foot's length, and half of half a
/// step.
const AHEAD_M: f64 = 0.15;
/// How far off that may be, metres: people walk towards the camera or across, and boxes are drawn wide or tight.
const AHEAD_SPREAD: f64 = 0.08;
/// How far off the average height may be, as a share: means of nations spread by 2 % (NCD Risk Factor Collaboration, eLife
/// 5:e13410, 2016), children come along, shoes differ, and detectors draw boxes a little too high or too low.
const AVERAGE_SPREAD: f64 = 0.04;
/// How far off a given angle of view may be, as a share: lenses are named by round numbers, and pictures are cropped.
const FOV_SPREAD: f64 = 0.02;

/// Share of a box's height by which two people differ, and a box from the person.
const HEIGHT_SPREAD: f64 = 0.06;
/// The same of the logarithm of walking speeds.
const SPEED_SPREAD: f64 = 0.25;
/// Cameras hang level, with this standard deviation, radians.
const ROLL_SPREAD: f64 = 0.05;
/// A box counts again after this way, and a speed is taken over that one, in heights of the box.
const STEP: f64 = 0.25;
const WAY: f64 = 2.0;
/// A walker counts no more than so many boxes.
const LOOKS: f64 = 6.0;
/// Boxes this near to the border of the picture may be cut off, pixels.
const BORDER: f64 = 3.0;
/// Less upright boxes are no walking people: width by height.
const UPRIGHT: f64 = 0.7;
/// From this on what does not fit counts less, in spreads.
const ODD: f64 = 2.0;
/// Groups of walkers that are left out in turn.
const GROUPS: usize = 30;

/// A box of a walker, pixels from the middle of the picture.
struct Look {
    foot: (f64, f64),
    top: f64,
    height: f64,
}

/// A way between two feet, walked in so many frames.
struct Way {
    from: (f64, f64),
    to: (f64, f64),
    frames: f64,
}

impl Way {
    /// Logarithm of the metres a frame.
    fn pace(&self, camera: &Pinhole) -> Option<f64> {
        let (a, b) = camera.floor(self.from).zip(camera.floor(self.to))?;
        Some((length(a.0 - b.0, a.1 - b.1) / self.frames).max(1e-6).ln())
    }
}

struct Walker {
    looks: Vec<Look>,
    ways: Vec<Way>,
}

impl Walker {
    /// From boxes with their frames, in order.
    fn new(boxes: &[(u32, BBox)], size: (f64, f64)) -> Option<Self> {
        let whole = |b: &BBox| {
            let inside = b.x > BORDER && b.y > BORDER && b.x + b.w < size.0 - BORDER && b.y + b.h < size.1 - BORDER;
            inside && b.h > 0.0 && b.w < UPRIGHT * b.h
        };
        let (mut walker, mut last) = (Self { looks: Vec::new(), ways: Vec::new() }, None::<(u32, (f64, f64))>);
        for (frame, b) in boxes.iter().filter(|(_, b)| whole(b)) {
            let foot = (b.x + b.w / 2.0 - size.0 / 2.0, b.y + b.h - size.1 / 2.0);
            let moved = |from: (f64, f64)| length(foot.0 - from.0, foot.1 - from.1) / b.h;
            if walker.looks.last().is_none_or(|look| moved(look.foot) >= STEP) {
                walker.looks.push(Look { foot, top: b.y - size.1 / 2.0, height: b.h });
            }
            match last {
                Some((then, from)) if moved(from) >= WAY && *frame > then => {
                    walker.ways.push(Way { from, to: foot, frames: f64::from(frame - then) });
                    last = Some((*frame, foot));
                }
                Some(_) => {}
                None => last = Some((*frame, foot)),
            }
        }
        (walker.looks.len() >= 3).then_some(walker)
    }
}

/// How much every look and way differs from what the numbers say, in spreads, with its weight. What is impossible differs much.
fn differences(n: &Numbers, walkers: &[&Walker], granted: Granted) -> Vec<(f64, f64)> {
    const IMPOSSIBLE: f64 = 20.0;
    let camera = Pinhole::new(n);
    let mut all = vec![(n[2] / ROLL_SPREAD, 1.0)];
    for walker in walkers {
        let share = (LOOKS / walker.looks.len() as f64).min(1.0);
        for look in &walker.looks {
            let off = camera.floor(look.foot).map(|at| granted.off(&camera, at, look));
            all.push((off.map_or(IMPOSSIBLE, |off| off / HEIGHT_SPREAD), share));
        }
        let share = (LOOKS / walker.ways.len() as f64).min(1.0);
        let off = |way: &Way| way.pace(&camera).map_or(IMPOSSIBLE, |pace| (pace - n[4]) / SPEED_SPREAD);
        all.extend(walker.ways.iter().map(|way| (off(way), share)));
    }
    all
}

impl Granted {
    /// How far the upper edge of a box is from where it should be, for a foot at a place, in heights of the box.
    fn off(&self, camera: &Pinhole, (x, y): (f64, f64), look: &Look) -> f64 {
        let away = 1.0 + self.ahead_m / length(x, y).max(self.ahead_m);
        (camera.row((x * away, y * away), self.height_m) - look.top) / look.height
    }
}

/// Cauchy's loss.
fn loss(differences: &[(f64, f64)]) -> f64 {
    differences.iter().map(|(d, weight)| weight * ODD * ODD * (d * d / ODD / ODD).ln_1p()).sum()
}

/// Levenberg and Marquardt from `start`; the angle of view stays where it is `fixed`.
fn fitted(start: Numbers, walkers: &[&Walker], granted: Granted, fixed: bool) -> (Numbers, f64) {
    const ROUNDS: usize = 80;
    const STEP: f64 = 1e-5;
    /// A step that gains less, as a share, is the last.
    const ENOUGH: f64 = 1e-8;
    let (mut n, mut damping) = (start, 1e-2);
    let mut now = differences(&n, walkers, granted);
    for _ in 0..ROUNDS {
        let mut slopes = [const { Vec::new() }; 5];
        for (i, slope) in slopes.iter_mut().enumerate().skip(usize::from(fixed)) {
            let mut moved = n;
            moved[i] += STEP;
            let there = differences(&moved, walkers, granted);
            *slope = there.iter().zip(&now).map(|(a, b)| (a.0 - b.0) / STEP).collect();
        }
        let (mut system, mut right) = ([[0.0; 5]; 5], [0.0; 5]);
        for (k, (d, weight)) in now.iter().enumerate() {
            let weight = weight / (1.0 + d * d / ODD / ODD);
            for i in usize::from(fixed)..5 {
                for j in usize::from(fixed)..5 {
                    system[i][j] += weight * slopes[i][k] * slopes[j][k];
                }
                right[i] -= weight * slopes[i][k] * d;
            }
        }
        for (i, row) in system.iter_mut().enumerate() {
            row[i] = row[i] * (1.0 + damping) + 1e-6;
        }
        let Some(step) = solved(system, right) else { break };
        let moved: Numbers = std::array::from_fn(|i| n[i] + step[i].clamp(-0.3, 0.3));
        let there = differences(&moved, walkers, granted);
        let (better, worse) = (loss(&there), loss(&now));
        if better < worse {
            (n, now, damping) = (moved, there, (damping / 3.0).max(1e-7));
            if worse - better < ENOUGH * worse {
                break;
            }
        } else if damping > 1e6 {
            break;
        } else {
            damping *= 4.0;
        }
    }
    (n, loss(&now))
}

/// Where to begin with a focal length: boxes grow about linearly from the horizon down.
fn start(focal: f64, walkers: &[&Walker], height_m: f64) -> Option<Numbers> {
    let looks = || walkers.iter().flat_map(|walker| &walker.looks);
    let count = looks().count() as f64;
    let mean = looks().fold((0.0, 0.0), |sum, look| (sum.0 + look.foot.1 / count, sum.1 + look.height / count));
    let [vv, vh] = looks().fold([0.0; 2], |[vv, vh], look| {
        let (v, h) = (look.foot.1 - mean.0, look.height - mean.1);
        [vv + v * v, vh + v * h]
    });
    let growth = vh / vv;
    let horizon = mean.0 - mean.1 / growth;
    let mut n = [focal.ln(), (-horizon / focal).atan(), 0.0, (height_m / growth).ln(), 0.0];
    // Most people walk, some stop.
    let camera = Pinhole::new(&n);
    let mut paces: Vec<f64> = walkers.iter().flat_map(|w| &w.ways).filter_map(|way| way.pace(&camera)).collect();
    paces.sort_by(f64::total_cmp);
    n[4] = paces.get(paces.len() / 2).copied().unwrap_or(0.0);
    (growth > 0.0 && growth.is_finite()).then_some(n)
}

/// The map that fits the tracks best: each a walker's boxes with their frames, in order.
///
/// # Errors
/// [`WalkerError`] where they fix none.
pub fn calibrate_by_walkers(tracks: &[Vec<(u32, BBox)>], s: &WalkerSettings) -> Result<FromWalkers, WalkerError> {
    let walkers: Vec<Walker> = tracks.iter().filter_map(|boxes| Walker::new(boxes, s.size)).collect();
    if walkers.len() < WALKERS_MIN {
        return Err(WalkerError::Few(walkers.len()));
    }
    let all: Vec<&Walker> = walkers.iter().collect();
    let granted = Granted { height_m: s.height_m, ahead_m: AHEAD_M };
    let focals = match s.fov_deg {
        Some(degrees) => vec![focal(degrees, s)],
        None => [0.5, 0.8, 1.2, 2.0].map(|share| share * s.size.0).to_vec(),
    };
    let fixed = s.fov_deg.is_some();
    let begun = focals.iter().filter_map(|focal| start(*focal, &all, s.height_m));
    let fits = begun.map(|from| fitted(from, &all, granted, fixed));
    let (best, _) = fits.min_by(|a, b| a.1.total_cmp(&b.1)).ok_or(WalkerError::NoFit)?;
    let camera = Pinhole::new(&best);
    let map = camera.map(s.size).ok_or(WalkerError::NoFit)?;
    let doubt = Doubt::of(&best, &all, granted, s);
    let misfit = |look: &Look| camera.floor(look.foot).map_or(1.0, |at| granted.off(&camera, at, look).abs());
    let mut misfits: Vec<f64> = walkers.iter().flat_map(|walker| &walker.looks).map(misfit).collect();
    misfits.sort_by(f64::total_cmp);
    Ok(FromWalkers {
        map,
        stance: named(stance(&best, s.size.0)),
        deviation: named(doubt.squares.map(f64::sqrt)),
        place_share: doubt.places.sqrt(),
        misfit: misfits[misfits.len() / 2],
        walkers: walkers.len(),
    })
}

fn focal(fov_deg: f64, s: &WalkerSettings) -> f64 {
    s.size.0 / 2.0 / (fov_deg.to_radians() / 2.0).tan()
}

/// Variances: of the stance's numbers, and of places as shares of their distance.
#[derive(Default)]
struct Doubt {
    squares: [f64; 4],
    places: f64,
}

impl Doubt {
    /// Of `best`, which all walkers gave.
    fn of(best: &Numbers, all: &[&Walker], granted: Granted, s: &WalkerSettings) -> Self {
        let fixed = s.fov_deg.is_some();
        let mut doubt = Self::default();
        let mut differs = |start: Numbers, walkers: &[&Walker], granted, weight| {
            let (other, _) = fitted(start, walkers, granted, fixed);
            doubt.add(best, &other, all, s, weight);
        };
        let groups = GROUPS.min(all.len());
        // Jackknife: groups that are left out differ less than samples would (Efron and Tibshirani, chapter 11).
        let weight = (groups as f64 - 1.0) / groups as f64;
        for group in 0..groups {
            let others = all.iter().enumerate().filter(|(i, _)| i % groups != group).map(|(_, walker)| *walker);
            differs(*best, &others.collect::<Vec<_>>(), granted, weight);
        }
        differs(*best, all, Granted { height_m: granted.height_m * (1.0 + AVERAGE_SPREAD), ..granted }, 1.0);
        differs(*best, all, Granted { ahead_m: granted.ahead_m + AHEAD_SPREAD, ..granted }, 1.0);
        if let Some(fov) = s.fov_deg {
            let mut start = *best;
            start[0] = focal(fov * (1.0 + FOV_SPREAD), s).ln();
            differs(start, all, granted, 1.0);
        }
        doubt
    }

    /// By how much `other` differs from `best`, with a weight.
    fn add(&mut self, best: &Numbers, other: &Numbers, walkers: &[&Walker], s: &WalkerSettings, weight: f64) {
        let (one, two) = (Pinhole::new(best), Pinhole::new(other));
        let moved = |foot: &(f64, f64)| {
            let (a, b) = one.floor(*foot).zip(two.floor(*foot))?;
            Some((length(a.0 - b.0, a.1 - b.1) / length(a.0, a.1)).min(1.0).powi(2))
        };
        let feet = || walkers.iter().flat_map(|walker| &walker.looks).map(|look| look.foot);
        self.places += weight * feet().map(|foot| moved(&foot).unwrap_or(1.0)).sum::<f64>() / feet().count() as f64;
        let (a, b) = (stance(best, s.size.0), stance(other, s.size.0));
        for (square, (a, b)) in self.squares.iter_mut().zip(a.into_iter().zip(b)) {
            *square += weight * (a - b).powi(2);
        }
    }
}
