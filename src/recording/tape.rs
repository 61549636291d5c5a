//! The tape file: length-delimited protobuf records, a title first, an end mark last.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::Path;

use prost::Message;

use super::TapeError;
use super::answer::{Answer, answer_from_proto, answer_to_proto};
use crate::edge::CoreSettings;
use crate::event::{OfflineCause, Provenance};
use crate::frame::{FrameHeader, ObjectClass};
use crate::ids::{BootId, CameraId};
use crate::screening::Memory;
use crate::time::{CaptureTime, MediaTime};
use crate::tracking::Detection;
use crate::wire::v1::{self, tape_record, tape_signal};
use crate::wire::{WireEnum, WireError, box_from_proto, box_to_proto, capture_from_proto, capture_to_proto};

const VERSION: u32 = 1;
/// Longest accepted record; a frame with the most detections and appearances stays far below.
const RECORD_BYTES_MAX: usize = 16 << 20;

/// Whose tape this is, and under which settings its events came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Title {
    /// The camera.
    pub camera: CameraId,
    /// Models and configuration of the recording.
    pub provenance: Provenance,
    /// The pipeline's settings.
    pub settings: CoreSettings,
}

/// One thing that entered the core.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A frame with what was detected in it.
    Frame {
        /// Whose and when.
        header: FrameHeader,
        /// What was detected; `None` when the detector did not run on it.
        detections: Option<Vec<Detection>>,
        /// What the probe answered, in the order of the questions.
        answers: Vec<Answer>,
    },
    /// The run ended.
    Offline {
        /// Which run.
        boot: BootId,
        /// Why.
        cause: OfflineCause,
        /// When, UTC.
        at: CaptureTime,
    },
    /// What earlier runs remember of ordinary passers, at the beginning of a run.
    Memory {
        /// Of which run.
        boot: BootId,
        /// What.
        memory: Memory,
    },
    /// A bound dropped something.
    Dropped {
        /// In which run.
        boot: BootId,
        /// Which bound.
        queue: String,
        /// How many.
        count: u64,
        /// When, UTC.
        at: CaptureTime,
    },
}

impl Entry {
    /// The run it belongs to.
    #[must_use]
    pub fn boot(&self) -> BootId {
        match self {
            Self::Frame { header, .. } => header.boot,
            Self::Offline { boot, .. } | Self::Dropped { boot, .. } | Self::Memory { boot, .. } => *boot,
        }
    }
}

/// Writes a tape.
#[derive(Debug)]
pub struct TapeWriter {
    path: String,
    file: BufWriter<File>,
    buffer: Vec<u8>,
    records: u64,
}

impl TapeWriter {
    /// Begins a tape at `path`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(path: &Path, title: &Title) -> Result<Self, TapeError> {
        let name = path.display().to_string();
        let file = File::create(path).map_err(|source| TapeError::Io { path: name.clone(), source })?;
        let mut tape = Self { path: name, file: BufWriter::new(file), buffer: Vec::new(), records: 0 };
        tape.write(tape_record::Record::Header(v1::TapeHeader {
            version: VERSION,
            camera: title.camera.as_str().to_owned(),
            models_digest: title.provenance.models.clone(),
            configuration_digest: title.provenance.configuration.clone(),
            settings: serde_json::to_string(&title.settings).expect("settings are plain numbers and names"),
        }))?;
        Ok(tape)
    }

    /// Appends one entry.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn append(&mut self, entry: &Entry) -> Result<(), TapeError> {
        self.write(match entry {
            Entry::Frame { header, detections, answers } => {
                tape_record::Record::Frame(frame_to_proto(header, detections.as_deref(), answers))
            }
            Entry::Offline { boot, cause, at } => tape_record::Record::Signal(v1::TapeSignal {
                boot: boot.0,
                capture_time: Some(capture_to_proto(*at)),
                signal: Some(tape_signal::Signal::Offline(cause.to_wire())),
            }),
            Entry::Memory { boot, memory } => tape_record::Record::Signal(v1::TapeSignal {
                boot: boot.0,
                capture_time: None,
                signal: Some(tape_signal::Signal::Memory(serde_json::to_string(memory).expect("plain numbers"))),
            }),
            Entry::Dropped { boot, queue, count, at } => tape_record::Record::Signal(v1::TapeSignal {
                boot: boot.0,
                capture_time: Some(capture_to_proto(*at)),
                signal: Some(tape_signal::Signal::Dropped(v1::QueueDropped { queue: queue.clone(), count: *count })),
            }),
        })
    }

    /// Writes the end mark and closes the file. A tape without it is known to be cut short.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> Result<(), TapeError> {
        self.write(tape_record::Record::End(v1::TapeEnd { records: self.records }))?;
        self.file.flush().map_err(|source| TapeError::Io { path: self.path, source })
    }

    fn write(&mut self, record: tape_record::Record) -> Result<(), TapeError> {
        self.buffer.clear();
        let record = v1::TapeRecord { record: Some(record) };
        record.encode_length_delimited(&mut self.buffer).expect("a Vec grows as needed");
        self.records += 1;
        self.file.write_all(&self.buffer).map_err(|source| TapeError::Io { path: self.path.clone(), source })
    }
}

/// Reads a tape.
#[derive(Debug)]
pub struct TapeReader {
    path: String,
    file: BufReader<File>,
    title: Title,
    records: u64,
    ended: bool,
}

impl TapeReader {
    /// Whether the file at `path` looks like a tape.
    #[must_use]
    pub fn is_tape(path: &Path) -> bool {
        path.extension().is_some_and(|e| e == "tape")
    }

