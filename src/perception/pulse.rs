//! A learned pulse wave: one frame in, one sample out, with states that are carried on (ME-rPPG).

use super::PerceptionError;
use super::library::ModelLibrary;
use super::manifest::{Decode, ModelEntry, Task};
use super::network::Network;
use super::preprocess::Preprocessor;
use super::resize::Region;
use crate::config::ModelSettings;
use crate::frame::{BBox, Image};

/// ME-rPPG's published face crop: the face box made a fifth higher, upwards.
const HEIGHT_FACTOR: f64 = 1.2;

/// One state: its shape and values.
type State = (Vec<i64>, Vec<f32>);

/// What the model remembers of one face: 1.5 MB.
#[derive(Debug, Clone, PartialEq)]
pub struct PulseMemory {
    states: Vec<State>,
}

/// The pulse model, which can follow any number of faces, each with a memory of its own.
#[derive(Debug)]
pub struct PulseModel {
    network: Network,
    input: Preprocessor,
    start: PulseMemory,
}

impl PulseModel {
    /// Opens a pulse model.
    ///
    /// # Errors
    /// As [`Network::open`]; [`PerceptionError::Contract`] when the inputs are not the states of the manifest.
    pub fn open(library: &ModelLibrary, settings: &ModelSettings, name: &str) -> Result<Self, PerceptionError> {
        let network = Network::open(library, settings, name, (&[Task::Pulse], "pulse"))?;
        let entry = network.entry();
        let Decode::MeRppg { states, interval, seed, seeded } = &entry.decode else {
            let (model, task) = (entry.name.clone(), format!("{:?}", entry.decode));
            return Err(PerceptionError::WrongTask { model, task, wanted: "pulse" });
        };
        let inputs: Vec<(&str, &[i64])> = network.inputs().collect();
        let last = inputs.last().map(|(name, _)| *name);
        if inputs.len() != states + 2 || last != Some(interval.as_str()) {
            let (count, last, expected) = (inputs.len(), last.unwrap_or_default(), states + 2);
            let difference =
                format!("{count} inputs, last `{last}`, where the manifest says {expected}, last `{interval}`");
            return Err(PerceptionError::Contract { model: entry.name.clone(), difference });
        }
        let state = |(number, (_, shape)): (usize, &(&str, &[i64]))| {
            let count: i64 = shape.iter().map(|d| (*d).max(0)).product();
            let value = if seeded.contains(&(number + 1)) { *seed } else { 0.0 };
            (shape.to_vec(), vec![value; usize::try_from(count).unwrap_or(0)])
        };
        let start = PulseMemory { states: inputs[1..=*states].iter().enumerate().map(state).collect() };
        Ok(Self { input: Preprocessor::new(&entry.input), start, network })
    }

    /// Its manifest entry.
    #[must_use]
    pub fn entry(&self) -> &ModelEntry {
        self.network.entry()
    }

    /// The memory of a face that was never seen.
    #[must_use]
    pub fn memory(&self) -> PulseMemory {
        self.start.clone()
    }

    /// The region of a picture that the model expects for a face box; `None` when it has no pixel in the picture.
    #[must_use]
    pub fn region(image: &Image, face: &BBox) -> Option<Region> {
        let taller = BBox { y: face.y - (HEIGHT_FACTOR - 1.0) * face.h, h: HEIGHT_FACTOR * face.h, ..*face };
        let inside = taller.clipped(image.width, image.height)?;
        let [x, y, right, bottom] = [inside.x, inside.y, inside.right(), inside.bottom()].map(|v| v.round() as u32);
        (right > x && bottom > y).then(|| Region { x, y, width: right - x, height: bottom - y })
    }

    /// The next sample of the pulse wave (no unit) of the face with this memory, `interval_s` seconds after the last one.
    /// After a failure the memory is what it was.
    ///
    /// # Errors
    /// [`PerceptionError::Picture`] or [`PerceptionError::Run`].
    pub fn sample(
        &mut self,
        memory: &mut PulseMemory,
        image: &Image,
        region: Region,
        interval_s: f32,
    ) -> Result<f32, PerceptionError> {
        self.input.fill_region(image, region, false)?;
        let states = memory.states.iter().map(|(shape, values)| (shape.as_slice(), values.as_slice()));
        let interval = [interval_s];
        let further = states.chain(std::iter::once((&[][..], &interval[..])));
        let outputs = self.network.run_with(self.input.tensor(), further)?;
        let sample = outputs.values_at(0)?.first().copied().filter(|v| v.is_finite());
        let sample = sample.ok_or_else(|| outputs.failed("no sample".to_owned()))?;
        for (number, (_, before)) in (1..).zip(&memory.states) {
            let count = outputs.values_at(number)?.len();
            if count != before.len() {
                return Err(outputs.failed(format!("state {number} came back with {count} values")));
            }
        }
        for (number, (_, values)) in (1..).zip(&mut memory.states) {
            values.copy_from_slice(outputs.values_at(number)?);
        }
        Ok(sample)
    }
}
