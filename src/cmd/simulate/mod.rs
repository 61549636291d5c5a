//! `greenlane simulate`: what no recording has, played by a script with the truth beside.

mod hall;
mod vitals;

use super::Outcome;

/// Play what no recording has: a random hall, or vital signs with a known truth.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Hall(hall::Args),
    Vitals(Box<vitals::Args>),
}

/// Runs the verb.
///
/// # Errors
/// As the kind of simulation says.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::Hall(args) => hall::run(args),
        What::Vitals(args) => vitals::run(args),
    }
}
