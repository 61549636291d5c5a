//! A made-up source: rectangles that walk through an empty hall, the same for the same seed, with mishaps by script.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{CaptureError, FrameSource, FrameStamp, SourceHealth, SourceInfo, SourceKind, StreamClock};
use crate::frame::{BBox, Image};
use crate::time::MediaTime;

const NAME: &str = "synthetic";
const BACKGROUND: [u8; 3] = [96, 104, 112];

/// What a synthetic source shows.
#[derive(Debug, Clone, PartialEq)]
pub struct SyntheticSettings {
    /// Places, sizes, colours and speeds of the rectangles depend on this alone.
    pub seed: u64,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Steps of media time.
    pub fps: f64,
    /// Frames until the end; `None` for a camera that never ends.
    pub frames: Option<u64>,
    /// Rectangles.
    pub walkers: usize,
    /// What happens when frame number (from 1) is grabbed.
    pub script: BTreeMap<u64, Happening>,
}

impl Default for SyntheticSettings {
    fn default() -> Self {
        Self { seed: 1, width: 320, height: 240, fps: 25.0, frames: Some(100), walkers: 3, script: BTreeMap::new() }
    }
}

/// What happens to a synthetic source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Happening {
    /// The camera gives no frame any more; told at once, not after a wait.
    Stall,
    /// The connection breaks.
    Disconnect,
    /// The picture has another size from here on.
    Resize {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// This frame cannot be decoded.
    Undecodable,
    /// So many seconds of media time are missing before this frame.
    Gap {
        /// Seconds.
        seconds: f64,
    },
}

/// A source that needs no file and no camera.
#[derive(Debug, Clone)]
pub struct SyntheticSource {
    settings: SyntheticSettings,
    walkers: Vec<Walker>,
    health: SourceHealth,
    gaps: f64,
    broken: bool,
    undecodable: bool,
}

/// A rectangle, in parts of the picture's width and height, and of those a second.
#[derive(Debug, Clone)]
struct Walker {
    start: (f64, f64),
    velocity: (f64, f64),
    size: (f64, f64),
    bgr: [u8; 3],
}

impl SyntheticSource {
    /// Makes the rectangles.
    #[must_use]
    pub fn new(settings: SyntheticSettings) -> Self {
        let mut random = SplitMix(settings.seed);
        let walkers = (0..settings.walkers).map(|_| Walker::new(&mut random)).collect();
        Self { settings, walkers, health: SourceHealth::default(), gaps: 0.0, broken: false, undecodable: false }
    }

    /// Where the rectangles are at this time, in pixels; the same order in every frame.
    #[must_use]
    pub fn boxes_at(&self, time: MediaTime) -> Vec<BBox> {
        let (width, height) = (f64::from(self.settings.width), f64::from(self.settings.height));
        self.walkers.iter().map(|walker| walker.at(time.seconds(), width, height)).collect()
    }

    fn now(&self) -> MediaTime {
        MediaTime::from_seconds(self.health.frames.saturating_sub(1) as f64 / self.settings.fps + self.gaps)
    }
}

impl FrameSource for SyntheticSource {
    fn grab(&mut self) -> Result<Option<FrameStamp>, CaptureError> {
        let (source_name, after_frame) = (NAME.to_owned(), self.health.frames);
        if self.broken {
            return Err(CaptureError::Disconnected { source_name, after_frame });
        }
        if self.settings.frames.is_some_and(|n| after_frame >= n) {
            return Ok(None);
        }
        self.undecodable = false;
        match self.settings.script.get(&(after_frame + 1)) {
            Some(Happening::Stall) => {
                self.broken = true;
                return Err(CaptureError::Stalled { source_name, after_frame, waited: Duration::ZERO });
            }
            Some(Happening::Disconnect) => {
                self.broken = true;
                return Err(CaptureError::Disconnected { source_name, after_frame });
            }
            Some(&Happening::Resize { width, height }) => {
                (self.settings.width, self.settings.height) = (width, height);
            }
            Some(Happening::Undecodable) => self.undecodable = true,
            Some(&Happening::Gap { seconds }) => self.gaps += seconds,
            None => {}
        }
        self.health.frames += 1;
        Ok(Some(FrameStamp { sequence: self.health.frames, media_time: self.now(), keyframe: false }))
    }

    fn retrieve(&mut self, image: &mut Image) -> Result<(), CaptureError> {
        if self.undecodable {
            self.health.undecodable += 1;
            let (source_name, reason) = (NAME.to_owned(), "by script".to_owned());
            return Err(CaptureError::Undecodable { source_name, frame: self.health.frames, reason });
        }
        let (width, height) = (self.settings.width, self.settings.height);
        (image.width, image.height) = (width, height);
        image.bgr.clear();
        image.bgr.resize(3 * width as usize * height as usize, 0);
        image.bgr.chunks_exact_mut(3).for_each(|pixel| pixel.copy_from_slice(&BACKGROUND));
        for (walker, bbox) in self.walkers.iter().zip(self.boxes_at(self.now())) {
            paint(image, &bbox, walker.bgr);
        }
        Ok(())
    }

