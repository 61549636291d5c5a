//! A second person over gRPC: proposed, confirmed, declined, lapsed, and the same after a restart.

use std::collections::BTreeSet;
use std::time::Duration;

use greenlane::association::{LinkPrior, Topology};
use greenlane::central::{ConfirmationPolicy, Decision};
use greenlane::event::{Behaviour, Lifecycle};
use greenlane::rpc::{ConsoleClient, ProposalClient, RpcError, TravellerClient};
use greenlane::wire::v1::{self, AlertAction, AlertState, ProposalState};
use tokio::runtime::Runtime;
use tonic::Code;

use crate::support::console::behaviour;
use crate::support::site::{DEADLINE, TestSite, camera, until};
use crate::travellers::story;

/// A site where these decisions need a second person within a time.
pub fn site_with(decisions: &[Decision], within: Duration) -> TestSite {
    let mut topology = Topology::disjoint();
    topology.link(&camera("gate"), &camera("hall"), LinkPrior { typical_s: 20.0 });
    let decisions: BTreeSet<Decision> = decisions.iter().copied().collect();
    TestSite::start(|settings| {
        settings.topology = topology.closing();
        settings.confirmation = ConfirmationPolicy { decisions, within };
    })
}

/// All that an operator's software needs.
pub struct Desk {
    pub runtime: Runtime,
    console: ConsoleClient,
    travellers: TravellerClient,
    pub proposals: ProposalClient,
}

type Refused = (Code, String);

fn refused(error: RpcError) -> Refused {
    match error {
        RpcError::Call { code, message, .. } => (code, message),
        other => panic!("{other}"),
    }
}

impl Desk {
    pub fn at(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let console = runtime.block_on(ConsoleClient::connect(url)).unwrap();
        let travellers = runtime.block_on(TravellerClient::connect(url)).unwrap();
        let proposals = runtime.block_on(ProposalClient::connect(url)).unwrap();
        Self { runtime, console, travellers, proposals }
    }

    /// Everybody's numbers, the one seen last first.
    pub fn everybody(&mut self) -> Vec<u64> {
        let list = self.runtime.block_on(self.travellers.list(v1::ListTravellersRequest::default())).unwrap();
        list.travellers.iter().map(|one| one.traveller).collect()
    }

    pub fn follow(
        &mut self,
        operator: &str,
        traveller: u64,
        case: &str,
    ) -> Result<v1::FollowTravellerResponse, Refused> {
        let (case, purpose, operator) = (case.to_owned(), "left a bag".to_owned(), operator.to_owned());
        let request = v1::FollowTravellerRequest { traveller, case, purpose, operator, seconds: 600 };
        self.runtime.block_on(self.travellers.follow(request)).map_err(refused)
    }

    pub fn follows(&mut self) -> Vec<v1::Follow> {
        self.runtime.block_on(self.travellers.follows(false)).unwrap()
    }

    fn merge(&mut self, a: u64, b: u64) -> Result<v1::MergeTravellersResponse, Refused> {
        self.runtime.block_on(self.travellers.merge(a, b, "kim")).map_err(refused)
    }

    fn dismiss(&mut self, operator: &str, alert: u64) -> Result<v1::ActOnAlertResponse, Refused> {
        let (operator, text) = (operator.to_owned(), "family waits".to_owned());
        let request = v1::ActOnAlertRequest { alert, operator, action: AlertAction::Dismiss.into(), text };
        self.runtime.block_on(self.console.act(request)).map_err(refused)
    }

    fn alert(&mut self) -> v1::Alert {
        let all = self.runtime.block_on(self.console.alerts(v1::ListAlertsRequest::default())).unwrap();
        all.alerts.into_iter().next().unwrap_or_default()
    }

    pub fn confirm(&mut self, proposal: u64, operator: &str) -> Result<v1::Proposal, Refused> {
        self.runtime.block_on(self.proposals.confirm(proposal, operator)).map_err(refused)
    }

    fn decline(&mut self, proposal: u64, operator: &str, reason: &str) -> Result<v1::Proposal, Refused> {
        self.runtime.block_on(self.proposals.decline(proposal, operator, reason)).map_err(refused)
    }

    fn list(&mut self) -> v1::ListProposalsResponse {
        self.runtime.block_on(self.proposals.list(true)).unwrap()
    }

