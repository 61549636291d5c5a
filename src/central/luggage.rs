//! Which bags each camera saw with whom, remembered for as long as one may turn up with somebody else.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::custody::{Difference, Told};
use crate::appearance::Appearance;
use crate::association::{Likeness, TrackKey};
use crate::event::{BagChange, BagMoment, BagReport, EdgeEvent, EventBody, Lifecycle, TrackReport};
use crate::frame::ObjectClass;
use crate::ids::{CameraId, TrackId};

/// Bags remembered; beyond it the one seen longest ago is forgotten.
const BAGS_MAX: usize = 8_192;
/// People whose luggage is still to be compared; beyond it the one who came first goes.
const DUE_MAX: usize = 8_192;
/// How long a bag is remembered, microseconds.
const MEMORY: i64 = 3_600_000_000;
/// The first seconds of a bag in view tell who brought it, and the last, who took it along: a time constant.
const ENDS_S: f64 = 3.0;
/// Reports further apart than this say nothing of the time between them, seconds.
const REPORT_MAX_S: f64 = 3.0;
/// Comparisons of a view after which older ones are forgotten, and what is thought of one that has none: it misses two
/// bags in eight.
const COMPARED_MAX: f64 = 200.0;
const COMPARED_PRIOR: (f64, f64) = (2.0, 8.0);
/// Cosine similarities of the looks of one bag and of two before any are known: mean and standard deviation; and the
/// share of bags that look like another.
const COSINE_SAME: (f64, f64) = (0.75, 0.12);
const COSINE_DIFFERENT: (f64, f64) = (0.45, 0.16);
const ALIKE: f64 = 0.05;

/// How probably somebody had a bag while it was in view: on the whole, at its beginning, and at its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Hold {
    sum: f64,
    pub first: f64,
    pub last: f64,
}

/// A bag in one view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Bag {
    number: u64,
    pub class: ObjectClass,
    pub from: i64,
    pub until: i64,
    reports: f64,
    holds: BTreeMap<TrackId, Hold>,
    /// The best look at it.
    pub look: Option<Appearance>,
    /// The track of an earlier view in which it is the same bag.
    same_as: Option<TrackKey>,
}

impl Bag {
    /// How probably somebody had it, on the whole and at its ends.
    pub fn hold(&self, track: TrackId) -> Option<(f64, &Hold)> {
        self.holds.get(&track).map(|hold| (hold.sum / self.reports, hold))
    }

    fn see(&mut self, at: i64, report: &TrackReport) {
        let passed_s = (at - self.until) as f64 / 1e6;
        let (since_s, share) = ((at - self.from) as f64 / 1e6, 1.0 - (-passed_s.min(REPORT_MAX_S) / ENDS_S).exp());
        for carrier in &report.carriers {
            self.holds.entry(carrier.track).or_default();
        }
        self.reports += 1.0;
        for (track, hold) in &mut self.holds {
            let p = report.carriers.iter().find(|carrier| carrier.track == *track).map_or(0.0, |c| c.probability);
            hold.sum += p;
            hold.last += if self.reports == 1.0 { p } else { share * (p - hold.last) };
            if since_s <= ENDS_S {
                hold.first = hold.sum / self.reports;
            }
        }
        self.until = self.until.max(at);
        if let Some(look) = &report.appearance
            && self.look.as_ref().is_none_or(|best| look.quality > best.quality || !look.is_comparable(best))
        {
            self.look = Some(look.clone());
        }
    }
}

/// A person's track whose luggage is to be compared with what they had before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Due {
    pub from: i64,
    pub ended: bool,
    /// Compared once; it is done again at the end.
    pub compared: bool,
}

/// The bag's tracks in the later view and in the earlier one, where it was passed on.
fn passed(report: &BagReport) -> Option<(TrackKey, TrackKey)> {
    let key =
        |moment: &BagMoment| Some(TrackKey { camera: moment.camera.clone(), boot: moment.boot, track: moment.bag? });
    (report.change == BagChange::PassedOn).then(|| Some((key(&report.after)?, key(&report.before)?)))?
}

/// All that is known of bags at the site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Luggage {
    bags: BTreeMap<TrackKey, Bag>,
    pub due: BTreeMap<TrackKey, Due>,
    /// By view: how many bags it missed of so many that were surely there.
    missed: BTreeMap<CameraId, (f64, f64)>,
    pub differences: VecDeque<Difference>,
    pub told: Vec<Told>,
    pub next_look: i64,
    /// What the looks of one bag in two views have in common.
    pub likeness: Likeness,
    numbers: u64,
}

impl Default for Luggage {
    fn default() -> Self {
        Self {
            bags: BTreeMap::new(),
            due: BTreeMap::new(),
            missed: BTreeMap::new(),
            differences: VecDeque::new(),
            told: Vec::new(),
            next_look: 0,
            likeness: Likeness::new(COSINE_SAME, COSINE_DIFFERENT, ALIKE),
            numbers: 0,
        }
    }
}

impl Luggage {
    /// Takes a committed event; how many bags and people were forgotten for it.
    pub fn note(&mut self, event: &EdgeEvent) -> u64 {
        let (EventBody::Track(report), Some(track)) = (&event.body, event.track) else { return 0 };
        let key = TrackKey { camera: event.id.camera.clone(), boot: event.id.boot, track };
        let (at, over) =
            (event.capture_time.unix_micros, matches!(event.lifecycle, Lifecycle::End | Lifecycle::Retracted));
        match report.class {
            ObjectClass::Person => {
                let due = Due { from: report.since.unix_micros, ended: over, compared: false };
                match event.lifecycle {
                    Lifecycle::New => drop(self.due.insert(key, due)),
                    _ if over => self.due.entry(key).and_modify(|due| due.ended = true).or_insert(due).ended = true,
                    _ => {}
                }
            }
            ObjectClass::Face => {}
            ObjectClass::Backpack | ObjectClass::Handbag | ObjectClass::Suitcase if over => {
                // What was no bag is forgotten.
                if event.lifecycle == Lifecycle::Retracted {
                    self.bags.remove(&key);
                }
            }
            class => self.see(key, class, at, report),
        }
        self.forget(at)
    }

