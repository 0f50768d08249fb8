//! RFC 9457 problem details.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::store::StoreError;
use crate::verdict::{Classify, Verdict, chain};

/// Where the kinds of problems are described.
const TYPE_BASE: &str = "https://docs.oms.example/problems/";

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body, or the name of a header or parameter.
    pub pointer: String,
    /// The rule that the field breaks.
    pub detail: String,
}

/// An answer that says what is wrong: `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    r#type: String,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) correlation_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:ident, $kind:literal, $title:literal;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name() -> Self {
            Self::of(StatusCode::$status, $kind, $title)
        }
    )*};
}

impl Problem {
    kinds! {
        /// 400: the request cannot be read.
        malformed = BAD_REQUEST, "malformed", "The request cannot be read";
        /// 401: nobody is known to ask.
        unauthenticated = UNAUTHORIZED, "unauthenticated", "A valid token is needed";
        /// 403: the caller's groups do not allow it.
        forbidden = FORBIDDEN, "forbidden", "The caller may not do this";
        /// 404: there is no such thing, or it is not the caller's.
        not_found = NOT_FOUND, "not-found", "There is no such thing";
        /// 405: the path exists but not for this method.
        method_not_allowed = METHOD_NOT_ALLOWED, "method-not-allowed", "The method does not fit the path";
        /// 409: the thing's state does not allow it.
        conflict = CONFLICT, "conflict", "The state does not allow this";
        /// 412: the thing is not in the state that the caller has seen.
        precondition_failed = PRECONDITION_FAILED, "precondition-failed", "The thing has changed";
        /// 413: the body is too large.
        too_large = PAYLOAD_TOO_LARGE, "too-large", "The body is too large";
        /// 415: the body is not JSON.
        unsupported_media_type = UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body must be application/json";
        /// 422: the request can be read but breaks a rule.
        invalid = UNPROCESSABLE_ENTITY, "invalid", "The request breaks a rule";
        /// 422: the key was used for another request.
        idempotency_key_reused = UNPROCESSABLE_ENTITY, "idempotency-key-reused", "The Idempotency-Key was used for another request";
        /// 503: a dependency does not answer; the same request may be sent again.
        unavailable = SERVICE_UNAVAILABLE, "unavailable", "The service cannot answer now";
        /// 500: a defect on our side.
        internal = INTERNAL_SERVER_ERROR, "internal", "The service failed";
    }

    fn of(status: StatusCode, kind: &str, title: &'static str) -> Self {
        let r#type = format!("{TYPE_BASE}{kind}");
        Self { r#type, title, status: status.as_u16(), detail: None, correlation_id: None, errors: Vec::new() }
    }

    /// With a sentence about this occurrence.
    #[must_use]
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With one more field and the rule that it breaks.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The fields and the rules that they break.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }
}

/// A table that fails is no fault of the caller: 503 if asking again may help, else 500.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(error_class = error.class(), error = chain(&error), "the request could not be answered");
        match error.verdict() {
            Verdict::Retry | Verdict::RetryIn(_) => Self::unavailable(),
            Verdict::Park => Self::internal(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        // The middleware adds the correlation id, which only it knows.
        response.extensions_mut().insert(self);
        response
    }
}
