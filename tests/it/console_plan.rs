//! Plan, live look and drawing: what edges tell of their cameras over gRPC, and what an operator sees of it in Chromium.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use greenlane::association::{LinkPrior, Topology};
use greenlane::clock::{Clock, SystemClock};
use greenlane::config::EvidenceSettings;
use greenlane::event::{EdgeEvent, EventBody, FloorPlace, Lifecycle, OfflineCause, TrackReport};
use greenlane::frame::{BBox, Frame, FrameHeader, Image, ObjectClass};
use greenlane::ids::TrackId;
use greenlane::rpc::{ConsoleClient, RpcError, TravellerClient, UplinkClient};
use greenlane::time::{CaptureTime, MediaTime};
use greenlane::tracking::{Track, TrackState};
use greenlane::wire::{layout_from_proto, v1};
use greenlane::worker::evidence::Evidence;
use greenlane::worker::evidence_uplink::EvidenceUplink;
use greenlane::worker::uplink::UplinkSettings;
use serde_json::json;
use tokio::runtime::Runtime;
use tonic::Code;

use crate::console_browser::{look, sign};
use crate::support::browser::{Browser, Tab};
use crate::support::console::{ConsoleProcess, camera_state};
use crate::support::shared;
use crate::support::site::{Edge, TestSite, camera, event, until};

