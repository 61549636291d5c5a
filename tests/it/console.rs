//! The console's pages over HTTP, from the real binary: what is shown, what is refused, what is bounded.

use std::io::Read;
use std::net::TcpListener;
use std::process::Command;

use greenlane::event::{Behaviour, Lifecycle, OfflineCause};
use greenlane::wire::{event_to_proto, v1};

use crate::support::console::{ConsoleProcess, behaviour, camera_state};
use crate::support::false_centre::{FalseCentre, Script};
use crate::support::site::TestSite;

/// From this console's own page, as a browser says it.
const OWN: (&str, &str) = ("Sec-Fetch-Site", "same-origin");
/// `kim`, as the console keeps it.
const KIM: (&str, &str) = ("Cookie", "operator=6b696d");

/// What would do something if it were not shown as text.
pub const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</textarea></title></style><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "&lt;b&gt;&amp;\u{202e}txt.exe\u{0}\u{7}",
    "]]><!--<iframe srcdoc='<script>alert(1)</script>'>",
];

#[test]
fn the_queue_is_shown_and_worked_on_and_every_act_is_written_down() {
    let site = TestSite::start(|s| s.alerts.per_hour = 1);
    let edge = site.edge("edge");
    let console = ConsoleProcess::start(&site.url());
    console.says("/", "Nothing needs a look.");
    let story = [
        camera_state("hall", 1, None),
        behaviour("hall", 2, 1, Behaviour::Loitering, Lifecycle::New),
        behaviour("hall", 3, 1, Behaviour::BagHandedOver, Lifecycle::New),
        behaviour("hall", 4, 2, Behaviour::Fall, Lifecycle::New),
        camera_state("gate", 1, Some(OfflineCause::Stall)),
    ];
    edge.send(&story, 5);
    console.says("/", "Stays unusually long · A bag was handed over");
    console.says("/system", "offline: no pictures come");
    for (path, headers, words) in [
        ("/", &[][..], "Time in the zone 180 s, usual at most 60 s"),
        ("/?alert=2", &[], "Probability of carrying the bag"),
        ("/?alert=2", &[], "Your name is written down"),
        ("/?alert=2", &[("Accept-Language", "ko-KR")], "가방 전달"),
        ("/?alert=99", &[], "There is no such alert"),
        ("/system", &[], "1920×1080"),
        ("/camera/hall", &[], "Fell and lies"),
        ("/camera/hall", &[], "Alerts of this camera"),
        ("/camera/none", &[], "No camera of this name has reported."),
        ("/review", &[], "the hour&#39;s places are taken"),
        ("/you", &[("Cookie", "theme=dark; lang=ko")], "data-theme=\"dark\""),
    ] {
        let body = console.get_with(path, headers).body.replace('\'', "&#39;");
        assert!(body.contains(words), "{path}: no {words} in {body}");
    }

    // Nothing without a name; nothing with what the centre refuses; both say why.
    let act = |form: &[(&str, &str)], headers: &[(&str, &str)]| console.post("/alert/2/act", form, headers);
    assert!(act(&[("action", "acknowledge")], &[OWN]).body.contains("Your name is written down"));
    let refused = act(&[("action", "dismiss"), ("text", " ")], &[OWN, KIM]);
    assert!(refused.status == 409 && refused.body.contains("the reason is missing"), "{}", refused.body);
    for (action, text) in [("acknowledge", ""), ("assign", "lee"), ("note", "seen at <belt> 4"), ("dismiss", "family")]
    {
        let done = act(&[("action", action), ("text", text)], &[OWN, KIM]);
        assert_eq!((done.status, done.header("location")), (303, "/?alert=2"), "{action} {}", done.body);
    }
    let page = console.get_with("/?alert=2", &[KIM]).body;
    for words in ["Dismissed", "<q>seen at &lt;belt&gt; 4</q>", "This alert is closed", "lee"] {
        assert!(page.contains(words), "{words}");
    }
    let review = console.get("/review").body;
    assert!(["dismissed", "assigned", "noted"].iter().all(|w| review.contains(w)), "{review}");
    let stills = console.post("/alert/2/evidence", &[("purpose", "")], &[OWN, KIM]);
    assert!(stills.status == 409 && stills.body.contains("is not connected"), "{}", stills.body);
    edge.finish();
}

