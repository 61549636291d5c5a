//! What a model's pulse wave adds to what the colours say.
//!
//! A network that has learned pulses makes one of a photograph, too, and of whatever comes in time with a video's keyframes. So it
//! is never asked whether there is a pulse: colours say that, with all their guards. Where its wave has the line that they
//! have, two ways of looking that fail for different reasons agree, which speaks for the line. The rate stays that of the colours:
//! they read a clear pulse better (0.6 bpm against 0.9 on semi-synthetic films).

use super::detrend::detrend;
use super::origin::PulseOrigin;
use super::pulse::{AGREEMENT_HZ, LAMBDA, PULSE_BAND, PulseFinder, PulseWindow, Readout};
use super::quality::null_snr_db;
use super::readout::{padded_periodogram, peak_frequency};
use super::snr::LineStrength;
use super::timebase::{GRID_HZ, GridSample, Step};
use super::trace::Trace;
use crate::time::MediaTime;

/// What the network gives while its memory fills is not used, seconds.
const WARM_UP_S: f64 = 4.0;
/// Largest part of a window that may lie in gaps.
const FILLED_MAX: f64 = 0.1;

/// The last minute of a network's samples, on the grid of the colours.
#[derive(Debug, Default)]
pub struct NetworkWave {
    trace: Trace,
    since: Option<MediaTime>,
}

impl NetworkWave {
    /// Takes the sample of a frame. After a break the network has forgotten the face.
    pub fn push(&mut self, at: MediaTime, sample: f64) {
        let broken = self.trace.push(at, [sample; 3]) == Step::Broken;
        if broken || self.since.is_none() {
            self.since = Some(at);
        }
    }

    /// Whether there is any sample.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.since.is_some()
    }

    /// The samples with numbers `from..to`; `None` unless nearly all of them are there and the network knew the face by then.
    #[must_use]
    pub fn between(&self, from: i64, to: i64) -> Option<Vec<f64>> {
        let warm = (self.since?.seconds() + WARM_UP_S) * GRID_HZ;
        let samples: Vec<&GridSample> = self.trace.between(from, to)?.collect();
        let filled = samples.iter().filter(|s| s.filled).count() as f64;
        let whole = from as f64 >= warm && filled <= FILLED_MAX * samples.len() as f64;
        whole.then(|| samples.iter().map(|s| s.colour[0]).collect())
    }
}

impl PulseFinder {
    /// Asks a network's wave over the same window for a second opinion: whether it has a line that stands out, and the one of the
    /// colours. `read`: then its beats and rate are the ones to tell, and how far they are from those of the colours
    /// is in the evidence.
    pub fn second(&mut self, found: &mut PulseWindow, wave: &[f64], read: bool) {
        let bvp = detrend(wave, LAMBDA);
        let spectrum = padded_periodogram(&mut self.spectrometer, &bvp, GRID_HZ);
        let Some(line_hz) = peak_frequency(&spectrum, PULSE_BAND) else { return };
        let seconds = bvp.len() as f64 / GRID_HZ;
        let strength = LineStrength::measure(&spectrum, line_hz, PULSE_BAND, seconds);
        let same = (line_hz - found.candidate.line_hz).abs() <= AGREEMENT_HZ;
        found.evidence.seconded = same && strength.self_snr_db > null_snr_db(seconds);
        if read && found.evidence.seconded {
            let Readout { beats, rate_hz, spread_hz } = Readout::of(&bvp, line_hz);
            let rate_bpm = 60.0 * rate_hz;
            let apart = (rate_bpm - found.rate_bpm).abs();
            found.evidence.spread_bpm = found.evidence.spread_bpm.max(60.0 * spread_hz).max(apart);
            found.origin = PulseOrigin::Network;
            (found.beats, found.rate_bpm) = (beats, rate_bpm);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biosignal::methods::Rgb;
    use crate::biosignal::quality::probability;
    use std::f64::consts::TAU;

    const SECONDS: usize = 20;

    fn times() -> impl Iterator<Item = f64> {
        (0..SECONDS * GRID_HZ as usize).map(|i| i as f64 / GRID_HZ)
    }

    /// Noise that is the same each time; -1 to 1.
    fn noise(t: f64) -> f64 {
        2.0 * ((t * GRID_HZ + 1.0) * 12.9898).sin().mul_add(43_758.545, 0.0).rem_euclid(1.0) - 1.0
    }

    #[test]
    fn a_wave_seconds_the_colours_where_it_has_their_line() {
        let skin = |t: f64| {
            [(150.0, 0.33), (110.0, 0.77), (90.0, 0.53)]
                .map(|(mean, share)| mean * (1.0 + 0.004 * share * (TAU * 1.3 * t).sin()))
        };
        let colours: Vec<Rgb> = times().map(skin).collect();
        let mut finder = PulseFinder::default();
        let found = finder.find(&[colours], &[], None, None).expect("a pulse");
        type Wave = fn(f64) -> f64;
        let rows: [(&str, Wave, bool); 4] = [
            ("the same", |t| (TAU * 1.31 * t).sin() + 0.1 * noise(t), true),
            ("twice as fast", |t| (TAU * 2.6 * t).sin(), false),
            ("the same in too much noise", |t| 0.1 * (TAU * 1.31 * t).sin() + noise(t), false),
            ("nothing", |_| 0.0, false),
        ];
        for (name, wave, seconds) in rows {
            let wave: Vec<f64> = times().map(wave).collect();
            let [mut told, mut read] = [found.clone(), found.clone()];
            finder.second(&mut told, &wave, false);
            assert_eq!((told.evidence.seconded, told.rate_bpm), (seconds, found.rate_bpm), "{name}");
            assert_eq!(probability(&told.evidence) > probability(&found.evidence), seconds, "{name}");
            finder.second(&mut read, &wave, true);
            assert_eq!(read.origin == PulseOrigin::Network, seconds, "{name}");
            let rate = if seconds { 78.6 } else { found.rate_bpm };
            assert!((read.rate_bpm - rate).abs() < 0.2, "{name}: {}", read.rate_bpm);
            assert!(read.evidence.spread_bpm >= (read.rate_bpm - found.rate_bpm).abs(), "{name}");
        }
    }

    #[test]
    fn a_wave_is_there_once_it_is_warm_and_again_after_a_gap() {
        let mut wave = NetworkWave::default();
        assert!(!wave.is_there());
        let at = |index: i64| MediaTime::from_seconds(index as f64 / GRID_HZ);
        (0..300).for_each(|i| wave.push(at(i), i as f64));
        assert_eq!(wave.between(60, 200), None, "the memory was filling");
        let samples = wave.between(120, 200).expect("warm");
        assert!(samples.iter().zip(120..).all(|(sample, i)| (sample - f64::from(i)).abs() < 1e-6), "{samples:?}");
        (400..700).for_each(|i| wave.push(at(i), 0.0));
        assert!(wave.is_there() && wave.between(450, 600).is_none() && wave.between(520, 650).is_some());
    }
}
