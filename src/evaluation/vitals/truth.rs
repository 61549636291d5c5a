//! True rates of stretches of a contact sensor's wave, and which stretches of a recording are compared.
//!
//! The wave is trusted and no rate that a device reports beside it: those lag, and drop out (UBFC-rPPG's do on five subjects).

use super::recording::Wave;
use super::windows::ReferenceWindow;
use crate::biosignal::carrier::Carrier;
use crate::biosignal::detrend::detrend;
use crate::biosignal::pulse::PULSE_BAND;
use crate::biosignal::readout::{padded_periodogram, peak_frequency};
use crate::biosignal::respiration::{BreathSource, common_rate};
use crate::biosignal::spectrum::Spectrometer;
use crate::biosignal::timebase::GRID_HZ;

/// Windows of the pulse: length, step, and the least length of a recording that is shorter, seconds.
const PULSE: [f64; 3] = [30.0, 10.0, 10.0];
/// The same for breathing.
const BREATH: [f64; 3] = [60.0, 30.0, 30.0];
/// Smoothness of the detrending of a wave, as the chain has it.
const LAMBDA: f64 = 100.0;
/// The count of beats is believed while it is this near to the spectrum, hertz: else beats were missed.
const NEAR_HZ: f64 = 5.0 / 60.0;

/// A recording's reference.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reference {
    /// Finger pulse, on the video's clock.
    pub pulse: Wave,
    /// Breathing, where it was measured.
    pub respiration: Option<Wave>,
    /// When each frame of the video was taken, where the set knows better than the video file does.
    pub frame_times: Option<Vec<f64>>,
}

/// The windows of a recording with their true rates.
#[must_use]
pub fn windows(
    recording: &str,
    person: &str,
    labels: &[(String, String)],
    reference: &Reference,
) -> Vec<ReferenceWindow> {
    let window = |(start, end): (f64, f64), heart_rate: Option<f64>, respiration: Option<f64>| ReferenceWindow {
        recording: recording.to_owned(),
        person: person.to_owned(),
        start,
        end,
        heart_rate,
        respiration,
        pulseless: false,
        labels: labels.to_vec(),
    };
    let pulse = spans(&reference.pulse, PULSE).into_iter();
    let mut windows: Vec<ReferenceWindow> =
        pulse.map(|span| window(span, heart_rate(&reference.pulse, span), None)).collect();
    if let Some(wave) = &reference.respiration {
        windows.extend(spans(wave, BREATH).into_iter().map(|span| window(span, None, breathing_rate(wave, span))));
    }
    windows.retain(|w| w.heart_rate.is_some() || w.respiration.is_some());
    windows
}

/// Mean heart rate of a stretch, bpm; `None` where the wave has nothing there.
#[must_use]
pub fn heart_rate(wave: &Wave, span: (f64, f64)) -> Option<f64> {
    let samples = detrend(&evenly(wave, span)?, LAMBDA);
    let line = peak_frequency(&padded_periodogram(&mut Spectrometer::default(), &samples, GRID_HZ), PULSE_BAND)?;
    let counted = Carrier::of(&samples, GRID_HZ, line).mean_rate().filter(|rate| (rate - line).abs() <= NEAR_HZ);
    Some(60.0 * counted.unwrap_or(line))
}

/// Breathing rate of a stretch, breaths a minute.
#[must_use]
pub fn breathing_rate(wave: &Wave, span: (f64, f64)) -> Option<f64> {
    let samples = evenly(wave, span)?;
    let mean = samples.iter().sum::<f64>() / samples.len() as f64;
    let centred: Vec<f64> = samples.iter().map(|v| v - mean).collect();
    common_rate(&mut Spectrometer::default(), BreathSource::Movement, &[centred], GRID_HZ).map(|b| b.rate)
}

fn spans(wave: &Wave, [length, step, least]: [f64; 3]) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (wave.times.first(), wave.times.last()) else { return Vec::new() };
    let (from, to) = (first.max(0.0).ceil(), last.floor());
    if to - from < length {
        return if to - from >= least { vec![(from, to)] } else { Vec::new() };
    }
    let count = ((to - from - length) / step).floor() as u32 + 1;
    (0..count).map(|n| from + step * f64::from(n)).map(|start| (start, start + length)).collect()
}

/// Samples at the grid's rate; `None` where the wave does not reach.
fn evenly(wave: &Wave, (start, end): (f64, f64)) -> Option<Vec<f64>> {
    let count = ((end - start) * GRID_HZ) as usize;
    (0..count).map(|i| wave.at(start + i as f64 / GRID_HZ)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn wave(hertz: f64, seconds: f64, rate: f64) -> Wave {
        let times: Vec<f64> = (0..(seconds * rate) as u32).map(|i| f64::from(i) / rate).collect();
        Wave { values: times.iter().map(|t| 50.0 + 30.0 * (TAU * hertz * t).sin()).collect(), times }
    }

    #[test]
    fn windows_have_the_rates_of_the_waves() {
        let reference =
            Reference { pulse: wave(1.3, 61.0, 62.0), respiration: Some(wave(0.2, 62.0, 62.0)), frame_times: None };
        let labels = [("task".to_owned(), "rest".to_owned())];
        let windows = windows("a", "p", &labels, &reference);
        assert_eq!(windows.iter().filter(|w| w.heart_rate.is_some()).count(), 4);
        assert!(windows.iter().filter_map(|w| w.heart_rate).all(|rate| (rate - 78.0).abs() < 0.1));
        assert!(windows.iter().filter_map(|w| w.respiration).all(|rate| (rate - 12.0).abs() < 0.3));
        assert!(windows.iter().all(|w| w.labels == labels && w.person == "p"));
    }

    #[test]
    fn short_waves_give_one_window_or_none() {
        let of = |seconds| spans(&wave(1.0, seconds, 60.0), PULSE).len();
        assert_eq!([of(5.0), of(12.1), of(29.0), of(30.1), of(40.1)], [0, 1, 1, 1, 2]);
        assert_eq!(heart_rate(&wave(1.0, 10.0, 60.0), (5.0, 15.0)), None);
    }
}
