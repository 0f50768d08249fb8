//! A message goes out at most once, whatever comes twice, late, in another order, or not to its end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use jiff::{SignedDuration, Timestamp};
use notifications::domain::delivery::{Deliveries, Fact, LEASE, Outcome, apply, settle};
use notifications::domain::ids::{ClaimId, CustomerId, OrderId};
use notifications::domain::message::{CancelReason, Content, Event, Failure, Fate, SendResult, State, Template};
use notifications::domain::money::Money;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const COMPLETED: Template = Template::OrderCompleted;

fn nothing() -> Deliveries {
    Deliveries::none(OrderId::new("ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10").unwrap())
}

fn completed() -> Fact {
    let content = Content::Completed(Money { minor: 4_790, currency: "EUR".into() });
    Fact { customer: CustomerId::new("ada"), content }
}

fn cancelled() -> Fact {
    Fact { customer: CustomerId::new("ada"), content: Content::Cancelled(CancelReason::OutOfStock) }
}

/// The attempt that claims.
fn first() -> ClaimId {
    ClaimId::new(1)
}

/// Any other attempt.
fn other() -> ClaimId {
    ClaimId::new(2)
}

/// What is known after a delivery has claimed the message.
fn claimed() -> Deliveries {
    let Outcome::Claim { after, .. } = apply(&nothing(), &completed(), first(), NOW) else { panic!("no claim") };
    after
}

/// What is known after a delivery has found the claim of one that died.
fn given_up() -> Deliveries {
    let Outcome::GiveUp { after, .. } = apply(&claimed(), &completed(), other(), NOW + LEASE) else {
        panic!("not given up")
    };
    after
}

/// The event about the one message.
fn published(fate: Fate) -> Event {
    Event { notification: nothing().id(COMPLETED), template: COMPLETED, fate }
}

#[test]
fn the_end_of_an_order_is_claimed_for_its_customer_although_nothing_was_known() {
    for fact in [completed(), cancelled()] {
        let Outcome::Claim { after, customer } = apply(&nothing(), &fact, other(), NOW) else { panic!("no claim") };
        assert_eq!(Some(customer), fact.customer);
        assert_eq!(after.messages[&fact.content.template()], State::Claimed { until: NOW + LEASE, by: Some(other()) });
    }
}

#[test]
fn the_end_of_an_order_that_names_no_customer_is_published_as_failed_once() {
    let nameless = Fact { customer: None, ..completed() };
    let Outcome::GiveUp { after, event } = apply(&nothing(), &nameless, other(), NOW) else { panic!("not given up") };
    assert_eq!(event, published(Fate::Failed(Failure::NoAddress)));
    assert_eq!(apply(&after, &nameless, other(), NOW), Outcome::Nothing);
    assert_eq!(apply(&after, &completed(), other(), NOW), Outcome::Nothing, "its end is final");
}

#[test]
fn the_end_of_an_order_that_names_no_customer_leaves_a_claim_alone() {
    let nameless = Fact { customer: None, ..completed() };
    assert_eq!(apply(&claimed(), &nameless, other(), NOW), Outcome::Wait(NOW + LEASE));
}

/// Facts have no event id, so an end that a repair publishes again under another id is the same.
#[test]
fn a_replay_of_the_whole_archive_and_an_end_that_is_published_again_send_nothing() {
    for result in [
        SendResult::Sent,
        SendResult::Failed(Failure::NoAddress),
        SendResult::Failed(Failure::Refused),
        SendResult::Unknown,
    ] {
        let (settled, _) = settle(&claimed(), COMPLETED, result);
        assert_eq!(apply(&settled, &completed(), other(), NOW + LEASE), Outcome::Nothing, "{result:?}");
    }
}

#[test]
fn race_crash_between_sending_and_recording_and_a_second_delivery_waits_while_the_first_is_sending() {
    assert_eq!(apply(&claimed(), &completed(), other(), NOW), Outcome::Wait(NOW + LEASE));
}

#[test]
fn race_claim_without_its_answer_is_the_attempts_own_and_of_no_other() {
    let customer = CustomerId::new("ada").unwrap();
    assert_eq!(apply(&claimed(), &completed(), first(), NOW), Outcome::Send { customer });
    let (sent, _) = settle(&claimed(), COMPLETED, SendResult::Sent);
    assert_eq!(apply(&sent, &completed(), first(), NOW), Outcome::Nothing, "it is sent once");
    let of_an_earlier_version =
        Deliveries { messages: [(COMPLETED, State::Claimed { until: NOW + LEASE, by: None })].into(), ..nothing() };
    assert_eq!(apply(&of_an_earlier_version, &completed(), first(), NOW), Outcome::Wait(NOW + LEASE));
}

#[test]
fn race_crash_between_sending_and_recording_leaves_an_unknown_that_is_not_sent_again() {
    let Outcome::GiveUp { after, event } = apply(&claimed(), &completed(), other(), NOW + LEASE) else {
        panic!("sent again")
    };
    assert_eq!((event, after.messages[&COMPLETED]), (published(Fate::Unknown), State::Unknown));
    assert_eq!(apply(&after, &completed(), other(), NOW + LEASE), Outcome::Nothing, "it is published once");
}

