//! Cancellation, time, attention and announcements: what happens to an order although no other service says anything.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod support;

use jiff::{SignedDuration, Timestamp};
use orders::domain::attention::{MAX_FLAGS, Resolved};
use orders::domain::facets::CancelReason;
use orders::domain::order::{Event, Order, TooLate, announce, apply, cancel, due, look};
use orders::domain::status::Status;
use proptest::prelude::*;
use support::*;

const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

fn codes(order: &Order) -> Vec<&'static str> {
    order.attention.flags.iter().map(|flag| flag.trouble.code()).collect()
}

fn overdue(order: &Order, seconds: i64) -> Order {
    let (flagged, said) = look(order, PATIENCE, later(seconds));
    assert_eq!(said, [], "a flag is told to nobody");
    flagged
}

#[test]
fn an_open_order_can_be_cancelled_and_again_is_the_same() {
    for reason in [CancelReason::Customer, CancelReason::Staff] {
        for facts in [vec![], vec![reserved()], vec![succeeded()]] {
            let (order, _) = after(facts);
            let (done, said) = cancel(&order, reason, AT).unwrap();
            assert_eq!((done.status(), said), (Status::Cancelled, vec![cancelled(reason)]));
            assert_eq!(cancel(&done, CancelReason::Customer, later(9)).unwrap(), (done, vec![]));
        }
    }
}

#[test]
fn an_order_that_ended_otherwise_is_cancelled_already() {
    let (rejected, _) = after([rejected()]);
    assert_eq!(cancel(&rejected, CancelReason::Customer, AT).unwrap(), (rejected, vec![]));
}

