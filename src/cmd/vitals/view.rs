//! The terminal while a video plays: pulse wave, its spectrum, and what is told of each face.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::Marker;
use ratatui::text::Line;
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType, Paragraph, Row, Table};
use ratatui::{DefaultTerminal, Frame};

use super::output::{ONLY_FACE, reasons_of};
use super::wave::Wave;
use crate::cmd::terminal::wants_to_leave;
use crate::edge::lane::{LaneFact, LaneMonitor};
use crate::event::vital::Estimate;
use crate::event::{VitalReport, VitalSign};
use crate::time::{MediaTime, Now};

const DRAW_EVERY: Duration = Duration::from_millis(100);
/// Most faces whose readings are on the screen.
const FACES_MAX: usize = 16;

/// A terminal taken over; dropping it gives the terminal back.
pub(super) struct View {
    terminal: DefaultTerminal,
    screen: Screen,
    drawn: Option<Now>,
}

/// What the screen shows, apart from the terminal, so that a test can draw it.
#[derive(Debug, Default)]
pub(super) struct Screen {
    source: String,
    at: MediaTime,
    frames: u64,
    left_out: u64,
    in_view: Vec<u64>,
    faces: BTreeMap<u64, Shown>,
    wave: Wave,
}

/// What was told of a face last.
#[derive(Debug, Default)]
struct Shown {
    readings: BTreeMap<VitalSign, VitalReport>,
    blinks: u64,
    beats: u64,
}

impl View {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub(super) fn open(source: &str) -> io::Result<Self> {
        let screen = Screen { source: source.to_owned(), ..Screen::default() };
        Ok(Self { terminal: ratatui::try_init()?, screen, drawn: None })
    }

    /// Takes in a frame and draws when it is time to; true when the user wants to leave.
    ///
    /// # Errors
    /// The terminal's.
    pub(super) fn frame(&mut self, now: Now, at: MediaTime, lane: &LaneMonitor) -> io::Result<bool> {
        self.screen.frame(at, lane);
        if self.drawn.is_some_and(|last| now.since(last) < DRAW_EVERY) {
            return Ok(false);
        }
        self.drawn = Some(now);
        self.screen.look(lane);
        let screen = &self.screen;
        self.terminal.draw(|frame| screen.draw(frame))?;
        wants_to_leave()
    }
}

impl Drop for View {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

impl Screen {
    fn frame(&mut self, at: MediaTime, lane: &LaneMonitor) {
        self.at = at;
        self.frames += 1;
        self.left_out = lane.left_out();
        for news in lane.news() {
            let face = news.face.map_or(ONLY_FACE, |id| id.0);
            if !self.faces.contains_key(&face) && self.faces.len() == FACES_MAX {
                self.faces.pop_first();
            }
            let shown = self.faces.entry(face).or_default();
            match &news.fact {
                LaneFact::Reading(report) => _ = shown.readings.insert(report.sign, report.clone()),
                LaneFact::Blink { .. } => shown.blinks += 1,
                LaneFact::Beat { .. } => shown.beats += 1,
                LaneFact::Movement(_) => {}
            }
        }
    }

    /// The wave of the largest face, for the next drawing.
    fn look(&mut self, lane: &LaneMonitor) {
        self.in_view.clear();
        let faces = || lane.faces().iter().filter(|face| face.seen() == self.at);
        self.in_view.extend(faces().map(|face| face.id().map_or(ONLY_FACE, |id| id.0)));
        let largest = faces().max_by(|a, b| a.bbox().area().total_cmp(&b.bbox().area()));
        let Some(face) = largest else { return self.wave.clear() };
        self.wave.take(face.monitor());
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        let rows = self.faces.values().map(|f| f.readings.len().max(1)).sum::<usize>();
        let table = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(3);
        let areas = Layout::vertical([Constraint::Length(1), Constraint::Min(8), Constraint::Length(table)])
            .split(frame.area());
        let graphs = Layout::horizontal([Constraint::Percentage(60), Constraint::Percentage(40)]).split(areas[1]);
        frame.render_widget(self.head(), areas[0]);
        frame.render_widget(self.wave_chart(), graphs[0]);
        frame.render_widget(self.spectrum_chart(), graphs[1]);
        frame.render_widget(self.table(), areas[2]);
    }

    fn head(&self) -> Paragraph<'_> {
        let faces = match (self.in_view.len(), self.left_out) {
            (0, _) => "no face in view".to_owned(),
            (faces, 0) => format!("{faces} in view"),
            (faces, left_out) => format!("{faces} in view, {left_out} left out"),
        };
        let text = format!("greenlane {}  {:.1} s  {faces}  (q leaves)", self.source, self.at.seconds());
        Paragraph::new(Line::styled(text, Style::new().fg(Color::Green).add_modifier(Modifier::BOLD)))
    }

