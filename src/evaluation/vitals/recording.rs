//! A recording with its reference, and what the signal chain makes of it.

use super::windows::{ReferenceWindow, most_alike};
use super::{Answer, Given};
use crate::biosignal::methods::Rgb;
use crate::biosignal::monitor::{FaceFrame, FaceMonitor, Readings, RegionRole};
use crate::biosignal::timebase::{GRID_HZ, Resampler};
use crate::biosignal::traces::TraceTable;
use crate::biosignal::{Estimate, PulseMethod, PulseOrigin};
use crate::time::MediaTime;

/// A contact sensor's wave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wave {
    /// Seconds of the traces' clock, rising.
    pub times: Vec<f64>,
    /// In any unit.
    pub values: Vec<f64>,
}

impl Wave {
    /// Reads a column of comma-separated values beside the column `t`; `None` where the file has no such column. Lines without numbers
    /// are passed over.
    #[must_use]
    pub fn parse(text: &str, column: &str) -> Option<Self> {
        let mut lines = text.lines();
        let columns: Vec<&str> = lines.next()?.split(',').map(str::trim).collect();
        let place = |name: &str| columns.iter().position(|c| *c == name);
        let (time, value) = (place("t")?, place(column)?);
        let number = |cells: &[&str], at: usize| cells.get(at)?.trim().parse::<f64>().ok().filter(|v| v.is_finite());
        let mut wave = Self::default();
        for line in lines {
            let cells: Vec<&str> = line.split(',').collect();
            if let (Some(t), Some(v)) = (number(&cells, time), number(&cells, value))
                && wave.times.last().is_none_or(|last| t > *last)
            {
                wave.times.push(t);
                wave.values.push(v);
            }
        }
        Some(wave)
    }

    /// Value at a time, straight between samples; `None` outside.
    #[must_use]
    pub fn at(&self, t: f64) -> Option<f64> {
        let after = self.times.partition_point(|s| *s <= t);
        let (i, j) = (after.checked_sub(1)?, after.min(self.times.len().checked_sub(1)?));
        if t > self.times[j] {
            return None;
        }
        let span = self.times[j] - self.times[i];
        let share = if span > 0.0 { (t - self.times[i]) / span } else { 0.0 };
        Some(self.values[i] + share * (self.values[j] - self.values[i]))
    }
}

/// What the chain said of a recording.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// Heart rates, second by second or at longer steps.
    pub pulse: Vec<Estimate>,
    /// Breathing rates.
    pub respiration: Vec<Estimate>,
    /// Beats: from, to, in seconds.
    pub beats: Vec<(f64, f64)>,
}

/// How far readings may be behind the traces, seconds.
const BEHIND_S: f64 = 0.2;

/// Runs the signal chain over traces, with a reading every `step` seconds at whole seconds of media time, and over each of the reference's own
/// windows: a rate that moves has another mean over any other.
#[must_use]
pub fn measure(table: &TraceTable, method: Option<PulseMethod>, step: u32, windows: &[&ReferenceWindow]) -> Measured {
    let mut monitor = FaceMonitor::new(&table.roles(), method.map(PulseOrigin::Colours));
    let mut measured = Measured::default();
    let last = table.frames.last().map_or(0.0, |(at, _)| at.seconds());
    for (at, colours) in &table.frames {
        monitor.push(FaceFrame { at: *at, keyframe: false, colours, patches: &[], place: None, wave: None });
        let Some(end) = monitor.due() else { continue };
        // The chain is a little behind: what ends with the traces is asked for at their last whole second.
        let ends = |w: &&&ReferenceWindow| w.end.min((last - BEHIND_S).floor()).round() == end.seconds();
        for window in windows.iter().filter(ends) {
            measured.pulse.push(monitor.read_over(end, end.seconds() - window.start));
        }
        if (end.seconds().round() as i64) % i64::from(step.max(1)) == 0 {
            let Readings { pulse, respiration, beats, .. } = monitor.read(end);
            measured.beats.extend(beats.iter().map(|beat| (beat.from.seconds(), beat.to.seconds())));
            measured.pulse.push(pulse);
            measured.respiration.push(respiration);
        }
    }
    measured
}

/// What was answered to a window whose truth is known.
#[must_use]
pub fn answer(window: &ReferenceWindow, truth: f64, readings: &[Estimate]) -> Answer {
    let span = |reading: &Estimate| {
        let window = reading.window();
        (window.start.seconds(), window.end.seconds())
    };
    let given = most_alike(window, readings, span).and_then(|reading| match reading {
        Estimate::Available { rate, interval, quality, .. } => {
            Some(Given { rate: *rate, interval: *interval, quality: *quality })
        }
        Estimate::Unavailable { .. } => None,
    });
    Answer { person: window.person.clone(), truth, given }
}

/// Mean colour of all skin on the grid, with the time of each sample: what programs see that know of no regions.
#[must_use]
pub fn whole_skin(table: &TraceTable) -> Vec<(f64, Rgb)> {
    let roles = table.roles();
    let mean = |colours: &[Option<Rgb>]| {
        let skin = colours.iter().zip(&roles).filter(|(_, role)| **role == RegionRole::Skin);
        let seen: Vec<Rgb> = skin.filter_map(|(colour, _)| *colour).collect();
        (!seen.is_empty()).then(|| [0, 1, 2].map(|c| seen.iter().map(|rgb| rgb[c]).sum::<f64>() / seen.len() as f64))
    };
    on_grid(table.frames.iter().filter_map(|(at, colours)| Some((*at, mean(colours)?))))
}

/// A network's samples on the grid, with their times.
#[must_use]
pub fn whole_wave(samples: &[(MediaTime, f64)]) -> Vec<(f64, f64)> {
    let frames = on_grid(samples.iter().map(|(at, sample)| (*at, [*sample; 3])));
    frames.into_iter().map(|(t, [sample, ..])| (t, sample)).collect()
}

fn on_grid(frames: impl Iterator<Item = (MediaTime, Rgb)>) -> Vec<(f64, Rgb)> {
    let mut resampler = Resampler::default();
    let mut samples = Vec::new();
    for (at, colour) in frames {
        resampler.push(at, colour, &mut |sample| samples.push((sample.index as f64 / GRID_HZ, sample.colour)));
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_are_read_and_joined_by_straight_lines() {
        let wave = Wave::parse("t,hr,ppg\n0,60,1.0\n1,60,3.0\nx,,\n1,60,9\n2,60,5.0\n", "ppg").unwrap();
        assert_eq!(wave.times, [0.0, 1.0, 2.0]);
        assert_eq!([wave.at(-0.1), wave.at(0.5), wave.at(2.0), wave.at(2.1)], [None, Some(2.0), Some(5.0), None]);
        assert_eq!(Wave::parse("t,hr\n0,60\n", "ppg"), None);
    }

    #[test]
    fn skin_is_averaged_and_the_background_left_out() {
        let frame = |i: u32| {
            let at = MediaTime::from_seconds(f64::from(i) / 30.0);
            (at, vec![Some([10.0, 20.0, 30.0]), Some([30.0, 40.0, 50.0]), Some([200.0; 3])])
        };
        let regions = ["left", "right", "background"].map(str::to_owned).to_vec();
        let table = TraceTable { regions, frames: (0..90).map(frame).collect() };
        let skin = whole_skin(&table);
        assert!(skin.len() > 80 && skin.iter().all(|(_, c)| *c == [20.0, 30.0, 40.0]));
    }
}
