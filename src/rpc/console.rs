//! The service that consoles call.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::alerts::{self, AlertWatch, unavailable};
use super::evidence::Edges;
use super::journal::{Deletion, Journal, KeptClass};
use super::plan;
use super::subscription::Subscription;
use crate::association::ClockOffset;
use crate::central::{CameraState, EventFilter};
use crate::event::Severity;
use crate::ids::CameraId;
use crate::wire::v1::console_server::Console;
use crate::wire::v1::subscribe_request::From as Start;
use crate::wire::{WireEnum, capture_to_proto, v1};

/// Receipts of deletions in one answer: without a wish, and at most.
const DELETIONS_DEFAULT: u32 = 100;
const DELETIONS_MAX: u32 = 1_000;

/// Bounds of the service.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConsoleLimits {
    pub subscribers_max: usize,
    pub subscriber_buffer: usize,
    pub heartbeat: Duration,
}

pub(super) struct ConsoleService {
    journal: Journal,
    edges: Edges,
    limits: ConsoleLimits,
    places: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
}

impl ConsoleService {
    pub fn new(journal: Journal, edges: Edges, limits: ConsoleLimits, stop: watch::Receiver<bool>) -> Self {
        Self { journal, edges, limits, places: Arc::new(Semaphore::new(limits.subscribers_max)), stop }
    }

    fn place(&self) -> Result<OwnedSemaphorePermit, Status> {
        Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            let most = self.limits.subscribers_max;
            Status::resource_exhausted(format!("{most} consoles are subscribed, which is the most this centre serves"))
        })
    }

    /// The first position wanted and the first commit time wanted.
    async fn begin(&self, from: Option<Start>) -> Result<(u64, i64), Status> {
        let newest = self.journal.tail.newest();
        match from {
            None | Some(Start::Live(true)) => Ok((newest + 1, i64::MIN)),
            Some(Start::Live(false)) => {
                Err(Status::invalid_argument("`live` is false: set it true, or set from_sequence or from_time"))
            }
            Some(Start::FromSequence(0)) => {
                Err(Status::invalid_argument("from_sequence counts from 1; 1 asks for everything kept"))
            }
            Some(Start::FromSequence(sequence)) if sequence > newest + 1 => Err(Status::out_of_range(format!(
                "from_sequence {sequence} lies in the future: the newest event has {newest}"
            ))),
            Some(Start::FromSequence(sequence)) => Ok((sequence, i64::MIN)),
            Some(Start::FromTimeUnixMicros(at)) => {
                let position = self.journal.position_at(at).await.map_err(unavailable)?;
                Ok((position, at))
            }
        }
    }
}

#[tonic::async_trait]
impl Console for ConsoleService {
    type SubscribeStream = ReceiverStream<Result<v1::SubscribeResponse, Status>>;

