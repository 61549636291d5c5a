//! Where somebody comes into view next and when, and whether they should have by now.
//!
//! From each view people go on in learned shares, and each way takes a learned time ([`super::transit`]). Of somebody who has
//! been out of sight for a while, what is left of each way counts: the share that takes longer than that
//! (competing risks: J. D. Kalbfleisch and R. L. Prentice, "The Statistical Analysis of Failure Time Data", 2nd ed., chapter 8).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::associator::Associator;
use super::lessons::Passage;
use super::memory::{PresenceId, Tracklet};
use super::operator::TravellerId;
use super::sighting::TrackKey;
use super::traffic::Prospect;
use super::transit::Transit;
use crate::appearance::Appearance;
use crate::ids::CameraId;

/// Next views told, the most probable first.
const VIEWS_MAX: usize = 8;
/// A next view less probable than this is not told, and a way gone less probably teaches nothing of punctuality.
const PROBABLE: f64 = 0.01;
/// Share of arrivals before, and after, the interval that is told.
const TAIL: f64 = 0.1;
/// Share of arrivals before [`NextView::earliest_s`].
pub const EARLIEST: f64 = 0.01;
/// Share of those who go on that must come into views that see, or nobody can be called overdue.
const SEEING: f64 = 0.5;
/// Whoever is back within this was hidden, not away, seconds.
pub const HIDDEN_S: f64 = 2.0;
/// Halvings of the time in search of a quantile.
const HALVINGS: usize = 40;

/// A view into which somebody may come next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextView {
    /// Which.
    pub camera: CameraId,
    /// How probable it is that this is the next one; with the others' and [`Outlook::gone`] it makes 1, less what is left out.
    pub probability: f64,
    /// In how many seconds from now, if so: the median ...
    pub in_s: f64,
    /// ... and the bounds that one in ten comes before, and one in ten after.
    pub between_s: (f64, f64),
    /// Before this only one in a hundred comes.
    pub earliest_s: f64,
}

/// What is to be expected of somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// The view that they were last seen in.
    pub from: CameraId,
    /// Seconds since then; 0 while they are in sight: then it is as if they left now.
    pub away_s: f64,
    /// The most probable first.
    pub next: Vec<NextView>,
    /// How probable it is that they left the site's views for good.
    pub gone: f64,
    /// Of those who go on from there into a view that sees, as most do, the share that has come by now: what follows no rule are
    /// for the greater part links that are wrong, and nobody is to be waited for because of them. `None` where most go on into
    /// views that do not see.
    pub overdue: Option<f64>,
}

impl Associator {
    /// What is to be expected of a traveller. `blind` are the views that see nobody at present: somebody can walk into
    /// them unseen, so that they make nobody overdue. `None` when nobody of that name is remembered.
    #[must_use]
    pub fn outlook(&self, id: TravellerId, blind: &BTreeSet<CameraId>) -> Option<Outlook> {
        let last = self.last_presence(id)?;
        let (key, tail) = self.memory.tail(last)?;
        let in_sight = self.memory.in_sight(last, self.now_s, self.settings.stale_s);
        let away_s = if in_sight { 0.0 } else { (self.now_s - tail.last_s).max(0.0) };
        Some(self.expect((key, tail), away_s, blind))
    }

    /// What was to be expected of a traveller when they were last seen.
    #[must_use]
    pub fn outlook_at_departure(&self, id: TravellerId) -> Option<Outlook> {
        let last = self.memory.tail(self.last_presence(id)?)?;
        Some(self.expect(last, 0.0, &BTreeSet::new()))
    }

    /// What a traveller looked like when they were last seen long enough. `None` without appearance.
    #[must_use]
    pub fn look(&self, id: TravellerId) -> Option<&Appearance> {
        let mut next = self.last_presence(id);
        while let Some(presence) = next {
            let mut looks = self.memory.parts(presence).filter_map(|(_, tracklet)| tracklet.mean.as_ref());
            if let Some(look) = looks.next() {
                return Some(look);
            }
            next = self.memory.presences.get(&presence).and_then(|presence| presence.before);
        }
        None
    }

    /// The cosine similarity from which on a look speaks for one person rather than for two, as far as is learned.
    #[must_use]
    pub fn telling_cosine(&self) -> f64 {
        self.likeness.of_tracks().telling()
    }

    /// How late it is on the cameras' clocks, seconds from the Unix epoch.
    #[must_use]
    pub fn now_s(&self) -> f64 {
        self.now_s
    }

