//! The order's rules: a table, and the property that facts may come in any order, twice, or late.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use jiff::{SignedDuration, Timestamp};
use orders::domain::ids::{CustomerId, IdempotencyKey, OrderId, PaymentId, ReservationId};
use orders::domain::order::{CancelReason, Event, Fact, Inventory, Order, Payment, Refund, Status, apply};
use orders::domain::placement::{Violation, Wish, WishedLine, place};
use proptest::prelude::*;

const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn customer() -> CustomerId {
    CustomerId::new("ada").unwrap()
}

fn wish(lines: &[(&str, i64, i64)]) -> Wish {
    let line = |(sku, quantity, unit_price): &(&str, i64, i64)| WishedLine {
        sku: (*sku).to_owned(),
        quantity: *quantity,
        unit_price: *unit_price,
    };
    Wish { lines: lines.iter().map(line).collect(), currency: "EUR".into(), payment_method: "pm_card_visa".into() }
}

fn placed(wish: &Wish) -> Result<Order, Vec<Violation>> {
    let key = IdempotencyKey::new("key-1").unwrap();
    place(wish, OrderId::derive(&customer(), &key), customer(), AT, SignedDuration::from_hours(1))
}

fn new_order() -> Order {
    placed(&wish(&[("MUG-01", 2, 1_595), ("TEA", 1, 1_600)])).unwrap()
}

fn reservation() -> ReservationId {
    ReservationId::trusted("rsv_3b9f2c77-0c55-5d0f-b1c7-6f9d8e2a4c31")
}
fn payment() -> PaymentId {
    PaymentId::trusted("pay_1f0c8f4e-6a0d-5b5e-8a43-4f5de7f0a9b2")
}
fn reserved() -> Fact {
    Fact::Inventory(Inventory::Reserved { reservation: reservation(), expires_at: AT })
}
fn rejected() -> Fact {
    Fact::Inventory(Inventory::Rejected)
}
fn released(expired: bool) -> Fact {
    Fact::Inventory(Inventory::Released { expired })
}
fn committed() -> Fact {
    Fact::Inventory(Inventory::Committed { reservation: reservation() })
}
fn succeeded() -> Fact {
    Fact::Payment(Payment::Succeeded { payment: payment(), attempts: 1 })
}
fn failed() -> Fact {
    Fact::Payment(Payment::Failed { payment: payment(), attempts: 4 })
}
fn voided() -> Fact {
    Fact::Payment(Payment::Voided { payment: payment() })
}
fn confirmed() -> Event {
    Event::Confirmed { payment: payment(), reservation: reservation() }
}
fn cancelled(reason: CancelReason) -> Event {
    Event::Cancelled { reason }
}

/// The order after these facts, and everything that it said on the way.
fn after(facts: impl IntoIterator<Item = Fact>) -> (Order, Vec<Event>) {
    facts.into_iter().fold((new_order(), Vec::new()), |(order, mut said), fact| {
        let (order, events) = apply(&order, fact, AT);
        said.extend(events);
        (order, said)
    })
}

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
    for late in [reserved(), rejected(), released(true), committed(), succeeded(), failed(), voided()] {
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
    ])
}

proptest! {
    #[test]
    fn any_order_and_duplication_of_a_sagas_facts_folds_to_the_same_order((saga, delivered) in shuffled_with_duplicates()) {
        let (in_order, mut said) = after(saga);
        let (order, mut said_too) = after(delivered);
        said.sort_by_key(|event| format!("{event:?}"));
        said_too.sort_by_key(|event| format!("{event:?}"));
        prop_assert_eq!(order, in_order);
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
        prop_assert_eq!((&order.inventory, &order.payment), (&sibling.inventory, &sibling.payment));
        let ends = said.iter().filter(|event| matches!(event, Event::Cancelled { .. } | Event::Confirmed { .. })).count();
        prop_assert!(ends <= 1, "{:?}", said);
        prop_assert!(said.iter().filter(|event| **event == Event::Completed).count() <= 1);
    }
}
