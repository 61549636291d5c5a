//! `greenlane calibrate`: a camera's homography from points measured in the picture and on the floor, or from people who walk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Failure, Outcome};
use crate::evaluation::parse_mot;
use crate::frame::BBox;
use crate::geometry::{
    Calibration, FromWalkers, Homography, PAIRS_MIN, Pair, WalkerSettings, calibrate, calibrate_by_walkers,
};

/// Compute a camera's map from pixels to floor metres, with its error.
///
/// With points: give at least four, better eight or more, spread over the floor in view: the pixel at which each is seen and
/// where it is on the floor plan. The error of a point left out is what to expect elsewhere.
///
/// With --walkers: give the tracks of a recording in which people walk in all parts of the view and in several directions
/// (`greenlane replay` writes them). Metres are then x to the right and y ahead of the floor below the camera, and as right
/// as the people are as tall as said on average.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane calibrate --point '412,655=2.0,1.5' --point '1130,640=8.0,1.5' --point '820,350=6.0,12.0' --point '300,360=1.0,11.0'
  greenlane calibrate --points hall-east.txt      # one 'u,v=x,y' a line; # begins a comment
  greenlane replay hall.mp4 --out run1 && greenlane calibrate --walkers run1/tracks/hall.txt --size 1280x720 --fov 70")]
pub struct Args {
    /// A point: pixel and floor, 'u,v=x,y'. May be repeated.
    #[arg(long, value_name = "U,V=X,Y", value_parser = pair, allow_hyphen_values = true)]
    point: Vec<Pair>,
    /// A file with such points, one a line.
    #[arg(long, value_name = "FILE")]
    points: Option<PathBuf>,
    /// Tracks of people who walk, in MOT format.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["point", "points"], requires = "size")]
    walkers: Option<PathBuf>,
    /// Size of the picture in which they walk, pixels.
    #[arg(long, value_name = "WxH", value_parser = size, requires = "walkers")]
    size: Option<(f64, f64)>,
    /// Horizontal angle of view, degrees, if the lens is known; else it is computed as well, less surely.
    #[arg(long, value_name = "DEGREES", value_parser = fov, requires = "walkers")]
    fov: Option<f64>,
    /// How tall the people are on average, with shoes, metres.
    #[arg(long, value_name = "METRES", value_parser = tall, default_value_t = 1.7)]
    height: f64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
///
/// # Errors
/// When a file or point cannot be used, or the points fix no map.
pub fn run(args: &Args) -> Outcome {
    if let Some((file, size)) = args.walkers.as_ref().zip(args.size) {
        let settings = WalkerSettings { size, height_m: args.height, fov_deg: args.fov };
        let found = calibrate_by_walkers(&tracks(file)?, &settings)
            .map_err(|error| Failure::input(format!("{}: {error}", file.display())))?;
        walked(&found, &settings, args.json);
        return Ok(());
    }
    let mut pairs = args.point.clone();
    if let Some(file) = &args.points {
        let text = std::fs::read_to_string(file).map_err(|e| Failure::input(format!("{}: {e}", file.display())))?;
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or("").trim();
            if !line.is_empty() {
                let fault = |e: String| Failure::input(format!("{}:{}: {e}", file.display(), index + 1));
                pairs.push(pair(line).map_err(fault)?);
            }
        }
    }
    if pairs.len() < PAIRS_MIN {
        return Err(Failure::Usage(format!("{} points are given, at least {PAIRS_MIN} are needed", pairs.len())));
    }
    let found = calibrate(&pairs)
        .ok_or_else(|| Failure::input("the points fix no map: too many of them lie on one line or on one spot"))?;
    shown(&pairs, &found, args.json);
    Ok(())
}

fn pair(text: &str) -> Result<Pair, String> {
    let point = |text: &str| {
        let (a, b) = text.split_once(',')?;
        let (a, b): (f64, f64) = (a.trim().parse().ok()?, b.trim().parse().ok()?);
        (a.is_finite() && b.is_finite()).then_some((a, b))
    };
    let read = text.split_once('=').and_then(|(pixel, floor)| Some((point(pixel)?, point(floor)?)));
    read.ok_or_else(|| format!("`{text}` is no point such as 412,655=2.0,1.5"))
}

