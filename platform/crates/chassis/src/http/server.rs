//! What every API does around its routes: correlation, a log line for each that was refused, problems where no route matches.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, extract::Request};
use futures::FutureExt;
use lambda_runtime::Context;
use tokio::time::timeout;
use tracing::Instrument;

use super::Problem;
use crate::cause::{self, Cause};
use crate::clock::{self, time_left};
use crate::config;

/// The header by which a client names its request, and by which every answer repeats that name, or gives one.
const CORRELATION_HEADER: &str = "x-correlation-id";

/// Serves the routes as a Lambda function until the process ends; handlers find their [`Cause`] as an `Extension`.
///
/// # Errors
/// The failure of Lambda's runtime.
pub async fn serve(routes: Router) -> Result<(), lambda_runtime::Error> {
    let unknown = || async { Problem::not_found().because("no such path") };
    let unfit = || async { Problem::method_not_allowed() };
    let routes = routes.fallback(unknown).method_not_allowed_fallback(unfit);
    lambda_http::run(routes.layer(middleware::from_fn(around))).await
}

async fn around(mut request: Request, next: Next) -> Response {
    let cause = cause_of(&request);
    let span = cause.span();
    request.extensions_mut().insert(cause.clone());
    async {
        let (method, path, started) = (request.method().clone(), request.uri().path().to_owned(), Instant::now());
        let left = request.extensions().get::<Context>().map_or(Duration::MAX, |context| time_left(context.deadline));
        // A panic is a defect of this request alone: the process answers the next one.
        let answered = timeout(left, AssertUnwindSafe(next.run(request)).catch_unwind()).await;
        let response = match answered {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => {
                tracing::error!("the handler panicked");
                Problem::internal().into_response()
            }
            Err(_) => {
                tracing::error!(error_class = "deadline", "the invocation's time ran out");
                Problem::unavailable().into_response()
            }
        };
        let name = cause.client_correlation_id.as_ref().unwrap_or(&cause.correlation_id);
        log(method.as_str(), &path, response.status(), name, started.elapsed());
        with_correlation(response, name)
    }
    .instrument(span)
    .await
}

/// What a request has changed is logged by its handler, and every request by the gateway before it: this line is for what
/// was refused, or failed. It has the name that the answer has: by then the other lines may have a saga's.
fn log(method: &str, path: &str, status: StatusCode, name: &str, took: Duration) {
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let code = status.as_u16();
    if status.is_server_error() {
        tracing::warn!(method, path, status = code, client_correlation_id = name, duration_ms, "request answered");
    } else if status.is_client_error() {
        tracing::info!(method, path, status = code, client_correlation_id = name, duration_ms, "request answered");
    } else {
        tracing::debug!(method, path, status = code, duration_ms, "request answered");
    }
}

fn cause_of(request: &Request) -> Cause {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let client_correlation_id =
        header(CORRELATION_HEADER).and_then(cause::accepted_correlation_id).map(ToOwned::to_owned);
    let trace = header("traceparent").or_else(|| header("x-amzn-trace-id")).and_then(cause::traceparent);
    let trace = trace.or_else(|| cause::traceparent(&config::optional("_X_AMZN_TRACE_ID")?));
    Cause {
        correlation_id: clock::new_id("cor_"),
        client_correlation_id,
        causation_id: clock::new_id("cmd_"),
        traceparent: trace,
        hops: 0,
        at: clock::now(),
    }
}

fn with_correlation(mut response: Response, name: &str) -> Response {
    if let Some(mut problem) = response.extensions_mut().remove::<Problem>() {
        problem.correlation_id = Some(name.to_owned());
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Json(problem).into_response().into_body();
    }
    if let Ok(value) = HeaderValue::from_str(name) {
        response.headers_mut().insert(HeaderName::from_static(CORRELATION_HEADER), value);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use lambda_runtime::tower::ServiceExt;
    use serde_json::Value;
    use tracing::{Event, Level, Subscriber};
    use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

    use super::*;
    use crate::store::Table;

    struct Levels(Arc<Mutex<Vec<Level>>>);

    impl<S: Subscriber> Layer<S> for Levels {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            self.0.lock().unwrap().push(*event.metadata().level());
        }
    }

    #[test]
    fn a_failure_is_trouble_and_a_refusal_is_news() {
        let levels = Arc::new(Mutex::new(Vec::new()));
        let subscriber = tracing_subscriber::registry().with(Levels(Arc::clone(&levels)));
        tracing::subscriber::with_default(subscriber, || {
            for status in [500, 503, 404, 422, 200, 303] {
                log("GET", "/v1/orders", StatusCode::from_u16(status).unwrap(), "cor_1", Duration::ZERO);
            }
        });
        let (trouble, news, rest) = (Level::WARN, Level::INFO, Level::DEBUG);
        assert_eq!(*levels.lock().unwrap(), [trouble, trouble, news, news, rest, rest]);
    }
    /// What a client gets that waits for its answer as long as this invocation may work, and after how long.
    async fn answered(routes: Router, deadline: Option<Duration>) -> (Response, Duration) {
        let mut request = Request::builder().uri("/v1/items/1").header(CORRELATION_HEADER, "cor-1");
        if let Some(left) = deadline {
            let mut context = lambda_runtime::Context::default();
            context.deadline = u64::try_from(clock::now().as_millisecond()).unwrap() + millis(left);
            request = request.extension(context);
        }
        let begun = Instant::now();
        let response = routes.layer(middleware::from_fn(around)).oneshot(request.body(Body::empty()).unwrap()).await;
        (response.unwrap(), begun.elapsed())
    }

    fn millis(duration: Duration) -> u64 {
        u64::try_from(duration.as_millis()).unwrap()
    }

    async fn is_unavailable(response: Response) {
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()["retry-after"], "1");
        assert_eq!(response.headers()[CORRELATION_HEADER], "cor-1");
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["correlationId"], "cor-1");
    }

    #[tokio::test]
    async fn a_table_that_never_answers_is_told_within_four_seconds() {
        let table = Table::new(&crate::aws::tests::silent().await, "items".to_owned());
        let read = || async move { Ok::<_, Problem>(Json(table.load::<Value>("1").await?.is_some())) };
        let (response, took) = answered(Router::new().route("/v1/items/1", get(read)), None).await;
        assert!(took < Duration::from_secs(4), "{took:?}");
        is_unavailable(response).await;
    }

    #[tokio::test]
    async fn an_invocation_whose_time_runs_out_is_answered_before_it_ends() {
        let routes = Router::new().route("/v1/items/1", get(std::future::pending::<()>));
        let (response, took) = answered(routes, Some(Duration::from_secs(2))).await;
        assert!(took < Duration::from_secs(2), "{took:?}");
        is_unavailable(response).await;
    }
}
