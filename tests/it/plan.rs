//! Where cameras look, over gRPC: told by edges, looked at, kept; and who looks through them.

use std::sync::Arc;
use std::time::Duration;

use greenlane::association::{LinkPrior, Topology};
use greenlane::clock::{Clock, SystemClock};
use greenlane::config::EvidenceSettings;
use greenlane::event::{EdgeEvent, EventBody};
use greenlane::frame::{BBox, Frame, FrameHeader, Image, ObjectClass};
use greenlane::ids::TrackId;
use greenlane::rpc::{ConsoleClient, RpcError, UplinkClient};
use greenlane::time::MediaTime;
use greenlane::tracking::{Track, TrackState};
use greenlane::wire::{layout_from_proto, v1};
use greenlane::worker::evidence::Evidence;
use greenlane::worker::uplink::UplinkSettings;
use greenlane::worker::{Dial, evidence_uplink};
use tokio::runtime::Runtime;
use tonic::Code;

use crate::support::console::camera_state;
use crate::support::site::{TestSite, camera, event, until};

/// The cameras of the rendered hall.
pub const WEST: [f64; 9] = [
    0.035129656,
    0.00409263196,
    -26.5674352,
    0.0392026595,
    -0.194245362,
    15.1368401,
    2.24607978e-19,
    -0.013663409,
    1.0,
];
pub const EXIT: [f64; 9] = [
    0.0630264534,
    -0.414187354,
    -21.1601008,
    0.0517381334,
    -0.297605522,
    23.1681535,
    2.95619034e-19,
    -0.0208264995,
    1.0,
];

pub fn layout(name: &str, homography: &[f64]) -> v1::CameraLayout {
    let point = |(x, y)| v1::Point { x, y };
    let metres = v1::LayoutUnits::Metres.into();
    let corners = [(17.5, 4.0), (21.0, 4.0), (21.0, 10.0), (17.5, 10.0)];
    let zone = v1::ZoneLayout {
        id: "control".to_owned(),
        polygon: corners.map(point).to_vec(),
        units: metres,
        r#use: v1::ZoneUse::Control.into(),
        ..v1::ZoneLayout::default()
    };
    let (from, to) = (Some(point((29.0, 4.5))), Some(point((29.0, 8.5))));
    let line = v1::LineLayout { id: "way-out".to_owned(), from, to, units: metres, gate: false };
    let desk = [(0.0, 0.7), (0.2, 0.7), (0.2, 1.0), (0.0, 1.0)];
    let mask = v1::MaskLayout {
        id: "desk".to_owned(),
        polygon: desk.map(point).to_vec(),
        units: v1::LayoutUnits::Normalised.into(),
    };
    let calibrated = !homography.is_empty();
    v1::CameraLayout {
        camera: name.to_owned(),
        purpose: format!("The hall, seen by {name}."),
        role: v1::CameraRole::Hall.into(),
        homography: homography.to_vec(),
        zones: if calibrated { vec![zone] } else { Vec::new() },
        lines: if calibrated { vec![line] } else { Vec::new() },
        masks: vec![mask],
        models: vec!["default".to_owned()],
        ..v1::CameraLayout::default()
    }
}

pub fn site() -> TestSite {
    let mut topology = Topology::disjoint();
    topology.link(&camera("west"), &camera("exit"), LinkPrior { typical_s: 40.0 });
    TestSite::start(|settings| settings.topology = topology.closing())
}

pub struct Kim {
    runtime: Runtime,
    console: ConsoleClient,
}

impl Kim {
    pub fn at(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let console = runtime.block_on(ConsoleClient::connect(url)).unwrap();
        Self { runtime, console }
    }

    pub fn plan(&mut self) -> v1::GetPlanResponse {
        self.runtime.block_on(self.console.plan()).unwrap()
    }

    fn look(&mut self, camera: &str, operator: &str) -> Result<v1::GetPreviewResponse, (Code, String)> {
        let request = v1::GetPreviewRequest { camera: camera.to_owned(), operator: operator.to_owned() };
        self.runtime.block_on(self.console.preview(request)).map_err(|error| match error {
            RpcError::Call { code, message, .. } => (code, message),
            other => panic!("{other}"),
        })
    }

    fn describe(&self, url: &str, cameras: Vec<v1::CameraLayout>) -> Result<Vec<v1::RefusedCamera>, RpcError> {
        self.runtime.block_on(async { UplinkClient::connect(url).await?.describe_cameras(cameras).await })
    }
}

pub fn online(name: &str, sequence: u64) -> EdgeEvent {
    let body = greenlane::event::SystemReport::CameraOnline { width: 640, height: 360 };
    EdgeEvent { body: EventBody::System(body), ..camera_state(name, sequence, None) }
}

