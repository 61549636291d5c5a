//! The pulse of one window: candidates from every method and region, the clearest of them, and its rate.

use super::beats::Beats;
use super::burst::calm;
use super::carrier::Carrier;
use super::detrend::detrend;
use super::estimate::Reason;
use super::filter::Band;
use super::frame_rate::FrameRate;
use super::guards::{cancels_grey, is_grey};
use super::jump::{Jump, Usual};
use super::methods::{PulseMethod, Rgb, mean_colour};
use super::origin::PulseOrigin;
use super::quality::null_snr_db;
use super::readout::{padded_periodogram, peak_frequency};
use super::snr::LineStrength;
use super::spectrum::Spectrometer;
use super::statistics::median;
use super::timebase::GRID_HZ;

/// Rates that a heart has at rest or after a run: 39 to 216 bpm.
pub const PULSE_BAND: Band = Band { low_hz: 0.65, high_hz: 3.6 };
/// CHROM filters its own output to this.
const CHROM_BAND: Band = Band { low_hz: 0.7, high_hz: 2.5 };
/// Smoothness of the detrending before spectra: at 30 Hz half of the amplitude passes at 0.48 Hz.
pub(super) const LAMBDA: f64 = 100.0;
/// Under this mean of 0 to 255 a channel is dark: its relative change is noise over nothing.
const DARK: f64 = 1.0;
/// A channel of less than this part of the strongest carries no pulse that chrominance can see: a finger before a lamp lets little but red
/// through, skin of any colour has more of each.
const CHANNEL_MIN: f64 = 0.05;
/// A BVP that nowhere leaves this is a still picture and the rounding of its numbers.
const STILL: f64 = 1e-10;
/// A new method must be this much clearer than the last window's to take its place.
const HYSTERESIS_DB: f64 = 1.5;
/// Beats are so alike that their count is trusted over the spectrum.
const ALIKE: f64 = 0.95;
/// Regions whose lines are farther apart contradict each other.
const SPREAD_HZ: f64 = 8.0 / 60.0;
/// Candidates that agree with the best one lie within this of its line.
pub(super) const AGREEMENT_HZ: f64 = 4.0 / 60.0;

/// A line that confirms another may lie this far under what one noise in a thousand reaches; most noise lies farther.
const CONFIRMS_DB: f64 = 4.0;

/// A method's view of a region.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The method.
    pub method: PulseMethod,
    /// Which of the regions, and after these which of the joined ones.
    pub region: usize,
    /// Its line, hertz.
    pub line_hz: f64,
    /// How far the line stands out.
    pub strength: LineStrength,
    /// Whether the line is a change of brightness alone.
    pub grey: bool,
    /// The detrended BVP.
    pub bvp: Vec<f64>,
}

/// What speaks for and against a pulse; the input of the quality index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Length of the window.
    pub seconds: f64,
    /// Self-SNR of the best candidate, dB.
    pub self_snr_db: f64,
    /// `beta` of the noise beside its line, whose power falls as `1/f^beta`.
    pub noise_slope: f64,
    /// Its line, bpm.
    pub line_bpm: f64,
    /// How alike its beats are, at most 1.
    pub likeness: f64,
    /// Largest less smallest of the three readouts, bpm.
    pub spread_bpm: f64,
    /// Difference of the rates of the two halves of the window, bpm.
    pub halves_bpm: f64,
    /// Part of the other candidates whose own line is the same.
    pub agreement: f64,
    /// How far the rate sways from beat to beat, bpm: robust standard deviation.
    pub sway_bpm: f64,
    /// Difference to the rate of the other window that ends at the same time, bpm; 0 where that has none.
    pub windows_bpm: f64,
    /// Whether a network that looks at the whole face has the line as well.
    pub seconded: bool,
}

/// A window's best candidate with its readouts.
#[derive(Debug, Clone, PartialEq)]
pub struct PulseWindow {
    /// The clearest candidate of the colours.
    pub candidate: Candidate,
    /// Whose wave the beats and the rate are read from: the candidate's own, or a model's with the same line.
    pub origin: PulseOrigin,
    /// Beats of that wave.
    pub beats: Beats,
    /// Its rate, bpm: the mean rate of beats that are alike, else the median of spectrum, slope and mean rate, or the spectrum alone
    /// where the carrier fades.
    pub rate_bpm: f64,
    /// Whether a change of brightness alone had a clearer line.
    pub outshone: bool,
    /// What speaks for it.
    pub evidence: Evidence,
}

