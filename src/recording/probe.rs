//! The pixel probe's two stand-ins: one listens, one answers from what was heard.

use std::collections::VecDeque;

use super::Answer;
use crate::appearance::Appearance;
use crate::face::{ChestLook, FaceLook, RegionColour};
use crate::frame::{BBox, Luma, Motion, PixelProbe};
use crate::ids::TrackId;
use crate::time::MediaTime;
use crate::units::Unavailable;

/// Passes questions on to a real probe and keeps the answers in the order of the questions.
pub struct RecordingProbe<'a> {
    inner: &'a mut dyn PixelProbe,
    answers: &'a mut Vec<Answer>,
}

impl<'a> RecordingProbe<'a> {
    /// Listens to `inner`, appending to `answers`.
    pub fn new(inner: &'a mut dyn PixelProbe, answers: &'a mut Vec<Answer>) -> Self {
        Self { inner, answers }
    }
}

impl PixelProbe for RecordingProbe<'_> {
    fn luma(&mut self) -> Result<Luma, Unavailable> {
        let answer = self.inner.luma();
        self.answers.push(answer.map_or_else(Answer::Unavailable, Answer::Luma));
        answer
    }

    fn motion(&mut self, levels: f64) -> Result<Motion, Unavailable> {
        let answer = self.inner.motion(levels);
        self.answers.push(match &answer {
            Ok(motion) => Answer::Motion(motion.clone()),
            Err(why) => Answer::Unavailable(*why),
        });
        answer
    }

    fn appearance(&mut self, bbox: &BBox) -> Result<Appearance, Unavailable> {
        let answer = self.inner.appearance(bbox);
        self.answers.push(match &answer {
            Ok(appearance) => Answer::Appearance(appearance.clone()),
            Err(why) => Answer::Unavailable(*why),
        });
        answer
    }

    fn face(&mut self, bbox: &BBox) -> Result<FaceLook, Unavailable> {
        let answer = self.inner.face(bbox);
        self.answers.push(match &answer {
            Ok(look) => Answer::Face(look.clone()),
            Err(why) => Answer::Unavailable(*why),
        });
        answer
    }

    fn pulse(&mut self, face: TrackId, bbox: &BBox, at: MediaTime) -> Result<f64, Unavailable> {
        let answer = self.inner.pulse(face, bbox, at);
        self.answers.push(answer.map_or_else(Answer::Unavailable, Answer::Pulse));
        answer
    }

    fn colour(&mut self, polygon: &[(f64, f64)]) -> Result<RegionColour, Unavailable> {
        let answer = self.inner.colour(polygon);
        self.answers.push(answer.map_or_else(Answer::Unavailable, Answer::Colour));
        answer
    }

    fn chest(&mut self, bbox: &BBox) -> Result<ChestLook, Unavailable> {
        let answer = self.inner.chest(bbox);
        self.answers.push(match &answer {
            Ok(look) => Answer::Chest(look.clone()),
            Err(why) => Answer::Unavailable(*why),
        });
        answer
    }
}

/// Answers from a tape, in the order of the questions. A question that was not asked then is `NotOnTape`.
#[derive(Debug)]
pub struct TapeProbe {
    answers: VecDeque<Answer>,
}

impl TapeProbe {
    /// Answers with `answers`, first to last.
    #[must_use]
    pub fn new(answers: Vec<Answer>) -> Self {
        Self { answers: answers.into() }
    }
}

impl PixelProbe for TapeProbe {
    fn luma(&mut self) -> Result<Luma, Unavailable> {
        match self.answers.pop_front() {
            Some(Answer::Luma(luma)) => Ok(luma),
            Some(Answer::Unavailable(why)) => Err(why),
            _ => Err(Unavailable::NotOnTape),
        }
    }

    fn motion(&mut self, _levels: f64) -> Result<Motion, Unavailable> {
        match self.answers.pop_front() {
            Some(Answer::Motion(motion)) => Ok(motion),
            Some(Answer::Unavailable(why)) => Err(why),
            _ => Err(Unavailable::NotOnTape),
        }
    }

    fn appearance(&mut self, _bbox: &BBox) -> Result<Appearance, Unavailable> {
        match self.answers.pop_front() {
            Some(Answer::Appearance(appearance)) => Ok(appearance),
            Some(Answer::Unavailable(why)) => Err(why),
            _ => Err(Unavailable::NotOnTape),
        }
    }

    fn face(&mut self, _bbox: &BBox) -> Result<FaceLook, Unavailable> {
        match self.answers.pop_front() {
            Some(Answer::Face(look)) => Ok(look),
            Some(Answer::Unavailable(why)) => Err(why),
            _ => Err(Unavailable::NotOnTape),
        }
    }

    fn pulse(&mut self, _face: TrackId, _bbox: &BBox, _at: MediaTime) -> Result<f64, Unavailable> {
        match self.answers.pop_front() {
            Some(Answer::Pulse(sample)) => Ok(sample),
            Some(Answer::Unavailable(why)) => Err(why),
            _ => Err(Unavailable::NotOnTape),
        }
    }

    fn colour(&mut self, _polygon: &[(f64, f64)]) -> Result<RegionColour, Unavailable> {
        match self.answers.pop_front() {
            Some(Answer::Colour(colour)) => Ok(colour),
            Some(Answer::Unavailable(why)) => Err(why),
            _ => Err(Unavailable::NotOnTape),
        }
    }

    fn chest(&mut self, _bbox: &BBox) -> Result<ChestLook, Unavailable> {
        match self.answers.pop_front() {
            Some(Answer::Chest(look)) => Ok(look),
            Some(Answer::Unavailable(why)) => Err(why),
            _ => Err(Unavailable::NotOnTape),
        }
    }
}
