//! Time of all behaviours per frame with 50 tracks: 40 people and 10 bags in a hall with zones of every kind.
//!
//! `cargo bench --bench behaviour --no-default-features`

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use greenlane::behaviour::{Behaviours, Moment, Rules};
use greenlane::evaluation::events::ordinary;
use greenlane::frame::{BBox, ObjectClass};
use greenlane::ids::TrackId;
use greenlane::simulation::World;
use greenlane::time::MediaTime;
use greenlane::tracking::{Track, TrackState};

const PEOPLE: u64 = 40;
const BAGS: u64 = 10;
const FRAMES: u32 = 100;
const SIZE: (f64, f64) = (1280.0, 720.0);

/// Everybody walks, the bags with the first ten of them.
fn tracks(frame: u32) -> Vec<Track> {
    let t = f64::from(frame) / 10.0;
    let at = MediaTime::from_seconds(t);
    let one = |i: u64| {
        let person = i % PEOPLE;
        let (column, row) = ((person % 8) as f64, (person / 8) as f64);
        let away = 0.3 * (t + i as f64).sin();
        let (x, y, h) =
            (100.0 + 140.0 * column + 30.0 * t * away, 260.0 + 80.0 * row + 8.0 * away * t, 120.0 + 14.0 * row);
        let bbox = BBox { x, y: y - h, w: h / 3.0, h };
        let (class, bbox) = if i < PEOPLE {
            (ObjectClass::Person, bbox)
        } else {
            (ObjectClass::Suitcase, BBox { x: x + h / 3.0, y: y - h / 3.0, w: h / 4.0, h: h / 3.0 })
        };
        Track {
            id: TrackId(i + 1),
            class,
            bbox,
            score: 0.9,
            state: TrackState::Confirmed,
            matched: true,
            first_seen: MediaTime(0),
            last_seen: at,
            matches: frame + 1,
            velocity: (0.0, 0.0),
            appearance: None,
        }
    };
    (0..PEOPLE + BAGS).map(one).collect()
}

fn moment(frame: u32) -> Moment {
    let at = f64::from(frame) / 10.0;
    Moment { at, unix_micros: (at * 1e6) as i64, size: SIZE }
}

fn all_behaviours(c: &mut Criterion) {
    let staged = ordinary(1);
    let world = World::new(&staged.scenario, 1).expect("playable");
    let floor = world.floor_map(0).map(|map| map.rows());
    let frames: Vec<Vec<Track>> = (0..2 * FRAMES).map(tracks).collect();
    let mut warm = Behaviours::new(Rules { floor, ..staged.rules });
    let mut told = Vec::new();
    for frame in 0..FRAMES {
        warm.frame(&moment(frame), &frames[frame as usize], &mut told).expect("usable rules");
    }
    // One iteration is FRAMES frames.
    c.bench_function("behaviours: 100 frames of 50 tracks", |b| {
        b.iter_batched_ref(
            || warm.clone(),
            |behaviours| {
                for frame in FRAMES..2 * FRAMES {
                    told.clear();
                    behaviours.frame(&moment(frame), &frames[frame as usize], &mut told).expect("usable rules");
                    black_box(told.len());
                }
            },
            BatchSize::LargeInput,
        );
    });
}

criterion_group!(benches, all_behaviours);
criterion_main!(benches);
