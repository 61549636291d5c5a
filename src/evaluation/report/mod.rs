//! Tracking metrics for people and programs: a table, comma-separated values, JSON, and one page of HTML.

pub(super) mod csv;
pub(super) mod html;
pub(super) mod svg;
mod table;

use serde_json::{Map, Value};

use super::hota::mean;
use super::multi_camera::{FloorDetection, MultiCameraScores};
use super::preparation::Benchmark;
use super::scores::{Scores, SequenceScores, object};

/// Name of the row of all sequences together.
pub const COMBINED: &str = "COMBINED";

/// An evaluation in the forms in which it can be had.
pub trait Report {
    /// Aligned columns for a terminal.
    fn to_table(&self) -> String;
    /// One line for each row, with a line of names.
    fn to_csv(&self) -> String;
    /// One page without outside references.
    fn to_html(&self) -> String;
    /// Everything, for programs.
    fn to_json(&self) -> Value;
}

/// The metrics of one tracker on a set of sequences.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackingReport {
    /// What was evaluated, as the caller names it.
    pub title: String,
    /// Whose rules were applied.
    pub benchmark: Benchmark,
    /// By name.
    pub sequences: Vec<SequenceScores>,
    /// All sequences as one.
    pub combined: Scores,
    /// All sequences as cameras of one site, where they are.
    pub site: Option<MultiCameraScores>,
    /// Detection on the floor over all sequences, where a calibration was given.
    pub floor: Option<FloorDetection>,
}

impl TrackingReport {
    /// Sorts the sequences by name and combines them.
    #[must_use]
    pub fn new(title: &str, benchmark: Benchmark, mut sequences: Vec<SequenceScores>) -> Self {
        sequences.sort_by(|a, b| a.name.cmp(&b.name));
        let combined = Scores::combined(&sequences);
        Self { title: title.to_owned(), benchmark, sequences, combined, site: None, floor: None }
    }

    /// All rows of a table: the sequences, then all together where there are several.
    fn rows(&self) -> impl Iterator<Item = (&str, &Scores)> {
        let combined = (self.sequences.len() != 1).then_some((COMBINED, &self.combined));
        self.sequences.iter().map(|part| (part.name.as_str(), &part.scores)).chain(combined)
    }
}

impl Report for TrackingReport {
    /// Aligned columns, in percent and counts; the last row is [`COMBINED`] where there are several sequences.
    fn to_table(&self) -> String {
        table::render(self)
    }

    /// One line for each sequence and one for [`COMBINED`], with a line of names; all fields, not in percent.
    fn to_csv(&self) -> String {
        csv::render(self)
    }

    /// One page without outside references: table, plots over thresholds and time.
    fn to_html(&self) -> String {
        html::render(self)
    }

    /// `benchmark`, `sequences` (each with its name in `sequence`, and what was `left_out`), `combined`, and `multi_camera` where there is a
    /// site; fields as in [`Scores::to_json`] and [`MultiCameraScores::to_json`].
    fn to_json(&self) -> Value {
        let sequence = |part: &SequenceScores| {
            let mut fields = Map::new();
            fields.insert("sequence".to_owned(), Value::from(part.name.as_str()));
            fields.insert("left_out".to_owned(), Value::Object(object(&part.left_out)));
            if let Value::Object(scores) = part.scores.to_json() {
                fields.extend(scores);
            }
            Value::Object(fields)
        };
        let mut root = Map::new();
        root.insert("title".to_owned(), Value::from(self.title.as_str()));
        root.insert("benchmark".to_owned(), Value::from(self.benchmark.as_str()));
        root.insert("sequences".to_owned(), self.sequences.iter().map(sequence).collect());
        root.insert("combined".to_owned(), self.combined.to_json());
        if let Some(site) = &self.site {
            root.insert("multi_camera".to_owned(), site.to_json());
        }
        if let Some(floor) = &self.floor {
            root.insert("floor".to_owned(), Value::Object(object(floor)));
        }
        Value::Object(root)
    }
}

/// The figures of a site with their names.
fn site_figures(site: &MultiCameraScores) -> [(&'static str, String); 7] {
    let percent = |value: f64| Cell::Ratio(value).to_string();
    let of = |part: u64, whole: u64| format!("{part} of {whole}");
    let (mcta, passed) = (&site.mcta, &site.hand_over);
    [
        ("global HOTA", percent(mean(&site.hota.hota))),
        ("global AssA", percent(mean(&site.hota.ass_a))),
        ("global IDF1", percent(site.identity.idf1)),
        ("MCTA", percent(mcta.mcta)),
        ("hand-overs found", of(passed.found_hand_overs, passed.true_hand_overs)),
        ("claimed ones right", of(passed.right_hand_overs, passed.claimed_hand_overs)),
        ("switches within cameras", of(mcta.wrong_within, mcta.matched_within)),
    ]
}

/// A column of the tables that people read.
struct Column {
    name: &'static str,
    meaning: &'static str,
    cell: fn(&Scores) -> Cell,
}

enum Cell {
    /// 0 to 1, shown in percent.
    Ratio(f64),
    Count(u64),
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ratio(value) => write!(f, "{:.2}", 100.0 * value),
            Self::Count(value) => write!(f, "{value}"),
        }
    }
}

const COLUMNS: [Column; 17] = [
    Column { name: "HOTA", meaning: "balance of detection and association", cell: |s| Cell::Ratio(mean(&s.hota.hota)) },
    Column { name: "DetA", meaning: "detection accuracy", cell: |s| Cell::Ratio(mean(&s.hota.det_a)) },
    Column { name: "AssA", meaning: "association accuracy", cell: |s| Cell::Ratio(mean(&s.hota.ass_a)) },
    Column { name: "LocA", meaning: "localisation accuracy", cell: |s| Cell::Ratio(mean(&s.hota.loc_a)) },
    Column { name: "MOTA", meaning: "1 - (FN + FP + IDSW) / true boxes", cell: |s| Cell::Ratio(s.clear.mota) },
    Column { name: "MOTP", meaning: "mean overlap of matches", cell: |s| Cell::Ratio(s.clear.motp) },
    Column { name: "IDF1", meaning: "boxes under the right identity", cell: |s| Cell::Ratio(s.identity.idf1) },
    Column { name: "IDP", meaning: "identity precision", cell: |s| Cell::Ratio(s.identity.precision) },
    Column { name: "IDR", meaning: "identity recall", cell: |s| Cell::Ratio(s.identity.recall) },
    Column {
        name: "MT",
        meaning: "tracks found in over 80 % of their frames",
        cell: |s| Cell::Count(s.clear.mostly_tracked),
    },
    Column { name: "PT", meaning: "tracks in between", cell: |s| Cell::Count(s.clear.partly_tracked) },
    Column { name: "ML", meaning: "tracks found in under 20 %", cell: |s| Cell::Count(s.clear.mostly_lost) },
    Column { name: "FP", meaning: "false boxes", cell: |s| Cell::Count(s.clear.false_positives) },
    Column { name: "FN", meaning: "missed boxes", cell: |s| Cell::Count(s.clear.misses) },
    Column { name: "IDSW", meaning: "identity switches", cell: |s| Cell::Count(s.clear.switches) },
    Column { name: "Frag", meaning: "interruptions", cell: |s| Cell::Count(s.clear.fragments) },
    Column { name: "GT", meaning: "true boxes", cell: |s| Cell::Count(s.truth_objects) },
];
