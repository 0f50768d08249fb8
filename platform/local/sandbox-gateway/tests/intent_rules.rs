//! What each payment method does, and that an intent succeeds at most once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use sandbox_gateway::domain::intent::{self, Answer, Intent, Pace, Repetition, State};
use sandbox_gateway::domain::method::{Decline, Method};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn intent(method: Option<&str>) -> Intent {
    Intent {
        id: "pi_1".into(),
        amount: 4790,
        currency: "eur".into(),
        method: method.map(ToOwned::to_owned),
        metadata: BTreeMap::new(),
        idempotency_key: Some("pay_1".into()),
        request: BTreeMap::from([("amount".into(), "4790".into())]),
        created: NOW,
        state: State::first(method),
        confirms: 0,
        refunds: Vec::new(),
        refund_calls: 0,
    }
}

/// The answers to this many confirmations, one after the other.
fn confirmed(method: &str, times: usize) -> (Intent, Vec<(Answer, Pace)>) {
    let mut intent = intent(Some(method));
    let mut answers = Vec::new();
    for _ in 0..times {
        let (next, answer, pace) = intent::confirm(&intent, None, NOW);
        intent = next;
        answers.push((answer, pace));
    }
    (intent, answers)
}

#[test]
fn each_method_does_what_its_name_says() {
    use Answer::{Declined, Done, Unavailable, UnexpectedState};
    use Pace::{Late, Prompt};
    let generic = Declined(Decline::Generic);
    let poor = Declined(Decline::InsufficientFunds);
    for (method, answers, status) in [
        ("pm_card_visa", [(Done, Prompt), (UnexpectedState, Prompt), (UnexpectedState, Prompt)], "succeeded"),
        ("pm_card_mastercard", [(Done, Prompt), (UnexpectedState, Prompt), (UnexpectedState, Prompt)], "succeeded"),
        (
            "pm_card_chargeDeclined",
            [(generic, Prompt), (UnexpectedState, Prompt), (UnexpectedState, Prompt)],
            "requires_payment_method",
        ),
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            [(poor, Prompt), (UnexpectedState, Prompt), (UnexpectedState, Prompt)],
            "requires_payment_method",
        ),
        (
            "pm_card_chargeDeclinedProcessingError",
            [(Declined(Decline::ProcessingError), Prompt), (UnexpectedState, Prompt), (UnexpectedState, Prompt)],
            "requires_payment_method",
        ),
        ("pm_sandbox_fail_1", [(Unavailable, Prompt), (Done, Prompt), (UnexpectedState, Prompt)], "succeeded"),
        ("pm_sandbox_fail_2", [(Unavailable, Prompt), (Unavailable, Prompt), (Done, Prompt)], "succeeded"),
        ("pm_sandbox_failTwice", [(Unavailable, Prompt), (Unavailable, Prompt), (Done, Prompt)], "succeeded"),
        (
            "pm_sandbox_fail_9",
            [(Unavailable, Prompt), (Unavailable, Prompt), (Unavailable, Prompt)],
            "requires_confirmation",
        ),
        (
            "pm_sandbox_refund_fail_2",
            [(Done, Prompt), (UnexpectedState, Prompt), (UnexpectedState, Prompt)],
            "succeeded",
        ),
        (
            "pm_sandbox_refund_refused",
            [(Done, Prompt), (UnexpectedState, Prompt), (UnexpectedState, Prompt)],
            "succeeded",
        ),
        ("pm_sandbox_timeout", [(Done, Late), (UnexpectedState, Prompt), (UnexpectedState, Prompt)], "succeeded"),
        ("pm_sandbox_timeout_before", [(Unavailable, Late), (Done, Prompt), (UnexpectedState, Prompt)], "succeeded"),
        (
            "pm_sandbox_down",
            [(Unavailable, Prompt), (Unavailable, Prompt), (Unavailable, Prompt)],
            "requires_confirmation",
        ),
    ] {
        let (intent, given) = confirmed(method, 3);
        assert_eq!((given.as_slice(), intent.state.as_str()), (answers.as_slice(), status), "{method}");
        assert_eq!(intent.confirms, 3, "{method}: every call is counted");
    }
}

