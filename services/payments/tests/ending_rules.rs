//! How a payment ends without a charge: by a cancel, by the end of the hold, by the dead letters; and how a charge
//! that came first stands all the same.

mod support;

use payments::domain::decide::{Seat, Step};
use payments::domain::gateway::{Call, Word};
use payments::domain::payment::{Event, Fact, Failure};
use payments::domain::refund::Reason;
use support::{
    AT, Story, TOTAL, declined, doubtful, failed, held, intent, later, not_charged, ordered, owed, silent, succeeded,
    unanswered,
};

#[test]
fn a_cancel_voids_wherever_the_payment_is() {
    let before = Story::begin().hears(ordered()).hears(Fact::Cancelled);
    assert_eq!((before.last.step, before.said), (Step::Settled, vec![Event::Voided]));
    let waiting = Story::charging().answered(not_charged("http_429"));
    for open in [Story::charging(), waiting, Story::charging().answered(silent("timeout"))] {
        let said = open.said.len();
        let wish = open.hears(Fact::Cancelled);
        assert_eq!((wish.last.step.clone(), wish.said.len()), (Step::Call(Call::Cancel), said), "first the gateway");
        assert_eq!(wish.payment.cancelled_at, Some(AT), "the wish is written before");
        let voided = wish.clone().answered(Word::Canceled);
        assert_eq!((voided.payment.status(), voided.said.last()), ("VOIDED", Some(&Event::Voided)));
        let charged = wish.clone().answered(Word::Charged);
        assert_eq!((charged.payment.status(), charged.payment.owed()), ("SUCCEEDED", TOTAL));
        assert_eq!(charged.payment.refunds[0].reason, Reason::LateSuccess);
        for word in [silent("timeout"), doubtful("http_500"), not_charged("connect")] {
            assert!(matches!(wish.clone().answered(word).last.step, Step::Unanswered { .. }));
        }
    }
}

#[test]
fn a_cancel_after_the_end_voids_nothing_but_returns_what_was_charged() {
    let declined = Story::charging().answered(declined("card_declined")).answered(Word::Canceled);
    let before = declined.payment.clone();
    for fact in [Fact::Cancelled, Fact::Expired, held()] {
        let after = declined.clone().hears(fact);
        assert_eq!((&after.payment, after.last.step), (&before, Step::Settled));
    }
    let charged = Story::charging().answered(Word::Charged).at(60).hears(Fact::Cancelled);
    assert_eq!(charged.last.step, Step::Call(Call::Refund { refund: owed(), amount: TOTAL, attempt: 1 }));
    assert_eq!((charged.payment.cancelled_at, charged.payment.status()), (Some(later(60)), "SUCCEEDED"));
    assert_eq!(charged.said, [succeeded(1)]);
}

#[test]
fn a_hold_that_ran_out_fails_the_payment_unless_the_order_was_cancelled() {
    let ran_out = Story::begin().hears(ordered()).hears(held()).hears(Fact::Expired);
    assert_eq!(ran_out.said, [failed(Failure::ReservationGone, "reservation_gone")]);
    let ran_out = Story::begin().hears(Fact::Expired);
    assert_eq!(ran_out.said, [failed(Failure::ReservationGone, "reservation_gone")]);
    let ran_out = Story::charging().hears(Fact::Expired);
    assert_eq!(ran_out.last.step, Step::Call(Call::Cancel));
    assert_eq!(ran_out.answered(Word::Canceled).said, [failed(Failure::ReservationGone, "reservation_gone")]);
    let after = Story::begin().hears(Fact::Cancelled).hears(Fact::Expired);
    assert_eq!(after.said, [Event::Voided]);
}

#[test]
fn dead_letters_end_what_is_open_by_the_gateways_last_word() {
    let exhausted = || {
        let story = Story::charging().answered(not_charged("http_503")).at(10).hears(held());
        let story = story.answered(not_charged("http_503")).at(30).hears(held()).answered(silent("timeout"));
        assert_eq!(story.last.step, Step::Exhausted);
        story.by(Seat::DeadLetters).hears(held())
    };
    assert_eq!(exhausted().last.step, Step::Call(Call::Cancel), "asks and forbids in one");
    let table = [
        (Word::Charged, Step::Settled, Some(succeeded(3))),
        (Word::Canceled, Step::Settled, Some(failed(Failure::Exhausted, "timeout"))),
        (silent("timeout"), unanswered("timeout"), None),
        (doubtful("http_503"), unanswered("http_503"), None),
        (silent("processing"), unanswered("processing"), None),
    ];
    for (word, step, said) in table {
        let (before, story) = (exhausted().said.len(), exhausted().answered(word.clone()));
        assert_eq!((story.last.step, story.said.get(before)), (step, said.as_ref()), "{word:?}");
    }
}

#[test]
fn dead_letters_of_a_payment_without_an_intent_hear_the_gateway_as_well() {
    let open = Story::begin().hears(ordered()).by(Seat::DeadLetters).hears(held());
    assert_eq!(open.call().as_str(), "create");
    assert_eq!(open.clone().answered(not_charged("connect")).last.step, unanswered("connect"));
    assert_eq!(open.clone().answered(declined("resource_missing")).payment.status(), "FAILED");
    let closed = open.answered(Word::Open(intent())).answered(Word::Canceled);
    assert_eq!((closed.said, closed.payment.attempted()), (vec![failed(Failure::Exhausted, "canceled")], 0));
}

#[test]
fn dead_letters_attempt_nothing_and_keep_facts_that_wait_for_others() {
    let story = Story::begin().by(Seat::DeadLetters).hears(ordered());
    assert_eq!((story.last.step.clone(), story.payment.terms.is_some()), (Step::Incomplete, true));
    assert_eq!(story.by(Seat::Consumer).hears(held()).call().as_str(), "create", "it goes on where it always would");
    let charging = Story::charging().by(Seat::DeadLetters);
    assert_eq!(charging.clone().hears(held()).last.step, Step::Wait { until: later(15) });
    assert_eq!(charging.at(15).hears(held()).last.step, Step::Call(Call::Cancel));
}
