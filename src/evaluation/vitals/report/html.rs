//! One page of HTML with everything in it.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::plot::{Axis, Plot};
use super::{Case, Exhibit, Part, VitalsReport, VitalsSet, table};
use crate::evaluation::report::html::{STYLE, escaped, key_entry};
use crate::evaluation::vitals::scores::{Given, RateScores, risk_curve};

/// What the page adds to the style of all reports.
const MORE_STYLE: &str = "
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(320px,1fr));gap:1rem}.plots h3{font-size:.95rem;margin:.3rem 0}
.d0{fill:var(--c0);fill-opacity:.55}.d1{fill:var(--c1);fill-opacity:.75}.even{stroke:var(--soft);stroke-dasharray:4 3}
.bound{stroke:var(--c1);stroke-dasharray:2 3}.mean{stroke:var(--c1)}
.cells td{text-align:center;padding:.15rem .3rem;font-size:.72rem;border:1px solid var(--paper)}.cells td:first-child{text-align:left}
.cells th{text-align:center;font-size:.72rem;padding:.15rem .3rem}pre{overflow-x:auto;font-size:.78rem;line-height:1.35}
.show{display:grid;grid-template-columns:repeat(auto-fill,minmax(320px,1fr));gap:0 1rem;border-top:1px solid var(--rule);padding:.5rem 0}
.show h3{grid-column:1/-1;font-size:.9rem;margin:.2rem 0;font-weight:600}";
/// Exhibits of each sort on a page.
const SHOWN: usize = 3;
/// Bins of the calibration plot.
const BINS: usize = 10;

pub(super) fn render(report: &VitalsReport) -> String {
    let title = escaped(&report.title);
    let mut page = format!(
        "<!doctype html>\n<html lang=en><meta charset=utf-8>\
         <meta name=viewport content='width=device-width,initial-scale=1'>\n<title>{title}</title>\n\
         <style>{STYLE}{MORE_STYLE}</style>\n<h1>Vital signs: {title}</h1>\n<p>Rates a minute against a contact reference. \
         Readings may abstain: every error stands beside the part of the windows that was answered.</p>\n"
    );
    for set in &report.sets {
        page.push_str(&section(set));
    }
    let figures = escaped(&table::render(report));
    add(
        &mut page,
        format_args!("<details><summary>All figures as a table</summary><pre>{figures}</pre></details>\n</html>\n"),
    );
    page
}

fn section(set: &VitalsSet) -> String {
    let mut html = format!("<h2>{}</h2>\n", escaped(&set.name));
    for (what, cases, scores) in
        [("Pulse", &set.pulse, set.heart_rate()), ("Breathing", &set.respiration, set.breathing())]
    {
        if scores.windows > 0 {
            add(&mut html, format_args!("<h3>{what}</h3>\n{}{}", tiles(&scores), plots(what, cases, &scores)));
        }
    }
    html.push_str(&pulseless(set));
    html.push_str(&parts(&set.parts()));
    html.push_str(&cells(set));
    html.push_str(&exhibits(&set.pulse));
    html
}

fn tiles(s: &RateScores) -> String {
    let number = |value: Option<f64>, digits: usize| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.digits$}"));
    let percent = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{:.1} %", 100.0 * v));
    let tiles = [
        ("windows", s.windows.to_string()),
        ("answered", percent(Some(s.coverage))),
        ("mean error", number(s.mae, 2)),
        ("median error", number(s.median, 2)),
        ("more than 5 off", percent(s.over_5)),
        ("90 % intervals hold", percent(s.interval_coverage)),
        ("calibration error", number(s.ece, 3)),
        ("area under risk", number(s.aurc, 2)),
        ("always the median", number(s.constant_mae, 2)),
    ];
    let tile = |(name, value): &(&str, String)| format!("<div class=tile><span>{name}</span><b>{value}</b></div>");
    format!("<div class=tiles>{}</div>\n", tiles.iter().map(tile).collect::<String>())
}

/// An answered window: truth, answer, and what is said about the dot.
type Dot = (f64, Given, String);

