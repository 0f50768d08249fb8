//! A message goes out at most once, whatever comes twice, late, in another order, or not to its end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use jiff::{SignedDuration, Timestamp};
use notifications::domain::delivery::{Deliveries, Fact, LEASE, Outcome, apply, settle};
use notifications::domain::ids::{CustomerId, EventId, NotificationId, OrderId};
use notifications::domain::message::{CancelReason, Content, Event, Failure, Fate, SendResult, State, Template};
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

fn applied(facts: &[Fact]) -> Outcome {
    let nothing = Outcome { after: nothing(), claimed: vec![], lost: vec![], busy_until: None };
    facts.iter().fold(nothing, |outcome, fact| apply(&outcome.after, fact, NOW))
}

/// The one message, claimed.
fn claimed() -> (Deliveries, NotificationId) {
    let mut outcome = applied(&[placed(), completed()]);
    (outcome.after, outcome.claimed.pop().unwrap())
}

/// The event about the one message.
fn published(id: &NotificationId, fate: Fate) -> Event {
    let (notification, cause) = (id.clone(), EventId::new("evt_completed").unwrap());
    Event { notification, cause, template: Template::OrderCompleted, fate }
}

fn state(deliveries: &Deliveries) -> State {
    deliveries.messages.values().next().unwrap().state
}

#[test]
fn a_completion_is_claimed_when_the_customer_is_known() {
    assert_eq!(applied(&[placed(), completed()]).claimed.len(), 1);
}

#[test]
fn race_end_before_beginning_and_a_completion_waits_for_its_order() {
    let early = applied(&[completed()]);
    assert_eq!((early.claimed.len(), state(&early.after)), (0, State::Waiting));
    assert_eq!(applied(&[completed(), placed()]).claimed.len(), 1);
}

#[test]
fn race_end_before_beginning_and_a_cancel_waits_for_its_order() {
    assert_eq!(applied(&[cancelled()]).claimed.len(), 0);
    assert_eq!(applied(&[cancelled(), placed()]).claimed.len(), 1);
}

#[test]
fn a_replay_of_the_whole_archive_sends_nothing() {
    for result in [
        SendResult::Sent,
        SendResult::Failed(Failure::NoAddress),
        SendResult::Failed(Failure::Refused),
        SendResult::Unknown,
    ] {
        let (deliveries, id) = claimed();
        let (settled, _) = settle(&deliveries, &id, result);
        for fact in [placed(), completed()] {
            let replayed = apply(&settled, &fact, NOW + LEASE);
            assert_eq!((&replayed.after, replayed.claimed.len(), replayed.lost.len()), (&settled, 0, 0), "{result:?}");
        }
    }
}

#[test]
fn an_end_that_is_published_again_under_another_id_sends_nothing() {
    let (deliveries, id) = claimed();
    let (sent, _) = settle(&deliveries, &id, SendResult::Sent);
    let Fact::Ended { content, .. } = completed() else { panic!("no end") };
    let again = apply(&sent, &Fact::Ended { event: EventId::new("evt_again").unwrap(), content }, NOW);
    assert_eq!((&again.after, again.claimed.len()), (&sent, 0));
}

#[test]
fn race_crash_between_sending_and_recording_and_a_second_delivery_waits_while_the_first_is_sending() {
    let (deliveries, _) = claimed();
    let second = apply(&deliveries, &completed(), NOW);
    assert_eq!((second.claimed.len(), second.busy_until), (0, Some(NOW + LEASE)));
    assert_eq!(second.after, deliveries, "nothing is written");
}

#[test]
fn race_crash_between_sending_and_recording_leaves_an_unknown_that_is_not_sent_again() {
    let (deliveries, id) = claimed();
    let redelivered = apply(&deliveries, &completed(), NOW + LEASE);
    assert_eq!(
        (redelivered.lost.as_slice(), redelivered.claimed.len()),
        ([published(&id, Fate::Unknown)].as_slice(), 0)
    );
    assert_eq!(state(&redelivered.after), State::Unknown);
    assert_eq!(apply(&redelivered.after, &completed(), NOW + LEASE).lost.len(), 0, "it is published once");
}

#[test]
fn race_crash_between_sending_and_recording_and_a_late_result_corrects_the_unknown() {
    let (deliveries, id) = claimed();
    let given_up = apply(&deliveries, &completed(), NOW + LEASE).after;
    let (sent, event) = settle(&given_up, &id, SendResult::Sent);
    assert_eq!((state(&sent), event), (State::Sent, Some(published(&id, Fate::Sent))));
    let (refused, event) = settle(&given_up, &id, SendResult::Failed(Failure::Refused));
    let fate = Fate::Failed(Failure::Refused);
    assert_eq!((state(&refused), event), (State::Failed(Failure::Refused), Some(published(&id, fate))));
}

#[test]
fn race_crash_between_sending_and_recording_and_a_late_result_that_knows_no_more_is_not_published_again() {
    let (deliveries, id) = claimed();
    let given_up = apply(&deliveries, &completed(), NOW + LEASE).after;
    assert_eq!(settle(&given_up, &id, SendResult::Unknown), (given_up, None));
}

