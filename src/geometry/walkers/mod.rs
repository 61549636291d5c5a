//! A camera's map to the floor from people who walk before it.
//!
//! Everybody stands upright and is about as tall as others, so where the foot of a box is says where its upper edge should be
//! (Lv, Zhao and Nevatia, "Camera calibration from video of a walking human", IEEE TPAMI 28(9), 2006); and people walk about
//! as fast towards the camera as across its view, which tells the angle of view apart from the height. A pinhole camera with
//! square pixels and its axis in the middle of the picture is fitted to both by weighted least squares (Levenberg and
//! Marquardt), with weights that fall for what does not fit (Cauchy): people who are hidden, sit or stop.

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
    /// ... and the standard deviation of each number, by leaving out a tenth of the people at a time.
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
const GROUPS: usize = 10;

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

/// What is fitted: logarithm of the focal length in pixels, tilt and roll in radians, logarithm of the height in metres.
type Numbers = [f64; 4];

#[derive(Clone, Copy)]
struct Pinhole {
    focal: f64,
    tilt: (f64, f64),
    roll: (f64, f64),
    height: f64,
}

impl Pinhole {
    fn new(n: &Numbers) -> Self {
        Self { focal: n[0].exp(), tilt: n[1].sin_cos(), roll: n[2].sin_cos(), height: n[3].exp() }
    }

    /// The floor at a pixel from the middle; `None` on and above the horizon.
    fn floor(&self, (u, v): (f64, f64)) -> Option<(f64, f64)> {
        let ((sin, cos), (rs, rc)) = (self.tilt, self.roll);
        let (a, b) = ((rc * u + rs * v) / self.focal, (rc * v - rs * u) / self.focal);
        let down = sin + b * cos;
        (down > 1e-3).then(|| (self.height * a / down, self.height * (cos - b * sin) / down))
    }

    /// Row of the picture, from the middle, of what is `metres` above a place on the floor.
    fn row(&self, (x, y): (f64, f64), metres: f64) -> f64 {
        let ((sin, cos), (rs, rc)) = (self.tilt, self.roll);
        let below = self.height - metres;
        let depth = (y * cos + below * sin).max(1e-3);
        let (a, b) = (x / depth * self.focal, (below * cos - y * sin) / depth * self.focal);
        rs * a + rc * b
    }

    /// From pixels of the whole picture.
    fn map(&self, size: (f64, f64)) -> Option<Homography> {
        let ((sin, cos), (rs, rc)) = (self.tilt, self.roll);
        let (h, f, cx, cy) = (self.height, self.focal, size.0 / 2.0, size.1 / 2.0);
        // Across and down, in focal lengths, are linear in the pixel; so are all three rows.
        let across = [rc / f, rs / f, -(rc * cx + rs * cy) / f];
        let down = [-rs / f, rc / f, (rs * cx - rc * cy) / f];
        let row = |constant: f64, a: f64, d: f64| {
            [a * across[0] + d * down[0], a * across[1] + d * down[1], a * across[2] + d * down[2] + constant]
        };
        let rows = [row(0.0, h, 0.0), row(h * cos, 0.0, -h * sin), row(sin, 0.0, cos)].concat();
        Homography::new(rows.try_into().ok()?)
    }
}

/// How much every look and way differs from what the numbers say, in spreads, with its weight. What is impossible differs much.
fn differences(n: &Numbers, walkers: &[&Walker], height_m: f64) -> Vec<(f64, f64)> {
    const IMPOSSIBLE: f64 = 20.0;
    let camera = Pinhole::new(n);
    let (mut all, mut paces) = (vec![(n[2] / ROLL_SPREAD, 1.0)], Vec::new());
    for walker in walkers {
        let share = (LOOKS / walker.looks.len() as f64).min(1.0);
        for look in &walker.looks {
            let off = camera.floor(look.foot).map(|at| (camera.row(at, height_m) - look.top) / look.height);
            all.push((off.map_or(IMPOSSIBLE, |off| off / HEIGHT_SPREAD), share));
        }
        for way in &walker.ways {
            let pace = camera.floor(way.from).zip(camera.floor(way.to));
            let pace = pace.map(|(a, b)| (length(a.0 - b.0, a.1 - b.1) / way.frames).max(1e-6).ln());
            paces.push((pace, (LOOKS / walker.ways.len() as f64).min(1.0)));
        }
    }
    // The usual pace is their median: most people walk, some stop.
    let mut known: Vec<f64> = paces.iter().filter_map(|pace| pace.0).collect();
    known.sort_by(f64::total_cmp);
    let usual = known.get(known.len() / 2).copied().unwrap_or(0.0);
    all.extend(paces.iter().map(|(pace, share)| (pace.map_or(IMPOSSIBLE, |p| (p - usual) / SPEED_SPREAD), *share)));
    all
}

