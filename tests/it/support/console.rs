//! The console's binary on a free port, and what a site tells it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use greenlane::event::{
    Behaviour, BehaviourReport, EdgeEvent, EventBody, Lifecycle, OfflineCause, Reason, ReasonCode, Severity,
    SystemReport,
};
use greenlane::ids::TrackId;
use greenlane::units::Interval;

use super::site::{DEADLINE, event, until};

/// `greenlane console` as a process of its own; killed at the end.
pub struct ConsoleProcess {
    child: Child,
    pub url: String,
}

impl ConsoleProcess {
    pub fn start(central: &str) -> Self {
        Self::at(central, "127.0.0.1:0")
    }

    pub fn at(central: &str, listen: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_greenlane"))
            .args(["console", "--central", central, "--listen", listen])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split("open ").nth(1).and_then(|rest| rest.split(' ').next()).expect("the address").to_owned();
        Self { child, url }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// As a browser asks.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = agent().get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.call().unwrap())
    }

    pub fn post(&self, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut request = agent().post(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send_form(form.iter().copied()).unwrap())
    }

    /// Waits until a page says something.
    pub fn says(&self, path: &str, text: &str) {
        until(&format!("{path} says {text}"), || self.get(path).body.contains(text));
    }

    /// What the stream of the Now view says first of the queue.
    pub fn first_queue(&self) -> String {
        let mut lines = BufReader::new(self.live("page=now")).lines().map_while(Result::ok);
        lines.find(|line| line == "event: queue").expect("a queue");
        lines.find(|line| line.starts_with("data:")).expect("its data")
    }

    /// The stream of a page.
    pub fn live(&self, query: &str) -> impl Read + use<> {
        agent().get(format!("{}/live?{query}", self.url)).call().unwrap().into_body().into_reader()
    }
}

impl Drop for ConsoleProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
    config.timeout_connect(Some(DEADLINE)).timeout_recv_response(Some(DEADLINE)).build().into()
}

/// Status, headers and text.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    fn of(mut response: ureq::http::Response<ureq::Body>) -> Self {
        let text = |v: &ureq::http::HeaderValue| v.to_str().unwrap().to_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(64 << 20).read_to_string().unwrap();
        Self { status, headers, body }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
}

/// What a camera tells of a track's behaviour, with its reason.
pub fn behaviour(camera: &str, sequence: u64, track: u64, what: Behaviour, lifecycle: Lifecycle) -> EdgeEvent {
    let plain = event(camera, 1, sequence);
    let since = plain.capture_time;
    let (code, measured, high) = match what {
        Behaviour::Running => (ReasonCode::Speed, 4.2, 2.4),
        Behaviour::Fall => (ReasonCode::TimeLying, 6.3, 2.0),
        Behaviour::BagHandedOver => (ReasonCode::CarrierProbability, 0.86, 0.5),
        Behaviour::ObjectLeft => (ReasonCode::TimeAlone, 74.0, 30.0),
        _ => (ReasonCode::DwellTime, 180.0, 60.0),
    };
    let expected = Interval { low: 0.0, high };
    EdgeEvent {
        lifecycle,
        severity: if what == Behaviour::ObjectLeft { Severity::Attention } else { Severity::Alert },
        track: Some(TrackId(track)),
        reasons: vec![Reason { code, measured, expected, unit: code.unit() }],
        body: EventBody::Behaviour(BehaviourReport { behaviour: what, since, others: Vec::new(), bag: None }),
        ..plain
    }
}

/// A camera that says that it is there, or why not.
pub fn camera_state(camera: &str, sequence: u64, offline: Option<OfflineCause>) -> EdgeEvent {
    let report = match offline {
        Some(cause) => SystemReport::CameraOffline { cause },
        None => SystemReport::CameraOnline { width: 1_920, height: 1_080 },
    };
    EdgeEvent { track: None, lifecycle: Lifecycle::New, body: EventBody::System(report), ..event(camera, 1, sequence) }
}

/// Long enough for anything that only has to be seen.
pub const SOON: Duration = Duration::from_millis(300);
