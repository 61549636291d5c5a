//! All behaviours of one camera: tracks in, findings out.

use std::collections::BTreeMap;

use super::approach::Approach;
use super::border::Border;
use super::companions::Companions;
use super::counter_flow::CounterFlow;
use super::crossing::{Counter, Crossing};
use super::crowding::Crowding;
use super::custody::Custody;
use super::fall::Fall;
use super::finding::Finding;
use super::loitering::{Loitering, Stays};
use super::motion::{Mover, Movers};
use super::restroom::Restroom;
use super::rules::{Anchor, Area, Layout, RuleError, Rules, ZoneUse};
use super::running::Running;
use super::schedule::active;
use super::visit::{Visit, VisitChange};
use crate::frame::ObjectClass;
use crate::tracking::Track;

/// When a frame was taken, and of which size it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Media time, seconds.
    pub at: f64,
    /// Capture time, microseconds from the Unix epoch: for times of day.
    pub unix_micros: i64,
    /// Width and height, pixels.
    pub size: (f64, f64),
}

/// What is remembered of one person.
#[derive(Debug, Clone)]
struct Memory {
    running: Running,
    fall: Fall,
    border: Border,
    /// One for each zone.
    zones: Vec<InZone>,
    /// One for each line.
    crossings: Vec<Crossing>,
    came_out_told: bool,
}

#[derive(Debug, Clone, Default)]
struct InZone {
    visit: Visit,
    loitering: Loitering,
    flow: CounterFlow,
    approach: Approach,
    /// Whether it was ever visited: who has been in a control zone has passed it.
    visited: bool,
    /// What they carried when last seen here.
    carried: usize,
}

/// What is remembered of one zone.
#[derive(Debug, Clone, Default)]
struct Place {
    stays: Stays,
    crowding: Crowding,
    restroom: Restroom,
}

/// The behaviours of one camera. Owns no clock: time comes with the tracks.
#[derive(Debug, Clone)]
pub struct Behaviours {
    rules: Rules,
    layout: Option<Layout>,
    movers: Movers,
    memories: BTreeMap<u64, Memory>,
    places: Vec<Place>,
    counters: Vec<Counter>,
    companions: Companions,
    custody: Custody,
    dropped: u64,
}

