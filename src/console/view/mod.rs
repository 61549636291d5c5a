//! Pages and parts of pages as HTML. Every text is escaped by `maud`; nothing here is marked as safe HTML.

mod alert;
mod camera;
mod layout;
mod marks;
mod now;
mod review;
mod rows;
mod system;
mod traveller;
mod travellers;
mod you;

pub use alert::{Said, detail};
pub use camera::{alerts as camera_alerts, camera, health, is_of};
pub use layout::{Frame, Page, fault, page, parts as frame_parts};
pub use now::{budget, group, now, shows};
pub use review::{Reviewed, review};
pub use rows::{ROWS_MAX, rows};
pub use system::{cameras, figures, gaps, system};
pub use traveller::{Outcome, gone, nobody, parts as traveller_parts, traveller};
pub use travellers::{list as traveller_list, travellers};
pub use you::you;
