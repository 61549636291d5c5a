//! What people and bags do: small state machines over the paths of one camera.
//!
//! [`Behaviours`] takes the tracks of each frame and gives [`Finding`]s: something began or is over, with whom, where, and
//! the measured values that say so beside what is usual. It claims movements, never what anybody thinks or feels.
//!
//! | behaviour | file | told when | needs |
//! |---|---|---|---|
//! | loitering | `loitering` | a stay in a zone is longer than usual at this hour | zone with `dwell_max_s` |
//! | counter_flow | `counter_flow` | walks back against the direction | zone `one_way` |
//! | running | `running` | fast for some time and way | |
//! | reversal, hesitation | `approach` | turned back before control, once or again and again | zone `control` |
//! | line_crossed, tailgating | `crossing` | crossed a line; passed a gate right behind another | line; `gate = true` |
//! | walking_together, group_split | `companions` | two walk together; they part before control | ; zone `control` |
//! | crowding | `crowding` | too many in a zone for some time | zone with `people_max` |
//! | fall | `fall` | stood, and lies | |
//! | border_path | `border` | keeps to the border of the picture | switched on |
//! | object_left, object_taken, object_reclaimed, bag_handed_over, bag_swapped | `custody`, `bag` | the ledger of bags changes | a detector that sees bags |
//! | restroom_dwell, carry_difference | `restroom` | stays long; carries something else than before | zone `restroom_entrance` |
//!
//! What keeps one bad frame from telling anything: paths are smoothed and do not take in what is out of reach
//! ([`Movers`]); a path outlives a missed detection and a broken id; nothing is said of who was seen for a moment only; and
//! every state machine asks for a time, a way, or both.
//!
//! Lengths are metres: on the floor with a calibration, judged by how tall people look without one ([`Plane`]).

mod approach;
mod bag;
mod border;
mod companions;
mod counter_flow;
mod crossing;
mod crowding;
mod custody;
mod engine;
mod fall;
mod finding;
mod link;
mod loitering;
mod motion;
mod plane;
mod restroom;
mod rules;
mod running;
mod schedule;
mod visit;

pub use approach::ApproachSettings;
pub use border::BorderSettings;
pub use companions::CompanionSettings;
pub use counter_flow::CounterFlowSettings;
pub use crossing::CrossingSettings;
pub use crowding::CrowdingSettings;
pub use custody::CustodySettings;
pub use engine::{Behaviours, Moment};
pub use fall::FallSettings;
pub use finding::Finding;
pub use loitering::LoiteringSettings;
pub use motion::{MotionSettings, Mover, Movers};
pub use plane::{Place, Plane};
pub use restroom::RestroomSettings;
pub use rules::{AREAS_MAX, Anchor, Area, Gate, Layout, LineRule, RuleError, Rules, Units, ZoneRule, ZoneUse};
pub use running::RunningSettings;
pub use schedule::Schedule;
pub use visit::VisitSettings;
