//! Listening, the services together, and stopping.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::RpcError;
use super::console::{ConsoleLimits, ConsoleService};
use super::directives::Searches;
use super::error::chain;
use super::evidence::Edges;
use super::journal::Journal;
use super::proposals::ProposalService;
use super::travellers::TravellerService;
use super::uplink::UplinkService;
use crate::wire;
use crate::wire::v1::console_server::{ConsoleServer, SERVICE_NAME as CONSOLE};
use crate::wire::v1::edge_uplink_server::{EdgeUplinkServer, SERVICE_NAME as UPLINK};
use crate::wire::v1::proposals_server::{ProposalsServer, SERVICE_NAME as PROPOSALS};
use crate::wire::v1::travellers_server::{SERVICE_NAME as TRAVELLERS, TravellersServer};

/// Largest message taken. An edge's outbox takes no event that large.
const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// Flow control: how much one stream, and one connection, may send ahead of what is taken from it.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;
/// A silent connection is asked for life after this long, and closed when it does not answer.
const KEEPALIVE: Duration = Duration::from_secs(20);
const KEEPALIVE_ANSWER: Duration = Duration::from_secs(10);
/// Most streams of one connection.
const STREAMS_MAX: u32 = 1_024;

/// Bounds and periods of the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerSettings {
    /// Most consoles subscribed at once.
    pub subscribers_max: usize,
    /// Messages buffered for one console before the centre waits for it.
    pub subscriber_buffer: usize,
    /// A heartbeat after this long without a message.
    pub heartbeat: Duration,
    /// How long connections may take to close once a stop is asked for.
    pub grace: Duration,
}

/// A listening server.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens on `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// [`RpcError::Listen`].
    pub async fn bind(address: SocketAddr) -> Result<Self, RpcError> {
        let fault = |why| RpcError::Listen { address, why };
        let listener = TcpListener::bind(address).await.map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "listening beyond this machine without TLS: anyone who reaches it can read and report");
        }
        Ok(Self { listener, address })
    }

    /// Where it listens, with the real port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` becomes true, then lets streams end for at most the grace period.
    ///
    /// # Errors
    /// [`RpcError::Serve`].
    pub async fn serve(
        self,
        journal: Journal,
        settings: ServerSettings,
        stop: watch::Receiver<bool>,
    ) -> Result<(), RpcError> {
        let limits = ConsoleLimits {
            subscribers_max: settings.subscribers_max,
            subscriber_buffer: settings.subscriber_buffer,
            heartbeat: settings.heartbeat,
        };
        let (reporter, health) = tonic_health::server::health_reporter();
        let watched = tokio::spawn(report_health(reporter, journal.accepting(), stop.clone()));
        let edges = Edges::default();
        let console = ConsoleService::new(journal.clone(), edges.clone(), limits, stop.clone());
        let searches = Searches::new(journal.directives());
        let travellers = TravellerService::new(journal.clone(), searches.clone(), limits, stop.clone());
        let proposals = ProposalService::new(journal.clone(), settings.subscribers_max, stop.clone());
        let uplink = UplinkService::new(journal, edges, searches, stop.clone());
        let describe = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(wire::DESCRIPTOR)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET)
                .include_reflection_service(false)
        };
        let reflection = |e: tonic_reflection::server::Error| RpcError::Serve(e.to_string());
        let router = tonic::transport::Server::builder()
            .http2_keepalive_interval(Some(KEEPALIVE))
            .http2_keepalive_timeout(Some(KEEPALIVE_ANSWER))
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_concurrent_streams(STREAMS_MAX)
            .add_service(ConsoleServer::new(console).max_decoding_message_size(MESSAGE_BYTES_MAX))
            .add_service(TravellersServer::new(travellers).max_decoding_message_size(MESSAGE_BYTES_MAX))
            .add_service(ProposalsServer::new(proposals).max_decoding_message_size(MESSAGE_BYTES_MAX))
            .add_service(EdgeUplinkServer::new(uplink).max_decoding_message_size(MESSAGE_BYTES_MAX))
            .add_service(health)
            .add_service(describe().build_v1().map_err(reflection)?)
            .add_service(describe().build_v1alpha().map_err(reflection)?);
        let incoming = TcpIncoming::from(self.listener).with_nodelay(Some(true)).with_keepalive(Some(KEEPALIVE));
        let serving = router.serve_with_incoming_shutdown(incoming, stopped(stop.clone()));
        let done = tokio::select! {
            done = serving => done.map_err(|e| RpcError::Serve(chain(&e))),
            () = overdue(stop, settings.grace) => {
                tracing::info!("closing connections that did not end in time");
                Ok(())
            }
        };
        watched.abort();
        done
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that whoever could ask is gone, which is a stop too.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn overdue(stop: watch::Receiver<bool>, grace: Duration) {
    stopped(stop).await;
    tokio::time::sleep(grace).await;
}

/// Keeps the health service's answers: uplinks are not served while the store takes nothing.
async fn report_health(reporter: HealthReporter, mut accepting: watch::Receiver<bool>, stop: watch::Receiver<bool>) {
    let status = |well| if well { ServingStatus::Serving } else { ServingStatus::NotServing };
    let stop = stopped(stop);
    tokio::pin!(stop);
    for service in [CONSOLE, TRAVELLERS, PROPOSALS] {
        reporter.set_service_status(service, ServingStatus::Serving).await;
    }
    loop {
        let well = *accepting.borrow_and_update();
        reporter.set_service_status(UPLINK, status(well)).await;
        let gone = tokio::select! {
            () = &mut stop => true,
            changed = accepting.changed() => changed.is_err(),
        };
        if gone {
            break;
        }
    }
    for service in ["", CONSOLE, TRAVELLERS, PROPOSALS, UPLINK] {
        reporter.set_service_status(service, ServingStatus::NotServing).await;
    }
}
