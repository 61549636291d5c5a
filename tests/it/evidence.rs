//! Pictures for an alert: asked for by an operator, given out masked by the edge, deleted in time.

use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use greenlane::capture::decode_picture;
use greenlane::clock::{Clock, SystemClock};
use greenlane::config::EvidenceSettings;
use greenlane::event::{Behaviour, BehaviourReport, EdgeEvent, EventBody, Lifecycle, Severity};
use greenlane::frame::{BBox, Frame, FrameHeader, Image, ObjectClass};
use greenlane::ids::TrackId;
use greenlane::rpc::{ConsoleClient, RpcError};
use greenlane::time::MediaTime;
use greenlane::tracking::{Track, TrackState};
use greenlane::wire::v1;
use greenlane::wire::v1::edge_uplink_server::{EdgeUplink, EdgeUplinkServer};
use greenlane::wire::v1::evidence_answer::Answer;
use greenlane::worker::evidence::Evidence;
use greenlane::worker::evidence_uplink;
use greenlane::worker::uplink::UplinkSettings;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status, Streaming};

use crate::support::site::{TestSite, camera, event, until};

/// The concerned, and somebody beside.
const CONCERNED: BBox = BBox { x: 80.0, y: 60.0, w: 120.0, h: 240.0 };
const BYSTANDER: BBox = BBox { x: 380.0, y: 60.0, w: 120.0, h: 240.0 };

fn fall(sequence: u64, lifecycle: Lifecycle) -> EdgeEvent {
    let plain = event("hall", 1, sequence);
    let body = EventBody::Behaviour(BehaviourReport {
        behaviour: Behaviour::Fall,
        since: plain.capture_time,
        others: Vec::new(),
        bag: None,
    });
    let media_time = MediaTime::from_seconds(2.0);
    EdgeEvent { lifecycle, severity: Severity::Alert, track: Some(TrackId(1)), media_time, body, ..plain }
}

/// Blocks of eight pixels, black and white: JPEG keeps them, masking does not.
fn blocks(second: f64) -> Frame {
    let mut image = Image::filled(640, 360, [0, 0, 0]);
    for (i, pixel) in image.bgr.chunks_exact_mut(3).enumerate() {
        pixel.fill(if ((i % 640) / 8 + i / 640 / 8) % 2 == 0 { 255 } else { 0 });
    }
    let media_time = MediaTime::from_seconds(second);
    let header = FrameHeader {
        camera: camera("hall"),
        boot: event("hall", 1, 1).id.boot,
        sequence: (second * 10.0) as u64 + 1,
        media_time,
        capture_time: event("hall", 1, 1).capture_time.after(media_time),
        width: 640,
        height: 360,
        keyframe: false,
    };
    Frame { header, image }
}

fn track(id: u64, bbox: BBox) -> Track {
    Track {
        id: TrackId(id),
        class: ObjectClass::Person,
        bbox,
        score: 0.9,
        state: TrackState::Confirmed,
        matched: true,
        first_seen: MediaTime(0),
        last_seen: MediaTime(0),
        matches: 9,
        velocity: (0.0, 0.0),
        appearance: None,
    }
}

/// Mean step between neighbours in a row, levels: about 32 for the blocks, next to nothing where they are hidden.
fn detail(jpeg: &[u8], part: BBox) -> f64 {
    let mut image = Image::default();
    decode_picture(jpeg, &mut image).unwrap();
    let (mut sum, mut count) = (0.0, 0.0);
    for y in part.y as usize + 4..part.bottom() as usize - 4 {
        for x in part.x as usize + 4..part.right() as usize - 4 {
            let at = |x: usize| f64::from(image.bgr[3 * (y * image.width as usize + x)]);
            sum += (at(x + 1) - at(x)).abs();
            count += 1.0;
        }
    }
    sum / count
}

struct Kim {
    runtime: Runtime,
    client: ConsoleClient,
}

impl Kim {
    fn at(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let client = runtime.block_on(ConsoleClient::connect(url)).unwrap();
        Self { runtime, client }
    }

