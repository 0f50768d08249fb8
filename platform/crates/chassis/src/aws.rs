//! The connection to AWS: region, credentials and endpoint from the environment, one HTTP client, one TLS provider.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::identity::IdentityCache;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::config::{SharedCredentialsProvider, SharedHttpClient};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use bytes::Bytes;
use http::Request;

use crate::config;
use crate::https::{HttpsClient, NoAnswer};
use crate::store::KEY;

mod error;

pub use error::{AwsError, Kind};

/// The longest that a call takes, the SDK's own retries included: an HTTP caller has its answer within four seconds, and a
/// consumer, relay or sweep makes several in the time of its function.
const CALL_LIMIT: Duration = Duration::from_secs(3);
/// The longest that one attempt takes: half of the call, so that one that is lost is made up for.
const ATTEMPT_LIMIT: Duration = Duration::from_millis(1500);
/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Longest wait for the first connection. Without it the first message opens one.
const WARM_TIMEOUT: Duration = Duration::from_millis(500);

/// What a function asks first, and most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// Its table.
    DynamoDb,
    /// The bus.
    EventBridge,
}

/// What every client of this process is made from. Lambda sets a function's region and credentials in its environment;
/// `AWS_ENDPOINT_URL` names an emulator. The SDK's own loader would also look for profiles, roles and instances, which costs
/// start-up time and half a megabyte.
/// The connection that `first` needs is opened.
pub async fn connect(first: First) -> SdkConfig {
    let aws = configured(config::optional("AWS_REGION"), config::optional("AWS_ENDPOINT_URL"));
    warm(&aws, first).await;
    aws
}

