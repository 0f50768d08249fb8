//! The payment's rules: a table for each stage, and the property that facts may come in any order, twice, or late.

mod support;

use jiff::SignedDuration;
use payments::domain::attempt::Outcome;
use payments::domain::decision::{Step, Worker};
use payments::domain::gateway::{Call, GatewayAnswer as Answer};
use payments::domain::ids::{IntentId, OrderId, PaymentId, RefundId};
use payments::domain::payment::{Event, Fact, Failure, Payment, Stage, Terms};
use proptest::prelude::*;
use support::{
    AT, MAX_ATTEMPTS, Story, attempt_failed, declined, doubtful, failed, held, intent, later, not_charged, order,
    ordered, owed, silent, soft_declined, succeeded, unanswered,
};

#[test]
fn an_order_has_one_payment_with_one_name() {
    assert_eq!(Payment::of(order()), Payment::of(order()));
    let id = PaymentId::of(&order());
    assert_eq!(id.as_str(), "pay_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10");
    assert_eq!(PaymentId::order(id.as_str()), Some(order()), "the name leads to the order");
    assert_eq!(["pay_1", "ord_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10", ""].map(PaymentId::order), [None, None, None]);
    assert_ne!(id, PaymentId::of(&OrderId::trusted("ord_00000000-0000-5000-8000-000000000000")));
}

#[test]
fn a_refund_has_one_name_for_each_request() {
    let (payment, other) = (PaymentId::of(&order()), PaymentId::trusted("pay_00000000-0000-5000-8000-000000000000"));
    assert_eq!(owed().as_str(), "rfd_8c5b1f0e-5c0e-5f3a-9a51-0f6f2f1f7a10");
    assert_eq!(RefundId::derive(&payment, "sam", "k"), RefundId::derive(&payment, "sam", "k"));
    let names = [
        owed(),
        RefundId::derive(&payment, "sam", "k"),
        RefundId::derive(&payment, "olga", "k"),
        RefundId::derive(&payment, "sam", "l"),
        RefundId::derive(&other, "sam", "k"),
    ];
    assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), names.len());
}

#[test]
fn a_charge_needs_both_facts_in_whichever_order() {
    for ([first, second], fact) in [([ordered(), held()], Some(held())), ([held(), ordered()], None)] {
        let story = Story::begin().on(first);
        assert_eq!(story.last.step, Step::Incomplete);
        let story = story.on(second);
        assert_eq!(story.last.step, Step::Call(Call::Create { attempt: 1, begun_at: AT, fact }));
        let story = story.answered(Answer::Open(intent()));
        assert_eq!(story.last.step, Step::Call(Call::Confirm { attempt: 1 }));
        assert_eq!(story.payment.stage, Stage::Charging { lease_ends_at: later(15) }, "written before it is confirmed");
        assert_eq!(story.payment.intent, Some(intent()), "written before it is confirmed");
        let story = story.answered(Answer::Charged);
        assert_eq!((story.last.step, story.published), (Step::Settled, vec![succeeded(1)]));
    }
}

#[test]
fn a_hold_is_written_with_the_intent_that_it_leads_to_or_with_the_failed_attempt() {
    let due = || Story::begin().on(ordered()).on(held());
    assert_eq!((due().payment, due().published.len()), (Story::begin().on(ordered()).payment, 0), "nothing to write");
    let refused = [Answer::Busy, declined("card_declined"), not_charged("http_429"), silent("timeout")];
    for answer in refused.into_iter().chain([Answer::Open(intent())]) {
        assert!(due().answered(answer.clone()).payment.is_complete(), "{answer:?}");
    }
}

#[test]
fn what_was_written_while_the_intent_was_created_decides_about_it() {
    let due = || Story::begin().on(ordered()).on(held());
    for (meanwhile, status, ended) in [
        (Fact::Cancelled, "VOIDED", Event::Voided),
        (Fact::Expired, "FAILED", failed(Failure::ReservationGone, "reservation_gone")),
    ] {
        let create = due().call();
        let story = due().on(meanwhile).answered_late(create, Answer::Open(intent()));
        assert_eq!((story.payment.status(), &story.payment.intent), (status, &None), "the intent is never confirmed");
        assert_eq!((story.last.step, story.published), (Step::Settled, vec![ended]));
    }
}

