//! One page of HTML with everything in it, pictures included.

use std::fmt::Write;

use super::table::{columns_in_use, percent};
use super::{DetectionReport, Exhibit, Row};
use crate::evaluation::COMBINED;
use crate::evaluation::detection::curve::RECALLS;
use crate::evaluation::detection::worst::FaultKind;
use crate::evaluation::report::html::{COLOURS, STYLE, escaped, key_entry};
use crate::evaluation::report::svg::{self, Curve};
use crate::frame::BBox;

/// What the page adds to the style of all reports.
const MORE_STYLE: &str = "
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(320px,1fr));gap:1rem}.plots h3{font-size:.95rem;
margin:.3rem 0}tr.whole td{border-top:2px solid var(--soft)}table tr td.best{font-weight:700}
.parts td:nth-child(2),.parts th:nth-child(2){text-align:left}
.shots{display:grid;grid-template-columns:repeat(auto-fill,minmax(170px,1fr));gap:.8rem}figure{margin:0;
background:var(--card);border-radius:8px;padding:.4rem}figure svg{display:block;width:100%;height:190px}
figcaption{font-size:.75rem;color:var(--soft);overflow-wrap:anywhere}
.shots rect{fill:none;vector-effect:non-scaling-stroke;stroke-width:1.5}.shots .found{stroke:#f59a0b;
stroke-dasharray:4 2}.shots .truth{stroke:#22c55e}.shots .fault{stroke:#ef4444;stroke-width:2.5}
.key .line{height:0;border-top:3px solid;border-radius:0;vertical-align:.2em}";

pub(super) fn render(report: &DetectionReport) -> String {
    let title = escaped(&report.title);
    let whole = report.wholes().last();
    let (pictures, boxes) = whole.map_or((0, 0), |row| (row.pictures, row.boxes));
    let sets = report.wholes().filter(|row| row.set != COMBINED).count();
    let mut page = format!(
        "<!doctype html>\n<html lang=en><meta charset=utf-8>\
         <meta name=viewport content='width=device-width,initial-scale=1'>\n<title>{title}</title>\n\
         <style>{STYLE}{MORE_STYLE}</style>\n<h1>{title}</h1>\n<p>Detection of {}: {sets} sets, {pictures} pictures, \
         {boxes} labelled boxes; an overlap of 0.5 is a hit; shares in percent</p>\n",
        escaped(&report.object),
    );
    if let Some(whole) = whole {
        page.push_str(&models(report, whole));
    }
    page.push_str(&plots(report));
    page.push_str(&table(report));
    page.push_str(&exhibits(report));
    page.push_str("</html>\n");
    page
}

fn models(report: &DetectionReport, whole: &Row) -> String {
    let columns = columns_in_use(whole);
    let heads: String =
        columns.iter().map(|column| format!("<th title='{}'>{}</th>", column.meaning, column.name)).collect();
    let mut rows = String::new();
    for (number, (model, scores)) in report.models.iter().zip(&whole.scores).enumerate() {
        let ms = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
        let cells: String = columns.iter().map(|column| format!("<td>{}</td>", (column.cell)(scores))).collect();
        let key = key_entry(number % COLOURS, &escaped(&model.name));
        let (width, height) = model.input;
        add(
            &mut rows,
            format_args!(
                "<tr><td class=key>{key}</td><td>{width} x {height}</td><td>{}</td><td>{}</td>{cells}</tr>\n",
                ms(model.ms_p50),
                ms(model.ms_p95)
            ),
        );
    }
    format!(
        "<h2>All pictures</h2>\n<div class=wide><table><tr><th>Model</th><th>input</th>\
         <th title='milliseconds a picture, one thread, median'>ms</th><th>ms p95</th>{heads}</tr>\n{rows}</table></div>\n"
    )
}

/// A plot for each set, all together first.
fn plots(report: &DetectionReport) -> String {
    let mut wholes: Vec<&Row> = report.wholes().collect();
    let several = wholes.len() > 1;
    wholes.rotate_right(usize::from(several));
    let mut html = String::from("<h2>Precision over recall</h2>\n<div class=key>");
    for (number, model) in report.models.iter().enumerate() {
        html.push_str(&key_entry(number % COLOURS, &escaped(&model.name)));
    }
    html.push_str("</div>\n<div class=plots>\n");
    for row in wholes {
        let curves: Vec<Curve<'_>> = (0..)
            .zip(report.models.iter().zip(&row.scores))
            .filter_map(|(number, (model, scores))| {
                let precision = scores.curve.as_ref()?;
                let recall = |i: usize| i as f64 / (RECALLS - 1) as f64;
                // Where a recall is not reached, the curve ends; it is not 0.
                let reached = precision.iter().enumerate().filter(|(_, p)| **p > 0.0);
                let points = reached.map(|(i, p)| (recall(i), *p)).collect();
                Some(Curve { name: &model.name, class: format!("k{}", number % COLOURS), points })
            })
            .collect();
        let name = escaped(&row.set);
        let plot = svg::curves(&format!("{}: precision over recall", row.set), "recall", &curves);
        add(&mut html, format_args!("<div><h3>{name}, {} boxes</h3>{plot}</div>\n", row.boxes));
    }
    html.push_str("</div>\n");
    html
}

fn table(report: &DetectionReport) -> String {
    let heads: String = report.models.iter().map(|model| format!("<th>{}</th>", escaped(&model.name))).collect();
    let mut rows = String::new();
    for row in &report.rows {
        let best = row.scores.iter().filter_map(|scores| scores.ap50).fold(f64::NEG_INFINITY, f64::max);
        let cell = |ap50: Option<f64>| {
            let class = if ap50.is_some_and(|ap50| ap50 >= best) { " class=best" } else { "" };
            format!("<td{class}>{}</td>", percent(ap50))
        };
        let cells: String = row.scores.iter().map(|scores| cell(scores.ap50)).collect();
        let is_whole = row.part == "all";
        let (class, name) = if is_whole { (" class=whole", escaped(&row.set)) } else { ("", String::new()) };
        let (part, pictures, boxes) = (escaped(row.part), row.pictures, row.boxes);
        add(
            &mut rows,
            format_args!("<tr{class}><td>{name}</td><td>{part}</td><td>{pictures}</td><td>{boxes}</td>{cells}</tr>\n"),
        );
    }
    format!(
        "<h2>AP50 by set, size and light</h2>\n<p>Heights are those in a picture scaled to 416 pixels width; light is \
         measured from the pixels.</p>\n<div class=wide><table class=parts><tr><th>Set</th><th>Part</th><th>pictures</th><th>boxes</th>\
         {heads}</tr>\n{rows}</table></div>\n"
    )
}

fn exhibits(report: &DetectionReport) -> String {
    if report.exhibits.is_empty() {
        return String::new();
    }
    let mut html = String::from(
        "<h2>The worst mistakes</h2>\n<p>At each model's threshold of the best F1; the same place of a set is shown \
         once.</p>\n<div class=key><span><i class=line style='border-color:#ef4444'></i>the mistake</span><span><i \
         class=line style='border-color:#22c55e'></i>labelled</span><span><i class=line \
         style='border-color:#f59a0b;border-top-style:dashed'></i>found</span></div>\n",
    );
    for (number, model) in report.models.iter().enumerate() {
        let of = |kind: FaultKind| {
            report.exhibits.iter().filter(|e| e.model == number && e.kind == kind).map(figure).collect::<String>()
        };
        let open = if report.models.len() <= 4 { " open" } else { "" };
        add(&mut html, format_args!("<details{open}><summary>{}</summary>\n", escaped(&model.name)));
        for (kind, title) in
            [(FaultKind::Miss, "Missed, the largest"), (FaultKind::FalseAlarm, "False, the highest scores")]
        {
            let figures = of(kind);
            let figures = if figures.is_empty() { "<p>none</p>" } else { &figures };
            add(&mut html, format_args!("<p>{title}</p><div class=shots>\n{figures}</div>\n"));
        }
        html.push_str("</details>\n");
    }
    html
}

fn figure(exhibit: &Exhibit) -> String {
    let view = exhibit.view;
    let place = |b: &BBox| format!("x='{:.1}' y='{:.1}' width='{:.1}' height='{:.1}'", b.x, b.y, b.w, b.h);
    let mut boxes = String::new();
    let drawn = [("truth", &exhibit.truth), ("found", &exhibit.found)];
    for (class, list) in drawn {
        list.iter().for_each(|b| add(&mut boxes, format_args!("<rect class={class} {} />", place(b))));
    }
    add(&mut boxes, format_args!("<rect class=fault {} />", place(&exhibit.fault)));
    format!(
        "<figure><svg viewBox='{:.1} {:.1} {:.1} {:.1}' role=img><image {} preserveAspectRatio=none \
         href='data:image/jpeg;base64,{}' />{boxes}</svg><figcaption>{}</figcaption></figure>\n",
        view.x,
        view.y,
        view.w,
        view.h,
        place(&view),
        exhibit.jpeg,
        escaped(&exhibit.caption),
    )
}

/// Appends; writing to a string cannot fail.
fn add(to: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = to.write_fmt(what);
}