fn size(text: &str) -> Result<(f64, f64), String> {
    let sides = text.split_once('x').and_then(|(w, h)| Some((w.parse::<u32>().ok()?, h.parse::<u32>().ok()?)));
    let sides = sides.filter(|(w, h)| *w > 0 && *h > 0).map(|(w, h)| (f64::from(w), f64::from(h)));
    sides.ok_or_else(|| format!("`{text}` is no size such as 1280x720"))
}

fn fov(text: &str) -> Result<f64, String> {
    within(text, 10.0, 150.0, "degrees")
}

fn tall(text: &str) -> Result<f64, String> {
    within(text, 1.0, 2.2, "metres")
}

fn within(text: &str, low: f64, high: f64, unit: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (low..=high).contains(number));
    number.ok_or_else(|| format!("not a number of {unit} from {low} to {high}"))
}

/// The boxes of each track with their frames, in order.
fn tracks(file: &Path) -> Result<Vec<Vec<(u32, BBox)>>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|e| Failure::input(format!("{}: {e}", file.display())))?;
    let mut rows = parse_mot(&text).map_err(|e| Failure::input(format!("{}: {e}", file.display())))?;
    rows.sort_by_key(|row| row.frame);
    let mut tracks: BTreeMap<u64, Vec<(u32, BBox)>> = BTreeMap::new();
    for row in rows {
        tracks.entry(row.id).or_default().push((row.frame, row.bbox));
    }
    Ok(tracks.into_values().collect())
}

/// As in a configuration: the last number 1.
fn scaled(map: &Homography) -> [f64; 9] {
    let rows = map.rows();
    rows.map(|v| v / rows[8])
}

fn key(map: &Homography) -> String {
    let numbers: Vec<String> = scaled(map).iter().map(|v| format!("{v:.9}")).collect();
    format!("homography = [{}]", numbers.join(", "))
}

fn walked(found: &FromWalkers, s: &WalkerSettings, json: bool) {
    let (stance, deviation) = (&found.stance, &found.deviation);
    if json {
        let numbers = |s: &crate::geometry::Stance| {
            serde_json::json!({
                "fov_deg": s.fov_deg, "tilt_deg": s.tilt_deg, "roll_deg": s.roll_deg, "height_m": s.height_m,
            })
        };
        let report = serde_json::json!({
            "homography": scaled(&found.map),
            "camera": numbers(stance),
            "deviation": numbers(deviation),
            "place_share": found.place_share,
            "misfit": found.misfit,
            "walkers": found.walkers,
        });
        println!("{report}");
        return;
    }
    println!("{}", key(&found.map));
    println!(
        "# {} people taken as {:.2} m tall on average; y is ahead of the floor below the camera",
        found.walkers, s.height_m
    );
    let row =
        |what: &str, value: f64, deviation: f64, unit: &str| println!("# {what} {value:.1} +- {deviation:.1} {unit}");
    row("camera above the floor:", stance.height_m, deviation.height_m, "m");
    row("tilted down by:", stance.tilt_deg, deviation.tilt_deg, "degrees");
    row("tilted to the side by:", stance.roll_deg, deviation.roll_deg, "degrees");
    match s.fov_deg {
        Some(fov) => println!("# angle of view: {fov:.1} degrees, as given"),
        None => row("angle of view:", stance.fov_deg, deviation.fov_deg, "degrees"),
    }
    println!("# half of the boxes are as high as they should be within {:.1} %", 100.0 * found.misfit);
    println!("# places are off by about {:.0} % of their distance from the camera", 100.0 * found.place_share);
    if found.place_share > UNSURE {
        let more = if s.fov_deg.is_none() { " or give --fov" } else { "" };
        println!("# that is much: take a recording with more people, who walk in all parts of the view,{more}");
    }
}

/// Places that are off by more, as a share of their distance, are told of.
const UNSURE: f64 = 0.1;

fn shown(pairs: &[Pair], found: &Calibration, json: bool) {
    if json {
        let report = serde_json::json!({
            "homography": scaled(&found.map),
            "residuals_m": found.residuals_m,
            "left_out_m": found.left_out_m,
        });
        println!("{report}");
        return;
    }
    println!("{}", key(&found.map));
    for (i, ((u, v), (x, y))) in pairs.iter().enumerate() {
        let left_out = found.left_out_m.get(i).map_or(String::new(), |m| format!(", {m:.3} m when left out"));
        println!("# {u:.0},{v:.0} -> {x:.2},{y:.2}: off by {:.3} m{left_out}", found.residuals_m[i]);
    }
    if found.left_out_m.is_empty() {
        println!("# four points fit exactly: their error is unknown until there are more");
    }
}
