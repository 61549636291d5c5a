//! Travellers as messages.

use std::collections::BTreeSet;

use super::{WireEnum, WireError, v1};
use crate::association::{Hypothesis, Identity, LinkKind, Outlook, Segment, TrackKey, TravellerId, TravellerSummary};
use crate::central::{Alternatives, Blind, CarriedBag, Companion, Follow, FollowEnd, TravellerView};
use crate::ids::{BootId, CameraId, TrackId};

/// The message for a track's name.
#[must_use]
pub fn track_to_proto(key: &TrackKey) -> v1::TrackName {
    v1::TrackName { camera: key.camera.as_str().to_owned(), boot: key.boot.0, track: key.track.0 }
}

/// The track that a message names.
///
/// # Errors
/// [`WireError::Invalid`] for a name that no camera can have.
pub fn track_from_proto(name: &v1::TrackName) -> Result<TrackKey, WireError> {
    let camera = CameraId::new(&name.camera)
        .map_err(|error| WireError::Invalid { field: "track.camera", why: error.to_string() })?;
    Ok(TrackKey { camera, boot: BootId(name.boot), track: TrackId(name.track) })
}

/// The message for one line of the list.
#[must_use]
pub fn summary_to_proto(summary: &TravellerSummary, followed: bool) -> v1::TravellerSummary {
    v1::TravellerSummary {
        traveller: summary.id.0,
        from_unix_micros: micros(summary.from_s),
        until_unix_micros: micros(summary.until_s),
        last: Some(track_to_proto(&summary.last)),
        in_sight: summary.in_sight,
        provisional: summary.provisional,
        tracks: u32::try_from(summary.tracks).unwrap_or(u32::MAX),
        cameras: summary.cameras.iter().map(|camera| camera.as_str().to_owned()).collect(),
        followed,
    }
}

/// The message for a traveller.
#[must_use]
pub fn traveller_to_proto(view: &TravellerView) -> v1::Traveller {
    let about = view.identities.iter().zip(&view.alternatives).zip(&view.bags);
    let segments = view.traveller.segments.iter().zip(about);
    let id = view.summary.id;
    v1::Traveller {
        summary: Some(summary_to_proto(&view.summary, !view.follows.is_empty())),
        segments: segments.map(|(segment, about)| segment_to_proto(segment, about)).collect(),
        outlook: view.outlook.as_ref().map(|outlook| outlook_to_proto(outlook, view)),
        companions: view.companions.iter().map(companion_to_proto).collect(),
        follows: view.follows.iter().map(|follow| follow_to_proto(follow, Some(id))).collect(),
    }
}

fn bag_to_proto(bag: &CarriedBag) -> v1::CarriedBag {
    let CarriedBag { number, class, track, probability } = bag;
    v1::CarriedBag { bag: *number, class: class.to_wire(), track: track.0, probability: *probability }
}

/// The message for somebody who is, or was, followed; `traveller`: whom that is now. Who looks for them is another's to say.
#[must_use]
pub fn follow_to_proto(follow: &Follow, traveller: Option<TravellerId>) -> v1::Follow {
    let (ended, by) = match &follow.ended {
        None => (None, String::new()),
        Some((at, FollowEnd::Deadline)) => (Some(*at), String::new()),
        Some((at, FollowEnd::Operator(name))) => (Some(*at), name.clone()),
    };
    v1::Follow {
        id: follow.id,
        track: Some(track_to_proto(&follow.track)),
        case: follow.case.clone(),
        purpose: follow.purpose.clone(),
        operator: follow.operator.clone(),
        confirmed_by: follow.confirmed_by.clone().unwrap_or_default(),
        from_unix_micros: follow.from,
        until_unix_micros: follow.until,
        ended_unix_micros: ended,
        ended_by: by,
        traveller: traveller.map_or(0, |id| id.0),
        looking: Vec::new(),
        look_alikes: Vec::new(),
    }
}

/// What is known of a segment besides: whose it is, what else it could have been, and what they carried.
type About<'a> = ((&'a Option<Identity>, &'a Alternatives), &'a Vec<CarriedBag>);

fn segment_to_proto(segment: &Segment, ((identity, others), bags): About<'_>) -> v1::Segment {
    let identity = identity.as_ref();
    let hypotheses = segment.decision.hypotheses.iter().zip(others);
    let point = |(at_s, fix): &(f64, crate::association::FloorFix)| v1::PathPoint {
        at_unix_micros: micros(*at_s),
        x: fix.x,
        y: fix.y,
        covariance: fix.covariance.to_vec(),
    };
    v1::Segment {
        track: Some(track_to_proto(&segment.track)),
        from_unix_micros: micros(segment.from_s),
        until_unix_micros: micros(segment.until_s),
        ended: segment.ended,
        path: segment.path.iter().map(point).collect(),
        links: hypotheses.map(|(hypothesis, (to, ..))| link_to_proto(hypothesis, to.as_ref())).collect(),
        probability: identity.and_then(|identity| identity.probability),
        provisional: identity.is_some_and(|identity| identity.provisional),
        missing: identity.iter().flat_map(|identity| &identity.missing).map(|what| (*what).to_owned()).collect(),
        bags: bags.iter().map(bag_to_proto).collect(),
    }
}

fn link_to_proto(hypothesis: &Hypothesis, continues: Option<&TrackKey>) -> v1::Link {
    let evidence = &hypothesis.evidence;
    v1::Link {
        kind: hypothesis.kind.to_wire(),
        state: hypothesis.state.to_wire(),
        probability: hypothesis.probability,
        continues: continues.filter(|_| hypothesis.kind != LinkKind::Newcomer).map(track_to_proto),
        appearance: evidence.appearance,
        cosine: evidence.cosine,
        transit: evidence.transit,
        seconds: evidence.seconds,
        floor: evidence.floor,
        route: evidence.route,
    }
}

fn outlook_to_proto(outlook: &Outlook, view: &TravellerView) -> v1::Outlook {
    let next = outlook.next.iter().map(|next| v1::NextView {
        camera: next.camera.as_str().to_owned(),
        probability: next.probability,
        in_s: next.in_s,
        in_low_s: next.between_s.0,
        in_high_s: next.between_s.1,
        blind: view.blind.get(&next.camera).map_or(0, |blind: &Blind| blind.to_wire()),
    });
    v1::Outlook {
        from: outlook.from.as_str().to_owned(),
        away_s: outlook.away_s,
        next: next.collect(),
        gone: outlook.gone,
        overdue: outlook.overdue,
    }
}

fn companion_to_proto(companion: &Companion) -> v1::Companion {
    v1::Companion {
        summary: Some(summary_to_proto(&companion.summary, false)),
        views: u32::try_from(companion.views).unwrap_or(u32::MAX),
        last_unix_micros: companion.last,
    }
}

/// The cameras that a request names.
///
/// # Errors
/// [`WireError::Invalid`].
pub fn cameras_from_proto(names: &[String]) -> Result<BTreeSet<CameraId>, WireError> {
    let name = |name: &String| {
        CameraId::new(name).map_err(|error| WireError::Invalid { field: "cameras", why: error.to_string() })
    };
    names.iter().map(name).collect()
}

fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}
