//! Reads one table of the file as written: every key once, with its default; what was not asked for is unknown.

use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Report, given, suggestion};

/// One table of the file; absent tables read as empty ones.
pub(super) struct Section<'d> {
    pub(super) report: &'d Report<'d>,
    path: String,
    table: Option<&'d DeTable<'d>>,
    span: Option<Range<usize>>,
    known: Vec<&'static str>,
}

/// A value with its place in the file and its key's path.
#[derive(Clone)]
pub(super) struct Entry<'d> {
    report: &'d Report<'d>,
    pub(super) key: String,
    pub(super) value: &'d Spanned<DeValue<'d>>,
}

impl<'d> Section<'d> {
    pub(super) fn new(
        report: &'d Report<'d>,
        path: &str,
        table: Option<&'d DeTable<'d>>,
        span: Option<Range<usize>>,
    ) -> Self {
        Self { report, path: path.to_owned(), table, span, known: Vec::new() }
    }

    /// Gives the section another path, once its name is known.
    pub(super) fn rename(&mut self, path: &str) {
        path.clone_into(&mut self.path);
    }

    /// The path of a key of this section.
    pub(super) fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// What was given for `key`, which is known from now on.
    pub(super) fn entry(&mut self, key: &'static str) -> Option<Entry<'d>> {
        self.known.push(key);
        let value = self.table?.get(key)?;
        Some(Entry { report: self.report, key: self.key(key), value })
    }

    /// The same, where it must be given; `what` it is, for the fault.
    pub(super) fn required(&mut self, key: &'static str, what: &str) -> Option<Entry<'d>> {
        let entry = self.entry(key);
        if entry.is_none() {
            self.report.missing(self.span.clone(), &self.key(key), what);
        }
        entry
    }

    /// A table inside this one.
    pub(super) fn section(&mut self, key: &'static str) -> Section<'d> {
        let path = self.key(key);
        let entry = self.entry(key);
        let table = entry.as_ref().and_then(Entry::table);
        Section::new(self.report, &path, table, entry.map(|e| e.value.span()))
    }

    /// A number within `allowed`, or `default`.
    pub(super) fn number(&mut self, key: &'static str, allowed: RangeInclusive<f64>, default: f64) -> f64 {
        self.entry(key).and_then(|e| e.number(&allowed)).unwrap_or(default)
    }

    /// Seconds within `allowed`, or `default`, as a duration.
    pub(super) fn seconds(
        &mut self,
        key: &'static str,
        allowed: RangeInclusive<f64>,
        default: std::time::Duration,
    ) -> std::time::Duration {
        self.entry(key)
            .and_then(|e| e.number(&allowed))
            .map_or(default, |s| std::time::Duration::try_from_secs_f64(s).unwrap_or(default))
    }

    /// A whole number within `allowed`, or `default`.
    pub(super) fn integer(&mut self, key: &'static str, allowed: RangeInclusive<u64>, default: u64) -> u64 {
        self.entry(key).and_then(|e| e.integer(&allowed)).unwrap_or(default)
    }

    /// The same for a number of things in memory.
    pub(super) fn count(&mut self, key: &'static str, allowed: RangeInclusive<u64>, default: usize) -> usize {
        self.entry(key).and_then(|e| e.integer(&allowed)).and_then(|n| usize::try_from(n).ok()).unwrap_or(default)
    }

    /// A path, taken from the folder of the configuration file when it is relative.
    pub(super) fn path(&mut self, key: &'static str, folder: &Path) -> Option<PathBuf> {
        self.entry(key).and_then(|e| e.text()).map(|text| folder.join(text))
    }

    /// One of `choices`, or `default`.
    pub(super) fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&'static str, T)], default: T) -> T {
        let Some(entry) = self.entry(key) else { return default };
        let Some(text) = entry.text() else { return default };
        match choices.iter().find(|(name, _)| *name == text) {
            Some((_, choice)) => *choice,
            None => {
                let names = choices.iter().map(|(name, _)| *name);
                entry.fault(&format!("is not one of the choices{}", suggestion(text, names)));
                default
            }
        }
    }

    /// What `parse` makes of a text. Its error completes the sentence "`value` ...".
    pub(super) fn parsed<T>(&mut self, key: &'static str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        self.entry(key).and_then(|e| e.parsed(parse))
    }

    /// Reports every key that was not asked for.
    pub(super) fn close(self) {
        for (key, _) in self.table.into_iter().flatten() {
            let written: &str = key.get_ref();
            if !self.known.contains(&written) {
                let hint = suggestion(written, self.known.iter().copied());
                self.report.fault(Some(key.span()), &self.key(written), format!("is an unknown key{hint}"));
            }
        }
    }
}

impl<'d> Entry<'d> {
    /// Reports that the given value `problem`.
    pub(super) fn fault(&self, problem: &str) {
        self.report.fault(Some(self.value.span()), &self.key, format!("= {} {problem}", given(self.value.get_ref())));
    }

    /// Reports that the value is allowed but probably not meant.
    pub(super) fn warn(&self, problem: String) {
        self.report.warn(Some(self.value.span()), &self.key, problem);
    }

    /// A text that is not empty.
    pub(super) fn text(&self) -> Option<&'d str> {
        match self.value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Some(text),
            DeValue::String(_) => self.refuse("is empty: a text is needed"),
            _ => self.refuse("is not a text in quotes"),
        }
    }

