//! Mean colours of each face's regions, in the form that `--from-traces` reads.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::output::ONLY_FACE;
use super::{Failure, Outcome};
use crate::biosignal::roi::REGION_NAMES;
use crate::edge::lane::LaneFace;
use crate::time::MediaTime;

/// Most faces with a file of their own; further ones are not written.
const FILES_MAX: usize = 64;

/// A file for each face: the first has the name that was asked for, the others a number behind it.
pub(super) struct TraceFiles {
    path: PathBuf,
    files: BTreeMap<u64, (PathBuf, BufWriter<File>)>,
}

impl TraceFiles {
    /// Begins with the first file, which is there even if no face is seen.
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        // Whether the path can be written is to be known before the first face.
        create(path)?;
        Ok(Self { path: path.to_owned(), files: BTreeMap::new() })
    }

    /// Writes what was seen at `at` of a face, if it was.
    pub(super) fn write(&mut self, at: MediaTime, face: &LaneFace) -> Outcome {
        let id = face.id().map_or(ONLY_FACE, |id| id.0);
        if face.seen() != at || (self.files.len() == FILES_MAX && !self.files.contains_key(&id)) {
            return Ok(());
        }
        let number = self.files.len() + 1;
        if !self.files.contains_key(&id) {
            let path = numbered(&self.path, number);
            self.files.insert(id, (path.clone(), create(&path)?));
        }
        let Some((path, file)) = self.files.get_mut(&id) else { return Ok(()) };
        let t = at.seconds();
        for (name, colour) in REGION_NAMES.iter().zip(face.colours()) {
            let Some([r, g, b]) = colour else { continue };
            // The shortest text that reads back as the same number.
            writeln!(file, "{t},{name},{r},{g},{b}").map_err(|e| Failure::Found(format!("{}: {e}", path.display())))?;
        }
        Ok(())
    }

    /// Completes the files.
    pub(super) fn finish(mut self) -> Outcome {
        let mut files = self.files.values_mut();
        files.try_for_each(|(path, f)| f.flush().map_err(|e| Failure::Found(format!("{}: {e}", path.display()))))
    }
}

fn create(path: &Path) -> Result<BufWriter<File>, Failure> {
    let unwritable = |e: std::io::Error| Failure::Input(format!("{}: {e}", path.display()));
    let mut file = BufWriter::new(File::create(path).map_err(unwritable)?);
    writeln!(file, "t,region,r,g,b").map_err(unwritable)?;
    Ok(file)
}

fn numbered(path: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match path.extension() {
        Some(extension) => format!("{stem}-{number}.{}", extension.to_string_lossy()),
        None => format!("{stem}-{number}"),
    };
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_faces_have_numbers() {
        let name = |number| numbered(Path::new("a/me.csv"), number).display().to_string();
        assert_eq!([name(1), name(2), name(3)], ["a/me.csv", "a/me-2.csv", "a/me-3.csv"]);
    }
}
