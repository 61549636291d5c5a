//! Where cameras look: told by edges, asked for by consoles; and who looks through a camera.

use tokio::sync::oneshot;
use tonic::Status;

use super::alerts::{refused, unavailable};
use super::evidence::Edges;
use super::journal::{ActFault, Fault, Journal};
use crate::association::Topology;
use crate::edge::CameraLayout;
use crate::ids::CameraId;
use crate::wire::{layout_from_proto, layout_to_proto, topology_to_proto, v1};

/// Most cameras of one edge.
const CAMERAS_MAX: usize = 64;
/// Of a name that nobody could have given, so much is said again.
const NAME_SHOWN_MAX: usize = 64;

/// What is known of the site's views.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The newest of each camera, by name.
    pub layouts: Vec<CameraLayout>,
    /// How the views lie to each other.
    pub topology: Topology,
}

/// What is asked about views, or told.
#[derive(Debug)]
pub enum PlanCall {
    /// All that is known.
    Get(oneshot::Sender<Plan>),
    /// An edge tells of its cameras; answered when it is on the disk.
    Describe {
        /// Looked at already.
        layouts: Vec<CameraLayout>,
        /// Names that found no place.
        reply: oneshot::Sender<Result<Vec<CameraId>, Fault>>,
    },
    /// Somebody looks through a camera: to be written down when they begin.
    Look {
        /// Through which.
        camera: CameraId,
        /// Who.
        operator: String,
        /// Whether it may be shown.
        reply: oneshot::Sender<Result<(), ActFault>>,
    },
}

/// All that is known of the views.
pub(super) async fn get(journal: &Journal) -> Result<v1::GetPlanResponse, Status> {
    let Plan { layouts, topology } = journal.ask_of_plan(PlanCall::Get).await.map_err(unavailable)?;
    let (ways, overlaps) = topology_to_proto(&topology);
    Ok(v1::GetPlanResponse {
        cameras: layouts.iter().map(layout_to_proto).collect(),
        ways,
        overlaps,
        ways_are_all: topology.closed(),
        overlaps_are_all: topology.overlaps_known(),
    })
}

/// An edge tells of its cameras: each is taken, or refused by name.
pub(super) async fn describe(
    journal: &Journal,
    request: v1::DescribeCamerasRequest,
) -> Result<v1::DescribeCamerasResponse, Status> {
    let count = request.cameras.len();
    if count > CAMERAS_MAX {
        return Err(Status::invalid_argument(format!("{count} cameras: an edge has at most {CAMERAS_MAX}")));
    }
    let (mut layouts, mut refused) = (Vec::new(), Vec::new());
    for message in request.cameras {
        let camera: String = message.camera.chars().take(NAME_SHOWN_MAX).collect();
        match layout_from_proto(message) {
            Ok(layout) => layouts.push(layout),
            Err(error) => {
                tracing::warn!(%camera, %error, "an edge's layout of a camera is refused");
                refused.push(v1::RefusedCamera { camera, why: error.to_string() });
            }
        }
    }
    let beyond = journal.ask_of_plan(|reply| PlanCall::Describe { layouts, reply }).await.map_err(unavailable)?;
    let why = "the centre knows as many cameras as it can";
    refused.extend(
        beyond
            .map_err(unavailable)?
            .into_iter()
            .map(|camera| v1::RefusedCamera { camera: camera.as_str().to_owned(), why: why.to_owned() }),
    );
    Ok(v1::DescribeCamerasResponse { refused })
}

/// Somebody looks through a camera. Who begins to is written down before anything is fetched.
pub(super) async fn preview(
    journal: &Journal,
    edges: &Edges,
    request: v1::GetPreviewRequest,
) -> Result<v1::GetPreviewResponse, Status> {
    let v1::GetPreviewRequest { camera, operator } = request;
    let camera = CameraId::new(&camera).map_err(|error| Status::invalid_argument(error.to_string()))?;
    let looked = journal.ask_of_plan(|reply| PlanCall::Look { camera: camera.clone(), operator, reply }).await;
    looked.map_err(unavailable)?.map_err(refused)?;
    let name = camera.as_str().to_owned();
    let asked = v1::EvidenceRequest { preview: name, ..v1::EvidenceRequest::default() };
    let answer = edges.ask(&camera, asked).await?;
    let picture = answer.pictures.into_iter().next();
    match picture {
        Some(picture) if answer.outcome == i32::from(v1::EvidenceOutcome::Found) => {
            Ok(v1::GetPreviewResponse { picture: Some(picture), scene: answer.scene })
        }
        _ => Err(Status::not_found(format!("camera {camera} has no still yet"))),
    }
}
