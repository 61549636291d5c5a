//! Orders from end to end: two edges with their own cameras, outboxes and connections, a centre, and a console that watches.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use greenlane::appearance::Appearance;
use greenlane::capture::{FrameSource, SyntheticSettings, SyntheticSource};
use greenlane::clock::{Clock, SystemClock};
use greenlane::config::hall_camera;
use greenlane::event::Provenance;
use greenlane::frame::{BBox, ObjectClass};
use greenlane::perception::ScriptedPerception;
use greenlane::rpc::TravellerFeed;
use greenlane::shutdown::Shutdown;
use greenlane::tracking::Detection;
use greenlane::wire::v1;
use greenlane::worker::analysis::Analysis;
use greenlane::worker::camera::{Camera, Parts};
use greenlane::worker::lookout::Lookout;
use greenlane::worker::lookout_uplink;
use greenlane::worker::uplink::UplinkSettings;

use crate::support::site::{DEADLINE, Edge, TestSite, camera, until};
use crate::travellers::{Operator, names, site};

/// Frames a second of both films, and how many of them are analysed while nobody is looked for.
const FPS: f64 = 20.0;
const FPS_RESTING: f64 = 5.0;
/// So many frames in a row show that none is passed over.
const IN_A_ROW: usize = 10;

/// Where in the picture somebody stands says who it is and what they look like.
fn standing(x: f64) -> Detection {
    Detection { bbox: BBox { x, y: 60.0, w: 40.0, h: 100.0 }, score: 0.9, class: ObjectClass::Person }
}

const FOLLOWED: f64 = 40.0;
const BYSTANDER: f64 = 240.0;

fn look(x: f64) -> Appearance {
    let angle: f32 = if x < 140.0 { 0.1 } else { 1.4 };
    Appearance::normalised(&[angle.cos(), angle.sin()], 1.0).unwrap()
}

/// One machine with one camera: everything that `greenlane edge` starts for it, but a source and detections by script.
struct Machine {
    edge: Edge,
    camera: Camera,
    hang_up: Box<dyn FnOnce()>,
    shutdown: Shutdown,
    /// Whether the one who is followed is in view. A bystander is always in view of the hall.
    in_view: Arc<AtomicBool>,
    /// Of each analysed frame its number, and how often the detector had run by then.
    analysed: Arc<Mutex<Vec<(u64, u64)>>>,
}

impl Machine {
    fn start(site: &TestSite, name: &str) -> Self {
        let edge = site.edge(name);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let settings =
            greenlane::config::CameraSettings { fps_max: Some(FPS_RESTING), ..hall_camera(camera(name), "synthetic") };
        let (lookout, found) = Lookout::new();
        let central = UplinkSettings { central: site.url(), backoff_max: Duration::from_millis(200), seed: 2 };
        let orders = lookout_uplink::start(central, &[camera(name)], lookout.clone(), found).unwrap();
        let (at_gate, runs) = (name == "gate", Arc::new(AtomicU64::new(0)));
        let in_view = Arc::new(AtomicBool::new(at_gate));
        let analysed: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
        let (seen, counted, noted) = (Arc::clone(&in_view), Arc::clone(&runs), Arc::clone(&analysed));
        let script = move |_, _: &_| {
            counted.fetch_add(1, Ordering::SeqCst);
            let followed = seen.load(Ordering::SeqCst).then(|| standing(FOLLOWED));
            followed.into_iter().chain((!at_gate).then(|| standing(BYSTANDER))).collect()
        };
        let perception = ScriptedPerception::new(script).with_appearance(|bbox| Ok(look(bbox.x)));
        let provenance = Arc::new(Provenance { models: String::new(), configuration: String::new() });
        let (boots, sink, told, id) = (edge.outbox.clone(), edge.outbox.clone(), lookout.clone(), camera(name));
        let shutdown = Shutdown::new();
        let parts = Parts {
            backoff_max: Duration::from_millis(50),
            recording: true,
            opener: Box::new(|| {
                let film = SyntheticSettings { frames: None, fps: FPS, ..SyntheticSettings::default() };
                Ok(Box::new(SyntheticSource::new(film)) as Box<dyn FrameSource>)
            }),
            boots: Box::new(move || boots.next_boot(&id).map_err(|error| error.to_string())),
            analysis: Analysis::new(settings.clone(), provenance, Box::new(perception), Arc::clone(&clock), None),
            sink: Box::new(move |events| {
                told.notice(&events);
                sink.append(events).map_err(|error| error.to_string())
            }),
            drops: Box::new(Vec::new),
            observer: Box::new(move |frame, _| {
                noted.lock().unwrap().push((frame.header.sequence, runs.load(Ordering::SeqCst)));
                Ok(())
            }),
            settings,
            lookout,
            clock,
            shutdown: shutdown.clone(),
        };
        Self {
            edge,
            camera: Camera::start(parts).unwrap(),
            hang_up: Box::new(|| orders.stop()),
            shutdown,
            in_view,
            analysed,
        }
    }

