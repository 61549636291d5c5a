//! What views on a terminal share.

use std::io::{self, Write};
use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyCode, KeyModifiers};

use super::{Failure, Outcome};

/// Prints lines until whoever reads them has enough.
///
/// # Errors
/// When they cannot be written.
pub(super) fn print(lines: impl IntoIterator<Item = String>) -> Outcome {
    for line in lines {
        if !print_line(&line)? {
            break;
        }
    }
    Ok(())
}

/// Prints one line. False when whoever reads has enough.
///
/// # Errors
/// When it cannot be written.
pub(super) fn print_line(line: &str) -> Result<bool, Failure> {
    // Texts are anybody's: nothing in them may reach the terminal as a command.
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        written => written.map(|()| true).map_err(Failure::found),
    }
}

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
