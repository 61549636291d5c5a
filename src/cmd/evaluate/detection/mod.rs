//! `greenlane evaluate detection`: average precision of models on labelled pictures.

mod exhibits;
mod measure;
mod object;
mod sets;
mod visit;

use std::num::NonZero;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget};

use super::area::AreaArgs;
use super::output;
use crate::cmd::detect::style;
use crate::cmd::{Failure, Outcome};
use crate::evaluation::detection::{DetectionReport, PictureSet, worst};
use exhibits::{Mistakes, exhibits};
use measure::{Contestant, measure};
use object::{LabelRules, Object};
use sets::LabelledSet;

/// Compute average precision of detectors on labelled pictures, as pycocotools does; all models in one run.
///
/// A set is a folder with images/ and labels/ (YOLO text: class cx cy w h, a file for every picture; landmarks/ beside it
/// holds five points of faces), a folder with ground_truth.csv and clips/ (ZJU eye-blink: faces), or a folder of such
/// folders. --mot names MOT ground truth and its video; where seqinfo.ini beside it gives the size of the picture that was
/// labelled, the video may have another one.
///
/// The same person is found when the boxes overlap by half. Sizes are heights in a picture scaled to 416 pixels width;
/// light is measured from the pixels. Times are those of one thread, models in turns, without decoding the picture.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane evaluate detection cctv/ --model greenlane-person-256x416
  greenlane evaluate detection people/ cctv/ --model greenlane-person-416 --model person_yolox_nano_416 --html page.html
  greenlane evaluate detection --mot pets/gt.txt vtest.avi --model person_yolox_nano_416 --region '0,300 768,300 768,576'
  greenlane evaluate detection faces/ zju/ --object face --model face_yunet_n_dynamic@320x320 --every 5")]
pub struct Args {
    /// Labelled pictures.
    #[arg(value_name = "DIR", required_unless_present = "mot")]
    sets: Vec<PathBuf>,
    /// MOT ground truth with its video or folder of pictures; may be given several times.
    #[arg(long, num_args = 2, value_names = ["GT", "VIDEO"])]
    mot: Vec<PathBuf>,
    #[command(flatten)]
    area: AreaArgs,
    /// The detector, by its name in the manifest; NAME@WIDTHxHEIGHT sets the input size where the model takes any. May be
    /// given several times.
    #[arg(long, value_name = "NAME", required = true)]
    model: Vec<String>,
    /// Folder of model files besides the embedded ones.
    #[arg(long, value_name = "DIR", env = "GREENLANE_MODEL_MIRROR")]
    mirror: Option<PathBuf>,
    /// Configuration whose `[models]` section holds: manifest, runtime, execution provider.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// What is to be found.
    #[arg(long, value_enum, default_value_t = Object::Person)]
    object: Object,
    /// Classes of the label files that mean it; without it, 0 for persons and faces and 1 for bags.
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    label_class: Vec<u32>,
    /// Classes of the label files that mark regions in which nothing found is false.
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    ignore_class: Vec<u32>,
    /// How many classes the label files have; a higher one is refused.
    #[arg(long, value_name = "N", default_value_t = 80, value_parser = clap::value_parser!(u32).range(1..))]
    classes: u32,
    /// Leave out what scores less; low, because the curve needs weak findings as well.
    #[arg(long, value_name = "S", default_value_t = 0.01)]
    min_score: f32,
    /// Look at every n-th picture of a set only.
    #[arg(long, value_name = "N", default_value = "1")]
    every: NonZero<usize>,
    /// Print JSON: all figures, shares 0 to 1.
    #[arg(long)]
    json: bool,
    /// Write all figures as comma-separated values.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write one page with curves, tables and the worst mistakes as pictures.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Misses and false alarms of each model that the page shows, of each kind.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u8).range(0..=40))]
    pictures: u8,
    /// Title of the report.
    #[arg(long, value_name = "TEXT", default_value = "Detection")]
    title: String,
}

/// Runs the verb.
///
/// # Errors
/// Pictures, labels or models that cannot be used, a model that fails, a report that cannot be written.
pub fn run(args: &Args) -> Outcome {
    let labelled = labelled_sets(args)?;
    let places = (args.config.as_deref(), args.mirror.as_deref());
    let mut models = Contestant::open_all(&args.model, places, args.object, args.min_score)?;
    let bar = progress(labelled.iter().map(|set| set.pictures.len()).sum());
    let mut sets = Vec::with_capacity(labelled.len());
    for set in &labelled {
        bar.set_message(set.name.clone());
        sets.push(measure(set, &mut models, args.object, &bar)?);
    }
    bar.finish_and_clear();
    let models = models.into_iter().map(Contestant::report).collect();
    let mut report = DetectionReport::of(&args.title, args.object.as_str(), models, &sets);
    if args.html.is_some() {
        report.exhibits = exhibits(&labelled, &sets, &mistakes(&report, &sets, usize::from(args.pictures)))?;
    }
    output(&report, args.csv.as_deref(), args.html.as_deref(), args.json)
}

/// Each model's at its threshold of the best F1 over all pictures.
fn mistakes(report: &DetectionReport, sets: &[PictureSet], most: usize) -> Vec<Mistakes> {
    (0..report.models.len())
        .map(|model| {
            let score = report.threshold(model);
            Mistakes { model, score, faults: worst(sets, model, score, most) }
        })
        .collect()
}

fn labelled_sets(args: &Args) -> Result<Vec<LabelledSet>, Failure> {
    let rules = LabelRules::new(args.object, args.classes, &args.label_class, &args.ignore_class);
    let area = args.area.labelled_area()?;
    let mut found = Vec::new();
    for folder in &args.sets {
        found.extend(sets::in_folder(folder, &rules)?);
    }
    for pair in args.mot.chunks_exact(2) {
        if args.object != Object::Person {
            return Err(Failure::Usage("MOT ground truth holds persons: --object person".to_owned()));
        }
        found.push(sets::recording(&pair[0], &pair[1], area.clone())?);
    }
    for set in &mut found {
        let mut number = 0;
        set.pictures.retain(|_| {
            number += 1;
            (number - 1_usize).is_multiple_of(args.every.get())
        });
    }
    if found.iter().all(|set| set.pictures.iter().all(|picture| picture.truth.is_empty())) {
        let object = args.object.as_str();
        return Err(Failure::Input(format!("no {object} is labelled in any picture (see --label-class)")));
    }
    Ok(found)
}

fn progress(pictures: usize) -> ProgressBar {
    let bar = ProgressBar::new(pictures as u64);
    bar.set_style(style("{msg:20} {bar:30} {pos}/{len} {eta} left"));
    if !std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar
}
