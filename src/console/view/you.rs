//! The visitor's own settings and the list of keys.

use maud::{Markup, html};

use crate::console::visitor::{NAME_CHARS_MAX, Theme, Visitor};
use crate::console::words::{Lang, Word};

/// The view; `saved` right after a change.
#[must_use]
pub fn you(visitor: &Visitor, saved: bool) -> Markup {
    let lang = visitor.lang;
    html! {
        div.columns {
            section.panel aria-labelledby="you-title" {
                h1 #you-title { (Word::You.in_(lang)) }
                @if saved { p.saved role="status" { (Word::Saved.in_(lang)) } }
                form.settings method="post" action="/you" {
                    label for="operator" { (Word::Name.in_(lang)) }
                    input #operator name="operator" value=(visitor.operator) maxlength=(NAME_CHARS_MAX) autocomplete="username" aria-describedby="name-hint";
                    p.quiet #name-hint { (Word::WhoAreYou.in_(lang)) " " (Word::NotVerified.in_(lang)) }
                    (choice("lang", Word::Language, lang, &[
                        ("en", "English", visitor.lang == Lang::En),
                        ("ko", "한국어", visitor.lang == Lang::Ko),
                    ]))
                    (choice("theme", Word::Theme, lang, &[
                        ("auto", Word::ThemeAuto.in_(lang), visitor.theme == Theme::Auto),
                        ("light", Word::ThemeLight.in_(lang), visitor.theme == Theme::Light),
                        ("dark", Word::ThemeDark.in_(lang), visitor.theme == Theme::Dark),
                    ]))
                    (choice("keys", Word::Keys, lang, &[
                        ("on", Word::On.in_(lang), visitor.keys),
                        ("off", Word::Off.in_(lang), !visitor.keys),
                    ]))
                    p.quiet { (Word::YouHint.in_(lang)) }
                    button.main { (Word::Save.in_(lang)) }
                }
            }
            section.panel aria-labelledby="keys-title" {
                h2 #keys-title { (Word::Keys.in_(lang)) }
                (keys(lang))
            }
        }
    }
}

fn choice(name: &str, word: Word, lang: Lang, choices: &[(&str, &str, bool)]) -> Markup {
    html! {
        fieldset.switch {
            legend { (word.in_(lang)) }
            @for (value, text, chosen) in choices {
                label lang=[(name == "lang").then_some(*value)] {
                    input type="radio" name=(name) value=(value) checked[*chosen];
                    span { (text) }
                }
            }
        }
    }
}

fn keys(lang: Lang) -> Markup {
    let list: [(&[&str], Word); 10] = [
        (&["j", "k"], Word::KeyNext),
        (&["Enter"], Word::KeyOpen),
        (&["a", "s", "d", "n"], Word::KeyAct),
        (&["e"], Word::KeyEvidence),
        (&["t"], Word::KeyTraveller),
        (&["f", "x", "m"], Word::KeyFollow),
        (&["c", "r"], Word::KeyConfirm),
        (&["Esc"], Word::KeyClose),
        (&["1", "2", "3", "4", "5", "6"], Word::KeyView),
        (&["l"], Word::Preview),
    ];
    html! {
        dl.keys {
            @for (keys, word) in list {
                div { dt { @for key in keys { kbd { (key) } " " } } dd { (word.in_(lang)) } }
            }
        }
    }
}
