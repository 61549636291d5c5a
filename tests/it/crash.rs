//! kill -9 of the centre, of the edge and of both, at random moments: the store ends with every event exactly once.
//!
//! The centre is the real command. The edge is a process of its own with a real outbox and uplink (this test binary,
//! started again with [`sender`] as its only test), because a synthetic source says exactly what was handed over: after
//! each durable append it writes the event's number to a witness file.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use greenlane::central::EventFilter;
use greenlane::event::EdgeEvent;
use greenlane::store::{EventReader, EventStore, Queued};
use greenlane::wire;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rusqlite::{Connection, OpenFlags};

use crate::support::footage;
use crate::support::site::{DEADLINE, Edge, camera, event, until};
use crate::support::video::{self, Clip};

const KILLS: usize = 20;
const CAMERA: &str = "gate";
/// Events of one durable append.
const BATCH: u64 = 5;
/// Where the sender finds its orders: `OUTBOX|URL|WITNESS`, the last empty to send what is left and end.
const ORDERS: &str = "GREENLANE_TEST_SENDER";

struct Line {
    folder: tempfile::TempDir,
    address: String,
}

impl Line {
    fn new() -> Self {
        // A port that was free a moment ago; central takes the same one at every start.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        Self { folder: tempfile::tempdir().unwrap(), address }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn central(&self) -> Process {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
        command.args(["central", "--listen", &self.address, "--store"]).arg(self.file("central.sqlite"));
        Process::start(&mut command)
    }

    fn edge(&self, witness: &str) -> Process {
        let witness = if witness.is_empty() { PathBuf::new() } else { self.file(witness) };
        let orders = format!("{}|http://{}|{}", self.file("outbox.sqlite").display(), self.address, witness.display());
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["crash::sender", "--exact", "--ignored", "--nocapture"]).env(ORDERS, orders);
        Process::start(&mut command)
    }

    fn is_listening(&self) -> bool {
        TcpStream::connect(&self.address).is_ok()
    }

    /// What the edge had on its disk, as (boot, number).
    fn witnessed(&self) -> Vec<(u32, u64)> {
        let lines = BufReader::new(File::open(self.file("witness")).unwrap()).lines();
        lines
            .map_while(Result::ok)
            .filter_map(|line| {
                let (boot, number) = line.split_once(' ')?;
                Some((boot.parse().ok()?, number.strip_suffix('.')?.parse().ok()?))
            })
            .collect()
    }

    /// What the centre kept: the newest number of each boot, after checking that log and boots have no hole and nothing
    /// twice, and whatever `check` checks.
    fn kept(&self, check: impl Fn(&EdgeEvent)) -> BTreeMap<u32, u64> {
        let file = self.file("central.sqlite");
        let store = EventStore::open(&file).unwrap();
        let mut reader = EventReader::open(&file).unwrap();
        let mut boots: BTreeMap<u32, u64> = BTreeMap::new();
        let mut next = 1;
        while next <= store.newest() {
            let page = reader.read(next, &EventFilter::default(), 1_000).unwrap();
            for found in page.events {
                assert_eq!(found.sequence, next, "a hole in the log");
                next += 1;
                let found = wire::event_from_proto(found.event.unwrap()).unwrap();
                let newest = boots.entry(found.id.boot.0).or_default();
                *newest += 1;
                assert_eq!(found.id.sequence, *newest, "lost or doubled");
                check(&found);
            }
        }
        boots
    }
}

/// A process that does not outlive its test.
struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        Self(command.stdout(Stdio::null()).spawn().unwrap())
    }

    /// SIGKILL.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    fn has_succeeded(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some_and(|status| status.success())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn survives(seed: u64, kill_central: bool, kill_edge: bool) {
    let line = Line::new();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut central, mut edge) = (line.central(), line.edge("witness"));
    until("the first events are on the edge's disk", || line.file("witness").exists() && !line.witnessed().is_empty());
    for _ in 0..KILLS {
        // Mostly in the middle of the work, now and then during the start.
        if random.random_bool(0.75) {
            let before = line.witnessed().len();
            until("both work", || line.witnessed().len() > before && line.is_listening());
        }
        std::thread::sleep(Duration::from_millis(random.random_range(5..300)));
        if kill_central {
            central.kill();
        }
        if kill_edge {
            edge.kill();
            edge = line.edge("witness");
        }
        if kill_central {
            central = line.central();
        }
    }
    edge.kill();
    let mut last = line.edge("");
    until("the rest is sent", || last.has_succeeded());
    central.kill();

    let kept = line.kept(|found| assert_eq!(*found, event(CAMERA, found.id.boot.0, found.id.sequence)));
    let witnessed = line.witnessed();
    let events: u64 = kept.values().sum();
    println!("seed {seed}: {events} events of {} runs kept, {} witnessed", kept.len(), witnessed.len());
    assert!(witnessed.len() > KILLS, "too little happened to show anything");
    assert!(!kill_edge || kept.len() > KILLS / 2, "the edge was killed before it did anything");
    for (boot, number) in witnessed {
        assert!(kept.get(&boot).is_some_and(|newest| *newest >= number), "{boot}/{number} was accepted and lost");
    }
}

