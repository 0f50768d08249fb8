//! The header by which a client marks two requests as one.
//!
//! Source: draft-ietf-httpapi-idempotency-key-header.

use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::Problem;

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const REPLAYED: &str = "idempotent-replayed";
const MAX_LENGTH: usize = 255;

/// The request's Idempotency-Key: 1 to 255 visible ASCII characters.
///
/// # Errors
/// 400, when it is absent or not that.
pub fn idempotency_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let refused = |rule: &str| Problem::malformed().at("Idempotency-Key", rule);
    let value = headers.get(IDEMPOTENCY_KEY).ok_or_else(|| refused("is required"))?;
    let fits = |text: &&str| (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    value.to_str().ok().filter(fits).ok_or_else(|| refused("must be 1 to 255 visible ASCII characters"))
}

/// The answer to a request that was answered before, marked as such.
pub fn replayed(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    tracing::info!("request repeated");
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Option<&str>) -> Result<String, u16> {
        let headers: HeaderMap =
            value.map(|v| (IDEMPOTENCY_KEY.parse().unwrap(), v.parse().unwrap())).into_iter().collect();
        idempotency_key(&headers).map(ToOwned::to_owned).map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn a_key_is_visible_ascii_of_bounded_length() {
        assert_eq!(read(Some("order-7")), Ok("order-7".to_owned()));
        assert_eq!(read(None), Err(400));
        for bad in ["", "two words", "k\u{e9}y", &"x".repeat(256)] {
            assert_eq!(read(Some(bad)), Err(400), "{bad}");
        }
    }
}