    fn states(&mut self) -> Vec<(u64, ProposalState)> {
        self.list().proposals.iter().map(|one| (one.id, one.state())).collect()
    }

    /// Who did what, in order.
    fn audit(&mut self) -> Vec<(String, String)> {
        let entries = self.runtime.block_on(self.console.audit(0, 100)).unwrap();
        entries.into_iter().rev().map(|entry| (entry.operator, entry.action)).collect()
    }
}

#[test]
fn what_policy_names_waits_for_somebody_else_and_stands_the_same_after_a_restart() {
    let mut site = site_with(&[Decision::Follow, Decision::Dismiss], Duration::from_secs(3_600));
    let edge = site.edge("edge");
    edge.send(&story(), 50);
    let mut desk = Desk::at(&site.url());
    until("three are known", || desk.everybody().len() == 3);
    let whom = desk.everybody()[0];
    let mut feed = desk.runtime.block_on(desk.proposals.watch()).unwrap();
    let mut told = |desk: &Desk| {
        let next = async { tokio::time::timeout(DEADLINE, feed.next()).await };
        desk.runtime.block_on(next).expect("in time").unwrap().expect("more")
    };
    let first = told(&desk);
    let policy = v1::ConfirmationPolicy { decisions: vec!["follow".into(), "dismiss".into()], within_s: 3_600.0 };
    assert_eq!((first.proposals.len(), first.policy), (0, Some(policy)));

    // Asked for: everybody sees by whom and what for, and nobody is followed yet.
    let answer = desk.follow("kim", whom, "C-204").unwrap();
    assert_eq!((answer.follow, answer.proposal), (None, 1));
    let waits = told(&desk).proposals.remove(0);
    let Some(v1::proposal::Act::Follow(act)) = &waits.act else { panic!("{waits:?}") };
    assert_eq!(
        (waits.id, waits.operator.as_str(), waits.state(), waits.traveller),
        (1, "kim", ProposalState::Open, whom)
    );
    assert_eq!((act.case.as_str(), act.purpose.as_str(), act.seconds), ("C-204", "left a bag", 600));
    assert_eq!(waits.until_unix_micros - waits.at_unix_micros, 3_600_000_000);
    assert!(desk.follows().is_empty());

    for (answer, code, words) in [
        (desk.confirm(1, "kim").map(|_| ()), Code::PermissionDenied, "somebody else has to confirm"),
        (desk.confirm(1, " KIM ").map(|_| ()), Code::PermissionDenied, "kim asked for proposal 1"),
        (desk.confirm(1, "").map(|_| ()), Code::InvalidArgument, "operator's name is missing"),
        (desk.confirm(9, "lee").map(|_| ()), Code::NotFound, "no proposal 9"),
        (desk.follow("lee", whom, "C-204").map(|_| ()), Code::AlreadyExists, "proposal 1 waits"),
        (desk.follow("lee", 999_999, "C-204").map(|_| ()), Code::NotFound, "not remembered"),
        (desk.follow("lee", whom, "").map(|_| ()), Code::InvalidArgument, "the case is missing"),
    ] {
        let (found, message) = answer.unwrap_err();
        assert!(found == code && message.contains(words), "{found:?} {message}");
    }
    assert_eq!(desk.states(), [(1, ProposalState::Open)]);

    // It waits over a restart; then somebody else confirms, once.
    site.restart();
    let mut desk = Desk::at(&site.url());
    assert_eq!(desk.states(), [(1, ProposalState::Open)]);
    let done = desk.confirm(1, "lee").unwrap();
    assert_eq!((done.state(), done.ended_by.as_str()), (ProposalState::Confirmed, "lee"));
    let follow = desk.follows().remove(0);
    assert_eq!((follow.operator.as_str(), follow.confirmed_by.as_str(), follow.traveller), ("kim", "lee", whom));
    assert_eq!(follow.until_unix_micros - follow.from_unix_micros, 600_000_000);
    let (code, message) = desk.confirm(1, "park").unwrap_err();
    assert!(code == Code::FailedPrecondition && message.contains("was confirmed"), "{message}");
    edge.finish();
}