fn plots(what: &str, cases: &[Case], scores: &RateScores) -> String {
    let dots: Vec<Dot> =
        cases.iter().filter_map(|case| Some((case.answer.truth, case.answer.given?, said(case)))).collect();
    if dots.is_empty() {
        return "<p>Nothing was answered.</p>\n".to_owned();
    }
    let figures = [
        ("Answer over truth", scatter(what, &dots)),
        ("Difference over mean (Bland-Altman)", bland_altman(what, &dots, scores)),
        ("Mean error of the best answers", risk(what, &dots, cases.len())),
        ("Part within 5 a minute over quality", calibration(what, &dots)),
    ];
    let figure = |(title, svg): &(&str, String)| format!("<div><h3>{title}</h3>{svg}</div>\n");
    format!("<div class=plots>{}</div>\n", figures.iter().map(figure).collect::<String>())
}

fn said(case: &Case) -> String {
    let answer = &case.answer;
    let given = answer.given.map_or_else(
        || "no reading".to_owned(),
        |g| format!("{:.1} ({:.1} to {:.1}), quality {:.2}", g.rate, g.interval.low, g.interval.high, g.quality),
    );
    let (from, to) = case.span;
    format!("{} {from:.0}-{to:.0} s: truth {:.1}, {given}", case.recording, answer.truth)
}

/// Lowest and highest of some values, with a little room.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    let room = 0.04 * (high - low).max(1.0);
    (low - room, high + room)
}

/// Dots whose answer is near, then those whose answer is not, on top.
fn draw<'a>(plot: &mut Plot<'_>, dots: &'a [Dot], at: impl Fn(&'a Dot) -> (f64, f64)) {
    for (class, far) in [("d0", false), ("d1", true)] {
        let chosen = dots.iter().filter(|dot| ((dot.1.rate - dot.0).abs() > 5.0) == far);
        plot.dots(class, chosen.map(|dot| (at(dot), dot.2.as_str())));
    }
}

fn scatter(what: &str, dots: &[Dot]) -> String {
    let (from, to) = range(dots.iter().flat_map(|dot| [dot.0, dot.1.rate]));
    let axis = |name| Axis { name, from, to };
    let mut plot = Plot::new(&format!("{what}: answer over truth"), axis("truth, a minute"), axis("answer"));
    plot.line("even", &[(from, from), (to, to)]);
    draw(&mut plot, dots, |dot| (dot.0, dot.1.rate));
    plot.finish()
}

fn bland_altman(what: &str, dots: &[Dot], scores: &RateScores) -> String {
    let (from, to) = range(dots.iter().map(|dot| 0.5 * (dot.0 + dot.1.rate)));
    let (low, high) = range(dots.iter().map(|dot| dot.1.rate - dot.0).chain([-2.0, 2.0]));
    let x = Axis { name: "mean of truth and answer", from, to };
    let mut plot =
        Plot::new(&format!("{what}: difference over mean"), x, Axis { name: "difference", from: low, to: high });
    scores.limits.iter().flatten().for_each(|limit| plot.level("bound", *limit));
    scores.bias.iter().for_each(|bias| plot.level("mean", *bias));
    draw(&mut plot, dots, |dot| (0.5 * (dot.0 + dot.1.rate), dot.1.rate - dot.0));
    plot.finish()
}

/// The risk-coverage curve: over the part of *all* windows that the best answers are.
fn risk(what: &str, dots: &[Dot], windows: usize) -> String {
    let given: Vec<(f64, Given)> = dots.iter().map(|dot| (dot.0, dot.1)).collect();
    let curve = risk_curve(&given);
    let highest = curve.iter().copied().fold(0.5, f64::max);
    let every = curve.len().div_ceil(300).max(1);
    let points: Vec<(f64, f64)> =
        curve.iter().enumerate().step_by(every).map(|(i, error)| ((i + 1) as f64 / windows as f64, *error)).collect();
    let x = Axis { name: "part of all windows that is answered", from: 0.0, to: 1.0 };
    let y = Axis { name: "mean error", from: 0.0, to: 1.05 * highest };
    let mut plot = Plot::new(&format!("{what}: mean error over coverage"), x, y);
    plot.line("k0", &points);
    plot.finish()
}

