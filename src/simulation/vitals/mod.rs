//! Semi-synthetic recordings of vital signs: a known heart and known lungs put into skin, light, movement, a camera and a codec.
//!
//! The light of a region is its skin's colour times `1 + signature * strength * pulse(t - delay)`, in linear light; lamps, gain and
//! movement multiply it, glare adds to it, and then come sRGB's curve, the sensor's noise, rounding, and what a codec does. Beats and
//! breaths are exact, so any stretch of time has an exact mean rate.
//!
//! It is no substitute for recordings of people: skin here is one layer, movement has no geometry, and the codec of
//! traces is a model ([`codec`] says of what). Everything made with it is called semi-synthetic.

#[macro_use]
mod recipe;
pub mod codec;
mod cycles;
pub mod files;
mod film;
mod grid;
mod noise;
mod null;
mod recording;
mod scene;

pub use cycles::{BreathRecipe, Cycles, HeartRecipe, breath_wave, pulse_wave};
pub use film::{Film, Portrait};
pub use grid::{FRAME_RATES, grid};
pub use null::Null;
pub use recipe::{Codec, Light, Motion, Recipe, Skin};
pub use recording::{Body, REGIONS, Region, SIGNATURE, TraceRecording, WALL, coded, linear};
pub use scene::{Scene, Turning};
