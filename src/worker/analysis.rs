//! What happens to a frame once it is there: perception, the pipeline, and the tape beside them.

use std::sync::Arc;

use super::lookout::Lookout;
use super::memory::MemoryFile;
use super::simulated_bags::SimulatedBags;
use super::stages::{Stage, StageTimes};
use crate::behaviour::RuleError;
use crate::clock::Clock;
use crate::config::{CameraRole, CameraSettings};
use crate::edge::CameraPipeline;
use crate::edge::lane::LaneMonitor;
use crate::event::{EdgeEvent, OfflineCause, Provenance};
use crate::frame::{Frame, FrameHeader};
use crate::ids::BootId;
use crate::perception::{Perception, PerceptionError};
use crate::recording::{Answer, Entry, RecordingProbe, TapeError, TapeProbe, TapeReader, TapeWriter};
use crate::screening::Memory;
use crate::time::{CaptureTime, Now};
use crate::tracking::{Detection, Track};

/// What ends a camera's analysis.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// The models failed.
    #[error(transparent)]
    Perception(#[from] PerceptionError),
    /// The tape could not be written.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// A zone or line makes no sense in a picture of this size.
    #[error("zone or line {0}")]
    Rules(#[from] RuleError),
}

/// Perception and pipeline of one camera over all its runs.
pub struct Analysis {
    camera: CameraSettings,
    provenance: Arc<Provenance>,
    perception: Box<dyn Perception>,
    clock: Arc<dyn Clock>,
    tape: Option<TapeWriter>,
    run: Option<(BootId, CameraPipeline)>,
    /// What ordinary passers were like, between two runs, and where it is kept.
    memory: Memory,
    kept: Option<MemoryFile>,
    lookout: Lookout,
    simulated: Option<SimulatedBags>,
    detections: Vec<Detection>,
    answers: Vec<Answer>,
    beyond: u64,
    /// Where the time went.
    pub times: StageTimes,
}

impl Analysis {
    /// For `camera`, whose models are `perception`. Everything that enters the pipeline goes to `tape`, if there is one.
    #[must_use]
    pub fn new(
        camera: CameraSettings,
        provenance: Arc<Provenance>,
        perception: Box<dyn Perception>,
        clock: Arc<dyn Clock>,
        tape: Option<TapeWriter>,
    ) -> Self {
        Self {
            camera,
            provenance,
            perception,
            clock,
            tape,
            run: None,
            memory: Memory::default(),
            kept: None,
            lookout: Lookout::default(),
            simulated: None,
            detections: Vec::new(),
            answers: Vec::new(),
            beyond: 0,
            times: StageTimes::default(),
        }
    }

    /// The same, beginning with what `file` remembers of ordinary passers, and keeping it there.
    #[must_use]
    pub fn remembering(mut self, file: MemoryFile) -> Self {
        self.memory = file.load();
        self.kept = Some(file);
        self
    }

    /// The same with bags out of a file in place of those detected.
    #[must_use]
    pub fn simulating(mut self, bags: SimulatedBags) -> Self {
        self.simulated = Some(bags);
        self
    }

    /// The same, looking at every frame while this camera is to look for somebody. A lane camera does in any case.
    #[must_use]
    pub fn looking_out(mut self, lookout: Lookout) -> Self {
        self.lookout = lookout;
        self
    }

    /// Detects and tracks in `frame`; appends what there is to tell. The detector runs where the pipeline wants it to.
    ///
    /// # Errors
    /// When a model fails or the tape cannot be written.
    pub fn frame(&mut self, frame: &Frame, out: &mut Vec<EdgeEvent>) -> Result<(), AnalysisError> {
        let Frame { header, image } = frame;
        self.answers.clear();
        self.pipeline(header.boot)?;
        let urged = self.camera.role == CameraRole::Hall && self.lookout.is_on(&header.camera, header.capture_time);
        let Self { perception, clock, times, answers, .. } = self;
        let Some((_, pipeline)) = &mut self.run else { unreachable!("pipeline() has just made it") };
        let mut begin = clock.now();
        let due = pipeline.wants_detection(header, &mut RecordingProbe::new(perception.probe(image).as_mut(), answers));
        let detected = due || urged;
        if detected {
            self.beyond += perception.detect(image, &mut self.detections)?;
            if let Some(bags) = &self.simulated {
                bags.replace(header.sequence, &mut self.detections);
            }
            begin = lap(clock.as_ref(), times, Stage::Detect, begin);
        }
        let mut probe = perception.probe(image);
        let mut probe = RecordingProbe::new(probe.as_mut(), answers);
        match detected {
            true => pipeline.frame(header, &self.detections, &mut probe, out),
            false => pipeline.between(header, &mut probe, out),
        }
        lap(clock.as_ref(), times, Stage::Pipeline, begin);
        if let Some(tape) = &mut self.tape {
            let (header, answers) = (header.clone(), std::mem::take(answers));
            let detections = detected.then(|| self.detections.clone());
            tape.append(&Entry::Frame { header, detections, answers })?;
        }
        if let (Some(file), Some(memory)) = (&mut self.kept, pipeline.memory()) {
            file.keep_now_and_then(memory, self.clock.now());
        }
        match pipeline.rule_fault() {
            Some(fault) => Err(fault.clone().into()),
            None => Ok(()),
        }
    }

    /// The run `boot` is over.
    ///
    /// # Errors
    /// When the tape cannot be written.
    pub fn offline(
        &mut self,
        boot: BootId,
        cause: OfflineCause,
        at: CaptureTime,
        out: &mut Vec<EdgeEvent>,
    ) -> Result<(), AnalysisError> {
        self.pipeline(boot)?.offline(cause, at, out);
        self.record(&Entry::Offline { boot, cause, at })
    }

    /// A bound named `queue` dropped `count` things in the run `boot`.
    ///
    /// # Errors
    /// When the tape cannot be written.
    pub fn dropped(
        &mut self,
        boot: BootId,
        queue: &str,
        count: u64,
        at: CaptureTime,
        out: &mut Vec<EdgeEvent>,
    ) -> Result<(), AnalysisError> {
        self.pipeline(boot)?.queue_dropped(queue, count, at, out);
        self.record(&Entry::Dropped { boot, queue: queue.to_owned(), count, at })
    }

    /// Detections beyond the configured most since the last call.
    pub fn take_beyond(&mut self) -> u64 {
        std::mem::take(&mut self.beyond)
    }

    /// The confirmed tracks of the last frame.
    #[must_use]
    pub fn visible(&self) -> &[Track] {
        self.run.as_ref().map_or(&[], |(_, pipeline)| pipeline.visible())
    }

    /// The faces that are measured, on a lane camera.
    #[must_use]
    pub fn lane(&self) -> Option<&LaneMonitor> {
        self.run.as_ref().and_then(|(_, pipeline)| pipeline.lane())
    }

    /// Closes the tape.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<StageTimes, AnalysisError> {
        if let (Some(mut file), Some(memory)) = (self.kept, self.run.as_ref().and_then(|(_, run)| run.memory())) {
            file.keep(memory);
        }
        if let Some(tape) = self.tape {
            tape.finish()?;
        }
        Ok(self.times)
    }

    fn record(&mut self, entry: &Entry) -> Result<(), AnalysisError> {
        Ok(self.tape.as_mut().map_or(Ok(()), |tape| tape.append(entry))?)
    }

    /// The pipeline of run `boot`; a new run begins with a new one.
    fn pipeline(&mut self, boot: BootId) -> Result<&mut CameraPipeline, AnalysisError> {
        if self.run.as_ref().is_none_or(|(running, _)| *running != boot) {
            if let Some(memory) = self.run.take().and_then(|(_, run)| run.memory().cloned()) {
                self.memory = memory;
            }
            let core = self.camera.pipeline.core.clone();
            let mut pipeline = CameraPipeline::new(core, self.camera.id.clone(), boot, Arc::clone(&self.provenance));
            if self.memory != Memory::default() {
                self.record(&Entry::Memory { boot, memory: self.memory.clone() })?;
                pipeline.remember(self.memory.clone());
            }
            self.run = Some((boot, pipeline));
        }
        let Some((_, pipeline)) = &mut self.run else { unreachable!("it was just made") };
        Ok(pipeline)
    }
}