/// Finds pulses; keeps its transforms.
#[derive(Debug, Default)]
pub struct PulseFinder {
    pub(super) spectrometer: Spectrometer,
    /// Of the video whose colours are looked at, where its frames come evenly.
    pub(super) frames: Option<FrameRate>,
    /// The line that was last taken for that of keyframes at a usual rate, Hz; whoever reads it takes it away.
    pub(super) jumped_hz: Option<f64>,
}

impl PulseFinder {
    /// The pulse of a window of regions of equal length on the grid. `joined` are means over several of them, or over their parts: they
    /// average the noise away, but cannot contradict what they are made of.
    ///
    /// `only` restricts to one method; `last` is the method of the window before, which stays unless another is clearer by
    /// 1.5 dB.
    ///
    /// # Errors
    /// [`Reason::NoPulse`] where no candidate has a line at all, [`Reason::FlickerLine`] where all that have one have the light's,
    /// [`Reason::GopLine`] where the clearest has a jump's overtones, [`Reason::RoiSpread`] where most other regions beat at another rate.
    pub fn find(
        &mut self,
        regions: &[Vec<Rgb>],
        joined: &[Vec<Rgb>],
        only: Option<PulseMethod>,
        last: Option<PulseMethod>,
    ) -> Result<PulseWindow, Reason> {
        let alone = regions.len();
        let regions: Vec<&[Rgb]> = regions.iter().chain(joined).map(Vec::as_slice).collect();
        let (grey, mut candidates): (Vec<Candidate>, Vec<Candidate>) =
            self.candidates(&regions, only).into_iter().partition(|c| c.grey);
        let merit = |c: &Candidate| c.strength.self_snr_db + if Some(c.method) == last { HYSTERESIS_DB } else { 0.0 };
        let clearest = |best: usize, i: usize| if merit(&candidates[i]) > merit(&candidates[best]) { i } else { best };
        let confirmed = |i: &usize| only.is_some() || is_confirmed(&candidates[*i], &candidates, &regions);
        let Some(best) = (0..candidates.len()).filter(confirmed).reduce(clearest) else {
            return Err(if grey.is_empty() { Reason::NoPulse } else { Reason::FlickerLine });
        };
        let chosen = &candidates[best];
        if self.jumps(chosen, regions[chosen.region]) {
            let seconds = chosen.bvp.len() as f64 / GRID_HZ;
            self.jumped_hz = Some(chosen.line_hz).filter(|hz| Usual::of(*hz, seconds, self.frames).is_some());
            return Err(Reason::GopLine);
        }
        if regions_contradict(&candidates, chosen, alone) {
            return Err(Reason::RoiSpread);
        }
        let agreeing = candidates.iter().filter(|c| (c.line_hz - chosen.line_hz).abs() <= AGREEMENT_HZ).count() - 1;
        let agreement = if candidates.len() > 1 { agreeing as f64 / (candidates.len() - 1) as f64 } else { 1.0 };
        let outshone = grey.iter().any(|c| c.strength.self_snr_db > chosen.strength.self_snr_db);
        let candidate = candidates.swap_remove(best);
        Ok(self.read(candidate, agreement, outshone))
    }

    /// Self-SNR in dB of the line that a background has at `line_hz`.
    pub fn background_snr_db(&mut self, colours: &[Rgb], line_hz: f64) -> f64 {
        let green: Vec<f64> = colours.iter().map(|c| c[1]).collect();
        let spectrum = padded_periodogram(&mut self.spectrometer, &detrend(&green, LAMBDA), GRID_HZ);
        LineStrength::measure(&spectrum, line_hz, PULSE_BAND, colours.len() as f64 / GRID_HZ).self_snr_db
    }

