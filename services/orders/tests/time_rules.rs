//! Cancellation, time, attention and announcements: what happens to an order without a fact of another service.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on names the place")]

mod support;

use chassis::store::wakes_at;
use jiff::{SignedDuration, Timestamp};
use orders::domain::announce::announce;
use orders::domain::attention::Resolution;
use orders::domain::cancel::cancel;
use orders::domain::decision::{CancelReason, Decision, Event};
use orders::domain::order::{Order, apply};
use orders::domain::status::Status;
use orders::domain::sweep::{due, first_look, sweep};
use proptest::prelude::*;
use support::*;

const SETTLE_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// The schedule's sweep: what is due now changes now.
fn swept(order: &Order, settle_within: SignedDuration, now: Timestamp) -> (Order, Vec<Event>) {
    sweep(order, settle_within, now, now)
}

fn overdue(order: &Order, seconds: i64) -> Order {
    let (marked, published) = swept(order, SETTLE_WITHIN, later(seconds));
    assert_eq!(published, [], "an attention entry publishes nothing");
    marked
}

#[test]
fn an_open_order_can_be_cancelled_and_again_is_the_same() {
    for reason in [CancelReason::Customer, CancelReason::Staff] {
        for facts in [vec![], vec![reserved()], vec![succeeded()]] {
            let (order, _) = after(facts);
            let (done, published) = cancel(&order, reason, AT).unwrap();
            assert_eq!((done.status(), published), (Status::Cancelled, vec![cancelled(reason)]));
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
fn an_order_that_is_open_at_its_pay_by_is_cancelled_and_not_before() {
    let order = new_order();
    let before = order.pay_by - SignedDuration::from_secs(1);
    assert_eq!(
        (due(&order, SETTLE_WITHIN), swept(&order, SETTLE_WITHIN, before)),
        (Some(order.pay_by), (order.clone(), vec![]))
    );
    let (timed_out, published) = swept(&order, SETTLE_WITHIN, order.pay_by);
    assert_eq!((timed_out.status(), published), (Status::Cancelled, vec![cancelled(CancelReason::TimedOut)]));
    assert_eq!(swept(&timed_out, SETTLE_WITHIN, order.pay_by), (timed_out, vec![]), "once");
    let (confirmed, _) = after([reserved(), succeeded()]);
    assert_eq!(swept(&confirmed, SETTLE_WITHIN, order.pay_by).0.status(), Status::Confirmed, "never after the pivot");
}

#[test]
fn a_sweep_for_a_later_time_writes_its_own_time() {
    let (order, far, now) = (new_order(), "2099-01-01T00:00:00Z".parse().unwrap(), later(60));
    let (timed_out, _) = sweep(&order, SETTLE_WITHIN, far, now);
    assert_eq!(timed_out.decision, Decision::Cancelled { reason: CancelReason::TimedOut, at: now });
    let (confirmed, _) = after([reserved(), succeeded()]);
    let (marked, _) = sweep(&confirmed, SETTLE_WITHIN, far, now);
    assert_eq!(marked.attention.entries.iter().map(|entry| entry.since).collect::<Vec<_>>(), [now]);
}

#[test]
fn a_postponed_wake_neither_loses_nor_repeats_the_deadline() {
    let order = new_order();
    let first = first_look(&order, SETTLE_WITHIN);
    assert_eq!(first, later(600), "it is not paid for an hour");
    let placed = wakes_at(Some(first.as_second()), due(&order, SETTLE_WITHIN), AT);
    assert_eq!(placed, Some(600));
    assert_eq!(swept(&order, SETTLE_WITHIN, first), (order.clone(), vec![]), "there is nothing to do yet");
    let postponed = wakes_at(None, due(&order, SETTLE_WITHIN), first).unwrap();
    assert_eq!(postponed, order.pay_by.as_second() + 1);
    let (timed_out, published) = swept(&order, SETTLE_WITHIN, Timestamp::from_second(postponed).unwrap());
    assert_eq!(published, vec![cancelled(CancelReason::TimedOut)]);
    let again = swept(&timed_out, SETTLE_WITHIN, Timestamp::from_second(postponed + 60).unwrap());
    assert_eq!(again, (timed_out, vec![]), "once");
}

#[test]
fn one_entry_of_the_index_serves_an_order_that_is_decided_in_time() {
    let entry = Some(first_look(&new_order(), SETTLE_WITHIN).as_second());
    for facts in [vec![], vec![reserved()], vec![reserved(), succeeded()], vec![failed()]] {
        assert_eq!(wakes_at(entry, due(&after(facts).0, SETTLE_WITHIN), AT), entry);
    }
    let (completed, _) = after([reserved(), succeeded(), committed()]);
    assert_eq!(wakes_at(entry, due(&completed, SETTLE_WITHIN), AT), None);
}

#[test]
fn what_waits_too_long_needs_attention_until_the_missing_fact_comes() {
    let (confirmed, _) = after([reserved(), succeeded()]);
    assert_eq!(due(&confirmed, SETTLE_WITHIN), Some(later(600)));
    assert_eq!(codes(&overdue(&confirmed, 599)), [""; 0]);
    let marked = overdue(&confirmed, 600);
    assert_eq!((codes(&marked), due(&marked, SETTLE_WITHIN)), (vec!["COMMIT_OVERDUE"], None));
    assert_eq!(overdue(&marked, 9_999), marked, "one entry is enough");
    assert_eq!(codes(&apply(&marked, committed(), AT).0), [""; 0]);

    let (cancelled, _) = cancel(&after([reserved(), succeeded()][..1].to_vec()).0, CancelReason::Customer, AT).unwrap();
    let marked = overdue(&cancelled, 600);
    assert_eq!(codes(&marked), ["RELEASE_OVERDUE", "MONEY_OVERDUE"]);
    let (half, _) = apply(&marked, released(false), AT);
    assert_eq!(codes(&half), ["MONEY_OVERDUE"]);
    let (settled, _) = apply(&half, voided(), AT);
    assert_eq!((settled.settled(), codes(&settled), due(&settled, SETTLE_WITHIN)), (true, vec![], None));
}

#[test]
fn an_order_shows_what_it_waits_for_and_who_owes_it() {
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
fn support_resolves_an_attention_entry_once() {
    let resolution = |by: &str| Resolution { at: AT, by: by.to_owned(), note: "redriven".to_owned() };
    let (order, _) = apply(&new_order(), unprocessed("evt_1"), AT);
    assert!(order.attention.is_open());
    let once = order.attention.resolve(1, resolution("sam")).unwrap();
    assert_eq!(once.resolve(1, resolution("eve")), Some(once.clone()), "the first resolution remains");
    assert_eq!(once.resolve(2, resolution("sam")), None, "no entry has this number");
    assert_eq!((once.is_open(), &once.entries[0].resolution), (false, &Some(resolution("sam"))));
    let order = Order { attention: once, ..order };
    assert_eq!(apply(&order, unprocessed("evt_1"), AT).0, order, "a resolved entry is not made again");
}

#[test]
fn an_announcement_publishes_how_the_order_is_and_changes_nothing() {
    let (confirmed, _) = after([reserved(), succeeded()]);
    for (order, published) in [
        (new_order(), vec![Event::Created]),
        (after([reserved()]).0, vec![Event::Created]),
        (confirmed.clone(), vec![support::confirmed()]),
        (apply(&confirmed, committed(), AT).0, vec![Event::Completed]),
        (after([rejected()]).0, vec![cancelled(CancelReason::OutOfStock)]),
    ] {
        assert_eq!(announce(&order), published);
    }
}

proptest! {
    /// At any time, as often as it likes: an order ends once, and an ended one stays as it is.
    #[test]
    fn a_sweep_never_undoes_anything(steps in proptest::collection::vec((0_u8..6, 0_i64..8_000), 0..20)) {
        let mut order = new_order();
        for (step, at) in steps {
            let before = order.clone();
            order = match step {
                0 => apply(&order, reserved(), later(at)).0,
                1 => apply(&order, succeeded(), later(at)).0,
                2 => apply(&order, committed(), later(at)).0,
                3 => cancel(&order, CancelReason::Customer, later(at)).map_or(order, |(order, _)| order),
                _ => swept(&order, SETTLE_WITHIN, later(at)).0,
            };
            let ended = [Status::Completed, Status::Cancelled];
            prop_assert!(!ended.contains(&before.status()) || order.status() == before.status());
            prop_assert!(due(&order, SETTLE_WITHIN).is_none() || !order.settled());
        }
    }
}
