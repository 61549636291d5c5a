//! The edge's side of evidence: it dials out, says whose pictures it has, and answers when the centre asks.

use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::sync::watch;

use super::backoff::Backoff;
use super::evidence::{EvidenceOf, Found, Shown};
use super::uplink::UplinkSettings;
use crate::clock::Clock;
use crate::rpc::{EvidenceStream, RpcError, UplinkClient};
use crate::wire::{capture_to_proto, event_id_from_proto, v1};

/// How often what is too old is deleted while nobody asks.
const EXPIRE_EVERY: Duration = Duration::from_secs(10);
/// A connection that stood for so long worked: after it the first wait is a short one again.
const LASTING: Duration = Duration::from_secs(10);

/// A running answerer.
#[derive(Debug)]
pub struct EvidenceUplink {
    thread: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl EvidenceUplink {
    /// Starts the thread `evidence`.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(settings: UplinkSettings, evidence: EvidenceOf, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopping) = watch::channel(false);
        let thread = Builder::new().name("evidence".into()).spawn(move || {
            let backoff = Backoff::new(settings.backoff_max, settings.seed);
            let mut server = Server { central: settings.central, evidence, clock, backoff };
            runtime.block_on(server.run_until(stopping));
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

struct Server {
    central: String,
    evidence: EvidenceOf,
    clock: Arc<dyn Clock>,
    backoff: Backoff,
}

impl Server {
    async fn run_until(&mut self, mut stop: watch::Receiver<bool>) {
        let (evidence, clock) = (Arc::clone(&self.evidence), Arc::clone(&self.clock));
        tokio::select! {
            () = self.run() => {}
            () = expire(&evidence, clock.as_ref()) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    async fn run(&mut self) {
        loop {
            if let Err(error) = self.session().await {
                // The uplink of events tells of the same connection; this one only tries again.
                tracing::debug!(%error, "evidence cannot be asked for");
            }
            tokio::time::sleep(self.backoff.wait()).await;
        }
    }

    async fn session(&mut self) -> Result<(), RpcError> {
        let cameras = self.evidence.iter().map(|(camera, _)| camera.as_str().to_owned()).collect();
        let mut stream = UplinkClient::connect(&self.central).await?.serve_evidence(cameras).await?;
        let lasting = tokio::time::sleep(LASTING);
        tokio::pin!(lasting);
        loop {
            tokio::select! {
                request = stream.next() => match request? {
                    Some(request) => {
                        let pictures = self.answer(request);
                        if !answered(&stream, pictures).await {
                            return Ok(());
                        }
                    }
                    None => return Ok(()),
                },
                () = &mut lasting, if !lasting.is_elapsed() => self.backoff.reset(),
            }
        }
    }

    fn answer(&self, request: v1::EvidenceRequest) -> v1::EvidencePictures {
        let number = request.number;
        let empty = |outcome: v1::EvidenceOutcome| v1::EvidencePictures {
            number,
            outcome: outcome.into(),
            pictures: Vec::new(),
        };
        let Some(name) = request.event.and_then(|id| event_id_from_proto(id).ok()) else {
            return empty(v1::EvidenceOutcome::Unknown);
        };
        let Some((_, evidence)) = self.evidence.iter().find(|(camera, _)| *camera == name.camera) else {
            return empty(v1::EvidenceOutcome::Unknown);
        };
        match evidence.find(&name, request.show_faces, self.clock.now()) {
            Ok(Found::Stills(stills)) => {
                let outcome = v1::EvidenceOutcome::Found.into();
                v1::EvidencePictures { number, outcome, pictures: stills.into_iter().map(picture).collect() }
            }
            Ok(Found::Deleted) => empty(v1::EvidenceOutcome::Deleted),
            Ok(Found::Unknown) => empty(v1::EvidenceOutcome::Unknown),
            Err(error) => {
                tracing::error!(event = %name, %error, "evidence cannot be shown");
                empty(v1::EvidenceOutcome::Unknown)
            }
        }
    }
}

/// Deletes in time, also while the centre is away.
async fn expire(evidence: &EvidenceOf, clock: &dyn Clock) {
    let mut every = tokio::time::interval(EXPIRE_EVERY);
    loop {
        every.tick().await;
        let now = clock.now();
        for (_, evidence) in evidence.iter() {
            evidence.expire(now);
        }
    }
}

async fn answered(stream: &EvidenceStream, pictures: v1::EvidencePictures) -> bool {
    let answer = v1::evidence_answer::Answer::Pictures(pictures);
    stream.answers().send(v1::EvidenceAnswer { answer: Some(answer) }).await.is_ok()
}

fn picture(still: Shown) -> v1::EvidencePicture {
    let Shown { at, jpeg, size: (width, height) } = still;
    v1::EvidencePicture { capture_time: Some(capture_to_proto(at)), jpeg, width, height }
}