#[test]
fn what_was_certainly_not_sent_is_tried_again() {
    let (deliveries, id) = claimed();
    let (released, event) = settle(&deliveries, &id, SendResult::NotSent);
    assert_eq!((state(&released), event), (State::Waiting, None));
    assert_eq!(apply(&released, &completed(), NOW).claimed, [id]);
}

#[test]
fn what_became_of_a_message_is_published_once() {
    for (result, fate) in [
        (SendResult::Sent, Fate::Sent),
        (SendResult::Failed(Failure::NoAddress), Fate::Failed(Failure::NoAddress)),
        (SendResult::Failed(Failure::Refused), Fate::Failed(Failure::Refused)),
        (SendResult::Unknown, Fate::Unknown),
    ] {
        let (deliveries, id) = claimed();
        let (settled, event) = settle(&deliveries, &id, result);
        assert_eq!(event, Some(published(&id, fate)));
        assert_eq!(settle(&settled, &id, result), (settled.clone(), None));
        if fate != Fate::Unknown {
            assert_eq!(settle(&settled, &id, SendResult::NotSent), (settled.clone(), None), "its end is final");
        }
    }
}

/// One thing that can happen in the world around the rules.
#[derive(Debug, Clone)]
enum Step {
    /// A fact is delivered, perhaps again; what it claims is now being sent.
    Deliver(usize),
    /// A delivery that is sending records the result. One that never does has died.
    Report(prop::sample::Index, SendResult),
    /// Time passes.
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let result = prop::sample::select(vec![
        SendResult::Sent,
        SendResult::NotSent,
        SendResult::Unknown,
        SendResult::Failed(Failure::NoAddress),
        SendResult::Failed(Failure::Refused),
    ]);
    prop_oneof![
        4 => (0..3_usize).prop_map(Step::Deliver),
        2 => (any::<prop::sample::Index>(), result).prop_map(|(sender, result)| Step::Report(sender, result)),
        1 => (0..100_i64).prop_map(Step::Wait),
    ]
}

/// The rules, and what the world has seen of them.
struct World {
    deliveries: Deliveries,
    now: Timestamp,
    sending: Vec<NotificationId>,
    /// Messages that may have been handed over, once for each time.
    handed: Vec<NotificationId>,
    published: Vec<Event>,
}

impl World {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Wait(seconds) => self.now += SignedDuration::from_secs(*seconds),
            Step::Deliver(fact) => {
                let outcome = apply(&self.deliveries, &[placed(), completed(), cancelled()][*fact], self.now);
                self.deliveries = outcome.after;
                self.sending.extend(outcome.claimed);
                self.published.extend(outcome.lost);
            }
            Step::Report(_, _) if self.sending.is_empty() => {}
            Step::Report(sender, result) => {
                let id = self.sending.swap_remove(sender.index(self.sending.len()));
                let (after, event) = settle(&self.deliveries, &id, *result);
                self.deliveries = after;
                self.published.extend(event);
                if matches!(result, SendResult::Sent | SendResult::Unknown) {
                    self.handed.push(id);
                }
            }
        }
    }

    /// What was published of a message, in its order.
    fn fates(&self, id: &NotificationId) -> Vec<Fate> {
        self.published.iter().filter(|event| event.notification == *id).map(|event| event.fate).collect()
    }
}

proptest! {
    #[test]
    fn a_message_is_handed_over_at_most_once_and_what_is_published_of_it_is_true(
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let mut world =
            World { deliveries: nothing(), now: NOW, sending: vec![], handed: vec![], published: vec![] };
        for step in &steps {
            world.step(step);
        }
        for (id, message) in &world.deliveries.messages {
            // A delivery that has not reported may have sent.
            let handed = world.handed.iter().chain(&world.sending).filter(|it| *it == id).count();
            prop_assert!(handed <= 1, "{handed} times");
            let fates = world.fates(id);
            prop_assert!(fates.iter().rev().skip(1).all(|fate| *fate == Fate::Unknown), "an end is final: {fates:?}");
            match message.state {
                State::Sent => prop_assert_eq!(fates.last(), Some(&Fate::Sent)),
                State::Failed(failure) => prop_assert_eq!(fates.last(), Some(&Fate::Failed(failure))),
                State::Unknown => prop_assert_eq!(fates.last(), Some(&Fate::Unknown)),
                State::Waiting | State::Claimed { .. } => {}
            }
        }
    }

    #[test]
    fn whatever_the_order_of_facts_the_same_messages_are_claimed(
        order in Just([placed(), completed(), cancelled(), completed(), placed()]).prop_shuffle(),
    ) {
        let mut deliveries = nothing();
        let mut claimed = Vec::new();
        for fact in order {
            let outcome = apply(&deliveries, &fact, NOW);
            deliveries = outcome.after;
            claimed.extend(outcome.claimed);
        }
        claimed.sort();
        claimed.dedup();
        prop_assert_eq!(claimed, deliveries.messages.keys().cloned().collect::<Vec<_>>());
    }
}
