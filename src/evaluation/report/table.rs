//! The table on a terminal.

use super::{COLUMNS, COMBINED, Cell, TrackingReport, site_figures};

/// Space between two columns.
const GAP: &str = "  ";

pub(super) fn render(report: &TrackingReport) -> String {
    let header = ["Sequence".to_owned()].into_iter().chain(COLUMNS.iter().map(|column| column.name.to_owned()));
    let mut rows: Vec<Vec<String>> = vec![header.collect()];
    for (name, scores) in report.rows() {
        let cells = COLUMNS.iter().map(|column| (column.cell)(scores).to_string());
        rows.push([name.to_owned()].into_iter().chain(cells).collect());
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..=COLUMNS.len()).map(width).collect();
    let rule = "-".repeat(widths.iter().sum::<usize>() + GAP.len() * COLUMNS.len());
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        if index == 1 || (index > 1 && index + 1 == rows.len() && row[0] == COMBINED) {
            text.push_str(&rule);
            text.push('\n');
        }
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        text.push_str(cells.collect::<Vec<_>>().join(GAP).trim_end());
        text.push('\n');
    }
    for (name, value) in report.site.iter().flat_map(site_figures) {
        text.push_str(&format!("{name}: {value}\n"));
    }
    for (name, value) in report.floor.iter().flat_map(|floor| [("floor MODA", floor.moda), ("floor MODP", floor.modp)])
    {
        let value = value.map_or_else(|| "-".to_owned(), |value| Cell::Ratio(value).to_string());
        text.push_str(&format!("{name}: {value}\n"));
    }
    text
}
