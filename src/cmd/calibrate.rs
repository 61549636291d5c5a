//! `greenlane calibrate`: a camera's homography from points measured in the picture and on the floor.

use std::path::PathBuf;

use super::{Failure, Outcome};
use crate::geometry::{Calibration, PAIRS_MIN, Pair, calibrate};

/// Compute a camera's map from pixels to floor metres, with its error.
///
/// Give at least four points, better eight or more, spread over the floor in view: the pixel at which each is seen and where
/// it is on the floor plan. The error of a point left out is what to expect elsewhere.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane calibrate --point '412,655=2.0,1.5' --point '1130,640=8.0,1.5' --point '820,350=6.0,12.0' --point '300,360=1.0,11.0'
  greenlane calibrate --points hall-east.txt      # one 'u,v=x,y' a line; # begins a comment")]
pub struct Args {
    /// A point: pixel and floor, 'u,v=x,y'. May be repeated.
    #[arg(long, value_name = "U,V=X,Y", value_parser = pair, allow_hyphen_values = true)]
    point: Vec<Pair>,
    /// A file with such points, one a line.
    #[arg(long, value_name = "FILE")]
    points: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
///
/// # Errors
/// When a file or point cannot be used, or the points fix no map.
pub fn run(args: &Args) -> Outcome {
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

fn shown(pairs: &[Pair], found: &Calibration, json: bool) {
    let rows = found.map.rows();
    let scaled = rows.map(|v| v / rows[8]);
    if json {
        let report = serde_json::json!({
            "homography": scaled,
            "residuals_m": found.residuals_m,
            "left_out_m": found.left_out_m,
        });
        println!("{report}");
        return;
    }
    let numbers: Vec<String> = scaled.iter().map(|v| format!("{v:.9}")).collect();
    println!("homography = [{}]", numbers.join(", "));
    for (i, ((u, v), (x, y))) in pairs.iter().enumerate() {
        let left_out = found.left_out_m.get(i).map_or(String::new(), |m| format!(", {m:.3} m when left out"));
        println!("# {u:.0},{v:.0} -> {x:.2},{y:.2}: off by {:.3} m{left_out}", found.residuals_m[i]);
    }
    if found.left_out_m.is_empty() {
        println!("# four points fit exactly: their error is unknown until there are more");
    }
}
