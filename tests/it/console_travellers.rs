//! Travellers in the console, from the real binary before a real centre: over HTTP and in a headless Chromium.

use std::time::Duration;

use greenlane::association::Topology;
use greenlane::event::vital::{Estimate, Reason, Window};
use greenlane::event::{
    Behaviour, EdgeEvent, EventBody, Lifecycle, OfflineCause, Severity, SystemReport, TrackReport, VitalReport,
    VitalSign,
};
use greenlane::time::{CaptureTime, MediaTime};
use greenlane::units::Interval;
use greenlane::wire::v1;

use crate::console_browser::{look_at_all, memory_kib, sign};
use crate::support::browser::{Browser, Tab};
use crate::support::console::{ConsoleProcess, behaviour};
use crate::support::site::{Edge, TestSite, event, until};
use crate::travellers::{Camera, Operator, START, names, site, story};

/// From this console's own page, as a browser says it, and who asks.
const KIM: [(&str, &str); 2] = [("Sec-Fetch-Site", "same-origin"), ("Cookie", "operator=6b696d")];

/// What a camera tells of a track's behaviour in the story.
fn loiters(camera: &mut Camera, second: i64, track: u64, lifecycle: Lifecycle) -> EdgeEvent {
    let plain = behaviour("x", 1, track, Behaviour::Loitering, lifecycle);
    let EventBody::Behaviour(mut report) = plain.body else { unreachable!() };
    report.since.unix_micros = START + (second - 3) * 1_000_000;
    let told = camera.tells(second, Some(track), lifecycle, EventBody::Behaviour(report));
    EdgeEvent { severity: Severity::Alert, reasons: plain.reasons, ..told }
}

/// A window of vital signs that ends at a second.
fn vital(camera: &mut Camera, second: i64, track: u64, sign: VitalSign, rate: Option<f64>) -> EdgeEvent {
    let end = event(camera.name, 1, camera.told + 1).media_time;
    let window = Window { start: MediaTime(end.0 - 10_000_000_000), end };
    let estimate = match rate {
        Some(rate) => {
            let interval = Interval { low: rate - 4.0, high: rate + 6.0 };
            Estimate::Available { rate, interval, quality: 0.93, window }
        }
        None => Estimate::unavailable(vec![Reason::Motion, Reason::FaceSmall], window),
    };
    let report = VitalReport { sign, estimate, method: None };
    camera.tells(second, Some(track), Lifecycle::Update, EventBody::Vital(report))
}

/// The story of `travellers`, with an alert at the gate, one in the hall that is taken back, and vital signs.
fn life() -> Vec<EdgeEvent> {
    let (mut gate, mut hall) = (Camera { name: "gate", told: 1_000 }, Camera { name: "hall", told: 1_000 });
    let mut all = story();
    all.push(loiters(&mut gate, 5, 1, Lifecycle::New));
    all.push(loiters(&mut hall, 33, 1, Lifecycle::New));
    all.push(loiters(&mut hall, 36, 1, Lifecycle::Retracted));
    for (second, pulse, breath) in
        [(34, None, None), (38, Some(88.0), None), (41, Some(92.0), Some(15.0)), (44, Some(95.0), Some(17.0))]
    {
        all.push(vital(&mut hall, second, 1, VitalSign::Pulse, pulse));
        all.push(vital(&mut hall, second, 1, VitalSign::Respiration, breath));
    }
    all.sort_by_key(|event| event.capture_time.unix_micros);
    all
}

/// A site that was told everything until a second; who walks on.
fn told(until_s: i64) -> (TestSite, Edge, ConsoleProcess, Operator, u64) {
    let site = site(20.0);
    let edge = site.edge("edge");
    let all: Vec<EdgeEvent> =
        life().into_iter().filter(|event| event.capture_time.unix_micros <= START + until_s * 1_000_000).collect();
    edge.send(&all, 50);
    let console = ConsoleProcess::start(&site.url());
    let mut kim = Operator::at(&site.url());
    until("the story is told", || {
        let newest = kim.list(|_| {}).travellers.first().map(|one| one.until_unix_micros);
        newest.is_some_and(|at| at >= START + (until_s - 4) * 1_000_000)
    });
    let of_gate = kim.list(|request| request.cameras = vec!["gate".to_owned()]).travellers;
    let on = of_gate.iter().max_by_key(|one| one.tracks).unwrap().traveller;
    console.says("/system", "data-state=\"live\"");
    (site, edge, console, kim, on)
}