    fn see(&mut self, key: TrackKey, class: ObjectClass, at: i64, report: &TrackReport) {
        self.numbers += u64::from(!self.bags.contains_key(&key));
        let number = self.numbers;
        let bag = self.bags.entry(key).or_insert_with(|| Bag {
            number,
            class,
            from: at,
            until: at,
            reports: 0.0,
            holds: BTreeMap::new(),
            look: None,
            same_as: None,
        });
        bag.class = class;
        bag.see(at, report);
    }

    fn forget(&mut self, at: i64) -> u64 {
        let mut forgotten = 0;
        if self.bags.len() > BAGS_MAX {
            let oldest = self.bags.iter().min_by_key(|(key, bag)| (bag.until, *key)).map(|(key, _)| key.clone());
            forgotten += u64::from(oldest.is_some_and(|key| self.bags.remove(&key).is_some()));
        }
        if self.due.len() > DUE_MAX {
            let oldest = self.due.iter().min_by_key(|(key, due)| (due.from, *key)).map(|(key, _)| key.clone());
            forgotten += u64::from(oldest.is_some_and(|key| self.due.remove(&key).is_some()));
        }
        if at >= self.next_look {
            self.bags.retain(|_, bag| at - bag.until <= MEMORY);
        }
        forgotten
    }

    /// Numbers bags from here on.
    pub fn number_from(&mut self, number: u64) {
        self.numbers = self.numbers.max(number);
    }

    /// Whether no bag is remembered.
    pub fn is_empty(&self) -> bool {
        self.bags.is_empty()
    }

    /// One of them.
    pub fn bag(&self, key: &TrackKey) -> Option<&Bag> {
        self.bags.get(key)
    }

    /// The bags of the view that a track is of.
    fn in_view<'a>(&'a self, of: &'a TrackKey) -> impl Iterator<Item = (&'a TrackKey, &'a Bag)> {
        let first = TrackKey { track: TrackId(0), ..of.clone() };
        self.bags.range(first..).take_while(|(key, _)| (&key.camera, key.boot) == (&of.camera, of.boot))
    }

    /// The bags that somebody may have had in a view.
    pub fn of<'a>(&'a self, person: &'a TrackKey) -> impl Iterator<Item = (&'a TrackKey, &'a Bag, f64, &'a Hold)> {
        self.in_view(person).filter_map(|(key, bag)| bag.hold(person.track).map(|(p, hold)| (key, bag, p, hold)))
    }

    /// `later` is the bag `earlier` of another view, or is none of another view after all.
    pub fn join(&mut self, later: &TrackKey, earlier: Option<&TrackKey>) {
        if let Some(bag) = self.bags.get_mut(later) {
            bag.same_as = earlier.cloned();
        }
    }

    /// A bag was passed on as told: it keeps its number.
    pub fn put_together(&mut self, report: &BagReport) {
        if let Some((later, earlier)) = passed(report) {
            self.join(&later, Some(&earlier));
        }
    }

    /// It was not.
    pub fn take_apart(&mut self, report: &BagReport) {
        if let Some((later, _)) = passed(report) {
            self.join(&later, None);
        }
    }

    /// `later` is the bag `earlier` with probability `same`; those seen at once with it are other bags.
    pub fn learn_looks(&mut self, later: &TrackKey, earlier: &TrackKey, same: f64) {
        let Some(own) = self.bags.get(later) else { return };
        let Some(look) = &own.look else { return };
        let cosine = |other: &Bag| other.look.as_ref().and_then(|other| look.cosine(other));
        let mut learned: Vec<(f64, f64)> =
            self.bags.get(earlier).and_then(cosine).map(|cosine| (cosine, same)).into_iter().collect();
        let at_once = self
            .in_view(later)
            .filter(|(key, other)| *key != later && other.from <= own.until && own.from <= other.until);
        learned.extend(at_once.filter_map(|(_, other)| Some((cosine(other)?, 0.0))));
        learned.into_iter().for_each(|(cosine, same)| self.likeness.learn(cosine, same));
    }

    /// The number of a bag in every view. `None` for one that is not remembered.
    pub fn number(&self, key: &TrackKey) -> Option<u64> {
        let mut bag = self.bags.get(key)?;
        // Each is joined to one that began before: the way back ends.
        while let Some(before) = bag.same_as.as_ref().and_then(|key| self.bags.get(key)).filter(|b| b.from < bag.from) {
            bag = before;
        }
        Some(bag.number)
    }

    /// The share of carried bags that a view misses, as far as is known.
    pub fn missed(&self, camera: &CameraId) -> f64 {
        let (missed, all) = self.missed.get(camera).copied().unwrap_or(COMPARED_PRIOR);
        missed / all
    }

    /// A bag that was surely carried through a view was seen there, or was not; as surely as `weight`.
    pub fn compared(&mut self, camera: &CameraId, seen: bool, weight: f64) {
        let (missed, all) = self.missed.entry(camera.clone()).or_insert(COMPARED_PRIOR);
        *all += weight;
        *missed += if seen { 0.0 } else { weight };
        let keep = (COMPARED_MAX / *all).min(1.0);
        (*missed, *all) = (*missed * keep, *all * keep);
    }
}