#[test]
fn where_cameras_look_is_told_looked_at_and_outlives_a_restart() {
    let mut site = site();
    let mut kim = Kim::at(&site.url());
    assert_eq!(kim.plan().cameras, []);
    let good = layout("west", &WEST);
    let mut interior = layout("toilet", &WEST);
    interior.zones[0].r#use = 5;
    let cameras = vec![
        good.clone(),
        v1::CameraLayout { camera: "<script>".repeat(20), ..good.clone() },
        v1::CameraLayout { camera: "flat".to_owned(), homography: vec![1.0; 9], ..good.clone() },
        interior,
        layout("gate", &[]),
    ];
    let refused = kim.describe(&site.url(), cameras).unwrap();
    let names: Vec<_> = refused.iter().map(|r| r.camera.as_str()).collect();
    assert_eq!(names, [&"<script>".repeat(20)[..64], "flat", "toilet"]);
    assert!(refused[1].why.contains("cannot be inverted") && refused[2].why.contains("`zone.use`"), "{refused:?}");
    let many = kim.describe(&site.url(), vec![good.clone(); 65]).unwrap_err().to_string();
    assert!(many.contains("65 cameras: an edge has at most 64"), "{many}");

    let edge = site.edge("edge");
    edge.send(&[online("west", 1)], 1);
    until("the size of its pictures is known", || kim.plan().cameras.iter().any(|c| (c.width, c.height) == (640, 360)));
    // An edge that starts anew does not know the size yet; what it told before is replaced.
    let purpose = "Something else.".to_owned();
    kim.describe(&site.url(), vec![v1::CameraLayout { purpose: purpose.clone(), ..good.clone() }]).unwrap();
    let plan = kim.plan();
    let west = v1::CameraLayout { purpose, width: 640, height: 360, ..good };
    assert_eq!(plan.cameras, [layout("gate", &[]), west]);
    assert_eq!(plan.ways, [v1::Way { from: "west".to_owned(), to: "exit".to_owned(), seconds: 40.0 }]);
    assert!(plan.ways_are_all && plan.overlaps_are_all && plan.overlaps.is_empty());
    drop(kim);
    site.restart();
    assert_eq!(Kim::at(&site.url()).plan(), plan);
    edge.finish();
}

/// A hall with a chequered person: blocks that JPEG keeps and hiding does not.
fn frame(name: &str, tenth: u32) -> Frame {
    let mut image = Image::filled(640, 360, [120, 130, 140]);
    for (i, pixel) in image.bgr.chunks_exact_mut(3).enumerate() {
        let (x, y) = (i % 640, i / 640);
        if (80..200).contains(&x) && (60..300).contains(&y) {
            pixel.fill(if (x / 8 + y / 8) % 2 == 0 { 255 } else { 0 });
        } else if y > 320 || x / 4 == 100 {
            pixel.fill(60);
        }
    }
    let media_time = MediaTime::from_seconds(f64::from(tenth) / 10.0);
    let header = FrameHeader {
        camera: camera(name),
        boot: event(name, 1, 1).id.boot,
        sequence: u64::from(tenth) + 1,
        media_time,
        capture_time: event(name, 1, 1).capture_time.after(media_time),
        width: 640,
        height: 360,
        keyframe: false,
    };
    Frame { header, image }
}

fn person() -> Track {
    Track {
        id: TrackId(4),
        class: ObjectClass::Person,
        bbox: BBox { x: 80.0, y: 60.0, w: 120.0, h: 240.0 },
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

/// An edge that shows these cameras.
pub fn shows(site: &TestSite, layouts: &[v1::CameraLayout]) -> Dial {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let mut kept = Vec::new();
    for layout in layouts {
        let evidence = Evidence::new(EvidenceSettings::default());
        (0..12).for_each(|tenth| evidence.frame(&frame(&layout.camera, tenth), &[person()]).unwrap());
        kept.push((camera(&layout.camera), evidence));
    }
    let settings = UplinkSettings { central: site.url(), backoff_max: Duration::from_millis(200), seed: 1 };
    let layouts = layouts.iter().map(|layout| layout_from_proto(layout.clone()).unwrap()).collect();
    evidence_uplink::start(settings, Arc::new(kept), layouts, clock).unwrap()
}

/// Steps between neighbours in the person's rows, levels.
fn detail(jpeg: &[u8]) -> f64 {
    let mut image = Image::default();
    greenlane::capture::decode_picture(jpeg, &mut image).unwrap();
    let level = |x: usize, y: usize| f64::from(image.bgr[3 * (y * image.width as usize + x)]);
    let steps = (70..290).flat_map(|y| (90..190).map(move |x| (x, y)));
    steps.map(|(x, y)| (level(x + 1, y) - level(x, y)).abs()).sum::<f64>() / 22_000.0
}

#[test]
fn who_looks_through_a_camera_sees_nobody_and_is_written_down_once() {
    let site = site();
    let mut kim = Kim::at(&site.url());
    let (code, message) = kim.look("west", "kim").unwrap_err();
    assert!(code == Code::Unavailable && message.contains("camera west is not connected"), "{message}");
    let edge = shows(&site, &[layout("west", &WEST)]);
    until("the edge is connected", || kim.look("west", "kim").is_ok());
    let seen = (0..3).map(|_| kim.look("west", "kim").unwrap()).next_back().unwrap();
    let (picture, scene) = (seen.picture.unwrap(), seen.scene.unwrap());
    assert!(detail(&picture.jpeg) < 4.0, "{}", detail(&picture.jpeg));
    assert_eq!((picture.width, scene.width, scene.height, scene.boxes.len()), (640, 640, 360, 1));
    assert_eq!((scene.boxes[0].track, scene.boxes[0].r#box.unwrap().w), (4, 120.0));
    assert!((scene.frames_per_second - 10.0).abs() < 0.5, "{}", scene.frames_per_second);
    for (name, operator, code) in [
        ("west", " ", Code::InvalidArgument),
        ("../x", "kim", Code::InvalidArgument),
        ("none", "kim", Code::Unavailable),
    ] {
        assert_eq!(kim.look(name, operator).unwrap_err().0, code, "{name} {operator}");
    }
    let entries = kim.runtime.block_on(kim.console.audit(0, 0)).unwrap();
    let looks: Vec<_> = entries.iter().map(|e| (e.operator.as_str(), e.action.as_str(), e.text.as_str())).collect();
    assert_eq!(looks, [("kim", "preview", "none"), ("kim", "preview", "west")]);
    edge.stop();
    until("the edge is gone", || kim.look("west", "kim").is_err_and(|(code, _)| code == Code::Unavailable));
}
