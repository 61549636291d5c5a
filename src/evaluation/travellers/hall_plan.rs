//! Random halls: rooms with cameras, blind ways between them, and travellers with routes.

use std::collections::BTreeMap;
use std::ops::Range;

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::association::{LinkPrior, Topology};
use crate::ids::CameraId;
use crate::simulation::{Action, Camera, Door, Noise, Person, Point, Scenario, Step, Wall};

/// Rooms stand on a grid, metres from middle to middle; what lies between is in no view.
const PITCH_M: f64 = 26.0;
/// Half the sides of a room, metres.
const ROOM_M: (f64, f64) = (7.0, 6.0);
/// Rooms in a row.
const ROW: usize = 4;
/// One camera in so many shares the room of the one before, so that their views overlap.
const SHARED: usize = 6;
/// Usual walk, metres a second.
const WALK_MPS: f64 = 1.3;
/// Clocks and outages are drawn apart, so that neither changes the hall.
const CLOCK_SALT: u64 = 0xC10C;
const OUTAGE_SALT: u64 = 0x0DA4;
/// Time at the end in which nobody new comes, seconds.
const LAST_S: f64 = 240.0;

/// What kind of hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HallPlan {
    /// Seed of everything.
    pub seed: u64,
    /// Cameras.
    pub cameras: usize,
    /// Travellers; half of them are dressed alike in pairs.
    pub travellers: usize,
    /// How long.
    pub minutes: u32,
    /// Standard deviation of the cameras' clocks, milliseconds.
    pub clock_ms: u32,
    /// How often an hour each camera sees nothing for a minute or two.
    pub outages_per_hour: u32,
}

impl Default for HallPlan {
    fn default() -> Self {
        Self { seed: 1, cameras: 12, travellers: 300, minutes: 20, clock_ms: 0, outages_per_hour: 0 }
    }
}

impl HallPlan {
    /// The room of a camera.
    fn room(camera: usize) -> usize {
        camera - camera / SHARED
    }

    fn rooms(self) -> usize {
        Self::room(self.cameras.max(1) - 1) + 1
    }

    fn middle(room: usize) -> Point {
        ((room % ROW) as f64 * PITCH_M, (room / ROW) as f64 * PITCH_M)
    }

    /// Rooms that one walks to directly.
    fn neighbours(self, room: usize) -> Vec<usize> {
        let place = |room: usize| ((room % ROW) as i64, (room / ROW) as i64);
        let (x, y) = place(room);
        (0..self.rooms())
            .filter(|other| {
                let (a, b) = place(*other);
                (a - x).abs() + (b - y).abs() == 1
            })
            .collect()
    }

    /// The name of a camera.
    #[must_use]
    pub fn camera_id(camera: usize) -> Option<CameraId> {
        CameraId::new(&format!("cam-{:02}", camera + 1)).ok()
    }

