//! Support has a message sent again: when, once for each request, and against what runs beside it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use jiff::Timestamp;
use notifications::domain::delivery::{Deliveries, Fact, LEASE, Outcome, apply, settle};
use notifications::domain::ids::{ClaimId, CustomerId, NotificationId, OrderId, ResendId};
use notifications::domain::message::{Content, Failure, Fate, SendResult, State, Template};
use notifications::domain::money::Money;
use notifications::domain::resend::{
    Resend, ResendRefused, Resending, late_result_against_a_resend, resend, settle_resend,
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const COMPLETED: Template = Template::OrderCompleted;

fn fact() -> Fact {
    let content = Content::Completed(Money { minor: 4_790, currency: "EUR".into() });
    Fact { customer: CustomerId::new("ada"), content }
}

fn first() -> ClaimId {
    ClaimId::new(1)
}

fn second() -> ClaimId {
    ClaimId::new(2)
}

fn claimed() -> Deliveries {
    let none = Deliveries::none(OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap());
    let Outcome::Claim { after, .. } = apply(&none, &fact(), first(), NOW) else { panic!("no claim") };
    after
}

fn settled(result: SendResult) -> Deliveries {
    settle(&claimed(), COMPLETED, result).0
}

fn request(key: u128) -> Resend {
    Resend { id: ResendId::new(key), note: "the customer waits".into() }
}

fn ask(before: &Deliveries, key: u128, again: bool) -> Result<Resending, ResendRefused> {
    resend(before, COMPLETED, &request(key), again, (second(), NOW))
}

fn claimed_again(before: &Deliveries) -> Deliveries {
    let Ok(Resending::Claim(after)) = ask(before, 1, true) else { panic!("no claim") };
    after
}

#[test]
fn what_did_not_reach_the_customer_is_claimed_for_the_request() {
    for result in [
        SendResult::Failed(Failure::NoAddress),
        SendResult::Failed(Failure::Refused),
        SendResult::Unknown,
        SendResult::NotSent,
    ] {
        let Ok(Resending::Claim(after)) = ask(&settled(result), 1, false) else { panic!("{result:?}") };
        assert_eq!(after.state(COMPLETED), State::Claimed { until: NOW + LEASE, by: Some(second()) }, "{result:?}");
        assert_eq!((&after.facts[&COMPLETED], &after.resends[&COMPLETED]), (&fact(), &request(1)));
    }
}

#[test]
fn what_was_sent_is_sent_twice_only_if_the_request_says_so() {
    let sent = settled(SendResult::Sent);
    assert_eq!(ask(&sent, 1, false), Err(ResendRefused::Sent));
    assert!(matches!(ask(&sent, 1, true), Ok(Resending::Claim(_))));
}

#[test]
fn what_is_being_sent_is_not_claimed_a_second_time_until_its_claim_is_over() {
    assert_eq!(ask(&claimed(), 1, true), Err(ResendRefused::Claimed(NOW + LEASE)));
    let late = resend(&claimed(), COMPLETED, &request(1), false, (second(), NOW + LEASE));
    assert!(matches!(late, Ok(Resending::Claim(_))), "its sender has died");
}

#[test]
fn without_content_or_customer_there_is_nothing_to_send() {
    let unknown = settled(SendResult::Unknown);
    let of_an_earlier_version = Deliveries { facts: [].into(), ..unknown.clone() };
    assert_eq!(ask(&of_an_earlier_version, 1, false), Err(ResendRefused::NoContent));
    let nameless = Deliveries { facts: [(COMPLETED, Fact { customer: None, ..fact() })].into(), ..unknown };
    assert_eq!(ask(&nameless, 1, false), Err(ResendRefused::NoCustomer));
}

#[test]
fn the_same_request_is_granted_once_and_another_one_again() {
    let (sent, event) = settle_resend(
        &claimed_again(&settled(SendResult::Unknown)),
        &settled(SendResult::Unknown),
        COMPLETED,
        SendResult::Sent,
    );
    assert_eq!((sent.state(COMPLETED), event.unwrap().fate), (State::Sent, Fate::Sent));
    assert_eq!(ask(&sent, 1, true), Ok(Resending::Repeated));
    let Ok(Resending::Claim(other)) = ask(&sent, 2, true) else { panic!("another request") };
    let (other, _) = settle_resend(&other, &sent, COMPLETED, SendResult::Sent);
    assert_eq!(ask(&other, 1, false), Err(ResendRefused::Sent), "the latest request alone is known");
}

#[test]
fn what_was_certainly_not_sent_is_what_it_was_and_the_same_request_may_come_again() {
    for before in
        [settled(SendResult::Sent), settled(SendResult::Failed(Failure::Refused)), settled(SendResult::NotSent)]
    {
        let (after, event) = settle_resend(&claimed_again(&before), &before, COMPLETED, SendResult::NotSent);
        assert_eq!((&after, event), (&before, None));
        assert!(matches!(ask(&after, 1, true), Ok(Resending::Claim(_))));
    }
}

#[test]
fn what_became_of_it_is_published_also_if_that_was_published_before() {
    for (result, fate) in [
        (SendResult::Sent, Fate::Sent),
        (SendResult::Failed(Failure::NoAddress), Fate::Failed(Failure::NoAddress)),
        (SendResult::Unknown, Fate::Unknown),
    ] {
        let before = settled(result);
        let (_, event) = settle_resend(&claimed_again(&before), &before, COMPLETED, result);
        assert_eq!(event.unwrap().fate, fate);
    }
}

/// The queue leaves it alone, as it leaves every other attempt alone.
#[test]
fn a_delivery_of_the_queue_waits_for_a_resend_and_then_finds_it_done() {
    let again = claimed_again(&settled(SendResult::NotSent));
    assert_eq!(apply(&again, &fact(), ClaimId::new(3), NOW), Outcome::Wait(NOW + LEASE));
    let (sent, _) = settle_resend(&again, &settled(SendResult::NotSent), COMPLETED, SendResult::Sent);
    assert_eq!(apply(&sent, &fact(), ClaimId::new(3), NOW), Outcome::Nothing);
}

/// It would go back to the queue as "not sent" while the other attempt sends it.
#[test]
fn race_late_result_against_a_resend_counts_only_for_its_own_attempt() {
    let again = claimed_again(&settled(SendResult::Unknown)).state(COMPLETED);
    assert!(late_result_against_a_resend(again, first()) && !late_result_against_a_resend(again, second()));
    for state in [State::Unknown, State::Sent, State::Waiting, State::Claimed { until: NOW, by: None }] {
        assert!(!late_result_against_a_resend(state, first()), "{state:?}");
    }
}

#[test]
fn a_request_is_named_by_message_caller_and_key() {
    let ids = |text| NotificationId::new(text).unwrap();
    let (one, two) = (ids("ntf_7d2f9b10-3c84-5b6e-9a77-12ab34cd56ef"), ids("ntf_7d2f9b10-3c84-5b6e-9a77-12ab34cd56e0"));
    let (sam, olga) = (CustomerId::new("sam").unwrap(), CustomerId::new("olga").unwrap());
    let id = ResendId::derive(&one, &sam, "k");
    assert_eq!(id, ResendId::derive(&one, &sam, "k"));
    for other in
        [ResendId::derive(&two, &sam, "k"), ResendId::derive(&one, &olga, "k"), ResendId::derive(&one, &sam, "l")]
    {
        assert_ne!(id, other);
    }
}