#[test]
fn travellers_are_listed_shown_and_worked_on_and_every_refusal_is_said() {
    let (_site, edge, console, mut kim, on) = told(300);
    let everybody = names(&kim.list(|_| {}));
    let away = everybody
        .into_iter()
        .find(|id| kim.list(|r| r.in_sight = true).travellers[0].traveller != *id && *id != on)
        .unwrap();
    for (path, words) in [
        ("/travellers".to_owned(), "<strong>1</strong> / 3 remembered"),
        ("/travellers?show=all".to_owned(), "<strong>3</strong> / 3 remembered"),
        ("/travellers?show=all&camera=gate&n=9".to_owned(), "<strong>2</strong> / 3 remembered"),
        ("/travellers?show=followed".to_owned(), "Nobody like that is remembered."),
        (format!("/traveller/{on}"), "Stays unusually long"),
        (format!("/traveller/{on}"), "Came back into view (after gate T1, 20 s)"),
        (format!("/traveller/{on}"), "out of sight 20 s"),
        (format!("/traveller/{on}"), "alike 1.00"),
        (format!("/traveller/{on}"), "without calibration"),
        (format!("/traveller/{on}"), "too much movement"),
        (format!("/traveller/{on}"), "<span class=\"state\" data-state=\"withdrawn\">withdrawn</span>"),
        (format!("/traveller/{on}"), "<strong>92</strong> a minute"),
        (format!("/traveller/{away}"), "of those who go on from there have come into view by now"),
        (format!("/traveller/{away}"), "Left for good"),
        (format!("/traveller/{away}"), &format!("<a href=\"/traveller/{on}\">")),
        ("/traveller/999999".to_owned(), "is not remembered"),
        ("/track/hall/1/999".to_owned(), "belongs to nobody"),
        ("/system".to_owned(), "href=\"/track/gate/1/1\""),
    ] {
        let body = console.get(&path).body;
        assert!(body.contains(words), "{path}: no {words} in {body}");
    }
    let now = console.get("/").body;
    let alert = now.split("href=\"/?alert=").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(console.get(&format!("/?alert={alert}")).body.contains("href=\"/track/gate/1/1\""));
    let lead = console.get("/track/gate/1/1");
    assert_eq!((lead.status, lead.header("location")), (303, format!("/traveller/{on}").as_str()));
    let korean = console.get_with(&format!("/traveller/{on}"), &[("Accept-Language", "ko")]).body;
    assert!(korean.contains("다시 나타남") && korean.contains("측정 불가"), "{korean}");

    let act = |form: &[(&str, &str)], whom: u64| console.post(&format!("/traveller/{whom}/act"), form, &KIM);
    let third = kim.list(|r| r.in_sight = true).travellers[0].traveller.to_string();
    for (form, words) in [
        (&[("action", "follow"), ("case", ""), ("purpose", "x"), ("minutes", "5")][..], "the case is missing"),
        (&[("action", "follow"), ("case", "C"), ("purpose", "x"), ("minutes", "481")], "1 to 28800 seconds"),
        (
            &[("action", "follow"), ("case", "C"), ("purpose", "x"), ("minutes", "soon")],
            "the number is missing or is none",
        ),
        (&[("action", "merge"), ("other", &third)], "two places"),
        (&[("action", "merge"), ("other", "")], "the number is missing or is none"),
        (&[("action", "split"), ("camera", "gate"), ("boot", "1"), ("track", "1")], "no later part"),
        (&[("action", "end"), ("follow", "77")], "number 77"),
        (&[("action", "enchant")], "There is no such page"),
    ] {
        let answer = act(form, on);
        assert!(answer.status == 409 && answer.body.contains(words), "{form:?}: no {words} in {}", answer.body);
    }
    let nameless = console.post(&format!("/traveller/{on}/act"), &[("action", "merge"), ("other", "1")], &KIM[..1]);
    assert!(nameless.status == 409 && nameless.body.contains("Your name is written down"));
    let done = act(&[("action", "follow"), ("case", "C-1"), ("purpose", "a bag"), ("minutes", "30")], on);
    assert_eq!((done.status, done.header("location")), (303, format!("/traveller/{on}?done=follow").as_str()));
    console.says(&format!("/traveller/{on}"), "<strong>C-1</strong>");
    console.says("/travellers?show=followed", "<strong>1</strong> / 3");
    edge.finish();
}

/// Waits for what the page says was done, and for its script.
fn says(tab: &mut Tab, words: &str) {
    let said = format!("document.querySelector('.saved')?.innerText.includes('{words}')");
    tab.until(&format!("document.readyState === 'complete' && {said}"));
}

/// The number in the page's heading.
fn number(tab: &mut Tab) -> u64 {
    tab.eval("Number(document.querySelector('#traveller-title').innerText.replace(/\\D/g, ''))").as_f64().unwrap()
        as u64
}

