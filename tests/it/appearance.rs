//! How well people are told apart by their clothing and by re-identification models, on the same crops.

use std::collections::BTreeMap;

use greenlane::appearance::Appearance;
use greenlane::capture::{self, OpenOptions, pictures_in, read_picture};
use greenlane::config::{ModelSettings, SourceUrl};
use greenlane::evaluation::detection::parse_yolo;
use greenlane::evaluation::parse_mot;
use greenlane::frame::{BBox, Image};
use greenlane::perception::{ClothingDescriptor, ModelLibrary, Reidentifier};

use super::support::{crossing_paths, footage, shared};

/// A crop of somebody: who, when, seen by which camera.
struct Seen {
    who: u64,
    frame: u64,
    camera: u32,
    looks: BTreeMap<&'static str, Appearance>,
}

const CLOTHING: &str = "clothing";
const MODELS: [&str; 2] = ["reid_retail_0287_256x128", "reid_retail_0288_256x128"];

/// The descriptor, and the models whose files are there.
struct Describers {
    models: Vec<(&'static str, Reidentifier)>,
}

impl Describers {
    fn open() -> Self {
        let mirror = shared().map(|shared| shared.join("models"));
        let settings = ModelSettings { mirror, ..ModelSettings::default() };
        let library = ModelLibrary::open(&settings).unwrap();
        let open = |name| match Reidentifier::open(&library, &settings, name) {
            Ok(model) => Some((name, model)),
            Err(error) => {
                println!("without {name}: {error}");
                None
            }
        };
        Self { models: MODELS.into_iter().filter_map(open).collect() }
    }

    fn look(&mut self, image: &Image, bbox: &BBox) -> BTreeMap<&'static str, Appearance> {
        let clothing = ClothingDescriptor.appearance(image, bbox).ok().map(|a| (CLOTHING, a));
        let models = self.models.iter_mut().filter_map(|(name, m)| m.appearance(image, bbox).ok().map(|a| (*name, a)));
        models.chain(clothing).collect()
    }
}

/// Frames of a video with the boxes wanted in them; the boxes are in pixels of a picture `truth_width` wide.
fn look_at(
    video: &std::path::Path,
    wanted: &Wanted,
    camera: u32,
    truth_width: f64,
    describers: &mut Describers,
) -> Vec<Seen> {
    let mut source = capture::open(&SourceUrl::new(&video.to_string_lossy()), &OpenOptions::default()).unwrap();
    let (mut image, mut seen) = (Image::default(), Vec::new());
    while let Some(stamp) = source.grab().unwrap() {
        let Some(boxes) = wanted.get(&stamp.sequence) else { continue };
        source.retrieve(&mut image).unwrap();
        let scale = f64::from(image.width) / truth_width;
        for (who, b) in boxes {
            let bbox = BBox { x: b.x * scale, y: b.y * scale, w: b.w * scale, h: b.h * scale };
            seen.push(Seen { who: *who, frame: stamp.sequence, camera, looks: describers.look(&image, &bbox) });
        }
    }
    seen
}

/// Similarities of the same and of different people, by pairs that `compared` allows.
fn pairs(seen: &[Seen], name: &str, compared: impl Fn(&Seen, &Seen) -> bool) -> [Vec<f64>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    for (i, a) in seen.iter().enumerate() {
        for b in seen[i + 1..].iter().filter(|b| compared(a, b)) {
            if let (Some(x), Some(y)) = (a.looks.get(name), b.looks.get(name)) {
                found[usize::from(a.who != b.who)].push(x.cosine(y).unwrap());
            }
        }
    }
    found.iter_mut().for_each(|list| list.sort_by(f64::total_cmp));
    found
}

/// The chance that the same person is more alike than two different ones.
fn area_under_roc([same, different]: &[Vec<f64>; 2]) -> f64 {
    let below: usize = same.iter().map(|s| different.partition_point(|d| d < s)).sum();
    below as f64 / (same.len() * different.len()) as f64
}

/// Who is where in each frame.
type Wanted = BTreeMap<u64, Vec<(u64, BBox)>>;

/// How often the most alike crop that `compared` allows shows the same person.
fn rank_1(seen: &[Seen], name: &str, compared: impl Fn(&Seen, &Seen) -> bool) -> f64 {
    let (mut right, mut asked) = (0_u32, 0_u32);
    for query in seen {
        let others: Vec<&Seen> = seen.iter().filter(|s| compared(query, s) && s.looks.contains_key(name)).collect();
        let Some(look) = query.looks.get(name) else { continue };
        if !others.iter().any(|s| s.who == query.who) {
            continue;
        }
        let cosine = |s: &Seen| s.looks[name].cosine(look).unwrap();
        let best = others.iter().max_by(|a, b| cosine(a).total_cmp(&cosine(b))).unwrap();
        asked += 1;
        right += u32::from(best.who == query.who);
    }
    f64::from(right) / f64::from(asked)
}

