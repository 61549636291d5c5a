//! Whether a traveller who comes into a view has the bags that they left the view before with.
//!
//! What a view does not show may have been missed there: how often it misses bags is learned from those who surely carry
//! one. Against that stands how seldom a bag changes hands, is left or is taken out of sight. Of a bag that one traveller no
//! longer has and another one has now, all that speaks for it is multiplied: the looks of the two bags, that the one was
//! without it before, and that the other is without it after (Bayes' rule; every bag that may have been given is one of so
//! many).

use serde::{Deserialize, Serialize};

use super::luggage::{Due, Luggage};
use super::tracker::CentralTracker;
use super::watch::Watch;
use crate::association::{Segment, TrackKey, TravellerId};
use crate::event::{BagChange, BagMoment, BagReport, Lifecycle, Reason, ReasonCode, Unit};
use crate::time::{CaptureTime, micros};
use crate::units::Interval;

/// Share of the ways from view to view on which a bag changes hands, is left or is taken.
const CHANGED: f64 = 0.02;
/// A difference as probable as this is told, and withdrawn when it is less probable than that.
const TELL: f64 = 0.5;
const KEEP: f64 = 0.35;
/// Somebody with a bag at least as probable as this has it.
const HELD: f64 = 0.5;
/// So probably it was carried, or was not seen at all, that a view's misses are learned from it.
const SURELY: f64 = 0.8;
const UNSEEN: f64 = 0.2;
/// So long in view their luggage is compared, and again at the end. Shorter stays say nothing.
const SETTLED_S: f64 = 8.0;
const STAY_MIN_S: f64 = 3.0;
/// So long after somebody came, a bag is told of as missing or new: whoever comes shortly after may have it, or had it.
const ALONE_AFTER_S: f64 = 12.0;
/// Views of one stay overlap by more than this.
const OVERLAP_S: f64 = 1.0;
/// How long a bag that is gone may turn up with somebody else, seconds.
const TURNS_UP_S: f64 = 600.0;
/// Pause between two looks, microseconds.
const LOOK_EVERY: i64 = 2_000_000;
/// Differences remembered; the oldest go first.
const DIFFERENCES_MAX: usize = 1_024;
/// How often two detections of one bag are of the same kind of bag, and of two.
const CLASS_SAME: (f64, f64) = (0.85, 0.4);

/// A bag that somebody had in one of two views only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Difference {
    /// They came without it; else they came with one that they had not before.
    lost: bool,
    traveller: TravellerId,
    /// Their track in the later view, and when it begins.
    track: TrackKey,
    from_s: f64,
    /// Their track in the earlier view, and when it ends.
    before: (TrackKey, f64),
    bag: TrackKey,
    /// How probable it is that they had it in the one view, and that none was seen in the other.
    held: f64,
    none: f64,
    /// The share of bags that the view which shows none misses.
    missed: f64,
    /// How probable it is that both tracks are theirs.
    link: f64,
}

impl Difference {
    /// That it is no miss of a camera, taken alone.
    fn alone(&self) -> f64 {
        changed(self.missed) * self.held * self.none * self.link
    }
}

/// What was told of a bag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Told {
    report: BagReport,
    reasons: Vec<Reason>,
    at_s: f64,
}

/// The time that somebody is in view without interruption, in one view or in several that overlap.
struct Stay<'a> {
    parts: Vec<&'a Segment>,
    until_s: f64,
}

/// A bag of a stay: its track, and how probably they had it at the end in question.
type Carried = (TrackKey, f64);

impl CentralTracker {
    /// Compares the luggage of those who came into view, and tells what is not as it was.
    pub(super) fn look_at_bags(&self, luggage: &mut Luggage, watch: &mut Watch, at: CaptureTime) {
        if at.unix_micros < luggage.next_look {
            return;
        }
        luggage.next_look = at.unix_micros + LOOK_EVERY;
        let now_s = at.unix_micros as f64 / 1e6;
        let due: Vec<(TrackKey, Due)> = luggage.due.iter().map(|(key, due)| (key.clone(), *due)).collect();
        for (key, due) in due {
            let settled = !due.compared && now_s - due.from as f64 / 1e6 >= SETTLED_S;
            if !(due.ended || settled) {
                continue;
            }
            match self.travellers().identity(&key) {
                Some(identity) if identity.provisional => continue,
                Some(identity) => self.compare(luggage, &key, identity.traveller, due.ended),
                None => {}
            }
            if due.ended {
                luggage.due.remove(&key);
            } else if let Some(due) = luggage.due.get_mut(&key) {
                due.compared = true;
            }
        }
        let old = now_s - TURNS_UP_S;
        luggage.differences.retain(|difference| difference.from_s >= old);
        let surplus = luggage.differences.len().saturating_sub(DIFFERENCES_MAX);
        luggage.differences.drain(..surplus);
        luggage.told.retain(|told| told.at_s >= old);
        if !luggage.differences.is_empty() || !luggage.told.is_empty() {
            self.tell_bags(luggage, watch, at);
        }
    }

