//! A claim whose answer is lost and which the SDK repeats is the delivery's own: the mail goes out, once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::{Arc, Mutex};

use chassis::cause::Cause;
use jiff::Timestamp;
use notifications::application::apply_event::apply_event;
use notifications::application::{Notifier, Tally};
use notifications::domain::delivery::Fact;
use notifications::domain::ids::{ClaimId, CustomerId, OrderId};
use notifications::domain::message::{CancelReason, Content};
use notifications::outbound::{Contacts, DeliveryStore, Mailer, Templates};
use serde_json::{Value, json};
use testkit::endpoint::{Asked, answering};

/// One item that is written conditionally, as DynamoDB does it.
#[derive(Default)]
struct Table {
    item: Option<Value>,
    writes: u32,
}

impl Table {
    fn put(&mut self, request: &Value) -> (u16, Value) {
        let version = |item: &Value| item["version"].clone();
        let holds = match (&self.item, request["ExpressionAttributeValues"].get(":read")) {
            (None, None) => true,
            (Some(item), Some(read)) => version(item) == *read,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !holds {
            let error = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
            return (400, json!({ "__type": error, "Item": self.item }));
        }
        self.item = Some(request["Item"].clone());
        self.writes += 1;
        (200, json!({}))
    }

    fn state(&self) -> Value {
        self.item.as_ref().unwrap()["messages"]["M"]["ORDER_CANCELLED"]["M"]["state"]["S"].clone()
    }
}

/// A notifier whose writes with these numbers are done, and answered with an error.
async fn notifier(unanswered: &'static [u32]) -> (Notifier, Asked, Arc<Mutex<Table>>) {
    let table = Arc::new(Mutex::new(Table::default()));
    let deliveries = Arc::clone(&table);
    let (aws, asked) = answering(move |name, request| match name {
        "PutItem" => {
            let mut table = deliveries.lock().unwrap();
            match table.put(request) {
                (200, _) if unanswered.contains(&table.writes) => (500, json!({})),
                answer => answer,
            }
        }
        "GetItem" => {
            let text = |text: &str| json!({ "S": text });
            let (email, at) = (text("ada@example.org"), text("2026-11-22T10:15:30Z"));
            let confirmed = json!({ "confirmedEmail": email, "confirmedBy": text("LINK"), "confirmedAt": at });
            let mut item = json!({ "pk": text("ada"), "email": email, "updatedAt": at });
            item.as_object_mut().unwrap().extend(confirmed.as_object().unwrap().clone());
            (200, json!({ "Item": item }))
        }
        _ => (200, json!({ "MessageId": "1" })),
    })
    .await;
    let notifier = Notifier {
        deliveries: DeliveryStore::new(&aws, "deliveries".to_owned()),
        contacts: Contacts::new(&aws, "contacts".to_owned()),
        templates: Templates::new().unwrap(),
        mailer: Mailer::new(&aws, "orders@oms.example".to_owned()),
        tally: Tally::new(20),
    };
    (notifier, asked, table)
}

async fn deliver(notifier: &Notifier, claim: u128) -> Result<(), String> {
    let order = OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap();
    let fact = Fact { customer: CustomerId::new("ada"), content: Content::Cancelled(CancelReason::OutOfStock) };
    let cause = Cause::new("cor-1", "evt_1", Timestamp::UNIX_EPOCH);
    let applied = apply_event(notifier, &order, &fact, ClaimId::new(claim), &cause).await;
    applied.map_err(|error| error.to_string())
}

fn mails(asked: &Asked) -> usize {
    asked.lock().unwrap().iter().filter(|name| name.contains("email")).count()
}

#[tokio::test]
async fn race_a_claim_whose_answer_is_lost_and_its_own_repetition() {
    // The claim is done and answered 500, and so is the record of the result.
    for unanswered in [&[][..], &[1], &[2], &[1, 2]] {
        let (notifier, asked, table) = notifier(unanswered).await;
        assert_eq!(deliver(&notifier, 1).await, Ok(()), "{unanswered:?}");
        assert_eq!((mails(&asked), table.lock().unwrap().state()), (1, json!("SENT")), "{unanswered:?}");
        assert_eq!(deliver(&notifier, 2).await, Ok(()), "a second delivery sends nothing");
        assert_eq!((mails(&asked), table.lock().unwrap().writes), (1, 2), "{unanswered:?}");
    }
}

#[tokio::test]
async fn above_the_cap_of_an_hour_a_mail_is_recorded_as_not_sent() {
    let (notifier, asked, table) = notifier(&[]).await;
    for claim in 1..=31 {
        // Another order, whose item does not exist yet.
        table.lock().unwrap().item = None;
        assert_eq!(deliver(&notifier, claim).await, Ok(()));
    }
    assert_eq!((mails(&asked), table.lock().unwrap().state()), (20, json!("RATE_LIMITED")));
    let counted = asked.lock().unwrap().iter().filter(|name| *name == "UpdateItem").count();
    assert_eq!(counted, 5, "each fourth mail costs a write");
}

#[tokio::test]
async fn a_claim_of_another_delivery_is_waited_for() {
    let (notifier, asked, table) = notifier(&[]).await;
    assert_eq!(deliver(&notifier, 1).await, Ok(()));
    {
        let mut table = table.lock().unwrap();
        let claimed = json!({ "state": { "S": "CLAIMED" }, "until": { "N": "60000" }, "by": { "S": ClaimId::new(1).to_string() } });
        table.item.as_mut().unwrap()["messages"]["M"]["ORDER_CANCELLED"] = json!({ "M": claimed });
    }
    assert_eq!(deliver(&notifier, 2).await, Err("another delivery has claimed the message".to_owned()));
    assert_eq!(mails(&asked), 1);
}
