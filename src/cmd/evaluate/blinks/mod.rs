//! `greenlane evaluate blinks`: found blinks against labelled ones.

mod looks;

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use self::looks::{Seen, Watcher};
use crate::biosignal::blink::BlinkMonitor;
use crate::biosignal::openness::ClosureSettings;
use crate::cmd::detect::model_settings;
use crate::cmd::{Failure, Outcome};
use crate::config::{LANE_DETECTOR, ModelSettings};
use crate::evaluation::blinks::{BlinkScores, Clip, Span, Tally, cross_validated, parse_labels};

/// Compare found blinks with labelled ones, event by event.
///
/// FOLDER holds ground_truth.csv (clip,subject,condition,cfr30_frame,blink_id, one line a frame, frames from 0) and clips/CLIP.mp4.
/// A found blink is true when it overlaps a labelled one or lies within the tolerance of it, each in one pair at most; what
/// lies wholly outside the labelled frames is not judged.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Columns: TRUE labelled blinks, FOUND judged ones, HITS both, P precision, R recall, F1 with its 95 % interval over draws of persons.

Examples:
  greenlane evaluate blinks zju-eyeblink --mirror /srv/models
  greenlane evaluate blinks zju-eyeblink --detector greenlane-face-int8 --cross-validate --json")]
pub struct Args {
    /// Folder of clips with their labels.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Face detectors, by their names in the manifest.
    #[arg(long, value_name = "NAME", default_values = [LANE_DETECTOR, "greenlane-face-int8"])]
    detector: Vec<String>,
    /// Seconds by which a found blink may miss a labelled one.
    #[arg(long, value_name = "S", default_value_t = 0.1)]
    tolerance: f64,
    /// Also choose the two thresholds anew without each person in turn, and try them on that person.
    #[arg(long)]
    cross_validate: bool,
    /// Keep what the models see in this folder, and take it from there.
    #[arg(long, value_name = "DIR")]
    looks: Option<PathBuf>,
    /// Folder of model files besides the embedded ones.
    #[arg(long, value_name = "DIR", env = "GREENLANE_MODEL_MIRROR")]
    mirror: Option<PathBuf>,
    /// Configuration whose `[models]` section holds: manifest, runtime, execution provider.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One JSON object in place of the table.
    #[arg(long)]
    json: bool,
}

/// Among these the cross-validation chooses.
const ROWS_FROM: [f64; 5] = [0.04, 0.05, 0.06, 0.08, 0.1];
const NOISE_FACTORS: [f64; 3] = [4.0, 6.0, 8.0];

/// Runs the verb.
///
/// # Errors
/// [`Failure::Input`] for a folder, clip or model that cannot be used.
pub fn run(args: &Args) -> Outcome {
    let list = args.folder.join("ground_truth.csv");
    let text = fs::read_to_string(&list).map_err(|error| Failure::Input(format!("{}: {error}", list.display())))?;
    let clips = parse_labels(&text).map_err(|fault| Failure::Input(format!("{}: {fault}", list.display())))?;
    let models = model_settings(args.config.as_deref(), args.mirror.as_deref())?;
    let results = args.detector.iter().map(|name| evaluate(args, &models, &clips, name));
    let results = results.collect::<Result<Vec<_>, _>>()?;
    if args.json {
        let detectors: Vec<Value> = results.iter().map(Evaluated::to_json).collect();
        println!("{:#}", json!({ "tolerance_s": args.tolerance, "clips": clips.len(), "detectors": detectors }));
    } else {
        print!("{}", results.iter().map(Evaluated::to_table).collect::<String>());
    }
    Ok(())
}

/// The figures of one detector.
struct Evaluated {
    detector: String,
    scores: BlinkScores,
    /// True and found blinks of each clip.
    clips: Vec<Value>,
    cross_validated: Option<Tally>,
    /// Part of the frames in which the face was seen.
    seen: f64,
    /// Median time of the models of a face, where they ran.
    face_ms: Option<f64>,
}

fn evaluate(args: &Args, models: &ModelSettings, clips: &[Clip], detector: &str) -> Result<Evaluated, Failure> {
    let mut watcher = None;
    let mut watched = Vec::with_capacity(clips.len());
    for clip in clips {
        let kept = args.looks.as_ref().map(|dir| dir.join(detector).join(format!("{}.jsonl", clip.name)));
        let seen = match kept.as_deref().map(looks::read).transpose()?.flatten() {
            Some(seen) => seen,
            None => {
                let watcher = open_once(&mut watcher, models, detector)?;
                let seen = watcher.watch(&args.folder.join("clips").join(format!("{}.mp4", clip.name)))?;
                kept.as_deref().map_or(Ok(()), |path| looks::write(path, &seen))?;
                seen
            }
        };
        watched.push((clip, seen));
    }
    let events = |settings| watched.iter().map(|(clip, seen)| Events::of(clip, seen, settings)).collect::<Vec<_>>();
    let scored = |events: &[Events<'_>]| score(events, args.tolerance);
    let grid = ROWS_FROM.iter().flat_map(|rows| NOISE_FACTORS.map(|factor| (*rows, factor)));
    let settings =
        grid.map(|(rows_from, noise_factor)| ClosureSettings { rows_from, noise_factor, ..Default::default() });
    let cross = args.cross_validate.then(|| cross_validated(&settings.map(|s| scored(&events(s))).collect::<Vec<_>>()));
    let frames: Vec<bool> = watched.iter().flat_map(|(_, seen)| seen.iter().map(|s| s.look.is_some())).collect();
    let mut took: Vec<f64> = watcher.iter().flat_map(|w| &w.took).map(|t| 1e3 * t.as_secs_f64()).collect();
    let events = events(ClosureSettings::default());
    Ok(Evaluated {
        detector: detector.to_owned(),
        scores: scored(&events),
        clips: events.iter().map(Events::to_json).collect(),
        cross_validated: cross,
        seen: frames.iter().filter(|seen| **seen).count() as f64 / frames.len().max(1) as f64,
        face_ms: crate::biosignal::statistics::median(&mut took),
    })
}

fn open_once<'w>(
    watcher: &'w mut Option<Watcher>,
    models: &ModelSettings,
    detector: &str,
) -> Result<&'w mut Watcher, Failure> {
    match watcher {
        Some(watcher) => Ok(watcher),
        None => Ok(watcher.insert(Watcher::open(models, detector)?)),
    }
}

