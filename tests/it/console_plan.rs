//! Plan, live look and drawing in Chromium: what an operator sees and does, with the real binary before a real centre.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use greenlane::association::Topology;
use greenlane::clock::{Clock, SystemClock};
use greenlane::event::{EdgeEvent, EventBody, FloorPlace, Lifecycle, OfflineCause, TrackReport};
use greenlane::ids::TrackId;
use greenlane::rpc::TravellerClient;
use greenlane::time::CaptureTime;
use greenlane::wire::v1;
use greenlane::worker::Dial;
use serde_json::json;

use crate::console_browser::{look, memory_kib, sign};
use crate::plan::{EXIT, Kim, WEST, layout, online, shows, site};
use crate::support::browser::{Browser, Tab};
use crate::support::console::{ConsoleProcess, camera_state};
use crate::support::shared;
use crate::support::site::{Edge, TestSite, event, until};

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
    _pictures: Dial,
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
    tab.key("6");
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

/// People in view at once, over so many cameras, for so many seconds.
const LIVE: u64 = 1_000;
const CAMERAS: [&str; 10] = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"];
const LIVE_S: u64 = 20;
/// What a page may hold in its script's heap, bytes, and use of a core.
const HEAP_MAX: f64 = 100e6;
const CORE_MAX: f64 = 0.05;

/// What the cameras tell of everybody in one second; all walk on.
fn second(n: u64) -> Vec<EdgeEvent> {
    let each = LIVE / CAMERAS.len() as u64;
    let life = if n == 0 { Lifecycle::New } else { Lifecycle::Update };
    let told = |(lane, name): (usize, &&str)| {
        let (name, lane) = (name.to_string(), lane as f64);
        (1..=each).map(move |track| {
            let along = (track as f64 * 0.3 + n as f64 * 1.2) % 24.0;
            at(&name, 2 + n * each + track, track, (1.0 + along, 1.0 + lane * 1.1), life)
        })
    };
    CAMERAS.iter().enumerate().flat_map(told).collect()
}

/// Figures of a machine at rest: `cargo test --release --test it thousand -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement: it holds for an optimised build on a machine that does nothing else"]
fn a_thousand_people_on_the_plan_cost_a_page_little() {
    let Some(browser) = Browser::start() else { return };
    let site = TestSite::start(|settings| settings.topology = Topology::disjoint());
    let (_pictures, edge) = (shows(&site, &CAMERAS.map(|name| layout(name, &WEST))), site.edge("edge"));
    edge.send(&CAMERAS.map(|name| online(name, 1)), 10);
    let console = ConsoleProcess::start(&site.url());
    let mut plan = browser.open(&format!("{}/plan", console.url));
    edge.send(&second(0), 1_000);
    // Those not heard of for some seconds are drawn apart.
    let drawn = "[...document.querySelectorAll('#plan-people .person, #plan-people .person-old')].map(path => \
                 (path.getAttribute('d').match(/h0/g) ?? []).length).reduce((a, b) => a + b, 0)";
    plan.until(&format!("{drawn} === {LIVE}"));
    let before = browser.cpu_s();
    let began = plan.eval("performance.now()").as_f64().unwrap();
    for n in 1..=LIVE_S {
        edge.send(&second(n), 1_000);
        plan.rest(Duration::from_secs(1));
    }
    let seconds = (plan.eval("performance.now()").as_f64().unwrap() - began) / 1e3;
    let still = plan.eval(drawn);
    let (core, heap) = ((browser.cpu_s() - before) / seconds, plan.heap());
    let memory = memory_kib(console.id());
    println!(
        "{LIVE} on the plan, {seconds:.0} s: {:.1} % of a core, heap {:.1} MB, console {memory} KiB",
        100.0 * core,
        heap / 1e6
    );
    if let Some(folder) = std::env::var_os("GREENLANE_PICTURES") {
        plan.picture(&PathBuf::from(folder).join("plan-thousand.png"));
    }
    assert!(core < CORE_MAX && heap < HEAP_MAX, "{core} {heap}");
    assert_eq!(still, LIVE, "all are still drawn");
    edge.finish();
}