#[test]
fn of_two_intents_only_the_one_that_was_written_is_confirmed() {
    let due = || Story::begin().on(ordered()).on(held());
    let create = due().call();
    let first = due().answered(Answer::Open(intent()));
    let second = first.clone().answered_late(create, Answer::Open(IntentId::trusted("pi_2")));
    assert_eq!((second.payment, second.last.step), (first.payment, Step::Wait { until: later(15) }));
}

#[test]
fn what_an_attempt_meets_decides_what_follows() {
    let table = [
        (declined("insufficient_funds"), "CHARGING", Step::Call(Call::Cancel), vec![]),
        (
            soft_declined("processing_error"),
            "RETRYING",
            Step::Wait { until: later(10) },
            vec![attempt_failed(1, false, "processing_error", Some(10), 0)],
        ),
        (not_charged("http_429"), "PENDING", not_now("http_429"), vec![]),
        (
            silent("timeout"),
            "UNKNOWN",
            Step::Wait { until: later(10) },
            vec![attempt_failed(1, true, "timeout", Some(10), 0)],
        ),
        (doubtful("http_500"), "CHARGING", Step::Call(Call::Ask { attempt: 1, code: "http_500".into() }), vec![]),
        (
            Answer::Busy,
            "RETRYING",
            Step::Wait { until: later(10) },
            vec![attempt_failed(1, false, "busy", Some(10), 0)],
        ),
        (
            Answer::Open(intent()),
            "RETRYING",
            Step::Wait { until: later(10) },
            vec![attempt_failed(1, false, "not_confirmed", Some(10), 0)],
        ),
        (Answer::Canceled, "FAILED", Step::Settled, vec![failed(Failure::Exhausted, "canceled")]),
    ];
    for (answer, status, step, published) in table {
        let story = Story::charging().answered(answer.clone());
        assert_eq!((story.payment.status(), story.last.step, story.published), (status, step, published), "{answer:?}");
    }
}

#[test]
fn a_server_error_is_asked_about_before_it_is_called_transient() {
    let asked = || Story::charging().answered(doubtful("http_503"));
    let table = [
        (Answer::Charged, "SUCCEEDED", Step::Settled, vec![succeeded(1)]),
        (declined("card_declined"), "CHARGING", Step::Call(Call::Cancel), vec![]),
        (
            soft_declined("try_again_later"),
            "RETRYING",
            Step::Wait { until: later(10) },
            vec![attempt_failed(1, false, "try_again_later", Some(10), 0)],
        ),
        (
            Answer::Open(intent()),
            "RETRYING",
            Step::Wait { until: later(10) },
            vec![attempt_failed(1, false, "http_503", Some(10), 0)],
        ),
        (
            silent("timeout"),
            "UNKNOWN",
            Step::Wait { until: later(10) },
            vec![attempt_failed(1, true, "http_503", Some(10), 0)],
        ),
        (
            not_charged("connect"),
            "UNKNOWN",
            Step::Wait { until: later(10) },
            vec![attempt_failed(1, true, "http_503", Some(10), 0)],
        ),
    ];
    for (answer, status, step, published) in table {
        let story = asked().answered(answer.clone());
        assert_eq!((story.payment.status(), story.last.step, story.published), (status, step, published), "{answer:?}");
    }
}

/// The gateway cancels an intent that was confirmed too often.
#[test]
fn an_intent_that_the_gateway_itself_has_cancelled_is_the_end() {
    let story = Story::charging().answered(soft_declined("processing_error")).at(10).on(held());
    let story = story.answered(Answer::Canceled);
    assert_eq!(story.last.step, Step::Settled);
    assert_eq!(story.published.last(), Some(&failed(Failure::Exhausted, "canceled")));
}

#[test]
fn the_last_soft_decline_ends_like_any_other_attempt() {
    let story = Story::charging().answered(soft_declined("try_again_later")).at(10).on(held());
    let story = story.answered(soft_declined("try_again_later")).at(30).on(held());
    let story = story.answered(soft_declined("try_again_later"));
    assert_eq!(story.last.step, Step::Exhausted);
    let story = story.by(Worker::DeadLetters).on(held()).answered(Answer::Canceled);
    assert_eq!(story.published.last(), Some(&failed(Failure::Exhausted, "try_again_later")));
}