    fn describe(&self) -> SourceInfo {
        SourceInfo {
            kind: SourceKind::Synthetic,
            live: self.settings.frames.is_none(),
            width: self.settings.width,
            height: self.settings.height,
            codec: None,
            container_fps: Some(self.settings.fps),
            frames_claimed: self.settings.frames,
            clock: StreamClock::Timestamps,
        }
    }

    fn health(&self) -> SourceHealth {
        self.health
    }
}

impl Walker {
    fn new(random: &mut SplitMix) -> Self {
        Self {
            start: (random.unit(), random.unit()),
            velocity: (random.between(-0.2, 0.2), random.between(-0.05, 0.05)),
            size: (random.between(0.06, 0.12), random.between(0.2, 0.35)),
            bgr: [0; 3].map(|_| random.between(0.0, 255.0) as u8),
        }
    }

    /// It turns round at the borders.
    fn at(&self, seconds: f64, width: f64, height: f64) -> BBox {
        let reflected = |start: f64, velocity: f64, room: f64| {
            let way = (start * room + velocity * seconds).rem_euclid(2.0 * room);
            if way > room { 2.0 * room - way } else { way }
        };
        BBox {
            x: reflected(self.start.0, self.velocity.0, 1.0 - self.size.0) * width,
            y: reflected(self.start.1, self.velocity.1, 1.0 - self.size.1) * height,
            w: self.size.0 * width,
            h: self.size.1 * height,
        }
    }
}

fn paint(image: &mut Image, bbox: &BBox, bgr: [u8; 3]) {
    let Some(seen) = bbox.clipped(image.width, image.height) else { return };
    let (left, right) = (seen.x.round() as usize, seen.right().round() as usize);
    for row in seen.y.round() as usize..seen.bottom().round() as usize {
        let start = 3 * (row * image.width as usize + left);
        let end = start + 3 * (right - left);
        image.bgr[start..end].chunks_exact_mut(3).for_each(|pixel| pixel.copy_from_slice(&bgr));
    }
}

/// `SplitMix64` (Steele, Lea and Flood 2014): enough to place rectangles.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(settings: SyntheticSettings) -> (Vec<FrameStamp>, Vec<Image>) {
        let mut source = SyntheticSource::new(settings);
        let (mut stamps, mut images) = (Vec::new(), Vec::new());
        while let Some(stamp) = source.grab().expect("grabbed") {
            let mut image = Image::default();
            source.retrieve(&mut image).expect("retrieved");
            stamps.push(stamp);
            images.push(image);
        }
        (stamps, images)
    }

    #[test]
    fn the_same_seed_shows_the_same() {
        let settings = SyntheticSettings { frames: Some(10), ..SyntheticSettings::default() };
        assert_eq!(all(settings.clone()), all(settings.clone()));
        assert_ne!(all(settings.clone()).1, all(SyntheticSettings { seed: 2, ..settings }).1);
    }

    #[test]
    fn rectangles_are_where_they_are_said_to_be() {
        let settings = SyntheticSettings { walkers: 1, frames: Some(200), fps: 5.0, ..SyntheticSettings::default() };
        let source = SyntheticSource::new(settings.clone());
        let (stamps, images) = all(settings);
        for (stamp, image) in stamps.iter().zip(&images) {
            let bbox = source.boxes_at(stamp.media_time)[0];
            let seen = bbox.clipped(320, 240).expect("in the picture");
            assert!((seen.area() - bbox.area()).abs() < 1e-6, "wholly in the picture: {bbox:?}");
            let (x, y) = bbox.centre();
            let at = 3 * (y as usize * 320 + x as usize);
            assert_eq!(image.bgr[at..at + 3], source.walkers[0].bgr);
        }
    }

    #[test]
    fn the_script_is_followed() {
        let script = BTreeMap::from([
            (2, Happening::Gap { seconds: 1.0 }),
            (3, Happening::Resize { width: 64, height: 48 }),
            (4, Happening::Undecodable),
            (6, Happening::Stall),
        ]);
        let settings = SyntheticSettings { frames: None, fps: 10.0, script, ..SyntheticSettings::default() };
        let mut source = SyntheticSource::new(settings);
        let mut image = Image::default();
        let mut times = Vec::new();
        for frame in 1..=5 {
            let stamp = source.grab().expect("grabbed").expect("no end");
            times.push(stamp.media_time.seconds());
            assert_eq!(source.retrieve(&mut image).is_ok(), frame != 4, "frame {frame}");
        }
        assert_eq!(times, [0.0, 1.1, 1.2, 1.3, 1.4]);
        assert_eq!((image.width, image.height, image.bgr.len()), (64, 48, 3 * 64 * 48));
        assert!(matches!(source.grab(), Err(CaptureError::Stalled { after_frame: 5, .. })));
        assert!(matches!(source.grab(), Err(CaptureError::Disconnected { after_frame: 5, .. })));
        assert_eq!(source.health().undecodable, 1);
    }
}