#[test]
fn an_alert_is_dismissed_by_two_and_the_log_read_again_says_the_same() {
    let mut site = site_with(&[Decision::Follow, Decision::Dismiss], Duration::from_secs(3_600));
    let edge = site.edge("edge");
    edge.send(&story(), 50);
    let mut desk = Desk::at(&site.url());
    until("three are known", || desk.everybody().len() == 3);
    let whom = desk.everybody()[0];
    let asked = desk.follow("kim", whom, "C-204").unwrap().proposal;
    desk.confirm(asked, "lee").unwrap();
    edge.send(&[behaviour("gate", 9_000, 77, Behaviour::Loitering, Lifecycle::New)], 1);
    until("an alert is raised", || desk.alert().id != 0);
    let alert = desk.alert().id;
    let answer = desk.dismiss("kim", alert).unwrap();
    assert!(answer.proposal != 0 && answer.alert.unwrap().state() == AlertState::Open);
    assert_eq!(desk.decline(answer.proposal, "lee", "look again").unwrap().reason, "look again");
    assert_eq!(desk.alert().state(), AlertState::Open);
    let again = desk.dismiss("lee", alert).unwrap().proposal;
    assert!(desk.confirm(again, "lee").is_err());
    desk.confirm(again, "kim").unwrap();
    // What policy does not name is done at once.
    let others: Vec<u64> = desk.everybody().into_iter().filter(|id| *id != whom).collect();
    assert_eq!(desk.merge(others[0], others[1]).map(|answer| answer.proposal).unwrap_or_default(), 0);

    let stands = |desk: &mut Desk| (desk.list(), desk.follows(), desk.alert().notes, desk.alert().state());
    let before = stands(&mut desk);
    assert_eq!(before.3, AlertState::Dismissed);
    assert_eq!((before.2[0].operator.as_str(), before.2[0].confirmed_by.as_str()), ("lee", "kim"));
    site.restart();
    let mut desk = Desk::at(&site.url());
    assert_eq!(stands(&mut desk), before);
    let acts = desk.audit();
    let named = |who: &str, what: &str| (who.to_owned(), what.to_owned());
    let expected = [
        named("kim", "propose"),
        named("lee", "confirm"),
        named("kim", "propose"),
        named("lee", "decline"),
        named("lee", "propose"),
        named("kim", "confirm"),
    ];
    assert_eq!(acts[..6], expected, "{acts:?}");
    edge.finish();
}

#[test]
fn what_nobody_decides_on_lapses_and_is_written_down() {
    let mut site = site_with(&[Decision::Follow, Decision::Merge], Duration::from_secs(3));
    let edge = site.edge("edge");
    edge.send(&story(), 50);
    let mut desk = Desk::at(&site.url());
    until("three are known", || desk.everybody().len() == 3);
    let whom = desk.everybody()[0];
    let first = desk.follow("kim", whom, "C-1").unwrap().proposal;
    until("it lapses", || desk.states() == [(first, ProposalState::Lapsed)]);
    let (code, message) = desk.confirm(first, "lee").unwrap_err();
    assert!(code == Code::FailedPrecondition && message.contains("lapsed"), "{message}");
    // The own one is taken back; the same can be asked for again then, and lapses while nobody is there.
    let own = desk.follow("kim", whom, "C-1").unwrap().proposal;
    assert_eq!(desk.decline(own, "kim", "").unwrap().state(), ProposalState::Declined);
    let last = desk.follow("kim", whom, "C-1").unwrap().proposal;
    site.stop();
    std::thread::sleep(Duration::from_millis(3_100));
    site.restart();
    let mut desk = Desk::at(&site.url());
    let expected = [(first, ProposalState::Lapsed), (own, ProposalState::Declined), (last, ProposalState::Lapsed)];
    until("it lapses after the start", || desk.states() == expected);
    let lapses = desk.audit().into_iter().filter(|(_, action)| action == "lapse").count();
    assert_eq!((lapses, desk.follows().len()), (2, 0));
    edge.finish();
}

#[test]
fn without_a_policy_everything_is_done_at_once() {
    let site = site_with(&[], Duration::from_secs(60));
    let edge = site.edge("edge");
    edge.send(&story(), 50);
    let mut desk = Desk::at(&site.url());
    until("three are known", || desk.everybody().len() == 3);
    let whom = desk.everybody()[0];
    let answer = desk.follow("kim", whom, "C-1").unwrap();
    assert!(answer.proposal == 0 && answer.follow.is_some_and(|follow| follow.confirmed_by.is_empty()));
    assert!(desk.list().proposals.is_empty() && desk.list().policy.unwrap().decisions.is_empty());
    edge.finish();
}
