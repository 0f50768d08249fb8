//! How money goes back: what is owed, what staff may request, what becomes of each try, and that no more goes back
//! than was charged.

mod support;

use payments::domain::announce::announce;
use payments::domain::decision::{Step, Worker};
use payments::domain::gateway::{Call, GatewayAnswer as Answer};
use payments::domain::ids::RefundId;
use payments::domain::payment::{Event, Fact};
use payments::domain::refund::{Reason, RefundProgress};
use payments::domain::repay::due;
use payments::domain::request::{MAX_REFUNDS, RefundRefused, RefundRequest, request_refund};
use proptest::prelude::*;
use support::{
    AT, Story, TOTAL, declined, doubtful, held, later, not_charged, ordered, owed, refund_failed, refunded, request,
    silent, succeeded,
};

fn sending(attempt: u32) -> Step {
    Step::Call(Call::Refund { refund: owed(), amount: TOTAL, attempt })
}

fn asking(attempt: u32) -> Step {
    Step::Call(Call::AskRefund { refund: owed(), attempt })
}

fn progress(story: &Story) -> RefundProgress {
    story.payment.refunds[0].progress.clone()
}

#[test]
fn a_cancel_after_the_charge_returns_it() {
    let story = Story::charged().at(60).on(Fact::Cancelled);
    assert_eq!(story.last.step, sending(1));
    assert_eq!(progress(&story), RefundProgress::Sent { lease_ends_at: later(75) }, "written before it is sent");
    assert_eq!(due(&story.payment), Some(later(75)), "should nobody write its outcome");
    let story = story.at(61).answered(Answer::Refunded);
    assert_eq!((story.last.step.clone(), due(&story.payment)), (Step::Settled, None));
    assert_eq!(story.published, [succeeded(1), refunded(owed(), TOTAL, TOTAL, Reason::Cancelled)]);
    assert_eq!((story.payment.refunded(), story.payment.owed(), story.payment.left()), (TOTAL, 0, 0));
    let again = story.clone().on(Fact::Cancelled);
    assert_eq!((again.last.step, again.payment), (Step::Settled, story.payment), "cancelled again: nothing more");
}

#[test]
fn a_charge_that_is_learnt_of_after_the_cancel_returns_itself() {
    let story = Story::charging().on(Fact::Cancelled).answered(Answer::Charged);
    assert_eq!(
        (story.last.step.clone(), story.published.clone()),
        (sending(1), vec![succeeded(1)]),
        "in the same message"
    );
    let story = story.answered(Answer::Refunded);
    assert_eq!(story.published[1], refunded(owed(), TOTAL, TOTAL, Reason::LateSuccess));
}

#[test]
fn what_a_try_meets_decides_what_follows() {
    let refused = || vec![succeeded(1), refund_failed(1, "charge_disputed", Reason::Cancelled)];
    let table = [
        (declined("charge_disputed"), refused()),
        (not_charged("connect"), vec![succeeded(1)]),
        (silent("timeout"), vec![succeeded(1)]),
        (doubtful("http_503"), vec![succeeded(1)]),
        (Answer::Busy, vec![succeeded(1)]),
    ];
    for (answer, published) in table {
        let story = Story::repaying().answered(answer.clone());
        assert_eq!(
            (progress(&story), &story.published),
            (RefundProgress::PutOff { ask_at: later(10) }, &published),
            "{answer:?}"
        );
        assert_eq!(story.last.step, Step::Settled, "{answer:?}: the message is done with, the sweep goes on");
        assert_eq!(due(&story.payment), Some(later(10)), "{answer:?}");
    }
}

#[test]
fn race_gateway_timeout_then_refund() {
    let put_off = || Story::repaying().answered(silent("timeout")).at(10).swept();
    assert_eq!(put_off().last.step, asking(1));
    let later_again = RefundProgress::PutOff { ask_at: later(30) };
    let table = [
        (Answer::Refunded, RefundProgress::Done { at: later(10) }, Step::Settled),
        (Answer::NotRefunded, RefundProgress::Sent { lease_ends_at: later(25) }, sending(2)),
        (silent("pending"), later_again.clone(), Step::Settled),
        (not_charged("connect"), later_again.clone(), Step::Settled),
        (declined("expired_card"), later_again, Step::Settled),
    ];
    for (answer, left, step) in table {
        let story = put_off().answered(answer.clone());
        assert_eq!((progress(&story), story.last.step), (left, step), "{answer:?}");
    }
}

