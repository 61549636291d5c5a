//! What a frame costs before, in and after the network, for the detector at hand.
//!
//! `GREENLANE_MODEL_MIRROR=../shared/models cargo bench --bench perception`

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use greenlane::config::ModelSettings;
use greenlane::frame::{BBox, Image, ObjectClass};
use greenlane::perception::{ClothingDescriptor, Detector, Filter, Grid, ModelLibrary, Reidentifier, suppress, yolox};

/// A picture with edges, the size of the footage.
fn picture(width: u32, height: u32) -> Image {
    let pixel = |x: u32, y: u32| [(x * 7 + y) as u8, (x * x / 97 + y * 5) as u8, (((x / 16 + y / 24) % 2) * 160) as u8];
    let bgr = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
    Image { width, height, bgr }
}

/// YOLOX-nano's output with eight people, four cells each, and nothing else.
fn output(grid: &Grid) -> Vec<f32> {
    let mut values = vec![1e-3; grid.count() * 85];
    for person in 0..32 {
        let row = (person / 4) * 400 + person % 4;
        values[row * 85..][..6].copy_from_slice(&[0.5, 0.5, 1.0, 2.0, 0.9, 0.9 - person as f32 * 1e-3]);
    }
    values
}

fn benches(c: &mut Criterion) {
    let grid = Grid::new(416, 416, &[8, 16, 32]);
    let (values, mut found) = (output(&grid), Vec::new());
    let classes = [(ObjectClass::Person, 0), (ObjectClass::Backpack, 24), (ObjectClass::Suitcase, 28)];
    c.bench_function("decode and suppress, YOLOX 416", |b| {
        b.iter(|| {
            found.clear();
            yolox(black_box(&values), &grid, Filter { score_min: 0.1, classes: &classes }, &mut found);
            suppress(&mut found, 0.45);
        });
    });
    let settings = ModelSettings::default();
    let library = ModelLibrary::open(&settings).expect("the built-in manifest");
    let Some(name) = library.default_detector() else {
        println!("skipped: no detector (GREENLANE_MODEL_MIRROR names a folder of models)");
        return;
    };
    let mut detector = Detector::open(&library, &settings, name).expect("a model that `models verify` takes");
    for (width, height) in [(768, 576), (1920, 1080)] {
        let image = picture(width, height);
        c.bench_function(&format!("{name}: {width}x{height} to tensor"), |b| {
            b.iter(|| detector.preprocess(black_box(&image)).expect("a picture"));
        });
    }
    c.bench_function(&format!("{name}: inference"), |b| b.iter(|| detector.infer().expect("runs")));
    let image = picture(768, 576);
    c.bench_function(&format!("{name}: 768x576, all"), |b| {
        b.iter(|| detector.detect(black_box(&image)).expect("runs").len());
    });
    let person = BBox { x: 100.0, y: 100.0, w: 128.0, h: 256.0 };
    c.bench_function("clothing: one person", |b| b.iter(|| ClothingDescriptor.appearance(&image, black_box(&person))));
    if let Ok(mut model) = Reidentifier::open(&library, &settings, "reid_retail_0288_256x128") {
        let person = BBox { x: 100.0, y: 100.0, w: 60.0, h: 140.0 };
        c.bench_function("reid_retail_0288: one person", |b| b.iter(|| model.appearance(&image, &person)));
    }
}

criterion_group!(group, benches);
criterion_main!(group);
