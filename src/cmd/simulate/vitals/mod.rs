//! `greenlane simulate vitals`: semi-synthetic recordings with a known pulse and known breathing.

mod video;

use std::fs;
use std::path::{Path, PathBuf};

use crate::cmd::{Failure, Outcome};
use crate::simulation::vitals::files;
use crate::simulation::vitals::{
    BreathRecipe, Codec, HeartRecipe, Light, Motion, Null, Recipe, Skin, TraceRecording, grid,
};

/// Make recordings with a known heart rate and a known breathing rate, or with none.
///
/// Everything that is made is semi-synthetic, says so in its name and its truth file, and is the same for the same seed. OUT gets
/// REC_traces.csv, REC_ref.csv, REC_truth.json and windows.csv, which `greenlane evaluate vitals OUT` reads.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane simulate vitals out --skin s4 --motion talking --codec crf23
  greenlane simulate vitals grid --grid && greenlane evaluate vitals grid --step 6
  greenlane simulate vitals films --grid --every 11 --seconds 40 --video && greenlane evaluate vitals films
  greenlane simulate vitals null --null --count 167 && greenlane evaluate vitals null --step 10")]
pub struct Args {
    /// Folder to fill; made where it is not there.
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Every skin, motion, light, codec and frame rate with every other: 540 recordings.
    #[arg(long, conflicts_with = "null")]
    grid: bool,
    /// What has no pulse: photograph, wall, noise, gain, flicker, keyframes; all of them where none is named.
    #[arg(long, value_name = "KIND", num_args = 0.., value_delimiter = ',')]
    null: Option<Vec<Null>>,
    /// Recordings of each kind of --null.
    #[arg(long, value_name = "N", default_value_t = 20)]
    count: u64,
    /// Seed of everything random.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Length in seconds.
    #[arg(long, value_name = "S", default_value_t = 60.0)]
    seconds: f64,
    /// Make videos in place of traces: REC/vid.avi or .mkv and REC/ground_truth.txt, as UBFC-rPPG has them. H.264 needs the program
    /// `ffmpeg`. Of what has no pulse only photographs and keyframes can be filmed.
    #[arg(long)]
    video: bool,
    /// Of a grid, make every N-th recording only.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "grid", value_parser = clap::value_parser!(u32).range(1..))]
    every: u32,
    #[command(flatten)]
    face: video::FaceArgs,
    #[command(flatten)]
    one: OneArgs,
}

/// The recipe of a single recording.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "A single recording")]
struct OneArgs {
    /// How much light the skin gives back: s1 (most) to s5.
    #[arg(long, default_value = "s2")]
    skin: Skin,
    /// still, swaying or talking.
    #[arg(long, default_value = "still")]
    motion: Motion,
    /// steady, drifting or harsh.
    #[arg(long, default_value = "steady")]
    light: Light,
    /// raw, mjpeg, crf18 or crf23.
    #[arg(long, default_value = "raw")]
    codec: Codec,
    /// Frames a second, 10 to 60.
    #[arg(long, default_value_t = 30.0)]
    fps: f64,
    /// Width of the face in pixels, 48 to 400.
    #[arg(long, value_name = "PX", default_value_t = 128.0)]
    face_px: f64,
    /// Heart rate at the start, bpm.
    #[arg(long, value_name = "BPM", default_value_t = 72.0)]
    pulse: f64,
    /// Standard deviation of beat intervals, ms.
    #[arg(long, value_name = "MS", default_value_t = 35.0)]
    sdnn: f64,
    /// Breathing rate, breaths a minute.
    #[arg(long, value_name = "BRPM", default_value_t = 15.0)]
    breath: f64,
}

