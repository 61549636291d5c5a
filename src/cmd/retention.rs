//! `greenlane retention`: what the centre keeps of what, for how long, and the receipts of what it deleted.

use super::{Failure, Outcome, terminal};
use crate::rpc::ConsoleClient;
use crate::time::CaptureTime;
use crate::wire::v1;

/// Show what the centre keeps, for how long, and what it has deleted.
///
/// Appearance is what people look like to a machine: clothing and shape, not a face. Pictures are not kept at the centre; an
/// edge keeps stills in memory for the time in its `[edge.evidence]`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane retention
  greenlane retention --limit 1000 --json")]
pub struct Args {
    /// URL of the centre.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:50051")]
    central: String,
    /// At most so many receipts, the newest first.
    #[arg(long, value_name = "N", default_value_t = 24)]
    limit: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
///
/// # Errors
/// When the centre cannot be reached.
pub fn run(args: &Args) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::found)?;
    let kept = runtime.block_on(async {
        let mut client = ConsoleClient::connect(&args.central).await?;
        client.retention(args.limit).await
    });
    let kept = kept.map_err(Failure::found)?;
    match args.json {
        true => terminal::print([json(&kept).to_string()]),
        false => terminal::print(lines(&kept)),
    }
}

fn lines(kept: &v1::GetRetentionResponse) -> Vec<String> {
    let class = |class: &v1::KeptClass| {
        let oldest =
            class.oldest_unix_micros.map_or("none is kept".to_owned(), |at| format!("the oldest of {}", time(at)));
        format!("{:<12} {:>9}  {oldest}", class.class, span(class.keep_s))
    };
    let deletion = |gone: &v1::Deletion| {
        let (oldest, newest) = (time(gone.oldest_unix_micros), time(gone.newest_unix_micros));
        format!("{} {:<12} {} deleted, of {oldest} to {newest}", time(gone.hour_unix_micros), gone.class, gone.count)
    };
    let mut lines: Vec<String> = kept.classes.iter().map(class).collect();
    lines.push("-- deleted, by the hour".to_owned());
    match kept.deletions.is_empty() {
        true => lines.push("nothing yet".to_owned()),
        false => lines.extend(kept.deletions.iter().map(deletion)),
    }
    lines
}

fn json(kept: &v1::GetRetentionResponse) -> serde_json::Value {
    let optional = |at: Option<i64>| at.map(time);
    let classes = kept.classes.iter().map(|class| {
        serde_json::json!({ "class": class.class, "keep_s": class.keep_s, "oldest": optional(class.oldest_unix_micros) })
    });
    let deletions = kept.deletions.iter().map(|gone| {
        serde_json::json!({ "class": gone.class, "hour": time(gone.hour_unix_micros), "count": gone.count,
            "oldest": time(gone.oldest_unix_micros), "newest": time(gone.newest_unix_micros) })
    });
    serde_json::json!({ "classes": classes.collect::<Vec<_>>(), "deletions": deletions.collect::<Vec<_>>() })
}

/// As people say it, in the largest unit that leaves no rest.
fn span(seconds: f64) -> String {
    let units = [("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0)];
    let unit = units.into_iter().find(|(_, size)| seconds >= *size && seconds % size == 0.0);
    unit.map_or(format!("{seconds} s"), |(name, size)| format!("{} {name}", seconds / size))
}

fn time(micros: i64) -> String {
    CaptureTime::exact(micros).rfc3339()
}
