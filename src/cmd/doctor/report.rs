//! The doctor's words for a person.

use std::fmt::Write as _;

use super::Examined;
use super::measure::{Findings, Intervals, Measured};
use super::verdict::{Carries, Verdict};
use crate::capture::StreamClock;

const BOLD: &str = "\x1b[1m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RED: &str = "\x1b[31m";
const PLAIN: &str = "\x1b[0m";

/// Every camera in a few lines, with colours for a terminal.
pub(super) fn text(cameras: &[Examined], colours: bool) -> String {
    let mut out = String::new();
    for camera in cameras {
        let paint = |colour: &'static str, text: &str| match colours {
            true => format!("{colour}{text}{PLAIN}"),
            false => text.to_owned(),
        };
        line(&mut out, format_args!("{}  {}", paint(BOLD, &camera.camera), camera.source));
        if let Some(error) = &camera.error {
            line(&mut out, format_args!("  {}", paint(RED, error)));
        }
        if let Some(found) = &camera.findings {
            findings(&mut out, found);
        }
        for verdict in &camera.carries {
            let (colour, word) = match verdict.carries {
                Carries::Yes => (GREEN, "yes    "),
                Carries::Limited => (YELLOW, "limited"),
                Carries::No => (RED, "no     "),
            };
            line(&mut out, format_args!("  {:<14} {}  {}", verdict.of.name(), paint(colour, word), reasons(verdict)));
        }
        out.push('\n');
    }
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let start = out.len();
    out.write_fmt(text).expect("writing to a string never fails");
    out.truncate(start + out[start..].trim_end().len());
    out.push('\n');
}

fn findings(out: &mut String, found: &Findings) {
    let info = &found.info;
    let clock = match info.clock {
        StreamClock::Timestamps => "its own timestamps".to_owned(),
        StreamClock::Stated { fps } => format!("{fps} a second by `fps`"),
        StreamClock::SequenceInfo { fps } => format!("{fps} a second by seqinfo.ini"),
        StreamClock::Assumed { fps } => format!("none; {fps} a second assumed"),
    };
    let codec = info.codec.as_deref().unwrap_or("unknown");
    line(out, format_args!("  {:<14} {}x{}, {codec}; clock: {clock}", "picture", info.width, info.height));
    line(
        out,
        format_args!("  {:<14} {:.2} a second ({} in {:.1} s)", "frames", found.fps, found.frames, found.seconds),
    );
    if let Some(intervals) = &found.media_intervals {
        line(out, format_args!("  {:<14} {}", "", spread("by its clock", intervals)));
    }
    if let Some(intervals) = &found.arrival_intervals {
        line(out, format_args!("  {:<14} {}", "", spread("as they arrive", intervals)));
    }
    let bits = found.bits_per_pixel.value().map_or(String::new(), |b| format!(" ({b:.3} bit by pixel and frame)"));
    line(out, format_args!("  {:<14} {}{bits}", "bitrate", shown(&found.bitrate_kbit, 0, " kbit/s")));
    line(out, format_args!("  {:<14} {}", "keyframes", shown(&found.keyframe_seconds, 2, " s apart")));
    let (luma, contrast) = (shown(&found.luma, 0, ""), shown(&found.contrast, 0, ""));
    let flicker: Vec<String> = found
        .flicker
        .iter()
        .map(|f| format!("; {} Hz mains flicker at {:.1} Hz, amplitude {:.1}", f.mains_hz, f.seen_hz, f.amplitude))
        .collect();
    line(out, format_args!("  {:<14} mean luma {luma} of 255, contrast {contrast}{}", "light", flicker.concat()));
    line(out, format_args!("  {:<14} {}", "sharpness", shown(&found.sharpness, 0, "")));
    let health = &found.health;
    if health.is_degraded() {
        let early = health.ended_early.map_or(String::new(), |e| format!(", {} of {} frames", e.frames, e.claimed));
        let (lost, missing, back) = (health.undecodable, health.times_missing, health.times_backward);
        let text = format!("{lost} undecodable, {missing} without time, {back} with time going back{early}");
        line(out, format_args!("  {:<14} {text}", "damage"));
    }
}

fn spread(what: &str, intervals: &Intervals) -> String {
    let [median, deviation, p95, longest] =
        [intervals.median, intervals.deviation, intervals.p95, intervals.longest].map(|s| s * 1e3);
    format!("{what}: every {median:.1} ms, deviation {deviation:.1}, 95 % within {p95:.1}, longest {longest:.0}")
}

fn shown(value: &Measured, digits: usize, unit: &str) -> String {
    match value {
        Measured::Value(value) => format!("{value:.digits$}{unit}"),
        Measured::Unavailable(why) => format!("not known: {why}"),
    }
}

fn reasons(verdict: &Verdict) -> String {
    let needs = (verdict.carries != Carries::No).then_some(&verdict.needs).into_iter().flatten();
    let needs = needs.map(|need| format!("needs {need}"));
    verdict.because.iter().cloned().chain(needs).collect::<Vec<_>>().join("; ")
}
