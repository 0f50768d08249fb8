//! The peer that is called the floor: what `orders events` does, written by hand for this one case, with hyper, rustls and a
//! signature of its own. No retry, no timeout, no fault is handled: it shows what the requests themselves cost.

use std::io::{BufReader, Write};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use ring::{digest, hmac};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

type Connection = SendRequest<Full<Bytes>>;

struct DynamoDb {
    connection: Connection,
    host: String,
    table: String,
    region: String,
    key_id: String,
    secret: String,
    token: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let address = var("AWS_LAMBDA_RUNTIME_API")?;
    let mut runtime = connected(TcpStream::connect(&address).await?).await?;
    let mut dynamodb = DynamoDb::connect().await?;
    loop {
        let next = runtime.send_request(request(Method::GET, "/2018-06-01/runtime/invocation/next", "")?).await?;
        let id = next.headers().get("lambda-runtime-aws-request-id").context("an invocation without an id")?;
        let path = format!("/2018-06-01/runtime/invocation/{}/response", id.to_str()?);
        let batch: Value = serde_json::from_slice(&next.into_body().collect().await?.to_bytes())?;
        for message in batch["Records"].as_array().context("no records")? {
            dynamodb.handle(message).await?;
        }
        let answer = request(Method::POST, &path, r#"{"batchItemFailures":[]}"#)?;
        runtime.send_request(answer).await?.into_body().collect().await?;
    }
}

impl DynamoDb {
    async fn connect() -> Result<Self> {
        let url = var("AWS_ENDPOINT_URL")?;
        let host = url.strip_prefix("https://").context("AWS_ENDPOINT_URL must be https")?.to_owned();
        let mut roots = RootCertStore::empty();
        let bundle = BufReader::new(std::fs::File::open(var("SSL_CERT_FILE")?)?);
        roots.add_parsable_certificates(CertificateDer::pem_reader_iter(bundle).flatten());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from(host.split(':').next().unwrap_or_default().to_owned())?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, TcpStream::connect(&host).await?).await?;
        let connection = connected(stream).await?;
        let (table, region) = (var("TABLE")?, var("AWS_REGION")?);
        let (key_id, secret) = (var("AWS_ACCESS_KEY_ID")?, var("AWS_SECRET_ACCESS_KEY")?);
        Ok(Self { connection, host, table, region, key_id, secret, token: var("AWS_SESSION_TOKEN")? })
    }

    async fn handle(&mut self, message: &Value) -> Result<()> {
        let message: Value = serde_json::from_str(message["body"].as_str().context("a message without a body")?)?;
        let event = &message["detail"];
        let (order, data) = (&event["data"]["orderId"], &event["data"]);
        let get = json!({ "TableName": self.table, "Key": { "pk": { "S": order } }, "ConsistentRead": true });
        let mut item = self.call("GetItem", &get).await?["Item"].take();
        let read = item["version"].take();
        let version: u64 = read["N"].as_str().context("an item without a version")?.parse()?;
        item["version"] = json!({ "N": (version + 1).to_string() });
        item["inventory"] = json!({ "M": { "state": { "S": "RESERVED" }, "reservation": { "S": data["reservationId"] },
            "expiresAt": { "S": data["expiresAt"] } } });
        let put = json!({ "TableName": self.table, "Item": item, "ConditionExpression": "version = :read",
            "ExpressionAttributeValues": { ":read": read }, "ReturnValuesOnConditionCheckFailure": "ALL_OLD" });
        self.call("PutItem", &put).await?;
        let line = json!({ "level": "INFO", "timestamp": now().to_string(), "service": "orders", "order_id": order,
            "event_id": event["id"], "correlation_id": event["correlationid"], "message": "fact applied" });
        Ok(writeln!(std::io::stdout(), "{line}")?)
    }

    async fn call(&mut self, operation: &str, body: &Value) -> Result<Value> {
        let body = body.to_string();
        let (target, time) = (format!("DynamoDB_20120810.{operation}"), now().strftime("%Y%m%dT%H%M%SZ").to_string());
        let signed = [
            ("host", &self.host),
            ("x-amz-date", &time),
            ("x-amz-security-token", &self.token),
            ("x-amz-target", &target),
        ];
        let authorization = self.authorization(&signed, &time, &body);
        let mut request = Request::builder().method(Method::POST).uri("/").header("authorization", authorization);
        for (name, value) in signed {
            request = request.header(name, value);
        }
        let request = request.header("content-type", "application/x-amz-json-1.0").body(Full::from(body))?;
        let answer = self.connection.send_request(request).await?;
        ensure!(answer.status().is_success(), "{operation}: {}", answer.status());
        Ok(serde_json::from_slice(&answer.into_body().collect().await?.to_bytes())?)
    }

    /// AWS Signature Version 4 of a POST to `/`.
    fn authorization(&self, headers: &[(&str, &String)], time: &str, body: &str) -> String {
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let lines = headers.iter().fold(String::new(), |lines, (name, value)| lines + name + ":" + value + "\n");
        let canonical = format!("POST\n/\n\n{lines}\n{names}\n{}", sha256(body));
        let date = time.split('T').next().unwrap_or_default();
        let scope = format!("{date}/{}/dynamodb/aws4_request", self.region);
        let key = [date, &self.region, "dynamodb", "aws4_request"]
            .iter()
            .fold(format!("AWS4{}", self.secret).into_bytes(), |key, part| mac(&key, part));
        let signature = hex(&mac(&key, &format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256(&canonical))));
        format!("AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", self.key_id)
    }
}

async fn connected<S>(stream: S) -> Result<Connection>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

fn request(method: Method, path: &str, body: &'static str) -> Result<Request<Full<Bytes>>> {
    Ok(Request::builder().method(method).uri(path).header("host", "runtime").body(Full::from(body))?)
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

fn sha256(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[expect(clippy::disallowed_methods, reason = "this is the rim: configuration")]
fn var(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set"))
}

#[expect(clippy::disallowed_methods, reason = "this is the rim: the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}
