//! A centre that says what a test wants: hostile texts, lists of a newer version, oversized pictures, gaps.

use std::net::SocketAddr;
use std::sync::Arc;

use greenlane::wire::v1;
use greenlane::wire::v1::console_server::{Console, ConsoleServer};
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
        let service = ConsoleServer::new(Scripted(Arc::new(script)));
        runtime.spawn(Server::builder().add_service(service).serve_with_incoming(TcpListenerStream::new(listener)));
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