/// Records the time since `begin` and returns the present.
fn lap(clock: &dyn Clock, times: &mut StageTimes, stage: Stage, begin: Now) -> Now {
    let now = clock.now();
    times.record(stage, now.since(begin));
    now
}

/// Enters a tape into the pure core again. `seen` is called after each frame with its header and the pipeline,
/// and at the end of a run without a header.
///
/// # Errors
/// When the tape cannot be read to its end; the events up to there are in `out`.
pub fn play_tape(
    tape: &mut TapeReader,
    out: &mut Vec<EdgeEvent>,
    mut seen: impl FnMut(Option<&FrameHeader>, &CameraPipeline),
) -> Result<(), TapeError> {
    let title = tape.title().clone();
    let provenance = Arc::new(title.provenance);
    let mut run: Option<(BootId, CameraPipeline)> = None;
    while let Some(entry) = tape.next_entry()? {
        let boot = entry.boot();
        if run.as_ref().is_none_or(|(running, _)| *running != boot) {
            let camera = title.camera.clone();
            run = Some((boot, CameraPipeline::new(title.settings.clone(), camera, boot, Arc::clone(&provenance))));
        }
        let Some((_, pipeline)) = &mut run else { unreachable!("it was just made") };
        match entry {
            Entry::Frame { header, detections, answers } => {
                let mut probe = TapeProbe::new(answers);
                // What the tape says was done is done again; the pipeline asks what it asked then.
                pipeline.wants_detection(&header, &mut probe);
                match detections {
                    Some(detections) => pipeline.frame(&header, &detections, &mut probe, out),
                    None => pipeline.between(&header, &mut probe, out),
                }
                seen(Some(&header), pipeline);
            }
            Entry::Offline { cause, at, .. } => {
                pipeline.offline(cause, at, out);
                seen(None, pipeline);
            }
            Entry::Dropped { queue, count, at, .. } => pipeline.queue_dropped(&queue, count, at, out),
            Entry::Memory { memory, .. } => pipeline.remember(memory),
        }
    }
    Ok(())
}
