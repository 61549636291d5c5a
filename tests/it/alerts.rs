//! Alerts over real sockets and files: raised, worked on, withdrawn, and the same after a restart.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use greenlane::event::{
    Behaviour, BehaviourReport, EdgeEvent, EventBody, Lifecycle, Reason, ReasonCode, Severity, Unit,
};
use greenlane::ids::TrackId;
use greenlane::rpc::{AlertFeed, ConsoleClient, RpcError};
use greenlane::units::Interval;
use greenlane::wire::v1::watch_alerts_response::Message;
use greenlane::wire::v1::{self, AlertAction, AlertState};
use tokio::runtime::Runtime;
use tonic::Code;

use crate::support::site::{DEADLINE, TestSite, event, until};

/// What a camera tells of a track's behaviour.
fn behaviour(sequence: u64, track: u64, behaviour: Behaviour, lifecycle: Lifecycle) -> EdgeEvent {
    let plain = event("hall", 1, sequence);
    let since = plain.capture_time;
    let expected = Interval { low: 0.0, high: 60.0 };
    EdgeEvent {
        lifecycle,
        severity: Severity::Alert,
        track: Some(TrackId(track)),
        reasons: vec![Reason { code: ReasonCode::DwellTime, measured: 180.0, expected, unit: Unit::Seconds }],
        body: EventBody::Behaviour(BehaviourReport { behaviour, since, others: Vec::new(), bag: None }),
        ..plain
    }
}

struct Operator {
    runtime: Runtime,
    client: ConsoleClient,
}

impl Operator {
    fn at(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let client = runtime.block_on(ConsoleClient::connect(url)).unwrap();
        Self { runtime, client }
    }

    fn list(&mut self) -> v1::ListAlertsResponse {
        self.runtime.block_on(self.client.alerts(v1::ListAlertsRequest::default())).unwrap()
    }

    fn act(&mut self, alert: u64, action: AlertAction, text: &str) -> Result<v1::Alert, (Code, String)> {
        let (operator, text) = ("kim".to_owned(), text.to_owned());
        let request = v1::ActOnAlertRequest { alert, operator, action: action.into(), text };
        let answer = self.runtime.block_on(self.client.act(request)).map_err(|error| match error {
            RpcError::Call { code, message, .. } => (code, message),
            other => panic!("{other}"),
        })?;
        Ok(answer.alert.unwrap_or_default())
    }

    fn watch(&mut self) -> AlertFeed {
        self.runtime.block_on(self.client.watch_alerts(0)).unwrap()
    }

    fn next(&self, feed: &mut AlertFeed) -> Message {
        let next = async { tokio::time::timeout(DEADLINE, feed.next()).await };
        self.runtime.block_on(next).expect("in time").unwrap().expect("more")
    }
}

fn states(list: &v1::ListAlertsResponse) -> Vec<(u64, AlertState)> {
    list.alerts.iter().map(|alert| (alert.id, alert.state())).collect()
}

#[test]
fn an_alert_is_raised_worked_on_and_stands_the_same_after_a_restart() {
    let mut site = TestSite::start(|s| {
        s.alerts.per_hour = 2;
        s.alerts.shadow = BTreeSet::from(["running".to_owned()]);
    });
    let edge = site.edge("edge");
    let mut kim = Operator::at(&site.url());
    let mut feed = kim.watch();
    assert!(matches!(kim.next(&mut feed), Message::Live(live) if live.per_hour == 2 && live.used == 0));
    let story = [
        behaviour(1, 1, Behaviour::Loitering, Lifecycle::New),
        behaviour(2, 1, Behaviour::BagHandedOver, Lifecycle::New),
        behaviour(3, 2, Behaviour::Fall, Lifecycle::New),
        behaviour(4, 3, Behaviour::Fall, Lifecycle::New),
        behaviour(5, 2, Behaviour::Running, Lifecycle::New),
        behaviour(6, 7, Behaviour::Running, Lifecycle::New),
        behaviour(7, 2, Behaviour::Fall, Lifecycle::Retracted),
    ];
    edge.send(&story, 7);
    let mut seen = Vec::new();
    until("the fall is withdrawn", || {
        if let Message::Alert(alert) = kim.next(&mut feed) {
            seen.push((alert.id, alert.state()));
        }
        seen.contains(&(3, AlertState::Withdrawn))
    });
    assert_eq!(kim.act(1, AlertAction::Assign, "lee").unwrap().assignee, "lee");
    let alert = kim.act(1, AlertAction::Acknowledge, "").unwrap();
    assert_eq!((alert.state(), alert.claims.len(), alert.notes.len()), (AlertState::Acknowledged, 2, 2));
    assert!(alert.notes[1].operator == "kim" && alert.notes[1].at_unix_micros > 1_700_000_000_000_000);
    for (alert, action, text, code, words) in [
        (9, AlertAction::Acknowledge, "", Code::NotFound, "no alert 9"),
        (3, AlertAction::Dismiss, "why not", Code::FailedPrecondition, "is withdrawn"),
        (1, AlertAction::Dismiss, " ", Code::InvalidArgument, "the reason is missing"),
        (1, AlertAction::Unspecified, "", Code::InvalidArgument, "none of the list"),
    ] {
        let (found, message) = kim.act(alert, action, text).unwrap_err();
        assert!(found == code && message.contains(words), "{found:?} {message}");
    }
    let held = kim.runtime.block_on(kim.client.held_back(0)).unwrap();
    assert_eq!(held.iter().map(|h| (h.sequence, h.why())).collect::<Vec<_>>(), [(4, v1::HeldWhy::BudgetFull)]);
    let shadow = kim.runtime.block_on(kim.client.shadow(0, 0)).unwrap();
    assert_eq!((shadow[0].rule.as_str(), shadow[0].fired, shadow[0].already_alerted), ("running", 2, 1));

    let before = kim.list();
    assert_eq!(states(&before), [(1, AlertState::Acknowledged), (3, AlertState::Withdrawn)]);
    edge.finish();
    site.restart();
    let mut again = Operator::at(&site.url());
    assert_eq!(again.list(), before);
    assert_eq!(again.runtime.block_on(again.client.held_back(0)).unwrap(), held);
    let audit = again.runtime.block_on(again.client.audit(0, 0)).unwrap();
    let audit: Vec<_> = audit.iter().map(|e| (e.number, e.action.as_str(), e.alert, e.text.as_str())).collect();
    assert_eq!(audit, [(2, "acknowledge", 1, ""), (1, "assign", 1, "lee")]);
}

