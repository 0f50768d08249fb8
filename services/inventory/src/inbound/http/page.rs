//! Lists come page by page: `limit`, an opaque `cursor`, and a link to the next page.

use axum::Json;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chassis::http::Problem;
use serde::{Deserialize, Serialize};

const DEFAULT_LIMIT: i32 = 50;
const MAX_LIMIT: i32 = 100;

/// Which page of a list is asked for.
#[derive(Debug)]
pub(super) struct Page {
    /// How much it may hold.
    pub(super) limit: i32,
    /// The key after which it begins.
    pub(super) after: Option<String>,
    path: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    limit: Option<String>,
    cursor: Option<String>,
}

/// A list's body, and how to go on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Paged<T> {
    #[serde(flatten)]
    list: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Page {
    /// The page as it is answered; `next` is the key after which the next one begins.
    pub(super) fn answer<T: Serialize>(&self, list: T, next: Option<&str>) -> Response {
        let next_cursor = next.map(|key| BASE64_URL_SAFE_NO_PAD.encode(key));
        let (path, limit) = (&self.path, self.limit);
        let link = next_cursor.as_ref().map(|cursor| format!("<{path}?limit={limit}&cursor={cursor}>; rel=\"next\""));
        let mut response = Json(Paged { list, next_cursor }).into_response();
        if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let parameters = Query::from_request_parts(parts, state).await;
        let Query(Parameters { limit, cursor }) = parameters?;
        let limit = limit.as_deref().map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
        let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
        let limit = limit.ok_or_else(|| Problem::malformed().at("limit", format!("must be from 1 to {MAX_LIMIT}")))?;
        let after = cursor.as_deref().map(decode).transpose()?;
        Ok(Self { limit, after, path: parts.uri.path().to_owned() })
    }
}

/// Any key of a table will do: it only says where to go on.
fn decode(cursor: &str) -> Result<String, Problem> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok();
    let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let key = key.filter(|key| (1..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()));
    key.ok_or_else(|| Problem::malformed().at("cursor", "must be a nextCursor of an earlier answer"))
}