    /// When a track began, seconds from the Unix epoch. `None` for one that is not remembered.
    #[must_use]
    pub fn began(&self, key: &TrackKey) -> Option<f64> {
        self.memory.tracklets.get(key).map(|tracklet| tracklet.first_s)
    }

    fn expect(&self, (key, tail): (&TrackKey, &Tracklet), away_s: f64, blind: &BTreeSet<CameraId>) -> Outlook {
        let outlook = self.traffic.outlook(&self.topology, &key.camera);
        let prospect = outlook.of(tail.last_fix().as_ref());
        // Nothing is told of those who are only hidden for a moment.
        let since_s = away_s.max(HIDDEN_S);
        let all: f64 =
            prospect.gone() + prospect.ways().map(|(_, share, way)| share * way.survival(since_s)).sum::<f64>();
        let view = |(camera, share, way): (&CameraId, f64, &Transit)| {
            let arrival = |share| since_s - away_s + arrival(way, since_s, share);
            NextView {
                camera: camera.clone(),
                probability: share * way.survival(since_s) / all,
                in_s: arrival(0.5),
                between_s: (arrival(TAIL), arrival(1.0 - TAIL)),
                earliest_s: arrival(EARLIEST),
            }
        };
        let mut next: Vec<NextView> = prospect.ways().map(view).filter(|view| view.probability >= PROBABLE).collect();
        next.sort_by(|a, b| b.probability.total_cmp(&a.probability).then_with(|| a.camera.cmp(&b.camera)));
        next.truncate(VIEWS_MAX);
        let overdue = back_by(&prospect, since_s, blind).map(|share| self.punctuality.told(share));
        Outlook { from: key.camera.clone(), away_s, next, gone: prospect.gone() / all, overdue }
    }

    /// Somebody came back that way with probability `probability`: how late were they said to be? Only what can change no more
    /// (`stands`) counts, for those who come late are known again late.
    pub(super) fn learn_punctuality(&mut self, passage: &Passage, probability: f64, stands: bool) {
        if !stands || probability < PROBABLE || passage.seconds <= HIDDEN_S {
            return;
        }
        let outlook = self.traffic.outlook(&self.topology, &passage.from);
        if let Some(said) = back_by(&outlook.of(passage.exit.as_ref()), passage.seconds, &BTreeSet::new()) {
            self.punctuality.learn(said, probability);
        }
    }

    /// The presence in which a traveller was seen last.
    fn last_presence(&self, id: TravellerId) -> Option<PresenceId> {
        let mine = self.tracks_of(id).into_iter();
        let last = mine.max_by(|a, b| a.1.last_s.total_cmp(&b.1.last_s).then_with(|| a.0.cmp(b.0)));
        last.map(|(_, tracklet)| tracklet.presence)
    }
}

/// Of those who go on by the rule of their way into a view that sees, the share that has come within `away_s`. `None` where most
/// go on into views that do not see.
fn back_by(prospect: &Prospect<'_>, away_s: f64, blind: &BTreeSet<CameraId>) -> Option<f64> {
    let (mut going, mut still, mut seeing) = (0.0, 0.0, 0.0);
    for (camera, share, way) in prospect.ways() {
        let away = share * way.regular_survival(HIDDEN_S);
        going += away;
        if !blind.contains(camera) {
            seeing += away;
            still += share * way.regular_survival(away_s);
        }
    }
    (seeing > SEEING * going).then(|| 1.0 - still / seeing)
}

/// In how many seconds from now a share `share` of those has arrived who are on the way for `away_s` already.
fn arrival(way: &Transit, away_s: f64, share: f64) -> f64 {
    let survival = |seconds: f64| way.survival(seconds);
    let goal = survival(away_s) * (1.0 - share);
    let (mut low, mut high) = (away_s, way.longest_s().max(away_s));
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        *(if survival(middle) > goal { &mut low } else { &mut high }) = middle;
    }
    high - away_s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_move_on_with_the_time_away() {
        let way = Transit::new(40.0, true, 600.0);
        let at = |away_s| [TAIL, 0.5, 1.0 - TAIL].map(|share| arrival(&way, away_s, share));
        let [early, middle, late] = at(0.0);
        assert!(early < middle && middle < late && (35.0..60.0).contains(&middle), "{:?}", at(0.0));
        // Survival at the quantile is what it is called by.
        for (seconds, share) in at(0.0).into_iter().zip([TAIL, 0.5, 1.0 - TAIL]) {
            assert!((way.survival(seconds) - (1.0 - share)).abs() < 0.01, "{seconds} {share}");
        }
        // Those who are away for long are those who stay awhile.
        assert!(at(100.0)[1] > 40.0, "{:?}", at(100.0));
    }
}
