//! A lane monitor over made-up frames.

use std::f64::consts::TAU;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::appearance::Appearance;
use crate::biosignal::roi::area;
use crate::event::VitalSign;
use crate::event::vital::{Estimate, Reason};
use crate::face::{PATCHES, RegionColour};
use crate::frame::Luma;
use crate::ids::{BootId, CameraId};
use crate::time::CaptureTime;
use crate::units::Unavailable;

/// A world of one colour that pulses: every region of skin at 75 beats a minute, what is beyond the face not.
struct Probe {
    t: f64,
    pulse: f64,
    dark: f64,
    questions: u32,
    /// Beats a minute that the network tells of whatever face, and whom it was asked of.
    network_bpm: Option<f64>,
    followed: BTreeSet<TrackId>,
    random: ChaCha8Rng,
}

impl PixelProbe for Probe {
    fn luma(&mut self) -> Result<Luma, Unavailable> {
        Err(Unavailable::NotConfigured)
    }

    fn appearance(&mut self, _: &BBox) -> Result<Appearance, Unavailable> {
        Err(Unavailable::NotConfigured)
    }

    fn pulse(&mut self, face: TrackId, _: &BBox, at: MediaTime) -> Result<f64, Unavailable> {
        self.followed.insert(face);
        let beats = |bpm: f64| (TAU * bpm / 60.0 * at.seconds()).sin();
        self.network_bpm.map(beats).ok_or(Unavailable::NotConfigured)
    }

    fn colour(&mut self, polygon: &[(f64, f64)]) -> Result<RegionColour, Unavailable> {
        self.questions += 1;
        let skin = polygon.len() == 6;
        let beat = if skin { self.pulse * (TAU * 1.25 * self.t).sin() } else { 0.0 };
        let rgb = [(90.0, 0.33), (60.0, 0.77), (45.0, 0.53)].map(|(mean, share)| {
            let grain = 0.002 * (self.random.random::<f64>() - 0.5);
            mean * (1.0 + share * beat + grain)
        });
        let patches = [None; PATCHES];
        Ok(RegionColour {
            rgb,
            pixels: area(polygon) as u32,
            saturated: 0.0,
            dark: self.dark,
            patches,
            unchanged: None,
        })
    }
}

fn header(t: f64) -> FrameHeader {
    FrameHeader {
        camera: CameraId::new("lane").unwrap(),
        boot: BootId(1),
        sequence: 1,
        media_time: MediaTime::from_seconds(t),
        capture_time: CaptureTime::exact(0),
        width: 640,
        height: 480,
        keyframe: false,
    }
}

fn track(id: u64, x: f64, w: f64) -> Track {
    let bbox = BBox { x, y: 100.0, w, h: 1.3 * w };
    Track { matches: 9, ..Track::confirmed(TrackId(id), ObjectClass::Face, bbox, 0.9, MediaTime(0)) }
}

/// Everything that is told over `seconds` at 30 frames a second.
fn play(monitor: &mut LaneMonitor, seconds: u32, probe: &mut Probe, of: impl Fn(f64) -> Vec<Track>) -> Vec<LaneNews> {
    let mut told = Vec::new();
    for frame in 0..30 * seconds {
        probe.t = f64::from(frame) / 30.0;
        monitor.frame(&header(probe.t), &of(probe.t), probe);
        told.extend_from_slice(monitor.news());
    }
    told
}

fn probe(pulse: f64) -> Probe {
    let random = ChaCha8Rng::seed_from_u64(5);
    Probe { t: 0.0, pulse, dark: 0.0, questions: 0, network_bpm: None, followed: BTreeSet::new(), random }
}

fn pulses(told: &[LaneNews]) -> Vec<&Estimate> {
    let pulse = |news: &'_ LaneNews| matches!(&news.fact, LaneFact::Reading(r) if r.sign == VitalSign::Pulse);
    let told = told.iter().filter(|news| pulse(news));
    told.filter_map(|news| if let LaneFact::Reading(r) = &news.fact { Some(&r.estimate) } else { None }).collect()
}