impl OneArgs {
    fn recipe(&self, seed: u64, seconds: f64) -> Result<Recipe, Failure> {
        let within = |name: &str, value: f64, low: f64, high: f64| match (low..=high).contains(&value) {
            true => Ok(value),
            false => Err(Failure::Usage(format!("--{name} {value}: {low} to {high} can be made"))),
        };
        Ok(Recipe {
            seed,
            seconds,
            fps: within("fps", self.fps, 10.0, 60.0)?,
            face_px: within("face-px", self.face_px, 48.0, 400.0)?,
            skin: self.skin,
            motion: self.motion,
            light: self.light,
            codec: self.codec,
            heart: Some(HeartRecipe {
                rate_bpm: within("pulse", self.pulse, 35.0, 220.0)?,
                sdnn_ms: within("sdnn", self.sdnn, 0.0, 200.0)?,
                drift: 0.0,
            }),
            breath: BreathRecipe { rate_bpm: within("breath", self.breath, 3.0, 45.0)?, unevenness: 0.08 },
            ..Recipe::default()
        })
    }
}

/// Runs the verb.
///
/// # Errors
/// [`Failure::Usage`] for a recipe that cannot be made, [`Failure::Found`] when a file cannot be written.
pub fn run(args: &Args) -> Outcome {
    if !(1.0..=3600.0).contains(&args.seconds) {
        return Err(Failure::Usage(format!("--seconds {}: 1 to 3600 can be made", args.seconds)));
    }
    fs::create_dir_all(&args.out).map_err(|error| unwritable(&args.out, &error))?;
    let windows = match &args.null {
        Some(kinds) => nulls(args, kinds)?,
        None if args.grid => {
            let every = grid(args.seed, args.seconds).into_iter().step_by(args.every as usize);
            recordings(args, &every.collect::<Vec<Recipe>>())?
        }
        None => recordings(args, &[args.one.recipe(args.seed, args.seconds)?])?,
    };
    write(&args.out, "windows.csv", &windows)
}

fn recordings(args: &Args, recipes: &[Recipe]) -> Result<String, Failure> {
    let mut windows = files::WINDOWS_HEADER.to_owned();
    let portrait = if args.video { Some(args.face.portrait()?) } else { None };
    for recipe in recipes {
        let (name, out) = (files::name(recipe), &args.out);
        let body = match &portrait {
            Some(portrait) => video::make(&out.join(&name), recipe, portrait)?,
            None => {
                let recording = TraceRecording::play(recipe);
                write(out, &format!("{name}_traces.csv"), &recording.traces.to_csv())?;
                recording.body
            }
        };
        windows.push_str(&files::windows(&name, recipe, &body));
        write(out, &format!("{name}_ref.csv"), &files::reference(recipe, &body))?;
        write(out, &format!("{name}_truth.json"), &format!("{:#}\n", files::truth(recipe, &body)))?;
    }
    Ok(windows)
}

fn nulls(args: &Args, kinds: &[Null]) -> Result<String, Failure> {
    let kinds: Vec<Null> = if !kinds.is_empty() {
        kinds.to_vec()
    } else if args.video {
        Null::FILMED.to_vec()
    } else {
        Null::ALL.to_vec()
    };
    if let Some(kind) = kinds.iter().find(|kind| args.video && !Null::FILMED.contains(kind)) {
        return Err(Failure::Usage(format!("--video: {} cannot be filmed", kind.as_str())));
    }
    let portrait = if args.video { Some(args.face.portrait()?) } else { None };
    let mut windows = files::NULL_HEADER.to_owned();
    for kind in kinds {
        for number in 0..args.count {
            let seed = args.seed.wrapping_mul(1_000_003).wrapping_add(number);
            let name = format!("semi_{}_{number}", kind.as_str());
            windows.push_str(&files::null_windows(&name, kind.as_str(), args.seconds));
            match &portrait {
                Some(portrait) => {
                    video::make(&args.out.join(&name), &kind.recipe(seed, args.seconds), portrait)?;
                }
                None => write(&args.out, &format!("{name}_traces.csv"), &kind.play(seed, args.seconds).to_csv())?,
            }
        }
    }
    Ok(windows)
}

fn write(out: &Path, name: &str, text: &str) -> Outcome {
    let path = out.join(name);
    fs::write(&path, text).map_err(|error| unwritable(&path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Found(format!("{}: {error}", path.display()))
}
