//! The Plan view: the floor in metres with what cameras see of it, who is where, and where the followed are expected.
//!
//! Two drawings lie over each other: what stands still, and the people, who are drawn anew every second. All who are not
//! followed are dots of one path, so that a thousand of them are a few kilobytes. What is drawn stands in tables beside it.

use maud::{Markup, html};

use super::ground::{Sheet, ground, written};
use super::marks::{age, camera_link};
use super::system::camera_state;
use crate::console::board::Board;
use crate::console::plan::{Followed, OLD_AFTER, Place, named};
use crate::console::words::{Lang, Word};
use crate::wire::v1;

/// Most people in the table; the drawing has all of them.
const LISTED_MAX: usize = 100;
/// Next views below this share are not named.
const LIKELY: f64 = 0.05;
/// Most next views of one traveller.
const NEXT_MAX: usize = 3;

/// The view.
#[must_use]
pub fn plan(board: &Board, now: i64, lang: Lang) -> Markup {
    let sheet = Sheet::of(&board.floor);
    html! {
        h1.visually-hidden { (Word::Plan.in_(lang)) }
        div.plan-split {
            section.panel.plan-panel aria-labelledby="floor-title" {
                h2 #floor-title { (Word::Floor.in_(lang)) }
                div.plan-stage {
                    (ground(board, sheet.as_ref(), lang))
                    (people(board, sheet.as_ref(), now, lang))
                }
                (key(lang))
            }
            div {
                section.panel aria-labelledby="followed-title" {
                    h2 #followed-title { (Word::FollowedOnes.in_(lang)) }
                    (followed(board, now, lang))
                }
                section.panel aria-labelledby="views-title" {
                    h2 #views-title { (Word::Cameras.in_(lang)) }
                    (cameras(board, now, lang))
                }
                section.panel aria-labelledby="blind-title" {
                    h2 #blind-title { (Word::BlindSpots.in_(lang)) }
                    (blind(board, lang))
                }
                section.panel {
                    details {
                        summary { (Word::PeopleOnPlan.in_(lang)) }
                        (listed(board, now, lang))
                    }
                }
            }
        }
    }
}

