//! How many mails go to one address within an hour.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use notifications::application::Tally;
use notifications::domain::address::EmailAddress;
use notifications::domain::cap::{Counted, hour, key, step, until_next_hour};
use notifications::domain::ids::CustomerId;
use notifications::outbound::Contacts;
use serde_json::json;
use testkit::endpoint::answering;

const CAP: u32 = 20;

fn now() -> Timestamp {
    "2026-11-22T10:15:30Z".parse().unwrap()
}

fn ada() -> CustomerId {
    CustomerId::new("ada").unwrap()
}

/// The mails that these processes get out within an hour of those that they want to send by turns, and the writes that it
/// takes.
fn sent(processes: &[Tally], wanted: u32, at: Timestamp) -> (u32, u32) {
    let (mut written, mut sent, mut writes) = (Counted { hour: hour(at), mails: 0 }, 0, 0);
    for tally in processes.iter().cycle().take(wanted as usize) {
        sent += u32::from(tally.take(&ada(), written, at));
        if let Some(mails) = tally.due(&ada(), at) {
            written.mails += mails;
            writes += 1;
        }
    }
    (sent, writes)
}

#[test]
fn one_process_keeps_to_the_cap_and_each_further_one_adds_less_than_a_step() {
    assert_eq!(sent(&[Tally::new(CAP)], 31, now()), (CAP, CAP / step(CAP)));
    for processes in 2..=10 {
        let tallies: Vec<Tally> = (0..processes).map(|_| Tally::new(CAP)).collect();
        let most = CAP + (processes - 1) * (step(CAP) - 1);
        assert!((CAP..=most).contains(&sent(&tallies, 500, now()).0), "{processes}");
    }
}

#[test]
fn an_ordinary_customer_costs_no_write() {
    assert_eq!(sent(&[Tally::new(CAP)], step(CAP) - 1, now()), (step(CAP) - 1, 0));
}

#[test]
fn a_cap_of_one_is_kept_too() {
    assert_eq!(sent(&[Tally::new(1)], 5, now()), (1, 1));
    assert_eq!(sent(&[Tally::new(1), Tally::new(1)], 5, now()), (1, 1));
}

#[test]
fn the_next_hour_begins_at_none() {
    let tally = Tally::new(CAP);
    assert_eq!(sent(std::slice::from_ref(&tally), 31, now()).0, CAP);
    let next = now() + SignedDuration::from_secs(until_next_hour(now()));
    assert_eq!(hour(next), hour(now()) + 1);
    assert_eq!(Counted { hour: hour(now()), mails: CAP }.at(next), 0);
    assert_eq!(sent(&[tally], 31, next).0, CAP);
}

#[test]
fn what_was_not_sent_does_not_count_and_what_others_have_sent_does() {
    let tally = Tally::new(CAP);
    for _ in 0..100 {
        assert!(tally.take(&ada(), Counted::default(), now()));
        tally.give_back(&ada(), now());
    }
    let written = |mails| Counted { hour: hour(now()), mails };
    assert!(!tally.take(&ada(), written(CAP), now()));
    assert!(tally.take(&CustomerId::new("bob").unwrap(), written(CAP - 1), now()));
}

/// Deliveries of one batch have all read the contact before the first of them writes.
#[test]
fn what_was_read_before_this_process_wrote_does_not_count_less() {
    let tally = Tally::new(CAP);
    let taken = (0..31).filter(|_| {
        let taken = tally.take(&ada(), Counted::default(), now());
        assert!(tally.due(&ada(), now()).is_none_or(|mails| mails == step(CAP)));
        taken
    });
    assert_eq!(taken.count(), CAP as usize);
}

#[test]
fn an_address_is_counted_under_its_hash_in_whatever_case_it_is_written() {
    let of = |text: &str| key(&EmailAddress::new(text).unwrap());
    assert_eq!(of("Ada@Example.org"), of("ada@example.org"));
    assert_ne!(of("ada@example.org"), of("bob@example.org"));
    assert!(!of("ada@example.org").contains("ada") && of("ada@example.org").len() == 64);
}

/// Contacts whose counts lie in memory.
async fn counting() -> Contacts {
    let mut counts = BTreeMap::<String, i64>::new();
    let (aws, _) = answering(move |_, request| {
        let number = |name: &str| request["ExpressionAttributeValues"][name]["N"].as_str()?.parse::<i64>().ok();
        let count = counts.entry(request["Key"]["pk"]["S"].as_str().unwrap().to_owned()).or_default();
        if number(":most").is_some_and(|most| *count >= most) || number(":none").is_some_and(|none| *count <= none) {
            let lost = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
            return (400, json!({ "__type": lost, "message": "The conditional request failed" }));
        }
        *count += number(":mails").unwrap();
        (200, json!({}))
    })
    .await;
    Contacts::new(&aws, "contacts".to_owned())
}

#[tokio::test]
async fn what_an_address_does_not_get_does_not_count_for_the_customer_who_asked() {
    let (contacts, email) = (counting().await, |text| EmailAddress::new(text).unwrap());
    let (flooded, other, bob) =
        (email("full@example.org"), email("other@example.org"), CustomerId::new("bob").unwrap());
    let mut got = Vec::new();
    for (customer, to) in [(&bob, &flooded); 3].into_iter().chain([(&ada(), &flooded); 3]).chain([(&ada(), &other); 4])
    {
        got.push(contacts.count_confirmation(customer, to, 3, now()).await.unwrap());
    }
    assert_eq!(got, [true, true, true, false, false, false, true, true, true, false]);
}