    async fn subscribe(
        &self,
        request: Request<v1::SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let request = request.into_inner();
        let filter = filter(request.filter.unwrap_or_default())?;
        let permit = self.place()?;
        let (next, not_before) = self.begin(request.from).await?;
        let (out, stream) = mpsc::channel(self.limits.subscriber_buffer.max(1));
        let subscription = Subscription {
            journal: self.journal.clone(),
            next,
            moved: false,
            filter,
            not_before,
            heartbeat: self.limits.heartbeat,
            out,
            stop: self.stop.clone(),
            _permit: permit,
        };
        tokio::spawn(subscription.run());
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn get_overview(
        &self,
        _: Request<v1::GetOverviewRequest>,
    ) -> Result<Response<v1::GetOverviewResponse>, Status> {
        let overview = self.journal.overview().await.map_err(unavailable)?;
        let cameras = overview.cameras.iter().map(|(id, state)| camera(id, state, overview.clocks.get(id))).collect();
        Ok(Response::new(v1::GetOverviewResponse { sequence: overview.sequence, cameras }))
    }

    async fn list_alerts(
        &self,
        request: Request<v1::ListAlertsRequest>,
    ) -> Result<Response<v1::ListAlertsResponse>, Status> {
        alerts::list(&self.journal, request.get_ref()).map(Response::new)
    }

    type WatchAlertsStream = ReceiverStream<Result<v1::WatchAlertsResponse, Status>>;

    async fn watch_alerts(
        &self,
        request: Request<v1::WatchAlertsRequest>,
    ) -> Result<Response<Self::WatchAlertsStream>, Status> {
        let permit = self.place()?;
        let (out, stream) = mpsc::channel(self.limits.subscriber_buffer.max(1));
        let watch = AlertWatch {
            board: self.journal.alerts(),
            after: request.get_ref().after_revision,
            heartbeat: self.limits.heartbeat,
            out,
            stop: self.stop.clone(),
            _permit: permit,
        };
        tokio::spawn(watch.run());
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn act_on_alert(
        &self,
        request: Request<v1::ActOnAlertRequest>,
    ) -> Result<Response<v1::ActOnAlertResponse>, Status> {
        alerts::act(&self.journal, request.into_inner()).await.map(Response::new)
    }

    async fn list_held_back(
        &self,
        request: Request<v1::ListHeldBackRequest>,
    ) -> Result<Response<v1::ListHeldBackResponse>, Status> {
        Ok(Response::new(alerts::held_back(&self.journal, request.get_ref())))
    }

    async fn get_shadow_report(
        &self,
        request: Request<v1::GetShadowReportRequest>,
    ) -> Result<Response<v1::GetShadowReportResponse>, Status> {
        alerts::shadow(&self.journal, request.into_inner()).await.map(Response::new)
    }

    async fn get_evidence(
        &self,
        request: Request<v1::GetEvidenceRequest>,
    ) -> Result<Response<v1::GetEvidenceResponse>, Status> {
        self.edges.get(&self.journal, request.into_inner()).await.map(Response::new)
    }

    async fn get_plan(&self, _: Request<v1::GetPlanRequest>) -> Result<Response<v1::GetPlanResponse>, Status> {
        plan::get(&self.journal).await.map(Response::new)
    }

    async fn get_preview(
        &self,
        request: Request<v1::GetPreviewRequest>,
    ) -> Result<Response<v1::GetPreviewResponse>, Status> {
        plan::preview(&self.journal, &self.edges, request.into_inner()).await.map(Response::new)
    }

    async fn get_retention(
        &self,
        request: Request<v1::GetRetentionRequest>,
    ) -> Result<Response<v1::GetRetentionResponse>, Status> {
        let limit = match request.get_ref().limit {
            0 => DELETIONS_DEFAULT,
            limit => limit.min(DELETIONS_MAX),
        };
        let kept = self.journal.kept(limit as usize).await.map_err(unavailable)?;
        let class = |kept: KeptClass| v1::KeptClass {
            class: kept.class.to_owned(),
            keep_s: kept.keep.as_secs_f64(),
            oldest_unix_micros: kept.oldest,
        };
        let deletion = |Deletion { class, hour, count, oldest, newest }| v1::Deletion {
            class,
            hour_unix_micros: hour,
            count,
            oldest_unix_micros: oldest,
            newest_unix_micros: newest,
        };
        Ok(Response::new(v1::GetRetentionResponse {
            classes: kept.classes.into_iter().map(class).collect(),
            deletions: kept.deletions.into_iter().map(deletion).collect(),
        }))
    }

    async fn list_audit(
        &self,
        request: Request<v1::ListAuditRequest>,
    ) -> Result<Response<v1::ListAuditResponse>, Status> {
        alerts::audit(&self.journal, request.into_inner()).await.map(Response::new)
    }
}

fn filter(filter: v1::Filter) -> Result<EventFilter, Status> {
    let bad = |why: String| Status::invalid_argument(format!("filter: {why}"));
    let severity_min = match filter.severity_min {
        0 => Severity::Info,
        number => Severity::from_wire(number).map_err(|e| bad(e.to_string()))?,
    };
    let cameras: Result<_, _> = filter.cameras.iter().map(|name| CameraId::new(name)).collect();
    EventFilter::new(cameras.map_err(|e| bad(e.to_string()))?, filter.kinds, severity_min)
        .map_err(|e| bad(e.to_string()))
}

fn camera(id: &CameraId, state: &CameraState, clock: Option<&ClockOffset>) -> v1::CameraOverview {
    v1::CameraOverview {
        camera: id.as_str().to_owned(),
        online: state.offline.is_none(),
        offline_cause: state.offline.map_or(0, WireEnum::to_wire),
        covered: state.covered,
        in_view: u32::try_from(state.open.len()).unwrap_or(u32::MAX),
        newest: Some(capture_to_proto(state.newest)),
        clock_offset_s: clock.map(|clock| clock.offset_s),
        clock_error_s: clock.map(|clock| clock.error_s),
    }
}
