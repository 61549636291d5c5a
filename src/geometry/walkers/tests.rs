//! Simulated crowds before cameras that are known.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

use super::*;

const SIZE: (f64, f64) = (1280.0, 720.0);

/// A camera and people who walk straight across what it sees; what is granted holds for them as well as it is said to.
struct Trial {
    camera: Numbers,
    /// As a site would state it.
    fov_deg: f64,
    tracks: Vec<Vec<(u32, BBox)>>,
}

fn trial(count: usize, seed: u64) -> Trial {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut normal = |mean: f64, spread: f64| Normal::new(mean, spread).unwrap().sample(&mut rng);
    let camera = [normal(6.75, 0.15), normal(0.36, 0.05), normal(0.0, 0.02), normal(1.3, 0.12), 0.0];
    let fov_deg = stance(&camera, SIZE.0)[0] * (1.0 + normal(0.0, FOV_SPREAD));
    let average = 1.7 * (1.0 + normal(0.0, AVERAGE_SPREAD));
    let ahead = normal(AHEAD_M, AHEAD_SPREAD).max(0.0);
    let eye = Pinhole::new(&camera);
    let to_pixel = eye.map(SIZE).unwrap().inverse();
    let mut tracks = Vec::new();
    for _ in 0..count {
        let (tall, pace) = (normal(average, 0.08), normal(1.3, 0.2).max(0.4) / 10.0);
        let (x, y, turn) = (normal(0.0, 2.0), normal(9.0, 2.5).abs() + 2.0, normal(0.0, 2.0));
        let mut seen = Vec::new();
        for frame in 0..120 {
            let way = (f64::from(frame) - 60.0) * pace;
            let (x, y) = (x + way * turn.cos(), y + way * turn.sin());
            let nearer = 1.0 - ahead / length(x, y);
            if y < 1.5 {
                continue;
            }
            let Some((u, v)) = to_pixel.apply(x * nearer, y * nearer) else { continue };
            let top = eye.row((x, y), tall) + SIZE.1 / 2.0;
            let h = v - top;
            if h < 10.0 {
                continue;
            }
            let (bottom, top) = (v + normal(0.0, 0.02 * h), top + normal(0.0, 0.02 * h));
            seen.push((frame as u32, BBox { x: u - 0.2 * h, y: top, w: 0.4 * h, h: bottom - top }));
        }
        tracks.push(seen);
    }
    Trial { camera, fov_deg, tracks }
}

fn settings(fov_deg: Option<f64>) -> WalkerSettings {
    WalkerSettings { size: SIZE, height_m: 1.7, fov_deg }
}

/// How far places really are off, as a share of their distance: root of the mean square over where people walked.
fn off(found: &FromWalkers, trial: &Trial) -> f64 {
    let truth = Pinhole::new(&trial.camera);
    let walkers = trial.tracks.iter().filter_map(|boxes| Walker::new(boxes, SIZE));
    let feet: Vec<(f64, f64)> = walkers.flat_map(|walker| walker.looks).map(|look| look.foot).collect();
    let square = |foot: &(f64, f64)| {
        let place = truth.floor(*foot).zip(found.map.apply(foot.0 + SIZE.0 / 2.0, foot.1 + SIZE.1 / 2.0));
        place.map_or(1.0, |(a, b)| (length(a.0 - b.0, a.1 - b.1) / length(a.0, a.1)).min(1.0).powi(2))
    };
    (feet.iter().map(square).sum::<f64>() / feet.len() as f64).sqrt()
}

/// The middle one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn places_are_as_far_off_as_is_told() {
    // Walkers; whether the angle of view is given; most of the error's median.
    for (count, known, most) in [(8, true, 0.09), (25, true, 0.07), (25, false, 0.2)] {
        let (mut errors, mut shares) = (Vec::new(), Vec::new());
        for seed in 0..TRIALS {
            let trial = trial(count, seed);
            let found = calibrate_by_walkers(&trial.tracks, &settings(known.then_some(trial.fov_deg))).unwrap();
            errors.push(off(&found, &trial));
            shares.push(off(&found, &trial) / found.place_share);
        }
        let inside = shares.iter().filter(|share| **share <= 2.0).count() as f64 / shares.len() as f64;
        let (error, share) = (median(errors), median(shares));
        println!(
            "{count} walkers, {known}: off by {error:.3}, {share:.2} of what is told, {inside:.3} within twice that"
        );
        assert!(error < most, "{count} walkers: {error}");
        assert!(inside >= 0.9, "{count} walkers: {inside} within two deviations");
        assert!((0.4..1.1).contains(&share), "{count} walkers: {share} of what is told");
    }
}

/// Of each row.
const TRIALS: u64 = 30;

#[test]
fn a_camera_hangs_as_is_told() {
    let (mut inside, mut count) = (0, 0);
    for seed in 100..100 + TRIALS {
        let trial = trial(25, seed);
        let truth = named(stance(&trial.camera, SIZE.0));
        let found = calibrate_by_walkers(&trial.tracks, &settings(Some(trial.fov_deg))).unwrap();
        for (a, b, deviation) in [
            (found.stance.fov_deg, truth.fov_deg, found.deviation.fov_deg),
            (found.stance.tilt_deg, truth.tilt_deg, found.deviation.tilt_deg),
            (found.stance.roll_deg, truth.roll_deg, found.deviation.roll_deg),
            (found.stance.height_m, truth.height_m, found.deviation.height_m),
        ] {
            inside += usize::from((a - b).abs() <= 2.0 * deviation);
            count += 1;
        }
    }
    assert!(inside * 100 >= count * 88, "{inside} of {count} within two deviations");
}

#[test]
fn people_who_fix_no_map_are_refused() {
    assert_eq!(calibrate_by_walkers(&trial(4, 1).tracks, &settings(None)), Err(WalkerError::Few(4)));
    let upside_down = |(frame, b): &(u32, BBox)| (*frame, BBox { y: SIZE.1 - b.y - b.h, ..*b });
    let tracks: Vec<Vec<(u32, BBox)>> =
        trial(12, 1).tracks.iter().map(|one| one.iter().map(upside_down).collect()).collect();
    assert_eq!(calibrate_by_walkers(&tracks, &settings(None)), Err(WalkerError::NoFit));
}