    /// Compares what somebody has in the stay that begins with a track with what they had in the one before; `last`: it is over.
    fn compare(&self, luggage: &mut Luggage, key: &TrackKey, id: TravellerId, last: bool) {
        luggage.differences.retain(|difference| difference.track != *key);
        let Some(traveller) = self.travellers().traveller(id) else { return };
        let stays = stays(&traveller.segments);
        let Some(place) = stays.iter().position(|stay| stay.parts[0].track == *key) else { return };
        let now = &stays[place];
        if luggage.is_empty() || now.until_s - now.parts[0].from_s < STAY_MIN_S {
            return;
        }
        let link = self.travellers().identity(key).and_then(|identity| identity.probability).unwrap_or(1.0);
        // Whoever was not seen before has brought what they have.
        let Some(before) = place.checked_sub(1).map(|place| &stays[place]) else { return };
        let has = now.bags(luggage, false);
        let had = before.bags(luggage, true);
        let (of_had, of_has) = (only(luggage, &had, &has), only(luggage, &has, &had));
        for (later, earlier) in same(luggage, &has, &had) {
            luggage.learn_looks(&later, &earlier, link);
            luggage.join(&later, Some(&earlier));
        }
        let best = |bags: &[Carried]| bags.iter().map(|(_, p)| *p).fold(0.0, f64::max);
        if last {
            for (one, other, stay) in [(&had, &has, now), (&has, &had, before)] {
                if best(one) >= SURELY && !(UNSEEN..SURELY).contains(&best(other)) {
                    let (camera, seen) = (&stay.parts[0].track.camera, best(other) >= SURELY);
                    // What was not seen may not have been there.
                    let there = if seen { 1.0 } else { 1.0 - changed(luggage.missed(camera)) };
                    luggage.compared(camera, seen, link * best(one) * there);
                }
            }
        }
        for (lost, bags, without) in [(true, of_had, now), (false, of_has, before)] {
            let none = 1.0 - without.best_other(luggage, &[&had[..], &has[..]].concat());
            let missed = luggage.missed(&without.parts[0].track.camera);
            let differ = bags.into_iter().map(|(bag, held)| Difference {
                bag,
                held,
                none,
                missed,
                ..Difference::new(lost, (id, now), before, link)
            });
            luggage.differences.extend(differ);
        }
    }

    /// Tells what is told anew, and withdraws what no longer holds.
    fn tell_bags(&self, luggage: &mut Luggage, watch: &mut Watch, at: CaptureTime) {
        let whose = |key: &TrackKey| self.travellers().identity(key).map(|identity| identity.traveller);
        let stands =
            |one: &&Difference| [&one.before.0, &one.track].into_iter().all(|key| whose(key) == Some(one.traveller));
        let standing: Vec<&Difference> = luggage.differences.iter().filter(stands).collect();
        let mut claims = explain(luggage, &standing, at.unix_micros as f64 / 1e6);
        let mut kept = Vec::new();
        for old in std::mem::take(&mut luggage.told) {
            match claims.iter().position(|new| new.is_same(&old)) {
                Some(place) => {
                    claims.remove(place);
                    kept.push(old);
                }
                None => {
                    watch.tell_bag(at, Lifecycle::Retracted, &old.report, old.reasons);
                    luggage.take_apart(&old.report);
                }
            }
        }
        for new in claims.into_iter().filter(|claim| claim.report.probability >= TELL) {
            watch.tell_bag(at, Lifecycle::New, &new.report, new.reasons.clone());
            luggage.put_together(&new.report);
            kept.push(new);
        }
        luggage.told = kept;
    }
}

impl Difference {
    fn new(lost: bool, (traveller, now): (TravellerId, &Stay<'_>), before: &Stay<'_>, link: f64) -> Self {
        let first = now.parts[0];
        Self {
            lost,
            traveller,
            track: first.track.clone(),
            from_s: first.from_s,
            before: (before.last().track.clone(), before.until_s),
            bag: first.track.clone(),
            held: 0.0,
            none: 1.0,
            missed: 1.0,
            link,
        }
    }
}

/// How probable it is that a bag which a view does not show is not there, where it misses such a share of bags.
fn changed(missed: f64) -> f64 {
    CHANGED / (CHANGED + (1.0 - CHANGED) * missed)
}

/// Stretches in view, those that overlap together.
fn stays(segments: &[Segment]) -> Vec<Stay<'_>> {
    let mut stays: Vec<Stay<'_>> = Vec::new();
    for segment in segments {
        match stays.last_mut().filter(|stay| segment.from_s < stay.until_s - OVERLAP_S) {
            Some(stay) => {
                stay.parts.push(segment);
                stay.until_s = stay.until_s.max(segment.until_s);
            }
            None => stays.push(Stay { parts: vec![segment], until_s: segment.until_s }),
        }
    }
    stays
}

