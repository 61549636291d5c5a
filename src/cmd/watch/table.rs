//! The live table on a terminal.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph, Row, Table as Grid};
use ratatui::{DefaultTerminal, Frame};

use super::feed::News;
use super::lines;
use super::tally::Tally;
use crate::cmd::terminal::wants_to_leave;
use crate::event::{Severity, SiteEvent};
use crate::rpc::FeedMessage;
use crate::time::{CaptureTime, Now};
use crate::wire::v1::{CameraOverview, OfflineCause};

/// Newest events kept for the screen.
const EVENTS_MAX: usize = 200;
/// Newest notices kept.
const NOTICES_MAX: usize = 3;
const DRAW_EVERY: Duration = Duration::from_millis(200);

/// What the screen shows, apart from the terminal, so that a test can draw it.
#[derive(Debug, Default)]
struct Screen {
    central: String,
    cameras: Vec<CameraOverview>,
    events: VecDeque<(SiteEvent, i64)>,
    notices: VecDeque<String>,
    rate: f64,
}

/// A terminal taken over; dropping it gives the terminal back.
#[derive(Debug)]
pub struct Table {
    terminal: DefaultTerminal,
    screen: Screen,
    drawn: Option<(Now, u64)>,
}

impl Table {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn open(central: &str) -> io::Result<Self> {
        let screen = Screen { central: central.to_owned(), ..Screen::default() };
        Ok(Self { terminal: ratatui::try_init()?, screen, drawn: None })
    }

    /// Remembers one piece of news for the next drawing.
    pub fn take(&mut self, news: &News) {
        self.screen.take(news);
    }

    /// Draws when it is time to; true when the user wants to leave.
    ///
    /// # Errors
    /// The terminal's.
    pub fn refresh(&mut self, now: Now, tally: &Tally) -> io::Result<bool> {
        if let Some((last, events)) = self.drawn {
            let since = now.since(last);
            if since < DRAW_EVERY {
                return Ok(false);
            }
            // Smoothed over about a second.
            let fresh = (tally.events() - events) as f64 / since.as_secs_f64();
            self.screen.rate += (fresh - self.screen.rate) * since.as_secs_f64().min(1.0);
        }
        self.drawn = Some((now, tally.events()));
        let screen = &self.screen;
        self.terminal.draw(|frame| screen.draw(frame, tally))?;
        wants_to_leave()
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

impl Screen {
    fn take(&mut self, news: &News) {
        match news {
            News::Overview(overview) => self.cameras.clone_from(&overview.cameras),
            News::Message { message: FeedMessage::Event(event), received } => {
                self.events.truncate(EVENTS_MAX - 1);
                self.events.push_front((event.as_ref().clone(), *received));
            }
            News::Message { message: FeedMessage::Live(_), .. } => {}
            other => {
                if let Some(line) = lines::line(other) {
                    self.notices.truncate(NOTICES_MAX - 1);
                    self.notices.push_front(line);
                }
            }
        }
    }

    fn draw(&self, frame: &mut Frame<'_>, tally: &Tally) {
        let cameras = u16::try_from(self.cameras.len().min(12)).unwrap_or(0) + 3;
        let notices = u16::try_from(self.notices.len()).unwrap_or(0);
        let areas = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(cameras),
            Constraint::Min(3),
            Constraint::Length(notices),
        ])
        .split(frame.area());
        frame.render_widget(self.head(tally), areas[0]);
        frame.render_widget(self.camera_grid(), areas[1]);
        frame.render_widget(self.event_grid(), areas[2]);
        let notices: Vec<Line<'_>> = self.notices.iter().map(|n| Line::styled(n.as_str(), Color::Yellow)).collect();
        frame.render_widget(Paragraph::new(notices), areas[3]);
    }

