//! The centre as one thing: the log's threads and the server on a runtime.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::journal::{self, JournalError, JournalSettings, JournalThreads};
use super::travellers::SitePlan;
use crate::clock::Clock;
use crate::config::CentralSettings;
use crate::rpc::{RpcError, Server, ServerSettings};
use crate::store::Retention;

/// Threads that serve connections; committing and reading have their own.
const SERVING_THREADS: usize = 2;
/// How long connections may take to close.
const GRACE: Duration = Duration::from_secs(3);
/// How often a waiting caller looks whether the server still stands.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The centre cannot be started or broke off.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The log.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The network.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The runtime or its threads.
    #[error("cannot start the server's threads: {0}")]
    Runtime(#[from] io::Error),
    /// A panic, which has been printed.
    #[error("the server's task panicked")]
    Panicked,
}

/// A running centre.
#[derive(Debug)]
pub struct Site {
    runtime: Runtime,
    serving: JoinHandle<Result<(), RpcError>>,
    stop: watch::Sender<bool>,
    threads: JournalThreads,
    address: SocketAddr,
}

impl Site {
    /// Opens the store and listens; returns once consoles and edges can connect.
    ///
    /// # Errors
    /// [`SiteError`].
    pub fn start(settings: &CentralSettings, clock: Arc<dyn Clock>) -> Result<Self, SiteError> {
        let (journal, threads) = journal::start(
            JournalSettings {
                store: settings.store.clone(),
                retention: Retention {
                    events: settings.retention,
                    events_max: settings.events_max,
                    appearance: settings.kept.appearance,
                    vital_signs: settings.kept.vital_signs,
                    audit: settings.kept.audit,
                },
                plan: SitePlan {
                    lateness_micros: i64::try_from(settings.lateness.as_micros()).unwrap_or(i64::MAX),
                    topology: settings.topology.clone(),
                },
                alerts: settings.alerts.clone(),
                confirmation: settings.confirmation.clone(),
            },
            clock,
        )?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(SERVING_THREADS)
            .thread_name("rpc")
            .enable_all()
            .build()?;
        let server = runtime.block_on(Server::bind(settings.listen))?;
        let address = server.address();
        let bounds = ServerSettings {
            subscribers_max: settings.subscribers_max,
            subscriber_buffer: settings.subscriber_buffer,
            heartbeat: settings.heartbeat,
            grace: GRACE,
        };
        let (stop, stopping) = watch::channel(false);
        let serving = runtime.spawn(server.serve(journal, bounds, stopping));
        Ok(Self { runtime, serving, stop, threads, address })
    }

    /// Where it listens, with the real port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until `asked` says that a stop is wanted, or the server breaks off.
    pub fn wait(&self, asked: impl Fn(Duration) -> bool) {
        while !asked(LOOK_EVERY) && !self.serving.is_finished() {}
    }

    /// Ends all streams within a grace period, commits what was taken, and closes the store.
    ///
    /// # Errors
    /// Why the server broke off, if it did.
    pub fn stop(self) -> Result<(), SiteError> {
        self.stop.send_replace(true);
        let served = self.runtime.block_on(self.serving);
        // Streams that did not end go with the runtime, and with them the last ways into the journal.
        self.runtime.shutdown_timeout(GRACE);
        self.threads.join();
        Ok(served.map_err(|_| SiteError::Panicked)??)
    }
}
