//! `greenlane evaluate tracking`: CLEAR, Identity and HOTA of MOT results.

use std::io::IsTerminal;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};

use super::area::AreaArgs;
use super::layout::{self, Found};
use super::output;
use super::source::{at, read};
use super::travellers::Travellers;
use crate::cmd::{Failure, Outcome};
use crate::evaluation::multi_camera::{FloorDetection, FloorPoint, MultiCameraScores, floor_sequence, join};
use crate::evaluation::{
    Benchmark, LabelledArea, MotRow, PreparationFault, Recording, SequenceScores, Side, TrackingReport, prepare,
};
use crate::geometry::Homography;

/// Compute CLEAR, Identity and HOTA metrics of tracking results, as TrackEval does.
///
/// Ground truth and results are MOT text: frame,id,x,y,w,h,confidence,class,... with frames from 1. Ground truth may be a
/// file, or a folder with SEQ/gt/gt.txt, SEQ/gt.txt, SEQ-gt.txt or SEQ.txt; seqinfo.ini gives the number of
/// frames where it exists. Results are a file, or a folder with SEQ.txt, data/SEQ.txt or tracks/SEQ.txt. A tape of
/// `greenlane replay --record-tape` (SEQ.tape, tapes/SEQ.tape) is played and its tracks are the results. Of the event
/// store of `greenlane central` each sequence takes the camera of its name, its reports joined by straight lines. Annotations of
/// the VATIC tool (track xmin ymin xmax ymax frame lost occluded generated "label") are understood on both sides.
/// Result rows of other classes than pedestrian (1) are left out, and counted on standard error.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane evaluate tracking --gt MOT15/train --results my-tracker
  greenlane evaluate tracking --gt MOT17/train --results my-tracker --benchmark MOT17 --html report.html
  greenlane evaluate tracking --gt hall/gt.txt --results run1/tracks/hall.txt --json
  greenlane evaluate tracking --gt hall/gt --results run1/tapes --multi-camera --travellers --config hall.toml
  greenlane evaluate tracking --gt pets --results run1/tracks/vtest.txt --region '0,300 768,300 768,576 0,576'")]
pub struct Args {
    /// Ground truth: a file or a folder.
    #[arg(long, value_name = "DIR|FILE")]
    gt: PathBuf,
    /// Results of the tracker: a file or a folder.
    #[arg(long, value_name = "DIR|FILE")]
    results: PathBuf,
    /// Whose rules of pre-processing: MOT15 (no classes), MOT16, MOT17 or MOT20. Without it, the sequences' names
    /// decide, then whether the class column holds the benchmarks' classes.
    #[arg(long, value_name = "NAME")]
    benchmark: Option<Benchmark>,
    /// Evaluate these sequences only.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    sequences: Vec<String>,
    #[command(flatten)]
    area: AreaArgs,
    /// Adds MODA and MODP on the floor over all sequences: foot points inside --world-region, matched within this many
    /// metres.
    #[arg(long, value_name = "METRES", requires = "world_region")]
    floor_radius: Option<f64>,
    /// The sequences are cameras of one site: the same identity is the same person, the same frame the same time. Adds
    /// global IDF1 and HOTA, MCTA and the hand-overs between cameras.
    #[arg(long)]
    multi_camera: bool,
    /// The results are tapes, one of each camera: their tracks get the numbers of the travellers that the centre makes of them.
    #[arg(long, requires = "multi_camera")]
    travellers: bool,
    /// With --travellers: the configuration whose [central.topology] says how the cameras lie to each other.
    #[arg(long, value_name = "FILE", requires = "travellers")]
    config: Option<PathBuf>,
    /// With --travellers: write to standard error whose each track is, what it could be, how probable that is and what speaks
    /// for it.
    #[arg(long, requires = "travellers")]
    explain: bool,
    /// Print JSON: all fields with TrackEval's names, ratios 0 to 1, all thresholds.
    #[arg(long)]
    json: bool,
    /// Write all fields as comma-separated values.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write one page with the table and plots of every sequence.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Name of the tracker in the report; the results' own without it.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Sequences computed at once; without it, one for each processor core.
    #[arg(long, value_name = "N")]
    workers: Option<NonZero<usize>>,
}