#[test]
fn a_centre_that_is_not_there_is_shown_and_found_when_it_comes() {
    let mut site = TestSite::start(|_| {});
    site.stop();
    let console = ConsoleProcess::start(&site.url());
    console.says("/", "No connection to the centre");
    console.says("/review", "this console is not connected to the centre");
    site.restart();
    console.says("/system", "data-state=\"live\"");
    site.stop();
    console.says("/", "Connection lost since");

    for (arguments, code, words) in [
        (vec!["--listen", &console.url["http://".len()..]], 2, "cannot listen on"),
        (vec!["--central", "centre:50051"], 64, "is no URL of a centre"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_greenlane")).arg("console").args(&arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(code) && text.contains(words), "{text}");
    }
}

#[test]
fn only_the_own_page_changes_something_and_nothing_foreign_is_let_in() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let console = ConsoleProcess::start(&format!("http://{free}"));
    let page = console.get("/");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"));
    assert_eq!((page.header("x-content-type-options"), page.header("cache-control")), ("nosniff", "no-store"));
    for path in ["/", "/plan", "/review", "/system", "/you", "/camera/x", "/travellers", "/traveller/1", "/nowhere"] {
        let body = console.get(path).body;
        // What the policy forbids is not used either.
        for inline in [" style=", " onclick=", " onload=", "<style", "javascript:", "http://fonts", "//cdn"] {
            assert!(!body.contains(inline), "{path} holds {inline}");
        }
        let scripts = if path.starts_with("/camera/") { 2 } else { 1 };
        assert_eq!(body.matches("<script").count(), scripts, "{path}");
    }
    let form = [("action", "acknowledge")];
    for (path, headers, status) in [
        ("/alert/1/act", &[][..], 403),
        ("/alert/1/act", &[("Origin", "http://evil.example")], 403),
        ("/alert/1/act", &[("Sec-Fetch-Site", "cross-site")], 403),
        ("/traveller/1/act", &[], 403),
        ("/traveller/1/act", &[("Sec-Fetch-Site", "cross-site"), KIM], 403),
        ("/traveller/1/act", &[OWN, KIM], 404),
        ("/alert/1/act", &[("Sec-Fetch-Site", "same-origin"), ("Host", "evil.example")], 403),
        ("/alert/1/evidence", &[], 403),
        ("/camera/x/preview", &[], 403),
        ("/camera/x/preview", &[OWN], 409),
        ("/camera/x/draw", &[("Sec-Fetch-Site", "cross-site")], 403),
        ("/you", &[("Sec-Fetch-Site", "same-site")], 403),
        ("/alert/x/act", &[OWN], 400),
        ("/alert/1/act", &[("Origin", console.url.as_str()), KIM], 409),
    ] {
        assert_eq!(console.post(path, &form, headers).status, status, "{path} {headers:?}");
    }
    assert_eq!(console.get("/alert/1/act").status, 405);
    assert_eq!(console.get_with("/", &[("Host", "evil.example")]).status, 403);
    let long = "x".repeat(100 << 10);
    assert_eq!(console.post("/you", &[("operator", &long)], &[OWN]).status, 413);
    let you = console.post("/you", &[("operator", "kim"), ("lang", "ko"), ("back", "//evil.example")], &[OWN]);
    assert_eq!((you.status, you.header("location")), (303, "/you?saved=1"));
    let cookies: Vec<&str> =
        you.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, v)| v.as_str()).collect();
    assert!(cookies.iter().all(|c| c.contains("HttpOnly; SameSite=Strict")) && cookies.len() == 4, "{cookies:?}");
}

