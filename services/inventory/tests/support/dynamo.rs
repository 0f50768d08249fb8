//! A DynamoDB that answers as a test says, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::config::Credentials;
use inventory::application::Store;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The names of the requests, in their order.
pub type Asked = Arc<Mutex<Vec<String>>>;

/// A store whose requests get `answer`, which is given their name and their body: what DynamoDB answers, or the error that it
/// refuses with.
pub async fn store(mut answer: impl FnMut(&str, &Value) -> Result<Value, Value> + Send + 'static) -> (Store, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let (name, body) = request(&mut connection).await;
            seen.lock().unwrap().push(name.clone());
            let (status, body) = match answer(&name, &body) {
                Ok(body) => ("200 OK", body.to_string()),
                Err(body) => ("400 Bad Request", body.to_string()),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.0\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            connection.write_all((head + &body).as_bytes()).await.unwrap();
        }
    });
    let aws = aws_config::defaults(BehaviorVersion::latest())
        .http_client(chassis::aws::http_client())
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint);
    (Store::new(&aws.load().await, "stock".to_owned(), "reservations".to_owned()), asked)
}

async fn request(connection: &mut TcpStream) -> (String, Value) {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = connection.read(&mut chunk).await.unwrap();
        assert!(read > 0, "a request ends before its body");
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let Ok(body) = serde_json::from_str(body) else { continue };
        let (_, target) = head.split_once("DynamoDB_20120810.").unwrap();
        return (target.lines().next().unwrap().to_owned(), body);
    }
}
