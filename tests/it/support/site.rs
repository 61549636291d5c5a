//! A centre, edges and consoles in this process, over real sockets and files.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use greenlane::central::EventFilter;
use greenlane::clock::SystemClock;
use greenlane::config::CentralSettings;
use greenlane::event::{
    EdgeEvent, EventBody, FloorPlace, Lifecycle, Provenance, Severity, SiteEvent, TraceContext, TrackReport,
};
use greenlane::frame::ObjectClass;
use greenlane::ids::{BootId, CameraId, EventId, TrackId};
use greenlane::rpc::{ConsoleClient, Feed, FeedMessage, RpcError, Start};
use greenlane::store::OutboxLimits;
use greenlane::time::{CaptureTime, MediaTime};
use greenlane::units::{Estimate, Unavailable};
use greenlane::worker::outbox::{self, OutboxHandle, OutboxThread};
use greenlane::worker::site::Site;
use greenlane::worker::uplink::{Uplink, UplinkReport, UplinkSettings};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// No test waits longer for anything.
pub const DEADLINE: Duration = Duration::from_secs(60);

pub fn camera(name: &str) -> CameraId {
    CameraId::new(name).unwrap()
}

/// The `sequence`-th event of a run: updates of track 1 to 5 in turn.
pub fn event(name: &str, boot: u32, sequence: u64) -> EdgeEvent {
    let capture_time =
        CaptureTime { unix_micros: 1_767_225_600_000_000 + sequence.cast_signed() * 1_000, uncertainty_micros: 500 };
    EdgeEvent {
        id: EventId { camera: camera(name), boot: BootId(boot), sequence },
        lifecycle: Lifecycle::Update,
        severity: Severity::Info,
        capture_time,
        media_time: MediaTime(sequence.cast_signed() * 1_000_000),
        frame: sequence,
        track: Some(TrackId(sequence % 5 + 1)),
        bbox: None,
        zone: None,
        reasons: Vec::new(),
        provenance: Arc::new(Provenance { models: "ab".repeat(32), configuration: "cd".repeat(32) }),
        trace: TraceContext { trace: u128::from(boot) << 64 | u128::from(sequence), span: sequence },
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

pub fn events(name: &str, boot: u32, sequences: std::ops::RangeInclusive<u64>) -> Vec<EdgeEvent> {
    sequences.map(|n| event(name, boot, n)).collect()
}

/// A centre on a free port with its store in a folder of its own.
pub struct TestSite {
    site: Option<Site>,
    settings: CentralSettings,
    folder: TempDir,
}

impl TestSite {
    pub fn start(change: impl FnOnce(&mut CentralSettings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = CentralSettings {
            listen: "127.0.0.1:0".parse().unwrap(),
            store: folder.path().join("central.sqlite"),
            ..CentralSettings::default()
        };
        change(&mut settings);
        let mut site = Self { site: None, settings, folder };
        site.restart();
        site
    }

    /// Stops, if it runs, and starts again on the same port.
    pub fn restart(&mut self) {
        self.stop();
        let site = Site::start(&self.settings, Arc::new(SystemClock::start())).unwrap();
        self.settings.listen = site.address();
        self.site = Some(site);
    }

    pub fn stop(&mut self) {
        if let Some(site) = self.site.take() {
            site.stop().unwrap();
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.settings.listen)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An edge that reports to this centre.
    pub fn edge(&self, name: &str) -> Edge {
        Edge::start(self.file(&format!("{name}.sqlite")), self.url())
    }
}

/// An outbox with its uplink.
pub struct Edge {
    pub outbox: OutboxHandle,
    thread: OutboxThread,
    uplink: Uplink,
}

impl Edge {
    pub fn start(file: PathBuf, central: String) -> Self {
        let limits = OutboxLimits { bytes_max: 64 << 20, age_max: Duration::from_secs(3_600), memory_max: 1 << 20 };
        let (outbox, thread) = outbox::open(&file, limits, Arc::new(SystemClock::start())).unwrap();
        let settings = UplinkSettings { central, backoff_max: Duration::from_millis(200), seed: 1 };
        let uplink = Uplink::start(settings, outbox.clone()).unwrap();
        Self { outbox, thread, uplink }
    }

    /// Queues in batches of `batch`, as cameras do.
    pub fn send(&self, events: &[EdgeEvent], batch: usize) {
        for batch in events.chunks(batch) {
            self.outbox.append(batch.to_vec()).unwrap();
        }
    }

    /// Sends what is left and ends.
    pub fn finish(self) -> UplinkReport {
        let report = self.uplink.stop(DEADLINE);
        drop(self.outbox);
        self.thread.join();
        report
    }
}

/// A console on a runtime of its own.
pub struct TestConsole {
    runtime: Runtime,
    client: ConsoleClient,
    feed: Feed,
}

impl TestConsole {
    pub fn subscribe(url: &str, start: Start, filter: &EventFilter) -> Result<Self, RpcError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (client, feed) = runtime.block_on(async {
            let mut client = ConsoleClient::connect(url).await?;
            let feed = client.subscribe(start, filter).await?;
            Ok((client, feed))
        })?;
        Ok(Self { runtime, client, feed })
    }

    pub fn from(url: &str, sequence: u64) -> Self {
        Self::subscribe(url, Start::Sequence(sequence), &EventFilter::default()).unwrap()
    }

    pub fn next(&mut self) -> FeedMessage {
        let message = self.runtime.block_on(async { tokio::time::timeout(DEADLINE, self.feed.next()).await });
        message.expect("a message before the deadline").unwrap().expect("no end")
    }

    /// How the subscription ends, skipping what comes before.
    pub fn end(&mut self) -> Result<(), RpcError> {
        self.runtime.block_on(async {
            tokio::time::timeout(DEADLINE, async {
                loop {
                    if self.feed.next().await?.is_none() {
                        return Ok(());
                    }
                }
            })
            .await
            .expect("an end before the deadline")
        })
    }

    pub fn event(&mut self) -> SiteEvent {
        loop {
            match self.next() {
                FeedMessage::Event(event) => return *event,
                FeedMessage::Live(_) | FeedMessage::Heartbeat(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    pub fn take(&mut self, count: usize) -> Vec<SiteEvent> {
        (0..count).map(|_| self.event()).collect()
    }

    pub fn overview(&mut self) -> greenlane::wire::v1::GetOverviewResponse {
        self.runtime.block_on(self.client.overview()).unwrap()
    }
}

/// Waits until `done`, looking often; fails at the deadline.
#[allow(clippy::disallowed_methods, reason = "a test's deadline is real time")]
pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < DEADLINE, "still not: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