#[test]
fn race_cancel_against_confirm_on_one_item() {
    // Whoever writes second decides on what the first has written.
    let (confirmed, _) = after([reserved(), succeeded()]);
    assert_eq!(cancel(&confirmed, CancelReason::Customer, AT), Err(TooLate(Status::Confirmed)));
    let (completed, _) = apply(&confirmed, committed(), AT);
    let refused = cancel(&completed, CancelReason::Staff, AT).unwrap_err();
    assert_eq!(refused.to_string(), "the order is COMPLETED and can no longer be cancelled");
    let (first, _) = cancel(&after([reserved()]).0, CancelReason::Customer, AT).unwrap();
    let (second, said) = apply(&first, succeeded(), AT);
    assert_eq!((second.status(), said), (Status::Cancelled, vec![]));
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
fn an_order_that_is_open_at_its_pay_by_is_cancelled_and_not_before() {
    let order = new_order();
    let before = order.pay_by - SignedDuration::from_secs(1);
    assert_eq!((due(&order, PATIENCE), look(&order, PATIENCE, before)), (Some(order.pay_by), (order.clone(), vec![])));
    let (timed_out, said) = look(&order, PATIENCE, order.pay_by);
    assert_eq!((timed_out.status(), said), (Status::Cancelled, vec![cancelled(CancelReason::TimedOut)]));
    assert_eq!(look(&timed_out, PATIENCE, order.pay_by), (timed_out, vec![]), "once");
    let (confirmed, _) = after([reserved(), succeeded()]);
    assert_eq!(look(&confirmed, PATIENCE, order.pay_by).0.status(), Status::Confirmed, "never after the pivot");
}

#[test]
fn what_waits_too_long_is_flagged_until_the_missing_fact_comes() {
    let (confirmed, _) = after([reserved(), succeeded()]);
    assert_eq!(due(&confirmed, PATIENCE), Some(later(600)));
    assert_eq!(codes(&overdue(&confirmed, 599)), [""; 0]);
    let flagged = overdue(&confirmed, 600);
    assert_eq!((codes(&flagged), due(&flagged, PATIENCE)), (vec!["COMMIT_OVERDUE"], None));
    assert_eq!(overdue(&flagged, 9_999), flagged, "it is flagged once");
    assert_eq!(codes(&apply(&flagged, committed(), AT).0), [""; 0]);

    let (cancelled, _) = cancel(&after([reserved(), succeeded()][..1].to_vec()).0, CancelReason::Customer, AT).unwrap();
    let flagged = overdue(&cancelled, 600);
    assert_eq!(codes(&flagged), ["RELEASE_OVERDUE", "MONEY_OVERDUE"]);
    let (half, _) = apply(&flagged, released(false), AT);
    assert_eq!(codes(&half), ["MONEY_OVERDUE"]);
    let (settled, _) = apply(&half, voided(), AT);
    assert_eq!((settled.settled(), codes(&settled), due(&settled, PATIENCE)), (true, vec![], None));
}

#[test]
fn an_order_says_what_it_waits_for_and_who_owes_it() {
    let waits = |order: &Order| -> Vec<(&str, &str, Timestamp)> {
        order.waits_for().into_iter().map(|it| (it.fact, it.owed_by, it.since)).collect()
    };
    assert_eq!(waits(&new_order()), [("InventoryReserved", "inventory", AT)]);
    assert_eq!(waits(&after([reserved()]).0), [("PaymentSucceeded", "payments", AT)]);
    assert_eq!(waits(&after([succeeded()]).0), [("InventoryReserved", "inventory", AT)]);
    assert_eq!(waits(&after([reserved(), succeeded()]).0), [("InventoryCommitted", "inventory", AT)]);
    let (open, _) = after([reserved()]);
    let (cancelled, _) = cancel(&open, CancelReason::Customer, later(5)).unwrap();
    let both = [("InventoryReleased", "inventory", later(5)), ("PaymentVoided", "payments", later(5))];
    assert_eq!(waits(&cancelled), both);
    let (charged, _) = apply(&cancelled, succeeded(), AT);
    assert_eq!(waits(&charged)[1].0, "PaymentRefunded");
    assert_eq!(waits(&after([reserved(), succeeded(), committed()]).0), []);
}

#[test]
fn race_one_poison_message_flags_the_order_once_and_changes_nothing_else() {
    let (flagged, said) = apply(&new_order(), missed("evt_1"), AT);
    assert_eq!((codes(&flagged), said, flagged.status()), (vec!["EVENT_NOT_PROCESSED"], vec![], Status::Pending));
    assert_eq!(apply(&flagged, missed("evt_1"), later(9)).0, flagged, "told twice is one flag");
    let (completed, _) = [reserved(), succeeded(), committed()]
        .into_iter()
        .fold((flagged, vec![]), |(order, _): (Order, Vec<Event>), fact| apply(&order, fact, AT));
    assert_eq!((completed.status(), codes(&completed)), (Status::Completed, vec!["EVENT_NOT_PROCESSED"]));
    let many = (0..99).fold(completed, |order, n| apply(&order, missed(&format!("evt_{n}")), AT).0);
    assert_eq!(many.attention.flags.len(), MAX_FLAGS);
}

#[test]
fn support_resolves_a_flag_once() {
    let resolved = |by: &str| Resolved { at: AT, by: by.to_owned(), note: "redriven".to_owned() };
    let (mut order, _) = apply(&new_order(), missed("evt_1"), AT);
    assert!(order.attention.is_open());
    assert!(order.attention.resolve(1, resolved("sam")) && order.attention.resolve(1, resolved("eve")));
    assert!(!order.attention.resolve(2, resolved("sam")), "there is no such flag");
    assert_eq!((order.attention.is_open(), &order.attention.flags[0].resolved), (false, &Some(resolved("sam"))));
    assert_eq!(apply(&order, missed("evt_1"), AT).0, order, "what is resolved is not flagged again");
}

#[test]
fn an_announcement_says_how_the_order_stands_and_changes_nothing_for_who_knew() {
    let (confirmed, _) = after([reserved(), succeeded()]);
    for (order, said) in [
        (new_order(), vec![Event::Created]),
        (after([reserved()]).0, vec![Event::Created]),
        (confirmed.clone(), vec![support::confirmed()]),
        (apply(&confirmed, committed(), AT).0, vec![Event::Completed]),
        (after([rejected()]).0, vec![cancelled(CancelReason::OutOfStock)]),
    ] {
        assert_eq!(announce(&order), said);
    }
}

proptest! {
    /// Whoever looks at whatever time and as often as they like: an order ends once, and an ended one stays as it is.
    #[test]
    fn looking_never_undoes_anything(steps in proptest::collection::vec((0_u8..6, 0_i64..8_000), 0..20)) {
        let mut order = new_order();
        for (step, at) in steps {
            let before = order.clone();
            order = match step {
                0 => apply(&order, reserved(), later(at)).0,
                1 => apply(&order, succeeded(), later(at)).0,
                2 => apply(&order, committed(), later(at)).0,
                3 => cancel(&order, CancelReason::Customer, later(at)).map_or(order, |(order, _)| order),
                _ => look(&order, PATIENCE, later(at)).0,
            };
            let ended = [Status::Completed, Status::Cancelled];
            prop_assert!(!ended.contains(&before.status()) || order.status() == before.status());
            prop_assert!(due(&order, PATIENCE).is_none() || !order.settled());
        }
    }
}
