//! Time of one face's signals: a second of frames, then that second's readings.
//!
//! `cargo bench --bench vitals --no-default-features`. A second of a face may take 30 ms of one core (3 %).

use std::f64::consts::TAU;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use greenlane::biosignal::Rgb;
use greenlane::biosignal::monitor::{FaceFrame, FaceMonitor, RegionRole};
use greenlane::time::MediaTime;

/// Skin with a pulse, at 30 frames a second; each place with noise of its own.
fn colour(frame: u32, place: u32) -> Option<Rgb> {
    let t = f64::from(frame) / 30.0;
    let pulse = 0.004 * (TAU * 1.2 * t).sin();
    let grain = 0.02 * f64::from((frame * 7919 + place * 104_729) % 101) / 101.0;
    Some([(150.0, 0.33), (110.0, 0.77), (90.0, 0.53)].map(|(mean, share)| mean * (1.0 + share * pulse) + grain))
}

/// Three regions.
fn colours(frame: u32) -> [Option<Rgb>; 3] {
    [0, 1, 2].map(|region| colour(frame, region))
}

/// Their patches.
fn patches(frame: u32) -> [Option<Rgb>; 18] {
    std::array::from_fn(|patch| colour(frame, 3 + patch as u32))
}

fn second(c: &mut Criterion) {
    let mut monitor = FaceMonitor::new(&[RegionRole::Skin; 3], None);
    let mut frame = 0;
    let mut step = |monitor: &mut FaceMonitor| {
        for _ in 0..30 {
            let at = MediaTime::from_seconds(f64::from(frame) / 30.0);
            monitor.push(FaceFrame {
                at,
                keyframe: false,
                colours: &colours(frame),
                patches: &patches(frame),
                place: None,
                wave: None,
            });
            frame += 1;
            if let Some(end) = monitor.due() {
                black_box(monitor.read(end));
            }
        }
    };
    for _ in 0..60 {
        step(&mut monitor);
    }
    let mut group = c.benchmark_group("vitals");
    group.sample_size(20);
    group.bench_function("one_second_of_one_face_three_regions", |b| b.iter(|| step(&mut monitor)));
    group.finish();
}

criterion_group!(benches, second);
criterion_main!(benches);
