//! `greenlane proposals`: what waits for a second person, in a terminal.

use super::terminal::print;
use super::{Failure, Outcome};
use crate::rpc::ProposalClient;
use crate::time::CaptureTime;
use crate::wire::v1::{self, ProposalState, proposal::Act};

/// Show what waits for a second person; confirm or decline it.
///
/// Which decisions need one is in the centre's configuration, `[central.confirmation]`. Without a subcommand those that wait.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  greenlane proposals
  greenlane proposals confirm 17 --operator lee
  greenlane proposals decline 17 --operator lee --reason 'somebody else'")]
pub struct Args {
    /// URL of the centre.
    #[arg(long, global = true, value_name = "URL", default_value = "http://127.0.0.1:50051")]
    central: String,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Those that wait (this is the default).
    List {
        /// Also those that are over.
        #[arg(long)]
        ended: bool,
    },
    /// Confirm one: it is done then. Who asked for it cannot.
    Confirm {
        /// Its number.
        proposal: u64,
        /// Who confirms.
        #[arg(long, value_name = "NAME")]
        operator: String,
    },
    /// Decline one, or take the own one back.
    Decline {
        /// Its number.
        proposal: u64,
        /// Who declines.
        #[arg(long, value_name = "NAME")]
        operator: String,
        /// Why.
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
}

/// Runs the verb.
///
/// # Errors
/// [`Failure::Input`] when the centre cannot be reached, [`Failure::Found`] when it refuses.
pub fn run(args: &Args) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::found)?;
    runtime.block_on(async {
        let mut client = ProposalClient::connect(&args.central).await.map_err(Failure::input)?;
        match &args.what {
            None => list(&mut client, false).await,
            Some(What::List { ended }) => list(&mut client, *ended).await,
            Some(What::Confirm { proposal, operator }) => {
                let proposal = client.confirm(*proposal, operator).await.map_err(Failure::found)?;
                print([line(&proposal)])
            }
            Some(What::Decline { proposal, operator, reason }) => {
                let proposal = client.decline(*proposal, operator, reason).await.map_err(Failure::found)?;
                print([line(&proposal)])
            }
        }
    })
}

async fn list(client: &mut ProposalClient, ended: bool) -> Outcome {
    let v1::ListProposalsResponse { proposals, policy } = client.list(ended).await.map_err(Failure::found)?;
    let v1::ConfirmationPolicy { decisions, within_s } = policy.unwrap_or_default();
    let policy = match decisions.as_slice() {
        [] => "no decision needs a second person".to_owned(),
        some => format!("{} need a second person within {within_s:.0} s", some.join(", ")),
    };
    print(proposals.iter().map(line).chain([policy]))
}

/// What is to be said of an answer that only proposed; nothing where it did not.
pub(super) fn waits(proposal: u64) -> Option<String> {
    (proposal != 0).then(|| {
        format!("proposal {proposal} waits for a second person: greenlane proposals confirm {proposal} --operator NAME")
    })
}

/// A proposal in a line.
pub(super) fn line(one: &v1::Proposal) -> String {
    let whom = |id: u64| if one.traveller == 0 { id } else { one.traveller };
    let what = match &one.act {
        Some(Act::Follow(act)) => {
            format!("follow traveller {}, case {}, {}, {} s", whom(act.traveller), act.case, act.purpose, act.seconds)
        }
        Some(Act::Merge(act)) => format!("merge travellers {} and {}", act.a, act.b),
        Some(Act::Split(act)) => {
            let v1::TrackName { camera, boot, track } = act.at.clone().unwrap_or_default();
            format!("split traveller {} at {camera}/{boot}/{track}", whom(act.traveller))
        }
        Some(Act::Alert(act)) => format!("dismiss alert {}, {}", act.alert, act.text),
        None => "something that this version does not know".to_owned(),
    };
    let at = clock(one.ended_unix_micros.unwrap_or(one.until_unix_micros));
    let reason = if one.reason.is_empty() { String::new() } else { format!(", {}", one.reason) };
    let state = match one.state() {
        ProposalState::Open => format!("waits until {at}"),
        ProposalState::Confirmed => format!("confirmed {at} by {}", one.ended_by),
        ProposalState::Declined => format!("declined {at} by {}{reason}", one.ended_by),
        ProposalState::Lapsed => format!("lapsed {at}"),
        ProposalState::Unspecified => "in a state that this version does not know".to_owned(),
    };
    format!("{:>7} {} {} asks: {what}; {state}", one.id, clock(one.at_unix_micros), one.operator)
}

/// Time of day, UTC.
fn clock(micros: i64) -> String {
    let text = CaptureTime::exact(micros).rfc3339();
    text.get(11..19).map_or(text.clone(), str::to_owned)
}
