//! The desk's life of alerts, and its bounds.

use proptest::prelude::*;

use super::trial::{Seen, event_of};
use super::*;
use crate::event::{Behaviour, Lifecycle, Severity};

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;

/// A loitering of this track at this second.
fn seen(track: u64, second: i64, behaviour: Behaviour) -> Seen {
    Seen { at: second * SECOND, track, rule: Some(behaviour), severity: Severity::Alert, probability: 0.9, excess: 1.0 }
}

struct Desk {
    desk: AlertDesk,
    sequence: u64,
}

impl Desk {
    fn new(per_hour: u32) -> Self {
        Self::with(AlertSettings { per_hour, ..AlertSettings::default() })
    }

    fn with(settings: AlertSettings) -> Self {
        Self { desk: AlertDesk::new(settings), sequence: 0 }
    }

    fn tell(&mut self, seen: &Seen, lifecycle: Lifecycle) {
        self.sequence += 1;
        let mut event = event_of(seen, self.sequence);
        event.lifecycle = lifecycle;
        self.desk.accept(self.sequence, seen.at, &event);
    }

    fn act(&mut self, alert: u64, action: Action) -> Result<AlertState, ActError> {
        let act = Act { alert, operator: "kim".to_owned(), confirmed_by: None, at: 7, action };
        self.desk.act(&act).map(|alert| alert.state)
    }

    fn states(&self) -> Vec<(u64, AlertState)> {
        self.desk.board().alerts.iter().map(|alert| (alert.id, alert.state)).collect()
    }
}

#[test]
fn a_person_has_one_alert_and_more_of_the_same_person_joins_it() {
    let mut desk = Desk::new(2);
    desk.tell(&seen(1, 0, Behaviour::Loitering), Lifecycle::New);
    desk.tell(&seen(1, 20, Behaviour::Loitering), Lifecycle::Update);
    desk.tell(&seen(1, 30, Behaviour::BagHandedOver), Lifecycle::New);
    desk.tell(&seen(2, 40, Behaviour::Fall), Lifecycle::New);
    let board = desk.desk.board();
    assert_eq!((board.used, board.alerts.len(), board.held.len()), (2, 2, 0));
    assert_eq!(board.alerts[0].rules(), ["loitering", "bag_handed_over"]);
    // The hour is full now: the next one is held back with its reason.
    desk.tell(&seen(3, 50, Behaviour::Fall), Lifecycle::New);
    let held = desk.desk.board().held;
    assert_eq!(held.iter().map(|h| (h.candidate.rule, h.why)).collect::<Vec<_>>(), [("fall", HeldWhy::BudgetFull)]);
}

#[test]
fn what_was_held_back_is_raised_when_a_place_gets_free_soon_enough() {
    let mut desk = Desk::new(1);
    desk.tell(&seen(1, 0, Behaviour::Fall), Lifecycle::New);
    desk.tell(&seen(2, 3_000, Behaviour::Fall), Lifecycle::New);
    desk.tell(&seen(3, 3_400, Behaviour::Fall), Lifecycle::New);
    desk.desk.advance(HOUR - 1);
    assert_eq!(desk.states(), [(1, AlertState::Open)]);
    desk.desk.advance(HOUR);
    let board = desk.desk.board();
    // The second one waited for longer than five minutes; the third is raised at the moment the place got free.
    assert_eq!(board.alerts.iter().map(|a| (a.id, a.raised)).collect::<Vec<_>>(), [(1, 0), (3, HOUR)]);
    assert_eq!(board.held.len(), 1);
}

#[test]
fn a_retraction_withdraws_what_rested_on_it() {
    let mut desk = Desk::new(3);
    let (loiters, hands_over) = (seen(1, 0, Behaviour::Loitering), seen(1, 5, Behaviour::BagHandedOver));
    desk.tell(&loiters, Lifecycle::New);
    desk.tell(&hands_over, Lifecycle::New);
    desk.tell(&Seen { at: 9 * SECOND, ..loiters }, Lifecycle::Retracted);
    assert_eq!(desk.states(), [(1, AlertState::Open)]);
    assert_eq!(desk.desk.board().alerts[0].rules(), ["bag_handed_over"]);
    desk.tell(&Seen { at: 10 * SECOND, ..hands_over }, Lifecycle::End);
    assert_eq!(desk.states(), [(1, AlertState::Open)]);
    desk.tell(&Seen { at: 11 * SECOND, ..hands_over }, Lifecycle::Retracted);
    assert_eq!(desk.states(), [(1, AlertState::Withdrawn)]);
    assert_eq!(desk.act(1, Action::Acknowledge), Err(ActError::Closed { alert: 1, state: AlertState::Withdrawn }));
    assert_eq!(desk.act(1, Action::Note { text: "seen too late".to_owned() }), Ok(AlertState::Withdrawn));
}

