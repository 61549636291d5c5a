//! `greenlane evaluate`: the field's metrics, computed as the field's reference programs do.

mod alerts;
mod area;
mod blinks;
mod cameras;
mod detection;
mod events;
mod layout;
mod screening;
mod source;
mod tracking;
mod travellers;
mod vitals;

use std::fs;
use std::path::Path;

use super::{Failure, Outcome};
use crate::evaluation::Report;

/// Compute the field's metrics of results against ground truth.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Cameras(cameras::Args),
    Tracking(Box<tracking::Args>),
    Detection(Box<detection::Args>),
    Vitals(vitals::Args),
    Blinks(Box<blinks::Args>),
    Events(events::Args),
    Screening(screening::Args),
    Alerts(alerts::Args),
}

/// Runs the verb.
///
/// # Errors
/// As the kind of evaluation says.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::Cameras(args) => cameras::run(args),
        What::Tracking(args) => tracking::run(args),
        What::Detection(args) => detection::run(args),
        What::Vitals(args) => vitals::run(args),
        What::Blinks(args) => blinks::run(args),
        What::Events(args) => events::run(args),
        What::Screening(args) => screening::run(args),
        What::Alerts(args) => alerts::run(args),
    }
}

/// Writes what the caller asked for: files of comma-separated values and HTML, and JSON or a table on standard output.
fn output(report: &dyn Report, csv: Option<&Path>, html: Option<&Path>, json: bool) -> Outcome {
    let write = |path: &Path, text: String| {
        fs::write(path, text).map_err(|error| Failure::Found(format!("{}: {error}", path.display())))
    };
    csv.map_or(Ok(()), |path| write(path, report.to_csv()))?;
    html.map_or(Ok(()), |path| write(path, report.to_html()))?;
    if json {
        println!("{:#}", report.to_json());
    } else {
        print!("{}", report.to_table());
    }
    Ok(())
}
