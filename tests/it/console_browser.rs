//! The console in a headless Chromium: what an operator sees and does, with the real binary before a real centre.
//!
//! `GREENLANE_PICTURES=DIR` keeps a picture of every view; `GREENLANE_AXE=axe.min.js` has axe-core look at each
//! (`scripts/axe.sh` sets both).

use std::path::PathBuf;
use std::time::Duration;

use greenlane::event::{Behaviour, EdgeEvent, Lifecycle, OfflineCause};
use serde_json::{Value, json};

use crate::console::{HOSTILE, hostile};
use crate::support::browser::{Browser, Tab};
use crate::support::console::{ConsoleProcess, SOON, behaviour, camera_state};
use crate::support::false_centre::FalseCentre;
use crate::support::site::{Edge, TestSite, until};

/// Most alerts that a page holds.
const QUEUE_MAX: u64 = 500;
/// From the commit to the page, 99 of 100; loopback. An unoptimised build beside other tests gets five times that.
const LATENCY_P99_MS: f64 = if cfg!(debug_assertions) { 1_000.0 } else { 200.0 };
/// Events of which it is measured, and the pause between two.
const MEASURED: u64 = 200;
const BETWEEN: Duration = Duration::from_millis(30);
/// What the page's script may hold, bytes.
const HEAP_MAX: f64 = 100e6;

/// A console before a centre that raises everything.
fn console() -> (TestSite, Edge, ConsoleProcess) {
    let site = TestSite::start(|s| s.alerts.per_hour = 10_000);
    let edge = site.edge("edge");
    let console = ConsoleProcess::start(&site.url());
    (site, edge, console)
}

/// Gives its name as an operator does.
pub fn sign(tab: &mut Tab, console: &ConsoleProcess, name: &str) {
    tab.go(&format!("{}/you", console.url));
    tab.eval("document.querySelector('#operator').focus()");
    tab.write(name);
    tab.key("Enter");
    tab.until("document.querySelector('.saved') !== null");
    tab.go(&format!("{}/", console.url));
    tab.until("document.querySelector('#connection').dataset.state !== 'lost'");
}

fn loitering(sequence: u64, track: u64) -> EdgeEvent {
    behaviour("hall", sequence, track, Behaviour::Loitering, Lifecycle::New)
}

#[test]
fn an_alert_arrives_is_opened_and_worked_on_by_keys_and_a_second_operator_sees_it() {
    let Some(browser) = Browser::start() else { return };
    let (site, edge, console) = console();
    let mut kim = browser.open(&console.url);
    sign(&mut kim, &console, "kim");
    assert!(kim.text("#nothing").contains("Nothing needs a look."));
    edge.send(&[loitering(1, 4)], 1);
    kim.until("document.querySelectorAll('#queue a.row').length === 1");
    assert!(kim.text("#queue").contains("Time in the zone 180 s, usual at most 60 s"), "{}", kim.text("#queue"));
    assert!(kim.eval("document.querySelector('#nothing').hidden") == true);

    let Some(other) = Browser::start() else { return };
    let mut lee = other.open(&console.url);
    sign(&mut lee, &console, "lee");
    lee.go(&format!("{}/?alert=1", console.url));
    for key in ["j", "Enter"] {
        kim.key(key);
    }
    kim.until("document.querySelector('#detail').dataset.alert === '1'");
    kim.key("a");
    kim.until("document.querySelector('#facts .state').dataset.state === 'acknowledged'");
    lee.until("document.querySelector('#facts .state').dataset.state === 'acknowledged'");
    lee.until("document.querySelector('#history').innerText.includes('kim')");

    // What lee is writing is not lost when kim does something meanwhile.
    lee.key("n");
    lee.write("half a sent");
    kim.key("s");
    kim.write("park");
    kim.key("Enter");
    kim.until("document.querySelector('#facts').innerText.includes('park')");
    lee.until("document.querySelector('#history').innerText.includes('park')");
    assert_eq!(lee.eval("document.querySelector('#note-text').value"), "half a sent");
    lee.write("ence");
    lee.key("Enter");
    kim.until("document.querySelector('#history').innerText.includes('half a sentence')");
    assert!(kim.text("#history").contains("lee noted"), "{}", kim.text("#history"));

    kim.key("d");
    kim.write("family waits");
    kim.key("Enter");
    kim.until("document.querySelector('#facts .state').dataset.state === 'dismissed'");
    lee.until("document.querySelector('#work').innerText.includes('closed')");
    kim.until("document.querySelector('#work').innerText.includes('closed') && document.activeElement.id === 'detail'");
    kim.key("Escape");
    kim.until("!document.querySelector('#detail').dataset.alert && location.search === ''");
    // The camera takes another one back.
    edge.send(&[loitering(2, 9)], 1);
    kim.until("document.querySelector('#queue a.row:not([data-finished])') !== null");
    edge.send(&[EdgeEvent { lifecycle: Lifecycle::Retracted, ..loitering(3, 9) }], 1);
    kim.until("document.querySelector('#a2 .state').dataset.state === 'withdrawn'");
    // Switched off, keys do nothing.
    kim.eval("document.body.dataset.keys = 'off'");
    kim.key("3");
    kim.rest(SOON);
    assert_eq!(kim.eval("location.pathname"), "/");
    edge.finish();
    drop(site);
}

