//! `greenlane alerts`: the queue of alerts in a terminal, and everything an operator can do with one.

mod watch;

use std::fs;
use std::path::{Path, PathBuf};

use super::proposals::waits;
use super::terminal::print;
use super::watch::because;
use super::{Failure, Outcome};
use crate::rpc::{ConsoleClient, RpcError};
use crate::time::CaptureTime;
use crate::wire::{self, v1};

/// Show the queue of alerts and work on it.
///
/// Without a subcommand the queue as it stands, the most valuable first.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane alerts
  greenlane alerts watch
  greenlane alerts acknowledge 4711 --operator kim
  greenlane alerts dismiss 4711 --operator kim 'family waits for the last bag'
  greenlane alerts evidence 4711 --operator kim --out stills
  greenlane alerts held
  greenlane alerts shadow --from 2026-03-01T00:00:00Z --to 2026-03-02T00:00:00Z")]
pub struct Args {
    /// URL of the centre.
    #[arg(long, global = true, value_name = "URL", default_value = "http://127.0.0.1:50051")]
    central: String,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The queue as it stands (this is the default).
    List {
        /// At most so many.
        #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
        limit: u32,
    },
    /// The queue as it changes, a line for each change; goes on when the centre was away.
    Watch {
        /// End after this many changes.
        #[arg(long, value_name = "N")]
        count: Option<u64>,
    },
    /// Say that you look after an alert.
    Acknowledge(Target),
    /// Be done with an alert, with the reason.
    Dismiss(TextTarget),
    /// Have somebody look after an alert.
    Assign(TextTarget),
    /// Write something down.
    Note(TextTarget),
    /// Fetch the stills around an alert into a folder; everybody but the concerned is hidden in them.
    Evidence {
        #[command(flatten)]
        target: Target,
        /// Where to; one JPEG file a still.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// With the faces of the concerned, for this purpose; only for those whom the centre allows.
        #[arg(long, value_name = "PURPOSE")]
        faces: Option<String>,
    },
    /// What the budget held back, and why, the newest first.
    Held {
        /// At most so many.
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
    /// What rules in shadow would have done; the last 24 hours without times.
    Shadow {
        /// From this time (RFC 3339) ...
        #[arg(long, value_name = "TIME", requires = "to")]
        from: Option<String>,
        /// ... until before this one.
        #[arg(long, value_name = "TIME", requires = "from")]
        to: Option<String>,
    },
    /// Who did or saw what, the newest first.
    Audit {
        /// At most so many.
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
}

#[derive(Debug, clap::Args)]
struct Target {
    /// The alert's number.
    alert: u64,
    /// Who does it.
    #[arg(long, value_name = "NAME")]
    operator: String,
}

#[derive(Debug, clap::Args)]
struct TextTarget {
    #[command(flatten)]
    target: Target,
    /// The reason, the name or the note.
    text: String,
}

/// Runs the verb.
///
/// # Errors
/// [`Failure::Input`] when the centre cannot be reached, [`Failure::Found`] when it refuses.
pub fn run(args: &Args) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::found)?;
    runtime.block_on(async {
        let mut client = ConsoleClient::connect(&args.central).await.map_err(Failure::input)?;
        ask(&mut client, args.what.as_ref()).await
    })
}

async fn ask(client: &mut ConsoleClient, what: Option<&What>) -> Outcome {
    use v1::AlertAction::{Acknowledge, Assign, Dismiss, Note};
    match what {
        None => list(client, 0).await,
        Some(What::List { limit }) => list(client, *limit).await,
        Some(What::Watch { count }) => watch::watch(client, count.unwrap_or(u64::MAX)).await,
        Some(What::Acknowledge(target)) => act(client, target, Acknowledge, "").await,
        Some(What::Dismiss(TextTarget { target, text })) => act(client, target, Dismiss, text).await,
        Some(What::Assign(TextTarget { target, text })) => act(client, target, Assign, text).await,
        Some(What::Note(TextTarget { target, text })) => act(client, target, Note, text).await,
        Some(What::Evidence { target, out, faces }) => evidence(client, target, out, faces.as_deref()).await,
        Some(What::Held { limit }) => {
            let held = client.held_back(*limit).await.map_err(Failure::found)?;
            print(held.iter().map(held_line))
        }
        Some(What::Shadow { from, to }) => {
            let rules = client.shadow(time(from.as_deref())?, time(to.as_deref())?).await.map_err(Failure::found)?;
            print(rules.iter().map(shadow_line))
        }
        Some(What::Audit { limit }) => {
            let entries = client.audit(0, *limit).await.map_err(Failure::found)?;
            print(entries.iter().map(audit_line))
        }
    }
}

