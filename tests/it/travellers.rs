//! Travellers over gRPC: told, followed, split, merged, and the same after a restart.

use std::process::Command;
use std::time::Duration;

use greenlane::appearance::Appearance;
use greenlane::association::{LinkPrior, Topology, TrackKey};
use greenlane::central::{Directive, EventFilter, Match};
use greenlane::event::{
    Absence, Behaviour, BehaviourReport, EdgeEvent, EventBody, Lifecycle, OfflineCause, ReasonCode, Severity,
    SystemReport, TrackReport,
};
use greenlane::ids::{BootId, TrackId};
use greenlane::rpc::{ConsoleClient, DirectiveStream, RpcError, Start, TravellerClient, UplinkClient};
use greenlane::time::CaptureTime;
use greenlane::wire::v1::{self, Blind, LinkKind};
use tokio::runtime::Runtime;
use tonic::Code;

use crate::support::site::{DEADLINE, TestConsole, TestSite, camera, event, until};

pub const START: i64 = 1_767_225_600_000_000;

/// A camera's next event, so many seconds into the story.
pub struct Camera {
    pub name: &'static str,
    pub told: u64,
}

impl Camera {
    pub fn tells(&mut self, second: i64, track: Option<u64>, lifecycle: Lifecycle, body: EventBody) -> EdgeEvent {
        self.told += 1;
        let capture_time = CaptureTime::exact(START + second * 1_000_000);
        let track = track.map(TrackId);
        EdgeEvent { lifecycle, capture_time, track, body, ..event(self.name, 1, self.told) }
    }

    /// Somebody who looks like `angle` in view, a report each second.
    pub fn sees(&mut self, track: u64, seconds: std::ops::RangeInclusive<i64>, angle: f32) -> Vec<EdgeEvent> {
        let (first, last) = (*seconds.start(), *seconds.end());
        let report = |second: i64| {
            let EventBody::Track(plain) = event(self.name, 1, 1).body else { unreachable!() };
            let since = CaptureTime::exact(START + first * 1_000_000);
            let appearance = Appearance::normalised(&[angle.cos(), angle.sin()], 1.0);
            EventBody::Track(TrackReport { since, age_s: (second - first) as f64, appearance, ..plain })
        };
        let bodies: Vec<(i64, EventBody)> = seconds.map(|second| (second, report(second))).collect();
        let phase = |second| match second {
            s if s == first => Lifecycle::New,
            s if s == last => Lifecycle::End,
            _ => Lifecycle::Update,
        };
        bodies.into_iter().map(|(second, body)| self.tells(second, Some(track), phase(second), body)).collect()
    }
}

/// Two come through the gate together; one of them comes into the hall, the other does not; a third is there all the while.
pub fn story() -> Vec<EdgeEvent> {
    let (mut gate, mut hall) = (Camera { name: "gate", told: 0 }, Camera { name: "hall", told: 0 });
    let since = CaptureTime::exact(START + 2_000_000);
    let together =
        BehaviourReport { behaviour: Behaviour::WalkingTogether, since, others: vec![TrackId(2)], bag: None };
    let mut all = gate.sees(1, 0..=10, 0.1);
    all.extend(gate.sees(2, 0..=10, 1.4));
    all.push(gate.tells(9, Some(1), Lifecycle::New, EventBody::Behaviour(together)));
    all.extend(hall.sees(8, 0..=300, 2.8));
    all.extend(hall.sees(1, 30..=45, 0.1));
    all.sort_by_key(|event| event.capture_time.unix_micros);
    all
}

pub fn site(walk_s: f64) -> TestSite {
    let mut topology = Topology::disjoint();
    topology.link(&camera("gate"), &camera("hall"), LinkPrior { typical_s: walk_s });
    TestSite::start(|settings| settings.topology = topology.closing())
}

pub struct Operator {
    pub runtime: Runtime,
    pub client: TravellerClient,
}

impl Operator {
    pub fn at(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let client = runtime.block_on(TravellerClient::connect(url)).unwrap();
        Self { runtime, client }
    }

    pub fn list(&mut self, change: impl FnOnce(&mut v1::ListTravellersRequest)) -> v1::ListTravellersResponse {
        let mut request = v1::ListTravellersRequest::default();
        change(&mut request);
        self.runtime.block_on(self.client.list(request)).unwrap()
    }

