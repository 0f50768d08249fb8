//! Two clicks at once send one mail, and a mail that SES did not take may be asked for again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::{Arc, Mutex};

use chassis::cause::Cause;
use jiff::Timestamp;
use notifications::application::apply_event::apply_event;
use notifications::application::resend::{ResendError, ResendRequest, Resent, resend};
use notifications::application::{ApplyError, Notifier, Tally};
use notifications::domain::delivery::{Deliveries, Fact};
use notifications::domain::ids::{ClaimId, CustomerId, NotificationId, OrderId, ResendId};
use notifications::domain::message::{Content, State, Template};
use notifications::domain::money::Money;
use notifications::domain::resend::{Resend, ResendRefused};
use notifications::outbound::{Contacts, DeliveryStore, Mailer, Templates};
use serde_json::{Value, json};
use testkit::endpoint::{Asked, answering};

const ORDER: &str = "ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10";
const SAGA: &str = "cor_0190f5c4-7a80-7c3e-9d52-6a1f0b7c8d9e";
const EVENT: &str = "evt_a5c95409-99b6-5529-94d6-5228350eeb1f";
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The deliveries table with one item, and what SES answers to each mail; "taken" when there is nothing left.
struct World {
    item: Option<Value>,
    answers: Vec<(u16, Value)>,
    is_confirmed: bool,
}

impl World {
    fn put(&mut self, request: &Value) -> (u16, Value) {
        let version = |item: &Value| item["version"].clone();
        let read = request["ExpressionAttributeValues"].get(":read").cloned();
        if self.item.as_ref().map(version) != read {
            let error = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
            return (400, json!({ "__type": error, "Item": self.item }));
        }
        self.item = Some(request["Item"].clone());
        (200, json!({}))
    }

    fn get(&self, request: &Value) -> (u16, Value) {
        let text = |text: &str| json!({ "S": text });
        if request["TableName"] == "deliveries" {
            return (200, self.item.as_ref().map_or(json!({}), |item| json!({ "Item": item })));
        }
        let (email, at) = (text("ada@example.org"), text("2026-11-22T10:15:30Z"));
        let confirmed = if self.is_confirmed { &email } else { &text("eve@example.org") };
        let item = json!({ "pk": text("ada"), "email": email, "updatedAt": at, "confirmedEmail": confirmed,
            "confirmedBy": text("LINK"), "confirmedAt": at });
        (200, json!({ "Item": item }))
    }
}

fn unverified() -> (u16, Value) {
    (400, json!({ "__type": "MessageRejected", "message": "Email address is not verified. ada@example.org" }))
}

/// A notifier whose order has completed, and whose mail SES has answered like this.
async fn notified(answers: &[(u16, Value)]) -> (Notifier, Asked, Arc<Mutex<World>>) {
    let world = Arc::new(Mutex::new(World { answers: answers.to_vec(), is_confirmed: true, item: None }));
    let shared = Arc::clone(&world);
    let (aws, asked) = answering(move |name, request| {
        let mut world = shared.lock().unwrap();
        match name {
            "PutItem" => world.put(request),
            "GetItem" => world.get(request),
            _ if world.answers.is_empty() => (200, json!({ "MessageId": "1" })),
            _ => world.answers.remove(0),
        }
    })
    .await;
    let notifier = Notifier {
        deliveries: DeliveryStore::new(&aws, "deliveries".to_owned()),
        contacts: Contacts::new(&aws, "contacts".to_owned()),
        templates: Templates::new().unwrap(),
        mailer: Mailer::new(&aws, "orders@oms.example".to_owned()),
        tally: Tally::new(20),
    };
    let content = Content::Completed(Money { minor: 4_790, currency: "EUR".into() });
    let fact = Fact { customer: CustomerId::new("5f1c7a52-9d5e-4a0b-9f11-2f6a4c1b7e90"), content };
    let at = "2026-11-22T10:15:30.120Z".parse().unwrap();
    let cause = Cause { traceparent: Some(TRACE.into()), ..Cause::new(SAGA, EVENT, at) };
    let applied = apply_event(&notifier, &order(), &fact, ClaimId::new(1), &cause).await;
    assert_eq!(applied.is_ok(), answers.first().is_none_or(|(status, _)| *status != 400), "{applied:?}");
    (notifier, asked, world)
}

fn order() -> OrderId {
    OrderId::new(ORDER).unwrap()
}

fn mail() -> NotificationId {
    Deliveries::none(order()).id(Template::OrderCompleted)
}

