//! The HTTP client of everything that a function asks: HTTP/1.1, which AWS and other systems speak, over rustls, with
//! one pool of connections.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::{HttpConnector, capture_connection};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use crate::BoxError;

/// Longest wait between the head of an answer and the end of its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// An HTTP client. Clones share its connections. A request that meets a connection which the server has closed is sent
/// over another one, and so is the next one after a server has failed.
#[derive(Debug, Clone)]
pub struct HttpsClient(Client<Connector, Full<Bytes>>);

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// There was no connection, so the request was not sent.
    #[error("no connection")]
    NotSent(#[source] BoxError),
    /// The time is over; the request may have been carried out.
    #[error("no answer in time")]
    TimedOut(#[from] tokio::time::error::Elapsed),
    /// The connection was lost; the request may have been carried out.
    #[error("the connection was lost")]
    Lost(#[source] BoxError),
}

impl HttpsClient {
    /// A client that waits for a connection, TLS included, at most `connect_timeout`.
    pub fn new(connect_timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let https = HttpsConnectorBuilder::new().with_tls_config(tls()).https_or_http().enable_http1();
        let connector = Connector { https: https.wrap_connector(tcp), timeout: connect_timeout };
        Self(Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector))
    }

    /// The whole answer to a request, which takes at most `limit`, if there is one.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn send(&self, request: Request<Bytes>, limit: Option<Duration>) -> Result<Response<Bytes>, NoAnswer> {
        match limit {
            Some(limit) => timeout(limit, self.exchange(request)).await?,
            None => self.exchange(request).await,
        }
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NoAnswer> {
        let mut request = request.map(Full::new);
        let connection = capture_connection(&mut request);
        let answer = self.0.request(request).await.map_err(no_answer)?;
        let (head, body) = answer.into_parts();
        if head.status.is_server_error()
            && let Some(connection) = &*connection.connection_metadata()
        {
            connection.poison();
        }
        let body = timeout(BODY_TIMEOUT, body.collect()).await?.map_err(|error| NoAnswer::Lost(error.into()))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}

fn no_answer(error: Error) -> NoAnswer {
    if error.is_connect() { NoAnswer::NotSent(error.into()) } else { NoAnswer::Lost(error.into()) }
}

/// Trusts whom the system trusts, or whom SSL_CERT_FILE names.
#[expect(clippy::expect_used, reason = "ring has what TLS 1.2 and 1.3 need, whatever the environment is")]
fn tls() -> ClientConfig {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        tracing::warn!(errors = ?found.errors, "no certificate authority is found: no server is trusted");
    }
    let mut authorities = RootCertStore::empty();
    authorities.add_parsable_certificates(found.certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    config.expect("versions of TLS").with_root_certificates(authorities).with_no_client_auth()
}

/// Opens connections; hyper's own timeout ends before TLS.
#[derive(Debug, Clone)]
struct Connector {
    https: HttpsConnector<HttpConnector>,
    timeout: Duration,
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.https.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = timeout(self.timeout, self.https.call(uri));
        Box::pin(async { connecting.await? })
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const SHORT: Duration = Duration::from_millis(100);
    const LONG: Duration = Duration::from_secs(10);
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

    async fn server() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        (listener, address)
    }

    async fn get(client: &HttpsClient, url: &str, limit: Option<Duration>) -> Result<Bytes, NoAnswer> {
        let request = Request::get(url).body(Bytes::new()).unwrap();
        client.send(request, limit).await.map(Response::into_body)
    }

    /// Reads one request and sends `bytes`.
    async fn answer(stream: &mut TcpStream, bytes: &[u8]) {
        assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0, "a request");
        stream.write_all(bytes).await.unwrap();
    }

    #[tokio::test]
    async fn requests_share_a_connection() {
        let (listener, address) = server().await;
        let client = HttpsClient::new(LONG);
        let asked = async {
            for _ in 0..3 {
                assert_eq!(get(&client.clone(), &format!("http://{address}"), None).await.unwrap(), "hello");
            }
        };
        let served = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            for _ in 0..3 {
                answer(&mut stream, ANSWER).await;
            }
        };
        tokio::join!(asked, served);
    }

    #[tokio::test]
    async fn a_connection_that_the_server_closed_is_replaced() {
        let (listener, address) = server().await;
        let client = HttpsClient::new(LONG);
        let url = format!("http://{address}");
        let first = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            answer(&mut stream, ANSWER).await;
        };
        let (asked, ()) = tokio::join!(get(&client, &url, None), first);
        asked.unwrap();
        // The connection is closed now, whether the client has seen it or not.
        let second = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            answer(&mut stream, ANSWER).await;
        };
        let (asked, ()) = tokio::join!(get(&client, &url, None), second);
        assert_eq!(asked.unwrap(), "hello");
    }

    #[tokio::test]
    async fn a_server_that_fails_is_asked_over_another_connection() {
        let (listener, address) = server().await;
        let client = HttpsClient::new(LONG);
        let url = format!("http://{address}");
        let served = async {
            let (mut failing, _) = listener.accept().await.unwrap();
            answer(&mut failing, b"HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n").await;
            let (mut stream, _) = listener.accept().await.unwrap();
            answer(&mut stream, ANSWER).await;
        };
        let asked = async {
            assert_eq!(get(&client, &url, None).await.unwrap(), "");
            get(&client, &url, None).await
        };
        let both = timeout(LONG, async { tokio::join!(asked, served).0 });
        assert_eq!(both.await.unwrap().unwrap(), "hello");
    }

    #[tokio::test]
    async fn a_server_that_speaks_no_tls_is_not_waited_for() {
        let (listener, address) = server().await;
        let client = HttpsClient::new(SHORT);
        // It takes the connection and says nothing.
        let asked = get(&client, &format!("https://{address}"), None).await;
        assert!(matches!(asked, Err(NoAnswer::NotSent(_))), "{asked:?}");
        drop(listener);
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_was_sent_nothing() {
        let (listener, address) = server().await;
        drop(listener);
        let asked = get(&HttpsClient::new(LONG), &format!("http://{address}"), None).await;
        assert!(matches!(asked, Err(NoAnswer::NotSent(_))), "{asked:?}");
    }

    #[tokio::test]
    async fn neither_a_head_nor_a_body_is_waited_for_longer_than_said() {
        for part in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel"] {
            let (listener, address) = server().await;
            let client = HttpsClient::new(LONG);
            let url = format!("http://{address}");
            let served = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                answer(&mut stream, part).await;
                stream
            };
            let (asked, stream) = tokio::join!(get(&client, &url, Some(SHORT)), served);
            assert!(matches!(asked, Err(NoAnswer::TimedOut(_))), "{asked:?}");
            drop(stream);
        }
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_none() {
        let (listener, address) = server().await;
        let client = HttpsClient::new(LONG);
        let url = format!("http://{address}");
        let served = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            answer(&mut stream, b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel").await;
        };
        let (asked, ()) = tokio::join!(get(&client, &url, None), served);
        assert!(matches!(asked, Err(NoAnswer::Lost(_))), "{asked:?}");
    }
}