    /// How far each camera's clock is ahead, microseconds.
    pub(super) fn clocks(self) -> BTreeMap<CameraId, i64> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ CLOCK_SALT);
        let mut ahead = || f64::from(self.clock_ms) * 1e3 * rng.sample::<f64, _>(StandardNormal);
        (0..self.cameras).filter_map(|camera| Some((Self::camera_id(camera)?, ahead() as i64))).collect()
    }

    /// When each camera sees nothing, seconds from the beginning.
    pub(super) fn outages(self) -> Vec<Vec<Range<f64>>> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ OUTAGE_SALT);
        let number = f64::from(self.outages_per_hour * self.minutes) / 60.0;
        let mut outage = || {
            let from = rng.random_range(0.0..f64::from(self.minutes) * 60.0);
            from..from + rng.random_range(60.0..120.0)
        };
        (0..self.cameras).map(|_| (0..number.round() as usize).map(|_| outage()).collect()).collect()
    }

    /// What an installer would say of the hall: which views overlap, and how long the ways take.
    #[must_use]
    pub fn topology(self) -> Topology {
        let mut topology = Topology::disjoint();
        let ids: Vec<Option<CameraId>> = (0..self.cameras).map(Self::camera_id).collect();
        for (a, from) in ids.iter().enumerate() {
            for (b, to) in ids.iter().enumerate() {
                let (Some(from), Some(to)) = (from, to) else { continue };
                let (room_a, room_b) = (Self::room(a), Self::room(b));
                if a != b && room_a == room_b {
                    topology.overlap(from, to);
                }
                if room_a == room_b {
                    topology.link(from, to, LinkPrior { typical_s: 3.0 });
                } else if self.neighbours(room_a).contains(&room_b) {
                    let gap_m = PITCH_M - ROOM_M.0 - ROOM_M.1;
                    topology.link(from, to, LinkPrior { typical_s: gap_m / WALK_MPS });
                }
            }
        }
        topology.closing()
    }

    /// The script of the hall.
    #[must_use]
    pub fn scenario(self) -> Scenario {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let rooms = self.rooms();
        let mut doors = Vec::new();
        for room in 0..rooms {
            let (x, y) = Self::middle(room);
            // Behind each room, where nobody looks, a restroom; in the room's wall, the way in or out of the hall.
            doors.push(Door { id: format!("rest-{room}"), at: (x + 10.0, y + 10.0) });
            doors.push(Door { id: format!("way-{room}"), at: (x - 6.9, y) });
        }
        let people = self.people(&mut rng);
        Scenario {
            name: format!("hall-{}", self.seed),
            duration_s: f64::from(self.minutes) * 60.0,
            walls: (0..rooms).flat_map(walls).collect(),
            doors,
            zones: Vec::new(),
            cameras: (0..self.cameras).filter_map(camera).collect(),
            people,
            bags: Vec::new(),
            noise: Noise { miss: 0.05, jitter_px: 4.0, id_breaks_per_minute: 0.3, lost_s: 2.5, ..Noise::default() },
        }
    }

    /// Pairs dressed alike come first; a quarter of them come together, the others within a minute of each other.
    fn people(self, rng: &mut ChaCha8Rng) -> Vec<Person> {
        let last = (f64::from(self.minutes) * 60.0 - LAST_S).max(60.0);
        let alike = self.travellers / 4;
        let mut people: Vec<Person> = Vec::new();
        let mut route = Vec::new();
        let mut start = 0.0;
        while people.len() < self.travellers {
            let index = people.len();
            let second = index % 2 == 1 && index < 2 * alike;
            let together = index % 2 == 1 && rng.random::<f64>() < 0.25;
            if !together {
                route = self.route(rng);
            }
            start = match (together, second) {
                (true, _) => start + rng.random_range(0.5..2.0),
                (false, true) => (start + rng.random_range(-60.0_f64..60.0)).clamp(0.0, last),
                (false, false) => rng.random_range(0.0..last),
            };
            let dress = (index < 2 * alike).then(|| format!("dress-{}", index / 2));
            people.push(Person { dress, ..self.person(index, start, &route, rng) });
        }
        people
    }

    /// From room to room at random, rarely straight back.
    fn route(self, rng: &mut ChaCha8Rng) -> Vec<usize> {
        let mut route = vec![rng.random_range(0..self.rooms())];
        for _ in 0..rng.random_range(2..6) {
            let here = route[route.len() - 1];
            let mut ways = self.neighbours(here);
            if ways.len() > 1 && rng.random::<f64>() < 0.85 {
                ways.retain(|way| route.len() < 2 || *way != route[route.len() - 2]);
            }
            let Some(next) = (!ways.is_empty()).then(|| ways[rng.random_range(0..ways.len())]) else { break };
            route.push(next);
        }
        route
    }

    fn person(self, index: usize, start_s: f64, route: &[usize], rng: &mut ChaCha8Rng) -> Person {
        let mut steps: Vec<Step> = Vec::new();
        for (place, room) in route.iter().enumerate() {
            for _ in 0..rng.random_range(1..3) {
                steps.push(Action::Walk { to: inside(*room, rng), speed_mps: None }.into());
                if rng.random::<f64>() < 0.3 {
                    steps.push(Action::Stop { for_s: rng.random_range(3.0..25.0) }.into());
                }
            }
            let more = place + 1 < route.len();
            if more && rng.random::<f64>() < 0.12 {
                let door = format!("rest-{room}");
                let for_s = rng.random_range(40.0..150.0);
                steps.push(Action::Enter { door, for_s, leave_bag: None, take_bag: None }.into());
            }
        }
        if let Some(last) = route.last() {
            steps.push(Action::Leave { door: format!("way-{last}") }.into());
        }
        let (x, y) = Self::middle(route[0]);
        Person {
            id: format!("p{index}"),
            at: (x - 6.9, y + rng.random_range(-2.0..2.0)),
            start_s,
            speed_mps: rng.random_range(0.9..1.7),
            height_m: rng.random_range(1.55..1.9),
            dress: None,
            steps,
        }
    }
}

fn inside(room: usize, rng: &mut ChaCha8Rng) -> Point {
    let (x, y) = HallPlan::middle(room);
    (x + rng.random_range(-5.0..5.0), y + rng.random_range(-3.0..4.5))
}

/// The four walls: cameras do not see through them, people walk through.
fn walls(room: usize) -> [Wall; 4] {
    let ((x, y), (w, h)) = (HallPlan::middle(room), ROOM_M);
    let corners = [(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)];
    std::array::from_fn(|i| Wall { from: corners[i], to: corners[(i + 1) % 4] })
}

/// High up at the south wall of its room, a second one in the same room at the north wall.
fn camera(index: usize) -> Option<Camera> {
    let room = HallPlan::room(index);
    let second = index > 0 && HallPlan::room(index - 1) == room;
    let (x, y) = HallPlan::middle(room);
    let side = if second { -1.0 } else { 1.0 };
    Some(Camera {
        id: HallPlan::camera_id(index)?.to_string(),
        at: (x, y - side * (ROOM_M.1 - 0.1), 4.5),
        look_at: (x, y + side * 1.5, 0.5),
        fov_deg: 95.0,
        size: (1280, 720),
        fps: 1.0,
    })
}