#[test]
fn a_cut_connection_is_shown_and_what_happened_meanwhile_is_there_afterwards() {
    let Some(browser) = Browser::start() else { return };
    let (mut site, edge, console) = console();
    let mut kim = browser.open(&console.url);
    sign(&mut kim, &console, "kim");
    edge.send(&[loitering(1, 1)], 1);
    kim.until("document.querySelector('#a1') !== null");
    site.stop();
    kim.until("document.querySelector('#banner').innerText.includes('Connection lost')");
    assert_eq!(kim.text("#connection").trim(), "Connection lost");
    edge.send(&[loitering(2, 2)], 1);
    site.restart();
    kim.until("document.querySelector('#a2') !== null && document.querySelector('#banner').innerText === ''");

    // And the console itself.
    let address = console.url["http://".len()..].to_owned();
    drop(console);
    kim.until("!document.querySelector('#page-lost').hidden");
    edge.send(&[loitering(3, 3)], 1);
    let _again = ConsoleProcess::at(&site.url(), &address);
    kim.until("document.querySelector('#a3') !== null && document.querySelector('#page-lost').hidden");
    assert_eq!(kim.eval("document.querySelectorAll('#queue a.row').length"), 3);
    edge.finish();
}

#[test]
fn five_hundred_alerts_stay_light_and_what_is_committed_is_on_the_page_at_once() {
    let Some(browser) = Browser::start() else { return };
    let (_site, edge, console) = console();
    // Each in a window of its own: a page behind another gives its stream back.
    let Some(other) = Browser::start() else { return };
    let mut queue = browser.open(&console.url);
    let mut system = other.open(&format!("{}/system", console.url));
    for n in 1..=QUEUE_MAX + 20 {
        edge.send(&[loitering(n, n)], 1);
    }
    queue.until(&format!("document.querySelectorAll('#queue a.row').length === {QUEUE_MAX}"));
    queue.until("document.querySelector('#more').innerText.startsWith('20 ')");
    system.until("document.querySelectorAll('#rows tr').length === 200");
    // Before that queue, what comes now: each event stamps its commit, and the page its arrival.
    system.eval(
        "window.late = []; new MutationObserver(changes => { for (const change of changes) for (const row of \
         change.addedNodes) if (row.dataset?.committed) late.push(Date.now() - row.dataset.committed / 1000); \
         }).observe(document.querySelector('#rows'), { childList: true })",
    );
    for n in 1..=MEASURED {
        let sequence = QUEUE_MAX + 20 + n;
        edge.send(&[EdgeEvent { lifecycle: Lifecycle::End, ..loitering(sequence, n) }], 1);
        system.rest(BETWEEN);
    }
    system.until(&format!("late.length === {MEASURED}"));
    assert_eq!(system.eval("document.querySelectorAll('#rows tr').length"), 200);
    let late = system.eval("late.sort((a, b) => a - b)");
    let late: Vec<f64> = late.as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    let at = |share: f64| late[((late.len() - 1) as f64 * share) as usize];
    let (heap, memory) = (queue.heap(), memory_kib(console.id()));
    println!(
        "commit to page, {} events: p50 {:.0} ms, p99 {:.0} ms, max {:.0} ms; page's heap {:.1} MB, console {memory} KiB",
        late.len(),
        at(0.5),
        at(0.99),
        at(1.0),
        heap / 1e6
    );
    assert!(at(0.99) < LATENCY_P99_MS, "{}", at(0.99));
    assert!(heap < HEAP_MAX);
    // The pages asked anew hold the same.
    queue.go(&format!("{}/?alert=7", console.url));
    queue.until(&format!("document.querySelectorAll('#queue a.row').length === {QUEUE_MAX}"));
    edge.finish();
}

