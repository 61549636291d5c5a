//! `greenlane check`: is the configuration usable? Reads the configuration and the model files, and opens nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;

use super::{Failure, Outcome};
use crate::config::{self, CameraSettings, ConfigError, Fault, Loaded, Settings};
use crate::perception::{ModelEntry, ModelLibrary, PerceptionError, Task, locate};

/// Say whether a configuration is usable: its keys, its models, its calibration. Opens no camera.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes: 0 usable; 1 models or runtime are missing or wrong; 2 the configuration is faulty.

Examples:
  greenlane check --config hall.toml            cameras, models, calibration
  greenlane check --config hall.toml --json     the same for a program
  greenlane check                               the models and the runtime alone")]
pub struct Args {
    /// The configuration; without one, what holds by default is checked.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of model files besides the embedded ones.
    #[arg(long, value_name = "DIR", env = "GREENLANE_MODEL_MIRROR")]
    mirror: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What was found. Sources are shown without credentials.
#[derive(Debug, Default, Serialize)]
struct Findings {
    file: Option<String>,
    usable: bool,
    /// SHA-256 of the configuration as understood.
    digest: Option<String>,
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
    cameras: Vec<CameraLine>,
    models: Vec<ModelLine>,
    runtime: Option<PathBuf>,
    /// What is wrong with models and runtime.
    problems: Vec<String>,
}

#[derive(Debug, Serialize)]
struct CameraLine {
    id: String,
    role: config::CameraRole,
    source: String,
    purpose: String,
    models: Vec<String>,
    /// What no model is there for: it is not measured.
    without: Vec<Task>,
    calibrated: bool,
}

#[derive(Debug, Serialize)]
struct ModelLine {
    /// As configured.
    name: String,
    /// Its name in the manifest.
    model: Option<String>,
    sha256: Option<String>,
    /// `embedded`, `mirror` or `cache`; none when the file is not there or is another one.
    place: Option<&'static str>,
    cameras: Vec<String>,
}

/// Checks and reports.
///
/// # Errors
/// [`Failure::Input`] when the configuration is faulty, [`Failure::Found`] when what it names is missing or wrong.
pub fn run(args: &Args) -> Outcome {
    let mut findings = Findings { file: args.config.as_ref().map(|p| p.display().to_string()), ..Findings::default() };
    let outcome = match understood(args) {
        Ok(Loaded { mut settings, warnings }) => {
            findings.digest = Some(settings.digest());
            findings.warnings = warnings;
            if args.mirror.is_some() {
                settings.models.mirror.clone_from(&args.mirror);
            }
            look_at_models(&settings, &mut findings);
            match findings.problems.len() {
                0 => Ok(()),
                n => Err(Failure::Found(format!("{n} problem{} found", if n == 1 { "" } else { "s" }))),
            }
        }
        Err(error) => {
            if let ConfigError::Faulty { faults, .. } = &error {
                findings.faults.clone_from(faults);
            }
            Err(Failure::input(error))
        }
    };
    findings.usable = outcome.is_ok();
    if args.json {
        let json = serde_json::to_string(&findings).map_err(Failure::found)?;
        println!("{json}");
    } else {
        print!("{}", text(&findings));
    }
    outcome
}

fn understood(args: &Args) -> Result<Loaded, ConfigError> {
    match &args.config {
        Some(path) => config::read(path),
        None => Ok(Loaded { settings: config::hall(Vec::new()), warnings: Vec::new() }),
    }
}

fn camera_line(camera: &CameraSettings, models: &[(Task, Option<&str>)]) -> CameraLine {
    CameraLine {
        id: camera.id.to_string(),
        role: camera.role,
        source: camera.source.redacted(),
        purpose: camera.purpose.clone(),
        models: models.iter().filter_map(|(_, name)| name.map(str::to_owned)).collect(),
        without: models.iter().filter(|(_, name)| name.is_none()).map(|(task, _)| *task).collect(),
        calibrated: camera.pipeline.core.homography.is_some(),
    }
}

fn look_at_models(settings: &Settings, findings: &mut Findings) {
    match locate(settings.models.runtime.as_deref()) {
        Ok(path) => findings.runtime = Some(path),
        Err(error) => findings.problems.push(error.to_string()),
    }
    let library = match ModelLibrary::open(&settings.models) {
        Ok(library) => library,
        Err(error) => return findings.problems.push(error.to_string()),
    };
    let mut wanted: BTreeMap<(&str, Task), Vec<String>> = BTreeMap::new();
    for camera in &settings.cameras {
        let models = library.models_of(&camera.pipeline);
        findings.cameras.push(camera_line(camera, &models));
        for (task, name) in models {
            name.into_iter().for_each(|name| wanted.entry((name, task)).or_default().push(camera.id.to_string()));
        }
    }
    if settings.cameras.is_empty() {
        wanted.insert((config::HALL_DETECTOR, Task::Detection), Vec::new());
    }
    for ((name, task), cameras) in wanted {
        let line = ModelLine { name: name.to_owned(), model: None, sha256: None, place: None, cameras };
        findings.models.push(match fitting(&library, name, task) {
            Ok((entry, place)) => {
                let (model, sha256) = (Some(entry.name.clone()), Some(entry.sha256.clone()));
                ModelLine { model, sha256, place: Some(place), ..line }
            }
            Err(problem) => {
                findings.problems.push(problem);
                line
            }
        });
    }
}

/// The model's entry in the manifest and where its file is, once it is known to be the right one for the task.
fn fitting<'l>(library: &'l ModelLibrary, name: &str, task: Task) -> Result<(&'l ModelEntry, &'static str), String> {
    let entry = library.entry(name).map_err(|e| e.to_string())?;
    if entry.task != task {
        let wanted = task.as_str();
        return Err(
            PerceptionError::WrongTask { model: name.to_owned(), task: entry.task.to_string(), wanted }.to_string()
        );
    }
    library.load(entry).map(|(_, place)| (entry, place.as_str())).map_err(|e| e.to_string())
}

fn text(findings: &Findings) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let mut line = |args: std::fmt::Arguments<'_>| {
        let _ = text.write_fmt(args);
        text.push('\n');
    };
    for camera in &findings.cameras {
        let calibrated = if camera.calibrated { "calibrated" } else { "not calibrated" };
        let without: String = camera.without.iter().map(|task| format!(", without {task}")).collect();
        let models = camera.models.join(" + ");
        line(format_args!("camera {}: {}, {calibrated}, {models}{without}", camera.id, camera.source));
    }
    for model in &findings.models {
        let name = model.model.as_ref().unwrap_or(&model.name);
        let sha256 = model.sha256.as_ref().map_or_else(String::new, |digits| format!(", sha256 {digits}"));
        line(format_args!("model {name}: {}{sha256}", model.place.unwrap_or("not usable")));
    }
    if let Some(runtime) = &findings.runtime {
        line(format_args!("runtime: {}", runtime.display()));
    }
    for warning in &findings.warnings {
        line(format_args!("warning: {warning}"));
    }
    for problem in &findings.problems {
        line(format_args!("problem: {problem}"));
    }
    if let (Some(digest), true) = (&findings.digest, findings.usable) {
        line(format_args!("configuration: {digest}"));
        line(format_args!("usable"));
    }
    text
}
