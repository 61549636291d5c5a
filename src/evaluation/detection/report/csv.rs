//! Comma-separated values, RFC 4180.

use super::{DetectionReport, Row};
use crate::evaluation::detection::curve::Operating;
use crate::evaluation::detection::scores::DetectionScores;
use crate::evaluation::report::csv::quoted;

const HEAD: &str = "set,part,pictures,boxes,model,ap50,ap50_95,ap50_voc,best_score,best_precision,best_recall,best_f1,\
                    own_score,own_precision,own_recall,own_f1,faces,eyes_mean,eyes_p90,other_points_mean,ms_p50,ms_p95\n";

pub(super) fn render(report: &DetectionReport) -> String {
    let mut text = String::from(HEAD);
    for row in &report.rows {
        for (model, scores) in report.models.iter().zip(&row.scores) {
            let mut values = figures(scores);
            values.extend([model.ms_p50, model.ms_p95]);
            let cells: Vec<String> = values.iter().map(|v| v.map_or_else(String::new, |v| v.to_string())).collect();
            text.push_str(&format!("{},{},{}\n", label(row), quoted(&model.name), cells.join(",")));
        }
    }
    text
}

fn label(row: &Row) -> String {
    format!("{},{},{},{}", quoted(&row.set), quoted(row.part), row.pictures, row.boxes)
}

fn figures(scores: &DetectionScores) -> Vec<Option<f64>> {
    let mut values = vec![scores.ap50, scores.ap50_95, scores.ap50_voc];
    let operating =
        |o: Option<Operating>| [o.map(|o| o.score), o.map(|o| o.precision), o.map(|o| o.recall), o.map(|o| o.f1)];
    values.extend(operating(scores.best));
    values.extend(operating(scores.own));
    let points = scores.points;
    values.extend([points.map(|p| p.faces as f64), points.map(|p| p.eyes_mean), points.map(|p| p.eyes_p90)]);
    values.push(points.and_then(|p| p.others_mean));
    values
}
