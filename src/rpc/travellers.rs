//! The service for travellers across cameras.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status};

use super::alerts::unavailable;
use super::console::ConsoleLimits;
use super::directives::Searches;
use super::journal::{Journal, TravellerRefusal};
use super::proposals::{Done, not_proposed};
use crate::association::{OperatorFault, TrackKey, TravellerId, TravellerSummary};
use crate::central::{CENTRAL, EventFilter, TravellerAct, TravellerAction, TravellerFault};
use crate::event::Severity;
use crate::ids::{BootId, CameraId, TrackId};
use crate::wire::v1::travellers_server::Travellers;
use crate::wire::{self, WireError, v1};

/// Travellers in one answer: without a wish, and at most.
const PAGE_DEFAULT: u32 = 100;
const PAGE_MAX: u32 = 1_000;
/// Events of one traveller told; the newest stay.
const EVENTS_MAX: usize = 1_000;
/// Events read at once, and readings, in search of those.
const READ_MAX: usize = 1_024;
const READINGS_MAX: usize = 64;
/// Pause between two looks at a traveller who is watched.
const LOOK_EVERY: Duration = Duration::from_millis(500);

pub(super) struct TravellerService {
    journal: Journal,
    searches: Searches,
    buffer: usize,
    places: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
}

impl TravellerService {
    pub fn new(journal: Journal, searches: Searches, limits: ConsoleLimits, stop: watch::Receiver<bool>) -> Self {
        let places = Arc::new(Semaphore::new(limits.subscribers_max));
        Self { journal, searches, buffer: limits.subscriber_buffer.max(1), places, stop }
    }

    async fn get(&self, id: u64) -> Result<v1::Traveller, Status> {
        let found = self.journal.traveller(TravellerId(id)).await.map_err(unavailable)?;
        found.map(|view| self.searches.told(&view)).ok_or_else(|| unknown(id))
    }

    async fn of(&self, track: TrackKey) -> Result<v1::Traveller, Status> {
        let found = self.journal.traveller_of(track.clone()).await.map_err(unavailable)?;
        found.map(|view| wire::traveller_to_proto(&view)).ok_or_else(|| {
            let TrackKey { camera, boot, track } = track;
            Status::not_found(format!("{camera}/{}/{} belongs to nobody who is remembered", boot.0, track.0))
        })
    }

    async fn act(&self, operator: String, action: TravellerAction) -> Result<Done<TravellerId>, Status> {
        // The centre gives the time.
        let act = TravellerAct { operator, confirmed_by: None, at: 0, action };
        self.journal.act_on_traveller(act).await.map_err(refused)
    }
}

#[tonic::async_trait]
impl Travellers for TravellerService {
    async fn list_travellers(
        &self,
        request: Request<v1::ListTravellersRequest>,
    ) -> Result<Response<v1::ListTravellersResponse>, Status> {
        let request = request.into_inner();
        let cameras = wire::cameras_from_proto(&request.cameras).map_err(invalid)?;
        let start = match request.page_token.as_str() {
            "" => None,
            token => Some(Place::read(token).ok_or_else(|| Status::invalid_argument("page_token is none of ours"))?),
        };
        let (all, followed) = self.journal.travellers().await.map_err(unavailable)?;
        let wanted = |one: &TravellerSummary| {
            (!request.in_sight || one.in_sight)
                && (cameras.is_empty() || !cameras.is_disjoint(&one.cameras))
                && (!request.followed || followed.contains(&one.id))
        };
        let mut all: Vec<TravellerSummary> = all.into_iter().filter(wanted).collect();
        all.sort_by_key(|one| std::cmp::Reverse(Place::of(one)));
        let total = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let page = if request.page_size == 0 { PAGE_DEFAULT } else { request.page_size.min(PAGE_MAX) } as usize;
        let mut rest = all.into_iter().skip_while(|one| start.is_some_and(|start| Place::of(one) >= start));
        let shown: Vec<TravellerSummary> = rest.by_ref().take(page).collect();
        let more = rest.next().and(shown.last());
        Ok(Response::new(v1::ListTravellersResponse {
            next_page_token: more.map_or(String::new(), |last| Place::of(last).token()),
            travellers: shown.iter().map(|one| wire::summary_to_proto(one, followed.contains(&one.id))).collect(),
            total,
        }))
    }

    async fn get_traveller(
        &self,
        request: Request<v1::GetTravellerRequest>,
    ) -> Result<Response<v1::GetTravellerResponse>, Status> {
        let request = request.into_inner();
        let traveller = match &request.track {
            None => self.get(request.traveller).await?,
            Some(track) => self.of(wire::track_from_proto(track).map_err(invalid)?).await?,
        };
        let mut answer = v1::GetTravellerResponse::default();
        if request.events {
            events(&self.journal, &traveller, &mut answer).await?;
        }
        answer.traveller = Some(traveller);
        Ok(Response::new(answer))
    }

    type WatchTravellerStream = ReceiverStream<Result<v1::WatchTravellerResponse, Status>>;