/// The parts that change.
#[must_use]
pub fn parts(board: &Board, now: i64, lang: Lang) -> [(&'static str, Markup); 6] {
    let sheet = Sheet::of(&board.floor);
    [
        ("plan-ground", ground(board, sheet.as_ref(), lang)),
        ("plan-people", people(board, sheet.as_ref(), now, lang)),
        ("plan-followed", followed(board, now, lang)),
        ("plan-cameras", cameras(board, now, lang)),
        ("plan-blind", blind(board, lang)),
        ("plan-listed", listed(board, now, lang)),
    ]
}

/// Who is where, over the ground.
fn people(board: &Board, sheet: Option<&Sheet>, now: i64, lang: Lang) -> Markup {
    let Some(sheet) = sheet else { return html! { div #plan-people {} } };
    let (mut fresh, mut old) = (String::new(), String::new());
    for (_, place) in board.floor.places(now) {
        let (x, y) = sheet.at((place.x, place.y));
        let dots = if now - place.heard < OLD_AFTER { &mut fresh } else { &mut old };
        dots.push_str(&format!("M{} {}h0", written(x), written(y)));
    }
    html! {
        svg #plan-people viewBox=(sheet.view_box()) aria-hidden="true" focusable="false" {
            path.person-old d=(old) {}
            path.person-old-core d=(old) {}
            path.person d=(fresh) {}
            @for one in &board.floor.followed { (followed_mark(board, sheet, one, now, lang)) }
        }
    }
}

/// A followed traveller: a diamond with the number, and dashed lines to the views where they are expected.
fn followed_mark(board: &Board, sheet: &Sheet, one: &Followed, now: i64, lang: Lang) -> Markup {
    let Some((place, in_sight)) = whereabouts(board, one, now) else { return html! {} };
    let (x, y) = sheet.at((place.x, place.y));
    let r = sheet.text * 0.75;
    let (cx, cy, size) = (written(x), written(y), written(sheet.text));
    html! {
        g.followed data-sight=(if in_sight { "in" } else { "out" }) {
            @if !in_sight {
                @for next in next_views(one) {
                    @if let Some((u, v)) = sheet.middle(&next.camera) {
                        path.expected d={ "M" (cx) " " (cy) "L" (written(u)) " " (written(v)) } {}
                        text.expected-text x=(written(f64::midpoint(x, u))) y=(written(f64::midpoint(y, v))) font-size=(size) text-anchor="middle" {
                            (percent(next.probability)) " · " (countdown(next, one, now, lang))
                        }
                    }
                }
            }
            path.diamond d={ "M" (cx) " " (written(y - r)) "L" (written(x + r)) " " (cy) "L" (cx) " " (written(y + r)) "L" (written(x - r)) " " (cy) "Z" } {}
            text.followed-text x=(written(x + 1.3 * r)) y=(written(y - 0.6 * r)) font-size=(size) {
                (name(one)) @if !in_sight { " · " (ago(now - place.seen, lang)) }
            }
        }
    }
}

/// Where a followed traveller is, or was last, and whether they are in sight.
fn whereabouts(board: &Board, one: &Followed, now: i64) -> Option<(Place, bool)> {
    let traveller = one.traveller.as_ref()?;
    let summary = traveller.summary.as_ref()?;
    let live = summary.last.as_ref().and_then(|track| board.floor.place(&named(track), now));
    if let Some(place) = live {
        return Some((place, summary.in_sight));
    }
    let last = traveller.segments.iter().filter_map(|s| s.path.last()).max_by_key(|p| p.at_unix_micros)?;
    let finite = last.x.is_finite() && last.y.is_finite();
    finite.then_some((
        Place { x: last.x, y: last.y, seen: last.at_unix_micros, heard: last.at_unix_micros },
        summary.in_sight,
    ))
}

/// Views into which they may come next, the likeliest first.
fn next_views(one: &Followed) -> Vec<&v1::NextView> {
    let outlook = one.traveller.as_ref().and_then(|t| t.outlook.as_ref());
    let mut next: Vec<&v1::NextView> =
        outlook.iter().flat_map(|o| &o.next).filter(|n| n.probability >= LIKELY).collect();
    next.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    next.truncate(NEXT_MAX);
    next
}

/// In how many seconds they are expected, from now: the answer's own age is taken off.
fn countdown(next: &v1::NextView, one: &Followed, now: i64, lang: Lang) -> String {
    let passed = (now - one.asked).max(0) as f64 / 1e6;
    let left = |seconds: f64| (seconds - passed).max(0.0).round();
    let (low, high) = (left(next.in_low_s), left(next.in_high_s));
    let unit = lang.pick((" s", "초"));
    if low >= high { format!("{high:.0}{unit}") } else { format!("{low:.0}–{high:.0}{unit}") }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", (share.clamp(0.0, 1.0) * 100.0).round())
}

fn ago(micros: i64, lang: Lang) -> String {
    let seconds = (micros / 1_000_000).max(0);
    lang.pick(("{} s ago", "{}초 전")).replace("{}", &seconds.to_string())
}

fn name(one: &Followed) -> String {
    match one.follow.traveller {
        0 => one.follow.case.clone(),
        id => format!("#{id}"),
    }
}

/// Who is followed, with what is expected.
fn followed(board: &Board, now: i64, lang: Lang) -> Markup {
    html! {
        div #plan-followed {
            @if board.floor.followed.is_empty() { p.quiet { (Word::NobodyFollowed.in_(lang)) } }
            @for one in &board.floor.followed {
                div.plan-follow {
                    h3 { span.follow-mark aria-hidden="true" { "◆ " } (name(one)) " · " (one.follow.case) }
                    p.quiet { (one.follow.purpose) " · " (one.follow.operator) }
                    @match one.traveller.as_ref().and_then(|t| t.summary.as_ref()) {
                        Some(summary) => {
                            p {
                                @if let Some(last) = &summary.last { (camera_link(&last.camera)) ": " }
                                @if summary.in_sight { strong { (Word::InSight.in_(lang)) } }
                                @else { (Word::SeenLast.in_(lang)) " " (age(summary.until_unix_micros, now, lang)) }
                            }
                            (expected(one, now, lang))
                        }
                        None => { p { (Word::NotRemembered.in_(lang)) } }
                    }
                }
            }
        }
    }
}

fn expected(one: &Followed, now: i64, lang: Lang) -> Markup {
    let next = next_views(one);
    let outlook = one.traveller.as_ref().and_then(|t| t.outlook.as_ref());
    html! {
        @if !next.is_empty() {
            table {
                thead { tr {
                    th scope="col" { (Word::NextView.in_(lang)) }
                    th.number scope="col" { (Word::HowLikely.in_(lang)) }
                    th.number scope="col" { (Word::ExpectedIn.in_(lang)) }
                } }
                tbody { @for view in next { tr {
                    td { (camera_link(&view.camera)) @if view.blind != 0 { " " span.camera-state data-state="offline" { (Word::SeesNobody.in_(lang)) } } }
                    td.number { (percent(view.probability)) }
                    td.number { (countdown(view, one, now, lang)) }
                } } }
            }
        }
        @if let Some(outlook) = outlook.filter(|o| o.gone >= LIKELY) {
            p.quiet { (Word::HasLeft.in_(lang)) " " (percent(outlook.gone)) }
        }
    }
}

/// Every camera, also those that have no place on the plan.
fn cameras(board: &Board, now: i64, lang: Lang) -> Markup {
    let floor = &board.floor;
    let mut on_plan: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    floor.places(now).for_each(|((camera, ..), _)| *on_plan.entry(camera).or_default() += 1);
    let mut names: Vec<&String> = board.cameras.keys().chain(floor.layouts.keys()).collect();
    names.sort();
    names.dedup();
    html! {
        div #plan-cameras {
            @if names.is_empty() { p.quiet { (Word::NoCameras.in_(lang)) } }
            @else {
                table {
                    thead { tr {
                        th scope="col" { (Word::Camera.in_(lang)) }
                        th scope="col" { (Word::State.in_(lang)) }
                        th.number scope="col" { (Word::InView.in_(lang)) }
                        th.number scope="col" { (Word::OnPlan.in_(lang)) }
                    } }
                    tbody { @for name in names {
                        @let known = board.cameras.get(name);
                        @let layout = floor.layouts.get(name);
                        tr {
                            td { (camera_link(name)) @if let Some(layout) = layout { span.why { (layout.purpose) } } }
                            td {
                                @if let Some(camera) = known { @let (class, text) = camera_state(camera, lang); span.camera-state data-state=(class) { (text) } }
                                @if layout.is_none_or(|l| l.homography.is_none()) { span.why { (Word::NotCalibrated.in_(lang)) } }
                            }
                            td.number { @if let Some(camera) = known { (camera.in_view) } @else { "–" } }
                            td.number { @if layout.is_some_and(|l| l.homography.is_some()) { (on_plan.get(name.as_str()).copied().unwrap_or(0)) } @else { "–" } }
                        }
                    } }
                }
            }
            @for (name, why) in &floor.refused { p.strange-text { (name) ": " (Word::LayoutRefused.in_(lang)) " " code { (why) } } }
        }
    }
}