#[test]
fn the_centre_is_killed() {
    survives(1, true, false);
}

#[test]
fn the_edge_is_killed() {
    survives(2, false, true);
}

#[test]
fn both_are_killed() {
    survives(3, true, true);
}

/// The edge as it is used: its camera plays a recording, and its runs are seen in its outbox.
#[test]
fn the_real_edge_and_the_centre_are_killed() {
    let Some(footage) = footage() else { return };
    let line = Line::new();
    let short = video::mjpeg(line.folder.path(), Clip { frames: 10, ..Clip::default() });
    let edge = |video: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greenlane"));
        command.arg("edge").arg(format!("{CAMERA}={}", video.display()));
        command.args(["--central", &format!("http://{}", line.address), "--outbox"]).arg(line.file("outbox.sqlite"));
        Process::start(command.env_remove("GREENLANE_MODEL_MIRROR"))
    };
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let (mut central, mut playing) = (line.central(), edge(&footage));
    let mut boot = 0;
    for number in 0..3 * KILLS {
        until("the edge is in a new run", || newest_boot(&line.file("outbox.sqlite")) > boot);
        std::thread::sleep(Duration::from_millis(random.random_range(50..1_500)));
        // The centre, the edge, both, in turn.
        let whom = number % 3;
        if whom != 0 {
            boot = newest_boot(&line.file("outbox.sqlite"));
            playing.kill();
            playing = edge(&footage);
        }
        if whom != 1 {
            central.kill();
            central = line.central();
        }
    }
    playing.kill();
    // An edge stops when its time to flush is over; on a busy machine the rest is for the next one.
    let mut last = edge(&short);
    until("the rest is sent", || {
        let ended = last.has_succeeded();
        let sent = ended && waiting(&line.file("outbox.sqlite")) == 0;
        if ended && !sent {
            last = edge(&short);
        }
        sent
    });
    central.kill();
    let kept = line.kept(|_| {});
    println!("{} events of {} runs of the real edge kept", kept.values().sum::<u64>(), kept.len());
    assert!(kept.len() > 2, "{kept:?}");
    assert_eq!(waiting(&line.file("outbox.sqlite")), 0);
}

fn ask(outbox: &Path, question: &str) -> Option<u64> {
    let db = Connection::open_with_flags(outbox, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    db.query_row(question, [], |row| row.get::<_, i64>(0)).ok().map(i64::cast_unsigned)
}

/// 0 before the first.
fn newest_boot(outbox: &Path) -> u64 {
    ask(outbox, "SELECT max(boot) FROM boot").unwrap_or(0)
}

fn waiting(outbox: &Path) -> u64 {
    ask(outbox, "SELECT count(*) FROM queued").expect("an outbox")
}

/// The edge process of the tests with a witness.
#[test]
#[ignore = "started by the tests above, with orders in its environment"]
fn sender() {
    let Ok(orders) = std::env::var(ORDERS) else { return };
    let [outbox, url, witness] = orders.split('|').collect::<Vec<_>>().try_into().unwrap();
    let edge = Edge::start(PathBuf::from(outbox), url.to_owned());
    if witness.is_empty() {
        assert_eq!(edge.finish().left, 0);
        return;
    }
    let mut witness = OpenOptions::new().create(true).append(true).open(Path::new(witness)).unwrap();
    let boot = edge.outbox.next_boot(&camera(CAMERA)).unwrap().0;
    // Ends by being killed; the bound is for a test that died itself.
    for first in (1..=BATCH * 100_000).step_by(usize::try_from(BATCH).unwrap()) {
        edge.outbox.append((first..first + BATCH).map(|n| event(CAMERA, boot, n)).collect()).unwrap();
        assert_eq!(edge.outbox.flush().unwrap(), Queued::Stored);
        // The dot shows that the line is whole.
        witness.write_all(format!("{boot} {}.\n", first + BATCH - 1).as_bytes()).unwrap();
        std::thread::sleep(DEADLINE / 20_000);
    }
}
