//! The service that edges report to.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use prost::Message;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::directives::Searches;
use super::evidence::Edges;
use super::journal::Journal;
use super::plan;
use crate::event::EdgeEvent;
use crate::wire::v1::edge_uplink_server::EdgeUplink;
use crate::wire::{self, v1};

/// Most edges at once.
const UPLINKS_MAX: usize = 256;
/// Most events of one stream in one commit.
const BATCH_EVENTS_MAX: usize = 512;
/// Most bytes of one stream in one commit.
const BATCH_BYTES_MAX: usize = 1 << 20;
/// Acks that wait for an edge to read them; beyond it nothing more is taken from that edge.
const ACKS_MAX: usize = 16;

pub(super) struct UplinkService {
    journal: Journal,
    edges: Edges,
    searches: Searches,
    places: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
}

impl UplinkService {
    pub fn new(journal: Journal, edges: Edges, searches: Searches, stop: watch::Receiver<bool>) -> Self {
        Self { journal, edges, searches, places: Arc::new(Semaphore::new(UPLINKS_MAX)), stop }
    }
}

#[tonic::async_trait]
impl EdgeUplink for UplinkService {
    type ServeEvidenceStream = ReceiverStream<Result<v1::EvidenceRequest, Status>>;

    async fn serve_evidence(
        &self,
        request: Request<Streaming<v1::EvidenceAnswer>>,
    ) -> Result<Response<Self::ServeEvidenceStream>, Status> {
        self.edges.serve(request, self.stop.clone()).await
    }

    async fn describe_cameras(
        &self,
        request: Request<v1::DescribeCamerasRequest>,
    ) -> Result<Response<v1::DescribeCamerasResponse>, Status> {
        plan::describe(&self.journal, request.into_inner()).await.map(Response::new)
    }

    type ServeDirectivesStream = ReceiverStream<Result<v1::Directives, Status>>;

    async fn serve_directives(
        &self,
        request: Request<Streaming<v1::DirectiveAnswer>>,
    ) -> Result<Response<Self::ServeDirectivesStream>, Status> {
        Ok(self.searches.serve(request, self.stop.clone()))
    }

    type ReportStream = ReceiverStream<Result<v1::Ack, Status>>;

    async fn report(&self, request: Request<Streaming<v1::Envelope>>) -> Result<Response<Self::ReportStream>, Status> {
        let permit = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            Status::resource_exhausted(format!("{UPLINKS_MAX} edges report, which is the most this centre serves"))
        })?;
        let (acks, stream) = mpsc::channel(ACKS_MAX);
        let mut uplink = Uplink {
            envelopes: request.into_inner(),
            journal: self.journal.clone(),
            acks: acks.clone(),
            stop: self.stop.clone(),
            position: 0,
        };
        tokio::spawn(async move {
            if let Err(status) = uplink.serve().await {
                // The edge may be gone; it sends everything unacknowledged again in any case.
                let _ = acks.send(Err(status)).await;
            }
            drop(permit);
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }
}

/// One edge's stream.
struct Uplink {
    envelopes: Streaming<v1::Envelope>,
    journal: Journal,
    acks: mpsc::Sender<Result<v1::Ack, Status>>,
    stop: watch::Receiver<bool>,
    /// The newest position taken from it.
    position: u64,
}

/// What one stream brought before the next commit.
#[derive(Default)]
struct Batch {
    events: Vec<EdgeEvent>,
    /// Of each event.
    positions: Vec<u64>,
    refused: Vec<v1::Refusal>,
    bytes: usize,
}

impl Uplink {
    async fn serve(&mut self) -> Result<(), Status> {
        loop {
            let first = tokio::select! {
                biased;
                _ = self.stop.wait_for(|stop| *stop) => {
                    return Err(Status::unavailable("the centre is shutting down"));
                }
                first = self.envelopes.message() => first?,
            };
            let Some(first) = first else { return Ok(()) };
            let mut batch = Batch::default();
            self.take(first, &mut batch)?;
            // What else has arrived goes into the same commit; nothing is waited for.
            while batch.positions.len() < BATCH_EVENTS_MAX && batch.bytes < BATCH_BYTES_MAX {
                match self.arrived().await {
                    Some(Ok(envelope)) => self.take(envelope, &mut batch)?,
                    Some(Err(status)) => {
                        self.commit(batch).await?;
                        return Err(status);
                    }
                    None => break,
                }
            }
            self.commit(batch).await?;
        }
    }

    /// The next envelope if it is here already.
    async fn arrived(&mut self) -> Option<Result<v1::Envelope, Status>> {
        std::future::poll_fn(|context| match Pin::new(&mut self.envelopes).poll_next(context) {
            Poll::Ready(envelope) => Poll::Ready(envelope),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    fn take(&mut self, envelope: v1::Envelope, batch: &mut Batch) -> Result<(), Status> {
        let position = envelope.position;
        if position <= self.position {
            return Err(Status::invalid_argument(format!(
                "position {position} after {}: positions of a stream ascend from 1",
                self.position
            )));
        }
        self.position = position;
        batch.bytes += envelope.encoded_len();
        let event = envelope.event.ok_or(wire::WireError::Missing("envelope.event"));
        match event.and_then(wire::event_from_proto) {
            Ok(event) => {
                batch.events.push(event);
                batch.positions.push(position);
            }
            Err(error) => batch.refused.push(v1::Refusal { position, why: error.to_string() }),
        }
        Ok(())
    }

    async fn commit(&mut self, batch: Batch) -> Result<(), Status> {
        let Batch { events, positions, mut refused, .. } = batch;
        if !events.is_empty() {
            let conflicts = self.journal.append(events).await.map_err(|fault| Status::unavailable(fault.0))?;
            refused.extend(conflicts.into_iter().filter_map(|conflict| {
                positions.get(conflict.index).map(|position| v1::Refusal { position: *position, why: conflict.why })
            }));
            refused.sort_by_key(|refusal| refusal.position);
        }
        let ack = v1::Ack { position: self.position, refused };
        self.acks.send(Ok(ack)).await.map_err(|_| Status::cancelled("the edge left"))
    }
}
