//! A recording's files as text: traces, reference, windows, truth. Names begin with `semi`, for all of it is semi-synthetic.

use std::fmt::Write;

use serde_json::{Value, json};

use super::recipe::Recipe;
use super::recording::Body;

/// Samples a second of the reference wave.
const REFERENCE_HZ: f64 = 60.0;
/// Stretches of a recording of a minute that are compared with the truth. The first begins when a video's face has been found; all end
/// at multiples of six seconds.
const PULSE_WINDOWS: [(f64, f64); 3] = [(2.0, 12.0), (0.0, 30.0), (30.0, 60.0)];
const BREATH_WINDOWS: [(f64, f64); 1] = [(0.0, 60.0)];
/// Windows without a pulse end every so often, and are at most so long.
const NULL_EVERY_S: f64 = 10.0;
const NULL_LONGEST_S: f64 = 30.0;
/// What every truth file says first.
pub const KIND: &str = "semi-synthetic";

/// First line of `windows.csv` of recordings with a pulse, and of those without.
pub const WINDOWS_HEADER: &str = "rec,person,t0,t1,ref_hr,ref_resp,skin,motion,light,codec,fps\n";
/// See [`WINDOWS_HEADER`].
pub const NULL_HEADER: &str = "rec,person,t0,t1,ref_hr,kind\n";

/// Name of a recording of the grid.
#[must_use]
pub fn name(recipe: &Recipe) -> String {
    let Recipe { skin, motion, light, codec, fps, .. } = recipe;
    let [skin, motion, light, codec] = [skin.as_str(), motion.as_str(), light.as_str(), codec.as_str()];
    format!("semi_{skin}_{motion}_{light}_{codec}_{fps}")
}

/// Rows of `windows.csv`: mean rates over stretches of the recording, counted from the beats and breaths themselves.
#[must_use]
pub fn windows(name: &str, recipe: &Recipe, body: &Body) -> String {
    let mut text = String::new();
    let Recipe { person, skin, motion, light, codec, fps, .. } = recipe;
    let [skin, motion, light, codec] = [skin.as_str(), motion.as_str(), light.as_str(), codec.as_str()];
    let mut row = |(from, to): (f64, f64), rates: String| {
        if to <= recipe.seconds {
            add(&mut text, format_args!("{name},{person},{from},{to},{rates},{skin},{motion},{light},{codec},{fps}\n"));
        }
    };
    for span in PULSE_WINDOWS {
        row(
            span,
            body.beats.as_ref().map_or_else(|| "none,".to_owned(), |b| format!("{:.3},", b.rate(span.0, span.1))),
        );
    }
    for span in BREATH_WINDOWS {
        row(span, format!(",{:.3}", body.breaths.rate(span.0, span.1)));
    }
    text
}

/// Rows of `windows.csv` of something that has no pulse.
#[must_use]
pub fn null_windows(name: &str, kind: &str, seconds: f64) -> String {
    let mut text = String::new();
    for n in 1..=(seconds / NULL_EVERY_S) as u32 {
        let to = NULL_EVERY_S * f64::from(n);
        let from = (to - NULL_LONGEST_S).max(0.0);
        add(&mut text, format_args!("{name},{name},{from},{to},none,{kind}\n"));
    }
    text
}

/// The reference: `t,ppg,resp`.
#[must_use]
pub fn reference(recipe: &Recipe, body: &Body) -> String {
    let mut text = "t,ppg,resp\n".to_owned();
    for t in reference_times(recipe) {
        add(&mut text, format_args!("{t:.4},{:.5},{:.5}\n", body.pulse(t), body.chest(t)));
    }
    text
}

/// `ground_truth.txt` of UBFC-rPPG's second set: three lines, the pulse wave, the heart rate of the last ten seconds, and the time.
#[must_use]
pub fn ubfc(times: &[f64], body: &Body) -> String {
    let mut lines = [String::new(), String::new(), String::new()];
    for t in times {
        let rate = body.beats.as_ref().map_or(0.0, |beats| beats.rate((t - 10.0).max(-2.0), t.max(1.0)));
        for (line, value) in lines.iter_mut().zip([body.pulse(*t), rate, *t]) {
            // Three spaces and an exponent, as in the original.
            add(line, format_args!("   {value:.7e}"));
        }
    }
    lines.join("\n") + "\n"
}

/// Everything that is known of a recording.
#[must_use]
pub fn truth(recipe: &Recipe, body: &Body) -> Value {
    let inside = |starts: &[f64]| -> Vec<f64> {
        let of = starts.iter().filter(|t| (0.0..recipe.seconds).contains(*t));
        of.map(|t| (t * 1e4).round() / 1e4).collect()
    };
    json!({
        "kind": KIND, "recipe": recipe, "beats_s": body.beats.as_ref().map(|b| inside(&b.starts)),
        "breaths_s": inside(&body.breaths.starts),
    })
}

fn reference_times(recipe: &Recipe) -> impl Iterator<Item = f64> {
    let count = (recipe.seconds * REFERENCE_HZ) as usize;
    (0..count).map(|i| i as f64 / REFERENCE_HZ)
}

/// Appends; writing to a string cannot fail.
fn add(to: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = to.write_fmt(what);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::vitals::parse_windows;

    #[test]
    fn windows_are_read_back() {
        let recipe = Recipe::default();
        let body = Body::of(&recipe);
        let text = WINDOWS_HEADER.to_owned() + &windows(&name(&recipe), &recipe, &body);
        let read = parse_windows(&text).unwrap();
        assert_eq!(read.len(), 4);
        assert!((read[1].heart_rate.unwrap() - 72.0).abs() < 2.0 && read[1].respiration.is_none());
        assert!((read[3].respiration.unwrap() - 15.0).abs() < 1.0 && read[3].heart_rate.is_none());
        let none = parse_windows(&(NULL_HEADER.to_owned() + &null_windows("semi_wall_1", "wall", 60.0))).unwrap();
        assert_eq!((none.len(), none[5].start, none[5].end), (6, 30.0, 60.0));
        assert!(none.iter().all(|w| w.heart_rate.is_none()));
    }

    #[test]
    fn the_truth_is_called_semi_synthetic_and_has_its_beats() {
        let recipe = Recipe { seconds: 20.0, ..Recipe::default() };
        let body = Body::of(&recipe);
        let truth = truth(&recipe, &body);
        assert_eq!(truth["kind"], KIND);
        assert!((22..=26).contains(&truth["beats_s"].as_array().unwrap().len()));
        let text = ubfc(&[0.0, 0.033, 0.067], &body);
        let lines: Vec<usize> = text.lines().map(|line| line.split_whitespace().count()).collect();
        assert_eq!(lines, [3, 3, 3]);
    }
}