impl Stay<'_> {
    fn last(&self) -> &Segment {
        self.parts.iter().max_by(|a, b| a.until_s.total_cmp(&b.until_s)).unwrap_or(&self.parts[0])
    }

    /// Their bags at the end of the stay, or at its beginning, in the view that shows the most.
    fn bags(&self, luggage: &Luggage, at_end: bool) -> Vec<Carried> {
        let views = self.parts.iter().map(|part| {
            let held = luggage
                .of(&part.track)
                .map(|(key, _, _, hold)| (key.clone(), if at_end { hold.last } else { hold.first }));
            let mut held: Vec<Carried> = held.filter(|(_, p)| *p >= HELD).collect();
            held.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let mut apart: Vec<Carried> = Vec::new();
            for one in held {
                if !apart.iter().any(|other| is_one_bag(luggage, &other.0, &one.0)) {
                    apart.push(one);
                }
            }
            apart
        });
        views.max_by_key(Vec::len).unwrap_or_default()
    }

    /// How probably they had any bag besides those.
    fn best_other(&self, luggage: &Luggage, known: &[Carried]) -> f64 {
        let others = self.parts.iter().flat_map(|part| luggage.of(&part.track).collect::<Vec<_>>());
        let unknown = others.filter(|(key, ..)| !known.iter().any(|(bag, _)| bag == *key));
        unknown.map(|(_, _, p, _)| p).fold(0.0, f64::max)
    }
}

/// Whether two tracks of bags in one view may be one bag: of one kind, and never seen together.
fn is_one_bag(luggage: &Luggage, a: &TrackKey, b: &TrackKey) -> bool {
    let (Some(a), Some(b)) = (luggage.bag(a), luggage.bag(b)) else { return false };
    a.class == b.class && a.until.min(b.until) - a.from.max(b.from) < 1_000_000
}

/// Of `these`, what is beyond the number of `others`, those first of whose kind there is none among them.
fn only(luggage: &Luggage, these: &[Carried], others: &[Carried]) -> Vec<Carried> {
    let class = |bag: &Carried| luggage.bag(&bag.0).map(|bag| bag.class);
    let mut left: Vec<Carried> = these.to_vec();
    left.sort_by_key(|bag| others.iter().any(|other| class(other) == class(bag)));
    left.truncate(these.len().saturating_sub(others.len()));
    left
}

/// Which of `these` is which of `those`: of the same kind first.
fn same(luggage: &Luggage, these: &[Carried], those: &[Carried]) -> Vec<(TrackKey, TrackKey)> {
    let class = |bag: &Carried| luggage.bag(&bag.0).map(|bag| bag.class);
    let mut left: Vec<&Carried> = those.iter().collect();
    let mut pairs = Vec::new();
    for of_kind in [true, false] {
        for one in these {
            let taken = pairs.iter().any(|(this, _): &(TrackKey, TrackKey)| *this == one.0);
            let place = left.iter().position(|other| !of_kind || class(other) == class(one));
            if let Some(place) = place.filter(|_| !taken) {
                pairs.push((one.0.clone(), left.remove(place).0.clone()));
            }
        }
    }
    pairs
}

impl Told {
    /// Whether both tell of the same.
    fn is_same(&self, other: &Self) -> bool {
        let what = |told: &Self| {
            let BagReport { change, before, after, .. } = &told.report;
            let track = |moment: &BagMoment| (moment.traveller, moment.camera.clone(), moment.boot, moment.track);
            (*change, track(before), track(after))
        };
        what(self) == what(other)
    }
}

