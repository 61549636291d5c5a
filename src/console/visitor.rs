//! Who looks: language, colours, shortcuts and name, as this browser keeps them in cookies.

use axum::http::{HeaderMap, header};

use super::words::Lang;

/// Longest name, characters: the contract's bound.
pub const NAME_CHARS_MAX: usize = 64;
/// How long a browser keeps its settings, seconds: a year.
const KEEP_S: u32 = 31_536_000;

/// Colours of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system wants it.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// As in the cookie and in the page.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of this code; the system's for any other.
    #[must_use]
    pub fn of(code: &str) -> Self {
        match code {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }
}

/// Who looks, and how they want to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Language.
    pub lang: Lang,
    /// Colours.
    pub theme: Theme,
    /// Whether single keys do something (WCAG 2.1.4: they can be switched off).
    pub keys: bool,
    /// The name given, not checked; empty: none yet.
    pub operator: String,
}

impl Visitor {
    /// From a request's headers.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let cookie = |name: &str| {
            let all = headers.get_all(header::COOKIE).into_iter().filter_map(|v| v.to_str().ok());
            all.flat_map(|line| line.split(';'))
                .find_map(|pair| pair.trim().split_once('=').filter(|(n, _)| *n == name).map(|(_, v)| v.to_owned()))
        };
        let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let lang = cookie("lang").and_then(|code| Lang::of(&code)).unwrap_or_else(|| accepted(asked));
        Self {
            lang,
            theme: Theme::of(&cookie("theme").unwrap_or_default()),
            keys: cookie("keys").is_none_or(|v| v != "off"),
            operator: cookie("operator").and_then(|v| unescape(&v)).filter(|n| is_name(n)).unwrap_or_default(),
        }
    }

    /// What keeps it in the browser.
    #[must_use]
    pub fn cookies(&self) -> [String; 4] {
        let cookie =
            |name: &str, value: &str| format!("{name}={value}; Path=/; Max-Age={KEEP_S}; HttpOnly; SameSite=Strict");
        [
            cookie("lang", self.lang.code()),
            cookie("theme", self.theme.code()),
            cookie("keys", if self.keys { "on" } else { "off" }),
            cookie("operator", &escape(&self.operator)),
        ]
    }
}

/// Whether the contract takes it as a name.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= NAME_CHARS_MAX && !name.chars().any(char::is_control)
}

/// The first of our languages that the browser asks for.
fn accepted(asked: &str) -> Lang {
    let codes = asked.split(',').map(|part| part.split([';', '-']).next().unwrap_or_default().trim());
    codes.filter_map(Lang::of).next().unwrap_or_default()
}

/// Bytes as pairs of hexadecimal digits: a cookie's value may hold few other characters.
fn escape(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

fn unescape(text: &str) -> Option<String> {
    let pairs = text.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    String::from_utf8(bytes?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookie: &str, language: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        headers.insert(header::ACCEPT_LANGUAGE, language.parse().unwrap());
        headers
    }

    #[test]
    fn what_a_browser_keeps_comes_back() {
        let kim = Visitor { lang: Lang::Ko, theme: Theme::Dark, keys: false, operator: "김 <b>;=\"".to_owned() };
        let cookie: Vec<String> =
            kim.cookies().iter().map(|c| c.split(';').next().unwrap_or_default().to_owned()).collect();
        assert_eq!(Visitor::of(&headers(&cookie.join("; "), "en")), kim);
    }

    #[test]
    fn what_makes_no_sense_is_as_if_it_were_not_there() {
        for (cookie, language, lang) in [
            ("", "ko-KR,ko;q=0.9,en;q=0.8", Lang::Ko),
            ("", "de,en;q=0.5", Lang::En),
            ("lang=xx; theme=; operator=zz; keys", "de", Lang::En),
            ("lang=ko;operator=0a41", "en", Lang::Ko),
        ] {
            let visitor = Visitor::of(&headers(cookie, language));
            let expected = Visitor { lang, theme: Theme::Auto, keys: true, operator: String::new() };
            assert_eq!(visitor, expected, "{cookie}");
        }
    }
}