#[test]
fn each_sign_is_told_of_once_a_second() {
    let mut monitor = LaneMonitor::new(LaneSettings::default());
    let told = play(&mut monitor, 14, &mut probe(0.01), |_| vec![track(7, 200.0, 120.0)]);
    for sign in VitalSign::ALL {
        let count = told.iter().filter(|n| matches!(&n.fact, LaneFact::Reading(r) if r.sign == sign)).count();
        assert_eq!(count, 13, "{sign:?}");
    }
    assert!(told.iter().all(|news| news.face == Some(TrackId(7))));
    let rate = pulses(&told).last().and_then(|e| e.rate()).expect("a pulse");
    assert!((rate - 75.0).abs() < 1.0, "{rate}");
}

#[test]
fn what_speaks_against_a_reading_is_in_its_place() {
    type Of = fn(f64) -> Track;
    let shaken: Of = |t| track(7, 200.0 + 40.0 * (TAU * 1.0 * t).sin(), 120.0);
    let rows: [(&str, Of, f64, Reason); 3] = [
        ("far away", |_| track(7, 200.0, 30.0), 0.0, Reason::FaceSmall),
        ("in the dark", |_| track(7, 200.0, 120.0), 0.6, Reason::LowLight),
        ("shaken", shaken, 0.0, Reason::Motion),
    ];
    for (name, of, dark, expected) in rows {
        let mut monitor = LaneMonitor::new(LaneSettings::default());
        let told = play(&mut monitor, 14, &mut Probe { dark, ..probe(0.01) }, |t| vec![of(t)]);
        let late = &pulses(&told)[10..];
        let holds = |e: &&&Estimate| matches!(e, Estimate::Unavailable { reasons, .. } if reasons.contains(&expected));
        assert!(late.iter().all(|e| holds(&e)), "{name}: {late:?}");
    }
}

fn methods(told: &[LaneNews]) -> BTreeSet<&str> {
    let reports = told.iter().filter_map(|n| if let LaneFact::Reading(r) = &n.fact { Some(r) } else { None });
    reports.filter(|r| r.sign == VitalSign::Pulse).filter_map(|r| r.method.as_deref()).collect()
}

#[test]
fn a_network_confirms_what_the_colours_see_and_nothing_else() {
    use crate::biosignal::{PulseMethod, PulseOrigin};
    let only = |method| LaneSettings { method, pulse_model_faces: 1, ..LaneSettings::default() };
    let (any, alone) = (only(None), only(Some(PulseOrigin::Network)));
    let pos = only(Some(PulseOrigin::Colours(PulseMethod::Pos)));
    // How strong the colours' pulse is, what the network prints, and whether there is a reading.
    let rows: [(&str, &LaneSettings, f64, Option<f64>, bool); 7] = [
        ("both see it", &any, 0.01, Some(75.0), true),
        ("the network sees another", &any, 0.01, Some(100.0), true),
        ("a photograph that the network believes in", &any, 0.0, Some(75.0), false),
        ("both, the network alone to be read", &alone, 0.01, Some(75.0), true),
        ("another, the network alone", &alone, 0.01, Some(100.0), false),
        ("a photograph, the network alone", &alone, 0.0, Some(75.0), false),
        ("both, but only POS wanted", &pos, 0.01, Some(75.0), true),
    ];
    for (name, settings, pulse, network_bpm, answered) in rows {
        let mut monitor = LaneMonitor::new(settings.clone());
        let told = play(&mut monitor, 15, &mut Probe { network_bpm, ..probe(pulse) }, |_| vec![track(7, 200.0, 120.0)]);
        let rates: Vec<f64> = pulses(&told).iter().filter_map(|e| e.rate()).collect();
        assert_eq!(!rates.is_empty(), answered, "{name}");
        assert!(rates.iter().all(|rate| (rate - 75.0).abs() < 1.0), "{name}: {rates:?}");
        let wanted = settings.method.filter(|_| answered).map(PulseOrigin::as_str);
        assert!(wanted.is_none_or(|wanted| methods(&told).into_iter().eq([wanted])), "{name}: {:?}", methods(&told));
        assert_eq!(monitor.faces()[0].wave().is_some(), network_bpm.is_some(), "{name}");
    }
}