/// What no camera sees: the ways between views.
fn blind(board: &Board, lang: Lang) -> Markup {
    let floor = &board.floor;
    html! {
        div #plan-blind {
            @if floor.ways.is_empty() { p.quiet { (Word::NoWays.in_(lang)) } }
            @else {
                ul { @for way in floor.ways.iter().take(LISTED_MAX) {
                    li {
                        (camera_link(&way.from)) " → " (camera_link(&way.to)) ": "
                        @if floor.overlap(&way.from, &way.to) { (Word::ViewsOverlap.in_(lang)) }
                        @else { (lang.pick(("about {} s out of every view", "약 {}초 동안 어느 화면에도 없음")).replace("{}", &format!("{:.0}", way.seconds))) }
                        @if let Some(gap) = super::ground::gap(floor, &way.from, &way.to) { " · " (lang.pick(("{} m unseen", "사각 {} m")).replace("{}", &format!("{gap:.1}"))) }
                    }
                } }
            }
        }
    }
}

/// The table of people.
fn listed(board: &Board, now: i64, lang: Lang) -> Markup {
    let all = board.floor.places(now).count();
    html! {
        div #plan-listed {
            p.quiet { (all) " · " (Word::PlacesHint.in_(lang)) }
            @if all > 0 {
                table {
                    thead { tr {
                        th scope="col" { (Word::Camera.in_(lang)) }
                        th.number scope="col" { (Word::Track.in_(lang)) }
                        th.number scope="col" { "x, m" }
                        th.number scope="col" { "y, m" }
                        th.number scope="col" { (Word::Seen.in_(lang)) }
                    } }
                    tbody { @for ((camera, _, track), place) in board.floor.places(now).take(LISTED_MAX) { tr {
                        td { (camera) }
                        td.number { "T" (track) }
                        td.number { (format!("{:.1}", place.x)) }
                        td.number { (format!("{:.1}", place.y)) }
                        td.number { (age(place.seen, now, lang)) }
                    } } }
                }
                @if all > LISTED_MAX { p.quiet { "+ " (all - LISTED_MAX) } }
            }
        }
    }
}