/// Cauchy's loss.
fn loss(differences: &[(f64, f64)]) -> f64 {
    differences.iter().map(|(d, weight)| weight * ODD * ODD * (d * d / ODD / ODD).ln_1p()).sum()
}

/// Levenberg and Marquardt from `start`; the angle of view stays where it is `fixed`.
fn fitted(start: Numbers, walkers: &[&Walker], height_m: f64, fixed: bool) -> (Numbers, f64) {
    const ROUNDS: usize = 80;
    const STEP: f64 = 1e-5;
    let (mut n, mut damping) = (start, 1e-2);
    let mut now = differences(&n, walkers, height_m);
    for _ in 0..ROUNDS {
        let mut slopes = [const { Vec::new() }; 4];
        for (i, slope) in slopes.iter_mut().enumerate().skip(usize::from(fixed)) {
            let mut moved = n;
            moved[i] += STEP;
            let there = differences(&moved, walkers, height_m);
            *slope = there.iter().zip(&now).map(|(a, b)| (a.0 - b.0) / STEP).collect();
        }
        let (mut system, mut right) = ([[0.0; 4]; 4], [0.0; 4]);
        for (k, (d, weight)) in now.iter().enumerate() {
            let weight = weight / (1.0 + d * d / ODD / ODD);
            for i in usize::from(fixed)..4 {
                for j in usize::from(fixed)..4 {
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
        let there = differences(&moved, walkers, height_m);
        if loss(&there) < loss(&now) {
            (n, now, damping) = (moved, there, (damping / 3.0).max(1e-7));
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
    (growth > 0.0 && growth.is_finite()).then(|| [focal.ln(), (-horizon / focal).atan(), 0.0, (height_m / growth).ln()])
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
    let focals = match s.fov_deg {
        Some(degrees) => vec![s.size.0 / 2.0 / (degrees.to_radians() / 2.0).tan()],
        None => [0.5, 0.8, 1.2, 2.0].map(|share| share * s.size.0).to_vec(),
    };
    let fixed = s.fov_deg.is_some();
    let begun = focals.iter().filter_map(|focal| start(*focal, &all, s.height_m));
    let fits = begun.map(|from| fitted(from, &all, s.height_m, fixed));
    let (best, _) = fits.min_by(|a, b| a.1.total_cmp(&b.1)).ok_or(WalkerError::NoFit)?;
    let camera = Pinhole::new(&best);
    let map = camera.map(s.size).ok_or(WalkerError::NoFit)?;
    let feet: Vec<(f64, f64)> = walkers.iter().flat_map(|walker| &walker.looks).map(|look| look.foot).collect();
    let (mut squares, mut places) = ([0.0; 4], 0.0);
    let groups = GROUPS.min(walkers.len());
    for group in 0..groups {
        let others = all.iter().enumerate().filter(|(i, _)| i % groups != group).map(|(_, walker)| *walker);
        let (without, _) = fitted(best, &others.collect::<Vec<_>>(), s.height_m, fixed);
        let moved = |foot: &(f64, f64)| {
            let (a, b) = camera.floor(*foot).zip(Pinhole::new(&without).floor(*foot))?;
            Some((length(a.0 - b.0, a.1 - b.1) / length(a.0, a.1)).min(1.0).powi(2))
        };
        places += feet.iter().map(|foot| moved(foot).unwrap_or(1.0)).sum::<f64>() / feet.len() as f64;
        let (a, b) = (stance(&best, s.size.0), stance(&without, s.size.0));
        for (square, (a, b)) in squares.iter_mut().zip(a.into_iter().zip(b)) {
            *square += (a - b).powi(2);
        }
    }
    // Jackknife: groups that are left out differ less than samples would (Efron and Tibshirani, chapter 11).
    let spread = |square: f64| (square * (groups as f64 - 1.0) / groups as f64).sqrt();
    let mut misfits: Vec<f64> =
        walkers.iter().flat_map(|walker| &walker.looks).map(|look| misfit(&camera, look, s)).collect();
    misfits.sort_by(f64::total_cmp);
    Ok(FromWalkers {
        map,
        stance: named(stance(&best, s.size.0)),
        deviation: named(squares.map(spread)),
        place_share: spread(places),
        misfit: misfits[misfits.len() / 2],
        walkers: walkers.len(),
    })
}

fn misfit(camera: &Pinhole, look: &Look, s: &WalkerSettings) -> f64 {
    camera.floor(look.foot).map_or(1.0, |at| ((camera.row(at, s.height_m) - look.top) / look.height).abs())
}

fn stance(n: &Numbers, width: f64) -> [f64; 4] {
    let fov = 2.0 * (width / 2.0 / n[0].exp()).atan();
    [fov.to_degrees(), n[1].to_degrees(), n[2].to_degrees(), n[3].exp()]
}

fn named([fov_deg, tilt_deg, roll_deg, height_m]: [f64; 4]) -> Stance {
    Stance { fov_deg, tilt_deg, roll_deg, height_m }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, Normal};

    use super::*;

    const SIZE: (f64, f64) = (1280.0, 720.0);
    /// A camera 3.6 m above the floor that looks down by 20 degrees, a little askew.
    const CAMERA: Numbers = [6.85, 0.35, 0.03, 1.281];

    /// So many people who walk straight across what it sees; boxes differ by 2 % of their height from where they are.
    fn tracks(count: usize, seed: u64) -> Vec<Vec<(u32, BBox)>> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let camera = Pinhole::new(&CAMERA);
        let mut normal = |mean: f64, spread: f64| Normal::new(mean, spread).unwrap().sample(&mut rng);
        let walker = |_| {
            let (tall, pace) = (normal(1.7, 0.07), normal(1.3, 0.15) / 10.0);
            let (x, y, turn) = (normal(0.0, 2.0), normal(9.0, 2.5).abs() + 2.0, normal(0.0, 2.0));
            let sighting = |frame: u32| {
                let way = (f64::from(frame) - 60.0) * pace;
                let at = (x + way * turn.cos(), y + way * turn.sin());
                let pixel = camera.map(SIZE)?.inverse().apply(at.0, at.1)?;
                let top = camera.row(at, tall) + SIZE.1 / 2.0;
                let h = pixel.1 - top;
                (at.1 > 1.0 && h > 10.0).then_some((frame, pixel, h))
            };
            (0..120).filter_map(sighting).collect::<Vec<_>>()
        };
        let exact: Vec<_> = (0..count).map(walker).collect();
        let mut off = |h: f64| Normal::new(0.0, 0.02 * h).unwrap().sample(&mut rng);
        let mut seen = |(frame, (u, v), h): (u32, (f64, f64), f64)| {
            let (bottom, top) = (v + off(h), v - h + off(h));
            (frame, BBox { x: u - 0.2 * h, y: top, w: 0.4 * h, h: bottom - top })
        };
        exact.into_iter().map(|one| one.into_iter().map(&mut seen).collect()).collect()
    }

    fn settings(fov_deg: Option<f64>) -> WalkerSettings {
        WalkerSettings { size: SIZE, height_m: 1.7, fov_deg }
    }

    /// Median error of the distance between two places on the floor, as a share of it.
    fn distance_error(map: &Homography) -> f64 {
        let truth = Pinhole::new(&CAMERA).map(SIZE).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let mut pixel = || (rng.random_range(100.0..1180.0), rng.random_range(250.0..700.0));
        let mut off: Vec<f64> = (0..500)
            .map(|_| {
                let (p, q): ((f64, f64), (f64, f64)) = (pixel(), pixel());
                let between = |map: &Homography| {
                    let (a, b) = (map.apply(p.0, p.1).unwrap(), map.apply(q.0, q.1).unwrap());
                    length(a.0 - b.0, a.1 - b.1)
                };
                (between(map) / between(&truth) - 1.0).abs()
            })
            .collect();
        off.sort_by(f64::total_cmp);
        off[off.len() / 2]
    }

    #[test]
    fn walkers_give_the_camera_back_within_what_is_told() {
        let truth = named(stance(&CAMERA, SIZE.0));
        let (mut inside, mut count) = (0, 0);
        for seed in 0..4 {
            let found = calibrate_by_walkers(&tracks(30, seed), &settings(None)).unwrap();
            assert!(distance_error(&found.map) < 0.15, "{seed}: {found:?}");
            let known = calibrate_by_walkers(&tracks(30, seed), &settings(Some(truth.fov_deg))).unwrap();
            assert!(distance_error(&known.map) < 0.08, "{seed}: {known:?}");
            assert_eq!(known.deviation.fov_deg, 0.0);
            for (a, b, deviation) in [
                (found.stance.fov_deg, truth.fov_deg, found.deviation.fov_deg),
                (found.stance.tilt_deg, truth.tilt_deg, found.deviation.tilt_deg),
                (found.stance.height_m, truth.height_m, found.deviation.height_m),
            ] {
                inside += usize::from((a - b).abs() <= 2.0 * deviation);
                count += 1;
            }
        }
        assert!(inside * 10 >= count * 7, "{inside} of {count} within two deviations");
    }

    #[test]
    fn people_who_fix_no_map_are_refused() {
        assert_eq!(calibrate_by_walkers(&tracks(4, 1), &settings(None)), Err(WalkerError::Few(4)));
        let upside_down = |(frame, b): &(u32, BBox)| (*frame, BBox { y: SIZE.1 - b.y - b.h, ..*b });
        let tracks: Vec<Vec<(u32, BBox)>> =
            tracks(12, 1).iter().map(|one| one.iter().map(upside_down).collect()).collect();
        assert_eq!(calibrate_by_walkers(&tracks, &settings(None)), Err(WalkerError::NoFit));
    }
}
