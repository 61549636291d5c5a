//! Detection metrics for people and programs: a table, comma-separated values, JSON, and one page of HTML.

mod csv;
mod html;
mod table;

use serde::Serialize;
use serde_json::Value;

use super::parts::Part;
use super::picture::{PictureSet, TruthKind};
use super::scores::{DetectionScores, score};
use super::worst::FaultKind;
use crate::evaluation::{COMBINED, Report};
use crate::frame::BBox;

/// A model that was run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelReport {
    /// As in the manifest, with its input size where that was asked for.
    pub name: String,
    /// Width and height of its input.
    pub input: (u32, u32),
    /// Its published threshold.
    pub threshold: f64,
    /// Milliseconds a picture on one thread, decoding of the picture not counted: median. `None` without pictures.
    pub ms_p50: Option<f64>,
    /// Their 95th percentile.
    pub ms_p95: Option<f64>,
}

/// The figures of all models on a part of a set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The set, or [`COMBINED`].
    pub set: String,
    /// The part of it.
    pub part: &'static str,
    /// Pictures.
    pub pictures: usize,
    /// Labelled boxes to be found.
    pub boxes: usize,
    /// In the models' order.
    pub scores: Vec<DetectionScores>,
}

/// A mistake with its picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Exhibit {
    /// Number of the model.
    pub model: usize,
    /// What kind of mistake.
    pub kind: FaultKind,
    /// What is said below it.
    pub caption: String,
    /// A JPEG file, base64.
    pub jpeg: String,
    /// What the JPEG shows, in pixels of the picture.
    pub view: BBox,
    /// The mistaken box, in pixels of the picture.
    pub fault: BBox,
    /// Labelled boxes nearby.
    pub truth: Vec<BBox>,
    /// Boxes found nearby.
    pub found: Vec<BBox>,
}

/// The metrics of some models on the same pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectionReport {
    /// What was evaluated, as the caller names it.
    pub title: String,
    /// What was to be found.
    pub object: String,
    /// The models.
    pub models: Vec<ModelReport>,
    /// Set by set, then all of them as one where there are several; the whole of each before its parts.
    pub rows: Vec<Row>,
    /// For the page only.
    pub exhibits: Vec<Exhibit>,
}

impl DetectionReport {
    /// Computes all figures.
    #[must_use]
    pub fn of(title: &str, object: &str, models: Vec<ModelReport>, sets: &[PictureSet]) -> Self {
        let every: Vec<&PictureSet> = sets.iter().collect();
        let mut rows = Vec::new();
        for set in sets {
            add_rows(&mut rows, &set.name, &[set], &models);
        }
        if sets.len() > 1 {
            add_rows(&mut rows, COMBINED, &every, &models);
        }
        Self { title: title.to_owned(), object: object.to_owned(), models, rows, exhibits: Vec::new() }
    }

    /// The score at which a model's F1 over all pictures is best; its own threshold where nothing was found.
    #[must_use]
    pub fn threshold(&self, model: usize) -> f64 {
        let best = self.wholes().last().and_then(|row| row.scores.get(model)?.best);
        best.map_or_else(|| self.models[model].threshold, |best| best.score)
    }

    /// The rows of whole sets, all together last.
    fn wholes(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.part == Part::All.name())
    }
}

impl Report for DetectionReport {
    /// Aligned columns in percent: the figures of each model over all pictures, then AP50 set by set.
    fn to_table(&self) -> String {
        table::render(self)
    }

    /// One line for each model on each part of each set, with a line of names; shares 0 to 1.
    fn to_csv(&self) -> String {
        csv::render(self)
    }

    /// One page without outside references: curves, tables, the worst mistakes as pictures.
    fn to_html(&self) -> String {
        html::render(self)
    }

    /// `title`, `object`, `models` and `rows`; `scores` of a row are in the models' order, shares 0 to 1, null where there
    /// is nothing to compute them from.
    fn to_json(&self) -> Value {
        serde_json::json!({
            "title": self.title, "object": self.object, "models": self.models, "rows": self.rows,
        })
    }
}

/// Rows of all parts in which there is something to be found; lights only where there are several.
fn add_rows(rows: &mut Vec<Row>, name: &str, sets: &[&PictureSet], models: &[ModelReport]) {
    let whole = rows.len();
    for part in Part::every() {
        let pictures = || sets.iter().flat_map(|set| &set.pictures).filter(|picture| part.holds(picture));
        let boxes = pictures()
            .flat_map(|picture| picture.truth.iter().map(move |truth| (picture, truth)))
            .filter(|(picture, truth)| truth.kind == TruthKind::Counted && part.counts(&truth.bbox, picture))
            .count();
        let count = pictures().count();
        let is_the_whole = matches!(part, Part::Light(_)) && rows.get(whole).is_some_and(|row| row.pictures == count);
        if part != Part::All && (boxes == 0 || is_the_whole) {
            continue;
        }
        let scores = (0..).zip(models).map(|(number, model)| score(sets, number, part, model.threshold)).collect();
        rows.push(Row { set: name.to_owned(), part: part.name(), pictures: count, boxes, scores });
    }
}
