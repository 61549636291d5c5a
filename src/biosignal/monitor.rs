//! One face: its regions' traces, and once a second what they say.

use super::estimate::{Estimate, Reason, Window};
use super::methods::{PulseMethod, Rgb};
use super::pulse::{PulseFinder, PulseWindow};
use super::quality;
use super::timebase::{GRID_HZ, Step};
use super::trace::Trace;
use crate::time::MediaTime;

/// Least seconds of signal for a pulse.
const SHORT_S: f64 = 10.0;
/// Seconds of the long window; until they have passed it is as long as what there is.
const LONG_S: f64 = 30.0;
/// From this on the long window says more than the short one.
const LONG_FROM_S: f64 = 15.0;
/// A region whose newest sample is older than this is lost.
const STALE_S: f64 = 0.5;
/// Largest part of a window that may lie in gaps.
const FILLED_MAX: f64 = 0.1;

/// What a region is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionRole {
    /// Skin, in which a pulse is looked for.
    Skin,
    /// Something beside the person, under the same light.
    Background,
}

/// A reading of the pulse.
#[derive(Debug, Clone, PartialEq)]
pub struct PulseReading {
    /// Beats a minute.
    pub estimate: Estimate,
    /// The method that it comes from, where there is a reading.
    pub method: Option<PulseMethod>,
}

/// The signals of one face.
#[derive(Debug)]
pub struct FaceMonitor {
    regions: Vec<(RegionRole, Trace)>,
    only: Option<PulseMethod>,
    finder: PulseFinder,
    last: [Option<PulseMethod>; 2],
    newest: MediaTime,
    broken_at: Option<MediaTime>,
    read_to: Option<i64>,
}

impl FaceMonitor {
    /// A face with these regions; `only` restricts to one method.
    #[must_use]
    pub fn new(roles: &[RegionRole], only: Option<PulseMethod>) -> Self {
        let regions = roles.iter().map(|role| (*role, Trace::default())).collect();
        let (finder, newest) = (PulseFinder::default(), MediaTime::default());
        Self { regions, only, finder, last: [None; 2], newest, broken_at: None, read_to: None }
    }

    /// Takes a frame: the colour of each region in the order of the roles, `None` where it is not seen. Allocates nothing.
    pub fn push(&mut self, at: MediaTime, colours: &[Option<Rgb>]) {
        self.newest = at;
        for ((_, trace), colour) in self.regions.iter_mut().zip(colours) {
            let Some(colour) = colour else { continue };
            if trace.push(at, *colour) == Step::Broken {
                self.broken_at = Some(at);
            }
        }
    }

    /// The next whole second of media time up to which every region that is still seen has samples, once for each.
    pub fn due(&mut self) -> Option<MediaTime> {
        let second = GRID_HZ as i64;
        let end = self.seen().filter_map(|trace| trace.newest()).min()? + 1;
        let whole = end.div_euclid(second);
        (whole > self.read_to.unwrap_or(i64::MIN)).then(|| {
            self.read_to = Some(whole);
            grid_time(whole * second)
        })
    }

    /// Regions whose newest samples are fresh.
    fn seen(&self) -> impl Iterator<Item = &Trace> {
        let newest = self.regions.iter().filter_map(|(_, trace)| trace.newest()).max().unwrap_or(0);
        let stale = (STALE_S * GRID_HZ) as i64;
        self.regions.iter().map(|(_, trace)| trace).filter(move |t| t.newest().is_some_and(|n| newest - n <= stale))
    }

    /// The pulse of the time before `end`, by the long window where it answers, else by the short one.
    pub fn pulse(&mut self, end: MediaTime) -> PulseReading {
        let end = (end.seconds() * GRID_HZ).round() as i64;
        let skin = self.regions.iter().filter(|(role, _)| *role == RegionRole::Skin);
        let longest = skin.filter_map(|(_, trace)| Some(trace.oldest()?).filter(|_| trace.newest() >= Some(end - 1)));
        let longest = longest.map(|oldest| end - oldest).max().unwrap_or(0);
        if (longest as f64) < SHORT_S * GRID_HZ {
            return self.too_short(end);
        }
        let short = self.window(0, end, (SHORT_S * GRID_HZ) as i64);
        if (longest as f64) < LONG_FROM_S * GRID_HZ {
            return short;
        }
        let long = self.window(1, end, longest.min((LONG_S * GRID_HZ) as i64));
        if long.estimate.rate().is_some() || short.estimate.rate().is_none() { long } else { short }
    }

    fn window(&mut self, slot: usize, end: i64, samples: i64) -> PulseReading {
        let window = Window { start: grid_time(end - samples), end: grid_time(end) };
        let mut colours: Vec<Vec<Rgb>> = Vec::with_capacity(self.regions.len());
        let mut filled = 0;
        for (_, trace) in self.regions.iter().filter(|(role, _)| *role == RegionRole::Skin) {
            if let Some(samples) = trace.between(end - samples, end) {
                let mut region = Vec::with_capacity(samples.size_hint().0);
                let mut gaps = 0;
                for sample in samples {
                    region.push(sample.colour);
                    gaps += usize::from(sample.filled);
                }
                filled = filled.max(gaps);
                colours.push(region);
            }
        }
        if filled as f64 > FILLED_MAX * samples as f64 {
            return PulseReading { estimate: Estimate::unavailable(vec![Reason::FpsJitter], window), method: None };
        }
        let found = self.finder.find(&colours, self.only, self.last[slot]);
        self.last[slot] = found.as_ref().map(|found| found.candidate.method);
        found.map_or_else(
            || PulseReading { estimate: Estimate::unavailable(vec![Reason::NoPulse], window), method: None },
            |found| reading(&found, window),
        )
    }

    fn too_short(&self, end: i64) -> PulseReading {
        let end = grid_time(end);
        let oldest = self.regions.iter().filter_map(|(_, trace)| trace.oldest()).min();
        let window = Window { start: oldest.map_or(end, grid_time), end };
        let mut reasons = vec![Reason::TooShort];
        if self.broken_at.is_some_and(|at| self.newest.since(at) < SHORT_S) {
            reasons.push(Reason::TrackBreak);
        }
        PulseReading { estimate: Estimate::unavailable(reasons, window), method: None }
    }
}

fn grid_time(index: i64) -> MediaTime {
    MediaTime::from_seconds(index as f64 / GRID_HZ)
}

fn reading(found: &PulseWindow, window: Window) -> PulseReading {
    match quality::verdict(&found.evidence) {
        Ok(quality) => {
            let (rate, interval) = (found.rate_bpm, quality::interval(found.rate_bpm, &found.evidence));
            let estimate = Estimate::Available { rate, interval, quality, window };
            PulseReading { estimate, method: Some(found.candidate.method) }
        }
        Err(reason) => PulseReading { estimate: Estimate::unavailable(vec![reason], window), method: None },
    }
}