#[test]
fn a_tape_from_before_the_network_asks_nothing_of_it() {
    let before = r#"{"faces_max":4,"method":"POS","seat":null}"#;
    let settings: LaneSettings = serde_json::from_str(before).expect("settings");
    assert_eq!((settings.pulse_model_faces, settings.method.map(|m| m.as_str())), (0, Some("POS")));
    let now = LaneSettings { pulse_model_faces: 1, ..settings };
    assert_eq!(
        serde_json::from_str::<LaneSettings>(&serde_json::to_string(&now).expect("JSON")).expect("settings"),
        now
    );
}

#[test]
fn the_network_follows_the_first_faces_and_no_seat() {
    let faces = [track(1, 0.0, 100.0), track(2, 200.0, 100.0), track(3, 400.0, 100.0)];
    for (pulse_model_faces, seat, expected) in
        [(0, None, 0), (1, None, 1), (2, None, 2), (9, None, 3), (9, Some([200.0, 100.0, 120.0, 150.0]), 0)]
    {
        let mut monitor = LaneMonitor::new(LaneSettings { pulse_model_faces, seat, ..LaneSettings::default() });
        let mut probe = Probe { network_bpm: Some(75.0), ..probe(0.0) };
        play(&mut monitor, 1, &mut probe, |_| faces.to_vec());
        let followed: Vec<u64> = probe.followed.iter().map(|id| id.0).collect();
        assert_eq!(followed, (1..=expected).collect::<Vec<u64>>());
    }
}

#[test]
fn a_seat_needs_no_track_and_no_detector() {
    let settings = LaneSettings { seat: Some([200.0, 100.0, 120.0, 150.0]), ..LaneSettings::default() };
    let mut monitor = LaneMonitor::new(settings);
    assert!(!monitor.wants_detection());
    let told = play(&mut monitor, 14, &mut probe(0.01), |_| Vec::new());
    assert!(told.iter().all(|news| news.face.is_none()));
    let last = *pulses(&told).last().expect("readings");
    assert!(last.rate().is_some(), "{last:?}");
}

#[test]
fn the_best_placed_faces_are_measured_and_the_rest_counted() {
    let mut monitor = LaneMonitor::new(LaneSettings { faces_max: 2, ..LaneSettings::default() });
    let ids = |monitor: &LaneMonitor| monitor.faces().iter().filter_map(|f| f.id()).map(|id| id.0).collect::<Vec<_>>();
    let mut asked = probe(0.0);
    let mut at = |monitor: &mut LaneMonitor, t: f64, tracks: &[Track]| {
        asked.questions = 0;
        monitor.frame(&header(t), tracks, &mut asked);
        (ids(monitor), monitor.take_left_out(), asked.questions)
    };
    let (a, b, c) = (track(1, 0.0, 100.0), track(2, 200.0, 80.0), track(3, 400.0, 90.0));
    assert_eq!(at(&mut monitor, 0.0, &[a.clone(), b.clone()]), (vec![1, 2], 0, 8));
    // Hardly better than the second is not enough; counted once, however long it stays.
    assert_eq!(at(&mut monitor, 0.1, &[a.clone(), b.clone(), c.clone()]), (vec![1, 2], 1, 8));
    assert_eq!(at(&mut monitor, 0.2, &[a.clone(), b.clone(), c.clone()]), (vec![1, 2], 0, 8));
    let near = track(3, 400.0, 120.0);
    assert_eq!(at(&mut monitor, 0.3, &[a.clone(), b.clone(), near.clone()]), (vec![1, 3], 1, 8));
    // Whoever has gone leaves a place, at once to somebody new and after a while to nobody.
    assert_eq!(at(&mut monitor, 0.4, &[near.clone(), b]), (vec![3, 2], 0, 8));
    assert_eq!(at(&mut monitor, 6.0, &[near]), (vec![3], 0, 4));
    assert_eq!(monitor.left_out(), 2);
    monitor.finish();
    assert!(monitor.faces().is_empty() && monitor.news().is_empty());
}
