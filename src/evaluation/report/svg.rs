//! The plots of the page, as SVG that needs nothing from outside.

use std::fmt::Write;

use super::html::escaped;
use crate::evaluation::clear::StepFaults;
use crate::evaluation::hota::{PerAlpha, alphas};

/// Most bars of a plot over time; longer sequences are added up.
const MOST_BINS: usize = 240;
/// Height of the plots in their own units.
const HEIGHT: f64 = 220.0;
/// Width of a plot of curves.
const CURVE_WIDTH: f64 = 340.0;
/// Width of a plot over time.
const TIME_WIDTH: f64 = 700.0;
/// Space for the axes' numbers: left, below, above and right of the plot.
const LEFT: f64 = 38.0;
const BELOW: f64 = 30.0;
const ABOVE: f64 = 8.0;

/// A line of a plot.
pub(in crate::evaluation) struct Curve<'a> {
    pub(in crate::evaluation) name: &'a str,
    /// Class of the style sheet, which gives it its colour.
    pub(in crate::evaluation) class: String,
    /// From left to right, 0 to 1.
    pub(in crate::evaluation) points: Vec<(f64, f64)>,
}

/// The points of a metric over the localisation threshold.
pub(super) fn over_alpha(values: &PerAlpha) -> Vec<(f64, f64)> {
    alphas().iter().copied().zip(values.iter().copied()).collect()
}