/// The rows of one sequence.
struct Loaded {
    found: Found,
    truth: Vec<MotRow>,
    results: Vec<MotRow>,
}

/// Runs the verb.
///
/// # Errors
/// When files are missing or a line cannot be used, or a report cannot be written.
pub fn run(args: &Args) -> Outcome {
    let area = args.area.labelled_area()?;
    let found = layout::find(&args.gt, &args.results, &args.sequences)?;
    let workers = args.workers.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZero::get);
    let bar = progress(found.len());
    bar.set_message("reading");
    let loaded = in_parallel(&found, workers, |found| {
        let [truth, results] = [read(&found.truth, &found.name)?, read(&found.results, &found.name)?];
        bar.inc(1);
        Ok(Loaded { found: found.clone(), truth, results })
    })?;
    let mut loaded = loaded;
    if args.travellers {
        let tapes: Vec<&Path> = found.iter().map(|found| found.results.as_path()).collect();
        let travellers = Travellers::of(&tapes, args.config.as_ref())?;
        if args.explain {
            travellers.reasons.iter().for_each(|reason| eprintln!("{reason}"));
        }
        loaded.iter_mut().for_each(|one| travellers.rename(&one.found.name, &mut one.results));
    }
    let benchmark = args.benchmark.map_or_else(|| benchmark_of(&loaded), Ok)?;
    bar.set_message("evaluating");
    let sequences = in_parallel(&loaded, workers, |loaded| {
        let sequence = prepare(benchmark, &loaded.recording(area.as_ref())).map_err(|fault| loaded.refused(&fault))?;
        bar.inc(1);
        Ok(SequenceScores::of(&sequence))
    })?;
    bar.finish_and_clear();
    note_left_out(&sequences);
    let title = args.title.clone().unwrap_or_else(|| title_of(&args.results));
    let mut report = TrackingReport::new(&title, benchmark, sequences);
    if args.multi_camera {
        let cameras: Vec<Recording<'_>> = loaded.iter().map(|loaded| loaded.recording(area.as_ref())).collect();
        let joined = join(benchmark, &title, &cameras);
        let joined = joined.map_err(|fault| loaded[fault.camera].refused(&fault.fault))?;
        report.site = Some(MultiCameraScores::of(&joined));
    }
    report.floor = floor(args.floor_radius, area.as_ref(), &loaded)?;
    if !args.json && std::io::stdout().is_terminal() {
        println!("{} rules; ratios in percent", report.benchmark);
    }
    output(&report, args.csv.as_deref(), args.html.as_deref(), args.json)
}

/// Detection on the floor, all sequences one after the other.
fn floor(
    radius: Option<f64>,
    area: Option<&LabelledArea>,
    loaded: &[Loaded],
) -> Result<Option<FloorDetection>, Failure> {
    let (Some(radius), Some(area @ LabelledArea::Floor { homography, .. })) = (radius, area) else { return Ok(None) };
    if !(radius.is_finite() && radius > 0.0) {
        return Err(Failure::Usage(format!("--floor-radius {radius}: metres above 0")));
    }
    let map = Homography::new(*homography);
    let map = map.ok_or_else(|| Failure::Usage("--homography: cannot be inverted".to_owned()))?;
    let (mut truth, mut results, mut begin) = (Vec::new(), Vec::new(), 0);
    for one in loaded {
        let counts = |row: &&MotRow| row.class.is_none_or(|class| class <= 1) && area.contains(&row.bbox);
        let point = |row: &MotRow| {
            let (x, y) = row.bbox.foot();
            let (x, y) = map.apply(x, y)?;
            Some(FloorPoint { frame: begin + row.frame, id: row.id, x, y })
        };
        truth.extend(one.truth.iter().filter(|row| row.confidence != 0.0).filter(counts).filter_map(point));
        results.extend(one.results.iter().filter(counts).filter_map(point));
        begin += one.truth.iter().chain(&one.results).map(|row| row.frame).max().unwrap_or(0);
    }
    Ok(Some(FloorDetection::of(&floor_sequence("floor", begin, radius, &truth, &results))))
}

