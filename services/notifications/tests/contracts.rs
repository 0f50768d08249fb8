//! Notifications understands every event that it consumes, publishes events that match their schemas, and `events.toml`
//! declares both correctly.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;

use chassis::cause::Cause;
use chassis::store::Revision;
use jiff::Timestamp;
use notifications::domain::delivery::{Deliveries, Fact, Outcome, apply, settle};
use notifications::domain::feedback::{Feedback, FeedbackOutcome, feedback};
use notifications::domain::ids::{ClaimId, CustomerId, NotificationId, OrderId, ResendId};
use notifications::domain::message::{CancelReason, Content, Event, Failure, Fate, SendResult, State, Template};
use notifications::domain::money::Money;
use notifications::domain::resend::Resend;
use notifications::inbound::events::{HANDLED, fact};
use notifications::outbound::{DeliveriesRecord, events};
use serde_json::{Value, json};
use testkit::contract::{self, Contract, sample};

fn contract() -> Contract<'static> {
    Contract::of(env!("CARGO_MANIFEST_DIR"), &HANDLED)
}

fn order() -> OrderId {
    OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap()
}

#[test]
fn the_declaration_names_what_is_published_and_handled() {
    contract().names_what_is_handled();
}

#[test]
fn nothing_is_believed_that_the_bus_does_not_vouch_for() {
    contract().believes_what_the_bus_vouches_for();
}

#[test]
#[cfg_attr(feature = "strict", ignore = "such a build asks for the whole event")]
fn notifications_reads_exactly_what_it_declares() {
    contract().reads_what_it_declares(|delivery| fact(&delivery.event_type, &delivery.text));
}

#[test]
fn every_sample_of_a_handled_type_is_a_fact_about_its_order() {
    contract().understands_every_sample(|event_type, text| fact(event_type, text).map(|(order, _)| order.to_string()));
}

#[test]
#[cfg_attr(feature = "strict", ignore = "such a build asks for values that are published")]
fn the_end_of_an_order_is_a_fact_even_if_its_reason_is_unknown() {
    let mut event = sample("OrderCancelled.v1");
    event["data"]["reason"] = "A_REASON_OF_TOMORROW".into();
    let (_, ended) = fact("OrderCancelled.v1", &event.to_string()).unwrap();
    assert_eq!(ended.content, Content::Cancelled(CancelReason::Other));
}

#[test]
fn the_end_of_an_order_is_a_fact_even_if_it_is_older_than_the_customer_in_it() {
    for event_type in HANDLED {
        let mut event = sample(event_type);
        event["data"].as_object_mut().unwrap().remove("customerId");
        assert_eq!(fact(event_type, &event.to_string()).unwrap().1.customer, None, "{event_type}");
    }
}

#[test]
fn an_undeclared_type_an_unknown_major_and_a_broken_event_are_parked_with_their_cause() {
    for (event_type, class, message) in [
        ("OrderConfirmed.v1", "unknown_type", "notifications does not consume OrderConfirmed.v1"),
        ("OrderCompleted.v2", "unknown_type", "notifications does not consume OrderCompleted.v2"),
        ("OrderCompleted.v1", "contract", "the event does not keep its contract"),
    ] {
        contract::parks(fact(event_type, "{}"), class, message);
    }
}

#[test]
fn only_a_strict_build_refuses_what_only_the_schema_forbids() {
    let forbidden = [
        ("/sequence", "1", "(pattern)"),
        ("/time", "yesterday", "(format)"),
        ("/datacontenttype", "text/plain", "(const)"),
        ("/data/completedAt", "yesterday", "(format)"),
    ];
    let read = |text: &str| fact("OrderCompleted.v1", text);
    contract::is_strict(cfg!(feature = "strict"), "OrderCompleted.v1", &forbidden, read);
}

