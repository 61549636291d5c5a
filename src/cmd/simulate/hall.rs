//! `greenlane simulate hall`: travellers on their ways through a hall of cameras.

use crate::association::AssociationSettings;
use std::str::FromStr;

use crate::central::{Faults, Rehearsal, UnknownFault, rehearse};
use crate::cmd::traveller_report::TravellerReport;
use crate::cmd::{Failure, Outcome};
use crate::evaluation::travellers::{HallPlan, hall};

/// Standard deviation of clocks that are off, milliseconds, and how often an hour a camera sees nothing, where that is asked for.
const CLOCK_MS: u32 = 300;
const OUTAGES_PER_HOUR: u32 = 4;

/// What goes wrong in a simulated hall.
#[derive(Debug, Clone, Copy)]
struct Trouble {
    network: Faults,
    clocks: bool,
    outages: bool,
}

impl FromStr for Trouble {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        let (network, clocks, outages) = match name {
            "clock" => (Faults::default(), true, false),
            "outage" => (Faults::default(), false, true),
            "all" => (name.parse()?, true, true),
            name => (name.parse()?, false, false),
        };
        Ok(Self { network, clocks, outages })
    }
}

/// Play a random hall: rooms with cameras, blind ways between them, travellers with routes, pauses and restrooms, half of
/// them dressed alike in pairs. Prints the metrics of `evaluate cameras` beside the baselines, then sends the same
/// reports through a faulty network to a centre and checks what must hold whatever happens.
///
/// The same seed gives the same hall and the same digest. Exits with 1 when something does not hold.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane simulate hall --seed 7
  greenlane simulate hall --seed 7 --cameras 6 --travellers 40 --minutes 8 --faults all --json")]
pub struct Args {
    /// Seed of the hall, of the noise and of the faults.
    #[arg(long, value_name = "N")]
    seed: u64,
    /// Cameras; every sixth shares the room of the one before.
    #[arg(long, value_name = "C", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=200))]
    cameras: u32,
    /// Travellers.
    #[arg(long, value_name = "T", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=5000))]
    travellers: u32,
    /// How long, in minutes.
    #[arg(long, value_name = "M", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=240))]
    minutes: u32,
    /// What goes wrong on the way to the centre: none, drop, delay, duplicate, reorder, partition, restart; at the cameras:
    /// clock, outage; or all.
    #[arg(long, value_name = "NAME", default_value = "none")]
    faults: Trouble,
    /// Print JSON: ratios 0 to 1.
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
///
/// # Errors
/// When an invariant does not hold.
pub fn run(args: &Args) -> Outcome {
    let plan = HallPlan {
        seed: args.seed,
        cameras: args.cameras as usize,
        travellers: args.travellers as usize,
        minutes: args.minutes,
        clock_ms: if args.faults.clocks { CLOCK_MS } else { 0 },
        outages_per_hour: if args.faults.outages { OUTAGES_PER_HOUR } else { 0 },
    };
    let recording = hall(plan).map_err(Failure::input)?;
    let report = TravellerReport::of(&recording, &AssociationSettings::default());
    let rehearsal = rehearse(&recording.sightings, &recording.topology, args.faults.network, args.seed);
    if args.json {
        println!("{:#}", json(args, &report, &rehearsal));
    } else {
        print!("{}", report.to_table());
        print!("{}", lines(&rehearsal));
    }
    let broken: Vec<&str> = rehearsal.invariants.iter().filter(|(_, holds)| !holds).map(|(name, _)| *name).collect();
    if broken.is_empty() && report.double_presences() == 0 {
        return Ok(());
    }
    Err(Failure::Found(format!("seed {}: does not hold: {}", args.seed, broken.join(", "))))
}

fn json(args: &Args, report: &TravellerReport, rehearsal: &Rehearsal) -> serde_json::Value {
    let mut fields = report.to_json();
    let invariants: serde_json::Map<String, serde_json::Value> =
        rehearsal.invariants.iter().map(|(name, holds)| ((*name).to_owned(), (*holds).into())).collect();
    for (name, value) in [
        ("seed", args.seed.into()),
        ("invariants", invariants.into()),
        ("digest", rehearsal.digest.clone().into()),
        ("events", rehearsal.reported.into()),
        ("repeated", rehearsal.repeated.into()),
        ("restarts", rehearsal.restarts.into()),
        ("late", rehearsal.late.into()),
        ("presences_most", rehearsal.presences.into()),
    ] {
        fields.insert(name.to_owned(), value);
    }
    fields.into()
}

fn lines(rehearsal: &Rehearsal) -> String {
    let Rehearsal { reported, repeated, restarts, late, presences, digest, .. } = rehearsal;
    let mut text = format!(
        "\nto the centre: {reported} events, {repeated} repeated, {late} late, {restarts} restarts, at most {presences} \
         presences in memory\n"
    );
    for (name, holds) in &rehearsal.invariants {
        text.push_str(&format!("{name:20} {}\n", if *holds { "holds" } else { "DOES NOT HOLD" }));
    }
    text + &format!("digest {digest}\n")
}
