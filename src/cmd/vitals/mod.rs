//! `greenlane vitals`: vital signs of one recording or camera, once a second of media time.

mod from_traces;
mod output;
pub(in crate::cmd) mod source;
mod summary;
mod trace_files;
mod video;
mod view;
mod wave;

use std::path::PathBuf;

use super::{Failure, ModelArgs, Outcome};
use crate::biosignal::PulseOrigin;

/// Measure pulse, breathing, blinks and facial movement, with intervals, or say why there is no reading.
///
/// A line a second tells what was measured on the stretch of time that ends there, for each sign of each face; a line at the
/// end sums up. On a terminal it is a live view instead, in which a recording plays at its own speed. Several faces are measured at once, the best placed first.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
VIDEO is a recording, a folder of pictures, a URL, a camera's number or device, or a tape of an earlier run.
FILE.csv of traces has a header and columns t,r,g,b or t,region,r,g,b: seconds, the region's name, and its mean colour of 0 to
255. Regions called `background` are not skin.

Examples:
  greenlane vitals me.mp4
  greenlane vitals 0
  greenlane vitals me.mp4 --json --traces me.csv
  greenlane vitals desk.mp4 --seat 400,180,220,260
  greenlane vitals --from-traces me.csv --method POS --json")]
pub struct Args {
    /// What to look at.
    #[arg(value_name = "VIDEO", required_unless_present = "from_traces", conflicts_with = "from_traces")]
    video: Option<String>,
    /// Mean colours over time, in place of a video.
    #[arg(long, value_name = "FILE.csv")]
    from_traces: Option<PathBuf>,
    /// Use this pulse method alone: GREEN, CHROM, POS, LGI, OMIT, PBV, PCA, RED, BLUE, or ME_RPPG, a model that looks at the whole face;
    /// colours must confirm what it says.
    #[arg(long, value_name = "METHOD")]
    method: Option<PulseOrigin>,
    /// Measure what is in this place of the picture, pixels, and look for no faces.
    #[arg(long, value_name = "X,Y,W,H", value_parser = seat, conflicts_with_all = ["from_traces", "model"])]
    seat: Option<[f64; 4]>,
    #[command(flatten)]
    models: ModelArgs,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Lines instead of the live view, also on a terminal.
    #[arg(long)]
    plain: bool,
    /// Write the readings to this file, one a row.
    #[arg(long, value_name = "FILE.csv")]
    csv: Option<PathBuf>,
    /// Write each region's mean colour in each frame to this file; further faces go to FILE-2.csv and so on.
    #[arg(long, value_name = "FILE.csv", conflicts_with = "from_traces")]
    traces: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
/// [`Failure::Input`] for an unusable file, camera or model, [`Failure::Found`] when a recording is damaged or an output
/// cannot be written.
pub fn run(args: &Args) -> Outcome {
    if args.method == Some(PulseOrigin::Network) && (args.from_traces.is_some() || args.seat.is_some()) {
        let what = "--method ME_RPPG looks at faces in pictures: neither traces nor a seat will do";
        return Err(Failure::Usage(what.to_owned()));
    }
    match (&args.from_traces, &args.video) {
        (Some(file), _) => from_traces::run(args, file),
        (None, Some(source)) => video::run(args, source),
        (None, None) => Err(Failure::Usage("name a video, or traces with --from-traces".to_owned())),
    }
}

fn seat(text: &str) -> Result<[f64; 4], String> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse::<f64>()).collect();
    match numbers.as_deref() {
        Ok(&[x, y, w, h]) if [x, y, w, h].iter().all(|v| v.is_finite()) && w > 0.0 && h > 0.0 => Ok([x, y, w, h]),
        _ => Err("is not left,top,width,height in pixels".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::seat;

    #[test]
    fn a_seat_is_four_numbers() {
        assert_eq!(seat("1, 2,30,40.5"), Ok([1.0, 2.0, 30.0, 40.5]));
        for wrong in ["", "1,2,3", "1,2,3,0", "1,2,-3,4", "1,2,x,4", "1,2,3,nan", "1,2,3,4,5"] {
            assert!(seat(wrong).is_err(), "{wrong}");
        }
    }
}
