//! Detections of one camera become tracks: predict, match, update, manage.
//!
//! What a step does, with where each idea comes from:
//!
//! 1. Every track is predicted to the frame's time. Noise is in seconds and box heights, and follows what the camera
//!    and the detector show (`tuning`: Mehra 1970).
//! 2. First stage: strong detections with confirmed and lost tracks; second stage: weak detections with those left over
//!    (`ByteTrack`, ECCV 2022); then what is left with tentative tracks. The similarity is the overlap of buffered boxes
//!    (C-BIoU, WACV 2023), the buffer growing with the filter's own uncertainty, times the likelihood of the heights
//!    (a weak cue as in Hybrid-SORT, AAAI 2024). A weak score widens the measurement noise (NSA, `StrongSORT` 2023). A
//!    strong detection that all left over although it covers a track of the last step is that track with another height.
//! 3. Where two candidates are nearly as good, and only there, appearance is asked for. A lost track that no place
//!    explains any more is taken up again on appearance alone, if no other looks as much alike.
//! 4. A track found again after a gap is re-estimated along the straight line to the new detection (OC-SORT, CVPR
//!    2023); while it is out of sight a slower average of its velocity steers it.
//! 5. Births, but not on top of a track (TrackTrack, CVPR 2025). A track is shown once its belief, the average log-odds
//!    of its detections, is near that of the detections this camera is sure of: no score is fixed, so one set of
//!    parameters serves detectors with different scales, and a surely detected person is shown at once.
//! 6. A person who never moved since he was first seen, and of whom the detector is less sure than of those who did, is a
//!    thing (a tripod, a poster): the track ends, and one that is not told of holds its place until it moves.
//! 7. A shown track that is missed is still shown where it should be, as long as that place is well known.
//!
//! Candidate pairs come from a grid, and the assignment follows only their edges, component by component, ties going to
//! the lowest id. Kinds of things never mix. The camera is at rest: nothing compensates its motion.

pub(crate) mod assignment;
mod belief;
mod body;
mod carrier;
mod detection;
mod fill;
mod gallery;
mod grid;
mod interval;
mod kalman;
mod matching;
mod possession;
mod settings;
mod stillness;
mod track;
mod tracker;
mod tuning;
mod upkeep;
mod view;

pub use body::Body;
pub use carrier::Carriers;
pub use detection::Detection;
pub use fill::FillIn;
pub use interval::{DetectionInterval, IntervalSettings};
pub use possession::{CarrierSettings, Holder, Possession};
pub use settings::TrackerSettings;
pub use track::{Foot, Track, TrackState};
pub use tracker::{Step, Tracker};
