//! A centre that says what a test wants: hostile texts, lists of a newer version, oversized pictures, gaps.

use std::net::SocketAddr;
use std::sync::Arc;

use greenlane::wire::v1;
use greenlane::wire::v1::console_server::{Console, ConsoleServer};
use greenlane::wire::v1::proposals_server::{Proposals, ProposalsServer};
use greenlane::wire::v1::travellers_server::{Travellers, TravellersServer};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::transport::Server;
use tonic::{Request, Response, Status};

/// What it says.
#[derive(Default)]
pub struct Script {
    pub events: Vec<v1::SubscribeResponse>,
    pub alerts: Vec<v1::WatchAlertsResponse>,
    pub overview: v1::GetOverviewResponse,
    pub held: Vec<v1::HeldBack>,
    pub shadow: Vec<v1::ShadowReport>,
    pub audit: Vec<v1::AuditEntry>,
    pub evidence: v1::GetEvidenceResponse,
    pub plan: v1::GetPlanResponse,
    pub preview: v1::GetPreviewResponse,
    pub traveller: v1::Traveller,
    pub traveller_events: Vec<v1::Event>,
    pub proposals: Vec<v1::Proposal>,
    /// What every act is refused with.
    pub refusal: String,
}

/// It runs until it is dropped.
pub struct FalseCentre {
    pub url: String,
    _runtime: Runtime,
}

impl FalseCentre {
    pub fn start(script: Script) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let script = Arc::new(script);
        let consoles = ConsoleServer::new(Scripted(Arc::clone(&script)));
        let proposals = ProposalsServer::new(Scripted(Arc::clone(&script)));
        let travellers = TravellersServer::new(Scripted(script));
        let server = Server::builder().add_service(consoles).add_service(travellers).add_service(proposals);
        runtime.spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        Self { url: format!("http://{address}"), _runtime: runtime }
    }
}

struct Scripted(Arc<Script>);

/// Everything at once; the stream stays open.
fn stream<T: Send + 'static>(messages: Vec<T>) -> ReceiverStream<Result<T, Status>> {
    let (out, stream) = mpsc::channel(1);
    tokio::spawn(async move {
        for message in messages {
            if out.send(Ok(message)).await.is_err() {
                return;
            }
        }
        out.closed().await;
    });
    ReceiverStream::new(stream)
}

#[tonic::async_trait]
impl Console for Scripted {
    type SubscribeStream = ReceiverStream<Result<v1::SubscribeResponse, Status>>;
    type WatchAlertsStream = ReceiverStream<Result<v1::WatchAlertsResponse, Status>>;

    async fn subscribe(&self, _: Request<v1::SubscribeRequest>) -> Result<Response<Self::SubscribeStream>, Status> {
        Ok(Response::new(stream(self.0.events.clone())))
    }

    async fn get_overview(
        &self,
        _: Request<v1::GetOverviewRequest>,
    ) -> Result<Response<v1::GetOverviewResponse>, Status> {
        Ok(Response::new(self.0.overview.clone()))
    }

    async fn list_alerts(&self, _: Request<v1::ListAlertsRequest>) -> Result<Response<v1::ListAlertsResponse>, Status> {
        Ok(Response::new(v1::ListAlertsResponse::default()))
    }

    async fn watch_alerts(
        &self,
        _: Request<v1::WatchAlertsRequest>,
    ) -> Result<Response<Self::WatchAlertsStream>, Status> {
        Ok(Response::new(stream(self.0.alerts.clone())))
    }

    async fn act_on_alert(
        &self,
        _: Request<v1::ActOnAlertRequest>,
    ) -> Result<Response<v1::ActOnAlertResponse>, Status> {
        Err(Status::failed_precondition(self.0.refusal.clone()))
    }

    async fn list_held_back(
        &self,
        _: Request<v1::ListHeldBackRequest>,
    ) -> Result<Response<v1::ListHeldBackResponse>, Status> {
        Ok(Response::new(v1::ListHeldBackResponse { held_back: self.0.held.clone() }))
    }

    async fn get_shadow_report(
        &self,
        _: Request<v1::GetShadowReportRequest>,
    ) -> Result<Response<v1::GetShadowReportResponse>, Status> {
        Ok(Response::new(v1::GetShadowReportResponse { rules: self.0.shadow.clone() }))
    }

    async fn get_retention(
        &self,
        _: Request<v1::GetRetentionRequest>,
    ) -> Result<Response<v1::GetRetentionResponse>, Status> {
        Err(Status::unimplemented("not here"))
    }

