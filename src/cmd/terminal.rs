//! What live views on a terminal share.

use std::io;
use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyCode, KeyModifiers};

/// Whether somebody pressed `q`, Escape or Ctrl-C since the last call; other keys are taken and mean nothing.
///
/// # Errors
/// When the terminal cannot be read.
pub(super) fn wants_to_leave() -> io::Result<bool> {
    while event::poll(Duration::ZERO)? {
        if let Event::Key(key) = event::read()? {
            let interrupted = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
            if interrupted || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