    /// Amplitude of a movement's clearest line, if that is the one at `line_hz` and stands out; 0 if it is another.
    pub fn sways(&mut self, way: &[f64], line_hz: f64) -> f64 {
        let spectrum = padded_periodogram(&mut self.spectrometer, &detrend(way, LAMBDA), GRID_HZ);
        let seconds = way.len() as f64 / GRID_HZ;
        let Some(line) = peak_frequency(&spectrum, PULSE_BAND).filter(|f| (f - line_hz).abs() <= AGREEMENT_HZ) else {
            return 0.0;
        };
        let strength = LineStrength::measure(&spectrum, line, PULSE_BAND, seconds);
        let highest = spectrum.highest(PULSE_BAND).map_or(0.0, |bin| spectrum.power[bin]);
        let stands_out = strength.self_snr_db > null_snr_db(seconds) - CONFIRMS_DB;
        if stands_out { 2.0 * highest.sqrt() / way.len() as f64 } else { 0.0 }
    }

    fn candidates(&mut self, regions: &[&[Rgb]], only: Option<PulseMethod>) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for (region, colours) in regions.iter().enumerate() {
            let mean = mean_colour(colours);
            for method in PulseMethod::ALL.into_iter().filter(|m| only.is_none_or(|only| only == *m)) {
                let lit = |channel: usize| mean[channel] >= DARK;
                if method.single_channel().map_or((0..3).all(lit), lit) {
                    candidates.extend(self.candidate(method, region, colours));
                }
            }
        }
        candidates
    }

    fn candidate(&mut self, method: PulseMethod, region: usize, colours: &[Rgb]) -> Option<Candidate> {
        let raw = method.extract(colours, GRID_HZ);
        let mut bvp = detrend(&raw, LAMBDA);
        calm(&mut bvp, GRID_HZ);
        if bvp.iter().any(|v| !v.is_finite()) || bvp.iter().all(|v| v.abs() < STILL) {
            return None;
        }
        let band = if method == PulseMethod::Chrom { CHROM_BAND } else { PULSE_BAND };
        let spectrum = padded_periodogram(&mut self.spectrometer, &bvp, GRID_HZ);
        let line_hz = peak_frequency(&spectrum, band)?;
        let strength = LineStrength::measure(&spectrum, line_hz, band, bvp.len() as f64 / GRID_HZ);
        let grey = is_grey(method, colours, GRID_HZ, line_hz);
        strength.self_snr_db.is_finite().then_some(Candidate { method, region, line_hz, strength, grey, bvp })
    }

    /// Whether a candidate's line is that of a jump once a period. CHROM's own filter takes the overtones away: of the colours, the one in which
    /// they would be clearest has them. Where frames come too seldom to carry any, nothing rules out that a usual line is that of keyframes.
    fn jumps(&mut self, candidate: &Candidate, colours: &[Rgb]) -> bool {
        let carried_hz = 0.5 * self.frames.map_or(GRID_HZ, |frames| frames.sent);
        let mut find =
            |signal: &[f64]| Jump::find(&mut self.spectrometer, signal, GRID_HZ, carried_hz, candidate.line_hz);
        let jump = match candidate.method {
            PulseMethod::Chrom => (0..3)
                .filter_map(|channel| find(&colours.iter().map(|colour| colour[channel]).collect::<Vec<f64>>()))
                .reduce(|best, next| if next.expected > best.expected { next } else { best }),
            _ => find(&candidate.bvp),
        };
        let (line_hz, seconds, frames) = (candidate.line_hz, candidate.bvp.len() as f64 / GRID_HZ, self.frames);
        jump.map_or_else(
            || Usual::of(line_hz, seconds, frames) == Some(Usual::Lowest),
            |jump| jump.explains(line_hz, seconds, frames),
        )
    }

    fn read(&mut self, candidate: Candidate, agreement: f64, outshone: bool) -> PulseWindow {
        let Readout { beats, rate_hz, spread_hz } = Readout::of(&candidate.bvp, candidate.line_hz);
        let (first, second) = candidate.bvp.split_at(candidate.bvp.len() / 2);
        let halves = self.line(first).zip(self.line(second)).map_or(f64::INFINITY, |(a, b)| (a - b).abs());
        let evidence = Evidence {
            seconds: candidate.bvp.len() as f64 / GRID_HZ,
            self_snr_db: candidate.strength.self_snr_db,
            noise_slope: candidate.strength.slope,
            line_bpm: 60.0 * candidate.line_hz,
            likeness: beats.likeness,
            spread_bpm: 60.0 * spread_hz,
            halves_bpm: 60.0 * halves,
            agreement,
            sway_bpm: sway_bpm(&beats),
            windows_bpm: 0.0,
            seconded: false,
        };
        let origin = PulseOrigin::Colours(candidate.method);
        PulseWindow { candidate, origin, beats, rate_bpm: 60.0 * rate_hz, outshone, evidence }
    }

    fn line(&mut self, bvp: &[f64]) -> Option<f64> {
        let spectrum = padded_periodogram(&mut self.spectrometer, bvp, GRID_HZ);
        peak_frequency(&spectrum, PULSE_BAND)
    }
}