#[test]
fn no_other_name_is_a_method() {
    for name in ["", "pm_card_gold", "pm_sandbox_fail_0", "pm_sandbox_fail_10", "pm_sandbox_fail_x", "pm_sandbox_fail_"]
    {
        assert_eq!(Method::named(name), None, "{name}");
    }
}

#[test]
fn a_declined_intent_can_be_confirmed_with_another_method() {
    let (declined, _) = confirmed("pm_card_chargeDeclined", 1);
    let (intent, answer, _) = intent::confirm(&declined, Some("pm_card_visa"), NOW);
    assert_eq!((answer, intent.state.as_str()), (Answer::Done, "succeeded"));
}

#[test]
fn a_method_that_is_declined_for_now_is_named_again() {
    let method = Some("pm_sandbox_decline_2");
    let mut intent = intent(method);
    for answer in [Answer::Declined(Decline::TryAgainLater), Answer::Declined(Decline::TryAgainLater), Answer::Done] {
        let (next, given, _) = intent::confirm(&intent, method, NOW);
        assert_eq!(given, answer);
        intent = next;
    }
}

#[test]
fn an_intent_without_a_method_cannot_be_confirmed() {
    let (_, answer, _) = intent::confirm(&intent(None), None, NOW);
    assert_eq!(answer, Answer::UnexpectedState);
}

#[test]
fn what_is_canceled_is_never_charged_and_what_is_charged_is_never_canceled() {
    let canceled = intent::cancel(&intent(Some("pm_card_visa"))).unwrap();
    assert_eq!(intent::confirm(&canceled, Some("pm_card_visa"), NOW).1, Answer::UnexpectedState);
    assert_eq!(intent::cancel(&canceled), None, "once is enough");
    let (charged, _) = confirmed("pm_card_visa", 1);
    assert_eq!(intent::cancel(&charged), None);
}

#[test]
fn a_repeated_request_is_answered_from_the_intent_and_another_one_refused() {
    let request = BTreeMap::from([("amount".into(), "4790".into())]);
    let other = BTreeMap::from([("amount".into(), "1".into())]);
    let (charged, _) = confirmed("pm_card_visa", 1);
    let (declined, _) = confirmed("pm_card_chargeDeclined", 1);
    let (failed, _) = confirmed("pm_sandbox_fail_1", 1);
    assert_eq!(intent::repeat(&charged, &other, true), Repetition::OtherRequest);
    assert_eq!(intent::repeat(&charged, &request, true), Repetition::Answered(Answer::Done));
    let refusal = Repetition::Answered(Answer::Declined(Decline::Generic));
    assert_eq!(intent::repeat(&declined, &request, true), refusal);
    assert_eq!(intent::repeat(&failed, &request, true), Repetition::Unfinished);
    assert_eq!(intent::repeat(&failed, &request, false), Repetition::Answered(Answer::Done));
}

proptest! {
    #[test]
    fn an_intent_is_charged_at_most_once_and_its_end_is_final(
        first in method(),
        requests in prop::collection::vec(prop_oneof![method().prop_map(|m| Some(Some(m))), Just(Some(None)), Just(None)], 0..20),
    ) {
        let mut intent = intent(Some(&first));
        let mut charges = 0;
        for request in requests {
            let before = intent.clone();
            match request {
                Some(method) => intent = intent::confirm(&intent, method.as_deref(), NOW).0,
                None => intent = intent::cancel(&intent).unwrap_or(intent),
            }
            if matches!(before.state, State::Succeeded(_) | State::Canceled) {
                prop_assert_eq!(&before.state, &intent.state);
            } else if matches!(intent.state, State::Succeeded(_)) {
                charges += 1;
            }
        }
        prop_assert!(charges <= 1);
    }
}

fn method() -> impl Strategy<Value = String> {
    let names =
        ["pm_card_visa", "pm_card_chargeDeclined", "pm_sandbox_fail_2", "pm_sandbox_timeout_before", "pm_sandbox_down"];
    prop::sample::select(names.map(ToOwned::to_owned).to_vec())
}