#[test]
fn open_pages_are_bounded_and_give_their_place_back() {
    let site = TestSite::start(|_| {});
    let console = ConsoleProcess::start(&site.url());
    console.says("/system", "data-state=\"live\"");
    let mut open: Vec<_> = (0..32).map(|_| console.live("page=system")).collect();
    for page in &mut open {
        let mut start = [0; 16];
        page.read_exact(&mut start).unwrap();
        assert!(start.starts_with(b"event: fresh") || start.starts_with(b"event:"), "{start:?}");
    }
    assert_eq!(console.get("/live?page=system").status, 204);
    assert!(console.get("/system").body.contains("32 / 32"));
    open.truncate(20);
    console.says("/system", "20 / 32");
    assert_eq!(console.get("/live?page=elsewhere").status, 404);
}

/// Every text field of every message holds the text.
pub fn hostile(text: &str) -> Script {
    let text = text.to_owned();
    let mut event = event_to_proto(&behaviour("hall", 1, 1, Behaviour::Loitering, Lifecycle::New));
    event.zone.clone_from(&text);
    event.traceparent.clone_from(&text);
    let readable =
        v1::Event { traceparent: event_to_proto(&camera_state("hall", 1, None)).traceparent, ..event.clone() };
    let named = v1::Event { id: Some(v1::EventId { camera: text.clone(), boot: 1, sequence: 2 }), ..event.clone() };
    let claim = |event: &v1::Event| v1::AlertClaim {
        sequence: 1,
        rule: text.clone(),
        event: Some(event.clone()),
        ..v1::AlertClaim::default()
    };
    let (operator, confirmed_by) = (text.clone(), text.clone());
    let note = v1::AlertNote { operator, confirmed_by, at_unix_micros: 1, action: 4, text: text.clone() };
    let alert = v1::Alert {
        id: 1,
        state: 1,
        severity: 3,
        claims: vec![claim(&event), claim(&readable), claim(&named)],
        tracks: vec![v1::AlertTrack { camera: text.clone(), boot: 1, track: 1 }],
        assignee: text.clone(),
        notes: vec![note],
        ..v1::Alert::default()
    };
    let camera = v1::CameraOverview { camera: text.clone(), online: true, ..v1::CameraOverview::default() };
    let dropped = v1::QueueDropped { queue: text.clone(), count: 3 };
    let report = v1::SystemReport { report: Some(v1::system_report::Report::QueueDropped(dropped)) };
    let system = v1::Event { body: Some(v1::event::Body::SystemReport(report)), ..readable.clone() };
    let site = |sequence, event: &v1::Event| v1::SubscribeResponse {
        message: Some(v1::subscribe_response::Message::Event(v1::SiteEvent {
            sequence,
            committed_unix_micros: 1,
            event: Some(event.clone()),
        })),
    };
    Script {
        events: vec![site(1, &event), site(2, &readable), site(3, &named), site(4, &system)],
        alerts: vec![v1::WatchAlertsResponse { message: Some(v1::watch_alerts_response::Message::Alert(alert)) }],
        overview: v1::GetOverviewResponse { sequence: 3, cameras: vec![camera] },
        held: vec![v1::HeldBack { rule: text.clone(), event: Some(named.clone()), ..v1::HeldBack::default() }],
        shadow: vec![v1::ShadowReport { rule: text.clone(), ..v1::ShadowReport::default() }],
        audit: vec![v1::AuditEntry {
            number: 1,
            operator: text.clone(),
            action: text.clone(),
            text: text.clone(),
            ..v1::AuditEntry::default()
        }],
        plan: v1::GetPlanResponse {
            cameras: vec![
                v1::CameraLayout { camera: text.clone(), ..v1::CameraLayout::default() },
                v1::CameraLayout {
                    camera: "hall".to_owned(),
                    purpose: text.clone(),
                    role: 1,
                    models: vec![text.clone()],
                    ..v1::CameraLayout::default()
                },
            ],
            ways: vec![v1::Way { from: text.clone(), to: text.clone(), seconds: 3.0 }],
            ..v1::GetPlanResponse::default()
        },
        traveller: hostile_traveller(&text),
        proposals: hostile_proposals(&text),
        traveller_events: vec![event, readable, named],
        refusal: text,
        ..Script::default()
    }
}

