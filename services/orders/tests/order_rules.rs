//! The order's rules: a table, and the property that facts may come in any order, twice, or late.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod support;

use orders::domain::attention::Attention;
use orders::domain::facets::CancelReason;
use orders::domain::ids::{CustomerId, IdempotencyKey, OrderId};
use orders::domain::order::{Event, Fact, Order, apply};
use orders::domain::placement::Wish;
use orders::domain::status::{Refund, Status};
use proptest::prelude::*;
use support::*;

#[test]
fn an_order_goes_where_its_facts_lead() {
    use CancelReason::{OutOfStock, PaymentFailed, ReservationExpired};
    let table: Vec<(Vec<Fact>, Status, Vec<Event>, bool)> = vec![
        (vec![], Status::Pending, vec![], false),
        (vec![reserved()], Status::InventoryReserved, vec![], false),
        (vec![succeeded()], Status::Paid, vec![], false),
        (vec![reserved(), succeeded()], Status::Confirmed, vec![confirmed()], false),
        (vec![reserved(), succeeded(), committed()], Status::Completed, vec![confirmed(), Event::Completed], true),
        (vec![rejected()], Status::Rejected, vec![cancelled(OutOfStock)], false),
        (vec![rejected(), voided()], Status::Rejected, vec![cancelled(OutOfStock)], true),
        (vec![reserved(), failed()], Status::PaymentFailed, vec![cancelled(PaymentFailed)], false),
        (vec![reserved(), failed(), released(false)], Status::PaymentFailed, vec![cancelled(PaymentFailed)], true),
        (vec![reserved(), released(true)], Status::Cancelled, vec![cancelled(ReservationExpired)], false),
        (vec![reserved(), released(true), voided()], Status::Cancelled, vec![cancelled(ReservationExpired)], true),
        (
            vec![reserved(), released(true), succeeded(), refunded(TOTAL)],
            Status::Cancelled,
            vec![cancelled(ReservationExpired)],
            true,
        ),
        (
            vec![reserved(), released(true), succeeded(), refunded(TOTAL - 1)],
            Status::Cancelled,
            vec![cancelled(ReservationExpired)],
            false,
        ),
    ];
    for (facts, status, said, settled) in table {
        let (order, events) = after(facts.clone());
        assert_eq!((order.status(), &events, order.settled()), (status, &said, settled), "{facts:?}");
    }
}

#[test]
fn a_payment_that_arrives_for_a_cancelled_order_is_owed_back() {
    let (order, _) = after([reserved(), released(true), succeeded()]);
    assert_eq!((order.status(), order.refund(), order.settled()), (Status::Cancelled, Refund::Pending, false));
}

#[test]
fn a_refund_that_fails_shows_until_it_has_gone_through() {
    let owed = [reserved(), released(true), succeeded()];
    let (failing, _) = after(owed.iter().cloned().chain([refund_failed()]));
    assert_eq!((failing.refund(), failing.settled()), (Refund::Failed, false));
    for tail in [[refund_failed(), refunded(TOTAL)], [refunded(TOTAL), refund_failed()]] {
        let (order, _) = after(owed.iter().cloned().chain(tail));
        assert_eq!((order.refund(), order.settled(), order.attention.is_open()), (Refund::Returned, true, false));
    }
}

#[test]
fn a_refund_by_staff_does_not_undo_the_order() {
    let (order, events) = after([reserved(), succeeded(), committed(), refunded(1_600)]);
    assert_eq!((order.status(), order.refund(), order.returned.total), (Status::Completed, Refund::None, 1_600));
    assert_eq!(events, [confirmed(), Event::Completed]);
    assert_eq!(apply(&order, refunded(TOTAL), AT).0.refund(), Refund::Returned);
}

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
fn the_same_key_of_the_same_customer_is_the_same_order() {
    let key = |text| IdempotencyKey::new(text).unwrap();
    let bob = CustomerId::new("bob").unwrap();
    assert_eq!(OrderId::derive(&customer(), &key("a")), OrderId::derive(&customer(), &key("a")));
    assert_ne!(OrderId::derive(&customer(), &key("a")), OrderId::derive(&customer(), &key("b")));
    assert_ne!(OrderId::derive(&customer(), &key("a")), OrderId::derive(&bob, &key("a")));
}

