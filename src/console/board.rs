//! What the console knows: alerts, cameras, recent events, gaps, and how the connection stands.
//!
//! Each part carries the revision at which it last changed. Everything is bounded: the oldest events, gaps and alerts that
//! were dealt with go first.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::plan::Floor;
use crate::event::{EventBody, Lifecycle, SiteEvent};
use crate::wire::v1;

/// Events remembered, over all cameras; the oldest go first.
pub const EVENTS_MAX: usize = 1_000;
/// Gaps remembered; the oldest go first.
const GAPS_MAX: usize = 100;
/// Alerts remembered, as many as a centre keeps by default and again as many; the oldest go first.
const ALERTS_MAX: usize = 2_000;
/// Proposals remembered, as many as a centre keeps and again as many; beyond it the newest are left out.
const PROPOSALS_MAX: usize = 400;

/// How the connection to the centre stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Never connected yet, and why not.
    Connecting(String),
    /// Connected; the past is still coming.
    CatchingUp,
    /// Connected, and what comes is live.
    Live,
    /// It was connected; since when (UTC microseconds) and why it is not any more.
    Lost {
        /// Since.
        since: i64,
        /// In the words of the fault.
        why: String,
    },
}

/// Events that will not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapSeen {
    /// When it was told, UTC microseconds.
    pub at: i64,
    /// First sequence.
    pub from: u64,
    /// Last.
    pub to: u64,
    /// Why, in words.
    pub why: String,
}

/// Something for the list of recent events.
#[derive(Debug, Clone)]
pub enum Happening {
    /// An event.
    Event(Box<SiteEvent>),
    /// An event of a newer centre.
    Unreadable {
        /// Its position.
        sequence: u64,
        /// What was not understood.
        why: String,
    },
}

/// A happening with the revision at which it came.
#[derive(Debug, Clone)]
pub struct Row {
    /// Ascending, each once.
    pub revision: u64,
    /// What.
    pub happening: Arc<Happening>,
}

/// An alert with the revision of its last change here.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Of its last change.
    pub revision: u64,
    /// As the centre sent it.
    pub alert: Arc<v1::Alert>,
}

/// Alerts that concern the same people, the most valuable first.
#[derive(Debug, Clone)]
pub struct Group {
    /// The smallest alert number in it.
    pub id: u64,
    /// The newest revision of its alerts.
    pub revision: u64,
    /// Never empty.
    pub alerts: Vec<Arc<v1::Alert>>,
}

/// What the console knows.
#[derive(Debug)]
pub struct Board {
    /// Greater after each change.
    pub revision: u64,
    /// The connection.
    pub standing: Standing,
    /// Connections made so far.
    pub connections: u64,
    /// The budget as it stands.
    pub budget: v1::AlertsLive,
    /// Cameras by name, as last told.
    pub cameras: BTreeMap<String, v1::CameraOverview>,
    /// The newest sequence heard of.
    pub sequence: u64,
    /// Events a second, over the last look at the overview.
    pub rate: Option<f64>,
    /// Events that were never delivered.
    pub lost: u64,
    /// Events that were not understood.
    pub unreadable: u64,
    /// Gaps, the newest first.
    pub gaps: VecDeque<GapSeen>,
    /// The newest models and configuration told of, by camera.
    pub provenance: BTreeMap<String, Arc<crate::event::Provenance>>,
    /// Frames analysed a second, by camera, as of the last look through it.
    pub rates: BTreeMap<String, f64>,
    /// What waits for a second person, and what became of what did, by number.
    pub proposals: Vec<v1::Proposal>,
    /// What needs a second person.
    pub policy: v1::ConfirmationPolicy,
    /// The floor: who is where.
    pub floor: Floor,
    /// The revision at which anything but alerts and rows changed.
    pub status_revision: u64,
    /// The revision at which the set of alerts changed.
    pub alerts_revision: u64,
    alerts: BTreeMap<u64, Kept>,
    rows: VecDeque<Row>,
    looked: Option<(i64, u64)>,
}

