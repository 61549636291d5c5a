//! One `[[camera]]` of the file.

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::DeValue;

use super::credentials::{self, Environment};
use super::defaults::{hall_camera, lane_camera};
use super::fault::Report;
use super::overlay::overlaid;
use super::section::{Entry, Section};
use super::settings::{CAMERAS_MAX, CameraRole, CameraSettings, FaceModelSettings, PipelineSettings, SourceUrl};
use super::zones;
use crate::central::CENTRAL;
use crate::edge::{CoreSettings, PURPOSE_CHARS_MAX};
use crate::geometry::Homography;
use crate::ids::CameraId;
use crate::screening::ScreeningSettings;
use crate::time::CaptureTime;

/// What reading a camera needs besides its table.
pub(super) struct Surroundings<'a> {
    /// The folder of the configuration file.
    pub(super) folder: &'a Path,
    /// Where `${NAME}` is looked up.
    pub(super) environment: &'a Environment,
}

/// All `[[camera]]` tables.
pub(super) fn cameras<'d>(
    file: &mut Section<'d>,
    report: &'d Report<'d>,
    surroundings: &Surroundings<'_>,
) -> Vec<CameraSettings> {
    let Some(entry) = file.entry("camera") else {
        report.warn(None, "camera", "is not given: a central tracker needs none, an edge has nothing to do".to_owned());
        return Vec::new();
    };
    let DeValue::Array(tables) = entry.value.get_ref() else {
        entry.fault("is not a list: write [[camera]] with two brackets");
        return Vec::new();
    };
    if tables.is_empty() || tables.len() > CAMERAS_MAX {
        entry.fault(&format!("is outside 1 to {CAMERAS_MAX} cameras"));
    }
    let mut read: Vec<CameraSettings> = Vec::new();
    for (index, table) in tables.iter().enumerate().take(CAMERAS_MAX) {
        if let Some(settings) = camera(report, index, table, surroundings) {
            warn_of_shared_source(report, table, &settings, &read);
            if read.iter().any(|other| other.id == settings.id) {
                let key = format!("camera[{}].id", settings.id);
                report.fault(Some(table.span()), &key, "is the id of another camera too".to_owned());
            }
            read.push(settings);
        }
    }
    read
}

fn warn_of_shared_source(
    report: &Report<'_>,
    table: &Spanned<DeValue<'_>>,
    camera: &CameraSettings,
    others: &[CameraSettings],
) {
    if let Some(other) = others.iter().find(|other| other.source == camera.source) {
        let key = format!("camera[{}].source", camera.id);
        report.warn(Some(table.span()), &key, format!("is the source of camera {} too", other.id));
    }
}

/// One camera; `None` when it has no usable id or source, which is then reported.
fn camera<'d>(
    report: &'d Report<'d>,
    index: usize,
    table: &'d Spanned<DeValue<'d>>,
    surroundings: &Surroundings<'_>,
) -> Option<CameraSettings> {
    let name = format!("camera[#{}]", index + 1);
    let DeValue::Table(keys) = table.get_ref() else {
        report.fault(Some(table.span()), &name, "is not a table: write [[camera]]".to_owned());
        return None;
    };
    let mut section = Section::new(report, &name, Some(keys), Some(table.span()));
    let id = section.required("id", "the camera's name, e.g. \"gate-1\"").and_then(|e| {
        e.parsed(|text| match text {
            CENTRAL => Err("is the centre's own name".to_owned()),
            text => CameraId::new(text).map_err(|_| usable_name()),
        })
    });
    if let Some(id) = &id {
        section.rename(&format!("camera[{id}]"));
    }
    let purpose = section
        .required("purpose", "why this place is watched, in a sentence that can be shown to anyone")
        .and_then(|e| e.parsed(sentence));
    let source = source(&mut section, surroundings);
    // Ids and sources that cannot be used are replaced, so that the rest of the camera is looked at too.
    let role = section.choice("role", &[("hall", CameraRole::Hall), ("lane", CameraRole::Lane)], CameraRole::Hall);
    let name = id.clone().unwrap_or_else(placeholder);
    let mut default = match role {
        CameraRole::Hall => hall_camera(name, ""),
        CameraRole::Lane => lane_camera(name, ""),
    };
    if role == CameraRole::Lane
        && let Some(seat) = section.entry("seat").and_then(|e| seat(&e))
    {
        default = default.with_seat(seat);
    }
    let mut pipeline = pipeline(&mut section, default.pipeline);
    let homography = pipeline.core.homography;
    zones::read(&mut section, homography, &mut pipeline.core.rules);
    let masks = zones::masks(&mut section, &pipeline.core.rules);
    let settings = CameraSettings {
        purpose: purpose.unwrap_or_default(),
        role: default.role,
        source: source.clone().unwrap_or(default.source),
        simulated_bags: simulated_bags(&mut section, source.as_ref(), surroundings.folder),
        start: section.entry("start").and_then(|e| instant(&e)).unwrap_or(default.start),
        fps: section.entry("fps").and_then(|e| recorded_fps(&e, source.as_ref())),
        masks,
        pipeline,
        stall: section.seconds("stall_s", 0.2..=3_600.0, default.stall),
        fps_max: section.entry("fps_max").and_then(|e| e.number(&(0.1..=240.0))),
        clock_uncertainty: section.seconds("clock_uncertainty_s", 0.0..=3_600.0, default.clock_uncertainty),
        id: default.id,
    };
    section.close();
    (id.is_some() && source.is_some()).then_some(settings)
}

