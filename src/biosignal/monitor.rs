//! One face: its regions' traces, and once a second what they say.

use std::collections::VecDeque;

use super::estimate::{Estimate, Reason, Window};
use super::frame_rate::FrameCounter;
use super::keyframes::combed;
use super::methods::{PulseMethod, Rgb};
use super::network_wave::NetworkWave;
use super::origin::PulseOrigin;
use super::patches::PatchGrid;
use super::pulse::{Evidence, PULSE_BAND, PulseFinder, PulseWindow};
use super::spectrum::Spectrometer;
use super::timebase::{GRID_HZ, Step};
use super::trace::{KEPT_S, Trace};
use super::{quality, respiration, rhythm};
use crate::time::MediaTime;
use crate::units::Interval;

/// Seconds of the short window, and the least for a pulse: a recording of 10 s has its first and last frame a little inside.
const SHORT_S: f64 = 10.0;
const SHORT_FROM_S: f64 = 9.5;
/// Seconds of the long window; until they have passed it is as long as what there is.
const LONG_S: f64 = 30.0;
/// From this on there is a long window.
const LONG_FROM_S: f64 = 15.0;
/// The long window's rate is the better one while the short one's is within this of it, bpm; else the rate is moving.
const STEADY_BPM: f64 = 1.0;
/// Two windows that both answer and are farther apart than any heart turns in a quarter of a minute, bpm.
const CONTRARY_BPM: f64 = 15.0;
/// Seconds of the window for breathing, and the least.
const BREATH_S: f64 = 60.0;
const BREATH_FROM_S: f64 = 30.0;
/// Least likeness of the beats whose modulations are used: beats less alike are modulated by their noise.
const BREATH_LIKENESS: f64 = 0.87;
/// A region whose newest sample is older than this is lost.
const STALE_S: f64 = 0.5;
/// Largest part of a window that may lie in gaps.
const FILLED_MAX: f64 = 0.1;
/// A head that nods in the rhythm of its pulse by more than this does it by itself, face widths; the heart moves it by a tenth of that.
const NOD_WIDTHS: f64 = 0.002;
/// Most keyframes that are kept; with one in less than a quarter of a second there is no line in the band of the pulse.
const KEYFRAMES_MAX: usize = 4 * KEPT_S as usize;
/// Readings whose lines are remembered, and how near to each other two lines are the same.
const LINES_MAX: usize = 20;
const SAME_HZ: f64 = 0.03;

/// What a region is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionRole {
    /// Skin, in which a pulse is looked for.
    Skin,
    /// Something beside the person, under the same light.
    Background,
}

/// One frame of a face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaceFrame<'a> {
    /// Its presentation time.
    pub at: MediaTime,
    /// Whether the decoder said that it is a keyframe.
    pub keyframe: bool,
    /// Mean colour of each region in the order of the roles, 0 to 255; `None` where it is not seen.
    pub colours: &'a [Option<Rgb>],
    /// And of each patch of the skin, the same patches in every frame; empty where regions are not cut up.
    pub patches: &'a [Option<Rgb>],
    /// Where the face is, right and down, and how wide, pixels; `None` where that is not known.
    pub place: Option<[f64; 3]>,
    /// The sample of a network that follows the face's pulse, where there is one.
    pub wave: Option<f64>,
}

/// What a second gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Readings {
    /// Heart rate, beats a minute.
    pub pulse: Estimate,
    /// Whose wave the pulse was read from, where there is one.
    pub origin: Option<PulseOrigin>,
    /// Breaths a minute.
    pub respiration: Estimate,
    /// Beats since the last second, each with the interval to the one before it; only where they are alike.
    pub beats: Vec<rhythm::Beat>,
}