fn configured(region: Option<String>, endpoint: Option<String>) -> SdkConfig {
    let mut aws = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(region.map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .identity_cache(IdentityCache::lazy().build())
        .retry_config(RetryConfig::standard())
        .timeout_config(limits())
        // The HTTP client bounds the wait for a body that stalls, and costs less.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(http_client());
    aws.set_endpoint_url(endpoint);
    aws.build()
}

/// How long each call of an AWS service may take; the SDK itself would wait for an answer without end. A client that sets
/// limits of its own inherits those that it does not set.
pub fn limits() -> TimeoutConfig {
    let limits = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(ATTEMPT_LIMIT);
    limits.operation_attempt_timeout(ATTEMPT_LIMIT).operation_timeout(CALL_LIMIT).build()
}

/// The HTTP client of every AWS client: one pool of connections. The SDK's own brings HTTP/2 and proxies, and reads the
/// certificate authorities once more for each client.
pub fn http_client() -> SharedHttpClient {
    let client = HttpsClient::new(CONNECT_TIMEOUT);
    http_client_fn(move |wanted, _| {
        SharedHttpConnector::new(Connection { client: client.clone(), limit: wanted.read_timeout() })
    })
}

/// What one client of the SDK sends its requests over.
#[derive(Debug)]
struct Connection {
    client: HttpsClient,
    limit: Option<Duration>,
}

impl HttpConnector for Connection {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (client, limit) = (self.client.clone(), self.limit);
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let (head, body) = request.into_parts();
            let body =
                body.bytes().map(Bytes::copy_from_slice).ok_or(ConnectorError::user("a body in parts".into()))?;
            let answer = client.send(Request::from_parts(head, body), limit).await.map_err(failure)?;
            HttpResponse::try_from(answer.map(Into::into)).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Each of these may be over at the next attempt, so the SDK may retry it.
fn failure(why: NoAnswer) -> ConnectorError {
    match why {
        NoAnswer::TimedOut(_) => ConnectorError::timeout(why.into()),
        NoAnswer::NotSent(_) | NoAnswer::Lost(_) => ConnectorError::io(why.into()),
    }
}

/// Opens the connection that the first message will need, while the process initialises and Lambda does not throttle it.
/// Whatever the answer is, or if there is none, the function starts.
async fn warm(aws: &SdkConfig, first: First) {
    let opened = async {
        match first {
            First::DynamoDb => {
                let client = aws_sdk_dynamodb::Client::new(aws);
                let get = client.get_item().table_name("none").key(KEY, AttributeValue::S("none".to_owned()));
                get.customize().mutate_request(ask_for_nothing).send().await.is_ok()
            }
            First::EventBridge => {
                let client = aws_sdk_eventbridge::Client::new(aws);
                client.put_events().customize().mutate_request(ask_for_nothing).send().await.is_ok()
            }
        }
    };
    let answered = tokio::time::timeout(WARM_TIMEOUT, opened).await;
    tracing::debug!(?answered, "the first connection");
}

/// Turns a request of the SDK into `GET /`: it is signed and sent as every other, but names no operation, so it needs no
/// permission, costs nothing and changes nothing.
fn ask_for_nothing(request: &mut HttpRequest) {
    let named = request.set_method("GET");
    for header in ["x-amz-target", "content-type", "content-length"] {
        request.headers_mut().remove(header);
    }
    *request.body_mut() = "".into();
    drop(named);
}

#[cfg(test)]
pub(crate) mod tests {
    use aws_sdk_dynamodb::config::Credentials;
    use serde_json::Value;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// The connection to an endpoint of a test.
    pub(crate) fn at(endpoint: String) -> SdkConfig {
        let key = Credentials::builder().access_key_id("test").secret_access_key("test").provider_name("test").build();
        let aws = configured(Some("us-east-1".into()), Some(endpoint)).into_builder();
        aws.credentials_provider(SharedCredentialsProvider::new(key)).build()
    }

    /// The connection to an endpoint that gives each request the answer of `answer`, which gets its head and its body: a
    /// status line and a JSON text. It serves until there is no answer.
    pub(crate) async fn answering(
        mut answer: impl FnMut(&str, &Value) -> Option<(&'static str, Value)> + Send + 'static,
    ) -> SdkConfig {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let aws = at(format!("http://{}", listener.local_addr().unwrap()));
        tokio::spawn(async move {
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                let (head, body) = request(&mut connection).await;
                let Some((status, body)) = answer(&head, &body) else { return };
                let body = body.to_string();
                let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                connection.write_all((head + &body).as_bytes()).await.unwrap();
            }
        });
        aws
    }

    async fn request(connection: &mut TcpStream) -> (String, Value) {
        let mut bytes = Vec::new();
        loop {
            let mut chunk = vec![0; 65_536];
            let read = connection.read(&mut chunk).await.unwrap();
            assert!(read > 0, "a request ends before its body");
            bytes.extend_from_slice(&chunk[..read]);
            let text = String::from_utf8_lossy(&bytes);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let Ok(body) = serde_json::from_str(body) else { continue };
            return (head.to_owned(), body);
        }
    }

    /// The connection to an endpoint that takes every request and never answers.
    pub(crate) async fn silent() -> SdkConfig {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let aws = at(format!("http://{}", listener.local_addr().unwrap()));
        tokio::spawn(async move {
            let mut taken = Vec::new();
            loop {
                taken.push(listener.accept().await.unwrap());
            }
        });
        aws
    }

    #[tokio::test]
    async fn a_call_that_is_never_answered_ends_within_its_limit() {
        let aws = silent().await;
        let get = aws_sdk_dynamodb::Client::new(&aws).get_item().table_name("none");
        let begun = std::time::Instant::now();
        let error = get.key(KEY, AttributeValue::S("none".to_owned())).send().await.unwrap_err();
        assert_eq!(AwsError::of(&error).kind, Kind::Unreachable);
        assert!(begun.elapsed() < CALL_LIMIT + Duration::from_millis(500), "{:?}", begun.elapsed());
    }

    async fn first_request(first: First) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let aws = at(format!("http://{}", listener.local_addr().unwrap()));
        let answered = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nhealthy").await.unwrap();
            String::from_utf8(request[..length].to_vec()).unwrap()
        };
        tokio::join!(warm(&aws, first), answered).1
    }

    #[tokio::test]
    async fn the_first_request_names_no_operation() {
        for first in [First::DynamoDb, First::EventBridge] {
            let request = first_request(first).await.to_lowercase();
            assert!(request.starts_with("get / http/1.1\r\n"), "{request}");
            assert!(!request.contains("x-amz-target") && request.ends_with("\r\n\r\n"), "{request}");
        }
    }

    /// Whether a client of the configuration gives up in time when the endpoint takes the request and never answers.
    async fn gives_up(aws: &SdkConfig, timeouts: TimeoutConfig) -> bool {
        let aws = aws.to_builder().timeout_config(timeouts).retry_config(RetryConfig::disabled()).build();
        let get = aws_sdk_dynamodb::Client::new(&aws).get_item().table_name("none");
        let asked = get.key(KEY, AttributeValue::S("none".to_owned())).send();
        tokio::time::timeout(Duration::from_secs(1), asked).await.is_ok_and(|answer| answer.is_err())
    }

    #[tokio::test]
    async fn each_client_waits_as_long_as_it_wants_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let aws = at(format!("http://{}", listener.local_addr().unwrap()));
        let impatient = TimeoutConfig::builder().read_timeout(Duration::from_millis(100)).build();
        let patient = TimeoutConfig::builder().read_timeout(Duration::from_secs(9)).build();
        let (first, second) = tokio::join!(gives_up(&aws, patient), gives_up(&aws, impatient));
        assert_eq!((first, second), (false, true));
        drop(listener);
    }

    #[tokio::test]
    async fn a_function_starts_without_an_endpoint() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // It takes the connection and never answers.
        warm(&at(format!("http://{}", listener.local_addr().unwrap())), First::DynamoDb).await;
        drop(listener);
    }
}
