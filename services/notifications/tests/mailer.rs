//! The meaning of the channel's answers, shown with a server that answers as SES does: a message is handed over at
//! most once, and the address stays out of everything that may be logged.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sesv2::config::Credentials;
use notifications::domain::contact::EmailAddress;
use notifications::domain::message::{Failure, SendResult};
use notifications::outbound::{Attempt, Mail, Mailer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const CANARY: &str = "canary@example.org";

async fn send(endpoint: &str) -> Attempt {
    let aws: SdkConfig = aws_config::defaults(BehaviorVersion::latest())
        .http_client(chassis::aws::http_client())
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .timeout_config(chassis::aws::limits())
        .load()
        .await;
    let mail = Mail { subject: "s".into(), text: "t".into(), html: "h".into() };
    Mailer::new(&aws, "orders@oms.example".into()).send(&EmailAddress::new(CANARY).unwrap(), &mail).await
}

/// Sends once to a server with this answer (none: it hangs up); returns the attempt and how often the server was asked.
async fn answered(answer: Option<(u16, &str)>) -> (Attempt, usize) {
    answered_after(Duration::ZERO, answer).await
}

async fn answered_after(wait: Duration, answer: Option<(u16, &str)>) -> (Attempt, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, code) = (Arc::clone(&asked), answer.map(|(status, code)| (status, code.to_owned())));
    let server = tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"}") {
                assert!(connection.read_buf(&mut request).await.unwrap() > 0);
            }
            count.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(wait).await;
            let Some((status, code)) = &code else { continue };
            let body = format!(r#"{{"message":"The following identities failed: {CANARY}"}}"#);
            let head = format!("HTTP/1.1 {status} X\r\nx-amzn-errortype: {code}\r\ncontent-type: application/json\r\n");
            let answer = format!("{head}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
            connection.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let attempt = send(&endpoint).await;
    server.abort();
    (attempt, asked.load(Ordering::SeqCst))
}

#[tokio::test]
async fn an_answer_decides_what_becomes_of_a_message_and_is_asked_for_once() {
    let refused = SendResult::Failed(Failure::Refused);
    for (answer, result) in [
        (Some((200, "none")), SendResult::Sent),
        (Some((400, "MessageRejected")), refused),
        (Some((400, "BadRequestException")), refused),
        (Some((400, "SendingPausedException")), SendResult::NotSent),
        (Some((400, "MailFromDomainNotVerifiedException")), SendResult::NotSent),
        (Some((403, "AccessDeniedException")), SendResult::NotSent),
        (Some((429, "TooManyRequestsException")), SendResult::NotSent),
        (Some((503, "ServiceUnavailable")), SendResult::NotSent),
        (Some((500, "InternalFailure")), SendResult::Unknown),
        (None, SendResult::Unknown),
    ] {
        let (attempt, asked) = answered(answer).await;
        assert_eq!((attempt.result, asked), (result, 1), "{answer:?}");
        let shown = format!("{attempt:?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}

/// Whether it was sent would not be known otherwise, and SES does not recognise repetitions.
#[tokio::test]
async fn a_slow_answer_is_waited_for_longer_than_a_tables() {
    let (attempt, asked) = answered_after(Duration::from_millis(3_500), Some((200, "none"))).await;
    assert_eq!((attempt.result, asked), (SendResult::Sent, 1));
}

#[tokio::test]
async fn what_reached_no_server_may_be_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert_eq!(send(&format!("http://{address}")).await.result, SendResult::NotSent);
}