fn calibration(what: &str, dots: &[Dot]) -> String {
    let mut sorted: Vec<&Dot> = dots.iter().collect();
    sorted.sort_by(|a, b| a.1.quality.total_cmp(&b.1.quality));
    let bin = |part: &[&Dot]| {
        let mean = |of: &dyn Fn(&Dot) -> f64| part.iter().map(|dot| of(dot)).sum::<f64>() / part.len() as f64;
        (mean(&|dot| dot.1.quality), mean(&|dot| f64::from((dot.1.rate - dot.0).abs() <= 5.0)))
    };
    let bins: Vec<(f64, f64)> = sorted.chunks(sorted.len().div_ceil(BINS)).map(bin).collect();
    let low = bins.iter().map(|(said, right)| said.min(*right)).fold(1.0, f64::min);
    let from = (10.0 * low).floor().clamp(0.0, 9.0) / 10.0;
    let axis = |name| Axis { name, from, to: 1.0 };
    let mut plot = Plot::new(&format!("{what}: calibration"), axis("quality: said"), axis("right"));
    plot.line("even", &[(from, from), (1.0, 1.0)]);
    plot.line("k0", &bins);
    plot.dots("d0", bins.iter().map(|point| (*point, "")));
    plot.finish()
}

fn pulseless(set: &VitalsSet) -> String {
    let rows: String = set
        .false_answers()
        .iter()
        .map(|(kind, count)| {
            let percent = 100.0 * count.answered as f64 / count.windows as f64;
            let kind = escaped(kind);
            format!(
                "<tr><td>{kind}</td><td>{}</td><td>{}</td><td>{percent:.2}</td></tr>\n",
                count.windows, count.answered
            )
        })
        .collect();
    if rows.is_empty() {
        return rows;
    }
    format!(
        "<h3>Without a pulse</h3>\n<table><tr><th>what</th><th>windows</th><th>answered</th><th>%</th></tr>\n{rows}</table>\n"
    )
}

fn parts(parts: &[Part]) -> String {
    if parts.len() < 2 {
        return String::new();
    }
    let number = |value: Option<f64>, digits: usize| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.digits$}"));
    let row = |part: &Part| {
        let s = &part.scores;
        let cells = [
            s.windows.to_string(),
            format!("{:.3}", s.coverage),
            number(s.mae, 2),
            number(s.over_5, 3),
            number(s.interval_coverage, 3),
            number(s.ece, 3),
            number(part.ungated_mae[0], 2),
            number(part.ungated_mae[1], 2),
            number(part.ungated_mae[2], 2),
            number(part.ungated_mae[3], 2),
        ];
        let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
        format!("<tr><td>{} {}</td>{cells}</tr>\n", escaped(&part.label), escaped(&part.value))
    };
    let rows: String = parts.iter().map(row).collect();
    format!(
        "<h3>Pulse by part</h3>\n<div class=wide><table><tr><th>part</th><th>windows</th><th>coverage</th><th>mean error</th><th>&gt;5</th>\
         <th>intervals hold</th><th>calibration</th><th>POS without gates</th><th>CHROM without gates</th><th>ME-rPPG without gates</th><th>POS read as vitallens-core does</th></tr>\n{rows}</table></div>\n"
    )
}

