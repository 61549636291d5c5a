//! The service for what waits for a second person.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status};

use super::journal::{Fault, Journal};
use crate::association::TravellerId;
use crate::central::alert::ActError;
use crate::central::{ConfirmationPolicy, Proposal, ProposalFault, TravellerFault};
use crate::wire::v1::proposals_server::Proposals;
use crate::wire::{self, v1};

/// States handed to one console ahead of its flow control.
const AHEAD: usize = 1;

/// What came of an act.
#[derive(Debug, Clone, PartialEq)]
pub struct Done<T> {
    /// What it was done with, as it stands now.
    pub with: T,
    /// The number under which it waits for a second person: nothing is done yet.
    pub proposal: Option<u64>,
}

/// Somebody decides on a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decide {
    /// Its number.
    pub proposal: u64,
    /// Who.
    pub operator: String,
    /// To confirm, or to decline for a reason, which may be empty.
    pub choice: Choice,
}

/// What is decided on a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It is done.
    Confirm,
    /// It is not done.
    Decline {
        /// Why; may be empty.
        reason: String,
    },
}

/// What waits for a second person, or did.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposalShown {
    /// What, by whom, until when.
    pub proposal: Proposal,
    /// Whom it concerns now, where they are remembered.
    pub traveller: Option<TravellerId>,
}

/// All proposals that are remembered, and what is proposed and not done at once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProposalBoard {
    /// By number.
    pub proposals: Vec<ProposalShown>,
    /// The site's policy.
    pub policy: ConfirmationPolicy,
}

/// Why a proposal could not be decided on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecideFault {
    /// It is over, or may not be confirmed by this operator.
    #[error(transparent)]
    Proposal(#[from] ProposalFault),
    /// What it asks for cannot be done with the traveller any more.
    #[error(transparent)]
    Traveller(#[from] TravellerFault),
    /// What it asks for cannot be done with the alert any more.
    #[error(transparent)]
    Alert(#[from] ActError),
    /// The store does not take it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// The service.
pub(super) struct ProposalService {
    journal: Journal,
    places: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
}

impl ProposalService {
    pub fn new(journal: Journal, subscribers_max: usize, stop: watch::Receiver<bool>) -> Self {
        Self { journal, places: Arc::new(Semaphore::new(subscribers_max)), stop }
    }

    async fn decide(&self, proposal: u64, operator: String, choice: Choice) -> Result<Option<v1::Proposal>, Status> {
        let decided = self.journal.decide(Decide { proposal, operator, choice }).await.map_err(refused)?;
        Ok(Some(told(&decided)))
    }
}

#[tonic::async_trait]
impl Proposals for ProposalService {
    async fn list_proposals(
        &self,
        request: Request<v1::ListProposalsRequest>,
    ) -> Result<Response<v1::ListProposalsResponse>, Status> {
        let board = Arc::clone(&self.journal.proposals().borrow());
        let ended = request.get_ref().ended;
        let wanted = board.proposals.iter().filter(|shown| ended || shown.proposal.ended.is_none());
        let policy = Some(wire::policy_to_proto(&board.policy));
        Ok(Response::new(v1::ListProposalsResponse { proposals: wanted.map(told).collect(), policy }))
    }

    type WatchProposalsStream = ReceiverStream<Result<v1::WatchProposalsResponse, Status>>;

    async fn watch_proposals(
        &self,
        _: Request<v1::WatchProposalsRequest>,
    ) -> Result<Response<Self::WatchProposalsStream>, Status> {
        let permit = Arc::clone(&self.places).try_acquire_owned();
        let permit = permit.map_err(|_| Status::resource_exhausted("too many consoles watch proposals"))?;
        let (out, stream) = mpsc::channel(AHEAD);
        let watch = ProposalWatch { board: self.journal.proposals(), out, stop: self.stop.clone(), _permit: permit };
        tokio::spawn(watch.run());
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn confirm_proposal(
        &self,
        request: Request<v1::ConfirmProposalRequest>,
    ) -> Result<Response<v1::ConfirmProposalResponse>, Status> {
        let v1::ConfirmProposalRequest { proposal, operator } = request.into_inner();
        let proposal = self.decide(proposal, operator, Choice::Confirm).await?;
        Ok(Response::new(v1::ConfirmProposalResponse { proposal }))
    }

    async fn decline_proposal(
        &self,
        request: Request<v1::DeclineProposalRequest>,
    ) -> Result<Response<v1::DeclineProposalResponse>, Status> {
        let v1::DeclineProposalRequest { proposal, operator, reason } = request.into_inner();
        let proposal = self.decide(proposal, operator, Choice::Decline { reason }).await?;
        Ok(Response::new(v1::DeclineProposalResponse { proposal }))
    }
}

fn told(shown: &ProposalShown) -> v1::Proposal {
    wire::proposal_to_proto(&shown.proposal, shown.traveller)
}

/// One console's view of the proposals: the newest state, never every step.
struct ProposalWatch {
    board: watch::Receiver<Arc<ProposalBoard>>,
    out: mpsc::Sender<Result<v1::WatchProposalsResponse, Status>>,
    stop: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
}

impl ProposalWatch {
    async fn run(mut self) {
        loop {
            let board = Arc::clone(&self.board.borrow_and_update());
            let proposals = board.proposals.iter().map(told).collect();
            let policy = Some(wire::policy_to_proto(&board.policy));
            if self.out.send(Ok(v1::WatchProposalsResponse { proposals, policy })).await.is_err() {
                return;
            }
            let going = tokio::select! {
                biased;
                () = self.out.closed() => return,
                _ = self.stop.wait_for(|stop| *stop) => false,
                changed = self.board.changed() => changed.is_ok(),
            };
            if !going {
                // A console that does not read cannot be told; its connection is closed after the grace period.
                let _ = self.out.try_send(Err(Status::unavailable("the centre is shutting down")));
                return;
            }
        }
    }
}

/// Why something was not proposed, confirmed or declined.
pub(super) fn not_proposed(fault: &ProposalFault) -> Status {
    let code = match fault {
        ProposalFault::Unknown(_) => Code::NotFound,
        ProposalFault::Over { .. } => Code::FailedPrecondition,
        ProposalFault::SamePerson { .. } => Code::PermissionDenied,
        ProposalFault::Again { .. } => Code::AlreadyExists,
        ProposalFault::Full => Code::ResourceExhausted,
        ProposalFault::Text(_) => Code::InvalidArgument,
    };
    Status::new(code, fault.to_string())
}

/// What it asks for is no longer possible, whatever that says of the alert or the traveller: the proposal itself is there.
fn refused(fault: DecideFault) -> Status {
    match &fault {
        DecideFault::Proposal(fault) => not_proposed(fault),
        DecideFault::Traveller(_) | DecideFault::Alert(_) => Status::failed_precondition(fault.to_string()),
        DecideFault::Store(_) => Status::unavailable(fault.to_string()),
    }
}