    fn wave_chart(&self) -> Chart<'_> {
        let points = self.wave.points();
        let span = self.wave.seconds();
        let data = Dataset::default()
            .marker(Marker::Braille)
            .graph_type(GraphType::Line)
            .style(Style::new().fg(Color::Red))
            .data(points);
        let title = if points.is_empty() { "pulse wave: not yet" } else { "pulse wave" };
        let seconds = ["-10 s", "-5 s", "now"];
        Chart::new(vec![data])
            .block(Block::bordered().title(title))
            .x_axis(Axis::default().bounds([-span, 0.0]).labels(seconds))
            .y_axis(Axis::default().bounds([-1.0, 1.0]))
    }

    fn spectrum_chart(&self) -> Chart<'_> {
        let (low, high) = self.wave.band();
        let data = Dataset::default()
            .marker(Marker::Braille)
            .graph_type(GraphType::Line)
            .style(Style::new().fg(Color::Cyan))
            .data(self.wave.spectrum());
        let labels = [low, f64::midpoint(low, high), high].map(|bpm| format!("{bpm:.0}"));
        Chart::new(vec![data])
            .block(Block::bordered().title("spectrum, beats a minute"))
            .x_axis(Axis::default().bounds([low, high]).labels(labels))
            .y_axis(Axis::default().bounds([0.0, 1.0]))
    }

    fn table(&self) -> Table<'_> {
        let rows = self.faces.iter().flat_map(|(face, shown)| {
            let gone = !self.in_view.contains(face);
            shown.readings.values().enumerate().map(move |(i, report)| {
                let name = if i == 0 { format!("{face}{}", if gone { " (gone)" } else { "" }) } else { String::new() };
                row(name, report, shown).style(if gone { Color::DarkGray } else { colour(report) })
            })
        });
        let widths = [
            Constraint::Length(10),
            Constraint::Length(16),
            Constraint::Length(8),
            Constraint::Length(16),
            Constraint::Length(8),
            Constraint::Length(9),
            Constraint::Min(20),
        ];
        Table::new(rows, widths)
            .header(Row::new(["face", "sign", "a minute", "interval", "quality", "over", ""]).style(Modifier::BOLD))
            .block(Block::bordered().title("readings"))
    }
}

fn colour(report: &VitalReport) -> Color {
    if report.estimate.rate().is_some() { Color::Green } else { Color::Yellow }
}

fn row(face: String, report: &VitalReport, shown: &Shown) -> Row<'static> {
    let counted = match report.sign {
        VitalSign::Pulse if shown.beats > 0 => format!("{} beats  ", shown.beats),
        VitalSign::BlinkRate if shown.blinks > 0 => format!("{} blinks  ", shown.blinks),
        _ => String::new(),
    };
    let over = format!("{:.1} s", report.estimate.window().seconds());
    let sign = report.sign.as_str().to_owned();
    match &report.estimate {
        Estimate::Available { rate, interval, quality, .. } => {
            let method = report.method.clone().unwrap_or_default();
            let interval = format!("{:.1} to {:.1}", interval.low, interval.high);
            let words = format!("{counted}{method}");
            Row::new([face, sign, format!("{rate:.1}"), interval, format!("{quality:.2}"), over, words])
        }
        Estimate::Unavailable { .. } => {
            let words = format!("{counted}no reading: {}", reasons_of(report));
            Row::new([face, sign, "-".to_owned(), "-".to_owned(), "-".to_owned(), over, words])
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::biosignal::{Reason, Window};
    use crate::units::Interval;

    #[test]
    fn the_screen_shows_readings_and_reasons() {
        let window = Window { start: MediaTime(0), end: MediaTime::from_seconds(12.0) };
        let interval = Interval { low: 70.0, high: 74.0 };
        let pulse = Estimate::Available { rate: 72.0, interval, quality: 0.95, window };
        let breath = Estimate::unavailable(vec![Reason::Motion, Reason::TooShort], window);
        let mut screen = Screen { source: "me.mp4".to_owned(), ..Screen::default() };
        let shown = screen.faces.entry(3).or_default();
        for (sign, estimate) in [(VitalSign::Pulse, pulse), (VitalSign::Respiration, breath)] {
            shown.readings.insert(sign, VitalReport { sign, estimate, method: Some("POS".to_owned()) });
        }
        screen.in_view.push(3);
        let mut terminal = Terminal::new(TestBackend::new(120, 24)).unwrap();
        terminal.draw(|frame| screen.draw(frame)).unwrap();
        let text = terminal.backend().to_string();
        for expected in ["me.mp4", "1 in view", "72.0", "70.0 to 74.0", "0.95", "12.0 s", "TOO_SHORT MOTION", "not yet"]
        {
            assert!(text.contains(expected), "{expected} is not in\n{text}");
        }
    }
}