/// The signals of one face. Bounded: a minute of samples of each region.
#[derive(Debug)]
pub struct FaceMonitor {
    regions: Vec<(RegionRole, Trace)>,
    patches: PatchGrid,
    /// Where the face was, and how wide.
    place: Trace,
    wave: NetworkWave,
    only: Option<PulseOrigin>,
    frames: FrameCounter,
    finder: PulseFinder,
    spectrometer: Spectrometer,
    /// Methods of the short and the long window before.
    last: [Option<PulseMethod>; 2],
    lines: VecDeque<Option<(f64, bool)>>,
    /// Numbers of the samples at which keyframes came.
    keyframes: VecDeque<i64>,
    rhythm: rhythm::Rhythm,
    newest: MediaTime,
    broken_at: Option<MediaTime>,
    read_to: Option<i64>,
}

/// An answer of one window.
type Answer = Result<(PulseWindow, f64), Vec<Reason>>;

impl FaceMonitor {
    /// A face with these regions; `only` restricts to one method over colours, or the rate to the network's, which the colours must
    /// confirm all the same.
    #[must_use]
    pub fn new(roles: &[RegionRole], only: Option<PulseOrigin>) -> Self {
        Self {
            regions: roles.iter().map(|role| (*role, Trace::default())).collect(),
            patches: PatchGrid::default(),
            place: Trace::default(),
            wave: NetworkWave::default(),
            only,
            frames: FrameCounter::default(),
            finder: PulseFinder::default(),
            spectrometer: Spectrometer::default(),
            last: [None; 2],
            lines: VecDeque::with_capacity(LINES_MAX),
            keyframes: VecDeque::with_capacity(KEYFRAMES_MAX),
            rhythm: rhythm::Rhythm::default(),
            newest: MediaTime::default(),
            broken_at: None,
            read_to: None,
        }
    }

    /// Takes a frame. Allocates nothing.
    pub fn push(&mut self, frame: FaceFrame<'_>) {
        self.newest = frame.at;
        self.frames.push(frame.at);
        for ((_, trace), colour) in self.regions.iter_mut().zip(frame.colours) {
            let Some(colour) = colour else { continue };
            if trace.push(frame.at, *colour) == Step::Broken {
                self.broken_at = Some(frame.at);
                self.read_to = None;
            }
        }
        self.patches.push(frame.at, frame.patches);
        if let Some(place) = frame.place {
            self.place.push(frame.at, place);
        }
        if let Some(sample) = frame.wave {
            self.wave.push(frame.at, sample);
        }
        if frame.keyframe {
            if self.keyframes.len() == KEYFRAMES_MAX {
                self.keyframes.pop_front();
            }
            self.keyframes.push_back(grid_index(frame.at));
        }
    }

    /// The next whole second of media time up to which every region that is still seen has samples, once for each.
    pub fn due(&mut self) -> Option<MediaTime> {
        let newest = |(_, trace): &(RegionRole, Trace)| trace.newest();
        let last = self.regions.iter().filter_map(newest).max()?;
        let stale = (STALE_S * GRID_HZ) as i64;
        let end = self.regions.iter().filter_map(newest).filter(|n| last - n <= stale).min()? + 1;
        let whole = end.div_euclid(GRID_HZ as i64);
        (whole > self.read_to.unwrap_or(i64::MIN)).then(|| {
            self.read_to = Some(whole);
            grid_time(whole * GRID_HZ as i64)
        })
    }

    /// How much the intervals of the last minute's beats vary; absent where beats are too few or not alike.
    #[must_use]
    pub fn variability(&self) -> Option<rhythm::Variability> {
        self.rhythm.variability()
    }

    /// Mean colour over the skin regions that have the last `seconds`, on the grid; shorter while the traces are, empty where
    /// there are none.
    #[must_use]
    pub fn skin_colours(&self, seconds: f64) -> Vec<Rgb> {
        let Some(end) = self.skin().filter_map(Trace::newest).max().map(|newest| newest + 1) else { return Vec::new() };
        let reach = self.reach(end, seconds);
        mean(&self.skin().filter_map(|trace| colours(trace, end - reach, end)).collect::<Vec<Vec<Rgb>>>())
    }

