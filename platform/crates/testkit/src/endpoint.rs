//! An endpoint that answers as a test says, in the place of AWS.

use std::sync::{Arc, Mutex, PoisonError};

use aws_config::SdkConfig;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::stage::config;

/// The names of the requests, in their order.
pub type Asked = Arc<Mutex<Vec<String>>>;

/// The connection to an endpoint that gives each request the answer of `answer`, an HTTP status and a JSON value. It gets
/// the request's name, for example `PutItem` (the path, where the protocol names no operation), and its body.
pub async fn answering(mut answer: impl FnMut(&str, &Value) -> (u16, Value) + Send + 'static) -> (SdkConfig, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("the port's address"));
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let Some((name, body)) = request(&mut connection).await else { continue };
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(name.clone());
            let (status, body) = answer(&name, &body);
            let body = body.to_string();
            let head =
                format!("HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.0\r\nconnection: close\r\n");
            let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
            // A client that has gone away does not read its answer.
            drop(connection.write_all(answer.as_bytes()).await);
        }
    });
    (config(&endpoint, "us-east-1").await, asked)
}

/// The name and the body of a request; none if it ends before its body.
async fn request(connection: &mut TcpStream) -> Option<(String, Value)> {
    let mut bytes = Vec::new();
    while connection.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let Ok(body) = serde_json::from_str(body) else { continue };
        let target = head.lines().find_map(|line| line.strip_prefix("x-amz-target: "));
        let name = match target {
            Some(target) => target.rsplit('.').next(),
            None => head.split(' ').nth(1),
        };
        return Some((name?.to_owned(), body));
    }
    None
}