impl Board {
    /// Nothing known yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            revision: 1,
            standing: Standing::Connecting(String::new()),
            connections: 0,
            budget: v1::AlertsLive::default(),
            cameras: BTreeMap::new(),
            sequence: 0,
            rate: None,
            lost: 0,
            unreadable: 0,
            gaps: VecDeque::new(),
            provenance: BTreeMap::new(),
            rates: BTreeMap::new(),
            proposals: Vec::new(),
            policy: v1::ConfirmationPolicy::default(),
            floor: Floor::default(),
            status_revision: 1,
            alerts_revision: 1,
            alerts: BTreeMap::new(),
            rows: VecDeque::new(),
            looked: None,
        }
    }

    fn status_changed(&mut self) {
        self.revision += 1;
        self.status_revision = self.revision;
    }

    /// Somebody looked through a camera that the site has.
    pub fn rate_of(&mut self, camera: &str, rate: f64) {
        if self.cameras.contains_key(camera) {
            self.rates.insert(camera.to_owned(), rate);
            self.status_changed();
        }
    }

    /// Something of the floor that does not change by itself.
    pub fn floor_changed(&mut self) {
        self.status_changed();
    }

    /// The connection stands differently.
    pub fn stands(&mut self, standing: Standing) {
        if standing == Standing::CatchingUp {
            self.connections += 1;
        }
        if standing != Standing::Live {
            self.floor.nobody();
        }
        // A loss goes on since it began.
        let still = matches!((&self.standing, &standing),
            (Standing::Lost { why, .. }, Standing::Lost { why: new, .. }) if why == new);
        if still || self.standing == standing {
            return;
        }
        self.standing = match (&self.standing, standing) {
            (Standing::Lost { since, .. }, Standing::Lost { why, .. }) => Standing::Lost { since: *since, why },
            (Standing::Connecting(_), Standing::Lost { why, .. }) => Standing::Connecting(why),
            (_, standing) => standing,
        };
        self.status_changed();
    }

    /// The centre's log is another one: what was known of the old one is forgotten.
    pub fn forget(&mut self) {
        let (revision, connections) = (self.revision, self.connections);
        *self = Self { revision: revision + 1, connections, ..Self::new() };
        self.status_revision = self.revision;
        self.alerts_revision = self.revision;
    }

    /// What the centre says of its cameras, at this UTC.
    pub fn overview(&mut self, overview: v1::GetOverviewResponse, now: i64) {
        if let Some((then, before)) = self.looked
            && now > then
        {
            self.rate = Some(overview.sequence.saturating_sub(before) as f64 * 1e6 / (now - then) as f64);
        }
        self.looked = Some((now, overview.sequence));
        self.sequence = self.sequence.max(overview.sequence);
        self.cameras = overview.cameras.into_iter().map(|c| (c.camera.clone(), c)).collect();
        self.status_changed();
    }

    /// Everything up to this sequence was looked at.
    pub fn reached(&mut self, sequence: u64) {
        self.sequence = self.sequence.max(sequence);
    }

    /// An event of the site. Updates of tracks are not kept: a thousand travellers send a thousand a second.
    pub fn event(&mut self, event: Box<SiteEvent>) {
        self.sequence = self.sequence.max(event.sequence);
        let edge = &event.event;
        let camera = edge.id.camera.as_str();
        if self.provenance.get(camera).is_none_or(|known| !Arc::ptr_eq(known, &edge.provenance)) {
            self.provenance.insert(camera.to_owned(), Arc::clone(&edge.provenance));
        }
        if matches!(edge.body, EventBody::Track(_)) && edge.lifecycle == Lifecycle::Update {
            return;
        }
        self.push(Happening::Event(event));
    }

    /// An event that was not understood.
    pub fn unreadable(&mut self, sequence: u64, why: String) {
        self.sequence = self.sequence.max(sequence);
        self.unreadable += 1;
        self.push(Happening::Unreadable { sequence, why });
        self.status_revision = self.revision;
    }

    fn push(&mut self, happening: Happening) {
        self.revision += 1;
        self.rows.truncate(EVENTS_MAX - 1);
        self.rows.push_front(Row { revision: self.revision, happening: Arc::new(happening) });
    }

    /// Events that will not come.
    pub fn gap(&mut self, gap: GapSeen) {
        self.sequence = self.sequence.max(gap.to);
        self.lost += (gap.to + 1).saturating_sub(gap.from);
        self.gaps.truncate(GAPS_MAX - 1);
        self.gaps.push_front(gap);
        self.status_changed();
    }

    /// An alert as it stands now.
    pub fn alert(&mut self, alert: v1::Alert) {
        if self.alerts.get(&alert.id).is_some_and(|known| *known.alert == alert) {
            return;
        }
        self.revision += 1;
        self.alerts_revision = self.revision;
        self.alerts.insert(alert.id, Kept { revision: self.revision, alert: Arc::new(alert) });
        while self.alerts.len() > ALERTS_MAX {
            self.alerts.pop_first();
        }
    }

    /// The centre no longer keeps these alerts.
    pub fn keep_alerts(&mut self, keep: impl Fn(u64) -> bool) {
        let before = self.alerts.len();
        self.alerts.retain(|id, _| keep(*id));
        if self.alerts.len() != before {
            self.revision += 1;
            self.alerts_revision = self.revision;
        }
    }

    /// All proposals as they stand.
    pub fn proposals(&mut self, told: v1::WatchProposalsResponse) {
        let mut proposals = told.proposals;
        proposals.truncate(PROPOSALS_MAX);
        self.proposals = proposals;
        self.policy = told.policy.unwrap_or_default();
        self.status_changed();
    }

    /// One proposal as it stands now.
    pub fn proposal(&mut self, proposal: v1::Proposal) {
        if let Some(known) = self.proposals.iter_mut().find(|known| known.id == proposal.id) {
            *known = proposal;
            self.status_changed();
        }
    }

    /// The budget as it stands.
    pub fn budget(&mut self, budget: v1::AlertsLive) {
        let same = |a: &v1::AlertsLive, b: &v1::AlertsLive| {
            (a.per_hour, a.used, a.held_back) == (b.per_hour, b.used, b.held_back)
        };
        if !same(&self.budget, &budget) {
            self.budget = budget;
            self.status_changed();
        }
    }

    /// One alert.
    #[must_use]
    pub fn one(&self, id: u64) -> Option<&Kept> {
        self.alerts.get(&id)
    }

    /// Recent events that came after this revision, the newest first.
    pub fn rows_after(&self, revision: u64) -> impl Iterator<Item = &Row> {
        self.rows.iter().take_while(move |row| row.revision > revision)
    }

    /// Whether rows after this revision were forgotten already.
    #[must_use]
    pub fn rows_missed(&self, revision: u64) -> bool {
        self.rows.len() == EVENTS_MAX && self.rows.back().is_some_and(|row| row.revision > revision + 1)
    }

    /// The queue: alerts of the same people together; what still asks for something first, the most valuable first.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut of_track: BTreeMap<(&str, u32, u64), usize> = BTreeMap::new();
        for Kept { revision, alert } in self.alerts.values() {
            let known = alert.tracks.iter().find_map(|t| of_track.get(&(t.camera.as_str(), t.boot, t.track)));
            let place = known.copied().unwrap_or_else(|| {
                groups.push(Group { id: alert.id, revision: 0, alerts: Vec::new() });
                groups.len() - 1
            });
            for track in &alert.tracks {
                of_track.entry((track.camera.as_str(), track.boot, track.track)).or_insert(place);
            }
            let group = &mut groups[place];
            group.revision = group.revision.max(*revision);
            group.alerts.push(Arc::clone(alert));
        }
        for group in &mut groups {
            group.alerts.sort_by(|a, b| order(a, b));
        }
        groups.sort_by(|a, b| order(&a.alerts[0], &b.alerts[0]));
        groups
    }
}