#[test]
fn the_queue_is_worked_on_in_a_terminal() {
    let site = TestSite::start(|_| {});
    let edge = site.edge("edge");
    edge.send(&[behaviour(1, 4, Behaviour::ObjectLeft, Lifecycle::New)], 1);
    let alerts = |arguments: &[&str]| {
        let url = site.url();
        let command = [&["alerts", "--central", &url], arguments].concat();
        let output = Command::new(env!("CARGO_BIN_EXE_greenlane")).args(command).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr))
    };
    until("it is in the queue", || {
        alerts(&[]).1.contains("object_left hall/T4: dwell time 180.00 s (usual 0.00 to 60.00)")
    });
    let (code, text) = alerts(&["dismiss", "1", "--operator", "kim", "the cleaner's \u{1b}[31mcart"]);
    assert!(code == Some(1) && text.contains("control characters"), "{text}");
    let (code, text) = alerts(&["dismiss", "1", "--operator", "kim", "the cleaner's cart"]);
    assert!(code == Some(0) && text.contains(" dismissed "), "{text}");
    assert!(alerts(&["watch", "--count", "1"]).1.contains(" dismissed "));
    assert!(alerts(&["audit"]).1.contains("kim dismiss 1 the cleaner's cart"));
    assert_eq!(alerts(&["acknowledge", "1", "--operator", "lee"]).0, Some(1));
    assert_eq!(alerts(&["shadow"]), (Some(0), String::new()));
    assert_eq!(alerts(&["held"]), (Some(0), String::new()));
    assert_eq!(alerts(&["shadow", "--from", "yesterday", "--to", "now"]).0, Some(64));
    edge.finish();
}

#[test]
fn who_watches_the_queue_goes_on_when_the_centre_was_away() {
    let mut site = TestSite::start(|_| {});
    let edge = site.edge("edge");
    edge.send(&[behaviour(1, 4, Behaviour::ObjectLeft, Lifecycle::New)], 1);
    let url = site.url();
    let command = ["alerts", "--central", &url, "watch", "--count", "2"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_greenlane")).args(command).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut line_with = |words: &str| {
        let line = lines.by_ref().map_while(Result::ok).find(|line| line.contains(words));
        line.unwrap_or_else(|| panic!("no line with {words}"))
    };
    line_with("hall/T4");
    site.restart();
    line_with("-- the centre is away");
    edge.send(&[behaviour(2, 5, Behaviour::Fall, Lifecycle::New)], 1);
    // What was shown before is not shown again: this is the second change.
    line_with("fall hall/T5");
    assert!(child.wait().unwrap().success());
    edge.finish();
}

#[test]
fn what_a_budget_costs_is_computed_on_scripted_scenes() {
    let command = ["evaluate", "alerts", "--scripted", "--hours", "1", "--cameras", "1", "--per-hour", "1", "--json"];
    let output = Command::new(env!("CARGO_BIN_EXE_greenlane")).args(command).output().unwrap();
    let trials: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let count = |name: &str| trials[0][name].as_u64().unwrap();
    assert!(output.status.success() && count("busiest_hour") == 1, "{trials}");
    assert!(count("shown") <= count("told") && count("told") <= count("happened"), "{trials}");
    let cameras = ["evaluate", "alerts", "--cameras", "3"];
    assert_eq!(Command::new(env!("CARGO_BIN_EXE_greenlane")).args(cameras).output().unwrap().status.code(), Some(64));
}
