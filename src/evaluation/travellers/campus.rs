//! The layout of the CAMPUS data set (Y. Xu et al., "Multi-view people tracking via hierarchical trajectory composition",
//! CVPR 2016): `view-NAME.txt` for each camera, VATIC rows with one identity across all of them.

use std::collections::BTreeMap;

use crate::association::{Sighting, Topology, TrackKey};
use crate::evaluation::mot::MotRow;
use crate::event::Lifecycle;
use crate::ids::{BootId, CameraId, TrackId};
use crate::time::{CaptureTime, micros};

use super::looks::{Looks, SimulatedAppearance};
use super::recording::{Sight, TrackRecording};

/// Frames a second of the data set.
pub const CAMPUS_FPS: f64 = 30.0;
/// An identity that is gone for longer than this begins a new track.
const BREAK_FRAMES: u32 = 1;

/// What is wrong with a view.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CampusFault {
    /// A view's name cannot name a camera.
    #[error("{0}")]
    Name(#[from] crate::ids::NameError),
    /// Nobody is labelled.
    #[error("no view has a labelled person")]
    Empty,
}

/// Tracks from labels: an identity's rows in one view are a track, broken where the label is lost. Each track is reported
/// once a second from its first frame on and at its last one; nothing is known of the site.
///
/// # Errors
/// [`CampusFault`].
pub fn campus(
    name: &str,
    views: &[(String, Vec<MotRow>)],
    appearance: Option<SimulatedAppearance>,
) -> Result<TrackRecording, CampusFault> {
    let mut recording =
        TrackRecording { name: name.to_owned(), fps: CAMPUS_FPS, topology: Topology::unknown(), ..Default::default() };
    let mut looks = appearance.map(Looks::new);
    for (camera, (view, rows)) in views.iter().enumerate() {
        let id = CameraId::new(view)?;
        let mut people: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
        rows.iter().for_each(|row| people.entry(row.id).or_default().push(row.frame));
        for (person, mut frames) in people {
            frames.sort_unstable();
            frames.dedup();
            for run in frames.chunk_by(|a, b| b - a <= BREAK_FRAMES) {
                let track = TrackId(recording.tracks.len() as u64 + 1);
                let key = TrackKey { camera: id.clone(), boot: BootId(1), track };
                add_track(&mut recording, &mut looks, (camera, &key, person), run);
            }
        }
    }
    recording.sightings.sort_by(|a, b| (a.at.unix_micros, &a.key).cmp(&(b.at.unix_micros, &b.key)));
    if recording.tracks.is_empty() { Err(CampusFault::Empty) } else { Ok(recording) }
}

fn add_track(
    recording: &mut TrackRecording,
    looks: &mut Option<Looks>,
    (camera, key, person): (usize, &TrackKey, u64),
    run: &[u32],
) {
    let track = recording.tracks.len();
    recording.tracks.push((key.clone(), person));
    recording.sights.extend(run.iter().map(|frame| Sight { camera, frame: *frame, track }));
    let last = run[run.len() - 1];
    let step = CAMPUS_FPS as usize;
    let mut look = looks.as_mut().map(|looks| looks.track(person));
    for frame in run.iter().copied().step_by(step).chain([last]) {
        let at = CaptureTime::exact(micros(f64::from(frame - 1) / CAMPUS_FPS));
        let phase = match frame {
            _ if frame == last => Lifecycle::End,
            _ if frame == run[0] => Lifecycle::New,
            _ => Lifecycle::Update,
        };
        let appearance = looks.as_mut().zip(look.as_mut()).and_then(|(looks, look)| looks.report(look));
        recording.sightings.push(Sighting { key: key.clone(), at, seen: at, phase, floor: None, appearance });
        if frame == last {
            break;
        }
    }
}
