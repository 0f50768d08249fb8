//! The reverse proxy between the functions and the emulator of AWS.

use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::call::Call;
use super::dynamodb::{self, Cost, Tables, Writes};
use super::tally::Tally;
use super::weather::Forecast;

/// The largest request that AWS allows: a batch of 16 MB.
const BODY_LIMIT: usize = 16 << 20;
/// What belongs to one connection and not to the message.
const HOP_BY_HOP: [HeaderName; 3] = [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH];

/// A running proxy; dropping it stops it.
#[derive(Debug)]
pub struct Proxy {
    /// The URL to give to the functions.
    pub endpoint: String,
    /// What it counted.
    pub tally: Arc<Tally>,
    /// What it does to requests.
    pub forecast: Arc<Forecast>,
    server: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy in front of the emulator at this URL.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(upstream: &str) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no port is free for the proxy")?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let (http, tally) = (omsctl::http::client()?, Arc::new(Tally::new()));
        let tables = Tables::new(http.clone(), upstream.to_owned());
        let forecast = Arc::new(Forecast::default());
        let (upstream, writes) = (upstream.to_owned(), Mutex::new(()));
        let (counted, wanted) = (Arc::clone(&tally), Arc::clone(&forecast));
        let shared = Shared { upstream, http, tables, tally: counted, forecast: wanted, writes };
        let router = Router::new().fallback(handle).with_state(Arc::new(shared));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the counting proxy ended: {error}");
            }
        });
        Ok(Self { endpoint, tally, forecast, server })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Debug)]
struct Shared {
    upstream: String,
    http: reqwest::Client,
    tables: Tables,
    tally: Arc<Tally>,
    forecast: Arc<Forecast>,
    /// One write at a time, so that the items before and after it are its own.
    writes: Mutex<()>,
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    match shared.forward(request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("the counting proxy: {error:#}")).into_response(),
    }
}

impl Shared {
    async fn forward(&self, request: Request) -> Result<Response> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, BODY_LIMIT).await.context("cannot read the request")?;
        let call = Call::parse(&parts.method, &parts.uri, &parts.headers, &body);
        if let Some(answer) = self.forecast.answer(&call).await? {
            return Ok(answer);
        }
        if call.service != "dynamodb" {
            let answer = self.send(parts, body).await?;
            self.tally.count(&call, &answer.json(), Ok(Cost::default()));
            return answer.into_response();
        }
        if !dynamodb::is_write(&call.operation) {
            let answer = self.send(parts, body).await?;
            let cost = if answer.status.is_success() {
                dynamodb::read(&self.tables, &call, &answer.json()).await
            } else {
                Ok(Cost::default())
            };
            self.tally.count(&call, &answer.json(), cost);
            return answer.into_response();
        }
        let _one_at_a_time = self.writes.lock().await;
        let before = Writes::before(&self.tables, &call).await;
        let answer = self.send(parts, body).await?;
        let cost = match before {
            Ok(writes) => writes.cost(&self.tables, &answer.json(), answer.status.is_success()).await,
            Err(error) => Err(error),
        };
        self.tally.count(&call, &answer.json(), cost);
        answer.into_response()
    }

    /// Passes the request on as it is: its host is part of the signature.
    async fn send(&self, parts: Parts, body: Bytes) -> Result<Answer> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut headers = parts.headers;
        without_hop_by_hop(&mut headers);
        let request = self.http.request(parts.method, format!("{}{path}", self.upstream)).headers(headers).body(body);
        let response = request.send().await.context("the emulator did not answer")?;
        let (status, mut headers) = (response.status(), response.headers().clone());
        without_hop_by_hop(&mut headers);
        Ok(Answer { status, headers, body: response.bytes().await.context("the emulator's answer broke off")? })
    }
}

fn without_hop_by_hop(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn into_response(self) -> Result<Response> {
        let mut response = Response::builder().status(self.status).body(Body::from(self.body))?;
        *response.headers_mut() = self.headers;
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use omsctl::cost::lock::ReadUnits;
    use serde_json::json;

    use super::*;

    const SIGNED: &str =
        "AWS4-HMAC-SHA256 Credential=ASIAK/20261129/us-east-1/dynamodb/aws4_request, SignedHeaders=host";

    /// Plays DynamoDB with one table that has one item of 1.5 KB; a put is answered with the host that it came under.
    async fn table(headers: HeaderMap) -> (StatusCode, String) {
        // Lambda's list of mappings has no target.
        let Some(target) = headers.get("x-amz-target") else {
            return (StatusCode::OK, json!({ "EventSourceMappings": [] }).to_string());
        };
        let target = target.to_str().unwrap().rsplit('.').next().unwrap().to_owned();
        let item = json!({ "pk": { "S": "1" }, "b": { "S": "x".repeat(1_500) } });
        let (status, body) = match target.as_str() {
            "DescribeTable" => (StatusCode::OK, json!({ "Table": { "KeySchema": [{ "AttributeName": "pk" }] } })),
            "GetItem" => (StatusCode::OK, json!({ "Item": item })),
            _ if headers.contains_key("x-fails") => {
                (StatusCode::BAD_REQUEST, json!({ "__type": "x#ConditionalCheckFailedException" }))
            }
            _ => (StatusCode::OK, json!({ "host": headers["host"].to_str().unwrap() })),
        };
        (status, body.to_string())
    }

    async fn proxy() -> Proxy {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let upstream = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(table)).await });
        Proxy::start(&upstream).await.unwrap()
    }

    fn request(proxy: &Proxy, operation: &str, body: &Value) -> reqwest::RequestBuilder {
        let request = omsctl::http::client().unwrap().post(&proxy.endpoint).header("authorization", SIGNED);
        request.header("x-amz-target", format!("DynamoDB_20120810.{operation}")).body(body.to_string())
    }

    #[tokio::test]
    async fn a_write_is_passed_on_under_the_host_that_was_signed_and_costs_its_larger_version() {
        let proxy = proxy().await;
        let put = json!({ "TableName": "t", "Item": { "pk": { "S": "1" } } });
        let answer: Value = request(&proxy, "PutItem", &put).send().await.unwrap().json().await.unwrap();
        assert_eq!(format!("http://{}", answer["host"].as_str().unwrap()), proxy.endpoint);
        assert_eq!(proxy.tally.take()["ASIAK"].write_units["t"], 2);
    }

    #[tokio::test]
    async fn a_failed_condition_is_answered_as_it_came_and_costs() {
        let proxy = proxy().await;
        let put = json!({ "TableName": "t", "Item": { "pk": { "S": "1" } } });
        let answer = request(&proxy, "PutItem", &put).header("x-fails", "1").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(proxy.tally.take()["ASIAK"].write_units["t"], 2);
    }

    #[tokio::test]
    async fn a_read_of_a_part_costs_the_whole_item() {
        let proxy = proxy().await;
        let get = json!({ "TableName": "t", "Key": { "pk": { "S": "1" } }, "ProjectionExpression": "pk" });
        assert!(request(&proxy, "GetItem", &get).send().await.unwrap().status().is_success());
        assert_eq!(proxy.tally.take()["ASIAK"].read_units["t"], ReadUnits::halves(1));
    }

    #[tokio::test]
    async fn a_query_that_hides_what_it_read_is_told() {
        let proxy = proxy().await;
        let query = json!({ "TableName": "t", "FilterExpression": "x = :x" });
        assert!(request(&proxy, "Query", &query).send().await.unwrap().status().is_success());
        assert!(proxy.tally.take()["ASIAK"].uncounted.first().unwrap().contains("FilterExpression"));
    }
}
