//! Everybody whom the centre remembers, asked for only while somebody looks, and once for all who do.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Mutex;

use super::place::Place;
use crate::rpc::{RpcError, TravellerClient};
use crate::time::Now;
use crate::wire::v1;

/// How old it may be.
const AGE_MAX: Duration = Duration::from_millis(900);
/// Travellers asked for at once, the contract's most.
const PAGE: u32 = 1_000;
/// And so often: beyond them only those seen last are known.
const PAGES_MAX: usize = 5;
/// Travellers on a page.
pub const SHOWN_MAX: usize = 100;

/// Everybody remembered.
#[derive(Debug, Default, PartialEq)]
pub struct Roster {
    /// In sight first, the newest of them on top and each in its place as long as they stay; then the others, the one seen last first.
    pub travellers: Vec<v1::TravellerSummary>,
    /// How many the centre remembers.
    pub total: u32,
}

/// The newest roster. A mutex of the runtime's, because the others wait while one asks.
#[derive(Debug, Default)]
pub struct Register(Mutex<Option<(Now, Arc<Roster>)>>);

/// Which of them, as in the page's address.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Wanted {
    /// `in_sight`, `followed` or `all`.
    #[serde(default)]
    pub show: String,
    /// Only those who were seen by this camera; empty: by any.
    #[serde(default)]
    pub camera: String,
    /// Number of the page, from 1.
    #[serde(default)]
    pub n: String,
}

/// A page of the list.
#[derive(Debug)]
pub struct Listed<'a> {
    /// Whom it shows.
    pub shown: Vec<&'a v1::TravellerSummary>,
    /// How many there are on all pages.
    pub found: usize,
    /// Number of the page, from 1.
    pub n: usize,
    /// Number of the last page.
    pub last: usize,
}

impl Roster {
    fn of(mut travellers: Vec<v1::TravellerSummary>, total: u32) -> Self {
        // The same one may stand on two pages of an answer that was asked for in parts.
        let mut known = BTreeSet::new();
        travellers.retain(|one| known.insert(one.traveller));
        travellers.sort_by_key(|one| {
            let by = if one.in_sight { one.from_unix_micros } else { one.until_unix_micros };
            (!one.in_sight, Reverse(by), one.traveller)
        });
        Self { travellers, total }
    }

    /// Cameras that saw anybody.
    #[must_use]
    pub fn cameras(&self) -> BTreeSet<&str> {
        self.travellers.iter().flat_map(|one| &one.cameras).map(String::as_str).collect()
    }

    /// Those wanted.
    #[must_use]
    pub fn list(&self, wanted: &Wanted) -> Listed<'_> {
        let all = self.travellers.iter().filter(|one| wanted.has(one));
        let all: Vec<&v1::TravellerSummary> = all.collect();
        let last = all.len().div_ceil(SHOWN_MAX).max(1);
        let n = wanted.n.parse().unwrap_or(1).clamp(1, last);
        let shown = all.iter().skip((n - 1) * SHOWN_MAX).take(SHOWN_MAX).copied().collect();
        Listed { shown, found: all.len(), n, last }
    }
}

impl Wanted {
    /// As `show` is understood.
    #[must_use]
    pub fn show(&self) -> &str {
        if ["followed", "all"].contains(&self.show.as_str()) { &self.show } else { "in_sight" }
    }

    fn has(&self, one: &v1::TravellerSummary) -> bool {
        let shown = match self.show() {
            "followed" => one.followed,
            "all" => true,
            _ => one.in_sight,
        };
        shown && (self.camera.is_empty() || one.cameras.contains(&self.camera))
    }
}

/// The roster, not older than a second.
///
/// # Errors
/// What the centre says.
pub async fn roster(place: &Place, client: &mut TravellerClient) -> Result<Arc<Roster>, RpcError> {
    let mut kept = place.register.0.lock().await;
    let now = place.clock.now();
    if let Some((at, roster)) = kept.as_ref()
        && now.since(*at) < AGE_MAX
    {
        return Ok(Arc::clone(roster));
    }
    let mut travellers = Vec::new();
    let mut request = v1::ListTravellersRequest { page_size: PAGE, ..v1::ListTravellersRequest::default() };
    let mut total = 0;
    for _ in 0..PAGES_MAX {
        let page = client.list(request.clone()).await?;
        travellers.extend(page.travellers);
        total = page.total;
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    let roster = Arc::new(Roster::of(travellers, total));
    *kept = Some((now, Arc::clone(&roster)));
    Ok(roster)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(traveller: u64, in_sight: bool, followed: bool, camera: &str) -> v1::TravellerSummary {
        v1::TravellerSummary {
            traveller,
            from_unix_micros: traveller.cast_signed(),
            until_unix_micros: 1_000,
            in_sight,
            followed,
            cameras: vec![camera.to_owned()],
            ..v1::TravellerSummary::default()
        }
    }

    #[test]
    fn those_in_sight_keep_their_place_and_are_found_by_what_is_wanted() {
        let people =
            vec![one(3, false, true, "a"), one(1, true, false, "a"), one(2, true, true, "b"), one(1, true, false, "a")];
        let roster = Roster::of(people, 3);
        let wanted =
            |show: &str, camera: &str| Wanted { show: show.to_owned(), camera: camera.to_owned(), n: String::new() };
        for (show, camera, numbers) in [
            ("all", "", &[2, 1, 3][..]),
            ("", "", &[2, 1]),
            ("in_sight", "a", &[1]),
            ("followed", "", &[2, 3]),
            ("nonsense", "none", &[]),
        ] {
            let wanted = wanted(show, camera);
            let shown: Vec<u64> = roster.list(&wanted).shown.iter().map(|one| one.traveller).collect();
            assert_eq!(shown, numbers, "{show} {camera}");
        }
    }

    #[test]
    fn pages_are_bounded_whatever_is_asked() {
        let roster = Roster::of((1..=250).map(|n| one(n, true, false, "a")).collect(), 250);
        for (n, page, shown) in
            [("", 1, 100), ("3", 3, 50), ("99", 3, 50), ("0", 1, 100), ("-1", 1, 100), ("x", 1, 100)]
        {
            let listed = roster.list(&Wanted { n: n.to_owned(), ..Wanted::default() });
            assert_eq!((listed.n, listed.shown.len(), listed.found, listed.last), (page, shown, 250, 3), "{n}");
        }
        assert_eq!(Roster::default().list(&Wanted::default()).last, 1);
    }
}
