//! `greenlane evaluate cameras`: one traveller across cameras, ours beside the baselines.

use std::fs;
use std::path::{Path, PathBuf};

use super::source::read;
use crate::association::AssociationSettings;
use crate::cmd::traveller_report::TravellerReport;
use crate::cmd::{Failure, Outcome};
use crate::evaluation::MotRow;
use crate::evaluation::travellers::{SimulatedAppearance, campus};

/// What the files of views begin with.
const VIEW: &str = "view-";

/// Compute global IDF1, multi-camera HOTA, MCTA, hand-overs, time to the right identity, open-set error and the calibration of
/// link probabilities, for greenlane's association and for the baselines.
///
/// The tracks of each camera are the labels' own, broken where a label is lost: what is judged is the joining of tracks, not
/// the tracking. Nothing of the cameras' places is used. Baselines: the nearest look (with the threshold that suits
/// it best in hindsight), a transition matrix learned from the truth (Dick & Brooks), and offline min-cost flow with
/// everything learned from the truth, which is the upper bound.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane evaluate cameras --dataset campus campus-auditorium
  greenlane evaluate cameras --dataset campus campus-auditorium --appearance simulated:0.9 --json")]
pub struct Args {
    /// Layout of DIR.
    #[arg(long, value_name = "NAME")]
    dataset: Dataset,
    /// Folder with view-NAME.txt for each camera: VATIC rows, 30 frames a second, one identity across all cameras.
    dir: PathBuf,
    /// none, or simulated:AUC for appearance vectors that tell two tracks' persons apart with this area under the curve
    /// (above 0.5, below 1).
    #[arg(long, value_name = "none|simulated:AUC", default_value = "none", value_parser = appearance)]
    appearance: Look,
    /// Print JSON: ratios 0 to 1.
    #[arg(long)]
    json: bool,
}

/// Whose layout.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Dataset {
    Campus,
}

/// Which appearance vectors tracks have.
#[derive(Debug, Clone, Copy)]
struct Look(Option<SimulatedAppearance>);

fn appearance(text: &str) -> Result<Look, String> {
    match text.split_once(':') {
        None if text == "none" => Ok(Look(None)),
        Some(("simulated", auc)) => auc.parse().map(|look| Look(Some(look))).map_err(|error| format!("{error}")),
        _ => Err("neither `none` nor `simulated:AUC`".to_owned()),
    }
}

/// Runs the verb.
///
/// # Errors
/// A folder without views, or a line that cannot be read.
pub fn run(args: &Args) -> Outcome {
    let Dataset::Campus = args.dataset;
    let views = views(&args.dir)?;
    let name = args.dir.canonicalize().ok().and_then(|path| path.file_name().map(|n| n.to_string_lossy().into_owned()));
    let recording = campus(name.as_deref().unwrap_or("campus"), &views, args.appearance.0)
        .map_err(|fault| Failure::Input(format!("{}: {fault}", args.dir.display())))?;
    let report = TravellerReport::of(&recording, &AssociationSettings::default());
    let looks = args.appearance.0.map_or("none".to_owned(), |look| format!("simulated, AUC {}", look.auc));
    if args.json {
        let mut fields = report.to_json();
        fields.insert("dataset".to_owned(), "campus".into());
        fields.insert("tracks_from".to_owned(), "labels".into());
        fields.insert("appearance".to_owned(), looks.into());
        println!("{:#}", serde_json::Value::Object(fields));
    } else {
        print!("{}", report.to_table());
        println!(
            "tracks: the labels' own, broken where a label is lost; appearance: {looks}; no calibration, no topology"
        );
    }
    Ok(())
}

/// Every `view-NAME.txt` of a folder, by name.
fn views(dir: &Path) -> Result<Vec<(String, Vec<MotRow>)>, Failure> {
    let fault = |error: std::io::Error| Failure::Input(format!("{}: {error}", dir.display()));
    let mut views = Vec::new();
    for entry in fs::read_dir(dir).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = file.strip_prefix(VIEW).and_then(|rest| rest.strip_suffix(".txt")).map(str::to_owned);
        if let Some(name) = name {
            let rows = read(&path, &name)?;
            views.push((name, rows));
        }
    }
    views.sort_by(|a, b| a.0.cmp(&b.0));
    if views.is_empty() {
        return Err(Failure::Input(format!("{}: no {VIEW}NAME.txt", dir.display())));
    }
    Ok(views)
}
