//! What an average person looks like to the descriptor of clothing: the mean of its bins over 1,200 labelled people.

use super::clothing::LENGTH;

/// Mean of each bin over every fifth picture of `cctv-person` and `people` (CC BY 4.0, Public Domain); the test below
/// computes it again.
pub(super) const MEAN: [f32; LENGTH] = [
    0.094, 0.098, 0.026, 0.027, 0.052, 0.129, 0.059, 0.027, 0.050, 0.061, 0.017, 0.017, 0.039, 0.078, 0.027, 0.013,
    0.123, 0.362, 0.435, 0.380, 0.278, 0.163, 0.079, 0.062, 0.231, 0.170, 0.143, 0.167, 0.336, 0.112, 0.102, 0.023,
    0.022, 0.050, 0.149, 0.073, 0.032, 0.051, 0.056, 0.014, 0.013, 0.039, 0.093, 0.032, 0.015, 0.124, 0.352, 0.429,
    0.367, 0.256, 0.155, 0.087, 0.066, 0.226, 0.170, 0.145, 0.170, 0.336, 0.109, 0.090, 0.019, 0.017, 0.052, 0.168,
    0.077, 0.031, 0.045, 0.049, 0.011, 0.009, 0.037, 0.093, 0.029, 0.013, 0.133, 0.364, 0.412, 0.337, 0.235, 0.138,
    0.072, 0.053, 0.222, 0.164, 0.137, 0.160, 0.349, 0.110, 0.089, 0.021, 0.018, 0.050, 0.161, 0.076, 0.031, 0.043,
    0.049, 0.012, 0.008, 0.030, 0.074, 0.025, 0.011, 0.153, 0.395, 0.423, 0.327, 0.222, 0.126, 0.061, 0.041, 0.222,
    0.162, 0.133, 0.154, 0.354, 0.099, 0.090, 0.026, 0.021, 0.051, 0.156, 0.074, 0.027, 0.036, 0.044, 0.013, 0.008,
    0.026, 0.061, 0.022, 0.009, 0.171, 0.428, 0.439, 0.325, 0.207, 0.113, 0.053, 0.032, 0.225, 0.160, 0.129, 0.157,
    0.354, 0.092, 0.099, 0.028, 0.025, 0.052, 0.146, 0.068, 0.024, 0.033, 0.047, 0.013, 0.009, 0.024, 0.053, 0.020,
    0.008, 0.172, 0.443, 0.456, 0.325, 0.196, 0.098, 0.046, 0.028, 0.222, 0.161, 0.133, 0.158, 0.353,
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::clothing::describe;
    use super::*;
    use crate::capture::{pictures_in, read_picture};
    use crate::evaluation::detection::parse_yolo;
    use crate::frame::{BBox, Image};

    const FOLDERS: [&str; 6] = [
        "cctv-person",
        "people/factory_cctv",
        "people/lobby_nir",
        "people/lobby_nir_bags",
        "people/store_aisle",
        "people/workshop_cctv",
    ];
    const EVERY: usize = 5;

    #[test]
    fn it_is_the_mean_of_the_labelled_people() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
        let shared = std::env::var_os("GREENLANE_SHARED").map_or(here, Into::into);
        if !shared.is_dir() {
            println!("skipped: no ../shared");
            return;
        }
        let (mut sum, mut people) = ([0.0_f64; LENGTH], 0_u32);
        let mut image = Image::default();
        for folder in FOLDERS.map(|name| shared.join("data").join(name)) {
            for path in pictures_in(&folder.join("images")).unwrap().iter().step_by(EVERY) {
                read_picture(path, &mut image).unwrap();
                let labels = folder.join("labels").join(path.with_extension("txt").file_name().unwrap());
                let (width, height) = (f64::from(image.width), f64::from(image.height));
                for row in parse_yolo(&fs::read_to_string(labels).unwrap(), 2).unwrap().iter().filter(|r| r.class == 0)
                {
                    let b = row.share;
                    let bbox = BBox { x: b.x * width, y: b.y * height, w: b.w * width, h: b.h * height };
                    let Ok((bins, _)) = describe(&image, &bbox) else { continue };
                    sum.iter_mut().zip(bins).for_each(|(sum, bin)| *sum += f64::from(bin));
                    people += 1;
                }
            }
        }
        let mean = sum.map(|sum| sum / f64::from(people));
        let furthest = mean.iter().zip(MEAN).map(|(m, table)| (m - f64::from(table)).abs()).fold(0.0, f64::max);
        assert!(furthest < 0.001, "{people} people: off by {furthest}; the table should be {mean:.3?}");
    }
}
