//! A server that plays the gateway.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::time::Duration;

use payments::outbound::{GatewayKey, HttpGateway};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A gateway that gives these answers, one a connection, and passes on what it was asked. Without an answer left it
/// stays silent.
pub async fn gateway(answers: Vec<(u16, Value)>) -> (HttpGateway, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut answers = answers.into_iter();
        let mut silent = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = vec![0; 4_096];
            let read = stream.read(&mut buffer).await.unwrap();
            tell.send(String::from_utf8_lossy(&buffer[..read]).into_owned()).unwrap();
            let Some((status, body)) = answers.next() else {
                silent.push(stream);
                continue;
            };
            let body = body.to_string();
            let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
    });
    let key = GatewayKey::new("sk_test_canary".into());
    (HttpGateway::new(&url, key, Duration::from_millis(300)), asked)
}
