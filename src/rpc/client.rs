//! The clients: an edge's uplink and a console.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

use super::RpcError;
use crate::central::{Directive, EventFilter, Match};
use crate::event::SiteEvent;
use crate::wire::v1::console_client::ConsoleClient as ConsoleStub;
use crate::wire::v1::edge_uplink_client::EdgeUplinkClient as UplinkStub;
use crate::wire::v1::subscribe_request::From;
use crate::wire::v1::subscribe_response::Message;
use crate::wire::{self, WireEnum, v1};

const CONNECT_MAX: Duration = Duration::from_secs(5);
const KEEPALIVE: Duration = Duration::from_secs(20);
const KEEPALIVE_ANSWER: Duration = Duration::from_secs(10);
/// Flow control: a stream's window is smaller than its connection's, so that one stream that is not read leaves the
/// others of the connection alive.
const STREAM_WINDOW: u32 = 256 << 10;
const CONNECTION_WINDOW: u32 = 4 << 20;
/// Largest message taken.
pub(super) const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// Envelopes handed to the connection ahead of its flow control.
const ENVELOPES_MAX: usize = 256;
/// Look-alikes handed to the connection ahead of its flow control.
const MATCHES_MAX: usize = 64;
/// Answers with pictures handed to the connection ahead of its flow control.
const ANSWERS_MAX: usize = 2;

pub(super) async fn connect(url: &str) -> Result<Channel, RpcError> {
    let bad = |why: String| RpcError::Url { url: url.to_owned(), why };
    let mut endpoint = Endpoint::from_shared(url.to_owned()).map_err(|e| bad(e.to_string()))?;
    match endpoint.uri().scheme_str() {
        Some("http") => {}
        Some("https") => {
            let tls = ClientTlsConfig::new().with_enabled_roots();
            endpoint = endpoint.tls_config(tls).map_err(|e| bad(e.to_string()))?;
        }
        other => return Err(bad(format!("scheme `{}`", other.unwrap_or_default()))),
    }
    endpoint
        .connect_timeout(CONNECT_MAX)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE_ANSWER)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .connect()
        .await
        .map_err(|e| RpcError::connect(url, &e))
}

/// An edge's connection.
#[derive(Debug, Clone)]
pub struct UplinkClient {
    stub: UplinkStub<Channel>,
    url: String,
}

/// An open report: envelopes go in, acks come out.
#[derive(Debug)]
pub struct UplinkStream {
    envelopes: mpsc::Sender<v1::Envelope>,
    acks: Streaming<v1::Ack>,
    url: String,
}

impl UplinkClient {
    /// Connects to the centre at `url`.
    ///
    /// # Errors
    /// [`RpcError::Url`] and [`RpcError::Connect`].
    pub async fn connect(url: &str) -> Result<Self, RpcError> {
        Ok(Self { stub: UplinkStub::new(connect(url).await?), url: url.to_owned() })
    }

    /// Opens a report.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn report(&mut self) -> Result<UplinkStream, RpcError> {
        let (envelopes, queue) = mpsc::channel(ENVELOPES_MAX);
        let acks =
            self.stub.report(ReceiverStream::new(queue)).await.map_err(|s| RpcError::call(&self.url, &s))?.into_inner();
        Ok(UplinkStream { envelopes, acks, url: self.url.clone() })
    }

    /// Tells where cameras look; those that the centre did not take, each with why.
    ///
    /// # Errors
    /// [`RpcError::Call`]; a centre of an earlier version does not know this call.
    pub async fn describe_cameras(
        &mut self,
        cameras: Vec<v1::CameraLayout>,
    ) -> Result<Vec<v1::RefusedCamera>, RpcError> {
        let answer = self.stub.describe_cameras(v1::DescribeCamerasRequest { cameras }).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner().refused)
    }

    /// Offers the pictures of these cameras.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn serve_evidence(&mut self, cameras: Vec<String>) -> Result<EvidenceStream, RpcError> {
        let (answers, queue) = mpsc::channel(ANSWERS_MAX);
        let hello = v1::evidence_answer::Answer::Hello(v1::EvidenceHello { cameras });
        // The channel is new and has room.
        let _ = answers.try_send(v1::EvidenceAnswer { answer: Some(hello) });
        let opened = self.stub.serve_evidence(ReceiverStream::new(queue)).await;
        let requests = opened.map_err(|s| RpcError::call(&self.url, &s))?.into_inner();
        Ok(EvidenceStream { answers, requests, url: self.url.clone() })
    }

    /// Offers these cameras to look for people.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn serve_directives(&mut self, cameras: Vec<String>) -> Result<DirectiveStream, RpcError> {
        let (answers, queue) = mpsc::channel(MATCHES_MAX);
        let hello = v1::directive_answer::Answer::Hello(v1::DirectiveHello { cameras });
        // The channel is new and has room.
        let _ = answers.try_send(v1::DirectiveAnswer { answer: Some(hello) });
        let opened = self.stub.serve_directives(ReceiverStream::new(queue)).await;
        let directives = opened.map_err(|s| RpcError::call(&self.url, &s))?.into_inner();
        Ok(DirectiveStream { answers, directives, url: self.url.clone() })
    }
}