    fn head(&self, tally: &Tally) -> Paragraph<'_> {
        let latency = tally
            .latency()
            .map_or_else(|| "latency -".to_owned(), |l| format!("latency p50 {:.0} ms p99 {:.0} ms", l.p50, l.p99));
        let colour = if tally.state() == "live" { Color::Green } else { Color::Yellow };
        let text = format!(
            "greenlane {}  {}  #{}  {:.0} events/s  {latency}  (q leaves)",
            self.central,
            tally.state(),
            tally.newest(),
            self.rate
        );
        Paragraph::new(Line::styled(text, Style::new().fg(colour).add_modifier(Modifier::BOLD)))
    }

    fn camera_grid(&self) -> Grid<'_> {
        let rows = self.cameras.iter().map(|camera| {
            let (state, colour) = match (camera.online, camera.covered) {
                (true, false) => ("online".to_owned(), Color::Green),
                (true, true) => ("COVERED".to_owned(), Color::Red),
                (false, _) => (format!("offline: {}", cause(camera.offline_cause())), Color::Red),
            };
            let newest = camera.newest.map(|t| CaptureTime::exact(t.unix_micros).rfc3339()).unwrap_or_default();
            Row::new([camera.camera.clone(), state, camera.in_view.to_string(), newest]).style(colour)
        });
        let widths = [Constraint::Length(20), Constraint::Length(24), Constraint::Length(8), Constraint::Min(27)];
        Grid::new(rows, widths)
            .header(Row::new(["camera", "state", "in view", "newest capture"]).style(Modifier::BOLD))
            .block(Block::bordered().title("cameras"))
    }

    fn event_grid(&self) -> Grid<'_> {
        let rows = self.events.iter().map(|(site, received)| {
            let event = &site.event;
            let colour = match event.severity {
                Severity::Info => Color::Reset,
                Severity::Attention => Color::Yellow,
                Severity::Alert => Color::Red,
            };
            Row::new([
                site.sequence.to_string(),
                lines::clock_time(event),
                event.id.camera.to_string(),
                lines::what(event),
                event.track.map_or_else(String::new, |track| track.to_string()),
                lines::details(event),
                lines::age(event, *received),
            ])
            .style(colour)
        });
        let widths = [
            Constraint::Length(9),
            Constraint::Length(12),
            Constraint::Length(16),
            Constraint::Length(20),
            Constraint::Length(7),
            Constraint::Min(16),
            Constraint::Length(8),
        ];
        Grid::new(rows, widths)
            .header(Row::new(["#", "UTC", "camera", "what", "track", "", "after"]).style(Modifier::BOLD))
            .block(Block::bordered().title("events, newest first"))
    }
}

fn cause(cause: OfflineCause) -> String {
    let name = cause.as_str_name();
    name.strip_prefix("OFFLINE_CAUSE_").unwrap_or(name).replace('_', " ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;

    #[test]
    fn the_screen_shows_cameras_notices_and_state() {
        let mut screen = Screen { central: "http://centre".to_owned(), ..Screen::default() };
        let mut tally = Tally::default();
        let camera = |name: &str, online, covered, in_view| CameraOverview {
            camera: name.to_owned(),
            online,
            offline_cause: OfflineCause::StreamEnded.into(),
            covered,
            in_view,
            newest: None,
            clock_offset_s: None,
            clock_error_s: None,
        };
        let cameras =
            vec![camera("gate-1", true, false, 7), camera("gate-2", false, false, 0), camera("hall", true, true, 1)];
        let overview = crate::wire::v1::GetOverviewResponse { sequence: 9, cameras };
        let gap = FeedMessage::Gap { from: 1, to: 5, why: "older than the centre keeps" };
        for news in [
            News::Connected,
            News::Message { message: gap, received: 0 },
            News::Message { message: FeedMessage::Live(9), received: 0 },
            News::Overview(overview),
        ] {
            tally.take(&news);
            screen.take(&news);
        }
        let mut terminal = Terminal::new(TestBackend::new(100, 20)).unwrap();
        terminal.draw(|frame| screen.draw(frame, &tally)).unwrap();
        let text = terminal.backend().to_string();
        for expected in
            ["live  #9", "gate-1", "offline: stream ended", "COVERED", "GAP 1 to 5: older than the centre keeps"]
        {
            assert!(text.contains(expected), "{expected} is not in\n{text}");
        }
    }
}
