//! `greenlane evaluate events`: how well behaviours are told on scripted scenarios.

use std::fs;
use std::path::{Path, PathBuf};

use crate::behaviour::Rules;
use crate::cmd::{Failure, Outcome};
use crate::config;
use crate::evaluation::events::{
    CROSSINGS, EventReport, Eyes, Occurrence, Played, STAGED, Staged, Told, crossings, ordinary, play, staged,
};
use crate::event::{Behaviour, Lifecycle};
use crate::simulation::Noise;

/// Compute precision, recall and delay of behaviours on scripted scenarios.
///
/// Without --scenarios, scenarios are made from seeds: for each behaviour so many of its own kind, mixed with as many of
/// ordinary people alone. They are seen with 10 % of the boxes missing, 5 pixels of jitter on each edge, a false box in
/// 50 frames and 2 broken ids a minute for every person.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane evaluate events --seeds 200
  greenlane evaluate events --behaviour bag_handed_over --seeds 200 --list
  greenlane evaluate events --scenarios config/scenarios --list")]
pub struct Args {
    /// Only this behaviour; all without it.
    #[arg(long, value_name = "NAME")]
    behaviour: Option<String>,
    /// How many scenarios of each kind.
    #[arg(long, value_name = "N", default_value_t = 50)]
    seeds: u64,
    /// The first seed.
    #[arg(long, value_name = "N", default_value_t = 1)]
    first_seed: u64,
    /// A folder of scenarios (*.toml) with their zones and lines in rules.toml, in place of made ones.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["behaviour", "seeds", "first_seed"])]
    scenarios: Option<PathBuf>,
    /// With --scenarios: the seed of how they are seen.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "scenarios")]
    seed: u64,
    /// Only people with bags who cross each other: false hand-overs in 1,000 crossings.
    #[arg(long, conflicts_with_all = ["behaviour", "scenarios"])]
    crossings: bool,
    /// Let the tracker follow people, in place of the scenario's own ids.
    #[arg(long)]
    tracker: bool,
    /// Inject faults of one frame: a false box in every second frame, and 2 % of the boxes elsewhere or twice.
    #[arg(long)]
    faults: bool,
    /// List every false alert and every miss; of --scenarios, everything that is told.
    #[arg(long)]
    list: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
///
/// # Errors
/// When a behaviour is unknown, or a scenario cannot be read or played.
pub fn run(args: &Args) -> Outcome {
    let eyes = if args.tracker { Eyes::Tracker } else { Eyes::Scripted };
    if let Some(folder) = &args.scenarios {
        let mut report = EventReport::default();
        for (name, case) in read(folder)? {
            let played = played(&name, &case, args.seed, eyes)?;
            if args.list {
                played.told.iter().for_each(|told| eprintln!("{name}: {}", line(told, &case)));
            }
            let (_, missed) = report.add(&played);
            if args.list {
                missed.iter().for_each(|occurrence| eprintln!("{name}: {}", miss(occurrence)));
            }
        }
        return shown(&[("scenarios".to_owned(), report)], args.json);
    }
    if args.crossings {
        return crossed(args, eyes);
    }
    let chosen = chosen(args.behaviour.as_deref())?;
    let seeds = args.first_seed..args.first_seed + args.seeds;
    let noisy = |mut case: Staged| {
        if args.faults {
            let noise = case.scenario.noise;
            case.scenario.noise = Noise { false_boxes: 0.5, box_jumps: 0.02, duplicates: 0.02, ..noise };
        }
        case
    };
    let mut plain = EventReport::default();
    for seed in seeds.clone() {
        add(&mut plain, &format!("ordinary {seed}"), &noisy(ordinary(seed)), seed, eyes, args.list)?;
    }
    let mut reports = vec![("ordinary".to_owned(), plain.clone())];
    for behaviour in chosen {
        // The same ordinary scenarios stand beside every behaviour's own.
        let mut report = plain.clone();
        for seed in seeds.clone() {
            let Some(case) = staged(behaviour, seed).map(noisy) else { continue };
            add(&mut report, &format!("{} {seed}", behaviour.as_str()), &case, seed, eyes, args.list)?;
        }
        reports.push((behaviour.as_str().to_owned(), report));
    }
    shown(&reports, args.json)
}

fn crossed(args: &Args, eyes: Eyes) -> Outcome {
    let mut report = EventReport::default();
    for seed in args.first_seed..args.first_seed + args.seeds {
        add(&mut report, &format!("crossings {seed}"), &crossings(seed), seed, eyes, args.list)?;
    }
    let of = |b: Behaviour| report.scores.get(&b).map_or(0, |score| score.false_alerts);
    let false_ones = of(Behaviour::BagHandedOver) + of(Behaviour::ObjectTaken);
    let all = args.seeds * CROSSINGS as u64;
    let rate = 1_000.0 * false_ones as f64 / all.max(1) as f64;
    println!("{false_ones} false hand-overs in {all} crossings: {rate:.2} in 1,000");
    Ok(())
}

fn chosen(name: Option<&str>) -> Result<Vec<Behaviour>, Failure> {
    let Some(name) = name else { return Ok(STAGED.to_vec()) };
    let found = STAGED.into_iter().find(|b| b.as_str() == name);
    let names: Vec<&str> = STAGED.iter().map(|b| b.as_str()).collect();
    let unknown = || Failure::Usage(format!("`{name}` is not staged; these are: {}", names.join(", ")));
    Ok(vec![found.ok_or_else(unknown)?])
}

fn read(folder: &Path) -> Result<Vec<(String, Staged)>, Failure> {
    let rules_file = folder.join("rules.toml");
    let text = fs::read_to_string(&rules_file).map_err(|e| Failure::input(format!("{}: {e}", rules_file.display())))?;
    let rules: Rules = toml::from_str(&text).map_err(|e| Failure::input(format!("{}: {e}", rules_file.display())))?;
    let entries = fs::read_dir(folder).map_err(|e| Failure::input(format!("{}: {e}", folder.display())))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "toml") && *file != rules_file);
    files.sort();
    if files.is_empty() {
        return Err(Failure::input(format!("{}: there is no scenario (*.toml)", folder.display())));
    }
    let one = |file: &PathBuf| -> Result<(String, Staged), Failure> {
        let scenario = config::scenario(file).map_err(Failure::input)?;
        Ok((file.display().to_string(), Staged { scenario, rules: rules.clone() }))
    };
    files.iter().map(one).collect()
}