/// What waits for a second person, and one of a newer centre, with this as every text.
fn hostile_proposals(text: &str) -> Vec<v1::Proposal> {
    use v1::proposal::Act;
    let operator = || text.to_owned();
    let at = Some(v1::TrackName { camera: text.to_owned(), boot: 1, track: 1 });
    let (case, purpose) = (text.to_owned(), text.to_owned());
    let acts = [
        Some(Act::Follow(v1::FollowTravellerRequest {
            traveller: 7,
            case,
            purpose,
            operator: operator(),
            seconds: 60,
        })),
        Some(Act::Split(v1::SplitTravellerRequest { traveller: 7, at, operator: operator() })),
        Some(Act::Alert(v1::ActOnAlertRequest { alert: 1, operator: operator(), action: 2, text: text.to_owned() })),
        None,
    ];
    let proposal = |(id, act)| v1::Proposal {
        id,
        state: 1,
        operator: text.to_owned(),
        at_unix_micros: i64::MIN,
        until_unix_micros: i64::MAX,
        act,
        traveller: 7,
        ended_by: text.to_owned(),
        reason: text.to_owned(),
        ..v1::Proposal::default()
    };
    (1..).zip(acts).map(proposal).collect()
}

/// A traveller whose every text is this one.
fn hostile_traveller(text: &str) -> v1::Traveller {
    let track = || Some(v1::TrackName { camera: text.to_owned(), boot: 1, track: 1 });
    let summary = v1::TravellerSummary {
        traveller: 7,
        last: track(),
        cameras: vec![text.to_owned()],
        followed: true,
        ..v1::TravellerSummary::default()
    };
    let link = v1::Link { kind: 2, continues: track(), cosine: Some(f64::NAN), ..v1::Link::default() };
    let segment = v1::Segment {
        track: track(),
        from_unix_micros: i64::MIN,
        until_unix_micros: i64::MAX,
        links: vec![link.clone(), link],
        missing: vec![text.to_owned()],
        probability: Some(f64::NAN),
        ..v1::Segment::default()
    };
    let next =
        v1::NextView { camera: text.to_owned(), probability: 0.5, in_high_s: f64::INFINITY, ..v1::NextView::default() };
    let follow = v1::Follow {
        case: text.to_owned(),
        purpose: text.to_owned(),
        operator: text.to_owned(),
        ended_by: text.to_owned(),
        confirmed_by: text.to_owned(),
        until_unix_micros: i64::MAX,
        ..v1::Follow::default()
    };
    v1::Traveller {
        summary: Some(summary.clone()),
        segments: vec![segment.clone(), v1::Segment { from_unix_micros: 5, until_unix_micros: 6, ..segment }],
        outlook: Some(v1::Outlook {
            from: text.to_owned(),
            away_s: f64::INFINITY,
            next: vec![next],
            ..v1::Outlook::default()
        }),
        companions: vec![v1::Companion { summary: Some(summary), views: 1, last_unix_micros: 0 }],
        follows: vec![follow],
    }
}

#[test]
fn hostile_texts_are_shown_as_text_in_every_field() {
    for text in HOSTILE {
        let centre = FalseCentre::start(hostile(text));
        let console = ConsoleProcess::start(&centre.url);
        console.says("/", "id=\"a1\"");
        console.says("/system", "dropped by the bound");
        let who = format!("operator={}", text.bytes().map(|b| format!("{b:02x}")).collect::<String>());
        let act = console.post("/alert/1/act", &[("action", "note"), ("text", text)], &[OWN, KIM]);
        let live = console.first_queue();
        let follow = [("action", "follow"), ("case", text), ("purpose", text), ("minutes", "5")];
        let followed = console.post("/traveller/7/act", &follow, &[OWN, KIM]);
        assert!(followed.status == 409, "{}", followed.status);
        let pages = [
            "/",
            "/?alert=1",
            "/system",
            "/review",
            "/traveller/7",
            "/travellers?show=all",
            "/you",
            "/camera/hall",
            "/plan",
        ]
        .map(|path| console.get_with(path, &[("Cookie", &who)]).body);
        for body in pages.iter().chain([&act.body, &live, &followed.body]) {
            for broken in ["<script>alert", "<img src=x", "<svg onload", "<iframe", "\"><img"] {
                let page = body.replace("\\\"", "\"");
                assert!(!page.contains(broken), "{text}: {broken} in {page}");
            }
        }
        let shown = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        for (page, body) in ["queue", "alert", "system", "review", "traveller", "travellers"].iter().zip(&pages) {
            assert!(body.contains(&shown), "{text} is not shown in {page}: {body}");
        }
        assert!(act.status == 409 && act.body.contains(&shown), "{}", act.body);
        // What was written is there to be mended.
        assert!(followed.body.matches(&format!("value=\"{shown}\"")).count() >= 2, "{}", followed.body);
    }
}

