//! The meaning of the channel's answers, shown with a server that answers as SES does: a message is handed over at
//! most once, and the address stays out of everything that may be logged.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sesv2::config::Credentials;
use notifications::domain::address::EmailAddress;
use notifications::domain::ids::{AddressMark, ClaimId, OrderId};
use notifications::domain::message::{Failure, SendResult, Template};
use notifications::outbound::{About, Answer, Attempt, Mail, Mailer};
use serde_json::{Value, json};
use testkit::endpoint::answering;
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

/// An answer of SES: its status, code and sentence.
type Said = (u16, &'static str, &'static str);

/// What SES says of an identity that it has not verified, and in its sandbox of a recipient.
const UNVERIFIED: &str = "Email address is not verified. The following identities failed the check in region \
    US-EAST-1: canary@example.org";

/// Sends once to a server with this answer (none: it hangs up); returns the attempt and how often the server was asked.
async fn answered(answer: Option<Said>) -> (Attempt, usize) {
    answered_after(Duration::ZERO, answer).await
}

async fn answered_after(wait: Duration, answer: Option<Said>) -> (Attempt, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"}") {
                assert!(connection.read_buf(&mut request).await.unwrap() > 0);
            }
            count.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(wait).await;
            let Some((status, code, sentence)) = answer else { continue };
            let body = format!(r#"{{"message":"{sentence}"}}"#);
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
    for (answer, expected) in [
        (Some((200, "none", "")), Answer::Taken),
        (Some((400, "MessageRejected", UNVERIFIED)), Answer::SetUp),
        (Some((400, "MessageRejected", "Sending paused for this account.")), Answer::SetUp),
        (Some((400, "MessageRejected", "Sending suspended for this account.")), Answer::SetUp),
        (Some((400, "MessageRejected", "A sentence of tomorrow about canary@example.org")), Answer::SetUp),
        (Some((400, "MessageRejected", "The message was rejected because it contained a virus.")), Answer::Refused),
        (Some((400, "MessageRejected", "Rejected for canary@antivirus.example")), Answer::SetUp),
        (Some((400, "MessageRejected", "Virus scanning is unavailable, try again.")), Answer::SetUp),
        (Some((400, "MessageRejected", "Address blacklisted.")), Answer::Refused),
        (Some((400, "MessageRejected", "Address is on the suppression list: canary@example.org")), Answer::Refused),
        (Some((400, "BadRequestException", "Message length is more than 41943040 bytes long")), Answer::Refused),
        // Which address SES means, it does not say.
        (Some((400, "BadRequestException", "Domain contains illegal character")), Answer::SetUp),
        (Some((400, "SendingPausedException", "Email sending is disabled.")), Answer::SetUp),
        (Some((400, "AccountSuspendedException", "")), Answer::SetUp),
        (Some((400, "MailFromDomainNotVerifiedException", "")), Answer::SetUp),
        (Some((404, "NotFoundException", "Configuration set <oms-prod-mail> does not exist.")), Answer::SetUp),
        (Some((403, "AccessDeniedException", "canary@example.org is not authorized")), Answer::SetUp),
        (Some((400, "AnErrorOfTomorrow", "")), Answer::SetUp),
        (Some((429, "TooManyRequestsException", "Maximum sending rate exceeded.")), Answer::Later),
        (Some((400, "LimitExceededException", "Daily message quota exceeded.")), Answer::Later),
        (Some((400, "Throttling", "Maximum sending rate exceeded.")), Answer::Later),
        (Some((503, "ServiceUnavailable", "")), Answer::Later),
        (Some((500, "InternalFailure", "")), Answer::Unknown),
        (None, Answer::Unknown),
    ] {
        let (attempt, asked) = answered(answer).await;
        assert_eq!((attempt.answer, asked), (expected, 1), "{answer:?}");
        assert_eq!(
            attempt.mend.is_empty(),
            expected != Answer::SetUp,
            "{answer:?}: an operator has to know what to mend"
        );
        let shown = format!("{attempt:?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}

#[test]
fn only_what_ses_refuses_for_good_is_final() {
    for (answer, result) in [
        (Answer::Taken, SendResult::Sent),
        (Answer::Refused, SendResult::Failed(Failure::Refused)),
        (Answer::SetUp, SendResult::NotSent),
        (Answer::Later, SendResult::NotSent),
        (Answer::Unknown, SendResult::Unknown),
    ] {
        assert_eq!(answer.result(), result, "{answer:?}");
    }
}

/// Whether it was sent would not be known otherwise, and SES does not recognise repetitions.
#[tokio::test]
async fn a_slow_answer_is_waited_for_longer_than_a_tables() {
    let (attempt, asked) = answered_after(Duration::from_millis(3_500), Some((200, "none", ""))).await;
    assert_eq!((attempt.answer, asked), (Answer::Taken, 1));
}

#[tokio::test]
async fn what_reached_no_server_may_be_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert_eq!(send(&format!("http://{address}")).await.answer, Answer::Later);
}

/// By them a report of SES finds its mail; the address is not among them.
#[tokio::test]
async fn a_mail_about_an_order_carries_what_ses_repeats_in_its_reports() {
    let sent = Arc::new(Mutex::new(Value::Null));
    let seen = Arc::clone(&sent);
    let (aws, _) = answering(move |_, request| {
        *seen.lock().unwrap() = request.clone();
        (200, json!({ "MessageId": "1" }))
    })
    .await;
    let order = OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap();
    let about = About { order: &order, template: Template::OrderCompleted, attempt: ClaimId::new(7) };
    let (mail, to) =
        (Mail { subject: "s".into(), text: "t".into(), html: "h".into() }, EmailAddress::new(CANARY).unwrap());
    let mailer = Mailer::new(&aws, "orders@oms.example".into()).reporting("oms-prod-mail".into());
    assert_eq!(mailer.send_about(about, &to, &mail).await.answer, Answer::Taken);
    let request = sent.lock().unwrap().clone();
    let mark = AddressMark::of(CANARY).to_string();
    let tags = [
        ("order", order.as_str()),
        ("template", "ORDER_COMPLETED"),
        ("attempt", &ClaimId::new(7).to_string()),
        ("address", &mark),
    ]
    .map(|(name, value)| json!({ "Name": name, "Value": value }));
    assert_eq!((&request["ConfigurationSetName"], &request["EmailTags"]), (&json!("oms-prod-mail"), &json!(tags)));
    let is_fit = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    assert!(tags.iter().all(|tag| is_fit(tag["Value"].as_str().unwrap())), "SES takes no other characters: {tags:?}");
}