#[test]
fn a_try_whose_invocation_died_is_asked_about_when_its_lease_is_over() {
    let died = Story::repaying();
    for fact in [Fact::Cancelled, held(), ordered()] {
        assert_eq!(died.clone().at(14).on(fact).last.step, Step::Settled, "no message waits for a refund");
    }
    assert_eq!(died.clone().at(14).swept().last.step, Step::Settled);
    assert_eq!(died.at(15).swept().last.step, asking(1));
}

#[test]
fn a_sweep_for_a_later_time_tries_what_is_due_then_and_writes_its_own_time() {
    let waiting = || Story::repaying().answered(not_charged("http_429")).at(3);
    assert_eq!(waiting().swept().last.step, Step::Settled, "it is not due");
    let tried = waiting().swept_for(1_000_000).answered(Answer::NotRefunded);
    assert_eq!(progress(&tried), RefundProgress::Sent { lease_ends_at: later(18) });
    let put_off = tried.clone().answered(not_charged("http_429"));
    assert_eq!(progress(&put_off), RefundProgress::PutOff { ask_at: later(23) }, "the next try waits from now on");
    assert_eq!(put_off.last.step, Step::Settled, "and not within the same sweep");
    assert_eq!(progress(&tried.answered(Answer::Refunded)), RefundProgress::Done { at: later(3) });
}

#[test]
fn it_is_published_once_that_a_refund_does_not_go_through_and_once_that_it_did() {
    let mut story = Story::repaying().answered(not_charged("http_429"));
    let mut now = 0;
    let mut waits = Vec::new();
    for attempt in 2..=12 {
        let before = now;
        now = due(&story.payment).unwrap().as_second();
        waits.push(now - before);
        story = story.at(now).swept();
        assert_eq!(story.last.step, asking(attempt - 1));
        story = story.answered(Answer::NotRefunded);
        assert_eq!(story.last.step, sending(attempt));
        story = story.answered(not_charged("http_429"));
    }
    assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600], "twice as long, up to an hour");
    assert_eq!(story.published, [succeeded(1), refund_failed(3, "http_429", Reason::Cancelled)]);
    let story = story.at(now + 3_600).swept().answered(Answer::NotRefunded).answered(Answer::Refunded);
    assert_eq!(story.published[2..], [refunded(owed(), TOTAL, TOTAL, Reason::Cancelled)]);
    let refused = Story::repaying().answered(declined("charge_disputed")).at(10).swept();
    let refused = refused.answered(Answer::NotRefunded).answered(declined("charge_disputed"));
    assert_eq!(refused.published.len(), 2, "and is tried again all the same: {:?}", progress(&refused));
}

#[test]
fn an_answer_about_an_earlier_try_decides_nothing_but_a_success() {
    let first = Call::Refund { refund: owed(), amount: TOTAL, attempt: 1 };
    let second = || Story::repaying().at(15).swept().answered(Answer::NotRefunded);
    assert_eq!(second().last.step, sending(2));
    for answer in [declined("charge_disputed"), not_charged("http_429"), silent("timeout"), Answer::Busy] {
        let story = second().answered_late(first.clone(), answer.clone());
        assert_eq!((story.last.step, story.payment), (Step::Settled, second().payment), "{answer:?}");
    }
    let story = second().answered_late(first.clone(), Answer::Refunded);
    assert_eq!(story.payment.refunded(), TOTAL);
    let after = story.clone().answered_late(first, silent("timeout"));
    assert_eq!((after.published, after.payment), (story.published, story.payment), "done is done");
}

