//! Rows out of a file, whatever kind it is.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::central::EventFilter;
use crate::cmd::Failure;
use crate::evaluation::{MotFault, MotRow, parse_mot, parse_vatic};
use crate::event::{EdgeEvent, EventBody, Lifecycle};
use crate::ids::{BootId, TrackId};
use crate::recording::TapeReader;
use crate::store::EventReader;
use crate::tracking::Track;
use crate::wire::site_event_from_proto;
use crate::worker::analysis::play_tape;

/// Reads the sequence called `name`: MOT text, VATIC annotations (known by the quoted label), a tape (known by its name)
/// or the camera of that name in an event store.
///
/// # Errors
/// A file that cannot be read, with the line where there is one.
pub fn read(path: &Path, name: &str) -> Result<Vec<MotRow>, Failure> {
    if TapeReader::is_tape(path) {
        return play(path);
    }
    if is_store(path) {
        return reports(path, name);
    }
    let bytes = fs::read(path).map_err(|error| Failure::Input(format!("{}: {error}", path.display())))?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::Input(format!("{}: not a text file", path.display())))?;
    let is_vatic = text.lines().next().is_some_and(|line| line.trim_end().ends_with('"'));
    let rows = if is_vatic { parse_vatic(&text) } else { parse_mot(&text) };
    rows.map_err(|fault| at(path, &fault))
}

/// A fault of a line, with its file.
pub fn at(path: &Path, fault: &MotFault) -> Failure {
    Failure::Input(format!("{}: {fault}", path.display()))
}

/// The visible tracks of a tape, frame by frame; the line is the number of the row.
fn play(path: &Path) -> Result<Vec<MotRow>, Failure> {
    let mut rows: Vec<MotRow> = Vec::new();
    let mut add = |frame: u32, track: &Track| {
        rows.push(MotRow {
            line: rows.len() as u32 + 1,
            frame,
            id: track.id.0,
            bbox: track.bbox,
            confidence: f64::from(track.score),
            class: Some(i64::from(track.class.mot_class())),
        });
    };
    let mut tape = TapeReader::open(path).map_err(Failure::input)?;
    play_tape(&mut tape, &mut Vec::new(), |header, pipeline| {
        let Some(header) = header else { return };
        let frame = u32::try_from(header.sequence).unwrap_or(u32::MAX);
        pipeline.visible().iter().for_each(|track| add(frame, track));
    })
    .map_err(Failure::input)?;
    Ok(rows)
}

/// What every SQLite file begins with.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// Events read from a store at once.
const EVENTS_AT_ONCE: usize = 4_096;

/// Whether the file at `path` is an event store.
pub fn is_store(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(SQLITE.len() as u64).read_to_end(&mut start));
    read.is_ok() && start == SQLITE
}

/// The tracks of a camera as its reports tell of them: at most one a second, joined by straight lines. An end is left
/// out: where a track was when it was given up was not seen.
fn reports(path: &Path, camera: &str) -> Result<Vec<MotRow>, Failure> {
    let mut store = EventReader::open(path).map_err(Failure::input)?;
    let filter = EventFilter {
        cameras: [crate::ids::CameraId::new(camera).map_err(|e| Failure::Input(format!("{camera}: {e}")))?].into(),
        kinds: ["track".to_owned()].into(),
        ..EventFilter::default()
    };
    let mut tracks: BTreeMap<(BootId, TrackId), Vec<EdgeEvent>> = BTreeMap::new();
    let mut from = 1;
    loop {
        let page = store.read(from, &filter, EVENTS_AT_ONCE).map_err(Failure::input)?;
        if page.next == from {
            break;
        }
        from = page.next;
        for message in page.events {
            let event = site_event_from_proto(message).map_err(Failure::input)?.event;
            if let (Some(track), false) = (event.track, event.lifecycle == Lifecycle::End) {
                tracks.entry((event.id.boot, track)).or_default().push(event);
            }
        }
    }
    let mut rows = Vec::new();
    for (id, events) in (1..).zip(tracks.values()) {
        let lines = events.windows(2).map(|pair| (&pair[0], &pair[1]));
        let last = events.last().map(|event| (event, event));
        lines.chain(last).for_each(|(from, to)| join(id, from, to, &mut rows));
    }
    rows.sort_by_key(|row| (row.frame, row.id));
    (1..).zip(&mut rows).for_each(|(line, row)| row.line = line);
    Ok(rows)
}

/// The rows from one report up to the next; the next one's own where both are the same.
fn join(id: u64, from: &EdgeEvent, to: &EdgeEvent, rows: &mut Vec<MotRow>) {
    let (Some(first), Some(second), EventBody::Track(report)) = (from.bbox, to.bbox, &from.body) else { return };
    let frames = to.frame.saturating_sub(from.frame).max(1);
    for step in 0..frames {
        rows.push(MotRow {
            line: 0,
            frame: u32::try_from(from.frame + step).unwrap_or(u32::MAX),
            id,
            bbox: first.towards(&second, step as f64 / frames as f64),
            confidence: report.score,
            class: Some(i64::from(report.class.mot_class())),
        });
    }
}