async fn ask(notifier: &Notifier, key: u128, claim: u128, again: bool) -> Result<Resent, ResendError> {
    let resend_request = Resend { id: ResendId::new(key), note: "please".into() };
    let request = ResendRequest { order: order(), notification: mail(), resend: resend_request, again };
    let cause = Cause::new("cor_request", "cmd_1", Timestamp::UNIX_EPOCH);
    resend(notifier, &request, ClaimId::new(claim), &cause).await
}

fn mails(asked: &Asked) -> usize {
    asked.lock().unwrap().iter().filter(|name| name.contains("email")).count()
}

#[tokio::test]
async fn race_two_requests_at_once_send_one_mail() {
    // With one key (a second click), and with two (two people).
    for (first, second) in [(1, 1), (1, 2)] {
        let (notifier, asked, _) = notified(&[(500, json!({}))]).await;
        let (one, other) = tokio::join!(ask(&notifier, first, 2, false), ask(&notifier, second, 3, false));
        let granted = [&one, &other].into_iter().filter(|answer| answer.is_ok()).count();
        let refused = [one, other].into_iter().filter_map(Result::err).collect::<Vec<_>>();
        assert_eq!((mails(&asked), granted), (2, 1), "one beside the first, of which nothing is known: {refused:?}");
        assert!(matches!(refused[..], [ResendError::Refused(ResendRefused::Claimed(_))]), "{refused:?}");
    }
}

#[tokio::test]
async fn the_same_request_sends_one_mail_and_gets_one_answer() {
    let (notifier, asked, _) = notified(&[]).await;
    assert!(matches!(ask(&notifier, 1, 2, false).await, Err(ResendError::Refused(ResendRefused::Sent))));
    let once = ask(&notifier, 1, 3, true).await.unwrap();
    let twice = ask(&notifier, 1, 4, true).await.unwrap();
    assert_eq!((once.now, once.repeated, twice.repeated, mails(&asked)), (twice.now, false, true, 2));
}

#[tokio::test]
async fn a_mail_that_ses_does_not_take_is_what_it_was_and_the_same_request_works_later() {
    let (notifier, asked, world) = notified(&[(200, json!({ "MessageId": "1" })), unverified()]).await;
    let before = world.lock().unwrap().item.clone().unwrap()["messages"].clone();
    let refused = ask(&notifier, 1, 2, true).await.unwrap_err();
    assert!(matches!(refused, ResendError::Apply(ApplyError::SetUp { .. })), "{refused:?}");
    assert_eq!(world.lock().unwrap().item.clone().unwrap()["messages"], before);
    let sent = ask(&notifier, 1, 3, true).await.unwrap();
    assert_eq!((sent.now.deliveries.state(Template::OrderCompleted), sent.repeated), (State::Sent, false));
    assert_eq!(mails(&asked), 3);
}

#[tokio::test]
async fn a_mail_that_may_go_nowhere_is_what_it_was() {
    let (notifier, asked, world) = notified(&[]).await;
    let before = world.lock().unwrap().item.clone().unwrap()["messages"].clone();
    world.lock().unwrap().is_confirmed = false;
    let refused = ask(&notifier, 1, 2, true).await.unwrap_err();
    assert_eq!(refused.to_string(), "there is nowhere to send the mail: unconfirmed");
    assert_eq!((&world.lock().unwrap().item.clone().unwrap()["messages"], mails(&asked)), (&before, 1));
}

/// The events of a saga are one tree: what a request causes hangs on what notifications published before.
#[tokio::test]
async fn what_becomes_of_it_is_published_in_its_saga() {
    let (notifier, _, world) = notified(&[(500, json!({}))]).await;
    ask(&notifier, 1, 2, false).await.unwrap();
    let item = world.lock().unwrap().item.clone().unwrap();
    let outbox = item["outbox"]["S"].as_str().unwrap();
    let latest = contracts::event_id("oms.notifications", ORDER, 1);
    assert!(outbox.contains("NotificationSent.v1") && outbox.contains(&latest), "{outbox}");
    assert_eq!((&item["correlationId"]["S"], &item["emitted"]["N"]), (&json!(SAGA), &json!("2")));
}

/// A write unit is 1 KB, and each mail costs two.
#[tokio::test]
async fn the_item_of_a_mail_fits_into_one_write_unit() {
    let (_, _, world) = notified(&[]).await;
    let item = world.lock().unwrap().item.clone().unwrap();
    // An upper bound of what DynamoDB counts: JSON has quotes and types beside names and values.
    let bytes = item.to_string().len();
    assert!(bytes < 1_024, "{bytes}: {item}");
}