    /// What there is to say of the time before `end`.
    pub fn read(&mut self, end: MediaTime) -> Readings {
        let end = grid_index(end);
        let (window, answer) = self.pulse(end);
        let pulse = estimate(window, &answer, quality::interval);
        match answer {
            Ok((found, _)) => {
                let beats = self.rhythm.add(&found, window, end as f64 / GRID_HZ);
                let respiration = self.respiration(end, found.candidate.method);
                Readings { pulse, origin: Some(found.origin), respiration, beats }
            }
            Err(reasons) => {
                let breath = Window { start: grid_time(end - self.reach(end, BREATH_S)), end: grid_time(end) };
                let respiration = Estimate::unavailable(reasons, breath);
                Readings { pulse, origin: None, respiration, beats: Vec::new() }
            }
        }
    }

    /// The heart rate over just the `seconds` before `end`, at most a minute: for whoever has a reference over these. Ten seconds stand in where
    /// they have no answer. Leaves what [`FaceMonitor::read`] says as it is.
    pub fn read_over(&mut self, end: MediaTime, seconds: f64) -> Estimate {
        self.finder.frames = self.frames.rate();
        let last = std::mem::take(&mut self.last);
        let (window, answer) = self.of_windows(grid_index(end), Some(seconds));
        (self.last, self.finder.jumped_hz) = (last, None);
        let whole = (window.seconds() - seconds).abs() < 1.0;
        estimate(window, &answer, if whole { quality::interval_over } else { quality::interval })
    }

    /// What the windows say, unless the same line was more often that of keyframes than a pulse's in the last readings: noise
    /// hides their overtones now and then, and a coder does not change how often it sends a whole picture.
    fn pulse(&mut self, end: i64) -> (Window, Answer) {
        self.finder.frames = self.frames.rate();
        let (window, answer) = self.of_windows(end, None);
        let line = answer.as_ref().ok().map(|(found, _)| (found.candidate.line_hz, false));
        let jumped = self.finder.jumped_hz.take().map(|line_hz| (line_hz, true));
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back(line.or(jumped));
        let votes = |line_hz: f64| {
            let same = self.lines.iter().flatten().filter(|(hz, _)| (hz - line_hz).abs() < SAME_HZ);
            same.map(|(_, jumped)| if *jumped { 1 } else { -1 }).sum::<i32>()
        };
        match answer {
            Ok((found, _)) if votes(found.candidate.line_hz) > 0 => (window, Err(vec![Reason::GopLine])),
            answer => (window, answer),
        }
    }

    /// The long window's answer while the rate is steady, else the short one's; each stands in for the other. `asked` seconds are a long
    /// window that is wanted even when the rate is moving.
    fn of_windows(&mut self, end: i64, asked: Option<f64>) -> (Window, Answer) {
        let reach = self.reach(end, asked.unwrap_or(LONG_S));
        let window = |samples: i64| Window { start: grid_time(end - samples), end: grid_time(end) };
        if (reach as f64) < SHORT_FROM_S * GRID_HZ {
            let mut reasons = vec![Reason::TooShort];
            if self.broken_at.is_some_and(|at| self.newest.since(at) < SHORT_S) {
                reasons.push(Reason::TrackBreak);
            }
            return (window(reach), Err(reasons));
        }
        let short_reach = reach.min((SHORT_S * GRID_HZ) as i64);
        let mut short = self.window(0, end, short_reach);
        if (reach as f64) < LONG_FROM_S * GRID_HZ {
            return (window(short_reach), short);
        }
        let mut long = self.window(1, end, reach);
        match (&mut short, &mut long) {
            (Ok((near, _)), Ok((far, _))) => {
                let apart = (near.rate_bpm - far.rate_bpm).abs();
                (near.evidence.windows_bpm, far.evidence.windows_bpm) = (apart, apart);
                match apart {
                    apart if apart > CONTRARY_BPM => (window(reach), Err(vec![Reason::Disagree])),
                    apart if apart > STEADY_BPM && asked.is_none() => (window(short_reach), short),
                    _ => (window(reach), long),
                }
            }
            (Ok(_), Err(_)) => (window(short_reach), short),
            (Err(_), _) => (window(reach), long),
        }
    }