#[test]
fn every_published_event_keeps_its_schema_and_is_declared() {
    let (correlation_id, causation_id) = ("cor-1".to_owned(), "evt_completed".to_owned());
    let cause = Cause { hops: 3, ..Cause::new(correlation_id, causation_id, Timestamp::UNIX_EPOCH) };
    let fates = [
        (Fate::Sent, "NotificationSent.v1", Value::Null),
        (Fate::Failed(Failure::NoAddress), "NotificationFailed.v1", "NO_ADDRESS".into()),
        (Fate::Failed(Failure::Refused), "NotificationFailed.v1", "REFUSED".into()),
        (Fate::Failed(Failure::Unconfirmed), "NotificationFailed.v1", "UNCONFIRMED".into()),
        (Fate::Failed(Failure::AddressStopped), "NotificationFailed.v1", "ADDRESS_STOPPED".into()),
        (Fate::Failed(Failure::RateLimited), "NotificationFailed.v1", "RATE_LIMITED".into()),
        (Fate::Failed(Failure::Bounced), "NotificationFailed.v1", "BOUNCED".into()),
        (Fate::Failed(Failure::Complained), "NotificationFailed.v1", "COMPLAINED".into()),
        (Fate::Unknown, "NotificationFailed.v1", "OUTCOME_UNKNOWN".into()),
    ];
    for template in [Template::OrderCompleted, Template::OrderCancelled] {
        let notification = NotificationId::derive(&order(), template.as_str(), "EMAIL");
        let event = |fate| Event { notification: notification.clone(), template, fate };
        let emitted: Vec<Event> = fates.iter().map(|(fate, ..)| event(*fate)).collect();
        let texts =
            events(&order(), &emitted, &cause, &Revision { version: 2, emitted: 0, ..Revision::default() }).unwrap();
        for (sequence, (event, (_, event_type, reason))) in (1..).zip(contract().publishes(&texts).iter().zip(&fates)) {
            assert_eq!((&event["type"], &event["data"]["reason"]), (&(*event_type).into(), reason));
            assert_eq!(event["sequence"], format!("{sequence:010}"));
            assert_eq!((&event["correlationid"], &event["causationid"]), (&"cor-1".into(), &"evt_completed".into()));
            assert_eq!(event["hops"], 3, "as many as its cause says");
        }
    }
}

/// From the facts and the results of sending of which the rules make events, to the bytes on the bus.
#[test]
fn every_event_that_notifications_publishes_is_pinned() {
    let at: Timestamp = "2026-11-22T10:15:30.120Z".parse().unwrap();
    let traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into());
    let cause = Cause { traceparent, ..Cause::new("cor-1", "evt_ended", at) };
    let completed = Content::Completed(Money { minor: 4_790, currency: "EUR".into() });
    let cancelled = Content::Cancelled(CancelReason::Customer);
    let results = [
        SendResult::Sent,
        SendResult::Failed(Failure::NoAddress),
        SendResult::Failed(Failure::Refused),
        SendResult::Unknown,
    ];
    // Golden events are numbered, and none may change its number.
    let later = [SendResult::Failed(Failure::Unconfirmed), SendResult::Failed(Failure::AddressStopped)];
    let latest = [SendResult::Failed(Failure::RateLimited)];
    let ends = [&results[..], &later, &latest].into_iter().flat_map(|some| [(&completed, some), (&cancelled, some)]);
    let mut published = Vec::new();
    for (content, results) in ends {
        let template = content.template();
        let ended = Fact { customer: CustomerId::new("ada"), content: content.clone() };
        let Outcome::Claim { after, .. } = apply(&Deliveries::none(order()), &ended, ClaimId::new(1), at) else {
            panic!("no claim")
        };
        for result in results {
            let (_, event) = settle(&after, template, *result);
            let decided: Vec<Event> = event.into_iter().collect();
            published.extend(
                events(&order(), &decided, &cause, &Revision { version: 1, emitted: 0, ..Revision::default() })
                    .unwrap(),
            );
        }
    }
    for (template, reported) in
        [(Template::OrderCompleted, Feedback::Bounced), (Template::OrderCancelled, Feedback::Complained)]
    {
        let sent = Deliveries {
            messages: [(template, State::Sent)].into(),
            attempts: [(template, ClaimId::new(1))].into(),
            ..Deliveries::none(order())
        };
        let FeedbackOutcome::Correct { event, .. } =
            feedback(&sent, template, ClaimId::new(1), reported, Timestamp::UNIX_EPOCH)
        else {
            panic!("not corrected")
        };
        let read = Revision { version: 2, emitted: 1, ..Revision::default() };
        published.extend(events(&order(), &[event], &cause, &read).unwrap());
    }
    contract().pins(&published);
}

