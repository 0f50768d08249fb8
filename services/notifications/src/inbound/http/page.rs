//! The pages behind the link of a confirmation mail: without script, style, cookie or anything from elsewhere.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::domain::confirmation::Token;

/// A form that goes to this API is all that a page may contain.
const POLICY: &str = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Asks to press the button. A token needs no escaping: its form allows no character that would.
pub(super) fn ask(token: &Token) -> Response {
    let token = token.reveal();
    let form = format!(
        r#"<p>Mail about your orders will come to the address at which you got this link.</p>
<form method="post" action="confirmation"><input type="hidden" name="token" value="{token}"><button>Confirm</button></form>"#
    );
    page(StatusCode::OK, "Confirm your e-mail address", &form)
}

/// The address is confirmed now.
pub(super) fn confirmed() -> Response {
    page(StatusCode::OK, "Your e-mail address is confirmed", "<p>You can close this page.</p>")
}

/// The link is unknown, used, replaced or too old: which of them is not said.
pub(super) fn not_valid() -> Response {
    let what_to_do = "<p>It works once, for a day, and only the latest one does. You can ask for another.</p>";
    page(StatusCode::NOT_FOUND, "This link is not valid", what_to_do)
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"#
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, html).into_response()
}
