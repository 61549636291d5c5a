//! Time of one face before a lane camera: without models regions, colours, chest, signals and readings, and the network of
//! pulses for one frame.
//!
//! `GREENLANE_MODEL_MIRROR=../shared/models cargo bench --bench lane`. A second of a face may take 30 ms of one core (3 %), the
//! network 10 ms a frame.

use std::f64::consts::TAU;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use greenlane::config::{FaceModelSettings, ModelSettings};
use greenlane::edge::LaneSettings;
use greenlane::edge::lane::LaneMonitor;
use greenlane::frame::{BBox, FrameHeader, Image};
use greenlane::ids::{BootId, CameraId, TrackId};
use greenlane::perception::{ModelLibrary, Perception, PulseWatch, ScriptedPerception};
use greenlane::time::{CaptureTime, MediaTime};

const FPS: f64 = 30.0;
const SIZE: (u32, u32) = (1280, 720);

/// Frames of a picture with grain whose colour beats, the same over again after two beats.
fn frames() -> Vec<Image> {
    let grain = |i: usize| (i * 7919 % 104_729 % 7) as f64 - 3.0;
    let frame = |number: u32| {
        let beat = 1.0 + 0.02 * (TAU * 1.2 * f64::from(number) / FPS).sin();
        let colour = [70.0, 100.0 * beat, 150.0];
        let mut image = Image::filled(SIZE.0, SIZE.1, [0; 3]);
        for (i, value) in image.bgr.iter_mut().enumerate() {
            *value = (colour[i % 3] + grain(i + number as usize * 31)) as u8;
        }
        image
    };
    (0..50).map(frame).collect()
}

fn second(c: &mut Criterion) {
    let frames = frames();
    let mut group = c.benchmark_group("lane");
    group.sample_size(20);
    for width in [100.0, 300.0] {
        let seat = Some([500.0, 150.0, width, 1.3 * width]);
        let mut monitor = LaneMonitor::new(LaneSettings { seat, ..LaneSettings::default() });
        let mut perception = ScriptedPerception::from_list(Vec::new());
        let mut header = FrameHeader {
            camera: CameraId::new("lane").expect("a valid name"),
            boot: BootId(1),
            sequence: 0,
            media_time: MediaTime(0),
            capture_time: CaptureTime::exact(0),
            width: SIZE.0,
            height: SIZE.1,
            keyframe: false,
        };
        let mut step = || {
            for _ in 0..FPS as usize {
                header.sequence += 1;
                header.media_time = MediaTime::from_seconds(header.sequence as f64 / FPS);
                let image = &frames[header.sequence as usize % frames.len()];
                monitor.frame(&header, &[], perception.probe(image).as_mut());
                black_box(monitor.news());
            }
        };
        for _ in 0..40 {
            step();
        }
        group.bench_function(format!("one_second_of_a_face_of_{width}_pixels"), |b| b.iter(&mut step));
    }
    group.finish();
}

fn network(c: &mut Criterion) {
    let settings = ModelSettings::default();
    let library = ModelLibrary::open(&settings).expect("the built-in manifest");
    let watch = PulseWatch::open(&library, &settings, &FaceModelSettings::default());
    let Some(mut watch) = watch.expect("a model that `models verify` takes") else {
        println!("skipped: no pulse model (GREENLANE_MODEL_MIRROR names a folder of models)");
        return;
    };
    let frames = frames();
    let face = BBox { x: 500.0, y: 150.0, w: 200.0, h: 260.0 };
    let mut number = 0_usize;
    c.bench_function("lane/one_frame_of_the_pulse_network", |b| {
        b.iter(|| {
            number += 1;
            let at = MediaTime::from_seconds(number as f64 / FPS);
            black_box(watch.sample(&frames[number % frames.len()], TrackId(1), &face, at)).expect("a sample")
        });
    });
}

criterion_group!(benches, second, network);
criterion_main!(benches);
