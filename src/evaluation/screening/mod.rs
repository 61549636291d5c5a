//! Whether screening keeps its budget on ordinary passers, and what it finds of others.

mod share;
mod trial;

pub use share::Share;
pub use trial::{Conditions, DetectionPoint, Trial, detection, ordinary, shifted};