/// Prints the figures of every describer, and gives the AUC and rank 1 of clothing.
fn report(set: &str, seen: &[Seen], compared: impl Fn(&Seen, &Seen) -> bool + Copy) -> (f64, f64) {
    let mut of_clothing = (0.0, 0.0);
    for name in std::iter::once(CLOTHING).chain(MODELS) {
        let found = pairs(seen, name, compared);
        if found.iter().any(Vec::is_empty) {
            continue;
        }
        let quantiles = |list: &[f64]| [5, 50, 95].map(|q| list[(list.len() - 1) * q / 100]);
        let (auc, first) = (area_under_roc(&found), rank_1(seen, name, compared));
        let [same, different] = [&found[0], &found[1]].map(|list| quantiles(list));
        println!(
            "{set} {name}: {} crops, AUC {auc:.3}, rank 1 {first:.3}, same {same:.2?}, different {different:.2?}",
            seen.len()
        );
        if name == CLOTHING {
            of_clothing = (auc, first);
        }
    }
    of_clothing
}

#[test]
fn people_outdoors_are_told_apart() {
    let (Some(shared), Some(video)) = (shared(), footage()) else { return };
    let truth = std::fs::read_to_string(shared.join("data/pets09-s2l1/gt.txt")).unwrap();
    let rows = parse_mot(&truth).unwrap();
    let mut wanted: Wanted = BTreeMap::new();
    for row in rows.iter().filter(|row| row.frame % 20 == 1) {
        let hidden = |other: &greenlane::evaluation::MotRow| {
            other.frame == row.frame && other.id != row.id && other.bbox.intersection(&row.bbox) > 0.2 * row.bbox.area()
        };
        if !rows.iter().any(hidden) {
            wanted.entry(u64::from(row.frame)).or_default().push((row.id, row.bbox));
        }
    }
    let seen = look_at(&video, &wanted, 1, 768.0, &mut Describers::open());
    // At least six seconds apart: neighbouring frames of one track are nearly the same picture.
    let (auc, first) = report("PETS", &seen, |a, b| a.frame.abs_diff(b.frame) >= 40);
    assert!(auc > 0.6 && first > 0.3, "{auc} {first}");
}

#[test]
fn two_men_are_told_apart_from_two_sides() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("data/caviar-crossing-paths");
    let mut describers = Describers::open();
    let mut seen = Vec::new();
    for (camera, (view, wanted)) in (0..).zip(&crossing_paths(&shared)) {
        let video = folder.join(format!("EnterExitCrossingPaths1{view}.mpg"));
        seen.extend(look_at(&video, wanted, camera, 384.0, &mut describers));
    }
    report("CAVIAR, within a view", &seen, |a, b| a.camera == b.camera);
    let (auc, first) = report("CAVIAR, across views", &seen, |a, b| a.camera != b.camera);
    assert!(auc > 0.6 && first > 0.6, "{auc} {first}");
}

#[test]
fn the_average_is_that_of_the_labelled_people() {
    const FOLDERS: [&str; 6] = [
        "cctv-person",
        "people/factory_cctv",
        "people/lobby_nir",
        "people/lobby_nir_bags",
        "people/store_aisle",
        "people/workshop_cctv",
    ];
    let Some(shared) = shared() else { return };
    let mut sum = vec![0.0_f64; ClothingDescriptor::AVERAGE.len()];
    let (mut image, mut people) = (Image::default(), 0_u32);
    for folder in FOLDERS.map(|name| shared.join("data").join(name)) {
        for path in pictures_in(&folder.join("images")).unwrap().iter().step_by(5) {
            read_picture(path, &mut image).unwrap();
            let labels = folder.join("labels").join(path.with_extension("txt").file_name().unwrap());
            let (width, height) = (f64::from(image.width), f64::from(image.height));
            let rows = parse_yolo(&std::fs::read_to_string(labels).unwrap(), 2).unwrap();
            for b in rows.iter().filter(|row| row.class == 0).map(|row| row.share) {
                let bbox = BBox { x: b.x * width, y: b.y * height, w: b.w * width, h: b.h * height };
                let Ok(bins) = ClothingDescriptor.bins(&image, &bbox) else { continue };
                sum.iter_mut().zip(bins).for_each(|(sum, bin)| *sum += f64::from(bin));
                people += 1;
            }
        }
    }
    let mean: Vec<f64> = sum.iter().map(|sum| sum / f64::from(people)).collect();
    let off = mean.iter().zip(ClothingDescriptor::AVERAGE).map(|(m, table)| (m - f64::from(*table)).abs());
    let furthest = off.fold(0.0, f64::max);
    assert!(furthest < 0.001, "{people} people: off by {furthest}; the table should be {mean:.3?}");
}
