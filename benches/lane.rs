//! Time of one face before a lane camera, without models: regions, colours, chest, signals, readings.
//!
//! `cargo bench --bench lane`. A second of a face may take 30 ms of one core (3 %).

use std::f64::consts::TAU;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use greenlane::edge::LaneSettings;
use greenlane::edge::lane::LaneMonitor;
use greenlane::frame::{FrameHeader, Image};
use greenlane::ids::{BootId, CameraId};
use greenlane::perception::{Perception, ScriptedPerception};
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

criterion_group!(benches, second);
criterion_main!(benches);