/// An edge's open ear for whom to look for: orders come out, answers go in.
#[derive(Debug)]
pub struct DirectiveStream {
    answers: mpsc::Sender<v1::DirectiveAnswer>,
    directives: Streaming<v1::Directives>,
    url: String,
}

impl DirectiveStream {
    /// Says who looks like somebody that is looked for. False: too much waits to be sent, or the stream is over.
    #[must_use]
    pub fn tell(&self, found: &Match) -> bool {
        let answer = v1::directive_answer::Answer::Match(wire::match_to_proto(found));
        self.answers.try_send(v1::DirectiveAnswer { answer: Some(answer) }).is_ok()
    }

    /// Everything to look for from now on, without what cannot be read; `None` when the centre ended the stream.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn next(&mut self) -> Result<Option<Vec<Directive>>, RpcError> {
        let message = self.directives.message().await.map_err(|s| RpcError::call(&self.url, &s))?;
        Ok(message.map(|all| all.directives.iter().filter_map(|one| wire::directive_from_proto(one).ok()).collect()))
    }
}

/// An edge's open offer of pictures: requests come out, answers go in.
#[derive(Debug)]
pub struct EvidenceStream {
    answers: mpsc::Sender<v1::EvidenceAnswer>,
    requests: Streaming<v1::EvidenceRequest>,
    url: String,
}

impl EvidenceStream {
    /// Where answers go in.
    #[must_use]
    pub fn answers(&self) -> mpsc::Sender<v1::EvidenceAnswer> {
        self.answers.clone()
    }

    /// The next request; `None` when the centre ended the stream.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn next(&mut self) -> Result<Option<v1::EvidenceRequest>, RpcError> {
        self.requests.message().await.map_err(|s| RpcError::call(&self.url, &s))
    }
}

impl UplinkStream {
    /// Where envelopes go in. A closed channel means that the stream broke; [`UplinkStream::ack`] says why.
    #[must_use]
    pub fn envelopes(&self) -> mpsc::Sender<v1::Envelope> {
        self.envelopes.clone()
    }

    /// The next ack; `None` when the centre ended the stream.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn ack(&mut self) -> Result<Option<v1::Ack>, RpcError> {
        self.acks.message().await.map_err(|s| RpcError::call(&self.url, &s))
    }
}

/// Where a subscription begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At this sequence; 1 for everything kept.
    Sequence(u64),
    /// At this commit time, UTC microseconds.
    Time(i64),
    /// With what comes next.
    Live,
}

/// A console's connection.
#[derive(Debug, Clone)]
pub struct ConsoleClient {
    stub: ConsoleStub<Channel>,
    url: String,
}

/// A subscription.
#[derive(Debug)]
pub struct Feed {
    stream: Streaming<v1::SubscribeResponse>,
    url: String,
}

/// What a subscription brings.
#[derive(Debug, Clone, PartialEq)]
pub enum FeedMessage {
    /// An event.
    Event(Box<SiteEvent>),
    /// An event that a newer centre sent and this console cannot read.
    Unreadable {
        /// Its position in the log.
        sequence: u64,
        /// What was not understood.
        why: String,
    },
    /// The past is delivered up to this sequence; what follows is live.
    Live(u64),
    /// Nothing happened; everything up to this sequence was looked at.
    Heartbeat(u64),
    /// These will not be delivered.
    Gap {
        /// First sequence not delivered.
        from: u64,
        /// Last sequence not delivered.
        to: u64,
        /// Why, in words.
        why: &'static str,
    },
}

impl ConsoleClient {
    /// Connects to the centre at `url`.
    ///
    /// # Errors
    /// [`RpcError::Url`] and [`RpcError::Connect`].
    pub async fn connect(url: &str) -> Result<Self, RpcError> {
        let stub = ConsoleStub::new(connect(url).await?).max_decoding_message_size(MESSAGE_BYTES_MAX);
        Ok(Self { stub, url: url.to_owned() })
    }

    /// Subscribes.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn subscribe(&mut self, start: Start, filter: &EventFilter) -> Result<Feed, RpcError> {
        let from = match start {
            Start::Sequence(sequence) => From::FromSequence(sequence),
            Start::Time(micros) => From::FromTimeUnixMicros(micros),
            Start::Live => From::Live(true),
        };
        let filter = v1::Filter {
            cameras: filter.cameras.iter().map(|c| c.as_str().to_owned()).collect(),
            kinds: filter.kinds.iter().cloned().collect(),
            severity_min: filter.severity_min.to_wire(),
        };
        let request = v1::SubscribeRequest { filter: Some(filter), from: Some(from) };
        let stream = self.stub.subscribe(request).await.map_err(|s| RpcError::call(&self.url, &s))?.into_inner();
        Ok(Feed { stream, url: self.url.clone() })
    }

    /// What stands now.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn overview(&mut self) -> Result<v1::GetOverviewResponse, RpcError> {
        let answer = self.stub.get_overview(v1::GetOverviewRequest {}).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner())
    }
}