    /// Samples before `end` that a skin region has without a break, at most `seconds` of them.
    fn reach(&self, end: i64, seconds: f64) -> i64 {
        let oldest = self.skin().filter(|t| t.newest() >= Some(end - 1)).filter_map(Trace::oldest).min();
        oldest.map_or(0, |oldest| (end - oldest).clamp(0, (seconds * GRID_HZ) as i64))
    }

    fn skin(&self) -> impl Iterator<Item = &Trace> {
        self.regions.iter().filter(|(role, _)| *role == RegionRole::Skin).map(|(_, trace)| trace)
    }

    fn window(&mut self, slot: usize, end: i64, samples: i64) -> Answer {
        let (from, to) = (end - samples, end);
        let filled_max = FILLED_MAX * samples as f64;
        let gaps = |trace: &Trace| trace.between(from, to).map(|s| s.filter(|s| s.filled).count() as f64);
        if self.skin().filter_map(gaps).any(|gaps| gaps > filled_max) {
            return Err(vec![Reason::FpsJitter]);
        }
        let plain = self.samples(from, to);
        let wave = self.wave.between(from, to);
        let since = self.since_keyframe(from, to);
        let mut answer = match &since {
            Some(since) => self.judge(slot, &plain.each(|region| combed(region, since)), wave.as_deref()),
            None => self.judge(slot, &plain, wave.as_deref()),
        };
        if since.is_some() && answer.is_err() && self.judge(slot, &plain, wave.as_deref()).is_ok() {
            answer = Err(vec![Reason::GopLine]);
        }
        match answer {
            Ok((found, _)) if self.background_has(&found, from, to) => Err(vec![Reason::FlickerLine]),
            Ok((found, _)) if self.head_has(&found, from, to) => Err(vec![Reason::Motion]),
            answer => answer,
        }
    }

    /// The skin in a window: its regions, all of them together, and the patches that beat alike.
    fn samples(&mut self, from: i64, to: i64) -> SkinSamples {
        let regions: Vec<Vec<Rgb>> = self.skin().filter_map(|trace| colours(trace, from, to)).collect();
        let patches = self.patches.clearest(&mut self.spectrometer, from, to, PULSE_BAND);
        let joined = (regions.len() > 1).then(|| mean(&regions)).into_iter().chain(patches).collect();
        SkinSamples { regions, joined }
    }

    fn judge(&mut self, slot: usize, skin: &SkinSamples, wave: Option<&[f64]>) -> Answer {
        let only = self.only.and_then(PulseOrigin::colours);
        let found = self.finder.find(&skin.regions, &skin.joined, only, self.last[slot]);
        self.last[slot] = found.as_ref().ok().map(|found| found.candidate.method);
        let mut found = found.map_err(|reason| vec![reason])?;
        let read = self.only == Some(PulseOrigin::Network);
        if let Some(wave) = wave.filter(|_| only.is_none()) {
            self.finder.second(&mut found, wave, read);
        }
        if read && !found.evidence.seconded {
            return Err(vec![self.without_wave(wave)]);
        }
        match quality::verdict(&found.evidence) {
            Ok(probability) => Ok((found, probability)),
            Err(reason) if found.outshone => Err(vec![reason, Reason::FlickerLine]),
            Err(reason) => Err(vec![reason]),
        }
    }

