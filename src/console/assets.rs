//! The page's own files, embedded in the binary.

use axum::http::header;
use axum::response::{IntoResponse, Response};

const STYLE: &str = include_str!("assets/console.css");
const SCRIPT: &str = include_str!("assets/console.js");
const CAMERA_SCRIPT: &str = include_str!("assets/camera.js");
const ICON: &str = include_str!("assets/icon.svg");
/// They change only with the binary, and their addresses carry its version.
const KEEP: &str = "public, max-age=3600";

/// The style sheet.
pub async fn style() -> Response {
    asset("text/css; charset=utf-8", STYLE)
}

/// The script.
pub async fn script() -> Response {
    asset("text/javascript; charset=utf-8", SCRIPT)
}

/// The script of the Camera view.
pub async fn camera_script() -> Response {
    asset("text/javascript; charset=utf-8", CAMERA_SCRIPT)
}

/// The page's icon.
pub async fn icon() -> Response {
    asset("image/svg+xml", ICON)
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEEP)], text).into_response()
}