/// Resident memory of a process.
pub fn memory_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A morning with something of everything.
fn morning() -> Vec<EdgeEvent> {
    use Behaviour::{BagHandedOver, Fall, Loitering, ObjectLeft, Running};
    let zoned = |event: EdgeEvent, zone: &str| EdgeEvent { zone: Some(zone.to_owned()), ..event };
    vec![
        camera_state("hall-north", 1, None),
        camera_state("hall-south", 1, None),
        camera_state("lane-4", 1, None),
        camera_state("gate-b", 1, Some(OfflineCause::Stall)),
        zoned(behaviour("hall-north", 2, 31, Loitering, Lifecycle::New), "belt 4"),
        behaviour("hall-north", 3, 31, BagHandedOver, Lifecycle::New),
        zoned(behaviour("hall-south", 2, 7, Running, Lifecycle::New), "exit"),
        behaviour("hall-south", 3, 12, Fall, Lifecycle::New),
        zoned(behaviour("hall-north", 4, 44, ObjectLeft, Lifecycle::New), "belt 2"),
        behaviour("hall-south", 4, 51, ObjectLeft, Lifecycle::New),
        behaviour("hall-south", 5, 12, Fall, Lifecycle::Retracted),
    ]
}

#[test]
fn every_view_fits_its_window_in_both_languages_and_colours() {
    let Some(browser) = Browser::start() else { return };
    let (_site, edge, console) = console();
    edge.send(&morning(), 20);
    let mut tab = browser.open(&console.url);
    sign(&mut tab, &console, "kim");
    tab.until("document.querySelectorAll('#queue a.row').length === 5");
    tab.go(&format!("{}/?alert=5", console.url));
    tab.key("a");
    tab.until("document.querySelector('#facts .state').dataset.state === 'acknowledged'");
    let views = [
        ("queue", "/"),
        ("alert", "/?alert=5"),
        ("review", "/review"),
        ("system", "/system"),
        ("camera", "/camera/hall-north"),
        ("you", "/you"),
    ];
    look_at_all(&mut tab, &console, &views.map(|(view, path)| (view, path.to_owned())));
    edge.finish();
}