#[test]
fn from_an_alert_to_its_traveller_followed_merged_and_split_back_before_a_second_operator() {
    let Some(browser) = Browser::start() else { return };
    let Some(other) = Browser::start() else { return };
    let (_site, edge, console, _, on) = told(10);
    let mut kim = browser.open(&console.url);
    sign(&mut kim, &console, "kim");
    kim.until("document.querySelectorAll('#queue a.row').length === 1");
    for key in ["j", "Enter"] {
        kim.key(key);
    }
    kim.until("document.querySelector('#detail [data-key=t]') !== null");
    kim.key("t");
    kim.until("location.pathname.startsWith('/traveller/') && document.readyState === 'complete'");
    assert_eq!(number(&mut kim), on);
    let mut lee = other.open(&console.url);
    sign(&mut lee, &console, "lee");
    lee.go(&format!("{}/traveller/{on}", console.url));
    assert!(!lee.text("#head").contains("followed"));

    // By keys alone.
    kim.key("f");
    for field in ["<b>C-204</b>", "left a \"bag\""] {
        kim.write(field);
        kim.key("Tab");
    }
    kim.key("Enter");
    says(&mut kim, "Followed");
    lee.until("document.querySelector('#head').innerText.includes('followed')");
    lee.until("document.querySelector('#follows').innerText.includes('<b>C-204</b>')");
    assert!(lee.text("#follows").contains("left a \"bag\"") && lee.text("#follows").contains("by kim"));

    // They leave, are missed in the hall, and come back there; what is told is on both pages without reloading.
    let rest: Vec<EdgeEvent> =
        life().into_iter().filter(|event| event.capture_time.unix_micros > START + 10_000_000).collect();
    let (away, back): (Vec<EdgeEvent>, Vec<EdgeEvent>) =
        rest.into_iter().partition(|event| event.capture_time.unix_micros < START + 29_000_000);
    edge.send(&away, 1);
    lee.until("document.querySelector('#head').innerText.includes('out of sight')");
    lee.until(
        "document.querySelector('#outlook .due[data-due]') !== null && document.querySelector('.axis .next') !== null",
    );
    assert!(lee.text("#outlook").contains("hall") && lee.text("#outlook").contains("have come into view by now"));
    edge.send(&back, 5);
    lee.until("document.querySelectorAll('#links li').length === 2");
    lee.until("document.querySelector('#timeline tr[data-withdrawn]')?.innerText.includes('withdrawn')");
    lee.until("document.querySelectorAll('.axis .interval').length >= 3 && document.querySelectorAll('.axis .none').length >= 1");
    assert!(lee.text("#timeline").contains("too much movement"), "{}", lee.text("#timeline"));

    // It is said that the second stretch is somebody else, and taken back.
    kim.until("document.querySelectorAll('#links li').length === 2");
    kim.eval("document.querySelector('[data-step]').focus()");
    kim.key("Enter");
    says(&mut kim, "somebody else");
    lee.until("document.querySelectorAll('#links li').length === 1");
    let somebody = kim.eval("document.querySelector('.saved a').getAttribute('href').split('/').pop()");
    kim.key("m");
    kim.write(somebody.as_str().unwrap());
    kim.key("Enter");
    says(&mut kim, "one traveller now");
    lee.until("document.querySelectorAll('#links li').length === 2");
    kim.until("document.querySelector('#follows [data-key=x]') !== null");
    kim.key("x");
    says(&mut kim, "No longer followed");
    lee.until("!document.querySelector('#head').innerText.includes('followed')");
    kim.key("Escape");
    kim.until("location.pathname === '/travellers'");
    edge.finish();
}

#[test]
fn what_is_being_written_stays_and_a_camera_that_goes_is_said() {
    let Some(browser) = Browser::start() else { return };
    let (site, edge, console, _, on) = told(10);
    let mut kim = browser.open(&console.url);
    sign(&mut kim, &console, "kim");
    kim.go(&format!("{}/traveller/{on}", console.url));
    kim.key("f");
    kim.write("half a ca");
    let mut hall = Camera { name: "hall", told: 5_000 };
    let offline = EventBody::System(SystemReport::CameraOffline { cause: OfflineCause::Stall });
    edge.send(&[hall.tells(12, None, Lifecycle::New, offline)], 1);
    let mut gate = Camera { name: "gate", told: 5_000 };
    edge.send(&gate.sees(9, 13..=25, 2.0), 1);
    kim.until("document.querySelector('#outlook [data-blind]')?.innerText.includes('offline, sees nobody')");
    assert_eq!(kim.eval("document.querySelector('#case').value"), "half a ca");
    assert_eq!(kim.eval("document.activeElement.id"), "case");
    kim.write("se");
    assert_eq!(kim.eval("document.querySelector('#case').value"), "half a case");
    edge.finish();
    drop(site);
}

