//! The worst mistakes as pictures.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::sets::{LabelledSet, scaled};
use super::visit::visit;
use crate::capture::jpeg_of;
use crate::cmd::Failure;
use crate::evaluation::detection::{Exhibit, Fault, FaultKind, Picture, PictureSet};
use crate::frame::{BBox, Image};

/// A picture shows this many times the mistaken box's longer side, and at least [`VIEW_MIN`] of the picture's width.
const VIEW: f64 = 2.2;
const VIEW_MIN: f64 = 0.12;
/// Longer side of a picture on the page, in pixels.
const SIDE_MAX: u32 = 260;

/// The mistakes of one model, with the threshold at which they were made.
pub struct Mistakes {
    /// Number of the model.
    pub model: usize,
    /// Its threshold.
    pub score: f64,
    /// What it got wrong.
    pub faults: Vec<Fault>,
}

/// Reads the pictures once more and cuts out the mistakes, in their order.
///
/// # Errors
/// A picture that cannot be read.
pub fn exhibits(labelled: &[LabelledSet], sets: &[PictureSet], mistakes: &[Mistakes]) -> Result<Vec<Exhibit>, Failure> {
    let mut wanted: BTreeMap<(usize, usize), Vec<(usize, usize)>> = BTreeMap::new();
    for (m, of_model) in mistakes.iter().enumerate() {
        for (f, fault) in of_model.faults.iter().enumerate() {
            wanted.entry((fault.set, fault.picture)).or_default().push((m, f));
        }
    }
    let mut cut: BTreeMap<(usize, usize), Exhibit> = BTreeMap::new();
    for (number, (labelled, set)) in labelled.iter().zip(sets).enumerate() {
        let pictures: Vec<usize> = wanted.keys().filter(|(s, _)| *s == number).map(|(_, p)| *p).collect();
        visit(labelled, &pictures, |place, image| {
            for key in wanted.get(&(number, place)).into_iter().flatten() {
                let of_model = &mistakes[key.0];
                let scale = labelled.unit.scales((image.width, image.height)).1;
                let fault = &of_model.faults[key.1];
                if let Some(exhibit) = exhibit(image, scale, (set, &set.pictures[place]), of_model, fault)? {
                    cut.insert(*key, exhibit);
                }
            }
            Ok(())
        })?;
    }
    Ok(cut.into_values().collect())
}

/// `None` for a box outside the picture.
fn exhibit(
    image: &Image,
    scale: (f64, f64),
    (set, picture): (&PictureSet, &Picture),
    of_model: &Mistakes,
    fault: &Fault,
) -> Result<Option<Exhibit>, Failure> {
    let side = (VIEW * fault.bbox.w.max(fault.bbox.h)).max(VIEW_MIN * picture.width);
    let (x, y) = fault.bbox.centre();
    let view = BBox { x: x - side / 2.0, y: y - side / 2.0, w: side, h: side };
    let in_image = scaled(&view, (1.0 / scale.0, 1.0 / scale.1));
    let Some((jpeg, shown)) = jpeg_of(image, &in_image, SIDE_MAX).map_err(Failure::found)? else { return Ok(None) };
    let view = scaled(&shown, scale);
    let near = |b: &BBox| b.intersection(&view) > 0.0;
    let found = picture.found[of_model.model].iter().filter(|found| found.score >= of_model.score);
    let what = match (fault.kind, fault.score) {
        (FaultKind::FalseAlarm, Some(score)) => format!("score {score:.2}"),
        (FaultKind::Miss, Some(score)) => format!("{:.0} px high, found with {score:.2} only", fault.bbox.h),
        (_, None) => format!("{:.0} px high", fault.bbox.h),
    };
    Ok(Some(Exhibit {
        model: of_model.model,
        kind: fault.kind,
        caption: format!("{}, {}: {what}", set.name, picture.name),
        jpeg: STANDARD.encode(jpeg),
        view,
        fault: fault.bbox,
        truth: picture.truth.iter().map(|truth| truth.bbox).filter(near).collect(),
        found: found.map(|found| found.bbox).filter(near).collect(),
    }))
}
