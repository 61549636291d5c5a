//! Tests of the whole service: one module per area.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod alerts;
mod appearance;
mod calibrate;
mod cameras;
mod capture;
mod check;
mod config;
mod console;
mod console_browser;
mod console_plan;
mod console_travellers;
mod crash;
mod doctor;
mod edge;
mod evaluation;
mod evidence;
mod face_look;
mod foreign_client;
mod hall;
mod models;
mod perception;
mod pipeline;
mod plan;
mod proving;
mod replay;
mod rpc;
mod rtsp;
mod screening;
mod store;
mod support;
mod tracking;
mod travellers;
mod vitals;
mod vitals_waveforms;
mod watch;
