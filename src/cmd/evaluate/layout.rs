//! Which files make up the sequences: the folder layouts in which MOT ground truth and results are kept.

use std::fs;
use std::path::{Path, PathBuf};

use super::source::is_store;
use crate::cmd::Failure;

/// What a sequence's description is called.
const SEQINFO: &str = "seqinfo.ini";
/// What a ground truth file is called inside a sequence's folder.
const TRUTH: &str = "gt.txt";
/// What ends the names of ground truth files that lie beside each other.
const TRUTH_SUFFIX: &str = "-gt";

/// The files of one sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// Ground truth.
    pub truth: PathBuf,
    /// Results.
    pub results: PathBuf,
    /// Number of frames, where a description says it.
    pub frames: Option<u32>,
}

/// Finds the sequences below `truth` and their results below `results`; `only` keeps the named ones.
///
/// # Errors
/// Nothing found, results missing, a description that cannot be read.
pub fn find(truth: &Path, results: &Path, only: &[String]) -> Result<Vec<Found>, Failure> {
    results.metadata().map_err(|error| Failure::Input(format!("{}: {error}", results.display())))?;
    let mut files = truth_files(truth)?;
    if let Some(unknown) = only.iter().find(|name| files.iter().all(|file| name_of(file) != **name)) {
        let known: Vec<String> = files.iter().map(|file| name_of(file)).collect();
        return Err(Failure::Input(format!(
            "{}: no sequence `{unknown}`; there are {}",
            truth.display(),
            known.join(", ")
        )));
    }
    files.retain(|file| only.is_empty() || only.contains(&name_of(file)));
    if results.is_file() && files.len() != 1 && !is_store(results) {
        let (results, count) = (results.display(), files.len());
        return Err(Failure::Usage(format!("{results} is one file, but there is ground truth of {count} sequences")));
    }
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for file in files {
        let name = name_of(&file);
        match results_of(results, &name) {
            Some(results) => found.push(Found { frames: frames_of(&file, &name)?, name, truth: file, results }),
            None => missing.push(format!("{name}.txt")),
        }
    }
    if missing.is_empty() {
        return Ok(found);
    }
    let (results, missing) = (results.display(), missing.join(", "));
    Err(Failure::Input(format!(
        "{results}: no results for every sequence: {missing} missing (--sequences leaves some out)"
    )))
}

fn truth_files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let canonical = path.canonicalize().map_err(|error| Failure::Input(format!("{}: {error}", path.display())))?;
    if canonical.is_file() {
        return Ok(vec![canonical]);
    }
    if let Some(file) = truth_inside(&canonical) {
        return Ok(vec![file]);
    }
    let entries = sorted_entries(&canonical)?;
    let ends_as_truth = |entry: &&PathBuf| is_text(entry) && stem(entry).ends_with(TRUTH_SUFFIX);
    let mut files: Vec<PathBuf> = entries.iter().filter_map(|entry| truth_inside(entry)).collect();
    files.extend(entries.iter().filter(ends_as_truth).cloned());
    if files.is_empty() {
        files = entries.into_iter().filter(|entry| is_text(entry)).collect();
    }
    if files.is_empty() {
        let path = path.display();
        return Err(Failure::Input(format!(
            "{path}: no ground truth (SEQ/gt/gt.txt, SEQ/gt.txt, SEQ-gt.txt or SEQ.txt)"
        )));
    }
    Ok(files)
}

/// `gt/gt.txt` or `gt.txt` in a sequence's folder.
fn truth_inside(folder: &Path) -> Option<PathBuf> {
    [folder.join("gt").join(TRUTH), folder.join(TRUTH)].into_iter().find(|file| file.is_file())
}

fn sorted_entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let fault = |error: std::io::Error| Failure::Input(format!("{}: {error}", folder.display()));
    let entries = fs::read_dir(folder).map_err(fault)?;
    let mut paths = entries.map(|entry| Ok(entry.map_err(fault)?.path())).collect::<Result<Vec<_>, Failure>>()?;
    paths.sort();
    Ok(paths)
}

