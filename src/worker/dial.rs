//! A connection to the centre that an edge keeps open, on a thread of its own: it dials out, serves until the connection ends,
//! waits and dials again.

use std::io;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::sync::watch;

use super::backoff::Backoff;
use super::uplink::UplinkSettings;
use crate::rpc::RpcError;

/// A connection that stood for so long worked: after it the first wait is a short one again.
const LASTING: Duration = Duration::from_secs(10);

/// What is done on a connection.
pub(super) trait Session: Send + 'static {
    /// Opens a connection to `central` and serves it until it ends.
    fn serve(&mut self, central: &str) -> impl Future<Output = Result<(), RpcError>> + Send;
}

/// A running connection.
#[derive(Debug)]
pub struct Dial {
    thread: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Dial {
    /// Starts the thread `name`; `beside` runs on it too, connected or not.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(super) fn start(
        name: &'static str,
        settings: UplinkSettings,
        mut session: impl Session,
        beside: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, mut stopping) = watch::channel(false);
        let thread = Builder::new().name(name.into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = again_and_again(name, settings, &mut session) => {}
                    () = beside => {}
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

async fn again_and_again(name: &str, settings: UplinkSettings, session: &mut impl Session) {
    let mut backoff = Backoff::new(settings.backoff_max, settings.seed);
    loop {
        let lasting = tokio::time::sleep(LASTING);
        tokio::pin!(lasting);
        let serving = session.serve(&settings.central);
        tokio::pin!(serving);
        let ended = loop {
            tokio::select! {
                ended = &mut serving => break ended,
                () = &mut lasting, if !lasting.is_elapsed() => backoff.reset(),
            }
        };
        if let Err(error) = ended {
            // The uplink of events tells of the same connection; this one only tries again.
            tracing::debug!(%error, "{name} is not connected");
        }
        tokio::time::sleep(backoff.wait()).await;
    }
}