    fn see(&mut self, alert: u64, operator: &str, faces: bool) -> Result<Vec<Vec<u8>>, (Code, String)> {
        let (operator, purpose) = (operator.to_owned(), if faces { "he asked for help" } else { "" }.to_owned());
        let request = v1::GetEvidenceRequest { alert, operator, show_faces: faces, purpose };
        match self.runtime.block_on(self.client.evidence(request)) {
            Ok(answer) => Ok(answer.pictures.into_iter().map(|p| p.jpeg).collect()),
            Err(RpcError::Call { code, message, .. }) => Err((code, message)),
            Err(other) => panic!("{other}"),
        }
    }

    fn audit(&mut self) -> Vec<(String, String)> {
        let entries = self.runtime.block_on(self.client.audit(0, 0)).unwrap();
        entries.into_iter().rev().map(|e| (e.operator, e.action)).collect()
    }
}

fn fetched(url: &str, operator: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let command = [&["alerts", "--central", url, "evidence", "1", "--operator", operator], arguments].concat();
    let output = Command::new(env!("CARGO_BIN_EXE_greenlane")).args(command).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr))
}

/// A centre that writes down what an edge sends, and asks when the test says so.
struct Curious {
    asked: Mutex<Option<mpsc::Receiver<Result<v1::EvidenceRequest, Status>>>>,
    sent: Arc<Mutex<Vec<Answer>>>,
}

#[tonic::async_trait]
impl EdgeUplink for Curious {
    type ReportStream = ReceiverStream<Result<v1::Ack, Status>>;
    type ServeEvidenceStream = ReceiverStream<Result<v1::EvidenceRequest, Status>>;
    type ServeDirectivesStream = ReceiverStream<Result<v1::Directives, Status>>;

    async fn serve_directives(
        &self,
        _: Request<Streaming<v1::DirectiveAnswer>>,
    ) -> Result<Response<Self::ServeDirectivesStream>, Status> {
        Err(Status::unimplemented("no orders here"))
    }

    async fn report(&self, _: Request<Streaming<v1::Envelope>>) -> Result<Response<Self::ReportStream>, Status> {
        Err(Status::unimplemented("no events here"))
    }

    /// As a centre of an earlier version answers.
    async fn describe_cameras(
        &self,
        _: Request<v1::DescribeCamerasRequest>,
    ) -> Result<Response<v1::DescribeCamerasResponse>, Status> {
        Err(Status::unimplemented("no plans here"))
    }

    async fn serve_evidence(
        &self,
        request: Request<Streaming<v1::EvidenceAnswer>>,
    ) -> Result<Response<Self::ServeEvidenceStream>, Status> {
        let mut answers = request.into_inner();
        let sent = Arc::clone(&self.sent);
        tokio::spawn(async move {
            while let Ok(Some(answer)) = answers.message().await {
                sent.lock().unwrap().extend(answer.answer);
            }
        });
        let asked = self.asked.lock().unwrap().take().ok_or_else(|| Status::unavailable("one edge only"))?;
        Ok(Response::new(ReceiverStream::new(asked)))
    }
}