/// What the differences come to: bags passed on, and of what that leaves, bags that are missing or new.
fn explain(luggage: &Luggage, differences: &[&Difference], now_s: f64) -> Vec<Told> {
    let of = |lost: bool| differences.iter().copied().filter(move |difference| difference.lost == lost);
    let mut passed: Vec<(f64, &Difference, &Difference)> = Vec::new();
    for found in of(false) {
        let may_give = |lost: &&Difference| {
            lost.traveller != found.traveller && (0.0..TURNS_UP_S).contains(&(found.from_s - lost.before.1))
        };
        let givers: Vec<&Difference> = of(true).filter(may_give).collect();
        let weight = |lost: &&Difference| {
            CHANGED / givers.len() as f64 * likeness(luggage, &lost.bag, &found.bag) / (found.missed * lost.missed)
        };
        let weights: Vec<f64> = givers.iter().map(weight).collect();
        let all = 1.0 + weights.iter().sum::<f64>();
        passed.extend(givers.iter().zip(weights).map(|(lost, weight)| {
            let both = [lost, &found].map(|one| one.held * one.none * one.link);
            (weight / all * both[0] * both[1], *lost, found)
        }));
    }
    passed.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut known: Vec<&Difference> = Vec::new();
    let mut told = Vec::new();
    for (probability, lost, found) in passed.into_iter().filter(|(probability, ..)| *probability >= KEEP) {
        if ![lost, found].iter().any(|one| known.iter().any(|other| std::ptr::eq(*one, *other))) {
            known.extend([lost, found]);
            told.extend(claim(luggage, BagChange::PassedOn, (lost, found), probability));
        }
    }
    let settled = differences.iter().filter(|one| now_s - one.from_s >= ALONE_AFTER_S);
    for one in settled.filter(|one| !known.iter().any(|other| std::ptr::eq(**one, *other))) {
        let change = if one.lost { BagChange::Missing } else { BagChange::Gained };
        let alone = Some(one.alone()).filter(|probability| *probability >= KEEP);
        told.extend(alone.and_then(|probability| claim(luggage, change, (one, one), probability)));
    }
    told
}

/// By how much more usual it is that one bag looks like these two than that two do, and is taken for such kinds of bags.
fn likeness(luggage: &Luggage, a: &TrackKey, b: &TrackKey) -> f64 {
    let (Some(a), Some(b)) = (luggage.bag(a), luggage.bag(b)) else { return 0.0 };
    let (same, different) = CLASS_SAME;
    let class = if a.class == b.class { same / different } else { (1.0 - same) / (1.0 - different) };
    let cosine = a.look.as_ref().zip(b.look.as_ref()).and_then(|(a, b)| a.cosine(b));
    class * cosine.map_or(1.0, |cosine| luggage.likeness.log_ratio(cosine).exp())
}

/// The report on a bag that was lost by one and found by another, or both times the same difference, with its reasons.
fn claim(
    luggage: &Luggage,
    change: BagChange,
    (lost, found): (&Difference, &Difference),
    probability: f64,
) -> Option<Told> {
    let (earlier, left_s) = &lost.before;
    let bag = if change == BagChange::Gained { &found.bag } else { &lost.bag };
    let moment = |one: &Difference, key: &TrackKey, at_s: f64, with: bool| BagMoment {
        traveller: one.traveller.0,
        camera: key.camera.clone(),
        boot: key.boot,
        track: key.track,
        bag: with.then_some(if change == BagChange::Missing { lost.bag.track } else { one.bag.track }),
        at: CaptureTime::exact(micros(at_s)),
    };
    let report = BagReport {
        change,
        bag: luggage.number(bag)?,
        class: luggage.bag(bag)?.class,
        before: moment(lost, earlier, *left_s, change != BagChange::Gained),
        after: moment(found, &found.track, found.from_s, change != BagChange::Missing),
        probability,
    };
    let because = |code, measured, (low, high), unit| Reason { code, measured, expected: Interval { low, high }, unit };
    let mut reasons = Vec::new();
    let both = if change == BagChange::PassedOn { vec![lost, found] } else { vec![lost] };
    for one in &both {
        reasons.push(because(ReasonCode::CarrierProbability, one.held, (0.0, HELD), Unit::Ratio));
        reasons.push(because(ReasonCode::SameTraveller, one.link, (0.0, HELD), Unit::Ratio));
        reasons.push(because(ReasonCode::BagsMissed, one.missed, (HELD, 1.0), Unit::Ratio));
    }
    let looks = luggage.bag(&lost.bag)?.look.as_ref().zip(luggage.bag(&found.bag)?.look.as_ref());
    if let Some(cosine) = looks.filter(|_| both.len() == 2).and_then(|(a, b)| a.cosine(b)) {
        let telling = luggage.likeness.telling();
        reasons.push(because(ReasonCode::BagLikeness, cosine, (-1.0, telling), Unit::Ratio));
    }
    let away_s = found.from_s - left_s;
    reasons.push(because(ReasonCode::EarlierMoment, away_s, (0.0, 0.0), Unit::Seconds));
    Some(Told { report, reasons, at_s: found.from_s })
}

#[cfg(test)]
mod tests;
