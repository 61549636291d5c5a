//! **greenlane** watches an airport arrivals hall: it gives a human a *reason to look*, with its evidence and its
//! uncertainty, and never says stress, guilt or deception.
//!
//! # The straight line of a frame
//!
//! ```text
//! FrameSource -> Slot -> Perception -> CameraPipeline -> EdgeEvent -> Outbox -> gRPC Report/Ack
//!  capture      1 frame,   ONNX          pure, one per      |         durable        |
//!  thread       wanted     models        camera             v                        v
//!                                                          tape       EventStore + CentralTracker -> Subscribe
//!                                                       (no pixels)     SQLite        pure           consoles
//! ```
//!
//! Two pure state machines do the thinking: [`edge::CameraPipeline`] (one per camera) and [`central::CentralTracker`] (one
//! per site). Live cameras, recordings and tapes go through the same code and give the same events.
//!
//! # Layers
//!
//! A module may use only what stands above it here; `tests/architecture.rs` reads the sources and enforces it.
//!
//! | layer | modules |
//! |---|---|
//! | vocabulary | [`ids`] [`time`] [`units`] [`frame`] [`face`] [`appearance`] [`event`] |
//! | pure core | [`geometry`] [`tracking`] [`biosignal`] [`behaviour`] [`association`] [`simulation`] [`evaluation`] [`privacy`] |
//! | pure core | [`geometry`] [`tracking`] [`biosignal`] [`behaviour`] [`screening`] [`association`] [`simulation`] [`evaluation`] |
//! | pure applications | [`edge`] [`central`] |
//! | process support | `clock` `shutdown` `telemetry` `config` |
//! | adapters | `capture` (`OpenCV`), `perception` (ONNX Runtime), `wire` (protobuf), `recording` (tapes), `store` (`SQLite`), `rpc` (gRPC) |
//! | console | `console` (the operator's page; of the adapters it may name `rpc` and `wire` alone, and nothing below) |
//! | wiring | `worker` (threads) |
//! | commands | `cmd`, `main` |
//!
//! Everything below the pure applications needs the feature `service`, which is on by default; without it the crate is
//! the pure core alone and needs neither `OpenCV` nor ONNX Runtime.
//!
//! A box is part of the vocabulary ([`frame::BBox`]) and not of `geometry`, because events speak of boxes.
//!
//! # Invariants
//!
//! 1. Pure modules do no I/O, read no clock, hold no lock, log nothing.
//! 2. Pixels enter the core only through [`frame::PixelProbe`]; a tape of its answers replaces the video exactly.
//! 3. Three times, three types: [`time::MediaTime`], [`time::CaptureTime`], [`time::Now`].
//! 4. Durations are time, never frame counts; no nominal frame rate anywhere.
//! 5. A value that could not be measured is [`units::Unavailable`], never 0.0.
//! 6. No alert without reasons, and each reason is a measured value with its expected range.
//! 7. Every queue, map and ring has a bound, a named policy when full, and a counter for what it drops.
//! 8. [`ids::EventId`] makes delivery idempotent. An ack means "committed to the store".
//! 9. `clock` is the only reader of the system clock; `cmd` is the only place that joins adapters.
//! 10. Same input, same configuration, same models: the same events, byte for byte, with 1 or N workers.
//! 11. Nothing in the system names a person, an ethnicity, an age or an emotion.

pub mod appearance;
pub mod event;
pub mod face;
pub mod frame;
pub mod ids;
pub mod time;
pub mod units;

pub mod association;
pub mod behaviour;
pub mod biosignal;
pub mod evaluation;
pub mod geometry;
pub mod privacy;
pub mod screening;
pub mod simulation;
pub mod tracking;

pub mod central;
pub mod edge;

#[cfg(feature = "service")]
pub mod capture;
#[cfg(feature = "service")]
pub mod clock;
#[cfg(feature = "service")]
pub mod cmd;
#[cfg(feature = "service")]
pub mod config;
#[cfg(feature = "service")]
pub mod console;
#[cfg(feature = "service")]
pub mod perception;
#[cfg(feature = "service")]
pub mod recording;
#[cfg(feature = "service")]
pub mod rpc;
#[cfg(feature = "service")]
pub mod shutdown;
#[cfg(feature = "service")]
pub mod store;
#[cfg(feature = "service")]
pub mod telemetry;
#[cfg(feature = "service")]
pub mod wire;
#[cfg(feature = "service")]
pub mod worker;
