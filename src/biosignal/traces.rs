//! Mean colours over time as text: `t,r,g,b` or `t,region,r,g,b`, with a header.

use std::fmt::Write;

use super::methods::Rgb;
use super::monitor::RegionRole;
use crate::time::MediaTime;

/// The name of regions that are not skin.
const BACKGROUND: &str = "background";
/// The name of the only region where the file names none.
const WHOLE: &str = "face";
/// Most regions of one file.
const REGIONS_MAX: usize = 64;
/// Rows within a microsecond are of one frame.
const SAME_FRAME_S: f64 = 1e-6;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct TraceFault {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// The frames of a recording, reduced to the colours of its regions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TraceTable {
    /// Names of the regions, in order of their first appearance.
    pub regions: Vec<String>,
    /// Time of each frame and the colour of each region in it, `None` where it has none; in order of time.
    pub frames: Vec<(MediaTime, Vec<Option<Rgb>>)>,
}

impl TraceTable {
    /// Reads the text of a file. Rows may come in any order; those of one time are one frame.
    ///
    /// # Errors
    /// The first line that makes no sense: another header, a missing or non-finite number, too many regions.
    pub fn parse(text: &str) -> Result<Self, TraceFault> {
        let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let (line, header) = lines.next().ok_or_else(|| fault(1, "the file is empty"))?;
        let columns: Vec<String> =
            header.trim_start_matches('\u{feff}').split(',').map(|c| c.trim().to_lowercase()).collect();
        let named = match columns.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["t", "r", "g", "b"] => false,
            ["t", "region", "r", "g", "b"] => true,
            _ => return Err(fault(line, &format!("the header is `{header}`, not `t,r,g,b` or `t,region,r,g,b`"))),
        };
        let mut regions: Vec<String> = Vec::new();
        let mut rows: Vec<(f64, usize, Rgb)> = Vec::new();
        for (line, text) in lines {
            let cells: Vec<&str> = text.split(',').map(str::trim).collect();
            if cells.len() != columns.len() {
                return Err(fault(line, &format!("{} columns in place of {}", cells.len(), columns.len())));
            }
            let name = if named { cells[1] } else { WHOLE };
            let place = regions.iter().position(|known| known == name).unwrap_or(regions.len());
            if place == regions.len() {
                if place == REGIONS_MAX {
                    return Err(fault(line, &format!("more than {REGIONS_MAX} regions")));
                }
                regions.push(name.to_owned());
            }
            let at = number(line, "t", cells[0])?;
            let colour = &cells[cells.len() - 3..];
            let rgb = [number(line, "r", colour[0])?, number(line, "g", colour[1])?, number(line, "b", colour[2])?];
            rows.push((at, place, rgb));
        }
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(Self { frames: frames(&rows, regions.len()), regions })
    }

    /// The table as the text that [`TraceTable::parse`] reads: seconds to a tenth of a millisecond, colours to a ten-thousandth.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = "t,region,r,g,b\n".to_owned();
        for (at, colours) in &self.frames {
            for (region, colour) in self.regions.iter().zip(colours) {
                let Some([r, g, b]) = colour else { continue };
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{:.4},{region},{r:.4},{g:.4},{b:.4}", at.seconds());
            }
        }
        text
    }

    /// What each region is, by its name.
    #[must_use]
    pub fn roles(&self) -> Vec<RegionRole> {
        let role = |name: &String| if name == BACKGROUND { RegionRole::Background } else { RegionRole::Skin };
        self.regions.iter().map(role).collect()
    }
}

type Frame = (MediaTime, Vec<Option<Rgb>>);

/// Rows of one time are one frame; a region's second row of the same time, as rounded times give, begins another.
fn frames(rows: &[(f64, usize, Rgb)], regions: usize) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    let mut last = f64::NEG_INFINITY;
    for (at, place, rgb) in rows {
        let taken = frames.last().is_none_or(|(_, colours)| colours[*place].is_some());
        if taken || at - last > SAME_FRAME_S {
            frames.push((MediaTime::from_seconds(*at), vec![None; regions]));
            last = *at;
        }
        if let Some((_, colours)) = frames.last_mut() {
            colours[*place] = Some(*rgb);
        }
    }
    frames
}

fn number(line: usize, column: &str, text: &str) -> Result<f64, TraceFault> {
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
    value.ok_or_else(|| fault(line, &format!("`{text}` in column {column} is no number")))
}

fn fault(line: usize, what: &str) -> TraceFault {
    TraceFault { line, what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_layouts_are_read_in_any_order() {
        let plain = TraceTable::parse("t,r,g,b\n0.0,1,2,3\n0.1,4,5,6\n").unwrap();
        assert_eq!(plain.regions, ["face"]);
        assert_eq!(plain.frames[1], (MediaTime::from_seconds(0.1), vec![Some([4.0, 5.0, 6.0])]));
        let text = "t,region,r,g,b\r\n0.1,left,4,5,6\r\n0.0,left,1,2,3\r\n0.1,background,7,8,9\r\n";
        let several = TraceTable::parse(text).unwrap();
        assert_eq!(several.roles(), [RegionRole::Skin, RegionRole::Background]);
        assert_eq!(TraceTable::parse(&several.to_csv()).unwrap(), several);
        assert_eq!(several.frames[0].1, [Some([1.0, 2.0, 3.0]), None]);
        assert_eq!(several.frames[1].1, [Some([4.0, 5.0, 6.0]), Some([7.0, 8.0, 9.0])]);
        assert_eq!(TraceTable::parse("t,r,g,b\n0.1,1,2,3\n0.1,4,5,6\n").unwrap().frames.len(), 2);
    }

    #[test]
    fn faults_name_their_line() {
        for (text, line, word) in [
            ("", 1, "empty"),
            ("time,r,g,b\n", 1, "header"),
            ("t,r,g,b\n0,1,2\n", 2, "3 columns"),
            ("t,r,g,b\n0,1,2,3\n0.1,1,x,3\n", 3, "column g"),
            ("t,r,g,b\n0,1,2,NaN\n", 2, "column b"),
        ] {
            let fault = TraceTable::parse(text).unwrap_err();
            assert!(fault.line == line && fault.what.contains(word), "{fault}");
        }
    }
}
