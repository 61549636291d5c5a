//! `greenlane simulate`: what no recording has, played by a script with the truth beside.

mod hall;

use super::Outcome;

/// Play a random hall and measure what the system makes of it.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Hall(hall::Args),
}

/// Runs the verb.
///
/// # Errors
/// As the kind of simulation says.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::Hall(args) => hall::run(args),
    }
}
