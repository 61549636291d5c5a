//! `greenlane console`: the operator's console in a browser.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{Failure, Outcome};
use crate::clock::SystemClock;
use crate::console::{ConsoleServer, ConsoleSettings};
use crate::shutdown::Shutdown;

/// How often it is looked whether somebody wants to stop it.
const LOOK_EVERY: Duration = Duration::from_secs(3_600);

/// Serve the operator's console to browsers.
///
/// It subscribes to the centre as any console does, and connects again when the centre was away; the page says so. Nothing
/// is loaded from elsewhere.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Prints one line on standard output once browsers can connect. Who reaches the address can work under any name: beyond this
machine, put a proxy before it that signs people in, and name it with --name.

Examples:
  greenlane console
  greenlane console --central http://centre:50051 --listen 127.0.0.1:8090
  greenlane console --listen 10.0.0.5:8080 --name console.airport.example")]
pub struct Args {
    /// URL of the centre.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:50051")]
    central: String,
    /// Where browsers connect; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A host name under which browsers ask for it, besides addresses and localhost; may be given several times.
    #[arg(long = "name", value_name = "HOST")]
    names: Vec<String>,
}

/// Runs until a signal.
///
/// # Errors
/// [`Failure::Usage`] for a URL that is none, [`Failure::Input`] when the address cannot be listened on.
pub fn run(args: &Args) -> Outcome {
    if !["http://", "https://"].iter().any(|scheme| args.central.starts_with(scheme)) {
        return Err(Failure::Usage(format!("`{}` is no URL of a centre (http://HOST:PORT)", args.central)));
    }
    let shutdown = Shutdown::on_signals().map_err(Failure::found)?;
    let Args { central, listen, names } = args.clone();
    let settings = ConsoleSettings { central, listen, names };
    let console = ConsoleServer::start(settings, Arc::new(SystemClock::start())).map_err(Failure::input)?;
    let address = console.address();
    println!("console: open http://{address} in a browser, centre {}", args.central);
    if !address.ip().is_loopback() {
        eprintln!("console: {address} can be reached from elsewhere, and nobody is asked to sign in");
    }
    while !shutdown.wait(LOOK_EVERY) {}
    console.stop();
    Ok(())
}