    fn get(&mut self, traveller: u64) -> v1::Traveller {
        self.runtime.block_on(self.client.get(traveller, false)).unwrap().traveller.unwrap()
    }

    pub fn follow(&mut self, traveller: u64, case: &str, seconds: u32) -> Result<v1::Follow, RpcError> {
        let (case, purpose, operator) = (case.to_owned(), "left a bag".to_owned(), "kim".to_owned());
        let request = v1::FollowTravellerRequest { traveller, case, purpose, operator, seconds };
        let answer = self.runtime.block_on(self.client.follow(request))?;
        Ok(answer.follow.unwrap_or_default())
    }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, RpcError>) -> (Code, String) {
    match result.unwrap_err() {
        RpcError::Call { code, message, .. } => (code, message),
        other => panic!("{other}"),
    }
}

pub fn names(list: &v1::ListTravellersResponse) -> Vec<u64> {
    list.travellers.iter().map(|one| one.traveller).collect()
}

fn track(name: &str, track: u64) -> v1::TrackName {
    v1::TrackName { camera: name.to_owned(), boot: 1, track }
}

/// The story told; who walked on, who did not come.
pub fn told(site: &TestSite) -> (Operator, u64, u64) {
    let edge = site.edge("edge");
    edge.send(&story(), 50);
    let mut kim = Operator::at(&site.url());
    until("the story is told", || {
        let list = kim.list(|_| {});
        list.travellers.first().is_some_and(|one| one.until_unix_micros >= START + 297_000_000)
    });
    edge.finish();
    let list = kim.list(|request| request.cameras = vec!["gate".to_owned()]);
    let on = list.travellers.iter().find(|one| one.tracks == 2).expect("one walked on").traveller;
    let away = list.travellers.iter().find(|one| one.tracks == 1).expect("one did not").traveller;
    (kim, on, away)
}

#[test]
fn a_timeline_says_where_why_with_whom_and_where_next() {
    let site = site(20.0);
    let (mut kim, on, away) = told(&site);
    assert_eq!((kim.list(|_| {}).total, kim.list(|r| r.in_sight = true).travellers.len()), (3, 1));
    let pages: Vec<u64> = {
        let first = kim.list(|request| request.page_size = 2);
        let second = kim.list(|request| (request.page_size, request.page_token) = (2, first.next_page_token.clone()));
        assert!(second.next_page_token.is_empty());
        [names(&first), names(&second)].concat()
    };
    assert_eq!(pages, names(&kim.list(|_| {})));

    let traveller = kim.get(on);
    let tracks: Vec<_> = traveller.segments.iter().map(|segment| segment.track.clone().unwrap()).collect();
    assert_eq!(tracks, [track("gate", 1), track("hall", 1)]);
    let link = &traveller.segments[1].links[0];
    assert_eq!(
        (link.kind(), link.continues.clone(), link.seconds),
        (LinkKind::Passage, Some(track("gate", 1)), Some(20.0))
    );
    assert!(link.probability > 0.8 && traveller.segments[1].probability == Some(link.probability), "{link:?}");
    assert_eq!(traveller.segments[1].missing, ["calibration"]);
    let companion = traveller.companions[0].summary.as_ref().unwrap();
    assert_eq!((companion.traveller, companion.in_sight), (away, false));
    let events = kim.runtime.block_on(kim.client.get(on, true)).unwrap();
    assert_eq!((events.events.len(), events.event_sequences.len(), events.events_truncated), (1, 1, false));

    let outlook = kim.get(away).outlook.unwrap();
    assert_eq!((outlook.from.as_str(), outlook.next[0].camera.as_str()), ("gate", "hall"));
    assert!(outlook.away_s > 280.0 && outlook.overdue.unwrap() > 0.9 && outlook.gone > 0.5, "{outlook:?}");
    let next = &outlook.next[0];
    assert!(next.in_low_s < next.in_s && next.in_s < next.in_high_s && next.probability < 0.3, "{next:?}");

    // The hall's camera goes: nobody is overdue in a view that sees nobody.
    let edge = site.edge("edge-2");
    let mut hall = Camera { name: "hall", told: 10_000 };
    let offline = EventBody::System(SystemReport::CameraOffline { cause: OfflineCause::Stall });
    edge.send(&[hall.tells(301, None, Lifecycle::New, offline)], 1);
    edge.send(&Camera { name: "gate", told: 10_000 }.sees(9, 302..=320, 2.0), 9);
    until("the hall is blind", || {
        let outlook = kim.get(away).outlook.unwrap();
        outlook.next.iter().any(|next| next.camera == "hall" && next.blind() == Blind::Offline)
    });
    edge.finish();
}