    /// Opens the tape at `path` and reads its title.
    ///
    /// # Errors
    /// When the file cannot be read or is no tape.
    pub fn open(path: &Path) -> Result<Self, TapeError> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|source| TapeError::Io { path: name.clone(), source })?;
        let mut file = BufReader::new(file);
        let not_a_tape = |why: String| TapeError::NotATape { path: name.clone(), why };
        let record = read_record(&mut file).map_err(|e| not_a_tape(format!("it does not begin like one ({e})")))?;
        let Some(v1::TapeRecord { record: Some(tape_record::Record::Header(header)) }) = record else {
            return Err(not_a_tape("it does not begin like one".to_owned()));
        };
        if header.version != VERSION {
            return Err(not_a_tape(format!("version {} where {VERSION} is read", header.version)));
        }
        let title = Title {
            camera: CameraId::new(&header.camera).map_err(|e| not_a_tape(e.to_string()))?,
            provenance: Provenance { models: header.models_digest, configuration: header.configuration_digest },
            settings: serde_json::from_str(&header.settings).map_err(|e| not_a_tape(format!("its settings: {e}")))?,
        };
        Ok(Self { path: name, file, title, records: 1, ended: false })
    }

    /// Whose tape it is.
    #[must_use]
    pub fn title(&self) -> &Title {
        &self.title
    }

    /// The next entry; `None` after the end mark.
    ///
    /// # Errors
    /// When the tape breaks off or a record is impossible.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, TapeError> {
        if self.ended {
            return Ok(None);
        }
        let record = match read_record(&mut self.file) {
            Ok(Some(v1::TapeRecord { record: Some(record) })) => record,
            _ => return Err(TapeError::Truncated { path: self.path.clone(), records: self.records }),
        };
        self.records += 1;
        let entry = match record {
            tape_record::Record::Header(_) => Err(WireError::Invalid { field: "record", why: "a second title".into() }),
            tape_record::Record::Frame(frame) => frame_from_proto(&self.title.camera, frame).map(Some),
            tape_record::Record::Signal(signal) => signal_from_proto(signal).map(Some),
            tape_record::Record::End(_) => {
                self.ended = true;
                Ok(None)
            }
        };
        entry.map_err(|source| TapeError::Record { path: self.path.clone(), record: self.records, source })
    }
}

/// One record; `None` at a clean end of the file.
fn read_record(file: &mut impl Read) -> std::io::Result<Option<v1::TapeRecord>> {
    let mut length = 0_usize;
    for shift in (0..35).step_by(7) {
        let mut byte = [0_u8];
        match file.read_exact(&mut byte) {
            Err(e) if e.kind() == ErrorKind::UnexpectedEof && shift == 0 => return Ok(None),
            other => other?,
        }
        length |= usize::from(byte[0] & 0x7f) << shift;
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    if length > RECORD_BYTES_MAX {
        return Err(std::io::Error::new(ErrorKind::InvalidData, "a record longer than any tape has"));
    }
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    v1::TapeRecord::decode(bytes.as_slice()).map(Some).map_err(|e| std::io::Error::new(ErrorKind::InvalidData, e))
}

fn frame_to_proto(header: &FrameHeader, detections: Option<&[Detection]>, answers: &[Answer]) -> v1::TapeFrame {
    v1::TapeFrame {
        boot: header.boot.0,
        sequence: header.sequence,
        media_time_nanos: header.media_time.0,
        capture_time: Some(capture_to_proto(header.capture_time)),
        width: header.width,
        height: header.height,
        without_detector: detections.is_none(),
        detections: detections
            .unwrap_or_default()
            .iter()
            .map(|d| v1::TapeDetection { r#box: Some(box_to_proto(d.bbox)), score: d.score, class: d.class.to_wire() })
            .collect(),
        answers: answers.iter().map(answer_to_proto).collect(),
        keyframe: header.keyframe,
    }
}

fn frame_from_proto(camera: &CameraId, frame: v1::TapeFrame) -> Result<Entry, WireError> {
    let header = FrameHeader {
        camera: camera.clone(),
        boot: BootId(frame.boot),
        sequence: frame.sequence,
        media_time: MediaTime(frame.media_time_nanos),
        capture_time: capture_from_proto(frame.capture_time.ok_or(WireError::Missing("frame.capture_time"))?),
        width: frame.width,
        height: frame.height,
        keyframe: frame.keyframe,
    };
    let detection = |d: v1::TapeDetection| {
        Ok(Detection {
            bbox: box_from_proto(d.r#box.ok_or(WireError::Missing("detection.box"))?),
            score: d.score,
            class: ObjectClass::from_wire(d.class)?,
        })
    };
    Ok(Entry::Frame {
        header,
        detections: (!frame.without_detector)
            .then(|| frame.detections.into_iter().map(detection).collect::<Result<_, _>>())
            .transpose()?,
        answers: frame.answers.into_iter().map(answer_from_proto).collect::<Result<_, _>>()?,
    })
}

fn signal_from_proto(signal: v1::TapeSignal) -> Result<Entry, WireError> {
    let boot = BootId(signal.boot);
    let at = || signal.capture_time.map(capture_from_proto).ok_or(WireError::Missing("signal.capture_time"));
    Ok(match signal.signal.ok_or(WireError::Missing("signal"))? {
        tape_signal::Signal::Offline(cause) => {
            Entry::Offline { boot, cause: OfflineCause::from_wire(cause)?, at: at()? }
        }
        tape_signal::Signal::Dropped(m) => Entry::Dropped { boot, queue: m.queue, count: m.count, at: at()? },
        tape_signal::Signal::Memory(text) => {
            let unusable = |e: serde_json::Error| WireError::Invalid { field: "signal.memory", why: e.to_string() };
            Entry::Memory { boot, memory: serde_json::from_str(&text).map_err(unusable)? }
        }
    })
}
