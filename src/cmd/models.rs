//! `greenlane models`: which models there are, whether they are right, and how they come and go.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget};
use serde::Serialize;

use super::detect::{model_settings, style};
use super::{Failure, Outcome};
use crate::config::{self, ModelSettings};
use crate::perception::{self, ModelEntry, ModelLibrary, Network, OriginServes, Source, Task};

/// List, verify, fetch and pack models.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane models list                                        what there is, and where
  greenlane models verify                                      hash, input and outputs of each
  greenlane models pull person_yolox_nano_416                  from where it was published
  greenlane models pull --mirror /media/usb                    all, from a folder
  greenlane models bundle site.tar --config hall.toml          what a site without network needs")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// The models of the manifest and where their files are.
    List {
        /// Print a JSON array.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Checks size and SHA-256, opens each model and compares its input and outputs with the manifest.
    Verify {
        /// Models by name; without any, all whose files are there.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Fetches model files into the cache (~/.cache/greenlane/models).
    Pull {
        /// Models by name; without any, all that are not embedded.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Folder or http(s) URL with the files.
        #[arg(long, value_name = "DIR|URL", env = "GREENLANE_MODEL_MIRROR")]
        mirror: Option<String>,
        /// `origin`: from where each was published, even when a mirror is set.
        #[arg(long, value_name = "origin", value_parser = ["origin"])]
        from: Option<String>,
        /// Configuration whose `[models]` section names the manifest.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Packs models, licences and manifest into a tar file; unpacked, it is a mirror.
    Bundle {
        /// The tar file.
        #[arg(value_name = "OUT.tar")]
        out: PathBuf,
        /// Models by name, besides those of the configuration.
        #[arg(long = "model", value_name = "NAME", num_args = 1.., required_unless_present = "config")]
        models: Vec<String>,
        #[command(flatten)]
        place: PlaceArgs,
    },
}

/// Where models are looked for.
#[derive(Debug, clap::Args)]
struct PlaceArgs {
    /// Folder of model files besides the embedded ones.
    #[arg(long, value_name = "DIR", env = "GREENLANE_MODEL_MIRROR")]
    mirror: Option<PathBuf>,
    /// Configuration whose `[models]` section holds: manifest, mirror, runtime.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl PlaceArgs {
    fn open(&self) -> Result<(ModelSettings, ModelLibrary), Failure> {
        let settings = model_settings(self.config.as_deref(), self.mirror.as_deref())?;
        let library = ModelLibrary::open(&settings).map_err(Failure::input)?;
        Ok((settings, library))
    }
}

/// Runs the verb.
///
/// # Errors
/// When a name, manifest or configuration cannot be used, or a model is not as it should be.
pub fn run(args: &Args) -> Outcome {
    match &args.verb {
        Verb::List { json, place } => list(*json, &place.open()?.1),
        Verb::Verify { names, place } => {
            let (settings, library) = place.open()?;
            verify(names, &settings, &library)
        }
        Verb::Pull { names, mirror, from, config } => {
            let source = match (mirror, from) {
                (Some(mirror), None) => Source::mirror(mirror),
                _ => Source::Origin,
            };
            pull(names, &source, config.as_deref())
        }
        Verb::Bundle { out, models, place } => bundle(out, models, place),
    }
}

/// A model as `models list --json` shows it.
#[derive(Debug, Serialize)]
struct Line<'a> {
    name: &'a str,
    task: Task,
    about: &'a str,
    file: &'a str,
    size: u64,
    sha256: &'a str,
    width: u32,
    height: u32,
    licence: &'a str,
    licence_file: &'a str,
    origin: &'a str,
    /// Whether the origin URL gives this very file.
    origin_serves_file: bool,
    accuracy: Option<&'a str>,
    /// `embedded`, `mirror`, `cache` or `missing`; its hash is checked by `verify` and whenever it is used.
    place: &'static str,
    /// The file, where it is one.
    path: Option<String>,
}

fn line<'a>(library: &ModelLibrary, entry: &'a ModelEntry) -> Line<'a> {
    let place = library.place(entry);
    Line {
        name: &entry.name,
        task: entry.task,
        about: &entry.about,
        file: &entry.file,
        size: entry.size,
        sha256: &entry.sha256,
        width: entry.input.width,
        height: entry.input.height,
        licence: &entry.licence,
        licence_file: &entry.licence_file,
        origin: &entry.origin,
        origin_serves_file: entry.origin_serves == OriginServes::File,
        accuracy: entry.accuracy.as_deref(),
        place: place.as_ref().map_or("missing", |p| p.as_str()),
        path: place.and_then(|p| p.path().map(|p| p.display().to_string())),
    }
}