    async fn list_audit(&self, _: Request<v1::ListAuditRequest>) -> Result<Response<v1::ListAuditResponse>, Status> {
        Ok(Response::new(v1::ListAuditResponse { entries: self.0.audit.clone() }))
    }

    async fn get_evidence(
        &self,
        _: Request<v1::GetEvidenceRequest>,
    ) -> Result<Response<v1::GetEvidenceResponse>, Status> {
        Ok(Response::new(self.0.evidence.clone()))
    }

    async fn get_plan(&self, _: Request<v1::GetPlanRequest>) -> Result<Response<v1::GetPlanResponse>, Status> {
        Ok(Response::new(self.0.plan.clone()))
    }

    async fn get_preview(&self, _: Request<v1::GetPreviewRequest>) -> Result<Response<v1::GetPreviewResponse>, Status> {
        Ok(Response::new(self.0.preview.clone()))
    }
}

#[tonic::async_trait]
impl Travellers for Scripted {
    type WatchTravellerStream = ReceiverStream<Result<v1::WatchTravellerResponse, Status>>;

    async fn list_travellers(
        &self,
        _: Request<v1::ListTravellersRequest>,
    ) -> Result<Response<v1::ListTravellersResponse>, Status> {
        let travellers: Vec<v1::TravellerSummary> = self.0.traveller.summary.iter().cloned().collect();
        Ok(Response::new(v1::ListTravellersResponse { total: 1, travellers, next_page_token: String::new() }))
    }

    async fn get_traveller(
        &self,
        _: Request<v1::GetTravellerRequest>,
    ) -> Result<Response<v1::GetTravellerResponse>, Status> {
        let (traveller, events) = (Some(self.0.traveller.clone()), self.0.traveller_events.clone());
        Ok(Response::new(v1::GetTravellerResponse { traveller, events, ..v1::GetTravellerResponse::default() }))
    }

    async fn watch_traveller(
        &self,
        _: Request<v1::WatchTravellerRequest>,
    ) -> Result<Response<Self::WatchTravellerStream>, Status> {
        let traveller = Some(self.0.traveller.clone());
        Ok(Response::new(stream(vec![v1::WatchTravellerResponse { traveller }])))
    }

    async fn merge_travellers(
        &self,
        _: Request<v1::MergeTravellersRequest>,
    ) -> Result<Response<v1::MergeTravellersResponse>, Status> {
        Err(Status::failed_precondition(self.0.refusal.clone()))
    }

    async fn split_traveller(
        &self,
        _: Request<v1::SplitTravellerRequest>,
    ) -> Result<Response<v1::SplitTravellerResponse>, Status> {
        Err(Status::failed_precondition(self.0.refusal.clone()))
    }

    async fn follow_traveller(
        &self,
        _: Request<v1::FollowTravellerRequest>,
    ) -> Result<Response<v1::FollowTravellerResponse>, Status> {
        Err(Status::failed_precondition(self.0.refusal.clone()))
    }

    async fn end_follow(&self, _: Request<v1::EndFollowRequest>) -> Result<Response<v1::EndFollowResponse>, Status> {
        Err(Status::failed_precondition(self.0.refusal.clone()))
    }

    async fn list_follows(
        &self,
        _: Request<v1::ListFollowsRequest>,
    ) -> Result<Response<v1::ListFollowsResponse>, Status> {
        Ok(Response::new(v1::ListFollowsResponse { follows: self.0.traveller.follows.clone() }))
    }
}

#[tonic::async_trait]
impl Proposals for Scripted {
    type WatchProposalsStream = ReceiverStream<Result<v1::WatchProposalsResponse, Status>>;

    async fn list_proposals(
        &self,
        _: Request<v1::ListProposalsRequest>,
    ) -> Result<Response<v1::ListProposalsResponse>, Status> {
        Ok(Response::new(v1::ListProposalsResponse { proposals: self.0.proposals.clone(), policy: None }))
    }

    async fn watch_proposals(
        &self,
        _: Request<v1::WatchProposalsRequest>,
    ) -> Result<Response<Self::WatchProposalsStream>, Status> {
        let proposals = self.0.proposals.clone();
        Ok(Response::new(stream(vec![v1::WatchProposalsResponse { proposals, policy: None }])))
    }

    async fn confirm_proposal(
        &self,
        _: Request<v1::ConfirmProposalRequest>,
    ) -> Result<Response<v1::ConfirmProposalResponse>, Status> {
        Err(Status::failed_precondition(self.0.refusal.clone()))
    }

    async fn decline_proposal(
        &self,
        _: Request<v1::DeclineProposalRequest>,
    ) -> Result<Response<v1::DeclineProposalResponse>, Status> {
        Err(Status::failed_precondition(self.0.refusal.clone()))
    }
}
