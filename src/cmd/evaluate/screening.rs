//! `greenlane evaluate screening`: does the budget of false alarms hold, and what is found.

use serde::Serialize;

use crate::cmd::{Failure, Outcome};
use crate::evaluation::screening::{Conditions, DetectionPoint, Share, Trial, detection, ordinary, shifted};
use crate::screening::{ScreeningSettings, Signal};
use crate::units::Interval;

const ALL: &[Signal] = &[Signal::Pulse, Signal::Respiration, Signal::BlinkRate, Signal::FacialMovement];
const TWO: &[Signal] = &[Signal::Pulse, Signal::Respiration];
const ONE: &[Signal] = &[Signal::Pulse];
/// Effect sizes of the detection curve, in spreads between people.
const SIZES: [f64; 7] = [0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0];
/// From when on a change begins, seconds of the stay.
const CHANGE_FROM_S: f64 = 35.0;
/// Passers after the crowd has changed, by block.
const BLOCKS: [u32; 4] = [100, 200, 700, 2_000];

/// Compute how many ordinary passers are told of, and how many who differ.
///
/// Simulated passers, seeded, go through the real state machine: first those from whom the lanes learn, then those who are
/// judged. The budget is kept when it lies in the 95 % Wilson interval of what was told. Then: how many are found whose
/// signals lie higher by so many spreads between people, and what happens when the crowd changes from one passer to the
/// next, which no such method can be right about at first.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 1: a budget was not kept.

Examples:
  greenlane evaluate screening --passers 3000 --budget 1 --budget 5 --budget 20
  greenlane evaluate screening --budget 5 --seeds 20 --no-detection --json")]
pub struct Args {
    /// Ordinary passers that are judged.
    #[arg(long, value_name = "N", default_value_t = 3_000)]
    passers: u32,
    /// Ordinary passers before them, from whom the lanes learn.
    #[arg(long, value_name = "N", default_value_t = 6_000)]
    learned: u32,
    /// Lanes, each a camera of its own.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    lanes: u32,
    /// False alarms per 1,000 passers; may be given several times [default: 5]
    #[arg(long, value_name = "N")]
    budget: Vec<f64>,
    /// Repeat the ordinary passers with so many seeds.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seeds: u64,
    /// The first seed.
    #[arg(long, value_name = "N", default_value_t = 1)]
    first_seed: u64,
    /// Passers of each point of the detection curve.
    #[arg(long, value_name = "N", default_value_t = 300)]
    each: u32,
    /// Only whether the budget holds.
    #[arg(long)]
    no_detection: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Budget {
    per_1000: f64,
    trials: Vec<Trial>,
    kept: usize,
    pooled: Share,
    level: Vec<DetectionPoint>,
    change: Vec<DetectionPoint>,
    two_signals: Vec<DetectionPoint>,
    one_signal: Vec<DetectionPoint>,
    shifted: Vec<Trial>,
}

/// Runs the verb.
///
/// # Errors
/// [`Failure::Usage`] for a budget that makes no sense, [`Failure::Found`] when one was not kept.
pub fn run(args: &Args) -> Outcome {
    let budgets = if args.budget.is_empty() { &[5.0][..] } else { &args.budget };
    let mut found = Vec::new();
    for per_1000 in budgets {
        let settings = ScreeningSettings { attention_per_1000: *per_1000, alert_per_1000: 0.0, ..Default::default() };
        if let Some(fault) = settings.fault() {
            return Err(Failure::Usage(format!("--budget {per_1000}: {fault}")));
        }
        found.push(measured(args, *per_1000, settings));
    }
    if args.json {
        println!("{}", serde_json::to_string(&found).map_err(Failure::found)?);
    } else {
        found.iter().for_each(shown);
    }
    // With one seed the interval itself errs once in twenty; with several, so may that share of them.
    let broken = found.iter().find(|b| (b.kept as f64) < 0.8 * b.trials.len() as f64);
    broken.map_or(Ok(()), |b| {
        Err(Failure::Found(format!(
            "the budget of {} per 1,000 was not kept in {} of {} trials (one in twenty errs by chance: see --seeds 20)",
            b.per_1000,
            b.trials.len() - b.kept,
            b.trials.len()
        )))
    })
}

fn measured(args: &Args, per_1000: f64, settings: ScreeningSettings) -> Budget {
    let (passers, learned, lanes) = (args.passers, args.learned, args.lanes);
    let conditions = |seed| Conditions { passers, learned, lanes, seed, settings };
    let trials: Vec<Trial> =
        (args.first_seed..args.first_seed + args.seeds).map(|seed| ordinary(&conditions(seed))).collect();
    let pooled = trials
        .iter()
        .fold(Share::default(), |sum, t| Share { count: sum.count + t.told.count, of: sum.of + t.told.of });
    let kept = trials.iter().filter(|t| t.told.allows(per_1000 / 1e3)).count();
    let curve = |signals, from_s| match args.no_detection {
        true => Vec::new(),
        false => detection(&conditions(args.first_seed), &SIZES, signals, from_s, args.each),
    };
    Budget {
        per_1000,
        kept,
        pooled,
        level: curve(ALL, 0.0),
        change: curve(ALL, CHANGE_FROM_S),
        two_signals: curve(TWO, 0.0),
        one_signal: curve(ONE, 0.0),
        shifted: if args.no_detection { Vec::new() } else { shifted(&conditions(args.first_seed), &BLOCKS) },
        trials,
    }
}

fn per_thousand(share: Share) -> String {
    let Interval { low, high } = share.wilson();
    format!("{:.2} ({:.2} to {:.2}) per 1,000", 1e3 * share.value(), 1e3 * low, 1e3 * high)
}

fn shown(budget: &Budget) {
    println!("budget {} per 1,000 ordinary passers", budget.per_1000);
    for trial in &budget.trials {
        let kept = if trial.told.allows(budget.per_1000 / 1e3) { "kept" } else { "NOT KEPT" };
        let (told, of) = (trial.told.count, trial.told.of);
        println!(
            "  told {told} of {of}: {}, {kept}; {:.0} % could be judged",
            per_thousand(trial.told),
            1e2 * trial.judged.value()
        );
    }
    if budget.trials.len() > 1 {
        println!("  all seeds: {}; kept in {} of {}", per_thousand(budget.pooled), budget.kept, budget.trials.len());
    }
    let curves = [
        ("all four signals, whole stay", &budget.level),
        ("all four, from 35 s on", &budget.change),
        ("two signals, whole stay", &budget.two_signals),
        ("one signal, whole stay", &budget.one_signal),
    ];
    for (name, points) in curves.into_iter().filter(|(_, points)| !points.is_empty()) {
        let cells: Vec<String> =
            points.iter().map(|p| format!("{:.1}: {:.0} %", p.size, 1e2 * p.told.value())).collect();
        println!("  found, {name}: {}", cells.join("  "));
    }
    let mut passed = 0;
    for trial in &budget.shifted {
        let from = passed + 1;
        passed += trial.told.of;
        println!("  after the crowd changed, passers {from} to {passed}: {}", per_thousand(trial.told));
    }
}