/// The cameras of the rendered hall.
const WEST: [f64; 9] = [
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
const EXIT: [f64; 9] = [
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

fn layout(name: &str, homography: &[f64]) -> v1::CameraLayout {
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

fn site() -> TestSite {
    let mut topology = Topology::disjoint();
    topology.link(&camera("west"), &camera("exit"), LinkPrior { typical_s: 40.0 });
    TestSite::start(|settings| settings.topology = topology.closing())
}

struct Kim {
    runtime: Runtime,
    console: ConsoleClient,
}

impl Kim {
    fn at(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let console = runtime.block_on(ConsoleClient::connect(url)).unwrap();
        Self { runtime, console }
    }

    fn plan(&mut self) -> v1::GetPlanResponse {
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

fn online(name: &str, sequence: u64) -> EdgeEvent {
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
fn shows(site: &TestSite, layouts: &[v1::CameraLayout]) -> EvidenceUplink {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let mut kept = Vec::new();
    for layout in layouts {
        let evidence = Evidence::new(EvidenceSettings::default());
        (0..12).for_each(|tenth| evidence.frame(&frame(&layout.camera, tenth), &[person()]).unwrap());
        kept.push((camera(&layout.camera), evidence));
    }
    let settings = UplinkSettings { central: site.url(), backoff_max: Duration::from_millis(200), seed: 1 };
    let layouts = layouts.iter().map(|layout| layout_from_proto(layout.clone()).unwrap()).collect();
    EvidenceUplink::start(settings, Arc::new(kept), layouts, clock).unwrap()
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

/// Somebody at a place of the floor, now.
fn at(name: &str, sequence: u64, track: u64, (x, y): (f64, f64), lifecycle: Lifecycle) -> EdgeEvent {
    let plain = event(name, 1, sequence);
    let EventBody::Track(report) = plain.body else { unreachable!() };
    let capture_time = CaptureTime::exact(SystemClock::start().unix_micros());
    let floor = FloorPlace::Available { x, y, covariance: [0.04, 0.0, 0.04] };
    let body = EventBody::Track(TrackReport { floor, since: capture_time, age_s: 0.0, ..report });
    EdgeEvent { body, capture_time, lifecycle, track: Some(TrackId(track)), ..plain }
}

/// A hall of two calibrated cameras and one that is not, with people; one of them is followed.
struct Hall {
    site: TestSite,
    edge: Edge,
    _pictures: EvidenceUplink,
    told: u64,
}

impl Hall {
    fn open() -> Self {
        let site = site();
        let layouts = [layout("west", &WEST), layout("exit", &EXIT), layout("gate", &[])];
        let (pictures, edge) = (shows(&site, &layouts), site.edge("edge"));
        edge.send(&[online("west", 1), online("exit", 1), online("gate", 1)], 3);
        let mut kim = Kim::at(&site.url());
        until("all are described", || kim.plan().cameras.iter().filter(|c| c.width == 640).count() == 3);
        Self { site, edge, _pictures: pictures, told: 1 }
    }

    /// A report of each of these, as once a second.
    fn people(&mut self, tracks: std::ops::RangeInclusive<u64>, lifecycle: Lifecycle) {
        for track in tracks {
            self.told += 1;
            let place = (4.0 + (track % 7) as f64 * 1.9, 3.0 + (track / 7) as f64 * 1.7);
            self.edge.send(&[at("west", self.told, track, place, lifecycle)], 1);
        }
    }

    /// Time goes on with reports; what is told last waits for them.
    fn follow(&mut self) -> u64 {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut client = runtime.block_on(TravellerClient::connect(&self.site.url())).unwrap();
        let mut whom = 0;
        until("somebody is known", || {
            self.people(1..=2, Lifecycle::Update);
            let list = runtime.block_on(client.list(v1::ListTravellersRequest::default())).unwrap();
            whom = list
                .travellers
                .iter()
                .find(|t| t.last.as_ref().is_some_and(|l| l.track == 1))
                .map_or(0, |t| t.traveller);
            whom != 0
        });
        let request = v1::FollowTravellerRequest {
            traveller: whom,
            case: "C-17".to_owned(),
            purpose: "left a bag".to_owned(),
            operator: "kim".to_owned(),
            seconds: 600,
        };
        runtime.block_on(client.follow(request)).unwrap();
        whom
    }
}

#[test]
fn the_plan_shows_who_is_where_and_where_the_followed_are_expected() {
    let Some(browser) = Browser::start() else { return };
    let mut hall = Hall::open();
    let console = ConsoleProcess::start(&hall.site.url());
    let mut tab = browser.open(&console.url);
    sign(&mut tab, &console, "kim");
    tab.key("5");
    tab.until("location.pathname === '/plan' && document.querySelectorAll('#plan-ground .seen').length === 2");
    assert_eq!(tab.eval("document.querySelectorAll('#plan-ground .zone').length"), 1, "two cameras see one zone");
    assert!(
        tab.text("#plan-blind").contains("west → exit: about 40 s out of every view"),
        "{}",
        tab.text("#plan-blind")
    );
    assert!(tab.text("#plan-cameras").contains("not calibrated: not on the plan"));
    tab.until("document.querySelector('#connection').dataset.state === 'live'");
    hall.people(1..=9, Lifecycle::New);
    let dots = "(document.querySelector('#plan-people .person').getAttribute('d').match(/M/g) ?? []).length";
    tab.until(&format!("{dots} === 9"));
    let whom = hall.follow();
    tab.until("document.querySelector('#plan-people .followed[data-sight=in]') !== null");
    assert!(tab.text("#plan-followed").contains(&format!("#{whom} · C-17")), "{}", tab.text("#plan-followed"));
    // They leave; where they may come next is said, with when. The others are not heard of any more.
    hall.people(1..=1, Lifecycle::End);
    until("they are expected elsewhere", || {
        hall.people(2..=2, Lifecycle::Update);
        tab.eval("document.querySelector('#plan-people .followed[data-sight=out] .expected') !== null") == true
    });
    tab.until("/exit[^]*%[^]* s/.test(document.querySelector('#plan-followed table').innerText)");
    tab.until(&format!("{dots} === 0 && document.querySelector('#plan-people .person-old').getAttribute('d') === ''"));
    // An offline camera sees nothing.
    hall.edge
        .send(&[EdgeEvent { id: event("exit", 1, 2).id, ..camera_state("exit", 2, Some(OfflineCause::Stall)) }], 1);
    tab.until("document.querySelectorAll('#plan-ground .unseen').length === 1");
    hall.edge.finish();
}

/// Every look of the views: window, language and colours.
fn looks(
    tab: &mut Tab,
    console: &ConsoleProcess,
    view: &str,
    path: &str,
    ready: &mut dyn FnMut(&mut Tab),
) -> Vec<String> {
    let pictures = std::env::var_os("GREENLANE_PICTURES").map(PathBuf::from);
    let axe = std::env::var_os("GREENLANE_AXE").map(|file| std::fs::read_to_string(file).unwrap());
    let mut violations = Vec::new();
    for (width, height) in [(1_280, 720), (820, 1_180), (3_840, 2_160)] {
        tab.size(width, height);
        for (lang, theme) in [("en", "light"), ("ko", "dark")] {
            tab.eval(&format!(
                "fetch('/you', {{ method: 'POST', body: new URLSearchParams('lang={lang}&theme={theme}') }}).then(a => a.ok)"
            ));
            tab.go(&format!("{}{path}", console.url));
            tab.until("document.querySelector('#connection').dataset.state === 'live'");
            ready(tab);
            let wide = tab.eval("document.documentElement.scrollWidth - innerWidth").as_f64().unwrap();
            assert!(wide <= 0.0, "{view} {width}x{height} {lang}: {wide} pixels too wide");
            if let Some(folder) = &pictures {
                tab.picture(&folder.join(format!("{view}-{width}-{lang}-{theme}.png")));
            }
            if let Some(axe) = &axe {
                violations.extend(look(tab, axe, &format!("{view} {width}x{height} {lang} {theme}")));
            }
        }
    }
    violations
}

#[test]
fn plan_and_camera_fit_every_window_and_a_zone_is_drawn_with_mouse_and_keys() {
    let Some(browser) = Browser::start() else { return };
    let mut hall = Hall::open();
    let console = ConsoleProcess::start(&hall.site.url());
    let mut tab = browser.open(&console.url);
    sign(&mut tab, &console, "kim");
    hall.people(1..=24, Lifecycle::New);
    hall.follow();
    tab.go(&format!("{}/camera/west", console.url));
    tab.until("document.querySelectorAll('#drawing .zone, #drawing .crossing, #drawing .stage-mask').length >= 2");
    // Looking: a still at once, and again while somebody looks; stopped, it stays.
    tab.key("l");
    tab.until("document.querySelector('#preview img')?.naturalWidth === 640");
    assert_eq!(tab.eval("document.querySelectorAll('#preview .tracked').length"), 1);
    assert!(tab.text("#preview .preview-said").contains("640×360 · 10.0 fps"), "{}", tab.text("#preview"));
    tab.eval("document.querySelector('#preview').dataset.old = 1");
    tab.until("!document.querySelector('#preview').dataset.old");
    tab.key("l");
    tab.until("document.querySelector('#look-stop').hidden");
    tab.until("document.querySelector('#capability').innerText.includes('10.0')");
    // Two corners with the mouse, two with keys.
    let click = |tab: &mut Tab, x: f64, y: f64| {
        tab.eval(&format!(
            "{{ const svg = document.querySelector('#drawing svg'), box = svg.getBoundingClientRect(); svg.dispatchEvent(new \
             MouseEvent('click', {{ bubbles: true, clientX: box.left + {x} * box.width, clientY: box.top + {y} * box.height }})); }}"
        ));
    };
    click(&mut tab, 0.3, 0.6);
    click(&mut tab, 0.6, 0.6);
    tab.eval("document.querySelector('#drawing').focus()");
    for key in ["ArrowDown", "ArrowDown", "Enter", "ArrowLeft", "Enter", "Backspace"] {
        tab.key(key);
    }
    let points = tab.eval("document.querySelector('#draw-points').value.split('\\n').length");
    assert_eq!(points, 3, "{}", tab.eval("document.querySelector('#draw-points').value"));
    assert!(tab.eval("document.querySelector('#sketch').getAttribute('d')").as_str().unwrap().ends_with('Z'));
    let make = |tab: &mut Tab, name: &str, units: &str| {
        tab.eval(&format!(
            "document.querySelector('#draw-name').value = {}; document.querySelector('#draw-units').value = '{units}'; \
             document.querySelector('#drawn').replaceChildren(); document.querySelector('#draw').requestSubmit()",
            json!(name)
        ));
        tab.until("document.querySelector('#drawn').innerText !== ''");
        tab.text("#drawn")
    };
    let table = make(&mut tab, "belt 4", "metres");
    assert!(
        table.contains("[[camera.zone]]\nid = \"belt 4\"\npolygon = [[") && table.contains("units = \"metres\""),
        "{table}"
    );
    assert!(make(&mut tab, "control", "normalised").contains("has the name of one that is there already"));
    tab.eval("document.querySelector('#draw-points').value = '0.1,0.02\\n0.9,0.02\\n0.5,0.6'");
    assert!(make(&mut tab, "sky", "metres").contains("point 1 is not on the floor"));

    let mut violations = looks(&mut tab, &console, "plan", "/plan", &mut |tab| {
        hall.people(1..=24, Lifecycle::Update);
        tab.until("document.querySelector('#plan-people .followed') !== null");
    });
    violations.extend(looks(&mut tab, &console, "look", "/camera/west", &mut |tab| {
        tab.key("l");
        tab.until("document.querySelector('#preview img')?.naturalWidth === 640");
        tab.key("l");
        tab.eval(
            "document.querySelector('#draw-points').value = '0.3,0.6\\n0.6,0.6\\n0.6,0.8\\n0.35,0.85'; \
             document.querySelector('#draw-points').dispatchEvent(new Event('input')); \
             document.querySelector('#draw-name').value = 'belt'; document.querySelector('#draw').requestSubmit()",
        );
        tab.until("document.querySelector('#drawn').innerText !== ''");
    }));
    assert_eq!(violations, [] as [String; 0]);
    hall.edge.finish();
}

struct EdgeProcess(Child);

impl Drop for EdgeProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The rendered hall through the real edge: its cameras stand on the plan, and its west camera can be looked through.
#[test]
fn the_rendered_hall_stands_on_the_plan_and_can_be_looked_at() {
    let (Some(shared), Some(browser)) = (shared(), Browser::start()) else { return };
    let site = TestSite::start(|_| {});
    let console = ConsoleProcess::start(&site.url());
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/config/rendered-hall.toml");
    let outbox = site.file("hall.sqlite");
    let child = Command::new(env!("CARGO_BIN_EXE_greenlane"))
        .args(["edge", "--config", config, "--central", &site.url(), "--outbox", outbox.to_str().unwrap()])
        .env("GREENLANE_MODEL_MIRROR", shared.join("models"))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let _edge = EdgeProcess(child);
    let mut tab = browser.open(&console.url);
    sign(&mut tab, &console, "kim");
    tab.go(&format!("{}/plan", console.url));
    tab.until("document.querySelectorAll('#plan-ground .seen').length === 4");
    tab.until("/M/.test(document.querySelector('#plan-people .person').getAttribute('d'))");
    for zone in ["control", "exit", "restroom-entrance"] {
        let ground = tab.eval("document.querySelector('#plan-ground').textContent");
        assert!(ground.as_str().unwrap().contains(zone), "{ground}");
    }
    if let Some(folder) = std::env::var_os("GREENLANE_PICTURES").map(PathBuf::from) {
        tab.picture(&folder.join("rendered-plan.png"));
    }
    tab.go(&format!("{}/camera/west", console.url));
    tab.key("l");
    tab.until("document.querySelector('#preview img')?.naturalWidth === 640");
    assert!(
        tab.text("#capability").contains("places and speeds in metres") && tab.text("#capability").contains("640×360")
    );
    if let Some(folder) = std::env::var_os("GREENLANE_PICTURES").map(PathBuf::from) {
        tab.picture(&folder.join("rendered-look.png"));
    }
}