/// With a lease of 15 s, no charge starts later than 885 s into a hold of 900 s.
#[test]
fn race_charge_after_the_hold() {
    let first = |at| Story::begin().on(ordered()).at(at).on(held());
    assert_eq!(first(885).call().as_str(), "create");
    for at in [886, 899, 5_000] {
        let story = first(at);
        assert_eq!((story.last.step, story.payment.is_complete(), story.published.len()), (Step::Incomplete, true, 0));
    }
    let expired = first(900).on(Fact::Expired);
    assert_eq!(expired.published, vec![failed(Failure::ReservationGone, "reservation_gone")]);
    assert_eq!(first(900).on(Fact::Cancelled).published, vec![Event::Voided]);
    let confirmed = |at| first(880).at(at).answered(Answer::Open(intent()));
    assert_eq!(confirmed(885).call(), Call::Confirm { attempt: 1 });
    let late = confirmed(886);
    assert_eq!((late.last.step.clone(), late.payment.attempted()), (Step::Incomplete, 0));
    assert_eq!(late.on(Fact::Expired).call(), Call::Cancel, "what was made is forbidden");
}

#[test]
fn no_attempt_follows_that_would_outlast_the_hold_and_the_gateway_is_still_asked() {
    let failing = Story::begin().on(ordered()).at(870).on(held()).answered(Answer::Open(intent()));
    let failed_late = failing.clone().answered(soft_declined("try_again_later"));
    assert_eq!(failed_late.published, vec![attempt_failed(1, false, "try_again_later", Some(10), 870)]);
    assert_eq!(failed_late.at(886).on(held()).last.step, Step::Exhausted);
    let last = failing.clone().at(876).answered(soft_declined("try_again_later"));
    assert_eq!(last.last.step, Step::Exhausted, "the next one would be due at 886");
    assert_eq!(last.published, vec![attempt_failed(1, false, "try_again_later", None, 876)]);
    let asked = failing.at(2_000).on(held());
    assert_eq!(asked.call().as_str(), "ask");
    assert_eq!(asked.clone().answered(Answer::Charged).published, vec![succeeded(1)]);
    assert_eq!(asked.answered(Answer::Open(intent())).last.step, Step::Exhausted);
}

#[test]
fn the_order_may_end_before_the_hold() {
    let Fact::Ordered(terms) = ordered() else { panic!("the terms") };
    let early = Fact::Ordered(Terms { pay_by: Some(later(100)), ..terms.clone() });
    assert_eq!(Story::begin().on(early).at(86).on(held()).last.step, Step::Incomplete);
    let unknown = Fact::Ordered(Terms { pay_by: None, ..terms });
    assert_eq!(Story::begin().on(unknown).at(86).on(held()).call().as_str(), "create");
}

#[test]
fn a_decline_is_final_once_the_gateway_has_cancelled_the_intent() {
    let story = Story::charging().answered(declined("insufficient_funds"));
    assert_eq!(story.payment.attempts[0].outcome, Outcome::Declined { code: "insufficient_funds".into() });
    assert_eq!(story.clone().answered(silent("timeout")).last.step, unanswered("timeout"));
    let story = story.answered(Answer::Canceled);
    assert_eq!(
        (story.last.step, story.published),
        (Step::Settled, vec![failed(Failure::Declined, "insufficient_funds")])
    );
}

#[test]
fn a_way_to_pay_that_the_gateway_does_not_know_is_a_decline() {
    let story = Story::begin().on(ordered()).on(held()).answered(declined("resource_missing"));
    assert_eq!(story.last.step, Step::Settled);
    assert_eq!((story.payment.attempted(), story.published), (1, vec![failed(Failure::Declined, "resource_missing")]));
}

#[test]
fn an_intent_that_cannot_be_created_is_no_attempt_and_the_next_one_has_another_key() {
    let due = || Story::begin().on(ordered()).on(held());
    for answer in [not_charged("connect"), doubtful("http_500"), silent("timeout")] {
        let story = due().answered(answer.clone());
        assert_eq!((story.payment.status(), story.payment.attempted()), ("PENDING", 0), "{answer:?}");
        assert_eq!((story.last.step.clone(), story.published.len()), (not_now(&answer.code()), 0));
        let keys = [due(), story.at(1).on(held())].map(|story| story.call().key(&story.payment.id).unwrap());
        assert!(keys[0] != keys[1] && keys[0].starts_with(PaymentId::of(&order()).as_str()), "{keys:?}");
    }
    let busy = Story::begin().on(ordered()).on(held()).answered(Answer::Busy);
    assert_eq!((busy.last.step, busy.payment.attempted()), (Step::Wait { until: later(1) }, 0));
}

