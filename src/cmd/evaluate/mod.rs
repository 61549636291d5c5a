//! `greenlane evaluate`: the field's metrics, computed as the field's reference programs do.

mod events;
mod layout;
mod source;
mod tracking;

use super::Outcome;

/// Compute the field's metrics of results against ground truth.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Tracking(Box<tracking::Args>),
    Events(events::Args),
}

/// Runs the verb.
///
/// # Errors
/// As the kind of evaluation says.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::Tracking(args) => tracking::run(args),
        What::Events(args) => events::run(args),
    }
}