/// A grid of three labels or more: the first two down, the others across; the greener the more was answered.
fn cells(set: &VitalsSet) -> String {
    let cells = set.cells();
    if cells.first().is_none_or(|(values, _)| values.len() < 3) {
        return String::new();
    }
    let mut rows: BTreeMap<String, BTreeMap<String, &Part>> = BTreeMap::new();
    for (values, part) in &cells {
        rows.entry(values[..2].join(" ")).or_default().insert(values[2..].join(" "), part);
    }
    let mut columns: Vec<&String> = rows.values().flat_map(BTreeMap::keys).collect();
    columns.sort();
    columns.dedup();
    let heads: String = columns.iter().map(|name| format!("<th>{}</th>", escaped(name).replace(' ', "<br>"))).collect();
    let cell = |part: Option<&&Part>| {
        let Some(part) = part else { return "<td></td>".to_owned() };
        let s = &part.scores;
        let (answered, error) = (100.0 * s.coverage, s.mae.map_or_else(String::new, |mae| format!("{mae:.1}")));
        let pos = part.ungated_mae[0].map_or_else(String::new, |mae| format!(", POS without gates {mae:.1}"));
        let title = format!("{}: {answered:.0} % of {} answered, mean error {error}{pos}", part.value, s.windows);
        let hue = if s.mae.is_some_and(|mae| mae > 3.0) { "--c1" } else { "--c2" };
        let colour = format!("color-mix(in srgb,var({hue}) {:.0}%,var(--card))", 0.7 * answered);
        format!("<td style='background:{colour}' title='{}'>{error}</td>", escaped(&title))
    };
    let mut body = String::new();
    for (name, row) in &rows {
        let line: String = columns.iter().map(|column| cell(row.get(*column))).collect();
        add(&mut body, format_args!("<tr><td>{}</td>{line}</tr>\n", escaped(name)));
    }
    format!(
        "<h3>Cell by cell</h3>\n<p>The number is the mean error of what was answered; the stronger the colour, the more was answered; the \
         second colour marks errors of more than 3.</p>\n<div class=wide><table class=cells><tr><th></th>{heads}</tr>\n{body}</table></div>\n"
    )
}

/// The farthest off, the surest and some without an answer, each with wave and spectrum.
fn exhibits(cases: &[Case]) -> String {
    let mut shown: Vec<(&Case, &Exhibit)> = cases.iter().filter_map(|c| Some((c, c.exhibit.as_ref()?))).collect();
    if shown.is_empty() {
        return String::new();
    }
    let error = |case: &Case| case.answer.given.map(|given| (given.rate - case.answer.truth).abs());
    shown.sort_by(|a, b| error(b.0).unwrap_or(-1.0).total_cmp(&error(a.0).unwrap_or(-1.0)));
    let answered = shown.iter().filter(|(case, _)| error(case).is_some()).count();
    let silent: Vec<&(&Case, &Exhibit)> = shown[answered..].iter().take(SHOWN).collect();
    let near = shown[..answered].iter().rev().take(SHOWN.min(answered / 2)).collect();
    let far: Vec<&(&Case, &Exhibit)> = shown[..answered].iter().take(SHOWN).collect();
    let mut html = "<h3>Windows</h3>\n<div class=key>".to_owned();
    html.push_str(
        &(key_entry(0, "POS of the skin") + &key_entry(2, "contact sensor, true rate") + &key_entry(1, "answer")),
    );
    html.push_str("</div>\n");
    for (title, some) in [("The farthest off", far), ("The nearest", near), ("Without a reading", silent)] {
        let figures: String = some.iter().map(|(case, exhibit)| figure(case, exhibit)).collect();
        if !figures.is_empty() {
            add(&mut html, format_args!("<details open><summary>{title}</summary>{figures}</details>\n"));
        }
    }
    html
}

fn figure(case: &Case, exhibit: &Exhibit) -> String {
    let (from, to) = range(exhibit.wave.iter().map(|(t, _)| *t));
    let mut wave = Plot::new("waves", Axis { name: "seconds", from, to }, Axis { name: "waves", from: -0.8, to: 0.8 });
    wave.line("k2", &exhibit.reference);
    wave.line("k0", &exhibit.wave);
    let (from, to) = range(exhibit.spectrum.iter().map(|(bpm, _)| *bpm));
    let x = Axis { name: "beats a minute", from, to };
    let mut spectrum = Plot::new("spectrum", x, Axis { name: "power", from: 0.0, to: 1.05 });
    spectrum.upright("k2", case.answer.truth);
    case.answer.given.iter().for_each(|given| spectrum.upright("k1", given.rate));
    spectrum.line("k0", &exhibit.spectrum);
    let said = escaped(&said(case));
    format!("<div class=show><h3>{said}</h3><div>{}</div><div>{}</div></div>\n", wave.finish(), spectrum.finish())
}

/// Appends; writing to a string cannot fail.
fn add(to: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = to.write_fmt(what);
}