impl Behaviours {
    /// Without people.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            layout: None,
            movers: Movers::default(),
            memories: BTreeMap::new(),
            places: Vec::new(),
            counters: Vec::new(),
            companions: Companions::default(),
            custody: Custody::default(),
            dropped: 0,
        }
    }

    /// How many tracks could not be followed since this was last asked: the bound on paths was reached.
    pub fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    /// Takes in the tracks of a frame and appends what is to be told.
    ///
    /// # Errors
    /// [`RuleError`] when a zone or line makes no sense in a picture of this size; asked with every frame, for the size may
    /// change.
    pub fn frame(&mut self, moment: &Moment, tracks: &[Track], told: &mut Vec<Finding>) -> Result<(), RuleError> {
        let layout = match self.layout.take() {
            Some(layout) if layout.plane.size() == moment.size => layout,
            _ => {
                let layout = self.rules.layout(moment.size)?;
                self.places.resize_with(layout.areas.len(), Place::default);
                self.counters.resize_with(layout.gates.len(), Counter::default);
                layout
            }
        };
        self.dropped += self.movers.step(moment.at, tracks, &layout.plane, &self.rules.motion);
        self.end(moment, &layout, told);
        self.bags(moment, told);
        self.people(moment, &layout, told);
        self.together(moment, &layout, told);
        self.layout = Some(layout);
        Ok(())
    }

    /// All paths end: the clock stepped, or the picture's size changed.
    pub fn finish(&mut self, moment: &Moment, told: &mut Vec<Finding>) {
        self.movers.finish();
        if let Some(layout) = self.layout.take() {
            self.end(moment, &layout, told);
        }
        self.custody.finish(told);
        self.companions = Companions::default();
    }

    fn end(&mut self, moment: &Moment, layout: &Layout, told: &mut Vec<Finding>) {
        for mover in &self.movers.ended {
            if mover.class.is_bag() {
                // The ledger keeps it: it may only be hidden.
                continue;
            }
            self.custody.lose(mover);
            let Some(mut memory) = self.memories.remove(&mover.key) else { continue };
            for ((area, zone), place) in layout.areas.iter().zip(&mut memory.zones).zip(&mut self.places) {
                let on_threshold = area.rule.purpose == ZoneUse::RestroomEntrance && zone.visit.entered().is_some();
                if on_threshold && !self.movers.goes_on(mover) {
                    place.restroom.entered(mover, zone.carried);
                }
                let change = zone.visit.finish(mover.seen);
                told.extend(left(mover, change, area, zone, place, moment, &self.rules));
            }
        }
    }

    fn bags(&mut self, moment: &Moment, told: &mut Vec<Finding>) {
        let known = |m: &&Mover| m.is_known(&self.rules.motion);
        let bags = self.movers.all.iter().filter(|m| m.class.is_bag() && m.fresh).filter(known);
        let bags: Vec<&Mover> = bags.collect();
        if bags.is_empty() && self.custody.is_empty() {
            return;
        }
        let everybody = self.movers.all.iter().filter(|m| m.class == ObjectClass::Person);
        let everybody: Vec<&Mover> = everybody.collect();
        let people: Vec<&Mover> = everybody.iter().copied().filter(known).collect();
        self.custody.step(moment.at, &bags, (&everybody, &people), (&self.rules.custody, &self.rules.carriers), told);
    }

    fn people(&mut self, moment: &Moment, layout: &Layout, told: &mut Vec<Finding>) {
        let Self { rules, movers, memories, places, counters, custody, .. } = self;
        for mover in movers.all.iter().filter(|m| m.class == ObjectClass::Person && m.fresh) {
            if !mover.is_known(&rules.motion) {
                continue;
            }
            let memory = memories.entry(mover.key).or_insert_with(|| Memory {
                running: Running::default(),
                fall: Fall::default(),
                border: Border::default(),
                zones: vec![InZone::default(); layout.areas.len()],
                crossings: vec![Crossing::default(); layout.gates.len()],
                came_out_told: false,
            });
            told.extend(memory.fall.step(mover, moment.at, moment.size, &rules.fall));
            told.extend(memory.border.step(mover, moment.size, &rules.border));
            if mover.noise_m <= rules.motion.noise_max_m {
                told.extend(memory.running.step(mover, moment.at, &rules.running));
            }
            let first = !std::mem::replace(&mut memory.came_out_told, true);
            for ((area, zone), place) in layout.areas.iter().zip(&mut memory.zones).zip(places.iter_mut()) {
                if active(&area.rule.active, moment.unix_micros) {
                    in_zone(mover, moment, (area, zone, place), rules, custody, first, told);
                }
            }
            for ((gate, crossing), counter) in layout.gates.iter().zip(&mut memory.crossings).zip(counters.iter_mut()) {
                let crossed = crossing.step(mover, moment.at, gate, &rules.crossing);
                if let Some(crossed) = crossed.filter(|_| active(&gate.rule.active, moment.unix_micros)) {
                    told.extend(counter.passed(mover, crossed, gate, &movers.all, &rules.crossing));
                }
            }
        }
    }

    /// What concerns several at once.
    fn together(&mut self, moment: &Moment, layout: &Layout, told: &mut Vec<Finding>) {
        let Self { rules, movers, memories, places, companions, custody, .. } = self;
        let known =
            |m: &&Mover| m.class == ObjectClass::Person && moment.at - m.seen <= 1.0 && m.is_known(&rules.motion);
        let people: Vec<&Mover> = movers.all.iter().filter(known).collect();
        let zone_of = |m: &Mover, i: usize| memories.get(&m.key).and_then(|memory| memory.zones.get(i));
        let control = |m: &Mover| {
            let controls = layout.areas.iter().enumerate().filter(|(_, a)| a.rule.purpose == ZoneUse::Control);
            let distances = controls.map(|(i, area)| {
                let passed = zone_of(m, i).is_some_and(|z| z.visited) || area.polygon.contains(m.at.0, m.at.1);
                if passed { 0.0 } else { area.polygon.edge_distance(m.at.0, m.at.1) * m.scale }
            });
            distances.reduce(f64::min)
        };
        let control_m: Vec<Option<f64>> = people.iter().map(|m| control(m)).collect();
        companions.step(moment.at, &people, &control_m, &rules.companions, told);
        for (i, (area, place)) in layout.areas.iter().zip(places).enumerate() {
            let id = &area.rule.id;
            if let Some(most) = area.rule.people_max {
                let inside = |m: &&&Mover| zone_of(m, i).is_some_and(|z| z.visit.entered().is_some());
                let count = people.iter().filter(inside).count();
                let newest = people.iter().rfind(inside).or(people.last()).copied();
                let finding = place.crowding.step(moment.at, count, newest, most, &rules.crowding);
                told.extend(finding.map(|f| f.at(id)));
            }
            if area.rule.purpose == ZoneUse::RestroomEntrance {
                place.restroom.step(moment, &people, custody, id, rules, told);
            }
        }
    }
}

