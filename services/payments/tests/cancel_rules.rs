//! How a payment ends without a charge: by a cancel, by the end of the hold, by the dead letters; and that a charge
//! which came first counts all the same.

mod support;

use payments::domain::decision::{Step, Worker};
use payments::domain::gateway::{Call, GatewayAnswer as Answer};
use payments::domain::payment::{Event, Fact, Failure};
use payments::domain::refund::Reason;
use support::{
    AT, Story, TOTAL, declined, doubtful, failed, held, later, not_charged, ordered, owed, silent, soft_declined,
    succeeded, unanswered,
};

#[test]
fn race_cancel_while_charging() {
    let before = Story::begin().on(ordered()).on(Fact::Cancelled);
    assert_eq!((before.last.step, before.published), (Step::Settled, vec![Event::Voided]));
    let waiting = Story::charging().answered(not_charged("http_429"));
    for open in [Story::charging(), waiting, Story::charging().answered(silent("timeout"))] {
        let published = open.published.len();
        let cancelled = open.on(Fact::Cancelled);
        assert_eq!(
            (cancelled.last.step.clone(), cancelled.published.len()),
            (Step::Call(Call::Cancel), published),
            "first the gateway"
        );
        assert_eq!(cancelled.payment.cancelled_at, Some(AT), "the cancel is written before");
        let voided = cancelled.clone().answered(Answer::Canceled);
        assert_eq!((voided.payment.status(), voided.published.last()), ("VOIDED", Some(&Event::Voided)));
        let charged = cancelled.clone().answered(Answer::Charged);
        assert_eq!((charged.payment.status(), charged.payment.owed()), ("SUCCEEDED", TOTAL));
        assert_eq!(charged.payment.refunds[0].reason, Reason::LateSuccess);
        for answer in [silent("timeout"), doubtful("http_500"), not_charged("connect")] {
            assert!(matches!(cancelled.clone().answered(answer).last.step, Step::Unanswered { .. }));
        }
    }
}

#[test]
fn a_cancel_after_the_end_voids_nothing_but_returns_what_was_charged() {
    let declined = Story::charging().answered(declined("card_declined")).answered(Answer::Canceled);
    let before = declined.payment.clone();
    for fact in [Fact::Cancelled, Fact::Expired, held()] {
        let after = declined.clone().on(fact);
        assert_eq!((&after.payment, after.last.step), (&before, Step::Settled));
    }
    let charged = Story::charging().answered(Answer::Charged).at(60).on(Fact::Cancelled);
    assert_eq!(charged.last.step, Step::Call(Call::Refund { refund: owed(), amount: TOTAL, attempt: 1 }));
    assert_eq!((charged.payment.cancelled_at, charged.payment.status()), (Some(later(60)), "SUCCEEDED"));
    assert_eq!(charged.published, [succeeded(1)]);
}

#[test]
fn race_reservation_expires_while_charging_unless_the_order_was_cancelled() {
    let ran_out = Story::begin().on(ordered()).on(held()).on(Fact::Expired);
    assert_eq!(ran_out.published, [failed(Failure::ReservationGone, "reservation_gone")]);
    let ran_out = Story::begin().on(Fact::Expired);
    assert_eq!(ran_out.published, [failed(Failure::ReservationGone, "reservation_gone")]);
    let ran_out = Story::charging().on(Fact::Expired);
    assert_eq!(ran_out.last.step, Step::Call(Call::Cancel));
    assert_eq!(ran_out.answered(Answer::Canceled).published, [failed(Failure::ReservationGone, "reservation_gone")]);
    let after = Story::begin().on(Fact::Cancelled).on(Fact::Expired);
    assert_eq!(after.published, [Event::Voided]);
}

#[test]
fn dead_letters_end_what_is_open_by_the_gateways_last_word() {
    let exhausted = || {
        let story = Story::charging().answered(soft_declined("http_503")).at(10).on(held());
        let story = story.answered(soft_declined("http_503")).at(30).on(held()).answered(silent("timeout"));
        assert_eq!(story.last.step, Step::Exhausted);
        story.by(Worker::DeadLetters).on(held())
    };
    assert_eq!(exhausted().last.step, Step::Call(Call::Cancel), "asks and forbids in one");
    let table = [
        (Answer::Charged, Step::Settled, Some(succeeded(3))),
        (Answer::Canceled, Step::Settled, Some(failed(Failure::Exhausted, "timeout"))),
        (silent("timeout"), unanswered("timeout"), None),
        (doubtful("http_503"), unanswered("http_503"), None),
        (silent("processing"), unanswered("processing"), None),
    ];
    for (answer, step, published) in table {
        let (before, story) = (exhausted().published.len(), exhausted().answered(answer.clone()));
        assert_eq!((story.last.step, story.published.get(before)), (step, published.as_ref()), "{answer:?}");
    }
}

/// Only an intent in the item is ever confirmed, so there is nothing to ask the gateway about.
#[test]
fn dead_letters_of_a_payment_without_an_intent_end_it_at_once() {
    let open = Story::begin().on(ordered()).by(Worker::DeadLetters).on(held());
    assert_eq!((open.last.step.clone(), open.payment.attempted()), (Step::Settled, 0));
    assert_eq!(open.published, vec![failed(Failure::Exhausted, "gateway_unavailable")]);
}

#[test]
fn dead_letters_attempt_nothing_and_keep_facts_that_wait_for_others() {
    let story = Story::begin().by(Worker::DeadLetters).on(ordered());
    assert_eq!((story.last.step.clone(), story.payment.terms.is_some()), (Step::Incomplete, true));
    assert_eq!(story.by(Worker::Queue).on(held()).call().as_str(), "create", "it goes on where it always would");
    let charging = Story::charging().by(Worker::DeadLetters);
    assert_eq!(charging.clone().on(held()).last.step, Step::Wait { until: later(15) });
    assert_eq!(charging.at(15).on(held()).last.step, Step::Call(Call::Cancel));
}