    /// Steps from one analysed frame to the next: frames of the film, and runs of the detector.
    fn steps(&self) -> Vec<(u64, u64)> {
        let analysed = self.analysed.lock().unwrap();
        analysed.windows(2).map(|pair| (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1)).collect()
    }

    fn finish(self) {
        self.shutdown.request();
        let summary = self.camera.join().unwrap();
        assert_eq!(summary.fault, None);
        (self.hang_up)();
        let report = self.edge.finish();
        assert_eq!((report.refused, report.left), (0, 0), "{report:?}");
    }
}

/// What the console's stream shows, as soon as it is as wished.
fn shown(
    kim: &Operator,
    feed: &mut TravellerFeed,
    what: &str,
    mut wished: impl FnMut(&v1::Traveller) -> bool,
) -> v1::Traveller {
    let next = async {
        loop {
            let traveller = feed.next().await.unwrap().expect("more");
            if wished(&traveller) {
                return traveller;
            }
        }
    };
    let in_time = kim.runtime.block_on(async { tokio::time::timeout(DEADLINE, next).await });
    in_time.unwrap_or_else(|_| panic!("never shown: {what}"))
}

#[test]
fn one_edge_is_told_whom_the_other_saw_and_finds_them() {
    let site = site(5.0);
    let (gate, hall) = (Machine::start(&site, "gate"), Machine::start(&site, "hall"));
    let mut kim = Operator::at(&site.url());
    until("both are told", || kim.list(|_| {}).total == 2);
    let whom = names(&kim.list(|request| request.cameras = vec!["gate".to_owned()]))[0];
    until("the hall has rested for a while", || hall.steps().len() >= IN_A_ROW);
    assert!(hall.steps().iter().all(|(frames, _)| *frames > 1), "{:?}", hall.steps());

    let follow = kim.follow(whom, "C-12", 3_600).unwrap().id;
    let mut feed = kim.runtime.block_on(kim.client.watch(whom)).unwrap();
    shown(&kim, &mut feed, "the hall is asked to look", |traveller| traveller.follows[0].looking == ["hall"]);
    until("the hall looks at every frame", || {
        hall.steps().windows(IN_A_ROW).any(|steps| steps.iter().all(|step| *step == (1, 1)))
    });
    assert!(gate.steps().iter().all(|(frames, _)| *frames > 1), "the gate was asked nothing: {:?}", gate.steps());

    gate.in_view.store(false, Ordering::SeqCst);
    shown(&kim, &mut feed, "they left the gate", |traveller| traveller.segments.iter().all(|segment| segment.ended));
    hall.in_view.store(true, Ordering::SeqCst);
    let found = shown(&kim, &mut feed, "the hall answers", |traveller| {
        traveller.follows.first().is_some_and(|follow| !follow.look_alikes.is_empty())
    });
    let alike = &found.follows[0].look_alikes;
    assert_eq!((found.follows[0].id, alike.len()), (follow, 1), "nobody else is told: {alike:?}");
    let track = alike[0].track.clone().unwrap();
    assert!(track.camera == "hall" && alike[0].cosine > 0.99, "{alike:?}");
    // The hint was right: the judgement comes to the same.
    let joined = shown(&kim, &mut feed, "they are one", |traveller| traveller.segments.len() == 2);
    assert_eq!(joined.segments[1].track, Some(track));
    gate.finish();
    hall.finish();
}