/// Curves over `axis`, both axes 0 to 1.
pub(in crate::evaluation) fn curves(label: &str, axis: &str, curves: &[Curve<'_>]) -> String {
    let (w, h) = (CURVE_WIDTH - LEFT - ABOVE, HEIGHT - BELOW - ABOVE);
    let place = |across: f64, value: f64| (LEFT + across * w, ABOVE + (1.0 - value) * h);
    let mut svg = opened(CURVE_WIDTH, label);
    for tick in 0..=5 {
        let value = f64::from(tick) / 5.0;
        let ((_, y), (x, bottom)) = (place(0.0, value), place(value, 0.0));
        add(&mut svg, format_args!("<line class=grid x1={LEFT} y1={y:.1} x2={:.1} y2={y:.1} />", LEFT + w));
        add(&mut svg, format_args!("<text class=left x={} y={:.1}>{value:.1}</text>", LEFT - 5.0, y + 3.5));
        add(&mut svg, format_args!("<text class=mid x={x:.1} y={:.1}>{value:.1}</text>", bottom + 14.0));
    }
    add(&mut svg, format_args!("<text class=mid x={:.1} y={:.1}>{axis}</text>", LEFT + w / 2.0, HEIGHT - 3.0));
    for curve in curves {
        let points = curve.points.iter().fold(String::new(), |mut points, (across, value)| {
            let (x, y) = place(*across, *value);
            add(&mut points, format_args!("{x:.1},{y:.1} "));
            points
        });
        let name = escaped(curve.name);
        add(
            &mut svg,
            format_args!(
                "<polyline class='{}' points='{}'><title>{name}</title></polyline>",
                curve.class,
                points.trim_end()
            ),
        );
    }
    svg.push_str("</svg>");
    svg
}

/// Matches, misses and false boxes over time, with a mark at each identity switch.
pub(super) fn timeline(label: &str, faults: &[StepFaults]) -> String {
    let per_bin = faults.len().div_ceil(MOST_BINS).max(1);
    let bins: Vec<StepFaults> = faults.chunks(per_bin).map(sum).collect();
    let total = |bin: &StepFaults| f64::from(bin.matches + bin.misses);
    let above = bins.iter().map(total).fold(1.0, f64::max);
    let below = bins.iter().map(|bin| f64::from(bin.false_positives)).fold(0.0, f64::max);
    let (w, h) = (TIME_WIDTH - LEFT - ABOVE, HEIGHT - BELOW - ABOVE);
    let scale = h / (above + below);
    let (zero, step) = (ABOVE + above * scale, w / bins.len().max(1) as f64);
    let mut svg = opened(TIME_WIDTH, label);
    for (index, bin) in bins.iter().enumerate() {
        let x = LEFT + index as f64 * step;
        let frame = index * per_bin + 1;
        let title = format!(
            "frame {frame}: {} matched, {} missed, {} false, {} switched",
            bin.matches, bin.misses, bin.false_positives, bin.switches
        );
        add(&mut svg, format_args!("<g><title>{title}</title>"));
        let matched = f64::from(bin.matches) * scale;
        let missed = f64::from(bin.misses) * scale;
        let false_boxes = f64::from(bin.false_positives) * scale;
        for (class, y, height) in
            [("ok", zero - matched, matched), ("miss", zero - matched - missed, missed), ("false", zero, false_boxes)]
        {
            if height > 0.0 {
                add(
                    &mut svg,
                    format_args!("<rect class={class} x={x:.2} y={y:.1} width={step:.2} height={height:.1} />"),
                );
            }
        }
        if bin.switches > 0 {
            let at = x + step / 2.0;
            add(&mut svg, format_args!("<line class=switch x1={at:.1} y1={ABOVE} x2={at:.1} y2={:.1} />", ABOVE + h));
        }
        svg.push_str("</g>");
    }
    for (value, y) in [(above, ABOVE), (0.0, zero), (below, zero + below * scale)] {
        if value > 0.0 || y == zero {
            let shown = value / per_bin as f64;
            add(&mut svg, format_args!("<text class=left x={} y={:.1}>{shown:.0}</text>", LEFT - 5.0, y + 3.5));
        }
    }
    add(&mut svg, format_args!("<text x={LEFT} y={:.1}>frame 1</text>", HEIGHT - 3.0));
    add(
        &mut svg,
        format_args!("<text class=left x={:.1} y={:.1}>frame {}</text></svg>", LEFT + w, HEIGHT - 3.0, faults.len()),
    );
    svg
}

fn sum(steps: &[StepFaults]) -> StepFaults {
    steps.iter().fold(StepFaults::default(), |sum, step| StepFaults {
        matches: sum.matches + step.matches,
        misses: sum.misses + step.misses,
        false_positives: sum.false_positives + step.false_positives,
        switches: sum.switches + step.switches,
    })
}

/// Horizontal bars in percent, a group for each name; a negative value has no bar, only its number.
pub(super) fn bars(label: &str, series: &[&str], groups: &[(String, Vec<f64>)]) -> String {
    const BAR: f64 = 11.0;
    const NAMES: f64 = 150.0;
    let group_height = BAR * series.len() as f64 + 9.0;
    let height = group_height * groups.len() as f64 + 6.0;
    let w = TIME_WIDTH - NAMES - 50.0;
    let name = escaped(label);
    let mut svg = format!("<svg viewBox='0 0 {TIME_WIDTH} {height:.0}' role=img aria-label='{name}'>");
    for (index, (group, values)) in groups.iter().enumerate() {
        let top = 3.0 + index as f64 * group_height;
        let middle = top + BAR * series.len() as f64 / 2.0 + 3.5;
        let group = escaped(group);
        add(&mut svg, format_args!("<text class=left x={} y={middle:.1}>{group}</text>", NAMES - 6.0));
        for (place, (value, series)) in values.iter().zip(series).enumerate() {
            let y = top + place as f64 * BAR;
            let length = value.clamp(0.0, 1.0) * w;
            let percent = 100.0 * value;
            add(
                &mut svg,
                format_args!(
                    "<rect class=s{place} x={NAMES} y={y:.1} width={length:.1} height={:.1}><title>{group}: {series} \
                     {percent:.2}</title></rect><text x={:.1} y={:.1}>{percent:.1}</text>",
                    BAR - 1.5,
                    NAMES + length + 4.0,
                    y + BAR - 2.5
                ),
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

fn opened(width: f64, label: &str) -> String {
    let name = escaped(label);
    format!("<svg viewBox='0 0 {width} {HEIGHT}' role=img aria-label='{name}'>")
}

/// Appends; writing to a string cannot fail.
fn add(to: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = to.write_fmt(what);
}