fn not_now(code: &str) -> Step {
    Step::NotNow { code: code.into(), wait: None }
}

#[test]
fn what_did_not_reach_the_card_is_repeated_until_the_last_minute_of_the_hold_and_never_counts() {
    let mut story = Story::charging();
    for second in (0..=840).step_by(60) {
        let attempt = Call::Confirm { attempt: 1 };
        let refused = story.at(second).answered_late(attempt.clone(), not_charged("http_429"));
        assert_eq!((&refused.last.step, refused.payment.attempted()), (&not_now("http_429"), 0));
        story = refused.at(second + 1).on(held());
        assert_eq!(story.call(), attempt);
    }
    assert_eq!(story.published.len(), 0);
    let story = story.answered(not_charged("http_429"));
    assert_eq!(story.last.step, Step::Exhausted);
    let story = story.by(Worker::DeadLetters).on(held()).answered(Answer::Canceled);
    assert!(matches!(story.published.last(), Some(Event::Failed { category: Failure::Exhausted, .. })));
}

#[test]
fn the_gateway_is_left_alone_as_long_as_it_wants_but_no_longer_than_a_minute() {
    for (seconds, waited) in [(7, 7), (3_600, 60)] {
        let wait = |seconds| Some(SignedDuration::from_secs(seconds));
        let answer = not_charged("http_429").after(wait(seconds));
        let story = Story::charging().answered(answer);
        assert_eq!(story.last.step, Step::NotNow { code: "http_429".into(), wait: wait(waited) });
    }
}

#[test]
fn each_wait_is_twice_as_long_and_the_last_attempt_is_the_end() {
    let story = Story::charging().answered(soft_declined("http_503"));
    assert_eq!(story.clone().at(9).on(held()).last.step, Step::Wait { until: later(10) });
    let story = story.at(10).on(held());
    assert_eq!(story.last.step, Step::Call(Call::Confirm { attempt: 2 }), "the same intent");
    let story = story.answered(soft_declined("http_503"));
    assert_eq!(story.last.step, Step::Wait { until: later(30) });
    let story = story.at(30).on(held()).answered(soft_declined("http_503"));
    assert_eq!(story.last.step, Step::Exhausted);
    assert_eq!(story.published.last(), Some(&attempt_failed(MAX_ATTEMPTS, false, "http_503", None, 30)));
    assert_eq!(story.on(held()).last.step, Step::Exhausted, "and stays so");
}

#[test]
fn race_gateway_timeout_then_success() {
    let unknown = || Story::charging().answered(silent("timeout")).at(10).on(held());
    assert_eq!(unknown().call().as_str(), "ask");
    let table = [
        (Answer::Charged, "SUCCEEDED", Step::Settled),
        (Answer::Open(intent()), "CHARGING", Step::Call(Call::Confirm { attempt: 2 })),
        (soft_declined("try_again_later"), "CHARGING", Step::Call(Call::Confirm { attempt: 2 })),
        (declined("card_declined"), "CHARGING", Step::Call(Call::Cancel)),
        (silent("processing"), "UNKNOWN", unanswered("processing")),
        (doubtful("http_500"), "UNKNOWN", unanswered("http_500")),
    ];
    for (answer, status, step) in table {
        let story = unknown().answered(answer.clone());
        assert_eq!((story.payment.status(), story.last.step), (status, step), "{answer:?}");
    }
}

#[test]
fn an_attempt_under_way_is_left_alone_until_its_lease_is_over() {
    let story = Story::charging();
    for fact in [ordered(), held()] {
        assert_eq!(story.clone().at(14).on(fact).last.step, Step::Wait { until: later(15) });
    }
    let story = story.at(15).on(held());
    assert_eq!(story.last.step, Step::Call(Call::Ask { attempt: 1, code: "abandoned".into() }));
}

