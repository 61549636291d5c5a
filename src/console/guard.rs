//! What every request must pass, and what every answer carries.
//!
//! * The `Host` must be an address, `localhost` or a name that was set: a foreign site that resolves its own name to this
//!   address (DNS rebinding) is turned away.
//! * What changes something is a POST, and comes from this console's own page: `Sec-Fetch-Site` says so, or, where a browser
//!   does not send it, `Origin` names the `Host`. A request with neither is refused. No cookie travels with a foreign site's
//!   request besides (`SameSite=Strict`).
//! * Answers allow no script, style or connection but the console's own files, no framing, and no keeping.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::view;
use super::visitor::Visitor;
use super::words::Word;

/// Names besides addresses and `localhost` under which the console may be reached.
pub type Names = Arc<[String]>;

const SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src \
                               'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
];

/// Stands before every route.
pub async fn guard(State(names): State<Names>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let mut response = if !is_own_name(headers, &names) || !may_change(request.method(), headers) {
        let visitor = Visitor::of(headers);
        (StatusCode::FORBIDDEN, view::fault(&visitor, Word::ForeignRequest)).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// `host` without its port.
fn name_of(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

fn is_own_name(headers: &HeaderMap, names: &[String]) -> bool {
    let Some(host) = text(headers, header::HOST) else { return false };
    let name = name_of(host);
    name.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || names.iter().any(|own| own.eq_ignore_ascii_case(name))
}

fn may_change(method: &Method, headers: &HeaderMap) -> bool {
    if [Method::GET, Method::HEAD].contains(method) {
        return true;
    }
    if let Some(site) = text(headers, HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let (Some(origin), Some(host)) = (text(headers, header::ORIGIN), text(headers, header::HOST)) else { return false };
    origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn only_own_names_are_answered() {
        let names = ["console.airport.example".to_owned()];
        for (host, own) in [
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("[::1]", true),
            ("10.1.2.3", true),
            ("localhost:8080", true),
            ("Console.Airport.Example", true),
            ("evil.example:8080", false),
            ("127.0.0.1.evil.example", false),
            ("", false),
        ] {
            assert_eq!(is_own_name(&headers(&[("host", host)]), &names), own, "{host}");
        }
        assert!(!is_own_name(&HeaderMap::new(), &names));
    }

    #[test]
    fn only_the_own_page_may_change_something() {
        let host = ("host", "127.0.0.1:8080");
        for (sent, may) in [
            (&[host, ("sec-fetch-site", "same-origin")][..], true),
            (&[host, ("origin", "http://127.0.0.1:8080")], true),
            (&[host], false),
            (&[host, ("sec-fetch-site", "cross-site")], false),
            (&[host, ("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8080")], false),
            (&[host, ("sec-fetch-site", "none")], false),
            (&[host, ("origin", "http://127.0.0.1:8081")], false),
            (&[host, ("origin", "http://evil.example")], false),
            (&[host, ("origin", "null")], false),
        ] {
            assert_eq!(may_change(&Method::POST, &headers(sent)), may, "{sent:?}");
            assert!(may_change(&Method::GET, &headers(sent)));
        }
    }
}