fn list(json: bool, library: &ModelLibrary) -> Outcome {
    let lines: Vec<Line<'_>> = library.manifest().models().iter().map(|entry| line(library, entry)).collect();
    if json {
        return print(&serde_json::to_string_pretty(&lines).map_err(Failure::found)?);
    }
    let mut rows =
        vec![["NAME", "TASK", "WHERE", "SIZE", "INPUT", "LICENCE", "SHA256", "PUBLISHED"].map(str::to_owned)];
    rows.extend(lines.iter().map(|l| {
        let (size, input) = (format!("{:.1} MB", l.size as f64 / 1e6), format!("{}x{}", l.width, l.height));
        let accuracy = l.accuracy.unwrap_or("-").to_owned();
        let short = l.sha256[..12].to_owned();
        [l.name.into(), l.task.to_string(), l.place.into(), size, input, l.licence.into(), short, accuracy]
    }));
    print(&columns(&rows))
}

/// Rows with their columns under each other.
fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let text = |row: &[String; N]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(text).collect::<Vec<_>>().join("\n")
}

/// Prints; a reader that went away is nobody's failure.
fn print(text: &str) -> Outcome {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::found(error)),
        _ => Ok(()),
    }
}

/// The entries of those names; all that `when_none` holds for when there is no name.
fn chosen<'a>(
    library: &'a ModelLibrary,
    names: &[String],
    when_none: impl Fn(&ModelEntry) -> bool,
) -> Result<Vec<&'a ModelEntry>, Failure> {
    if names.is_empty() {
        return Ok(library.manifest().models().iter().filter(|e| when_none(e)).collect());
    }
    names.iter().map(|name| library.entry(name).map_err(Failure::input)).collect()
}

/// One failure for all of them.
fn failures(failed: &[String], of: usize) -> Outcome {
    match failed.len() {
        0 => Ok(()),
        n => Err(Failure::Found(format!("{n} of {of} failed\n  {}", failed.join("\n  ")))),
    }
}

fn verify(names: &[String], settings: &ModelSettings, library: &ModelLibrary) -> Outcome {
    let entries = chosen(library, names, |entry| library.place(entry).is_some())?;
    if entries.is_empty() {
        return Err(Failure::Input("no model file is anywhere: name a mirror (--mirror DIR)".to_owned()));
    }
    let mut failed = Vec::new();
    for entry in &entries {
        match Network::open(library, settings, &entry.name, (&Task::ALL, "anything")) {
            Ok(_) => print(&format!("ok      {}", entry.name))?,
            Err(error) => {
                print(&format!("FAILED  {}", entry.name))?;
                failed.push(error.to_string());
            }
        }
    }
    failures(&failed, entries.len())
}

fn pull(names: &[String], source: &Source, config: Option<&Path>) -> Outcome {
    let settings = model_settings(config, None)?;
    let library = ModelLibrary::open(&settings).map_err(Failure::input)?;
    let entries = chosen(&library, names, |entry| library.place(entry) != Some(perception::Place::Embedded))?;
    let folder =
        library.cache().ok_or_else(|| Failure::Input("no cache folder: set HOME or XDG_CACHE_HOME".to_owned()))?;
    let mut failed = Vec::new();
    for entry in &entries {
        let bar = ProgressBar::new(entry.size).with_message(entry.name.clone());
        bar.set_style(style("{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec}"));
        if !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let outcome = perception::fetch(entry, source, folder, &mut |bytes| bar.set_position(bytes));
        bar.finish_and_clear();
        match outcome {
            Ok(path) => print(&format!("{}", path.display()))?,
            Err(error) => failed.push(error.to_string()),
        }
    }
    failures(&failed, entries.len())
}

fn bundle(out: &Path, models: &[String], place: &PlaceArgs) -> Outcome {
    let (_, library) = place.open()?;
    let mut names = models.to_vec();
    if let Some(path) = &place.config {
        for camera in config::load(path).map_err(Failure::input)?.cameras {
            let models = library.models_of(&camera.pipeline);
            names.extend(models.iter().filter_map(|(_, name)| name.map(str::to_owned)));
        }
    }
    let mut entries = chosen(&library, &names, |_| false)?;
    if entries.is_empty() {
        return Err(Failure::Input("the configuration names no camera, so no model".to_owned()));
    }
    entries.sort_by_key(|entry| &entry.name);
    entries.dedup_by_key(|entry| &entry.name);
    perception::bundle(&library, &entries, out).map_err(Failure::input)?;
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    print(&format!("{}: {}", out.display(), names.join(", ")))
}
