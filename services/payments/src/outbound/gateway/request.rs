//! Requests to the gateway: what is asked is a form, in the body or in the query.

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::request::Builder;
use http::{Error, HeaderValue};

/// The version of the gateway's API that the answers are read as: the first with `advice_code`. Since 2024-06-20 nothing else
/// has changed of the objects that are read. Source: docs.stripe.com/changelog/acacia.
const API_VERSION: &str = "2025-01-27.acacia";
const FORM: &str = "application/x-www-form-urlencoded";

/// A request without the key.
pub(super) struct Request {
    head: Builder,
    form: String,
}

/// Asks for what `url` shows of `query`.
pub(super) fn get(url: &str, query: &[(&str, &str)]) -> Request {
    let url = if query.is_empty() { url.to_owned() } else { format!("{url}?{}", encoded(query)) };
    Request { head: http::Request::get(url), form: String::new() }
}

/// Hands `form` to `url`.
pub(super) fn post(url: &str, form: &[(&str, &str)]) -> Request {
    Request { head: http::Request::post(url).header("content-type", FORM), form: encoded(form) }
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

impl Request {
    /// The same, of which the gateway does at most one under `key`.
    pub(super) fn once(self, key: Option<String>) -> Self {
        match key {
            Some(key) => Self { head: self.head.header("idempotency-key", key), ..self },
            None => self,
        }
    }

    /// The request as it is sent.
    ///
    /// # Errors
    /// An address, or a key, with characters that HTTP forbids.
    pub(super) fn signed(self, key: &str) -> Result<http::Request<Bytes>, Error> {
        let mut authorization = HeaderValue::try_from(format!("Bearer {key}"))?;
        authorization.set_sensitive(true);
        let head = self.head.header("authorization", authorization).header("stripe-version", API_VERSION);
        head.body(self.form.into())
    }
}