fn add(report: &mut EventReport, name: &str, case: &Staged, seed: u64, eyes: Eyes, list: bool) -> Result<(), Failure> {
    let played = played(name, case, seed, eyes)?;
    let (in_vain, missed) = report.add(&played);
    if list {
        in_vain.iter().for_each(|told| eprintln!("{name}: {}", alert(told)));
        missed.iter().for_each(|occurrence| eprintln!("{name}: {}", miss(occurrence)));
    }
    Ok(())
}

fn played(name: &str, case: &Staged, seed: u64, eyes: Eyes) -> Result<Played, Failure> {
    play(&case.scenario, &case.rules, seed, eyes).map_err(|e| Failure::input(format!("{name}: {e}")))
}

/// An event of a scenario in words: when, what, of whom, and what was measured.
fn line(told: &Told, case: &Staged) -> String {
    let f = &told.finding;
    let people = told.people.iter().filter_map(|p| case.scenario.people.get(*p)).map(|p| p.id.as_str());
    let bag = told.bag.and_then(|bag| case.scenario.bags.get(bag)).map(|bag| bag.id.as_str());
    let who: Vec<&str> = people.chain(bag).collect();
    let reasons = f.reasons.iter().map(|r| format!("{} {:.2} {}", r.code.name(), r.measured, r.unit.symbol()));
    let reasons: Vec<String> = reasons.map(|text| text.trim_end().to_owned()).collect();
    let over = if f.lifecycle == Lifecycle::End { " is over" } else { "" };
    format!("{:6.1} s {}{over}: {} ({})", told.at_s, f.behaviour.as_str(), who.join(", "), reasons.join(", "))
}

fn alert(told: &Told) -> String {
    let f = &told.finding;
    format!("false {} at {:.1} s, of people {:?}: {:?}", f.behaviour.as_str(), told.at_s, told.people, f.reasons)
}

fn miss(o: &Occurrence) -> String {
    format!("missed {} from {:.1} to {:.1} s, of people {:?}", o.behaviour.as_str(), o.from_s, o.until_s, o.people)
}

fn shown(reports: &[(String, EventReport)], json: bool) -> Outcome {
    if json {
        let by_name: serde_json::Map<String, serde_json::Value> = reports
            .iter()
            .map(|(name, report)| Ok((name.clone(), serde_json::to_value(report)?)))
            .collect::<Result<_, serde_json::Error>>()
            .map_err(Failure::found)?;
        println!("{}", serde_json::Value::Object(by_name));
        return Ok(());
    }
    println!(
        "{:<18} {:>8} {:>6} {:>6} {:>8} {:>10} {:>8}",
        "behaviour", "happened", "found", "false", "recall", "precision", "delay s"
    );
    for (name, report) in reports {
        let own = report.scores.iter().filter(|(b, _)| b.as_str() == name || Behaviour::from_name(name).is_none());
        for (behaviour, score) in own {
            let figure = |value: Option<f64>, digits| value.map_or("-".to_owned(), |v| format!("{v:.digits$}"));
            println!(
                "{:<18} {:>8} {:>6} {:>6} {:>8} {:>10} {:>8}",
                if name == "ordinary" { format!("({})", behaviour.as_str()) } else { behaviour.as_str().to_owned() },
                score.happened,
                score.found,
                score.false_alerts,
                figure(score.recall(), 3),
                figure(score.precision(), 3),
                figure(score.delay_s(), 1),
            );
        }
        if name == "ordinary" {
            let rate = report.alerts as f64 / report.camera_hours.max(f64::MIN_POSITIVE);
            let faults = report.faults;
            println!("{:<18} {rate:.2} alerts a camera-hour, {faults} faults of one frame", "(ordinary)");
        }
        for ((happened, told), count) in &report.confusion {
            println!("{:<18} {count} false {} beside {}", "", told.as_str(), happened.as_str());
        }
    }
    Ok(())
}