    /// Why the network, which alone was to be read, has no rate.
    fn without_wave(&self, wave: Option<&[f64]>) -> Reason {
        match wave {
            Some(_) => Reason::Disagree,
            None if self.wave.is_there() => Reason::TooShort,
            None => Reason::NotConfigured,
        }
    }

    /// Samples since the last keyframe, for each sample, where there are keyframes enough to speak of their line.
    fn since_keyframe(&self, from: i64, to: i64) -> Option<Vec<Option<usize>>> {
        if self.keyframes.iter().filter(|k| (from..to).contains(*k)).count() < 3 {
            return None;
        }
        let since = |i: i64| {
            let after = self.keyframes.partition_point(|k| *k <= i);
            after.checked_sub(1).and_then(|k| usize::try_from(i - self.keyframes[k]).ok())
        };
        Some((from..to).map(since).collect())
    }

    /// Whether a background under the same light has the pulse's line as well.
    fn background_has(&mut self, found: &PulseWindow, from: i64, to: i64) -> bool {
        let Self { regions, finder, .. } = self;
        let mut backgrounds = regions.iter().filter(|(role, _)| *role == RegionRole::Background);
        backgrounds.any(|(_, trace)| {
            colours(trace, from, to).is_some_and(|colours| {
                let snr = finder.background_snr_db(&colours, found.candidate.line_hz);
                snr > quality::null_snr_db(found.evidence.seconds)
            })
        })
    }

    /// Whether the head goes to and fro in the pulse's rhythm, by more than the heart itself moves it: then the light on it does so too.
    fn head_has(&mut self, found: &PulseWindow, from: i64, to: i64) -> bool {
        let Some(places) = colours(&self.place, from, to) else { return false };
        let width = places.iter().map(|place| place[2]).sum::<f64>() / places.len() as f64;
        (0..2).any(|axis| {
            let way: Vec<f64> = places.iter().map(|place| place[axis] / width).collect();
            self.finder.sways(&way, found.candidate.line_hz) > NOD_WIDTHS
        })
    }

    fn respiration(&mut self, end: i64, method: PulseMethod) -> Estimate {
        let reach = self.reach(end, BREATH_S);
        let window = Window { start: grid_time(end - reach), end: grid_time(end) };
        if (reach as f64) < BREATH_FROM_S * GRID_HZ {
            return Estimate::unavailable(vec![Reason::TooShort], window);
        }
        let regions: Vec<Vec<Rgb>> = self.skin().filter_map(|trace| colours(trace, end - reach, end)).collect();
        let (mut modulations, mut likeness) = (Vec::new(), 1.0_f64);
        for region in regions {
            let channel = method.single_channel().unwrap_or(1);
            let level: Vec<f64> = region.iter().map(|colour| colour[channel]).collect();
            let found = self.finder.find(&[region], &[], Some(method), None);
            if let Some(found) = found.ok().filter(|found| found.beats.likeness >= BREATH_LIKENESS) {
                likeness = likeness.min(found.beats.likeness);
                modulations.extend(respiration::modulations(&found.beats, &level, GRID_HZ));
            }
        }
        let breathing = respiration::from_modulations(&mut self.spectrometer, &modulations);
        respiration::estimate(breathing, likeness, window)
    }
}

fn estimate(window: Window, answer: &Answer, interval: impl Fn(f64, &Evidence) -> Interval) -> Estimate {
    match answer {
        Ok((found, quality)) => {
            let interval = interval(found.rate_bpm, &found.evidence);
            Estimate::Available { rate: found.rate_bpm, interval, quality: *quality, window }
        }
        Err(reasons) => Estimate::unavailable(reasons.clone(), window),
    }
}

fn colours(trace: &Trace, from: i64, to: i64) -> Option<Vec<Rgb>> {
    trace.between(from, to).map(|samples| samples.map(|s| s.colour).collect())
}

/// Skin over a window, as [`PulseFinder::find`] takes it.
struct SkinSamples {
    regions: Vec<Vec<Rgb>>,
    joined: Vec<Vec<Rgb>>,
}

