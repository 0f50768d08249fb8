//! A message goes out at most once, whatever comes twice, late, in another order, or not to its end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use notifications::domain::delivery::{
    CancelReason, Content, Deliveries, Fact, Failure, Heard, LEASE, Outcome, State, hear, settle,
};
use notifications::domain::ids::{CustomerId, EventId, NotificationId, OrderId};
use notifications::domain::money::Money;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn nothing() -> Deliveries {
    Deliveries::none(OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap())
}

fn placed() -> Fact {
    Fact::Placed(CustomerId::new("ada").unwrap())
}

fn completed() -> Fact {
    let content = Content::Completed(Money { minor: 4_790, currency: "EUR".into() });
    Fact::Ended { event: EventId::new("evt_completed").unwrap(), content }
}

fn cancelled() -> Fact {
    let content = Content::Cancelled(CancelReason::OutOfStock);
    Fact::Ended { event: EventId::new("evt_cancelled").unwrap(), content }
}

fn heard(facts: &[Fact]) -> Heard {
    let nothing = Heard { after: nothing(), claimed: vec![], lost: vec![], busy_until: None };
    facts.iter().fold(nothing, |heard, fact| hear(&heard.after, fact, NOW))
}

/// The one message, claimed.
fn claimed() -> (Deliveries, NotificationId) {
    let mut heard = heard(&[placed(), completed()]);
    (heard.after, heard.claimed.pop().unwrap())
}

fn state(deliveries: &Deliveries) -> State {
    deliveries.messages.values().next().unwrap().state
}

#[test]
fn a_completion_is_told_when_the_customer_is_known() {
    assert_eq!(heard(&[placed(), completed()]).claimed.len(), 1);
}

#[test]
fn a_completion_that_comes_before_its_order_waits_for_it() {
    let early = heard(&[completed()]);
    assert_eq!((early.claimed.len(), state(&early.after)), (0, State::Waiting));
    assert_eq!(heard(&[completed(), placed()]).claimed.len(), 1);
}

#[test]
fn a_cancel_that_comes_before_its_order_waits_for_it() {
    assert_eq!(heard(&[cancelled()]).claimed.len(), 0);
    assert_eq!(heard(&[cancelled(), placed()]).claimed.len(), 1);
}

#[test]
fn a_replay_of_the_whole_archive_sends_nothing() {
    for outcome in
        [Outcome::Sent, Outcome::Failed(Failure::NoAddress), Outcome::Failed(Failure::Refused), Outcome::Unknown]
    {
        let (deliveries, id) = claimed();
        let (settled, _) = settle(&deliveries, &id, outcome);
        for fact in [placed(), completed()] {
            let replayed = hear(&settled, &fact, NOW + LEASE);
            assert_eq!((&replayed.after, replayed.claimed.len(), replayed.lost.len()), (&settled, 0, 0), "{outcome:?}");
        }
    }
}

#[test]
fn a_second_delivery_waits_while_the_first_is_sending() {
    let (deliveries, _) = claimed();
    let second = hear(&deliveries, &completed(), NOW);
    assert_eq!((second.claimed.len(), second.busy_until), (0, Some(NOW + LEASE)));
    assert_eq!(second.after, deliveries, "nothing is written");
}

#[test]
fn crash_between_sending_and_recording_leaves_an_unknown_that_is_not_sent_again() {
    let (deliveries, id) = claimed();
    let redelivered = hear(&deliveries, &completed(), NOW + LEASE);
    assert_eq!((redelivered.lost.as_slice(), redelivered.claimed.len()), ([id].as_slice(), 0));
    assert_eq!(state(&redelivered.after), State::Unknown);
    assert_eq!(hear(&redelivered.after, &completed(), NOW + LEASE).lost.len(), 0, "it is told once");
}

#[test]
fn a_late_result_corrects_an_unknown() {
    let (deliveries, id) = claimed();
    let given_up = hear(&deliveries, &completed(), NOW + LEASE).after;
    let (settled, event) = settle(&given_up, &id, Outcome::Sent);
    assert_eq!((state(&settled), event.is_some()), (State::Sent, true));
}

#[test]
fn what_was_certainly_not_sent_is_tried_again() {
    let (deliveries, id) = claimed();
    let (released, event) = settle(&deliveries, &id, Outcome::NotSent);
    assert_eq!((state(&released), event), (State::Waiting, None));
    assert_eq!(hear(&released, &completed(), NOW).claimed, [id]);
}

#[test]
fn the_others_are_told_once_what_became_of_a_message() {
    for (outcome, failure) in [
        (Outcome::Sent, None),
        (Outcome::Failed(Failure::NoAddress), Some(Failure::NoAddress)),
        (Outcome::Failed(Failure::Refused), Some(Failure::Refused)),
    ] {
        let (deliveries, id) = claimed();
        let (settled, event) = settle(&deliveries, &id, outcome);
        let event = event.unwrap();
        assert_eq!((event.failure, event.cause.as_str()), (failure, "evt_completed"));
        assert_eq!(settle(&settled, &id, outcome), (settled.clone(), None));
        assert_eq!(settle(&settled, &id, Outcome::NotSent), (settled.clone(), None), "its end is final");
    }
}

/// One thing that can happen in the world around the rules.
#[derive(Debug, Clone)]
enum Step {
    /// A fact is delivered, perhaps again; what it claims is sent with this outcome, unless the process dies first.
    Deliver(usize, Option<Outcome>),
    /// Time passes.
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop::sample::select(vec![
        Outcome::Sent,
        Outcome::NotSent,
        Outcome::Unknown,
        Outcome::Failed(Failure::NoAddress),
        Outcome::Failed(Failure::Refused),
    ]);
    prop_oneof![
        4 => (0..3_usize, prop::option::of(outcome)).prop_map(|(fact, outcome)| Step::Deliver(fact, outcome)),
        1 => (0..100_i64).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn a_message_is_handed_over_at_most_once(steps in prop::collection::vec(step(), 0..40)) {
        let facts = [placed(), completed(), cancelled()];
        let (mut deliveries, mut now, mut handed, mut told) = (nothing(), NOW, BTreeMap::new(), BTreeMap::new());
        for step in steps {
            match step {
                Step::Wait(seconds) => now += SignedDuration::from_secs(seconds),
                Step::Deliver(fact, outcome) => {
                    let heard = hear(&deliveries, &facts[fact], now);
                    deliveries = heard.after;
                    for id in heard.claimed {
                        // Who dies may have sent.
                        if matches!(outcome, None | Some(Outcome::Sent | Outcome::Unknown)) {
                            *handed.entry(id.clone()).or_insert(0) += 1;
                        }
                        if let Some(outcome) = outcome {
                            let (after, event) = settle(&deliveries, &id, outcome);
                            deliveries = after;
                            *told.entry(id).or_insert(0) += u32::from(event.is_some());
                        }
                    }
                }
            }
        }
        prop_assert!(handed.values().all(|times| *times <= 1), "{handed:?}");
        prop_assert!(told.values().all(|times| *times <= 1), "{told:?}");
    }

    #[test]
    fn whatever_the_order_of_facts_the_same_messages_are_claimed(
        order in Just([placed(), completed(), cancelled(), completed(), placed()]).prop_shuffle(),
    ) {
        let mut deliveries = nothing();
        let mut claimed = Vec::new();
        for fact in order {
            let heard = hear(&deliveries, &fact, NOW);
            deliveries = heard.after;
            claimed.extend(heard.claimed);
        }
        claimed.sort();
        claimed.dedup();
        prop_assert_eq!(claimed, deliveries.messages.keys().cloned().collect::<Vec<_>>());
    }
}
