//! One page of HTML with everything in it.

use super::svg::{self, Curve, over_alpha};
use super::{COLUMNS, COMBINED, Cell, TrackingReport, site_figures};
use crate::evaluation::hota::mean;
use crate::evaluation::scores::{Scores, SequenceScores};

/// Colours of curves; further sequences start again from the first.
pub(in crate::evaluation) const COLOURS: usize = 8;
/// What the curves run over.
const AXIS: &str = "localisation threshold";
/// The figures that the bars show.
const BARS: [&str; 3] = ["HOTA", "MOTA", "IDF1"];

pub(in crate::evaluation) const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5d6876;--paper:#fff;--card:#f4f6f8;--rule:#dde2e8;
--c0:#1565c0;--c1:#c2410c;--c2:#15803d;--c3:#7e22ce;--c4:#a16207;--c5:#be185d;--c6:#0f766e;--c7:#4b5563;}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#9aa5b3;--paper:#14181e;--card:#1d232b;
--rule:#333c47;--c0:#64a8f0;--c1:#f59a5b;--c2:#57c785;--c3:#c08af5;--c4:#e0b64d;--c5:#f37fb2;--c6:#4fc7bb;
--c7:#aab4c0;}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1180px;margin:2rem auto;
padding:0 1rem}h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .6rem}p{color:var(--soft);margin:.2rem 0 1rem}
.tiles{display:flex;flex-wrap:wrap;gap:.7rem}.tile{background:var(--card);border-radius:8px;padding:.6rem 1rem;
min-width:6rem}.tile b{display:block;font-size:1.6rem;font-variant-numeric:tabular-nums}.tile span{color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.88rem}
th,td{padding:.25rem .55rem;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th:first-child,td:first-child{text-align:left;position:sticky;left:0;background:var(--paper)}
tr.all td{font-weight:600;border-top:2px solid var(--soft)}
svg{width:100%;height:auto;font:11px system-ui,sans-serif;fill:var(--soft)}svg .left{text-anchor:end}
svg .mid{text-anchor:middle}.grid{stroke:var(--rule)}polyline{fill:none;stroke-width:1.6}
polyline.all{stroke:var(--ink);stroke-width:3}
.k0{stroke:var(--c0)}.k1{stroke:var(--c1)}.k2{stroke:var(--c2)}.k3{stroke:var(--c3)}.k4{stroke:var(--c4)}
.k5{stroke:var(--c5)}.k6{stroke:var(--c6)}.k7{stroke:var(--c7)}
.s0{fill:var(--c0)}.s1{fill:var(--c1)}.s2{fill:var(--c2)}.ok{fill:var(--c2)}.miss{fill:var(--c4)}.false{fill:var(--c1)}
.switch{stroke:var(--c3);stroke-width:1.2;stroke-dasharray:3 2}
.pair{display:grid;grid-template-columns:minmax(260px,1fr) minmax(360px,2fr);gap:1rem}
@media(max-width:800px){.pair{grid-template-columns:1fr}}
.key{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.85rem;color:var(--soft)}
.key i{display:inline-block;width:.9em;height:.9em;border-radius:2px;margin-right:.35em;vertical-align:-.1em}
details{border-top:1px solid var(--rule);padding:.5rem 0}summary{cursor:pointer;font-weight:600}";

pub(super) fn render(report: &TrackingReport) -> String {
    let title = escaped(&report.title);
    let frames: usize = report.sequences.iter().map(|part| part.faults.len()).sum();
    let mut page = format!(
        "<!doctype html>\n<html lang=en><meta charset=utf-8>\
         <meta name=viewport content='width=device-width,initial-scale=1'>\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n<h1>{title}</h1>\n<p>{} rules; {} sequences, {frames} frames; ratios in percent</p>\n",
        report.benchmark,
        report.sequences.len(),
    );
    page.push_str(&tiles(&report.combined));
    if let Some(site) = &report.site {
        let tile = |(name, value): (&str, String)| format!("<div class=tile><span>{name}</span><b>{value}</b></div>");
        let tiles: String = site_figures(site).into_iter().map(tile).collect();
        page.push_str(&format!("<h2>All cameras, one set of identities</h2>\n<div class=tiles>{tiles}</div>\n"));
    }
    page.push_str(&table(report));
    page.push_str(&overview(report));
    page.push_str("<h2>Sequence by sequence</h2>\n");
    for part in &report.sequences {
        page.push_str(&details(part, report.sequences.len() == 1));
    }
    page.push_str("</html>\n");
    page
}

fn tiles(scores: &Scores) -> String {
    const SHOWN: [&str; 6] = ["HOTA", "DetA", "AssA", "MOTA", "IDF1", "IDSW"];
    let tile = |name: &&str| {
        let column = COLUMNS.iter().find(|column| column.name == *name)?;
        Some(format!("<div class=tile><span>{name}</span><b>{}</b></div>", (column.cell)(scores)))
    };
    format!("<div class=tiles>{}</div>\n", SHOWN.iter().filter_map(tile).collect::<String>())
}

fn table(report: &TrackingReport) -> String {
    let heads: String =
        COLUMNS.iter().map(|column| format!("<th title='{}'>{}</th>", column.meaning, column.name)).collect();
    let row = |(name, scores): (&str, &Scores)| {
        let cells: String = COLUMNS.iter().map(|column| format!("<td>{}</td>", (column.cell)(scores))).collect();
        let class = if name == COMBINED { " class=all" } else { "" };
        format!("<tr{class}><td>{}</td>{cells}</tr>\n", escaped(name))
    };
    let rows: String = report.rows().map(row).collect();
    format!("<h2>All figures</h2>\n<div class=wide><table><tr><th>Sequence</th>{heads}</tr>\n{rows}</table></div>\n")
}

/// HOTA over thresholds, all sequences in one plot, beside bars of the three best-known figures.
fn overview(report: &TrackingReport) -> String {
    let mut curves: Vec<Curve<'_>> = Vec::new();
    let mut key = String::new();
    for (index, part) in report.sequences.iter().enumerate() {
        let colour = index % COLOURS;
        curves.push(Curve {
            name: &part.name,
            class: format!("k{colour}"),
            points: over_alpha(&part.scores.hota.hota),
        });
        key.push_str(&key_entry(colour, &escaped(&part.name)));
    }
    key.push_str("<span><i style='background:var(--ink)'></i>COMBINED</span>");
    curves.push(Curve { name: COMBINED, class: "all".to_owned(), points: over_alpha(&report.combined.hota.hota) });
    let groups: Vec<(String, Vec<f64>)> =
        report.rows().map(|(name, scores)| (name.to_owned(), BARS.map(|bar| ratio(bar, scores)).to_vec())).collect();
    let bar_key: String = BARS.iter().enumerate().map(|(index, name)| key_entry(index, name)).collect();
    format!(
        "<div class=pair><div><h2>HOTA over the localisation threshold</h2>{}<div class=key>{key}</div></div>\n\
         <div><h2>Side by side</h2>{}<div class=key>{bar_key}</div></div></div>\n",
        svg::curves("HOTA over the localisation threshold", AXIS, &curves),
        svg::bars("HOTA, MOTA and IDF1 by sequence", &BARS, &groups),
    )
}

fn ratio(name: &str, scores: &Scores) -> f64 {
    match COLUMNS.iter().find(|column| column.name == name).map(|column| (column.cell)(scores)) {
        Some(Cell::Ratio(value)) => value,
        _ => f64::NAN,
    }
}

fn details(part: &SequenceScores, open: bool) -> String {
    let hota = &part.scores.hota;
    let curves =
        [("HOTA", &hota.hota), ("DetA", &hota.det_a), ("AssA", &hota.ass_a), ("LocA", &hota.loc_a)].map(|c| (c.0, c.1));
    let lines: Vec<Curve<'_>> = curves
        .iter()
        .enumerate()
        .map(|(index, (name, values))| Curve { name, class: format!("k{index}"), points: over_alpha(values) })
        .collect();
    let key: String = curves
        .iter()
        .enumerate()
        .map(|(index, (name, values))| key_entry(index, &format!("{name} {:.2}", 100.0 * mean(values))))
        .collect();
    let name = escaped(&part.name);
    let clear = &part.scores.clear;
    format!(
        "<details{}><summary>{name}: HOTA {:.2}, MOTA {:.2}, IDF1 {:.2}, {} switches</summary>\n<div class=pair><div>{}\
         <div class=key>{key}</div></div>\n<div>{}<div class=key>{}{}{}<span><i style='background:var(--c3)'></i>identity \
         switch</span></div></div></div></details>\n",
        if open { " open" } else { "" },
        100.0 * mean(&hota.hota),
        100.0 * clear.mota,
        100.0 * part.scores.identity.idf1,
        clear.switches,
        svg::curves(&format!("{} over the localisation threshold", part.name), AXIS, &lines),
        svg::timeline(&format!("{} over time", part.name), &part.faults),
        key_entry(2, "matched (boxes in a frame)"),
        key_entry(4, "missed"),
        key_entry(1, "false (below the line)"),
    )
}

/// A colour with what it stands for, as HTML.
pub(in crate::evaluation) fn key_entry(colour: usize, text: &str) -> String {
    format!("<span><i style='background:var(--c{colour})'></i>{text}</span>")
}

/// Text as it may stand in HTML, between quotes as well.
pub(in crate::evaluation) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
