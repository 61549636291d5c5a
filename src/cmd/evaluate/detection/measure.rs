//! Models on labelled pictures.

use std::path::Path;
use std::time::Duration;

use indicatif::ProgressBar;

use super::object::Object;
use super::sets::{LabelledSet, scaled};
use super::visit::visit;
use crate::clock::{Clock, SystemClock};
use crate::cmd::Failure;
use crate::cmd::detect::model_settings;
use crate::evaluation::detection::{FoundBox, Light, ModelReport, Picture, PictureSet, TrueBox};
use crate::frame::Image;
use crate::perception::{Candidate, Detector, ModelLibrary};

/// A model under test.
pub struct Contestant {
    name: String,
    detector: Detector,
    threshold: f64,
    times: Vec<Duration>,
}

impl Contestant {
    /// Opens all of them; nothing below `score_min` will be reported.
    ///
    /// # Errors
    /// A model that cannot be opened, or that does not find `object`.
    pub fn open_all(
        names: &[String],
        (config, mirror): (Option<&Path>, Option<&Path>),
        object: Object,
        score_min: f32,
    ) -> Result<Vec<Self>, Failure> {
        let settings = model_settings(config, mirror)?;
        let library = ModelLibrary::open(&settings).map_err(Failure::input)?;
        let open = |name: &String| {
            let detector = Detector::open(&library, &settings, name).map_err(Failure::input)?;
            if !detector.classes().any(|class| object.is(class)) {
                return Err(Failure::Usage(format!("model `{name}` finds no {}", object.as_str())));
            }
            let threshold = f64::from(detector.score_min());
            Ok(Self { name: name.clone(), detector: detector.with_score_min(score_min), threshold, times: Vec::new() })
        };
        names.iter().map(open).collect()
    }

    /// What it finds of `object`, in pixels of the picture times `scale`.
    fn find(
        &mut self,
        image: &Image,
        object: Object,
        scale: (f64, f64),
        clock: &dyn Clock,
    ) -> Result<Vec<FoundBox>, Failure> {
        let begin = clock.now();
        let found = self.detector.detect(image).map_err(Failure::found)?;
        self.times.push(clock.now().0.saturating_sub(begin.0));
        let point = |[x, y]: &[f32; 2]| (f64::from(*x) * scale.0, f64::from(*y) * scale.1);
        let of = |c: &Candidate| FoundBox {
            bbox: scaled(&c.bbox, scale),
            score: f64::from(c.score),
            points: c.points.as_ref().map(|points| points.each_ref().map(point)),
        };
        Ok(found.iter().filter(|c| object.is(c.class)).map(of).collect())
    }

    /// What is said of it in the report.
    pub fn report(mut self) -> ModelReport {
        self.times.sort_unstable();
        let rank = |share: usize| self.times.get((self.times.len() * share / 100).min(self.times.len().max(1) - 1));
        let ms = |time: Option<&Duration>| time.map(|time| 1e3 * time.as_secs_f64());
        let input = &self.detector.entry().input;
        ModelReport {
            input: (input.width, input.height),
            threshold: self.threshold,
            ms_p50: ms(rank(50)),
            ms_p95: ms(rank(95)),
            name: self.name,
        }
    }
}

/// Runs all models on every picture of a set, in turns.
///
/// # Errors
/// A picture that cannot be read, a model that fails.
pub fn measure(
    set: &LabelledSet,
    models: &mut [Contestant],
    object: Object,
    bar: &ProgressBar,
) -> Result<PictureSet, Failure> {
    let clock = SystemClock::start();
    let every: Vec<usize> = (0..set.pictures.len()).collect();
    let mut pictures = Vec::with_capacity(every.len());
    visit(set, &every, |number, image| {
        let labelled = &set.pictures[number];
        let (truth_scale, found_scale) = set.unit.scales((image.width, image.height));
        let light = Light::of(image).ok_or_else(|| Failure::Input(format!("{}: no pixels", labelled.name)))?;
        let found = models.iter_mut().map(|model| model.find(image, object, found_scale, &clock));
        pictures.push(Picture {
            name: labelled.name.clone(),
            width: f64::from(image.width) * found_scale.0,
            light,
            truth: labelled.truth.iter().map(|truth| in_pixels(truth, truth_scale)).collect(),
            found: found.collect::<Result<_, Failure>>()?,
        });
        bar.inc(1);
        Ok(())
    })?;
    Ok(PictureSet { name: set.name.clone(), pictures, labelled: set.area.clone() })
}

fn in_pixels(truth: &TrueBox, scale: (f64, f64)) -> TrueBox {
    let points = truth.points.map(|point| point.map(|(x, y)| (x * scale.0, y * scale.1)));
    TrueBox { bbox: scaled(&truth.bbox, scale), kind: truth.kind, points }
}