#[test]
fn operators_acts_are_checked_and_kept_in_order() {
    let mut desk = Desk::new(3);
    desk.tell(&seen(1, 0, Behaviour::Fall), Lifecycle::New);
    assert_eq!(desk.act(9, Action::Acknowledge), Err(ActError::Unknown(9)));
    for bad in ["", "  ", "\u{1b}[2J", &"x".repeat(TEXT_CHARS_MAX + 1)] {
        assert!(matches!(desk.act(1, Action::Dismiss { reason: bad.to_owned() }), Err(ActError::Text(_))), "{bad:?}");
    }
    let before = desk.desk.revision();
    assert_eq!(desk.act(1, Action::Assign { to: "lee".to_owned() }), Ok(AlertState::Open));
    assert_eq!(desk.act(1, Action::Acknowledge), Ok(AlertState::Acknowledged));
    assert_eq!(desk.act(1, Action::Dismiss { reason: "family waits".to_owned() }), Ok(AlertState::Dismissed));
    let board = desk.desk.board();
    assert_eq!((board.alerts[0].assignee.as_deref(), board.alerts[0].notes.len()), (Some("lee"), 3));
    assert_eq!(board.revision, before + 3);
    // The same thing goes on: it stays dismissed. Something else of the same person, worth more, does not.
    desk.tell(&seen(1, 60, Behaviour::Fall), Lifecycle::Update);
    assert_eq!(desk.states(), [(1, AlertState::Dismissed)]);
    desk.tell(&Seen { probability: 1.0, excess: 9.0, ..seen(1, 70, Behaviour::BagHandedOver) }, Lifecycle::New);
    assert_eq!(desk.states(), [(1, AlertState::Open)]);
}

#[test]
fn a_rule_in_shadow_raises_nothing_and_says_what_it_would_have() {
    let shadow = AlertSettings::shadow_rules(["running".to_owned()]).unwrap();
    let mut desk = Desk::with(AlertSettings { shadow, per_hour: 2, ..AlertSettings::default() });
    desk.tell(&seen(1, 0, Behaviour::Fall), Lifecycle::New);
    for (track, second) in [(1, 10), (2, 20), (3, 30), (1, 40)] {
        desk.tell(&seen(track, second, Behaviour::Running), Lifecycle::New);
        desk.tell(&seen(track, second + 1, Behaviour::Running), Lifecycle::Update);
    }
    assert_eq!(desk.states().len(), 1);
    let report = &desk.desk.shadow(0, HOUR)[0];
    assert_eq!((report.rule.as_str(), report.fired, report.already, report.raised), ("running", 4, 2, 2));
    assert_eq!(desk.desk.shadow(25 * SECOND, 35 * SECOND)[0].fired, 1);
    let error = AlertSettings::shadow_rules(["runing".to_owned()]).unwrap_err().to_string();
    assert!(error.contains("`runing`") && error.contains("running, reversal"), "{error}");
}

#[test]
fn everything_is_bounded() {
    let settings = AlertSettings { per_hour: 50, alerts_max: 20, held_max: 30, ..AlertSettings::default() };
    let mut desk = Desk::with(settings);
    (0..400).for_each(|i| desk.tell(&seen(i, i as i64, Behaviour::Fall), Lifecycle::New));
    let board = desk.desk.board();
    assert_eq!((board.alerts.len(), board.held.len()), (20, 30));
    assert!(board.forgotten > 0);
    assert_eq!(board.ranked().len(), 20);
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let severity = prop_oneof![Just(Severity::Attention), Just(Severity::Alert)];
    (0_i64..14_400, 0_u64..60, 0_usize..Behaviour::ALL.len(), severity, 0.0_f64..1.0, 0.0_f64..4.0).prop_map(
        |(second, track, rule, severity, probability, excess)| Seen {
            at: second * SECOND,
            track,
            rule: Some(Behaviour::ALL[rule]),
            severity,
            probability,
            excess,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever comes, in no hour are more raised than set; and how often time is told to go on changes nothing.
    #[test]
    fn no_hour_has_more_and_time_may_go_on_in_any_steps(mut all in prop::collection::vec(any_seen(), 1..150), per_hour in 1_u32..8) {
        all.sort_by_key(|seen| seen.at);
        let (mut once, mut often) = (Desk::new(per_hour), Desk::new(per_hour));
        let mut now = 0;
        for seen in &all {
            while now < seen.at {
                now += 97 * SECOND;
                often.desk.advance(now.min(seen.at));
            }
            once.tell(seen, Lifecycle::New);
            often.tell(seen, Lifecycle::New);
        }
        for desk in [&mut once, &mut often] {
            desk.desk.advance(5 * HOUR);
        }
        let board = once.desk.board();
        prop_assert_eq!(&board, &often.desk.board());
        let mut raised: Vec<i64> = board.alerts.iter().map(|alert| alert.raised).collect();
        raised.sort_unstable();
        for window in raised.windows(per_hour as usize + 1) {
            prop_assert!(window[per_hour as usize] - window[0] >= HOUR, "{:?}", window);
        }
    }
}
