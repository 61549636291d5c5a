//! The edge's side of pictures: it dials out, says where its cameras look and whose pictures it has, and answers when the
//! centre asks.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::dial::{Dial, Session};
use super::evidence::{EvidenceOf, Found, Preview, Shown};
use super::uplink::UplinkSettings;
use crate::clock::Clock;
use crate::edge::CameraLayout;
use crate::frame::{BBox, ObjectClass};
use crate::ids::TrackId;
use crate::rpc::{EvidenceStream, RpcError, UplinkClient};
use crate::wire::{self, WireEnum, capture_to_proto, event_id_from_proto, v1};

/// How often what is too old is deleted while nobody asks.
const EXPIRE_EVERY: Duration = Duration::from_secs(10);
/// Keeps the centre told where the cameras look and answers for their pictures, on the thread `evidence`.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(
    settings: UplinkSettings,
    evidence: EvidenceOf,
    layouts: Vec<CameraLayout>,
    clock: Arc<dyn Clock>,
) -> io::Result<Dial> {
    let beside = expire(Arc::clone(&evidence), Arc::clone(&clock));
    Dial::start("evidence", settings, Server { evidence, layouts, clock }, beside)
}

struct Server {
    evidence: EvidenceOf,
    layouts: Vec<CameraLayout>,
    clock: Arc<dyn Clock>,
}

impl Session for Server {
    async fn serve(&mut self, central: &str) -> Result<(), RpcError> {
        let cameras = self.evidence.iter().map(|(camera, _)| camera.as_str().to_owned()).collect();
        let mut client = UplinkClient::connect(central).await?;
        self.describe(&mut client).await;
        let mut stream = client.serve_evidence(cameras).await?;
        while let Some(request) = stream.next().await? {
            let pictures = self.answer(request);
            if !answered(&stream, pictures).await {
                break;
            }
        }
        Ok(())
    }
}

impl Server {
    /// Pictures are served whether or not the centre takes this.
    async fn describe(&self, client: &mut UplinkClient) {
        match client.describe_cameras(self.layouts.iter().map(wire::layout_to_proto).collect()).await {
            Ok(refused) => {
                for v1::RefusedCamera { camera, why } in refused {
                    tracing::warn!(camera, why, "the centre does not take where this camera looks");
                }
            }
            Err(error) => tracing::warn!(%error, "the centre is not told where the cameras look"),
        }
    }

    fn answer(&self, request: v1::EvidenceRequest) -> v1::EvidencePictures {
        let number = request.number;
        if !request.preview.is_empty() {
            return self.preview(number, &request.preview);
        }
        let empty = |outcome: v1::EvidenceOutcome| nothing(number, outcome);
        let Some(name) = request.event.and_then(|id| event_id_from_proto(id).ok()) else {
            return empty(v1::EvidenceOutcome::Unknown);
        };
        let Some((_, evidence)) = self.evidence.iter().find(|(camera, _)| *camera == name.camera) else {
            return empty(v1::EvidenceOutcome::Unknown);
        };
        match evidence.find(&name, request.show_faces, self.clock.now()) {
            Ok(Found::Stills(stills)) => {
                let outcome = v1::EvidenceOutcome::Found.into();
                let pictures = stills.into_iter().map(picture).collect();
                v1::EvidencePictures { number, outcome, pictures, scene: None }
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

impl Server {
    /// The newest still of a camera.
    fn preview(&self, number: u64, camera: &str) -> v1::EvidencePictures {
        let evidence = self.evidence.iter().find(|(name, _)| name.as_str() == camera);
        // Of a camera that nothing is said of, as little as can be is shown.
        let layout = self.layouts.iter().find(|layout| layout.camera.as_str() == camera);
        let close = layout.is_none_or(|layout| layout.lane);
        match evidence.map(|(_, evidence)| evidence.newest(close)) {
            Some(Ok(Some(preview))) => v1::EvidencePictures {
                number,
                outcome: v1::EvidenceOutcome::Found.into(),
                scene: Some(scene(&preview)),
                pictures: vec![picture(preview.still)],
            },
            Some(Ok(None)) | None => nothing(number, v1::EvidenceOutcome::Unknown),
            Some(Err(error)) => {
                tracing::error!(camera, %error, "the newest still cannot be shown");
                nothing(number, v1::EvidenceOutcome::Unknown)
            }
        }
    }
}

fn nothing(number: u64, outcome: v1::EvidenceOutcome) -> v1::EvidencePictures {
    v1::EvidencePictures { number, outcome: outcome.into(), pictures: Vec::new(), scene: None }
}

fn scene(preview: &Preview) -> v1::PreviewScene {
    let shown = |(track, class, bbox): &(TrackId, ObjectClass, BBox)| v1::PreviewBox {
        track: track.0,
        class: class.to_wire(),
        r#box: Some(wire::box_to_proto(*bbox)),
    };
    v1::PreviewScene {
        boxes: preview.boxes.iter().map(shown).collect(),
        width: preview.full.0,
        height: preview.full.1,
        frames_per_second: preview.rate.unwrap_or(0.0),
    }
}

/// Deletes in time, also while the centre is away.
async fn expire(evidence: EvidenceOf, clock: Arc<dyn Clock>) {
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
