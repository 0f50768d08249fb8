//! Lists come page by page: `limit`, an opaque `cursor`, and a link to the next page.

use axum::extract::{FromRequestParts, Query, rejection::QueryRejection};
use axum::http::{HeaderValue, Uri, header, request::Parts};
use axum::response::{IntoResponse, Json, Response};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::Problem;

const DEFAULT_LIMIT: i32 = 20;
const MAX_LIMIT: i32 = 100;
/// The longest key that a cursor may hold, in bytes.
const MAX_KEY: usize = 128;

/// A list that has no parameters but the page's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

/// Which page of a list a request asks for, and which items: `F` reads the request's other parameters and refuses those
/// that it does not know (`deny_unknown_fields`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<F = NoFilter> {
    /// How many items it may hold: 1 to 100, 20 if the request names none.
    pub limit: i32,
    /// The key after which it begins; none for the first page.
    pub after: Option<String>,
    /// The request's other parameters.
    pub filter: F,
    /// The request's path and its other parameters as they were sent.
    path: String,
    others: String,
    is_named: bool,
}

#[derive(Debug, Deserialize)]
struct Parameters {
    limit: Option<String>,
    cursor: Option<String>,
}

/// A list's body, and how to go on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<T> {
    #[serde(flatten)]
    list: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<F> Page<F> {
    /// Whether the request names a limit or a cursor.
    pub fn is_named(&self) -> bool {
        self.is_named
    }

    /// The page as it is answered: `list` is an object with the items, `next` the key after which the next page begins.
    pub fn answer<T: Serialize>(&self, list: T, next: Option<&str>) -> Response {
        let next_cursor = next.map(|key| BASE64_URL_SAFE_NO_PAD.encode(key));
        let Self { path, others, limit, .. } = self;
        let and = if others.is_empty() { "" } else { "&" };
        // RFC 8288; the next page has the same parameters but the cursor.
        let link = |cursor| format!("<{path}?{others}{and}limit={limit}&cursor={cursor}>; rel=\"next\"");
        let link = next_cursor.as_ref().and_then(|cursor| HeaderValue::try_from(link(cursor)).ok());
        let mut response = Json(Body { list, next_cursor }).into_response();
        if let Some(link) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl<S: Send + Sync, F: DeserializeOwned> FromRequestParts<S> for Page<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let is_own = |pair: &&str| matches!(pair.split('=').next(), Some("limit" | "cursor"));
        let (own, others): (Vec<&str>, Vec<&str>) = query.split('&').filter(|pair| !pair.is_empty()).partition(is_own);
        let Parameters { limit, cursor } = read(&own)?;
        let is_named = limit.is_some() || cursor.is_some();
        let limit = limit.as_deref().map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
        let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
        let limit = limit.ok_or_else(|| Problem::malformed().at("limit", format!("must be from 1 to {MAX_LIMIT}")))?;
        let after = cursor.as_deref().map(key).transpose()?;
        let filter = read(&others)?;
        Ok(Self { limit, after, filter, path: parts.uri.path().to_owned(), others: others.join("&"), is_named })
    }
}

fn read<T: DeserializeOwned>(pairs: &[&str]) -> Result<T, Problem> {
    let uri = Uri::try_from(format!("/?{}", pairs.join("&"))).map_err(|_| Problem::malformed())?;
    let Query(parameters) = Query::try_from_uri(&uri)?;
    Ok(parameters)
}

/// Any key of a table is fine: it only marks where to go on.
fn key(cursor: &str) -> Result<String, Problem> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok();
    let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let key = key.filter(|key| (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()));
    key.ok_or_else(|| Problem::malformed().at("cursor", "must be a nextCursor of an earlier answer"))
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::malformed().because(rejection.body_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Filter {
        customer_id: Option<String>,
        status: Option<String>,
    }

    async fn page<F: DeserializeOwned>(uri: &str) -> Result<Page<F>, Problem> {
        let (mut parts, ()) = Request::get(uri).body(()).unwrap().into_parts();
        Page::from_request_parts(&mut parts, &()).await
    }

    fn header_of(response: &Response, name: header::HeaderName) -> Option<&str> {
        response.headers().get(name).map(|value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn a_request_that_names_no_page_gets_the_first_twenty() {
        let first = page::<NoFilter>("/v1/stock").await.unwrap();
        assert_eq!((first.limit, &first.after, first.is_named()), (20, &None, false));
        let last = first.answer(serde_json::json!({ "stock": [] }), None);
        assert_eq!((header_of(&last, header::LINK), header_of(&last, header::CACHE_CONTROL)), (None, Some("no-store")));
    }

    #[tokio::test]
    async fn the_next_page_begins_where_this_one_ends_and_asks_for_the_same() {
        let asked = page::<Filter>("/v1/orders?limit=2&status=PENDING&customerId=a%2Bb").await.unwrap();
        let wanted = Filter { customer_id: Some("a+b".into()), status: Some("PENDING".into()) };
        assert_eq!((&asked.filter, asked.limit), (&wanted, 2));
        let answer = asked.answer(serde_json::json!({ "orders": [] }), Some("2026-11-22T10:15:00Z#ord_1"));
        let link = header_of(&answer, header::LINK).unwrap();
        let next = link.trim_start_matches('<').trim_end_matches(">; rel=\"next\"");
        assert!(next.starts_with("/v1/orders?status=PENDING&customerId=a%2Bb&limit=2&cursor="), "{link}");
        let next = page::<Filter>(next).await.unwrap();
        assert_eq!((next.after.as_deref(), next.filter), (Some("2026-11-22T10:15:00Z#ord_1"), wanted));
    }

    #[tokio::test]
    async fn what_a_page_cannot_be_is_refused_by_name() {
        for (query, pointer) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=x", "limit"),
            ("cursor=!", "cursor"),
            ("cursor=", "cursor"),
        ] {
            let problem = page::<NoFilter>(&format!("/v1/stock?{query}")).await.unwrap_err();
            assert_eq!((problem.status().as_u16(), problem.errors()[0].pointer.as_str()), (400, pointer), "{query}");
        }
        for unknown in ["/v1/stock?colour=red", "/v1/stock?limit=1&limit=2"] {
            assert_eq!(page::<NoFilter>(unknown).await.unwrap_err().status().as_u16(), 400, "{unknown}");
        }
    }
}