    async fn watch_traveller(
        &self,
        request: Request<v1::WatchTravellerRequest>,
    ) -> Result<Response<Self::WatchTravellerStream>, Status> {
        let permit = Arc::clone(&self.places).try_acquire_owned();
        let permit = permit.map_err(|_| Status::resource_exhausted("too many travellers are watched"))?;
        let first = self.get(request.get_ref().traveller).await?;
        let (out, stream) = mpsc::channel(self.buffer);
        let (journal, searches) = (self.journal.clone(), self.searches.clone());
        let changes = journal.traveller_changes();
        let watch = TravellerWatch { journal, searches, changes, out, stop: self.stop.clone(), _permit: permit };
        tokio::spawn(watch.run(first));
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn merge_travellers(
        &self,
        request: Request<v1::MergeTravellersRequest>,
    ) -> Result<Response<v1::MergeTravellersResponse>, Status> {
        let v1::MergeTravellersRequest { a, b, operator } = request.into_inner();
        let action = TravellerAction::Merge { a: TravellerId(a), b: TravellerId(b) };
        let Done { with, proposal } = self.act(operator, action).await?;
        let proposal = proposal.unwrap_or_default();
        Ok(Response::new(v1::MergeTravellersResponse { traveller: with.0, proposal }))
    }

    async fn split_traveller(
        &self,
        request: Request<v1::SplitTravellerRequest>,
    ) -> Result<Response<v1::SplitTravellerResponse>, Status> {
        let v1::SplitTravellerRequest { traveller, at, operator } = request.into_inner();
        let at = wire::track_from_proto(&at.unwrap_or_default()).map_err(invalid)?;
        let action = TravellerAction::Split { traveller: TravellerId(traveller), at };
        let Done { with, proposal } = self.act(operator, action).await?;
        let proposal = proposal.unwrap_or_default();
        Ok(Response::new(v1::SplitTravellerResponse { traveller: with.0, proposal }))
    }

    async fn follow_traveller(
        &self,
        request: Request<v1::FollowTravellerRequest>,
    ) -> Result<Response<v1::FollowTravellerResponse>, Status> {
        let v1::FollowTravellerRequest { traveller, case, purpose, operator, seconds } = request.into_inner();
        let action = TravellerAction::Follow { traveller: TravellerId(traveller), case, purpose, seconds };
        let Done { with: id, proposal } = self.act(operator, action).await?;
        if let Some(proposal) = proposal {
            return Ok(Response::new(v1::FollowTravellerResponse { follow: None, proposal }));
        }
        let follows = self.journal.follows().await.map_err(unavailable)?;
        let newest = follows.iter().rev().find(|shown| shown.traveller == Some(id));
        let follow = newest.map(|shown| self.searches.follow(shown));
        Ok(Response::new(v1::FollowTravellerResponse { follow, proposal: 0 }))
    }

    async fn end_follow(
        &self,
        request: Request<v1::EndFollowRequest>,
    ) -> Result<Response<v1::EndFollowResponse>, Status> {
        let v1::EndFollowRequest { follow, operator } = request.into_inner();
        self.act(operator, TravellerAction::EndFollow { follow }).await?;
        Ok(Response::new(v1::EndFollowResponse {}))
    }

    async fn list_follows(
        &self,
        request: Request<v1::ListFollowsRequest>,
    ) -> Result<Response<v1::ListFollowsResponse>, Status> {
        let ended = request.get_ref().ended;
        let follows = self.journal.follows().await.map_err(unavailable)?;
        let wanted = follows.iter().filter(|shown| ended || shown.follow.ended.is_none());
        let follows = wanted.map(|shown| self.searches.follow(shown)).collect();
        Ok(Response::new(v1::ListFollowsResponse { follows }))
    }
}

/// Where a traveller stands in the list: by when they were seen last, then by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place(i64, u64);

impl Place {
    fn of(one: &TravellerSummary) -> Self {
        Self((one.until_s * 1e6) as i64, one.id.0)
    }

    fn token(self) -> String {
        format!("{}.{}", self.0, self.1)
    }

