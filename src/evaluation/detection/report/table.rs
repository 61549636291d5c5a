//! The tables on a terminal.

use super::{DetectionReport, Row};
use crate::evaluation::detection::scores::DetectionScores;

/// Space between two columns.
const GAP: &str = "  ";

/// A column of the table by model.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
    pub(super) cell: fn(&DetectionScores) -> String,
}

/// What is said of each model.
pub(super) const COLUMNS: [Column; 12] = [
    Column { name: "AP50", meaning: "COCO's average precision, overlap 0.5", cell: |s| percent(s.ap50) },
    Column { name: "AP50:95", meaning: "its mean over overlaps 0.5 to 0.95", cell: |s| percent(s.ap50_95) },
    Column { name: "AP50 VOC", meaning: "PASCAL VOC's average precision, all points", cell: |s| percent(s.ap50_voc) },
    Column {
        name: "best F1",
        meaning: "best balance of precision and recall",
        cell: |s| percent(s.best.map(|b| b.f1)),
    },
    Column { name: "at score", meaning: "threshold of the best F1", cell: |s| plain(s.best.map(|b| b.score)) },
    Column { name: "P", meaning: "precision there", cell: |s| percent(s.best.map(|b| b.precision)) },
    Column { name: "R", meaning: "recall there", cell: |s| percent(s.best.map(|b| b.recall)) },
    Column {
        name: "own P",
        meaning: "precision at the model's own threshold",
        cell: |s| percent(s.own.map(|o| o.precision)),
    },
    Column {
        name: "own R",
        meaning: "recall at the model's own threshold",
        cell: |s| percent(s.own.map(|o| o.recall)),
    },
    Column {
        name: "eyes",
        meaning: "mean error of eye points in percent of the eye distance",
        cell: |s| percent(s.points.map(|p| p.eyes_mean)),
    },
    Column { name: "eyes p90", meaning: "90th percentile of it", cell: |s| percent(s.points.map(|p| p.eyes_p90)) },
    Column {
        name: "other points",
        meaning: "mean error of nose tip and mouth corners in percent of the eye distance",
        cell: |s| percent(s.points.and_then(|p| p.others_mean)),
    },
];

/// A share in percent, a dash where there is none.
pub(super) fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{:.1}", 100.0 * value))
}

fn plain(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
}

/// The columns in which any model has a figure.
pub(super) fn columns_in_use(row: &Row) -> Vec<&'static Column> {
    COLUMNS.iter().filter(|column| row.scores.iter().any(|scores| (column.cell)(scores) != "-")).collect()
}

pub(super) fn render(report: &DetectionReport) -> String {
    let Some(last) = report.wholes().last() else { return String::new() };
    let columns = columns_in_use(last);
    let names = columns.iter().map(|column| column.name.to_owned());
    let heads = ["Model", "ms", "ms p95"].map(str::to_owned).into_iter().chain(names).collect();
    let mut models: Vec<Vec<String>> = vec![heads];
    for (model, scores) in report.models.iter().zip(&last.scores) {
        let time = [model.ms_p50, model.ms_p95].map(plain);
        let cells = columns.iter().map(|column| (column.cell)(scores));
        models.push(std::iter::once(model.name.clone()).chain(time).chain(cells).collect());
    }
    let heads = ["Set", "Part", "Pictures", "Boxes"].map(str::to_owned).into_iter();
    let mut sets: Vec<Vec<String>> = vec![heads.chain(report.models.iter().map(|model| model.name.clone())).collect()];
    for row in &report.rows {
        let counts = [row.set.clone(), row.part.to_owned(), row.pictures.to_string(), row.boxes.to_string()];
        sets.push(counts.into_iter().chain(row.scores.iter().map(|scores| percent(scores.ap50))).collect());
    }
    format!(
        "{}: all pictures, in percent\n{}\nAP50 set by set, in percent\n{}",
        report.object,
        aligned(&models, 1),
        aligned(&sets, 2)
    )
}

/// The first `left` columns start on the left, the others end on the right; a rule below the first row.
fn aligned(rows: &[Vec<String>], left: usize) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let rule = "-".repeat(widths.iter().sum::<usize>() + GAP.len() * columns.saturating_sub(1));
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column < left { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        text.push_str(cells.collect::<Vec<_>>().join(GAP).trim_end());
        text.push('\n');
        if number == 0 {
            text.push_str(&rule);
            text.push('\n');
        }
    }
    text
}
