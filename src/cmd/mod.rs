//! One file per verb: its arguments and its `run`. The only place that joins adapters.

mod alerts;
mod calibrate;
mod cameras;
mod central;
mod check;
mod console;
mod demo;
mod detect;
mod detections;
mod doctor;
mod edge;
mod evaluate;
mod models;
mod proposals;
mod reasons;
mod replay;
mod retention;
mod simulate;
mod terminal;
mod track;
mod traveller_report;
mod travellers;
mod vitals;
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::{CommandFactory, Parser, Subcommand};

use crate::config::Settings;
use crate::telemetry::{self, LogFormat};

/// What went wrong, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It ran and something is not as it should be: exit code 1.
    #[error("{0}")]
    Found(String),
    /// An input cannot be used (configuration, model, video, tape, address): exit code 2.
    #[error("{0}")]
    Input(String),
    /// The command line makes no sense: exit code 64.
    #[error("{0}")]
    Usage(String),
}

/// What a verb's `run` gives back.
pub type Outcome = Result<(), Failure>;

impl Failure {
    /// An unusable input, from any error that already says what and where.
    pub fn input(error: impl std::fmt::Display) -> Self {
        Self::Input(error.to_string())
    }

    /// A failure at run time, from any error that already says what and where.
    pub fn found(error: impl std::fmt::Display) -> Self {
        Self::Found(error.to_string())
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::Found(_) => 1,
            Self::Input(_) => 2,
            Self::Usage(_) => EXIT_USAGE,
        }
    }
}

/// Which models, in place of what the configuration says.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ModelArgs {
    /// The detector, by its name in the manifest (`greenlane models list`).
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Folder of model files besides the embedded ones.
    #[arg(long, value_name = "DIR", env = "GREENLANE_MODEL_MIRROR")]
    mirror: Option<PathBuf>,
}

impl ModelArgs {
    /// The same as arguments of another greenlane process.
    fn as_arguments(&self) -> Vec<OsString> {
        let mut arguments = Vec::new();
        if let Some(model) = &self.model {
            arguments.extend(["--model".into(), model.into()]);
        }
        if let Some(mirror) = &self.mirror {
            arguments.extend(["--mirror".into(), mirror.into()]);
        }
        arguments
    }

    fn apply(&self, settings: &mut Settings) {
        if let Some(mirror) = &self.mirror {
            settings.models.mirror = Some(mirror.clone());
        }
        for camera in &mut settings.cameras {
            if let Some(model) = &self.model {
                camera.pipeline.detector.clone_from(model);
            }
        }
    }
}

/// `EX_USAGE` of `sysexits.h`.
const EXIT_USAGE: u8 = 64;

/// greenlane watches an airport arrivals hall: measured quantities, and reasons for a human to look.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100, after_help = AFTER_HELP)]
struct Cli {
    /// Log level, or directives such as `greenlane=debug`; RUST_LOG overrides it.
    #[arg(long, global = true, default_value = "warn", value_name = "LEVEL", help_heading = "Logging")]
    log: String,
    /// How log lines on standard error look.
    #[arg(long, global = true, default_value = "text", value_name = "FORMAT", help_heading = "Logging")]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Exit codes: 0 all is well; 1 it ran and found something wrong; 2 an input cannot be used; 64 wrong usage.

Examples:
  greenlane replay hall.mp4 --out run1          events and tracks of a recording, with their digest
  greenlane central --store site.sqlite         the central tracker
  greenlane edge --config hall.toml             the cameras of one machine
  greenlane watch                               what the site reports, live
  greenlane console                             the operator's console, in a browser";

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Edge(edge::Args),
    Central(central::Args),
    Watch(watch::Args),
    Alerts(Box<alerts::Args>),
    Console(console::Args),
    Travellers(Box<travellers::Args>),
    Proposals(proposals::Args),
    Replay(replay::Args),
    Detect(detect::Args),
    Track(track::Args),
    Vitals(vitals::Args),
    Evaluate(evaluate::Args),
    Simulate(simulate::Args),
    Models(models::Args),
    Calibrate(calibrate::Args),
    Check(check::Args),
    Doctor(doctor::Args),
    Retention(retention::Args),
    Reasons(reasons::Args),
    /// Print the completions of a shell, e.g. `greenlane completions bash > /etc/bash_completion.d/greenlane`.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Whether nothing is left undone when nobody reads what it prints any more.
    fn only_reports(&self) -> bool {
        matches!(
            self,
            Self::Evaluate(_)
                | Self::Simulate(_)
                | Self::Check(_)
                | Self::Doctor(_)
                | Self::Reasons(_)
                | Self::Completions { .. }
        )
    }
}

/// The exit code that shells give for a process that SIGPIPE ended.
const EXIT_CLOSED_PIPE: i32 = 128 + signal_hook::consts::SIGPIPE;

/// Ends the process when its output goes into a pipe that is closed: whoever reads has enough. Rust ignores the signal, and printing
/// would panic instead. What nobody read was no verdict, so the exit code is none either.
fn end_with_the_reader() {
    let always = Arc::new(AtomicBool::new(true));
    let (signal, code) = (signal_hook::consts::SIGPIPE, EXIT_CLOSED_PIPE);
    if let Err(error) = signal_hook::flag::register_conditional_shutdown(signal, code, always) {
        tracing::debug!(%error, "a closed pipe will be an error");
    }
}

/// Runs the command line and gives the process's exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, not mistakes. Printing to a closed pipe is nobody's mistake either.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { EXIT_USAGE } else { 0 });
        }
    };
    telemetry::init(&cli.log, cli.log_format);
    if cli.command.only_reports() {
        end_with_the_reader();
    }
    let outcome = match cli.command {
        Command::Demo(args) => demo::run(&args),
        Command::Edge(args) => edge::run(&args),
        Command::Central(args) => central::run(&args),
        Command::Watch(args) => watch::run(&args),
        Command::Alerts(args) => alerts::run(&args),
        Command::Console(args) => console::run(&args),
        Command::Travellers(args) => travellers::run(&args),
        Command::Proposals(args) => proposals::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Detect(args) => detect::run(&args),
        Command::Track(args) => track::run(&args),
        Command::Vitals(args) => vitals::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Models(args) => models::run(&args),
        Command::Calibrate(args) => calibrate::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Retention(args) => retention::run(&args),
        Command::Reasons(args) => reasons::run(&args),
        Command::Completions { shell } => completions(shell),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("greenlane: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn completions(shell: clap_complete::Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "greenlane", &mut script);
    print!("{}", String::from_utf8_lossy(&script));
    Ok(())
}
