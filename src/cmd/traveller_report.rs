//! The table of methods that join tracks to travellers, for `evaluate cameras` and `simulate hall`.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::association::{AssociationCounters, AssociationSettings, LinkKind};
use crate::evaluation::mean;
use crate::evaluation::screening::Share;
use crate::evaluation::travellers::{
    BETWEEN, OVERDUE, OutlookScores, TrackRecording, TravellerScores, follow, min_cost_flow, nearest_look_at_best,
    outlooks, transitions,
};
use crate::units::Interval;

/// All methods on one recording.
pub struct TravellerReport {
    /// The recording's name.
    name: String,
    tracks: usize,
    /// By the name of the method, ours first.
    methods: Vec<(&'static str, TravellerScores)>,
    /// Threshold that suits the nearest look best.
    threshold: f64,
    outlooks: OutlookScores,
    counters: AssociationCounters,
    double_presences: usize,
}

impl TravellerReport {
    /// Runs all of them.
    pub fn of(recording: &TrackRecording, settings: &AssociationSettings) -> Self {
        let (ours, associator) = follow(recording, settings);
        let mut methods = vec![("greenlane", TravellerScores::of(recording, &ours))];
        let (threshold, nearest) = nearest_look_at_best(recording, settings);
        methods.push(("nearest-look", TravellerScores::of(recording, &nearest)));
        methods.push(("transition-matrix", TravellerScores::of(recording, &transitions(recording, settings))));
        methods.push(("offline-flow", TravellerScores::of(recording, &min_cost_flow(recording, settings))));
        Self {
            name: recording.name.clone(),
            tracks: recording.tracks.len(),
            methods,
            threshold,
            outlooks: outlooks(recording, settings),
            counters: associator.counters(),
            double_presences: associator.double_presences(),
        }
    }

    /// Travellers of ours in two places at one time.
    pub fn double_presences(&self) -> usize {
        self.double_presences
    }

    /// One object.
    pub fn to_json(&self) -> Map<String, Value> {
        let methods: Map<String, Value> =
            self.methods.iter().map(|(name, scores)| ((*name).to_owned(), scores.to_json())).collect();
        let fields = json!({
            "name": self.name,
            "tracks": self.tracks,
            "methods": methods,
            "nearest_look_threshold": self.threshold,
            "outlooks": self.outlooks,
            "counters": self.counters,
            "double_presences": self.double_presences,
        });
        match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    /// A line for each method, then one for each link of ours. Ratios in percent.
    pub fn to_table(&self) -> String {
        let mut text = format!("{}: {} tracks\n", self.name, self.tracks);
        let heads = ["IDF1", "live", "HOTA", "MCTA", "ho-R", "ho-P", "open", "sec", "never", "ECE"];
        let _ = write!(text, "{:18}", "method");
        heads.iter().for_each(|head| text.push_str(&format!("{head:>7}")));
        text.push('\n');
        for (name, scores) in &self.methods {
            let _ = write!(text, "{name:18}");
            let hand_over = &scores.ended.hand_over;
            let never = scores.seconds_to_correct.iter().filter(|seconds| seconds.is_none()).count();
            let percent = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{:.1}", 100.0 * value));
            let cells = [
                percent(Some(scores.ended.identity.idf1)),
                percent(Some(scores.announced.idf1)),
                percent(Some(mean(&scores.ended.hota.hota))),
                percent(Some(scores.ended.mcta.mcta)),
                percent(hand_over.hand_over_recall),
                percent(hand_over.hand_over_precision),
                percent(scores.open_set_error()),
                scores.median_seconds().map_or("-".to_owned(), |seconds| format!("{seconds:.1}")),
                never.to_string(),
                percent(scores.calibration.ece),
            ];
            cells.iter().for_each(|cell| text.push_str(&format!("{cell:>7}")));
            text.push('\n');
        }
        self.links(&mut text);
        self.reliability(&mut text);
        self.outlooks(&mut text);
        text
    }

    /// What was stated of links when they were confirmed, and what came true.
    fn reliability(&self, text: &mut String) {
        let Some((_, ours)) = self.methods.first() else { return };
        let _ = writeln!(text, "\n{:28}{:>8}{:>8}{:>8}", "links stated to be right", "links", "stated", "right");
        let percent = |share: f64| format!("{:.1}", 100.0 * share);
        let bins = ours.calibration.bins.iter().enumerate().filter(|(_, bin)| bin.claims > 0);
        for (tenth, bin) in bins {
            let range = format!("{} to {} %", 10 * tenth, 10 * (tenth + 1));
            let _ = writeln!(text, "{range:28}{:8}{:>8}{:>8}", bin.claims, percent(bin.stated), percent(bin.right));
        }
        for (kind, found) in &ours.by_kind {
            let name = match kind {
                LinkKind::Newcomer => "newcomers",
                LinkKind::Passage => "passages",
                LinkKind::Overlap => "overlaps",
            };
            let ece = found.ece.map_or("-".to_owned(), percent);
            let _ = writeln!(text, "{name:28}{:8} ECE {ece}", found.claims);
        }
    }

    fn outlooks(&self, text: &mut String) {
        let OutlookScores { first_right, views, between, overdue } = &self.outlooks;
        let share = |share: &Share| {
            let Interval { low, high } = share.wilson();
            format!("{:5.1} % ({:.1} to {:.1}, of {})", 100.0 * share.value(), 100.0 * low, 100.0 * high, share.of)
        };
        let ece = views.ece.map_or("-".to_owned(), |ece| format!("{:.1}", 100.0 * ece));
        let _ = writeln!(text, "\nnext view right        {}; ECE {ece}", share(first_right));
        let _ = writeln!(text, "within the told time   {}, {:.0} % told", share(between), 100.0 * BETWEEN);
        for (called, limit) in overdue.iter().zip(OVERDUE) {
            let told = 100.0 * (1.0 - limit);
            let _ = writeln!(text, "overdue and yet back   {}, {told:.0} % told", share(called));
        }
    }

    fn links(&self, text: &mut String) {
        let Some((_, ours)) = self.methods.first() else { return };
        let _ = writeln!(text, "\n{:28}{:>8}{:>8}{:>8}{:>8}", "hand-overs", "true", "found", "claimed", "right");
        for link in &ours.links {
            let way = format!("{} -> {}", link.from, link.to);
            let _ = writeln!(text, "{way:28}{:8}{:8}{:8}{:8}", link.passages, link.found, link.claimed, link.right);
        }
        text.push_str(
            "\nlive: IDF1 of what was announced at each moment; ho: hand-overs; open: first-time persons joined to somebody\n\
             else; sec: median seconds to the right identity; never: returning tracks that never had it\n",
        );
    }
}