#[test]
fn what_a_newer_centre_says_is_shown_safely() {
    let event = event_to_proto(&behaviour("hall", 1, 1, Behaviour::Loitering, Lifecycle::New));
    let unknown = v1::Event { body: None, ..event.clone() };
    let message = |message| v1::SubscribeResponse { message: Some(message) };
    let site = |sequence, event: &v1::Event| {
        let event = Some(event.clone());
        message(v1::subscribe_response::Message::Event(v1::SiteEvent { sequence, committed_unix_micros: 1, event }))
    };
    let claim =
        v1::AlertClaim { rule: "levitating_bag".to_owned(), event: Some(unknown.clone()), ..Default::default() };
    let alert = v1::Alert { id: 1, state: 77, severity: 99, claims: vec![claim], ..v1::Alert::default() };
    let picture = |bytes: usize| {
        let mut jpeg = vec![0; bytes];
        jpeg[..3].copy_from_slice(&[0xff, 0xd8, 0xff]);
        v1::EvidencePicture { capture_time: None, jpeg, width: 640, height: 360 }
    };
    let svg = v1::EvidencePicture { jpeg: b"<svg onload=alert(1)>".to_vec(), ..picture(3) };
    let centre = FalseCentre::start(Script {
        events: vec![
            site(1, &unknown),
            message(v1::subscribe_response::Message::Gap(v1::Gap { from: 2, to: 40, reason: 1 })),
            message(v1::subscribe_response::Message::Gap(v1::Gap { from: 41, to: 42, reason: 55 })),
            v1::SubscribeResponse { message: None },
            site(43, &event),
            message(v1::subscribe_response::Message::Live(v1::Live { sequence: 43 })),
        ],
        alerts: vec![v1::WatchAlertsResponse { message: Some(v1::watch_alerts_response::Message::Alert(alert)) }],
        evidence: v1::GetEvidenceResponse {
            camera: "hall".to_owned(),
            pictures: vec![picture(600 << 10), svg, picture(1_000)],
            faces_shown: false,
        },
        ..Script::default()
    });
    let console = ConsoleProcess::start(&centre.url);
    console.says("/system", "data-state=\"live\"");
    console.says("/", "levitating bag");
    let system = console.get("/system").body;
    for words in ["This console does not understand", "2–40", "41–42", "older than the centre keeps", "no reason given"]
    {
        assert!(system.contains(words), "{words} is not in {system}");
    }
    assert!(system.contains("<dt>Events never delivered</dt><dd>41</dd>"), "{system}");
    let pane = console.get("/?alert=1").body;
    assert!(pane.contains("the centre may be newer") && pane.contains("levitating bag"), "{pane}");
    let stills = console.post("/alert/1/evidence", &[("purpose", "")], &[OWN, KIM]).body;
    assert_eq!(stills.matches("<img src=\"data:image/jpeg;base64,").count(), 1, "{stills}");
    assert!(stills.contains("2 stills were refused") && !stills.contains("<svg onload"));
    // Too large for one message of the contract at all.
    let evidence = v1::GetEvidenceResponse { pictures: vec![picture(3 << 20)], ..v1::GetEvidenceResponse::default() };
    let centre = FalseCentre::start(Script { evidence, ..Script::default() });
    let console = ConsoleProcess::start(&centre.url);
    console.says("/system", "Catching up");
    let refused = console.post("/alert/1/evidence", &[("purpose", "")], &[OWN, KIM]);
    assert!(refused.status == 409 && refused.body.contains("Not done:"), "{}", refused.body);
}