#[test]
fn a_wish_that_breaks_rules_names_each_of_them() {
    let broken = |wish: &Wish| -> Vec<String> { placed(wish).unwrap_err().into_iter().map(|v| v.pointer).collect() };
    for (lines, pointers) in [
        (vec![("MUG", 0, 1)], vec!["/lines/0/quantity"]),
        (vec![("MUG", 1_000_000_000, 1)], vec!["/lines/0/quantity"]),
        (vec![("MUG", -1, -1)], vec!["/lines/0/quantity", "/lines/0/unitPrice"]),
        (vec![("MUG", 1, 1), ("MUG", 1, 1)], vec!["/lines/1/sku"]),
        (vec![("no sku", 1, 1)], vec!["/lines/0/sku"]),
        (vec![], vec!["/lines"]),
        (vec![("MUG", 1_000, 99_999_999)], vec!["/lines"]),
        (vec![("MUG", 1, i64::MAX)], vec!["/lines/0/unitPrice"]),
        (vec![("MUG", 1, 0)], vec!["/lines"]),
    ] {
        assert_eq!(broken(&wish(&lines)), pointers, "{lines:?}");
    }
    let many: Vec<String> = (0..101).map(|n| format!("SKU-{n}")).collect();
    let many: Vec<_> = many.iter().map(|sku| (sku.as_str(), 1, 1)).collect();
    assert_eq!(broken(&wish(&many)), ["/lines"]);
    assert!(placed(&wish(&many[..100])).is_ok());
    let elsewhere =
        Wish { currency: "XXX".into(), payment_method: "4242424242424242".into(), ..wish(&[("MUG", 1, 1)]) };
    assert_eq!(broken(&elsewhere), ["/currency", "/paymentMethod"]);
}

#[test]
fn the_total_is_the_sum_of_the_lines() {
    assert_eq!(new_order().total.units(), 2 * 1_595 + 1_600);
}

/// The facts of every saga that can happen, without those that a race adds.
fn sagas() -> Vec<Vec<Fact>> {
    vec![
        vec![reserved(), succeeded(), committed()],
        vec![rejected(), voided()],
        vec![reserved(), failed(), released(false)],
        vec![reserved(), released(true), voided()],
        vec![reserved(), released(true), succeeded(), refunded(TOTAL)],
        vec![rejected(), succeeded(), refund_failed(), refunded(TOTAL)],
    ]
}

/// A saga's facts, each at least once, in any order.
fn shuffled_with_duplicates() -> impl Strategy<Value = (Vec<Fact>, Vec<Fact>)> {
    proptest::sample::select(sagas()).prop_flat_map(|saga| {
        let twice = [saga.clone(), saga.clone()].concat();
        let extra = proptest::sample::subsequence(twice.clone(), 0..=twice.len());
        let delivered = extra.prop_map(move |extra| [saga.clone(), extra].concat()).prop_shuffle();
        (Just(twice[..twice.len() / 2].to_vec()), delivered)
    })
}

fn any_fact() -> impl Strategy<Value = Fact> {
    proptest::sample::select(vec![
        reserved(),
        rejected(),
        released(false),
        released(true),
        committed(),
        succeeded(),
        failed(),
        voided(),
        refunded(1_000),
        refunded(TOTAL),
        refund_failed(),
    ])
}

fn cancelled_for(said: &[Event]) -> Option<CancelReason> {
    said.iter().find_map(|event| if let Event::Cancelled { reason } = event { Some(*reason) } else { None })
}

proptest! {
    #[test]
    fn any_order_and_duplication_of_a_sagas_facts_folds_to_the_same_order((saga, delivered) in shuffled_with_duplicates()) {
        let (in_order, mut said) = after(saga);
        let (order, mut said_too) = after(delivered);
        // What has come and gone meanwhile is told apart: a flag that was raised, a pivot that the hold's end undid.
        let facets = |order: Order| Order { attention: Attention::default(), ..order };
        for said in [&mut said, &mut said_too] {
            let is_cancelled = cancelled_for(said).is_some();
            said.retain(|event| !(is_cancelled && matches!(event, Event::Confirmed { .. })));
            said.sort_by_key(|event| format!("{event:?}"));
        }
        prop_assert!(!order.attention.is_open());
        prop_assert_eq!(facets(order), facets(in_order));
        prop_assert_eq!(said_too, said);
    }

    #[test]
    fn whatever_comes_an_order_is_decided_once_and_its_facets_do_not_depend_on_the_sequence(
        facts in proptest::collection::vec(any_fact(), 0..12), shuffle in any::<u64>(),
    ) {
        let (order, said) = after(facts.clone());
        let mut other = facts;
        let length = other.len().max(1);
        other.rotate_left(usize::try_from(shuffle % length as u64).unwrap());
        other.reverse();
        let (sibling, _) = after(other);
        prop_assert_eq!(
            (&order.inventory, &order.payment, &order.returned),
            (&sibling.inventory, &sibling.payment, &sibling.returned)
        );
        let told = |wanted: fn(&Event) -> bool| said.iter().filter(|event| wanted(event)).count();
        let confirmed = told(|event| matches!(event, Event::Confirmed { .. }));
        let cancelled = told(|event| matches!(event, Event::Cancelled { .. }));
        let completed = told(|event| *event == Event::Completed);
        prop_assert!(confirmed <= 1 && cancelled + completed <= 1 && completed <= confirmed, "{:?}", said);
        // After the pivot nothing but the end of the hold cancels.
        let expired = cancelled_for(&said) == Some(CancelReason::ReservationExpired);
        prop_assert!(confirmed == 0 || cancelled == 0 || expired, "{:?}", said);
    }
}
