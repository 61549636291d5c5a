//! Whom the cameras are to look for: orders to the edges over streams that they opened, and their answers to consoles.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::journal::FollowShown;
use crate::association::TrackKey;
use crate::central::{Directive, Match, TravellerView};
use crate::ids::CameraId;
use crate::wire::v1::directive_answer::Answer;
use crate::wire::{self, v1};

/// Orders that wait for one edge to read them; beyond it only the newest counts.
const ORDERS_MAX: usize = 4;
/// Most cameras of one edge.
const CAMERAS_MAX: usize = 1_024;
/// Look-alikes told of one follow; the least alike go.
const LOOK_ALIKES_MAX: usize = 8;
/// How long a look-alike is told, microseconds of the cameras' time.
const LOOK_ALIKE_AGE: i64 = 120_000_000;

type Seen = BTreeMap<u64, BTreeMap<TrackKey, Match>>;

/// What stands to be looked for, and what was seen of it. Nothing of it outlives the centre: it is looked for again.
#[derive(Debug, Clone)]
pub(super) struct Searches {
    directives: watch::Receiver<Arc<Vec<Directive>>>,
    seen: Arc<Mutex<Seen>>,
}

impl Searches {
    pub fn new(directives: watch::Receiver<Arc<Vec<Directive>>>) -> Self {
        Self { directives, seen: Arc::default() }
    }

    /// Serves an edge's stream: it names its cameras, then is told what they are to look for, and answers.
    pub fn serve(
        &self,
        request: Request<Streaming<v1::DirectiveAnswer>>,
        mut stop: watch::Receiver<bool>,
    ) -> Response<ReceiverStream<Result<v1::Directives, Status>>> {
        let mut answers = request.into_inner();
        let (out, orders) = mpsc::channel(ORDERS_MAX);
        let mut stream = Orders { searches: self.clone(), cameras: BTreeSet::new(), out, told: Vec::new() };
        tokio::spawn(async move {
            loop {
                let going = tokio::select! {
                    biased;
                    _ = stop.wait_for(|stop| *stop) => false,
                    changed = stream.searches.directives.changed() => changed.is_ok() && stream.tell(),
                    answer = answers.message() => match answer {
                        Ok(Some(answer)) => stream.take(answer),
                        Ok(None) | Err(_) => false,
                    },
                };
                if !going {
                    return;
                }
            }
        });
        Response::new(ReceiverStream::new(orders))
    }

    /// The message for a traveller, with who looks for them and whom was seen.
    pub fn told(&self, view: &TravellerView) -> v1::Traveller {
        let mut traveller = wire::traveller_to_proto(view);
        traveller.follows.iter_mut().for_each(|follow| self.complete(follow));
        traveller
    }

    /// The message for a follow, likewise.
    pub fn follow(&self, shown: &FollowShown) -> v1::Follow {
        let mut follow = wire::follow_to_proto(&shown.follow, shown.traveller);
        self.complete(&mut follow);
        follow
    }

    fn complete(&self, follow: &mut v1::Follow) {
        let directives = Arc::clone(&self.directives.borrow());
        let looking = directives.iter().filter(|directive| directive.follow == follow.id);
        follow.looking = looking.map(|directive| directive.camera.as_str().to_owned()).collect();
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut alike: Vec<&Match> = seen.get(&follow.id).into_iter().flat_map(BTreeMap::values).collect();
        alike.sort_by(|a, b| b.cosine.total_cmp(&a.cosine));
        follow.look_alikes = alike.into_iter().map(wire::look_alike_to_proto).collect();
    }

    /// Notes an answer. One to a follow that is over is nobody's any longer.
    fn note(&self, found: Match) {
        let directives = Arc::clone(&self.directives.borrow());
        let open: BTreeSet<u64> = directives.iter().map(|directive| directive.follow).collect();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|follow, _| open.contains(follow));
        if !open.contains(&found.follow) {
            return;
        }
        let alike = seen.entry(found.follow).or_default();
        let newest = found.at.unix_micros;
        alike.insert(found.track.clone(), found);
        alike.retain(|_, other| newest - other.at.unix_micros <= LOOK_ALIKE_AGE);
        while alike.len() > LOOK_ALIKES_MAX {
            let least = alike.iter().min_by(|a, b| a.1.cosine.total_cmp(&b.1.cosine)).map(|(key, _)| key.clone());
            least.and_then(|key| alike.remove(&key));
        }
    }
}

/// One edge's stream.
struct Orders {
    searches: Searches,
    cameras: BTreeSet<CameraId>,
    out: mpsc::Sender<Result<v1::Directives, Status>>,
    told: Vec<Directive>,
}

impl Orders {
    /// Says what stands for this edge's cameras, if that is something else than before. False: nobody hears it any longer.
    fn tell(&mut self) -> bool {
        let all = Arc::clone(&self.searches.directives.borrow_and_update());
        let mine: Vec<Directive> =
            all.iter().filter(|directive| self.cameras.contains(&directive.camera)).cloned().collect();
        if mine == self.told {
            return true;
        }
        let directives = mine.iter().map(wire::directive_to_proto).collect();
        match self.out.try_send(Ok(v1::Directives { directives })) {
            Ok(()) => self.told = mine,
            // What it has not read is told again at the next change.
            Err(mpsc::error::TrySendError::Full(_)) => {}
            Err(mpsc::error::TrySendError::Closed(_)) => return false,
        }
        true
    }

    fn take(&mut self, answer: v1::DirectiveAnswer) -> bool {
        match answer.answer {
            Some(Answer::Hello(hello)) => {
                let names = hello.cameras.iter().take(CAMERAS_MAX);
                self.cameras = names.filter_map(|name| CameraId::new(name).ok()).collect();
                self.tell()
            }
            Some(Answer::Match(found)) => {
                match wire::match_from_proto(found) {
                    Ok(found) if self.cameras.contains(&found.track.camera) => self.searches.note(found),
                    Ok(found) => {
                        tracing::warn!(camera = %found.track.camera, "an edge answers for a camera that it did not name")
                    }
                    Err(error) => tracing::warn!(%error, "an edge's answer cannot be read"),
                }
                true
            }
            None => true,
        }
    }
}
