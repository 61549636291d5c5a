//! Pictures for an alert: the centre asks the edge that has them, over a stream that the edge opened.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::alerts::refused;
use super::journal::Journal;
use crate::central::alert::Look;
use crate::ids::CameraId;
use crate::wire::v1::evidence_answer::Answer;
use crate::wire::{event_id_to_proto, v1};

/// Requests that wait for one edge; beyond it consoles are told to come again.
const REQUESTS_MAX: usize = 16;
/// Most cameras of all edges, and of one.
const CAMERAS_MAX: usize = 10_000;
/// An edge that has not answered by then is as good as gone.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Which stream leads to which camera, and who waits for an answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Edges(Arc<Mutex<Ways>>);

#[derive(Debug, Default)]
struct Ways {
    cameras: BTreeMap<CameraId, (u64, mpsc::Sender<Result<v1::EvidenceRequest, Status>>)>,
    waiting: BTreeMap<u64, oneshot::Sender<v1::EvidencePictures>>,
    streams: u64,
    requests: u64,
}

impl Edges {
    fn with<T>(&self, act: impl FnOnce(&mut Ways) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Serves an edge's stream: it names its cameras, then answers.
    pub async fn serve(
        &self,
        request: Request<Streaming<v1::EvidenceAnswer>>,
        stop: watch::Receiver<bool>,
    ) -> Result<Response<ReceiverStream<Result<v1::EvidenceRequest, Status>>>, Status> {
        let mut answers = request.into_inner();
        let (ask, asked) = mpsc::channel(REQUESTS_MAX);
        let edges = self.clone();
        tokio::spawn(async move {
            let stream = edges.with(|ways| {
                ways.streams += 1;
                ways.streams
            });
            let mut stop = stop;
            loop {
                let answer = tokio::select! {
                    biased;
                    _ = stop.wait_for(|stop| *stop) => break,
                    answer = answers.message() => answer,
                };
                let Ok(Some(answer)) = answer else { break };
                match answer.answer {
                    Some(Answer::Hello(hello)) => edges.hello(stream, &hello, &ask),
                    Some(Answer::Pictures(pictures)) => edges.answered(pictures),
                    None => {}
                }
            }
            edges.with(|ways| ways.cameras.retain(|_, (of, _)| *of != stream));
        });
        Ok(Response::new(ReceiverStream::new(asked)))
    }

    fn hello(&self, stream: u64, hello: &v1::EvidenceHello, ask: &mpsc::Sender<Result<v1::EvidenceRequest, Status>>) {
        self.with(|ways| {
            for camera in hello.cameras.iter().filter_map(|name| CameraId::new(name).ok()) {
                if ways.cameras.len() < CAMERAS_MAX || ways.cameras.contains_key(&camera) {
                    ways.cameras.insert(camera, (stream, ask.clone()));
                }
            }
        });
    }

    fn answered(&self, pictures: v1::EvidencePictures) {
        if let Some(waiting) = self.with(|ways| ways.waiting.remove(&pictures.number)) {
            // A console that left meanwhile wants no answer.
            let _ = waiting.send(pictures);
        }
    }

    /// Asks the edge of this camera; `number` is given here.
    pub async fn ask(&self, camera: &CameraId, request: v1::EvidenceRequest) -> Result<v1::EvidencePictures, Status> {
        let offline = || Status::unavailable(format!("the edge of camera {camera} is not connected"));
        let (reply, answer) = oneshot::channel();
        let (number, ask) = self.with(|ways| {
            ways.requests += 1;
            // Of consoles that left while they waited.
            ways.waiting.retain(|_, waits| !waits.is_closed());
            let ask = ways.cameras.get(camera).map(|(_, ask)| ask.clone());
            if ask.is_some() {
                ways.waiting.insert(ways.requests, reply);
            }
            (ways.requests, ask)
        });
        let sent = ask.ok_or_else(offline)?.try_send(Ok(v1::EvidenceRequest { number, ..request }));
        let answered = match sent {
            Ok(()) => tokio::time::timeout(ANSWER_MAX, answer).await.ok().and_then(Result::ok).ok_or_else(offline),
            Err(mpsc::error::TrySendError::Full(_)) => {
                Err(Status::resource_exhausted(format!("too many wait for pictures of camera {camera}")))
            }
            Err(mpsc::error::TrySendError::Closed(_)) => Err(offline()),
        };
        self.with(|ways| ways.waiting.remove(&number));
        answered
    }

    /// An operator wants the pictures of an alert. That is written down before anything is asked for.
    pub async fn get(
        &self,
        journal: &Journal,
        request: v1::GetEvidenceRequest,
    ) -> Result<v1::GetEvidenceResponse, Status> {
        let v1::GetEvidenceRequest { alert, operator, show_faces, purpose } = request;
        let look = Look { alert, operator, purpose, faces: show_faces };
        let event = journal.look(look).await.map_err(refused)?;
        let event_id = Some(event_id_to_proto(&event.id));
        let request = v1::EvidenceRequest { event: event_id, show_faces, ..v1::EvidenceRequest::default() };
        let pictures = self.ask(&event.id.camera, request).await?;
        match pictures.outcome() {
            v1::EvidenceOutcome::Found => Ok(v1::GetEvidenceResponse {
                camera: event.id.camera.as_str().to_owned(),
                pictures: pictures.pictures,
                faces_shown: show_faces,
            }),
            v1::EvidenceOutcome::Deleted => {
                Err(Status::not_found("the pictures are deleted: they are kept for a set time"))
            }
            v1::EvidenceOutcome::Unknown | v1::EvidenceOutcome::Unspecified => {
                Err(Status::not_found("the edge has no pictures of this alert"))
            }
        }
    }
}