#[test]
fn what_operators_do_can_be_taken_back_and_outlives_a_restart() {
    let mut site = site(20.0);
    let (mut kim, on, away) = told(&site);
    let before = kim.get(on);
    let mut feed = kim.runtime.block_on(kim.client.watch(on)).unwrap();
    let mut next = |kim: &Operator| {
        let next = async { tokio::time::timeout(DEADLINE, feed.next()).await };
        kim.runtime.block_on(next).expect("in time").unwrap().expect("more")
    };
    assert_eq!(next(&kim), before);
    let of_track = kim.runtime.block_on(kim.client.of_track(track("hall", 1))).unwrap();
    assert_eq!(of_track.traveller, Some(before.clone()));
    let other = kim.runtime.block_on(kim.client.split(on, track("hall", 1), "kim")).unwrap().traveller;
    assert_eq!(next(&kim).segments.len(), 1);
    assert_eq!((kim.get(on).segments.len(), kim.get(other).segments.len()), (1, 1));
    assert_eq!(kim.runtime.block_on(kim.client.merge(on, other, "kim")).unwrap().traveller, on);
    assert_eq!(kim.get(on), before);
    assert_eq!(next(&kim), before);
    let follow = kim.follow(on, "C-204", 600).unwrap();
    assert_eq!((follow.traveller, follow.until_unix_micros - follow.from_unix_micros), (on, 600_000_000));
    assert_eq!(next(&kim).follows, std::slice::from_ref(&follow));
    assert_eq!(names(&kim.list(|request| request.followed = true)), [on]);

    let third = names(&kim.list(|request| request.in_sight = true))[0];
    for (result, code, words) in [
        (
            refusal(kim.runtime.block_on(kim.client.merge(on, on, "kim"))),
            Code::FailedPrecondition,
            "one traveller already",
        ),
        (refusal(kim.runtime.block_on(kim.client.merge(on, third, "kim"))), Code::FailedPrecondition, "two places"),
        (refusal(kim.runtime.block_on(kim.client.merge(on, away, " "))), Code::InvalidArgument, "operator's name"),
        (refusal(kim.runtime.block_on(kim.client.merge(on, 999_999, "kim"))), Code::NotFound, "not remembered"),
        (
            refusal(kim.runtime.block_on(kim.client.split(away, track("hall", 1), "kim"))),
            Code::FailedPrecondition,
            "no later part",
        ),
        (
            refusal(kim.runtime.block_on(kim.client.split(on, track("", 1), "kim"))),
            Code::InvalidArgument,
            "track.camera",
        ),
        (
            refusal(kim.runtime.block_on(kim.client.of_track(track("hall", 99)))),
            Code::NotFound,
            "hall/1/99 belongs to nobody",
        ),
        (refusal(kim.runtime.block_on(kim.client.get(999_999, false))), Code::NotFound, "not remembered"),
        (refusal(kim.runtime.block_on(kim.client.end_follow(77, "kim"))), Code::NotFound, "number 77"),
        (refusal(kim.follow(on, "", 600)), Code::InvalidArgument, "the case is missing"),
        (refusal(kim.follow(on, "C-1", 0)), Code::InvalidArgument, "1 to 28800 seconds"),
    ] {
        assert!(result.0 == code && result.1.contains(words), "{result:?}, not {words}");
    }

    let all = kim.list(|_| {});
    let views: Vec<v1::Traveller> = names(&all).into_iter().map(|id| kim.get(id)).collect();
    site.restart();
    let mut lee = Operator::at(&site.url());
    assert_eq!(lee.list(|_| {}), all);
    assert_eq!(names(&all).into_iter().map(|id| lee.get(id)).collect::<Vec<_>>(), views);
    lee.runtime.block_on(lee.client.end_follow(follow.id, "lee")).unwrap();
    let ended = lee.runtime.block_on(lee.client.follows(true)).unwrap();
    assert_eq!((ended.len(), ended[0].ended_by.as_str(), ended[0].case.as_str()), (1, "lee", "C-204"));
    assert!(lee.runtime.block_on(lee.client.follows(false)).unwrap().is_empty());
}

