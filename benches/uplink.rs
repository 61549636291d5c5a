//! Events a second on one machine: from the outbox over gRPC into the store and back as an ack, beside a plain gRPC stream
//! of the same envelopes that nobody keeps. Both files are on the disk of the temporary folder (`TMPDIR`).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use greenlane::clock::SystemClock;
use greenlane::config::CentralSettings;
use greenlane::event::{EdgeEvent, EventBody, FloorPlace, Lifecycle, Provenance, Severity, TraceContext, TrackReport};
use greenlane::frame::{BBox, ObjectClass};
use greenlane::ids::{BootId, CameraId, EventId, TrackId};
use greenlane::store::OutboxLimits;
use greenlane::time::{CaptureTime, MediaTime};
use greenlane::units::{Estimate, Unavailable};
use greenlane::wire::v1::edge_uplink_client::EdgeUplinkClient;
use greenlane::wire::v1::edge_uplink_server::{EdgeUplink, EdgeUplinkServer};
use greenlane::wire::{self, v1};
use greenlane::worker::outbox;
use greenlane::worker::site::Site;
use greenlane::worker::uplink::{Uplink, UplinkSettings};
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status, Streaming};

const EVENTS: u64 = 5_000;
/// Events that a camera hands over at once.
const BATCH: usize = 20;

fn event(boot: u32, sequence: u64) -> EdgeEvent {
    let capture_time = CaptureTime::exact(1_767_225_600_000_000 + sequence.cast_signed());
    EdgeEvent {
        id: EventId { camera: CameraId::new("gate").expect("a usable name"), boot: BootId(boot), sequence },
        lifecycle: Lifecycle::Update,
        severity: Severity::Info,
        capture_time,
        media_time: MediaTime(sequence.cast_signed()),
        frame: sequence,
        track: Some(TrackId(sequence % 30)),
        bbox: Some(BBox { x: 100.25, y: 50.5, w: 40.0, h: 90.0 }),
        zone: Some("arrivals".to_owned()),
        reasons: Vec::new(),
        provenance: Arc::new(Provenance { models: "ab".repeat(32), configuration: "cd".repeat(32) }),
        trace: TraceContext { trace: u128::from(sequence), span: sequence },
        body: EventBody::Track(TrackReport {
            class: ObjectClass::Person,
            since: capture_time,
            age_s: 1.0,
            score: 0.75,
            speed: Estimate::Unavailable(Unavailable::NotCalibrated),
            floor: FloorPlace::Unavailable(Unavailable::NotCalibrated),
            floor_speed: Estimate::Unavailable(Unavailable::NotCalibrated),
            carriers: Vec::new(),
            appearance: None,
        }),
    }
}

fn events(boot: u32) -> Vec<EdgeEvent> {
    (1..=EVENTS).map(|n| event(boot, n)).collect()
}

/// Hands the events to a fresh outbox and waits until the centre has committed all of them.
fn through_the_stores(folder: &Path, url: &str, events: &[EdgeEvent]) {
    let limits = OutboxLimits { bytes_max: 1 << 30, age_max: Duration::from_secs(3_600), memory_max: 1 << 20 };
    let file = tempfile::Builder::new().tempdir_in(folder).expect("a folder").keep().join("outbox.sqlite");
    let (handle, thread) = outbox::open(&file, limits, Arc::new(SystemClock::start())).expect("an outbox");
    let settings = UplinkSettings { central: url.to_owned(), backoff_max: Duration::from_secs(1), seed: 1 };
    let uplink = Uplink::start(settings, handle.clone()).expect("an uplink");
    for batch in events.chunks(BATCH) {
        handle.append(batch.to_vec()).expect("an open outbox");
    }
    let report = uplink.stop(Duration::from_secs(60));
    assert_eq!(report.committed, EVENTS);
    drop(handle);
    thread.join();
}

/// Takes envelopes and acknowledges them, and keeps nothing.
struct Forgetful;

#[tonic::async_trait]
impl EdgeUplink for Forgetful {
    type ReportStream = ReceiverStream<Result<v1::Ack, Status>>;

    async fn report(&self, request: Request<Streaming<v1::Envelope>>) -> Result<Response<Self::ReportStream>, Status> {
        let (acks, stream) = mpsc::channel(16);
        let mut envelopes = request.into_inner();
        tokio::spawn(async move {
            while let Ok(Some(envelope)) = envelopes.message().await {
                let is_due = envelope.position % 256 == 0 || envelope.position == EVENTS;
                let ack = v1::Ack { position: envelope.position, refused: Vec::new() };
                if is_due && acks.send(Ok(ack)).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn describe_cameras(
        &self,
        _: Request<v1::DescribeCamerasRequest>,
    ) -> Result<Response<v1::DescribeCamerasResponse>, Status> {
        Err(Status::unimplemented("no plans here"))
    }

    type ServeDirectivesStream = ReceiverStream<Result<v1::Directives, Status>>;

    async fn serve_directives(
        &self,
        _: Request<Streaming<v1::DirectiveAnswer>>,
    ) -> Result<Response<Self::ServeDirectivesStream>, Status> {
        Err(Status::unimplemented("no orders here"))
    }

    type ServeEvidenceStream = ReceiverStream<Result<v1::EvidenceRequest, Status>>;

    async fn serve_evidence(
        &self,
        _: Request<Streaming<v1::EvidenceAnswer>>,
    ) -> Result<Response<Self::ServeEvidenceStream>, Status> {
        Err(Status::unimplemented("nothing is asked for"))
    }
}

async fn plain_stream(url: String, envelopes: Vec<v1::Envelope>) {
    let mut stub = EdgeUplinkClient::connect(url).await.expect("a connection");
    let mut acks = stub.report(tokio_stream::iter(envelopes)).await.expect("a stream").into_inner();
    while let Some(ack) = acks.message().await.expect("an ack") {
        if ack.position == EVENTS {
            return;
        }
    }
    panic!("the stream ended before its last ack");
}

fn uplink(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("uplink");
    group.throughput(Throughput::Elements(EVENTS)).sample_size(10);
    let folder = tempfile::tempdir().expect("a folder");

    let settings = CentralSettings {
        listen: ([127, 0, 0, 1], 0).into(),
        store: folder.path().join("central.sqlite"),
        ..CentralSettings::default()
    };
    let site = Site::start(&settings, Arc::new(SystemClock::start())).expect("a centre");
    let url = format!("http://{}", site.address());
    let mut boot = 0;
    group.bench_function("outbox, gRPC, store, ack", |bencher| {
        bencher.iter_batched(
            || {
                boot += 1;
                events(boot)
            },
            |events| through_the_stores(folder.path(), &url, &events),
            BatchSize::PerIteration,
        );
    });
    site.stop().expect("a clean end");

    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let router = tonic::transport::Server::builder().add_service(EdgeUplinkServer::new(Forgetful));
    runtime.spawn(router.serve_with_incoming(TcpListenerStream::new(listener)));
    let envelopes: Vec<v1::Envelope> = (1_u64..)
        .zip(events(1))
        .map(|(position, event)| v1::Envelope { position, event: Some(wire::event_to_proto(&event)) })
        .collect();
    group.bench_function("gRPC alone", |bencher| {
        bencher.iter_batched(
            || envelopes.clone(),
            |envelopes| runtime.block_on(plain_stream(url.clone(), envelopes)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, uplink);
criterion_main!(benches);
