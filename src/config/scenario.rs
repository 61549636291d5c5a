//! Scenario files: the simulation's halls and people, as TOML.

use std::path::Path;

use super::fault::{ConfigError, Fault};
use super::text_of;
use crate::simulation::Scenario;

/// Reads a scenario file, whose format [`crate::simulation`] documents. It may still name things that are not there:
/// [`crate::simulation::World::new`] tells.
///
/// # Errors
/// [`ConfigError`] when the file cannot be read, or what is wrong with it and in which line.
pub fn scenario(path: &Path) -> Result<Scenario, ConfigError> {
    let text = text_of(path)?;
    toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let fault = Fault { line, key: String::new(), problem: error.message().to_owned() };
        ConfigError::Faulty { file: path.display().to_string(), faults: vec![fault] }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_read_and_a_mistake_has_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("one.toml");
        std::fs::write(&file, "duration_s = 5\n[[door]]\nid = \"exit\"\nat = [1, 2]\n").unwrap();
        assert_eq!(scenario(&file).unwrap().doors[0].at, (1.0, 2.0));
        std::fs::write(&file, "duration_s = 5\n[[door]]\nid = \"exit\"\nat = [1]\n").unwrap();
        let error = scenario(&file).unwrap_err().to_string();
        assert!(error.contains("one.toml: 1 fault") && error.contains("line 4"), "{error}");
        assert!(scenario(&folder.path().join("none.toml")).is_err());
    }
}
