//! RFC 9457 problem details.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use serde::Serialize;

use crate::store::StoreError;
use crate::verdict::{Classify, Verdict, chain};

/// Base of the URIs that name the kinds of problems.
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
        pub fn $name() -> Self {
            Self::of(StatusCode::$status, $kind, $title)
        }
    )*};
}

impl Problem {
    kinds! {
        /// 400: the request cannot be read.
        malformed = BAD_REQUEST, "malformed", "Malformed request";
        /// 401: the request has no valid token.
        unauthenticated = UNAUTHORIZED, "unauthenticated", "Missing or invalid token";
        /// 403: the caller's groups do not allow it.
        forbidden = FORBIDDEN, "forbidden", "Permission denied";
        /// 404: it does not exist, or the caller may not know that it does.
        not_found = NOT_FOUND, "not-found", "Not found";
        /// 405: the path exists but not for this method.
        method_not_allowed = METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed";
        /// 409: the current state does not allow it.
        conflict = CONFLICT, "conflict", "State conflict";
        /// 412: it was changed since the version that the request names.
        precondition_failed = PRECONDITION_FAILED, "precondition-failed", "Version mismatch";
        /// 413: the body is too large.
        too_large = PAYLOAD_TOO_LARGE, "too-large", "Request body too large";
        /// 415: the body is not JSON.
        unsupported_media_type = UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type";
        /// 422: the request can be read but breaks a rule.
        invalid = UNPROCESSABLE_ENTITY, "invalid", "Invalid request";
        /// 422: the idempotency key was used with another request.
        idempotency_key_reused = UNPROCESSABLE_ENTITY, "idempotency-key-reused", "Idempotency key reused";
        /// 429: the caller has asked for as much as is allowed for now.
        too_many = TOO_MANY_REQUESTS, "too-many", "Too many requests";
        /// 503: a dependency does not answer; the client may send the same request again.
        unavailable = SERVICE_UNAVAILABLE, "unavailable", "Service unavailable";
        /// 500: a defect on our side.
        internal = INTERNAL_SERVER_ERROR, "internal", "Internal error";
    }

    fn of(status: StatusCode, kind: &str, title: &'static str) -> Self {
        let r#type = format!("{TYPE_BASE}{kind}");
        Self { r#type, title, status: status.as_u16(), detail: None, correlation_id: None, errors: Vec::new() }
    }

    /// Adds a sentence about this occurrence.
    #[must_use]
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds a field and the rule that it breaks.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError { pointer: pointer.into(), detail: detail.into() });
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The fields and the rules that they break.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }
}

/// A table failed, not the caller: 503 if the same request may succeed later, else 500.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(error_class = error.class(), error = chain(&error), "the request could not be answered");
        match error.verdict() {
            Verdict::Retry | Verdict::RetryIn(_) | Verdict::Suspect => Self::unavailable(),
            Verdict::RetryFor(_) | Verdict::Park => Self::internal(),
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
