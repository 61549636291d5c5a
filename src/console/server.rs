//! Listening, routing and stopping.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::doors::Doors;
use super::guard::Names;
use super::place::{Place, stopped};
use super::{acts, assets, guard, link, live, looks, pages, planning, proposals, travellers};
use crate::clock::Clock;

/// Largest request body, bytes: a form with a note.
const BODY_BYTES_MAX: usize = 64 << 10;
/// Most connections at a time; further ones wait until one ends.
const CONNECTIONS_MAX: usize = 256;
/// How long open requests may take to end when the console stops.
const STOP_MAX: Duration = Duration::from_secs(2);

/// Where the console listens and whom it asks.
#[derive(Debug, Clone)]
pub struct ConsoleSettings {
    /// URL of the centre.
    pub central: String,
    /// Where browsers connect; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Names under which browsers may ask for it, besides addresses and `localhost`.
    pub names: Vec<String>,
}

/// What keeps a console from starting.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        why: io::Error,
    },
    /// No thread or runtime could be had.
    #[error("cannot start: {0}")]
    Start(io::Error),
}

/// A console that serves until it is stopped.
#[derive(Debug)]
pub struct ConsoleServer {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    runtime: Runtime,
    serving: JoinHandle<()>,
}

impl ConsoleServer {
    /// Listens, and connects to the centre for as long as it runs. A centre that is not there is shown on the page.
    ///
    /// # Errors
    /// [`ConsoleError`].
    pub fn start(settings: ConsoleSettings, clock: Arc<dyn Clock>) -> Result<Self, ConsoleError> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(2).thread_name("console").enable_all();
        let runtime = builder.build().map_err(ConsoleError::Start)?;
        let listen = |why| ConsoleError::Listen { address: settings.listen, why };
        let listener = runtime.block_on(TcpListener::bind(settings.listen)).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (stop, told) = watch::channel(false);
        let place = Arc::new(Place::new(settings.central, clock, told.clone()));
        runtime.spawn(link::run(Arc::clone(&place)));
        runtime.spawn(planning::run(Arc::clone(&place)));
        let router = router(place, settings.names.into());
        let listener = Doors::new(listener, CONNECTIONS_MAX);
        let mut told = told;
        let until = async move { stopped(&mut told).await };
        let serving = runtime.spawn(async move {
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(until).await {
                tracing::error!(%error, "the console ended");
            }
        });
        Ok(Self { address, stop, runtime, serving })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets open pages end, and ends.
    pub fn stop(self) {
        self.stop.send_replace(true);
        // Whoever does not end in time is cut off with the runtime.
        let _ = self.runtime.block_on(async { tokio::time::timeout(STOP_MAX, self.serving).await });
        self.runtime.shutdown_timeout(Duration::from_millis(200));
    }
}

fn router(place: Arc<Place>, names: Names) -> Router {
    Router::new()
        .route("/", get(pages::now))
        .route("/plan", get(pages::plan))
        .route("/travellers", get(travellers::list))
        .route("/traveller/{id}", get(travellers::one))
        .route("/traveller/{id}/act", post(travellers::act))
        .route("/track/{camera}/{boot}/{track}", get(travellers::of_track))
        .route("/review", get(pages::review))
        .route("/system", get(pages::system))
        .route("/camera/{name}", get(pages::camera))
        .route("/camera/{name}/preview", post(looks::preview))
        .route("/camera/{name}/draw", post(looks::draw))
        .route("/you", get(pages::you).post(acts::you))
        .route("/alert/{id}/act", post(acts::act))
        .route("/proposal/{id}", post(proposals::decide))
        .route("/alert/{id}/evidence", post(acts::evidence))
        .route("/live", get(live::live))
        .route("/assets/console.css", get(assets::style))
        .route("/assets/console.js", get(assets::script))
        .route("/assets/camera.js", get(assets::camera_script))
        .route("/assets/icon.svg", get(assets::icon))
        .fallback(pages::nowhere)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(axum::middleware::from_fn_with_state(names, guard::guard))
        .with_state(place)
}
