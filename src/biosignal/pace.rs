//! How fast a head moves: in a fast one the eyes are smeared over their own height.

use super::estimate::Reason;
use crate::face::FacePoint;
use crate::time::MediaTime;

/// Seconds over which a speed is taken: the landmarks' jitter between neighbouring frames is none.
const OVER_S: f64 = 0.1;
/// A way older than this says nothing of now, seconds.
const STALE_S: f64 = 0.5;
/// Most distances of the outer eye corners a second: about 90 mm/s, in an exposure of 1/30 s a third of an open eye's height.
const SPEED_MAX: f64 = 1.0;
/// The bridge of the nose, which no movement of a face moves.
const BRIDGE: std::ops::Range<usize> = 27..31;
/// Outer corners of the eyes.
const CORNERS: (usize, usize) = (36, 45);

/// The pace of one head.
#[derive(Debug, Default)]
pub(super) struct Pace {
    anchor: Option<(MediaTime, [f64; 2])>,
    fast: bool,
}

impl Pace {
    /// Takes a frame's landmarks; whether the head is calm enough for its eyes to be seen.
    pub(super) fn check(&mut self, at: MediaTime, landmarks: &[FacePoint]) -> Result<(), Reason> {
        let (Some(bridge), Some(left), Some(right)) =
            (landmarks.get(BRIDGE), landmarks.get(CORNERS.0), landmarks.get(CORNERS.1))
        else {
            return Err(Reason::TrackBreak);
        };
        let n = bridge.len() as f64;
        let here = [bridge.iter().map(|p| p.x).sum::<f64>() / n, bridge.iter().map(|p| p.y).sum::<f64>() / n];
        match self.anchor.map(|(then, there)| (at.since(then), there)) {
            Some((step, _)) if (0.0..OVER_S).contains(&step) => {}
            Some((step, there)) if (OVER_S..=STALE_S).contains(&step) => {
                let eyes_apart = (left.x - right.x).hypot(left.y - right.y);
                let way = (here[0] - there[0]).hypot(here[1] - there[1]);
                self.fast = way > SPEED_MAX * eyes_apart * step;
                self.anchor = Some((at, here));
            }
            _ => *self = Self { anchor: Some((at, here)), fast: false },
        }
        if self.fast { Err(Reason::Motion) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_head_is_told_and_a_calm_one_left_alone() {
        // 80 pixels between the eyes.
        let face = |x: f64| {
            let mut points = vec![FacePoint { x, y: 100.0, confidence: 1.0 }; 66];
            points[36].x -= 40.0;
            points[45].x += 40.0;
            points
        };
        let mut pace = Pace::default();
        let mut x = 0.0;
        for i in 0..300_u32 {
            let at = f64::from(i) / 30.0;
            let speed = if (4.0..6.0).contains(&at) { 120.0 } else { 40.0 };
            x += speed / 30.0;
            let calm = pace.check(MediaTime::from_seconds(at), &face(x));
            // The verdict is a tenth of a second behind.
            if (4.3..5.9).contains(&at) {
                assert_eq!(calm, Err(Reason::Motion), "{at}");
            } else if !(4.0..6.3).contains(&at) {
                assert_eq!(calm, Ok(()), "{at}");
            }
        }
        // After a pause the head may be anywhere.
        assert_eq!(pace.check(MediaTime::from_seconds(60.0), &face(9e3)), Ok(()));
        assert_eq!(pace.check(MediaTime::from_seconds(60.1), &face(9e3)[..30]), Err(Reason::TrackBreak));
    }
}
