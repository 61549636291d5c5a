//! `greenlane evaluate alerts`: what a budget of alerts costs in a busy hall.

use crate::central::alert::{AlertSettings, BudgetTrial, busy_hall};
use crate::cmd::{Failure, Outcome};

/// Compute how many alerts a simulated hall raises under a budget, and what is lost by it.
///
/// A seeded hall: 30 things an hour are found that are worth nobody's look, 90 in every fourth hour, and 5 that are. They
/// go through the centre's real desk of alerts. Beside it stand who raises whatever comes first while there is a place,
/// and the best of each hour, known afterwards.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 1: in some hour more were raised than set.

Examples:
  greenlane evaluate alerts --per-hour 12
  greenlane evaluate alerts --per-hour 6 --hours 10 --seeds 20 --json")]
pub struct Args {
    /// Most alerts in any hour.
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    per_hour: u32,
    /// Length of the simulated hall's day.
    #[arg(long, value_name = "HOURS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=240))]
    hours: u32,
    /// How many days.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    seeds: u64,
    /// The first seed.
    #[arg(long, value_name = "N", default_value_t = 1)]
    first_seed: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
///
/// # Errors
/// [`Failure::Found`] when the budget was not kept.
pub fn run(args: &Args) -> Outcome {
    let settings = AlertSettings { per_hour: args.per_hour, ..AlertSettings::default() };
    let seeds = args.first_seed..args.first_seed.saturating_add(args.seeds);
    let trials: Vec<BudgetTrial> = seeds.map(|seed| busy_hall(seed, args.hours, &settings)).collect();
    if args.json {
        println!("{}", serde_json::to_string(&trials).map_err(Failure::found)?);
    } else {
        shown(&trials);
    }
    match trials.iter().find(|trial| trial.busiest_hour > trial.per_hour as usize) {
        Some(trial) => Err(Failure::Found(format!("{} alerts in one hour", trial.busiest_hour))),
        None => Ok(()),
    }
}

fn shown(trials: &[BudgetTrial]) {
    for trial in trials {
        println!(
            "{} hours, {} people found: {} raised, at most {} in any hour (budget {})",
            trial.hours, trial.candidates, trial.raised, trial.busiest_hour, trial.per_hour
        );
    }
    let sum = |of: fn(&BudgetTrial) -> usize| trials.iter().map(of).sum::<usize>();
    let all = sum(|t| t.worthwhile).max(1);
    let percent = |found: usize| 1e2 * found as f64 / all as f64;
    println!("of {all} things worth a look:");
    let loss = 1e2 - percent(sum(|t| t.found));
    println!("  raised within the budget   {:5.1} %: {loss:.1} % are lost by it", percent(sum(|t| t.found)));
    println!("  whatever comes first       {:5.1} %", percent(sum(|t| t.found_first_come)));
    println!("  best of each hour, after   {:5.1} %", percent(sum(|t| t.found_in_hindsight)));
}
