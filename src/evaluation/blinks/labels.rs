//! Labels of blinks, frame by frame, in the layout of the ZJU eyeblink set's tables.

use std::collections::BTreeMap;

/// A clip with its blinks, in frames from 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// The name of its file, without extension.
    pub name: String,
    /// Who is seen.
    pub subject: String,
    /// How.
    pub condition: String,
    /// First and last labelled frame; what lies beyond is not judged.
    pub labelled: (u32, u32),
    /// First and last frame of each blink, from the first that is closing to the last before it is open.
    pub blinks: Vec<(u32, u32)>,
}

/// What is wrong with a table of labels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ClipFault {
    /// From 1.
    pub line: usize,
    /// In words.
    pub problem: String,
}

/// Reads a table with a header and the columns `clip`, `subject`, `condition`, `cfr30_frame` and `blink_id` (-1 outside
/// blinks); other columns are not looked at.
///
/// # Errors
/// The first line that cannot be read, and why.
pub fn parse_labels(text: &str) -> Result<Vec<Clip>, ClipFault> {
    let mut lines = (1..).zip(text.lines());
    let header: Vec<&str> = lines.next().map_or("", |(_, line)| line).split(',').collect();
    let column = |name: &str| {
        let found = header.iter().position(|h| h.trim() == name);
        found.ok_or_else(|| ClipFault { line: 1, problem: format!("no column `{name}`") })
    };
    let wanted = ["clip", "subject", "condition", "cfr30_frame", "blink_id"];
    let mut columns = [0; 5];
    for (at, name) in columns.iter_mut().zip(wanted) {
        *at = column(name)?;
    }
    let mut clips: BTreeMap<String, Clip> = BTreeMap::new();
    // First and last frame by clip and number.
    let mut blinks: BTreeMap<(String, i64), (u32, u32)> = BTreeMap::new();
    for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
        let fields: Vec<&str> = text.split(',').map(str::trim).collect();
        let fault = |problem: String| ClipFault { line, problem };
        let field = |i: usize| fields.get(columns[i]).copied().ok_or_else(|| fault(format!("no `{}`", wanted[i])));
        let bad = |i: usize, text: &str| fault(format!("`{text}` is no {}", wanted[i]));
        let frame: u32 = field(3)?.parse().map_err(|_| bad(3, fields[columns[3]]))?;
        let blink: i64 = field(4)?.parse().map_err(|_| bad(4, fields[columns[4]]))?;
        let (name, subject, condition) = (field(0)?, field(1)?.to_owned(), field(2)?.to_owned());
        let new = || Clip { name: name.to_owned(), subject, condition, labelled: (frame, frame), blinks: Vec::new() };
        widen(&mut clips.entry(name.to_owned()).or_insert_with(new).labelled, frame);
        if blink >= 0 {
            widen(blinks.entry((name.to_owned(), blink)).or_insert((frame, frame)), frame);
        }
    }
    for ((name, _), frames) in blinks {
        clips.entry(name).and_modify(|clip| clip.blinks.push(frames));
    }
    let in_order = |mut clip: Clip| {
        clip.blinks.sort_unstable();
        clip
    };
    Ok(clips.into_values().map(in_order).collect())
}

fn widen((first, last): &mut (u32, u32), frame: u32) {
    *first = frame.min(*first);
    *last = frame.max(*last);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_becomes_clips() {
        let text = "clip,subject,condition,x,cfr30_frame,blink_id\nb,p,FNN,0,3,-1\nb,p,FNN,0,4,1\nb,p,FNN,0,6,1\n\
            b,p,FNN,0,7,2\nb,p,FNN,0,9,-1\na,q,UNN,0,1,-1\n";
        let clips = parse_labels(text).expect("a table");
        let clip = |name: &str, subject: &str, condition: &str, labelled, blinks: &[_]| Clip {
            name: name.to_owned(),
            subject: subject.to_owned(),
            condition: condition.to_owned(),
            labelled,
            blinks: blinks.to_vec(),
        };
        assert_eq!(clips, [clip("a", "q", "UNN", (1, 1), &[]), clip("b", "p", "FNN", (3, 9), &[(4, 6), (7, 7)])]);
    }

    #[test]
    fn faults_have_their_line() {
        for (text, line) in [
            ("", 1),
            ("clip,subject,condition,blink_id\n", 1),
            ("clip,subject,condition,cfr30_frame,blink_id\na,b,c,1,-1\na,b,c,x,-1", 3),
            ("clip,subject,condition,cfr30_frame,blink_id\na,b,c,1", 2),
            ("clip,subject,condition,cfr30_frame,blink_id\na,b,c,1,?", 2),
        ] {
            assert_eq!(parse_labels(text).map_err(|f| f.line), Err(line), "{text:?}");
        }
    }
}