/// The events of a clip, seconds of its media time.
struct Events<'c> {
    clip: &'c Clip,
    labelled: Span,
    truth: Vec<Span>,
    found: Vec<Span>,
}

impl<'c> Events<'c> {
    fn of(clip: &'c Clip, seen: &[Seen], settings: ClosureSettings) -> Self {
        let mut monitor = BlinkMonitor::new(settings);
        seen.iter().for_each(|s| monitor.push(s.at, s.look.as_ref()));
        monitor.end();
        let found = monitor.take().map(|b| Span { from: b.from.seconds(), to: b.to.seconds() }).collect();
        let time = |frame: u32| {
            let last = seen.len().saturating_sub(1);
            seen.get((frame as usize).min(last)).map_or(0.0, |s| s.at.seconds())
        };
        let span = |(first, last): (u32, u32)| Span { from: time(first), to: time(last) };
        Self { clip, labelled: span(clip.labelled), truth: clip.blinks.iter().copied().map(span).collect(), found }
    }

    fn to_json(&self) -> Value {
        let list = |spans: &[Span]| spans.iter().map(|s| json!([s.from, s.to])).collect::<Vec<_>>();
        json!({ "clip": self.clip.name, "truth": list(&self.truth), "found": list(&self.found) })
    }
}

fn score(events: &[Events<'_>], tolerance: f64) -> BlinkScores {
    let mut scores = BlinkScores::default();
    for Events { clip, labelled, truth, found } in events {
        scores.add((&clip.subject, &clip.condition), *labelled, truth, found, tolerance);
    }
    scores
}

impl Evaluated {
    fn to_json(&self) -> Value {
        let by = |map: &std::collections::BTreeMap<String, Tally>| {
            map.iter().map(|(name, tally)| (name.clone(), figures(*tally))).collect::<serde_json::Map<_, _>>()
        };
        let mut all = figures(self.scores.all());
        all["f1_interval"] = json!(self.scores.f1_interval());
        json!({
            "detector": self.detector, "all": all, "cross_validated": self.cross_validated.map(figures),
            "conditions": by(self.scores.conditions()), "subjects": by(self.scores.subjects()),
            "median_offsets_s": self.scores.median_offsets(), "frames_seen": self.seen, "face_ms": self.face_ms,
            "clips": self.clips,
        })
    }

    fn to_table(&self) -> String {
        let mut text = format!("{:24} TRUE FOUND HITS      P      R     F1\n", self.detector);
        let conditions = self.scores.conditions().iter().map(|(name, tally)| (format!("condition {name}"), *tally));
        let subjects = self.scores.subjects().iter().map(|(name, tally)| (format!("subject {name}"), *tally));
        let all = std::iter::once(("all".to_owned(), self.scores.all()));
        let cross = self.cross_validated.map(|tally| ("all, cross-validated".to_owned(), tally));
        for (name, tally) in conditions.chain(subjects).chain(all).chain(cross) {
            text.push_str(&row(&name, tally));
        }
        if let Some([low, high]) = self.scores.f1_interval() {
            text.push_str(&format!("F1 of all {low:.3} to {high:.3} (95 %, over draws of persons)\n"));
        }
        if let Some([from, to]) = self.scores.median_offsets() {
            text.push_str(&format!("median distance of beginnings {from:.3} s, of ends {to:.3} s\n"));
        }
        let ms = self.face_ms.map_or_else(String::new, |ms| format!(", models of a face {ms:.1} ms (median)"));
        text + &format!("face seen in {:.3} of the frames{ms}\n\n", self.seen)
    }
}

fn figures(tally: Tally) -> Value {
    let mut value = json!(tally);
    for (name, figure) in [("precision", tally.precision()), ("recall", tally.recall()), ("f1", tally.f1())] {
        value[name] = json!(figure);
    }
    value
}

fn row(name: &str, tally: Tally) -> String {
    let part = |value: Option<f64>| value.map_or_else(|| "     -".to_owned(), |v| format!("{v:6.3}"));
    let (p, r, f1) = (part(tally.precision()), part(tally.recall()), part(tally.f1()));
    format!("{name:24} {:4} {:5} {:4} {p} {r} {f1}\n", tally.truth, tally.found, tally.hits)
}