impl Loaded {
    fn recording<'a>(&'a self, labelled: Option<&'a LabelledArea>) -> Recording<'a> {
        let Self { found, truth, results } = self;
        Recording { name: &found.name, frames: found.frames, truth, results, labelled }
    }

    fn refused(&self, fault: &PreparationFault) -> Failure {
        match fault.side {
            Side::Truth => at(&self.found.truth, &fault.fault),
            Side::Results => at(&self.found.results, &fault.fault),
        }
    }
}

/// By the names of the sequences, else by their class columns.
fn benchmark_of(loaded: &[Loaded]) -> Result<Benchmark, Failure> {
    let guesses: Vec<Benchmark> = loaded.iter().map(|one| Benchmark::guess(&one.found.name, &one.truth)).collect();
    match (guesses.first(), guesses.iter().all(|guess| Some(guess) == guesses.first())) {
        (Some(benchmark), true) => Ok(*benchmark),
        _ => Err(Failure::Usage(
            "the sequences look like different benchmarks; say which rules with --benchmark".to_owned(),
        )),
    }
}

/// Applies `work` to all items on named threads; results in the items' order, the first failure in that order.
fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    workers: usize,
    work: impl Fn(&T) -> Result<R, Failure> + Sync,
) -> Result<Vec<R>, Failure> {
    let next = AtomicUsize::new(0);
    let done: Vec<Mutex<Option<Result<R, Failure>>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let take = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let (Some(item), Some(place)) = (items.get(index), done.get(index)) else { return };
            let result = work(item);
            *place.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(result);
        }
    };
    thread::scope(|scope| {
        for number in 1..workers.min(items.len()) {
            // Without a further thread, this one does its share.
            let _ = thread::Builder::new().name(format!("evaluate-{number}")).spawn_scoped(scope, take);
        }
        take();
    });
    let results = done.into_iter().map(|place| place.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner));
    results.map(|result| result.unwrap_or_else(|| Err(Failure::Found("a worker thread died".to_owned())))).collect()
}

/// Two passes over the sequences; drawn on a terminal only.
fn progress(sequences: usize) -> ProgressBar {
    let bar = ProgressBar::new(2 * sequences as u64);
    if let Ok(style) = ProgressStyle::with_template("{msg:10} {bar:40} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar
}

fn note_left_out(sequences: &[SequenceScores]) {
    for part in sequences {
        let counts = [
            (part.left_out.other_classes, "of other classes"),
            (part.left_out.outside_area, "outside the labelled area"),
        ];
        for (count, what) in counts.iter().filter(|(count, _)| *count > 0) {
            eprintln!("greenlane: {}: {count} result rows {what} left out", part.name);
        }
    }
}

fn title_of(results: &Path) -> String {
    let name =
        results.canonicalize().ok().and_then(|path| path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    name.unwrap_or_else(|| results.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parallel_work_keeps_order_and_reports_the_first_failure() {
        let hundred: Vec<u32> = (0..100).collect();
        let doubled = in_parallel(&hundred, 4, |n: &u32| Ok(2 * n)).unwrap();
        assert_eq!(doubled, (0..100).map(|n| 2 * n).collect::<Vec<_>>());
        let every_thirtieth = |n: &u32| if n % 30 == 29 { Err(Failure::Input(n.to_string())) } else { Ok(()) };
        let failed = in_parallel(&hundred, 4, every_thirtieth);
        assert_eq!(failed.unwrap_err().to_string(), "29");
        assert_eq!(in_parallel(&[0_u32; 0], 4, |_| Ok(())).unwrap(), []);
    }
}