async fn list(client: &mut ConsoleClient, limit: u32) -> Outcome {
    let request = v1::ListAlertsRequest { states: Vec::new(), limit };
    let answer = client.alerts(request).await.map_err(Failure::found)?;
    let budget = format!(
        "{} of {} an hour raised, {} held back, {} forgotten",
        answer.used, answer.per_hour, answer.held_back, answer.forgotten
    );
    print(answer.alerts.iter().map(alert_line).chain([budget]))
}

async fn act(client: &mut ConsoleClient, target: &Target, action: v1::AlertAction, text: &str) -> Outcome {
    let Target { alert, operator } = target;
    let (operator, text) = (operator.clone(), text.to_owned());
    let request = v1::ActOnAlertRequest { alert: *alert, operator, action: action.into(), text };
    let answer = client.act(request).await.map_err(|error: RpcError| Failure::found(error))?;
    print(waits(answer.proposal).into_iter().chain(answer.alert.iter().map(alert_line)))
}

async fn evidence(client: &mut ConsoleClient, target: &Target, out: &Path, faces: Option<&str>) -> Outcome {
    let request = v1::GetEvidenceRequest {
        alert: target.alert,
        operator: target.operator.clone(),
        show_faces: faces.is_some(),
        purpose: faces.unwrap_or_default().to_owned(),
    };
    let answer = client.evidence(request).await.map_err(Failure::found)?;
    let fault = |path: &Path, error: &std::io::Error| Failure::Found(format!("{}: {error}", path.display()));
    fs::create_dir_all(out).map_err(|e| fault(out, &e))?;
    for (number, picture) in (1..).zip(&answer.pictures) {
        let path = out.join(format!("{}-{number}.jpg", target.alert));
        fs::write(&path, &picture.jpeg).map_err(|e| fault(&path, &e))?;
        let at = picture.capture_time.map_or_else(String::new, |t| CaptureTime::exact(t.unix_micros).rfc3339());
        print([format!("{} {} {at}", path.display(), answer.camera)])?;
    }
    Ok(())
}

fn time(text: Option<&str>) -> Result<i64, Failure> {
    let time = text.map_or(Ok(0), |text| CaptureTime::parse_rfc3339(text).map(|t| t.unix_micros));
    time.map_err(|e| Failure::Usage(format!("not a time: {e}")))
}

fn alert_line(alert: &v1::Alert) -> String {
    let state = alert.state().as_str_name().trim_start_matches("ALERT_STATE_").to_lowercase();
    let rank = alert.value.as_ref().map_or(0.0, |v| v.rank);
    let rules: Vec<&str> = alert.claims.iter().filter(|c| !c.retracted).map(|c| c.rule.as_str()).collect();
    let tracks: Vec<String> = alert.tracks.iter().map(|t| format!("{}/T{}", t.camera, t.track)).collect();
    let assignee = if alert.assignee.is_empty() { String::new() } else { format!(" -> {}", alert.assignee) };
    let why =
        alert.claims.iter().find(|c| !c.retracted).and_then(|c| c.event.clone()).map_or_else(String::new, reasons);
    let (id, at) = (alert.id, clock(alert.raised_unix_micros));
    format!("{id:>7} {at} {rank:.2} {state:<12} {} {}{assignee}{why}", rules.join("+"), tracks.join(" "))
}

fn reasons(event: v1::Event) -> String {
    wire::event_from_proto(event).map_or_else(|e| format!(": {e}"), |event| because(&event.reasons))
}

fn held_line(held: &v1::HeldBack) -> String {
    let why = match held.why() {
        v1::HeldWhy::BudgetFull => "the hour is full",
        v1::HeldWhy::Outranked => "better ones are expected",
        v1::HeldWhy::Unspecified => "no reason given",
    };
    let rank = held.value.as_ref().map_or(0.0, |v| v.rank);
    let details = held.event.clone().map_or_else(String::new, reasons);
    format!("{:>7} {} {rank:.2} {} held back, {why}{details}", held.sequence, clock(held.at_unix_micros), held.rule)
}

fn shadow_line(rule: &v1::ShadowReport) -> String {
    let v1::ShadowReport { rule, fired, already_alerted, would_have_raised, incomplete } = rule;
    let least = if *incomplete { "at least " } else { "" };
    format!(
        "{rule} would have fired {least}{fired} times, {already_alerted} of them on people already alerted; the budget \
         would have raised {would_have_raised} of the others"
    )
}

fn audit_line(entry: &v1::AuditEntry) -> String {
    let v1::AuditEntry { number, at_unix_micros, operator, action, alert, text } = entry;
    let at = CaptureTime::exact(*at_unix_micros).rfc3339();
    format!("{number:>7} {at} {operator} {action} {alert} {text}")
}

/// Time of day, UTC.
fn clock(micros: i64) -> String {
    let text = CaptureTime::exact(micros).rfc3339();
    text.get(11..19).map_or(text.clone(), str::to_owned)
}
