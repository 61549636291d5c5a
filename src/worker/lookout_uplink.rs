//! The edge's side of orders: it names its cameras, takes what they are to look for, and answers.

use std::io;

use tokio::sync::mpsc;

use super::dial::{Dial, Session};
use super::lookout::Lookout;
use super::uplink::UplinkSettings;
use crate::central::Match;
use crate::ids::CameraId;
use crate::rpc::{RpcError, UplinkClient};

/// Keeps these cameras told whom to look for, on the thread `lookout`. `found`: the answers of `lookout`.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(
    settings: UplinkSettings,
    cameras: &[CameraId],
    lookout: Lookout,
    found: mpsc::Receiver<Match>,
) -> io::Result<Dial> {
    let cameras = cameras.iter().map(|camera| camera.as_str().to_owned()).collect();
    Dial::start("lookout", settings, Listener { cameras, lookout, found }, std::future::pending())
}

struct Listener {
    cameras: Vec<String>,
    lookout: Lookout,
    found: mpsc::Receiver<Match>,
}

impl Session for Listener {
    async fn serve(&mut self, central: &str) -> Result<(), RpcError> {
        let mut stream = UplinkClient::connect(central).await?.serve_directives(self.cameras.clone()).await?;
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
            }
        }
    }
}