/// One stream is in order: what was sent unasked would stand before the answer.
#[test]
fn nothing_leaves_the_edge_unasked() {
    let (ask, asked) = mpsc::channel(4);
    let sent = Arc::new(Mutex::new(Vec::new()));
    let service = EdgeUplinkServer::new(Curious { asked: Mutex::new(Some(asked)), sent: Arc::clone(&sent) });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let central = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(Server::builder().add_service(service).serve_with_incoming(TcpListenerStream::new(listener)));

    let clock = Arc::new(SystemClock::start());
    let evidence = Evidence::new(EvidenceSettings::default());
    let cameras = Arc::new(vec![(camera("hall"), evidence.clone())]);
    let settings = UplinkSettings { central, backoff_max: Duration::from_millis(200), seed: 1 };
    let serving = evidence_uplink::start(settings, cameras, Vec::new(), Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    until("the edge has said whose pictures it has", || !sent.lock().unwrap().is_empty());
    for second in 0..20 {
        evidence.frame(&blocks(f64::from(second)), &[track(1, CONCERNED)]).unwrap();
        evidence.events(&[fall(second as u64 + 1, Lifecycle::New)], clock.now());
    }
    let name = v1::EventId { camera: "hall".to_owned(), boot: 1, sequence: 3 };
    let request = v1::EvidenceRequest { number: 7, event: Some(name), ..v1::EvidenceRequest::default() };
    ask.blocking_send(Ok(request)).unwrap();
    until("it has answered", || sent.lock().unwrap().len() > 1);
    serving.stop();
    let sent = sent.lock().unwrap();
    let hello = Answer::Hello(v1::EvidenceHello { cameras: vec!["hall".to_owned()] });
    assert!(sent.len() == 2 && sent[0] == hello, "{sent:?}");
    assert!(matches!(&sent[1], Answer::Pictures(found) if found.number == 7 && !found.pictures.is_empty()));
}

#[test]
fn an_operator_sees_the_concerned_and_nobody_else_and_it_is_written_down() {
    let site = TestSite::start(|s| {
        s.alerts.faces_for.insert("lee".to_owned());
    });
    let edge = site.edge("edge");
    edge.send(&[fall(1, Lifecycle::New)], 1);
    let mut kim = Kim::at(&site.url());
    until("the alert is there", || kim.see(1, "kim", false).unwrap_err().0 != Code::NotFound);
    let (code, message) = kim.see(1, "kim", false).unwrap_err();
    assert!(code == Code::Unavailable && message.contains("the edge of camera hall is not connected"), "{message}");

    let clock = Arc::new(SystemClock::start());
    let settings = EvidenceSettings { keep: Duration::from_secs(600), ..EvidenceSettings::default() };
    let evidence = Evidence::new(settings);
    let people = [track(1, CONCERNED), track(2, BYSTANDER)];
    for tenth in 0..60 {
        evidence.frame(&blocks(f64::from(tenth) / 10.0), &people).unwrap();
        if tenth == 20 {
            evidence.events(&[fall(1, Lifecycle::New)], clock.now());
        }
    }
    let uplink = UplinkSettings { central: site.url(), backoff_max: Duration::from_millis(200), seed: 1 };
    let cameras = Arc::new(vec![(camera("hall"), evidence.clone())]);
    let serving = evidence_uplink::start(uplink, cameras, Vec::new(), Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    until("the edge is connected", || kim.see(1, "kim", false).is_ok());

    let stills = kim.see(1, "kim", false).unwrap();
    assert_eq!(stills.len(), 9);
    let (face, body) = (BBox { h: 60.0, ..CONCERNED }, BBox { y: 120.0, h: 180.0, ..CONCERNED });
    for still in &stills {
        assert!(detail(still, body) > 20.0, "{}", detail(still, body));
        assert!(detail(still, face) < 4.0 && detail(still, BYSTANDER) < 4.0);
        // Where no tracker saw anybody.
        assert!(detail(still, BBox { x: 520.0, y: 0.0, w: 100.0, h: 360.0 }) < 4.0);
    }
    let folder = site.file("stills");
    let (code, text) = fetched(&site.url(), "kim", &["--out", folder.to_str().unwrap()]);
    assert!(code == Some(0) && text.lines().count() == 9 && text.contains("1-9.jpg hall 2026-01-01T"), "{text}");
    assert!(detail(&fs::read(folder.join("1-9.jpg")).unwrap(), BYSTANDER) < 4.0);
    assert!(detail(&kim.see(1, "lee", true).unwrap()[0], face) > 20.0);
    let (code, message) = kim.see(1, "kim", true).unwrap_err();
    assert!(code == Code::PermissionDenied && message.contains("not shown to kim"), "{message}");
    assert_eq!(kim.see(8, "kim", false).unwrap_err().0, Code::NotFound);
    assert_eq!(kim.see(1, " ", false).unwrap_err().0, Code::InvalidArgument);
    let audit = kim.audit();
    let last: Vec<_> = audit[audit.len() - 3..].iter().map(|(who, what)| (who.as_str(), what.as_str())).collect();
    assert_eq!(last, [("kim", "evidence"), ("lee", "evidence_faces"), ("kim", "evidence_refused")]);
    let (code, text) = fetched(&site.url(), "kim", &["--out", "unused", "--faces", "curious"]);
    assert!(code == Some(1) && text.contains("faces are not shown to kim"), "{text}");

    // Its time is over.
    assert_eq!(evidence.expire(greenlane::time::Now(clock.now().0 + Duration::from_secs(601))), 1);
    let (code, message) = kim.see(1, "kim", false).unwrap_err();
    assert!(code == Code::NotFound && message.contains("deleted"), "{message}");
    serving.stop();
    until("the edge is gone", || kim.see(1, "kim", false).unwrap_err().0 == Code::Unavailable);
    edge.finish();
}