/// Whether an operator can still do something with it.
#[must_use]
pub fn is_open(alert: &v1::Alert) -> bool {
    !matches!(alert.state(), v1::AlertState::Dismissed | v1::AlertState::Withdrawn)
}

/// What still asks for something first, the most valuable first, then the newest.
fn order(a: &v1::Alert, b: &v1::Alert) -> std::cmp::Ordering {
    let rank = |alert: &v1::Alert| alert.value.as_ref().map_or(0.0, |v| v.rank);
    let class = |alert: &v1::Alert| match alert.state() {
        v1::AlertState::Open | v1::AlertState::Unspecified => 0,
        v1::AlertState::Acknowledged => 1,
        v1::AlertState::Dismissed | v1::AlertState::Withdrawn => 2,
    };
    (class(a).cmp(&class(b))).then(rank(b).total_cmp(&rank(a))).then(b.id.cmp(&a.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(id: u64, rank: f64, state: v1::AlertState, tracks: &[u64]) -> v1::Alert {
        let track = |n: &u64| v1::AlertTrack { camera: "hall".to_owned(), boot: 1, track: *n };
        v1::Alert {
            id,
            state: state.into(),
            value: Some(v1::AlertValue { rank, ..v1::AlertValue::default() }),
            tracks: tracks.iter().map(track).collect(),
            ..v1::Alert::default()
        }
    }

    #[test]
    fn alerts_of_the_same_people_stand_together_and_the_most_valuable_first() {
        let mut board = Board::new();
        for one in [
            alert(1, 0.2, v1::AlertState::Open, &[1]),
            alert(2, 0.9, v1::AlertState::Acknowledged, &[2]),
            alert(3, 0.5, v1::AlertState::Open, &[3, 4]),
            alert(4, 0.6, v1::AlertState::Open, &[4, 1]),
            alert(5, 1.0, v1::AlertState::Dismissed, &[5]),
        ] {
            board.alert(one);
        }
        let groups: Vec<(u64, Vec<u64>)> =
            board.groups().iter().map(|g| (g.id, g.alerts.iter().map(|a| a.id).collect())).collect();
        assert_eq!(groups, [(3, vec![4, 3]), (1, vec![1]), (2, vec![2]), (5, vec![5])]);
        let before = board.revision;
        board.alert(alert(1, 0.2, v1::AlertState::Open, &[1]));
        assert_eq!(board.revision, before, "nothing changed");
        board.keep_alerts(|id| id != 2);
        assert!(board.one(2).is_none() && board.alerts_revision > before);
    }

    #[test]
    fn everything_is_bounded_and_a_page_that_fell_behind_is_told() {
        let mut board = Board::new();
        for n in 0..3_000 {
            board.unreadable(n, "new".to_owned());
            board.gap(GapSeen { at: 0, from: n, to: n, why: String::new() });
            board.alert(alert(n, 0.5, v1::AlertState::Open, &[n]));
        }
        assert_eq!((board.rows.len(), board.gaps.len(), board.alerts.len()), (EVENTS_MAX, GAPS_MAX, ALERTS_MAX));
        assert!(board.rows_missed(1) && !board.rows_missed(board.revision) && board.lost == 3_000);
    }

    #[test]
    fn a_loss_counts_from_its_beginning() {
        let mut board = Board::new();
        board.stands(Standing::Lost { since: 1, why: "refused".to_owned() });
        assert_eq!(board.standing, Standing::Connecting("refused".to_owned()));
        board.stands(Standing::CatchingUp);
        board.stands(Standing::Live);
        board.stands(Standing::Lost { since: 7, why: "closed".to_owned() });
        board.stands(Standing::Lost { since: 9, why: "refused".to_owned() });
        assert_eq!(board.standing, Standing::Lost { since: 7, why: "refused".to_owned() });
    }
}
