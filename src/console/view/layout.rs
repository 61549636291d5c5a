//! The frame around every page: heading, navigation, and how the connection stands.

use maud::{DOCTYPE, Markup, html};

use super::marks::moment;
use super::proposals::count;
use crate::console::board::{Board, Standing};
use crate::console::place::Place;
use crate::console::visitor::Visitor;
use crate::console::words::{Lang, Word};

/// A page of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The queue.
    Now,
    /// The floor.
    Plan,
    /// Everybody in sight.
    Travellers,
    /// One of them.
    Traveller,
    /// What was decided.
    Review,
    /// Cameras and connection.
    System,
    /// One camera.
    Camera,
    /// The visitor's settings.
    You,
}

impl Page {
    const ALL: [Self; 8] =
        [Self::Now, Self::Plan, Self::Travellers, Self::Traveller, Self::Review, Self::System, Self::Camera, Self::You];

    /// As the script and `/live` name it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Plan => "plan",
            Self::Travellers => "travellers",
            Self::Traveller => "traveller",
            Self::Review => "review",
            Self::System => "system",
            Self::Camera => "camera",
            Self::You => "you",
        }
    }

    /// The page of this name.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.code() == code)
    }
}

const NAVIGATION: [(Page, &str, Word, &str); 6] = [
    (Page::Now, "/", Word::Now, "1"),
    (Page::Travellers, "/travellers", Word::Travellers, "5"),
    (Page::Plan, "/plan", Word::Plan, "6"),
    (Page::Review, "/review", Word::Review, "2"),
    (Page::System, "/system", Word::System, "3"),
    (Page::You, "/you", Word::You, "4"),
];

/// What a page stands in.
pub struct Frame<'a> {
    /// Who looks.
    pub visitor: &'a Visitor,
    /// Which page.
    pub page: Page,
    /// Its title.
    pub title: &'a str,
    /// The console.
    pub place: &'a Place,
    /// What it knew when the page was made.
    pub board: &'a Board,
    /// The camera or the number of the traveller that the page is about; empty otherwise.
    pub about: &'a str,
}

/// A whole page.
#[must_use]
pub fn page(frame: &Frame<'_>, body: &Markup) -> Markup {
    let Frame { visitor, page, place, board, .. } = frame;
    let lang = visitor.lang;
    html! {
        (DOCTYPE)
        html lang=(visitor.lang.code()) data-theme=(visitor.theme.code()) {
        (head(frame.title, *page))
        body data-page=(page.code()) data-run=(place.run) data-revision=(board.revision) data-about=(frame.about)
            data-keys=(if visitor.keys { "on" } else { "off" }) data-now=(place.clock.unix_micros()) {
            a.skip href="#main" { (Word::SkipToContent.in_(lang)) }
            header {
                a.brand href="/" { "greenlane" }
                nav aria-label=(Word::Views.in_(lang)) {
                    @for (target, path, word, key) in NAVIGATION {
                        a href=(path) data-key=(key) aria-current=[(target == *page).then_some("page")] { (word.in_(lang)) }
                    }
                }
                (count(board, lang))
                (connection(place, board, lang))
                a.operator href="/you" { (if visitor.operator.is_empty() { Word::You.in_(lang) } else { &visitor.operator }) }
            }
            (banner(board, lang))
            p.banner.lost #page-lost role="alert" hidden { (Word::PageLost.in_(lang)) }
            p.banner.lost #page-refused role="alert" hidden { (Word::TooManyPages.in_(lang)) }
            noscript { p.banner { (Word::NoScript.in_(lang)) } }
            main #main tabindex="-1" { (body) }
            footer {
                span { (Word::TimesAre.in_(lang)) " " span data-zone { "UTC" } }
                span { (Word::Centre.in_(lang)) " " code { (place.central) } }
            }
            div.visually-hidden #told role="status" aria-live="polite" {}
        }
        }
    }
}

fn head(title: &str, page: Page) -> Markup {
    let version = env!("CARGO_PKG_VERSION");
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) " · greenlane" }
            link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
            link rel="stylesheet" href={ "/assets/console.css?" (version) };
            script src={ "/assets/console.js?" (version) } defer {}
            @if page == Page::Camera { script src={ "/assets/camera.js?" (version) } defer {} }
        }
    }
}

/// How the connection stands, in the heading.
#[must_use]
pub fn connection(place: &Place, board: &Board, lang: Lang) -> Markup {
    let (class, word) = match board.standing {
        Standing::Connecting(_) => ("waiting", Word::Connecting),
        Standing::CatchingUp => ("waiting", Word::CatchingUp),
        Standing::Live => ("live", Word::LiveState),
        Standing::Lost { .. } => ("lost", Word::LostState),
    };
    html! {
        a.connection #connection href="/system" data-state=(class) title=(place.central) {
            span.mark aria-hidden="true" {} (word.in_(lang))
        }
    }
}

/// What must not be overlooked.
fn banner(board: &Board, lang: Lang) -> Markup {
    html! {
        div #banner role="alert" {
            @match &board.standing {
                Standing::Lost { since, why } => {
                    p.banner.lost {
                        strong { (Word::LostState.in_(lang)) " " (Word::Since.in_(lang)) " " (moment(*since)) ". " }
                        (Word::LostSince.in_(lang)) " " code { (why) }
                    }
                }
                Standing::Connecting(why) => {
                    p.banner.lost { (Word::LostSince.in_(lang)) " " code { (why) } }
                }
                Standing::CatchingUp | Standing::Live => {}
            }
        }
    }
}

/// The parts of the frame that change.
#[must_use]
pub fn parts(place: &Place, board: &Board, lang: Lang) -> [(&'static str, Markup); 3] {
    let (connection, banner) = (connection(place, board, lang), banner(board, lang));
    [("connection", connection), ("banner", banner), ("pending", count(board, lang))]
}

/// A page that says only why there is none.
#[must_use]
pub fn fault(visitor: &Visitor, word: Word) -> Markup {
    let lang = visitor.lang;
    html! {
        (DOCTYPE)
        html lang=(lang.code()) data-theme=(visitor.theme.code()) {
            (head(word.in_(lang), Page::Now))
            body {
                header { a.brand href="/" { "greenlane" } }
                main #main { div.panel.narrow { h1 { (word.in_(lang)) } p { a href="/" { (Word::Now.in_(lang)) } } } }
            }
        }
    }
}