#[test]
fn race_crash_between_sending_and_recording_and_a_late_result_corrects_the_unknown() {
    let (sent, event) = settle(&given_up(), COMPLETED, SendResult::Sent);
    assert_eq!((sent.messages[&COMPLETED], event), (State::Sent, Some(published(Fate::Sent))));
    let refused = Failure::Refused;
    let (after, event) = settle(&given_up(), COMPLETED, SendResult::Failed(refused));
    assert_eq!((after.messages[&COMPLETED], event), (State::Failed(refused), Some(published(Fate::Failed(refused)))));
}

#[test]
fn race_crash_between_sending_and_recording_and_a_late_result_that_knows_no_more_is_not_published_again() {
    assert_eq!(settle(&given_up(), COMPLETED, SendResult::Unknown), (given_up(), None));
}

#[test]
fn what_was_certainly_not_sent_is_tried_again() {
    let (released, event) = settle(&claimed(), COMPLETED, SendResult::NotSent);
    assert_eq!((released.messages[&COMPLETED], event), (State::Waiting, None));
    assert!(matches!(apply(&released, &completed(), other(), NOW), Outcome::Claim { .. }));
}

#[test]
fn what_became_of_a_message_is_published_once() {
    for (result, fate) in [
        (SendResult::Sent, Fate::Sent),
        (SendResult::Failed(Failure::NoAddress), Fate::Failed(Failure::NoAddress)),
        (SendResult::Failed(Failure::Refused), Fate::Failed(Failure::Refused)),
        (SendResult::Unknown, Fate::Unknown),
    ] {
        let (settled, event) = settle(&claimed(), COMPLETED, result);
        assert_eq!(event, Some(published(fate)));
        assert_eq!(settle(&settled, COMPLETED, result), (settled.clone(), None));
        if fate != Fate::Unknown {
            assert_eq!(settle(&settled, COMPLETED, SendResult::NotSent), (settled.clone(), None), "its end is final");
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
        4 => (0..2_usize).prop_map(Step::Deliver),
        2 => (any::<prop::sample::Index>(), result).prop_map(|(sender, result)| Step::Report(sender, result)),
        1 => (0..100_i64).prop_map(Step::Wait),
    ]
}

/// The rules, and what the world has seen of them.
struct World {
    deliveries: Deliveries,
    now: Timestamp,
    /// Deliveries so far; each is an attempt of its own.
    attempts: u128,
    sending: Vec<Template>,
    /// Messages that may have been handed over, once for each time.
    handed: Vec<Template>,
    published: Vec<Event>,
}

impl World {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Wait(seconds) => self.now += SignedDuration::from_secs(*seconds),
            Step::Deliver(fact) => self.deliver(&[completed(), cancelled()][*fact]),
            Step::Report(_, _) if self.sending.is_empty() => {}
            Step::Report(sender, result) => {
                let template = self.sending.swap_remove(sender.index(self.sending.len()));
                let (after, event) = settle(&self.deliveries, template, *result);
                self.deliveries = after;
                self.published.extend(event);
                if matches!(result, SendResult::Sent | SendResult::Unknown) {
                    self.handed.push(template);
                }
            }
        }
    }

    fn deliver(&mut self, fact: &Fact) {
        self.attempts += 1;
        let claim = ClaimId::new(self.attempts);
        match apply(&self.deliveries, fact, claim, self.now) {
            Outcome::Claim { after, .. } => {
                let repeated = apply(&after, fact, claim, self.now);
                assert!(matches!(repeated, Outcome::Send { .. }), "its own claim stops it: {repeated:?}");
                self.deliveries = after;
                self.sending.push(fact.content.template());
            }
            Outcome::GiveUp { after, event } => {
                self.deliveries = after;
                self.published.push(event);
            }
            Outcome::Send { .. } => panic!("another attempt's claim is taken for its own"),
            Outcome::Wait(_) | Outcome::Nothing => {}
        }
    }

    /// What was published of a message, in its order.
    fn fates(&self, template: Template) -> Vec<Fate> {
        self.published.iter().filter(|event| event.template == template).map(|event| event.fate).collect()
    }
}

proptest! {
    #[test]
    fn a_message_is_handed_over_at_most_once_and_what_is_published_of_it_is_true(
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let mut world =
            World { deliveries: nothing(), now: NOW, attempts: 0, sending: vec![], handed: vec![], published: vec![] };
        for step in &steps {
            world.step(step);
        }
        for (template, state) in &world.deliveries.messages {
            // A delivery that has not reported may have sent.
            let handed = world.handed.iter().chain(&world.sending).filter(|it| *it == template).count();
            prop_assert!(handed <= 1, "{handed} times");
            let fates = world.fates(*template);
            prop_assert!(fates.iter().rev().skip(1).all(|fate| *fate == Fate::Unknown), "an end is final: {fates:?}");
            match state {
                State::Sent => prop_assert_eq!(fates.last(), Some(&Fate::Sent)),
                State::Failed(failure) => prop_assert_eq!(fates.last(), Some(&Fate::Failed(*failure))),
                State::Unknown => prop_assert_eq!(fates.last(), Some(&Fate::Unknown)),
                State::Waiting | State::Claimed { .. } => {}
            }
        }
    }
}
