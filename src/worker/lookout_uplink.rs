//! The edge's side of orders: it dials out, names its cameras, takes what they are to look for, and answers.

use std::io;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::backoff::Backoff;
use super::lookout::Lookout;
use super::uplink::UplinkSettings;
use crate::central::Match;
use crate::ids::CameraId;
use crate::rpc::{RpcError, UplinkClient};

/// A connection that stood for so long worked: after it the first wait is a short one again.
const LASTING: Duration = Duration::from_secs(10);

/// A running listener.
#[derive(Debug)]
pub struct LookoutUplink {
    thread: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl LookoutUplink {
    /// Starts the thread `lookout` for these cameras.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(
        settings: UplinkSettings,
        cameras: &[CameraId],
        lookout: Lookout,
        found: mpsc::Receiver<Match>,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, mut stopping) = watch::channel(false);
        let cameras = cameras.iter().map(|camera| camera.as_str().to_owned()).collect();
        let backoff = Backoff::new(settings.backoff_max, settings.seed);
        let mut listener = Listener { central: settings.central, cameras, lookout, found, backoff };
        let thread = Builder::new().name("lookout".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = listener.run() => {}
                    _ = stopping.wait_for(|stop| *stop) => {}
                }
            });
        })?;
        Ok(Self { thread, stop })
    }

    /// Ends it.
    pub fn stop(self) {
        self.stop.send_replace(true);
        // A panic has been printed by its own thread.
        let _ = self.thread.join();
    }
}

struct Listener {
    central: String,
    cameras: Vec<String>,
    lookout: Lookout,
    found: mpsc::Receiver<Match>,
    backoff: Backoff,
}

impl Listener {
    async fn run(&mut self) {
        loop {
            if let Err(error) = self.session().await {
                // The uplink of events tells of the same connection; this one only tries again.
                tracing::debug!(%error, "nobody says whom to look for");
            }
            tokio::time::sleep(self.backoff.wait()).await;
        }
    }

    async fn session(&mut self) -> Result<(), RpcError> {
        let mut stream = UplinkClient::connect(&self.central).await?.serve_directives(self.cameras.clone()).await?;
        let lasting = tokio::time::sleep(LASTING);
        tokio::pin!(lasting);
        loop {
            tokio::select! {
                directives = stream.next() => match directives? {
                    Some(directives) => self.lookout.replace(directives),
                    None => return Ok(()),
                },
                Some(found) = self.found.recv() => {
                    if !stream.tell(&found) {
                        tracing::debug!(track = %found.track, "who looks alike could not be told");
                    }
                }
                () = &mut lasting, if !lasting.is_elapsed() => self.backoff.reset(),
            }
        }
    }
}