impl SkinSamples {
    fn each(&self, change: impl Fn(&[Rgb]) -> Vec<Rgb>) -> Self {
        let changed = |samples: &[Vec<Rgb>]| samples.iter().map(|region| change(region)).collect();
        Self { regions: changed(&self.regions), joined: changed(&self.joined) }
    }
}

/// All regions as one: noise and compression differ from region to region, the pulse does not.
fn mean(regions: &[Vec<Rgb>]) -> Vec<Rgb> {
    let at = |i: usize| [0, 1, 2].map(|c| regions.iter().map(|r| r[i][c]).sum::<f64>() / regions.len() as f64);
    (0..regions.first().map_or(0, Vec::len)).map(at).collect()
}

fn grid_time(index: i64) -> MediaTime {
    MediaTime::from_seconds(index as f64 / GRID_HZ)
}

fn grid_index(at: MediaTime) -> i64 {
    (at.seconds() * GRID_HZ).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forty seconds of a face that beats at 66 a minute, with grain.
    fn beating() -> FaceMonitor {
        monitor_of(|seconds| 1.1 * seconds)
    }

    /// The same with another course of its beats.
    fn monitor_of(beats: impl Fn(f64) -> f64) -> FaceMonitor {
        let mut monitor = FaceMonitor::new(&[RegionRole::Skin], None);
        for i in 0..40 * 30_u32 {
            let seconds = f64::from(i) / 30.0;
            let beat = (std::f64::consts::TAU * beats(seconds)).sin();
            let grain = |c: u32| f64::from((i * 7919 + c * 104_729) % 101) / 101.0 - 0.5;
            let colour = [(0, 150.0, 0.3), (1, 110.0, 1.0), (2, 90.0, 0.5)];
            let colour = colour.map(|(c, level, pulse)| level * (1.0 + 0.006 * pulse * beat) + 0.2 * grain(c));
            let at = MediaTime::from_seconds(seconds);
            let frame =
                FaceFrame { at, colours: &[Some(colour)], patches: &[], place: None, wave: None, keyframe: false };
            monitor.push(frame);
        }
        monitor
    }

    #[test]
    fn a_moving_rate_is_read_over_the_seconds_that_are_asked_for() {
        // From 60 to 84 bpm in forty seconds: the mean of seconds 16 to 36 is 75.6, that of the last ten of them 78.6.
        let mut monitor = monitor_of(|t| t + 0.005 * t * t);
        let end = MediaTime::from_seconds(36.0);
        let before = monitor.last;
        let rate_over = |monitor: &mut FaceMonitor, seconds| monitor.read_over(end, seconds).rate().expect("a pulse");
        for (seconds, rate) in [(20.0, 75.6), (10.0, 78.6)] {
            let read = rate_over(&mut monitor, seconds);
            assert!((read - rate).abs() < 0.6, "{seconds}: {read} for {rate}");
        }
        assert_eq!(monitor.last, before);
    }

    #[test]
    fn a_line_that_was_mostly_that_of_keyframes_is_no_pulse() {
        for (jumped, answered, believed) in [(0, 0, true), (4, 10, true), (10, 4, false), (20, 0, false)] {
            let mut monitor = beating();
            let end = monitor.due().expect("forty seconds");
            let before = (0..jumped).map(|_| Some((1.1, true))).chain((0..answered).map(|_| Some((1.1, false))));
            monitor.lines.extend(before);
            let pulse = monitor.read(end).pulse;
            match pulse {
                Estimate::Available { rate, .. } => assert!(believed && (rate - 66.0).abs() < 0.5, "{rate}"),
                Estimate::Unavailable { reasons, .. } => {
                    assert!(!believed && reasons == [Reason::GopLine], "{jumped} {answered}: {reasons:?}");
                }
            }
            assert!(monitor.lines.len() <= LINES_MAX);
        }
    }
}
