//! `greenlane evaluate alerts`: what a budget of alerts costs in a busy hall.

use serde::Serialize;

use crate::central::alert::{AlertSettings, BudgetTrial, ScriptedHall, ScriptedTrial, busy_hall};
use crate::cmd::{Failure, Outcome};

/// Compute how many alerts a simulated hall raises under a budget, and what is lost by it.
///
/// A seeded hall: 30 things an hour are found that are worth nobody's look, 90 in every fourth hour, and 5 that are. They
/// go through the centre's real desk of alerts. Beside it stand who raises whatever comes first while there is a place,
/// and the best of each hour, known afterwards.
///
/// With --scripted what is found is what the behaviours really tell of scripted scenes, seen as in `evaluate events`:
/// ordinary people, and something staged in 15 of 100 scenes, in 45 of 100 in every fourth hour. A camera has 24 scenes an
/// hour.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 1: in some hour more were raised than set.

Examples:
  greenlane evaluate alerts --per-hour 12
  greenlane evaluate alerts --per-hour 6 --hours 10 --seeds 20 --json
  greenlane evaluate alerts --scripted --cameras 2 --per-hour 6 --per-hour 12 --per-hour 24")]
pub struct Args {
    /// Most alerts in any hour; may be given several times [default: 12]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    per_hour: Vec<u32>,
    /// Length of the simulated hall's day.
    #[arg(long, value_name = "HOURS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=240))]
    hours: u32,
    /// How many days [default: 5; 1 with --scripted]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000))]
    seeds: Option<u64>,
    /// The first seed.
    #[arg(long, value_name = "N", default_value_t = 1)]
    first_seed: u64,
    /// Let behaviours find what is to be found, in scripted scenes.
    #[arg(long)]
    scripted: bool,
    /// Cameras of the scripted hall.
    #[arg(long, value_name = "N", default_value_t = 2, requires = "scripted", value_parser = clap::value_parser!(u32).range(1..=32))]
    cameras: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
///
/// # Errors
/// [`Failure::Found`] when the budget was not kept.
pub fn run(args: &Args) -> Outcome {
    let budgets = if args.per_hour.is_empty() { &[12][..] } else { &args.per_hour };
    let settings = |per_hour| AlertSettings { per_hour, ..AlertSettings::default() };
    let seeds = args.seeds.unwrap_or(if args.scripted { 1 } else { 5 });
    let seeds = args.first_seed..args.first_seed.saturating_add(seeds);
    if args.scripted {
        let halls: Result<Vec<_>, _> = seeds.map(|seed| ScriptedHall::play(seed, args.hours, args.cameras)).collect();
        let halls = halls.map_err(Failure::found)?;
        let under = |per_hour: &u32| halls.iter().map(|hall| hall.under(&settings(*per_hour))).collect::<Vec<_>>();
        let trials: Vec<ScriptedTrial> = budgets.iter().flat_map(under).collect();
        print(args.json, &trials, |trials| trials.iter().for_each(scripted))?;
        return kept(trials.iter().map(|trial| (trial.busiest_hour, trial.per_hour)));
    }
    let mut all = Vec::new();
    for per_hour in budgets {
        all.push(seeds.clone().map(|seed| busy_hall(seed, args.hours, &settings(*per_hour))).collect::<Vec<_>>());
    }
    print(args.json, &all.concat(), |_| all.iter().for_each(|trials| busy(trials)))?;
    kept(all.iter().flatten().map(|trial| (trial.busiest_hour, trial.per_hour)))
}

fn print<T: Serialize>(json: bool, trials: &[T], text: impl FnOnce(&[T])) -> Outcome {
    if json {
        println!("{}", serde_json::to_string(trials).map_err(Failure::found)?);
    } else {
        text(trials);
    }
    Ok(())
}

/// Whether no hour had more than its budget.
fn kept(hours: impl IntoIterator<Item = (usize, u32)>) -> Outcome {
    match hours.into_iter().find(|(busiest, per_hour)| *busiest > *per_hour as usize) {
        Some((busiest, per_hour)) => Err(Failure::Found(format!("{busiest} alerts in one hour, {per_hour} are set"))),
        None => Ok(()),
    }
}

fn busy(trials: &[BudgetTrial]) {
    for trial in trials {
        println!(
            "{} hours, {} people found: {} raised, at most {} in any hour (budget {})",
            trial.hours, trial.candidates, trial.raised, trial.busiest_hour, trial.per_hour
        );
    }
    let sum = |of: fn(&BudgetTrial) -> usize| trials.iter().map(of).sum::<usize>();
    let all = sum(|t| t.worthwhile);
    println!("of {all} things worth a look:");
    let loss = 1e2 - percent(sum(|t| t.found), all);
    println!("  raised within the budget   {:5.1} %: {loss:.1} % are lost by it", percent(sum(|t| t.found), all));
    println!("  whatever comes first       {:5.1} %", percent(sum(|t| t.found_first_come), all));
    println!("  best of each hour, after   {:5.1} %", percent(sum(|t| t.found_in_hindsight), all));
}

fn scripted(trial: &ScriptedTrial) {
    let ScriptedTrial { per_hour, hours, cameras, raised, raised_in_vain, busiest_hour, .. } = trial;
    println!(
        "{hours} hours, {cameras} cameras, budget {per_hour}: {raised} raised, {raised_in_vain} of them in vain, at most \
         {busiest_hour} in any hour"
    );
    println!("  {} of {} told of came beyond the budget of their hour", trial.beyond, trial.told);
    for (name, [happened, told, shown]) in
        [("all", [trial.happened, trial.told, trial.shown]), ("grave ones", trial.grave)]
    {
        let (without, within) = (percent(told, happened), percent(shown, happened));
        println!(
            "  {name:<10} {happened:>4} happened: recall {without:5.1} % without budget, {within:5.1} % within it; \
             {:.1} % are lost by it",
            without - within
        );
    }
}

fn percent(part: usize, all: usize) -> f64 {
    1e2 * part as f64 / all.max(1) as f64
}
