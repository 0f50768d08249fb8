//! Refunds: what each method does, and that no more goes back than was charged.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use sandbox_gateway::domain::intent::{self, Intent, Pace, Refund, State};
use sandbox_gateway::domain::refund::{Answer, RefundRequest, refund};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const AMOUNT: u64 = 4_790;

fn open(method: &str) -> Intent {
    Intent {
        id: "pi_1".into(),
        amount: AMOUNT,
        currency: "eur".into(),
        method: Some(method.into()),
        metadata: BTreeMap::new(),
        idempotency_key: Some("pay_1".into()),
        request: BTreeMap::new(),
        created: NOW,
        state: State::RequiresConfirmation,
        confirms: 0,
        refunds: Vec::new(),
        refund_calls: 0,
    }
}

fn charged(method: &str) -> Intent {
    intent::confirm(&open(method), None, NOW).0
}

fn request(key: &str, amount: Option<u64>) -> RefundRequest {
    let request = amount.map(|amount| ("amount".to_owned(), amount.to_string())).into_iter().collect();
    let refund = Refund {
        id: format!("re_{key}"),
        amount: 0,
        metadata: BTreeMap::new(),
        idempotency_key: Some(key.to_owned()),
        request,
        created: NOW,
    };
    RefundRequest { amount, refund }
}

fn done(key: &str, amount: u64) -> Answer {
    Answer::Done(Refund { amount, ..request(key, Some(amount)).refund })
}

/// The answers to the same request, each time it is made.
fn answers(method: &str, times: usize) -> Vec<(Answer, Pace)> {
    let mut intent = charged(method);
    let mut given = Vec::new();
    for _ in 0..times {
        let (next, answer, pace) = refund(&intent, &request("a", Some(AMOUNT)));
        intent = next;
        given.push((answer, pace));
    }
    given
}

#[test]
fn each_method_does_what_its_name_says() {
    let (all, prompt) = (|| (done("a", AMOUNT), Pace::Prompt), |answer| (answer, Pace::Prompt));
    let table = [
        ("pm_card_visa", [all(), all(), all()]),
        ("pm_sandbox_refund_fail_1", [prompt(Answer::Unavailable), all(), all()]),
        ("pm_sandbox_refund_fail_2", [prompt(Answer::Unavailable), prompt(Answer::Unavailable), all()]),
        ("pm_sandbox_refund_fail_9", [const { (Answer::Unavailable, Pace::Prompt) }; 3]),
        ("pm_sandbox_refund_refused", [const { (Answer::Disputed, Pace::Prompt) }; 3]),
        ("pm_sandbox_refund_timeout", [(done("a", AMOUNT), Pace::Late), all(), all()]),
    ];
    for (method, expected) in table {
        assert_eq!(answers(method, 3), expected, "{method}");
    }
}

#[test]
fn no_more_goes_back_than_was_charged() {
    let intent = charged("pm_card_visa");
    let (intent, first, _) = refund(&intent, &request("a", Some(1_600)));
    assert_eq!((first, intent.left()), (done("a", 1_600), AMOUNT - 1_600));
    let (same, answer, _) = refund(&intent, &request("b", Some(AMOUNT)));
    assert_eq!((answer, &same), (Answer::TooMuch { left: AMOUNT - 1_600 }, &intent));
    let (intent, rest, _) = refund(&intent, &request("c", None));
    assert!(
        matches!(rest, Answer::Done(refund) if refund.amount == AMOUNT - 1_600),
        "without an amount: all that is left"
    );
    assert_eq!(refund(&intent, &request("d", Some(1))).1, Answer::AlreadyRefunded);
    assert_eq!(
        refund(&intent, &request("a", Some(1_600))).1,
        done("a", 1_600),
        "a repetition is answered all the same"
    );
    assert_eq!(refund(&intent, &request("a", Some(1))).1, Answer::OtherRequest);
}

#[test]
fn what_was_not_charged_has_nothing_to_return() {
    let declined = charged("pm_card_chargeDeclined");
    let canceled = intent::cancel(&open("pm_card_visa")).unwrap();
    for intent in [open("pm_card_visa"), declined, canceled] {
        assert_eq!(refund(&intent, &request("a", None)).1, Answer::NoCharge);
    }
}

proptest! {
    #[test]
    fn the_sum_of_all_refunds_never_exceeds_the_charge(
        requests in prop::collection::vec((0_u8..6, prop::option::of(1..2 * AMOUNT)), 0..30),
        method in prop::sample::select(vec!["pm_card_visa", "pm_sandbox_refund_fail_3", "pm_sandbox_refund_timeout"]),
    ) {
        let mut intent = charged(method);
        for (key, amount) in requests {
            intent = refund(&intent, &request(&key.to_string(), amount)).0;
            let back: u64 = intent.refunds.iter().map(|refund| refund.amount).sum();
            prop_assert!(back <= AMOUNT);
            prop_assert_eq!(intent.left(), AMOUNT - back);
            prop_assert!(intent.refunds.iter().all(|refund| refund.amount > 0));
        }
    }
}
