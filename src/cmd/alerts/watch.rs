//! The queue as it changes, through absences of the centre.

use std::time::Duration;

use super::alert_line;
use crate::cmd::terminal::print_line;
use crate::cmd::{Failure, Outcome};
use crate::rpc::{AlertFeed, ConsoleClient, RpcError};
use crate::wire::v1::watch_alerts_response::Message;
use crate::worker::Backoff;

const BACKOFF_MAX: Duration = Duration::from_secs(5);

/// Prints changes until there were `count` of them or nobody reads.
pub(super) async fn watch(client: &mut ConsoleClient, count: u64) -> Outcome {
    let mut watch = Watch { after: 0, left: count, away: false };
    let mut backoff = Backoff::new(BACKOFF_MAX, u64::from(std::process::id()));
    while watch.left > 0 {
        let ended = match client.watch_alerts(watch.after).await {
            Ok(feed) => {
                backoff.reset();
                watch.follow(feed).await?
            }
            Err(error) => Ended::Lost(passing(error)?),
        };
        let Ended::Lost(why) = ended else { return Ok(()) };
        if !watch.away && !print_line(&format!("-- the centre is away ({why}); trying again"))? {
            return Ok(());
        }
        watch.away = true;
        tokio::time::sleep(backoff.wait()).await;
    }
    Ok(())
}

enum Ended {
    Enough,
    Lost(String),
}

/// Why a connection is lost, or the failure where trying again is no use.
fn passing(error: RpcError) -> Result<String, Failure> {
    if error.may_pass() { Ok(error.to_string()) } else { Err(Failure::found(error)) }
}

struct Watch {
    /// The newest revision that was printed.
    after: u64,
    left: u64,
    away: bool,
}

impl Watch {
    async fn follow(&mut self, mut feed: AlertFeed) -> Result<Ended, Failure> {
        while self.left > 0 {
            let line = match feed.next().await {
                Ok(Some(Message::Alert(alert))) => {
                    (self.after, self.left) = (alert.revision, self.left - 1);
                    alert_line(&alert)
                }
                Ok(Some(Message::Live(live))) => {
                    (self.after, self.away) = (live.revision, false);
                    format!("-- live: {} of {} an hour raised, {} held back", live.used, live.per_hour, live.held_back)
                }
                Ok(Some(Message::Forgotten(alert))) => format!("-- alert {alert} is forgotten"),
                Ok(Some(Message::Heartbeat(_))) => continue,
                Ok(None) => return Ok(Ended::Lost("it ended the stream".to_owned())),
                Err(error) => return Ok(Ended::Lost(passing(error)?)),
            };
            if !print_line(&line)? {
                break;
            }
        }
        Ok(Ended::Enough)
    }
}