    /// What `parse` makes of the text.
    pub(super) fn parsed<T>(&self, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        match parse(self.text()?) {
            Ok(value) => Some(value),
            Err(problem) => self.refuse(&problem),
        }
    }

    /// A number within `allowed`.
    pub(super) fn number(&self, allowed: &RangeInclusive<f64>) -> Option<f64> {
        match as_number(self.value.get_ref()) {
            Some(number) if allowed.contains(&number) => Some(number),
            Some(_) => self.refuse(&format!("is outside {} to {}", allowed.start(), allowed.end())),
            None => self.refuse(&format!("is not a number; allowed is {} to {}", allowed.start(), allowed.end())),
        }
    }

    /// A whole number within `allowed`.
    pub(super) fn integer(&self, allowed: &RangeInclusive<u64>) -> Option<u64> {
        let DeValue::Integer(number) = self.value.get_ref() else {
            return self.refuse(&format!("is not a whole number; allowed is {} to {}", allowed.start(), allowed.end()));
        };
        match u64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) if allowed.contains(&number) => Some(number),
            _ => self.refuse(&format!("is outside {} to {}", allowed.start(), allowed.end())),
        }
    }

    /// Exactly `N` finite numbers in a list.
    pub(super) fn numbers<const N: usize>(&self) -> Option<[f64; N]> {
        let numbers: Option<Vec<f64>> = match self.value.get_ref() {
            DeValue::Array(items) => items.iter().map(|item| as_number(item.get_ref())).collect(),
            _ => None,
        };
        match numbers.and_then(|n| <[f64; N]>::try_from(n).ok()).filter(|n| n.iter().all(|v| v.is_finite())) {
            Some(numbers) => Some(numbers),
            None => self.refuse(&format!("is not a list of {N} numbers")),
        }
    }

    /// A table.
    pub(super) fn table(&self) -> Option<&'d DeTable<'d>> {
        match self.value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => self.refuse("is not a table"),
        }
    }

    /// A value inside this one, when it is a table.
    pub(super) fn inner(&self, key: &str, value: &'d Spanned<DeValue<'d>>) -> Self {
        Self { report: self.report, key: format!("{}.{key}", self.key), value }
    }

    /// Reports that the key itself, which stands at `span`, is unknown.
    pub(super) fn unknown(&self, span: Range<usize>, hint: &str) {
        self.report.fault(Some(span), &self.key, format!("is an unknown key{hint}"));
    }

    fn refuse<T>(&self, problem: &str) -> Option<T> {
        self.fault(problem);
        None
    }
}

/// Integers are numbers too. `None` for anything else.
pub(super) fn as_number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok().map(|n| n as f64),
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => None,
    }
}