/// One person and one zone, in a frame.
fn in_zone(
    mover: &Mover,
    moment: &Moment,
    (area, zone, place): (&Area, &mut InZone, &mut Place),
    rules: &Rules,
    custody: &Custody,
    first: bool,
    told: &mut Vec<Finding>,
) {
    let id = &area.rule.id;
    let inside = match (area.rule.anchor, &area.picture) {
        (Anchor::Centre, Some(picture)) => picture.contains(mover.centre.0, mover.centre.1),
        _ => area.polygon.contains(mover.at.0, mover.at.1),
    };
    match zone.visit.step(inside, moment.at, &rules.visit) {
        Some(VisitChange::Entered(_)) => zone.visited = true,
        change => told.extend(left(mover, change, area, zone, place, moment, rules)),
    }
    if let (Some(entered), Some(most)) = (zone.visit.entered(), area.rule.dwell_max_s) {
        let limit = place.stays.limit(moment.unix_micros, most, &rules.loitering);
        told.extend(zone.loitering.step(mover, moment.at, entered, limit).map(|f| f.at(id)));
    }
    match area.rule.purpose {
        ZoneUse::OneWay => match area.direction {
            Some(direction) if inside && mover.noise_m <= rules.motion.noise_max_m => {
                let finding = zone.flow.step(mover, moment.at, direction, &rules.counter_flow);
                told.extend(finding.map(|f| f.at(id)));
            }
            _ => zone.flow.reset(),
        },
        ZoneUse::Control if zone.visited => zone.approach.reset(),
        ZoneUse::Control if mover.noise_m <= rules.motion.noise_max_m => {
            let distance = area.polygon.edge_distance(mover.at.0, mover.at.1) * mover.scale;
            let finding = zone.approach.step(mover, moment.at, distance, &rules.approach);
            told.extend(finding.map(|f| f.at(id)));
        }
        ZoneUse::RestroomEntrance => {
            zone.carried = custody.carried_by(mover.key, moment.at, rules.restroom.look_s);
            if first && area.polygon.contains(mover.origin.0, mover.origin.1) {
                told.extend(place.restroom.came_out(mover, id, moment, rules));
            }
        }
        ZoneUse::Control | ZoneUse::Hall | ZoneUse::Interior => {}
    }
}

/// A visit is over: its end is told where its length was, and the zone learns from it.
fn left(
    mover: &Mover,
    change: Option<VisitChange>,
    area: &Area,
    zone: &mut InZone,
    place: &mut Place,
    moment: &Moment,
    rules: &Rules,
) -> Option<Finding> {
    let VisitChange::Left { entered, left } = change? else { return None };
    let most = area.rule.dwell_max_s?;
    let limit = place.stays.limit(moment.unix_micros, most, &rules.loitering);
    place.stays.add(moment.unix_micros, left - entered, &rules.loitering);
    zone.loitering.finish(mover, entered, left, limit).map(|f| f.at(&area.rule.id))
}
