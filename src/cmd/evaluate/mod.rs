//! `greenlane evaluate`: the field's metrics, computed as the field's reference programs do.

mod area;
mod cameras;
mod detection;
mod layout;
mod source;
mod tracking;
mod vitals;

use super::Outcome;

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
    }
}
