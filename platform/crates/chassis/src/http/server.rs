//! What every API does around its routes: correlation, one log line a request, problems for what no route takes.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use tracing::Instrument;

use super::Problem;
use crate::cause::{self, Cause};
use crate::{clock, config};

/// The header by which a client names its correlation id, and by which every answer repeats it.
pub const CORRELATION_HEADER: &str = "x-correlation-id";

/// Serves the routes as a Lambda function until the process ends.
///
/// # Errors
/// The failure of Lambda's runtime.
pub async fn serve(routes: Router) -> Result<(), lambda_runtime::Error> {
    lambda_http::run(router(routes)).await
}

/// The routes with what every API does around them; handlers find their [`Cause`] as an `Extension`.
pub fn router(routes: Router) -> Router {
    let unknown = || async { Problem::not_found().because("no such path") };
    let unfit = || async { Problem::method_not_allowed() };
    routes.fallback(unknown).method_not_allowed_fallback(unfit).layer(middleware::from_fn(around))
}

async fn around(mut request: Request, next: Next) -> Response {
    let cause = cause_of(&request);
    let span = cause.span();
    request.extensions_mut().insert(cause.clone());
    async {
        let (method, path, started) = (request.method().clone(), request.uri().path().to_owned(), Instant::now());
        // A panic is a defect, but the process and the requests after it need not suffer from it.
        let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let response = answered.unwrap_or_else(|_| {
            tracing::error!("the handler panicked");
            Problem::internal().into_response()
        });
        let response = with_correlation(response, &cause.correlation_id);
        let (status, duration_ms) = (response.status().as_u16(), started.elapsed().as_millis());
        let duration_ms = u64::try_from(duration_ms).unwrap_or(u64::MAX);
        tracing::info!(method = method.as_str(), path, status, duration_ms, "request answered");
        response
    }
    .instrument(span)
    .await
}

fn cause_of(request: &Request) -> Cause {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let correlation_id = header(CORRELATION_HEADER).and_then(cause::accepted_correlation_id).map(ToOwned::to_owned);
    let trace = header("traceparent").or_else(|| header("x-amzn-trace-id")).and_then(cause::traceparent);
    Cause {
        correlation_id: correlation_id.unwrap_or_else(|| clock::new_id("cor_")),
        causation_id: clock::new_id("cmd_"),
        traceparent: trace.or_else(|| config::optional("_X_AMZN_TRACE_ID").as_deref().and_then(cause::traceparent)),
        at: clock::now(),
    }
}

fn with_correlation(mut response: Response, correlation_id: &str) -> Response {
    if let Some(mut problem) = response.extensions_mut().remove::<Problem>() {
        problem.correlation_id = Some(correlation_id.to_owned());
        let headers = std::mem::take(response.headers_mut());
        response = problem.into_response();
        for (name, value) in &headers {
            if name != axum::http::header::CONTENT_LENGTH {
                response.headers_mut().insert(name, value.clone());
            }
        }
    }
    if let Ok(value) = HeaderValue::from_str(correlation_id) {
        response.headers_mut().insert(HeaderName::from_static(CORRELATION_HEADER), value);
    }
    response
}