    fn read(token: &str) -> Option<Self> {
        let (micros, id) = token.split_once('.')?;
        Some(Self(micros.parse().ok()?, id.parse().ok()?))
    }
}

/// Puts the events of a traveller's tracks into `answer`.
async fn events(
    journal: &Journal,
    traveller: &v1::Traveller,
    answer: &mut v1::GetTravellerResponse,
) -> Result<(), Status> {
    let mut tracks = BTreeSet::new();
    for name in traveller.segments.iter().filter_map(|segment| segment.track.as_ref()) {
        tracks.insert(wire::track_from_proto(name).map_err(invalid)?);
    }
    let centre = CameraId::new(CENTRAL).map_err(|error| Status::internal(error.to_string()))?;
    let cameras = tracks.iter().map(|key| key.camera.clone()).chain([centre]).collect();
    let kinds = ["behaviour", "vital_sign", "screening", "absence", "bag"].map(str::to_owned).to_vec();
    let filter = EventFilter::new(cameras, kinds, Severity::Info)
        .map_err(|error| Status::internal(format!("the filter of a traveller's cameras: {error}")))?;
    let from = traveller.segments.iter().map(|segment| segment.from_unix_micros).min().unwrap_or(i64::MAX);
    let mut next = journal.position_at(from).await.map_err(unavailable)?;
    let mut found = Vec::new();
    for _ in 0..READINGS_MAX {
        if next > journal.tail.newest() {
            break;
        }
        let page = journal.read(next, &filter, READ_MAX).await.map_err(unavailable)?;
        next = page.next;
        found.extend(page.events.into_iter().filter(|site| concerns(site, &tracks)));
        if found.len() > EVENTS_MAX {
            answer.events_truncated = true;
            found.drain(..found.len() - EVENTS_MAX);
        }
    }
    answer.events_truncated |= next <= journal.tail.newest();
    for site in found {
        answer.event_sequences.push(site.sequence);
        answer.events.extend(site.event);
    }
    Ok(())
}

/// Whether an event tells of one of these tracks.
fn concerns(site: &v1::SiteEvent, tracks: &BTreeSet<TrackKey>) -> bool {
    let Some((event, id)) = site.event.as_ref().and_then(|event| Some((event, event.id.as_ref()?))) else {
        return false;
    };
    let same = |key: &TrackKey| key.camera.as_str() == id.camera && key.boot == BootId(id.boot);
    if let Some(v1::event::Body::AbsenceReport(report)) = &event.body {
        let last = (report.camera.as_str(), report.boot, report.track);
        return tracks.iter().any(|key| last == (key.camera.as_str(), key.boot.0, key.track.0));
    }
    if let Some(v1::event::Body::BagReport(report)) = &event.body {
        let moments = report.before.iter().chain(&report.after);
        let mut of = moments.map(|moment| (moment.camera.as_str(), moment.boot, moment.track));
        return of.any(|of| tracks.iter().any(|key| of == (key.camera.as_str(), key.boot.0, key.track.0)));
    }
    event.track.is_some_and(|track| tracks.iter().any(|key| same(key) && key.track == TrackId(track)))
}

/// One console's view of one traveller: the newest state, never every step.
struct TravellerWatch {
    journal: Journal,
    searches: Searches,
    changes: watch::Receiver<u64>,
    out: mpsc::Sender<Result<v1::WatchTravellerResponse, Status>>,
    stop: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
}

impl TravellerWatch {
    async fn run(mut self, first: v1::Traveller) {
        let mut shown = first.clone();
        let mut next = Some(Ok(first));
        loop {
            if let Some(message) = next.take() {
                let ended = message.is_err();
                let message = message.map(|traveller| v1::WatchTravellerResponse { traveller: Some(traveller) });
                if self.out.send(message).await.is_err() || ended {
                    return;
                }
            }
            let going = tokio::select! {
                biased;
                () = self.out.closed() => return,
                _ = self.stop.wait_for(|stop| *stop) => false,
                changed = self.changes.changed() => changed.is_ok(),
            };
            if !going {
                // A console that does not read cannot be told; its connection is closed after the grace period.
                let _ = self.out.try_send(Err(Status::unavailable("the centre is shutting down")));
                return;
            }
            next = self.look(&mut shown).await;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// What is to be sent, if anything changed.
    async fn look(&self, shown: &mut v1::Traveller) -> Option<Result<v1::Traveller, Status>> {
        let id = shown.summary.as_ref().map_or(0, |summary| summary.traveller);
        match self.journal.traveller(TravellerId(id)).await {
            Err(fault) => Some(Err(unavailable(fault))),
            Ok(None) => Some(Err(unknown(id))),
            Ok(Some(view)) => {
                let now = self.searches.told(&view);
                let changed = now != *shown;
                *shown = now;
                changed.then(|| Ok(shown.clone()))
            }
        }
    }
}

fn unknown(id: u64) -> Status {
    Status::not_found(format!("traveller-{id} is not remembered"))
}

fn invalid(error: WireError) -> Status {
    Status::invalid_argument(error.to_string())
}

fn refused(refusal: TravellerRefusal) -> Status {
    let fault = match refusal {
        TravellerRefusal::Act(fault) => fault,
        TravellerRefusal::Proposal(fault) => return not_proposed(&fault),
        TravellerRefusal::Store(fault) => return unavailable(fault),
    };
    let code = match &fault {
        TravellerFault::Identity(OperatorFault::Unknown(_)) | TravellerFault::NoFollow(_) => Code::NotFound,
        TravellerFault::Identity(OperatorFault::Full(_)) | TravellerFault::Full => Code::ResourceExhausted,
        TravellerFault::Identity(_) => Code::FailedPrecondition,
        TravellerFault::Text(_) => Code::InvalidArgument,
    };
    Status::new(code, fault.to_string())
}