/// Looks at every view in several windows, languages and colours: nothing is too wide, and axe-core finds nothing.
pub fn look_at_all(tab: &mut Tab, console: &ConsoleProcess, views: &[(&str, String)]) {
    let pictures = std::env::var_os("GREENLANE_PICTURES").map(PathBuf::from);
    let axe = std::env::var_os("GREENLANE_AXE").map(|file| std::fs::read_to_string(file).unwrap());
    let all = [("en", "light"), ("ko", "dark"), ("ko", "light"), ("en", "dark")];
    // Widths depend on the words and not on the colours.
    let looks = if pictures.is_some() || axe.is_some() { &all[..] } else { &all[..2] };
    let mut violations = Vec::new();
    for (width, height) in [(1_280, 720), (820, 1_180), (3_840, 2_160)] {
        tab.size(width, height);
        for (lang, theme) in looks {
            let body = format!("lang={lang}&theme={theme}");
            let kept = tab.eval(&format!(
                "fetch('/you', {{ method: 'POST', body: new URLSearchParams('{body}') }}).then(answer => answer.ok)"
            ));
            assert_eq!(kept, true);
            for (view, path) in views {
                tab.go(&format!("{}{path}", console.url));
                tab.until("document.querySelector('#connection').dataset.state === 'live'");
                assert_eq!(tab.eval("document.documentElement.lang"), *lang);
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
    }
    assert_eq!(violations, [] as [String; 0]);
}

/// Has axe-core look at the page as it stands; what it finds.
pub fn look(tab: &mut Tab, axe: &str, what: &str) -> Option<String> {
    tab.eval(&format!("{axe}; true"));
    let tags = json!(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]);
    let found = tab.eval(&format!(
        "axe.run(document, {{ runOnly: {tags} }}).then(r => ({{ version: axe.version, passes: r.passes.length, \
         violations: r.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html + ' ' + n.failureSummary)]) }}))"
    ));
    println!(
        "axe-core {} on {what}: {} rules pass, violations: {}",
        found["version"], found["passes"], found["violations"]
    );
    (found["violations"] != json!([])).then(|| format!("{what}: {}", found["violations"]))
}

/// Chromium itself is asked what stands in the page: nothing of the texts may have become an element.
#[test]
fn hostile_texts_become_no_elements() {
    let Some(browser) = Browser::start() else { return };
    for text in HOSTILE {
        let centre = FalseCentre::start(hostile(text));
        let console = ConsoleProcess::start(&centre.url);
        let mut tab = browser.open(&console.url);
        sign(&mut tab, &console, text);
        tab.until("document.querySelector('#a1') !== null");
        for path in [
            "/",
            "/?alert=1",
            "/plan",
            "/system",
            "/review",
            "/camera/hall",
            "/you",
            "/travellers?show=all",
            "/traveller/7",
        ] {
            tab.go(&format!("{}{path}", console.url));
            tab.until("document.querySelector('#connection').dataset.state !== 'lost'");
            let strange = tab.eval(
                "[...document.querySelectorAll('*')].filter(e => /^(SCRIPT|IFRAME|IMG|STYLE|OBJECT|EMBED|BASE|svg)$/.test(e.tagName) \
                 && !e.matches('head > script, svg.range, .plan-stage > svg, svg.key-mark, svg.stage-drawing, svg.axis, svg.axis svg') || [...e.attributes].some(a => /^on|^style$|^srcdoc$/i.test(a.name) || \
                 /^\\s*javascript:/i.test(a.value) && a.name !== 'value' && a.name !== 'title')).map(e => e.outerHTML)",
            );
            assert_eq!(strange, json!([]), "{text} on {path}");
        }
    }
}

/// Whoever listens to the page hears of nothing twice and of everything once.
#[test]
fn a_slow_page_gets_the_outcome_without_the_steps() {
    let (_site, edge, console) = console();
    console.says("/system", "data-state=\"live\"");
    let mut page = console.live("page=now");
    // It reads nothing while a thousand alerts change again and again.
    for n in 1..=400 {
        edge.send(&[loitering(n, n)], 1);
    }
    until("all are raised", || console.get("/").body.matches("class=\"row\"").count() == 400);
    let mut text = String::new();
    let mut buffer = [0; 16_384];
    until("the page has the outcome", || {
        let read = std::io::Read::read(&mut page, &mut buffer).unwrap();
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        text.contains("id=\\\"a400\\\"")
    });
    assert!(text.matches("event: queue").count() < 400, "{}", text.matches("event: queue").count());
    edge.finish();
}