#[test]
fn an_answer_about_an_attempt_that_is_no_longer_the_latest_decides_nothing_but_a_charge() {
    let late = Call::Confirm { attempt: 1 };
    let second = || {
        let story = Story::charging().at(15).on(held()).answered(Answer::Open(intent()));
        story.at(25).on(held())
    };
    assert_eq!(second().call(), Call::Confirm { attempt: 2 });
    for answer in [declined("card_declined"), not_charged("http_429"), silent("timeout"), doubtful("http_500")] {
        let story = second().answered_late(late.clone(), answer.clone());
        assert_eq!(story.last.step, Step::Wait { until: later(40) }, "{answer:?}");
        assert_eq!(story.payment, second().payment, "{answer:?}");
    }
    let story = second().answered_late(late, Answer::Charged);
    assert_eq!((story.last.step, story.published.last()), (Step::Settled, Some(&succeeded(1))));
    let outcomes: Vec<Outcome> = story.payment.attempts.into_iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Charged, Outcome::Stopped]);
}

#[test]
fn race_payment_failed_after_payment_succeeded() {
    let ended = [
        Story::charged(),
        Story::charging().answered(declined("card_declined")).answered(Answer::Canceled),
        Story::charging().on(Fact::Cancelled).answered(Answer::Canceled),
    ];
    let calls = [
        Call::Create { attempt: 2, begun_at: AT, fact: Some(held()) },
        Call::Confirm { attempt: 1 },
        Call::Ask { attempt: 1, code: "timeout".into() },
        Call::Cancel,
    ];
    let answers = [
        Answer::Open(intent()),
        Answer::Charged,
        Answer::Canceled,
        Answer::Busy,
        declined("card_declined"),
        soft_declined("processing_error"),
        not_charged("http_429"),
        doubtful("http_500"),
        silent("timeout"),
    ];
    for (story, call) in ended.iter().flat_map(|story| calls.iter().map(move |call| (story, call))) {
        for answer in &answers {
            let late = story.clone().answered_late(call.clone(), answer.clone());
            assert_eq!((&late.payment, &late.published), (&story.payment, &story.published), "{call:?} {answer:?}");
            assert_eq!(late.last.step, Step::Settled, "{call:?} {answer:?}");
        }
    }
}

/// Lets the gateway do at once what it is asked.
fn charged_if_asked(mut story: Story) -> Story {
    while let Step::Call(call) = story.last.step.clone() {
        let answer = match call {
            Call::Create { .. } => Answer::Open(intent()),
            Call::Confirm { .. } | Call::Ask { .. } => Answer::Charged,
            Call::Cancel => Answer::Canceled,
            Call::Refund { .. } | Call::AskRefund { .. } => Answer::Refunded,
        };
        story = story.answered(answer);
    }
    story
}

fn repeated_and_shuffled(facts: Vec<Fact>) -> impl Strategy<Value = Vec<Fact>> {
    let twice = facts.iter().cloned().chain(facts.iter().cloned()).collect::<Vec<_>>();
    (Just(twice).prop_shuffle(), Just(facts).prop_shuffle()).prop_map(|(some, all)| {
        // Every fact at least once, some again, in any order.
        let keep = all.len();
        all.into_iter().chain(some.into_iter().take(keep)).collect()
    })
}

fn settled(facts: Vec<Fact>) -> Payment {
    facts.into_iter().fold(Story::begin(), |story, fact| charged_if_asked(story.on(fact))).payment
}

proptest! {
    #[test]
    fn the_facts_of_a_charge_lead_to_it_in_any_order(facts in repeated_and_shuffled(vec![ordered(), held()])) {
        let payment = settled(facts);
        prop_assert_eq!(payment.status(), "SUCCEEDED");
        prop_assert_eq!(payment, settled(vec![ordered(), held()]));
    }

    #[test]
    fn race_cancel_before_order_created_and_in_any_other_order(
        mut facts in repeated_and_shuffled(vec![ordered(), Fact::Cancelled]),
    ) {
        facts.push(held());
        prop_assert_eq!(settled(facts), settled(vec![ordered(), Fact::Cancelled, held()]));
    }

    #[test]
    fn facts_fold_to_the_same_whatever_their_order(
        facts in repeated_and_shuffled(vec![ordered(), held(), Fact::Cancelled, Fact::Expired]),
    ) {
        let mut payment = Payment::of(order());
        for fact in facts {
            payment = payment.with(fact, AT);
        }
        prop_assert!(payment.terms.is_some() && payment.cancelled_at == Some(AT) && !payment.is_complete());
        prop_assert_eq!(payment.hold, payments::domain::payment::Hold::Gone);
    }
}