/// The alerts as they change.
#[derive(Debug)]
pub struct AlertFeed {
    stream: Streaming<v1::WatchAlertsResponse>,
    url: String,
}

impl AlertFeed {
    /// What comes next; `None` when the centre ended it.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn next(&mut self) -> Result<Option<v1::watch_alerts_response::Message>, RpcError> {
        loop {
            let Some(response) = self.stream.message().await.map_err(|s| RpcError::call(&self.url, &s))? else {
                return Ok(None);
            };
            if response.message.is_some() {
                return Ok(response.message);
            }
        }
    }
}

/// What is asked and answered about alerts; each call fails with [`RpcError::Call`].
impl ConsoleClient {
    /// The queue.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn alerts(&mut self, request: v1::ListAlertsRequest) -> Result<v1::ListAlertsResponse, RpcError> {
        let answer = self.stub.list_alerts(request).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner())
    }

    /// The queue as it changes, after a revision; 0 for all.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn watch_alerts(&mut self, after_revision: u64) -> Result<AlertFeed, RpcError> {
        let answer = self.stub.watch_alerts(v1::WatchAlertsRequest { after_revision }).await;
        let stream = answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner();
        Ok(AlertFeed { stream, url: self.url.clone() })
    }

    /// Does something with an alert, or proposes it.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn act(&mut self, request: v1::ActOnAlertRequest) -> Result<v1::ActOnAlertResponse, RpcError> {
        let answer = self.stub.act_on_alert(request).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner())
    }

    /// The stills around an alert.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn evidence(&mut self, request: v1::GetEvidenceRequest) -> Result<v1::GetEvidenceResponse, RpcError> {
        let answer = self.stub.get_evidence(request).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner())
    }

    /// Where cameras look, and how their views lie to each other.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn plan(&mut self) -> Result<v1::GetPlanResponse, RpcError> {
        let answer = self.stub.get_plan(v1::GetPlanRequest {}).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner())
    }

    /// The newest still of a camera.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn preview(&mut self, request: v1::GetPreviewRequest) -> Result<v1::GetPreviewResponse, RpcError> {
        let answer = self.stub.get_preview(request).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner())
    }

    /// What was held back.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn held_back(&mut self, limit: u32) -> Result<Vec<v1::HeldBack>, RpcError> {
        let answer = self.stub.list_held_back(v1::ListHeldBackRequest { limit }).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner().held_back)
    }

    /// What rules in shadow would have done; from 0 until before 0 is the last day.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn shadow(&mut self, from: i64, to: i64) -> Result<Vec<v1::ShadowReport>, RpcError> {
        let request = v1::GetShadowReportRequest { from_unix_micros: from, to_unix_micros: to };
        let answer = self.stub.get_shadow_report(request).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner().rules)
    }

    /// What the centre keeps and for how long, and at most `limit` of what it deleted (0: 100).
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn retention(&mut self, limit: u32) -> Result<v1::GetRetentionResponse, RpcError> {
        let answer = self.stub.get_retention(v1::GetRetentionRequest { limit }).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner())
    }

    /// The audit log before a number, 0 for the newest.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn audit(&mut self, before: u64, limit: u32) -> Result<Vec<v1::AuditEntry>, RpcError> {
        let answer = self.stub.list_audit(v1::ListAuditRequest { before, limit }).await;
        Ok(answer.map_err(|s| RpcError::call(&self.url, &s))?.into_inner().entries)
    }
}

impl Feed {
    /// The next message; `None` when the centre ended the subscription.
    ///
    /// # Errors
    /// [`RpcError::Call`].
    pub async fn next(&mut self) -> Result<Option<FeedMessage>, RpcError> {
        loop {
            let Some(response) = self.stream.message().await.map_err(|s| RpcError::call(&self.url, &s))? else {
                return Ok(None);
            };
            // A message of a newer centre that is none of these is skipped, as the protocol asks.
            if let Some(message) = response.message {
                return Ok(Some(FeedMessage::of(message)));
            }
        }
    }
}

impl FeedMessage {
    fn of(message: Message) -> Self {
        match message {
            Message::Event(event) => {
                let sequence = event.sequence;
                match wire::site_event_from_proto(event) {
                    Ok(event) => Self::Event(Box::new(event)),
                    Err(error) => Self::Unreadable { sequence, why: error.to_string() },
                }
            }
            Message::Live(live) => Self::Live(live.sequence),
            Message::Heartbeat(beat) => Self::Heartbeat(beat.sequence),
            Message::Gap(gap) => Self::Gap { from: gap.from, to: gap.to, why: gap_reason(gap.reason()) },
        }
    }
}

fn gap_reason(reason: v1::GapReason) -> &'static str {
    match reason {
        v1::GapReason::Expired => "older than the centre keeps",
        v1::GapReason::SlowConsumer => "this console read more slowly than the centre forgets",
        v1::GapReason::Unspecified => "no reason given",
    }
}
