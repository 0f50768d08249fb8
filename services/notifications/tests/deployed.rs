//! Notifications alone on the emulator, through its deployed template: its API, its queue, its stream, and the mailbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "deployed/contacts.rs"]
mod contact;

use chassis::cause::Cause;
use chassis::store::{Revision, Saved, Stored};
use jiff::Timestamp;
use notifications::domain::address::EmailAddress;
use notifications::domain::confirmation::Secret;
use notifications::domain::contact::{Given, give};
use notifications::domain::delivery::{Deliveries, Fact, Outcome, apply};
use notifications::domain::ids::{ClaimId, CustomerId, OrderId};
use notifications::domain::message::Content;
use notifications::domain::money::Money;
use notifications::outbound::{Contacts, DeliveryStore};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::contract::sample;
use testkit::{Capture, Stage, delivered, event, eventually, unique};

const ME: &str = "/v1/contacts/me";
/// The emulator trusts a request that names its root key.
const ROOT: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=unchecked";

/// An order of a customer that no other test uses.
struct Case {
    stage: Stage,
    order: String,
    customer: String,
    correlation: String,
}

impl Case {
    async fn begin() -> Self {
        let (order, customer) = (chassis::clock::new_id("ord_"), unique("customer"));
        Self { stage: Stage::from_env().await, order, customer, correlation: unique("cor") }
    }

    /// The customer leaves an address that can be found again wherever it gets to, and confirms it.
    async fn with_address(self) -> Self {
        let email = EmailAddress::new(&self.address()).unwrap();
        let hash = Secret::new([0; 32]).hash();
        let Given::Confirmed(contact) = give(None, email.clone(), Some(&email), hash, Timestamp::UNIX_EPOCH) else {
            panic!("the token verifies it")
        };
        let (contacts, customer) = (contacts(&self.stage), CustomerId::new(&self.customer).unwrap());
        let saved = contacts.save(&customer, &Revision::default(), &contact).await.unwrap();
        assert_eq!(saved, Saved::Applied(()));
        self
    }

    fn address(&self) -> String {
        format!("canary-{}@example.org", self.customer)
    }

    /// An event of orders about this order: always the same one, with its own id.
    fn about(&self, event_type: &str, more: &[(&str, Value)]) -> Value {
        let mut changes = vec![
            ("/id", json!(format!("evt_{event_type}_{}", self.order))),
            ("/correlationid", json!(self.correlation)),
            ("/subject", json!(self.order)),
            ("/data/orderId", json!(self.order)),
            ("/data/customerId", json!(self.customer)),
        ];
        changes.extend(more.iter().cloned());
        event(&sample(event_type), &changes)
    }

    fn completed(&self) -> Value {
        self.about("OrderCompleted.v1", &[("/data/total", json!(123_450))])
    }

    fn cancelled(&self) -> Value {
        self.about("OrderCancelled.v1", &[("/data/reason", json!("OUT_OF_STOCK"))])
    }

    /// The same end, as a repair publishes it: under another id.
    fn announced(&self) -> Value {
        event(&self.completed(), &[("/id", json!(format!("evt_announced_{}", self.order)))])
    }

    async fn mails(&self) -> Vec<Value> {
        mails_to(&self.stage, &self.address()).await
    }
}

/// The mails that went to an address.
async fn mails_to(stage: &Stage, address: &str) -> Vec<Value> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mailbox: Value = client.get(stage.text("/mailbox")).send().await.unwrap().json().await.unwrap();
    let all = mailbox["messages"].as_object().unwrap().values().flat_map(|sent| sent.as_array().unwrap());
    all.filter(|mail| mail["To"] == json!([address])).cloned().collect()
}

