//! Configuration in two steps: as written (strict, every fault of the file in one report), then as understood.
//!
//! Keys end in their unit (`stall_s` is seconds). Relative paths are taken from the folder of the file. Secrets come from
//! the environment (`${NAME}` in a source) or from a file of their own, and are never printed. `config/hall.example.toml`
//! shows every key with its default.

mod camera;
mod credentials;
mod defaults;
mod digest;
mod drawn;
mod environment;
mod fault;
mod overlay;
mod process;
mod scenario;
mod section;
mod settings;
mod topology;
mod zones;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use toml::de::DeTable;

pub use defaults::{
    CENTRAL_PORT, HALL_DETECTOR, LANE_DETECTOR, NO_APPEARANCE, NO_MODEL, PULSE_MODEL, hall, hall_camera, lane_camera,
};
pub use drawn::Drawn;
pub use environment::{cache_folder, filled_variable};
pub use fault::{ConfigError, Fault};
pub use scenario::scenario;
pub use settings::*;

/// Largest configuration file, in bytes; a larger one is something else.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A configuration and what in it is probably not meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The configuration as understood.
    pub settings: Settings,
    /// Allowed, but worth a look.
    pub warnings: Vec<Fault>,
}

/// Reads a configuration file; warnings go to the log.
///
/// # Errors
/// [`ConfigError`] with every fault of the file.
pub fn load(path: &Path) -> Result<Settings, ConfigError> {
    let Loaded { settings, warnings } = read(path)?;
    for warning in warnings {
        tracing::warn!(file = %path.display(), line = warning.line, key = warning.key, problem = warning.problem,
            "configuration warning");
    }
    Ok(settings)
}

/// Reads a configuration file and returns the warnings too.
///
/// # Errors
/// [`ConfigError`] with every fault of the file.
pub fn read(path: &Path) -> Result<Loaded, ConfigError> {
    parse(&text_of(path)?, &path.to_string_lossy())
}

/// The text of a file of bounded size.
fn text_of(path: &Path) -> Result<String, ConfigError> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text))
        .and_then(|bytes| {
            if bytes as u64 > FILE_BYTES_MAX {
                return Err(std::io::Error::other(format!("is larger than {FILE_BYTES_MAX} bytes")));
            }
            Ok(())
        })
        .map_err(|source| ConfigError::Unreadable { file: path.to_owned(), source })?;
    Ok(text)
}

/// Understands the text of a configuration file. `name` is its path: faults begin with it, and relative paths are taken
/// from its folder.
///
/// # Errors
/// [`ConfigError::Faulty`] with every fault.
pub fn parse(text: &str, name: &str) -> Result<Loaded, ConfigError> {
    let environment = std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    let surroundings = camera::Surroundings { folder, environment: &environment };

    let (document, notation) = DeTable::parse_recoverable(text);
    let report = fault::Report::new(text, &notation);
    let settings = understood(&report, document.get_ref(), &surroundings);
    Ok(Loaded { warnings: report.close(name)?, settings })
}

fn understood<'d>(
    report: &'d fault::Report<'d>,
    document: &'d DeTable<'d>,
    surroundings: &camera::Surroundings<'_>,
) -> Settings {
    let mut file = section::Section::new(report, "", Some(document), None);
    let default = hall(Vec::new());
    let settings = Settings {
        site: file.parsed("site", camera::site_name).unwrap_or(default.site),
        central: process::central(file.section("central"), surroundings.folder),
        edge: process::edge(file.section("edge"), surroundings.folder),
        models: process::models(file.section("models"), surroundings.folder),
        cameras: camera::cameras(&mut file, report, surroundings),
    };
    file.close();
    settings
}