/// Beats and rate of a wave whose line is known.
pub(super) struct Readout {
    pub(super) beats: Beats,
    pub(super) rate_hz: f64,
    /// Largest less smallest of its three readouts.
    pub(super) spread_hz: f64,
}

impl Readout {
    pub(super) fn of(bvp: &[f64], line_hz: f64) -> Self {
        let beats = Beats::find(bvp, GRID_HZ, line_hz);
        let carrier = Carrier::of(bvp, GRID_HZ, line_hz);
        let mean = carrier.mean_rate().unwrap_or(line_hz);
        let slope = carrier.slope_rate().unwrap_or(line_hz);
        let mut readouts = [line_hz, slope, mean];
        let middle = median(&mut readouts).unwrap_or(line_hz);
        let rate_hz = match beats.likeness >= ALIKE {
            true => mean,
            false if carrier.is_whole() => middle,
            false => line_hz,
        };
        Self { beats, rate_hz, spread_hz: readouts[2] - readouts[0] }
    }
}

/// Whether a line is the skin's: where all channels have light, a method that a change of brightness reaches needs one that it does not reach beside it.
fn is_confirmed(candidate: &Candidate, all: &[Candidate], regions: &[&[Rgb]]) -> bool {
    let mean = mean_colour(regions[candidate.region]);
    let strongest = mean.into_iter().fold(0.0, f64::max);
    if cancels_grey(candidate.method) || mean.iter().any(|m| *m < CHANNEL_MIN * strongest) {
        return true;
    }
    let stands_out = |c: &Candidate| c.strength.self_snr_db > null_snr_db(c.bvp.len() as f64 / GRID_HZ) - CONFIRMS_DB;
    let beside = |c: &&Candidate| c.region == candidate.region && cancels_grey(c.method) && stands_out(c);
    all.iter().filter(beside).any(|c| (c.line_hz - candidate.line_hz).abs() <= AGREEMENT_HZ)
}

/// Whether more of the other regions have a line of their own at another rate than at this one. Only lines that one noise in a
/// thousand would have count.
fn regions_contradict(candidates: &[Candidate], chosen: &Candidate, alone: usize) -> bool {
    let (mut same, mut other) = (1, 0);
    for region in 0..alone {
        let of_region = candidates.iter().filter(|c| c.region == region && region != chosen.region);
        let clearest = of_region.max_by(|a, b| a.strength.self_snr_db.total_cmp(&b.strength.self_snr_db));
        let Some(clearest) = clearest else { continue };
        if clearest.strength.self_snr_db > null_snr_db(clearest.bvp.len() as f64 / GRID_HZ) {
            let apart = (clearest.line_hz - chosen.line_hz).abs() > SPREAD_HZ;
            *(if apart { &mut other } else { &mut same }) += 1;
        }
    }
    other > same
}

/// Robust standard deviation of the rates of single beats.
fn sway_bpm(beats: &Beats) -> f64 {
    let mut rates: Vec<f64> = beats.intervals().iter().map(|i| 60.0 / i).collect();
    let Some(middle) = median(&mut rates) else { return 0.0 };
    rates.iter_mut().for_each(|r| *r = (*r - middle).abs());
    // 1.4826: the median absolute deviation of a normal distribution is that much smaller than its standard deviation.
    1.4826 * median(&mut rates).unwrap_or_default()
}