fn contacts(stage: &Stage) -> Contacts {
    Contacts::new(stage.aws(), stage.text("/services/notifications/tables/contacts").into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completed_order_is_notified_once_and_a_replay_of_everything_sends_nothing() {
    let case = Case::begin().await.with_address().await;
    let capture = Capture::begin(&case.stage).await;
    case.stage.publish(&[case.completed(), case.completed()]).await;
    let sent = capture.wait_for(&case.order, "NotificationSent.v1").await;
    assert_eq!((&sent["correlationid"], &sent["causationid"]), (&json!(case.correlation), &case.completed()["id"]));
    assert_eq!((&sent["data"]["template"], &sent["data"]["channel"]), (&json!("ORDER_COMPLETED"), &json!("EMAIL")));

    let mail = case.mails().await.remove(0);
    assert_eq!(mail["Source"], format!("orders@{}.oms.example", case.stage.text("/stage")));
    for body in ["BodyText", "BodyHtml"] {
        let body = mail[body].as_str().unwrap();
        assert!(body.contains("€1,234.50") && body.contains(&case.order), "{body}");
    }

    case.stage.publish(&[case.completed(), case.announced()]).await;
    // The mail about a later order shows that the replay was handled before it.
    let later = Case::begin().await.with_address().await;
    later.stage.publish(&[later.completed()]).await;
    capture.wait_for(&later.order, "NotificationSent.v1").await;
    drained(&case.stage).await;
    assert_eq!((case.mails().await.len(), capture.of_type(&case.order, "NotificationSent.v1").len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn race_two_deliveries_of_one_end_at_once() {
    let case = Case::begin().await.with_address().await;
    let capture = Capture::begin(&case.stage).await;
    let batches = [case.completed(), case.announced()].map(|event| [delivered(&event)]);
    let [first, second] = batches.each_ref().map(|batch| case.stage.enqueue("notifications", batch));
    tokio::join!(first, second);
    capture.wait_for(&case.order, "NotificationSent.v1").await;
    drained(&case.stage).await;
    assert_eq!((case.mails().await.len(), capture.of_type(&case.order, "NotificationSent.v1").len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_order_is_notified_with_its_reason() {
    let case = Case::begin().await.with_address().await;
    let capture = Capture::begin(&case.stage).await;
    case.stage.publish(&[case.cancelled()]).await;
    capture.wait_for(&case.order, "NotificationSent.v1").await;
    let mail = case.mails().await.remove(0);
    assert!(mail["Subject"].as_str().unwrap().ends_with("was cancelled"), "{mail}");
    assert!(mail["BodyText"].as_str().unwrap().contains("no longer in stock"), "{mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_names_no_customer_is_published_as_not_notified_and_is_not_a_dead_letter() {
    let case = Case::begin().await;
    let capture = Capture::begin(&case.stage).await;
    let mut nameless = case.completed();
    nameless["data"].as_object_mut().unwrap().remove("customerId");
    case.stage.publish(&[nameless.clone()]).await;
    let failed = capture.wait_for(&case.order, "NotificationFailed.v1").await;
    assert_eq!((&failed["data"]["reason"], &failed["causationid"]), (&json!("NO_ADDRESS"), &nameless["id"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_it_is_published_that_the_customer_was_not_notified() {
    let case = Case::begin().await;
    let capture = Capture::begin(&case.stage).await;
    case.stage.publish(&[case.cancelled()]).await;
    let failed = capture.wait_for(&case.order, "NotificationFailed.v1").await;
    assert_eq!((&failed["data"]["reason"], &failed["causationid"]), (&json!("NO_ADDRESS"), &case.cancelled()["id"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn race_crash_between_sending_and_recording() {
    let case = Case::begin().await.with_address().await;
    let capture = Capture::begin(&case.stage).await;
    let table = case.stage.text("/services/notifications/tables/deliveries");
    let deliveries = DeliveryStore::new(case.stage.aws(), table.into());
    let (order, completed) = (OrderId::new(&case.order).unwrap(), case.completed());
    claim_and_die(&deliveries, &order, &case).await;

    case.stage.publish(&[completed.clone(), completed]).await;
    let failed = capture.wait_for(&case.order, "NotificationFailed.v1").await;
    assert_eq!(failed["data"]["reason"], "OUTCOME_UNKNOWN");
    drained(&case.stage).await;
    assert_eq!(case.mails().await.len(), 0, "it may have been sent, so it is not sent again");
    assert_eq!(capture.of_type(&case.order, "NotificationFailed.v1").len(), 1, "it is published once");
}

#[tokio::test(flavor = "multi_thread")]
async fn race_one_poison_message_in_a_batch_of_ten() {
    let case = Case::begin().await.with_address().await;
    let capture = Capture::begin(&case.stage).await;
    let mut next_major = case.completed();
    next_major["type"] = json!("OrderCompleted.v2");
    let mut broken = case.completed();
    broken["data"].as_object_mut().unwrap().remove("total");
    let poison = [
        ("this is not JSON".to_owned(), "malformed"),
        (delivered(&next_major), "unknown_type"),
        (delivered(&broken), "contract"),
    ];
    let mut batch: Vec<String> = poison.iter().map(|(body, _)| body.clone()).collect();
    batch.extend([delivered(&case.completed())]);
    case.stage.enqueue("notifications", &batch).await;
    capture.wait_for(&case.order, "NotificationSent.v1").await;
    let mut classes = Vec::new();
    for _ in &poison {
        let parked = case.stage.dead_letter("notifications").await;
        classes.push((parked.body, parked.cause["ErrorClass"].clone()));
    }
    for (body, class) in poison {
        assert!(classes.contains(&(body.clone(), class.to_owned())), "{class}: {body} {classes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn canary_an_address_is_in_no_log_and_no_event() {
    let case = Case::begin().await.with_address().await;
    let capture = Capture::begin(&case.stage).await;
    let api = |method| case.stage.request("sam", method, "notifications", ME);
    for email in ["canary-api@example.org", "canary-api@invalid"] {
        api(Method::PUT).json(&json!({ "email": email })).send().await.unwrap();
    }
    api(Method::GET).send().await.unwrap();
    api(Method::DELETE).send().await.unwrap();
    case.stage.publish(&[case.completed()]).await;
    capture.wait_for(&case.order, "NotificationSent.v1").await;
    assert!(!format!("{:?}", capture.events()).contains("canary-"));
    let correlated = case.correlation.as_str();
    eventually("the log mentions the message", || async { logs(&case.stage).await.contains(correlated) }).await;
    let found: Vec<String> =
        logs(&case.stage).await.lines().filter(|line| line.contains("canary-")).map(Into::into).collect();
    assert!(found.is_empty(), "{found:?}");
}

/// What a delivery has written that claimed the message about the order's completion, long ago, and then died.
async fn claim_and_die(deliveries: &DeliveryStore, order: &OrderId, case: &Case) {
    let content = Content::Completed(Money { minor: 123_450, currency: "EUR".into() });
    let fact = Fact { customer: CustomerId::new(&case.customer), content };
    let (correlation_id, causation_id) = (case.correlation.clone(), "evt_long_ago".to_owned());
    let long_ago = Cause::new(correlation_id, causation_id, Timestamp::UNIX_EPOCH);
    let unread = Stored { value: Deliveries::none(order.clone()), revision: Revision::default() };
    let Outcome::Claim { after, .. } = apply(&unread.value, &fact, ClaimId::new(1), long_ago.at) else {
        panic!("no claim")
    };
    let saved = deliveries.save(&unread, &after, &[], &long_ago).await.unwrap();
    assert!(matches!(saved, Saved::Applied(_)));
}

/// Everything that the service's functions have logged.
async fn logs(stage: &Stage) -> String {
    let mut lines = String::new();
    for role in ["api", "events", "relay"] {
        let group = format!("/aws/lambda/{}", stage.text(&format!("/services/notifications/functions/{role}")));
        let mut question = json!({ "logGroupName": group });
        loop {
            let request = reqwest::Client::builder().no_proxy().build().unwrap().post(stage.text("/endpoint"));
            let request = request.header("x-amz-target", "Logs_20140328.FilterLogEvents").header("authorization", ROOT);
            let request = request.header("content-type", "application/x-amz-json-1.1").body(question.to_string());
            let answer: Value = request.send().await.unwrap().json().await.unwrap();
            for line in answer["events"].as_array().unwrap() {
                lines.push_str(line["message"].as_str().unwrap());
                lines.push('\n');
            }
            let Some(next) = answer["nextToken"].as_str() else { break };
            question["nextToken"] = json!(next);
        }
    }
    lines
}

/// Waits until the service has handled what was in its queue.
async fn drained(stage: &Stage) {
    use aws_sdk_sqs::types::QueueAttributeName as Name;
    let sqs = aws_sdk_sqs::Client::new(stage.aws());
    let url = stage.text("/services/notifications/queue/url");
    eventually("the queue is empty", || async {
        let request = sqs.get_queue_attributes().queue_url(url).attribute_names(Name::All);
        let attributes = request.send().await.unwrap().attributes.unwrap();
        let none = |name| attributes.get(&name).is_some_and(|count| count == "0");
        none(Name::ApproximateNumberOfMessages) && none(Name::ApproximateNumberOfMessagesNotVisible)
    })
    .await;
}
