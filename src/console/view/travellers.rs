//! The list of travellers: who is in sight, who is followed, whom a camera saw.

use maud::{Markup, html};

use super::marks::{age, moment};
use crate::console::roster::{Roster, Wanted};
use crate::console::words::{Lang, Word};
use crate::wire::v1;

/// The view.
#[must_use]
pub fn travellers(roster: &Roster, wanted: &Wanted, now: i64, lang: Lang) -> Markup {
    html! {
        section.panel aria-labelledby="travellers-title" {
            div.title {
                h1 #travellers-title { (Word::Travellers.in_(lang)) }
                (filter(roster, wanted, lang))
            }
            (list(roster, wanted, now, lang))
        }
    }
}

fn filter(roster: &Roster, wanted: &Wanted, lang: Lang) -> Markup {
    let choices = [("in_sight", Word::InSight), ("followed", Word::Followed), ("all", Word::All)];
    let mut cameras = roster.cameras();
    if !wanted.camera.is_empty() {
        cameras.insert(&wanted.camera);
    }
    html! {
        form.filter method="get" action="/travellers" {
            fieldset.switch {
                legend.visually-hidden { (Word::Show.in_(lang)) }
                @for (value, word) in choices {
                    label {
                        input type="radio" name="show" value=(value) checked[wanted.show() == value];
                        span { (word.in_(lang)) }
                    }
                }
            }
            label.visually-hidden for="camera" { (Word::Camera.in_(lang)) }
            select #camera name="camera" {
                option value="" { (Word::EveryCamera.in_(lang)) }
                @for camera in cameras { option value=(camera) selected[camera == wanted.camera] { (camera) } }
            }
            button { (Word::Filter.in_(lang)) }
        }
    }
}

/// The part of it that changes.
#[must_use]
pub fn list(roster: &Roster, wanted: &Wanted, now: i64, lang: Lang) -> Markup {
    let listed = roster.list(wanted);
    html! {
        div #travellers {
            p.budget {
                strong { (listed.found) } " / " (roster.total) " " (Word::Remembered.in_(lang))
                @if roster.travellers.len() < roster.total as usize { " · " (Word::NotAllListed.in_(lang)) }
            }
            @if listed.shown.is_empty() {
                p.quiet { (Word::NobodyThere.in_(lang)) }
            } @else {
                table.people {
                    thead { tr {
                        th.number scope="col" { (Word::Traveller.in_(lang)) }
                        th scope="col" { (Word::State.in_(lang)) }
                        th.number scope="col" { (Word::FirstSeen.in_(lang)) }
                        th.number scope="col" { (Word::LastSeen.in_(lang)) }
                        th scope="col" { (Word::Views_.in_(lang)) }
                        th.number scope="col" { (Word::Stretches.in_(lang)) }
                    } }
                    tbody { @for one in &listed.shown { (row(one, now, lang)) } }
                }
            }
            @if listed.last > 1 {
                nav.pager aria-label=(Word::Travellers.in_(lang)) {
                    @if listed.n > 1 { a href=(address(wanted, listed.n - 1)) { (Word::PreviousPage.in_(lang)) } }
                    span { (listed.n) " / " (listed.last) }
                    @if listed.n < listed.last { a href=(address(wanted, listed.n + 1)) { (Word::NextPage.in_(lang)) } }
                }
            }
        }
    }
}

/// The same list from another page on.
fn address(wanted: &Wanted, n: usize) -> String {
    format!("/travellers?show={}&camera={}&n={n}", wanted.show(), super::marks::path(&wanted.camera))
}

fn row(one: &v1::TravellerSummary, now: i64, lang: Lang) -> Markup {
    let last = one.last.clone().unwrap_or_default();
    html! {
        tr {
            th.number scope="row" { a href={ "/traveller/" (one.traveller) } data-step { (one.traveller) } }
            td {
                (standing(one, lang)) " " span.quiet { (last.camera) " T" (last.track) }
                " " (badges(one, lang))
            }
            td.number { (moment(one.from_unix_micros)) }
            td.number { @if one.in_sight { "–" } @else { (age(one.until_unix_micros, now, lang)) } }
            td { (one.cameras.join(", ")) }
            td.number { (one.tracks) }
        }
    }
}

/// In sight or not.
#[must_use]
pub fn standing(one: &v1::TravellerSummary, lang: Lang) -> Markup {
    html! {
        @if one.in_sight { span.state data-state="seen" { (Word::InSight.in_(lang)) } }
        @else { span.state data-state="away" { (Word::Away.in_(lang)) } }
    }
}

/// What else must be known at once.
#[must_use]
pub fn badges(one: &v1::TravellerSummary, lang: Lang) -> Markup {
    html! {
        @if one.followed { span.state data-state="followed" { (Word::Followed.in_(lang)) } " " }
        @if one.provisional { span.state data-state="withdrawn" title=(Word::ProvisionalHint.in_(lang)) { (Word::Provisional.in_(lang)) } }
    }
}
