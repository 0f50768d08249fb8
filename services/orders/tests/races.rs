//! The races that a rule of orders decides. Each test bears the name of the function that holds the rule.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on names the place")]

mod support;

use orders::domain::cancel::{TooLate, cancel};
use orders::domain::decision::{CancelReason, Event};
use orders::domain::order::{Order, apply};
use orders::domain::refund::Refund;
use orders::domain::status::Status;
use support::*;

#[test]
fn race_expiry_against_commit_and_the_expiry_wins_also_after_the_pivot() {
    let (order, events) = after([reserved(), succeeded(), released(true)]);
    assert_eq!((order.status(), order.refund(), order.settled()), (Status::Cancelled, Refund::Pending, false));
    assert_eq!(events, [confirmed(), cancelled(CancelReason::ReservationExpired)]);
    assert!(apply(&order, refunded(TOTAL), AT).0.settled());
}

#[test]
fn race_expiry_against_commit_and_the_commit_wins() {
    let (order, _) = after([reserved(), succeeded(), committed(), released(true)]);
    assert_eq!((order.status(), order.settled()), (Status::Completed, true));
}

#[test]
fn race_duplicate_payment_succeeded_with_the_same_id_and_with_a_new_one() {
    let (once, _) = after([reserved(), succeeded()]);
    let (twice, events) = after([reserved(), succeeded(), succeeded()]);
    assert_eq!((twice, events), (once, vec![confirmed()]));
}

#[test]
fn race_inventory_reserved_after_cancel() {
    let (order, events) = after([failed(), reserved()]);
    assert_eq!((order.status(), order.settled()), (Status::PaymentFailed, false));
    assert_eq!(events, [cancelled(CancelReason::PaymentFailed)]);
    assert!(apply(&order, released(false), AT).0.settled());
}

#[test]
fn race_success_after_cancel_is_owed_back() {
    let (order, _) = after([reserved(), released(true), succeeded()]);
    assert_eq!((order.status(), order.refund(), order.settled()), (Status::Cancelled, Refund::Pending, false));
}

#[test]
fn race_payment_succeeded_before_inventory_reserved() {
    let (order, events) = after([succeeded(), reserved()]);
    assert_eq!((order.status(), events), (Status::Confirmed, vec![confirmed()]));
}

#[test]
fn race_payment_failed_after_payment_succeeded() {
    let (order, events) = after([reserved(), succeeded(), failed()]);
    assert_eq!((order.status(), events), (Status::Confirmed, vec![confirmed()]));
}

#[test]
fn race_reservation_expires_while_charging() {
    let (order, events) = after([reserved(), released(true), failed()]);
    assert_eq!((order.status(), order.settled()), (Status::Cancelled, true));
    assert_eq!(events, [cancelled(CancelReason::ReservationExpired)]);
}

#[test]
fn race_redrive_after_the_order_ended() {
    let (ended, _) = after([reserved(), succeeded(), committed()]);
    for late in [reserved(), rejected(), released(true), committed(), succeeded(), failed(), voided(), refund_failed()]
    {
        let (order, events) = apply(&ended, late.clone(), AT);
        assert_eq!((order.status(), events), (Status::Completed, vec![]), "{late:?}");
    }
}

#[test]
fn race_cancel_against_confirm_on_one_item() {
    // The second write decides on what the first has written.
    let (confirmed, _) = after([reserved(), succeeded()]);
    assert_eq!(cancel(&confirmed, CancelReason::Customer, AT), Err(TooLate(Status::Confirmed)));
    let (completed, _) = apply(&confirmed, committed(), AT);
    let refused = cancel(&completed, CancelReason::Staff, AT).unwrap_err();
    assert_eq!(refused.to_string(), "the order is COMPLETED and can no longer be cancelled");
    let (first, _) = cancel(&after([reserved()]).0, CancelReason::Customer, AT).unwrap();
    let (second, published) = apply(&first, succeeded(), AT);
    assert_eq!((second.status(), published), (Status::Cancelled, vec![]));
}

#[test]
fn race_cancel_while_the_charge_is_in_flight_both_outcomes() {
    let (cancelled, _) = cancel(&after([reserved()]).0, CancelReason::Customer, AT).unwrap();
    let (released, _) = apply(&cancelled, released(false), AT);
    assert!(apply(&released, voided(), AT).0.settled(), "the cancel won");
    let (charged, _) = apply(&released, succeeded(), AT);
    assert_eq!((charged.refund().as_str(), charged.settled()), ("PENDING", false), "the charge won");
    assert!(apply(&charged, refunded(TOTAL), AT).0.settled());
}

#[test]
fn race_full_refund_before_confirmation() {
    // Whatever comes first: an order whose money is back is not confirmed, and ends with its hold.
    for facts in [[reserved(), refunded(TOTAL), succeeded()], [refunded(TOTAL), succeeded(), reserved()]] {
        let (order, published) = after(facts);
        assert_eq!((order.status(), published), (Status::Paid, vec![]));
        assert_eq!(order.waits_for()[0].fact, "InventoryReleased");
        let (ended, published) = apply(&order, released(true), AT);
        assert_eq!(published, [cancelled(CancelReason::ReservationExpired)]);
        assert!(ended.settled() && ended.refund().as_str() == "REFUNDED");
    }
    let (partly, _) = after([refunded(TOTAL - 1), reserved(), succeeded()]);
    assert_eq!(partly.status(), Status::Confirmed, "a part may be back");
    let (first, _) = after([reserved(), succeeded(), refunded(TOTAL)]);
    assert_eq!(apply(&first, committed(), AT).0.status(), Status::Completed, "the confirmation was first");
}

#[test]
fn race_one_poison_message_flags_the_order_once_and_changes_nothing_else() {
    let (marked, published) = apply(&new_order(), unprocessed("evt_1"), AT);
    assert_eq!((codes(&marked), published, marked.status()), (vec!["EVENT_NOT_PROCESSED"], vec![], Status::Pending));
    assert_eq!(apply(&marked, unprocessed("evt_1"), later(9)).0, marked, "two reports are one entry");
    let (completed, _) = [reserved(), succeeded(), committed()]
        .into_iter()
        .fold((marked, vec![]), |(order, _): (Order, Vec<Event>), fact| apply(&order, fact, AT));
    assert_eq!((completed.status(), codes(&completed)), (Status::Completed, vec!["EVENT_NOT_PROCESSED"]));
}