/// Items of earlier versions are in the table, so no line of this may change; one may be added.
#[test]
fn the_stored_form_of_every_state_is_pinned() {
    let until = "2026-11-22T10:16:30.120Z".parse().unwrap();
    for (template, state, stored) in [
        (Template::OrderCompleted, State::Waiting, json!({ "ORDER_COMPLETED": { "state": "WAITING" } })),
        (
            Template::OrderCompleted,
            State::Claimed { until, by: None },
            json!({ "ORDER_COMPLETED": { "state": "CLAIMED", "until": 1_795_342_590_120_u64 } }),
        ),
        (
            Template::OrderCompleted,
            State::Claimed { until, by: Some(ClaimId::new(0x019a_bcde_f012_7345_8678_9abc_def0_1234)) },
            json!({ "ORDER_COMPLETED": {
                "state": "CLAIMED", "until": 1_795_342_590_120_u64, "by": "019abcde-f012-7345-8678-9abcdef01234",
            } }),
        ),
        (Template::OrderCompleted, State::Sent, json!({ "ORDER_COMPLETED": { "state": "SENT" } })),
        (
            Template::OrderCancelled,
            State::Failed(Failure::NoAddress),
            json!({ "ORDER_CANCELLED": { "state": "NO_ADDRESS" } }),
        ),
        (
            Template::OrderCancelled,
            State::Failed(Failure::Refused),
            json!({ "ORDER_CANCELLED": { "state": "REFUSED" } }),
        ),
        (
            Template::OrderCancelled,
            State::Failed(Failure::Unconfirmed),
            json!({ "ORDER_CANCELLED": { "state": "UNCONFIRMED" } }),
        ),
        (
            Template::OrderCancelled,
            State::Failed(Failure::AddressStopped),
            json!({ "ORDER_CANCELLED": { "state": "ADDRESS_STOPPED" } }),
        ),
        (
            Template::OrderCancelled,
            State::Failed(Failure::RateLimited),
            json!({ "ORDER_CANCELLED": { "state": "RATE_LIMITED" } }),
        ),
        (
            Template::OrderCancelled,
            State::Failed(Failure::Bounced),
            json!({ "ORDER_CANCELLED": { "state": "BOUNCED" } }),
        ),
        (
            Template::OrderCancelled,
            State::Failed(Failure::Complained),
            json!({ "ORDER_CANCELLED": { "state": "COMPLAINED" } }),
        ),
        (Template::OrderCancelled, State::Unknown, json!({ "ORDER_CANCELLED": { "state": "UNKNOWN" } })),
    ] {
        let deliveries = Deliveries { messages: BTreeMap::from([(template, state)]), ..Deliveries::none(order()) };
        let item = serde_json::to_value(DeliveriesRecord::from(&deliveries)).unwrap();
        assert_eq!(item, json!({ "messages": stored }));
        let read: DeliveriesRecord = serde_json::from_value(item).unwrap();
        assert_eq!(read.deliveries(order()), deliveries);
    }
}

/// As above, for what is kept since support may have a message sent again.
#[test]
fn the_stored_form_of_what_a_message_says_is_pinned() {
    let total = Content::Completed(Money { minor: 4_790, currency: "EUR".into() });
    let resend = Resend { id: ResendId::new(0x019a_bcde_f012_7345_8678_9abc_def0_1234), note: "please".into() };
    let asked = json!({ "id": "019abcde-f012-7345-8678-9abcdef01234", "note": "please" });
    let (sent, none) = (json!({ "state": "SENT" }), serde_json::Map::new());
    for (content, customer, resend, stored) in [
        (total.clone(), "ada", None, json!({ "customer": "ada", "total": 4790, "currency": "EUR" })),
        (
            total,
            "",
            Some(resend),
            json!({ "total": 4790, "currency": "EUR", "attempt": ClaimId::new(1).to_string(), "resend": asked }),
        ),
        (Content::Cancelled(CancelReason::Customer), "ada", None, json!({ "customer": "ada", "reason": "CUSTOMER" })),
        (Content::Cancelled(CancelReason::OutOfStock), "", None, json!({ "reason": "OUT_OF_STOCK" })),
        (Content::Cancelled(CancelReason::PaymentFailed), "", None, json!({ "reason": "PAYMENT_FAILED" })),
        (Content::Cancelled(CancelReason::ReservationExpired), "", None, json!({ "reason": "RESERVATION_EXPIRED" })),
        (Content::Cancelled(CancelReason::TimedOut), "", None, json!({ "reason": "TIMED_OUT" })),
        (Content::Cancelled(CancelReason::Staff), "", None, json!({ "reason": "STAFF" })),
        (Content::Cancelled(CancelReason::Other), "", None, json!({ "reason": "OTHER" })),
    ] {
        let (template, fact) = (content.template(), Fact { customer: CustomerId::new(customer), content });
        let deliveries = Deliveries {
            messages: [(template, State::Sent)].into(),
            facts: [(template, fact)].into(),
            attempts: resend.iter().map(|_| (template, ClaimId::new(1))).collect(),
            resends: resend.map(|resend| (template, resend)).into_iter().collect(),
            ..Deliveries::none(order())
        };
        let item = serde_json::to_value(DeliveriesRecord::from(&deliveries)).unwrap();
        let message = [&sent, &stored].map(|part| part.as_object().unwrap().clone());
        let message = message.into_iter().fold(none.clone(), |all, part| all.into_iter().chain(part).collect());
        assert_eq!(item, json!({ "messages": { template.as_str(): message } }));
        let read: DeliveriesRecord = serde_json::from_value(item).unwrap();
        assert_eq!(read.deliveries(order()), deliveries);
    }
}
