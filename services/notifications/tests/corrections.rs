//! A report of SES stops mail to its address before it corrects what was said, and stops no other address.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::{Arc, Mutex};

use chassis::cause::Cause;
use chassis::verdict::{Classify, Verdict};
use jiff::Timestamp;
use notifications::application::apply_feedback::{Correction, FeedbackError, Report, apply_feedback};
use notifications::domain::feedback::Feedback;
use notifications::domain::ids::{AddressMark, ClaimId, OrderId};
use notifications::domain::message::Template;
use notifications::outbound::{Contacts, DeliveryStore};
use serde_json::{Value, json};
use testkit::endpoint::{Asked, answering};

const ORDER: &str = "ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10";
const ADDRESS: &str = "ada@example.org";

fn text(text: &str) -> Value {
    json!({ "S": text })
}

/// The item of an order whose mail is in this state since this attempt.
fn item(state: &str, attempt: ClaimId) -> Value {
    let mut message = json!({ "state": text(state), "customer": text("ada"), "reason": text("STAFF"),
        "attempt": text(&attempt.to_string()) });
    if state == "CLAIMED" {
        message["until"] = json!({ "N": "60000" });
    }
    json!({ "pk": text(ORDER), "version": { "N": "2" }, "emitted": { "N": "1" },
        "messages": { "M": { "ORDER_CANCELLED": { "M": message } } } })
}

/// What it takes to apply a report where the order's item is this, if there is one; what is asked; and the item then.
async fn correction(item: Option<Value>) -> (Correction, Asked, Arc<Mutex<Option<Value>>>) {
    let item = Arc::new(Mutex::new(item));
    let shared = Arc::clone(&item);
    let (aws, asked) = answering(move |name, request| {
        let mut item = shared.lock().unwrap();
        match (name, request["TableName"].as_str()) {
            ("PutItem", _) => *item = Some(request["Item"].clone()),
            ("GetItem", Some("deliveries")) => {
                return (200, item.as_ref().map_or(json!({}), |item| json!({ "Item": item })));
            }
            ("GetItem", _) => {
                let (email, at) = (text(ADDRESS), text("2026-11-22T10:15:30Z"));
                return (200, json!({ "Item": { "pk": text("ada"), "email": email, "updatedAt": at } }));
            }
            (_, _) => {}
        }
        (200, json!({}))
    })
    .await;
    let deliveries = DeliveryStore::new(&aws, "deliveries".to_owned());
    (Correction { deliveries, contacts: Contacts::new(&aws, "contacts".to_owned()) }, asked, item)
}

async fn bounced(correction: &Correction, address: &str) -> Result<(), FeedbackError> {
    reported(correction, address, Feedback::Bounced).await
}

async fn reported(correction: &Correction, address: &str, feedback: Feedback) -> Result<(), FeedbackError> {
    let report = Report {
        order: OrderId::new(ORDER).unwrap(),
        template: Template::OrderCancelled,
        attempt: ClaimId::new(1),
        address: AddressMark::of(address),
        feedback,
    };
    apply_feedback(correction, &report, &Cause::new("cor_1", "message-1", Timestamp::UNIX_EPOCH)).await
}

/// The writes among what was asked.
fn writes(asked: &Asked) -> Vec<String> {
    asked.lock().unwrap().drain(..).filter(|name| name != "GetItem").collect()
}

#[tokio::test]
async fn the_address_is_stopped_first_so_that_a_report_that_dies_in_between_comes_again() {
    let (correction, asked, item) = correction(Some(item("SENT", ClaimId::new(1)))).await;
    bounced(&correction, ADDRESS).await.unwrap();
    assert_eq!(writes(&asked), ["UpdateItem", "PutItem"]);
    let state = item.lock().unwrap().clone().unwrap()["messages"]["M"]["ORDER_CANCELLED"]["M"]["state"].clone();
    assert_eq!(state, text("BOUNCED"));
    bounced(&correction, ADDRESS).await.unwrap();
    assert!(writes(&asked).is_empty(), "the second report changes nothing");
}

#[tokio::test]
async fn a_stop_of_an_address_that_was_left_since_is_remembered_too() {
    let (correction, asked, _) = correction(Some(item("SENT", ClaimId::new(1)))).await;
    bounced(&correction, "ada@example.com").await.unwrap();
    assert_eq!(writes(&asked), ["UpdateItem", "PutItem"]);
}

#[tokio::test]
async fn a_bounce_of_an_earlier_attempt_stops_nothing_and_a_complaint_its_address() {
    let (correction, asked, _) = correction(Some(item("SENT", ClaimId::new(2)))).await;
    bounced(&correction, ADDRESS).await.unwrap();
    assert!(writes(&asked).is_empty());
    reported(&correction, ADDRESS, Feedback::Complained).await.unwrap();
    assert_eq!(writes(&asked), ["UpdateItem"], "what is said of the later mail stays");
}

#[tokio::test]
async fn a_report_waits_while_the_mail_is_being_sent_and_is_parked_if_nothing_is_known_of_it() {
    let (claimed, asked, _) = correction(Some(item("CLAIMED", ClaimId::new(1)))).await;
    let waits = bounced(&claimed, ADDRESS).await.unwrap_err();
    assert!(matches!(waits.verdict(), Verdict::RetryIn(_)) && writes(&asked).is_empty(), "{waits}");
    let (unknown, asked, _) = correction(None).await;
    let parked = bounced(&unknown, ADDRESS).await.unwrap_err();
    assert_eq!((parked.class(), parked.verdict(), writes(&asked).len()), ("unknown_order", Verdict::Park, 0));
}
