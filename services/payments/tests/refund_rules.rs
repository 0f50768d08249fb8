//! How money goes back: what is owed, what staff may want, what becomes of each try, and that no more goes back than
//! was charged.

mod support;

use payments::domain::announce::announce;
use payments::domain::decide::{Seat, Step};
use payments::domain::gateway::{Call, Word};
use payments::domain::ids::RefundId;
use payments::domain::payment::{Event, Fact};
use payments::domain::refund::{MAX_REFUNDS, Reason, RefundRefused, RefundState, RefundWish, due, want_refund};
use proptest::prelude::*;
use support::{
    AT, Story, TOTAL, declined, doubtful, held, later, not_charged, ordered, owed, refund_failed, refunded, silent,
    succeeded, wish,
};

fn sending(attempt: u32) -> Step {
    Step::Call(Call::Refund { refund: owed(), amount: TOTAL, attempt })
}

fn asking(attempt: u32) -> Step {
    Step::Call(Call::AskRefund { refund: owed(), attempt })
}

fn state(story: &Story) -> RefundState {
    story.payment.refunds[0].state.clone()
}

#[test]
fn a_cancel_after_the_charge_returns_it() {
    let story = Story::charged().at(60).hears(Fact::Cancelled);
    assert_eq!(story.last.step, sending(1));
    assert_eq!(state(&story), RefundState::Sent { lease_ends_at: later(75) }, "written before it is sent");
    assert_eq!(due(&story.payment), Some(later(75)), "should nobody write its outcome");
    let story = story.at(61).answered(Word::Refunded);
    assert_eq!((story.last.step.clone(), due(&story.payment)), (Step::Settled, None));
    assert_eq!(story.said, [succeeded(1), refunded(owed(), TOTAL, TOTAL, Reason::Cancelled)]);
    assert_eq!((story.payment.refunded(), story.payment.owed(), story.payment.left()), (TOTAL, 0, 0));
    let again = story.clone().hears(Fact::Cancelled);
    assert_eq!((again.last.step, again.payment), (Step::Settled, story.payment), "cancelled again: nothing more");
}

#[test]
fn a_charge_that_is_learnt_of_after_the_cancel_returns_itself() {
    let story = Story::charging().hears(Fact::Cancelled).answered(Word::Charged);
    assert_eq!((story.last.step.clone(), story.said.clone()), (sending(1), vec![succeeded(1)]), "in the same message");
    let story = story.answered(Word::Refunded);
    assert_eq!(story.said[1], refunded(owed(), TOTAL, TOTAL, Reason::LateSuccess));
}

#[test]
fn what_a_try_meets_decides_what_follows() {
    let told = || vec![succeeded(1), refund_failed(1, "charge_disputed", Reason::Cancelled)];
    let table = [
        (declined("charge_disputed"), told()),
        (not_charged("connect"), vec![succeeded(1)]),
        (silent("timeout"), vec![succeeded(1)]),
        (doubtful("http_503"), vec![succeeded(1)]),
        (Word::Busy, vec![succeeded(1)]),
    ];
    for (word, said) in table {
        let story = Story::repaying().answered(word.clone());
        assert_eq!((state(&story), &story.said), (RefundState::PutOff { ask_at: later(10) }, &said), "{word:?}");
        assert_eq!(story.last.step, Step::Settled, "{word:?}: the message is done with, the sweep goes on");
        assert_eq!(due(&story.payment), Some(later(10)), "{word:?}");
    }
}

#[test]
fn the_gateway_is_asked_before_a_refund_is_sent_again() {
    let put_off = || Story::repaying().answered(silent("timeout")).at(10).swept();
    assert_eq!(put_off().last.step, asking(1));
    let later_again = RefundState::PutOff { ask_at: later(30) };
    let table = [
        (Word::Refunded, RefundState::Done { at: later(10) }, Step::Settled),
        (Word::NotRefunded, RefundState::Sent { lease_ends_at: later(25) }, sending(2)),
        (silent("pending"), later_again.clone(), Step::Settled),
        (not_charged("connect"), later_again.clone(), Step::Settled),
        (declined("expired_card"), later_again, Step::Settled),
    ];
    for (word, left, step) in table {
        let story = put_off().answered(word.clone());
        assert_eq!((state(&story), story.last.step), (left, step), "{word:?}");
    }
}

#[test]
fn a_try_whose_invocation_died_is_asked_about_when_its_lease_is_over() {
    let died = Story::repaying();
    for fact in [Fact::Cancelled, held(), ordered()] {
        assert_eq!(died.clone().at(14).hears(fact).last.step, Step::Settled, "no message waits for a refund");
    }
    assert_eq!(died.clone().at(14).swept().last.step, Step::Settled);
    assert_eq!(died.at(15).swept().last.step, asking(1));
}

