//! A headless Chromium, driven over its DevTools protocol.
//!
//! Only what the console's tests need: open, evaluate, type keys, resize, picture. The protocol is JSON over a WebSocket.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

use super::site::{DEADLINE, until};

/// Where Debian and others put it.
const PROGRAMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser process; killed at the end.
pub struct Browser {
    child: Child,
    address: String,
    _profile: TempDir,
}

/// A tab of its own.
pub struct Tab {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    next: u64,
}

impl Browser {
    /// `None`, with a printed reason, where no Chromium is installed.
    pub fn start() -> Option<Self> {
        let Some(mut child) = PROGRAMS.iter().find_map(|program| launch(program)) else {
            println!("skipped: no Chromium ({})", PROGRAMS.join(", "));
            return None;
        };
        let profile = child.1;
        let stderr = child.0.stderr.take().unwrap();
        // It prints where it listens once it does.
        let line = BufReader::new(stderr).lines().map_while(Result::ok).find(|line| line.contains("ws://"));
        let line = line.expect("Chromium says where it listens");
        let address = line.split("ws://").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
        Some(Self { child: child.0, address, _profile: profile })
    }

    /// Processor seconds of the processes that show pages.
    pub fn cpu_s(&self) -> f64 {
        let processes =
            std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let ours = processes.filter(|process| descends(*process, self.child.id()) && is_renderer(*process));
        // Clock ticks of 10 ms, as everywhere on Linux.
        ours.filter_map(stat).map(|(_, ticks)| ticks as f64 / 100.0).sum()
    }

    /// A tab that shows this address.
    pub fn open(&self, url: &str) -> Tab {
        let new = format!("http://{}/json/new?about:blank", self.address);
        let answer = ureq::put(&new).send_empty().unwrap().body_mut().read_to_string().unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let (socket, _) = tungstenite::connect(answer["webSocketDebuggerUrl"].as_str().unwrap()).unwrap();
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(DEADLINE)).unwrap();
        }
        let mut tab = Tab { socket, next: 1 };
        tab.call("Page.enable", json!({}));
        tab.go(url);
        tab
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process's parent, and the clock ticks it used.
fn stat(process: u32) -> Option<(u32, u64)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Its name, in parentheses, may hold blanks.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |field: usize| fields.get(field)?.parse::<u64>().ok();
    Some((u32::try_from(number(1)?).ok()?, number(11)? + number(12)?))
}

fn descends(process: u32, from: u32) -> bool {
    let parents = std::iter::successors(Some(process), |process| stat(*process).map(|(parent, _)| parent));
    parents.take_while(|process| *process > 1).any(|process| process == from)
}

fn is_renderer(process: u32) -> bool {
    std::fs::read(format!("/proc/{process}/cmdline"))
        .is_ok_and(|line| String::from_utf8_lossy(&line).contains("--type=renderer"))
}

fn launch(program: &str) -> Option<(Child, TempDir)> {
    let profile = tempfile::tempdir().unwrap();
    // Containers have no user namespaces for its sandbox and little /dev/shm; the pages are our own.
    let child = Command::new(program)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-extensions", "--hide-scrollbars", "--lang=en-US"])
        .args(["--remote-debugging-port=0", "--window-size=1280,720"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg("about:blank")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    Some((child, profile))
}

impl Tab {
    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.ask(method, parameters).unwrap_or_else(|refused| panic!("{method}: {refused}"))
    }

    /// What Chromium answers, or why it does not.
    fn ask(&mut self, method: &str, parameters: Value) -> Result<Value, String> {
        let id = self.next;
        self.next += 1;
        let text = json!({ "id": id, "method": method, "params": parameters }).to_string();
        self.socket.send(Message::text(text)).unwrap();
        loop {
            let Message::Text(text) = self.socket.read().expect("an answer of Chromium in time") else { continue };
            let answer: Value = serde_json::from_str(&text).unwrap();
            // Events of the page stand between the answers.
            if answer["id"] == id {
                let error = &answer["error"];
                return if error.is_null() { Ok(answer["result"].clone()) } else { Err(error.to_string()) };
            }
        }
    }

    /// Shows another address and waits until it is there.
    pub fn go(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url }));
        let url = url.to_owned();
        self.until(&format!("document.readyState === 'complete' && location.href.startsWith({})", json!(url)));
    }

    /// The value of an expression; a promise is waited for.
    pub fn eval(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", parameters);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    /// Waits until an expression is true; one that fails because the page is changing is asked again.
    pub fn until(&mut self, expression: &str) {
        let what = expression.to_owned();
        until(&what, || {
            let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
            // A page that goes while it is asked gives no answer: it is asked again where it went.
            self.ask("Runtime.evaluate", parameters).is_ok_and(|answer| answer["result"]["value"] == true)
        });
    }

    /// The text of the first element of a selector; empty if there is none.
    pub fn text(&mut self, selector: &str) -> String {
        let expression = format!("document.querySelector({})?.innerText ?? ''", json!(selector));
        self.eval(&expression).as_str().unwrap_or_default().to_owned()
    }

    /// Presses a key as a person does.
    pub fn key(&mut self, key: &str) {
        let text = if key.chars().count() == 1 { key } else { "" };
        let text = if key == "Enter" { "\r" } else { text };
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            _ => key.to_uppercase().bytes().next().map_or(0, i32::from),
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({ "type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code });
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Writes into what has the focus.
    pub fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// The window's size in pixels.
    pub fn size(&mut self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// A picture of what is seen, as PNG.
    pub fn picture(&mut self, file: &Path) {
        let answer = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        std::fs::write(file, STANDARD.decode(answer["data"].as_str().unwrap()).unwrap()).unwrap();
    }

    /// Bytes of JavaScript heap in use after a collection.
    pub fn heap(&mut self) -> f64 {
        self.call("HeapProfiler.collectGarbage", json!({}));
        self.call("Runtime.getHeapUsage", json!({}))["usedSize"].as_f64().unwrap()
    }

    /// Waits for real time, in the page: for what happens by itself.
    pub fn rest(&mut self, time: Duration) {
        self.eval(&format!("new Promise(done => setTimeout(() => done(true), {}))", time.as_millis()));
    }
}
