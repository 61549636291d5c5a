//! Pages and parts of pages as HTML. Every text is escaped by `maud`; nothing here is marked as safe HTML.

mod alert;
mod camera;
mod editor;
mod ground;
mod layout;
mod marks;
mod now;
mod plan;
mod preview;
mod proposals;
mod review;
mod rows;
mod system;
mod traveller;
mod travellers;
mod you;

pub use alert::{Said, detail};
pub use camera::{CameraPage, alerts as camera_alerts, camera, capability, health, is_of};
pub use editor::result as drawn;
pub use layout::{Frame, Page, fault, page, parts as frame_parts};
pub use now::{budget, group, now, shows};
pub use plan::{parts as plan_parts, plan};
pub use preview::{Looked, picture};
pub use proposals::{decided, proposals};
pub use review::{Reviewed, review};
pub use rows::{ROWS_MAX, rows};
pub use system::{cameras, figures, gaps, system};
pub use traveller::{Outcome, gone, nobody, parts as traveller_parts, traveller};
pub use travellers::{list as traveller_list, travellers};
pub use you::you;