#[test]
fn the_world_is_told_once_that_a_refund_does_not_go_through_and_once_that_it_did() {
    let mut story = Story::repaying().answered(not_charged("http_429"));
    let mut now = 0;
    let mut waits = Vec::new();
    for attempt in 2..=12 {
        let before = now;
        now = due(&story.payment).unwrap().as_second();
        waits.push(now - before);
        story = story.at(now).swept();
        assert_eq!(story.last.step, asking(attempt - 1));
        story = story.answered(Word::NotRefunded);
        assert_eq!(story.last.step, sending(attempt));
        story = story.answered(not_charged("http_429"));
    }
    assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600], "twice as long, up to an hour");
    assert_eq!(story.said, [succeeded(1), refund_failed(3, "http_429", Reason::Cancelled)]);
    let story = story.at(now + 3_600).swept().answered(Word::NotRefunded).answered(Word::Refunded);
    assert_eq!(story.said[2..], [refunded(owed(), TOTAL, TOTAL, Reason::Cancelled)]);
    let refused = Story::repaying().answered(declined("charge_disputed")).at(10).swept();
    let refused = refused.answered(Word::NotRefunded).answered(declined("charge_disputed"));
    assert_eq!(refused.said.len(), 2, "and is tried again all the same: {:?}", state(&refused));
}

#[test]
fn an_answer_about_an_earlier_try_decides_nothing_but_a_success() {
    let first = Call::Refund { refund: owed(), amount: TOTAL, attempt: 1 };
    let second = || Story::repaying().at(15).swept().answered(Word::NotRefunded);
    assert_eq!(second().last.step, sending(2));
    for word in [declined("charge_disputed"), not_charged("http_429"), silent("timeout"), Word::Busy] {
        let story = second().answers(first.clone(), word.clone());
        assert_eq!((story.last.step, story.payment), (Step::Settled, second().payment), "{word:?}");
    }
    let story = second().answers(first.clone(), Word::Refunded);
    assert_eq!(story.payment.refunded(), TOTAL);
    let after = story.clone().answers(first, silent("timeout"));
    assert_eq!((after.said, after.payment), (story.said, story.payment), "done is done");
}

#[test]
fn staff_may_want_what_is_left_of_a_charge_and_no_more() {
    let want = |story: &Story, key: &str, amount| want_refund(&story.payment, &wish(key, amount), AT);
    for open in [Story::begin(), Story::charging(), Story::charging().hears(Fact::Cancelled).answered(Word::Canceled)] {
        assert_eq!(want(&open, "a", 1), Err(RefundRefused::NotCharged));
    }
    let story = Story::charged();
    assert_eq!(want(&story, "a", 0), Err(RefundRefused::Nothing));
    assert_eq!(want(&story, "a", TOTAL + 1), Err(RefundRefused::Exceeds { left: TOTAL }));
    let story = story.by(Seat::Sweep).wants(wish("a", 1_600));
    assert_eq!(story.call().as_str(), "refund");
    assert_eq!(want(&story, "b", TOTAL), Err(RefundRefused::Exceeds { left: TOTAL - 1_600 }), "what is wanted counts");
    assert_eq!(want(&story, "a", 1_600), Ok(story.payment.clone()), "the same wish is the same refund");
    assert_eq!(want(&story, "a", 1_601), Err(RefundRefused::OtherWish));
    let noted = RefundWish { note: Some("broken cup".into()), ..wish("a", 1_600) };
    assert_eq!(want_refund(&story.payment, &noted, AT), Err(RefundRefused::OtherWish));
    let story = story.answered(Word::Refunded).wants(wish("b", TOTAL - 1_600)).answered(Word::Refunded);
    let first = refunded(wish("a", 0).refund, 1_600, 1_600, Reason::Staff);
    let second = refunded(wish("b", 0).refund, TOTAL - 1_600, TOTAL, Reason::Staff);
    assert_eq!(story.said, [succeeded(1), first, second]);
    assert_eq!(want(&story, "c", 1), Err(RefundRefused::Exceeds { left: 0 }));
}

#[test]
fn a_cancel_returns_what_staff_have_not_returned() {
    let story = Story::charged().by(Seat::Sweep).wants(wish("a", 1_600)).answered(silent("timeout"));
    let story = story.by(Seat::Consumer).hears(Fact::Cancelled);
    assert_eq!(story.last.step, Step::Call(Call::Refund { refund: owed(), amount: TOTAL - 1_600, attempt: 1 }));
    let story = story.answered(Word::Refunded);
    assert_eq!((story.payment.refunded(), story.payment.owed()), (TOTAL - 1_600, 1_600));
    let story = story.at(10).swept().answered(Word::Refunded);
    assert_eq!(story.said.last(), Some(&refunded(wish("a", 0).refund, 1_600, TOTAL, Reason::Staff)));
}

#[test]
fn the_number_of_refunds_is_bounded_but_what_is_owed_finds_room() {
    let many = (0..MAX_REFUNDS).fold(Story::charged().by(Seat::Sweep), |story, n| story.wants(wish(&n.to_string(), 1)));
    assert_eq!(want_refund(&many.payment, &wish("more", 1), AT), Err(RefundRefused::TooMany));
    let many = many.hears(Fact::Cancelled);
    assert_eq!(many.payment.left(), 0);
}