/// Sites are named like cameras.
pub(super) fn site_name(text: &str) -> Result<String, String> {
    CameraId::new(text).map(|id| id.as_str().to_owned()).map_err(|_| usable_name())
}

fn usable_name() -> String {
    format!("is no usable name: 1 to {} of a-z A-Z 0-9 . _ -, a letter or digit first", crate::ids::NAME_BYTES_MAX)
}

fn placeholder() -> CameraId {
    CameraId::new("unnamed").expect("a valid name")
}

fn sentence(text: &str) -> Result<String, String> {
    match text.trim() {
        text if text.chars().count() > PURPOSE_CHARS_MAX => {
            Err(format!("is longer than {PURPOSE_CHARS_MAX} characters"))
        }
        text => Ok(text.to_owned()),
    }
}

fn source(section: &mut Section<'_>, surroundings: &Surroundings<'_>) -> Option<SourceUrl> {
    let credentials = section.path("credentials_file", surroundings.folder);
    let credentials_key = section.key("credentials_file");
    let entry = section.required("source", "a file, an image folder, an rtsp:// URL or /dev/videoN")?;
    let written = entry.text()?;
    let mut source = entry.parsed(|text| credentials::expanded(text, surroundings.environment))?;
    if source == written && credentials::holds_credentials(&source) {
        entry.warn("holds a password in plain text: use ${NAME} or credentials_file".to_owned());
    }
    if let Some(file) = credentials {
        match credentials::with_credentials(&source, &file) {
            Ok(complete) => source = complete,
            Err(problem) => {
                let problem = format!("= \"{}\" {problem}", file.display());
                section.report.fault(Some(entry.value.span()), &credentials_key, problem);
                return None;
            }
        }
    }
    if !source.contains("://") {
        source = surroundings.folder.join(source).to_string_lossy().into_owned();
    }
    Some(SourceUrl::new(&source))
}

/// Bags out of a file: for recordings alone, and never silently.
fn simulated_bags(section: &mut Section<'_>, source: Option<&SourceUrl>, folder: &Path) -> Option<PathBuf> {
    let entry = section.entry("simulated_bags")?;
    let file = folder.join(entry.text()?);
    if source.is_some_and(|source| !source.is_recording()) {
        entry.fault("is for recordings alone: bags of a live camera are never simulated");
        return None;
    }
    entry.warn("simulates bags: they come out of this file and not out of the picture, for demonstrations".to_owned());
    Some(file)
}

fn pipeline(section: &mut Section<'_>, default: PipelineSettings) -> PipelineSettings {
    let screening = section.entry("screening").map(|e| screening(e, default.core.screening)).or(default.core.screening);
    let plain = CoreSettings { screening: None, ..default.core };
    PipelineSettings {
        detector: section.parsed("detector", |text| Ok(text.to_owned())).unwrap_or(default.detector),
        appearance: section.parsed("appearance", |text| Ok(text.to_owned())).or(default.appearance),
        face: section.entry("face").map(|e| overlaid(Some(e), &FaceModelSettings::default())).or(default.face),
        // Thresholds have few digits; f32 holds them.
        score_min: section.number("score_min", 0.0..=1.0, f64::from(default.score_min)) as f32,
        detections_max: section.count("detections_max", 1..=4_096, default.detections_max),
        core: CoreSettings {
            homography: section.entry("homography").and_then(|e| homography(&e)),
            screening,
            ..overlaid(section.entry("core"), &plain)
        },
    }
}

/// A lane is screened unless both budgets are 0; a hall camera is if it has this table.
fn screening(entry: Entry<'_>, default: Option<ScreeningSettings>) -> ScreeningSettings {
    let settings = overlaid(Some(entry.clone()), &default.unwrap_or_default());
    if let Some(fault) = settings.fault() {
        entry.fault(&format!("makes no sense: {fault}"));
    }
    settings
}

fn instant(entry: &Entry<'_>) -> Option<CaptureTime> {
    let text = match entry.value.get_ref() {
        DeValue::Datetime(time) => time.to_string(),
        _ => entry.text()?.to_owned(),
    };
    let time = CaptureTime::parse_rfc3339(&text).ok();
    if time.is_none() {
        entry.fault("is not a time with its offset such as 2026-03-01T06:30:00Z");
    }
    time
}

/// Frames a second of a recording; cameras have their own clock.
fn recorded_fps(entry: &Entry<'_>, source: Option<&SourceUrl>) -> Option<f64> {
    let live = |source: &&SourceUrl| ["rtsp://", "rtsps://", "/dev/"].iter().any(|s| source.secret().starts_with(s));
    if source.filter(live).is_some() {
        entry.fault("is for recordings: a camera's frames have its own times (`fps_max` limits how many are analysed)");
        return None;
    }
    entry.number(&(0.1..=240.0))
}

fn seat(entry: &Entry<'_>) -> Option<[f64; 4]> {
    let seat: [f64; 4] = entry.numbers()?;
    if seat[2] > 0.0 && seat[3] > 0.0 {
        return Some(seat);
    }
    entry.fault("has no width or no height: it is left, top, width, height in pixels");
    None
}

fn homography(entry: &Entry<'_>) -> Option<[f64; 9]> {
    let h: [f64; 9] = entry.numbers()?;
    if Homography::new(h).is_some() {
        return Some(h);
    }
    entry.fault("cannot be inverted: three of its points lie on one line");
    None
}