#[test]
fn staff_may_request_what_is_left_of_a_charge_and_no_more() {
    let want = |story: &Story, key: &str, amount| request_refund(&story.payment, &request(key, amount), AT);
    for open in [Story::begin(), Story::charging(), Story::charging().on(Fact::Cancelled).answered(Answer::Canceled)] {
        assert_eq!(want(&open, "a", 1), Err(RefundRefused::NotCharged));
    }
    let story = Story::charged();
    assert_eq!(want(&story, "a", 0), Err(RefundRefused::Nothing));
    assert_eq!(want(&story, "a", TOTAL + 1), Err(RefundRefused::Exceeds { left: TOTAL }));
    let story = story.by(Worker::Sweep).requests(request("a", 1_600));
    assert_eq!(story.call().as_str(), "refund");
    assert_eq!(
        want(&story, "b", TOTAL),
        Err(RefundRefused::Exceeds { left: TOTAL - 1_600 }),
        "what is requested counts"
    );
    assert_eq!(want(&story, "a", 1_600), Ok(story.payment.clone()), "the same request is the same refund");
    assert_eq!(want(&story, "a", 1_601), Err(RefundRefused::OtherRequest));
    let noted = RefundRequest { note: Some("broken cup".into()), ..request("a", 1_600) };
    assert_eq!(request_refund(&story.payment, &noted, AT), Err(RefundRefused::OtherRequest));
    let story =
        story.answered(Answer::Refunded).at(1_200).requests(request("b", TOTAL - 1_600)).answered(Answer::Refunded);
    let first = refunded(request("a", 0).refund, 1_600, 1_600, Reason::Staff);
    let second = refunded(request("b", 0).refund, TOTAL - 1_600, TOTAL, Reason::Staff);
    assert_eq!(story.published, [succeeded(1), first, second]);
    assert_eq!(want(&story, "c", 1), Err(RefundRefused::Exceeds { left: 0 }));
}

/// The hold ends after 900 s, and may be sold for five minutes more.
#[test]
fn race_full_refund_before_confirmation() {
    let want = |story: &Story, amount, second| request_refund(&story.payment, &request("a", amount), later(second));
    let story = Story::charged().by(Worker::Sweep);
    let refused = want(&story, TOTAL, 1_199).unwrap_err();
    assert_eq!(refused, RefundRefused::NotConfirmed { until: later(1_200) });
    assert_eq!(
        refused.to_string(),
        "until 1970-01-01T00:20:00Z the order may not be confirmed, and would be without payment; cancel it with \
         POST /v1/orders/{orderId}/cancellation, which returns all of the charge, or retry then"
    );
    assert!(want(&story, TOTAL - 1, 0).is_ok(), "a part may go back at once");
    let part = story.clone().requests(request("b", TOTAL - 1)).answered(Answer::Refunded);
    assert_eq!(want(&part, 1, 0), Err(RefundRefused::NotConfirmed { until: later(1_200) }), "the rest is all of it");
    assert!(want(&story, TOTAL, 1_200).is_ok(), "the order is confirmed by now, or its hold is gone");
    let refused = story.clone().requests(request("a", TOTAL));
    assert_eq!((&refused.payment, &refused.published), (&story.payment, &story.published));
}

#[test]
fn a_cancel_returns_what_staff_have_not_returned() {
    let story = Story::charged().by(Worker::Sweep).requests(request("a", 1_600)).answered(silent("timeout"));
    let story = story.by(Worker::Queue).on(Fact::Cancelled);
    assert_eq!(story.last.step, Step::Call(Call::Refund { refund: owed(), amount: TOTAL - 1_600, attempt: 1 }));
    let story = story.answered(Answer::Refunded);
    assert_eq!((story.payment.refunded(), story.payment.owed()), (TOTAL - 1_600, 1_600));
    let story = story.at(10).swept().answered(Answer::Refunded);
    assert_eq!(story.published.last(), Some(&refunded(request("a", 0).refund, 1_600, TOTAL, Reason::Staff)));
}

#[test]
fn the_number_of_refunds_is_bounded_but_what_is_owed_finds_room() {
    let many = (0..MAX_REFUNDS)
        .fold(Story::charged().by(Worker::Sweep), |story, n| story.requests(request(&n.to_string(), 1)));
    assert_eq!(request_refund(&many.payment, &request("more", 1), AT), Err(RefundRefused::TooMany));
    let many = many.on(Fact::Cancelled);
    assert_eq!(many.payment.left(), 0);
}