#[test]
fn of_several_refunds_the_least_tried_goes_first_and_a_failure_ends_the_turn() {
    let story = Story::charged().by(Seat::Sweep).wants(wish("a", 100)).answered(declined("charge_disputed"));
    let story = story.wants(wish("b", 200)).answered(not_charged("connect")).at(10).wants(wish("c", 300));
    assert_eq!(story.call(), Call::Refund { refund: wish("c", 0).refund, amount: 300, attempt: 1 });
    let story = story.answered(Word::Refunded);
    assert_eq!(story.call(), Call::AskRefund { refund: wish("a", 0).refund, attempt: 1 }, "it is due as well");
    let story = story.answered(Word::NotRefunded).answered(declined("charge_disputed"));
    assert_eq!((story.last.step.clone(), due(&story.payment)), (Step::Settled, Some(later(10))), "`b` stays due");
    assert_eq!(story.swept().call(), Call::AskRefund { refund: wish("b", 0).refund, attempt: 1 });
}

#[test]
fn the_sweep_and_staff_leave_charges_to_their_messages() {
    let ready = Story::begin().by(Seat::Sweep).hears(ordered()).hears(held());
    let waiting = Story::charging().answered(not_charged("http_429")).at(10);
    let refused = Story::charging().answered(declined("card_declined"));
    for open in [ready, Story::charging().at(900), waiting, refused, Story::charging().hears(Fact::Expired)] {
        let swept = open.clone().swept();
        assert_eq!((swept.last.step, &swept.payment), (Step::Incomplete, &open.payment));
        let wished = open.clone().by(Seat::Sweep).wants(wish("a", 1));
        assert_eq!((wished.last.step, &wished.payment), (Step::Incomplete, &open.payment));
        assert_eq!(due(&open.payment), None);
    }
}

#[test]
fn a_payment_can_be_announced_as_it_stands() {
    let nothing = [Story::begin(), Story::charging(), Story::charging().answered(silent("timeout"))];
    for open in nothing {
        assert_eq!(announce(&open.payment), []);
    }
    let ended = [
        Story::begin().hears(Fact::Cancelled),
        Story::charging().answered(declined("card_declined")).answered(Word::Canceled),
        Story::charged(),
        Story::repaying().answered(Word::Refunded),
        Story::repaying().answered(declined("charge_disputed")),
    ];
    for story in ended {
        assert_eq!(announce(&story.payment), story.said, "what it has said, once more");
    }
    let wanted = Story::repaying();
    assert_eq!(announce(&wanted.payment), [succeeded(1)], "what is only wanted has no event");
}

/// What a test lets happen to a charged payment.
#[derive(Debug, Clone)]
enum Happens {
    Fact(Fact),
    Wish(u8, u64),
    Sweep,
    Answer(Word),
    Wait(i64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let word = prop::sample::select(vec![
        Word::Refunded,
        Word::NotRefunded,
        Word::Busy,
        declined("charge_disputed"),
        not_charged("connect"),
        doubtful("http_503"),
        silent("timeout"),
    ]);
    prop_oneof![
        1 => prop::sample::select(vec![Fact::Cancelled, Fact::Expired, held(), ordered()]).prop_map(Happens::Fact),
        1 => (0_u8..4, 0..2 * TOTAL).prop_map(|(key, amount)| Happens::Wish(key, amount)),
        1 => Just(Happens::Sweep),
        4 => word.prop_map(Happens::Answer),
        1 => (0_i64..5_000).prop_map(Happens::Wait),
    ]
}

proptest! {
    #[test]
    fn never_is_more_wanted_or_returned_than_was_charged(happenings in prop::collection::vec(happens(), 0..40)) {
        let mut story = Story::charged();
        let mut now = 0;
        for happening in happenings {
            story = match happening {
                Happens::Fact(fact) => story.hears(fact),
                Happens::Wish(key, amount) => story.wants(wish(&key.to_string(), amount)),
                Happens::Sweep => story.swept(),
                Happens::Answer(word) if matches!(story.last.step, Step::Call(_)) => story.answered(word),
                Happens::Answer(_) => story,
                Happens::Wait(seconds) => {
                    now += seconds;
                    story.at(now)
                }
            };
            let payment = &story.payment;
            prop_assert!(payment.refunded() + payment.owed() <= TOTAL);
            prop_assert!(payment.cancelled_at.is_none() || payment.left() == 0, "a cancelled order keeps nothing");
            prop_assert_eq!(due(payment).is_some(), payment.owed() > 0, "what is owed is looked after");
        }
        let mut totals = 0;
        for event in &story.said {
            if let Event::Refunded { amount, total, .. } = event {
                totals += amount;
                prop_assert_eq!(totals, *total, "each refund is told once");
            }
        }
        prop_assert_eq!(totals, story.payment.refunded());
        let failures = |id: &RefundId| story.said.iter().filter(|e| matches!(e, Event::RefundFailed { refund, .. } if refund == id)).count();
        prop_assert!(story.payment.refunds.iter().all(|refund| failures(&refund.id) <= 1));
    }
}
