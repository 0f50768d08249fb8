//! The order's rules: a table, and the property that facts may come in any order, twice, or late.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on names the place")]

mod support;

use orders::domain::attention::Attention;
use orders::domain::decision::{CancelReason, Event};
use orders::domain::ids::{CustomerId, IdempotencyKey, OrderId};
use orders::domain::order::{Fact, Order, apply};
use orders::domain::place::OrderRequest;
use orders::domain::refund::Refund;
use orders::domain::status::Status;
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
    for (facts, status, published, settled) in table {
        let (order, events) = after(facts.clone());
        assert_eq!((order.status(), &events, order.settled()), (status, &published, settled), "{facts:?}");
    }
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
fn the_same_key_of_the_same_customer_is_the_same_order() {
    let key = |text| IdempotencyKey::new(text).unwrap();
    let bob = CustomerId::new("bob").unwrap();
    assert_eq!(OrderId::derive(&customer(), &key("a")), OrderId::derive(&customer(), &key("a")));
    assert_ne!(OrderId::derive(&customer(), &key("a")), OrderId::derive(&customer(), &key("b")));
    assert_ne!(OrderId::derive(&customer(), &key("a")), OrderId::derive(&bob, &key("a")));
}

#[test]
fn a_request_that_breaks_rules_names_each_of_them() {
    let broken = |request: &OrderRequest| -> Vec<String> {
        placed(request).unwrap_err().into_iter().map(|v| v.pointer).collect()
    };
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
        assert_eq!(broken(&request(&lines)), pointers, "{lines:?}");
    }
    let many: Vec<String> = (0..101).map(|n| format!("SKU-{n}")).collect();
    let many: Vec<_> = many.iter().map(|sku| (sku.as_str(), 1, 1)).collect();
    assert_eq!(broken(&request(&many)), ["/lines"]);
    assert!(placed(&request(&many[..100])).is_ok());
    let elsewhere =
        OrderRequest { currency: "XXX".into(), payment_method: "4242424242424242".into(), ..request(&[("MUG", 1, 1)]) };
    assert_eq!(broken(&elsewhere), ["/currency", "/paymentMethod"]);
}

#[test]
fn a_broken_rule_names_the_field_the_limit_and_the_value_but_no_card_number() {
    let rules = |request: &OrderRequest| -> Vec<String> {
        placed(request).unwrap_err().into_iter().map(|violation| violation.rule).collect()
    };
    let lines = [("MUG", 0, 1), ("MUG", 1, -1), ("no sku", 1, 1)];
    let sku = "must be 1 to 64 letters, digits, `.`, `_` or `-`, and begin with a letter or digit";
    assert_eq!(
        rules(&OrderRequest { payment_method: "4242424242424242".into(), ..request(&lines) }),
        [
            "quantity must be between 1 and 1000 (was 0)",
            "sku must be on one line only (is also at /lines/0)",
            "unitPrice must be between 0 and 99999999 minor units (was -1)",
            &format!("sku {sku} (was \"no sku\")"),
            "paymentMethod must be `pm_` and 1 to 64 letters, digits or `_`",
        ]
    );
    assert_eq!(rules(&request(&[])), ["lines must have between 1 and 100 entries (had 0)"]);
    let free = request(&[("MUG", 1, 0)]);
    assert_eq!(rules(&free), ["lines must cost between 1 and 99999999 minor units together (was 0)"]);
    let rude = OrderRequest { currency: "\n".repeat(99), ..request(&[("MUG", 1, 1)]) };
    assert!(rules(&rude)[0].len() < 200, "a client's text is repeated in part, and escaped");
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

fn cancelled_for(published: &[Event]) -> Option<CancelReason> {
    published.iter().find_map(|event| if let Event::Cancelled { reason } = event { Some(*reason) } else { None })
}

proptest! {
    #[test]
    fn any_order_and_duplication_of_a_sagas_facts_folds_to_the_same_order((saga, delivered) in shuffled_with_duplicates()) {
        let (in_order, mut published) = after(saga);
        let (order, mut published_too) = after(delivered);
        // What came and went on the way may differ: an attention entry, a pivot that the end of the hold undid.
        let facets = |order: Order| Order { attention: Attention::default(), ..order };
        for published in [&mut published, &mut published_too] {
            let is_cancelled = cancelled_for(published).is_some();
            published.retain(|event| !(is_cancelled && matches!(event, Event::Confirmed { .. })));
            published.sort_by_key(|event| format!("{event:?}"));
        }
        prop_assert!(!order.attention.is_open());
        prop_assert_eq!(facets(order), facets(in_order));
        prop_assert_eq!(published_too, published);
    }

    #[test]
    fn whatever_comes_an_order_is_decided_once_and_its_facets_do_not_depend_on_the_sequence(
        facts in proptest::collection::vec(any_fact(), 0..12), shuffle in any::<u64>(),
    ) {
        let (order, published) = after(facts.clone());
        let mut other = facts;
        let length = other.len().max(1);
        other.rotate_left(usize::try_from(shuffle % length as u64).unwrap());
        other.reverse();
        let (sibling, _) = after(other);
        prop_assert_eq!(
            (&order.inventory, &order.payment, &order.returned),
            (&sibling.inventory, &sibling.payment, &sibling.returned)
        );
        let count = |wanted: fn(&Event) -> bool| published.iter().filter(|event| wanted(event)).count();
        let confirmed = count(|event| matches!(event, Event::Confirmed { .. }));
        let cancelled = count(|event| matches!(event, Event::Cancelled { .. }));
        let completed = count(|event| *event == Event::Completed);
        prop_assert!(confirmed <= 1 && cancelled + completed <= 1 && completed <= confirmed, "{:?}", published);
        // After the pivot nothing but the end of the hold cancels.
        let expired = cancelled_for(&published) == Some(CancelReason::ReservationExpired);
        prop_assert!(confirmed == 0 || cancelled == 0 || expired, "{:?}", published);
    }
}