fn is_text(path: &Path) -> bool {
    path.is_file() && path.extension().is_some_and(|extension| extension == "txt")
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The folder that holds a `gt.txt`, above a folder `gt`.
fn sequence_folder(truth: &Path) -> Option<&Path> {
    let parent = truth.parent()?;
    if parent.file_name().is_some_and(|name| name == "gt") { parent.parent() } else { Some(parent) }
}

/// A sequence is called as its folder when the file is `gt.txt`, else as the file.
pub fn name_of(truth: &Path) -> String {
    let stem = stem(truth);
    if truth.file_name().is_some_and(|name| name == TRUTH) {
        let folder = sequence_folder(truth).and_then(Path::file_name);
        return folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or(stem);
    }
    stem.strip_suffix(TRUTH_SUFFIX).map(str::to_owned).unwrap_or(stem)
}

/// As `TrackEval` (`SEQ.txt`, `data/SEQ.txt`) and as `greenlane replay --out` (`tracks/SEQ.txt`, `tapes/SEQ.tape`) write
/// them.
fn results_of(results: &Path, name: &str) -> Option<PathBuf> {
    if results.is_file() {
        return Some(results.to_owned());
    }
    let (text, tape) = (format!("{name}.txt"), format!("{name}.tape"));
    let places = [("", &text), ("data", &text), ("tracks", &text), ("", &tape), ("tapes", &tape)];
    places.into_iter().map(|(folder, file)| results.join(folder).join(file)).find(|path| path.is_file())
}

/// `seqLength` of the sequence's description, if it has one.
fn frames_of(truth: &Path, name: &str) -> Result<Option<u32>, Failure> {
    let Some(info) = SequenceInfo::of(truth, name)? else { return Ok(None) };
    match info.number("seqLength")? {
        Some(frames) => Ok(Some(frames)),
        None => Err(Failure::Input(format!("{}: no seqLength", info.path.display()))),
    }
}

/// A sequence's description, `seqinfo.ini`.
pub struct SequenceInfo {
    path: PathBuf,
    text: String,
}

impl SequenceInfo {
    /// The one that belongs to a ground truth file: in the sequence's folder, or `SEQ-seqinfo.ini` beside the file.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn of(truth: &Path, name: &str) -> Result<Option<Self>, Failure> {
        let is_gt = truth.file_name().is_some_and(|file| file == TRUTH);
        let beside = truth.with_file_name(format!("{name}-{SEQINFO}"));
        let inside = if is_gt { sequence_folder(truth).map(|folder| folder.join(SEQINFO)) } else { None };
        let found = [Some(beside), inside].into_iter().flatten().find(|path| path.is_file());
        let Some(path) = found else { return Ok(None) };
        let text = fs::read_to_string(&path).map_err(|error| Failure::Input(format!("{}: {error}", path.display())))?;
        Ok(Some(Self { path, text }))
    }

    /// The whole number above 0 of a key, `None` without such a key.
    ///
    /// # Errors
    /// When something else stands there.
    pub fn number(&self, wanted: &str) -> Result<Option<u32>, Failure> {
        let pairs = (1..).zip(self.text.lines()).filter_map(|(number, line)| Some((number, line.split_once('=')?)));
        let mut values = pairs.filter(|(_, (key, _))| key.trim().eq_ignore_ascii_case(wanted));
        let Some((number, (_, value))) = values.next() else { return Ok(None) };
        let value = value.trim();
        let fault = || {
            let path = self.path.display();
            Failure::Input(format!("{path}: line {number}: {wanted} `{value}` is no whole number above 0"))
        };
        value.parse::<u32>().ok().filter(|value| *value > 0).ok_or_else(fault).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: PathBuf, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn names(found: &[Found]) -> Vec<(&str, Option<u32>)> {
        found.iter().map(|found| (found.name.as_str(), found.frames)).collect()
    }

    #[test]
    fn layouts() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path();
        for name in ["A", "B"] {
            write(base.join("challenge").join(name).join("gt/gt.txt"), "");
            write(base.join("challenge").join(name).join("seqinfo.ini"), "[Sequence]\nseqLength = 7\n");
            write(base.join("beside").join(format!("{name}-gt.txt")), "");
            write(base.join("beside").join(format!("{name}-seqinfo.ini")), "seqLength=9\n");
            write(base.join("plain").join(format!("{name}.txt")), "");
            write(base.join("results").join(format!("{name}.txt")), "");
            write(base.join("run/tracks").join(format!("{name}.txt")), "");
        }
        write(base.join("one/gt.txt"), "");
        write(base.join("one/det.txt"), "");
        let results = base.join("results");
        for (truth, expected) in [
            ("challenge", vec![("A", Some(7)), ("B", Some(7))]),
            ("beside", vec![("A", Some(9)), ("B", Some(9))]),
            ("plain", vec![("A", None), ("B", None)]),
        ] {
            for results in [&results, &base.join("run")] {
                assert_eq!(names(&find(&base.join(truth), results, &[]).unwrap()), expected, "{truth}");
            }
        }
        let one_file = results.join("A.txt");
        for (truth, expected) in [
            ("one", "one"),
            ("one/gt.txt", "one"),
            ("challenge/A", "A"),
            ("challenge/B/gt/gt.txt", "B"),
            ("plain/A.txt", "A"),
        ] {
            assert_eq!(find(&base.join(truth), &one_file, &[]).unwrap()[0].name, expected, "{truth}");
        }
        let only = find(&base.join("challenge"), &one_file, &["B".to_owned()]).unwrap();
        assert_eq!(names(&only), [("B", Some(7))]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path();
        for name in ["A", "B", "C"] {
            write(base.join("gt").join(name).join("gt/gt.txt"), "");
        }
        write(base.join("results/B.txt"), "");
        write(base.join("bad/gt.txt"), "");
        write(base.join("bad/seqinfo.ini"), "[Sequence]\nseqLength=many\n");
        fs::create_dir(base.join("empty")).unwrap();
        for (truth, results, only, expected) in [
            ("gt", "results", "", "A.txt, C.txt missing"),
            ("gt", "results", "D", "no sequence `D`; there are A, B, C"),
            ("gt", "results/B.txt", "", "is one file, but there is ground truth of 3 sequences"),
            ("empty", "results", "", "no ground truth"),
            ("nowhere", "results", "", "nowhere: No such file"),
            ("bad", "results/B.txt", "", "seqinfo.ini: line 2: seqLength `many` is no whole number above 0"),
        ] {
            let only: Vec<String> = only.split_whitespace().map(str::to_owned).collect();
            let failure = find(&base.join(truth), &base.join(results), &only).unwrap_err().to_string();
            assert!(failure.contains(expected), "{truth}: {failure}");
        }
    }
}