#[test]
fn views_of_travellers_fit_their_window_in_both_languages_and_colours() {
    let Some(browser) = Browser::start() else { return };
    let (_site, edge, console, mut kim, on) = told(300);
    let request = v1::FollowTravellerRequest {
        traveller: on,
        case: "C-204".to_owned(),
        purpose: "left a bag at belt 4".to_owned(),
        operator: "kim".to_owned(),
        seconds: 1_800,
    };
    kim.runtime.block_on(kim.client.follow(request)).unwrap();
    let everybody = kim.list(|_| {});
    let away = everybody.travellers.iter().find(|one| !one.in_sight && one.traveller != on).unwrap().traveller;
    let views = [
        ("travellers", "/travellers?show=all".to_owned()),
        ("traveller", format!("/traveller/{on}")),
        ("overdue", format!("/traveller/{away}")),
    ];
    let mut tab = browser.open(&console.url);
    sign(&mut tab, &console, "kim");
    look_at_all(&mut tab, &console, &views);
    edge.finish();
}

/// Travellers in sight at once, over so many cameras, for so many seconds after they came.
const LIVE: u64 = 1_000;
const CAMERAS: [&str; 10] = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"];
const LIVE_S: i64 = 20;
/// By then it is decided that all of them are newcomers.
const SETTLED_S: i64 = 10;
/// What a page may hold in its script's heap, bytes, and use of a core.
const HEAP_MAX: f64 = 100e6;
const CORE_MAX: f64 = 0.05;

/// What the cameras tell of everybody in one second.
fn second(cameras: &mut [Camera], second: i64) -> Vec<EdgeEvent> {
    let life = if second == 0 { Lifecycle::New } else { Lifecycle::Update };
    let EventBody::Track(plain) = event("c0", 1, 1).body else { unreachable!() };
    let since = CaptureTime::exact(START);
    let body = EventBody::Track(TrackReport { since, age_s: second as f64, ..plain });
    let tracks = 1..=LIVE / cameras.len() as u64;
    cameras
        .iter_mut()
        .flat_map(|camera| {
            tracks.clone().map(|track| camera.tells(second, Some(track), life, body.clone())).collect::<Vec<_>>()
        })
        .collect()
}

/// Figures of a machine at rest: `cargo test --release --test it thousand -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement: it holds for an optimised build on a machine that does nothing else"]
fn a_thousand_travellers_in_sight_cost_a_page_little() {
    let (Some(one), Some(two)) = (Browser::start(), Browser::start()) else { return };
    let site = TestSite::start(|settings| settings.topology = Topology::disjoint());
    let edge = site.edge("edge");
    let console = ConsoleProcess::start(&site.url());
    let mut cameras = CAMERAS.map(|name| Camera { name, told: 0 });
    for n in 0..SETTLED_S {
        edge.send(&second(&mut cameras, n), 1_000);
    }
    console.says("/travellers", &format!("<strong>{LIVE}</strong> / {LIVE} remembered"));
    let mut list = one.open(&format!("{}/travellers", console.url));
    let mut page = two.open(&format!("{}/traveller/1", console.url));
    page.until("document.querySelector('.axis') !== null");
    assert_eq!(list.eval("document.querySelectorAll('#travellers tbody tr').length"), 100);
    let before = [one.cpu_s(), two.cpu_s()];
    let began = list.eval("performance.now()").as_f64().unwrap();
    for n in SETTLED_S..SETTLED_S + LIVE_S {
        edge.send(&second(&mut cameras, n), 1_000);
        list.rest(Duration::from_secs(1));
    }
    let seconds = (list.eval("performance.now()").as_f64().unwrap() - began) / 1e3;
    let cores = [(one.cpu_s() - before[0]) / seconds, (two.cpu_s() - before[1]) / seconds];
    let heaps = [list.heap(), page.heap()];
    for (name, core, heap) in [("list", cores[0], heaps[0]), ("one traveller", cores[1], heaps[1])] {
        println!("{LIVE} in sight, {seconds:.0} s, {name}: {:.1} % of a core, heap {:.1} MB", 100.0 * core, heap / 1e6);
        assert!(core < CORE_MAX && heap < HEAP_MAX);
    }
    println!("console: {} KiB", memory_kib(console.id()));
    edge.finish();
}