#[test]
fn who_is_followed_and_does_not_come_is_overdue_until_they_do() {
    let mut site = site(5.0);
    let (mut gate, mut hall) = (Camera { name: "gate", told: 0 }, Camera { name: "hall", told: 0 });
    let edge = site.edge("edge");
    let mut first = gate.sees(1, 0..=10, 0.1);
    first.extend(gate.sees(2, 20..=25, 1.4));
    first.extend(hall.sees(8, 0..=26, 2.8));
    first.sort_by_key(|event| event.capture_time.unix_micros);
    edge.send(&first, 100);
    let mut kim = Operator::at(&site.url());
    until("all were seen", || kim.list(|_| {}).total == 3);
    let newest_at_gate = kim.list(|request| request.cameras = vec!["gate".to_owned()]);
    let whom = names(&newest_at_gate)[1];
    kim.follow(whom, "C-7", 3_600).unwrap();
    let mut rest = hall.sees(9, 27..=480, 2.0);
    rest.extend(hall.sees(1, 400..=415, 0.1));
    rest.sort_by_key(|event| event.capture_time.unix_micros);
    edge.send(&rest, 500);
    let only = EventFilter::new(Vec::new(), vec!["absence".to_owned()], Severity::Info).unwrap();
    let mut console = TestConsole::subscribe(&site.url(), Start::Sequence(1), &only).unwrap();
    let mut told = console.take(1);
    // So late, the machine may take who comes for somebody else. An operator knows better.
    let mut other = || kim.list(|_| {}).travellers.into_iter().find(|one| one.last == Some(track("hall", 1)));
    until("somebody came", || other().is_some());
    let other = other().unwrap().traveller;
    if other != whom {
        kim.runtime.block_on(kim.client.merge(whom, other, "kim")).unwrap();
    }
    edge.send(&hall.sees(10, 490..=495, 2.0), 10);
    told.extend(console.take(1));
    let absences: Vec<_> = told
        .iter()
        .map(|site| match &site.event.body {
            EventBody::Absence(report) => (site.event.lifecycle, report.absence, report.traveller, report.back.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    let back = Some(camera("hall"));
    assert_eq!(
        absences,
        [(Lifecycle::New, Absence::Overdue, whom, None), (Lifecycle::End, Absence::Overdue, whom, back)]
    );
    let reason = &told[0].event.reasons[0];
    assert_eq!(reason.code, ReasonCode::TimeAway);
    assert!((200.0..280.0).contains(&reason.measured) && reason.measured > reason.expected.high, "{reason:?}");
    let alerts = |kim: &Operator, url: &str| {
        let client = kim.runtime.block_on(ConsoleClient::connect(url)).unwrap();
        let mut client = client;
        kim.runtime.block_on(client.alerts(v1::ListAlertsRequest::default())).unwrap().alerts
    };
    let events = kim.runtime.block_on(kim.client.get(whom, true)).unwrap().events;
    let absent = |event: &&v1::Event| matches!(event.body, Some(v1::event::Body::AbsenceReport(_)));
    assert_eq!(events.iter().filter(absent).count(), 2, "{events:?}");
    let before = alerts(&kim, &site.url());
    let claims: Vec<_> = before[0].claims.iter().map(|claim| (claim.rule.as_str(), claim.over)).collect();
    assert_eq!((before.len(), claims), (1, vec![("overdue", true)]));
    edge.finish();
    site.restart();
    let lee = Operator::at(&site.url());
    assert_eq!(alerts(&lee, &site.url()), before, "told once");
}

#[test]
fn what_a_return_told_is_withdrawn_when_it_is_taken_apart() {
    let site = site(60.0);
    let (mut gate, mut hall) = (Camera { name: "gate", told: 0 }, Camera { name: "hall", told: 0 });
    let edge = site.edge("edge");
    let mut first = gate.sees(1, 0..=10, 0.1);
    first.extend(hall.sees(8, 0..=13, 2.8));
    first.sort_by_key(|event| event.capture_time.unix_micros);
    edge.send(&first, 100);
    let mut kim = Operator::at(&site.url());
    until("both were seen", || kim.list(|_| {}).total == 2);
    let whom = names(&kim.list(|request| request.cameras = vec!["gate".to_owned()]))[0];
    kim.follow(whom, "C-7", 3_600).unwrap();
    edge.send(&hall.sees(1, 14..=40, 1.4), 100);
    let mut other = || kim.list(|_| {}).travellers.into_iter().find(|one| one.last == Some(track("hall", 1)));
    until("somebody came", || other().is_some_and(|one| one.until_unix_micros >= START + 30_000_000));
    let other = other().unwrap().traveller;
    let only = EventFilter::new(Vec::new(), vec!["absence".to_owned()], Severity::Info).unwrap();
    let mut console = TestConsole::subscribe(&site.url(), Start::Sequence(1), &only).unwrap();
    let mut second = 50;
    let mut told_next = || {
        // Time goes on with what the cameras tell.
        edge.send(&hall.sees(100 + second as u64, second..=second + 5, 2.0), 100);
        second += 10;
        let told = console.take(1).remove(0).event;
        let EventBody::Absence(report) = told.body else { panic!("{told:?}") };
        (told.lifecycle, report.absence, report.traveller)
    };
    kim.runtime.block_on(kim.client.merge(whom, other, "kim")).unwrap();
    assert_eq!(told_next(), (Lifecycle::New, Absence::TooFast, whom));
    kim.runtime.block_on(kim.client.split(whom, track("hall", 1), "kim")).unwrap();
    assert_eq!(told_next(), (Lifecycle::Retracted, Absence::TooFast, whom));
    kim.runtime.block_on(kim.client.merge(whom, other, "kim")).unwrap();
    assert_eq!(told_next(), (Lifecycle::New, Absence::TooFast, whom));
    edge.finish();
}

fn next_orders(kim: &Operator, orders: &mut DirectiveStream) -> Vec<Directive> {
    let next = async { tokio::time::timeout(DEADLINE, orders.next()).await };
    kim.runtime.block_on(next).expect("in time").unwrap().expect("more")
}

#[test]
fn cameras_that_may_see_them_next_look_for_those_who_are_followed() {
    let site = site(20.0);
    let (mut gate, mut hall) = (Camera { name: "gate", told: 0 }, Camera { name: "hall", told: 0 });
    let edge = site.edge("edge");
    let mut story = gate.sees(1, 0..=10, 0.1);
    story.extend(hall.sees(8, 0..=15, 2.8));
    story.sort_by_key(|event| event.capture_time.unix_micros);
    edge.send(&story, 100);
    edge.finish();
    let mut kim = Operator::at(&site.url());
    until("both were seen", || kim.list(|_| {}).total == 2);
    let whom = names(&kim.list(|request| request.cameras = vec!["gate".to_owned()]))[0];

    let mut uplink = kim.runtime.block_on(UplinkClient::connect(&site.url())).unwrap();
    let mut orders = kim.runtime.block_on(uplink.serve_directives(vec!["hall".to_owned()])).unwrap();
    let follow = kim.follow(whom, "C-7", 3_600).unwrap().id;
    let directives = next_orders(&kim, &mut orders);
    let directive = &directives[0];
    assert_eq!((directives.len(), directive.follow, directive.camera.as_str()), (1, follow, "hall"));
    assert!(directive.from < START + 31_000_000 && directive.until > START + 29_000_000, "{directive:?}");
    let look = |angle: f32| Appearance::normalised(&[angle.cos(), angle.sin()], 1.0).unwrap();
    assert!(directive.look.as_ref().unwrap().cosine(&look(0.1)).unwrap() > 0.999, "{directive:?}");

    let found = |camera_name: &str, follow: u64, track: u64, cosine: f64| Match {
        follow,
        track: TrackKey { camera: camera(camera_name), boot: BootId(1), track: TrackId(track) },
        at: CaptureTime::exact(START + 30_000_000),
        cosine,
    };
    for wrong in [found("gate", follow, 5, 0.99), found("hall", 99, 5, 0.99), found("hall", follow, 5, 7.0)] {
        assert!(orders.tell(&wrong));
    }
    assert!(orders.tell(&found("hall", follow, 21, 0.93)) && orders.tell(&found("hall", follow, 22, 0.97)));
    let mut shown = || kim.get(whom).follows.remove(0);
    until("both are told", || shown().look_alikes.len() == 2);
    let shown = shown();
    let alike: Vec<_> = shown.look_alikes.iter().map(|one| (one.track.clone().unwrap(), one.cosine)).collect();
    assert_eq!(alike, [(track("hall", 22), 0.97), (track("hall", 21), 0.93)]);
    assert_eq!(shown.looking, ["hall"]);

    kim.runtime.block_on(kim.client.end_follow(follow, "kim")).unwrap();
    assert_eq!(next_orders(&kim, &mut orders), []);
    assert!(kim.runtime.block_on(kim.client.follows(true)).unwrap()[0].looking.is_empty());
}

#[test]
fn looks_are_deleted_in_time_and_anybody_can_ask_what_is_kept() {
    let site = TestSite::start(|settings| settings.kept.appearance = Duration::ZERO);
    let edge = site.edge("edge");
    edge.send(&Camera { name: "gate", told: 0 }.sees(1, 0..=20, 0.1), 50);
    edge.finish();
    let kim = Operator::at(&site.url());
    let retention = || {
        let client = kim.runtime.block_on(ConsoleClient::connect(&site.url()));
        kim.runtime.block_on(client.unwrap().retention(0)).unwrap()
    };
    until("all looks are deleted", || retention().deletions.iter().map(|gone| gone.count).sum::<u64>() == 21);
    let kept = retention();
    let keep: Vec<(&str, f64)> = kept.classes.iter().map(|class| (class.class.as_str(), class.keep_s)).collect();
    let days = |days: f64| days * 86_400.0;
    assert_eq!(keep, [("events", days(7.0)), ("appearance", 0.0), ("vital_signs", days(1.0)), ("audit", days(365.0))]);
    // A console that comes later gets every event, and nobody's look.
    let is_look = |event: &EdgeEvent| matches!(&event.body, EventBody::Track(TrackReport { appearance: Some(_), .. }));
    until("no console gets any", || {
        let mut console = TestConsole::subscribe(&site.url(), Start::Sequence(1), &EventFilter::default()).unwrap();
        let events = console.take(21);
        assert_eq!(events.last().unwrap().sequence, 21);
        !events.iter().any(|site| is_look(&site.event))
    });
    let output = Command::new(env!("CARGO_BIN_EXE_greenlane")).args(["retention", "--central", &site.url()]).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(text.contains("appearance         0 s  none is kept") && text.contains("21 deleted, of"), "{text}");
}

#[test]
fn a_follow_ends_by_itself() {
    let site = site(20.0);
    let (mut kim, on, _) = told(&site);
    kim.follow(on, "C-1", 1).unwrap();
    until("its time is over", || kim.list(|request| request.followed = true).travellers.is_empty());
    let ended = kim.runtime.block_on(kim.client.follows(true)).unwrap();
    assert_eq!(ended[0].ended_unix_micros, Some(ended[0].until_unix_micros));
}

#[test]
fn a_traveller_is_shown_in_a_terminal() {
    let site = site(20.0);
    let (_, on, away) = told(&site);
    let travellers = |arguments: &[&str]| {
        let url = site.url();
        let command = [&["travellers", "--central", &url], arguments].concat();
        let output = Command::new(env!("CARGO_BIN_EXE_greenlane")).args(command).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr))
    };
    let (on, away) = (on.to_string(), away.to_string());
    let (code, text) = travellers(&["list", "--limit", "1"]);
    assert!(code == Some(0) && text.contains("in sight at hall/1/8") && text.contains("-- 3 in all"), "{text}");
    let (_, text) = travellers(&["show", &on, "--events"]);
    for words in
        ["out of sight for 20 s", "hall/1/1 came back into view, probability", "walks with", "walking_together T2"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let (_, text) = travellers(&["show", &away]);
    assert!(text.contains("left gate") && text.contains("were back by now") && text.contains("next hall 0."), "{text}");
    let (code, text) = travellers(&["follow", &on, "--case", "C-1", "--purpose", "a bag", "--operator", "kim"]);
    assert!(code == Some(0) && text.contains(&format!("traveller {on}, case C-1, a bag, by kim")), "{text}");
    assert!(travellers(&["follows"]).1.contains("case C-1"));
    assert!(travellers(&["split", &on, "--at", "hall/1/1", "--operator", "kim"]).1.contains("it is traveller"));
    assert_eq!(travellers(&["split", &on, "--at", "hall", "--operator", "kim"]).0, Some(64));
    assert_eq!(travellers(&["show", "999999"]).0, Some(1));
    assert!(travellers(&["watch", &on, "--count", "1"]).1.contains("gate/1/1 new"));
}