#[test]
fn of_several_refunds_the_least_tried_goes_first_and_a_failure_ends_the_turn() {
    let story = Story::charged().by(Worker::Sweep).requests(request("a", 100)).answered(declined("charge_disputed"));
    let story = story.requests(request("b", 200)).answered(not_charged("connect")).at(10).requests(request("c", 300));
    assert_eq!(story.call(), Call::Refund { refund: request("c", 0).refund, amount: 300, attempt: 1 });
    let story = story.answered(Answer::Refunded);
    assert_eq!(story.call(), Call::AskRefund { refund: request("a", 0).refund, attempt: 1 }, "it is due as well");
    let story = story.answered(Answer::NotRefunded).answered(declined("charge_disputed"));
    assert_eq!((story.last.step.clone(), due(&story.payment)), (Step::Settled, Some(later(10))), "`b` stays due");
    assert_eq!(story.swept().call(), Call::AskRefund { refund: request("b", 0).refund, attempt: 1 });
}

#[test]
fn the_sweep_and_staff_leave_charges_to_their_messages() {
    let ready = Story::begin().by(Worker::Sweep).on(ordered()).on(held());
    let waiting = Story::charging().answered(not_charged("http_429")).at(10);
    let refused = Story::charging().answered(declined("card_declined"));
    for open in [ready, Story::charging().at(900), waiting, refused, Story::charging().on(Fact::Expired)] {
        let swept = open.clone().swept();
        assert_eq!((swept.last.step, &swept.payment), (Step::Incomplete, &open.payment));
        let requested = open.clone().by(Worker::Sweep).requests(request("a", 1));
        assert_eq!((requested.last.step, &requested.payment), (Step::Incomplete, &open.payment));
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
        Story::begin().on(Fact::Cancelled),
        Story::charging().answered(declined("card_declined")).answered(Answer::Canceled),
        Story::charged(),
        Story::repaying().answered(Answer::Refunded),
        Story::repaying().answered(declined("charge_disputed")),
    ];
    for story in ended {
        assert_eq!(announce(&story.payment), story.published, "what it has published, once more");
    }
    let requested = Story::repaying();
    assert_eq!(announce(&requested.payment), [succeeded(1)], "what is only requested has no event");
}

/// What a test lets happen to a charged payment.
#[derive(Debug, Clone)]
enum Happens {
    Fact(Fact),
    Request(u8, u64),
    Sweep,
    Answer(Answer),
    Wait(i64),
}

fn happens() -> impl Strategy<Value = Happens> {
    let answer = prop::sample::select(vec![
        Answer::Refunded,
        Answer::NotRefunded,
        Answer::Busy,
        declined("charge_disputed"),
        not_charged("connect"),
        doubtful("http_503"),
        silent("timeout"),
    ]);
    prop_oneof![
        1 => prop::sample::select(vec![Fact::Cancelled, Fact::Expired, held(), ordered()]).prop_map(Happens::Fact),
        1 => (0_u8..4, 0..2 * TOTAL).prop_map(|(key, amount)| Happens::Request(key, amount)),
        1 => Just(Happens::Sweep),
        4 => answer.prop_map(Happens::Answer),
        1 => (0_i64..5_000).prop_map(Happens::Wait),
    ]
}

proptest! {
    #[test]
    fn never_is_more_requested_or_returned_than_was_charged(happenings in prop::collection::vec(happens(), 0..40)) {
        let mut story = Story::charged();
        let mut now = 0;
        for happening in happenings {
            story = match happening {
                Happens::Fact(fact) => story.on(fact),
                Happens::Request(key, amount) => story.requests(request(&key.to_string(), amount)),
                Happens::Sweep => story.swept(),
                Happens::Answer(answer) if matches!(story.last.step, Step::Call(_)) => story.answered(answer),
                Happens::Answer(_) => story,
                Happens::Wait(seconds) => {
                    now += seconds;
                    story.at(now)
                }
            };
            let payment = &story.payment;
            prop_assert!(payment.refunded() + payment.owed() <= TOTAL);
            prop_assert!(payment.cancelled_at.is_none() || payment.left() == 0, "a cancelled order keeps nothing");
            prop_assert_eq!(due(payment).is_some(), payment.owed() > 0, "what is owed is due");
        }
        let mut totals = 0;
        for event in &story.published {
            if let Event::Refunded { amount, total, .. } = event {
                totals += amount;
                prop_assert_eq!(totals, *total, "each refund is published once");
            }
        }
        prop_assert_eq!(totals, story.payment.refunded());
        let failures = |id: &RefundId| story.published.iter().filter(|e| matches!(e, Event::RefundFailed { refund, .. } if refund == id)).count();
        prop_assert!(story.payment.refunds.iter().all(|refund| failures(&refund.id) <= 1));
    }
}