/// What the marks mean.
fn key(lang: Lang) -> Markup {
    let dot = |class: &str| {
        html! { svg.key-mark viewBox="-10 -10 20 20" aria-hidden="true" focusable="false" {
            path class=(class) d="M0 0h0" {}
            @if class == "person-old" { path.person-old-core d="M0 0h0" {} }
        } }
    };
    html! {
        ul.plan-key {
            li { (dot("person")) (Word::PersonNow.in_(lang)) }
            li { (dot("person-old")) (Word::PersonOld.in_(lang)) }
            li { svg.key-mark viewBox="-10 -10 20 20" aria-hidden="true" focusable="false" { g.followed data-sight="in" { path.diamond d="M0 -8L8 0L0 8L-8 0Z" {} } } (Word::FollowedOnes.in_(lang)) }
            li { svg.key-mark viewBox="-10 -10 20 20" aria-hidden="true" focusable="false" { path.seen d="M-9 -6L9 -9L9 9L-9 6Z" {} } (Word::SeenFloor.in_(lang)) }
            li { svg.key-mark viewBox="-10 -10 20 20" aria-hidden="true" focusable="false" { path.unseen d="M-9 -6L9 -9L9 9L-9 6Z" {} } (Word::UnseenFloor.in_(lang)) }
            li { svg.key-mark viewBox="-10 -10 20 20" aria-hidden="true" focusable="false" { path.way d="M-9 0L9 0" {} } (Word::UnseenWay.in_(lang)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::plan::tests::report;
    use crate::event::Lifecycle;

    fn board() -> Board {
        let mut board = Board::new();
        let west = [
            0.035_129_656,
            0.004_092_632,
            -26.567_435,
            0.039_202_66,
            -0.194_245_362,
            15.136_84,
            0.0,
            -0.013_663_409,
            1.0,
        ];
        let layout = |name: &str, width: u32, homography: &[f64]| v1::CameraLayout {
            camera: name.to_owned(),
            role: 1,
            width,
            height: width / 16 * 9,
            homography: homography.to_vec(),
            ..v1::CameraLayout::default()
        };
        // The third makes no sense.
        let cameras = vec![layout("west", 640, &west), layout("plain", 640, &[]), layout("odd", 9, &west[..8])];
        board.floor.plan(v1::GetPlanResponse { cameras, ..v1::GetPlanResponse::default() });
        board
    }

    /// What a page is sent each second with a thousand people in view.
    #[test]
    fn a_thousand_people_are_a_few_kilobytes() {
        let mut board = board();
        for n in 0..1_000_u32 {
            let place = (4.0 + f64::from(n % 40) * 0.3, 2.0 + f64::from(n / 40) * 0.3);
            board.floor.note(&report(u64::from(n), place, Lifecycle::Update), 0);
        }
        let parts = parts(&board, 1_000_000, Lang::En);
        let of =
            |id: &str| parts.iter().find(|(name, _)| *name == id).map(|(_, html)| html.clone().into_string()).unwrap();
        let people = of("plan-people");
        assert_eq!(people.matches("h0").count(), 1_000);
        assert!(
            people.len() < 20_000 && of("plan-listed").len() < 40_000,
            "{} {}",
            people.len(),
            of("plan-listed").len()
        );
        let listed = of("plan-listed");
        assert!(listed.matches("<tr>").count() == LISTED_MAX + 1 && listed.contains("+ 900"), "{listed}");
    }

    #[test]
    fn cameras_without_a_place_are_listed_and_nonsense_is_named() {
        let board = board();
        let html = plan(&board, 0, Lang::En).into_string();
        assert_eq!(html.matches("class=\"seen\"").count(), 2, "one, and the key: {html}");
        assert!(html.contains("not calibrated: not on the plan") && html.contains("has not nine numbers"), "{html}");
        let empty = plan(&Board::new(), 0, Lang::Ko).into_string();
        assert!(empty.contains("보정된 카메라가 없어"));
    }

    #[test]
    fn a_countdown_goes_on_by_itself_and_ends_at_nothing() {
        let one = Followed { follow: v1::Follow::default(), traveller: None, asked: 0 };
        let next = v1::NextView { in_low_s: 8.0, in_high_s: 20.0, ..v1::NextView::default() };
        for (now, text) in [(0, "8–20 s"), (10_000_000, "0–10 s"), (60_000_000, "0 s")] {
            assert_eq!(countdown(&next, &one, now, Lang::En), text);
        }
    }
}
