//! Time of the association on a large site: 1,000 cameras that report once a second on 5,000 live travellers.
//!
//! `cargo bench --bench association --no-default-features`
//!
//! Cameras have nothing to do with each other: each reports at its own moment of the second. Beside criterion's time for one
//! second of the site, it prints the distribution of the longest wait of a report in a second, which is where identities
//! are decided, and the memory of the process; and at last the same for the worst case, all reports at one moment.

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use greenlane::appearance::Appearance;
use greenlane::association::{AssociationSettings, Associator, LinkPrior, Sighting, Topology, TrackKey};
use greenlane::event::Lifecycle;
use greenlane::ids::{BootId, CameraId, TrackId};
use greenlane::time::CaptureTime;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Normal};

const CAMERAS: usize = 1_000;
const TRAVELLERS: usize = 5_000;
/// Length of an appearance vector, and how much of it is noise from view to view: cosines near those of real models.
const VECTOR: usize = 256;
const NOISE: f32 = 0.5;
/// Seconds in a view, and out of sight until the next.
const IN_VIEW_S: (u64, u64) = (12, 30);
const AWAY_S: (u64, u64) = (10, 20);
/// Seconds before the measurement, so that memory and statistics are those of a running site.
const WARM_UP_S: u64 = 300;
const MEASURED_S: u64 = 120;

/// A ring of views; from each one gets into the next three, and nowhere else.
fn topology(cameras: &[CameraId]) -> Topology {
    let mut topology = Topology::disjoint();
    for (at, from) in cameras.iter().enumerate() {
        for step in 1..=3 {
            topology.link(from, &cameras[(at + step) % cameras.len()], LinkPrior { typical_s: 15.0 });
        }
    }
    topology.closing()
}

struct Traveller {
    look: Vec<f32>,
    camera: usize,
    track: u64,
    /// Next change: into view, or out of it.
    changes_at: u64,
    in_view: bool,
}

struct Site {
    cameras: Vec<CameraId>,
    travellers: Vec<Traveller>,
    second: u64,
    tracks: u64,
    /// Whether all cameras report at one moment.
    at_once: bool,
    rng: ChaCha8Rng,
}

impl Site {
    fn new() -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let normal = Normal::new(0.0_f32, 1.0).expect("a normal distribution");
        let cameras = (0..CAMERAS).map(|i| CameraId::new(&format!("camera-{i:04}")).expect("a name")).collect();
        let travellers = (0..TRAVELLERS)
            .map(|_| Traveller {
                look: (0..VECTOR).map(|_| normal.sample(&mut rng)).collect(),
                camera: rng.random_range(0..CAMERAS),
                track: 0,
                changes_at: rng.random_range(0..40),
                in_view: false,
            })
            .collect();
        Self { cameras, travellers, second: 0, tracks: 0, at_once: false, rng }
    }

    /// The reports of the next second.
    fn next(&mut self) -> Vec<Sighting> {
        let normal = Normal::new(0.0_f32, NOISE).expect("a normal distribution");
        let Self { cameras, travellers, second, tracks, at_once, rng } = self;
        let begin = i64::try_from(*second).expect("a short while") * 1_000_000;
        let mut reports = Vec::new();
        for traveller in travellers {
            let mut phase = Lifecycle::Update;
            if *second >= traveller.changes_at {
                traveller.in_view = !traveller.in_view;
                let (low, high) = if traveller.in_view { IN_VIEW_S } else { AWAY_S };
                traveller.changes_at = *second + rng.random_range(low..high);
                if traveller.in_view {
                    *tracks += 1;
                    traveller.track = *tracks;
                    traveller.camera = (traveller.camera + rng.random_range(1..=3)) % CAMERAS;
                    phase = Lifecycle::New;
                } else {
                    phase = Lifecycle::End;
                }
            } else if !traveller.in_view {
                continue;
            }
            let raw: Vec<f32> = traveller.look.iter().map(|v| v + normal.sample(rng)).collect();
            let at =
                CaptureTime::exact(begin + if *at_once { 0 } else { (traveller.camera * 1_000_000 / CAMERAS) as i64 });
            let camera = cameras[traveller.camera].clone();
            let key = TrackKey { camera, boot: BootId(1), track: TrackId(traveller.track) };
            let appearance = Appearance::normalised(&raw, 1.0);
            reports.push(Sighting { key, at, seen: at, phase, floor: None, appearance });
        }
        *second += 1;
        reports.sort_by_key(|report| report.at.unix_micros);
        reports
    }
}

fn site_of_a_thousand_cameras(criterion: &mut Criterion) {
    let mut site = Site::new();
    let mut associator = Associator::new(AssociationSettings::default(), topology(&site.cameras));
    for _ in 0..WARM_UP_S {
        site.next().iter().for_each(|report| associator.accept(report));
        associator.take_changes();
    }
    measure(&mut site, &mut associator, "each at its own moment");
    let mut group = criterion.benchmark_group("association");
    group.throughput(Throughput::Elements(CAMERAS as u64)).sample_size(20);
    group.bench_function("a second of 1,000 cameras and 5,000 travellers", |bencher| {
        bencher.iter_batched(
            || site.next(),
            |reports| reports.iter().for_each(|report| associator.accept(black_box(report))),
            criterion::BatchSize::PerIteration,
        );
    });
    group.finish();
    site.at_once = true;
    measure(&mut site, &mut associator, "all at one moment");
}

/// Prints the longest wait of a report in each second.
#[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn measure(site: &mut Site, associator: &mut Associator, name: &str) {
    let (mut longest, mut total_ms) = (Vec::new(), 0.0);
    for _ in 0..MEASURED_S {
        let reports = site.next();
        let mut worst_ms = 0.0_f64;
        for report in &reports {
            let begin = Instant::now();
            associator.accept(black_box(report));
            let took_ms = begin.elapsed().as_secs_f64() * 1e3;
            worst_ms = worst_ms.max(took_ms);
            total_ms += took_ms;
        }
        longest.push(worst_ms);
        associator.take_changes();
    }
    longest.sort_by(f64::total_cmp);
    let of = |share: f64| longest[((longest.len() - 1) as f64 * share) as usize];
    let (presences, undecided) = associator.sizes();
    println!(
        "{CAMERAS} cameras, {name}, {TRAVELLERS} travellers: {presences} presences in memory, {undecided} undecided; \
         a decision p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms; {:.1} % of a core; {}",
        of(0.5),
        of(0.99),
        of(1.0),
        total_ms / 10.0 / MEASURED_S as f64,
        memory(),
    );
}

/// What the process holds, as Linux tells it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    line.map_or("memory not told".to_owned(), |line| line.split_whitespace().collect::<Vec<_>>().join(" "))
}

criterion_group!(benches, site_of_a_thousand_cameras);
criterion_main!(benches);
