//! A second person in the console: two operators in two browsers, over the real binary and a real centre.

use std::time::Duration;

use greenlane::central::Decision;
use greenlane::event::{Behaviour, Lifecycle};

use crate::console_browser::{look_at_all, sign};
use crate::proposals::{Desk, site_with};
use crate::support::browser::{Browser, Tab};
use crate::support::console::{ConsoleProcess, behaviour};
use crate::support::site::{Edge, TestSite, until};
use crate::travellers::story;

const HOUR: Duration = Duration::from_secs(3_600);

/// A site of three travellers and one alert, its console, and who is in sight.
fn told(within: Duration) -> (TestSite, Edge, ConsoleProcess, Desk, u64) {
    let site = site_with(&[Decision::Follow, Decision::Dismiss], within);
    let edge = site.edge("edge");
    edge.send(&story(), 50);
    edge.send(&[behaviour("gate", 9_000, 77, Behaviour::Loitering, Lifecycle::New)], 1);
    let console = ConsoleProcess::start(&site.url());
    let mut desk = Desk::at(&site.url());
    until("three are known", || desk.everybody().len() == 3);
    let whom = desk.everybody()[0];
    console.says("/system", "data-state=\"live\"");
    console.says("/", "class=\"row\"");
    (site, edge, console, desk, whom)
}

fn says(tab: &mut Tab, words: &str) {
    tab.until(&format!("document.querySelector('.saved')?.innerText.includes('{words}')"));
}

#[test]
fn one_asks_and_another_confirms_by_keys_and_both_see_it_at_once() {
    let (Some(one), Some(two)) = (Browser::start(), Browser::start()) else { return };
    let (mut site, edge, console, mut desk, whom) = told(HOUR);
    let (mut kim, mut lee) = (one.open(&console.url), two.open(&console.url));
    sign(&mut kim, &console, "kim");
    sign(&mut lee, &console, "lee");
    kim.go(&format!("{}/traveller/{whom}", console.url));
    assert!(kim.text("main").contains("when another operator confirms it"));
    kim.key("f");
    for field in ["C-204", "left a bag"] {
        kim.write(field);
        kim.key("Tab");
    }
    kim.key("Enter");
    says(&mut kim, "Asked for");
    // Who asked may take it back, and nothing else.
    kim.until("document.querySelector('#proposals').innerText.includes('You asked for this')");
    assert_eq!(kim.eval("document.querySelector('[data-key=c]')"), serde_json::Value::Null);
    assert!(desk.follows().is_empty() && !kim.text("#head").contains("followed"));

    // Lee sees on the Now view who asks for what, and for how long it waits.
    lee.until("document.querySelector('#pending').innerText.includes('1 to confirm')");
    lee.until("document.querySelectorAll('#proposals li').length === 1");
    let shown = lee.text("#proposals");
    for words in ["left a bag", "C-204", "kim", "Traveller", "lapses in"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    // What is being written stays when something else is asked for meanwhile.
    lee.key("r");
    lee.write("half a rea");
    desk.follow("park", whom, "C-9").unwrap();
    lee.until("document.querySelectorAll('#proposals li').length === 2");
    lee.write("son");
    assert_eq!(lee.eval("document.activeElement.value"), "half a reason");
    lee.key("Escape");
    // It waits over a restart of the centre.
    site.restart();
    lee.until("document.querySelector('#connection').dataset.state === 'live'");
    lee.until("document.querySelectorAll('#proposals li').length === 2");
    lee.key("c");
    says(&mut lee, "Confirmed and done");
    kim.until("document.querySelector('#follows').innerText.includes('confirmed by lee')");
    kim.until("document.querySelector('#head').innerText.includes('followed')");
    lee.until("document.querySelectorAll('#proposals li').length === 1");

    // The other one is declined with a reason, by Enter in its field.
    lee.key("r");
    lee.write("nobody of ours");
    lee.key("Enter");
    says(&mut lee, "Declined");
    lee.until(
        "document.querySelector('#proposals').innerText === '' && document.querySelector('#pending').innerText === ''",
    );

    // An alert is dismissed by two.
    lee.key("j");
    lee.key("Enter");
    lee.until("document.querySelector('#detail').dataset.alert !== undefined");
    lee.key("d");
    lee.write("family waits");
    lee.key("Enter");
    says(&mut lee, "Asked for");
    assert_eq!(lee.text("#facts .state"), "Open");
    kim.key("1");
    kim.until("document.querySelector('#proposals').innerText.includes('family waits')");
    kim.key("c");
    says(&mut kim, "Confirmed and done");
    lee.until("document.querySelector('#facts .state').dataset.state === 'dismissed'");
    lee.until("document.querySelector('#history').innerText.includes('confirmed by kim')");
    lee.key("2");
    lee.until("document.querySelectorAll('#decided tbody tr').length === 3");
    let decided = lee.text("#decided");
    for words in ["Confirmed: lee", "Declined: lee", "nobody of ours", "Confirmed: kim"] {
        assert!(decided.contains(words), "{words}: {decided}");
    }
    edge.finish();
}

#[test]
fn every_refusal_is_said_and_what_lapses_goes_from_the_page() {
    let (_site, edge, console, mut desk, whom) = told(Duration::from_secs(5));
    let kim = [("Sec-Fetch-Site", "same-origin"), ("Cookie", "operator=6b696d")];
    let number = desk.follow("kim", whom, "C-1").unwrap().proposal;
    console.says("/", "<strong>kim</strong>");
    let decide = |form: &[(&str, &str)]| console.post(&format!("/proposal/{number}"), form, &kim);
    for (form, words) in [
        (&[("decision", "confirm")][..], "somebody else has to confirm"),
        (&[("decision", "confirm"), ("traveller", &whom.to_string())], "somebody else has to confirm"),
        (&[("decision", "enchant")], "There is no such page"),
    ] {
        let answer = decide(form);
        assert!(answer.status == 409 && answer.body.contains(words), "{form:?}: {}", answer.body);
    }
    let nobody = console.post(&format!("/proposal/{number}"), &[("decision", "confirm")], &kim[..1]);
    assert!(nobody.status == 409 && nobody.body.contains("Your name is written down"), "{}", nobody.body);
    until("it lapses", || !console.get("/").body.contains("proposals-title"));
    assert!(decide(&[("decision", "decline")]).body.contains("lapsed"));
    let review = console.get("/review").body;
    assert!(review.contains("Lapsed") && review.contains("nobody confirmed in time"), "{review}");
    edge.finish();
}

#[test]
fn what_waits_fits_its_window_in_both_languages_and_colours() {
    let Some(browser) = Browser::start() else { return };
    let (_site, edge, console, mut desk, whom) = told(HOUR);
    let others: Vec<u64> = desk.everybody().into_iter().filter(|id| *id != whom).collect();
    desk.follow("lee", whom, "C-204").unwrap();
    desk.follow("kim", others[0], "C-205").unwrap();
    let declined = desk.follow("lee", others[1], "C-206").unwrap().proposal;
    desk.confirm(declined, "park").unwrap();
    let mut tab = browser.open(&console.url);
    sign(&mut tab, &console, "kim");
    tab.until("document.querySelectorAll('#proposals li').length === 2");
    let views = [
        ("proposals", "/".to_owned()),
        ("proposed-follow", format!("/traveller/{whom}")),
        ("decided-by-two", "/review".to_owned()),
    ];
    look_at_all(&mut tab, &console, &views);
    edge.finish();
}
