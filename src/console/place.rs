//! What the parts of the console share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, watch};

use super::board::Board;
use super::roster::Register;
use crate::clock::Clock;
use crate::rpc::{ConsoleClient, ProposalClient, TravellerClient};

/// Pages that may stand open with live updates.
pub const PAGES_MAX: usize = 32;

/// Counters of what bounds did, shown in the System view.
#[derive(Debug, Default)]
pub struct Tally {
    /// Pages that took nothing for too long.
    pub let_go: AtomicU64,
    /// Rows that a page fell too far behind to be shown.
    pub skipped: AtomicU64,
    /// Pages that found no place.
    pub turned_away: AtomicU64,
}

/// The connection to the centre, one client a service.
#[derive(Debug, Clone)]
pub struct Clients {
    /// For events and alerts.
    pub console: ConsoleClient,
    /// For travellers.
    pub travellers: TravellerClient,
    /// For what waits for a second person.
    pub proposals: ProposalClient,
}

/// Shared by the link and every request.
pub struct Place {
    /// The centre's URL.
    pub central: String,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Names a run of this console: a page of another run begins anew.
    pub run: i64,
    /// Places for pages with live updates.
    pub pages: Arc<Semaphore>,
    /// Counters.
    pub tally: Tally,
    /// Everybody remembered, asked for while somebody looks.
    pub register: Register,
    /// Told when the console stops.
    pub stop: watch::Receiver<bool>,
    // A mutex, because requests on any thread read what the link writes; it is never held over a wait.
    board: Mutex<Board>,
    moved: watch::Sender<u64>,
    clients: Mutex<Option<Clients>>,
}

impl Place {
    /// A console of this centre that knows nothing yet.
    #[must_use]
    pub fn new(central: String, clock: Arc<dyn Clock>, stop: watch::Receiver<bool>) -> Self {
        let run = clock.unix_micros();
        Self {
            central,
            clock,
            run,
            pages: Arc::new(Semaphore::new(PAGES_MAX)),
            tally: Tally::default(),
            register: Register::default(),
            stop,
            board: Mutex::new(Board::new()),
            moved: watch::Sender::new(0),
            clients: Mutex::new(None),
        }
    }

    /// What is known, to read.
    pub fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is known and tells the open pages.
    pub fn change(&self, change: impl FnOnce(&mut Board)) {
        let revision = {
            let mut board = self.board();
            change(&mut board);
            board.revision
        };
        self.moved.send_if_modified(|known| std::mem::replace(known, revision) != revision);
    }

    /// Tells when something changed.
    #[must_use]
    pub fn moved(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    /// The connection to the centre, while there is one.
    #[must_use]
    pub fn client(&self) -> Option<ConsoleClient> {
        self.clients().map(|clients| clients.console)
    }

    /// The same for travellers.
    #[must_use]
    pub fn travellers(&self) -> Option<TravellerClient> {
        self.clients().map(|clients| clients.travellers)
    }

    /// The same for what waits for a second person.
    #[must_use]
    pub fn proposals(&self) -> Option<ProposalClient> {
        self.clients().map(|clients| clients.proposals)
    }

    fn clients(&self) -> Option<Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// There is a connection, or none any more.
    pub fn connected(&self, clients: Option<Clients>) {
        *self.clients.lock().unwrap_or_else(PoisonError::into_inner) = clients;
    }

    /// Pages with live updates now.
    #[must_use]
    pub fn pages_open(&self) -> usize {
        PAGES_MAX - self.pages.available_permits()
    }
}

/// Reads a counter.
#[must_use]
pub fn count(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// Adds to a counter.
pub fn add(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::Relaxed);
}

/// Waits until the console stops.
pub async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that nobody can ask any more, which is the same.
    let _ = stop.wait_for(|stop| *stop).await;
}
