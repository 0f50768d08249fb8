//! The queues that answer what the test wants.

use std::sync::{Arc, Mutex};

use aws_lambda_events::sqs::SqsMessageAttribute;
use serde_json::{Value, json};

use super::*;
use crate::consumer::Verdict;

/// What SQS takes in all; a queue that was made before August 2025 takes a quarter.
const LIMIT: usize = 1_048_576;

/// A queue and its dead-letter queue, which refuse what is too large, and all that they were asked.
async fn queue() -> (Queue, Arc<Mutex<Vec<Value>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let answer = move |_: &str, body: &Value| {
        seen.lock().unwrap().push(body.clone());
        let error = json!({ "__type": "com.amazonaws.sqs#InvalidParameterValue", "message": "too long" });
        let too_large = size(body) > LIMIT;
        Some(if too_large { ("400 Bad Request", error) } else { ("200 OK", json!({ "MessageId": "1" })) })
    };
    let aws = crate::aws::tests::answering(answer).await;
    let hours = Duration::from_hours(72);
    let limits = Limits { max_receives: 700, urgent: Duration::from_mins(15), give_up: hours };
    let (url, dlq_url, consumer) = ("queue".to_owned(), "dlq".to_owned(), "shop/events".to_owned());
    (Queue { client: Client::new(&aws), url, dlq_url, consumer, limits, bus: None, report: |_| None }, asked)
}

/// As SQS counts: the body, and each attribute's name, type and value.
fn size(request: &Value) -> usize {
    let attribute = |(name, value): (&String, &Value)| {
        name.len() + ["DataType", "StringValue"].map(|field| value[field].as_str().unwrap().len()).iter().sum::<usize>()
    };
    let attributes = request["MessageAttributes"].as_object().into_iter().flatten().map(attribute).sum::<usize>();
    request["MessageBody"].as_str().unwrap_or_default().len() + attributes
}

fn message(body: &str) -> SqsMessage {
    let mut message = SqsMessage::default();
    (message.body, message.message_id) = (Some(body.to_owned()), Some("m-1".to_owned()));
    message
}

fn failure(verdict: Verdict) -> Failure {
    Failure { verdict, class: "contract", message: "é".repeat(1_001) }
}

fn names(request: &Value) -> Vec<&str> {
    request["MessageAttributes"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// Ends a delivery of a message whose body has this size; whether it left the queue, and what the queues were asked.
async fn parked(body: usize) -> (bool, Vec<Value>) {
    let (queue, asked) = queue().await;
    let left = queue.end(&message(&"x".repeat(body)), None, &failure(Verdict::Park)).await;
    let asked = asked.lock().unwrap().clone();
    (left, asked)
}

#[tokio::test]
async fn a_parked_message_has_its_cause() {
    let (left, asked) = parked(10).await;
    assert!(left);
    assert_eq!(names(&asked[0]), ["Consumer", "ErrorClass", "ErrorMessage", "OriginalMessageId", "Receives"]);
    assert_eq!(asked[0]["MessageAttributes"]["ErrorMessage"]["StringValue"], "é".repeat(1_000));
    assert_eq!((&asked[0]["QueueUrl"], asked.len()), (&json!("dlq"), 1));
}

/// A message at SQS's limit never circles: what does not fit of its cause is left out.
#[tokio::test]
async fn a_message_near_the_size_limit_is_parked_with_what_fits_of_its_cause() {
    let class = ["ErrorClass", "String", "contract"].concat().len();
    for (body, attributes) in [(LIMIT - 3_000, 5), (LIMIT - class, 1), (LIMIT - class + 1, 0), (LIMIT, 0)] {
        let (left, asked) = parked(body).await;
        let taken = asked.last().unwrap();
        assert!(left && size(taken) <= LIMIT, "{body}");
        assert_eq!((names(taken).len(), taken["MessageBody"].as_str().unwrap().len()), (attributes, body));
    }
}

#[tokio::test]
async fn what_no_attribute_makes_fit_stays_in_the_queue() {
    let (left, asked) = parked(LIMIT + 1).await;
    assert_eq!((left, asked.len()), (false, 3));
}

/// Nothing of it is the queue's memory: the count travels with the message, and so does what the message came with.
#[tokio::test]
async fn a_suspected_message_is_sent_again_and_counts_its_suspicions() {
    let (queue, asked) = queue().await;
    let mut suspected = message("{}");
    for (name, value) in [(SUSPICIONS, "2"), ("Consumer", "shop/events")] {
        let mut attribute = SqsMessageAttribute::default();
        attribute.string_value = Some(value.to_owned());
        suspected.message_attributes.insert(name.to_owned(), attribute);
    }
    assert!(queue.end(&suspected, None, &failure(Verdict::Suspect)).await, "the sent one replaces it");
    let asked = asked.lock().unwrap().clone();
    assert_eq!((&asked[0]["QueueUrl"], &asked[0]["MessageBody"]), (&json!("queue"), &json!("{}")));
    assert_eq!(asked[0]["MessageAttributes"][SUSPICIONS]["StringValue"], "3");
    assert_eq!(names(&asked[0]), ["Consumer", SUSPICIONS]);
    assert!((8..=16).contains(&asked[0]["DelaySeconds"].as_i64().unwrap()), "{asked:?}");
}

#[tokio::test]
async fn what_a_table_that_is_away_fails_stays_in_the_queue() {
    let (queue, asked) = queue().await;
    assert!(!queue.end(&message("{}"), None, &failure(Verdict::Retry)).await);
    let asked = asked.lock().unwrap().clone();
    assert!((0..=1).contains(&asked[0]["VisibilityTimeout"].as_i64().unwrap()), "{asked:?}");
    assert_eq!(asked.len(), 1);
}

#[test]
fn a_cause_has_bounds() {
    assert_eq!(shortened("short"), "short");
    assert_eq!(shortened(&"é".repeat(1_001)), "é".repeat(1_000));
}
